"""What is known on an edition's date: catalogue, as-of figures, audit, indicator values; computed once a process.

Editions of one date share it: a batch of 34 profiles reads and computes it once, before its workers are forked.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from nq57lab.base import formulas, kept
from nq57lab.facts import audit as quality
from nq57lab.facts import catalogue, illustrative, indicators, observations
from nq57lab.facts import figures as trace

FOLDERS = ("catalogue", "registers", "observations")
_KEPT: dict[tuple, object] = {}
_LIMIT = 6
T = TypeVar("T")


def files(root: Path) -> list[Path]:
    """Return the data files of a project, in a fixed order."""
    return [path for name in FOLDERS for path in sorted((root / "data" / name).glob("*.csv"))]


def _signature(root: Path) -> tuple:
    """Return what changes when a data file does: names, sizes and times."""
    stats = [(path, path.stat()) for path in files(root)]
    return tuple((path.as_posix(), stat.st_mtime_ns, stat.st_size) for path, stat in stats)


def _kept(key: tuple, make):
    """Return what was made for a key, making it the first time; the oldest entry goes when there are too many."""
    if key not in _KEPT:
        made = make()
        while len(_KEPT) >= _LIMIT:
            _KEPT.pop(next(iter(_KEPT)))
        _KEPT[key] = made
    return _KEPT[key]


def _loaded(root: Path):
    def make():
        with kept.checked(root / "data" / "cache", "da-kiem", files(root)) as new:
            found = catalogue.load(root / "data", check=new)
            return found, observations.load(found, verify=new)

    return _kept(("data", root, _signature(root)), make)


@dataclass(frozen=True, eq=False)
class Knowledge:
    """The tables behind an edition; all but the first three are computed when first asked for."""

    catalogue: catalogue.Catalogue
    all_rows: pd.DataFrame
    rows: pd.DataFrame
    known: date
    final: bool
    method: str
    entered: date | None = None

    @cached_property
    def audit(self) -> pd.DataFrame:
        """The audit of the relations whose source was published by the date."""
        relations = self.catalogue.relations
        return quality.audit(relations[relations["source"].isin(set(self.rows["source"]))], self.rows)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows that the edition may print: all, or the official and verified ones of a final edition."""
        return self.rows[self.rows["status"].isin(trace.TRUSTED)] if self.final else self.rows

    def recomputed(self, areas: Collection[str]) -> pd.DataFrame:
        """Return the audit of the printed figures of some areas that reports replace by the recomputed ones.

        The audit is made only where a relation names such an area.
        """
        if self._recomputed_areas.isdisjoint(areas):
            return pd.DataFrame(columns=["id", "subject", "area"])
        return self.audit[self.audit["recompute"] & self.audit["area"].isin(areas)]

    @cached_property
    def _recomputed_areas(self) -> set[str]:
        relations = self.catalogue.relations[self.catalogue.relations["recompute"] == "yes"]
        return set(relations["area"]) | {dict(printed.where).get("area", "") for printed in self._recomputed_references}

    @cached_property
    def _recomputed_references(self) -> list[formulas.Reference]:
        """The printed figures that reports replace by the recomputed ones."""
        relations = self.catalogue.relations[self.catalogue.relations["recompute"] == "yes"]
        return [formulas.parse_reference(text) for text in relations["printed"]]

    @cached_property
    def _derived(self) -> dict[str, Any]:
        return {}

    def derived(self, name: str, make: Callable[[], T]) -> T:
        """Return what a report derives from these tables, made the first time."""
        if name not in self._derived:
            self._derived[name] = make()
        return self._derived[name]

    @cached_property
    def _figures(self) -> trace.Figures:
        subjects = {reference.name for reference in self._recomputed_references}
        return trace.Figures(self.catalogue, self.rows, lambda: self.audit, self.final, subjects)

    def figures(self) -> trace.Figures:
        """Return figures with an empty trace."""
        return self._figures.fresh()

    @cached_property
    def values(self) -> pd.DataFrame:
        """Indicator values."""
        return indicators.compute(self.catalogue, self.table)

    @cached_property
    def entered_rows(self) -> pd.DataFrame:
        """Every row entered by the day of entry, every vintage; rows withdrawn by then left out."""
        rows = observations.valid(self.all_rows, self.entered)
        return rows[rows["recorded"] <= self.entered.isoformat()] if self.entered else rows


def of(
    root: Path,
    known: date,
    entered: date | None = None,
    *,
    final: bool = False,
    illustration: bool = False,
    method: str = "eurostat",
) -> Knowledge:
    """Return what is known in a project on a date.

    Parameters
    ----------
    root : Path
        The project's root.
    known, entered : date
        As in :func:`nq57lab.facts.observations.as_of`.
    final : bool
        Official and verified figures only.
    illustration : bool
        Add the generated provincial figures (:mod:`nq57lab.facts.illustrative`), each with its mark.
    method : str
        The method whose verdict stands (:mod:`nq57lab.targets`).
    """
    root = root.resolve()
    found, all_rows = _loaded(root)

    def make() -> Knowledge:
        rows = observations.as_of(all_rows, known, entered)
        if illustration:
            rows = pd.concat([rows, illustrative.rows(found)], ignore_index=True)
        return Knowledge(found, all_rows, rows, known, final, method, entered)

    return _kept(("known", root, _signature(root), known, entered, final, illustration, method), make)
