"""A draft edited in Word against its edition: every number of every paragraph, matching, differing or not in the store.

A DOCX file and the edition it came from in, one row for each number out, and for each date, period or direction that was changed. What
Word shows is read: revisions as if accepted, nothing hidden or struck out, text boxes, content controls, equations, notes, headers. Paragraphs are paired with those of the edition's own
DOCX by their words, so that a changed number is seen as changed; a number in a new paragraph is looked up in the edition's trace and
in the store.
"""

import difflib
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from nq57lab.base import wording
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.documents import plain_numbers

COLUMNS = ["paragraph", "number", "verdict", "expected", "source", "where", "text"]
VERDICTS = {"match": "khớp", "differs": "khác", "absent": "không có trong kho", "deleted": "bị bỏ"}
_MASKED = re.compile(r"\d[\d.,]*\d|\d")
_LIMIT = 64 * 2**20


@dataclass(frozen=True)
class Paragraph:
    """A paragraph as Word shows it with every revision accepted; the chapter and table it stands in; where it is, if not in the body.

    ``removed`` holds what a revision takes away.
    """

    text: str
    chapter: str = ""
    table: str = ""
    part: str = "body"
    removed: str = ""


def paragraphs(path: Path) -> list[Paragraph]:
    """Return a document's paragraphs in reading order: body, tables, text boxes, content controls, then notes, headers and footers.

    Raises
    ------
    ProblemError
        If the file is no readable DOCX, declares entities, or holds another file that Word has not taken in.
    """
    from lxml import etree

    if not path.is_file():
        raise ProblemError([Problem("missing_file", path.name, details={"file": str(path)})])
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    trees: list[tuple[str, Any]] = []
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LIMIT:
                raise ValueError("too large")
            names = [name for name in archive.namelist() if _PART.fullmatch(name)]
            names.sort(key=lambda name: (not name.startswith("word/document"), name))
            if not names or not names[0].startswith("word/document"):  # document2.xml where Word on the web saved it
                raise ValueError("no text")
            for name in names:
                tree = etree.fromstring(archive.read(name), parser)
                if tree.getroottree().docinfo.internalDTD is not None:
                    raise ProblemError([Problem("xml_entity", path.name, found=name)])
                match = _PART.fullmatch(name)
                trees.append((match[1] if match else "document", tree))
    except ProblemError:
        raise
    except (
        zipfile.BadZipFile,
        OSError,
        KeyError,
        ValueError,
        RuntimeError,
        NotImplementedError,
        zlib.error,
        etree.XMLSyntaxError,
    ):
        raise ProblemError([Problem("file_content", str(path), found=path.name, details={"kind": ".docx"})]) from None
    found: list[Paragraph] = []
    if any(
        next(tree.iter(f"{_W}altChunk"), None) is not None for _, tree in trees
    ):  # another file's text within this one
        raise ProblemError([Problem("alt_chunk", path.name)])
    for part, tree in trees:
        found += _paragraphs(tree, "body" if part == "document" else part)
    return found


_PART = re.compile(r"word/(document|footnotes|endnotes|header|footer)[0-9]*\.xml")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_GONE = (f"{_W}del", f"{_W}moveFrom")
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_UNSEEN = [f"{_W}rPr/{_W}{mark}" for mark in ("vanish", "strike", "dstrike")]
_ROW_GONE = {f"{_W}tr": f"{_W}trPr/{_W}del", f"{_W}tc": f"{_W}tcPr/{_W}cellDel"}
_SPACES = (f"{_W}tab", f"{_W}br", f"{_W}cr")


def _paragraphs(tree, part: str) -> list[Paragraph]:
    found, chapter, table = [], "", ""
    for element in tree.iter(f"{_W}p"):
        if any(above.tag == _FALLBACK for above in element.iterancestors()):  # an older program's copy of a text box
            continue
        gone = any(_gone(above) for above in element.iterancestors())
        text, removed = (
            ("", _written(element, True) + _written(element, False))
            if gone
            else (
                _written(element, False),
                _written(element, True),
            )
        )
        style = element.find(f"{_W}pPr/{_W}pStyle")
        name = style.get(f"{_W}val", "") if style is not None else ""
        text, removed = _clean(text), _clean(removed)
        if part == "body" and name.startswith("Heading") and text:
            chapter, table = text[:120], ""
        elif name == "TableCaption" and text:
            table = text[:120]
        in_table = any(above.tag == f"{_W}tbl" for above in element.iterancestors())
        if text or removed:
            found.append(Paragraph(text, chapter, table if in_table or name == "TableCaption" else "", part, removed))
    return found


def _gone(element) -> bool:
    """Tell whether a revision takes an element away, a row or cell of a table also, or it is a run that is hidden or struck out."""
    if element.tag in _ROW_GONE:
        return element.find(_ROW_GONE[element.tag]) is not None
    if element.tag != f"{_W}r":
        return element.tag in _GONE
    colour = element.find(f"{_W}rPr/{_W}color")
    if colour is not None and colour.get(f"{_W}val", "").upper() == "FFFFFF" and not _shaded(element):
        return True
    marks = [mark for path in _UNSEEN if (mark := element.find(path)) is not None]
    return any(mark.get(f"{_W}val", "1") not in ("0", "false", "off") for mark in marks)


def _shaded(run) -> bool:
    """Tell whether a run, or what it stands in, has a ground of its own that white text may be read on, or a style that may give one."""
    grounds = [
        f"{_W}rPr/{_W}shd",
        f"{_W}rPr/{_W}highlight",
        f"{_W}pPr/{_W}shd",
        f"{_W}tcPr/{_W}shd",
        f"{_W}tblPr/{_W}tblStyle",
    ]
    return any(above.find(path) is not None for above in (run, *run.iterancestors()) for path in grounds)


def _written(paragraph, removed: bool) -> str:
    """Return the text of a paragraph's own runs: what stands, or what revisions take away; not that of a text box within it."""
    parts = []
    for element in paragraph.iter(f"{_W}t", f"{_W}delText", f"{_W}noBreakHyphen", _MATH, *_SPACES):
        gone = False
        for above in element.iterancestors():
            if above is paragraph:
                break
            gone = gone or _gone(above)
            if above.tag == f"{_W}p":
                break
        else:
            continue
        if above is not paragraph or gone is not removed:
            continue
        local = element.tag.removeprefix(_W)
        if local == "tab" and element.getparent().tag != f"{_W}r":
            continue
        parts.append(
            (element.text or "") if local in ("t", "delText", _MATH) else "-" if local == "noBreakHyphen" else " "
        )
    return "".join(parts)


def _clean(text: str) -> str:
    text = text.replace(wording.NO_BREAK, " ").replace(wording.WORD_JOINER, "")
    return re.sub(r"[\s\u2007\u2008]+", " ", text).strip()


def numbers(text: str) -> list[tuple[str, int]]:
    """Return the figures of a paragraph with their places; dates, periods and the numbers of documents are none.

    >>> [number for number, _ in numbers("Đến ngày 30/6/2026, đạt 84,8% theo Nghị quyết số 57-NQ/TW")]
    ['84,8']
    """
    hidden = plain_numbers._NO_FIGURE.sub(lambda found: " " * len(found[0]), text)
    return [(found[0].lstrip("-"), found.start()) for found in plain_numbers.NUMBER.finditer(hidden)]


_MEANT = re.compile(rf"(?:{plain_numbers._DAY})|(?:{plain_numbers._PERIOD})|\b(?:tăng|giảm)\b", re.IGNORECASE)
_UNIT = re.compile(
    r"\s*(%|‰|điểm phần trăm|(?:(?:nghìn|triệu|tỷ|tỉ)\s+)*(?:nghìn|triệu|tỷ|tỉ|đồng|USD|lần)(?:\s+(?:đồng|USD))?(?!\w))?"
)


def _figures(text: str) -> list[tuple[str, int, str]]:
    """Return the figures of a text: the number, its place, and the unit that stands after it, where it is one that scales the number.

    >>> _figures("vốn 18,5 tỷ đồng, đạt 84,8%, gồm 12 dự án")
    [('18,5', 4, 'tỷ đồng'), ('84,8', 22, '%'), ('12', 33, '')]
    """
    units = [_UNIT.match(text, start + len(number)) for number, start in numbers(text)]
    return [(*found, (unit[1] or "") if unit else "") for found, unit in zip(numbers(text), units, strict=True)]


def check(draft: Path, original: Path, trace: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """List every number of a draft.

    Parameters
    ----------
    draft, original : Path
        The edited file, and the edition's own DOCX.
    trace : DataFrame
        The edition's trace.
    rows : DataFrame
        As-of observations.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`: paragraph (from 1), the number, match, differs, absent or deleted (of the edition, with its paragraph there), what the
        edition printed there, where the number comes from, the chapter and table, and its sentence.
    """
    new, old = paragraphs(draft), paragraphs(original)
    paired = _paired([paragraph.text for paragraph in new], [paragraph.text for paragraph in old])
    known = _known(trace, rows)
    result: list[list[Any]] = []

    def add(place: int, own: Paragraph, number: str, verdict: str, expected: str, source: str, sentence: str) -> None:
        where = "; ".join(filter(None, (own.chapter, own.table, "" if own.part == "body" else own.part)))
        result.append([place + 1, number, verdict, expected, source, where, sentence])

    def gone(place: int, own: Paragraph, number: str, sentence: str) -> None:
        add(place, own, number, "deleted", number, known.get(_key(number), ""), sentence)

    printed = {(_key(number), unit) for paragraph in old for number, _, unit in _figures(paragraph.text)}
    for place, paragraph in enumerate(new):
        here = _figures(paragraph.text)
        was = old[paired[place]].text if place in paired else ""
        before = [(number, unit) for number, _, unit in _figures(was)]
        same_words = _MASKED.sub("#", paragraph.text) == _MASKED.sub("#", was) and len(before) == len(here)
        expected, left = (before, []) if same_words else _aligned([(number, unit) for number, _, unit in here], before)
        for (number, start, unit), wanted in zip(here, expected, strict=True):
            source = known.get(_key(number), "")
            if wanted is not None:
                verdict = "match" if wanted == (number, unit) else "differs"
            else:  # few digits without a unit are found anywhere
                told = len(re.sub(r"\D", "", number)) > 2 or unit != ""
                found = source and told and ((_key(number), unit) in printed or place not in paired)
                verdict = "match" if found else "absent"
            shown = ""
            if wanted is not None and verdict == "differs":
                shown = wanted[0] if wanted[0] != number else " ".join(filter(None, wanted))
            where_from = known.get(_key(wanted[0] if wanted else number), source)
            add(place, paragraph, number, verdict, shown, where_from, _sentence(paragraph.text, start))
        for number, _ in left:
            gone(place, paragraph, number, _sentence(was, 0))
        after = [(found[0], found.start()) for found in _MEANT.finditer(paragraph.text)]
        meant = [found[0] for found in _MEANT.finditer(was)]
        stands, lost = _aligned([text for text, _ in after], meant)
        for (text, start), was_meant in zip(after, stands, strict=True):
            if was_meant is not None and was_meant.lower() != text.lower():
                add(place, paragraph, text, "differs", was_meant, "", _sentence(paragraph.text, start))
        for text in lost:
            add(place, paragraph, text, "deleted", text, "", _sentence(was, 0))
    for place in sorted(set(range(len(old))) - set(paired.values())):
        for number, start in numbers(old[place].text):
            gone(place, old[place], number, _sentence(old[place].text, start))
    return pd.DataFrame(result, columns=COLUMNS)


def _sentence(text: str, start: int) -> str:
    """Return the sentence of a text that a place stands in.

    >>> _sentence("Đạt 84,8%. Tăng 2,1 điểm so với quý I. Còn lại 15,2%.", 15)
    'Tăng 2,1 điểm so với quý I.'
    """
    ends = [match.end() for match in re.finditer(r"(?<=[^0-9\s][.!?;])\s+|(?<=[0-9%][.!?;])\s+(?=[A-ZÀ-Ỹ])", text)]
    first = max((end for end in ends if end <= start), default=0)
    last = min((end for end in ends if end > start), default=len(text))
    return text[first:last].strip()


def _key(number: str) -> str:
    return number.replace(wording.MINUS, "").lstrip("-").rstrip(".,")


def _known(trace: pd.DataFrame, rows: pd.DataFrame) -> dict[str, str]:
    """Return where printed digits come from: the store first, the edition's trace over it."""
    known: dict[str, str] = {}
    for row in rows.itertuples():
        if row.printed:
            known.setdefault(
                _key(str(row.printed).split(" ")[0]), f"{row.subject}, {row.area}, {row.period} [{row.id}]"
            )
    for entry in trace.itertuples():
        for number, _ in numbers(_clean(entry.printed)):
            known[_key(number)] = f"{entry.place}: {entry.formula or 'theo nguồn'} [{entry.rows}]"
    return known


def _paired(new: list[str], old: list[str]) -> dict[int, int]:
    """Pair paragraphs by their words, numbers left out: equal ones first, then the most alike of a changed stretch."""
    after, before = ([_MASKED.sub("#", text) for text in texts] for texts in (new, old))
    pairs: dict[int, int] = {}
    for kind, a, b, c, d in difflib.SequenceMatcher(None, after, before, autojunk=False).get_opcodes():
        if kind == "equal":
            pairs |= dict(zip(range(a, b), range(c, d), strict=True))
            continue
        free = list(range(c, d))
        for place in range(a, b):
            ratio = {k: difflib.SequenceMatcher(None, after[place], before[k]).ratio() for k in free[:40]}
            best = max(ratio, key=ratio.__getitem__, default=None)
            if best is not None and ratio[best] >= 0.6:
                pairs[place] = best
                free = [k for k in free if k > best]
    return pairs


def _aligned(new: list, old: list) -> tuple[list, list]:
    """Say, for each figure, which one of the old paragraph stood there (None for one that was added), and which are gone."""
    result, gone = [None] * len(new), []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, new, old, autojunk=False).get_opcodes():
        if kind in ("equal", "replace"):
            for k in range(min(b - a, d - c)):
                result[a + k] = old[c + k]
        if kind in ("delete", "insert", "replace") and d - c > b - a:
            gone += old[c + b - a : d]
    return result, gone
