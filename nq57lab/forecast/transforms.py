"""Scales on which a series is forecast: powers for positive series, the distance from a bound for what is bounded, and the way back.

A bounded quantity (a share, a count, a rank) is forecast as its distance from the nearer bound, so that the models see a positive
series and slow down towards that bound.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nq57lab.forecast.models.trend import Fit

LARGEST_LOG = 300.0


def on_power(model: Callable[..., Fit], power: float, **fixed) -> Callable[[np.ndarray, int], Fit]:
    """Return a model that works on a power of positive series (0.5: square roots, 0: logarithms).

    Series with a value that is not positive are forecast on their own scale. The point forecast is the median: the inverse of
    the forecast on the power's scale.

    Examples
    --------
    >>> from nq57lab.forecast.models.trend import drift
    >>> on_power(drift, 0)(np.array([[1.0, 2.0, 4.0]]), 2).mean.round(9).tolist()
    [[8.0, 16.0]]
    """

    def powered(y: np.ndarray, horizon: int) -> Fit:
        positive = np.nanmin(y, axis=1) > 0
        if not positive.any():
            return model(y, horizon, **fixed)
        kept = y[positive]
        fit = model(np.log(kept) if power == 0 else kept**power, horizon, **fixed)
        ahead = np.exp(np.minimum(fit.mean, LARGEST_LOG)) if power == 0 else np.maximum(fit.mean, 0.0) ** (1 / power)
        mean = np.empty((len(y), horizon))
        mean[positive] = ahead
        if not positive.all():
            mean[~positive] = model(y[~positive], horizon, **fixed).mean
        return Fit(mean, np.full(y.shape, np.nan), {})

    return powered


@dataclass(frozen=True)
class Scale:
    """One series' way to the scale it is forecast on, and back: its distance from ``end``; ``rising`` if that keeps the order of values.

    Examples
    --------
    >>> share = scale_for(0.0, 100.0, 60.0)
    >>> share.rising, float(share.ahead(60.0)), float(share.back(40.0))
    (False, 40.0, 60.0)
    """

    end: float
    rising: bool

    def ahead(self, values):
        """Return values on the forecasting scale."""
        return values - self.end if self.rising else self.end - values

    def back(self, values):
        """Return forecasts in the unit of the series."""
        return self.end + values if self.rising else self.end - values


def scale_for(lower: float, upper: float, last: float) -> Scale:
    """Return the scale of a series from its bounds (infinite where there is none) and its last value.

    Notes
    -----
    With two bounds the distance from the nearer one, so that the models, which work on roots and logarithms too, see a
    positive series that slows down towards that bound; with one bound the distance from it; without, the values as they are.
    Forecasts beyond the other bound are cut at it by the caller.
    """
    if not np.isfinite(lower) and not np.isfinite(upper):
        return Scale(0.0, True)
    rising = np.isfinite(lower) and (not np.isfinite(upper) or last <= (lower + upper) / 2)
    return Scale(float(lower if rising else upper), bool(rising))
