"""The illustrative set: generated provincial figures, for trying reports before real ones exist; never part of the store.

Catalogue in, rows of the as-of table out, all with the status ``illustrative`` and the source :data:`SOURCE`, so that every
number printed from them carries its mark and no check of the store can take them for observations.
"""

import numpy as np
import pandas as pd

from nq57lab.base import contract, wording
from nq57lab.facts import observations
from nq57lab.facts.catalogue import Catalogue

SOURCE = "MINHHOA"
STATUS = "illustrative"
ROW_PREFIX = "minh-hoa:"
NAME_VI = "Dữ liệu minh họa, do chương trình sinh ra, không phải số liệu thực"
PERIODS = ("2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2")
VINTAGE = "2026-06-30"
PER_GROUP = 2  # indicators of each B group
SHARE_MISSING = 0.06


def indicators(catalogue: Catalogue) -> pd.DataFrame:
    """Return the indicators that the set covers: the first shares of each B group that provinces carry out."""
    table = catalogue.indicators
    local = table["implementing"].str.contains("địa phương") & ~table["name_vi"].str.contains("bộ, ngành, địa phương")
    fits = (table["layer"] == "B") & (table["unit"] == "%") & local & table["direction"].isin([1, -1])
    return table[fits].groupby("group", sort=False).head(PER_GROUP)


def provinces(catalogue: Catalogue) -> pd.DataFrame:
    """Return the 34 provinces in official order."""
    areas = catalogue.areas
    return areas[areas["id"].str.startswith("34:")].sort_values("order", kind="stable")


def rows(catalogue: Catalogue, seed: int = 57) -> pd.DataFrame:
    """Generate the set.

    Parameters
    ----------
    seed : int
        Of the generator; the same seed gives the same figures.

    Returns
    -------
    DataFrame
        Rows in the form of :func:`nq57lab.facts.observations.as_of`: four quarters of the covered indicators for 34 provinces, a few
        missing. ``id`` is ``minh-hoa:<n>``, which is no row of the store.

    Notes
    -----
    A share is 100·logistic(level of the province + level of the indicator + drift·quarter + noise), printed with one decimal.
    """
    chosen, places = indicators(catalogue), provinces(catalogue)
    random = np.random.default_rng(seed)
    shape = (len(places), len(chosen), len(PERIODS))
    level = random.normal(0.2, 0.6, (shape[0], 1, 1)) + random.normal(0, 0.7, (1, shape[1], 1))
    drift = random.normal(0.12, 0.06, (shape[0], shape[1], 1)) * np.arange(shape[2])
    direction = chosen["direction"].to_numpy(float)[None, :, None]
    values = 100 / (1 + np.exp(-direction * (level + drift) - random.normal(0, 0.15, shape)))
    present = random.random(shape[:2]) >= SHARE_MISSING
    place, item, quarter = np.nonzero(np.broadcast_to(present[:, :, None], shape))
    numbers = [round(value, 1) for value in values[place, item, quarter].tolist()]
    blank = dict.fromkeys(contract.OBSERVATIONS.names, "")
    frame = pd.DataFrame(
        {
            **blank,
            "subject": chosen["code"].to_numpy()[item],
            "area": places["id"].to_numpy()[place],
            "period": np.array(PERIODS)[quarter],
            "measure": "stock",
            "qualifier": "=",
            "value": numbers,
            "value_high": np.nan,
            "unit": "%",
            "printed": [wording.number(value, 1) for value in numbers],
            "status": STATUS,
            "vintage": VINTAGE,
            "recorded": VINTAGE,
            "source": SOURCE,
            "locator": f"bộ sinh số, hạt giống {seed}",
            "public": "no",
        }
    )
    ids = pd.Series(range(1, len(frame) + 1)).map((ROW_PREFIX + "{}").format)
    return observations.add_dates(frame.assign(id=ids, family="share"))
