"""What a workbook's sheet holds: its cells that hold something, its formulas, errors, merged areas, hidden rows and columns.

Rows count from 1 and columns from 0. A sheet is as large as what is written in it, never as large as its extent.
"""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from nq57lab.store import typed

MAX_COLUMNS = 200
MAX_ROWS = 100_000
MAX_STRINGS = 5 * MAX_ROWS
MAX_TEXT = 32_767  # of a cell, by Excel's own limit; what is longer was written to stall its reader
EPOCH, EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
RAISED = str.maketrans("0123456789()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾")  # a footnote's digits beside a number
NO_NUMBER = re.compile(r"[-+]?(?:nan|inf(?:inity)?)", re.IGNORECASE)  # written for a number by some programs
Place = tuple[int, int]


class BrokenWorkbook(ValueError):
    """Raised where a workbook cannot be read; the text is a code of ``shapes`` in the messages."""


class TooMany(ValueError):
    """Raised where a sheet holds more rows than a file may."""


@dataclass
class Sheet:
    """One sheet: ``cells`` by place, ``formulas`` and ``errors`` by place, ``merged`` areas as (row, column, last row, last column)."""

    name: str
    visible: bool = True
    cells: dict[Place, typed.Cell] = field(default_factory=dict)
    formulas: dict[Place, str] = field(default_factory=dict)
    errors: dict[Place, str] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    twice: list[Place] = field(default_factory=list)
    struck: set[Place] = field(default_factory=set)
    comments: dict[Place, str] = field(default_factory=dict)
    around: list[str] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)
    width: int = 0
    epoch: date = EPOCH
    rows: set[int] = field(default_factory=set)

    def put(self, row: int, column: int, value: typed.Cell) -> None:
        """Keep a cell that holds something; one cell written twice is noted."""
        if (row, column) in self.cells:
            self.twice.append((row, column))
        self.cells[row, column] = value[:MAX_TEXT] if isinstance(value, str) else value
        self.width = max(self.width, column + 1)
        self.rows.add(row)
        if len(self.rows) > MAX_ROWS:
            raise TooMany(str(row))

    def filled(self) -> dict[Place, Place]:
        """Return the places within merged areas, with the first place of each; only rows that hold something, and columns that are read."""
        present, found = sorted(self.rows), dict[Place, Place]()
        for top, left, bottom, right in self.merged:
            for row in present if bottom - top > len(present) else range(top, bottom + 1):
                if top <= row <= bottom and row in self.rows:
                    for column in range(left, min(right, MAX_COLUMNS - 1) + 1):
                        if (row, column) != (top, left):
                            found[row, column] = (top, left)
        return found


_QUOTED = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]')
_ADDED = re.compile(
    r"""[0#?](?:"[.,]?[0-9]|\\[.,0-9])|(?:[0-9]"|\\[0-9])[0#?]"""
)  # digits of the format beside the number's own
_IGNORED = re.compile(r"_.|\*.|\[[^\]]*\]")


def shown(value: float, shape: str, epoch: date = EPOCH) -> typed.Cell:
    """Return a number as its format shows it: a percent, a date, a number with a unit in its format, or the number.

    >>> shown(0.848, "0.0%"), shown(46203, "dd/mm/yyyy"), shown(5, '#,##0 "triệu đồng"')
    (Percent(value=84.8), datetime.date(2026, 6, 30), Shown(value=5, said='triệu đồng'))
    """
    whole, shape = shape, _section(value, shape)
    said = " ".join("".join(part) for part in _QUOTED.findall(shape)).strip(" ()-–.,:/").strip()
    bare = _IGNORED.sub("", _QUOTED.sub("", shape))
    if "%" in bare:
        return typed.from_percent_format(value)
    letters = bare.lower().replace("general", "").replace("red", "")
    if re.search(r"[ymdhs]", letters) and not re.search(r"[0#]", letters.replace("00:00", "").split(".")[0]):
        return _dated(value, letters, epoch)
    if (value < 0 and ";" in whole and not re.search(r"[-−–(]|giảm|âm|red", shape, re.IGNORECASE)) or not shape:
        return typed.Shown(value, ";")
    words = said if not re.search(r"[0#?@]|general", bare, re.IGNORECASE) else ""
    if re.search(r"[0#?],+(?![0#?,])", bare) or _ADDED.search(shape) or re.search(r"[^\W\d_]", words):
        return typed.Shown(value, f"{said} ,".strip())
    return typed.Shown(value, said) if re.search(r"\w|[^\W\d_]|[₫$€£¥‰%]", said) else value


def _section(value: float, shape: str) -> str:
    """Return the part of a format that a number is shown by: for positive; negative; zero. Under conditions, the part that shortens it."""
    parts = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', shape)
    if re.search(r"\[[<>=]", shape):
        return next((part for part in parts if re.search(r"[0#?],+(?![0#?,])", part)), parts[0])
    return parts[1] if value < 0 and len(parts) > 1 else parts[2] if value == 0 and len(parts) > 2 else parts[0]


def _dated(value: float, letters: str, epoch: date) -> typed.Cell:
    """Return the date that a serial shows, a month where the format shows no day; a time alone stays a number."""
    try:
        day = epoch + timedelta(days=int(value))
    except OverflowError:
        return value
    if not re.search(r"[yd]", letters):
        return f"{value:g} ({letters})"  # a time of day is no number
    if "d" not in letters and "m" not in letters.replace("mm:ss", "").replace("h:mm", ""):
        return str(day.year)
    return day if "d" in letters else f"{day.year}-{day.month:02d}"
