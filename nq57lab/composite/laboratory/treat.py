"""Outliers: winsorise an indicator, or take its logarithm, until its skewness or its kurtosis is acceptable.

Vectors in, treated vectors and what was done to them out. An indicator is judged by its sample skewness and kurtosis only; single
values are never judged by themselves.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Treatment:
    """What was done to one indicator: "none", "winsorise" or "log", the points moved, and skewness and kurtosis around it."""

    action: str
    points: int
    skew_before: float
    kurt_before: float
    skew_after: float
    kurt_after: float
    passed: bool


def shape(x: np.ndarray) -> tuple[float, float]:
    """Return the sample skewness G1 and the sample excess kurtosis G2.

    Notes
    -----
    With central moments m: G1 = √(n (n − 1)) / (n − 2) · m3 / m2^1.5; G2 = (n − 1) / ((n − 2)(n − 3)) · ((n + 1) g2 + 6),
    g2 = m4 / m2² − 3. Missing values are left out. NaN for equal values, G1 for fewer than three, G2 for fewer than four.

    References
    ----------
    Joanes and Gill (1998), Comparing measures of sample skewness and kurtosis, The Statistician 47(1).

    Examples
    --------
    >>> [round(number, 6) for number in shape(np.array([1.0, 2.0, 3.0, 4.0, 10.0]))]
    [1.697056, 3.152]
    """
    x = x[~np.isnan(x)]
    n = len(x)
    if n < 3:
        return np.nan, np.nan
    d = x - x.mean()
    square = d * d
    m2 = square.mean()
    if m2 == 0:
        return np.nan, np.nan
    skew = float(np.sqrt(n * (n - 1)) / (n - 2) * (square @ d / n) / m2**1.5)
    if n < 4:
        return skew, np.nan
    g2 = square @ square / n / m2**2 - 3
    return skew, float((n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * g2 + 6))


def passes(skew: float, kurt: float, skew_limit: float = 2.0, kurt_limit: float = 3.5) -> bool:
    """Tell whether a distribution needs no treatment: \\|skewness\\| below its limit **or** kurtosis below its limit.

    What has no skewness (fewer than three values, or equal ones) needs none.
    """
    return bool(np.isnan(skew) or abs(skew) < skew_limit or kurt < kurt_limit)


def winsorise(
    x: np.ndarray, winmax: int = 5, skew_limit: float = 2.0, kurt_limit: float = 3.5
) -> tuple[np.ndarray, int, bool]:
    """Move the most extreme points to the next value, one at a time, until the vector passes or ``winmax`` points have moved.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        Values; NaN stays NaN.
    winmax : int
        Points that may be moved.
    skew_limit, kurt_limit : float
        What :func:`passes` takes.

    Returns
    -------
    values : ndarray of float, shape (n,)
    points : int
        Points moved.
    passed : bool

    Notes
    -----
    At a skewness ≥ 0 every point at the maximum (those moved earlier included) takes the next lower value; else every point at the
    minimum takes the next higher. The count is the size of the latest high set plus that of the latest low set.

    References
    ----------
    The method of COINr (Becker et al. 2022, Journal of Open Source Software 7(78)), after the JRC's guidance.

    Examples
    --------
    >>> winsorise(np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 1000]))[:2]
    (array([1., 2., 3., 4., 5., 6., 7., 8., 9., 9.]), 1)
    """
    y = x.copy()
    high = low = 0
    while True:
        skew, kurt = shape(y)
        good = passes(skew, kurt, skew_limit, kurt_limit)
        if good or high + low >= winmax:
            return y, high + low, good
        seen = y[~np.isnan(y)]
        if skew >= 0:
            top = seen.max()
            at = y == top
            y[at] = seen[seen < top].max()
            high = int(at.sum())
        else:
            bottom = seen.min()
            at = y == bottom
            y[at] = seen[seen > bottom].min()
            low = int(at.sum())


def log_shifted(x: np.ndarray) -> np.ndarray:
    """Return log(x − min + 0.01 · range): the logarithm of a vector moved just above zero.

    Examples
    --------
    >>> log_shifted(np.array([0.0, 100.0])).round(4).tolist()
    [0.0, 4.6151]
    """
    low, high = np.nanmin(x), np.nanmax(x)
    return np.log(x - low + 0.01 * (high - low))


def treat(
    x: np.ndarray, winmax: int = 5, skew_limit: float = 2.0, kurt_limit: float = 3.5, *, log: bool = True
) -> tuple[np.ndarray, Treatment]:
    """Treat one indicator: winsorise, and where that does not suffice take the logarithm of the original.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        Values of one indicator; NaN stays NaN.
    winmax : int
        Points that may be winsorised; 0 to go to the logarithm at once.
    skew_limit, kurt_limit : float
        What :func:`passes` takes.
    log : bool
        Whether a vector that winsorising does not mend is undone and its logarithm taken (kept even if it still fails); else
        the winsorised vector is kept.

    Returns
    -------
    values : ndarray of float, shape (n,)
    done : Treatment
    """
    skew, kurt = shape(x)
    if passes(skew, kurt, skew_limit, kurt_limit):
        return x, Treatment("none", 0, skew, kurt, skew, kurt, True)
    y, points, good = winsorise(x, winmax, skew_limit, kurt_limit)
    action = "winsorise"
    if not good and log:
        y, points, action = log_shifted(x), 0, "log"
    after = shape(y)
    return y, Treatment(action, points, skew, kurt, *after, passes(*after, skew_limit, kurt_limit))
