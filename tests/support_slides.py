"""What every slide must keep, whatever report it is of: an edition's folder in, assertions out."""

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd
from pptx import Presentation
from pptx.util import Pt

from nq57lab.documents import plain_numbers
from nq57lab.facts.catalogue import Catalogue
from nq57lab.publish import render
from nq57lab.publish.meeting import fit, page, picture, pptx_file, read_back

LEAST, CHART_LEAST = 18.0, 17.5  # points: of text, of a chart's smallest letters
DECORATIVE = "Vạch đầu trang"


def file_of(folder: Path) -> Path:
    return folder / f"{folder.name}.pptx"


def sheets(folder: Path) -> list[Any]:
    return list(Presentation(str(file_of(folder))).slides)


def written(folder: Path) -> list[page.Slide]:
    return page.read(render.collect(folder / f"{folder.name}.ipynb", render.SLIDES))


def trace_of(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "trace.csv", dtype=str, keep_default_na=False)


def paragraphs(sheet: Any) -> Iterator[Any]:
    for shape in sheet.shapes:
        if shape.has_text_frame:
            yield from shape.text_frame.paragraphs
        elif shape.has_table:
            yield from (part for row in shape.table.rows for cell in row.cells for part in cell.text_frame.paragraphs)


def tables(sheet: Any) -> list[Any]:
    return [shape for shape in sheet.shapes if shape.has_table]


def pictures(sheet: Any) -> list[Any]:
    return [shape for shape in sheet.shapes if shape.shape_type == 13]


def one_message(folder: Path) -> None:
    """One title of at most two lines, one chart or one table of at most nine rows."""
    titles = []
    for sheet in sheets(folder):
        title = sheet.shapes.title
        size = title.text_frame.paragraphs[0].runs[0].font.size.pt
        assert fit.lines((page.Run(title.text),), size, title.width.pt, bold=True) <= 2, title.text
        assert len(tables(sheet)) + len(pictures(sheet)) <= 1
        assert all(len(shape.table.rows) <= 9 for shape in tables(sheet))
        titles.append(title.text)
    assert len(set(titles)) == len(titles) and all(titles)


def readable(folder: Path) -> None:
    """No letter too small for the back of a room, in text and in charts."""
    for sheet, slide in zip(sheets(folder), written(folder), strict=True):
        sizes = [run.font.size for part in paragraphs(sheet) for run in part.runs]
        assert sizes and all(size is not None and size.pt >= LEAST for size in sizes), sheet.shapes.title.text
        for shape in pictures(sheet):
            images = [picture.draw(form) for form in slide.chart.forms]
            drawn = min(images, key=lambda image: abs(image.width / image.height - shape.width / shape.height))
            assert drawn.smallest * shape.width.pt / drawn.width >= CHART_LEAST, sheet.shapes.title.text


def apart(folder: Path) -> None:
    """Every box on the slide, none over another."""
    for sheet in sheets(folder):
        boxes = [shape for shape in sheet.shapes if shape.name != DECORATIVE]
        for shape in boxes:
            assert shape.left >= 0 and shape.top >= 0, shape.name
            assert shape.left + shape.width <= Pt(pptx_file.WIDTH), shape.name
            assert shape.top + shape.height <= Pt(pptx_file.HEIGHT), shape.name
        for one, other in combinations(boxes, 2):
            across = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
            down = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
            assert min(across, down) <= Pt(1), (sheet.shapes.title.text, one.name, other.name)


def spoken(folder: Path) -> None:
    """Words for every picture and table, notes for every slide after the cover."""
    for sheet in sheets(folder)[1:]:
        assert all(shape._element.nvGraphicFramePr.cNvPr.get("descr") for shape in tables(sheet))
        assert all(len(shape._element.nvPicPr.cNvPr.get("descr")) > 40 for shape in pictures(sheet))
        assert sheet.notes_slide.notes_text_frame.text.strip(), sheet.shapes.title.text


def marked(folder: Path) -> None:
    """Marks raised and in parentheses: never a letter behind a number."""
    for sheet in sheets(folder):
        for part in paragraphs(sheet):
            assert not re.search(r"[\d%](?:t|ư|mh)\b", part.text), part.text
            assert all(run.font._element.get("baseline") for run in part.runs if run.text in ("(t)", "(ư)", "(mh)"))


CHECKS = (one_message, readable, apart, spoken, marked)


def traced(folder: Path, catalogue: Catalogue) -> None:
    """The file's numbers are those of the notebook's slides and of the trace, and no other."""
    trace, slides = trace_of(folder), written(folder)
    printed = dict(zip(trace["id"], trace["printed"], strict=True))
    assert read_back.apart(file_of(folder), slides, printed) == ({}, [])
    assert {run.number for slide in slides for line in slide.lines for run in line if run.number} <= set(printed)
    found = plain_numbers.find(render.collect(folder / f"{folder.name}.ipynb", render.SLIDES), catalogue)
    assert found[found["reason"] == ""].empty, found
