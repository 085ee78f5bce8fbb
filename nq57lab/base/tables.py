"""Reading and checking tables at the boundary: a CSV file in, a DataFrame that fits the contract out.

A file comes in as text, is checked once against its :class:`nq57lab.base.contract.Table` (columns, cells, key, references: every
problem is collected), and leaves with numbers where the schema says so. Inner functions trust it.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nq57lab.base import contract, periods
from nq57lab.base.contract import Column, ForeignKey, Reference, Table
from nq57lab.base.problems import Problem, ProblemError

# The tables here are small and read cell by cell; Arrow's strings, made for long columns, cost a fifth of a report's time.
pd.set_option("mode.string_storage", "python")

NUMBER = re.compile(r"(?:-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)?")
INTEGER = re.compile(r"(?:-?[0-9]+)?")
PLAIN = 100_000  # bytes from which a file is worth a look whether it is plain
Teller = Callable[..., tuple[int, Problem]]  # place, code, column, cell, particulars → place and problem


def read_text(path: Path, label: str) -> pd.DataFrame:
    """Read a CSV file as text, its index the file's row numbers; or raise the problems of its encoding and shape."""
    plain = _plain(path)
    if plain is not None:
        return plain
    heads, rows, lines = read_cells(path, label)
    return pd.DataFrame(rows, columns=heads, index=pd.Index(lines, name="row"), dtype=str)


def _plain(path: Path) -> pd.DataFrame | None:
    """Read a file in which nothing is quoted and every line has as many cells, several times as fast; None where it is not so plain."""
    raw = path.read_bytes() if path.is_file() else b""
    if not raw.isascii() or b'"' in raw or b"\r" in raw or len(raw) < PLAIN:
        return None
    whole = np.frombuffer(raw.rstrip(b"\n") + b"\n", dtype=np.uint8)
    ends = np.flatnonzero(whole == ord("\n"))
    commas = np.diff(np.searchsorted(np.flatnonzero(whole == ord(",")), ends), prepend=0)
    heads = raw.partition(b"\n")[0].decode().split(",")
    if (commas != len(heads) - 1).any() or len(heads) < 2 or len(set(heads)) < len(heads):
        return None
    frame = pd.read_csv(io.BytesIO(raw), dtype=str, keep_default_na=False, na_filter=False)
    frame.index = pd.Index(np.arange(2, len(frame) + 2), name="row")
    return frame


def read_cells(path: Path, label: str) -> tuple[list[str], list[list[str]], list[int]]:
    """Read a CSV file as its heads, its rows of cells and their row numbers; or raise the problems of its encoding and shape."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ProblemError([Problem("missing_file", label, details={"file": label})]) from None
    except UnicodeDecodeError as error:
        row = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ProblemError([Problem("encoding", label, row, found=f"byte {error.object[error.start]:#x}")]) from None
    if not text.strip():
        raise ProblemError([Problem("empty", label)])
    rows: list[list[str]] = []
    lines: list[int] = []
    found: list[Problem] = []
    start = 1
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            line, start = start, reader.line_num + 1
            if not cells:
                continue  # a blank line
            if rows and len(cells) != len(rows[0]):
                found.append(Problem("broken_csv", label, line, found=str(len(cells)), details={"count": len(rows[0])}))
            rows.append(cells)
            lines.append(line)
    except csv.Error as error:
        found.append(
            Problem("broken_csv", label, start, found=str(error), details={"count": len(rows[0]) if rows else 1})
        )
    repeated = sorted({name for name in rows[0] if rows[0].count(name) > 1}) if rows else []
    found += [Problem("unknown_column", label, 1, name, found=name) for name in repeated]
    if found:
        raise ProblemError(found)
    return rows[0], rows[1:], lines[1:]


def header_problems(heads: Collection[str], table: Table, file: str) -> list[Problem]:
    """Return the unknown and the missing columns of a table's heads."""
    unknown = [name for name in heads if name not in table.names and not name.startswith("x_")]
    missing = [name for name in table.names if name not in heads]
    found = [Problem("unknown_column", file, 1, name, found=name) for name in unknown]
    return found + [Problem("missing_column", file, 1, name, details={"column": name}) for name in missing]


def problems(
    frame: pd.DataFrame, table: Table, label: str | pd.DataFrame, others: Mapping[str, Any] | None = None
) -> list[Problem]:
    """Check a frame of text cells against a table's schema.

    Parameters
    ----------
    frame : DataFrame
        All columns as text, an empty string where nothing was given.
    label : str or DataFrame
        The file's name (the frame's index, if named ``row``, are then its row numbers, else row 0 is row 2 of the file), or
        the columns ``file`` and ``row`` for a frame of many files.
    others : mapping of str to DataFrame, optional
        The tables that this one refers to, by name; without them references are not looked up.

    Returns
    -------
    list of Problem
        Every problem, in the frame's order; empty when the frame fits.
    """
    tell = _teller(frame, label)
    file = label if isinstance(label, str) else str(label["file"].iloc[0]) if len(label) else ""
    found = header_problems(frame.columns, table, file)
    if any(entry.code == "missing_column" for entry in found):
        return found
    text = frame[table.names].reset_index(drop=True)
    cells = [*_cell_problems(text, table, tell), *_key_problems(text, table, tell)]
    if others is not None:
        cells += _reference_problems(text, table, tell, others)
    return found + [entry for _, entry in sorted(cells, key=lambda pair: pair[0])]


def references(
    frame: pd.DataFrame, table: Table, label: str | pd.DataFrame, others: Mapping[str, Any]
) -> list[tuple[int, Problem]]:
    """Return the codes of a table that its foreign keys find nowhere, and the rows that name no source or no place in it.

    Parameters
    ----------
    frame : DataFrame
        A table of the contract, read; its numbers may be numbers.
    table, label
        As :func:`problems` takes them.
    others : mapping of str to DataFrame
        The tables that this one refers to, by name.

    Returns
    -------
    list of (int, Problem)
        Each with its place in the frame, one foreign key after the other.
    """
    return list(_reference_problems(frame, table, _teller(frame, label), others))


def broken(column: Column, texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the code of each rule of a column that a text breaks, and the text.

    Examples
    --------
    >>> list(broken(Column("year", "integer", required=True), ["2026", "", "2026.5"]))
    [('required', ''), ('pattern', '2026.5')]
    """
    for code, keeps in _rules(column):
        for text in texts:
            if not keeps(text):
                yield code, text


def codes(key: ForeignKey, others: Mapping[str, Any]) -> set[str]:
    """Return the codes that a foreign key may hold."""
    return set().union(*(_defined(reference, others[reference.table]) for reference in key.references))


@cache
def _rules(column: Column) -> tuple[tuple[str, Callable[[str], bool]], ...]:
    """Return the rules of a column: a problem's code and whether a cell keeps the rule; a blank cell is told once, as required."""
    rules: list[tuple[str, Callable[[str], bool]]] = []
    if column.required:
        rules.append(("required", bool))
    if column.values:
        rules.append(("values", {*column.values, *([] if column.required else [""])}.__contains__))
    shapes: list[Callable[[str], bool]] = []
    if column.pattern:
        shapes.append(partial(_whole, re.compile(rf"(?:{column.pattern})?")))
    if column.rule:
        shapes.append({"calendar": _in_calendar, "sorted": _in_order}[column.rule])
    if column.type == "number":
        shapes.append(partial(_whole, NUMBER))
    if column.type == "integer" and not column.values:
        shapes.append(partial(_whole, INTEGER))
    if shapes:
        rules.append(("pattern", lambda cell: all(keeps(cell) for keeps in shapes)))
    return tuple(rules)


def _whole(shape: re.Pattern, cell: str) -> bool:
    return shape.fullmatch(cell) is not None


def _in_calendar(cell: str) -> bool:
    return cell == "" or periods.is_period(cell)


def _in_order(cell: str) -> bool:
    parts = cell.split("; ")
    return parts == sorted(parts)


def _teller(frame: pd.DataFrame, label: str | pd.DataFrame) -> Teller:
    """Return what makes a problem of a place in the frame, a code, a column, a cell and particulars."""

    def tell(place: int, code: str, column: str, cell: str, **details: object) -> tuple[int, Problem]:
        if isinstance(label, str):
            file, row = label, int(frame.index[place]) if frame.index.name == "row" else place + 2
        else:
            file, row = str(label["file"].iat[place]), int(label["row"].iat[place])
        return place, Problem(code, file, row, column, cell, details)

    return tell


def _cell_problems(text: pd.DataFrame, table: Table, tell: Teller) -> Iterator[tuple[int, Problem]]:
    """Yield the cells that break a rule of their column, and those that are not composed Unicode."""
    distinct = {name: pd.unique(text[name]).tolist() for name in table.names}  # many rows hold few different texts
    for column in table.columns:
        shape = contract.SHAPES.get(column.pattern or column.type, column.pattern)
        for code, cell in broken(column, distinct[column.name]):
            details = {"allowed": ", ".join(column.values), "shape": shape}
            for place in text.index[text[column.name] == cell]:
                yield tell(place, code, column.name, cell, **details)
    for name, texts in distinct.items():
        if unicodedata.is_normalized("NFC", "\n".join(texts)):
            continue
        apart = ~text[name].map(lambda cell: unicodedata.is_normalized("NFC", cell))
        yield from (tell(place, "unicode", name, text.at[place, name]) for place in text.index[apart])


def _key_problems(text: pd.DataFrame, table: Table, tell: Teller) -> Iterator[tuple[int, Problem]]:
    """Yield the rows whose key an earlier row has."""
    for place in text.index[text.duplicated(list(table.key), keep="first")]:
        key = ", ".join(text.loc[place, list(table.key)])
        yield tell(place, "duplicate", "", key, key=", ".join(table.key))


def _reference_problems(
    frame: pd.DataFrame, table: Table, tell: Teller, others: Mapping[str, Any]
) -> Iterator[tuple[int, Problem]]:
    """Yield the codes that lead nowhere, one foreign key after the other, and the rows without a source or a place in it."""
    for key in table.foreign_keys:
        known, cells = codes(key, others), frame[key.column].tolist()
        lost = {text: [part for part in _parts(text, key.joined) if part not in known] for text in dict.fromkeys(cells)}
        if not any(lost.values()):
            continue
        meant = _chosen(frame, key.when)
        for place, text in enumerate(cells):
            for part in lost[text] if meant[place] else ():
                yield tell(place, "reference", key.column, part, target=key.called)
    if table.sourced:
        known = set(others["sources"]["id"].tolist())
        for place, text in enumerate(frame["source"].tolist()):
            source, *rest = re.split("[,;]", text, maxsplit=1)
            if source not in known:
                yield tell(place, "reference", "source", source, target="sources.csv")
            elif not "".join(rest).strip():
                yield tell(place, "source_place", "source", text)


def _defined(reference: Reference, frame: pd.DataFrame) -> set[str]:
    """Return the codes that a table defines."""
    rows = zip(*(frame[name].tolist() for name in reference.fields), strict=True)
    meant = _chosen(frame, reference.where, reference.where_not)
    return {reference.composed.join(row) for row, counts in zip(rows, meant, strict=True) if counts}


def _chosen(
    frame: pd.DataFrame, these: Iterable[tuple[str, str]], but_these: Iterable[tuple[str, str]] = ()
) -> list[bool]:
    """Tell which rows have the values of some columns, and none of the others."""
    chosen = [True] * len(frame)
    for wanted, pairs in ((True, these), (False, but_these)):
        for name, value in pairs:
            chosen = [old and (cell == value) is wanted for old, cell in zip(chosen, frame[name].tolist(), strict=True)]
    return chosen


def _parts(text: str, joined: str) -> list[str]:
    """Return the codes of a cell; a blank cell holds none."""
    if not text:
        return []
    return text.split(joined) if joined else [text]


def convert(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return a checked frame of text cells with its number columns as numbers (an empty cell becomes NaN)."""
    numbers = {
        column.name: pd.to_numeric(frame[column.name].replace("", None))
        for column in table.columns
        if column.type in ("number", "integer")
    }
    return frame.assign(**numbers)


def complete(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return a frame of text cells with the optional columns that its file leaves out, blank."""
    return frame.assign(**{name: "" for name in table.optional if name not in frame})


def read(
    path: Path,
    table: Table,
    label: str | None = None,
    others: Mapping[str, Any] | None = None,
    check: bool = True,
) -> pd.DataFrame:
    """Read one CSV file of a table, check it (against the tables it refers to, where they are given) and convert it.

    ``check`` is False where this very file was checked before.

    Raises
    ------
    ProblemError
        With every problem of the file.
    """
    label = label or path.name
    frame = read_text(path, label)
    if check and (found := problems(frame, table, label, others)):
        raise ProblemError(found)
    return convert(frame, table).reset_index(drop=True)
