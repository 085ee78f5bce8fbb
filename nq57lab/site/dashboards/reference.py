"""The site's lists: reports, the catalogue with its sources, open data.

A :class:`~nq57lab.site.content.Content` in, the body of each page out.
"""

from nq57lab.base import wording
from nq57lab.site import empty, open_data, parts
from nq57lab.site.content import Content
from nq57lab.site.desk import Desk
from nq57lab.site.subjects.page import LAYERS
from nq57lab.targets import evaluate as methods


def report_line(entry: dict) -> str:
    """Return a report's line: its title leads to its page, its other files follow."""
    marks = [
        text
        for text, yes in (("dự thảo", entry["draft"]), ("dữ liệu minh họa", entry["illustrative"]))
        if yes and f"({text})" not in entry["title"]
    ]
    mark = f" <em>({', '.join(marks)})</em>" if marks else ""
    title, links = f"<strong>{parts.esc(entry['title'])}</strong>", list(entry["links"])
    if links and links[0][1] == "HTML":
        title = f'<a href="bao-cao/{parts.esc(links.pop(0)[0])}">{title}</a>'
    files = " · ".join(f'<a href="bao-cao/{parts.esc(path)}">{parts.esc(text)}</a>' for path, text in links)
    return f"<li>{title}{mark}, số liệu đến {wording.stamp(entry['known'])}{': ' if files else ''}{files}</li>"


def reports(content: Content) -> str:
    """Return the list of reports."""
    lines = "".join(report_line(entry) for entry in content.reports)
    return (
        f"<h1>Báo cáo</h1><ul>{lines}</ul>" if lines else "<h1>Báo cáo</h1><p>Chưa có báo cáo được phép hiển thị.</p>"
    )


def catalogue(desk: Desk) -> str:
    """Return the searchable list of indicators and of what they are made of."""
    content, c = desk.content, desk.content.catalogue
    newest = desk.newest[(desk.newest["area"] == "VN") & (desk.newest["dims"] == "")].drop_duplicates(
        "subject", keep="last"
    )
    newest = newest.set_index("subject", drop=False)
    rows, marks = [], []
    for row in content.subjects[content.subjects["code"].isin(desk.pages)].itertuples():
        state = "có" if row.code in newest.index else "chưa"
        figure = newest.loc[row.code] if row.code in newest.index else None
        rows.append(
            [
                f'<span class="ma">{parts.esc(row.code)}</span>' if row.layer else "",
                f'<span id="{parts.esc(row.code)}">{desk.link(row.code, parts.esc(row.name_vi))}</span>',
                desk.value(figure) if figure is not None else '<span class="nho">chưa có</span>',
                parts.esc(wording.period(figure["period"])) if figure is not None else "",
                parts.esc(c.agencies(row.lead) if row.lead else ""),
            ]
        )
        marks.append(
            f'data-chu="{parts.esc(wording.plain(row.code + " " + row.name_vi))}" data-linh-vuc="{parts.esc(row.layer)}" data-nam="" data-dia-ban="{state}"'
        )
    if not rows:
        return "<h1>Chỉ số</h1>" + empty.nothing(desk, "chỉ số")
    layers = [(text, LAYERS[text]) for text in dict.fromkeys(content.subjects["layer"]) if text]
    fields = (
        parts.search("danh-muc-tim", "Tìm (có dấu hoặc không dấu)")
        + parts.select("danh-muc-linh-vuc", "Loại", layers)
        + parts.select("danh-muc-dia-ban", "Số liệu cả nước", [("có", "đã có"), ("chưa", "chưa có")])
    )
    return (
        "<h1>Chỉ số, mục tiêu, dữ liệu thành phần</h1>"
        + parts.table(
            ["Mã", "Tên", "Số mới nhất", "Kỳ", "Chủ trì"],
            rows,
            "Chỉ số, KPI, dữ liệu thành phần",
            right=(2,),
            labelled=(4,),
            attributes=marks,
            identity="danh-muc",
            fields=fields,
            fold=parts.FOLDED,
        )
        + _goals(desk)
        + _sources(content)
    )


def _goals(desk: Desk) -> str:
    """Return the table of targets, each leading to its page."""
    c, rows, marks = desk.content.catalogue, [], []
    for identity, goal in desk.goal_pages.items():
        name, stated = c.short[goal["indicator"]], goal["stated_vi"]
        verdict = methods.word(methods.standing_method(goal["verdict_rule"]), goal["verdict"])
        rows.append(
            [
                f'<a href="muc-tieu/{parts.esc(identity)}.html">{parts.esc(stated)}</a><br><span class="nho">{parts.esc(name)}</span>',
                f"năm {goal['milestone']}",
                f"{methods.SYMBOLS[goal['verdict']]} {parts.esc(verdict)}",
                parts.esc(desk.edition.source_name(goal["source"].split(",")[0], dated=False)),
            ]
        )
        marks.append(
            f'data-chu="{parts.esc(wording.plain(f"{stated} {name}"))}" data-linh-vuc="" data-nam="{goal["milestone"]}" data-dia-ban="{goal["verdict"]}"'
        )
    if not rows:
        return ""
    words = {goal["verdict"]: row[2] for goal, row in zip(desk.goal_pages.values(), rows, strict=True)}
    years = sorted({goal["milestone"] for goal in desk.goal_pages.values()})
    fields = (
        parts.search("cac-muc-tieu-tim", "Tìm mục tiêu")
        + parts.select("cac-muc-tieu-nam", "Mốc", [(year, f"năm {year}") for year in years])
        + parts.select("cac-muc-tieu-dia-ban", "Đánh giá", list(words.items()))
    )
    return '<h2 id="muc-tieu">Mục tiêu</h2>' + parts.table(
        ["Mục tiêu", "Mốc", "Đánh giá", "Văn bản"],
        rows,
        "Mục tiêu theo từng văn bản nêu",
        labelled=(3,),
        attributes=marks,
        identity="cac-muc-tieu",
        fields=fields,
        fold=parts.FOLDED // 2,
    )


def _sources(content: Content) -> str:
    """Return the table of sources; the public sees those of the rows that it may read."""
    sources = content.catalogue.sources
    if content.audience == "cong-khai":
        sources = sources[sources["id"].isin(set(content.rows["source"]))]
    else:
        used = set(content.every["source"]) | set(sources["id"][sources["id"].str.match(r"S\d")])
        sources = sources[sources["id"].isin(used)]
    rows = [
        [
            f'<span id="{parts.esc(row.id)}">{parts.linked(row.title_vi, row.url)}</span>',
            parts.esc(row.publisher),
            parts.esc(wording.stamp(row.date)),
        ]
        for row in sources.itertuples()
    ]
    if not rows:
        return ""
    marks = [
        f'data-chu="{parts.esc(wording.plain(" ".join((row.id, row.title_vi, row.publisher))))}"'
        for row in sources.itertuples()
    ]
    return '<h2 id="nguon">Nguồn</h2>' + parts.table(
        ["Nguồn", "Cơ quan công bố", "Ngày"],
        rows,
        "Văn bản, tệp số liệu là nguồn",
        labelled=(1, 2),
        attributes=marks,
        identity="nguon-so-lieu",
        fields=parts.search("nguon-so-lieu-tim", "Tìm nguồn"),
        fold=parts.FOLDED,
    )


def data(content: Content, counts: dict[str, int]) -> str:
    """Return the page of open data."""
    rows = [
        [
            parts.esc(text),
            wording.number(counts[key]) if counts[key] else "chưa có",
            " · ".join(f'<a href="du-lieu/{key}.{kind}">{kind.upper()}</a>' for kind in ("csv", "parquet", "json")),
        ]
        for key, text in open_data.NAMES.items()
    ]
    return (
        f"<h1>{'Dữ liệu mở' if content.audience == 'cong-khai' else 'Dữ liệu để tải về (nội bộ)'}</h1><p>Địa chỉ của từng tệp không đổi giữa các lần công bố. "
        'Mỗi số liệu có nguồn, đợt công bố và mã dòng; <a href="du-lieu/datapackage.json">mô tả các cột</a> theo chuẩn gói dữ liệu mở. '
        "Số liệu của từng chỉ số tải ở trang của chỉ số ấy.</p>"
        + parts.table(["Bảng", "Số dòng", "Tải về"], rows, "Các bảng dữ liệu", right=(1,))
    )
