"""What users of COINr and of the COIN Tool rely on: imputations, treatments, normalisations, weights, tables, the workbook, their own functions."""

import math

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats
from support import problems_of, reference_folder
from support_index import ASEM, DATA, PLAIN, TREE, made

from nq57lab.composite.laboratory import aggregate, files, impute, inputs, pipeline, steps, treat, weight
from nq57lab.composite.results import coin_tool, tables, workbook

PANEL = pd.DataFrame(
    {
        "uCode": list("xxxxyyyy"),
        "Time": [2020, 2021, 2023, 2024] * 2,
        "a": [None, 2.0, None, 8.0, 5.0, None, None, None],
        "b": [4.0, 3, 2, 1, 1, 2, 3, 4],
    }
)
PAIR = TREE[TREE["iCode"].isin(["a", "b", "P"])].assign(Parent=["P", "P", None])


@pytest.fixture(scope="module")
def asem() -> pipeline.Build:
    """COINr's ASEM index."""
    folder = reference_folder("coinr_asem")
    checked = inputs.load(folder / "iData.csv", folder / "iMeta.csv")
    return pipeline.build(checked, steps.read(yaml.safe_load(ASEM), checked.framework))


# Imputation, treatment, normalisation


def test_imputation_over_time():
    forward = made(PANEL, PAIR, [{"impute": {"method": "locf"}}, *PLAIN]).stages[0][1]
    np.testing.assert_array_equal(forward["a"], [math.nan, 2, 2, 8, 5, 5, 5, 5])
    found = made(PANEL, PAIR, [{"impute": {"method": "linear"}}, *PLAIN])
    assert found.stages[0][1]["a"].tolist() == [2, 2, 6, 8, 5, 5, 5, 5]  # 2 held before; 2023 two thirds of the way
    assert (found.changes["stage"] == "impute").sum() == 5
    one = problems_of(lambda: made(PANEL[::4], PAIR, [{"impute": {"method": "locf"}}, *PLAIN]))
    assert [problem.code for problem in one] == ["index_no_panel"]


@pytest.mark.parametrize("linear", [True, False])
def test_imputation_over_time_is_pandas_own(linear):
    generator = np.random.default_rng(1)
    frame = pd.DataFrame(generator.normal(size=(40, 3))).mask(generator.random((40, 3)) < 0.4)
    units = pd.Series(np.repeat(list("abcde"), 8))
    found = impute.over_time(frame.to_numpy(), units, np.tile(np.arange(8.0), 5), linear=linear)
    parts = frame.groupby(units)
    own = (lambda x: x.interpolate(limit_direction="both")) if linear else (lambda x: x.ffill())
    np.testing.assert_allclose(found, parts.transform(own).to_numpy())


def test_imputation_by_row_needs_one_scale():
    data = pd.DataFrame({"uCode": list("xyz"), "a": [1, 2, 3], "b": [3.0, 2, None], "c": [1, 1, 2]})
    row = {"impute": {"method": "row_mean"}}
    assert problems_of(lambda: made(data, TREE, [row, *PLAIN]))[0].code == "index_row_scale"
    found = made(data, TREE, [PLAIN[0], row, PLAIN[1]]).scores.set_index("uCode")
    assert found.loc["z", "b"] == found.loc["z", "a"] == 100


def test_treatment_by_indicator():
    data = pd.DataFrame(
        {"uCode": range(20), "a": [*range(1, 19), 500, 900], "b": [*range(1, 19), 500, 900], "c": range(20)}
    )
    by = {
        "a": {"method": "none"},
        "b": {"method": "limits", "limits": [2, 30]},
        "c": {"method": "winsorise", "winmax": 2},
    }
    found = made(data, TREE, [{"treat": {"by": by}}, *PLAIN])
    treated = found.stages[0][1]
    assert treated["a"].tolist() == data["a"].tolist() and treated["b"].tolist() == [2, *range(2, 19), 30, 30]
    assert treated["c"].tolist()[-3:] == [17, 17, 17] or treated["c"].nunique() == 18
    actions = {code: (done.action, done.points) for code, done in found.treatments.items()}
    assert actions["a"] == ("none", 0) and actions["b"] == ("limits", 3) and actions["c"][0] == "winsorise"
    assert found.changes["why"].str.contains("giữ nguyên theo cấu hình").sum() == 1


@pytest.mark.parametrize("power", [None, 0.0, 0.5, 2.0])
def test_box_cox_is_scipys(power):
    x = np.random.default_rng(2).lognormal(size=60)
    expected = stats.boxcox(x)[0] if power is None else stats.boxcox(x, power)
    np.testing.assert_allclose(treat.box_cox(x, power), expected, rtol=1e-6)
    moved = treat.box_cox(x - 3, power)
    assert np.isfinite(moved).all() and (np.argsort(moved) == np.argsort(x)).all()
    done = treat.treat(np.exp(x), treat.Orders(winmax=0, then="boxcox", skew=0.1, kurt=-5))[1]
    assert done.action == "boxcox" and abs(done.skew_after) < abs(done.skew_before)


def test_goalposts_and_limits_of_imeta():
    meta = TREE.assign(goalpost_lower=[0, 0, 0, None, None, None], goalpost_upper=[10, 5, 8, None, None, None])
    found = made(DATA, meta, [{"normalise": {"method": "goalposts", "posts": "iMeta", "range": [0, 100]}}, PLAIN[1]])
    np.testing.assert_allclose(found.scores["a"], [10, 20, 40, 80])
    np.testing.assert_allclose(found.scores["b"], [20, 40, 60, 80])  # lower is better
    limited = TREE.assign(treat_lower=[2, None, None, None, None, None], treat_upper=[4, 3, 4, None, None, None])
    held = made(DATA, limited, [{"treat": {"method": "limits", "limits": "iMeta"}}, *PLAIN]).stages[0][1]
    assert held["a"].tolist() == [2, 2, 4, 4] and held["b"].tolist() == [3, 3, 2, 1]
    wrong = problems_of(lambda: made(DATA, TREE, [{"normalise": {"method": "goalposts", "posts": "iMeta"}}, PLAIN[1]]))
    assert len(wrong) == 3 and "goalpost_lower" in wrong[0].text()


def test_normalisation_within_each_time():
    data = PANEL.assign(a=[1.0, 2, 3, 4, 2, 6, 4, 8])
    pooled = made(data, PAIR, PLAIN).scores
    each = made(data, PAIR, [{"normalise": {"method": "minmax", "within": "Time"}}, PLAIN[1]]).scores
    assert pooled["a"].max() == 100 and (pooled["a"] == 100).sum() == 1
    assert each.groupby("Time")["a"].max().tolist() == [100] * 4 and each.groupby("Time")["a"].min().tolist() == [0] * 4


# Aggregation and weights


def test_an_aggregate_can_have_its_own_rule():
    listed = [
        {"normalise": {"method": "minmax", "range": [1, 100]}},
        {"aggregate": {"by_aggregate": {"P": "geometric"}}},
    ]
    found = made(DATA.dropna(), TREE, listed).scores
    np.testing.assert_allclose(found["P"], (found["a"] * found["b"] ** 3) ** 0.25)
    np.testing.assert_allclose(found["Q"], found["c"])
    np.testing.assert_allclose(found["Index"], (2 * found["P"] + found["Q"]) / 3)


def test_topsis_against_its_definition():
    generator = np.random.default_rng(5)
    x, w = generator.uniform(0, 10, (9, 4)), np.array([1.0, 2.0, 0.5, 3.0])
    x[2, 1] = math.nan
    found = aggregate.topsis(x, w)
    best, worst = np.nanmax(x, axis=0), np.nanmin(x, axis=0)
    for row, own in zip(x, found, strict=True):
        here = ~np.isnan(row)
        far, near = (math.sqrt(sum((w[here] * (row - end)[here]) ** 2)) for end in (worst, best))
        assert own == pytest.approx(far / (far + near))
    many = aggregate.topsis(x, np.vstack([w, w[::-1]]))
    np.testing.assert_allclose(many, [found, aggregate.topsis(x, w[::-1])])


def test_entropy_weights_against_scipys_entropy():
    listed = [PLAIN[0], {"weight": {"set": "entropy", "levels": [1]}}, PLAIN[1]]
    data = DATA.dropna().assign(a=[1, 2, 9])
    found = made(data, TREE, listed)
    x = made(data, TREE, PLAIN).scores[["a", "b"]]
    apart = [1 - stats.entropy(x[code]) / math.log(3) for code in x]
    own = found.framework.weights
    assert own["a"] / own["b"] == pytest.approx(apart[0] / apart[1])
    assert own["a"] + own["b"] == pytest.approx(1) and own["P"] == 2
    wrong = [{"normalise": {"method": "zscore"}}, *listed[1:]]
    assert problems_of(lambda: made(data, TREE, wrong))[0].code == "index_entropy"


def test_an_indicator_that_tells_no_unit_apart_has_no_entropy_weight():
    frame = inputs.check(DATA, TREE).framework
    scores = {"a": np.ones(4), "b": np.array([1.0, 2, 3, 4]), "c": np.array([1.0, 2, 3, 4])}
    found = weight.entropy_weights(frame, scores, 1)
    assert found["a"] == pytest.approx(0) and found["b"] == pytest.approx(1)
    with pytest.raises(ValueError, match="entropy"):
        weight.entropy_weights(frame, scores | {"b": np.ones(4)}, 1)


OWN = """
import numpy as np

def root(x, direction):
    return direction * np.sqrt(x)

def worst(values, weights):
    return np.nanmin(values, axis=1)

def short(x):
    return x[:1]

def halve(x):
    return np.minimum(x, np.nanmedian(x))

def first(x):
    return np.where(np.isnan(x), x[~np.isnan(x)][0], x)
"""


def test_functions_of_the_users_own_file(tmp_path):
    (tmp_path / "tinh.py").write_text(OWN, encoding="utf-8")
    (tmp_path / "index.yml").write_text(
        "steps:\n  - impute: {method: 'tinh.py:first'}\n  - treat: {by: {a: {method: 'tinh.py:halve'}}}\n"
        "  - normalise: {method: minmax, by: {c: {method: 'tinh.py:root'}}}\n  - aggregate: {method: 'tinh.py:worst'}\n",
        encoding="utf-8",
    )
    checked = inputs.check(DATA, TREE)
    config = files.read_config(tmp_path / "index.yml")
    found = pipeline.build(checked, steps.read(config, checked.framework))
    assert found.stages[0][1]["c"].tolist() == [2, 2, 6, 4] and found.stages[1][1]["a"].tolist() == [1, 2, 3, 3]
    np.testing.assert_allclose(found.scores["c"], np.sqrt([2, 2, 6, 4]))
    np.testing.assert_allclose(found.scores["P"], found.scores[["a", "b"]].min(axis=1))
    for name, code in (("short", "index_own_function"), ("none", "index_own_missing")):
        listed = [{"normalise": {"method": f"{tmp_path / 'tinh.py'}:{name}"}}, PLAIN[1]]
        assert problems_of(lambda listed=listed: made(DATA, TREE, listed))[0].code == code
    (tmp_path / "sai.py").write_text("def x(:", encoding="utf-8")
    listed = [{"normalise": {"method": f"{tmp_path / 'sai.py'}:x"}}, PLAIN[1]]
    assert problems_of(lambda: made(DATA, TREE, listed))[0].code == "index_own_file"


# Tables


def test_statistics_of_every_stage(asem):
    table = tables.statistics(asem).set_index(["stage", "iCode"])
    assert table.index.get_level_values(0).unique().tolist()[:3] == ["iData", "1_denominate", "2_impute"]
    raw = pd.DataFrame(asem.inputs.values, columns=list(asem.framework.indicators))
    own = table.loc["iData"]
    np.testing.assert_allclose(own["mean"], raw.mean())
    np.testing.assert_allclose(own["sd"], raw.std())
    np.testing.assert_allclose(own["skew"], raw.skew())
    np.testing.assert_allclose(own["kurt"], raw.kurt())
    assert own["missing"].tolist() == raw.isna().sum().tolist() and (table.loc["2_impute", "missing"] == 0).all()
    assert "ngoại lai" in own.loc["Flights", "flag"] or "ngoại lai" in table.loc[("2_impute", "Flights"), "flag"]
    assert not table.loc["4_treat"]["flag"].str.contains("ngoại lai").any()
    assert "Index" in table.loc["7_aggregate"].index


@pytest.mark.parametrize("method", tables.METHODS)
def test_correlations_between_levels_and_with_denominators(asem, method):
    table = tables.correlations(asem, 1, 2, method=method).set_index(["one", "other"])
    call = {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall": stats.kendalltau}[method]
    expected = call(asem.scores["LPI"], asem.scores["Social"])
    assert table.loc[("LPI", "Social"), ["correlation", "p"]].tolist() == pytest.approx(list(expected)[:2])
    assert "cấp trên trực tiếp" in table.loc[("LPI", "Physical"), "flag"] and len(table) == 49 * 8
    divided = tables.correlations(asem, 1, "denominators", method=method)
    row = divided[(divided["one"] == "Goods") & (divided["other"] == "GDP")].iloc[0]
    place = asem.framework.indicators.index("Goods")
    both = pd.DataFrame({"x": asem.inputs.values[:, place], "y": asem.inputs.divisors["GDP"]}).dropna()
    assert row["correlation"] == pytest.approx(call(both["x"], both["y"])[0]) and row["n"] == len(both)
    same = tables.correlations(asem, 2, method=method)
    assert len(same) == 28


def test_ranks_within_groups(asem):
    table = tables.group_ranks(asem, "EurAsia_group")
    for _, part in table.groupby("EurAsia_group"):
        scores = asem.scores.loc[part.index, "Index"]
        np.testing.assert_array_equal(part["Index"], scores.rank(ascending=False, method="min"))
    with pytest.raises(KeyError):
        tables.group_ranks(asem, "khu_vuc")


def test_results_of_all_levels_in_one_table(asem):
    table = tables.results(asem)
    assert table["uCode"].iloc[0] == "CHE" and table["rank"].is_monotonic_increasing
    assert table.columns[:8].tolist() == ["uCode", "uName", "GDP_group", "GDPpc_group", "Pop_group", "EurAsia_group", "Time", "rank"]  # fmt: skip
    assert set(asem.framework.indicators) <= set(table.columns)
    assert tables.results(asem, "group_ranks", "EurAsia_group")["Index"].eq(1).sum() == 2


def test_trends_of_a_panel():
    data = PANEL.assign(a=[1.0, 2, 4, 8, 5, 5, 5, 5])
    listed = [{"normalise": {"method": "none"}}, PLAIN[1]]
    table = tables.trends(made(data, PAIR.assign(Direction=1), listed), ["a"]).set_index("uCode")
    row = table.loc["x"]
    assert row[["first", "last", "change", "n"]].tolist() == [1, 8, 7, 4]
    assert row["cagr"] == pytest.approx(8 ** (1 / 4) - 1) and row["change_pct"] == pytest.approx(700)
    assert row["slope"] == pytest.approx(stats.linregress([2020, 2021, 2023, 2024], [1, 2, 4, 8]).slope)
    assert table.loc["y", "slope"] == pytest.approx(0) and (row["rank_first"], row["rank_last"]) == (2, 1)
    assert tables.trends(made(DATA, TREE, PLAIN)).empty


def test_several_builds_compared(asem):
    listed = yaml.safe_load(ASEM)["steps"]
    others = {"median": "median", "topsis": "topsis"}
    builds = {"goc": asem} | {
        name: pipeline.build(asem.inputs, steps.read({"steps": [*listed[:-1], {"aggregate": {"method": method}}]}, asem.framework))
        for name, method in others.items()
    }  # fmt: skip
    ranked, agreement = tables.compare_many(builds)
    assert ranked["goc"].tolist() == list(range(1, 52)) and len(agreement) == 3
    rho = stats.spearmanr(ranked["goc"], ranked["median"])[0]
    assert agreement.iloc[0]["spearman"] == pytest.approx(rho)
    assert agreement.iloc[0]["max_shift"] == (ranked["goc"] - ranked["median"]).abs().max()


# Workbooks


def database(path, data: pd.DataFrame, meta: pd.DataFrame) -> None:
    """Write an index in the layout of the COIN Tool, as its user guide draws it."""
    from openpyxl import Workbook

    book = Workbook()
    sheet, frame = book.active, book.create_sheet("Framework")
    sheet.title = "Database"
    indicators = meta[meta["Type"] == "Indicator"].set_index("iCode")
    parents = meta.set_index("iCode")["Parent"].to_dict()
    for place, (code, row) in enumerate(indicators.iterrows(), start=5):
        up = [row["Parent"]]
        while parents.get(up[-1]) and parents[up[-1]] == parents[up[-1]]:
            up.append(parents[up[-1]])
        path_up = [up[0], "p.01", *up[1:]]  # a level that is not used has one element
        cells = [row["Weight"], row["Direction"], row["goalpost_lower"], row["goalpost_upper"], *reversed(path_up)]
        lines = [7, 8, 9, 10, *range(14 - len(path_up) + 1, 15)]
        for line, cell in zip(lines, cells, strict=True):
            sheet.cell(line, place, cell)
        if len(path_up) < 4:
            sheet.cell(11, place, up[-1])
            for line, cell in zip((12, 13, 14), ["si.00", *path_up[:-1][::-1]][-3:], strict=True):
                sheet.cell(line, place, cell)
        sheet.cell(15, place, row["iName"])
        sheet.cell(16, place, code)
        for line, value in enumerate(data[code], start=17):
            sheet.cell(line, place, "n/a" if pd.isna(value) else value)
    for line, (name, code) in enumerate(zip(data["uName"], data["uCode"], strict=True), start=17):
        sheet.cell(line, 2, name)
        sheet.cell(line, 3, code)
    sheet.cell(16, 5 + len(indicators), "ind.99")  # an empty column of the tool
    for line, row in enumerate(meta[meta["Type"] == "Aggregate"].itertuples(), start=5):
        for column, cell in ((3, row.iCode), (5, row.Weight), (8, row.iName)):
            frame.cell(line, column, cell)
    frame.cell(5 + 3, 3, "--")
    book.save(path)


def test_the_coin_tools_workbook_round_trips(tmp_path):
    meta = TREE.assign(iName=[f"Tên {code}" for code in TREE["iCode"]], goalpost_lower=[0, 0, 1, None, None, None])
    meta = meta.assign(goalpost_upper=[10, 5, 8, None, None, None]).drop(columns=["Target", "Denominator"])
    data = DATA.assign(uName=[f"Đơn vị {code}" for code in DATA["uCode"]])
    database(tmp_path / "tool.xlsx", data, meta)
    found, read = coin_tool.read(tmp_path / "tool.xlsx")
    one, other = (inputs.check(*pair) for pair in ((data, meta), (found, read)))
    np.testing.assert_array_equal(one.values, other.values)
    assert one.framework.parents == other.framework.parents and one.framework.weights == other.framework.weights
    np.testing.assert_array_equal(one.framework.posts, other.framework.posts)
    assert one.framework.names == other.framework.names and one.units["uName"].tolist() == other.units["uName"].tolist()
    listed = [{"normalise": {"method": "goalposts", "posts": "iMeta"}}, PLAIN[1]]
    pd.testing.assert_frame_equal(made(data, meta, listed).scores, made(found, read, listed).scores)


def test_a_workbook_that_is_not_the_coin_tools_is_refused(tmp_path):
    DATA.to_excel(tmp_path / "x.xlsx", index=False)
    assert {p.code for p in problems_of(lambda: coin_tool.read(tmp_path / "x.xlsx"))} == {"index_no_sheet"}


@pytest.mark.parametrize(
    ("lang", "first", "results"), [("vi", "Đọc trước", "Kết quả"), ("en", "Read first", "Results")]
)
def test_an_index_is_written_as_one_workbook(asem, tmp_path, lang, first, results):
    from openpyxl import load_workbook

    path = workbook.write(asem, tmp_path / "a" / "asem.xlsx", title="ASEM", lang=lang)
    book = load_workbook(path)
    assert book.sheetnames[:2] == [first, results] and len(book.sheetnames) == 1 + 7 + 7 + 1
    sheet = book[results]
    assert sheet.freeze_panes == "C2" and sheet.auto_filter.ref == sheet.dimensions and sheet.max_row == 52
    heads = [cell.value for cell in sheet[1]]
    at = heads.index("LPI\nLogistics Performance Index")
    best = asem.scores.set_index("uCode").loc["CHE"]
    assert sheet.cell(2, 1).value == "CHE" and sheet.cell(2, at + 1).value == pytest.approx(best["LPI"])
    assert sheet.cell(2, at + 1).number_format == "#,##0.00"
    assert book.sheetnames[-2].startswith("7. ")
    stage = pd.read_excel(path, sheet_name=book.sheetnames[-2])
    np.testing.assert_allclose(stage["Index\nSustainable Connectivity"], asem.scores["Index"])
    words = {"vi": "Mã đơn vị", "en": "Unit code"}
    assert heads[0] == words[lang]


def test_text_that_looks_like_a_formula_stays_text_in_the_workbook(tmp_path):
    from openpyxl import load_workbook

    data = DATA.assign(uName=["=1+1", "+x", "y", "w"])
    path = workbook.write(made(data, TREE, PLAIN), tmp_path / "x.xlsx")
    cells = [cell for row in load_workbook(path)["Kết quả"].iter_rows() for cell in row if cell.value == "=1+1"]
    assert cells and all(cell.data_type == "s" for cell in cells)
