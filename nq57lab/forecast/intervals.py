"""A predictive distribution as quantiles at fixed probabilities: its quantiles at any other, and the probability below a value."""

import numpy as np

BELOW = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45)
PROBABILITIES = np.array([*BELOW, 0.5, *(1 - p for p in reversed(BELOW))])


def _outside(quantile: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Return quantiles beyond the outermost ones by exponential tails that continue the last two."""
    first, second = quantile[..., :1], quantile[..., 1:2]
    low = first - (second - first) * np.log(PROBABILITIES[0] / probability) / np.log(
        PROBABILITIES[1] / PROBABILITIES[0]
    )
    last, before = quantile[..., -1:], quantile[..., -2:-1]
    rest = np.maximum(1 - probability, 1e-12)
    high = last + (last - before) * np.log((1 - PROBABILITIES[-1]) / rest) / np.log(PROBABILITIES[1] / PROBABILITIES[0])
    return np.where(probability < 0.5, low, high)


def at(quantile: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Return quantiles at any probabilities: linear between those known, exponential tails beyond them.

    Parameters
    ----------
    quantile : ndarray (..., probabilities)
        At :data:`PROBABILITIES`.
    probability : ndarray (k,)
        In (0, 1).

    Returns
    -------
    ndarray (..., k)
    """
    probability = np.asarray(probability, dtype=float)
    place = np.clip(np.searchsorted(PROBABILITIES, probability, side="right") - 1, 0, len(PROBABILITIES) - 2)
    left, right = PROBABILITIES[place], PROBABILITIES[place + 1]
    share = (probability - left) / (right - left)
    # Written so that between two equal quantiles (cut at a bound) the value is theirs, to the last bit.
    inner = quantile[..., place] + (quantile[..., place + 1] - quantile[..., place]) * share
    outer = (probability < PROBABILITIES[0]) | (probability > PROBABILITIES[-1])
    return np.where(outer, _outside(quantile, probability), inner)


def below(quantile: np.ndarray, value: float) -> float:
    """Return the probability of a value or less, given one forecast's quantiles at :data:`PROBABILITIES`.

    >>> round(below(np.linspace(-1, 1, 25), 0.0), 6)
    0.5
    """
    quantile = np.asarray(quantile, dtype=float)
    if value < quantile[0] or value > quantile[-1]:
        low = value < quantile[0]
        edge, next_ = (quantile[0], quantile[1]) if low else (quantile[-1], quantile[-2])
        distance, step = abs(value - edge), abs(next_ - edge)
        fall = np.log(PROBABILITIES[1] / PROBABILITIES[0])
        tail = PROBABILITIES[0] * np.exp(-distance / step * fall) if step > 0 else 0.0
        return float(tail if low else 1 - tail)
    place = int(np.clip(np.searchsorted(quantile, value, side="right") - 1, 0, len(quantile) - 2))
    width = quantile[place + 1] - quantile[place]
    share = (value - quantile[place]) / width if width > 0 else 1.0
    return float(PROBABILITIES[place] + share * (PROBABILITIES[place + 1] - PROBABILITIES[place]))
