"""Reading and checking tables at the boundary: a CSV file in, a DataFrame that fits the contract out.

A file comes in as text, is checked once against its :class:`nq57lab.base.contract.Table` (pandera does the column checks), and
leaves with numbers where the schema says so. Inner functions trust it.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache, partial
from pathlib import Path

import pandas as pd

from nq57lab.base.contract import SHAPES, TABLES, Table
from nq57lab.base.problems import Problem, ProblemError

NUMBER = re.compile(r"(?:-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)?")


@cache
def _rules(table: Table) -> dict[str, dict[str, Callable[[str], bool]]]:
    """Return the rules of each column that has any: the name of a rule and whether a cell keeps it."""
    found: dict[str, dict[str, Callable[[str], bool]]] = {}
    for column in table.columns:
        rules: dict[str, Callable[[str], bool]] = {}
        if column.required:
            rules["required"] = bool
        if column.values:
            rules["values"] = {*column.values, *([] if column.required else [""])}.__contains__
        if column.pattern:
            rules["pattern"] = partial(
                _whole, re.compile(rf"(?:{column.pattern})?")
            )  # a blank is told once, as required
        if column.kind == "number":
            rules["number"] = partial(_whole, NUMBER)
        if rules:
            found[column.name] = rules
    return found


def _whole(shape: re.Pattern, cell: str) -> bool:
    return shape.fullmatch(cell) is not None


def _failures(texts: Sequence[str], name: str, rules: dict[str, Callable[[str], bool]]) -> Iterator[tuple[str, str]]:
    """Yield each rule that a text breaks, and the text; pandera, slow to load, collects them where there are any."""
    if all(keeps(text) for keeps in rules.values() for text in texts):
        return
    import pandera.errors
    import pandera.pandas as pa

    checks = [pa.Check(keeps, element_wise=True, error=rule) for rule, keeps in rules.items()]
    try:
        schema = pa.DataFrameSchema({name: pa.Column(None, checks, nullable=True)})
        schema.validate(pd.DataFrame({name: texts}), lazy=True)
    except pandera.errors.SchemaErrors as errors:
        yield from ((str(case.check), str(case.failure_case)) for case in errors.failure_cases.itertuples())


def read_text(path: Path, label: str) -> pd.DataFrame:
    """Read a CSV file as text, its index the file's row numbers; or raise the problems of its encoding and shape."""
    heads, rows, lines = read_cells(path, label)
    return pd.DataFrame(rows, columns=heads, index=pd.Index(lines, name="row"), dtype=str)


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


def problems(frame: pd.DataFrame, table: Table, label: str | pd.DataFrame) -> list[Problem]:
    """Check a frame of text cells against a table's schema.

    Parameters
    ----------
    frame : DataFrame
        All columns as text, an empty string where nothing was given.
    table : Table
        The schema.
    label : str or DataFrame
        The file's name (the frame's index, if named ``row``, are then its row numbers, else row 0 is row 2 of the file), or
        the columns ``file`` and ``row`` for a frame of many files.

    Returns
    -------
    list of Problem
        Every problem, in the frame's order; empty when the frame fits.
    """
    if isinstance(label, pd.DataFrame):
        places = label
    else:
        numbers = frame.index if frame.index.name == "row" else range(2, len(frame) + 2)
        places = pd.DataFrame({"file": label, "row": list(numbers)})
    file = str(places["file"].iloc[0]) if len(places) else str(label)
    found = header_problems(frame.columns, table, file)
    if any(entry.code == "missing_column" for entry in found):
        return found

    def problem(code: str, place: int, column: str = "", cell: str = "", **details: object) -> Problem:
        return Problem(code, str(places["file"].iat[place]), int(places["row"].iat[place]), column, cell, details)

    text = frame[table.names].reset_index(drop=True)
    cells: list[tuple[int, Problem]] = []
    for name, rules in _rules(table).items():
        column = next(column for column in table.columns if column.name == name)
        # A column of many rows holds few different texts.
        for rule, cell in _failures(pd.unique(text[name]).tolist(), name, rules):
            code = "pattern" if rule in ("pattern", "number") else rule
            shape = SHAPES.get("number" if column.kind == "number" else column.pattern, column.pattern)
            details = {"allowed": ", ".join(column.values), "shape": shape}
            cells += [(place, problem(code, place, name, cell, **details)) for place in text.index[text[name] == cell]]
    for name in table.names:
        if unicodedata.is_normalized("NFC", "\n".join(text[name])):
            continue
        apart = ~text[name].map(lambda cell: unicodedata.is_normalized("NFC", cell))
        cells += [(place, problem("unicode", place, name, text.at[place, name])) for place in text.index[apart]]
    for place in text.index[text.duplicated(list(table.key), keep="first")]:
        key = ", ".join(text.loc[place, list(table.key)])
        cells.append((place, problem("duplicate", place, "", key, key=", ".join(table.key))))
    return found + [entry for _, entry in sorted(cells, key=lambda pair: pair[0])]


def convert(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return a checked frame of text cells with its number columns as numbers (an empty cell becomes NaN)."""
    numbers = {
        column.name: pd.to_numeric(frame[column.name].replace("", None))
        for column in table.columns
        if column.kind in ("number", "integer")
    }
    return frame.assign(**numbers)


def read(path: Path, table: Table, label: str | None = None) -> pd.DataFrame:
    """Read one CSV file of a table, check it and convert it.

    Raises
    ------
    ProblemError
        With every problem of the file.
    """
    label = label or path.name
    frame = read_text(path, label)
    found = problems(frame, table, label)
    if found:
        raise ProblemError(found)
    return convert(frame, table).reset_index(drop=True)


def table_schema(table: Table) -> dict:
    """Return the table's Frictionless Table Schema."""
    fields = []
    for column in table.columns:
        constraints: dict[str, object] = {"required": True} if column.required else {}
        if column.values:
            constraints["enum"] = [int(v) for v in column.values] if column.kind == "integer" else list(column.values)
        if column.pattern:
            constraints["pattern"] = column.pattern
        kinds = {"text": "string", "number": "number", "integer": "integer"}
        entry = {"name": column.name, "type": kinds[column.kind]}
        fields.append(entry | ({"constraints": constraints} if constraints else {}))
    return {"fields": fields, "primaryKey": list(table.key), "missingValues": [""]}


def data_package(root: Path) -> dict:
    """Return the Frictionless ``datapackage.json`` that describes the data folder ``root``."""
    resources = []
    for table in TABLES.values():
        place = root / table.path
        files = sorted(place.glob("*.csv")) if place.is_dir() else [place] if place.exists() else []
        if files:
            paths = [file.relative_to(root).as_posix() for file in files]
            resources.append(
                {
                    "name": table.name,
                    "title": table.title_vi,
                    "path": paths if place.is_dir() else paths[0],
                    "format": "csv",
                    "encoding": "utf-8",
                    "schema": table_schema(table),
                }
            )
    return {"name": "nq57lab", "title": "Dữ liệu theo dõi Nghị quyết 57-NQ/TW", "resources": resources}


def write_data_package(root: Path | None = None) -> Path:
    """Write ``datapackage.json`` of a data folder (default: the project's), and return its path."""
    import json

    from nq57lab.base.project import find_root

    root = root or find_root() / "data"
    path = root / "datapackage.json"
    path.write_text(json.dumps(data_package(root), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path
