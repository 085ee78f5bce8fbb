"""The rule of each kind of target: a number, a range, a rank, a place in a region, growth a year, an increase since, a level to keep.

A target and its series in, the number that the value is measured against out; verdicts of the kinds that the published methods do not
cover, graded on the same thresholds as Eurostat's.
"""

import math

import numpy as np
import pandas as pd

from nq57lab.base import periods
from nq57lab.base.messages import reason as because
from nq57lab.targets import cases as of_cases
from nq57lab.targets.methods import eurostat, sdsn

RULES = {
    "top_n": "so thứ hạng; tiến độ theo đường thẳng",
    "regional_top_n": "so thứ hạng trong khu vực; tiến độ theo đường thẳng",
    "growth_between": "so tốc độ tăng bình quân các năm sau năm gốc",
    "increment_since": "đếm số tăng thêm từ khi có {goi}; tiến độ theo đường thẳng",
    "maintain": "giữ mức ở mọi kỳ từ năm gốc",
    "qualitative": "mục tiêu định tính",
}
_KINDS = {"share": "share", "ratio": "share", "count": "count", "amount": "count", "rank": "rank", "growth": "growth"}


def aim(target, case: dict, series: pd.DataFrame, direction: int, kind: str, base_year: int) -> dict:
    """Return what a target's kind changes in its case: the number aimed at, the direction, the value measured.

    Parameters
    ----------
    target : row of targets.csv
        With comparator, value and value_high.
    case : dict
        value, baseline and their years.
    series : DataFrame
        period, value, measure: the comparable observations, oldest first.
    base_year : int
        The last year before the programme took effect, from whose end an increase counts.
    direction : int
        The indicator's; 0 where neither way is better.

    Notes
    -----
    A range is met from its lower end up where higher is better, from its upper end down where lower is better, and only inside it
    where neither is. "Top n" is met at n or less. An increase since the Resolution counts from zero: a cumulative figure is the increase,
    of a stock the base is taken off (which is then as far as it can fall).
    """
    bounds = {"lower": 0.0 if target.unit == "%" else math.nan, "upper": 100.0 if target.unit == "%" else math.nan}
    found = {"kind": _KINDS.get(kind, "level"), **bounds, "direction": direction or 1, "aim": target.value}
    comparator = target.comparator
    if comparator in ("top_n", "regional_top_n"):
        return found | {"kind": "rank", "direction": -1, "lower": 1.0, "upper": math.nan}
    if comparator in (">", ">="):
        return found | {"direction": 1}
    if comparator in ("<", "<="):
        return found | {"direction": -1}
    if comparator == "between":
        below = direction > 0 or (direction == 0 and case["value"] < target.value_high)
        return found | ({"direction": 1} if below else {"direction": -1, "aim": target.value_high})
    if comparator == "growth_between":
        return found | {"kind": "growth", "direction": 1, "lower": math.nan, "upper": math.nan}
    if comparator == "increment_since":
        counted = len(series) > 0 and series["measure"].iloc[-1] == "cumulative"
        start = 0.0 if counted else case["baseline"]
        since = {"base_year": float(base_year) if counted else case.get("base_year", math.nan)}
        since |= {"baseline": 0.0 if start == start else math.nan, "baseline_rule": "tính từ khi có {goi}"}
        room = {"lower": 0.0 - start, "upper": bounds["upper"] - start, "value": case["value"] - start}
        return found | since | room | {"kind": "cumulative"}
    return found


def pace_verdict(ratio: np.ndarray) -> np.ndarray:
    """Grade a linear pace ratio on Eurostat's thresholds: ≥ 0.95, ≥ 0.60, ≥ 0, less."""
    return eurostat.graded(ratio, 0.95 - sdsn.EXACT, 0.6 - sdsn.EXACT)


def mean_growth(history: pd.DataFrame, after: float) -> pd.Series:
    """Return by id the mean yearly growth, per cent, over the whole years after a year: the constant rate with the same end.

    Notes
    -----
    100 · ((Π (1 + gᵢ / 100))^(1/n) − 1), as statistics state a mean growth; the arithmetic mean would overstate uneven growth.

    Examples
    --------
    >>> table = pd.DataFrame({"id": "a", "period": ["2024", "2025", "2026"], "value": [99.0, 50.0, -50.0]})
    >>> mean_growth(table, 2024.0).round(3).tolist()
    [-13.397]
    """
    years = history[history["period"].str.fullmatch(r"\d{4}")]
    years = years[(years["period"].map(periods.decimal_year) > after) & (years["value"] > -100)]
    return 100 * np.expm1(np.log1p(years["value"] / 100).groupby(years["id"]).mean())


def own_verdicts(
    found: pd.DataFrame, cases: pd.DataFrame, history: pd.DataFrame, table: pd.DataFrame, methods, base_year: int
) -> pd.DataFrame:
    """Put the verdict of the kinds with a rule of their own in place of the named method's.

    Parameters
    ----------
    found : DataFrame
        The targets with verdict, verdict_class, verdict_rule and reason.
    cases, history : DataFrame
        As the methods took them.
    methods : module
        :mod:`nq57lab.targets.evaluate` (its classes and their agreement).
    base_year : int
        The programme's, after which growth counts.
    """
    own = found["comparator"].isin([name for name in RULES if name != "qualitative"]) & (cases["target"].notna())
    if not own.any():
        return found
    sound = of_cases.one_of(of_cases.reasons(cases), "")
    met = of_cases.achieved(cases)
    verdict = np.where(met, "target_achieved", pace_verdict(table["sdsn_ratio"].to_numpy(float)))
    reason = np.where(met | sound, "", of_cases.reasons(cases))
    growing = (found["comparator"] == "growth_between").to_numpy()
    if growing.any():
        mean = found["id"].map(mean_growth(history, float(base_year))).to_numpy(float)
        kept = pace_verdict(mean / cases["target"].to_numpy(float))
        verdict = np.where(growing, kept, verdict)
        none = of_cases.first_reason(len(mean), (np.isnan(mean), because("no_growth_year")))
        reason = np.where(growing, none, reason)
    keeping = (found["comparator"] == "maintain").to_numpy()
    if keeping.any():
        broken = _broken(cases, history)
        kept = np.where(met & ~broken, "target_achieved", "deterioration")
        verdict = np.where(keeping, np.where(cases["current_value"].isna(), "not_available", kept), verdict)
        reason = np.where(keeping & cases["current_value"].notna(), "", reason)
    verdict = np.where(reason == "", verdict, "not_available")
    against = found["against"] != ""
    verdict = np.where(against & ~met, "not_available", verdict)
    reason = np.where(against & ~met, found["against"], reason)
    classes = pd.Series(verdict, index=found.index).map(methods.CLASS_OF["eurostat"]).fillna("")
    kinds = found["comparator"].map(RULES)
    found = found.assign(
        verdict=found["verdict"].where(~own, verdict),
        verdict_class=found["verdict_class"].where(~own, classes),
        verdict_rule=found["verdict_rule"].where(~own, kinds),
        reason=found["reason"].where(~own, reason),
    )
    said = methods.classes(table)
    same = methods.agrees(said.assign(own=classes), "own").drop(columns="own").sum(axis=1)
    return found.assign(methods_agree=found["methods_agree"].where(~own, same.where(classes != "")).astype("Int64"))


def _broken(cases: pd.DataFrame, history: pd.DataFrame) -> np.ndarray:
    """Tell which levels to be kept were missed in a period since the base."""
    rows = history.assign(year=history["period"].map(periods.decimal_year)).merge(
        cases[["id", "base_year", "target", "direction", "comparator"]], on="id", how="inner"
    )
    rows = rows[rows["year"] >= rows["base_year"]]
    missed = rows[~of_cases.met(rows.assign(current_value=rows["value"]))] if len(rows) else rows
    return cases["id"].isin(set(missed["id"])).to_numpy()
