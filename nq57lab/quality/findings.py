"""Findings of accuracy ("đúng") and cleanness ("sạch"): every figure that breaks a rule, with the rule, the limit and the reason.

The catalogue and tables of observations in, a table of findings out. Regulation 02-QC asks for both (article 2.16), for criteria and
rules of checking (article 16.1) and for alerts on large, unusual or illogical deviations (article 16.2); the rules are proposals.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from nq57lab.base import formulas, periods
from nq57lab.base.messages import reason as because
from nq57lab.facts import audit as quality
from nq57lab.facts import indicators, observations
from nq57lab.facts.catalogue import Catalogue
from nq57lab.store.entry_rules import SAME_ISSUE, shares_of
from nq57lab.store.rules import plausible

# Iglewicz and Hoaglin (1993), "How to Detect and Handle Outliers", p. 11: the modified z-score and its cut-off.
JUMP_CUTOFF = 3.5
MAD_TO_SD, MEAN_TO_SD = 0.6745, 1.2533
MIN_POINTS = 8  # proposed: with fewer, the median and MAD of the changes say little
ERRORS = ("code", "unit", "range", "part_above_whole", "relation")
RULES = {
    "code": "mã không có trong danh mục",
    "unit": "đơn vị khác loại với đơn vị của chỉ số",
    "range": "giá trị ngoài khoảng có thể của đơn vị",
    "part_above_whole": "phần lớn hơn tổng thể",
    "relation": "không khớp với các số thành phần",
    "rounding": "chênh lệch do làm tròn (không phải lỗi)",
    "jump": "biến động bất thường so với chuỗi lịch sử (cần xem lại)",
    "zero": "mẫu số bằng 0, chỉ số không tính được (cần xem lại)",
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
_TEXTS = ("locator", "evidence", "decision", "public_decision", "note")
_SIGNS = {
    "mojibake": re.compile("\ufffd|á[»º]|Ä[‘\u0091]|Æ[°¡]|Ã[\u0080-\u009f\u00a1-\u00bf]|â€"),
    "invisible": re.compile("[\u200b-\u200d\u2060\ufeff\u00ad\x00-\x08\x0b-\x1f\x7f-\x9f]"),
    "spaces": re.compile(r"^\s|\s$|  "),
}


def _findings(rule: str, rows: pd.DataFrame, limit: Any = "", reason: Any = "") -> pd.DataFrame:
    own = pd.DataFrame({"limit": limit, "reason": reason}, index=rows.index, dtype=object)
    return rows.assign(rule=rule, limit=own["limit"], reason=own["reason"])[FINDING]


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


def out_of_range(table: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Return the figures beyond the bounds that an import refuses (``bounds.csv``); NaN is not judged."""
    beyond = sorted({place for place, *_ in plausible.bound_problems(table, catalogue)[0]})
    limits = plausible.bounds(table.loc[beyond], catalogue)
    told = [
        because("bounds", low=low, high=high)
        if not np.isnan(low + high)
        else because("bound_above", high=high)
        if np.isnan(low)
        else because("bound_below", low=low)
        for low, high in zip(limits["least"], limits["most"], strict=True)
    ]
    return _findings("range", table.loc[beyond], told, limits["reason"].tolist())


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
    rows = table.assign(base=table["value"] * table["unit"].map(factor).astype(float))
    parts, wholes = rows[~rows["qualifier"].isin(["<", "<="])], rows[~rows["qualifier"].isin([">", ">="])]
    keys = ["area", "item", "period", "dims"]
    found = []
    for code, name, other in shares_of(catalogue):
        left, right = parts[parts["subject"] == name], wholes[wholes["subject"] == other]
        if len(left) and len(right):
            pairs = left.merge(right[[*keys, "base", "value", "unit"]], on=keys, suffixes=("", "_whole"))
            over = pairs[pairs["base"] > pairs["base_whole"]]
            limit = [
                because("whole", value=value, unit=unit)
                for value, unit in zip(over["value_whole"], over["unit_whole"], strict=True)
            ]
            found.append(
                _findings("part_above_whole", over, limit, because("part_of", code=code, part=name, whole=other))
            )
    of_parts, of_wholes = observations.Lookup(parts), observations.Lookup(wholes)
    for _, relation in catalogue.relations[catalogue.relations["kind"].isin(["share", "sum"])].iterrows():
        for part, whole in _pairs(relation):
            one = of_parts.row(part, relation["area"], relation["period"])
            all_ = of_wholes.row(whole, relation["area"], relation["period"])
            if one is not None and all_ is not None and one["family"] == all_["family"] and one["base"] > all_["base"]:
                why = because("part_of", code=relation["id"], part=part.name, whole=whole.name)
                known = because("whole", value=all_["value"], unit=all_["unit"])
                found.append(_findings("part_above_whole", one.to_frame().T, known, why))
    return _joined(found)


def _pairs(relation: pd.Series) -> list[tuple[formulas.Reference, formulas.Reference]]:
    """Return (part, whole) of a relation: of part ÷ whole × 100, or of a whole that is the sum of its parts."""
    match formulas.parse(relation["expression"]):
        case formulas.Operation(
            "*", formulas.Operation("/", formulas.Reference() as part, formulas.Reference() as whole), _
        ) if relation["kind"] == "share":
            return [(part, whole)]
        case formulas.Operation("+") as node if relation["kind"] == "sum" and "-" not in relation["expression"]:
            whole = formulas.references(formulas.parse(relation["printed"]))[0]
            return [(part, whole) for part in formulas.references(node)]
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
    Proposed, after Iglewicz and Hoaglin (1993): with d the changes from one period to the next of periods of equal length, none over a break (ratios
    of logarithms for positive counts and money, differences else; a change over a gap is spread over it evenly),
    z = 0.6745 (d − median d) ÷ MAD; a jump has |z| > 3.5. Where the MAD is 0, 1.2533 × the mean absolute deviation takes its place
    (÷ 0.6745). At least 8 points; a change within the printed rounding is none; the return from a spike is not told again.
    """
    months = table["period"].map(periods.months)
    rows = table.assign(months=months)[(months > 0) & table["value"].notna()]
    one = [*SERIES, "segment", "unit", "months"]
    long = rows[rows.groupby(one)["value"].transform("size") >= MIN_POINTS].sort_values("period_end", kind="stable")
    found = [_jumps_of(series) for _, series in long.groupby(one, sort=True)]
    return _joined([part for part in found if part is not None])


def modified_z(changes: np.ndarray) -> np.ndarray:
    """Return the modified z-scores of changes (zeros where they do not vary).

    >>> modified_z(np.array([1.0, 1.0, 2.0, 3.0, 3.0])).round(2).tolist()
    [-0.67, -0.67, 0.0, 0.67, 0.67]
    """
    apart = changes - np.median(changes)
    spread = np.median(np.abs(apart)) / MAD_TO_SD
    spread = spread if spread > 1e-12 else MEAN_TO_SD * np.mean(np.abs(apart))
    return apart / spread if spread > 1e-12 else np.zeros_like(apart)


def _jumps_of(series: pd.DataFrame) -> pd.DataFrame | None:
    value = series["value"].to_numpy(float)
    relative = series["family"].iloc[0] in ("count", "money_vnd", "money_usd") and bool((value > 0).all())
    ends = series["period_end"].dt.year.to_numpy() * 12 + series["period_end"].dt.month.to_numpy()
    steps = np.maximum(1, np.diff(ends) // int(series["months"].iloc[0]))
    changes = np.diff(np.log(value) if relative else value) / steps
    score = modified_z(changes)
    if not (np.abs(score) > JUMP_CUTOFF).any():
        return None
    step = np.array([quality.printed_step(row) for _, row in series.iterrows()])
    usual = np.median(changes)
    beyond = np.abs(np.diff(value) - (value[:-1] * np.expm1(usual * steps) if relative else usual * steps))
    far = (np.abs(score) > JUMP_CUTOFF) & (beyond > np.maximum(step[1:], step[:-1]))
    back = np.concatenate([[False], far[1:] & far[:-1] & (np.sign(score[1:]) != np.sign(score[:-1]))])
    chosen = np.flatnonzero(far & ~back)
    change = np.expm1(usual) * 100 if relative else usual
    digits = 1 if relative else len(f"{change:.{2 if abs(change) >= 1 else 4}f}".rstrip("0").partition(".")[2])
    rises, falls = ("usual_rise_share", "usual_fall_share") if relative else ("usual_rise", "usual_fall")
    size = round(float(abs(change)), digits)
    step_told = because(falls if change < 0 else rises, change=size) if change else because("usual_level")
    reason = [because("unlikely_change", z=round(float(score[place]), 1), count=len(value)) for place in chosen]
    return _findings("jump", series.iloc[chosen + 1], step_told, reason)


def zero_denominators(table: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Return the zeros by which an indicator would be divided (:func:`nq57lab.facts.indicators.undefined`); the reason names the indicator."""
    found = indicators.undefined(catalogue, table)
    rows = table.set_index("id", drop=False).loc[found["zero"]]
    told = [because("not_computable", code=code, name=catalogue.names[code]) for code in found["subject"]]
    return _findings("zero", rows, "", told)


def accuracy(table: pd.DataFrame, catalogue: Catalogue, audit: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return every finding on accuracy ("đúng"): codes, units, ranges, parts and wholes, relations, jumps, zero denominators.

    Parameters
    ----------
    table : DataFrame
        As-of observations.
    audit : DataFrame, optional
        The audit of the relations between printed figures (:func:`nq57lab.facts.audit.audit`): those that disagree are findings; a
        difference that the rounding of the parts explains is told apart ("rounding") and is no error.
    """
    rows = table.reset_index(drop=True)
    found = [_checked(rows, catalogue, {"reference": "code", "pattern": "code", "unit_mismatch": "unit"})]
    found += [out_of_range(rows, catalogue), parts_above_wholes(rows, catalogue), jumps(rows)]
    found.append(zero_denominators(rows, catalogue))
    if audit is not None and len(audit):
        keys = ["subject", "area", "period", "dims"]
        apart = audit.loc[audit["consistent"].isin(["no", "rounding"]), [*keys, "recomputed", "reason", "consistent"]]
        plain = rows[rows["item"] == ""].drop_duplicates(keys, keep="last")
        merged = plain.merge(apart, on=keys)
        rounded = merged["consistent"] == "rounding"
        for rule, part in (("relation", merged[~rounded]), ("rounding", merged[rounded])):
            found.append(_findings(rule, part, part["recomputed"].astype(float).tolist(), part["reason"].tolist()))
    return _joined(found)


def _checked(rows: pd.DataFrame, catalogue: Catalogue, rules: Mapping[str, str]) -> pd.DataFrame:
    """Return what :func:`nq57lab.facts.observations.check` finds, under the names of our rules."""
    places = pd.DataFrame({"file": "", "row": range(len(rows))})
    problems = [p for p in observations.check(rows, catalogue, places) if p.code in rules]
    found = [
        _findings(
            rules[p.code], rows.iloc[[p.row or 0]], str(p.details.get("expected", p.details.get("target", ""))), p.found
        )
        for p in problems
    ]
    return _joined(found)


# Sạch: cleanness


def cleanness(rows: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Return every finding on cleanness ("sạch") of all rows, every vintage.

    Parameters
    ----------
    rows : DataFrame
        Observations as loaded (:func:`nq57lab.facts.observations.load`).
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
    """Return (rule, expected, found) of one cell of text; the spelling of what it quotes (“…”) is the source's."""
    found = [(rule, "", ascii(text[:60])[1:-1]) for rule, sign in _SIGNS.items() if sign.search(text)]
    if not unicodedata.is_normalized("NFC", text):
        found.append(("unicode", "NFC", text[:60]))
    own = re.sub("“[^”]*”", "“”", text)
    for term, preferred in zip(spellings["term"], spellings["preferred"], strict=True):
        if term in own and re.search(rf"(?<!\w){re.escape(term)}(?!\w)", own):
            found.append(("spelling", preferred, term))
    return found
