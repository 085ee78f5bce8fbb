"""References between the catalogue's tables: where a code in one table must lead in another.

The catalogue's checked tables by name in, problems out. One list names every column that refers to
another table; three rules of their own stand behind it: where a link comes from, one reading used of each contradiction,
one kind used of each link.
"""

import re
from collections.abc import Mapping

import pandas as pd

from nq57lab.base.problems import Problem
from nq57lab.loops import graph

# (table, column, tables that define the code, what joins several codes in a cell)
REFERENCES = (
    ("indicators", "tier", ("tiers",), ""),
    ("areas", "successor", ("areas",), ""),
    ("area_members", "area", ("areas",), ""),
    ("area_members", "member", ("areas",), ""),
    ("tasks", "lead", ("areas",), "; "),
    ("tasks", "with", ("areas",), "; "),
    ("programmes", "parent", ("programmes",), ""),
    ("initiatives", "system", ("systems",), ""),
    ("stages", "focus_systems", ("systems",), "; "),
    ("stages", "focus_initiatives", ("initiatives",), "; "),
    ("links", "to_indicator", ("indicators", "variables"), ""),
    ("weights", "indicator", ("indicators", "variables"), ""),
    ("forms", "form", ("forms_of_layer_c",), ""),
    ("forms", "unit", ("units",), ""),
    ("feeds", "indicator", ("indicators",), ""),
    ("feeds", "form", ("forms_of_layer_c",), ""),
    ("loops", "entry_node", ("loop_nodes",), ""),
    ("loop_nodes", "refers_to", ("indicators", "pushes", "programmes"), ""),
    ("loop_links", "loop", ("loops",), ""),
    ("loop_links", "from_node", ("loop_nodes",), ""),
    ("loop_links", "to_node", ("loop_nodes",), ""),
    (
        *("readings", "subject"),
        ("indicators", "variables", "areas", "programmes", "goals", "systems", "initiatives", "stages"),
        "",
    ),
)
LINK_ORIGINS = {
    "operational_kpi": "indicators",
    "programme": "programmes",
    "subprogramme": "programmes",
    "push": "pushes",
    "goal": "goals",
    "system": "systems",
    "initiative": "initiatives",
}
# Every row of these names its source document and the place in it.
SOURCED = (
    *("indicators", "variables", "targets", "areas", "units", "groups", "dimensions", "items", "crosswalk"),
    *(
        "variable_entities",
        "defects",
        "corrections",
        "links",
        "weights",
        "tasks",
        "area_members",
        "programmes",
        "pushes",
    ),
    *("goals", "systems", "initiatives", "stages", "tiers", "terms", "forms", "feeds", "readings"),
    *("loops", "loop_nodes", "loop_links"),
)
KEYS = {"indicators": "code", "units": "unit", "tiers": "tier"}


def unknown(
    frame: pd.DataFrame, column: str, known: set[str], label: str, target: str, split: str = ""
) -> list[Problem]:
    """Return the cells of a column (or the parts that ``split`` joins) that are not among the known codes."""
    cells = zip(frame.index.tolist(), frame[column].tolist(), strict=True)
    parts = ((row, part) for row, cell in cells if cell for part in (cell.split(split) if split else [cell]))
    details = {"target": target}
    return [Problem("reference", label, row + 2, column, part, details) for row, part in parts if part not in known]


def unsourced(frame: pd.DataFrame, known: set[str], label: str) -> list[Problem]:
    """Return the rows whose source is none of the known ones, or that name no place in it."""
    found = []
    for row, text in zip(frame.index.tolist(), frame["source"].tolist(), strict=True):
        source, *place = re.split("[,;]", text, maxsplit=1)
        if source not in known:
            found.append(Problem("reference", label, row + 2, "source", source, {"target": "sources.csv"}))
        elif not "".join(place).strip():
            found.append(Problem("source_place", label, row + 2, "source", text))
    return found


def check(tables: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """Return every reference of the planning tables that leads nowhere, and every choice that is not made once."""
    found: list[Problem] = []
    codes = {
        name: set(tables[name][KEYS.get(name, "id")])
        for name in (*KEYS, *LINK_ORIGINS.values(), "variables", "areas", "sources", "stages", "loops", "loop_nodes")
    }
    codes["forms_of_layer_c"] = set(tables["indicators"]["code"][tables["indicators"]["layer"] == "C"])
    for table, column, targets, split in REFERENCES:
        known = set().union(*(codes[target] for target in targets))
        files = ", ".join("indicators.csv" if target == "forms_of_layer_c" else f"{target}.csv" for target in targets)
        found += unknown(tables[table], column, known, f"{table}.csv", files, split)
    for origin, target in LINK_ORIGINS.items():
        rows = tables["links"][tables["links"]["from_type"] == origin]
        found += unknown(rows, "from_id", codes[target], "links.csv", f"{target}.csv")
    for table in SOURCED:
        found += unsourced(tables[table], codes["sources"], f"{table}.csv")
    found += graph.catalogue_problems(tables["loop_links"])
    found += _used_once(tables["links"], ["from_type", "from_id", "to_indicator"], "links.csv")
    return found + _used_once(tables["readings"], ["id"], "readings.csv")


def _used_once(frame: pd.DataFrame, keys: list[str], label: str) -> list[Problem]:
    """Return the groups of rows of which not exactly one is used, and unused rows that do not say why."""
    used = frame["used"] == "yes"
    count = used.groupby([frame[key] for key in keys]).transform("sum")
    first = ~frame.duplicated(keys)
    found = [
        Problem(
            "used_once", label, int(row) + 2, "used", str(int(count[row])), {"key": ", ".join(frame.loc[row, keys])}
        )
        for row in frame.index[first & (count != 1)]
    ]
    silent = frame.index[~used & (frame["reason"] == "")]
    return found + [Problem("required", label, int(row) + 2, "reason", "") for row in silent]
