"""What stands around a subject: who answers for it, alerts, tasks, near series, provinces, what feeds it and what it serves, loops.

A desk and a code in, sections of the page out; "" where there is nothing to say.
"""

import pandas as pd

from nq57lab.base import wording
from nq57lab.facts import crosswalk
from nq57lab.links import graph as of_graph
from nq57lab.outlook import proxies
from nq57lab.reports import lookup
from nq57lab.site import parts, watch
from nq57lab.site.desk import Desk
from nq57lab.site.subjects import finding
from nq57lab.site.subjects.view import View

MOST = 8


def link(desk: Desk, code: str, label: str = "") -> str:
    """Return a link to a subject's page, or its name where it has none."""
    return desk.link(code, parts.esc(label), "../chi-so/")


def _section(title: str, inner: str, identity: str = "") -> str:
    own = f' id="{identity}"' if identity else ""
    return f"<section{own}><h2>{title}</h2>{inner}</section>"


def duties(desk: Desk, code: str, about: dict[str, str]) -> str:
    """Return who answers for a subject, and what is owed by when."""
    if not desk.internal or not about["kind"]:
        return ""
    c = desk.content.catalogue
    lines = [f"<li>{desk.html(text)}</li>" for text in finding.owed(desk, code)]
    lead = about.get("lead", "")
    if not lead:
        lines.append("<li>Danh mục chưa giao cơ quan chủ trì.</li>")
    elif not lines:
        lines.append(f"<li><b>{parts.esc(c.agencies(lead))}</b> chủ trì; danh mục không ghi kỳ gửi.</li>")
    for name, text in (("Thực hiện", about.get("implementing", "")), ("Lấy số từ", about.get("source_system", ""))):
        if text:
            lines.append(f"<li>{name}: {parts.esc(text)}</li>")
    rule = (
        f'<p class="nho">{wording.capital(finding.DUE_RULE)}{desk.content.catalogue.programme.rule("điểm h khoản 3 Điều 9")}.</p>'
        if lead
        else ""
    )
    return _section("Ai gửi số, khi nào", f'<ul class="gon">{"".join(lines)}</ul>{rule}', "ai-gui")


def alerts(desk: Desk, view: View) -> str:
    """Return the alerts that stand on a subject."""
    codes = dict.fromkeys((view.code, view.measure, *desk.same(view.code)))
    found = [desk.alerts_of[code] for code in codes if code in desk.alerts_of]
    return _section("Cảnh báo", watch.alert_list(desk, pd.concat(found), root="../")) if found else ""


def tasks(desk: Desk, about: dict[str, str]) -> str:
    """Return the open tasks of the agencies that lead a subject, those overdue first."""
    lead = about.get("lead", "")
    return desk.once(f"tasks of {lead}", lambda: _tasks_of(desk, lead)) if lead else ""


def _tasks_of(desk: Desk, lead: str) -> str:
    leads = set(lead.split("; "))
    own = desk.tasks[[not leads.isdisjoint(text.split("; ")) for text in desk.tasks["lead"]]]
    if own.empty:
        return ""
    names = f'<p class="nho">{parts.esc(desk.content.catalogue.agencies(lead))}</p>'
    return _section("Nhiệm vụ của cơ quan chủ trì", names + watch.task_list(desk, own.head(MOST)))


def near(desk: Desk, code: str) -> str:
    """Return the near series of a macro KPI, each with its line and newest figure: beside the KPI, never in its place."""
    kpis = {code, *desk.same(code)} & set(desk.content.catalogue.proxies["kpi"])
    if not kpis:
        return ""
    rows = desk.near[desk.near["kpi"].isin(kpis)].drop_duplicates("proxy")
    lines = []
    for row in rows.to_dict("records"):
        figure = desk.edition.figures.of_row(desk.by_id.loc[row["row"]])
        shown = desk.html(desk.edition.figures.write(figure))
        series = desk.histories.get(row["proxy"])
        line = parts.line(list(series["value"]), f"Diễn biến của {row['name']}") if series is not None else ""
        lines.append(
            f"<li>{link(desk, row['proxy'], row['name'])}: {shown}, {parts.esc(wording.period(row['last']))} {line}"
            f'<span class="nho">{wording.capital(proxies.ROLES[row["role"]])}. {desk.told(row["how"])}</span></li>'
        )
    note = '<p class="nho">Khác định nghĩa với KPI: không thay số của KPI, không dùng để đánh giá.</p>'
    return _section("Chỉ báo gần", f'<ul class="gon">{"".join(lines)}</ul>{note}', "chi-bao-gan")


def elsewhere(desk: Desk, code: str) -> str:
    """Return what is known of the quantity under other codes, with the difference of the definitions."""
    rows = []
    for told in desk.unlike(code).itertuples():
        figure = desk.figure(told.code)
        if not figure.missing:
            rows.append(
                [
                    parts.esc(wording.capital(lookup.RELATIONS[told.kind])),
                    link(desk, told.code, crosswalk.named(desk.content.catalogue, told.code)),
                    desk.html(desk.edition.figures.write(figure)),
                    parts.esc(wording.period(figure.period)),
                    desk.told(told.reason),
                ]
            )
    if not rows:
        return ""
    heads = ["Quan hệ", "Số liệu", "Giá trị", "Kỳ", "Khác ở đâu"]
    return "<h2>Số gần hoặc dễ lẫn</h2>" + parts.table(heads, rows, "Số liệu ở mã khác", right=(2,), labelled=(3, 4))


def areas(desk: Desk, measure: str) -> str:
    """Return the newest figure of each province, agency or block."""
    rows = desk.local.get(measure)
    if rows is None:
        return ""
    order = {code: place for place, code in enumerate(desk.content.catalogue.areas["id"])}
    rows = rows.sort_values("area", key=lambda codes: codes.map(order), kind="stable")
    cells = [
        [
            parts.esc(desk.content.catalogue.names.get(row["area"], row["area"])),
            parts.esc(desk.content.catalogue.dims_label(row["dims"])),
            desk.value(row),
            parts.esc(wording.period(row["period"])),
        ]
        for _, row in rows.iterrows()
    ]
    heads = ["Địa bàn, cơ quan", "Phân tổ", "Số liệu", "Kỳ"]
    table_of = parts.table(heads, cells, "Số mới nhất của từng địa bàn, cơ quan", right=(2,))
    return f'<h2 id="dia-ban">Địa bàn, cơ quan</h2><details><summary>Mở bảng</summary>{table_of}</details>'


def links(desk: Desk, code: str) -> str:
    """Return what feeds a subject and what it serves, from the documents' own links."""
    graph = desk.graph
    if code not in graph or not desk.internal:
        return ""
    said = ("leads", "equals", "measures")  # the page says these elsewhere
    into = [(start, data) for start, _, data in graph.in_edges(code, data=True) if data["relation"] not in said]
    out = [(end, data) for _, end, data in graph.out_edges(code, data=True) if data["relation"] not in said]
    pieces = []
    for title, edges in (("Nuôi chỉ số này", into), ("Chỉ số này phục vụ", out)):
        seen = dict.fromkeys(node for node, _ in edges)
        if not seen:
            continue
        lines = [
            f'<li>{link(desk, node, _named(desk, node))} <span class="nho">{of_graph.TYPES[graph.nodes[node]["type"]]}</span></li>'
            for node in seen
        ]
        more = f'<details><summary>và {len(lines) - MOST} nữa</summary><ul class="gon">{"".join(lines[MOST:])}</ul></details>'
        pieces.append(
            _section(title, f'<ul class="gon">{"".join(lines[:MOST])}</ul>' + (more if len(lines) > MOST else ""))
        )
    return "".join(pieces)


def _named(desk: Desk, node: str) -> str:
    return desk.content.catalogue.short.get(node, "") or desk.graph.nodes[node].get("name", node)


def loops(desk: Desk, code: str) -> str:
    """Return the feedback loops that pass through a subject."""
    found = [desk.loops_of[other] for other in (code, *desk.same(code)) if other in desk.loops_of]
    if not found:
        return ""
    rows = pd.concat(found).drop_duplicates("id")
    words = {"virtuous": "vòng tích cực", "vicious": "vòng tiêu cực"}
    lines = "".join(
        f'<li>{parts.esc(row.name_vi)} <span class="nho">{words.get(row.kind, row.kind)}. {parts.esc(row.statement_vi)}</span></li>'
        for row in rows.itertuples()
    )
    return _section("Vòng phản hồi", f'<ul class="gon">{lines}</ul>')
