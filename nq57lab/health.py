"""Health of the data by "đúng, đủ, sạch, sống": accuracy, completeness, cleanness, freshness, each with its findings and score.

The catalogue and tables of observations in, tidy tables out. The principle is that of regulation 02-QC (article 2.16; checks and
alerts: article 16; the 25th as due day: article 9.3h; data density and activity rate: annex, part 2, point d). Where the regulation
states no formula, the one used here is a proposal and is marked "đề xuất".
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from nq57lab import contract, delivery, formulas, observations, periods, quality, wording
from nq57lab.catalogue import Catalogue
from nq57lab.entry_rules import SAME_ISSUE, shares_of

PROPOSED = "đề xuất"
# Iglewicz and Hoaglin (1993), "How to Detect and Handle Outliers", p. 11: the modified z-score and its cut-off.
JUMP_CUTOFF = 3.5
MAD_TO_SD, MEAN_TO_SD = 0.6745, 1.2533
MIN_POINTS = 8  # proposed: with fewer, the median and MAD of the changes say little
UNIT_DAYS = {"day": 1.0, "month": 30.4375, "quarter": 91.3125, "half_year": 182.625, "year": 365.25}
STATES = ("sống", "chậm", "cũ", "chưa có số liệu")
ERRORS = ("code", "unit", "range", "part_above_whole", "relation")
RULES = {
    "code": "mã không có trong danh mục",
    "unit": "đơn vị khác loại với đơn vị của chỉ số",
    "range": "giá trị ngoài khoảng có thể của đơn vị",
    "part_above_whole": "phần lớn hơn tổng thể",
    "relation": "không khớp với các số thành phần",
    "jump": "biến động bất thường so với chuỗi lịch sử (cần xem lại)",
    "duplicate": "dòng lặp lại",
    "two_values": "hai giá trị cho một số liệu trong một đợt công bố",
    "unicode": "chữ Việt tổ hợp, chưa theo Unicode NFC",
    "mojibake": "chữ hỏng do sai bảng mã",
    "invisible": "ký tự ẩn hoặc ký tự điều khiển",
    "spaces": "khoảng trắng thừa",
    "spelling": "cách viết khác cách viết thống nhất",
    "printed": "giá trị không khớp số in trong nguồn",
}
FINDING = ["rule", "subject", "area", "item", "period", "dims", "value", "limit", "id", "reason"]
SERIES = ["subject", "area", "item", "measure", "dims"]
_GROWTH = re.compile(r"\b(?:tốc độ tăng|mức tăng|tăng trưởng|tăng trung bình|tăng bình quân|so với)\b", re.I)
_TEXTS = ("locator", "evidence", "decision", "public_decision", "note")
_SIGNS = {
    "mojibake": re.compile("\ufffd|á[»º]|Ä[‘\u0091]|Æ[°¡]|Ã[\u0080-\u009f\u00a1-\u00bf]|â€"),
    "invisible": re.compile("[\u200b-\u200d\u2060\ufeff\u00ad\x00-\x08\x0b-\x1f\x7f-\x9f]"),
    "spaces": re.compile(r"^\s|\s$|  "),
}


def _findings(rule: str, rows: pd.DataFrame, limit: object = "", reason: object = "") -> pd.DataFrame:
    return rows.assign(rule=rule, limit=limit, reason=reason)[FINDING].astype({"limit": str, "reason": str})


def _joined(found: Sequence[pd.DataFrame]) -> pd.DataFrame:
    some = [part for part in found if len(part)]
    if not some:
        return pd.DataFrame(columns=FINDING)
    order = {rule: place for place, rule in enumerate(RULES)}
    joined = pd.concat(some, ignore_index=True).drop_duplicates(["rule", "id", "limit", "reason"])
    ranked = joined.assign(_order=joined["rule"].map(order))
    return (
        ranked.sort_values(["_order", "subject", "period", "id"], kind="stable")
        .drop(columns="_order")
        .reset_index(drop=True)
    )


# Đúng: accuracy


def limits(catalogue: Catalogue) -> pd.DataFrame:
    """Return the lowest and the highest possible value of each subject, in its unit.

    Returns
    -------
    DataFrame
        subject, low, high (±inf where there is no limit), reason.

    Notes
    -----
    Proposed ("đề xuất"), by the family of the unit: share 0 to 100, but growth (an indicator of kind growth, or a name that says
    "tốc độ tăng", "so với" …) from −100 without upper end and ratios of two quantities from 0 without upper end; points −100 to
    100; rank from 1; counts, durations, amounts a head, lengths, areas, rates and indices from 0; money without limits, since
    balances and differences may be negative.
    """
    own = catalogue.indicators
    table = pd.concat(
        [
            pd.DataFrame({"subject": own["code"], "unit": own["unit"], "kind": own["kind"], "name": own["name_vi"]}),
            pd.DataFrame(
                {"subject": catalogue.variables["id"], "unit": catalogue.variables["unit"], "kind": ""}
            ).assign(name=catalogue.variables["name_vi"]),
        ],
        ignore_index=True,
    )
    family = table["unit"].map(dict(zip(catalogue.units["unit"], catalogue.units["family"], strict=True)))
    share = family == "share"
    growth = share & ((table["kind"] == "growth") | table["name"].str.contains(_GROWTH))
    free = family.isna() | family.isin(["money_vnd", "money_usd"])
    low = np.select([growth | (family == "points"), family == "rank", free], [-100.0, 1.0, -np.inf], 0.0)
    bounded = (share & ~growth & (table["kind"] != "ratio")) | (family == "points")
    reason = np.select(
        [growth, bounded & share, family == "rank"],
        ["tốc độ tăng không dưới −100%", "tỷ lệ phần trăm từ 0 đến 100", "thứ hạng từ 1"],
        "không âm",
    )
    return table[["subject"]].assign(low=low, high=np.where(bounded, 100.0, np.inf), reason=reason)


def out_of_range(table: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Return the figures outside their subject's possible values (:func:`limits`); NaN is not judged."""
    bounds = limits(catalogue).set_index("subject").reindex(table["subject"])
    low, high = bounds["low"].to_numpy(), bounds["high"].to_numpy()
    top = table["value_high"].fillna(table["value"])
    same = table["unit"].to_numpy() == table["subject"].map(catalogue.subject_units).to_numpy()
    bad = same & ((table["value"].to_numpy() < low) | (top.to_numpy() > high))
    ends = [f"[{a:g}; {b:g}]" for a, b in zip(low[bad], high[bad], strict=True)]
    return _findings("range", table[bad], ends, bounds["reason"].to_numpy()[bad])


def parts_above_wholes(table: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Return the parts that are larger than their whole, of one area, period and breakdown.

    Parameters
    ----------
    table : DataFrame
        As-of observations.
    catalogue : Catalogue
        Shares whose formula is part ÷ whole × 100, and the relations of kind share (part ÷ whole) and sum (each part of a sum).

    Notes
    -----
    Values are compared in the family's base unit; a part that is an upper bound and a whole that is a lower bound prove nothing.
    """
    factor = dict(zip(catalogue.units["unit"], catalogue.units["factor"].astype(float), strict=True))
    rows = table.assign(base=table["value"] * table["unit"].map(factor))
    rows = rows[~rows["qualifier"].isin(["<", "<="])], rows[~rows["qualifier"].isin([">", ">="])]
    keys = ["area", "item", "period", "dims"]
    found = []
    for code, part, whole in shares_of(catalogue):
        left, right = rows[0][rows[0]["subject"] == part], rows[1][rows[1]["subject"] == whole]
        if len(left) and len(right):
            pairs = left.merge(right[[*keys, "base", "value", "unit"]], on=keys, suffixes=("", "_whole"))
            over = pairs[pairs["base"] > pairs["base_whole"]]
            limit = [f"{value:g} {unit}" for value, unit in zip(over["value_whole"], over["unit_whole"], strict=True)]
            found.append(_findings("part_above_whole", over, limit, f"{code}: {part} ≤ {whole}"))
    lookup = [observations.Lookup(part) for part in rows]
    for relation in catalogue.relations[catalogue.relations["kind"].isin(["share", "sum"])].itertuples():
        for part, whole in _pairs(relation):
            one = lookup[0].row(part, relation.area, relation.period)
            all_ = lookup[1].row(whole, relation.area, relation.period)
            if one is not None and all_ is not None and one["family"] == all_["family"] and one["base"] > all_["base"]:
                reason = f"{relation.id}: {part.name} ≤ {whole.name}"
                found.append(
                    _findings("part_above_whole", one.to_frame().T, f"{all_['value']:g} {all_['unit']}", reason)
                )
    return _joined(found)


def _pairs(relation) -> list[tuple[formulas.Reference, formulas.Reference]]:
    """Return (part, whole) of a relation: of part ÷ whole × 100, or of a whole that is the sum of its parts."""
    match formulas.parse(relation.expression):
        case formulas.Operation(
            "*", formulas.Operation("/", formulas.Reference() as part, formulas.Reference() as whole), _
        ) if relation.kind == "share":
            return [(part, whole)]
        case formulas.Operation("+") as node if relation.kind == "sum" and "-" not in relation.expression:
            return [(part, formulas.parse(relation.printed)) for part in formulas.references(node)]
    return []


def jumps(table: pd.DataFrame) -> pd.DataFrame:
    """Return the figures that changed far more than their series usually does.

    Parameters
    ----------
    table : DataFrame
        As-of observations.

    Returns
    -------
    DataFrame
        :data:`FINDING` (``limit`` says the usual change); one row for each jump.

    Notes
    -----
    Proposed, after Iglewicz and Hoaglin (1993): with d the changes from one period to the next of periods of equal length (ratios
    of logarithms for positive counts and money, differences else; a change over a gap is spread over it evenly),
    z = 0.6745 (d − median d) ÷ MAD; a jump has |z| > 3.5. Where the MAD is 0, 1.2533 × the mean absolute deviation takes its place
    (÷ 0.6745). At least 8 points; a change within the printed rounding is none; the return from a spike is not told again.
    """
    months = table["period"].map(_months)
    rows = table.assign(months=months)[(months > 0) & table["value"].notna()]
    found = []
    for _, series in rows.groupby([*SERIES, "unit", "months"], sort=True):
        if len(series) >= MIN_POINTS:
            found.append(_jumps_of(series.sort_values("period_end", kind="stable")))
    return _joined(found)


def _months(period: str) -> int:
    """Return the length of a named period in months; 0 for a day or an interval."""
    if "/" in period or len(period) > 7:
        return 0
    return 12 if len(period) == 4 else {"Q": 3, "H": 6}.get(period[5], 1)


def modified_z(changes: np.ndarray) -> np.ndarray:
    """Return the modified z-scores of changes (zeros where they do not vary).

    >>> modified_z(np.array([1.0, 1.0, 2.0, 3.0, 3.0])).round(2).tolist()
    [-0.67, -0.67, 0.0, 0.67, 0.67]
    """
    apart = changes - np.median(changes)
    spread = np.median(np.abs(apart)) / MAD_TO_SD
    spread = spread if spread > 1e-12 else MEAN_TO_SD * np.mean(np.abs(apart))
    return apart / spread if spread > 1e-12 else np.zeros_like(apart)


def _jumps_of(series: pd.DataFrame) -> pd.DataFrame:
    value = series["value"].to_numpy(float)
    relative = series["family"].iloc[0] in ("count", "money_vnd", "money_usd") and bool((value > 0).all())
    ends = series["period_end"].dt.year.to_numpy() * 12 + series["period_end"].dt.month.to_numpy()
    steps = np.maximum(1, np.diff(ends) // int(series["months"].iloc[0]))
    changes = np.diff(np.log(value) if relative else value) / steps
    score = modified_z(changes)
    step = np.array([quality.printed_step(row) for _, row in series.iterrows()])
    usual = np.median(changes)
    beyond = np.abs(np.diff(value) - (value[:-1] * np.expm1(usual * steps) if relative else usual * steps))
    far = (np.abs(score) > JUMP_CUTOFF) & (beyond > np.maximum(step[1:], step[:-1]))
    back = np.concatenate([[False], far[1:] & far[:-1] & (np.sign(score[1:]) != np.sign(score[:-1]))])
    chosen = np.flatnonzero(far & ~back)
    change = np.expm1(usual) * 100 if relative else usual
    digits = len(f"{change:.{2 if abs(change) >= 1 else 4}f}".rstrip("0").partition(".")[2])
    words = wording.number(change, 1 if relative else digits)
    words = f"thường {wording.change_words(change)} {words.lstrip(wording.MINUS)}{'%' if relative else ''} một kỳ"
    reason = [f"z = {wording.number(score[place], 1)}; {len(value)} điểm" for place in chosen]
    return _findings("jump", series.iloc[chosen + 1], words, reason)


def accuracy(table: pd.DataFrame, catalogue: Catalogue, audit: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return every finding on accuracy ("đúng"): codes, units, ranges, parts and wholes, relations, jumps.

    Parameters
    ----------
    table : DataFrame
        As-of observations.
    catalogue : Catalogue
        What is measured.
    audit : DataFrame, optional
        The audit of the relations between printed figures (:func:`nq57lab.quality.audit`): those that disagree are findings.
    """
    rows = table.reset_index(drop=True)
    found = [_checked(rows, catalogue, {"reference": "code", "pattern": "code", "unit_mismatch": "unit"})]
    found += [out_of_range(rows, catalogue), parts_above_wholes(rows, catalogue), jumps(rows)]
    if audit is not None and len(audit):
        keys = ["subject", "area", "period", "dims"]
        apart = audit.loc[audit["consistent"] == "no", [*keys, "recomputed", "reason", "relation"]]
        plain = rows[rows["item"] == ""].drop_duplicates(keys, keep="last")
        merged = plain.merge(apart, on=keys)
        limit = [f"{value:g}" for value in merged["recomputed"]]
        found.append(_findings("relation", merged, limit, merged["reason"].tolist()))
    return _joined(found)


def _checked(rows: pd.DataFrame, catalogue: Catalogue, rules: Mapping[str, str]) -> pd.DataFrame:
    """Return what :func:`nq57lab.observations.check` finds, under the names of our rules."""
    places = pd.DataFrame({"file": "", "row": range(len(rows))})
    problems = [p for p in observations.check(rows, catalogue, places) if p.code in rules]
    found = [
        _findings(
            rules[p.code], rows.iloc[[p.row]], str(p.details.get("expected", p.details.get("target", ""))), p.found
        )
        for p in problems
    ]
    return _joined(found)


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
    areas : sequence of str
        The areas that report.
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
        subject, area, period, vintage: indicator values (:func:`nq57lab.indicators.compute`) or observations.

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
        month=own["period"].map(ends).dt.to_period("M"), published=own["vintage"].map(ends), given=own["period"]
    )
    rows = wanted.assign(row=range(len(wanted)), month=wanted["period"].map(ends).dt.to_period("M"))
    pairs = rows.merge(own.drop(columns=["period", "vintage"]), on=["subject", "area", "month"])
    fits = pairs["given"] == pairs["period"]
    fits |= (pairs["given"].str.len() >= 9) | (pairs["over_time"] == "last")
    served = pairs[fits]
    timely = served[served["published"] <= served["due"]]
    return wanted.assign(observed=rows["row"].isin(served["row"]), in_time=rows["row"].isin(timely["row"]))


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


# Sạch: cleanness


def cleanness(rows: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Return every finding on cleanness ("sạch") of all rows, every vintage.

    Parameters
    ----------
    rows : DataFrame
        Observations as loaded (:func:`nq57lab.observations.load`).
    catalogue : Catalogue
        Its ``terms``: one spelling each.

    Notes
    -----
    duplicate and two_values: rows of one key, vintage, source and day of entry; a correction is entered on a later day. unicode,
    mojibake, invisible, spaces and spelling: cells of our own text (locator, evidence, decisions, note; not what a source
    printed). printed: the digits printed are not the value.
    """
    table = rows.reset_index(drop=True)
    same = [*SAME_ISSUE, "recorded"]
    twins = table[table.duplicated(same, keep="first")]
    first = table.drop_duplicates(same, keep="first")
    pairs = twins.merge(first[[*same, "value", "id"]], on=same, suffixes=("", "_first"))
    differ = (pairs["value"] != pairs["value_first"]) & ~(pairs["value"].isna() & pairs["value_first"].isna())
    found = [
        _findings(
            "two_values",
            pairs[differ],
            [f"{v:g}" for v in pairs.loc[differ, "value_first"]],
            pairs.loc[differ, "id_first"],
        ),
        _findings("duplicate", pairs[~differ], "", pairs.loc[~differ, "id_first"]),
    ]
    spellings = catalogue.terms[catalogue.terms["term"] != catalogue.terms["preferred"]]
    for name in _TEXTS:
        cells = table[name]
        unique = {text: _text_findings(text, spellings) for text in cells.unique()}
        for place in cells.index[[bool(unique[text]) for text in cells]]:
            found += [
                _findings(rule, table.loc[[place]], limit, f"{name}: {text}")
                for rule, limit, text in unique[cells[place]]
            ]
    found.append(_checked(table, catalogue, {"printed_mismatch": "printed"}))
    return _joined(found)


def _text_findings(text: str, spellings: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Return (rule, expected, found) of one cell of text."""
    found = [(rule, "", ascii(text[:60])[1:-1]) for rule, sign in _SIGNS.items() if sign.search(text)]
    if not unicodedata.is_normalized("NFC", text):
        found.append(("unicode", "NFC", text[:60]))
    for row in spellings.itertuples():
        if row.term in text and re.search(rf"(?<!\w){re.escape(row.term)}(?!\w)", text):
            found.append(("spelling", row.preferred, row.term))
    return found


# Sống: freshness, and the regulation's two measures of a database


def freshness(indicators: pd.DataFrame, values: pd.DataFrame, on: date, areas: Sequence[str] = ("VN",)) -> pd.DataFrame:
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
    wanted = wanted.rename(columns={"code": "subject"}).merge(pd.DataFrame({"area": list(areas)}), how="cross")
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
    table = pd.DataFrame(rows, columns=["table", "records", "columns", "cells", "filled"])
    table.loc[len(table)] = ["", table["records"].sum(), 0, table["cells"].sum(), table["filled"].sum()]
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
        As-of observations and their :func:`accuracy` findings.
    rows, unclean : DataFrame
        All observations and their :func:`cleanness` findings.
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
        ("đúng", len(table) - bad, len(table), "số liệu không có lỗi ÷ số liệu", "Điều 2.16, 16.2"),
        ("đủ", int(done["observed"].sum()), len(done), "số liệu đã có ÷ số liệu đến hạn", "Điều 2.16, 9.3h"),
        ("sạch", len(rows) - dirty, len(rows), "dòng không có lỗi ÷ dòng", "Điều 2.16"),
        ("sống", float(aged.sum()), len(aged), "bình quân của min(1; 1 ÷ tuổi)", "Điều 2.16"),
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
