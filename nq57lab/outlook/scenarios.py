"""Scenarios beside a forecast: what follows from a pace that someone assumes. Never a forecast, and labelled so.

One series, a target and comparators in, one row a scenario and period out.
"""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from nq57lab.base import wording

NAMES = {
    "as_now": "giữ tốc độ hiện nay",
    "required": "tốc độ cần để đạt mục tiêu",
    "best_comparator": "tốc độ của nước so sánh tốt nhất",
    "given": "tốc độ người dùng nêu",
}
LABEL = "kịch bản, không phải dự báo"
WINDOW = 5  # years over which a pace is measured; "năm năm" in the words
COLUMNS = ["scenario", "name", "period", "value", "pace", "pace_kind", "basis", "label"]


def pace(years: np.ndarray, values: np.ndarray, relative: bool, window: int = WINDOW) -> float:
    """Return the mean change a year over the last years: per cent a year when relative, else units a year; NaN for one point.

    >>> round(pace(np.array([2019, 2024]), np.array([10.0, 20.0]), False), 6)
    2.0
    >>> round(pace(np.array([2019, 2024]), np.array([10.0, 20.0]), True), 3)
    14.87
    """
    order = np.argsort(years)
    years, values = np.asarray(years)[order], np.asarray(values, dtype=float)[order]
    inside = years >= years[-1] - window
    years, values = years[inside], values[inside]
    span = years[-1] - years[0]
    if span <= 0:
        return math.nan
    if not relative:
        return float((values[-1] - values[0]) / span)
    if values[0] <= 0 or values[-1] <= 0:
        return math.nan
    return float(100 * ((values[-1] / values[0]) ** (1 / span) - 1))


def paths(
    history: pd.DataFrame,
    until: int,
    target: float | None = None,
    *,
    direction: int = 1,
    kind: str = "level",
    lower: float = -math.inf,
    upper: float = math.inf,
    comparators: Mapping[str, pd.DataFrame] | None = None,
    given: float | None = None,
    now: tuple[float, str] | None = None,
) -> pd.DataFrame:
    """Return the paths of a series under each scenario.

    Parameters
    ----------
    history : DataFrame
        period (years), value: at least one row; two points are needed for the present pace.
    until : int
        The last year, for the required pace the target's.
    direction : int
        +1 if higher is better, −1 if lower: the best comparator is the fastest that way.
    kind : str
        Levels and counts, where positive, change by per cent a year; shares, ranks and growth rates by units a year.
    lower, upper : float
        Bounds that a path stops at.
    comparators : mapping of str to DataFrame, optional
        Name of a country → its period, value on the same indicator.
    given : float, optional
        A pace, per cent or units a year as the kind has it.
    now : tuple of float and str, optional
        The present pace where it is already known (units a year, since which period): that of the target's standing. NaN: there is none.
        Default: the mean of the last years.

    Returns
    -------
    DataFrame
        scenario, name, period, value, pace, pace_kind (percent | units), basis (whence the pace), label. Scenarios without a basis are left
        out.
    """
    years = history["period"].astype(int).to_numpy()
    values = history["value"].to_numpy(dtype=float)
    order = np.argsort(years)
    years, values = years[order], values[order]
    relative = kind in ("level", "count") and bool((values > 0).all()) and (target is None or target > 0)
    start, base = int(years[-1]), float(values[-1])
    since = int(years[years >= start - WINDOW][0])  # where the pace is taken from: a year may be missing
    found = [("as_now", pace(years, values, relative), wording.span(since, start), relative)]
    if now is not None:
        found = [("as_now", now[0], wording.span(now[1], start), False)]
    if target is not None and until > start:
        span = until - start
        needed = 100 * ((target / base) ** (1 / span) - 1) if relative else (target - base) / span
        found.append(("required", needed, f"mục tiêu năm {until}", relative))
    if comparators:
        paces = {
            name: pace(part["period"].astype(int).to_numpy(), part["value"].to_numpy(dtype=float), relative)
            for name, part in comparators.items()
            if len(part) > 1
        }
        known = {name: value for name, value in paces.items() if not math.isnan(value)}
        if known:
            best = max(known, key=lambda name: direction * known[name])
            found.append(("best_comparator", known[best], f"{best}, năm năm gần nhất", relative))
    if given is not None:
        found.append(("given", given, "người dùng nêu", relative))
    rows = []
    for scenario, speed, basis, relative in found:
        if math.isnan(speed):
            continue
        for year in range(start + 1, until + 1):
            step = year - start
            value = base * (1 + speed / 100) ** step if relative else base + speed * step
            rows.append(
                {
                    "scenario": scenario,
                    "name": NAMES[scenario],
                    "period": year,
                    "value": min(max(value, lower), upper),
                    "pace": speed,
                    "pace_kind": "percent" if relative else "units",
                    "basis": basis,
                    "label": LABEL,
                }
            )
    return pd.DataFrame(rows, columns=COLUMNS)
