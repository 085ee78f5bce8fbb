"""Missing values: filled from the unit's peers, from its own other years, or from its own other indicators.

Matrices in, matrices out; what no rule can fill stays NaN.
"""

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


def over_time(values: np.ndarray, units: pd.Series, times: np.ndarray, *, linear: bool = False) -> np.ndarray:
    """Fill a unit's missing values from its own other times: the last one observed, or a straight line between two.

    Parameters
    ----------
    values : ndarray of float, shape (n_rows, n_indicators)
        NaN where missing.
    units : Series
        Each row's unit.
    times : ndarray of float, shape (n_rows,)
        Each row's time as a number.
    linear : bool
        A straight line between the two nearest times observed; before the first and after the last the nearest value is held.
        Else the last value observed is carried forward, and nothing before the first is filled.

    Returns
    -------
    ndarray of float, shape (n_rows, n_indicators)

    Examples
    --------
    >>> x = np.array([[1.0], [np.nan], [3.0], [np.nan]])
    >>> over_time(x, pd.Series(list("aaaa")), np.arange(4.0)).ravel().tolist()
    [1.0, 1.0, 3.0, 3.0]
    >>> over_time(x, pd.Series(list("aaaa")), np.arange(4.0), linear=True).ravel().tolist()
    [1.0, 2.0, 3.0, 3.0]
    """
    result = values.copy()
    for rows in pd.Series(range(len(values))).groupby(units.to_numpy(), sort=False):
        at = rows[1].to_numpy()
        at = at[np.argsort(times[at], kind="stable")]
        block, when = values[at], times[at]
        for column in np.flatnonzero(np.isnan(block).any(axis=0) & ~np.isnan(block).all(axis=0)):
            own = block[:, column]
            seen = ~np.isnan(own)
            if linear:
                filled = np.interp(when, when[seen], own[seen])
            else:
                last = np.maximum.accumulate(np.where(seen, np.arange(len(own)), -1))
                filled = np.where(last >= 0, own[last], np.nan)
            result[at[~seen], column] = filled[~seen]
    return result


def over_row(values: np.ndarray, siblings: list[list[int]], *, median: bool = False) -> np.ndarray:
    """Fill a unit's missing values with the mean (or median) of its own other indicators of the same parent.

    Parameters
    ----------
    values : ndarray of float, shape (n_units, n_indicators)
        On one scale (after the normalisation).

    Examples
    --------
    >>> over_row(np.array([[1.0, np.nan, 3.0]]), [[0, 1, 2]]).tolist()
    [[1.0, 2.0, 3.0]]
    """
    result = values.copy()
    for columns in siblings:
        block = pd.DataFrame(values[:, columns])
        centre = (block.median(axis=1) if median else block.mean(axis=1)).to_numpy()
        result[:, columns] = np.where(np.isnan(block), centre[:, None], block)
    return result
