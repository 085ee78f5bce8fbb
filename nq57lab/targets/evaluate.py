"""The published methods side by side: for each case every method's measure, verdict or reason for none, and how many agree.

Cases and their history in; one row a case out, in the same order (the columns of ``nq57 targets evaluate``).
"""

import numpy as np
import pandas as pd

from nq57lab.base.messages import reason as because
from nq57lab.targets import cases as of_cases
from nq57lab.targets.methods import registry, trajectory

METHODS = {key: method.name for key, method in registry.BY_NAME.items()}
STATUSES = {key: method.words for key, method in registry.BY_NAME.items()}
CLASS_OF = {key: method.classes for key, method in registry.BY_NAME.items()}
LIKELY = 0.5
# One symbol for one degree, whichever method says it; printed beside the words, so that colour alone never tells.
SYMBOLS = {status: entry.symbol for method in registry.BY_NAME.values() for status, entry in method.statuses.items()}
LEGEND = "Ký hiệu: ● đạt mục tiêu hoặc kịp tiến độ; ◐ tiến nhưng chưa đủ nhanh; ○ chậm hoặc ít khả năng đạt; ▼ đứng yên hoặc thụt lùi; –: không áp dụng được."
COLUMNS = [
    "id",
    *(f"{method.key}_{column}" for method in registry.BY_NAME.values() for column in method.columns),
    *("required_change", "arrival_year", "methods_agree", "methods_total"),
    *(registry.reason_column(key) for key in registry.BY_NAME),
    *("required_change_reason", "p_status"),
    *(f"{method.key}_{column}" for method in registry.PUBLISHED for column in method.more),
    *("trajectory", "pace", "met_since", "caution"),
]


def word(method: str, status: str) -> str:
    """Return what a method calls a status, without its arrow.

    >>> word("eurostat", "target_achieved")
    'đạt mục tiêu'
    """
    return STATUSES[method][status].lstrip("↑↗→↓ ")


def standing_method(rule: str) -> str:
    """Return the method whose words say a standing verdict, by the verdict's rule: a rule of the target's own kind speaks as Eurostat's does."""
    return {name: key for key, name in METHODS.items()}.get(rule, "eurostat")


def evaluate(
    cases: pd.DataFrame,
    history: pd.DataFrame | None = None,
    attainment: pd.DataFrame | None = None,
    method: str = "eurostat",
) -> pd.DataFrame:
    """Set the five methods side by side.

    Parameters
    ----------
    cases : DataFrame
        :data:`nq57lab.targets.cases.CASES`.
    history : DataFrame, optional
        id, period, value.
    attainment : DataFrame, optional
        id, p_met, reason: the probability that the target is met, from a predictive distribution (:func:`probability`).
    method : str
        The method whose verdict stands; the others agree with it or not.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`. ``methods_total`` counts the methods that apply, ``methods_agree`` those whose class (:data:`CLASSES`) is that
        of the named method's verdict, itself among them; NaN where the named method does not apply. A number that is missing has its reason
        beside it; ``caution`` tells what to check in a case that is judged all the same.
    """
    given, cases = cases, of_cases.one_sided(cases)
    parts = {method.key: method.measure(cases, history) for method in registry.PUBLISHED if method.measure}
    line = trajectory.measure(cases, history)
    chance = _chance(cases, attainment)
    table = pd.DataFrame({"id": cases["id"]}, index=cases.index)
    for name, part in parts.items():
        table = table.join(part.add_prefix(f"{name}_"))
    table = table.join(chance).join(line.drop(columns="reason"))
    table["required_change_reason"] = line["reason"]
    table["caution"] = of_cases.cautions(given, history)
    return _agreement(table, method)[COLUMNS]


def probability(cases: pd.DataFrame, history: pd.DataFrame | None) -> pd.DataFrame:
    """Return P(target met) of every case with a numeric target and a history, by the forecasts' predictive distributions.

    Returns
    -------
    DataFrame
        id, p_met, reason.
    """
    from nq57lab.targets import chance as attainment

    empty = pd.DataFrame({"id": pd.Series(dtype=str), "p_met": pd.Series(dtype=float), "reason": pd.Series(dtype=str)})
    if history is None or history.empty:
        return empty
    cases = of_cases.one_sided(cases)
    values = of_cases.value_reasons(cases)
    usable = of_cases.one_of(values, "", of_cases.NO_BASE, of_cases.TWO_DEFINITIONS) & ~of_cases.achieved(cases)
    ahead = (cases["target_year"] > cases["current_year"]) & cases["target"].notna()
    asked = cases[usable & ahead & cases["id"].isin(history["id"])]
    if asked.empty:
        return empty
    goals = asked[["id", "target_year", "target", "direction", "kind", "lower", "upper"]].replace(
        {"kind": {"cumulative": "count"}}
    )
    rows = history[history["id"].isin(asked["id"])]
    far = goals.assign(target=asked["band_end"], direction=-goals["direction"])[of_cases.banded(asked)]
    near = attainment.p_met(rows, goals.reset_index(drop=True), proven=True)
    # P(in a band) = P(past its near end) + P(not past its far end) − 1
    beyond = attainment.p_met(rows, far.reset_index(drop=True)).set_index("id")["p_met"]
    return near.assign(p_met=near["p_met"] + (near["id"].map(beyond) - 1).fillna(0.0))


def _chance(cases: pd.DataFrame, attainment: pd.DataFrame | None) -> pd.DataFrame:
    """Return p_met, its status and the reason for none, one row a case."""
    values = of_cases.value_reasons(cases)
    values = np.where(of_cases.one_of(values, of_cases.NO_BASE, of_cases.TWO_DEFINITIONS), "", values)
    given = pd.DataFrame({"p_met": np.nan, "reason": because("needs_history")}, index=cases.index)
    if attainment is not None and len(attainment):
        known = attainment.set_index("id").reindex(cases["id"]).set_axis(cases.index)
        given = pd.DataFrame({"p_met": known["p_met"], "reason": known["reason"].fillna(given["reason"])})
    met = of_cases.achieved(cases)
    reason = of_cases.first_reason(
        len(cases),
        (cases["target"].isna().to_numpy(), because("no_numeric_target")),
        (met, because("met_no_chance")),
        (cases["target_year"].isna().to_numpy(), because("target_no_year")),
        ((cases["target_year"] <= cases["current_year"]).to_numpy(), of_cases.MILESTONE_PAST),
    )
    reason = np.where(values != "", values, reason)
    chance = given["p_met"].where(reason == "")
    reason = np.where(reason != "", reason, np.where(chance.isna(), given["reason"], ""))
    status = np.select([chance >= LIKELY, chance < LIKELY], ["likely", "unlikely"], "not_available")
    return pd.DataFrame({"p_met": chance, "p_status": status, "p_met_reason": reason}, index=cases.index)


def classes(table: pd.DataFrame) -> pd.DataFrame:
    """Return the class of every method's status (one column a method; "" where the method does not apply)."""
    return pd.DataFrame(
        {name: table[f"{name}_status"].map(CLASS_OF[name]).fillna("") for name in METHODS}, index=table.index
    )


def agrees(found: pd.DataFrame, method: str = "eurostat") -> pd.DataFrame:
    """Tell which methods' classes agree with the named method's (False where either does not apply)."""
    standing = found[method]
    same = found.eq(standing, axis=0) & found.ne("")
    doubt = ((found == "off").to_numpy() & standing.isin(["slow", "back"]).to_numpy()[:, None]) | (
        (standing == "off").to_numpy()[:, None] & found.isin(["slow", "back"]).to_numpy()
    )
    return same | doubt


def _agreement(table: pd.DataFrame, method: str) -> pd.DataFrame:
    found = classes(table)
    total = (found != "").sum(axis=1)
    agree = agrees(found, method).sum(axis=1).astype(float).where(found[method] != "")
    return table.assign(methods_agree=agree.astype("Int64"), methods_total=total.astype("Int64"))
