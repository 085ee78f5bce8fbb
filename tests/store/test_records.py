"""Lists behind the C forms: written with their proposed fields marked, filled, imported with their figures, exported the same."""

import csv
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from support import import_file, own_store

from nq57lab.base import tables
from nq57lab.base.contract import RECORDS
from nq57lab.base.problems import ProblemError
from nq57lab.store import export, forms, intake, records

TODAY = date(2026, 7, 1)
CHOICE = forms.Choice("form", "C.07.01", "2026-06", source="S004")
VALUE = list(forms.HEADS).index("value") + 1


@pytest.fixture
def place(tmp_path, shipped):
    (tmp_path / "observations").mkdir()
    return own_store(shipped, tmp_path)


def filled(place, path, cells: dict[tuple[int, str], object], choice=CHOICE):
    """Write a form with one figure and the given cells (row of the list from 0, field) filled in."""
    forms.write(place, choice, path, TODAY)
    book = openpyxl.load_workbook(path)
    book.worksheets[0].cell(forms.FIRST_ROW, VALUE).value = 7
    heads = records.fields(place, choice.code)["field"].tolist()
    for (row, field), value in cells.items():
        book[records.SHEET].cell(records.FIRST_ROW + row, heads.index(field) + 1).value = value
    book.save(path)
    return path


def problems(place, path) -> list[tuple[str, int | None, str]]:
    with pytest.raises(ProblemError) as error:
        import_file(path, place, today=TODAY)
    assert not list((place.root / "observations").iterdir())
    return [(problem.code, problem.row, problem.column) for problem in error.value.problems]


@pytest.mark.parametrize("form", ["C.02.01", "C.03.01", "C.04.01", "C.05.01", "C.07.01", "C.08.01"])
def test_a_c_form_lists_its_objects_with_every_field_and_marks_the_proposed_ones(form, place, tmp_path):
    path = filled(place, tmp_path / "bieu.xlsx", {}, forms.Choice("form", form, "2026-06"))
    sheet = openpyxl.load_workbook(path)[records.SHEET]
    own = place.forms[place.forms["form"] == form]
    heads = [cell.value for cell in sheet[records.HEAD_ROW]]
    assert len(heads) == len(own)
    assert [head.endswith("[đề xuất]") for head in heads] == (own["origin"] == "đề xuất").tolist()
    assert all(
        source in sheet.cell(records.HEAD_ROW, at).comment.text for at, source in enumerate(own["source"], start=1)
    )
    assert intake.check(path, place, intake.load(place), source="S004", today=TODAY).records.empty


def test_a_filled_list_is_imported_with_its_figures_and_exported_the_same(place, tmp_path):
    cells = {
        (0, "owner"): "Bộ Tài chính",
        (0, "criterion_01"): "có",
        (0, "criterion_02"): "không",
        (0, "criteria_met"): "7",
        (0, "records"): "1.245",
        (0, "updated_on"): "30/6/2026",
        (0, "evidence"): "https://example.vn/bien-ban",
        (12, "database"): "CSDL thử nghiệm",
        (12, "confirmed_by"): "BCA",
    }
    receipt = import_file(filled(place, tmp_path / "bieu.xlsx", cells), place, today=TODAY)
    kept = records.load(place)
    finance, new = place.items["name"].iloc[0], "CSDL thử nghiệm"
    wanted = {
        (finance, "owner"): "agency:BTC",
        (finance, "criterion_01"): "yes",
        (finance, "criterion_02"): "no",
        (finance, "criteria_met"): "7",
        (finance, "records"): "1245",
        (finance, "updated_on"): "2026-06-30",
        (finance, "evidence"): "https://example.vn/bien-ban",
        (new, "database"): new,
        (new, "confirmed_by"): "agency:BCA",
    }
    assert dict(zip(zip(kept["object"], kept["field"], strict=True), kept["value"], strict=True)) == wanted
    assert kept.loc[kept["object"] == finance, "item"].unique().tolist() == ["db_finance"]
    assert kept[["period", "area", "vintage", "recorded", "source"]].drop_duplicates().to_numpy().tolist() == [
        ["2026-06", "VN", "2026-07-01", "2026-07-01", "S004"]
    ]
    assert (place.root / RECORDS.path / receipt.path.name).exists()
    files = export.export(intake.load(place), place, tmp_path / "out", TODAY, kept)
    assert tables.read(files[-1], RECORDS).to_numpy().tolist() == kept.to_numpy().tolist()


def test_every_wrong_cell_of_a_list_is_told_with_its_row_and_column_and_nothing_lands(place, tmp_path):
    cells = {
        (0, "owner"): "Bộ Không có",
        (0, "criterion_01"): "có lẽ",
        (1, "criteria_met"): "19,5",
        (2, "updated_on"): "31/6/2026",
        (3, "list"): "<script>alert(1)</script>",
        (4, "records"): "=1+1",
        (13, "criterion_01"): "có",
        (14, "database"): "CSDL A",
        (15, "database"): "CSDL A",
    }
    found = problems(place, filled(place, tmp_path / "bieu.xlsx", cells))
    heads = dict(records.fields(place, "C.07.01")[["field", "head"]].itertuples(index=False))
    first = records.FIRST_ROW
    assert {(code, row - first, column) for code, row, column in found} == {
        ("record_value", 0, heads["owner"]),
        ("record_value", 0, heads["criterion_01"]),
        ("record_value", 1, heads["criteria_met"]),
        ("record_value", 2, heads["updated_on"]),
        ("html_text", 3, heads["list"]),
        ("formula_cell", 4, "X"),
        ("required", 13, heads["database"]),
        ("duplicate", 15, heads["database"]),
    }


def test_a_list_whose_heads_or_names_were_changed_is_refused(place, tmp_path):
    path = filled(place, tmp_path / "bieu.xlsx", {(1, "database"): "CSDL khác"})
    assert [(code, row) for code, row, _ in problems(place, path)] == [("form_key", records.FIRST_ROW + 1)]
    book = openpyxl.load_workbook(path)
    book[records.SHEET].delete_cols(3)
    book.save(path)
    assert [(code, row) for code, row, _ in problems(place, path)] == [("form_key", records.HEAD_ROW)]
    del book[records.SHEET]
    book.save(path)
    assert [code for code, _, _ in problems(place, path)] == ["form_key"]


def test_a_list_that_a_killed_import_left_without_its_figures_does_not_stand(place, tmp_path):
    folder = place.root / RECORDS.path
    folder.mkdir(parents=True)
    left = folder / "S004_2026-07-01.csv"
    with left.open("w", encoding="utf-8") as stream:
        row = ["C.07.01", "X", "", "list", "y", "2026-06", "VN", "2026-07-01", "2026-07-01", "S004"]
        csv.writer(stream, lineterminator="\n").writerows([RECORDS.names, row])
    assert records.load(place).empty
    forms.write(place, replace(CHOICE, kind="group", code="B.03"), tmp_path / "b.xlsx", TODAY)
    book = openpyxl.load_workbook(tmp_path / "b.xlsx")
    book.worksheets[0].cell(forms.FIRST_ROW, VALUE).value = 7
    book.save(tmp_path / "b.xlsx")
    assert import_file(tmp_path / "b.xlsx", place, today=TODAY).path.name == left.name
    assert not left.exists()
    assert records.load(place).empty
