"""What the learned forecast sees of a series: few measures, each with a reason, without unit and counted in the direction of the forecast.

A batch and its members' forecasts in, one row of measures a series and horizon out. Lengths are in mean absolute changes of the series (the
scale of MASE); what has a sign is positive where it points to where the members' median goes, so that a rise and its mirror image
are one case.
"""

from dataclasses import dataclass

import numpy as np

from nq57lab.forecast.members import MEMBERS, Members
from nq57lab.forecast.models.trend import lengths

FADE = 0.8  # the weight of a change falls by this factor a period in recent measures
LARGEST = 1e6
NAMES = (
    "horizon",  # errors grow with it
    "length",  # a long history is known better
    "away",  # how far the members' median goes
    *(f"{name}_apart" for name in MEMBERS),  # where each member stands beside the median
    "range",  # how far the members disagree
    "mean_change",  # the long-run pace
    "last_change",
    "recent_change",  # the pace of late, older changes fading
    "noise",  # how much changes differ from one another
    "recent_noise",
    "largest_change",  # one odd year
    "roughness",  # mean second difference: near 0 for modelled, smooth series, near 2 for noise
    "persistence",  # autocorrelation of the changes
    "level_memory",  # 1: a walk; near 0: returns to its mean
    "place",  # last value within the range seen, 0 the end behind, 1 the end ahead
    "beyond_mean",  # last value beyond the mean, in standard deviations
    "fit",  # one-step error of Theta
    "relative",  # mean change to the size of the values
    "room_ahead",  # distance to the bound ahead, per period; large where there is none
    "flat",  # share of changes that are 0
    "plateau",  # periods since the last change that was not 0, of the last eight
)
UP = ("horizon", "away", "range", "noise", "recent_noise", "fit")  # more of it, and the distribution is not narrower


@dataclass(frozen=True)
class Measured:
    """Features (series, horizon, names), the members' median, the direction (±1, by horizon) and the scale of every series."""

    features: np.ndarray
    middle: np.ndarray
    side: np.ndarray
    scale: np.ndarray


def scale_of(y: np.ndarray) -> np.ndarray:
    """Return the mean absolute change of every series, 1 for a constant one."""
    size = np.nanmean(np.abs(np.diff(y, axis=1)), axis=1)
    return np.where(size > 0, size, 1.0)


@np.errstate(over="ignore", invalid="ignore")  # squares of huge values; what they leave without a number counts as 0
def measure(
    y: np.ndarray, found: Members, lower: np.ndarray | None = None, upper: np.ndarray | None = None
) -> Measured:
    """Return the features of a batch.

    Parameters
    ----------
    y : ndarray (series, periods)
        A batch aligned at its last period.
    found : Members
        The members' forecasts of it.
    lower, upper : ndarray (series,), optional
        Bounds of the values; infinite where there is none.

    Notes
    -----
    ``away``, ``range`` and the members' distances are cut at 30 a period by the members themselves; every feature at ±10⁶.
    """
    count, horizon = found.ahead.shape[1:]
    scale = scale_of(y)
    h = np.arange(1, horizon + 1.0)
    last, middle = y[:, -1:], found.middle
    side = np.where(middle >= last, 1.0, -1.0)
    unit = scale[:, None]
    changes = np.diff(y, axis=1) / unit
    known = ~np.isnan(changes)
    number = known.sum(axis=1)
    filled = np.where(known, changes, 0.0)
    weight = np.where(known, FADE ** np.arange(changes.shape[1])[::-1], 0.0)
    weight /= weight.sum(axis=1, keepdims=True)
    mean = filled.sum(axis=1) / number
    apart = np.where(known, changes - mean[:, None], 0.0)
    second = np.abs(np.diff(changes, axis=1))
    squares = np.maximum((apart**2).sum(axis=1), 1e-12)
    low, high = np.nanmin(y, axis=1), np.nanmax(y, axis=1)
    centre, deviation = np.nanmean(y, axis=1), np.maximum(np.nanstd(y, axis=1), 1e-12 * scale)
    spread = np.where(high > low, high - low, 1.0)
    place = (y[:, -1] - low) / spread
    moved = np.abs(changes) > 1e-9
    tail = moved[:, ::-1][:, :8]
    still = np.where(tail.any(axis=1), np.argmax(tail, axis=1), tail.shape[1])
    signed = [mean, filled[:, -1], (filled * weight).sum(axis=1)]
    plain = [
        np.abs(apart).sum(axis=1) / np.maximum(number - 1, 1),
        (np.abs(apart) * weight).sum(axis=1),
        np.abs(filled).max(axis=1),
        np.nanmean(second, axis=1),
        (apart[:, 1:] * apart[:, :-1]).sum(axis=1) / squares,
        1 - np.nanmean(changes**2, axis=1) * scale**2 / (2 * deviation**2),
    ]
    after = [found.error / scale, scale / np.maximum(np.nanmean(np.abs(y), axis=1), 1e-12 * scale)]
    bounds = [np.full(count, -np.inf) if lower is None else lower, np.full(count, np.inf) if upper is None else upper]
    room = np.where(side > 0, bounds[1][:, None] - last, last - bounds[0][:, None]) / unit / h
    wide = (count, horizon)
    columns = [
        np.broadcast_to(h, wide),
        np.broadcast_to(np.log(lengths(y))[:, None], wide),
        np.abs(middle - last) / unit,
    ]
    columns += [(ahead - middle) * side / unit for ahead in found.ahead]
    columns += [(found.ahead.max(axis=0) - found.ahead.min(axis=0)) / unit]
    columns += [side * value[:, None] for value in signed]
    columns += [np.broadcast_to(value[:, None], wide) for value in plain]
    columns += [np.where(side > 0, place[:, None], 1 - place[:, None])]
    columns += [side * ((y[:, -1] - centre) / deviation)[:, None]]
    columns += [np.broadcast_to(value[:, None], wide) for value in after]
    columns += [room]
    columns += [np.broadcast_to(v[:, None], wide) for v in ((~moved & known).sum(axis=1) / number, still.astype(float))]
    features = np.clip(np.nan_to_num(np.stack(columns, axis=-1)), -LARGEST, LARGEST)
    return Measured(features, middle, side, scale)
