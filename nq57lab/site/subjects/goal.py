"""The page of one target: its own wording and deadline, how far it is, the way to it, what every method says, who answers for it.

A desk and a tracked target in; the page out, in the form of a subject's (:class:`~nq57lab.site.subjects.page.Page`).
"""

from dataclasses import replace

import pandas as pd

from nq57lab.base import periods, printing, wording
from nq57lab.facts.figures import Figure
from nq57lab.site import parts
from nq57lab.site.desk import Desk
from nq57lab.site.subjects import around, page
from nq57lab.site.subjects import view as of_view
from nq57lab.site.subjects.page import Page
from nq57lab.targets import disagreement
from nq57lab.targets import evaluate as methods
from nq57lab.targets import pages as target_pages


def make(desk: Desk, goal: pd.Series) -> Page:
    """Return the page of a target."""
    code, identity = goal["indicator"], goal["id"]
    desk.edition.figures.place = f"trang {identity}"
    measure, relation = desk.measure_of(code)
    rows = desk.history(measure)
    view = of_view.of(desk, code, rows, goal)
    about = page.about_of(desk, code)
    said = title(desk, goal)
    foot = page.foot_of(desk, rows)
    kinds = ["json", *(("svg", "png") if view.drawn else ())]
    figures = (
        f'<li><a href="../chi-so/{code}.csv" download>CSV</a></li>'
        if measure in set(desk.content.every["subject"])
        else ""
    )
    main = [
        _wording(desk, goal),
        page.borrowed(desk, view, relation),
        _strip(desk, goal),
        page.picture(desk, view, foot),
        f'<ul class="tai-ve" aria-label="Tải về">{figures}{page.downloads(f"{identity}.{kind}" for kind in kinds)}'
        '<li><a href="#trich-dan">Trích dẫn</a></li></ul>',
        _way(desk, goal),
        _verdicts(desk, goal),
        _others(desk, goal),
    ]
    name = f"Mục tiêu năm {goal['milestone']}: {view.name}"
    side = [
        around.duties(desk, code, about),
        around.alerts(desk, view),
        around.tasks(desk, about),
        around.links(desk, code),
        page.cite(desk, f"muc-tieu/{identity}.html", name),
    ]
    lead = about.get("lead", "")
    by = f" <span>{parts.esc(desk.content.catalogue.agencies(lead))}</span>" if lead else ""
    body = (
        f'<p class="tren">Mục tiêu năm {goal["milestone"]} · {around.link(desk, code)}{by}</p><h1>{desk.html(said)}</h1>'
        f'<div class="trang-chi-so"><div class="chinh">{"".join(main)}</div><aside aria-label="Trách nhiệm, liên hệ">{"".join(side)}</aside></div>'
    )
    return Page(name, body, desk.plain(said), view, foot)


def title(desk: Desk, goal: pd.Series) -> str:
    """Write the finding: the target, where its quantity stands now, how far it is."""
    name, year, now = desk.content.catalogue.short[goal["indicator"]], goal["milestone"], _now(desk, goal)
    today = "" if now is None else f"nay {desk.edition.figures.write(now, mark=False)} ({page.when(now)})"
    if goal["comparator"] == "qualitative":
        head = f"{name}: mục tiêu {year} nêu bằng lời, không đặt mức để đo"
        return f"{head}; {today}" if today else head
    head = f"{name}: mục tiêu {year} là {target_pages.target_cell(desk.edition, goal)}"
    if not today:
        return f"{head}; {desk.edition.because(target_pages.brief(goal['reason'])) or desk.edition.figures.no_data}"
    if goal["verdict"] == "target_achieved":
        return f"{head}; {today}, đã ở mức mục tiêu"
    left = _left(desk, goal)
    return f"{head}; {today}" + ("" if left.missing else f", còn cách {desk.edition.figures.write(left, mark=False)}")


def _inputs(goal: pd.Series) -> tuple[str, ...]:
    return tuple(filter(None, (goal["row"], goal["baseline_row"], "targets.csv")))


def _unit(goal: pd.Series) -> str:
    """Return the unit of a difference of two of the target's figures."""
    return {"%": "điểm phần trăm", "thứ hạng": "bậc"}.get(goal["unit"], goal["unit"])


def _now(desk: Desk, goal: pd.Series) -> Figure | None:
    """Return the figure that the target is set against, beside words the newest; None for none."""
    if goal["comparator"] == "qualitative":
        found = desk.figure(goal["measure"])
        return None if found.missing else found
    return desk.edition.figures.of_row(desk.by_id.loc[goal["row"]]) if goal["row"] in desk.by_id.index else None


def _left(desk: Desk, goal: pd.Series) -> Figure:
    """Return how far the figure is from the target, without its sign."""
    now, how = _now(desk, goal), "khoảng cách giữa giá trị và mục tiêu"
    places = 0 if now is None else wording.decimals_of(now.number)
    if goal["target"] == goal["target"]:
        places = max(places, printing.decimals_needed(float(goal["target"])))
    return _literal(desk, goal, abs(float(goal["gap"])), _unit(goal), places, how)


def _literal(desk: Desk, goal: pd.Series, value: float, unit: str, places: int, how: str) -> Figure:
    return desk.edition.figures.literal(value, unit, decimals=places, rows=_inputs(goal), formula=how)


def _wording(desk: Desk, goal: pd.Series) -> str:
    """Return the target in the words of its document, and where they stand."""
    where = parts.esc(page.place(desk, goal["source"]))
    return f'<blockquote class="trich"><p>“{parts.esc(goal["stated_vi"])}”</p><p class="nho">{where}</p></blockquote>'


def _strip(desk: Desk, goal: pd.Series) -> str:
    """Return the facts at a glance: now, target and time left, distance, pace, arrival, verdict."""
    write, now, cells = desk.edition.figures.write, _now(desk, goal), []
    if now is not None:
        cells.append(("Nay", desk.html(write(now)), parts.esc(page.when(now))))
    elif goal["comparator"] != "qualitative":
        cells.append(("Nay", parts.esc(desk.edition.figures.no_data), ""))
    left = float(goal["milestone"]) - periods.decimal_year(desk.content.known.isoformat())
    if left > 0:
        years = _literal(desk, goal, left, "", 1, "từ ngày số liệu của trang đến hết năm mục tiêu")
        time = f"còn {desk.html(write(replace(years, status='')))} năm"
    else:
        time = "đã qua"
    if goal["comparator"] == "qualitative":
        cells.append(("Thời hạn", f"năm {goal['milestone']}", time))
    else:
        words = desk.html(target_pages.target_cell(desk.edition, goal))
        cells.append((f"Mục tiêu {goal['milestone']}", words, time))
    away = _left(desk, goal)
    if not away.missing and goal["verdict"] != "target_achieved":
        cells.append(("Còn cách", desk.html(write(away, unit=False, mark=False)), parts.esc(_unit(goal))))
        if goal["required"] == goal["required"]:
            cells.append(page.a_year(desk, goal))
        year = target_pages.arrival(desk.edition, goal)
        if not year.missing:
            times = target_pages.multiple(desk.edition, goal)
            faster = (
                f"phải nhanh gấp {desk.html(write(times, mark=False))}" if times.value > 1 else "đủ nhanh để kịp mốc"
            )
            cells.append(("Giữ tốc độ này thì tới", f"khoảng năm {desk.html(write(year))}", faster))
    verdict = methods.word(methods.standing_method(goal["verdict_rule"]), goal["verdict"])
    by = parts.esc(desk.plain(target_pages.agreement(desk.edition, goal, desk.following)))
    by = "" if goal["comparator"] == "qualitative" else by
    cells.append(("Đánh giá", f"{methods.SYMBOLS[goal['verdict']]} {parts.esc(verdict)}", by))
    return page.strip(cells)


def _way(desk: Desk, goal: pd.Series) -> str:
    """Return the straight line from the base to the target, stage by stage, beside what was reached; "" without a base."""
    if goal["baseline_row"] not in desk.by_id.index or goal["comparator"] == "qualitative":
        return ""
    write, now = desk.edition.figures.write, _now(desk, goal)
    base = desk.edition.figures.of_row(desk.by_id.loc[goal["baseline_row"]])
    rows = [
        ["Số gốc", parts.esc(wording.period(base.period)), desk.html(write(base)), parts.esc(goal["baseline_rule"])]
    ]
    places = 1 if goal["unit"] == "thứ hạng" else 2
    how = "trên đường thẳng từ số gốc tới mục tiêu"
    on_line = _literal(desk, goal, float(goal["trajectory"]), goal["unit"], places, how)
    if now is not None and goal["row"] != goal["baseline_row"]:
        rows.append(["Số nay", parts.esc(wording.period(now.period)), desk.html(write(now)), ""])
        if not on_line.missing:
            off = _literal(desk, goal, abs(now.value - on_line.value), _unit(goal), places, "lệch khỏi đường thẳng")
            behind = (now.value - on_line.value) * float(goal["direction"]) < 0
            word = (
                f"số nay {'chậm' if behind else 'vượt'} {desk.html(write(off, mark=False))}"
                if off.value
                else "số nay ở đúng mức này"
            )
            rows.append(["Đường thẳng", "cùng kỳ", desk.html(write(on_line, mark=False)), word])
    stage = _literal(desk, goal, float(goal["stage_value"]), goal["unit"], places, how)
    if not stage.missing and goal["stage_end"] < float(goal["milestone"]):
        until = f"hết năm {goal['stage_end']:.0f}"
        rows.append(["Đường thẳng", until, desk.html(write(stage, mark=False)), "cuối giai đoạn hiện nay của lộ trình"])
    aim = desk.html(target_pages.target_cell(desk.edition, goal))
    rows.append(["Mục tiêu", f"năm {goal['milestone']}", aim, ""])
    return "<h2>Đường tới mục tiêu</h2>" + parts.table(
        ["Điểm", "Khi nào", "Mức", "Ghi chú"], rows, "Từ số gốc tới mục tiêu", right=(2,)
    )


def _verdicts(desk: Desk, goal: pd.Series) -> str:
    """Return the standing verdict, what every method says, and where they differ and why."""
    if goal["comparator"] == "qualitative":
        words = "Văn bản nêu mục tiêu bằng lời, không đặt mức: không phương pháp nào áp dụng được. Đánh giá được khi có quyết định đặt mức và cách đo."
        return f"<h2>Đánh giá</h2><p>{words}</p>"
    verdict = f"<p><b>{desk.html(target_pages.verdict(desk.edition, goal.to_dict()))}</b></p>"
    if goal["row"] == "":
        return f"<h2>Đánh giá</h2>{verdict}"
    differ = disagreement.explain(goal.to_dict(), desk.following.shown)
    return f"<h2>Đánh giá</h2>{verdict}{page.by_method(desk, goal)}<p>{parts.esc(wording.capital(differ))}.</p>"


def _others(desk: Desk, goal: pd.Series) -> str:
    """Return the other targets on the quantity: other wordings of the same year, and other years; which of them the reports follow."""
    rows = []
    for other in desk.goals_of.get(goal["measure"], []):
        if other["measure"] != goal["measure"] or other["id"] not in desk.goal_pages:
            continue
        words = parts.esc(other["stated_vi"])
        own = other["id"] == goal["id"]
        used = "đang dùng để theo dõi" if other["id"] in desk.in_force else ""
        rows.append(
            [
                f"năm {other['milestone']}",
                f"<b>{words}</b> (trang này)" if own else f'<a href="{parts.esc(other["id"])}.html">{words}</a>',
                parts.esc(desk.edition.source_name(other["source"].split(",")[0], dated=False)),
                used,
            ]
        )
    if len(rows) < 2:
        return ""
    heads = ["Mốc", "Cách nêu", "Văn bản", "Báo cáo"]
    return "<h2>Mục tiêu khác về cùng đại lượng</h2>" + parts.table(heads, rows, "Các văn bản nêu")
