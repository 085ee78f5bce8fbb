"""Figures and their trace: every printed number knows its rows, formula, vintage and source.

:class:`Figures` turns a reference, an expression or a row into a :class:`Figure`; :meth:`Figures.write` is the one
function through which a number enters a sentence, a table or a chart's label, and it notes the number in the trace.
"""

import math
from dataclasses import dataclass, replace

import pandas as pd

from nq57lab import formulas, periods, wording
from nq57lab.catalogue import Catalogue
from nq57lab.indicators import weakest
from nq57lab.observations import Lookup
from nq57lab.problems import Problem, ProblemError

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
]
TRUSTED = ("official", "verified")
# Databases give machine precision; a report prints no more decimals than these (two where no unit is named).
MOST_DECIMALS = {"điểm": 4, "ha": 2}


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

    @property
    def missing(self) -> bool:
        """Whether there is no figure."""
        return not self.number


class Figures:
    """The figures of one edition: finds them, writes them, and keeps the trace.

    Parameters
    ----------
    catalogue : Catalogue
        What is measured.
    table : DataFrame
        As-of observations.
    audit : DataFrame, optional
        The audit of the printed figures: where a printed figure's parts exist, the recomputed figure is used.
    final : bool
        A final edition uses official and verified figures only.
    """

    def __init__(
        self, catalogue: Catalogue, table: pd.DataFrame, audit: pd.DataFrame | None = None, final: bool = False
    ):
        self.catalogue, self.final = catalogue, final
        self.table = table[table["status"].isin(TRUSTED)] if final else table
        self.lookup = Lookup(self.table)
        self.no_data = wording.NO_DATA + (" xác thực" if final else "")
        self.place = ""
        self.trace: list[dict] = []
        self.named: dict[str, Figure] = {}  # figures computed elsewhere that templates call by name
        keys = ["subject", "area", "period", "dims"]
        plain = audit[audit["recompute"]] if audit is not None else None
        self._recomputed = {} if plain is None else {tuple(row[k] for k in keys): row for _, row in plain.iterrows()}
        self._by_id = {row["id"]: row for _, row in table.iterrows()} if audit is not None else {}

    def of_row(self, row: pd.Series) -> Figure:
        """Return the figure of an observation: recomputed from its parts where they exist, else as printed."""
        key = (row["subject"], row["area"], row["period"], row["dims"])
        check = self._recomputed.get(key)
        if check is not None and row["item"] == "":
            return self._from_audit(row, check)
        return self._as_printed(row)

    def _as_printed(self, row: pd.Series) -> Figure:
        return Figure(
            expression=_reference_text(row),
            value=float(row["value"]),
            number=_printed_number(row),
            unit=row["unit"],
            qualifier=row["qualifier"],
            status=row["status"],
            area=row["area"],
            period=row["period"],
            vintage=row["vintage"],
            rows=(row["id"],),
            sources=(row["source"],),
        )

    def _from_audit(self, row: pd.Series, check: pd.Series) -> Figure:
        inputs = tuple(check["inputs"].split("; "))
        number = wording.number(check["recomputed"], int(check["decimals"]))
        printed = "" if check["consistent"] == "yes" else wording.with_unit(row["printed"], row["unit"])
        statuses = pd.Series([self._by_id[i]["status"] for i in inputs])
        return replace(
            self._as_printed(row),
            value=float(check["recomputed"]),
            number=number,
            qualifier="=",
            status=weakest(statuses),
            rows=(*inputs, row["id"]),
            formula=check["relation"].split(" = ", 1)[1],
            printed_in_source=printed,
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
            The unit of a computed figure; sums and differences of one unit need none (a difference of per cents is in
            percentage points).
        decimals : int, optional
            Decimals of a computed figure (default: as finely as its coarsest part with decimals, else 1 for a quotient).

        Raises
        ------
        ProblemError
            For an unknown code, a text outside the grammar, parts of different periods or units that do not add.
        """
        node = self.parse(expression)
        if isinstance(node, formulas.Reference):
            row = self.lookup.row(node, area, period)
            figure = Figure(expression, math.nan, area=area, period=period) if row is None else self.of_row(row)
            return replace(figure, expression=expression)
        used: list[pd.Series] = []
        value = None
        try:
            value = formulas.evaluate(node, _Rows(self.lookup, area, period, used))
        except LookupError:
            return Figure(expression, math.nan, area=area, period=period)
        rows = pd.DataFrame(used)
        if not period and rows["period_end"].nunique() > 1 and "period=" not in expression:
            apart = f"{', '.join(sorted(rows['period'].unique()))} ({expression})"
            raise ProblemError([Problem("periods_apart", self.place, found=apart)])
        unit = unit or self._unit(node, rows)
        if decimals is None:
            decimals = _coarsest(rows, isinstance(node, formulas.Operation) and node.symbol in "+-")
        return Figure(
            expression=expression,
            value=value,
            number=wording.number(value, decimals),
            unit=unit,
            qualifier=_qualifier(node, rows),
            status=weakest(rows["status"]),
            area=area,
            period=rows["period"].iloc[0],
            vintage=rows.sort_values("vintage_end")["vintage"].iloc[-1],
            rows=tuple(dict.fromkeys(rows["id"])),
            formula=expression,
            sources=tuple(dict.fromkeys(rows["source"])),
        )

    def parse(self, expression: str) -> formulas.Node:
        """Parse an expression and check its codes; every problem raises :class:`ProblemError`."""
        try:
            node = formulas.parse(expression)
        except formulas.FormulaError as error:
            raise ProblemError(
                [Problem("formula", self.place, found=expression, details={"detail": str(error)})]
            ) from None
        unknown = [r.name for r in formulas.references(node) if r.name not in self.catalogue.subject_units]
        if unknown:
            details = {"target": "indicators.csv, variables.csv"}
            raise ProblemError(Problem("reference", self.place, found=name, details=details) for name in unknown)
        return node

    def _unit(self, node: formulas.Node, rows: pd.DataFrame) -> str:
        if isinstance(node, formulas.Operation) and node.symbol in "+-":
            units = set(rows["unit"])
            if len(units) > 1:
                raise ProblemError([Problem("incomparable", self.place, found=", ".join(sorted(units)))])
            unit = units.pop()
            return "điểm phần trăm" if unit == "%" and node.symbol == "-" else unit
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
        """Return a figure computed elsewhere (a gap, a required pace, a count of rows), with its formula and its rows."""
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
        )

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
            text = self.no_data
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
                "ok": "yes" if figure.missing or figure.rows else "no",
                "formula": figure.formula,
                "status": figure.status,
                "vintage": figure.vintage,
                "source": "; ".join(figure.sources),
                "period": figure.period,
            }
        )
        if not markup or figure.missing:
            return text
        text = f'[{text}]{{.so so="{identity}"}}'
        if mark and wording.STATUS_MARKS.get(figure.status):
            text += f"{wording.WORD_JOINER}[{wording.STATUS_MARKS[figure.status]}]{{.dau}}"
        if note and figure.printed_in_source:
            text += f" (dự thảo ghi {figure.printed_in_source})"
        return text

    def note(self, text: str, value: float, *, rows: tuple[str, ...], source: str, markup: bool = True) -> str:
        """Write a text whose number stands in a catalogue table (a target), and note it in the trace."""
        identity = f"s{len(self.trace) + 1}"
        entry = dict.fromkeys(TRACE_COLUMNS, "") | {
            "id": identity,
            "place": self.place,
            "printed": text,
            "recomputed": value,
        }
        self.trace.append(entry | {"rows": "; ".join(rows), "ok": "yes" if rows else "no", "source": source})
        return f'[{text}]{{.so so="{identity}"}}' if markup else text

    def trace_table(self) -> pd.DataFrame:
        """Return the trace: one row for each number written so far."""
        return pd.DataFrame(self.trace, columns=TRACE_COLUMNS)


class _Rows:
    """Resolves references to numbers and keeps the rows used."""

    def __init__(self, lookup: Lookup, area: str, period: str, used: list[pd.Series]):
        self.lookup, self.area, self.period, self.used = lookup, area, period, used

    def _take(self, row: pd.Series | None, name: str) -> float:
        if row is None:
            raise LookupError(name)
        self.used.append(row)
        return float(row["value"])

    def one(self, reference: formulas.Reference) -> float:
        return self._take(self.lookup.row(reference, self.area, self.period), reference.name)

    def many(self, reference: formulas.Reference, dim: str) -> list[float]:
        rows = self.lookup.breakdown(reference, dim, self.area, self.period)
        if rows.empty:
            raise LookupError(reference.name)
        return [self._take(row, reference.name) for _, row in rows.iterrows()]

    def year_earlier(self, reference: formulas.Reference) -> float:
        now = self.lookup.row(reference, self.area, self.period)
        if now is None:
            raise LookupError(reference.name)
        earlier = self.lookup.row(reference, self.area, periods.year_earlier(now["period"]))
        return self._take(earlier, reference.name)


def _printed_number(row: pd.Series) -> str:
    """Write a row's number with its source's digits and scale word, without the zero that pads small counts (08)."""
    value, printed = float(row["value"]), row["printed"]
    if row["value_high"] == row["value_high"]:
        return printed.replace("-", "–")
    if " " in printed and not printed.startswith("giảm"):
        return printed
    decimals = wording.decimals_of(printed) if printed else _decimals(value)
    return wording.number(value, min(decimals, MOST_DECIMALS.get(row["unit"], 2)))


def _qualifier(node: formulas.Node, rows: pd.DataFrame) -> str:
    """A sum of lower bounds is a lower bound; any other mixture of bounds and approximations is an approximation."""
    loose = set(rows["qualifier"]) - {"="}
    if not loose:
        return "="
    return loose.pop() if len(loose) == 1 and _is_sum(node) else "~"


def _is_sum(node: formulas.Node) -> bool:
    if isinstance(node, formulas.Operation):
        return node.symbol == "+" and _is_sum(node.left) and _is_sum(node.right)
    return isinstance(node, formulas.Reference) or (isinstance(node, formulas.Call) and node.function == "sum_over")


def _reference_text(row: pd.Series) -> str:
    where = [f"area={row['area']}"] if row["area"] != "VN" else []
    where += [f"item={row['item']}"] if row["item"] else []
    where += row["dims"].split("; ") if row["dims"] else []
    return row["subject"] + (f"[{'; '.join(where)}]" if where else "")


def _decimals(value: float) -> int:
    text = f"{value:.4f}".rstrip("0")
    return len(text.partition(".")[2])


def _coarsest(rows: pd.DataFrame, additive: bool) -> int:
    decimals = [wording.decimals_of(text.split(" ")[0]) for text in rows["printed"] if text]
    if additive:
        return min(decimals, default=0) if not any(decimals) else max(decimals)
    return 1
