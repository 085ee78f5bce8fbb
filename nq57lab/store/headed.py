"""The table within a sheet: the row or two of its head, the contract's name of each column, its rows of named cells.

A :class:`nq57lab.store.sheets.Grid` in, a :class:`Table` out, with every problem of its form and all that is set aside or passed over, told.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nq57lab.base import contract, messages, wording
from nq57lab.base.problems import Notice, Problem, ProblemError
from nq57lab.facts.catalogue import Catalogue
from nq57lab.store import sheets, typed
from nq57lab.store.rules import said
from nq57lab.store.rules.units import Units

_WORDS = {
    "subject": "mã; mã chỉ số; mã số liệu; mã chỉ tiêu; code; indicator code",
    "area": "địa bàn; địa bàn, cơ quan; cơ quan; tỉnh, thành phố; place",
    "item": "đối tượng; mã đối tượng",
    "period": "kỳ; kì; kỳ báo cáo; kỳ số liệu; thời kỳ; time",
    "measure": "loại số; kind of figure",
    "dims": "phân tổ; breakdown",
    "qualifier": "dấu; mức độ chính xác",
    "value": "giá trị; số liệu; figure",
    "value_high": "giá trị cao; cận trên; upper value; value high",
    "unit": "đơn vị; đơn vị tính; đvt; unit of measure",
    "printed": "số in",
    "status": "tình trạng",
    "vintage": "ngày công bố; ngày báo cáo; date of publication; published; publication date",
    "recorded": "ngày nhập",
    "source": "nguồn; nguồn số liệu",
    "locator": "vị trí",
    "evidence": "minh chứng; bằng chứng",
    "verified_by": "người xác thực; cơ quan xác thực; verified by",
    "verified_on": "ngày xác thực; verified on",
    "decision": "quyết định; quyết định xác thực",
    "public": "công khai",
    "public_decision": "quyết định công khai; public decision",
    "note": "ghi chú; lý do; lý do đính chính; notes; remark",
}
# What a head may be called, as sheets.head reads it: without accents, case or marks.
HEADS = {
    **{sheets.head(name): name for name in contract.OBSERVATIONS.names},
    **{sheets.head(word): name for name, words in _WORDS.items() for word in words.split("; ")},
}
IGNORED = frozenset(
    sheets.head(word)
    for word in [
        "stt",
        "tt",
        "số tt",
        "số thứ tự",
        "no.",
        "no",
        "#",
        "tên",
        "tên chỉ số",
        "tên số liệu",
        "tên chỉ tiêu",
        "chỉ số",
        "chỉ tiêu",
        "định nghĩa",
        "cách tính",
        "tên đối tượng",
        "tên địa bàn",
        "name",
        "indicator",
        "definition",
    ]
)
KNOWN = frozenset(HEADS) | IGNORED
NUMBERS = tuple(column.name for column in contract.OBSERVATIONS.columns if column.type == "number")
DATES = tuple(
    column.name for column in contract.OBSERVATIONS.columns if column.pattern in (contract.DAY, contract.PARTIAL_DATE)
)


# What stands for "there is no figure": an empty cell in words or signs.
_NO_FIGURE = re.compile(
    r"[-–—−.…]{1,4}|n\.?/?a\.?|(?:chua|khong) (?:co|bao cao|thu thap|thong ke|ap dung)(?: (?:so lieu|du lieu|thong tin|so))?"
)
_NOTHING = ("khong co", "khong thong ke")  # perhaps a zero


@dataclass(frozen=True)
class Head:
    """A table's head: the places of its first and last row, and what it calls each column."""

    first: int
    last: int
    labels: list[str]


@dataclass(frozen=True)
class Table:
    """A grid's table: its head, the contract's name of each column, its rows of named cells, and what was set aside.

    ``read`` counts the rows below the head, ``aside`` those of them that hold no figure; ``unit`` is what the value's head says in
    brackets, ``unit_above`` what a line outside the table says, ``stated`` what else the heads say, ``above`` the lines above it.
    """

    head: Head
    names: dict[int, str]
    lines: list[tuple[int, dict[str, typed.Cell]]]
    problems: list[Problem]
    told: list[Notice]
    read: int = 0
    aside: int = 0
    unit: str = ""
    unit_above: str = ""
    stated: tuple[said.Said, ...] = ()
    above: tuple[Sequence[typed.Cell], ...] = ()

    @property
    def heads(self) -> dict[str, int]:
        """The column of each of the contract's names."""
        return {name: column for column, name in self.names.items()}

    @property
    def shown_heads(self) -> dict[str, str]:
        """What the file itself calls each of the contract's names."""
        return {name: self.head.labels[column] for column, name in self.names.items()}


def _known(label: str) -> bool:
    return sheets.head(label) in KNOWN


def _joined(upper: list[str], lower: list[str]) -> list[str] | None:
    """Return the labels of a head of two rows, read column by column; None where the rows are none, for they name no more columns than one of them."""
    width = max(len(upper), len(lower))
    pairs = list(zip(*(row + [""] * (width - len(row)) for row in (upper, lower)), strict=True))
    labels = [next(filter(_known, (f"{one} {other}".strip(), other, one)), other or one) for one, other in pairs]
    if not all(not other or _known(other) or _known(f"{one} {other}") for one, other in pairs):
        return None  # not a row of heads
    if not all(other or not one or _known(one) for one, other in pairs):
        return None  # a title above the head
    named = [len({sheets.head(label) for label in row} & KNOWN) for row in (labels, upper, lower)]
    return labels if named[0] > max(named[1:]) else None


def head_of(grid: sheets.Grid) -> Head | None:
    """Return a grid's head, of one row or of two whose cells are not merged; None where there is none."""
    place = sheets.find_head(grid, KNOWN)
    if place is None:
        return None
    rows = [[typed.text(cell) for cell in cells] for _, cells in grid.rows[max(place - 1, 0) : place + 2]]
    first = last = place
    labels = rows[min(place, 1)]
    if place and (joined := _joined(rows[0], labels)):
        first, labels = place - 1, joined
    if len(rows) > min(place, 1) + 1 and (joined := _joined(labels, rows[-1])):
        last, labels = place + 1, joined
    return Head(first, last, labels)


def columns(grid: sheets.Grid) -> tuple[Head, dict[int, str], list[Problem], list[Notice]]:
    """Return the head, the contract's name of each column, the problems of the head, and what it passes over."""
    found_head = head_of(grid)
    if found_head is None:
        legacy_problem(grid)
        shown = ", ".join(typed.text(cell) for cell in grid.rows[0][1][:6]) if grid.rows else ""
        raise ProblemError([Problem("no_header", grid.file, grid.rows[0][0] if grid.rows else 1, found=shown[:80])])
    row = grid.rows[found_head.first][0]
    names: dict[int, str] = {}
    found, told = list[Problem](), list[Notice]()
    for column, text in enumerate(found_head.labels):
        label = sheets.head(text)
        if not label:
            below = next(
                (r for r, line in grid.rows[found_head.last + 1 :] if len(line) > column and typed.text(line[column])),
                None,
            )
            if below is not None:
                told.append(Notice("blank_head", grid.file, below, sheets.letter(column)))
        elif label in IGNORED or text.startswith("x_"):
            continue
        elif label not in HEADS:
            found.append(Problem("unknown_column", grid.file, row, text, text))
        elif HEADS[label] in names.values():
            found.append(Problem("twin_column", grid.file, row, text, HEADS[label]))
        else:
            names[column] = HEADS[label]
    return found_head, names, found, told


def legacy_problem(grid: sheets.Grid) -> None:
    """Refuse a file whose letters are those of an old font (TCVN3, VNI), in whatever encoding, or were lost when it was saved.

    Raises
    ------
    ProblemError
        At the first such cell.
    """
    for row, cells in grid.rows:
        for column, cell in enumerate(cells):
            if isinstance(cell, str) and ("?" in cell or not cell.isascii()):
                code = "legacy_font" if typed.legacy(cell) else "mojibake" if typed.lost(cell) else ""
                if code:
                    found = typed.text(cell)[:40]
                    raise ProblemError([Problem(code, grid.file, row, sheets.letter(column), found)])


def table(grid: sheets.Grid, catalogue: Catalogue) -> Table:
    """Read a grid's rows below its head: those with figures, and those that are set aside and told."""
    head, names, found, told = columns(grid)
    legacy_problem(grid)
    units = Units(catalogue.units)
    width = len(head.labels)
    heads = [[sheets.head(cell) for cell in cells] for _, cells in grid.rows[head.first : head.last + 1]]
    lines, aside, read = list[tuple[int, dict[str, typed.Cell]]](), list[list[typed.Cell]](), 0
    for row, cells in grid.rows[: head.first]:
        if sum(typed.text(cell) != "" for cell in cells) > 3 and any(
            typed.text(cell) in catalogue.subject_units for cell in cells
        ):
            found.append(Problem("row_above_head", grid.file, row, found=typed.text(cells[0])[:40]))
    for row, cells in grid.rows[head.last + 1 :]:
        if not any(typed.text(cell) for cell in cells):
            continue
        read += 1
        cells = _unspread(cells, row, grid.filled)
        kind = _kind(cells, names, heads, catalogue)
        if kind == "other_head":
            shown = ", ".join(filter(None, map(typed.text, cells)))[:80]
            found.append(Problem("second_head", grid.file, row, found=shown))
            break
        elif kind == "row_aside" and not lines and _names_numbers(cells, names, units):
            found.append(
                Problem("second_head", grid.file, row, found=", ".join(filter(None, map(typed.text, cells)))[:80])
            )
            break
        elif kind:
            aside.append(cells)
            shown = ", ".join(filter(None, map(typed.text, cells)))[:80]
            told.append(Notice(kind, grid.file, row, details={"text": shown}))
        elif len(cells) != width and (
            len(cells) < width or grid.delimiter == "," or any(typed.text(cell) for cell in cells[width:])
        ):  # a comma within a number makes two cells of it, and the last of the row may be blank
            shape = messages.shape("cell_count", count=len(cells))
            found.append(Problem("broken_csv", grid.file, row, found=shape, details={"count": width}))
        else:
            lines.append((row, {name: cells[column] for column, name in names.items()}))
    rows = {row for row, _ in lines}
    found += _merged(grid, names, rows)
    cell_found, cell_told = _cell_problems(grid, names, rows)
    told += [*grid.told, *cell_told, *_hidden(grid, names, lines)]
    unit, also = "", list[said.Said]()
    for column, name in names.items():
        own, others, unread = said.of_head(head.labels[column], units)
        unit = unit or (own if name in (*NUMBERS, "unit") else "")
        also += others
        if unread and name in (*NUMBERS, "unit", "period"):
            told.append(Notice("head_remark", grid.file, grid.rows[head.first][0], details={"text": unread}))
    beside = [text for text in (grid.sheet, *grid.around) if len(text) > 2]  # a sheet "K" is no thousand
    above: list[Sequence[typed.Cell]] = [*(cells for _, cells in grid.rows[: head.last]), *([text] for text in beside)]
    around = said.unit_of_lines([*above, *aside], units)
    told += [Notice("unit_unread", grid.file, details={"text": text}) for text in said.unread_units(above, units)]
    problems = [*found, *cell_found]
    return Table(head, names, lines, problems, told, read, len(aside), unit, around, tuple(also), tuple(above))


def _unspread(cells: list, row: int, filled: frozenset[tuple[int, int]]) -> list:
    """Return a row of one text merged across columns, a heading of a section, as the one cell that it is."""
    own = [column for column, cell in enumerate(cells) if typed.text(cell)]
    if len(own) < 2 or any((row, column) not in filled for column in own[1:]) or len(set(map(typed.text, cells))) > 2:
        return cells
    return [cell if column == own[0] else None for column, cell in enumerate(cells)]


def _names_numbers(cells: list, names: dict[int, str], units: Units) -> bool:
    """Tell whether a row below the head says more of a column of numbers than its unit: "Kế hoạch" and "Thực hiện" below "Giá trị"."""
    said = [typed.text(cells[column]) for column, name in names.items() if name in NUMBERS and column < len(cells)]
    return any(re.search(r"[^\W\d_]", text) and not units.said(text.strip("()[] ")) for text in said)


def other_sheets(grid: sheets.Grid, read: str = "") -> list[Notice]:
    """Tell of the visible sheets beside a table that hold something; one that is ``read`` is not told."""
    return [
        Notice("other_sheet", grid.file, details={"name": name, "count": len(sheet.rows)})
        for name, sheet in grid.beside.items()
        if sheet.rows and name != read
    ]


def unmarked(own: Table, file: str) -> Table:
    """Return a table whose number cells are blank where they say that there is no figure; each such text is told."""
    marked, lines = dict[str, list[int]](), list[tuple[int, dict[str, typed.Cell]]]()
    for row, cells in own.lines:
        marks = {name: mark for name in NUMBERS if (mark := _no_figure(cells.get(name)))}
        lines.append((row, cells | dict.fromkeys(marks)))
        for mark in marks.values():
            marked.setdefault(mark, []).append(row)
    told = [Notice("no_figure", file, details={"text": m, "rows": listed(rows)}) for m, rows in marked.items()]
    return replace(own, lines=lines, told=[*own.told, *told])


def _no_figure(cell: typed.Cell) -> str:
    """Return the text of a cell that says that there is no figure ("–", "n/a", "chưa có số liệu"), "" where it says none."""
    text = typed.text(cell) if isinstance(cell, str) else ""
    word = text if re.match(r"\W", text) else wording.plain(text)
    return text if _NO_FIGURE.fullmatch(word) and word not in _NOTHING else ""


def _kind(cells: list, names: dict[int, str], heads: list[list[str]], catalogue: Catalogue) -> str:
    """Return why a row below the head is no row of figures: the head again, another head, column numbers, a remark; "" if it is one."""
    written = {column: typed.text(cell) for column, cell in enumerate(cells) if typed.text(cell)}
    is_head = sheets.is_head(cells, KNOWN)
    if is_head or len(heads) > 1:  # the lower row of a head of two may name few columns
        if [sheets.head(cell) for cell in cells] in heads:
            return "head_again"
        if is_head:
            return "other_head"
    named = {names[column]: text for column, text in written.items() if column in names}
    if len(written) > 3 and all(re.fullmatch(r"\(?(?:[0-9]{1,2}|[A-Z])\)?", text) for text in written.values()):
        return "column_numbers"
    subject = named.get("subject", "")
    numbers = [name for name in NUMBERS if re.match(r"[^\w]*[0-9]", named.get(name, ""))]
    keys = [name for name in ("area", "period", "measure", "unit") if name in named]
    coded = subject in catalogue.subject_units or (subject and " " not in subject and (keys or numbers))
    if coded or numbers or len(keys) > 1 or (subject and keys):
        return ""
    return "row_aside"


def _merged(grid: sheets.Grid, names: dict[int, str], rows: set[int]) -> list[Problem]:
    return [
        Problem("merged_number", grid.file, row, sheets.letter(column))
        for row, column in sorted(grid.filled)
        if names.get(column) in (*NUMBERS, "printed") and row in rows
    ]


_UNREAD = (
    *("subject", "area", "item", "period", "measure", "dims", "unit"),
    *("status", "source", "vintage", "public"),
)


def _cell_problems(grid: sheets.Grid, names: dict[int, str], rows: set[int]) -> tuple[list[Problem], list[Notice]]:
    """Return errors and formulas of a table's cells; a formula outside the keys whose value is stored is read and told."""
    found = [
        Problem("error_cell", grid.file, row, sheets.letter(column), shown)
        for (row, column), shown in sorted(grid.errors.items())
        if column in names and row in rows
    ]
    found += [
        Problem("struck_number", grid.file, row, sheets.letter(column))
        for row, column in sorted(grid.struck)
        if names.get(column) in NUMBERS and row in rows and (row, column) not in grid.filled
    ]
    cells, computed = dict(grid.rows), dict[int, list[int]]()
    for (row, column), written in sorted(grid.formulas.items()):
        if column not in names or row not in rows or (row, column) in grid.errors:
            continue
        if names[column] in _UNREAD or typed.text(cells[row][column]) == "":
            found.append(Problem("formula_cell", grid.file, row, sheets.letter(column), written[:60]))
        else:
            computed.setdefault(column, []).append(row)
    told = [
        Notice("formula_value", grid.file, None, sheets.letter(column), {"rows": listed(own)})
        for column, own in computed.items()
    ]
    told += [
        Notice("cell_comment", grid.file, row, sheets.letter(column), {"text": text[:80]})
        for (row, column), text in sorted(grid.comments.items())
        if names.get(column) in (*NUMBERS, "unit", "period") and row in rows and text
    ]
    return found, told


def _hidden(grid: sheets.Grid, names: dict[int, str], lines: list[tuple[int, dict]]) -> list[Notice]:
    """Return what is read though a reader of the sheet does not see it."""
    rows = [
        row for row, cells in lines if row in grid.hidden_rows and any(typed.text(cells.get(name)) for name in NUMBERS)
    ]
    told = [Notice("hidden_rows", grid.file, details={"rows": listed(rows)})] if rows else []
    return told + [
        Notice("hidden_column", grid.file, None, sheets.letter(column), {"name": name})
        for column, name in names.items()
        if column in grid.hidden_columns and any(typed.text(cells[name]) for _, cells in lines) and name not in _QUIET
    ]


_QUIET = ("subject", "item", "dims")  # a form prints without these


def listed(rows: list[int]) -> str:
    """Return row numbers as text, the first twelve."""
    return ", ".join(map(str, rows[:12])) + (f" … ({len(rows)})" if len(rows) > 12 else "")
