"""Figures and their trace: what a number is printed as, what it came from, and what a final edition may use."""

import math

import pytest
from support import ROOT, observe

from nq57lab.base.problems import ProblemError
from nq57lab.documents.edition import Edition
from nq57lab.facts import audit as quality
from nq57lab.facts.figures import TRACE_COLUMNS, Figure, Figures
from nq57lab.facts.known import trusted
from nq57lab.facts.observations import TRUSTED
from nq57lab.targets import tracking

SHARE = {"subject": "A.02.02", "unit": "%", "family": "share", "measure": "flow"}
MONEY = {"subject": "sti_budget_total", "unit": "tỷ đồng", "family": "money_vnd"}


@pytest.fixture
def made(shipped):
    """Make figures over rows of one's own."""
    return lambda *rows, **options: Figures(shipped, observe(*rows), **options)


def codes_of(action, *arguments, **options):
    with pytest.raises(ProblemError) as caught:
        action(*arguments, **options)
    return [problem.code for problem in caught.value.problems]


def test_a_reference_gives_the_newest_figure_with_its_provenance(figures):
    assert figures.get("A.02.02").period == "2025"
    figure = figures.get("A.02.02", period="2024")
    assert (figure.value, figure.number, figure.unit, figure.period) == (13.17, "13,17", "%", "2024")
    assert (figure.status, figure.vintage, figure.sources) == ("official", "2025-01-06", ("P_GSO_20250106",))
    assert len(figure.rows) == 1
    assert not figure.missing


def test_area_period_and_breakdown_choose_the_figure(figures):
    assert figures.get("A.02.02", period="2024").number == "13,17"
    assert figures.get("A.02.02[period=2024]").number == "13,17"
    assert figures.get("disbursement_rate[pillar=KHCN]").number == "30,8"
    assert figures.get("party_fee_rate", area="34:75").number == "95,5"
    assert figures.get("party_fee_rate[area=34:75]").number == "95,5"


def test_an_expression_is_computed_from_its_parts(figures, table):
    figure = figures.get("deadline_tasks_completed / tasks_deadline * 100")
    assert figure.value == pytest.approx(1245 / 1469 * 100)
    assert (figure.number, figure.unit, figure.status) == ("84,8", "%", "self_reported")
    used = table.set_index("id").loc[list(figure.rows), "subject"].tolist()
    assert used == ["deadline_tasks_completed", "tasks_deadline"]
    assert figure.formula == "deadline_tasks_completed / tasks_deadline * 100"


def test_a_recomputed_figure_remembers_what_the_source_prints(figures):
    figure = figures.get("party_terminals_rate", area="block:party")
    assert (figure.number, figure.printed_in_source) == ("66,5", "66,4%")
    assert figure.formula == "party_terminals_installed / party_terminals_planned * 100"
    assert len(figure.rows) == 3
    agreeing = figures.get("task_completion_rate")
    assert (agreeing.number, agreeing.printed_in_source) == ("84,8", "")


def test_without_an_audit_a_figure_is_as_printed(shipped, table):
    assert Figures(shipped, table).get("party_terminals_rate", area="block:party").number == "66,4"


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("tasks_asigned", "reference"),
        ("tasks_assigned / tasks_asigned", "reference"),
        ("tasks_assigned +", "formula"),
        ("eval(tasks_assigned)", "formula"),
    ],
)
def test_an_unknown_code_or_a_text_outside_the_grammar_is_refused(figures, expression, code):
    assert codes_of(figures.get, expression) == [code]


def test_every_unknown_code_of_an_expression_is_told(figures):
    assert codes_of(figures.get, "tasks_a / tasks_b * 100") == ["reference", "reference"]


def test_parts_of_different_periods_are_refused_until_each_is_stated(made):
    figures = made(
        {"subject": "tasks_regular", "period": "2025", "value": 4},
        {"subject": "tasks_deadline", "period": "2026-06", "value": 6},
    )
    assert codes_of(figures.get, "tasks_regular + tasks_deadline") == ["periods_apart"]
    stated = figures.get("tasks_regular[period=2025] + tasks_deadline[period=2026-06]")
    assert stated.value == 10


def test_one_stated_period_does_not_excuse_the_other_parts(made):
    figures = made(
        {"subject": "tasks_regular", "period": "2024", "value": 4},
        {"subject": "tasks_deadline", "period": "2025", "value": 6},
        {"subject": "tasks_overdue", "period": "2026", "value": 2},
    )
    assert codes_of(figures.get, "tasks_regular[period=2024] + tasks_deadline + tasks_overdue") == ["periods_apart"]


def test_periods_that_end_on_one_day_belong_together(made):
    figures = made(
        {"subject": "tasks_regular", "period": "2024-12-22/2026-06", "value": 4},
        {"subject": "tasks_deadline", "period": "2026-06-30", "value": 6},
    )
    assert figures.get("tasks_regular + tasks_deadline").value == 10


def test_units_that_do_not_add_are_refused(made):
    figures = made({"value": 5}, MONEY | {"value": 7})
    assert codes_of(figures.get, "tasks_assigned + sti_budget_total") == ["incomparable"]


@pytest.mark.parametrize(
    ("expression", "unit", "number"),
    [
        ("A.02.02[period=2025] - A.02.02[period=2024]", "điểm phần trăm", "0,85"),
        ("sti_budget_total + sti_budget_total", "tỷ đồng", "14"),
        ("A.02.02[period=2025] / A.02.02[period=2024] * 100", "%", "106,5"),
        ("growth(A.02.02[period=2025], A.02.02[period=2024])", "%", "6,5"),
        ("tasks_assigned / sti_budget_total", "", "0,7"),
    ],
)
def test_the_unit_and_the_decimals_follow_from_the_parts(made, expression, unit, number):
    figures = made(
        SHARE | {"period": "2024", "value": 13.17, "printed": "13,17"},
        SHARE | {"period": "2025", "value": 14.02, "printed": "14,02"},
        MONEY | {"value": 7, "printed": "7"},
        {"value": 5, "printed": "5"},
    )
    figure = figures.get(expression)
    assert (figure.unit, figure.number) == (unit, number)


def test_a_sum_is_no_finer_than_its_coarsest_part(made):
    figures = made(
        SHARE | {"period": "2025", "value": 14.02, "printed": "14,02"},
        SHARE | {"period": "2024", "value": 13.2, "printed": "13,2"},
    )
    assert figures.get("A.02.02[period=2025] - A.02.02[period=2024]").number == "0,8"


def test_a_scale_word_adds_no_decimals_to_a_sum(made):
    figures = made(
        MONEY | {"value": 41058, "printed": "41,058 nghìn"},
        MONEY | {"subject": "sti_budget_allocated", "value": 9585, "printed": "9.585"},
    )
    assert figures.get("sti_budget_total - sti_budget_allocated").number == "31.473"


@pytest.mark.parametrize("expression", ["sum_over(tasks_assigned, kind)", 'count_where(tasks_assigned, ">=", 2)'])
def test_a_sum_or_a_count_of_whole_numbers_has_no_decimals(made, expression):
    rows = [{"dims": "kind=ict", "value": 2, "printed": "2"}, {"item": "db_land", "value": 2, "printed": "2"}]
    assert "," not in made(*rows).get(expression).number


def test_bounds_stay_bounds_in_a_sum_and_become_approximations_elsewhere(made):
    rows = [
        {"subject": "tasks_regular", "value": 4, "qualifier": ">"},
        {"subject": "tasks_deadline", "value": 6, "qualifier": "="},
    ]
    figures = made(*rows)
    assert figures.get("tasks_regular + tasks_deadline").qualifier == ">"
    assert figures.get("tasks_regular / tasks_deadline").qualifier == "~"
    assert figures.get("tasks_deadline - tasks_regular").qualifier == "~"
    assert figures.get("tasks_deadline * 2").qualifier == "="


def test_growth_compares_one_measure(made):
    rows = [SHARE | {"period": "2025", "value": 14}, SHARE | {"period": "2024", "value": 99, "measure": "stock"}]
    assert made(*rows).get("growth(A.02.02)").missing
    assert made(*rows, SHARE | {"period": "2024", "value": 10}).get("growth(A.02.02)").number == "40,0"


def test_a_quotient_does_not_depend_on_the_units_that_were_reported(made):
    part = MONEY | {"subject": "sti_disbursed", "value": 500.0}
    whole = MONEY | {"value": 2_000_000.0, "unit": "triệu đồng"}
    assert made(part, whole).get("sti_disbursed / sti_budget_total * 100").number == "25,0"


def test_growth_needs_the_same_period_a_year_earlier(made):
    rows = [{"period": "2025-06", "value": 100}, {"period": "2026-06", "value": 118}, {"period": "2026-05", "value": 7}]
    assert made(*rows).get("growth(tasks_assigned)").number == "18,0"
    assert made(*rows[1:]).get("growth(tasks_assigned)").missing


@pytest.mark.parametrize("expression", ["100", "2 * (3 + 4)"])
def test_a_number_typed_into_a_text_is_refused(figures, expression):
    assert codes_of(figures.get, expression)


def test_a_zero_denominator_is_a_missing_figure(made):
    figures = made({"subject": "tasks_regular", "value": 4}, {"subject": "tasks_deadline", "value": 0})
    assert figures.get("tasks_regular / tasks_deadline * 100").missing


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({"value": 8, "printed": "08", "unit": "văn bản"}, "8\u00a0văn bản"),
        ({"value": 71e6, "printed": "71 triệu", "unit": "tài khoản", "qualifier": ">"}, "hơn 71 triệu\u00a0tài khoản"),
        ({"value": 5, "value_high": 10, "printed": "5-10", "unit": "lần"}, "5 – 10\u00a0lần"),
        ({"value": 5, "value_high": 10, "printed": "5–10 nghìn", "unit": "tỷ đồng"}, "5 – 10 nghìn\u00a0tỷ đồng"),
        ({"value": 23.5, "printed": "23,50", "unit": "%"}, "23,50%"),
        ({"value": -3.7, "printed": "giảm 3,7", "unit": "%"}, "−3,7%"),
        ({"value": 44, "printed": "44", "unit": "thứ hạng"}, "44"),
        ({"value": 0.42533123, "printed": "", "unit": "%"}, "0,43%"),
    ],
)
def test_a_figure_is_written_with_its_sources_digits(made, row, text):
    figures = made(row)
    assert figures.write(figures.get("tasks_assigned"), markup=False) == text


def test_a_written_figure_carries_its_identity_and_its_mark(made):
    figures = made({"value": 5, "printed": "5", "status": "self_reported"}, MONEY | {"value": 7, "status": "estimate"})
    assert figures.write(figures.get("tasks_assigned")) == '[5\u00a0nhiệm vụ]{.so so="s1"}\u2060[t]{.dau}'
    assert figures.write(figures.get("sti_budget_total"), mark=False, unit=False) == '[7]{.so so="s2"}'
    assert figures.write(figures.get("sti_budget_total"), unit=False) == '[7]{.so so="s3"}\u2060[ư]{.dau}'


def test_a_missing_figure_says_so(made):
    draft, final = made({"value": 5}), made({"value": 5, "status": "self_reported"}, final=True)
    assert draft.write(draft.get("tasks_regular")) == "chưa có số liệu"
    assert final.write(final.get("tasks_regular")) == "chưa có số liệu xác thực"
    assert draft.trace_table()["ok"].tolist() == final.trace_table()["ok"].tolist() == ["yes"]


def test_the_trace_notes_every_number_in_order_with_its_rows(figures, table):
    figures.place = "mục I"
    for expression in (
        "tasks_assigned[period=2024-12-22/2026-06-29]",
        "A.02.02[period=2024]",
        "deadline_tasks_completed / tasks_deadline * 100",
        "tasks_overdue",
    ):
        figures.write(figures.get(expression))
    trace = figures.trace_table()
    assert list(trace.columns) == TRACE_COLUMNS
    assert list(trace.columns[:6]) == ["id", "place", "printed", "recomputed", "rows", "ok"]
    assert trace["id"].tolist() == ["s1", "s2", "s3", "s4"]
    assert set(trace["place"]) == {"mục I"}
    assert set(trace["ok"]) == {"yes"}
    assert trace["printed"].tolist()[:2] == ["1.937\u00a0nhiệm vụ", "13,17%"]
    for rows in trace["rows"]:
        assert set(rows.split("; ")) <= set(table["id"])


def test_a_number_without_rows_is_not_ok_in_the_trace(figures):
    figures.write(figures.literal(12.0, "", decimals=0, rows=(), formula="tự nghĩ ra"))
    figures.write(figures.literal(12.0, "", decimals=0, rows=("targets.csv:2",), formula="đếm"))
    figures.note("ít nhất 30%", 30.0, rows=(), source="S002")
    assert figures.trace_table()["ok"].tolist() == ["no", "", "no"]


def test_a_literal_without_a_value_is_missing(figures):
    assert figures.literal(math.nan, "%", decimals=1, rows=("x:2",), formula="").missing
    assert Figure("x", math.nan).missing


def test_a_final_edition_uses_official_and_verified_figures_only(shipped, table, audit):
    figures = Figures(shipped, trusted(table), audit, final=True)
    assert set(figures.table["status"]) <= set(TRUSTED)
    assert len(figures.table) > 0
    for row in table[["subject", "area"]].drop_duplicates().itertuples():
        figure = figures.get(row.subject, area=row.area)
        assert figure.missing or figure.status in TRUSTED, row


def test_a_verified_figure_is_not_replaced_by_self_reported_parts_in_a_final_edition(shipped, table):
    verified = table.copy()
    verified.loc[verified["subject"] == "task_completion_rate", "status"] = "verified"
    own = trusted(verified)
    figure = Figures(shipped, own, quality.audit(shipped.relations, own, partly=True), final=True).get(
        "task_completion_rate"
    )
    assert figure.number == "84,8"
    assert figure.status == "verified"
    used = verified.set_index("id").loc[list(figure.rows), "status"]
    assert set(used) <= set(TRUSTED)


def test_the_values_and_targets_of_a_final_edition_are_trusted():
    parameters = {"edition": "chinh-thuc", "title": "A|B", "known": "2026-06-30", "draft": False}
    edition = Edition(parameters, root=ROOT)
    assert edition.final
    assert set(edition.figures.table["status"]) <= set(TRUSTED)
    assert set(edition.values["status"]) <= set(TRUSTED)
    progress = tracking.of_known(edition.known_tables).progress
    assert set(progress["status"]) <= {"", *TRUSTED}
    assert edition.figures.get("disbursement_rate").missing
    assert edition.figures.get("A.02.02").number == "13,17"
