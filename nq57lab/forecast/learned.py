"""The default forecast: the median of its members, moved and spread by what trees and networks have learned across thousands of series.

Seven quantiles of the distance from the members' median, in mean absolute changes and in the direction of the forecast, come from trees
(:mod:`nq57lab.forecast.trees`) and in equal parts from networks (:mod:`nq57lab.forecast.network`), over the features of
:mod:`nq57lab.forecast.features`; they are put in order, kept apart by a floor, and moved by
what the series that neither had seen asked for (conformal correction by smoothness, direction and horizon, then by length and horizon). A series
unlike those learned from is moved less away from the plain median, and all of them only by the part that helped where it was held out. The trees
and networks stand in ``measured/*.json``, made by ``benchmarks/learn.py``.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from nq57lab.forecast import features, intervals
from nq57lab.forecast.members import members
from nq57lab.forecast.network import Networks
from nq57lab.forecast.trees import Trees

FOLDER = Path(__file__).parent / "measured"
KNOTS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
MIDDLE = KNOTS.index(0.5)
SIDES = (-1.0, 1.0)  # directions of a forecast: down, up
SMOOTH = (0.35, 1.0)  # ends of the classes of roughness: modelled or smooth, usual, rough
LENGTHS = (10, 14, 20)  # ends of the classes of length, in years
FLOOR = 0.08  # the least part of the inner interval's half that lies between two knots
UNLIKE = 4  # so many features outside the learned range leave the plain median, unless what was learned holds it back


@dataclass(frozen=True)
class Learned:
    """What was learned for one frequency, named: trees by knot, networks, corrections (classes, directions, horizons, knots) and those that follow by length (classes,
    horizons, knots), the usual range of every feature, the correlation over horizons, the number of series it stands on, and which part of the learned move
    of the point is kept.
    """

    trees: tuple[Trees, ...]
    networks: Networks
    corrections: np.ndarray
    by_length: np.ndarray
    low: np.ndarray
    high: np.ndarray
    correlation: np.ndarray
    series: int
    trust: float
    frequency: str

    @property
    def horizon(self) -> int:
        """The longest horizon that was learned."""
        return self.corrections.shape[2]


@cache
def load(frequency: str) -> Learned:
    """Return what is shipped for ``yearly``, ``quarterly`` or ``monthly`` series."""
    trees, networks = (
        json.loads((FOLDER / f"{what}_{frequency}.json").read_text(encoding="utf-8")) for what in ("trees", "networks")
    )
    return read(trees | networks)


def read(found: dict) -> Learned:
    """Return what the parsed files hold."""
    corrections, low, high, correlation = (
        np.array(found[name], dtype=float) for name in ("corrections", "low", "high", "correlation")
    )
    trees = tuple(Trees.read(part) for part in found["knots"])
    by_length = np.array(found.get("by_length", np.zeros((len(LENGTHS) + 1, *corrections.shape[2:]))))
    rest = found["series"], found["trust"], found["frequency"]
    return Learned(trees, Networks.read(found), corrections, by_length, low, high, correlation, *rest)


def classes(measured: features.Measured) -> np.ndarray:
    """Return the class of smoothness of every series: 0 smooth, 1 usual, 2 rough."""
    return np.digitize(measured.features[:, 0, features.NAMES.index("roughness")], SMOOTH)


def length_classes(found: np.ndarray) -> np.ndarray:
    """Return the class of length of rows of features of annual series: 0 up to 10 years, 1 up to 14, 2 up to 20, 3 longer."""
    return np.digitize(found[..., features.NAMES.index("length")], np.log(np.array(LENGTHS) + 0.5))


def raw(measured: features.Measured, learned: Learned) -> np.ndarray:
    """Return what was learned as quantiles in scaled, signed distance from the members' median: (series, horizon, knots), in order and apart."""
    count, horizon, width = measured.features.shape
    table = measured.features.reshape(-1, width)
    return ordered(told(table, learned.trees, learned.networks)).reshape(count, horizon, len(KNOTS))


def told(table: np.ndarray, trees: tuple[Trees, ...], networks: Networks) -> np.ndarray:
    """Return the quantiles of rows of features as they come: the mean of those of the trees and those of the networks."""
    columns = np.ascontiguousarray(table.T, dtype=np.float32)
    found = np.stack([part.total(columns) for part in trees], axis=-1)
    return (found + networks.knots(table)) / 2


def ordered(knots: np.ndarray) -> np.ndarray:
    """Return quantiles rearranged (Chernozhukov et al. 2010) and kept apart from the middle outwards by a floor."""
    found = np.sort(knots, axis=-1)
    inner = np.maximum(found[..., MIDDLE + 1] - found[..., MIDDLE - 1], 1e-3)
    for place in range(1, MIDDLE + 1):
        up, down = MIDDLE + place, MIDDLE - place
        found[..., up] = np.maximum(found[..., up], found[..., up - 1] + FLOOR * inner)
        found[..., down] = np.minimum(found[..., down], found[..., down + 1] - FLOOR * inner)
    return found


def unit(knots: np.ndarray) -> np.ndarray:
    """Return the length in which corrections are counted: the width of the 80% interval."""
    return knots[..., MIDDLE + 2] - knots[..., MIDDLE - 2]


def moved(knots: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Return quantiles moved by corrections in widths of their 80% interval, in order and apart."""
    return ordered(knots + moves * unit(knots)[..., None])


def likeness(measured: features.Measured, learned: Learned) -> np.ndarray:
    """Return how far each forecast is like those learned from: 1 when every feature is in the usual range, 0 from :data:`UNLIKE` outside."""
    outside = (measured.features < learned.low) | (measured.features > learned.high)
    return np.maximum(1 - outside.sum(axis=-1) / UNLIKE, 0.0)


def spread(knots: np.ndarray) -> np.ndarray:
    """Return quantiles at :data:`nq57lab.forecast.intervals.PROBABILITIES` from those at :data:`KNOTS`.

    Between two knots linear in the normal score; beyond the outermost ones exponential, as the last two knots have it.
    """
    from scipy.special import ndtri

    wanted = intervals.PROBABILITIES
    score, at = ndtri(np.array(KNOTS)), ndtri(wanted)
    place = np.clip(np.searchsorted(score, at, side="right") - 1, 0, len(KNOTS) - 2)
    share = (at - score[place]) / (score[place + 1] - score[place])
    found = knots[..., place] + (knots[..., place + 1] - knots[..., place]) * share
    fall = np.log(KNOTS[1] / KNOTS[0])
    for rows, end, beside in ((wanted < KNOTS[0], 0, 1), (wanted > KNOTS[-1], -1, -2)):
        far = np.log(KNOTS[0] / np.minimum(wanted, 1 - wanted)[rows]) / fall
        found[..., rows] = knots[..., [end]] + (knots[..., [end]] - knots[..., [beside]]) * far
    return found


def quantiles(
    y: np.ndarray,
    horizon: int,
    learned: Learned,
    lower: np.ndarray | None = None,
    upper: np.ndarray | None = None,
    logs: np.ndarray | None = None,
) -> np.ndarray:
    """Return the predictive quantiles at :data:`nq57lab.forecast.intervals.PROBABILITIES`: (series, horizon, probabilities), never crossing.

    Parameters
    ----------
    y : ndarray (series, periods)
        A batch, without season.
    horizon : int
        At most what was learned.
    learned : Learned
        Of the series' frequency.
    lower, upper : ndarray (series,), optional
        Bounds; the result may reach beyond them and is cut by the caller.
    logs : ndarray of bool (series,), optional
        Where logarithms have a meaning.
    """
    measured = features.measure(y, members(y, horizon, logs, learned.frequency), lower, upper)
    knots = raw(measured, learned)
    # Caution holds back what would go farther than the members; where what was learned stops short of them it is the cautious one.
    kept = np.where(knots[..., MIDDLE] < 0, 1.0, likeness(measured, learned))
    knots -= ((1 - learned.trust * kept) * knots[..., MIDDLE])[..., None]
    steps = np.arange(horizon)
    sides = np.searchsorted(SIDES, measured.side)
    knots = moved(knots, learned.corrections[classes(measured)[:, None], sides, steps])
    knots = moved(knots, learned.by_length[length_classes(measured.features), steps])
    signed = spread(knots) * measured.scale[:, None, None]
    signed = np.where(measured.side[..., None] > 0, signed, -signed[..., ::-1])
    return measured.middle[..., None] + signed
