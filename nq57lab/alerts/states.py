"""States of alerts between dates: new, standing, cleared, and since when.

Two tables of alerts (two dates, or two editions) in, one table out.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from nq57lab.alerts import rules as of_rules
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts.known import Knowledge


def compare(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the alerts of the later date with their state, and those that were cleared since the earlier.

    Parameters
    ----------
    before, after : DataFrame
        What :func:`nq57lab.alerts.rules.standing` or this function gave for the earlier and the later date.

    Returns
    -------
    DataFrame
        The same columns. An alert is known by rule, subject and area. ``new``: only later; ``standing``: on both dates, since the earlier
        one's day; ``cleared``: only earlier, with the earlier value and since. The cleared stand at the end.

    Examples
    --------
    >>> row = dict.fromkeys([*of_rules.COLUMNS, *of_rules.MORE], "") | {"state": "standing", "subject": "x", "since": "2026-01-01"}
    >>> compare(pd.DataFrame([row]), pd.DataFrame([row]).assign(since="2026-05-01"))[["state", "since"]].values.tolist()
    [['standing', '2026-01-01']]
    """
    key = of_rules.KEY
    live = before[before["state"] != "cleared"]
    old = live.set_index(key)["since"]
    now = after[after["state"] != "cleared"].reset_index(drop=True)
    index = pd.MultiIndex.from_frame(now[key])
    was = index.isin(old.index)
    since = [
        min(old[name], here) if there else here for name, here, there in zip(index, now["since"], was, strict=True)
    ]
    state = ["standing" if there else "new" for there in was]
    gone = live[~pd.MultiIndex.from_frame(live[key]).isin(index)].assign(state="cleared")
    parts = [part for part in (now.assign(state=state, since=since), gone) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else after.iloc[:0]


def of_edition(folder: Path) -> pd.DataFrame:
    """Read the alerts that an edition kept beside its report.

    Raises
    ------
    ProblemError
        Where the edition keeps none: it was not made, or by a report without alerts.
    """
    path = folder / "alerts.csv"
    if not path.is_file():
        raise ProblemError([Problem("edition_alerts_missing", str(path), found=folder.name)])
    return pd.read_csv(path, dtype=dict.fromkeys(of_rules.TEXTS, str), keep_default_na=False, na_values={"value": [""]})


def between(known: Knowledge, days: Sequence[date], probability: bool = True) -> list[pd.DataFrame]:
    """Return the alerts of each of some dates, in order; from the second on with their state against the date before.

    Parameters
    ----------
    days : sequence of date
        In ascending order.
    """
    rules = of_rules.load_rules(known.catalogue)
    result: list[pd.DataFrame] = []
    for day in days:
        found = of_rules.standing(of_rules.situation(known.at(day), probability), rules)
        result.append(compare(result[-1], found) if result else found)
    return result
