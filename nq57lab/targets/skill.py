"""Where a probability of meeting a target may be said: the classes, direction × difficulty, in which it beat the base rate on unseen data.

``skill.csv``, written by ``benchmarks/bench_chance.py`` on series that the forecast had not seen, in; of a target its class, and whether skill was
shown there.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

PATH = Path(__file__).with_name("skill.csv")
# Ends of the classes: the change a year that the target asks for, in mean absolute changes of the series, in the wished direction.
ENDS = (0.0, 0.5, 1.0, 2.0)
OF = 100  # "so many of a hundred"
CLASSES = ("met", "easy", "middle", "hard", "very_hard")


def difficulty(pace) -> np.ndarray:
    """Return the class of targets by the change a year that they ask for, in mean absolute changes of their series.

    Examples
    --------
    >>> difficulty([-0.3, 0.2, 0.7, 1.5, 2.5]).tolist()
    ['met', 'easy', 'middle', 'hard', 'very_hard']
    """
    return np.array(CLASSES, dtype=object)[np.digitize(np.asarray(pace, dtype=float), ENDS)]


def pace(values: np.ndarray, target: float, direction: int, ahead: float) -> float:
    """Return the change a step that a target asks for, in mean absolute changes of the series, positive in the wished direction."""
    size = np.abs(np.diff(values)).mean()
    return float(direction * (target - values[-1]) / (size * ahead))


@dataclass(frozen=True)
class Skill:
    """What was measured of a class: whether its probabilities beat the base rate beyond chance, and how many of :data:`OF` such targets were met."""

    shown: bool
    met: int


@cache
def table() -> pd.DataFrame:
    """Return what was measured, one row a class: frequency, direction, difficulty, targets, series, said, happened, gap, brier, skill; with 95% intervals."""
    return pd.read_csv(PATH)


def of(frequency: str, direction: int, difficulty: str) -> Skill:
    """Return what was measured of a class.

    Examples
    --------
    >>> of("yearly", 1, "middle").shown
    True
    """
    rows = table()
    here = (rows["frequency"] == frequency) & (rows["direction"] == direction) & (rows["difficulty"] == difficulty)
    row = rows[here].iloc[0]
    return Skill(bool(row["skill_lo"] > 0), round(OF * float(row["happened"])))
