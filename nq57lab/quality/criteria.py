"""Health of the data by "đúng, đủ, sạch, sống": completeness, freshness, density, activity, and the four scores.

The catalogue and tables of observations in, tidy tables out; findings of accuracy and cleanness come from
:mod:`nq57lab.quality.findings`. The principle is that of regulation 02-QC (article 2.16; the 25th as due day: article 9.3h; data density
and activity rate: annex, part 2, point d). Where the regulation states no formula, the one used here is a proposal ("đề xuất").
"""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from nq57lab.base import contract, periods
from nq57lab.facts import observations
from nq57lab.quality.findings import ERRORS
from nq57lab.store import delivery

UNIT_DAYS = {"day": 1.0, "month": 30.4375, "quarter": 91.3125, "half_year": 182.625, "year": 365.25}
STATES = ("sống", "chậm", "cũ", "chưa có số liệu")


# Đủ: completeness


def due_periods(frequency: str, since: date, until: date) -> pd.DataFrame:
    """Return the periods of a frequency that fell due in an interval of days.

    Returns
    -------
    DataFrame
        period, due. The 25th of the month for monthly reports and of the quarter's last month for quarterly ones (regulation 02-QC,
        article 9.3h); alike for half-years and years, and once a month for daily figures ("đề xuất").

    Examples
    --------
    >>> due_periods("quarter", date(2026, 1, 1), date(2026, 6, 30))["period"].tolist()
    ['2026-Q1', '2026-Q2']
    """
    if until < since:
        raise ValueError("until lies before since")
    found = {}
    for month in range(since.year * 12 + since.month - 1, until.year * 12 + until.month):
        day = date(month // 12, month % 12 + 1, delivery.DUE_DAY)
        if since <= day <= until and (month + 1) % delivery.MONTHS[frequency] == 0:
            period = delivery.period_at(frequency, day)
            found[period] = delivery.due(period)
    return pd.DataFrame({"period": list(found), "due": pd.to_datetime(list(found.values()))})


def expected(
    indicators: pd.DataFrame, since: date, until: date, areas: Sequence[str] = ("VN",), *, retroactive: bool = False
) -> pd.DataFrame:
    """Return every figure due in an interval: indicators × areas × periods.

    Parameters
    ----------
    indicators : DataFrame
        The catalogue's indicators; those without a frequency (forms, irregular ones) are due never.
    since, until : date
        First and last due day.
    retroactive : bool
        Count also periods due before the indicator was in force (``valid_from``), to see what is available.

    Returns
    -------
    DataFrame
        subject, layer, group, lead, frequency, over_time, area, period, due.
    """
    facts = ["layer", "group", "lead", "frequency", "over_time", "valid_from", "valid_to"]
    rows = indicators.loc[indicators["frequency"] != "", ["code", *facts]].rename(columns={"code": "subject"})
    dues = [due_periods(frequency, since, until).assign(frequency=frequency) for frequency in UNIT_DAYS]
    rows = rows.merge(pd.concat(dues, ignore_index=True), on="frequency")
    if not retroactive:
        first = pd.to_datetime([periods.bounds(text)[0] if text else date(1900, 1, 1) for text in rows["valid_from"]])
        last = pd.to_datetime([periods.end(text) if text else date(2200, 1, 1) for text in rows["valid_to"]])
        rows = rows[(rows["due"] >= first) & (rows["due"] <= last)]
    rows = rows.drop(columns=["valid_from", "valid_to"]).merge(pd.DataFrame({"area": list(areas)}), how="cross")
    return rows.sort_values(["subject", "area", "due"], kind="stable").reset_index(drop=True)


def observed(wanted: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """Say of every expected figure whether it is there, and whether it came in time.

    Parameters
    ----------
    wanted : DataFrame
        From :func:`expected`.
    values : DataFrame
        subject, area, period, vintage: indicator values (:func:`nq57lab.facts.indicators.compute`) or observations.

    Returns
    -------
    DataFrame
        ``wanted`` and: observed (bool), in_time (bool: published on or before the due day).

    Notes
    -----
    A value serves a period when it is of that period; a state on a day, a cumulative figure (an interval), or the figure of another
    period when the indicator's rule is ``last``, serves when its end lies in the period's last month.
    """
    own = values[["subject", "area", "period", "vintage"]].drop_duplicates()
    ends = {text: pd.Timestamp(periods.end(text)) for text in {*own["period"], *own["vintage"], *wanted["period"]}}
    own = own.assign(
        month=_at(own["period"], ends).dt.to_period("M"), published=_at(own["vintage"], ends), given=own["period"]
    )
    rows = wanted.assign(row=range(len(wanted)), month=_at(wanted["period"], ends).dt.to_period("M"))
    pairs = rows.merge(own.drop(columns=["period", "vintage"]), on=["subject", "area", "month"])
    fits = pairs["given"] == pairs["period"]
    fits |= (pairs["given"].str.len() >= 9) | (pairs["over_time"] == "last")
    served = pairs[fits]
    timely = served[served["published"] <= served["due"]]
    return wanted.assign(observed=rows["row"].isin(served["row"]), in_time=rows["row"].isin(timely["row"]))


def _at(names: pd.Series, days: Mapping[str, pd.Timestamp]) -> pd.Series:
    return pd.to_datetime(names.map(days))


def completeness(rows: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Count observed against expected figures ("đủ"), in all or by lead agency, layer, group, period or area.

    Parameters
    ----------
    rows : DataFrame
        From :func:`observed`.
    by : sequence of str
        Columns of ``rows``; an indicator with several lead agencies counts for each.

    Returns
    -------
    DataFrame
        ``by``, expected, observed, in_time, share (observed ÷ expected, 0–1; NaN where nothing is expected).

    Notes
    -----
    Proposed: regulation 02-QC asks for full data (articles 2.16, 5.3b, 16.1) without a formula.
    """
    table = rows.assign(lead=rows["lead"].str.split("; ")).explode("lead") if "lead" in by else rows
    if by:
        groups = table.groupby(list(by), sort=True)
        counts = groups.agg(expected=("observed", "size"), observed=("observed", "sum"), in_time=("in_time", "sum"))
        counts = counts.reset_index()
    else:
        sums = [len(table), int(table["observed"].sum()), int(table["in_time"].sum())]
        counts = pd.DataFrame([sums], columns=["expected", "observed", "in_time"])
    return counts.assign(share=counts["observed"] / counts["expected"].where(counts["expected"] > 0))


# Sống: freshness, and the regulation's two measures of a database


def freshness(indicators: pd.DataFrame, values: pd.DataFrame, on: date) -> pd.DataFrame:
    """Return the age of each indicator's newest figure, in units of its own frequency ("sống").

    Parameters
    ----------
    indicators : DataFrame
        The catalogue's indicators; those without a frequency have no age and are left out.
    values : DataFrame
        subject, area, period.
    on : date
        The day of the question; periods that begin later are not looked at.

    Returns
    -------
    DataFrame
        subject, layer, group, frequency, area, period (newest; "" for none), age (NaN for none), score (NaN for none), state.

    Notes
    -----
    Proposed: age = days since the period's end ÷ days of one period, at least 0; score = min(1, 1 ÷ age). "sống": age ≤ 1;
    "chậm": ≤ 2; "cũ": above.
    """
    wanted = indicators.loc[indicators["frequency"] != "", ["code", "layer", "group", "frequency"]]
    wanted = wanted.rename(columns={"code": "subject"}).assign(area="VN")
    begun = values[np.array([periods.bounds(text)[0] <= on for text in values["period"]], dtype=bool)]
    ends = pd.to_datetime([periods.end(text) for text in begun["period"]])
    newest = begun.assign(end=ends).sort_values("end", kind="stable").drop_duplicates(["subject", "area"], keep="last")
    rows = wanted.merge(newest[["subject", "area", "period", "end"]], on=["subject", "area"], how="left")
    days = (pd.Timestamp(on) - rows["end"]).dt.days.clip(lower=0)
    age = days / rows["frequency"].map(UNIT_DAYS)
    state = np.select([age.isna(), age <= 1, age <= 2], [STATES[3], STATES[0], STATES[1]], STATES[2])
    score = (1 / age.where(age > 1, 1)).where(age.notna())
    return rows.drop(columns="end").assign(period=rows["period"].fillna(""), age=age, score=score, state=state)


def density(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the data density of tables: cells with a value ÷ all cells.

    Returns
    -------
    DataFrame
        table, records, columns, cells (records × columns), filled, density (filled ÷ cells; NaN without a cell), in the order
        given; and, last, the row "" for all of them (columns 0).

    Notes
    -----
    Regulation 02-QC, annex, part 2, point d: "(tổng số ô dữ liệu có giá trị (không rỗng)) / (tổng số bản ghi × tổng số cột)".
    An empty text and NaN are empty; 0 is a value.
    """
    rows = []
    for name, frame in tables.items():
        filled = int((frame.notna() & (frame.astype(object) != "")).to_numpy().sum())
        rows.append((name, len(frame), frame.shape[1], frame.size, filled))
    rows.append(("", sum(row[1] for row in rows), 0, sum(row[3] for row in rows), sum(row[4] for row in rows)))
    table = pd.DataFrame(rows, columns=["table", "records", "columns", "cells", "filled"])
    return table.assign(density=table["filled"] / table["cells"].where(table["cells"] > 0))


def activity(rows: pd.DataFrame, first: date, last: date) -> pd.DataFrame:
    """Return the activity rate of the store in an interval of days of entry.

    Parameters
    ----------
    rows : DataFrame
        All rows, every vintage.
    first, last : date
        The interval, by ``recorded``.

    Returns
    -------
    DataFrame
        One row: before (records at the end of the time before), updated, created, rate (NaN where there was no record before),
        reason.

    Notes
    -----
    Regulation 02-QC, annex, part 2, point d: "((số bản ghi được cập nhật trong kỳ) + (số bản ghi mới được tạo trong kỳ)) / (tổng số
    bản ghi cuối kỳ trước)". A record is a key of the contract (subject, area, item, period, measure, breakdown); the store only
    appends, so a new row of an old key is an update, and a record updated twice counts once.
    """
    keys = pd.MultiIndex.from_frame(rows[observations.KEY])
    day = rows["recorded"].to_numpy(str)
    before = keys[day < first.isoformat()].unique()
    now = keys[(day >= first.isoformat()) & (day <= last.isoformat())].unique()
    updated = int(now.isin(before).sum())
    rate = len(now) / len(before) if len(before) else np.nan
    reason = "" if len(before) else "chưa có bản ghi nào trước kỳ"
    return pd.DataFrame(
        [(len(before), updated, len(now) - updated, rate, reason)],
        columns=["before", "updated", "created", "rate", "reason"],
    )


def scores(
    table: pd.DataFrame,
    wrong: pd.DataFrame,
    rows: pd.DataFrame,
    unclean: pd.DataFrame,
    done: pd.DataFrame,
    ages: pd.DataFrame,
) -> pd.DataFrame:
    """Return the four scores.

    Parameters
    ----------
    table, wrong : DataFrame
        As-of observations and their :func:`nq57lab.quality.findings.accuracy` findings.
    rows, unclean : DataFrame
        All observations and their :func:`nq57lab.quality.findings.cleanness` findings.
    done : DataFrame
        :func:`observed` figures.
    ages : DataFrame
        From :func:`freshness`.

    Returns
    -------
    DataFrame
        criterion (đúng, đủ, sạch, sống), score (0–1; NaN with a reason), good, total, formula, basis, reason.

    Notes
    -----
    All proposed; the regulation names the four qualities (article 2.16) and states no score, no weight and no total, so none is
    formed. đúng = figures without an error ÷ figures (jumps are questions, not errors); đủ = observed ÷ expected; sạch = rows
    without a finding ÷ rows; sống = mean over the indicators with a figure of min(1, 1 ÷ age).
    """
    bad = wrong.loc[wrong["rule"].isin(ERRORS), "id"].nunique()
    dirty = unclean["id"].nunique()
    aged = ages["score"].dropna()
    lines = [
        ("đúng", len(table) - bad, len(table), "số liệu không có lỗi ÷ số liệu", "khoản 16 Điều 2; khoản 2 Điều 16"),
        (
            "đủ",
            int(done["observed"].sum()),
            len(done),
            "số liệu đã có ÷ số liệu đến hạn",
            "khoản 16 Điều 2; điểm h khoản 3 Điều 9",
        ),
        ("sạch", len(rows) - dirty, len(rows), "dòng không có lỗi ÷ dòng", "khoản 16 Điều 2"),
        ("sống", float(aged.sum()), len(aged), "bình quân của min(1; 1 ÷ tuổi)", "khoản 16 Điều 2"),
    ]
    frame = pd.DataFrame(lines, columns=["criterion", "good", "total", "formula", "basis"])
    score = frame["good"] / frame["total"].where(frame["total"] > 0)
    reason = np.where(frame["total"] > 0, "", "không có số liệu để tính")
    return frame.assign(score=score, reason=reason)[
        ["criterion", "score", "good", "total", "formula", "basis", "reason"]
    ]


def observation_columns(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the contract's own columns of observations: what :func:`density` counts."""
    return rows[contract.OBSERVATIONS.names]
