"""ODS as it is written: an archive in, its sheets out. Rows and cells that are repeated to the end of a sheet cost nothing.

LibreOffice writes a value beside the text that the cell shows; the value is read, and of a formula the value it had when saved.
"""

import re
import zipfile
from dataclasses import dataclass
from datetime import date
from xml.etree import ElementTree

from nq57lab.store import typed
from nq57lab.store.files.sheet import MAX_COLUMNS, MAX_ROWS, NO_NUMBER, RAISED, BrokenWorkbook, Sheet, TooMany

_NAMES = {
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
}
_CURRENCIES = {"VND": "đồng", "USD": "USD"}


def _name(short: str) -> str:
    prefix, _, name = short.partition(":")
    return f"{{{_NAMES[prefix]}}}{name}"


_ROW, _TABLE, _CELL = _name("table:table-row"), _name("table:table"), _name("table:table-cell")
_COVERED, _COLUMN, _STYLE = _name("table:covered-table-cell"), _name("table:table-column"), _name("style:style")
_GAPS = tuple(_name(f"text:{name}") for name in ("s", "tab", "line-break"))
_HIDDEN, _SHAPES = ("collapse", "filter"), _name("table:shapes")


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
            found = _sheets(stream)
        page = ElementTree.fromstring(archive.read("styles.xml")) if "styles.xml" in archive.namelist() else ()
        texts = [text for kind in ("header", "footer") for part in page if (text := _texts(part, f"style:{kind}"))]
        for sheet in found:
            sheet.around += [line for lines in texts for line in lines]
        return found
    except (ElementTree.ParseError, KeyError, ValueError, UnicodeError) as error:
        if isinstance(error, (BrokenWorkbook, TooMany)):
            raise
        raise BrokenWorkbook("broken_part") from None


def _texts(element: ElementTree.Element, name: str) -> list[str]:
    """Return the paragraphs within the parts of a name."""
    paragraphs = (line for part in element.iter(_name(name)) for line in part.iter(_name("text:p")))
    return [text for line in paragraphs if (text := typed.text("".join(line.itertext())))]


def _sheets(stream) -> list[Sheet]:
    sheets: list[Sheet] = []
    out_of_sight, marks = set[str](), Marks(set(), set())
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
                marks.note(element.get(_name("style:name"), ""), child)
        elif element.tag == _TABLE:
            deep -= 1
            element.clear()
        elif element.tag == _COLUMN and deep == 1:
            count = int(element.get(_name("table:number-columns-repeated"), "1"))
            if element.get(_name("table:visibility")) in _HIDDEN:
                sheets[-1].hidden_columns |= set(range(column, min(column + count, 1000)))
            column += count
        elif element.tag == _SHAPES and deep == 1:
            sheets[-1].boxes += _texts(element, "draw:text-box") + _texts(element, "draw:custom-shape")
        elif element.tag == _ROW and deep == 1:
            sheets[-1].boxes += _texts(element, "draw:text-box") + _texts(element, "draw:custom-shape")
            row += _row(sheets[-1], element, row + 1, marks)
            element.clear()
    return sheets


@dataclass(frozen=True)
class Marks:
    """The styles that raise or strike out what they are of."""

    raised: set[str]
    struck: set[str]

    def note(self, name: str, properties: ElementTree.Element) -> None:
        """Keep a style's name where its properties raise or strike."""
        if properties.get(_name("style:text-position"), "").startswith(("super", "sub")):
            self.raised.add(name)
        if properties.get(_name("style:text-line-through-style"), "none") != "none":
            self.struck.add(name)

    def text(self, paragraph: ElementTree.Element) -> str:
        """Return a paragraph's text: raised digits as raised ones, nothing of what is struck out."""
        parts = [paragraph.text or ""]
        for child in paragraph:
            style = child.get(_name("text:style-name"), "")
            own = "".join(child.itertext())
            if child.tag in _GAPS:
                own = " "
            parts += [
                "" if style in self.struck else own.translate(RAISED) if style in self.raised else own,
                child.tail or "",
            ]
        return "".join(parts)


def _row(sheet: Sheet, element: ElementTree.Element, row: int, marks: Marks) -> int:
    """Keep a row's cells and return how many rows it stands for."""
    repeated = int(element.get(_name("table:number-rows-repeated"), "1"))
    cells: list[tuple[int, typed.Cell, str | None, bool]] = []
    column = 0
    for cell in element:
        if cell.tag not in (_CELL, _COVERED):
            continue
        count = int(cell.get(_name("table:number-columns-repeated"), "1"))
        if cell.tag == _CELL:
            value, wrong = _value(cell, marks)
            if value is not None and cell.get(_name("table:style-name"), "") in marks.struck:
                sheet.struck.add((row, column))
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


def _value(cell: ElementTree.Element, marks: Marks) -> tuple[typed.Cell, bool]:
    """Return a cell's value and whether it is an error of the spreadsheet."""
    kind, number = cell.get(_name("office:value-type"), ""), cell.get(_name("office:value"), "")
    paragraphs = [marks.text(part) for part in cell if part.tag == _name("text:p")]
    written = "\n".join(paragraphs)
    if kind in ("float", "percentage", "currency"):
        if written.startswith(("#", "Err:")) or NO_NUMBER.fullmatch(number):
            return written, True
        value = float(f"{float(number):.15g}")  # as many digits as a spreadsheet shows
        value = int(value) if value.is_integer() and abs(value) < 2**53 else value
        if kind == "percentage":
            return typed.from_percent_format(value), False
        code = cell.get(_name("office:currency"), "")
        said = _CURRENCIES.get(code, code) if kind == "currency" else _beside(written)
        if (value < 0 and re.fullmatch(r"[0-9.,\s]+%?", written)) or (paragraphs and not written.strip()):
            said = ";"
        elif paragraphs and _differs(value, written):
            said = f"{said} ,".strip()
        return (typed.Shown(value, said) if said else value), False
    if kind == "date":
        day = date.fromisoformat(cell.get(_name("office:date-value"), "")[:10])
        if re.fullmatch(r"(?:năm )?[0-9]{4}", written.strip()):
            return str(day.year), False
        return (
            f"{day.year}-{day.month:02d}" if re.fullmatch(r"[^0-9]*[0-9]{1,2}[-/. ][0-9]{4}", written.strip()) else day
        ), False
    if kind == "boolean":
        return cell.get(_name("office:boolean-value")) == "true", False
    if written.startswith("#") and cell.get(_name("table:formula")):
        return written, True
    text = cell.get(_name("office:string-value"), written)
    return (text if typed.text(text) else None), False


def _differs(value: float, written: str) -> bool:
    """Tell whether a cell shows another number than its own, beyond rounding, or words instead of it."""
    match = re.search(r"[0-9](?:[0-9.,\s]*[0-9])?", written)
    if not match:
        return re.search(r"[^\W\d_]", written) is not None
    try:
        shown = set(typed.readings(match[0]).values())
    except ValueError:
        return False
    if re.match(r"[eE/]|\s*[0-9]", written[match.end() :]):  # an exponent, a fraction
        return False
    places = len(match[0].replace(",", ".").rpartition(".")[2]) if re.search("[.,]", match[0]) else 0
    return not any(
        abs(number - abs(value)) <= (0.5 if number.is_integer() else 0.5 / 10**places) * 1.0001 for number in shown
    )


def _beside(written: str) -> str:
    """Return the unit that a number's format shows before or after it, "" where it shows none."""
    match = re.fullmatch(r"([^0-9]*)[0-9][0-9.,\s]*(.*)", written, re.DOTALL)
    return " ".join("".join(match.groups()).strip(" ()-−–+").split()) if match else ""
