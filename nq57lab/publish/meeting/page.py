"""Slides as they are written in an executed notebook: Markdown blocks ``.trang`` in, slides of runs, tables and charts out."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pypandoc

from nq57lab.base import wording

FORMAT = "markdown-raw_html-raw_tex-yaml_metadata_block-pandoc_title_block"
CHART = "bieu-do-trang"  # the raw block of a slide's chart: its label, words and specifications


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style; ``number`` is the place in the trace of the figure it prints."""

    text: str
    bold: bool = False
    italic: bool = False
    mark: bool = False
    number: str = ""


Line = tuple[Run, ...]


@dataclass(frozen=True)
class Table:
    """A table: heads, rows of cells, one letter (l, r) and one share of the width a column, and what it shows."""

    head: tuple[Line, ...]
    rows: tuple[tuple[Line, ...], ...]
    align: str
    widths: tuple[float, ...]
    alt: str = ""


@dataclass(frozen=True)
class Chart:
    """A chart: its label, what it shows in words, what is measured, and its Vega-Lite specifications, one for each shape it can take."""

    label: str
    alt: str
    measured: Line
    forms: tuple[dict[str, Any], ...]


@dataclass
class Slide:
    """One slide: a message as title, then text, a table or a chart; the source line; what the speaker reads."""

    kind: str
    title: Line = ()
    body: list[Line] = field(default_factory=list)
    table: Table | None = None
    chart: Chart | None = None
    source: Line = ()
    notes: list[Line] = field(default_factory=list)
    illustrative: bool = False

    @property
    def lines(self) -> list[Line]:
        """Every line of text on the slide and in its notes."""
        cells = [] if self.table is None else [*self.table.head, *(cell for row in self.table.rows for cell in row)]
        measured = [] if self.chart is None else [self.chart.measured]
        return [self.title, *self.body, *measured, *cells, self.source, *self.notes]


def plain(line: Iterable[Run]) -> str:
    """Return a line's text, marks in parentheses.

    >>> plain((Run("30"), Run("t", mark=True), Run(" luật")))
    '30(t) luật'
    """
    return "".join(f"({run.text})" if run.mark else run.text for run in line)


def read(text: str) -> list[Slide]:
    """Read the slides of a Markdown text.

    Parameters
    ----------
    text : str
        Blocks ``::::: {.trang loai="…"}``, each with a heading, paragraphs, at most one table or chart, and the blocks ``.nguon`` (sources)
        and ``.loi-dan`` (notes); anything between them is left out.

    Returns
    -------
    list of Slide
        In order.
    """
    if not text.strip():
        return []
    tree = json.loads(pypandoc.convert_text(text, "json", format=FORMAT))
    return [_slide(block["c"]) for block in tree["blocks"] if block["t"] == "Div" and "trang" in block["c"][0][1]]


def _slide(block: Any) -> Slide:
    attributes = dict(block[0][2])
    slide = Slide(attributes.get("loai", ""), illustrative=attributes.get("minh-hoa") == "true")
    for part in block[1]:
        kind, content = part["t"], part.get("c")
        if kind == "Header":
            slide.title = _line(content[2])
        elif kind == "Table":
            slide.table = _table(content)
        elif kind == "RawBlock" and content[0] == CHART:
            told = json.loads(content[1])
            slide.chart = Chart(told["label"], told["alt"], (Run(told["measured"]),), tuple(told["forms"]))
        elif kind == "Div" and "nguon" in content[0][1]:
            slide.source = tuple(run for line in _lines(content[1]) for run in line)
        elif kind == "Div" and "loi-dan" in content[0][1]:
            slide.notes = _lines(content[1])
        else:
            slide.body += _lines([part])
    return slide


def _lines(blocks: Sequence[Any]) -> list[Line]:
    found: list[Line] = []
    for block in blocks:
        kind, content = block["t"], block.get("c")
        if kind in ("Para", "Plain"):
            found.append(_line(content))
        elif kind in ("BulletList", "OrderedList"):
            items = content if kind == "BulletList" else content[1]
            found += [(Run("– "), *line) for item in items for line in _lines(item)]
        elif kind == "Div":
            found += _lines(content[1])
    return [line for line in found if plain(line).strip()]


def _line(inlines: Sequence[Any], **style: Any) -> Line:
    runs: list[Run] = []
    for part in inlines:
        kind, content = part["t"], part.get("c")
        if kind == "Str":
            runs.append(Run(content.replace(wording.WORD_JOINER, ""), **style))
        elif kind in ("Space", "SoftBreak"):
            runs.append(Run(" ", **style))
        elif kind == "LineBreak" or (kind == "RawInline" and re.match(r"<br\s*/?>$", content[1])):
            runs.append(Run("\n", **style))
        elif kind == "Strong":
            runs += _line(content, **style | {"bold": True})
        elif kind == "Emph":
            runs += _line(content, **style | {"italic": True})
        elif kind == "Span":
            (_, classes, attributes), inner = content
            own = {"mark": True} if "dau" in classes else {"number": dict(attributes)["so"]} if "so" in classes else {}
            runs += _line(inner, **style | own)
        elif kind == "Quoted":
            runs += [Run("“", **style), *_line(content[1], **style), Run("”", **style)]
        elif kind == "Code":
            runs.append(Run(content[1], **style))
        elif kind in ("Link", "Superscript", "Subscript", "Underline"):
            runs += _line(content[1] if kind == "Link" else content, **style)
    return tuple(_joined(run for run in runs if run.text))


def _joined(runs: Iterable[Run]) -> Iterable[Run]:
    """Join runs of one style."""
    last: Run | None = None
    for run in runs:
        if last is not None and (last.bold, last.italic, last.mark, last.number) == (
            run.bold,
            run.italic,
            run.mark,
            run.number,
        ):
            last = Run(last.text + run.text, run.bold, run.italic, run.mark, run.number)
            continue
        if last is not None:
            yield last
        last = run
    if last is not None:
        yield last


def _cell(cell: Any) -> Line:
    lines = _lines(cell[4])
    return tuple(run for place, line in enumerate(lines) for run in ((Run("\n"), *line) if place else line))


def _table(content: Any) -> Table:
    attributes, caption, columns, head, bodies = content[0], content[1], content[2], content[3], content[4]
    align = "".join("r" if column[0]["t"] == "AlignRight" else "l" for column in columns)
    told = dict(attributes[2]).get("tbl-colwidths", "")
    shares = [float(share) for share in re.findall(r"[\d.]+", told)] or [1.0] * len(columns)
    rows = [row for body in bodies for row in body[3]]
    return Table(
        tuple(_cell(cell) for cell in head[1][0][1]) if head[1] else (),
        tuple(tuple(_cell(cell) for cell in row[1]) for row in rows),
        align,
        tuple(share / sum(shares) for share in shares),
        " ".join(plain(line) for line in _lines(caption[1])).strip(),
    )
