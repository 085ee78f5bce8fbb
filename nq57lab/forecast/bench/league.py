"""The results of a backtest: scores by series and horizon, the league table with bootstrap intervals, PIT and reliability."""

import numpy as np
import pandas as pd

from nq57lab.forecast.bench import scores
from nq57lab.forecast.bench.backtest import PROBABILITIES, QUANTILES, Split
from nq57lab.forecast.registry import DEFAULT
from nq57lab.forecast.series import SEASON

LEVELS = (80, 95)
SCORES = ["model", "horizon", "series", "sMAPE", "MASE", "coverage_80", "coverage_95", "MSIS_80", "MSIS_95", "bias"]
EXTRA = ["quantile_loss", "squared"]
BINS = 10


def by_forecast(forecasts: pd.DataFrame, made: list[Split]) -> pd.DataFrame:
    """Score every single forecast.

    Parameters
    ----------
    forecasts : DataFrame
        Of :func:`nq57lab.forecast.bench.backtest.run`.
    made : list of Split
        The splits, for the scale of every history.

    Returns
    -------
    DataFrame
        model, horizon, series, origin, the scores, quantile_loss, squared (scaled squared error) and pit. bias is (forecast − observed) / scale; the point
        forecast is the median.
    """
    sizes, squares = {}, {}
    for split in made:
        season = SEASON[split.frequency]
        season = season if len(split.history) > 2 * season else 1
        sizes[split.name, split.origin] = scores.scale(split.history[None], season)[0]
        squares[split.name, split.origin] = scores.square_scale(split.history[None], season)[0]
    keys = list(zip(forecasts["series_id"], forecasts["origin"], strict=True))
    size = np.array([sizes[key] for key in keys])
    size = np.where(size > 0, size, np.nan)
    observed = forecasts["observed"].to_numpy()[:, None]
    table = forecasts[QUANTILES].to_numpy()
    point = table[:, [list(PROBABILITIES).index(0.5)]]
    found = {
        "model": forecasts["model"],
        "horizon": forecasts["horizon"],
        "series": forecasts["series_id"],
        "origin": forecasts["origin"],
        "sMAPE": scores.smape(point, observed)[:, 0],
        "MASE": scores.scaled(point, observed, size)[:, 0],
    }
    for level in LEVELS:
        low, high = (table[:, [QUANTILES.index(f"q_{p:g}")]] for p in (0.5 - level / 200, 0.5 + level / 200))
        found[f"coverage_{level}"] = scores.covered(low, high, observed)[:, 0]
        found[f"MSIS_{level}"] = scores.interval_score(low, high, observed, size, level)[:, 0]
    found["bias"] = (point - observed)[:, 0] / size
    found["quantile_loss"] = scores.quantile_loss(table[:, None], PROBABILITIES, observed, size)[:, 0]
    found["squared"] = scores.squared(point, observed, np.array([squares[key] for key in keys]))[:, 0]
    found["pit"] = scores.pit(table[:, None], PROBABILITIES, observed)[:, 0]
    return pd.DataFrame(found)


def by_series(each: pd.DataFrame) -> pd.DataFrame:
    """Average the scores of a series over its origins: one row a model, horizon and series."""
    means = each.groupby(["model", "horizon", "series"], sort=False)[[*SCORES[3:], *EXTRA]].mean().reset_index()
    return means[[*SCORES, *EXTRA]]


def league(table: pd.DataFrame, failures: pd.DataFrame, reference: str = DEFAULT) -> pd.DataFrame:
    """Rank the models.

    Parameters
    ----------
    table : DataFrame
        Of :func:`by_series`.
    failures : DataFrame
        Of :func:`nq57lab.forecast.bench.backtest.run`.
    reference : str
        The model that the others are compared with; the first one where it was not run.

    Returns
    -------
    DataFrame
        rank (by MASE; 1 is best), model, series, sMAPE, MASE, RMSSE, OWA (relative to naive on adjusted series), bias, coverage_80, coverage_95, MSIS_80, MSIS_95,
        quantile_loss, MASE_difference, _lo, _hi (model − reference on the series both forecast, 95% bootstrap interval over series), failures,
        reason (the commonest of the failures).
    """
    models = table["model"].drop_duplicates().tolist()
    reference = reference if reference in models else models[0]
    series = table.groupby(["model", "series"], sort=False)[[*SCORES[3:], *EXTRA]].mean()
    base = series.loc["naive"] if "naive" in models else None
    rows = []
    for name in models:
        own = series.loc[name]
        row = {"model": name, "series": len(own), **own[SCORES[3:]].mean(), "RMSSE": np.sqrt(own["squared"]).mean()}
        row["quantile_loss"] = own["quantile_loss"].mean()
        row["OWA"] = _owa(own, base) if base is not None else np.nan
        both = own["MASE"].sub(series.loc[reference]["MASE"]).dropna()
        mean, low, high = scores.paired_bootstrap(both.to_numpy()) if len(both) else (np.nan,) * 3
        row |= {"MASE_difference": mean, "MASE_difference_lo": low, "MASE_difference_hi": high}
        rows.append(row | _failed(failures, name))
    for name in sorted(set(failures["model"]) - set(models)):
        rows.append({"model": name, "series": 0, **_failed(failures, name)})
    found = pd.DataFrame(rows)
    found.insert(0, "rank", found["MASE"].rank(method="min").astype("Int64"))
    columns = ["rank", "model", "series", "sMAPE", "MASE", "RMSSE", "OWA", "bias", "coverage_80", "coverage_95"]
    columns += ["MSIS_80", "MSIS_95", "quantile_loss", "MASE_difference", "MASE_difference_lo", "MASE_difference_hi"]
    return found[[*columns, "failures", "reason"]].sort_values("rank", kind="stable", ignore_index=True)


def _failed(failures: pd.DataFrame, name: str) -> dict:
    """Return how often a model failed and the commonest reason."""
    own = failures[failures["model"] == name]
    return {"failures": len(own), "reason": own["reason"].mode().iloc[0] if len(own) else ""}


def _owa(own: pd.DataFrame, base: pd.DataFrame) -> float:
    """Return OWA over the series that both have."""
    both = own.index.intersection(base.index)
    left, right = own.loc[both, ["sMAPE", "MASE"]].mean(), base.loc[both, ["sMAPE", "MASE"]].mean()
    return scores.owa(left["sMAPE"], left["MASE"], right["sMAPE"], right["MASE"])


def calibration(forecasts: pd.DataFrame, each: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the PIT histogram and the reliability of the quantiles of every model.

    Returns
    -------
    pit : DataFrame
        model, bin (from 1), share, count; 0.1 in each of ten bins when calibrated.
    reliability : DataFrame
        model, probability, observed: the share of what came at or below each quantile; equal to the probability when calibrated.
    """
    histogram, curve = [], []
    for name, rows in each.groupby("model", sort=False):
        known = rows["pit"].dropna().to_numpy()
        counts = np.histogram(known, bins=np.linspace(0, 1, BINS + 1))[0]
        histogram += [
            {"model": name, "bin": place + 1, "share": count / max(len(known), 1), "count": int(count)}
            for place, count in enumerate(counts)
        ]
    for name, rows in forecasts.groupby("model", sort=False):
        rows = rows[rows["observed"].notna()]
        seen = rows["observed"].to_numpy()[:, None] <= rows[QUANTILES].to_numpy()
        curve += [
            {"model": name, "probability": p, "observed": share}
            for p, share in zip(PROBABILITIES, seen.mean(axis=0), strict=True)
        ]
    return pd.DataFrame(histogram), pd.DataFrame(curve)
