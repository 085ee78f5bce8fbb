"""Maps of the provinces: tiles in geographic order, shaded by the quarter of the provinces that a value lies in.

A desk in, HTML out. What is known of the 34 provinces fills their tiles; what is known of the 63 before them fills each tile's parts.
"""

import math
from dataclasses import dataclass

import pandas as pd

from nq57lab.base import wording
from nq57lab.charts import tile_map
from nq57lab.comparators.panels import TELLING
from nq57lab.site import parts
from nq57lab.site.desk import Desk

CONTEXT = ("population_administrative", "natural_area")  # what other figures are divided by
MAPS = 8


@dataclass(frozen=True)
class Map:
    """A map that can be shown: what it is called in a choice, whether it speaks about the Resolution, and its HTML."""

    label: str
    telling: bool
    html: str


def every(desk: Desk) -> list[Map]:
    """Return the maps of a site, those that speak about the Resolution first; a partial list is never mapped."""
    found = [*_of_63(desk), *_of_34(desk)]
    return sorted(found, key=lambda one: not one.telling)[:MAPS]


def _of_34(desk: Desk) -> list[Map]:
    table = desk.newest
    table = table[table["area"].str.startswith("34:") & (table["dims"] == "")]
    found = []
    for (subject, year), rows in table.groupby(["subject", table["end"].dt.year], sort=False):
        rows = rows.drop_duplicates("area", keep="last").set_index("area")
        if len(rows) == len(tile_map.tiles()) and tile_map.fits(rows.index, desk.content.catalogue.names):
            found.append(_map_34(desk, str(subject), int(str(year)), rows))
    return found


def _map_34(desk: Desk, subject: str, year: int, rows: pd.DataFrame) -> Map:
    low_is_good = bool((rows["unit"] == "thứ hạng").any())
    shades = _quarters(rows["value"], low_is_good)
    legend = _legend(rows["value"], shades, dict(rows["shown"]))
    name = desk.content.catalogue.names[subject]
    caption = f"{name} ({rows['unit'].iloc[0]}), năm {year}: {len(rows)}/{len(tile_map.tiles())} tỉnh có số liệu; {_dark(low_is_good)}"
    html = parts.tile(desk.content.catalogue.names, dict(rows["shown"]), dict(shades), caption, legend)
    return Map(f"{name} (năm {year})", subject not in CONTEXT, html)


def _dark(low_is_good: bool) -> str:
    return f"ô đậm là {'thứ hạng cao' if low_is_good else 'giá trị lớn'} hơn"


def _quarters(values: pd.Series, low_is_good: bool) -> pd.Series:
    """Return the quarter, 0 to 3, that each value lies in; equal values share one."""
    return (values.rank(pct=True, ascending=not low_is_good) * 4).apply(math.ceil) - 1


def _legend(values: pd.Series, shades: pd.Series, shown: dict[str, str]) -> dict[int, str]:
    legend = {}
    for shade, part in values.groupby(shades):
        ends = [shown[area] for area in part.sort_values().index[[0, -1]]]
        legend[int(str(shade))] = ends[0] if ends[0] == ends[1] else f"{ends[0]} đến {ends[1]}"
    return legend


def _of_63(desk: Desk) -> list[Map]:
    """Return the maps of the 63 former provinces, each in the tile of the province that it is part of now; inside only."""
    if not desk.internal:
        return []
    found = []
    for series in TELLING:
        year = desk.panels.newest_whole(series, desk.content.known)
        if year is not None:
            found.append(_map_63(desk, desk.panels.about(series), year))
    return found


def _map_63(desk: Desk, about: pd.Series, year: int) -> Map:
    series = str(about["series"])
    values = desk.panels.whole(series, year)
    low_is_good = about["direction"] < 0
    shades = _quarters(values, low_is_good)
    places = 0 if about["unit_vi"] == "thứ hạng" else 2
    shown = {unit: wording.number(value, places) for unit, value in values.items()}
    legend = _legend(values, shades, shown)
    areas = desk.content.catalogue.areas
    former = areas[areas["id"].str.startswith("63:")]
    if len(values) < len(former):
        legend[-1] = "chưa có số liệu"
    cells = []
    for tile in tile_map.tiles():
        own = former[former["successor"] == tile.area]
        inner = "".join(
            f'<i class="muc-{int(shades.get(row.id, -1))}"><span>{parts.esc(row.name_vi)}</span> <b>{shown.get(row.id, "–")}</b></i>'
            for row in own.itertuples()
        )
        name = desk.content.catalogue.names.get(tile.area, tile.name)
        cells.append(
            f'<li class="o chia" style="grid-column:{tile.column + 1};grid-row:{tile.row + 1}" data-dia-ban="{tile.area}">'
            f'<a href="tinh.html#{tile.area.replace(":", "-")}"><span>{parts.esc(name)}</span>{inner}</a></li>'
        )
    unit = str(about["unit_vi"])
    caption = (
        f"{about['name_vi']} ({unit}), năm {year}: {len(values)}/{len(former)} tỉnh trước sắp xếp có số liệu, đặt trong tỉnh nay; {_dark(low_is_good)}. "
        f"Nguồn: {desk.edition.source_name(str(about['source']))}"
    )
    html = parts.tiles("".join(cells), caption, legend)
    return Map(f"{about['name_vi']} (năm {year}, 63 tỉnh trước sắp xếp)", True, html)
