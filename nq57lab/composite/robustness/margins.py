"""What would it take: the smallest change of weights, or of one indicator, that brings a unit above another or into the top k; robust pairs.

A finished build in, tidy tables out. Weights are those of one level as shares of the whole index; every rule above that level must be the
weighted arithmetic mean, so that a score is a sum over shares and the smallest change is a linear programme with an exact answer.
"""

from typing import Any

import numpy as np
import pandas as pd

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.composite.laboratory import pipeline
from nq57lab.composite.laboratory.aggregate import aggregate, rule_of
from nq57lab.composite.laboratory.parts.fields import reason
from nq57lab.composite.laboratory.pipeline import Build
from nq57lab.composite.laboratory.weight import effective_weights

RANGE = 0.25  # of a weight: COINr's usual noise, against which a change is called within or beyond it
DRAWS = 4000
# Rules that score a unit without looking at others, and rise with it.
ALONE = ("arithmetic", "geometric", "harmonic", "power", "median")


def shares(found: Build, level: int | None = None) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return the elements of a level, their shares of the index (k,), and the units' scores on them (n, k).

    Parameters
    ----------
    found : Build
        An index of one time.
    level : int, optional
        Default: the level below the index.

    Raises
    ------
    ProblemError
        If a rule above the level is not the arithmetic mean, a branch has no element of the level, or the index is a panel.
    """
    frame = found.framework
    rules = pipeline.rules_of(found.steps)
    level = level or max(frame.levels[code] for code in frame.children(frame.root))
    codes = frame.of_levels([level])
    above = [code for code in frame.aggregates if frame.levels[code] > level]
    wrong = [code for code in above if rule_of(rules, frame, code).method != "arithmetic"]
    part = sum(effective_weights(frame)[code] for code in codes)
    if wrong or abs(part - 1) > 1e-9 or not codes:
        shown = ", ".join(f"{code}: {rule_of(rules, frame, code).method}" for code in wrong) or str(level)
        raise ProblemError([Problem("index_not_linear", "margins", None, "level", shown, {"level": level})])
    if found.scores["uCode"].duplicated().any():
        raise ProblemError([Problem("index_one_time", "margins", None, "Time", "")])
    weight = np.array([effective_weights(frame)[code] for code in codes])
    return codes, weight, found.scores[codes].to_numpy(float)


def robust_pairs(found: Build, level: int | None = None, spread: float = RANGE) -> pd.DataFrame:
    """Return which pairs keep their order for all weights in a range.

    Parameters
    ----------
    level : int, optional
        The level whose weights vary; default the one below the index.
    spread : float
        Each weight moves freely between w (1 − spread) and w (1 + spread).

    Returns
    -------
    DataFrame
        above, below (uCode, in the order of the index), gap (points), margin (the largest range in which the order still holds for all
        weights; ≥ 1 for every weight there is), robust (margin > spread). Units that miss a part are left out.

    Notes
    -----
    With d the difference of two units on each element, Σ w' d is least where every w' is at the end that hurts: Σ w d − spread Σ w |d|.
    So the order holds for all weights in the range if Σ w d / Σ w |d| > spread. Exact: no draws.

    Examples
    --------
    See :func:`rank_bounds`.
    """
    _, weight, scores = shares(found, level)
    known = np.flatnonzero(~np.isnan(scores).any(axis=1))
    order = known[np.argsort(-(scores[known] @ weight), kind="stable")]
    rows = []
    units = found.scores["uCode"].to_numpy()
    for place, one in enumerate(order):
        rest = order[place + 1 :]
        apart = scores[one] - scores[rest]
        gap, size = apart @ weight, np.abs(apart) @ weight
        margin = np.divide(gap, size, out=np.zeros(len(rest)), where=size > 1e-12)
        rows.append(pd.DataFrame({"above": units[one], "below": units[rest], "gap": gap, "margin": margin}))
    table = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=["above", "below", "gap", "margin"])
    return table.assign(robust=table["margin"] > spread + 1e-12)


def rank_bounds(found: Build, level: int | None = None, spread: float = RANGE) -> pd.DataFrame:
    """Return between which ranks each unit stays for all weights in a range.

    Returns
    -------
    DataFrame
        uCode, rank, surely_above and surely_below (how many units it beats, or loses to, whatever the weights in the range), best and
        worst (bounds of its rank: 1 + surely_below, n − surely_above); the first unit first.
    """
    pairs = robust_pairs(found, level, spread)
    sure = pairs[pairs["robust"]]
    root = found.framework.root
    table = pd.DataFrame({"uCode": found.scores["uCode"], "rank": found.ranks[root]})
    table = table[table["uCode"].isin({*pairs["above"], *pairs["below"]})]
    for name, side in (("surely_above", "above"), ("surely_below", "below")):
        table[name] = table["uCode"].map(sure[side].value_counts()).fillna(0).astype(int)
    table["best"] = 1 + table["surely_below"]
    table["worst"] = len(table) - table["surely_above"]
    return table.sort_values("rank", kind="stable", ignore_index=True)


def weights_for(
    found: Build, unit: str, *, above: str = "", top: int = 0, level: int | None = None, seed: int = 0
) -> pd.DataFrame:
    """Return the smallest change of weights that brings a unit above another, or into the top k.

    Parameters
    ----------
    above : str
        The unit that it shall reach; or
    top : int
        the k of the top k that it shall enter.
    level : int, optional
        The level whose weights change; default the one below the index.

    Returns
    -------
    DataFrame
        code, weight, needed (shares of the index, each sums to 1), change, relative (needed / weight − 1). Its ``attrs`` hold moved (the
        share of the whole weight that has to move), largest (largest relative change), within (whether this is at most
        :data:`RANGE`), probability (in how many of :data:`DRAWS` draws with each weight ± 25% the unit reaches it), reason ("" where there
        is an answer; otherwise ``needed`` is NaN).

    Raises
    ------
    ProblemError
        If a unit is not there or misses a part, or neither or both of ``above`` and ``top`` are given.

    Notes
    -----
    Minimises ½ Σ |w' − w| subject to w' ≥ 0, Σ w' = 1, and the unit's score at least that of the other; for the top k a mixed integer
    programme that chooses which k − 1 units may stay above. Both are solved to optimality by HiGHS. A score that is reached counts as
    above: ties share the better rank.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    codes, weight, scores = shares(found, level)
    known = ~np.isnan(scores).any(axis=1)
    units = found.scores["uCode"].tolist()
    own = _row(units, unit, known)
    others = _rivals(units, own, above, top, known)
    apart = scores[own] - scores[others]
    k, m = len(codes), len(others)
    allowed = 0 if above else top - 1
    # Variables: k weights, k absolute changes, m switches (whether a unit may stay above).
    cost = np.concatenate([np.zeros(k), np.full(k, 0.5), np.zeros(m)])
    eye, none = np.eye(k), np.zeros((k, m))
    big = np.abs(apart).max(axis=1) + 1.0
    limits = [
        LinearConstraint(np.hstack([eye, -eye, none]), -np.inf, weight),
        LinearConstraint(np.hstack([-eye, -eye, none]), -np.inf, -weight),
        LinearConstraint(np.concatenate([np.ones(k), np.zeros(k + m)])[None], 1.0, 1.0),
        LinearConstraint(np.hstack([apart, np.zeros((m, k)), np.diag(big)]), 0.0, np.inf),
        LinearConstraint(np.concatenate([np.zeros(2 * k), np.ones(m)])[None], 0.0, float(allowed)),
    ]
    high = np.concatenate([np.ones(k), np.full(k, 2.0), np.full(m, 1.0 if allowed else 0.0)])
    kind = np.concatenate([np.zeros(2 * k), np.ones(m)])
    solved = milp(cost, constraints=limits, bounds=Bounds(np.zeros(len(cost)), high), integrality=kind)
    table = pd.DataFrame({"code": codes, "weight": weight})
    attrs: dict[str, Any] = {"moved": np.nan, "largest": np.nan, "within": False, "reason": ""}
    if solved.x is None:
        table = table.assign(needed=np.nan, change=np.nan, relative=np.nan)
        attrs["reason"] = reason("index_no_weights")
    else:
        needed = np.clip(solved.x[:k], 0.0, 1.0)
        relative = np.divide(needed, weight, out=np.ones(k), where=weight > 0) - 1
        table = table.assign(needed=needed, change=needed - weight, relative=relative)
        largest = float(np.abs(relative).max())
        attrs |= {"moved": float(solved.fun), "largest": largest, "within": largest <= RANGE + 1e-9}
    draws = weight * (1 + RANGE * (2 * np.random.default_rng(seed).random((DRAWS, k)) - 1))
    ahead = (draws @ apart.T >= -1e-12).sum(axis=1)
    attrs["probability"] = float((ahead >= m - allowed).mean())
    table.attrs = attrs
    return table


def indicator_for(found: Build, unit: str, *, above: str = "", top: int = 0) -> pd.DataFrame:
    """Return by how much each single indicator of a unit would have to rise to bring it above another, or into the top k.

    Parameters
    ----------
    found, unit, above, top
        As of :func:`weights_for`.

    Returns
    -------
    DataFrame
        code, score (normalised), needed, change, value and value_needed (before the normalisation, where it is affine; NaN otherwise),
        units_there (share of the other units that have this score already: its plausibility), reason (why it does not suffice); the
        smallest change, as a share of the indicator's spread between units, first.

    Raises
    ------
    ProblemError
        If a rule of the tree looks at other units (Copeland, TOPSIS, benefit of the doubt) or need not rise with an indicator.

    Notes
    -----
    All else stands: the other indicators, units, weights, and the ends of the normalisation. The score needed is found by bisection to 1e-9
    of the spread, up to the best score that any unit has; one beyond what anybody has reached is not called possible.
    """
    frame, rules = found.framework, pipeline.rules_of(found.steps)
    wrong = [code for code in frame.aggregates if rule_of(rules, frame, code).method not in ALONE]
    if wrong:
        shown = ", ".join(f"{code}: {rule_of(rules, frame, code).method}" for code in wrong)
        raise ProblemError(
            [Problem("index_not_alone", "margins", None, "method", shown, {"allowed": ", ".join(ALONE)})]
        )
    if found.scores["uCode"].duplicated().any():
        raise ProblemError([Problem("index_one_time", "margins", None, "Time", "")])
    index = found.scores[frame.root].to_numpy(float)
    units, known = found.scores["uCode"].tolist(), ~np.isnan(index)
    own = _row(units, unit, known)
    others = _rivals(units, own, above, top, known)
    goal = float(np.sort(index[others])[::-1][0 if above else min(top, len(others)) - 1])
    if not above and top > len(others):
        goal = -np.inf
    start, best = found.values[own], np.nanmax(found.values, axis=0)

    def reached(candidates: np.ndarray) -> np.ndarray:
        """Return the index where one indicator each has a candidate's score."""
        table = np.tile(start, (len(candidates), 1))
        np.fill_diagonal(table, candidates)
        return np.asarray(aggregate(frame, table, frame.weights, rules)[frame.root])

    low, high = np.where(np.isnan(start), best, start), best.copy()
    noise = 1e-12 * max(1.0, abs(goal)) if np.isfinite(goal) else 0.0
    enough, already = reached(high) >= goal - noise, index[own] >= goal - noise
    for _ in range(60):
        middle = (low + high) / 2
        there = reached(middle) >= goal - noise
        low, high = np.where(there, low, middle), np.where(there, middle, high)
    needed = start if already else np.where(enough & ~np.isnan(start), high, np.nan)
    before = _before(found)
    rows = []
    for place, code in enumerate(frame.indicators):
        scale = _affine(before[:, place], found.values[:, place])
        value, wanted = before[own, place], np.nan
        if scale is not None and not np.isnan(needed[place]):
            wanted = scale[0] + scale[1] * needed[place]
        rest = np.delete(found.values[:, place], own)
        others_there = float((rest >= needed[place] - 1e-9).mean()) if not np.isnan(needed[place]) else np.nan
        why = "" if enough[place] or already else reason("index_best_too_low")
        why = reason("index_no_value") if np.isnan(start[place]) else why
        spread = float(np.nanmax(found.values[:, place]) - np.nanmin(found.values[:, place])) or 1.0
        change = needed[place] - start[place]
        rows.append((code, start[place], needed[place], change, value, wanted, others_there, why, change / spread))
    names = ["code", "score", "needed", "change", "value", "value_needed", "units_there", "reason", "order"]
    table = pd.DataFrame(rows, columns=names)
    return table.sort_values("order", kind="stable", ignore_index=True).drop(columns="order")


def _row(units: list[str], unit: str, known: np.ndarray) -> int:
    if unit not in units:
        raise ProblemError([Problem("values", "unit", found=unit, details={"allowed": ", ".join(units[:8]) + "…"})])
    place = units.index(unit)
    if not known[place]:
        raise ProblemError([Problem("index_unit_partial", "margins", None, "unit", unit, {"unit": unit})])
    return place


def _rivals(units: list[str], own: int, above: str, top: int, known: np.ndarray) -> np.ndarray:
    if bool(above) == bool(top) or top < 0:
        raise ProblemError([Problem("index_above_or_top", "margins", None, "above, top", f"{above}, {top}")])
    if above == units[own]:
        raise ProblemError([Problem("index_itself", "margins", None, "above", above, {"unit": units[own]})])
    if above:
        return np.array([_row(units, above, known)])
    rest = np.flatnonzero(known & (np.arange(len(units)) != own))
    if not len(rest):
        raise ProblemError([Problem("index_one_unit", "margins", None, "top", "1")])
    return rest


def _before(found: Build) -> np.ndarray:
    """Return the values before the normalisation, of the units kept."""
    codes = list(found.framework.indicators)
    names = [name for name, _ in found.stages]
    place = names.index("normalise") if "normalise" in names else len(names)
    if place:
        table = found.stages[place - 1][1]
        if len(table) == len(found.scores):
            return table[codes].to_numpy(float)
    key = found.inputs.units["uCode"].tolist()
    return found.inputs.values[[key.index(unit) for unit in found.scores["uCode"]]]


def _affine(x: np.ndarray, y: np.ndarray) -> tuple[float, float] | None:
    """Return x = a + b y where the normalisation is that everywhere, None where it is not."""
    good = ~(np.isnan(x) | np.isnan(y))
    if good.sum() < 2 or np.ptp(y[good]) == 0:
        return None
    b, a = np.polyfit(y[good], x[good], 1)
    affine = np.allclose(a + b * y[good], x[good], rtol=1e-8, atol=1e-8 * np.ptp(x[good]))
    return (float(a), float(b)) if affine else None
