"""The scorecard of the macro KPIs on the site: the rows of the reports' scorecard, each leading to its KPI's page.

A desk in, HTML out.
"""

from nq57lab.base import wording
from nq57lab.reports import scorecard
from nq57lab.site import parts
from nq57lab.site.desk import Desk

HEADS = ["KPI vĩ mô", "Diễn biến", "Nay", "Tới mục tiêu năm 2030", "Tốc độ", "Đánh giá"]


def table(desk: Desk) -> str:
    """Return the scorecard: the KPIs with a figure; those without, named below with a link to who should send what."""
    found = scorecard.rows(desk.edition, desk.following)
    cells = [
        [
            desk.link(row.code, f"<b>{parts.esc(row.name)}</b>"),
            parts.picture(row.line, row.way),
            f'<b class="lon">{desk.html(row.value)}</b><br><span class="nho">{parts.esc(row.period)}</span>',
            f'{parts.picture(row.bar)}<span class="nho">{desk.html(row.target)}</span>',
            f'<span class="nho">{desk.html(row.pace)}</span>',
            f'<span class="dg">{parts.esc(row.verdict)}</span>',
        ]
        for row in found
        if not row.missing
    ]
    shown = parts.table(HEADS, cells, "Bảng điểm các KPI vĩ mô", right=(2,), labelled=(3, 4), classes="bang-diem")
    without = [desk.link(row.code, parts.esc(row.name)) for row in found if row.missing]
    if not without:
        return shown
    count = desk.html(desk.edition.count(len(without), "số KPI vĩ mô chưa có số liệu", ("indicators.csv",)))
    return f'{shown}<p class="nho">Còn {count} KPI chưa có số liệu (ai phải gửi, khi nào): {wording.join(without)}.</p>'
