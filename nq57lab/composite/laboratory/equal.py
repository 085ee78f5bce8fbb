"""When two numbers are the same: values that arithmetic alone tells apart (0.3 / 0.1 and 0.6 / 0.2) share ranks, ties and ends.

Vectors in, vectors or answers out. Two neighbours in order are equal when they agree to 12 digits, or to 15 digits of the largest value.
"""

import numpy as np

DIGITS = 1e-12
NOISE = 1e-15  # of the largest value: what is left when nearly equal numbers are subtracted


def margin(x: np.ndarray) -> float:
    """Return the noise of a vector: the distance below which two values next to zero are equal."""
    size = np.abs(x[~np.isnan(x)])
    return NOISE * float(size.max()) if len(size) else 0.0


def snapped(x: np.ndarray) -> np.ndarray:
    """Return a vector in which equal values are one number, the smallest of them; NaN stays NaN.

    Examples
    --------
    >>> snapped(np.array([0.3 / 0.1, 9 / 3, 4.0])).tolist()
    [2.9999999999999996, 2.9999999999999996, 4.0]
    """
    order = np.argsort(x, kind="stable")
    y = x[order]
    size = np.abs(y)
    with np.errstate(invalid="ignore"):
        near = np.diff(y) <= np.maximum(DIGITS * np.maximum(size[1:], size[:-1]), margin(x))
    first = np.maximum.accumulate(np.where(np.concatenate([[True], ~near]), np.arange(len(y)), 0)) if len(y) else order
    result = np.empty_like(y)
    result[order] = y[first]
    return result


def is_constant(x: np.ndarray) -> bool:
    """Tell whether all values observed are equal (one value is; no value is).

    >>> is_constant(np.array([0.3 / 0.1, 9 / 3, np.nan])), is_constant(np.array([1.0, 1.1]))
    (True, False)
    """
    seen = x[~np.isnan(x)]
    if not len(seen):
        return True
    low, high = float(seen.min()), float(seen.max())
    return high - low <= DIGITS * max(abs(low), abs(high))
