"""Forecasts by simple rules of trend: naive, drift, robust trend.

Batches of series in, point forecasts and one-step errors out. A batch is an array of series by periods, aligned at its
last period; the cells before a series begins are NaN, and nothing else is.
"""

import warnings
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Fit:
    """What every model returns for a batch.

    Attributes
    ----------
    mean : ndarray (series, horizon)
        Point forecasts in the unit of the series.
    errors : ndarray (series, periods)
        One-step errors within the sample, observed − fitted, NaN where there is none.
    parameters : dict of str to ndarray (series,)
        The fitted parameters.
    """

    mean: np.ndarray
    errors: np.ndarray
    parameters: dict


def lengths(y: np.ndarray) -> np.ndarray:
    """Return how many points each series of a batch has.

    >>> lengths(np.array([[np.nan, 1.0, 2.0], [1.0, 2.0, 3.0]])).tolist()
    [2, 3]
    """
    return np.sum(~np.isnan(y), axis=1)


def align(series: list) -> np.ndarray:
    """Put series of several lengths into one batch, aligned at their last period.

    >>> align([[1.0], [2.0, 3.0]]).tolist()
    [[nan, 1.0], [2.0, 3.0]]
    """
    width = max(len(values) for values in series)
    batch = np.full((len(series), width), np.nan)
    for row, values in enumerate(series):
        batch[row, width - len(values) :] = values
    return batch


def _steps(slope: np.ndarray, last: np.ndarray, horizon: int) -> np.ndarray:
    return last[:, None] + slope[:, None] * np.arange(1, horizon + 1)


def naive(y: np.ndarray, horizon: int) -> Fit:
    """Forecast the last value.

    >>> naive(np.array([[1.0, 3.0, 2.0]]), 2).mean.tolist()
    [[2.0, 2.0]]
    """
    errors = np.diff(y, axis=1, prepend=np.nan)
    return Fit(_steps(np.zeros(len(y)), y[:, -1], horizon), errors, {})


def drift(y: np.ndarray, horizon: int) -> Fit:
    """Forecast the last value plus the mean change a period (random walk with drift).

    >>> drift(np.array([[1.0, 3.0, 5.0]]), 2).mean.tolist()
    [[7.0, 9.0]]
    """
    changes = np.diff(y, axis=1, prepend=np.nan)
    slope = np.nan_to_num(_nan(np.nanmean, changes))
    return Fit(_steps(slope, y[:, -1], horizon), changes - slope[:, None], {"slope": slope})


def robust_trend(y: np.ndarray, horizon: int) -> Fit:
    """Forecast the last value plus the median change a period, which one odd year does not move.

    >>> robust_trend(np.array([[1.0, 2.0, 3.0, 13.0, 14.0, 15.0]]), 1).mean.tolist()
    [[16.0]]
    """
    changes = np.diff(y, axis=1, prepend=np.nan)
    slope = np.nan_to_num(_nan(np.nanmedian, changes))
    return Fit(_steps(slope, y[:, -1], horizon), changes - slope[:, None], {"slope": slope})


def _nan(function, values: np.ndarray) -> np.ndarray:
    """Apply a NaN-skipping function to every row; rows of NaN give NaN without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return function(values, axis=1)
