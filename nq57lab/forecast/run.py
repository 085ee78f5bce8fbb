"""Forecasts of many series: a long table in, one row a series and period out, refusals with their reason.

:func:`forecast` gives CONTRACTS' table, :func:`predict` the predictive quantiles, :func:`sample` sample paths. All go through
:func:`predict_batch`, in batches of one frequency.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

import nq57lab.base.tables  # noqa: F401  its way to keep text, in worker processes too
from nq57lab.base.messages import Reason, reason, together
from nq57lab.base.problems import CallError, Problem
from nq57lab.forecast import intervals, learned, seasonal, watch
from nq57lab.forecast.models.trend import align
from nq57lab.forecast.series import FREQUENCIES, SEASON, Series, period_text, prepare
from nq57lab.forecast.transforms import Scale, scale_for

MODEL = "học trên nhiều chuỗi"
REPORTED = {"yearly": 6, "quarterly": 8, "monthly": 18}  # the horizons of M3, on which coverage is reported
GRID = (np.arange(199) + 0.5) / 199  # probabilities whose quantiles' mean is the predictive mean
BATCH = 1000  # series a batch: progress is told and memory bounded by it


@dataclass(frozen=True)
class Prediction:
    """One series' predictive quantiles at :data:`nq57lab.forecast.intervals.PROBABILITIES`: (horizon, probabilities), in its unit."""

    series: Series
    quantiles: np.ndarray

    def chance(self, ahead: float, value: float, direction: int) -> float:
        """Return the probability that the value so many steps ahead is at least (+1) or at most (−1) a target.

        Ranks are whole numbers: a rank of 50 or better is one below 50.5. So are counts of whole numbers.
        """
        if whole(self.series):
            value = value + 0.5 if direction < 0 else value - 0.5
        return float(np.clip(_chance(self.at(ahead), value, direction), 0.0, 1.0))

    def at(self, ahead: float) -> np.ndarray:
        """Return the quantiles so many steps ahead; between two steps by interpolation."""
        steps = np.concatenate([np.full((1, self.quantiles.shape[1]), self.series.values[-1]), self.quantiles])
        low = int(np.floor(ahead))
        share = ahead - low
        return steps[low] if share == 0 else steps[low] * (1 - share) + steps[low + 1] * share

    def ends(self, probabilities: np.ndarray) -> np.ndarray:
        """Return quantiles at any probabilities as they are printed: within the bounds, whole where the series is: (horizon, probabilities)."""
        return _printed(intervals.at(self.quantiles, probabilities)[None], [self.series])[0]


def _chance(quantiles: np.ndarray, value: float, direction: int) -> float:
    """Return P(at most) or P(at least); what is cut at a bound stands on it and so counts for both."""
    return intervals.below(quantiles, value) if direction < 0 else intervals.below(-quantiles[::-1], -value)


def whole(series: Series) -> bool:
    """Return whether a series takes whole numbers only: ranks, and counts that have been whole."""
    return series.kind == "rank" or (series.kind == "count" and bool((series.values == np.rint(series.values)).all()))


def _printed(values: np.ndarray, found: Sequence[Series]) -> np.ndarray:
    """Return values (series, …) rounded for series of whole numbers and within the bounds."""
    shape = (-1, *[1] * (values.ndim - 1))
    round_ = np.array([series.kind in ("rank", "count") and whole(series) for series in found]).reshape(shape)
    lower, upper = (np.array([getattr(series, end) for series in found]).reshape(shape) for end in ("lower", "upper"))
    return np.clip(np.where(round_, np.rint(values), values), lower, upper)


def predict(found: Sequence[Series], horizon: int) -> list[Prediction]:
    """Forecast series that :func:`nq57lab.forecast.series.prepare` let pass.

    Parameters
    ----------
    found : sequence of Series
        In any order.
    horizon : int
        Steps ahead, at most what was learned.

    Returns
    -------
    list of Prediction
        In the order of the series.
    """
    result: dict[int, Prediction] = {}
    for rows in batches(found):
        tables = tabled([found[row] for row in rows], horizon)
        result |= {row: Prediction(found[row], table) for row, table in zip(rows, tables, strict=True)}
    return [result[row] for row in range(len(found))]


def batches(found: Sequence[Series]) -> Iterator[list[int]]:
    """Return the places of series in batches of one frequency, series of like length together."""
    for frequency in FREQUENCIES:
        rows = [row for row, series in enumerate(found) if series.frequency == frequency]
        rows.sort(key=lambda row: len(found[row].values))
        yield from (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


def tabled(found: Sequence[Series], horizon: int) -> np.ndarray:
    """Return the predictive quantiles of series of one frequency in their unit, within their bounds: (series, horizon, probabilities)."""
    ends = np.array([bounds(series) for series in found])
    scales = [scale_of(series) for series in found]
    y = align([scale.ahead(series.values) for scale, series in zip(scales, found, strict=True)])
    rising = np.array([scale.rising for scale in scales])
    start = np.array([scale.end for scale in scales])
    low = np.where(rising, ends[:, 0] - start, start - ends[:, 1])
    high = np.where(rising, ends[:, 1] - start, start - ends[:, 0])
    logs = np.array([series.kind != "growth" for series in found])
    table = predict_batch(y, horizon, found[0].frequency, low, high, logs)
    back = start[:, None, None] + np.where(rising[:, None, None], table, -table[..., ::-1])
    return np.clip(back, ends[:, :1, None], ends[:, 1:, None])


def predict_batch(
    y: np.ndarray,
    horizon: int,
    frequency: str,
    lower: np.ndarray | None = None,
    upper: np.ndarray | None = None,
    logs: np.ndarray | None = None,
) -> np.ndarray:
    """Return the predictive quantiles of a batch of plain series: (series, horizon, probabilities).

    Parameters
    ----------
    y : ndarray (series, periods)
        A batch aligned at its last period.
    horizon : int
        Periods ahead.
    frequency : str
    lower, upper : ndarray (series,), optional
        Bounds, which the trees see; the result is not cut at them.
    logs : ndarray of bool (series,), optional
        Where logarithms have a meaning: not for growth rates and balances.

    Examples
    --------
    >>> y = np.array([[3.0, 5, 4, 6, 8, 7, 9, 10, 12, 11]])
    >>> table = predict_batch(y, 3, "yearly")
    >>> table.shape, bool((np.diff(table) > 0).all())
    ((1, 3, 25), True)
    """
    what = learned.load(frequency)
    if SEASON[frequency] == 1:
        return learned.quantiles(y, horizon, what, lower, upper, logs)
    adjusted, factors, terms = seasonal.adjust(y, horizon, SEASON[frequency])
    plain = learned.quantiles(adjusted, horizon, what, lower, upper, logs)
    return plain * factors[..., None] + terms[..., None]


def scale_of(series: Series) -> Scale:
    """Return the scale on which a series is forecast."""
    lower, upper = bounds(series)
    return scale_for(lower, upper, series.values[-1])


def bounds(series: Series) -> tuple[float, float]:
    """Return the bounds within which a series is forecast; a rank reaches half a place beyond."""
    half = 0.5 if series.kind == "rank" else 0.0
    return series.lower - half, series.upper + half


def check_call(horizon: int, levels: Sequence[float]) -> None:
    """Refuse a horizon that was not learned and levels that are none."""
    limit = max(learned.load(frequency).horizon for frequency in FREQUENCIES)
    found = []
    if not 1 <= horizon <= limit:
        found.append(Problem("horizon", "--horizon", found=str(horizon), details={"limit": limit}))
    found += [Problem("level", "--level", found=f"{level:g}") for level in levels if not 0 < level < 100]
    if found:
        raise CallError(found)


def forecast(
    frame: pd.DataFrame,
    horizon: int,
    levels: Sequence[float] = (80, 95),
    jobs: int = 1,
    report: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Forecast every series of a table.

    Parameters
    ----------
    frame : DataFrame
        series_id, period, value; optional kind, lower, upper (see :func:`nq57lab.forecast.series.prepare`).
    horizon : int
        Periods ahead.
    levels : sequence of float
        Levels of the central prediction intervals, per cent.
    jobs : int
        Processes.
    report : callable, optional
        Told (series done, series in all).

    Returns
    -------
    DataFrame
        series_id, period, mean, median, lo_80, hi_80, lo_95, hi_95 (by the levels), model, points_used, note; a refused series has one row
        with empty numbers and the reason in note. Series in the table's order, periods ascending. The note tells what is odd about a series that is
        forecast all the same (:mod:`nq57lab.forecast.watch`).

    Raises
    ------
    ProblemError
        When a column is missing or unknown.
    CallError
        When the horizon or a level is none.
    """
    check_call(horizon, levels)
    found, refused = prepare(frame)
    odd = dict(zip((series.name for series in found), watch.warnings(found), strict=True))
    limits = {frequency: learned.load(frequency).horizon for frequency in {series.frequency for series in found}}
    fit = [series for series in found if horizon <= limits[series.frequency]]
    for series in found:
        limit = limits[series.frequency]
        if horizon > limit:
            far = reason("far", found=series.period(horizon), ahead=horizon, limit=limit)
            refused[series.name] = reason("refused", why=far)
    names = pd.unique(frame["series_id"].astype(str))
    parts = [_refusals(refused)]
    done = len(refused)
    for part in _parts([[fit[row] for row in rows] for rows in batches(fit)], horizon, levels, odd, jobs):
        parts.append(part)
        done += len(part) // horizon
        if report:
            report(done, len(names))
    columns = ["series_id", "period", "mean", "median", *_level_names(levels), "model", "points_used", "note"]
    whole_table = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True).reindex(columns=columns)
    order = np.argsort(pd.Index(names).get_indexer(whole_table["series_id"]), kind="stable")
    return whole_table.iloc[order].reset_index(drop=True).astype({"points_used": "Int64"})


def _refusals(refused: dict[str, Reason]) -> pd.DataFrame:
    return pd.DataFrame({"series_id": list(refused), "period": "", "model": "", "note": list(refused.values())})


def _parts(groups: list[list[Series]], horizon: int, levels: Sequence[float], odd: dict[str, list[Reason]], jobs: int):
    """Forecast groups here, or over processes as they finish."""
    if jobs == 1 or len(groups) < 2:
        yield from (_rows(group, horizon, levels, odd) for group in groups)
        return
    from joblib import Parallel, delayed

    calls = (
        delayed(_rows)(group, horizon, levels, {series.name: odd[series.name] for series in group}) for group in groups
    )
    yield from Parallel(n_jobs=jobs, return_as="generator_unordered")(calls)


def _level_names(levels: Sequence[float]) -> list[str]:
    return [f"{side}_{level:g}" for level in levels for side in ("lo", "hi")]


def _rows(found: list[Series], horizon: int, levels: Sequence[float], odd: dict[str, list[Reason]]) -> pd.DataFrame:
    """Return the rows of series of one frequency."""
    quantiles = tabled(found, horizon)
    wanted = np.array([p for level in levels for p in (0.5 - level / 200, 0.5 + level / 200)])
    ends = _printed(intervals.at(quantiles, wanted), found)
    middle = _printed(quantiles[..., len(intervals.BELOW)], found)
    lower, upper = (np.array([getattr(series, end) for series in found])[:, None] for end in ("lower", "upper"))
    mean = np.clip(quantiles @ _mean_weights(), lower, upper)
    frequency = found[0].frequency
    last, step = (np.array([getattr(series, name) for series in found])[:, None] for name in ("last", "step"))
    ordinals = last + step * np.arange(1, horizon + 1)
    which, place = np.unique(ordinals, return_inverse=True)
    texts = np.array([period_text(int(ordinal), frequency) for ordinal in which], dtype=object)
    limit = REPORTED[frequency]
    far, at_end = reason("beyond_report", limit=limit + 1), reason("at_bound")
    touching = np.asarray(((ends <= lower[..., None]) | (ends >= upper[..., None])).any(axis=(1, 2)))
    notes = []
    for series, touches in zip(found, touching, strict=True):
        near = [part for part in (series.note, *odd.get(series.name, []), at_end if touches else "") if part]
        notes += [together(near)] * min(horizon, limit)
        notes += [together([*near, far])] * max(horizon - limit, 0)
    table = {
        "series_id": np.repeat(np.array([series.name for series in found], dtype=object), horizon),
        "period": texts[place.ravel()],
        "mean": mean.ravel(),
        "median": middle.ravel(),
    }
    table |= {name: ends[..., column].ravel() for column, name in enumerate(_level_names(levels))}
    points = np.repeat([series.points for series in found], horizon)
    return pd.DataFrame(table | {"model": MODEL, "points_used": points, "note": notes})


def _mean_weights() -> np.ndarray:
    """Return the weights of the known quantiles in the predictive mean, the mean of the quantiles at :data:`GRID`."""
    return intervals.at(np.eye(len(intervals.PROBABILITIES)), GRID).mean(axis=1)


def sample(prediction: Prediction, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return sample paths of one series: (count, horizon)."""
    from scipy.special import ndtr

    horizon = len(prediction.quantiles)
    correlation = learned.load(prediction.series.frequency).correlation[:horizon, :horizon]
    normal = rng.standard_normal((count, horizon)) @ np.linalg.cholesky(correlation).T
    chances = np.clip(ndtr(normal), 1e-6, 1 - 1e-6)
    values = np.stack([intervals.at(row, chance) for row, chance in zip(prediction.quantiles, chances.T, strict=True)])
    return _printed(values[None], [prediction.series])[0].T
