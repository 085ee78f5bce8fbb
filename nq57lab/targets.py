"""Targets: the gap, the change a year that is still required, and a provisional verdict by Eurostat's method.

Catalogue targets and as-of observations in, one row for each target of a milestone out. Quantities that were defined
differently are never compared: a target is evaluated only on figures of its own indicator.
"""

import math
from dataclasses import dataclass
from datetime import date

import pandas as pd

from nq57lab import formulas, periods
from nq57lab.catalogue import Catalogue
from nq57lab.observations import Lookup

BASE_YEAR = 2024  # the Resolution was issued on 22/12/2024: the last full year before it is the base
VERDICTS = {
    "target_achieved": "đạt mục tiêu",
    "substantial_progress": "đạt tiến độ",
    "moderate_progress": "gần đạt tiến độ",
    "limited_progress": "chậm",
    "deterioration": "thụt lùi",
    "not_available": "chưa đủ dữ liệu",
}
COLUMNS = [
    *("id", "indicator", "comparator", "target", "target_high", "unit", "stated_vi", "source"),
    *(
        "value",
        "period",
        "status",
        "baseline",
        "baseline_period",
        "gap",
        "required",
        "ratio",
        "score",
        "verdict",
        "reason",
    ),
    *("row", "baseline_row"),
]


@dataclass(frozen=True)
class Progress:
    """Eurostat's measure: actual over required growth, its score in [−5, 5], the verdict, or the reason for none."""

    ratio: float = math.nan
    score: float = math.nan
    verdict: str = "not_available"
    reason: str = ""


def reached(value: float, target: float, direction: int, strict: bool = False) -> bool:
    """Tell whether a value meets a target: above it for direction +1, below it for −1; on it unless strict."""
    difference = direction * (value - target)
    return difference > 0 if strict else difference >= 0


def eurostat(
    base: float,
    base_year: float,
    value: float,
    year: float,
    target: float,
    target_year: float,
    direction: int,
    strict: bool = False,
) -> Progress:
    """Measure progress towards a target by Eurostat's method.

    Parameters
    ----------
    base, value, target : float
        The indicator in the base year, now, and its target; one unit.
    base_year, year, target_year : float
        Years (a half-year figure may carry decimals).
    direction : int
        +1 if higher is better, −1 if lower is better.
    strict : bool
        Whether the target itself is not enough ("more than").

    Returns
    -------
    Progress
        ratio R = d · CAGR observed / \\|CAGR required\\|; score 7.1429 R − 4.2857 for R ≥ 0.6, else 4.1667 R − 2.5, held in
        [−5, 5]; verdict from R: ≥ 0.95 substantial, ≥ 0.60 moderate, ≥ 0 limited, else deterioration. A reached target
        scores 5, whatever its ratio (NaN where it has none).

    Notes
    -----
    CAGRo = (y_t / y_0)^(1 / (t − t_0)) − 1, CAGRr = (y_T / y_0)^(1 / (T − t_0)) − 1; a target of 0 is read as 0.001. The
    measure is not defined when a value or the target is missing or no time has passed; nor, short of the target, when the
    values do not share one sign or the base is the target. Then the reason says so.

    References
    ----------
    Eurostat, Sustainable development in the European Union, annex "Methodology"; as run by Statistics Canada's SDG data hub.

    Examples
    --------
    >>> eurostat(10, 2020, 15, 2025, 20, 2030, 1).verdict
    'substantial_progress'
    """
    if math.isnan(base) or math.isnan(value):
        return Progress(reason="chưa có số liệu")
    if math.isnan(target):
        return Progress(reason="mục tiêu không có số")
    if year <= base_year:
        return Progress(reason="chưa có kỳ nào sau năm gốc")
    ratio, reason = _ratio(base, value, year - base_year, target or 0.001, target_year - base_year, direction)
    if reached(value, target, direction, strict):
        return Progress(ratio, 5.0, "target_achieved")
    if reason:
        return Progress(reason=reason)
    score = min(5.0, max(-5.0, 7.1429 * ratio - 4.2857 if ratio >= 0.6 else 4.1667 * ratio - 2.5))
    for verdict, bound in (("substantial_progress", 0.95), ("moderate_progress", 0.6), ("limited_progress", 0.0)):
        if ratio >= bound:
            return Progress(ratio, score, verdict)
    return Progress(ratio, score, "deterioration")


def _ratio(base: float, value: float, past: float, target: float, whole: float, direction: int) -> tuple[float, str]:
    """Return actual over required growth, or NaN and the reason why there is none."""
    if base == 0 or value / base <= 0 or target / base <= 0:
        return math.nan, "tốc độ bình quân không xác định khi giá trị bằng không hoặc đổi dấu"
    if whole <= 0:
        return math.nan, "mốc của mục tiêu không sau năm gốc"
    observed, required = (value / base) ** (1 / past) - 1, (target / base) ** (1 / whole) - 1
    if required == 0:
        return math.nan, "giá trị gốc đã bằng mục tiêu"
    return direction * observed / abs(required), ""


def required_annual_change(value: float, year: float, target: float, target_year: float) -> float:
    """Return the straight-line change a year that would meet the target: (y_T − y_t) / (T − t), in units a year."""
    return (target - value) / (target_year - year) if target_year > year else math.nan


def evaluate(
    catalogue: Catalogue, table: pd.DataFrame, milestone: str = "2030", known: date | None = None
) -> pd.DataFrame:
    """Set every target of a milestone against the newest figure of its own indicator.

    Parameters
    ----------
    catalogue : Catalogue
        Targets and indicators (direction, formula).
    table : DataFrame
        As-of observations of the nation.
    milestone : str
        2025, 2030 or 2045.
    known : date, optional
        The edition's date, after which everything is a projection (default: the table's newest vintage).

    Returns
    -------
    DataFrame
        :data:`COLUMNS`, in the order of targets.csv; gap and required are NaN and the reason says why where the target
        is not a number or nothing comparable was observed.

    Notes
    -----
    A present value is neither an average over several years nor a projection (:func:`present`). The base is the newest
    period that ended by the last day of 2024, the last year before the Resolution took effect. Ranks are compared
    directly (position − n), without a rate. The rule "within n" is reached when the rank is n or less. A range is met from
    its lower end up where higher is better, from its upper end down where lower is better, and only inside it where neither
    is. A target that is met is achieved even where no base gives a rate.
    """
    total = table[(table["area"] == "VN") & (table["item"] == "") & (table["dims"] == "")]
    lookup = Lookup(present(total, pd.Timestamp(known) if known else table["vintage_end"].max()))
    observed = set(total["subject"])
    direction = dict(zip(catalogue.indicators["code"], catalogue.indicators["direction"], strict=True))
    results = []
    for target in catalogue.targets[catalogue.targets["milestone"] == milestone].itertuples():
        subject = target.indicator
        rows = lookup.rows(formulas.Reference(subject))
        result = _evaluate_one(target, rows, int(direction.get(subject, 1)), int(milestone))
        if rows.empty and subject in observed and target.comparator != "qualitative":
            result["reason"] = "chỉ có số bình quân nhiều năm hoặc số dự kiến"
        results.append(result)
    return pd.DataFrame(results, columns=COLUMNS)


def present(rows: pd.DataFrame, known: pd.Timestamp) -> pd.DataFrame:
    """Keep the rows that are values of their period on a date.

    Dropped are averages and sums over more than a year (what is cumulative since a start may span years), periods that
    begin after the date, and estimates of periods that end after it.

    Parameters
    ----------
    rows : DataFrame
        As-of observations.
    known : Timestamp
        The date.
    """
    starts = pd.to_datetime(rows["period"].map({text: periods.bounds(text)[0] for text in set(rows["period"])}))
    years_long = (rows["period_end"] - starts >= pd.Timedelta(days=366)) & (rows["measure"] != "cumulative")
    projected = (starts > known) | ((rows["period_end"] > known) & (rows["status"] == "estimate"))
    return rows[~(years_long | projected)]


def _newest(rows: pd.DataFrame) -> pd.Series:
    """Return the newest row of a plain period, or of an interval where there is no other."""
    plain = rows[~rows["period"].str.contains("/")]
    return (rows if plain.empty else plain).iloc[-1]


def _aim(target, direction: int, value: float) -> tuple[float, int]:
    """Return the number that a value is measured against, and on which side of it the target is met."""
    if target.comparator in (">", ">="):
        return target.value, 1
    if target.comparator in ("<", "<="):
        return target.value, -1
    if target.comparator != "between":
        return target.value, direction or 1
    below = direction > 0 or (direction == 0 and value < target.value_high)
    return (target.value, 1) if below else (target.value_high, -1)


def _evaluate_one(target, rows: pd.DataFrame, direction: int, year: int) -> dict:
    result = dict.fromkeys(COLUMNS, "") | {
        **{name: getattr(target, name) for name in ("id", "indicator", "comparator", "unit", "stated_vi", "source")},
        **{"target": target.value, "target_high": target.value_high},
        **dict.fromkeys(("value", "baseline", "gap", "required", "ratio", "score"), math.nan),
        **{"verdict": "not_available"},
    }
    if target.comparator == "qualitative":
        return result | {"reason": "mục tiêu định tính"}
    if rows.empty:
        return result | {"reason": "chưa có số liệu cùng định nghĩa"}
    newest = _newest(rows)
    value, now = float(newest["value"]), periods.decimal_year(newest["period"])
    result |= {"value": value, "period": newest["period"], "status": newest["status"], "row": newest["id"]}
    if newest["unit"] != target.unit:
        return result | {"reason": f"số liệu tính bằng {newest['unit']}, mục tiêu tính bằng {target.unit}"}
    if target.comparator in ("growth_between", "increment_since", "regional_top_n"):
        return result | {"reason": "cần quy tắc riêng cho loại mục tiêu này"}
    if math.isnan(target.value):
        return result | {"reason": "mục tiêu không có số"}
    if target.comparator == "top_n":
        met = value <= target.value
        verdict = "target_achieved" if met else "not_available"
        return result | {
            "gap": value - target.value,
            "verdict": verdict,
            "reason": "" if met else "thứ hạng: so trực tiếp, không tính tốc độ",
        }
    single, aim = _aim(target, direction, value)
    result |= {"gap": value - single, "required": required_annual_change(value, now, single, year)}
    strict = target.comparator in (">", "<")
    achieved = {"score": 5.0, "verdict": "target_achieved", "reason": ""} if reached(value, single, aim, strict) else {}
    base_day = pd.Timestamp(BASE_YEAR, 12, 31)
    before = rows[(rows["period_end"] <= base_day) & ~rows["period"].str.contains("/") & (rows["unit"] == target.unit)]
    if before.empty:
        return result | {"reason": f"chưa có số liệu gốc đến hết năm {BASE_YEAR}"} | achieved
    base = before.iloc[-1]
    then = periods.decimal_year(base["period"])
    progress = eurostat(float(base["value"]), then, value, now, single, year, aim, strict)
    return (
        result
        | {"baseline": float(base["value"]), "baseline_period": base["period"], "baseline_row": base["id"]}
        | {"ratio": progress.ratio, "score": progress.score, "verdict": progress.verdict, "reason": progress.reason}
        | achieved
    )
