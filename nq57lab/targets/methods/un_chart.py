"""The United Nations' SDG progress chart: extrapolate the observed growth to the target year, and take the share of the required change.

A table of cases in; share, status and the reason for none out, one row a case in the same order.
"""

import numpy as np
import pandas as pd

from nq57lab.base.messages import reason as because
from nq57lab.targets import cases as of_cases
from nq57lab.targets.methods.eurostat import growth
from nq57lab.targets.methods.method import Method, Status


def expected(base, base_year, value, year, target_year):
    """Return E = y_t (1 + CAGR)^(T − t), what the observed growth, kept up, brings by the target year; NaN where it is not defined.

    Examples
    --------
    >>> round(float(expected(100.0, 2020, 121.0, 2022, 2023)), 6)
    133.1
    """
    rate = growth(base, value, np.asarray(year, dtype=float) - base_year)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.asarray(value, dtype=float) * np.power(1 + rate, np.asarray(target_year, dtype=float) - year)


def measure(cases: pd.DataFrame, history: pd.DataFrame | None = None) -> pd.DataFrame:
    """Measure progress as the UN progress chart does.

    Returns
    -------
    DataFrame
        ``share`` of the required change by the target year, d · (E − y_0) / \\|y_T − y_0\\| with E of :func:`expected` (NaN without a target),
        ``status``, a key of :data:`STATUSES`, and ``reason`` where there is no share.

    Notes
    -----
    Share ≥ 0.95 on track, ≥ 0.10 fair progress, less: stagnation or regression. Without a target the growth rate in the wished
    direction decides: ≥ 2 % on track, ≥ 0.5 % fair. A value that meets the target is achieved, whatever its trend; one that has left it since a base on it is regression. Ranks have no
    growth rate; missing values, a base of zero and a change of sign give the reason.

    References
    ----------
    UN Statistics Division, SDG Progress Chart 2023, Technical Note (as restated by Eustat, "Metodología": formulas and thresholds).
    """
    base, value, target = (cases[name].to_numpy(float) for name in ("base_value", "current_value", "target"))
    start, now, end = (cases[name].to_numpy(float) for name in ("base_year", "current_year", "target_year"))
    direction, aimed = cases["direction"].to_numpy(float), ~np.isnan(target)
    rate = growth(base, value, now - start)
    reason = of_cases.reasons(cases)
    more = of_cases.first_reason(
        len(cases),
        (of_cases.is_rank(cases), because("rank_direct")),
        (of_cases.crossed(cases), because("band_crossed")),
        (np.isnan(rate) | (base == 0), because("pace_undefined")),
        (aimed & (base == target), because("base_is_target")),
    )
    reason = np.where(reason != "", reason, more)
    fine = reason == ""
    line = of_cases.reflected(cases, expected(base, start, value, now, end))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = np.where(fine & aimed, direction * (line - base) / np.abs(target - base), np.nan)
    free_of_target = of_cases.first_reason(len(cases), (~aimed, because("no_numeric_target")))
    reason = np.where(fine, free_of_target, reason)
    trend = np.where(fine & ~aimed, np.where(base < 0, -direction, direction) * rate, np.nan)
    names = np.array(["on_track", "fair_progress", "stagnation_or_regression", "not_available"], dtype=object)
    fallen = of_cases.fallen(cases)
    graded = np.select([share >= 0.95, share >= 0.10, (share < 0.10) | fallen], [0, 1, 2], 3)
    free = np.select([trend >= 0.02, trend >= 0.005, trend < 0.005], [0, 1, 2], 3)
    met = of_cases.achieved(cases)
    return pd.DataFrame(
        {
            "share": share,
            "status": np.where(met, "target_achieved", names[np.where(aimed, graded, free)]),
            "reason": np.where(met & ~np.isnan(share), "", reason),
        },
        index=cases.index,
    )


METHOD = Method(
    key="un",
    name="Biểu đồ tiến độ của Liên hợp quốc",
    short="Liên hợp quốc",
    statuses={
        "target_achieved": Status("đạt mục tiêu", "on", "●"),
        "on_track": Status("đúng hướng, kịp mốc", "on", "●"),
        "fair_progress": Status("có tiến bộ, cần nhanh hơn", "slow", "◐"),
        "stagnation_or_regression": Status("đứng yên hoặc thụt lùi", "back", "▼"),
        "not_available": Status("chưa đủ dữ liệu", "", "–"),
    },
    columns=("share", "status"),
    printed=("un_share", 2, "phần của mức thay đổi cần thiết, ngoại suy đến mốc (Liên hợp quốc)"),
    measure=measure,
)
