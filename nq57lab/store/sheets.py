"""Opening what people send: a CSV, XLSX or ODS file in, a grid of cells with their row numbers out, or all reasons why not.

A file is measured before it is read: a path that is no regular file, too many bytes or rows, an archive that swells, has odd
member names, macros or entities is refused unopened. CSV is read in UTF-8 (with or without BOM), UTF-16 or Windows-1258, with
comma, semicolon, tab or bar, and Excel's own first line ``sep=;``. Of a workbook the cells that hold something are read, so that time
and memory follow what is there. Merged cells are filled from their first cell; the caller refuses them where a number would be repeated.
"""

import codecs
import csv
import io
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from nq57lab.base import messages, wording
from nq57lab.base.problems import Notice, Problem, ProblemError
from nq57lab.store import typed
from nq57lab.store.files import excel, opendocument
from nq57lab.store.files.sheet import EPOCH, MAX_COLUMNS, BrokenWorkbook, Sheet, TooMany

KEY_SHEET = "_khoa"
MAX_BYTES = {".csv": 256 << 20, ".xlsx": 32 << 20, ".ods": 32 << 20}
MAX_EXPANDED = 256 << 20
MAX_RATIO = 200
MAX_ROWS = {".csv": 1_000_000, ".xlsx": 100_000}
MAX_MEMBERS = 2000
HEADER_ROWS = 30
KINDS = {".csv": ".csv", ".tsv": ".csv", ".txt": ".csv", ".xlsx": ".xlsx", ".ods": ".ods"}
_PARTS = {".xlsx": ("[Content_Types].xml", "xl/workbook.xml"), ".ods": ("content.xml",)}
_MARKS = "“”‘’–—…•·×÷≥≤≈°²³₫€−→«»§®™±½ " + "".join(map(chr, (0xA0, 0x2007, 0x2009, 0x200B, 0x202F, 0xFEFF)))
_MOJIBAKE = re.compile(r"á[»º][\u0080-\u00bf‚-™]|Ä[‘\u0090\u0091]|Æ[°¡]|Ã[\u0080-\u00bf]|\ufffd")


@dataclass(frozen=True)
class Grid:
    """A sheet's cells: ``rows`` holds (row number, cells); ``filled`` the places that got their value from a merged cell.

    Of a workbook also the text of its key sheet (``keys``), its other visible sheets (``beside``), and by place its formulas and
    errors; ``told`` is what nobody read; ``around`` the texts that stand in no cell (text boxes, the page's head and foot). Of a CSV file its ``delimiter``.
    """

    file: str
    rows: list[tuple[int, list[typed.Cell]]]
    sheet: str = ""
    filled: frozenset[tuple[int, int]] = frozenset()
    keys: dict[str, str] = field(default_factory=dict)
    beside: "dict[str, Grid]" = field(default_factory=dict)
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    struck: frozenset[tuple[int, int]] = frozenset()
    comments: dict[tuple[int, int], str] = field(default_factory=dict)
    epoch: date = EPOCH
    told: tuple[Notice, ...] = ()
    delimiter: str = ""
    around: tuple[str, ...] = ()


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
        ``.csv``, ``.xlsx`` or ``.ods``.

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
    if archive != (kind in _PARTS):
        raise _stop("file_content", file, found="tệp nén" if archive else repr(start)[2:-1], kind=kind)
    if archive:
        _measure_archive(path, file, kind)
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


def _measure_archive(path: Path, file: str, kind: str) -> None:
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
            lacking = [name for name in _PARTS[kind] if name not in names]
            if lacking:
                found.append(Problem("bad_workbook", file, found=messages.shape("lacks", name=lacking[-1])))
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
        raise _stop("bad_workbook", file, found=messages.shape("broken_part")) from None


def _expand(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], file: str) -> None:
    """Unpack every member in pieces, counting; stop at the first that swells or has entities."""
    total = 0
    for member in members:
        if member.flag_bits & 1:
            raise _stop("bad_workbook", file, found=messages.shape("password"))
        size, tail = 0, b""
        with archive.open(member) as stream:
            while chunk := stream.read(1 << 18):
                size += len(chunk)
                total += len(chunk)
                swollen = size > 1 << 20 and size > MAX_RATIO * max(member.compress_size, 1)
                if total > MAX_EXPANDED or swollen:
                    limit = f"{MAX_EXPANDED >> 20} MB, {MAX_RATIO} lần"
                    raise _stop("zip_bomb", file, found=f"{member.filename}: hơn {size >> 20} MB", limit=limit)
                plain = (tail + chunk).replace(b"\0", b"")  # UTF-16 says it with a zero beside each letter
                declared = b"<!DOCTYPE" in plain or b"<!ENTITY" in plain
                if declared and member.filename.endswith((".xml", ".rels")):
                    raise _stop("xml_entity", file, found=member.filename)
                tail = chunk[-32:]


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
    kind = measure(path)
    return _read_csv(path, file, known) if kind == ".csv" else _read_workbook(path, file, known, kind)


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
    said = re.fullmatch(
        r'"?sep=(.)"?[,;\t]*', start[0], re.IGNORECASE
    )  # a line of Excel's own, which names the delimiter
    signs = said[1] if said else ",;\t|"
    delimiter = max(signs, key=lambda sign: max(_score(_split(line, sign), known) for line in start))
    rows: list[tuple[int, list[typed.Cell]]] = []
    reader = csv.reader(io.StringIO(written, newline=""), delimiter=delimiter, strict=True)
    try:
        for place, cells in enumerate(reader, start=1):
            if place == 1 and said:
                continue
            if any(cell.strip() for cell in cells):
                rows.append((place, list(cells)))
    except csv.Error as error:
        code = "long_text" if "field larger" in str(error) else "broken_csv"
        raise _stop(code, file, (rows[-1][0] if rows else 0) + 1, str(error), count="?", limit=131072) from None
    return Grid(file, rows, delimiter=delimiter)


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def head(cell: typed.Cell) -> str:
    """Return a head's label for comparing: clean, without accents, case, a trailing mark or a bracketed remark.

    >>> head("Giá trị (triệu đồng)"), head("ĐỊA BÀN *"), head("Đơn vị tính:")
    ('gia tri', 'dia ban', 'don vi tinh')
    """
    label = re.sub(r"\s*(?:\(.*\)|\[.*\]|[*:])+$", "", typed.text(cell))
    return wording.plain(label.replace("_", " ")).strip()


def _score(cells: list, known: Collection[str]) -> int:
    return len({name for cell in cells if isinstance(cell, str) and (name := head(cell)) in known})


def is_head(cells: list, known: Collection[str], least: int = 3) -> bool:
    """Tell whether a row is the head of a table."""
    return _score(cells, known) >= least


def find_head(grid: Grid, known: Collection[str], least: int = 3) -> int | None:
    """Return the place (in ``grid.rows``) of the first row that is a head; of a head of several rows the one with most known heads.

    A head of several rows has them one below the other; the last of equals counts, as of merged cells.
    """
    scores = [_score(cells, known) for _, cells in grid.rows[:HEADER_ROWS]]
    first = next((place for place, score in enumerate(scores) if score >= least), None)
    while (
        first is not None
        and first + 1 < len(scores)
        and scores[first + 1] >= scores[first]
        and (scores[first + 1] > scores[first] or _filled(grid, first + 1))
    ):
        first += 1
    return first


def _filled(grid: Grid, place: int) -> bool:
    """Tell whether a row has cells that merged areas filled."""
    number = grid.rows[place][0]
    return any(row == number for row, _ in grid.filled)


def _read_workbook(path: Path, file: str, known: Collection[str], kind: str) -> Grid:
    try:
        with zipfile.ZipFile(path) as archive:
            found = (excel if kind == ".xlsx" else opendocument).read(archive)
    except BrokenWorkbook as error:
        raise _stop("bad_workbook", file, found=messages.shape(str(error))) from None
    except TooMany as error:
        raise _stop(
            "too_many_rows", file, int(str(error)), f"hơn {MAX_ROWS['.xlsx']} dòng", limit=MAX_ROWS[".xlsx"]
        ) from None
    keys = {
        sheet.name: "\n".join(str(value) for (_, column), value in sorted(sheet.cells.items()) if column == 0)
        for sheet in found
        if sheet.name == KEY_SHEET
    }
    grids, wrong, beside, told = [], list[Problem](), {}, list[Notice]()
    for sheet in found:
        if sheet.name in keys:
            continue
        grid = _grid(sheet, file)
        headed = find_head(grid, known) is not None
        if sheet.visible and headed:
            grids.append(grid)
        elif sheet.visible:
            beside[sheet.name] = grid
        elif headed:
            told.append(Notice("hidden_sheet", file, details={"name": sheet.name, "count": len(grid.rows) - 1}))
    if len(grids) > 1:
        wrong.append(Problem("many_sheets", file, found=", ".join(grid.sheet for grid in grids)))
    told += [
        Notice("text_box", file, details={"text": text[:80]})
        for sheet in found
        for text in sheet.boxes
        if grids and sheet.name == grids[0].sheet
    ]
    if grids and grids[0].epoch != EPOCH:
        told.append(Notice("epoch_1904", file))
    for grid in grids[:1]:
        wrong += _form_problems(next(sheet for sheet in found if sheet.name == grid.sheet), file)
    if wrong:
        raise ProblemError(wrong)
    if not grids:
        raise _stop("no_header", file, found=", ".join(sheet.name for sheet in found)[:80])
    return replace(grids[0], keys=keys, beside=beside, told=tuple(told))


def _form_problems(sheet: Sheet, file: str) -> list[Problem]:
    found = []
    if sheet.width > MAX_COLUMNS:
        found.append(Problem("too_wide", file, found=str(sheet.width), details={"limit": MAX_COLUMNS}))
    return found + [
        Problem("cell_twice", file, row, letter(column), f"{letter(column)}{row}") for row, column in sheet.twice
    ]


def _grid(sheet: Sheet, file: str) -> Grid:
    filled = {place: first for place, first in sheet.filled().items() if first in sheet.cells}
    width = min(max([sheet.width, *(column + 1 for _, column in filled)]), MAX_COLUMNS)
    rows: dict[int, list[typed.Cell]] = {}
    for (row, column), value in sheet.cells.items():
        if column < width:
            rows.setdefault(row, [None] * width)[column] = value
    for (row, column), first in filled.items():
        rows.setdefault(row, [None] * width)[column] = sheet.cells[first]
    return Grid(
        file,
        sorted(rows.items()),
        sheet.name,
        frozenset(filled),
        formulas=sheet.formulas,
        errors=sheet.errors,
        hidden_rows=frozenset(sheet.hidden_rows),
        hidden_columns=frozenset(sheet.hidden_columns),
        struck=frozenset(sheet.struck),
        comments=sheet.comments,
        epoch=sheet.epoch,
        around=(*sheet.around, *sheet.boxes),
    )
