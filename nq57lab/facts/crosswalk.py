"""One quantity in several documents: what the crosswalk says of a code, so that what is known under another code is found.

The catalogue in; a table of what is the same as a code, near it, or different although it sounds alike, each with the difference of the
definitions. "Same" carries over: what is the same as the same is the same.
"""

import pandas as pd

from nq57lab.base import formulas
from nq57lab.facts.catalogue import Catalogue

KINDS = ("same", "near", "different")
SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷"}
COLUMNS = ["code", "kind", "reason", "source"]


def same_as(catalogue: Catalogue, code: str) -> list[str]:
    """Return the codes whose figures are a code's own: itself first, then every one that the crosswalk calls the same, also over others.

    Examples
    --------
    S.1.2 is A.02.02 by the regulation and A.02.02 is B.11.01 by the indicator set: the three are one quantity. ``near`` and
    ``different`` ones are not taken, nor expressions.
    """
    rows = catalogue.crosswalk[catalogue.crosswalk["kind"] == "same"]
    pairs = list(zip(rows["indicator"], rows["other"], strict=True))
    known = set(catalogue.subject_units)
    found = [code]
    for member in found:
        ends = [b for a, b in pairs if a == member] + [a for a, b in pairs if b == member]
        found += [end for end in dict.fromkeys(ends) if end in known and end not in found]
    return found


def elsewhere(catalogue: Catalogue, code: str) -> pd.DataFrame:
    """Return what the crosswalk says of a code, itself left out.

    Returns
    -------
    DataFrame
        code (a code, one with a breakdown, or an expression of the closed grammar), kind (same, near, different), reason (the
        difference of the definitions), source; the same first, each once under its strongest kind. What is near to the same quantity
        is near to the code.
    """
    own = same_as(catalogue, code)
    rows = catalogue.crosswalk
    found: list[tuple[str, str, str, str]] = []
    for member in own:
        for row in rows[(rows["indicator"] == member) | (rows["other"].map(_subject) == member)].itertuples():
            other = row.other if row.indicator == member else row.indicator
            if other not in own or row.kind == "same":
                found.append((other, row.kind, row.reason, row.source))
    frame = pd.DataFrame([entry for entry in found if entry[0] != code], columns=COLUMNS)
    order = frame["kind"].map(KINDS.index)
    return frame.loc[order.sort_values(kind="stable").index].drop_duplicates("code").reset_index(drop=True)


def _subject(text: str) -> str:
    """Return the subject of a reference ("" of an expression)."""
    node = formulas.parse(text)
    return node.name if isinstance(node, formulas.Reference) else ""


def named(catalogue: Catalogue, text: str) -> str:
    """Return what a code, a reference or an expression is called: its subjects by their names and breakdowns, its signs as written by hand."""
    return _told(catalogue, formulas.parse(text))


def _told(catalogue: Catalogue, node: formulas.Node) -> str:
    if isinstance(node, formulas.Operation):
        left, right = _told(catalogue, node.left), _told(catalogue, node.right)
        return f"{left} {SIGNS[node.symbol]} {right}"
    if isinstance(node, formulas.Number):
        return f"{node.value:g}"
    if isinstance(node, formulas.Call):
        return "; ".join(_told(catalogue, reference) for reference in formulas.references(node))
    where = dict(node.where)
    area, dims = where.pop("area", ""), "; ".join(f"{key}={value}" for key, value in sorted(where.items()))
    parts = [catalogue.names[node.name], catalogue.dims_label(dims), catalogue.names.get(area, "")]
    return ", ".join(part for part in parts if part)
