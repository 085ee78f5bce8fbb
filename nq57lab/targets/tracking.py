"""The catalogue's targets as known on a date: each set against the newest figure of its own indicator, by its kind's rule.

Catalogue and as-of observations in, one row for each target of a milestone out, with what each published method says.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from nq57lab.base import formulas, periods
from nq57lab.base.messages import Reason
from nq57lab.base.messages import reason as because
from nq57lab.facts import crosswalk, vintages
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.known import Knowledge
from nq57lab.facts.observations import Lookup
from nq57lab.targets import cases as of_cases
from nq57lab.targets import evaluate as methods
from nq57lab.targets import kinds
from nq57lab.targets.methods import registry, trajectory

AMOUNTS = ("count", "money_vnd", "money_usd")  # families of units whose flows add up over a year
WORDINGS = {"S002": 0, "S000": 1, "S004": 2}  # which document's wording of a target stands before which
RELATIONS = {"own": "đúng KPI", "same": "cùng đại lượng", "near": "gần định nghĩa", "": "chưa có"}
COLUMNS = [
    *("id", "indicator", "milestone", "comparator", "target", "target_high", "unit", "stated_vi", "source"),
    *("value", "period", "status", "baseline", "baseline_period", "baseline_rule", "gap", "required"),
    *(
        "ratio",
        "score",
        "verdict",
        "verdict_class",
        "verdict_rule",
        "reason",
        "row",
        "baseline_row",
        "aim",
        "direction",
        "points",
        "stage",
        "stage_end",
        "stage_value",
    ),
    *("measure", "relation", "assumed", "kind", "lower", "upper", "required_now", "wording"),
    *(name for name in methods.COLUMNS if name != "id"),
]


@dataclass(frozen=True)
class Tracked:
    """Targets as known on a date: ``progress`` (:data:`COLUMNS`) and ``history`` (id, period, value), the series behind them."""

    progress: pd.DataFrame
    history: pd.DataFrame


def track(
    catalogue: Catalogue,
    table: pd.DataFrame,
    milestone: str = "2030",
    known: date | None = None,
    entries: pd.DataFrame | None = None,
    method: str = "eurostat",
    probability: bool = False,
) -> Tracked:
    """Set every target of a milestone against the newest figure of its own indicator, by every method.

    Parameters
    ----------
    catalogue : Catalogue
        Targets and indicators (direction, formula).
    table : DataFrame
        As-of observations, and the values that formulas compute (:func:`nq57lab.facts.indicators.measured`).
    milestone : str
        2025, 2030 or 2045.
    known : date, optional
        The edition's date, after which everything is a projection (default: the table's newest vintage).
    entries : DataFrame, optional
        All observations, every vintage: by them two vintages or publishers are found comparable or not (default: the table).
    method : str
        The method whose verdict stands (:data:`nq57lab.targets.evaluate.METHODS`).
    probability : bool
        Whether P(target met) is computed too (takes the forecasts).

    Returns
    -------
    Tracked
        In the order of targets.csv; numbers are NaN and a reason says why where a target is not a number or nothing comparable was
        observed.

    Notes
    -----
    A present value is neither an average over several years nor a projection (:func:`present`). The base is the newest period that
    ended by the last day of the programme's base year, the last one before it took effect (the Resolution's: 2024); where there is none, the first period after it. A
    base and a value of two definitions or vintages are refused (:mod:`nq57lab.facts.vintages`). Each kind of target has its rule
    (:mod:`nq57lab.targets.kinds`). The verdict is the named method's; where the kind has its own rule, that rule's. ``measure`` is the
    subject whose figures a target is set against (:func:`measured_by`). Where the only wish on a rank is that it rise, ``assumed`` holds the
    wording and the aim is one place better than now; no verdict follows, only a probability. ``required`` counts from the figure's period,
    ``required_now`` from ``known``.
    """
    total = table[(table["area"] == "VN") & (table["item"] == "")]
    day = pd.Timestamp(known) if known else table["vintage_end"].max()
    lookup, observed = Lookup(present(total, day)), national(table)
    everything = table if entries is None else entries
    goals = catalogue.targets[catalogue.targets["milestone"] == milestone]
    if goals.empty:
        return Tracked(pd.DataFrame(columns=COLUMNS), _no_history())
    measures = {code: measured_by(catalogue, observed, code) for code in goals["indicator"].drop_duplicates()}
    everything = everything[(everything["area"] == "VN") & (everything["vintage_end"] <= day)]
    direction = dict(zip(catalogue.indicators["code"], catalogue.indicators["direction"], strict=True))
    kind = dict(zip(catalogue.indicators["code"], catalogue.indicators["kind"], strict=True))
    results, histories = [], []
    seen: dict[formulas.Reference, Observed | None] = {}
    for target in goals.itertuples():
        where = (("region", "asean"),) if target.comparator == "regional_top_n" else ()
        measure, relation = measures[target.indicator]
        quantity = formulas.Reference(measure, where)
        if quantity not in seen:
            seen[quantity] = _observed(lookup.rows(quantity), everything, catalogue.programme.base_year)
        named = measure if measure in direction else target.indicator
        wished = int(direction.get(named, -1 if target.unit == "thứ hạng" else 1))
        result, history = _case(target, seen[quantity], wished, kind.get(named, ""), catalogue.programme.base_year)
        result |= {"measure": measure, "relation": relation}
        if (
            seen[quantity] is None
            and measure in observed
            and target.comparator not in ("qualitative", "regional_top_n")
        ):
            result["reason"] = because("only_averages")
        results.append(result)
        histories.append(history)
    frame = pd.DataFrame(results)
    history = pd.concat([part for part in histories if len(part)] or [_no_history()], ignore_index=True)
    judged = _judged(frame, history, method, probability, catalogue.programme.base_year)
    for name in ("baseline_rule", "verdict_rule"):
        judged[name] = judged[name].map(catalogue.programme.fill, na_action="ignore")
    left = frame["target_year"] - periods.decimal_year(day.date().isoformat())
    ahead = judged["required"].notna() & (left > 0)
    judged = judged.assign(required_now=((frame["aim"] - frame["value"]) / left).where(ahead), wording="")
    return Tracked(judged.assign(**_stage(catalogue, day.date(), judged, frame))[COLUMNS], history)


def of_known(known: Knowledge, milestone: str = "2030", *, probability: bool = False) -> Tracked:
    """Return :func:`track` of what is known on a date, by its method; computed once for all that ask."""

    def make() -> Tracked:
        return track(
            known.catalogue,
            known.measured,
            milestone,
            known.known,
            entries=known.entered_rows,
            method=known.method,
            probability=probability,
        )

    return known.derived(f"targets {milestone} {probability}", make)


def national(table: pd.DataFrame) -> set[str]:
    """Return the subjects that have a national figure without breakdown."""
    return set(table.loc[(table["area"] == "VN") & (table["item"] == "") & (table["dims"] == ""), "subject"])


def measured_by(catalogue: Catalogue, observed: Collection[str], code: str) -> tuple[str, str]:
    """Return the subject whose figures stand for a code and how it relates to it (a key of :data:`RELATIONS`).

    Its own figures, else those of a code that the crosswalk calls the same; a macro KPI's else those of a near one. Where none has a
    figure, the code that the crosswalk names, so that several wordings of one quantity stay one.
    """
    if code in observed:
        return code, "own"
    alike = [other for other in crosswalk.same_as(catalogue, code) if other in observed]
    if alike:
        return alike[0], "same"
    rows = catalogue.crosswalk[
        (catalogue.crosswalk["indicator"] == code) & (catalogue.crosswalk["kind"] != "different")
    ]
    rows = rows[rows["other"].isin(set(catalogue.subject_units))]
    if dict(zip(catalogue.indicators["code"], catalogue.indicators["layer"], strict=True)).get(code) != "M":
        rows = rows[rows["kind"] == "same"]
    return (rows.iloc[0]["other"], rows.iloc[0]["kind"]) if len(rows) else (code, "own")


def one_a_quantity(progress: pd.DataFrame) -> pd.DataFrame:
    """Return one target a quantity: a number before a quality, the plan (S002) before the proposal before the draft; a region apart.

    ``wording`` says why this one is in force: wording_only, wording_number (the only one with a number) or wording_plan (of the
    document that stands first).
    """
    ranked = progress.assign(
        quality=progress["comparator"] == "qualitative",
        order=progress["source"].str.split(",").str[0].map(WORDINGS),
        regional=progress["comparator"] == "regional_top_n",
    )
    groups = ranked.groupby(["measure", "regional"], sort=False)["quality"]
    alone, mixed = groups.transform("size") == 1, groups.transform("min") != groups.transform("max")
    ranked["wording"] = np.select([alone, mixed], ["wording_only", "wording_number"], "wording_plan")
    kept = ranked.sort_values(["quality", "order"], kind="stable").drop_duplicates(["measure", "regional"])
    return kept.sort_index().drop(columns=["quality", "order", "regional"])


def present(rows: pd.DataFrame, known: pd.Timestamp) -> pd.DataFrame:
    """Keep the rows that are values of their period on a date.

    Dropped are averages and sums over more than a year (what is cumulative since a start may span years), periods that
    begin after the date, and estimates of periods that end after it.

    Parameters
    ----------
    rows : DataFrame
        As-of observations.
    """
    starts = pd.to_datetime(rows["period"].map({text: periods.bounds(text)[0] for text in set(rows["period"])}))
    years_long = (rows["period_end"] - starts >= pd.Timedelta(days=366)) & (rows["measure"] != "cumulative")
    projected = (starts > known) | ((rows["period_end"] > known) & (rows["status"] == "estimate"))
    return rows[~(years_long | projected)]


def stage_on(catalogue: Catalogue, day: date) -> str:
    """Return the id of the roadmap's stage (2025–2027, 2028–2030, 2031–2045) on a day; "" outside them."""
    stages = catalogue.stages
    inside = (stages["start"].map(lambda text: periods.bounds(text)[0]) <= day) & (
        stages["end"].map(periods.end) >= day
    )
    return stages.loc[inside, "id"].iloc[0] if inside.any() else ""


def partial_amounts(rows: pd.DataFrame) -> pd.Series:
    """Tell which rows are counts or money of a part of a year: a target for a year is no measure of them."""
    part = rows["period"].map(periods.months).between(1, 11)
    return part & (rows["measure"] == "flow") & rows["family"].isin(AMOUNTS)


def _newest(rows: pd.DataFrame) -> pd.Series:
    """Return the newest row of a plain period, or of an interval where there is no other; of two that end together the longer.

    A count or an amount of a part of a year stands only where there is none of a whole year.
    """
    plain = rows[~rows["period"].str.contains("/")]
    whole = plain[~partial_amounts(plain)]
    chosen = rows if plain.empty else plain if whole.empty else whole
    by_length = chosen.assign(_months=chosen["period"].map(periods.months))
    return by_length.sort_values(["period_end", "_months"], kind="stable").drop(columns="_months").iloc[-1]


def same_length(rows: pd.DataFrame, newest: pd.Series) -> pd.DataFrame:
    """Keep the rows whose period is as long as the newest row's, in its unit."""
    return rows[
        (rows["period"].map(periods.shape) == periods.shape(newest["period"])) & (rows["unit"] == newest["unit"])
    ]


def _baseline(rows: pd.DataFrame, newest: pd.Series, base_year: int) -> tuple[pd.Series | None, str]:
    """Return the base row and the rule that chose it."""
    plain = rows[~rows["period"].str.contains("/") & (rows["unit"] == newest["unit"])]
    if (
        newest["measure"] == "flow"
    ):  # half a year's flow is not set against a whole year's, nor a first half against a second
        plain = same_length(plain, newest)
        if periods.months(newest["period"]):
            plain = plain[plain["period"].str[4:] == newest["period"][4:]]
    before = plain[plain["period_end"] <= pd.Timestamp(base_year, 12, 31)]
    if len(before):  # of the year and its last quarter that end together the one as long as the newest
        last = before[before["period_end"] == before["period_end"].iloc[-1]]
        alike = same_length(last, newest)
        return (alike if len(alike) else last).iloc[-1], f"kỳ mới nhất đến hết năm {base_year}"
    after = plain[plain["period_end"] < newest["period_end"]]
    return (after.iloc[0], f"kỳ đầu tiên sau năm {base_year}") if len(after) else (None, "")


def _no_history() -> pd.DataFrame:
    return pd.DataFrame({"id": pd.Series(dtype=str), "period": pd.Series(dtype=str), "value": pd.Series(dtype=float)})


@dataclass(frozen=True)
class Observed:
    """What was observed of a quantity: the newest row, the base row and its rule, why they may not be compared, and their series."""

    newest: pd.Series
    base: pd.Series | None
    rule: str
    against: Reason | str
    series: pd.DataFrame


def _observed(rows: pd.DataFrame, entries: pd.DataFrame, base_year: int) -> Observed | None:
    """Return what was observed of a quantity; None where nothing was."""
    if rows.empty:
        return None
    newest = _newest(rows)
    base, rule = _baseline(rows, newest, base_year)
    against = "" if base is None else _objection(rows, entries, base, newest)
    return Observed(newest, base, rule, against, history(rows, entries))


def _objection(rows: pd.DataFrame, entries: pd.DataFrame, base: pd.Series, newest: pd.Series) -> Reason | str:
    """Return why two rows of a quantity may not be compared; of two computed ones their parts decide."""
    if base.get("formula") and newest.get("formula"):
        return vintages.parts_apart(entries, base, newest)
    return vintages.objection(_entered(rows, entries, newest), base, newest)


def _entered(rows: pd.DataFrame, entries: pd.DataFrame, newest: pd.Series) -> pd.DataFrame:
    """Return every vintage of a row's quantity, and what is computed of it."""
    own = entries[
        (entries["subject"] == newest["subject"]) & (entries["dims"] == newest["dims"]) & (entries["item"] == "")
    ]
    return pd.concat([own, rows[rows["formula"] != ""]]) if "formula" in rows else own


def history(rows: pd.DataFrame, entries: pd.DataFrame) -> pd.DataFrame:
    """Return the series of a quantity that its newest value belongs to: periods of its length and unit, one definition, oldest first.

    Parameters
    ----------
    rows : DataFrame
        What was observed of the quantity in one area (:func:`present`), oldest first.
    entries : DataFrame
        Every vintage of that area, published by the day; where the quantity is computed, of its parts too.
    """
    newest = _newest(rows)
    found = vintages.one_series(_entered(rows, entries, newest), same_length(rows, newest), newest)
    if not newest.get("formula"):
        return found
    return found[[not row["formula"] or not vintages.parts_apart(entries, row, newest) for _, row in found.iterrows()]]


def _case(target, seen: Observed | None, direction: int, kind: str, base_year: int) -> tuple[dict, pd.DataFrame]:
    """Return a target's case with its texts and rows, and the history that may stand beside its value."""
    told = ("id", "indicator", "milestone", "comparator", "unit", "stated_vi", "source")
    texts = ("period", "status", "baseline_period", "baseline_rule", "row", "baseline_row", "reason", "kind", "against")
    numbers = ("value", "baseline", "aim", "base_year", "current_year", "lower", "upper")
    result = {name: getattr(target, name) for name in told} | dict.fromkeys(numbers, math.nan)
    result |= dict.fromkeys((*texts, "base_definition", "current_definition", "assumed"), "") | {"points": 0}
    result |= {"target": target.value, "target_high": target.value_high, "direction": direction}
    result |= {"target_year": float(target.milestone)}
    if target.comparator == "qualitative":
        result |= {"reason": because("qualitative")}
        if seen is None or kind != "rank" or math.isnan(float(seen.newest["value"])):
            return result, _no_history()
        result |= _value(seen.newest) | {"aim": float(seen.newest["value"]) - 1, "direction": -1, "kind": "rank"}
        history = seen.series[["period", "value"]].assign(id=target.id)[["id", "period", "value"]]
        return result | {"lower": 1.0, "assumed": target.stated_vi, "points": len(history)}, history
    if seen is None:
        missing = "no_regional_rank" if target.comparator == "regional_top_n" else "no_figure"
        return result | {"reason": because(missing)}, _no_history()
    newest, base = seen.newest, seen.base
    result |= _value(newest)
    if newest["unit"] != target.unit:
        reason = because("other_unit", found=newest["unit"], need=target.unit)
        return result | {"reason": reason}, _no_history()
    if math.isnan(target.value):
        return result | {"reason": because("no_number")}, _no_history()
    if partial_amounts(newest.to_frame().T).item():
        return result | {"reason": because("part_of_year")}, _no_history()
    if base is not None:
        result |= {
            "baseline": float(base["value"]),
            "baseline_period": base["period"],
            "baseline_row": base["id"],
            "baseline_rule": seen.rule,
        }
        result["base_year"] = periods.decimal_year(base["period"])
        if seen.against:
            names = [f"{row['source'] or row['id']} {row.get('segment', '')}".strip() for row in (base, newest)]
            defined = dict(zip(("base_definition", "current_definition"), names, strict=True))
            result |= defined | {"against": seen.against}
    history = seen.series[["period", "value"]].assign(id=target.id)[["id", "period", "value"]]
    aimed = kinds.aim(target, result, seen.series, direction, kind, base_year)
    if aimed["kind"] == "cumulative" and "value" in aimed:  # the series counts from where its value does
        history["value"] -= result["value"] - aimed["value"]
    return result | aimed | {"points": len(history)}, history


def _value(newest: pd.Series) -> dict:
    """Return what a case says of the present figure."""
    told = {"value": float(newest["value"]), "current_year": periods.decimal_year(newest["period"])}
    return told | {"period": newest["period"], "status": newest["status"], "row": newest["id"]}


def _judged(frame: pd.DataFrame, history: pd.DataFrame, method: str, probability: bool, base_year: int) -> pd.DataFrame:
    """Put the methods and the standing verdict beside the cases."""
    excluded = frame["reason"] != ""
    cases = of_cases.complete(
        frame.assign(
            base_value=frame["baseline"].where(~excluded),
            current_value=frame["value"].where(~excluded),
            target=frame["aim"].where(~excluded),
            limit=np.nan,
            target_high=np.nan,  # a range is judged on its own side (kinds.aim)
            comparator=frame["comparator"].replace(["between", "qualitative"], ""),
        )
    )[of_cases.CASES.names]
    read = frame["assumed"] != ""  # no verdict, but a probability of what the wording was read as
    asked = cases.assign(
        target=frame["aim"].where(~excluded | read), current_value=frame["value"].where(~excluded | read)
    )
    chance = methods.probability(asked[~excluded | read], history) if probability else None
    table = methods.evaluate(cases, history, chance, method).drop(columns="id")
    for name in (*map(registry.reason_column, registry.BY_NAME), "required_change_reason"):
        table[name] = table[name].where(~excluded, frame["reason"]).where(frame["against"] == "", frame["against"])
    reached = table["eurostat_status"] == "target_achieved"  # said by the verdict, in no reason
    for name in (*map(registry.reason_column, (method.key for method in registry.PUBLISHED)), "required_change_reason"):
        table[name] = table[name].where(~reached, "")
    if chance is not None and read.any():
        known = chance.set_index("id")["p_met"].reindex(frame["id"]).set_axis(frame.index)
        table["p_met"] = table["p_met"].where(~read, known)
    table["required_change_reason"] = table["required_change_reason"].where(~excluded, frame["reason"])
    found = frame.drop(columns=["base_definition", "current_definition"]).join(table)
    standing = pd.DataFrame(
        {
            "verdict": found[f"{method}_status"],
            "verdict_class": methods.classes(table)[method],
            "verdict_rule": methods.METHODS[method],
            "reason": found[registry.reason_column(method)],
        }
    )
    found = found.assign(**standing)
    found = kinds.own_verdicts(found, cases, history, table, methods, base_year)
    rounded = found["value"] - found["aim"]
    found = found.assign(gap=rounded.where(~excluded), ratio=found["eurostat_ratio"], score=found["eurostat_score"])
    required = found["required_change"].where(found["verdict"] != "target_achieved")
    return found.assign(required=required)


def _stage(catalogue: Catalogue, day: date, judged: pd.DataFrame, cases: pd.DataFrame) -> dict[str, object]:
    """Return the roadmap's stage on a day, its last year, and where the straight line should stand at its end.

    The line ends in the milestone's year: no value is given for a stage that outlasts it, nor where the line has no base.
    """
    stage = stage_on(catalogue, day)
    if not stage:
        return {"stage": "", "stage_end": math.nan, "stage_value": math.nan}
    end = float(periods.end(catalogue.stages.set_index("id").at[stage, "end"]).year)
    line = trajectory.value_on(judged["baseline"], cases["base_year"], judged["aim"], cases["target_year"], end)
    drawn = judged["trajectory"].notna() & (cases["target_year"] >= end)
    return {"stage": stage, "stage_end": end, "stage_value": pd.Series(line).where(drawn)}
