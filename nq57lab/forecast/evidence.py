"""How often the intervals held on M3, for histories as short as the one in hand: what a report quotes beside a forecast.

``validation.csv``, written by ``benchmarks/bench_m3.py --evidence``, in; one measured coverage out.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

PATH = Path(__file__).parent / "measured" / "validation.csv"


@dataclass(frozen=True)
class Evidence:
    """A measured coverage: share and half of its 95% interval (clustered by series), series, the histories, horizon, line of the file."""

    coverage: float
    error: float
    series: int
    history: str
    horizon: int
    line: int


@cache
def table() -> pd.DataFrame:
    """Return every measured coverage: frequency, history, low, high, horizon (0: all), level, series, coverage, error."""
    return pd.read_csv(PATH)


def find(frequency: str, points: int, ahead: int, level: int) -> Evidence:
    """Return the coverage measured on the longest histories that are no longer than the one in hand.

    Parameters
    ----------
    frequency : str
        yearly or quarterly.
    points : int
        Points of the history, at least the validated number.
    ahead : int
        Steps ahead; beyond the competition's horizon its last one is quoted.
    level : int
        80 or 95.

    Examples
    --------
    >>> found = find("yearly", 9, 3, 80)
    >>> found.history, found.horizon, found.series
    ('last 8', 3, 645)
    """
    rows = table()
    rows = rows[(rows["frequency"] == frequency) & (rows["level"] == level)]
    fits = rows[rows["low"] <= points]
    fits = fits if len(fits) else rows
    order = fits.assign(width=fits["high"] - fits["low"])
    narrow = order.sort_values(["low", "width", "series"], ascending=[False, True, False], kind="stable")
    chosen = narrow[narrow["history"] == narrow["history"].iloc[0]]
    return _evidence(chosen[chosen["horizon"] == min(ahead, int(chosen["horizon"].max()))])


def overall(frequency: str, level: int) -> Evidence:
    """Return the coverage over all series and horizons."""
    rows = table()
    return _evidence(
        rows[
            (rows["frequency"] == frequency)
            & (rows["level"] == level)
            & (rows["history"] == "all")
            & (rows["horizon"] == 0)
        ]
    )


def _evidence(rows: pd.DataFrame) -> Evidence:
    row = rows.iloc[0]
    return Evidence(
        float(row["coverage"]),
        float(row["error"]),
        int(row["series"]),
        str(row["history"]),
        int(row["horizon"]),
        int(rows.index[0]) + 2,
    )
