"""What ``nq57 targets`` shows on a screen: a few columns in Vietnamese; files keep every column and digit.

A table of progress in; a table of text out.
"""

import math

import pandas as pd

from nq57lab.base import wording
from nq57lab.facts.catalogue import Catalogue
from nq57lab.targets import evaluate as methods
from nq57lab.targets import tracking as of_targets
from nq57lab.targets.methods import trajectory

DIGITS = 2  # after the decimal comma, at most


def short(value: float) -> str:
    """Write a number with at most two decimals, as many as it needs; "–" for none.

    >>> short(14.02), short(30.0), short(float("nan"))
    ('14,02', '30', '–')
    """
    if math.isnan(value):
        return "–"
    digits = next(places for places in range(DIGITS + 1) if places == DIGITS or round(value, places) == value)
    return wording.number(value, digits)


def targets(catalogue: Catalogue, progress: pd.DataFrame) -> pd.DataFrame:
    """Return the quantities that have a figure, one wording each: value and period, target, verdict with its reason, methods that agree, what is required.

    Parameters
    ----------
    progress : DataFrame
        :data:`nq57lab.targets.tracking.COLUMNS`.
    """
    said = {name: words for method in reversed(methods.STATUSES.values()) for name, words in method.items()}
    rows = []
    for row in of_targets.one_a_quantity(progress[progress["row"] != ""]).to_dict("records"):
        verdict = said[row["verdict"]] + (f": {row['reason']}" if row["reason"] else "")
        since = f", từ {wording.period(row['met_since'])}" if row["met_since"] else ""
        agree = "–" if pd.isna(row["methods_agree"]) else str(row["methods_agree"])
        numeric = row["comparator"] != "qualitative"
        aim = wording.target(row["comparator"], row["target"], row["target_high"], row["unit"]) if numeric else "–"
        rows.append(
            {
                "indicator": f"{catalogue.short[row['indicator']]} ({row['source'].partition(',')[0]})",
                "value": f"{short(row['value'])} ({wording.period(row['period'])})",
                "target": aim,
                "verdict": verdict + since,
                "methods_agree": f"{agree}/{len(methods.METHODS)}",
                "required": short(row["required"]),
                "arrival_year": "–"
                if math.isnan(row["arrival_year"])
                else str(trajectory.first_year(row["arrival_year"])),
            }
        )
    columns = ["indicator", "value", "target", "verdict", "methods_agree", "required", "arrival_year"]
    return pd.DataFrame(rows, columns=columns)


def plain(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return columns of a table as a screen in English shows them: the contract's own words, numbers with at most two decimals."""
    return table[columns].round(DIGITS).astype(object)
