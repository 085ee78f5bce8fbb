"""Vietnamese wording: numbers, units, qualifiers, dates, periods and lists as an official writes them, and back again.

Values in, text out; :func:`parse_printed` reads a printed number and says how finely it was printed.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from nq57lab.base import periods

MINUS = "\u2212"
NO_BREAK = "\u00a0"
WORD_JOINER = "\u2060"
FIGURE_SPACE, PUNCTUATION_SPACE = "\u2007", "\u2008"
SCALES = {"": 1.0, "nghìn": 1e3, "triệu": 1e6, "tỷ": 1e9}
QUALIFIER_WORDS = {"=": "", "~": "khoảng ", ">": "hơn ", ">=": "ít nhất ", "<": "gần ", "<=": "không quá "}
MEASURE_WORDS = {"stock": "thời điểm", "flow": "trong kỳ", "cumulative": "lũy kế"}
YES_NO = {"yes": "có", "no": "không"}
STATUS_WORDS = {
    "official": "thống kê chính thức",
    "verified": "đã xác thực",
    "estimate": "ước tính",
    "self_reported": "tự báo cáo",
    "illustrative": "minh họa",  # generated figures only; no row of the store may have it
}
STATUS_MARKS = {"official": "", "verified": "", "estimate": "ư", "self_reported": "t", "illustrative": "mh"}
ROMAN_QUARTERS = ("I", "II", "III", "IV")
NO_DATA = "chưa có số liệu"
_PRINTED = re.compile(r"^(-|\u2212|giảm )?(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+))?\s*(nghìn|triệu|tỷ)?$")


@dataclass(frozen=True)
class Printed:
    """A printed number: its value, and the step of its last printed digit (84,8 → 84.8 and 0.1)."""

    value: float
    step: float


def parse_printed(text: str) -> Printed:
    """Read a number as Vietnamese print writes it.

    Parameters
    ----------
    text : str
        Digits with "." between thousands and "," before decimals, and perhaps a scale word: ``"1.245"``, ``"23,50"``,
        ``"41,058 nghìn"``.

    Returns
    -------
    Printed
        The value and the step of the last digit, both with the scale word applied.

    Raises
    ------
    ValueError
        If the text is no such number.

    Examples
    --------
    >>> parse_printed("84,8")
    Printed(value=84.8, step=0.1)
    """
    match = _PRINTED.match(text.strip())
    if not match:
        raise ValueError(f"không đọc được số {text!r}")
    sign, whole, decimals, scale = match.groups()
    factor = SCALES[scale or ""]
    digits = whole.replace(".", "") + ("." + decimals if decimals else "")
    value = float(digits) * factor * (-1 if sign else 1)
    return Printed(round(value, 9), round(factor / 10 ** len(decimals or ""), 12))


def parse_range(text: str) -> list[Printed]:
    """Read a printed number or range; a scale word after the upper end holds for both ("30–32 nghìn").

    >>> [part.value for part in parse_range("3,7-8,4")]
    [3.7, 8.4]
    """
    if "-" not in text and "–" not in text:
        return [parse_printed(text)]
    parts = re.split(r"(?<=\d)\s*[-–]\s*(?=\d)", text.strip())
    scale = re.search(r"\s(nghìn|triệu|tỷ)$", parts[-1])
    return [parse_printed(part if part is parts[-1] or not scale else part + scale[0]) for part in parts]


@lru_cache(maxsize=1 << 16)
def printed_values(text: str) -> tuple[float, ...]:
    """Return the value of a printed number, or both ends of a printed range; none where the text is neither.

    >>> printed_values("84,8"), printed_values("3,7-8,4"), printed_values("nhiều")
    ((84.8,), (3.7, 8.4), ())
    """
    try:
        return tuple(part.value for part in parse_range(text))
    except ValueError:
        return ()


def round_half_up(value: float, decimals: int) -> float:
    """Round half away from zero, as printed statistics do (81.25 → 81.3)."""
    return float(_rounded(value, decimals))


def _rounded(value: float, decimals: int) -> Decimal:
    """Round on decimal digits: 15 significant ones, so that 28.499999999999996 is read as the 28,5 it stands for."""
    return Decimal(f"{value:.15g}").quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def number(value: float, decimals: int = 0) -> str:
    """Write a number: "." between thousands from 1.000 on, "," before decimals, U+2212 for minus.

    >>> number(1245), number(-2.1, 1)
    ('1.245', '−2,1')
    """
    rounded = _rounded(value, decimals)
    text = f"{abs(rounded):,.{decimals}f}".translate(str.maketrans(",.", ".,"))
    return (MINUS if rounded < 0 else "") + text


def decimals_of(text: str) -> int:
    """Return how many decimals a printed number shows."""
    match = _PRINTED.match(text.strip())
    return len(match[3] or "") if match else 0


def with_unit(text: str, unit: str) -> str:
    """Join a number and its unit: "84,8%", "44" for a rank, "41,058 nghìn tỷ đồng"."""
    if unit in ("", "thứ hạng", "chỉ số", "điểm"):
        return text
    return text + unit if unit == "%" else f"{text}{NO_BREAK}{unit}"


def align_decimals(texts: Iterable[str]) -> list[str]:
    """Pad numbers on the right so that their decimal commas stand below each other in a right-aligned column."""
    texts = list(texts)
    tails = [len(text.partition(",")[2]) if re.fullmatch(r"[−\d.,]+", text) else None for text in texts]
    longest = max((tail for tail in tails if tail is not None), default=0)
    padded = []
    for text, tail in zip(texts, tails, strict=True):
        missing = 0 if tail is None else longest - tail
        comma = PUNCTUATION_SPACE if missing and tail == 0 else ""
        padded.append(text + comma + FIGURE_SPACE * missing)
    return padded


def day(value: date) -> str:
    """Write a date with a zero before days 1-9 and months 1 and 2 only.

    >>> day(date(2026, 4, 5)), day(date(2026, 2, 2))
    ('05/4/2026', '02/02/2026')
    """
    month = f"{value.month:02d}" if value.month < 3 else str(value.month)
    return f"{value.day:02d}/{month}/{value.year}"


def long_day(value: date) -> str:
    """Write a date in words, as in the head of a document: "ngày 30 tháng 6 năm 2026"."""
    month = f"{value.month:02d}" if value.month < 3 else str(value.month)
    return f"ngày {value.day:02d} tháng {month} năm {value.year}"


SPAN = " – "


def span(first: object, last: object) -> str:
    """Write what runs from one to another, in the one way that texts use: "2021 – 2025".

    >>> span(2021, 2025)
    '2021 – 2025'
    """
    return f"{first}{SPAN}{last}"


def period(text: str) -> str:
    """Write a period: "năm 2025", "quý II/2026", "6 tháng đầu năm 2026", "tháng 6/2026", "đến ngày 29/6/2026".

    A single day reads "đến ngày …" (the state on that day); an interval that starts on 1 January and ends with a month
    reads "5 tháng đầu năm 2026"; one that starts with the Resolution (22/12/2024) reads "đến ngày …".

    >>> period("2026-H1"), period("2026-01-01/2026-05-31"), period("2021/2025")
    ('6 tháng đầu năm 2026', '5 tháng đầu năm 2026', 'giai đoạn 2021 – 2025')
    """
    first, last = periods.bounds(text)
    start_text, _, end_text = text.partition("/")
    if end_text:
        if len(start_text) == 4 and len(end_text) == 4:
            return f"giai đoạn {span(start_text, end_text)}"
        whole_months = last == periods.end(f"{last.year}-{last.month:02d}")
        if (first.month, first.day) == (1, 1) and first.year == last.year and whole_months:
            return f"{last.month} tháng đầu năm {last.year}"
        if first == date(2024, 12, 22):
            return f"đến ngày {day(last)}"
        return f"từ ngày {day(first)} đến ngày {day(last)}"
    if len(text) == 4:
        return f"năm {text}"
    if text[5] == "H":
        return f"6 tháng {'đầu' if text[6] == '1' else 'cuối'} năm {text[:4]}"
    if text[5] == "Q":
        return f"quý {ROMAN_QUARTERS[int(text[6]) - 1]}/{text[:4]}"
    if len(text) == 7:
        return f"tháng {last.month:02d}/{last.year}" if last.month < 3 else f"tháng {last.month}/{last.year}"
    return f"đến ngày {day(last)}"


TARGET_WORDS = {
    ">": "trên {0}",
    ">=": "ít nhất {0}",
    "<": "dưới {0}",
    "<=": "không quá {0}",
    "~": "khoảng {0}",
    "=": "{0}",
    "between": "{0}",
    "growth_between": "tăng {0}/năm",
    "increment_since": "thêm ít nhất {0}",
    "top_n": "trong nhóm {0} nước dẫn đầu",
    "regional_top_n": "trong nhóm {0} nước dẫn đầu Đông Nam Á",
    "maintain": "duy trì trên {0}",
}


def target(comparator: str, value: float, value_high: float, unit: str) -> str:
    """Write a target: "ít nhất 30%", "trong nhóm 50 nước dẫn đầu"; "định tính" for one without a number.

    >>> target(">=", 30.0, float("nan"), "%")
    'ít nhất 30%'
    """
    if comparator == "qualitative":
        return "định tính"
    ends = [value, value_high if value_high == value_high else value]
    texts = [number(end, len(f"{end:.4f}".rstrip("0").partition(".")[2])) for end in ends]
    if comparator in ("between", "growth_between"):
        written = with_unit(texts[0] if texts[0] == texts[1] else span(*texts), unit)
        return TARGET_WORDS[comparator].format(written)
    if comparator not in ("top_n", "regional_top_n"):
        texts = [with_unit(text, unit) for text in texts]
    return TARGET_WORDS[comparator].format(*texts)


def stamp(text: str) -> str:
    """Write a date that may leave out its day or month: "02/6/2025", "tháng 6/2024", "2012"; "–" for none.

    >>> stamp("2025-06-02"), stamp("2012")
    ('02/6/2025', '2012')
    """
    if not text:
        return "–"
    return day(date.fromisoformat(text)) if len(text) == 10 else period(text).removeprefix("năm ")


def join(parts: Iterable[str]) -> str:
    """Join a list in a sentence: "a, b và c"."""
    parts = list(parts)
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " và " + parts[-1] if parts else ""


def plain(text: str) -> str:
    """Reduce text for searching: no accents, đ as d, lower case, "hoà" and "hòa" alike."""
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


_LETTERS = {letter: place for place, letter in enumerate("0123456789aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}


def collation_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return a sort key for Vietnamese order: letters first (Đ after D, Ă and Â after A), then tones."""
    letters, tones = [], []
    for letter in unicodedata.normalize("NFC", text.lower()):
        marks = unicodedata.normalize("NFD", letter)
        base = unicodedata.normalize("NFC", "".join(mark for mark in marks if mark not in _TONES))
        letters.append(_LETTERS.get(base, -1))
        tones.append(next((_TONES[mark] for mark in marks if mark in _TONES), 0))
    return tuple(letters), tuple(tones)


def change_words(difference: float, rising: str = "tăng", falling: str = "giảm", level: str = "không đổi") -> str:
    """Choose the word for a change by its sign."""
    return level if difference == 0 else rising if difference > 0 else falling


def some(count: str, noun: str, rest: str = "", none: str = "không có") -> str:
    """Write how many things there are, given the written count; none of them ("") in words, never as "0 cảnh báo".

    >>> some("9", "cảnh báo mới"), some("", "cảnh báo", "đã hết"), some("", "chỉ số", none="chưa có")
    ('9 cảnh báo mới', 'không có cảnh báo nào đã hết', 'chưa có chỉ số nào')
    """
    return " ".join(filter(None, (count, noun, rest) if count else (none, noun, "nào", rest)))


UNBROKEN = (
    *(
        "Nghị quyết số",
        "Bộ Chính trị",
        "Ban Chỉ đạo",
        "Trung ương",
        "Ban Bí thư",
        "Chính phủ",
        "Thủ tướng",
        "khoa học",
        "công nghệ",
    ),
    *(
        "đổi mới",
        "sáng tạo",
        "chuyển đổi số",
        "quốc gia",
        "thực hiện",
        "triển khai",
        "đột phá",
        "phát triển",
        "Báo cáo",
        "báo cáo",
    ),
)


def unbroken(text: str) -> str:
    """Return a title whose names and set phrases no line end divides.

    >>> unbroken("của Bộ Chính trị").split(" ")
    ['của', 'Bộ\xa0Chính\xa0trị']
    """
    for phrase in UNBROKEN:
        text = text.replace(phrase, phrase.replace(" ", NO_BREAK))
    return text.replace(f"Nghị{NO_BREAK}quyết{NO_BREAK}số ", f"Nghị{NO_BREAK}quyết{NO_BREAK}số{NO_BREAK}").replace(
        "ngày ", f"ngày{NO_BREAK}"
    )


def lowered(text: str) -> str:
    """Return the text with its first letter in lower case."""
    return text[:1].lower() + text[1:]


NUMERALS = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười", "mười một", "mười hai"]


def numeral(count: int) -> str:
    """Write a small count in words: "sáu"; a larger one in digits."""
    return NUMERALS[count] if count < len(NUMERALS) else number(count)


def capital(text: str) -> str:
    """Return the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def shortened(text: str, letters: int) -> str:
    """Return a text of at most so many letters: cut between words, with an ellipsis.

    >>> shortened("Tỷ lệ nhiệm vụ", 14), shortened("Tỷ lệ nhiệm vụ", 13)
    ('Tỷ lệ nhiệm vụ', 'Tỷ lệ nhiệm…')
    """
    return text if len(text) <= letters else text[: letters - 1].rsplit(" ", 1)[0] + "…"
