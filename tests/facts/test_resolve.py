"""One resolver of references: floats, intervals, figures and written numbers come from the same rows."""

import math
import re
from copy import copy
from types import SimpleNamespace

import pytest
from support import observe

from nq57lab.base import formulas
from nq57lab.facts import audit, indicators
from nq57lab.facts.figures import Figures
from nq57lab.facts.observations import Lookup
from nq57lab.facts.resolve import References
from nq57lab.reports import review_annexes

X, Y = "patent_applications_vietnamese", "patents_granted_vietnamese"
PART, WHOLE, ITEMS = "tasks_regular", "tasks_assigned", "database_criteria_met"


def row(identity, subject, value, **fields):
    return {"id": identity, "subject": subject, "value": value, "printed": str(value)} | fields


ROWS = [
    row("x24", X, 80, period="2024", measure="flow"),
    row("x25-cumulative", X, 900, period="2025", measure="cumulative"),
    row("x25", X, 100, period="2025", measure="flow"),
    row("x26", X, 150, period="2026", measure="flow"),
    row("x-span", X, 30, period="2026-01-01/2026-05-31", measure="flow"),
    row("x-span-before", X, 24, period="2025-01-01/2025-05-31", measure="flow"),
    row("x-local", X, 7, period="2026", area="34:01", measure="flow"),
    row("x-local-before", X, 5, period="2025", area="34:01", measure="flow"),
    row("y26", Y, 60, period="2026"),
    row("kind-a", PART, 4, period="2026", dims="kind=ict"),
    row("kind-b", PART, 6, period="2026", dims="kind=hightech"),
    row("kind-a-before", PART, 2, period="2025", dims="kind=ict"),
    row("kind-a-local", PART, 1, period="2026", area="34:01", dims="kind=ict"),
    row("whole", WHOLE, 40, period="2026"),
    row("land", ITEMS, 19, period="2026", item="db_land"),
    row("people", ITEMS, 12, period="2026", item="db_population"),
]

# Formula, area and period of the row evaluated, rows in the order of the evaluation, value.
CASES = [
    (X, "VN", "2026", ["x26"], 150),
    (X, "34:01", "2026", ["x-local"], 7),
    (f"{X}[area=34:01]", "VN", "2026", ["x-local"], 7),
    (f"{X}[period=2024]", "VN", "2026", ["x24"], 80),
    (f"{X}[period=2026-01-01/2026-05-31]", "VN", "2026", ["x-span"], 30),
    (f"{X}[measure=cumulative]", "VN", "2025", ["x25-cumulative"], 900),
    (f"{PART}[kind=ict]", "VN", "2026", ["kind-a"], 4),
    (f"{ITEMS}[item=db_land]", "VN", "2026", ["land"], 19),
    (f"{X} / {Y} * 100", "VN", "2026", ["x26", "y26"], 250),
    (f"{X} - {X}[area=34:01]", "VN", "2026", ["x26", "x-local"], 143),
    (f"per({X}, {Y}, 1000)", "VN", "2026", ["x26", "y26"], 2500),
    (f"mean_duration({X}, {Y})", "VN", "2026", ["x26", "y26"], 2.5),
    (f"sum_over({PART}, kind)", "VN", "2026", ["kind-a", "kind-b"], 10),
    (f"sum_over({PART}, kind) / {WHOLE} * 100", "VN", "2026", ["kind-a", "kind-b", "whole"], 25),
    (f"sum_over({PART}[area=34:01], kind)", "VN", "2026", ["kind-a-local"], 1),
    (f"sum_over({PART}[period=2025], kind)", "VN", "2026", ["kind-a-before"], 2),
    (f'count_where({ITEMS}, ">=", 19)', "VN", "2026", ["land", "people"], 1),
    (f'count_where({ITEMS}, "<", 19)', "VN", "2026", ["land", "people"], 1),
    (f"growth({X})", "VN", "2026", ["x25", "x26"], 50),
    (f"growth({X})", "VN", "2025", ["x24", "x25"], 25),
    (f"growth({X})", "34:01", "2026", ["x-local-before", "x-local"], 40),
    (f"growth({X}[area=34:01])", "VN", "2026", ["x-local-before", "x-local"], 40),
    (f"growth({X}[period=2026])", "VN", "2025", ["x25", "x26"], 50),
    (f"growth({X}[period=2026-01-01/2026-05-31])", "VN", "2026", ["x-span-before", "x-span"], 25),
    (f"growth({PART}[kind=ict])", "VN", "2026", ["kind-a-before", "kind-a"], 100),
    (f"growth({X}, {X}[period=2024])", "VN", "2026", ["x24", "x26"], 87.5),
]

# What the formula means has no row: the period, the area, the breakdown, the measure, the earlier period.
MISSING = [
    (X, "VN", "2023"),
    (f"{X}[area=34:04]", "VN", "2026"),
    (f"{PART}[kind=hightech; period=2025]", "VN", "2026"),
    (f"{Y} + {X}[measure=stock]", "VN", "2026"),
    (f"growth({X})", "VN", "2024"),
    (f"growth({Y})", "VN", "2026"),
    (f"growth({X}[measure=cumulative])", "VN", "2025"),
    (f"growth({PART}[kind=hightech])", "VN", "2026"),
    (f"sum_over({PART}, pillar)", "VN", "2026"),
    (f'count_where({ITEMS}, ">=", 19)', "VN", "2025"),
]


@pytest.fixture(scope="module")
def rows():
    return observe(*ROWS)


def resolved(rows, area, period, number):
    return References(Lookup(rows), area, period, number)


def identities(references):
    return [used["id"] for used in references.rows]


@pytest.mark.parametrize(("text", "area", "period", "used", "value"), CASES)
def test_a_float_comes_from_the_rows_that_the_formula_means(rows, text, area, period, used, value):
    references = resolved(rows, area, period, lambda found: float(found["value"]))
    assert formulas.evaluate(formulas.parse(text), references) == pytest.approx(value)
    assert identities(references) == used


@pytest.mark.parametrize(("text", "area", "period", "used", "value"), CASES)
def test_an_interval_comes_from_the_same_rows_and_holds_the_value(rows, text, area, period, used, value):
    references = resolved(rows.assign(family="money_vnd"), area, period, audit.interval)
    interval = formulas.evaluate(formulas.parse(text), references, audit.exact)
    assert identities(references) == used
    assert interval.value == pytest.approx(value)
    assert interval.low <= interval.value <= interval.high
    assert (interval.low < interval.high) == ("count_where" not in text)


@pytest.mark.parametrize(("text", "area", "period", "used", "value"), CASES)
def test_a_figure_comes_from_the_same_rows_and_is_the_value(shipped, rows, text, area, period, used, value):
    figure = Figures(shipped, rows).get(text, area=area, period=period)
    assert figure.value == pytest.approx(value)
    assert list(figure.rows) == used


@pytest.mark.parametrize(("text", "area", "period", "used", "value"), CASES)
def test_written_numbers_are_those_of_the_same_rows(shipped, rows, text, area, period, used, value):
    book = Figures(shipped, rows)
    edition = SimpleNamespace(figures=book)
    node = formulas.parse(text)
    if "count_where" in text:
        with pytest.raises(ValueError, match="no arithmetic in words"):
            review_annexes.arithmetic(node, edition, area, period)
        assert book.trace == []
        return
    written = review_annexes.arithmetic(node, edition, area, period)
    assert sorted(entry["rows"] for entry in book.trace) == sorted(used)
    places = [written.index(f'so="{entry["id"]}"') for entry in book.trace]
    assert places == sorted(places)


@pytest.mark.parametrize(("text", "area", "period"), MISSING)
def test_a_missing_row_is_missing_in_every_arithmetic(shipped, rows, text, area, period):
    node, book = formulas.parse(text), Figures(shipped, rows)
    for number, literal in ((lambda found: float(found["value"]), float), (audit.interval, audit.exact)):
        with pytest.raises(LookupError):
            formulas.evaluate(node, resolved(rows, area, period, number), literal)
    with pytest.raises(LookupError):
        review_annexes.arithmetic(node, SimpleNamespace(figures=book), area, period)
    assert book.trace == []
    assert book.get(text, area=area, period=period).missing


def test_growth_of_a_named_period_is_one_value_as_an_indicator_too(shipped, rows):
    catalogue = copy(shipped)
    object.__setattr__(catalogue, "formulas", {"B.13.08": f"growth({X}[period=2026])"})
    values = indicators.compute(catalogue, rows)
    found = values[(values["subject"] == "B.13.08") & (values["area"] == "VN")]
    assert set(found["value"]) == {50.0}


def test_without_a_period_the_newest_row_is_set_against_its_own_year_earlier(rows):
    references = resolved(rows, "34:01", "", lambda found: float(found["value"]))
    assert formulas.evaluate(formulas.parse(f"growth({X})"), references) == pytest.approx(40)
    assert references.stated == [True, False]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"{X} - ({Y} - {WHOLE})", "150 − (60 − 40)"),
        (f"{X} / ({Y} * {WHOLE})", "150 ÷ (60 × 40)"),
        (f"{X} / {Y} * {WHOLE}", "150 ÷ 60 × 40"),
        (f"({X} + {Y}) * {WHOLE}", "(150 + 60) × 40"),
        (f"{X} + {Y} - {WHOLE}", "150 + 60 − 40"),
        (f"growth({X})", "(150 ÷ 100 − 1) × 100"),
        (f"per({X}, {Y}, 1000)", "150 ÷ 60 × 1.000"),
        (f"{WHOLE} - sum_over({PART}, kind)", "40 − (4 + 6)"),
    ],
)
def test_written_arithmetic_has_the_brackets_that_it_needs(shipped, rows, text, shown):
    edition = SimpleNamespace(figures=Figures(shipped, rows))
    written = review_annexes.arithmetic(formulas.parse(text), edition, "VN", "2026")
    assert re.sub(r"\[([^]]*)\]\{[^}]*\}", r"\1", written) == shown


def test_intervals_of_bounds_are_unbounded(rows):
    above = rows.assign(qualifier=rows["qualifier"].mask(rows["id"] == "x26", ">"))
    interval = formulas.evaluate(formulas.parse(X), resolved(above, "VN", "2026", audit.interval), audit.exact)
    assert (interval.low, interval.high) == (150, math.inf)
