"""Forecast histories by statsforecast's models, in chunks that are kept: an interrupted run goes on.

    python benchmarks/peers.py HISTORIES.parquet OUT_FOLDER --horizon 6 --season 1 [--jobs 1]

Needs statsforecast and pyarrow only, so that it can run in an environment of its own. HISTORIES: unique_id, ds (0, 1, …), y. OUT_FOLDER gets one
file a chunk: unique_id, model, horizon, seconds (of the chunk and model), q_0.025 … q_0.975.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from statsforecast import StatsForecast
from statsforecast import models as available

PROBABILITIES = (0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975)
NAMES = ("DynamicOptimizedTheta", "AutoETS", "AutoCES", "RandomWalkWithDrift", "Naive", "AutoARIMA")
CHUNK = 60


def one(name: str, frame: pd.DataFrame, horizon: int, season: int, jobs: int) -> pd.DataFrame:
    """Return one model's quantiles of a chunk; series that it fails on get the naive forecast, as StatsForecast's fallback has it."""
    made = getattr(available, name)
    model = made() if name in ("RandomWalkWithDrift", "Naive") else made(season_length=season)
    levels = sorted({round(abs(1 - 2 * p) * 100, 6) for p in PROBABILITIES if p != 0.5})
    engine = StatsForecast(models=[model], freq=1, n_jobs=jobs, fallback_model=available.Naive())
    start = time.process_time()
    table = engine.forecast(df=frame, h=horizon, level=levels).sort_values(["unique_id", "ds"])
    seconds = time.process_time() - start
    label = next(c for c in table.columns if c not in ("unique_id", "ds"))
    found = pd.DataFrame({"unique_id": table["unique_id"], "model": name})
    found["horizon"] = np.tile(np.arange(1, horizon + 1), frame["unique_id"].nunique())
    found["seconds"] = seconds
    for p in PROBABILITIES:
        side = "lo" if p < 0.5 else "hi"
        ends = [c for c in table.columns if c.startswith(f"{label}-{side}-")]
        level = abs(1 - 2 * p) * 100
        column = label if p == 0.5 else min(ends, key=lambda c: abs(float(c.rsplit("-", 1)[1]) - level))
        found[f"q_{p:g}"] = table[column].to_numpy()
    return found


def main() -> None:
    """Run the models over the chunks that are not done."""
    options = argparse.ArgumentParser()
    options.add_argument("histories", type=Path)
    options.add_argument("folder", type=Path)
    options.add_argument("--horizon", type=int, required=True)
    options.add_argument("--season", type=int, default=1)
    options.add_argument("--jobs", type=int, default=1)
    chosen = options.parse_args()
    frame = pd.read_parquet(chosen.histories)
    names = frame["unique_id"].drop_duplicates().to_numpy()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for model in NAMES:
        for start in range(0, len(names), CHUNK):
            path = chosen.folder / f"{model}_{start:05d}.parquet"
            if path.exists():
                continue
            part = frame[frame["unique_id"].isin(names[start : start + CHUNK])]
            found = one(model, part, chosen.horizon, chosen.season, chosen.jobs)
            aside = path.with_suffix(".tmp")
            found.to_parquet(aside, index=False)
            aside.replace(path)


if __name__ == "__main__":
    main()
