"""Viet Nam against the comparators: level, pace, position, and the speed of others from the same level."""

import math

import pandas as pd
import pytest

from nq57lab.comparators import comparisons
from nq57lab.facts import comparators


@pytest.fixture(scope="module")
def series(root):
    return comparators.load(root / "data")


@pytest.fixture(scope="module")
def mapping(shipped, series):
    return comparators.load_indicators(shipped, series)


def made(rows: list[tuple[str, int, float]], key: str = "k") -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["iso3", "year", "value"]).assign(indicator_key=key)


def test_positions_count_from_the_best_and_ties_share_the_better_place():
    rows = [
        ("VNM", 2020, 5.0),
        ("KOR", 2020, 9.0),
        ("CHN", 2019, 5.0),
        ("BRA", 2020, 5.0),
        ("IND", 2015, 99.0),
        ("THA", 2021, 99.0),
    ]
    entry = pd.DataFrame(
        [
            {
                "key": "k",
                "indicator": "",
                "relation": "",
                "macro": "",
                "direction": 1,
                "name_vi": "K",
                "short_vi": "K",
                "unit_vi": "%",
            }
        ]
    )
    found = comparisons.positions(made(rows), entry).iloc[0]
    assert (found["countries"], found["position"], found["best"]) == (4, 2, "KOR")
    lower = comparisons.positions(made(rows), entry.assign(direction=-1)).iloc[0]
    assert lower["position"] == 1
    neither = comparisons.positions(made(rows), entry.assign(direction=0)).iloc[0]
    assert math.isnan(neither["position"])


def test_a_pace_needs_two_values_a_span_apart():
    rows = [("VNM", 2014, 1.0), ("VNM", 2020, 4.0), ("KOR", 2018, 1.0), ("KOR", 2020, 9.0)]
    found = comparisons.pace_table(made(rows), "k", 2020)
    assert found.to_dict() == {"VNM": pytest.approx(0.5)}


def test_one_episode_a_country_that_starts_nearest_to_the_level():
    rows = (
        [("KOR", year, 10.0 + year - 2000) for year in range(2000, 2012)]
        + [("CHN", 2000, 11.0), ("CHN", 2006, 23.0)]
        + [("THA", 2000, 30.0), ("THA", 2005, 40.0)]
    )
    found = comparisons.episodes(made([*rows, ("VNM", 2020, 12.0)]), pd.Series({"k": 12.0}))
    assert found["iso3"].tolist() == ["KOR", "CHN"]
    assert (found["start_year"].tolist(), found["end_year"].tolist()) == ([2002, 2000], [2007, 2006])
    assert found["pace"].tolist() == [pytest.approx(1.0), pytest.approx(2.0)]


def test_percentiles_turn_with_the_direction_and_few_episodes_give_none(series, mapping):
    paces = pd.Series([-3.0, -1.0, 2.0])
    assert comparisons.speed_percentile(paces, -2.0, 1) + comparisons.speed_percentile(
        paces, -2.0, -1
    ) == pytest.approx(100)
    found = comparisons.speeds(series, mapping)
    few = found[found["episodes"] < 3]
    assert few["percentile"].isna().all()
    assert found["percentile"].dropna().between(0, 100).all()


def test_the_pace_that_the_rd_target_requires_against_countries_that_were_there(series, mapping):
    required = (2 - 0.42533) / (2030 - 2021)
    found = comparisons.speeds(series, mapping, {"M.02": required}).set_index("key").loc["rd_exp_pct_gdp"]
    history = comparisons.episodes(series, pd.Series({"rd_exp_pct_gdp": found["level"]}))
    slower = (history["pace"] < required).mean() * 100
    assert found["required_percentile"] == pytest.approx(slower)
    assert found["episodes"] == len(history) >= 3
    near = history["start"].between(0.85 * found["level"], 1.15 * found["level"])
    assert near.all() and (history["iso3"] != "VNM").all()
