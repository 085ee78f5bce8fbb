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
from nq57lab.facts.known import Knowledge
from nq57lab.facts.observations import Lookup
from nq57lab.forecast import series as series_of
from nq57lab.outlook import sensitivity
from nq57lab.outlook.sensitivity import Goal
from nq57lab.targets import tracking as of_targets

YEAR = 2030
VINTAGES = 4  # earlier vintages shown beside the present one
COLUMNS = [
    *("kpi", "measure", "relation", "points", "first", "last", "reason", "target_id", "comparator", "target", "aim"),
    *("direction", "kind", "lower", "upper", "assumed", "p_met", "p_reason", "ahead", "pace", "since"),
]


@dataclass(frozen=True)
class Outlook:
    """``rows`` (:data:`COLUMNS`, one a KPI) and ``histories``: subject → id, period, value, oldest first, of one definition."""

    rows: pd.DataFrame
    histories: dict[str, pd.DataFrame]


def outlook(known: Knowledge, year: int = YEAR) -> Outlook:
    """Return what can be said of every macro KPI's target for a milestone (2030).

    Returns
    -------
    Outlook
        ``reason`` says why the series is not forecast ("" where it is); ``p_reason`` why there is no probability. Target, measure, pace and
        probability are those of the one standing of the target (:func:`nq57lab.targets.tracking.of_known`).
    """
    kpis = known.catalogue.indicators.query("layer == 'M'")["code"]
    standing, observed = _standing(known, year), of_targets.national(known.measured)
    rows, histories = [], {}
    for kpi in kpis:
        measure, relation = of_targets.measured_by(known.catalogue, observed, kpi)
        histories[measure] = series(known.measured, known.entered_rows, measure, known.known)
        rows.append(_row(kpi, measure, relation, standing.get(measure), histories[measure], year))
    return Outlook(pd.DataFrame(rows, columns=COLUMNS), histories)


def others(known: Knowledge, found: Outlook, year: int = YEAR) -> Outlook:
    """Return the same of every other quantity with a target for the milestone and a series; the macro KPIs' measures in ``found`` are left out."""
    taken = {*found.rows["kpi"], *found.rows["measure"]}
    rows, histories = [], {}
    for subject, target in _standing(known, year).items():
        history = series(known.measured, known.entered_rows, subject, known.known) if subject not in taken else None
        if history is not None and len(history):
            histories[subject] = history
            rows.append(_row(subject, subject, "own", target, history, year))
    return Outlook(pd.DataFrame(rows, columns=COLUMNS), histories)


def _standing(known: Knowledge, year: int) -> dict[str, pd.Series]:
    """Return the standing of every quantity's target for the year, by the subject that measures it; places in a region are left out."""
    progress = of_targets.of_known(known, str(year), probability=True).progress
    rows = of_targets.one_a_quantity(progress[progress["comparator"] != "regional_top_n"])
    return {row["measure"]: row for _, row in rows.iterrows()}


def _row(
    kpi: str, measure: str, relation: str, target: pd.Series | None, history: pd.DataFrame, year: int = YEAR
) -> dict:
    row: dict[str, Any] = {"kpi": kpi, "measure": measure, "relation": relation if len(history) else ""}
    row |= {
        "points": len(history),
        "first": "",
        "last": "",
        "ahead": math.nan,
        "pace": math.nan,
        "since": "",
        "reason": "",
    }
    if len(history):
        row |= {"first": history["period"].iloc[0], "last": history["period"].iloc[-1]}
    row |= {"target_id": "", "comparator": "", "target": math.nan, "aim": math.nan, "assumed": "", "direction": 0}
    row |= {
        "kind": "level",
        "lower": math.nan,
        "upper": math.nan,
        "p_met": math.nan,
        "p_reason": reason("no_target_2030") if year == YEAR else reason("no_target_then", year=str(year)),
    }
    if target is not None:
        same = ("comparator", "target", "aim", "assumed", "lower", "upper", "p_met", "pace")
        row |= {name: target[name] for name in same} | {
            "since": target["baseline_period"],
            "target_id": target["id"],
            "direction": int(target["direction"]),
        }
        row |= {
            "kind": target["kind"] or "level",
            "p_reason": "" if target["p_met"] == target["p_met"] else target["p_met_reason"],
        }
    if history.empty:
        return row | {"reason": reason("no_figure")}
    frame = history.assign(series_id="", kind=row["kind"])[["series_id", "period", "value", "kind"]]
    found, refused = series_of.prepare(frame)
    if not found:
        return row | {"reason": refused[""]}
    yearly = found[0].frequency == "yearly"
    return row | {"ahead": (year - found[0].last) / found[0].step if yearly else math.nan}


def untargeted(catalogue: Catalogue, subject: str, history: pd.DataFrame) -> pd.Series:
    """Return the row (:data:`COLUMNS`) of a subject that no 2030 target is set on; its kind and bounds by what it is and its unit."""
    row = _row(subject, subject, "own", None, history)
    about = dict(zip(catalogue.indicators["code"], catalogue.indicators["kind"], strict=True))
    unit = catalogue.subject_units.get(subject, "")
    kind = "rank" if unit == "thứ hạng" or about.get(subject, "") == "rank" else str(row["kind"])
    lower = 1.0 if kind == "rank" else row["lower"]
    return pd.Series(row | {"kind": kind, "lower": lower}).reindex(COLUMNS)


def context(catalogue: Catalogue, table: pd.DataFrame, entries: pd.DataFrame, known: date) -> pd.DataFrame:
    """Return long series that are near a KPI in matter but differ in definition: kpi, subject, reason, points.

    They may be forecast as context; no probability of the KPI's target follows from them.
    """
    observed = of_targets.national(table)
    kpis = set(catalogue.indicators.loc[catalogue.indicators["layer"] == "M", "code"])
    codes = {code: kpi for kpi in sorted(kpis) for code in [of_targets.measured_by(catalogue, observed, kpi)[0], kpi]}
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
    """Return a subject's series in an area, the one its targets are judged by (:func:`nq57lab.targets.tracking.history`): id, period, value.

    An interval is no period to forecast from: the series is empty where there is nothing else.
    """
    total = table[(table["area"] == area) & (table["item"] == "") & (table["subject"] == subject)]
    rows = (
        Lookup(of_targets.present(total, pd.Timestamp(known))).rows(formulas.Reference(subject, ()), area)
        if len(total)
        else total
    )
    rows = rows[~rows["period"].str.contains("/")]
    if rows.empty:
        return rows[["id", "period", "value"]]
    own = entries[(entries["area"] == area) & (entries["vintage_end"] <= pd.Timestamp(known))]
    return of_targets.history(rows, own)[["id", "period", "value"]].reset_index(drop=True)


def goal_of(row: dict | pd.Series) -> Goal:
    """Return a row's target as :class:`~nq57lab.outlook.sensitivity.Goal`."""
    lower = -math.inf if math.isnan(row["lower"]) else float(row["lower"])
    upper = math.inf if math.isnan(row["upper"]) else float(row["upper"])
    return Goal(YEAR, float(row["aim"]), int(row["direction"]), row["kind"], lower, upper)


def earlier(entries: pd.DataFrame, subject: str, known: date) -> dict[str, pd.DataFrame]:
    """Return a subject's series as it was known on its earlier days of publication, the newest first.

    Parameters
    ----------
    entries : DataFrame
        All observations.
    known : date
        The edition's date, itself left out.

    Returns
    -------
    dict of str to DataFrame
        Day (ISO 8601) → id, period, value.
    """
    own = entries[(entries["subject"] == subject) & (entries["area"] == "VN")]
    days = sorted({day for day in own["vintage_end"] if day.date() <= known}, reverse=True)[1 : VINTAGES + 1]
    found = {}
    for day in days:
        then = observations.as_of(own, day.date(), None)
        found[str(day.date())] = series(then, own[own["vintage_end"] <= day], subject, day.date())
    return found


def depends(row: pd.Series, histories: dict[str, pd.DataFrame], entries: pd.DataFrame, known: date) -> pd.DataFrame:
    """Return :func:`nq57lab.outlook.sensitivity.sensitivity` of a KPI's probability."""
    before = earlier(entries, row["measure"], known)
    return sensitivity.sensitivity(histories[row["measure"]], goal_of(row), before)
