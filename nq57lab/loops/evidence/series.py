"""The series that measure the graph's nodes: the comparators' own, and three computed from them, each a panel of years by countries.

Different vintages and definitions are never spliced: a derived series takes each of its parts from one key.
"""

import numpy as np
import pandas as pd

from nq57lab.facts.comparators import panel

CAPITAL_SHARE = 1 / 3  # Gollin (2002): labour shares of income lie between 0.65 and 0.80 across countries
DERIVED = ("tfp_growth_pct", "productivity_growth_pct", "rd_spending_growth_pct")
# Pairs of which one is computed from the other, or both from the same accounts: a regression would only find the definition; the code of the reason.
IDENTITIES = {
    ("rd_spending_growth_pct", "rd_exp_pct_gdp"): "evidence_identity_rd",
    ("productivity_growth_pct", "gdp_growth_pct_derived"): "evidence_identity_productivity",
    ("tfp_growth_pct", "gdp_growth_pct_derived"): "evidence_identity_tfp",
}


def growth_of(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return :func:`growth` of a key; NaN where a break lies between two years."""
    found, parts = growth(panel(frame, key)), panel(frame, key, "segment")
    parts = parts.reindex(found.index)
    return found.where(parts == parts.shift(1))


def growth(levels: pd.DataFrame) -> pd.DataFrame:
    """Return the yearly growth in per cent, 100 · Δ ln; NaN where the year before is missing.

    Examples
    --------
    >>> growth(pd.DataFrame({"VNM": [100.0, 110.0]}, index=[2001, 2003]))["VNM"].tolist()
    [nan, nan, nan]
    """
    years = range(int(levels.index.min()), int(levels.index.max()) + 1) if len(levels) else levels.index
    positive = levels.reindex(years).where(lambda frame: frame > 0)
    return 100 * positive.map(np.log).diff()


def tfp_growth(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the growth of total factor productivity in per cent: the Solow residual of the Penn World Table's national accounts.

    Notes
    -----
    Δ ln GDP − α Δ ln K − (1 − α) Δ ln (employment × human capital), α = 1/3.

    References
    ----------
    Feenstra, R., Inklaar, R., Timmer, M. (2015). The next generation of the Penn World Table. American Economic Review 105(10),
    3150–3182. Gollin, D. (2002). Getting income shares right. Journal of Political Economy 110(2), 458–474.
    """
    labour = panel(frame, "pwt_emp") * panel(frame, "pwt_hc")
    parts = growth_of(frame, "pwt_rgdpna"), growth_of(frame, "pwt_rnna"), growth(labour)
    return parts[0] - CAPITAL_SHARE * parts[1] - (1 - CAPITAL_SHARE) * parts[2]


def of_key(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return the panel of a key, as the comparators have it or derived; empty columns where nothing was observed."""
    if key == "tfp_growth_pct":
        return tfp_growth(frame)
    if key == "productivity_growth_pct":
        return growth_of(frame, "gdp_per_worker_const_usd")
    if key == "rd_spending_growth_pct":
        return growth(panel(frame, "rd_exp_pct_gdp") * panel(frame, "gdp_const2015usd"))
    return panel(frame, key)
