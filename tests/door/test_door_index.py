"""An index at the door: read, changed, compared, asked, drawn and written as a workbook, as an analyst does it."""

import numpy as np
import pandas as pd
import pytest
from support import problems_of, reference_folder

import nq57lab as nq
from nq57lab.composite.laboratory.treat import shape
from nq57lab.composite.results import figures, tables
from nq57lab.composite.robustness import margins
from nq57lab.documents.edition import Piece

STEPS = [
    *("denominate", {"impute": {"method": "mean", "within": "EurAsia_group"}}, {"screen": {"availability": 0.9}}, "treat"),
    *({"normalise": {"method": "minmax", "range": [0, 100]}}, "aggregate"),
]  # fmt: skip
VARIED = {"w": {"noise": 0.25, "levels": [2, 3]}, "k": {"path": "treat.winmax", "values": [1, 5]}}
FLAT = pd.DataFrame(
    {
        **{"Level": [1, 1, 2], "iCode": ["a", "b", "I"], "iName": ["A", "B", "Chỉ số"], "Direction": 1, "Weight": 1},
        **{"Parent": ["I", "I", ""], "Type": ["Indicator", "Indicator", "Aggregate"]},
    }
)


@pytest.fixture(scope="module")
def asem() -> nq.Index:
    """COINr's ASEM example at the door."""
    folder = reference_folder("coinr_asem")
    config = {"title": "ASEM", "steps": STEPS, "uncertain": VARIED}
    return nq.Index.read(folder / "iData.csv", folder / "iMeta.csv", config, runs=16)


def sound(found):
    """Check what every result has: a sentence with a trace, a table, a short repr."""
    assert str(found.finding()) and "nan" not in str(found.finding()).lower()
    assert str(found.table()) and len(repr(found)) < 260 and found._repr_html_()
    return found


def drawn(piece: Piece) -> str:
    """Return a chart's SVG."""
    assert piece.live
    text = next(value for kind, value in piece.live.items() if "html" in kind or "svg" in kind)
    assert "<svg" in text or "vega" in text
    return text


def test_asem_in_ten_lines(asem, tmp_path):
    sound(asem)
    assert (
        repr(asem) == "<Index ASEM: 51 × 49, 11 tổng hợp; denominate → impute → screen → treat → normalise → aggregate>"
    )
    best = asem.frame.iloc[0]
    assert best["uName"] == "Switzerland" and round(best["Index"], 2) == 68.38 and best["coverage"] == 1
    assert asem.weights["effective"].max() == 1 and (asem.coverage.drop(columns=["uCode", "Time"]) == 1).all(axis=None)
    assert asem.results()["uCode"].iloc[0] == "CHE"
    assert asem.results("group_ranks", "EurAsia_group")["Index"].eq(1).sum() == 2
    assert asem.to_excel(tmp_path / "asem.xlsx").exists()
    assert problems_of(lambda: asem.to_excel(tmp_path / "asem.csv"))[0].code == "values"


@pytest.mark.parametrize(
    "kind", ["ranked", "heat", "contributions", "correlations", "framework", "sunburst", "before_after", "distribution"]
)
def test_every_chart_of_asem_is_drawn(asem, kind):
    assert kind in asem.charts
    drawn(asem.chart(kind))


def test_units_are_drawn_by_two_elements(asem):
    drawn(asem.scatter("Conn", "Sust", "EurAsia_group"))
    assert problems_of(lambda: asem.scatter("Conn", "none"))[0].found == "none"


def test_the_distribution_of_an_element_names_its_outliers_before_and_after(asem):
    raw = asem.statistics().frame.query("stage == 'iData'").set_index("iCode")["skew"].abs()
    assert raw[figures.most_skewed(asem._plain_study)] == raw.max()
    piece = asem.distribution("Flights")
    assert "Malta" in drawn(piece) and "3 đơn vị ngoại lai" in str(piece.live)
    drawn(asem.distribution("Index"))
    assert problems_of(lambda: asem.distribution("none"))[0].found == "none"


def test_before_and_after_is_of_the_treatment_wherever_it_stands(asem):
    for listed in (STEPS, ["treat", {"normalise": {"method": "rank"}}, "aggregate"]):
        found = nq.Index.read(*(reference_folder("coinr_asem") / name for name in ("iData.csv", "iMeta.csv")), listed)
        before, after = tables.around_treatment(found.build)
        for code, done in found.build.treatments.items():
            np.testing.assert_allclose([*shape(before[code].to_numpy()), *shape(after[code].to_numpy())], [done.skew_before, done.kurt_before, done.skew_after, done.kurt_after])  # fmt: skip
    untreated = asem.change(treat=None)
    assert tables.around_treatment(untreated.build)[0].equals(tables.around_treatment(untreated.build)[1])


def test_choices_are_changed_without_files(asem):
    other = asem.change(aggregate="geometric", normalise={"range": [1, 100]}, title="trung bình nhân")
    assert other.title == "trung bình nhân" and asem.title == "ASEM"
    folder = reference_folder("coinr_asem")
    expected = pd.read_csv(folder / "variant_minmax_1_100_gmean.csv").set_index("uCode")["Index"]
    np.testing.assert_allclose(other.scores.set_index("uCode")["Index"].loc[expected.index], expected, rtol=1e-9)
    fewer = asem.change(drop=["Physical", "Flights"])
    assert "Physical" not in fewer.scores and len(fewer.build.framework.indicators) == 49 - 8
    weighted = asem.change(weight={"set": "pca", "levels": [1], "squared": True})
    assert [step.name for step in weighted.build.steps][-2:] == ["weight", "aggregate"]
    assert [step.name for step in asem.change(treat=None).build.steps] == ["denominate", "impute", "screen", "normalise", "aggregate"]  # fmt: skip
    assert problems_of(lambda: asem.change(drop=["zz"]))[0].found == "zz"
    assert problems_of(lambda: asem.change(agregate="median"))[0].found == "agregate"


def test_indices_are_compared(asem):
    found = sound(
        asem.compare(
            geo=asem.change(aggregate="geometric", normalise={"range": [1, 100]}), med=asem.change(aggregate="median")
        )
    )
    assert {"ASEM", "geo", "med", "spread"} <= set(found.frame.columns) and found.tables == ["ranks", "agreement"]
    assert "Spearman" in str(found.table("agreement")) or "spearman" in str(found.table("agreement"))
    assert problems_of(asem.compare)[0].code == "required"


def test_questions_to_an_index(asem):
    profile = sound(asem.profile("Vietnam"))
    assert set(profile.frame["kind"]) == {"mạnh", "yếu"} and "Vietnam" in str(profile.finding())
    sound(asem.statistics())
    sound(asem.diagnose())
    level = sound(asem.correlations(2))
    drawn(level.chart("map"))
    assert len(asem.correlations(1, "denominators").frame) == 49 * len(asem.inputs.divisors.columns)
    assert problems_of(lambda: asem.correlations(9))[0].found == "9"
    assert problems_of(lambda: asem.correlations(1, method="r"))[0].found == "r"
    assert problems_of(asem.trends)[0].code == "index_no_panel"
    assert problems_of(lambda: asem.profile("ZZZ"))[0].found == "ZZZ"


def test_what_it_would_take_and_what_is_robust(asem):
    found = sound(asem.reach("NLD", above="CHE", level=2))
    table = margins.weights_for(asem.build, "NLD", above="CHE", level=2)
    assert found.frame["needed"].tolist() == table["needed"].tolist()
    moved = f"{table.attrs['moved'] * 100:.1f}".replace(".", ",")
    assert moved in str(found.finding()) and found.tables == ["weights", "indicators"]
    assert "đã trong 10 hạng đầu" in str(asem.reach("CHE", top=10).finding()).replace("  ", " ")
    bounds = sound(asem.robust(0.1))
    assert bounds.frame["rank"].between(bounds.frame["best"], bounds.frame["worst"]).all()
    assert problems_of(lambda: asem.robust(2))[0].code == "values"
    nearest = sound(asem.reach())
    outside = asem.frame[asem.frame["rank"] > 10].sort_values("rank")
    assert outside["uName"].iloc[0] in str(nearest.finding())
    assert problems_of(lambda: asem.reach("CHE"))[0].code == "index_above_or_top"


def test_a_score_on_part_of_the_figures_is_marked_in_tables_and_charts():
    data = pd.DataFrame({"uCode": list("xyz"), "uName": ["X", "Y", "Z"], "a": [1, 2, 5], "b": [1, 3, None]})
    index = sound(nq.Index.read(data, FLAT))
    assert index.frame.set_index("uCode")["coverage"].to_dict() == {"z": 0.5, "y": 1, "x": 1}
    page = str(index.table())
    assert "Z ◦" in page and "Độ phủ" in page and "một phần số liệu" in page
    text = drawn(index.chart())
    assert "Z ◦" in text and "một phần số liệu" in text
    assert repr(index).endswith("1 trên một phần số liệu>")
    whole = nq.Index.read(data.assign(b=[1, 3, 2]), FLAT)
    assert "◦" not in str(whole.table()) and "Độ phủ" not in str(whole.table())


def test_a_panel_at_the_door():
    data = pd.DataFrame(
        {"uCode": list("xyxy"), "Time": [2024, 2024, 2025, 2025], "a": [0, 5, 10, 8], "b": [1, 2, 3, 9]}
    )
    index = sound(nq.Index.read(data, FLAT))
    drawn(index.chart("lines"))
    assert index.charts == ["ranked", "lines", "framework", "sunburst"]
    found = sound(index.trends())
    assert found.frame.set_index("uCode").loc["x", "change"] > 0
    drawn(found.chart("lines"))


def test_one_workbook_holds_both_tables(tmp_path):
    data = pd.DataFrame({"uCode": list("xyz"), "a": [1, 2, 5], "b": [1, 3, 2]})
    with pd.ExcelWriter(tmp_path / "i.xlsx") as book:
        data.to_excel(book, sheet_name="iData", index=False)
        FLAT.to_excel(book, sheet_name="iMeta", index=False)
    found = nq.Index.read(tmp_path / "i.xlsx", config=["normalise", {"aggregate": {"method": "topsis"}}])
    pd.testing.assert_frame_equal(found.scores, nq.Index.read(data, FLAT, found.config).scores)


def test_an_english_index_has_english_heads():
    data = pd.DataFrame({"uCode": list("xyz"), "a": [1, 2, 5], "b": [1, 3, 2]})
    assert ">Rank<" in nq.Index.read(data, FLAT, lang="en").table()._repr_mimebundle_()["text/html"]


def test_provinces_are_drawn_on_the_tile_map():
    from nq57lab.charts import tile_map

    areas = [tile.area for tile in tile_map.tiles()]
    data = pd.DataFrame({"uCode": areas, "a": range(34), "b": [7 * n % 34 for n in range(34)]})
    drawn(nq.Index.read(data, FLAT).chart("map"))
