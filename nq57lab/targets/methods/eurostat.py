"""Eurostat's measure of progress, as Statistics Canada and Open SDG run it: observed against required compound growth.

A table of cases in; ratio, score, status and the reason for none out, one row a case in the same order.
"""

import numpy as np
import pandas as pd

from nq57lab.base.messages import reason as because
from nq57lab.targets import cases as of_cases
from nq57lab.targets.methods.method import Method, Status

SMALL = 0.001  # a target of zero is replaced by this


def growth(first, last, years):
    """Return the compound annual growth rate (last / first)^(1 / years) − 1; NaN across zero, from zero, or without time.

    Examples
    --------
    >>> round(float(growth(100.0, 121.0, 2.0)), 6)
    0.1
    """
    first, last, years = (np.asarray(x, dtype=float) for x in (first, last, years))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        quotient = last / first
        defined = (first != 0) & (quotient >= 0) & np.isfinite(quotient) & (years > 0)
        return np.where(defined, np.power(np.where(defined, quotient, 1.0), 1 / years) - 1, np.nan)


def limit_factor(base, limit):
    """Return C, by which the thresholds shrink near a natural limit L.

    1 − (\|y_0\| / \|L\|)^4.44 up to the limit, 1 − ((2 \|L\| − \|y_0\|) / \|L\|)^4.44 from there to twice the limit: a lower limit mirrors an upper one, and
    a base beyond its limit is as near as its mirror image. From twice the limit on, and without a limit, C is 1.

    References
    ----------
    Open SDG, "Progress Measurement Methodology", indicators without quantitative targets; sdg-build, ``ProgressMeasure``.

    Examples
    --------
    >>> limit_factor([80.0, 1.2, 105.0, 3.0], [100.0, 1.0, 100.0, 1.0]).round(4).tolist()
    [0.6287, 0.6287, 0.2037, 1.0]
    """
    base, limit = np.abs(np.asarray(base, dtype=float)), np.abs(np.asarray(limit, dtype=float))
    with np.errstate(divide="ignore", invalid="ignore"):
        near = np.where(base <= limit, base, 2 * limit - base) / limit
        factor = 1 - np.power(np.where(near > 0, near, 0.0), 4.44)
    return np.where(np.isnan(limit) | (base >= 2 * limit), 1.0, factor)


def target_score(ratio):
    """Return the score of a ratio R: 7.1429 R − 4.2857 for R ≥ 0.6, else 4.1667 R − 2.5, held in [−5, 5]."""
    ratio = np.asarray(ratio, dtype=float)
    return np.clip(np.where(ratio >= 0.6, 7.1429 * ratio - 4.2857, 4.1667 * ratio - 2.5), -5.0, 5.0)


def trend_score(growth_towards):
    """Return the score of a growth rate q (share a year) without a target, held in [−5, 5]."""
    q = np.asarray(growth_towards, dtype=float)
    rising = [2.5 + 500 * (q - 0.015), 250 * (q - 0.005), 500 * q - 2.5]
    return np.clip(np.select([q >= 0.015, q >= 0.005, q >= 0], rising, 125 * q - 2.5), -5.0, 5.0)


def graded(measure: np.ndarray, high: float, middle: float) -> np.ndarray:
    """Return the degree of progress of a measure by two thresholds and zero."""
    names = np.array(
        ["substantial_progress", "moderate_progress", "limited_progress", "deterioration", "not_available"],
        dtype=object,
    )
    rules = [measure >= high, measure >= middle, measure >= 0, measure < 0]
    return names[np.select(rules, [0, 1, 2, 3], 4)]


def missed(cases: pd.DataFrame) -> np.ndarray:
    """Tell which cases have a usable value of their milestone or a later time that does not meet the target."""
    values = of_cases.value_reasons(cases)
    known = of_cases.one_of(values, "", of_cases.NO_BASE, of_cases.TWO_DEFINITIONS)
    start, now, end = (cases[name].to_numpy(float) for name in ("base_year", "current_year", "target_year"))
    return known & (end <= now) & ~(end <= start) & cases["target"].notna().to_numpy() & ~of_cases.met(cases)


def measure(cases: pd.DataFrame, history: pd.DataFrame | None = None) -> pd.DataFrame:
    """Measure progress by Eurostat's method.

    Parameters
    ----------
    cases : DataFrame
        :data:`nq57lab.targets.cases.CASES`.

    Returns
    -------
    DataFrame
        ``ratio``: with a target R = d · CAGRo / \\|CAGRr\\|, without one the growth in the wished direction P = d · CAGRo (share a
        year); ``score`` in [−5, 5]; ``status``, a key of :data:`STATUSES`; ``reason`` where there is none. A target that is met
        scores 5, whatever its ratio (NaN where it has none).

    Notes
    -----
    CAGRo = (y_t / y_0)^(1 / (t − t_0)) − 1, CAGRr = (y_T / y_0)^(1 / (T − t_0)) − 1; a target of 0 is read as 0.001; where every
    value is negative, growth of the quotient is a fall, so the direction is turned. R ≥ 0.95 substantial, ≥ 0.60 moderate, ≥ 0
    limited, else deterioration. Without a target P is divided by C (:func:`limit_factor`) where it is positive: q ≥ 1.5 % substantial,
    ≥ 0.5 % moderate, ≥ 0 limited; score and status use q, ratio is P. A current value of 0 is a growth of −100 % a year (CAGR −1). Missing values,
    no time passed, values that do not share one sign and a base of zero give the reason and no number; ranks too, for growth of a position says
    nothing. A base equal to the target has no ratio; a value that is worse now is a deterioration (score −5). A target whose year has
    come unmet is a verdict of its own, deadline_missed.

    References
    ----------
    Eurostat, Sustainable development in the European Union, annex "Methodology"; Open SDG, "Progress Measurement Methodology",
    score figures 1 and 2 (thresholds 130 % and −60 %; 2 % and −2 %).

    Examples
    --------
    >>> one = {"id": "a", "base_year": 2020, "base_value": 10, "current_year": 2025, "current_value": 15, "target_year": 2030}
    >>> measure(of_cases.complete(pd.DataFrame([one | {"target": 20, "direction": 1}])))["status"].item()
    'substantial_progress'
    """
    base, value, target = (cases[name].to_numpy(float) for name in ("base_value", "current_value", "target"))
    start, now, end = (cases[name].to_numpy(float) for name in ("base_year", "current_year", "target_year"))
    direction, aimed = cases["direction"].to_numpy(float), ~np.isnan(target)
    aim = np.where(target == 0, SMALL, target)
    sign = np.where(base < 0, -direction, direction)
    observed = growth(base, value, now - start)
    required = growth(base, aim, end - start)
    apart = (base == 0) | np.isnan(observed) | (aimed & ~(np.sign(aim) == np.sign(base))) | (aimed & np.isnan(required))
    reason = of_cases.reasons(cases)
    more = of_cases.first_reason(
        len(cases),
        (of_cases.is_rank(cases), because("rank_direct")),
        (of_cases.crossed(cases), because("band_crossed")),
        (apart, because("pace_undefined")),
        (aimed & (required == 0), because("base_is_target")),
    )
    worse = of_cases.fallen(cases)
    late = missed(cases)
    reason = np.where(reason != "", reason, more)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(aimed, sign * observed / np.abs(required), sign * observed)
    ratio = np.where(reason == "", ratio, np.nan)
    factor = limit_factor(base, cases["limit"].to_numpy(float))
    with np.errstate(divide="ignore", invalid="ignore"):
        near = np.where(ratio > 0, ratio / factor, ratio)
    near = np.where((factor == 0) & (ratio >= 0), np.inf, near)
    status = np.where(aimed, graded(ratio, 0.95, 0.6), graded(near, 0.015, 0.005))
    score = np.where(aimed, target_score(ratio), trend_score(near))
    status = np.where(worse, "deterioration", np.where(late, "deadline_missed", status))
    met = of_cases.achieved(cases)
    return pd.DataFrame(
        {
            "ratio": ratio,
            "score": np.where(met, 5.0, np.where(worse, -5.0, score)),
            "status": np.where(met, "target_achieved", status),
            "reason": np.where(met & ~np.isnan(ratio), "", reason),
        },
        index=cases.index,
    )


METHOD = Method(
    key="eurostat",
    name="Eurostat",
    short="Eurostat",
    statuses={
        "target_achieved": Status("đạt mục tiêu", "on", "●"),
        "substantial_progress": Status("đạt tiến độ", "on", "●"),
        "moderate_progress": Status("gần đạt tiến độ", "slow", "◐"),
        "limited_progress": Status("chậm", "slow", "○"),
        "deterioration": Status("thụt lùi", "back", "▼"),
        "deadline_missed": Status("quá hạn, không đạt", "missed", "✕"),
        "not_available": Status("chưa đủ dữ liệu", "", "–"),
    },
    columns=("ratio", "score", "status"),
    printed=("eurostat_ratio", 2, "tốc độ quan sát ÷ tốc độ cần có (Eurostat)"),
    measure=measure,
)
