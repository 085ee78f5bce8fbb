"""The straight line from base to target: where a value should stand, the change still required, and when the present pace arrives.

Arrays in, arrays out; a table of cases for :func:`measure`.
"""

import math

import numpy as np
import pandas as pd

from nq57lab.base import periods
from nq57lab.base.messages import reason as because
from nq57lab.targets import cases as of_cases


def value_on(base, base_year, target, target_year, year):
    """Return the straight line's value in a year: y_0 + (y_T − y_0)(t − t_0) / (T − t_0)."""
    base, target = np.asarray(base, dtype=float), np.asarray(target, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        passed = (np.asarray(year, dtype=float) - base_year) / (np.asarray(target_year, dtype=float) - base_year)
        return base + (target - base) * passed


def required_change(value, year, target, target_year):
    """Return the straight-line change a year that would meet the target: (y_T − y_t) / (T − t), in units a year; NaN from T on.

    Examples
    --------
    >>> round(float(required_change(14.02, 2025, 30, 2030)), 3)
    3.196
    """
    left = np.asarray(target_year, dtype=float) - year
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(left > 0, (np.asarray(target, dtype=float) - value) / left, np.nan)


def arrival(base, base_year, value, year, target):
    """Return the year in which the mean change a year since the base would meet the target; NaN where it never does."""
    value, target = np.asarray(value, dtype=float), np.asarray(target, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        pace = (value - base) / (np.asarray(year, dtype=float) - base_year)
        left = (target - value) / pace
    return np.where(np.isfinite(left) & (left >= 0), year + left, np.nan)


def first_year(arrival: float) -> int:
    """Return the first whole year by whose end an arrival has come.

    Examples
    --------
    The line 16.1 (2024), 16.2 (2025) meets 16.8 at the end of 2031, but for the last bit of its sums:

    >>> first_year(float(arrival(16.1, 2024, 16.2, 2025, 16.8))), first_year(2031.1)
    (2031, 2032)
    """
    return math.ceil(arrival - 1e-6)


def met_since(cases: pd.DataFrame, history: pd.DataFrame | None = None) -> pd.Series:
    """Return since when each met target is met without a break: a period of the history, else the current or the base year; "" unmet.

    Parameters
    ----------
    cases, history : DataFrame
        As the methods take them; the history may be missing.
    """
    now, then = cases["current_year"], cases["base_year"]
    before = of_cases.met(cases.assign(current_value=cases["base_value"]))
    since = pd.Series(np.where(before, then, now), index=cases.index).map(
        lambda year: f"{year:g}" if year == year else ""
    )
    since = since.where(of_cases.achieved(cases), "")
    if history is None or history.empty:
        return since
    rows = history.assign(year=history["period"].map(periods.decimal_year))
    rows = rows.merge(cases.drop(columns=["current_value"]), on="id", how="inner")
    rows = rows[rows["year"] <= rows["current_year"]].sort_values(["id", "year"], kind="stable")
    if rows.empty:
        return since
    rows = rows.assign(met=of_cases.met(rows.assign(current_value=rows["value"])))
    rows["later"] = rows[::-1].groupby("id")["met"].cummin()[::-1]
    first = rows[rows["later"]].drop_duplicates("id").set_index("id")["period"]
    return cases["id"].map(first).where(since != "", "").fillna(since)


def measure(cases: pd.DataFrame, history: pd.DataFrame | None = None) -> pd.DataFrame:
    """Measure the straight line: where the value should stand, the change still required a year, and the year of arrival.

    Returns
    -------
    DataFrame
        ``trajectory`` (the line's value now), ``required_change`` (units a year from now), ``pace`` (units a year since the base),
        ``arrival_year``, ``met_since``, and ``reason`` where the required change or the arrival is not given.

    Notes
    -----
    A met target requires no change (0), has no arrival and says since when; after the milestone the line stays at the target. NaN with the reason for a missing value, an impossible rank, a milestone
    that has passed, and an arrival that the present pace never brings.
    """
    base, value, target = (cases[name].to_numpy(float) for name in ("base_value", "current_value", "target"))
    start, now, end = (cases[name].to_numpy(float) for name in ("base_year", "current_year", "target_year"))
    values, years = of_cases.value_reasons(cases), of_cases.time_reasons(cases)
    met = of_cases.achieved(cases)
    mistyped = of_cases.one_of(years, of_cases.MISTYPED)
    paced = (values == "") & ~mistyped & ~of_cases.one_of(years, of_cases.BEFORE_BASE, of_cases.NONE_SINCE_BASE)
    baseless = of_cases.one_of(values, of_cases.NO_BASE, of_cases.TWO_DEFINITIONS)
    usable = ((values == "") | baseless) & ~np.isnan(target) & ~mistyped
    backward = now < start
    with np.errstate(divide="ignore", invalid="ignore"):
        pace = np.where(paced, (value - base) / (now - start), np.nan)
    required = np.where(usable & ~backward, required_change(value, now, target, end), np.nan)
    year = np.where(paced & usable, arrival(base, start, value, now, target), np.nan)
    gone = cases["direction"].to_numpy(float) * pace
    reason = of_cases.first_reason(
        len(cases),
        (np.isnan(target), because("no_numeric_target")),
        (met, because("met_already")),
        (mistyped, of_cases.MISTYPED),
        (np.isnan(end), because("target_no_year")),
        (backward, of_cases.BEFORE_BASE),
        (end <= now, of_cases.MILESTONE_PAST),
        (baseless | (now == start), because("no_pace")),
        (np.isnan(start) | np.isnan(now), of_cases.NO_YEARS),
        ((gone <= 0) | np.isnan(year), because("pace_away")),
    )
    reason = np.where((values != "") & ~baseless, values, reason)
    drawn = paced & (values == "") & ~np.isnan(target) & (end > start)
    line = value_on(base, start, target, end, np.minimum(now, end))
    return pd.DataFrame(
        {
            "trajectory": np.where(drawn, line, np.nan),
            "pace": pace,
            "required_change": np.where(met, 0.0, required),
            "arrival_year": np.where(met, np.nan, year),
            "met_since": met_since(cases, history),
            "reason": reason,
        },
        index=cases.index,
    )
