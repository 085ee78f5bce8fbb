"""XLSX as it is written: an archive in, its sheets out. Streamed cell by cell, so that time and memory follow what is there.

Transitional and strict Office Open XML are read alike, whatever program wrote it: elements are known by their local names, and what
a sheet carries besides cells (drawings, sparklines, validations) is passed over.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from xml.etree import ElementTree

from openpyxl.styles.numbers import BUILTIN_FORMATS

from nq57lab.store import typed
from nq57lab.store.files.sheet import (
    EPOCH,
    EPOCH_1904,
    MAX_STRINGS,
    MAX_TEXT,
    NO_NUMBER,
    RAISED,
    BrokenWorkbook,
    Sheet,
    TooMany,
    shown,
)

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_PAGE = re.compile(r"(?:odd|even|first)(?:Header|Footer)")
_PAGE_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-F]{6}|[0-9]+|[A-Za-z])')  # place, font, colour, size, number of the page
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def read(archive: zipfile.ZipFile) -> list[Sheet]:
    """Return the sheets of a workbook, in its order.

    Raises
    ------
    BrokenWorkbook
        If a part is missing or is no XML.
    TooMany
        If a sheet holds too many rows.
    """
    try:
        return list(_sheets(archive))
    except (ElementTree.ParseError, KeyError, IndexError, ValueError, UnicodeError) as error:
        if isinstance(error, (BrokenWorkbook, TooMany)):
            raise
        raise BrokenWorkbook("broken_part") from None


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _attribute(element: ElementTree.Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _tree(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(archive.read(name))


def _sheets(archive: zipfile.ZipFile) -> Iterator[Sheet]:
    names = set(archive.namelist())
    book = _tree(archive, "xl/workbook.xml")
    parts = {
        _attribute(entry, "Id"): (entry.get("Type", ""), entry.get("Target", ""))
        for entry in _tree(archive, "xl/_rels/workbook.xml.rels")
    }
    properties = next((element for element in book if _local(element) == "workbookPr"), None)
    later = properties is not None and properties.get("date1904", "") in ("1", "true", "on")
    strings = _strings(archive, names & set(_targets(parts, "sharedStrings")))
    styles = next((_tree(archive, name) for name in _targets(parts, "styles") if name in names), None)
    shapes, struck = _shapes(styles), _struck(styles)
    for entry in (element for part in book if _local(part) == "sheets" for element in part):
        # a relation's id, not the sheet's number: the attribute with a namespace
        key = next((value for name, value in entry.attrib.items() if name.endswith("}id")), "")
        kind, target = parts[key]
        if kind.endswith("/worksheet"):
            path = _resolved("xl", target)
            sheet = Sheet(entry.get("name", ""), entry.get("state", "visible") == "visible")
            sheet.epoch = EPOCH_1904 if later else EPOCH
            with archive.open(path) as stream:
                _fill(sheet, stream, strings, shapes, struck)
            _beside(archive, names, path, sheet)
            yield sheet


def _resolved(folder: str, target: str) -> str:
    """Return the part that a relation of a folder's part leads to."""
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")


def _targets(parts: dict[str, tuple[str, str]], kind: str) -> list[str]:
    """Return the workbook's parts of a kind, whatever its writer calls them."""
    return [_resolved("xl", target) for type_, target in parts.values() if type_.endswith(f"/{kind}")]


def _strings(archive: zipfile.ZipFile, parts: set[str]) -> list[str]:
    found: list[str] = []
    for part in parts:
        with archive.open(part) as stream:
            root = None
            for event, element in ElementTree.iterparse(stream, events=("start", "end")):
                root = element if root is None else root
                if event == "end" and _local(element) == "si":
                    found.append(_text(element)[:MAX_TEXT])
                    root.clear()
                    if len(found) > MAX_STRINGS:
                        raise TooMany(str(len(found)))
    return found


def _text(element: ElementTree.Element) -> str:
    """Return the text of a string item: its own and its runs', without the reading aids of East Asian scripts."""
    parts = []
    for child in element:
        if _local(child) == "t":
            parts.append(child.text or "")
        elif _local(child) == "r":
            parts.append(_run(child))
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), "".join(parts))


def _run(run: ElementTree.Element) -> str:
    """Return the text of a run: a footnote's raised digits as raised ones, so that 5 with note 1 is not 51; nothing of what is struck out."""
    text = "".join(part.text or "" for part in run if _local(part) == "t")
    for mark in (mark for part in run if _local(part) == "rPr" for mark in part):
        if _local(mark) == "vertAlign" and mark.get("val") in ("superscript", "subscript"):
            text = text.translate(RAISED)
        if _local(mark) == "strike" and _true(mark.get("val", "1")):
            text = ""
    return text


def _beside(archive: zipfile.ZipFile, names: set[str], path: str, sheet: Sheet) -> None:
    """Keep the comments on a sheet's cells, and the texts of the boxes drawn on it."""
    folder, _, name = path.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels"
    for entry in _tree(archive, relations) if relations in names else ():
        target = entry.get("Target", "")
        part = _resolved(folder, target)
        if entry.get("Type", "").endswith("/drawing") and part in names:
            for paragraph in _tree(archive, part).iter():
                if _local(paragraph) == "p":
                    text = "".join(run.text or "" for run in paragraph.iter() if _local(run) == "t")
                    sheet.boxes += [typed.text(text)] if typed.text(text) else []
        if entry.get("Type", "").endswith("/comments") and part in names:
            for comment in _tree(archive, part).iter():
                place = _PLACE.fullmatch(comment.get("ref", "")) if _local(comment) == "comment" else None
                if place:
                    text = "".join(_text(child) for child in comment if _local(child) == "text")
                    sheet.comments[int(place[2]), column_place(place[1])] = typed.text(text)


def _struck(tree: ElementTree.Element | None) -> list[bool]:
    """Return whether each cell style strikes its text out."""
    if tree is None:
        return []
    fonts = [
        any(_local(mark) == "strike" and _true(mark.get("val", "1")) for mark in font)
        for part in tree
        if _local(part) == "fonts"
        for font in part
    ]
    own = [int(entry.get("fontId", "0")) for part in tree if _local(part) == "cellXfs" for entry in part]
    return [number < len(fonts) and fonts[number] for number in own]


def _shapes(tree: ElementTree.Element | None) -> list[str]:
    """Return the number format of each cell style."""
    if tree is None:
        return []
    own = {
        int(entry.get("numFmtId", "0")): entry.get("formatCode", "")
        for part in tree
        if _local(part) == "numFmts"
        for entry in part
    }
    return [
        own.get(number) or BUILTIN_FORMATS.get(number, "General")
        for part in tree
        if _local(part) == "cellXfs"
        for number in (int(entry.get("numFmtId", "0")) for entry in part)
    ]


def column_place(letters: str) -> int:
    """Return the place of a column by its letters (A → 0)."""
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1


def _place(element: ElementTree.Element, row: int, column: int) -> tuple[int, int]:
    reference = element.get("r", "")
    if not reference:
        return row, column
    match = _PLACE.fullmatch(reference)
    if not match:
        raise BrokenWorkbook("broken_part")
    return int(match[2]), column_place(match[1])


def _true(text: str | None) -> bool:
    return text in ("1", "true", "on")


def _out_of_sight(element: ElementTree.Element, size: str) -> bool:
    """Tell whether a row or column is hidden, or has no height or width."""
    return _true(element.get("hidden")) or float(element.get(size) or 1) == 0


def _fill(sheet: Sheet, stream, strings: list[str], shapes: list[str], struck: list[bool]) -> None:
    row = column = 0
    for event, element in ElementTree.iterparse(stream, events=("start", "end")):
        name = _local(element)
        if event == "start":
            if name == "row":
                row, column = int(element.get("r") or row + 1), 0
                if _out_of_sight(element, "ht"):
                    sheet.hidden_rows.add(row)
            continue
        if name == "c":
            row, column = _place(element, row, column)
            _cell(sheet, element, row, column, strings, shapes)
            style = int(element.get("s", "0"))
            if style < len(struck) and struck[style]:
                sheet.struck.add((row, column))
            column += 1
            element.clear()
        elif name == "row" or name == "sheetData":
            element.clear()
        elif _PAGE.fullmatch(name) and element.text:
            sheet.around.append(typed.text(_PAGE_CODE.sub(" ", element.text)))
        elif name == "col" and _out_of_sight(element, "width"):
            first, last = int(element.get("min", "1")), int(element.get("max", "1"))
            sheet.hidden_columns |= set(range(first - 1, min(last, 1000)))
        elif name == "mergeCell":
            first, _, last = element.get("ref", "").partition(":")
            corners = [_PLACE.fullmatch(part) for part in (first, last or first)]
            if all(corners):
                (top, left), (bottom, right) = [(int(c[2]), column_place(c[1])) for c in corners if c]
                sheet.merged.append((top, left, bottom, right))


def _cell(sheet: Sheet, element, row: int, column: int, strings: list[str], shapes: list[str]) -> None:
    kind, written, formula = element.get("t", "n"), None, None
    for child in element:
        name = _local(child)
        if name == "v":
            written = child.text
        elif name == "is":
            written = _text(child)
        elif name == "f":
            formula = child.text or "…"
    if formula is not None:
        sheet.formulas[row, column] = f"={formula}"
    if written is None or (kind == "str" and not written and formula is not None):
        if formula is not None:
            sheet.put(row, column, None)
        return
    if kind == "e" or (kind == "n" and NO_NUMBER.fullmatch(written.strip())):
        sheet.errors[row, column] = written
        sheet.put(row, column, None)
        return
    value = _value(kind, written, strings, shapes, int(element.get("s", "0")), sheet.epoch)
    if not (isinstance(value, str) and typed.text(value) == ""):
        sheet.put(row, column, value)


def _value(kind: str, written: str, strings: list[str], shapes: list[str], style: int, epoch: date) -> typed.Cell:
    if kind == "s":
        return strings[int(written)]
    if kind in ("str", "inlineStr"):
        return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), written)
    if kind == "b":
        return _true(written.strip())
    if kind == "d":
        return datetime.fromisoformat(written.strip().replace("Z", "")).date()
    number = float(f"{float(written):.15g}")  # as many digits as a spreadsheet shows
    if number.is_integer() and abs(number) < 2**53:
        number = int(number)
    return shown(number, shapes[style] if style < len(shapes) else "General", epoch)
