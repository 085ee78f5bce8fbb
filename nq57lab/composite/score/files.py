"""The files of ``nq57 index score``: a table of KPIs in, checked once."""

from pathlib import Path

import pandas as pd

from nq57lab.base import contract, tables
from nq57lab.base.contract import Column, Table
from nq57lab.base.problems import Problem, ProblemError

REQUIRED = ("kpi", "area", "value", "target", "direction")
OPTIONAL = ("priority", "weight", "baseline", "kind", "group", "status", "target_high")
INPUT = Table(
    "scores",
    "",
    "Điểm số động: chỉ số, giá trị, mục tiêu",
    (
        *(Column("kpi", required=True), Column("area", required=True)),
        *(Column(name, kind="number") for name in ("value", "target")),
        Column("direction", kind="integer", required=True, values=("1", "-1")),
        Column("priority", values=("High", "Medium", "Low")),
        *(Column(name, kind="number") for name in ("weight", "baseline")),
        Column("kind", values=contract.KINDS),
        Column("group"),
        Column("status", values=contract.STATUSES),
        Column("target_high", kind="number"),
    ),
    ("kpi", "area", "group"),
)


def read(path: Path) -> pd.DataFrame:
    """Read and check a table of KPIs.

    Raises
    ------
    ProblemError
        With every problem: columns, cells, a KPI repeated in one area and group, a KPI with neither weight nor priority, a negative
        weight, weights of an area that sum to zero, a rank whose direction is not −1, a range whose ends are reversed.
    """
    label = path.name
    text = tables.read_text(path, label)
    missing = [name for name in REQUIRED if name not in text.columns]
    if missing:
        raise ProblemError([Problem("missing_column", label, 1, name, details={"column": name}) for name in missing])
    for name in OPTIONAL:
        if name not in text.columns:
            text[name] = ""
    found = tables.problems(text, INPUT, label)
    if found:
        raise ProblemError(found)
    frame = tables.convert(text, INPUT)
    for row in frame.index:
        kpi, area = frame.at[row, "kpi"], frame.at[row, "area"]
        details = {"kpi": kpi, "area": area}
        if pd.isna(frame.at[row, "weight"]) and not frame.at[row, "priority"]:
            found.append(Problem("score_weight", label, row, "priority", "", details))
        elif frame.at[row, "weight"] < 0:
            found.append(Problem("score_weight", label, row, "weight", str(frame.at[row, "weight"]), details))
        if frame.at[row, "kind"] == "rank" and frame.at[row, "direction"] != -1:
            found.append(Problem("score_rank", label, row, "direction", str(frame.at[row, "direction"]), details))
        if frame.at[row, "target_high"] < frame.at[row, "target"]:
            found.append(Problem("score_range", label, row, "target_high", str(frame.at[row, "target_high"]), details))
    if not found:
        from nq57lab.composite.score.score import complete

        total = complete(frame).groupby("area", sort=False)["weight"].sum()
        found += [
            Problem("score_weight_sum", label, None, "weight", "0", {"area": area}) for area in total.index[total <= 0]
        ]
    if found:
        raise ProblemError(found)
    return frame.reset_index(drop=True)
