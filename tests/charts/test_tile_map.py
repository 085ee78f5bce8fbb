"""The tile map of the 34 provinces: its layout against the catalogue, classes, missing values, the archipelagos."""

import math

import pandas as pd
import pytest

from nq57lab.charts import theme, tile_map


def frame_of(values: dict[str, float]) -> pd.DataFrame:
    """Make a frame of areas and values, labelled."""
    return pd.DataFrame([{"area": area, "value": v, "label": f"{v:g}"} for area, v in values.items()])


def drawn(frame: pd.DataFrame, **options) -> tuple[dict, pd.DataFrame]:
    """Return the chart's specification and its rectangles."""
    spec = theme.themed(tile_map.draw(frame, **options), "a", "b", "c")
    tables = [pd.DataFrame(rows) for rows in spec["datasets"].values()]
    return spec, next(table for table in tables if {"class", "island"} <= set(table) and len(table) == 44)


def test_the_layout_has_every_province_of_the_catalogue_once(shipped):
    areas = shipped.areas[shipped.areas["id"].str.startswith("34:")].set_index("id")["name_vi"]
    placed = tile_map.tiles()
    assert [tile.area for tile in placed] == sorted(areas.index)
    assert len({(tile.column, tile.row) for tile in placed}) == 34
    for tile in placed:
        assert tile.name == areas[tile.area].removeprefix("Thành phố "), tile


@pytest.mark.parametrize(
    ("north", "south"),
    [
        ("34:04", "34:19"),
        ("34:01", "34:37"),
        ("34:40", "34:42"),
        ("34:46", "34:48"),
        ("34:75", "34:79"),
        ("34:92", "34:96"),
    ],
)
def test_who_lies_north_of_whom(north, south):
    row = {tile.area: tile.row for tile in tile_map.tiles()}
    assert row[north] < row[south]


@pytest.mark.parametrize(
    ("west", "east"),
    [("34:11", "34:14"), ("34:15", "34:08"), ("34:91", "34:82"), ("34:68", "34:56"), ("34:24", "34:22")],
)
def test_who_lies_west_of_whom(west, east):
    column = {tile.area: tile.column for tile in tile_map.tiles()}
    assert column[west] < column[east]


@pytest.mark.parametrize("size", [theme.WIDE, theme.NARROW])
def test_both_archipelagos_are_named_with_their_province_and_share_its_colour(size):
    spec, table = drawn(frame_of({"34:48": 1.0, "34:56": 9.0}), size=size)
    text = str(spec).replace("\\n", " ")
    assert "Quần đảo Hoàng Sa (Đà Nẵng)" in text
    assert "Quần đảo Trường Sa (Khánh Hòa)" in text
    for name, owner in (("Hoàng Sa", "Đà Nẵng"), ("Trường Sa", "Khánh Hòa")):
        islets = table[table["island"] & table["name"].str.contains(name)]
        assert set(islets["class"]) == set(table.loc[table["name"] == owner, "class"])


def test_four_classes_of_equal_numbers_named_by_their_own_ends():
    _, table = drawn(frame_of({tile.area: float(n) for n, tile in enumerate(tile_map.tiles())}))
    provinces = table[~table["island"]]
    assert provinces["class"].value_counts().tolist() == [9, 9, 8, 8]
    assert set(provinces["class"]) == {"0 đến 8", "9 đến 16", "17 đến 25", "26 đến 33"}


def test_equal_values_share_a_class_and_a_shade():
    _, table = drawn(frame_of({tile.area: 5.0 for tile in tile_map.tiles()}))
    assert set(table["class"]) == {"5"}


def test_the_smallest_are_darkest_where_lower_is_better():
    values = {tile.area: float(n) for n, tile in enumerate(tile_map.tiles())}
    _, up = drawn(frame_of(values))
    _, down = drawn(frame_of(values), lower_is_better=True)
    assert up.loc[up["name"] == "Cà Mau", "dark"].all() and not down.loc[down["name"] == "Cà Mau", "dark"].any()
    assert down.loc[down["name"] == "Hà Nội", "dark"].all()


def test_provinces_without_a_value_are_drawn_as_missing():
    _, table = drawn(frame_of({"34:01": 3.0, "34:04": math.nan}))
    assert (table["class"] == "chưa có số liệu").sum() == 33 + 10
    assert set(table.loc[table["class"] == "chưa có số liệu", "label"]) == {"–"}


def test_a_map_without_any_value_is_still_a_map():
    _, table = drawn(frame_of({"34:04": math.nan}))
    assert set(table["class"]) == {"chưa có số liệu"}


def test_highlighted_provinces_are_outlined():
    _, table = drawn(frame_of({"34:01": 3.0}), highlight=["34:01"])
    assert table.loc[table["strong"], "name"].tolist() == ["Hà Nội"]


@pytest.mark.parametrize("values", [{"63:01": 1.0}, {"VN": 1.0}])
def test_an_area_that_is_no_province_is_refused(values):
    with pytest.raises(ValueError, match="not a province"):
        tile_map.draw(frame_of(values))


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("shade", [*tile_map.SHADES, tile_map.PAPER])
def test_text_on_every_shade_is_readable(shade):
    ink = "#ffffff" if shade == tile_map.SHADES[-1] else theme.INK
    light, dark = sorted((_luminance(shade), _luminance(ink)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
