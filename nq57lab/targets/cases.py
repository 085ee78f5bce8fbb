"""Cases: what a target is measured by. A table of cases in, for every case what can be said before any method: met or not, and why not.

A case is one row: base and current value with their years (a half-year carries decimals), the target, its year, the direction.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from nq57lab.base import contract, tables
from nq57lab.base.messages import Reason, reason
from nq57lab.base.problems import ProblemError

CASES, HISTORY, KINDS = contract.TARGET_CASES, contract.TARGET_HISTORY, contract.CASE_KINDS
EXACT = 1e-9  # relative difference below which two figures are one
NO_BASE, TWO_DEFINITIONS = reason("no_base"), reason("two_definitions")
NONE_SINCE_BASE, BEFORE_BASE, MILESTONE_PAST = (
    reason("none_since_base"),
    reason("before_base"),
    reason("milestone_past"),
)


def read_cases(path: Path) -> pd.DataFrame:
    """Read a file of cases.

    Returns
    -------
    DataFrame
        The columns of :data:`CASES` and those prefixed ``x_``, in the file's order; an optional column that the file leaves out is
        empty.

    Raises
    ------
    ProblemError
        With every problem and its row: an unknown or a missing column, a direction that is neither 1 nor −1, a cell that is no
        number, an id that stands twice.
    """
    return check_cases(tables.read_text(path, path.name), path.name)


def check_cases(text: pd.DataFrame, label: str) -> pd.DataFrame:
    """Check a table of text cells as :func:`read_cases` does a file's, and return its cases."""
    text = tables.complete(text, CASES)
    if "direction" in text:
        text = text.assign(direction=text["direction"].replace({"1.0": "1", "+1": "1", "-1.0": "-1"}))
    found = tables.problems(text, CASES, label)
    if found:
        raise ProblemError(found)
    return complete(tables.convert(text, CASES).reset_index(drop=True))


def read_history(path: Path, cases: pd.DataFrame) -> pd.DataFrame:
    """Read the history of cases: id, period, value; rows without a value are left out.

    Raises
    ------
    ProblemError
        With every problem and its row: a column, a period, a number, a repeated period, an id that no case has.
    """
    return check_history(tables.read_text(path, path.name), cases, path.name)


def check_history(text: pd.DataFrame, cases: pd.DataFrame, label: str) -> pd.DataFrame:
    """Check a table of text cells as :func:`read_history` does a file's, and return it."""
    found = tables.problems(text, HISTORY, label, {CASES.name: cases})
    if found:
        raise ProblemError(found)
    return tables.convert(text, HISTORY).dropna(subset="value").reset_index(drop=True)


def complete(cases: pd.DataFrame) -> pd.DataFrame:
    """Add the optional columns that a table of cases leaves out, empty."""
    blank = {
        name: "" if CASES.column(name).type == "string" else np.nan for name in CASES.optional if name not in cases
    }
    return cases.assign(**blank)


def reached(value, target, direction, strict=False):
    """Tell whether a value meets a target: above it for direction +1, below it for −1; on it unless strict.

    Parameters
    ----------
    value, target : float or array
        In one unit; NaN meets nothing.
    direction : int or array
        +1 or −1.
    strict : bool or array
        Whether the target itself is not enough ("more than").

    Notes
    -----
    Values that agree to nine digits are equal: 29 of 100 in per cent is 28.999999999999996 and meets a target of 29.

    Examples
    --------
    >>> bool(reached(55, 55, 1)), bool(reached(55, 55, 1, strict=True)), bool(reached(29 / 100 * 100, 29, 1))
    (True, False, True)
    """
    value, target = np.asarray(value, dtype=float), np.asarray(target, dtype=float)
    difference = np.asarray(direction) * (value - target)
    rounding = EXACT * np.maximum(np.abs(value), np.abs(target))
    return np.where(strict, difference > rounding, difference >= -rounding)


def met(cases: pd.DataFrame) -> np.ndarray:
    """Tell which cases meet their target now."""
    strict = cases["comparator"].isin([">", "<", "maintain"]).to_numpy()
    return reached(cases["current_value"], cases["target"], cases["direction"], strict)


def achieved(cases: pd.DataFrame) -> np.ndarray:
    """Tell which cases may be called met: the value meets the target and nothing is wrong with value, rank or years."""
    values = value_reasons(cases)
    sound = one_of(values, "", NO_BASE, TWO_DEFINITIONS) & ~(cases["current_year"] < cases["base_year"]).to_numpy()
    return met(cases) & sound


def is_rank(cases: pd.DataFrame) -> np.ndarray:
    """Tell which cases are ranks."""
    return ((cases["kind"] == "rank") | cases["comparator"].isin(["top_n", "regional_top_n"])).to_numpy()


def one_of(reasons: np.ndarray, *allowed: Reason | str) -> np.ndarray:
    """Tell which of some reasons are among those allowed ("" where there is none)."""
    return np.array([said in allowed for said in reasons], dtype=bool)


def first_reason(rows: int, *rules: tuple[np.ndarray, Reason | str]) -> np.ndarray:
    """Return for each row the reason of the first rule that holds, "" where none does."""
    if not rules:
        return np.full(rows, "", dtype=object)
    conditions = [np.asarray(condition, dtype=bool) for condition, _ in rules]
    return np.select(conditions, [np.array(why, dtype=object) for _, why in rules], np.array("", dtype=object))


def value_reasons(cases: pd.DataFrame) -> np.ndarray:
    """Return why a case's values cannot be used at all: missing, two definitions, an impossible rank; "" where they can."""
    base, now = cases["base_value"].to_numpy(float), cases["current_value"].to_numpy(float)
    rank = is_rank(cases)
    places = [cases[name].to_numpy(float) for name in ("base_value", "current_value", "target")]
    impossible = rank & np.any([~np.isnan(x) & ((x < 1) | (x != np.round(x))) for x in places], axis=0)
    both = (cases["base_definition"] != "") & (cases["current_definition"] != "")
    return first_reason(
        len(cases),
        (np.isnan(now), reason("no_value_now")),
        (cases["comparator"] == "growth_between", reason("growth_direct")),
        (impossible, reason("rank_whole")),
        (np.isnan(base), NO_BASE),
        (
            both & (cases["base_definition"] != cases["current_definition"]),
            TWO_DEFINITIONS,
        ),
    )


def time_reasons(cases: pd.DataFrame) -> np.ndarray:
    """Return why a case's years give no pace; "" where they do."""
    start, now, end = (cases[name].to_numpy(float) for name in ("base_year", "current_year", "target_year"))
    aimed = ~np.isnan(cases["target"].to_numpy(float))
    return first_reason(
        len(cases),
        (np.isnan(start) | np.isnan(now), reason("no_years")),
        (now < start, BEFORE_BASE),
        (now == start, NONE_SINCE_BASE),
        (aimed & np.isnan(end), reason("target_no_year")),
        (aimed & (end <= start), reason("milestone_by_base")),
        (aimed & (end < now), MILESTONE_PAST),
    )


def reasons(cases: pd.DataFrame) -> np.ndarray:
    """Return why no method that needs two points applies to a case; "" where one may."""
    values = value_reasons(cases)
    return np.where(values != "", values, time_reasons(cases))
