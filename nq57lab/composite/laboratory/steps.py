"""The configuration of an index: steps in the order in which they run, each checked once.

A YAML mapping in (``steps:`` a list of one-key mappings), a tuple of :class:`Step` out with every default filled in; or all problems,
each with the path of the key.
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Any

from nq57lab.base import messages
from nq57lab.base.problems import Problem, ProblemError, likely
from nq57lab.composite.laboratory.framework import Framework

NORMALISATIONS = (
    *("minmax", "scaled", "zscore", "rank", "percentile_rank", "borda", "dist2max", "dist2ref", "dist2target"),
    *("fracmax", "goalposts", "none"),
)
AGGREGATIONS = ("arithmetic", "geometric", "harmonic", "power", "median", "copeland", "bod", "mpi")


@dataclass(frozen=True)
class Step:
    """One step: its name and its parameters, complete."""

    name: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """What a parameter may be: the code of its words and their particulars, a test of its value, and its default."""

    code: str
    test: Callable[[Any], bool]
    default: Any = None
    details: Mapping[str, object] = field(default_factory=dict)


def _number(low: float, high: float, default: float | None = None) -> Field:
    details = {"range": f"[{low:g}, {high:g}]"}
    return Field("index_number_in", lambda v: is_number(v) and low <= v <= high, default, details)


def _choice(*options: str, default: str | None = None) -> Field:
    details = {"value": ", ".join(options)}
    return Field("enum", lambda v: isinstance(v, str) and v in options, default, details)


def is_number(value: Any) -> bool:
    """Tell whether a value is a finite number (a truth value is not)."""
    return isinstance(value, Real) and not isinstance(value, bool) and abs(float(value)) < float("inf")


def is_whole(value: Any) -> bool:
    """Tell whether a value is a whole number (a truth value is not)."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(is_number(end) for end in value)


def _rising(value: Any) -> bool:
    return _is_pair(value) and value[0] < value[1]


_TEXT = Field("index_name", lambda v: isinstance(v, str) and bool(v))
_FLAG = Field("json_boolean", lambda v: isinstance(v, bool))
_PAIR = Field("index_pair", _rising)
_MAPPING = Field("json_object", lambda v: isinstance(v, Mapping))
_LEVELS = Field("index_levels", lambda v: isinstance(v, list) and bool(v) and all(map(is_whole, v)))
_ANY_NUMBER = Field("json_number", is_number)
_POSITIVE = Field("index_positive", lambda v: is_number(v) and v > 0)
_COUNT = Field("index_whole_from", lambda v: is_whole(v) and v >= 0, details={"least": 0})


_NORMALISE = {
    "method": _choice(*NORMALISATIONS),
    "range": _PAIR,
    "mean": replace(_ANY_NUMBER, default=0),
    "sd": replace(_POSITIVE, default=1),
    "unit": _TEXT,
    "posts": _PAIR,
    "truncate": _FLAG,
    "transform": _choice("none", "log", default="none"),
}
_AGGREGATE = {
    "method": _choice(*AGGREGATIONS, default="arithmetic"),
    "p": replace(_ANY_NUMBER, default=1),
    "lower": _number(0, 1, 0),
    "upper": _number(0, 1, 1),
    "penalty": _choice("minus", "plus", default="minus"),
}
FIELDS: dict[str, dict[str, Field]] = {
    "denominate": {},
    "impute": {"method": _choice("mean", "median", "none", default="mean"), "within": _TEXT},
    "screen": {"availability": _number(0, 1, 0)},
    "treat": {
        "winmax": replace(_COUNT, default=5),
        "skew": replace(_POSITIVE, default=2),
        "kurt": replace(_ANY_NUMBER, default=3.5),
        "then": _choice("log", "none", default="log"),
    },
    "normalise": {**_NORMALISE, "by": _MAPPING},
    "weight": {
        "set": _choice("original", "equal", "pca", "file", default="original"),
        "file": _TEXT,
        "levels": _LEVELS,
        "squared": replace(_FLAG, default=False),
    },
    "aggregate": {**_AGGREGATE, "by_level": _MAPPING, "min_available": _number(0, 1, 0)},
}
SKIPPABLE = ("impute", "treat")  # "none" in the place of their parameters
# What a method cannot do without.
_NEEDED = {"goalposts": "posts", "dist2ref": "unit"}


def read(config: Any, frame: Framework, label: str = "index.yml") -> tuple[Step, ...]:
    """Check a configuration's ``steps`` and return them with defaults filled in.

    Parameters
    ----------
    config : mapping
        What the YAML file holds.
    frame : Framework
        The tree, for the codes and levels that steps name.
    label : str
        The file's name, for the problems.

    Returns
    -------
    tuple of Step

    Raises
    ------
    ProblemError
        With every problem, each at its path (``steps[2].treat.winmax``).

    Notes
    -----
    The last step is the one aggregation. Where an indicator has direction −1, a normalise step must come before it, since only
    that step turns directions round.
    """
    found: list[Problem] = []
    listed = config.get("steps") if isinstance(config, Mapping) else None
    if not isinstance(listed, list) or not listed:
        complain("index_step_list", found, label, "steps", listed)
        raise ProblemError(found)
    steps = []
    for place, entry in enumerate(listed):
        entry = {entry: {}} if isinstance(entry, str) else entry
        path = f"steps[{place}]"
        if not isinstance(entry, Mapping) or len(entry) != 1:
            complain("index_one_step", found, label, path, entry)
            continue
        name, given = next(iter(entry.items()))
        if name not in FIELDS:
            hint = likely(difflib.get_close_matches(str(name), list(FIELDS), n=1))
            complain("one_of", found, label, path, name, listed=", ".join(FIELDS), hint=hint)
            continue
        if given == "none" and name in SKIPPABLE:
            given = {"method": "none"} if name == "impute" else {"winmax": 0, "then": "none"}
        path = f"{path}.{name}"
        parameters = _checked(given if given is not None else {}, FIELDS[name], label, path, found)
        if name == "normalise":
            parameters = _normalise(parameters, frame, label, path, found)
        elif name == "aggregate":
            parameters = _aggregate(parameters, frame, label, path, found)
        elif name == "weight" and parameters.get("set") == "file" and not parameters.get("file"):
            complain("index_weights_file", found, label, f"{path}.file", "")
        elif name == "impute" and parameters.get("within") and parameters["within"] not in frame.groups:
            listed_groups = ", ".join(frame.groups) or "–"
            complain("index_group", found, label, f"{path}.within", parameters["within"], listed=listed_groups)
        steps.append(Step(str(name), parameters))
    found += _order_problems(steps, frame, label, complete=len(steps) == len(listed))
    if found:
        raise ProblemError(found)
    return tuple(steps)


def complain(code: str, found: list[Problem], label: str, path: str, value: Any, /, **details: object) -> None:
    """Add the problem of a configuration whose value at a path is not what the shape ``code`` says."""
    shown = "" if value is None else str(value)
    found.append(Problem("index_config", label, None, path, shown, {"expected": messages.shape(code, **details)}))


def _checked(given: Any, fields: dict[str, Field], label: str, path: str, found: list[Problem]) -> dict[str, Any]:
    """Return the parameters with defaults; add a problem for each that is unknown or wrong."""
    values = {name: field.default for name, field in fields.items() if field.default is not None}
    if not isinstance(given, Mapping):
        complain("json_object", found, label, path, given)
        return values
    for key, value in given.items():
        if key not in fields:
            names = ", ".join(fields) or "{}"
            hint = likely(difflib.get_close_matches(str(key), list(fields), n=1))
            complain("only_keys", found, label, f"{path}.{key}", key, listed=names, hint=hint)
        elif not fields[key].test(value):
            if key == "posts" and _is_pair(value):
                whose = path.rpartition(".by.")[2] if ".by." in path else messages.shape("index_all_indicators")
                found.append(Problem("index_goalposts", label, None, f"{path}.{key}", str(value), {"code": whose}))
            else:
                complain(fields[key].code, found, label, f"{path}.{key}", value, **fields[key].details)
        else:
            values[key] = value
    return values


def _normalise(values: dict[str, Any], frame: Framework, label: str, path: str, found: list[Problem]) -> dict[str, Any]:
    """Return ``{"by": {code: parameters}}`` with one entry for every indicator."""
    default = {name: value for name, value in values.items() if name != "by"}
    by = values.get("by", {})
    complete = {}
    for code in [code for code in by if code not in frame.indicators]:
        complain("index_indicator", found, label, f"{path}.by.{code}", code)
    if not by and "method" not in default:
        default["method"] = "minmax"
    for code in frame.indicators:
        if code not in by:
            if "method" not in default:
                complain("index_method_or_by", found, label, f"{path}.by.{code}", "")
            complete[code] = default
            continue
        own = _checked(by[code], _NORMALISE, label, f"{path}.by.{code}", found)
        given = by[code] if isinstance(by[code], Mapping) else {}
        complete[code] = default | {key: own[key] for key in given if key in own}
        complete[code].setdefault("transform", "none")
        if "method" not in complete[code]:
            complain("enum", found, label, f"{path}.by.{code}.method", "", **_NORMALISE["method"].details)
    for code, own in complete.items():
        needed = _NEEDED.get(own.get("method", ""))
        wrong = isinstance(by.get(code), Mapping) and needed in by[code]  # told already
        if needed and needed not in own and not wrong and needed not in values and not _told(found, path, code, needed):
            place = f"{path}.by.{code}.{needed}" if code in by else f"{path}.{needed}"
            complain(_NORMALISE[needed].code, found, label, place, "")
    return {"by": complete}


def _told(found: list[Problem], path: str, code: str, key: str) -> bool:
    return any(problem.column in (f"{path}.{key}", f"{path}.by.{code}.{key}") for problem in found)


def _aggregate(values: dict[str, Any], frame: Framework, label: str, path: str, found: list[Problem]) -> dict[str, Any]:
    """Return ``{"levels": {level: parameters}, "min_available": share}`` with one entry for every level above 1."""
    default = {key: values[key] for key in _AGGREGATE if key in values}
    by = values.get("by_level", {})
    above = sorted({frame.levels[code] for code in frame.aggregates})
    levels = {}
    for level in [level for level in by if level not in above]:
        complain("index_level_computed", found, label, f"{path}.by_level", level, listed=", ".join(map(str, above)))
    for level in above:
        own = by.get(level, {})
        own = {"method": own} if isinstance(own, str) else own
        given = _checked(own, _AGGREGATE, label, f"{path}.by_level.{level}", found)
        named = own if isinstance(own, Mapping) else {}
        levels[level] = default | {key: given[key] for key in named if key in given}
        if levels[level]["method"] == "bod":
            largest = max(len(frame.children(code)) for code in frame.aggregates if frame.levels[code] == level)
            fewest = min(len(frame.children(code)) for code in frame.aggregates if frame.levels[code] == level)
            low, high = levels[level]["lower"], levels[level]["upper"]
            if low > high or low * largest > 1 + 1e-12 or high * fewest < 1 - 1e-12:
                shown = f"lower {low}, upper {high}"
                complain("index_shares", found, label, path, shown, largest=largest, fewest=fewest)
    return {"levels": levels, "min_available": values.get("min_available", 0)}


def _order_problems(steps: list[Step], frame: Framework, label: str, *, complete: bool) -> list[Problem]:
    found: list[Problem] = []
    names = [step.name for step in steps]
    if complete and (names.count("aggregate") != 1 or names[-1] != "aggregate"):
        complain("index_aggregate_last", found, label, "steps", ", ".join(names))
    if complete and "normalise" not in names and (frame.direction < 0).any():
        code = frame.indicators[int((frame.direction < 0).argmax())]
        complain("index_normalise_first", found, label, "steps", ", ".join(names), code=code)
    return found
