"""The review before the steering committee: its brief, scorecard and alerts as 10 to 14 slides.

An edition, its followed targets and its brief in; pieces of the document out. The words are the brief's: nothing is said here that the
report does not say.
"""

from collections.abc import Sequence
from functools import partial

import pandas as pd

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
    return slides.tabled(
        edition,
        f"{have_figure}/{whole} KPI vĩ mô có số liệu, {judged} đánh giá được",
        pd.DataFrame(rows, columns=["KPI vĩ mô", "Nay", "Mục tiêu 2030", "Tốc độ", "Đánh giá"]),
        start,
        align="lllll",
        widths=(25, 13, 20, 25, 17),
        caption="KPI vĩ mô có số liệu: giá trị, mục tiêu năm 2030, tốc độ, đánh giá",
        notes=[f"Chưa có số liệu: {wording.join(waiting)}." if waiting else ""],
    )


def _finding(edition: Edition, finding: Finding) -> Slide:
    if finding.table:
        start = len(edition.figures.trace)
        edition.figures.place = f"bảng {finding.table}"
        frame, spec = edition.cells_of(finding.table), edition.table_spec(finding.table)
        return slides.tabled(
            edition,
            finding.title,
            frame.head(slides.MOST_ROWS),
            start,
            body=[slides.lead(finding.text)] if len(frame) <= WITH_LEAD else [],
            align=spec["can"],
            widths=spec["rong"],
            caption=spec["ten"],
            notes=[finding.text],
        )
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
    return [
        slides.tabled(
            edition,
            f"{edition.count(len(chosen), 'số cảnh báo cấp chiến lược', ('alert_rules.csv',))} cảnh báo cấp chiến lược",
            frame[["Đối tượng", "Vì sao báo động"]].head(slides.MOST_ROWS),
            start,
            align="ll",
            widths=(34, 66),
            caption="Cảnh báo cấp chiến lược và lý do",
            notes=notes,
        )
    ]


def _asks(edition: Edition, asks: Sequence[Ask]) -> Slide:
    start = len(edition.figures.trace)
    edition.figures.place = "đề nghị"
    rows = [
        [wording.capital(_bodies(edition, ask)), wording.capital(ask.work), wording.capital(ask.due) or "chưa ghi hạn"]
        for ask in asks[: slides.MOST_ROWS]
    ]
    return slides.tabled(
        edition,
        f"Đề nghị {edition.catalogue.programme.steering} yêu cầu",
        pd.DataFrame(rows, columns=["Cơ quan", "Việc", "Hạn"]),
        start,
        align="lll",
        widths=(30, 50, 20),
        caption="Việc đề nghị, cơ quan và hạn",
        sources=[ask.source.partition(",")[0] for ask in asks],
        notes=[f"{wording.join(ask.bodies)}: {ask.work}." for ask in asks],
    )


def _bodies(edition: Edition, ask: Ask) -> str:
    if len(ask.bodies) <= BODIES:
        return wording.join(ask.bodies)
    rest = edition.count(len(ask.bodies) - 1, "số cơ quan khác được đề nghị", ("tasks.csv",))
    return f"{ask.bodies[0]} và {rest} cơ quan khác"
