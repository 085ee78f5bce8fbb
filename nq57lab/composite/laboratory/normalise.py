"""Normalisation: bring indicators to one scale on which higher is better.

Small vector functions; the direction is applied here, once, and nowhere else. Every function takes the values of one indicator
(NaN stays NaN) and its direction. What cannot be scaled raises :class:`Unscalable` with the code of a message.
"""

from collections.abc import Callable

import numpy as np
from scipy import stats

from nq57lab.composite.laboratory.equal import is_constant, snapped


class Unscalable(ValueError):
    """An indicator that a method cannot normalise: ``code`` names the message, ``found`` what was found."""

    def __init__(self, code: str, found: object):
        super().__init__(code)
        self.code, self.found = code, found


def _ends(x: np.ndarray) -> tuple[float, float]:
    low, high = float(np.nanmin(x)), float(np.nanmax(x))
    if is_constant(x):
        raise Unscalable("index_zero_range", low)
    return low, high


def minmax(x: np.ndarray, direction: float = 1.0, low: float = 0.0, high: float = 100.0) -> np.ndarray:
    """Scale to [low, high] by the smallest and the largest value.

    Notes
    -----
    (x − min) / (max − min) · (high − low) + low of direction · x.

    Examples
    --------
    >>> minmax(np.array([1.0, 2.0, 3.0]), -1).tolist()
    [100.0, 50.0, 0.0]
    """
    y = direction * x
    bottom, top = _ends(y)
    return (y - bottom) / (top - bottom) * (high - low) + low


def scaled(x: np.ndarray, direction: float = 1.0, low: float = 0.0, high: float = 100.0) -> np.ndarray:
    """Express on 0–100 a value of a scale that runs from ``low`` to ``high``, turned round for direction −1; nothing is truncated.

    Examples
    --------
    >>> scaled(np.array([1.0, 4.0]), -1, 1, 5).tolist()
    [100.0, 25.0]
    """
    share = (x - low) / (high - low)
    return 100 * (share if direction > 0 else 1 - share)


def zscore(x: np.ndarray, direction: float = 1.0, mean: float = 0.0, sd: float = 1.0) -> np.ndarray:
    """Standardise to a mean and a standard deviation (n − 1).

    Examples
    --------
    >>> zscore(np.array([1.0, 2.0, 3.0]), 1, 10, 2).tolist()
    [8.0, 10.0, 12.0]
    """
    y = direction * x
    _ends(y)
    return (y - np.nanmean(y)) / np.nanstd(y, ddof=1) * sd + mean


def rank(x: np.ndarray, direction: float = 1.0) -> np.ndarray:
    """Rank from 1 for the worst; equal values share the lower number.

    Examples
    --------
    >>> rank(np.array([5.0, 7.0, 7.0, np.nan])).tolist()
    [1.0, 2.0, 2.0, nan]
    """
    return stats.rankdata(snapped(direction * x), method="min", nan_policy="omit").astype(float)


def borda(x: np.ndarray, direction: float = 1.0) -> np.ndarray:
    """Count the units that are worse: rank − 1."""
    return rank(x, direction) - 1


def percentile_rank(x: np.ndarray, direction: float = 1.0) -> np.ndarray:
    """Return (rank − 1) / (n − 1), n the units observed.

    Examples
    --------
    >>> percentile_rank(np.array([5.0, 7.0, 9.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    n = np.count_nonzero(~np.isnan(x))
    if n < 2:
        raise Unscalable("index_zero_range", float(np.nanmax(x)))
    return borda(x, direction) / (n - 1)


def dist2max(x: np.ndarray, direction: float = 1.0) -> np.ndarray:
    """Return 1 − (best − x) / (best − worst).

    Examples
    --------
    >>> dist2max(np.array([0.0, 1.0, 4.0])).tolist()
    [0.0, 0.25, 1.0]
    """
    y = direction * x
    bottom, top = _ends(y)
    return 1 - (top - y) / (top - bottom)


def dist2ref(x: np.ndarray, direction: float, reference: float, *, truncate: bool = False) -> np.ndarray:
    """Return 1 − (reference − x) / (reference − worst): 1 at the reference value, 0 at the worst unit.

    Parameters
    ----------
    x : ndarray of float, shape (n_units,)
        Values of one indicator.
    direction : float
        +1 or −1.
    reference : float
        The value of a unit, or a target, in the indicator's unit.
    truncate : bool
        Hold what is beyond the reference at 1.

    Raises
    ------
    Unscalable
        If the reference is missing or not better than the worst value.

    Examples
    --------
    >>> dist2ref(np.array([10.0, 20.0, 40.0]), -1, 20.0).tolist()
    [1.5, 1.0, 0.0]
    """
    if np.isnan(reference):
        raise Unscalable("index_no_reference", "")
    y, mark = direction * x, direction * reference
    worst = float(np.nanmin(y))
    if mark <= worst or is_constant(np.array([mark, worst])):
        raise Unscalable("index_reference_worst", reference)
    result = 1 - (mark - y) / (mark - worst)
    return np.minimum(result, 1.0) if truncate else result


def fracmax(x: np.ndarray, direction: float = 1.0) -> np.ndarray:
    """Return the fraction of the best value: x / max, or min / x where lower is better.

    Notes
    -----
    Only for positive values: a ratio of signs has no meaning, and −x / max(−x) would turn the order round again.

    Examples
    --------
    >>> fracmax(np.array([1.0, 2.0, 4.0])).tolist()
    [0.25, 0.5, 1.0]
    >>> fracmax(np.array([1.0, 2.0, 4.0]), -1).tolist()
    [1.0, 0.5, 0.25]
    """
    low, high = float(np.nanmin(x)), float(np.nanmax(x))
    if low < 0 or high == 0 or (direction < 0 and low == 0):
        raise Unscalable("index_not_positive", low)
    return x / high if direction > 0 else low / x


def goalposts(
    x: np.ndarray,
    direction: float,
    low: float,
    high: float,
    *,
    truncate: bool = True,
    scale: tuple[float, float] = (0.0, 1.0),
) -> np.ndarray:
    """Scale by fixed goalposts: the way from ``low`` to ``high``, turned round for direction −1.

    Parameters
    ----------
    x : ndarray of float, shape (n_units,)
        Values of one indicator.
    direction : float
        +1 or −1.
    low, high : float
        Goalposts in the indicator's unit, low < high whatever the direction.
    truncate : bool
        Hold values outside of the goalposts at the ends.
    scale : (float, float)
        What the ends are mapped to.

    Examples
    --------
    >>> goalposts(np.array([10.0, 52.5, 85.0]), 1, 20, 85).tolist()
    [0.0, 0.5, 1.0]
    """
    share = (x - low) / (high - low)
    share = share if direction > 0 else 1 - share
    share = np.clip(share, 0.0, 1.0) if truncate else share
    return scale[0] + share * (scale[1] - scale[0])


# Methods without parameters of their own beyond the direction.
PLAIN: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "rank": rank,
    "percentile_rank": percentile_rank,
    "borda": borda,
    "dist2max": dist2max,
    "fracmax": fracmax,
}
