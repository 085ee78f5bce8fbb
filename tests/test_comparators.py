"""The comparators' series: read whole, refused when broken, vintages apart."""

import pandas as pd
import pytest

from nq57lab import comparators
from nq57lab.problems import ProblemError


@pytest.fixture(scope="module")
def series(root):
    return comparators.load(root / "data")


def test_every_country_has_series_and_every_row_names_its_source(series):
    assert set(series["iso3"]) == set(comparators.COUNTRIES)
    assert len(series) == 12_721
    assert series["value"].notna().all()
    assert series["source"].ne("").all() and series["source_locator"].ne("").all()


def test_two_vintages_of_one_year_stay_apart(series):
    found = series[(series["iso3"] == "VNM") & (series["year"] == 2017)].set_index("indicator_key")["value"]
    assert found["rd_exp_pct_gdp"] != pytest.approx(found["rd_exp_pct_gdp_sdg2020"], abs=0.05)


def test_a_panel_has_years_by_countries(series):
    panel = comparators.panel(series, "hdi")
    assert panel.index.is_monotonic_increasing and set(panel.columns) == set(comparators.COUNTRIES)
    row = series[(series["indicator_key"] == "hdi") & (series["iso3"] == "VNM") & (series["year"] == 2020)].iloc[0]
    assert panel.at[2020, "VNM"] == row["value"]


def test_a_repeated_year_and_an_unknown_country_are_told_together(series, tmp_path):
    (tmp_path / "comparators").mkdir()
    broken = pd.concat([series.head(3), series.head(1), series.head(1).assign(iso3="XXX")])
    broken.to_parquet(tmp_path / "comparators" / "series.parquet", index=False)
    with pytest.raises(ProblemError) as caught:
        comparators.load(tmp_path)
    assert [problem.code for problem in caught.value.problems] == ["values", "duplicate"]
    assert "XXX" in caught.value.text()
