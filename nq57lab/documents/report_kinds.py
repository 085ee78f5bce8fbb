"""The parameters of a kind of report: its own JSON Schema put together with the one that all kinds share.

``params/<kind>.schema.json`` in; one flat schema (properties, required) out. A kind's file names only what is its own, and how
``nq57 report init`` begins one (``x-bat-dau``) and what its notebooks need of the catalogue (``x-can``).
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nq57lab.base import contract, messages, tables
from nq57lab.base.problems import CallError, Problem, ProblemError

ENDING = ".schema.json"
# What a notebook may need, by its name in ``x-can``: a project's root and the parameters in, whether it is there out.
NEEDS: dict[str, Callable[[Path, dict[str, Any]], bool]] = {
    "macro": lambda root, told: _has(root, "indicators", "layer", "M"),
    "index": lambda root, told: bool(told.get("thu_muc")) or (root / "data" / "examples" / "provinces").is_dir(),
    "loops": lambda root, told: _has(root, "loop_nodes", "kind", "lever"),
    "review": lambda root, told: _aims(root) <= _column(root, "targets", "id"),
}


def schema(path: Path) -> dict[str, Any]:
    """Return a kind's schema with what it takes from the files beside it (``allOf``, ``$ref``), its own properties last.

    Parameters
    ----------
    path : Path
        ``params/<kind>.schema.json``.
    """
    own = json.loads(path.read_text(encoding="utf-8"))
    parts = [schema(path.parent / entry["$ref"]) for entry in own.pop("allOf", [])]
    own["required"] = [name for part in (*parts, own) for name in part.get("required", [])]
    own["properties"] = {name: entry for part in (*parts, own) for name, entry in part.get("properties", {}).items()}
    return own


def kinds(folder: Path) -> dict[str, Path]:
    """Return every kind of report that has a schema in a folder, by name; what only others build on is none.

    >>> kinds(Path("no such folder"))
    {}
    """
    paths = sorted(folder.glob(f"*{ENDING}"))
    return {
        path.name.removesuffix(ENDING): path
        for path in paths
        if "allOf" in json.loads(path.read_text(encoding="utf-8"))
    }


def require(root: Path, parameters: dict[str, Any]) -> None:
    """Refuse a report whose project lacks what its notebook needs, before the notebook runs.

    Parameters
    ----------
    root : Path
        The project's root.
    parameters : dict
        Checked parameters: notebook, edition, and schema where there is one.

    Raises
    ------
    ProblemError
        With everything that is lacking, each with what to do instead.
    """
    path = root / "params" / Path(parameters.get("schema", "")).name  # a notebook of one's own has no schema
    needed = schema(path).get("x-can", {}).get(parameters["notebook"], []) if path.is_file() else []
    found = []
    for need in needed:
        if not NEEDS[need](root, parameters):
            found += lacks(need, parameters["edition"]).problems
    if found:
        raise ProblemError(found)


def lacks(need: str, place: str) -> CallError:
    """Return the error that says what a project lacks (a key of :data:`NEEDS`) and what to do instead."""
    details = {"what": messages.shape(f"need_{need}"), "advice": messages.shape(f"need_{need}_do")}
    return CallError([Problem("report_needs", place, details=details)])


def _has(root: Path, name: str, column: str, value: str) -> bool:
    """Tell whether some row of a table of the catalogue has a value in a column."""
    return value in _column(root, name, column)


def _column(root: Path, name: str, column: str) -> set[str]:
    path = root / "data" / contract.TABLES[name].path
    return set(tables.read_text(path, path.name)[column])


def _aims(root: Path) -> set[str]:
    """Return the targets that the words of the review call by name."""
    words = root / "reports" / "_templates" / "so-ket" / "tom-tat.yml"
    return set(re.findall(r"\{\{mt:([^}|]+)", words.read_text(encoding="utf-8"))) if words.is_file() else set()
