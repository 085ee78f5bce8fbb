"""Smoothing models as banks of linear filters: fitting many series is one matrix product for every point of a grid of parameters.

With its parameters fixed, an exponential smoothing or Theta model is linear in the series and in its initial states, and the states that
least squares gives are linear in the series too. So the one-step errors are R y and the forecasts F y with matrices that depend on
the parameters and the length alone. The parameters are the point of the grid with the least sum of squared errors.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np

ALPHAS = (0.1, 0.3, 0.5, 0.7, 0.85, 0.999)
SHARES = (0.0, 0.1, 0.3, 0.6)  # beta / alpha
DAMPING = (0.8, 0.9, 0.98)
WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)  # 1 − 1/θ
PRODUCT = 200_000  # multiplications a product: below what makes a linear algebra library start threads, whose waiting costs more


@dataclass(frozen=True)
class Bank:
    """The filters of one length: ``errors`` (grid, errors, n) and ``ahead`` (grid, horizon, n), and the parameters that a criterion pays for."""

    errors: np.ndarray
    ahead: np.ndarray
    paid: np.ndarray


def _solved(
    response: np.ndarray, states: np.ndarray, ahead: np.ndarray, ahead_states: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return error and forecast filters after the initial states are replaced by their least-squares values."""
    inverse = np.linalg.pinv(states, rcond=1e-9)
    start = -inverse @ response
    return response + states @ start, ahead + ahead_states @ start


@lru_cache(maxsize=64)
def smoothing(n: int, horizon: int, shape: str) -> Bank:
    """Return the filters of exponential smoothing with additive errors: "level", "trend" or "damped".

    Notes
    -----
    ŷ_t = ℓ_{t−1} + φ b_{t−1}; ℓ_t = ŷ_t + α e_t; b_t = φ b_{t−1} + β e_t (Hyndman et al. 2008, section 2.5).
    """
    shares = SHARES if shape != "level" else (0.0,)
    damping = {"level": (0.0,), "trend": (1.0,), "damped": DAMPING}[shape]
    alpha, share, phi = np.array(list(product(ALPHAS, shares, damping))).T[..., None]
    count, inputs = len(alpha), n + (1 if shape == "level" else 2)
    level, slope = np.zeros((count, inputs)), np.zeros((count, inputs))
    level[:, n] = 1.0
    if shape != "level":
        slope[:, n + 1] = 1.0
    errors = np.empty((count, n, inputs))
    for step in range(n):
        fitted = level + phi * slope
        error = -fitted
        error[:, step] += 1.0
        errors[:, step] = error
        level, slope = fitted + alpha * error, phi * slope + alpha * share * error
    reach = np.cumsum(phi ** np.arange(1, horizon + 1), axis=1)
    ahead = level[:, None] + reach[..., None] * slope[:, None]
    found = _solved(errors[..., :n], errors[..., n:], ahead[..., :n], ahead[..., n:])
    return Bank(*found, np.full(count, {"level": 3, "trend": 5, "damped": 6}[shape]))


@lru_cache(maxsize=64)
def theta(n: int, horizon: int) -> Bank:
    """Return the filters of the dynamic Theta model (recursion as in :func:`nq57lab.forecast.models.theta.dynamic_theta`)."""
    alpha, weight = np.array(list(product(ALPHAS, WEIGHTS))).T[..., None]
    count = len(alpha)
    values = np.zeros((count, n + horizon, n + 1))
    values[:, np.arange(n), np.arange(n)] = 1.0
    level = np.zeros((count, n + 1))
    level[:, n] = 1.0
    mean, slope = np.zeros((count, n + 1)), np.zeros((count, n + 1))
    errors = []
    fitted = np.zeros((count, n + 1))
    for step in range(n + horizon):
        if step >= n:
            values[:, step] = fitted
        elif step >= 2:
            errors.append(values[:, step] - fitted)
        t, now = step + 1, values[:, step]
        level = alpha * now + (1 - alpha) * level
        if t >= 2:
            slope = ((t - 2) * slope + 6 * (now - mean) / t) / (t + 1)
        mean = mean + (now - mean) / t
        decay = (1 - alpha) ** t
        fitted = level + weight * (decay * (mean - slope * (t + 1) / 2) + (1 - decay * (1 - alpha)) / alpha * slope)
    response, ahead = np.stack(errors, axis=1), values[:, n:]
    found = _solved(response[..., :n], response[..., n:], ahead[..., :n], ahead[..., n:])
    return Bank(*found, np.full(count, 4))


def losses(y: np.ndarray, bank: Bank) -> np.ndarray:
    """Return the sum of squared one-step errors of every series at every point of the grid: (series, grid)."""
    found = np.empty((len(y), len(bank.errors)))
    rows = max(PRODUCT // y.shape[1] ** 2, 8)
    for start in range(0, len(y), rows):
        error = bank.errors @ y[start : start + rows].T
        found[start : start + rows] = np.einsum("gij,gij->jg", error, error)
    return found


def forecasts(y: np.ndarray, bank: Bank, chosen: np.ndarray) -> np.ndarray:
    """Return the forecasts at each series' point of the grid: (series, horizon)."""
    result = np.empty((len(y), bank.ahead.shape[1]))
    for place in np.unique(chosen):
        rows = chosen == place
        result[rows] = y[rows] @ bank.ahead[place].T
    return result
