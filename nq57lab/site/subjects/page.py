"""The page of one subject as an HTML body: finding, figures at a glance, chart, definition, who answers, targets, tables, links, files.

A desk and a code in; the page's title, body and chart out.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from nq57lab.base import wording
from nq57lab.facts.figures import Figure
from nq57lab.site import formula_words, parts
from nq57lab.site.desk import Desk
from nq57lab.site.subjects import abroad, around, chart, finding
from nq57lab.site.subjects import view as of_view
from nq57lab.site.subjects.view import View
from nq57lab.targets import evaluate as methods
from nq57lab.targets import pages as target_pages

LAYERS = {
    "A": "Chỉ số lớp A",
    "B": "Chỉ số lớp B",
    "C": "Biểu lớp C",
    "M": "KPI vĩ mô",
    "O": "KPI tác nghiệp (Đề xuất Bộ Công cụ giám sát)",
    "S": "KPI chiến lược (Quy chế số 02-QC/BCĐTW)",
    "T": "KPI tác nghiệp (Quy chế số 02-QC/BCĐTW)",
}
LONG = 12  # rows beyond which a table is folded


@dataclass(frozen=True)
class Page:
    """A subject's page: what the browser's tab says, the body, what the search shows, and the view that its chart draws."""

    title: str
    body: str
    finding: str
    view: View
    foot: str


def make(desk: Desk, code: str) -> Page:
    """Return the page of a code."""
    desk.edition.figures.place = f"trang {code}"
    measure, relation = desk.measure_of(code)
    rows = desk.history(measure)
    view = of_view.of(desk, code, rows)
    about = about_of(desk, code)
    said = finding.title(desk, view)
    foot = foot_of(desk, rows)
    main = [
        borrowed(desk, view, relation),
        _strip(desk, view),
        picture(desk, view, foot),
        _files(view, rows),
        _definition(desk, code, about),
        _goals(desk, view),
        _surety(desk, view, rows),
        abroad.section(desk, code),
        _table(desk, rows),
        around.areas(desk, measure),
        around.elsewhere(desk, code),
        _sources(desk, rows),
    ]
    side = [
        around.duties(desk, code, about),
        around.alerts(desk, view),
        around.tasks(desk, about),
        around.near(desk, code),
        around.links(desk, code),
        around.loops(desk, code),
        cite(desk, f"chi-so/{code}.html", view.name),
    ]
    lead = about.get("lead", "")
    over = " · ".join(filter(None, (about["kind"], code if about["kind"] else "", about["group"])))
    alike = "".join(
        f" · {around.link(desk, other, other)}" for other in desk.same(code) if other in desk.content.indicators
    )
    by = f" <span>{parts.esc(desk.content.catalogue.agencies(lead))}</span>" if lead else ""
    body = (
        f'<p class="tren">{parts.esc(over)}{alike}{by}</p><h1>{desk.html(said)}</h1>'
        f'<div class="trang-chi-so"><div class="chinh">{"".join(main)}</div><aside aria-label="Trách nhiệm, liên hệ">{"".join(side)}</aside></div>'
    )
    return Page(f"{view.name} ({code})" if about["kind"] else view.name, body, desk.plain(said), view, foot)


def about_of(desk: Desk, code: str) -> dict[str, str]:
    """Return what the catalogue says of a code, texts only; ``kind`` is "" for a variable."""
    variable = desk.of_code("variables", "id").get(code)
    if variable is not None:
        row = variable.iloc[0]
        told = {"kind": "", "group": desk.content.fields.get(code, ""), "description": row["description"]}
        return told | {name: row[name] for name in ("unit", "source", "name_en")} | {"name": row["name_vi"]}
    row = desk.of_code("indicators", "code")[code].iloc[0]
    told = {name: row[name] for name in ("unit", "source", "lead", "name_en", "frequency", "implementing", "basis")}
    told |= {"source_system": row["source_system"], "name": row["name_vi"], "description": ""}
    return told | {"kind": LAYERS[row["layer"]], "group": desk.content.fields.get(code, "")}


def borrowed(desk: Desk, view: View, relation: str) -> str:
    """Say whose figures the page shows where they are another code's."""
    if relation in ("own", "") or view.measure == view.code:
        return ""
    rows = desk.unlike(view.code)
    why = "; ".join(rows.loc[rows["code"] == view.measure, "reason"].head(1))
    word = {"same": "cùng định nghĩa", "near": "gần định nghĩa, dùng để theo dõi trong khi chờ số của chính KPI"}[
        relation
    ]
    link = around.link(desk, view.measure)
    return f'<p class="muon">Số trên trang này là của {link}, {word}: {desk.told(why)}.</p>'


def _strip(desk: Desk, view: View) -> str:
    """Return the four facts at a glance: now, target, pace, verdict."""
    figure = finding.newest(desk, view)
    if figure.missing:
        return ""
    write = desk.edition.figures.write
    cells = [("Nay", desk.html(write(figure)), parts.esc(when(figure)))]
    goal = finding.goal_of(desk, view.measure)
    if goal is not None:
        cells.append(
            (
                "Mục tiêu 2030",
                desk.html(target_pages.target_cell(desk.edition, goal)),
                parts.esc(desk.edition.source_name(goal["source"].split(",")[0], dated=False)),
            )
        )
        if goal["pace"] == goal["pace"] and goal["verdict"] != "target_achieved":
            cells.append(a_year(desk, goal))
        verdict = methods.word(methods.standing_method(goal["verdict_rule"]), goal["verdict"])
        symbol = methods.SYMBOLS[goal["verdict"]]
        by = desk.plain(target_pages.agreement(desk.edition, goal, desk.following))
        cells.append(("Đánh giá", f"{symbol} {parts.esc(verdict)}", parts.esc(by)))
    return strip(cells)


def a_year(desk: Desk, goal: pd.Series) -> tuple[str, str, str]:
    """Return the cell of the change a year since the base beside what the target needs from the figure's period; of a rank, places gained are positive."""
    ranked = goal["unit"] == "thứ hạng"
    unit = "điểm phần trăm" if goal["unit"] == "%" else "bậc lên" if ranked else goal["unit"]
    inputs = tuple(filter(None, (goal["row"], goal["baseline_row"], "targets.csv")))
    shown = []
    for value, how in (
        (goal["pace"], "(giá trị − số gốc) ÷ số năm"),
        (goal["required"], target_pages.REQUIRED_BY["required"]),
    ):
        number = 0.0 - float(value) if ranked else float(value)
        shown.append(desk.edition.computed(number, how, inputs, unit=unit, decimals=2, bare=True, mark=False))
    basis = f"{unit}; phải đi tính {finding.since(goal)}"
    return "Mỗi năm: đã đi → phải đi", desk.html(" → ".join(shown)), parts.esc(basis)


def strip(cells: Iterable[tuple[str, str, str]]) -> str:
    """Return facts at a glance: what, its value (HTML), and a small word beside it."""
    inner = "".join(
        f"<div><dt>{name}</dt><dd><b>{value}</b> <span>{more}</span></dd></div>" for name, value, more in cells
    )
    return f'<dl class="bon-o{" sau-o" if inner.count("<dt>") > 4 else ""}">{inner}</dl>'


def when(figure: Figure) -> str:
    """Return a figure's period and status in words."""
    status = wording.STATUS_WORDS.get(figure.status, "")
    return ", ".join(filter(None, (wording.period(figure.period), status)))


def foot_of(desk: Desk, rows: pd.DataFrame) -> str:
    """Return the sources of the figures that a chart draws, and the day that they are known on."""
    used = rows[rows["used"]]
    names = dict.fromkeys(desk.edition.source_name(source) for source in reversed(used["source"].tolist()))
    listed = "; ".join(list(names)[:3]) + (" và nguồn khác" if len(names) > 3 else "")
    return f"Nguồn: {listed}. Số liệu công bố đến ngày {wording.day(desk.content.known)}." if names else ""


def alternative(view: View) -> str:
    """Return what the chart shows, for readers who cannot see it."""
    shown = view.line or view.apart
    text = f"Biểu đồ {view.name}, đơn vị {view.unit}: {len(shown)} số, từ {shown[0].tip.split(';')[0]} đến {shown[-1].tip.split(';')[0]}"
    return ". ".join([text, *(wording.capital(point.label) for point in view.targets)]) + "."


def picture(desk: Desk, view: View, foot: str) -> str:
    """Return the chart at both widths with its key and its source; "" where there is nothing to draw."""
    if not view.drawn:
        return ""
    keys = "".join(f'<li class="k-{kind}">{of_view.KEYS[kind]}</li>' for kind in view.kinds())
    words = alternative(view)
    why = desk.not_forecast(view.measure) if desk.internal else ""
    more = f'<p class="nho">{parts.esc(wording.capital(why))}.</p>' if why and view.forecast is None else ""
    research = '<p class="nho">Dự báo là ước lượng nghiên cứu.</p>' if view.forecast is not None else ""
    return (
        f'<figure class="hinh" tabindex="0" aria-label="{parts.esc(words)} Phím mũi tên trái, phải đọc từng số.">'
        f"{chart.draw(view, chart.WIDE, '', 'rong')}{chart.draw(view, chart.NARROW, '', 'hep')}"
        f'<ul class="chu-giai-hinh">{keys}</ul><figcaption>{parts.esc(foot)}</figcaption></figure>{research}{more}'
    )


def _files(view: View, rows: pd.DataFrame) -> str:
    if rows.empty:
        return ""
    links = downloads(f"{view.code}.{kind}" for kind in ("csv", "json", *(("svg", "png") if view.drawn else ())))
    return f'<ul class="tai-ve" aria-label="Tải về">{links}<li><a href="#so-lieu">Bảng số</a></li><li><a href="#trich-dan">Trích dẫn</a></li></ul>'


def downloads(files: Iterable[str]) -> str:
    """Return links that save files, each called by its kind."""
    return "".join(
        f'<li><a href="{parts.esc(file)}" download>{file.rsplit(".", 1)[-1].upper()}</a></li>' for file in files
    )


def _definition(desk: Desk, code: str, about: dict[str, str]) -> str:
    c = desk.content.catalogue
    lines = []
    formula = c.formulas.get(code, "")
    if about["description"]:
        lines.append(f"<p>{desk.told(about['description'])}</p>")
    if formula:
        lines.append(f"<p>{parts.esc(about['name'])} = {desk.told(formula_words.of(c, formula))}.</p>")
    elif about["kind"] and not about["description"]:
        lines.append(f"<p>{parts.esc(about['name'])}. Danh mục không nêu công thức: cơ quan báo cáo số trực tiếp.</p>")
    for row in _rows(desk, "corrections", "code", code):
        if row.column == "formula":
            lines.append(f"<p>Công thức in trong văn bản được đề xuất sửa: {desk.told(row.reason)}.</p>")
    fields = [row.name_vi.lower() for row in _rows(desk, "forms", "form", code)]
    if fields:
        lines.append(f"<p>Biểu gồm: {parts.esc(wording.join(fields))}.</p>")
    facts = [("Đơn vị", about["unit"]), ("Kỳ", finding.FREQUENCY.get(about.get("frequency", ""), ""))]
    facts += [("Nêu tại", place(desk, about["source"])), ("Căn cứ", about.get("basis", ""))]
    told = "".join(f"<dt>{name}</dt><dd>{parts.esc(text)}</dd>" for name, text in facts if text)
    if about["name_en"]:
        told += f'<dt>Tên tiếng Anh</dt><dd lang="en">{parts.esc(about["name_en"])}</dd>'
    readings = "".join(
        f"<li>{desk.told(f'{row.topic}: {row.reading}. {row.reason}')}.</li>"
        for row in (_rows(desk, "readings", "subject", code) if desk.internal else [])
        if row.used == "yes" and not row.topic.startswith("Mục tiêu")
    )
    unclear = "Chỗ văn bản nêu chưa thống nhất và cách hiểu đang dùng"
    more = f"<details><summary>{unclear}</summary><ul>{readings}</ul></details>" if readings else ""
    return f'<h2>Định nghĩa</h2>{"".join(lines)}<dl class="muc">{told}</dl>{more}'


def place(desk: Desk, text: str) -> str:
    """Return where a document says something: the document by its name, the place as it is written there; files and addresses are left out."""
    source, _, rest = text.partition(", ")
    return ", ".join(filter(None, (desk.edition.source_name(source), _readable(rest))))


def _readable(locator: str) -> str:
    return "" if re.match(r"Tệp |Trang http|.*https?://", locator) else locator


def _rows(desk: Desk, table: str, column: str, code: str) -> list:
    found = desk.of_code(table, column).get(code)
    return [] if found is None else list(found.itertuples())


def _goals(desk: Desk, view: View) -> str:
    """Return every target set on the quantity with the verdict of each method."""
    codes = dict.fromkeys((view.code, view.measure, *desk.same(view.code)))
    goals = {goal["id"]: goal for code in codes for goal in desk.goals_of.get(code, [])}
    if not goals:
        return ""
    pieces = []
    for milestone in sorted({goal["milestone"] for goal in goals.values()}):
        own = [goal for goal in goals.values() if goal["milestone"] == milestone]
        own.sort(key=lambda goal: (goal["measure"] != view.measure, goal["id"] not in desk.in_force))
        first, others = own[0], [_goal(desk, goal) for goal in own[1:]]
        more = (
            f"<details><summary>Văn bản nêu cách khác</summary><ul>{''.join(others)}</ul></details>" if others else ""
        )
        verdict = desk.html(target_pages.verdict(desk.edition, first))
        pieces.append(_goal(desk, first).replace("</li>", f"<br><b>{verdict}</b>{more}</li>"))
    return f'<h2 id="muc-tieu">Mục tiêu</h2><ul class="muc-tieu">{"".join(pieces)}</ul>{_methods(desk, view)}'


def _goal(desk: Desk, goal: pd.Series) -> str:
    words = (
        "" if goal["comparator"] == "qualitative" else f": {desk.html(target_pages.target_cell(desk.edition, goal))}"
    )
    source = parts.esc(desk.edition.source_name(goal["source"].split(",")[0], dated=False))
    stated = parts.esc(goal["stated_vi"])
    year = f"Năm {goal['milestone']}{words}"
    if goal["id"] in desk.goal_pages:
        stated = f'<a href="../muc-tieu/{parts.esc(goal["id"])}.html">{stated}</a>'
    return f'<li id="{parts.esc(goal["id"])}"><b>{year}</b> “{stated}” <span class="nho">{source}</span></li>'


def _methods(desk: Desk, view: View) -> str:
    goal = finding.goal_of(desk, view.measure)
    return "" if goal is None else by_method(desk, goal)


def by_method(desk: Desk, goal: pd.Series) -> str:
    """Return the table of what each method says of a target, or why it does not apply; one sentence where all say the same of none."""
    if not goal["methods_total"]:
        return f"<p>{wording.capital(desk.html(target_pages.agreement(desk.edition, goal, desk.following)))}.</p>"
    rows = [
        [
            parts.esc(wording.capital(methods.METHODS[name])),
            desk.html(target_pages.method_cell(desk.edition, goal.to_dict(), name)),
        ]
        for name in desk.following.shown
    ]
    return parts.table(
        ["Phương pháp", f"Kết luận cho mục tiêu {goal['milestone']}"], rows, "Đánh giá theo từng phương pháp"
    )


def _surety(desk: Desk, view: View, rows: pd.DataFrame) -> str:
    strong, weak = finding.surety(desk, view, rows)
    boxes = "".join(
        f"<p><b>{word}:</b> {' '.join(desk.html(text) for text in texts)}</p>"
        for word, texts in (("Mạnh", strong), ("Yếu", weak))
        if texts
    )
    return f'<h2>Chắc đến đâu</h2><div class="khung">{boxes}</div>' if boxes else ""


def _table(desk: Desk, rows: pd.DataFrame) -> str:
    if rows.empty:
        return ""
    cells = []
    for _, row in rows[::-1].iterrows():
        figure = desk.edition.figures.of_row(row) if row["used"] else desk.edition.figures.as_printed(row)
        cells.append(
            [
                parts.esc(wording.period(row["period"])),
                parts.esc(desk.content.catalogue.dims_label(row["dims"])),
                desk.html(desk.edition.figures.write(figure)),
                parts.esc(wording.STATUS_WORDS[row["status"]]),
                parts.esc(wording.stamp(row["vintage"])),
                parts.esc(desk.edition.source_name(row["source"], dated=False)),
                parts.esc(_readable(row["locator"])) if desk.internal else "",
                "" if row["used"] else "không dùng" + (": đã rút" if row["withdrawn"] else ""),
            ]
        )
    heads = ["Kỳ", "Phân tổ", "Số liệu", "Tình trạng", "Công bố", "Nguồn", "Vị trí trong nguồn", "Dùng"]
    table = parts.table(heads, cells, "Mọi số liệu cả nước, mọi đợt công bố", right=(2,), labelled=(4, 6))
    if len(cells) > LONG:
        count = desk.plain(desk.edition.count(len(cells), "số dòng của bảng", tuple(rows["id"])))
        table = f"<details><summary>Mở bảng {count} dòng</summary>{table}</details>"
    return f'<h2 id="so-lieu">Số liệu</h2>{table}'


def _sources(desk: Desk, rows: pd.DataFrame) -> str:
    sources = desk.of_code("sources", "id")
    cited = rows["source"].str.split("; ").explode()
    found = [row for code in sorted(set(cited)) for row in sources[code].itertuples()]
    lines = "".join(
        f"<li>{parts.linked(row.title_vi, row.url)}. {parts.esc(row.publisher)}, {parts.esc(wording.stamp(row.date))}</li>"
        for row in found
    )
    if not lines:
        return ""
    return f'<h2>Nguồn</h2><ul class="nguon">{lines}</ul>'


def cite(desk: Desk, address: str, name: str) -> str:
    """Return how a page is cited, with its address, which stays."""
    text = f"{desk.content.catalogue.programme.title}: “{name}”, {address}, số liệu công bố đến ngày {wording.day(desk.content.known)}."
    return (
        f'<section id="trich-dan"><h2>Trích dẫn</h2><p class="nho">{parts.esc(text)}</p>'
        f'<p class="nho"><a href="{parts.esc(address.rsplit("/", 1)[-1])}">Địa chỉ cố định của trang này</a></p></section>'
    )
