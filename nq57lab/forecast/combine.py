"""The default forecast: the median of five models that err differently.

The members and their restrictions were chosen on M1 and Tourism alone, by ``benchmarks/choose_combination.py``: of all medians of one to
five candidates the one with the least mean of MASE and sMAPE relative to the random walk with drift (DECISIONS.md).
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from nq57lab.forecast.models import ets, theta, trend
from nq57lab.forecast.models.trend import Fit
from nq57lab.forecast.transforms import on_power

FLOOR = 0.5  # the least smoothing parameter that short annual series can bear
MEMBERS: dict[str, Callable[[np.ndarray, int], Fit]] = {
    "naive": trend.naive,
    "growth": on_power(trend.drift, 0),
    "robust": on_power(trend.robust_trend, 0.5),
    "theta": partial(theta.dynamic_theta, floor=FLOOR),
    "holt": on_power(ets.smooth, 0, shape="trend", ranges=ets.CAUTIOUS),
}


def members(y: np.ndarray, horizon: int) -> np.ndarray:
    """Return every member's point forecasts: (members, series, horizon), in the order of :data:`MEMBERS`."""
    return np.stack([model(y, horizon).mean for model in MEMBERS.values()])


def stack(found: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the weighted mean of the members: the other way to combine, with weights learned on M1 and Tourism.

    Parameters
    ----------
    found : ndarray (members, series, horizon)
    weights : ndarray (members,)
        At least 0, with sum 1.
    """
    return np.einsum("mnh,m->nh", found, weights)
