"""From a sheet to observations: columns named by the contract or by our forms' Vietnamese heads, cells read as people type them.

A :class:`nq57lab.store.sheets.Grid` and the catalogue in, a :class:`Batch` out: rows in the contract's columns with the place of each,
and every problem found on the way. A blank qualifier is "=", a blank status self_reported, a blank public no; the day of entry is
the importer's, never the sender's.
"""

from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd

from nq57lab.base import contract, messages, periods, wording
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts.catalogue import Catalogue
from nq57lab.store import sheets, typed

HEADS = {
    **{name: name for name in contract.OBSERVATIONS.names},
    **{
        "mã": "subject",
        "mã chỉ số": "subject",
        "mã số liệu": "subject",
        "địa bàn": "area",
        "địa bàn, cơ quan": "area",
        "đối tượng": "item",
        "mã đối tượng": "item",
        "kỳ": "period",
        "kỳ báo cáo": "period",
        "kỳ số liệu": "period",
        "loại số": "measure",
        "phân tổ": "dims",
        "dấu": "qualifier",
        "mức độ chính xác": "qualifier",
        "giá trị": "value",
        "số liệu": "value",
        "giá trị cao": "value_high",
        "cận trên": "value_high",
        "đơn vị": "unit",
        "đơn vị tính": "unit",
        "số in": "printed",
        "tình trạng": "status",
        "ngày công bố": "vintage",
        "ngày báo cáo": "vintage",
        "ngày nhập": "recorded",
        "nguồn": "source",
        "vị trí": "locator",
        "minh chứng": "evidence",
        "bằng chứng": "evidence",
        "người xác thực": "verified_by",
        "cơ quan xác thực": "verified_by",
        "ngày xác thực": "verified_on",
        "quyết định": "decision",
        "công khai": "public",
        "quyết định công khai": "public_decision",
        "ghi chú": "note",
        "lý do": "note",
        "lý do đính chính": "note",
    },
}
IGNORED = {
    "stt",
    "tt",
    "tên",
    "tên chỉ số",
    "tên số liệu",
    "chỉ số",
    "định nghĩa",
    "cách tính",
    "tên đối tượng",
    "tên địa bàn",
}
KNOWN = frozenset(HEADS) | IGNORED
NEEDED = ("subject", "area", "period", "measure", "value", "unit")
NUMBERS = tuple(column.name for column in contract.OBSERVATIONS.columns if column.type == "number")
DATES = tuple(
    column.name for column in contract.OBSERVATIONS.columns if column.pattern in (contract.DAY, contract.PARTIAL_DATE)
)
SHARE_FAMILIES = ("share", "points")
MAX_TEXT = 4000


@dataclass(frozen=True)
class Batch:
    """Rows of one file: ``frame`` holds the contract's columns as text, ``places`` file and row, ``wrong`` unread cells.

    ``records`` are those of a C form's list (:mod:`nq57lab.store.records`); ``heads`` names the contract's columns as the file does.
    """

    frame: pd.DataFrame
    places: pd.DataFrame
    problems: list[Problem] = field(default_factory=list)
    wrong: frozenset[tuple[int, str]] = frozenset()
    records: pd.DataFrame = field(default_factory=pd.DataFrame)
    heads: dict[str, str] = field(default_factory=dict)

    def as_headed(self, problem: Problem) -> Problem:
        """Return a problem with its column, and the words it may hold, as the file's own heads and lists name them."""
        name = problem.column
        head = self.heads.get(name, name)
        if head == name:
            return problem
        details = problem.details
        if problem.code == "values" and name in typed.WORDS:
            allowed = contract.OBSERVATIONS.column(name).values
            words = [word for word, code in typed.WORDS[name].items() if code in allowed]
            details = {**details, "allowed": ", ".join(words)}
        return replace(problem, head=head, details=details)


@dataclass(frozen=True)
class Subjects:
    """What the catalogue says of each subject's numbers: ``whole`` (counts), ``share`` (0 to 100 %), ``family`` of a unit."""

    whole: frozenset[str]
    share: frozenset[str]
    family: dict[str, str]


def subjects(catalogue: Catalogue) -> Subjects:
    """Return what the catalogue says of the numbers of each subject.

    Notes
    -----
    A count of things is whole when its unit is of the family ``count``; an indicator of kind ``share`` in % lies between 0 and 100.
    """
    family = dict(zip(catalogue.units["unit"], catalogue.units["family"], strict=True))
    whole = {subject for subject, unit in catalogue.subject_units.items() if family.get(unit) in ("count", "rank")}
    shares = catalogue.indicators[(catalogue.indicators["kind"] == "share") & (catalogue.indicators["unit"] == "%")]
    return Subjects(frozenset(whole), frozenset(shares["code"]), family)


def columns(grid: sheets.Grid) -> tuple[int, dict[int, str], list[Problem]]:
    """Return the place of the head's row, the contract's name of each column, and the problems of the head."""
    place = sheets.find_head(grid, KNOWN)
    if place is None:
        shown = ", ".join(typed.text(cell) for cell in grid.rows[0][1][:6]) if grid.rows else ""
        raise ProblemError([Problem("no_header", grid.file, grid.rows[0][0] if grid.rows else 1, found=shown[:80])])
    row, cells = grid.rows[place]
    names: dict[int, str] = {}
    found: list[Problem] = []
    for column, cell in enumerate(cells):
        label = sheets.head(cell)
        if not label:
            below = next(
                (r for r, line in grid.rows[place + 1 :] if len(line) > column and typed.text(line[column])), None
            )
            if below is not None:
                found.append(Problem("blank_head", grid.file, below, sheets.letter(column)))
        elif label in IGNORED or label.startswith("x_"):
            continue
        elif label not in HEADS:
            found.append(Problem("unknown_column", grid.file, row, typed.text(cell), typed.text(cell)))
        elif HEADS[label] in names.values():
            found.append(Problem("twin_column", grid.file, row, typed.text(cell), HEADS[label]))
        else:
            names[column] = HEADS[label]
    missing = [name for name in NEEDED if name not in names.values()]
    found += [Problem("missing_column", grid.file, row, name, details={"column": name}) for name in missing]
    return place, names, found


def read(
    grid: sheets.Grid, catalogue: Catalogue, today: date, source: str = "", vintage: str = "", numbers: str = ""
) -> Batch:
    """Read a grid into observations.

    Parameters
    ----------
    grid : Grid
        What :func:`nq57lab.store.sheets.read` returns.
    catalogue : Catalogue
        Knows units, areas and items by code and name.
    today : date
        The day of entry (``recorded``).
    source, vintage : str
        For rows that do not say them.
    numbers : {"", "vi", "en"}
        How the file writes numbers, where its sender has said so.

    Returns
    -------
    Batch
        Rows as text cells of the contract, not yet checked against it.
    """
    place, names, found = columns(grid)
    if any(problem.code == "missing_column" for problem in found):
        raise ProblemError(found)
    width = len(grid.rows[place][1])
    lines = []
    for row, cells in grid.rows[place + 1 :]:
        if len(cells) != width and (len(cells) < width or any(typed.text(cell) for cell in cells[width:])):
            found.append(
                Problem(
                    "broken_csv",
                    grid.file,
                    row,
                    found=messages.shape("cell_count", count=len(cells)),
                    details={"count": width},
                )
            )
        else:
            lines.append((row, {name: cells[column] for column, name in names.items()}))
    for row, column in sorted(grid.filled):
        if names.get(column) in (*NUMBERS, "printed") and row > grid.rows[place][0]:
            found.append(Problem("merged_number", grid.file, row, sheets.letter(column)))
    if not lines and not found:
        found.append(Problem("empty", grid.file))
    defaults = {"source": source, "vintage": vintage}
    heads = {name: typed.text(grid.rows[place][1][column]) for column, name in names.items()}
    return replace(from_cells(lines, grid, catalogue, today, defaults, numbers, found), heads=heads)


def from_cells(
    lines: list[tuple[int, dict[str, typed.Cell]]],
    grid: sheets.Grid,
    catalogue: Catalogue,
    today: date,
    defaults: dict[str, str],
    numbers: str = "",
    problems: list[Problem] | None = None,
) -> Batch:
    """Read rows of named cells into a batch; each cell that cannot be read is a problem at its row and column."""
    found = list(problems or [])
    facts, rows = subjects(catalogue), [row for row, _ in lines]
    columns = {name: [cells.get(name) for _, cells in lines] for name in (lines[0][1] if lines else ())}
    written = [cell for name in NUMBERS for cell in columns.get(name, ())]
    read = _Reader(facts, numbers or typed.column_convention(written), bool(numbers), _names(catalogue))
    frame, wrong = pd.DataFrame("", index=range(len(lines)), columns=contract.OBSERVATIONS.names, dtype=object), set()
    for name, cells in columns.items():
        results = read.column(name, cells, columns)
        for place, result in enumerate(results):
            if not isinstance(result, str):
                code, details = result
                found.append(Problem(code, grid.file, rows[place], name, typed.text(cells[place])[:60], details))
                wrong.add((place, name))
                results[place] = ""
        frame[name] = pd.Series(results, dtype=object)
    own = [f"{grid.sheet}, dòng {row}" if grid.sheet else f"dòng {row}" for row in rows]
    for name, default in {
        "qualifier": "=",
        "status": "self_reported",
        "public": "no",
        "locator": own,
        **defaults,
    }.items():
        frame[name] = frame[name].mask(frame[name] == "", pd.Series(default, index=frame.index, dtype=object))
    for place in frame.index[~frame["recorded"].isin(["", today.isoformat()])]:
        day, details = frame.at[place, "recorded"], {"today": today.isoformat()}
        found.append(Problem("recorded_given", grid.file, rows[place], "recorded", day, details))
        wrong.add((place, "recorded"))
    frame["recorded"] = today.isoformat()
    entered = zip(
        columns.get("value", [None] * len(rows)), *(frame[name] for name in (*NUMBERS, "printed")), strict=True
    )
    frame["printed"] = [printed or _as_printed(cell, value, high) for cell, value, high, printed in entered]
    found += percent_problems(columns, rows, frame, facts, grid.file)
    places = pd.DataFrame({"file": grid.file, "row": rows})
    return Batch(frame, places, sorted(found, key=lambda problem: problem.row or 0), frozenset(wrong))


def _reading(value: float) -> str:
    return typed.plain_number(value).replace(".", ",")


def _names(catalogue: Catalogue) -> dict[str, dict[str, list[tuple[str, str, str]]]]:
    """Return (code, valid_from, valid_to) of each area and item by name; a former and a present province may share one."""
    names: dict[str, dict[str, list[tuple[str, str, str]]]] = {"area": {}, "item": {}}
    for row in catalogue.areas.itertuples():
        names["area"].setdefault(row.name_vi.casefold(), []).append((row.id, row.valid_from, row.valid_to))
    for row in catalogue.items.itertuples():
        names["item"].setdefault(row.name.casefold(), []).append((row.id, "", ""))
    return names


def _named(candidates: list[tuple[str, str, str]], period: str) -> str:
    """Return the code of a name that was in force at the end of a period.

    Raises
    ------
    LookupError
        If none, or more than one, was; with all the codes.
    """
    if len(candidates) == 1:
        return candidates[0][0]
    try:
        day = periods.end(typed.period(period)).isoformat()
    except ValueError:
        day = ""
    valid = [code for code, first, last in candidates if day and first <= day <= (last or "9999")]
    if len(valid) != 1:
        raise LookupError(", ".join(code for code, _, _ in candidates))
    return valid[0]


class _Reader:
    """Reads columns of cells to the contract's texts; a cell that cannot be read becomes a problem's code and details.

    A file of many rows holds few different cells: each, with what its reading depends on, is read once.
    """

    def __init__(self, facts: Subjects, style: str, said: bool, names: dict):
        self.facts, self.style, self.said, self.names = facts, style, said, names

    def column(self, name: str, cells: list, columns: dict[str, list]) -> list[str | tuple[str, dict]]:
        """Return what each cell of the column ``name`` was read to; ``columns`` are all the columns."""
        keys = list(zip(map(type, cells), cells, *self._around(name, columns, len(cells)), strict=True))
        known = {key: self._read(name, key[1], key[2:]) for key in dict.fromkeys(keys)}
        return [known[key] for key in keys]

    def _around(self, name: str, columns: dict[str, list], count: int) -> list[list]:
        """Return what else the reading depends on: of a number its share, whole and printed digits; of a name the period."""
        blank = [None] * count
        texts = {
            column: _texts(columns.get(column, blank))
            for column in (
                ("subject", "unit", "printed") if name in NUMBERS else ("period",) if name in self.names else ()
            )
        }
        if name in self.names:
            return [texts["period"]]
        if name not in NUMBERS:
            return []
        wholes = {unit for unit, family in self.facts.family.items() if family in ("count", "rank")}
        shares = [subject in self.facts.share for subject in texts["subject"]]
        return [shares, [unit in wholes for unit in texts["unit"]], texts["printed"]]

    def _read(self, name: str, cell: typed.Cell, around: tuple) -> str | tuple[str, dict]:
        try:
            return _cell(name, cell, around, self.style, self.said, self.names)
        except typed.DoubtfulNumber as error:
            return "doubtful_number", {f"{label}_reading": _reading(value) for label, value in error.readings.items()}
        except LookupError as error:
            return "doubtful_area", {"codes": str(error)}
        except ValueError:
            return "bad_number" if name in NUMBERS else "bad_date" if name != "period" else "bad_period", {}


def _texts(cells: list) -> list[str]:
    known = {key: typed.text(key[1]) for key in {(type(cell), cell) for cell in cells}}
    return [known[type(cell), cell] for cell in cells]


def _cell(name: str, cell: typed.Cell, around: tuple, style: str, said: bool, names: dict) -> str:
    """Read one cell; ``around``: of a number whether it is a share, whether a count, what is printed; of a name, the period."""
    written = typed.text(cell)
    if written == "":
        return ""
    if name in NUMBERS:
        share, whole, shown = around
        readings = typed.readings(cell)
        if said and style not in readings:
            raise ValueError(written)
        if not said and len(set(readings.values())) > 1 and shown:
            printed = wording.printed_values(shown)
            hits = {value for value in readings.values() if value in printed}
            if len(hits) == 1:
                return typed.plain_number(hits.pop())
        return typed.plain_number(typed.number(cell, style, whole=whole, largest=100.0 if share else float("inf")))
    if name == "period":
        return typed.period(cell)
    if name in DATES:
        return typed.day(cell)
    if name in typed.WORDS:
        return typed.word(name, cell)
    if name in names and written.casefold() in names[name]:
        return _named(names[name][written.casefold()], *around)
    return written


def _as_printed(cell: typed.Cell, value: str, high: str) -> str:
    """Return the digits as typed, where they are Vietnamese writing of the value; else nothing."""
    if not isinstance(cell, str) or high or not value:
        return ""
    digits = typed.text(cell).removesuffix("%").strip()
    return digits if wording.printed_values(digits) == (float(value),) else ""


def percent_problems(
    columns: dict[str, list], rows: list[int], frame: pd.DataFrame, facts: Subjects, file: str
) -> list[Problem]:
    """Return the cells typed as per cent whose unit is not one of per cent."""
    found, units = [], frame["unit"].tolist()
    for name in NUMBERS:
        for place, cell in enumerate(columns.get(name, ())):
            shown = isinstance(cell, typed.Percent) or (isinstance(cell, str) and cell.rstrip().endswith("%"))
            if shown and facts.family.get(units[place]) not in SHARE_FAMILIES:
                found.append(Problem("percent_unit", file, rows[place], name, typed.text(cell), {"unit": units[place]}))
    return found
