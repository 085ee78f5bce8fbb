"""Figures and their trace: every printed number knows its rows, formula, vintage and source.

:class:`Figures` turns a reference, an expression or a row into a :class:`Figure`; :meth:`Figures.write` is the one
function through which a number enters a sentence, a table or a chart's label, and it notes the number in the trace.
"""

import math
from collections.abc import Callable, Collection
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from nq57lab.base import contract, formulas, messages, periods, printing, wording
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts import vintages
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.indicators import scales, weakest
from nq57lab.facts.observations import TRUSTED, Lookup
from nq57lab.facts.resolve import References

TRACE_COLUMNS = [
    "id",
    "place",
    "printed",
    "recomputed",
    "rows",
    "ok",
    "formula",
    "status",
    "vintage",
    "source",
    "period",
    "asked",
    "unit",
    "area",
]

LOST_COLUMNS = ["place", "sentence", "missing", "said"]


@dataclass(frozen=True)
class Figure:
    """One number with its provenance. ``number`` is its digits as printed, without unit; "" when there is no figure."""

    expression: str
    value: float
    number: str = ""
    unit: str = ""
    qualifier: str = "="
    status: str = ""
    area: str = "VN"
    period: str = ""
    vintage: str = ""
    rows: tuple[str, ...] = ()
    formula: str = ""
    sources: tuple[str, ...] = ()
    printed_in_source: str = ""
    asked: str = ""  # the period named by the caller
    computed: bool = True  # from its rows, by Figures; else by a page, which names what it took
    apart: messages.Reason | None = None  # why its parts, figures of one subject, are not set against each other

    @property
    def missing(self) -> bool:
        """Whether there is no figure."""
        return not self.number


class Figures:
    """The figures of one edition: finds them, writes them, and keeps the trace.

    Parameters
    ----------
    table : DataFrame
        As-of observations, those that the edition may use.
    audit : DataFrame or callable, optional
        The audit of the printed figures, or what makes it when first needed: where a printed figure's parts exist, the recomputed
        figure is used.
    recomputed : collection of str, optional
        The subjects whose printed figures the audit may recompute (default: any).
    versions : callable, optional
        Gives every version of the figures, by which two figures of one subject are found comparable or not (default: all are).
    final : bool
        Whether a missing figure is said to be missing "xác thực", as a final edition does.
    measured : DataFrame, optional
        What codes are looked up in: the observations and what the formulas compute (:func:`nq57lab.facts.indicators.measured`;
        default: the observations).
    """

    def __init__(
        self,
        catalogue: Catalogue,
        table: pd.DataFrame,
        audit: pd.DataFrame | Callable[[], pd.DataFrame] | None = None,
        final: bool = False,
        recomputed: Collection[str] | None = None,
        versions: Callable[[], pd.DataFrame] | None = None,
        measured: pd.DataFrame | None = None,
    ):
        self.catalogue, self.final, self.table = catalogue, final, table
        self.lookup, self._scale = Lookup(table if measured is None else measured), scales(catalogue)
        self.no_data = wording.NO_DATA + (" xác thực" if final else "")
        self.place = ""
        self.trace: list[dict] = []
        self.without: list[dict] = []  # sentences of texts that a figure is missing from (LOST_COLUMNS)
        self.named: dict[str, Figure] = {}  # figures computed elsewhere that templates call by name
        self._audit, self._may_recompute, self._versions = audit, recomputed, versions
        self._statuses, self._values, self._row_sources = (
            dict(zip(table["id"], table[name], strict=True)) for name in ("status", "value", "source")
        )

    @cached_property
    def _recomputed(self) -> dict[tuple, pd.Series]:
        """The audit's rows that replace printed figures, by key."""
        audit = self._audit() if callable(self._audit) else self._audit
        if audit is None:
            return {}
        keys = ["subject", "area", "period", "dims"]
        return {tuple(row[key] for key in keys): row for _, row in audit[audit["recompute"]].iterrows()}

    def fresh(self) -> "Figures":
        """Return the same figures with an empty trace, for another edition of the same date."""
        other = copy(self)
        other.trace, other.without, other.named, other.place = [], [], {}, ""
        return other

    def of_row(self, row: pd.Series) -> Figure:
        """Return the figure of an observation: recomputed from its parts where they exist, else as printed."""
        key = (row["subject"], row["area"], row["period"], row["dims"])
        asked = self._may_recompute is None or row["subject"] in self._may_recompute
        check = self._recomputed.get(key) if asked and not row.get("formula") else None
        if check is not None and row["item"] == "":
            inputs = {self._statuses[part] for part in check["inputs"].split("; ")}
            if not self.final or inputs <= set(TRUSTED):
                return self._from_audit(row, check)
        return self.as_printed(row)

    def as_printed(self, row: pd.Series) -> Figure:
        """Return the figure of an observation as its source prints it; of a row that a formula computes, with its parts."""
        parts = tuple(row["id"].split("; ")) if row.get("formula") else (row["id"],)
        return Figure(
            expression=printing.reference_text(row),
            value=float(row["value"]),
            number=printing.printed_number(row),
            unit=row["unit"],
            qualifier=row["qualifier"],
            status=row["status"],
            area=row["area"],
            period=row["period"],
            vintage=row["vintage"],
            rows=parts,
            formula=row.get("formula", ""),
            sources=tuple(dict.fromkeys(self._row_sources.get(part, row["source"]) for part in parts)),
        )

    def _from_audit(self, row: pd.Series, check: pd.Series) -> Figure:
        inputs = tuple(check["inputs"].split("; "))
        number = wording.number(check["recomputed"], int(check["decimals"]))
        printed = wording.QUALIFIER_WORDS[row["qualifier"]] + wording.with_unit(row["printed"], row["unit"])
        printed += "; chênh do làm tròn" if check["consistent"] == "rounding" else ""
        statuses = pd.Series([self._statuses[part] for part in inputs])
        return replace(
            self.as_printed(row),
            value=float(check["recomputed"]),
            number=number,
            qualifier="=",
            status=weakest(statuses),
            rows=(*inputs, row["id"]),
            formula=check["expression"],
            printed_in_source="" if check["consistent"] == "yes" else printed,
        )

    def get(
        self, expression: str, *, area: str = "VN", period: str = "", unit: str = "", decimals: int | None = None
    ) -> Figure:
        """Return the figure of a reference or an expression of the closed grammar.

        Parameters
        ----------
        expression : str
            ``tasks_assigned``, ``disbursement_rate[pillar=KHCN]`` or ``a / b * 100``.
        area, period : str
            The area, and the period ("" for the newest).
        unit : str
            The unit asked for: any of the same family for printed figures and sums, the unit's name for a quotient. Sums
            and differences need none (a difference of per cents is in percentage points). The parts of any other expression are brought
            to the catalogue's units first.
        decimals : int, optional
            Decimals (default: the source's; of a sum those of its coarsest part; of a quotient 1).

        Raises
        ------
        ProblemError
            For an unknown code, area, period, breakdown or unit, a text outside the grammar or without any code, parts of
            different periods, or units that do not add.
        """
        node = self.parse(expression)
        self._check_options(area, period, unit)
        if isinstance(node, formulas.Reference):
            row = self.lookup.row(node, area, period)
            if row is None:
                return Figure(expression, math.nan, area=area, period=period)
            return self._as_asked(replace(self.of_row(row), expression=expression), unit, decimals)
        additive = printing.is_additive(node)
        used = References(self.lookup, area, period, self._as_reported if additive else self._in_own_unit)
        try:
            value = formulas.evaluate(node, used)
        except (LookupError, ZeroDivisionError):
            return Figure(expression, math.nan, area=area, period=period)
        rows = pd.DataFrame(used.rows)
        free = rows[~pd.Series(used.stated, index=rows.index)]
        if free["period_end"].nunique() > 1:
            apart = f"{', '.join(sorted(free['period'].unique()))} ({expression})"
            raise ProblemError([Problem("periods_apart", self.place, found=apart)])
        own = self._unit(node, rows, additive)
        if additive and unit and own != unit and self._convertible(own, unit):
            value *= self._factor(own) / self._factor(unit)
        if isinstance(why := self._apart(rows), messages.Reason):
            return Figure(expression, math.nan, area=area, period=period, apart=why)
        if decimals is None:
            decimals = printing.coarsest(rows) if additive else 1
        first = (free if len(free) else rows).iloc[0]
        return Figure(
            expression=expression,
            value=value,
            number=wording.number(value, decimals),
            unit=unit or own,
            qualifier=printing.qualifier(node, rows),
            status=weakest(rows["status"]),
            area=area,
            period=first["period"],
            vintage=rows.sort_values("vintage_end")["vintage"].iloc[-1],
            rows=tuple(dict.fromkeys(rows["id"])),
            formula=expression,
            sources=tuple(dict.fromkeys(rows["source"])),
            asked=period,
        )

    def _apart(self, rows: pd.DataFrame) -> messages.Reason | str:
        """Return why figures of one subject in several periods may not be set against each other (:mod:`nq57lab.facts.vintages`)."""
        if self._versions is None or rows["period"].nunique() < 2:
            return ""
        for (subject, *_), own in rows.groupby(["subject", "area", "item", "dims"], sort=False):
            newest = own.sort_values("period_end", kind="stable").iloc[-1]
            known = self._sources_of(str(subject), newest)
            for _, row in own.iterrows():
                if why := vintages.apart(row, newest) or known.objection(row["source"], newest["source"]):
                    return why
        return ""

    def _sources_of(self, subject: str, row: pd.Series) -> vintages.Sources:
        """Return the versions of a row's series by source."""
        entries = self._versions() if self._versions else self.table
        same = (entries["subject"] == subject) & (entries["area"] == row["area"]) & (entries["dims"] == row["dims"])
        return vintages.Sources(entries[same])

    def _as_reported(self, row: pd.Series) -> float:
        return float(row["value"])

    def _in_own_unit(self, row: pd.Series) -> float:
        """Return a row's value in its subject's unit of the catalogue."""
        return float(row["value"]) * self._scale(row["subject"], row["unit"])

    def _factor(self, unit: str) -> float:
        return float(self.catalogue.units.set_index("unit").at[unit, "factor"])

    def _convertible(self, one: str, other: str) -> bool:
        families = self.catalogue.units.set_index("unit")["family"]
        return one in families.index and families[one] == families[other]

    def _as_asked(self, figure: Figure, unit: str, decimals: int | None) -> Figure:
        """Return a printed figure in another unit of its family or with other decimals; refuse what cannot be done."""
        if unit and unit != figure.unit:
            if not self._convertible(figure.unit, unit):
                details = {"detail": messages.shape("unit_not_convertible", one=figure.unit, other=unit)}
                raise ProblemError([Problem("template", self.place, found=f"dv={unit}", details=details)])
            value = figure.value * self._factor(figure.unit) / self._factor(unit)
            return replace(
                figure, value=value, unit=unit, number=wording.number(value, 2 if decimals is None else decimals)
            )
        if decimals is None:
            return figure
        if " " in figure.number or "–" in figure.number:
            details = {"detail": messages.shape("number_as_printed")}
            raise ProblemError([Problem("template", self.place, found=f"tp={decimals}", details=details)])
        return replace(figure, number=wording.number(figure.value, decimals))

    def _check_options(self, area: str, period: str, unit: str) -> None:
        found = self._unknown_keys({"area": area} | ({"period": period} if period else {}))
        if unit and unit not in set(self.catalogue.units["unit"]):
            found.append(Problem("reference", self.place, found=unit, details={"target": "units.csv"}))
        if found:
            raise ProblemError(found)

    @cached_property
    def _keys(self) -> dict[str, tuple[Collection[str], str]]:
        """What each key of a reference may be, and the table that says so."""
        c = self.catalogue
        dims = c.dimensions.groupby("dim")["value"].agg(set).to_dict()
        return {dim: (values, "dimensions.csv") for dim, values in dims.items()} | {
            "area": (set(c.areas["id"]), "areas.csv"),
            "item": (set(c.items["id"]), "items.csv"),
            "measure": (("stock", "flow", "cumulative"), "stock, flow, cumulative"),
        }

    def _unknown_keys(self, where: dict[str, str]) -> list[Problem]:
        """Return the keys of a reference that lead nowhere: an unknown area, item, measure, breakdown, or no period."""
        known, found = self._keys, []
        for key, value in where.items():
            if key == "period":
                if not periods.is_period(value):
                    shape = contract.SHAPES[contract.PERIOD]
                    found.append(Problem("pattern", self.place, found=value, details={"shape": shape}))
                continue
            allowed, target = known.get(key, ((), "dimensions.csv"))
            if value not in allowed:
                text = value if key in ("area", "item", "measure") else f"{key}={value}"
                found.append(Problem("reference", self.place, found=text, details={"target": target}))
        return found

    def parse(self, expression: str) -> formulas.Node:
        """Parse an expression and check its codes and keys; every problem raises :class:`ProblemError`."""
        try:
            node = formulas.parse(expression)
            named = formulas.references(node)
            if not named:
                raise formulas.FormulaError("formula_no_code")
        except formulas.FormulaError as error:
            told = {"detail": error.detail}
            raise ProblemError([Problem("formula", self.place, found=expression, details=told)]) from None
        found = []
        for reference in named:
            if reference.name not in self.catalogue.subject_units:
                details = {"target": "indicators.csv, variables.csv"}
                found.append(Problem("reference", self.place, found=reference.name, details=details))
            found += self._unknown_keys(dict(reference.where))
        if found:
            raise ProblemError(found)
        return node

    def _unit(self, node: formulas.Node, rows: pd.DataFrame, additive: bool) -> str:
        if additive:
            units = set(rows["unit"])
            if len(units) > 1:
                raise ProblemError([Problem("incomparable", self.place, found=", ".join(sorted(units)))])
            unit = units.pop()
            minus = isinstance(node, formulas.Operation) and node.symbol == "-"
            return "điểm phần trăm" if unit == "%" and minus else unit
        if isinstance(node, formulas.Call) and node.function == "growth":
            return "%"
        if isinstance(node, formulas.Operation) and node.symbol == "*" and node.right == formulas.Number(100.0):
            return "%"
        return ""

    def literal(
        self,
        value: float,
        unit: str,
        *,
        decimals: int,
        rows: tuple[str, ...],
        formula: str,
        period: str = "",
        status: str = "",
    ) -> Figure:
        """Return a figure computed elsewhere (a gap, a required pace, a count of rows), with its formula and its rows.

        Its status, where none is given, is the weakest of its rows', and its sources are theirs.
        """
        rows = tuple(part for row in rows for part in row.split("; "))
        own = [row for row in dict.fromkeys(rows) if row in self._statuses]
        status = status or (weakest(pd.Series([self._statuses[row] for row in own])) if own else "")
        if value != value:
            return Figure(formula, math.nan)
        return Figure(
            formula,
            value,
            wording.number(value, decimals),
            unit,
            status=status,
            period=period,
            rows=rows,
            formula=formula,
            sources=tuple(dict.fromkeys(self._row_sources[row] for row in own)),
            computed=False,
        )

    def at(self, place: str) -> int:
        """Note that what is written from here stands at a place of the document; return the trace's length so far."""
        self.place = place
        return len(self.trace)

    def write(
        self, figure: Figure, *, unit: bool = True, mark: bool = True, markup: bool = True, note: bool = False
    ) -> str:
        """Write a figure and note it in the trace.

        Parameters
        ----------
        figure : Figure
            From :meth:`get`, :meth:`of_row` or :meth:`literal`.
        unit, mark, markup, note : bool
            Print the unit; the mark of an unverified status; as Markdown with the trace's id (else plain text, for charts);
            and, where the recomputed number differs, what the source prints.

        Returns
        -------
        str
            The text; "chưa có số liệu" (xác thực) for a missing figure.
        """
        if figure.missing:
            text = f"không so được: {figure.apart.brief().words()}" if figure.apart else self.no_data
        else:
            text = wording.QUALIFIER_WORDS[figure.qualifier] + figure.number
            text = wording.with_unit(text, figure.unit) if unit else text
        identity = f"s{len(self.trace) + 1}"
        self.trace.append(
            {
                "id": identity,
                "place": self.place,
                "printed": text,
                "recomputed": figure.value,
                "rows": "; ".join(figure.rows),
                "ok": self._recomputed_here(figure),
                "formula": figure.formula,
                "status": figure.status,
                "vintage": figure.vintage,
                "source": "; ".join(figure.sources),
                "period": figure.period,
                "asked": figure.asked,
                "unit": figure.unit,
                "area": figure.area,
            }
        )
        if not markup or figure.missing:
            return text
        text = f'[{text}]{{.so so="{identity}"}}'
        if mark and wording.STATUS_MARKS.get(figure.status):
            text += f"{wording.WORD_JOINER}[{wording.STATUS_MARKS[figure.status]}]{{.dau}}"
        if note and figure.printed_in_source:
            own = (figure.rows[-1],)
            value = float(self._values[own[0]])
            source = "; ".join(figure.sources)
            text += f" (dự thảo ghi {self.note(figure.printed_in_source, value, rows=own, source=source)})"
        return text

    def _recomputed_here(self, figure: Figure) -> str:
        """Tell whether a figure was read or computed from its rows by this book: yes; "" where a page computed it; no without any row.

        A figure that a page computed (a gap, a count, a rank) names what it comes from, which proves nothing: running the edition
        again (``nq57 trace``) is what recomputes it.
        """
        if figure.missing:
            return "yes"
        known = all(row in self._statuses for row in figure.rows)
        return "no" if not figure.rows else "yes" if known and figure.computed else ""

    def note(
        self, text: str, value: float, *, rows: tuple[str, ...], source: str, formula: str = "", markup: bool = True
    ) -> str:
        """Write a text whose number stands in a catalogue table (a target), and note it in the trace."""
        identity = f"s{len(self.trace) + 1}"
        entry = dict.fromkeys(TRACE_COLUMNS, "") | {
            "id": identity,
            "place": self.place,
            "printed": text,
            "recomputed": value,
        }
        known = {"rows": "; ".join(rows), "ok": "" if rows else "no", "source": source, "formula": formula}
        self.trace.append(entry | known)
        return f'[{text}]{{.so so="{identity}"}}' if markup else text

    def trace_table(self) -> pd.DataFrame:
        """Return the trace: one row for each number written so far."""
        return pd.DataFrame(self.trace, columns=TRACE_COLUMNS)
