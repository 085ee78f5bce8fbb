"""Slides: what a meeting sees, with the report's own numbers; those of the review are looked at with the review."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from pptx import Presentation
from support import ROOT
from support_project import copy_project
from support_slides import CHECKS, file_of, paragraphs, sheets, tables, trace_of, traced, written

from nq57lab.base.problems import ProblemError
from nq57lab.publish import execute, params, quarto, render
from nq57lab.publish.batch import run as batch
from nq57lab.publish.meeting import fit, page, pptx_file, read_back

EPOCH = 1782777600  # 30/6/2026


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    return copy_project(tmp_path_factory.mktemp("slides"))


def build(project: Path, file: str, *formats: str) -> Path:
    parameters = params.load(project / "params" / file)
    return execute.run(project, parameters, renderer="embedded", formats=list(formats), in_process=True)


@pytest.fixture(scope="module")
def generated(project) -> Path:
    return build(project, "ho-so-tinh-minh-hoa.yml", "pptx")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_profile_is_shown_well(generated, check):
    check(generated)


def test_numbers_of_a_profile_are_those_of_the_trace(generated, shipped):
    traced(generated, shipped)


def test_a_text_takes_as_many_lines_as_it_needs():
    long = (page.Run("Tỷ lệ nhiệm vụ hoàn thành "), page.Run("84,8%"), page.Run("t", mark=True))
    room = fit.width("Tỷ lệ nhiệm vụ hoàn thành", 20)
    assert [fit.lines(long, 20, room * times) for times in (1.0, 2.0)] == [2, 1]
    assert fit.lines((page.Run("một\nhai"),), 20, 500) == 2 and fit.lines((), 20, 500) == 1


def test_a_number_changed_in_the_file_is_found(generated, tmp_path):
    file = shutil.copy(file_of(generated), tmp_path / "a.pptx")
    deck = Presentation(str(file))
    slides, trace = written(generated), trace_of(generated)
    row = tables(deck.slides[1])[0].table.rows[1]
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
    first = file_of(generated).read_bytes()
    assert file_of(build(project, "ho-so-tinh-minh-hoa.yml", "pptx")).read_bytes() == first


def test_a_batch_makes_slides(project):
    both = "area=34:79,34:08"  # the second has its population and its surface, and what was asked of its people
    items = batch.expand(project, project / "params" / "ho-so-tinh.yml", both, ["edition=trinh-chieu-tinh"])
    folder, summary = batch.run(project, items, workers=1, formats=["pptx"], renderer="embedded")
    assert summary["state"].tolist() == ["built", "built"]
    for name in ("34-79", "34-08"):
        assert len(Presentation(str(folder / name / f"{name}.pptx")).slides) == 4
    judged = tables(Presentation(str(folder / "34-08" / "34-08.pptx")).slides[1])[0].table
    assert [cell.text for cell in judged.rows[1].cells][:1] == ["Hà Giang"] and "PAPI 8.1" in judged.rows[1].cells[
        1
    ].text


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


def test_a_format_that_a_report_has_nothing_for_is_refused_before_any_notebook_runs(monkeypatch, tmp_path):
    monkeypatch.setattr(execute, "execute", lambda *arguments, **options: pytest.fail("a notebook ran"))
    for notebook, fmt in (("11_bao_cao_quy.ipynb", "leaflet"), ("02_chi_so_vi_mo.ipynb", "pptx")):
        parameters = {"edition": "a", "notebook": notebook}
        with pytest.raises(ProblemError) as refused:
            execute.build(ROOT, parameters, tmp_path, formats=["html", fmt])
        assert [(problem.code, problem.found) for problem in refused.value.problems] == [("no_cells", fmt)]
    with pytest.raises(ProblemError) as refused:
        batch.run(ROOT, [{"edition": "a", "notebook": "13_ho_so.ipynb"}], formats=["leaflet"])
    assert [problem.found for problem in refused.value.problems] == ["leaflet"]
    render.check_formats(ROOT / "notebooks" / "10_so_ket.ipynb", ["pdf", "pptx", "leaflet"])
