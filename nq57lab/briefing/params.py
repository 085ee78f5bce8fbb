"""Parameters of a report: one YAML file a run, checked against a JSON Schema before anything is executed.

``params/<report>.yml`` in, a plain dict out; the schema beside it (``params/<schema>.schema.json``) names every parameter.
"""

import difflib
import json
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from nq57lab.problems import Problem, ProblemError


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
        The parameters with the schema's defaults filled in; dates as ISO text.

    Raises
    ------
    ProblemError
        With every unknown, missing or wrong parameter.
    """
    if not path.exists():
        raise ProblemError([Problem("missing_file", str(path), details={"file": str(path)})])
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for override in overrides or []:
            key, equals, value = override.partition("=")
            if not equals:
                raise ProblemError(
                    [Problem("parameter", "--set", found=override, details={"expected": "khóa=giá trị"})]
                )
            given[key] = yaml.safe_load(value)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        row = mark.line + 1 if mark else None
        details = {"expected": "YAML đúng cú pháp"}
        raise ProblemError(
            [Problem("parameter", path.name, row, found=str(error).split("\n")[0], details=details)]
        ) from None
    if not isinstance(given, dict) or not isinstance(given.get("schema"), str):
        raise ProblemError(
            [Problem("parameter", path.name, column="schema", details={"expected": "tên tệp lược đồ JSON"})]
        )
    schema_path = path.parent / Path(given["schema"]).name
    if not schema_path.exists():
        raise ProblemError(
            [
                Problem(
                    "missing_file", path.name, column="schema", found=given["schema"], details={"file": given["schema"]}
                )
            ]
        )
    schema = json.loads(schema_path.read_text(encoding="utf-8"))
    values = {key: value.isoformat() if isinstance(value, date) else value for key, value in given.items()}
    found = check(values, schema, path.name)
    if found:
        raise ProblemError(found)
    defaults = {name: entry["default"] for name, entry in schema["properties"].items() if "default" in entry}
    return defaults | values


def check(values: dict[str, Any], schema: dict[str, Any], label: str) -> list[Problem]:
    """Return every problem of parameter values under a JSON Schema."""
    import jsonschema

    known = list(schema["properties"])
    found = []
    for key in values:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f" (có phải {near[0]}?)" if near else ""
            found.append(
                Problem(
                    "parameter_unknown",
                    label,
                    column=key,
                    found=key,
                    details={"allowed": ", ".join(known), "hint": hint},
                )
            )
    for name in schema.get("required", []):
        if name not in values:
            found.append(Problem("parameter", label, column=name, details={"expected": f"tham số {name}"}))
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    for error in validator.iter_errors({key: value for key, value in values.items() if key in known}):
        if error.validator in ("required", "additionalProperties"):
            continue
        name = ".".join(str(part) for part in error.absolute_path)
        wanted = {
            "enum": lambda e: "một trong: " + ", ".join(map(str, e.validator_value)),
            "type": lambda e: f"kiểu {e.validator_value}",
            "format": lambda e: "ngày dạng 2026-06-30",
            "pattern": lambda e: f"dạng {e.validator_value}",
        }.get(error.validator, lambda e: e.message)(error)
        found.append(Problem("parameter", label, column=name, found=str(error.instance), details={"expected": wanted}))
    return found
