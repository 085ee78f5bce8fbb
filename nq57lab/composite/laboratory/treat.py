"""Outliers: winsorise an indicator, take its logarithm or its Box–Cox transform, or hold it within limits.

Vectors in, treated vectors and what was done to them out. Without orders an indicator is judged by its sample skewness and kurtosis
only; single values are never judged by themselves. No treatment makes different values all equal.
"""

from dataclasses import dataclass

import numpy as np

from nq57lab.composite.laboratory.equal import DIGITS, is_constant, margin, snapped


@dataclass(frozen=True)
class Treatment:
    """What was done to one indicator: an action of :data:`ACTIONS`, the points moved, and skewness and kurtosis around it."""

    action: str
    points: int
    skew_before: float
    kurt_before: float
    skew_after: float
    kurt_after: float
    passed: bool


LOGARITHMS = ("log", "log_ct_orig", "log_ct_plus", "log_gii")
TRANSFORMS = (*LOGARITHMS, "boxcox")  # they leave the indicator's own unit
ACTIONS = ("none", "winsorise", *TRANSFORMS, "limits")


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
    if is_constant(x):
        return np.nan, np.nan
    d = x - x.mean()
    d = d / np.abs(d).max()  # fourth powers of very large or very small numbers are no numbers
    square = d * d
    m2 = square.mean()
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
    x: np.ndarray, winmax: int = 5, skew_limit: float = 2.0, kurt_limit: float = 3.5, *, forced: bool = False
) -> tuple[np.ndarray, int, bool]:
    """Move the most extreme points to the next value, one at a time, until the vector passes or ``winmax`` points have moved.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        Values; NaN stays NaN.
    skew_limit, kurt_limit : float
        What :func:`passes` takes.
    forced : bool
        Move ``winmax`` points whether or not the vector passes.

    Returns
    -------
    values : ndarray of float, shape (n,)
    points : int
        Points moved.
    passed : bool

    Notes
    -----
    At a skewness ≥ 0 every point at the maximum (those moved earlier included) takes the next lower value; else every point at the
    minimum takes the next higher. The count is the size of the latest high set plus that of the latest low set. It stops before the
    last two values would become one: a zero-inflated indicator keeps what it says.

    References
    ----------
    The method of COINr (Becker et al. 2022, Journal of Open Source Software 7(78)), after the JRC's guidance.

    Examples
    --------
    >>> winsorise(np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 1000]))[:2]
    (array([1., 2., 3., 4., 5., 6., 7., 8., 9., 9.]), 1)
    >>> winsorise(np.array([0.0] * 20 + [1.0]))[1:]
    (0, False)
    """
    y = x.copy()
    high = low = 0
    noise = margin(x)
    while True:
        skew, kurt = shape(y)
        good = passes(skew, kurt, skew_limit, kurt_limit)
        if (good and not forced) or high + low >= winmax or np.isnan(skew):
            return y, high + low, good
        seen = y[~np.isnan(y)]
        top, bottom = float(seen.max()), float(seen.min())
        at_top, at_bottom = y >= top - max(DIGITS * abs(top), noise), y <= bottom + max(DIGITS * abs(bottom), noise)
        if (at_top | at_bottom)[~np.isnan(y)].all():  # two values are left
            return y, high + low, good
        if skew >= 0:
            y[at_top] = y[~at_top & ~np.isnan(y)].max()
            high = int(at_top.sum())
        else:
            y[at_bottom] = y[~at_bottom & ~np.isnan(y)].min()
            low = int(at_bottom.sum())


class LogReversed(ValueError):
    """The GII's logarithm of a vector whose maximum is not above 1 would turn it round, or make it one value."""

    def __init__(self, largest: float):
        super().__init__(str(largest))
        self.largest = largest


def logarithm(x: np.ndarray, kind: str = "log") -> np.ndarray:
    """Return a logarithm of a vector moved to where it has one; the order of the values stays.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        Values that differ; NaN stays NaN.
    kind : str
        One of :data:`LOGARITHMS`.

    Raises
    ------
    LogReversed
        For ``log_gii`` of a vector whose maximum is not above 1.

    Notes
    -----
    With a = 0.01 (max − min): ``log`` is ln(x − min + a), COINr's log_CT; ``log_ct_orig`` is ln(x − min + 1), the COIN Tool's;
    ``log_ct_plus`` is the first for a positive skewness and −ln(max + a − x) for any other; ``log_gii`` is
    ln((max − 1)(x − min) / (max − min) + 1), of the Global Innovation Index 2020.

    References
    ----------
    ``log_CT``, ``log_CT_orig``, ``log_CT_plus`` and ``log_GII`` of COINr (Becker et al. 2022). COINr documents that ``log_GII``
    turns round an indicator whose maximum is below 1; here that is refused.

    Examples
    --------
    >>> x = np.array([0.0, 1.0, 100.0])
    >>> logarithm(x).round(4).tolist(), logarithm(x, "log_ct_orig").round(4).tolist()
    ([0.0, 0.6931, 4.6151], [0.0, 0.6931, 4.6151])
    >>> logarithm(-x, "log_ct_plus").round(4).tolist(), logarithm(x, "log_gii").round(4).tolist()
    ([-0.0, -0.6931, -4.6151], [0.0, 0.6881, 4.6052])
    """
    low, high = np.nanmin(x), np.nanmax(x)
    shift = 0.01 * (high - low)
    if kind == "log_ct_orig":
        return np.log(x - low + 1)
    if kind == "log_gii":
        if high <= 1 or is_constant(np.array([high, 1.0])):
            raise LogReversed(float(high))
        return np.log((high - 1) * ((x - low) / (high - low)) + 1)
    if kind == "log_ct_plus" and not shape(x)[0] > 0:
        return -np.log(high + shift - x)
    return np.log(x - low + shift)


def box_cox(x: np.ndarray, power: float | None = None) -> np.ndarray:
    """Return the Box–Cox transform (x^λ − 1) / λ, the logarithm for λ = 0; a vector that is not positive is moved just above zero.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        Values that differ; NaN stays NaN.
    power : float, optional
        λ; by default the one of the largest likelihood.

    References
    ----------
    Box and Cox (1964), An analysis of transformations, Journal of the Royal Statistical Society B 26; ``boxcox`` of COINr.

    Examples
    --------
    >>> box_cox(np.array([1.0, 2.0, 4.0]), 2).tolist()
    [0.0, 1.5, 7.5]
    """
    from scipy import stats

    low, high = np.nanmin(x), np.nanmax(x)
    moved = x - low + 0.01 * (high - low) if low <= 0 else x
    if power is None:
        power = float(stats.boxcox_normmax(moved[~np.isnan(moved)], method="mle"))
    return np.log(moved) if power == 0 else (moved**power - 1) / power


@dataclass(frozen=True)
class Orders:
    """How one indicator is treated."""

    # auto (judge, winsorise, then `then`), none, or an action of ACTIONS: these whatever its skewness and
    # kurtosis.
    method: str = "auto"
    winmax: int = 5  # points that may be winsorised; 0 to go to the transform at once
    # skew and kurt: what passes takes.
    skew: float = 2.0
    kurt: float = 3.5
    # what a vector that winsorising does not mend gets: one of TRANSFORMS (the winsorising undone; kept even
    # if it still fails), none.
    then: str = "log"
    limits: tuple[float, float] | None = None  # values outside are held at the ends (an end may be NaN)
    power: float | None = None  # Box–Cox's λ


def treat(x: np.ndarray, orders: Orders = Orders()) -> tuple[np.ndarray, Treatment]:
    """Treat one indicator.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        Values of one indicator; NaN stays NaN.

    Returns
    -------
    values : ndarray of float, shape (n,)
    done : Treatment
        ``passed`` is False where the indicator fails and nothing was done that would mend it: with two values only, no treatment can.

    Raises
    ------
    LogReversed
        As of :func:`logarithm`.
    """
    skew, kurt = shape(x)
    fine = passes(skew, kurt, orders.skew, orders.kurt)
    same = Treatment("none", 0, skew, kurt, skew, kurt, fine)
    method = orders.method
    if method == "none" or (method == "auto" and fine) or (is_constant(x) and method != "limits"):
        return x, same
    y, points, action = x, 0, method
    if method == "limits":
        assert orders.limits is not None
        low, high = orders.limits
        y = np.fmin(np.fmax(x, low), high) if len(x) else x
        y = np.where(np.isnan(x), np.nan, y)
        points = int((y != x)[~np.isnan(x)].sum())
        if not points:
            return x, same
    elif method in ("auto", "winsorise"):
        y, points, good = winsorise(x, orders.winmax, orders.skew, orders.kurt, forced=method == "winsorise")
        action = "winsorise"
        if method == "auto" and not good and orders.then != "none":
            if len(np.unique(snapped(x[~np.isnan(x)]))) < 3:
                return x, same  # a transform of two values is the same two values
            y, points, action = _transformed(x, orders.then, orders.power), 0, orders.then
        elif not points:
            return x, same
    else:
        y = _transformed(x, method, orders.power)
    after = shape(y)
    return y, Treatment(action, points, skew, kurt, *after, passes(*after, orders.skew, orders.kurt))


def _transformed(x: np.ndarray, name: str, power: float | None) -> np.ndarray:
    return box_cox(x, power) if name == "boxcox" else logarithm(x, name)
