"""The scorecard of the macro KPIs on the site: a row a KPI with line, figure, way to the target, needed pace and verdict.

A desk in, HTML out.
"""

from nq57lab.base import wording
from nq57lab.site import parts
from nq57lab.site.desk import Desk
from nq57lab.site.subjects import finding
from nq57lab.targets import evaluate as methods
from nq57lab.targets import pages as target_pages


def table(desk: Desk) -> str:
    """Return the scorecard: the KPIs with a figure; those without, named below with a link to who should send what."""
    c = desk.content.catalogue
    kpis = c.indicators.loc[c.indicators["layer"] == "M", "code"]
    rows, without = [], []
    for code in kpis:
        measure, _ = desk.measure_of(code)
        figure = desk.figure(measure)
        if figure.missing:
            without.append(f'<a href="chi-so/{code}.html">{parts.esc(c.short[code])}</a>')
            continue
        rows.append(_row(desk, code, measure, figure))
    heads = ["KPI vĩ mô", "Diễn biến", "Nay", "Tới mục tiêu 2030", "Tốc độ cần", "Đánh giá"]
    shown = parts.table(heads, rows, "Bảng điểm các KPI vĩ mô", right=(2,), labelled=(3, 4), classes="bang-diem")
    if not without:
        return shown
    count = desk.html(desk.edition.count(len(without), "số KPI vĩ mô chưa có số liệu", ("indicators.csv",)))
    return f'{shown}<p class="nho">Còn {count} KPI chưa có số liệu cùng định nghĩa (ai phải gửi, khi nào): {wording.join(without)}.</p>'


def _row(desk: Desk, code: str, measure: str, figure) -> list[str]:
    c, write = desk.content.catalogue, desk.edition.figures.write
    goal = finding.goal_of(desk, measure)
    history = desk.histories.get(measure)
    rank = figure.unit == "thứ hạng"
    line = ""
    if history is not None and len(history) > 2:
        values = [-value if rank else value for value in history["value"]]
        first = wording.period(str(history["period"].iloc[0]))
        line = parts.line(
            values,
            f"Diễn biến từ {first} đến {wording.period(str(history['period'].iloc[-1]))}{', hạng 1 ở trên' if rank else ''}",
        )
    name = f'<a href="chi-so/{code}.html"><b>{parts.esc(c.short[code])}</b></a>'
    now = f'<b class="lon">{desk.html(write(figure))}</b><br><span class="nho">{parts.esc(wording.period(figure.period))}</span>'
    if goal is None:
        stated = [goal for goal in desk.goals_of.get(measure, []) if goal["milestone"] == "2030"]
        words = parts.esc(stated[0]["stated_vi"]) if stated else "chưa nêu"
        return [name, line or "–", now, f'<span class="nho">{words}</span>', "–", _verdict(desk, goal)]
    way = f'{_bar(figure.value, goal)}<span class="nho">mục tiêu: {desk.html(finding.target_words(desk, goal))}</span>'
    return [name, line or "–", now, way, _pace(desk, goal, rank), _verdict(desk, goal)]


def _bar(value: float, goal) -> str:
    """Return the share of the target that is reached, where the target is a value to rise to."""
    if goal["direction"] < 0 or not goal["aim"] > 0 or value < 0:
        return ""
    share = min(100.0, 100 * value / goal["aim"])
    return f'<span class="thanh" aria-hidden="true"><i style="width:{share:.0f}%"></i></span>'


def _pace(desk: Desk, goal, rank: bool) -> str:
    write, found = desk.edition.figures.write, target_pages.required_figure(desk.edition, goal, "required")
    if found.missing:
        return "–"
    unit = "bậc/năm" if rank else "điểm/năm" if goal["unit"] == "%" else f"{goal['unit']}/năm"
    text = f"{write(found, unit=False, mark=False)} {unit}"
    if goal["pace"] == goal["pace"] and goal["pace"] * goal["required"] > 0:
        times = desk.edition.figures.literal(
            float(goal["required"] / goal["pace"]),
            "lần",
            decimals=1,
            rows=(goal["row"], goal["baseline_row"], "targets.csv"),
            formula="mức phải thay đổi mỗi năm ÷ mức đã thay đổi mỗi năm",
        )
        text += f", gấp {write(times, mark=False)} tốc độ từ số gốc"
    return f'<span class="nho">{desk.html(text)}</span>'


def _verdict(desk: Desk, goal) -> str:
    status = "not_available" if goal is None else goal["verdict"]
    words = methods.STATUSES[desk.following.method].get(status, status)
    return f'<span class="dg dg-{status}">{methods.SYMBOLS[status]} {parts.esc(words.lstrip("↑↗→↓ "))}</span>'


def judgement(desk: Desk) -> str:
    """Return the judgement in a sentence: how many macro KPIs can be judged, how many are on the way, and which must speed up most."""
    rows = [desk.standing.loc[code] for code in desk.standing.index]
    c = desk.content.catalogue
    kpis = c.indicators.loc[c.indicators["layer"] == "M", "code"]
    measures = {desk.measure_of(code)[0] for code in kpis}
    own = [row for row in rows if row["measure"] in measures and row["verdict"] != "not_available"]
    count = desk.edition.count
    told = f"{count(len(own), 'số KPI vĩ mô đánh giá được', ('targets.csv',))} trong {count(len(kpis), 'số KPI vĩ mô', ('indicators.csv',))} KPI vĩ mô có đủ số liệu để đánh giá"
    behind = [row for row in own if row["pace"] == row["pace"] and row["pace"] * row["required"] > 0]
    if behind:
        worst = max(behind, key=lambda row: row["required"] / row["pace"])
        times = desk.edition.figures.literal(
            float(worst["required"] / worst["pace"]),
            "lần",
            decimals=1,
            rows=(worst["row"], worst["baseline_row"], "targets.csv"),
            formula="mức phải thay đổi mỗi năm ÷ mức đã thay đổi mỗi năm",
        )
        told += f"; {c.short[worst['indicator']].lower() if worst['indicator'] not in c.subject_units else c.short[worst['indicator']]} phải nhanh gấp {desk.edition.figures.write(times, mark=False)} tốc độ từ số gốc mới kịp năm 2030"
    return told
