"""What stands between two steps of an index, and the changes that a step records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from nq57lab.base import messages
from nq57lab.composite.laboratory.framework import Framework
from nq57lab.composite.laboratory.treat import Treatment

CHANGES = ("stage", "uCode", "iCode", "before", "after", "why")
Changes = Any  # a list of Cells, or of blocks of columns


@dataclass(frozen=True)
class State:
    """What stands between two steps: units kept, values, the framework with its weights, what was changed."""

    framework: Framework
    units: pd.DataFrame
    codes: pd.Series
    values: np.ndarray
    divisors: pd.DataFrame
    directed: bool = False
    scores: Mapping[str, np.ndarray] = field(default_factory=dict)
    changes: tuple[Any, ...] = ()
    treatments: Mapping[str, Treatment] = field(default_factory=dict)
    constant: Mapping[str, str] = field(default_factory=dict)  # indicators that no longer vary, and since which step
    quiet: bool = False  # replications keep no list of changes


def change(state: State, stage: str, row: Any, code: str, before: float, after: float, why: str) -> dict[str, list]:
    """Return one change as a block of one row."""
    return _block(stage, state.units["uCode"].iat[row], code, before, after, why, state.units["Time"].iat[row])


def cell_changes(
    state: State, before: np.ndarray, after: np.ndarray, stage: str, why: Mapping[int, str] | str
) -> "list[Cells]":
    """Return the changes of every cell in which two matrices differ."""
    return [] if state.quiet else [Cells(state, before, after, stage, why)]


@dataclass(frozen=True)
class Cells:
    """The cells that a step changed, listed when asked for: there can be very many."""

    state: "State"
    before: np.ndarray
    after: np.ndarray
    stage: str
    why: Mapping[int, str] | str

    def columns(self) -> dict[str, list]:
        """Return one change a cell, as columns."""
        before, after, units = self.before, self.after, self.state.units
        rows, columns = np.nonzero(~((before == after) | (np.isnan(before) & np.isnan(after))))
        why = self.why
        return {
            "stage": [self.stage] * len(rows),
            "uCode": units["uCode"].to_numpy(object)[rows].tolist(),
            "iCode": np.array(self.state.framework.indicators, dtype=object)[columns].tolist(),
            "before": before[rows, columns].tolist(),
            "after": after[rows, columns].tolist(),
            "why": [why] * len(rows) if isinstance(why, str) else [why[column] for column in columns.tolist()],
            "Time": units["Time"].to_numpy(object)[rows].tolist(),
        }


def of_indicator(state: State, stage: str, code: str, why: str) -> list[dict[str, list]]:
    """Return a change that is an indicator's as a whole: no unit, no values."""
    return [] if state.quiet else [_block(stage, "", code, np.nan, np.nan, why, "")]


def _block(*cells: Any) -> dict[str, list]:
    return {name: [cell] for name, cell in zip((*CHANGES, "Time"), cells, strict=True)}


def spelled(number: str) -> str:
    """Return a written number as the language of this process writes it."""
    return number.replace(".", ",") if messages.chosen() == "vi" else number
