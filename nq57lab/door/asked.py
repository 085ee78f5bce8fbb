"""What a call asks for, read and checked: days, projects, codes, areas, words from a list.

A value as the analyst wrote it in, the value meant out; else one :class:`~nq57lab.base.problems.ProblemError` that says where, what is
expected, what was found and what to do, with what was perhaps meant.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from textwrap import shorten

from nq57lab.base import periods, wording
from nq57lab.base.problems import CallError, Problem, ProblemError, likely
from nq57lab.base.project import find_root
from nq57lab.facts import catalogue as of_catalogue
from nq57lab.facts.catalogue import Catalogue

OFFERED = 3
NAME = 60  # letters of a name that is offered
_VIETNAMESE_DAY = re.compile(r"\D*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\D*")


def day(value: date | str | None, where: str) -> date | None:
    """Return the day meant: itself, or the last day of a period.

    Raises
    ------
    CallError
        If the text is neither a day nor a period.

    Examples
    --------
    >>> day("2026-06", "known"), day(date(2026, 3, 31), "known")
    (datetime.date(2026, 6, 30), datetime.date(2026, 3, 31))
    """
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip()
    if "/" not in text and periods.is_period(text):
        return periods.end(text)
    found = _VIETNAMESE_DAY.fullmatch(text)
    meant = []
    if found:
        number, month, year = map(int, found.groups())
        try:
            meant = [date(year, month, number).isoformat()]
        except ValueError:
            meant = []
    raise CallError([Problem("door_day", where, found=str(value), details={"hint": likely(meant)})])


def project(folder: str | Path | None) -> Path:
    """Return the root of the project that a folder (default: the working folder) lies in.

    Raises
    ------
    CallError
        If it lies in none.
    """
    start = Path(folder) if folder is not None else Path.cwd()
    try:
        return find_root(start)
    except ProblemError:
        raise CallError([Problem("outside_project", "project", found=str(start))]) from None


def one_of(value: object, allowed: Iterable[object], where: str) -> str:
    """Return a word of a list; letters composed otherwise, as another keyboard types them, are the same word.

    >>> one_of(2030, ["2025", "2030"], "milestone"), one_of("Hue\u0302\u0301", ["Huế"], "unit")
    ('2030', 'Huế')
    """
    words = [str(word) for word in allowed]
    known = {unicodedata.normalize("NFC", word): word for word in words}
    meant = str(value) if str(value) in words else known.get(unicodedata.normalize("NFC", str(value)))
    if meant is not None:
        return meant
    raise CallError([Problem("values", where, found=str(value), details={"allowed": ", ".join(words)})])


def code(catalogue: Catalogue, text: object) -> str:
    """Return a code of the catalogue.

    Raises
    ------
    CallError
        If there is no such code; offered are the codes written alike, else those whose name holds the words.
    """
    found = str(text).strip()
    codes = catalogue.subject_units
    if found in codes:
        return found
    upper = {known.upper(): known for known in codes}
    near = [upper[known] for known in get_close_matches(found.upper(), upper, OFFERED, 0.7)]
    if not near and wording.plain(found):
        near = of_catalogue.find(catalogue, found)["code"].head(OFFERED).tolist()
    told = likely(f"{known} {shorten(catalogue.short[known], NAME, placeholder='…')}" for known in near)
    raise CallError([Problem("code_unknown", "lab[…]", found=found, details={"hint": told})])


def area(catalogue: Catalogue, text: object) -> str:
    """Return the id of an area, an agency or a block.

    Raises
    ------
    CallError
        If there is none; offered are those whose name holds the words, else those written alike.
    """
    found = str(text).strip()
    names = dict(zip(catalogue.areas["id"], catalogue.areas["name_vi"], strict=True))
    if found in names:
        return found
    plain = {known: wording.plain(name) for known, name in names.items()}
    near = [known for known, name in plain.items() if wording.plain(found) and wording.plain(found) in name][:OFFERED]
    near = near or get_close_matches(found, names, OFFERED)
    told = likely(f"{known} {names[known]}" for known in near)
    raise CallError([Problem("area_unknown", "area", found=found, details={"hint": told})])
