"""Weights: from principal components or entropy, with noise, and optimised to an equal or a wanted influence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.composite.laboratory.aggregate import Rule, aggregate
from nq57lab.composite.laboratory.equal import is_constant
from nq57lab.composite.laboratory.framework import Framework
from nq57lab.composite.laboratory.parts.fields import reason

LEAST_ROWS = 3  # complete rows below which a correlation matrix says nothing
BOUNDS = (0.1, 10.0)  # of optimised weights, as multiples of equal ones
ATTEMPTS = 2  # starts of the search


def undefined(values: np.ndarray, codes: Sequence[str], *, complete: bool = True) -> str:
    """Return why estimators of correlation are not defined on some columns, "" where they are.

    Parameters
    ----------
    values : ndarray of float, shape (n, c)
        One column a code.
    complete : bool
        Whether the estimator takes complete rows only; else a pair needs rows that both have.

    Examples
    --------
    >>> undefined(np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 4.0]]), ["a", "b"])
    'a không đổi giữa các đơn vị'
    """
    still = [code for code, column in zip(codes, values.T, strict=True) if is_constant(column)]
    if still:
        return reason("index_constant", listed=", ".join(still))
    present = ~np.isnan(values)
    rows = present.all(axis=1)
    both = present.astype(int).T @ present.astype(int)
    fewest = int(rows.sum()) if complete else int(both.min())
    if fewest < LEAST_ROWS:
        gaps = ", ".join(f"{code} ({int(n)})" for code, n in zip(codes, (~present).sum(axis=0), strict=True) if n)
        return reason("index_incomplete", count=fewest, least=LEAST_ROWS, listed=gaps or "–")
    still = [code for code, column in zip(codes, values[rows].T, strict=True) if is_constant(column)]
    if complete and still:
        return reason("index_constant_complete", listed=", ".join(still))
    return ""


def refuse_undefined(values: np.ndarray, codes: Sequence[str], what: str, parent: str) -> None:
    """Raise the problem of an estimator that is not defined on the elements below a parent."""
    why = undefined(values, codes)
    if why:
        details = {"what": what, "parent": parent}
        raise ProblemError([Problem("index_undefined", "weight", None, ", ".join(codes), why, details)])


def components(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the principal components of the correlation matrix: its eigenvalues, largest first, and their vectors by row.

    Parameters
    ----------
    values : ndarray of float, shape (n, c)
        Rows with a missing value are left out; every column must vary.

    Examples
    --------
    >>> components(np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]))[0].round(6).tolist()
    [2.0, 0.0]
    """
    from sklearn.decomposition import PCA

    complete = values[~np.isnan(values).any(axis=1)]
    found = PCA().fit((complete - complete.mean(axis=0)) / complete.std(axis=0, ddof=1))
    eigenvalues = np.zeros(values.shape[1])  # fewer rows than columns: the others are 0
    eigenvalues[: len(found.explained_variance_)] = found.explained_variance_
    return eigenvalues, found.components_


def first_component(values: np.ndarray) -> np.ndarray:
    """Return the loadings of the first principal component of the correlation matrix, their sum not negative.

    Parameters
    ----------
    values : ndarray of float, shape (n, c)
        Rows with a missing value are left out.

    Returns
    -------
    ndarray of float, shape (c,)
        A vector of length 1; its sign is chosen, not found.

    Examples
    --------
    >>> first_component(np.array([[1.0, 2.0], [2.0, 4.1], [3.0, 5.9]])).round(4).tolist()
    [0.7071, 0.7071]
    """
    if values.shape[1] == 1:
        return np.ones(1)
    loadings = components(values)[1][0]
    return loadings if loadings.sum() >= 0 else -loadings


def pca_weights(frame: Framework, scores: Mapping[str, np.ndarray], level: int) -> dict[str, float]:
    """Return PCA weights of the elements of one level: the loadings of the first component within each parent.

    Parameters
    ----------
    scores : mapping
        Values of every element of that level, shape (n,).
    level : int
        The level that gets weights.

    References
    ----------
    As ``get_PCA`` of COINr; OECD and JRC (2008), Handbook, section 6.1.
    """
    found: dict[str, float] = {}
    for parent in frame.aggregates:
        below = [code for code in frame.children(parent) if frame.levels[code] == level]
        if below:
            values = np.column_stack([scores[code] for code in below])
            if len(below) > 1:
                refuse_undefined(values, below, "pca", parent)
            loadings = first_component(values)
            found |= dict(zip(below, loadings.tolist(), strict=True))
    return found


def noise_factors(
    frame: Framework, noise: float, levels: Sequence[int], sets: int, generator: np.random.Generator
) -> dict[str, np.ndarray]:
    """Return sets of factors that perturb weights: an independent 1 + U(−noise, noise) for each element of the levels named.

    Returns
    -------
    dict
        Code to an array of shape (sets,), for every element of the levels.
    """
    codes = [code for code in (*frame.indicators, *frame.aggregates) if frame.levels[code] in levels]
    return {code: 1 + noise * (2 * generator.random(sets) - 1) for code in codes}


def effective_weights(frame: Framework) -> dict[str, float]:
    """Return each element's share of the whole index: its weight share within its parent, times the parent's own.

    Examples
    --------
    >>> import pandas as pd
    >>> from nq57lab.composite.laboratory import framework
    >>> tree = framework.read(pd.DataFrame({
    ...     "Level": [1, 1, 1, 2, 2, 3], "iCode": list("abcPQI"), "Direction": 1, "Weight": [1, 3, 1, 1, 1, 1],
    ...     "Parent": ["P", "P", "Q", "I", "I", None], "Type": ["Indicator"] * 3 + ["Aggregate"] * 3}))
    >>> effective_weights(tree)["b"]
    0.375
    """
    shares = {frame.root: 1.0}
    for parent in frame.aggregates:
        below = frame.children(parent)
        total = sum(frame.weights[code] for code in below)
        shares |= {code: shares[parent] * frame.weights[code] / total for code in below}
    return shares


def entropy_weights(frame: Framework, scores: Mapping[str, np.ndarray], level: int) -> dict[str, float]:
    """Return entropy weights of the elements of one level: within each parent, more to what tells the units apart.

    Parameters
    ----------
    scores : mapping
        Values of every element of that level, shape (n,), not negative.
    level : int
        The level that gets weights.

    Raises
    ------
    ProblemError
        If an element has a negative value, or none of a parent's elements varies.

    Notes
    -----
    p_i = x_i / Σ x, e = −Σ p ln p / ln n over the units observed; the weight is (1 − e) / Σ (1 − e).

    References
    ----------
    Shannon (1948); Hwang and Yoon (1981), Multiple Attribute Decision Making, section 3.2.
    """
    found: dict[str, float] = {}
    for parent in frame.aggregates:
        below = [code for code in frame.children(parent) if frame.levels[code] == level]
        spread = []
        for code in below:
            x = scores[code][~np.isnan(scores[code])]
            if (x < 0).any():
                raise ProblemError([Problem("index_entropy", "weight", None, code, f"{x.min():g}", {"code": code})])
            p = x[x > 0] / x.sum() if x.sum() > 0 else np.ones(1)
            spread.append(max(0.0, 1 + float((p * np.log(p)).sum()) / np.log(max(len(x), 2))))
        if below and sum(spread) <= 1e-15:
            details = {"what": "entropy", "parent": parent}
            why = reason("index_constant", listed=", ".join(below))
            raise ProblemError([Problem("index_undefined", "weight", None, ", ".join(below), why, details)])
        found |= {code: own / sum(spread) for code, own in zip(below, spread, strict=True)}
    return found


@dataclass(frozen=True)
class Optimum:
    """Weights of one level that bring the elements' influence on the index as close to what is wanted as they come."""

    weights: dict[str, float]  # code to weight, 1 being an equal share within the parent; between the BOUNDS
    correlations: dict[str, float]  # code to its correlation with the index
    # standard deviation of the correlations divided by what is wanted of each: what is left of the inequality.
    spread: float
    at_bound: tuple[str, ...]  # elements whose weight was held at a bound: what is wanted of them cannot be had


def equal_influence(
    frame: Framework,
    values: np.ndarray,
    level: int,
    rules: Mapping[Any, Rule],
    target: Mapping[str, float] | None = None,
) -> Optimum:
    """Optimise the weights of one level so that each element correlates with the index equally, or as a target says.

    Parameters
    ----------
    frame : Framework
        The tree, with its present weights (kept at other levels).
    values : ndarray of float, shape (n_units, n_indicators)
        Normalised indicators.
    level : int
        The level whose weights are optimised; any.
    rules : mapping
        Level (or aggregate) to aggregation rule.
    target : mapping, optional
        Every element of the level to the share of influence wanted; only their ratios count. Default: equal.

    Raises
    ------
    ProblemError
        If an element or the index does not vary, or too few units have both.

    Notes
    -----
    Minimises Σ (r_j / Σ r − t_j)² within :data:`BOUNDS` by least squares, all steps of one derivative in one pass of the aggregation.
    What is below the level is aggregated once. A redundant or negatively correlated element may have no solution within the bounds:
    look at ``spread`` and ``at_bound``.

    References
    ----------
    Becker et al. (2017), Weights and importance in composite indicators, Ecological Indicators 80; ``get_opt_weights`` of COINr.
    """
    from scipy.optimize import least_squares

    codes = frame.of_levels([level])
    top, leaves = _above(frame, values, codes, rules)
    below = [leaves[:, top.indicators.index(code)] for code in codes]
    for column, code in zip(below, codes, strict=True):
        refuse_undefined(column[:, None], [code], "optimised", frame.root)
    families = [np.flatnonzero([frame.parents[code] == parent for code in codes]) for parent in frame.aggregates]
    families = [family for family in families if len(family)]
    wanted = np.array([float(target[code]) if target else 1.0 for code in codes])
    wanted = wanted / wanted.sum()
    kept = {code: frame.weights[code] for code in top.parents}

    def correlations(weights: np.ndarray) -> np.ndarray:
        """Return the correlations under many sets of weights, shape (R, k)."""
        many = kept | {code: weights[:, place] for place, code in enumerate(codes)}
        index = np.atleast_2d(np.asarray(aggregate(top, leaves, many, rules)[frame.root]))
        return np.column_stack([_correlations(column, index) for column in below])

    def residuals(weights: np.ndarray) -> np.ndarray:
        r = correlations(weights)
        share = r / np.where(np.abs(r.sum(axis=1)) > 1e-9, r.sum(axis=1), 1e-9)[:, None] - wanted
        size = np.column_stack([10 * (weights[:, family].mean(axis=1) - 1) for family in families])
        return np.column_stack([share, size])

    def jacobian(weights: np.ndarray) -> np.ndarray:
        step = 1e-6
        moved = np.vstack([weights + step * np.eye(len(codes)), weights - step * np.eye(len(codes))])
        both = residuals(moved)
        return ((both[: len(codes)] - both[len(codes) :]) / (2 * step)).T

    best = None
    start = np.ones(len(codes))
    for attempt in range(ATTEMPTS):
        solved = least_squares(
            lambda w: residuals(w[None])[0],
            np.clip(start, BOUNDS[0] * 1.01, BOUNDS[1] * 0.99),
            lambda w: jacobian(w),
            bounds=BOUNDS,
            xtol=1e-10,
            ftol=1e-12,
            gtol=1e-12,
            max_nfev=200,
        )
        if best is None or solved.cost < best.cost:
            best = solved
        if best.cost < 1e-14:
            break
        start = np.exp(np.random.default_rng(attempt).normal(0, 0.5, len(codes)))
    assert best is not None
    weights = best.x.copy()
    for family in families:
        weights[family] /= weights[family].mean()
    weights = np.clip(weights, *BOUNDS)
    r = correlations(weights[None])[0]
    bound = [
        code
        for code, weight in zip(codes, weights, strict=True)
        if weight < BOUNDS[0] * 1.02 or weight > BOUNDS[1] * 0.98
    ]
    even = r / (wanted * len(codes))
    listed = dict(zip(codes, weights.tolist(), strict=True))
    return Optimum(listed, dict(zip(codes, r.tolist(), strict=True)), float(even.std()), tuple(bound))


def _above(
    frame: Framework, values: np.ndarray, codes: Sequence[str], rules: Mapping[Any, Rule]
) -> tuple[Framework, np.ndarray]:
    """Return the tree from some elements up, these its leaves, and their values; branches without any stay as they are."""
    scores = aggregate(frame, values, frame.weights, rules)
    wanted, up = set(codes), set()
    for code in codes:
        here = frame.parents.get(code)
        while here:
            up.add(here)
            here = frame.parents.get(here)
    leaves = [code for code in frame.parents if frame.parents[code] in up and code not in up]
    assert wanted <= set(leaves)
    smaller = replace(
        frame,
        indicators=tuple(leaves),
        aggregates=tuple(code for code in frame.aggregates if code in up),
        parents={code: above for code, above in frame.parents.items() if code in leaves or code in up},
        direction=np.ones(len(leaves)),
        targets=np.full(len(leaves), np.nan),
        divisors=("",) * len(leaves),
    )
    return smaller, np.column_stack([scores[code] for code in leaves])


def _correlations(column: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Return the correlation of a column with each row of a matrix, over the units that both have; 0 where a row does not vary."""
    good = ~(np.isnan(column) | np.isnan(index).any(axis=0))
    x, y = column[good] - column[good].mean(), index[:, good] - index[:, good].mean(axis=1, keepdims=True)
    size = np.sqrt((x @ x) * (y * y).sum(axis=1))
    return np.divide(y @ x, size, out=np.zeros(len(y)), where=size > 0)
