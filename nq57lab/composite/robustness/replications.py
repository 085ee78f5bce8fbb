"""Replications of an index: many runs that differ in their assumptions, computed together.

The choices of every run in, every unit's rank in every run out. Runs with the same choices before the aggregation share one state of
the data, computed once; those with the same aggregation are combined by one matrix product over their weights. What a step of the
pipeline does is the pipeline's own (:func:`nq57lab.composite.laboratory.pipeline.run`), so that a run replayed alone gives the same.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nq57lab.base.problems import ProblemError
from nq57lab.composite.laboratory import pipeline, steps
from nq57lab.composite.laboratory.aggregate import NegativeValue, aggregate, ranks
from nq57lab.composite.laboratory.inputs import Inputs
from nq57lab.composite.laboratory.operations import negative_problems
from nq57lab.composite.laboratory.parts.state import State
from nq57lab.composite.robustness.assumptions import Assumption

CHUNK = 4_000_000  # scores held at once


@dataclass
class Plan:
    """What the runs share: the nominal index, its assumptions, and the states computed so far."""

    config: dict[str, Any]  # the configuration as given
    inputs: Inputs  # the nominal data
    assumptions: tuple[Assumption, ...]  # what varies
    target: str  # the code whose ranks are recorded
    folder: Path  # where the weight step's file is looked for
    states: dict[str, State] = field(default_factory=dict, repr=False)

    def varied(self, choices: Sequence[float]) -> tuple[dict[str, Any], Inputs]:
        """Return the configuration and the inputs of a run, weights not yet perturbed."""
        config, inputs = self.config, self.inputs
        for own, choice in zip(self.assumptions, choices, strict=True):
            if not own.of_weights:
                config, inputs = own.apply(config, inputs, choice)
        return config, inputs

    def factors(self, choices: Sequence[float]) -> dict[str, float]:
        """Return a run's weight factors."""
        found: dict[str, float] = {}
        for own, choice in zip(self.assumptions, choices, strict=True):
            for code, factor in own.factors.items():
                found[code] = found.get(code, 1.0) * float(factor[int(choice)])
        return found


def replay(plan: Plan, choices: Sequence[float]) -> pipeline.Build:
    """Build one run alone, by the plain pipeline, with every stage."""
    config, inputs = plan.varied(choices)
    listed = list(steps.read(config, inputs.framework, strict=False))
    factors = plan.factors(choices)
    if factors:
        listed.insert(len(listed) - 1, steps.Step("perturb", {"factors": factors}))
    return pipeline.build(inputs, listed, plan.folder)


def run_all(
    plan: Plan, choices: np.ndarray, report: Callable[[int], None] = lambda done: None
) -> tuple[np.ndarray, np.ndarray]:
    """Compute every run.

    Parameters
    ----------
    choices : ndarray of float, shape (runs, d)
        Each run's choices.
    report : callable
        Told how many runs are done, for a progress bar.

    Returns
    -------
    ranks : ndarray of float32, shape (runs, n_rows)
        The target's ranks (1 = best, ties min, within each time), NaN where a unit has no score in a run.
    nominal : ndarray of float, shape (n_rows,)
        The ranks of the index as configured.

    Raises
    ------
    ProblemError
        If a combination of choices cannot be built; the problems name where.
    """
    listed = steps.read(plan.config, plan.inputs.framework)
    first = pipeline.build(plan.inputs, listed, plan.folder)
    nominal = np.full(len(plan.inputs.units), np.nan)
    nominal[_rows(plan, first.units)] = first.ranks[plan.target].to_numpy(float)
    result = np.full((len(choices), len(plan.inputs.units)), np.nan, np.float32)
    upstream = [place for place, own in enumerate(plan.assumptions) if not own.of_weights]
    keys, group = np.unique(choices[:, upstream], axis=0, return_inverse=True)
    group = group.ravel()
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], np.arange(len(keys) + 1))
    done = 0
    for place in range(len(keys)):
        runs = order[ends[place] : ends[place + 1]]
        config, inputs = plan.varied(choices[runs[0]])
        state, last = _before_aggregation(plan, config, inputs, choices[runs[0], upstream])
        step = max(1, CHUNK // max(1, len(state.units)))
        for start in range(0, len(runs), step):
            part = runs[start : start + step]
            result[part[:, None], _rows(plan, state.units)[None, :]] = _ranks(plan, state, last, choices[part])
            done += len(part)
            report(done)
    return result, nominal


def _rows(plan: Plan, units: pd.DataFrame) -> np.ndarray:
    """Return the places of some units among all."""
    if len(units) == len(plan.inputs.units):
        return np.arange(len(units))
    key = plan.inputs.units["uCode"] + "\n" + plan.inputs.units["Time"]
    places = {name: place for place, name in enumerate(key)}
    return np.array([places[name] for name in units["uCode"] + "\n" + units["Time"]])


def _before_aggregation(
    plan: Plan, config: dict[str, Any], inputs: Inputs, choices: np.ndarray
) -> tuple[State, steps.Step]:
    """Return the state before the aggregation, and the aggregation; states are kept by the steps that led to them."""
    listed = steps.read(config, inputs.framework, strict=False)
    data = [
        (own.name, float(choice))
        for own, choice in zip([own for own in plan.assumptions if not own.of_weights], choices, strict=True)
        if not own.path
    ]
    needs_rules = any(
        step.name == "weight" and step.parameters["set"] in ("pca", "optimised", "entropy") for step in listed
    )
    rules = pipeline.rules_of(listed)
    key = json.dumps(data)
    state = plan.states.get(key) or pipeline.start(inputs, quiet=True)
    plan.states.setdefault(key, state)
    for place, step in enumerate(listed[:-1]):
        key += "|" + step.name + json.dumps(step.parameters, sort_keys=True, default=str)
        if step.name == "weight" and needs_rules:
            key += repr(rules)
        if key not in plan.states:
            plan.states[key] = pipeline.run(state, step, place, rules, plan.folder)
        state = plan.states[key]
    return state, listed[-1]


def _ranks(plan: Plan, state: State, last: steps.Step, choices: np.ndarray) -> np.ndarray:
    """Return the target's ranks in runs that share a state and an aggregation, shape (runs, n_units)."""
    frame = state.framework
    weights: dict[str, Any] = dict(frame.weights)
    for own, column in zip(plan.assumptions, choices.T, strict=True):
        for code, factors in own.factors.items():
            if code in weights:
                weights[code] = weights[code] * factors[column.astype(int)]
    rules = pipeline.rules_of([last])
    try:
        scores = aggregate(frame, state.values, weights, rules, last.parameters["min_available"])
    except NegativeValue as error:
        raise ProblemError(negative_problems(state, rules, len(plan.config["steps"]) - 1, error)) from None
    if plan.target not in scores:  # left out in these runs
        return np.full((len(choices), len(state.units)), np.nan)
    reached = np.broadcast_to(scores[plan.target], (len(choices), len(state.units)))
    times = state.units["Time"]
    if times.nunique() == 1:
        return ranks(reached)
    found = np.empty(reached.shape)
    for time in times.unique():
        rows = np.flatnonzero(times == time)
        found[:, rows] = ranks(reached[:, rows])
    return found
