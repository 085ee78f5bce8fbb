"""How a number is printed: its decimals, its qualifier, and the reference it is called by.

Observation rows and formula trees in, text or settings out; :mod:`nq57lab.facts.figures` writes the numbers.
"""

import math
import re

import pandas as pd

from nq57lab.base import formulas, wording

# Databases give machine precision; a report prints no more decimals than these (two where no unit is named).
MOST_DECIMALS = {"điểm": 4, "ha": 2}


def printed_number(row: pd.Series) -> str:
    """Write a row's number with its source's digits and scale word, without the zero that pads small counts (08)."""
    value, printed = float(row["value"]), row["printed"]
    if row["value_high"] == row["value_high"]:
        ends = (value, float(row["value_high"]))  # a form gives two numbers, a document one printed text
        return re.sub(r"\s*[-–]\s*", wording.SPAN, printed) or wording.SPAN.join(
            wording.number(end, min(decimals_needed(end), MOST_DECIMALS.get(row["unit"], 2))) for end in ends
        )
    if " " in printed and not printed.startswith("giảm"):
        return printed
    places = wording.decimals_of(printed) if printed else decimals_needed(value)
    if row.get("formula"):  # computed: one decimal, of a small number two digits that count
        places = decimals_needed(
            round(value, 1 if value == 0 or abs(value) >= 0.95 else -math.floor(math.log10(abs(value))) + 1)
        )
    return wording.number(value, min(places, MOST_DECIMALS.get(row["unit"], 2)))


def is_additive(node: formulas.Node) -> bool:
    """Whether a tree only adds, subtracts or counts its references, so that it keeps their unit."""
    if isinstance(node, formulas.Operation):
        return node.symbol in "+-" and is_additive(node.left) and is_additive(node.right)
    return isinstance(node, formulas.Reference) or (
        isinstance(node, formulas.Call) and node.function in ("sum_over", "count_where")
    )


def qualifier(node: formulas.Node, rows: pd.DataFrame) -> str:
    """A sum of lower bounds is a lower bound; any other mixture of bounds and approximations is an approximation."""
    loose = set(rows["qualifier"]) - {"="}
    if not loose:
        return "="
    return loose.pop() if len(loose) == 1 and is_sum(node) else "~"


def is_sum(node: formulas.Node) -> bool:
    """Whether a tree only adds its references."""
    if isinstance(node, formulas.Operation):
        return node.symbol == "+" and is_sum(node.left) and is_sum(node.right)
    return isinstance(node, formulas.Reference) or (isinstance(node, formulas.Call) and node.function == "sum_over")


def reference_text(row: pd.Series) -> str:
    """Return the reference by which an observation is called: its subject and what differs from the nation's total."""
    where = [f"area={row['area']}"] if row["area"] != "VN" else []
    where += [f"item={row['item']}"] if row["item"] else []
    where += row["dims"].split("; ") if row["dims"] else []
    return row["subject"] + (f"[{'; '.join(where)}]" if where else "")


def decimals_needed(value: float) -> int:
    """Return how many decimals, four at most, a value needs."""
    text = f"{value:.4f}".rstrip("0")
    return len(text.partition(".")[2])


def coarsest(rows: pd.DataFrame) -> int:
    """Return the decimals of the coarsest part of a sum; a part printed with a scale word has none."""
    return min((0 if " " in text else wording.decimals_of(text) for text in rows["printed"] if text), default=0)
