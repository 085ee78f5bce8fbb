"""The dynamic optimised Theta model for batches of series.

The level and the weight of the trend line enter the one-step forecasts linearly, so that for a given smoothing parameter both
follow from least squares; only the smoothing parameter is searched for, over all series at once.
"""

import numpy as np

from nq57lab.forecast.models.trend import Fit, lengths

FLOOR, CEILING = 0.1, 0.99  # the smoothing parameter's range in Fiorucci et al.
ROUNDS = 5  # of refinement: each divides the range of the smoothing parameter by four, to 1e-4


def dynamic_theta(y: np.ndarray, horizon: int, weight: float | None = None, floor: float = FLOOR) -> Fit:
    """Forecast by the dynamic optimised Theta model.

    Parameters
    ----------
    y : ndarray (series, periods)
        A batch; at least three points a series.
    horizon : int
        Periods ahead.
    weight : float, optional
        1 − 1/θ when it is not to be estimated: 0.5 is the standard Theta model (θ = 2), 0 simple exponential smoothing.
    floor : float
        The least smoothing parameter.

    Returns
    -------
    Fit
        Parameters alpha in [floor, 0.99], weight in [0, 1], level (the initial level).

    Notes
    -----
    With A_t and B_t the intercept and slope of the least-squares line through the first t points,
    μ_{t+1} = ℓ_t + w[(1−α)^t A_t + (1 − (1−α)^{t+1})/α · B_t], ℓ_t = α y_t + (1−α) ℓ_{t−1}, w = 1 − 1/θ; α, w and ℓ_0 minimise
    the sum of squared one-step errors from the third point on. Beyond the sample y_t is replaced by μ_t.

    References
    ----------
    Fiorucci, Pellegrini, Louzada, Petropoulos, Koehler (2016), Models for optimising the theta method and their
    relationship to state space models, International Journal of Forecasting 32, section 3.

    Examples
    --------
    >>> dynamic_theta(np.arange(10.0)[None], 2).mean.round(6).tolist()
    [[10.0, 11.0]]
    """
    size = np.nanmax(np.abs(y), axis=1)
    size = np.where(size > 0, size, 1.0)
    scaled = y / size[:, None]
    lines = _lines(scaled)
    alpha = _search(scaled, lines, weight, floor)
    _, level, share = _solve(scaled, alpha, lines, weight)
    mean, errors = _run(scaled, alpha, level, share, horizon)
    parameters = {"alpha": alpha, "weight": share, "level": level * size}
    return Fit(mean * size[:, None], errors * size[:, None], parameters)


def _lines(y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return time since each series began (1 at its first point) and A_t, B_t at every period."""
    first = y.shape[1] - lengths(y)
    t = np.arange(1, y.shape[1] + 1)[None] - first[:, None]
    filled = np.nan_to_num(y)
    count = np.maximum(t, 1).astype(float)
    total, moment = np.cumsum(filled, axis=1), np.cumsum(filled * np.maximum(t, 0), axis=1)
    mean, middle = total / count, (count + 1) / 2
    spread = count * (count**2 - 1) / 12
    slope = np.where(count > 1, (moment - count * middle * mean) / np.where(spread > 0, spread, 1), 0.0)
    return t, mean - slope * middle, slope


def _solve(y: np.ndarray, alpha: np.ndarray, lines: tuple, weight: float | None) -> tuple:
    """Return the least sum of squared errors for given α, and the initial level and weight that reach it."""
    t, intercept, slope = lines
    known = t >= 3
    level = np.zeros(len(y))
    parts = np.zeros((3, len(y)))  # Σ of squares and products with the two regressors, updated period by period
    cross, square = np.zeros((2, len(y))), np.zeros(len(y))
    for step in range(1, y.shape[1]):
        before = t[:, step - 1]
        now = np.nan_to_num(y[:, step - 1])
        started = before >= 1
        level = np.where(started, alpha * now + (1 - alpha) * level, 0.0)
        decay = np.where(started, (1 - alpha) ** np.maximum(before, 0), 0.0)
        line = decay * intercept[:, step - 1] + (1 - decay * (1 - alpha)) / alpha * slope[:, step - 1]
        use = known[:, step]
        target = np.where(use, np.nan_to_num(y[:, step]) - level, 0.0)
        decay, line = np.where(use, decay, 0.0), np.where(use, line, 0.0)
        parts += [decay * decay, decay * line, line * line]
        cross += [decay * target, line * target]
        square += target * target
    dd, dl, ll = parts
    if weight is None:
        determinant = dd * ll - dl * dl
        good = determinant > 1e-14 * np.maximum(dd * ll, 1e-300)
        share = np.where(good, (cross[1] * dd - cross[0] * dl) / np.where(good, determinant, 1), 0.0)
        share = np.clip(share, 0.0, 1.0)
    else:
        share = np.full(len(y), float(weight))
    initial = (cross[0] - share * dl) / np.where(dd > 0, dd, 1)
    loss = square - 2 * (initial * cross[0] + share * cross[1]) + initial**2 * dd + 2 * initial * share * dl
    return loss + share**2 * ll, initial, share


def _search(y: np.ndarray, lines: tuple, weight: float | None, floor: float) -> np.ndarray:
    """Find the best α on a grid, then on ever finer grids around it, all series and points of a grid at once."""
    grid = np.linspace(floor, CEILING, 1 + round((CEILING - floor) / 0.05))
    offsets = np.array([-0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75])
    tried = np.repeat(grid[None], len(y), axis=0)
    width = grid[1] - grid[0]
    for _ in range(ROUNDS + 1):
        count = tried.shape[1]
        wide = [np.repeat(part, count, axis=0) for part in (y, *lines)]
        loss = _solve(wide[0], tried.ravel(), tuple(wide[1:]), weight)[0].reshape(-1, count)
        alpha = tried[np.arange(len(y)), np.argmin(loss, axis=1)]
        tried = np.clip(alpha[:, None] + width * offsets, floor, CEILING)
        width /= 4
    return alpha


def _run(y: np.ndarray, alpha: np.ndarray, level: np.ndarray, share: np.ndarray, horizon: int) -> tuple:
    """Return the forecasts and the one-step errors of fitted models."""
    n, width = y.shape
    first = width - lengths(y)
    mean, slope = np.zeros(n), np.zeros(n)
    errors, ahead, fitted = np.full((n, width), np.nan), np.empty((n, horizon)), np.zeros(n)
    for step in range(width + horizon):
        t = step + 1 - first
        started = t >= 1
        if step < width:
            now = np.nan_to_num(y[:, step])
            errors[:, step] = np.where(t >= 3, now - fitted, np.nan)
        else:
            now = ahead[:, step - width] = fitted
        count = np.maximum(t, 1).astype(float)
        level = np.where(started, alpha * now + (1 - alpha) * level, level)
        change = np.where(t >= 2, ((count - 2) * slope + 6 * (now - mean) / count) / (count + 1), 0.0)
        mean = np.where(started, mean + (now - mean) / count, mean)
        slope = np.where(started, change, slope)
        decay = (1 - alpha) ** count
        line = decay * (mean - slope * (count + 1) / 2) + (1 - decay * (1 - alpha)) / alpha * slope
        fitted = level + share * line
    return ahead, errors
