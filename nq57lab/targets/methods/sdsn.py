"""SDSN's trend arrows: the observed linear change a year against the linear change that the target requires from the base on.

A table of cases in; ratio, status and the reason for none out, one row a case in the same order.
"""

import numpy as np
import pandas as pd

from nq57lab.base.messages import reason as because
from nq57lab.targets import cases as of_cases
from nq57lab.targets.methods.method import Method, Status

EXACT = 1e-9  # what two floating-point slopes of one line may differ by


def linear_ratio(base, base_year, value, year, target, target_year, direction):
    """Return the observed change a year over the required one, in the wished direction; NaN where no change is required.

    Examples
    --------
    >>> round(float(linear_ratio(10, 2020, 15, 2025, 20, 2030, 1)), 6)
    1.0
    """
    base, value, target = (np.asarray(x, dtype=float) for x in (base, value, target))
    with np.errstate(divide="ignore", invalid="ignore"):
        actual = (value - base) / (np.asarray(year, dtype=float) - base_year)
        required = (target - base) / (np.asarray(target_year, dtype=float) - base_year)
        return np.where(required == 0, np.nan, np.asarray(direction) * actual / np.abs(required))


def measure(cases: pd.DataFrame, history: pd.DataFrame | None = None) -> pd.DataFrame:
    """Measure progress by SDSN's arrows.

    Returns
    -------
    DataFrame
        ``ratio`` of the observed to the required linear change a year, ``status``, a key of :data:`STATUSES`, and ``reason`` where
        there is none.

    Notes
    -----
    Ratio ≥ 1 on track, ≥ 0.5 moderately improving, ≥ 0 stagnating, else decreasing; a value that meets the target maintains it.
    SDSN compares the change over the most recent years with what is needed from the base to 2030 in rescaled units; the quotient is
    the same in the indicator's own units. Needs a target; ranks are allowed (places a year).

    References
    ----------
    SDSN, Africa SDG Index and Dashboards, questions on trends (linear growth needed against the recent average; movement beyond
    achievement does not count). The bounds of 100, 50 and 0 per cent are stated from memory of the Sustainable Development Report.
    """
    target = cases["target"].to_numpy(float)
    base, value, start, now, end = (
        cases[name].to_numpy(float)
        for name in ("base_value", "current_value", "base_year", "current_year", "target_year")
    )
    reason = of_cases.reasons(cases)
    more = of_cases.first_reason(
        len(cases),
        (np.isnan(target), because("no_numeric_target")),
        (base == target, because("base_is_target")),
    )
    reason = np.where(reason != "", reason, more)
    ratio = linear_ratio(base, start, value, now, target, end, cases["direction"].to_numpy(float))
    ratio = np.where(reason == "", ratio, np.nan)
    names = np.array(["on_track", "moderately_improving", "stagnating", "decreasing", "not_available"], dtype=object)
    worse = (ratio < 0) | of_cases.fallen(cases)
    place = np.select([ratio >= 1 - EXACT, ratio >= 0.5 - EXACT, ratio >= 0, worse], [0, 1, 2, 3], 4)
    met = of_cases.achieved(cases)
    return pd.DataFrame(
        {
            "ratio": ratio,
            "status": np.where(met, "target_achieved", names[place]),
            "reason": np.where(met & ~np.isnan(ratio), "", reason),
        },
        index=cases.index,
    )


METHOD = Method(
    key="sdsn",
    name="SDSN",
    short="SDSN",
    statuses={
        "target_achieved": Status("giữ được mục tiêu", "on", "●"),
        "on_track": Status("↑ đúng tiến độ", "on", "●"),
        "moderately_improving": Status("↗ cải thiện vừa phải", "slow", "◐"),
        "stagnating": Status("→ chững lại", "slow", "○"),
        "decreasing": Status("↓ thụt lùi", "back", "▼"),
        "not_available": Status("chưa đủ dữ liệu", "", "–"),
    },
    columns=("ratio", "status"),
    printed=("sdsn_ratio", 2, "mức tăng bình quân ÷ mức tăng cần có (SDSN)"),
    measure=measure,
)
