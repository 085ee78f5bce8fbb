"""Tables of the newest figures with their filters: the same rows on every dashboard.

A desk and a table of newest values in, HTML out; every figure says where it comes from.
"""

import pandas as pd

from nq57lab.base import wording
from nq57lab.facts import vintages
from nq57lab.facts.vintages import same_segment
from nq57lab.site import parts
from nq57lab.site.content import Content
from nq57lab.site.desk import Desk
from nq57lab.targets.tracking import same_length


def name(content: Content, code: str, dims: str = "") -> str:
    """Return a subject's name with its breakdown."""
    label = content.catalogue.dims_label(dims)
    return content.catalogue.names[code] + (f": {label}" if label else "")


def _trends(content: Content, table: pd.DataFrame) -> dict[tuple, str]:
    """Return the small line of each series of a table with three periods or more, by subject, area and breakdown.

    In a line stand only periods as long as the newest and, of reported figures, those that may be set beside it
    (:mod:`nq57lab.facts.vintages`).
    """
    keys = ["subject", "area", "dims"]
    units = table.drop_duplicates(keys)[[*keys, "unit"]]
    own = content.values.merge(units, on=[*keys, "unit"], sort=False).drop_duplicates([*keys, "period"], keep="last")
    entries = dict(iter(content.every.groupby(keys, sort=False)))
    lines = {}
    for key, history in own.sort_values("end", kind="stable").groupby(keys, sort=False):
        if len(history) < 3:
            continue
        history = same_segment(same_length(history, history.iloc[-1]), history.iloc[-1])
        if history["source"].nunique() > 1 and (history["how"] == "").all():
            history = vintages.one_series(entries[key], history, history.iloc[-1])
        if len(history) < 3:
            continue
        first, last = history.iloc[0], history.iloc[-1]
        start = f"Từ {wording.period(first['period'])} {first['shown']}"
        lines[key] = parts.line(
            history["value"].tolist(), f"{start} đến {wording.period(last['period'])} {last['shown']}"
        )
    return lines


def lines_of(desk: Desk) -> dict[tuple, str]:
    """Return the small lines of every newest value, drawn once for all tables."""
    return desk.once("lines", lambda: _trends(desk.content, desk.newest))


def rows(desk: Desk, table: pd.DataFrame, with_area: bool = False) -> tuple[list[list[str]], list[str]]:
    """Return the cells of a table of newest values (name, area, figure, period, line), and what the filters look at in each row."""
    content, lines = desk.content, lines_of(desk)
    found, attributes = [], []
    for row in table.itertuples():
        label = parts.esc(name(content, row.subject, row.dims))
        cells = [
            desk.link(row.subject, label),
            desk.value(table.loc[row.Index]),
            parts.esc(wording.period(row.period)),
            lines.get((row.subject, row.area, row.dims), ""),
        ]
        if with_area:
            cells.insert(1, parts.esc(content.catalogue.names.get(row.area, row.area)))
        found.append(cells)
        attributes.append(
            f'data-linh-vuc="{parts.esc(content.fields.get(row.subject, ""))}" data-nam="{row.end.year}" data-dia-ban="{row.area}" '
            f'data-chu="{parts.esc(wording.plain(name(content, row.subject, row.dims)))}"'
        )
    return found, attributes


def newest(desk: Desk, table: pd.DataFrame, identity: str, caption: str, area: str = "") -> str:
    """Return a dashboard's table of newest values below its filters; ``area`` heads the column of areas, where there is one."""
    cells, attributes = rows(desk, table, with_area=bool(area))
    heads = ["Chỉ số", *filter(None, [area]), "Số liệu", "Kỳ", "Diễn biến"]
    return parts.table(
        heads,
        cells,
        caption,
        right=(heads.index("Số liệu"),),
        attributes=attributes,
        identity=identity,
        fields=filters(desk.content, table, identity, areas=bool(area)),
        fold=parts.FOLDED,
    )


def filters(content: Content, table: pd.DataFrame, identity: str, *, areas: bool = False, extra: str = "") -> str:
    """Return the fields that filter a table: words, field, year and, where asked for, area."""
    field = content.fields
    listed_fields = sorted({field.get(code, "") for code in table["subject"]} - {""}, key=wording.collation_key)
    years = sorted({str(end.year) for end in table["end"]}, reverse=True)
    inner = parts.search(f"{identity}-tim", "Tìm")
    inner += parts.select(f"{identity}-linh-vuc", "Lĩnh vực", [(text, text) for text in listed_fields])
    inner += parts.select(f"{identity}-nam", "Năm", [(text, text) for text in years])
    if areas:
        listed = [code for code in content.catalogue.areas["id"] if code in set(table["area"])]
        inner += parts.select(
            f"{identity}-dia-ban", "Địa bàn", [(code, content.catalogue.names[code]) for code in listed]
        )
    return inner + extra
