"""A page for tables that belong to no project: it writes figures and draws charts as an edition does, and knows no catalogue.

A name of the table in, a page out; its charts name the table as their source.
"""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from nq57lab.base.contract import OBSERVATIONS
from nq57lab.documents.edition import Edition
from nq57lab.facts.figures import Figures


class OwnPage(Edition):
    """The page of somebody's own table."""

    def __init__(self, name: str):
        empty = pd.DataFrame(columns=[*OBSERVATIONS.names, "id"])
        none = pd.DataFrame(columns=["unit", "factor", "family", "id"])
        nothing: Any = SimpleNamespace(units=none, sources=none, subject_units={}, names={})
        self.name, self.parameters, self.root, self.kind = name, {}, Path.cwd(), ""
        self.work, self.pictures, self.in_document = None, None, False
        self.known, self.final = date.today(), False
        self.catalogue, self.rows = nothing, empty
        self.figures = Figures(nothing, empty.assign(period_end=pd.NaT))
        self.marks, self.place_names, self.charts = set(), {}, {}

    def _foot(self, start: int) -> str:
        return f"Nguồn: {self.name}."


def text_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame as the text cells that a file of it would hold, its index the file's row numbers.

    >>> text_cells(pd.DataFrame({"a": [1.0, None], "b": ["x", ""]})).values.tolist()
    [['1', 'x'], ['', '']]
    """
    cells = {str(name): [_cell(value) for value in frame[name]] for name in frame.columns}
    return pd.DataFrame(cells, index=pd.Index(range(2, len(frame) + 2), name="row"), dtype=str)


def _cell(value: object) -> str:
    if value is None or (not isinstance(value, str) and pd.isna(value)):  # type: ignore[call-overload]
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
