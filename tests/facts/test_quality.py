"""The audit: the draft review's own figures recomputed at their printed precision (source S004, 30 June 2026)."""

import math

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from support import observe

from nq57lab.base import wording
from nq57lab.base.problems import ProblemError
from nq57lab.facts import audit as quality
from nq57lab.facts.audit import Interval

# Printed figure, words of its relation → the digits that its parts, as printed, give.
AGREE = [
    ("task_completion_rate", "deadline_tasks_completed /", "84,8"),
    ("task_in_progress_rate", "tasks_in_progress /", "11,4"),
    ("task_overdue_rate", "tasks_overdue /", "3,8"),
    ("task_completion_rate", "100 -", "84,8"),
    ("feedback_handled_rate", "feedback_handled /", "94,2"),
    ("disbursement_rate[pillar=KHCN]", "", "30,8"),
    ("disbursement_rate[pillar=DMST]", "", "12,29"),
    ("disbursement_rate[pillar=CDS]", "", "12,17"),
    ("sti_estimate_budget_ratio", "", "39,7"),
    ("ict_enterprise_growth", "growth(", "9,5"),
    ("sti_enterprise_ownership_share[ownership=private]", "sum_over", "92,7"),
    ("sti_enterprise_ownership_share[ownership=fdi]", "sum_over", "7,2"),
    ("sti_enterprise_ownership_share[ownership=state]", "sum_over", "0,1"),
    ("strategic_agreements_signed", "sum_over", "70"),
    ("tasks_assigned", "tasks_regular +", "1.937"),
    ("tasks_deadline", "deadline_tasks_completed +", "1.469"),
    ("agencies_reporting", "block:central", "73"),
    ("databases_complete[database_list=plan02]", "count_where", "4"),
    ("hightech_parks", "count_where", "6"),
]
# Printed figure, words of its relation → what it prints, what its parts give, verdict, words of the reason.
DISAGREE = [
    ("party_terminals_rate", "", 66.4, 66.4687, "no", "cắt bớt"),
    ("party_systems_rate", "", 61, 61.5385, "no", "cắt bớt"),
    ("coverage_5g_growth", "", 65.6, 253.4615, "no", "điểm phần trăm viết thành phần trăm"),
    ("sti_enterprises", "by_state", 81000, 80472, "no", "ngoài giới hạn"),
    ("ict_revenue_share[segment=services]", "", 12.4, 9.8, "no", "không khớp"),
    ("initiatives_received[initiative_kind=breakthrough]", "", 67, 62, "no", "không khớp"),
    ("provinces_ranked", "", 34, 33, "no", "không khớp"),
    ("hightech_park_area", "", 4697.58, 4697.02, "rounding", "làm tròn"),
    ("sti_budget_estimate", "sum_over", 41058, 41056.5, "rounding", "làm tròn"),
    ("disbursement_rate", "sum_over", 23.35, 23.344659, "rounding", "làm tròn"),
    ("hardware_exports", "", 178, 169.488, "ambiguous", "khác phạm vi"),
    ("techport_hightech_enterprises[area=34:79]", "", 350, 32, "ambiguous", "khác phạm vi"),
    ("resolution_documents_issued", "document_kind)", 400, 295, "ambiguous", "hơn"),
    ("resolution_documents_issued[document_kind=law]", "provisions", 30, 58, "ambiguous", "khác phạm vi"),
    ("national_databases_mentioned", "", 20, 12, "ambiguous", "khác phạm vi"),
    ("ecommerce_size", "", 60, 77.13792, "ambiguous", "hơn"),
    ("portal_ministries_total", "", 15, 17, "ambiguous", "khác phạm vi"),
    ("vn_strategic_applications_growth[tech_group=advanced_biomedicine]", "=ai_twin_xr", 26, 22, "no", "vượt giới hạn"),
    ("vn_strategic_applications_growth[tech_group=advanced_biomedicine]", "=cloud", 26, 24, "no", "vượt giới hạn"),
    ("techport_technologies", "", 25000, 4800, "ambiguous", "khác phạm vi"),
    ("techport_experts", "", 1100, 184, "ambiguous", "khác phạm vi"),
    ("techport_demands", "", 700, 136, "ambiguous", "khác phạm vi"),
]


def relation_of(audit, printed, part=""):
    names = audit["relation"].str.split(" (?:=|<=|>=) ", n=1, regex=True)
    rows = audit[(names.str[0] == printed) & names.str[1].str.contains(part, regex=False)]
    assert len(rows) == 1, printed
    return rows.iloc[0]


@pytest.mark.parametrize(("printed", "part", "digits"), AGREE)
def test_figures_that_agree_are_reproduced_at_their_printed_precision(audit, printed, part, digits):
    check = relation_of(audit, printed, part)
    assert check["consistent"] == "yes"
    assert wording.number(check["recomputed"], int(check["decimals"])) == digits
    assert wording.number(check["printed"], int(check["decimals"])) == digits


@pytest.mark.parametrize(("printed", "part", "value", "recomputed", "verdict", "reason"), DISAGREE)
def test_a_disagreement_is_listed_with_its_reason(audit, printed, part, value, recomputed, verdict, reason):
    check = relation_of(audit, printed, part)
    assert check["consistent"] == verdict
    assert check["printed"] == value
    assert check["recomputed"] == pytest.approx(recomputed, rel=1e-5)
    assert reason in check["reason"]


def test_nothing_else_disagrees(audit):
    listed = [relation_of(audit, printed, part)["id"] for printed, part, *_ in DISAGREE]
    assert sorted(audit[audit["consistent"] != "yes"]["id"]) == sorted(listed)
    assert set(audit["consistent"]) == {"yes", "rounding", "no", "ambiguous"}
    assert (audit[audit["consistent"] == "yes"]["reason"] == "").all()


def test_revenue_shares_that_exclude_each_other_add_up_to_more_than_a_hundred(audit, table):
    shares = table[(table["subject"] == "ict_revenue_share") & (table["area"] == "VN")]
    assert shares["value"].sum() == pytest.approx(102.6)
    assert "102,6" in relation_of(audit, "ict_revenue_share[segment=services]")["note"]


def test_an_audit_row_has_its_difference_and_the_rows_it_came_from(audit, table, shipped):
    assert list(audit.columns[:8]) == quality.AUDIT_COLUMNS
    assert audit["id"].tolist() == shipped.relations["id"].tolist()
    assert (audit["difference"] == audit["printed"] - audit["recomputed"]).all()
    ids = set(table["id"])
    for inputs in audit["inputs"]:
        assert inputs
        assert set(inputs.split("; ")) <= ids


def test_the_order_of_the_rows_does_not_matter(audit, table, shipped):
    shuffled = table.sample(frac=1, random_state=57)
    columns = ["id", "recomputed", "consistent", "reason"]
    assert_frame_equal(quality.audit(shipped.relations, shuffled)[columns], audit[columns])


def test_every_relation_without_its_figures_is_told_at_once(shipped, table):
    without = table[~table["subject"].isin(["tasks_regular", "feedback_handled"])]
    with pytest.raises(ProblemError) as caught:
        quality.audit(shipped.relations, without)
    found = [(problem.code, problem.file, problem.found) for problem in caught.value.problems]
    assert found == [
        ("no_figure", "relations.csv", "tasks_regular"),
        ("no_figure", "relations.csv", "feedback_handled"),
    ]


def verdict(parts, total, comparator="=", kind="sum", unit="%", **relation):
    """Audit one figure printed over two printed parts."""
    names = ("tasks_regular", "tasks_deadline")
    family = "count" if unit == "nhiệm vụ" else "share"
    rows = [{"subject": name, "unit": unit, "family": family} | part for name, part in zip(names, parts, strict=True)]
    frame = observe({"subject": "tasks_assigned", "unit": unit, "family": family} | total, *rows)
    fields = {
        "id": "T.1",
        "locator": "",
        "kind": kind,
        "area": "VN",
        "period": "2026-06",
        "recompute": "no",
        "note": "",
    }
    fields |= {"printed": "tasks_assigned", "comparator": comparator, "expression": "tasks_regular + tasks_deadline"}
    fields |= {"alternative": "", "alternative_reason": ""} | relation
    row = quality.audit(pd.DataFrame([fields]), frame).iloc[0]
    return row["consistent"], row["reason"]


def printed(value, text, qualifier="=", high=math.nan):
    return {"value": value, "printed": text, "qualifier": qualifier, "value_high": high}


def test_a_tie_is_rounded_away_from_zero():
    assert verdict([printed(40.0, "40"), printed(41.25, "41,25")], printed(81.3, "81,3"))[0] == "yes"
    assert verdict([printed(40.0, "40"), printed(41.25, "41,25")], printed(81.2, "81,2"))[0] == "rounding"


def test_rounded_parts_explain_a_difference_and_counted_parts_do_not():
    shares = [printed(33.3, "33,3"), printed(66.6, "66,6")]
    assert "làm tròn" in verdict(shares, printed(100.0, "100,0"))[1]
    counts = [printed(333.0, "333"), printed(666.0, "666")]
    found, why = verdict(counts, printed(1000.0, "1.000"), unit="nhiệm vụ")
    assert (found, str(why)) == ("no", "không khớp với các số thành phần in trong văn bản")


def test_a_truncated_figure_is_told_from_a_rounded_one():
    parts = [printed(33.0, "33,00"), printed(33.47, "33,47")]
    assert verdict(parts, printed(66.5, "66,5"))[0] == "yes"
    assert "cắt bớt" in verdict(parts, printed(66.4, "66,4"))[1]
    assert "không khớp" in verdict(parts, printed(66.3, "66,3"))[1]


@pytest.mark.parametrize(
    ("text", "value", "qualifier", "expected"),
    [
        ("400", 400.0, ">", "yes"),
        ("410", 410.0, ">", "yes"),
        ("420", 420.0, ">", "no"),
        ("420", 420.0, "<", "yes"),
        ("410", 410.0, "<", "no"),
        ("400", 400.0, "~", "yes"),
        ("500", 500.0, "~", "yes"),
        ("600", 600.0, "~", "no"),
    ],
)
def test_more_than_almost_and_about_are_bounds_and_approximations(text, value, qualifier, expected):
    parts = [printed(200.0, "200"), printed(215.0, "215")]
    assert verdict(parts, printed(value, text, qualifier), unit="nhiệm vụ")[0] == expected


def test_bounds_among_the_parts_leave_a_disagreement_open():
    parts = [printed(200.0, "200", ">"), printed(215.0, "215")]
    assert verdict(parts, printed(600.0, "600"), unit="nhiệm vụ")[0] == "ambiguous"
    assert verdict(parts, printed(300.0, "300"), unit="nhiệm vụ")[0] == "no"


def test_a_part_may_not_exceed_its_whole():
    parts = [printed(200.0, "200"), printed(215.0, "215")]
    for value, comparator, expected in (
        (415.0, "<=", "yes"),
        (416.0, "<=", "no"),
        (415.0, ">=", "yes"),
        (414.0, ">=", "no"),
    ):
        assert verdict(parts, printed(value, f"{value:.0f}"), comparator, unit="nhiệm vụ")[0] == expected


def test_an_alternative_reading_gives_its_reason_only_when_it_fits():
    parts = [printed(26.0, "26"), printed(91.0, "91")]
    reading = {"expression": "growth(tasks_deadline, tasks_regular)", "alternative": "tasks_deadline - tasks_regular"}
    assert verdict(parts, printed(65.0, "65"), **reading, alternative_reason="hiệu") == ("no", "hiệu")
    assert verdict(parts, printed(70.0, "70"), **reading, alternative_reason="hiệu")[1] != "hiệu"


@pytest.mark.parametrize(
    ("row", "low", "high"),
    [
        (printed(84.8, "84,8"), 84.75, 84.85),
        (printed(23.5, "23,50"), 23.495, 23.505),
        (printed(41058.0, "41,058 nghìn"), 41057.5, 41058.5),
        (printed(71e6, "71 triệu", ">"), 71e6, math.inf),
        (printed(480.0, "480", "<"), -math.inf, 480.0),
        (printed(840.0, "840", "~"), 830.0, 850.0),
        (printed(4800.0, "4.800", "~"), 4700.0, 4900.0),
        (printed(91.9, "91,9", "~"), 91.8, 92.0),
        (printed(5.0, "5-10", high=10.0), 5.0, 10.0),
    ],
)
def test_a_printed_number_stands_for_an_interval(row, low, high):
    found = quality.interval(observe(row | {"family": "share"}).iloc[0])
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert found.low <= found.value <= found.high


def test_a_count_printed_in_full_stands_for_itself():
    assert quality.interval(observe(printed(1245.0, "1.245")).iloc[0]) == Interval(1245.0, 1245.0, 1245.0)
    assert quality.interval(observe(printed(12000.0, "12 nghìn")).iloc[0]) == Interval(12000.0, 11500.0, 12500.0)


@st.composite
def known(draw):
    """Draw an interval around a printed value, perhaps open at one end, and a true value somewhere inside."""
    value, low, high = (draw(st.integers(*ends)) for ends in ((-1000, 1000), (0, 64), (0, 64)))
    true = draw(st.integers(value - low, value + high))
    ends = draw(st.sampled_from(["closed", "closed", "closed", "above", "below"]))
    start = -math.inf if ends == "below" else (value - low) / 8
    stop = math.inf if ends == "above" else (value + high) / 8
    return true / 8, Interval(value / 8, start, stop)


OPERATIONS = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b}


@given(known(), st.lists(st.tuples(st.sampled_from("+-*/"), known()), min_size=1, max_size=4))
def test_the_true_value_is_always_inside(start, steps):
    true, interval = start
    for symbol, (value, other) in steps:
        assume(symbol != "/" or value != 0)
        true, interval = OPERATIONS[symbol](true, value), OPERATIONS[symbol](interval, other)
    slack = 1e-9 * max(1.0, abs(true))
    assert interval.low - slack <= true <= interval.high + slack
    assert not math.isnan(interval.low)
    assert not math.isnan(interval.high)


@given(st.integers(-999, 999), st.integers(-999, 999), st.sampled_from("+-*/"))
def test_exact_numbers_stay_exact(one, other, symbol):
    assume(symbol != "/" or other != 0)
    expected = OPERATIONS[symbol](one, other)
    found = OPERATIONS[symbol](quality.exact(one), quality.exact(other))
    assert (found.value, found.low, found.high) == tuple(pytest.approx(expected, rel=1e-12) for _ in range(3))


@given(known(), known())
def test_narrower_parts_never_widen_the_result(one, other):
    wide = one[1] * other[1]
    narrow = quality.exact(one[0]) * other[1]
    assert wide.low <= narrow.low
    assert narrow.high <= wide.high
