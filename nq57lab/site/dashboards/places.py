"""The dashboards of the provinces and of the agencies.

A desk in, the body of each page out.
"""

import pandas as pd

from nq57lab.base import wording
from nq57lab.site import empty, parts, watch
from nq57lab.site.dashboards import maps, reference, tables
from nq57lab.site.desk import Desk


def map_choice(found: list[maps.Map]) -> str:
    """Return maps with the choice between them; the first shows."""
    options = [(f"ban-do-{place}", one.label) for place, one in enumerate(found)]
    choice = parts.select("chon-ban-do", "Bản đồ", options, every="")
    form = f'<form class="loc">{choice}</form>' if choice else ""
    shown = "".join(
        f'<div class="mot-ban-do" id="ban-do-{place}"{" hidden" if place else ""}>{one.html}</div>'
        for place, one in enumerate(found)
    )
    return form + shown


def _anchors(table: pd.DataFrame) -> str:
    """Return the places that a province's links lead to: the browser itself goes there, the script then chooses the province."""
    return "".join(f'<span id="{area.replace(":", "-")}"></span>' for area in dict.fromkeys(table["area"]))


def provinces(desk: Desk) -> str:
    """Return the provincial dashboard: maps, the figures of a chosen province, overdue tasks, the profiles."""
    table = desk.newest
    table = table[table["area"].str.startswith("34:")]
    found = desk.once("maps", lambda: maps.every(desk))
    head = "<h1>Tỉnh, thành phố</h1>"
    if table.empty and not found:
        return head + empty.nothing(desk, "số liệu cấp tỉnh")
    pieces = [head, map_choice(found), _anchors(table)]
    pieces.append('<h2 id="so-lieu-tinh">Số liệu của tỉnh, thành phố</h2>')
    pieces.append(tables.newest(desk, table, "tinh", "Số liệu mới nhất của các tỉnh, thành phố", "Tỉnh"))
    late = watch.overdue(desk)
    late = late[late["lead"].str.contains(r"34:|block:local")]
    if len(late):
        title = f"Nhiệm vụ của địa phương quá hạn đến ngày {watch.day(desk)}"
        pieces.append(f'<h2 id="qua-han">{title}</h2>{watch.task_list(desk, late)}')
    profiles = "".join(reference.report_line(entry) for entry in desk.content.reports if entry["items"])
    if profiles:
        pieces.append(f"<h2>Hồ sơ tỉnh</h2><ul>{profiles}</ul>")
    return "".join(pieces)


def agencies(desk: Desk) -> str:
    """Return the dashboard by agency: figures owed, tasks with what is overdue, its own figures; the public sees figures only."""
    table = desk.newest
    own = table[table["area"].str.startswith(("agency:", "block:"))]
    pieces = ["<h1>Cơ quan</h1>"]
    if desk.internal:
        pieces += [_owed(desk), _tasks(desk)]
    elif own.empty:
        return pieces[0] + empty.nothing(desk, "số liệu của cơ quan")
    if own.empty:
        return "".join(pieces)
    pieces.append('<h2 id="so-lieu-co-quan">Số liệu của cơ quan, khối</h2>')
    pieces.append(tables.newest(desk, own, "co-quan", "Số liệu mới nhất của cơ quan, khối", "Cơ quan, khối"))
    return "".join(pieces)


def _owed(desk: Desk) -> str:
    """Return how many figures each agency owes on the site's day, the most first."""
    c, count = desk.content.catalogue, desk.edition.count
    counts = pd.crosstab(desk.owed["agency"], desk.owed["state"]).reindex(
        columns=["late", "open", "sent", "sent_late"], fill_value=0
    )
    counts = counts.sort_values("late", ascending=False, kind="stable")
    rows = []
    for agency, row in counts.iterrows():
        due = desk.owed[(desk.owed["agency"] == agency) & (desk.owed["state"] == "late")]
        listed = "; ".join(
            f'{desk.link(code, parts.esc(c.short[code]))} <span class="nho">{code}</span>' for code in due["indicator"]
        )
        rows.append(
            [
                f'<span id="{str(agency).replace(":", "-")}">{parts.esc(c.names[agency])}</span>',
                desk.html(count(int(row.sum()), f"số chỉ số {c.names[agency]} phải gửi", ("indicators.csv",))),
                desk.html(count(int(row["sent"] + row["sent_late"]), f"số chỉ số {c.names[agency]} đã gửi")),
                desk.html(count(int(row["late"]), f"số chỉ số {c.names[agency]} quá hạn", ("indicators.csv",))),
                f"<details><summary>Chỉ số quá hạn</summary>{listed}</details>" if len(due) else "",
            ]
        )
    total = desk.html(
        f"**{count(int(counts['late'].sum()), 'số chỉ số quá hạn gửi', ('indicators.csv',))} số liệu** đã đến hạn mà chưa gửi"
    )
    heads = ["Cơ quan", "Phải gửi", "Đã gửi", "Quá hạn", "Là những chỉ số nào"]
    return (
        f'<h2>Số liệu phải gửi đến ngày {watch.day(desk)}</h2><p class="dan">{total}; hạn của mỗi kỳ là ngày 25 của tháng cuối kỳ'
        f"{desk.content.catalogue.programme.rule('điểm h khoản 3 Điều 9')}.</p>"
        + parts.table(heads, rows, "Số liệu phải gửi theo cơ quan", right=(1, 2, 3), labelled=(1, 2, 3))
    )


def _tasks(desk: Desk) -> str:
    """Return the open tasks by agency, those overdue first, with filters."""
    c = desk.content.catalogue
    tasks = desk.tasks
    tasks = tasks.assign(place=range(len(tasks)), agency=tasks["lead"].str.split("; ")).explode("agency")
    tasks = tasks.sort_values("late", ascending=False, kind="stable", na_position="last")
    rows, marks = [], []
    seen: set[str] = set()
    for row in tasks.itertuples():
        own = "" if row.id in seen else f' id="{row.id}"'
        seen.add(row.id)
        rows.append(
            [
                parts.esc(c.names.get(row.agency, row.agency)),
                f"<span{own}>{parts.esc(row.text)}</span>",
                parts.esc(row.product),
                watch.due_words(desk, row),
            ]
        )
        words = wording.plain(f"{row.text} {c.names.get(row.agency, '')}")
        marks.append(
            f'data-dia-ban="{row.agency}" data-chu="{parts.esc(words)}" data-linh-vuc="" data-nam="{row.due[:4]}"'
        )
    listed = [
        (code, c.names.get(code, code))
        for code in dict.fromkeys(c.tasks["lead"].str.split("; ").explode())
        if code in set(tasks["agency"])
    ]
    fields = parts.search("nhiem-vu-tim", "Tìm") + parts.select("nhiem-vu-dia-ban", "Cơ quan", listed)
    late = len(watch.overdue(desk))
    number = desk.edition.count(late, "số nhiệm vụ quá hạn", ("tasks.csv",)) if late else ""
    said = wording.capital(wording.some(number, "nhiệm vụ", f"quá hạn đến ngày {watch.day(desk)}"))
    book = "; sổ nhiệm vụ chưa ghi ngày hoàn thành" if late else ""
    return f'<h2>Nhiệm vụ</h2><p class="dan">{desk.html(said)}{book}.</p>' + parts.table(
        ["Chủ trì", "Nhiệm vụ", "Sản phẩm", "Hạn"],
        rows,
        "Nhiệm vụ theo cơ quan chủ trì",
        labelled=(2,),
        attributes=marks,
        identity="nhiem-vu",
        fields=fields,
        fold=parts.FOLDED,
    )
