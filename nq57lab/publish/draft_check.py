"""A draft edited in Word against its edition: every number of every paragraph, matching, differing or not in the store.

A DOCX file and the edition it came from in, one row for each number out. Paragraphs are paired with those of the edition's own
DOCX by their words, so that a changed number is seen as changed; a number in a new paragraph is looked up in the edition's trace and
in the store.
"""

import difflib
import re
import zipfile
from pathlib import Path

import pandas as pd

from nq57lab.base import wording
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.documents import plain_numbers

COLUMNS = ["paragraph", "number", "verdict", "expected", "source", "text"]
VERDICTS = {"match": "khớp", "differs": "khác", "absent": "không có trong kho"}
_MASKED = re.compile(r"\d[\d.,]*\d|\d")
_LIMIT = 64 * 2**20


def paragraphs(path: Path) -> list[str]:
    """Return the text of a document's paragraphs and table cells, in reading order.

    Raises
    ------
    ProblemError
        If the file is no readable DOCX.
    """
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    if not path.is_file():
        raise ProblemError([Problem("missing_file", path.name, details={"file": str(path)})])
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LIMIT:
                raise ValueError("too large")
        document = docx.Document(str(path))
    except (PackageNotFoundError, zipfile.BadZipFile, OSError, KeyError, ValueError):
        raise ProblemError([Problem("file_content", str(path), found=path.name, details={"kind": ".docx"})]) from None
    texts = []

    def walk(container) -> None:
        for block in container.iter_inner_content():
            if isinstance(block, Paragraph):
                texts.append(block.text)
            elif isinstance(block, Table):
                for row in block.rows:
                    seen = set()
                    for cell in row.cells:
                        if cell._tc not in seen:
                            seen.add(cell._tc)
                            walk(cell)

    walk(document)
    return [_clean(text) for text in texts if _clean(text)]


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
        :data:`COLUMNS`: paragraph (from 1), the number, match, differs or absent, what the edition printed there, where the number
        comes from, and the text around it.
    """
    new, old = paragraphs(draft), paragraphs(original)
    paired = _paired(new, old)
    known = _known(trace, rows)
    result = []
    for place, text in enumerate(new):
        here = numbers(text)
        before = [number for number, _ in numbers(old[paired[place]])] if place in paired else []
        expected = _aligned([number for number, _ in here], before) if place in paired else [None] * len(here)
        for (number, start), wanted in zip(here, expected, strict=True):
            source = known.get(_key(number), "")
            if wanted is not None:
                verdict = "match" if wanted == number else "differs"
            else:
                verdict = "match" if source else "absent"
            around = text[max(0, start - 40) : start + len(number) + 30]
            shown = wanted if verdict == "differs" else ""
            result.append([place + 1, number, verdict, shown, known.get(_key(wanted or number), source), around])
    return pd.DataFrame(result, columns=COLUMNS)


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


def _aligned(new: list[str], old: list[str]) -> list[str | None]:
    """Say, for each number, which number of the old paragraph stood there; None for one that was added."""
    result: list[str | None] = [None] * len(new)
    for kind, a, b, c, d in difflib.SequenceMatcher(None, new, old, autojunk=False).get_opcodes():
        if kind in ("equal", "replace"):
            for k in range(min(b - a, d - c)):
                result[a + k] = old[c + k]
    return result
