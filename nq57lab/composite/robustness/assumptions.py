"""Uncertain assumptions of an index: what may vary, its alternatives or its distribution, and how a run's choice is applied.

The ``uncertain:`` part of a configuration in, a tuple of :class:`Assumption` out. Each has one coordinate u in [0, 1) of the design;
:meth:`Assumption.choose` maps it to a choice, which is a number that the record of runs keeps.
"""

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.composite.laboratory import steps
from nq57lab.composite.laboratory.inputs import Inputs
from nq57lab.composite.laboratory.parts.fields import FIELDS, is_number, is_whole
from nq57lab.composite.laboratory.weight import noise_factors

WEIGHT_SETS = 1000  # as COINr's default number of weight replications
ERROR_SETS = 100
DISTRIBUTIONS = {"uniform": 2, "normal": 2, "triangular": 3, "integers": 2}
KINDS = ("values", *DISTRIBUTIONS, "noise", "error", "include", "draws")


@dataclass(frozen=True)
class Assumption:
    """One uncertain assumption."""

    name: str
    # values, uniform, normal, triangular, integers (a path into the steps), noise (weights), error (data), include
    # (an element of the framework), draws (values drawn elsewhere, as by a forecast).
    kind: str
    path: tuple[Any, ...] = ()  # where in the steps a value goes
    values: tuple[Any, ...] = ()  # the alternatives
    bounds: tuple[float, ...] = ()  # a distribution's parameters
    sets: int = 0  # how many sets of weight factors, errors or draws there are
    factors: Mapping[str, np.ndarray] = field(default_factory=dict)  # weight factors: code to an array of shape (sets,)
    # errors, shape (sets, n_rows, n_indicators), and where they apply; or drawn values, NaN where the data stand.
    cells: np.ndarray | None = None
    relative: bool = True  # whether an error multiplies (1 + e) instead of being added
    code: str = ""  # the element that may be left out

    @property
    def of_weights(self) -> bool:
        """Whether it only perturbs weights, so that runs that differ in it share everything before the aggregation."""
        return self.kind == "noise"

    def choose(self, u: np.ndarray) -> np.ndarray:
        """Return the choices of coordinates in [0, 1): a place among the alternatives or sets, or a number."""
        if self.kind in ("uniform", "normal", "triangular"):
            return self._frozen().ppf(np.clip(u, 1e-12, 1 - 1e-12))
        if self.kind == "integers":
            low, high = self.bounds
            return np.minimum(low + np.floor(u * (high - low + 1)), high)
        count = len(self.values) or self.sets
        return np.minimum(np.floor(u * count), count - 1)

    def _frozen(self) -> Any:
        if self.kind == "uniform":
            return stats.uniform(self.bounds[0], self.bounds[1] - self.bounds[0])
        if self.kind == "normal":
            return stats.norm(*self.bounds)
        low, mode, high = self.bounds
        return stats.triang((mode - low) / (high - low), low, high - low)

    def value(self, choice: float) -> Any:
        """Return what a choice stands for: an alternative, a number, or the number of a set (from 1)."""
        if self.values:
            return self.values[int(choice)]
        if self.kind == "integers":
            return int(choice)
        return float(choice) if self.bounds and self.kind != "error" else int(choice) + 1

    def label(self, choice: float) -> Any:
        """Return a choice's value as the record keeps it: numbers as they are, anything else as text."""
        value = self.value(choice)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return value

    def apply(self, config: dict[str, Any], inputs: Inputs, choice: float) -> tuple[dict[str, Any], Inputs]:
        """Return the configuration and the inputs of a run with this choice; weights are perturbed elsewhere."""
        if self.path:
            return put(config, self.path, self.value(choice)), inputs
        if self.kind == "include":
            return config, inputs if self.value(choice) else inputs.without({self.code})
        if self.kind in ("error", "draws"):
            assert self.cells is not None
            return config, self._varied(inputs, self.cells[int(choice)])
        return config, inputs

    def _varied(self, inputs: Inputs, cells: np.ndarray) -> Inputs:
        if cells.shape != inputs.values.shape:  # an element was left out before
            raise ValueError("errors and draws are applied before elements are left out")
        if self.kind == "draws":
            return inputs.with_values(np.where(np.isnan(cells), inputs.values, cells))
        values = inputs.values * (1 + cells) if self.relative else inputs.values + cells
        return inputs.with_values(values)


def put(config: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """Return a configuration with another value at a path into its steps; the one given stays as it is.

    Examples
    --------
    >>> put({"steps": [{"treat": {"winmax": 5}}]}, (0, "treat", "winmax"), 1)
    {'steps': [{'treat': {'winmax': 1}}]}
    >>> put({"steps": ["aggregate"]}, (0, "aggregate", "method"), "median")
    {'steps': [{'aggregate': {'method': 'median'}}]}
    """
    result = copy.deepcopy(config)
    place: Any = result["steps"]
    for key in path[:-1]:
        if isinstance(place, list) and isinstance(place[key], str):  # a step without parameters
            place[key] = {place[key]: {}}
        if isinstance(place, dict) and not isinstance(place.get(key), dict | list):
            place[key] = {}
        place = place[key]
    place[path[-1]] = value
    return result


def resolve(config: Mapping[str, Any], text: str) -> tuple[Any, ...]:
    """Return a path like ``treat.winmax``, ``steps[3].treat.winmax`` or ``aggregate.by_level.3`` as keys into the steps.

    Raises
    ------
    KeyError
        If no step, or more than one, has that name.
    """
    parts = [part for part in re.split(r"[.\[\]]+", text) if part]
    if parts and parts[0] == "steps":
        parts = parts[1:]
    names = [entry if isinstance(entry, str) else next(iter(entry), "") for entry in config["steps"]]
    if parts and parts[0].isdigit():
        place, rest = int(parts[0]), parts[1:]
        if place >= len(names) or not rest or rest[0] != names[place]:
            raise KeyError(text)
    else:
        rest = parts
        if not rest or names.count(rest[0]) != 1:
            raise KeyError(text)
        place = names.index(rest[0])
    return (place, *(int(part) if part.isdigit() else part for part in rest))


def read(config: Mapping[str, Any], inputs: Inputs, seed: int, label: str, folder: Path) -> tuple[Assumption, ...]:
    """Check the ``uncertain`` part of a configuration.

    Parameters
    ----------
    config : mapping
        The whole configuration; its steps are valid as they stand.
    seed : int
        Draws the sets of weight factors and errors, each assumption its own stream.

    Raises
    ------
    ProblemError
        With every problem: an unknown key or path, a distribution that cannot be, an alternative that its step refuses.
    """
    given = config.get("uncertain")
    told = steps.Told(label)
    if not isinstance(given, Mapping) or not given:
        told.complain("index_assumptions", "uncertain", given)
        raise ProblemError(told.problems)
    result = []
    for place, (name, spec) in enumerate(given.items()):
        own = _read_one(str(name), spec, config, inputs, np.random.default_rng([seed, place]), folder, told)
        if own:
            result.append(own)
    told.problems += _useless(config, result, inputs, label) if not told.problems else []
    told.refuse()
    # Errors and draws come before elements are left out, whose columns they would miss.
    return tuple(sorted(result, key=lambda own: own.kind == "include"))


def _useless(config: Mapping[str, Any], varied: list[Assumption], inputs: Inputs, label: str) -> list[Problem]:
    """Return the assumptions about keys that no method reads, neither the configured one nor an alternative of another assumption."""
    found = []
    for own in varied:
        if not own.path:
            continue
        others = [other for other in varied if other is not own and other.path and other.values]
        settings = [dict(config), *(put(dict(config), o.path, value) for o in others for value in o.values)]
        where = f"steps[{own.path[0]}]." + ".".join(map(str, own.path[1:]))
        for value in own.values or (own.value(float(own.choose(np.array([0.5]))[0])),):
            told = [_unread(put(one, own.path, value), inputs, label, where) for one in settings]
            if all(told):
                found.append(replace(told[0][0], column=f"uncertain.{own.name} → {told[0][0].column}"))
                break
    return found


def _unread(config: dict[str, Any], inputs: Inputs, label: str, where: str) -> list[Problem]:
    """Return the problems of keys at or below a place that the chosen method does not read."""
    try:
        steps.read(config, inputs.framework, label)
    except ProblemError as error:
        return [p for p in error.problems if p.column == where or p.column.startswith(f"{where}.")]
    return []


def _read_one(
    name: str,
    spec: Any,
    config: Mapping[str, Any],
    inputs: Inputs,
    generator: np.random.Generator,
    folder: Path,
    told: steps.Told,
) -> Assumption | None:
    place = f"uncertain.{name}"
    if not isinstance(spec, Mapping):
        told.complain("json_object", place, spec)
        return None
    if "noise" in spec:
        return _noise(name, spec, inputs, generator, place, told)
    if "error" in spec:
        return _error(name, spec, inputs, generator, place, told)
    if "include" in spec:
        return _include(name, spec, inputs, place, told)
    if "draws" in spec:
        return _draws(name, spec, inputs, folder, place, told)
    kinds = [key for key in spec if key in KINDS]
    unknown = [key for key in spec if key not in (*KINDS, "path")]
    if unknown or len(kinds) != 1 or not isinstance(spec.get("path"), str):
        shown = ", ".join(map(str, unknown or spec))
        told.complain("index_path_and_kind", place, shown, listed=", ".join(KINDS))
        return None
    try:
        path = resolve(config, spec["path"])
    except KeyError:
        first = re.split(r"[.\[\]]+", spec["path"])[0]
        names = [entry if isinstance(entry, str) else str(next(iter(entry), "")) for entry in config["steps"]]
        if first in FIELDS and first not in names:
            listed = ", ".join(dict.fromkeys(names))
            told.complain("index_no_step", f"{place}.path", spec["path"], listed=listed, step=first)
        else:
            told.complain("index_path", f"{place}.path", spec["path"])
        return None
    kind = kinds[0]
    if kind == "values":
        options = spec["values"] if isinstance(spec["values"], list) else []
        if not options or len({json.dumps(value) for value in options}) < len(options):
            told.complain("index_alternatives", f"{place}.values", spec["values"])
            return None
        own = Assumption(name, kind, path, tuple(spec["values"]))
        trials = spec["values"]
    else:
        bounds = spec[kind]
        if not _fits(kind, bounds):
            told.complain("index_bounds", f"{place}.{kind}", bounds, count=DISTRIBUTIONS[kind], kind=kind)
            return None
        own = Assumption(name, kind, path, bounds=tuple(bounds))
        trials = [own.value(choice) for choice in own.choose(np.array([0.001, 0.999]))]
    for value in trials:
        try:
            steps.read(put(dict(config), path, value), inputs.framework, told.label, strict=False)
        except ProblemError as error:
            at_value = [replace(problem, column=f"{place} → {problem.column}") for problem in error.problems]
            told.problems += [problem for problem in at_value if problem not in told.problems]
    return own


def _fits(kind: str, bounds: Any) -> bool:
    if not isinstance(bounds, list) or len(bounds) != DISTRIBUTIONS[kind] or not all(map(is_number, bounds)):
        return False
    if kind == "normal":
        return bounds[1] > 0
    if kind == "integers" and not all(float(end).is_integer() for end in bounds):
        return False
    return bounds == sorted(bounds) and bounds[0] < bounds[-1]


def _unknown(spec: Mapping[str, Any], allowed: tuple[str, ...], place: str, told: steps.Told) -> None:
    for key in spec:
        if key not in allowed:
            told.complain("only_keys", f"{place}.{key}", key, listed=", ".join(allowed), hint="")


def _sets(spec: Mapping[str, Any], default: int, place: str, told: steps.Told) -> int:
    sets = spec.get("sets", default)
    if not is_whole(sets) or sets < 2:
        told.complain("index_whole_from", f"{place}.sets", sets, least=2)
        return 2
    return sets


def _noise(name, spec, inputs, generator, place, told) -> Assumption:
    _unknown(spec, ("noise", "levels", "sets"), place, told)
    frame, noise = inputs.framework, spec["noise"]
    if not is_number(noise) or not 0 < noise < 1:
        told.complain("index_number_in", f"{place}.noise", noise, range="(0, 1)")
        noise = 0.1
    present = frame.weighted_levels
    levels = spec.get("levels", present)
    if not isinstance(levels, list) or not levels or not set(levels) <= set(present):
        told.complain("index_levels_among", f"{place}.levels", levels, listed=present)
        levels = present
    sets = _sets(spec, WEIGHT_SETS, place, told)
    return Assumption(name, "noise", sets=sets, factors=noise_factors(frame, noise, levels, sets, generator))


def _error(name, spec, inputs, generator, place, told) -> Assumption | None:
    _unknown(spec, ("error", "indicators", "sets", *DISTRIBUTIONS), place, told)
    frame = inputs.framework
    kinds = [key for key in spec if key in DISTRIBUTIONS and key != "integers"]
    if spec["error"] not in ("relative", "absolute"):
        told.complain("enum", f"{place}.error", spec["error"], value="relative, absolute")
    if len(kinds) != 1 or not _fits(kinds[0], spec[kinds[0]]):
        told.complain("index_distribution", place, ", ".join(map(str, spec)))
        return None
    codes = spec.get("indicators", list(frame.indicators))
    wrong = [code for code in codes if code not in frame.indicators] if isinstance(codes, list) else [codes]
    if wrong:
        told.complain("index_indicators", f"{place}.indicators", ", ".join(map(str, wrong)))
        return None
    sets = _sets(spec, ERROR_SETS, place, told)
    frozen = Assumption(name, kinds[0], bounds=tuple(spec[kinds[0]]))
    cells = np.zeros((sets, *inputs.values.shape))
    places = [frame.indicators.index(code) for code in codes]
    cells[:, :, places] = frozen.choose(generator.random((sets, len(inputs.values), len(places))))
    return Assumption(name, "error", sets=sets, cells=cells, relative=spec["error"] == "relative")


def _include(name, spec, inputs, place, told) -> Assumption:
    _unknown(spec, ("include",), place, told)
    code = spec["include"]
    if code not in inputs.framework.parents:
        told.complain("index_element_below", f"{place}.include", code)
    return Assumption(name, "include", values=(True, False), code=str(code))


def _draws(name, spec, inputs, folder, place, told) -> Assumption | None:
    """Read predictive draws: uCode, iCode, draw, value (and Time in a panel); cells that they do not name keep the data."""
    _unknown(spec, ("draws",), place, told)
    path = folder / str(spec["draws"])
    if not path.exists():
        named = str(spec["draws"])
        told.problems.append(Problem("missing_file", told.label, None, f"{place}.draws", named, {"file": named}))
        return None
    of_file = steps.Told(path.name, problems=told.problems)
    table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    lacking = [column for column in ("uCode", "iCode", "draw", "value") if column not in table.columns]
    if lacking:
        told.problems += [Problem("missing_column", path.name, 1, name, details={"column": name}) for name in lacking]
        return None
    times = table["Time"].astype(str) if "Time" in table.columns else ""
    units = dict(zip(inputs.units["uCode"] + "@" + inputs.units["Time"], range(len(inputs.units)), strict=True))
    row = (table["uCode"].astype(str) + "@" + times).map(units)
    column = table["iCode"].map({code: place for place, code in enumerate(inputs.framework.indicators)})
    lost = row.isna() | column.isna() | ~np.isfinite(table["value"].astype(float))
    for at in np.flatnonzero(lost)[:5]:
        shown = " ".join(str(table[key].iat[at]) for key in ("uCode", "iCode", "value"))
        of_file.complain("index_draw", "uCode, iCode, value", shown)
    numbers = {draw: place for place, draw in enumerate(sorted(table["draw"].unique()))}
    if len(numbers) < 2:
        of_file.complain("index_two_draws", "draw", len(numbers))
    if told.problems:
        return None
    cells = np.full((len(numbers), *inputs.values.shape), np.nan)
    at = (table["draw"].map(numbers).to_numpy(), row.astype(int).to_numpy(), column.astype(int).to_numpy())
    cells[at] = table["value"]
    return Assumption(name, "draws", sets=len(numbers), cells=cells)
