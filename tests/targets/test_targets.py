"""Progress towards targets: Eurostat's method against official output, and the targets of the catalogue."""

import math

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support import reference_folder
from typer.testing import CliRunner

from nq57lab.base.problems import ProblemError
from nq57lab.cli.main import app
from nq57lab.targets import cases as of_cases
from nq57lab.targets import chance as attainment
from nq57lab.targets import evaluate as methods
from nq57lab.targets import skill
from nq57lab.targets.methods import escap, sdsn, trajectory, un_chart
from nq57lab.targets.methods import eurostat as of_eurostat

CONTRACT = [
    *("id", "base_year", "base_value", "current_year", "current_value", "target_year", "target", "direction", "limit"),
]


def case(base, base_year, value, year, target, target_year, direction, **more) -> pd.DataFrame:
    """One case as a table."""
    names = ("base_value", "base_year", "current_value", "current_year", "target", "target_year", "direction")
    row = dict(zip(names, (base, base_year, value, year, target, target_year, direction), strict=True))
    return of_cases.complete(pd.DataFrame([{"id": "a"} | row | more]))


def eurostat(*numbers, **more) -> pd.Series:
    """Eurostat's measure of one case."""
    return of_eurostat.measure(case(*numbers, **more)).iloc[0]


@pytest.fixture(scope="module")
def official() -> pd.DataFrame:
    """Every series of Statistics Canada's SDG data hub, as the command takes and gives it."""
    file = reference_folder("statcan") / "cif-data-donnees-cic.yml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    rows = [
        {"id": f"{goal} | {name}", **entry}
        for goal, series in content.items()
        for name, entry in series.items()
        if isinstance(entry, dict)
    ]
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def evaluated(official, tmp_path_factory) -> pd.DataFrame:
    """What ``nq57 targets evaluate`` writes for them, beside the official figures."""
    folder = tmp_path_factory.mktemp("statcan")
    official[CONTRACT].to_csv(folder / "cases.csv", index=False)
    result = CliRunner().invoke(app, ["targets", "evaluate", str(folder / "cases.csv"), "-o", str(folder / "out.csv")])
    assert result.exit_code == 0, result.output
    found = pd.read_csv(folder / "out.csv", keep_default_na=False, na_values=[""])
    assert found["id"].tolist() == official["id"].tolist()
    return found.join(official[["progress_value", "score", "status", "target", "limit"]])


def test_every_official_status_progress_and_score_is_reproduced_by_the_command(evaluated):
    assessed = evaluated[evaluated["progress_value"].notna()]
    assert assessed["target"].notna().sum() == 39 and assessed["target"].isna().sum() == 86
    assert (assessed["limit"].notna() & assessed["target"].isna()).sum() == 33
    assert (assessed["eurostat_status"] == assessed["status"]).all()
    assert (assessed["eurostat_ratio"] - assessed["progress_value"]).abs().max() <= 1e-9
    assert (assessed["eurostat_score"] - assessed["score"]).abs().max() <= 1e-6


def test_what_is_officially_not_available_has_a_reason_and_no_number(evaluated):
    waiting = evaluated[evaluated["progress_value"].isna()]
    assert len(waiting) == 7
    assert (waiting["eurostat_status"] == "not_available").all()
    assert waiting[["eurostat_ratio", "eurostat_score", "un_share", "sdsn_ratio"]].isna().all().all()
    assert (waiting["eurostat_reason"].fillna("") != "").all()


VALUES = st.integers(1, 10_000).map(lambda number: number / 10)
YEARS = st.integers(1, 20)


@settings(max_examples=25, deadline=None)
@given(VALUES, VALUES, VALUES, YEARS, YEARS, st.sampled_from([1, -1]))
def test_reaching_the_target_scores_five_and_nothing_scores_more(base, value, target, past, left, direction):
    progress = eurostat(base, 2000, value, 2000 + past, target, 2000 + past + left, direction)
    reached = value >= target if direction == 1 else value <= target
    assert (progress["status"] == "target_achieved") == reached
    if reached:
        assert progress["score"] == 5.0
    elif progress["status"] != "not_available":
        assert -5.0 <= progress["score"] <= 5.0


@settings(max_examples=25, deadline=None)
@given(VALUES, VALUES, YEARS, YEARS)
def test_a_series_on_the_required_path_is_on_track_in_either_direction(base, target, past, left):
    assume(base != target)
    direction = 1 if target > base else -1
    value = base * (target / base) ** (past / (past + left))
    progress = eurostat(base, 2000, value, 2000 + past, target, 2000 + past + left, direction)
    assert progress["ratio"] == pytest.approx(1.0, rel=1e-6)
    assert progress["status"] == "substantial_progress"


@settings(max_examples=25, deadline=None)
@given(VALUES, VALUES, YEARS, YEARS)
def test_a_constant_series_makes_no_progress(base, target, past, left):
    assume(base != target)
    progress = eurostat(base, 2000, base, 2000 + past, target, 2000 + past + left, 1 if target > base else -1)
    assert (progress["ratio"], progress["status"]) == (pytest.approx(0.0), "limited_progress")
    assert progress["score"] == pytest.approx(-2.5)


@settings(max_examples=25, deadline=None)
@given(VALUES, VALUES, VALUES, YEARS, YEARS)
def test_moving_away_from_the_target_is_deterioration(base, value, target, past, left):
    direction = 1 if target > base else -1
    assume(base != target and direction * (value - base) < 0)
    progress = eurostat(base, 2000, value, 2000 + past, target, 2000 + past + left, direction)
    assert progress["status"] == "deterioration"
    assert progress["ratio"] < 0


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
    assert (progress["status"], progress["ratio"]) == (verdict, pytest.approx(ratio))
    assert progress["score"] == pytest.approx(score)


@pytest.mark.parametrize(
    ("base", "value", "target"), [(0, 5, 10), (-2, 3, 10), (5, -1, 10), (math.nan, 5, 10), (5, math.nan, 10)]
)
def test_what_has_no_growth_rate_is_said_so_instead_of_a_number(base, value, target):
    progress = eurostat(base, 2020, value, 2025, target, 2030, 1)
    assert progress["status"] == "not_available"
    assert progress["reason"]
    assert math.isnan(progress["ratio"])


@pytest.mark.parametrize(
    ("growth", "limit", "status"),
    [
        (0.016, math.nan, "substantial_progress"),
        (0.014, math.nan, "moderate_progress"),
        (0.004, math.nan, "limited_progress"),
        (-0.001, math.nan, "deterioration"),
        (0.006, 53.0, "substantial_progress"),
        (-0.001, 53.0, "deterioration"),
    ],
)
def test_without_a_target_the_trend_decides_and_a_near_limit_lowers_the_thresholds(growth, limit, status):
    found = eurostat(50, 2020, 50 * (1 + growth) ** 5, 2025, math.nan, math.nan, 1, limit=limit)
    assert (found["status"], found["ratio"]) == (status, pytest.approx(growth))


def test_negative_values_that_rise_towards_their_target_make_progress():
    assert eurostat(-10, 2020, -6, 2025, -3, 2030, 1)["status"] == "moderate_progress"
    assert eurostat(-10, 2020, -12, 2025, -3, 2030, 1)["status"] == "deterioration"


def test_a_target_of_zero_is_read_as_a_thousandth():
    assert eurostat(10, 2020, 5, 2025, 0, 2030, -1).equals(eurostat(10, 2020, 5, 2025, 0.001, 2030, -1))
    assert eurostat(10, 2020, 0, 2025, 0, 2030, -1)["status"] == "target_achieved"


def test_a_current_value_of_zero_is_a_growth_of_minus_one():
    """With CAGR −1 the ratio is 1 / |CAGR required|: a fall by all, where a part was asked."""
    found = eurostat(10, 2015, 0, 2020, 5, 2030, 1)
    assert (
        found["ratio"] == pytest.approx(-1 / (0.5 ** (1 / 15) - 1) * -1, rel=1e-12)
        and found["status"] == "deterioration"
    )
    assert eurostat(4, 2015, 0, 2020, math.nan, math.nan, -1)["ratio"] == 1.0


def test_the_limit_factor_is_that_of_open_sdg():
    assert eurostat(1.2, 2015, 1.1, 2023, math.nan, math.nan, -1, limit=1.0)["score"] == pytest.approx(3.60, abs=0.005)
    beyond = eurostat(105, 2015, 106, 2023, math.nan, math.nan, 1, limit=100.0)
    assert beyond["score"] == pytest.approx(0.21, abs=0.005) and beyond["ratio"] > 0


def test_a_deadline_that_passed_unmet_is_a_verdict_and_a_fall_from_the_target_a_deterioration():
    late = eurostat(10, 2020, 12, 2025, 20, 2024, 1)
    assert late["status"] == "deadline_missed" and "đã qua" in late["reason"] and math.isnan(late["ratio"])
    assert eurostat(10, 2020, 22, 2025, 20, 2024, 1)["status"] == "target_achieved"
    fallen = eurostat(20, 2020, 12, 2025, 20, 2030, 1)
    assert (fallen["status"], fallen["score"]) == ("deterioration", -5.0) and "đã bằng mục tiêu" in fallen["reason"]


@pytest.mark.parametrize(
    ("numbers", "more", "statuses", "ratio"),
    [  # parity 0.97–1.03: inside it is met, either side of it is not; distances are those from the band,
            # which a growth kept up may leave on its far side (the UN's extrapolation)
        ((0.80, 2015, 0.98, 2022, 0.97, 2030, 1), {}, ("target_achieved",) * 3, 0.18 / 7 / (0.17 / 15)),
        ((0.80, 2015, 0.90, 2022, 0.97, 2030, 1), {}, ("substantial_progress", "on_track", "on_track"), 0.10 / 7 / (0.17 / 15)),
        ((1.30, 2015, 1.10, 2022, 0.97, 2030, 1), {}, ("substantial_progress", "fair_progress", "on_track"), 0.20 / 7 / (0.27 / 15)),
        ((1.30, 2015, 1.10, 2022, 0.97, 2030, -1), {}, ("substantial_progress", "fair_progress", "on_track"), 0.20 / 7 / (0.27 / 15)),
        ((1.10, 2015, 1.30, 2022, 0.97, 2030, 1), {}, ("deterioration", "stagnation_or_regression", "decreasing"), -0.20 / 7 / (0.07 / 15)),
        ((1.30, 2015, 0.90, 2022, 0.97, 2030, 1), {}, ("not_available", "not_available", "on_track"), 0.20 / 7 / (0.27 / 15)),
        ((0.94, 2015, 1.10, 2022, 0.97, 2030, 1), {}, ("not_available", "not_available", "decreasing"), -0.04 / 7 / (0.03 / 15)),
        ((1.00, 2015, 1.10, 2022, 0.97, 2030, 1), {}, ("deterioration", "stagnation_or_regression", "decreasing"), math.nan),
        ((1.00, 2015, 1.03, 2022, 0.97, 2030, 1), {}, ("target_achieved",) * 3, None),
        ((0.80, 2015, 1.10, 2022, 0.97, 2020, 1), {}, ("deadline_missed", "not_available", "not_available"), math.nan),
    ],
)  # fmt: skip
def test_a_band_is_judged_on_both_sides(numbers, more, statuses, ratio):
    found = everything(*numbers, comparator="between", target_high=1.03, **more)
    assert tuple(found[["eurostat_status", "un_status", "sdsn_status"]]) == statuses
    if ratio is not None:
        assert found["sdsn_ratio"] == pytest.approx(ratio, nan_ok=True)
    assert found["caution"] == ""


def test_the_comparator_beside_a_band_contradicts_nothing():
    for comparator in (">=", "<=", "="):
        found = everything(0.8, 2015, 1.1, 2022, 0.97, 2030, 1, comparator=comparator, target_high=1.03)
        assert found["sdsn_status"] == "on_track" and found["sdsn_ratio"] > 1, comparator


def test_a_band_weighs_the_whole_series_and_both_ends_of_the_forecast():
    """A line that runs through the band ends on its far side; P(inside) is what lies between the ends."""
    values = [0.61, 0.66, 0.70, 0.76, 0.79, 0.86, 0.89, 0.95, 0.99, 1.04, 1.10, 1.14]
    frame = case(0.66, 2015, 1.14, 2025, 0.97, 2030, 1, comparator="between", target_high=1.03)
    history = line("a", range(2014, 2026), values)
    found = methods.evaluate(frame, history, methods.probability(frame, history)).iloc[0]
    distance = escap.extrapolate(np.arange(2014.0, 2026.0), np.array(values), 2030) - 1.03
    assert found["escap_anticipated"] == pytest.approx(10 - 10 * distance / (0.97 - 0.66)) and distance > 0
    ends = pd.DataFrame({"id": "a", "target_year": 2030, "target": [0.97, 1.03], "direction": 1})
    low, high = attainment.p_met(history, ends)["p_met"]
    assert found["p_met"] == pytest.approx(low - high) and found["p_met"] < 0.2
    inside = methods.evaluate(frame.assign(current_value=1.0), line("a", range(2022, 2026), [1.1, 1.02, 0.99, 1.0]))
    assert inside["met_since"].item() == "2023"


def test_the_milestones_own_year_decides_and_the_line_ends_there():
    found = everything(10, 2015, 12, 2020, 20, 2020, 1)
    assert (found["eurostat_status"], found["p_met_reason"].code) == ("deadline_missed", "milestone_past")
    later = everything(10, 2015, 12, 2022, 20, 2020, 1)
    assert (later["trajectory"], later["escap_current"]) == (20.0, 2.0)


@pytest.mark.parametrize(
    ("numbers", "more", "code"),
    [
        ((30, 2015, 25, 2020, 20, 2030, 1), {}, "base_beyond_target"),
        ((10, 2015, 25, 2020, 20, 2030, -1), {}, "base_beyond_target"),
        ((50, 2015, 60, 2020, 110, 2030, 1), {"limit": 100.0}, "target_beyond_limit"),
        ((30, 2015, 25, 2020, 20, 2030, 1), {"comparator": "maintain"}, ""),
        ((20, 2015, 25, 2020, 20, 2030, 1), {}, ""),
    ],
)
def test_a_target_on_the_wrong_side_is_told_beside_its_verdict(numbers, more, code):
    found = everything(*numbers, **more)
    assert getattr(found["caution"], "code", "") == code and found["eurostat_status"] != "not_available"


def test_a_mistyped_year_is_no_pace_and_a_history_that_says_otherwise_is_told():
    for years in ((202, 2022, 2030), (2015, 20222, 2030), (2015, 2022, 20300)):
        found = everything(10, years[0], 12, years[1], 20, years[2], 1)
        assert found["eurostat_reason"].code == found["sdsn_reason"].code == "year_mistyped", years
    for values, code in (([10, 11, 12], ""), ([10, 11, 99], "history_differs"), ([9, 11, 12], "history_differs")):
        found = everything(10, 2020, 12, 2022, 20, 2030, 1, history=line("a", range(2020, 2023), values))
        assert getattr(found["caution"], "code", "") == code


@pytest.mark.parametrize(
    ("numbers", "more", "code"),
    [
        ((10, 2015, 12, 2022, 20, 2030, -1), {"comparator": ">="}, "direction_against"),
        ((30, 2015, 25, 2022, 20, 2030, 1), {"comparator": "<"}, "direction_against"),
        ((71, 2015, 60, 2022, 50, 2030, 1), {"kind": "rank"}, "rank_direction"),
        ((71, 2015, 60, 2022, 50, 2030, 1), {"comparator": "top_n"}, "rank_direction"),
        ((0.8, 2015, 0.9, 2022, 1.03, 2030, 1), {"target_high": 0.97}, "band_reversed"),
        ((0.8, 2015, 0.9, 2022, 0.97, 2030, 1), {"comparator": "between"}, "band_without_end"),
        ((30, 2015, 35, 2022, math.nan, 2030, 1), {"target_high": 50.0}, "band_without_end"),
        ((71, 2015, 80, 2022, 90, 2030, 1), {"kind": "share", "target_high": 110.0}, "outside_limits"),
        ((50, 2015, 70, 2022, 120, 2030, 1), {"kind": "share"}, "outside_limits"),
        ((50, 2015, 170, 2022, 90, 2030, 1), {"kind": "share"}, "outside_limits"),
        ((5, 2015, -1, 2022, 0, 2030, -1), {"kind": "count"}, "outside_limits"),
        ((50, 2015, 70, 2022, 80, 2030, 1), {"upper": 60.0}, "outside_limits"),
        ((10, 2015, 12, 2022, 20, 2030, 1), {"comparator": "qualitative"}, "qualitative"),
    ],
)
def test_what_contradicts_itself_has_its_reason_by_every_method_and_the_others_are_judged(numbers, more, code):
    text = pd.concat([case(*numbers, **more), case(10, 2015, 15, 2022, 20, 2030, 1, id="b")], ignore_index=True)
    cells = text.astype(object).where(text.notna(), "").map(str).replace({"direction": {"1.0": "1"}})
    found = methods.evaluate(of_cases.check_cases(cells, "cases"))
    codes = [
        found.at[0, column].code
        for column in ("eurostat_reason", "un_reason", "escap_reason", "sdsn_reason", "p_met_reason")
    ]
    assert codes == [code] * 5 and found.at[0, "required_change_reason"].code == code
    assert (
        found.loc[0, STATES].tolist() == ["not_available"] * 4
        and found.at[1, "eurostat_status"] == "substantial_progress"
    )


def _plainly(row: dict) -> dict:
    """A case's measures one sum at a time: the slow oracle."""
    b, v, t, d = row["base_value"], row["current_value"], row["target"], row["direction"]
    left, years = row["target_year"] - row["base_year"], row["current_year"] - row["base_year"]
    none = {"ratio": math.nan, "share": math.nan, "linear": math.nan}
    high, low = row["target_high"], t
    if not math.isnan(high):
        inside = low <= v <= high
        above = b > high if inside else v > high
        t, d = (high, -1) if above else (low, 1)
        crossed = (b > high and v < low) or (b < low and v > high)
        far = max(low - b, b - high, 0.0)
        b = t - d * far if not inside or far else b
    else:
        inside, crossed = d * (v - t) >= 0, False
    if years <= 0 or row["target_year"] <= row["current_year"]:
        late = years > 0 and left > 0 and not inside
        return none | {
            "status": "target_achieved" if inside and years >= 0 else "deadline_missed" if late else "not_available"
        }
    found = dict(none)
    if t != b:
        found["linear"] = d * (v - b) / years / (abs(t - b) / left)
    if b != 0 and v / b >= 0 and not crossed:
        observed = (v / b) ** (1 / years) - 1
        if t != b:
            end = v * (1 + observed) ** (left - years)
            reach = max(low - end, end - high, 0.0) if not math.isnan(high) else None
            found["share"] = d * (end - b) / abs(t - b)
            if reach is not None and d * (end - (low + high - t)) > 0:
                found["share"] = 1 - reach / abs(t - b)
        aim = 0.001 if t == 0 else t
        if aim / b > 0 and aim != b:
            required = (aim / b) ** (1 / left) - 1
            found["ratio"] = (-d if b < 0 else d) * observed / abs(required)
    r = found["ratio"]
    graded = (
        "not_available"
        if math.isnan(r)
        else "substantial_progress"
        if r >= 0.95
        else "moderate_progress"
        if r >= 0.6
        else "limited_progress"
        if r >= 0
        else "deterioration"
    )
    fallen = t == b and d * (v - b) < 0
    return found | {"status": "target_achieved" if inside else "deterioration" if fallen else graded}


def test_odd_rows_agree_with_the_slow_oracle_and_no_number_is_missing_without_a_reason():
    """Zeros, negatives, equal values, bands, years in any order, drawn from a few numbers so that they meet."""
    rng, numbers = np.random.default_rng(19), [-4.0, -1.0, 0.0, 1.0, 2.5, 4.0, 4.0, 9.0]
    rows = pd.DataFrame(
        {
            "id": [str(n) for n in range(1500)],
            **{name: rng.choice(numbers, 1500) for name in ("base_value", "current_value", "target")},
            "base_year": 2015.0,
            "current_year": rng.choice([2014.0, 2015.0, 2020.0, 2022.5], 1500),
            "target_year": rng.choice([2015.0, 2020.0, 2022.5, 2030.0], 1500),
            "direction": rng.choice([-1, 1], 1500),
        }
    )
    rows["target_high"] = np.where(rng.random(1500) < 0.4, rows["target"] + rng.choice([0.0, 0.5, 3.0], 1500), np.nan)
    found = methods.evaluate(of_cases.complete(rows))
    plain = pd.DataFrame([_plainly(row) for row in rows.to_dict("records")])
    assert (found["eurostat_status"] == plain["status"]).all() and plain["status"].nunique() == 7
    for column, oracle in (("eurostat_ratio", "ratio"), ("un_share", "share"), ("sdsn_ratio", "linear")):
        np.testing.assert_allclose(found[column], plain[oracle], rtol=1e-9, atol=1e-9, err_msg=column)
    reasons = {"required_change": "required_change", "arrival_year": "required_change", "pace": "required_change"}
    reasons |= {"eurostat_score": "eurostat", "escap_current": "escap", "escap_anticipated": "escap", "p_met": "p_met"}
    reasons |= {"eurostat_ratio": "eurostat", "un_share": "un", "sdsn_ratio": "sdsn", "trajectory": "required_change"}
    for column, why in reasons.items():
        assert not (found[column].isna() & (found[f"{why}_reason"].map(str) == "")).any(), column
        assert not np.isinf(found[column]).any(), column


def test_more_than_is_not_met_on_the_target_itself():
    assert of_cases.reached(55, 55, 1)
    assert not of_cases.reached(55, 55, 1, strict=True)
    assert of_cases.reached(3, 5, -1)
    assert not of_cases.reached(5, 5, -1, strict=True)
    assert eurostat(50, 2020, 55, 2025, 55, 2030, 1, comparator=">")["status"] == "substantial_progress"


def test_a_computed_share_that_is_its_target_meets_it():
    """29 of 100 in per cent is 28.999999999999996, 55 of 100 is 55.00000000000001."""
    assert eurostat(20, 2020, 29 / 100 * 100, 2025, 29, 2030, 1)["status"] == "target_achieved"
    assert eurostat(80, 2020, 55 / 100 * 100, 2025, 55, 2030, -1)["status"] == "target_achieved"
    assert not of_cases.reached(55 / 100 * 100, 55, 1, strict=True)


def test_the_required_change_is_a_straight_line():
    assert trajectory.required_change(14.02, 2025, 30, 2030) == pytest.approx(3.196)
    assert trajectory.required_change(44, 2025, 40, 2030) == pytest.approx(-0.8)
    assert math.isnan(trajectory.required_change(10, 2030, 30, 2030))


# The other methods


@pytest.mark.parametrize(
    ("value", "share", "status"),
    [
        (10 * 1.05**5, None, "fair_progress"),
        (10 * 1.0718**5, None, "on_track"),
        (10.1, None, "fair_progress"),
        (9.0, None, "stagnation_or_regression"),
    ],
)
def test_the_progress_chart_extrapolates_growth_to_the_target_year(value, share, status):
    found = un_chart.measure(case(10, 2020, value, 2025, 20, 2030, 1)).iloc[0]
    expected = (value * (value / 10) ** (5 / 5) - 10) / 10
    assert found["share"] == pytest.approx(expected)
    assert found["status"] == (
        status if value != 10.1 else "fair_progress" if expected >= 0.1 else "stagnation_or_regression"
    )


@pytest.mark.parametrize(
    ("growth", "status"), [(0.021, "on_track"), (0.019, "fair_progress"), (0.004, "stagnation_or_regression")]
)
@pytest.mark.parametrize("direction", [1, -1])
def test_the_progress_chart_without_a_target_uses_its_growth_thresholds(growth, status, direction):
    value = 50 * (1 + direction * growth) ** 5
    found = un_chart.measure(case(50, 2020, value, 2025, math.nan, math.nan, direction)).iloc[0]
    assert found["status"] == status and math.isnan(found["share"])


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (15, "on_track"),
        (14.9, "moderately_improving"),
        (12.4, "stagnating"),
        (9.9, "decreasing"),
        (20, "target_achieved"),
    ],
)
def test_the_arrows_compare_linear_changes_a_year(value, status):
    found = sdsn.measure(case(10, 2020, value, 2025, 20, 2030, 1)).iloc[0]
    assert (found["status"], found["ratio"]) == (status, pytest.approx((value - 10) / 5))


def test_the_current_status_index():
    assert float(escap.current_status(10, 12, 20, 1)) == pytest.approx(2)
    assert float(escap.current_status(20, 18, 10, -1)) == pytest.approx(2)


def line(name: str, years, values) -> pd.DataFrame:
    return pd.DataFrame({"id": name, "period": [str(year) for year in years], "value": values})


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=9), st.sampled_from([1.0, 5.0, math.inf]))
def test_the_weighted_regression_equals_weighted_least_squares(values, half_life):
    years = 2010.0 + np.arange(len(values))
    weights = np.exp2(-(years.max() - years) / half_life)
    slope, start = np.polyfit(years - 2010, values, 1, w=np.sqrt(weights))
    assert escap.extrapolate(years, np.array(values, float), 2030, half_life) == pytest.approx(
        start + 20 * slope, rel=1e-6, abs=1e-6
    )


def test_the_anticipated_index_says_when_the_status_depends_on_the_weights():
    years = range(2015, 2026)
    turned = [10, 15, 19, 22, 24, 22, 20, 18, 16, 14, 12]
    found = escap.measure(case(10, 2015, 12, 2025, 20, 2030, 1), line("a", years, turned)).iloc[0]
    assert found["depends"] == "yes"
    straight = escap.measure(
        case(10, 2015, 13, 2025, 20, 2030, 1), line("a", years, [10 + 0.3 * n for n in range(11)])
    ).iloc[0]
    assert (straight["depends"], straight["status"], straight["anticipated"]) == ("", "accelerate", pytest.approx(4.5))


def test_two_points_are_not_a_history():
    found = escap.measure(case(10, 2015, 13, 2025, 20, 2030, 1)).iloc[0]
    assert (found["status"], found["current"]) == ("not_available", pytest.approx(3.0))
    assert "chuỗi lịch sử" in found["reason"]


# Properties of all methods


def everything(*numbers, history=None, **more) -> pd.Series:
    return methods.evaluate(case(*numbers, **more), history).iloc[0]


MEASURES = ["eurostat_ratio", "un_share", "escap_current", "escap_anticipated", "sdsn_ratio"]
STATES = ["eurostat_status", "un_status", "escap_status", "sdsn_status"]
SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=5, deadline=None)  # each example is a table of many cases


def many(seed: int, rows: int = 40) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Made-up cases with a history of 3 to 9 years each."""
    generator = np.random.default_rng(seed)
    made, histories = [], []
    for number in range(rows):
        values = np.round(generator.uniform(1, 1000, generator.integers(3, 10)), 1)
        years = range(2015, 2015 + len(values))
        target, direction = np.round(generator.uniform(1, 1000), 1) + 0.05, int(generator.choice([1, -1]))
        made.append(case(values[0], 2015, values[-1], years[-1], target, 2030, direction, id=str(number)))
        histories.append(line(str(number), years, values))
    return pd.concat(made, ignore_index=True), pd.concat(histories, ignore_index=True)


def same_measures(one: pd.DataFrame, other: pd.DataFrame) -> None:
    assert one[STATES].equals(other[STATES])
    for name in MEASURES:
        np.testing.assert_allclose(
            other[name].to_numpy(float), one[name].to_numpy(float), rtol=1e-6, atol=1e-9, err_msg=name
        )


@FEW
@given(SEEDS, st.sampled_from([0.01, 3.0, 1000.0]))
def test_scaling_values_and_target_together_changes_no_measure(seed, factor):
    cases, history = many(seed)
    scaled = cases.assign(**{name: cases[name] * factor for name in ("base_value", "current_value", "target")})
    same_measures(
        methods.evaluate(cases, history), methods.evaluate(scaled, history.assign(value=history["value"] * factor))
    )


@FEW
@given(SEEDS)
def test_reversing_direction_and_values_mirrors_the_verdict(seed):
    cases, history = many(seed)
    mirrored = cases.assign(**{name: -cases[name] for name in ("base_value", "current_value", "target", "direction")})
    same_measures(methods.evaluate(cases, history), methods.evaluate(mirrored, history.assign(value=-history["value"])))


@FEW
@given(SEEDS)
def test_a_value_on_the_trajectory_is_on_track_by_every_method_that_uses_a_straight_line(seed):
    cases, history = many(seed)
    start = cases.set_index("id").loc[history["id"]]
    years = history["period"].astype(int).to_numpy()
    value = trajectory.value_on(start["base_value"], 2015, start["target"], 2030, years)
    on_line = history.assign(value=value)
    last = on_line.drop_duplicates("id", keep="last").set_index("id")["value"]
    cases = cases.assign(
        current_value=cases["id"].map(last), direction=np.sign(cases["target"] - cases["base_value"]).astype(int)
    )
    found = methods.evaluate(cases, on_line)
    assert (found[["escap_status", "sdsn_status"]] == "on_track").all().all()
    np.testing.assert_allclose(found["trajectory"], cases["current_value"])
    np.testing.assert_allclose(found["arrival_year"], 2030)
    np.testing.assert_allclose(found["required_change"], (cases["target"] - cases["base_value"]) / 15)


@pytest.mark.parametrize(
    ("numbers", "more", "words"),
    [
        ((0, 2020, 5, 2025, 10, 2030, 1), {}, "bằng không hoặc đổi dấu"),
        ((-2, 2020, 3, 2025, 10, 2030, 1), {}, "bằng không hoặc đổi dấu"),
        ((1e-300, 2020, 1e300, 2025, 1e305, 2030, 1), {}, "bằng không hoặc đổi dấu"),
        ((10, 2025, 12, 2024, 20, 2030, 1), {}, "trước năm gốc"),
        ((10, 2024, 12, 2024, 20, 2030, 1), {}, "chưa có kỳ nào sau năm gốc"),
        ((10, 2020, 12, 2025, 20, 2020, 1), {}, "không sau năm gốc"),
        ((60, 2020, 0, 2025, 50, 2030, -1), {"kind": "rank"}, "thứ hạng phải là số nguyên"),
        ((60, 2020, 55.5, 2025, 50, 2030, -1), {"comparator": "top_n"}, "thứ hạng phải là số nguyên"),
        ((math.nan, 2020, 12, 2025, 20, 2030, 1), {}, "chưa có số liệu gốc"),
        ((10, 2020, math.nan, 2025, 20, 2030, 1), {}, "chưa có số liệu hiện nay"),
        ((10, 2020, 12, 2025, 20, 2030, 1), {"base_definition": "P_A", "current_definition": "P_B"}, "không ghép"),
    ],
)
def test_what_cannot_be_measured_has_the_stated_reason_and_no_number(numbers, more, words):
    found = everything(*numbers, **more)
    assert found["eurostat_status"] == "not_available" and words in found["eurostat_reason"]
    assert math.isnan(found["eurostat_ratio"]) and math.isnan(found["eurostat_score"]) and math.isnan(found["un_share"])
    assert pd.isna(found["methods_agree"])


def test_a_target_already_met_says_so_and_since_when():
    history = line("a", range(2019, 2026), [8, 21, 19, 20, 22, 23, 24])
    found = everything(8, 2019, 24, 2025, 20, 2030, 1, history=history)
    assert found[STATES].tolist() == ["target_achieved"] * 4
    assert (found["met_since"], found["required_change"]) == ("2022", 0.0)
    assert (found["methods_agree"], found["methods_total"]) == (4, 4)
    assert everything(8, 2019, 24, 2025, 20, 2030, 1)["met_since"] == "2025"
    assert everything(25, 2019, 24, 2025, 20, 2030, 1)["met_since"] == "2019"


def test_ranks_are_compared_in_places_not_by_growth():
    found = everything(71, 2024, 65, 2026, 50, 2030, -1, comparator="top_n")
    assert (found["eurostat_status"], found["un_status"], found["sdsn_status"]) == ("not_available",) * 2 + (
        "moderately_improving",
    )
    assert found["sdsn_ratio"] == pytest.approx(3 / 3.5)


def test_agreement_counts_the_methods_whose_class_is_the_standing_one():
    found = everything(
        13.17,
        2024,
        14.02,
        2025,
        30,
        2030,
        1,
        history=line("a", range(2020, 2026), [12.66, 12.87, 12.83, 12.87, 13.17, 14.02]),
    )
    assert found[STATES].tolist() == ["limited_progress", "fair_progress", "accelerate", "stagnating"]
    assert (found["methods_agree"], found["methods_total"]) == (4, 4)
    chance = pd.DataFrame({"id": ["a"], "p_met": [0.01], "reason": [""]})
    frame = case(13.17, 2024, 14.02, 2025, 30, 2030, 1)
    with_chance = methods.evaluate(frame, None, chance).iloc[0]
    assert (with_chance["p_status"], with_chance["methods_agree"], with_chance["methods_total"]) == ("unlikely", 4, 4)


def test_a_history_gives_the_probability_of_the_forecasts_and_a_short_one_the_reason(tmp_path):
    values = [10.2, 11.1, 11.9, 12.6, 13.9, 14.4, 15.8, 16.1, 17.3, 18.0, 18.8, 20.1]
    cases = pd.concat(
        [
            case(14.4, 2019, 20.1, 2025, 24.0, 2028, 1, id="long"),
            case(14.4, 2019, 20.1, 2025, 25.0, 2028, 1, id="far"),
            case(18.8, 2024, 20.1, 2025, 24.0, 2028, 1, id="short"),
            case(14.4, 2019, 20.1, 2025, 24.0, 2028, 1, id="none"),
        ]
    )
    cases[CONTRACT].to_csv(tmp_path / "cases.csv", index=False)
    series = {"long": (2014, values), "far": (2014, values), "short": (2024, values[-2:])}
    history = pd.concat([line(name, range(first, 2026), told) for name, (first, told) in series.items()])
    history.to_csv(tmp_path / "history.csv", index=False)
    out = tmp_path / "out.csv"
    call = [
        "targets",
        "evaluate",
        str(tmp_path / "cases.csv"),
        "--history",
        str(tmp_path / "history.csv"),
        "-o",
        str(out),
    ]
    result = CliRunner().invoke(app, call)
    assert result.exit_code == 0, result.output
    found = pd.read_csv(out, keep_default_na=False, na_values={"p_met": [""]}).set_index("id")
    goals = pd.DataFrame({"id": ["long", "far"], "target_year": 2028, "target": [24.0, 25.0], "direction": 1})
    expected = attainment.p_met(history, goals)["p_met"]
    assert found["p_met"].tolist()[:2] == pytest.approx(expected.tolist(), abs=0.02)
    assert 0.05 < found["p_met"]["far"] < found["p_met"]["long"]
    assert found["p_status"]["far"] == "unlikely"
    assert found["p_met"][["short", "none"]].isna().all() and (found["p_met_reason"][["short", "none"]] != "").all()


def test_a_probability_is_left_out_where_none_was_shown_to_beat_the_base_rate(monkeypatch):
    """The class of a target is the change a year it asks for, in mean changes of its series; skill is read of that class alone."""
    history = line("a", range(2015, 2026), [10, 12, 11, 13, 15, 14, 16, 18, 17, 19, 20])  # mean absolute change 1.4
    goals = pd.DataFrame({"id": "a", "target_year": 2028, "target": [19.0, 21.0, 23.5, 27.0, 30.0], "direction": 1})
    classes = list(skill.CLASSES)
    assert [
        str(skill.difficulty(skill.pace(np.r_[10, 12, 11, 13, 15, 14, 16, 18, 17, 19, 20], target, 1, 3.0)))
        for target in goals["target"]
    ] == classes
    measured = pd.DataFrame(
        {
            "frequency": "yearly",
            "direction": 1,
            "difficulty": classes,
            "happened": [0.9, 0.5, 0.3, 0.1, 0.04],
            "skill_lo": [0.1, 0.2, 0.0, np.nan, -0.1],
        }
    )
    monkeypatch.setattr(skill, "table", lambda: measured)
    told = attainment.p_met(history, goals, proven=True)
    plain = attainment.p_met(history, goals)
    assert told["p_met"].notna().tolist() == [True, True, False, False, False] and plain["p_met"].notna().all()
    pd.testing.assert_series_equal(told["p_met"][:2], plain["p_met"][:2])
    assert [why.code for why in told["reason"]] == ["estimated"] * 2 + [
        "skill_not_shown"
    ] * 3 and "30 trong 100" in told["reason"][2]


def test_the_measured_skill_covers_every_class_and_its_probabilities_were_calibrated():
    table = skill.table()
    assert (
        len(table.drop_duplicates(["frequency", "direction", "difficulty"])) == len(table) == 3 * 2 * len(skill.CLASSES)
    )
    yearly = table[table["frequency"] == "yearly"]
    assert yearly["gap"].abs().max() < 0.03 and (yearly["skill_lo"] > 0).sum() >= 5


def test_unknown_columns_directions_and_cells_are_told_with_their_rows_all_at_once(tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text(
        "id,base_year,base_value,current_year,current_value,target_year,target,direction,limit,colour,x_note\n"
        "a,2020,10,2025,12,2030,20,1,,red,ok\nb,2020,ten,2025,12,2030,20,up,,red,ok\na,2020,10,2025,12,2030,20,0,,red,ok\n",
        encoding="utf-8",
    )
    with pytest.raises(ProblemError) as caught:
        of_cases.read_cases(path)
    found = {(problem.code, problem.row, problem.column) for problem in caught.value.problems}
    assert found == {
        ("unknown_column", 1, "colour"),
        ("pattern", 3, "base_value"),
        ("values", 3, "direction"),
        ("values", 4, "direction"),
        ("duplicate", 4, ""),
    }


def test_a_history_with_a_wrong_period_or_an_unknown_case_is_told_with_its_rows(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("id,period,value\na,2020,1\nz,2021,2\na,2020-13,3\na,2022,much\na,2020,5\n", encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        of_cases.read_history(path, case(1, 2020, 2, 2025, 3, 2030, 1))
    assert [(problem.code, problem.row) for problem in caught.value.problems] == [
        ("reference", 3),
        ("pattern", 4),
        ("pattern", 5),
        ("duplicate", 6),
    ]


def test_the_slow_plain_oracle_agrees_row_by_row():
    generator = np.random.default_rng(57)
    rows = [
        case(
            *generator.uniform(1, 100, 1),
            2015,
            *generator.uniform(1, 100, 1),
            2023,
            *generator.uniform(1, 100, 1),
            2030,
            int(generator.choice([1, -1])),
            id=str(n),
        )
        for n in range(60)
    ]
    together = pd.concat(rows, ignore_index=True)
    for name, method in (("eurostat", of_eurostat.measure), ("un", un_chart.measure), ("sdsn", sdsn.measure)):
        alone = pd.concat([method(row) for row in rows], ignore_index=True)
        pd.testing.assert_frame_equal(method(together), alone, obj=name)
