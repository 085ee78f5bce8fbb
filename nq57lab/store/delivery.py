"""Who has sent what: each agency's figures due on the 25th, sent, late, with errors, awaiting verification.

The catalogue (lead, frequency), the store's rows and a day in; one row for each agency out, and the figures behind it. A period's
figures are due on the 25th of its last month (regulation 02-QC, article 9.3h, for months and quarters; read alike for longer periods).
"""

from datetime import date

import pandas as pd

from nq57lab.base import formulas, periods
from nq57lab.facts import observations
from nq57lab.facts.catalogue import Catalogue
from nq57lab.store import entry_rules
from nq57lab.store.entries import Batch

MONTHS = {"day": 1, "month": 1, "quarter": 3, "half_year": 6, "year": 12}
STATES = ("sent", "sent_late", "late", "open")
DUE_DAY = 25
_NEVER = date(2200, 1, 1)
SHOWN = ["name", "expected", "sent", "late", "open", "errors", "awaiting"]  # within 80 columns
MISSING = ["name", "period", "due", "days", "codes"]
COLUMNS = ["agency", "name", "expected", "sent", "sent_late", "late", "open", "with_errors", "awaiting_verification"]


def due(period: str) -> date:
    """Return the day on which a period's figures are due: the 25th of its last month.

    >>> due("2026-Q2"), due("2026-06")
    (datetime.date(2026, 6, 25), datetime.date(2026, 6, 25))
    """
    return periods.end(period).replace(day=DUE_DAY)


def period_at(frequency: str, on: date) -> str:
    """Return the newest period of a frequency whose last month is the month of ``on`` or an earlier one.

    >>> period_at("quarter", date(2026, 7, 3)), period_at("month", date(2026, 7, 3)), period_at("year", date(2026, 7, 3))
    ('2026-Q2', '2026-07', '2025')
    """
    months = MONTHS[frequency]
    count = (on.year * 12 + on.month) // months
    year, place = divmod(count - 1, 12 // months)
    if months == 12:
        return f"{count - 1}"
    return f"{year}-{place + 1:02d}" if months == 1 else f"{year}-{'Q' if months == 3 else 'H'}{place + 1}"


def figures(catalogue: Catalogue, entered: pd.DataFrame, on: date) -> pd.DataFrame:
    """Return every figure that agencies owe on a day, with its state.

    Returns
    -------
    DataFrame
        agency, indicator, period, due, state (sent, sent_late, late, open), reported_on, awaiting (True where its newest figures are
        not verified or official). An indicator with a formula is sent when it is reported itself or all its variables are.
    """
    known = entered[entered["recorded"] <= on.isoformat()]
    first = known.groupby(["subject", "period"])["vintage_end"].min()
    best = observations.as_of(known)
    weak = set(
        map(tuple, best.loc[best["status"].isin(["self_reported", "estimate"]), ["subject", "period"]].to_numpy())
    )
    found = []
    for row in catalogue.indicators.itertuples():
        if row.layer == "C" or not row.frequency or not row.lead:
            continue
        period = period_at(row.frequency, on)
        parts = (
            [ref.name for ref in formulas.references(formulas.parse(catalogue.formulas[row.code]))]
            if row.code in catalogue.formulas
            else []
        )
        sent = [_sent(first, [row.code], period), _sent(first, parts, period) if parts else None]
        days = [day for day in sent if day is not None]
        limit = due(period)
        day = min(days) if days else None
        state = ("sent" if day <= limit else "sent_late") if day else ("late" if on > limit else "open")
        awaiting = bool(days) and any((name, period) in weak for name in (row.code, *parts))
        for agency in row.lead.split("; "):
            found.append((agency, row.code, period, limit, state, day, awaiting))
    return pd.DataFrame(found, columns=["agency", "indicator", "period", "due", "state", "reported_on", "awaiting"])


def _sent(first: pd.Series, names: list[str], period: str) -> date | None:
    """Return the day on which the last of several figures of a period came in, None while one is missing."""
    days = [first.get((name, period)) for name in names]
    return max(day.date() for day in days) if days and all(day is not None for day in days) else None


def errors(catalogue: Catalogue, entered: pd.DataFrame) -> set[str]:
    """Return the subjects whose figures in the store break a rule of the entry: ranges, parts above wholes."""
    if entered.empty:
        return set()
    best = observations.as_of(entered)
    places = pd.DataFrame({"file": best["id"], "row": range(len(best))})
    batch = Batch(best, places)
    rows = entry_rules.part_problems(batch, best, best.iloc[:0], catalogue)
    rows += [
        p
        for p in entry_rules.value_problems(batch, best, catalogue, _NEVER)
        if p.code not in ("mixed_file", "future_period")
    ]
    return {best["subject"].iat[problem.row or 0] for problem in rows}


def status(catalogue: Catalogue, entered: pd.DataFrame, on: date, agency: str = "") -> pd.DataFrame:
    """Return one row for each agency that leads an indicator.

    Parameters
    ----------
    catalogue : Catalogue
        Who leads which indicator, and how often it is due.
    entered : DataFrame
        Every row of the store.
    on : date
        The day of the question.
    agency : str, optional
        Only this agency.

    Returns
    -------
    DataFrame
        agency, name, expected, sent (in time), sent_late, late (due and missing), open (not yet due), with_errors,
        awaiting_verification; in the catalogue's order of agencies.
    """
    rows = figures(catalogue, entered, on)
    wrong = errors(catalogue, entered)
    names = {code: {code} for code in catalogue.indicators["code"]}
    for code, text in catalogue.formulas.items():
        names[code] |= {reference.name for reference in formulas.references(formulas.parse(text))}
    rows["wrong"] = rows["indicator"].map(lambda code: bool(names[code] & wrong))
    counts = pd.crosstab(rows["agency"], rows["state"]).reindex(columns=list(STATES), fill_value=0)
    table = counts.assign(
        expected=counts.sum(axis=1),
        with_errors=rows.groupby("agency")["wrong"].sum(),
        awaiting_verification=rows.groupby("agency")["awaiting"].sum(),
    )
    order = [area for area in catalogue.areas["id"] if area in table.index]
    table = table.reindex(order).rename_axis("agency").reset_index()
    table["name"] = table["agency"].map(catalogue.names)
    return table.loc[(table["agency"] == agency) | (not agency), COLUMNS].reset_index(drop=True)


def missing(catalogue: Catalogue, entered: pd.DataFrame, on: date, agency: str = "") -> pd.DataFrame:
    """Return what is due and has not come: from whom, of which period, since when.

    Returns
    -------
    DataFrame
        :data:`MISSING`: the agency's name, the period, the day it was due, the days since, the indicators' codes; longest first.
    """
    rows = figures(catalogue, entered, on)
    rows = rows[(rows["state"] == "late") & ((rows["agency"] == agency) | (not agency))]
    found = [
        (catalogue.names[code], period, due_on.isoformat(), (on - due_on).days, ", ".join(own["indicator"]))
        for (due_on, code, period), own in rows.groupby(["due", "agency", "period"], sort=True)
    ]
    return pd.DataFrame(found, columns=MISSING)
