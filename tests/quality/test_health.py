"""Data quality by "đúng, đủ, sạch, sống": known scores on tiny tables, planted defects that must be found, properties."""

import json
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import observe

from nq57lab.base.messages import reason
from nq57lab.documents.edition import Edition
from nq57lab.facts import catalogue, indicators
from nq57lab.publish import execute
from nq57lab.quality import criteria, findings, pages

SHARE = {"subject": "A.02.02", "unit": "%", "family": "share", "value": 14.0, "measure": "flow"}


def _rules(found: pd.DataFrame) -> dict[str, list[str]]:
    return {rule: rows["id"].tolist() for rule, rows in found.groupby("rule", sort=False)}


def _indicators(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["code", "frequency", "over_time"])
    return frame.assign(layer="A", group="A.01", lead="agency:BKHCN", valid_from="", valid_to="")


def _values(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["subject", "period", "vintage"]).assign(area="VN")


# Đúng


def test_a_wrong_unit_an_unknown_code_and_a_share_above_100_are_found(shipped):
    table = observe(
        SHARE, SHARE | {"unit": "tỷ đồng", "family": "money_vnd"}, {"subject": "nobody"}, SHARE | {"value": 140.2}
    )
    found = _rules(findings.accuracy(table, shipped))
    assert found == {"code": ["test.csv:4"], "unit": ["test.csv:3"], "range": ["test.csv:5"]}


def test_growth_may_exceed_100_but_not_fall_below_minus_100(shipped):
    growth = {"subject": "ip_certificates_growth", "unit": "%", "family": "share"}
    table = observe(growth | {"value": 107.3}, growth | {"value": -99.0}, growth | {"value": -101.0})
    assert findings.out_of_range(table, shipped)["id"].tolist() == ["test.csv:4"]


def test_negative_counts_and_ranks_below_1_are_found_and_nan_is_not_judged(shipped):
    rank = {"subject": "A.02.06", "unit": "thứ hạng", "family": "rank"}
    table = observe({"value": -1.0}, {"value": 0.0}, {"value": np.nan}, rank | {"value": 0.5}, rank | {"value": 1.0})
    assert findings.out_of_range(table, shipped)["id"].tolist() == ["test.csv:2", "test.csv:5"]


def test_the_upper_end_of_a_printed_range_is_judged_too(shipped):
    table = observe(SHARE | {"value": 90.0, "value_high": 110.0})
    assert findings.out_of_range(table, shipped)["limit"].map(str).tolist() == ["từ 0 đến 100"]


def test_a_figure_is_out_of_range_exactly_where_an_import_refuses_it(shipped):
    points, growth = {"unit": "điểm", "family": "index"}, {"unit": "%", "family": "share"}
    table = observe(
        points | {"subject": "wgi_regulatory_quality", "value": -0.6},
        growth | {"subject": "labour_productivity_growth_nso", "value": -1.2},
        points | {"subject": "A.02.08", "value": -1.0},
    )
    found = findings.out_of_range(table, shipped)
    assert found[["id", "limit"]].map(str).to_numpy().tolist() == [["test.csv:4", "từ 0 trở lên"]]


def test_a_part_above_its_whole_is_found_whatever_the_order_of_rows(shipped):
    part = {"subject": "tasks_completed_on_time", "value": 12.0}
    rows = [part, {"value": 10.0}, part | {"area": "34:01", "value": 10.0}, {"area": "34:01", "value": 10.0}]
    for order in (rows, rows[::-1]):
        found = findings.parts_above_wholes(observe(*order), shipped)
        assert found["area"].tolist() == ["VN"]
        assert found["limit"].map(str).tolist() == ["10 nhiệm vụ"]


def test_bounds_prove_no_part_above_its_whole(shipped):
    part = {"subject": "tasks_completed_on_time", "value": 12.0}
    assert findings.parts_above_wholes(observe(part | {"qualifier": "<"}, {"value": 10.0}), shipped).empty
    assert findings.parts_above_wholes(observe(part, {"value": 10.0, "qualifier": ">"}), shipped).empty


def test_parts_of_other_periods_are_not_compared(shipped):
    part = {"subject": "tasks_completed_on_time", "value": 12.0, "period": "2026-05"}
    assert findings.parts_above_wholes(observe(part, {"value": 10.0}), shipped).empty


def _series(values, **more) -> pd.DataFrame:
    return observe(*(SHARE | {"period": f"{2010 + at}", "value": value} | more for at, value in enumerate(values)))


def test_a_jump_is_told_once_and_the_way_back_is_not():
    found = findings.jumps(
        _series([10.0, 10.5, 10.9, 11.5, 60.0, 12.6, 13.0, 13.6, 14.0]).sample(frac=1, random_state=1)
    )
    assert found["period"].tolist() == ["2014"]
    assert found["reason"].astype(str).str.contains("9 điểm").all()


def test_jumps_need_eight_points():
    values = [10.0, 10.5, 10.9, 11.5, 12.2, 12.6, 60.0]
    assert findings.jumps(_series(values)).empty
    assert len(findings.jumps(_series([9.6, *values]))) == 1


def test_steady_growth_of_a_count_is_no_jump_and_rounding_is_none():
    assert findings.jumps(_series([100 * 1.2**at for at in range(12)], unit="người", family="count")).empty
    printed = [10.0, 10.1, 10.2, 10.3, 10.4, 10.5, 10.6, 10.6, 10.7]
    rows = [
        SHARE | {"period": f"{2010 + at}", "value": v, "printed": f"{v}".replace(".", ",")}
        for at, v in enumerate(printed)
    ]
    assert findings.jumps(observe(*rows)).empty


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30), st.floats(0.01, 100), st.floats(-100, 100))
def test_the_modified_z_does_not_depend_on_scale_and_origin(changes, scale, shift):
    rounded = np.round(np.array(changes), 3)
    np.testing.assert_allclose(
        findings.modified_z(rounded * scale + shift), findings.modified_z(rounded), rtol=1e-6, atol=1e-6
    )


def test_the_modified_z_of_a_published_rule():
    # Iglewicz and Hoaglin (1993): 0.6745 (x − median) / MAD; here median 3, MAD 1.
    assert findings.modified_z(np.array([2.0, 3.0, 3.0, 4.0, 13.0, 1.0, 4.0]))[4] == pytest.approx(6.745)


# Đủ


def test_monthly_reports_are_due_on_the_25th_and_quarterly_ones_on_the_25th_of_the_last_month():
    due = criteria.due_periods("month", date(2026, 1, 26), date(2026, 3, 25))
    assert due["period"].tolist() == ["2026-02", "2026-03"]
    assert due["due"].dt.strftime("%d/%m").tolist() == ["25/02", "25/03"]
    assert criteria.due_periods("quarter", date(2026, 1, 1), date(2026, 6, 24))["period"].tolist() == ["2026-Q1"]
    assert criteria.due_periods("year", date(2025, 12, 25), date(2026, 6, 30))["period"].tolist() == ["2025"]
    assert criteria.due_periods("half_year", date(2026, 1, 1), date(2026, 6, 30))["period"].tolist() == ["2026-H1"]
    assert criteria.due_periods("month", date(2026, 1, 1), date(2026, 1, 24)).empty


def test_an_interval_that_ends_before_it_starts_is_refused():
    with pytest.raises(ValueError, match="before"):
        criteria.due_periods("month", date(2026, 2, 1), date(2026, 1, 1))


def test_a_missing_and_a_late_period_are_counted():
    wanted = criteria.expected(_indicators(("X", "month", "sum")), date(2026, 1, 1), date(2026, 4, 30))
    values = _values(("X", "2026-04", "2026-04-30"), ("X", "2026-01", "2026-01-25"), ("X", "2026-03", "2026-03"))
    done = criteria.observed(wanted, values)
    assert done.set_index("period")["observed"].to_dict() == {
        "2026-01": True,
        "2026-02": False,
        "2026-03": True,
        "2026-04": True,
    }
    assert done.set_index("period")["in_time"].to_dict() == {
        "2026-01": True,
        "2026-02": False,
        "2026-03": False,
        "2026-04": False,
    }
    total = criteria.completeness(done).iloc[0]
    assert (total["expected"], total["observed"], total["in_time"], total["share"]) == (4, 3, 1, 0.75)
    assert criteria.completeness(done, ["period"])["share"].tolist() == [1, 0, 1, 1]


def test_a_month_serves_a_quarter_only_where_the_last_month_stands_for_it():
    rows = _indicators(("SUM", "quarter", "sum"), ("LAST", "quarter", "last"), ("DAY", "quarter", "recompute"))
    wanted = criteria.expected(rows, date(2026, 1, 1), date(2026, 6, 30))
    values = _values(
        ("SUM", "2026-06", "2026-06-20"),
        ("LAST", "2026-06", "2026-06-20"),
        ("LAST", "2026-02", "2026-03-20"),
        ("DAY", "2026-06-17", "2026-06-20"),
        ("SUM", "2026-01-01/2026-03-31", "2026-03-20"),
    )
    done = criteria.observed(wanted, values)
    there = {(row.subject, row.period) for row in done[done["observed"]].itertuples()}
    assert there == {("LAST", "2026-Q2"), ("DAY", "2026-Q2"), ("SUM", "2026-Q1")}


def test_nothing_is_due_before_an_indicator_is_in_force_unless_asked_for():
    rows = _indicators(("X", "month", "last"), ("Y", "", "last")).assign(valid_from="2026-03-01")
    window = date(2026, 1, 1), date(2026, 4, 30)
    assert criteria.expected(rows, *window)["period"].tolist() == ["2026-03", "2026-04"]
    assert len(criteria.expected(rows, *window, retroactive=True)) == 4


def test_an_indicator_of_two_agencies_counts_for_each_and_nothing_expected_has_no_share():
    rows = _indicators(("X", "month", "last")).assign(lead="agency:BKHCN; agency:BCA")
    done = criteria.observed(criteria.expected(rows, date(2026, 1, 1), date(2026, 1, 31)), _values())
    assert criteria.completeness(done, ["lead"])["expected"].tolist() == [1, 1]
    assert np.isnan(criteria.completeness(done.iloc[:0])["share"].iloc[0])


@settings(max_examples=25)
@given(st.sets(st.integers(1, 12)), st.sampled_from(["month", "quarter", "year", "day"]))
def test_completeness_lies_between_0_and_1_and_more_data_never_lowers_it(months, frequency):
    wanted = criteria.expected(_indicators(("X", frequency, "last")), date(2026, 1, 1), date(2026, 12, 31))
    rows = [("X", f"2026-{month:02d}", "2026-12-31") for month in sorted(months)]
    share = [
        criteria.completeness(criteria.observed(wanted, _values(*rows[:n])))["share"].iloc[0]
        for n in range(len(rows) + 1)
    ]
    assert all(0 <= one <= 1 for one in share)
    assert share == sorted(share)


# Sạch


def test_planted_defects_of_cleanness_are_found(shipped):
    clean = {"locator": "Phần 1, mục I.2", "note": "Số liệu tháng 6"}
    rows = [
        clean,
        clean | {"period": "2026-01", "note": "chuye\u0302\u0309n đổi"},
        clean | {"period": "2026-02", "note": "chuyá»ƒn đổi"},
        clean | {"period": "2026-03", "note": "chuyển\u200b đổi"},
        clean | {"period": "2026-04", "note": "chuyển  đổi"},
        clean | {"period": "2026-05", "note": "tỉ lệ đạt"},
        clean | {"period": "2025", "printed": "12,5", "value": 12.4},
        clean,
        clean | {"value": 2.0},
        clean | {"value": 2.0, "recorded": "2026-07-02"},
    ]
    found = _rules(findings.cleanness(observe(*rows), shipped))
    ids = {rule: [int(one.split(":")[1]) - 2 for one in places] for rule, places in found.items()}
    assert ids == {
        "unicode": [1],
        "mojibake": [2],
        "invisible": [3],
        "spaces": [4],
        "spelling": [5],
        "printed": [6],
        "duplicate": [7],
        "two_values": [8],
    }


def test_good_vietnamese_is_no_broken_text(shipped):
    notes = ["XÃ\u00a0HỘI; Ủy ban; Ậm ừ", "mục “điểm a” – 50%", "ƯỚC TÍNH, Ầ, Ẫ, Đ", "Tỷ lệ; tỷ trọng; hằng tháng"]
    notes.append("đến nay; “chưa có số giải ngân CDS” (chữ của nguồn)")
    rows = [{"period": f"2026-0{at + 1}", "note": note} for at, note in enumerate(notes)]
    assert findings.cleanness(observe(*rows), shipped).empty


# Sống


def test_an_old_figure_is_found_and_age_counts_in_the_indicators_own_unit():
    rows = _indicators(
        ("YEAR", "year", "last"), ("MONTH", "month", "last"), ("NONE", "month", "last"), ("FORM", "", "last")
    )
    values = _values(("YEAR", "2024", ""), ("MONTH", "2024-12", ""), ("MONTH", "2024-06", ""), ("YEAR", "2027", ""))
    found = criteria.freshness(rows, values, date(2025, 12, 31)).set_index("subject")
    assert found["age"].round(2).to_dict() == pytest.approx({"YEAR": 1.0, "MONTH": 11.99, "NONE": np.nan}, nan_ok=True)
    assert found["state"].to_dict() == {"YEAR": "sống", "MONTH": "cũ", "NONE": "chưa có số liệu"}
    assert found.at["MONTH", "score"] == pytest.approx(1 / 11.99, rel=1e-3)
    assert np.isnan(found.at["NONE", "score"])


def test_a_figure_of_a_period_that_has_not_ended_has_age_0():
    found = criteria.freshness(_indicators(("X", "year", "last")), _values(("X", "2026", "")), date(2026, 6, 30))
    assert found[["age", "score"]].to_numpy().tolist() == [[0.0, 1.0]]


@given(st.integers(0, 4000))
def test_freshness_never_rises_with_age(days):
    rows, values = _indicators(("X", "quarter", "last")), _values(("X", "2015-Q1", ""))
    end = date(2015, 3, 31).toordinal()
    ages = [criteria.freshness(rows, values, date.fromordinal(end + d)).iloc[0] for d in (days, days + 1)]
    assert 0 < ages[1]["score"] <= ages[0]["score"] <= 1


def test_data_density_follows_the_regulations_formula():
    tables = {"a": pd.DataFrame({"x": [0.0, np.nan], "y": ["", "b"]}), "b": pd.DataFrame({"z": ["1"]})}
    found = criteria.density(tables).set_index("table")
    assert found["density"].to_dict() == {"a": 0.5, "b": 1.0, "": 0.6}
    assert np.isnan(criteria.density({"none": pd.DataFrame({"x": []})})["density"].iloc[0])


def test_the_activity_rate_follows_the_regulations_formula():
    rows = observe(
        *({"period": f"2026-{month:02d}", "recorded": "2026-06-01"} for month in (1, 2, 3, 4)),
        {"period": "2026-01", "recorded": "2026-07-10", "value": 2.0},
        {"period": "2026-01", "recorded": "2026-07-11", "value": 3.0},
        {"period": "2026-05", "recorded": "2026-07-12"},
        {"period": "2026-06", "recorded": "2026-08-01"},
    )
    found = criteria.activity(rows, date(2026, 7, 1), date(2026, 7, 31)).iloc[0]
    assert (found["before"], found["updated"], found["created"], found["rate"]) == (4, 1, 1, 0.5)
    empty = criteria.activity(rows, date(2026, 1, 1), date(2026, 6, 30)).iloc[0]
    assert np.isnan(empty["rate"])
    assert empty["reason"]


# The four scores, and the page


def test_the_four_scores_of_a_tiny_table(shipped):
    table = observe(SHARE | {"value": 140.0}, {"value": 5.0}, {"value": 5.0, "period": "2026-05", "note": "tỉ lệ"})
    indicators = _indicators(("X", "month", "last"))
    values = _values(("X", "2026-05", "2026-05-20"))
    done = criteria.observed(criteria.expected(indicators, date(2026, 5, 1), date(2026, 6, 30)), values)
    ages = criteria.freshness(indicators, values, date(2026, 7, 31))
    wrong, unclean = findings.accuracy(table, shipped), findings.cleanness(table, shipped)
    found = criteria.scores(table, wrong, table, unclean, done, ages).set_index("criterion")["score"]
    assert found.to_dict() == pytest.approx({"đúng": 2 / 3, "đủ": 1 / 2, "sạch": 2 / 3, "sống": 30.4375 / 61})


def test_scores_of_nothing_are_missing_with_a_reason(shipped):
    none, wanted = observe({}).iloc[:0], criteria.expected(_indicators(), date(2026, 5, 1), date(2026, 6, 30))
    ages = criteria.freshness(_indicators(), _values(), date(2026, 6, 30))
    done = criteria.observed(wanted, _values())
    found = criteria.scores(none, findings.accuracy(none, shipped), none, findings.cleanness(none, shipped), done, ages)
    assert found["score"].isna().all()
    assert (found["reason"] != "").all()


def test_no_argument_is_changed(shipped, table):
    rows, before = table.head(50), table.head(50).copy(deep=True)
    findings.accuracy(rows, shipped)
    findings.cleanness(rows, shipped)
    criteria.observed(criteria.expected(shipped.indicators, date(2026, 1, 1), date(2026, 6, 30)), rows)
    pd.testing.assert_frame_equal(rows, before)


def test_a_rule_without_the_terms_table_finds_no_spelling(shipped):
    bare = replace(shipped, terms=shipped.terms.iloc[:0])
    assert isinstance(bare, catalogue.Catalogue)
    assert findings.cleanness(observe({"note": "tỉ lệ"}), bare).empty


@pytest.fixture(scope="module")
def edition(tmp_path_factory, root):
    parameters = {"edition": "chat-luong", "title": "PHIẾU|Thử", "known": "2026-06-30"}
    return Edition(parameters, str(tmp_path_factory.mktemp("work")), root)


@pytest.fixture(scope="module")
def assessed(edition):
    return pages.assess(edition)


def test_every_piece_of_the_page_is_made_and_every_number_is_traced(edition, assessed):
    for piece in ("finding", "scores", "accuracy", "by_group", "by_agency", "by_period", "cleanness", "database"):
        assert getattr(pages, piece)(edition, assessed).markdown
    assert all(entry["ok"] != "no" for entry in edition.figures.trace)


def test_a_difference_that_rounding_explains_is_told_apart_and_is_no_error(edition, assessed):
    rounded = edition.audit[edition.audit["reason"] == reason("audit_rounded")]
    assert len(rounded) >= 3
    found = assessed.wrong.set_index("rule")
    assert set(found.loc["rounding", "subject"]) == set(rounded["subject"])
    assert not set(found.loc["rounding", "id"]) & set(found.loc["relation", "id"])
    errors = assessed.wrong[assessed.wrong["rule"].isin(findings.ERRORS)]["id"].nunique()
    good = assessed.scores.set_index("criterion").loc["đúng"]
    assert good["total"] - good["good"] == errors


def test_a_page_without_observed_figures_does_not_say_none_of_none():
    assert "0/0" not in execute.verified_words(pd.Series(["", ""]))
    assert execute.verified_words(pd.Series(["verified", "official", ""])) == (
        "Trong 2 số liệu quan sát in ở văn bản này, 1 số đã xác thực, 1 số là thống kê chính thức"
    )


def test_the_findings_show_each_figure_as_its_source_prints_it(edition, assessed):
    start = len(edition.figures.trace)
    markdown = pages.accuracy(edition, assessed).markdown
    written = [entry for entry in edition.figures.trace[start:] if entry["status"] and not entry["formula"]]
    values = edition.rows.set_index("id")["value"]
    assert len(written) == len(assessed.wrong)
    for entry in written:
        assert entry["recomputed"] == values[entry["rows"]]
        assert f"[{entry['printed']}]" in markdown


def test_the_pages_sums_agree(assessed):
    for by in ("group", "period", "layer"):
        table = criteria.completeness(assessed.done, [by])
        assert table["expected"].sum() == len(assessed.done)
        assert table["observed"].sum() == assessed.done["observed"].sum()


def test_both_charts_are_drawn_with_an_alternative_text(edition, assessed):
    for build, label in ((pages.completeness_chart, "fig-day-du"), (pages.age_chart, "fig-tuoi")):
        start = len(edition.figures.trace)
        markdown = edition.chart(build(assessed), label).markdown
        spec = json.loads(re.search(r"<script[^>]*>(.*)</script>", markdown).group(1))
        title = " ".join(spec["vconcat"][0]["title"]["text"])
        assert re.search(r"\d", title)
        assert "{." not in " ".join(spec["vconcat"][0]["title"]["subtitle"])  # a chart draws no markup
        assert set(re.findall(r"\d[\d.,]*", title)) <= {
            number for entry in edition.figures.trace[start:] for number in re.findall(r"\d[\d.,]*", entry["printed"])
        }
        assert 'fig-alt="Biểu đồ thanh' in markdown
        assert (edition.work / "figures" / f"{label}.svg").exists()


def test_the_appendix_is_one_table_of_four_rows(edition):
    markdown = pages.scores(edition, pages.assess(edition), "tbl-phu-luc-chat-luong").markdown
    assert "{#tbl-phu-luc-chat-luong" in markdown
    assert sum(line.startswith("| ") for line in markdown.splitlines()) == 2 + len(pages.CRITERIA)


# A denominator of zero


def _shares(subject: str, above: str, below: str, shipped):
    rows = observe(
        {"subject": above, "value": 0, "unit": shipped.subject_units[above], "period": "2026-Q1"},
        {"subject": below, "value": 0, "unit": shipped.subject_units[below], "period": "2026-Q1"},
    )
    values = indicators.compute(shipped, rows)
    return rows, values[values["subject"] == subject]


def test_the_indicator_set_rules_that_no_procedure_with_a_fee_is_a_hundred_per_cent(shipped):
    for code, above, below in (
        ("B.09.09", "procedures_with_online_payment", "procedures_with_fees"),
        ("B.09.12", "admin_dossiers_paid_online", "admin_dossiers_with_fees"),
    ):
        rows, values = _shares(code, above, below, shipped)
        assert values["value"].tolist() == [100.0] and "không thu phí" in values["note"].iloc[0]
        assert code not in set(indicators.undefined(shipped, rows)["subject"])


def test_a_division_by_zero_without_a_rule_gives_no_value_and_is_told(shipped):
    rows, values = _shares("A.02.10", "admin_dossiers_fully_online", "admin_dossiers_arising", shipped)
    assert values.empty
    lost = indicators.undefined(shipped, rows).set_index("subject").loc["A.02.10"]
    assert (lost["period"], lost["zero"]) == ("2026-Q1", rows["id"].iloc[1])
    found = findings.accuracy(rows, shipped)
    told = found[found["rule"] == "zero"]
    assert "A.02.10" in told["reason"].astype(str).str.cat(sep=" ") and "zero" not in findings.ERRORS
