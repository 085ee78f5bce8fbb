"""Reports of tasks: a form of the open ones out, the form filled in or one report by options in; appended, nothing is edited.

A report says of one task on one day whether it is done and when, how far it is, by what evidence, and who says so.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pandas as pd

from nq57lab.base import contract, tables, wording, workbook
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.registers import tasks
from nq57lab.store import disk, entry_rules, sheets, typed

TABLE = contract.TASK_REPORTS
STATES = {"hoàn thành": "done", "đang thực hiện": "doing", "chưa thực hiện": "not_started"}
HEADS = {
    **{"task": "Mã nhiệm vụ", "text": "Nhiệm vụ", "lead": "Cơ quan chủ trì", "due": "Hạn", "state": "Tình trạng"},
    **{"done_on": "Ngày hoàn thành", "progress": "Tiến độ, vướng mắc", "evidence": "Minh chứng", "by": "Người báo cáo"},
}
FILLED = ("state", "done_on", "progress", "evidence", "by")
_WIDTHS = (16, 60, 26, 14, 18, 16, 40, 30, 22)
_NAMES = {sheets.head(head): name for name, head in HEADS.items()} | {name: name for name in HEADS}


def led_by(rows: pd.DataFrame, agency: str) -> pd.DataFrame:
    """Return the tasks that an agency leads or takes part in; all for ""."""
    if not agency:
        return rows
    both = (rows["lead"] + "; " + rows["with"]).str.split("; ")
    return rows[both.map(lambda ids: agency in ids).astype(bool)]


def write_form(catalogue: Catalogue, path: Path, day: date, agency: str = "") -> int:
    """Write the form in which the tasks open on a day are reported, and return its number of rows."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.worksheet.datavalidation import DataValidation

    rows = led_by(tasks.as_of(catalogue, day), agency)
    rows = rows[rows["state"] != "done"]
    book = Workbook()
    sheet = book.active
    sheet.title = "Nhiệm vụ"
    sheet["A1"] = f"Báo cáo thực hiện nhiệm vụ đến ngày {wording.day(day)}" + (
        f": {catalogue.names[agency]}" if agency else ""
    )
    sheet["A1"].font = Font(bold=True, size=13)
    for column, head in enumerate(HEADS.values(), start=1):
        cell = sheet.cell(3, column, head)
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[sheets.letter(column - 1)].width = _WIDTHS[column - 1]
    for place, row in enumerate(rows.itertuples(), start=4):
        due = wording.period(row.due) if row.due else ""
        for column, text in enumerate((row.id, row.text, catalogue.agencies(row.lead), due), start=1):
            sheet.cell(place, column, text).alignment = Alignment(wrap_text=True, vertical="top")
        for column, name in enumerate(HEADS, start=1):
            if name in FILLED:
                sheet.cell(place, column).fill = PatternFill("solid", fgColor="FFF7DB")
    words = DataValidation("list", formula1='"' + ",".join(STATES) + '"', allow_blank=True, showErrorMessage=True)
    words.error, words.errorTitle = "Chọn một mục trong danh sách.", "Không hợp lệ"
    words.add(f"E4:E{3 + max(len(rows), 1)}")
    sheet.add_data_validation(words)
    sheet.freeze_panes, sheet.print_title_rows = "B4", "3:3"
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    workbook.save(book, path)
    return len(rows)


def read_form(path: Path) -> pd.DataFrame:
    """Return what a filled form says, one row a reported task, as text cells with the file's ``row``.

    Raises
    ------
    ProblemError
        If the file cannot be read, or lacks a column.
    """
    grid = sheets.read(path, _NAMES)
    place = sheets.find_head(grid, _NAMES)
    if place is None:
        raise ProblemError([Problem("no_header", grid.file, 1)])
    row, cells = grid.rows[place]
    columns = {_NAMES[name]: column for column, cell in enumerate(cells) if (name := sheets.head(cell)) in _NAMES}
    lacking = [name for name in ("task", "state") if name not in columns]
    if lacking:
        raise ProblemError(
            [Problem("missing_column", grid.file, row, HEADS[n], details={"column": HEADS[n]}) for n in lacking]
        )
    lines = [
        {"row": number, **{name: typed.text(line[column]) for name, column in columns.items() if column < len(line)}}
        for number, line in grid.rows[place + 1 :]
    ]
    frame = pd.DataFrame(lines, columns=["row", *HEADS]).fillna("")
    return frame[(frame[[*FILLED]] != "").any(axis=1)].reset_index(drop=True)


def checked(catalogue: Catalogue, frame: pd.DataFrame, file: str, day: date, today: date) -> pd.DataFrame:
    """Return reports in the contract's columns.

    Raises
    ------
    ProblemError
        With every unknown task, changed text, unknown state, date that cannot be, and a completion without date or evidence.
    """
    texts, found = dict(zip(catalogue.tasks["id"], catalogue.tasks["text"], strict=True)), list[Problem]()
    frame = frame.assign(state=[STATES.get(text.casefold(), text) for text in frame["state"]])

    def wrong(code: str, row: dict, name: str, **details: object) -> None:
        number = int(row["row"]) if row["row"] else None
        found.append(Problem(code, file, number, HEADS[name], row[name][:60], details))

    days = []
    for row in frame.to_dict("records"):
        if row["task"] not in texts:
            wrong("reference", row, "task", target="tasks.csv")
        elif row["text"] and row["text"] != typed.text(texts[row["task"]]):
            wrong("form_key", row, "text", key=texts[row["task"]])
        if row["state"] not in STATES.values():
            wrong("values", row, "state", allowed=", ".join(STATES))
        done = _day(row["done_on"])
        days.append(done or "")
        if done is None:
            wrong("bad_date", row, "done_on")
        elif done > day.isoformat():
            wrong("future_vintage", row, "done_on", today=day.isoformat())
        if row["state"] == "done":
            for name in ("done_on", "evidence"):
                if not row[name]:
                    wrong("task_done_needs", row, name)
        elif row["done_on"]:
            wrong("task_not_done", row, "done_on", state=row["state"])
        for name in ("progress", "evidence", "by"):
            for code in entry_rules.suspect(row[name]):
                wrong(code, row, name, limit=entry_rules.MAX_TEXT)
        if not row["by"]:
            wrong("required", row, "by")
    for place in frame.index[frame.duplicated("task")]:
        wrong("twin_column", frame.loc[place].to_dict(), "task")
    if frame.empty:
        found.append(Problem("form_blank", file))
    if found:
        raise ProblemError(found)
    return frame.assign(done_on=days, reported_on=day.isoformat(), recorded=today.isoformat())[TABLE.names]


def _day(text: str) -> str | None:
    """Return a whole date as ISO text, "" for none, None for what is no date."""
    try:
        return date.fromisoformat(typed.day(text)).isoformat() if text else ""
    except ValueError:
        return None


def append(catalogue: Catalogue, frame: pd.DataFrame) -> Path:
    """Add reports to the register, whole or not at all; a report of a day already there is refused.

    Raises
    ------
    ProblemError
        If a task was reported for that day on this day of entry already.
    """
    path = catalogue.root / TABLE.path
    with disk.locked(catalogue.root):
        before = tables.read_text(path, path.name) if path.is_file() else frame.iloc[:0]
        keys = set(map(tuple, before[list(TABLE.key)].to_numpy()))
        again = [key[0] for key in map(tuple, frame[list(TABLE.key)].to_numpy()) if key in keys]
        if again:
            raise ProblemError([Problem("task_reported", path.name, found=", ".join(again))])
        disk.replace(catalogue.root, path, disk.content(pd.concat([before, frame])[TABLE.names], TABLE.names))
        disk.mend(catalogue.root)
    return path


def counts(rows: pd.DataFrame) -> Iterable[tuple[str, int]]:
    """Return how many tasks are in each state, in the order of :data:`nq57lab.facts.registers.tasks.WORDS`."""
    found = rows["state"].value_counts()
    return [(state, int(found.get(state, 0))) for state in tasks.WORDS]
