"""Quarterly rankings: ministries and provinces on shared core indicators by four criteria, and agencies by tasks completed.

Catalogue (rankings.csv) and as-of observations of a quarter in; one row a unit out, with its rank or the reason why it has none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from nq57lab.base import messages, periods
from nq57lab.base.contract import CRITERIA, LEAGUES
from nq57lab.base.messages import Reason, reason
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.composite.laboratory.aggregate import ranks
from nq57lab.composite.rankings.core import core_on, load_core, of_quarter, previous, units
from nq57lab.composite.score.score import MIN_COVERAGE, VERIFIED
from nq57lab.facts import indicators
from nq57lab.facts.catalogue import Catalogue

LEAGUE_NAMES = {
    "ministries": "Bộ, ngành",
    "provinces": "Tỉnh, thành phố",
    "tasks": "Cơ quan theo mức độ hoàn thành nhiệm vụ",
}
CRITERIA_NAMES = {
    "discipline": "Kỷ luật, tiến độ",
    "evidence": "Dữ liệu, minh chứng",
    "results": "Kết quả thực chất",
    "improvement": "Cải thiện so với kỳ trước",
}
# Assumed with the core itself: a mean rise of so many points in a quarter gets full marks, as large a fall none.
FULL_IMPROVEMENT = 10.0
DECIMALS = 2  # scores equal when printed share a rank
COLUMNS = [
    *("league", "quarter", "area", "name", "rank", "tied", "score", *CRITERIA),
    *("core", "counted", "coverage", "reason", "rows"),
]
TASK_COLUMNS = [
    *(
        "league",
        "quarter",
        "area",
        "name",
        "rank",
        "tied",
        "score",
        "on_time",
        "assigned",
        "completed",
        "reason",
        "rows",
    ),
]


@dataclass(frozen=True)
class League:
    """A league on a date: its units, its core and the decision behind it."""

    table: pd.DataFrame  # COLUMNS, ranked units first by rank, then the others in official order
    core: pd.DataFrame  # the rows of rankings.csv in force
    # area, indicator, now, before (0–100, direction applied), status, period, row: what the criteria rest on.
    scores: pd.DataFrame
    assumed: bool  # whether the core is the project's assumption


def rank(
    catalogue: Catalogue,
    rows: pd.DataFrame,
    league: str,
    quarter: str,
    day: date,
    *,
    statuses: Sequence[str] = VERIFIED,
    min_coverage: float = MIN_COVERAGE,
) -> League:
    """Rank a league's units in a quarter.

    Parameters
    ----------
    catalogue : Catalogue
        Areas, indicators and, in its folder, rankings.csv.
    rows : DataFrame
        As-of observations of the day.
    league : str
        ministries or provinces.
    quarter : str
        ``2026-Q2``.
    day : date
        The date, by which the core in force is chosen.
    statuses : sequence of str
        Statuses that count.
    min_coverage : float
        Share of the core's weight that must have a counted figure.

    Raises
    ------
    ProblemError
        If rankings.csv has problems, or the quarter is not one.

    Notes
    -----
    An indicator's score is its value where higher is better and 100 minus it where lower is better. A criterion is the weighted mean of
    its rows; a row of ``evidence`` without an indicator is half the share of the core (by weight) that has a counted figure and half the
    share whose figure names its evidence; one of ``improvement`` is 50 + 50 · mean change in points ÷ :data:`FULL_IMPROVEMENT`, held in
    [0, 100], over the indicators with a counted figure in both quarters. The score is the mean of the criteria, weighted by their rows'
    weights. A criterion that no unit has (no quarter before) is left out for all; a unit that lacks one that others have is not ranked.
    Scores equal to :data:`DECIMALS` decimals share a rank.

    References
    ----------
    S001, part I, III.1 and the diagram (four criteria; no ranking before figures are verified and received).
    """
    _check_quarter(quarter)
    core = core_on(load_core(catalogue), league, day)
    own = units(catalogue, league)
    named = core[core["indicator"] != ""].drop_duplicates("indicator")
    scores = _scores(catalogue, rows, own, list(named["indicator"]), quarter, tuple(statuses))
    wide = {
        name: scores.pivot(index="area", columns="indicator", values=name).reindex(
            index=own["id"], columns=list(named["indicator"])
        )
        for name in ("now", "before", "evidence")
    }
    weight = named.set_index("indicator")["weight"]
    present = wide["now"].notna()
    coverage = (present * weight).sum(axis=1) / weight.sum() if len(weight) else pd.Series(0.0, index=own["id"])
    criteria = _criteria(core, wide, weight, coverage)
    totals = core.groupby("criterion")["weight"].sum().reindex(list(CRITERIA)).fillna(0.0)
    usable = [name for name in CRITERIA if totals[name] > 0 and criteria[name].notna().any()]
    lacking = criteria[usable].isna()
    full = (coverage >= min_coverage - 1e-12) & ~lacking.any(axis=1) & bool(usable)
    total = (criteria[usable] * totals[usable]).sum(axis=1) / totals[usable].sum() if usable else coverage * np.nan
    first, last = periods.bounds(quarter)
    ended = rows["period"].map(lambda text: first <= periods.end(text) <= last)
    received = set(rows.loc[rows["subject"].isin(weight.index) & ended, "area"])
    whys = [
        _reason(area, bool(full[area]), present.loc[area], received, coverage[area], min_coverage, lacking.loc[area])
        for area in own["id"]
    ]
    parts = scores[scores["now"].notna()].groupby("area")["row"].agg("; ".join)
    table = pd.DataFrame(
        {
            "league": league,
            "quarter": quarter,
            "area": own["id"],
            "name": own["name"],
            "score": total.where(full).to_numpy(float),
            **{name: criteria[name].to_numpy(float) for name in CRITERIA},
            "core": len(weight),
            "counted": present.sum(axis=1).to_numpy(),
            "coverage": coverage.to_numpy(float),
            "reason": whys,
            "rows": own["id"].map(parts).fillna(""),
        }
    )
    return League(_ordered(_ranked(table))[COLUMNS], core, scores, bool((core["assumed"] == "yes").any()))


def by_tasks(
    catalogue: Catalogue, rows: pd.DataFrame, quarter: str, *, statuses: Sequence[str] = VERIFIED
) -> pd.DataFrame:
    """Rank agencies and provinces by the share of their assigned tasks that are completed.

    Returns
    -------
    DataFrame
        :data:`TASK_COLUMNS`: score = 100 · tasks_completed ÷ tasks_assigned; on_time = 100 · tasks_completed_on_time ÷ tasks_assigned,
        which parts equal scores; NaN and the reason where the figures are not verified, not received, or no task was assigned.

    References
    ----------
    S003, article 23, clause 4.
    """
    _check_quarter(quarter)
    own = units(catalogue, "tasks")
    names = ["tasks_assigned", "tasks_completed", "tasks_completed_on_time"]
    plain = rows[rows["subject"].isin(names) & (rows["item"] == "") & (rows["dims"] == "")]
    plain = of_quarter(plain.assign(inputs=plain["id"]), quarter, intervals=True)
    received = set(plain["area"])
    counted = plain[plain["status"].isin(statuses)]
    # Counts of two periods are not divided by each other.
    period = counted[counted["subject"] == "tasks_assigned"].set_index("area")["period"]
    counted = counted[counted["period"] == counted["area"].map(period)]
    wide = counted.pivot(index="area", columns="subject", values="value").reindex(index=own["id"], columns=names)
    assigned, completed, on_time = (wide[name].to_numpy(float) for name in names)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(assigned > 0, 100 * completed / assigned, np.nan)
        timely = np.where(assigned > 0, 100 * on_time / assigned, np.nan)
    reasons: list[Reason | str] = []
    for place, area in enumerate(own["id"]):
        if not np.isnan(share[place]):
            reasons.append("")
        elif assigned[place] == 0:
            reasons.append(reason("unranked_no_tasks"))
        elif area in received:
            reasons.append(reason("unranked_tasks_unverified"))
        else:
            reasons.append(reason("unranked_tasks_missing"))
    parts = counted.groupby("area")["inputs"].agg("; ".join)
    table = pd.DataFrame(
        {
            **{"league": "tasks", "quarter": quarter, "area": own["id"], "name": own["name"]},
            **{"score": share, "on_time": timely, "assigned": assigned, "completed": completed, "reason": reasons},
            "rows": own["id"].map(parts).fillna(""),
        }
    )
    return _ordered(_ranked(table, tie="on_time"))[TASK_COLUMNS]


def _check_quarter(quarter: str) -> None:
    if not (len(quarter) == 7 and quarter[4:6] == "-Q" and periods.is_period(quarter)):
        shape = messages.shape("quarter")
        raise ProblemError([Problem("pattern", "--quarter", found=quarter, details={"shape": shape})])


def _scores(
    catalogue: Catalogue,
    rows: pd.DataFrame,
    own: pd.DataFrame,
    codes: list[str],
    quarter: str,
    statuses: tuple[str, ...],
) -> pd.DataFrame:
    """Return the scores of the core's indicators of this quarter and the one before, with what they rest on."""
    columns = ["area", "indicator", "value", "now", "before", "evidence", "status", "period", "row"]
    kept = rows[rows["area"].isin(own["id"]) & rows["status"].isin(statuses)]
    values = indicators.compute(catalogue, kept) if len(kept) else pd.DataFrame(columns=indicators.COLUMNS)
    values = values[values["subject"].isin(codes)]
    if values.empty:
        return pd.DataFrame(columns=columns)
    direction = catalogue.indicators.set_index("code")["direction"]
    sides = []
    for period in (quarter, previous(quarter)):
        part = of_quarter(values, period)
        up = part["subject"].map(direction) > 0
        sides.append(part.assign(points=part["value"].where(up, 100 - part["value"]).astype(float)))
    now = sides[0]
    before = sides[1].set_index(["area", "subject"])["points"]
    keys = pd.MultiIndex.from_arrays([now["area"], now["subject"]])
    evident = set(kept.loc[kept["evidence"] != "", "id"])
    return pd.DataFrame(
        {
            "area": now["area"].to_numpy(),
            "indicator": now["subject"].to_numpy(),
            "value": now["value"].to_numpy(float),
            "now": now["points"].to_numpy(),
            "before": before.reindex(keys).to_numpy(float),
            "evidence": [float(set(text.split("; ")) <= evident) for text in now["inputs"]],
            "status": now["status"].to_numpy(),
            "period": now["period"].to_numpy(),
            "row": now["inputs"].to_numpy(),
        },
        columns=columns,
    )


def _criteria(
    core: pd.DataFrame, wide: dict[str, pd.DataFrame], weight: pd.Series, coverage: pd.Series
) -> pd.DataFrame:
    """Return every unit's score on each criterion, 0–100; NaN where it has none."""
    now, before = wide["now"], wide["before"]
    result = pd.DataFrame(index=now.index, columns=list(CRITERIA), dtype=float)
    evident = (wide["evidence"].fillna(0.0) * weight).sum(axis=1) / weight.sum()
    both = now.notna() & before.notna()
    moved = ((now - before).where(both, 0.0) * weight).sum(axis=1) / (both * weight).sum(axis=1).replace(0.0, np.nan)
    computed = {
        "evidence": (50 * coverage + 50 * evident).where(coverage > 0),
        "improvement": (50 + 50 * moved / FULL_IMPROVEMENT).clip(0, 100),
    }
    for name, part in core.groupby("criterion"):
        columns = [now[code] if code else computed[str(name)] for code in part["indicator"]]
        table = pd.concat(columns, axis=1).to_numpy(float)
        weights = np.where(np.isnan(table), 0.0, part["weight"].to_numpy(float))
        total = weights.sum(axis=1)
        with np.errstate(invalid="ignore"):
            result[str(name)] = np.where(
                total > 0, np.nansum(table * weights, axis=1) / np.where(total > 0, total, 1), np.nan
            )
    return result


def _reason(
    area: str, full: bool, present: pd.Series, received: set[str], coverage: float, needed: float, lacking: pd.Series
) -> Reason | str:
    """Say why a unit has no rank."""
    if full:
        return ""
    if not present.any():
        return reason("unranked_unverified") if area in received else reason("unranked_missing")
    if coverage < needed - 1e-12:
        return reason("unranked_core", count=int(present.sum()), total=len(present))
    names = ", ".join(CRITERIA_NAMES[name].lower() for name in lacking.index[lacking])
    return reason("unranked_criteria", names=names)


def _ranked(table: pd.DataFrame, tie: str = "") -> pd.DataFrame:
    """Put ranks and ties on a table of scores; equal scores are parted by a second column where one is named."""
    key = table["score"].round(DECIMALS)
    if tie:
        key = key * 1e6 + table[tie].round(DECIMALS).fillna(0.0)
    found = ranks(key.to_numpy(float))
    shared = pd.Series(found).duplicated(keep=False) & ~np.isnan(found)
    return table.assign(rank=found, tied=np.where(shared, "đồng hạng", ""))


def _ordered(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values("rank", kind="stable", na_position="last", ignore_index=True)


def every_league(
    catalogue: Catalogue, rows: pd.DataFrame, quarter: str, day: date, *, statuses: Sequence[str] = VERIFIED
) -> dict[str, pd.DataFrame]:
    """Return every league's table by its name: ministries, provinces, tasks."""
    found = {name: rank(catalogue, rows, name, quarter, day, statuses=statuses).table for name in LEAGUES}
    return found | {"tasks": by_tasks(catalogue, rows, quarter, statuses=statuses)}
