"""The dynamic score: how far each KPI is on the way to its target, times its weight; and the composite of a set of KPIs.

A tidy table of KPIs in (kpi, area, value, target, direction, weight or priority …), completion and score out; composites by area and
group with their coverage, rank, or the reason why they are not shown. Definitions are the proposal's (S000, part III).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nq57lab.base.messages import reason as because
from nq57lab.base.messages import together
from nq57lab.composite.laboratory.aggregate import ranks

PRIORITIES = {"High": 2.0, "Medium": 1.5, "Low": 1.0}
VERIFIED = ("official", "verified")
# The Global Innovation Index, too, wants at least 66 per cent of the data before it shows a score (WIPO, GII 2025, appendix I).
MIN_COVERAGE = 2 / 3
COMPOSITE = ["area", "group", "composite", "coverage", "rank", "reason"]


@dataclass(frozen=True)
class Rules:
    """The choices that the proposal leaves open, with the project's defaults."""

    # completion as the share of the way from the baseline to the target, instead of value ÷ target.
    from_baseline: bool = False
    # floor and ceiling: completion is held between them; infinite to leave it free.
    floor: float = 0.0
    ceiling: float = 1.0
    # share of the weight that must have a counted figure before a composite is shown.
    min_coverage: float = MIN_COVERAGE
    statuses: tuple[str, ...] = VERIFIED  # statuses that count; a KPI without a status counts


DEFAULT = Rules()


def completion(
    value: np.ndarray, target: np.ndarray, direction: np.ndarray, target_high: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the completion of targets as a ratio, free of any bound, and why there is none.

    Parameters
    ----------
    value, target : ndarray of float, shape (n,)
        The figure and its target, in one unit; NaN where missing.
    direction : ndarray of float, shape (n,)
        +1 where higher is better, −1 where lower is better (ranks, "top n" targets).
    target_high : ndarray of float, optional
        The upper end of a range, NaN where the target is one number.

    Returns
    -------
    share : ndarray of float, shape (n,)
        1 = the target is met exactly; NaN where it is not defined.
    reason : ndarray of Reason or "", shape (n,)
        "" where there is a share.

    Notes
    -----
    value ÷ target for +1; target ÷ value for −1, so that rank 71 against "top 50" is 50 ÷ 71. A range is aimed at from its near end:
    the lower one for +1, the upper one for −1. A target that is met counts as 1 also where the ratio has no meaning (a target of 0
    or below, a value of 0 or below for −1); not met, it has no ratio there: use the way from a baseline.

    References
    ----------
    S000, part III, 1–2.

    Examples
    --------
    >>> share, _ = completion(np.array([1.0, 71.0]), np.array([1.5, 50.0]), np.array([1.0, -1.0]))
    >>> share.round(4).tolist()
    [0.6667, 0.7042]
    """
    aim = _aim(target, target_high, direction)
    met = np.where(direction > 0, value >= aim, value <= aim)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(direction > 0, value / aim, aim / value)
    good = (aim > 0) & ((direction > 0) | (value > 0))
    # A direction −1 target of 0 is missed altogether by any positive value.
    zero = (direction < 0) & (aim == 0) & (value > 0)
    share = np.where(good, share, np.where(met, 1.0, np.where(zero, 0.0, np.nan)))
    return _told(share, no_figure=np.isnan(value), no_target=np.isnan(aim), no_ratio=np.isnan(share))


def completion_from_baseline(
    value: np.ndarray,
    target: np.ndarray,
    direction: np.ndarray,
    baseline: np.ndarray,
    target_high: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of the way from the baseline to the target that is done, free of any bound, and why there is none.

    Notes
    -----
    (value − baseline) ÷ (target − baseline), in either direction. A target that is met counts at least 1. Where the baseline had
    already met the target and the value no longer does, there is no way to measure.

    Examples
    --------
    >>> one = [np.array([x]) for x in (15.0, 20.0, 1.0, 10.0)]
    >>> completion_from_baseline(*one)[0].tolist()
    [0.5]
    """
    aim = _aim(target, target_high, direction)
    met = np.where(direction > 0, value >= aim, value <= aim)
    way = direction * (aim - baseline)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(way > 0, (value - baseline) / (aim - baseline), np.where(met, 1.0, np.nan))
    missing = {"no_figure": np.isnan(value), "no_target": np.isnan(aim), "no_baseline": np.isnan(baseline)}
    return _told(share, **missing, was_met=np.isnan(share))


def _told(share: np.ndarray, **cases: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares, NaN in every case named, and the reason of the first case that holds."""
    reasons: list[Any] = [because(f"score_{code}") for code in cases]
    held = list(cases.values())
    return np.where(np.logical_or.reduce(held), np.nan, share), np.select(held, reasons, "")


def _aim(target: np.ndarray, high: np.ndarray | None, direction: np.ndarray) -> np.ndarray:
    return target if high is None else np.where((direction < 0) & ~np.isnan(high), high, target)


def score(table: pd.DataFrame, rules: Rules = DEFAULT) -> pd.DataFrame:
    """Score every KPI of a table.

    Parameters
    ----------
    table : DataFrame
        kpi, area, value, target, direction; weight (NaN: that of priority), priority, baseline, target_high, status and group where
        there are any.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`, then group and counted (whether the composite counts it), in the table's order. The note says why there is
        no score, what was held at a bound, and why a figure is not counted.

    Examples
    --------
    The example of S000, part III, 2 (R&D against GDP: target 1.5, reached 1.0, High); it prints 1.32 by truncating 66.67% to 66%.

    >>> row = {"kpi": "R&D", "area": "VN", "value": 1.0, "target": 1.5, "direction": 1, "priority": "High"}
    >>> score(pd.DataFrame([row]))[["completion", "score", "score_max"]].round(4).values.tolist()
    [[0.6667, 1.3333, 2.0]]
    """
    full = complete(table)
    numbers = [full[name].to_numpy(float) for name in ("value", "target", "direction", "baseline", "target_high")]
    value, target, direction, baseline, high = numbers
    if rules.from_baseline:
        free, reason = completion_from_baseline(value, target, direction, baseline, high)
    else:
        free, reason = completion(value, target, direction, high)
    share = np.clip(free, rules.floor, rules.ceiling)
    note = np.asarray(reason, dtype=object).copy()
    note[free > rules.ceiling + 1e-9] = because("score_above", bound=float(rules.ceiling))
    note[free < rules.floor - 1e-9] = because("score_below", bound=float(rules.floor))
    for row in np.flatnonzero((target == 0) & ~np.isnan(share) & ~rules.from_baseline):
        note[row] = together([note[row], because("score_zero_target")])
    unverified = ~full["status"].isin(["", *rules.statuses]).to_numpy()
    for row in np.flatnonzero(unverified & ~np.isnan(share)):
        note[row] = together([note[row], because("score_unverified")])
    weight = full["weight"].to_numpy(float)
    return pd.DataFrame(
        {
            "kpi": full["kpi"],
            "area": full["area"],
            "completion": share,
            "weight": weight,
            "score": share * weight,
            "score_max": weight * (rules.ceiling if np.isfinite(rules.ceiling) else 1.0),
            "note": note,
            "group": full["group"],
            "counted": ~np.isnan(share) & ~unverified,
        }
    )


def complete(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with every optional column, weights filled from priorities."""
    full = table.reset_index(drop=True).copy()
    for name in ("weight", "baseline", "target_high"):
        full[name] = full[name].astype(float) if name in full else np.nan
    for name in ("priority", "status", "group"):
        full[name] = full[name].fillna("") if name in full else ""
    full["weight"] = full["weight"].fillna(full["priority"].map(PRIORITIES).astype(float))
    return full


def composite(scored: pd.DataFrame, rules: Rules = DEFAULT) -> pd.DataFrame:
    """Return the composite of every area, over all its KPIs and by group, with ranks among the areas.

    Parameters
    ----------
    scored : DataFrame
        What :func:`score` returns.

    Returns
    -------
    DataFrame
        :data:`COMPOSITE`: one row an area (group ""), then one an area and group, in the order of appearance. composite = Σ score /
        Σ weight of the KPIs counted; coverage = their weight ÷ the weight of all. Where the coverage is too small the composite is
        NaN and the reason says so. Rank 1 is the highest, equal ones share a rank; NaN without a composite. A KPI in
        several groups counts once for its area.

    Examples
    --------
    >>> rows = [{"kpi": k, "area": "VN", "value": v, "target": 2.0, "direction": 1, "priority": p}
    ...     for k, v, p in (("a", 1.0, "High"), ("b", 2.0, "Low"))]
    >>> composite(score(pd.DataFrame(rows)))["composite"].round(4).tolist()
    [0.6667]
    """
    whole = scored.drop_duplicates(["area", "kpi"]).assign(group="")
    parts = scored[scored["group"] != ""]
    tables = [_composites(part, rules) for part in (whole, parts) if len(part)]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COMPOSITE)


def _composites(scored: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    counted = scored["counted"]
    sums = (
        scored.assign(
            got=scored["score"].where(counted, 0.0),
            used=scored["weight"].where(counted, 0.0),
            n=counted.astype(int),
            all=1,
        )
        .groupby(["area", "group"], sort=False)[["got", "used", "weight", "n", "all"]]
        .sum()
        .reset_index()
    )
    coverage = (sums["used"] / sums["weight"]).where(sums["weight"] > 0, 0.0)
    shown = (coverage >= rules.min_coverage - 1e-12) & (sums["used"] > 0)
    result = sums[["area", "group"]].assign(
        composite=(sums["got"] / sums["used"].where(sums["used"] > 0)).where(shown),
        coverage=coverage,
        rank=np.nan,
        reason=[
            ""
            if good
            else because(
                "score_hidden", count=n, total=total, share=round(100 * share), need=round(100 * rules.min_coverage)
            )
            for good, n, total, share in zip(shown, sums["n"], sums["all"], coverage, strict=True)
        ],
    )
    for _, rows in result.groupby("group", sort=False):
        result.loc[rows.index, "rank"] = ranks(rows["composite"].to_numpy(float))
    return result[COMPOSITE]


def unranked(found: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Take the ranks from composites that rest on unverified figures, and say so."""
    full = complete(table)
    loose = set(full.loc[~full["status"].isin(["", *VERIFIED]), "area"])
    bad = found["area"].isin(loose) & (found["reason"] == "")
    reason = found["reason"].astype(object).mask(bad, because("rank_unverified"))
    result = found.assign(reason=reason)
    good = (reason == "") & found["rank"].notna()
    result["rank"] = np.nan
    for _, rows in result[good].groupby("group", sort=False):
        result.loc[rows.index, "rank"] = ranks(rows["composite"].to_numpy(float))
    return result


def weights_on(weights: pd.DataFrame, scheme: str, day: str) -> pd.DataFrame:
    """Return the weights of a scheme in force on a day: of each indicator's rows the newest that is valid.

    Parameters
    ----------
    weights : DataFrame
        Table ``weights``: scheme, indicator, priority, weight, valid_from, decision.
    day : str
        ISO date. A partial ``valid_from`` is valid from the end of its period.

    Returns
    -------
    DataFrame
        The same columns, one row an indicator.
    """
    from nq57lab.base import periods

    own = weights[weights["scheme"] == scheme]
    since = own["valid_from"].map(lambda text: periods.end(text).isoformat() if text else "")
    own = own.assign(since=since)[since <= day].sort_values("since", kind="stable")
    return own.drop_duplicates("indicator", keep="last").drop(columns="since").sort_values("indicator", kind="stable")


def illustrative_scheme(codes: Sequence[str]) -> pd.DataFrame:
    """Return a generated scheme that shows what priorities do: High, Medium, Low in turn, marked "dữ liệu minh họa".

    No document gives a KPI a priority, so none is shipped as data; this one is made when it is shown and says so in its decision.

    Examples
    --------
    >>> illustrative_scheme(["M.01", "M.02"])[["priority", "weight"]].values.tolist()
    [['High', 2.0], ['Medium', 1.5]]
    """
    turn = [list(PRIORITIES)[place % len(PRIORITIES)] for place in range(len(codes))]
    return pd.DataFrame(
        {
            "scheme": "illustrative",
            "indicator": list(codes),
            "priority": turn,
            "weight": [PRIORITIES[priority] for priority in turn],
            "valid_from": "2025-01-01",
            "decision": "dữ liệu minh họa: mức ưu tiên gán lần lượt, không theo văn bản nào",
        }
    )
