"""Degenerate tables, frameworks, settings and functions of an index: each refused by name or told with its own reason, never by another."""

import unicodedata
import zipfile

import numpy as np
import pandas as pd
import pytest
from support import problems_of
from support_index import MEAN, PLAIN, flat, made, table, why
from typer.testing import CliRunner

from nq57lab.composite.laboratory import inputs, normalise, treat
from nq57lab.composite.laboratory.parts import reading
from nq57lab.composite.robustness import uncertainty
from nq57lab.door.index import Index

DATA = table(a=[1, 2, 4], b=[10, 30, 20])
PANEL = table("XYZXYZ", Time=[2020] * 3 + [2021] * 3, a=[1, 2, 4, 2, 3, None], b=[10, 30, 20, 11, 25, 21])
FAR = {"normalise": {"method": "goalposts", "posts": [0, 4]}}
OWN = """
import numpy as np
def fails(*given): return 1 / 0
def short(x, *more): return x[:-1]
def one(v, w): return v.mean()
def imaginary(x, *more): return x + 1j
def nothing(x, *more): return (x if x.ndim == 1 else x[:, 0]) * np.nan
def keeps(x, *more): return x
def first_lost(x, *more): return np.where(np.arange(len(x)) == 0, np.nan, x)
"""


def only(call) -> tuple[str, str]:
    """Return the message and column of the one problem that a call raises."""
    found = problems_of(call)
    assert len(found) == 1, [problem.text() for problem in found]
    return found[0].code, found[0].column


# Values


@pytest.mark.parametrize("method", ["rank", "borda", "percentile_rank", "fracmax", "none", "goalposts"])
def test_an_indicator_that_tells_nothing_apart_is_told_where_its_method_takes_it(method):
    listed = [{"normalise": {"method": method} | ({"posts": [0, 9]} if method == "goalposts" else {})}, MEAN[1]]
    found = made(table(a=[1, 1, 1], b=[1, 2, 3]), flat(), listed)
    assert why(found, "a") == ["mọi đơn vị bằng nhau ngay trước khi chuẩn hóa: chỉ số không phân biệt các đơn vị"]
    assert not why(found, "b")


def test_an_indicator_that_stands_still_within_one_time_is_told_with_the_time():
    data, within = PANEL.assign(a=[1, 1, 1, 2, 3, 4]), {"within": "Time"}
    assert why(made(data, flat(), [{"normalise": {"method": "rank"} | within}, MEAN[1]]), "a")[0].endswith("(2020)")
    found = problems_of(lambda: made(data, flat(), [{"normalise": {"method": "minmax"} | within}, MEAN[1]]))
    assert found[0].code == "index_zero_range" and "minmax, 2020" in found[0].text()


@pytest.mark.parametrize(
    ("data", "listed", "code", "column"),
    [
        (table("X", a=[1], b=[2]), MEAN, "index_one_value", "a"),
        (table("WXYZ", a=[1, None, None, None], b=[1, 2, 3, 4]), MEAN, "index_one_value", "a"),
        (table(a=[1e308, -1e308, 0], b=[1, 2, 3]), MEAN, "index_infinite", "a"),
        (table(a=[1e200, 1, 2], b=[1, 2, 3]), [{"normalise": {"method": "zscore"}}, MEAN[1]], "index_infinite", "a"),
        (table("X", a=[1], b=[2]), [FAR, {"aggregate": {"method": "topsis"}}], "index_no_scores", "I"),
        (DATA, [{"normalise": {"method": "dist2target"}}, MEAN[1]], "index_no_target", "a"),
        (DATA, [{"normalise": {"method": "minmax", "within": "Time"}}, MEAN[1]], "index_no_panel", "within"),
        (PANEL.assign(Time=["2020"] * 3 + ["02020"] * 3), MEAN, "index_unit_twice", "uCode"),
        (DATA, [{"normalise": {"method": "zscore"}}, {"weight": {"set": "entropy"}}, MEAN[1]], "index_entropy", "a"),
        (DATA.assign(a=[0.1, 0.5, 0.9]), [{"treat": {"method": "log_gii"}}, *MEAN], "index_log_reversed", "a"),
        (DATA, [{"treat": {"method": "log_ct_plus"}}, FAR, MEAN[1]], "index_treated_scale", "a"),
        (DATA, [], "index_config", "steps"),
        (
            table("WXYZ", a=[0, 1, 2, 9], b=[9, 0, 1, 2]),
            [
                {"treat": {"method": "log_gii"}},
                {"normalise": {"method": "zscore"}},
                {"aggregate": {"method": "geometric"}},
            ],
            "index_negative",
            "a",
        ),
    ],
)
def test_what_cannot_be_computed_is_refused_by_its_own_name(data, listed, code, column):
    assert (code, column) in {(p.code, p.column) for p in problems_of(lambda: Index.read(data, flat(), listed))}


def test_a_reference_within_the_noise_of_the_worst_is_no_reference():
    with pytest.raises(normalise.Unscalable, match="index_reference_worst"):
        normalise.dist2ref(np.array([0.1 + 0.2, 5.0, 9.0]), 1.0, np.nextafter(0.1 + 0.2, 1))


@pytest.mark.parametrize("size", [1e-100, 1e-3, 1e140])
def test_skewness_and_kurtosis_do_not_depend_on_the_unit(size):
    x = np.array([1.0, 2, 3, 4, 10, 30])
    np.testing.assert_allclose(treat.shape(x * size), treat.shape(x), rtol=1e-12)


# Logarithms


@pytest.mark.parametrize(
    ("kind", "formula"),
    [
        ("log", lambda x, low, high: np.log(x - low + (high - low) / 100)),
        ("log_ct_orig", lambda x, low, high: np.log(x - low + 1)),
        ("log_ct_plus", lambda x, low, high: np.log(x - low + (high - low) / 100)),
        ("log_gii", lambda x, low, high: np.log((high - 1) * (x - low) / (high - low) + 1)),
    ],
)
def test_every_logarithm_of_coinr_is_its_formula_and_keeps_the_order(kind, formula):
    x = np.array([3.0, 1, 7, np.nan, 400, 2, 5, 4])
    expected = [np.nan if np.isnan(one) else formula(one, 1.0, 400.0) for one in x]
    found = treat.logarithm(x, kind)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_array_equal(np.argsort(found), np.argsort(x))
    done = treat.treat(x, treat.Orders("auto", winmax=0, then=kind))
    np.testing.assert_array_equal(done[0], found)
    assert done[1].action == kind and abs(done[1].skew_after) < abs(done[1].skew_before)


def test_a_left_tail_is_drawn_in_by_the_logarithm_of_its_own_direction_only():
    x = -np.array([3.0, 1, 7, 400, 2, 5, 4])
    found = treat.logarithm(x, "log_ct_plus")
    np.testing.assert_allclose(found, [-np.log(-1 + 3.99 - one) for one in x], rtol=1e-12)
    assert abs(treat.shape(found)[0]) < abs(treat.shape(x)[0]) < abs(treat.shape(treat.logarithm(x))[0])


def test_a_logarithm_names_itself_in_the_changes():
    data = table("TUVWXYZ", a=[3.0, 1, 7, 400, 2, 5, 4], b=[1.0, 2, 3, 4, 5, 6, 7])
    for kind in treat.LOGARITHMS:
        found = made(data, flat(), [{"treat": {"by": {"a": {"method": kind}}}}, *MEAN])
        assert "lấy logarit" in why(found, "a", "W")[0] and not why(found, "b", "W")
        assert kind == "log" or kind in why(found, "a", "W")[0]


# Missing figures and scores


@pytest.mark.parametrize(
    ("listed", "reason"),
    [
        ([{"impute": {"method": "locf"}}, *MEAN], "đơn vị không có giá trị nào trước đó"),
        ([{"impute": {"method": "mean"}}, *MEAN], "kỳ 2020 không có số liệu nào để điền"),
        ([MEAN[0], {"impute": {"method": "row_mean"}}, MEAN[1]], "không có chỉ số nào khác cùng nhóm"),
    ],
)
def test_a_cell_left_empty_has_the_reason_of_its_method(listed, reason):
    meta = flat().assign(Level=[1, 1, 3], Parent=["P", "I", None])
    meta = pd.concat([meta, pd.DataFrame([{"Level": 2, "iCode": "P", "Direction": 1, "Weight": 1, "Parent": "I", "Type": "Aggregate"}])])  # fmt: skip
    found = made(PANEL.assign(a=[None, None, None, 2, 3, 4]), meta, listed)
    told = found.changes[(found.changes["stage"] == "impute") & (found.changes["Time"] == "2020")]
    assert len(told) == 3 and told["why"].str.contains(reason).all()


@pytest.mark.parametrize(
    ("weights", "aggregate", "reason"),
    [
        ([1, 0, 1], {}, "(b) đều có trọng số 0"),
        ([1, 1, 1], {"min_available": 0.6}, "chỉ có 1/2 thành phần có giá trị, dưới ngưỡng 60%"),
    ],
)
def test_a_missing_score_says_why(weights, aggregate, reason):
    found = made(table(a=[None, 2, 3], b=[1, 2, 3]), flat().assign(Weight=weights), [MEAN[0], {"aggregate": aggregate}])
    assert reason in why(found, "I", "X")[0]


def test_only_a_weighted_zero_is_the_cause_of_a_zero():
    listed = [MEAN[0], {"aggregate": {"method": "geometric"}}]
    found = made(table(a=[0, 1, 2], b=[1, 2, 3]), flat().assign(Weight=[0, 1, 1]), listed)
    assert why(found, "I", "X") == ["b bằng 0 nên bằng 0"]


# Steps that do nothing, or something unforeseen


def test_steps_that_do_nothing_and_signs_that_turn_are_told():
    assert "không chia gì" in why(made(DATA, flat(), ["denominate", *MEAN]), "I", stage="denominate")[0]
    found = made(DATA.assign(d=[-1, 1, 2]), flat(divisor="d"), ["denominate", *MEAN])
    assert why(found, "a") == ["mẫu số d âm ở X: phép chia đổi dấu giá trị"]
    units = flat().assign(Unit=["tỷ đồng", "%", None])
    assert "khác đơn vị đo" in why(made(DATA, units, ["aggregate"]), "I", stage="normalise")[0]
    assert not len(made(DATA, units.assign(Unit="%"), ["aggregate"]).changes)


@pytest.mark.parametrize(
    ("weights", "refused"), [([2, None, 1], True), ([1, None, 1], False), ([None, None, None], False)]
)
def test_a_blank_weight_beside_others_is_refused(weights, refused):
    call = lambda: made(DATA, flat().assign(Weight=weights), MEAN)  # noqa: E731
    assert [p.code for p in problems_of(call)] == ["index_weight_blank"] if refused else len(call().scores) == 3


def test_levels_written_as_text_are_levels_and_names_may_be_typed_on_another_keyboard():
    found = made(DATA, flat(), [MEAN[0], {"aggregate": {"by_level": {"2": "geometric"}}}])
    assert found.scores["I"].equals(made(DATA, flat(), [MEAN[0], {"aggregate": {"method": "geometric"}}]).scores["I"])
    assert len(made(DATA, flat(), [MEAN[0], {"weight": {"set": "equal", "levels": ["1"]}}, MEAN[1]]).scores)
    data = DATA.assign(uCode=["Hà", "Y", "Z"], a=[9, 2, 4], b=[40, 30, 20])
    listed = [{"normalise": {"method": "dist2ref", "unit": unicodedata.normalize("NFD", "Hà")}}, MEAN[1]]
    assert Index.read(data, flat(), listed).scores["I"].iloc[0] == 1


@pytest.mark.parametrize("config", [{"steps": MEAN, "uncertian": {}}, {"steps": []}, []])
def test_a_configuration_at_the_door_is_checked_as_a_file(config):
    assert {p.code for p in problems_of(lambda: Index.read(DATA, flat(), config))} == {"index_config"}


@pytest.mark.parametrize(
    ("data", "spec", "code"),
    [
        (DATA, {"path": "aggregate.method", "values": ["geometric", "geometric"]}, "index_config"),
        (DATA, {"path": "aggregate.metod", "values": ["arithmetic", "geometric"]}, "index_config"),
        (table("X", a=[1], b=[2]), {"noise": 0.2}, "index_one_unit"),
    ],
)
def test_an_uncertainty_that_tells_nothing_is_refused_once(data, spec, code):
    checked = inputs.check(data, flat())
    config = {"steps": [FAR, MEAN[1]], "uncertain": {"x": spec}}
    assert only(lambda: uncertainty.analyse(checked, config, 8, 1))[0] == code


# Functions of the user's own


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(OWN, encoding="utf-8")
    return lambda name: f"{path}:{name}"


@pytest.mark.parametrize(
    ("step", "name", "code"),
    [
        ("normalise", "imaginary", "index_own_function"),
        ("normalise", "nothing", "index_no_scores"),
        ("aggregate", "fails", "index_own_function"),
        ("aggregate", "one", "index_own_function"),
        ("aggregate", "nothing", "index_no_scores"),
        ("treat", "short", "index_own_function"),
        ("impute", "short", "index_own_function"),
        ("aggregate", "gone", "index_own_missing"),
    ],
)
def test_a_function_that_fails_is_named(own, step, name, code):
    listed = {"normalise": MEAN[0], "aggregate": MEAN[1]} | {step: {step: {"method": own(name)}}}
    order = [listed[key] for key in ("impute", "treat", "normalise", "aggregate") if key in listed]
    found = problems_of(lambda: made(table(a=[1, None, 4], b=[10, 30, 20]), flat(), order))
    assert found[0].code == code and ("nothing" in found[0].text()) == (step == "aggregate" and name == "nothing")


def test_a_function_that_leaves_a_cell_empty_is_named(own):
    data = table(a=[1, None, 4], b=[10, 30, 20])
    found = made(data, flat(), [{"impute": {"method": own("keeps")}}, *MEAN])
    assert why(found, "a", "Y") == ["thiếu; hàm keeps không điền: để trống"]
    found = made(DATA, flat(), [{"normalise": {"method": own("first_lost")}}, MEAN[1]])
    assert why(found, "a", "X") == ["hàm first_lost không trả về số"]
    data = table("XY", a=[1, 2], b=[2, 1])
    told = made(data, flat(), [{"treat": {"method": own("first_lost")}}, FAR, MEAN[1]]).changes["why"]
    assert not told.str.contains("nan").any()


# Files


def write_ods(path, rows):
    """Write the smallest spreadsheet document that holds a table."""

    def cell(value):
        number = (
            f' office:value-type="float" office:value="{value}"'
            if not isinstance(value, str)
            else ' office:value-type="string"'
        )
        return f"<table:table-cell{number}><text:p>{value}</text:p></table:table-cell>"

    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    content = f'<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="iData">{body}</table:table></office:spreadsheet></office:body></office:document-content>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)


def write_xlsx(path, rows):
    """Write a sheet."""
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


ROWS = [["uCode", "a", "b"], ["X", 1.5, 10], ["Y", 2, 30], ["Z", 4, 20]]
TEXT = "uCode{0}a{0}b\nX{0}{1}{0}10\nY{0}2{0}30\nZ{0}4{0}20\n"


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("d.ods", lambda path: write_ods(path, ROWS)),
        ("d.xlsx", lambda path: write_xlsx(path, ROWS)),
        ("titled.xlsx", lambda path: write_xlsx(path, [["Bảng 1"], [], *ROWS])),
        ("text.xlsx", lambda path: write_xlsx(path, [ROWS[0], ["X", "1,5", 10], *ROWS[2:]])),
        ("tab.tsv", lambda path: path.write_text(TEXT.format("\t", "1,5"), encoding="utf-8")),
        ("bom.csv", lambda path: path.write_text(TEXT.format(";", "1,5"), encoding="utf-8-sig")),
        ("d.csv", lambda path: path.write_text(TEXT.format(",", "1.5"), encoding="utf-8", newline="\r\n")),
    ],
)
def test_a_table_is_read_however_it_is_kept(tmp_path, name, write):
    write(tmp_path / name)
    flat().to_csv(tmp_path / "m.csv", index=False)
    found = inputs.load(tmp_path / name, tmp_path / "m.csv")
    assert found.values.tolist() == [[1.5, 10], [2, 30], [4, 20]]


@pytest.mark.parametrize(
    ("name", "write", "code", "column"),
    [
        ("d.xls", lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0"), "file_kind", ""),
        ("d.ods", lambda path: path.write_bytes(b"PK\x03\x04junk"), "bad_workbook", ""),
        ("d.xlsx", lambda path: write_xlsx(path, [["x"], [1]]), "missing_column", "uCode"),
        ("d.xlsx", lambda path: write_xlsx(path, [*ROWS[:3], ["Z", "=1+1", 20]]), "index_number", "a"),
        ("d.xlsx", lambda path: write_xlsx(path, [*ROWS[:3], ["Z", "#N/A", 20]]), "index_number", "a"),
        ("d.xlsx", lambda path: write_xlsx(path, [["uCode", "a", "a"], *ROWS[1:]]), "index_column_twice", "a"),
        ("d.csv", lambda path: path.write_text("uCode;a;a\nX;1;2\n", encoding="utf-8"), "index_column_twice", "a"),
        ("d.csv", lambda path: path.write_text("uCode;a;b\nX;1.500;2\n", encoding="utf-8"), "index_doubtful", "a"),
        (
            "d.csv",
            lambda path: path.write_text(TEXT.format(",", '"1,5"'), encoding="utf-8"),
            "index_decimal_comma",
            "a",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_what_is_wrong_with_it(tmp_path, name, write, code, column):
    write(tmp_path / name)
    flat().to_csv(tmp_path / "m.csv", index=False)
    assert only(lambda: inputs.load(tmp_path / name, tmp_path / "m.csv")) == (code, column)


def test_a_decimal_comma_of_the_framework_is_named():
    meta = flat().assign(Weight=["0,5", "0.5", "1"])
    assert only(lambda: inputs.check(DATA, meta)) == ("index_decimal_comma", "Weight")
    twice = pd.concat([DATA, DATA[["a"]]], axis=1)
    assert only(lambda: inputs.check(twice, flat())) == ("index_column_twice", "a")


def test_names_in_a_table_of_text_stay_as_they_are(tmp_path):
    (tmp_path / "m.csv").write_text("iCode;iName;Weight\na;1,5 triệu;1,5\nb;2,5;2\n", encoding="utf-8")
    found = reading.read_table(tmp_path / "m.csv")
    assert found["iName"].tolist() == ["1,5 triệu", "2,5"] and found["Weight"].tolist() == ["1.5", "2"]


@pytest.mark.parametrize(
    ("more", "word"), [(["--unit", "Z", "--time", "2020"], "Z 2020"), (["--time", "2020"], "--unit")]
)
def test_the_time_of_a_profile_is_checked(tmp_path, more, word):
    from nq57lab.cli.main import app

    DATA.to_csv(tmp_path / "d.csv", index=False)
    flat().to_csv(tmp_path / "m.csv", index=False)
    (tmp_path / "i.yml").write_text("steps: [normalise, aggregate]", encoding="utf-8")
    call = [f"--{name}={tmp_path / file}" for name, file in (("data", "d.csv"), ("meta", "m.csv"), ("config", "i.yml"))]
    done = CliRunner().invoke(app, ["index", "diagnose", *call, "-o", str(tmp_path / "out"), *more])
    assert done.exit_code == 1 and word in str(done.exception)
    found = problems_of(lambda: Index.read(DATA, flat(), PLAIN).profile("Z", "2020"))
    assert "2020" in found[0].text()


# Questions at the door


@pytest.fixture(scope="module")
def door():
    """Indices of a few units, of one, of equal ones, of a panel."""
    uncertain = {"steps": MEAN, "uncertain": {"w": {"noise": 0.2}}}
    return {
        "few": Index.read(table(a=[1, 2, 4], b=[10, 20, 40]), flat(), uncertain, runs=8),
        "one": Index.read(table("X", a=[1], b=[2]), flat(), [FAR, MEAN[1]]),
        "equal": Index.read(table(a=[1, 1, 1], b=[2, 2, 2]), flat(), [FAR, MEAN[1]]),
        "panel": Index.read(PANEL, flat(), MEAN),
    }


@pytest.mark.parametrize(
    ("which", "ask", "code"),
    [
        ("few", lambda index: index.reach("X", above="X"), "index_itself"),
        ("one", lambda index: index.reach("X", top=1), "index_one_unit"),
        ("panel", lambda index: index.trends(["q"]), "values"),
        ("few", lambda index: index.change(drop=["a", "b"]), "index_childless"),
        ("few", lambda index: index.compare(Index.read(PANEL, flat(), MEAN)), "index_one_time"),
        ("few", lambda index: index.compare(Index.read(table("PQR", a=[1, 2, 4], b=[1, 3, 2]), flat(), MEAN)), "index_no_common"),
    ],
)  # fmt: skip
def test_a_question_without_an_answer_is_refused(door, which, ask, code):
    assert only(lambda: ask(door[which]))[0] == code


@pytest.mark.parametrize(
    ("which", "ask", "words"),
    [
        ("one", lambda index: index.finding(), "một đơn vị không có thứ hạng để so"),
        ("equal", lambda index: index.finding(), "3 đơn vị cùng được 0,375 điểm"),
        ("one", lambda index: index.diagnose().table("reliability"), "Không tính được: a, b không đổi"),
        ("equal", lambda index: index.chart("contributions"), "Không trụ cột nào phân hóa"),
        ("one", lambda index: index.distribution("a"), "0 đơn vị ngoại lai"),
        ("equal", lambda index: index.distribution("a"), "độ lệch –"),
        ("panel", lambda index: index.distribution(), "Phân phối"),
        ("few", lambda index: index.uncertainty().finding(), "không giả định nào làm thay đổi thứ hạng"),
        ("few", lambda index: index.chart("ranked"), "hạng không đổi"),
        ("equal", lambda index: index.compare(index.change(aggregate="median")).finding(), "tương quan hạng –"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_an_answer_about_what_does_not_vary_claims_nothing(door, which, ask, words):
    said = ask(door[which])
    assert words in f"{said} {said.live}"


def test_a_name_typed_on_another_keyboard_is_the_same_name():
    def typed(name):
        return unicodedata.normalize("NFD", name)

    meta = flat().replace({"iCode": {"a": "vốn"}})
    data = DATA.rename(columns={"a": typed("vốn")}).assign(uCode=["Huế", "Y", "Z"], uName=["Thừa Thiên Huế", "Y", "Z"])
    index = Index.read(data, meta, MEAN)
    for unit in ("Huế", "Thừa Thiên Huế"):
        assert index.profile(typed(unit)).title == "Hồ sơ Thừa Thiên Huế"
    assert len(index.reach(typed("Huế"), above="Z").frame) == 2
    assert index.change(drop=[typed("vốn")]).build.framework.indicators == ("b",)
    assert index.scatter(typed("vốn"), "b").live and index.distribution(typed("vốn")).live


def test_a_negative_score_below_is_told_as_a_score():
    meta = flat().assign(Level=[1, 1, 3], Parent=["P", "P", None])
    meta = pd.concat([meta, pd.DataFrame([{"Level": 2, "iCode": "P", "Direction": 1, "Weight": 1, "Parent": "I", "Type": "Aggregate"}])])  # fmt: skip
    data = table("WXYZ", a=[-9.0, 90, 9, 4], b=[-1.0, 0, 3, 4])
    listed = [{"normalise": {"method": "none"}}, {"aggregate": {"by_level": {2: "arithmetic", 3: "geometric"}}}]
    assert only(lambda: made(data, meta, listed)) == ("index_negative_score", "P")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("iCode,Weight\n", "empty"),
        ('iCode,Weight\na,"0,5"\n', "index_decimal_comma"),
        ("iCode;Weight;Weight\na;1;2\n", "index_column_twice"),
        ("iCode,Weight\na,nan\n", "index_weight"),
        ("iCode,Weight\nq,1\n", "index_column"),
    ],
)
def test_a_file_of_weights_is_checked(tmp_path, text, code):
    (tmp_path / "w.csv").write_text(text, encoding="utf-8")
    listed = [MEAN[0], {"weight": {"set": "file", "file": "w.csv"}}, MEAN[1]]
    assert only(lambda: made(DATA, flat(), listed, tmp_path))[0] == code


def test_values_beyond_a_scale_that_holds_nothing_are_told():
    scaled = {"by": {"a": {"method": "scaled", "range": [0, 3]}, "b": {"method": "goalposts", "posts": [0, 25], "truncate": False}}}  # fmt: skip
    found = made(DATA, flat(), [{"normalise": scaled}, MEAN[1]])
    assert why(found, "a") == ["1 giá trị ngoài thang 0 – 3: điểm vượt khỏi thang, không bị giữ"]
    assert why(found, "b")[0].startswith("1 giá trị ngoài thang 0 – 25")
    held = made(DATA, flat(), [{"normalise": {"method": "goalposts", "posts": [0, 3]}}, MEAN[1]])
    assert not any("vượt khỏi" in told for told in held.changes["why"])


@pytest.mark.parametrize("top", [[10], [2, 2], [3, 1]])
def test_tops_that_say_nothing_are_refused(top):
    config = {"steps": MEAN, "uncertain": {"w": {"noise": 0.2}}, "top": top}
    assert only(lambda: uncertainty.analyse(inputs.check(DATA, flat()), config, 8, 1)) == ("index_config", "top")
