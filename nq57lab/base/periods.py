"""Periods in ISO 8601: a year, half-year, quarter, month, day, or an interval of two of them.

A partial date stands for the end of its period. Text in, text or dates out; the vector functions take a Series.
"""

import re
from datetime import date, timedelta
from functools import lru_cache

SINGLE = r"[0-9]{4}(?:-(?:H[12]|Q[1-4]|(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?))?"
PATTERN = rf"{SINGLE}(?:/{SINGLE})?"
_PART = re.compile(r"([0-9]{4})(?:-(?:H([12])|Q([1-4])|(0[1-9]|1[0-2])(?:-(0[1-9]|[12][0-9]|3[01]))?))?")


def _months(text: str) -> tuple[int, int, int, int]:
    match = _PART.fullmatch(text)
    if not match:
        raise ValueError(f"not an ISO 8601 period: {text!r}")
    year, half, quarter, month, day = (int(part) if part else 0 for part in match.groups())
    if half:
        return year, 6 * half - 5, 6 * half, 0
    if quarter:
        return year, 3 * quarter - 2, 3 * quarter, 0
    if month:
        return year, month, month, day
    return year, 1, 12, 0


@lru_cache(maxsize=65536)
def bounds(period: str) -> tuple[date, date]:
    """Return the first and the last day of a period.

    Parameters
    ----------
    period : str
        ``2026``, ``2026-H1``, ``2026-Q2``, ``2026-06``, ``2026-06-29`` or an interval ``start/end``.

    Raises
    ------
    ValueError
        If the text is not such a period, or an interval ends before it starts.

    Examples
    --------
    >>> bounds("2026-H1")
    (datetime.date(2026, 1, 1), datetime.date(2026, 6, 30))
    """
    start_text, slash, end_text = period.partition("/")
    if slash and not end_text:
        raise ValueError(f"an interval without an end: {period!r}")
    year, first, last, day = _months(start_text)
    start = date(year, first, day or 1)
    if end_text:
        year, _, last, day = _months(end_text)
    end = date(year, last, day) if day else date(year + last // 12, last % 12 + 1, 1) - timedelta(days=1)
    if end < start:
        raise ValueError(f"the interval ends before it starts: {period!r}")
    return start, end


def end(period: str) -> date:
    """Return the last day of a period."""
    return bounds(period)[1]


def is_period(text: str) -> bool:
    """Tell whether a text is a period that :func:`bounds` reads."""
    try:
        bounds(text)
    except ValueError:
        return False
    return True


def shape(period: str) -> str:
    """Return the form of a period, by which periods of equal length are told from others of as many letters.

    >>> shape("2026-H1"), shape("2026-06") == shape("2026-Q2"), shape("2025") == shape("2030")
    ('0000-H0', False, True)
    """
    return re.sub("[0-9]", "0", period)


def months(period: str) -> int:
    """Return the length of a named period in months; 0 for a day or an interval.

    >>> [months(text) for text in ("2026", "2026-H1", "2026-Q2", "2026-06", "2026-06-29")]
    [12, 6, 3, 1, 0]
    """
    return {"0000": 12, "0000-H0": 6, "0000-Q0": 3, "0000-00": 1}.get(shape(period), 0)


def year_earlier(period: str) -> str:
    """Return the same period one year earlier; 29 February becomes 28 February.

    >>> year_earlier("2026-01-01/2026-05-31")
    '2025-01-01/2025-05-31'
    """
    parts = [f"{int(part[:4]) - 1:04d}{part[4:]}" for part in period.split("/")]
    return "/".join(part[:-2] + "28" if part.endswith("-02-29") else part for part in parts)


def decimal_year(period: str) -> float:
    """Return the end of a period as a year with decimals: the end of 2025 is 2025.0, mid-2026 is 2025.5.

    A yearly figure carries its own year's number, so that ``2030 - decimal_year("2025")`` is 5.
    """
    last = end(period)
    start_of_year = date(last.year, 1, 1)
    days = (date(last.year + 1, 1, 1) - start_of_year).days
    return last.year - 1 + ((last - start_of_year).days + 1) / days
