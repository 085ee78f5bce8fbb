"""Cases: what a target is measured by. A table of cases in, for every case what can be said before any method: met or not, and why not.

A case is one row: base and current value with their years (a half-year carries decimals), the target, its year, the direction.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from nq57lab.base import contract, tables
from nq57lab.base.messages import Reason, reason
from nq57lab.base.problems import ProblemError
from nq57lab.forecast.series import LIMITS

CASES, HISTORY, KINDS = contract.TARGET_CASES, contract.TARGET_HISTORY, contract.CASE_KINDS
YEARS = (1900, 2200)  # a year outside them was mistyped
EXACT = 1e-9  # relative difference below which two figures are one
NO_BASE, TWO_DEFINITIONS = reason("no_base"), reason("two_definitions")
NONE_SINCE_BASE, BEFORE_BASE, MILESTONE_PAST, NO_YEARS, MISTYPED = (
    reason("none_since_base"),
    reason("before_base"),
    reason("milestone_past"),
    reason("no_years"),
    reason("year_mistyped"),
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
    cases = complete(tables.convert(text, CASES).reset_index(drop=True))
    for place, end in enumerate(("lower", "upper")):
        own = cases["kind"].map({kind: ends[place] for kind, ends in LIMITS.items() if np.isfinite(ends[place])})
        cases[end] = cases[end].fillna(own.astype(float))
    return cases


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


def one_sided(cases: pd.DataFrame) -> pd.DataFrame:
    """Return the cases with every band (a target with a ``target_high``) as the end of it that the value is nearest to.

    Notes
    -----
    A band is met inside it and missed on either side (parity: 0.97–1.03). Its target becomes the end on the value's side, its direction the way to
    it; ``band_end`` is the far end, ``crossed`` tells that base and value lie on different sides: such a base is taken at its distance from the band
    (:func:`reflected`), one inside the band at the end itself. A band of one end, or reversed, stays as it is for :func:`value_reasons` to tell.
    """
    low, high = cases["target"].to_numpy(float), cases["target_high"].to_numpy(float)
    base, value = cases["base_value"].to_numpy(float), cases["current_value"].to_numpy(float)
    band = low <= high
    inside = (value >= low) & (value <= high)
    above = np.where(inside, base > high, value > high)
    turned = cases.assign(
        target=np.where(band & above, high, low),
        direction=np.where(band, np.where(above, -1, 1), cases["direction"]),
        band_end=np.where(band, np.where(above, low, high), np.nan),
        crossed=band & (((base > high) & (value < low)) | ((base < low) & (value > high))),
    )
    base = reflected(turned, base)
    lost = band & ~inside & (base >= low) & (base <= high)
    return turned.assign(base_value=np.where(lost, turned["target"], base))


def reflected(cases: pd.DataFrame, values) -> np.ndarray:
    """Return values as far from a band as they lie beyond its far end, on its near side; those of one-sided targets as they are."""
    values = np.asarray(values, dtype=float)
    if "band_end" not in cases:
        return values
    far, near = cases["band_end"].to_numpy(float), cases["target"].to_numpy(float)
    past = cases["direction"].to_numpy(float) * (values - far) > 0
    return np.where(past, near + far - values, values)


def banded(cases: pd.DataFrame) -> np.ndarray:
    """Tell which cases aim at a band."""
    return cases["band_end"].notna().to_numpy() if "band_end" in cases else np.zeros(len(cases), dtype=bool)


def crossed(cases: pd.DataFrame) -> np.ndarray:
    """Tell which cases have base and value on different sides of their band."""
    return cases["crossed"].to_numpy(bool) if "crossed" in cases else np.zeros(len(cases), dtype=bool)


def cautions(cases: pd.DataFrame, history: pd.DataFrame | None = None) -> np.ndarray:
    """Return what a reader should check in a case that is judged all the same; "" where nothing."""
    base, target, limit = (cases[name].to_numpy(float) for name in ("base_value", "target", "limit"))
    beyond = reached(base, target, cases["direction"], strict=True)
    told = (value_reasons(cases) != "") | cases["target_high"].notna() | (cases["comparator"] == "maintain")
    return first_reason(
        len(cases),
        (beyond & ~told, reason("base_beyond_target")),
        ((base - limit) * (target - limit) < 0, reason("target_beyond_limit")),
        (_unlike(cases, history), reason("history_differs")),
    )


def _unlike(cases: pd.DataFrame, history: pd.DataFrame | None) -> np.ndarray:
    """Tell which cases have another value in their history for the base's or the current year."""
    if history is None or history.empty:
        return np.zeros(len(cases), dtype=bool)
    yearly = history[history["period"].str.fullmatch(r"\d{4}")]
    dated = yearly.assign(year=yearly["period"].astype(float)).merge(cases, on="id", how="inner")
    apart = np.zeros(len(dated), dtype=bool)
    for value, year in (("current_value", "current_year"), ("base_value", "base_year")):
        same = np.isclose(dated["value"], dated[value], rtol=EXACT, atol=0.0) | dated[value].isna()
        apart |= (dated["year"] == dated[year]) & ~same
    return cases["id"].isin(set(dated.loc[apart, "id"])).to_numpy()


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
    return reached(reflected(cases, cases["current_value"]), cases["target"], cases["direction"], strict)


def achieved(cases: pd.DataFrame) -> np.ndarray:
    """Tell which cases may be called met: the value meets the target and nothing is wrong with value, rank or years."""
    values = value_reasons(cases)
    sound = one_of(values, "", NO_BASE, TWO_DEFINITIONS) & ~(cases["current_year"] < cases["base_year"]).to_numpy()
    return met(cases) & sound


def fallen(cases: pd.DataFrame) -> np.ndarray:
    """Tell which cases stood on their target at the base and have left it since: no pace can be told, but the direction is."""
    left = (cases["base_value"] == cases["target"]).to_numpy() & ~met(cases) & one_of(reasons(cases), "")
    return left & (cases["direction"] * (cases["current_value"] - cases["base_value"]) < 0).to_numpy()


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
    """Return why a case's values cannot be used at all: missing, impossible, contradictory, two definitions; "" where they can."""
    base, now = cases["base_value"].to_numpy(float), cases["current_value"].to_numpy(float)
    rank = is_rank(cases)
    places = [cases[name].to_numpy(float) for name in ("base_value", "current_value", "target")]
    impossible = rank & np.any([~np.isnan(x) & ((x < 1) | (x != np.round(x))) for x in places], axis=0)
    low, high = cases["lower"].to_numpy(float), cases["upper"].to_numpy(float)
    outside = np.any([(x < low) | (x > high) for x in (*places, cases["target_high"].to_numpy(float))], axis=0)
    comparator, direction = cases["comparator"], cases["direction"].to_numpy(float)
    ends = cases["target_high"].to_numpy(float)
    against = (comparator.isin([">", ">="]) & (direction < 0)) | (comparator.isin(["<", "<="]) & (direction > 0))
    both = (cases["base_definition"] != "") & (cases["current_definition"] != "")
    return first_reason(
        len(cases),
        (comparator == "qualitative", reason("qualitative")),
        (np.isnan(now), reason("no_value_now")),
        (comparator == "growth_between", reason("growth_direct")),
        (impossible, reason("rank_whole")),
        (outside, reason("outside_limits")),
        (
            ((comparator == "between") & np.isnan(ends)) | (np.isnan(places[2]) & ~np.isnan(ends)),
            reason("band_without_end"),
        ),
        (places[2] > ends, reason("band_reversed")),
        (rank & (direction > 0) & np.isnan(ends), reason("rank_direction")),
        (against & np.isnan(ends), reason("direction_against")),
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
    mistyped = np.any([(year < YEARS[0]) | (year > YEARS[1]) for year in (start, now, end)], axis=0)
    return first_reason(
        len(cases),
        (mistyped, MISTYPED),
        (np.isnan(start) | np.isnan(now), NO_YEARS),
        (now < start, BEFORE_BASE),
        (now == start, NONE_SINCE_BASE),
        (aimed & np.isnan(end), reason("target_no_year")),
        (aimed & (end <= start), reason("milestone_by_base")),
        (aimed & (end <= now), MILESTONE_PAST),
    )


def reasons(cases: pd.DataFrame) -> np.ndarray:
    """Return why no method that needs two points applies to a case; "" where one may."""
    values = value_reasons(cases)
    return np.where(values != "", values, time_reasons(cases))
