"""JupyterLab for analysts: rich display, a new analysis, the tutorial run to its report, and Lab itself in a browser."""

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import altair as alt
import nbformat
import pandas as pd
import pytest
from support_project import copy_project

from nq57lab.base.problems import CallError, ProblemError
from nq57lab.documents import live, plain_numbers
from nq57lab.documents.edition import Edition
from nq57lab.door.lab import Lab
from nq57lab.jupyter import analysis, start
from nq57lab.publish import execute, verify
from nq57lab.reports import lookup

CHROMIUM = shutil.which("chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    return copy_project(tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def ban(project) -> Edition:
    return Edition({"edition": "x", "title": "x", "known": "2026-06-30"}, root=project)


def test_a_table_shows_markup_of_the_data_as_text():
    page = live.table(
        pd.DataFrame({"Tên": ["<img src=x onerror=alert(1)>", "**đậm**"]}), "<b>Bảng</b>", "l", ["<i>n</i>"]
    )
    assert "<img" not in page
    assert "<i>" not in page
    assert "&lt;b&gt;Bảng" in page
    assert "<strong>đậm</strong>" in page


def test_the_series_is_what_an_edition_of_that_day_uses(ban):
    series = Lab(ban)["A.02.02"].series().frame
    rows = ban.rows.set_index("id").loc[series["row"]]
    assert series["value"].tolist() == rows["value"].tolist()
    assert series["date"].is_monotonic_increasing
    assert series.query("same_series")["period"].is_unique


def test_a_new_analysis_is_a_notebook_and_its_parameters(project):
    notebook, parameters = analysis.new(project, "xuat-khau", "A.02.02", "2026-03-31")
    first = nbformat.read(notebook, as_version=4).cells[0].source
    assert 'code = "A.02.02"' in first
    assert 'known = "2026-03-31"' in first
    assert notebook.name in parameters.read_text(encoding="utf-8")
    before = notebook.read_bytes()
    with pytest.raises(CallError):
        analysis.new(project, "xuat-khau", "A.02.02")
    assert notebook.read_bytes() == before


@pytest.mark.parametrize(("name", "code"), [("../ngoai", "A.02.02"), ("Có dấu", "A.02.02"), ("on", "X.99.99")])
def test_a_wrong_name_or_code_is_refused_and_writes_nothing(project, name, code):
    before = sorted(project.glob("notebooks/*")) + sorted(project.glob("params/*"))
    with pytest.raises(CallError):
        analysis.new(project, name, code)
    assert sorted(project.glob("notebooks/*")) + sorted(project.glob("params/*")) == before


def test_an_own_chart_without_figures_says_so(project):
    edition = Edition({"edition": "x", "title": "x", "known": "2010-01-01"}, root=project)
    nothing = Lab(edition)["A.02.02"].series()
    assert nothing.frame.empty
    assert "Chưa có số liệu" in nothing.draw(alt.Chart(nothing.frame).mark_line())._repr_mimebundle_()["image/svg+xml"]


def test_an_own_chart_of_another_table_is_told(ban):
    series = Lab(ban)["A.02.02"].series()
    with pytest.raises(ProblemError) as error:
        series.draw(alt.Chart(series.frame).mark_line(), shown=series.frame[["date", "value"]])
    assert "row" in str(error.value)


def test_the_tutorial_ends_with_the_readers_own_chart_in_a_report(project, monkeypatch, tmp_path):
    monkeypatch.chdir(project / "notebooks")
    output = tmp_path / "xong.ipynb"
    execute.execute(
        project / "notebooks" / "09_lam_quen.ipynb", output, {"name": "cua-toi", "code": "hdi"}, in_process=True
    )
    page = (project / "reports" / "cua-toi" / "cua-toi.html").read_text(encoding="utf-8")
    assert 'data-figure="fig-cua-toi"' in page
    trace = pd.read_csv(project / "reports" / "cua-toi" / "trace.csv", dtype=str, keep_default_na=False)
    charted = trace[trace["place"] == "hình fig-cua-toi"]
    assert len(charted) >= 2
    assert (charted["ok"] == "yes").all()
    checked = verify.check(project, project / "reports" / "cua-toi")
    assert checked[checked["ok"] != "yes"][["place", "printed", "reason"]].to_dict("records") == []
    shown = nbformat.read(output, as_version=4)
    assert any("cua-toi.html" in str(cell.get("outputs", "")) for cell in shown.cells)


def test_the_figure_of_a_year_stands_at_a_tick_that_names_that_year(ban):
    import vl_convert

    series = Lab(ban)["A.02.02"].series()
    days = series.frame[["date", "value"]]
    drawn = alt.Chart(days).mark_point().encode(x=alt.X("date:T", axis=series.year_ends()), y="value:Q")
    svg = vl_convert.vegalite_to_svg(drawn.to_dict())
    first = days["date"].min().year
    assert f"cuối {first}" in svg
    assert f">{first + 1}<" not in svg


def test_an_edition_about_an_area_that_is_not_there_says_so(project):
    with pytest.raises(ProblemError) as error:
        Edition({"edition": "x", "title": "x", "known": "2026-06-30", "area": "34:99"}, root=project)
    (problem,) = error.value.problems
    assert (problem.code, problem.found) == ("area_unknown", "34:99")


@pytest.mark.parametrize("name", ["da-co", "Tên có dấu"])
def test_a_refused_name_says_what_to_do(project, name):
    (project / "params" / "da-co.yml").touch()
    with pytest.raises(CallError) as error:
        analysis.new(project, name)
    (project / "params" / "da-co.yml").unlink()
    assert "một trong" not in error.value.text()
    assert "--new" in error.value.text()


@pytest.mark.parametrize("code", ["A.02.02", "A.02.06", "digital_economy_value_added_usd"])
def test_every_number_of_a_look_up_is_traced(project, code):
    edition = Edition({"edition": "x", "title": "x", "known": "2026-06-30"}, work=str(project), root=project)
    pieces = [lookup.definition(edition, code), lookup.history(edition, code), lookup.goals(edition, code)]
    text = "\n".join(piece.markdown for piece in pieces)
    loose = plain_numbers.find(text, edition.catalogue)
    assert loose[loose["reason"] == ""]["context"].tolist() == []
    trace = edition.figures.trace_table()
    assert len(trace) > 0
    assert (trace["rows"] != "").all()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def server(project, tmp_path):
    port = _free_port()
    line = [*start.command(project, port=port, browser=False), "--IdentityProvider.token=thu"]
    folders = {name: str(tmp_path / name) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    folders |= {name: str(tmp_path / name) for name in ("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            line,
            env=start.environment(os.environ) | folders,
            stdout=log,
            stderr=log,
            cwd=project,
            start_new_session=True,
        )
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status?token=thu", timeout=5).close()
                break
            except OSError:
                assert process.poll() is None, (tmp_path / "log").read_text(encoding="utf-8")
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


@pytest.mark.skipif(CHROMIUM is None, reason="không có trình duyệt (Chromium)")
def test_lab_opens_in_vietnamese_at_the_start_page_and_runs_the_tutorials_first_part(server):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(300_000)
        page.goto(f"{server}/?token=thu")
        page.wait_for_selector(".jp-MarkdownViewer h1:has-text('Phòng phân tích Nghị quyết 57-NQ/TW')")
        assert page.locator(".lm-MenuBar-itemLabel").first.inner_text() == "Tệp"
        page.click(".jp-MarkdownViewer a:has-text('09_lam_quen.ipynb')")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        page.wait_for_function("document.querySelector('#jp-main-statusbar').innerText.includes('ipykernel) | Idle')")
        page.click(".jp-Notebook h1:has-text('Ba mươi phút')")
        for _ in range(5):  # up to the first table: the words found
            page.keyboard.press("Shift+Enter")
        page.wait_for_selector(".jp-OutputArea-output table:has-text('A.02.02')")
        if folder := os.environ.get("NQ57_SCREENSHOTS"):
            page.screenshot(path=f"{folder}/lab.png")
        browser.close()
