"""The catalogue's targets as known on a date: every kind's rule, the baseline, and figures that may not be compared."""

import math
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from support import observe
from typer.testing import CliRunner

from nq57lab.base.project import Programme
from nq57lab.cli.main import app
from nq57lab.facts import indicators
from nq57lab.facts.catalogue import Catalogue
from nq57lab.targets import screen
from nq57lab.targets import tracking as targets
from nq57lab.targets.methods import eurostat

SHARE = {"subject": "A.02.02", "unit": "%", "family": "share", "measure": "flow"}


def one_target(catalogue, table, **fields):
    """Evaluate one made-up target on A.02.02."""
    target = {"id": "T", "indicator": "A.02.02", "milestone": "2030", "comparator": ">=", "value": 30.0, "unit": "%"}
    frame = pd.DataFrame([catalogue.targets.iloc[0].to_dict() | {"value_high": math.nan} | target | fields])
    return targets.track(replace(catalogue, targets=frame), table).progress.iloc[0]


@pytest.fixture(scope="module")
def tracked(shipped, table, entries) -> dict[str, targets.Tracked]:
    """The targets of every milestone as known at the end of June 2026."""
    return {
        year: targets.track(shipped, table, year, date(2026, 6, 30), entries=entries)
        for year in ("2025", "2030", "2045")
    }


def test_the_digital_economy_against_its_target_of_thirty_per_cent(tracked):
    progress = tracked["2030"].progress.set_index("id").loc["T2030.digital_economy.S002"]
    assert (progress["value"], progress["period"]) == (14.02, "2025")
    assert (progress["baseline"], progress["baseline_period"]) == (13.17, "2024")
    assert progress["gap"] == pytest.approx(14.02 - 30)
    assert progress["required"] == pytest.approx((30 - 14.02) / 5)
    assert progress["ratio"] == pytest.approx((14.02 / 13.17 - 1) / ((30 / 13.17) ** (1 / 6) - 1))
    assert progress["verdict"] == "limited_progress"
    assert progress["reason"] == ""


def test_every_target_of_a_milestone_has_one_row_with_a_verdict_or_a_reason(shipped, tracked):
    for milestone, found in tracked.items():
        expected = shipped.targets[shipped.targets["milestone"] == milestone]["id"].tolist()
        progress = found.progress
        assert progress["id"].tolist() == expected
        assert set(progress["verdict"]) <= set(eurostat.METHOD.words)
        assert ((progress["verdict"] == "not_available") == (progress["reason"] != "")).all()
        qualitative = progress[progress["comparator"] == "qualitative"]
        assert qualitative[["gap", "required", "ratio", "score"]].isna().all().all()
        assert (qualitative["value"].notna() == (qualitative["assumed"] != "")).all()


def test_the_stage_the_line_at_its_end_and_the_series_stand_beside_a_target(tracked):
    row = tracked["2030"].progress.set_index("id").loc["T2030.digital_economy.S002"]
    assert (row["stage"], row["stage_end"]) == ("GD1", 2027)
    assert row["stage_value"] == pytest.approx(13.17 + (30 - 13.17) * 3 / 6)
    assert row["arrival_year"] == pytest.approx(2025 + (30 - 14.02) / (14.02 - 13.17))
    own = tracked["2030"].history.query("id == 'T2030.digital_economy.S002'")
    assert own["period"].tolist() == [str(year) for year in range(2020, 2026)] and row["points"] == 6
    short = tracked["2025"].progress
    assert (short["stage"] == "GD1").all() and short["stage_value"].isna().all()  # the line ends before the stage


def test_on_a_screen_a_quantity_reads_in_vietnamese_once(shipped, tracked):
    progress = tracked["2030"].progress
    shown = screen.targets(shipped, progress)
    assert len(shown) == progress[progress["row"] != ""]["indicator"].nunique()
    economy = shown[shown["indicator"].str.contains("kinh tế số")].iloc[0]
    assert economy.tolist()[1:] == ["14,02 (năm 2025)", "ít nhất 30%", "chậm", "4/5", "3,20", "2044"]
    kept = shown[shown["indicator"].str.contains("phát triển con người")].iloc[0]
    assert kept["verdict"] == "đạt mục tiêu, từ năm 2013"


def test_the_command_writes_the_targets_and_their_series(tmp_path, in_project):
    paths = {name: tmp_path / f"{name}.csv" for name in ("progress", "series")}
    call = ["targets", "--known", "2026-06-30", "--milestone", "2045", "--no-probability"]
    call += ["-o", str(paths["progress"]), "--series", str(paths["series"])]
    result = CliRunner().invoke(app, call)
    assert result.exit_code == 0, result.output
    progress, series = (pd.read_csv(path) for path in paths.values())
    assert {"baseline_rule", "trajectory", "required", "arrival_year", "stage", "stage_value"} <= set(progress)
    assert list(series) == ["id", "period", "value"] and set(series["id"]) <= set(progress["id"])


def test_half_a_years_flow_has_no_whole_year_as_its_base(shipped):
    whole, half = SHARE | {"period": "2024", "value": 20}, SHARE | {"period": "2026-H1", "value": 12}
    found = one_target(shipped, observe(whole, half))
    assert (found["baseline_period"], math.isnan(found["baseline"])) == ("", True)
    stock = one_target(shipped, observe(whole | {"measure": "stock"}, half | {"measure": "stock"}))
    assert stock["baseline_period"] == "2024"
    halves = one_target(shipped, observe(whole, SHARE | {"period": "2024-H1", "value": 9}, half))
    assert (halves["baseline_period"], halves["baseline"]) == ("2024-H1", 9.0)


def test_a_first_half_has_a_first_half_as_its_base(shipped):
    half = SHARE | {"period": "2026-H1", "value": 12}
    others = [SHARE | {"period": period, "value": 5} for period in ("2024-Q4", "2024-12", "2024-H2")]
    alone = one_target(shipped, observe(*others, half))
    assert (alone["baseline_period"], math.isnan(alone["baseline"])) == ("", True)
    found = one_target(shipped, observe(*others, SHARE | {"period": "2024-H1", "value": 9}, half))
    assert (found["baseline_period"], found["points"]) == ("2024-H1", 3)


def test_a_count_of_half_a_year_is_not_set_against_a_years_target(shipped):
    count = {"subject": "A.02.02", "unit": "đơn", "family": "count", "measure": "flow"}
    aim = {"unit": "đơn", "value": 100.0}
    whole = [count | {"period": str(year), "value": value} for year, value in ((2024, 80), (2025, 90))]
    half = count | {"period": "2026-H1", "value": 60}
    found = one_target(shipped, observe(*whole, half), **aim)
    assert (found["period"], found["value"], found["baseline"]) == ("2025", 90.0, 80.0)
    alone = one_target(shipped, observe(half), **aim)
    assert alone["verdict"] == "not_available" and "một phần năm" in alone["reason"] and math.isnan(alone["required"])
    stock = one_target(shipped, observe(half | {"measure": "stock"}), **aim)
    assert (stock["period"], stock["gap"]) == ("2026-H1", -40.0)


def test_of_two_figures_that_end_together_the_years_stands(shipped):
    rows = [
        SHARE | {"period": period, "value": value} for period, value in (("2025", 14), ("2025-Q4", 15), ("2024", 13))
    ]
    found = one_target(shipped, observe(*rows))
    assert (found["period"], found["baseline_period"]) == ("2025", "2024")
    stocks = [
        SHARE | {"period": period, "value": value, "measure": "stock"}
        for period, value in (("2024", 13), ("2024-Q4", 12), ("2025", 14))
    ]
    assert one_target(shipped, observe(*stocks))["baseline"] == 13.0


def test_a_rank_is_compared_directly(shipped):
    fields = {"comparator": "top_n", "value": 50.0, "unit": "thứ hạng"}
    rank = SHARE | {"unit": "thứ hạng", "period": "2024"}
    behind = one_target(shipped, observe(rank | {"value": 71}), **fields)
    assert (behind["gap"], behind["verdict"], str(behind["reason"])) == (
        21.0,
        "not_available",
        "chưa có kỳ nào sau năm gốc",
    )
    later = one_target(shipped, observe(rank | {"value": 71}, rank | {"value": 69, "period": "2026"}), **fields)
    assert (later["verdict"], later["sdsn_ratio"]) == ("limited_progress", pytest.approx((2 / 2) / (21 / 6)))
    assert "thứ hạng" in later["verdict_rule"] and "thứ hạng" in later["eurostat_reason"]
    assert one_target(shipped, observe(rank | {"value": 50}), **fields)["verdict"] == "target_achieved"


def test_another_unit_or_no_figure_is_not_compared(shipped):
    other = one_target(shipped, observe(SHARE | {"value": 14, "unit": "điểm phần trăm"}))
    assert other["verdict"] == "not_available"
    assert "điểm phần trăm" in other["reason"]
    assert math.isnan(other["gap"])
    none = one_target(shipped, observe({"value": 14}))
    assert (none["verdict"], math.isnan(none["value"])) == ("not_available", True)


def test_only_the_nations_total_is_measured(shipped):
    rows = [SHARE | {"value": 40, "period": "2025", **key} for key in ({"area": "34:01"}, {"dims": "kind=ict"})]
    assert math.isnan(one_target(shipped, observe(*rows))["value"])


def test_the_base_is_the_newest_period_to_the_end_of_2024(shipped):
    rows = [
        SHARE | {"period": str(year), "value": value}
        for year, value in ((2025, 14), (2023, 12), (2024, 13), (2020, 11))
    ]
    found = one_target(shipped, observe(*rows))
    assert (found["value"], found["baseline"], found["baseline_period"]) == (14.0, 13.0, "2024")


def test_an_average_over_several_years_is_not_a_yearly_value(shipped):
    rows = [
        SHARE | {"period": period, "value": value} for period, value in (("2023", 12), ("2024", 13), ("2021/2025", 99))
    ]
    found = one_target(shipped, observe(*rows))
    assert (found["value"], found["baseline"]) == (13.0, 13.0)


def test_a_projection_of_a_later_year_is_not_the_present_value(shipped):
    rows = observe(
        SHARE | {"period": "2024", "value": 13, "vintage": "2025-01-06"},
        SHARE | {"period": "2025", "value": 14, "vintage": "2026-01-05"},
        SHARE | {"period": "2030", "value": 35, "vintage": "2026-01-05", "status": "estimate"},
    )
    found = one_target(shipped, rows)
    assert (found["value"], found["verdict"]) == (14.0, "limited_progress")


@pytest.mark.parametrize(("value", "verdict"), [(12.0, False), (10.0, True), (9.0, True), (5.0, True)])
def test_a_range_of_an_indicator_to_be_lowered_is_met_from_its_upper_end_down(shipped, value, verdict):
    lower = shipped.indicators.copy()
    lower.loc[lower["code"] == "A.02.02", "direction"] = -1
    rows = observe(SHARE | {"period": "2024", "value": 20}, SHARE | {"period": "2025", "value": value})
    found = one_target(replace(shipped, indicators=lower), rows, comparator="between", value=8.0, value_high=10.0)
    assert (found["verdict"] == "target_achieved") is verdict


def test_a_base_and_a_value_of_two_publishers_without_a_common_period_are_refused(shipped):
    press = SHARE | {"period": "2024", "value": 10, "vintage": "2025-01-06", "source": "P_MST_202505"}
    draft = SHARE | {"period": "2025", "value": 20, "vintage": "2026-06-30", "source": "S004"}
    found = one_target(shipped, observe(press, draft))
    assert found["verdict"] == "not_available" and "không ghép" in found["reason"]
    assert math.isnan(found["ratio"]) and math.isnan(found["sdsn_ratio"]) and math.isnan(found["escap_current"])
    assert found["required"] == pytest.approx((30 - 20) / 5)  # from the present value alone
    both = observe(
        press, draft, press | {"period": "2025", "value": 20, "vintage": "2026-01-06", "source": "P_MST_202601"}
    )
    assert one_target(shipped, both)["verdict"] == "substantial_progress"


def test_a_recalculated_series_is_not_spliced_with_its_earlier_vintage(shipped):
    old = [
        SHARE | {"period": str(year), "value": value, "vintage": "2020-10-01", "source": "P_SDG_202010"}
        for year, value in ((2022, 0.5), (2024, 0.6))
    ]
    new = [
        SHARE | {"period": str(year), "value": value, "vintage": "2026-06-01", "source": "P_SDG_202606"}
        for year, value in ((2022, 0.4), (2025, 0.5))
    ]
    found = one_target(shipped, observe(*old, *new))
    assert found["verdict"] == "not_available" and "hai đợt công bố" in found["reason"]
    same = one_target(shipped, observe(*old, new[0] | {"value": 0.5}, new[1]))
    assert same["reason"] == ""


def test_without_a_base_to_the_end_of_2024_the_first_period_after_it_serves(shipped):
    rows = [SHARE | {"period": str(year), "value": value} for year, value in ((2025, 14), (2026, 18), (2027, 21))]
    found = one_target(shipped, observe(*rows))
    assert (found["baseline_period"], found["baseline_rule"]) == ("2025", "kỳ đầu tiên sau năm 2024")


def test_the_mean_of_uneven_growth_is_the_constant_rate_with_the_same_end(shipped):
    rows = [SHARE | {"period": str(year), "value": value} for year, value in ((2025, 60), (2026, -24))]
    found = one_target(shipped, observe(*rows), comparator="growth_between", value=16.0, value_high=18.0)
    assert found["verdict"] == "moderate_progress"  # √(1.6 · 0.76) = 1.103; the arithmetic mean, 18, would be in time


def test_growth_a_year_is_compared_with_the_mean_of_the_years_after_the_base(shipped):
    growth = {"comparator": "growth_between", "value": 16.0, "value_high": 18.0}
    rows = [
        SHARE | {"period": str(year), "value": value}
        for year, value in ((2023, 40), (2024, 30), (2025, 12), (2026, 20))
    ]
    kept = one_target(shipped, observe(*rows), **growth)
    assert (kept["verdict"], kept["reason"]) == ("substantial_progress", "")
    slow = one_target(shipped, observe(*rows[:3]), **growth)
    assert slow["verdict"] == "moderate_progress"
    assert "tốc độ tăng" in slow["eurostat_reason"] and slow["methods_total"] == 0
    none = one_target(shipped, observe(*rows[:2]), **growth)
    assert none["verdict"] == "not_available" and "tốc độ tăng" in none["reason"]


def test_an_increase_since_the_resolution_counts_from_zero(shipped):
    more = {"comparator": "increment_since", "value": 3.0}
    counted = SHARE | {"measure": "cumulative", "period": "2026", "value": 1}
    found = one_target(shipped, observe(counted), **more)
    assert (found["verdict"], found["sdsn_ratio"]) == ("substantial_progress", pytest.approx(1.0))
    assert "bằng không" in found["eurostat_reason"]
    assert found["baseline_rule"] == "tính từ khi có Nghị quyết" and "từ khi có Nghị quyết" in found["verdict_rule"]
    stock = [
        SHARE | {"measure": "stock", "period": period, "value": value} for period, value in (("2024", 5), ("2026", 9))
    ]
    assert one_target(shipped, observe(*stock), **more)["verdict"] == "target_achieved"


def test_the_series_of_an_increase_counts_from_where_its_value_does(shipped):
    """The level 5 of 2024 is zero: half a unit more a year makes 3 more in 2030, 10 · 3 / 6 on UNESCAP's index."""
    rows = [
        SHARE | {"measure": "stock", "period": str(year), "value": 5 + 0.5 * (year - 2024), "unit": "đơn"}
        for year in range(2014, 2027)
    ]
    target = {"comparator": "increment_since", "value": 6.0, "unit": "đơn"}
    frame = pd.DataFrame([shipped.targets.iloc[0].to_dict() | {"value_high": math.nan} | {"id": "T"} | target])
    frame = frame.assign(indicator="A.02.02", milestone="2030")
    tracked = targets.track(replace(shipped, targets=frame), observe(*rows), probability=True)
    found = tracked.progress.iloc[0]
    assert (found["value"], found["aim"]) == (1.0, 6.0)
    assert tracked.history["value"].iloc[-1] == 1.0
    assert (found["escap_anticipated"], found["sdsn_ratio"]) == (pytest.approx(5.0), pytest.approx(0.5))
    assert found["p_met"] < 0.1 or found["p_met_reason"].code == "skill_not_shown"


def test_a_level_to_keep_is_lost_when_any_period_since_the_base_missed_it(shipped):
    keep = {"comparator": "maintain", "value": 10.0}
    rows = [SHARE | {"period": str(year), "value": value} for year, value in ((2023, 9), (2024, 11), (2025, 12))]
    assert one_target(shipped, observe(*rows), **keep)["verdict"] == "target_achieved"
    broken = [*rows, SHARE | {"period": "2026", "value": 10}, SHARE | {"period": "2027", "value": 13}]
    assert one_target(shipped, observe(*broken), **keep)["verdict"] == "deterioration"


def test_a_place_in_the_region_needs_the_regions_ranks(shipped):
    place = {"comparator": "regional_top_n", "value": 3.0, "unit": "thứ hạng"}
    world = SHARE | {"unit": "thứ hạng", "period": "2024", "value": 71}
    none = one_target(shipped, observe(world), **place)
    assert none["verdict"] == "not_available" and "Đông Nam Á" in none["reason"]
    region = world | {"dims": "region=asean", "value": 5}
    found = one_target(shipped, observe(region, region | {"period": "2026", "value": 4}), **place)
    assert (found["value"], found["verdict"]) == (4.0, "substantial_progress")


def test_the_stage_of_the_roadmap_follows_the_day(shipped):
    days = (date(2026, 6, 30), date(2028, 1, 1), date(2045, 12, 31), date(2046, 1, 1))
    assert [targets.stage_on(shipped, day) for day in days] == ["GD1", "GD2", "GD3", ""]


def test_a_programme_has_its_own_base_year(shipped, monkeypatch):
    values = (("2024", 10), ("2025", 12), ("2026", 15))
    rows = observe(*(SHARE | {"period": year, "value": value} for year, value in values))
    assert one_target(shipped, rows)["baseline"] == 10
    monkeypatch.setattr(Catalogue, "programme", Programme(base_year=2025))
    found = one_target(shipped, rows)
    assert found[["baseline", "baseline_rule"]].tolist() == [12, "kỳ mới nhất đến hết năm 2025"]


def shares(**sources: str) -> list[dict]:
    """Return goods and high-technology exports of two years whose ratio is a layer-A indicator: 40 of 100, then 63 of 105."""
    made = {"unit": "tỷ USD", "family": "money_usd", "measure": "flow", "source": "P_A_2026"}
    parts = {"hightech_exports": (40, 63), "goods_exports": (100, 105)}
    return [
        made | {"subject": subject, "period": period, "value": value, "source": sources.get(f"y{period}", "P_A_2026")}
        for subject, values in parts.items()
        for period, value in zip(("2024", "2025"), values, strict=True)
    ]


def test_a_target_on_a_computed_indicator_is_set_against_what_the_formula_gives(shipped):
    rows = observe(*shares())
    asked = {"indicator": "A.02.04", "value": 80.0}
    found = one_target(shipped, indicators.measured(shipped, rows), **asked)
    assert found[["value", "baseline", "gap", "period"]].tolist() == [60, 40, -20, "2025"]
    assert found["required"] == pytest.approx((80 - 60) / 5)
    assert (found["verdict"], found["row"]) == ("substantial_progress", "test.csv:3; test.csv:5")
    apart = one_target(shipped, indicators.measured(shipped, observe(*shares(y2024="P_B_2025"))), **asked)
    assert (apart["value"], apart["verdict"]) == (60, "not_available") and "không ghép" in apart["reason"]
