"""Run a report: parameters in, an edition folder out (documents, trace, manifest), complete or not at all.

Papermill executes the notebook in a folder aside; the renderer makes the documents there; the manifest records inputs,
parameters, versions and commit; then the folder takes the place of the edition's. Nothing half-written is left behind.
"""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from nq57lab.base import messages, wording
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.documents import report_kinds, slides
from nq57lab.documents.edition import COUNTS, FACTS
from nq57lab.publish import places

PACKAGES = ("pandas", "altair", "papermill", "pypandoc_binary", "typst", "vl-convert-python", "nbformat")
# A heading's label and classes stand in a comment, so that JupyterLab does not show them: # Nguồn <!-- {#sec-nguon .phu-luc} -->
HIDDEN = re.compile(r"(?m)^(#{1,6} .*?) <!-- (\{[^{}\n]*\}) -->$")
SNAPSHOT = ("catalogue", "registers", "observations")


Gate = Callable[[Path, dict[str, Any], Path], list[Problem]]


def open_gate(root: Path, parameters: dict[str, Any], notebook: Path) -> list[Problem]:
    """Let an edition through: a draft, or one that was judged before."""
    return []


class NotFinal(ProblemError):
    """All that the gate found against a final edition."""


class ExecutionError(RuntimeError):
    """A notebook cell failed; the message names the cell and carries its error."""

    def __init__(self, message: str, cell: str = ""):
        super().__init__(message)
        self.cell = cell


def run(
    root: Path,
    parameters: dict[str, Any],
    *,
    renderer: str = "auto",
    formats: list[str] | None = None,
    report: Callable[[str], None] = lambda step: None,
    in_process: bool = False,
    gate: Gate = open_gate,
) -> Path:
    """Execute and render one report.

    Parameters
    ----------
    root : Path
        The project's root.
    parameters : dict
        Checked parameters (:func:`nq57lab.publish.params.load`).
    renderer : str
        ``auto``, ``quarto`` or ``embedded``.
    formats : list of str, optional
        html, pdf, docx, pptx, leaflet (default: the parameters').
    report : callable
        Told each step, for a progress bar.
    in_process : bool
        As in :func:`execute`.
    gate : callable
        Told the executed notebook before it is rendered; what it returns forbids the edition.

    Returns
    -------
    Path
        The edition's folder ``reports/<edition>``: documents, ``trace.csv``, ``manifest.json``, ``snapshot/``, the executed
        notebook.

    Raises
    ------
    ProblemError
        If the project lacks what the report needs (:func:`nq57lab.documents.report_kinds.require`).
    ExecutionError
        If a cell fails.
    nq57lab.publish.render.RenderError
        If a document cannot be made.
    NotFinal
        If the gate forbids it.
    """
    from nq57lab.publish import render

    with places.claimed(root, parameters["edition"]) as target:
        work = places.aside(target)
        try:
            renderer = render.find_renderer(renderer)  # the one that runs is the one the manifest names
            documents = build(
                root,
                parameters,
                work,
                renderer=renderer,
                formats=formats,
                report=report,
                in_process=in_process,
                gate=gate,
            )
            report("step_manifest")
            save_snapshot(root, work)
            content = manifest(root, parameters, documents, work, source_date_epoch(parameters), renderer)
            text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
            (work / "manifest.json").write_text(text, encoding="utf-8")
            work.chmod(0o755)
            places.replace(work, target, final=not parameters.get("draft", True))
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return target


def build(
    root: Path,
    parameters: dict[str, Any],
    work: Path,
    *,
    renderer: str = "auto",
    formats: list[str] | None = None,
    report: Callable[[str], None] = lambda step: None,
    in_process: bool = False,
    gate: Gate = open_gate,
) -> dict[str, Path]:
    """Execute a report's notebook and render its documents in a folder; return the documents by format."""
    from nq57lab.publish import render

    report("step_notebook")
    edition = parameters["edition"]
    notebook = work / f"{edition}.ipynb"
    source = root / "notebooks" / parameters["notebook"]
    wanted = list(formats or parameters.get("formats", ("html", "pdf", "docx")))
    report_kinds.require(root, parameters)
    render.check_formats(source, wanted)
    execute(source, notebook, parameters | {"work": str(work), "formats": wanted}, in_process=in_process)
    settle(notebook, work)
    if found := gate(root, parameters, notebook):
        raise NotFinal(found)
    report("step_documents")
    facts = json.loads((work / FACTS).read_text(encoding="utf-8")) if (work / FACTS).exists() else {}
    kind, _, subject = facts.get("title", parameters["title"]).partition("|")
    known = {
        "title": subject or kind,
        "author": parameters.get("co_quan", "").replace("|", " "),
        "date": parameters["known"],
    }
    documents = render.render(
        notebook,
        work,
        root=root,
        name=edition,
        formats=wanted,
        metadata=known,
        renderer=renderer,
        source_date_epoch=source_date_epoch(parameters),
        provenance=facts.get("so", ()),
    )
    (work / FACTS).unlink(missing_ok=True)
    return documents


def save_snapshot(root: Path, folder: Path) -> None:
    """Copy the data that an edition used beside it."""
    for name in SNAPSHOT:
        shutil.copytree(root / "data" / name, folder / "snapshot" / name)


def source_date_epoch(parameters: dict[str, Any]) -> int:
    """Return the time that stands in the documents: SOURCE_DATE_EPOCH, else the day of the figures (known), at 00:00 UTC."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    return (
        int(given)
        if given
        else int(datetime.combine(date.fromisoformat(parameters["known"]), datetime.min.time(), UTC).timestamp())
    )


def execute(source: Path, output: Path, parameters: dict[str, Any], *, in_process: bool = False) -> None:
    """Run a notebook with Papermill; only parameters that the notebook declares are passed.

    Parameters
    ----------
    source, output : Path
        The notebook, and where its executed copy goes.
    parameters : dict
        By name.
    in_process : bool
        Run the cells in this process (:mod:`nq57lab.publish.engine`) instead of a kernel of their own.

    Raises
    ------
    ExecutionError
        If a cell fails.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import papermill
        from papermill.exceptions import PapermillExecutionError
        from traitlets.config import Config
    declared = set(papermill.inspect_notebook(str(source)))
    passed = {key: value for key, value in parameters.items() if key in declared}
    if in_process:
        from nq57lab.publish import engine

        how = {"engine_name": engine.register(), "request_save_on_cell_execute": False, "autosave_cell_every": 0}
    else:
        # Sockets in the file system: no open port.
        how = {"config": Config({"KernelManager": {"transport": "ipc"}})}
    try:
        papermill.execute_notebook(
            str(source),
            str(output),
            parameters=passed,
            kernel_name="python3",
            progress_bar=False,
            cwd=str(source.parent),
            log_output=False,
            **how,
        )
    except PapermillExecutionError as error:
        lines = [line for line in error.evalue.split("\n") if line.strip()]
        cell = f"{source.name}, {messages.section(messages.chosen(), 'words')['cell']} {error.exec_count}"
        kind = (
            "" if error.ename in ("ProblemError", "CallError") else f"{error.ename}: "
        )  # a problem says for itself what to do
        raise ExecutionError(f"{cell}: {kind}" + "\n".join(lines), cell) from None


def settle(notebook: Path, work: Path) -> None:
    """Write what is known only after the last cell into the executed notebook, and leave out what differs between equal runs.

    In: how many of its figures are verified, and the labels of headings (:data:`HIDDEN`) where pandoc reads them. Out: Papermill's times, the folder in which the run worked, random names of cells.
    """
    content = json.loads(notebook.read_text(encoding="utf-8"))
    content["metadata"].pop("papermill", None)
    for place, cell in enumerate(content["cells"]):
        for name in ("papermill", "execution"):
            cell["metadata"].pop(name, None)
        if "injected-parameters" in cell["metadata"].get("tags", ()):
            cell["id"] = f"tham-so-{place}"
        if cell["cell_type"] == "markdown":
            cell["source"] = HIDDEN.sub(r"\1 \2", "".join(cell["source"]))
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    for path in (str(work), str(work).encode("unicode_escape").decode()):  # Papermill writes accents as escapes
        text = text.replace(json.dumps(path, ensure_ascii=False)[1:-1], "")
    trace_path = work / "trace.csv"
    if trace_path.exists():
        trace = pd.read_csv(trace_path, dtype=str, keep_default_na=False)
        text = text.replace(COUNTS, verified_words(statuses_printed(trace)))
    notebook.write_text(text, encoding="utf-8")


def statuses_printed(trace: pd.DataFrame) -> pd.Series:
    """Return the status of every number of the document itself; what only its slides say is not counted in it."""
    return trace["status"][~trace["place"].str.startswith(slides.PLACE)]


def verified_words(statuses: pd.Series) -> str:
    """Say how many of an edition's observed figures are verified: "Trong 312 lần văn bản này dẫn số liệu, không có lần nào là số đã xác thực, 25 lần là thống kê chính thức"."""
    observed = statuses[statuses != ""]
    if observed.empty:
        return "Văn bản này chỉ nêu số đếm và số tính từ kho số liệu, không dẫn số liệu nào của nguồn"
    verified, official = int((observed == "verified").sum()), int((observed == "official").sum())
    return (
        f"Trong {wording.number(len(observed))} số liệu quan sát in ở văn bản này, {wording.some(wording.number(verified) if verified else '', 'số', 'đã xác thực')}, "
        f"{wording.some(wording.number(official) if official else '', 'số', 'là thống kê chính thức')}"
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def commit(root: Path) -> str:
    """Return the commit of the project, with "+" when the work tree has changes; "" outside Git."""
    try:
        head = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=True
        ).stdout.strip()
        changed = subprocess.run(
            ["git", "status", "--porcelain", "-uno"], cwd=root, capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head + ("+" if changed else "")


def manifest(
    root: Path, parameters: dict[str, Any], documents: dict[str, Path], work: Path, epoch: int, renderer: str
) -> dict[str, Any]:
    """Return an edition's manifest: parameters, inputs and outputs with their SHA-256, renderer and its engines, package versions, commit."""
    from nq57lab.publish import render

    inputs = [path for name in SNAPSHOT for path in sorted((root / "data" / name).glob("*.csv"))]
    inputs += [root / "notebooks" / parameters["notebook"], root / "_quarto.yml", root / "_language.yml"]
    for folder in ("_filters", "_templates", "assets"):
        inputs += sorted(path for path in (root / "reports" / folder).rglob("*") if path.is_file())
    outputs = [*documents.values(), work / "trace.csv"]
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = ""
    return {
        "edition": parameters["edition"],
        "parameters": parameters,
        "source_date_epoch": epoch,
        "renderer": render.identity(renderer),
        "engines": render.engines(renderer),
        "commit": commit(root),
        "python": platform.python_version(),
        "platform": sys.platform,
        "packages": versions,
        "inputs": {path.relative_to(root).as_posix(): _digest(path) for path in inputs},
        "outputs": {path.name: _digest(path) for path in outputs if path.exists()},
        "snapshot": "snapshot/",
    }
