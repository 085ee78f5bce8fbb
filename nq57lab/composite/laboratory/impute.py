"""Missing values: the mean or the median of an indicator, over all units or over the unit's own group."""

import numpy as np
import pandas as pd


def impute(values: np.ndarray, groups: pd.Series | None = None, *, median: bool = False) -> np.ndarray:
    """Fill missing values with the mean (or median) of the indicator within the unit's group.

    Parameters
    ----------
    values : ndarray of float, shape (n_units, n_indicators)
        NaN where missing.
    groups : Series, optional
        A label per unit; without it all units are one group.
    median : bool
        The median instead of the mean.

    Returns
    -------
    ndarray of float, shape (n_units, n_indicators)
        NaN only where a whole group misses the indicator.

    Examples
    --------
    >>> impute(np.array([[1.0], [3.0], [np.nan]]), pd.Series(["a", "a", "a"])).ravel().tolist()
    [1.0, 3.0, 2.0]
    """
    labels = np.zeros(len(values), int) if groups is None else pd.factorize(groups)[0]
    frame = pd.DataFrame(values)
    grouped = frame.groupby(labels)
    centre = (grouped.transform("median") if median else grouped.transform("mean")).to_numpy()
    return np.where(np.isnan(values), centre, values)
