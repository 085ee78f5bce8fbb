"""Predictive quantiles around the default forecast, calibrated across the series of other collections.

The distance of every quantile from the point forecast is a weighted sum of measures of the series (how much its changes vary, how far the
members of the combination are apart, how far the forecast is from the last value …), all in the unit of the series. The weights,
one set a quantile, and a factor for every horizon come from M1 and Tourism (``benchmarks/calibrate.py``) and stand in
``calibration.json``.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from nq57lab.forecast.models.trend import lengths

PATH = Path(__file__).with_name("calibration.json")
BELOW = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45)
PROBABILITIES = np.array([*BELOW, 0.5, *(1 - p for p in reversed(BELOW))])
SHORTEST = 8  # the least number of points for which coverage has been measured
FADE = 0.85  # the weight of a change falls by this factor a period in recent volatility
FAR = 20.0  # the members' range is cut at this many mean absolute changes a period ahead


@dataclass(frozen=True)
class Calibration:
    """The calibration of one frequency: weights (probabilities, measures), factors (probabilities, horizons), the correlation over
    horizons, the members' weights in a mean, and the number of series it stands on.
    """

    weights: np.ndarray
    factors: np.ndarray
    correlation: np.ndarray
    stacking: np.ndarray
    series: int

    @property
    def horizon(self) -> int:
        """The longest horizon that was calibrated."""
        return self.factors.shape[1]


@cache
def load(frequency: str) -> Calibration:
    """Return the shipped calibration of ``yearly`` or ``quarterly`` series."""
    found = json.loads(PATH.read_text(encoding="utf-8"))[frequency]
    weights, factors, correlation, stacking = (
        np.array(found[name]) for name in ("weights", "factors", "correlation", "stacking")
    )
    return Calibration(weights, factors, correlation, stacking, found["series"])


def measures(y: np.ndarray, members: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what the width of the quantiles depends on.

    Parameters
    ----------
    y : ndarray (series, periods)
        A batch; no series is constant.
    members : ndarray (members, series, horizon)
        The members' point forecasts.

    Returns
    -------
    point : ndarray (series, horizon)
        The median of the members.
    measures : ndarray (series, horizon, measures)
        In the unit of the series, all at least 0.
    side : ndarray (series,)
        +1 where the forecast rises, −1 where it falls: quantiles are counted in the direction of the trend.

    Notes
    -----
    With A the mean absolute deviation of the changes from their mean, V the same with fading weights, R the fading mean absolute deviation of the
    logarithmic changes times the last value, L = ln(n / 8): A, A√h, Ah, Ah/√n, |last change − mean change|·h, |mean change|·h,
    range of the members, |point − last value|, V, V√h, Vh, R, R√h, then L·A, L·A√h, L·V, L·V√h, L·|point − last value|.
    """
    horizon = members.shape[2]
    h = np.arange(1, horizon + 1.0)
    flat, root = np.ones(horizon), np.sqrt(h)
    ordered = np.sort(members, axis=0)
    point = ordered[len(ordered) // 2] if len(ordered) % 2 else np.median(members, axis=0)
    changes = np.diff(y, axis=1)
    count = np.sum(~np.isnan(changes), axis=1)
    mean = np.nanmean(changes, axis=1)
    spread = np.nanmean(np.abs(changes - mean[:, None]), axis=1) * count / np.maximum(count - 1, 1)
    size = np.nanmean(np.abs(changes), axis=1)
    positive = np.nanmin(y, axis=1) > 0
    logs = np.log(np.where(positive[:, None], y, np.where(np.isnan(y), np.nan, 1.0)))
    recent = _fading(changes)
    relative = _fading(np.diff(logs, axis=1)) * np.abs(y[:, -1])
    surprise = np.abs(changes[:, -1] - mean)
    apart = np.minimum(ordered[-1] - ordered[0], FAR * size[:, None] * h)
    away = np.abs(point - y[:, -1:])
    longer = np.log(lengths(y) / SHORTEST)[:, None]
    a, v = spread[:, None], recent[:, None]
    found = [
        a * flat,
        a * root,
        a * h,
        a * h / np.sqrt(count)[:, None],
        surprise[:, None] * h,
        np.abs(mean)[:, None] * h,
    ]
    found += [apart, away, v * flat, v * root, v * h, relative[:, None] * flat, relative[:, None] * root]
    found += [longer * part for part in (found[0], found[1], found[8], found[9], away)]
    return point, np.stack(found, axis=-1), np.where(point[:, -1] >= y[:, -1], 1.0, -1.0)


def _fading(changes: np.ndarray) -> np.ndarray:
    """Return the mean absolute deviation of changes from their mean, older ones counting less."""
    weights = np.where(np.isnan(changes), 0.0, FADE ** np.arange(changes.shape[1])[::-1])
    deviations = np.abs(changes - np.nanmean(changes, axis=1, keepdims=True))
    return np.nansum(deviations * weights, axis=1) / weights.sum(axis=1)


def quantiles(y: np.ndarray, members: np.ndarray, calibration: Calibration) -> np.ndarray:
    """Return the predictive quantiles at :data:`PROBABILITIES`: (series, horizon, probabilities), never crossing.

    Parameters
    ----------
    y : ndarray (series, periods)
        A batch.
    members : ndarray (members, series, horizon)
        The members' point forecasts, no farther than the calibration's horizon.
    calibration : Calibration
        Of the series' frequency.
    """
    point, found, side = measures(y, members)
    away = np.einsum("nhm,pm->nhp", found, calibration.weights)
    away = away * calibration.factors.T[: point.shape[1]]
    away = (
        np.maximum.accumulate(away[..., len(BELOW) :], axis=-1),
        np.minimum.accumulate(away[..., len(BELOW) :: -1], axis=-1),
    )
    signed = np.concatenate([away[1][..., :0:-1], away[0]], axis=-1)
    falling = -signed[..., ::-1]
    return point[..., None] + np.where(side[:, None, None] > 0, signed, falling)


def _outside(quantile: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Return quantiles beyond the outermost ones by exponential tails that continue the last two."""
    first, second = quantile[..., :1], quantile[..., 1:2]
    low = first - (second - first) * np.log(PROBABILITIES[0] / probability) / np.log(
        PROBABILITIES[1] / PROBABILITIES[0]
    )
    last, before = quantile[..., -1:], quantile[..., -2:-1]
    rest = np.maximum(1 - probability, 1e-12)
    high = last + (last - before) * np.log((1 - PROBABILITIES[-1]) / rest) / np.log(PROBABILITIES[1] / PROBABILITIES[0])
    return np.where(probability < 0.5, low, high)


def at(quantile: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """Return quantiles at any probabilities: linear between those known, exponential tails beyond them.

    Parameters
    ----------
    quantile : ndarray (..., probabilities)
        At :data:`PROBABILITIES`.
    probability : ndarray (k,)
        In (0, 1).

    Returns
    -------
    ndarray (..., k)
    """
    probability = np.asarray(probability, dtype=float)
    place = np.clip(np.searchsorted(PROBABILITIES, probability, side="right") - 1, 0, len(PROBABILITIES) - 2)
    left, right = PROBABILITIES[place], PROBABILITIES[place + 1]
    share = (probability - left) / (right - left)
    # Written so that between two equal quantiles (cut at a bound) the value is theirs, to the last bit.
    inner = quantile[..., place] + (quantile[..., place + 1] - quantile[..., place]) * share
    outer = (probability < PROBABILITIES[0]) | (probability > PROBABILITIES[-1])
    return np.where(outer, _outside(quantile, probability), inner)


def below(quantile: np.ndarray, value: float) -> float:
    """Return the probability of a value or less, given one forecast's quantiles at :data:`PROBABILITIES`.

    >>> round(below(np.linspace(-1, 1, 25), 0.0), 6)
    0.5
    """
    quantile = np.asarray(quantile, dtype=float)
    if value < quantile[0] or value > quantile[-1]:
        low = value < quantile[0]
        edge, next_ = (quantile[0], quantile[1]) if low else (quantile[-1], quantile[-2])
        distance, step = abs(value - edge), abs(next_ - edge)
        fall = np.log(PROBABILITIES[1] / PROBABILITIES[0])
        tail = PROBABILITIES[0] * np.exp(-distance / step * fall) if step > 0 else 0.0
        return float(tail if low else 1 - tail)
    place = int(np.clip(np.searchsorted(quantile, value, side="right") - 1, 0, len(quantile) - 2))
    width = quantile[place + 1] - quantile[place]
    share = (value - quantile[place]) / width if width > 0 else 1.0
    return float(PROBABILITIES[place] + share * (PROBABILITIES[place + 1] - PROBABILITIES[place]))
