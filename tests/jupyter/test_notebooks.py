"""Notebooks are thin: parameters, imports, calls; no outputs stored, no logic, no typed-in figures."""

import ast
import builtins
import logging
import re
import warnings
from pathlib import Path

import nbformat
import pytest
import yaml
from support import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").rglob("[!.]*.ipynb"))
# Reports that are put together of many analyses; the tutorial begins its reader's own.
ARRANGEMENTS = {
    "09_lam_quen.ipynb": ["nq57lab.jupyter"],
    "10_so_ket.ipynb": ["nq57lab.comparators", "nq57lab.reports", "nq57lab.reports.meeting"],
    "11_bao_cao_quy.ipynb": ["nq57lab.reports"],
}
LOGIC = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.Lambda, ast.ListComp, ast.DictComp, ast.BinOp)


def _code(path: Path):
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_notebooks():
    assert {path.name for path in NOTEBOOKS} >= {"00_tra_cuu.ipynb", "08_doi_chieu.ipynb", "10_so_ket.ipynb"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_heading_shows_no_label_in_jupyterlab(path):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    heads = [line for cell in cells for line in cell.source.splitlines() if line.startswith("#")]
    assert [line for line in heads if "{" in re.sub("<!--.*?-->", "", line)] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_stored_without_outputs(path):
    for cell in _code(path):
        assert not cell.outputs
        assert cell.execution_count is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_holds_no_logic_and_no_figures(path):
    for cell in _code(path):
        tree = ast.parse(cell.source)
        assert not [node for node in ast.walk(tree) if isinstance(node, LOGIC)], cell.source
        if "parameters" not in cell.metadata.get("tags", []):
            numbers = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and type(n.value) in (int, float)]
            assert not numbers, cell.source
        assert ".merge(" not in cell.source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_declares_its_parameters_first(path):
    first = _code(path)[0]
    assert "parameters" in first.metadata.get("tags", [])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_uses_only_names_that_it_defines_or_imports(path):
    defined = set(dir(builtins))
    for cell in _code(path):
        tree = ast.parse(cell.source)
        for node in ast.walk(tree):
            if isinstance(node, ast.alias):
                defined.add((node.asname or node.name).split(".")[0])
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                defined.add(node.id)
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        assert used <= defined, cell.source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_asks_the_door_and_assembles_no_page(path):
    allowed = {"nq57lab", "altair", *ARRANGEMENTS.get(path.name, ())}
    named = set()
    for cell in _code(path):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Import):
                named |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                named.add(str(node.module))
    assert named <= allowed


def test_lookup_notebook_runs_for_a_variable(tmp_path):
    from nq57lab.publish import execute

    output = tmp_path / "tra_cuu.ipynb"
    execute.execute(ROOT / "notebooks" / "00_tra_cuu.ipynb", output, {"code": "tasks_assigned"}, in_process=True)
    shown = " ".join(str(out.get("data", "")) for cell in _code(output) for out in cell.outputs)
    assert "tasks_assigned" in shown
    assert "image/svg+xml" in shown and "cdn" not in shown and "Traceback" not in shown


def given() -> list[tuple[str, Path | None]]:
    """Return every notebook with each of its parameter files; None for one that has none."""
    files = sorted((ROOT / "params").glob("*.yml"))
    pairs = [(yaml.safe_load(file.read_text(encoding="utf-8"))["notebook"], file) for file in files]
    named = {name for name, _ in pairs}
    return [
        *pairs,
        *((path.name, None) for path in NOTEBOOKS if path.name not in named and path.parent.name == "notebooks"),
    ]


@pytest.mark.parametrize(("name", "file"), given(), ids=lambda part: getattr(part, "stem", str(part)))
def test_plain_papermill_takes_the_parameters_without_a_warning(name, file, tmp_path, caplog):
    import papermill
    from papermill.iorw import read_yaml_file

    parameters = read_yaml_file(str(file)) if file else {}
    with caplog.at_level(logging.WARNING), warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("default", module="importlib")
        output = tmp_path / name
        papermill.execute_notebook(ROOT / "notebooks" / name, output, parameters, prepare_only=True)
    assert [record.getMessage() for record in caplog.records] == []
    injected = [cell for cell in _code(output) if "injected-parameters" in cell.metadata.get("tags", [])]
    assert len(injected) == bool(parameters)
