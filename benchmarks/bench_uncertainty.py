"""Uncertainty analysis of COINr's ASEM example: replications a second, against a plain loop and against COINr.

The vignette's design: winsorisation limit 1–5, minmax or z-score, weights ± 25% at levels 2 and 3, arithmetic or geometric mean. The
plain loop builds each run by the project's own pipeline, one after the other, as COINr does; COINr's 4.5 runs a second were measured on
this kind of machine (0.22 s a run, COINr 1.1.14 in R 4.2). Everything is on one core; times include the indices with their
bootstrap intervals and the writing of every run.

    python benchmarks/bench_uncertainty.py            # N = 4096: 24,576 runs
    python benchmarks/bench_uncertainty.py --large    # and 3,321 units × 168 indicators
    python benchmarks/bench_uncertainty.py --methods  # and benefit of the doubt, Copeland, equal influence, second-order indices

Second-order indices are set against SALib's where it is installed (extra ``bench``): the same runs, each with its own bootstrap.
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

from nq57lab.composite.laboratory import aggregate, benefit, inputs, pipeline, steps, weight  # noqa: E402
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


def methods(checked) -> None:
    """Time benefit of the doubt and Copeland on 5,000 × 30, equal influence on ASEM, second-order indices beside SALib's."""
    generator = np.random.default_rng(1)
    x, w = generator.uniform(0, 100, (5000, 30)), generator.uniform(0.5, 2, 30)
    rows: list[tuple] = [("method", "seconds", "processor seconds", "goal (s)"), ("---", "---:", "---:", "---:")]
    wall, cpu, found = spent(lambda: benefit.benefit_of_the_doubt(x))
    rows.append(("benefit of the doubt, 5,000 × 30", f"{wall:.2f}", f"{cpu:.2f}", 20))
    rivals = np.unique(x / x.max(), axis=0)
    some = generator.choice(5000, 10, replace=False)
    one_by_one, _, alone = spent(
        lambda: [x[u] / x.max() @ benefit._alone(x[u] / x.max(), rivals, 0.0, 1.0) for u in some]
    )
    np.testing.assert_allclose(found.scores[some], alone, atol=1e-9)
    rows.append(("the same, HiGHS one by one (10 units × 500)", f"{one_by_one * 500:.0f}", "", ""))
    wall, cpu, _ = spent(lambda: aggregate.copeland(x, w))
    rows.append(("Copeland, 5,000 × 30", f"{wall:.2f}", f"{cpu:.2f}", 5))
    built = pipeline.build(checked, steps.read(CONFIG, checked.framework))
    for level in (1, 2, 3):
        wall, cpu, best = spent(
            lambda level=level: weight.equal_influence(
                built.framework, built.values, level, pipeline.rules_of(built.steps)
            )
        )
        name = f"equal influence, ASEM level {level} ({len(best.weights)} weights, {len(best.at_bound)} at a bound)"
        rows.append((name, f"{wall:.2f}", f"{cpu:.2f}", 1))
    config = CONFIG | {"interactions": True}
    wall, cpu, done = spent(lambda: uncertainty.analyse(checked, config, 4096, 1))
    runs = len(done.choices)
    rows.append(
        (f"UA with interactions, N = 4096: {runs:,} runs ({runs / wall:,.0f}/s)", f"{wall:.2f}", f"{cpu:.2f}", "")
    )
    wall, cpu, table = spent(lambda: uncertainty.interaction_table(done))
    rows.append(("second-order indices, 500 resamples", f"{wall:.2f}", f"{cpu:.2f}", ""))
    try:
        from SALib.analyze import sobol
    except ImportError:
        print("\nSALib is not installed: no second-order indices of its own")
    else:
        d = 4
        problem = {"num_vars": d, "names": list("abcd"), "bounds": [[0, 1]] * d}
        blocks = done.shift.reshape(2 * d + 2, -1)  # SALib's order: A, AB1 … ABd, BA1 … BAd, B, row by row
        own = np.vstack([blocks[:1], blocks[2:], blocks[1:2]]).T.ravel()
        wall, cpu, other = spent(lambda: sobol.analyze(problem, own, num_resamples=500, seed=1))
        rows.append(("the same by SALib, 500 resamples", f"{wall:.2f}", f"{cpu:.2f}", ""))
        names = [assumption.name for assumption in done.plan.assumptions]
        worst = max(
            abs(row.Sij - other["S2"][names.index(row.one), names.index(row.other)]) for row in table.itertuples()
        )
        print(f"\nlargest difference of second-order indices from SALib's: {worst:.1e}")
    print("\n" + table_of(rows))


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
    if "--methods" in sys.argv:
        methods(checked)
    if "--large" in sys.argv:
        large()


if __name__ == "__main__":
    main()
