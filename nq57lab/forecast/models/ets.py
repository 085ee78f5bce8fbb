"""Exponential smoothing with additive errors for batches of series: level, trend, damped trend; chosen by information criterion.

The one-step errors are linear in the initial states, which therefore follow from least squares; the smoothing parameters are
searched for on a grid and then refined, over all series at once. On logarithms the same models have multiplicative errors.
"""

from itertools import product

import numpy as np

from nq57lab.forecast.models.trend import Fit, lengths

PHI = (0.8, 0.98)
WHOLE = ((0.01, 0.9999), (0.0, 1.0))  # alpha and beta / alpha as in Hyndman et al.
CAUTIOUS = ((0.5, 0.9999), (0.0, 0.3))  # what short annual series can bear; chosen on M1 and Tourism (DECISIONS.md)
REFINEMENTS = 18
SHAPES = ("level", "trend", "damped")


def _grid(shape: str, ranges: tuple) -> np.ndarray:
    """Return the grid of (alpha, beta / alpha, phi) that the search starts from."""
    (low, high), (_, share) = ranges
    alphas = low + (high - low) * np.array([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])
    shares = [0.0] if shape == "level" else share * np.array([0.0, 0.05, 0.25, 0.65])
    damping = {"level": [0.0], "trend": [1.0], "damped": [PHI[0], 0.9, PHI[1]]}[shape]
    return np.array(list(product(alphas, shares, damping)))


def smooth(y: np.ndarray, horizon: int, shape: str = "damped", ranges: tuple = WHOLE) -> Fit:
    """Forecast by exponential smoothing with additive errors.

    Parameters
    ----------
    y : ndarray (series, periods)
        A batch.
    horizon : int
        Periods ahead.
    shape : str
        "level" (simple exponential smoothing), "trend" (Holt), "damped".
    ranges : tuple
        The ranges of alpha and of beta / alpha.

    Returns
    -------
    Fit
        Parameters alpha, beta (= alpha times a share in [0, 1]), phi, level, slope (initial states), sse.

    Notes
    -----
    ŷ_t = ℓ_{t−1} + φ b_{t−1}; ℓ_t = ŷ_t + α e_t; b_t = φ b_{t−1} + β e_t; φ in [0.8, 0.98] when damped, 1 for a trend. All parameters
    minimise Σ e_t² over all points.

    References
    ----------
    Hyndman, Koehler, Ord, Snyder (2008), Forecasting with Exponential Smoothing, sections 2.5 and 5.1.

    Examples
    --------
    >>> smooth(np.arange(12.0)[None], 2, "trend").mean.round(6).tolist()
    [[12.0, 13.0]]
    """
    size = np.nanmax(np.abs(y), axis=1)
    size = np.where(size > 0, size, 1.0)
    scaled = (y / size[:, None]).T
    n = len(y)
    grid = _grid(shape, ranges)
    repeated = np.repeat(scaled, len(grid), axis=1)
    tried = np.tile(grid.T, n)
    best = np.argmin(_fit(repeated, tried, shape)[0].reshape(n, len(grid)), axis=1)
    chosen = _refine(scaled, grid[best].T.copy(), shape, ranges)
    sse, initial = _fit(scaled, chosen, shape)
    errors, level, slope = _filter(scaled, chosen, initial)
    phi = chosen[2]
    damping = np.cumsum(phi[:, None] ** np.arange(1, horizon + 1), axis=1)
    mean = level[:, None] + damping * slope[:, None]
    parameters = {"alpha": chosen[0], "beta": chosen[0] * chosen[1], "phi": phi, "sse": sse * size**2}
    parameters |= {"level": initial[0] * size, "slope": initial[1] * size}
    return Fit(mean * size[:, None], errors.T * size[:, None], parameters)


def _products(y: np.ndarray, parameters: np.ndarray, slopes: bool) -> np.ndarray:
    """Return Σ e_i e_j of the one-step errors of y from zero states (0) and of zeros from each unit state (1, 2).

    The sums run over time one period after the other, so that a series alone gives bit for bit what it gives in a batch.
    """
    alpha, share, phi = parameters
    beta = alpha * share
    states = 3 if slopes else 2
    known = ~np.isnan(y)
    level, slope = np.zeros((states, y.shape[1])), np.zeros((states, y.shape[1]))
    level[1] = 1.0
    if slopes:
        slope[2] = 1.0
    pairs = [(i, j) for i in range(states) for j in range(i, states)]
    sums = np.zeros((states, states, y.shape[1]))
    whole = known.all(axis=1)
    for step in range(len(y)):
        damped = phi * slope
        fitted = level + damped
        error = -fitted
        if whole[step]:
            error[0] += y[step]
            level, slope = fitted + alpha * error, damped + beta * error
        else:
            now = known[step]
            error[0] += np.where(now, y[step], 0.0)
            error = np.where(now, error, 0.0)
            level = np.where(now, fitted + alpha * error, level)
            slope = np.where(now, damped + beta * error, slope)
        for i, j in pairs:
            sums[i, j] += error[i] * error[j]
    return sums


def _fit(y: np.ndarray, parameters: np.ndarray, shape: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the least sum of squared errors for given smoothing parameters, and the initial states that reach it."""
    sums = _products(y, parameters, shape != "level")
    yy, ay, aa = sums[0, 0], sums[0, 1], sums[1, 1]
    if shape == "level":
        level = -ay / np.where(aa > 0, aa, 1)
        return np.maximum(yy + level * ay, 0.0), np.stack([level, np.zeros_like(level)])
    by, ab, bb = sums[0, 2], sums[1, 2], sums[2, 2]
    determinant = aa * bb - ab * ab
    good = determinant > 1e-12 * np.maximum(aa * bb, 1e-300)
    safe = np.where(good, determinant, 1.0)
    level = np.where(good, (ab * by - bb * ay) / safe, -ay / np.where(aa > 0, aa, 1))
    slope = np.where(good, (ab * ay - aa * by) / safe, 0.0)
    sse = yy + level * ay + slope * by
    return np.maximum(sse, 0.0), np.stack([level, slope])


def _refine(y: np.ndarray, parameters: np.ndarray, shape: str, ranges: tuple) -> np.ndarray:
    """Refine the parameters by a pattern search with halving steps, all series and all directions at once."""
    free = {"level": [0], "trend": [0, 1], "damped": [0, 1, 2]}[shape]
    bounds = np.array([*ranges, PHI])
    step = (bounds[:, 1] - bounds[:, 0]) / np.array([10, 8, 4])
    moves = [move for move in product((-1, 0, 1), repeat=len(free)) if 0 < np.abs(move).sum() <= 2]
    directions = np.array([[move[free.index(row)] if row in free else 0 for row in range(3)] for move in moves]).T
    count = directions.shape[1]
    best, _ = _fit(y, parameters, shape)
    wide = np.repeat(y, count, axis=1)
    size = np.ones(y.shape[1])
    for _ in range(REFINEMENTS):
        tried = parameters[:, :, None] + directions[:, None, :] * (step[:, None] * size)[:, :, None]
        for axis in free:
            np.clip(tried[axis], *bounds[axis], out=tried[axis])
        values = _fit(wide, tried.reshape(3, -1), shape)[0].reshape(-1, count)
        pick = np.argmin(values, axis=1)
        found = values[np.arange(len(pick)), pick]
        better = found < best
        parameters = np.where(better, tried[:, np.arange(len(pick)), pick], parameters)
        best = np.where(better, found, best)
        size = np.where(better, size, size / 2)
    return parameters


def _filter(y: np.ndarray, parameters: np.ndarray, initial: np.ndarray) -> tuple:
    """Return the errors, the last level and the last slope of fitted models."""
    alpha, share, phi = parameters
    level, slope = initial
    errors = np.full(y.shape, np.nan)
    for step in range(len(y)):
        now = ~np.isnan(y[step])
        damped = phi * slope
        error = np.where(now, np.nan_to_num(y[step]) - level - damped, 0.0)
        errors[step] = np.where(now, error, np.nan)
        level = np.where(now, level + damped + alpha * error, level)
        slope = np.where(now, damped + alpha * share * error, slope)
    return errors, level, slope


def choose(y: np.ndarray, horizon: int, ranges: tuple = WHOLE) -> Fit:
    """Forecast by the exponential smoothing with the least corrected information criterion.

    Parameters
    ----------
    y : ndarray (series, periods)
        A batch.
    horizon : int
        Periods ahead.
    ranges : tuple
        The ranges of alpha and of beta / alpha.

    Returns
    -------
    Fit
        Parameters aicc, chosen (an index into :data:`SHAPES`), alpha, beta, phi of the chosen shape.

    Notes
    -----
    AICc = n ln(SSE / n) + 2k + 2k(k+1)/(n−k−1), where k counts smoothing parameters, initial states and the variance
    (3, 5, 6). Where n − k − 1 < 1 the shape is left out.

    Examples
    --------
    >>> fit = choose(np.array([[5.0, 4, 6, 5, 4, 6, 5, 5, 4, 6]]), 2)
    >>> SHAPES[fit.parameters["chosen"][0]]
    'level'
    """
    n = lengths(y).astype(float)
    counts = {"level": 3, "trend": 5, "damped": 6}
    fits = [smooth(y, horizon, shape, ranges) for shape in SHAPES]
    tiny = 1e-18 * np.nanmax(y**2, axis=1) + 1e-300
    scores = []
    for shape, fit in zip(SHAPES, fits, strict=True):
        k = counts[shape]
        room = n - k - 1
        score = n * np.log((fit.parameters["sse"] + tiny) / n) + 2 * k + 2 * k * (k + 1) / np.maximum(room, 1)
        scores.append(np.where((room >= 1) | (shape == "level"), score, np.inf))
    table = np.stack(scores, axis=1)
    best, rows = np.argmin(table, axis=1), np.arange(len(y))
    mean = np.stack([fit.mean for fit in fits])[best, rows]
    errors = np.stack([fit.errors for fit in fits])[best, rows]
    own = {name: np.stack([fit.parameters[name] for fit in fits])[best, rows] for name in ("alpha", "beta", "phi")}
    return Fit(mean, errors, own | {"aicc": table[rows, best], "chosen": best})
