"""Forecasts of many series: a long table in, one row a series and period out, refusals with their reason.

:func:`forecast` gives CONTRACTS' table, :func:`predict` the predictive quantiles, :func:`draws` sample paths.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nq57lab.base.messages import reason, together
from nq57lab.base.problems import CallError, Problem
from nq57lab.forecast import intervals, seasonal
from nq57lab.forecast.combine import members
from nq57lab.forecast.models.trend import align
from nq57lab.forecast.series import Series, prepare
from nq57lab.forecast.transforms import Scale, scale_for

MODEL = "trung vị 5 mô hình"
REPORTED = {"yearly": 6, "quarterly": 8}  # the horizons of M3, on which coverage is reported
SEASON = 4
GRID = (np.arange(199) + 0.5) / 199  # probabilities whose quantiles' mean is the predictive mean


@dataclass(frozen=True)
class Prediction:
    """One series' predictive quantiles at :data:`nq57lab.forecast.intervals.PROBABILITIES`: (horizon, probabilities), in its unit."""

    series: Series
    quantiles: np.ndarray

    def chance(self, ahead: float, value: float, direction: int) -> float:
        """Return the probability that the value so many steps ahead is at least (+1) or at most (−1) a target.

        Ranks are whole numbers: a rank of 50 or better is one below 50.5.
        """
        if self.series.kind == "rank":
            value = value + 0.5 if direction < 0 else value - 0.5
        return float(np.clip(_chance(self.at(ahead), value, direction), 0.0, 1.0))

    def at(self, ahead: float) -> np.ndarray:
        """Return the quantiles so many steps ahead; between two steps by interpolation."""
        steps = np.concatenate([np.full((1, self.quantiles.shape[1]), self.series.values[-1]), self.quantiles])
        low = int(np.floor(ahead))
        share = ahead - low
        return steps[low] if share == 0 else steps[low] * (1 - share) + steps[low + 1] * share


def _chance(quantiles: np.ndarray, value: float, direction: int) -> float:
    """Return P(at most) or P(at least); what is cut at a bound stands on it and so counts for both."""
    return intervals.below(quantiles, value) if direction < 0 else intervals.below(-quantiles[::-1], -value)


def predict(found: Sequence[Series], horizon: int) -> list[Prediction]:
    """Forecast series that :func:`nq57lab.forecast.series.prepare` let pass, in batches of one frequency.

    Parameters
    ----------
    found : sequence of Series
        In any order.
    horizon : int
        Steps ahead, at most what was calibrated.

    Returns
    -------
    list of Prediction
        In the order of the series.
    """
    result: list[Prediction | None] = [None] * len(found)
    for frequency in ("yearly", "quarterly"):
        rows = [row for row, series in enumerate(found) if series.frequency == frequency]
        if not rows:
            continue
        scales = [scale_of(found[row]) for row in rows]
        y = align([scale.ahead(found[row].values) for row, scale in zip(rows, scales, strict=True)])
        quantiles = predict_batch(y, horizon, frequency)
        for row, scale, table in zip(rows, scales, quantiles, strict=True):
            back = scale.back(table)
            back = back if scale.rising else back[:, ::-1]
            lower, upper = bounds(found[row])
            result[row] = Prediction(found[row], np.clip(back, lower, upper))
    return [prediction for prediction in result if prediction is not None]


def predict_batch(y: np.ndarray, horizon: int, frequency: str) -> np.ndarray:
    """Return the predictive quantiles of a batch of plain series: (series, horizon, probabilities).

    Examples
    --------
    >>> y = np.array([[3.0, 5, 4, 6, 8, 7, 9, 10, 12, 11]])
    >>> table = predict_batch(y, 3, "yearly")
    >>> table.shape, bool((np.diff(table) >= 0).all())
    ((1, 3, 25), True)
    """
    calibration = intervals.load(frequency)
    if frequency == "quarterly":
        adjusted, factors, terms = seasonal.adjust(y, horizon, SEASON)
        plain = intervals.quantiles(adjusted, members(adjusted, horizon), calibration)
        return plain * factors[..., None] + terms[..., None]
    return intervals.quantiles(y, members(y, horizon), calibration)


def scale_of(series: Series) -> Scale:
    """Return the scale on which a series is forecast."""
    lower, upper = bounds(series)
    return scale_for(lower, upper, series.values[-1])


def bounds(series: Series) -> tuple[float, float]:
    """Return the bounds within which a series is forecast; a rank reaches half a place beyond."""
    half = 0.5 if series.kind == "rank" else 0.0
    return series.lower - half, series.upper + half


def check_call(horizon: int, levels: Sequence[float]) -> None:
    """Refuse a horizon that was not calibrated and levels that are none."""
    limit = max(intervals.load(frequency).horizon for frequency in ("yearly", "quarterly"))
    found = []
    if not 1 <= horizon <= limit:
        found.append(Problem("horizon", "--horizon", found=str(horizon), details={"limit": limit}))
    found += [Problem("level", "--level", found=f"{level:g}") for level in levels if not 0 < level < 100]
    if found:
        raise CallError(found)


def forecast(frame: pd.DataFrame, horizon: int, levels: Sequence[float] = (80, 95)) -> pd.DataFrame:
    """Forecast every series of a table.

    Parameters
    ----------
    frame : DataFrame
        series_id, period, value; optional kind, lower, upper (see :func:`nq57lab.forecast.series.prepare`).
    horizon : int
        Periods ahead.
    levels : sequence of float
        Levels of the central prediction intervals, per cent.

    Returns
    -------
    DataFrame
        series_id, period, mean, median, lo_80, hi_80, lo_95, hi_95 (by the levels), model, points_used, note; a refused series has one row
        with empty numbers and the reason in note. Series in the table's order, periods ascending.

    Raises
    ------
    ProblemError
        When a column is missing or unknown.
    CallError
        When the horizon or a level is none.
    """
    check_call(horizon, levels)
    found, refused = prepare(frame)
    fit = [series for series in found if horizon <= intervals.load(series.frequency).horizon]
    for series in found:
        limit = intervals.load(series.frequency).horizon
        if horizon > limit:
            far = reason("far", found=series.period(horizon), ahead=horizon, limit=limit)
            refused[series.name] = reason("refused", why=far)
    tables = {prediction.series.name: _rows(prediction, levels) for prediction in predict(fit, horizon)}
    columns = ["series_id", "period", "mean", "median", *_level_names(levels), "model", "points_used", "note"]
    rows: list[dict] = []
    for name in dict.fromkeys(frame["series_id"].astype(str)):
        rows += tables.get(name) or [{"series_id": name, "period": "", "model": "", "note": refused.get(name, "")}]
    return pd.DataFrame(rows, columns=columns).astype({"points_used": "Int64"})


def _level_names(levels: Sequence[float]) -> list[str]:
    return [f"{side}_{level:g}" for level in levels for side in ("lo", "hi")]


def _rows(prediction: Prediction, levels: Sequence[float]) -> list[dict]:
    series = prediction.series
    wanted = np.array([p for level in levels for p in (0.5 - level / 200, 0.5 + level / 200)])
    ends = intervals.at(prediction.quantiles, wanted)
    middle = prediction.quantiles[:, len(intervals.BELOW)]
    mean = intervals.at(prediction.quantiles, GRID).mean(axis=1)
    if series.kind == "rank":
        ends, middle = np.rint(ends), np.rint(middle)
    lower, upper = series.lower, series.upper
    ends, mean = np.clip(ends, lower, upper), np.clip(mean, lower, upper)
    limit = REPORTED[series.frequency]
    rows = []
    for step in range(len(middle)):
        far = reason("beyond_report", limit=limit + 1) if step >= limit else ""
        rows.append(
            {
                "series_id": series.name,
                "period": series.period(step + 1),
                "mean": mean[step],
                "median": min(max(middle[step], lower), upper),
                **dict(zip(_level_names(levels), ends[step], strict=True)),
                "model": MODEL,
                "points_used": series.points,
                "note": together([series.note, far]),
            }
        )
    return rows


def sample(prediction: Prediction, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return sample paths of one series: (count, horizon)."""
    from scipy.special import ndtr

    horizon = len(prediction.quantiles)
    correlation = intervals.load(prediction.series.frequency).correlation[:horizon, :horizon]
    normal = rng.standard_normal((count, horizon)) @ np.linalg.cholesky(correlation).T
    chances = np.clip(ndtr(normal), 1e-6, 1 - 1e-6)
    values = np.stack([intervals.at(row, chance) for row, chance in zip(prediction.quantiles, chances.T, strict=True)])
    lower, upper = prediction.series.lower, prediction.series.upper
    values = np.rint(values) if prediction.series.kind == "rank" else values
    return np.clip(values, lower, upper).T
