"""Notebooks are thin: parameters, imports, calls; no outputs stored, no logic, no typed-in figures."""

import ast
import builtins
from pathlib import Path

import nbformat
import pytest
from support import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").rglob("[!.]*.ipynb"))
LOGIC = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.Lambda, ast.ListComp, ast.DictComp, ast.BinOp)


def _code(path: Path):
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_notebooks():
    assert {path.name for path in NOTEBOOKS} >= {"00_tra_cuu.ipynb", "08_doi_chieu.ipynb", "10_so_ket.ipynb"}


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


def test_lookup_notebook_runs_for_an_indicator_and_a_variable(tmp_path):
    from nq57lab.publish import execute

    source = ROOT / "notebooks" / "00_tra_cuu.ipynb"
    for code in ("A.02.02", "tasks_assigned"):
        output = tmp_path / f"{code}.ipynb"
        execute.execute(source, output, {"code": code})
        executed = nbformat.read(output, as_version=4)
        shown = " ".join(
            str(out.get("data", "")) for cell in executed.cells if cell.cell_type == "code" for out in cell.outputs
        )
        assert code in shown
        assert "image/svg+xml" in shown and "cdn" not in shown and "Traceback" not in shown


@pytest.mark.parametrize(
    "path", [path for path in NOTEBOOKS if path.parent.name == "notebooks"], ids=lambda path: path.stem
)
def test_notebook_runs_from_top_to_bottom_with_its_default_parameters(path, tmp_path):
    from nq57lab.publish import execute

    execute.execute(path, tmp_path / path.name, {}, in_process=True)  # raises with the cell that fails
    cells = _code(tmp_path / path.name)
    assert all(cell.execution_count for cell in cells)
    shown = [kind for cell in cells for output in cell.outputs for kind in output.get("data", {})]
    assert len(shown) > 1
