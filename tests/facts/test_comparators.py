"""The comparators' series: read whole, refused when broken, vintages apart."""

import pandas as pd
import pytest

from nq57lab.base.problems import ProblemError
from nq57lab.facts import comparators


@pytest.fixture(scope="module")
def series(root):
    return comparators.load(root / "data")


def test_every_country_has_series_and_every_row_names_its_source(series):
    assert set(series["iso3"]) == set(comparators.COUNTRIES)
    assert len(series) == 12_721 + 9_171
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


def test_every_key_is_named_and_tied_to_the_catalogue(series, shipped):
    mapping = comparators.load_indicators(shipped, series).set_index("key")
    assert set(mapping.index) == set(series["indicator_key"])
    assert mapping.loc["rd_exp_pct_gdp", ["indicator", "relation", "macro"]].tolist() == ["M.02", "same", "M.02"]
    assert mapping.at["hitech_exports_pct_mfg", "macro_relation"] == "different"
    bounded = series.join(mapping[["lower", "upper"]], on="indicator_key")
    assert not ((bounded["value"] < bounded["lower"]) | (bounded["value"] > bounded["upper"])).any()


def test_the_same_quantity_has_the_same_figures_as_the_observations(series, shipped, table):
    mapping = comparators.load_indicators(shipped, series)
    same = dict(mapping.loc[mapping["relation"] == "same", ["key", "indicator"]].to_numpy())
    ours = series[(series["iso3"] == "VNM") & series["indicator_key"].isin(same)]
    ours = ours.assign(subject=ours["indicator_key"].map(same), period=ours["year"].astype(str))
    nation = table[(table["area"] == "VN") & (table["dims"] == "") & table["source"].str.startswith("P_")]
    both = nation.merge(ours, on=["subject", "period"], suffixes=("", "_series"))
    assert both["subject"].nunique() == len(same)
    assert (both["value"] - both["value_series"]).abs().le(0.0051 * both["value"].abs().clip(lower=1)).all()


def test_a_code_that_the_catalogue_lacks_is_told_with_its_row(series, shipped, tmp_path):
    from dataclasses import replace

    (tmp_path / "comparators").mkdir()
    text = (
        (shipped.root / comparators.INDICATORS.path)
        .read_text(encoding="utf-8")
        .replace(",M.02,same,M.02", ",M.99,same,M.02", 1)
    )
    (tmp_path / comparators.INDICATORS.path).write_text(text, encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        comparators.load_indicators(replace(shipped, root=tmp_path), series)
    assert [(problem.row, problem.found) for problem in caught.value.problems] == [(2, "M.99")]


def test_unbroken_series_are_the_rows_since_the_last_break(series):
    found = comparators.unbroken(series)
    viet_nam = found[found["iso3"] == "VNM"].groupby("indicator_key")["year"].min()
    assert viet_nam[["pwt110_rgdpna", "tertiary_gross_enrolment_wdi", "egdi_hci"]].tolist() == [2010, 2023, 2014]
    assert found.groupby(["iso3", "indicator_key"])["segment"].nunique().max() == 1
    whole = series.groupby(["iso3", "indicator_key"])["segment"].transform("nunique") == 1
    assert whole.sum() <= len(found) < len(series)
