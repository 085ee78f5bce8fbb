"""Progress towards targets: Eurostat's method against official output, and the targets of the catalogue."""

import math
import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml
from conftest import ROOT, observe
from hypothesis import assume, given
from hypothesis import strategies as st

from nq57lab import targets
from nq57lab.targets import eurostat

FOLDER = Path(os.environ.get("NQ57_REFERENCE", ROOT.parent / "shared" / "reference")) / "statcan"
SHARE = {"subject": "A.02.02", "unit": "%", "family": "share", "measure": "flow"}


@pytest.fixture(scope="module")
def official() -> dict[str, dict]:
    """The series with a target of Statistics Canada's SDG data hub: base, current, target, progress, score, status."""
    files = sorted(FOLDER.glob("*.yml"))
    if not files:
        pytest.skip(f"no reference figures in {FOLDER}: set NQ57_REFERENCE to their folder")
    content = yaml.safe_load(files[0].read_text(encoding="utf-8"))
    series = {name: entry for goal in content.values() for name, entry in goal.items() if isinstance(entry, dict)}
    return {name: entry for name, entry in series.items() if entry.get("target") is not None}


@pytest.fixture(scope="module")
def measured(official) -> dict[str, targets.Progress]:
    """Our measure of the same series."""
    names = ("base_value", "base_year", "current_value", "current_year", "target", "target_year")
    return {
        name: eurostat(*(float(entry[key]) for key in names), int(entry["direction"]))
        for name, entry in official.items()
    }


def test_the_official_status_and_score_are_reproduced(official, measured):
    assessed = {name: entry for name, entry in official.items() if entry["status"] != "not_available"}
    assert len(assessed) == 39
    for name, entry in assessed.items():
        assert measured[name].verdict == entry["status"], name
        assert measured[name].score == pytest.approx(entry["score"], abs=1e-6), name


def test_the_official_progress_is_reproduced(official, measured):
    going = [name for name, entry in official.items() if entry["status"] not in ("not_available", "target_achieved")]
    assert len(going) == 35
    for name in going:
        assert measured[name].ratio == pytest.approx(official[name]["progress_value"], abs=1e-9), name


def test_the_official_progress_of_reached_targets_is_reproduced(official, measured):
    reached = [name for name, entry in official.items() if entry["status"] == "target_achieved"]
    assert len(reached) == 4
    for name in reached:
        assert measured[name].ratio == pytest.approx(official[name]["progress_value"], abs=1e-9), name


def test_no_time_since_the_base_year_is_not_available_officially_too(official, measured):
    waiting = [name for name, entry in official.items() if entry["status"] == "not_available"]
    assert len(waiting) == 2
    for name in waiting:
        assert measured[name].verdict == "not_available"
        assert measured[name].reason
        assert math.isnan(measured[name].score)


VALUES = st.integers(1, 10_000).map(lambda number: number / 10)
YEARS = st.integers(1, 20)


@given(VALUES, VALUES, VALUES, YEARS, YEARS, st.sampled_from([1, -1]))
def test_reaching_the_target_scores_five_and_nothing_scores_more(base, value, target, past, left, direction):
    progress = eurostat(base, 2000, value, 2000 + past, target, 2000 + past + left, direction)
    reached = value >= target if direction == 1 else value <= target
    assert (progress.verdict == "target_achieved") == reached
    if reached:
        assert progress.score == 5.0
    elif progress.verdict != "not_available":
        assert -5.0 <= progress.score <= 5.0


@given(VALUES, VALUES, YEARS, YEARS)
def test_a_series_on_the_required_path_is_on_track_in_either_direction(base, target, past, left):
    assume(base != target)
    direction = 1 if target > base else -1
    value = base * (target / base) ** (past / (past + left))
    progress = eurostat(base, 2000, value, 2000 + past, target, 2000 + past + left, direction)
    assert progress.ratio == pytest.approx(1.0, rel=1e-6)
    assert progress.verdict == "substantial_progress"


@given(VALUES, VALUES, YEARS, YEARS)
def test_a_constant_series_makes_no_progress(base, target, past, left):
    assume(base != target)
    progress = eurostat(base, 2000, base, 2000 + past, target, 2000 + past + left, 1 if target > base else -1)
    assert (progress.ratio, progress.verdict) == (pytest.approx(0.0), "limited_progress")
    assert progress.score == pytest.approx(-2.5)


@given(VALUES, VALUES, VALUES, YEARS, YEARS)
def test_moving_away_from_the_target_is_deterioration(base, value, target, past, left):
    direction = 1 if target > base else -1
    assume(base != target and direction * (value - base) < 0)
    progress = eurostat(base, 2000, value, 2000 + past, target, 2000 + past + left, direction)
    assert progress.verdict == "deterioration"
    assert progress.ratio < 0


@given(VALUES, VALUES, VALUES, YEARS, YEARS, st.sampled_from([1, -1]), st.sampled_from([0.01, 1000.0]))
def test_the_unit_does_not_matter(base, value, target, past, left, direction, factor):
    assume(abs(value - target) > 1e-6)
    years = (2000, 2000 + past, 2000 + past + left)
    one = eurostat(base, years[0], value, years[1], target, years[2], direction)
    other = eurostat(base * factor, years[0], value * factor, years[1], target * factor, years[2], direction)
    assert other.verdict == one.verdict
    assert other.ratio == pytest.approx(one.ratio, rel=1e-6, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize(
    ("ratio", "verdict", "score"),
    [
        (0.951, "substantial_progress", 7.1429 * 0.951 - 4.2857),
        (0.949, "moderate_progress", 7.1429 * 0.949 - 4.2857),
        (0.601, "moderate_progress", 7.1429 * 0.601 - 4.2857),
        (0.599, "limited_progress", 4.1667 * 0.599 - 2.5),
        (0.001, "limited_progress", 4.1667 * 0.001 - 2.5),
        (-0.001, "deterioration", -4.1667 * 0.001 - 2.5),
        (-3.0, "deterioration", -5.0),
    ],
)
def test_verdicts_change_at_the_published_bounds(ratio, verdict, score):
    required = 2 ** (1 / 10) - 1
    value = 100 * (1 + ratio * required) ** 5
    progress = eurostat(100, 2020, value, 2025, 200, 2030, 1)
    assert (progress.verdict, progress.ratio) == (verdict, pytest.approx(ratio))
    assert progress.score == pytest.approx(score)


@pytest.mark.parametrize(
    ("base", "value", "target"), [(0, 5, 10), (-2, 3, 10), (5, -1, 10), (math.nan, 5, 10), (5, math.nan, 10)]
)
def test_what_has_no_growth_rate_is_said_so_instead_of_a_number(base, value, target):
    progress = eurostat(base, 2020, value, 2025, target, 2030, 1)
    assert progress.verdict == "not_available"
    assert progress.reason
    assert math.isnan(progress.ratio)


def test_a_missing_target_is_not_a_deterioration():
    assert eurostat(10, 2020, 15, 2025, math.nan, 2030, 1).verdict == "not_available"


def test_a_target_of_zero_is_read_as_a_thousandth():
    assert eurostat(10, 2020, 5, 2025, 0, 2030, -1) == eurostat(10, 2020, 5, 2025, 0.001, 2030, -1)
    assert eurostat(10, 2020, 0, 2025, 0, 2030, -1).verdict == "target_achieved"


def test_more_than_is_not_met_on_the_target_itself():
    assert targets.reached(55, 55, 1)
    assert not targets.reached(55, 55, 1, strict=True)
    assert targets.reached(3, 5, -1)
    assert not targets.reached(5, 5, -1, strict=True)
    assert eurostat(50, 2020, 55, 2025, 55, 2030, 1, strict=True).verdict == "substantial_progress"


def test_the_required_change_is_a_straight_line():
    assert targets.required_annual_change(14.02, 2025, 30, 2030) == pytest.approx(3.196)
    assert targets.required_annual_change(44, 2025, 40, 2030) == pytest.approx(-0.8)
    assert math.isnan(targets.required_annual_change(10, 2030, 30, 2030))


def one_target(catalogue, table, **fields):
    """Evaluate one made-up target on A.02.02."""
    target = {"id": "T", "indicator": "A.02.02", "milestone": "2030", "comparator": ">=", "value": 30.0, "unit": "%"}
    frame = pd.DataFrame([catalogue.targets.iloc[0].to_dict() | {"value_high": math.nan} | target | fields])
    return targets.evaluate(replace(catalogue, targets=frame), table).iloc[0]


def test_the_digital_economy_against_its_target_of_thirty_per_cent(shipped, table):
    progress = targets.evaluate(shipped, table).set_index("id").loc["T2030.digital_economy.S002"]
    assert (progress["value"], progress["period"]) == (14.02, "2025")
    assert (progress["baseline"], progress["baseline_period"]) == (13.17, "2024")
    assert progress["gap"] == pytest.approx(14.02 - 30)
    assert progress["required"] == pytest.approx((30 - 14.02) / 5)
    assert progress["ratio"] == pytest.approx((14.02 / 13.17 - 1) / ((30 / 13.17) ** (1 / 6) - 1))
    assert progress["verdict"] == "limited_progress"
    assert progress["reason"] == ""


def test_every_target_of_a_milestone_has_one_row_with_a_verdict_or_a_reason(shipped, table):
    for milestone in ("2025", "2030", "2045"):
        expected = shipped.targets[shipped.targets["milestone"] == milestone]["id"].tolist()
        progress = targets.evaluate(shipped, table, milestone)
        assert progress["id"].tolist() == expected
        assert set(progress["verdict"]) <= set(targets.VERDICTS)
        assert ((progress["verdict"] == "not_available") == (progress["reason"] != "")).all()
        qualitative = progress[progress["comparator"] == "qualitative"]
        assert qualitative[["value", "gap", "required", "ratio", "score"]].isna().all().all()


def test_a_rank_is_compared_directly(shipped):
    fields = {"comparator": "top_n", "value": 50.0, "unit": "thứ hạng"}
    rank = SHARE | {"unit": "thứ hạng", "period": "2024"}
    behind = one_target(shipped, observe(rank | {"value": 71}), **fields)
    assert (behind["gap"], behind["verdict"]) == (21.0, "not_available")
    assert "thứ hạng" in behind["reason"]
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
