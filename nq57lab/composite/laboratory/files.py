"""The files of an index: tables and a YAML configuration in; scores, ranks, coverage, stages, changes and weights out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from nq57lab.base import messages, whole
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.composite.laboratory.parts.fields import OWN_FUNCTION
from nq57lab.composite.laboratory.pipeline import Build
from nq57lab.composite.laboratory.steps import Told, composed


def read_config(path: Path) -> dict[str, Any]:
    """Read a configuration; what its keys hold is checked by :func:`~nq57lab.composite.laboratory.steps.read`.

    Raises
    ------
    ProblemError
        If the file is not there, not UTF-8, not YAML (with the row), or has a key twice.
    """
    import yaml

    label = path.name
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ProblemError([Problem("missing_file", path.name, details={"file": str(path)})]) from None
    except UnicodeDecodeError as error:
        raise ProblemError([Problem("encoding", label, found=f"byte {error.object[error.start]:#x}")]) from None
    try:
        content = yaml.safe_load(text)
        twice = _twice(yaml.compose(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        row = mark.line + 1 if mark else None
        details = {"expected": messages.shape("valid_yaml")}
        raise ProblemError([Problem("index_config", label, row, "", str(error).split("\n")[0], details)]) from None
    told = Told(label, problems=[Problem("index_key_twice", label, row, key, key) for key, row in twice])
    if not isinstance(content, Mapping):
        told.complain("json_object", "", content)
    told.refuse()
    return _placed(composed(dict(content)), path.parent)


def _twice(node: Any) -> list[tuple[str, int]]:
    """Return the keys that a mapping of a YAML file holds twice, with their rows: the first would be lost."""
    if isinstance(node.value if node is not None else None, str) or node is None:
        return []
    found: list[tuple[str, int]] = []
    seen: set[str] = set()
    for entry in node.value:
        if isinstance(entry, tuple):
            key, below = entry
            name = str(key.value)
            found += [(name, key.start_mark.line + 1)] if name in seen else []
            seen.add(name)
        else:
            below = entry
        found += _twice(below)
    return found


def _placed(content: Any, folder: Path) -> Any:
    """Return a configuration whose functions of the user's own are looked for beside the file."""
    if isinstance(content, Mapping):
        return {key: _placed(value, folder) for key, value in content.items()}
    if isinstance(content, list):
        return [_placed(value, folder) for value in content]
    if isinstance(content, str) and OWN_FUNCTION.fullmatch(content) and not Path(content).is_absolute():
        return str(folder.resolve() / content)
    return content


def noted(frame: pd.DataFrame, note: str) -> pd.DataFrame:
    """Return a table with what its data say of themselves in a last column ``x_note``, if anything."""
    return frame.assign(x_note=note) if note else frame


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV: UTF-8, LF, numbers unrounded, empty where missing."""
    import pyarrow as pa
    from pyarrow import csv

    frame = messages.in_words(frame)
    words = frame.select_dtypes(exclude=["number", "bool"]).columns
    # Text is handed over whole and without gaps: Arrow 26 was seen to write what lay in memory for a part of a column in pieces.
    frame = frame.assign(
        **{name: frame[name].astype(object).where(frame[name].notna(), "").astype(str) for name in words}
    )
    table = pa.Table.from_pandas(frame, preserve_index=False).combine_chunks()
    # The head is written here, since Arrow would quote it; it quotes all text or none.
    texts = frame.select_dtypes(exclude="number")
    special = any(texts[name].astype(str).str.contains('[",\r\n]').any() for name in texts)
    style = "needed" if special else "none"
    with whole.file(path) as aside, aside.open("wb") as sink:
        sink.write((",".join(_cell(str(name)) for name in frame.columns) + "\n").encode())
        csv.write_csv(table, sink, csv.WriteOptions(include_header=False, quoting_style=style))


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in ',"\n\r') else text


def weights_table(found: Build) -> pd.DataFrame:
    """Return every element's level, parent, weight and share of the whole index."""
    from nq57lab.composite.laboratory.weight import effective_weights

    frame = found.framework
    effective = effective_weights(frame)
    codes = [*frame.indicators, *frame.aggregates]
    return pd.DataFrame(
        {
            "iCode": codes,
            "Level": [frame.levels[code] for code in codes],
            "Parent": [frame.parents.get(code, "") for code in codes],
            "Weight": [frame.weights[code] for code in codes],
            "effective": [effective[code] for code in codes],
        }
    )


def write(found: Build, folder: Path) -> list[Path]:
    """Write a build: scores.csv, ranks.csv, coverage.csv, changes.csv, weights.csv and stages/<n>_<step>.csv; return the paths.

    Where a score rests on less than all its parts, scores.csv and ranks.csv end with ``x_coverage``, that of the index.
    """
    note = found.inputs.note
    tables = {"scores.csv": found.scores, "ranks.csv": found.ranks, "changes.csv": found.changes}
    tables["coverage.csv"] = found.coverage
    tables["weights.csv"] = weights_table(found)
    for place, (name, table) in enumerate(found.stages, start=1):
        tables[f"stages/{place}_{name}.csv"] = table
    covered = found.coverage[found.framework.root]
    if (covered < 1 - 1e-9).any():
        for name in ("scores.csv", "ranks.csv"):
            tables[name] = tables[name].assign(x_coverage=covered.to_numpy())
    paths = write_tables(tables, folder, note)
    for stale in set((folder / "stages").glob("*.csv")) - set(paths):
        stale.unlink()  # those of an earlier configuration
    return paths


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path, note: str = "") -> list[Path]:
    """Write tables as the files of a folder, all or none, each with what its data say of themselves; return the paths."""
    with whole.folder(folder) as aside:
        for name, table in tables.items():
            write_csv(noted(table, note), aside / name)
    return [folder / name for name in tables]
