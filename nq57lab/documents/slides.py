"""Slides as pieces of a report: what a slide says in, its Markdown out; ``publish/meeting`` makes the file.

The texts come from the report's own pieces, so that every number is written by the edition's figures. A chart is one that the report
has shown, drawn again without title and source, which the slide says itself.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pandas as pd

from nq57lab.base import wording
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.charts import theme
from nq57lab.documents.edition import MARK_MEANINGS, Edition, Piece, Rows, laid_out, markdown_row

PLACE = "trang trình chiếu"  # how the trace calls what slides alone say
WIDE = theme.Size(width=560, names=215, name_letters=34)
BESIDE = theme.Size(width=350, names=126, scale=34, name_letters=19)
LEAST_TYPE = 12.0  # of a chart's letters, in the drawing's pixels
SOURCE_LETTERS = 66  # of a source's name on a slide
MOST_ROWS = 8  # of a table, below its head
_REFERENCE = re.compile(r"[;,]?\s*\(?(?:xem )?@(?:fig|tbl|sec)-[\w-]*\w\)?")
_LEAD = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True)
class Slide:
    """One slide; all texts are Markdown whose numbers the edition's figures wrote.

    Parameters
    ----------
    title : str
        The message, at most two lines.
    kind : str
        "bia" (cover), "loi" (a statement), "hinh" (a chart) or "bang" (a table).
    body : sequence of str
        Paragraphs: the statement, or the lead over a chart or table.
    chart : str
        The label of a chart that the report has shown.
    table : DataFrame, optional
        Text cells, at most eight rows; ``align`` and ``widths`` as of :meth:`nq57lab.documents.edition.Edition.table`.
    caption : str
        What the table shows, for those who hear it read.
    mark : str
        The mark that all numbers of the table share.
    sources : sequence of str
        Identities of the sources, the most used first.
    notes : sequence of str
        What the speaker reads.
    """

    title: str
    kind: str = "loi"
    body: Sequence[str] = ()
    chart: str = ""
    table: pd.DataFrame | None = None
    align: str = ""
    widths: Sequence[int] = ()
    caption: str = ""
    mark: str = ""
    sources: Sequence[str] = ()
    notes: Sequence[str] = ()


def tabled(
    edition: Edition, title: str, rows: Rows, columns: str | Sequence[str], since: int, caption: str, **more: Any
) -> Slide:
    """Return a slide of a table, with the sources of its numbers and the mark that they share.

    Parameters
    ----------
    rows, columns
        As of :meth:`nq57lab.documents.edition.Edition.table`.
    since : int
        Length of the trace before the cells were written.
    more
        Further fields of the slide.
    """
    frame, align, widths = laid_out(rows, columns)
    cells, mark = edition.without_shared_mark(frame, since)
    more["sources"] = more.get("sources") or edition.sources_since(since)
    return Slide(title, "bang", table=cells, align=align, widths=widths, caption=caption, mark=mark, **more)


@contextmanager
def apart(edition: Edition) -> Iterator[None]:
    """Note in the trace that what is written here stands on slides, not in the document."""
    start = len(edition.figures.trace)
    yield
    for entry in edition.figures.trace[start:]:
        entry["place"] = f"{PLACE}: {entry['place']}"


def deck(edition: Edition, slides: Iterable[Slide]) -> Piece:
    """Return slides as one piece, for a cell tagged ``trinh-chieu``; they are written within :func:`apart`."""
    return edition.piece("\n\n".join(_written(edition, slide) for slide in slides) + "\n")


def cover(edition: Edition, further: Sequence[str] = ()) -> Slide:
    """Return the cover: the report's subject, its body, the day of its figures, whether it is a draft."""
    _, _, subject = edition.title.partition("|")
    title, comma, rest = subject.partition(", ngày ")
    body = [f"Nghị quyết ngày {rest}"] if comma else []
    body.append(f"**{edition.parameters.get('co_quan', '').replace('|', ' ')}**")
    state = "" if edition.final else "**Dự thảo.** "
    body.append(f"{state}Số liệu công bố đến ngày {wording.day(edition.known)}.")
    return Slide(title, "bia", [line for line in (*body, *further) if line.strip("* ")])


def lead(text: str) -> str:
    """Return the bold sentence that opens a text, without its bold; the text where nothing is bold."""
    found = _LEAD.search(text)
    return f"{found[1].rstrip(',;:.')}." if found else text


def spoken(text: str) -> str:
    """Return a text for the notes: without references to figures and tables of the report, and without bold.

    >>> spoken("**Đạt 30%**; xem @fig-a. Còn thiếu (@tbl-b, @fig-c).")
    'Đạt 30%. Còn thiếu.'
    """
    return _REFERENCE.sub("", text.replace("**", ""))


def _written(edition: Edition, slide: Slide) -> str:
    if slide.table is not None and len(slide.table) > MOST_ROWS:
        found = f"{slide.title}: {len(slide.table)}"
        raise ProblemError([Problem("slide_rows", "trinh-chieu", found=found)])
    marked = ' minh-hoa="true"' if edition.parameters.get("minh_hoa") else ""
    parts = [f'::::: {{.trang loai="{slide.kind}"{marked}}}', f"## {slide.title} {{.unnumbered}}", *slide.body]
    sources = list(slide.sources)
    if slide.chart:
        parts.append(_chart(edition, slide.chart))
        sources += edition.charts[slide.chart].sources if not sources else ()
    if slide.table is not None:
        parts.append(_table(slide))
    said = [f"Nguồn: {_named(edition, sources)}."] if sources else []
    said += [f"Số trong bảng: {MARK_MEANINGS[slide.mark]}."] if slide.mark and not marked else []
    if said:
        parts.append("::: {.nguon}\n" + " ".join(said) + "\n:::")
    notes = [spoken(text) for text in slide.notes if text]
    if sources:
        notes.append("Nguồn: " + "; ".join(edition.source_name(identity) for identity in dict.fromkeys(sources)) + ".")
    if notes:
        parts.append("::: {.loi-dan}\n" + "\n\n".join(notes) + "\n:::")
    return "\n\n".join([*parts, ":::::"])


def _named(edition: Edition, sources: Sequence[str]) -> str:
    """Name the first source, and say that there are others: the notes list them all in full."""
    listed = list(dict.fromkeys(sources))
    name, bracket, day = edition.source_name(listed[0]).rpartition(" (")
    name = name.partition(" triển khai")[0]  # of a report's title: what it is, without on what
    first = f"{wording.shortened(name, SOURCE_LETTERS)}{bracket}{day}"
    return first + (" và nguồn khác" if len(listed) > 1 else "")


def _table(slide: Slide) -> str:
    assert slide.table is not None
    rule = ("---:" if letter == "r" else ":---" for letter in slide.align)
    rows = [markdown_row(row) for row in (slide.table.columns, rule, *slide.table.itertuples(index=False))]
    return "\n".join(rows) + f'\n\n: {slide.caption} {{tbl-colwidths="{slide.widths}"}}'


def _chart(edition: Edition, label: str) -> str:
    chart = edition.charts[label]
    if "pptx" not in (edition.parameters.get("formats") or ()):
        return ""
    told: dict[str, Any] = {"label": label, "alt": chart.words["alt"], "measured": chart.words["subtitle"]}
    with theme.unchecked():
        told["forms"] = [_form(chart.draw(size), size) for size in (WIDE, BESIDE)]
    drawn = json.dumps(told, ensure_ascii=False, sort_keys=True)
    return f"```{{=bieu-do-trang}}\n{drawn}\n```"


def _form(drawing: Any, size: theme.Size) -> dict[str, Any]:
    """Return a drawing for a slide: without head and foot, which the slide says itself, no letter too small for the back of a room."""
    spec = theme.themed(drawing, "", "", "", size)
    spec.pop("title", None)
    spec["vconcat"][0].pop("title", None)
    return _enlarged(spec)


def _enlarged(part: Any, name: str = "") -> Any:
    """Raise every size of type below the least; larger labels of an axis that would overlap are left out."""
    if isinstance(part, dict):
        return {key: _enlarged(value, key) for key, value in part.items()}
    if isinstance(part, list):
        return [_enlarged(value) for value in part]
    if name == "labelOverlap":
        return "greedy"
    return max(part, LEAST_TYPE) if name.lower().endswith("fontsize") and isinstance(part, int | float) else part
