"""Excel forms made from the catalogue, and forms that come back filled in.

The catalogue and a choice (an agency, a group or a C form) in, a workbook out: one row for each figure that is asked for, locked
keys, drop-downs for the words, a note with the definition. A hidden sheet holds the edition, the row keys and a checksum, so that
a form of another edition, or one whose keys were changed, is refused with the reason instead of being read wrongly.
"""

import difflib
import hashlib
import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from nq57lab.base import contract, formulas, messages, tables, wording, workbook
from nq57lab.base.problems import Notice, Problem, ProblemError
from nq57lab.facts.catalogue import Catalogue
from nq57lab.store import entries, headed, records, sheets, typed
from nq57lab.store.rules import plausible, said

HIDDEN = sheets.KEY_SHEET
TITLE = "Biểu số liệu:"
VERSION = "1"
# What is printed comes first; the codes stand at the right, outside the printed pages.
HEADS = {
    "name": "Tên số liệu",
    "area": "Địa bàn, cơ quan",
    "period": "Kỳ",
    "measure": "Loại số",
    "unit": "Đơn vị",
    "value": "Giá trị",
    "value_high": "Cận trên",
    "qualifier": "Mức độ chính xác",
    "status": "Tình trạng",
    "evidence": "Minh chứng",
    "note": "Ghi chú",
    "subject": "Mã",
    "item": "Mã đối tượng",
    "dims": "Phân tổ",
}
VERIFY = {"verified_by": "Người xác thực", "verified_on": "Ngày xác thực", "decision": "Quyết định xác thực"}
CODES = ("subject", "item", "dims")
_WIDTHS = {
    **{"name": 52, "area": 16, "period": 12, "measure": 12, "unit": 14, "value": 16, "value_high": 12, "qualifier": 16},
    **{"status": 18, "evidence": 30, "note": 30, "subject": 30, "item": 18, "dims": 14},
    **dict.fromkeys(VERIFY, 22),
}
KEYS = ("subject", "area", "item", "period", "measure", "dims", "unit")
FILLED = ("value", "value_high", "qualifier", "status", "evidence", "note", *VERIFY)
ANY = 1e15  # where a form sets no limit, so far a number may go
FIRST_ROW = 5
ALIKE = 0.6  # of a name in a form made before the catalogue's wording changed
CRITERIA = 19  # of a database: S001, A.01.05
_FORM = re.compile(r"C\.\d{2}\.\d{2}")


@dataclass(frozen=True)
class Choice:
    """What a form is for: ``kind`` is agency, group or form; ``code`` one of the catalogue's."""

    kind: str
    code: str
    period: str
    area: str = "VN"
    source: str = ""


def heads(verify: bool = False) -> dict[str, str]:
    """Return a form's heads in their order; with the columns of a verification where it is asked for."""
    if not verify:
        return HEADS
    printed = {name: head for name, head in HEADS.items() if name not in CODES}
    return printed | VERIFY | {name: HEADS[name] for name in CODES}


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


def write(catalogue: Catalogue, choice: Choice, path: Path, made: date, verify: bool = False) -> int:
    """Write the form of a choice to an .xlsx file and return its number of rows.

    Parameters
    ----------
    verify : bool
        With columns for who verified a figure, when, and by which decision.

    Raises
    ------
    ProblemError
        If the choice is unknown or asks for nothing.
    """
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill, Protection

    table = rows(catalogue, choice)
    choice = replace(choice, source=choice.source or reporter(catalogue, choice))
    columns = heads(verify)
    book = Workbook()
    sheet = book.active
    sheet.title = "Biểu nhập"
    sheet["A1"] = f"{TITLE} {catalogue.names.get(choice.code, choice.code)}"
    sheet["A2"] = (
        f"Kỳ: {wording.period(table['period'].iloc[0])}. Bộ chỉ số: {edition(catalogue)}. Lập ngày {wording.day(made)}."
    )
    sheet["A3"] = "Chỉ điền các ô màu vàng. Ô để trống nghĩa là chưa có số liệu. Không chèn, xóa hoặc đổi cột khóa."
    sheet["A1"].font = Font(bold=True, size=13)
    for column, label in enumerate(columns.values(), start=1):
        cell = sheet.cell(FIRST_ROW - 1, column, label)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    open_cell, yellow = Protection(locked=False), PatternFill("solid", fgColor="FFF7DB")
    for row, line in enumerate(table.to_dict("records"), start=FIRST_ROW):
        for column, name in enumerate(columns, start=1):
            cell = sheet.cell(row, column)
            if name in FILLED:
                cell.protection, cell.fill = open_cell, yellow
                if name in headed.NUMBERS:
                    cell.number_format = number_format(line["unit"], catalogue)
                elif name in ("evidence", "note", *VERIFY):
                    cell.number_format = "@"
            else:
                cell.value = wording.MEASURE_WORDS[line[name]] if name == "measure" else line[name] or None
                cell.data_type = "s" if cell.value else "n"
                cell.number_format = "@"
                cell.alignment = Alignment(wrap_text=name == "name", vertical="top")
            if name == "name":
                cell.comment = Comment(line["definition"], "nq57")
                cell.comment.width, cell.comment.height = 420, 140
    _validate(sheet, table, columns, catalogue, verify)
    _print(sheet, columns)
    if choice.kind == "form":
        records.write(book, catalogue, choice.code)
    content = {
        "version": VERSION,
        "edition": edition(catalogue),
        "made": made.isoformat(),
        "choice": asdict(choice),
        "rows": [_key(line) for line in table.to_dict("records")],
        "names": table["name"].tolist(),
    }
    hidden = book.create_sheet(HIDDEN)
    hidden.sheet_state = "veryHidden"
    hidden.protection.sheet = True
    written = json.dumps(content, ensure_ascii=False)
    for line, start in enumerate(range(0, len(written), 30000), start=2):
        hidden.cell(line, 1, written[start : start + 30000]).data_type = "s"
    hidden.cell(1, 1, _checksum(content)).data_type = "s"
    workbook.save(book, path)
    return len(table)


def _validate(sheet, table: pd.DataFrame, columns: dict[str, str], catalogue: Catalogue, verify: bool) -> None:
    """Let the sheet check while it is typed in: words from a list, numbers within their unit's or subject's bounds."""
    from openpyxl.worksheet.datavalidation import DataValidation

    places = {name: sheets.letter(place) for place, name in enumerate(columns)}
    last = FIRST_ROW + len(table) - 1
    for name in ("qualifier", "status"):
        words = entries_words(name, verify)
        choices = DataValidation("list", formula1='"' + ",".join(words) + '"', allow_blank=True, showErrorMessage=True)
        choices.error, choices.errorTitle = "Chọn một mục trong danh sách.", "Không hợp lệ"
        choices.add(f"{places[name]}{FIRST_ROW}:{places[name]}{last}")
        sheet.add_data_validation(choices)
    limits = plausible.bounds(table, catalogue)
    table = table.assign(**limits.fillna({"least": -ANY, "most": ANY}), place=range(FIRST_ROW, last + 1))
    for (least, most, unit), own in table.groupby(["least", "most", "unit"], sort=False):
        numbers = DataValidation(
            "decimal",
            operator="between",
            formula1=f"{least:.17g}",
            formula2=f"{most:.17g}",
            allow_blank=True,
            showErrorMessage=True,
        )
        numbers.errorTitle = "Ngoài giới hạn"
        low, high = abs(least) < ANY, abs(most) < ANY
        limits_in_words = ("từ", "đến") if low and high else ("không nhỏ hơn", "không quá")
        ends = [
            f" {word} {plausible.shown(end)}"
            for word, end, known in zip(limits_in_words, (least, most), (low, high), strict=True)
            if known
        ]
        numbers.error = f"Ghi một số{''.join(ends)} ({unit}), không ghi chữ."
        numbers.errorStyle = "stop" if (own["beyond"] == "refuse").all() else "warning"
        for name in headed.NUMBERS:
            for place in own["place"]:
                numbers.add(f"{places[name]}{place}")
        sheet.add_data_validation(numbers)


def _print(sheet, columns: dict[str, str]) -> None:
    """Lay out a form for print: landscape, as wide as the page, heads on every page, no codes, a line for signatures."""
    for number, name in enumerate(columns):
        sheet.column_dimensions[sheets.letter(number)].width = _WIDTHS[name]
    sheet.freeze_panes = sheet.cell(FIRST_ROW, 2)
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{FIRST_ROW - 1}:{FIRST_ROW - 1}"
    sheet.print_area = f"A1:{sheets.letter(len(columns) - len(CODES) - 1)}{sheet.max_row}"
    sheet.oddFooter.left.text = "Người lập biểu (ký, ghi rõ họ tên)"
    sheet.oddFooter.center.text = "Trang &P/&N"
    sheet.oddFooter.right.text = "Thủ trưởng cơ quan (ký, đóng dấu)"


def entries_words(name: str, verify: bool = False) -> list[str]:
    """Return the words of a form's drop-down."""
    if name == "status":
        statuses = ("self_reported", "estimate", "official", *(["verified"] if verify else []))
        return [wording.STATUS_WORDS[status] for status in statuses]
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
    """Tell whether a workbook is one of our forms, with its key sheet."""
    return HIDDEN in grid.keys


def keyless(grid: sheets.Grid) -> bool:
    """Tell whether a table is one of our forms without its key sheet: saved as CSV, or copied to another workbook."""
    title = typed.text(grid.rows[0][1][0]) if grid.rows and grid.rows[0][1] else ""
    return title.startswith(TITLE) and HIDDEN not in grid.keys


def read(grid: sheets.Grid, catalogue: Catalogue, today: date, source: str = "", vintage: str = "") -> entries.Batch:
    """Read a filled form; rows without a value are not observed and are left out.

    Parameters
    ----------
    grid : Grid
        The form's sheet and its key sheet; without it the keys are those that the catalogue gives for the form's title.
    catalogue : Catalogue
        The indicator set in force.
    today : date
        The day of entry; also the vintage where none is given (the day the agency's figures came in).
    source, vintage : str
        Where the form does not say them.

    Raises
    ------
    ProblemError
        If the form is of another edition, or its keys, its title or its key sheet were changed; each changed key with its row.
    """
    choice, keys, names = _made_as(grid, catalogue) if is_form(grid) else _titled_as(grid, catalogue)
    own = headed.unmarked(headed.table(grid, catalogue), grid.file)
    if any(name not in own.heads for name in (*KEYS, "value")):
        raise ProblemError(own.problems or [Problem("form_broken", grid.file, found=messages.shape("form_heads"))])
    found = own.problems + _title_problems(grid, own, choice, catalogue)
    wrong = _key_problems(own.lines, keys, grid.file)
    renamed = [] if wrong else _name_problems(own, grid, rows(catalogue, choice)["name"].tolist(), names)
    own.told.extend(notice for notice in renamed if isinstance(notice, Notice))
    found += wrong or [problem for problem in renamed if isinstance(problem, Problem)]
    defaults = {"source": choice.source or source, "vintage": vintage or today.isoformat()}
    listed = records.SHEET if choice.kind == "form" and is_form(grid) else ""
    kept, told = records.Kept(pd.DataFrame(), []), [*own.told, *headed.other_sheets(grid, listed)]
    if not is_form(grid):
        told.append(Notice("keyless", grid.file, details={"source": defaults["source"] or "?"}))
    if listed:
        known = defaults | {"period": choice.period, "area": choice.area, "recorded": today.isoformat()}
        kept = records.read(grid.beside.get(records.SHEET), catalogue, choice.code, known)
        found += [replace(problem, file=grid.file) for problem in kept.problems]
    elif choice.kind == "form":
        told.append(Notice("list_absent", grid.file, details={"name": records.SHEET}))
    if found:
        raise ProblemError(found)
    used = [(row, cells) for row, cells in own.lines if any(typed.text(cells.get(name)) for name in headed.NUMBERS)]
    told += [
        Notice(
            "no_value",
            grid.file,
            row,
            details={"text": typed.text(cells[name])[:80], "name": HEADS.get(name) or VERIFY[name]},
        )
        for row, cells in own.lines
        if (row, cells) not in used
        for name in FILLED
        if name not in headed.NUMBERS and typed.text(cells.get(name))
    ]
    if not used:
        raise ProblemError([Problem("form_blank", grid.file, found=messages.shape("form_nothing"))])
    own = replace(own, lines=used, told=told)
    batch = entries.from_cells(own, grid, catalogue, today, defaults)
    batch = replace(batch, problems=[*batch.problems, *_list_problems(batch, kept.frame, grid.file)])
    return replace(batch, records=kept.frame, heads=own.shown_heads)


def _made_as(grid: sheets.Grid, catalogue: Catalogue) -> tuple[Choice, list[list[str]], list[str]]:
    """Return the choice, the keys and the names (none in older forms) that a form's key sheet holds."""
    lines = grid.keys[HIDDEN].split("\n")
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
    return choice, content["rows"], content.get("names", [])


_UNDER_TITLE = re.compile(r"Kỳ: (.+?)\. Bộ chỉ số: ([0-9-]+)\.")


def _titled_as(grid: sheets.Grid, catalogue: Catalogue) -> tuple[Choice, list[list[str]], list[str]]:
    """Return the choice that a form's two title lines and first row tell, and the keys that the catalogue gives for it."""
    title = typed.text(grid.rows[0][1][0]).removeprefix(TITLE).strip()
    under = _UNDER_TITLE.search(" ".join(typed.text(cells[0]) for _, cells in grid.rows[1:3] if cells))
    agencies = catalogue.areas[catalogue.areas["type"] == "agency"]
    forms = catalogue.indicators[catalogue.indicators["layer"] == "C"]
    names = [
        *(("agency", code) for code in agencies["id"][agencies["name_vi"] == title]),
        *(("form", code) for code in forms["code"][forms["name_vi"] == title]),
        *(("group", code) for code in catalogue.groups["group"][catalogue.groups["group"] == title]),
    ]
    broken = ProblemError([Problem("form_broken", grid.file, found=messages.shape("no_hidden_sheet"))])
    if len(names) != 1 or not under:
        raise broken
    if under[2] != edition(catalogue):
        details = {"edition": edition(catalogue), "reason": f"biểu lập theo bộ chỉ số {under[2]}"}
        raise ProblemError([Problem("form_edition", grid.file, found=under[2], details=details)])
    own = headed.table(grid, catalogue)
    area = typed.text(own.lines[0][1].get("area")) if own.lines else ""
    try:
        choice = Choice(*names[0], typed.period(under[1]), area)
    except ValueError:
        raise broken from None
    keys = [_key(row) for row in rows(catalogue, choice).to_dict("records")]
    return replace(choice, source=reporter(catalogue, choice)), keys, []


def _title_problems(grid: sheets.Grid, own: headed.Table, choice: Choice, catalogue: Catalogue) -> list[Problem]:
    """Return a title of another period than the keys', or of another agency, group or C form."""
    period, name = typed.period(choice.period), catalogue.names.get(choice.code, choice.code)
    title = typed.text(grid.rows[0][1][0]).removeprefix(TITLE).strip()
    above = [[typed.text(cell).replace(name, "") for cell in cells] for _, cells in grid.rows[: own.head.last]]
    found = []
    if title != name and title in {*catalogue.names.values(), *catalogue.groups["group"]}:
        found.append(Problem("form_name", grid.file, grid.rows[0][0], found=title, details={"name": name}))
    for (row, _), cells in zip(grid.rows, above, strict=False):
        for other in said.periods_of_lines([cells]):
            if other != period:
                key = {"key": wording.period(period)}
                found.append(Problem("form_title", grid.file, row, found=wording.period(other), details=key))
    return found


def _list_problems(batch: entries.Batch, listed: pd.DataFrame, file: str) -> list[Problem]:
    """Return figures counted of an object that its own answers in the form's list contradict: criteria met, of those answered."""
    if listed.empty:
        return []
    answers = listed[listed["field"].str.startswith("criterion_")]
    met = answers[answers["value"] == "yes"].groupby("item").size()
    unmet = answers[answers["value"] == "no"].groupby("item").size()
    stated = listed[listed["field"] == "criteria_met"].set_index("item")["value"]
    own, found = batch.frame, list[Problem]()
    for place in own.index[(own["unit"] == "tiêu chí") & (own["item"] != "") & (own["value"] != "")]:
        item, value = own.at[place, "item"], float(own.at[place, "value"])
        least, most = int(met.get(item, 0)), CRITERIA - int(unmet.get(item, 0))
        said = stated.get(item, "")
        if not least <= value <= most or (said and float(said) != value):
            details = {"least": least, "most": most, "said": said or "…", "name": records.SHEET}
            row = int(batch.places["row"].iat[place])
            found.append(Problem("list_contradicts", file, row, "value", own.at[place, "value"], details))
    return found


def _name_problems(own: headed.Table, grid: sheets.Grid, wanted: list[str], made: list[str]) -> list[Problem | Notice]:
    """Return names beside the keys that are no longer those of their figures; one that only the catalogue has changed since is told.

    A form says the names that it was made with; of an older one a name counts as the same while it is like the catalogue's and no
    other row's.
    """
    cells = dict(grid.rows)
    heads = [sheets.head(label) for label in own.head.labels]
    if sheets.head(HEADS["name"]) not in heads:
        return []
    column, found = heads.index(sheets.head(HEADS["name"])), list[Problem | Notice]()
    for (row, _), name, before in zip(own.lines, wanted, made or [""] * len(wanted), strict=True):
        text = typed.text(cells[row][column])
        if text == typed.text(name):
            continue
        alike = text not in wanted and difflib.SequenceMatcher(None, text, name).ratio() > ALIKE
        if text == typed.text(before) or (not before and alike):
            found.append(Notice("name_changed", grid.file, row, details={"text": text[:80], "name": name}))
        else:
            found.append(Problem("form_key", grid.file, row, HEADS["name"], text[:60], {"key": before or name}))
    return found


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
