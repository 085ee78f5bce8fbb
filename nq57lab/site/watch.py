"""Alerts and tasks on the site: what stands on its day, what is overdue, as lists.

A desk in, HTML out; the public sees neither.
"""

from datetime import date

import pandas as pd

from nq57lab.alerts import pages as alert_pages
from nq57lab.alerts import rules as of_rules
from nq57lab.base import wording
from nq57lab.site import parts
from nq57lab.site.desk import Desk


def alert_list(desk: Desk, rows: pd.DataFrame, root: str = "") -> str:
    """Return alerts as a list: about what, why, since when, what follows."""
    lines, units = [], desk.watch.units
    for row in rows.to_dict("records"):
        name = parts.esc(wording.capital(alert_pages.subject(desk.edition, row)))
        about = desk.link(row["subject"], name, f"{root}chi-so/")
        since = wording.day(date.fromisoformat(row["since"]))
        lines.append(
            f'<li class="canh-bao {row["severity"]}"><b>{about}</b><br>{desk.html(alert_pages.why(desk.edition, row, units))}; từ {since}.'
            f'<br><span class="nho">{parts.esc(row["action"])}.</span></li>'
        )
    return f'<ul class="gon">{"".join(lines)}</ul>'


def day(desk: Desk) -> str:
    """Return the site's day in words."""
    return wording.day(desk.content.known)


def sections(desk: Desk) -> str:
    """Return the alerts by severity, those of tasks left to the list of tasks."""
    pieces = []
    for severity, words in of_rules.SEVERITIES.items():
        rows = desk.alerts[(desk.alerts["severity"] == severity) & ~desk.alerts["check"].str.startswith("task_")]
        if len(rows):
            pieces.append(f"<h3>Cấp {words}</h3>{alert_list(desk, rows)}")
    return "".join(pieces) or "<p>Không có cảnh báo nào đang còn.</p>"


def strategic(desk: Desk) -> pd.DataFrame:
    """Return the strategic alerts that stand."""
    return desk.alerts[desk.alerts["severity"] == "strategic"]


def overdue(desk: Desk) -> pd.DataFrame:
    """Return the open tasks past their deadline on the site's day."""
    rows = desk.tasks
    return rows[rows["late"] > 0]


def task_list(desk: Desk, rows: pd.DataFrame) -> str:
    """Return tasks as a list: what, by whom, until when, how late; "" for none."""
    lines = []
    for row in rows.itertuples():
        when = due_words(desk, row)
        lines.append(
            f'<li>{parts.esc(row.text)} <span class="nho">{parts.esc(desk.content.catalogue.agencies(row.lead))}; {when}</span></li>'
        )
    return f'<ul class="gon">{"".join(lines)}</ul>' if lines else ""


def due_words(desk: Desk, row) -> str:
    """Write a task's deadline, and how many days it is over."""
    if not row.due:
        return "không ghi hạn"
    text = f"hạn {parts.esc(wording.period(row.due))}"
    if not row.late > 0:
        return text
    line = f"tasks.csv:{row.Index + 2}"
    days = desk.html(desk.edition.count(row.late, "số ngày từ cuối hạn đến ngày của trang", (line,)))
    return f'{text}, <strong class="qua-han">quá hạn {days} ngày</strong>'


def counts(desk: Desk) -> str:
    """Return how many alerts stand, by severity, in a sentence."""
    how = ("alert_rules.csv",)
    standing = desk.alerts["severity"].value_counts()
    told = [
        wording.some(
            desk.edition.count(standing[severity], f"số cảnh báo {words}", how) if severity in standing else "",
            "cảnh báo",
            words,
        )
        for severity, words in of_rules.SEVERITIES.items()
    ]
    return desk.html(wording.join(told))
