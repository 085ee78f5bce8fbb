"""The site's pages as HTML bodies: front page and dashboards.

A :class:`~nq57lab.site.content.Content` in, the body of each page out; every text is escaped, every figure says where it comes from.
"""

import math
import re

import pandas as pd

from nq57lab.base import wording
from nq57lab.charts import tile_map
from nq57lab.facts import vintages
from nq57lab.facts.vintages import same_segment
from nq57lab.site import parts, reference_pages
from nq57lab.site.content import Content
from nq57lab.site.explorers.shared import links as explorers
from nq57lab.targets import evaluate as methods
from nq57lab.targets import tracking as of_targets
from nq57lab.targets.methods import eurostat
from nq57lab.targets.tracking import same_length

MENU = {
    "index.html": "Trang đầu",
    "quoc-gia.html": "Quốc gia",
    "he-thong.html": "Hệ thống",
    "tinh.html": "Tỉnh",
    "co-quan.html": "Cơ quan",
    "bao-cao.html": "Báo cáo",
    "danh-muc.html": "Danh mục",
    "phuong-phap.html": "Phương pháp",
    "du-lieu.html": "Dữ liệu mở",
}
CARDS = 8
MAPS = 8


def newest(content: Content) -> pd.DataFrame:
    """Return the newest value of each subject, area and breakdown."""
    ordered = content.values.sort_values("end", kind="stable")
    return ordered.drop_duplicates(["subject", "area", "dims"], keep="last").sort_index()


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


def _rows(content: Content, table: pd.DataFrame, with_area: bool = False) -> tuple[list[list[str]], list[str]]:
    field, trends, titles = content.fields, _trends(content, table), _titles(content)
    rows, attributes = [], []
    for row in table.itertuples():
        series = table.loc[row.Index]
        cells = [
            parts.esc(name(content, row.subject, row.dims)),
            parts.figure(series, titles),
            parts.esc(wording.period(row.period)),
            trends.get((row.subject, row.area, row.dims), ""),
        ]
        if with_area:
            cells.insert(1, parts.esc(content.catalogue.names.get(row.area, row.area)))
        rows.append(cells)
        attributes.append(
            f'data-linh-vuc="{parts.esc(field.get(row.subject, ""))}" data-nam="{row.end.year}" data-dia-ban="{row.area}" '
            f'data-chu="{parts.esc(wording.plain(name(content, row.subject, row.dims)))}"'
        )
    return rows, attributes


def _titles(content: Content) -> dict[str, str]:
    return dict(zip(content.catalogue.sources["id"], content.catalogue.sources["title_vi"], strict=True))


def _filters(content: Content, table: pd.DataFrame, identity: str, *, areas: bool = False, extra: str = "") -> str:
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
    return parts.filter_form(identity, inner + extra)


def headline(content: Content) -> str:
    """Return the cards of the 2030 targets whose indicator has a national figure, those that can be judged first."""
    standing = of_targets.one_a_quantity(content.progress)
    goals = standing.sort_values("verdict", key=lambda said: said == "not_available", kind="stable")
    cards: list[str] = []
    latest, titles = newest(content), _titles(content)
    for goal in goals[goals["comparator"] != "qualitative"].itertuples():
        if len(cards) == CARDS:
            break
        row = latest[(latest["subject"] == goal.indicator) & (latest["area"] == "VN") & (latest["dims"] == "")]
        if row.empty:
            continue
        words = wording.target(goal.comparator, goal.target, goal.target_high, goal.unit)
        verdict = f"{methods.SYMBOLS[goal.verdict]} {eurostat.METHOD.words[goal.verdict]}"
        verdict += "" if goal.verdict == "not_available" else ", tạm thời"
        cards.append(
            f'<li class="the"><h3>{parts.esc(content.catalogue.short[goal.indicator])}</h3><p class="lon">{parts.figure(row.iloc[0], titles)}</p>'
            f'<p>{parts.esc(wording.period(row.iloc[0]["period"]))}; mục tiêu 2030: {parts.esc(words)}</p><p class="danh-gia">{parts.esc(verdict)}</p></li>'
        )
    if cards:
        return f'<ul class="cac-the">{"".join(cards)}</ul>'
    if content.rows.empty:
        return "<p>Chưa có số liệu nào có quyết định công bố.</p>"
    return "<p>Chưa có mục tiêu nào đánh giá được từ số liệu hiện có.</p>"


def front(content: Content) -> str:
    """Return the front page: headline indicators, the tile map, the newest reports."""
    links = "".join(f'<li><a href="{page}">{parts.esc(text)}</a></li>' for page, text in list(MENU.items())[1:5])
    newest_reports = (
        "".join(reference_pages.report_line(entry) for entry in content.reports[:6]) or "<li>Chưa có báo cáo.</li>"
    )
    return (
        "<h1>Theo dõi thực hiện Nghị quyết số 57-NQ/TW</h1>"
        f'<p class="dan">Số liệu công bố đến ngày {wording.day(content.known)}. Bấm vào một con số để xem nguồn.</p>'
        f"<h2>Chỉ số và mục tiêu</h2>{headline(content)}"
        f'<h2 class="chi-man-hinh">Bảng theo dõi</h2><ul class="nut">{links}{explorers()}</ul>'
        f'<div class="hai-cot"><section><h2>Bản đồ ô các tỉnh</h2>{province_map(content)}<p><a href="tinh.html">Bản đồ theo chỉ số khác, số liệu từng tỉnh</a></p></section>'
        f'<section><h2>Báo cáo mới</h2><ul>{newest_reports}</ul><p><a href="bao-cao.html">Mọi báo cáo</a> · <a href="feed.xml">Nguồn tin để theo dõi bằng phần mềm đọc tin</a></p></section></div>'
    )


def national(content: Content) -> str:
    """Return the national dashboard."""
    table = newest(content)
    table = table[table["area"] == "VN"]
    rows, attributes = _rows(content, table)
    heads = ["Chỉ số", "Số liệu", "Kỳ", "Diễn biến"]
    return (
        f"<h1>Bảng theo dõi quốc gia</h1><h2>Chỉ số và mục tiêu</h2>{headline(content)}<h2>Mọi số liệu cả nước</h2>"
        + _filters(content, table, "quoc-gia")
        + parts.table(
            heads,
            rows,
            "Số liệu mới nhất, cả nước",
            right=(1,),
            attributes=attributes,
            identity="quoc-gia",
            fold=parts.FOLDED,
        )
    )


def systems(content: Content) -> str:
    """Return the dashboard by system of the action plan: initiatives, linked indicators and their figures.

    The public sees only the systems that a figure with a publication decision belongs to, and no initiative.
    """
    c, table = content.catalogue, newest(content)
    table = table[(table["area"] == "VN") & (table["dims"] == "")]
    of_initiative = dict(zip(c.initiatives["id"], c.initiatives["system"], strict=True))
    pieces, rows, marks = [], [], []
    for system in c.systems.itertuples():
        inside = {system.id, *(initiative for initiative, own in of_initiative.items() if own == system.id)}
        stated = c.link_groups[[not inside.isdisjoint(text.split("; ")) for text in c.link_groups["members"]]]
        linked = c.links[c.links["from_id"].isin(inside | set(stated["id"]))]
        own = table[table["subject"].isin(set(linked["to_indicator"]))]
        if content.audience == "noi-bo":
            pieces.append(_initiatives(content, system, len(set(linked["to_indicator"])), len(own)))
        lines, attributes = _rows(content, own)
        rows += [[parts.esc(system.name_vi), *cells] for cells in lines]
        marks += [re.sub(r'data-dia-ban="[^"]*"', f'data-dia-ban="{system.id}"', text) for text in attributes]
    head = "<h1>Bảng theo dõi theo hệ thống</h1>"
    more = "<h2>Hệ thống và sáng kiến</h2>" + "".join(pieces) if pieces else ""
    if not rows:
        return head + more + "<p>Chưa có số liệu được phép hiển thị.</p>"
    seen = table[table["subject"].isin(set(c.links["to_indicator"]))]
    shown = [(s.id, s.name_vi) for s in c.systems.itertuples() if any(f'"{s.id}"' in mark for mark in marks)]
    choice = parts.select("he-thong-dia-ban", "Hệ thống", shown)
    table_of = parts.table(
        ["Hệ thống", "Chỉ số", "Số liệu", "Kỳ", "Diễn biến"],
        rows,
        "Số liệu mới nhất của chỉ số gắn với từng hệ thống",
        right=(2,),
        attributes=marks,
        identity="he-thong",
        fold=parts.FOLDED,
    )
    return (
        f'{head}<p class="dan">Chỉ số liên kết với hệ thống theo văn bản nêu.</p>'
        + _filters(content, seen, "he-thong", extra=choice)
        + table_of
        + more
    )


def _initiatives(content: Content, system, linked: int, known: int) -> str:
    found = content.catalogue.initiatives
    names = "".join(f"<li>{parts.esc(text)}</li>" for text in found.loc[found["system"] == system.id, "name_vi"])
    count = f"{linked} chỉ số liên kết, {known} chỉ số có số liệu cả nước"
    inner = f"<details><summary>Sáng kiến</summary><ul>{names}</ul></details>" if names else ""
    return f'<h3 id="{parts.esc(system.id)}">{parts.esc(system.name_vi)}</h3><p>{count}.</p>{inner}'


def _local(content: Content) -> pd.DataFrame:
    table = newest(content)
    return table[table["area"].str.startswith("34:")]


def _best_covered(content: Content) -> tuple[str, int]:
    table = _local(content)
    table = table[(table["dims"] == "")]
    if table.empty:
        return "", 0
    counts = table.groupby(["subject", table["end"].dt.year], sort=False)["area"].nunique()
    return counts.idxmax()


def province_map(content: Content) -> str:
    """Return the tile map of the subject that most provinces have, the choice of others being on the provincial page."""
    subject, year = _best_covered(content)
    if not subject:
        return "<p>Chưa có số liệu cấp tỉnh được phép hiển thị.</p>"
    return _map(content, subject, year)


def _map(content: Content, subject: str, year: int) -> str:
    table = _local(content)
    table = table[(table["subject"] == subject) & (table["end"].dt.year == year) & (table["dims"] == "")]
    table = table.drop_duplicates("area", keep="last").set_index("area")
    low_is_good = (table["unit"] == "thứ hạng").any()
    place = table["value"].rank(pct=True, ascending=not low_is_good)
    shades = (place * 4).apply(math.ceil) - 1  # quarters of the provinces; equal values share a shade
    unit = table["unit"].iloc[0]
    legend = {-1: "chưa có số liệu"} if len(table) < len(tile_map.tiles()) else {}
    for shade, part in table.groupby(shades):
        ends = part.sort_values("value")["shown"].iloc[[0, -1]].tolist()
        legend[shade] = ends[0] if ends[0] == ends[1] else f"{ends[0]} đến {ends[1]}"
    caption = (
        f"{name(content, subject)} ({unit}), năm {year}: {len(table)}/{len(tile_map.tiles())} tỉnh có số liệu; "
        f"ô đậm là {'thứ hạng cao' if low_is_good else 'giá trị lớn'} hơn"
    )
    return parts.tile(content.catalogue.names, dict(table["shown"]), dict(shades), caption, legend)


def provinces(content: Content) -> str:
    """Return the provincial dashboard: maps by subject, a table with filters, the profiles."""
    table = _local(content)
    pieces = ["<h1>Bảng theo dõi cấp tỉnh</h1>"]
    if table.empty:
        return pieces[0] + "<p>Chưa có số liệu cấp tỉnh được phép hiển thị.</p>"
    plain = table[table["dims"] == ""]
    groups = (
        plain.assign(year=plain["end"].dt.year)
        .groupby(["subject", "year"], sort=False)["area"]
        .nunique()
        .reset_index(name="n")
        .sort_values("n", ascending=False, kind="stable")
        .drop_duplicates("subject")
        .head(MAPS)
    )
    groups = groups[groups["n"] > 1]
    options = [
        (f"ban-do-{place}", f"{name(content, row.subject)} (năm {row.year})")
        for place, row in enumerate(groups.itertuples())
    ]
    choice = parts.select("chon-ban-do", "Bản đồ", options, every="")
    if choice:
        pieces.append(f'<form class="loc">{choice}</form>')
    for place, row in enumerate(groups.itertuples()):
        hidden = "" if place == 0 else " hidden"
        pieces.append(
            f'<div class="mot-ban-do" id="ban-do-{place}"{hidden}>{_map(content, row.subject, row.year)}</div>'
        )
    rows, attributes = _rows(content, table, with_area=True)
    pieces.append(_filters(content, table, "tinh", areas=True))
    heads = ["Chỉ số", "Tỉnh", "Số liệu", "Kỳ", "Diễn biến"]
    pieces.append(
        parts.table(
            heads,
            rows,
            "Số liệu mới nhất của các tỉnh",
            right=(2,),
            attributes=attributes,
            identity="tinh",
            fold=parts.FOLDED,
        )
    )
    profiles = "".join(reference_pages.report_line(entry) for entry in content.reports if entry["items"])
    if profiles:
        pieces.append(f"<h2>Hồ sơ tỉnh</h2><ul>{profiles}</ul>")
    return "".join(pieces)


def agencies(content: Content) -> str:
    """Return the dashboard by agency: what each leads, with its figures; for the internal audience its tasks too."""
    c, table = content.catalogue, newest(content)
    own = table[table["area"].str.startswith(("agency:", "block:"))]
    pieces = ["<h1>Bảng theo dõi theo cơ quan</h1>"]
    if content.audience == "noi-bo":
        tasks = c.tasks.assign(lead=c.tasks["lead"].str.split("; ")).explode("lead")
        rows = [
            [
                parts.esc(c.names.get(row.lead, row.lead)),
                parts.esc(row.text),
                parts.esc(row.product),
                parts.esc(wording.period(row.due) if row.due else "–"),
            ]
            for row in tasks.itertuples()
        ]
        marks = [
            f'data-dia-ban="{row.lead}" data-chu="{parts.esc(wording.plain(row.text))}" data-linh-vuc="" data-nam="{row.due[:4]}"'
            for row in tasks.itertuples()
        ]
        listed = [(code, c.names.get(code, code)) for code in dict.fromkeys(tasks["lead"])]
        fields = parts.search("nhiem-vu-tim", "Tìm") + parts.select("nhiem-vu-dia-ban", "Cơ quan", listed)
        pieces.append("<h2>Nhiệm vụ</h2>" + parts.filter_form("nhiem-vu", fields))
        pieces.append(
            parts.table(
                ["Chủ trì", "Nhiệm vụ", "Sản phẩm", "Hạn"],
                rows,
                "Nhiệm vụ theo cơ quan chủ trì",
                labelled=(2, 3),
                attributes=marks,
                identity="nhiem-vu",
                fold=parts.FOLDED,
            )
        )
    if own.empty:
        return "".join(pieces) + "<p>Chưa có số liệu của cơ quan được phép hiển thị.</p>"
    rows, attributes = _rows(content, own, with_area=True)
    pieces.append("<h2>Số liệu</h2>" + _filters(content, own, "co-quan", areas=True))
    pieces.append(
        parts.table(
            ["Chỉ số", "Cơ quan, khối", "Số liệu", "Kỳ", "Diễn biến"],
            rows,
            "Số liệu mới nhất của cơ quan, khối",
            right=(2,),
            attributes=attributes,
            identity="co-quan",
            fold=parts.FOLDED,
        )
    )
    return "".join(pieces)
