"""What a quarterly league is ranked on: the core of indicators in force (rankings.csv), its units, each unit's figure of the quarter."""

from datetime import date

import pandas as pd

from nq57lab.base import periods, tables
from nq57lab.base.contract import RANKINGS
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts.catalogue import Catalogue


def load_core(catalogue: Catalogue) -> pd.DataFrame:
    """Read rankings.csv.

    Raises
    ------
    ProblemError
        With every problem: shapes, an indicator that cannot be ranked quarterly (unknown, yearly, no share of 100, no direction), a
        weight that is not positive, a row without an indicator outside of the two computed criteria, a source or place that is none.
    """
    frame = tables.read(catalogue.root / RANKINGS.path, RANKINGS, "rankings.csv")
    known = catalogue.indicators.set_index("code")
    found = [problem for _, problem in tables.references(frame, RANKINGS, "rankings.csv", vars(catalogue))]
    for line, row in enumerate(frame.to_dict("records"), start=2):
        found += _core_problems(row, known, line)
    if found:
        raise ProblemError(found)
    return frame


def _core_problems(row: dict, known: pd.DataFrame, line: int) -> list[Problem]:
    code, found = row["indicator"], []
    if not row["weight"] > 0:
        found.append(
            Problem(
                "index_weight", "rankings.csv", line, "weight", str(row["weight"]), {"code": code or row["criterion"]}
            )
        )
    if not code:
        if row["criterion"] not in ("evidence", "improvement"):
            found.append(Problem("required", "rankings.csv", line, "indicator"))
    elif code in known.index:
        own = known.loc[code]
        if own["frequency"] in ("year", "half_year", "") or own["unit"] != "%" or own["direction"] not in (1, -1):
            shown = f"{code}: {own['unit']}, {own['frequency']}, {own['direction']}"
            found.append(Problem("ranking_core", "rankings.csv", line, "indicator", shown, {"code": code}))
    return found


def core_on(core: pd.DataFrame, league: str, day: date) -> pd.DataFrame:
    """Return the rows of a league in force on a day: the newest valid_from that is not later."""
    own = core[core["league"] == league]
    since = own["valid_from"].map(lambda text: periods.end(text).isoformat())
    own = own[since <= day.isoformat()]
    return own[own["valid_from"] == own["valid_from"].max()].reset_index(drop=True)


def units(catalogue: Catalogue, league: str) -> pd.DataFrame:
    """Return a league's units in official order: id, name.

    Notes
    -----
    Ministries are the agencies of block:ministries; provinces the 34. Agencies ranked by tasks are all agencies that stand directly
    below a block, and the provinces.
    """
    areas = catalogue.areas.sort_values("order", kind="stable")
    if league == "ministries":
        own = areas[(areas["type"] == "agency") & (areas["parent"] == "block:ministries")]
    elif league == "provinces":
        own = areas[areas["id"].str.startswith("34:")]
    else:
        agency = (areas["type"] == "agency") & areas["parent"].str.startswith("block:")
        own = pd.concat([areas[agency], areas[areas["id"].str.startswith("34:")]])
    return own[["id", "name_vi"]].rename(columns={"name_vi": "name"}).reset_index(drop=True)


def previous(quarter: str) -> str:
    """Return the quarter before.

    Examples
    --------
    >>> previous("2026-Q1")
    '2025-Q4'
    """
    year, number = int(quarter[:4]), int(quarter[-1])
    return f"{year}-Q{number - 1}" if number > 1 else f"{year - 1}-Q4"


def of_quarter(values: pd.DataFrame, quarter: str, *, intervals: bool = False) -> pd.DataFrame:
    """Return each area's value of each subject in a quarter: that of the quarter itself, else of the newest period that ends in it.

    Parameters
    ----------
    values : DataFrame
        subject, area, period, value, status, inputs (as :func:`nq57lab.facts.indicators.compute` returns them, computed values first).
    quarter : str
        ``2026-Q2``.
    intervals : bool
        Whether a figure over an interval that ends in the quarter counts (cumulative ones since the start).
    """
    first, last = periods.bounds(quarter)
    spans = {text: periods.bounds(text) for text in set(values["period"])}
    inside = values["period"].map(
        lambda text: first <= spans[text][1] <= last and (intervals or "/" not in text) and len(text) != 4
    )
    own = values[inside.astype(bool)]
    ends = own["period"].map(lambda text: spans[text][1])
    ordered = own.assign(end=ends, whole=own["period"] == quarter).sort_values(["whole", "end"], kind="stable")
    return ordered.drop_duplicates(["subject", "area"], keep="last").drop(columns=["end", "whole"])
