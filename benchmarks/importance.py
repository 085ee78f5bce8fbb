"""What the default forecast of yearly series looks at: permutation importances and partial effects, measured on series that it has not read.

    python benchmarks/importance.py          (writes nq57lab/forecast/measured/importance.csv; half a minute)

The series are the project's comparators, each forecast from six years before its end. The loss is the mean quantile loss of the seven knots in typical
changes of the series. A feature's importance is by how many per cent the loss grows when the feature's values change places between series (the mean of
ten shuffles); its interval comes from drawing countries and indicators with replacement. A partial effect sets a feature to its 10th or 90th percentile in
every series and reads the move of the median (in the direction of the forecast) and the width of the 80% interval, all else as it is.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from nq57lab.facts import comparators
from nq57lab.forecast import features, learned
from nq57lab.forecast.members import members
from nq57lab.forecast.models.trend import align
from nq57lab.forecast.series import SHORTEST

ROOT = Path(__file__).parents[1]
HORIZON, SHUFFLES, DRAWS, SEED = 6, 10, 1000, 57
ENDS = (10, 90)


def cases() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return features (rows, features), scaled signed outcomes, country and indicator of every series and horizon."""
    series = comparators.unbroken(comparators.load(ROOT / "data")).sort_values("year", kind="stable")
    found = []
    for (key, country), part in series.groupby(["indicator_key", "iso3"]):
        values = part["value"].to_numpy(float)
        steady = (np.diff(part["year"]) == 1).all() and len(values) >= SHORTEST["yearly"] + HORIZON
        if steady and np.ptp(values[:-HORIZON]) > 0:
            found.append((values[:-HORIZON], values[-HORIZON:], country, key))
    y, future = align([row[0] for row in found]), np.array([row[1] for row in found])
    measured = features.measure(y, members(y, HORIZON))
    target = (future - measured.middle) * measured.side / measured.scale[:, None]
    named = [np.repeat([row[place] for row in found], HORIZON) for place in (2, 3)]
    return measured.features.reshape(-1, len(features.NAMES)), target.ravel(), *named


def knots(table: np.ndarray) -> np.ndarray:
    """Return the learned quantiles of rows of features, in order and apart."""
    shipped = learned.load("yearly")
    return learned.ordered(learned.told(table, shipped.trees, shipped.networks))


def loss(found: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the mean quantile loss of every row."""
    gap, p = target[:, None] - found, np.array(learned.KNOTS)
    return np.maximum(p * gap, (p - 1) * gap).mean(axis=1)


def measure() -> pd.DataFrame:
    """Return feature, importance, lo, hi (per cent), then move and width at both ends; the most important first."""
    table, target, country, indicator = cases()
    rng = np.random.default_rng(SEED)
    base = loss(knots(table), target)
    codes = [np.unique(names, return_inverse=True)[1] for names in (country, indicator)]
    weights = []
    for _ in range(DRAWS):
        weight = np.ones(len(target))
        for code in codes:
            weight = (
                weight * np.bincount(rng.integers(0, code.max() + 1, code.max() + 1), minlength=code.max() + 1)[code]
            )
        weights.append(weight / weight.sum())
    drawn = np.array(weights)
    rows = []
    for place, name in enumerate(features.NAMES):
        worse = np.zeros(len(target))
        for _ in range(SHUFFLES):
            mixed = table.copy()
            mixed[:, place] = rng.permutation(table[:, place])
            worse += (loss(knots(mixed), target) - base) / SHUFFLES
        low, high = np.percentile(100 * (drawn @ worse) / (drawn @ base), [2.5, 97.5])
        row = {"feature": name, "importance": 100 * worse.mean() / base.mean(), "lo": low, "hi": high}
        for end in ENDS:
            held = table.copy()
            held[:, place] = np.percentile(table[:, place], end)
            at = knots(held)
            row |= {f"value_{end}": held[0, place], f"move_{end}": at[:, learned.MIDDLE].mean()}
            row |= {f"width_{end}": learned.unit(at).mean()}
        rows.append(row | {"series": len(target) // HORIZON})
    return pd.DataFrame(rows).sort_values("importance", ascending=False, ignore_index=True)


if __name__ == "__main__":
    found = measure()
    found.round(4).to_csv(learned.FOLDER / "importance.csv", index=False)
    print(found.round(3).to_string())
