"""The framework of an index: which indicators there are, and the tree of aggregates above them.

A metadata table in (``iMeta``: Level, iCode, iName, Direction, Weight, Unit, Target, Denominator, Parent, Type and the optional
columns of :data:`ENDS`), a checked
:class:`Framework` out. Every defect of the table is collected and told with the code that has it.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from nq57lab.base.problems import Problem, ProblemError

COLUMNS = ("Level", "iCode", "iName", "Direction", "Weight", "Unit", "Target", "Denominator", "Parent", "Type")
ENDS = ("goalpost_lower", "goalpost_upper", "treat_lower", "treat_upper")  # of an indicator, where a step says iMeta
REQUIRED = ("Level", "iCode", "Direction", "Weight", "Parent", "Type")
TYPES = ("Indicator", "Aggregate", "Group", "Denominator", "Other")
MISSING = ("", "NA")
DECIMAL_COMMA = re.compile(r"-?[0-9]+,[0-9]+")
_SPACES = {0xA0: " ", 0x202F: " ", 0x200B: None, 0xFEFF: None}


@dataclass(frozen=True)
class Framework:
    """A checked index framework."""

    indicators: tuple[str, ...]  # codes of the indicators, in the table's order; the columns of every matrix of values
    aggregates: tuple[str, ...]  # codes of the aggregates, the highest level first (the root is the first)
    names: Mapping[str, str]  # code to name
    levels: Mapping[str, int]  # code to level; indicators have level 1
    parents: Mapping[str, str]  # code to the code above it; the root is not among the keys
    weights: Mapping[str, float]  # code to weight within its parent, not negative
    direction: np.ndarray  # shape (n_indicators,): +1 where higher is better, −1 where lower is better
    targets: np.ndarray  # shape (n_indicators,): target values, NaN where there is none
    divisors: tuple[str, ...]  # the denominator's code of each indicator, "" where there is none
    # groups and denominators: codes of the unit groups and of the denominators.
    groups: tuple[str, ...] = ()
    denominators: tuple[str, ...] = ()
    # posts and limits: shape (n_indicators, 2): goalposts and limits of the treatment that iMeta names, NaN where it
    # names none.
    posts: np.ndarray = field(default_factory=lambda: np.empty((0, 2)))
    limits: np.ndarray = field(default_factory=lambda: np.empty((0, 2)))
    units: Mapping[str, str] = field(default_factory=dict)  # code of an indicator to its unit, "" where none is given

    @property
    def root(self) -> str:
        """The code of the index itself."""
        return self.aggregates[0]

    @property
    def weighted_levels(self) -> list[int]:
        """The levels whose elements have weights: all but the index's own, the lowest first."""
        return sorted({self.levels[code] for code in self.parents})

    def of_levels(self, levels: Collection[int]) -> list[str]:
        """Return the codes below the index that are on some levels, in the table's order."""
        return [code for code in self.parents if self.levels[code] in levels]

    def children(self, parent: str) -> list[str]:
        """Return the codes directly below an aggregate, in the table's order."""
        return [code for code, above in self.parents.items() if above == parent]

    def leaves(self, code: str) -> list[str]:
        """Return the indicators at or below an element."""
        if code in self.indicators:
            return [code]
        return [leaf for child in self.children(code) for leaf in self.leaves(child)]

    def with_weights(self, weights: Mapping[str, float]) -> "Framework":
        """Return the same framework with other weights for the codes named."""
        return replace(self, weights={**self.weights, **weights})

    def without(self, codes: set[str]) -> "Framework":
        """Return the framework without some elements and all below them; aggregates left empty go too.

        Examples
        --------
        >>> frame = read(pd.DataFrame({
        ...     "Level": [1, 1, 1, 2, 2, 3], "iCode": list("abcPQI"), "Direction": 1, "Weight": 1,
        ...     "Parent": ["P", "P", "Q", "I", "I", None], "Type": ["Indicator"] * 3 + ["Aggregate"] * 3}))
        >>> frame.without({"Q"}).indicators
        ('a', 'b')
        """
        gone = set(codes)
        while True:
            below = {code for code, above in self.parents.items() if above in gone}
            empty = {code for code in self.aggregates if all(child in gone for child in self.children(code))}
            if below | empty <= gone:
                break
            gone |= below | empty
        kept = [place for place, code in enumerate(self.indicators) if code not in gone]
        return replace(
            self,
            indicators=tuple(self.indicators[place] for place in kept),
            aggregates=tuple(code for code in self.aggregates if code not in gone),
            parents={code: above for code, above in self.parents.items() if code not in gone},
            weights={code: weight for code, weight in self.weights.items() if code not in gone},
            direction=self.direction[kept],
            targets=self.targets[kept],
            divisors=tuple(self.divisors[place] for place in kept),
            posts=self.posts[kept],
            limits=self.limits[kept],
        )


def read(meta: pd.DataFrame, label: str = "iMeta.csv") -> Framework:
    """Check a metadata table and return the framework that it describes.

    Parameters
    ----------
    meta : DataFrame
        The columns of :data:`COLUMNS`; iName, Unit, Target and Denominator may be left out. Typed or text cells; empty and
        "NA" are missing.

    Raises
    ------
    ProblemError
        With every problem: unknown or missing columns, repeated codes, a type, level, direction or weight that cannot be,
        an orphan, a cycle, an aggregate without children, weights below one aggregate that sum to zero, not one root.

    Notes
    -----
    A parent's level must be above its child's. A missing weight is 1, unless an element of the same parent has another; a missing direction of an aggregate is not read.
    """
    refuse_twice(meta, label)
    text = as_text(meta)
    found = [
        Problem("unknown_column", label, 1, name, found=name)
        for name in text.columns
        if name not in (*COLUMNS, *ENDS) and not name.startswith("x_")
    ]
    missing = [name for name in REQUIRED if name not in text.columns]
    found += [Problem("missing_column", label, 1, name, details={"column": name}) for name in missing]
    if missing:
        raise ProblemError(found)
    for name in (*COLUMNS, *ENDS):
        if name not in text.columns:
            text[name] = ""
    found += _cell_problems(text, label)
    if found:
        raise ProblemError(found)
    tree = text[text["Type"].isin(["Indicator", "Aggregate"])]
    found = _tree_problems(tree, label) + _divisor_problems(text, label)
    if found:
        raise ProblemError(found)
    indicators = tree[tree["Type"] == "Indicator"]
    above = tree[tree["Type"] == "Aggregate"].assign(height=lambda rows: rows["Level"].astype(float))
    above = above.sort_values("height", ascending=False, kind="stable")
    number = pd.to_numeric
    return Framework(
        indicators=tuple(indicators["iCode"]),
        aggregates=tuple(above["iCode"]),
        names={row.iCode: row.iName or row.iCode for row in text.itertuples()},
        levels=dict(zip(tree["iCode"], number(tree["Level"]).astype(int), strict=True)),
        parents={row.iCode: row.Parent for row in tree.itertuples() if row.Parent},
        weights=dict(zip(tree["iCode"], number(tree["Weight"].replace("", "1")).astype(float), strict=True)),
        direction=number(indicators["Direction"]).to_numpy(float),
        targets=number(indicators["Target"].replace("", None)).to_numpy(float),
        divisors=tuple(indicators["Denominator"]),
        groups=tuple(text.loc[text["Type"] == "Group", "iCode"]),
        denominators=tuple(text.loc[text["Type"] == "Denominator", "iCode"]),
        posts=_ends(indicators, ENDS[:2]),
        limits=_ends(indicators, ENDS[2:]),
        units=dict(zip(indicators["iCode"], indicators["Unit"], strict=True)),
    )


def _ends(indicators: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    return np.column_stack([pd.to_numeric(indicators[name].replace("", None)).to_numpy(float) for name in names])


def refuse_twice(frame: pd.DataFrame, label: str) -> None:
    """Refuse a table that has a column twice, letters composed."""
    names = pd.Series([composed(name) for name in frame.columns])
    twice = names[names.duplicated()].drop_duplicates()
    if len(twice):
        raise ProblemError([Problem("index_column_twice", label, 1, name, name) for name in twice])


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of text cells, "" where nothing was given, its index the file's rows (row 2 is the first).

    Letters are composed (NFC), so that one name typed on two keyboards is one code.
    """
    rows = frame.index if frame.index.name == "row" else pd.RangeIndex(2, len(frame) + 2)
    columns = {}
    for name in frame.columns:
        empty = frame[name].isna().to_numpy()
        cells = [composed(cell) for cell in frame[name]]
        columns[composed(name)] = [
            "" if gone or cell in MISSING else cell for gone, cell in zip(empty, cells, strict=True)
        ]
    return pd.DataFrame(columns, index=pd.Index(rows, name="row"), dtype=str)


def composed(cell: object) -> str:
    """Return a cell as text: its letters composed (NFC), no-break spaces plain, none around it, none of width zero."""
    text = unicodedata.normalize("NFC", str(cell))
    return text if text.isascii() and text == text.strip() else text.translate(_SPACES).strip()


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _cell_problems(text: pd.DataFrame, label: str) -> list[Problem]:
    """Return what single cells get wrong: codes, types, and the numbers of indicators and aggregates."""
    found = []
    for code in text.loc[text["iCode"].duplicated() & (text["iCode"] != ""), "iCode"].drop_duplicates():
        rows = ", ".join(str(row) for row in text.index[text["iCode"] == code])
        found.append(Problem("index_duplicate", label, None, "iCode", code, {"rows": rows}))
    for row, cells in zip(text.index, text.to_dict("records"), strict=True):
        code, kind = cells["iCode"], cells["Type"]
        if not code:
            found.append(Problem("required", label, row, "iCode"))
        if kind not in TYPES:
            found.append(Problem("values", label, row, "Type", kind, {"allowed": ", ".join(TYPES)}))
        if kind not in ("Indicator", "Aggregate"):
            continue
        if kind == "Indicator" and _number(cells["Direction"]) not in (1.0, -1.0):
            found.append(Problem("index_direction", label, row, "Direction", cells["Direction"], {"code": code}))
        weight = _number(cells["Weight"] or "1")
        commas = [name for name in ("Direction", "Weight", "Target", *ENDS) if DECIMAL_COMMA.fullmatch(cells[name])]
        if commas:
            found += [
                Problem("index_decimal_comma", label, row, name, cells[name], {"code": name, "unit": code})
                for name in commas
            ]
            continue
        if not (np.isfinite(weight) and weight >= 0):
            found.append(Problem("index_weight", label, row, "Weight", cells["Weight"], {"code": code}))
        level = _number(cells["Level"])
        if not (level >= 1 and level == int(level)) or (kind == "Indicator") != (level == 1):
            found.append(Problem("index_level", label, row, "Level", cells["Level"], {"code": code}))
        for name in ("Target", *ENDS):
            if cells[name] and not np.isfinite(_number(cells[name])):
                found.append(Problem("index_number", label, row, name, cells[name], {"unit": "–", "code": code}))
        for low, high in (ENDS[:2], ENDS[2:]):
            if _number(cells[low] or "nan") >= _number(cells[high] or "nan"):
                shown = f"{cells[low]}, {cells[high]}"
                found.append(Problem("index_goalposts", label, row, f"{low}, {high}", shown, {"code": code}))
    return found


def _tree_problems(tree: pd.DataFrame, label: str) -> list[Problem]:
    """Return what is wrong with the tree: orphans, cycles, empty or weightless aggregates, no root or several."""
    rows = dict(zip(tree["iCode"], tree.index, strict=True))
    parent = dict(zip(tree["iCode"], tree["Parent"], strict=True))
    kind = dict(zip(tree["iCode"], tree["Type"], strict=True))
    level = dict(zip(tree["iCode"], tree["Level"].astype(float), strict=True))
    weight = dict(zip(tree["iCode"], tree["Weight"].replace("", "1").astype(float), strict=True))
    blank = dict(zip(tree["iCode"], tree["Weight"] == "", strict=True))
    found, cyclic = [], set()
    for code in parent:
        path, here = [code], parent[code]
        while here in parent and here not in path:
            path.append(here)
            here = parent[here]
        if here in path and here == code and code not in cyclic:
            cyclic |= set(path)
            found.append(Problem("index_cycle", label, rows[code], "Parent", " → ".join([*path, code])))
    for code, above in parent.items():
        if code in cyclic:
            continue
        if above and kind.get(above) != "Aggregate":
            found.append(Problem("index_orphan", label, rows[code], "Parent", above, {"code": code}))
        elif not above and kind[code] == "Indicator":
            found.append(Problem("index_orphan", label, rows[code], "Parent", "", {"code": code}))
        elif above and above not in cyclic and level[above] <= level[code]:
            details = {"code": code, "level": int(level[code])}
            found.append(Problem("index_parent_level", label, rows[code], "Parent", above, details))
    roots = [code for code, above in parent.items() if not above and kind[code] == "Aggregate"]
    if len(roots) != 1 and not cyclic:
        found.append(Problem("index_root", label, None, "Parent", ", ".join(roots) or "0"))
    for code in parent:
        if kind[code] != "Aggregate":
            continue
        below = [child for child, above in parent.items() if above == code]
        if not below:
            found.append(Problem("index_childless", label, rows[code], "iCode", code))
        elif any(blank[child] for child in below) and any(not blank[child] and weight[child] != 1 for child in below):
            found += [
                Problem("index_weight_blank", label, rows[child], "Weight", "", {"code": child})
                for child in below
                if blank[child]
            ]
        elif sum(weight[child] for child in below) <= 0:
            details = {"code": code, "children": ", ".join(below)}
            found.append(Problem("index_weight_sum", label, rows[code], "Weight", "0", details))
    if not any(entry == "Indicator" for entry in kind.values()):
        found.append(Problem("index_childless", label, None, "Type", "0 Indicator"))
    return found


def _divisor_problems(text: pd.DataFrame, label: str) -> list[Problem]:
    known = set(text.loc[text["Type"] == "Denominator", "iCode"])
    uses = text[(text["Type"] == "Indicator") & (text["Denominator"] != "")]
    return [
        Problem("index_divisor", label, row, "Denominator", cells.Denominator, {"code": cells.iCode})
        for row, cells in zip(uses.index, uses.itertuples(), strict=True)
        if cells.Denominator not in known
    ]
