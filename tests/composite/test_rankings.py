"""Quarterly rankings: the four criteria against a plain loop, ties, who is not ranked and why, the core's own checks."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from support import observe, problems_of
from typer.testing import CliRunner

from nq57lab.composite.rankings import core as ranking_core
from nq57lab.composite.rankings import leagues
from nq57lab.composite.score.score import VERIFIED
from nq57lab.facts import illustrative

DAY, QUARTER = date(2026, 6, 30), "2026-Q2"


@pytest.fixture(scope="module")
def core(shipped) -> list[str]:
    """The core indicators' codes."""
    own = ranking_core.core_on(ranking_core.load_core(shipped), "provinces", DAY)
    return [code for code in own["indicator"] if code]


def verified(core, area: str, now: float, before: float | None = None, **more) -> list[dict]:
    """Return verified figures of one area: the same for every core indicator, in this quarter and the one before."""
    base = {"area": area, "unit": "%", "status": "verified", "evidence": "https://example.org/minh-chung"} | more
    rows = [base | {"subject": code, "period": "2026-Q2", "value": now} for code in core]
    if before is not None:
        rows += [base | {"subject": code, "period": "2026-Q1", "value": before} for code in core]
    return [row | {"id": f"{area}:{place}"} for place, row in enumerate(rows)]


def test_the_four_criteria_and_the_score_against_a_plain_loop(shipped):
    """The illustrative set, computed again unit by unit and indicator by indicator."""
    rows = illustrative.rows(shipped)
    found = leagues.rank(shipped, rows, "provinces", QUARTER, DAY, statuses=(illustrative.STATUS,))
    value = {(row.subject, row.area, row.period): row.value for row in rows.itertuples()}
    listed = found.core.to_dict("records")
    codes = {row["indicator"]: row["weight"] for row in listed if row["indicator"]}
    checked = 0
    for unit in found.table.to_dict("records"):
        now = {c: value[c, unit["area"], "2026-Q2"] for c in codes if (c, unit["area"], "2026-Q2") in value}
        before = {c: value[c, unit["area"], "2026-Q1"] for c in now if (c, unit["area"], "2026-Q1") in value}
        coverage = sum(codes[c] for c in now) / sum(codes.values())
        assert unit["coverage"] == pytest.approx(coverage)
        moved = sum(codes[c] * (now[c] - before[c]) for c in before) / sum(codes[c] for c in before)
        parts = {}
        for name in leagues.CRITERIA:
            got = total = 0.0
            for row in listed:
                if row["criterion"] != name:
                    continue
                if row["indicator"]:
                    own = now.get(row["indicator"])
                else:
                    own = 50 * coverage if name == "evidence" else min(100, max(0, 50 + 5 * moved))
                if own is not None:
                    got, total = got + row["weight"] * own, total + row["weight"]
            parts[name] = got / total
            assert unit[name] == pytest.approx(parts[name]), (unit["area"], name)
        if coverage < 2 / 3:
            assert math.isnan(unit["rank"]) and "chỉ số lõi" in unit["reason"]
            continue
        checked += 1
        assert unit["score"] == pytest.approx(sum(parts.values()) / 4)  # each criterion weighs 30
    assert checked > 25
    ranked = found.table.dropna(subset=["rank"])
    assert ranked["rank"].tolist() == sorted(ranked["rank"]) and ranked["score"].is_monotonic_decreasing


def test_equal_scores_share_a_rank_and_say_so(shipped, core):
    rows = observe(*verified(core, "34:01", 80, 80), *verified(core, "34:48", 80, 80), *verified(core, "34:79", 70, 70))
    found = leagues.rank(shipped, rows, "provinces", QUARTER, DAY)
    own = found.table.set_index("area")
    assert own.loc[["34:01", "34:48", "34:79"], "rank"].tolist() == [1, 1, 3]
    assert own.loc[["34:01", "34:48", "34:79"], "tied"].tolist() == ["đồng hạng", "đồng hạng", ""]
    # 80 on time, (80 + 100) / 2 data and evidence, 80 results, 50 no change.
    assert own.loc["34:01", "score"] == pytest.approx((80 + 90 + 80 + 50) / 4)
    assert found.assumed
    others = own.drop(["34:01", "34:48", "34:79"])
    assert others["rank"].isna().all() and others["reason"].astype(str).str.contains("chưa nhận được số liệu").all()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (lambda core: verified(core, "34:04", 90, 90, status="self_reported"), "chưa được xác thực"),
        (lambda core: verified(core[:4], "34:04", 90, 90), "4/10 chỉ số lõi"),
        (lambda core: verified(core, "34:04", 90), "cải thiện so với kỳ trước"),
        (lambda core: [], "chưa nhận được số liệu"),
    ],
)
def test_a_unit_without_verified_figures_is_not_ranked_and_says_why(shipped, core, rows, words):
    found = leagues.rank(shipped, observe(*verified(core, "34:01", 50, 50), *rows(core)), "provinces", QUARTER, DAY)
    own = found.table.set_index("area")
    assert own.loc["34:01", "rank"] == 1
    assert math.isnan(own.loc["34:04", "rank"]) and math.isnan(own.loc["34:04", "score"])
    assert str(own.loc["34:04", "reason"]).startswith("không xếp hạng") and words in own.loc["34:04", "reason"]


def test_without_a_quarter_before_improvement_is_left_out_for_all(shipped, core):
    rows = observe(*verified(core, "agency:BTP", 60), *verified(core, "agency:BYT", 40))
    own = leagues.rank(shipped, rows, "ministries", QUARTER, DAY).table.set_index("area")
    assert own.loc["agency:BTP", "score"] == pytest.approx((60 + 80 + 60) / 3)
    assert own.loc[["agency:BTP", "agency:BYT"], "rank"].tolist() == [1, 2]


def test_lower_is_better_is_turned_once_and_the_newest_month_of_the_quarter_serves(shipped, core):
    turned = shipped.indicators.assign(
        direction=shipped.indicators["direction"].mask(shipped.indicators["code"].isin(core), -1)
    )
    catalogue = replace(shipped, indicators=turned)
    rows = observe(
        *verified(core, "34:01", 20, 20),
        *({**row, "period": "2026-04", "value": 99.0, "id": f"x{row['id']}"} for row in verified(core, "34:79", 20)),
        *({**row, "period": "2026-06", "value": 30.0, "id": f"y{row['id']}"} for row in verified(core, "34:79", 20)),
        *({**row, "period": "2026-01"} for row in verified(core, "34:79", 30)),
    )
    own = leagues.rank(catalogue, rows, "provinces", QUARTER, DAY).table.set_index("area")
    assert own.loc[["34:01", "34:79"], "results"].tolist() == [80, 70]
    assert own.loc[["34:01", "34:79"], "improvement"].tolist() == [50, 50]


def test_agencies_by_tasks_completed(shipped):
    def tasks(area: str, assigned, completed, on_time, **more) -> list[dict]:
        names = ("tasks_assigned", "tasks_completed", "tasks_completed_on_time")
        base = {"area": area, "period": "2024-12-22/2026-06-29", "measure": "cumulative", "status": "verified"} | more
        return [
            base | {"subject": name, "value": number, "id": f"{area}:{name}"}
            for name, number in zip(names, (assigned, completed, on_time), strict=True)
        ]

    rows = observe(
        *tasks("agency:BTC", 10, 9, 8),
        *tasks("agency:BKHCN", 20, 18, 17),  # the same share completed, more of it on time
        *tasks("agency:BYT", 10, 9, 8),
        *tasks("agency:BCA", 10, 10, 10, status="self_reported"),
        *tasks("agency:BNV", 0, 0, 0),
        *tasks("34:01", 4, 1, 1),
        *tasks("34:79", 4, 4, 4, period="2025"),
    )
    own = leagues.by_tasks(shipped, rows, QUARTER).set_index("area")
    assert own["rank"].dropna().to_dict() == {"agency:BKHCN": 1, "agency:BTC": 2, "agency:BYT": 2, "34:01": 4}
    assert own.loc["agency:BTC", "tied"] == "đồng hạng" and own.loc["agency:BKHCN", "tied"] == ""
    assert own.loc["agency:BTC", "score"] == 90 and own.loc["agency:BTC", "on_time"] == 80
    for area, words in {
        "agency:BCA": "chưa được xác thực",
        "agency:BNV": "chưa được giao nhiệm vụ",
        "agency:BTP": "chưa nhận được",
        "34:79": "chưa nhận được",
    }.items():
        assert words in own.loc[area, "reason"] and math.isnan(own.loc[area, "score"])


def test_the_projects_own_figures_rank_nobody(shipped, table):
    for name, found in leagues.every_league(shipped, table, QUARTER, DAY).items():
        assert found["rank"].isna().all(), name
        assert found["reason"].astype(str).str.startswith("không xếp hạng").all(), name
    assert set(VERIFIED) == {"official", "verified"}


def test_the_shipped_core_is_marked_as_assumed_and_each_criterion_weighs_the_same(shipped):
    core = ranking_core.load_core(shipped)
    assert (core["assumed"] == "yes").all() and core["decision"].str.startswith("Giả định").all()
    totals = core.groupby(["league", "criterion"])["weight"].sum()
    assert len(totals) == 8 and (totals == 30).all()
    assert ranking_core.core_on(core, "provinces", date(2026, 1, 1)).empty


@pytest.mark.parametrize(
    ("code", "criterion", "weight", "problem"),
    [
        ("A.02.02", "results", 5, "ranking_core"),  # yearly
        ("A.01.08", "results", 5, "ranking_core"),  # in days
        ("Z.99", "results", 5, "reference"),
        ("", "results", 5, "required"),
        ("B.01.01", "results", 0, "index_weight"),
        ("B.01.01", "speed", 5, "values"),
    ],
)
def test_a_core_that_cannot_be_ranked_is_refused_by_row(shipped, tmp_path, code, criterion, weight, problem):
    (tmp_path / "catalogue").mkdir()
    head = "league,criterion,indicator,weight,valid_from,decision,assumed,source\n"
    first = "provinces,results,B.10.04,5,2026-01-01,Giả định,yes,DU_AN; lõi\n"
    text = f"{head}{first}provinces,{criterion},{code},{weight},2026-01-01,Giả định,yes,DU_AN; lõi\n"
    (tmp_path / "catalogue" / "rankings.csv").write_text(text, encoding="utf-8")
    found = problems_of(lambda: ranking_core.load_core(replace(shipped, root=tmp_path)))
    assert [(p.code, p.row) for p in found] == [(problem, 3)]


def test_a_quarter_that_is_none_is_refused(shipped, table):
    for text in ("2026", "2026-06", "2026-Q5", "quý II"):
        assert problems_of(lambda text=text: leagues.by_tasks(shipped, table, text))[0].code == "pattern"


def test_the_command_marks_what_is_illustrative(in_project, tmp_path):
    from nq57lab.cli.main import app

    call = ["index", "rank", "--quarter", QUARTER, "--known", "2026-06-30", "-o", str(tmp_path)]
    result = CliRunner().invoke(app, [*call, "--illustrative"])
    assert result.exit_code == 0, result.output
    for name in ("ministries", "provinces", "tasks", "core"):
        assert (pd.read_csv(tmp_path / f"{name}.csv")["x_note"] == "dữ liệu minh họa").all()
    assert "dữ liệu minh họa" in result.output and "Giả định" in result.output
    assert np.nanmin(pd.read_csv(tmp_path / "provinces.csv")["rank"]) == 1
    result = CliRunner().invoke(app, call)
    assert "x_note" not in pd.read_csv(tmp_path / "provinces.csv") and "0/34" in result.output
