"""The members of the default forecast: five models of trend whose median is the point that learning starts from.

A batch of series in, every member's forecasts out. Theta and exponential smoothing are what forecasting competitions found best on short
annual series; the damped trend is their cautious form; the one on logarithms is for growth that multiplies; the median change is not
moved by one odd year.
"""

from dataclasses import dataclass

import numpy as np

from nq57lab.forecast.models import bank
from nq57lab.forecast.models.trend import lengths

MEMBERS = ("theta", "damped", "ets", "damped_log", "robust")
LONGEST = 60  # what is older says little about the coming years
LARGEST_LOG = 300.0
FAR = 30.0  # a member is cut at this many mean absolute changes a period ahead


@dataclass(frozen=True)
class Members:
    """Forecasts (members, series, horizon) in the order of :data:`MEMBERS`, and Theta's one-step error (root mean square) of every series."""

    ahead: np.ndarray
    error: np.ndarray

    @property
    def middle(self) -> np.ndarray:
        """The median of the members: (series, horizon)."""
        return np.sort(self.ahead, axis=0)[len(self.ahead) // 2]


def members(y: np.ndarray, horizon: int, logs: np.ndarray | None = None) -> Members:
    """Forecast a batch by every member.

    Parameters
    ----------
    y : ndarray (series, periods)
        A batch aligned at its last period, NaN before a series begins.
    horizon : int
        Periods ahead.
    logs : ndarray of bool (series,), optional
        Where logarithms have a meaning (not for growth rates); where they do not, or a value is not positive, the member on logarithms is the
        damped trend.

    Examples
    --------
    >>> members(np.arange(1.0, 13.0)[None], 2).middle.round(6).tolist()
    [[13.0, 14.0]]
    """
    n = np.minimum(lengths(y), LONGEST)
    ahead, error = np.empty((len(MEMBERS), len(y), horizon)), np.empty(len(y))
    allowed = np.ones(len(y), bool) if logs is None else logs
    for length in np.unique(n):
        rows = np.flatnonzero(n == length)
        ahead[:, rows], error[rows] = _of_length(y[rows, -length:], horizon, allowed[rows])
    return Members(ahead, error)


def _of_length(y: np.ndarray, horizon: int, logs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Forecast series of one length, which are moved to their last value and scaled first."""
    n = y.shape[1]
    changes = np.diff(y, axis=1)
    size = np.abs(changes).mean(axis=1)
    size = np.where(size > 0, size, 1.0)[:, None]
    last = y[:, -1:]
    z = (y - last) / size
    filters = bank.theta(n, horizon)
    loss = bank.losses(z, filters)
    found = [bank.forecasts(z, filters, np.argmin(loss, axis=1))]
    error = np.sqrt(loss.min(axis=1) / (n - 2)) * size[:, 0]
    damped, chosen = _smoothed(z, horizon)
    robust = np.median(changes / size, axis=1)[:, None] * np.arange(1, horizon + 1)
    log = damped.copy()
    use = logs & (y.min(axis=1) > 0)
    if use.any():
        log[use] = _on_logs(y[use], horizon, last[use], size[use])
    limit = FAR * np.arange(1, horizon + 1)
    found += [damped, chosen, log, robust]
    return np.clip(np.stack(found), -limit, limit) * size + last, error


def _smoothed(z: np.ndarray, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the damped trend, and the level, trend or damped trend with the least corrected information criterion."""
    n = z.shape[1]
    best, scores = [], []
    for shape in ("damped", "level", "trend"):
        filters = bank.smoothing(n, horizon, shape)
        loss = bank.losses(z, filters)
        k = filters.paid[0]
        best.append(bank.forecasts(z, filters, np.argmin(loss, axis=1)))
        scores.append(n * np.log(loss.min(axis=1) / n + 1e-12) + 2 * k + 2 * k * (k + 1) / max(n - k - 1, 1))
        if n - k - 1 < 1:
            scores[-1] += np.inf
    pick = np.argmin(np.stack(scores), axis=0)
    return best[0], np.stack(best)[pick, np.arange(len(z))]


def _on_logs(y: np.ndarray, horizon: int, last: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return the damped trend of the logarithms, as scaled distance from the last value."""
    logs = np.log(y)
    filters = bank.smoothing(y.shape[1], horizon, "damped")
    start = logs[:, -1:]
    best = np.argmin(bank.losses(logs - start, filters), axis=1)
    ahead = bank.forecasts(logs - start, filters, best) + start
    return (np.exp(np.minimum(ahead, LARGEST_LOG)) - last) / size
