"""The dynamic score of the catalogue: whose figure and target a KPI takes, what counts, sets, weights by date, the split of a change."""

import math
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from support import observe, problems_of, stated_in
from typer.testing import CliRunner

from nq57lab.composite.score import of_catalogue
from nq57lab.composite.score.score import Rules

DAY = date(2026, 6, 30)
# R&D against GDP: target 2 (T2030.rd_gdp.S000); the TFP share: target 55, under A.02.01, which the crosswalk calls the same as M.01.
ROWS = [
    {"subject": "M.02", "value": 0.5, "unit": "%", "period": "2023", "vintage": "2024-06-30", "id": "a"},
    {"subject": "A.02.01", "value": 44.0, "unit": "%", "period": "2025", "vintage": "2026-01-31", "id": "b"},
    {"subject": "M.04", "value": 90.0, "unit": "%", "period": "2026-05", "status": "self_reported", "id": "c"},
]


@pytest.fixture(scope="module")
def scored(shipped):
    """The catalogue scored on three figures."""
    rows = observe(*ROWS)
    return of_catalogue.evaluate(shipped, rows, rows, DAY)


def kpi(found, code: str, kind: str = "nation") -> pd.Series:
    """Return a KPI's row in a set."""
    return found.kpis[(found.kpis["set"] == kind) & (found.kpis["kpi"] == code)].iloc[0]


def test_a_kpi_takes_the_figure_and_the_target_of_its_own_definition(scored):
    assert kpi(scored, "M.02")["completion"] == pytest.approx(0.5 / 2)
    tfp = kpi(scored, "M.01")
    assert tfp["completion"] == pytest.approx(44 / 55)
    assert (tfp["figure_of"], tfp["period"], tfp["row"]) == ("A.02.01", "2025", "b")
    # A.02.02 is only near M.03: neither its figure nor its target is taken.
    assert not kpi(scored, "M.03")["counted"] and str(kpi(scored, "M.03")["note"]) == "chưa có mục tiêu 2030 bằng số"


def test_a_figure_that_is_not_verified_is_not_counted_and_says_so(scored, shipped):
    row = kpi(scored, "M.04")
    assert not row["counted"] and math.isnan(row["value"]) and "chưa xác thực" in row["note"]
    rows = observe(*ROWS)
    loose = of_catalogue.evaluate(
        shipped, rows, rows, DAY, sets=["nation"], rules=Rules(statuses=("official", "self_reported"), min_coverage=0.2)
    )
    assert kpi(loose, "M.04")["counted"] and kpi(loose, "M.04")["completion"] == pytest.approx(0.9)
    assert loose.composites["reason"].map(str).tolist() == ["không xếp hạng vì có số liệu chưa xác thực"]
    assert loose.composites["composite"].iloc[0] == pytest.approx((0.25 + 0.8 + 0.9) / 3)


def test_a_composite_of_too_few_figures_is_not_shown_with_its_reason(scored, shipped):
    nation = scored.composites[scored.composites["set"] == "nation"].iloc[0]
    assert math.isnan(nation["composite"]) and "2/12" in nation["reason"]
    rows = observe(*ROWS)
    shown = of_catalogue.evaluate(shipped, rows, rows, DAY, rules=Rules(min_coverage=0.15)).composites
    own = shown.set_index(["set", "group", "area"])["composite"]
    assert own["nation", "", "VN"] == pytest.approx((0.25 + 0.8) / 2)
    assert own["programme", "P1", "VN"] == pytest.approx((0.25 + 0.8) / 2)  # M.01, M.02, M.08, M.09
    assert own["programme", "P3", "VN"] == pytest.approx(0.8)
    assert own["system", "HT5", "VN"] == pytest.approx(0.25)
    assert shown.loc[shown["set"] != "province", "rank"].isna().all()  # sets of other KPIs are not ranked


def test_every_set_has_all_its_members(scored, shipped):
    counts = scored.composites.groupby("set").size()
    assert counts["province"] == 34 and counts["nation"] == 1
    assert counts["programme"] == (shipped.programmes["parent"] == "").sum()
    members = shipped.link_groups.set_index("id")["members"].str.split("; ")
    links = shipped.links[(shipped.links["from_type"] == "group") & (shipped.links["used"] == "yes")]
    own = scored.kpis[scored.kpis["set"] == "system"]
    assert set(zip(own["group"], own["kpi"], strict=True)) == {
        (member, row.to_indicator)
        for row in links.itertuples()
        for member in members[row.from_id]
        if member in set(shipped.systems["id"])
    }


def test_provinces_are_scored_on_their_own_figures_and_ranked(shipped):
    rows = observe(
        {"subject": "M.04", "area": "34:01", "value": 80.0, "unit": "%", "period": "2026-05"},
        {"subject": "M.04", "area": "34:48", "value": 95.0, "unit": "%", "period": "2026-05"},
        {"subject": "M.04", "area": "34:56", "value": 80.0, "unit": "%", "period": "2026-05"},
        {"subject": "M.04", "area": "34:79", "value": 99.0, "unit": "%", "status": "estimate", "period": "2026-05"},
    )
    found = of_catalogue.evaluate(shipped, rows, rows, DAY, sets=["province"], rules=Rules(min_coverage=0.05))
    own = found.composites.set_index("area")
    assert own["composite"].dropna().to_dict() == pytest.approx({"34:01": 0.8, "34:48": 0.95, "34:56": 0.8})
    assert own["rank"].dropna().to_dict() == {"34:01": 2, "34:48": 1, "34:56": 2}
    assert "0/12" in own.loc["34:79", "reason"]


def test_a_provinces_newest_figure_is_the_one_that_ends_last(shipped):
    own = {"subject": "M.04", "area": "34:01", "unit": "%"}
    rows = observe(
        own | {"value": 60.0, "period": "2026-Q1"},
        own | {"value": 70.0, "period": "2026-04"},
        own | {"value": 80.0, "period": "2026-H1"},
    )
    found = of_catalogue.evaluate(shipped, rows, rows, DAY, sets=["province"], rules=Rules(min_coverage=0.05))
    hanoi = found.kpis[(found.kpis["area"] == "34:01") & (found.kpis["kpi"] == "M.04")].iloc[0]
    assert (hanoi["period"], hanoi["value"]) == ("2026-H1", 80.0)


def test_weights_come_from_the_scheme_in_force(shipped):
    decision = "Quyết định thử"
    own = pd.DataFrame(
        [
            ("thu", "M.01", "Low", 1.0, "2025-01-01", decision),
            ("thu", "M.02", "Medium", 1.5, "2025-01-01", decision),
            ("thu", "M.02", "High", 2.0, "2026-07-01", decision),
        ],
        columns=["scheme", "indicator", "priority", "weight", "valid_from", "decision"],
    )
    catalogue, rows = replace(shipped, weights=own), observe(*ROWS)
    now, later = (
        of_catalogue.evaluate(catalogue, rows, rows, day, scheme="thu", sets=["nation", "system"])
        for day in (DAY, date(2026, 7, 1))
    )
    assert now.decisions == (decision,)
    assert now.composites["composite"].iloc[0] == pytest.approx((1.5 * 0.25 + 0.8) / 2.5)
    assert later.composites["composite"].iloc[0] == pytest.approx((2 * 0.25 + 0.8) / 3)
    change = of_catalogue.change(now, later)
    nation = change[change["set"] == "nation"].iloc[0]
    assert nation["weights"] == pytest.approx(nation["change"]) and nation["change"] != 0
    # A KPI that the scheme gives no weight is listed, and not counted.
    unweighted = kpi(now, "M.04", "system")
    assert not unweighted["counted"] and math.isnan(unweighted["weight"])


def test_a_scheme_that_is_not_in_force_is_refused_with_the_schemes(shipped):
    found = problems_of(lambda: of_catalogue.weights(shipped, "equal", date(2024, 12, 31)))
    assert [problem.code for problem in found] == ["score_scheme"]
    assert "illustrative" in found[0].text()


def test_the_illustrative_scheme_says_what_it_is(shipped):
    rows = observe(*ROWS)
    found = of_catalogue.evaluate(shipped, rows, rows, DAY, scheme="illustrative", sets=["nation"])
    assert found.decisions[0].startswith("dữ liệu minh họa")
    assert set(found.kpis["weight"]) == {2.0, 1.5, 1.0}


def test_the_change_between_two_dates_is_split_without_residual(shipped):
    before, after = observe(*ROWS[:2]), observe(*ROWS[:2], ROWS[0] | {"value": 0.6, "period": "2025", "id": "d"})
    then, now = (
        of_catalogue.evaluate(shipped, rows, rows, DAY, sets=["nation"], rules=Rules()) for rows in (before, after)
    )
    row = of_catalogue.change(then, now).iloc[0]
    assert row["data"] == pytest.approx((0.6 - 0.5) / 2 / 2) and row["data"] == pytest.approx(row["change"])
    assert row["weights"] == row["targets"] == row["membership"] == 0


def test_the_projects_own_figures_are_too_few_for_any_composite(shipped, entries, table):
    """Most figures are self-reported: no composite is shown, and each says how many figures it has."""
    found = of_catalogue.evaluate(shipped, entries, table, DAY).composites
    found = found[
        ~found["group"].isin(set(shipped.programmes["id"]) - set(stated_in(shipped.programmes, "S000")["id"]))
    ]
    assert found["composite"].isna().all() and found["rank"].isna().all()
    assert found["reason"].str.contains(r"\d+/\d+ chỉ số có số liệu").all()


def test_the_command_scores_the_catalogue(in_project, tmp_path):
    from nq57lab.cli.main import app

    out = tmp_path / "diem.csv"
    call = ["index", "score", "--known", "2026-06-30", "--since", "2025-01-31", "--by", "nation", "-o", str(out)]
    result = CliRunner().invoke(app, call)
    assert result.exit_code == 0, result.output
    assert pd.read_csv(out).columns.tolist() == of_catalogue.KPI_COLUMNS
    assert pd.read_csv(tmp_path / "diem_composite.csv").columns.tolist() == of_catalogue.COMPOSITE_COLUMNS
    change = pd.read_csv(tmp_path / "diem_change.csv").iloc[0]
    parts = change[["data", "weights", "targets", "membership"]].sum()
    assert change["before"] + parts == pytest.approx(change["after"])
