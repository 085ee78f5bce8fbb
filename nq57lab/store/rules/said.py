"""What the heads and titles of a table say of the figures below them: their unit, period, kind and state.

Cells in, what they say out; the rows are then held to it (:func:`problems`), so that "Giá trị (lũy kế)" over rows of "trong kỳ" is told.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from nq57lab.base import periods, wording
from nq57lab.base.problems import Problem
from nq57lab.store import typed
from nq57lab.store.rules.units import UNSCALED, Units

_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_UNIT_LINE = re.compile(r"(?:đơn vị tính|đơn vị|đvt)\s*:?\s*(.+?)\s*[).]*$", re.IGNORECASE)
_PERIOD = re.compile(
    r"(?<!ngày )(?<![0-9] )(?<![0-9])((?:quý|quí)\s+(?:iv|i{1,3}|[1-4])\s*(?:/|-|,?\s*năm)?\s*[0-9]{4}|q[1-4][-/. ]?[0-9]{4}"
    r"|(?<!tháng [0-9] )(?<!tháng [0-9]{2} )năm\s+[0-9]{4}|[0-9]{1,2}\s*tháng(?:\s+(?:đầu|cuối))?(?:\s+năm)?\s+[0-9]{4}|tháng\s+[0-9]{1,2}\s*(?:/|,?\s*năm)\s*[0-9]{4})",
    re.IGNORECASE,
)
_PERIOD_LINE = re.compile(r"(?:kỳ|kỳ báo cáo|kỳ số liệu)\s*:\s*(.+?)\s*(?:\. .*|\.)?$", re.IGNORECASE)
# What stands in a head, a title or a note for the kind of all its figures: a year's running total, an estimate, no figure at all.
_KINDS = (
    ("measure", "cumulative", re.compile(r"(?:lũy|luỹ) kế|cộng dồn")),
    ("status", "estimate", re.compile(r"ước(?! tính đến)|sơ bộ")),
    (
        "status",
        "plan",
        re.compile(r"(?:kế hoạch|dự kiến|dự báo|phấn đấu|mục tiêu|chỉ tiêu (?:kế hoạch|phấn đấu|được giao))(?! số)"),
    ),
    ("status", "example", re.compile(r".*(?:giả định|minh họa|minh hoạ|(?:ví|thí) dụ|số liệu mẫu|tập huấn)")),
)
# A note that is a period: "số liệu năm 2025", "ước cả năm", "thực hiện cả năm 2026".
_NOTE_PERIOD = re.compile(
    r"(?:(?:ước|thực hiện|kết quả|số liệu|số|tính|cho|của|là|đạt)\s+)*(?:(cả năm)(?:\s+([0-9]{4}))?|(.*[0-9]{4}))\s*(?:$|[.;,(])",
    re.I,
)
_BEFORE_KIND = re.compile(r"(?:(?:bảng|biểu|phụ lục|tổng hợp|báo cáo|các|số liệu|số|về)\s+)*")
_AREA = re.compile(r"(?:^|\s)(?:tỉnh|thành phố|tp\.?)\s+(\w[^,;()–]*)(?!.*, ngày)", re.IGNORECASE)
_QUIET = re.compile(r"[*x]?|bắt buộc|nếu có|số|\(?[0-9]{1,2}\)?|[a-z]", re.IGNORECASE)


@dataclass(frozen=True)
class Said:
    """What a head says in brackets: the contract's column that it is of, the value there, and the words."""

    column: str
    value: str
    text: str


def of_head(cell: typed.Cell, units: Units) -> tuple[str, list[Said], str]:
    """Return the unit that a head says in brackets, what else it says, and what of it nobody reads."""
    unit, found, unread = "", list[Said](), ""
    for text in _BRACKETS.findall(typed.text(cell)):
        text = text.strip()
        word = text.casefold()
        kept = {name: typed.WORDS[name][word] for name in ("measure", "status") if word in typed.WORDS[name]}
        if said := units.said(text):
            unit = said
        elif kept:
            found += [Said(name, value, text) for name, value in kept.items()]
        elif period := _period(text):
            found.append(Said("period", period, text))
        elif kind := kind_of(text):
            found.append(kind)
        elif said := units.within(text):
            unit = said
        elif not _QUIET.fullmatch(text):
            unread = text
    return unit, found, unread


def _period(text: str) -> str:
    try:
        return typed.period(text)
    except ValueError:
        return ""


def unit_of_lines(lines: Iterable[Sequence[typed.Cell]], units: Units) -> str:
    """Return the unit that lines outside a table say: "Đơn vị tính: triệu đồng", "BIỂU 1 (triệu đồng)", a unit alone in its cell."""
    for cells in lines:
        for cell in cells:
            text = typed.text(cell) if isinstance(cell, str) else ""
            match = _UNIT_LINE.search(text)
            for words in [*([match[1]] if match else []), *_BRACKETS.findall(text), text]:
                if words and (said := units.said(words)):
                    return said
            if said := units.within(text):
                return said
    return ""


def unread_units(lines: Iterable[Sequence[typed.Cell]], units: Units) -> list[str]:
    """Return the units that lines above a table say ("ĐVT: …") and that nobody knows."""
    texts = [typed.text(cell) for cells in lines for cell in cells if isinstance(cell, str)]
    said = [
        match[1] for text in texts if (match := _UNIT_LINE.search(text)) and not re.match(r"đơn vị\s*:", match[0], re.I)
    ]
    return [text for text in dict.fromkeys(said) if not units.said(text) and not units.within(text)]


def unit_of_note(text: str, units: Units) -> str:
    """Return the unit that a note says of its row ("đơn vị tính: triệu đồng"), "" where it says none."""
    match = _UNIT_LINE.search(text) or re.search(r"(?:tính|ghi) (?:bằng|theo)\s+(.+)", text, re.IGNORECASE)
    return units.said(match[1]) if match else ""


def kind_of(text: str) -> Said | None:
    """Return what a text says of the kind of the figures it stands with, None where it says nothing.

    >>> kind_of("SỐ LIỆU LŨY KẾ ĐẾN 30/9").value, kind_of("Kế hoạch năm 2026").value, kind_of("Tình hình thực hiện kế hoạch")
    ('cumulative', 'plan', None)
    """
    words = text.casefold()
    start = _BEFORE_KIND.match(words).end()  # type: ignore[union-attr]  # a match of nothing at least
    return next((Said(name, value, text) for name, value, own in _KINDS if own.match(words, start)), None)


def strange_units(lines: Iterable[Sequence[typed.Cell]], own: Iterable[str], units: Units) -> list[Said]:
    """Return the unit that lines above a table say ("Đơn vị: người") where no row's own is of its kind; shares stand below any unit."""
    own = [unit for unit in own if units.family.get(unit) not in UNSCALED]
    texts = [typed.text(cell) for cells in lines for cell in cells if isinstance(cell, str)]
    found = [(match[0], units.said(match[1])) for text in texts if (match := _UNIT_LINE.search(text))]
    return [
        Said("unit", unit, text)
        for text, unit in found
        if own and unit and not any(units.touches(unit, u) for u in own)
    ]


def of_titles(lines: Iterable[Sequence[typed.Cell]], areas: dict[str, list]) -> list[Said]:
    """Return what the lines above a table say of the figures below: their periods, provinces and kind; ``areas`` by folded name."""
    lines = list(lines)
    found = [Said("period", period, wording.period(period)) for period in periods_of_lines(lines)]
    for text in (typed.text(cell) for cells in lines for cell in cells if isinstance(cell, str)):
        kind, place = kind_of(text), _AREA.search(text)
        found += [kind] if kind else []
        words = re.findall(r"\w+", wording.plain(place[1])) if place else []
        named = next((name for count in (4, 3, 2) if (name := " ".join(words[:count])) in areas), "")
        found += [Said("area", code, text) for code, *_ in areas.get(named, ())]
    return found


def agrees(one: Said, value: str) -> bool:
    """Tell whether a row's value is within what a title says."""
    if one.column == "period":
        return not apart(value, [one.value])
    return value == one.value or (one.column == "area" and value.startswith(f"{one.value}:"))


def note_problems(frame: pd.DataFrame, rows: list[int], file: str) -> list[Problem]:
    """Return the rows whose own note says that they are another kind of figure: a running total, a plan, an example, another period's."""
    kinds = {note: kind for note in set(frame["note"]) if note and (kind := kind_of(note)) and kind.value != "estimate"}
    return [
        Problem("note_said", file, rows[place], kind.column, value, {"text": kind.text[:80]})
        for place, note in enumerate(frame["note"])
        if (kind := kinds.get(note)) and (value := frame.at[place, kind.column]) != kind.value
        if kind.column != "measure" or value == "flow"
    ] + [
        Problem("note_said", file, rows[place], "period", period, {"text": note[:80]})
        for place, (note, period) in enumerate(zip(frame["note"], frame["period"], strict=True))
        if note and period and _of_another_period(note, period)
    ]


def _of_another_period(note: str, period: str) -> bool:
    """Tell whether a note is a period that its row's has no day of, or a whole year where the row is of less.

    >>> [_of_another_period(note, "2026-Q3") for note in ("Ước cả năm", "số liệu năm 2025", "số liệu năm 2026", "tăng so với năm 2025")]
    [True, True, False, False]
    """
    match = _NOTE_PERIOD.match(note)
    if not match:
        return False
    named = match[2] or (_period(match[3]) if match[3] else "")
    short = bool(match[1]) and (periods.bounds(period)[1] - periods.bounds(period)[0]).days < 364
    return short or (bool(named) and apart(period, [named]))


def periods_of_lines(lines: Iterable[Sequence[typed.Cell]]) -> list[str]:
    """Return the periods that lines above a table name, in their order.

    >>> periods_of_lines([["BÁO CÁO QUÝ II/2026"], ["Hà Nội, ngày 5 tháng 7 năm 2026"], ["Kỳ: 9 tháng năm 2026."]])
    ['2026-Q2', '2026-01-01/2026-09-30']
    """
    found = []
    for cells in lines:
        for cell in cells:
            text = typed.text(cell) if isinstance(cell, str) else ""
            line = _PERIOD_LINE.match(text)
            found += [_period(words) for words in [*([line[1]] if line else []), *_PERIOD.findall(text)]]
    return list(dict.fromkeys(filter(None, found)))


def apart(period: str, others: Iterable[str]) -> bool:
    """Tell whether a period has no day in common with any of others."""
    try:
        first, last = periods.bounds(period)
        return all(end < first or start > last for start, end in map(periods.bounds, others))
    except ValueError:
        return False


def problems(frame: pd.DataFrame, rows: list[int], said: Iterable[Said], file: str) -> list[Problem]:
    """Return the rows that contradict what their heads say."""
    found = []
    for one in said:
        for place, value in enumerate(frame[one.column].tolist()):
            differs = apart(value, [one.value]) if one.column == "period" else value != one.value
            if value and differs:
                found.append(Problem("head_said", file, rows[place], one.column, value, {"text": one.text}))
    return found
