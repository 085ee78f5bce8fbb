"""Sources of one quantity compared in growth: what differs by more than the bound is listed, known breaks said so."""

import pandas as pd
import pytest

from nq57lab.comparators import agreement
from nq57lab.facts import comparators


@pytest.fixture(scope="module")
def told(root, shipped):
    series = comparators.load(root / "data")
    return series, comparators.load_indicators(shipped, series)


def test_the_false_growth_of_penn_world_table_11_is_found_and_known(told):
    found = agreement.differences(*told).query("iso3 == 'VNM' and quantity == 'gdp_real'")
    assert set(found["year"]) == set(range(2006, 2011)) and found["broken"].all()
    assert set(found["key"]) | set(found["other"]) == {
        *("gdp_const2015usd", "pwt_rgdpna", "pwt110_rgdpna", "gdp_real2010_bn_vnd_nso_old"),
    }
    assert found["gap"].abs().between(4.77, 4.78).all()  # ln 1.05, each year a fifth of the re-evaluation
    kept = agreement.differences(*told, bound=5).query("iso3 == 'VNM' and quantity == 'gdp_real'")
    assert kept.empty


def test_a_break_that_nobody_wrote_down_is_listed_as_such(told):
    series, mapping = told
    bare = agreement.differences(series.assign(segment=""), mapping)
    with_breaks = agreement.differences(series, mapping)
    assert not bare["broken"].any()
    same = ["quantity", "iso3", "year", "key", "other"]
    assert set(map(tuple, bare[same].to_numpy())) == set(map(tuple, with_breaks[same].to_numpy()))
    jump = bare.query("quantity == 'labour_productivity' and year == 2021 and iso3 == 'VNM'")
    assert jump["gap"].abs().min() > 8  # the definition of employment, no growth


def test_equal_series_differ_nowhere_and_the_bound_is_kept():
    rows = [
        ("THA", key, year, 100 * 1.03**year * (1.02 if key == "b" and year > 5 else 1))
        for key in "ab"
        for year in range(10)
    ]
    series = pd.DataFrame(rows, columns=["iso3", "indicator_key", "year", "value"]).assign(segment="")
    mapping = pd.DataFrame({"key": ["a", "b"], "kind": "level", "quantity": "q"})
    found = agreement.differences(series, mapping)
    assert found[["year", "key", "other", "broken"]].to_numpy().tolist() == [[6, "a", "b", False]]
    assert found["gap"].iloc[0] == pytest.approx(-1.980263, abs=1e-6)  # 100 ln 1.02
    assert agreement.differences(series, mapping, bound=2).empty
