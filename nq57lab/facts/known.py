"""What an edition may know: the one object that says which rows its date, day of entry, readers and finality allow.

Everything an edition prints, counts, warns of or draws is made from :attr:`Knowledge.table` (one row a figure) or
:attr:`Knowledge.entered_rows` (every vintage). Editions of one date share it: a batch of 34 profiles computes it once,
before its workers are forked.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from nq57lab.base import formulas, kept
from nq57lab.facts import audit as quality
from nq57lab.facts import catalogue, illustrative, indicators, observations
from nq57lab.facts import figures as trace
from nq57lab.facts.observations import KEY, TRUSTED

AUDIENCES = {"noi-bo": "Nội bộ", "cong-khai": "Công khai"}
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
    """The tables behind an edition, computed when first asked for.

    Parameters
    ----------
    stored : DataFrame
        Every row of the store, whoever may read it; no number is made from it.
    known : date
        Only rows published by this day.
    entered : date, optional
        Only rows entered by this day.
    final : bool
        Official and verified rows only.
    audience : str
        Who reads: a key of :data:`AUDIENCES`; the public reads rows with a decision to publish.
    illustration : bool
        Add the generated provincial figures to a draft.
    method : str
        The method whose verdict stands.
    """

    catalogue: catalogue.Catalogue
    stored: pd.DataFrame
    known: date
    entered: date | None = None
    final: bool = False
    audience: str = "noi-bo"
    illustration: bool = False
    method: str = "eurostat"

    @cached_property
    def shown_rows(self) -> pd.DataFrame:
        """Every row that a look-up may show: those that the edition may use, and those withdrawn by then."""
        rows = self.stored[self.stored["vintage_end"] <= pd.Timestamp(self.known)]
        if self.entered:
            rows = rows[rows["recorded"] <= self.entered.isoformat()]
        return may_read(trusted(rows) if self.final else rows, self.audience)

    @cached_property
    def entered_rows(self) -> pd.DataFrame:
        """Every row that the edition may use, every vintage."""
        return observations.valid(self.shown_rows, self.entered)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The rows that the edition may print: of :attr:`entered_rows` one a figure."""
        rows = observations.as_of(self.entered_rows, entered=self.entered)
        if self.illustration and not self.final:
            rows = pd.concat([rows, illustrative.rows(self.catalogue)], ignore_index=True)
        return rows

    def at(self, day: date) -> "Knowledge":
        """Return what the same edition would have known on another day."""
        return self if day == self.known else self.derived(f"at {day}", lambda: replace(self, known=day))

    @cached_property
    def audit(self) -> pd.DataFrame:
        """The audit of the relations whose source was published by the date."""
        relations = self.catalogue.relations
        published = relations[relations["source"].isin(set(self.table["source"]))]
        return quality.audit(published, self.table, partly=self.final or self.audience != "noi-bo")

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
        return trace.Figures(
            self.catalogue,
            self.table,
            lambda: self.audit,
            self.final,
            subjects,
            lambda: self.entered_rows,
            self.measured,
        )

    def figures(self) -> trace.Figures:
        """Return figures with an empty trace."""
        return self._figures.fresh()

    @cached_property
    def values(self) -> pd.DataFrame:
        """Indicator values."""
        return indicators.compute(self.catalogue, self.table)

    @cached_property
    def measured(self) -> pd.DataFrame:
        """:attr:`table` and, as rows beside it, what the formulas compute: what a figure, a series, a target is read from."""
        return indicators.measured(self.catalogue, self.table, self.values)


def may_read(rows: pd.DataFrame, audience: str) -> pd.DataFrame:
    """Return the rows that an audience may read: all, or those with a decision to publish.

    Examples
    --------
    >>> rows = pd.DataFrame({"public": ["yes", "yes", "no"], "public_decision": ["QĐ 1", "", "QĐ 2"]})
    >>> len(may_read(rows, "cong-khai")), len(may_read(rows, "noi-bo"))
    (1, 3)
    """
    if audience == "noi-bo":
        return rows
    return rows[(rows["public"] == "yes") & (rows["public_decision"].str.strip() != "")]


def trusted(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the official and verified rows that no later entry of the same source and vintage has replaced by another status."""
    entry = [*KEY, "source", "vintage"]
    ordered = rows.sort_values("recorded", kind="stable")
    last = ordered["status"].groupby([ordered[name] for name in entry]).transform("last")
    stands = rows["status"].isin(TRUSTED) & last.reindex(rows.index).isin(TRUSTED)
    return rows[stands]


def of(
    root: Path,
    known: date,
    entered: date | None = None,
    *,
    final: bool = False,
    audience: str = "noi-bo",
    illustration: bool = False,
    method: str = "eurostat",
) -> Knowledge:
    """Return what is known in a project on a date.

    Parameters
    ----------
    known, entered, final, audience, illustration, method
        As of :class:`Knowledge`.
    """
    root = root.resolve()
    asked = (known, entered, final, audience, illustration, method)

    def make() -> Knowledge:
        found, stored = _loaded(root)
        return Knowledge(found, stored, *asked)

    return _kept(("known", root, _signature(root), *asked), make)


def of_parameters(root: Path, parameters: dict[str, Any]) -> Knowledge:
    """Return what an edition with some parameters may know."""
    entered = parameters.get("entered")
    return of(
        root,
        date.fromisoformat(parameters["known"]),
        date.fromisoformat(entered) if entered else None,
        final=not parameters.get("draft", True),
        audience=parameters.get("audience", "noi-bo"),
        illustration=bool(parameters.get("minh_hoa", False)),
        method=parameters.get("verdict_method") or "eurostat",
    )
