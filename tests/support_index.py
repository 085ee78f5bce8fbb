"""A small index and COINr's configuration, which the tests of the composite laboratory share."""

import pandas as pd

from nq57lab.composite.laboratory import inputs, pipeline, steps

ASEM = """
steps:
  - denominate: {}
  - impute: {method: mean, within: EurAsia_group}
  - screen: {availability: 0.9}
  - treat: {winmax: 5, skew: 2, kurt: 3.5, then: log}
  - normalise: {method: minmax, range: [0, 100]}
  - weight: {set: original}
  - aggregate: {method: arithmetic}
"""
TREE = pd.DataFrame(
    {
        "Level": [1, 1, 1, 2, 2, 3],
        "iCode": ["a", "b", "c", "P", "Q", "Index"],
        "Direction": [1, -1, 1, 1, 1, 1],
        "Weight": [1, 3, 1, 2, 1, 1],
        "Target": [5, 1, None, None, None, None],
        "Denominator": None,
        "Parent": ["P", "P", "Q", "Index", "Index", None],
        "Type": ["Indicator"] * 3 + ["Aggregate"] * 3,
    }
)
DATA = pd.DataFrame({"uCode": ["z", "y", "x", "w"], "a": [1, 2, 4, 8], "b": [4, 3, 2, 1], "c": [2.0, None, 6, 4]})
PLAIN = [{"normalise": {"method": "minmax", "range": [0, 100]}}, {"aggregate": {"method": "arithmetic"}}]
FLAT = {"Level": [1, 1, 2], "iCode": ["a", "b", "I"], "Direction": 1, "Weight": 1, "Parent": ["I", "I", None]}
FLAT |= {"Type": ["Indicator", "Indicator", "Aggregate"]}
MEAN = [{"normalise": {"method": "minmax", "range": [0, 100]}}, {"aggregate": {"method": "arithmetic"}}]


def made(data: pd.DataFrame, meta: pd.DataFrame, listed: list, folder=None) -> pipeline.Build:
    """Build an index from tables and a list of steps."""
    checked = inputs.check(data, meta)
    return pipeline.build(checked, steps.read({"steps": listed}, checked.framework), folder)


def flat(target=None, groups: tuple[str, ...] = (), divisor: str = "") -> pd.DataFrame:
    """Return the framework of an index of two indicators, with groups and a denominator of the first."""
    meta = pd.DataFrame(FLAT).assign(Target=target, Denominator=[divisor or None, None, None])
    more = [{"iCode": code, "Type": "Group"} for code in groups]
    more += [{"iCode": divisor, "Type": "Denominator"}] if divisor else []
    return pd.concat([meta, pd.DataFrame(more)]) if more else meta


def table(units: str = "XYZ", **columns) -> pd.DataFrame:
    """Return a table of units, one a letter."""
    return pd.DataFrame({"uCode": list(units), **columns})


def why(found, code: str, unit: str = "", stage: str = "") -> list[str]:
    """Return what the changes say of an element (and a unit, a stage)."""
    rows = found.changes[(found.changes["iCode"] == code) & (found.changes["uCode"] == unit)]
    return rows.loc[(rows["stage"] == stage) | (stage == ""), "why"].tolist()
