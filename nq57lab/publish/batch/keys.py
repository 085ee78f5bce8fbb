"""What a document of a batch is made from, as one key: nothing that changes the document leaves the key as it was.

Parameters and what is known on their dates in; a digest of the document's own data, parameters, code, notebooks, templates, catalogue
and packages out. What all documents share is read once for a batch; of the data a document's kind names its own part.
"""

import hashlib
import json
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from nq57lab.base import kept
from nq57lab.facts import known as knowledge
from nq57lab.publish import execute

PACKAGES = (*execute.PACKAGES, "python-docx", "python-pptx", "lxml", "fontpkg-be-vietnam-pro", "fontpkg-source-serif-4")
FOLDERS = (
    "reports/_filters",
    "reports/_templates",
    "reports/assets",
    "reports/sections",
    "data/catalogue",
    "data/registers",
)


def inputs(known: knowledge.Knowledge, root: Path, parameters: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Return the data that a document is made from, of what is known: what its kind declares, else every row."""
    kind = parameters["schema"].removesuffix(".schema.json")
    if kind == "ho-so-tinh":
        from nq57lab.reports import province

        return province.inputs(known, root, parameters["area"])
    if kind == "ho-so-co-quan":
        from nq57lab.reports import agency_pages

        return agency_pages.inputs(known, parameters["area"])
    return {"rows": known.table}


def shared(root: Path) -> str:
    """Return the digest of what all documents share: code, notebooks, templates, settings, catalogue, packages."""
    total = hashlib.sha256(kept.code().encode())
    for top, files in (
        (root, sorted((root / "notebooks").glob("*.ipynb"))),
        (root, sorted((root / "params").glob("*.schema.json"))),
        (root, [root / "_quarto.yml", root / "_language.yml"]),
        (root, [path for folder in FOLDERS for path in sorted((root / folder).rglob("*")) if path.is_file()]),
    ):
        for path in files:
            content = path.read_bytes()
            total.update(f"{path.relative_to(top).as_posix()}:{len(content)};".encode() + content)
    for package_name in PACKAGES:
        total.update(f"{package_name}={_version(package_name)};".encode())
    return total.hexdigest()


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def key_of(
    shared_digest: str,
    data: dict[str, pd.DataFrame],
    parameters: dict[str, Any],
    formats: Iterable[str],
    renderer: str,
) -> str:
    """Return the key of a document: the digest of its data, its parameters and what it shares with the others.

    Parameters
    ----------
    shared_digest : str
        From :func:`shared`.
    data : dict of DataFrame
        From :func:`inputs`; the order of rows counts, their index does not.
    parameters : dict
        The document's.
    formats, renderer : iterable of str, str
        What is made of it, and by what renderer of which version (:func:`nq57lab.publish.render.identity`).
    """
    total = hashlib.sha256(shared_digest.encode())
    asked = {
        "parameters": parameters,
        "formats": list(formats),
        "renderer": renderer,
        "dated": execute.source_date_epoch(parameters),
    }
    total.update(json.dumps(asked, sort_keys=True, ensure_ascii=False, default=str).encode())
    for name, frame in data.items():
        total.update(f"{name}:{list(frame.columns)}:{len(frame)};".encode())
        for column in frame.columns:
            total.update(repr(frame[column].tolist()).encode())
    return total.hexdigest()[:32]
