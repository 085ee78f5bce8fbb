"""The configuration of an index: steps in the order in which they run, each checked once.

A YAML mapping in (``steps:`` a list of one-key mappings), a tuple of :class:`Step` out with every default filled in; or all problems,
each with the path of the key.
"""

import difflib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nq57lab.base import messages
from nq57lab.base.problems import Problem, ProblemError, likely
from nq57lab.composite.laboratory.framework import Framework
from nq57lab.composite.laboratory.parts.fields import (
    AGGREGATE,
    FIELDS,
    NORMALISATIONS,
    NORMALISE,
    OF_META,
    OWN,
    OWN_FUNCTION,
    TREAT,
    USES,
    Field,
    is_number,
    is_pair,
)


@dataclass(frozen=True)
class Step:
    """One step: its name and its parameters, complete."""

    name: str
    parameters: Mapping[str, Any]


KEYS = ("title", "steps", "uncertain", "design", "target", "top", "sets", "bootstrap", "interactions")
SKIPPABLE = ("impute", "treat")  # "none" in the place of their parameters
# What a method cannot do without.
_NEEDED = {"goalposts": "posts", "dist2ref": "unit"}
_FREE = ("method", "set", "by", "by_level", "by_aggregate", "min_available", "within")  # read whatever the method


def read(config: Any, frame: Framework, label: str = "index.yml", *, strict: bool = True) -> tuple[Step, ...]:
    """Check a configuration's ``steps`` and return them with defaults filled in.

    Parameters
    ----------
    config : mapping
        What the YAML file holds.
    frame : Framework
        The tree, for the codes and levels that steps name.
    label : str
        The file's name, for the problems.
    strict : bool
        Whether a key that the chosen method does not read is a problem. Replications, which change methods one by one, are not.

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
    for key in config if strict and isinstance(config, Mapping) else ():
        if key not in KEYS:
            hint = likely(difflib.get_close_matches(str(key), KEYS, n=1))
            complain("only_keys", found, label, str(key), key, listed=", ".join(KEYS), hint=hint)
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
        told = len(found)
        if name == "normalise":
            parameters = _normalise(parameters, given or {}, frame, label, path, found, strict)
        elif name == "aggregate":
            parameters = _aggregate(parameters, given or {}, frame, label, path, found, strict)
        elif name == "treat":
            parameters = _treat(parameters, given or {}, frame, label, path, found, strict)
        elif name in USES and strict:
            chosen = parameters["set" if name == "weight" else "method"]
            _unused(given or {}, [chosen], str(name), label, path, found)
        if name == "weight" and len(found) == told:
            _weight(parameters, frame, label, path, found)
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
        elif not fields[key].test(
            [_level(level) for level in value] if key == "levels" and isinstance(value, list) else value
        ):
            if key == "posts" and is_pair(value):
                whose = path.rpartition(".by.")[2] if ".by." in path else messages.shape("index_all_indicators")
                found.append(Problem("index_goalposts", label, None, f"{path}.{key}", str(value), {"code": whose}))
            else:
                complain(fields[key].code, found, label, f"{path}.{key}", value, **fields[key].details)
        else:
            values[key] = [_level(level) for level in value] if key == "levels" else value
    return values


def _level(level: Any) -> Any:
    """Return a level that was written as text as the number that it is."""
    return int(level) if isinstance(level, str) and level.isdecimal() else level


def composed(config: Any) -> Any:
    """Return a configuration whose names have composed letters (NFC), as those of the tables; names of files stand as they are."""
    if isinstance(config, Mapping):
        return {
            unicodedata.normalize("NFC", key) if isinstance(key, str) else key: value
            if key in ("file", "draws")
            else composed(value)
            for key, value in config.items()
        }
    if isinstance(config, list):
        return [composed(value) for value in config]
    own_file = isinstance(config, str) and OWN_FUNCTION.fullmatch(config)
    return unicodedata.normalize("NFC", config) if isinstance(config, str) and not own_file else config


def _uses(step: str, method: str) -> tuple[str, ...]:
    return USES[step].get(OWN if OWN_FUNCTION.fullmatch(method) else method, ())


def _unused(given: Any, methods: list[str], step: str, label: str, path: str, found: list[Problem]) -> None:
    """Add a problem for every key given that none of the methods reads."""
    if not isinstance(given, Mapping):
        return
    read = {key for method in methods for key in _uses(step, method)}
    for key in given:
        if key in FIELDS[step] and key not in _FREE and key not in read:
            named, listed = ", ".join(dict.fromkeys(methods)), ", ".join(sorted(read)) or "–"
            complain("index_unused", found, label, f"{path}.{key}", key, method=named, listed=listed)


def _entries(values: dict[str, Any], codes: tuple[str, ...], label: str, path: str, found: list[Problem]) -> Any:
    """Return the entries of ``by``, and a problem for each that names no indicator."""
    by = values.get("by", {})
    for code in [code for code in by if code not in codes]:
        complain("index_indicator", found, label, f"{path}.by.{code}", code)
    return by


def _given_keys(by: Mapping[Any, Any], code: str) -> Mapping[str, Any]:
    own = by.get(code)
    return own if isinstance(own, Mapping) else {}


def _normalise(
    values: dict[str, Any],
    given: Mapping[str, Any],
    frame: Framework,
    label: str,
    path: str,
    found: list[Problem],
    strict: bool,
) -> dict[str, Any]:
    """Return ``{"by": {code: parameters}, "within": …}`` with one entry for every indicator."""
    default = {name: value for name, value in values.items() if name not in ("by", "within")}
    by = _entries(values, frame.indicators, label, path, found)
    complete = {}
    refused = "method" in given and "method" not in default  # told already
    if (not by and "method" not in default) or refused:
        default["method"] = "minmax"
    for code in frame.indicators:
        if code not in by:
            if "method" not in default:
                complain("index_method_or_by", found, label, f"{path}.by.{code}", "")
            complete[code] = default
            continue
        own = _checked(by[code], NORMALISE, label, f"{path}.by.{code}", found)
        named = _given_keys(by, code)
        complete[code] = default | {key: own[key] for key in named if key in own}
        complete[code].setdefault("transform", "none")
        if "method" not in complete[code] and not _told(found, path, code, "method"):
            complain("enum", found, label, f"{path}.by.{code}.method", "", value=", ".join(NORMALISATIONS))
        if strict and "method" in complete[code]:
            _unused(named, [complete[code]["method"]], "normalise", label, f"{path}.by.{code}", found)
    if strict and not refused:
        _unused(given, [own["method"] for own in complete.values() if "method" in own], "normalise", label, path, found)
    for place, (code, own) in enumerate(complete.items()):
        needed = _NEEDED.get(own.get("method", ""))
        wrong = needed in _given_keys(by, code) or needed in given  # told already
        where = f"{path}.by.{code}" if code in by else path
        if needed and needed not in own and not wrong and not _told(found, path, code, needed):
            complain(NORMALISE[needed].code, found, label, f"{where}.{needed}", "")
        if own.get("method") == "goalposts" and own.get("posts") == OF_META:
            complete[code] = _of_meta(own, "posts", frame.posts[place], code, label, where, found)
    return {"by": complete, "within": values.get("within", "")}


def _of_meta(own: dict[str, Any], key: str, ends: Any, code: str, label: str, where: str, found: list[Problem]) -> Any:
    """Return parameters with the ends that iMeta names in the place of the word."""
    low, high = (float(end) for end in ends)
    both = low == low and high == high
    if not both and (key == "posts" or (low != low and high != high)):
        columns = "goalpost_lower, goalpost_upper" if key == "posts" else "treat_lower, treat_upper"
        complain("index_of_meta", found, label, f"{where}.{key}", OF_META, columns=columns, code=code)
        return own
    return own | {key: [low, high]}


def _treat(
    values: dict[str, Any],
    given: Mapping[str, Any],
    frame: Framework,
    label: str,
    path: str,
    found: list[Problem],
    strict: bool,
) -> dict[str, Any]:
    """Return ``{"by": {code: parameters}}`` with one entry for every indicator."""
    default = {name: value for name, value in values.items() if name != "by"}
    by = _entries(values, frame.indicators, label, path, found)
    complete = {}
    for place, code in enumerate(frame.indicators):
        where, own = path, dict(default)
        if code in by:
            where = f"{path}.by.{code}"
            checked = _checked(by[code], TREAT, label, where, found)
            named = _given_keys(by, code)
            own |= {key: checked[key] for key in named if key in checked}
            if strict:
                _unused(named, [own["method"]], "treat", label, where, found)
        if own["method"] == "limits":
            if "limits" not in own and not _told(found, path, code, "limits"):
                complain("index_posts", found, label, f"{where}.limits", "")
            elif own.get("limits") == OF_META:
                own = _of_meta(own, "limits", frame.limits[place], code, label, where, found)
        complete[code] = own
    if strict:
        _unused(given, [own["method"] for own in complete.values()], "treat", label, path, found)
    return {"by": complete}


def _weight(values: dict[str, Any], frame: Framework, label: str, path: str, found: list[Problem]) -> None:
    """Add what is wrong with a weight step: no file, levels that do not exist, a target of other elements."""
    if values["set"] == "file" and not values.get("file"):
        complain("index_weights_file", found, label, f"{path}.file", "")
    present = sorted({frame.levels[code] for code in frame.parents})
    wrong = [level for level in values.get("levels", ()) if level not in present]
    if wrong:
        shown = ", ".join(map(str, wrong))
        complain("index_levels_among", found, label, f"{path}.levels", shown, listed=present)
    target = values.get("target", {})
    for code, share in target.items():
        if code not in frame.parents:
            complain("index_element_below", found, label, f"{path}.target.{code}", code)
        elif not is_number(share) or share <= 0:
            complain("index_positive", found, label, f"{path}.target.{code}", share)
    if target and not wrong:
        wanted = [code for code in frame.parents if frame.levels[code] in (values.get("levels") or present[-1:])]
        if set(target) != set(wanted):
            complain("index_target", found, label, f"{path}.target", ", ".join(target), listed=", ".join(wanted))


def _told(found: list[Problem], path: str, code: str, key: str) -> bool:
    return any(problem.column in (f"{path}.{key}", f"{path}.by.{code}.{key}") for problem in found)


def _aggregate(
    values: dict[str, Any],
    given: Mapping[str, Any],
    frame: Framework,
    label: str,
    path: str,
    found: list[Problem],
    strict: bool,
) -> dict[str, Any]:
    """Return ``{"levels": {level: parameters}, "aggregates": {code: parameters}, "min_available": share}``, every level above 1."""
    default = {key: values[key] for key in AGGREGATE if key in values}
    by, alone = (
        {_level(level): own for level, own in values.get("by_level", {}).items()},
        values.get("by_aggregate", {}),
    )
    above = sorted({frame.levels[code] for code in frame.aggregates})
    for level in [level for level in by if level not in above]:
        complain("index_level_computed", found, label, f"{path}.by_level", level, listed=", ".join(map(str, above)))
    for code in [code for code in alone if code not in frame.aggregates]:
        listed = ", ".join(frame.aggregates)
        complain("one_of", found, label, f"{path}.by_aggregate", code, listed=listed, hint="")

    def one(own: Any, place: str, parents: list[str]) -> dict[str, Any]:
        own = {"method": own} if isinstance(own, str) else own
        checked = _checked(own, AGGREGATE, label, place, found)
        named = own if isinstance(own, Mapping) else {}
        complete = default | {key: checked[key] for key in named if key in checked}
        if strict:
            _unused(named, [complete["method"]], "aggregate", label, place, found)
        if complete["method"] == "bod":
            counts = [len(frame.children(code)) for code in parents]
            low, high = complete["lower"], complete["upper"]
            if low > high or low * max(counts) > 1 + 1e-12 or high * min(counts) < 1 - 1e-12:
                shown = f"lower {low}, upper {high}"
                complain("index_shares", found, label, path, shown, largest=max(counts), fewest=min(counts))
        return complete

    of_level = {level: [code for code in frame.aggregates if frame.levels[code] == level] for level in above}
    levels = {
        level: one(
            by.get(level, {}), f"{path}.by_level.{level}", [code for code in of_level[level] if code not in alone]
        )
        if any(code not in alone for code in of_level[level]) or level in by
        else default
        for level in above
    }
    codes = {
        code: one(own, f"{path}.by_aggregate.{code}", [code]) for code, own in alone.items() if code in frame.aggregates
    }
    if strict:
        methods = [own["method"] for own in (*levels.values(), *codes.values())]
        _unused(given, methods, "aggregate", label, path, found)
    return {"levels": levels, "aggregates": codes, "min_available": values.get("min_available", 0)}


def _order_problems(steps: list[Step], frame: Framework, label: str, *, complete: bool) -> list[Problem]:
    found: list[Problem] = []
    names = [step.name for step in steps]
    if complete and (names.count("aggregate") != 1 or names[-1] != "aggregate"):
        complain("index_aggregate_last", found, label, "steps", ", ".join(names))
    if complete and "normalise" not in names and (frame.direction < 0).any():
        code = frame.indicators[int((frame.direction < 0).argmax())]
        complain("index_normalise_first", found, label, "steps", ", ".join(names), code=code)
    return found
