"""Diagnosis of an index: reliability, components, correlations and their flags, data availability, what removing an element does.

A finished :class:`~nq57lab.composite.laboratory.pipeline.Build` (or a matrix) in, tidy tables out.
"""

from itertools import combinations

import numpy as np
import pandas as pd

from nq57lab.composite.laboratory import pipeline
from nq57lab.composite.laboratory.aggregate import aggregate, ranks
from nq57lab.composite.laboratory.equal import is_constant
from nq57lab.composite.laboratory.inputs import Inputs
from nq57lab.composite.laboratory.parts.fields import reason
from nq57lab.composite.laboratory.pipeline import Build
from nq57lab.composite.laboratory.weight import components, effective_weights, undefined

LEAST_ROWS = 3
REPEATS, OPPOSES = 0.9, -0.4  # correlations from which two elements say the same, or pull against each other


def covariances(values: np.ndarray) -> np.ndarray:
    """Return pairwise-complete covariances (n − 1), shape (c, c): each pair over the units that have both."""
    c = values.shape[1]
    result = np.full((c, c), np.nan)
    for i in range(c):
        for j in range(i, c):
            both = ~(np.isnan(values[:, i]) | np.isnan(values[:, j]))
            if both.sum() > 1:
                pair = np.cov(values[both, i], values[both, j])
                result[i, j] = result[j, i] = pair[0, 1]
    return result


def correlations(values: np.ndarray) -> np.ndarray:
    """Return pairwise-complete Pearson correlations, shape (c, c); NaN where a column does not vary, or fewer than three rows have both."""
    varied = np.column_stack([np.where(is_constant(column), np.nan, column) for column in values.T])
    return pd.DataFrame(varied).corr(min_periods=LEAST_ROWS).to_numpy()


def cronbach(values: np.ndarray) -> float:
    """Return Cronbach's α of the columns, from pairwise-complete covariances.

    Parameters
    ----------
    values : ndarray of float, shape (n, c)
        c ≥ 2.

    Notes
    -----
    α = c / (c − 1) · (1 − Σ variances / Σ all covariances).

    References
    ----------
    Cronbach (1951), Coefficient alpha and the internal structure of tests, Psychometrika 16.

    Examples
    --------
    >>> round(cronbach(np.array([[1.0, 2.0], [2.0, 3.0], [3.0, 4.5]])), 4)
    0.9836
    """
    c = values.shape[1]
    matrix = covariances(values)
    return float(c / (c - 1) * (1 - np.trace(matrix) / matrix.sum()))


def cronbach_standardised(values: np.ndarray) -> float:
    """Return the standardised α, c r̄ / (1 + (c − 1) r̄), r̄ the mean correlation of different columns.

    References
    ----------
    OECD and JRC (2008), Handbook on Constructing Composite Indicators, section 4.1 (0.70 for the Technology Achievement Index).

    Examples
    --------
    >>> cronbach_standardised(np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]))
    1.0
    """
    c = values.shape[1]
    matrix = correlations(values)
    mean = (matrix.sum() - c) / (c * (c - 1))
    return float(c * mean / (1 + (c - 1) * mean))


def principal_components(values: np.ndarray) -> pd.DataFrame:
    """Return the principal components of the correlation matrix: component, eigenvalue, share, cumulative; complete rows only.

    Examples
    --------
    >>> principal_components(np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]))["share"].round(6).tolist()
    [1.0, 0.0]
    """
    eigenvalues, _ = components(values)
    share = eigenvalues / eigenvalues.sum()
    number = np.arange(1, len(share) + 1)
    return pd.DataFrame({"component": number, "eigenvalue": eigenvalues, "share": share, "cumulative": share.cumsum()})


def kaiser_meyer_olkin(values: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the Kaiser–Meyer–Olkin measure of sampling adequacy, of all columns together and of each.

    Notes
    -----
    Σ r² / (Σ r² + Σ p²) over different columns, p the partial correlations given all others; complete rows. NaN where the correlation
    matrix is singular (fewer units than indicators, or one column that follows from others), or a column does not vary.

    References
    ----------
    Kaiser and Rice (1974), Little Jiffy, Mark IV; OECD and JRC (2008), Handbook, section 4.1.

    Examples
    --------
    >>> x = np.array([[1.0, 2.0, 1.5], [2.0, 1.0, 2.5], [3.0, 4.0, 2.0], [4.0, 3.0, 4.5], [5.0, 5.0, 4.0]])
    >>> round(kaiser_meyer_olkin(x)[0], 4)
    0.3896
    """
    complete = values[~np.isnan(values).any(axis=1)]
    c = values.shape[1]
    if len(complete) < LEAST_ROWS or any(is_constant(column) for column in complete.T):
        return np.nan, np.full(c, np.nan)
    r = np.corrcoef(complete, rowvar=False)
    if np.linalg.matrix_rank(r) < c:
        return np.nan, np.full(c, np.nan)
    inverse = np.linalg.inv(r)
    scale = np.sqrt(np.outer(np.diag(inverse), np.diag(inverse)))
    p = -inverse / scale
    off = ~np.eye(c, dtype=bool)
    r2, p2 = np.where(off, r**2, 0), np.where(off, p**2, 0)
    return float(r2.sum() / (r2.sum() + p2.sum())), r2.sum(axis=0) / (r2.sum(axis=0) + p2.sum(axis=0))


def _below(found: Build, parent: str) -> tuple[list[str], np.ndarray]:
    children = found.framework.children(parent)
    return children, found.scores[children].to_numpy(float)


def reliability(found: Build) -> pd.DataFrame:
    """Return how consistent every aggregate with two children or more is.

    Returns
    -------
    DataFrame
        code, children, alpha, alpha_standardised, kmo, first_component (its share), reason: why a measure is not defined, with the
        elements; "" where all are.
    """
    rows = []
    for parent in found.framework.aggregates:
        children, values = _below(found, parent)
        if len(children) < 2:
            continue
        alpha = standardised = kmo = first = np.nan
        pairs = undefined(values, children, complete=False)
        why = undefined(values, children)
        if not pairs:
            alpha, standardised = cronbach(values), cronbach_standardised(values)
        if not why:
            first = principal_components(values)["share"].iloc[0]
            kmo = kaiser_meyer_olkin(values)[0]
            why = reason("index_singular") if np.isnan(kmo) else ""
        rows.append((parent, len(children), alpha, standardised, kmo, first, pairs or why))
    columns = ["code", "children", "alpha", "alpha_standardised", "kmo", "first_component", "reason"]
    return pd.DataFrame(rows, columns=columns)


def correlation_reason(x: np.ndarray, y: np.ndarray, one: str, other: str) -> str:
    """Return why two columns have no correlation, "" where they have one."""
    return undefined(np.column_stack([x, y]), [one, other])


def correlation_table(found: Build) -> pd.DataFrame:
    """Return the correlation of every pair of elements below one aggregate: parent, one, other, correlation, reason where there is none."""
    rows = []
    for parent in found.framework.aggregates:
        codes, values = _below(found, parent)
        matrix = correlations(values)
        for i, j in combinations(range(len(codes)), 2):
            r = matrix[i, j]
            why = correlation_reason(values[:, i], values[:, j], codes[i], codes[j]) if np.isnan(r) else ""
            rows.append((parent, codes[i], codes[j], r, why))
    return pd.DataFrame(rows, columns=["parent", "one", "other", "correlation", "reason"])


def correlation_flags(found: Build) -> pd.DataFrame:
    """Return the pairs of elements of one parent that say nearly the same, or pull against each other.

    Returns
    -------
    DataFrame
        parent, one, other, correlation, flag ("trùng lặp" from 0.9 up, "ngược chiều" from −0.4 down), the strongest first.
    """
    table = correlation_table(found).drop(columns="reason")
    r = table["correlation"]
    cases = [r >= REPEATS, r <= OPPOSES]
    table = table.assign(flag=np.select(cases, [reason("index_repeats"), reason("index_opposes")], ""))
    table = table[table["flag"] != ""]
    return table.sort_values("correlation", key=np.abs, ascending=False, kind="stable", ignore_index=True)


def influence(found: Build) -> pd.DataFrame:
    """Return every element's nominal weight, its effective share of the index, and its correlation with parent and index.

    Returns
    -------
    DataFrame
        code, level, parent, weight, effective, with_parent, with_index, reason (why a correlation is not defined).
    """
    frame, scores = found.framework, found.scores
    effective = effective_weights(frame)
    rows = []
    for code, parent in frame.parents.items():
        table = scores[[code, parent, frame.root]].to_numpy(float)
        r = correlations(table)
        gaps = [column for column in (1, 2) if np.isnan(r[0, column])]
        trio = (code, parent, frame.root)
        why = correlation_reason(table[:, 0], table[:, gaps[0]], code, trio[gaps[0]]) if gaps else ""
        rows.append((code, frame.levels[code], parent, frame.weights[code], effective[code], r[0, 1], r[0, 2], why))
    names = ["code", "level", "parent", "weight", "effective", "with_parent", "with_index", "reason"]
    return pd.DataFrame(rows, columns=names)


def availability(inputs: Inputs) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the share of data present, of each unit (and of each of its aggregates), and of each indicator, before any step."""
    frame = inputs.framework
    present = pd.DataFrame(~np.isnan(inputs.values), columns=list(frame.indicators))
    units = pd.DataFrame({"uCode": inputs.units["uCode"], "available": present.mean(axis=1)})
    if inputs.panel:
        units.insert(1, "Time", inputs.units["Time"])
    for parent in frame.aggregates[1:]:
        units[parent] = present[frame.leaves(parent)].mean(axis=1)
    indicators = pd.DataFrame({"iCode": frame.indicators, "available": present.mean(axis=0).to_numpy()})
    return units, indicators


def remove_each(found: Build, level: int = 1) -> pd.DataFrame:
    """Return what leaving out each element of a level does to the ranks.

    Parameters
    ----------
    found : Build
        The index; the steps before the aggregation stand as they are.
    level : int
        The level whose elements are left out one at a time.

    Returns
    -------
    DataFrame
        code, mean_shift (mean absolute rank shift), max_shift, the largest mean shift first; the last remaining element of the index
        cannot be left out and is not listed.
    """
    frame = found.framework
    rules = pipeline.rules_of(found.steps)
    base = ranks(found.scores[frame.root].to_numpy(float))
    rows = []
    for code in frame.of_levels([level]):
        smaller = frame.without({code})
        if not smaller.aggregates:
            continue
        places = [frame.indicators.index(other) for other in smaller.indicators]
        scores = aggregate(smaller, found.values[:, places], smaller.weights, rules)
        moved = np.abs(ranks(np.asarray(scores[frame.root])) - base)
        rows.append((code, float(np.nanmean(moved)), float(np.nanmax(moved))))
    table = pd.DataFrame(rows, columns=["code", "mean_shift", "max_shift"])
    return table.sort_values("mean_shift", ascending=False, kind="stable", ignore_index=True)


def compare(one: Build, other: Build) -> pd.DataFrame:
    """Compare two builds of an index, unit by unit.

    Returns
    -------
    DataFrame
        uCode (and Time), score_one, score_other, rank_one, rank_other, shift (rank_one − rank_other: above 0 the unit stands better
        in the other build), the largest shift first; NaN where a unit is missing from one of them.
    """
    code = one.framework.root
    key = ["uCode", "Time"] if "Time" in one.scores and "Time" in other.scores else ["uCode"]
    tables = []
    for name, found in (("one", one), ("other", other)):
        own = found.scores[[*key, code]].rename(columns={code: f"score_{name}"})
        tables.append(own.assign(**{f"rank_{name}": found.ranks[code]}))
    joined = tables[0].merge(tables[1], on=key, how="outer", sort=False)
    joined["shift"] = joined["rank_one"] - joined["rank_other"]
    columns = [*key, "score_one", "score_other", "rank_one", "rank_other", "shift"]
    return joined[columns].sort_values("shift", key=np.abs, ascending=False, kind="stable", ignore_index=True)


def profile(found: Build, unit: str, time: str = "", *, count: int = 5) -> pd.DataFrame:
    """Return a unit's strengths and weaknesses: the indicators on which it ranks best and worst.

    Parameters
    ----------
    time : str
        In a panel, the time.
    count : int
        Indicators of each kind at most; none is listed twice.

    Returns
    -------
    DataFrame
        kind ("mạnh": more units are worse than better; "yếu": the other way round), code, name, parent, score, rank, of (units ranked), value (the figure before normalisation).

    Raises
    ------
    KeyError
        If there is no such unit.
    """
    rows = found.scores["uCode"] == unit
    if time:
        rows &= found.scores["Time"] == time if "Time" in found.scores else False
    if not rows.any():
        raise KeyError(unit)
    at = int(np.flatnonzero(rows)[-1])
    codes = list(found.framework.indicators)
    raw = next(
        (table for name, table in reversed(found.stages) if name not in ("normalise", "weight", "aggregate")), None
    )
    if raw is not None and len(raw) == len(found.scores):
        before = raw.iloc[at][codes].to_numpy(float)
    else:
        kept = (found.inputs.units["uCode"] == unit) & (found.inputs.units["Time"] == time if time else True)
        before = found.inputs.values[np.flatnonzero(kept)[-1]]
    same = found.ranks if "Time" not in found.ranks else found.ranks[found.ranks["Time"] == found.ranks["Time"].iat[at]]
    table = pd.DataFrame(
        {
            "code": codes,
            "name": [found.framework.names[code] for code in codes],
            "parent": [found.framework.parents[code] for code in codes],
            "score": found.scores.iloc[at][codes].to_numpy(float),
            "rank": found.ranks.iloc[at][codes].to_numpy(float),
            "of": same[codes].notna().sum().to_numpy(),
            "value": before,
        }
    )
    table = table[table["rank"].notna()]
    # Strong only where more units are worse than better, weak only the other way round: rank 3 of 3, or a rank that all share, is no strength.
    worse = np.array([(same[code] > rank).sum() for code, rank in zip(table["code"], table["rank"], strict=True)])
    better = (table["rank"] - 1).to_numpy()
    place = (table["rank"] - 1) / np.maximum(table["of"] - 1, 1)
    table = table.assign(place=place, lead=worse - better).sort_values("place", kind="stable")
    best, worst = table[table["lead"] > 0].head(count), table[table["lead"] < 0].iloc[::-1].head(count)
    both = pd.concat(
        [best.assign(kind=reason("index_strong")), worst.assign(kind=reason("index_weak"))], ignore_index=True
    )
    return both[["kind", "code", "name", "parent", "score", "rank", "of", "value"]]
