"""The dynamic score: the proposal's worked example, every rule that it leaves open, composites and the split of their change."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import problems_of
from typer.testing import CliRunner

from nq57lab.composite.score import decompose, files
from nq57lab.composite.score.score import (
    DEFAULT,
    Rules,
    completion,
    composite,
    illustrative_scheme,
    score,
    unranked,
    weights_on,
)

ROW = {"kpi": "R&D/GDP", "area": "VN", "value": 1.0, "target": 1.5, "direction": 1, "priority": "High"}


def scored(*rows: dict, rules: Rules = DEFAULT) -> pd.DataFrame:
    """Score rows that differ from the worked example."""
    return score(pd.DataFrame([ROW | row for row in rows]), rules)


def test_the_worked_example_of_the_proposal():
    """S000, part III, 2: target 1.5, reached 1.0, High (2.0). It prints 66% and 1.32 by truncating; the score is 1.3333."""
    one = scored({}).iloc[0]
    assert one["completion"] == pytest.approx(2 / 3)
    assert (one["score"], one["score_max"]) == (pytest.approx(4 / 3), 2.0)
    printed = math.floor(one["completion"] * 100) / 100 * one["weight"]
    assert printed == pytest.approx(1.32)
    assert composite(score(pd.DataFrame([ROW])))["composite"].iloc[0] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"direction": -1, "value": 30, "target": 24}, 24 / 30),
        ({"direction": -1, "value": 71, "target": 50, "kind": "rank"}, 50 / 71),  # "top 50"
        ({"direction": -1, "value": 44, "target": 50}, 1.0),  # better than the target: held at 1
        ({"value": 3.0}, 1.0),
        ({"value": -1.0}, 0.0),
        ({"value": 38, "target": 40, "target_high": 50}, 38 / 40),  # a range: its near end
        ({"value": 45, "target": 40, "target_high": 50}, 1.0),
        ({"direction": -1, "value": 60, "target": 40, "target_high": 50}, 50 / 60),
        ({"value": 0.5, "target": 0}, 1.0),
        ({"direction": -1, "value": 3, "target": 0}, 0.0),
        ({"direction": -1, "value": 0, "target": 5}, 1.0),
        ({"value": -3, "target": -5}, 1.0),
    ],
)
def test_completion(row, expected):
    assert scored(row)["completion"].iloc[0] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"value": math.nan}, "chưa có số liệu"),
        ({"target": math.nan}, "mục tiêu không có số"),
        ({"value": -6, "target": -5}, "giá trị gốc"),
        ({"value": -1, "target": 0}, "giá trị gốc"),
    ],
)
def test_where_there_is_no_ratio_the_reason_stands(row, reason):
    one = scored(row).iloc[0]
    assert math.isnan(one["completion"]) and math.isnan(one["score"])
    assert reason in str(one["note"])


def test_a_target_met_to_the_last_bit_is_not_said_to_be_passed():
    row = {"kpi": "a", "area": "VN", "value": 55 / 100 * 100, "target": 55.0, "direction": 1, "weight": 1.0}
    assert score(pd.DataFrame([row]))["note"].item() == ""


def test_nothing_is_held_without_saying_so():
    assert scored({"value": 3.0})["note"].map(str).iloc[0] == "vượt mục tiêu: giữ ở 1"
    assert scored({"value": -1.0})["note"].map(str).iloc[0] == "giữ ở 0"
    free = scored({"value": 3.0}, {"value": -1.5}, rules=Rules(floor=-math.inf, ceiling=math.inf))
    assert free["completion"].tolist() == [2.0, -1.0]
    assert free["note"].tolist() == ["", ""]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"baseline": 0.5}, 0.5),
        ({"baseline": 1.5}, math.nan),  # met then, not now
        ({"baseline": math.nan}, math.nan),
        ({"direction": -1, "baseline": 50, "value": 44, "target": 40}, 0.6),
        ({"direction": -1, "baseline": 40, "value": 44, "target": 42}, math.nan),
        ({"baseline": 2.0, "value": 1.8}, 1.0),
        ({"baseline": 1.2, "value": 1.0}, 0.0),  # away from the target: held at 0
    ],
)
def test_completion_from_the_baseline(row, expected):
    one = scored(row, rules=Rules(from_baseline=True)).iloc[0]
    assert one["completion"] == pytest.approx(expected, nan_ok=True)
    assert math.isnan(expected) == (str(one["note"]) not in ("", "vượt mục tiêu: giữ ở 1", "giữ ở 0"))


def test_a_given_weight_stands_before_the_priority():
    assert scored({}, {"priority": "Medium"}, {"priority": "Low"}, {"weight": 7})["weight"].tolist() == [
        2.0,
        1.5,
        1.0,
        7,
    ]


@given(st.floats(0.1, 100), st.floats(0.1, 100), st.sampled_from([1.0, -1.0]), st.floats(0.01, 100))
def test_the_unit_does_not_matter(value, target, direction, factor):
    one = completion(*(np.array([x]) for x in (value, target, direction)))[0]
    other = completion(*(np.array([x]) for x in (value * factor, target * factor, direction)))[0]
    np.testing.assert_allclose(one, other)


def test_a_composite_leaves_unverified_figures_out_and_says_what_it_covers():
    rows = [
        {"kpi": "a", "status": "official"},
        {"kpi": "b", "status": "self_reported"},
        {"kpi": "c", "value": math.nan},
    ]
    table = scored(*rows)
    assert "chưa xác thực" in str(table["note"].iloc[1])
    assert table["score"].iloc[1] == pytest.approx(4 / 3)  # scored, not counted
    found = composite(table).iloc[0]
    assert math.isnan(found["composite"]) and math.isnan(found["rank"])
    assert found["coverage"] == pytest.approx(1 / 3)
    assert "1/3 chỉ số" in str(found["reason"])
    shown = composite(table, Rules(min_coverage=0.3)).iloc[0]
    assert (shown["composite"], shown["reason"]) == (pytest.approx(2 / 3), "")


def test_two_thirds_of_the_weight_suffice():
    found = composite(scored({"kpi": "a"}, {"kpi": "b"}, {"kpi": "c", "value": math.nan})).iloc[0]
    assert found["composite"] == pytest.approx(2 / 3)


def test_composites_by_group_and_ranks_with_ties():
    rows = [
        {"area": area, "kpi": kpi, "group": kpi, "value": value, "priority": priority}
        for area, values in (("x", (1.5, 0.0)), ("y", (0.5, 1.5)), ("z", (1.5, 0.0)))
        for kpi, value, priority in zip("ab", values, ("High", "Low"), strict=True)
    ]
    found = composite(scored(*rows)).set_index(["area", "group"])
    assert found.loc[("x", ""), "composite"] == pytest.approx(2 / 3)  # (2·1 + 1·0) / 3
    assert found["rank"].xs("", level="group").to_dict() == {"x": 1, "y": 3, "z": 1}
    assert found["rank"].xs("b", level="group").to_dict() == {"x": 2, "y": 1, "z": 2}


def test_a_kpi_in_two_groups_counts_once_for_its_area():
    rows = [{"kpi": "a", "group": "g"}, {"kpi": "a", "group": "h"}, {"kpi": "b", "value": 0, "group": "g"}]
    found = composite(scored(*rows)).set_index("group")["composite"]
    assert found.to_dict() == {"": pytest.approx(1 / 3), "g": pytest.approx(1 / 3), "h": pytest.approx(2 / 3)}


def test_no_rank_rests_on_unverified_figures():
    table = pd.DataFrame([ROW | {"area": a, "status": s} for a, s in (("x", "official"), ("y", "estimate"), ("z", ""))])
    found = unranked(composite(score(table, Rules(statuses=("official", "estimate")))), table).set_index("area")
    assert math.isnan(found.loc["y", "rank"]) and "không xếp hạng" in str(found.loc["y", "reason"])
    assert found.loc[["x", "z"], "rank"].tolist() == [1, 1]


def test_weights_of_a_day():
    weights = pd.DataFrame(
        [
            ("s", "a", 1.0, "2025-01-01"),
            ("s", "a", 2.0, "2026-01-01"),
            ("s", "b", 1.0, "2025"),
            ("t", "a", 9.0, "2025-01-01"),
        ],
        columns=["scheme", "indicator", "weight", "valid_from"],
    )
    assert weights_on(weights, "s", "2025-06-30")["weight"].tolist() == [1.0]  # "2025" is its last day
    assert dict(weights_on(weights, "s", "2026-06-30")[["indicator", "weight"]].to_numpy()) == {"a": 2.0, "b": 1.0}


def test_the_illustrative_scheme_is_marked():
    assert illustrative_scheme(["a", "b", "c", "d"])["decision"].str.startswith("dữ liệu minh họa").all()


# The split of a change


def slow_shapley(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, float]:
    """The mean over the 24 orders in which the four factors can change, each composite computed KPI by KPI."""

    def value(state: dict[str, bool]) -> float:
        got = total = 0.0
        then, now = (table.set_index("kpi") for table in (before, after))
        for kpi in (now if state["membership"] else then).index:
            row = {}
            for factor, columns in decompose.FACTORS.items():
                side = now if state[factor] else then
                side = side if kpi in side.index else (then if kpi in then.index else now)
                row |= {name: side.loc[kpi, name] for name in columns if name in side}
            share = row["value"] / row["target"] if row["direction"] > 0 else row["target"] / row["value"]
            if not math.isnan(share):
                got += min(1.0, share) * row["weight"]
                total += row["weight"]
        return got / total

    effects = dict.fromkeys(decompose.FACTORS, 0.0)
    orders = list(itertools.permutations(decompose.FACTORS))
    for order in orders:
        state = dict.fromkeys(decompose.FACTORS, False)
        last = value(state)
        for factor in order:
            state[factor] = True
            new = value(state)
            effects[factor] += (new - last) / len(orders)
            last = new
    return effects


KPI = st.fixed_dictionaries(
    {
        "value": st.floats(0.1, 2),
        "target": st.floats(0.5, 3),
        "weight": st.sampled_from([1.0, 1.5, 2.0]),
        "direction": st.sampled_from([1, -1]),
    }
)


@settings(max_examples=25)
@given(st.lists(KPI, min_size=2, max_size=4), st.lists(KPI, min_size=2, max_size=4))
def test_the_split_is_the_mean_over_all_orders_and_leaves_nothing(old, new):
    before = pd.DataFrame([{"kpi": f"k{n}", "area": "VN"} | row for n, row in enumerate(old)])
    after = pd.DataFrame(
        [{"kpi": f"k{n + 1}", "area": "VN"} | row for n, row in enumerate(new)]
    )  # k0 leaves, one joins
    found = decompose.decompose(before, after).iloc[0]
    expected = slow_shapley(before, after)
    for factor, effect in expected.items():
        assert found[factor] == pytest.approx(effect, abs=1e-12), factor
    assert found["before"] + sum(found[factor] for factor in decompose.FACTORS) == pytest.approx(
        found["after"], abs=1e-12
    )


@pytest.mark.parametrize(
    ("change", "factor"),
    [
        ({"value": 1.2}, "data"),
        ({"target": 2.0}, "targets"),
        ({"weight": 5.0}, "weights"),
        ({"status": "estimate"}, "data"),
    ],
)
def test_a_change_of_one_kind_is_of_that_kind_alone(change, factor):
    rows = [
        ROW | {"weight": 2.0, "status": "official"},
        ROW | {"kpi": "b", "value": 0.3, "weight": 1.0, "status": "official"},
    ]
    before, after = pd.DataFrame(rows), pd.DataFrame([rows[0] | change, rows[1]])
    found = decompose.decompose(before, after).iloc[0]
    assert found["change"] != 0
    assert found[factor] == pytest.approx(found["change"])
    for other in set(decompose.FACTORS) - {factor}:
        assert found[other] == pytest.approx(0, abs=1e-15)


def test_a_kpi_added_or_retired_is_membership_alone():
    one, two = ROW | {"weight": 1.0}, ROW | {"kpi": "b", "value": 0.3, "weight": 1.0}
    found = decompose.decompose(pd.DataFrame([one]), pd.DataFrame([one, two])).iloc[0]
    assert found["membership"] == pytest.approx(found["change"]) and found["change"] < 0


def test_a_state_without_any_figure_has_no_split_and_says_so():
    found = decompose.decompose(pd.DataFrame([ROW | {"value": math.nan}]), pd.DataFrame([ROW])).iloc[0]
    assert math.isnan(found["data"]) and "không phân tích được" in str(found["reason"])


# The command and its file


HEAD = "kpi,area,value,target,direction,priority,weight,kind,target_high\n"


def test_every_wrong_row_is_named(tmp_path):
    path = tmp_path / "kpi.csv"
    path.write_text(
        HEAD + "a,VN,1,2,1,,,,\nb,VN,1,2,1,,-1,,\nc,VN,1,2,1,High,,rank,\nd,VN,1,2,1,High,,,1\n", encoding="utf-8"
    )
    found = problems_of(lambda: files.read(path))
    assert [(p.code, p.row) for p in found] == [
        ("score_weight", 2),
        ("score_weight", 3),
        ("score_rank", 4),
        ("score_range", 5),
    ]
    path.write_text(HEAD + "a,VN,1,2,0,Urgent,,,\na,VN,x,2,1,High,,,\n", encoding="utf-8")
    assert {p.code for p in problems_of(lambda: files.read(path))} == {"values", "pattern", "duplicate"}
    path.write_text(HEAD + "a,VN,1,2,1,,0,,\n", encoding="utf-8")
    assert problems_of(lambda: files.read(path))[0].code == "score_weight_sum"
    path.write_text("kpi,area\na,VN\n", encoding="utf-8")
    assert {p.column for p in problems_of(lambda: files.read(path))} == {"value", "target", "direction"}


def test_the_command_writes_scores_composites_and_the_split(tmp_path):
    from nq57lab.cli.main import app

    then, now, out = (tmp_path / name for name in ("then.csv", "now.csv", "out.csv"))
    then.write_text("kpi,area,value,target,direction,priority\nR&D/GDP,VN,0.5,1.5,1,High\n", encoding="utf-8")
    now.write_text("kpi,area,value,target,direction,priority\nR&D/GDP,VN,1.0,1.5,1,High\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["index", "score", str(now), "-o", str(out), "--since", str(then)])
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out)
    assert table.columns.tolist()[:7] == ["kpi", "area", "completion", "weight", "score", "score_max", "note"]
    assert table["score"].iloc[0] == pytest.approx(4 / 3)
    found = pd.read_csv(tmp_path / "out_composite.csv")
    assert found.columns.tolist() == ["area", "group", "composite", "coverage", "rank", "reason"]
    assert pd.read_csv(tmp_path / "out_change.csv")["data"].iloc[0] == pytest.approx(1 / 3)
