"""Periods: every form has its first and last day, and nothing else is a period."""

import calendar
import re
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nq57lab.base import periods

YEARS = st.integers(1900, 2100)
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def last_day(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-H1", "2026-01-01", "2026-06-30"),
        ("2026-H2", "2026-07-01", "2026-12-31"),
        ("2026-Q2", "2026-04-01", "2026-06-30"),
        ("2026-Q4", "2026-10-01", "2026-12-31"),
        ("2026-06", "2026-06-01", "2026-06-30"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025-02", "2025-02-01", "2025-02-28"),
        ("2026-06-29", "2026-06-29", "2026-06-29"),
        ("2024-12-22/2026-06-29", "2024-12-22", "2026-06-29"),
        ("2024-12-22/2026-06", "2024-12-22", "2026-06-30"),
        ("2021/2025", "2021-01-01", "2025-12-31"),
        ("2024/2026-Q2", "2024-01-01", "2026-06-30"),
    ],
)
def test_a_period_has_its_first_and_last_day(text, first, last):
    assert periods.bounds(text) == (date.fromisoformat(first), date.fromisoformat(last))
    assert periods.end(text) == date.fromisoformat(last)
    assert re.fullmatch(periods.PATTERN, text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "26", "2026-13", "2026-02-30", "2026-06-31", "2026-Q5", "2026-Q0", "2026-H3", "2026-6"),
        *("30/6/2026", "/2026", "2026/2027/2028", "2026-06/2026-01", "2026-06-29/2026-06-28", "2026-Q2-01", " 2026"),
    ],
)
def test_what_is_no_period_is_refused(text):
    with pytest.raises(ValueError):
        periods.bounds(text)


@pytest.mark.parametrize("text", ["2026-00", "2026-06-00", "2026-00/2027"])
def test_month_zero_and_day_zero_are_refused(text):
    with pytest.raises(ValueError):
        periods.bounds(text)


@pytest.mark.parametrize("text", ["2026/", "2026\n", "２０２６"])
def test_a_period_with_something_left_over_is_refused(text):
    with pytest.raises(ValueError):
        periods.bounds(text)


@given(DAYS)
def test_a_full_date_is_its_own_first_and_last_day(day):
    assert periods.bounds(day.isoformat()) == (day, day)


@given(YEARS, st.integers(1, 12))
def test_a_month_ends_as_the_calendar_says(year, month):
    assert periods.bounds(f"{year}-{month:02d}") == (date(year, month, 1), last_day(year, month))


@given(YEARS, st.sampled_from([("H1", "H2"), ("Q1", "Q2", "Q3", "Q4"), tuple(f"{m:02d}" for m in range(1, 13))]))
def test_parts_of_a_year_follow_each_other_without_gap_or_overlap(year, parts):
    spans = [periods.bounds(f"{year}-{part}") for part in parts]
    assert (spans[0][0], spans[-1][1]) == periods.bounds(str(year))
    assert all(after[0] - before[1] == timedelta(days=1) for before, after in pairwise(spans))


@given(DAYS, DAYS)
def test_an_interval_runs_from_its_start_to_its_end_and_never_backwards(one, other):
    text = f"{one.isoformat()}/{other.isoformat()}"
    if one <= other:
        assert periods.bounds(text) == (one, other)
    else:
        with pytest.raises(ValueError, match="ends before it starts"):
            periods.bounds(text)


@pytest.mark.parametrize(
    ("text", "valid"),
    [("2024", True), ("2024-06/2024-08", True), ("2024-02-30", False), ("2024-08/2024-06", False), ("", False)],
)
def test_is_period_says_whether_a_text_can_be_read(text, valid):
    assert periods.is_period(text) is valid


@pytest.mark.parametrize(
    ("text", "earlier"),
    [
        ("2026", "2025"),
        ("2026-H1", "2025-H1"),
        ("2026-Q1", "2025-Q1"),
        ("2026-06", "2025-06"),
        ("2026-06-29", "2025-06-29"),
        ("2026-01-01/2026-05-31", "2025-01-01/2025-05-31"),
        ("2021/2025", "2020/2024"),
    ],
)
def test_the_same_period_one_year_earlier(text, earlier):
    assert periods.year_earlier(text) == earlier


def test_a_year_before_29_february_is_28_february():
    assert periods.end(periods.year_earlier("2024-02-29")) == date(2023, 2, 28)


@given(YEARS)
def test_a_yearly_figure_carries_the_number_of_its_year(year):
    assert periods.decimal_year(str(year)) == year
    assert periods.decimal_year(f"{year}-12-31") == year


def test_a_period_within_the_year_has_a_decimal():
    assert periods.decimal_year("2026-06") == 2025 + 181 / 365
    assert periods.decimal_year("2024-06-30") == 2023 + 182 / 366
    assert periods.decimal_year("2024-12-22/2026-06-29") == 2025 + 180 / 365


@given(DAYS)
def test_decimal_years_grow_from_day_to_day(day):
    tomorrow = day + timedelta(days=1)
    step = periods.decimal_year(tomorrow.isoformat()) - periods.decimal_year(day.isoformat())
    assert 1 / 367 < step < 1 / 364
