"""The members of the default forecast: models of trend, the median of most of which is the point that learning starts from.

A batch of series in, every member's forecasts out. Theta, exponential smoothing and drift are what forecasting competitions found best on short annual
series; damped trend on logarithms is for growth that multiplies; the median change is not moved by one odd year; two autoregressions of the changes are for
indicators of countries, whose changes persist and fade: ARIMA(1,1,0), and one of three changes with a drift that both must be earned (ridge).
"""

from dataclasses import dataclass

import numpy as np

from nq57lab.forecast.models import bank
from nq57lab.forecast.models.trend import lengths

MEMBERS = ("theta", "ets", "damped_log", "robust", "persistent", "ridge", "drift")
# How many of them, from the left, the median is of: the changes of single months, once without season, say less of a lasting pace.
MEDIAN = {"yearly": 7, "quarterly": 7, "monthly": 5}
LONGEST = 60  # what is older says little about the coming years
LARGEST_LOG = 300.0
FAR = 30.0  # a member is cut at this many mean absolute changes a period ahead
LAGS, LAG_COST, DRIFT_COST = (
    3,
    1.0,
    20.0,
)  # changes looked back on; what older ones (in mean squares) and a drift (in periods) must earn
STATIONARY = 0.98  # the most that coefficients of changes add up to


@dataclass(frozen=True)
class Members:
    """Forecasts (members, series, horizon) in the order of :data:`MEMBERS`, Theta's one-step error (root mean square) of every series, and the frequency."""

    ahead: np.ndarray
    error: np.ndarray
    frequency: str

    @property
    def middle(self) -> np.ndarray:
        """The median of the frequency's members: (series, horizon)."""
        count = MEDIAN[self.frequency]
        return np.sort(self.ahead[:count], axis=0)[count // 2]


def members(y: np.ndarray, horizon: int, logs: np.ndarray | None = None, frequency: str = "yearly") -> Members:
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
    frequency : str
        yearly, quarterly or monthly: which members the median is of.

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
    return Members(ahead, error, frequency)


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
    z_changes, steps = changes / size, np.arange(1, horizon + 1)
    robust, drift = (middle(z_changes, axis=1)[:, None] * steps for middle in (np.median, np.mean))
    log = damped.copy()
    use = logs & (y.min(axis=1) > 0)
    if use.any():
        log[use] = _on_logs(y[use], horizon, last[use], size[use])
    limit = FAR * np.arange(1, horizon + 1)
    found += [chosen, log, robust, _persistent(z_changes, horizon, 1, 0.0)]
    found += [_persistent(z_changes, horizon, LAGS, LAG_COST, DRIFT_COST), drift]
    return np.clip(np.stack(found), -limit, limit) * size + last, error


def _persistent(changes: np.ndarray, horizon: int, lags: int, cost: float, drift: float = np.inf) -> np.ndarray:
    """Return cumulated forecasts of an autoregression of the changes by ridge regression: (series, horizon).

    Parameters
    ----------
    changes : ndarray (series, periods)
        Without gaps, in one scale.
    lags : int
        How many changes are looked back on.
    cost : float
        The penalty of the first lag in mean squares of the changes; lag k pays k times as much.
    drift : float
        The penalty of the constant, in periods; infinite for none.
    """
    windows = np.lib.stride_tricks.sliding_window_view(changes, lags + 1, axis=1)[..., ::-1]
    constant = np.ones((*windows.shape[:2], 1 if np.isfinite(drift) else 0))
    rows = np.concatenate([windows[..., 1:], constant], axis=-1)
    price = cost * (changes**2).mean(axis=1)[:, None] * np.arange(1, lags + 1)
    price = np.concatenate([price, np.full((len(changes), constant.shape[2]), drift)], axis=1) + 1e-9
    across = rows.transpose(0, 2, 1)
    normal = across @ rows + price[:, :, None] * np.eye(price.shape[1])
    found = np.linalg.solve(normal, across @ windows[..., :1])[..., 0]
    slopes, start = found[:, :lags], found[:, lags:].sum(axis=1)
    slopes = slopes * np.minimum(1, STATIONARY / np.maximum(np.abs(slopes).sum(axis=1), 1e-12))[:, None]
    past = changes[:, : -lags - 1 : -1]
    ahead = np.empty((len(changes), horizon))
    for step in range(horizon):
        ahead[:, step] = (slopes * past).sum(axis=1) + start
        past = np.concatenate([ahead[:, [step]], past[:, :-1]], axis=1)
    return np.cumsum(ahead, axis=1)


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
