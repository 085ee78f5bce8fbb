"""Measures of forecasts: point errors, scaled errors, coverage, interval and quantile scores, PIT, reliability.

Arrays of series by horizon in, arrays of the same shape out, so that any mean can be taken; error = forecast − observed. A missing
observation gives NaN, which means skip.
"""

import numpy as np


def scale(history: np.ndarray, season: int = 1) -> np.ndarray:
    """Return the mean absolute (seasonal) naive error within each history: (series,).

    >>> scale(np.array([[1.0, 2.0, 4.0]])).tolist()
    [1.5]
    """
    return np.nanmean(np.abs(history[:, season:] - history[:, :-season]), axis=1)


def square_scale(history: np.ndarray, season: int = 1) -> np.ndarray:
    """Return the mean squared (seasonal) naive error within each history: (series,)."""
    return np.nanmean((history[:, season:] - history[:, :-season]) ** 2, axis=1)


def smape(forecast: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Return 200 |f − y| / (|f| + |y|), per cent; 0 where both are 0.

    References
    ----------
    Makridakis and Hibon (2000), The M3-Competition, International Journal of Forecasting 16.

    Examples
    --------
    >>> smape(np.array([[110.0]]), np.array([[90.0]])).tolist()
    [[20.0]]
    """
    size = np.abs(forecast) + np.abs(observed)
    return np.where(size > 0, 200 * np.abs(forecast - observed) / np.where(size > 0, size, 1), 0.0 * size)


def scaled(forecast: np.ndarray, observed: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return |f − y| / scale: its mean is MASE (Hyndman and Koehler 2006).

    >>> scaled(np.array([[3.0]]), np.array([[1.0]]), np.array([4.0])).tolist()
    [[0.5]]
    """
    return np.abs(forecast - observed) / size[:, None]


def squared(forecast: np.ndarray, observed: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return (f − y)² / square scale: RMSSE is the root of its mean over horizons (M5 competition)."""
    return (forecast - observed) ** 2 / size[:, None]


def covered(lower: np.ndarray, upper: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Return 1 where the interval holds what came, else 0; NaN where nothing was observed."""
    inside = (observed >= lower) & (observed <= upper)
    return np.where(np.isnan(observed), np.nan, inside.astype(float))


def interval_score(
    lower: np.ndarray, upper: np.ndarray, observed: np.ndarray, size: np.ndarray, level: float
) -> np.ndarray:
    """Return the scaled interval score; its mean is MSIS.

    Notes
    -----
    (u − l) + 2/α (l − y)⁺ + 2/α (y − u)⁺, α = 1 − level/100, divided by the scale (Gneiting and Raftery 2007; M4 competition).

    Examples
    --------
    >>> interval_score(np.array([[0.0]]), np.array([[2.0]]), np.array([[3.0]]), np.array([1.0]), 80).round(9).tolist()
    [[12.0]]
    """
    alpha = 1 - level / 100
    outside = np.maximum(lower - observed, 0) + np.maximum(observed - upper, 0)
    return (upper - lower + 2 / alpha * outside) / size[:, None]


def quantile_loss(
    quantiles: np.ndarray, probabilities: np.ndarray, observed: np.ndarray, size: np.ndarray
) -> np.ndarray:
    """Return twice the mean scaled pinball loss over the probabilities: an approximation of the scaled CRPS.

    Parameters
    ----------
    quantiles : ndarray (series, horizon, probabilities)
    probabilities : ndarray (probabilities,)
    observed : ndarray (series, horizon)
    size : ndarray (series,)

    Notes
    -----
    2 ∫ ρ_p(y − q_p) dp by the trapezium rule over the probabilities given, divided by their range.
    """
    error = observed[..., None] - quantiles
    loss = 2 * np.maximum(probabilities * error, (probabilities - 1) * error) / size[:, None, None]
    if len(probabilities) == 1:
        return loss[..., 0]
    return np.trapezoid(loss, probabilities, axis=-1) / (probabilities[-1] - probabilities[0])


def pit(quantiles: np.ndarray, probabilities: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Return where what came lies in its predictive distribution, from 0 to 1: uniform when forecasts are calibrated.

    Between quantiles by interpolation; beyond the outermost ones half their tail, so that a histogram counts them at the ends.
    """
    low, high = probabilities[0] / 2, (1 + probabilities[-1]) / 2
    flat, seen = quantiles.reshape(-1, quantiles.shape[-1]), observed.ravel()
    found = [np.interp(value, row, probabilities, left=low, right=high) for row, value in zip(flat, seen, strict=True)]
    return np.where(np.isnan(seen), np.nan, found).reshape(observed.shape)


def owa(smape_mean: float, mase_mean: float, smape_base: float, mase_base: float) -> float:
    """Return the overall weighted average of M4: the mean of sMAPE and MASE relative to a base (Naive2).

    >>> round(owa(8.0, 0.9, 10.0, 1.0), 9)
    0.85
    """
    return (smape_mean / smape_base + mase_mean / mase_base) / 2


def paired_bootstrap(
    difference: np.ndarray, level: float = 95, count: int = 2000, seed: int = 57
) -> tuple[float, float, float]:
    """Return the mean of per-series differences and its percentile interval, series drawn with replacement.

    >>> [round(x, 3) for x in paired_bootstrap(np.full(9, 0.25))]
    [0.25, 0.25, 0.25]
    """
    known = difference[~np.isnan(difference)]
    rng = np.random.default_rng(seed)
    means = np.array([known[rng.integers(0, len(known), len(known))].mean() for _ in range(count)])
    low, high = np.percentile(means, [50 - level / 2, 50 + level / 2])
    return float(known.mean()), float(low), float(high)


def reliability(probability: np.ndarray, happened: np.ndarray, bins: int = 10) -> list[dict]:
    """Return a reliability table: per bin of the forecast probability, its mean and how often the event happened.

    Parameters
    ----------
    probability, happened : ndarray (forecasts,)
        In [0, 1]; 0 or 1.

    Returns
    -------
    list of dict
        lower, upper, count, forecast, observed; empty bins are left out.
    """
    place = np.minimum((probability * bins).astype(int), bins - 1)
    rows = []
    for number in range(bins):
        inside = place == number
        if inside.any():
            ends = {"lower": number / bins, "upper": (number + 1) / bins, "count": int(inside.sum())}
            rows.append(ends | {"forecast": probability[inside].mean(), "observed": happened[inside].mean()})
    return rows


def brier(probability: np.ndarray, happened: np.ndarray) -> float:
    """Return the Brier score, the mean of (p − event)²: 0 is perfect.

    >>> brier(np.array([0.8, 0.3]), np.array([1.0, 0.0])).__round__(3)
    0.065
    """
    return float(np.mean((probability - happened) ** 2))
