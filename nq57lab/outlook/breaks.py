"""One structural break: the period after which a series changes at another pace.

Series in, the likeliest break with its test out. The break is told beside the forecast and in the sensitivity of P; the default forecast
keeps the whole history, as its coverage was measured so.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

EDGE = 3  # changes kept on either side of a break
SIZE = 0.05
SIMULATIONS, SEED = 4000, 57


@dataclass(frozen=True)
class Break:
    """The likeliest break: after how many points, the F statistic, the critical value, the mean changes before and after."""

    after: int
    statistic: float
    critical: float
    before: float
    since: float

    @property
    def found(self) -> bool:
        """Whether the statistic exceeds its 5% critical value."""
        return self.statistic > self.critical


def find(values: np.ndarray) -> Break | None:
    """Look for one break in the mean change of a series.

    Parameters
    ----------
    values : ndarray (periods,)
        A whole series; None is returned where it has fewer than ten points, too few to tell.

    Notes
    -----
    sup F over all places with at least three changes on either side (Andrews 1993, Econometrica 61), on logarithms where every value is positive and the
    series grows more than twofold, with the critical value of independent normal changes simulated for the same length: a
    random walk with drift has no break in 95 of 100 cases.

    Examples
    --------
    >>> noise = 0.1 * np.sin(np.arange(24.0) ** 2)
    >>> found = find(np.r_[np.arange(12.0), 11 + 3 * np.arange(1, 13.0)] + noise)
    >>> found.found, found.after
    (True, 12)
    """
    values = np.asarray(values, dtype=float)
    if len(values) < 2 * EDGE + 4:
        return None
    if values.min() > 0 and values.max() > 2 * values.min():
        values = np.log(values)
    changes = np.diff(values)
    statistics = _statistics(changes[None])[0]
    place = int(np.argmax(statistics))
    after = place + EDGE
    return Break(
        after + 1,
        float(statistics[place]),
        critical(len(changes)),
        float(changes[:after].mean()),
        float(changes[after:].mean()),
    )


def _statistics(changes: np.ndarray) -> np.ndarray:
    """Return the F statistic of a shift in the mean at every admissible place: (series, places)."""
    n = changes.shape[1]
    places = np.arange(EDGE, n - EDGE + 1)
    sums, squares = np.cumsum(changes, axis=1), np.sum(changes**2, axis=1)
    left, whole = sums[:, places - 1], sums[:, -1:]
    within = squares[:, None] - left**2 / places - (whole - left) ** 2 / (n - places)
    total = squares[:, None] - whole**2 / n
    return (total - within) / np.maximum(within / (n - 2), 1e-12 * np.maximum(squares[:, None], 1e-300))


@cache
def critical(changes: int) -> float:
    """Return the 5% critical value of sup F for so many independent normal changes, by simulation with a fixed seed."""
    rng = np.random.default_rng(SEED)
    return float(np.quantile(_statistics(rng.standard_normal((SIMULATIONS, changes))).max(axis=1), 1 - SIZE))
