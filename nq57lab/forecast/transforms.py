"""The scale on which a bounded series is forecast: its distance from the nearer bound, and the way back.

So the models see a positive series that slows down towards that bound.
"""

from dataclasses import dataclass

import numpy as np


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
    With two bounds the distance from the nearer one, so that the models, one of which works on logarithms, see a positive series that slows down
    towards that bound; with one bound the distance from it; without, the values as they are.
    Forecasts beyond the other bound are cut at it by the caller.
    """
    if not np.isfinite(lower) and not np.isfinite(upper):
        return Scale(0.0, True)
    rising = np.isfinite(lower) and (not np.isfinite(upper) or last <= (lower + upper) / 2)
    return Scale(float(lower if rising else upper), bool(rising))
