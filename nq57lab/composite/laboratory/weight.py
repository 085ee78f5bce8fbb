"""Weights: from principal components, with noise, and optimised to an equal influence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nq57lab.composite.laboratory.aggregate import Rule, aggregate
from nq57lab.composite.laboratory.framework import Framework


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
    frame : Framework
        The tree.
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
            loadings = first_component(np.column_stack([scores[code] for code in below]))
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


@dataclass(frozen=True)
class Optimum:
    """Weights of one level that bring the elements' correlations with the index as close to equal as they come."""

    weights: dict[str, float]
    correlations: dict[str, float]
    spread: float


def equal_influence(frame: Framework, values: np.ndarray, level: int, rules: Mapping[int, Rule]) -> Optimum:
    """Optimise the weights of one level so that each element correlates equally with the index.

    Parameters
    ----------
    frame : Framework
        The tree, with its present weights (kept at other levels).
    values : ndarray of float, shape (n_units, n_indicators)
        Normalised indicators.
    level : int
        The level whose weights are optimised.
    rules : mapping
        Level to aggregation rule.

    Returns
    -------
    Optimum
        Weights with mean 1; ``spread`` is the standard deviation of the correlations that is left.

    Notes
    -----
    Minimises Σ (r_j / Σ r − 1 / k)² over the logarithms of the weights (Nelder–Mead). A redundant or negatively correlated
    element may have no solution with positive weights: look at ``spread``.

    References
    ----------
    Becker et al. (2017), Weights and importance in composite indicators, Ecological Indicators 80; ``get_opt_weights`` of COINr.
    """
    from scipy.optimize import minimize

    codes = [code for code in frame.parents if frame.levels[code] == level]
    fixed = dict(frame.weights)

    def correlations(weights: np.ndarray) -> np.ndarray:
        scores = aggregate(frame, values, fixed | dict(zip(codes, weights, strict=True)), rules)
        index = scores[frame.root]
        columns = [scores[code] for code in codes]
        return np.array([np.corrcoef(*_both(column, index))[0, 1] for column in columns])

    def loss(logs: np.ndarray) -> float:
        r = correlations(np.exp(logs))
        return float(((r / r.sum() - 1 / len(codes)) ** 2).sum())

    options = {"maxiter": 500 * len(codes), "xatol": 1e-7, "fatol": 1e-14, "adaptive": True}
    solved = minimize(loss, np.zeros(len(codes)), method="Nelder-Mead", options=options)
    weights = np.exp(solved.x)
    weights /= weights.mean()
    r = correlations(weights)
    return Optimum(
        dict(zip(codes, weights.tolist(), strict=True)), dict(zip(codes, r.tolist(), strict=True)), float(r.std())
    )


def _both(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    good = ~(np.isnan(x) | np.isnan(y))
    return x[good], y[good]
