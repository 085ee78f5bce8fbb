"""UNESCAP's two measures: the current status index from two points, and the anticipated progress from a weighted linear regression.

Cases and their history in; both indices on a scale on which 10 is the target and 0 the base, a status and the reason for none out.
"""

import numpy as np
import pandas as pd

from nq57lab.base import periods
from nq57lab.base.messages import reason as because
from nq57lab.targets import cases as of_cases
from nq57lab.targets.methods.method import Method, Status

# Years after which an observation counts half. UNESCAP's own weights (working paper SD/WP/04, 2017) were not found; so every
# assessment is made again with equal weights and with twice the decay, and says whether its status depends on them.
TWO_PERIODS = because("two_periods")
HALF_LIFE = 5.0
OTHER_HALF_LIVES = (np.inf, 2.5)
ON_TRACK = 9.0  # a gap of at most a tenth of the required change


def current_status(base, value, target, direction):
    """Return the current status index: 10 · d · (I_t − I_0) / \\|TV − I_0\\|; NaN where the base is the target.

    Examples
    --------
    >>> float(current_status(10.0, 15.0, 20.0, 1))
    5.0
    """
    base, value, target = (np.asarray(x, dtype=float) for x in (base, value, target))
    with np.errstate(divide="ignore", invalid="ignore"):
        index = 10 * np.asarray(direction) * (value - base) / np.abs(target - base) + 0.0  # no −0
    return np.where(target == base, np.nan, index)


def extrapolate(years: np.ndarray, values: np.ndarray, year: float, half_life: float = HALF_LIFE) -> float:
    """Return the value in a year of the straight line fitted with weights 2^(−(t_n − t) / half-life); NaN with one year only.

    Examples
    --------
    >>> round(extrapolate(np.array([2020.0, 2022.0, 2024.0]), np.array([1.0, 2.0, 3.0]), 2030), 6)
    6.0
    """
    if len(np.unique(years)) < 2:
        return np.nan
    weights = np.exp2(-(years.max() - years) / half_life)
    middle, mean = np.average(years, weights=weights), np.average(values, weights=weights)
    slope = np.sum(weights * (years - middle) * (values - mean)) / np.sum(weights * (years - middle) ** 2)
    return float(mean + slope * (year - middle))


def measure(cases: pd.DataFrame, history: pd.DataFrame | None = None) -> pd.DataFrame:
    """Measure progress by UNESCAP's two indices.

    Parameters
    ----------
    cases : DataFrame
        :data:`nq57lab.targets.cases.CASES`.
    history : DataFrame, optional
        id, period, value: the series of each case.

    Returns
    -------
    DataFrame
        ``current`` and ``anticipated`` (10 is the target, 0 the base), ``status``, a key of :data:`STATUSES`, ``depends`` ("yes"
        where other weights give another status) and ``reason`` where there is none.

    Notes
    -----
    The anticipated index puts the regression's value in the target year into :func:`current_status`. Its gap to 10, in tenths, is
    UNESCAP's progress gap \\|I*_T − TV\\| / \\|TV − I_0\\|: at most 10 % on track, at most 100 % accelerate, more: reverse. It needs two
    or more dated values; the base and the current value alone are not a history.

    References
    ----------
    UNESCAP, SDG Gateway, "Progress assessment methodology"; UNECE, SDG report 2023, technical notes (gap relative to the change
    required between base and target; recent data weigh more). Thresholds of 10 and 100 per cent from memory.
    """
    base, value, target = (cases[name].to_numpy(float) for name in ("base_value", "current_value", "target"))
    direction, end = cases["direction"].to_numpy(float), cases["target_year"].to_numpy(float)
    current = current_status(base, value, target, direction)
    values = of_cases.value_reasons(cases)
    series = _series(history)
    fitted = {
        life: np.array(
            [
                np.nan if np.isnan(year) or name not in series else extrapolate(*series[name], year, life)
                for name, year in zip(cases["id"], end, strict=True)
            ]
        )
        for life in (HALF_LIFE, *OTHER_HALF_LIVES)
    }
    indices = {
        life: current_status(base, of_cases.reflected(cases, line), target, direction) for life, line in fitted.items()
    }
    anticipated = indices[HALF_LIFE]
    years = of_cases.time_reasons(cases)
    timely = of_cases.one_of(
        years, "", of_cases.NONE_SINCE_BASE, of_cases.NO_YEARS
    )  # the two years give no pace, the series does
    reason = of_cases.first_reason(
        len(cases),
        (np.isnan(target), because("no_numeric_target")),
        (base == target, because("base_is_target")),
        (timely & np.isnan(anticipated), TWO_PERIODS),
    )
    reason = np.where(values != "", values, np.where((reason == "") & ~timely, years, reason))
    met = of_cases.achieved(cases)
    statuses = {life: _graded(index) for life, index in indices.items()}
    fine = (reason == "") & ~met
    depends = fine & np.any([statuses[life] != statuses[HALF_LIFE] for life in OTHER_HALF_LIVES], axis=0)
    sound = (values == "") & ~of_cases.one_of(years, of_cases.BEFORE_BASE)
    return pd.DataFrame(
        {
            "current": np.where(sound, current, np.nan),
            "anticipated": np.where(reason == "", anticipated, np.nan),
            "status": np.select([met, fine], ["target_achieved", statuses[HALF_LIFE]], "not_available"),
            "depends": np.where(depends, "yes", ""),
            "reason": reason,
        },
        index=cases.index,
    )


def _graded(index: np.ndarray) -> np.ndarray:
    names = np.array(["on_track", "accelerate", "reverse", "not_available"], dtype=object)
    tenth = 1e-9
    return names[np.select([index >= ON_TRACK - tenth, index >= 0, index < 0], [0, 1, 2], 3)]


def _series(history: pd.DataFrame | None) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return each case's years and values."""
    if history is None or history.empty:
        return {}
    dated = history.assign(year=history["period"].map(periods.decimal_year)).dropna(subset="value")
    return {name: (rows["year"].to_numpy(float), rows["value"].to_numpy(float)) for name, rows in dated.groupby("id")}


METHOD = Method(
    key="escap",
    name="UNESCAP",
    short="UNESCAP",
    statuses={
        "target_achieved": Status("đạt mục tiêu", "on", "●"),
        "on_track": Status("duy trì tiến độ", "on", "●"),
        "accelerate": Status("phải tăng tốc", "slow", "◐"),
        "reverse": Status("phải đảo chiều", "back", "▼"),
        "not_available": Status("chưa đủ dữ liệu", "", "–"),
    },
    columns=("current", "anticipated", "status"),
    printed=("escap_anticipated", 1, "chỉ số tiến độ dự kiến, 10 là đạt mục tiêu (UNESCAP)"),
    measure=measure,
    more=("depends",),
)
