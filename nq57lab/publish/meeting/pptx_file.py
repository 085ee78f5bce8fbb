"""Slides as a PPTX file: native text, tables and notes, charts as pictures with their words; the same slides give the same bytes.

Slides (:mod:`nq57lab.publish.meeting.page`) and the reference template in, a file out. Every box has the size that its text needs at
18 points or more; a slide that holds more than fits is refused by name.
"""

import datetime
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Pt

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.charts import theme
from nq57lab.publish.docx_file import LANGUAGE, pack
from nq57lab.publish.meeting import fit, picture
from nq57lab.publish.meeting.page import Line, Run, Slide, Table, plain

WIDTH, HEIGHT, MARGIN = 960.0, 540.0, 40.0  # points: 16:9
LEAST = 18.0  # points, of any text
TITLE_TOP, TITLE_HEIGHT, TITLE_LINES = 22.0, 74.0, 2
FOOT, GAP = 18.0, 16.0
ROWS = 9  # of a table, with its head
ROOM = WIDTH - 2 * MARGIN
NUMBER_ROOM = 50.0
STAND_IN = 1.15  # how much wider than Arial's the letters may be that stand in for it
SIDE = 8.0  # of a cell's text, on either side
BAND = 30.0  # the strip that says that figures are generated
MOST_SCALE = 2.0  # of a chart
ILLUSTRATIVE = (Run("Dữ liệu minh họa: không phải số liệu thực", bold=True),)
NOTE_MARKS = {"t": "(t) tự báo cáo, chưa xác thực", "ư": "(ư) ước tính", "mh": "(mh) minh họa"}
SIGNS = {"●": theme.MAIN, "◐": theme.MISSING, "○": theme.MISSING, "▼": theme.MISSING}


def write(slides: Sequence[Slide], path: Path, template: Path, *, title: str, author: str, epoch: int) -> None:
    """Write slides as a PPTX file.

    Parameters
    ----------
    slides : sequence of Slide
        In order.
    path, template : Path
        The file to write; the reference template (``reports/_templates/trinh-chieu.pptx``).
    title, author : str
        Document properties.
    epoch : int
        Creation and change date, seconds since 1970.

    Raises
    ------
    ProblemError
        With every slide whose title takes more than two lines, whose table has more than nine rows, or whose text does not fit.
    """
    deck, problems = Presentation(str(template)), []
    for place, slide in enumerate(slides, start=1):
        try:
            _Page(deck, slide, place).draw()
        except _Full as error:
            where = f"{place}. {plain(slide.title)}"
            problems.append(Problem(str(error), path.name, found=where))
    if problems:
        raise ProblemError(problems)
    deck.save(str(path))
    settle(path, title=title, author=author, epoch=epoch)


def settle(path: Path, *, title: str, author: str, epoch: int) -> None:
    """Set a PPTX file's properties and fix what differs between equal runs, in place."""
    deck = Presentation(str(path))
    moment = datetime.datetime.fromtimestamp(epoch, datetime.UTC).replace(tzinfo=None)
    core = deck.core_properties
    core.title, core.author, core.last_modified_by, core.language = title, author, author, LANGUAGE
    core.created = core.modified = moment
    core.revision = 1
    buffer = BytesIO()
    deck.save(buffer)
    pack(buffer, path)


class _Full(Exception):
    """A slide holds more than fits; the message is the problem's code."""


@dataclass(frozen=True)
class _Way:
    """One way to put a chart: the picture, its place, the width of the text and what of it is said."""

    image: picture.Image
    left: float
    top: float
    room: float
    bottom: float
    lead: float
    said: list[Line]

    @property
    def scale(self) -> float:
        """Points of a slide for one of the picture's pixels."""
        return min(self.room / self.image.width, (self.bottom - self.top) / self.image.height, MOST_SCALE)

    @property
    def readable(self) -> bool:
        """Whether the smallest letters are large enough for the back of a room."""
        return self.image.smallest * self.scale >= LEAST - 0.25


class _Page:
    """One slide while it is drawn: what is still free lies between ``top`` and ``bottom``."""

    def __init__(self, deck: Any, slide: Slide, place: int):
        cover = slide.kind == "bia"
        self.model, self.place, self.cover = slide, place, cover
        self.sheet = deck.slides.add_slide(deck.slide_layouts[0 if cover else 1])
        self.top, self.bottom = TITLE_TOP, HEIGHT - MARGIN / 2

    def draw(self) -> None:
        if self.model.illustrative:
            self._band()
        if self.cover:
            self._cover()
        else:
            self._title()
            self._foot()
            if self.model.chart is not None:
                self._chart()
            elif self.model.table is not None:
                self._table(self.model.table)
            else:
                self._statement()
        if self.model.notes:
            frame = self.sheet.notes_slide.notes_text_frame
            frame.text = "\n".join(plain(line) for line in self.model.notes)
            for paragraph in frame.paragraphs:
                for run in paragraph.runs:
                    _in_language(run)

    def _band(self) -> None:
        box = self.sheet.shapes.add_shape(MSO_SHAPE.RECTANGLE, Pt(0), Pt(0), Pt(WIDTH), Pt(BAND))
        box.name = "Dấu dữ liệu minh họa"
        box.fill.solid()
        box.fill.fore_color.rgb = _colour(theme.PALE)
        box.line.fill.background()
        box.shadow.inherit = False
        _fill(box.text_frame, [ILLUSTRATIVE], LEAST, centre=True)
        box.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
        self.top += BAND - 6

    def _title(self) -> None:
        shape, line = self.sheet.shapes.title, self.model.title
        size = next((s for s in (30.0, 28.0, 26.0, 24.0) if fit.lines(line, s, ROOM, bold=True) <= TITLE_LINES), None)
        if size is None:
            raise _Full("slide_title")
        high = fit.height(line, size, ROOM, bold=True)
        _set(shape, MARGIN, self.top, ROOM, high)
        _fill(shape.text_frame, [line], size, bold=True)
        rule = self.sheet.shapes.add_shape(MSO_SHAPE.RECTANGLE, Pt(0), Pt(self.top), Pt(10), Pt(high))
        rule.name = "Vạch đầu trang"
        rule.fill.solid()
        rule.fill.fore_color.rgb = _colour(theme.MAIN)
        rule.line.fill.background()
        rule.shadow.inherit = False
        self.top += high + GAP

    def _foot(self) -> None:
        """Put the source line, with the meaning of the marks, and the number of the slide at the bottom."""
        shown = self.model.lines[: -len(self.model.notes) or None]
        marks = dict.fromkeys(run.text for line in shown for run in line if run.mark)
        told = f"Dấu: {'; '.join(NOTE_MARKS[mark] for mark in marks)}." if marks else ""
        line = (
            *self.model.source,
            *((Run(" "),) if told and self.model.source else ()),
            *((Run(told),) if told else ()),
        )
        room = ROOM - NUMBER_ROOM
        if fit.lines(line, FOOT, room) > 3:
            raise _Full("slide_source")
        high = fit.height(line, FOOT, room / STAND_IN)
        if line:
            box = self._text_box("Nguồn", MARGIN, self.bottom - high, room, high)
            _fill(box.text_frame, [line], FOOT, colour=theme.MUTED)
        number = self._text_box(
            "Số trang", WIDTH - MARGIN - NUMBER_ROOM, self.bottom - FOOT * fit.LEADING, NUMBER_ROOM, FOOT * fit.LEADING
        )
        paragraph = number.text_frame.paragraphs[0]
        paragraph.alignment = PP_ALIGN.RIGHT
        paragraph._p.append(
            parse_xml(
                f'<a:fld {nsdecls("a")} id="{{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}}" type="slidenum">'
                f'<a:rPr lang="{LANGUAGE}" sz="{int(FOOT * 100)}"/><a:t>{self.place}</a:t></a:fld>'
            )
        )
        self.bottom -= high + GAP

    def _cover(self) -> None:
        size = next(
            (s for s in (40.0, 36.0, 32.0, 30.0) if fit.lines(self.model.title, s, ROOM, bold=True) <= TITLE_LINES),
            None,
        )
        if size is None:
            raise _Full("slide_title")
        title, below = self.sheet.shapes.title, self.sheet.placeholders[1]
        high = fit.height(self.model.title, size, ROOM, bold=True)
        _set(title, MARGIN, 130, ROOM, high)
        _fill(title.text_frame, [self.model.title], size, bold=True, colour=theme.MAIN)
        top = 130 + high + 2 * GAP
        room = HEIGHT - MARGIN / 2 - top
        count = len(self.model.body)
        size = next(
            (s for s in (24.0, 22.0, 20.0, LEAST) if _heights(self.model.body, [s] * count, ROOM, 10) <= room), None
        )
        if size is None:
            raise _Full("slide_text")
        _set(below, MARGIN, top, ROOM, _heights(self.model.body, [size] * count, ROOM, 10))
        _fill(below.text_frame, self.model.body, size, gap=10)

    def _statement(self) -> None:
        """Put text alone, the larger the less there is of it; what rests on the first statement is smaller than it."""
        room = self.bottom - self.top
        forms = (36.0, 32.0, 30.0, 28.0, 26.0, 24.0, 22.0, 20.0, LEAST)
        for wider, size in itertools.product((STAND_IN, 1.0), forms):
            sizes = [size, *[min(size, 28.0)] * (len(self.model.body) - 1)]
            high = _heights(self.model.body, sizes, ROOM / wider, 20)
            if high <= room:
                break
        else:
            raise _Full("slide_text")
        box = self._text_box("Nội dung", MARGIN, self.top, ROOM, high)
        _fill(box.text_frame, self.model.body, sizes, gap=20)

    def _lead(self, left: float, room: float, high: float, measured: Sequence[Line] = ()) -> float:
        """Put the body as a lead, and below it what a chart measures; return the height they take."""
        lines = [*self.model.body, *measured]
        if not lines:
            return 0.0
        for size in (24.0, 22.0, 20.0, LEAST):
            sizes = [size] * len(self.model.body) + [LEAST] * len(measured)
            taken = _heights(lines, sizes, room, 8)
            if taken <= high:
                break
        else:
            raise _Full("slide_text")
        box = self._text_box("Nội dung", left, self.top, room, taken)
        _fill(box.text_frame, lines, sizes, gap=8)
        for paragraph in box.text_frame.paragraphs[len(self.model.body) :]:
            for run in paragraph.runs:
                run.font.color.rgb = _colour(theme.MUTED)
        return taken

    def _chart(self) -> None:
        """Put the chart under its text or beside it, with as much of the text as lets the chart's letters be large enough."""
        chart = self.model.chart
        assert chart is not None
        images = [picture.draw(spec) for spec in chart.forms]
        column = ROOM * 0.33
        beside = MARGIN + column + 1.5 * GAP
        ways = []
        for said in _shorter(self.model.body):
            lines, sizes = [*said, chart.measured], [20.0] * len(said) + [LEAST]
            under = self.top + _heights(lines, sizes, ROOM, 8) + GAP / 2
            ways.append(_Way(images[0], MARGIN, under, ROOM, self.bottom, ROOM, said))
            if said and _heights(lines, sizes, column, 8) <= self.bottom - self.top:
                ways.append(_Way(images[1], beside, self.top, WIDTH - MARGIN - beside, self.bottom, column, said))
        way = next((way for way in ways if way.readable), max(ways, key=lambda way: way.scale))
        self.model = replace(self.model, body=way.said)
        self._lead(
            MARGIN, way.lead, self.bottom - self.top if way.lead < ROOM else way.top - self.top, [chart.measured]
        )
        wide, high = way.image.width * way.scale, way.image.height * way.scale
        across = way.left + (way.room - wide) / 2
        shape = self.sheet.shapes.add_picture(BytesIO(way.image.png()), Pt(across), Pt(way.top), Pt(wide), Pt(high))
        shape.name = f"Biểu đồ {chart.label}"
        shape._element.nvPicPr.cNvPr.set("descr", chart.alt)

    def _table(self, table: Table) -> None:
        if len(table.rows) + 1 > ROWS:
            raise _Full("slide_rows")
        self.top += (taken + GAP) if (taken := self._lead(MARGIN, ROOM, self.bottom - self.top)) else 0
        forms = ((24.0, 9.0), (22.0, 7.0), (20.0, 6.0), (20.0, 4.0), (LEAST, 5.0), (LEAST, 3.0), (LEAST, 1.5))
        for wider, (size, pad) in itertools.product((STAND_IN, 1.0), forms):
            highs = _row_heights(table, size, pad, wider)
            if sum(highs) <= self.bottom - self.top:
                break
        else:
            raise _Full("slide_text")
        frame = self.sheet.shapes.add_table(
            len(highs), len(table.widths), Pt(MARGIN), Pt(self.top), Pt(ROOM), Pt(sum(highs))
        )
        frame.name = "Bảng"
        frame._element.nvGraphicFramePr.cNvPr.set("descr", table.alt)
        grid = frame.table
        for column, share in zip(grid.columns, table.widths, strict=True):
            column.width = Pt(ROOM * share)
        properties = grid._tbl.tblPr
        properties.set("bandRow", "0")
        properties.find(qn("a:tableStyleId")).text = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # no style, no grid
        for row, (line, high) in enumerate(zip((table.head, *table.rows), highs, strict=True)):
            grid.rows[row].height = Pt(high)
            for column, cell in enumerate(line):
                _cell(grid.cell(row, column), cell, size, pad, head=row == 0, right=table.align[column] == "r")

    def _text_box(self, name: str, left: float, top: float, wide: float, high: float) -> Any:
        box = self.sheet.shapes.add_textbox(Pt(left), Pt(top), Pt(wide), Pt(high))
        box.name = name
        return box


def _shorter(body: list[Line]) -> list[list[Line]]:
    """Return a text whole, its bold opening alone, and nothing: what is left out stands in the notes."""
    if not body:
        return [[]]
    opening = [replace(run, bold=False) for run in itertools.takewhile(lambda run: run.bold, body[0])]
    if not opening:
        return [body, []]
    opening[-1] = replace(opening[-1], text=opening[-1].text.rstrip(" ,;:."))
    return [body, [(*opening, Run("."))], []]


def _heights(lines: Sequence[Line], sizes: Sequence[float], room: float, gap: float) -> float:
    """Return the height of paragraphs of one size each, with a gap between them."""
    high = sum(fit.height(line, size, room) for line, size in zip(lines, sizes, strict=True))
    return high + gap * max(len(lines) - 1, 0)


def _row_heights(table: Table, size: float, pad: float, wider: float) -> list[float]:
    rows = [tuple(replace(run, bold=True) for run in cell) for cell in table.head], *table.rows
    return [
        max(
            fit.height(cell, size, (ROOM * share - 2 * SIDE) / wider)
            for cell, share in zip(row, table.widths, strict=True)
        )
        + 2 * pad
        for row in rows
    ]


def _cell(cell: Any, line: Line, size: float, pad: float, *, head: bool, right: bool) -> None:
    cell.margin_left = cell.margin_right = Pt(SIDE)
    cell.margin_top = cell.margin_bottom = Pt(pad)
    cell.vertical_anchor = MSO_ANCHOR.BOTTOM if head else MSO_ANCHOR.MIDDLE
    _fill(cell.text_frame, [line], size, bold=head, right=right, keep_margins=True)
    properties = cell._tc.get_or_add_tcPr()
    colour, thick = (theme.INK, 1.5) if head else (theme.RULE, 0.75)
    properties.append(
        parse_xml(
            f'<a:lnB {nsdecls("a")} w="{int(thick * 12700)}"><a:solidFill><a:srgbClr val="{colour.lstrip("#").upper()}"/></a:solidFill></a:lnB>'
        )
    )


def _set(shape: Any, left: float, top: float, wide: float, high: float) -> None:
    shape.left, shape.top, shape.width, shape.height = Pt(left), Pt(top), Pt(wide), Pt(high)


def _fill(
    frame: Any,
    lines: Sequence[Line],
    size: float | Sequence[float],
    *,
    bold: bool = False,
    colour: str = theme.INK,
    gap: float = 0,
    right: bool = False,
    centre: bool = False,
    keep_margins: bool = False,
) -> None:
    """Write lines of runs into a text frame, at one size or one each, in boxes without margins of their own."""
    frame.word_wrap = True
    if not keep_margins:
        frame.auto_size = MSO_AUTO_SIZE.NONE
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    for place, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.CENTER if centre else PP_ALIGN.LEFT
        paragraph.space_before, paragraph.space_after = Pt(gap if place else 0), Pt(0)
        paragraph.line_spacing = 1.0
        for run in line:
            for part, text in enumerate(run.text.split("\n")):
                if part:
                    paragraph.add_line_break()
                if text:
                    own = size if isinstance(size, int | float) else size[place]
                    _run(paragraph, replace(run, text=text), own, bold, colour)


def _run(paragraph: Any, run: Run, size: float, bold: bool, colour: str) -> None:
    sign = run.text[:1] if run.text[:1] in SIGNS else ""
    for text, own in ((sign, SIGNS.get(sign, colour)), (run.text[len(sign) :], colour)):
        if not text:
            continue
        written = paragraph.add_run()
        written.text = f"({text})" if run.mark else text
        written.font.size = Pt(size)
        written.font.bold, written.font.italic = bold or run.bold, run.italic
        written.font.color.rgb = _colour(own)
        _in_language(written)
        if run.mark:
            written.font._element.set("baseline", "30000")


def _in_language(run: Any) -> None:
    run.font._element.set("lang", LANGUAGE)


def _colour(code: str) -> RGBColor:
    return RGBColor.from_string(code.lstrip("#").upper())
