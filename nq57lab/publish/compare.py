"""Two editions: what changed in values, vintages, methods, weights, targets and text.

Two edition folders (each with its manifest and snapshot) in, the table of CONTRACTS.md out: kind, subject, area, period, before,
after, cause.
"""

import difflib
import json
import re
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from nq57lab.alerts import states
from nq57lab.base import contract, tables, whole, wording
from nq57lab.documents import plain_numbers
from nq57lab.facts import observations
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.catalogue import load as load_catalogue
from nq57lab.publish import render, verify

COLUMNS = ["kind", "subject", "area", "period", "before", "after", "cause"]
KINDS = {
    "value": "số liệu",
    "vintage": "đợt công bố",
    "method": "phương pháp",
    "weight": "trọng số",
    "target": "mục tiêu",
    "alert": "cảnh báo",
    "catalogue": "danh mục",
    "parameter": "tham số",
    "text": "lời văn",
}
_MEASURES = ("value", "threshold")


def complete(snapshot: Path, target: Path) -> Path:
    """Copy a snapshot to a data folder that today's contract can read.

    A table that the snapshot does not have, or a column, is made empty: it did not exist when the edition was made. A column that
    the contract no longer has is dropped.
    """
    shutil.copytree(snapshot, target, dirs_exist_ok=True)
    for table in contract.TABLES.values():
        place = target / table.path
        if table.name == "observations":
            place.mkdir(parents=True, exist_ok=True)
            for path in place.glob("*.csv"):
                _fit(path, table)
        elif place.suffix == ".csv":
            if not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(",".join(table.names) + "\n", encoding="utf-8")
            else:
                _fit(place, table)
    return target


def _fit(path: Path, table: Any) -> None:
    frame = tables.read_text(path, path.name)
    if set(frame.columns) == set(table.names):
        return
    frame.reindex(columns=table.names, fill_value="").to_csv(path, index=False, lineterminator="\n")


class _Past:
    """An edition as it was: parameters, catalogue and as-of rows from its snapshot, and its text."""

    def __init__(self, folder: Path, work: Path):
        self.manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        self.parameters = self.manifest["parameters"]
        data = complete(folder / "snapshot", work / "data")
        self.catalogue: Catalogue = load_catalogue(data)
        entered = self.parameters.get("entered")
        rows = observations.load(self.catalogue)
        day = date.fromisoformat(self.parameters["known"])
        self.rows = observations.as_of(rows, day, date.fromisoformat(entered) if entered else None)
        if not self.parameters.get("draft", True):
            self.rows = self.rows[self.rows["status"].isin(("official", "verified"))]
        notebooks = [place / f"{name}.ipynb" for name, place, _ in verify.parts(folder)]
        self.text = [
            paragraph for path in notebooks if path.exists() for paragraph in _paragraphs(render.collect(path))
        ]


def _paragraphs(markdown: str) -> list[str]:
    text = plain_numbers._RAW.sub("", markdown)
    lines = [line.strip() for line in text.split("\n")]
    return [line for line in lines if line and not line.startswith((":::", "|", ": ", "!["))]


def diff(one: Path, other: Path) -> pd.DataFrame:
    """Compare two editions.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`; ``kind`` is one of :data:`KINDS`. Alerts are compared where both editions kept theirs (``alerts.csv``).
    """
    with whole.work() as work:
        a, b = (_Past(folder, work / name) for folder, name in ((one, "a"), (other, "b")))
        found = [
            *_values(a, b),
            *_table(a, b, "indicators", "code", ["formula", "direction", "over_time", "over_areas", "unit"], "method"),
            *_methods(a, b),
            *_table(
                a, b, "weights", ["scheme", "indicator", "valid_from"], ["priority", "weight", "decision"], "weight"
            ),
            *_table(a, b, "targets", "id", ["comparator", "value", "value_high", "unit", "stated_vi"], "target"),
            *_table(a, b, "indicators", "code", ["name_vi", "lead", "frequency", "public"], "catalogue"),
            *alerts(one, other),
            *_parameters(a, b),
            *_texts(a, b),
        ]
    return pd.DataFrame(found, columns=COLUMNS)


def _values(a: _Past, b: _Past) -> list[list[str]]:
    both = a.rows.merge(b.rows, on=observations.KEY, how="outer", suffixes=("_a", "_b"), indicator="side")
    found = []
    for row in both.itertuples():
        where = [row.subject + (f"[{row.dims}]" if row.dims else ""), row.area, row.period]
        if row.side == "left_only":
            found.append(["value", *where, _shown(row, "a"), "", "không còn được dùng"])
        elif row.side == "right_only":
            found.append(
                ["value", *where, "", _shown(row, "b"), f"số liệu mới: {row.source_b}, công bố {row.vintage_b}"]
            )
        elif (row.value_a, row.qualifier_a, row.unit_a) != (row.value_b, row.qualifier_b, row.unit_b):
            same = (row.source_a, row.vintage_a) == (row.source_b, row.vintage_b)
            cause = (
                f"đính chính: {row.note_b or row.recorded_b}"
                if same
                else f"đợt công bố mới: {row.source_b}, {row.vintage_b}"
            )
            found.append(["value", *where, _shown(row, "a"), _shown(row, "b"), cause])
        elif (row.status_a, row.source_a, row.vintage_a) != (row.status_b, row.source_b, row.vintage_b):
            before, after = (
                f"{wording.STATUS_WORDS[getattr(row, f'status_{x}')]}, {getattr(row, f'source_{x}')}, {getattr(row, f'vintage_{x}')}"
                for x in "ab"
            )
            found.append(["vintage", *where, before, after, "cùng giá trị, khác tình trạng, nguồn hoặc đợt công bố"])
    return found


def _shown(row: Any, side: str) -> str:
    names = ("printed", "value", "qualifier", "unit")
    printed, value, qualifier, unit = (getattr(row, f"{name}_{side}") for name in names)
    return wording.QUALIFIER_WORDS[qualifier] + wording.with_unit(printed or wording.number(value, 2), unit)


def _table(a: _Past, b: _Past, name: str, key: str | list[str], columns: list[str], kind: str) -> list[list[str]]:
    keys = [key] if isinstance(key, str) else key
    left, right = (getattr(side.catalogue, name)[[*keys, *columns]].map(_cell) for side in (a, b))
    both = left.merge(right, on=keys, how="outer", suffixes=("_a", "_b"), indicator=True)
    found = []
    for row in both.to_dict("records"):
        identity = ", ".join(row[part] for part in keys)
        if row["_merge"] == "left_only":
            found.append([kind, identity, "", "", "có", "", f"bỏ khỏi {name}.csv"])
        elif row["_merge"] == "right_only":
            found.append([kind, identity, "", "", "", "có", f"thêm vào {name}.csv"])
        else:
            found += [
                [kind, identity, "", "", row[f"{column}_a"], row[f"{column}_b"], f"{name}.csv, cột {column}"]
                for column in columns
                if row[f"{column}_a"] != row[f"{column}_b"]
            ]
    return found if kind != "catalogue" else [row for row in found if row[4] != "có" and row[5] != "có"]


def _cell(value: Any) -> str:
    """Return a catalogue cell as text; a number without needless digits."""
    if pd.isna(value):
        return ""
    return format(value, ".15g").replace(".", ",") if isinstance(value, float) else str(value)


def _methods(a: _Past, b: _Past) -> list[list[str]]:
    found = []
    if a.manifest.get("commit") != b.manifest.get("commit"):
        found.append(
            [
                "method",
                "mã nguồn",
                "",
                "",
                a.manifest.get("commit", ""),
                b.manifest.get("commit", ""),
                "phiên bản nq57lab",
            ]
        )
    packages = sorted({*a.manifest.get("packages", {}), *b.manifest.get("packages", {})})
    for package in packages:
        before, after = (side.manifest.get("packages", {}).get(package, "") for side in (a, b))
        if before != after:
            found.append(["method", package, "", "", before, after, "phiên bản gói"])
    return found


def alerts(one: Path, other: Path) -> list[list[str]]:
    """Return the alerts that appeared or were cleared between two editions, as rows of :func:`diff`; none where an edition kept no alerts."""
    if not all((folder / "alerts.csv").is_file() for folder in (one, other)):
        return []
    moved = states.compare(states.of_edition(one), states.of_edition(other))
    found = []
    for row in moved[moved["state"] != "standing"].to_dict("records"):
        value, limit = (wording.with_unit(_cell(round(float(row[name]), 2)), row["unit"]) for name in _MEASURES)
        told = f"{row['name']}: {value}, ngưỡng {limit}"
        sides, cause = (["", told], "cảnh báo mới") if row["state"] == "new" else ([told, ""], "cảnh báo đã hết")
        found.append(["alert", row["subject"], row["area"], row["period"], *sides, cause])
    return found


def _parameters(a: _Past, b: _Past) -> list[list[str]]:
    names = sorted({*a.parameters, *b.parameters} - {"edition", "schema"})
    return [
        [
            "parameter",
            name,
            "",
            "",
            str(a.parameters.get(name, "")),
            str(b.parameters.get(name, "")),
            "tham số của báo cáo",
        ]
        for name in names
        if a.parameters.get(name) != b.parameters.get(name)
    ]


def _texts(a: _Past, b: _Past) -> list[list[str]]:
    """Return the paragraphs that differ in their words; a changed number alone is a change of value, not of text."""
    before, after = ([_words(text) for text in side.text] for side in (a, b))
    found = []
    for kind, p, q, r, s in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        for k in range(max(q - p, s - r)):
            sides = [_readable(a.text[p + k]) if p + k < q else "", _readable(b.text[r + k]) if r + k < s else ""]
            found.append(["text", f"đoạn {r + k + 1}", "", "", *sides, "lời văn"])
    return found


def _words(text: str) -> str:
    return plain_numbers.NUMBER.sub("#", plain_numbers._TRACED.sub("#", plain_numbers._NO_FIGURE.sub("#", text)))


def _readable(text: str) -> str:
    return re.sub(r"\[([^\[\]]*)\]\{[^{}]*\}", r"\1", text).replace("**", "")
