"""The configuration of an index: steps in the order in which they run, each checked once.

A YAML mapping in (``steps:`` a list of one-key mappings), a tuple of :class:`Step` out with every default filled in; or all problems,
each with the path of the key.
"""

import difflib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nq57lab.base import messages
from nq57lab.base.problems import Problem, ProblemError, likely
from nq57lab.composite.laboratory.framework import ENDS, Framework
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


@dataclass
class Told:
    """The problems of one configuration as they are found: the file's name, and whether a key that no method reads is one."""

    label: str
    strict: bool = True
    problems: list[Problem] = field(default_factory=list)

    def complain(self, code: str, path: str, value: Any, /, **details: object) -> None:
        """Add the problem of a value at a path that is not what the shape ``code`` says."""
        shown = "" if value is None else str(value)
        expected = {"expected": messages.shape(code, **details)}
        self.problems.append(Problem("index_config", self.label, None, path, shown, expected))

    def of_choice(self, code: str, path: str, value: Any, options: Iterable[str]) -> None:
        """Add the problem of a value that is none of some names, with the name that was perhaps meant."""
        names = list(options)
        hint = likely(difflib.get_close_matches(str(value), names, n=1))
        self.complain(code, path, value, listed=", ".join(names) or "{}", hint=hint)

    def about(self, path: str, code: str, key: str) -> bool:
        """Tell whether a key of a step, or of its entry for an indicator, has a problem."""
        return any(problem.column in (f"{path}.{key}", f"{path}.by.{code}.{key}") for problem in self.problems)

    def refuse(self) -> None:
        """Raise what was found, if anything."""
        if self.problems:
            raise ProblemError(self.problems)


KEYS = ("title", "steps", "uncertain", "design", "target", "top", "sets", "bootstrap", "interactions")
SKIPPABLE = ("impute", "treat")  # "none" in the place of their parameters
# What a method cannot do without.
_NEEDED = {"goalposts": "posts", "dist2ref": "unit"}
Keys = dict[str, Any]
_FREE = ("method", "set", "by", "by_level", "by_aggregate", "min_available", "within")  # read whatever the method


def read(config: Any, frame: Framework, label: str = "index.yml", *, strict: bool = True) -> tuple[Step, ...]:
    """Check a configuration's ``steps`` and return them with defaults filled in.

    Parameters
    ----------
    frame : Framework
        The tree, for the codes and levels that steps name.
    strict : bool
        Whether a key that the chosen method does not read is a problem. Replications, which change methods one by one, are not.

    Raises
    ------
    ProblemError
        With every problem, each at its path (``steps[2].treat.winmax``).

    Notes
    -----
    The last step is the one aggregation. Where an indicator has direction −1, a normalise step must come before it, since only
    that step turns directions round.
    """
    told = Told(label, strict)
    for key in config if strict and isinstance(config, Mapping) else ():
        if key not in KEYS:
            told.of_choice("only_keys", str(key), key, KEYS)
    listed = config.get("steps") if isinstance(config, Mapping) else None
    if not isinstance(listed, list) or not listed:
        told.complain("index_step_list", "steps", listed)
        raise ProblemError(told.problems)
    steps = []
    for place, entry in enumerate(listed):
        entry = {entry: {}} if isinstance(entry, str) else entry
        path = f"steps[{place}]"
        if not isinstance(entry, Mapping) or len(entry) != 1:
            told.complain("index_one_step", path, entry)
            continue
        name, given = next(iter(entry.items()))
        if name not in FIELDS:
            told.of_choice("one_of", path, name, FIELDS)
            continue
        if given == "none" and name in SKIPPABLE:
            given = {"method": "none"} if name == "impute" else {"winmax": 0, "then": "none"}
        path = f"{path}.{name}"
        values = _checked(given if given is not None else {}, FIELDS[name], path, told)
        given = given if isinstance(given, Mapping) else {}
        checked = len(told.problems)
        if name in _COMPLETE:
            values = _COMPLETE[name](values, given, frame, path, told)
        elif name in USES:
            _unused(given, [values["set" if name == "weight" else "method"]], str(name), path, told)
        if name == "weight" and len(told.problems) == checked:
            _weight(values, frame, path, told)
        elif name == "impute" and values.get("within") and values["within"] not in frame.groups:
            told.complain("index_group", f"{path}.within", values["within"], listed=", ".join(frame.groups) or "–")
        steps.append(Step(str(name), values))
    if len(steps) == len(listed):
        _order(steps, frame, told)
    told.refuse()
    return tuple(steps)


def _checked(given: Any, fields: dict[str, Field], path: str, told: Told) -> Keys:
    """Return the parameters with defaults; add a problem for each that is unknown or wrong."""
    values = {name: field.default for name, field in fields.items() if field.default is not None}
    if not isinstance(given, Mapping):
        told.complain("json_object", path, given)
        return values
    for key, value in given.items():
        read = [_level(level) for level in value] if key == "levels" and isinstance(value, list) else value
        if key not in fields:
            told.of_choice("only_keys", f"{path}.{key}", key, fields)
        elif fields[key].test(read):
            values[key] = read
        elif key == "posts" and is_pair(value):
            whose = path.rpartition(".by.")[2] if ".by." in path else messages.shape("index_all_indicators")
            found = Problem("index_goalposts", told.label, None, f"{path}.{key}", str(value), {"code": whose})
            told.problems.append(found)
        else:
            told.complain(fields[key].code, f"{path}.{key}", value, **fields[key].details)
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


def _unused(given: Mapping[str, Any], methods: list[str], step: str, path: str, told: Told) -> None:
    """Add a problem for every key given that none of the methods reads."""
    named = [OWN if OWN_FUNCTION.fullmatch(method) else method for method in methods]
    read = {key for method in named for key in USES[step].get(method, ())}
    for key in given if told.strict else ():
        if key in FIELDS[step] and key not in _FREE and key not in read:
            shown, listed = ", ".join(dict.fromkeys(methods)), ", ".join(sorted(read)) or "–"
            told.complain("index_unused", f"{path}.{key}", key, method=shown, listed=listed)


def _entries(values: Keys, codes: tuple[str, ...], path: str, told: Told) -> Mapping[Any, Any]:
    """Return the entries of ``by``, and a problem for each that names no indicator."""
    by = values.get("by", {})
    for code in [code for code in by if code not in codes]:
        told.complain("index_indicator", f"{path}.by.{code}", code)
    return by


def _own(given: Any, fields: dict[str, Field], path: str, told: Told) -> tuple[Mapping[str, Any], Keys]:
    """Return the keys that one entry gives, and those of them that fit, without defaults."""
    checked = _checked(given, fields, path, told)
    named = given if isinstance(given, Mapping) else {}
    return named, {key: checked[key] for key in named if key in checked}


def _normalise(values: Keys, given: Mapping[str, Any], frame: Framework, path: str, told: Told) -> Keys:
    """Return ``{"by": {code: parameters}, "within": …}`` with one entry for every indicator."""
    default = {name: value for name, value in values.items() if name not in ("by", "within")}
    by = _entries(values, frame.indicators, path, told)
    complete, named = {}, dict.fromkeys(frame.indicators, given)
    refused = "method" in given and "method" not in default  # told already
    if (not by and "method" not in default) or refused:
        default["method"] = "minmax"
    for code in frame.indicators:
        where = f"{path}.by.{code}"
        if code not in by:
            if "method" not in default:
                told.complain("index_method_or_by", where, "")
            complete[code] = default
            continue
        own, kept = _own(by[code], NORMALISE, where, told)
        complete[code] = default | kept
        named[code] = {**given, **own}
        if "method" in complete[code]:
            _unused(own, [complete[code]["method"]], "normalise", where, told)
        elif not told.about(path, code, "method"):
            told.complain("enum", f"{where}.method", "", value=", ".join(NORMALISATIONS))
    if not refused:
        methods = [own["method"] for own in complete.values() if "method" in own]
        _unused(given, methods, "normalise", path, told)
    for place, (code, own) in enumerate(complete.items()):
        needed = _NEEDED.get(own.get("method", ""))
        where = f"{path}.by.{code}" if code in by else path
        if needed and needed not in own and needed not in named[code] and not told.about(path, code, needed):
            told.complain(NORMALISE[needed].code, f"{where}.{needed}", "")
        if own.get("method") == "goalposts" and own.get("posts") == OF_META:
            complete[code] = _of_meta(own, "posts", frame.posts[place], code, where, told)
    return {"by": complete, "within": values.get("within", "")}


def _of_meta(own: Keys, key: str, ends: Any, code: str, where: str, told: Told) -> Keys:
    """Return parameters with the ends that iMeta names in the place of the word."""
    low, high = (float(end) for end in ends)
    both = low == low and high == high
    if not both and (key == "posts" or (low != low and high != high)):
        columns = ", ".join(ENDS[:2] if key == "posts" else ENDS[2:])
        told.complain("index_of_meta", f"{where}.{key}", OF_META, columns=columns, code=code)
        return own
    return own | {key: [low, high]}


def _treat(values: Keys, given: Mapping[str, Any], frame: Framework, path: str, told: Told) -> Keys:
    """Return ``{"by": {code: parameters}}`` with one entry for every indicator."""
    default = {name: value for name, value in values.items() if name != "by"}
    by = _entries(values, frame.indicators, path, told)
    complete = {}
    for place, code in enumerate(frame.indicators):
        where, own = path, dict(default)
        if code in by:
            where = f"{path}.by.{code}"
            named, kept = _own(by[code], TREAT, where, told)
            own |= kept
            _unused(named, [own["method"]], "treat", where, told)
        if own["method"] == "limits":
            if "limits" not in own and not told.about(path, code, "limits"):
                told.complain("index_posts", f"{where}.limits", "")
            elif own.get("limits") == OF_META:
                own = _of_meta(own, "limits", frame.limits[place], code, where, told)
        complete[code] = own
    _unused(given, [own["method"] for own in complete.values()], "treat", path, told)
    return {"by": complete}


def _weight(values: Keys, frame: Framework, path: str, told: Told) -> None:
    """Add what is wrong with a weight step: no file, levels that do not exist, a target of other elements."""
    if values["set"] == "file" and not values.get("file"):
        told.complain("index_weights_file", f"{path}.file", "")
    present = frame.weighted_levels
    wrong = [level for level in values.get("levels", ()) if level not in present]
    if wrong:
        told.complain("index_levels_among", f"{path}.levels", ", ".join(map(str, wrong)), listed=present)
    target = values.get("target", {})
    for code, share in target.items():
        if code not in frame.parents:
            told.complain("index_element_below", f"{path}.target.{code}", code)
        elif not is_number(share) or share <= 0:
            told.complain("index_positive", f"{path}.target.{code}", share)
    if target and not wrong:
        wanted = frame.of_levels(values.get("levels") or present[-1:])
        if set(target) != set(wanted):
            told.complain("index_target", f"{path}.target", ", ".join(target), listed=", ".join(wanted))


def _aggregate(values: Keys, given: Mapping[str, Any], frame: Framework, path: str, told: Told) -> Keys:
    """Return ``{"levels": {level: parameters}, "aggregates": {code: parameters}, "min_available": share}``, every level above 1."""
    default = {key: values[key] for key in AGGREGATE if key in values}
    by = {_level(level): own for level, own in values.get("by_level", {}).items()}
    alone = values.get("by_aggregate", {})
    above = sorted({frame.levels[code] for code in frame.aggregates})
    for level in [level for level in by if level not in above]:
        told.complain("index_level_computed", f"{path}.by_level", level, listed=", ".join(map(str, above)))
    for code in [code for code in alone if code not in frame.aggregates]:
        told.complain("one_of", f"{path}.by_aggregate", code, listed=", ".join(frame.aggregates), hint="")

    def one(own: Any, place: str, parents: list[str]) -> Keys:
        named, kept = _own({"method": own} if isinstance(own, str) else own, AGGREGATE, place, told)
        complete = default | kept
        _unused(named, [complete["method"]], "aggregate", place, told)
        if complete["method"] == "bod":
            counts = [len(frame.children(code)) for code in parents]
            low, high = complete["lower"], complete["upper"]
            if low > high or low * max(counts) > 1 + 1e-12 or high * min(counts) < 1 - 1e-12:
                shown = f"lower {low}, upper {high}"
                told.complain("index_shares", path, shown, largest=max(counts), fewest=min(counts))
        return complete

    levels = {}
    for level in above:
        parents = [code for code in frame.aggregates if frame.levels[code] == level and code not in alone]
        asked = parents or level in by
        levels[level] = one(by.get(level, {}), f"{path}.by_level.{level}", parents) if asked else default
    codes = {
        code: one(own, f"{path}.by_aggregate.{code}", [code]) for code, own in alone.items() if code in frame.aggregates
    }
    _unused(given, [own["method"] for own in (*levels.values(), *codes.values())], "aggregate", path, told)
    return {"levels": levels, "aggregates": codes, "min_available": values.get("min_available", 0)}


_COMPLETE = {"normalise": _normalise, "aggregate": _aggregate, "treat": _treat}


def _order(steps: list[Step], frame: Framework, told: Told) -> None:
    names = [step.name for step in steps]
    if names.count("aggregate") != 1 or names[-1] != "aggregate":
        told.complain("index_aggregate_last", "steps", ", ".join(names))
    if "normalise" not in names and (frame.direction < 0).any():
        code = frame.indicators[int((frame.direction < 0).argmax())]
        told.complain("index_normalise_first", "steps", ", ".join(names), code=code)
