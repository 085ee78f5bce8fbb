"""Parameters of a report: one YAML file a run, checked against a JSON Schema before anything is executed.

``params/<report>.yml`` in, a plain dict out; the schema beside it (:mod:`nq57lab.documents.report_kinds`) names every parameter.
"""

import difflib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from nq57lab.base import contract, messages, periods, project
from nq57lab.base.problems import Problem, ProblemError, likely
from nq57lab.documents import report_kinds
from nq57lab.publish import places

# A pattern of the schemas → the code of what it means, in words.
_SHAPES = {
    r"^[0-9]{2}_[a-z0-9_]+\.ipynb$": "notebook_name",
    "^[a-z0-9][a-z0-9-]*$": "edition_name",
    "^34:[0-9]{2}$": "province_code",
    "^(agency|block):[A-Za-z0-9_]+$": "agency_code",
    "^[0-9]{4}-Q[1-4]$": "quarter",
}


class _Loader(yaml.SafeLoader):
    """YAML whose dates stay ISO text: a day that no calendar has is then the schema's to refuse, by name."""


def _iso(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    try:
        return loader.construct_yaml_timestamp(node).isoformat()
    except ValueError:
        return node.value


def _whole(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int | str:
    return node.value if ":" in node.value else loader.construct_yaml_int(node)  # 34:01 is a province, not minutes


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _iso)
_Loader.add_constructor("tag:yaml.org,2002:int", _whole)


def found_in(root: Path, path: Path) -> Path:
    """Return a parameter file as it is named, or where no such file is there, of that name in the project."""
    return path if path.is_file() or not (root / path).is_file() else root / path


def load(path: Path, overrides: list[str] | None = None) -> dict[str, Any]:
    """Read a parameter file, apply ``key=value`` overrides, and check everything.

    Parameters
    ----------
    path : Path
        A YAML file; its ``schema`` key names the JSON Schema file beside it.
    overrides : list of str, optional
        ``key=value`` pairs; values are read as YAML.

    Returns
    -------
    dict
        The parameters with the programme's settings and the schema's defaults filled in; dates as ISO text.

    Raises
    ------
    ProblemError
        With every unknown, missing or wrong parameter.
    """
    if not path.is_file():
        raise ProblemError([Problem("missing_file", path.name, details={"file": str(path)})])
    text = _text(path)
    given = _parse(text, path.name)
    if isinstance(given, dict):
        given = {str(key): value for key, value in given.items()} | _overridden(overrides or [])
    if not isinstance(given, dict) or not isinstance(given.get("schema"), str):
        listed = ", ".join(found.name for found in report_kinds.kinds(path.parent).values()) or "*.schema.json"
        expected = messages.shape("report_kind", listed=listed)
        raise ProblemError([_wrong(path.name, "schema", "", expected)])
    schema_path = path.parent / Path(given["schema"]).name
    if not schema_path.is_file():
        details = {"file": given["schema"]}
        raise ProblemError(
            [Problem("missing_file", path.name, column="schema", found=given["schema"], details=details)]
        )
    schema = schema_of(schema_path)
    found = check(given, schema, path.name)
    named = not any(problem.column == "edition" for problem in found)
    if named and isinstance(given.get("edition"), str) and places.refused(given["edition"]):
        found.append(Problem("edition_reserved", path.name, column="edition", found=given["edition"]))
    if found:
        lines = {match[1]: text[: match.start()].count("\n") + 1 for match in re.finditer(r"(?m)^([\w-]+)\s*:", text)}
        changed = _overridden(overrides or [])
        raise ProblemError(
            replace(problem, row=None if problem.column in changed else lines.get(problem.column.partition(".")[0]))
            for problem in found
        )
    defaults = {name: entry["default"] for name, entry in schema["properties"].items() if "default" in entry}
    own = project.programme(path.resolve().parents[1])
    values = defaults | {name: text for name, text in own.head.items() if name in schema["properties"]} | given
    return values | {"title": own.fill(values["title"])}


def schema_of(path: Path) -> dict[str, Any]:
    """Return a kind's whole schema; a parameter that names a progress method takes those there are (``x-phuong-phap``)."""
    schema = report_kinds.schema(path)
    for entry in schema["properties"].values():
        if entry.get("x-phuong-phap"):
            from nq57lab.targets.methods import registry

            entry["enum"] = ["", *registry.BY_NAME]
    return schema


def _wrong(label: str, column: str, found: object, expected: dict[str, str], row: int | None = None) -> Problem:
    return Problem("parameter", label, row, column, str(found), {"expected": expected})


def _text(path: Path) -> str:
    """Read a file as UTF-8, or raise the row of the first byte that is not."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw[: error.start].count(b"\n") + 1
        raise ProblemError([Problem("encoding", path.name, row, found=f"byte {raw[error.start]:#x}")]) from None


def _parse(text: str, label: str) -> Any:
    """Read a YAML text, or raise the row at which it cannot be read."""
    try:
        return yaml.load(text, _Loader)  # a SafeLoader: plain values only
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        expected = messages.shape("valid_yaml")
        lines = text.splitlines()[mark.line : mark.line + 1] if mark else []
        found = lines[0].strip() if lines else str(error).split("\n")[0]
        raise ProblemError([_wrong(label, "", found, expected, mark.line + 1 if mark else None)]) from None


def _overridden(overrides: list[str]) -> dict[str, Any]:
    """Read ``key=value`` pairs; what is not such a pair raises."""
    values = {}
    for override in overrides:
        key, equals, value = override.partition("=")
        if not (equals and key.strip()):
            expected = messages.shape("key_value")
            raise ProblemError([_wrong("--set", "", override, expected)])
        values[key.strip()] = _parse(value, f"--set {key.strip()}")
    return values


def check(values: dict[str, Any], schema: dict[str, Any], label: str) -> list[Problem]:
    """Return every problem of parameter values under a JSON Schema; ``period`` must be a period of ISO 8601 too.

    Parameters
    ----------
    values : dict
        Parameters by name.
    schema : dict
        A JSON Schema whose ``properties`` name every parameter.
    label : str
        The file's name, for the problems.

    Returns
    -------
    list of Problem
        Unknown names first, then missing ones, then wrong values; empty when all is well.
    """
    import jsonschema

    known = list(schema["properties"])
    found = []
    for name in [name for name in values if name not in known]:
        hint = likely(difflib.get_close_matches(name, known, n=1))
        details = {"allowed": ", ".join(known), "hint": hint}
        found.append(Problem("parameter_unknown", label, column=name, found=name, details=details))
    for name in [name for name in schema.get("required", []) if name not in values]:
        found.append(_wrong(label, name, "", messages.shape("parameter_named", name=name)))
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    for error in validator.iter_errors({name: value for name, value in values.items() if name in known}):
        if error.validator not in ("required", "additionalProperties"):
            column = ".".join(str(part) for part in error.absolute_path)
            found.append(_wrong(label, column, error.instance, _expected(error.validator, error.validator_value)))
    return found + _period_problems(values, known, label)


def _expected(validator: str, value: Any) -> dict[str, str]:
    """Say in both languages what a JSON Schema's keyword expects."""
    if validator == "type":
        kinds = [messages.shape(f"json_{kind}") for kind in ([value] if isinstance(value, str) else value)]
        return {lang: word.join(kind[lang] for kind in kinds) for lang, word in messages.shape("or").items()}
    if validator == "format":  # the only format that the schemas use is a date
        return contract.SHAPES[contract.DAY]
    if validator == "pattern":
        return messages.shape(_SHAPES[value]) if value in _SHAPES else messages.shape("regular", value=value)
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    if validator in ("enum", "minLength"):
        return messages.shape(validator, value=shown)
    return messages.shape("schema_rule", rule=validator, value=shown)


def _period_problems(values: dict[str, Any], known: list[str], label: str) -> list[Problem]:
    period = values.get("period")
    if "period" not in known or not isinstance(period, str):
        return []
    return [] if periods.is_period(period) else [_wrong(label, "period", period, contract.SHAPES[contract.PERIOD])]
