"""Series as they come, one observation a row, made fit to forecast: or the reason why one cannot be.

A long table in (series_id, period, value, optional kind, lower, upper), :class:`Series` and refusals out; one bad series never stops
the others.
"""

import math
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nq57lab import periods
from nq57lab.messages_forecast import reason
from nq57lab.problems import Problem, ProblemError

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
    quarters); ``points`` counts what was observed; ``values`` holds interpolated values where a period is missing.
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
    note: str

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


def prepare(frame: pd.DataFrame) -> tuple[list[Series], dict[str, str]]:
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
    fit, refused = [], {}
    names = frame["series_id"].astype(str)
    for name, rows in frame.groupby(names, sort=False):
        found = _prepare_one(str(name), rows)
        if isinstance(found, str):
            refused[str(name)] = found
        else:
            fit.append(found)
    return fit, refused


def _prepare_one(name: str, rows: pd.DataFrame) -> Series | str:
    texts = rows["value"].map(lambda cell: "" if pd.isna(cell) else str(cell).strip())
    values = pd.to_numeric(texts.replace("", None), errors="coerce").to_numpy(dtype=float)
    wrong = texts[(texts != "") & np.isnan(values)]
    if len(wrong):
        return reason("not_number", found=wrong.iloc[0])
    if np.isinf(values).any():
        return reason("infinite")
    ordinals = _ordinals([_period(cell) for cell in rows["period"]])
    if isinstance(ordinals, str):
        return ordinals
    frequency, places = ordinals
    twice = pd.Series(places)[pd.Series(places).duplicated()]
    if len(twice):
        return reason("duplicate_period", found=period_text(int(twice.iloc[0]), frequency))
    known = ~np.isnan(values)
    if not known.any():
        return reason("all_missing")
    limits = _limits(rows)
    if isinstance(limits, str):
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
    filled = np.interp(grid, places, values)
    return Series(name, frequency, filled, int(places[-1]), step, len(values), kind, lower, upper, "; ".join(notes))


def _period(cell: object) -> str:
    text = str(cell).strip()
    return text[:-2] if re.fullmatch(r"[0-9]{4}\.0", text) else text


def _ordinals(texts: list[str]) -> tuple[str, np.ndarray] | str:
    """Return the frequency and the ordinals of period texts, or why they are no series."""
    bad = [text for text in texts if not periods.is_period(text)]
    if bad:
        return reason("bad_period", found=bad[0])
    yearly = [bool(YEAR.fullmatch(text)) for text in texts]
    quarterly = [QUARTER.fullmatch(text) for text in texts]
    if all(yearly):
        return "yearly", np.array([int(text) for text in texts])
    if all(quarterly):
        return "quarterly", np.array([4 * int(match[1]) + int(match[2]) - 1 for match in quarterly if match])
    shapes = {len(text) if "Q" not in text and "H" not in text else text[5] for text in texts}
    return reason("mixed_frequency" if len(shapes) > 1 else "not_validated_frequency")


def _limits(rows: pd.DataFrame) -> tuple[str, float, float] | str:
    """Return kind and bounds of a series, or why they cannot be used."""
    kinds = {str(cell) for cell in rows["kind"] if not pd.isna(cell) and cell != ""} if "kind" in rows else set()
    if len(kinds) > 1 or kinds - set(KINDS):
        return reason("bad_bounds", found=", ".join(sorted(kinds)))
    kind = next(iter(kinds), "level")
    ends = list(LIMITS.get(kind, (-math.inf, math.inf)))
    for place, column in enumerate(("lower", "upper")):
        cells = {str(cell) for cell in rows[column] if not pd.isna(cell) and cell != ""} if column in rows else set()
        numbers = pd.to_numeric(pd.Series(sorted(cells), dtype=object), errors="coerce").dropna().unique()
        if len(numbers) > 1 or (cells and not len(numbers)):
            return reason("bad_bounds", found=f"{column}: {', '.join(sorted(cells))}")
        ends[place] = float(numbers[0]) if len(numbers) else ends[place]
    if not ends[0] < ends[1]:
        return reason("bad_bounds", found=f"{ends[0]:g} … {ends[1]:g}")
    return kind, ends[0], ends[1]
