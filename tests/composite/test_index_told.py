"""Nothing silent: degenerate tables and settings that do nothing are mended, told with their place, or refused by name."""

import math
import unicodedata

import numpy as np
import pandas as pd
import pytest
from support import problems_of
from support_index import DATA, MEAN, PLAIN, TREE, flat, made, table, why
from typer.testing import CliRunner

from nq57lab.composite.laboratory import aggregate, equal, files, inputs, normalise, treat, weight
from nq57lab.composite.robustness import diagnose, diagnosis_files, uncertainty

NFD = unicodedata.normalize("NFD", "Hà Nội")


def codes_of(call) -> list[tuple[str, str]]:
    """Return (message, column) of the problems that a call raises."""
    return [(problem.code, problem.column) for problem in problems_of(call)]


# A score on less than all its parts


def test_a_cell_that_a_group_cannot_fill_and_the_score_without_it_are_told():
    data = table("XYZW", g=["G1", "G1", "G2", "G2"], a=[1, 2, None, None], b=[1, 2, 4, 8])
    found = made(data, flat(groups=("g",)), [{"impute": {"method": "mean", "within": "g"}}, *MEAN])
    for unit in "ZW":
        assert why(found, "a", unit) == ["thiếu; nhóm g=G2 không có số liệu nào để điền: để trống"]
        assert why(found, "I", unit) == ["thiếu a: điểm dựa trên 50% trọng số"]
    assert found.coverage["I"].tolist() == [1, 1, 0.5, 0.5]
    other = made(data, flat(groups=("g",)), [{"impute": {"within": "g", "otherwise": "median"}}, *MEAN])
    assert other.stages[0][1]["a"].tolist() == [1, 2, 1.5, 1.5]
    assert other.changes["why"].str.contains("cách điền thứ nhất không được").sum() == 2
    assert (other.coverage["I"] == 1).all()


@pytest.mark.parametrize(
    "method", ["arithmetic", "geometric", "harmonic", "median", "copeland", "mpi", "topsis", "bod"]
)
def test_a_score_without_a_part_says_on_how_much_it_rests(method):
    data = table(a=[1, 2, 5], b=[1, 3, None])
    found = made(data, flat(), [MEAN[0], {"aggregate": {"method": method}}])
    assert "thiếu b: điểm dựa trên 50% trọng số" in why(found, "I", "Z")


def test_coverage_is_by_weight_and_goes_up_the_tree():
    found = made(DATA, TREE, PLAIN)  # c of y is missing: Q has nothing, the index rests on P, two thirds of the weight
    cover = found.coverage.set_index("uCode")
    assert cover.loc["y", "Q"] == 0 and cover.loc["y", "Index"] == pytest.approx(2 / 3)
    assert (cover.drop(index="y") == 1).all(axis=None)
    assert why(found, "Index", "y") == ["thiếu Q: điểm dựa trên 67% trọng số"]
    part = DATA.astype({"b": float}).assign(b=[None, 3, 2, 1])  # 3 of P's 4; P is two thirds of the index
    found = made(part, TREE, PLAIN)
    assert found.coverage.set_index("uCode").loc["z", "Index"] == pytest.approx(0.5)
    assert why(found, "Index", "z") == ["thiếu P (25%): điểm dựa trên 50% trọng số"]


def test_a_missing_part_without_weight_takes_nothing_away():
    found = made(table(a=[1, 2, 5], b=[1, 3, None]), flat().assign(Weight=[1, 0, 1]), MEAN)
    assert (found.coverage["I"] == 1).all() and not len(found.changes)


def test_files_carry_the_coverage_beside_scores_and_ranks(tmp_path):
    files.write(made(table(a=[1, 2, 5], b=[1, 3, None]), flat(), MEAN), tmp_path)
    for name in ("scores.csv", "ranks.csv"):
        assert pd.read_csv(tmp_path / name)["x_coverage"].tolist() == [1, 1, 0.5]
    assert pd.read_csv(tmp_path / "coverage.csv")["b"].tolist() == [1, 1, 0]
    files.write(made(table(a=[1, 2, 5], b=[1, 3, 2]), flat(), MEAN), tmp_path)
    assert "x_coverage" not in pd.read_csv(tmp_path / "scores.csv")


# Estimators where they are not defined


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"a": [1, 2, 5, None], "b": [1, None, None, 3]}, ["1 đơn vị đủ số liệu", "a (1)", "b (2)"]),
        ({"a": [1, 2, None, None], "b": [None, None, 5, 3]}, ["0 đơn vị đủ số liệu", "a (2)", "b (2)"]),
        ({"a": [1, 2, 5, 6], "b": [1, 3, None, None]}, ["2 đơn vị đủ số liệu", "b (2)"]),
        ({"a": [1, 1, 1, 6], "b": [1, 3, 2, None]}, ["a không đổi giữa các đơn vị đủ số liệu"]),
    ],
)
def test_principal_components_are_refused_where_they_are_not_defined(columns, words):
    listed = [MEAN[0], {"weight": {"set": "pca", "levels": [1]}}, MEAN[1]]
    found = problems_of(lambda: made(table("XYZW", **columns), flat(), listed))
    assert [problem.code for problem in found] == ["index_undefined"]
    assert all(word in found[0].text() for word in words)


@pytest.mark.parametrize(
    ("data", "listed", "words"),
    [
        (table("XYZW", a=[30, 40, 50, 60], b=[1, 2, 3, 1]), {"method": "goalposts", "posts": [0, 20]}, "a không đổi"),
        (table("XYZW", a=[1, 2, 5, None], b=[1, None, None, 3]), {"method": "minmax"}, "1 đơn vị đủ số liệu"),
        (table("XYZW", a=[1, 2, 5, 4], b=[9, 9, 9.5, 9]), {"by": {"a": {"method": "minmax"}, "b": {"method": "goalposts", "posts": [0, 9]}}}, "b không đổi"),
    ],
)  # fmt: skip
def test_a_diagnosis_names_what_it_cannot_compute(data, listed, words):
    found = made(data, flat(), [{"normalise": listed}, MEAN[1]])
    made_tables = diagnosis_files.tables(found)
    row = made_tables["reliability.csv"].iloc[0]
    assert words in row["reason"] and math.isnan(row["kmo"]) and math.isnan(row["first_component"])
    for name in ("components.csv", "correlations.csv", "equal_influence.csv", "influence.csv"):
        table_ = made_tables[name]
        number = {"components.csv": "share", "correlations.csv": "correlation", "equal_influence.csv": "optimised"}
        empty = table_[number.get(name, "with_index")].isna()
        assert (table_.loc[empty, "reason"] != "").all()
    assert any(words in told for told in diagnosis_files.refusals(made_tables))


def test_fewer_units_than_indicators_have_no_kmo_and_a_reason():
    meta = pd.DataFrame({"Level": [1] * 4 + [2], "iCode": list("abcdI"), "Direction": 1, "Weight": 1})
    meta = meta.assign(Parent=["I"] * 4 + [None], Type=["Indicator"] * 4 + ["Aggregate"])
    data = table("XYZ", a=[1, 2, 5], b=[3, 1, 2], c=[4, 4, 1], d=[0, 1, 0])
    row = diagnose.reliability(made(data, meta, MEAN)).iloc[0]
    assert math.isnan(row["kmo"]) and "suy biến" in row["reason"] and not math.isnan(row["alpha"])


def test_optimised_weights_of_an_element_that_does_not_vary_are_refused():
    listed = [{"normalise": {"method": "goalposts", "posts": [0, 20]}}, {"weight": {"set": "optimised"}}, MEAN[1]]
    found = problems_of(lambda: made(table("XYZW", a=[30, 40, 50, 60], b=[1, 2, 3, 1]), flat(), listed))
    assert found[0].code == "index_undefined" and "a không đổi" in found[0].text()


# A step that destroys information


@pytest.mark.parametrize("ones", [1, 2, 3, 5])
def test_winsorising_never_makes_all_units_equal(ones):
    x = np.array([1.0] * ones + [0.0] * 31)
    y, points, passed = treat.winsorise(x, 5)
    assert (y == x).all() and points == 0 and passed == treat.passes(*treat.shape(x))
    for orders in (treat.Orders(), treat.Orders(then="none"), treat.Orders("winsorise")):
        assert len(np.unique(treat.treat(x, orders)[0])) == 2
    three = np.array([5.0, 1.0, 1.0, *[0.0] * 31])
    assert len(np.unique(treat.winsorise(three, 20)[0])) == 2


def test_a_zero_inflated_indicator_keeps_what_it_says_and_is_told():
    data = pd.DataFrame({"uCode": [f"u{n}" for n in range(34)], "a": [1] * 3 + [0] * 31, "b": range(34)})
    by = {"a": {"method": "goalposts", "posts": [0, 1]}}
    found = made(
        data, flat(), [{"treat": {"winmax": 5}}, {"normalise": {"method": "minmax", "by": by}}, {"aggregate": {}}]
    )
    assert found.scores["a"].tolist() == [1] * 3 + [0] * 31
    assert "giữ nguyên" in why(found, "a")[0] and found.treatments["a"].action == "none"


def test_an_indicator_made_constant_by_a_step_names_the_step():
    data = table("XYZW", a=[1, 2, 5, 5], b=[1, None, None, 3])
    listed = [{"screen": {"availability": 0.9}}, *MEAN]
    assert codes_of(lambda: made(data.assign(a=[5, 2, 4, 5]), flat(), listed)) == [("index_zero_since", "a")]
    found = problems_of(lambda: made(data.assign(a=[5, 2, 4, 5]), flat(), listed))
    assert "screen" in found[0].text() and "bỏ chỉ số" not in found[0].text()


def test_goalposts_do_not_read_a_logarithm_as_the_indicators_own_unit():
    data = pd.DataFrame({"uCode": range(12), "a": [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 900, 950, 1000], "b": range(12)})
    by = {"a": {"method": "goalposts", "posts": [0, 1000]}}
    listed = [{"treat": {"winmax": 0, "skew": 0.1, "kurt": -9}}, {"normalise": {"method": "minmax", "by": by}}, MEAN[1]]
    assert codes_of(lambda: made(data, flat(), listed)) == [("index_treated_scale", "a")]
    listed[0]["treat"]["by"] = {"a": {"method": "none"}}
    assert made(data, flat(), listed).scores["a"].iloc[-1] == 1


def test_goalposts_that_hold_every_unit_are_told():
    found = made(table(a=[30, 40, 50], b=[1, 2, 3]), flat(), [{"normalise": {"by": {"a": {"method": "goalposts", "posts": [0, 20]}}, "method": "minmax"}}, MEAN[1]])  # fmt: skip
    assert why(found, "a") == ["mọi đơn vị bằng nhau sau khi chuẩn hóa: chỉ số không còn phân biệt các đơn vị"]


# Settings that do nothing


@pytest.mark.parametrize(
    ("listed", "column", "words"),
    [
        ([{"normalise": {"method": "rank", "range": [0, 100]}}, MEAN[1]], "normalise.range", "rank"),
        ([{"normalise": {"method": "zscore", "range": [0, 1]}}, MEAN[1]], "normalise.range", "mean, sd"),
        ([{"normalise": {"method": "minmax", "posts": [0, 1]}}, MEAN[1]], "normalise.posts", "range"),
        ([{"normalise": {"method": "minmax", "truncate": True}}, MEAN[1]], "normalise.truncate", "range"),
        ([{"normalise": {"method": "minmax", "by": {"a": {"method": "rank", "sd": 2}}}}, MEAN[1]], "by.a.sd", "rank"),
        ([MEAN[0], {"aggregate": {"method": "geometric", "p": 2}}], "aggregate.p", "geometric"),
        ([MEAN[0], {"aggregate": {"method": "arithmetic", "lower": 0.1}}], "aggregate.lower", "arithmetic"),
        ([MEAN[0], {"aggregate": {"by_level": {2: {"method": "median", "p": 2}}}}], "by_level.2.p", "median"),
        ([{"impute": {"method": "none", "within": "g"}}, *MEAN], "impute.within", "g"),
        ([{"treat": {"by": {"a": {"method": "none", "winmax": 3}}}}, *MEAN], "by.a.winmax", "none"),
        ([{"treat": {"limits": [0, 1]}}, *MEAN], "treat.limits", "auto"),
        ([MEAN[0], {"weight": {"set": "equal", "file": "w.csv"}}, MEAN[1]], "weight.file", "levels"),
        ([MEAN[0], {"weight": {"set": "original", "levels": [1]}}, MEAN[1]], "weight.levels", "original"),
        ([MEAN[0], {"weight": {"set": "equal", "levels": [7]}}, MEAN[1]], "weight.levels", "7"),
        ([MEAN[0], {"weight": {"set": "pca", "levels": [2]}}, MEAN[1]], "weight.levels", "2"),
        ([MEAN[0], {"weight": {"set": "optimised", "target": {"a": 1}}}, MEAN[1]], "weight.target", "a, b"),
        ([MEAN[0], {"aggregate": {"by_aggregate": {"Z": "median"}}}], "aggregate.by_aggregate", "Z"),
    ],
)  # fmt: skip
def test_a_key_that_its_method_does_not_read_is_an_error_that_names_those_it_does(listed, column, words):
    found = problems_of(lambda: made(table(a=[1, 2, 4], b=[10, 30, 20]), flat(), listed))
    assert any(problem.column.endswith(column) and words in problem.text() for problem in found)


def test_distances_take_a_range():
    data = table(a=[1, 2, 4], b=[10, 30, 20])
    found = made(data, flat([4, 40, None]), [{"normalise": {"method": "dist2target", "range": [1, 100]}}, {"aggregate": {"method": "geometric"}}])  # fmt: skip
    np.testing.assert_allclose(found.scores["a"], [1, 34, 100])
    np.testing.assert_allclose(found.scores["I"], [1, math.sqrt(34 * 67), 10 * math.sqrt(34)])
    other = made(data, flat(), [{"normalise": {"method": "percentile_rank", "range": [1, 100]}}, MEAN[1]])
    assert other.scores["a"].tolist() == [1, 50.5, 100]


def test_assumptions_about_a_key_that_no_method_reads_are_refused():
    checked = inputs.check(DATA, TREE)

    def run(uncertain):
        return uncertainty.analyse(checked, {"steps": [*PLAIN], "uncertain": uncertain}, 4, 1)

    found = problems_of(lambda: run({"p": {"path": "aggregate.p", "values": [1, 2]}}))
    assert len(found) == 1 and "arithmetic" in found[0].text()
    both = {"p": {"path": "aggregate.p", "values": [1, 2]}, "m": {"path": "aggregate.method", "values": ["power"]}}
    assert len(run(both).choices) == 16
    found = problems_of(lambda: run({"w": {"path": "treat.winmax", "values": [1, 2]}}))
    assert len(found) == 1 and "normalise, aggregate" in found[0].text() and "treat" in found[0].text()


# Keys


@pytest.mark.parametrize(
    ("times", "problem"),
    [
        ([2020, None, 2020], "required"),
        (["2020", "Q1 2020", "2020"], "index_time"),
        (["2020", "năm 2020", "2020"], "index_time"),
        (["2020-13", "2020-01", "2020-02"], "index_time"),
        (["2020", "2020-Q1", "2020"], "index_times"),
        (["2020-Q1", "2020-01", "2020-Q1"], "index_times"),
    ],
)
def test_times_are_checked(times, problem):
    found = problems_of(lambda: inputs.check(table(Time=times, a=[1, 2, 4], b=[3, 2, 1]), flat()))
    assert [entry.code for entry in found] == [problem] and found[0].column == "Time"


def test_a_year_typed_as_a_number_is_the_year():
    checked = inputs.check(table("XXY", Time=["2020.0", "2021", "2020"], a=[1, 2, 4], b=[3, 2, 1]), flat())
    assert checked.units["Time"].tolist() == ["2020", "2021", "2020"]
    twice = table("XXY", Time=["2020.0", "2020", "2020"], a=[1, 2, 4], b=[3, 2, 1])
    assert codes_of(lambda: inputs.check(twice, flat())) == [("index_unit_twice", "uCode")]


def test_groups_are_there_and_filled():
    listed = {"groups": ("g",)}
    assert codes_of(lambda: inputs.check(table(a=[1, 2, 4], b=[3, 2, 1]), flat(**listed))) == [("missing_column", "g")]
    data = table(g=["A", "", "A"], a=[1, 2, 4], b=[3, 2, 1])
    found = problems_of(lambda: inputs.check(data, flat(**listed)))
    assert [(p.code, p.row, p.details["unit"]) for p in found] == [("index_group_blank", 3, "Y")]


@pytest.mark.parametrize("twin", [NFD, "Hà  Nội", "hà nội", "Hà\u00a0Nội", "Hà Nội\u200b"])
def test_units_told_apart_by_their_writing_only_are_refused(twin):
    data = pd.DataFrame({"uCode": ["Hà Nội", twin, "Z"], "a": [1, 2, 4], "b": [10, 30, 20]})
    assert codes_of(lambda: inputs.check(data, flat())) == [("index_unit_twice", "uCode")]


def test_codes_typed_on_two_keyboards_are_one_code():
    composed, loose = (unicodedata.normalize(form, "tỷ_lệ") for form in ("NFC", "NFD"))
    meta = flat().replace({"iCode": {"a": loose}})
    checked = inputs.check(table(**{composed: [1, 2, 4], "b": [3, 2, 1]}), meta)
    assert checked.framework.indicators == (composed, "b") and checked.values[:, 0].tolist() == [1, 2, 4]
    twins = pd.concat([meta, meta.iloc[:1].replace({"iCode": {loose: composed}})])
    assert "index_duplicate" in {problem.code for problem in problems_of(lambda: inputs.check(DATA, twins))}


@pytest.mark.parametrize("p", [200.0, 1000.0, -400.0])
def test_a_large_power_is_computed_without_overflow(p):
    values = np.array([[100 / 3, 100.0], [100.0, 50.0], [1e-3, 2e-3], [0.0, 7.0]])
    found = aggregate.power(values, np.ones(2), p)
    end = values.max(axis=1) if p > 0 else values.min(axis=1)
    np.testing.assert_allclose(found, end * 0.5 ** (1 / p) if p > 0 else end * 2 ** (-1 / p), rtol=1e-9)
    many = aggregate.power(values, np.ones((3, 2)), p)
    np.testing.assert_allclose(many, np.broadcast_to(found, (3, 4)))


def test_numbers_that_overflow_are_refused_with_step_and_unit():
    data = table(d=[1e-140, 1, 1], a=[1e140, 2, 4], b=[3, 2, 1])
    found = problems_of(lambda: made(data, flat(divisor="d"), [{"denominate": {}}, *MEAN]))
    assert [(p.code, p.column, p.details["unit"]) for p in found] == [("index_infinite", "a", "X")]
    assert "denominate" in found[0].file


@pytest.mark.parametrize("method", ["rank", "borda", "percentile_rank"])
def test_values_that_only_arithmetic_tells_apart_share_a_rank(method):
    x = np.array([0.3 / 0.1, 0.6 / 0.2, 9 / 3, 4.0])
    found = normalise.PLAIN[method](x, 1.0)
    assert len(set(found[:3])) == 1 and found[3] > found[0]
    assert len(set(normalise.PLAIN[method](x, -1.0)[:3])) == 1
    assert aggregate.copeland(x[:, None], np.ones(1)).tolist() == [-1, -1, -1, 3]
    assert aggregate.outranking(x[:, None], np.ones(1))[0, 2] == 0.5


def test_ties_do_not_swallow_small_values_beside_large_ones():
    assert normalise.rank(np.array([0.5, 0.7, 1e12])).tolist() == [1, 2, 3]
    assert equal.snapped(np.array([1e-9, 2e-9, 1.0])).tolist() == [1e-9, 2e-9, 1.0]


@pytest.mark.parametrize("method", ["minmax", "zscore", "dist2max"])
def test_noise_is_not_stretched_to_a_scale(method):
    data = table(d=[0.1, 0.2, 3], a=[0.3, 0.6, 9], b=[1, 2, 3])
    found = problems_of(lambda: made(data, flat(divisor="d"), [{"denominate": {}}, {"normalise": {"method": method}}, MEAN[1]]))  # fmt: skip
    assert [(p.code, p.column, p.details["step"]) for p in found] == [("index_zero_since", "a", "denominate")]


def test_scores_that_straddle_a_rounding_step_still_tie():
    base = 0.5 + 5e-13  # half a step of the twelfth digit
    assert aggregate.ranks(np.array([np.nextafter(base, 0), np.nextafter(base, 1), 0.1])).tolist() == [1, 1, 3]


# Corner solutions


def test_optimised_weights_stay_within_bounds_and_say_so():
    generator = np.random.default_rng(3)
    base = generator.normal(size=80)
    data = pd.DataFrame({"uCode": range(80), "a": base, "b": -base + 0.05 * generator.normal(size=80)})
    meta = pd.concat([flat(), pd.DataFrame([{"Level": 1, "iCode": "c", "Direction": 1, "Weight": 1, "Parent": "I", "Type": "Indicator"}])])  # fmt: skip
    data = data.assign(c=0.98 * base + 0.2 * generator.normal(size=80))
    found = made(data, meta, [{"normalise": {"method": "zscore"}}, {"weight": {"set": "optimised"}}, MEAN[1]])
    weights = pd.Series(found.framework.weights)[["a", "b", "c"]]
    assert weights.between(0.1, 10).all()
    best = weight.equal_influence(inputs.check(data, meta).framework, found.values, 1, {2: aggregate.Rule()})
    if best.spread > 1e-3:
        assert best.at_bound and any("bị giữ ở giới hạn" in text for code in best.at_bound for text in why(found, code))


def test_optimised_weights_toward_a_target():
    generator = np.random.default_rng(7)
    data = pd.DataFrame(generator.normal(size=(200, 3)), columns=list("abc")).assign(uCode=range(200))
    meta = TREE[TREE["iCode"].isin(["a", "b", "c", "P"])].assign(Parent=["P", "P", "P", None], Weight=1, Direction=1)
    step = {"set": "optimised", "levels": [1], "target": {"a": 2, "b": 1, "c": 1}}
    found = made(data, meta, [{"normalise": {"method": "zscore"}}, {"weight": step}, PLAIN[1]])
    r = found.scores[["a", "b", "c"]].corrwith(found.scores["P"])
    np.testing.assert_allclose(r / r.sum(), [0.5, 0.25, 0.25], atol=1e-6)


# Messages


def test_semicolons_and_decimal_commas_are_read(tmp_path):
    path = tmp_path / "iData.csv"
    path.write_text("uCode;a;b\nX;1,5;10\nY;2,25;30\nZ;4;20\n", encoding="utf-8-sig")
    flat().to_csv(tmp_path / "iMeta.csv", index=False)
    assert inputs.load(path, tmp_path / "iMeta.csv").values[:, 0].tolist() == [1.5, 2.25, 4]
    path.write_text("uCode;a;b\nX;1.234;10\nY;2.345;30\nZ;4;20\n", encoding="utf-8")
    assert codes_of(lambda: inputs.load(path, tmp_path / "iMeta.csv")) == [("index_doubtful", "a")] * 2
    path.write_text('uCode,a,b\nX,"1,5",10\nY,2,30\nZ,4,20\n', encoding="utf-8")
    assert codes_of(lambda: inputs.load(path, tmp_path / "iMeta.csv")) == [("index_decimal_comma", "a")]


def test_a_workbook_is_read(tmp_path):
    data, path = table(a=[1.5, 2, 4], b=[10, None, 20]), tmp_path / "chi-so.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"ghi chú": ["x"]}).to_excel(book, sheet_name="Đọc trước", index=False)
        flat().to_excel(book, sheet_name="iMeta", index=False)
        data.to_excel(book, sheet_name="iData", index=False)
    checked = inputs.load(path, path)
    np.testing.assert_array_equal(checked.values, data[["a", "b"]])
    assert checked.framework.indicators == ("a", "b")


def test_one_problem_is_told_once():
    assert len(problems_of(lambda: made(DATA, TREE, [{"normalise": {"method": "minmaxx"}}, PLAIN[1]]))) == 1
    wrong = table(a=["x", "y", "z"], b=[1, 2, 3])
    assert codes_of(lambda: inputs.check(wrong, flat())) == [("index_number", "a")] * 3  # not also "no value of a"
    meta = pd.concat([flat(divisor="d").assign(Denominator=["d", "d", None, None])])
    found = problems_of(lambda: made(table(d=[1, 0, 1], a=[1, 2, 3], b=[1, 2, 3]), meta, [{"denominate": {}}, *MEAN]))
    assert [(p.code, p.details["code"]) for p in found] == [("index_divide", "a, b")]


def test_denominators_that_no_step_divides_by_are_told():
    found = made(table(d=[1, 2, 1], a=[1, 2, 3], b=[1, 2, 3]), flat(divisor="d"), MEAN)
    assert "không có bước denominate" in why(found, "a", "", "denominate")[0]


def test_the_last_of_three_or_a_rank_that_all_share_is_no_strength():
    found = made(table(a=[1, 2, 3], b=[3, 2, 1]), flat(), MEAN)
    kinds = {unit: diagnose.profile(found, unit).set_index("code")["kind"].to_dict() for unit in "XYZ"}
    assert kinds == {"X": {"a": "yếu", "b": "mạnh"}, "Y": {}, "Z": {"a": "mạnh", "b": "yếu"}}
    held = [{"normalise": {"method": "minmax", "by": {"a": {"method": "goalposts", "posts": [0, 1]}}}}, MEAN[1]]
    found = made(table(a=[1, 2, 3], b=[3, 2, 1]), flat(), held)
    assert diagnose.profile(found, "X")["code"].tolist() == ["b"]


def test_english_is_english_throughout(tmp_path, monkeypatch):
    from nq57lab.cli.main import app

    data = pd.DataFrame({"uCode": list("XYZWVU"), "g": list("AABBBB"), "a": [1, 2, None, 900, 3, 4], "b": [1, None, 3, 4, 2, 2]})  # fmt: skip
    data.to_csv(tmp_path / "d.csv", index=False)
    flat(groups=("g",)).to_csv(tmp_path / "m.csv", index=False)
    (tmp_path / "i.yml").write_text(
        "steps:\n  - impute: {within: g}\n  - treat: {winmax: 1}\n  - normalise: {}\n  - aggregate: {}\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("NQ57_LANG", "en")
    call = ["--data", str(tmp_path / "d.csv"), "--meta", str(tmp_path / "m.csv"), "--config", str(tmp_path / "i.yml")]
    for command in ("compute", "diagnose"):
        more = ["--unit", "X"] if command == "diagnose" else []
        done = CliRunner().invoke(app, ["--lang", "en", "index", command, *call, "-o", str(tmp_path / "out"), *more])
        assert done.exit_code == 0, done.output
        assert done.output.isascii(), done.output
    for path in (tmp_path / "out").rglob("*.csv"):
        assert path.read_text(encoding="utf-8").replace("–", "-").isascii(), path


def test_a_target_of_zero_has_a_note():
    from nq57lab.composite.score.score import score

    rows = [{"kpi": "k", "area": "VN", "value": v, "target": 0.0, "direction": -1, "priority": "High"} for v in (0, 3)]
    found = score(pd.DataFrame(rows))
    assert found["completion"].tolist() == [1, 0] and found["note"].str.contains("mục tiêu bằng 0").all()
