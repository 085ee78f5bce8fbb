"""What a call asks for, read and checked: days, projects, codes, areas, words from a list.

A value as the analyst wrote it in, the value meant out; else one :class:`~nq57lab.base.problems.ProblemError` that says where, what is
expected, what was found and what to do, with what was perhaps meant.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from difflib import get_close_matches
from numbers import Integral
from pathlib import Path
from textwrap import shorten

from nq57lab.base import messages, periods, wording
from nq57lab.base.problems import CallError, Problem, ProblemError, likely
from nq57lab.base.project import find_root
from nq57lab.facts import catalogue as of_catalogue
from nq57lab.facts.catalogue import Catalogue

OFFERED = 3
NAME = 60  # letters of a name that is offered
_VIETNAMESE_DAY = re.compile(r"\D*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\D*")


def _other_kind(value: object, shape: dict[str, str], where: str) -> CallError:
    found = f"{shorten(str(value), NAME, placeholder='…')} ({type(value).__name__})"
    return CallError([Problem("door_kind", where, found=found, details={"shape": shape, "parameter": where})])


def text(value: object, where: str) -> str:
    """Return a text; refuse a value of another kind.

    Raises
    ------
    CallError
        If the value is no text.
    """
    if isinstance(value, str):
        return value
    raise _other_kind(value, messages.shape("door_text"), where)


def path(value: object, where: str) -> Path:
    """Return a path; refuse a value of another kind.

    Raises
    ------
    CallError
        If the value is no path.
    """
    if isinstance(value, str | Path) and str(value):
        return Path(value)
    raise _other_kind(value, messages.shape("door_path"), where)


def file(value: object, where: str) -> Path:
    """Return the path of a file that is there.

    Raises
    ------
    CallError, ProblemError
        If the value is no path, or there is no such file.
    """
    found = path(value, where)
    if found.is_file():
        return found
    raise ProblemError([Problem("missing_file", where, found=str(found), details={"file": str(found)})])


def flag(value: object, where: str) -> bool:
    """Return a yes or no; refuse words, which Python would take for yes."""
    if isinstance(value, bool):
        return value
    raise _other_kind(value, messages.shape("door_flag"), where)


def whole(value: object, where: str) -> int:
    """Return a whole number."""
    if isinstance(value, Integral) and not isinstance(value, bool):
        return int(value)
    raise _other_kind(value, messages.shape("door_whole"), where)


def days(values: object, where: str) -> list[date]:
    """Return days; a single one, and none, too."""
    if values is None or isinstance(values, date | str):
        values = [values]
    if not isinstance(values, Iterable):
        raise _other_kind(values, messages.shape("door_days"), where)
    return [found for value in values if (found := day(value, where))]


def index(value: object, wanted: type, where: str) -> None:
    """Refuse what is no index."""
    if not isinstance(value, wanted):
        raise _other_kind(value, messages.shape("door_index"), where)


def names(value: object, where: str) -> None:
    """Refuse what is not a notebook's names."""
    if not isinstance(value, dict):
        raise _other_kind(value, messages.shape("door_names"), where)


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
    if isinstance(value, date) and value == value:  # not pandas' missing time
        return value.date() if isinstance(value, datetime) else value
    told = str(value).strip()
    if "/" not in told and periods.is_period(told):
        return periods.end(told)
    found = _VIETNAMESE_DAY.fullmatch(told)
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
    start = path(folder, "project") if folder is not None else Path.cwd()
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
