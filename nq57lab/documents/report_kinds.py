"""The parameters of a kind of report: its own JSON Schema put together with the one that all kinds share.

``params/<kind>.schema.json`` in; one flat schema (properties, required) out. A kind's file names only what is its own, and how
``nq57 report init`` begins one (``x-bat-dau``).
"""

import json
from pathlib import Path
from typing import Any

ENDING = ".schema.json"


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
