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
SHORTEST = {"yearly": 8, "quarterly": 16}
MISSING_SHARE = 0.25
LIMITS = {"share": (0.0, 100.0), "count": (0.0, math.inf), "rank": (1.0, math.inf)}
YEAR, QUARTER = re.compile(r"[0-9]{4}"), re.compile(r"([0-9]{4})-Q([1-4])")


@dataclass(frozen=True)
class Series:
    """One series on a regular grid of periods.

    ``last`` is the ordinal of its last period (the year, or 4 × year + quarter − 1), ``step`` the number of years between its points (1 for
    quarters); ``points`` counts what was observed; ``values`` holds interpolated values where a period is missing, and ``known`` tells which
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
    return str(ordinal) if frequency == "yearly" else f"{ordinal // 4}-Q{ordinal % 4 + 1}"


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
    Refused: fewer than 8 yearly or 16 quarterly observations, a period twice, an unreadable period, mixed frequencies, a value that is not a finite
    number, a constant series, a value outside the bounds, more than a quarter of the periods missing. Where every gap is the same whole
    number of years the series is taken as one of every so many years. Missing periods are interpolated linearly.
    """
    check_columns(frame)
    texts = frame["value"].map(lambda cell: "" if pd.isna(cell) else str(cell).strip())
    values = pd.to_numeric(texts.replace("", None), errors="coerce").to_numpy(dtype=float)
    read = {text: _read_period(text) for text in {_period(cell) for cell in frame["period"]}}
    columns = Columns(
        texts.to_numpy(dtype=object),
        values,
        np.array([_period(cell) for cell in frame["period"]], dtype=object),
        {name: frame[name].to_numpy(dtype=object) for name in OPTIONAL if name in frame},
    )
    fit: list[Series] = []
    refused: dict[str, Reason] = {}
    codes, names = pd.factorize(frame["series_id"].astype(str))
    order = np.argsort(codes, kind="stable")
    for name, rows in zip(names, np.split(order, np.cumsum(np.bincount(codes))[:-1]), strict=True):
        found = _prepare_one(str(name), columns.take(rows), read)
        if isinstance(found, Reason):
            refused[str(name)] = reason("refused", why=found)
        else:
            fit.append(found)
    return fit, refused


@dataclass(frozen=True)
class Columns:
    """The cells of one or many series: values as written and as numbers, periods, and the optional columns."""

    texts: np.ndarray
    values: np.ndarray
    periods: np.ndarray
    options: dict[str, np.ndarray]

    def take(self, rows: np.ndarray) -> "Columns":
        """Return some rows."""
        options = {name: cells[rows] for name, cells in self.options.items()}
        return Columns(self.texts[rows], self.values[rows], self.periods[rows], options)


def _prepare_one(name: str, cells: Columns, read: dict[str, tuple[str, int] | None]) -> Series | Reason:
    values = cells.values
    wrong = cells.texts[(cells.texts != "") & np.isnan(values)]
    if len(wrong):
        return reason("not_number", found=wrong[0])
    if np.isinf(values).any():
        return reason("infinite")
    found = [read[text] for text in cells.periods]
    bad = [text for text, pair in zip(cells.periods, found, strict=True) if pair is None]
    if bad:
        return reason("bad_period", found=bad[0])
    frequencies = {pair[0] for pair in found if pair}
    if len(frequencies) > 1 or frequencies - {"yearly", "quarterly"}:
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
    """Return frequency and ordinal of a period's text; None where it is no period; ordinal 0 where it is neither yearly nor quarterly."""
    if YEAR.fullmatch(text):
        return "yearly", int(text)
    match = QUARTER.fullmatch(text)
    if match:
        return "quarterly", 4 * int(match[1]) + int(match[2]) - 1
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
