"""Whether the sources of one quantity tell the same growth: where they differ by more than a bound, and whether a break says so already.

The comparators' series and what their keys are in; one row a pair of sources, country and year out.
"""

from itertools import combinations

import numpy as np
import pandas as pd

from nq57lab.facts.comparators import panel

BOUND = (
    1.0  # percentage points a year: rounding and revisions stay below, re-evaluations and changed definitions do not
)
COLUMNS = ["quantity", "iso3", "year", "key", "growth", "other", "other_growth", "gap", "broken"]


def changes(series: pd.DataFrame, key: str, kind: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a key's yearly changes and which of them go over a break, each years by countries.

    Notes
    -----
    In percentage points: what is a growth rate as it is; the difference of a share in per cent; else 100 · Δ ln.
    """
    levels, parts = panel(series, key), panel(series, key, "segment")
    years = range(int(levels.index.min()), int(levels.index.max()) + 1)
    levels, parts = levels.reindex(years), parts.reindex(years)
    if kind == "growth":
        return levels, parts.isna() & False
    if kind == "share":
        return levels.diff(), parts != parts.shift(1)
    return 100 * np.log(levels.where(levels > 0)).diff(), parts != parts.shift(1)


def differences(series: pd.DataFrame, mapping: pd.DataFrame, bound: float = BOUND) -> pd.DataFrame:
    """List where two sources of one quantity differ in growth by more than a bound.

    Parameters
    ----------
    series, mapping : DataFrame
        :func:`nq57lab.facts.comparators.load` and :func:`~nq57lab.facts.comparators.load_indicators`; keys of one ``quantity`` are compared.
    bound : float
        Percentage points a year.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`, the largest gap first: gap = growth − other_growth; ``broken`` where a break of one of the two says that this change is
        not to be taken (so nothing takes it).
    """
    found: list[pd.DataFrame] = []
    named = mapping[mapping["quantity"] != ""]
    for quantity, keys in named.groupby("quantity", sort=False):
        own = {row.key: changes(series, str(row.key), str(row.kind)) for row in keys.itertuples()}
        for first, second in combinations(own, 2):
            (here, cut), (there, other_cut) = own[first], own[second]
            rows = pd.DataFrame({"growth": here.stack(), "other_growth": there.stack()}).dropna()
            if rows.empty:
                continue
            cuts = (table.stack().reindex(rows.index, fill_value=False) for table in (cut, other_cut))
            rows["broken"] = next(cuts) | next(cuts)
            rows = rows.rename_axis(["year", "iso3"]).reset_index()
            found.append(
                rows.assign(quantity=quantity, key=first, other=second, gap=rows["growth"] - rows["other_growth"])
            )
    whole = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=COLUMNS)
    apart = whole[whole["gap"].abs() > bound]
    return apart.sort_values("gap", key=abs, ascending=False, kind="stable", ignore_index=True)[COLUMNS]
