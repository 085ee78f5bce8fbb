"""What a probability depends on: the same target seen by other models, with what was known earlier, and over other windows of the history.

One history and one target in, one row a variant out. The probability that stands is the default's on the whole history as known now; the
others say how far to trust its second digit.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nq57lab.base.messages import Reason, reason
from nq57lab.forecast import intervals, learned
from nq57lab.forecast import series as series_of
from nq57lab.forecast.registry import BUILT_IN, DEFAULT, run_model
from nq57lab.forecast.run import MODEL, Prediction, bounds, predict, scale_of
from nq57lab.forecast.series import Series
from nq57lab.outlook import breaks

MODELS = ("theta", "ets", "damped", "drift", "robust_trend", "arima", "naive")
WINDOWS = (8, 10, 12, 14, 20)
COLUMNS = ["what", "variant", "points", "p_met", "reason"]
WHATS = {
    "default": "mặc định",
    "model": "mô hình",
    "vintage": "thời điểm biết số liệu",
    "window": "độ dài chuỗi",
    "break": "điểm gãy",
}


@dataclass(frozen=True)
class Goal:
    """A target: its year, value and direction, and what kind of series it is about, within which bounds."""

    year: int
    value: float
    direction: int
    kind: str = "level"
    lower: float = -math.inf
    upper: float = math.inf


def chance(history: pd.DataFrame, goal: Goal, model: str = DEFAULT) -> tuple[float, int, Reason | str]:
    """Return P(target met) by a built-in model, the points used, and the reason where there is no probability.

    Parameters
    ----------
    history : DataFrame
        period, value.
    model : str
        A name of :data:`nq57lab.forecast.registry.BUILT_IN`.

    Examples
    --------
    >>> history = pd.DataFrame({"period": range(2014, 2025), "value": [3, 4, 6, 5, 7, 9, 8, 10, 12, 11, 13]})
    >>> p, points, why = chance(history, Goal(2027, 15.0, 1))
    >>> 0.45 < p < 0.65, points, why
    (True, 11, '')
    """
    frame = history[["period", "value"]].assign(series_id="", kind=goal.kind)
    frame["lower"] = goal.lower if math.isfinite(goal.lower) else ""
    frame["upper"] = goal.upper if math.isfinite(goal.upper) else ""
    found, refused = series_of.prepare(frame)
    if not found:
        return math.nan, int(history["value"].notna().sum()), refused.get("", reason("no_history"))
    entry = found[0]
    ahead = (series_of.last_of_year(goal.year, entry.frequency) - entry.last) / entry.step
    limit = learned.load(entry.frequency).horizon
    if not 0 < ahead <= limit:
        far = reason("far", found=str(goal.year), ahead=math.ceil(ahead), limit=limit)
        return math.nan, entry.points, reason("refused", why=far)
    prediction = predict_with(entry, math.ceil(ahead), model)
    return prediction.chance(ahead, goal.value, goal.direction), entry.points, ""


def predict_with(entry: Series, horizon: int, model: str) -> Prediction:
    """Forecast one series with a built-in model, on the same scale and within the same bounds as the default."""
    if model == DEFAULT:
        return predict([entry], horizon)[0]
    scale = scale_of(entry)
    y = scale.ahead(entry.values)[None]
    table = run_model(BUILT_IN[model], y, horizon, intervals.PROBABILITIES, entry.frequency)[0]
    back = scale.back(np.sort(table, axis=-1))
    back = back if scale.rising else back[:, ::-1]
    return Prediction(entry, np.clip(back, *bounds(entry)))


def sensitivity(
    history: pd.DataFrame,
    goal: Goal,
    vintages: Mapping[str, pd.DataFrame] | None = None,
    models: Sequence[str] = MODELS,
) -> pd.DataFrame:
    """Return the probability under other models, vintages and windows.

    Parameters
    ----------
    history : DataFrame
        period, value: what is known now.
    vintages : mapping of str to DataFrame, optional
        A date → the history as it was known then.
    models : sequence of str
        Built-in models beside the default.

    Returns
    -------
    DataFrame
        what (default, model, vintage, window), variant, points, p_met, reason; the default first. p_met is NaN where a variant is refused, and
        reason says why.

    Notes
    -----
    The plain models' intervals are those of their own theory, which on M3 cover less than they say (benchmarks/README.md): their
    probabilities lie farther from one half than they should. Windows are the last 8, 10, 12, 14 and 20 points, and the part after a
    structural break where one is found and eight points are left.
    """
    rows = [("default", f"mọi số liệu, {MODEL}", *chance(history, goal))]
    rows += [("model", name, *chance(history, goal, name)) for name in models]
    for label, known in (vintages or {}).items():
        rows.append(("vintage", label, *chance(known, goal)))
    ordered = history.assign(order=history["period"].astype(str)).sort_values("order").dropna(subset=["value"])
    rows += [
        ("window", f"{size} điểm cuối", *chance(ordered.tail(size), goal)) for size in WINDOWS if size < len(ordered)
    ]
    broken = breaks.find(ordered["value"].to_numpy(dtype=float))
    if broken is not None and broken.found and len(ordered) - broken.after + 1 >= series_of.SHORTEST["yearly"]:
        rows.append(
            (
                "break",
                f"từ {ordered['period'].iloc[broken.after - 1]}",
                *chance(ordered.iloc[broken.after - 1 :], goal),
            )
        )
    return pd.DataFrame([_row(*row) for row in rows], columns=COLUMNS)


def _row(what: str, variant: str, p: float, points: int, why: Reason | str) -> dict:
    return {"what": what, "variant": variant, "points": points, "p_met": p, "reason": why}
