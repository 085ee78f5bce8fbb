"""Panels: whole years are ranked, averaged and mapped; a partial list and a thin year never are; nothing crosses a break."""

import numpy as np
import pandas as pd
import pytest
from support import problems_of

from nq57lab.comparators.panels import Panels


@pytest.fixture(scope="module")
def panels(shipped):
    return Panels(shipped)


def test_every_series_names_its_source_licence_and_coverage(panels, shipped):
    assert set(panels.values["series"]) == set(panels.series.index)
    assert len(panels.values) == 45_268
    assert panels.series["source"].isin(shipped.sources["id"]).all() and panels.series["licence"].ne("").all()
    assert panels.values["locator"].ne("").all() and panels.values["value"].notna().all()
    assert not panels.values["locator"].str.contains("seen in the search tool").any()  # leads are no sources


def test_no_partial_list_can_be_ranked_averaged_mapped_or_compared_over_time(panels):
    partial = panels.series.query("coverage == 'partial'").index
    assert len(partial) > 30
    for series in partial:
        for year in set(panels.rows(series)["year"]):
            for use in (panels.whole, panels.ranks, panels.merged):
                found = problems_of(lambda use=use, series=series, year=year: use(series, year))
                assert [problem.code for problem in found] == ["panel_partial"]
            assert problems_of(lambda series=series, year=year: panels.change(series, year, year))


def test_a_year_with_too_few_units_is_refused_with_their_number(panels):
    found = problems_of(lambda: panels.ranks("pci_weighted", 2013))
    assert found[0].code == "panel_thin" and "13" in found[0].text("vi")
    assert len(panels.whole("papi_8_1", 2021)) == 60


def test_ranks_of_the_whole_table_are_the_published_ones(panels):
    assert panels.ranks("dti_rank_2022", 2022).min() == 1
    best = panels.ranks("pci_weighted", 2016)
    assert best["63:48"] == 1 and len(best) == 63  # Đà Nẵng led the PCI of 2016
    assert panels.ranks("gso_population", 2015).empty  # no better direction


def test_the_mean_of_the_ministries_is_the_published_one(panels):
    assert panels.whole("par_ministry", 2023).mean() == pytest.approx(84.38, abs=0.005)
    parts = panels.whole("par_ministry_appraised", 2023) + panels.whole("par_ministry_survey", 2023)
    assert np.allclose(parts, panels.whole("par_ministry", 2023), atol=0.011)
    assert problems_of(lambda: panels.merged("par_ministry", 2023))[0].code == "panel_no_provinces"


def test_sums_go_to_the_34_and_scores_only_where_no_merger_was(panels, shipped):
    people, old = panels.merged("gso_population", 2015), panels.whole("gso_population", 2015)
    assert len(people) == 34 and people.sum() == pytest.approx(old.sum())
    scores = panels.merged("papi_5", 2016).dropna()
    successor = shipped.areas[shipped.areas["id"].str.startswith("63:")].set_index("id")["successor"]
    alone = successor[~successor.duplicated(keep=False)]
    assert set(scores.index) == set(alone) and len(alone) == 11
    here = panels.whole("papi_5", 2016)
    assert all(scores[new] == here[unit] for unit, new in alone.items())
    assert (
        panels.merged("gso_fdi_capital", 2016).isna().sum() == 0 or panels.merged("gso_fdi_capital", 2016).notna().any()
    )


def test_no_change_is_taken_over_a_break(panels):
    assert problems_of(lambda: panels.change("pci_weighted", 2008, 2009))[0].code == "panel_broken"
    assert problems_of(lambda: panels.change("papi_5_1", 2020, 2021))[0].code == "panel_broken"
    assert len(panels.change("pci_weighted", 2009, 2012)) == 63
    grown = panels.change("gso_population", 2007, 2009)
    assert "63:01" not in grown and "63:79" in grown  # Hà Nội took in Hà Tây in 2008


def test_the_totals_of_pci_2019_and_2021_are_its_sub_indices(panels):
    """Totals are 100 × weighted means of the ten sub-indices less 1 over 9; the parts of one year agree with its total to 0.02 as published."""
    for year in (2019, 2021):
        names = [name for name in panels.series.index if name.startswith("pci_") and name.endswith(f"_{year}_partial")]
        wide = pd.DataFrame({name: panels.rows(name).set_index("unit")["value"] for name in names})
        total = wide.pop(f"pci_weighted_{year}_partial")
        assert wide.shape[1] == 10
        fit, *_ = np.linalg.lstsq(wide.to_numpy(), total.to_numpy(), rcond=None)
        assert np.abs(wide.to_numpy() @ fit - total).max() < 0.1 and fit.sum() == pytest.approx(10, abs=0.2)


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [("unit", "63:99", "reference"), ("series", "none", "reference"), ("value", 1e9, "values")],
)
def test_a_wrong_row_is_refused_with_its_place(shipped, tmp_path, panels, column, value, code):
    from dataclasses import replace

    (tmp_path / "panels").mkdir()
    frame = panels.values.drop(columns="segment")
    frame.iloc[[-1], frame.columns.get_loc(column)] = value
    frame.to_parquet(tmp_path / "panels" / "values.parquet")
    (tmp_path / "panels" / "series.csv").write_bytes((shipped.root / "panels" / "series.csv").read_bytes())
    found = problems_of(lambda: Panels(replace(shipped, root=tmp_path)).values)
    assert code in [problem.code for problem in found] and found[0].file == "values.parquet"


def test_a_key_that_stands_twice_is_refused(shipped, tmp_path, panels):
    from dataclasses import replace

    (tmp_path / "panels").mkdir()
    frame = panels.values.drop(columns="segment")
    pd.concat([frame, frame.tail(1)]).to_parquet(tmp_path / "panels" / "values.parquet")
    (tmp_path / "panels" / "series.csv").write_bytes((shipped.root / "panels" / "series.csv").read_bytes())
    assert problems_of(lambda: Panels(replace(shipped, root=tmp_path)).values)[0].code == "duplicate"
