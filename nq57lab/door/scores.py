"""Scores and rankings at the door: the dynamic score of the catalogue's KPIs, and the leagues of a quarter.

A lab in; results out, by the rules and pages of the slice ``composite``.
"""

import pandas as pd

from nq57lab.base import periods
from nq57lab.base.problems import CallError, Problem
from nq57lab.composite.rankings import leagues
from nq57lab.composite.rankings import pages as ranking_pages
from nq57lab.composite.score import of_catalogue
from nq57lab.composite.score import pages as score_pages
from nq57lab.documents.edition import Piece
from nq57lab.door import asked
from nq57lab.door.result import Result, Session


def score(lab: Session, scheme: str = "equal") -> Result:
    """Return the dynamic score: completion × weight of every KPI with a numeric 2030 target, put together by group, agency and province.

    Parameters
    ----------
    lab : Session
    scheme : str
        A weight scheme of weights.csv: equal, proposal …

    Returns
    -------
    Result
        :data:`nq57lab.composite.score.of_catalogue.KPI_COLUMNS`, one row a KPI and set: value and target in unit, completion (0 to 1), weight, score,
        counted, note (why it does not count). Tables: kpis, composites.

    Raises
    ------
    CallError
        For no such scheme.
    """
    e = lab.edition
    if e.catalogue.weights.empty and scheme != "illustrative":  # a programme of one's own that weighs nothing
        said = Piece("**Chưa tính điểm số động: danh mục chưa có phương án trọng số (`data/catalogue/weights.csv`).**")
        none = dict.fromkeys(("kpis", "composites"), lambda: Piece(""))
        frame = pd.DataFrame(columns=of_catalogue.KPI_COLUMNS)
        return lab.result(frame, "Điểm số động theo danh mục", lambda: said, tables=none, name="diem-so")
    asked.one_of(scheme, of_catalogue.schemes(e.catalogue), "scheme")
    found = score_pages.scored(e, scheme)
    return lab.result(
        found.kpis.reset_index(drop=True),
        "Điểm số động theo danh mục",
        lambda: score_pages.finding(e, found),
        tables={
            "kpis": lambda: score_pages.kpi_table(e, found),
            "composites": lambda: score_pages.composite_table(e, found),
        },
        name="diem-so",
    )


def ranking(lab: Session, quarter: str = "") -> Result:
    """Return the leagues of a quarter: ministries and provinces by four criteria, agencies by their tasks; verified figures only.

    Parameters
    ----------
    lab : Session
    quarter : str
        "2026-Q2" (default: the quarter of the lab's day).

    Returns
    -------
    Result
        league (ministries, provinces), then :data:`nq57lab.composite.rankings.leagues.COLUMNS`: area, name, rank, score (0 to 100) and its
        criteria; NaN and a reason for what is not ranked. Findings: all, ministries, provinces, tasks. Tables: ministries, provinces, tasks, core.
        Chart: map.

    Raises
    ------
    CallError
        If ``quarter`` is no quarter.
    """
    e = lab.edition
    text = quarter or f"{e.known.year}-Q{(e.known.month + 2) // 3}"
    if not (periods.is_period(text) and "Q" in text):
        raise CallError([Problem("values", "quarter", found=text, details={"allowed": "2026-Q1, 2026-Q2, …"})])
    found = ranking_pages.ranked(e, text)
    tables = [league.table.assign(league=name) for name, league in found.leagues.items()]
    frame = pd.concat(tables, ignore_index=True)
    return lab.result(
        frame[["league", *(name for name in frame if name != "league")]],
        f"Xếp hạng {text}",
        {"all": lambda: ranking_pages.finding(e, found)}
        | {name: lambda name=name: ranking_pages.league_finding(e, found, name) for name in leagues.LEAGUES}
        | {"tasks": lambda: ranking_pages.tasks_finding(e, found)},
        tables={name: lambda name=name: ranking_pages.league_table(e, found, name) for name in leagues.LEAGUES}
        | {"tasks": lambda: ranking_pages.tasks_table(e, found), "core": lambda: ranking_pages.core_table(e, found)},
        charts={"map": ranking_pages.tiles(found)},
        name="xep-hang",
    )
