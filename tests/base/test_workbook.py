"""Workbooks: numbers stay numbers, text stays text, whatever it looks like."""

import math

import openpyxl
import pandas as pd
import pytest

from nq57lab.base import workbook

FORMULAS = ["=1+1", '=HYPERLINK("x")', "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "'=1", "bình thường", "12", "01"]


@pytest.fixture
def sheet_of(tmp_path):
    """Write a table and read its sheet back."""

    def run(frame, title="Số liệu"):
        path = tmp_path / "bang.xlsx"
        workbook.write(frame, path, title)
        book = openpyxl.load_workbook(path)
        assert len(book.worksheets) == 1
        return book.active

    return run


def test_text_that_looks_like_a_formula_stays_text(sheet_of):
    sheet = sheet_of(pd.DataFrame({"ghi chú": FORMULAS}))
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == FORMULAS
    assert {cell.data_type for cell in cells} == {"s"}


def test_a_head_that_looks_like_a_formula_stays_text(sheet_of):
    head = sheet_of(pd.DataFrame({"=1+1": [1]}))["A1"]
    assert (head.value, head.data_type) == ("=1+1", "s")


def test_numbers_stay_unrounded_numbers_and_missing_ones_stay_empty(sheet_of):
    values = [84.75153165418652, -1e-9, math.nan, 71_000_000.0]
    sheet = sheet_of(pd.DataFrame({"value": values, "n": [1, 2, 3, 4], "ok": [True, False, True, False]}))
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in rows] == [84.75153165418652, -1e-9, None, 71_000_000]
    assert [row[1] for row in rows] == [1, 2, 3, 4]
    assert [row[2] for row in rows] == [True, False, True, False]


def test_the_head_is_bold_frozen_and_filtered(sheet_of):
    sheet = sheet_of(pd.DataFrame({"mã": ["a", "b"], "tên": ["x" * 500, "y"]}))
    assert [cell.value for cell in sheet[1]] == ["mã", "tên"]
    assert all(cell.font.bold for cell in sheet[1])
    assert not sheet["A2"].font.bold
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B3")
    assert 8 <= sheet.column_dimensions["A"].width < sheet.column_dimensions["B"].width <= 60


def test_a_title_is_cut_to_what_excel_allows(sheet_of):
    title = sheet_of(pd.DataFrame({"a": [1]}), "Số: không khớp [hoặc] chưa rõ? *tất cả/mọi\\nơi*").title
    assert 0 < len(title) <= 31
    assert not set(title) & set("[]:*?/\\")


def test_an_empty_table_keeps_its_heads(sheet_of):
    sheet = sheet_of(pd.DataFrame({"mã": pd.Series(dtype=str), "value": pd.Series(dtype=float)}))
    assert list(sheet.values) == [("mã", "value")]


def test_the_table_is_left_alone(sheet_of):
    frame = pd.DataFrame({"a": ["=1", "b"], "b": [1.0, math.nan]})
    before = frame.copy()
    sheet_of(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_a_missing_count_is_an_empty_cell(tmp_path):
    path = tmp_path / "bang.xlsx"
    agree = pd.array([4, None], dtype="Int64")
    workbook.write(pd.DataFrame({"id": ["a", "b"], "methods_agree": agree}), path, "bảng")
    rows = openpyxl.load_workbook(path).active.iter_rows(min_row=2, values_only=True)
    assert list(rows) == [("a", 4), ("b", None)]
