"""Opening what people send: a CSV or XLSX file in, a grid of cells with their row numbers out, or all reasons why not.

A file is measured before it is read: a path that is no regular file, too many bytes or rows, an archive that swells, has odd
member names, macros or entities is refused unopened. CSV is read in UTF-8 (with or without BOM), UTF-16 or Windows-1258, with
comma, semicolon or tab. Formula cells are refused even where a computed value is stored, for nobody has looked at that value:
paste values instead. Merged cells are filled from their first cell; the caller refuses them where a number would be repeated.
"""

import codecs
import csv
import io
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from nq57lab.base import messages
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.store import typed

MAX_BYTES = {".csv": 256 << 20, ".xlsx": 32 << 20}
MAX_EXPANDED = 256 << 20
MAX_RATIO = 200
MAX_ROWS = {".csv": 1_000_000, ".xlsx": 100_000}
MAX_COLUMNS = 200
MAX_MEMBERS = 2000
HEADER_ROWS = 30
KINDS = {".csv": ".csv", ".tsv": ".csv", ".txt": ".csv", ".xlsx": ".xlsx"}
_MARKS = "“”‘’–—…•·×÷≥≤≈°²³₫€−→«»§®™±½ " + "".join(map(chr, (0xA0, 0x2007, 0x2009, 0x200B, 0x202F, 0xFEFF)))
_MOJIBAKE = re.compile(r"á[»º][\u0080-\u00bf‚-™]|Ä[‘\u0090\u0091]|Æ[°¡]|Ã[\u0080-\u00bf]|\ufffd")


@dataclass(frozen=True)
class Grid:
    """A sheet's cells: ``rows`` holds (row number, cells); ``filled`` the places that got their value from a merged cell.

    Of a workbook also its hidden sheets' text, and its other visible sheets with the problems of their cells.
    """

    file: str
    rows: list[tuple[int, list[typed.Cell]]]
    sheet: str = ""
    filled: frozenset[tuple[int, int]] = frozenset()
    hidden: dict[str, str] = field(default_factory=dict)
    beside: "dict[str, tuple[Grid, list[Problem]]]" = field(default_factory=dict)


def letter(place: int) -> str:
    """Return the spreadsheet letter of a column (0 → A)."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def label(path: Path) -> str:
    """Return a file's name as messages show it: no folder, no control signs."""
    return "".join(sign if sign.isprintable() else "?" for sign in path.name)


def _stop(
    code: str, file: str, row: int | None = None, found: str | dict[str, str] = "", **details: object
) -> ProblemError:
    return ProblemError([Problem(code, file, row, "", found, details)])


def measure(path: Path) -> str:
    """Check a file without reading it whole, and return its kind.

    Returns
    -------
    str
        ``.csv`` or ``.xlsx``.

    Raises
    ------
    ProblemError
        If it is missing, no regular file, of another kind, too large, or an archive that is unsafe.
    """
    file = label(path)
    try:
        facts = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise ProblemError([Problem("missing_file", path.name, details={"file": str(path)})]) from None
    except (OSError, ValueError) as error:
        raise _stop("not_regular", file, found=type(error).__name__) from None
    if not stat.S_ISREG(facts.st_mode):
        raise _stop("not_regular", file, found="thư mục" if stat.S_ISDIR(facts.st_mode) else "tệp đặc biệt")
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise _stop("file_kind", file, found=path.suffix)
    if facts.st_size == 0:
        raise _stop("empty", file)
    if facts.st_size > MAX_BYTES[kind]:
        raise _stop("too_large", file, found=f"{facts.st_size >> 20} MB", limit=f"{MAX_BYTES[kind] >> 20} MB")
    with path.open("rb") as stream:
        start = stream.read(8)
    archive = start[:2] == b"PK"
    if archive != (kind == ".xlsx"):
        raise _stop("file_content", file, found="tệp nén" if archive else repr(start)[2:-1], kind=kind)
    if archive:
        _measure_archive(path, file)
    else:
        _count_lines(path, file)
    return kind


def _count_lines(path: Path, file: str) -> None:
    lines = 0
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            lines += chunk.count(b"\n")
            if lines > MAX_ROWS[".csv"] + HEADER_ROWS:
                raise _stop("too_many_rows", file, lines, f"hơn {lines} dòng", limit=MAX_ROWS[".csv"])


def _measure_archive(path: Path, file: str) -> None:
    found: list[Problem] = []
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                raise _stop(
                    "zip_bomb", file, found=messages.shape("member_count", count=len(members)), limit=MAX_MEMBERS
                )
            names = [member.filename for member in members]
            for name in sorted({name for name in names if names.count(name) > 1}):
                found.append(Problem("archive_name", file, found=messages.shape("twice", name=name)))
            for name in names:
                if (
                    name.startswith(("/", "\\"))
                    or ".." in re.split(r"[/\\]", name)
                    or ":" in name
                    or not name.isprintable()
                ):
                    found.append(Problem("archive_name", file, found=ascii(name)[1:-1]))
                if name.lower().endswith(("vbaproject.bin", ".exe", ".dll")):
                    found.append(Problem("macro", file, found=name))
            if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
                found.append(Problem("bad_workbook", file, found=messages.shape("lacks", name="xl/workbook.xml")))
            if sum(member.file_size for member in members) > MAX_EXPANDED:
                size = sum(member.file_size for member in members) >> 20
                found.append(
                    Problem("zip_bomb", file, found=f"{size} MB", details={"limit": f"{MAX_EXPANDED >> 20} MB"})
                )
            if found:
                raise ProblemError(found)
            _expand(archive, members, file)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error) as error:
        if isinstance(error, ProblemError):
            raise
        raise _stop("bad_workbook", file, found=type(error).__name__) from None


def _expand(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], file: str) -> None:
    """Unpack every member in pieces, counting; stop at the first that swells, has entities or too many rows."""
    total = 0
    for member in members:
        if member.flag_bits & 1:
            raise _stop("bad_workbook", file, found="có mật khẩu")
        size = rows = 0
        tail = b""
        with archive.open(member) as stream:
            while chunk := stream.read(1 << 18):
                size += len(chunk)
                total += len(chunk)
                swollen = size > 1 << 20 and size > MAX_RATIO * max(member.compress_size, 1)
                if total > MAX_EXPANDED or swollen:
                    limit = f"{MAX_EXPANDED >> 20} MB, {MAX_RATIO} lần"
                    raise _stop("zip_bomb", file, found=f"{member.filename}: hơn {size >> 20} MB", limit=limit)
                if member.filename.endswith((".xml", ".rels")):
                    if b"<!DOCTYPE" in tail + chunk or b"<!ENTITY" in tail + chunk:
                        raise _stop("xml_entity", file, found=member.filename)
                    if member.filename.startswith("xl/worksheets/"):
                        rows += (tail[-4:] + chunk).count(b"<row ") + (tail[-4:] + chunk).count(b"<row>")
                        if rows > MAX_ROWS[".xlsx"]:
                            raise _stop("too_many_rows", file, rows, f"hơn {rows} dòng", limit=MAX_ROWS[".xlsx"])
                tail = chunk[-16:]


def read(path: Path, known: Collection[str]) -> Grid:
    """Read the one sheet of a file that has the head of a table.

    Parameters
    ----------
    path : Path
        A CSV or XLSX file.
    known : collection of str
        The heads of columns, in lower case; they tell the delimiter, the sheet and the head's row.

    Returns
    -------
    Grid
        Every row from the file's first on; nothing is interpreted but the cells' own types.

    Raises
    ------
    ProblemError
        With every problem of the file's form.
    """
    file = label(path)
    return _read_workbook(path, file, known) if measure(path) == ".xlsx" else _read_csv(path, file, known)


def decode(data: bytes, file: str) -> str:
    """Decode a text file: UTF-8, UTF-16, or Windows-1258 where every letter is then Vietnamese.

    Raises
    ------
    ProblemError
        If it is binary, in another encoding (TCVN3, VNI …), or was decoded wrongly before (mojibake).
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        written = _try(data, "utf-16", file)
    elif b"\0" in data[:4096]:
        even, odd = data[:4096:2].count(0), data[1:4096:2].count(0)
        if min(even, odd) * 4 > max(even, odd) or max(even, odd) * 8 < len(data[:4096]):
            raise _stop("encoding", file, data[: data.index(b"\0")].count(b"\n") + 1, "byte 0x0")
        written = _try(data, "utf-16-le" if odd > even else "utf-16-be", file)
    else:
        try:
            written = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            row = data[: error.start].count(b"\n") + 1
            try:
                written = data.decode("cp1258")
            except UnicodeDecodeError:
                raise _stop("encoding", file, row, f"byte {data[error.start]:#x}") from None
            composed = unicodedata.normalize("NFC", written)
            odd_signs = sorted({sign for sign in composed if ord(sign) > 126 and not _vietnamese(sign)})
            if odd_signs:
                raise _stop("encoding", file, row, f"byte {data[error.start]:#x}; {' '.join(odd_signs[:8])}") from None
    if match := _MOJIBAKE.search(written):
        raise _stop(
            "mojibake", file, written[: match.start()].count("\n") + 1, written[match.start() :][:12].split("\n")[0]
        )
    return written.removeprefix("\ufeff")


def _try(data: bytes, encoding: str, file: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _stop("encoding", file, found=f"byte {error.start + 1}") from None


def _vietnamese(sign: str) -> bool:
    if sign in _MARKS:
        return True
    parts = unicodedata.normalize("NFD", sign.lower())
    base, marks = parts[0], parts[1:]
    return base in "abcdefghijklmnopqrstuvwxyzđ" and set(marks) <= set(
        "\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323"
    )


def _read_csv(path: Path, file: str, known: Collection[str]) -> Grid:
    written = decode(path.read_bytes(), file)
    if not written.strip():
        raise _stop("empty", file)
    start = written[:65536].splitlines()[:HEADER_ROWS]
    if start[0].lower().startswith("sep="):
        raise _stop("broken_csv", file, 1, start[0], count="?")
    delimiter = max(",;\t", key=lambda sign: max(_score(_split(line, sign), known) for line in start))
    rows: list[tuple[int, list[typed.Cell]]] = []
    reader = csv.reader(io.StringIO(written, newline=""), delimiter=delimiter, strict=True)
    try:
        for place, cells in enumerate(reader, start=1):
            if any(cell.strip() for cell in cells):
                rows.append((place, list(cells)))
    except csv.Error as error:
        code = "long_text" if "field larger" in str(error) else "broken_csv"
        raise _stop(code, file, (rows[-1][0] if rows else 0) + 1, str(error), count="?", limit=131072) from None
    return Grid(file, rows)


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def head(cell: typed.Cell) -> str:
    """Return a head's label for comparing: clean, lower case, without a trailing mark or bracketed remark."""
    return re.sub(r"\s*(?:\(.*\)|\*)$", "", typed.text(cell)).casefold()


def _score(cells: list, known: Collection[str]) -> int:
    return len({name for cell in cells if (name := head(cell)) in known})


def find_head(grid: Grid, known: Collection[str], least: int = 3) -> int | None:
    """Return the place (in ``grid.rows``) of the row that holds most known heads; the last of equals, as of a merged head."""
    scores = [(_score(cells, known), place) for place, (_, cells) in enumerate(grid.rows[:HEADER_ROWS])]
    best = max(scores, default=(0, 0))
    return best[1] if best[0] >= least else None


def _read_workbook(path: Path, file: str, known: Collection[str]) -> Grid:
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, data_only=False, keep_links=False)
    except Exception as error:
        raise _stop("bad_workbook", file, found=f"{type(error).__name__}") from None
    hidden = {
        sheet.title: "\n".join(str(row[0]) for row in sheet.iter_rows(values_only=True) if row and row[0] is not None)
        for sheet in book.worksheets
        if sheet.sheet_state != "visible"
    }
    grids, found, beside = [], [], {}
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            grid, wrong = _grid(sheet, file, hidden)
            if find_head(grid, known) is not None:
                grids.append(grid)
                found += wrong
            else:
                beside[sheet.title] = (grid, wrong)
    if len(grids) > 1:
        found.append(Problem("many_sheets", file, found=", ".join(grid.sheet for grid in grids)))
    if found:
        raise ProblemError(found)
    if not grids:
        raise _stop("no_header", file, found=", ".join(book.sheetnames)[:80])
    return replace(grids[0], beside=beside)


def _grid(sheet, file: str, hidden: dict[str, str]) -> tuple[Grid, list[Problem]]:
    found: list[Problem] = []
    if (sheet.max_column or 0) > MAX_COLUMNS:
        found.append(Problem("too_wide", file, found=str(sheet.max_column), details={"limit": MAX_COLUMNS}))
    top = {
        (row, column): (area.min_row, area.min_col)
        for area in sheet.merged_cells.ranges
        for row, column in _places(area, sheet.max_row or 0)
        if (row, column) != (area.min_row, area.min_col)
    }
    values: dict[tuple[int, int], typed.Cell] = {}
    rows = []
    for cells in sheet.iter_rows(max_col=min(sheet.max_column or 1, MAX_COLUMNS)):
        line: list[typed.Cell] = []
        for cell in cells:
            place = (cell.row, cell.column)
            value = values.get(top[place]) if place in top else _value(cell, file, found)
            values[place] = value
            line.append(value)
        if any(value not in (None, "") for value in line):
            rows.append((cells[0].row, line))
    return Grid(file, rows, sheet.title, frozenset((row, column - 1) for row, column in top), hidden), found


def _places(area, last: int) -> Iterator[tuple[int, int]]:
    for row in range(area.min_row, min(area.max_row, last) + 1):
        for column in range(area.min_col, min(area.max_col, MAX_COLUMNS) + 1):
            yield row, column


def _value(cell, file: str, found: list[Problem]) -> typed.Cell:
    """Return a workbook cell with its type; a formula or an error value is a problem."""
    value, shape = cell.value, re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", cell.number_format or "")
    if cell.data_type == "f":
        written = value if isinstance(value, str) else f"={getattr(value, 'text', '') or '…'}"
        found.append(Problem("formula_cell", file, cell.row, letter(cell.column - 1), str(written)[:60]))
        return None
    if cell.data_type == "e":
        found.append(Problem("error_cell", file, cell.row, letter(cell.column - 1), str(value)))
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return typed.from_percent_format(value) if "%" in shape else value
    if isinstance(value, datetime):
        return value.date() if "d" in shape.lower() else f"{value.year}-{value.month:02d}"
    return value if value is None or isinstance(value, (str, date)) else str(value)
