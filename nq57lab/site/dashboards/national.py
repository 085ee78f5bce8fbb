"""The dashboards of the nation and of the systems of the action plan.

A desk in, the body of each page out.
"""

import re

from nq57lab.site import empty, parts, watch
from nq57lab.site.content import Content
from nq57lab.site.dashboards import scorecard, tables
from nq57lab.site.desk import Desk


def national(desk: Desk) -> str:
    """Return the national dashboard: scorecard, alerts, overdue tasks, every national figure."""
    table = desk.newest[desk.newest["area"] == "VN"]
    every = tables.newest(desk, table, "quoc-gia", "Số liệu mới nhất của cả nước")
    head = "<h1>Quốc gia</h1>"
    if not desk.internal:
        return head + empty.section(desk) + (empty.rest(every, len(table)) if len(table) else "")
    late = watch.task_list(desk, watch.overdue(desk)) or "<p>Không có nhiệm vụ nào quá hạn.</p>"
    return (
        f"{head}<h2>Bảng điểm các KPI vĩ mô</h2>{scorecard.table(desk)}"
        f'<div class="hai-cot"><section><h2 id="canh-bao">Cảnh báo đang còn</h2>{watch.sections(desk)}</section>'
        f'<section><h2 id="qua-han">Nhiệm vụ quá hạn đến ngày {watch.day(desk)}</h2>{late}</section></div>'
        f"<h2>Mọi số liệu cả nước</h2>{every}"
    )


def systems(desk: Desk) -> str:
    """Return the dashboard by system of the action plan: initiatives, linked indicators and their figures.

    The public sees only the systems that a figure with a publication decision belongs to, and no initiative.
    """
    content = desk.content
    c, table = content.catalogue, desk.newest
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
        lines, attributes = tables.rows(desk, own)
        rows += [[parts.esc(system.name_vi), *cells] for cells in lines]
        marks += [re.sub(r'data-dia-ban="[^"]*"', f'data-dia-ban="{system.id}"', text) for text in attributes]
    head = "<h1>Hệ thống</h1>"
    more = "<h2>Hệ thống và sáng kiến</h2>" + "".join(pieces) if pieces else ""
    if not rows:
        none = "" if more else '<p class="dan">Danh mục chưa có hệ thống nào.</p>'
        return head + more + (none if desk.internal else empty.nothing(desk, "số liệu theo hệ thống"))
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
        fields=tables.filters(content, seen, "he-thong", extra=choice),
        fold=parts.FOLDED,
    )
    return f'{head}<p class="dan">Chỉ số liên kết với hệ thống theo văn bản nêu.</p>' + table_of + more


def _initiatives(content: Content, system, linked: int, known: int) -> str:
    found = content.catalogue.initiatives
    names = "".join(f"<li>{parts.esc(text)}</li>" for text in found.loc[found["system"] == system.id, "name_vi"])
    count = f"{linked} chỉ số liên kết, {known} chỉ số có số liệu cả nước"
    inner = f"<details><summary>Sáng kiến</summary><ul>{names}</ul></details>" if names else ""
    return f'<h3 id="{parts.esc(system.id)}">{parts.esc(system.name_vi)}</h3><p>{count}.</p>{inner}'
