"""How a number came about, in words for readers: the arithmetic with its numbers and their names, no code and no file.

A formula of the catalogue's grammar and the figures it was computed from in; a sentence's part out.
"""

import math
from collections.abc import Callable

import pandas as pd

from nq57lab.base import formulas, printing, wording
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.crosswalk import SIGNS
from nq57lab.facts.observations import Lookup
from nq57lab.facts.resolve import References

MOST = 6  # parts of a sum that are written out
_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2}
_COMPARED = {">=": "từ {} trở lên", ">": "trên {}", "<=": "không quá {}", "<": "dưới {}"}


def name(catalogue: Catalogue, row: pd.Series, *, subject: bool = True) -> str:
    """Return what an observation is called: its subject (where asked), item, breakdown and area."""
    parts = [catalogue.short[row["subject"]]] if subject else []
    parts += [catalogue.names.get(row["item"], ""), catalogue.dims_label(row["dims"])]
    parts.append(catalogue.names.get(row["area"], "") if row["area"] != "VN" else "")
    return ", ".join(filter(None, parts))


def is_formula(catalogue: Catalogue, text: str) -> bool:
    """Whether a text is a formula about the catalogue's subjects, not words."""
    try:
        named = formulas.references(formulas.parse(text))
    except formulas.FormulaError:
        return False
    return bool(named) and all(reference.name in catalogue.subject_units for reference in named)


def told(catalogue: Catalogue, lookup: Lookup, formula: str, area: str, period: str, value: float) -> str:
    """Return a formula with its numbers: "1.245 (nhiệm vụ hoàn thành) ÷ 1.469 (nhiệm vụ đến hạn) × 100".

    Parameters
    ----------
    catalogue, lookup : Catalogue, Lookup
        The names, and the figures as known.
    formula : str
        Of the closed grammar.
    area, period : str
        Those that the formula was evaluated for; "" for the newest period.
    value : float
        The number that it gave: without it the numbers found here are not those it was computed from.

    Returns
    -------
    str
        "" where the numbers give another value, or there is no such formula.
    """
    try:
        node = formulas.parse(formula)
        if not formulas.references(node):
            return ""
        plain = References(lookup, area, period, lambda row: float(row["value"]))
        if not math.isclose(float(formulas.evaluate(node, plain)), value, rel_tol=1e-9, abs_tol=1e-9):
            return ""
        apart = len({row["period"] for row in plain.rows}) > 1
        return _node(node, _Said(catalogue, lookup, area, period, apart))
    except (formulas.FormulaError, LookupError, ZeroDivisionError):
        return ""


class _Said:
    """The rows of a formula as text: a number with its name behind it, and its period where they are of several."""

    def __init__(self, catalogue: Catalogue, lookup: Lookup, area: str, period: str, apart: bool):
        self.catalogue, self.apart = catalogue, apart
        self.known = References(lookup, area, period, self._row)
        self.counted = References(lookup, area, period, lambda row: float(row["value"]))
        self.parts = References(lookup, area, period, lambda row: self._row(row, subject=False))

    def _row(self, row: pd.Series, subject: bool = True) -> str:
        number = printing.printed_number(row)
        text = wording.with_unit(number, row["unit"] if row["unit"] == "%" or " " in number else "")
        called = [name(self.catalogue, row, subject=subject), wording.period(row["period"]) if self.apart else ""]
        return f"{text} ({', '.join(filter(None, called))})" if any(called) else text


def _node(node: formulas.Node, said: _Said, above: int = 0) -> str:
    if isinstance(node, formulas.Operation):
        own = _STRENGTH[node.symbol]
        left, right = _node(node.left, said, own), _node(node.right, said, own + (node.symbol in "-/"))
        joined = f"{left} {SIGNS[node.symbol]} {right}"
        return f"({joined})" if own < above else joined
    if isinstance(node, formulas.Number):
        return wording.number(node.value, printing.decimals_needed(node.value))
    if isinstance(node, formulas.Reference):
        return said.known.one(node)
    return _CALLS[node.function](node, said)


def _growth(node: formulas.Call, said: _Said) -> str:
    now = _node(node.arguments[0], said)
    before = said.known.year_earlier(node.arguments[0]) if len(node.arguments) == 1 else _node(node.arguments[1], said)
    return f"({now} − {before}) ÷ {before} × 100"


def _sum(node: formulas.Call, said: _Said) -> str:
    parts = said.parts.many(node.arguments[0], node.arguments[1].name)
    subject = said.catalogue.short[node.arguments[0].name]
    if len(parts) > MOST:
        return f"[{subject}: tổng của {wording.number(len(parts))} số]"
    return f"[{subject}: {' + '.join(parts)}]"


def _count(node: formulas.Call, said: _Said) -> str:
    subject = said.catalogue.names[node.arguments[0].name]
    limit = _COMPARED.get(node.arguments[1], "bằng {}").format(_node(node.arguments[2], said))
    count = wording.number(float(formulas.evaluate(node, said.counted)))
    return f"{count} (số mục có “{subject}” {limit})"


def _divided(node: formulas.Call, said: _Said) -> str:
    parts = [_node(part, said, 2) for part in node.arguments]
    return " ÷ ".join(parts[:2]) + (f" × {parts[2]}" if len(parts) > 2 else "")


_CALLS: dict[str, Callable[[formulas.Call, _Said], str]] = {
    "growth": _growth,
    "sum_over": _sum,
    "count_where": _count,
    "per": _divided,
    "mean_duration": _divided,
}
