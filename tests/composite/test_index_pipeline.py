"""The index pipeline against COINr's stages, published indices, slow oracles and bad input."""

import math

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from support import problems_of, reference_folder
from support_index import ASEM, DATA, PLAIN, TREE, made
from typer.testing import CliRunner

from nq57lab.comparators.panels import Panels
from nq57lab.composite import examples
from nq57lab.composite.laboratory import files, framework, inputs, normalise, pipeline, steps, treat
from nq57lab.composite.laboratory.aggregate import ranks
from nq57lab.composite.laboratory.impute import impute


@pytest.fixture(scope="module")
def asem():
    """COINr's ASEM example: the folder and the checked inputs."""
    folder = reference_folder("coinr_asem")
    return folder, inputs.load(folder / "iData.csv", folder / "iMeta.csv")


@pytest.fixture(scope="module")
def built(asem) -> pipeline.Build:
    """The ASEM index."""
    checked = asem[1]
    return pipeline.build(checked, steps.read(yaml.safe_load(ASEM), checked.framework))


def read_reference(path) -> pd.DataFrame:
    """Read one of COINr's tables."""
    return pd.read_csv(path, na_values="NA", keep_default_na=False).set_index("uCode")


def assert_equal_to(mine: pd.DataFrame, reference: pd.DataFrame, tolerance: float = 1e-9) -> None:
    """Compare a table with a reference unit by unit and code by code."""
    own = mine.set_index("uCode").loc[reference.index, reference.columns]
    pd.testing.assert_frame_equal(own.astype(float), reference.astype(float), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(
    ("stage", "place"), [("Denominated", 0), ("Imputed", 1), ("Treated", 3), ("Normalised", 4), ("Aggregated", 6)]
)
def test_every_stage_of_coinrs_asem_example_is_reproduced(asem, built, stage, place):
    assert_equal_to(built.stages[place][1], read_reference(asem[0] / f"stage_{stage}.csv"))


def test_the_index_of_the_asem_example(built):
    """METHODS.md 2: CHE 68.38, NLD 64.82, DNK 64.80, NOR 64.47, BEL 63.54 … RUS last 35.66."""
    index = built.scores.set_index("uCode")["Index"]
    best = index.sort_values(ascending=False)
    assert best.round(2).iloc[:5].to_dict() == {"CHE": 68.38, "NLD": 64.82, "DNK": 64.80, "NOR": 64.47, "BEL": 63.54}
    assert (best.index[-1], round(best.iloc[-1], 2)) == ("RUS", 35.66)
    assert built.ranks.set_index("uCode")["Index"].sort_values().index[:5].tolist() == best.index[:5].tolist()
    assert built.scores["uCode"].tolist() == built.inputs.units["uCode"].tolist()  # the file's order


@pytest.mark.parametrize(
    ("file", "scale", "method"),
    [
        ("variant_minmax_1_100_gmean.csv", {"method": "minmax", "range": [1, 100]}, "geometric"),
        ("variant_zscore_10_2_amean.csv", {"method": "zscore", "mean": 10, "sd": 2}, "arithmetic"),
    ],
)
def test_both_variants_of_the_asem_example_are_reproduced(asem, file, scale, method):
    folder, checked = asem
    listed = yaml.safe_load(ASEM)["steps"]
    listed[4], listed[6] = {"normalise": scale}, {"aggregate": {"method": method}}
    found = pipeline.build(checked, steps.read({"steps": listed}, checked.framework))
    assert_equal_to(found.scores, read_reference(folder / file))


def test_treatment_details_of_the_asem_example(asem, built):
    details = pd.read_csv(asem[0] / "treatment_details.csv").set_index("iCode")
    assert len(details) == 49
    for code, row in details.iterrows():
        done = built.treatments[code]
        assert done.skew_before == pytest.approx(row["check_SkewKurt0.Skew"], rel=1e-9), code
        assert done.kurt_before == pytest.approx(row["check_SkewKurt0.Kurt"], rel=1e-9), code
        assert (done.action == "none") == bool(row["check_SkewKurt0.Pass"]), code
        if not row["check_SkewKurt0.Pass"]:
            assert (done.points, done.passed) == (row["winsorise.nwin"], row["check_SkewKurt1.Pass"]), code
            assert done.skew_after == pytest.approx(row["check_SkewKurt1.Skew"], rel=1e-9), code
            assert done.kurt_after == pytest.approx(row["check_SkewKurt1.Kurt"], rel=1e-9), code


@pytest.mark.parametrize(("winmax", "logs"), [(1, 11), (2, 8), (3, 1), (5, 0)])
def test_how_many_indicators_go_to_the_logarithm(asem, winmax, logs):
    checked = asem[1]
    listed = yaml.safe_load(ASEM)["steps"]
    listed[3]["treat"]["winmax"] = winmax
    found = pipeline.build(checked, steps.read({"steps": listed}, checked.framework))
    taken = [code for code, done in found.treatments.items() if done.action == "log"]
    assert len(taken) == logs
    imputed, treated = found.stages[1][1], found.stages[3][1]
    for code in taken:
        x = imputed[code]
        expected = np.log(x - x.min() + 0.01 * (x.max() - x.min()))
        pd.testing.assert_series_equal(treated[code], expected, check_names=False)


def test_screening_the_raw_data_drops_five_units(asem):
    checked = asem[1]
    listed = [{"screen": {"availability": 0.9}}, *PLAIN]
    found = pipeline.build(checked, steps.read({"steps": listed}, checked.framework))
    assert set(checked.units["uCode"]) - set(found.scores["uCode"]) == {"LAO", "BRN", "MMR", "BGD", "KHM"}
    dropped = found.changes[found.changes["stage"] == "screen"]
    assert set(dropped["uCode"]) == {"LAO", "BRN", "MMR", "BGD", "KHM"}
    assert dropped["why"].str.contains("loại đơn vị").all()


def test_every_changed_cell_is_listed_with_its_reason(asem, built):
    changes = built.changes
    cells = set(map(tuple, changes.loc[changes["stage"] == "treat", ["uCode", "iCode"]].to_numpy()))
    before, after = (built.stages[n][1].set_index("uCode").drop(columns="Time") for n in (1, 3))
    moved = (before != after).stack()
    assert cells == set(moved[moved].index)
    assert (changes["why"] != "").all()
    gaps = built.stages[0][1].drop(columns=["uCode", "Time"]).isna().to_numpy().sum()
    assert (changes["stage"] == "impute").sum() == gaps > 0


# Published indices


def test_the_human_development_index_is_reproduced(root):
    table = pd.read_csv(reference_folder("hdi") / "hdi_components_2000_2010_2022.csv")
    found = example(root, "hdi", table)
    assert len(found.scores) == len(table) == 593
    np.testing.assert_allclose(found.scores["HDI"], table["hdi"], atol=0.0005 + 1e-9)
    cut = found.changes[found.changes["stage"] == "normalise"]
    assert len(cut) and cut["why"].str.contains("ngoài mốc").all()  # truncation is never silent


def test_the_e_government_development_index_is_reproduced(root):
    table = pd.read_csv(reference_folder("egdi") / "egdi_2014_2018_2024.csv")
    found = example(root, "egdi", table)
    np.testing.assert_allclose(found.scores["EGDI"], table["egdi"], atol=1e-4)
    for _, year in table.groupby("year"):
        np.testing.assert_array_equal(ranks(year["egdi"].to_numpy()), year["rank"])
    assert (found.ranks["EGDI"].to_numpy() != table["rank"].to_numpy()).sum() <= 3


def test_the_global_innovation_index_is_reproduced(root):
    table = pd.read_csv(reference_folder("gii") / "gii_2025_pillars.csv")
    found = example(root, "gii", table)
    table = table[table["identity_ok"]].reset_index(drop=True)
    assert len(table) > 100
    np.testing.assert_allclose(found.scores["GII"], table["gii_score"], atol=0.1)


@pytest.mark.parametrize(("config", "first", "last"), [("index-2006.yml", 2006, 2008), ("index-2009.yml", 2009, 2010)])
def test_the_provincial_competitiveness_index_is_reproduced(root, config, first, last):
    table = pd.read_csv(reference_folder("pci") / "pci_2006_2010.csv")
    table = table[table["year"].between(first, last) & table["pci_weighted"].notna()].reset_index(drop=True)
    found = example(root, "pci", table, (str(first), str(last)))
    assert examples.configuration(root / "data" / "examples" / "pci", found.units) == config
    np.testing.assert_allclose(found.scores["PCI"], table["pci_weighted"], atol=1e-5)


def example(root, name: str, table: pd.DataFrame, years: tuple[str, str] | None = None) -> pipeline.Build:
    """Build a published index from its table by what is shipped: columns, framework, configuration."""
    folder = root / "data" / "examples" / name
    data, meta = examples.published(folder, table, years)
    content = files.read_config(folder / examples.configuration(folder, data))
    checked = inputs.check(data, meta)
    return pipeline.build(checked, steps.read(content, checked.framework), folder)


def test_the_provincial_example_is_generated_and_says_so_in_every_output(in_project, tmp_path):
    """34 provinces, figures of the generator only; compute, uncertainty and diagnosis all carry the mark."""
    from nq57lab.cli.main import app

    def run(*words: str):
        done = CliRunner().invoke(app, ["index", *words])
        assert done.exit_code == 0, done.output
        assert "dữ liệu minh họa" in done.output

    made_in = tmp_path / "vi-du"
    run("example", "provinces", "-o", str(made_in))
    given = [word for name in ("data", "meta") for word in (f"--{name}", str(made_in / f"i{name.capitalize()}.csv"))]
    given += ["--config", str(made_in / "index.yml"), "-o"]
    run("compute", *given, str(tmp_path / "a"))
    run("uncertainty", *given, str(tmp_path / "b"), "--runs", "8")
    run("uncertainty", *given, str(tmp_path / "c"), "--runs", "8", "--replay", "3")
    run("diagnose", *given, str(tmp_path / "d"), "--unit", "34:01")
    written = [*tmp_path.glob("[abcd]/**/*.csv"), *tmp_path.glob("b/*.parquet"), made_in / "iData.csv"]
    assert len(written) > 30
    for path in written:
        table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
        assert (table["x_note"] == "dữ liệu minh họa").all(), path
    scores = pd.read_csv(tmp_path / "a" / "scores.csv")
    assert len(scores) == 34 and scores["Index"].notna().all()
    data = pd.read_csv(made_in / "iData.csv")
    assert data.isna().to_numpy().any()


def test_a_published_table_without_its_columns_or_rows_is_refused(root):
    folder = root / "data" / "examples" / "egdi"
    table = pd.DataFrame({"iso3": ["VNM"], "country": ["Viet Nam"], "year": [2024], "osi": [0.8], "tii": [0.7]})
    found = problems_of(lambda: examples.published(folder, table))
    assert [(p.code, p.column) for p in found] == [("missing_column", "hci")]
    assert problems_of(lambda: examples.published(folder, table.assign(hci=0.7), ("2030", "2031")))[0].code == "empty"


# Oracles and properties


def test_the_whole_pipeline_against_a_plain_loop():
    """A plain loop over units and codes, written apart from the package."""
    found = made(DATA, TREE, PLAIN).scores.set_index("uCode")
    norm = {}
    for code, sign in (("a", 1), ("b", -1), ("c", 1)):
        column = {unit: sign * value for unit, value in zip(DATA["uCode"], DATA[code], strict=True) if value == value}
        low, high = min(column.values()), max(column.values())
        norm[code] = {unit: 100 * (value - low) / (high - low) for unit, value in column.items()}
    for unit in DATA["uCode"]:
        p = (norm["a"][unit] * 1 + norm["b"][unit] * 3) / 4
        q = norm["c"].get(unit)
        index = p if q is None else (2 * p + q) / 3
        assert found.loc[unit, "P"] == pytest.approx(p)
        assert math.isnan(found.loc[unit, "Q"]) if q is None else found.loc[unit, "Q"] == pytest.approx(q)
        assert found.loc[unit, "Index"] == pytest.approx(index)


def test_too_few_children_give_no_score_and_a_reason():
    listed = [PLAIN[0], {"aggregate": {"method": "arithmetic", "min_available": 0.6}}]
    found = made(DATA, TREE, listed)
    assert math.isnan(found.scores.set_index("uCode").loc["y", "Index"])
    why = found.changes[(found.changes["uCode"] == "y") & (found.changes["iCode"] == "Index")]["why"].iloc[0]
    assert "1/2" in why
    assert math.isnan(found.ranks.set_index("uCode").loc["y", "Index"])


@settings(max_examples=15)
@given(st.permutations(range(4)))
def test_the_order_of_rows_does_not_matter(order):
    shuffled = DATA.iloc[list(order)]
    one = made(DATA, TREE, PLAIN).scores.set_index("uCode")
    other = made(shuffled, TREE, PLAIN).scores.set_index("uCode")
    assert other.index.tolist() == shuffled["uCode"].tolist()
    pd.testing.assert_frame_equal(other.loc[one.index], one)


@settings(max_examples=15)
@given(st.floats(0.01, 100))
def test_scaling_all_weights_changes_nothing(factor):
    scaled = TREE.assign(Weight=TREE["Weight"] * factor)
    pd.testing.assert_frame_equal(made(DATA, scaled, PLAIN).scores, made(DATA, TREE, PLAIN).scores)


@pytest.mark.parametrize("method", ["minmax", "zscore", "rank", "percentile_rank", "borda", "dist2max"])
def test_reversing_every_direction_reverses_the_order(method):
    turned = TREE.assign(Direction=[-1, 1, -1, 1, 1, 1])
    listed = [{"normalise": {"method": method}}, {"aggregate": {"method": "arithmetic"}}]
    one, other = (made(DATA.dropna(), meta, listed) for meta in (TREE, turned))
    np.testing.assert_array_equal(one.ranks["Index"] + other.ranks["Index"], len(DATA.dropna()) + 1)


VECTORS = st.lists(st.integers(-50, 50).map(float), min_size=2, max_size=12).filter(lambda x: len(set(x)) > 1)


@given(VECTORS, st.sampled_from([1.0, -1.0]))
def test_normalisations_against_their_definitions(x, direction):
    v = np.array([*x, math.nan])
    y = [direction * value for value in x]
    low, high = min(y), max(y)
    n = len(x)
    better = [sum(other < own for other in y) for own in y]
    expected = {
        "rank": [b + 1 for b in better],
        "borda": better,
        "percentile_rank": [b / (n - 1) for b in better],
        "dist2max": [1 - (high - own) / (high - low) for own in y],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(normalise.PLAIN[name](v, direction), [*values, math.nan], atol=1e-12)
    mean = sum(y) / n
    sd = math.sqrt(sum((own - mean) ** 2 for own in y) / (n - 1))
    np.testing.assert_allclose(normalise.zscore(v, direction, 10, 2)[:-1], [10 + 2 * (o - mean) / sd for o in y])
    np.testing.assert_allclose(
        normalise.minmax(v, direction, 1, 100)[:-1], [1 + 99 * (o - low) / (high - low) for o in y]
    )


@given(st.floats(-100, 100), st.floats(0.1, 100), st.sampled_from([1.0, -1.0]))
def test_goalposts_map_to_the_ends_and_truncate_only_if_asked(low, width, direction):
    x = np.array([low, low + width, low - width, low + 2 * width])
    ends = normalise.goalposts(x, direction, low, low + width, scale=(0, 10))
    np.testing.assert_allclose(ends, [0, 10, 0, 10] if direction > 0 else [10, 0, 10, 0], atol=1e-9)
    free = normalise.goalposts(x, direction, low, low + width, truncate=False)
    np.testing.assert_allclose(free[2:], [-1, 2] if direction > 0 else [2, -1], atol=1e-9)


def test_distance_to_a_unit_and_to_the_target():
    by = {"a": {"method": "dist2ref", "unit": "x"}, "b": {"method": "dist2target"}, "c": {"method": "fracmax"}}
    found = made(DATA, TREE, [{"normalise": {"by": by}}, PLAIN[1]]).scores.set_index("uCode")
    np.testing.assert_allclose(found["a"], [0, 1 / 3, 1, 7 / 3])  # 1 − (4 − x) / (4 − 1)
    np.testing.assert_allclose(found["b"], [0, 1 / 3, 2 / 3, 1])  # target 1, worst 4, lower is better
    np.testing.assert_allclose(found["c"], [1 / 3, np.nan, 1, 2 / 3])
    by["a"]["truncate"] = True
    held = made(DATA, TREE, [{"normalise": {"by": by}}, PLAIN[1]])
    assert held.scores.set_index("uCode").loc["w", "a"] == 1
    assert held.changes.loc[held.changes["stage"] == "normalise", "uCode"].tolist() == ["w"]


def test_imputation_by_mean_and_median_within_a_group():
    values = np.array([[1.0], [2.0], [9.0], [np.nan], [5.0], [np.nan]])
    groups = pd.Series(list("aaaabb"))
    assert impute(values, groups)[3, 0] == 4
    assert impute(values, groups, median=True)[3, 0] == 2
    assert impute(values, groups)[5, 0] == 5
    assert impute(values)[3, 0] == 4.25


def slow_treat(x, winmax):
    """METHODS.md 2, word by word; winsorising stops before the last two values become one, which no logarithm mends either."""
    original, points, high, low = list(x), 0, 0, 0
    x = list(x)
    while True:
        skew, kurt = treat.shape(np.array(x))
        if math.isnan(skew) or abs(skew) < 2 or kurt < 3.5:
            return x
        if points >= winmax or len(set(x)) == 2:
            break
        if skew >= 0:
            top = max(x)
            at = [place for place, value in enumerate(x) if value == top]
            new, high = max(value for value in x if value < top), len(at)
        else:
            bottom = min(x)
            at = [place for place, value in enumerate(x) if value == bottom]
            new, low = min(value for value in x if value > bottom), len(at)
        for place in at:
            x[place] = new
        points = high + low
    if len(set(original)) == 2:
        return original
    return [math.log(v - min(original) + 0.01 * (max(original) - min(original))) for v in original]


@given(st.lists(st.integers(0, 6).map(lambda e: float(7**e)), min_size=4, max_size=25), st.integers(0, 5))
def test_treatment_against_a_plain_loop(x, winmax):
    orders = treat.Orders(winmax=winmax)
    np.testing.assert_allclose(treat.treat(np.array(x), orders)[0], slow_treat(x, winmax))
    mirrored = treat.treat(-np.array(x), orders)
    if mirrored[1].action != "log":
        np.testing.assert_allclose(mirrored[0], slow_treat([-v for v in x], winmax))


def test_skewness_and_kurtosis_against_scipy():
    from scipy import stats

    x = np.random.default_rng(1).lognormal(size=40)
    assert treat.shape(x) == pytest.approx((stats.skew(x, bias=False), stats.kurtosis(x, bias=False)))


def test_a_panel_shares_goalposts_and_ranks_within_each_year():
    data = pd.DataFrame({"uCode": ["x", "y", "x", "y"], "Time": [2024, 2024, 2025, 2025], "a": [0, 5, 10, 8]})
    meta = TREE[TREE["iCode"].isin(["a", "P"])].assign(Parent=["P", None])
    found = made(data, meta, PLAIN)
    assert found.scores["P"].tolist() == [0, 50, 100, 80]
    assert found.ranks["P"].tolist() == [2, 1, 1, 2]
    assert found.scores["Time"].tolist() == ["2024", "2024", "2025", "2025"]


def test_a_panel_imputes_within_the_year():
    data = pd.DataFrame(
        {"uCode": list("xyzxyz"), "Time": [1, 1, 1, 2, 2, 2], "a": [1, 3, None, 10, 30, 5], "b": [1, 2, 3, 4, 5, 6.0]}
    )
    meta = TREE[TREE["iCode"].isin(["a", "b", "P"])].assign(Parent=["P", "P", None])
    found = made(data, meta, [{"impute": {"method": "mean"}}, *PLAIN])
    assert found.stages[0][1]["a"].tolist() == [1, 3, 2, 10, 30, 5]


@pytest.mark.parametrize("kind", ["equal", "file", "pca"])
def test_sets_of_weights(tmp_path, kind):
    (tmp_path / "w.csv").write_text("iCode,Weight\na,0\nb,2\n", encoding="utf-8")
    step = {"set": kind} | (
        {"file": "w.csv"} if kind == "file" else {"levels": [1], "squared": True} if kind == "pca" else {}
    )
    found = made(DATA, TREE, [PLAIN[0], {"weight": step}, PLAIN[1]], tmp_path)
    p = found.scores["P"].to_numpy()
    a, b = found.scores["a"].to_numpy(), found.scores["b"].to_numpy()
    np.testing.assert_allclose(p, b if kind == "file" else (a + b) / 2)  # two indicators load equally


def test_a_note_in_the_data_goes_into_every_output(tmp_path):
    found = made(DATA.assign(x_note="dữ liệu minh họa"), TREE, PLAIN)
    for path in files.write(found, tmp_path):
        table = pd.read_csv(path)
        assert "x_note" in table.columns, path
        assert (table["x_note"] == "dữ liệu minh họa").all()


def test_files_keep_every_digit(tmp_path):
    found = made(DATA.assign(a=[1 / 3, 2 / 3, 1, 7]), TREE, PLAIN)
    files.write(found, tmp_path)
    back = pd.read_csv(tmp_path / "scores.csv", float_precision="round_trip")
    assert back.pop("x_coverage").tolist() == found.coverage["Index"].tolist()
    pd.testing.assert_frame_equal(back, found.scores, check_exact=True, check_dtype=False)
    assert (tmp_path / "scores.csv").read_bytes().startswith(b"uCode,Index,P,Q,a,b,c,x_coverage\n")


# Bad input


def codes_of(call) -> set[tuple[str, str]]:
    """Return (message, column) of the problems that a call raises."""
    return {(problem.code, problem.column) for problem in problems_of(call)}


def meta_with(**changed) -> pd.DataFrame:
    """Return the tree with cells changed: ``a__Weight=0``."""
    meta = TREE.astype(object)
    for key, value in changed.items():
        code, column = key.split("__")
        meta.loc[meta["iCode"] == code, column] = value
    return meta


@pytest.mark.parametrize(
    ("meta", "code", "words"),
    [
        (meta_with(a__Direction=0), "index_direction", "a"),
        (meta_with(a__Direction=None), "index_direction", "a"),
        (meta_with(a__Parent="R"), "index_orphan", "a"),
        (meta_with(a__Parent=None), "index_orphan", "a"),
        (meta_with(P__Parent="Q", Q__Parent="P"), "index_cycle", "P → Q → P"),
        (meta_with(P__Parent="P"), "index_cycle", "P → P"),
        (meta_with(a__Weight=0, b__Weight=0), "index_weight_sum", "P"),
        (meta_with(a__Weight=-1), "index_weight", "a"),
        (meta_with(b__iCode="a"), "index_duplicate", "a"),
        (meta_with(P__Level=3, Index__Level=3), "index_parent_level", "P"),
        (meta_with(a__Level=2), "index_level", "a"),
        (meta_with(P__Parent=None), "index_root", "P"),
        (meta_with(c__Parent="P"), "index_childless", "Q"),
        (meta_with(a__Denominator="GDP"), "index_divisor", "GDP"),
        (meta_with(a__Type="indicator"), "values", "indicator"),
        (TREE.drop(columns="Weight"), "missing_column", "Weight"),
        (TREE.assign(Colour=1), "unknown_column", "Colour"),
    ],
)
def test_a_framework_that_cannot_be_is_refused_by_name(meta, code, words):
    found = problems_of(lambda: framework.read(meta))
    assert code in {problem.code for problem in found}
    assert words in next(problem for problem in found if problem.code == code).text()


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (DATA.assign(a=None), "index_all_missing", "a"),
        (pd.concat([DATA, pd.DataFrame({"uCode": ["v"]})]), "index_unit_empty", "v"),
        (pd.concat([DATA, DATA[:1]]), "index_unit_twice", "z"),
        (DATA.astype(object).assign(a=["1", "2,5", "x", "4"]), "index_decimal_comma", "2,5"),
        (DATA.assign(a=[1, 2, np.inf, 4]), "index_number", "inf"),
        (DATA.assign(d=1), "index_column", "d"),
        (DATA.drop(columns="a"), "missing_column", "a"),
        (DATA.assign(uCode=["z", "", "x", "w"]), "required", "uCode"),
    ],
)
def test_data_that_cannot_be_are_refused_by_name(data, code, words):
    found = problems_of(lambda: inputs.check(data, TREE))
    assert code in {problem.code for problem in found}
    assert words in next(problem for problem in found if problem.code == code).text()


def test_all_problems_are_told_at_once():
    data = pd.concat([DATA.astype(object).assign(a=["?", 2, 3, 4], d=1), pd.DataFrame({"uCode": ["v"]})])
    found = {problem.code for problem in problems_of(lambda: inputs.check(data, TREE))}
    assert found == {"index_number", "index_column", "index_unit_empty"}
    meta = meta_with(a__Direction=2, b__Weight="x")
    assert len(problems_of(lambda: framework.read(meta))) == 2


@pytest.mark.parametrize(
    ("listed", "code", "words"),
    [
        (
            [{"normalise": {"by": {"a": {"method": "goalposts", "posts": [8, 1]}}, "method": "minmax"}}, PLAIN[1]],
            "index_goalposts",
            "a",
        ),
        ([{"normalise": {"method": "goalposts", "posts": [3, 3]}}, PLAIN[1]], "index_goalposts", "[3, 3]"),
        ([{"normalise": {"method": "goalposts"}}, PLAIN[1]], "index_config", "posts"),
        ([{"normalise": {"by": {"a": {"method": "minmax"}}}}, PLAIN[1]], "index_config", "by.b"),
        ([{"normalise": {"by": {"ZZ": {"method": "minmax"}}, "method": "minmax"}}, PLAIN[1]], "index_config", "ZZ"),
        ([{"normalise": {"method": "zscore", "sd": 0}}, PLAIN[1]], "index_config", "sd"),
        ([{"normalise": {"method": "dist2ref", "unit": "qq"}}, PLAIN[1]], "index_no_unit", "qq"),
        ([{"normalise": {"method": "dist2ref", "unit": "z"}}, PLAIN[1]], "index_reference_worst", "a"),
        ([{"normalise": {"method": "dist2target"}}, PLAIN[1]], "index_no_target", "c"),
        ([{"normalise": {"method": "zscore"}}, {"aggregate": {"method": "geometric"}}], "index_negative", "a (z)"),
        (
            [{"normalise": {"method": "zscore"}}, {"aggregate": {"by_level": {3: "harmonic"}}}],
            "index_negative_score",
            "P",
        ),
        ([PLAIN[1]], "index_config", "Direction −1"),
        ([PLAIN[0]], "index_config", "aggregate"),
        ([PLAIN[0], PLAIN[1], PLAIN[0]], "index_config", "aggregate"),
        ([{"normalize": {}}, PLAIN[1]], "index_config", "normalise?"),
        ([{"treat": {"winmax": -1}}, *PLAIN], "index_config", "winmax"),
        ([{"treat": {"winmaks": 1}}, *PLAIN], "index_config", "winmax?"),
        ([{"impute": {"within": "region"}}, *PLAIN], "index_config", "region"),
        ([{"screen": {"availability": 90}}, *PLAIN], "index_config", "90"),
        ([PLAIN[0], {"aggregate": {"by_level": {9: "geometric"}}}], "index_config", "9"),
        ([PLAIN[0], {"aggregate": {"method": "bod", "lower": 0.6}}], "index_config", "lower"),
        ([PLAIN[0], {"weight": {"set": "file"}}, PLAIN[1]], "index_config", "file"),
        ([PLAIN[0], {"weight": {"set": "file", "file": "none.csv"}}, PLAIN[1]], "missing_file", "none.csv"),
        ([], "index_config", "steps"),
    ],
)
def test_steps_that_cannot_be_are_refused_by_name(listed, code, words):
    found = problems_of(lambda: made(DATA, TREE, listed))
    assert code in {problem.code for problem in found}
    assert any(words in problem.text() for problem in found if problem.code == code)


@pytest.mark.parametrize("method", ["minmax", "zscore", "dist2max"])
def test_an_indicator_without_range_is_refused_by_name(method):
    found = problems_of(lambda: made(DATA.assign(a=2, b=3), TREE, [{"normalise": {"method": method}}, PLAIN[1]]))
    assert [(problem.code, problem.column) for problem in found] == [
        ("index_zero_range", "a"),
        ("index_zero_range", "b"),
    ]


def test_a_zero_or_missing_denominator():
    meta = pd.concat([meta_with(a__Denominator="pop"), pd.DataFrame([{"iCode": "pop", "Type": "Denominator"}])])
    listed = [{"denominate": {}}, *PLAIN]
    found = problems_of(lambda: made(DATA.assign(pop=[1, 0, 2, 4]), meta, listed))
    assert [(p.code, p.details["unit"], p.details["code"]) for p in found] == [("index_divide", "y", "a")]
    done = made(DATA.assign(pop=[1, None, 2, 4]), meta, listed)
    np.testing.assert_array_equal(done.stages[0][1]["a"], [1, np.nan, 2, 2])
    assert done.changes.loc[0, ["stage", "uCode", "iCode"]].tolist() == ["denominate", "y", "a"]


def test_logarithms_need_positive_values_and_posts():
    by = {"a": {"transform": "log", "method": "goalposts", "posts": [0, 10]}}
    found = problems_of(lambda: made(DATA, TREE, [{"normalise": {"method": "minmax", "by": by}}, PLAIN[1]]))
    assert [(problem.code, problem.column) for problem in found] == [("index_log", "a")]


def test_a_zero_makes_a_geometric_mean_zero_and_is_said():
    found = made(DATA, TREE, [PLAIN[0], {"aggregate": {"method": "geometric"}}])
    scores = found.scores.set_index("uCode")
    assert scores.loc["z", "P"] == 0
    why = found.changes[(found.changes["uCode"] == "z") & (found.changes["iCode"] == "P")]["why"].iloc[0]
    assert why == "a, b bằng 0 nên bằng 0"


def test_a_configuration_file_is_checked(tmp_path):
    path = tmp_path / "index.yml"
    frame = inputs.check(DATA, TREE).framework
    wrong = (("steps: [", "YAML"), ("stepz: []", "(có phải steps?)"), ("[1]", "khóa: giá trị"))
    for text, word in (*wrong, ("steps:\n- treat: {skew: 2, winmax: 1, skew: 3}", "dòng 2, cột skew")):
        path.write_text(text, encoding="utf-8")
        assert word in problems_of(lambda: steps.read(files.read_config(path), frame))[0].text()
    assert problems_of(lambda: files.read_config(tmp_path / "no.yml"))[0].code == "missing_file"


@pytest.mark.parametrize(
    ("config", "years", "bias"),
    [
        ("index-2006.yml", (2006, 2007), True),
        ("index-2009.yml", (2009, 2010), False),
        ("index-2009.yml", (2012, 2012), False),
        ("index-2013.yml", (2013, 2016), True),
    ],
)
def test_the_competitiveness_index_is_reproduced_from_the_panels(root, shipped, config, years, bias):
    """The weighted totals of the panels from their sub-indices; 2011 is left out: its totals are not those of the weights of 2009."""
    panels = Panels(shipped)
    own = {"labor": "labour"} | {
        code: code
        for code in ("entry", "land", "transparency", "time", "informal", "proactive", "support", "legal", "bias")
    }
    parts = [
        panels.rows(f"pci_{name}").assign(part=f"pci_{code}") for code, name in own.items() if bias or code != "bias"
    ]
    table = pd.concat(parts).pivot(index=["unit", "year"], columns="part", values="value").reset_index()
    table = table.rename(columns={"unit": "prov"}).assign(**({} if bias else {"pci_bias": np.nan}))
    table = table[table["year"].between(*years)].reset_index(drop=True)
    found = example(root, "pci", table, tuple(map(str, years)))
    assert examples.configuration(root / "data" / "examples" / "pci", found.units) == config
    total = (
        panels.rows("pci_weighted")
        .set_index(["unit", "year"])["value"]
        .reindex(pd.MultiIndex.from_frame(table[["prov", "year"]]))
    )
    np.testing.assert_allclose(found.scores["PCI"], total, atol=2e-5)


@pytest.mark.parametrize(("name", "years"), [("governance", [2016]), ("governance_panel", [2014, 2015, 2016])])
def test_the_provincial_example_on_published_figures_is_the_panels(root, shipped, name, years):
    folder, panels = root / "data" / "examples" / name, Panels(shipped)
    checked = inputs.load(folder / "iData.csv", folder / "iMeta.csv")
    data = checked.units.assign(**dict(zip(checked.framework.indicators, checked.values.T, strict=True)))
    data["Time"] = data["Time"].astype(int) if len(years) > 1 else years[0]
    named = {
        **{f"PAPI{at}": f"papi_{at}" for at in range(1, 7)},
        "GIANHAP": "pci_entry",
        "DATDAI": "pci_land",
        "MINHBACH": "pci_transparency",
    }
    named |= {"THOIGIAN": "pci_time", "CHIPHI": "pci_informal", "CANHTRANH": "pci_bias", "NANGDONG": "pci_proactive"}
    named |= {"HOTRO": "pci_support", "DAOTAO": "pci_labour", "PHAPLY": "pci_legal"}
    for code in checked.framework.indicators:
        for year in years:
            here = data[data["Time"] == year].set_index("uCode")[code]
            np.testing.assert_allclose(here, panels.whole(named[code], year).reindex(here.index), atol=1e-9)
        segments = panels.rows(named[code]).query("year in @years").groupby("unit")["segment"].nunique()
        assert segments.max() == 1  # years that are set side by side have no break between them
    build = pipeline.build(checked, steps.read(files.read_config(folder / "index.yml"), checked.framework), folder)
    normal = dict(build.stages)["normalise"]
    last = normal[normal["Time"].astype(int) == years[-1]] if len(years) > 1 else normal
    mean = (panels.whole("papi_1", years[-1]) - 1) / 9 * 100
    np.testing.assert_allclose(last.set_index("uCode")["PAPI1"], mean.reindex(last["uCode"]), atol=1e-9)
    assert build.ranks["Index"].notna().sum() == len(build.scores) == {1: 63, 3: 187}[len(years)]
