"""The files of ``nq57 index score``: a table of KPIs in, checked once."""

from pathlib import Path

import pandas as pd

from nq57lab.base import tables
from nq57lab.base.contract import SCORES
from nq57lab.base.problems import Problem, ProblemError


def read(path: Path) -> pd.DataFrame:
    """Read and check a table of KPIs.

    Raises
    ------
    ProblemError
        With every problem: columns, cells, a KPI repeated in one area and group, a KPI with neither weight nor priority, a negative
        weight, weights of an area that sum to zero, a rank whose direction is not −1, a range whose ends are reversed.
    """
    label = path.name
    text = tables.complete(tables.read_text(path, label), SCORES)
    found = tables.problems(text, SCORES, label)
    if found:
        raise ProblemError(found)
    frame = tables.convert(text, SCORES)
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
