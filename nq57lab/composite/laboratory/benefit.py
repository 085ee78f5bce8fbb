"""Benefit of the doubt: every unit is scored with the weights that suit it best (data envelopment analysis without inputs)."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Benefit:
    """Scores in (0, 1], shape (n,), and each unit's own weights, shape (n, c)."""

    scores: np.ndarray
    weights: np.ndarray


def benefit_of_the_doubt(values: np.ndarray, lower: float = 0.0, upper: float = 1.0) -> Benefit:
    """Score every unit with its own best weights, such that no unit's score under these weights exceeds 1.

    Parameters
    ----------
    values : ndarray of float, shape (n, c)
        Higher is better, not negative; NaN where missing.
    lower, upper : float
        Bounds on every indicator's share of the total weight; lower · c ≤ 1 ≤ upper · c.

    Returns
    -------
    Benefit

    Notes
    -----
    For unit i: max Σ_j w_j x_ij subject to Σ_j w_j x_kj ≤ 1 for every unit k, w ≥ 0, lower ≤ w_j / Σ w ≤ upper. A unit without a
    value has NaN; a missing value counts as 0 for its unit, so that its weight goes elsewhere as far as the bounds allow.

    References
    ----------
    Melyn and Moesen (1991); OECD and JRC (2008), Handbook on Constructing Composite Indicators, section 6.2 (shares of the total
    weight between 10 and 15 per cent for the Technology Achievement Index).

    Examples
    --------
    >>> benefit_of_the_doubt(np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.4, 0.2]])).scores.round(6).tolist()
    [1.0, 1.0, 1.0, 0.6]
    """
    from scipy.optimize import linprog

    n, c = values.shape
    filled = np.nan_to_num(values)
    empty = np.isnan(values).all(axis=1)
    # Only units that no other dominates can bind.
    rivals = _frontier(filled)
    bounds_low = lower * np.ones((c, c)) - np.eye(c)  # lower · Σ w − w_j ≤ 0
    bounds_high = np.eye(c) - upper * np.ones((c, c))  # w_j − upper · Σ w ≤ 0
    limits = np.vstack([rivals, bounds_low, bounds_high])
    right = np.concatenate([np.ones(len(rivals)), np.zeros(2 * c)])
    scores, weights = np.full(n, np.nan), np.full((n, c), np.nan)
    for unit in np.flatnonzero(~empty):
        solved = linprog(-filled[unit], A_ub=limits, b_ub=right, bounds=(0, None), method="highs")
        if not solved.success:
            raise ValueError(f"benefit of the doubt, unit {unit}: {solved.message}")
        scores[unit], weights[unit] = -solved.fun, solved.x
    return Benefit(scores, weights)


def _frontier(values: np.ndarray) -> np.ndarray:
    """Return the rows that no other row equals or exceeds in every column."""
    unique = np.unique(values, axis=0)
    dominated = np.array(
        [((unique >= row).all(axis=1) & (unique > row).any(axis=1)).any() for row in unique], dtype=bool
    )
    return unique[~dominated]
