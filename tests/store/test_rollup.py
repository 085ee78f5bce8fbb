"""Roll-ups against a slow plain oracle; a part missing is no total; ratios are recomputed; scores and ranks never roll up."""

import math
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import observe

from nq57lab.base.problems import CallError
from nq57lab.store import rollup

RULES = ["sum", "last", "mean", "recompute", "none", ""]
UNITS = {"tỷ đồng": 1e9, "triệu đồng": 1e6}
_SHIPPED: list = []


@pytest.fixture(scope="module", autouse=True)
def catalogue(shipped):
    variables = pd.DataFrame(
        [
            {
                "id": f"v_{rule or 'blank'}",
                "name_vi": "x",
                "unit": "tỷ đồng",
                "over_time": rule,
                "over_areas": rule,
                "description": "",
            }
            for rule in RULES
        ]
    )
    columns = dict.fromkeys(shipped.indicators.columns, "")
    indicators = pd.DataFrame(
        [
            columns | {"code": "R.1", "unit": "%", "kind": "share", "formula": "v_sum / v_last * 100", "over_time": "recompute", "over_areas": "recompute"},
            columns | {"code": "R.2", "unit": "%", "kind": "growth", "formula": "growth(v_sum)", "over_time": "recompute", "over_areas": "recompute"},
            columns | {"code": "S.1", "unit": "điểm", "kind": "score", "over_time": "mean", "over_areas": "mean"},
            columns | {"code": "S.2", "unit": "thứ hạng", "kind": "rank", "over_time": "last", "over_areas": "sum"},
        ]
    )  # fmt: skip
    made = replace(shipped, variables=variables, indicators=indicators)
    _SHIPPED[:] = [made]
    return made


def rows_of(draw_rows):
    kept = {(r["subject"], r["area"], r["period"]): r for r in draw_rows}
    return list(kept.values())


month = st.tuples(st.integers(2024, 2025), st.integers(1, 12)).map(lambda pair: f"{pair[0]}-{pair[1]:02d}")
figure = st.fixed_dictionaries(
    {
        "subject": st.sampled_from(["v_sum", "v_last", "v_mean", "v_none", "v_blank", "v_recompute", "S.1", "S.2"]),
        "area": st.sampled_from(["34:01", "34:04", "VN"]),
        "period": month,
        "value": st.integers(0, 50).map(float),
        "unit": st.just("tỷ đồng"),
        "measure": st.just("flow"),
    }
)


def oracle(rows: list[dict], months: int, rules: dict[str, str]) -> dict:
    """Roll up by plain loops: (subject, area, first month) → value or NaN."""
    groups: dict = {}
    for row in rows:
        year, m = int(row["period"][:4]), int(row["period"][5:])
        groups.setdefault((row["subject"], row["area"], year, (m - 1) // months), {})[m] = row["value"]
    result = {}
    for key, values in groups.items():
        rule, whole = rules[key[0]], len(values) == months
        if not whole or rule not in ("sum", "mean", "last"):
            result[key] = math.nan
        elif rule == "last":
            result[key] = values[max(values)]
        else:
            result[key] = sum(values.values()) / (months if rule == "mean" else 1)
    return result


def dense(rows: list[dict]) -> list[dict]:
    """Add every month of the first row's year, so that whole quarters and years are drawn too."""
    if not rows:
        return rows
    first = rows[0]
    return rows_of(
        [first | {"period": f"{first['period'][:4]}-{m:02d}", "value": float(m)} for m in range(1, 13)] + rows
    )


@settings(max_examples=40)
@given(st.lists(figure, max_size=30).map(dense), st.sampled_from([("quarter", 3), ("half_year", 6), ("year", 12)]))
def test_months_roll_up_as_plain_loops_say(rows, to):
    if not rows:
        return
    name, months = to
    catalogue = _SHIPPED[0]
    rules = {f"v_{rule or 'blank'}": rule for rule in RULES} | {"S.1": "none", "S.2": "none"}
    wanted = oracle(rows, months, rules)
    out = rollup.over_time(observe(*rows), catalogue, name)
    plain = out[~out["subject"].str.startswith("R.")]
    label = {3: "Q", 6: "H"}
    found = {(r.subject, r.area, r.period): (r.value, r.reason) for r in plain.itertuples()}
    assert len(found) == len(wanted)
    for (subject, area, year, place), value in wanted.items():
        period = f"{year}" if months == 12 else f"{year}-{label[months]}{place + 1}"
        got, reason = found[subject, area, period]
        assert got == pytest.approx(value, nan_ok=True)
        assert bool(reason) == math.isnan(value)


def months_of(subject: str, values, area="34:01", year=2025, **more) -> list[dict]:
    return [
        {
            "subject": subject,
            "area": area,
            "period": f"{year}-{m:02d}",
            "value": v,
            "unit": "tỷ đồng",
            "measure": "flow",
        }
        | more
        for m, v in enumerate(values, start=1)
    ]


def one(out: pd.DataFrame, subject: str, period: str) -> pd.Series:
    return out[(out["subject"] == subject) & (out["period"] == period)].iloc[0]


def test_a_ratio_is_recomputed_from_its_parts_and_never_averaged(catalogue):
    rows = months_of("v_sum", [1, 2, 3]) + months_of("v_last", [10, 10, 20]) + months_of("R.1", [10, 20, 15], unit="%")
    out = rollup.over_time(observe(*rows), catalogue, "quarter")
    assert one(out, "R.1", "2025-Q1")["value"] == pytest.approx(6 / 20 * 100)
    assert one(out, "R.1", "2025-Q1")["reason"] == ""


def test_a_ratio_without_its_parts_is_missing_with_the_reason(catalogue):
    out = rollup.over_time(observe(*months_of("R.1", [10, 20, 15], unit="%")), catalogue, "quarter")
    row = one(out, "R.1", "2025-Q1")
    assert math.isnan(row["value"])
    assert "tính lại" in row["reason"]


def test_growth_is_recomputed_against_the_same_quarter_a_year_earlier(catalogue):
    rows = months_of("v_sum", [1, 2, 3], year=2024) + months_of("v_sum", [2, 4, 6])
    out = rollup.over_time(observe(*rows), catalogue, "quarter")
    assert one(out, "R.2", "2025-Q1")["value"] == pytest.approx(100.0)
    assert "2024-Q1" not in set(out.loc[out["subject"] == "R.2", "period"])


def test_a_missing_month_is_named_and_gives_no_partial_sum(catalogue):
    row = one(rollup.over_time(observe(*months_of("v_sum", [1, 2])), catalogue, "quarter"), "v_sum", "2025-Q1")
    assert math.isnan(row["value"])
    assert str(row["reason"]) == "thiếu 1/3 tháng"
    assert (row["parts"], row["needed"]) == (2, 3)


def test_a_cumulative_figure_is_the_last_months(catalogue):
    out = rollup.over_time(observe(*months_of("v_sum", [1, 2, 3], measure="cumulative")), catalogue, "quarter")
    assert one(out, "v_sum", "2025-Q1")["value"] == 3


def test_units_of_one_family_are_brought_to_the_subjects(catalogue):
    rows = months_of("v_sum", [1, 2]) + months_of("v_sum", [0, 0, 500], unit="triệu đồng")[2:]
    assert one(rollup.over_time(observe(*rows), catalogue, "quarter"), "v_sum", "2025-Q1")["value"] == pytest.approx(
        3.5
    )


def test_a_total_is_as_weak_as_its_weakest_part_and_keeps_a_bound(catalogue):
    rows = months_of("v_sum", [1, 2, 3])
    rows[1] |= {"status": "self_reported", "qualifier": ">"}
    row = one(rollup.over_time(observe(*rows), catalogue, "quarter"), "v_sum", "2025-Q1")
    assert (row["status"], row["qualifier"]) == ("self_reported", ">=")


def test_the_last_months_figure_is_bounded_and_verified_as_that_month_is(catalogue):
    rows = months_of("v_last", [1, 2, 3]) + months_of("v_sum", [1, 2, 3], measure="cumulative")
    for place in (0, 3):
        rows[place] |= {"status": "self_reported", "qualifier": ">"}
    out = rollup.over_time(observe(*rows), catalogue, "quarter")
    for subject in ("v_last", "v_sum"):
        row = one(out, subject, "2025-Q1")
        assert (row["value"], row["status"], row["qualifier"]) == (3, "official", "=")
    rows[2] |= {"qualifier": "~"}
    assert one(rollup.over_time(observe(*rows), catalogue, "quarter"), "v_last", "2025-Q1")["qualifier"] == "~"


def provinces_of(subject: str, catalogue, values, **more) -> list[dict]:
    places = sorted(rollup.provinces(catalogue))[: len(values)]
    return [
        {"subject": subject, "area": p, "period": "2025-06", "value": v, "unit": "tỷ đồng", "measure": "flow"} | more
        for p, v in zip(places, values, strict=True)
    ]


def test_all_34_provinces_make_the_nation(catalogue):
    values = [float(n) for n in range(34)]
    rows = provinces_of("v_sum", catalogue, values) + provinces_of("v_mean", catalogue, values)
    out = rollup.over_areas(observe(*rows), catalogue).set_index("subject")
    assert out.loc["v_sum", "value"] == sum(values)
    assert out.loc["v_mean", "value"] == pytest.approx(sum(values) / 34)
    assert set(out["area"]) == {"VN"}


def test_a_missing_province_gives_no_nation(catalogue):
    row = rollup.over_areas(observe(*provinces_of("v_sum", catalogue, [1.0] * 33)), catalogue).iloc[0]
    assert math.isnan(row["value"])
    assert str(row["reason"]) == "thiếu 1/34 địa bàn"


@pytest.mark.parametrize("subject", ["S.1", "S.2", "v_none", "v_last", "v_blank"])
def test_scores_ranks_and_what_has_no_rule_never_become_the_nations(subject, catalogue):
    row = rollup.over_areas(observe(*provinces_of(subject, catalogue, [1.0] * 34)), catalogue).iloc[0]
    assert math.isnan(row["value"])
    assert row["reason"]


def test_former_provinces_make_a_present_one_only_when_all_are_there(catalogue):
    parents = {"63:01": "34:01", "63:02": "34:01", "63:03": "34:04"}
    rows = [
        {"subject": "v_sum", "area": a, "period": "2024", "value": 2.0, "unit": "tỷ đồng"} for a in ("63:01", "63:02")
    ]
    out = rollup.over_areas(observe(*rows), catalogue, parents).set_index("area")
    assert out.loc["34:01", "value"] == 4
    assert "34:04" not in out.index


def test_order_of_rows_changes_nothing(catalogue):
    table = observe(*months_of("v_last", [3, 1, 2]), *months_of("v_sum", [1, 2, 3]))
    out = rollup.over_time(table, catalogue, "quarter")
    pd.testing.assert_frame_equal(out, rollup.over_time(table.iloc[::-1], catalogue, "quarter"))


def test_the_given_table_is_left_alone(catalogue):
    table = observe(*months_of("v_sum", [1, 2, 3]))
    before = table.copy()
    rollup.over_time(table, catalogue, "year")
    pd.testing.assert_frame_equal(table, before)


def test_an_unknown_length_is_refused(catalogue):
    with pytest.raises(ValueError):
        rollup.over_time(observe(*months_of("v_sum", [1])), catalogue, "week")


def _run(*arguments):
    from typer.testing import CliRunner

    from nq57lab.store import cli as cli_data

    return CliRunner().invoke(cli_data.data_app, list(arguments))


def test_the_command_rolls_the_store_up_and_gives_a_reason_where_there_is_no_total(tmp_path):
    path = tmp_path / "nation.csv"
    assert _run("rollup", "--to", "nation", "-o", str(path)).exit_code == 0
    table = pd.read_csv(path, keep_default_na=False)
    assert list(table.columns) == rollup.COLUMNS
    assert set(table["area"]) == {"VN"}
    assert ((table["value"] != "") ^ (table["reason"] != "")).all()
    assert isinstance(_run("rollup", "--to", "week").exception, CallError)


def test_the_command_drills_down_to_the_items_with_their_figures(tmp_path):
    path = tmp_path / "drill.csv"
    assert _run("drill", "A.01.05", "--known", "2026-06-30", "-o", str(path)).exit_code == 0
    table = pd.read_csv(path, keep_default_na=False).set_index("item")
    assert len(table) == 12
    assert table.loc["db_finance", "item_figure"].replace("\u00a0", " ") == "19 tiêu chí (đến ngày 30/6/2026)"
    assert _run("drill", "X.99").exit_code != 0


def test_on_the_screen_each_step_of_a_drill_down_is_told_once():
    result = _run("drill", "A.01.05", "--known", "2026-06-30")
    assert result.exit_code == 0
    assert result.output.count("A.01.05") == 2  # the title and the step
    assert result.output.count("tiêu chí") > 2
    for raw in ("a_name", "item_figure", "link"):
        assert raw not in result.output
