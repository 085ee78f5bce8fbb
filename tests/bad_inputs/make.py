"""Malformed files that are large or not text: made when the tests run, each with the problems it must give.

:data:`CASES` maps a file's name to the function that writes it and the (code, row, column) expected; small files stand beside this
one, with ``expected.csv``. ``python tests/bad_inputs/make.py FOLDER`` writes them all, to look at.
"""

import io
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook

HEAD = ["Mã", "Địa bàn", "Kỳ", "Loại số", "Giá trị", "Đơn vị", "Nguồn", "Ngày công bố", "Ghi chú"]
ROW = ["tasks_assigned", "VN", "2026-06", "thời điểm", 120, "nhiệm vụ", "S004", "2026-06-30", ""]
Case = tuple[Callable[[Path], None], list[tuple[str, str, str]]]


def workbook(change: Callable | None = None) -> Callable[[Path], None]:
    """Write a good workbook after a change to its sheet."""

    def write(path: Path) -> None:
        book = Workbook()
        sheet = book.active
        sheet.append(HEAD)
        sheet.append(ROW)
        sheet.append([*ROW[:2], "2026-05", *ROW[3:]])
        if change:
            change(sheet)
        book.save(path)

    return write


def archive(change: Callable[[zipfile.ZipFile], None]) -> Callable[[Path], None]:
    """Write a good workbook whose archive has been added to."""

    def write(path: Path) -> None:
        workbook()(path)
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
            change(file)

    return write


def formulas(sheet) -> None:
    sheet["E2"], sheet["I3"] = "=SUM(1,119)", '=HYPERLINK("http://x")'


def errors(sheet) -> None:
    sheet["E2"] = "#REF!"
    sheet["E2"].data_type = "e"


def merged_numbers(sheet) -> None:
    sheet.merge_cells("E2:E3")


def second_table(sheet) -> None:
    other = sheet.parent.create_sheet("Bản cũ")
    other.append(HEAD)
    other.append(ROW)


def no_table(sheet) -> None:
    sheet.delete_rows(1, 1)


def percents(sheet) -> None:
    sheet["E2"] = 0.848
    sheet["E2"].number_format = "0.0%"


def wide(sheet) -> None:
    sheet.cell(1, 300, "xa")


def injection(sheet) -> None:
    sheet["I2"] = "@SUM(1+1)"
    sheet["I3"] = "<iframe src=x>"


def swollen(file: zipfile.ZipFile) -> None:
    with file.open("xl/media/image1.png", "w") as stream:
        for _ in range(64):
            stream.write(bytes(1 << 20))


def entities(file: zipfile.ZipFile) -> None:
    file.writestr("xl/extra.xml", '<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]><a>&c;</a>')


def outside(file: zipfile.ZipFile) -> None:
    file.writestr("../../outside.txt", "x")


def macro(file: zipfile.ZipFile) -> None:
    file.writestr("xl/vbaProject.bin", "x")


def crowded(file: zipfile.ZipFile) -> None:
    for place in range(2100):
        file.writestr(f"xl/media/{place}.txt", "")


def many_rows_in_sheet(path: Path) -> None:
    source = io.BytesIO()
    workbook()(source)  # type: ignore[arg-type]
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as new:
        for member in old.infolist():
            data = old.read(member)
            if member.filename == "xl/worksheets/sheet1.xml":
                rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (row, row) for row in range(9, 110_009))
                data = data.replace(b"</sheetData>", rows + b"</sheetData>")
            new.writestr(member.filename, data)


def five_million_rows(path: Path) -> None:
    with path.open("wb") as stream:
        stream.write(",".join(HEAD).encode() + b"\n")
        block = b"tasks_assigned,VN,2026-06,stock,1\n" * 50_000
        for _ in range(100):
            stream.write(block)


def too_large(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(300 << 20)


def long_cell(path: Path) -> None:
    path.write_text(",".join(HEAD) + "\n" + "x" * 200_000 + ",VN\n", encoding="utf-8")


CASES: dict[str, Case] = {
    "formula_cells.xlsx": (workbook(formulas), [("formula_cell", "2", "E"), ("formula_cell", "3", "I")]),
    "error_cell.xlsx": (workbook(errors), [("error_cell", "2", "E")]),
    "merged_numbers.xlsx": (workbook(merged_numbers), [("merged_number", "3", "E")]),
    "two_tables.xlsx": (workbook(second_table), [("many_sheets", "", "")]),
    "no_table.xlsx": (workbook(no_table), [("no_header", "", "")]),
    "percent_of_count.xlsx": (workbook(percents), [("percent_unit", "2", "value"), ("count_whole", "2", "value")]),
    "too_wide.xlsx": (workbook(wide), [("too_wide", "", "")]),
    "injection.xlsx": (workbook(injection), [("formula_text", "2", "note"), ("html_text", "3", "note")]),
    "zip_bomb.xlsx": (archive(swollen), [("zip_bomb", "", "")]),
    "entities.xlsx": (archive(entities), [("xml_entity", "", "")]),
    "path_in_archive.xlsx": (archive(outside), [("archive_name", "", "")]),
    "macro.xlsx": (archive(macro), [("macro", "", "")]),
    "crowded_archive.xlsx": (archive(crowded), [("zip_bomb", "", "")]),
    "many_rows.xlsx": (many_rows_in_sheet, [("too_many_rows", "*", "")]),
    "five_million_rows.csv": (five_million_rows, [("too_many_rows", "*", "")]),
    "too_large.csv": (too_large, [("too_large", "", "")]),
    "long_cell.csv": (long_cell, [("long_text", "2", "")]),
    "folder.csv": (Path.mkdir, [("not_regular", "", "")]),
    "pipe.csv": (os.mkfifo, [("not_regular", "", "")]),
    "absent.csv": (lambda path: None, [("missing_file", "", "")]),
}

if __name__ == "__main__":
    for name, (write, _) in CASES.items():
        write(Path(sys.argv[1]) / name)
