"""The site's lists: reports, the catalogue with its sources, open data.

A :class:`~nq57lab.site.content.Content` in, the body of each page out.
"""

import re

from nq57lab.base import wording
from nq57lab.site import open_data, parts
from nq57lab.site.content import Content

LAYERS = {
    "A": "Lớp A",
    "B": "Lớp B",
    "C": "Lớp C",
    "M": "KPI vĩ mô",
    "O": "KPI tác nghiệp (Đề xuất Bộ Công cụ giám sát)",
    "S": "KPI chiến lược (Quy chế số 02-QC/BCĐTW)",
    "T": "KPI tác nghiệp (Quy chế số 02-QC/BCĐTW)",
}


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


def catalogue(content: Content) -> str:
    """Return the searchable catalogue."""
    present = set(content.values["subject"])
    rows, marks = [], []
    for row in content.subjects.itertuples():
        state = "có" if row.code in present else "chưa"
        formula = f"<code>{parts.esc(row.formula)}</code>" if row.formula else ""
        used = content.catalogue.formulas.get(row.code, row.formula)
        formula += f"<br>đề xuất, dùng để tính: <code>{parts.esc(used)}</code>" if used != row.formula else ""
        rows.append(
            [
                f'<code id="{parts.esc(row.code)}">{parts.esc(row.code)}</code>',
                parts.esc(row.name_vi),
                parts.esc(row.unit),
                formula,
                parts.esc(content.catalogue.agencies(row.lead) if row.lead else ""),
                state,
            ]
        )
        marks.append(
            f'data-chu="{parts.esc(wording.plain(row.code + " " + row.name_vi))}" data-linh-vuc="{parts.esc(row.layer)}" data-nam="" data-dia-ban="{state}"'
        )
    layers = [(text, LAYERS[text]) for text in dict.fromkeys(content.subjects["layer"]) if text]
    fields = (
        parts.search("danh-muc-tim", "Tìm (có dấu hoặc không dấu)")
        + parts.select("danh-muc-linh-vuc", "Lớp", layers)
        + parts.select("danh-muc-dia-ban", "Số liệu", [("có", "đã có"), ("chưa", "chưa có")])
    )
    return (
        "<h1>Danh mục chỉ số và dữ liệu thành phần</h1>"
        + parts.filter_form("danh-muc", fields)
        + parts.table(
            ["Mã", "Tên", "Đơn vị", "Công thức", "Chủ trì", "Số liệu"],
            rows,
            "Danh mục",
            labelled=(2, 3, 4, 5),
            attributes=marks,
            identity="danh-muc",
            fold=parts.FOLDED,
        )
        + _sources(content)
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
            f'<code id="{parts.esc(row.id)}">{parts.esc(row.id)}</code>',
            _linked(row.title_vi, row.url),
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
    return (
        '<h2 id="nguon">Nguồn</h2>'
        + parts.filter_form("nguon-so-lieu", parts.search("nguon-so-lieu-tim", "Tìm nguồn"))
        + parts.table(
            ["Mã", "Nguồn", "Cơ quan công bố", "Ngày"],
            rows,
            "Văn bản, tệp số liệu là nguồn",
            labelled=(2, 3),
            attributes=marks,
            identity="nguon-so-lieu",
            fold=parts.FOLDED,
        )
    )


def _linked(text: str, address: str) -> str:
    found = parts.esc(text)
    return f'<a href="{parts.esc(address)}">{found}</a>' if re.match(r"https?://", address) else found


def data(content: Content, counts: dict[str, int]) -> str:
    """Return the page of open data."""
    rows = [
        [
            parts.esc(text),
            wording.number(counts[key]),
            " · ".join(f'<a href="du-lieu/{key}.{kind}">{kind.upper()}</a>' for kind in ("csv", "parquet", "json")),
        ]
        for key, text in open_data.NAMES.items()
    ]
    return (
        "<h1>Dữ liệu mở</h1><p>Địa chỉ của từng tệp không đổi giữa các lần công bố. "
        'Mô tả các cột: <a href="du-lieu/datapackage.json">bảng mô tả</a>. Mỗi số liệu có nguồn, đợt công bố và mã dòng.</p>'
        + parts.table(["Bảng", "Số dòng", "Tải về"], rows, "Các bảng dữ liệu", right=(1,))
    )
