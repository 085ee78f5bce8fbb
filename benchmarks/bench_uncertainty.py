"""Uncertainty analysis of COINr's ASEM example: replications a second, against a plain loop and against COINr.

The vignette's design: winsorisation limit 1–5, minmax or z-score, weights ± 25% at levels 2 and 3, arithmetic or geometric mean. The
plain loop builds each run by the project's own pipeline, one after the other, as COINr does; COINr's 4.5 runs a second were measured on
this kind of machine (0.22 s a run, COINr 1.1.14 in R 4.2). Everything is on one core; times include the indices with their
bootstrap intervals and the writing of every run.

    python benchmarks/bench_uncertainty.py            # N = 4096: 24,576 runs
    python benchmarks/bench_uncertainty.py --large    # and 3,321 units × 168 indicators
"""

import os
import sys
import tempfile
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import yaml  # noqa: E402

from nq57lab.composite.laboratory import inputs, pipeline, steps  # noqa: E402
from nq57lab.composite.robustness import uncertainty  # noqa: E402

COINR = 4.5  # runs a second
FOLDER = Path(os.environ.get("NQ57_REFERENCE", Path(__file__).resolve().parents[2] / "shared" / "reference"))
CONFIG = yaml.safe_load("""
steps:
  - denominate: {}
  - impute: {method: mean, within: EurAsia_group}
  - screen: {availability: 0.9}
  - treat: {winmax: 5, skew: 2, kurt: 3.5, then: log}
  - normalise: {method: minmax, range: [0, 100]}
  - aggregate: {method: arithmetic}
uncertain:
  winmax: {path: treat.winmax, values: [1, 2, 3, 4, 5]}
  normalisation: {path: normalise, values: [{method: minmax, range: [1, 100]}, {method: zscore, mean: 10, sd: 2}]}
  weights: {noise: 0.25, levels: [2, 3]}
  aggregation: {path: aggregate.method, values: [arithmetic, geometric]}
""")


def spent(call) -> tuple[float, float, object]:
    """Return wall time and processor time of a call, and what it returns."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = call()
    return time.perf_counter() - wall, time.process_time() - cpu, result


def analysis(checked, n: int, folder: Path):
    """Run the whole analysis: design, runs, statistics, indices, files."""
    found = uncertainty.analyse(checked, CONFIG, n, 1)
    uncertainty.write(found, folder)
    return found


def table_of(rows: list[tuple]) -> str:
    """Write rows as a Markdown table."""
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)


def large() -> None:
    """Time an index of 3,321 units × 168 indicators: computed and ranked."""
    generator = np.random.default_rng(1)
    codes = [f"i{n:03}" for n in range(168)]
    data = pd.DataFrame(generator.lognormal(sigma=0.8, size=(3321, 168)), columns=codes)
    data.insert(0, "uCode", [f"c{n:04}" for n in range(3321)])
    groups = [f"g{n % 16:02}" for n in range(168)]
    meta = pd.DataFrame(
        {"Level": 1, "iCode": codes, "Direction": 1, "Weight": 1, "Parent": groups, "Type": "Indicator"}
    )
    above = pd.DataFrame(
        {"Level": 2, "iCode": sorted(set(groups)), "Weight": 1, "Parent": "Index", "Type": "Aggregate"}
    )
    root = pd.DataFrame({"Level": [3], "iCode": ["Index"], "Weight": [1], "Type": ["Aggregate"]})
    listed = {"steps": [{"treat": {}}, {"normalise": {}}, {"aggregate": {}}]}

    def build():
        checked = inputs.check(data, pd.concat([meta, above, root]))
        return pipeline.build(checked, steps.read(listed, checked.framework))

    times = [spent(build)[:2] for _ in range(5)]
    wall, cpu = min(times)
    print(
        f"\n3,321 units × 168 indicators, dữ liệu minh họa: checked, treated, normalised, aggregated, ranked in {wall:.2f} s (processor {cpu:.2f} s); goal < 1 s"
    )


def main() -> None:
    """Measure and print."""
    folder = FOLDER / "coinr_asem"
    if not folder.is_dir():
        raise SystemExit(f"no reference figures in {folder}: set NQ57_REFERENCE to their folder")
    checked = inputs.load(folder / "iData.csv", folder / "iMeta.csv")
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch)
        found = analysis(checked, 64, out)  # imports and caches
        rows: list[tuple] = [
            ("design", "runs", "seconds", "processor seconds", "runs/s", "µs a run"),
            ("---", "---:", "---:", "---:", "---:", "---:"),
        ]
        for n in (1024, 4096, 16384):
            wall, cpu, found = min(
                (spent(lambda n=n: analysis(checked, n, out)) for _ in range(3)), key=lambda entry: entry[0]
            )
            runs = len(found.choices)
            rows.append(
                (
                    f"Sobol, N = {n}, d = 4",
                    runs,
                    f"{wall:.2f}",
                    f"{cpu:.2f}",
                    f"{runs / wall:,.0f}",
                    f"{wall / runs * 1e6:.0f}",
                )
            )
            if n == 4096:
                fast = runs / wall
        print(table_of(rows))
        some = range(1, len(found.choices) + 1, len(found.choices) // 40)
        wall, cpu, alone = spent(
            lambda: [uncertainty.replay(found, run).ranks["Index"].to_numpy(float) for run in some]
        )
        for run, ranks in zip(some, alone, strict=True):
            np.testing.assert_array_equal(ranks, found.ranks[run - 1])
        loop = len(some) / wall
        print(
            f"\nplain loop over the project's own pipeline: {loop:.1f} runs/s ({len(some)} runs, each with the same ranks as in the batch)"
        )
        print(f"ratio to the plain loop: {fast / loop:,.0f}; ratio to COINr ({COINR} runs/s): {fast / COINR:,.0f}")
    if "--large" in sys.argv:
        large()


if __name__ == "__main__":
    main()
