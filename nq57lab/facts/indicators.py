"""Indicator values: computed from variables by the catalogue's formulas, or as reported, each with its provenance.

Catalogue and as-of observations in; the indicators table of CONTRACTS.md out. A value computed from its parts comes
before a reported one of the same period; both stand in the table.
"""

from collections.abc import Callable

import pandas as pd

from nq57lab.base import contract, formulas
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.observations import Lookup
from nq57lab.facts.resolve import References

Scale = Callable[[str, str], float]
COLUMNS = ["subject", "area", "period", "value", "unit", "status", "vintage", "formula", "inputs", "note"]

# The note of a value that is not computed by the formula that the document prints.
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
    return max(statuses, key=contract.STATUSES.index)


def compute(catalogue: Catalogue, table: pd.DataFrame, area: str | None = None) -> pd.DataFrame:
    """Compute every indicator for which the figures exist.

    Parameters
    ----------
    catalogue : Catalogue
        Its indicators with formulas.
    table : DataFrame
        As-of observations (:func:`nq57lab.facts.observations.as_of`).
    area : str, optional
        Only this area.

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
    catalogue corrects, the proposed one computes and the note says so.
    """
    rows = table if area is None else table[table["area"] == area]
    lookup, scale = Lookup(rows), scales(catalogue)

    def number(row: pd.Series) -> float:
        return float(row["value"]) * scale(row["subject"], row["unit"])

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
    present = set(rows["subject"])
    for indicator in catalogue.indicators[catalogue.indicators["code"].isin(catalogue.formulas)].itertuples():
        formula = catalogue.formulas[indicator.code]
        node = formulas.parse(formula)
        names = {reference.name for reference in formulas.references(node)}
        if not names <= present:
            continue
        parts = rows[rows["subject"].isin(names)]
        computed = []
        for (place, period), _ in parts.groupby(["area", "period"], sort=True):
            values = References(lookup, place, period, number)
            try:
                value = formulas.evaluate(node, values)
            except (LookupError, ZeroDivisionError):
                continue
            used = pd.DataFrame(values.rows)
            newest = used.sort_values("vintage_end")["vintage"].iloc[-1]
            status, inputs = weakest(used["status"]), "; ".join(dict.fromkeys(used["id"]))
            note = "" if formula == indicator.formula else PROPOSED.format(indicator.formula)
            unit = indicator.unit
            computed.append((indicator.code, place, period, value, unit, status, newest, formula, inputs, note))
        if computed:
            results.append(pd.DataFrame(computed, columns=COLUMNS))
    result = pd.concat(results, ignore_index=True)
    keys = pd.DataFrame({"order": result["subject"].map(order), "area": result["area"], "period": result["period"]})
    return result.loc[
        keys.assign(f=result["formula"] != "").sort_values(["order", "area", "period", "f"]).index
    ].reset_index(drop=True)
