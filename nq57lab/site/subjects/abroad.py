"""A subject beside twelve comparator countries on the same international series: level, change a year, position.

A desk and a code in, a section of the page out. The series are published by international organisations: the public sees them too, on
the pages that it has.
"""

from dataclasses import dataclass

import pandas as pd

from nq57lab.base import wording
from nq57lab.comparators import comparisons
from nq57lab.comparators import pages as comparators
from nq57lab.facts.comparators import COUNTRIES
from nq57lab.site import parts
from nq57lab.site.desk import Desk

ENOUGH = 3  # countries


@dataclass(frozen=True)
class Compared:
    """The comparators' series by key, up to the last whole year of the site's day; the keys' mapping; level, pace and position of each key."""

    series: dict[str, pd.DataFrame]
    mapping: pd.DataFrame
    positions: pd.DataFrame


def compared(desk: Desk) -> Compared:
    """Return what every page's comparison is made from, read once."""

    def read() -> Compared:
        series, mapping = comparators.mapped(desk.edition)
        series = series[series["year"] < desk.content.known.year]
        found = comparisons.positions(series, mapping)
        found = found[found["countries"] >= ENOUGH] if len(found) else found.reindex(columns=["key", "macro"])
        return Compared({str(key): own for key, own in series.groupby("indicator_key")}, mapping, found)

    return desk.once("compared", read)


def section(desk: Desk, code: str) -> str:
    """Return the comparison: a table for every series of the subject's definition or a near one, a line for those of its field; "" for none."""
    every = compared(desk)
    codes = {code, *desk.same(code)}
    mapping = every.mapping[every.mapping["key"].isin(every.positions["key"])]
    kinds = mapping["relation"].where(mapping["indicator"].isin(codes), "")
    kinds = kinds.where(kinds.isin(["same", "near"]), mapping["macro_relation"].where(mapping["macro"].isin(codes), ""))
    own, field = mapping[kinds.isin(["same", "near"])], mapping[kinds == "different"]
    near = set(own.loc[kinds == "near", "key"])
    pieces = [_table(every, entry, entry.key in near) for entry in own.itertuples()]
    lines = "".join(_line(desk, every, entry) for entry in field.itertuples())
    if lines:
        note = "Khác định nghĩa với KPI: chỉ để biết vị trí của Việt Nam trong lĩnh vực, không dùng để đánh giá."
        listed = f'<p class="nho">{note}</p><ul class="gon">{lines}</ul>'
        pieces.append(
            listed if not pieces else f"<details><summary>Chuỗi quốc tế khác trong lĩnh vực</summary>{listed}</details>"
        )
    return f'<section><h2 id="cac-nuoc">So với các nước</h2>{"".join(pieces)}</section>' if pieces else ""


def _decimals(values: pd.Series) -> int:
    """Return with how many decimals some values are shown: none for whole ones, more for small ones."""
    largest = values.abs().max()
    if (values == values.round()).all():
        return 0
    return 3 if largest <= 1 else 2 if largest < 10 else 1 if largest < 1000 else 0


def _place(place: float, countries: int) -> str:
    return f"thứ {wording.number(place)} trong {wording.number(countries)} nước"


def _table(every: Compared, entry, near: bool) -> str:
    """Return one series: the sentence, every country by position with its value and its change a year, the sources."""
    series = every.series[entry.key]
    standing = comparators.standing(series, entry)
    found = every.positions.set_index("key").loc[entry.key]
    pace = comparisons.pace_table(series, entry.key, int(found["year"]))
    by, word = comparators.scale(standing["value"].abs().max())
    places = _decimals(standing["value"] / by)
    unit = f"{word}{entry.unit_vi}"
    longest = standing["value"].max() if standing["value"].min() >= 0 and entry.unit_vi != "thứ hạng" else 0
    rows, marks = [], []
    for row in standing.to_dict("records"):
        note = f"{row['country']}, năm {row['year']}; nguồn: {row['source']}"
        value = parts.sourced(wording.number(row["value"] / by, places), note)
        bar = f'<span class="thanh" style="width:{100 * row["value"] / longest:.0f}%"></span>' if longest else ""
        change = pace.get(row["iso3"], float("nan"))
        rows.append(
            [
                wording.number(row["position"]),
                f"{parts.esc(row['country'])}{bar}",
                value,
                str(row["year"]),
                ("+" if change > 0 else "") + wording.number(change / by, max(places, 1)) if change == change else "–",
            ]
        )
        marks.append('class="viet-nam"' if row["home"] else "")
    way = ""
    if found["pace_position"] == found["pace_position"]:
        way = f"; thay đổi mỗi năm trong khoảng {comparisons.SPAN} năm gần nhất: {_place(found['pace_position'], found['pace_countries'])}"
    said = f"Việt Nam {_place(found['position'], found['countries'])} về mức (năm {found['year']}){way}."
    apart = f" Chuỗi gần định nghĩa: {parts.esc(entry.reason)}." if near else ""
    missing = [name for iso3, name in COUNTRIES.items() if iso3 not in set(standing["iso3"])]
    lost = f" Chưa có số cùng kỳ: {wording.join(missing)}." if missing else ""
    sources = "; ".join(dict.fromkeys(standing["source"]))
    heads = ["Thứ", "Nước", f"Giá trị ({unit})", "Năm", "Thay đổi mỗi năm"]
    table = parts.table(heads, rows, entry.name_vi, right=(2, 4), labelled=(4,), attributes=marks, classes="cac-nuoc")
    return (
        f'<p><b>{said}</b>{apart}</p>{table}<p class="nho">Năm mới nhất của Việt Nam; nước khác có thể sớm hơn tối đa {comparisons.SLACK} năm.{lost} '
        f'Nguồn: <span lang="en">{parts.esc(sources)}</span>.</p>'
    )


def _line(desk: Desk, every: Compared, entry) -> str:
    """Return a series of the field in a line: value, year, position."""
    found = every.positions.set_index("key").loc[entry.key]
    by, word = comparators.scale(found["value"])
    own = every.series[entry.key]
    source = own.loc[(own["iso3"] == comparisons.HOME) & (own["year"] == found["year"]), "source"].iloc[0]
    value = pd.Series([found["value"] / by])
    shown = wording.with_unit(wording.number(value[0], _decimals(value)), f"{word}{entry.unit_vi}")
    told = parts.sourced(parts.esc(shown), f"Việt Nam, năm {found['year']}; nguồn: {source}")
    name = desk.link(entry.indicator, parts.esc(entry.name_vi), "../chi-so/")
    return f"<li>{name}: {told} năm {found['year']}, {_place(found['position'], found['countries'])}</li>"
