"""Which alerts stand on a date: the rules of ``alert_rules.csv`` put to targets, tasks and figures as known then.

Catalogue and observations in; one row an alert out, with the value, the threshold, who is to be told (a role, not a person) and since
when the present figures or the deadline give it.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from nq57lab.base import periods, tables, wording
from nq57lab.base.contract import ALERT_RULES
from nq57lab.base.messages import Reason, reason
from nq57lab.facts import observations
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.known import Knowledge
from nq57lab.facts.registers import tasks as of_tasks
from nq57lab.quality import findings
from nq57lab.targets import tracking as of_targets

COLUMNS = ["rule", "severity", "subject", "area", "value", "threshold", "state", "tell", "since"]
MORE = ["name", "subject_name", "unit", "period", "why", "action", "rows", "check", "milestone"]
KEY = ["rule", "subject", "area"]
TEXTS = [name for name in (*COLUMNS, *MORE) if name not in ("value", "threshold")]
SEVERITIES = {"strategic": "chiến lược", "operational": "tác nghiệp"}
STATES = {"new": "mới", "standing": "còn", "cleared": "đã hết"}


def state_words(state: str, since: str) -> str:
    """Say an alert's state and since when it has stood: "vẫn còn, phát sinh ngày 05/01/2026"."""
    word = {"standing": "vẫn còn"}.get(state, STATES[state])
    verb = "hết" if state == "cleared" else "phát sinh"
    return f"{word}, {verb} ngày {wording.day(date.fromisoformat(since))}"


@dataclass(frozen=True)
class Situation:
    """What the rules look at: what an edition may know on its day, and the targets of 2030 and 2045 as tracked."""

    known: Knowledge
    progress: pd.DataFrame

    @property
    def catalogue(self) -> Catalogue:
        """What is measured."""
        return self.known.catalogue

    @property
    def day(self) -> date:
        """The day on which the alerts stand."""
        return self.known.known

    @property
    def table(self) -> pd.DataFrame:
        """The as-of table, with what the formulas compute."""
        return self.known.measured


def load_rules(catalogue: Catalogue) -> pd.DataFrame:
    """Read the rules, in their order.

    Raises
    ------
    ProblemError
        With every problem of the file and its row.
    """
    frame = tables.read(catalogue.root / ALERT_RULES.path, ALERT_RULES, others=vars(catalogue))
    return frame.sort_values("order", kind="stable", ignore_index=True)


def situation(known: Knowledge, probability: bool = True) -> Situation:
    """Return what the rules look at.

    Parameters
    ----------
    probability : bool
        Whether P(target met) is computed (the rule on low probability needs it).
    """
    parts = [of_targets.of_known(known, milestone, probability=probability).progress for milestone in ("2030", "2045")]
    return Situation(known, pd.concat(parts, ignore_index=True))


def standing(now: Situation, rules: pd.DataFrame) -> pd.DataFrame:
    """Return the alerts that stand on a date.

    Returns
    -------
    DataFrame
        :data:`COLUMNS` (``state`` is "standing"; ``since`` an ISO date) and :data:`MORE` (``why`` a reason); in the rules' order, then by subject. A rule
        that is not yet in force on the day gives none.
    """
    found = []
    for rule in rules[
        rules["valid_from"].map(lambda text: not text or periods.bounds(text)[0] <= now.day)
    ].itertuples():
        part = CHECKS[rule.check](now, rule)
        if len(part):
            told = {
                "rule": rule.rule,
                "severity": rule.severity,
                "tell": rule.tell,
                "name": rule.name_vi,
                "unit": rule.unit,
                "check": rule.check,
            }
            found.append(part.assign(**told, threshold=rule.threshold, action=rule.action_vi, state="standing"))
    names = now.catalogue.names | dict(zip(now.catalogue.tasks["id"], now.catalogue.tasks["text"], strict=True))
    empty = pd.DataFrame(columns=[*COLUMNS, *MORE])
    table = pd.concat(found, ignore_index=True) if found else empty
    table = table.assign(subject_name=table["subject"].map(lambda code: names.get(code, code)))
    table = table.reindex(columns=[*COLUMNS, *MORE]).fillna({"milestone": ""})
    return table.drop_duplicates(KEY).reset_index(drop=True)


def _quantities(now: Situation) -> pd.DataFrame:
    """Return the targets in force that have a number, one a quantity and milestone, and are not met."""
    parts = [of_targets.one_a_quantity(part) for _, part in now.progress.groupby("milestone", sort=True)]
    rows = pd.concat(parts, ignore_index=True)
    open_ = (rows["row"] != "") & (rows["verdict"] != "target_achieved") & (rows["comparator"] != "qualitative")
    return rows[open_]


def _of_targets(now: Situation, rows: pd.DataFrame, value: pd.Series, why: str) -> pd.DataFrame:
    vintage = now.table.set_index("id")["vintage_end"]
    since = [
        max(vintage[part] for part in (row, base) if part in vintage).date()
        for row, base in zip(rows["row"], rows["baseline_row"], strict=True)
    ]
    return pd.DataFrame(
        {
            "subject": rows["indicator"],
            "area": "VN",
            "value": value + 0.0,  # no minus before a zero
            "since": [day.isoformat() for day in since],
            "period": rows["period"],
            "milestone": rows["milestone"],
            "why": [Reason(why, (("milestone", int(year)),)) for year in rows["milestone"]],
            "rows": rows["row"],
        }
    )


def off_trajectory(now: Situation, rule) -> pd.DataFrame:
    """Values behind the straight line by more than the threshold, in per cent of the whole way from base to target."""
    rows = _quantities(now)
    short = 100 * rows["direction"] * (rows["trajectory"] - rows["value"]) / (rows["aim"] - rows["baseline"]).abs()
    rows, short = rows[short > rule.threshold], short[short > rule.threshold]
    return _of_targets(now, rows, short, "alert_off_trajectory")


def pace_below_required(now: Situation, rule) -> pd.DataFrame:
    """Paces since the base below the threshold, in per cent of the change a year that is required from now on."""
    rows = _quantities(now)
    share = 100 * rows["pace"] / rows["required_change"]
    low = share < rule.threshold
    return _of_targets(now, rows[low], share[low], "alert_pace_below_required")


def low_probability(now: Situation, rule) -> pd.DataFrame:
    """Targets whose probability of being met is below the threshold, in per cent."""
    rows = _quantities(now)
    chance = 100 * rows["p_met"].astype(float)
    low = chance < rule.threshold
    return _of_targets(now, rows[low], chance[low], "alert_low_probability")


def _open_tasks(now: Situation) -> pd.DataFrame:
    """Return the tasks with a deadline that were given by the day and are not done by it."""
    rows = of_tasks.as_of(now.catalogue, now.day)
    rows = rows[rows["state"].isin(["overdue", "due"])]
    return rows.assign(end=rows["due"].map(periods.end))


def _of_tasks(rows: pd.DataFrame, value: list[int], since: list[date], why: Reason) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "subject": rows["id"],
            "area": rows["lead"],
            "value": [float(days) for days in value],
            "since": [day.isoformat() for day in since],
            "period": rows["due"],
            "why": [why] * len(rows),
            "rows": "tasks.csv:" + (rows.index + 2).astype(str),
        }
    )


def task_overdue(now: Situation, rule) -> pd.DataFrame:
    """Tasks past their deadline by more than the threshold, in days."""
    rows = _open_tasks(now)
    rows = rows[rows["end"].map(lambda end: (now.day - end).days > rule.threshold).astype(bool)]
    late = [(now.day - end).days for end in rows["end"]]
    since = [end + timedelta(days=1 + int(rule.threshold)) for end in rows["end"]]
    return _of_tasks(rows, late, since, reason("alert_task_overdue"))


def task_due_soon(now: Situation, rule) -> pd.DataFrame:
    """Tasks whose deadline is at most the threshold away, in days."""
    rows = _open_tasks(now)
    rows = rows[rows["end"].map(lambda end: 0 <= (end - now.day).days <= rule.threshold).astype(bool)]
    left = [(end - now.day).days for end in rows["end"]]
    since = [end - timedelta(days=int(rule.threshold)) for end in rows["end"]]
    return _of_tasks(rows, left, since, reason("alert_task_due_soon"))


def data_old(now: Situation, rule) -> pd.DataFrame:
    """Macro KPIs, layer-A indicators and quantities with a target whose newest figure's period ended longer ago than the threshold, in days.

    A subject follows its own frequency; a quantity outside the indicator set is taken as yearly. What has no figure at all is the data
    quality page's, not an alert.
    """
    frequency = dict(zip(now.catalogue.indicators["code"], now.catalogue.indicators["frequency"], strict=True))
    layers = now.catalogue.indicators[now.catalogue.indicators["layer"].isin(["A", "M"])]["code"]
    asked = {*layers, *now.catalogue.targets["indicator"]}
    rows = now.table[now.table["subject"].isin(asked) & (now.table["area"] == "VN") & (now.table["item"] == "")]
    rows = of_targets.present(rows, pd.Timestamp(now.day))
    rows = rows.sort_values("period_end", kind="stable").drop_duplicates("subject", keep="last")
    rows = rows[rows["subject"].map(lambda code: frequency.get(code) or "year") == rule.applies_to]
    age = (pd.Timestamp(now.day) - rows["period_end"]).dt.days
    rows, age = rows[age > rule.threshold], age[age > rule.threshold]
    since = [(end + pd.Timedelta(days=1 + int(rule.threshold))).date() for end in rows["period_end"]]
    return _of_figures(rows, age.astype(float), since, [reason("alert_data_old")] * len(rows))


def jump(now: Situation, rule) -> pd.DataFrame:
    """Sudden changes in the national series (:func:`nq57lab.quality.findings.jumps`) of a period that ended within the threshold, in days."""
    nation = now.known.table[(now.known.table["area"] == "VN") & (now.known.table["item"] == "")]
    found = findings.jumps(nation).merge(nation[["id", "period_end", "vintage_end"]], on="id")
    recent = found[(pd.Timestamp(now.day) - found["period_end"]).dt.days <= rule.threshold]
    recent = recent.sort_values("period_end", kind="stable").drop_duplicates("subject", keep="last")
    since = [day.date() for day in recent["vintage_end"]]
    why = [reason("alert_jump", usual=usual) for usual in recent["limit"]]
    return _of_figures(recent, recent["value"].astype(float), since, why)


def self_reported_far(now: Situation, rule) -> pd.DataFrame:
    """Self-reported figures that differ from the official or verified figure of the same key by more than the threshold, in per cent."""
    key = observations.KEY
    rows = now.known.entered_rows.sort_values(["vintage_end", "recorded"], kind="stable")
    said = rows[rows["status"] == "self_reported"].drop_duplicates(key, keep="last")
    trusted = rows[rows["status"].isin(observations.TRUSTED)].drop_duplicates(key, keep="last")
    both = said.merge(trusted[[*key, "value", "unit", "vintage_end"]], on=[*key, "unit"], suffixes=("", "_trusted"))
    apart = (
        100
        * (both["value"] - both["value_trusted"]).abs()
        / both["value_trusted"].abs().where(both["value_trusted"] != 0)
    )
    both, apart = both[apart > rule.threshold], apart[apart > rule.threshold]
    since = [max(pair).date() for pair in zip(both["vintage_end"], both["vintage_end_trusted"], strict=True)]
    return _of_figures(both, apart, since, [reason("alert_self_reported_far")] * len(both))


def _of_figures(rows: pd.DataFrame, value: pd.Series, since: list[date], why: list[Reason]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "subject": rows["subject"],
            "area": rows["area"],
            "value": value,
            "since": [day.isoformat() for day in since],
            "period": rows["period"],
            "why": why,
            "rows": rows["id"],
        }
    )


CHECKS = {
    "off_trajectory": off_trajectory,
    "pace_below_required": pace_below_required,
    "low_probability": low_probability,
    "task_overdue": task_overdue,
    "task_due_soon": task_due_soon,
    "data_old": data_old,
    "jump": jump,
    "self_reported_far": self_reported_far,
}
