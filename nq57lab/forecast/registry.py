"""The models by name, behind one protocol: ``fit_predict(y, horizon, levels) → quantiles``.

``y`` is a batch (series by periods, aligned at the last period, NaN before a series begins), ``levels`` are probabilities, and the result
is (series, horizon, levels). The plain models' quantiles are normal with the variance of their own theory, as the field's tools
give them; the default's are calibrated across series.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from nq57lab.forecast import intervals, seasonal
from nq57lab.forecast.models import arima, ets, growth, theta, trend
from nq57lab.forecast.models.trend import Fit, lengths
from nq57lab.forecast.run import predict_batch
from nq57lab.forecast.series import SEASON

DEFAULT = "hoc_nhieu_chuoi"
FitPredict = Callable[[np.ndarray, int, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Model:
    """A model: its name in tables, its function, and whether seasonal series come to it adjusted (else it gets them as they are)."""

    name: str
    fit_predict: FitPredict
    adjusted: bool = True
    batch: bool = True
    settings: dict = field(default_factory=dict)


def normal(
    model: Callable[[np.ndarray, int], Fit], spread: Callable[[Fit, int, np.ndarray], np.ndarray], count: int
) -> FitPredict:
    """Return a fit_predict with normal quantiles: the model's mean, its residual variance, its growth of variance.

    Parameters
    ----------
    model : callable
        A batch and a horizon in, a :class:`Fit` out.
    spread : callable
        A fit, the horizon and the lengths in; variance at every horizon in units of the one-step variance out.
    count : int
        Parameters that the residual variance pays for.
    """

    def fit_predict(y: np.ndarray, horizon: int, levels: np.ndarray) -> np.ndarray:
        from scipy.special import ndtri

        fit = model(y, horizon)
        known = np.sum(~np.isnan(fit.errors), axis=1)
        variance = np.nansum(fit.errors**2, axis=1) / np.maximum(known - count, 1)
        deviation = np.sqrt(variance[:, None] * spread(fit, horizon, lengths(y)))
        return fit.mean[..., None] + deviation[..., None] * ndtri(np.asarray(levels, dtype=float))

    return fit_predict


def _walk(fit: Fit, horizon: int, n: np.ndarray) -> np.ndarray:
    return np.broadcast_to(np.arange(1, horizon + 1.0), (len(n), horizon))


def _drifting(fit: Fit, horizon: int, n: np.ndarray) -> np.ndarray:
    h = np.arange(1, horizon + 1.0)
    return h * (1 + h / np.maximum(n - 1, 1)[:, None])


def _smoothing(fit: Fit, horizon: int, n: np.ndarray) -> np.ndarray:
    """1 + Σ_{j<h} c_j², c_j = α + β (φ + … + φ^j) (Hyndman et al. 2008, table 6.1)."""
    part = fit.parameters
    alpha, beta, phi = (part[name][:, None] if name in part else 0.0 for name in ("alpha", "beta", "phi"))
    j = np.arange(1, max(horizon, 2))
    effects = alpha + beta * np.cumsum(phi**j, axis=1) if "phi" in part else np.broadcast_to(alpha, (len(n), len(j)))
    grown = 1 + np.cumsum(effects**2, axis=1)
    return np.concatenate([np.ones((len(n), 1)), grown], axis=1)[:, :horizon]


def _own(fit: Fit, horizon: int, n: np.ndarray) -> np.ndarray:
    return fit.parameters["spread"]


def default(y: np.ndarray, horizon: int, levels: np.ndarray, frequency: str = "yearly") -> np.ndarray:
    """Return the learned default's quantiles of plain series; quarterly and monthly ones come as they are, not adjusted."""
    return intervals.at(predict_batch(y, horizon, frequency), np.asarray(levels))


BUILT_IN: dict[str, Model] = {
    DEFAULT: Model(DEFAULT, default, adjusted=False),
    "naive": Model("naive", normal(trend.naive, _walk, 0)),
    "drift": Model("drift", normal(trend.drift, _drifting, 1)),
    "robust_trend": Model("robust_trend", normal(trend.robust_trend, _drifting, 1)),
    "theta": Model("theta", normal(theta.dynamic_theta, _smoothing, 3)),
    "damped": Model("damped", normal(ets.smooth, _smoothing, 5)),
    "ets": Model("ets", normal(ets.choose, _smoothing, 3)),
    "arima": Model("arima", normal(arima.choose, _own, 0)),
    "ceiling": Model("ceiling", normal(growth.ceiling, _own, 3)),
}


def for_frequency(model: Model, frequency: str) -> Model:
    """Return a built-in model's version for a frequency: the default has learned each one by itself."""
    if model.fit_predict is not default:
        return model
    return replace(model, fit_predict=partial(default, frequency=frequency))


def run_model(model: Model, y: np.ndarray, horizon: int, levels: np.ndarray, frequency: str) -> np.ndarray:
    """Return a batch model's quantiles, seasonal series adjusted before and their season put back after where it wants them so."""
    model = for_frequency(model, frequency)
    if SEASON[frequency] == 1 or not model.adjusted:
        return model.fit_predict(y, horizon, levels)
    adjusted, factors, terms = seasonal.adjust(y, horizon, SEASON[frequency])
    return model.fit_predict(adjusted, horizon, levels) * factors[..., None] + terms[..., None]
