"""What can be said of an edition's 2030 targets: the macro KPIs' outlook, forecasts, probabilities and what they depend on, verification.

An :class:`~nq57lab.documents.edition.Edition` in, a :class:`Prospect` out, computed piece by piece when first asked for; the pages of
forecasts write from it.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from nq57lab.documents.edition import Edition
from nq57lab.facts import comparators
from nq57lab.facts.figures import Figure
from nq57lab.forecast import learned, run
from nq57lab.outlook import macro, verification
from nq57lab.targets.pages import shows_probability

REASONABLE = ("theta", "ets", "damped", "drift")  # not a last value held for ever
LEVELS = (80, 95)
WHOLE = 1000.0  # series as large are written without decimals


@dataclass(frozen=True)
class Case:
    """A quantity with a series that is forecast: its row of the outlook, its name, its history and its forecast."""

    row: pd.Series
    name: str
    unit: str
    history: pd.DataFrame
    forecast: pd.DataFrame


class Prospect:
    """What can be said of an edition's 2030 targets, computed when first asked for."""

    def __init__(self, edition: Edition):
        self.edition = edition
        self.shown = shows_probability(edition)
        self.entries = edition.known_tables.entered_rows
        self.outlook = macro.outlook(edition.known_tables)
        self.others = macro.others(edition.known_tables, self.outlook)
        self.histories = self.outlook.histories | self.others.histories
        self._variants: dict[str, pd.DataFrame] = {}

    @cached_property
    def cases(self) -> list[Case]:
        """The quantities with a target whose series is forecast and whose target lies ahead: macro KPIs first."""
        rows = pd.concat([self.outlook.rows, self.others.rows], ignore_index=True)
        withheld = rows["p_reason"].map(lambda why: getattr(why, "code", "") == "skill_not_shown")
        return [self._case(row) for _, row in rows[rows["p_met"].notna() | withheld].iterrows()]

    @property
    def said(self) -> list[Case]:
        """Those of :attr:`cases` whose probability may be said."""
        return [case for case in self.cases if not np.isnan(case.row["p_met"])]

    def _case(self, row: pd.Series) -> Case:
        return self.case_of(row, self.histories[row["measure"]])

    def case_of(self, row: pd.Series, history: pd.DataFrame) -> Case:
        """Return a row's forecasts up to 2030."""
        frame = history.assign(series_id=row["measure"], kind=row["kind"])
        for end in ("lower", "upper"):
            frame[end] = "" if np.isnan(row[end]) else row[end]
        table = run.forecast(
            frame[["series_id", "period", "value", "kind", "lower", "upper"]], int(np.ceil(row["ahead"])), LEVELS
        )
        names, units = self.edition.catalogue.short, self.edition.catalogue.subject_units
        return Case(row, names[row["measure"]], units.get(row["measure"], ""), history, table)

    @cached_property
    def context(self) -> list[Case]:
        """Long series near a KPI but of another definition: forecast as context, without a probability."""
        edition, table = self.edition, self.edition.known_tables.measured
        kinds = comparators.load_indicators(edition.catalogue, self.series).set_index("indicator")
        found = []
        row: Any
        for row in macro.context(edition.catalogue, table, self.entries, edition.known).itertuples():
            history = macro.series(table, self.entries, row.subject, edition.known)
            about = kinds.loc[row.subject] if row.subject in kinds.index else None
            about = about.iloc[0] if isinstance(about, pd.DataFrame) else about
            ends = {
                end: np.nan if about is None or about[end] == "" else float(about[end]) for end in ("lower", "upper")
            }
            told = {"kpi": row.kpi, "measure": row.subject, "reason": row.reason, "points": row.points, **ends}
            told |= {"kind": "level" if about is None else about["kind"]}
            told |= {"ahead": macro.YEAR - int(history["period"].iloc[-1]), "last": history["period"].iloc[-1]}
            if told["ahead"] <= learned.load("yearly").horizon:
                found.append(self.case_of(pd.Series(told), history))
        return found

    @cached_property
    def series(self) -> pd.DataFrame:
        """The comparators' series."""
        return comparators.load(self.edition.root / "data")

    @cached_property
    def verified(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The Brier scores and the reliability table of forecasts made in 2010–2015 on the comparators' history."""
        return verification.of_project(self.edition.catalogue)

    def variants(self, case: Case) -> pd.DataFrame:
        """Return what a case's probability depends on (:func:`nq57lab.outlook.sensitivity.sensitivity`)."""
        if case.name not in self._variants:
            self._variants[case.name] = macro.depends(case.row, self.histories, self.entries, self.edition.known)
        return self._variants[case.name]

    def span(self, case: Case) -> tuple[float, float]:
        """Return the range of a case's probability over reasonable choices: other models of trend, earlier vintages, parts of the history."""
        table = self.variants(case)
        kept = (table["what"] != "model") | table["variant"].isin(REASONABLE)
        values = table.loc[kept, "p_met"].dropna()
        return float(values.min()), float(values.max())

    def sources(self, history: pd.DataFrame) -> tuple[str, ...]:
        """Return the sources of a history's rows."""
        rows = self.edition.figures.table.set_index("id")["source"]
        return tuple(dict.fromkeys(rows.reindex(history["id"].str.split("; ").explode()).dropna()))

    def figure(self, value: float, case: Case, formula: str, unit: str = "", decimals: int | None = None) -> Figure:
        """Return a number computed from a case's history."""
        if decimals is None:
            size = float(case.history["value"].abs().max())
            decimals = 0 if case.unit == "thứ hạng" or size >= WHOLE else 1 if size >= 1 else 2
        found = self.edition.figures.literal(
            float(value), unit, decimals=decimals, rows=tuple(case.history["id"]), formula=formula
        )
        return replace(found, sources=self.sources(case.history))


def open_prospect(edition: Edition) -> Prospect:
    """Return the prospect of an edition."""
    return Prospect(edition)
