"""Loading, what was known when, indicators, audit, targets, alerts and imports, on a small invented project computed by hand."""

from datetime import date

import pandas as pd
import pytest
from support import import_file

from nq57lab.alerts import rules as of_rules
from nq57lab.alerts import states
from nq57lab.facts import audit as quality
from nq57lab.facts import catalogue, indicators, observations
from nq57lab.facts.known import Knowledge
from nq57lab.loops import graph as of_loops
from nq57lab.loops.enumerate import find_loops
from nq57lab.targets import tracking

MARCH, JUNE, JULY = date(2026, 3, 31), date(2026, 6, 30), date(2026, 7, 31)


@pytest.fixture(scope="module")
def march(small_entries) -> pd.DataFrame:
    return observations.as_of(small_entries, MARCH)


@pytest.fixture(scope="module")
def june(small_entries) -> pd.DataFrame:
    return observations.as_of(small_entries, JUNE)


def value_of(table: pd.DataFrame, subject: str, period: str, area: str = "VN", dims: str = "") -> float:
    keys = (table["subject"] == subject) & (table["period"] == period) & (table["area"] == area)
    (value,) = table.loc[keys & (table["dims"] == dims if "dims" in table else True), "value"]
    return value


def test_the_small_project_has_no_problem(small):
    assert catalogue.cross_check(small) == []


def test_a_correction_counts_from_its_vintage_on(march, june):
    assert value_of(march, "files_on_time", "2026-02") == 204
    assert value_of(june, "files_on_time", "2026-02") == 192
    assert value_of(june, "files_received", "2026-02", dims="channel=online") == 180
    assert not (march["period"] == "2026-03").any()


def test_what_was_entered_later_is_not_known_yet(small_entries):
    assert observations.as_of(small_entries, JUNE, date(2026, 6, 30))["source"].unique().tolist() == ["X001"]


def test_indicators_are_computed_from_their_parts_with_the_weakest_status(small, march, june):
    before, after = indicators.compute(small, march), indicators.compute(small, june)
    assert [value_of(found, "A.01.01", "2026-02") for found in (before, after)] == [85, 80]
    assert value_of(after, "A.01.01", "2026-01", "34:02") == 75
    status = after.set_index(["subject", "period"])["status"]
    assert status["A.01.01", "2026-03"] == "self_reported"
    assert status["B.01.01", "2026-06"] == "official"


def test_relations_between_printed_figures_hold(small, june):
    assert set(quality.audit(small.relations, june)["consistent"]) == {"yes"}


def test_targets_are_tracked_or_say_why_not(small, june):
    found = tracking.track(small, june, "2030", JUNE).progress.set_index("id")
    digital = found.loc["T2030.digital.X001"]
    assert digital[["value", "target", "baseline"]].tolist() == [15, 30, 14]
    assert digital["trajectory"] == pytest.approx(14 + (30 - 14) / 6)  # the straight line of 2024 to 2030, in 2025
    assert digital["verdict"] == "limited_progress"
    assert found.loc["T2030.score.X001", "reason"] and found.loc["T2030.files.X001", "reason"]


def test_alerts_stand_by_each_rule_and_a_task_done_is_none(small, small_entries):
    rules = of_rules.load_rules(small)
    found = of_rules.standing(of_rules.situation(Knowledge(small, small_entries, JUNE), probability=False), rules)
    assert found[["rule", "subject"]].values.tolist() == [["CB.01", "M.01"], ["CB.02", "NV.1"], ["CB.03", "A.01.01"]]
    short = 100 * (14 + (30 - 14) / 6 - 15) / (30 - 14)  # of the whole way
    assert found["value"].tolist() == pytest.approx([short, 91, 91])  # days since the end of March


def test_an_alert_of_both_days_stands_and_one_of_the_later_day_is_new(small, small_entries):
    later = states.between(Knowledge(small, small_entries, JUNE), [MARCH, JUNE], probability=False)[-1].set_index(
        "rule"
    )["state"]
    assert later.to_dict() == {"CB.01": "standing", "CB.02": "new", "CB.03": "new"}


def test_the_loop_is_found(small):
    graph = of_loops.of_table(of_loops.catalogue_links(small, levers=False))
    assert [{graph.nodes[node] for node in loop} for loop in find_loops(graph).loops] == [{"M.01", "funding"}]


def test_an_imported_figure_is_known_from_its_vintage(small_copy, tmp_path):
    path = tmp_path / "so-lieu.csv"
    head = "subject,area,period,measure,value,unit,status,vintage,source,locator\n"
    path.write_text(
        head + "files_received,VN,2026-04,flow,150,hồ sơ,official,2026-07-15,X002,trang 3\n", encoding="utf-8"
    )
    import_file(path, small_copy, today=date(2026, 7, 20))
    entries = observations.load(small_copy)
    assert value_of(observations.as_of(entries, JULY), "files_received", "2026-04") == 150
    assert not (observations.as_of(entries, JUNE)["period"] == "2026-04").any()
