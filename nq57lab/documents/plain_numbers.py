"""Numbers in a report's text and in the words of its charts that no trace stands behind: what the check of an edition must not find.

The Markdown of an executed notebook in, a table of the untraced numbers out. Dates and periods, the numbers of documents, codes,
and names that the catalogue itself spells with digits are no figures. A constant of a method is written
``[80%]{.hang-so ly-do="…"}``: it is listed with its reason, and any other number must come through the figures.
"""

import json
import re
from collections.abc import Iterable

import pandas as pd

from nq57lab.base import wording
from nq57lab.facts.catalogue import Catalogue

COLUMNS = ["place", "number", "context", "reason"]
NUMBER = re.compile(r"(?<![\w.,/])[−-]?\d[\d.,]*\d|(?<![\w.,/])[−-]?\d")
CONSTANT = re.compile(r"\[([^\[\]]*)\]\{\.hang-so(?:\s+ly-do=\"([^\"]*)\")?\}")
_TRACED = re.compile(r"\[[^\[\]]*\]\{\.so [^{}]*\}(?:" + wording.WORD_JOINER + r"?\[[^\[\]]*\]\{\.dau\})?")
_PICTURE = re.compile(r"!\[([^\]]*)\]\([^)]*\)\{#([\w-]+)[^{}]*\}")
_DRAWN = re.compile(r'data-figure="([\w-]+)">(.*?)</script>')
_RAW = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_HIDDEN = (
    _RAW,
    _TRACED,
    re.compile(r"`[^`\n]*`"),  # code: formulas, rows, commands
    re.compile(r"!\[[^\]]*\]\([^)]*\)\{[^{}]*\}"),  # pictures: their words are checked with the chart
    re.compile(r"\]\([^)\s]*\)"),  # addresses
    re.compile(r"\{[^{}\n]*\}"),  # attributes
    re.compile(r"^\|[-:| ]+\|$", re.MULTILINE),
    re.compile(r"@(?:fig|tbl|sec)-[\w-]+"),
)
_DAY = r"[Nn]gày \d{1,2} (?:hằng tháng|của tháng)|(?:ngày )?\d{1,2}/\d{1,2}/\d{4}|ngày \d{1,2} tháng \d{1,2} năm \d{4}"
_PERIOD = (
    r"(?:quý|Quý) (?:I{1,3}|IV)/\d{4}|(?:tháng|Tháng) \d{1,2}(?:[/ ](?:năm )?\d{4})?|(?:năm|Năm) \d{4}(?: - \d{4}| và \d{4})?|"
    r"\d{1,2} tháng (?:đầu|cuối) năm(?: \d{4})?|giai đoạn \d{4} ?[-–] ?\d{4}|\d{4}-(?:Q\d|H\d|\d{2}(?:-\d{2})?)|"
    r"(?:đến|từ|trước|sau|hết|mốc|gốc|cuối|đầu|tiêu|Tiêu) (?:năm )?\d{4}|\((?:[^()\d]*)\d{4}\)|\d{2} năm \d{2} tháng|\d{1,2} tháng thực hiện"
)
_PLACE = r"(?:Hình|Bảng|hàng|cột|ô) \d+|^\s*\d+\.\s|(?<=\| )(?:19|20)\d{2}(?= \|)"
_NAMED = (
    r"\d+(?:/\d{4})?[-/](?:NQ|CTr|KH|QC|QĐ|NĐ|BC|HS|TB|CT|KL|CV|HD|TT|Tr|CTrHĐ)[\w/Đ-]*|"
    r"(?:Nghị quyết|Kế hoạch|Chương trình|Quyết định|Nghị định|Quy chế|Thông báo|Luật|Đề án|Công điện|Kết luận|Chỉ thị|Hướng dẫn)"
    r"(?: số)? \d+(?:/\d{4})?(?:[-/][\w/Đ-]+)?|\b[A-Z]\.\d{2}(?:\.\d{2})?\b|\b(?:34|63):\d{2}\b|\b[2-6]G\b|"
    r"\b(?:Phần|Mục|mục|khoản|Điều|điều|chú thích|Phụ lục|trang|dòng|HT|NV\.[IVX]+\.)\s?[\dIVX.]+[a-zđ]?\b(?:, \d+\.\d+[a-zđ]?\b)*|\bVNeID\b|\bmilestone:\d{4}\b|(?:chương trình|cú hích) \d{1,2}\b|\bT2?[0-9]{4}\.[\w.]+"
)
_NO_FIGURE = re.compile("|".join((_PLACE, _DAY, _PERIOD, _NAMED)))


# The particulars of a reason that the method fixes: they are in no row.
LIMITS = {
    "need": "số điểm ít nhất mà phương pháp đã được kiểm chứng",
    "limit": "số kỳ xa nhất mà phương pháp đã được kiểm chứng",
}


def constant(text: str, reason: str) -> str:
    """Mark a text whose numbers are constants of a method, not figures, with the reason that the check lists.

    >>> constant("80%", "mức của khoảng dự báo")
    '[80%]{.hang-so ly-do="mức của khoảng dự báo"}'
    """
    return f'[{text}]{{.hang-so ly-do="{reason}"}}'


_FREE = re.compile(f"(?:{_NO_FIGURE.pattern})|(?P<number>{NUMBER.pattern})(?!\\w)", re.MULTILINE)


def constants(text: str, reason: str) -> str:
    """Mark every number of a text as a constant of a method (:func:`constant`).

    >>> constants("q ≤ 0,10 đến năm 2030", "ngưỡng")
    'q ≤ [0,10]{.hang-so ly-do="ngưỡng"} đến năm 2030'
    """
    return _FREE.sub(lambda found: constant(found[0], reason) if found["number"] else found[0], text)


def spelled_with_digits(catalogue: Catalogue) -> list[str]:
    """Return the names and texts of the catalogue that contain digits, the longest first."""
    tables = (
        catalogue.indicators[["name_vi", "name_printed", "source", "source_system", "basis", "implementing"]],
        catalogue.variables[["name_vi", "description"]],
        catalogue.areas[["name_vi"]],
        catalogue.items[["name"]],
        catalogue.sources[["title_vi", "publisher"]],
        catalogue.dimensions[["name_vi"]],
        catalogue.targets[["stated_vi", "source"]],
        catalogue.relations[["locator"]],
        catalogue.conflicts[["first_vi", "locator", "second_vi", "second_at"]],
        catalogue.link_groups[["name_vi", "stated_vi"]],
        catalogue.crosswalk[["reason"]],
        catalogue.tasks[["text", "product", "source"]],
        catalogue.responsibilities[["duty"]],
        catalogue.units[["unit"]],
        catalogue.groups[["name_vi"]],
        catalogue.goals[["name_vi"]],
        catalogue.short_names[["name_vi"]],
    )
    texts = {text for table in tables for column in table for text in table[column].astype(str)}
    texts |= {part.strip() for text in texts for part in text.split("; ")}
    return sorted((text for text in texts if re.search(r"\d", text) and len(text) > 3), key=len, reverse=True)


def find(text: str, catalogue: Catalogue, allowed: Iterable[str] = ()) -> pd.DataFrame:
    """List the numbers of a text that neither the trace nor a name accounts for.

    Parameters
    ----------
    text : str
        Markdown of an executed notebook.
    catalogue : Catalogue
        Whose names may contain digits.
    allowed : iterable of str
        Further texts that are not figures: the report's title, its bodies.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`; ``reason`` is empty for an untraced number and gives the stated reason of a constant.
    """
    constants = [
        {"place": "", "number": found[1], "context": found[0], "reason": found[2] or "không nêu lý do"}
        for found in CONSTANT.finditer(text)
    ]
    shown = CONSTANT.sub(" ", text)
    for pattern in _HIDDEN:
        shown = pattern.sub(" ", shown)
    shown = shown.replace("\\", "").replace(wording.NO_BREAK, " ")
    for known in sorted({part for part in allowed if part}, key=len, reverse=True):
        shown = shown.replace(known, " ")
    lines = []
    names = spelled_with_digits(catalogue)
    for line in shown.split("\n"):
        if not re.search(r"\d", line):
            continue
        for name in names:
            if name in line:
                line = line.replace(name, " … ")
        line = _NO_FIGURE.sub(" … ", line)
        lines += [
            {
                "place": "",
                "number": found[0],
                "context": line[max(0, found.start() - 50) : found.end() + 30].strip(),
                "reason": "",
            }
            for found in NUMBER.finditer(line)
        ]
    return pd.DataFrame(lines + constants, columns=COLUMNS)


def in_charts(text: str, catalogue: Catalogue, trace: pd.DataFrame, allowed: Iterable[str] = ()) -> pd.DataFrame:
    """List the numbers in the words of charts (title, subtitle, caption) that no figure of the same chart printed.

    Parameters
    ----------
    text : str
        Markdown of an executed notebook, with its charts' specifications.
    catalogue : Catalogue
        Whose names may contain digits.
    trace : DataFrame
        place and printed of the edition's figures; those of a chart have the place "hình <label>".
    allowed : iterable of str
        As for :func:`find`.

    Returns
    -------
    DataFrame
        As :func:`find`, with the chart as ``place``.
    """
    words: dict[str, list[str]] = {label: [caption] for caption, label in _PICTURE.findall(text)}
    for label, drawn in _DRAWN.findall(text):
        title = json.loads(drawn).get("title") or {}
        lines = [title.get(part, "") for part in ("text", "subtitle")]
        words.setdefault(label, []).extend(" ".join(line) if isinstance(line, list) else line for line in lines)
    found = []
    for label, said in words.items():
        own = trace["printed"][trace["place"] == f"hình {label}"]
        printed = {number for text in own for number in NUMBER.findall(text)}
        numbers = find("\n\n".join(dict.fromkeys(said)), catalogue, allowed)
        found.append(numbers[~numbers["number"].isin(printed)].assign(place=f"hình {label}"))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=COLUMNS)
