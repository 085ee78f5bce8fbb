"""Benefit of the doubt: every unit is scored with the weights that suit it best (data envelopment analysis without inputs).

All units share their constraints and differ in their objective only, so their linear programmes are solved together: a dual simplex whose
steps are taken for many units at once. What it leaves open is solved one by one by HiGHS.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Benefit:
    """Scores in (0, 1], shape (n,), and each unit's own weights, shape (n, c)."""

    scores: np.ndarray
    weights: np.ndarray


TOLERANCE = 1e-9
CHUNK = 128  # units whose programmes are solved together: few enough to stay near the processor


def benefit_of_the_doubt(values: np.ndarray, lower: float = 0.0, upper: float = 1.0) -> Benefit:
    """Score every unit with its own best weights, such that no unit's score under these weights exceeds 1.

    Parameters
    ----------
    values : ndarray of float, shape (n, c)
        Higher is better, not negative; NaN where missing.
    lower, upper : float
        Bounds on every indicator's share of the total weight; lower · c ≤ 1 ≤ upper · c.

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
    n, c = values.shape
    filled = np.nan_to_num(values)
    wanted = np.flatnonzero(~np.isnan(values).all(axis=1))
    scores, weights = np.full(n, np.nan), np.full((n, c), np.nan)
    # On one scale every tolerance means the same; a weight is the inverse of its indicator's unit.
    unit = float(filled.max(initial=0.0)) or 1.0
    rivals = np.unique(filled / unit, axis=0)
    for start in range(0, len(wanted), CHUNK):
        units = wanted[start : start + CHUNK]
        found, solved = _together(filled[units] / unit, rivals, lower, upper)
        weights[units[solved]] = found[solved]
        for row in np.flatnonzero(~solved):
            weights[units[row]] = _alone(filled[units[row]] / unit, rivals, lower, upper)
        scores[units] = (filled[units] / unit * weights[units]).sum(axis=1)
    return Benefit(scores, weights / unit)


def _shares(c: int, lower: float, upper: float) -> np.ndarray:
    """Return the rows of lower · Σ w − w_j ≤ 0 and w_j − upper · Σ w ≤ 0; w ≥ 0 is the former with lower 0."""
    low = lower * np.ones((c, c)) - np.eye(c)
    high = np.eye(c) - upper * np.ones((c, c))
    return np.vstack([low, high]) if upper < 1 else low


def _alone(own: np.ndarray, rivals: np.ndarray, lower: float, upper: float) -> np.ndarray:
    """Return one unit's best weights by HiGHS."""
    from scipy.optimize import linprog

    limits = np.vstack([rivals, _shares(len(own), lower, upper)])
    right = np.concatenate([np.ones(len(rivals)), np.zeros(len(limits) - len(rivals))])
    solved = linprog(-own, A_ub=limits, b_ub=right, bounds=(0, None), method="highs")
    if not solved.success:
        raise ValueError(f"benefit of the doubt: {solved.message}")
    return solved.x


def _together(own: np.ndarray, rivals: np.ndarray, lower: float, upper: float) -> tuple[np.ndarray, np.ndarray]:
    """Return many units' best weights, and for which units these are proven best.

    Notes
    -----
    A vertex is where c of the constraints a w ≤ b hold with equality: w = B⁻¹ b_B. Its multipliers y = B⁻ᵀ own are not negative when no
    better vertex satisfies these c constraints. It starts from the mean of the rivals (which binds no more than they do) and all but
    one of w_j ≥ 0; each step takes in the constraint that is violated most, and lets that one go whose multiplier first reaches 0.
    Constraints that have bound before are looked at first, all others only when none of them is violated.
    """
    m, c = own.shape
    middle = rivals.mean(axis=0)
    solved, weights = np.zeros(m, bool), np.full((m, c), np.nan)
    if (middle <= 0).any():
        return weights, solved
    shares = _shares(c, lower, upper)
    rows = np.vstack([rivals, middle, -np.eye(c), shares])
    right = np.concatenate([np.ones(len(rivals) + 1), np.zeros(c + len(shares))])
    first = len(rivals)
    # Start: y of the middle is max own_j / middle_j, attained at j; the others' multipliers are what is left.
    at = (own / middle).argmax(axis=1)
    basis = np.tile(np.arange(first + 1, first + 1 + c), (m, 1))
    basis[np.arange(m), at] = first
    inverse = np.linalg.inv(rows[basis])
    active = np.arange(m)
    hot = np.arange(first + 1 + c, len(rows))
    known = np.zeros(len(rows), bool)
    known[hot] = True
    for _ in range(60 * c):
        if not len(active):
            break
        w = np.matmul(inverse[active], right[basis[active]][:, :, None])[:, :, 0]
        over = w @ rows[hot].T - right[hot]
        place = over.argmax(axis=1)
        worst, entering = over[np.arange(len(active)), place], hot[place]
        clean = worst <= TOLERANCE
        if clean.any():
            full = w[clean] @ rows.T - right
            best = full.argmax(axis=1)
            worst[clean], entering[clean] = full[np.arange(len(full)), best], best
            new = np.unique(best[full[np.arange(len(full)), best] > TOLERANCE])
            known[new] = True
            hot = np.flatnonzero(known)
        done = worst <= TOLERANCE
        if done.any():
            ended = active[done]
            solved[ended], weights[ended] = True, w[done]
            active, entering = active[~done], entering[~done]
            if not len(active):
                break
        inner = inverse[active]
        y = np.matmul(own[active][:, None, :], inner)[:, 0, :]
        u = np.matmul(rows[entering][:, None, :], inner)[:, 0, :]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(u > 1e-10, np.maximum(y, 0.0) / u, np.inf)
        leaving = ratio.argmin(axis=1)
        each = np.arange(len(active))
        stuck = ~np.isfinite(ratio[each, leaving])
        if stuck.any():  # left to be solved alone
            active, entering, inner, u, leaving = (x[~stuck] for x in (active, entering, inner, u, leaving))
            each = np.arange(len(active))
        pivot = inner[each, :, leaving] / u[each, leaving][:, None]
        u[each, leaving] -= 1.0
        inverse[active] = inner - pivot[:, :, None] * u[:, None, :]
        basis[active, leaving] = entering
    # Prove it afresh: what many steps have added up is not trusted.
    at = np.flatnonzero(solved)
    if len(at):
        inverse = np.linalg.inv(rows[basis[at]])
        w = np.matmul(inverse, right[basis[at]][:, :, None])[:, :, 0]
        y = np.matmul(own[at][:, None, :], inverse)[:, 0, :]
        good = ((w @ rows.T - right).max(axis=1) <= 2 * TOLERANCE) & (y.min(axis=1) >= -TOLERANCE)
        weights[at], solved[at] = np.maximum(w, 0.0), good
    return weights, solved
