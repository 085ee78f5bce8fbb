"""From a sheet to observations: columns named by the contract or by our forms' Vietnamese heads, cells read as people type them.

A :class:`nq57lab.store.sheets.Grid` and the catalogue in, a :class:`Batch` out: rows in the contract's columns with the place of each,
and every problem found on the way. A blank qualifier is "=", a blank status self_reported, a blank public no; the day of entry is
the importer's, never the sender's.
"""

import math
import re
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

import pandas as pd

from nq57lab.base import contract, periods, wording
from nq57lab.base.problems import Notice, Problem, ProblemError
from nq57lab.facts.catalogue import Catalogue
from nq57lab.store import headed, sheets, typed
from nq57lab.store.rules import plausible, said
from nq57lab.store.rules.units import FOREIGN, Units

NEEDED = ("subject", "area", "period", "measure", "value", "unit")
SHARE_FAMILIES = ("share", "points")
MAX_TEXT = 4000


@dataclass(frozen=True)
class Batch:
    """Rows of one file: ``frame`` holds the contract's columns as text, ``places`` file and row, ``wrong`` unread cells.

    ``records`` are those of a C form's list (:mod:`nq57lab.store.records`); ``heads`` names the contract's columns as the file does;
    ``told`` is what must not pass in silence; of the rows ``read`` some are set ``aside`` and some ``blank``; ``titled`` is
    what the lines above the table say of it.
    """

    frame: pd.DataFrame
    places: pd.DataFrame
    problems: list[Problem] = field(default_factory=list)
    wrong: frozenset[tuple[int, str]] = frozenset()
    records: pd.DataFrame = field(default_factory=pd.DataFrame)
    heads: dict[str, str] = field(default_factory=dict)
    told: tuple[Notice, ...] = ()
    read: int = 0
    aside: int = 0
    titled: tuple[said.Said, ...] = ()

    @property
    def blank(self) -> int:
        """The rows that hold no value: those of a form that nobody filled in."""
        return self.read - self.aside - len(self.frame)

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
    """What the catalogue says of each subject's numbers: ``whole`` (counts), ``most`` (the largest, in the unit's terms), its units."""

    whole: frozenset[str]
    most: dict[str, float]
    units: Units

    codes: dict[str, str] = field(default_factory=dict)

    @property
    def family(self) -> dict[str, str]:
        """The family of each unit."""
        return self.units.family

    def coded(self, text: str) -> str:
        """Return a subject's code as the catalogue writes it ("b.06.03." → B.06.03); another text unchanged."""
        return self.codes.get(text.casefold().rstrip("."), text)


@lru_cache(maxsize=4)
def subjects(catalogue: Catalogue) -> Subjects:
    """Return what the catalogue says of the numbers of each subject.

    Notes
    -----
    A count of things is whole when its unit is of the family ``count``; the largest value is that of ``bounds.csv``.
    """
    units = Units(catalogue.units)
    codes = list(catalogue.subject_units)
    frame = pd.DataFrame({"subject": codes, "unit": list(catalogue.subject_units.values())})
    most = plausible.bounds(frame, catalogue)["most"]
    whole = {code for code, unit in catalogue.subject_units.items() if units.family.get(unit) in ("count", "rank")}
    limits = {code: limit for code, limit in zip(codes, most, strict=True) if limit == limit}
    return Subjects(frozenset(whole), limits, units, {code.casefold(): code for code in codes})


def _qualifier(code: str) -> str:
    return wording.QUALIFIER_WORDS.get(code, "")


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
    own = headed.table(grid, catalogue)
    row = grid.rows[own.head.first][0]
    units = Units(catalogue.units)
    unit = units.named(own.unit) or units.named(own.unit_above)
    missing = [name for name in NEEDED if name not in own.heads and not (name == "unit" and unit)]
    found = own.problems + [
        Problem("missing_column", grid.file, row, name, details={"column": name}) for name in missing
    ]
    if missing:
        raise ProblemError(found)
    if not own.lines and not found:
        found.append(Problem("empty", grid.file))
    own.told.extend(headed.other_sheets(grid))
    defaults = {"source": source, "vintage": vintage, "unit": unit}
    own = _without_blank(replace(own, problems=found), grid.file)
    return replace(from_cells(own, grid, catalogue, today, defaults, numbers), heads=own.shown_heads)


def _without_blank(own: headed.Table, file: str) -> headed.Table:
    """Leave out the rows whose keys stand without any figure, beside others that have one; they are told, with the notes that they hold."""
    wrong, plain = {problem.row for problem in own.problems}, headed.unmarked(own, file)
    filled, blank = list[tuple[int, dict]](), list[int]()
    told = list(plain.told)
    for row, cells in plain.lines:
        if row in wrong or any(typed.text(cells.get(name)) for name in (*headed.NUMBERS, "printed")):
            filled.append((row, cells))
            continue
        blank.append(row)
        if note := typed.text(cells.get("note")):
            told.append(Notice("no_value", file, row, details={"text": note[:80], "name": own.shown_heads["note"]}))
    if not filled:
        return own
    told += [Notice("blank_rows", file, details={"rows": headed.listed(blank)})] if blank else []
    return replace(own, lines=filled, told=told)


def from_cells(
    own: headed.Table, grid: sheets.Grid, catalogue: Catalogue, today: date, defaults: dict[str, str], numbers: str = ""
) -> Batch:
    """Read a table's rows of named cells into a batch; each cell that cannot be read is a problem at its row and column."""
    found, told, lines = list(own.problems), list(own.told), own.lines
    facts, rows = subjects(catalogue), [row for row, _ in lines]
    columns = {name: [cells.get(name) for _, cells in lines] for name in (lines[0][1] if lines else ())}
    if "subject" in columns:
        columns["subject"] = [facts.coded(typed.text(cell)) for cell in columns["subject"]]
    bracketed = _bracketed(columns)
    qualified = _qualified(columns)
    if "unit" in columns or defaults.get("unit"):
        columns["unit"] = [
            facts.units.named(typed.text(cell)) or typed.text(cell) or defaults.get("unit", "")
            for cell in columns.get("unit", [None] * len(rows))
        ]
    written = [cell for name in headed.NUMBERS for cell in columns.get(name, ())]
    names = _names(catalogue)
    read = _Reader(facts, numbers or typed.column_convention(written), bool(numbers), names, grid.epoch)
    frame = pd.DataFrame("", index=range(len(lines)), columns=contract.OBSERVATIONS.names, dtype=object)
    place_by, name_by = (
        {row: place for place, row in enumerate(rows)},
        {sheets.letter(c): n for c, n in own.names.items()},
    )
    wrong = {
        (place_by[problem.row], name_by[problem.column])
        for problem in found
        if problem.code in ("formula_cell", "error_cell", "merged_number", "struck_number") and problem.row in place_by
    }
    for name, cells in columns.items():
        results = read.column(name, cells, columns)
        for place, result in enumerate(results):
            if not isinstance(result, str):
                code, details = result
                found.append(Problem(code, grid.file, rows[place], name, typed.text(cells[place])[:60], details))
                wrong.add((place, name))
                results[place] = ""
        frame[name] = pd.Series(results, dtype=object)
    place_of = [f"{grid.sheet}, dòng {row}" if grid.sheet else f"dòng {row}" for row in rows]
    for name, default in {
        "qualifier": "=",
        "status": "self_reported",
        "public": "no",
        "locator": place_of,
        **defaults,
    }.items():
        frame[name] = frame[name].mask(frame[name] == "", pd.Series(default, index=frame.index, dtype=object))
    for place in frame.index[~frame["recorded"].isin(["", today.isoformat()])]:
        day, details = frame.at[place, "recorded"], {"today": today.isoformat()}
        found.append(Problem("recorded_given", grid.file, rows[place], "recorded", day, details))
        wrong.add((place, "recorded"))
    frame["recorded"] = today.isoformat()
    converted = read.converted(columns, frame) | qualified | bracketed
    for place, (words, name) in sorted(converted.items()):
        frame.at[place, "locator"] += f"; tệp ghi “{words}”"
        details = {
            "said": words,
            "value": _qualifier(frame.at[place, "qualifier"]) + plausible.shown(float(frame.at[place, name])),
            "unit": frame.at[place, "unit"],
        }
        told.append(Notice("converted", grid.file, rows[place], details=details))
    told += [
        Notice("format_hides", grid.file, row, details={"value": plausible.shown(cell.value)})
        for name in headed.NUMBERS
        for row, cell in zip(rows, columns.get(name, ()), strict=False)
        if isinstance(cell, typed.Shown) and cell.said == ";"
    ]
    beside = {cell.said for name in headed.NUMBERS for cell in columns.get(name, ()) if isinstance(cell, typed.Shown)}
    told += [
        Notice("unit_unread", grid.file, details={"text": words})
        for words in sorted(text.strip(" ,;") for text in beside)
        if re.search(r"[^\W\d_]", words) and not facts.units.said(words) and words.casefold() not in FOREIGN
    ]
    entered = zip(
        columns.get("value", [None] * len(rows)), *(frame[name] for name in (*headed.NUMBERS, "printed")), strict=True
    )
    frame["printed"] = [printed or _as_printed(cell, value, high) for cell, value, high, printed in entered]
    found += percent_problems(columns, rows, frame, facts, grid.file)
    found += unit_problems(columns, rows, frame, facts.units, own, grid.file)
    found += said.problems(frame, rows, own.stated, grid.file) + said.note_problems(frame, rows, grid.file)
    places = pd.DataFrame({"file": grid.file, "row": rows})
    ordered = sorted(found, key=lambda problem: problem.row or 0)
    made = Batch(frame, places, ordered, frozenset(wrong), told=tuple(told))
    titled = [
        *said.of_titles(own.above, names["area"]),
        *said.strange_units(own.above, set(frame["unit"]), facts.units),
    ]
    return replace(made, read=own.read, aside=own.aside, titled=tuple(titled))


def unit_problems(
    columns: dict[str, list], rows: list[int], frame: pd.DataFrame, units: Units, own: headed.Table, file: str
) -> list[Problem]:
    """Return figures whose unit is said otherwise by the column's head, a title line or the cell's format."""
    found = []
    family = units.family
    noted = {note: said.unit_of_note(note, units) for note in set(frame["note"])}
    pairs = list(zip(frame["unit"], frame["note"], strict=True))
    against = {}
    for unit, note in set(pairs):
        above = own.unit_above if units.touches(own.unit_above, unit) else ""
        every = dict.fromkeys((own.unit, above, noted[note]))
        against[unit, note] = [words for words in every if words and unit and units.conflict(words, unit)]
    for place, pair in enumerate(pairs):
        unit = pair[0]
        for words in against[pair]:
            found.append(Problem("unit_said", file, rows[place], "value", words, {"unit": unit}))
        for name in headed.NUMBERS:
            cell = columns[name][place] if name in columns else None
            if isinstance(cell, typed.Shown):
                if cell.said.endswith(","):
                    found.append(Problem("format_scaled", file, rows[place], name, typed.text(cell)))
                elif not (cell.said == "%" and family.get(unit) in SHARE_FAMILIES) and units.conflict(cell.said, unit):
                    found.append(Problem("unit_said", file, rows[place], name, cell.said, {"unit": unit}))
    return found


_BRACKETED = re.compile(r"\(\s*([0-9][0-9.,\s]*%?)\s*\)\s*(%?)")


def _bracketed(columns: dict[str, list]) -> dict[int, tuple[str, str]]:
    """Write a number in brackets, as accountants write one below zero, with its sign; return those texts by place."""
    found = dict[int, tuple[str, str]]()
    for name in set(headed.NUMBERS) & set(columns):
        cells = columns[name] = list(columns[name])
        for place, cell in enumerate(cells):
            if isinstance(cell, str) and (match := _BRACKETED.fullmatch(typed.text(cell))):
                found[place], cells[place] = (typed.text(cell), name), f"-{match[1]}{match[2]}"
    return found


_QUALIFIED = re.compile(
    "("
    + "|".join(
        sorted(
            (re.escape(word) for word in {**typed.WORDS["qualifier"], **dict.fromkeys(["~", ">", ">=", "<", "<="])}),
            key=len,
        )[::-1]
    )
    + r")\s*(?=[0-9])(.+)",
    re.IGNORECASE | re.DOTALL,
)


def _qualified(columns: dict[str, list]) -> dict[int, tuple[str, str]]:
    """Move a qualifier typed before the number ("khoảng 1,5") to its own column, where that is blank; return those texts by place."""
    values = columns.get("value", [])
    own, found = list(columns.get("qualifier", [None] * len(values))), dict[int, tuple[str, str]]()
    for place, cell in enumerate(values):
        match = _QUALIFIED.fullmatch(typed.text(cell)) if isinstance(cell, str) else None
        given = typed.word("qualifier", own[place]) if match else ""
        if match and given in ("", typed.word("qualifier", match[1])):
            own[place], found[place] = match[1], (typed.text(cell), "value")
    if found:
        columns["value"] = [
            _QUALIFIED.sub(r"\2", typed.text(cell)) if place in found else cell for place, cell in enumerate(values)
        ]
        columns["qualifier"] = own
    return found


def _reading(value: float) -> str:
    return typed.plain_number(value).replace(".", ",")


_SHORT_NAMES = {
    **{"cả nước": "VN", "toàn quốc": "VN"},
    **dict.fromkeys(["TPHCM", "TP.HCM", "HCM", "T.P Hồ Chí Minh", "Tp. Hồ Chí Minh"], "34:79"),
}


def _names(catalogue: Catalogue) -> dict[str, dict[str, list[tuple[str, str, str]]]]:
    """Return (code, valid_from, valid_to) of each area and item by name; a former and a present province may share one."""
    names: dict[str, dict[str, list[tuple[str, str, str]]]] = {"area": {}, "item": {}}
    for row in catalogue.areas.itertuples():
        for text in dict.fromkeys((_folded(row.name_vi), _folded(row.id), _folded(row.id.removeprefix("agency:")))):
            names["area"].setdefault(text, []).append((row.id, row.valid_from, row.valid_to))
    for text, code in _SHORT_NAMES.items():
        names["area"][_folded(text)] = [(code, "", "")]
    for row in catalogue.items.itertuples():
        names["item"].setdefault(_folded(row.name), []).append((row.id, "", ""))
    return names


def _folded(name: str) -> str:
    """Return a name for comparing: without accents, case, marks, and the word for a province or city before it.

    >>> _folded("Tỉnh Đồng Nai"), _folded("TP. Hồ Chí Minh"), _folded("Thành phố Hồ Chí Minh"), _folded("Bộ KH&CN")
    ('dong nai', 'ho chi minh', 'ho chi minh', 'bo kh cn')
    """
    bare = " ".join(re.findall(r"[\w:]+", wording.plain(name)))
    return re.sub(r"^(?:tinh|thanh pho|tp) (?=\w)", "", bare)


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

    def __init__(self, facts: Subjects, style: str, said: bool, names: dict, epoch: date):
        self.facts, self.style, self.said, self.names, self.epoch = facts, style, said, names, epoch

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
                ("subject", "unit", "printed") if name in headed.NUMBERS else ("period",) if name in self.names else ()
            )
        }
        if name in self.names:
            return [texts["period"]]
        if name not in headed.NUMBERS:
            return []
        most = [self.facts.most.get(subject, math.inf) for subject in texts["subject"]]
        return [most, texts["unit"], texts["printed"]]

    def converted(self, columns: dict[str, list], frame: pd.DataFrame) -> dict[int, tuple[str, str]]:
        """Return the text of each number that was read by the scale or unit in it, by its place, and its column."""
        found: dict[int, tuple[str, str]] = {}
        for name in headed.NUMBERS:
            for place, cell in enumerate(columns.get(name, ())):
                if isinstance(cell, str) and frame.at[place, name] and _worded(cell):
                    found[place] = (typed.text(cell), name)
        return found

    def _read(self, name: str, cell: typed.Cell, around: tuple) -> str | tuple[str, dict]:
        try:
            return self._cell(name, cell, around)
        except typed.LostDigits:
            return "digits_lost", {}
        except _OtherUnit as error:
            return "unit_in_number", {"unit": error.args[0]}
        except typed.DoubtfulNumber as error:
            return "doubtful_number", {f"{label}_reading": _reading(value) for label, value in error.readings.items()}
        except LookupError as error:
            return "doubtful_area", {"codes": str(error)}
        except ValueError:
            return "bad_number" if name in headed.NUMBERS else "bad_date" if name != "period" else "bad_period", {}

    def _cell(self, name: str, cell: typed.Cell, around: tuple) -> str:
        """Read one cell; ``around``: of a number the largest value, the unit and what is printed; of a name, the period."""
        written = typed.text(cell)
        if written == "":
            return ""
        if name in headed.NUMBERS:
            return self._number(cell, *around)
        if name == "period":
            return typed.period(cell)
        if name in headed.DATES:
            return typed.day(cell, self.epoch)
        if name in typed.WORDS:
            return typed.word(name, cell)
        if name in self.names and (candidates := self.names[name].get(_folded(written))):
            return _named(candidates, *around)
        return written

    def _number(self, cell: typed.Cell, most: float, unit: str, shown: str) -> str:
        if isinstance(cell, str) and _worded(cell):
            try:
                measured = self.facts.units.measured(cell, unit)
            except ValueError:
                raise _OtherUnit(unit) from None
            if measured is not None:
                return typed.plain_number(measured.value(self.style))
        readings = typed.readings(cell)
        if self.said and self.style not in readings:
            raise ValueError(typed.text(cell))
        if not self.said and len(set(readings.values())) > 1 and shown:
            printed = wording.printed_values(shown)
            hits = {value for value in readings.values() if value in printed}
            if len(hits) == 1:
                return typed.plain_number(hits.pop())
        counted = self.facts.family.get(unit) in ("count", "rank")
        return typed.plain_number(typed.number(cell, self.style, whole=counted, largest=most))


def _texts(cells: list) -> list[str]:
    known = {key: typed.text(key[1]) for key in {(type(cell), cell) for cell in cells}}
    return [known[type(cell), cell] for cell in cells]


class _OtherUnit(ValueError):
    """Raised for a number whose text says a scale or unit that does not go with its row's."""


def _worded(cell: str) -> bool:
    """Tell whether a number's text holds words besides a sign."""
    return re.search(r"[0-9]\s*[^\W\d_]|giảm", cell, re.IGNORECASE) is not None and not re.fullmatch(
        r"[-+0-9.,]+[eE][-+]?[0-9]+", cell.strip()
    )


def _as_printed(cell: typed.Cell, value: str, high: str) -> str:
    """Return the digits as typed, where they are Vietnamese writing of the value; else nothing."""
    if not isinstance(cell, str) or high or not value:
        return ""
    digits = re.sub(r"\s*(?:%|[^\W\d_]).*$", "", typed.text(cell))  # without the words of its unit
    return digits if wording.printed_values(digits) == (float(value),) else ""


def percent_problems(
    columns: dict[str, list], rows: list[int], frame: pd.DataFrame, facts: Subjects, file: str
) -> list[Problem]:
    """Return the cells typed as per cent whose unit is not one of per cent."""
    found, units = [], frame["unit"].tolist()
    for name in headed.NUMBERS:
        for place, cell in enumerate(columns.get(name, ())):
            shown = isinstance(cell, typed.Percent) or (isinstance(cell, str) and cell.rstrip().endswith("%"))
            if shown and facts.family.get(units[place]) not in SHARE_FAMILIES:
                found.append(Problem("percent_unit", file, rows[place], name, typed.text(cell), {"unit": units[place]}))
    return found
