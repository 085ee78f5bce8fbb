"""What should be looked at: early warning, the quality of the data, printed figures recomputed.

A lab in; results out, by the rules and pages of the slices ``alerts`` and ``quality``.
"""

from collections.abc import Sequence
from copy import copy
from datetime import date
from functools import cache

import pandas as pd

from nq57lab.alerts import pages as alert_pages
from nq57lab.alerts import rules
from nq57lab.base import wording
from nq57lab.base.problems import CallError, Problem
from nq57lab.charts import basic
from nq57lab.documents.edition import Edition, MissingFigure, builder, words
from nq57lab.door.result import Result, Session
from nq57lab.quality import checking, summary
from nq57lab.quality import pages as quality_pages
from nq57lab.reports import review_annexes
from nq57lab.targets import pages as target_pages

AUDITED = ("relations.csv",)


def alerts(lab: Session, since: date | None, dates: Sequence[date] = ()) -> Result:
    """Return the alerts that stand on the lab's day.

    Parameters
    ----------
    lab : Session
    since : date, optional
        An earlier day, against which an alert is new, standing or cleared.
    dates : sequence of date
        Days at which the alerts are set beside each other, ascending (default: the lab's day).

    Returns
    -------
    Result
        rule, severity (strategic, operational), subject, area, value, threshold, state (new, standing, cleared), tell, since (date), name,
        subject_name, unit, period, why, action, rows. Tables: alerts, strategic, operational, over-time, by-date. Chart: rules.

    Raises
    ------
    CallError
        If ``since`` is not before the lab's day.
    """
    if since is not None and since >= lab.edition.known:
        details = {"day": lab.edition.known.isoformat()}
        raise CallError([Problem("day_order", "since", found=since.isoformat(), details=details)])
    page = copy(lab.edition)
    told = {"since": since.isoformat() if since else None, "alert_dates": [day.isoformat() for day in dates]}
    page.parameters = lab.edition.parameters | told
    following = target_pages.follow(page)
    found = alert_pages.watch(page, following).alerts
    at_dates = cache(lambda: alert_pages.at_dates(page, following))
    frame = found.assign(since=pd.to_datetime(found["since"])).astype({"value": float, "threshold": float})
    return Result(
        frame,
        f"Cảnh báo đến ngày {wording.day(page.known)}",
        page,
        lambda: alert_pages.finding(page, following),
        tables={
            "alerts": lambda: alert_pages.table(page, following),
            "strategic": lambda: alert_pages.table(page, following, "strategic"),
            "operational": lambda: alert_pages.table(page, following, "operational"),
            "over-time": lambda: alert_pages.over_time(page, following, at_dates()),
            "by-date": lambda: alert_pages.by_date(page, following, at_dates()),
        },
        charts={"rules": _by_rule(found)},
        name="canh-bao",
        lang=lab.lang,
    )


@builder
def _by_rule(edition: Edition, alerts: pd.DataFrame):
    """Return the bars: how many alerts stand by rule."""
    live = alerts[alerts["state"] != "cleared"]
    if live.empty:
        raise MissingFigure("alerts")
    counts = live["name"].value_counts()
    how = ("alert_rules.csv",)
    labels = [edition.count(number, f"số cảnh báo: {name}", how, markup=False) for name, number in counts.items()]
    frame = pd.DataFrame({"name": counts.index, "value": counts.to_numpy(float), "label": labels})
    strategic = live.loc[live["severity"] == "strategic", "name"].unique().tolist()
    title = f"Nhiều nhất: {counts.index[0]} ({labels[0]} cảnh báo)"
    said = "; ".join(f"{name}: {label}" for name, label in zip(counts.index, labels, strict=True))
    told = rules.SEVERITIES["strategic"]
    subtitle = f"Số cảnh báo theo quy tắc; màu đậm: cấp {told}"
    return (lambda size: basic.bars(frame, highlight=strategic, size=size)), words(
        title, subtitle, "Cảnh báo theo quy tắc", f"Biểu đồ thanh số cảnh báo: {said}. {title}."
    )


def quality(lab: Session) -> Result:
    """Return how correct, complete, clean and alive the data are (regulation 02-QC: đúng, đủ, sạch, sống).

    Returns
    -------
    Result
        criterion, score (0 to 1), good, total and formula of each. Tables: scores, wrong, groups, agencies, periods, unclean, database. Charts:
        completeness, ages. Findings: main, owed, stale.
    """
    page = lab.edition
    found = page.known_tables.derived("quality", lambda: quality_pages.assess(page))
    return lab.result(
        found.scores.reset_index(drop=True),
        "Chất lượng dữ liệu",
        {
            "main": lambda: quality_pages.finding(page, found),
            "owed": lambda: summary.owed(page, found),
            "stale": lambda: summary.stale(page, found),
        },
        tables={
            "scores": lambda: quality_pages.scores(page, found),
            "wrong": lambda: quality_pages.accuracy(page, found),
            "groups": lambda: quality_pages.by_group(page, found),
            "agencies": lambda: quality_pages.by_agency(page, found),
            "periods": lambda: quality_pages.by_period(page, found),
            "unclean": lambda: quality_pages.cleanness(page, found),
            "database": lambda: quality_pages.database(page, found),
        },
        charts={"completeness": quality_pages.completeness_chart(found), "ages": quality_pages.age_chart(found)},
        name="chat-luong",
    )


def audit(lab: Session) -> Result:
    """Return the printed figures of the documents recomputed from their parts.

    Returns
    -------
    Result
        The audit (:func:`nq57lab.facts.audit.audit`): id, relation, printed, recomputed, difference in unit, consistent (yes, rounding, no,
        ambiguous), reason, and what the figure is; one row a relation. Tables: differences, conflicts, annexes, summary, all. Chart: verdicts.
        Findings: main, apart, undecided, contradictions.
    """
    page = lab.edition
    frame = page.audit.assign(verdict=page.audit["consistent"]).reset_index(drop=True)

    def build(edition: Edition):
        counts = frame["verdict"].value_counts()
        if counts.empty:
            raise MissingFigure("audit")
        keys = [key for key in checking.VERDICTS if key in counts]
        names, numbers = [checking.VERDICTS[key] for key in keys], [int(counts[key]) for key in keys]
        labels = [
            edition.count(number, f"số quan hệ {name}", AUDITED, markup=False)
            for name, number in zip(names, numbers, strict=True)
        ]
        bars = pd.DataFrame({"name": [wording.capital(name) for name in names], "value": numbers, "label": labels})
        bars["meaning"] = [{"yes": "done", "no": "missing"}.get(key, "context") for key in keys]
        whole = edition.count(len(frame), "số quan hệ đối chiếu", AUDITED, markup=False)
        said = "; ".join(f"{row.name_}: {row.label}" for row in bars.rename(columns={"name": "name_"}).itertuples())
        title = f"{bars['name'][0]}: {labels[0]} trong {whole} quan hệ"
        return (lambda size: basic.bars(bars.astype({"value": float}), sort=False, size=size)), words(
            title, "Số quan hệ theo kết luận đối chiếu", "Kết quả đối chiếu", f"Biểu đồ thanh: {said}. {title}."
        )

    return lab.result(
        frame,
        "Đối chiếu các số đã in",
        {
            "main": lambda: checking.finding(page),
            "apart": lambda: summary.apart(page),
            "undecided": lambda: summary.undecided(page),
            "contradictions": lambda: summary.contradictions(page),
        },
        tables={
            "differences": lambda: checking.differences(page),
            "conflicts": lambda: checking.conflicts(page),
            "annexes": lambda: review_annexes.annexes(page),
            "summary": lambda: checking.summary(page),
            "all": lambda: checking.everything(page),
        },
        charts={"verdicts": build},
        name="doi-chieu",
    )
