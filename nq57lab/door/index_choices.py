"""The choices of an index at the door: both tables of one workbook, the plain steps, and steps changed one by one.

Paths, lists of steps and what is to change in; tables and new lists of steps out.
"""

from pathlib import Path
from typing import Any

from nq57lab.composite.results import coin_tool
from nq57lab.door import asked

PLAIN = [{"normalise": {"method": "minmax", "range": [0, 100]}}, {"aggregate": {"method": "arithmetic"}}]
_ORDER = ("denominate", "impute", "screen", "treat", "normalise", "weight", "aggregate")
_CHOICE = {"weight": "set", "screen": "availability"}  # what a value alone sets; else the method


def two_tables(path: Path) -> tuple[Any, Any]:
    """Return both tables of one workbook: of the COIN Tool, else a sheet for each."""
    from openpyxl import load_workbook

    if path.suffix.lower() in (".xlsx", ".xlsm") and path.exists():
        names = load_workbook(path, read_only=True).sheetnames
        if set(coin_tool.SHEETS) <= set(names):
            return coin_tool.read(path)
    return path, path


def changed_steps(listed: list, changes: dict[str, Any]) -> list:
    """Return the steps with some changed, put in, or left out (``Index.change``)."""
    result = [{entry: {}} if isinstance(entry, str) else dict(entry) for entry in listed]
    for name, given in changes.items():
        asked.one_of(name, list(_ORDER), "step")
        own = given if isinstance(given, dict) or given is None else {_CHOICE.get(name, "method"): given}
        at = [place for place, entry in enumerate(result) if name in entry]
        if own is None:
            result = [entry for place, entry in enumerate(result) if place not in at]
        elif at:
            before = result[at[-1]][name]
            before = before if isinstance(before, dict) else {}
            other = own.get("method", before.get("method")) != before.get("method") or "set" in own
            result[at[-1]] = {name: own if other else before | own}
        else:
            after = [p for p, entry in enumerate(result) if _ORDER.index(next(iter(entry))) > _ORDER.index(name)]
            result.insert(after[0] if after else len(result), {name: own})
    return result
