"""A province among the 34: its figures, ranks and distances to the others; the pure part of the provincial profile.

Catalogue, borders and as-of rows in; tidy tables for all provinces at once out, and the part of them that one province's
profile is made from (:func:`inputs`), which is also what a batch keys its cache on.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nq57lab.base import contract, periods, tables
from nq57lab.base.messages import reason as because
from nq57lab.comparators.panels import TELLING, Panels
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.known import Knowledge

PREFIX = "34:"
RANK_COVERAGE = 0.9  # a rank is given when at least this share of the provinces has a figure
RANKED_STATUSES = ("official", "verified", "illustrative")
TOP, BOTTOM = 0.75, 0.25  # quarters of the provinces that count as strong and weak
PEERS = 3
POPULATION, SURFACE = "population_administrative", "natural_area"
SERIES = ["subject", "dims", "measure", "item"]


def borders(root: Path) -> pd.DataFrame:
    """Return the pairs of provinces that share a border, in both directions."""
    table = tables.read(root / contract.BORDERS.path, contract.BORDERS)
    turned = table.rename(columns={"area": "neighbour", "neighbour": "area"})
    return pd.concat([table, turned], ignore_index=True)[["area", "neighbour"]]


def directions(catalogue: Catalogue) -> dict[str, int]:
    """Return which way each subject is better: an indicator's own; a score higher, a rank lower; else neither."""
    variables = catalogue.variables
    by_unit = {"điểm": 1, "chỉ số": 1, "thứ hạng": -1}
    found = {row.id: by_unit.get(row.unit, 0) for row in variables.itertuples()}
    own = catalogue.indicators[["code", "direction"]].dropna()
    return found | dict(zip(own["code"], own["direction"].astype(int), strict=True))


def standings(catalogue: Catalogue, rows: pd.DataFrame) -> pd.DataFrame:
    """Compare provinces: one row for each province's newest figure of each subject.

    Parameters
    ----------
    catalogue : Catalogue
        For the directions and the number of provinces.
    rows : DataFrame
        As-of observations, and what the formulas compute.

    Returns
    -------
    DataFrame
        The rows' own columns and ``direction``, ``rank`` (1 = best, equals share it), ``of`` (provinces compared), ``place``
        (share of the others that are not better, 0 to 1), ``median`` of the provinces (none of ranks), ``why`` (why there is no rank), and the
        previous period's ``before``, ``before_period``, ``before_id``, ``change``.

    Notes
    -----
    Figures are compared within one subject, breakdown, measure, unit and period, and with a period of the same length before. There is no
    rank where a figure is unverified, where fewer than 90% of the 34 provinces have one, or where neither direction is better.
    """
    local = rows[rows["area"].str.startswith(PREFIX) & (rows["item"] == "")]
    local = local.sort_values(["period_end", "period"], kind="stable").reset_index(drop=True)
    total = int(catalogue.areas["id"].str.startswith(PREFIX).sum())
    direction = local["subject"].map(directions(catalogue)).fillna(0).astype(int)
    alike = [*SERIES, "unit"]
    group = local.groupby([*alike, "period"], sort=False)
    rankable = local["status"].isin(RANKED_STATUSES)
    count = group["value"].transform("size")
    verified = rankable.groupby([local[name] for name in (*alike, "period")]).transform("all")
    enough = count >= RANK_COVERAGE * total
    better = -direction * local["value"]
    rank = better.groupby([local[name] for name in (*alike, "period")]).rank(method="min")
    good = verified & enough & (direction != 0) & (local["unit"] != "thứ hạng")
    no_rank = [local["unit"] == "thứ hạng", good, ~verified, ~enough, direction == 0]
    told: list[Any] = [
        because("rank_published"),
        "",
        because("rank_unverified"),
        because("rank_of_few"),
        because("rank_no_direction"),
    ]
    why = np.select(no_rank, told, "")
    before = local.groupby([local["period"].map(periods.shape), *alike, "area", "segment"], sort=False)
    table = local.assign(
        direction=direction,
        rank=rank.where(good),
        of=count,
        place=((count - rank) / (count - 1).where(count > 1)).where(good),
        median=group["value"].transform("median").where(local["unit"] != "thứ hạng"),
        why=why,
        before=before["value"].shift(),
        before_period=before["period"].shift(),
        before_id=before["id"].shift().fillna(""),
    )
    table = table.assign(change=table["value"] - table["before"])
    newest = table.drop_duplicates([*SERIES, "area"], keep="last")
    names = [*catalogue.indicators["code"], *catalogue.variables["id"]]
    order = newest["subject"].map({code: place for place, code in enumerate(names)})
    return newest.assign(_o=order).sort_values(["_o", "dims", "area"], kind="stable").drop(columns="_o")


def sizes(table: pd.DataFrame) -> pd.DataFrame:
    """Return the standardised logs of population and of density, a row a province; empty where the store lacks them."""
    wide = table[table["subject"].isin([POPULATION, SURFACE])].drop_duplicates(["area", "subject"], keep="last")
    wide = wide.pivot(index="area", columns="subject", values="value").dropna()
    if not {POPULATION, SURFACE} <= set(wide.columns):
        return pd.DataFrame(columns=["people", "density"], dtype=float)
    logs = np.log(pd.DataFrame({"people": wide[POPULATION], "density": wide[POPULATION] / wide[SURFACE]}))
    return (logs - logs.mean()) / logs.std(ddof=0)


def peers(scaled: pd.DataFrame, count: int = PEERS) -> dict[str, list[str]]:
    """Return the provinces nearest in size to each: Euclidean distance on :func:`sizes`, equals in the table's order.

    Empty where there are not more provinces than wanted.
    """
    if len(scaled) <= count:
        return {}
    points, names = scaled.to_numpy(), scaled.index.to_numpy(object)
    distance = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    np.fill_diagonal(distance, np.inf)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, :count]
    return {area: names[places].tolist() for area, places in zip(names, nearest, strict=True)}


@dataclass(frozen=True, eq=False)
class Provinces:
    """All provinces on one date: their standings and, by area, where each one's rows are, its neighbours and its peers."""

    standings: pd.DataFrame
    series: np.ndarray  # a number for each row's subject, breakdown, measure, item and period
    places: dict[str, np.ndarray]
    former: dict[str, pd.DataFrame]
    neighbours: dict[str, list[str]]
    peers: dict[str, list[str]]


def compare(known: Knowledge, root: Path) -> Provinces:
    """Compare the provinces as known on a date."""
    table, areas = standings(known.catalogue, known.measured), known.catalogue.areas
    local = set(areas["id"][areas["id"].str.startswith(PREFIX)])
    successor = areas[areas["successor"].isin(local)].set_index("id")["successor"]
    rows = known.table[known.table["area"].isin(successor.index) & (known.table["item"] == "")]
    rows = rows.sort_values("period_end", kind="stable").drop_duplicates([*SERIES, "area"], keep="last")
    order = areas.set_index("id")["order"]
    pairs = borders(root / "data")
    pairs = pairs.assign(order=pairs["neighbour"].map(order)).sort_values("order", kind="stable")
    return Provinces(
        table,
        table.groupby([*SERIES, "period"], sort=False).ngroup().to_numpy(),
        table.reset_index(drop=True).groupby("area", sort=False).indices,
        dict(iter(rows.groupby(rows["area"].map(successor), sort=False))),
        pairs.groupby("area", sort=False)["neighbour"].agg(list).to_dict(),
        peers(sizes(table)),
    )


def judged(known: Knowledge) -> pd.DataFrame:
    """Return what surveys and rankings of the 63 provinces say of each, the newest whole year of each series; nothing for the public.

    Returns
    -------
    DataFrame
        successor, area, series, name_vi, unit_vi, year, value, rank (1 is best), of, source.
    """
    catalogue, panels, parts = known.catalogue, Panels(known.catalogue), []
    columns = ["successor", "area", "series", "name_vi", "unit_vi", "year", "value", "rank", "of", "source"]
    for series in TELLING if known.audience != "cong-khai" else ():
        year = panels.newest_whole(series, known.known)
        if year is None:
            continue
        about, values = panels.about(series), panels.whole(series, year)
        frame = values.rename("value").rename_axis("area").reset_index()
        frame = frame.assign(
            rank=panels.ranks(series, year).reindex(values.index).to_numpy(), of=len(values), year=year
        )
        parts.append(frame.assign(**{name: about[name] for name in ("series", "name_vi", "unit_vi", "source")}))
    if not parts:
        return pd.DataFrame(columns=columns)
    old = catalogue.areas.set_index("id")["successor"]
    whole = pd.concat(parts, ignore_index=True)
    return whole.assign(successor=whole["area"].map(old))[columns]


def inputs(known: Knowledge, root: Path, area: str) -> dict[str, pd.DataFrame]:
    """Return everything a province's profile is made from, beside the catalogue.

    Returns
    -------
    dict
        ``own``: its standings; ``others``: the figures of its neighbours and peers on the subjects it has; ``former``: figures of
        the provinces merged into it; ``judged``: their places in the panels (:func:`judged`); ``kin``: its neighbours and peers; ``missing``: the
        subjects that other provinces have; ``recomputed``: the audit of these provinces' printed figures. A change elsewhere that moves none of these changes no profile.
    """
    found = known.derived("provinces", lambda: compare(known, root))
    table, nowhere = found.standings, np.array([], dtype=np.intp)
    here = found.places.get(area, nowhere)
    around, alike = found.neighbours.get(area, []), found.peers.get(area, [])
    beside = np.sort(np.concatenate([nowhere, *(found.places.get(code, nowhere) for code in {*around, *alike})]))
    beside = beside[np.isin(found.series[beside], found.series[here])]
    own = table.iloc[here]
    others = table.iloc[beside][[*known.table.columns, "rank", "of"]].reset_index(drop=True)
    former = found.former.get(area, known.table.iloc[:0])
    kin = pd.DataFrame({"area": [*around, *alike], "kind": ["giáp ranh"] * len(around) + ["tương đồng"] * len(alike)})
    missing = pd.DataFrame({"subject": sorted(set(table["subject"]) - set(own["subject"]))})
    panels = known.derived("judged", lambda: judged(known))
    recomputed = known.recomputed({area, *kin["area"], *former["area"]})
    return {
        "own": own,
        "others": others,
        "former": former,
        "judged": panels[panels["successor"] == area].drop(columns="successor").reset_index(drop=True),
        "kin": kin,
        "missing": missing,
        "recomputed": recomputed,
    }
