"""The tile map: the 34 provinces as equal tiles in geographic order, with the two archipelagos at their provinces' side.

No boundary is drawn, only who lies next to whom. The layout is the project's own: :data:`LAYOUT` is read as it stands, north at the top.
Hoàng Sa belongs to Đà Nẵng, Trường Sa to Khánh Hòa; both are drawn and named on every map, in their province's colour.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from nq57lab.base import wording
from nq57lab.charts.theme import INK, MUTED, NARROW, RULE, SHADES, WIDE, Size

# Codes of the provinces of 2025 (areas.csv, 34:NN); "." is empty. HS and TS are Hoàng Sa and Trường Sa.
LAYOUT = """
12 15 08 04 .  .  .
11 14 25 19 20 .  .
.  .  01 24 22 .  .
.  .  37 33 31 .  .
.  .  38 .  .  .  .
.  .  40 .  .  .  .
.  .  .  42 .  .  .
.  .  .  44 .  .  .
.  .  .  .  46 .  .
.  .  .  .  48 .  HS
.  .  .  .  51 .  .
.  .  .  .  52 .  .
.  .  .  .  66 .  .
.  80 75 68 56 .  TS
91 82 79 .  .  .  .
92 86 .  .  .  .  .
96 .  .  .  .  .  .
"""
NAMES = {
    **{"01": "Hà Nội", "04": "Cao Bằng", "08": "Tuyên Quang", "11": "Điện Biên", "12": "Lai Châu", "14": "Sơn La"},
    **{"15": "Lào Cai", "19": "Thái Nguyên", "20": "Lạng Sơn", "22": "Quảng Ninh", "24": "Bắc Ninh", "25": "Phú Thọ"},
    **{"31": "Hải Phòng", "33": "Hưng Yên", "37": "Ninh Bình", "38": "Thanh Hóa", "40": "Nghệ An", "42": "Hà Tĩnh"},
    **{"44": "Quảng Trị", "46": "Huế", "48": "Đà Nẵng", "51": "Quảng Ngãi", "52": "Gia Lai", "56": "Khánh Hòa"},
    **{"66": "Đắk Lắk", "68": "Lâm Đồng", "75": "Đồng Nai", "79": "Hồ Chí Minh", "80": "Tây Ninh", "82": "Đồng Tháp"},
    **{"86": "Vĩnh Long", "91": "An Giang", "92": "Cần Thơ", "96": "Cà Mau"},
}
ISLANDS = {
    "HS": ("48", "Quần đảo\nHoàng Sa\n(Đà Nẵng)"),
    "TS": ("56", "Quần đảo\nTrường Sa\n(Khánh Hòa)"),
}
PAPER = "#ffffff"
MISSING = "–"
NO_MAP = "Bản đồ ô chỉ có chỗ của các tỉnh, thành phố trong cả nước; số liệu của từng đơn vị xem ở bảng"


@dataclass(frozen=True)
class Tile:
    """One tile: the area's code, its name, its column and row from the north-west."""

    area: str
    name: str
    column: int
    row: int


def tiles() -> list[Tile]:
    """Return the 34 provinces' tiles, in official code order.

    Examples
    --------
    >>> len(tiles()), tiles()[0].area, tiles()[0].name
    (34, '34:01', 'Hà Nội')
    """
    found = [Tile(f"34:{code}", NAMES[code], x, y) for code, x, y in _cells() if code in NAMES]
    return sorted(found, key=lambda tile: tile.area)


def fits(areas: Iterable[str], names: Mapping[str, str]) -> bool:
    """Tell whether areas are among the 34 provinces and called so: a programme's own areas have no place on the map.

    Examples
    --------
    >>> fits(["34:01"], {"34:01": "Hà Nội"}), fits(["34:01"], {"34:01": "Tỉnh An Bình"})
    (True, False)
    """
    own = {tile.area: wording.plain(tile.name) for tile in tiles()}
    return all(area in own and own[area] in wording.plain(names.get(area, "")) for area in areas)


def islands() -> list[Tile]:
    """Return the tiles of the archipelagos, each with the area of the province that it belongs to.

    Examples
    --------
    >>> [(tile.area, tile.name.replace("\\n", " ")) for tile in islands()]
    [('34:48', 'Quần đảo Hoàng Sa (Đà Nẵng)'), ('34:56', 'Quần đảo Trường Sa (Khánh Hòa)')]
    """
    return [Tile(f"34:{ISLANDS[code][0]}", ISLANDS[code][1], x, y) for code, x, y in _cells() if code in ISLANDS]


def _cells() -> list[tuple[str, int, int]]:
    return [
        (code, column, row)
        for row, line in enumerate(LAYOUT.strip().splitlines())
        for column, code in enumerate(line.split())
        if code != "."
    ]


def draw(
    frame: pd.DataFrame,
    *,
    highlight: Sequence[str] = (),
    lower_is_better: bool = False,
    missing: str = "chưa có số liệu",
    size: Size = WIDE,
) -> alt.LayerChart | alt.FacetChart:
    """Draw the 34 provinces as tiles, shaded in four classes of equal numbers of provinces, each with its name and value.

    Parameters
    ----------
    frame : DataFrame
        area (``34:75``), value (number, NaN where there is none), label (text written by the figures). Provinces that are left
        out are drawn as missing.
    highlight : sequence of str
        Areas with a strong outline.
    lower_is_better : bool
        Shade the smallest values darkest (ranks).
    missing : str
        What the legend calls provinces without a value.
    size : Size
        The chart's measure.

    Returns
    -------
    LayerChart
        Wrap it in :func:`nq57lab.charts.theme.themed`.

    Raises
    ------
    ValueError
        If an area is not one of the 34 provinces, or named twice.

    Notes
    -----
    Equal values share a class. The legend gives each class's own smallest and largest label.
    """
    unknown = sorted(set(frame["area"]) - {tile.area for tile in tiles()})
    if unknown or frame["area"].duplicated().any():
        raise ValueError(f"not a province of 2025, or named twice: {unknown or sorted(frame['area'])}")
    data = _placed(frame, lower_is_better, missing, size, set(highlight))
    columns = max(x for _, x, _ in _cells()) + 1
    rows = max(y for _, _, y in _cells()) + 1
    wide, high = size.width / columns, 46 if size is not NARROW else 50
    across = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, columns], nice=False, zero=False))
    down = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[rows, 0], nice=False, zero=False))
    order = list(data.attrs["classes"])
    colour = alt.Color(
        "class:N",
        scale=alt.Scale(domain=[name for name, _ in order], range=[shade for _, shade in order]),
        legend=alt.Legend(
            symbolType="square", symbolSize=160, symbolStrokeColor=RULE, columns=3 if size is not NARROW else 2
        ),
    )
    tips = [alt.Tooltip("name:N", title=" "), alt.Tooltip("label:N", title="Giá trị")]
    box = alt.Chart(data).encode(x=across, y=down, x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q"), color=colour, tooltip=tips)
    strong = data[data["strong"]]
    layers: list[alt.Chart] = [
        box.mark_rect(stroke=RULE, strokeWidth=1, cornerRadius=2),
        alt.Chart(strong)
        .mark_rect(fillOpacity=0, stroke=INK, strokeWidth=2.5, cornerRadius=2)
        .encode(x=across, y=down, x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q")),
    ]
    provinces = data[~data["island"]]
    for dark, ink in ((True, "white"), (False, INK)):
        part = provinces[provinces["dark"] == dark]
        words = alt.Chart(part).encode(x=alt.X("middle:Q", axis=None), y=alt.Y("y:Q", axis=None))
        small = 11.5 if size is not NARROW else 9.5
        layers.append(
            words.mark_text(
                color=ink, fontSize=small, lineBreak="\n", baseline="top", dy=5, lineHeight=small + 1.5
            ).encode(text=alt.Text("short:N"))
        )
        layers.append(
            alt.Chart(part)
            .mark_text(color=ink, fontSize=small + 1, fontWeight=600, baseline="bottom", dy=-5)
            .encode(x=alt.X("middle:Q", axis=None), y=alt.Y("y2:Q", axis=None), text=alt.Text("label:N"))
        )
    named = data[data["island"]].drop_duplicates("name")
    layers.append(
        alt.Chart(named)
        .mark_text(
            color=MUTED,
            fontSize=11.5 if size is not NARROW else 9.5,
            lineBreak="\n",
            align="center",
            baseline="top",
            dy=4,
        )
        .encode(x=alt.X("middle:Q", axis=None), y=alt.Y("below:Q", axis=None), text=alt.Text("short:N"))
    )
    return alt.layer(*layers).properties(width=wide * columns, height=high * rows)


# Five islets of an archipelago within its cell: offsets and width, in tiles.
_ISLETS = ((0.18, 0.10), (0.48, 0.02), (0.72, 0.24), (0.34, 0.36), (0.60, 0.50))
_ISLET = 0.15


def _placed(frame: pd.DataFrame, lower: bool, missing: str, size: Size, strong: set[str]) -> pd.DataFrame:
    """Return one row a rectangle: corners, class, names; the classes with their shades in ``attrs``."""
    values = frame.set_index("area")
    kept = values[values["value"].notna()]
    classes, shades = _classes(kept, lower)
    names = [(name, shade) for name, shade in dict(zip(classes.to_numpy(), shades, strict=True)).items()]
    names.sort(key=lambda entry: SHADES.index(entry[1]))
    by_area = dict(zip(classes.index, zip(classes, shades, strict=True), strict=True))
    rows, gap = [], 0.03
    for code, column, row in _cells():
        owner = ISLANDS[code][0] if code in ISLANDS else code
        area = f"34:{owner}"
        entry, shade = by_area.get(area, (missing, PAPER))
        label = str(values["label"].get(area, MISSING)) if area in by_area else MISSING
        common = {"class": entry, "label": label, "dark": shade == SHADES[-1], "middle": column + 0.5}
        if code in ISLANDS:
            short = ISLANDS[code][1]
            common |= {
                "name": short.replace("\n", " "),
                "short": short,
                "island": True,
                "strong": False,
                "below": row + 0.66,
            }
            for x, y in _ISLETS:
                corner = {"x": column + x, "x2": column + x + _ISLET, "y": row + y, "y2": row + y + _ISLET}
                rows.append(common | corner)
            continue
        short = NAMES[code].replace(" ", "\n", 1) if size is NARROW and len(NAMES[code]) > 6 else NAMES[code]
        common |= {"name": NAMES[code], "short": short, "island": False, "strong": area in strong, "below": row + 1.0}
        rows.append(common | {"x": column + gap, "x2": column + 1 - gap, "y": row + gap, "y2": row + 1 - gap})
    data = pd.DataFrame(rows)
    if (data["class"] == missing).any():
        names.append((missing, PAPER))
    data.attrs["classes"] = names
    return data


def _classes(kept: pd.DataFrame, lower: bool) -> tuple[pd.Series, list[str]]:
    """Return each area's class, named by its smallest and largest label, and its shade."""
    if kept.empty:
        return pd.Series(dtype=object), []
    better = kept["value"].rank(method="min", ascending=not lower)
    count = min(len(SHADES), kept["value"].nunique())
    place = ((better - 1) * count // len(kept)).astype(int)
    used = {own: step for step, own in enumerate(sorted(place.unique()))}
    place = place.map(used)
    first = len(SHADES) - len(used)
    ordered = kept.assign(place=place).sort_values("value", kind="stable")
    names = {}
    for own, part in ordered.groupby("place"):
        low, high = part["label"].iloc[0], part["label"].iloc[-1]
        names[own] = low if low == high else f"{low} đến {high}"
    return place.map(names), [SHADES[first + own] for own in place]
