"""The twelve macro KPIs: for each the series that measures it, its 2030 target, and a probability or the reason why there is none.

Catalogue and observations in, one row a KPI out, with the histories behind it. Two quantities with the same words stay two: a series that the
crosswalk calls different is context, and gives no probability of the KPI's target.
"""

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from nq57lab.base import formulas
from nq57lab.base.messages import reason
from nq57lab.facts import observations
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.observations import Lookup
from nq57lab.forecast import series as series_of
from nq57lab.outlook import sensitivity
from nq57lab.outlook.sensitivity import Goal
from nq57lab.targets import chance, kinds, vintages
from nq57lab.targets import tracking as of_targets

YEAR = 2030
VINTAGES = 4  # earlier vintages shown beside the present one
ORDER = {"S002": 0, "S000": 1, "S004": 2}
RELATIONS = {"own": "đúng KPI", "same": "cùng đại lượng", "near": "gần định nghĩa", "": "chưa có"}
COLUMNS = [
    *("kpi", "measure", "relation", "points", "first", "last", "reason", "target_id", "comparator", "target", "aim"),
    *("direction", "kind", "lower", "upper", "assumed", "p_met", "p_reason", "ahead"),
]


@dataclass(frozen=True)
class Outlook:
    """``rows`` (:data:`COLUMNS`, one a KPI) and ``histories``: subject → id, period, value, oldest first, of one definition."""

    rows: pd.DataFrame
    histories: dict[str, pd.DataFrame]


def outlook(catalogue: Catalogue, table: pd.DataFrame, entries: pd.DataFrame, known: date) -> Outlook:
    """Return what can be said of every macro KPI's 2030 target.

    Parameters
    ----------
    catalogue : Catalogue
    table : DataFrame
        As-of observations.
    entries : DataFrame
        All observations that the edition may know, every vintage.
    known : date
        The edition's date.

    Returns
    -------
    Outlook
        ``reason`` says why the series is not forecast ("" where it is); ``p_reason`` why there is no probability. ``assumed`` says how a
        target without a number was read.

    Notes
    -----
    A KPI is measured by its own observations, else by the first indicator that the crosswalk calls the same or near. The target is the
    numeric one of the plan before the proposal's and the draft's. Where the only target of a rank is "to rise" it is read as: better than
    the present rank.
    """
    rows, histories = [], {}
    kpi: Any
    for kpi in catalogue.indicators.query("layer == 'M'").itertuples():
        measure, relation = measured_by(catalogue, table, kpi.code)
        histories[measure] = series(table, entries, measure, known)
        rows.append(_row(catalogue, kpi.code, measure, relation, histories[measure]))
    return Outlook(pd.DataFrame(rows, columns=COLUMNS), histories)


def others(catalogue: Catalogue, table: pd.DataFrame, entries: pd.DataFrame, known: date, found: Outlook) -> Outlook:
    """Return the same of every other quantity with a 2030 target and a series; the macro KPIs' measures in ``found`` are left out."""
    goals = catalogue.targets[catalogue.targets["milestone"] == str(YEAR)]
    taken = {*found.rows["kpi"], *found.rows["measure"]}
    rows, histories = [], {}
    for subject in map(str, goals["indicator"].drop_duplicates()):
        history = series(table, entries, subject, known) if subject not in taken else None
        if history is not None and len(history):
            histories[subject] = history
            rows.append(_row(catalogue, subject, subject, "own", history))
    return Outlook(pd.DataFrame(rows, columns=COLUMNS), histories)


def _row(catalogue: Catalogue, kpi: str, measure: str, relation: str, history: pd.DataFrame) -> dict:
    row: dict[str, Any] = {"kpi": kpi, "measure": measure, "relation": relation if len(history) else ""}
    row |= {"points": len(history), "first": "", "last": "", "reason": "", "p_met": math.nan, "ahead": math.nan}
    if len(history):
        row |= {"first": history["period"].iloc[0], "last": history["period"].iloc[-1]}
    row |= _goal(catalogue, kpi, measure, history)
    return row | _judge(row, history)


def untargeted(catalogue: Catalogue, subject: str, history: pd.DataFrame) -> pd.Series:
    """Return the row (:data:`COLUMNS`) of a subject that no 2030 target is set on; its kind and bounds by what it is and its unit."""
    row = _row(catalogue, subject, subject, "own", history)
    about = catalogue.indicators.set_index("code")["kind"]
    unit = catalogue.subject_units.get(subject, "")
    kind = "rank" if unit == "thứ hạng" or about.get(subject, "") == "rank" else str(row["kind"])
    lower = 1.0 if kind == "rank" else row["lower"]
    return pd.Series(row | {"kind": kind, "lower": lower}).reindex(COLUMNS)


def measured_by(catalogue: Catalogue, table: pd.DataFrame, kpi: str) -> tuple[str, str]:
    """Return the subject that measures a KPI and how it relates to it: own, same, near; the KPI itself where there is none."""
    crosswalk = catalogue.crosswalk
    links = crosswalk[(crosswalk["indicator"] == kpi) & crosswalk["kind"].isin(["same", "near"])]
    national = set(table.loc[table["area"] == "VN", "subject"])
    if kpi in national or links.empty:
        return kpi, "own"
    return links.iloc[0]["other"], links.iloc[0]["kind"]


def context(catalogue: Catalogue, table: pd.DataFrame, entries: pd.DataFrame, known: date) -> pd.DataFrame:
    """Return long series that are near a KPI in matter but differ in definition: kpi, subject, reason, points.

    They may be forecast as context; no probability of the KPI's target follows from them.
    """
    kpis = set(catalogue.indicators.loc[catalogue.indicators["layer"] == "M", "code"])
    codes = {code: kpi for kpi in sorted(kpis) for code in [measured_by(catalogue, table, kpi)[0], kpi]}
    links = catalogue.crosswalk[
        catalogue.crosswalk["indicator"].isin(codes) & (catalogue.crosswalk["kind"] == "different")
    ]
    found = []
    link: Any
    for link in links.itertuples():
        if "[" in link.other:
            continue
        history = series(table, entries, link.other, known)
        if history.empty:
            continue
        fit, _ = series_of.prepare(history.assign(series_id=link.other)[["series_id", "period", "value"]])
        if fit:
            found.append((codes[link.indicator], link.other, link.reason, len(history)))
    return pd.DataFrame(found, columns=["kpi", "subject", "reason", "points"]).drop_duplicates("subject")


def series(table: pd.DataFrame, entries: pd.DataFrame, subject: str, known: date, area: str = "VN") -> pd.DataFrame:
    """Return a subject's series of one definition in an area, periods of one length, oldest first: id, period, value."""
    total = table[(table["area"] == area) & (table["item"] == "") & (table["subject"] == subject)]
    rows = (
        Lookup(of_targets.present(total, pd.Timestamp(known))).rows(formulas.Reference(subject, ()), area)
        if len(total)
        else total
    )
    rows = rows[~rows["period"].str.contains("/")]
    if rows.empty:
        return rows[["id", "period", "value"]]
    newest = rows.iloc[-1]
    alike = of_targets.same_length(rows, newest)
    own = entries[(entries["subject"] == subject) & (entries["area"] == area) & (entries["dims"] == newest["dims"])]
    return vintages.one_series(own, alike, newest)[["id", "period", "value"]].reset_index(drop=True)


def _goal(catalogue: Catalogue, kpi: str, measure: str, history: pd.DataFrame) -> dict:
    """Return the 2030 target of a KPI, or of the indicator that measures it."""
    indicators = catalogue.indicators.set_index("code")
    named = [code for code in (measure, kpi) if code in indicators.index]
    about: Any = indicators.loc[named[0]] if named else pd.Series({"direction": 0, "kind": ""})
    goals = catalogue.targets[
        (catalogue.targets["milestone"] == str(YEAR)) & catalogue.targets["indicator"].isin([kpi, measure])
    ]
    ranked = goals.assign(
        quality=goals["comparator"].isin(["qualitative", "regional_top_n"]), order=goals["source"].str[:4].map(ORDER)
    ).sort_values(["quality", "order"], kind="stable")
    found: dict[str, Any] = {
        "target_id": "",
        "comparator": "",
        "target": math.nan,
        "aim": math.nan,
        "assumed": "",
        "p_reason": "",
    }
    found |= {"direction": int(about["direction"]), "kind": "level", "lower": math.nan, "upper": math.nan}
    if ranked.empty:
        return found | {"p_reason": "không có mục tiêu đến năm 2030"}
    target: Any = next(ranked.itertuples())
    found |= {"target_id": target.id, "comparator": target.comparator, "target": target.value}
    if target.comparator == "qualitative":
        if about["kind"] == "rank" and len(history):
            best = float(history["value"].iloc[-1]) - 1
            return found | {"kind": "rank", "direction": -1, "lower": 1.0, "aim": best, "assumed": target.stated_vi}
        return found | {"p_reason": f"mục tiêu không có số: “{target.stated_vi.split(' (')[0]}”"}
    case = {"value": float(history["value"].iloc[-1]) if len(history) else math.nan, "baseline": math.nan}
    return found | {
        key: value
        for key, value in kinds.aim(target, case, pd.DataFrame(), found["direction"], about["kind"]).items()
        if key in ("aim", "direction", "kind", "lower", "upper")
    }


def goal_of(row: dict | pd.Series) -> Goal:
    """Return a row's target as :class:`~nq57lab.outlook.sensitivity.Goal`."""
    lower = -math.inf if math.isnan(row["lower"]) else float(row["lower"])
    upper = math.inf if math.isnan(row["upper"]) else float(row["upper"])
    return Goal(YEAR, float(row["aim"]), int(row["direction"]), row["kind"], lower, upper)


def _judge(row: dict, history: pd.DataFrame) -> dict:
    """Return whether the series can be forecast, and the probability of the target."""
    if history.empty:
        why = "chưa có số liệu cùng định nghĩa"
        return {"reason": why, "p_reason": row["p_reason"] or why}
    frame = history.assign(series_id="", kind=row["kind"])[["series_id", "period", "value", "kind"]]
    found, refused = series_of.prepare(frame)
    if not found:
        short = len(history) < series_of.SHORTEST["yearly"]
        why = reason("too_few", count=len(history), need=series_of.SHORTEST["yearly"]) if short else refused[""]
        return {"reason": why, "p_reason": row["p_reason"] or why}
    ahead = (YEAR - found[0].last) / found[0].step if found[0].frequency == "yearly" else math.nan
    if row["p_reason"]:
        return {"ahead": ahead}
    if row["direction"] * (float(history["value"].iloc[-1]) - row["aim"]) >= 0:
        return {"ahead": ahead, "p_reason": "mục tiêu đã đạt: không tính xác suất"}
    goal = goal_of(row)
    asked = pd.DataFrame([{"id": row["kpi"], "target_year": YEAR, "target": goal.value, "direction": goal.direction}])
    asked = asked.assign(kind=goal.kind, lower=row["lower"], upper=row["upper"])
    judged = chance.p_met(history.assign(id=row["kpi"])[["id", "period", "value"]], asked).iloc[0]
    return {
        "ahead": ahead,
        "p_met": judged["p_met"],
        "p_reason": "" if judged["p_met"] == judged["p_met"] else judged["reason"],
    }


def earlier(entries: pd.DataFrame, subject: str, known: date, count: int = VINTAGES) -> dict[str, pd.DataFrame]:
    """Return a subject's series as it was known on its earlier days of publication, the newest first.

    Parameters
    ----------
    entries : DataFrame
        All observations.
    subject : str
    known : date
        The edition's date, itself left out.
    count : int
        How many days.

    Returns
    -------
    dict of str to DataFrame
        Day (ISO 8601) → id, period, value.
    """
    own = entries[(entries["subject"] == subject) & (entries["area"] == "VN")]
    days = sorted({day for day in own["vintage_end"] if day.date() <= known}, reverse=True)[1 : count + 1]
    found = {}
    for day in days:
        then = observations.as_of(own, day.date(), None)
        found[str(day.date())] = series(then, own[own["vintage_end"] <= day], subject, day.date())
    return found


def depends(row: pd.Series, histories: dict[str, pd.DataFrame], entries: pd.DataFrame, known: date) -> pd.DataFrame:
    """Return :func:`nq57lab.outlook.sensitivity.sensitivity` of a KPI's probability."""
    before = earlier(entries, row["measure"], known)
    return sensitivity.sensitivity(histories[row["measure"]], goal_of(row), before)
