"""From months to quarters, half-years and years, and from provinces to the nation, by the catalogue's rules.

An as-of table in, a table of rolled-up figures out, with a reason where there is none. The rules are those of ``over_time`` and
``over_areas``: sum, last, mean, or recompute (the parts are rolled up and the indicator's formula is applied to them; a ratio is
never averaged). A total with a part missing is no total: it is NaN, and the reason says how many parts there are. Scores and ranks
never roll up.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from nq57lab.base import contract, formulas
from nq57lab.base.messages import reason as because
from nq57lab.facts.catalogue import Catalogue

TARGETS = {"quarter": 3, "half_year": 6, "year": 12}
COLUMNS = [
    "subject",
    "area",
    "item",
    "period",
    "measure",
    "dims",
    "qualifier",
    "value",
    "unit",
    "status",
    "parts",
    "needed",
    "reason",
]
_LABELS = {3: "Q", 6: "H"}


def month_of(period: pd.Series) -> pd.Series:
    """Return the number of a month since year 0 (2026-06 → 24317), NaN where the period is no month."""
    names = pd.Series(period.unique())
    month = names.str.fullmatch(r"\d{4}-(?:0[1-9]|1[0-2])")
    known = {name: int(name[:4]) * 12 + int(name[5:7]) - 1 for name in names[month]}
    return period.map(known).astype(float)


def period_name(first: pd.Series, months: int) -> pd.Series:
    """Return the ISO name of the period of ``months`` months that starts with month number ``first``."""
    starts = first.astype(int)
    names = {}
    for start in starts.unique():
        year, place = divmod(int(start), 12)
        names[start] = f"{year:04d}" if months == 12 else f"{year:04d}-{_LABELS[months]}{place // months + 1}"
    return starts.map(names)


def subject_rules(catalogue: Catalogue, rule: str) -> pd.DataFrame:
    """Return the rule, unit, kind and formula of each subject."""
    variables = pd.DataFrame(
        {"subject": catalogue.variables["id"], "rule": catalogue.variables[rule], "base": catalogue.variables["unit"]}
    ).assign(kind="", formula="")
    own = catalogue.indicators
    indicators = pd.DataFrame({"subject": own["code"], "rule": own[rule], "base": own["unit"], "kind": own["kind"]})
    indicators["formula"] = indicators["subject"].map(catalogue.formulas).fillna("")
    facts = pd.concat([indicators, variables], ignore_index=True)
    family = dict(zip(catalogue.units["unit"], catalogue.units["family"], strict=True))
    facts["family"] = facts["base"].map(family).fillna("")
    never = facts["kind"].isin(["rank", "score"]) | facts["family"].isin(["rank", "index"])
    return facts.assign(rule=np.where(never, "rank", facts["rule"].replace("", "rule")))


def _in_base_unit(table: pd.DataFrame, facts: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Bring values to their subject's unit; a row of another family gets the reason ``unit``."""
    units = catalogue.units.set_index("unit")
    rows = table.merge(facts[["subject", "rule", "base"]], on="subject", how="left")
    rows["base"] = rows["base"].where(rows["base"].fillna("") != "", rows["unit"])
    same = rows["unit"] == rows["base"]
    factor = rows["unit"].map(units["factor"]).astype(float) / rows["base"].map(units["factor"]).astype(float)
    fits = rows["unit"].map(units["family"]) == rows["base"].map(units["family"])
    rows["value"] = rows["value"].where(same, rows["value"] * factor).where(same | fits)
    wrong = np.where(~(same | fits), "unit", "")
    ranged = rows["value_high"].notna() if "value_high" in rows else pd.Series(False, index=rows.index)
    return rows.assign(bad=np.where(ranged, "range", wrong), rule=rows["rule"].fillna("rule"))


def _combine(rows: pd.DataFrame, keys: list[str], order: str, needed: pd.Series | int, word: str) -> pd.DataFrame:
    """Combine the parts of each group by its rule.

    Parameters
    ----------
    rows : DataFrame
        Parts, each once a group, with ``rule``, ``value``, ``bad``, ``rank`` (of the status), ``low`` and ``high`` (bounds).
    keys : list of str
        The group.
    order : str
        The column whose largest value marks the last part.
    needed : Series or int
        How many parts a whole group has; a Series is indexed by the keys' ``target`` area.
    word : str
        The code of the reason that tells of missing parts.
    """
    ordered = rows.sort_values(order, kind="stable")
    groups = ordered.groupby(keys, sort=True, observed=True)
    out = groups.agg(
        total=("value", "sum"),
        mean=("value", "mean"),
        last=("value", "last"),
        newest=(order, "max"),
        present=("value", "count"),
        parts=("value", "size"),
        rule=("rule", "first"),
        unit=("base", "first"),
        rank=("rank", "max"),
        bad=("bad", "max"),
        low=("low", "max"),
        high=("high", "max"),
        about=("about", "max"),
        **{f"last_{name}": (name, "last") for name in ("rank", "low", "high", "about")},
    ).reset_index()
    for name in (
        "rank",
        "low",
        "high",
        "about",
    ):  # the last part's value is known as well as that part, not as the others
        out[name] = out[f"last_{name}"].where(out["rule"] == "last", out[name])
    out["needed"] = needed if isinstance(needed, int) else out["area"].map(needed)
    whole = (out["present"] == out["needed"]) & (out["parts"] == out["needed"])
    rule = out["rule"]
    value = np.select([rule == "sum", rule == "mean", rule == "last"], [out["total"], out["mean"], out["last"]], np.nan)
    value = np.where(whole & (out["bad"] == ""), value, np.nan)
    gap = (out["needed"] - out["present"]).astype(int)
    missing = np.array(
        [because(word, gap=a, need=b) for a, b in zip(gap, out["needed"].astype(int), strict=True)], object
    )
    reason = np.select(
        [rule == "rank", rule == "none", rule == "rule", rule == "recompute", out["bad"] != "", ~whole],
        [
            *(because(f"rollup_{code}") for code in ("rank", "none", "rule", "recompute")),
            out["bad"].map({code: because(f"rollup_{code}") for code in ("range", "unit")}).fillna(""),
            missing,
        ],
        "",
    )
    mixed = out["about"] | (out["low"] & out["high"])
    qualifier = np.select([mixed, out["low"], out["high"]], ["~", ">=", "<="], "=")
    status = np.array(contract.STATUSES, dtype=object)[out["rank"].to_numpy(dtype=int)] if len(out) else []
    return out.assign(value=value, reason=reason, qualifier=qualifier, status=status)


def _marked(rows: pd.DataFrame) -> pd.DataFrame:
    """Add what a combined figure inherits from its parts: the weakest status, and whether a part is a bound or an estimate."""
    rank = {status: place for place, status in enumerate(contract.STATUSES)}
    qualifier = rows["qualifier"]
    return rows.assign(
        rank=rows["status"].map(rank).astype(float),
        low=qualifier.isin([">", ">="]),
        high=qualifier.isin(["<", "<="]),
        about=qualifier == "~",
    )


def over_time(table: pd.DataFrame, catalogue: Catalogue, to: str) -> pd.DataFrame:
    """Roll monthly figures up to quarters, half-years or years.

    Parameters
    ----------
    table : DataFrame
        As-of observations (:func:`nq57lab.facts.observations.as_of`); rows of other periods than months are left aside.
    catalogue : Catalogue
        Its rules (``over_time``), units and formulas.
    to : {"quarter", "half_year", "year"}
        The longer period.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`, by subject, area, item, measure, breakdown and period: ``value`` in the subject's unit (NaN with a
        ``reason``), ``parts`` of ``needed`` months, the weakest ``status`` of the parts (of ``last`` the last month's, its bound too).

    Raises
    ------
    ValueError
        If ``to`` is no such period.

    Notes
    -----
    sum: Σ x_m over all months; mean: Σ x_m / n; last: x of the last month, all months present; a cumulative figure is always the
    last month's. recompute: the formula applied to the rolled-up parts. Regulation 02-QC, article 9.3g: a quarter's report is made
    from its months.
    """
    if to not in TARGETS:
        raise ValueError(f"to is one of {', '.join(TARGETS)}")
    months = TARGETS[to]
    facts = subject_rules(catalogue, "over_time")
    number = month_of(table["period"])
    rows = _in_base_unit(table[number.notna()].reset_index(drop=True), facts, catalogue)
    if rows.empty:
        return pd.DataFrame(columns=COLUMNS)
    rows["month"] = number[number.notna()].to_numpy()
    rows["start"] = rows["month"] // months * months
    adds = rows["rule"].isin(["sum", "mean"])
    rows["rule"] = rows["rule"].where(~((rows["measure"] == "cumulative") & adds), "last")
    keys = ["subject", "area", "item", "measure", "dims", "start"]
    out = _combine(_marked(rows), keys, "month", months, "rollup_months")
    out["period"] = period_name(out["start"], months)
    return _recomputed(out, facts, lambda frame: frame["start"], 12)


def over_areas(
    table: pd.DataFrame,
    catalogue: Catalogue,
    parents: Mapping[str, str] | None = None,
    needed: Mapping[str, int] | None = None,
) -> pd.DataFrame:
    """Roll figures of areas up to the areas they belong to: the 34 provinces to the nation, or by any map.

    Parameters
    ----------
    table : DataFrame
        As-of observations; rows of areas outside the map are left aside.
    catalogue : Catalogue
        Its rules (``over_areas``), units and formulas.
    parents : mapping, optional
        Child → parent; default: each province of the 34 → VN.
    needed : mapping, optional
        Parent → how many children it has; default: counted from ``parents``.

    Returns
    -------
    DataFrame
        As :func:`over_time`; ``parts`` of ``needed`` areas. The rule ``last`` has no meaning here and is refused.
    """
    members = dict(parents) if parents is not None else provinces(catalogue)
    counts = pd.Series(dict(needed) if needed is not None else pd.Series(members).value_counts().to_dict(), dtype=float)
    facts = subject_rules(catalogue, "over_areas")
    facts["rule"] = facts["rule"].replace("last", "none")
    rows = _in_base_unit(table[table["area"].isin(members)].reset_index(drop=True), facts, catalogue)
    if rows.empty:
        return pd.DataFrame(columns=COLUMNS)
    rows["area"] = rows["area"].map(members)
    keys = ["subject", "area", "item", "measure", "dims", "period"]
    out = _combine(_marked(rows.assign(order=0)), keys, "order", counts, "rollup_areas")
    return _recomputed(out, facts, lambda frame: frame["period"], 0)


def provinces(catalogue: Catalogue) -> dict[str, str]:
    """Return each province of the 34 → VN."""
    own = catalogue.areas["id"][catalogue.areas["id"].str.startswith("34:")]
    return dict.fromkeys(own, "VN")


class _Rolled:
    """Resolves a formula's references to columns of rolled-up values, aligned on one index (area, item, dims, time)."""

    def __init__(self, values: dict[str, pd.DataFrame], index: pd.MultiIndex, year: int):
        self.values, self.index, self.year, self.used = values, index, year, list[pd.DataFrame]()

    def _column(self, name: str, index: pd.MultiIndex) -> pd.Series:
        if name not in self.values:
            raise LookupError(name)
        found = self.values[name].reindex(index)
        self.used.append(found.set_axis(self.index))
        return found["value"].set_axis(self.index)

    def one(self, reference: formulas.Reference) -> pd.Series:
        if reference.where:
            raise LookupError(reference.name)
        return self._column(reference.name, self.index)

    def many(self, reference: formulas.Reference, dim: str) -> list[pd.Series]:
        raise LookupError(reference.name)

    def year_earlier(self, reference: formulas.Reference) -> pd.Series:
        if not self.year:
            raise LookupError(reference.name)
        before = self.index.set_levels(self.index.levels[3] - self.year, level=3)
        return self._column(reference.name, before)


def _recomputed(out: pd.DataFrame, facts: pd.DataFrame, time, year: int) -> pd.DataFrame:
    """Compute every indicator whose rule is recompute from the rolled-up parts; replace or add its rows."""
    frame = out.assign(time=time(out))
    keys = ["area", "item", "dims", "time"]
    usable = frame[frame["value"].notna()].drop_duplicates(["subject", *keys], keep="last")
    by_subject = {
        subject: rows.set_index(keys)[["value", "rank", "low", "high", "about", "parts", "needed", "period"]]
        for subject, rows in usable.groupby("subject", sort=False)
    }
    made = []
    wanted = facts[(facts["rule"] == "recompute") & (facts["formula"] != "")]
    for row in wanted.itertuples():
        node = formulas.parse(row.formula)
        names = [reference.name for reference in formulas.references(node)]
        if not names or not all(name in by_subject for name in names):
            continue
        index = by_subject[names[0]].index
        resolver = _Rolled(by_subject, index, year)
        try:
            with np.errstate(divide="ignore", invalid="ignore"):
                value = formulas.evaluate(node, resolver)
        except LookupError:
            continue
        used = resolver.used
        exact = ~np.logical_or.reduce(
            [part[["low", "high", "about"]].fillna(False).any(axis=1).to_numpy(dtype=bool) for part in used]
        )
        rank = np.max([part["rank"].fillna(0).to_numpy(dtype=float) for part in used], axis=0).astype(int)
        values = pd.Series(value, index=index).replace([np.inf, -np.inf], np.nan)
        table = (
            by_subject[names[0]]
            .reset_index()[[*keys, "period", "parts", "needed"]]
            .assign(
                subject=row.subject,
                measure="flow",
                unit=row.base,
                value=values.to_numpy(),
                qualifier=np.where(exact, "=", "~"),
                status=np.array(contract.STATUSES, dtype=object)[rank],
                reason="",
            )
        )
        made.append(table[table["value"].notna()])
    if made:
        computed = pd.concat(made, ignore_index=True)
        done = pd.MultiIndex.from_frame(computed[["subject", *keys]])
        stale = pd.MultiIndex.from_frame(frame[["subject", *keys]]).isin(done)
        kept = frame[~stale]
        measures = frame[stale].drop_duplicates(["subject", *keys]).set_index(["subject", *keys])["measure"]
        computed["measure"] = measures.reindex(done).fillna("flow").to_numpy()
        frame = pd.concat([kept, computed], ignore_index=True)
    return (
        frame[COLUMNS]
        .sort_values(["subject", "area", "item", "measure", "dims", "period"], kind="stable")
        .reset_index(drop=True)
    )
