"""The front page: the judgement, the scorecard, strategic alerts, what falls due, what is new, the map.

A desk in, the body out.
"""

import pandas as pd

from nq57lab.base import periods, wording
from nq57lab.reports import brief
from nq57lab.site import empty, parts, watch
from nq57lab.site.dashboards import maps, reference, scorecard
from nq57lab.site.desk import Desk
from nq57lab.site.explorers import shared

SOON, NEW = 5, 6


def front(desk: Desk) -> str:
    """Return the front page."""
    title = f"Theo dõi thực hiện {parts.esc(desk.content.catalogue.programme.name)}"
    if not desk.internal:
        return f"<h1>{title}</h1>{empty.section(desk) or _scorecard(desk)}{_news(desk)}{_map(desk)}"
    told = _brief(desk)
    if told is None:  # a catalogue of one's own, without the review's texts
        said, basis, findings, asks = title, "", "", ""
    else:
        said, basis = desk.html(told.judgement).removesuffix("."), desk.html(told.basis)
        findings = _listed("Điều thấy được", [desk.html(found.text) for found in told.findings])
        asks = _listed(
            f"Đề nghị {desk.content.catalogue.programme.steering} yêu cầu", [_ask(desk, ask) for ask in told.asks]
        )
    return (
        f'<h1 class="nhan-dinh">{said}</h1><p class="dan">{basis} <a href="phuong-phap.html">Cách đánh giá</a></p>'
        f'<div class="trang-chi-so"><div class="chinh">{_scorecard(desk)}{findings}{asks}{_map(desk)}</div>'
        '<aside aria-label="Cảnh báo, việc sắp đến hạn, tin mới">'
        f"<section><h2>Cảnh báo cấp chiến lược</h2>{watch.alert_list(desk, watch.strategic(desk))}"
        f'<p class="nho">Tất cả: <a href="quoc-gia.html#canh-bao">{watch.counts(desk)}</a></p></section>'
        f"<section><h2>Việc quá hạn, sắp đến hạn</h2>{_due(desk)}</section>{_news(desk)}</aside></div>{_explorers()}"
    )


def _brief(desk: Desk) -> brief.Brief | None:
    """Return the reports' brief; None where the project has no texts for it or none of the targets that they name."""
    texts = desk.edition.template_folder / "tom-tat.yml"
    if not texts.exists() or "T2030.digital_economy.S002" not in set(desk.following.near.progress["id"]):
        return None
    brief.count(desk.edition, desk.following)
    return brief.brief(desk.edition, desk.following)


def _listed(title: str, lines: list[str]) -> str:
    inner = "".join(f"<li>{line}</li>" for line in lines)
    return f'<section><h2>{title}</h2><ul class="dieu">{inner}</ul></section>' if lines else ""


def _ask(desk: Desk, ask: brief.Ask) -> str:
    due = f" ({parts.esc(ask.due)})" if ask.due else ""
    return f"<b>{parts.esc(wording.capital(wording.join(ask.bodies)))}</b>: {desk.html(ask.work)}{due}."


def _scorecard(desk: Desk) -> str:
    return f"<section><h2>Bảng điểm</h2>{scorecard.table(desk)}</section>"


def _due(desk: Desk) -> str:
    late = watch.overdue(desk)
    soon = desk.tasks[desk.tasks["late"] <= 0].head(SOON)
    count = desk.html(desk.edition.count(len(late), "số nhiệm vụ quá hạn", ("tasks.csv",)))
    head = (
        f'<p><strong class="qua-han">{count} nhiệm vụ quá hạn</strong> <a href="quoc-gia.html#qua-han">xem</a></p>'
        if len(late)
        else ""
    )
    return head + watch.task_list(desk, soon) or "<p>Không có nhiệm vụ nào quá hạn, sắp đến hạn.</p>"


def _explorers() -> str:
    return f"<section><h2>Khám phá</h2><ul>{shared.links()}</ul></section>"


def _news(desk: Desk) -> str:
    """Return what is new: reports, and the figures that were published last."""
    reports = "".join(reference.report_line(entry) for entry in desk.content.reports[:NEW])
    rows = desk.content.values
    begun = rows["period"].map({text: periods.bounds(text)[0] <= desk.content.known for text in set(rows["period"])})
    rows = rows[begun & rows["subject"].isin({*desk.content.indicators, *desk.content.catalogue.targets["indicator"]})]
    rows = rows[(rows["area"] == "VN") & (rows["how"] == "") & (rows["dims"] == "")].assign(
        day=lambda found: pd.to_datetime(found["vintage"].str[:10], errors="coerce", format="mixed")
    )
    last = rows.sort_values(["day", "end"], kind="stable").drop_duplicates("subject", keep="last").tail(NEW)[::-1]
    lines = "".join(
        f"<li>{desk.link(row['subject'])}: {desk.value(row)} "
        f'<span class="nho">{parts.esc(wording.period(row["period"]))}, công bố {parts.esc(wording.stamp(row["vintage"]))}</span></li>'
        for _, row in last.iterrows()
    )
    figures = f'<h3>Số liệu công bố gần nhất</h3><ul class="gon">{lines}</ul>' if lines else ""
    more = ' · <a href="feed.xml">Nguồn tin</a>'
    return (
        f'<section><h2>Mới</h2><ul class="gon">{reports or "<li>Chưa có báo cáo.</li>"}</ul>'
        f'<p class="nho"><a href="bao-cao.html">Mọi báo cáo</a>{more}</p>{figures}</section>'
    )


def _map(desk: Desk) -> str:
    found = [one for one in desk.once("maps", lambda: maps.every(desk)) if one.telling]
    if not found:
        return ""
    return f'<section><h2>Bản đồ</h2>{found[0].html}<p><a href="tinh.html">Bản đồ khác, số liệu từng tỉnh</a></p></section>'
