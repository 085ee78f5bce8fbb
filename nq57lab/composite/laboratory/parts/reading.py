"""Tables of an index as people keep them: CSV with commas, semicolons or tabs, .xlsx, .ods; text cells with their row numbers out."""

import csv
import re
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from nq57lab.base.problems import Problem, ProblemError

BOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
SEPARATORS = ",;\t"
HEAD_ROWS = 30
WORDS = ("uCode", "uName", "Time", "iCode", "iName", "Parent")
_WRITTEN = re.compile(r"[-−+]?[0-9][0-9., ]*")


def read_table(path: Path, known: Collection[str] = ("ucode", "icode")) -> pd.DataFrame:
    """Read a table as text cells: CSV with commas, semicolons or tabs (the last two with decimal commas), or a sheet of an .xlsx or .ods file.

    Parameters
    ----------
    known : collection of str
        Heads in lower case, the first of which tells the sheet and the head's row of a workbook.

    Returns
    -------
    DataFrame
        Text cells, the index the file's row numbers.

    Raises
    ------
    ProblemError
        With every problem of the file's form; a text that can be read as two numbers is named.
    """
    from nq57lab.base import tables

    if path.suffix.lower() in BOOKS:
        return _read_sheet(path, next(iter(known)))
    try:
        first = path.read_bytes()[:65536].decode("utf-8-sig", "replace").partition("\n")[0]
    except FileNotFoundError:
        first = ""
    separator = max(SEPARATORS, key=first.count)
    return tables.read_text(path, path.name) if separator == "," else _read_separated(path, separator)


def _read_separated(path: Path, separator: str) -> pd.DataFrame:
    from nq57lab.store import sheets

    rows = list(csv.reader(sheets.decode(path.read_bytes(), path.name).splitlines(), delimiter=separator))
    found = [
        Problem("broken_csv", path.name, place, found=str(len(cells)), details={"count": len(rows[0])})
        for place, cells in enumerate(rows, start=1)
        if cells and len(cells) != len(rows[0])
    ]
    if found:
        raise ProblemError(found)
    lines = [place for place, cells in enumerate(rows, start=1) if cells][1:]
    return _in_points(rows[0], [rows[line - 1] for line in lines], lines, path.name)


def _in_points(heads: list[str], rows: list[list], lines: list[int], label: str) -> pd.DataFrame:
    """Return a table as text in which the numbers that were written as text have decimal points, as the rest of their column tells."""
    from nq57lab.store import typed

    found, columns = [], []
    for place, name in enumerate(heads):
        cells = [row[place] for row in rows]
        texts: list[object] = [cell for cell in cells if isinstance(cell, str) and _WRITTEN.fullmatch(cell.strip())]
        convention = "" if name in WORDS else typed.column_convention(texts)
        for at, cell in enumerate(cells):
            if name in WORDS or not (isinstance(cell, str) and _WRITTEN.fullmatch(cell.strip())):
                cells[at] = _typed(cell)
            elif re.search("[.,]", cell):
                try:
                    cells[at] = repr(typed.number(cell, convention))
                except typed.DoubtfulNumber:
                    found.append(Problem("index_doubtful", label, lines[at], name, cell))
                except ValueError:
                    pass  # the table's check names it
        columns.append(cells)
    if found:
        raise ProblemError(found)
    frame = pd.DataFrame(dict(enumerate(columns)), index=pd.Index(lines, name="row"), dtype=str)
    return frame.set_axis(heads, axis=1)


def _read_sheet(path: Path, wanted: str) -> pd.DataFrame:
    import zipfile

    from nq57lab.base import messages
    from nq57lab.store import sheets, typed
    from nq57lab.store.files import excel, opendocument
    from nq57lab.store.files.sheet import BrokenWorkbook

    kind = sheets.measure(path)
    try:
        with zipfile.ZipFile(path) as archive:
            book = (excel if kind == ".xlsx" else opendocument).read(archive)
    except BrokenWorkbook as error:
        raise ProblemError([Problem("bad_workbook", path.name, found=messages.shape(str(error)))]) from None
    for sheet in book:
        # A formula without a value, or with an error, stands as it is written: the table's check names it.
        cells = {place: "" if cell is None else cell for place, cell in sheet.cells.items()}
        cells |= {place: told for place, told in sheet.formulas.items() if cells.get(place, "") == ""} | sheet.errors
        rows: dict[int, dict[int, object]] = {}
        for (row, column), cell in sorted(cells.items()):
            rows.setdefault(row, {})[column] = cell
        for head in sorted(rows)[:HEAD_ROWS]:
            names = {column: typed.text(cell) for column, cell in rows[head].items()}
            if sheet.visible and wanted in {name.casefold() for name in names.values()}:
                lines = [row for row in sorted(rows) if row > head]
                listed = [[rows[row].get(column, "") for column in names] for row in lines]
                return _in_points(list(names.values()), listed, lines, path.name)
    name = next((word for word in WORDS if word.casefold() == wanted), wanted)
    raise ProblemError([Problem("missing_column", path.name, None, name, details={"column": name})])


def _typed(cell: object) -> str:
    from nq57lab.store import typed

    if isinstance(cell, typed.Percent):
        return repr(cell.value / 100)
    if isinstance(cell, typed.Shown):
        cell = cell.value
    if isinstance(cell, float):
        return repr(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)
