"""The configuration of an index: steps in the order in which they run, each checked once.

A YAML mapping in (``steps:`` a list of one-key mappings), a tuple of :class:`Step` out with every default filled in; or all problems,
each with the path of the key.
"""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

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
    """What a parameter may be: a test of its value, what is expected in words, and its default."""

    test: Callable[[Any], bool]
    vi: str
    en: str
    default: Any = None


def _number(low: float, high: float, default: float | None = None) -> Field:
    text = f"[{low:g}, {high:g}]"
    return Field(lambda v: is_number(v) and low <= v <= high, f"số trong {text}", f"a number in {text}", default)


def _choice(*options: str, default: str | None = None) -> Field:
    listed = ", ".join(options)
    return Field(lambda v: isinstance(v, str) and v in options, f"một trong: {listed}", f"one of: {listed}", default)


def is_number(value: Any) -> bool:
    """Tell whether a value is a finite number (a truth value is not)."""
    return isinstance(value, Real) and not isinstance(value, bool) and abs(float(value)) < float("inf")


def _is_pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(is_number(end) for end in value)


def _rising(value: Any) -> bool:
    return _is_pair(value) and value[0] < value[1]


_TEXT = Field(lambda v: isinstance(v, str) and bool(v), "một mã hoặc tên", "a code or a name")
_FLAG = Field(lambda v: isinstance(v, bool), "true hoặc false", "true or false")
_PAIR = Field(_rising, "hai số [thấp, cao], thấp < cao", "two numbers [low, high], low < high")
_MAPPING = Field(lambda v: isinstance(v, Mapping), "các cặp khóa: giá trị", "key: value pairs")
_LEVELS = Field(
    lambda v: isinstance(v, list) and bool(v) and all(isinstance(x, int) and not isinstance(x, bool) for x in v),
    "danh sách cấp, thí dụ [2, 3]",
    "a list of levels like [2, 3]",
)
_ANY_NUMBER = Field(is_number, "số", "a number")
_POSITIVE = Field(lambda v: is_number(v) and v > 0, "số dương", "a positive number")
_COUNT = Field(
    lambda v: isinstance(v, int) and not isinstance(v, bool) and v >= 0, "số nguyên không âm", "a whole number from 0"
)


def _with(field: Field, default: Any) -> Field:
    return Field(field.test, field.vi, field.en, default)


_NORMALISE = {
    "method": _choice(*NORMALISATIONS),
    "range": _PAIR,
    "mean": _with(_ANY_NUMBER, 0),
    "sd": _with(_POSITIVE, 1),
    "unit": _TEXT,
    "posts": _PAIR,
    "truncate": _FLAG,
    "transform": _choice("none", "log", default="none"),
}
_AGGREGATE = {
    "method": _choice(*AGGREGATIONS, default="arithmetic"),
    "p": _with(_ANY_NUMBER, 1),
    "lower": _number(0, 1, 0),
    "upper": _number(0, 1, 1),
    "penalty": _choice("minus", "plus", default="minus"),
}
FIELDS: dict[str, dict[str, Field]] = {
    "denominate": {},
    "impute": {"method": _choice("mean", "median", "none", default="mean"), "within": _TEXT},
    "screen": {"availability": _number(0, 1, 0)},
    "treat": {
        "winmax": _with(_COUNT, 5),
        "skew": _with(_POSITIVE, 2),
        "kurt": _with(_ANY_NUMBER, 3.5),
        "then": _choice("log", "none", default="log"),
    },
    "normalise": {**_NORMALISE, "by": _MAPPING},
    "weight": {
        "set": _choice("original", "equal", "pca", "file", default="original"),
        "file": _TEXT,
        "levels": _LEVELS,
        "squared": _with(_FLAG, False),
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
        _complain(found, label, "steps", listed, "danh sách các bước", "a list of steps")
        raise ProblemError(found)
    steps = []
    for place, entry in enumerate(listed):
        entry = {entry: {}} if isinstance(entry, str) else entry
        path = f"steps[{place}]"
        if not isinstance(entry, Mapping) or len(entry) != 1:
            _complain(
                found, label, path, entry, "đúng một bước, dạng tên: {tham số}", "one step, as name: {parameters}"
            )
            continue
        name, given = next(iter(entry.items()))
        if name not in FIELDS:
            hint = likely(difflib.get_close_matches(str(name), list(FIELDS), n=1))
            listed_names = ", ".join(FIELDS)
            _complain(
                found,
                label,
                path,
                name,
                f"một trong: {listed_names}{hint['vi']}",
                f"one of: {listed_names}{hint['en']}",
            )
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
            _complain(found, label, f"{path}.file", "", "tên tệp trọng số", "the name of the file of weights")
        elif name == "impute" and parameters.get("within") and parameters["within"] not in frame.groups:
            listed_groups = ", ".join(frame.groups) or "–"
            words = (f"một nhóm có trong iMeta: {listed_groups}", f"a group that iMeta has: {listed_groups}")
            _complain(found, label, f"{path}.within", parameters["within"], *words)
        steps.append(Step(str(name), parameters))
    found += _order_problems(steps, frame, label, complete=len(steps) == len(listed))
    if found:
        raise ProblemError(found)
    return tuple(steps)


def _complain(found: list[Problem], label: str, path: str, value: Any, vi: str, en: str) -> None:
    shown = "" if value is None else str(value)
    found.append(Problem("index_config", label, None, path, shown, {"expected": {"vi": vi, "en": en}}))


def _checked(given: Any, fields: dict[str, Field], label: str, path: str, found: list[Problem]) -> dict[str, Any]:
    """Return the parameters with defaults; add a problem for each that is unknown or wrong."""
    values = {name: field.default for name, field in fields.items() if field.default is not None}
    if not isinstance(given, Mapping):
        _complain(found, label, path, given, "các cặp khóa: giá trị", "key: value pairs")
        return values
    for key, value in given.items():
        if key not in fields:
            names = ", ".join(fields) or "{}"
            hint = likely(difflib.get_close_matches(str(key), list(fields), n=1))
            _complain(
                found,
                label,
                f"{path}.{key}",
                key,
                f"chỉ các khóa: {names}{hint['vi']}",
                f"only the keys: {names}{hint['en']}",
            )
        elif not fields[key].test(value):
            code = "index_goalposts" if key == "posts" and _is_pair(value) else ""
            if code:
                found.append(Problem(code, label, None, f"{path}.{key}", str(value), {"code": _whose(path)}))
            else:
                _complain(found, label, f"{path}.{key}", value, fields[key].vi, fields[key].en)
        else:
            values[key] = value
    return values


def _whose(path: str) -> dict[str, str]:
    """Name the indicator whose parameters stand at a path, or all of them."""
    code = path.rpartition(".by.")[2] if ".by." in path else ""
    return {"vi": code or "mọi chỉ số", "en": code or "all indicators"}


def _normalise(values: dict[str, Any], frame: Framework, label: str, path: str, found: list[Problem]) -> dict[str, Any]:
    """Return ``{"by": {code: parameters}}`` with one entry for every indicator."""
    default = {name: value for name, value in values.items() if name != "by"}
    by = values.get("by", {})
    complete = {}
    for code in [code for code in by if code not in frame.indicators]:
        _complain(found, label, f"{path}.by.{code}", code, "mã một chỉ số trong iMeta", "an indicator's code in iMeta")
    if not by and "method" not in default:
        default["method"] = "minmax"
    for code in frame.indicators:
        if code not in by:
            if "method" not in default:
                words = ("method chung, hoặc một mục trong by cho chỉ số này", "a method for all, or an entry in by")
                _complain(found, label, f"{path}.by.{code}", "", *words)
            complete[code] = default
            continue
        own = _checked(by[code], _NORMALISE, label, f"{path}.by.{code}", found)
        given = by[code] if isinstance(by[code], Mapping) else {}
        complete[code] = default | {key: own[key] for key in given if key in own}
        complete[code].setdefault("transform", "none")
        if "method" not in complete[code]:
            _complain(found, label, f"{path}.by.{code}.method", "", _NORMALISE["method"].vi, _NORMALISE["method"].en)
    for code, own in complete.items():
        needed = _NEEDED.get(own.get("method", ""))
        wrong = isinstance(by.get(code), Mapping) and needed in by[code]  # told already
        if needed and needed not in own and not wrong and needed not in values and not _told(found, path, code, needed):
            place = f"{path}.by.{code}.{needed}" if code in by else f"{path}.{needed}"
            _complain(found, label, place, "", _NORMALISE[needed].vi, _NORMALISE[needed].en)
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
        listed = ", ".join(map(str, above))
        words = (f"một cấp được tính: {listed}", f"a level that is computed: {listed}")
        _complain(found, label, f"{path}.by_level", level, *words)
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
                words = (
                    f"lower ≤ upper, lower × {largest} ≤ 1 và upper × {fewest} ≥ 1 (tỷ trọng cộng bằng 1)",
                    f"lower ≤ upper, lower × {largest} ≤ 1 and upper × {fewest} ≥ 1 (shares sum to 1)",
                )
                _complain(found, label, path, f"lower {low}, upper {high}", *words)
    return {"levels": levels, "min_available": values.get("min_available", 0)}


def _order_problems(steps: list[Step], frame: Framework, label: str, *, complete: bool) -> list[Problem]:
    found: list[Problem] = []
    names = [step.name for step in steps]
    if complete and (names.count("aggregate") != 1 or names[-1] != "aggregate"):
        words = ("đúng một bước aggregate, ở cuối", "exactly one aggregate step, the last")
        _complain(found, label, "steps", ", ".join(names), *words)
    if complete and "normalise" not in names and (frame.direction < 0).any():
        code = frame.indicators[int((frame.direction < 0).argmax())]
        words = (f"bước normalise, vì {code} có Direction −1", f"a normalise step, since {code} has Direction −1")
        _complain(found, label, "steps", ", ".join(names), *words)
    return found
