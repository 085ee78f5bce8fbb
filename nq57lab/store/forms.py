"""Excel forms made from the catalogue, and forms that come back filled in.

The catalogue and a choice (an agency, a group or a C form) in, a workbook out: one row for each figure that is asked for, locked
keys, drop-downs for the words, a note with the definition. A hidden sheet holds the edition, the row keys and a checksum, so that
a form of another edition, or one whose keys were changed, is refused with the reason instead of being read wrongly.
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from nq57lab.base import contract, formulas, messages, tables, wording
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts.catalogue import Catalogue
from nq57lab.store import entries, records, sheets, typed

HIDDEN = "_khoa"
TITLE = "Biểu số liệu:"
VERSION = "1"
HEADS = {
    "subject": "Mã",
    "name": "Tên số liệu",
    "area": "Địa bàn, cơ quan",
    "item": "Mã đối tượng",
    "period": "Kỳ",
    "measure": "Loại số",
    "dims": "Phân tổ",
    "unit": "Đơn vị",
    "value": "Giá trị",
    "value_high": "Cận trên",
    "qualifier": "Mức độ chính xác",
    "status": "Tình trạng",
    "evidence": "Minh chứng",
    "note": "Ghi chú",
}
KEYS = ("subject", "area", "item", "period", "measure", "dims", "unit")
FILLED = ("value", "value_high", "qualifier", "status", "evidence", "note")
FIRST_ROW = 5
_FORM = re.compile(r"C\.\d{2}\.\d{2}")
_MEASURE_WORDS = {"stock": "thời điểm", "flow": "trong kỳ", "cumulative": "lũy kế"}


@dataclass(frozen=True)
class Choice:
    """What a form is for: ``kind`` is agency, group or form; ``code`` one of the catalogue's."""

    kind: str
    code: str
    period: str
    area: str = "VN"
    source: str = ""


def edition(catalogue: Catalogue) -> str:
    """Return the name of the indicator set in force: the newest ``valid_from`` of its indicators."""
    return max((day for day in catalogue.indicators["valid_from"] if day), default="")


def form_of(source_system: str) -> str:
    """Return the C form that an indicator is drawn from ("Tổng hợp tự động từ Lớp C.07.01" → C.07.01), or ""."""
    match = _FORM.search(source_system)
    return match[0] if match else ""


def measure_of(catalogue: Catalogue, subject: str) -> str:
    """Return the measure a form asks for, by the rule over time: last and mean → stock, sum and recompute → flow."""
    rules = dict(zip(catalogue.variables["id"], catalogue.variables["over_time"], strict=True))
    rules |= dict(zip(catalogue.indicators["code"], catalogue.indicators["over_time"], strict=True))
    return "stock" if rules.get(subject) in ("last", "mean") else "flow"


def rows(catalogue: Catalogue, choice: Choice) -> pd.DataFrame:
    """Return the figures that a form asks for.

    Parameters
    ----------
    catalogue : Catalogue
        Its indicators, variables and items.
    choice : Choice
        What the form is for.

    Returns
    -------
    DataFrame
        The columns of :data:`KEYS`, ``name`` and ``definition``: the variables of each indicator that has a formula (in the
        order of the catalogue, each once), the indicator itself where it is reported; for a form, one row for each item where
        the formula counts items.

    Raises
    ------
    ProblemError
        If the choice is unknown or asks for nothing.
    """
    indicators = catalogue.indicators
    known = {
        "agency": set(catalogue.areas["id"]),
        "group": set(indicators["group"]),
        "form": set(indicators["code"][indicators["layer"] == "C"]),
    }
    if choice.kind not in known or choice.code not in known[choice.kind]:
        raise ProblemError([Problem("form_choice", found=f"--{choice.kind} {choice.code}")])
    for column, code in [("area", choice.area), *([("source", choice.source)] if choice.source else [])]:
        key = contract.OBSERVATIONS.foreign_key(column)
        if code not in tables.codes(key, vars(catalogue)):
            raise ProblemError([Problem("reference", found=code, details={"target": key.called})])
    period = typed.period(choice.period)
    if choice.kind == "agency":
        wanted = indicators[indicators["lead"].str.split("; ").map(lambda leads: choice.code in leads)]
    elif choice.kind == "group":
        wanted = indicators[indicators["group"] == choice.code]
    else:
        wanted = indicators[indicators["source_system"].map(form_of) == choice.code]
    items = (
        catalogue.items["id"][catalogue.items["form"] == choice.code] if choice.kind == "form" else pd.Series(dtype=str)
    )
    found: dict[tuple[str, str], str] = {}
    for row in wanted[wanted["layer"] != "C"].itertuples():
        formula = catalogue.formulas.get(row.code, "")
        definition = f"{row.code} {row.name_vi}" + (f" = {formula}" if formula else "")
        if formula != row.formula:
            definition += f" (đề xuất; văn bản in {row.formula})"
        if not formula:
            found.setdefault((row.code, ""), definition)
            continue
        node = formulas.parse(formula)
        counted = _counted(node)
        for reference in formulas.references(node):
            for item in list(items) if reference.name in counted and len(items) else [""]:
                found.setdefault((reference.name, item), definition)
    if not found:
        raise ProblemError([Problem("form_empty", found=f"--{choice.kind} {choice.code}")])
    described = dict(zip(catalogue.variables["id"], catalogue.variables["description"], strict=True))
    lines = [
        {
            "subject": subject,
            "name": catalogue.names[subject] + (f": {catalogue.names[item]}" if item else ""),
            "area": choice.area,
            "item": item,
            "period": period,
            "measure": measure_of(catalogue, subject),
            "dims": "",
            "unit": catalogue.subject_units[subject],
            "definition": "\n".join(part for part in (described.get(subject, ""), f"Dùng cho: {definition}") if part),
        }
        for (subject, item), definition in found.items()
        if catalogue.subject_units.get(subject)
    ]
    if not lines:
        raise ProblemError([Problem("form_empty", found=f"--{choice.kind} {choice.code}")])
    return pd.DataFrame(lines)


def reporter(catalogue: Catalogue, choice: Choice) -> str:
    """Return the source id of the report that a form is: ``BC_`` and who sends it; "" where several agencies do.

    A form about a province is the province's report, a form of an agency that agency's, one of a group or a C form that of its only lead.
    """
    leads = {choice.code} if choice.kind == "agency" else set()
    if choice.area.startswith("34:"):
        leads = {choice.area.replace(":", "_")}
    elif not leads:
        place = "group" if choice.kind == "group" else "code"
        leads = set(catalogue.indicators["lead"][catalogue.indicators[place] == choice.code])
    found = "BC_" + leads.pop().removeprefix("agency:") if len(leads) == 1 else ""
    return found if found in set(catalogue.sources["id"]) else ""


def _counted(node: formulas.Node) -> set[str]:
    """Return the variables that a formula reads item by item."""
    if isinstance(node, formulas.Operation):
        return _counted(node.left) | _counted(node.right)
    if isinstance(node, formulas.Call) and node.function == "count_where":
        return {node.arguments[0].name}
    return set()


def _key(row: dict | pd.Series) -> list[str]:
    return [str(row[name]) for name in KEYS]


def _checksum(content: dict) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def write(catalogue: Catalogue, choice: Choice, path: Path, made: date) -> int:
    """Write the form of a choice to an .xlsx file and return its number of rows.

    Raises
    ------
    ProblemError
        If the choice is unknown or asks for nothing.
    """
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill, Protection
    from openpyxl.worksheet.datavalidation import DataValidation

    table = rows(catalogue, choice)
    choice = replace(choice, source=choice.source or reporter(catalogue, choice))
    book = Workbook()
    sheet = book.active
    sheet.title = "Biểu nhập"
    sheet["A1"] = f"{TITLE} {catalogue.names.get(choice.code, choice.code)}"
    sheet["A2"] = (
        f"Kỳ: {wording.period(table['period'].iloc[0])}. Bộ chỉ số: {edition(catalogue)}. Lập ngày {wording.day(made)}."
    )
    sheet["A3"] = "Chỉ điền các ô màu vàng. Ô để trống nghĩa là chưa có số liệu. Không chèn, xóa hoặc đổi cột khóa."
    sheet["A1"].font = Font(bold=True, size=13)
    for column, label in enumerate(HEADS.values(), start=1):
        cell = sheet.cell(FIRST_ROW - 1, column, label)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    open_cell, yellow = Protection(locked=False), PatternFill("solid", fgColor="FFF7DB")
    for row, line in enumerate(table.to_dict("records"), start=FIRST_ROW):
        for column, name in enumerate(HEADS, start=1):
            cell = sheet.cell(row, column)
            if name in FILLED:
                cell.protection, cell.fill = open_cell, yellow
                if name in entries.NUMBERS:
                    cell.number_format = number_format(line["unit"], catalogue)
                elif name in ("evidence", "note"):
                    cell.number_format = "@"
            else:
                cell.value = _MEASURE_WORDS[line[name]] if name == "measure" else line[name] or None
                cell.data_type = "s" if cell.value else "n"
                cell.number_format = "@"
                cell.alignment = Alignment(wrap_text=name == "name", vertical="top")
        note = Comment(line["definition"], "nq57")
        note.width, note.height = 420, 140
        sheet.cell(row, 2).comment = note
    last = FIRST_ROW + len(table) - 1
    for name, words in (("qualifier", entries_words("qualifier")), ("status", entries_words("status"))):
        choices = DataValidation("list", formula1='"' + ",".join(words) + '"', allow_blank=True, showErrorMessage=True)
        choices.error, choices.errorTitle = "Chọn một mục trong danh sách.", "Không hợp lệ"
        place = sheets.letter(list(HEADS).index(name))
        choices.add(f"{place}{FIRST_ROW}:{place}{last}")
        sheet.add_data_validation(choices)
    for number, width in enumerate((26, 52, 16, 16, 12, 12, 14, 14, 16, 12, 16, 18, 30, 30)):
        sheet.column_dimensions[sheets.letter(number)].width = width
    sheet.freeze_panes = sheet.cell(FIRST_ROW, 3)
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    if choice.kind == "form":
        records.write(book, catalogue, choice.code)
    content = {
        "version": VERSION,
        "edition": edition(catalogue),
        "made": made.isoformat(),
        "choice": asdict(choice),
        "rows": [_key(line) for line in table.to_dict("records")],
    }
    hidden = book.create_sheet(HIDDEN)
    hidden.sheet_state = "veryHidden"
    hidden.protection.sheet = True
    written = json.dumps(content, ensure_ascii=False)
    for line, start in enumerate(range(0, len(written), 30000), start=2):
        hidden.cell(line, 1, written[start : start + 30000]).data_type = "s"
    hidden.cell(1, 1, _checksum(content)).data_type = "s"
    book.save(path)
    return len(table)


def entries_words(name: str) -> list[str]:
    """Return the words of a form's drop-down."""
    if name == "status":
        return [wording.STATUS_WORDS[status] for status in ("self_reported", "estimate", "official")]
    return ["bằng", *(word.strip() for word in wording.QUALIFIER_WORDS.values() if word)]


def number_format(unit: str, catalogue: Catalogue) -> str:
    """Return the Excel format of a unit's numbers: whole for counts and ranks; up to nine decimals, and "%" as text, else.

    The per cent sign stands in quotes, so that 84,8 is stored as 84.8.
    """
    family = dict(zip(catalogue.units["unit"], catalogue.units["family"], strict=True)).get(unit)
    if family in ("count", "rank"):
        return "#,##0"
    return '#,##0.0########"%"' if unit == "%" else "#,##0.0########"


def is_form(grid: sheets.Grid) -> bool:
    """Tell whether a workbook is one of our forms."""
    return HIDDEN in grid.hidden


def keyless(grid: sheets.Grid) -> bool:
    """Tell whether a sheet is one of our forms without the hidden sheet: copied to another workbook, or saved by another program."""
    title = typed.text(grid.rows[0][1][0]) if grid.rows and grid.rows[0][1] else ""
    return title.startswith(TITLE) and HIDDEN not in grid.hidden


def read(grid: sheets.Grid, catalogue: Catalogue, today: date, source: str = "", vintage: str = "") -> entries.Batch:
    """Read a filled form; rows without a value are not observed and are left out.

    Parameters
    ----------
    grid : Grid
        The form's visible sheet and its hidden text.
    catalogue : Catalogue
        The indicator set in force.
    today : date
        The day of entry; also the vintage where none is given (the day the agency's figures came in).
    source, vintage : str
        Where the form does not say them.

    Raises
    ------
    ProblemError
        If the form is of another edition, or its keys or hidden sheet were changed; each changed key with its row.
    """
    lines = grid.hidden[HIDDEN].split("\n")
    try:
        content = json.loads("".join(lines[1:]))
        fine = lines[0] == _checksum(content) and content["version"] == VERSION
        choice = Choice(**content["choice"])
    except (ValueError, KeyError, TypeError):
        fine = False
    if not fine:
        raise ProblemError([Problem("form_broken", grid.file, found=HIDDEN)])
    reason = _other_edition(content, choice, catalogue)
    if reason:
        details = {"edition": edition(catalogue), "reason": reason}
        raise ProblemError([Problem("form_edition", grid.file, found=content["edition"], details=details)])
    place, names, found = entries.columns(grid)
    if any(name not in names.values() for name in (*KEYS, "value")):
        raise ProblemError(found or [Problem("form_broken", grid.file, found=messages.shape("form_heads"))])
    filled = [(row, {name: cells[column] for column, name in names.items()}) for row, cells in grid.rows[place + 1 :]]
    found += _key_problems(filled, content["rows"], grid.file)
    defaults = {"source": choice.source or source, "vintage": vintage or today.isoformat()}
    kept = records.Kept(pd.DataFrame(), [])
    if choice.kind == "form":
        grid_of_list, wrong = grid.beside.get(records.SHEET, (None, []))
        said = defaults | {"period": choice.period, "area": choice.area, "recorded": today.isoformat()}
        kept = records.read(grid_of_list, catalogue, choice.code, said)
        found += [replace(problem, file=grid.file) for problem in (*wrong, *kept.problems)]
    if found:
        raise ProblemError(found)
    used = [(row, cells) for row, cells in filled if any(typed.text(cells.get(name)) for name in entries.NUMBERS)]
    if not used:
        raise ProblemError([Problem("form_blank", grid.file, found=messages.shape("form_nothing"))])
    return replace(entries.from_cells(used, grid, catalogue, today, defaults), records=kept.frame, heads=HEADS)


def _key_problems(filled: list[tuple[int, dict]], keys: list[list[str]], file: str) -> list[Problem]:
    """Return the keys that are not as the form was made: one problem where rows are gone, added or moved, else each cell."""
    seen = [
        [typed.word(name, cells[name]) if name in typed.WORDS else typed.text(cells[name]) for name in KEYS]
        for _, cells in filled
    ]
    if len(seen) != len(keys) or (seen != keys and sorted(seen) == sorted(keys)):
        gone, added = (
            ", ".join(" ".join(filter(None, (key[0], key[2]))) or "?" for key in [k for k in one if k not in other][:5])
            for one, other in ((keys, seen), (seen, keys))
        )
        code = "form_rows_gone" if gone else "form_rows_added" if added else "form_rows_moved"
        code = "form_rows_changed" if gone and added else code
        told = messages.shape(code, count=len(seen), need=len(keys), gone=gone, added=added)
        return [Problem("form_row", file, found=told)]
    return [
        Problem("form_key", file, row, HEADS[name], shown, {"key": wanted})
        for (row, _), cells, key in zip(filled, seen, keys, strict=True)
        for name, shown, wanted in zip(KEYS, cells, key, strict=True)
        if shown != wanted
    ]


def _other_edition(content: dict, choice: Choice, catalogue: Catalogue) -> str:
    """Return why a form does not fit the indicator set in force, or ""."""
    if content["edition"] != edition(catalogue):
        return f"biểu lập theo bộ chỉ số {content['edition']}"
    try:
        wanted = [_key(row) for row in rows(catalogue, choice).to_dict("records")]
    except ProblemError:
        return f"{choice.code} không còn trong danh mục"
    if wanted == content["rows"]:
        return ""
    old, new = {row[0]: row for row in content["rows"]}, {row[0]: row for row in wanted}
    gone, added = [code for code in old if code not in new], [code for code in new if code not in old]
    changed = [code for code in old if code in new and old[code] != new[code]]
    parts = [("bỏ", gone), ("thêm", added), ("đổi đơn vị hoặc khóa", changed)]
    return "; ".join(f"{word} {', '.join(codes[:5])}" for word, codes in parts if codes) or "đổi thứ tự dòng"
