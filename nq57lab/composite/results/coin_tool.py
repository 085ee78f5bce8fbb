"""The COIN Tool's workbook (Joint Research Centre): its sheets Database and Framework in, iData and iMeta out.

The layout: in Database units stand from row 17 on (names in column B, codes in C) and indicators from column E on, with their weight,
direction, lower and upper goalpost in rows 7 to 10, the aggregates above them in rows 11 (the index) to 14, their name in 15, their code
in 16. In Framework columns C, E and H from row 5 on hold the aggregates' codes, weights and names. "n/a" is missing, "--" unused.
"""

from pathlib import Path

import pandas as pd

from nq57lab.base.problems import Problem, ProblemError

SHEETS = ("Database", "Framework")
HEAD, FIRST_COLUMN = 16, 5
WEIGHT, DIRECTION, LOWER, UPPER, INDEX, LOWEST, NAME = 7, 8, 9, 10, 11, 14, 15
EMPTY = (None, "", "n/a", "--")


def read(path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read a workbook of the COIN Tool.

    Returns
    -------
    data, meta : DataFrame
        iData (uCode, uName, the indicators) and iMeta with goalpost_lower and goalpost_upper; levels of the tool that are not used are
        left out.

    Raises
    ------
    ProblemError
        If it is no such workbook: a sheet is missing, or Database has no codes in row 16.

    References
    ----------
    Becker, Benavente, Dominguez Torreiro, Moura, Neves, Saisana, Vertesy (2019), COIN Tool User Guide, EUR 29899 EN.
    """
    from openpyxl import load_workbook

    from nq57lab.store import sheets

    sheets.measure(path)
    book = load_workbook(path, data_only=True, keep_links=False)
    lacking = [name for name in SHEETS if name not in book.sheetnames]
    if lacking:
        raise ProblemError(
            [Problem("index_no_sheet", path.name, None, name, ", ".join(book.sheetnames)) for name in lacking]
        )
    rows = {place: list(row) for place, row in enumerate(book["Database"].iter_rows(values_only=True), start=1)}
    codes = {
        place: str(cell).strip()
        for place, cell in enumerate(rows.get(HEAD, []), start=1)
        if place >= FIRST_COLUMN and cell not in EMPTY
    }
    units = [row for place, row in rows.items() if place > HEAD and len(row) > 2 and row[2] not in EMPTY]
    used = {place: code for place, code in codes.items() if any(_at(row, place) not in EMPTY for row in units)}
    if not used:
        raise ProblemError([Problem("missing_column", path.name, HEAD, "E", details={"column": "E16"})])
    data = pd.DataFrame({"uCode": [str(row[2]) for row in units], "uName": [str(row[1]) for row in units]})
    for place, code in used.items():
        data[code] = [None if _at(row, place) in EMPTY else _at(row, place) for row in units]
    return data, _meta(used, rows, list(book["Framework"].iter_rows(values_only=True)))


def _at(row: list, place: int):
    return row[place - 1] if len(row) >= place else None


def _meta(used: dict[int, str], rows: dict[int, list], framework: list) -> pd.DataFrame:
    above = {place: [_at(rows[line], place) for line in range(LOWEST, INDEX - 1, -1)] for place in used}  # lowest first
    # A level that has one element only, below the index, was not used.
    kept = [
        level
        for level in range(LOWEST - INDEX + 1)
        if level == LOWEST - INDEX or len({path[level] for path in above.values()}) > 1
    ]
    details = {str(row[2]).strip(): row for row in framework[4:] if len(row) > 7 and row[2] not in EMPTY}
    listed, aggregates = [], {}
    for place, code in used.items():
        path = [str(above[place][level]).strip() for level in kept]
        listed.append(
            {
                **{"Level": 1, "iCode": code, "iName": _at(rows[NAME], place), "Parent": path[0], "Type": "Indicator"},
                **{"Direction": _at(rows[DIRECTION], place), "Weight": _at(rows[WEIGHT], place)},
                **{"goalpost_lower": _at(rows[LOWER], place), "goalpost_upper": _at(rows[UPPER], place)},
            }
        )
        for level, own in enumerate(path):
            aggregates[own] = (level + 2, path[level + 1] if level + 1 < len(path) else None)
    for code, (level, parent) in sorted(aggregates.items(), key=lambda item: item[1][0]):
        row = details.get(code)
        name, weight = (row[7], row[4]) if row else (code, 1)
        listed.append(
            {
                **{"Level": level, "iCode": code, "iName": name, "Parent": parent, "Type": "Aggregate"},
                **{"Direction": 1, "Weight": 1 if weight in EMPTY else weight},
            }
        )
    return pd.DataFrame(listed)
