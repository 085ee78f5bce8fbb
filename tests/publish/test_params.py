"""Parameter files: everything is checked before anything runs, and every mistake is told at once."""

import shutil
from pathlib import Path

import pytest

from nq57lab.base.problems import ProblemError
from nq57lab.publish import params

GOOD = {
    "schema": "so-ket.schema.json",
    "notebook": "10_so_ket.ipynb",
    "edition": "thu-nghiem",
    "title": '"BÁO CÁO|Thử nghiệm"',
    "known": "2026-06-30",
    "period": "2024-12-22/2026-06-30",
}


@pytest.fixture
def load(tmp_path, root):
    """Load a parameter file: the good one with keys changed (None drops a key), or a text as it stands."""
    shutil.copy(root / "params" / "so-ket.schema.json", tmp_path)
    shutil.copy(root / "params" / "chung.schema.json", tmp_path)

    def run(change=None, overrides=None):
        content = change
        if not isinstance(change, str | bytes):
            lines = [f"{key}: {value}" for key, value in (GOOD | (change or {})).items() if value is not None]
            content = "\n".join(lines) + "\n"
        path = tmp_path / "bao-cao.yml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return params.load(path, overrides)

    return run


def problems_of(load, *arguments):
    with pytest.raises(ProblemError) as caught:
        load(*arguments)
    return caught.value.problems


def test_a_good_file_gets_the_schemas_defaults(load):
    values = load()
    assert (values["edition"], values["known"], values["title"]) == ("thu-nghiem", "2026-06-30", "BÁO CÁO|Thử nghiệm")
    assert (values["draft"], values["audience"], values["formats"]) == (True, "noi-bo", ["html", "pdf", "docx"])
    assert (values["entered"], values["noi_nhan"], values["dia_danh"]) == (None, [], "Hà Nội")


@pytest.mark.parametrize("name", ["so-ket-18-thang", "doi-chieu"])
def test_the_shipped_parameter_files_are_good(root, name):
    values = params.load(root / "params" / f"{name}.yml")
    assert values["edition"] == name
    assert (root / "notebooks" / values["notebook"]).exists()


def test_a_file_that_is_not_here_is_looked_for_in_the_project(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    named = Path("params/kpi-vi-mo.yml")
    assert params.found_in(root, named) == root / named
    assert params.found_in(root, Path("khong-co.yml")) == Path("khong-co.yml")
    (tmp_path / "params").mkdir()
    named.write_text("của thư mục này")
    assert params.found_in(root, named) == named


def test_a_given_value_replaces_the_default(load):
    values = load({"draft": "false", "formats": "[html]", "entered": "2026-12-31"})
    assert (values["draft"], values["formats"], values["entered"]) == (False, ["html"], "2026-12-31")


@pytest.mark.parametrize(("name", "hint"), [("knwon", "known"), ("format", "formats"), ("noi-nhan", "noi_nhan")])
def test_a_misspelled_parameter_is_refused_with_the_likely_name(load, name, hint):
    (problem,) = problems_of(load, {name: "x"})
    assert (problem.code, problem.column, problem.found) == ("parameter_unknown", name, name)
    assert f"(có phải {hint}?)" in problem.text()
    assert hint in problem.text("en")


def test_an_unknown_parameter_lists_the_known_ones(load):
    (problem,) = problems_of(load, {"zzz": "1"})
    assert "notebook, edition, title, known" in problem.text()
    assert "có phải" not in problem.text()


@pytest.mark.parametrize("name", ["notebook", "edition", "title", "known", "period"])
def test_a_missing_parameter_is_named(load, name):
    (problem,) = problems_of(load, {name: None})
    assert (problem.code, problem.file, problem.column) == ("parameter", "bao-cao.yml", name)


@pytest.mark.parametrize(
    ("name", "value", "column"),
    [
        ("draft", "có lẽ", "draft"),
        ("edition", "57", "edition"),
        ("edition", "../ra-ngoai", "edition"),
        ("edition", "Sơ-kết", "edition"),
        ("notebook", "so_ket.ipynb", "notebook"),
        ("title", "''", "title"),
        ("known", "30/6/2026", "known"),
        ("known", "2026-06", "known"),
        ("known", "2026-02-30", "known"),
        ("known", "'2026-02-30'", "known"),
        ("known", "2026-06-30 10:00:00", "known"),
        ("entered", "hôm qua", "entered"),
        ("period", "2026-Q9", "period"),
        ("audience", "cong khai", "audience"),
        ("the_thuc", "tu_do", "the_thuc"),
        ("formats", "[html, xml]", "formats.1"),
        ("formats", "html", "formats"),
        ("noi_nhan", "[Lưu, 5]", "noi_nhan.1"),
    ],
)
def test_a_wrong_type_date_or_choice_is_told_with_its_name_and_what_was_found(load, name, value, column):
    (problem,) = problems_of(load, {name: value})
    assert (problem.code, problem.file, problem.column) == ("parameter", "bao-cao.yml", column)
    assert problem.row is not None
    assert problem.text().startswith(f"bao-cao.yml, dòng {problem.row}, cột {column}: cần ")


def test_a_choice_lists_its_values(load):
    (problem,) = problems_of(load, {"audience": "x"})
    assert "noi-bo, cong-khai" in problem.text()


def test_every_mistake_is_told_at_once(load):
    found = problems_of(load, {"knwon": "x", "known": None, "draft": "có", "the_thuc": "khác"})
    assert {problem.column for problem in found} == {"knwon", "known", "draft", "the_thuc"}


def test_overrides_are_read_as_yaml_and_checked(load):
    values = load(None, ["draft=false", "known=2026-05-31", "formats=[html]"])
    assert (values["draft"], values["known"], values["formats"]) == (False, "2026-05-31", ["html"])
    assert load(None, ["title=A|B=C"])["title"] == "A|B=C"
    assert [problem.column for problem in problems_of(load, None, ["so=12"])] == ["so"]
    assert [problem.column for problem in problems_of(load, None, ["drft=false"])] == ["drft"]


@pytest.mark.parametrize("override", ["draft", "known:2026-05-31"])
def test_an_override_without_a_value_is_refused(load, override):
    (problem,) = problems_of(load, None, [override])
    assert (problem.file, problem.found) == ("--set", override)


def test_an_impossible_date_in_an_override_is_refused(load):
    assert problems_of(load, None, ["known=2026-02-30"])


def test_a_missing_file_and_a_missing_schema_are_named(load, tmp_path):
    (problem,) = problems_of(params.load, tmp_path / "khong-co.yml")
    assert problem.code == "missing_file"
    assert "khong-co.yml" in problem.text()
    (problem,) = problems_of(load, {"schema": "khong-co.schema.json"})
    assert (problem.code, problem.found) == ("missing_file", "khong-co.schema.json")


@pytest.mark.parametrize("text", ["", "- một danh sách\n", "chỉ một câu\n", "edition: x\n"])
def test_a_file_that_names_no_schema_is_refused(load, text):
    (problem,) = problems_of(load, text)
    assert (problem.code, problem.column) == ("parameter", "schema")
    assert "nq57 report init" in problem.text()


def test_a_form_of_text_is_told_in_words_not_as_a_pattern():
    schema = {"properties": {"area": {"type": "string", "pattern": "^34:[0-9]{2}$"}}}
    (problem,) = params.check({"area": "HaNoi"}, schema, "ho-so.yml")
    assert "thí dụ 34:01" in problem.text()
    assert "[0-9]" not in problem.text()


def test_an_override_of_a_list_is_refused(load):
    assert problems_of(load, "- một danh sách\n", ["draft=false"])


def test_broken_yaml_is_refused_at_its_row(load):
    (problem,) = problems_of(load, "schema: so-ket.schema.json\nformats: [html\nedition: x\n")
    assert problem.file == "bao-cao.yml"
    assert problem.row in (2, 3)


def test_a_name_that_is_a_number_is_an_unknown_parameter(load):
    (problem,) = problems_of(load, {"2026": "x"})
    assert problem.code == "parameter_unknown"


def test_another_encoding_is_a_problem(load):
    text = "\n".join(f"{key}: {value}" for key, value in GOOD.items())
    assert problems_of(load, text.encode("utf-16"))


def test_a_province_in_an_override_is_no_number_to_the_base_of_sixty():
    assert params._overridden(["area=34:01", "runs=64"]) == {"area": "34:01", "runs": 64}
