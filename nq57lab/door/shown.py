"""A frame as a table in words: heads of the language chosen, numbers and dates as Vietnamese print writes them, each number traced.

A tidy frame in, a piece of a document out.
"""

import pandas as pd

from nq57lab.base import messages, wording
from nq57lab.documents.edition import Edition, Piece

MOST_ROWS = 60  # of a frame shown whole; the rest is counted below the table
DIGITS = 2  # after the decimal comma, at most


def plain_times(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose missing values are None and whose times are plain dates, as a workbook takes them."""
    found = frame.astype(object).where(frame.notna(), None)
    for name in frame.select_dtypes("datetime").columns:
        found[name] = [None if pd.isna(value) else value.date() for value in frame[name]]
    return found


def head(column: str, lang: str = "vi") -> str:
    """Return the head of a column in words; one that has none keeps its name.

    >>> head("unit"), head("unit", "en"), head("x_mine"), head("lo_80")
    ('Đơn vị', 'Unit', 'x_mine', 'Dưới 80')
    """
    heads = messages.section(lang, "heads")
    stem, _, level = column.rpartition("_")
    if column not in heads and stem in heads and level.replace(".", "").isdigit():
        return f"{heads[stem]} {level}"
    return heads.get(column, column)


def decimals(value: float) -> int:
    """Return as many decimals as a number needs, at most two; very small numbers keep two digits that count.

    >>> decimals(30.0), decimals(14.02), decimals(1 / 3), decimals(0.0123)
    (0, 2, 2, 3)
    """
    if value and abs(value) < 0.095:
        return min(6, 1 - int(f"{value:e}".partition("e")[2]))
    return next(places for places in range(DIGITS + 1) if places == DIGITS or round(value, places) == value)


def table(page: Edition, frame: pd.DataFrame, caption: str, label: str, note: str = "", lang: str = "vi") -> Piece:
    """Return a frame as a table: at most :data:`MOST_ROWS` rows, the rest counted."""
    page.figures.place = caption
    part, cells = frame.head(MOST_ROWS), pd.DataFrame(index=frame.head(MOST_ROWS).index)
    align = ""
    for name in frame.columns:
        column = part[name]
        numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        align += "r" if numeric else "l"
        cells[head(str(name), lang)] = [_cell(page, value, str(name), numeric, lang) for value in column]
    notes = [note] if note else []
    if len(frame) > len(part):
        rest = len(frame) - len(part)
        count = page.count(rest, "số dòng không nêu", ("frame",)) if lang == "vi" else str(rest)
        notes.append(f"Còn {count} dòng; xem .frame." if lang == "vi" else f"{count} more rows; see .frame.")
    width = max(1, 100 // max(1, cells.shape[1]))
    return page.table(cells, caption, label, align, [width] * cells.shape[1], " ".join(notes), wide=True)


def _cell(page: Edition, value, name: str, numeric: bool, lang: str) -> str:
    if value is None or value is pd.NaT or (not isinstance(value, str) and pd.isna(value)):
        return "–"
    if isinstance(value, pd.Timestamp):
        return wording.day(value.date()) if lang == "vi" else value.date().isoformat()
    if isinstance(value, bool) or type(value).__name__ == "bool":
        words = ("không", "có") if lang == "vi" else ("no", "yes")
        return words[bool(value)]
    if not numeric:
        return str(value)
    number = float(value)
    if lang != "vi":
        return f"{number:,.{decimals(number)}f}"
    if name in ("year", "base_year", "current_year", "target_year", "milestone"):
        return page.figures.note(f"{number:g}", number, rows=("frame",), source="")
    return page.computed(number, name, ("frame",), decimals=decimals(number))
