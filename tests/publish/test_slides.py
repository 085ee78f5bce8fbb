"""Slides and leaflet: what a meeting sees, readable from the back of a room, with the report's own numbers."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import lxml.html
import nbformat
import pandas as pd
import pypdf
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from pptx import Presentation
from pptx.util import Pt
from support_project import copy_project

from nq57lab.base.problems import ProblemError
from nq57lab.documents import plain_numbers
from nq57lab.documents.edition import undrawn
from nq57lab.publish import execute, params, quarto, render, web_page
from nq57lab.publish.batch import run as batch
from nq57lab.publish.meeting import fit, page, picture, pptx_file, read_back

LEAST = Pt(18)
EPOCH = 1782777600  # 30/6/2026
DECORATIVE = "Vạch đầu trang"


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    return copy_project(tmp_path_factory.mktemp("slides"))


def build(project: Path, file: str, *formats: str) -> Path:
    parameters = params.load(project / "params" / file)
    return execute.run(project, parameters, renderer="embedded", formats=list(formats), in_process=True)


@pytest.fixture(scope="module")
def review(project) -> Path:
    with undrawn():  # the report's own charts are in neither
        return build(project, "so-ket-18-thang.yml", "pptx", "leaflet")


@pytest.fixture(scope="module")
def generated(project) -> Path:
    return build(project, "ho-so-tinh-minh-hoa.yml", "pptx")


@pytest.fixture(scope="module", params=["so-ket-18-thang", "ho-so-tinh-minh-hoa"])
def edition(request) -> Path:
    return request.getfixturevalue({"so-ket-18-thang": "review", "ho-so-tinh-minh-hoa": "generated"}[request.param])


def sheets(folder: Path) -> list:
    return list(Presentation(str(folder / f"{folder.name}.pptx")).slides)


def written(folder: Path) -> list[page.Slide]:
    return page.read(render.collect(folder / f"{folder.name}.ipynb", render.SLIDES))


def trace_of(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "trace.csv", dtype=str, keep_default_na=False)


def paragraphs(sheet) -> Iterator:
    for shape in sheet.shapes:
        if shape.has_text_frame:
            yield from shape.text_frame.paragraphs
        elif shape.has_table:
            yield from (part for row in shape.table.rows for cell in row.cells for part in cell.text_frame.paragraphs)


def test_review_has_its_slides_in_order(review):
    slides = written(review)
    kinds = [slide.kind for slide in slides]
    assert 10 <= len(slides) <= 14
    assert kinds[:3] == ["bia", "loi", "bang"] and kinds[-2:] == ["bang", "bang"]
    assert kinds.count("hinh") >= 5
    assert "cảnh báo" in page.plain(slides[-2].title) and "Đề nghị" in page.plain(slides[-1].title)
    asks = slides[-1].table
    assert all(page.plain(cell).strip() for row in asks.rows for cell in row)


def test_a_slide_has_one_message(edition):
    titles = []
    for sheet in sheets(edition):
        title = sheet.shapes.title
        size = title.text_frame.paragraphs[0].runs[0].font.size.pt
        assert fit.lines((page.Run(title.text),), size, title.width.pt, bold=True) <= 2
        tables = [shape for shape in sheet.shapes if shape.has_table]
        pictures = [shape for shape in sheet.shapes if shape.shape_type is not None and hasattr(shape, "image")]
        assert len(tables) + len(pictures) <= 1
        assert all(len(shape.table.rows) <= 9 for shape in tables)
        titles.append(title.text)
    assert len(set(titles)) == len(titles) and all(titles)


def test_letters_are_read_from_the_back_of_a_room(edition):
    for sheet in sheets(edition):
        sizes = [run.font.size for part in paragraphs(sheet) for run in part.runs]
        assert sizes and all(size is not None and size >= LEAST for size in sizes)


def test_letters_of_charts_are_read_from_the_back_of_a_room(generated):
    for sheet, slide in zip(sheets(generated), written(generated), strict=True):
        for shape in (shape for shape in sheet.shapes if hasattr(shape, "image")):
            images = [picture.draw(form) for form in slide.chart.forms]
            ratio = shape.width / shape.height
            drawn = min(images, key=lambda image: abs(image.width / image.height - ratio))
            assert drawn.smallest * shape.width.pt / drawn.width >= 17.5


def test_boxes_stay_on_the_slide_and_apart(edition):
    for sheet in sheets(edition):
        boxes = [shape for shape in sheet.shapes if shape.name != DECORATIVE]
        for shape in boxes:
            assert shape.left >= 0 and shape.top >= 0
            assert shape.left + shape.width <= Pt(pptx_file.WIDTH)
            assert shape.top + shape.height <= Pt(pptx_file.HEIGHT)
        for one, other in combinations(boxes, 2):
            across = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
            down = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
            assert min(across, down) <= Pt(1), (sheet.shapes.title.text, one.name, other.name)


def test_pictures_tables_and_speakers_have_words(edition):
    for sheet in sheets(edition)[1:]:
        for shape in sheet.shapes:
            if shape.has_table:
                assert shape._element.nvGraphicFramePr.cNvPr.get("descr")
            elif hasattr(shape, "image"):
                assert len(shape._element.nvPicPr.cNvPr.get("descr")) > 40
        assert sheet.notes_slide.notes_text_frame.text.strip()


def test_marks_stay_marks(edition):
    for sheet in sheets(edition):
        for part in paragraphs(sheet):
            assert not re.search(r"[\d%](?:t|ư|mh)\b", part.text), part.text
            assert all(run.font._element.get("baseline") for run in part.runs if run.text in ("(t)", "(ư)", "(mh)"))


def test_numbers_are_those_of_the_trace(edition, shipped):
    slides, trace = written(edition), trace_of(edition)
    printed = dict(zip(trace["id"], trace["printed"], strict=True))
    file = edition / f"{edition.name}.pptx"
    assert read_back.apart(file, slides, printed) == ({}, [])
    assert {run.number for slide in slides for line in slide.lines for run in line if run.number} <= set(printed)
    text = render.collect(edition / f"{edition.name}.ipynb", render.SLIDES)
    found = plain_numbers.find(text, shipped)
    assert found[found["reason"] == ""].empty, found


def test_a_number_changed_in_the_file_is_found(generated, tmp_path):
    file = shutil.copy(generated / f"{generated.name}.pptx", tmp_path / "a.pptx")
    deck = Presentation(str(file))
    slides, trace = written(generated), trace_of(generated)
    row = next(shape for shape in deck.slides[1].shapes if shape.has_table).table.rows[1]
    run = row.cells[1].text_frame.paragraphs[0].runs[0]
    number = next(run.number for line in slides[1].table.rows[0] for run in line if run.number)
    run.text = "99,9%"
    deck.save(str(file))
    wrong, stray = read_back.apart(Path(file), slides, dict(zip(trace["id"], trace["printed"], strict=True)))
    assert number in wrong and [shown for _, shown in stray] == ["99,9"]


def test_slides_of_generated_figures_say_so(generated, project):
    assert len(sheets(generated)) == 4
    told = [[part.text for part in paragraphs(sheet)] for sheet in sheets(generated)]
    assert all("Dữ liệu minh họa: không phải số liệu thực" in texts for texts in told)


def test_slides_of_real_figures_bear_no_such_mark(project):
    real = sheets(build(project, "ho-so-tinh.yml", "pptx"))
    assert len(real) == 4
    assert not any("minh họa" in part.text for sheet in real for part in paragraphs(sheet))


def again(edition: Path, project: Path, out: Path, renderer: str) -> bytes:
    made = render.render(
        edition / f"{edition.name}.ipynb",
        out,
        root=project,
        name=edition.name,
        formats=("pptx",),
        metadata={"title": "Hồ sơ", "author": "Tổ Giúp việc"},
        renderer=renderer,
        source_date_epoch=EPOCH,
    )
    return made["pptx"].read_bytes()


def test_the_same_notebook_gives_the_same_bytes_whoever_makes_the_documents(generated, project, tmp_path, monkeypatch):
    first = again(generated, project, tmp_path / "1", "embedded")
    monkeypatch.setattr(quarto, "found", lambda: ("quarto", "1.11"))
    assert again(generated, project, tmp_path / "2", "quarto") == first


def test_two_runs_give_the_same_bytes(generated, project):
    first = (generated / f"{generated.name}.pptx").read_bytes()
    assert (build(project, "ho-so-tinh-minh-hoa.yml", "pptx") / f"{generated.name}.pptx").read_bytes() == first


def test_a_batch_makes_slides(project):
    items = batch.expand(project, project / "params" / "ho-so-tinh.yml", "area=34:79", ["edition=trinh-chieu-tinh"])
    folder, summary = batch.run(project, items, workers=1, formats=["pptx"], renderer="embedded")
    assert summary["state"].tolist() == ["built"]
    assert len(Presentation(str(folder / "34-79" / "34-79.pptx")).slides) == 4


def slide(**fields) -> page.Slide:
    return page.Slide("bang", title=(page.Run(fields.pop("title", "Tên")),), **fields)


def table(rows: int, text: str = "ô") -> page.Table:
    cell = (page.Run(text),)
    return page.Table((cell,), tuple((cell,) for _ in range(rows)), "l", (1.0,))


@pytest.mark.parametrize(
    ("full", "code"),
    [
        (slide(title="Tên rất dài " * 20), "slide_title"),
        (slide(table=table(9)), "slide_rows"),
        (slide(table=table(8, "chữ rất dài " * 30)), "slide_text"),
        (slide(body=[(page.Run("chữ " * 600),)]), "slide_text"),
        (slide(source=(page.Run("nguồn " * 100),)), "slide_source"),
    ],
)
def test_a_slide_too_full_is_refused_by_name(full, code, project, tmp_path):
    template = project / "reports/_templates/trinh-chieu.pptx"
    with pytest.raises(ProblemError) as refused:
        pptx_file.write([full], tmp_path / "a.pptx", template, title="", author="", epoch=0)
    assert [problem.code for problem in refused.value.problems] == [code]
    assert not (tmp_path / "a.pptx").exists()


@pytest.mark.parametrize("fmt", ["pptx", "leaflet"])
def test_a_report_without_such_cells_is_refused(fmt, project, tmp_path):
    cell = new_code_cell("x", outputs=[new_output("execute_result", {"text/markdown": "Chữ."}, execution_count=1)])
    nbformat.write(new_notebook(cells=[cell]), tmp_path / "a.ipynb")
    with pytest.raises(ProblemError) as refused:
        render.render(
            tmp_path / "a.ipynb", tmp_path, root=project, name="a", formats=(fmt,), metadata={}, source_date_epoch=0
        )
    assert [problem.code for problem in refused.value.problems] == ["no_cells"]


def test_the_leaflet_is_one_page_with_its_parts(review):
    printed = pypdf.PdfReader(review / f"{review.name}-to-roi.pdf")
    assert len(printed.pages) == 1
    assert (round(printed.pages[0].mediabox.width), round(printed.pages[0].mediabox.height)) == (595, 842)
    text = re.sub(r"\s+", " ", printed.pages[0].extract_text())
    for part in ("Số liệu công bố đến ngày 30/6/2026", "Đề nghị", "Bảng điểm KPI vĩ mô", "Nguồn:", "số tự báo cáo"):
        assert part in text


def test_the_leaflet_on_screen_has_the_numbers_of_the_trace(review):
    file = review / f"{review.name}-to-roi.html"
    assert web_page.check_html(file) == []
    spans = lxml.html.parse(str(file)).getroot().xpath("//*[@data-so]")
    trace = trace_of(review).set_index("id")["printed"]
    assert len(spans) > 40
    plain = str.maketrans("\u00a0", " ", "\u2060")
    assert all(
        span.text_content().translate(plain) == trace[span.get("data-so")].translate(plain) for span in spans
    )
