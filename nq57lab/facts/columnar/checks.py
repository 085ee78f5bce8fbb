"""Checks of observations at scale: codes, units, statuses, periods, values and keys, by columns of integer codes.

:class:`~nq57lab.facts.columnar.Columns` and their index in, the table of problems out. The rules are those of the contract
(:func:`nq57lab.base.tables.problems`) and of :func:`nq57lab.facts.observations.check`.
"""

from collections.abc import Callable, Set
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nq57lab.base import contract, tables
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.columnar.coded import CODED, Columns, by_blocks, combined, occurring, sorted_order
from nq57lab.facts.columnar.keys import Index
from nq57lab.facts.observations import KEY

PROBLEM_COLUMNS = ["row", "code", "column", "found"]


@dataclass(frozen=True)
class Registers:
    """What the codes must be found in: the unit of each subject, the family of each unit; areas, items, sources, "dim=value" pairs."""

    units: dict[str, str]
    families: dict[str, str]
    areas: Set[str]
    items: Set[str]
    sources: Set[str]
    dims: Set[str]


def registers(catalogue: Catalogue) -> Registers:
    """Return the registers of a catalogue."""
    keys = contract.OBSERVATIONS.foreign_keys
    codes = {key.column: frozenset(tables.codes(key, vars(catalogue))) for key in keys}
    return Registers(
        units=catalogue.subject_units,
        families=dict(zip(catalogue.units["unit"], catalogue.units["family"], strict=True)),
        areas=codes["area"],
        items=codes["item"],
        sources=codes["source"],
        dims=codes["dims"],
    )


def validate(columns: Columns, places: Index, known: Registers) -> pd.DataFrame:
    """Check codes against their registers, units, statuses, periods and keys.

    Parameters
    ----------
    columns, places : Columns, Index
        The observations.
    known : Registers
        What the codes must be found in.

    Returns
    -------
    DataFrame
        row (0-based), code (of :data:`nq57lab.base.messages`), column, found: every problem, by row.

    Notes
    -----
    A code is looked at once for each label, not for each row; a unit once for each pair of subject and unit.
    """
    found: list[pd.DataFrame] = []
    units, families = known.units, known.families
    allowed: dict[str, tuple[str, Set[str]]] = {
        "subject": ("reference", units.keys()),
        "area": ("reference", known.areas),
        "item": ("reference", {"", *known.items}),
        "unit": ("reference", families.keys()),
        "source": ("reference", known.sources),
    }
    for name, (code, good) in allowed.items():
        found += _bad_labels(columns, name, code, [text not in good for text in columns.labels[name]])
    pairs = [text.split("; ") if text else [] for text in columns.labels["dims"]]
    found += _bad_labels(columns, "dims", "reference", [not known.dims >= set(parts) for parts in pairs])
    for name in CODED:
        bad: dict[str, set[str]] = {}
        for code, text in tables.broken(contract.OBSERVATIONS.column(name), columns.labels[name].tolist()):
            bad.setdefault(code, set()).add(text)
        for code, texts in bad.items():
            found += _bad_labels(columns, name, code, [text in texts for text in columns.labels[name]])
    subjects, names = columns.labels["subject"], columns.labels["unit"]
    wanted = [families.get(units.get(text, "")) for text in subjects]
    given = [families.get(text) for text in names]
    apart = np.array([[a is not None and b is not None and a != b for b in given] for a in wanted]).ravel()
    pair = ("subject", "unit")
    if (apart & occurring(columns, pair)).any():
        rows = _rows(columns, lambda block: apart[combined(columns, pair, block)])
        found.append(_problems(rows, "unit_mismatch", "unit", names[columns.codes["unit"][rows]]))
    missing = _rows(columns, lambda block: np.isnan(columns.value[block]))
    found.append(_problems(missing, "required", "value", ""))
    rows = _repeated(columns, places)
    found.append(_problems(rows, "duplicate", "", columns.labels["subject"][columns.codes["subject"][rows]]))
    joined = pd.concat(found, ignore_index=True)
    return joined.sort_values(["row", "code", "column"], kind="stable").reset_index(drop=True)


def _problems(rows: np.ndarray, code: str, column: str, found) -> pd.DataFrame:
    return pd.DataFrame({"row": rows.astype(np.int64), "code": code, "column": column, "found": found})[PROBLEM_COLUMNS]


def _rows(columns: Columns, bad: Callable[[slice], np.ndarray]) -> np.ndarray:
    """Return the rows that are bad, ascending."""
    found: dict[int, np.ndarray] = {}

    def look(block: slice) -> None:
        found[block.start] = np.flatnonzero(bad(block)) + block.start

    by_blocks(look, len(columns))
    return np.concatenate([np.zeros(0, dtype=np.int64), *(found[start] for start in sorted(found))])


def _bad_labels(columns: Columns, name: str, code: str, bad: list[bool]) -> list[pd.DataFrame]:
    """Return the rows of the labels that are bad; no row is looked at when none is."""
    if not any(bad):
        return []
    rows = np.flatnonzero(np.array(bad)[columns.codes[name]])
    return [_problems(rows, code, name, columns.labels[name][columns.codes[name][rows]])]


def _repeated(columns: Columns, places: Index) -> np.ndarray:
    """Return the rows whose whole key (with status, vintage, source and date of entry) an earlier row has."""
    rows = places.contested
    if not len(rows):
        return rows
    rest = [name for name in contract.OBSERVATIONS.key if name not in KEY]
    parts = [places.key[rows], *(columns.codes[name][rows] for name in rest)]
    order = sorted_order(*parts)
    same = np.ones(len(rows) - 1, dtype=bool)
    for part in parts:
        same &= part[order][1:] == part[order][:-1]
    return np.sort(rows[order[1:][same]])
