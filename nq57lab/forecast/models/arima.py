"""ARIMA with orders up to (2, 2, 2) by information criterion, exact likelihood, for batches of series.

The Kalman filter runs over all series of a batch at once; the parameters are searched for as partial autocorrelations, which keeps
every model stationary and invertible. The mean of the differenced series follows from generalised least squares.
"""

from itertools import product

import numpy as np

from nq57lab.forecast.models.trend import Fit, lengths

ORDERS = [(p, q) for p, q in product(range(3), range(3))]
KPSS_CRITICAL, LEVEL_LAGS = 0.463, 4  # the 5% point of the test of level stationarity
STEPS, BOUND = 18, 0.98


def choose(y: np.ndarray, horizon: int) -> Fit:
    """Forecast by the ARIMA(p, d, q), p, d, q ≤ 2, with the least corrected information criterion.

    Parameters
    ----------
    y : ndarray (series, periods)
        A batch.
    horizon : int
        Periods ahead.

    Returns
    -------
    Fit
        Parameters p, d, q, aicc, sigma2, spread (variance ahead in units of sigma2).

    Notes
    -----
    d is the least number of differences after which the KPSS test does not reject level stationarity at 5%, at most 2 (Hyndman and
    Khandakar 2008). The differenced series has a mean where d < 2 and the criterion with it is lower. Within d, AICc = −2 ln L + 2k + 2k(k+1)/(n−k−1)
    with the exact normal likelihood.

    Examples
    --------
    >>> fit = choose(np.cumsum(np.ones((1, 20)), axis=1) ** 1, 2)
    >>> fit.mean.round(6).tolist(), int(fit.parameters["d"][0])
    ([[21.0, 22.0]], 1)
    """
    size = np.nanmax(np.abs(y), axis=1)
    size = np.where(size > 0, size, 1.0)
    scaled = y / size[:, None]
    d = differences(scaled)
    mean, errors, spread = np.empty((len(y), horizon)), np.full(y.shape, np.nan), np.empty((len(y), horizon))
    state = {name: np.zeros(len(y)) for name in ("p", "q", "aicc", "sigma2")}
    for order in range(3):
        rows = np.flatnonzero(d == order)
        if not len(rows):
            continue
        part = scaled[rows]
        z = np.diff(part, n=order, axis=1) if order else part
        found = _best(z, horizon, order)
        mean[rows] = _integrate(part, found["mean"], order)
        errors[np.ix_(rows, np.arange(order, y.shape[1]))] = found["errors"]
        spread[rows] = _spread(found, order)
        for name in state:
            state[name][rows] = found[name]
    deviation = size[:, None]
    sigma2 = state["sigma2"] * size**2
    known = np.sum(~np.isnan(errors), axis=1)
    errors = errors * deviation
    observed = np.nansum(errors**2, axis=1) / np.maximum(known, 1)
    ratio = np.where(observed > 0, sigma2 / np.where(observed > 0, observed, 1), 1.0)
    return Fit(mean * deviation, errors, state | {"d": d, "spread": spread * ratio[:, None]})


def differences(y: np.ndarray) -> np.ndarray:
    """Return how many differences make each series level-stationary by the KPSS test: 0, 1 or 2."""
    found = np.zeros(len(y), int)
    open_ = np.ones(len(y), bool)
    z = y
    for _ in range(2):
        open_ = open_ & (kpss(z) > KPSS_CRITICAL)
        found += open_
        z = np.diff(z, axis=1)
    return found


def kpss(y: np.ndarray) -> np.ndarray:
    """Return the KPSS statistic of level stationarity with ⌊4 (n/100)^¼⌋ lags; 0 for a constant series.

    References
    ----------
    Kwiatkowski, Phillips, Schmidt, Shin (1992), Journal of Econometrics 54.
    """
    n = lengths(y).astype(float)
    e = np.where(np.isnan(y), 0.0, y - np.nanmean(y, axis=1, keepdims=True))
    sums = np.cumsum(e, axis=1) * ~np.isnan(y)
    variance = np.sum(e**2, axis=1) / n
    lags = np.floor(LEVEL_LAGS * (n / 100) ** 0.25).astype(int)
    for lag in range(1, lags.max(initial=0) + 1):
        weight = np.where(lag <= lags, 1 - lag / (lags + 1), 0.0)
        variance = variance + 2 * weight * np.sum(e[:, lag:] * e[:, :-lag], axis=1) / n
    constant = np.sum(e**2, axis=1) <= 1e-20 * np.nansum(y**2, axis=1)
    return np.where(constant, 0.0, np.sum(sums**2, axis=1) / n**2 / np.maximum(variance, 1e-300))


def _best(z: np.ndarray, horizon: int, order: int) -> dict:
    """Return the fits with the least criterion over all orders, with and without a mean."""
    best: dict = {}
    for p, q in ORDERS:
        for mean in (True, False) if order < 2 else (False,):
            found = _fit(z, p, q, mean, horizon)
            if not best:
                best = found
                continue
            better = found["aicc"] < best["aicc"]
            best = {
                name: np.where(better.reshape(-1, *[1] * (value.ndim - 1)), found[name], value)
                for name, value in best.items()
            }
    return best


def _coefficients(partial: np.ndarray) -> np.ndarray:
    """Return the coefficients of a stationary polynomial of order 0–2 from partial autocorrelations (order, series)."""
    if len(partial) < 2:
        return partial
    first, second = partial
    return np.stack([first * (1 - second), second])


def _moving(partial: np.ndarray) -> np.ndarray:
    """Return the coefficients of an invertible 1 + θ₁B + θ₂B² from partial values (order, series)."""
    return -_coefficients(-partial)


def _fit(z: np.ndarray, p: int, q: int, mean: bool, horizon: int) -> dict:
    """Maximise the likelihood of one order by a pattern search over partial autocorrelations, all series at once."""
    n, count = len(z), p + q
    partial = np.zeros((count, n))
    if count:
        starts = [np.full((count, n), value) for value in (0.0, 0.4, -0.4)]
        losses = np.stack([_loss(z, start, p, mean) for start in starts])
        pick = np.argmin(losses, axis=0)
        partial = np.stack(starts)[pick, :, np.arange(n)].T
        best = losses[pick, np.arange(n)]
        moves = np.array(
            [[sign * (row == axis) for row in range(count)] for axis in range(count) for sign in (-1, 1)]
        ).T
        wide = np.repeat(z, moves.shape[1], axis=0)
        step = np.full(n, 0.3)
        for _ in range(STEPS):
            tried = np.clip(partial[:, :, None] + moves[:, None] * step[:, None], -BOUND, BOUND)
            values = _loss(wide, tried.reshape(count, -1), p, mean).reshape(n, -1)
            pick = np.argmin(values, axis=1)
            found = values[np.arange(n), pick]
            better = found < best - 1e-12
            partial = np.where(better, tried[:, np.arange(n), pick], partial)
            best = np.where(better, found, best)
            step = np.where(better, step, step / 2)
    return _forecast(z, partial, p, mean, horizon)


def _loss(z: np.ndarray, partial: np.ndarray, p: int, mean: bool) -> np.ndarray:
    n = lengths(z)
    squares, logs, _, _ = _filter(z, partial, p, mean)
    return n * np.log(squares / n) + logs


def _filter(z: np.ndarray, partial: np.ndarray, p: int, mean: bool) -> tuple:
    """Return Σ e²/f, Σ ln f, the mean, and the last state of the exact Kalman filter of an ARMA (variance of shocks 1).

    Harvey's state space of dimension r = max(p, q + 1), started from the stationary distribution.
    """
    ar, ma = _coefficients(partial[:p]), _moving(partial[p:])
    count = z.shape[0]
    r = max(p, len(ma) + 1)
    phi, load = np.zeros((count, r)), np.zeros((count, r))
    phi[:, :p], load[:, 0], load[:, 1 : 1 + len(ma)] = ar.T, 1.0, ma.T
    step = np.zeros((count, r, r))
    step[:, :, 0] = phi
    step[:, np.arange(r - 1), np.arange(1, r)] = 1.0
    noise = load[:, :, None] * load[:, None, :]
    cover = _stationary(step, noise)
    known = ~np.isnan(z)
    state = np.zeros((count, r, 2))
    squares, logs = np.zeros((count, 3)), np.zeros(count)
    errors, spreads = np.full(z.shape, np.nan), np.ones(z.shape)
    shadow = np.full((*z.shape, 2), np.nan)
    for t in range(z.shape[1]):
        now = known[:, t]
        innovation = np.stack([np.where(now, np.nan_to_num(z[:, t]), 0.0), now.astype(float)], axis=1) - state[:, 0]
        f = np.maximum(cover[:, 0, 0], 1e-10)
        gain = np.where(now[:, None], cover[:, :, 0] / f[:, None], 0.0)
        innovation = np.where(now[:, None], innovation, 0.0)
        shadow[:, t], spreads[:, t] = innovation, np.where(now, f, 1.0)
        squares += (
            np.stack([innovation[:, 0] ** 2, innovation[:, 0] * innovation[:, 1], innovation[:, 1] ** 2], axis=1)
            / f[:, None]
        )
        logs += np.where(now, np.log(f), 0.0)
        state = step @ (state + gain[:, :, None] * innovation[:, None, :])
        updated = cover - gain[:, :, None] * cover[:, 0][:, None, :]
        updated = step @ updated @ step.transpose(0, 2, 1) + noise
        cover = np.where(now[:, None, None], updated, cover)
        state = np.where(now[:, None, None], state, 0.0)
    level = squares[:, 1] / np.maximum(squares[:, 2], 1e-12) if mean else np.zeros(count)
    total = squares[:, 0] - 2 * level * squares[:, 1] + level**2 * squares[:, 2]
    errors = np.where(known, (shadow[..., 0] - level[:, None] * shadow[..., 1]) / np.sqrt(spreads), np.nan)
    last = state[:, :, 0] - level[:, None] * state[:, :, 1]
    return np.maximum(total, 1e-18), logs, level, (last, step, errors, load)


def _stationary(step: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the stationary covariance P = T P T' + N by doubling."""
    cover, power = noise, step
    for _ in range(11):
        cover = cover + power @ cover @ power.transpose(0, 2, 1)
        power = power @ power
    return cover


def _forecast(z: np.ndarray, partial: np.ndarray, p: int, mean: bool, horizon: int) -> dict:
    n = lengths(z).astype(float)
    squares, logs, level, (state, step, errors, load) = _filter(z, partial, p, mean)
    k = len(partial) + 1 + mean
    room = n - k - 1
    likelihood = n * (np.log(2 * np.pi * squares / n) + 1) + logs
    aicc = np.where(room >= 1, likelihood + 2 * k + 2 * k * (k + 1) / np.maximum(room, 1), np.inf)
    ahead, psi, effect = [], [], load
    for _ in range(horizon):
        ahead.append(state[:, 0] + level)
        psi.append(effect[:, 0])
        state = np.einsum("nij,nj->ni", step, state)
        effect = np.einsum("nij,nj->ni", step, effect)
    found = {"mean": np.stack(ahead, axis=1), "psi": np.stack(psi, axis=1), "errors": errors, "aicc": aicc}
    return found | {"sigma2": squares / n, "p": np.full(len(z), p), "q": np.full(len(z), len(partial) - p)}


def _integrate(y: np.ndarray, ahead: np.ndarray, order: int) -> np.ndarray:
    """Undo the differences of a forecast."""
    for lag in range(order, 0, -1):
        base = np.diff(y, n=lag - 1, axis=1)[:, -1:] if lag > 1 else y[:, -1:]
        ahead = base + np.cumsum(ahead, axis=1)
    return ahead


def _spread(found: dict, order: int) -> np.ndarray:
    """Return the variance ahead in units of the variance of shocks: the squares of the integrated ψ weights, summed."""
    psi = found["psi"]
    for _ in range(order):
        psi = np.cumsum(psi, axis=1)
    return np.cumsum(psi**2, axis=1)
