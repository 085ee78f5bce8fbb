"""Tables of a finished index: statistics at every stage, results across levels, ranks within groups, trends, several builds compared.

A :class:`~nq57lab.composite.laboratory.pipeline.Build` in (or several), tidy tables out.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.composite.laboratory.equal import is_constant
from nq57lab.composite.laboratory.operations import decimal_times
from nq57lab.composite.laboratory.parts.fields import reason
from nq57lab.composite.laboratory.pipeline import Build, rank_table
from nq57lab.composite.laboratory.treat import passes, shape

RAW = "iData"
FEW, SAME = 0.65, 0.5  # shares present, and of one value, beyond which an indicator is flagged (COINr's get_stats)
SIGNIFICANT = 0.05  # the p-value from which a correlation is flagged
METHODS = ("pearson", "spearman", "kendall")


def statistics(found: Build) -> pd.DataFrame:
    """Return the statistics of every indicator as given and after each step, of every aggregate after the last.

    Returns
    -------
    DataFrame
        stage, iCode, n, missing, min, q25, median, mean, q75, max, sd (n − 1), skew, kurt (as :func:`treat.shape`), zeros, unique,
        share_same (of the most frequent value), flag: too few figures, mostly one value, outliers, no variation.

    References
    ----------
    ``get_stats`` of COINr; its limits of availability, of one value and of skewness and kurtosis.
    """
    frame = found.inputs.framework
    raw = pd.DataFrame(found.inputs.values, columns=list(frame.indicators))
    rows = []
    for place, (name, table) in enumerate([(RAW, raw), *found.stages]):
        stage = name if place == 0 else f"{place}_{name}"
        listed = [code for code in table.columns if code not in ("uCode", "Time")]
        rows += [(stage, code, *_described(table[code].to_numpy(float))) for code in listed]
    names = ["n", "missing", "min", "q25", "median", "mean", "q75", "max", "sd", "skew", "kurt", "zeros", "unique"]
    return pd.DataFrame(rows, columns=["stage", "iCode", *names, "share_same", "flag"])


def around_treatment(found: Build) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the indicators before and after the treatment of outliers, row by row; twice as given where no step treats.

    Returns
    -------
    before, after : DataFrame
        One column an indicator, one row a unit (and time) of the treatment's stage.
    """
    listed = list(found.framework.indicators)
    tables = [pd.DataFrame(found.inputs.values, columns=list(found.inputs.framework.indicators))]
    tables += [table for _, table in found.stages]
    names = [name for name, _ in found.stages]
    at = names.index("treat") if "treat" in names else -1
    return tables[max(at, 0)][listed].reset_index(drop=True), tables[at + 1][listed].reset_index(drop=True)


def _described(x: np.ndarray) -> tuple:
    seen = x[~np.isnan(x)]
    if not len(seen):
        return (0, len(x), *[np.nan] * 9, 0, 0, np.nan, reason("index_flag_empty"))
    skew, kurt = shape(x)
    _, counts = np.unique(seen, return_counts=True)
    same = counts.max() / len(seen)
    flags = [
        ("index_flag_few", len(seen) / len(x) < FEW),
        ("index_flag_same", same > SAME and not is_constant(x)),
        ("index_flag_constant", is_constant(x) and len(seen) > 1),
        ("index_flag_outliers", not passes(skew, kurt)),
    ]
    low, middle, high = np.quantile(seen, [0.25, 0.5, 0.75])
    spread = float(seen.std(ddof=1)) if len(seen) > 1 else np.nan
    numbers = (seen.min(), low, middle, seen.mean(), high, seen.max(), spread, skew, kurt)
    told = "; ".join(reason(code) for code, holds in flags if holds)
    return (len(seen), len(x) - len(seen), *map(float, numbers), int((seen == 0).sum()), len(counts), float(same), told)


def correlations(
    found: Build, one: str | int = 1, other: str | int | None = None, *, method: str = "pearson"
) -> pd.DataFrame:
    """Return the correlations between two levels of an index, or of the indicators as given with the denominators.

    Parameters
    ----------
    one, other : int or "denominators"
        Levels (the same by default); "denominators" sets the figures as given of the other level, 1, against the denominators.
    method : str
        One of :data:`METHODS`.

    Returns
    -------
    DataFrame
        one, other, correlation, p, n, flag (one is below the other in the tree; p ≥ 0.05; ≥ 0.9; ≤ −0.4), reason where there is
        none. Of one level each pair stands once.
    """
    from scipy import stats

    from nq57lab.composite.robustness.diagnose import OPPOSES, REPEATS, correlation_reason

    frame = found.framework
    other = one if other is None else other
    scores = {code: found.scores[code].to_numpy(float) for code in found.scores.columns if code in frame.levels}
    raw = {code: found.inputs.values[:, place] for place, code in enumerate(found.inputs.framework.indicators)}
    divisors = {code: found.inputs.divisors[code].to_numpy(float) for code in found.inputs.divisors.columns}
    with_raw = "denominators" in (one, other)

    def side(level: str | int) -> dict[str, np.ndarray]:
        if level == "denominators":
            return divisors
        return raw if with_raw else {code: scores[code] for code in scores if frame.levels[code] == level}

    call = {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall": stats.kendalltau}[method]
    rows = []
    left, right = side(one), side(other)
    for place, (first, x) in enumerate(left.items()):
        for second, y in list(right.items())[place + 1 if one == other else 0 :]:
            both = ~(np.isnan(x) | np.isnan(y))
            why = correlation_reason(x, y, first, second)
            r, p = (np.nan, np.nan) if why else (float(number) for number in call(x[both], y[both])[:2])
            above = frame.parents.get(first) == second or frame.parents.get(second) == first
            flags = [
                ("index_flag_parent", above),
                ("index_flag_uncertain", p >= SIGNIFICANT),
                ("index_repeats", r >= REPEATS and not above),
                ("index_opposes", r <= OPPOSES),
            ]
            told = "; ".join(reason(code) for code, holds in flags if holds)
            rows.append((first, second, r, p, int(both.sum()), told, why))
    return pd.DataFrame(rows, columns=["one", "other", "correlation", "p", "n", "flag", "reason"])


def results(found: Build, use: str = "scores", group: str = "") -> pd.DataFrame:
    """Return everything of an index in one table: units, groups, rank and coverage, the aggregates from the top, the indicators.

    Parameters
    ----------
    use : str
        scores; ranks; group_ranks (within ``group``).

    Returns
    -------
    DataFrame
        uCode, uName, the groups (Time), rank and coverage of the index, then one column a code; the best unit first.
    """
    frame, units = found.framework, found.units
    values = {"scores": found.scores, "ranks": found.ranks}.get(use)
    values = group_ranks(found, group) if values is None else values
    codes = sorted([*frame.aggregates, *frame.indicators], key=lambda code: -frame.levels[code])
    head = units[["uCode", "uName", *frame.groups]].reset_index(drop=True)
    head = head.assign(Time=units["Time"].to_numpy()) if found.inputs.panel else head
    head = head.assign(rank=found.ranks[frame.root], coverage=found.coverage[frame.root])
    table = pd.concat([head, values[codes].reset_index(drop=True)], axis=1)
    keys = ["Time", "rank"] if found.inputs.panel else ["rank"]
    return table.sort_values(keys, kind="stable", ignore_index=True)


def group_ranks(found: Build, group: str) -> pd.DataFrame:
    """Return the ranks of every score among the units of one group (and one time): the columns of ``ranks`` and the group.

    Raises
    ------
    KeyError
        If iMeta has no such group.
    """
    if group not in found.framework.groups:
        raise KeyError(group)
    codes = [*found.framework.aggregates, *found.framework.indicators]
    own = found.units[group].to_numpy()
    parts = [rank_table(found.scores[own == name], codes) for name in dict.fromkeys(own)]
    table = pd.concat(parts).sort_index()
    table.insert(1, group, own)
    return table


def trends(found: Build, codes: list[str] | None = None) -> pd.DataFrame:
    """Return how scores of a panel moved: from the first to the last time observed, and the pace between.

    Parameters
    ----------
    found : Build
        An index with two times or more.
    codes : list of str, optional
        Elements; default the aggregates.

    Returns
    -------
    DataFrame
        uCode, iCode, first_time, last_time, first, last, change, change_pct (of the absolute first value), cagr (a year; NaN unless both
        values are positive), slope (least squares, a year), n, rank_first, rank_last.

    References
    ----------
    ``get_trends``, ``CAGR`` and ``prc_change`` of COINr.
    """
    columns = [
        "uCode",
        "iCode",
        "first_time",
        "last_time",
        "first",
        "last",
        "change",
        "change_pct",
        "cagr",
        "slope",
        "n",
    ]
    columns += ["rank_first", "rank_last"]
    if not found.inputs.panel:
        return pd.DataFrame(columns=columns)
    years = decimal_times(found.units["Time"])
    rows = []
    for unit in found.scores["uCode"].unique():
        at = np.flatnonzero(found.scores["uCode"] == unit)
        at = at[np.argsort(years[at], kind="stable")]
        for code in codes or found.framework.aggregates:
            x = found.scores[code].to_numpy(float)[at]
            seen = at[~np.isnan(x)]
            if len(seen) < 2:
                continue
            one, other = found.scores[code].iat[seen[0]], found.scores[code].iat[seen[-1]]
            span = years[seen[-1]] - years[seen[0]]
            rate = (other / one) ** (1 / span) - 1 if one > 0 and other > 0 else np.nan
            share = (other - one) / abs(one) * 100 if one else np.nan
            slope = float(np.polyfit(years[seen], x[~np.isnan(x)], 1)[0])
            times = (found.scores["Time"].iat[seen[0]], found.scores["Time"].iat[seen[-1]])
            places = (found.ranks[code].iat[seen[0]], found.ranks[code].iat[seen[-1]])
            rows.append((unit, code, *times, one, other, other - one, share, rate, slope, len(seen), *places))
    return pd.DataFrame(rows, columns=columns)


def compare_many(builds: Mapping[str, Build]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare several builds of an index.

    Parameters
    ----------
    builds : mapping
        Name to build, the first the one that the others are set against.

    Returns
    -------
    ranks : DataFrame
        uCode (and Time), one column of ranks a build, spread (largest minus smallest rank), ordered by the first.
    agreement : DataFrame
        one, other, spearman, kendall, mean_shift, max_shift, same (share of units with the same rank), of every pair.
    """
    from scipy import stats

    names = list(builds)
    first = builds[names[0]]
    code = first.framework.root
    if len({found.inputs.units["Time"].nunique() > 1 for found in builds.values()}) > 1:
        raise ProblemError([Problem("index_one_time", "compare", None, "Time", ", ".join(names))])
    keys = ["uCode", "Time"] if all(found.inputs.panel for found in builds.values()) else ["uCode"]
    table = first.ranks[[*keys, code]].rename(columns={code: names[0]})
    for name in names[1:]:
        own = builds[name].ranks
        column = code if code in own else builds[name].framework.root
        table = table.merge(own[[*keys, column]].rename(columns={column: name}), on=keys, how="outer", sort=False)
    rows = []
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            both = table[[one, other]].dropna()
            if both.empty:
                raise ProblemError([Problem("index_no_common", other, None, "uCode", one)])
            varies = len(both) > 1 and both.nunique().min() > 1
            rho, tau = (
                float(call(both[one], both[other])[0]) if varies else np.nan
                for call in (stats.spearmanr, stats.kendalltau)
            )
            moved = (both[one] - both[other]).abs()
            rows.append((one, other, rho, tau, moved.mean(), moved.max(), (moved == 0).mean()))
    agreement = pd.DataFrame(rows, columns=["one", "other", "spearman", "kendall", "mean_shift", "max_shift", "same"])
    table = table.assign(spread=table[names].max(axis=1) - table[names].min(axis=1))
    return table.sort_values(names[0], kind="stable", ignore_index=True), agreement
