"""Series as they come, one observation a row, made fit to forecast: or the reason why one cannot be.

A long table in (series_id, period, value, optional kind, lower, upper), :class:`Series` and refusals out; one bad series never stops
the others.
"""

import math
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nq57lab.base import periods
from nq57lab.base.messages import Reason, reason, together
from nq57lab.base.problems import Problem, ProblemError

REQUIRED, OPTIONAL = ("series_id", "period", "value"), ("kind", "lower", "upper")
KINDS = ("share", "count", "rank", "level", "growth")
SHORTEST = {"yearly": 8, "quarterly": 16, "monthly": 36}
SEASON = {"yearly": 1, "quarterly": 4, "monthly": 12}
FREQUENCIES = tuple(SEASON)
MISSING_SHARE = 0.25
LIMITS = {"share": (0.0, 100.0), "count": (0.0, math.inf), "rank": (1.0, math.inf)}
HUGE = 1e100  # no statistic is as large, and its square is a number still
YEAR, QUARTER = re.compile(r"[12][0-9]{3}"), re.compile(r"([12][0-9]{3})-Q([1-4])")
MONTH = re.compile(r"([12][0-9]{3})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Series:
    """One series on a regular grid of periods.

    ``last`` is the ordinal of its last period (the year, 4 × year + quarter − 1, or 12 × year + month − 1), ``step`` the number of years between its
    points (1 for quarters and months); ``points`` counts what was observed; ``values`` holds interpolated values where a period is missing, and ``known`` tells which
    were observed.
    """

    name: str
    frequency: str
    values: np.ndarray
    last: int
    step: int
    points: int
    kind: str
    lower: float
    upper: float
    note: Reason | str
    known: np.ndarray

    def period(self, ahead: int) -> str:
        """Return the period so many steps after the last."""
        return period_text(self.last + ahead * self.step, self.frequency)


def period_text(ordinal: int, frequency: str) -> str:
    """Return the text of a period's ordinal.

    >>> period_text(8097, "quarterly"), period_text(2024, "yearly")
    ('2024-Q2', '2024')
    """
    if frequency == "yearly":
        return str(ordinal)
    year, part = divmod(ordinal, SEASON[frequency])
    return f"{year}-Q{part + 1}" if frequency == "quarterly" else f"{year}-{part + 1:02d}"


def ends_year(ordinal: int, frequency: str) -> bool:
    """Return whether a period is the last of its year."""
    return (ordinal + 1) % SEASON[frequency] == 0


def last_of_year(year: int, frequency: str) -> int:
    """Return the ordinal of a year's last period.

    >>> last_of_year(2030, "yearly"), period_text(last_of_year(2030, "monthly"), "monthly")
    (2030, '2030-12')
    """
    season = SEASON[frequency]
    return season * year + season - 1


def year_of(ordinal: int, frequency: str) -> int:
    """Return the year in which a period lies."""
    return ordinal // SEASON[frequency]


def check_columns(frame: pd.DataFrame, file: str = "") -> None:
    """Refuse a table that lacks a column or has one that is neither known nor prefixed ``x_``."""
    names = [str(name) for name in frame.columns]
    found = [
        Problem("unknown_column", file, 1, name, found=name)
        for name in names
        if name not in (*REQUIRED, *OPTIONAL) and not name.startswith("x_")
    ]
    missing = [name for name in REQUIRED if name not in names]
    found += [Problem("missing_column", file, 1, name, details={"column": name}) for name in missing]
    if found:
        raise ProblemError(found)


def prepare(frame: pd.DataFrame) -> tuple[list[Series], dict[str, Reason]]:
    """Return the series that can be forecast, in the order of the table, and the others' reasons.

    Parameters
    ----------
    frame : DataFrame
        series_id, period, value; optional kind (:data:`KINDS`), lower, upper, the same in all rows of a series. In any order of
        periods. An empty or NaN value is a missing observation.

    Raises
    ------
    ProblemError
        When a column is missing or unknown.

    Notes
    -----
    Refused: fewer than 8 yearly, 16 quarterly or 36 monthly observations, a period twice, an unreadable period, mixed frequencies, a value that is not a finite
    number, a constant series, a value outside the bounds, more than a quarter of the periods missing. Where every gap is the same whole
    number of years the series is taken as one of every so many years. Missing periods are interpolated linearly.
    """
    check_columns(frame)
    values = pd.to_numeric(frame["value"], errors="coerce").to_numpy(dtype=float)
    empty = np.isnan(values)
    texts = np.full(len(frame), "", dtype=object)
    texts[empty] = ["" if pd.isna(cell) else str(cell).strip() for cell in frame["value"].to_numpy(dtype=object)[empty]]
    number, written = pd.factorize(frame["period"], use_na_sentinel=False)
    spelled = np.array([_period(cell) for cell in written], dtype=object)
    read = [_read_period(text) for text in spelled]
    columns = Columns(
        texts,
        values,
        spelled[number],
        np.array([FREQUENCIES.index(pair[0]) if pair and pair[0] in FREQUENCIES else -1 for pair in read])[number],
        np.array([pair[1] if pair else 0 for pair in read], dtype=int)[number],
        {name: frame[name].to_numpy(dtype=object) for name in OPTIONAL if name in frame},
    )
    fit: list[Series] = []
    refused: dict[str, Reason] = {}
    codes, names = pd.factorize(frame["series_id"].astype(str))
    order = np.lexsort((columns.places, codes))
    ends = np.cumsum(np.bincount(codes, minlength=len(names)))
    columns = columns.take(order)
    plain = _plain(columns, codes[order], ends)
    reading = dict(zip(spelled, read, strict=True))
    shared: dict[tuple, tuple[str, float, float] | Reason] = {}
    for name, end, count, simple in zip(names, ends, np.diff(ends, prepend=0), plain, strict=True):
        cells = columns.take(slice(end - count, end))
        found = _whole(str(name), cells, shared) if simple else None
        found = _prepare_one(str(name), cells, reading) if found is None else found
        if isinstance(found, Reason):
            refused[str(name)] = reason("refused", why=found)
        else:
            fit.append(found)
    return fit, refused


def _plain(columns: "Columns", codes: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return which series, sorted by period, have a finite number in every period of one frequency and so need no further look at their cells."""
    starts = np.r_[0, ends[:-1]]
    first = np.zeros(len(codes), bool)
    first[starts] = True
    steady = np.r_[True, (np.diff(columns.places) == 1) & (np.diff(columns.kinds) == 0)] | first
    fine = steady & (np.abs(columns.values) < HUGE) & (columns.kinds >= 0)
    return np.logical_and.reduceat(fine, starts) if len(codes) else np.zeros(0, bool)


def _whole(name: str, cells: "Columns", shared: dict) -> "Series | Reason | None":
    """Return a plain series with its limits, or None where the usual way has to say what is wrong with it."""
    told = tuple((column, found[0]) for column, found in cells.options.items())
    if any((found != found[0]).any() for found in cells.options.values()):
        return None
    key = tuple((column, str(value)) for column, value in told)
    if key not in shared:
        shared[key] = _limits({column: np.array([value], dtype=object) for column, value in told})
    limits = shared[key]
    values, frequency = cells.values, FREQUENCIES[cells.kinds[0]]
    low, high = values.min(), values.max()
    if isinstance(limits, Reason) or len(values) < SHORTEST[frequency] or low == high:
        return None
    kind, lower, upper = limits
    if low < lower or high > upper:
        return None
    return Series(
        name,
        frequency,
        values,
        int(cells.places[-1]),
        1,
        len(values),
        kind,
        lower,
        upper,
        "",
        np.ones(len(values), bool),
    )


@dataclass(frozen=True)
class Columns:
    """The cells of one or many series: what is written where there is no number, numbers, periods, their frequency and ordinal, the optional columns."""

    texts: np.ndarray
    values: np.ndarray
    periods: np.ndarray
    kinds: np.ndarray
    places: np.ndarray
    options: dict[str, np.ndarray]

    def take(self, rows: np.ndarray | slice) -> "Columns":
        """Return some rows."""
        options = {name: cells[rows] for name, cells in self.options.items()}
        return Columns(
            self.texts[rows], self.values[rows], self.periods[rows], self.kinds[rows], self.places[rows], options
        )


def _prepare_one(name: str, cells: Columns, read: dict[str, tuple[str, int] | None]) -> Series | Reason:
    values = cells.values
    wrong = cells.texts[(cells.texts != "") & np.isnan(values)]
    if len(wrong):
        return reason("not_number", found=wrong[0])
    if (np.abs(values) >= HUGE).any():
        return reason("infinite")
    found = [read[text] for text in cells.periods]
    bad = [text for text, pair in zip(cells.periods, found, strict=True) if pair is None]
    if bad:
        return reason("bad_period", found=bad[0])
    frequencies = {pair[0] for pair in found if pair}
    if len(frequencies) > 1 or frequencies - set(FREQUENCIES):
        return reason("mixed_frequency" if len(frequencies) > 1 else "not_validated_frequency")
    frequency = frequencies.pop()
    places = np.array([pair[1] for pair in found if pair])
    counts = dict(zip(*np.unique(places, return_counts=True), strict=True))
    twice = [place for place in places if counts[place] > 1]
    if twice:
        return reason("duplicate_period", found=period_text(int(twice[0]), frequency))
    known = ~np.isnan(values)
    if not known.any():
        return reason("all_missing")
    limits = _limits(cells.options)
    if isinstance(limits, Reason):
        return limits
    kind, lower, upper = limits
    order = np.argsort(places[known])
    places, values = places[known][order], values[known][order]
    outside = values[(values < lower) | (values > upper)]
    if len(outside):
        return reason("outside_bounds", found=f"{outside[0]:g}", lower=f"{lower:g}", upper=f"{upper:g}")
    if len(values) < SHORTEST[frequency]:
        return reason("too_few", count=len(values), need=SHORTEST[frequency])
    if np.ptp(values) == 0:
        return reason("constant")
    gaps = np.diff(places)
    step = int(gaps[0]) if frequency == "yearly" and (gaps == gaps[0]).all() else 1
    span = (places[-1] - places[0]) // step + 1
    missing = int(span - len(values))
    if missing > MISSING_SHARE * span:
        return reason("irregular", missing=missing, span=int(span))
    notes = [reason("filled", count=missing)] if missing else []
    notes += [reason("spaced", step=step)] if step > 1 else []
    grid = np.arange(places[0], places[-1] + 1, step)
    filled, known = np.interp(grid, places, values), np.isin(grid, places)
    said = together(notes)
    return Series(name, frequency, filled, int(places[-1]), step, len(values), kind, lower, upper, said, known)


def _period(cell: object) -> str:
    text = str(cell).strip()
    return text[:-2] if len(text) == 6 and text.endswith(".0") else text


def _read_period(text: str) -> tuple[str, int] | None:
    """Return frequency and ordinal of a period's text; None where it is no period; ordinal 0 where it is none of those forecast."""
    if YEAR.fullmatch(text):
        return "yearly", int(text)
    match = QUARTER.fullmatch(text)
    if match:
        return "quarterly", 4 * int(match[1]) + int(match[2]) - 1
    match = MONTH.fullmatch(text)
    if match:
        return "monthly", 12 * int(match[1]) + int(match[2]) - 1
    if not periods.is_period(text):
        return None
    return ("half_yearly" if "H" in text else "interval" if "/" in text else f"of {len(text)} letters"), 0


def _limits(options: dict[str, np.ndarray]) -> tuple[str, float, float] | Reason:
    """Return kind and bounds of a series, or why they cannot be used."""
    said = {name: {str(c) for c in cells if not pd.isna(c) and c != ""} for name, cells in options.items()}
    kinds = said.get("kind", set())
    if len(kinds) > 1 or kinds - set(KINDS):
        return reason("bad_bounds", found=", ".join(sorted(kinds)))
    kind = next(iter(kinds), "level")
    ends = list(LIMITS.get(kind, (-math.inf, math.inf)))
    for place, column in enumerate(("lower", "upper")):
        try:
            numbers = {float(text) for text in said.get(column, set())}
        except ValueError:
            numbers = {math.nan}
        if len(numbers) > 1 or any(math.isnan(number) for number in numbers):
            return reason("bad_bounds", found=f"{column}: {', '.join(sorted(said[column]))}")
        ends[place] = numbers.pop() if numbers else ends[place]
    if not ends[0] < ends[1]:
        return reason("bad_bounds", found=f"{ends[0]:g} … {ends[1]:g}")
    return kind, ends[0], ends[1]
