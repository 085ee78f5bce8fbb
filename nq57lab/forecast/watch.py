"""What is odd about a series that is forecast all the same: an outlier, a jump of unit, a break, a plateau, figures that stopped.

Prepared series in, a warning a series out (empty where nothing is odd), for the note column, the chart and the report. The rules are plain: a change
is odd when it lies far beyond the series' own other changes.
"""

from collections.abc import Sequence

import numpy as np

from nq57lab.base.messages import TOGETHER, Reason, reason
from nq57lab.forecast.models.trend import align
from nq57lab.forecast.series import SEASON, Series, period_text

FAR = 8.0  # a change so many median absolute deviations beyond the median change is odd
BACK = 0.5  # an outlier takes back at least this part of its change in the next period
TIMES, STEADY = (
    5.0,
    2.0,
)  # a value this many times its neighbours, in a series whose other changes stay within a factor of two: a digit or a unit
STILL = 4  # unchanged so many periods: a plateau
STALE = 3  # years behind the newest series of the table, but for the newest of every twenty, whose year may be mistyped


def warnings(found: Sequence[Series]) -> list[list[Reason]]:
    """Return what is odd about every series.

    Notes
    -----
    With d the changes, m their median and s the largest of 1.4826 times their median absolute deviation, half the mean absolute deviation of the
    others and half the unit that the values are written in (a rank that falls by one or two a year jumps nowhere): a change is odd when |d − m| > 8 s, in a positive series half as far for the changes of the logarithms too, so that steady growth is not odd. Odd and taken back by half in the next period: an outlier (the last value cannot be taken back and is
    told as one to check). Odd and kept: a break, or, in a positive series, where the value is more than five times or less than a fifth of
    the one before while all other ratios lie within a factor of two, a jump of unit. Quarterly and monthly series are compared with the same season of
    the year before.
    """
    result: list[list[Reason]] = [[] for _ in found]
    lasts = {name: sorted(series.last for series in found if series.frequency == name) for name in SEASON}
    newest = {name: last[-1 - len(last) // 20] for name, last in lasts.items() if last}
    for frequency, season in SEASON.items():
        rows = [row for row, series in enumerate(found) if series.frequency == frequency]
        if not rows:
            continue
        some = [found[row] for row in rows]
        y = align([series.values for series in some])
        said = _odd(y, some, season)
        for row, series, words in zip(rows, some, said, strict=True):
            late = (newest[frequency] - series.last) / season
            if late >= STALE:
                words.append(reason("stale", last=series.period(0), years=int(late)))
            result[row] = words
    return result


CODES = ("outlier", "odd_last", "unit_outlier", "unit_last", "unit_jump", "shift", "plateau", "stale")


def told(note: Reason | str) -> list[Reason]:
    """Return the warnings within the note of a forecast.

    >>> told(reason("constant")), told(reason("stale", last="2020", years=5))[0].code
    ([], 'stale')
    """
    if not isinstance(note, Reason):
        return []
    parts = [part for _, part in note.details] if note.code == TOGETHER else [note]
    return [part for part in parts if part.code in CODES]


def by_period(note: Reason | str) -> dict[str, str]:
    """Return the period that each warning of a note is about, and the warning's code."""
    return {str(dict(part.details).get("period") or part.details[0][1]): part.code for part in told(note)}


def _odd(y: np.ndarray, some: Sequence[Series], season: int) -> list[list[Reason]]:
    """Return what is odd within each series of one frequency."""
    changes = y[:, season:] - y[:, :-season]
    away = changes - np.nanmedian(changes, axis=1, keepdims=True)
    positive = np.nanmin(y, axis=1, keepdims=True) > 0
    logs = np.log(np.where(positive, y, np.where(np.isnan(y), np.nan, 1.0)))
    odd = _far(changes, FAR, _written(y)) & (_far(logs[:, season:] - logs[:, :-season], FAR / 2) | ~positive)
    still = y[:, 1:] == y[:, :-1]
    runs = np.argmin(still[:, ::-1], axis=1)
    result: list[list[Reason]] = []
    for row, series in enumerate(some):
        words = _told(y[row], away[row], odd[row], series, season) if odd[row].any() else []
        if runs[row] >= STILL:
            words.append(reason("plateau", since=series.period(-int(runs[row])), count=int(runs[row])))
        result.append(words)
    return result


def _written(y: np.ndarray) -> np.ndarray:
    """Return the unit in which the values of every series are written: 1 for whole numbers, else 0.1, 0.01, 0.001, or 0 for finer ones.

    >>> _written(np.array([[1.0, 2, 5], [1.5, 2, 5], [1 / 3, 2, 5]])).ravel().tolist()
    [1.0, 0.1, 0.0]
    """
    units = np.array([1.0, 0.1, 0.01, 0.001])
    off = np.nanmax(np.abs(y[..., None] / units - np.rint(y[..., None] / units)), axis=1)
    fits = off < 1e-6
    return np.where(fits.any(axis=1), units[np.argmax(fits, axis=1)], 0.0)[:, None]


def _far(changes: np.ndarray, far: float, unit: np.ndarray | float = 0.0) -> np.ndarray:
    """Return which changes lie so many spreads beyond the others of their series; a spread is at least half a unit."""
    size = np.abs(changes - np.nanmedian(changes, axis=1, keepdims=True))
    known = ~np.isnan(size)
    largest = np.nanmax(size, axis=1, keepdims=True)
    others = (np.nansum(size, axis=1, keepdims=True) - largest) / np.maximum(known.sum(axis=1, keepdims=True) - 1, 1)
    spread = np.maximum(1.4826 * np.nanmedian(size, axis=1, keepdims=True), np.maximum(others, unit) / 2)
    return known & (size > far * np.maximum(spread, 1e-12 * np.nanmax(np.abs(changes), axis=1, keepdims=True)))


def _told(y: np.ndarray, away: np.ndarray, odd: np.ndarray, series: Series, season: int) -> list[Reason]:
    """Tell the odd changes of one series: a value and its way back once, at most the two largest."""
    words, used = [], set()
    places = [int(place) for place in np.flatnonzero(odd)]
    for place in sorted(places, key=lambda p: -abs(away[p])):
        if place in used:
            continue
        after = place + season
        returns = after < len(away) and away[after] * away[place] < 0 and abs(away[after]) >= BACK * abs(away[place])
        before = place - season
        if (
            before >= 0
            and odd[before]
            and away[before] * away[place] < 0
            and abs(away[place]) >= BACK * abs(away[before])
        ):
            used.add(place)  # the way back of an outlier that is told at its own place
            continue
        used |= {place, after} if returns else {place}
        end = place + season
        period = period_text(series.last - (len(y) - 1 - end) * series.step, series.frequency)
        words.append((end, _kind(y, end, season, returns), period))
    return [
        reason(code, period=period, found=f"{y[end]:g}", before=f"{y[end - season]:g}")
        for end, code, period in words[:2]
    ]


def _kind(y: np.ndarray, end: int, season: int, returns: bool) -> str:
    last = end >= len(y) - season
    if np.nanmin(y) > 0:
        ratio = np.abs(np.log(y[season:] / y[:-season]))
        odd = {end - season, end} if returns else {end - season}
        rest = np.array([value for place, value in enumerate(ratio) if place not in odd and not np.isnan(value)])
        if ratio[end - season] > np.log(TIMES) and (not len(rest) or rest.max() < np.log(STEADY)):
            return "unit_outlier" if returns else "unit_last" if last else "unit_jump"
    return "outlier" if returns else "odd_last" if last else "shift"
