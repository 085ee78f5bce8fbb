"""What people send, made by code: each file is read rightly, questioned, or refused with its place, and a refusal leaves the store alone.

A case says the rows that must be stored, or the problems' codes and rows; and the notices that must be told.
"""

import hashlib
import re
import time
import tracemalloc
import zipfile
from dataclasses import replace
from datetime import date, datetime
from xml.sax.saxutils import escape

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from support import ROOT, import_file, observe, own_store

from nq57lab.base.problems import ProblemError
from nq57lab.store import disk, forms, intake
from nq57lab.store.files import excel, sheet

TODAY = date(2026, 11, 1)
HEAD = ["Mã", "Địa bàn", "Kỳ", "Loại số", "Giá trị", "Đơn vị", "Nguồn", "Ngày công bố", "Ghi chú"]
MONEY = ["rnd_expenditure", "VN", "2026-Q3", "trong kỳ", 5, "tỷ đồng", "S004", "2026-10-05", ""]
SHARE = ["B.06.03", "VN", "2026-Q3", "thời điểm", 84.8, "%", "S004", "2026-10-05", ""]
COUNT = ["tasks_assigned", "VN", "2026-06", "thời điểm", 120, "nhiệm vụ", "S004", "2026-10-05", ""]


def row(base, **changed):
    places = dict(
        zip(("code", "area", "period", "measure", "value", "unit", "source", "vintage", "note"), range(9), strict=True)
    )
    return [changed.get(name, base[place]) for name, place in places.items()]


def text(*lines, sign=";", start=""):
    """Write lines as a CSV file."""

    def write(path):
        quoted = [sign.join(str(cell) for cell in line) for line in lines]
        path.write_text(start + "\n".join(quoted) + "\n", encoding="utf-8")

    return ".csv", write


def book(*lines, change=None, after=None):
    """Write lines as an XLSX file, after a change to its sheet, and a change to the XML of its parts."""

    def write(path):
        made = Workbook()
        for line in lines:
            made.active.append([cell if cell != "" else None for cell in line])
        if change:
            change(made.active)
        made.save(path)
        if after:
            rewrite(path, after)

    return ".xlsx", write


def rewrite(path, change):
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in change(parts).items():
            new.writestr(name, data)


SHEET = "xl/worksheets/sheet1.xml"


def strict(parts):
    """Return a workbook's parts as strict Office Open XML."""
    pairs = (
        (
            b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        ),
        (
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        ),
    )
    found = {}
    for name, data in parts.items():
        for one, other in pairs:
            data = data.replace(one, other)
        found[name] = data
    return found


def in_cell(place: str, written: str):
    """Write a cell of the sheet as given, in XML."""

    def change(parts):
        sheet, count = re.subn(rf'<c r="{place}"[^>]*>.*?</c>', lambda _: written, parts[SHEET].decode(), count=1)
        assert count == 1
        return parts | {SHEET: sheet.encode()}

    return change


def ods(*lines, hidden=(), far=0, cells=None, styles=""):
    """Write lines as an ODS file; ``cells`` replaces the XML of places."""

    def cell(value, place):
        if cells and place in cells:
            return cells[place]
        if value == "":
            return "<table:table-cell/>"
        if isinstance(value, (int, float)):
            return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'

    def write(path):
        filtered = ' table:visibility="filter"'
        rows = "".join(
            f"<table:table-row{filtered if number in hidden else ''}>"
            + "".join(cell(value, (number, place)) for place, value in enumerate(line))
            + '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
            for number, line in enumerate(lines, start=1)
        )
        rest = f'<table:table-row table:number-rows-repeated="{far or 1048570}"><table:table-cell/></table:table-row>'
        names = " ".join(
            f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
            for short in ("office", "table", "text", "style")
        )
        content = (
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names}>{styles}<office:body><office:spreadsheet>'
            f'<table:table table:name="Bảng">{rows}{rest}</table:table></office:spreadsheet></office:body></office:document-content>'
        )
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr("content.xml", content)

    return ".ods", write


def cell(place, value, shape=None):
    def change(sheet):
        sheet[place] = value
        if shape:
            sheet[place].number_format = shape

    return change


def each(*changes):
    return lambda sheet: [change(sheet) for change in changes]


def hide_row(sheet):
    sheet.row_dimensions[2].hidden = True


def merge(sheet):
    sheet.merge_cells("E2:E3")


def hidden_table(sheet):
    other = sheet.parent.create_sheet("Cũ")
    other.append(HEAD)
    other.append(MONEY)
    other.sheet_state = "hidden"


def late(sheet):
    sheet.parent.epoch = datetime(1904, 1, 1)


def strike(sheet):
    sheet["E2"].font = Font(strike=True)


def comment(sheet):
    sheet["E2"].comment = Comment("số này là triệu đồng", "x")


def other_sheet(sheet):
    sheet.parent.create_sheet("Khác").append(["ghi chép", 1])


def elsewhere(parts):
    """Give the styles another name than Excel's."""
    names = {"xl/styles.xml": "xl/kieu.xml"}
    return {names.get(name, name): data.replace(b"styles.xml", b"kieu.xml") for name, data in parts.items()}


def percent_format(sheet):
    sheet["E2"], sheet["E2"].number_format = 0.848, "0.0%"


FLOAT = '<table:table-cell office:value-type="float" office:value="'
SPAN = '<table:table-cell office:value-type="string"><text:p>5<text:span text:style-name="cao">1</text:span></text:p></table:table-cell>'
STYLES = (
    '<office:automatic-styles><style:style style:name="cao"><style:text-properties style:text-position="super 58%"/></style:style>'
    '<style:style style:name="gach"><style:text-properties style:text-line-through-style="solid"/></style:style>'
    "</office:automatic-styles>"
)


def ods_date(day, shown):
    return f'<table:table-cell office:value-type="date" office:date-value="{day}"><text:p>{shown}</text:p></table:table-cell>'


SHARED = [[*HEAD], [*SHARE]]
ENGLISH = ["Code", "Area", "Period", "Measure", "Value", "Unit", "Source", "Vintage", "Note"]
BARE = ["Ma", "Dia ban", "Ky", "Loai so", "Gia tri", "Don vi", "Nguon", "Ngay cong bo", "Ghi chu"]
TITLE = ["Đơn vị tính: triệu đồng", *[""] * 8]
SIGNED = ["", "", "", "", "", "Hà Nội, ngày 05/10", "", "", ""]
FORMULA = '<c r="E2"><f>2+3</f><v>5</v></c>'
RAISED = '<c r="E2" t="inlineStr"><is><r><t>5</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>1</t></r></is></c>'
MONEY_CELL = '<c r="E2" t="n"><v>5</v></c>'

LAST = row(MONEY, period="2026-Q2", value="")
UPPER = [*HEAD[:4], "Số liệu", "", "Nguồn", "Ngày", "Ghi chú"]
LOWER = [*[""] * 4, "Giá trị", "Đơn vị", "", "công bố", ""]
PLANNED = [*[""] * 4, "Kế hoạch", "Thực hiện", *[""] * 3]
GROWTH = row(SHARE, code="ecommerce_growth", measure="trong kỳ")
DRAWING = (
    '<xdr:wsDr xmlns:xdr="x" xmlns:a="y"><a:p><a:r><a:t>Đơn vị: </a:t></a:r><a:r><a:t>{}</a:t></a:r></a:p></xdr:wsDr>'
)
RELATION = '<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/drawing" Target="../d.xml"/>'


def drawn(words):
    """Put a text box on the sheet."""
    kept = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
    added = {"xl/worksheets/_rels/sheet1.xml.rels": kept.format(RELATION), "xl/d.xml": DRAWING.format(words)}
    return lambda parts: parts | {name: text.encode() for name, text in added.items()}


# name → (file, stored values as text, codes told)
READ = {
    "a head of two rows": (
        text(UPPER, LOWER, MONEY, UPPER, LOWER, row(MONEY, period="2026-Q2")),
        ["5", "5"],
        ["head_again"] * 2,
    ),
    "a head of two rows in a workbook": (book(UPPER, LOWER, MONEY), ["5"], []),
    "a blank value": (text(HEAD, MONEY, LAST), ["5"], ["blank_rows"]),
    "a blank value with its reason": (book(HEAD, MONEY, row(LAST, note="chưa có")), ["5"], ["no_value", "blank_rows"]),
    **{
        f"“{said}” for no figure": (text(HEAD, MONEY, row(LAST, value=said)), ["5"], ["no_figure", "blank_rows"])
        for said in ("–", "…", "n/a", "Chưa có số liệu")
    },
    "brackets below zero": (text(HEAD, row(GROWTH, value="(5,2)")), ["-5.2"], ["converted"]),
    "giảm before a number": (text(HEAD, row(GROWTH, value="giảm 5,2%")), ["-5.2"], ["converted"]),
    "a format without the minus sign": (book(HEAD, GROWTH, change=cell("E2", -5, "0;0")), ["-5"], ["format_hides"]),
    "apostrophes": (text(HEAD, row(COUNT, value="'1’234’567")), ["1234567"], []),
    "noise behind the fifteenth digit": (book(HEAD, row(SHARE, value=84.80000000000001)), ["84.8"], []),
    "a text box": (book(HEAD, MONEY, after=drawn("tỷ đồng")), ["5"], ["text_box"]),
    "a unit that nobody knows": (text(["ĐVT: xấp"], HEAD, MONEY), ["5"], ["unit_unread"]),
    "a note of the words of a head": (text([*HEAD[:8], ""], [*MONEY[:8], "Ghi chú"]), ["5"], ["blank_head"]),
    **{
        f"the day {said}": (text(HEAD, row(MONEY, vintage=said)), ["5"], [])
        for said in ("05-Oct-2026", "20261005", "'5/10/2026")
    },
    "nghìn tỷ": (text(HEAD, row(MONEY, value="12 nghìn tỷ")), ["12000"], ["converted"]),
    "tỷ": (text(HEAD, row(MONEY, value="1,5 tỷ")), ["1.5"], ["converted"]),
    "tỷ with a point": (text(HEAD, row(MONEY, value="1.5 tỷ")), ["1.5"], ["converted"]),
    "triệu in a row of tỷ đồng": (text(HEAD, row(MONEY, value="1.500 triệu")), ["1.5"], ["converted"]),
    "triệu đồng in words": (text(HEAD, row(MONEY, value="750 triệu đồng")), ["0.75"], ["converted"]),
    "tỷ VNĐ": (text(HEAD, row(MONEY, value="5 tỷ VNĐ")), ["5"], ["converted"]),
    "billion": (text(HEAD, row(MONEY, value="5 billion")), ["5"], ["converted"]),
    "USD": (
        text(HEAD, row(MONEY, code="gdp_forecast", period="2025", value="510 tỷ USD", unit="tỷ USD")),
        ["510"],
        ["converted"],
    ),
    "triệu USD in tỷ USD": (
        text(HEAD, row(MONEY, code="gdp_forecast", period="2025", value="510.000 triệu đô la Mỹ", unit="tỷ USD")),
        ["510"],
        ["converted"],
    ),
    "a count with its unit": (text(HEAD, row(COUNT, value="120 nhiệm vụ")), ["120"], ["converted"]),
    "nghìn of a count": (text(HEAD, row(COUNT, value="1,2 nghìn")), ["1200"], ["converted"]),
    "tỉ đồng": (book(HEAD, row(MONEY, unit="tỉ đồng")), ["5"], []),
    "Tỷ đồng": (text(HEAD, row(MONEY, unit="Tỷ Đồng")), ["5"], []),
    "phần trăm": (text(HEAD, row(SHARE, value="84,8", unit="phần trăm")), ["84.8"], []),
    "the unit in the head alone": (
        text([*HEAD[:4], "Giá trị (tỷ đồng)", *HEAD[6:]], [*MONEY[:5], *MONEY[6:]]),
        ["5"],
        [],
    ),
    "the same unit in head and row": (text([*HEAD[:4], "Giá trị (tỉ đồng)", *HEAD[5:]], MONEY), ["5"], []),
    "the unit in a title": (text(["Đơn vị: tỷ đồng"], [*HEAD[:5], *HEAD[6:]], [*MONEY[:5], *MONEY[6:]]), ["5"], []),
    "a title of another family": (text(TITLE, HEAD, row(SHARE, value="84,8")), ["84.8"], []),
    "a format with the same unit": (book(HEAD, MONEY, change=cell("E2", 5, '#,##0 "tỷ đồng"')), ["5"], []),
    "a per cent format": (book(*SHARED, change=percent_format), ["84.8"], []),
    "a repeated head": (text(HEAD, MONEY, HEAD, row(MONEY, period="2026-Q2", value=6)), ["5", "6"], ["head_again"]),
    "column numbers": (text(HEAD, [f"({n})" for n in range(1, 10)], MONEY), ["5"], ["column_numbers"]),
    "a signature below": (
        book(HEAD, MONEY, [""] * 9, SIGNED, ["Người lập biểu", *[""] * 8]),
        ["5"],
        ["row_aside", "row_aside"],
    ),
    "a comment beside": (book([*HEAD, ""], [*MONEY, "xem lại"]), ["5"], ["blank_head"]),
    "row numbers": (book(["STT", *HEAD], [1, *MONEY]), ["5"], []),
    "English heads": (text(ENGLISH, MONEY), ["5"], []),
    "heads without accents": (text(BARE, MONEY), ["5"], []),
    "heads in capitals": (text([head.upper() for head in HEAD], MONEY), ["5"], []),
    "heads in another order": (text(HEAD[::-1], MONEY[::-1]), ["5"], []),
    "sep=;": (text(HEAD, row(MONEY, value="1.245,5"), start="\ufeffsep=;\n"), ["1245.5"], []),
    "bars": (text(HEAD, MONEY, sign="|"), ["5"], []),
    "a date with a time": (text(HEAD, row(MONEY, vintage="2026-10-05 08:30:00")), ["5"], []),
    "a date with T and zone": (text(HEAD, row(MONEY, vintage="2026-10-05T08:30:00+07:00")), ["5"], []),
    "5/10/2026 8:30": (text(HEAD, row(MONEY, vintage="5/10/2026 8:30 SA")), ["5"], []),
    "a date cell with a time": (book(HEAD, MONEY, change=cell("H2", datetime(2026, 10, 5, 8, 30))), ["5"], []),
    "an ISO date cell": (
        book(HEAD, MONEY, after=in_cell("H2", '<c r="H2" t="d"><v>2026-10-05T00:00:00</v></c>')),
        ["5"],
        [],
    ),
    "1904 dates": (book(HEAD, MONEY, change=each(late, cell("H2", 44838, "General"))), ["5"], ["epoch_1904"]),
    "T9/2026": (text(HEAD, row(COUNT, period="T9/2026")), ["120"], []),
    "Q3.2026": (text(HEAD, row(MONEY, period="Q3.2026")), ["5"], []),
    "quý 3 năm 2026": (text(HEAD, row(MONEY, period="Quý 3 năm 2026")), ["5"], []),
    "2026 Q3": (text(HEAD, row(MONEY, period="2026 Q3")), ["5"], []),
    "ODS": (ods(HEAD, MONEY), ["5"], []),
    "ODS with a per cent cell": (
        ods(
            HEAD,
            SHARE,
            cells={
                (
                    2,
                    4,
                ): '<table:table-cell office:value-type="percentage" office:value="0.848"><text:p>84,8%</text:p></table:table-cell>'
            },
        ),
        ["84.8"],
        [],
    ),
    "ODS with a date cell": (
        ods(
            HEAD,
            MONEY,
            cells={
                (
                    2,
                    7,
                ): '<table:table-cell office:value-type="date" office:date-value="2026-10-05"><text:p>05/10/26</text:p></table:table-cell>'
            },
        ),
        ["5"],
        [],
    ),
    "ODS with a formula": (
        ods(
            HEAD,
            MONEY,
            cells={
                (
                    2,
                    4,
                ): '<table:table-cell table:formula="of:=2+3" office:value-type="float" office:value="5"><text:p>5</text:p></table:table-cell>'
            },
        ),
        ["5"],
        ["formula_value"],
    ),
    "ODS with a year": (ods(HEAD, MONEY, cells={(2, 2): ods_date("2026-01-01", "2026")}), ["5"], []),
    "ODS with a comment": (
        ods(
            HEAD,
            MONEY,
            cells={(2, 4): f'{FLOAT}5"><office:annotation><text:p>tạm</text:p></office:annotation></table:table-cell>'},
        ),
        ["5"],
        ["cell_comment"],
    ),
    "ODS with a filtered row": (ods(HEAD, MONEY, hidden={2}), ["5"], ["hidden_rows"]),
    "strict Office Open XML": (book(HEAD, MONEY, after=strict), ["5"], []),
    "a formula with its value": (book(HEAD, MONEY, after=in_cell("E2", FORMULA)), ["5"], ["formula_value"]),
    "a formula in a column that is not read": (book(["STT", *HEAD], ["=ROW()-1", *MONEY]), ["5"], []),
    "a hidden row": (book(HEAD, MONEY, change=hide_row), ["5"], ["hidden_rows"]),
    "a table on a hidden sheet": (book(HEAD, MONEY, change=hidden_table), ["5"], ["hidden_sheet"]),
    "a stray cell far below": (book(HEAD, MONEY, change=cell("A1048576", " ")), ["5"], []),
    "a styled cell far right": (book(HEAD, MONEY, change=cell("XFD1", None, "0.0%")), ["5"], []),
    **{
        f"the period {said}": (text(HEAD, row(MONEY, period=said)), ["5"], [])
        for said in (
            "Quy ba nam 2026",
            "Tháng Chín 2026",
            "cả năm 2025",
            "2026‑Q3",
            "quí 3/2026",
            "từ 1/7/2026 đến 30/9/2026",
            "1/7/2026 – 30/9/2026",
            "Sep 2026",
            "6T đầu năm 2026",
        )
    },
    **{
        f"the place {said}": (text(HEAD, row(COUNT, area=said)), ["120"], [])
        for said in ("vn", "TPHCM", "Cả nước", "TP. Hồ Chí Minh", "TINH DONG NAI", "Thanh Hoá", "BKHCN")
    },
    **{
        f"the unit {said}": (text(HEAD, row(MONEY, unit=said)), ["5"], [])
        for said in ("ty dong", "Tỷ VND", "1000 tỷ đồng", "1.000.000.000 đ")
    },
    "a code in small letters with a point": (text(HEAD, row(SHARE, code="b.06.03.")), ["84.8"], []),
    "khoảng before a number": (text(HEAD, row(MONEY, value="khoảng 1,5 tỷ")), ["1.5"], ["converted"]),
    "≥ before a number": (text(HEAD, row(MONEY, value="≥ 5")), ["5"], ["converted"]),
    "ước as state": (text([*HEAD, "Tình trạng"], [*MONEY, "ước"]), ["5"], []),
    "a remark nobody reads in the head": (
        text([*HEAD[:4], "Giá trị (tạm tính nội bộ)", *HEAD[5:]], MONEY),
        ["5"],
        ["head_remark"],
    ),
    "the own period in a title": (text(["BÁO CÁO QUÝ III/2026"], HEAD, MONEY), ["5"], []),
    "a comment on the number": (book(HEAD, MONEY, change=comment), ["5"], ["cell_comment"]),
    "another sheet": (book(HEAD, MONEY, change=other_sheet), ["5"], ["other_sheet"]),
    "a row of no height": (
        book(HEAD, MONEY, after=lambda p: p | {SHEET: p[SHEET].replace(b'<row r="2"', b'<row ht="0" r="2"')}),
        ["5"],
        ["hidden_rows"],
    ),
    "a year as a date cell": (book(HEAD, MONEY, change=cell("C2", datetime(2026, 1, 1), "yyyy")), ["5"], []),
    "a place and date below the numbers": (
        text(HEAD, MONEY, ["", "", "", "", "Hà Nội, ngày 5/11", "", "", "", ""]),
        ["5"],
        ["row_aside"],
    ),
    "a mark of direction": (text(HEAD, row(SHARE, value="\u200e84,8")), ["84.8"], []),
    "a heading merged over the columns": (
        book(HEAD, ["I. KINH TẾ SỐ", *[""] * 8], MONEY, change=lambda sheet: sheet.merge_cells("A2:I2")),
        ["5"],
        ["row_aside"],
    ),
    "styles in a part of another name": (book(*SHARED, change=percent_format, after=elsewhere), ["84.8"], []),
    "a zero shown as a dash": (book(HEAD, COUNT, change=cell("E2", 0, '#,##0;-#,##0;"-"')), ["0"], []),
    "words in a format that nobody knows": (book(HEAD, MONEY, change=cell("E2", 5, '0 "km2"')), ["5"], ["unit_unread"]),
    "a number rounded in ODS": (
        ods(HEAD, MONEY, cells={(2, 4): f'{FLOAT}12.6"><text:p>13</text:p></table:table-cell>'}),
        ["12.6"],
        [],
    ),
    "a line break in ODS": (
        ods(
            HEAD,
            COUNT,
            cells={
                (
                    2,
                    1,
                ): '<table:table-cell office:value-type="string"><text:p>Nghệ<text:line-break/>An</text:p></table:table-cell>'
            },
        ),
        ["120"],
        [],
    ),
    "a few that become none": (
        text(HEAD, row(MONEY, value="5"), row(MONEY, period="2026-Q2", value="0")),
        ["5", "0"],
        [],
    ),
    "the implementation of a plan": (
        text(["Tình hình thực hiện kế hoạch 01-KH/TW của tỉnh Nghệ An"], HEAD, row(COUNT, area="Nghệ An")),
        ["120"],
        [],
    ),
    "an unusual figure with its reason": (
        text(HEAD, row(MONEY, code="A.02.13", value="500000", note="Gồm cả vốn đối ứng nước ngoài")),
        ["500000"],
        ["answered"],
    ),
}

# name → (file, (code, row) of each problem)
REFUSED = {
    "plan and outcome below one head": (
        text([*HEAD[:5], "", *HEAD[5:]], [*PLANNED, ""], [*MONEY[:5], 6, *MONEY[5:]]),
        [("second_head", 2)],
    ),
    "a decimal comma among commas": (
        text([*HEAD[:4], *HEAD[5:8], "Giá trị", "Ghi chú"], [*MONEY[:4], *MONEY[5:8], "5,2", ""], sign=","),
        [("broken_csv", 2)],
    ),
    **{
        f"“{said}” above": (text([said], HEAD, MONEY), [("unit_said", 3)])
        for said in (
            "ĐVT: 1.000 đồng",
            "Đơn vị: trđ",
            "Số liệu tính bằng triệu đồng",
            "Đơn vị: triệu USD",
            "Đơn vị: 10^6 đồng",
        )
    },
    "a scale above counts": (text(["ĐVT: nghìn"], HEAD, COUNT), [("unit_said", 3)]),
    "VND million in the head": (text([*HEAD[:4], "Value (VND million)", *HEAD[5:]], MONEY), [("unit_said", 2)]),
    "another unit in the note": (text(HEAD, row(MONEY, note="đơn vị tính: triệu đồng")), [("unit_said", 2)]),
    "another unit in a text box": (book(HEAD, MONEY, after=drawn("triệu đồng")), [("unit_said", 2)]),
    "another unit in the page's head": (
        book(HEAD, MONEY, change=lambda sheet: setattr(sheet.oddHeader.center, "text", "ĐVT: triệu đồng")),
        [("unit_said", 2)],
    ),
    "another unit in the sheet's name": (
        book(HEAD, MONEY, change=lambda sheet: setattr(sheet, "title", "triệu đồng")),
        [("unit_said", 2)],
    ),
    "tỷ USD in a row of đồng": (text(HEAD, row(MONEY, value="1,5 tỷ USD")), [("unit_in_number", 2)]),
    "tỷ of a share": (text(HEAD, row(SHARE, value="1,5 tỷ")), [("unit_in_number", 2)]),
    "another thing counted": (text(HEAD, row(COUNT, value="120 doanh nghiệp")), [("unit_in_number", 2)]),
    "words": (text(HEAD, row(COUNT, value="khoảng một trăm")), [("bad_number", 2)]),
    "đồng in a row of tỷ đồng": (text(HEAD, row(MONEY, value="18250500000000")), [("bounds", 2)]),
    "another unit in the head": (text([*HEAD[:4], "Giá trị (triệu đồng)", *HEAD[5:]], MONEY), [("unit_said", 2)]),
    "another unit in square brackets": (
        text([*HEAD[:4], "Giá trị [triệu đồng]", *HEAD[5:]], MONEY),
        [("unit_said", 2)],
    ),
    "another unit in a title": (text(TITLE, HEAD, MONEY), [("unit_said", 3)]),
    "another unit in the format": (book(HEAD, MONEY, change=cell("E2", 5, '#,##0 "triệu đồng"')), [("unit_said", 2)]),
    "a currency format": (book(HEAD, MONEY, change=cell("E2", 5, "#,##0\\ [$₫-42A]")), [("unit_said", 2)]),
    "a format that hides thousands": (book(HEAD, MONEY, change=cell("E2", 5000, "#,##0,")), [("format_scaled", 2)]),
    **{
        f"“{said}” in the format": (book(HEAD, MONEY, change=cell("E2", 5, f'#,##0 "{said}"')), [("unit_said", 2)])
        for said in ("triệu", "nghìn tỷ", "tr", "M", "€", "‰")
    },
    **{
        f"“{said}” in the head": (text([*HEAD[:4], f"Giá trị ({said})", *HEAD[5:]], MONEY), [(code, 2)])
        for said, code in (
            *(("x1000", "unit_said"), ("nghìn", "unit_said"), ("ĐVT: triệu đồng", "unit_said")),
            *(("2025", "head_said"), ("ước", "head_said"), ("lũy kế", "head_said")),
        )
    },
    "another period in the head": (text([*HEAD[:2], "Kỳ (quý II/2026)", *HEAD[3:]], MONEY), [("head_said", 2)]),
    "another unit in the unit's head": (text([*HEAD[:5], "Đơn vị (triệu đồng)", *HEAD[6:]], MONEY), [("unit_said", 2)]),
    "ĐVT without a colon": (text(["ĐVT triệu đồng"], HEAD, MONEY), [("unit_said", 3)]),
    "a unit in a title's brackets": (text(["BIỂU 1 (triệu đồng)"], HEAD, MONEY), [("unit_said", 3)]),
    "a unit below the head": (text(HEAD, ["", "", "", "", "(triệu đồng)", "", "", "", ""], MONEY), [("unit_said", 3)]),
    "a unit in a note below": (text(HEAD, MONEY, ["Ghi chú: đơn vị tính triệu đồng", *[""] * 8]), [("unit_said", 2)]),
    "a unit in the negative part of the format": (
        book(HEAD, MONEY, change=cell("E2", -5, '0;-0 "triệu đồng"')),
        [("unit_said", 2)],
    ),
    "a raised footnote": (
        book(HEAD, MONEY, after=in_cell("E2", RAISED)),
        [("unit_in_number", 2)],
    ),
    "a number struck out": (book(HEAD, MONEY, change=strike), [("struck_number", 2)]),
    "a time for a number": (book(HEAD, MONEY, change=cell("E2", 0.5, "hh:mm")), [("bad_number", 2)]),
    "a period of five digits": (text(HEAD, row(MONEY, period="20263")), [("bad_period", 2)]),
    "the year 202": (text(HEAD, row(MONEY, period="0202")), [("bad_period", 2)]),
    "848%": (text(HEAD, row(SHARE, value="848")), [("bounds", 2)]),
    "-3%": (text(HEAD, row(SHARE, value="-3")), [("bounds", 2)]),
    "848% of a reported share": (
        text(HEAD, row(SHARE, code="A.02.03", measure="trong kỳ", value="848")),
        [("bounds", 2)],
    ),
    "a rank of 0": (text(HEAD, row(SHARE, code="A.02.06", value="0", unit="thứ hạng")), [("bounds", 2)]),
    "more criteria than there are": (
        text(
            [*HEAD, "Mã đối tượng"],
            [*row(COUNT, code="database_criteria_met", value="25", unit="tiêu chí"), "db_finance"],
        ),
        [("bounds", 2)],
    ),
    "a second table": (text(HEAD, MONEY, HEAD[::-1], MONEY[::-1]), [("second_head", 3)]),
    "a merged number": (book(HEAD, MONEY, row(MONEY, period="2026-Q2"), change=merge), [("merged_number", 3)]),
    "digits lost": (text(HEAD, row(MONEY, value="1.23457E+11")), [("digits_lost", 2)]),
    "digits lost, with a comma": (text(HEAD, row(COUNT, value="1,23457E+11")), [("digits_lost", 2)]),
    "sixteen digits": (text(HEAD, row(COUNT, value="1234567890123456")), [("digits_lost", 2)]),
    "sixteen digits in a cell": (book(HEAD, row(COUNT, value=1234567890123450)), [("digits_lost", 2)]),
    "a formula without its value": (book(HEAD, row(MONEY, value="=2+3")), [("formula_cell", 2)]),
    "a formula as a key": (
        book(HEAD, MONEY, after=in_cell("B2", '<c r="B2" t="str"><f>"V"&amp;"N"</f><v>VN</v></c>')),
        [("formula_cell", 2)],
    ),
    "one cell twice": (
        book(HEAD, MONEY, after=in_cell("E2", MONEY_CELL + '<c r="E2"><v>6</v></c>')),
        [("cell_twice", 2)],
    ),
    "TCVN3 letters": (text(HEAD, row(MONEY, note="Tæng s¶n phÈm quèc néi")), [("legacy_font", 2)]),
    "VNI letters": (text(["Maõ soá", "Ñòa baøn", "Kyø", "Ñôn vò"], ["a", "b", "c", "d"]), [("legacy_font", 1)]),
    "a raised footnote in ODS": (
        ods(HEAD, MONEY, cells={(2, 4): SPAN}, styles=STYLES),
        [("unit_in_number", 2)],
    ),
    "a struck number in ODS": (
        ods(HEAD, MONEY, cells={(2, 4): f'{FLOAT}5" table:style-name="gach"/>'}, styles=STYLES),
        [("struck_number", 2)],
    ),
    "thousands shown in ODS": (
        ods(HEAD, MONEY, cells={(2, 4): f'{FLOAT}5000"><text:p>5</text:p></table:table-cell>'}),
        [("format_scaled", 2)],
    ),
    "euros in ODS": (
        ods(HEAD, MONEY, cells={(2, 4): FLOAT.replace('float"', 'currency" office:currency="EUR"') + '5"/>'}),
        [("unit_said", 2)],
    ),
    "an error in ODS": (
        ods(
            HEAD,
            MONEY,
            cells={
                (
                    2,
                    4,
                ): '<table:table-cell table:formula="of:=1/0" office:value-type="float" office:value="0"><text:p>#DIV/0!</text:p></table:table-cell>'
            },
        ),
        [("error_cell", 2)],
    ),
    "ODS that is no XML": ((".ods", lambda path: rewrite_bytes(path)), [("bad_workbook", None)]),
    "figures above the head": (text(MONEY, HEAD, row(MONEY, period="2026-Q2")), [("row_above_head", 1)]),
}

REFUSED |= {
    **{
        f"a format that shows {said}": (book(HEAD, MONEY, change=cell("E2", value, shape)), [("format_scaled", 2)])
        for said, value, shape in (
            *(("words", 5, '"n/a"'), ("words for zero", 0, '0;-0;"chưa có"'), ("digits more", 5, '#,##0".000"')),
            *(("digits before", 5, '"1"0'), ("escaped digits", 5, r"0\0\0")),
        )
    },
    **{
        f"ODS that shows {shown}": (
            ods(HEAD, MONEY, cells={(2, 4): f'{FLOAT}5"><text:p>{shown}</text:p></table:table-cell>'}),
            [(code, 2)],
        )
        for shown, code in (
            ("n/a", "format_scaled"),
            ("50", "format_scaled"),
            ("USD 5", "unit_said"),
            ("$5", "unit_said"),
        )
    },
    "entities in UTF-16": (
        book(
            HEAD, MONEY, after=lambda parts: parts | {SHEET: ("<!DOCTYPE a>" + parts[SHEET].decode()).encode("utf-16")}
        ),
        [("xml_entity", None)],
    ),
    "NaN in a workbook": (
        book(HEAD, MONEY, row(MONEY, period="2026-Q2"), after=in_cell("E2", '<c r="E2"><v>NaN</v></c>')),
        [("error_cell", 2)],
    ),
    "NaN in ODS": (ods(HEAD, MONEY, cells={(2, 4): f'{FLOAT}NaN"/>'}), [("error_cell", 2)]),
    "letters lost to question marks": (text(HEAD, row(COUNT, note="S? li?u ch?a ki?m tra")), [("mojibake", 2)]),
    **{
        f"a quarter written as {period}": (
            text(HEAD, MONEY, row(MONEY, period=period, value=6)),
            [("duplicate", 3), ("two_values", 3)],
        )
        for period in ("2026-07-01/2026-09-30", "2026-07/2026-09")
    },
    "an interval in two ways": (
        text(HEAD, row(MONEY, period="2026-01/2026-08"), row(MONEY, period="8 tháng năm 2026", value=6)),
        [("two_values", 3)],
    ),
    **{
        f"“{said}” in the head": (text([*HEAD[:4], f"Giá trị ({said})", *HEAD[5:]], MONEY), [("head_said", 2)])
        for said in ("lũy kế từ đầu năm", "ước thực hiện", "kế hoạch", "mục tiêu 2030")
    },
    **{
        f"the note “{note}”": (text(HEAD, row(MONEY, note=note)), [(code, 2)])
        for note, code in (
            ("lũy kế 9 tháng", "note_said"),
            ("số kế hoạch", "note_said"),
            ("tính bằng triệu đồng", "unit_said"),
            ("ước cả năm", "note_said"),
            ("số liệu năm 2025", "note_said"),
        )
    },
}

# name → (file, codes of the questions)
ASKED = {
    "tenfold of the last one": (text(HEAD, row(MONEY, code="A.02.13", value="500000")), ["ask_jump"]),
    "a tenth of the last one": (text(HEAD, row(MONEY, code="A.02.13", value="50")), ["ask_jump"]),
    "tenfold within the file": (
        text(HEAD, row(MONEY, value="5000"), row(MONEY, period="2026-Q2", value="5")),
        ["ask_jump"],
    ),
    "an expenditure below zero": (text(HEAD, row(MONEY, value="-5")), ["ask_negative"]),
    "a flow of one day": (book(HEAD, MONEY, change=cell("C2", datetime(2026, 9, 1))), ["ask_day"]),
    "a flow of a quarter just begun": (text(HEAD, row(MONEY, period="2026-Q4")), ["ask_unfinished"]),
    "a stock of the end of a year to come": (text(HEAD, row(COUNT, period="2026")), ["ask_unfinished"]),
    "none after many": (text(HEAD, row(MONEY, code="A.02.13", value="0")), ["ask_jump"]),
    **{
        f"“{said}” above": (text([said], HEAD, MONEY), ["ask_title"])
        for said in (
            "UBND TỈNH NGHỆ AN",
            "KẾ HOẠCH QUÝ III/2026",
            "SỐ LIỆU ƯỚC THỰC HIỆN",
            "Lũy kế đến 30/9",
            "Số liệu giả định để tập huấn",
        )
    },
    "a unit of another kind above": (text(["Đơn vị: người"], HEAD, MONEY), ["ask_title"]),
    "a school year for a period": (
        text(HEAD, row(SHARE, period="2024-2025")),
        ["ask_school_year"],
    ),
    "a period a hundred years ago": (text(HEAD, row(MONEY, period="1926")), ["ask_old"]),
    "another year in the title": (text(["BÁO CÁO NĂM 2025"], HEAD, MONEY), ["ask_title"]),
    "a former province": (text(HEAD, row(COUNT, area="Hải Dương")), ["ask_area"]),
    "another period in the title": (text(["BÁO CÁO QUÝ II/2026"], HEAD, MONEY), ["ask_title"]),
    "a fraction for a per cent": (text(HEAD, row(SHARE, value="0,848")), ["ask_fraction"]),
    "a fraction in a cell": (book(HEAD, row(SHARE, value=0.848)), ["ask_fraction"]),
    "a ratio beyond its whole": (
        text(HEAD, row(SHARE, code="B.03.09", measure="trong kỳ", value="140")),
        ["ask_bounds"],
    ),
    "a growth of 1200%": (
        text(HEAD, row(SHARE, code="ecommerce_growth", measure="trong kỳ", value="1.200,5")),
        ["ask_bounds"],
    ),
    "a part below a thousandth": (
        text(HEAD, row(COUNT, value="120000"), row(COUNT, code="tasks_completed_on_time", value="11")),
        ["ask_part"],
    ),
}


def rewrite_bytes(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", "<không phải XML")


@pytest.fixture
def store(tmp_path, shipped):
    root = tmp_path / "data"
    (root / "observations").mkdir(parents=True)
    before = observe(
        {
            "subject": "A.02.13",
            "period": "2026-Q2",
            "measure": "flow",
            "value": 1500,
            "unit": "tỷ đồng",
            "vintage": "2026-07-05",
        }
    )
    (root / "observations" / "S004_2026-07-05.csv").write_bytes(disk.content(before.fillna("").astype(str)))
    return own_store(shipped, root)


def digest(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def made(case, tmp_path):
    kind, write = case
    path = tmp_path / f"tep{kind}"
    write(path)
    return path


@pytest.mark.parametrize("name", READ)
def test_an_honest_file_is_read_rightly_and_every_row_counted(name, store, tmp_path):
    case, values, told = READ[name]
    path = made(case, tmp_path)
    batch = intake.check(path, store, today=TODAY)
    assert batch.frame["value"].tolist() == values
    assert [notice.code for notice in batch.told] == told
    assert all(notice.text("vi") and notice.text("en") for notice in batch.told)
    assert batch.read == len(values) + batch.blank + batch.aside
    assert set(batch.frame["vintage"]) == {"2026-10-05"}
    intake.append(batch, store, today=TODAY)
    assert len(intake.load(store)) == 1 + len(values)


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_figure_is_refused_with_its_place_and_the_store_stays(name, store, tmp_path):
    case, wanted = REFUSED[name]
    path = made(case, tmp_path)
    before = digest(store.root / "observations")
    with pytest.raises(ProblemError) as caught:
        import_file(path, store, today=TODAY)
    assert sorted({(problem.code, problem.row) for problem in caught.value.problems}, key=str) == wanted
    for problem in caught.value.problems:
        assert path.name in problem.text("vi") and "cách sửa" in problem.text("vi") and problem.text("en")
    assert digest(store.root / "observations") == before


@pytest.mark.parametrize("name", ASKED)
def test_an_unusual_figure_is_asked_about_and_a_reason_is_kept(name, store, tmp_path):
    case, codes = ASKED[name]
    path = made(case, tmp_path)
    before = digest(store.root / "observations")
    with pytest.raises(ProblemError) as caught:
        intake.check(path, store, today=TODAY)
    assert [problem.code for problem in caught.value.problems] == codes
    assert "--accept" in caught.value.text("vi")
    assert digest(store.root / "observations") == before
    batch = intake.check(path, store, today=TODAY, accept="đã hỏi lại đơn vị gửi")
    assert [notice.code for notice in batch.told] == ["answered"] * len(codes)
    kept = intake.append(batch, store, today=TODAY).path.read_text(encoding="utf-8")
    assert kept.count("Đã xác nhận: đã hỏi lại đơn vị gửi") == len(codes)


def test_there_are_more_than_sixty_kinds_besides_those_of_malformed_files():
    assert len(READ) + len(REFUSED) + len(ASKED) >= 140


CHOICE = forms.Choice("agency", "agency:BTP", "tháng 6/2026")


def form(path, store, values, verify=False):
    import openpyxl

    forms.write(store, CHOICE, path, TODAY, verify)
    made = openpyxl.load_workbook(path)
    for place, value in values.items():
        made.worksheets[0][place] = value
    return made


def test_a_form_saved_as_semicolon_csv_is_held_to_the_catalogue(store, tmp_path):
    path = tmp_path / "bieu.xlsx"
    sheet = form(path, store, {"F5": 12}).worksheets[0]
    lines = [
        ";".join("" if value is None else str(value) for value in line) for line in sheet.iter_rows(values_only=True)
    ]
    flat = tmp_path / "bieu.csv"
    flat.write_text("\ufeff" + "\n".join(lines) + "\n", encoding="utf-8")
    batch = intake.check(flat, store, today=TODAY)
    assert batch.frame[["value", "source", "period"]].to_numpy().tolist() == [["12", "BC_BTP", "2026-06"]]
    assert [notice.code for notice in batch.told] == ["keyless"]
    flat.write_text("\n".join(lines).replace("2026-06;", "2026-07;", 1) + "\n", encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        intake.check(flat, store, today=TODAY)
    assert [problem.code for problem in caught.value.problems] == ["form_key"]


def test_a_form_whose_key_sheet_was_unhidden_is_read(store, tmp_path):
    path = tmp_path / "bieu.xlsx"
    made = form(path, store, {"F5": 12})
    made[forms.HIDDEN].sheet_state = "visible"
    made.save(path)
    assert intake.check(path, store, today=TODAY).frame["value"].tolist() == ["12"]


@pytest.mark.parametrize(
    ("place", "text", "wanted"),
    [
        ("A2", "Kỳ: quý III/2026. Bộ chỉ số: 2026-06-30. Lập ngày 1/11/2026.", [("form_title", 2)]),
        ("A2", "Số liệu quý III năm 2026", [("form_title", 2)]),
        ("A1", "Biểu số liệu: Bộ Tư pháp, tháng 7/2026", [("form_title", 1)]),
        ("A1", "Biểu số liệu: Bộ Công an", [("form_name", 1)]),
        ("A5", "Tổng số vụ việc", [("form_key", 5)]),
    ],
)
def test_a_form_whose_title_or_names_were_changed_is_refused(place, text, wanted, store, tmp_path):
    path = tmp_path / "bieu.xlsx"
    made = form(path, store, {"F5": 12, place: text})
    made.save(path)
    with pytest.raises(ProblemError) as caught:
        intake.check(path, store, today=TODAY)
    assert [(problem.code, problem.row) for problem in caught.value.problems] == wanted


def test_a_form_made_before_the_catalogue_changed_a_name_is_read(store, tmp_path):
    path, names = tmp_path / "bieu.xlsx", dict(store.names)
    form(path, store, {"F5": 12}).save(path)
    renamed = replace(
        store, variables=store.variables.assign(name_vi=store.variables["name_vi"].str.replace("Số", "Tổng số"))
    )
    assert renamed.names != names
    batch = intake.check(path, renamed, today=TODAY)
    assert batch.frame["value"].tolist() == ["12"]
    assert "name_changed" in {notice.code for notice in batch.told}


def test_a_note_without_a_value_a_signature_and_a_blank_row_are_told_and_counted(store, tmp_path):
    path = tmp_path / "bieu.xlsx"
    made = form(path, store, {"F5": 12, "K6": "chưa có", "A14": "Người lập biểu: Nguyễn Văn A"})
    made.save(path)
    batch = intake.check(path, store, today=TODAY)
    assert sorted(notice.code for notice in batch.told) == ["no_value", "row_aside"]
    assert (batch.read, len(batch.frame), batch.aside) == (len(forms.rows(store, CHOICE)) + 1, 1, 1)


def test_marks_for_no_figure_and_another_sheet_beside_a_form_are_told(store, tmp_path):
    path = tmp_path / "bieu.xlsx"
    made = form(path, store, {"F5": 12, "F6": "–"})
    made.create_sheet("Phụ lục").append(["ghi chép", 1])
    made.save(path)
    batch = intake.check(path, store, today=TODAY)
    assert batch.frame["value"].tolist() == ["12"]
    assert [notice.code for notice in batch.told] == ["no_figure", "other_sheet"]


def test_merged_values_of_a_form_are_refused(store, tmp_path):
    path = tmp_path / "bieu.xlsx"
    made = form(path, store, {"F5": 12})
    made.worksheets[0].merge_cells("F5:F6")
    made.save(path)
    with pytest.raises(ProblemError) as caught:
        intake.check(path, store, today=TODAY)
    assert [(problem.code, problem.row) for problem in caught.value.problems] == [("merged_number", 6)]


def test_the_same_form_has_the_same_bytes(store, tmp_path):
    one, other = tmp_path / "mot.xlsx", tmp_path / "hai.xlsx"
    forms.write(store, CHOICE, one, TODAY)
    time.sleep(1.1)  # a zip archive and a workbook keep seconds
    forms.write(store, CHOICE, other, TODAY)
    assert one.read_bytes() == other.read_bytes()


def test_what_is_far_below_costs_nothing(store, tmp_path):
    path = made(book(HEAD, MONEY, change=each(cell("A1048576", " "), cell("XFD1", " "))), tmp_path)
    tracemalloc.start()
    intake.read(path, store, today=TODAY)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30 << 20


def test_a_text_or_a_list_of_texts_beyond_all_measure_stalls_nobody(store, tmp_path, monkeypatch):
    own = sheet.Sheet("x")
    own.put(1, 0, "a" * 40_000)
    assert len(own.cells[1, 0]) == sheet.MAX_TEXT
    texts = "".join(f"<si><t>{number}</t></si>" for number in range(3))
    relation = '<Relationship Id="rId77" Type="http://x/sharedStrings" Target="chuoi.xml"/></Relationships>'
    relations = "xl/_rels/workbook.xml.rels"

    def after(parts):
        changed = parts[relations].decode().replace("</Relationships>", relation)
        return parts | {relations: changed.encode(), "xl/chuoi.xml": f"<sst>{texts}</sst>".encode()}

    path = made(book(HEAD, MONEY, after=after), tmp_path)
    assert intake.check(path, store, today=TODAY).frame["value"].tolist() == ["5"]
    monkeypatch.setattr(excel, "MAX_STRINGS", 2)
    with pytest.raises(ProblemError) as caught:
        intake.check(path, store, today=TODAY)
    assert [problem.code for problem in caught.value.problems] == ["too_many_rows"]


@pytest.mark.parametrize("repeated", ["office:value-type", "rows"])
def test_an_ods_that_repeats_a_value_without_end_is_refused(repeated, store, tmp_path):
    many = '<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>'
    path = made(ods(HEAD, MONEY, MONEY, cells={(3, 0): many}), tmp_path)
    if repeated == "rows":
        rewrite(
            path,
            lambda parts: {
                name: data.replace(
                    b'<table:table-row table:number-rows-repeated="1048570"><table:table-cell/>',
                    b'<table:table-row table:number-rows-repeated="1048570"><table:table-cell office:value-type="float" office:value="1"/>',
                ).replace(b'number-columns-repeated="16384"', b'number-columns-repeated="2"')
                for name, data in parts.items()
            },
        )
    with pytest.raises(ProblemError) as caught:
        intake.check(path, store, today=TODAY)
    assert [problem.code for problem in caught.value.problems] == ["too_many_rows"]


def test_what_a_killed_import_left_is_mended(store):
    described = store.root / "datapackage.json"
    described.write_text("{}", encoding="utf-8")
    (store.root / "cache" / "incoming").mkdir(parents=True)
    (store.root / "cache" / "incoming" / "123.tmp").write_text("x", encoding="utf-8")
    disk.mend(store.root)
    assert "S004_2026-07-05.csv" in described.read_text(encoding="utf-8")
    assert not list((store.root / "cache" / "incoming").iterdir())


def test_the_bounds_let_every_stored_figure_through(shipped):
    from nq57lab.facts import observations
    from nq57lab.store.rules import plausible

    assert ROOT.exists()
    rows = observations.load(shipped)
    refused, asked = plausible.bound_problems(rows, shipped)
    assert [found for found in refused + asked if rows.at[found[0], "status"] == "official"] == []


@pytest.mark.parametrize(
    ("value", "yes", "no", "fine"), [(3, 3, 16, True), (2, 3, 0, False), (17, 0, 3, False), (10, 3, 3, True)]
)
def test_a_list_that_contradicts_its_figure_is_refused(value, yes, no, fine, store, tmp_path):
    import openpyxl

    from nq57lab.store import records

    path = tmp_path / "bieu.xlsx"
    forms.write(store, forms.Choice("form", "C.07.01", "2026-Q2"), path, TODAY)
    made = openpyxl.load_workbook(path)
    made.worksheets[0]["F5"] = value
    for place in range(yes + no):
        made[records.SHEET].cell(records.FIRST_ROW, 4 + place).value = "có" if place < yes else "không"
    made.save(path)
    if fine:
        assert intake.check(path, store, today=TODAY).frame["value"].tolist() == [str(value)]
        return
    with pytest.raises(ProblemError) as caught:
        intake.check(path, store, today=TODAY)
    assert [(problem.code, problem.row) for problem in caught.value.problems] == [("list_contradicts", 5)]


def test_an_import_whose_description_cannot_be_written_is_told_as_what_it_is(store, tmp_path, monkeypatch):
    (store.root / "datapackage.json").write_text("{}", encoding="utf-8")
    path = made(text(HEAD, MONEY), tmp_path)
    batch = intake.check(path, store, today=TODAY)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "replace", full)
    receipt = intake.append(batch, store, today=TODAY)
    assert receipt.path.exists() and receipt.rows == 1
    monkeypatch.undo()
    disk.mend(store.root)
    assert receipt.path.name in (store.root / "datapackage.json").read_text(encoding="utf-8")
