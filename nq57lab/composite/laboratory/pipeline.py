"""The pipeline of an index: checked inputs and steps in, a :class:`Build` out with every stage, score, rank and change.

Each step takes a state and returns a new one; nothing is modified in place. The same steps serve one build here and the
replications of :mod:`nq57lab.composite.robustness.replications`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.composite.laboratory import operations
from nq57lab.composite.laboratory.aggregate import Rule, ranks
from nq57lab.composite.laboratory.equal import is_constant
from nq57lab.composite.laboratory.framework import Framework
from nq57lab.composite.laboratory.inputs import Inputs
from nq57lab.composite.laboratory.parts.fields import reason
from nq57lab.composite.laboratory.parts.scaling import normalise_step
from nq57lab.composite.laboratory.parts.state import CHANGES, Cells, Changes, State, of_indicator
from nq57lab.composite.laboratory.steps import Step
from nq57lab.composite.laboratory.treat import Treatment

LARGEST = 1e150  # the squares of larger numbers are no numbers


@dataclass(frozen=True)
class Build:
    """A finished index."""

    inputs: Inputs  # what it was built from
    steps: tuple[Step, ...]
    # name and table after each step: uCode (and Time), the indicators; after the last also the aggregates.
    stages: list[tuple[str, pd.DataFrame]]
    # scores and ranks: uCode (and Time), the index, every aggregate and every normalised indicator; ranks from 1 for
    # the best, within a time.
    scores: pd.DataFrame
    ranks: pd.DataFrame
    # the same columns: the share of each score's weight that rests on figures, 1 where no part of it is missing.
    coverage: pd.DataFrame
    log: tuple[Any, ...]  # what changes is made of
    framework: Framework  # with the weights used
    units: pd.DataFrame
    values: np.ndarray  # the normalised indicators of the units kept
    treatments: Mapping[str, Treatment]  # indicator to its Treatment

    @cached_property
    def changes(self) -> pd.DataFrame:
        """:data:`CHANGES`: every cell that imputation, treatment or truncation changed, every unit screened out, every score missing."""
        blocks = [entry.columns() if isinstance(entry, Cells) else entry for entry in self.log]
        names = [*CHANGES, *(["Time"] if self.inputs.panel else [])]
        joined = {name: list(chain.from_iterable(block[name] for block in blocks)) for name in names}
        return pd.DataFrame(joined).astype({"before": float, "after": float})


def build(inputs: Inputs, steps: Sequence[Step], folder: Path | None = None) -> Build:
    """Run the steps of an index in their order.

    Parameters
    ----------
    steps : sequence of Step
        Checked steps, the aggregation last.
    folder : Path, optional
        Where the weight step's file is looked for (default: the working folder).

    Raises
    ------
    ProblemError
        With every indicator and unit that a step cannot be applied to.
    """
    state, stages, names = start(inputs), [], {step.name for step in steps}
    frame = state.framework
    divided = [pair for pair in zip(frame.indicators, frame.divisors, strict=True) if pair[1]]
    told: list[Any] = []
    if "denominate" not in names:
        for code, divisor in divided:
            told += of_indicator(state, "denominate", code, reason("index_undivided", divisor=divisor))
    elif not divided:
        told += of_indicator(state, "denominate", frame.root, reason("index_none_divided"))
    if "normalise" not in names and len(set(frame.units.values())) > 1:
        told += of_indicator(state, "normalise", frame.root, reason("index_not_normalised"))
    state = replace(state, changes=tuple(told))
    for place, step in enumerate(steps):
        state = run(state, step, place, rules_of(steps), folder)
        codes = list(state.framework.indicators)
        table = _table(inputs, state, {code: state.values[:, n] for n, code in enumerate(codes)})
        if step.name == "aggregate":
            above = {code: state.scores[code] for code in reversed(state.framework.aggregates)}
            table = pd.concat([table, pd.DataFrame(above)], axis=1)
        stages.append((step.name, table))
    listed = (*state.framework.aggregates, *state.framework.indicators)
    if np.isnan(state.scores[state.framework.root]).all():
        _refuse_empty(state, f"aggregate (steps[{len(steps) - 1}])")
    scores = _table(inputs, state, {code: state.scores[code] for code in listed})
    covered = operations.coverage(state.framework, state.values)
    return Build(
        inputs=inputs,
        steps=tuple(steps),
        stages=stages,
        scores=scores,
        ranks=rank_table(scores, list(listed)),
        coverage=_table(inputs, state, {code: covered[code] for code in listed}),
        log=state.changes,
        framework=state.framework,
        units=state.units,
        values=state.values,
        treatments=state.treatments,
    )


def start(inputs: Inputs, *, quiet: bool = False) -> State:
    """Return the state before the first step; a quiet one keeps no list of changes."""
    state = State(inputs.framework, inputs.units, inputs.codes, inputs.values, inputs.divisors, quiet=quiet)
    _refuse_infinite(state, "iData", 0)
    return _watched(state, "iData")


def run(state: State, step: Step, place: int, rules: Mapping[Any, Rule], folder: Path | None = None) -> State:
    """Run one step and return the new state.

    Parameters
    ----------
    rules : mapping
        The aggregation's rules, which weights from principal components of higher levels need.
    folder : Path, optional
        Where the weight step's file is looked for.
    """
    with np.errstate(all="ignore"):  # what is no number is refused below
        new, changes = _run(state, step, place, rules, folder)
    _refuse_infinite(new, step.name, place)
    return replace(_watched(new, step.name), changes=(*state.changes, *changes))


def _run(state: State, step: Step, place: int, rules: Mapping[Any, Rule], folder: Path | None) -> tuple[State, Changes]:
    match step.name:
        case "denominate":
            return operations.denominate_step(state)
        case "impute":
            return operations.impute_step(state, step.parameters)
        case "screen":
            return operations.screen_step(state, step.parameters)
        case "treat":
            return operations.treat_step(state, step.parameters)
        case "normalise":
            return normalise_step(state, step.parameters, place)
        case "weight":
            return operations.weight_step(state, step.parameters, place, rules, folder)
        case "perturb":  # one set of noise factors (replications); no configuration can name it
            frame = state.framework
            factors = step.parameters["factors"]
            weights = {code: frame.weights[code] * factor for code, factor in factors.items() if code in frame.weights}
            return replace(state, framework=frame.with_weights(weights)), []
    return operations.aggregate_step(state, step.parameters, place)


def _watched(state: State, step: str) -> State:
    """Return the state with the indicators that no longer vary, each with the step that made it so."""
    if state.directed or not len(state.values):
        return state
    still = [code for place, code in enumerate(state.framework.indicators) if is_constant(state.values[:, place])]
    if not still:
        return state
    return replace(state, constant={code: state.constant.get(code, step) for code in still})


def _refuse_empty(state: State, label: str) -> None:
    """Refuse an index in which no unit has a score, with the reason of the first."""
    root, why = state.framework.root, ""
    for block in reversed(state.changes):
        if not isinstance(block, Cells) and block["iCode"] == [root]:
            why = f"{block['uCode'][0]}: {block['why'][0]}"
    raise ProblemError([Problem("index_no_scores", label, None, root, why, {"code": root})])


def _refuse_infinite(state: State, step: str, place: int) -> None:
    """Refuse a step whose numbers are, or would make others, no numbers, with the first units."""
    label = step if step == "iData" else f"{step} (steps[{place}])"
    scored = state.scores if step == "aggregate" else {}
    columns = scored or {code: state.values[:, n] for n, code in enumerate(state.framework.indicators)}
    found = []
    for code, column in columns.items():
        for row in np.flatnonzero(np.abs(column) > LARGEST)[:5]:
            details = {"code": code, "unit": state.codes.iat[row], "largest": f"{LARGEST:.0e}".replace("+", "")}
            found.append(Problem("index_infinite", label, None, code, f"{column[row]:g}", details))
    if found:
        raise ProblemError(found)


def rules_of(steps: Sequence[Step]) -> dict[Any, Rule]:
    """Return the rule of every level, and of the aggregates that have their own, from the aggregation step."""
    return operations.rules_in(steps[-1].parameters)


def rank_table(scores: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the ranks of score columns (1 = best, ties min), within each time of a panel."""
    result = scores.copy()
    values = scores[list(columns)].to_numpy(float).T
    groups = [np.arange(len(scores))]
    if "Time" in scores.columns:
        groups = [np.flatnonzero(scores["Time"] == time) for time in scores["Time"].unique()]
    found = np.full(values.shape, np.nan)
    for rows in groups:
        for place, column in enumerate(values):
            found[place, rows] = ranks(column[rows])
    for code, column in zip(columns, found, strict=True):
        result[code] = column
    return result


def _table(inputs: Inputs, state: State, columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
    head = {"uCode": state.units["uCode"].to_numpy()}
    if inputs.panel:
        head["Time"] = state.units["Time"].to_numpy()
    return pd.DataFrame({**head, **columns})
