"""An analyst's own analysis: a notebook and its parameters to start from.

A code and a name in, files of the project out (``nq57 lab --new``).
"""

import re
from pathlib import Path

import nbformat

from nq57lab.base import messages, whole
from nq57lab.base.problems import CallError, Problem
from nq57lab.facts import catalogue

TEMPLATE = Path("notebooks") / "mau" / "phan_tich.ipynb"
FIRST_NUMBER = 50  # numbers below are the project's own notebooks
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def new(root: Path, name: str, code: str = "A.02.02", known: str = "2026-06-30") -> list[Path]:
    """Write a notebook and its parameter file from the template; nothing that exists is overwritten.

    Parameters
    ----------
    root : Path
        The project's root.
    name : str
        Name of the analysis: small letters without marks, digits, hyphens.
    code : str
        The indicator or variable to begin with.
    known : str
        Figures published up to this day, ISO.

    Returns
    -------
    list of Path
        The notebook and the parameter file.

    Raises
    ------
    CallError
        For a name of another form or already taken, or an unknown code.
    """
    names = catalogue.load(root / "data").names
    problems = []
    if not _NAME.fullmatch(name):
        problems.append(Problem("pattern", "--new", found=name, details={"shape": messages.shape("analysis_name")}))
    if code not in names:
        problems.append(Problem("reference", "--code", found=code, details={"target": "indicators.csv, variables.csv"}))
    path = root / "params" / f"{name}.yml"
    if not problems and path.exists():
        problems.append(
            Problem("taken", "--new", found=f"params/{path.name}", details={"what": messages.shape("analysis")})
        )
    if problems:
        raise CallError(problems)
    taken = [int(found.name[:2]) for found in (root / "notebooks").glob("[0-9][0-9]_*.ipynb")]
    number = max([FIRST_NUMBER - 1, *taken]) + 1
    target = root / "notebooks" / f"{number:02d}_{name.replace('-', '_')}.ipynb"
    title = f"PHÂN TÍCH|{names[code]}"
    notebook = nbformat.read(root / TEMPLATE, as_version=4)
    first = notebook.cells[0]
    for key, value in {"edition": name, "title": title, "code": code, "known": known}.items():
        line = f"{key} = {value!r}".replace("'", '"').replace("\\", r"\\")
        first.source = re.sub(rf"(?m)^{key} = .*$", line, first.source)
    whole.write(target, nbformat.writes(notebook) + "\n")
    lines = [
        f"# Phân tích riêng: nq57 report params/{path.name}",
        "schema: phan-tich.schema.json",
        f"notebook: {target.name}",
        f"edition: {name}",
        f'title: "{title}"',
        f"known: {known}",
        f'period: "{known[:4]}"',
        f'code: "{code}"',
        "formats: [html]",
    ]
    whole.write(path, "\n".join(lines) + "\n")
    return [target, path]
