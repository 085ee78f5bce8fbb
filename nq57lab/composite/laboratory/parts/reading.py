"""Tables of an index as people keep them: CSV with commas or semicolons, .xlsx; text cells with their row numbers out."""

import csv
import re
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from nq57lab.base.problems import Problem, ProblemError


def read_table(path: Path, known: Collection[str] = ("ucode", "icode")) -> pd.DataFrame:
    """Read a table as text cells: CSV with commas, CSV with semicolons (and decimal commas), or a sheet of an .xlsx file.

    Parameters
    ----------
    path : Path
        The file.
    known : collection of str
        Heads in lower case that tell which sheet of a workbook is meant.

    Returns
    -------
    DataFrame
        Text cells, the index the file's row numbers.

    Raises
    ------
    ProblemError
        With every problem of the file's form; a number in a semicolon file that can be read in two ways is named.
    """
    from nq57lab.base import tables

    if path.suffix.lower() in (".xlsx", ".xlsm"):
        return _read_sheet(path, known)
    try:
        first = path.read_bytes()[:65536].decode("utf-8-sig", "replace").partition("\n")[0]
    except FileNotFoundError:
        first = ""
    if first.count(";") <= first.count(","):
        return tables.read_text(path, path.name)
    return _read_semicolons(path)


def _read_semicolons(path: Path) -> pd.DataFrame:
    from nq57lab.store import sheets, typed

    rows = list(csv.reader(sheets.decode(path.read_bytes(), path.name).splitlines(), delimiter=";"))
    found = [
        Problem("broken_csv", path.name, place, found=str(len(cells)), details={"count": len(rows[0])})
        for place, cells in enumerate(rows, start=1)
        if cells and len(cells) != len(rows[0])
    ]
    if found:
        raise ProblemError(found)
    lines = [place for place, cells in enumerate(rows, start=1) if cells][1:]
    frame = pd.DataFrame([rows[line - 1] for line in lines], columns=rows[0], index=pd.Index(lines, name="row"))
    for name in frame.columns:
        if name in ("uCode", "uName", "Time", "iCode", "iName", "Parent"):
            continue
        convention = typed.column_convention(frame[name].tolist())
        cells = []
        for row, cell in frame[name].items():
            try:
                cells.append(repr(typed.number(cell, convention)) if re.search("[.,]", cell) else cell)
            except typed.DoubtfulNumber:
                found.append(Problem("index_doubtful", path.name, int(row), name, cell))
                cells.append(cell)
            except ValueError:
                cells.append(cell)
        frame[name] = cells
    if found:
        raise ProblemError(found)
    return frame


def _read_sheet(path: Path, known: Collection[str]) -> pd.DataFrame:
    from nq57lab.store import sheets, typed

    sheets.measure(path)
    import openpyxl

    book = openpyxl.load_workbook(path, data_only=True, read_only=False, keep_links=False)
    for sheet in book.worksheets:
        rows = [(place, list(cells)) for place, cells in enumerate(sheet.iter_rows(values_only=True), start=1)]
        rows = [(place, cells) for place, cells in rows if any(cell not in (None, "") for cell in cells)]
        heads = [typed.text(cell) if cell is not None else "" for cell in rows[0][1]] if rows else []
        if not {head.casefold() for head in heads} & {known[0] if isinstance(known, tuple) else next(iter(known))}:
            continue
        last = max(place for place, head in enumerate(heads, start=1) if head)
        cells = [["" if cell is None else _typed(cell) for cell in row[:last]] for _, row in rows[1:]]
        lines = pd.Index([place for place, _ in rows[1:]], name="row")
        return pd.DataFrame(cells, columns=heads[:last], index=lines, dtype=str)
    details = {"column": next(iter(known))}
    raise ProblemError([Problem("missing_column", path.name, 1, next(iter(known)), details=details)])


def _typed(cell: object) -> str:
    if isinstance(cell, float):
        return repr(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)
