"""Records behind a C form: the objects that an agency lists (databases, platforms, documents …) and what the form keeps of each.

A form's list sheet in, a tidy table of records out (one row for each object and field), kept beside the figures that were counted
from it: ``data/registers/records/X.csv`` belongs to ``data/observations/X.csv`` and stands only with it, so that both appear in the
one step in which the observations file gets its name.
"""

from dataclasses import dataclass

import pandas as pd

from nq57lab.base import messages, tables, wording
from nq57lab.base.contract import RECORDS
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts.catalogue import Catalogue
from nq57lab.store import sheets, typed
from nq57lab.store.entry_rules import suspect

SHEET = "Danh sách"
HEAD_ROW, FIRST_ROW = 4, 5
BLANK_ROWS = 40
TYPES = {
    **{"text": "chữ", "number": "số", "integer": "số nguyên", "date": "ngày", "yes_no": "có/không"},
    **{"choice": "chọn", "agency": "cơ quan", "area": "địa bàn", "url": "liên kết"},
}
_WORDS = {word: code for code, shown in wording.YES_NO.items() for word in (code, shown)} | {
    "1": "yes",
    "x": "yes",
    "0": "no",
}


def fields(catalogue: Catalogue, form: str) -> pd.DataFrame:
    """Return the fields of a C form in their order and ``head``, what the list sheet calls each; the first names the object."""
    own = catalogue.forms[catalogue.forms["form"] == form].reset_index(drop=True)
    units = own["unit"].map(lambda unit: f" ({unit})" if unit else "")
    return own.assign(head=own["name_vi"] + units + own["origin"].map({"source": "", "đề xuất": " [đề xuất]"}))


def write(book, catalogue: Catalogue, form: str) -> None:
    """Add the list sheet to a form's workbook: the registered objects, blank rows for others, a column for each field.

    A field that no document names is proposed by us and marked "[đề xuất]"; the note on its head says where a field comes from.
    """
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill, Protection
    from openpyxl.worksheet.datavalidation import DataValidation

    own = fields(catalogue, form)
    items = catalogue.items[catalogue.items["form"] == form]
    sheet = book.create_sheet(SHEET)
    sheet["A1"] = f"Biểu {form}: danh sách đối tượng, mỗi đối tượng một dòng"
    sheet["A2"] = (
        "Chỉ điền các ô màu vàng; đối tượng chưa có trong danh sách ghi ở dòng trống. Trường ghi [đề xuất] do bộ công cụ đề xuất vì "
        "văn bản không nêu."
    )
    sheet["A1"].font = Font(bold=True, size=13)
    yellow, wrap = PatternFill("solid", fgColor="FFF7DB"), Alignment(wrap_text=True, vertical="top")
    last = FIRST_ROW + len(items) + BLANK_ROWS - 1
    for column, row in enumerate(own.itertuples(), start=1):
        head = sheet.cell(HEAD_ROW, column, row.head)
        head.font, head.alignment = Font(bold=True), wrap
        head.comment = Comment(f"Kiểu: {TYPES[row.type]}. Nguồn: {row.source}", "nq57")
        sheet.column_dimensions[sheets.letter(column - 1)].width = 44 if column == 1 else 20
        for place in range(FIRST_ROW, last + 1):
            cell = sheet.cell(place, column)
            named = column == 1 and place < FIRST_ROW + len(items)
            cell.number_format = "@" if row.type not in ("number", "integer") else "#,##0.########"
            cell.protection = Protection(locked=named)
            if named:
                cell.value, cell.alignment = items["name"].iloc[place - FIRST_ROW], wrap
            else:
                cell.fill = yellow
        if row.type == "yes_no":
            choices = DataValidation(
                "list", formula1=f'"{",".join(wording.YES_NO.values())}"', allow_blank=True, showErrorMessage=True
            )
            choices.error, choices.errorTitle = "Chọn có hoặc không.", "Không hợp lệ"
            choices.add(f"{sheets.letter(column - 1)}{FIRST_ROW}:{sheets.letter(column - 1)}{last}")
            sheet.add_data_validation(choices)
    sheet.freeze_panes = sheet.cell(FIRST_ROW, 2)
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False


@dataclass(frozen=True)
class Kept:
    """What a list sheet says: rows of the contract as text, and every problem at its row and column."""

    frame: pd.DataFrame
    problems: list[Problem]


def read(grid: sheets.Grid | None, catalogue: Catalogue, form: str, said: dict[str, str]) -> Kept:
    """Read a form's list sheet.

    Parameters
    ----------
    grid : Grid or None
        The sheet; None where it was removed, which is a problem.
    catalogue : Catalogue
        Fields, registered objects, areas.
    form : str
        The C form.
    said : dict
        period, area, vintage, recorded and source of all the rows.
    """
    own, found, rows = fields(catalogue, form), list[Problem](), list[dict[str, str]]()
    cells = dict(grid.rows) if grid else {}
    heads = [typed.text(cell) for cell in cells.get(HEAD_ROW, ())]
    if grid is None or heads[: len(own)] != own["head"].tolist() or any(heads[len(own) :]):
        file = grid.file if grid else ""
        shown = next((one for one, head in zip(heads, own["head"], strict=False) if one != head), "")
        return Kept(
            pd.DataFrame(columns=RECORDS.names),
            [Problem("form_key", file, HEAD_ROW, SHEET, shown, {"key": messages.shape("sheet", name=SHEET)})],
        )
    items = catalogue.items[catalogue.items["form"] == form]
    codes = dict(zip(items["name"], items["id"], strict=True))
    for code, places in (("error_cell", grid.errors), ("formula_cell", grid.formulas)):
        for (row, column), written in sorted(places.items()):
            computed = code == "formula_cell" and row in cells and typed.text(cells[row][column])
            if row >= FIRST_ROW and column < len(own) and not computed:
                found.append(Problem(code, grid.file, row, sheets.letter(column), written[:60]))
    seen: set[str] = set()
    for row, line in sorted((row, line) for row, line in cells.items() if row >= FIRST_ROW):
        name = typed.text(line[0])
        wanted = items["name"].iloc[row - FIRST_ROW] if row < FIRST_ROW + len(items) else name
        if name != wanted:
            found.append(Problem("form_key", grid.file, row, own["head"].iloc[0], name, {"key": wanted}))
            continue
        filled = [(place, cell) for place, cell in enumerate(line[: len(own)]) if place and typed.text(cell)]
        if filled and not name:
            found.append(Problem("required", grid.file, row, own["head"].iloc[0]))
        if name in seen:
            found.append(Problem("duplicate", grid.file, row, own["head"].iloc[0], name, {"key": own["head"].iloc[0]}))
        seen |= {name} - {""}
        kept = {own["field"].iloc[0]: name} if name and name not in codes else {}
        for place, cell in filled:
            kind, head = own["type"].iloc[place], own["head"].iloc[place]
            try:
                kept[own["field"].iloc[place]] = value = _value(kind, cell, catalogue)
            except (ValueError, KeyError):
                details = {"shape": TYPES[kind]}
                found.append(Problem("record_value", grid.file, row, head, typed.text(cell)[:60], details))
                continue
            found += [Problem(code, grid.file, row, head, value[:60]) for code in suspect(value)]
        found += [Problem(code, grid.file, row, own["head"].iloc[0], name[:60]) for code in suspect(name)]
        rows += [
            {"form": form, "object": name, "item": codes.get(name, ""), "field": key, "value": value, **said}
            for key, value in kept.items()
        ]
    return Kept(pd.DataFrame(rows, columns=RECORDS.names, dtype=object), found)


def _value(kind: str, cell: typed.Cell, catalogue: Catalogue) -> str:
    """Read one cell by its field's type to the text that is kept.

    Raises
    ------
    ValueError
        If the cell is not of the type.
    """
    written = typed.text(cell)
    if kind in ("number", "integer"):
        value = typed.number(cell, "", whole=kind == "integer")
        if kind == "integer" and value % 1:
            raise ValueError(written)
        return typed.plain_number(value)
    if kind == "date":
        return typed.day(cell)
    if kind == "yes_no":
        return _WORDS[written.casefold()]
    if kind in ("agency", "area"):
        own = catalogue.areas[
            (catalogue.areas["type"] == "agency") | (kind == "area") | catalogue.areas["type"].isin(["province"])
        ]
        codes = dict(zip(own["name_vi"].str.casefold(), own["id"], strict=True)) | {
            code.casefold(): code for code in own["id"]
        }
        codes |= {code.removeprefix("agency:").casefold(): code for code in own["id"] if code.startswith("agency:")}
        if written.casefold() not in codes:
            raise ValueError(written)
        return codes[written.casefold()]
    if kind == "url" and not written.startswith(("https://", "http://")) and "://" in written:
        raise ValueError(written)
    return written


def load(catalogue: Catalogue) -> pd.DataFrame:
    """Return the records of every import that landed, oldest entry first.

    Raises
    ------
    ProblemError
        If a file does not fit the contract.
    """
    root, parts, found = catalogue.root, [], list[Problem]()
    for path in sorted((root / "observations").glob("*.csv")):
        own = root / RECORDS.path / path.name
        if own.exists():  # a list without its figures is what a killed import left, and does not stand
            try:
                parts.append(tables.read(own, RECORDS, f"records/{path.name}", vars(catalogue)))
            except ProblemError as error:
                found += error.problems
    if found:
        raise ProblemError(found)
    if not parts:
        return pd.DataFrame(columns=RECORDS.names, dtype=object)
    return pd.concat(parts, ignore_index=True).sort_values("recorded", kind="stable").reset_index(drop=True)
