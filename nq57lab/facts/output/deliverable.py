"""Tables to hand over: heads and labels in the reader's language, dates as dates, a cover with source and day; a workbook or a CSV file.

A table of the commands and the catalogue in; the same rows in words out. What another program reads keeps its own column names.
"""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd

from nq57lab.base import contract, messages, periods, whole, wording, workbook
from nq57lab.facts.catalogue import Catalogue

SUBJECTS = ("subject", "indicator", "code")
AREAS = ("area", "lead", "with", "implementing", "tell")


def labelled(frame: pd.DataFrame, catalogue: Catalogue | None, lang: str, of: str = "") -> pd.DataFrame:
    """Return a table in words: its heads as on the screen, a name beside each subject's code, labels for other codes, dates as dates.

    Within a project, columns that only programs read are left out.
    """
    parts, heads = [], list[str]()
    own = _labels(catalogue, lang)
    for name in frame.columns:
        column, shown = frame[name], messages.head(str(name), of, lang)
        if catalogue is not None and shown == name and not str(name).startswith("x_"):
            continue  # for programs: no language has a word for it
        heads.append(shown)
        parts.append(_told(column, own.get(str(name))))
        if name in SUBJECTS and catalogue is not None and "name" not in frame and "name_vi" not in frame:
            heads.append(messages.head("name", of, lang))
            parts.append(column.map(catalogue.names_in(lang)).fillna(""))
    table = pd.concat(parts, axis=1) if parts else frame
    return table.set_axis(heads, axis=1)


def _labels(catalogue: Catalogue | None, lang: str) -> dict[str, Callable[[str], object]]:
    """Return how a column's codes are told, by the column's name."""
    shapes = messages.section(lang, "shapes")
    found: dict[str, Callable[[str], object]] = {"frequency": lambda text: shapes.get(f"frequency_{text}")}
    if lang == "vi":
        found |= {
            "status": wording.STATUS_WORDS.get,
            "measure": wording.MEASURE_WORDS.get,
            "period": _period,
            "due": _period,
        }
        found |= {"qualifier": {key: word.strip() for key, word in wording.QUALIFIER_WORDS.items()}.get}
        found |= {"public": wording.YES_NO.get}
    if catalogue is not None:
        names = catalogue.names
        found |= dict.fromkeys(AREAS, lambda ids: "; ".join(names.get(part, part) for part in ids.split("; ")))
        found |= {"item": names.get}
        if lang == "en":
            found["unit"] = dict(zip(catalogue.units["unit"], catalogue.units["name_en"], strict=True)).get
        if lang == "vi":
            pairs = catalogue.dimension_names
            found["dims"] = lambda dims: ", ".join(pairs.get(part, part) for part in dims.split("; "))
            found["source"] = dict(zip(catalogue.sources["id"], catalogue.sources["title_vi"], strict=True)).get
    return found


def _period(text: str) -> str:
    return wording.period(text) if periods.is_period(text) else text


def _told(column: pd.Series, label: Callable[[str], object] | None) -> pd.Series:
    """Return a column's cells as they are told: labels, and whole days as dates."""

    def cell(value: object) -> object:
        if not isinstance(value, str) or value == "":
            return value
        if label:
            told = label(value)
            return value if told is None else told
        return date.fromisoformat(value) if re.fullmatch(contract.DAY, value) else value

    return column if pd.api.types.is_numeric_dtype(column) else column.astype(object).map(cell, na_action="ignore")


def cover(title: str, frame: pd.DataFrame, catalogue: Catalogue | None, lang: str, made: date) -> list[tuple[str, str]]:
    """Return what a cover sheet says: the title, the day, the rows, and the sources of the rows with who published them."""
    words = messages.section(lang, "cover")
    day = wording.day(made) if lang == "vi" else made.isoformat()
    lines = [(words["title"], title), (words["made"], day), (words["rows"], str(len(frame)))]
    if catalogue is not None and "source" in frame:
        told = catalogue.sources.set_index("id")
        ids = [code for code in dict.fromkeys(frame["source"].astype(str)) if code in told.index]
        for place, code in enumerate(ids):
            row = told.loc[code]
            text = ", ".join(filter(None, (row["title_vi"], row["publisher"], row["date"])))
            lines.append((words["sources"] if place == 0 else "", f"{code}: {text}"))
    else:
        lines.append((words["sources"], words["store"]))
    if "status" in frame and lang == "vi":
        lines.append((words["note"], words["unverified"]))
    return lines


def write(
    frame: pd.DataFrame, path: Path, title: str, catalogue: Catalogue | None, lang: str, made: date, of: str = ""
) -> None:
    """Write a table to hand over: a workbook with its cover, or a CSV file that a spreadsheet opens in the right letters (BOM)."""
    table = labelled(frame, catalogue, lang, of)
    if path.suffix == ".csv":
        day, mark, sign = ("%d/%m/%Y", ",", ";") if lang == "vi" else ("%Y-%m-%d", ".", ",")

        def plain(cell: object) -> object:
            if isinstance(cell, float) and cell == cell:
                return f"{cell:.15g}".replace(".", mark)
            return cell.strftime(day) if isinstance(cell, date) else cell

        told = table.astype(object).map(plain).to_csv(index=False, sep=sign, lineterminator="\n")
        whole.write(path, "\ufeff" + told)
        return
    lines = cover(title, frame, catalogue, lang, made)
    day = "dd/mm/yyyy" if lang == "vi" else "yyyy-mm-dd"
    workbook.write(table, path, title, cover=(messages.section(lang, "cover")["sheet"], lines), day=day)
