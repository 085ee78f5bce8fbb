"""Tasks as they stand on a day: the register and what agencies have reported by then, one state for every task.

The state is ``done``, ``overdue``, ``due`` (the deadline is to come) or ``undated`` (no deadline); the newest report by the day counts,
and where there is none the register's own ``done_on``.
"""

from datetime import date

import pandas as pd

from nq57lab.base import periods
from nq57lab.facts.catalogue import Catalogue

WORDS = {"done": "hoàn thành", "overdue": "quá hạn", "due": "chưa đến hạn", "undated": "không ghi hạn"}
REPORTED = ("reported_on", "progress", "evidence", "by")


def as_of(catalogue: Catalogue, day: date) -> pd.DataFrame:
    """Return every task given by a day, in the register's order.

    Returns
    -------
    DataFrame
        The register's columns and :data:`REPORTED` of the newest report; ``end`` (the deadline's last day, NaT for none), ``done_on`` as
        known on the day, ``state``, and ``late`` (days past the deadline, to the day or to the day of completion; NaN without one).
    """
    tasks, known = catalogue.tasks, day.isoformat()
    issued = catalogue.sources.set_index("id")["date"]
    given = tasks["source"].str.split(",").str[0].map(issued).map(lambda text: periods.end(text) if text else date.min)
    told = catalogue.task_reports
    told = told[told["reported_on"] <= known].sort_values(["reported_on", "recorded"], kind="stable")
    told = told.drop_duplicates("task", keep="last").set_index("task")
    rows = tasks[given <= day].join(told[[*REPORTED, "done_on"]], on="id", rsuffix="_told")
    done_on = rows["done_on"].mask(rows["done_on_told"].notna(), rows["done_on_told"])
    done_on = done_on.where(done_on <= known, "")
    ends = [pd.Timestamp(periods.end(due)) if due else pd.NaT for due in rows["due"]]
    end = pd.Series(ends, index=rows.index, dtype="datetime64[ns]")
    finished = pd.to_datetime(done_on.where(done_on != ""), format="%Y-%m-%d").fillna(pd.Timestamp(day))
    late = (finished - end).dt.days
    state = pd.Series("due", index=rows.index).mask(end.isna(), "undated").mask(late > 0, "overdue")
    state = state.mask(done_on != "", "done")
    blank = rows[list(REPORTED)].fillna("")
    return rows.drop(columns="done_on_told").assign(**blank, done_on=done_on, end=end, late=late, state=state)
