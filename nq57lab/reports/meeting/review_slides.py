"""The review before the steering committee: its brief, scorecard and alerts as 10 to 14 slides.

An edition, its followed targets and its brief in; pieces of the document out. The words are the brief's: nothing is said here that the
report does not say.
"""

from collections.abc import Sequence
from functools import partial

from nq57lab.alerts import pages as alert_pages
from nq57lab.base import wording
from nq57lab.documents import slides
from nq57lab.documents.edition import Edition, Piece
from nq57lab.documents.slides import Slide
from nq57lab.reports import review_charts_other, scorecard
from nq57lab.reports.brief import Ask, Brief, Finding
from nq57lab.targets.pages import Following

SHORTER = {"fig-tien": partial(review_charts_other.money, pillars=False)}  # charts too tall for a slide
BODIES = 3  # named in a cell; more are counted
WITH_LEAD = 5  # rows of a table that leave room for a sentence above it


def deck(edition: Edition, following: Following, told: Brief) -> Piece:
    """Return the slides of the review: cover, judgement, scorecard, findings, alerts, requests."""
    with slides.apart(edition):
        pages = [
            slides.cover(edition),
            Slide(
                "Đã đúng tiến độ chưa?", body=[f"**{told.judgement}**", told.basis], notes=[told.judgement, told.basis]
            ),
            _scorecard(edition, following),
            *(_finding(edition, finding) for finding in told.findings),
            *_alerts(edition, following),
            _asks(edition, told.asks),
        ]
        return slides.deck(edition, pages)


def _scorecard(edition: Edition, following: Following) -> Slide:
    start = len(edition.figures.trace)
    found = scorecard.rows(edition, following)
    have = [row for row in found if not row.missing][: slides.MOST_ROWS]
    waiting = [row.name for row in found if row.missing]
    # Of a cell with two statements a slide has room for one: the target with a number, the pace without its remark.
    rows = [
        [row.name, row.value, row.target.rpartition("; ")[2], row.pace.partition("; ")[0], row.verdict] for row in have
    ]
    whole, have_figure, judged = (
        edition.figures.write(edition.figures.named[name]) for name in ("m-tong", "m-co-so-lieu", "m-danh-gia")
    )
    columns = "l25 KPI vĩ mô | l13 Nay | l20 Mục tiêu 2030 | l25 Tốc độ | l17 Đánh giá"
    title = f"{have_figure}/{whole} KPI vĩ mô có số liệu, {judged} đánh giá được"
    caption = "KPI vĩ mô có số liệu: giá trị, mục tiêu năm 2030, tốc độ, đánh giá"
    notes = [f"Chưa có số liệu: {wording.join(waiting)}." if waiting else ""]
    return slides.tabled(edition, title, rows, columns, start, caption, notes=notes)


def _finding(edition: Edition, finding: Finding) -> Slide:
    if finding.table:
        start = edition.figures.at(f"bảng {finding.table}")
        frame, caption = edition.cells_of(finding.table), edition.table_spec(finding.table)["ten"]
        body = [slides.lead(finding.text)] if len(frame) <= WITH_LEAD else []
        rows, columns, notes = frame.head(slides.MOST_ROWS), edition.table_columns(finding.table), [finding.text]
        return slides.tabled(edition, finding.title, rows, columns, start, caption, body=body, notes=notes)
    if finding.chart:
        label = finding.chart
        if label in SHORTER:
            label = f"{label}-trang"
            edition.chart_of(SHORTER[finding.chart], label)
        return Slide(finding.title, "hinh", [finding.text], chart=label, notes=[finding.text])
    return Slide(finding.title, body=[finding.text], notes=[finding.text])


def _alerts(edition: Edition, following: Following) -> list[Slide]:
    start = len(edition.figures.trace)
    watched = alert_pages.watch(edition, following)
    chosen = watched.alerts[(watched.alerts["severity"] == "strategic") & (watched.alerts["state"] != "cleared")]
    if chosen.empty:
        return []
    frame = alert_pages.strategic(edition, chosen, watched.units)
    notes = [
        f"{row['Đối tượng']}: {row['Vì sao báo động']}. {row['Việc phải làm']}." for row in frame.to_dict("records")
    ]
    count = edition.count(len(chosen), "số cảnh báo cấp chiến lược", ("alert_rules.csv",))
    rows, caption = frame.iloc[: slides.MOST_ROWS, :2], "Cảnh báo cấp chiến lược và lý do"
    return [slides.tabled(edition, f"{count} cảnh báo cấp chiến lược", rows, "l34 | l66", start, caption, notes=notes)]


def _asks(edition: Edition, asks: Sequence[Ask]) -> Slide:
    start = edition.figures.at("đề nghị")
    rows = [
        [wording.capital(_bodies(edition, ask)), wording.capital(ask.work), wording.capital(ask.due) or "chưa ghi hạn"]
        for ask in asks[: slides.MOST_ROWS]
    ]
    columns, caption = "l30 Cơ quan | l50 Việc | l20 Hạn", "Việc đề nghị, cơ quan và hạn"
    notes = [f"{wording.join(ask.bodies)}: {ask.work}." for ask in asks]
    sources = [ask.source.partition(",")[0] for ask in asks]
    title = f"Đề nghị {edition.catalogue.programme.steering} yêu cầu"
    return slides.tabled(edition, title, rows, columns, start, caption, sources=sources, notes=notes)


def _bodies(edition: Edition, ask: Ask) -> str:
    if len(ask.bodies) <= BODIES:
        return wording.join(ask.bodies)
    rest = edition.count(len(ask.bodies) - 1, "số cơ quan khác được đề nghị", ("tasks.csv",))
    return f"{ask.bodies[0]} và {rest} cơ quan khác"
