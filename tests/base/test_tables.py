"""Malformed files: each kind of mistake is found, and told by file, row, column, what was expected and what was found."""

import csv
import io
import json
import re
import unicodedata

import pandas as pd
import pytest
from support import own_store

from nq57lab.base import contract, tables
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts import observations

GOOD = {
    "subject": "tasks_assigned",
    "area": "VN",
    "period": "2026-06",
    "measure": "cumulative",
    "qualifier": "=",
    "value": "1937",
    "unit": "nhiệm vụ",
    "printed": "1.937",
    "status": "self_reported",
    "vintage": "2026-06-30",
    "recorded": "2026-07-01",
    "source": "S004",
    "locator": "Phần 1",
    "public": "no",
}
UNITS = "unit,name_vi,name_en,family,factor,source\n"


def lines(*rows, columns=tuple(contract.OBSERVATIONS.names)):
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@pytest.fixture
def load(tmp_path, shipped):
    """Load observations files given as name → text or bytes."""

    def run(**files):
        folder = tmp_path / "observations"
        folder.mkdir()
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            (folder / f"{name}.csv").write_bytes(data)
        return observations.load(own_store(shipped, tmp_path))

    return run


@pytest.fixture
def read(tmp_path):
    """Read one file of the units table."""

    def run(content):
        path = tmp_path / "units.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tables.read(path, contract.UNITS)

    return run


def problems_of(action, *arguments, **files) -> list[Problem]:
    with pytest.raises(ProblemError) as caught:
        action(*arguments, **files)
    return caught.value.problems


def test_a_good_file_is_read_with_its_dates(load):
    row = load(good=lines(GOOD)).iloc[0]
    assert (row["value"], row["id"], row["family"]) == (1937.0, "good.csv:2", "count")
    assert str(row["period_end"].date()) == str(row["vintage_end"].date()) == "2026-06-30"
    assert not row["vintage_partial"]


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("value", "1,5", "pattern"),
        ("value", "1.937.000", "pattern"),
        ("value", "nan", "pattern"),
        ("value", " 1937", "pattern"),
        ("value", "１９３７", "pattern"),
        ("value", "", "required"),
        ("value_high", "cao", "pattern"),
        ("status", "confirmed", "values"),
        ("qualifier", "≈", "values"),
        ("measure", "level", "values"),
        ("measure", "", "values"),
        ("period", "2026-Q5", "pattern"),
        ("period", "2026-02-30", "pattern"),
        ("period", "2026-06/2026-01", "pattern"),
        ("vintage", "30/6/2026", "pattern"),
        ("vintage", "2026-02-30", "pattern"),
        ("vintage", "2026-00", "pattern"),
        ("recorded", "2026", "pattern"),
        ("recorded", "2026-02-30", "pattern"),
        ("subject", "tasks_asigned", "reference"),
        ("subject", "", "required"),
        ("area", "34:99", "reference"),
        ("area", "Hà Nội", "pattern"),
        ("item", "db_nothing", "reference"),
        ("unit", "việc vặt", "reference"),
        ("unit", "%", "unit_mismatch"),
        ("dims", "pillar=ABC", "reference"),
        ("dims", "pillar:KHCN", "pattern"),
        ("source", "", "required"),
        ("source", "S999", "reference"),
        ("locator", "", "required"),
        ("printed", "1.938", "printed_mismatch"),
        ("printed", "khoảng 1.937", "printed_mismatch"),
        ("printed", "1937.0", "printed_mismatch"),
        ("note", unicodedata.normalize("NFD", "nhiệm vụ"), "unicode"),
    ],
)
def test_a_wrong_cell_is_told_with_its_row_and_column(load, column, cell, code):
    first = GOOD | {"period": "2026-05"}
    found = [problem for problem in problems_of(load, bad=lines(first, GOOD | {column: cell})) if problem.code == code]
    assert len(found) == 1
    problem = found[0]
    assert (problem.file, problem.row) == ("bad.csv", 3)
    assert problem.column == ("value" if code == "printed_mismatch" else column)
    assert float(problem.found) == 1937 if code == "printed_mismatch" else problem.found == cell
    assert problem.text().startswith(f"bad.csv, dòng 3, cột {problem.column}: cần ")


@pytest.mark.parametrize(
    ("high", "printed", "fits"), [("10", "5-10", True), ("10", "5-11", False), ("", "5-10", False)]
)
def test_a_printed_range_must_match_both_ends(load, high, printed, fits):
    row = GOOD | {"value": "5", "value_high": high, "printed": printed}
    if fits:
        assert load(x=lines(row))["value_high"].tolist() == [10.0]
    else:
        assert [problem.code for problem in problems_of(load, x=lines(row))] == ["printed_mismatch"]


@pytest.mark.parametrize(
    ("value", "printed"), [("41058", "41,058 nghìn"), ("71000000", "71 triệu"), ("8", "08"), ("-3.7", "giảm 3,7")]
)
def test_printed_digits_may_carry_a_scale_word_a_padding_zero_or_a_sign_word(load, value, printed):
    assert load(x=lines(GOOD | {"value": value, "printed": printed}))["value"].tolist() == [float(value)]


def test_the_same_key_and_vintage_twice_is_a_duplicate(load):
    found = problems_of(load, bad=lines(GOOD, GOOD | {"period": "2026-05"}, GOOD | {"value": "5", "printed": "5"}))
    assert [(problem.code, problem.file, problem.row) for problem in found] == [("duplicate", "bad.csv", 4)]


def test_breakdowns_in_another_order_are_the_same_key(load):
    pairs = ("pillar=KHCN; kind=ict", "kind=ict; pillar=KHCN")
    found = problems_of(load, bad=lines(*(GOOD | {"dims": dims} for dims in pairs)))
    assert {problem.row for problem in found} & {2, 3}


def test_a_correction_with_a_newer_vintage_is_no_duplicate(load):
    assert len(load(x=lines(GOOD, GOOD | {"vintage": "2026-07-15", "value": "1940", "printed": "1.940"}))) == 2


def test_every_problem_of_every_file_is_reported_at_once(load):
    one = lines(GOOD | {"status": "?"}, GOOD | {"period": "2025", "value": "x", "area": "?"})
    two = lines(GOOD | {"qualifier": "?"}, columns=[name for name in contract.OBSERVATIONS.names if name != "note"])
    found = problems_of(load, one=one, two=two, three=b"\xff\xfe")
    places = {(problem.file, problem.row, problem.column) for problem in found}
    assert places == {
        *(("one.csv", 2, "status"), ("one.csv", 3, "value"), ("one.csv", 3, "area")),
        *(("two.csv", 1, "note"), ("three.csv", 1, "")),
    }


def test_a_folder_without_files_is_a_problem(load):
    assert [problem.code for problem in problems_of(load)] == ["missing_file"]


def test_a_missing_file_is_named(tmp_path):
    found = problems_of(tables.read, tmp_path / "units.csv", contract.UNITS)
    assert [(problem.code, problem.file) for problem in found] == [("missing_file", "units.csv")]


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_an_empty_file_is_a_problem(read, content):
    assert [problem.code for problem in problems_of(read, content)] == ["empty"]


@pytest.mark.parametrize(
    ("content", "row"),
    [
        ((UNITS + "%,phần trăm,per cent,share,0.01,S001\n").encode("utf-16"), 1),
        ((UNITS + "%,a,a,share,0.01,S001\n").encode() + "đ,dong,VND,money_vnd,1\n".encode("cp1258"), 3),
    ],
)
def test_another_encoding_is_refused_at_its_row(read, content, row):
    assert [(problem.code, problem.row) for problem in problems_of(read, content)] == [("encoding", row)]


@pytest.mark.parametrize(
    ("rows", "row"),
    [
        ("a,b,n,c,1,S1\nd,e,n,f,1,S1,thừa\n", 3),
        ("a,b,n,c,1,S1,thừa\n", 2),
        ("a,b,n,c,1,S1,thừa\nd,e,n,f,1,S1\n", 2),
        ("a,b,n,c,1,S1\nd,e\n", 3),
        ('a,b,n,c,1,S1\nd,"e,n,f,1\n', 3),
    ],
)
def test_a_ragged_row_is_refused_at_its_row(read, rows, row):
    assert [(problem.code, problem.row) for problem in problems_of(read, UNITS + rows)] == [("broken_csv", row)]


def test_a_row_cut_short_before_optional_columns_is_refused(load):
    text = lines(GOOD).rstrip("\n").rstrip(",") + "\n"
    assert [(problem.code, problem.row) for problem in problems_of(load, bad=text)] == [("broken_csv", 2)]


def test_a_missing_and_an_unknown_column_are_named(read):
    found = problems_of(read, "unit,name_vi,name_en,family,nhân,source\n%,phần trăm,per cent,share,0.01,S001\n")
    assert [(p.code, p.row, p.column) for p in found] == [
        ("unknown_column", 1, "nhân"),
        ("missing_column", 1, "factor"),
    ]


def test_a_column_named_twice_is_refused(read):
    found = problems_of(
        read, "unit,name_vi,name_en,family,factor,source,unit\n%,phần trăm,per cent,share,0.01,S001,%\n"
    )
    assert [problem.code for problem in found] == ["unknown_column"]


def test_columns_of_ones_own_start_with_x(read):
    assert read("x_ghi_chu," + UNITS + "riêng,%,phần trăm,per cent,share,0.01,S001\n")["x_ghi_chu"].tolist() == [
        "riêng"
    ]


@pytest.mark.parametrize("start", ["\ufeff", ""])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_byte_order_mark_and_windows_line_ends_are_accepted(read, start, end):
    frame = read((start + UNITS + "%,phần trăm,per cent,share,0.01,S001\n").replace("\n", end))
    row = {
        "unit": "%",
        "name_vi": "phần trăm",
        "name_en": "per cent",
        "family": "share",
        "factor": 0.01,
        "source": "S001",
    }
    assert frame.to_dict("records") == [row]


def test_rows_are_counted_as_in_the_file_blank_lines_included(read):
    found = problems_of(read, UNITS + "%,phần trăm,per cent,share,0.01,S001\n\nđồng,đồng,VND,money_vnd,một,S001\n")
    assert [(problem.row, problem.column) for problem in found] == [(4, "factor")]


def test_an_empty_cell_of_a_number_column_is_not_observed(tmp_path):
    path = tmp_path / "targets.csv"
    row = {"id": "T", "indicator": "A.01.01", "milestone": "2030", "comparator": "qualitative", "stated_vi": "tốt"}
    path.write_text(lines(row | {"source": "S000"}, columns=contract.TARGETS.names), encoding="utf-8")
    frame = tables.read(path, contract.TARGETS)
    assert frame["value"].isna().all()
    assert frame["unit"].tolist() == [""]


def test_a_problem_tells_where_expected_found_and_what_to_do_in_two_languages():
    problem = Problem("values", "x.csv", 7, "status", "?", {"allowed": "official, verified"})
    assert problem.text() == (
        "x.csv, dòng 7, cột status: cần một trong: official, verified; thấy ?; cách sửa: dùng đúng một giá trị trong danh sách."
    )
    assert problem.text("en") == (
        "x.csv, row 7, column status: expected one of: official, verified; found ?; do: use one of the listed values."
    )


@pytest.mark.parametrize("column", ["period", "value", "dims", "area"])
def test_an_english_message_has_no_vietnamese_words(load, column):
    found = problems_of(load, bad=lines(GOOD | {column: "??"}))
    text = " ".join(problem.text("en") for problem in found)
    assert not re.search(r"[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệ]", text)


def test_a_template_message_shows_the_double_braces_that_a_field_needs():
    problem = Problem("template", "x.md", 3, found="{so:A}", details={"detail": "ngoặc không khớp"})
    assert "{{" in problem.text("vi")
    assert "{{" in problem.text("en")


def test_the_data_package_describes_every_file_by_its_own_header(root):
    package = contract.data_package(root / "data")
    schemas = {}
    for resource in package["resources"]:
        paths = [resource["path"]] if isinstance(resource["path"], str) else resource["path"]
        schemas |= dict.fromkeys(paths, resource["schema"])
    assert set(schemas) == {path.relative_to(root / "data").as_posix() for path in (root / "data").glob("*/*.csv")}
    for path, schema in schemas.items():
        header = (root / "data" / path).read_text(encoding="utf-8").splitlines()[0].split(",")
        names = [entry["name"] for entry in schema["fields"]]
        assert sorted(names) == sorted(header), path
        assert set(schema["primaryKey"]) <= set(names)
    assert json.loads(json.dumps(package)) == package


@pytest.mark.parametrize("last", ["", "\n"])
def test_a_large_plain_file_is_read_as_any_other(tmp_path, monkeypatch, last):
    body = "\n".join(f"s{n}, {n} ,{n / 7},,NA" for n in range(5000))
    (tmp_path / "a.csv").write_text(f"id,a,b,c,d\n{body}{last}", encoding="utf-8")
    monkeypatch.setattr(tables, "PLAIN", 10**9)
    slow = tables.read_text(tmp_path / "a.csv", "a.csv")
    monkeypatch.setattr(tables, "PLAIN", 1)
    assert tables._plain(tmp_path / "a.csv") is not None
    pd.testing.assert_frame_equal(tables.read_text(tmp_path / "a.csv", "a.csv"), slow)
    for odd in (
        'id,a\n"x",1\n',
        "id,a\nx\n",
        "id,a\nx,1,2\n",
        "id,a\n\nx,1\n",
        "id,id\nx,1\n",
        "id\nx\n",
        "id,a\r\nx,1\r\n",
    ):
        (tmp_path / "b.csv").write_bytes(odd.encode())
        assert tables._plain(tmp_path / "b.csv") is None
