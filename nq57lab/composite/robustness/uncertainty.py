"""Uncertainty and sensitivity of an index: how far ranks move when its assumptions do, and which assumption moves them.

A configuration with ``uncertain`` assumptions in; rank statistics, Sobol indices for the mean rank shift and for every unit, and the
record of every run out.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nq57lab.base import whole
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.composite.laboratory import files, pipeline, steps
from nq57lab.composite.laboratory.inputs import Inputs
from nq57lab.composite.laboratory.parts.fields import is_whole, reason
from nq57lab.composite.robustness import assumptions, replications, sensitivity

DESIGNS = ("sobol", "random")
TOP = (1, 3, 5, 10)


@dataclass(frozen=True)
class Analysis:
    """What an analysis found."""

    plan: replications.Plan  # inputs, assumptions and target
    design: str  # sobol or random
    base: int  # N: the base sample of a Sobol design, the runs of a random one
    choices: np.ndarray  # shape (runs, d): every run's choices
    ranks: np.ndarray  # float32, shape (runs, n_rows): every unit's rank in every run
    nominal: np.ndarray  # shape (n_rows,): the ranks of the index as configured
    shift: np.ndarray  # shape (runs,): mean absolute rank shift of each run against the nominal index
    top: tuple[int, ...]  # the k of P(unit in the top k)
    bootstrap: int  # resamples for the intervals of the indices
    seed: int
    second: bool = False  # whether the design has the matrices of second-order indices (BA1 … BAd)

    @property
    def main(self) -> int:
        """The number of runs that the first-order and total indices take: N (d + 2)."""
        return self.base * (len(self.plan.assumptions) + 2)


def analyse(
    inputs: Inputs,
    config: Mapping[str, Any],
    runs: int,
    seed: int,
    *,
    label: str = "index.yml",
    folder: Path | None = None,
    report: Callable[[int, int], None] = lambda done, all_: None,
) -> Analysis:
    """Run an uncertainty and sensitivity analysis.

    Parameters
    ----------
    config : mapping
        steps, uncertain; optional design (sobol), target (the index), top ([1, 3, 5, 10]), bootstrap (500), interactions (false).
    runs : int
        N: a Sobol design makes N (d + 2) runs, with interactions N (2 d + 2), a random one N.
    folder : Path, optional
        Where files named in the configuration are looked for.
    report : callable
        Told how many runs of all are done.

    Raises
    ------
    ProblemError
        With every problem of the configuration, or of a combination of choices that cannot be built.
    """
    plan, kind, top, bootstrap = prepare(inputs, config, seed, label, folder)
    d = len(plan.assumptions)
    second = bool(config.get("interactions", False)) and kind == "sobol"
    if kind == "sobol":
        coordinates = sensitivity.design(runs, d, seed, second=second)
    else:
        coordinates = np.random.default_rng(seed).random((runs, d))
    choices = np.column_stack([own.choose(u) for own, u in zip(plan.assumptions, coordinates.T, strict=True)])
    ranks, nominal = replications.run_all(plan, choices, lambda done: report(done, len(choices)))
    shift = _mean(np.abs(ranks - nominal.astype(np.float32)), axis=1)
    return Analysis(plan, kind, runs, choices, ranks, nominal, shift, top, bootstrap, seed, second)


def _mean(values: np.ndarray, axis: int) -> np.ndarray:
    """Return the means of what is known along an axis; NaN where nothing is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmean(values, axis=axis, dtype=float)


def prepare(
    inputs: Inputs, config: Mapping[str, Any], seed: int, label: str = "index.yml", folder: Path | None = None
) -> tuple[replications.Plan, str, tuple[int, ...], int]:
    """Check a configuration and return the plan of its runs, the design, the k of the top k, and the bootstrap's size."""
    steps.read(config, inputs.framework, label)
    frame = inputs.framework
    told = steps.Told(label)
    kind, target = config.get("design", "sobol"), config.get("target", frame.root)
    top, bootstrap = config.get("top", list(TOP)), config.get("bootstrap", 500)

    if inputs.units["uCode"].nunique() < 2:
        told.problems.append(Problem("index_one_unit", "iData", None, "uCode", str(inputs.units["uCode"].nunique())))
    if kind not in DESIGNS:
        told.complain("enum", "design", kind, value=", ".join(DESIGNS))
    if target not in frame.levels or target not in (*frame.aggregates, *frame.indicators):
        told.complain("index_element", "target", target)
    if not isinstance(top, list) or not all(is_whole(k) and k > 0 for k in top):
        told.complain("index_whole_list", "top", top)
    elif "top" in config and (top != sorted(set(top)) or max(top, default=0) > len(inputs.units)):
        told.complain("index_tops", "top", top, count=len(inputs.units))
    if not isinstance(config.get("interactions", False), bool):
        told.complain("json_boolean", "interactions", config["interactions"])
    if not is_whole(bootstrap) or bootstrap < 0:
        told.complain("index_whole_from", "bootstrap", bootstrap, least=0)
    try:
        varied = assumptions.read(config, inputs, seed, label, folder or Path())
    except ProblemError as error:
        raise ProblemError(told.problems + error.problems) from None
    told.refuse()
    plan = replications.Plan(dict(config), inputs, varied, target, folder or Path())
    return plan, kind, tuple(k for k in top if k <= len(inputs.units)), bootstrap


def rank_statistics(found: Analysis) -> pd.DataFrame:
    """Return every unit's nominal rank and its distribution over the runs.

    Returns
    -------
    DataFrame
        uCode (and Time), nominal, mean, median, q05, q95, p_top_<k>, runs (in how many of them the unit has a rank).

    Notes
    -----
    Over the independent runs: A and B of a Sobol design (its other matrices repeat their coordinates), all of a random one.
    """
    own = found.ranks[: 2 * found.base] if found.design == "sobol" else found.ranks
    units = found.plan.inputs.units
    table = pd.DataFrame({"uCode": units["uCode"]})
    if found.plan.inputs.panel:
        table["Time"] = units["Time"]
    table["nominal"] = found.nominal
    count = (~np.isnan(own)).sum(axis=0)
    table["mean"] = _mean(own, axis=0)
    ordered = np.sort(own, axis=0)  # NaN last
    for name, q in (("median", 0.5), ("q05", 0.05), ("q95", 0.95)):
        table[name] = _quantile(ordered, count, q)
    for k in found.top:
        table[f"p_top_{k}"] = np.where(count > 0, (own <= k).sum(axis=0) / np.maximum(count, 1), np.nan)
    return table.assign(runs=count)


def _quantile(ordered: np.ndarray, count: np.ndarray, q: float) -> np.ndarray:
    """Return a quantile of each column's first ``count`` values, linear between neighbours."""
    place = np.maximum(count - 1, 0) * q
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    columns = np.arange(ordered.shape[1])
    lower, upper = ordered[low, columns].astype(float), ordered[high, columns].astype(float)
    return np.where(count > 0, lower + (place - low) * (upper - lower), np.nan)


_COLUMNS = ("Si", "Si_lo", "Si_hi", "STi", "STi_lo", "STi_hi")


def sensitivity_table(found: Analysis) -> pd.DataFrame:
    """Return the Sobol indices of the mean absolute rank shift: assumption, Si, Si_lo, Si_hi, STi, STi_lo, STi_hi, reason."""
    names = [own.name for own in found.plan.assumptions]
    if found.design != "sobol":
        why = reason("index_random_design")
        return pd.DataFrame({"assumption": names} | dict.fromkeys(_COLUMNS, np.nan)).assign(reason=why)
    got = sensitivity.sobol_indices(found.shift[: found.main], len(names), bootstrap=found.bootstrap, seed=found.seed)
    table = pd.DataFrame({"assumption": names} | {name: part[:, 0] for name, part in _parts(got).items()})
    return table.assign(reason="" if got.variance[0] > 0 else reason("index_shift_still"))


def sensitivity_by_unit(found: Analysis) -> pd.DataFrame:
    """Return the Sobol indices of every unit's own rank: uCode (and Time), assumption, Si … STi_hi, reason."""
    names = [own.name for own in found.plan.assumptions]
    units = found.plan.inputs.units
    d, n = len(names), len(units)
    table = pd.DataFrame({"uCode": np.repeat(units["uCode"].to_numpy(), d)})
    if found.plan.inputs.panel:
        table["Time"] = np.repeat(units["Time"].to_numpy(), d)
    table["assumption"] = names * n
    if found.design != "sobol":
        return table.assign(**dict.fromkeys(_COLUMNS, np.nan), reason=reason("index_random_design"))
    got = sensitivity.sobol_indices(
        found.ranks[: found.main].astype(float), d, bootstrap=found.bootstrap, seed=found.seed
    )
    for name, part in _parts(got).items():
        table[name] = part.T.ravel()
    missing = np.isnan(found.ranks).any(axis=0)
    why = np.where(missing, reason("index_rank_missing"), np.where(got.variance > 0, "", reason("index_rank_still")))
    return table.assign(reason=np.repeat(why, d))


def interaction_table(found: Analysis) -> pd.DataFrame:
    """Return the second-order indices of the mean absolute rank shift: one, other, Sij, Sij_lo, Sij_hi, the largest first.

    Empty where the configuration does not ask for ``interactions``.
    """
    columns = ["one", "other", "Sij", "Sij_lo", "Sij_hi"]
    if not found.second:
        return pd.DataFrame(columns=columns)
    names = [own.name for own in found.plan.assumptions]
    got = sensitivity.interactions(found.shift, len(names), bootstrap=found.bootstrap, seed=found.seed)
    rows = [
        (one, names[j], *(part[i, j] for part in got)) for i, one in enumerate(names) for j in range(i + 1, len(names))
    ]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("Sij", ascending=False, kind="stable", ignore_index=True)


def _parts(got: sensitivity.Indices) -> dict[str, np.ndarray]:
    parts = (got.first, got.first_low, got.first_high, got.total, got.total_low, got.total_high)
    return dict(zip(_COLUMNS, parts, strict=True))


def run_table(found: Analysis) -> pd.DataFrame:
    """Return the record of every run: run (from 1), matrix, every assumption's value, mean_rank_shift."""
    count = len(found.choices)
    matrix = np.full(count, "random", dtype=object)
    if found.design == "sobol":
        names = ["A", "B", *(f"AB_{own.name}" for own in found.plan.assumptions)]
        names += [f"BA_{own.name}" for own in found.plan.assumptions if found.second]
        matrix = np.repeat(np.array(names, dtype=object), found.base)
    table = {"run": np.arange(1, count + 1), "matrix": pd.Categorical(matrix)}
    for own, column in zip(found.plan.assumptions, found.choices.T, strict=True):
        if own.bounds:
            table[own.name] = column.astype(int) if own.kind == "integers" else column
            continue
        labels = [own.label(choice) for choice in range(len(own.values) or own.sets)]
        table[own.name] = pd.Series(labels).take(column.astype(int)).to_numpy()
    return pd.DataFrame(table).assign(mean_rank_shift=found.shift)


def replay(found: Analysis, run: int) -> pipeline.Build:
    """Build one recorded run alone, with every stage.

    Parameters
    ----------
    run : int
        The run's number in the record, from 1.
    """
    return replications.replay(found.plan, found.choices[run - 1])


def write(found: Analysis, folder: Path) -> list[Path]:
    """Write rank_stats.csv, sensitivity.csv, sensitivity_by_unit.csv and runs.parquet; return the paths."""
    note = found.plan.inputs.note
    tables = {
        "rank_stats.csv": rank_statistics(found),
        "sensitivity.csv": sensitivity_table(found),
        "sensitivity_by_unit.csv": sensitivity_by_unit(found),
    }
    if found.second:
        tables["interactions.csv"] = interaction_table(found)
    with whole.folder(folder) as aside:
        files.write_tables(tables, aside, note)
        files.noted(run_table(found), note).to_parquet(aside / "runs.parquet", index=False)
    return [folder / name for name in (*tables, "runs.parquet")]
