"""Slides read back: a PPTX file and the slides that it was made from in, the numbers that are not in both out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.oxml.ns import qn

from nq57lab.base import wording
from nq57lab.documents.plain_numbers import NUMBER
from nq57lab.publish.meeting.page import Slide, plain


def texts(sheet: Any) -> Iterator[str]:
    """Yield every paragraph of a slide: of its boxes, its table's cells and its notes; the number of the slide is left out."""
    for shape in sheet.shapes:
        if shape.has_text_frame:
            lines = [part for part in shape.text_frame.paragraphs if part._p.find(qn("a:fld")) is None]
            yield from (paragraph.text.replace("\v", "\n") for paragraph in lines)
        elif shape.has_table:
            yield from (cell.text.replace("\v", "\n") for row in shape.table.rows for cell in row.cells)
    if sheet.has_notes_slide:
        yield from (paragraph.text for paragraph in sheet.notes_slide.notes_text_frame.paragraphs)


def apart(
    path: Path, slides: Sequence[Slide], printed: Mapping[str, str]
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Compare the numbers of a file with those of its slides and of the trace.

    Parameters
    ----------
    path : Path
        The PPTX file.
    slides : sequence of Slide
        What it was made from.
    printed : mapping
        What the trace says that each number reads.

    Returns
    -------
    tuple of dict and list
        For each number of the trace that a slide prints otherwise or not at all, why; and the numbers that stand in the file alone, each
        with its slide's title.
    """
    wrong: dict[str, str] = {}
    stray: list[tuple[str, str]] = []
    sheets = list(Presentation(str(path)).slides)
    if len(sheets) != len(slides):
        stray.append((path.name, f"{len(sheets)} trang, không phải {len(slides)}"))
    for sheet, slide in zip(sheets, slides, strict=False):
        shown = _plain("\n".join(texts(sheet)))
        for run in (run for line in slide.lines for run in line if run.number):
            if _plain(run.text) != _plain(printed.get(run.number, "")):
                wrong[run.number] = f"trang trình chiếu in {run.text}"
            elif _plain(run.text) not in shown:
                wrong[run.number] = f"tệp trình chiếu không còn {run.text}"
        told = Counter(NUMBER.findall(_plain("\n".join(plain(line) for line in slide.lines))))
        stray += [(plain(slide.title), number) for number in Counter(NUMBER.findall(shown)) if number not in told]
    return wrong, stray


def _plain(text: str) -> str:
    return text.replace(wording.NO_BREAK, " ").replace(wording.WORD_JOINER, "").strip()
