"""The structure of indicators' formulas: numerators and denominators, what each counts, which shares are parts of a whole.

A catalogue in; trees, sides and pairs out. The audit of the catalogue and the checks of what people send stand on it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import pandas as pd

from nq57lab.base import formulas
from nq57lab.facts.catalogue import Catalogue


@dataclass(frozen=True)
class Unlike:
    """A share whose sides count different things: its code, the variables and the things counted above and below."""

    code: str
    sides: tuple[list[str], list[str]]
    things: tuple[set[str], set[str]]


@lru_cache(maxsize=4)
def measured(catalogue: Catalogue) -> pd.DataFrame:
    """Return the indicators that are audited: layers A and B of the indicator set, and the macro KPIs (M)."""
    return catalogue.indicators[catalogue.indicators["layer"].isin(["A", "B", "M"])]


def unit_families(catalogue: Catalogue) -> dict[str, str]:
    """Return every unit's family."""
    return dict(zip(catalogue.units["unit"], catalogue.units["family"], strict=True))


def formula_trees(rows: pd.DataFrame) -> dict[str, formulas.Node]:
    """Return the formulas as trees, by code."""
    return {row["code"]: formulas.parse(row["formula"]) for row in rows.to_dict("records") if row["formula"]}


def gives_percent(tree: formulas.Node) -> bool:
    """Tell whether a formula yields per cent: … × 100, or a growth rate."""
    if isinstance(tree, formulas.Call):
        return tree.function == "growth"
    return isinstance(tree, formulas.Operation) and tree.symbol == "*" and tree.right == formulas.Number(100.0)


def split_quotient(tree: formulas.Node) -> tuple[formulas.Node, formulas.Node | None]:
    """Split a formula into numerator and denominator (None without a division), the × 100 left out."""
    inner = tree.left if isinstance(tree, formulas.Operation) and gives_percent(tree) else tree
    if isinstance(inner, formulas.Operation) and inner.symbol == "/":
        return inner.left, inner.right
    return inner, None


def variables_of(tree: formulas.Node) -> list[str]:
    """Return the variables of a tree, each once."""
    return list(dict.fromkeys(reference.name for reference in formulas.references(tree)))


def unlike_parts(catalogue: Catalogue) -> Iterator[Unlike]:
    """Yield the shares whose numerator counts another thing than the denominator: the two sides, and what each counts."""
    rows, families = measured(catalogue).set_index("code"), unit_families(catalogue)
    declared = dict(zip(catalogue.variable_entities["variable"], catalogue.variable_entities["entity"], strict=True))

    def entity(name: str) -> str:
        unit = catalogue.subject_units.get(name, "")
        return declared.get(name) or (unit if families.get(unit) == "count" else families.get(unit, ""))

    for code, tree in formula_trees(measured(catalogue)).items():
        numerator, denominator = split_quotient(tree)
        if denominator is None or rows.at[code, "kind"] not in ("share", "count"):
            continue
        sides = variables_of(numerator), variables_of(denominator)
        above, below = ({entity(name) for name in side} for side in sides)
        if not above & below:
            yield Unlike(code, sides, (above, below))


@lru_cache(maxsize=4)
def shares_of(catalogue: Catalogue) -> list[tuple[str, str, str]]:
    """Return (indicator, part, whole) of every share whose formula is part / whole × 100.

    Shares whose numerator counts another thing than the denominator are left out: files against procedures are no part of a whole.
    """
    own = catalogue.indicators.assign(formula=catalogue.indicators["code"].map(catalogue.formulas).fillna(""))
    apart = {found.code for found in unlike_parts(replace(catalogue, indicators=own))}
    pairs = []
    for row in own[(own["kind"] == "share") & (own["formula"] != "") & ~own["code"].isin(apart)].itertuples():
        match formulas.parse(row.formula):
            case formulas.Operation(
                "*",
                formulas.Operation("/", formulas.Reference(part, ()), formulas.Reference(whole, ())),
                formulas.Number(100.0),
            ):
                pairs.append((row.code, part, whole))
    return pairs
