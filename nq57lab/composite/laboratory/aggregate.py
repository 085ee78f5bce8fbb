"""Aggregation: combine the children of an aggregate into one score, unit by unit; for one set of weights or for many at once.

Every rule takes ``values`` of shape (n, c), or (R, n, c) when they differ between R replications, and ``weights`` of shape (c,) or
(R, c); it returns (n,) or (R, n). Weights of missing values are dropped and the rest rescaled; a unit with no weighted value gets NaN.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nq57lab.composite.laboratory.equal import snapped
from nq57lab.composite.laboratory.framework import Framework

_LARGEST = 600.0  # exp of it is still a number


class NegativeValue(ValueError):
    """A rule that is not defined below zero met a negative value; ``place`` is its (unit, child)."""

    def __init__(self, place: tuple[int, int], value: float):
        super().__init__(f"{value} at {place}")
        self.place, self.value = place, value


@dataclass(frozen=True)
class Rule:
    """How one level is aggregated: a method of :data:`METHODS` and its parameters."""

    method: str = "arithmetic"
    p: float = 1.0
    lower: float = 0.0
    upper: float = 1.0
    penalty: str = "minus"


def weighted_sum(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return Σ weight · value over the children, for every unit and replication.

    Examples
    --------
    >>> weighted_sum(np.array([[1.0, 2.0]]), np.array([[1.0, 1.0], [0.0, 3.0]])).tolist()
    [[3.0], [6.0]]
    """
    if values.ndim == 2 and weights.ndim == 2:
        return weights @ values.T
    if values.ndim == 3 and weights.ndim == 2:
        return np.matmul(values, weights[:, :, None])[:, :, 0]
    return values @ weights


def _parts(values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the values with 0 for missing, the mask of what is present, and each unit's sum of present weights."""
    present = ~np.isnan(values)
    if present.all():
        total = weights.sum(axis=-1)
        return values, present, total[..., None] if weights.ndim == 2 else total
    whole = weighted_sum(present.astype(float), weights)
    return np.where(present, values, 0.0), present, np.where(whole > 0, whole, np.nan)


def _refuse_negative(values: np.ndarray) -> None:
    if (values < 0).any():
        place = np.argwhere(values < 0)[0]
        raise NegativeValue((int(place[-2]), int(place[-1])), float(values[tuple(place)]))


def arithmetic(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted mean Σ w x / Σ w.

    Examples
    --------
    >>> arithmetic(np.array([[1.0, 4.0], [np.nan, 4.0]]), np.array([2.0, 1.0])).tolist()
    [2.0, 4.0]
    """
    filled, _, total = _parts(values, weights)
    return weighted_sum(filled, weights) / total


def power(values: np.ndarray, weights: np.ndarray, p: float) -> np.ndarray:
    """Return the generalised mean (Σ w x^p / Σ w)^(1/p), the geometric mean for p = 0.

    Raises
    ------
    NegativeValue
        If a value is below zero and p is not 1.

    Notes
    -----
    Zero is the limit: for p ≤ 0 a weighted zero makes the mean 0, whatever the rest.

    Examples
    --------
    >>> power(np.array([[1.0, 4.0]]), np.array([1.0, 1.0]), 0).tolist()
    [2.0]
    >>> power(np.array([[1.0, 4.0]]), np.array([1.0, 1.0]), -1).tolist()
    [1.6]
    """
    if p == 1:
        return arithmetic(values, weights)
    _refuse_negative(values)
    filled, present, total = _parts(values, weights)
    zero = present & (filled == 0)
    sizes = filled[present & ~zero]
    if p and len(sizes) and abs(p) * max(np.log(sizes.max()), -np.log(sizes.min())) > _LARGEST:
        # So large a power overflows: divide by each unit's own largest (p > 0) or smallest value first; the mean is homogeneous.
        known = np.where(present & ~zero, filled, -np.inf if p > 0 else np.inf)
        unit = known.max(axis=-1, keepdims=True) if p > 0 else known.min(axis=-1, keepdims=True)
        unit = np.where(np.isfinite(unit), unit, 1.0)
        with np.errstate(under="ignore", over="ignore"):
            return _power(filled / unit, present, zero, weights, total, p) * unit[..., 0]
    return _power(filled, present, zero, weights, total, p)


def _power(
    filled: np.ndarray, present: np.ndarray, zero: np.ndarray, weights: np.ndarray, total: np.ndarray, p: float
) -> np.ndarray:
    safe = np.where(zero | ~present, 1.0, filled)
    raised = np.where(zero | ~present, 0.0, np.log(safe) if p == 0 else safe**p)
    mean = weighted_sum(raised, weights) / total
    with np.errstate(divide="ignore"):
        result = np.exp(mean) if p == 0 else mean ** (1 / p)
    if p <= 0 and zero.any():
        result = np.where((weighted_sum(zero.astype(float), weights) > 0) & ~np.isnan(result), 0.0, result)
    return result


def geometric(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted geometric mean exp(Σ w ln x / Σ w); 0 where a weighted value is 0."""
    return power(values, weights, 0)


def harmonic(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted harmonic mean Σ w / Σ (w / x); 0 where a weighted value is 0."""
    return power(values, weights, -1)


def median(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted median; with equal weights the ordinary one. On ranks (normalise: rank) it is the median rank.

    Notes
    -----
    Values in order, the weights before and up to each summed: the first value at which the sum passes one half; where the sum is
    one half exactly, the middle between that value and the next weighted one.

    Examples
    --------
    >>> median(np.array([[1.0, 5.0, 9.0], [1.0, 5.0, np.nan]]), np.ones(3)).tolist()
    [5.0, 3.0]
    """
    shape = np.broadcast_shapes(values.shape, (*weights.shape[:-1], 1, weights.shape[-1]))
    spread = np.broadcast_to(weights[..., None, :], shape)
    full = np.broadcast_to(values, shape)
    spread = np.where(np.isnan(full), 0.0, spread)
    order = np.argsort(full, axis=-1, kind="stable")
    full, spread = np.take_along_axis(full, order, -1), np.take_along_axis(spread, order, -1)
    total = spread.sum(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        share = np.cumsum(spread, axis=-1) / total
    low = np.argmax((share >= 0.5 - 1e-12) & (spread > 0), axis=-1)[..., None]
    high = np.argmax((share > 0.5 + 1e-12) & (spread > 0), axis=-1)[..., None]
    middle = (np.take_along_axis(full, low, -1) + np.take_along_axis(full, high, -1))[..., 0] / 2
    return np.where(total[..., 0] > 0, middle, np.nan)


def mazziotta_pareto(values: np.ndarray, weights: np.ndarray, *, penalty: float = -1.0) -> np.ndarray:
    """Return the Mazziotta–Pareto index M ± S · (S / M): the mean, penalised for unevenness between a unit's own values.

    Parameters
    ----------
    values, weights : ndarray of float
        As everywhere in this module; standardised to mean 100 and standard deviation 10 in the published index.
    penalty : float
        −1 where higher is better (every normalised indicator here), +1 for an index in which higher is worse.

    Raises
    ------
    NegativeValue
        If a value is below zero: the coefficient of variation has no meaning then.

    References
    ----------
    Mazziotta and Pareto (2016), On a generalized non-compensatory composite index, Social Indicators Research 127.

    Examples
    --------
    >>> mazziotta_pareto(np.array([[90.0, 110.0], [100.0, 100.0]]), np.ones(2)).tolist()
    [99.0, 100.0]
    """
    _refuse_negative(values)
    filled, _, total = _parts(values, weights)
    mean = weighted_sum(filled, weights) / total
    spread = np.maximum(weighted_sum(filled * filled, weights) / total - mean * mean, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(mean > 0, mean + penalty * spread / mean, mean)


def outranking(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the outranking matrix: the share of weight on which the unit of the row is better than that of the column.

    Parameters
    ----------
    values : ndarray of float, shape (n, c)
        Higher is better; NaN where missing.
    weights : ndarray of float, shape (c,)

    Returns
    -------
    ndarray of float, shape (n, n)
        Ties count half; the diagonal is 0. Pairs are compared on the indicators that both have; NaN where there is none.

    References
    ----------
    OECD and JRC (2008), Handbook on Constructing Composite Indicators, table 36.

    Examples
    --------
    >>> outranking(np.array([[1.0, 5.0], [2.0, 5.0]]), np.array([1.0, 1.0])).tolist()
    [[0.0, 0.25], [0.75, 0.0]]
    """
    n = len(values)
    better, common = np.zeros((n, n)), np.zeros((n, n))
    for column, weight in zip(values.T, weights, strict=True):
        both = ~(np.isnan(column)[:, None] | np.isnan(column)[None, :])
        same = snapped(column)
        wins = (same[:, None] > same[None, :]) + 0.5 * (same[:, None] == same[None, :])
        better += weight * np.where(both, wins, 0.0)
        common += weight * both
    with np.errstate(invalid="ignore", divide="ignore"):
        matrix = better / common
    np.fill_diagonal(matrix, 0.0)
    return matrix


BLOCK = 64  # units compared with all others at once


def copeland(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return Copeland scores: pairwise wins minus losses over the outranking matrix; pairs that cannot be compared count 0.

    Notes
    -----
    A pair is won where the weight of the indicators on which a unit is better exceeds that on which it is worse, by more than the
    noise of the sum. The matrix itself is never held: blocks of units are compared with those after them.

    Examples
    --------
    >>> copeland(np.array([[3.0, 3.0], [2.0, 2.0], [1.0, 2.0]]), np.ones(2)).tolist()
    [2.0, 0.0, -2.0]
    """
    if values.ndim == 2 and weights.ndim == 1:
        empty = ~((~np.isnan(values)) & (weights > 0)).any(axis=1)
        used = np.flatnonzero(weights > 0)
        n, noise = len(values), 1e-12 * weights.sum()
        places = [_places(values[:, column]) for column in used]
        scores = np.zeros(n)
        for start in range(0, n, BLOCK):
            rows, rest = slice(start, min(start + BLOCK, n)), slice(start, n)
            net = np.zeros((rows.stop - start, n - start))
            for column, weight in zip(places, weights[used], strict=True):
                own, other = column[rows, None], column[None, rest]
                sign = np.sign(own - other)
                if (column[rest] < 0).any():
                    sign *= (own >= 0) & (other >= 0)
                net += weight * sign
            wins = (net > noise).astype(np.int8) - (net < -noise)
            scores[rows] += wins.sum(axis=1, dtype=float)
            later = wins[:, rows.stop - start :]
            scores[rows.stop :] -= later.sum(axis=0, dtype=float)
        return np.where(empty, np.nan, scores)
    runs = values.shape[0] if values.ndim == 3 else weights.shape[0]
    spread = np.broadcast_to(weights, (runs, weights.shape[-1]))
    full = np.broadcast_to(values, (runs, *values.shape[-2:]))
    return np.stack([copeland(one, own) for one, own in zip(full, spread, strict=True)])


def _places(column: np.ndarray) -> np.ndarray:
    """Return each value's place among the distinct ones, −1 where missing."""
    same = snapped(column)
    places = np.searchsorted(np.unique(same[~np.isnan(same)]), same)
    return np.where(np.isnan(same), -1, places).astype(np.int16 if len(column) < 2**15 else np.int32)


def topsis(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the closeness to the best unit that could be: d⁻ / (d⁺ + d⁻), d± the weighted distances to the best and worst values seen.

    Notes
    -----
    d = √Σ w² (x − x±)² over the values present; NaN where a unit has none, or where no indicator varies. Values come normalised;
    higher is better.

    References
    ----------
    Hwang and Yoon (1981), Multiple Attribute Decision Making.

    Examples
    --------
    >>> topsis(np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 0.0]]), np.ones(2)).tolist()
    [0.0, 1.0, 0.5]
    """
    present = ~np.isnan(values)
    with np.errstate(all="ignore"):
        best, worst = np.nanmax(values, axis=-2, keepdims=True), np.nanmin(values, axis=-2, keepdims=True)
        squares = weights**2
        above = np.sqrt(weighted_sum(np.where(present, (best - values) ** 2, 0.0), squares))
        below = np.sqrt(weighted_sum(np.where(present, (values - worst) ** 2, 0.0), squares))
        result = below / (above + below)
    used = weighted_sum(present.astype(float), weights) > 0
    return np.where(used, result, np.nan)


METHODS: dict[str, Callable[[np.ndarray, np.ndarray, Rule], np.ndarray]] = {
    "arithmetic": lambda values, weights, rule: arithmetic(values, weights),
    "geometric": lambda values, weights, rule: geometric(values, weights),
    "harmonic": lambda values, weights, rule: harmonic(values, weights),
    "power": lambda values, weights, rule: power(values, weights, rule.p),
    "median": lambda values, weights, rule: median(values, weights),
    "copeland": lambda values, weights, rule: copeland(values, weights),
    "topsis": lambda values, weights, rule: topsis(values, weights),
    "mpi": lambda values, weights, rule: mazziotta_pareto(
        values, weights, penalty=-1.0 if rule.penalty == "minus" else 1.0
    ),
    "bod": lambda values, weights, rule: _benefit(values, weights, rule),
}


def _benefit(values: np.ndarray, weights: np.ndarray, rule: Rule) -> np.ndarray:
    from nq57lab.composite.laboratory.benefit import benefit_of_the_doubt

    used = np.atleast_2d(weights)[0] > 0
    if values.ndim == 3:  # children that vary between replications
        own = np.broadcast_to(weights, (len(values), weights.shape[-1]))
        return np.stack([_benefit(one, row, rule) for one, row in zip(values, own, strict=True)])
    _refuse_negative(values[:, used])
    result = benefit_of_the_doubt(values[:, used], rule.lower, rule.upper).scores
    return np.broadcast_to(result, (weights.shape[0], len(values))) if weights.ndim == 2 else result


def rule_of(rules: Mapping[Any, Rule], frame: Framework, parent: str) -> Rule:
    """Return an aggregate's rule: its own, else its level's."""
    return rules[parent] if parent in rules else rules[frame.levels[parent]]


def combined(values: np.ndarray, weights: np.ndarray, rule: Rule) -> np.ndarray:
    """Return the children of one aggregate combined by a rule, a built-in one or a function of the user's own."""
    if rule.method in METHODS:
        return METHODS[rule.method](values, weights, rule)
    from nq57lab.composite.laboratory.parts.custom import called, function

    if values.ndim == 2 and weights.ndim == 1:
        return called(function(rule.method), values, rule.method, "aggregate", weights.copy())
    runs = values.shape[0] if values.ndim == 3 else weights.shape[0]
    full = np.broadcast_to(values, (runs, *values.shape[-2:]))
    spread = np.broadcast_to(weights, (runs, weights.shape[-1]))
    return np.stack([combined(one, row, rule) for one, row in zip(full, spread, strict=True)])


def aggregate(
    frame: Framework,
    values: np.ndarray,
    weights: Mapping[str, float | np.ndarray],
    rules: Mapping[Any, Rule],
    min_available: float = 0.0,
) -> dict[str, np.ndarray]:
    """Aggregate indicators up the tree.

    Parameters
    ----------
    values : ndarray of float, shape (n_units, n_indicators)
        Normalised indicators.
    weights : mapping
        Code to weight within its parent: a number, or an array of shape (R,) for R replications.
    rules : mapping
        Level being computed to its rule; every level above 1 has one. An aggregate's code to a rule of its own.
    min_available : float
        Share of an aggregate's children below which it is NaN.

    Returns
    -------
    dict
        Every indicator's and aggregate's values, of shape (n,), or (R, n) where they depend on weights that vary.

    Raises
    ------
    NegativeValue
        If a rule is not defined for a negative value; its message names the aggregate (``parent``) and the child (``child``).
    """
    scores = {code: values[:, place] for place, code in enumerate(frame.indicators)}
    for parent in reversed(frame.aggregates):
        children = frame.children(parent)
        block = _stack([scores[child] for child in children])
        own = _stack([np.asarray(weights[child], float) for child in children])
        try:
            result = combined(block, own, rule_of(rules, frame, parent))
        except NegativeValue as error:
            error.parent, error.child = parent, children[error.place[1]]  # type: ignore[attr-defined]
            raise
        if min_available > 0:
            share = (~np.isnan(block)).mean(axis=-1)
            result = np.where(share < min_available - 1e-12, np.nan, result)
        scores[parent] = result
    return scores


def _stack(parts: list[np.ndarray]) -> np.ndarray:
    """Stack the children along the last axis; those that vary between replications make the rest repeat."""
    return np.stack(np.broadcast_arrays(*parts), axis=-1)


def ranks(scores: np.ndarray) -> np.ndarray:
    """Rank from 1 for the highest score, along the last axis; equal scores share the smallest number, NaN stays NaN.

    Notes
    -----
    Scores that agree to 12 digits of the largest one are equal: two units with the same figures must not be told apart by the last
    bit of a sum.

    Examples
    --------
    >>> ranks(np.array([0.1 + 0.2, 0.3, 0.9, np.nan])).tolist()
    [2.0, 2.0, 1.0, nan]
    """
    if not scores.size:
        return scores.copy()
    top = np.nanmax(np.abs(scores)) if not np.isnan(scores).all() else 0.0
    margin = 1e-12 * 10.0 ** (np.ceil(np.log10(top)) if top > 0 else 0)
    y = -scores  # NaN sorts last
    order = np.argsort(y, axis=-1)
    ordered = np.take_along_axis(y, order, -1)
    first = np.ones(y.shape, bool)
    with np.errstate(invalid="ignore"):
        np.greater(ordered[..., 1:] - ordered[..., :-1], margin, out=first[..., 1:])
    places = np.where(first, np.arange(1, y.shape[-1] + 1), 0)
    result = np.empty(y.shape)
    np.put_along_axis(result, order, np.maximum.accumulate(places, axis=-1).astype(float), -1)
    result[np.isnan(y)] = np.nan
    return result
