"""The probability that a target is met by its year, from the predictive distribution: a research estimate.

Histories and targets in, one row a target out, with the probability or the reason why there is none.
"""

import math
from typing import Any

import numpy as np
import pandas as pd

from nq57lab.base.messages import Reason, reason
from nq57lab.forecast import learned
from nq57lab.forecast import series as series_of
from nq57lab.forecast.run import Prediction, predict, sample
from nq57lab.forecast.series import Series
from nq57lab.targets import skill
from nq57lab.targets.cases import reached

RARE = 0.005  # below this, and above its complement, the tails are too thin a ground for a number
PATHS, SEED = 4000, 57  # sample paths of a target, and the seed of their generator


def p_met(history: pd.DataFrame, targets: pd.DataFrame, *, proven: bool = False) -> pd.DataFrame:
    """Estimate the probability that every target is met in its year.

    Parameters
    ----------
    history : DataFrame
        id, period, value: observations of one definition and vintage, in any order.
    targets : DataFrame
        id, target_year, target, direction (+1: at least the target, −1: at most); optional kind, lower, upper of the series. Several targets may
        name one id.
    proven : bool
        Leave out, with the reason, the probabilities of targets as hard as those for which none was shown to be better than their base rate
        (:mod:`nq57lab.targets.skill`).

    Returns
    -------
    DataFrame
        id, p_met, reason; one row a target, in the order of targets. p_met is NaN where the series or the target is refused; reason
        then says why. Where the target's year was observed p_met is 0 or 1 and reason says so.

    Notes
    -----
    P(Y_T ≥ target) for direction +1, P(Y_T ≤ target) for −1; for ranks, which are whole numbers, half a place is added. The year is
    counted from the last observation; beyond the learned horizon nothing is said. A quarterly or monthly series is read in its year's last period.

    Examples
    --------
    >>> history = pd.DataFrame({"id": "a", "period": range(2014, 2025), "value": [3, 4, 6, 5, 7, 9, 8, 10, 12, 11, 13]})
    >>> targets = pd.DataFrame({"id": ["a"], "target_year": [2028], "target": [5.0], "direction": [1]})
    >>> bool(p_met(history, targets)["p_met"].iloc[0] > 0.9)
    True
    """
    ready, refused = _prepare(history, targets)
    predictions = _predicted(ready, targets)
    result = [_one(row, ready, refused, predictions, proven) for row in targets.itertuples()]
    return pd.DataFrame(result, columns=["id", "p_met", "reason"])


def distributions(history: pd.DataFrame, targets: pd.DataFrame) -> dict[str, tuple[Prediction, float]]:
    """Return the predictive distributions behind :func:`p_met`: by the target's id, the prediction and how many steps ahead its year lies.

    Parameters
    ----------
    history, targets : DataFrame
        As for :func:`p_met`; what it refuses or has observed has no distribution.
    """
    ready, _ = _prepare(history, targets)
    predictions = _predicted(ready, targets)
    row: Any
    found = {}
    for row in targets.itertuples():
        ahead = _ahead(ready[_key(row)], row.target_year) if _key(row) in ready else 0.0
        if (key := (_key(row), math.ceil(ahead))) in predictions:
            found[str(row.id)] = (predictions[key], ahead)
    return found


def _predicted(ready: dict[str, Series], targets: pd.DataFrame) -> dict[tuple[str, int], Prediction]:
    """Return the predictions by series and steps: one depends on how far it goes, so each target asks for its own."""
    by_horizon: dict[int, dict[str, None]] = {}
    row: Any
    for row in targets.itertuples():
        if (key := _key(row)) in ready and pd.notna(row.target_year):
            steps = math.ceil(_ahead(ready[key], row.target_year))
            if 1 <= steps <= learned.load(ready[key].frequency).horizon:
                by_horizon.setdefault(steps, {})[key] = None
    return {
        (key, steps): prediction
        for steps, keys in by_horizon.items()
        for key, prediction in zip(keys, predict([ready[key] for key in keys], steps), strict=True)
    }


def by_year(history: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Estimate for every year until its own that a target is met then, and that it has been met by then.

    Parameters
    ----------
    history, targets : DataFrame
        As for :func:`p_met`.

    Returns
    -------
    DataFrame
        id, year, p_at, p_by; one row a target and year with a forecast, years ascending; no row for what :func:`p_met` refuses or has
        observed.

    Notes
    -----
    p_at = P(Y_t reaches the target), from the predictive distribution of the year. p_by = P(Y_s reaches it for some s ≤ t after the
    last observation), from sample paths, and never less than p_at of an earlier year: what is reached may be lost again.

    Examples
    --------
    >>> history = pd.DataFrame({"id": "a", "period": range(2014, 2025), "value": [3, 4, 6, 5, 7, 9, 8, 10, 12, 11, 13]})
    >>> targets = pd.DataFrame({"id": ["a"], "target_year": [2027], "target": [15.0], "direction": [1]})
    >>> found = by_year(history, targets)
    >>> found["year"].tolist(), bool((found["p_by"] >= found["p_at"]).all())
    ([2025, 2026, 2027], True)
    """
    ready, _ = _prepare(history, targets)
    rows = []
    row: Any
    for number, row in enumerate(targets.itertuples()):
        usable = pd.notna(row.target) and pd.notna(row.target_year) and row.direction in (1, -1) and _key(row) in ready
        steps = int(_ahead(ready[_key(row)], row.target_year)) if usable else 0
        if not usable or not 1 <= steps <= learned.load(ready[_key(row)].frequency).horizon:
            continue
        entry, direction = ready[_key(row)], int(row.direction)
        prediction = predict([entry], steps)[0]
        paths = sample(prediction, PATHS, np.random.default_rng([SEED, number]))
        ever = np.logical_or.accumulate(direction * (paths - row.target) >= 0, axis=1).mean(axis=0)
        best = 0.0
        for step in range(steps):
            p_at = prediction.chance(step + 1, float(row.target), direction)
            best = max(best, p_at, float(ever[step]))
            ordinal = entry.last + (step + 1) * entry.step
            if series_of.ends_year(ordinal, entry.frequency):
                year = series_of.year_of(ordinal, entry.frequency)
                rows.append((row.id, year, p_at, best))
    return pd.DataFrame(rows, columns=["id", "year", "p_at", "p_by"])


def _key(row) -> str:
    return f"{row.id}\x00{getattr(row, 'kind', '')}\x00{getattr(row, 'lower', '')}\x00{getattr(row, 'upper', '')}"


def _prepare(history: pd.DataFrame, targets: pd.DataFrame) -> tuple[dict[str, Series], dict[str, Reason]]:
    """Return the prepared series of every id and kind that a target names, and the reasons of those refused."""
    options = [name for name in ("kind", "lower", "upper") if name in targets]
    named = targets.assign(id=targets["id"].astype(str), series_id=[_key(row) for row in targets.itertuples()])
    wanted = named[["id", "series_id", *options]].drop_duplicates("series_id")
    told = history[["id", "period", "value"]].assign(id=history["id"].astype(str))
    joined = wanted.merge(told, on="id", how="inner", sort=False)
    if joined.empty:
        return {}, {}
    found, refused = series_of.prepare(joined.drop(columns="id"))
    return {entry.name: entry for entry in found}, refused


def _ahead(entry: Series, year: float) -> float:
    """Return how many steps after the last observation a target's year lies."""
    return (series_of.last_of_year(int(year), entry.frequency) - entry.last) / entry.step


def _one(
    row, ready: dict, refused: dict, predictions: dict[tuple[str, int], Prediction], proven: bool
) -> tuple[str, float, Reason]:
    key = _key(row)
    if pd.isna(row.target) or pd.isna(row.target_year):
        return row.id, math.nan, reason("no_target")
    if pd.isna(row.direction) or int(row.direction) not in (1, -1):
        return row.id, math.nan, reason("no_direction")
    if key not in ready:
        return row.id, math.nan, refused.get(key, reason("no_history"))
    entry, direction = ready[key], int(row.direction)
    ahead = _ahead(entry, row.target_year)
    if ahead <= 0:
        place = len(entry.values) - 1 + ahead
        if place < 0 or place != int(place) or not entry.known[int(place)]:
            return row.id, math.nan, reason("past")
        return row.id, float(reached(entry.values[int(place)], row.target, direction)), reason("observed")
    limit = learned.load(entry.frequency).horizon
    if ahead > limit:
        far = reason("far", found=str(int(row.target_year)), ahead=math.ceil(ahead), limit=limit)
        return row.id, math.nan, reason("refused", why=far)
    if proven:
        asked = skill.pace(entry.values, float(row.target), direction, ahead)
        measured = skill.of(entry.frequency, direction, str(skill.difficulty(asked)))
        if not measured.shown:
            return row.id, math.nan, reason("skill_not_shown", met=measured.met, of=skill.OF)
    return row.id, predictions[key, math.ceil(ahead)].chance(ahead, float(row.target), direction), reason("estimated")


def in_words(probability: float) -> str:
    """Say a probability as a frequency that needs no training to read.

    >>> in_words(0.05), in_words(0.5), in_words(0.97), in_words(0.001)
    ('khoảng 1 trong 20', 'khoảng 1 trong 2', 'khoảng 29 trong 30', 'dưới 1 trong 200')
    """
    if math.isnan(probability):
        return "không ước lượng"
    if probability < RARE:
        return "dưới 1 trong 200"
    if probability > 1 - RARE:
        return "trên 199 trong 200"
    rare = min(probability, 1 - probability)
    best = min(FRACTIONS, key=lambda pair: abs(math.log(rare) - math.log(pair[0] / pair[1])))
    few, many = best
    return f"khoảng {few if probability <= 0.5 else many - few} trong {many}"


def in_range(low: float, high: float) -> str:
    """Say the range of a probability over reasonable choices, in tenths: no end of it stands for the whole.

    >>> in_range(0.29, 0.61), in_range(0.27, 0.31), in_range(0.01, 0.12), in_range(0.002, 0.01)
    ('khoảng 3 đến 6 trong 10', 'khoảng 3 trong 10', 'nhiều nhất khoảng 1 trong 10', 'dưới 1 trong 20')
    """
    if math.isnan(low) or math.isnan(high):
        return "không ước lượng"
    few, many = round(10 * low), round(10 * high)
    if many == 0:
        return "dưới 1 trong 20"
    if few == 10:
        return "trên 19 trong 20"
    if few == 0:
        return f"nhiều nhất khoảng {many} trong 10"
    if many == 10:
        return f"ít nhất khoảng {few} trong 10"
    return f"khoảng {few} trong 10" if few == many else f"khoảng {few} đến {many} trong 10"


FRACTIONS = (
    *((1, 2), (2, 5), (1, 3), (3, 10), (1, 4), (1, 5), (1, 6), (1, 7), (1, 8), (1, 10), (1, 12)),
    *((1, 15), (1, 20), (1, 25), (1, 30), (1, 40), (1, 50), (1, 70), (1, 100), (1, 150), (1, 200)),
)
