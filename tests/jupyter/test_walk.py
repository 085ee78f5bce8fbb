"""Every notebook run once, and every output looked at in JupyterLab in a browser without a network; how JupyterLab starts and ends."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from support import ROOT
from support_project import chromium, copy_project

from nq57lab.jupyter import start
from nq57lab.publish import verify

NAMES = sorted(path.name for path in (ROOT / "notebooks").glob("[!.]*.ipynb"))
WITHOUT_CHARTS = ("11_bao_cao_quy.ipynb", "13_ho_so_co_quan.ipynb")
TUTORIAL = "09_lam_quen.ipynb"
GIVEN = {TUTORIAL: {"name": "cua-toi", "code": "hdi"}}
RUN = """
import gc, json, sys
from pathlib import Path
from nq57lab.cli import main
from nq57lab.publish import execute
gc.set_threshold(*main.COLLECTIONS)
for name, given in json.loads(sys.argv[1]).items():
    path = Path("notebooks", name)
    try:
        execute.execute(path, path, given, in_process=True)
    except execute.ExecutionError as error:
        print(name, error)
"""
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
UNPLUGGED = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
WRONG = re.compile(r"Traceback|Error\b|error message|:::|\{[.#]|@(?:fig|tbl|sec)-|<(?:Result|Piece)|NaT")
OUTPUT = ".jp-NotebookPanel .jp-OutputArea-output"
OPEN = """async path => {  // what is open goes without asking to be saved: a drawn chart counts as a change
    const {shell, commands} = window.jupyterapp;
    [...shell.widgets('main')].forEach(widget => widget.dispose());
    const panel = await commands.execute('docmanager:open', {path, factory: 'Notebook', kernelPreference: {shouldStart: false, canStart: false}});
    const late = new Promise((_, no) => setTimeout(() => no(new Error(`${path} does not open`)), 60000));
    await Promise.race([panel.revealed, late]);
    shell.activateById(panel.id);
}"""
OUTPUTS = f"""() => [...document.querySelectorAll('{OUTPUT}')].map(shown => ({{
    kind: shown.dataset.mimeType || '', text: shown.innerText, height: shown.offsetHeight,
    drawn: shown.querySelectorAll('svg, canvas, img').length,
    links: [...shown.querySelectorAll('[href], [src]')].map(part => part.href?.baseVal ?? part.href ?? part.src)}}))"""


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A copy of the project whose notebooks have been run from top to bottom, one process for all; what failed is in failed.txt."""
    root = copy_project(tmp_path_factory.mktemp("walk"))
    shutil.copytree(ROOT / "docs", root / "docs")
    told = json.dumps({name: GIVEN.get(name, {}) for name in NAMES})
    done = subprocess.run([sys.executable, "-c", RUN, told], cwd=root, capture_output=True, text=True, check=True)
    (root / "failed.txt").write_text(done.stdout, encoding="utf-8")
    return root


def cells(path: Path) -> list:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def test_every_notebook_runs_from_top_to_bottom_and_warns_of_nothing(project):
    assert (project / "failed.txt").read_text(encoding="utf-8") == ""
    for name in NAMES:
        ran = cells(project / "notebooks" / name)
        assert all(cell.execution_count for cell in ran), name
        assert not [out for cell in ran for out in cell.outputs if out.output_type == "stream"], name
        drawn = any("image/svg+xml" in out.get("data", {}) for cell in ran for out in cell.outputs)
        assert drawn or name in WITHOUT_CHARTS


def test_the_tutorial_ends_with_the_readers_own_chart_in_a_report(project):
    page = (project / "reports" / "cua-toi" / "cua-toi.html").read_text(encoding="utf-8")
    assert 'data-figure="fig-cua-toi"' in page
    trace = pd.read_csv(project / "reports" / "cua-toi" / "trace.csv", dtype=str, keep_default_na=False)
    charted = trace[trace["place"] == "hình fig-cua-toi"]
    assert len(charted) >= 2
    assert (charted["ok"] != "no").all()
    checked = verify.check(project, project / "reports" / "cua-toi")
    assert checked[checked["ok"] != "yes"][["place", "printed", "reason"]].to_dict("records") == []


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def folders(tmp_path: Path) -> dict[str, str]:
    """Return the places of a JupyterLab that knows nothing of its user's settings."""
    names = (
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_RUNTIME_DIR",
        "IPYTHONDIR",
        "JUPYTERLAB_SETTINGS_DIR",
        "JUPYTERLAB_WORKSPACES_DIR",
    )
    return {name: str(tmp_path / name) for name in names}


def answers(port: int, process: subprocess.Popen, log: Path) -> None:
    """Wait until JupyterLab answers."""
    for _ in range(900):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status?token=thu", timeout=5).close()
            return
        except OSError:
            assert process.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.2)
    raise AssertionError(log.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def server(project, tmp_path_factory):
    """JupyterLab as ``nq57 lab`` starts it; every output is put on the page at once, and no kernel starts unasked."""
    tmp_path, port = tmp_path_factory.mktemp("server"), free_port()
    settings = json.loads((start.CONFIG / "labconfig" / "default_setting_overrides.json").read_text(encoding="utf-8"))
    settings["@jupyterlab/notebook-extension:tracker"] = {"windowingMode": "none", "autoStartDefaultKernel": False}
    (tmp_path / "labconfig").mkdir()
    (tmp_path / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(settings), encoding="utf-8")
    environment = start.environment(os.environ) | folders(tmp_path) | {"JUPYTER_CONFIG_PATH": str(tmp_path)}
    line = [*start.command(project, port=port, browser=False), "--IdentityProvider.token=thu"]
    line.append("--LabApp.expose_app_in_browser=True")  # so that a notebook is opened without loading the page again
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(line, env=environment, stdout=log, stderr=log, cwd=project, start_new_session=True)
    try:
        answers(port, process, tmp_path / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="module")
def page(server):
    """JupyterLab, opened once, in a browser that reaches this machine alone; ``asked`` collects what it asked of any other."""
    path, api = chromium(), pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=path, args=[*FLAGS, UNPLUGGED])
        view = browser.new_page(viewport={"width": 1280, "height": 900})
        view.set_default_timeout(120_000)
        view.asked = []
        near = (server, server.replace("http", "ws"), "data:", "blob:")
        view.on("request", lambda request: None if request.url.startswith(near) else view.asked.append(request.url))
        view.goto(f"{server}/?token=thu")
        yield view
        browser.close()


def test_lab_opens_in_vietnamese_at_the_start_page_whose_words_and_links_are_the_menus(project, page):
    page.wait_for_selector(".jp-MarkdownViewer h1:has-text('Phòng phân tích Nghị quyết 57-NQ/TW')")
    menu = page.locator(".lm-MenuBar-item:has-text('Chạy')")
    assert page.locator(".lm-MenuBar-itemLabel").first.inner_text() == "Tệp"
    menu.click()
    page.wait_for_selector(".lm-Menu-itemLabel:text-is('Chạy tất cả')")
    page.keyboard.press("Escape")
    assert "Chạy → Chạy tất cả" in page.locator(".jp-MarkdownViewer").inner_text()
    text = (project / "notebooks" / "BAT_DAU.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) > len(NAMES)
    assert [link for link in links if not (project / "notebooks" / link).exists()] == []
    page.click(".jp-MarkdownViewer a:has-text('docs/giao-dien.md')")
    page.wait_for_selector(".jp-MarkdownViewer h1:has-text('Giao diện cho người phân tích')")


def test_every_output_of_every_notebook_shows_in_jupyterlab_without_a_network(project, server, page):
    found = []
    page.wait_for_function("() => window.jupyterapp")
    for name in NAMES:
        stored = [out for cell in cells(project / "notebooks" / name) for out in cell.outputs]
        page.evaluate(OPEN, f"notebooks/{name}")
        page.wait_for_function(f"n => document.querySelectorAll('{OUTPUT}').length >= n", arg=len(stored))
        charts = sum("image/svg+xml" in out.get("data", {}) for out in stored)
        page.wait_for_function(f"n => document.querySelectorAll('{OUTPUT} canvas').length >= n", arg=charts)
        for shown in page.evaluate(OUTPUTS):
            text = shown["text"].strip()
            if WRONG.search(text) or not (text or shown["drawn"]) or shown["height"] < 8 or "stderr" in shown["kind"]:
                found.append((name, shown["kind"], text[:200], shown["height"]))
            found += [(name, link) for link in shown["links"] if not str(link).startswith((server, "data:", "blob:"))]
        if folder := os.environ.get("NQ57_SCREENSHOTS"):
            page.locator(f"{OUTPUT}:has(canvas)").or_(page.locator(OUTPUT)).first.scroll_into_view_if_needed()
            page.screenshot(path=f"{folder}/{name}.png")
    assert found == []
    assert page.asked == []


def test_links_in_notebooks_lead_to_files_of_the_project(project):
    for path in (project / "notebooks").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        assert [link for link in re.findall(r"\]\(([^)]+)\)", text) if not (path.parent / link).exists()] == [], (
            path.name
        )
        outputs = json.dumps([cell.get("outputs", []) for cell in notebook.cells], ensure_ascii=False)
        assert "file://" not in outputs
        for link in re.findall(r'href=\\"/(?:lab/tree|files)/([^"\\]+)', outputs):
            assert (project / link).exists(), link


def test_a_signal_to_nq57_lab_ends_jupyterlab(project, tmp_path):
    started = {}
    for sent in (signal.SIGTERM, signal.SIGINT):  # both at once: they mostly wait
        port, place = free_port(), tmp_path / sent.name
        place.mkdir()
        line = [sys.executable, "-m", "nq57lab", "lab", "--no-browser", "--port", str(port)]
        with (place / "log").open("wb") as log:
            options = {"env": os.environ | folders(place) | {"JUPYTER_TOKEN": "thu"}, "stdout": log, "stderr": log}
            started[sent] = port, subprocess.Popen(line, cwd=project, start_new_session=True, **options)
    for sent, (port, process) in started.items():
        answers(port, process, tmp_path / sent.name / "log")
        process.send_signal(sent)
        process.wait(60)
        with socket.socket() as taken:
            assert taken.connect_ex(("127.0.0.1", port)) != 0
