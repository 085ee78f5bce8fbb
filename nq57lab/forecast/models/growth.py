"""Growth towards a ceiling: logistic and Gompertz curves for batches of series.

For a given ceiling both curves are straight lines on a transformed scale, so that only the ceiling is searched for, over all series at once.
"""

import numpy as np

from nq57lab.forecast.models.trend import Fit, lengths

CEILINGS = np.concatenate([np.linspace(1.02, 1.5, 13), np.geomspace(1.6, 20, 14)])  # in units of the largest value
ANCHOR = 1e-3  # values are kept this share of the ceiling away from 0 and from the ceiling


def ceiling(y: np.ndarray, horizon: int, limit: np.ndarray | None = None) -> Fit:
    """Forecast an approach to a ceiling by the better of the logistic and the Gompertz curve.

    Parameters
    ----------
    y : ndarray (series, periods)
        A batch; series with values that are not positive are forecast by their last value.
    horizon : int
        Periods ahead.
    limit : ndarray (series,), optional
        The ceiling where it is known (100 for a share); else it is searched for, from 1.02 to 20 times the largest value.

    Returns
    -------
    Fit
        Parameters limit, curve (0 logistic, 1 Gompertz), spread (variance ahead, as of a random walk around the curve).

    Notes
    -----
    Logistic: ln(y / (K − y)) = a + bt; Gompertz: −ln(−ln(y / K)) = a + bt. For each K the line is the least-squares line, and the K and curve with
    the least sum of squared errors of y are taken. The forecast starts from the last value: it adds the curve's change.

    Examples
    --------
    >>> t = np.arange(16.0)
    >>> fit = ceiling((90 / (1 + np.exp(3 - 0.5 * t)))[None], 30)
    >>> round(float(fit.mean[0, -1]))
    90
    """
    n = lengths(y)
    largest = np.nanmax(y, axis=1)
    positive = (np.nanmin(y, axis=1) > 0) & (largest > 0)
    safe = np.where(positive[:, None], y, np.where(np.isnan(y), np.nan, 1.0))
    largest = np.where(positive, largest, 1.0)
    t = np.arange(y.shape[1]) - (y.shape[1] - n)[:, None]
    t = np.where(np.isnan(y), np.nan, t)
    ahead = n[:, None] + np.arange(horizon)
    best = np.full(len(y), np.inf)
    state = {"limit": np.ones(len(y)), "curve": np.zeros(len(y), int)}
    fitted, future = np.array(safe), np.zeros((len(y), horizon))
    for k in [limit] if limit is not None else [largest * c for c in CEILINGS]:
        share = np.clip(safe / k[:, None], ANCHOR, 1 - ANCHOR)
        for curve, (ahead_of, back) in enumerate(((_logit, _logistic), (_gompit, _gompertz))):
            slope, start = _line(t, ahead_of(share))
            inside = back(start[:, None] + slope[:, None] * t) * k[:, None]
            loss = np.nansum((safe - inside) ** 2, axis=1)
            better = loss < best
            best = np.where(better, loss, best)
            state = {"limit": np.where(better, k, state["limit"]), "curve": np.where(better, curve, state["curve"])}
            fitted = np.where(better[:, None], inside, fitted)
            line = back(start[:, None] + slope[:, None] * ahead) * k[:, None]
            future = np.where(better[:, None], line, future)
    mean = np.where(positive[:, None], y[:, -1:] + future - fitted[:, -1:], y[:, -1:])
    level = np.where(positive[:, None], fitted, 0.0)
    errors = np.diff(y, axis=1, prepend=np.nan) - np.diff(level, axis=1, prepend=np.nan)
    spread = np.broadcast_to(np.arange(1, horizon + 1.0), mean.shape)
    return Fit(mean, errors, state | {"spread": spread})


def _line(t: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return slope and intercept of the least-squares line of every row."""
    middle, mean = np.nanmean(t, axis=1), np.nanmean(z, axis=1)
    apart = t - middle[:, None]
    slope = np.nansum(apart * (z - mean[:, None]), axis=1) / np.maximum(np.nansum(apart**2, axis=1), 1e-12)
    return slope, mean - slope * middle


def _logit(share):
    return np.log(share / (1 - share))


def _logistic(z):
    return 1 / (1 + np.exp(-np.clip(z, -700, 700)))


def _gompit(share):
    return -np.log(-np.log(share))


def _gompertz(z):
    return np.exp(-np.exp(np.clip(-z, -700, 700)))
