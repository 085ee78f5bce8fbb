"""Why a composite changed between two dates: data, weights, targets and membership, adding up to the whole change.

Two tables of KPIs in (as :func:`nq57lab.composite.score.score.score` takes them), one row an area out. The split is the Shapley value: each
factor's mean effect over every order in which the four could have changed, so that nothing is left over and no order is preferred.
"""

from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd

from nq57lab.base.messages import reason as because
from nq57lab.composite.score.score import DEFAULT, Rules, complete, score

FACTORS = {
    "data": ("value", "baseline", "status"),
    "weights": ("weight",),
    "targets": ("target", "target_high", "direction"),
    "membership": (),
}
COLUMNS = ["area", "before", "after", "change", *FACTORS, "reason"]


def decompose(before: pd.DataFrame, after: pd.DataFrame, rules: Rules = DEFAULT) -> pd.DataFrame:
    """Split the change of every area's composite into data, weights, targets and membership.

    Parameters
    ----------
    before, after : DataFrame
        Tables of KPIs at the two dates: kpi, area, value, target, direction, weight or priority …; a KPI counts once an area.
    rules : Rules
        How completion is measured, at both dates; coverage is not looked at.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`, one row an area. before + data + weights + targets + membership = after. NaN with the reason where one of
        the mixed states has no composite (no figure counted).

    Notes
    -----
    The composite of a mixture takes each factor from one of the dates. Membership is which KPIs are in the set; a KPI that is in
    the set at one date only brings its own figure, weight and target of that date, so that adding or retiring it is membership alone.
    Shapley value of factor f: Σ over the subsets S of the others of |S|! (3 − |S|)! / 4! · (C(S ∪ f) − C(S)).

    References
    ----------
    Shapley (1953); Shorrocks (2013), Decomposition procedures for distributional analysis, Journal of Economic Inequality 11.

    Examples
    --------
    >>> row = {"kpi": "a", "area": "VN", "value": 1.0, "target": 2.0, "direction": 1, "weight": 1.0}
    >>> then, now = pd.DataFrame([row]), pd.DataFrame([row | {"value": 1.5, "target": 2.5}])
    >>> decompose(then, now)[["change", "data", "targets"]].round(4).values.tolist()
    [[0.1, 0.225, -0.125]]
    """
    key = ["area", "kpi"]
    old, new = (complete(table).drop_duplicates(key).set_index(key) for table in (before, after))
    both = old.index.union(new.index, sort=False)
    sides = []
    for own, other in ((old, new), (new, old)):
        filled = own.reindex(both)
        absent = ~both.isin(own.index)
        filled.loc[absent] = other.reindex(both)[absent][filled.columns]
        sides.append(filled.assign(member=~absent))
    areas = both.get_level_values("area")
    places, names = pd.factorize(areas)
    states = {
        subset: _composite(sides, subset, rules, places, len(names))
        for size in range(len(FACTORS) + 1)
        for subset in combinations(FACTORS, size)
    }
    result = pd.DataFrame({"area": names, "before": states[()], "after": states[tuple(FACTORS)]})
    result["change"] = result["after"] - result["before"]
    n = len(FACTORS)
    for factor in FACTORS:
        effect = np.zeros(len(names))
        others = [name for name in FACTORS if name != factor]
        for size in range(n):
            share = factorial(size) * factorial(n - size - 1) / factorial(n)
            for subset in combinations(others, size):
                joined = tuple(name for name in FACTORS if name in (*subset, factor))
                effect += share * (states[joined] - states[subset])
        result[factor] = effect
    empty = result[list(FACTORS)].isna().any(axis=1)
    result.loc[empty, list(FACTORS)] = np.nan
    result["reason"] = [because("score_no_split") if none else "" for none in empty]
    return result[COLUMNS]


def _composite(
    sides: list[pd.DataFrame], later: tuple[str, ...], rules: Rules, places: np.ndarray, n: int
) -> np.ndarray:
    """Return every area's composite when the factors named come from the later date."""
    mixed = sides[0].copy()
    for factor in later:
        for column in FACTORS[factor]:
            mixed[column] = sides[1][column]
    member = sides[1 if "membership" in later else 0]["member"].to_numpy()
    scored = score(mixed.reset_index(), rules)
    counted = scored["counted"].to_numpy() & member
    got = np.bincount(places, np.where(counted, scored["score"], 0.0), minlength=n)
    weight = np.bincount(places, np.where(counted, scored["weight"], 0.0), minlength=n)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weight > 0, got / weight, np.nan)
