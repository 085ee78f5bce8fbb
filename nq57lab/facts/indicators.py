"""Indicator values: computed from variables by the catalogue's formulas, or as reported, each with its provenance.

Catalogue and as-of observations in; the indicators table of CONTRACTS.md out. A value computed from its parts comes
before a reported one of the same period; both stand in the table.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from nq57lab.base import contract, formulas, printing
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.observations import Lookup, add_dates
from nq57lab.facts.resolve import References
from nq57lab.facts.vintages import Breaks

Scale = Callable[[str, str], float]
COLUMNS = ["subject", "area", "period", "value", "unit", "status", "vintage", "formula", "inputs", "note"]

# The notes of a value that is not computed by the formula that the document prints.
RULED = "Mẫu số bằng 0: giá trị theo quy định của văn bản, “{}”"
PROPOSED = "Tính theo công thức đề xuất; công thức in trong văn bản có lỗi: {}"


def scales(catalogue: Catalogue) -> Scale:
    """Return the function (subject, unit) → factor that brings a figure to its subject's unit of the catalogue.

    The factor is that of the unit over that of the catalogue's unit, within one family; 1 where there is nothing to convert
    (the same unit, no unit, or a unit of another family, which the check of the observations refuses).
    """
    factor = dict(zip(catalogue.units["unit"], catalogue.units["factor"].astype(float), strict=True))
    family = dict(zip(catalogue.units["unit"], catalogue.units["family"], strict=True))

    def scale(subject: str, unit: str) -> float:
        own = catalogue.subject_units.get(subject, "")
        if unit == own or unit not in factor or family.get(own) != family[unit]:
            return 1.0
        return factor[unit] / factor[own]

    return scale


def weakest(statuses: pd.Series) -> str:
    """Return the weakest status: a computed value is no better than its weakest part."""
    return max(statuses, key=(*contract.STATUSES, "illustrative").index)


def compute(catalogue: Catalogue, table: pd.DataFrame, area: str | None = None) -> pd.DataFrame:
    """Compute every indicator for which the figures exist.

    Parameters
    ----------
    table : DataFrame
        As-of observations (:func:`nq57lab.facts.observations.as_of`).

    Returns
    -------
    DataFrame
        subject, area, period, value, unit (the indicator's where computed), status (the weakest of the parts'), vintage (the
        newest of the parts'), formula ("" where reported), inputs (row ids), note; by catalogue order, then period.

    Notes
    -----
    A formula is evaluated for every area and period in which all its references have a figure; a value is missing, never
    zero, where one of them has none. Figures are first brought to the catalogue's units (:func:`scales`), on which the
    formula's constants rest; a reported value keeps the unit it was reported in. Where the printed formula is a defect that the
    catalogue corrects, the proposed one computes and the note says so. Where a denominator is zero the value is the one that the
    document rules for that case (zero_rules.csv), with its words as the note; without such a rule there is no value, and
    :func:`undefined` tells it.
    """
    rows = table if area is None else table[table["area"] == area]
    order = {code: place for place, code in enumerate(catalogue.indicators["code"])}
    reported = rows[rows["subject"].isin(order) & (rows["item"] == "") & (rows["dims"] == "")]
    results = [
        pd.DataFrame(
            {
                "subject": reported["subject"],
                "area": reported["area"],
                "period": reported["period"],
                "value": reported["value"],
                "unit": reported["unit"],
                "status": reported["status"],
                "vintage": reported["vintage"],
                "formula": "",
                "inputs": reported["id"],
                "note": reported["note"],
            }
        )
    ]
    ruled = catalogue.zero_rules.set_index("indicator")
    computed = []
    for indicator, place, period, value, used in _evaluated(catalogue, rows):
        formula = catalogue.formulas[indicator.code]
        note = "" if formula == indicator.formula else PROPOSED.format(indicator.formula)
        if value is None:
            if indicator.code not in ruled.index:
                continue
            value = float(ruled.at[indicator.code, "value"])
            note = RULED.format(ruled.at[indicator.code, "stated_vi"])
        newest = used.sort_values("vintage_end")["vintage"].iloc[-1]
        status, inputs = weakest(used["status"]), "; ".join(dict.fromkeys(used["id"]))
        computed.append((indicator.code, place, period, value, indicator.unit, status, newest, formula, inputs, note))
    if computed:
        results.append(pd.DataFrame(computed, columns=COLUMNS))
    result = pd.concat(results, ignore_index=True)
    keys = pd.DataFrame({"order": result["subject"].map(order), "area": result["area"], "period": result["period"]})
    return result.loc[
        keys.assign(f=result["formula"] != "").sort_values(["order", "area", "period", "f"]).index
    ].reset_index(drop=True)


def measured(catalogue: Catalogue, table: pd.DataFrame, values: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the observations and, beside them, what the formulas compute, row by row in the same shape.

    Parameters
    ----------
    table : DataFrame
        As-of observations.
    values : DataFrame, optional
        What :func:`compute` returns of them, where it is at hand.

    Returns
    -------
    DataFrame
        The columns of ``table`` and ``formula`` ("" of an observation). A computed row has no ``source``; its ``id`` lists its parts'
        ("; " between), its ``segment`` theirs. Of one subject, area and period the computed value stands, not the reported one.

    Notes
    -----
    What is computed from a flow is one: half a year is not set against a year.
    """
    values = compute(catalogue, table) if values is None else values
    computed = values[values["formula"] != ""]
    if computed.empty:
        return table.assign(formula="")
    parts = table.set_index("id")[["measure", "qualifier", "recorded", "segment", "public", "public_decision"]]
    part = dict(zip(parts.index, parts.itertuples(index=False, name=None), strict=True))
    breaks, made = Breaks(catalogue.breaks), []
    for row in computed.itertuples():
        used = [part[name] for name in row.inputs.split("; ")]
        measures, qualifiers, recorded, segments, public, decisions = zip(*used, strict=True)
        labels = {breaks.segment(row.subject, row.area, row.period), *segments}
        made.append(
            {name: getattr(row, name) for name in ("subject", "area", "period", "value", "unit", "status", "vintage")}
            | {"id": row.inputs, "note": row.note, "formula": row.formula, "value_high": float("nan")}
            | {"measure": "flow" if "flow" in measures else measures[0], "recorded": max(recorded)}
            | {"qualifier": printing.qualifier(formulas.parse(row.formula), pd.DataFrame({"qualifier": qualifiers}))}
            | {
                "public": "yes" if {*public} == {"yes"} else "no",
                "public_decision": "; ".join(dict.fromkeys(decisions)),
            }
            | {"segment": "; ".join(sorted({label for text in labels for label in text.split("; ") if label}))}
        )
    family = dict(zip(catalogue.units["unit"], catalogue.units["family"], strict=True))
    rows = add_dates(pd.DataFrame(made)).assign(family=computed["unit"].map(family).to_numpy())
    rows = rows.reindex(columns=[*table.columns, "formula"], fill_value="")
    key = ["subject", "area", "period"]
    plain = (table["item"] == "") & (table["dims"] == "")
    kept = ~(plain & pd.MultiIndex.from_frame(table[key]).isin(pd.MultiIndex.from_frame(rows[key])))
    return pd.concat([table[kept].assign(formula=""), rows], ignore_index=True)


def undefined(catalogue: Catalogue, table: pd.DataFrame) -> pd.DataFrame:
    """Return the values that cannot be computed because a denominator is zero and no document rules what then holds.

    Returns
    -------
    DataFrame
        subject, area, period, formula, inputs (row ids), zero (the id of a row whose figure is zero).
    """
    found = []
    for indicator, place, period, value, used in _evaluated(catalogue, table):
        if value is None and indicator.code not in set(catalogue.zero_rules["indicator"]):
            naught = used.loc[used["value"] == 0, "id"]
            zero = naught.iloc[-1] if len(naught) else used["id"].iloc[-1]
            formula, inputs = catalogue.formulas[indicator.code], "; ".join(dict.fromkeys(used["id"]))
            found.append((indicator.code, place, period, formula, inputs, zero))
    return pd.DataFrame(found, columns=["subject", "area", "period", "formula", "inputs", "zero"])


def _evaluated(catalogue: Catalogue, rows: pd.DataFrame) -> Iterator[tuple[Any, str, str, float | None, pd.DataFrame]]:
    """Evaluate every formula in every area and period in which its parts have a figure: indicator, area, period, value, rows used.

    The value is None where a denominator is zero.
    """
    lookup, scale = Lookup(rows), scales(catalogue)

    def number(row: pd.Series) -> float:
        return float(row["value"]) * scale(row["subject"], row["unit"])

    present = set(rows["subject"])
    for indicator in catalogue.indicators[catalogue.indicators["code"].isin(catalogue.formulas)].itertuples():
        node = formulas.parse(catalogue.formulas[indicator.code])
        names = {reference.name for reference in formulas.references(node)}
        if not names <= present:
            continue
        parts = rows[rows["subject"].isin(names)]
        for (place, period), _ in parts.groupby(["area", "period"], sort=True):
            values = References(lookup, place, period, number)
            try:
                value = formulas.evaluate(node, values)
            except LookupError:
                continue
            except ZeroDivisionError:
                value = None
            yield indicator, place, period, value, pd.DataFrame(values.rows)
