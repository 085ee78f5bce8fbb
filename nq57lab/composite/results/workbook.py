"""An index as one formatted workbook: notes, results, ranks, coverage, weights, statistics, a sheet a stage, every change.

A finished build in, an .xlsx file out; heads and words in Vietnamese or English, numbers as numbers with a format fit to their size.
"""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from nq57lab.base import messages
from nq57lab.base.workbook import save
from nq57lab.composite.laboratory.files import weights_table
from nq57lab.composite.laboratory.pipeline import Build
from nq57lab.composite.results import tables

WHOLE = ("rank", "Level", "n", "missing", "zeros", "unique", "points")
SHARES = ("coverage", "effective", "share_same")
WIDEST, NARROWEST = 44, 9
HEAD, BAND = "1F4E79", "F3F6F9"


def write(found: Build, path: Path, *, title: str = "", lang: str = "") -> Path:
    """Write a build as a workbook.

    Parameters
    ----------
    title : str
        What the index is called; default the root's name.
    lang : str
        vi, en; default that of this process.
    """
    from openpyxl import Workbook

    lang = lang or messages.chosen()
    book = Workbook()
    book.remove(book.active)
    title = title or found.framework.names[found.framework.root]
    sheets = {
        "results": tables.results(found),
        "ranks": tables.results(found, "ranks").drop(columns=["rank", "coverage"]),
        "coverage": found.coverage,
        "weights": weights_table(found),
        "framework": _framework(found),
        "statistics": tables.statistics(found),
    }
    if found.inputs.panel:
        sheets["trends"] = tables.trends(found)
    stages = {f"{place}. {step}": table for place, (step, table) in enumerate(found.stages, start=1)}
    _notes(book, found, title, lang, [*sheets, *stages, "changes"])
    for name, table in sheets.items():
        _sheet(book, _words("sheets", name, lang), table, found, lang)
    for name, table in stages.items():
        place, _, step = name.partition(". ")
        _sheet(book, f"{place}. {_words('steps', step, lang)}", table, found, lang)
    _sheet(book, _words("sheets", "changes", lang), found.changes, found, lang)
    save(book, path)
    return path


def _words(kind: str, name: str, lang: str) -> str:
    texts = messages.section(lang, "index")
    return texts.get(f"{kind}_{name}", name)


def _framework(found: Build) -> pd.DataFrame:
    frame = found.framework
    codes = [*frame.aggregates, *frame.indicators]
    places = {code: place for place, code in enumerate(frame.indicators)}
    return pd.DataFrame(
        {
            "iCode": codes,
            "iName": [frame.names[code] for code in codes],
            "Level": [frame.levels[code] for code in codes],
            "Parent": [frame.parents.get(code, "") for code in codes],
            "Direction": [frame.direction[places[code]] if code in places else np.nan for code in codes],
            "Unit": [frame.units.get(code, "") for code in codes],
            "Target": [frame.targets[places[code]] if code in places else np.nan for code in codes],
            "Denominator": [frame.divisors[places[code]] if code in places else "" for code in codes],
        }
    )


def _notes(book, found: Build, title: str, lang: str, sheets: list[str]) -> None:
    """Write the first sheet: what the index is, its units and steps, what each sheet holds, what its data say of themselves."""
    from openpyxl.styles import Alignment, Font

    texts, frame = messages.section(lang, "index"), found.framework
    sheet = book.create_sheet(texts["sheets_notes"])
    sheet.append([title])
    sheet["A1"].font = Font(bold=True, size=14, color=HEAD)
    if found.inputs.note:
        sheet.append([found.inputs.note])
        sheet[f"A{sheet.max_row}"].font = Font(bold=True, color="B00020")
    partial = int(((found.coverage[frame.root] < 1 - 1e-9) & found.scores[frame.root].notna()).sum())
    facts = [
        ("notes_made", date.today().strftime("%d/%m/%Y") if lang == "vi" else date.today().isoformat()),
        ("notes_units", len(found.scores)),
        ("notes_indicators", len(frame.indicators)),
        ("notes_steps", " → ".join(_words("steps", step.name, lang) for step in found.steps)),
        ("notes_changes", len(found.changes)),
        ("notes_partial", partial),
    ]
    for code, value in facts:
        sheet.append([texts[code], value])
    sheet.append([])
    sheet.append([texts["notes_sheets"]])
    sheet[f"A{sheet.max_row}"].font = Font(bold=True)
    for name in sheets:
        step = name.partition(". ")[2]
        own = f"{name.partition('. ')[0]}. {_words('steps', step, lang)}" if step else _words("sheets", name, lang)
        sheet.append([own, texts.get(f"about_{step or name}", texts["about_stage"])])
        sheet[f"A{sheet.max_row}"].hyperlink = f"#'{own[:31]}'!A1"
        sheet[f"A{sheet.max_row}"].font = Font(color="0563C1", underline="single")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 34, 92
    for row in sheet.iter_rows(min_col=2, max_col=2):
        row[0].alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
    sheet.sheet_view.showGridLines = False


def _head(name: str, found: Build, lang: str) -> str:
    """Return the head of a column: an element's code and name, or the word for a column."""
    if name in found.framework.names:
        own = found.framework.names[name]
        return name if own == name else f"{name}\n{own}"
    texts = messages.section(lang, "index")
    return texts.get(f"head_{name}", messages.section(lang, "heads").get(name, name))


def _format(name: str, column: pd.Series) -> str:
    """Return a number format fit to a column: whole numbers plain, shares in per cent, else as many decimals as its size needs."""
    if name in SHARES:
        return "0%" if ((column.dropna() * 100).round(6) % 1 == 0).all() else "0.0%"
    size = float(np.nanmax(np.abs(column.to_numpy(float)))) if column.notna().any() else 0.0
    whole = (column.dropna() % 1 == 0).all()
    if name in WHOLE or (whole and size >= 1):
        return "#,##0"
    return "#,##0.0000" if size < 1.5 else "#,##0.00" if size < 10_000 else "#,##0"


def _sheet(book, name: str, table: pd.DataFrame, found: Build, lang: str) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name[:31])
    sheet.append([_head(str(column), found, lang) for column in table.columns])
    for row in table.astype(object).where(table.notna(), None).itertuples(index=False):
        sheet.append([value.item() if hasattr(value, "item") else value for value in row])
    line = Side(style="thin", color="D0D7DE")
    for cell in sheet[1]:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor=HEAD)
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
    sheet.row_dimensions[1].height = 58 if any("\n" in str(cell.value) for cell in sheet[1]) else 32
    frozen = 0
    for place, column in enumerate(table.columns, start=1):
        values, letter = table[column], get_column_letter(place)
        numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        form = _format(str(column), values) if numeric else "@"
        longest = 10 if numeric else max([len(str(v)) for v in values.head(300)], default=8)
        sheet.column_dimensions[letter].width = min(WIDEST, max(NARROWEST + 3 * numeric, longest + 2))
        if column in ("uCode", "uName", "Time", "iCode", "stage") and frozen == place - 1:
            frozen = place
        for (cell,) in sheet.iter_rows(min_row=2, min_col=place, max_col=place):
            cell.border = Border(bottom=line)
            if numeric:
                cell.number_format = form
            elif isinstance(cell.value, str):
                cell.data_type = "s"  # what looks like a formula stays text
                cell.alignment = Alignment(wrap_text=longest > WIDEST, vertical="top")
            if cell.row % 2:
                cell.fill = PatternFill("solid", fgColor=BAND)
    sheet.freeze_panes = f"{get_column_letter(frozen + 1)}2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.sheet_view.zoomScale = 90
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
