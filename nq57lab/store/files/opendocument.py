"""ODS as it is written: an archive in, its sheets out. Rows and cells that are repeated to the end of a sheet cost nothing.

LibreOffice writes a value beside the text that the cell shows; the value is read, and of a formula the value it had when saved.
"""

import re
import zipfile
from datetime import date
from xml.etree import ElementTree

from nq57lab.store import typed
from nq57lab.store.files.sheet import MAX_COLUMNS, MAX_ROWS, BrokenWorkbook, Sheet, TooMany

_NAMES = {
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
}
_CURRENCIES = {"VND": "đồng", "USD": "USD"}


def _name(short: str) -> str:
    prefix, _, name = short.partition(":")
    return f"{{{_NAMES[prefix]}}}{name}"


_ROW, _TABLE, _CELL = _name("table:table-row"), _name("table:table"), _name("table:table-cell")
_COVERED, _COLUMN, _STYLE = _name("table:covered-table-cell"), _name("table:table-column"), _name("style:style")
_HIDDEN = ("collapse", "filter")


def read(archive: zipfile.ZipFile) -> list[Sheet]:
    """Return the sheets of a spreadsheet document, in its order.

    Raises
    ------
    BrokenWorkbook
        If its content is no XML, or is under a password.
    TooMany
        If a sheet holds too many rows.
    """
    try:
        if b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise BrokenWorkbook("password")
    except KeyError:
        pass
    try:
        with archive.open("content.xml") as stream:
            return _sheets(stream)
    except (ElementTree.ParseError, KeyError, ValueError, UnicodeError) as error:
        if isinstance(error, (BrokenWorkbook, TooMany)):
            raise
        raise BrokenWorkbook("broken_part") from None


def _sheets(stream) -> list[Sheet]:
    sheets: list[Sheet] = []
    out_of_sight: set[str] = set()
    row = column = 0
    deep = 0
    for event, element in ElementTree.iterparse(stream, events=("start", "end")):
        if event == "start":
            if element.tag == _TABLE:
                deep += 1
                if deep == 1:
                    visible = element.get(_name("table:style-name"), "") not in out_of_sight
                    sheets.append(Sheet(element.get(_name("table:name"), ""), visible))
                    row = column = 0
            continue
        if element.tag == _STYLE:
            for child in element:
                if child.get(_name("table:display")) == "false":
                    out_of_sight.add(element.get(_name("style:name"), ""))
        elif element.tag == _TABLE:
            deep -= 1
            element.clear()
        elif element.tag == _COLUMN and deep == 1:
            count = int(element.get(_name("table:number-columns-repeated"), "1"))
            if element.get(_name("table:visibility")) in _HIDDEN:
                sheets[-1].hidden_columns |= set(range(column, min(column + count, 1000)))
            column += count
        elif element.tag == _ROW and deep == 1:
            row += _row(sheets[-1], element, row + 1)
            element.clear()
    return sheets


def _row(sheet: Sheet, element: ElementTree.Element, row: int) -> int:
    """Keep a row's cells and return how many rows it stands for."""
    repeated = int(element.get(_name("table:number-rows-repeated"), "1"))
    cells: list[tuple[int, typed.Cell, str | None, bool]] = []
    column = 0
    for cell in element:
        if cell.tag not in (_CELL, _COVERED):
            continue
        count = int(cell.get(_name("table:number-columns-repeated"), "1"))
        if cell.tag == _CELL:
            value, wrong = _value(cell)
            formula = cell.get(_name("table:formula"))
            if (note := cell.find(_name("office:annotation"))) is not None:
                text = " ".join("".join(part.itertext()) for part in note if part.tag == _name("text:p"))
                sheet.comments[row, column] = typed.text(text)
            if value is not None or formula or wrong:
                if count > 2 * MAX_COLUMNS:
                    raise TooMany(str(row))
                cells += [(column + place, value, formula, wrong) for place in range(count)]
            rows, columns = (int(cell.get(_name(f"table:number-{kind}-spanned"), "1")) for kind in ("rows", "columns"))
            if rows > 1 or columns > 1:
                sheet.merged.append((row, column, row + rows - 1, column + columns - 1))
        column += count
    if element.get(_name("table:visibility")) in _HIDDEN:
        sheet.hidden_rows |= set(range(row, row + min(repeated, MAX_ROWS)))
    if cells and repeated > MAX_ROWS:
        raise TooMany(str(row))
    for place in range(row, row + repeated if cells else row):
        for column, value, formula, wrong in cells:
            sheet.put(place, column, None if wrong else value)
            if formula:
                sheet.formulas[place, column] = formula.partition(":")[2] or formula
            if wrong:
                sheet.errors[place, column] = str(value)
    return repeated


def _value(cell: ElementTree.Element) -> tuple[typed.Cell, bool]:
    """Return a cell's value and whether it is an error of the spreadsheet."""
    kind, number = cell.get(_name("office:value-type"), ""), cell.get(_name("office:value"), "")
    paragraphs = ["".join(part.itertext()) for part in cell if part.tag == _name("text:p")]
    written = "\n".join(paragraphs)
    if kind in ("float", "percentage", "currency"):
        if written.startswith(("#", "Err:")):
            return written, True
        value = float(number)
        value = int(value) if value.is_integer() and abs(value) < 2**53 else value
        if kind == "percentage":
            return typed.from_percent_format(value), False
        said = _CURRENCIES.get(cell.get(_name("office:currency"), ""), "") if kind == "currency" else _tail(written)
        return (typed.Shown(value, said) if said else value), False
    if kind == "date":
        return date.fromisoformat(cell.get(_name("office:date-value"), "")[:10]), False
    if kind == "boolean":
        return cell.get(_name("office:boolean-value")) == "true", False
    if written.startswith("#") and cell.get(_name("table:formula")):
        return written, True
    text = cell.get(_name("office:string-value"), written)
    return (text if typed.text(text) else None), False


def _tail(written: str) -> str:
    """Return the unit that a number's format shows after it, "" where it shows none."""
    match = re.fullmatch(r"\s*[-−]?[0-9][0-9.,\s]*(.*)", written, re.DOTALL)
    return match[1].strip() if match else ""
