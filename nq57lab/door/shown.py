"""A frame as a table in words: heads of the language chosen, numbers and dates as Vietnamese print writes them, each number traced.

A tidy frame in, a piece of a document out.
"""

import pandas as pd

from nq57lab.base import messages, wording
from nq57lab.documents.edition import Edition, Piece
from nq57lab.facts.catalogue import Catalogue

MOST_ROWS = 60  # of a frame shown whole; the rest is counted below the table
DIGITS = 2  # after the decimal comma, at most


NAMES = {
    "name": ("code", "kpi", "subject"),
    "name_vi": ("code",),
    "subject_name": ("subject",),
    "from_name": ("from_id",),
    "to_name": ("to_id",),
}  # a column of names and the column whose codes they may name
YEARS = ("year", "base_year", "current_year", "target_year", "milestone", "stage_end", "arrival_year")


def english(frame: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Return a frame with its reasons, the names of indicators and the units in English; a name that has none stays Vietnamese."""
    found = messages.in_words(frame, "en")
    if not hasattr(catalogue, "indicators"):  # the page of somebody's own table knows no catalogue
        return found
    own = catalogue.names_in("en")
    for name, keys in NAMES.items():
        for key in (key for key in keys if name in found and key in found):
            vietnamese = found[name] == found[key].map(catalogue.names)
            found[name] = found[key].map(own).where(vietnamese, found[name])
    units = dict(zip(catalogue.units["unit"], catalogue.units["name_en"], strict=True))
    for name in {"unit", "unit_vi"} & set(found):
        found[name] = found[name].map(lambda unit: units.get(unit, unit))
    return found


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
    part, cells, columns, width = frame.head(MOST_ROWS), [], [], max(1, 100 // max(1, frame.shape[1]))
    for name in frame.columns:
        column = part[name]
        numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        columns.append(f"{'r' if numeric else 'l'}{width} {head(str(name), lang)}")
        cells.append([_cell(page, value, str(name), numeric, lang) for value in column])
    notes = [note] if note else []
    if len(frame) > len(part):
        rest = len(frame) - len(part)
        count = page.count(rest, "số dòng không nêu", ("frame",)) if lang == "vi" else str(rest)
        notes.append(f"Còn {count} dòng; xem .frame." if lang == "vi" else f"{count} more rows; see .frame.")
    return page.table(list(zip(*cells, strict=True)), caption, label, columns, " ".join(notes))


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
        return f"{number:g}" if name in YEARS else f"{number:,.{decimals(number)}f}"
    if name in YEARS:
        return page.figures.note(f"{number:g}", number, rows=("frame",), source="")
    return page.computed(number, name, ("frame",), decimals=decimals(number))
