"""The dynamic score of the catalogue on a date: the nation, its programmes, systems and agencies, the provinces.

Catalogue and observations in; one table of KPIs with value, target, weight and decision, and one of composites out, each with the reason
where a figure or a composite is not shown. Only official and verified figures count.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from nq57lab.base import periods
from nq57lab.base.messages import reason as because
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.composite.laboratory.aggregate import ranks
from nq57lab.composite.score import decompose
from nq57lab.composite.score.score import (
    DEFAULT,
    VERIFIED,
    Rules,
    complete,
    composite,
    illustrative_scheme,
    score,
    weights_on,
)
from nq57lab.facts import indicators
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.crosswalk import same_as
from nq57lab.targets import tracking as of_targets

SETS = {
    "nation": "Cả nước",
    "programme": "Theo chương trình",
    "system": "Theo hệ thống",
    "agency": "Theo cơ quan chủ trì",
    "province": "Theo tỉnh, thành phố",
}
MILESTONE = "2030"
KPI_COLUMNS = [
    *("set", "group", "area", "kpi", "name", "value", "unit", "period", "status", "target", "target_high", "direction"),
    *(
        "baseline",
        "weight",
        "priority",
        "completion",
        "score",
        "score_max",
        "counted",
        "note",
        "figure_of",
        "target_id",
    ),
    *("row", "decision"),
]
COMPOSITE_COLUMNS = ["set", "area", "group", "name", "composite", "coverage", "kpis", "counted", "rank", "reason"]


@dataclass(frozen=True)
class Scored:
    """The dynamic score on a date: ``kpis`` (:data:`KPI_COLUMNS`), ``composites`` (:data:`COMPOSITE_COLUMNS`), the scheme and its decisions."""

    kpis: pd.DataFrame
    composites: pd.DataFrame
    scheme: str
    day: date
    decisions: tuple[str, ...]


def schemes(catalogue: Catalogue) -> list[str]:
    """Return the weight schemes that can be named: those of weights.csv, and the generated illustrative one."""
    return [*dict.fromkeys(catalogue.weights["scheme"]), "illustrative"]


def weights(catalogue: Catalogue, scheme: str, day: date) -> pd.DataFrame:
    """Return a scheme's weights in force on a day (:func:`nq57lab.composite.score.score.weights_on`); the illustrative one is generated.

    Raises
    ------
    ProblemError
        If there is no such scheme, or none of its weights is in force on the day.
    """
    if scheme == "illustrative":
        codes = catalogue.indicators.loc[catalogue.indicators["layer"] == "M", "code"]
        return illustrative_scheme(list(codes))
    found = weights_on(catalogue.weights, scheme, day.isoformat())
    if found.empty:
        details = {"day": day.isoformat(), "allowed": ", ".join(schemes(catalogue))}
        raise ProblemError([Problem("score_scheme", "weights.csv", None, "scheme", scheme, details)])
    return found


def members(catalogue: Catalogue, kind: str, codes: Sequence[str]) -> pd.DataFrame:
    """Return which KPIs belong to which set: group, area, kpi.

    Parameters
    ----------
    catalogue : Catalogue
        Links (those used), leads and areas.
    kind : str
        A key of :data:`SETS`.
    codes : sequence of str
        The KPIs of the weight scheme.

    Notes
    -----
    The nation and every province have all KPIs of the scheme; programmes those that links.csv ties to them, systems those
    that the plan states for a group of which the system is one (link_groups.csv); an agency those that it leads, under the KPI's own
    code or the same one.
    """
    if kind == "nation":
        return pd.DataFrame({"group": "", "area": "VN", "kpi": list(codes)})
    if kind == "province":
        areas = catalogue.areas[catalogue.areas["id"].str.startswith("34:")].sort_values("order", kind="stable")["id"]
        pairs = [("", area, code) for area in areas for code in codes]
        return pd.DataFrame(pairs, columns=["group", "area", "kpi"])
    if kind == "agency":
        lead = dict(zip(catalogue.indicators["code"], catalogue.indicators["lead"], strict=True))
        pairs = [
            (agency, "VN", code)
            for code in codes
            for agency in dict.fromkeys(
                part for own in same_as(catalogue, code) for part in lead.get(own, "").split("; ") if part
            )
        ]
        order = {area: place for place, area in enumerate(catalogue.areas["id"])}
        pairs.sort(key=lambda pair: order.get(pair[0], len(order)))
        return pd.DataFrame(pairs, columns=["group", "area", "kpi"])
    links = catalogue.links
    own = links[(links["from_type"] == ("group" if kind == "system" else kind)) & (links["used"] == "yes")]
    if kind == "system":
        groups = catalogue.link_groups[["id", "members"]].assign(
            member=catalogue.link_groups["members"].str.split("; ")
        )
        pairs = groups.explode("member")[["id", "member"]]
        own = own.merge(pairs[pairs["member"].isin(catalogue.systems["id"])], left_on="from_id", right_on="id")
        own = own.assign(from_id=own["member"])
    order = {identity: place for place, identity in enumerate(getattr(catalogue, f"{kind}s")["id"])}
    own = own.sort_values("from_id", key=lambda column: column.map(order), kind="stable")
    return (
        pd.DataFrame({"group": own["from_id"], "area": "VN", "kpi": own["to_indicator"]})
        .drop_duplicates()
        .reset_index(drop=True)
    )


def evaluate(
    catalogue: Catalogue,
    entries: pd.DataFrame,
    rows: pd.DataFrame,
    day: date,
    *,
    scheme: str = "equal",
    sets: Sequence[str] = tuple(SETS),
    rules: Rules = DEFAULT,
) -> Scored:
    """Score the catalogue's KPIs on a date and put them together.

    Parameters
    ----------
    catalogue : Catalogue
        KPIs, targets, links, weights.
    entries : DataFrame
        All observations, by which two vintages are found comparable or not.
    rows : DataFrame
        As-of observations of the day.
    day : date
        The date: of the weights, and the last of the figures.
    scheme : str
        A weight scheme (:func:`schemes`).
    sets : sequence of str
        Keys of :data:`SETS`.
    rules : Rules
        How completion is measured and when a composite is shown.

    Notes
    -----
    A KPI's figure is the newest official or verified one of its own code, or of a code that crosswalk.csv calls the same; its target the
    numeric one for 2030 of the same codes (targets.csv; a target of several documents counts once). Provinces are measured against
    the nation's targets, since no document gives them their own. A KPI without a weight in the scheme is listed and not counted. Sets of
    the nation's own figures have no rank among each other: they are not the same KPIs.
    """
    inside = weights(catalogue, scheme, day)
    of_weight = inside.set_index("indicator")
    trusted = rows[rows["status"].isin(rules.statuses)]
    sought = {kind: members(catalogue, kind, list(inside["indicator"])) for kind in sets}
    codes = dict.fromkeys(code for own in sought.values() for code in own["kpi"])
    same = {code: same_as(catalogue, code) for code in codes}
    aims = _aims(catalogue, entries, trusted, rows, day, same)
    values = (
        indicators.compute(catalogue, trusted[trusted["area"].str.startswith("34:")]) if "province" in sets else None
    )
    kpis, composites = [], []
    for kind, own in sought.items():
        if own.empty:
            continue
        table = _table(catalogue, own, aims, same, values if kind == "province" else None)
        for name in ("weight", "priority", "decision"):
            table[name] = table["kpi"].map(of_weight[name])
        if scheme == "equal":  # one weight for all, those that only a link names included
            table["weight"] = table["weight"].fillna(1.0)
        weighted = table["weight"].notna()
        scored = _scored(table, weighted, rules).assign(set=kind)
        kpis.append(scored)
        composites.append(_composites(catalogue, scored, kind, rules))
    decisions = tuple(dict.fromkeys(inside["decision"]))
    return Scored(
        pd.concat(kpis, ignore_index=True)[KPI_COLUMNS],
        pd.concat(composites, ignore_index=True)[COMPOSITE_COLUMNS],
        scheme,
        day,
        decisions,
    )


def _aims(
    catalogue: Catalogue,
    entries: pd.DataFrame,
    trusted: pd.DataFrame,
    rows: pd.DataFrame,
    day: date,
    same: dict[str, list[str]],
) -> dict[str, dict]:
    """Return each code's numeric target with the nation's figure, and why there is none."""
    measured = indicators.measured(catalogue, trusted)
    progress = of_targets.track(catalogue, measured, MILESTONE, day, entries=entries).progress
    # Another place than the world's is another target than the indicator's own.
    progress = progress[progress["comparator"] != "regional_top_n"]
    known = of_targets.national(indicators.measured(catalogue, rows))
    near = catalogue.crosswalk[catalogue.crosswalk["kind"] == "near"]
    found = {}
    for code, codes in same.items():
        own = progress[progress["indicator"].isin(codes)]
        numeric = own[own["target"].notna()]
        case: dict = {"figure_of": "", "note": ""}
        if own.empty or numeric.empty:
            found[code] = case | {"note": because("score_no_2030" if own.empty else "score_qualitative")}
            continue
        best = numeric.assign(has=numeric["value"].notna()).sort_values("has", ascending=False, kind="stable").iloc[0]
        aim = best["aim"] if best["aim"] == best["aim"] else best["target"]
        case |= {name: best[name] for name in ("value", "period", "status", "baseline", "row", "unit")}
        case |= {"target": aim, "target_id": best["id"], "figure_of": best["indicator"] if best["row"] else ""}
        case["direction"] = int(best["direction"]) or 1
        case["target_high"] = best["target_high"] if best["comparator"] == "between" else np.nan
        if not best["row"]:
            similar = near.loc[near["indicator"] == code, "other"].iloc[:1].tolist()
            unverified = [other for other in codes if other in known]
            if unverified:
                case["note"] = because("score_none_trusted", code=unverified[0])
            else:
                case["note"] = because("score_only_near", code=similar[0]) if similar else because("score_none_same")
        found[code] = case
    return found


def _table(
    catalogue: Catalogue,
    own: pd.DataFrame,
    aims: dict[str, dict],
    same: dict[str, list[str]],
    values: pd.DataFrame | None,
) -> pd.DataFrame:
    """Return one row a KPI of each set: the nation's figure, or the province's own."""
    blank = {
        **dict.fromkeys(("value", "target", "target_high", "baseline"), np.nan),
        **dict.fromkeys(("unit", "period", "status", "row", "target_id", "figure_of", "note"), ""),
        "direction": 1,
    }
    own_names = catalogue.names
    newest: dict[tuple[str, str], pd.Series] = {}
    if values is not None:
        plain = values[~values["period"].str.contains("/")]
        order = pd.DataFrame({"end": plain["period"].map(periods.end), "months": plain["period"].map(periods.months)})
        plain = plain.loc[order.sort_values(["end", "months"], kind="stable").index]
        newest = {(row["area"], row["subject"]): row for _, row in plain.iterrows()}
    rows = []
    for member in own.to_dict("records"):
        case = blank | aims[member["kpi"]]
        if values is not None:
            case |= {"value": np.nan, "period": "", "status": "", "row": "", "baseline": np.nan, "figure_of": ""}
            found = next(
                (newest[key] for key in ((member["area"], code) for code in same[member["kpi"]]) if key in newest),
                None,
            )
            if found is not None and found["unit"] == case["unit"]:
                case |= {name: found[name] for name in ("value", "period", "status")}
                case |= {"row": found["inputs"], "figure_of": found["subject"], "note": ""}
            elif case["target"] == case["target"]:
                case["note"] = because("score_province_none")
        rows.append(member | {"name": own_names.get(member["kpi"], member["kpi"])} | case)
    return pd.DataFrame(rows)


def _scored(table: pd.DataFrame, weighted: pd.Series, rules: Rules) -> pd.DataFrame:
    """Score the KPIs; those without a weight are listed unscored."""
    got = score(table.assign(weight=table["weight"].fillna(0.0)), rules)
    result = table.assign(
        **{name: got[name].to_numpy() for name in ("completion", "score", "score_max", "counted")},
        note=np.where(table["note"] != "", table["note"], got["note"]),
    )
    result["counted"] &= weighted
    result.loc[~weighted, ["score", "score_max"]] = np.nan
    lacking = ~weighted & (result["note"] == "")
    result["note"] = result["note"].astype(object).mask(lacking, because("score_no_weight"))
    return result


def _composites(catalogue: Catalogue, scored: pd.DataFrame, kind: str, rules: Rules) -> pd.DataFrame:
    counts = scored.groupby(["area", "group"], sort=False).agg(kpis=("kpi", "nunique"), counted=("counted", "sum"))
    weighed = scored.assign(weight=scored["weight"].fillna(0.0), score=scored["score"].fillna(0.0))
    found = composite(weighed, rules)
    if kind in ("programme", "system", "agency"):
        found = found[found["group"] != ""].assign(rank=np.nan)
    if kind == "nation":
        found = found.assign(rank=np.nan)
    loose = scored[scored["counted"] & ~scored["status"].isin(VERIFIED)]
    bad = found["area"].isin(set(loose["area"])) & (found["reason"] == "")
    found["reason"] = found["reason"].astype(object).mask(bad, because("rank_unverified"))
    if kind == "province":
        found["rank"] = ranks(found["composite"].where(found["reason"] == "").to_numpy(float))
    names = catalogue.names | {
        identity: name
        for table in (catalogue.programmes, catalogue.systems)
        for identity, name in zip(table["id"], table["name_vi"], strict=True)
    }
    label = found["group"].where(found["group"] != "", found["area"])
    joined = found.merge(counts.reset_index(), on=["area", "group"], how="left")
    return joined.assign(set=kind, name=[names.get(own, own) for own in label])


def change(then: Scored, now: Scored, rules: Rules = DEFAULT) -> pd.DataFrame:
    """Split the change of every set's composite between two dates into data, weights, targets and membership.

    Returns
    -------
    DataFrame
        set, then :data:`nq57lab.composite.score.decompose.COLUMNS` with the set's group or area as area.
    """
    tables = []
    for kind in dict.fromkeys(now.kpis["set"]):
        sides = []
        for found in (then, now):
            own = found.kpis[(found.kpis["set"] == kind) & found.kpis["weight"].notna()]
            sides.append(own.assign(area=own["group"].where(own["group"] != "", own["area"])))
        if len(sides[0]) and len(sides[1]):
            old, new = (complete(side) for side in sides)
            tables.append(decompose.decompose(old, new, replace(rules)).assign(set=kind))
    columns = ["set", *decompose.COLUMNS]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)
