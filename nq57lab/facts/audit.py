"""Quality of published figures: recompute every ratio, sum, share, difference and growth rate from its printed parts.

The relations table and an as-of table in, the audit table out. Printed numbers are intervals: a rounded number stands
for half a step either side, "khoảng" for a whole step, "hơn" and "gần" are bounds; so what rounding of the parts can
explain is told from what it cannot.
"""

import math
from dataclasses import dataclass

import pandas as pd

from nq57lab.base import formulas, wording
from nq57lab.base.messages import Reason
from nq57lab.base.messages import reason as because
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts import observations
from nq57lab.facts.resolve import References

AUDIT_COLUMNS = ["id", "locator", "relation", "printed", "recomputed", "difference", "consistent", "reason"]


@dataclass(frozen=True)
class Interval:
    """A closed interval with the arithmetic of a printed number: the value as printed and what it may stand for."""

    value: float
    low: float
    high: float

    def __add__(self, other: "Interval") -> "Interval":
        return Interval(self.value + other.value, self.low + other.low, self.high + other.high)

    def __sub__(self, other: "Interval") -> "Interval":
        return Interval(self.value - other.value, self.low - other.high, self.high - other.low)

    def __mul__(self, other: "Interval") -> "Interval":
        ends = [_times(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(self.value * other.value, min(ends), max(ends))

    def __truediv__(self, other: "Interval") -> "Interval":
        if other.low <= 0 <= other.high:
            return Interval(self.value / other.value if other.value else math.nan, -math.inf, math.inf)
        ends = [
            _times(a, 1 / b if math.isfinite(b) else 0.0)
            for a in (self.low, self.high)
            for b in (other.low, other.high)
        ]
        return Interval(self.value / other.value, min(ends), max(ends))

    def __ge__(self, other: "Interval") -> bool:
        return self.value >= other.value

    def __le__(self, other: "Interval") -> bool:
        return self.value <= other.value

    def __gt__(self, other: "Interval") -> bool:
        return self.value > other.value

    def __lt__(self, other: "Interval") -> bool:
        return self.value < other.value


def _times(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b


def exact(value: float) -> Interval:
    """Return a number that stands for itself."""
    return Interval(value, value, value)


def printed_step(row: pd.Series) -> float:
    """Return the step of a row's last printed digit, in the row's unit.

    A scale word that the unit does not carry is applied ("41,058 nghìn" tỷ đồng: 1); a row without printed digits has
    step 0.
    """
    if not row["printed"]:
        return 0.0
    return wording.parse_range(row["printed"])[-1].step


def rough_step(row: pd.Series) -> float:
    """Return the step of a bound or an approximation, where trailing zeros do not count as digits (hơn 400: 100)."""
    step, digits = printed_step(row), row["printed"].removeprefix("giảm ").split(" ")[0]
    if "," in digits or float(wording.parse_printed(digits).value) < 100:
        return step
    plain = digits.replace(".", "")
    return step * 10 ** (len(plain) - len(plain.rstrip("0")))


def interval(row: pd.Series) -> Interval:
    """Return what a printed figure may stand for.

    Notes
    -----
    A count (unit family ``count``) printed in full stands for itself; any other number is rounded: half a step either
    side. "khoảng": a whole step either side, trailing zeros not counted as digits. "hơn", "gần": a bound. A range is
    its ends.
    """
    value = float(row["value"])
    if row["value_high"] == row["value_high"]:
        return Interval((value + row["value_high"]) / 2, value, float(row["value_high"]))
    if row["qualifier"] in (">", ">="):
        return Interval(value, value, math.inf)
    if row["qualifier"] in ("<", "<="):
        return Interval(value, -math.inf, value)
    if row["qualifier"] == "~":
        return Interval(value, value - rough_step(row), value + rough_step(row))
    counted = row["family"] == "count" and printed_step(row) == 1.0 and " " not in row["printed"]
    half = 0.0 if counted else printed_step(row) / 2
    return Interval(value, value - half, value + half)


def _rough(rows: list[pd.Series]) -> bool:
    """Tell whether any of the rows is a bound, an approximation or a range."""
    return any(row["qualifier"] != "=" or row["value_high"] == row["value_high"] for row in rows)


def audit(relations: pd.DataFrame, table: pd.DataFrame, partly: bool = False) -> pd.DataFrame:
    """Recompute every printed figure whose parts are printed too, and compare at the printed precision.

    Parameters
    ----------
    relations : DataFrame
        The catalogue's relations: printed figure, comparator, expression over its parts, and perhaps an alternative
        reading with its reason.
    table : DataFrame
        An as-of table of observations.
    partly : bool
        Whether the table may lack figures of a relation, which is then left out.

    Returns
    -------
    DataFrame
        id, locator, relation, printed, recomputed, difference (printed − recomputed), consistent (yes, rounding, no,
        ambiguous), reason; and subject, area, period, dims, unit, decimals, inputs (row ids),
        recompute (the briefing prints the recomputed figure) and note. In the relations' order.

    Raises
    ------
    ProblemError
        For every relation whose figures are not in the table, unless ``partly``.

    Notes
    -----
    consistent is *yes* when the recomputed value, rounded at the printed precision, is the printed number (or satisfies
    the printed bound or range); *ambiguous* when the printed figure or a part is a bound or an approximation and the
    intervals admit each other, or when two figures of one name may differ in scope (kind ``repeat``); *rounding* when
    the rounding of the parts explains the difference; *no* otherwise.
    """
    lookup = observations.Lookup(table)
    results, found = [], []
    for place, relation in enumerate(relations.itertuples(), start=2):
        try:
            results.append(_audit_one(relation, lookup))
        except LookupError as error:
            known = table["vintage"].max() if len(table) else ""
            found.append(Problem("no_figure", "relations.csv", place, found=str(error), details={"known": known}))
    if found and not partly:
        raise ProblemError(found)
    columns = [
        *AUDIT_COLUMNS,
        "subject",
        "area",
        "period",
        "dims",
        "unit",
        "decimals",
        "inputs",
        "recompute",
        "note",
        "expression",
    ]
    return pd.DataFrame(results, columns=columns).astype({"reason": object})  # reasons are no texts


def _audit_one(relation, lookup: observations.Lookup) -> dict:
    printed = lookup.row(formulas.parse_reference(relation.printed), relation.area, relation.period)
    if printed is None:
        raise LookupError(relation.printed)
    parts = References(lookup, relation.area, relation.period, interval)
    computed = formulas.evaluate(formulas.parse(relation.expression), parts, exact)
    consistent, reason = _verdict(printed, computed, relation.comparator, _rough(parts.rows))
    if consistent in ("no", "rounding") and relation.kind == "repeat":
        consistent, reason = "ambiguous", because("audit_repeat")
    if consistent != "yes" and relation.alternative:
        others = References(lookup, relation.area, relation.period, interval)
        other = formulas.evaluate(formulas.parse(relation.alternative), others, exact)
        if _verdict(printed, other, relation.comparator, _rough(others.rows))[0] != "no":
            reason = relation.alternative_reason
    step = printed_step(printed) or 1.0
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step < 1 else 0
    if relation.kind == "sum" and "count_where" not in relation.expression:  # shown as finely as its parts
        decimals = max([decimals, *(wording.decimals_of(row["printed"]) for row in parts.rows)])
    return {
        "id": relation.id,
        "locator": relation.locator,
        "relation": f"{relation.printed} {relation.comparator} {relation.expression}",
        "printed": float(printed["value"]),
        "recomputed": computed.value,
        "difference": float(printed["value"]) - computed.value,
        "consistent": consistent,
        "reason": reason,
        "subject": printed["subject"],
        "area": printed["area"],
        "period": printed["period"],
        "dims": printed["dims"],
        "unit": printed["unit"],
        "decimals": decimals,
        "inputs": "; ".join(dict.fromkeys(row["id"] for row in parts.rows)),
        "recompute": relation.recompute == "yes",
        "note": relation.note,
        "expression": relation.expression,
    }


def _verdict(printed: pd.Series, computed: Interval, comparator: str, rough: bool) -> tuple[str, Reason | str]:
    """Return (consistent, reason) of one printed figure against its recomputed value; ``rough``: a part is no exact number."""
    value, step, allowed = float(printed["value"]), printed_step(printed) or 1.0, interval(printed)
    tolerance = 1e-9 * max(1.0, abs(value))
    overlap = computed.high >= allowed.low - tolerance and computed.low <= allowed.high + tolerance
    unsure = because("audit_unsure")
    if comparator != "=":
        holds = value <= computed.value if comparator == "<=" else value >= computed.value
        return ("yes", "") if holds else ("ambiguous", unsure) if rough and overlap else ("no", because("audit_limit"))
    if printed["qualifier"] in (">", ">=", "<", "<="):
        beyond = computed.value - value if printed["qualifier"] in (">", ">=") else value - computed.value
        if -tolerance <= beyond <= rough_step(printed):
            return "yes", ""
        return ("ambiguous", unsure) if overlap else ("no", because("audit_bound"))
    if printed["qualifier"] == "~" or printed["value_high"] == printed["value_high"]:
        if allowed.low - tolerance <= computed.value <= allowed.high + tolerance:
            return "yes", ""
    elif abs(wording.round_half_up(computed.value / step, 0) * step - value) <= tolerance:
        return "yes", ""
    if rough and overlap:
        return "ambiguous", unsure
    if overlap and computed.high > computed.low:
        return "rounding", because("audit_rounded")
    if abs(math.trunc(computed.value / step + 1e-9) * step - value) <= tolerance:
        return "no", because("audit_cut")
    return "no", because("audit_apart")
