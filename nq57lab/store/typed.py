"""What people type into cells: numbers, dates, periods and words, read as an official means them or refused.

Cells in, values out. A cell of a workbook keeps its type (a number, a :class:`Percent`, a date), so only text can be doubtful:
"1.245" is 1245 in Vietnamese writing and 1,245 in English writing. A doubtful cell is settled by the other cells of its
column (:func:`column_convention`) or by its unit, else it is an error that names both readings. Nothing is guessed.
"""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from nq57lab.base import periods
from nq57lab.base.wording import QUALIFIER_WORDS, STATUS_WORDS, plain

CONVENTIONS = ("vi", "en")
_SPACES = "\u00a0\u2007\u2008\u2009\u202f"
_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u00ad")) | dict.fromkeys(
    (0x2010, 0x2011), "-"
)
_SCALES = {"nghìn": 3, "ngàn": 3, "triệu": 6, "tỷ": 9, "tỉ": 9}
_NUMBER = re.compile(
    r"(?P<sign>[-−–+]|giảm )?\s*(?P<digits>[0-9][0-9., ]*?)\s*(?P<scale>nghìn|ngàn|triệu|tỷ|tỉ)?\s*(?P<percent>%)?"
)
_WRITTEN = {
    "vi": re.compile(r"(?:[1-9][0-9]{0,2}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]+)?"),
    "en": re.compile(r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"),
}
_PLAIN = re.compile(r"[0-9]+(?:(?P<mark>[.,])(?P<decimals>[0-9]+))?")  # most cells; the rest takes longer
_EXPONENT = re.compile(r"[-+]?[0-9]+(?:[.,](?P<decimals>[0-9]+))?[eE](?P<power>[-+]?[0-9]{1,3})")
MAX_DIGITS = 15
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_EPOCH = date(1899, 12, 30)
SERIALS = range(32874, 73051)  # from 1990: "20263" is no day but a mistyped period
FIRST_YEAR = 1900

Cell = object


@dataclass(frozen=True)
class Percent:
    """A workbook cell with a percent format: ``value`` is what the cell shows (0.848 shown as 84,8% is 84.8)."""

    value: float


@dataclass(frozen=True)
class Shown:
    """A workbook cell whose format shows a unit (``said``), drops thousands (``said`` ends with a comma), or hides the number or its sign (``;``)."""

    value: float
    said: str


class DoubtfulNumber(ValueError):
    """Raised for a number that reads in two ways; ``readings`` holds both."""

    def __init__(self, text: str, readings: dict[str, float]):
        self.readings = readings
        super().__init__(text)


class LostDigits(ValueError):
    """Raised for a number that a spreadsheet has shortened: 1.23457E+11, or whole digits beyond the fifteenth."""


_FOREIGN = "µ¶·¸¹»¼½¾§¨©ª«¬®÷×þÞæÆçëïñøûüåäöðÐßÑØÛÜÅÄÖÏËÇ"
_LETTER = "A-Za-zÀ-ỹ"
_ODD = re.compile(
    rf"[{_LETTER}][{_FOREIGN}]|[{_FOREIGN}][{_LETTER}]"  # letters of no Vietnamese word
    r"|[aA][áàâãõùéèêú]|[eE][âáàãõù]|[oO][âõ]|[uU][ùõ]"  # a vowel, then the tone as a letter of its own (VNI)
)


def legacy(written: str) -> bool:
    """Tell whether a text's letters are those of an old Vietnamese font (TCVN3, VNI) saved as Latin ones.

    >>> legacy("Tæng s¶n phÈm"), legacy("Toång saûn phaåm"), legacy("Tổng sản phẩm, Müller & Co.")
    (True, True, False)
    """
    words = written.split()
    odd = [word for word in words if _ODD.search(word)]
    return len(odd) >= 2 and len(odd) * 3 >= len(words)


def lost(written: str) -> bool:
    """Tell whether a text has question marks for letters, as Excel's plain CSV leaves Vietnamese.

    >>> lost("S? li?u ch?a ki?m tra"), lost("Đủ chưa? Xem https://bkhcn.gov.vn/a?id=1")
    (True, False)
    """
    return (
        len(
            [
                word
                for word in written.split()
                if re.fullmatch(rf"[{_LETTER}?]*[{_LETTER}]\?[{_LETTER}][{_LETTER}?]*", word)
            ]
        )
        > 1
    )


def text(cell: Cell) -> str:
    """Return a cell as clean text: NFC, no BOM or other invisible signs, single spaces, trimmed.

    >>> text("\\ufeff  Tỷ\\u00a0lệ \\n")
    'Tỷ lệ'
    """
    if cell is None:
        return ""
    if isinstance(cell, str) and cell.isascii():
        return " ".join(cell.split())
    if isinstance(cell, Percent):
        return plain_number(cell.value) + "%"
    if isinstance(cell, Shown):
        return plain_number(cell.value)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, (int, float)):
        return plain_number(cell)
    if isinstance(cell, (date, datetime)):
        return cell.isoformat()[:10]
    return " ".join(unicodedata.normalize("NFC", str(cell)).translate(_INVISIBLE).split())


def plain_number(value: float) -> str:
    """Write a number as the contract does: a decimal point, no thousands mark, no exponent, no digit lost.

    >>> plain_number(1937.0), plain_number(0.1), plain_number(1e-7)
    ('1937', '0.1', '0.0000001')
    """
    if value != value:
        return ""
    written = f"{Decimal(repr(float(value) + 0.0)):f}"  # no "-0"
    return written.rstrip("0").rstrip(".") if "." in written else written


def from_percent_format(value: float) -> Percent:
    """Return the percent that a percent-formatted cell shows, without binary noise (0.848 → 84.8)."""
    return Percent(float(Decimal(repr(float(value))) * 100))


def readings(cell: Cell) -> dict[str, float]:
    """Return every reading of a number cell: by Vietnamese writing (``vi``) and by English writing (``en``).

    Parameters
    ----------
    cell : Cell
        Text, or a typed workbook cell.

    Returns
    -------
    dict
        One or two readings, of equal or of different values.

    Raises
    ------
    ValueError
        If the cell is no number in either writing.

    Notes
    -----
    A scale word (nghìn, triệu, tỷ) or "giảm" is Vietnamese and settles the writing. Spaces and apostrophes between groups of three digits are
    dropped, as is the apostrophe by which a spreadsheet marks text. "0,245" has one reading: a group of thousands does not start with 0.

    Examples
    --------
    >>> readings("1.245"), readings("1.245,5")
    ({'vi': 1245.0, 'en': 1.245}, {'vi': 1245.5})
    """
    if isinstance(cell, (Percent, Shown)):
        return dict.fromkeys(CONVENTIONS, float(cell.value))
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        if not math.isfinite(cell):
            raise ValueError(f"not a number: {cell!r}")
        if abs(cell) >= 10**MAX_DIGITS:
            raise LostDigits(text(cell))
        return dict.fromkeys(CONVENTIONS, float(cell))
    if not isinstance(cell, str):
        raise ValueError(f"not a number: {cell!r}")
    return dict(_written_readings(cell))


@lru_cache(maxsize=1 << 16)  # a column's convention is read first, then its cells
def _written_readings(cell: str) -> dict[str, float]:
    if match := _PLAIN.fullmatch(cell):
        if not match["mark"]:
            if len(cell.lstrip("0")) > MAX_DIGITS:
                raise LostDigits(cell)
            return dict.fromkeys(CONVENTIONS, float(cell))
        if len(match["decimals"]) != 3:
            return {"vi" if match["mark"] == "," else "en": float(cell.replace(",", "."))}
    written = text(cell).translate(dict.fromkeys(map(ord, _SPACES), " "))
    written = re.sub(r"(?<=[0-9])['’](?=[0-9]{3}(?![0-9]))", " ", written.removeprefix("'"))
    if match := _EXPONENT.fullmatch(written):
        if int(match["power"]) > len(match["decimals"] or ""):
            raise LostDigits(written)
        return {"en": float(written.replace(",", "."))}
    if re.search(
        rf"[0-9]{{{MAX_DIGITS + 1},}}",
        re.sub(r"[.,](?=[0-9]{3}(?![0-9]))|(?<=[0-9]) (?=[0-9])", "", written).split(",")[0].split(".")[0],
    ):
        raise LostDigits(written)
    match = _NUMBER.fullmatch(written)
    if not match:
        raise ValueError(f"not a number: {written!r}")
    digits = match["digits"].strip()
    if " " in digits:
        if not re.fullmatch(r"[1-9][0-9]{0,2}(?: [0-9]{3})+(?:[.,][0-9]+)?", digits):
            raise ValueError(f"not a number: {written!r}")
        digits = digits.replace(" ", "").replace(",", ".")
        wanted: tuple[str, ...] = ("en",)
    else:
        wanted = ("vi",) if match["scale"] or (match["sign"] or "").strip() == "giảm" else CONVENTIONS
    found = {}
    for convention in wanted:
        if _WRITTEN[convention].fullmatch(digits):
            plain = digits.replace(".", "").replace(",", ".") if convention == "vi" else digits.replace(",", "")
            value = float(Decimal(plain).scaleb(_SCALES.get(match["scale"] or "", 0)))
            found[convention] = -value if (match["sign"] or "").strip() in ("-", "−", "–", "giảm") else value
    if not found:
        raise ValueError(f"not a number: {written!r}")
    return dict.fromkeys(CONVENTIONS, found["en"]) if " " in match["digits"].strip() else found


def column_convention(cells: list[Cell]) -> str:
    """Return how a column's numbers are written: ``vi``, ``en``, ``mixed`` (cells of both kinds) or "" (nothing tells).

    Only text tells, and only a cell with a single reading: "23,50" is Vietnamese, "12.75" English; "1937" is neither.

    >>> column_convention(["23,50", "1.245"]), column_convention(["1.245", "7"])
    ('vi', '')
    """
    seen: set[str] = set()
    for cell in dict.fromkeys(cell for cell in cells if isinstance(cell, str)):
        try:
            found = readings(cell)
        except ValueError:
            continue
        seen |= set(found) if len(found) == 1 else set()
    return "mixed" if len(seen) == 2 else seen.pop() if seen else ""


def number(cell: Cell, convention: str = "", whole: bool = False, largest: float = math.inf) -> float:
    """Read a number cell.

    Parameters
    ----------
    cell : Cell
        Text, or a typed workbook cell.
    convention : {"", "vi", "en", "mixed"}
        How the column's other cells are written; it settles a doubtful cell, and leaves one that is not doubtful alone.
    whole : bool
        The unit counts things, so no decimals are written and a point or comma stands between thousands.
    largest : float
        The largest value the unit allows (100 for a share in %); larger readings are dropped when another is left.

    Raises
    ------
    DoubtfulNumber
        If two readings are left.
    ValueError
        If the cell is no number.

    Examples
    --------
    >>> number("1.245", "vi"), number("1.245", whole=True), number("1.245", largest=100)
    (1245.0, 1245.0, 1.245)
    """
    found = readings(cell)
    values = set(found.values())
    if len(values) > 1 and convention in found:
        values = {found[convention]}
    if len(values) > 1 and whole:
        values = {max(values, key=abs)}
    if len(values) > 1:
        values = {value for value in values if abs(value) <= largest} or values
    if len(values) > 1:
        raise DoubtfulNumber(text(cell), found)
    return values.pop()


def _day(year: str | int, month: str | int, day: str | int) -> str:
    if int(year) < FIRST_YEAR:
        raise ValueError(f"not a year of figures: {year}")
    return date(int(year), int(month), int(day)).isoformat()


def _canonical(first: date, last: date) -> str:
    """Return the span of two days as the year, half-year, quarter or month that it is, else as an interval."""
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    names = {
        12: f"{first.year}",
        6: f"{first.year}-H{first.month // 6 + 1}",
        3: f"{first.year}-Q{first.month // 3 + 1}",
        1: f"{first.year}-{first.month:02d}",
    }
    name = names.get(months, "")
    return name if name and periods.bounds(name) == (first, last) else f"{first}/{last}"


_MONTHS = {
    name: place
    for place, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_MONTH_NAME = re.compile(
    rf"(?:([0-9]{{1,2}})[ -])?({'|'.join(_MONTHS)})[a-z]*\.?[ ,.-]+(?:([0-9]{{1,2}}), )?([0-9]{{4}})"
)
_ACCENTS = {
    **{
        "quy": "quý",
        "thang": "tháng",
        "nam": "năm",
        "ngay": "ngày",
        "dau": "đầu",
        "cuoi": "cuối",
        "den": "đến",
        "het": "hết",
    },
    **{
        "tu": "từ",
        "ky": "kỳ",
        "nua": "nửa",
        "ca": "cả",
        "giai": "giai",
        "doan": "đoạn",
        "tinh": "tính",
        "bao": "báo",
        "cao": "cáo",
    },
}
_COUNTED = {
    **{"một": "1", "nhất": "1", "giêng": "1", "hai": "2", "ba": "3", "tư": "4", "bốn": "4", "sáu": "6"},
    **{"bảy": "7", "tám": "8", "chín": "9", "mười": "10", "mười một": "11", "mười hai": "12", "chạp": "12"},
}
_IN_WORDS = re.compile(rf"(?<=quý |áng )({'|'.join(sorted(_COUNTED, key=len, reverse=True))})(?= |,|/|-)")


def _plainly(cell: Cell) -> str:
    """Return the words of a date or period: small letters, with accents where they were left out, numbers of months and quarters in digits.

    >>> _plainly("'Quy ba nam 2026"), _plainly("Tháng Chín năm 2026"), _plainly("cả năm 2025")
    ('quý 3 năm 2026', 'tháng 9 năm 2026', 'năm 2025')
    """
    words = text(cell).removeprefix("'").casefold()
    words = re.sub(r"[a-z]+", lambda match: _ACCENTS.get(match[0], match[0]), words) if words.isascii() else words
    words = _IN_WORDS.sub(lambda match: _COUNTED[match[1]], words).removeprefix("cả ")
    return re.sub(r"^(tháng [0-9]{1,2}) (?=[0-9]{4}$)", r"\1/", words)


_TIME = re.compile(
    r"(?:\s+|(?<=[0-9])t)[0-2]?[0-9][:h][0-5]?[0-9](?::[0-5][0-9](?:[.,][0-9]+)?)?\s*(?:z|[-+][0-9]{2}:?[0-9]{2}|am|pm|sa|ch)?$"
)


def day(cell: Cell, epoch: date = _EPOCH) -> str:
    """Read a date, perhaps partial or with a time, to ISO: "30/6/2026" (day first), "2026-06-30 08:30", "tháng 6/2026", a serial.

    Parameters
    ----------
    cell : Cell
        Text, or a typed workbook cell.
    epoch : date
        The day from which a workbook counts its serials.

    Raises
    ------
    ValueError
        If the cell is no date, or a date that does not exist, or one with a two-digit year.

    Examples
    --------
    >>> day("30/6/2026"), day("ngày 05 tháng 4 năm 2026"), day(46203), day("06/2026")
    ('2026-06-30', '2026-04-05', '2026-06-30', '2026-06')
    """
    if isinstance(cell, (date, datetime)):
        return cell.isoformat()[:10]
    written = _TIME.sub("", _plainly(cell)).strip()
    if re.fullmatch(r"[0-9]{5}(?:\.[0-9]+)?", written) and int(float(written)) in SERIALS:
        return (epoch + timedelta(days=int(float(written)))).isoformat()
    if re.fullmatch(r"(?:năm )?[0-9]{4}", written):
        return _day(written[-4:], 1, 1)[:4]
    if match := _MONTH_NAME.fullmatch(written):
        here = match[1] or match[3]
        return _day(match[4], _MONTHS[match[2]], here or 1)[: 10 if here else 7]
    if match := re.fullmatch(r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})", written):
        return _day(*match.groups())
    if match := re.fullmatch(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})", written):
        return _day(*match.groups())
    if match := re.fullmatch(
        r"(?:(?:tính )?đến )?(?:hết )?(?:ngày )?([0-9]{1,2})(?:[-/.]| tháng )([0-9]{1,2})(?:[-/.]|,? năm )([0-9]{4})",
        written,
    ):
        return _day(match[3], match[2], match[1])
    if match := re.fullmatch(
        r"([0-9]{4})[-/]m?([0-9]{1,2})|(?:tháng\s?|t\.?\s?)?([0-9]{1,2})(?:[-/.]|\s+năm )([0-9]{4})", written
    ):
        year, month = match[1] or match[4], match[2] or match[3]
        return _day(year, month, 1)[:7]
    raise ValueError(f"not a date: {text(cell)!r}")


def period(cell: Cell) -> str:
    """Read a period to ISO 8601: "quý II/2026", "6 tháng đầu năm 2026", "T9/2026", "giai đoạn 2021 – 2025", dates.

    "5 tháng đầu năm 2026" is an interval of whole months; "6 tháng" alone is not read, for it does not say which year.

    Raises
    ------
    ValueError
        If the cell is no period.

    Examples
    --------
    >>> period("quý II/2026"), period("6 tháng đầu năm 2026"), period("5 tháng đầu năm 2026"), period("2026-H1"), period("T9/2026")
    ('2026-Q2', '2026-H1', '2026-01-01/2026-05-31', '2026-H1', '2026-09')
    """
    written = re.sub(r"^kỳ(?: báo cáo)?\s*:?\s+", "", _plainly(cell))
    if isinstance(cell, str) and re.fullmatch(periods.PATTERN, text(cell)):
        span = periods.bounds(text(cell))
        _day(span[0].year, 1, 1)
        named = _canonical(*span)  # 2026-07/2026-09 is 2026-Q3, for a figure has one key
        return named if "/" in text(cell) and "/" not in named else text(cell)
    if match := re.fullmatch(r"(?:tính )?đến hết (.*[^0-9/.-].*)", written):  # a day: the period's last
        return periods.bounds(period(match[1]))[1].isoformat()
    if match := re.fullmatch(
        r"(?:quý|quí|q)\s*\.?\s*(iv|i{1,3}|[1-4])\s*(?:[-/.,]|,?\s*năm|\s|(?<=[0-9]))\s*([0-9]{4})|(iv|i{1,3})[-/]([0-9]{4})",
        written,
    ):
        quarter, year = match[1] or match[3], match[2] or match[4]
        return f"{year}-Q{_ROMAN.get(quarter) or quarter}"
    if match := re.fullmatch(r"([0-9]{4})\s*[-/ ]?\s*(q[1-4]|h[12])|(h[12])\s*[-/ ]?\s*([0-9]{4})", written):
        return f"{match[1] or match[4]}-{(match[2] or match[3]).upper()}"
    if match := re.fullmatch(r"(?:(?:6 tháng|nửa)(?: (đầu|cuối))?(?: năm)?|6t) ?[-/]?([0-9]{4})", written):
        return f"{match[2]}-H{2 if match[1] == 'cuối' else 1}"
    if match := re.fullmatch(r"([0-9]{1,2}) ?(?:tháng|t)(?: đầu)?(?: năm)? ?[-/]?([0-9]{4})", written):
        months = int(match[1])
        if not 1 <= months <= 11:
            raise ValueError(f"not a period: {text(cell)!r}")
        return _canonical(date(int(match[2]), 1, 1), periods.end(f"{match[2]}-{months:02d}"))
    if match := re.fullmatch(r"(?:giai đoạn )?([0-9]{4})\s*[-–]\s*([0-9]{4})", written):
        return _interval(match[1], match[2])
    if match := re.fullmatch(
        r"từ (?:ngày )?(.+?) đến (?:ngày )?(.+)|([0-9]{1,2}[./][0-9]{1,2}[./][0-9]{4})\s*[-–]\s*([0-9]{1,2}[./][0-9]{1,2}[./][0-9]{4})",
        written,
    ):
        first, last = day(match[1] or match[3]), day(match[2] or match[4])
        return (
            _canonical(periods.bounds(first)[0], periods.end(last))
            if len(first) == len(last) == 10
            else _interval(first, last)
        )
    return day(cell)


def _interval(first: str, last: str) -> str:
    periods.bounds(f"{first}/{last}")
    return f"{first}/{last}"


WORDS = {
    "status": {word: code for code, word in STATUS_WORDS.items()}
    | {"chính thức": "official", "số chính thức": "official", "ước": "estimate", "ước thực hiện": "estimate"},
    "qualifier": {
        **{word.strip(): code for code, word in QUALIFIER_WORDS.items() if word},
        **{
            "bằng": "=",
            "ước": "~",
            "ước tính": "~",
            "trên": ">",
            "dưới": "<",
            "xấp xỉ": "~",
            "tối đa": "<=",
            "vượt": ">",
            "tối thiểu": ">=",
            "≥": ">=",
            "≤": "<=",
            "≈": "~",
        },
    },
    "measure": {"thời điểm": "stock", "trong kỳ": "flow", "lũy kế": "cumulative", "luỹ kế": "cumulative"},
    "public": {"có": "yes", "không": "no", "x": "yes"},
}


_BARE_WORDS = {column: {plain(word): code for word, code in words.items()} for column, words in WORDS.items()}


def word(column: str, cell: Cell) -> str:
    """Return the contract's code of a word of a closed list ("tự báo cáo" → self_reported); other text unchanged."""
    written = text(cell)
    return WORDS[column].get(written.casefold()) or _BARE_WORDS[column].get(written.casefold(), written)
