"""Tables to hand over: words for heads and codes, dates as dates, a cover with sources and day, CSV that Excel opens rightly."""

from datetime import date

import openpyxl
import pandas as pd
import pytest
from support import observe

from nq57lab.facts.output import deliverable

MADE = date(2026, 11, 1)
ROWS = observe(
    {"subject": "A.02.13", "measure": "flow", "value": 1245.5, "unit": "tỷ đồng", "period": "2026-Q2"},
    {"subject": "tasks_assigned", "area": "34:75", "value": 12.0, "status": "self_reported"},
)
ROWS = ROWS[
    ["subject", "area", "period", "measure", "qualifier", "value", "unit", "status", "recorded", "source", "id"]
]
ROWS = ROWS.assign(family="count")  # a column that only programs read


@pytest.mark.parametrize(
    ("lang", "heads", "cells"),
    [
        (
            "vi",
            "Mã;Tên;Địa bàn;Kỳ;Loại số;Mức độ chính xác;Giá trị;",
            ";Đồng Nai;tháng 6/2026;thời điểm;;12;nhiệm vụ;tự báo cáo;01/07/2026;",
        ),
        (
            "en",
            "Code,Name,Area,Period,Kind of figure,Precision,Value,",
            ",Đồng Nai,2026-06,stock,=,12,tasks,self_reported,2026-07-01,",
        ),
    ],
)
def test_a_csv_to_hand_over_is_in_words_and_opens_in_a_spreadsheet(lang, heads, cells, shipped, tmp_path):
    path = tmp_path / "so-lieu.csv"
    deliverable.write(ROWS, path, "Số liệu", shipped, lang, MADE, "store")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    first, money, counted = path.read_text(encoding="utf-8-sig").splitlines()
    assert first.startswith(heads) and "family" not in first
    assert cells in counted
    assert ("1245,5" if lang == "vi" else "1245.5") in money
    english = shipped.indicator("A.02.13")["name_en"]
    assert (english in money) == (lang == "en")
    assert ("billion VND" in money) == (lang == "en")


def test_a_workbook_to_hand_over_has_a_cover_formats_and_the_same_bytes(shipped, tmp_path):
    path, again = tmp_path / "mot.xlsx", tmp_path / "hai.xlsx"
    for target in (path, again):
        deliverable.write(ROWS, target, "Số liệu", shipped, "vi", MADE, "store")
    assert path.read_bytes() == again.read_bytes()
    book = openpyxl.load_workbook(path)
    said = {row[0].value: row[1].value for row in book["Bìa"].iter_rows() if row[0].value}
    assert book.sheetnames == ["Bìa", "Số liệu"]
    assert said["Ngày lập"] == "01/11/2026" and said["Số dòng"] == "2" and said["Nguồn"].startswith("S004: ")
    sheet = book["Số liệu"]
    heads = [cell.value for cell in sheet[1]]
    value, day = sheet.cell(2, heads.index("Giá trị") + 1), sheet.cell(2, heads.index("Ngày nhập") + 1)
    assert (value.value, value.number_format) == (1245.5, "#,##0.0########")
    assert (day.value.date(), day.number_format) == (date(2026, 7, 1), "dd/mm/yyyy")


def test_a_table_of_ones_own_keeps_every_column(tmp_path):
    path = tmp_path / "rieng.csv"
    deliverable.write(pd.DataFrame({"mine": [1.0], "unit": ["km"]}), path, "Bảng", None, "vi", MADE)
    assert path.read_text(encoding="utf-8-sig") == "mine;Đơn vị\n1;km\n"
