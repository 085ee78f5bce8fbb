"""Who must do what by when: the tasks of the register, and the indicators that nobody has sent yet, by body.

An :class:`~nq57lab.documents.edition.Edition` in, its pieces out.
"""

import pandas as pd

from nq57lab.base import periods, wording
from nq57lab.documents import plain_numbers
from nq57lab.documents.edition import Edition, Piece
from nq57lab.reports import brief, lookup


def _bodies(edition: Edition, ids: str) -> str:
    return wording.join(edition.catalogue.names[part] for part in ids.split("; ")) if ids else ""


def tasks_finding(edition: Edition) -> Piece:
    """Return the sentence over the tasks: how many, how many have a day, how many fall due within the next quarter."""
    edition.figures.place = "nhiệm vụ giao"
    tasks = edition.catalogue.tasks
    dated = tasks[tasks["due"] != ""]
    ends = dated["due"].map(periods.end)
    soon = (ends <= (pd.Timestamp(edition.known) + pd.DateOffset(months=3)).date()).sum()
    whole, with_day, near = (
        edition.count(number, how, ("tasks.csv",))
        for number, how in (
            (len(tasks), "số nhiệm vụ giao"),
            (len(dated), "số nhiệm vụ có hạn"),
            (soon, "số nhiệm vụ đến hạn trong ba tháng tới"),
        )
    )
    return edition.piece(
        f"**{near} nhiệm vụ đến hạn trong ba tháng tới; {with_day}/{whole} nhiệm vụ có hạn cụ thể** (@tbl-nhiem-vu-giao). "
        "Nhiệm vụ không ghi hạn thì không theo dõi được việc chậm hay kịp."
    )


def tasks(edition: Edition) -> Piece:
    """Return the tasks that have a day, the earliest first: by when, who, what, with which product."""
    edition.figures.place = "bảng nhiệm vụ giao"
    listed = edition.catalogue.tasks
    listed = listed[listed["due"] != ""]
    listed = listed.assign(end=listed["due"].map(periods.end)).sort_values("end", kind="stable")
    rows = [
        [
            wording.capital(wording.period(row.due)),
            f"**{_bodies(edition, row.lead)}**" + (f"; cùng {_bodies(edition, row.with_)}" if row.with_ else ""),
            row.text,
            row.product or "–",
        ]
        for row in listed.rename(columns={"with": "with_"}).itertuples()
    ]
    note = "Nguồn: Dự thảo Báo cáo sơ kết, Phần 5. Xếp theo hạn; chữ đậm là cơ quan chủ trì."
    columns = "l11 Hạn | l29 Cơ quan | l33 Việc | l27 Sản phẩm"
    return edition.table(rows, "Nhiệm vụ có hạn, theo thứ tự thời gian", "tbl-nhiem-vu-giao", columns, note)


def responsibilities(edition: Edition) -> Piece:
    """Return who answers for each bottleneck, as the source document says it."""
    listed = edition.catalogue.responsibilities
    rows = [
        [f"**{topic}**", "; ".join(f"**{row.body}**: {row.duty}" for row in own.itertuples())]
        for topic, own in listed.groupby("topic", sort=False)
    ]
    columns = "l18 Điểm nghẽn | l82 Trách nhiệm thuộc về"
    return edition.table(
        rows,
        "Điểm nghẽn và cơ quan chịu trách nhiệm",
        "tbl-trach-nhiem",
        columns,
        "Nguồn: Dự thảo Báo cáo sơ kết, Phần 3.",
    )


def missing(edition: Edition) -> Piece:
    """Return the layer-A indicators without a figure, by the body that leads them, with the nearest figure that is not the same."""
    edition.figures.place = "bảng chỉ số chưa có số liệu"
    edition.place_names[edition.figures.place] = "bảng “Chỉ số lớp A chưa có số liệu”"
    start, rows = len(edition.figures.trace), []
    listed = brief.without_data(edition)
    for lead, own in listed.groupby("lead", sort=False):
        body = _bodies(edition, str(lead)) or "chưa giao cơ quan chủ trì"
        for place, row in enumerate(own.itertuples()):
            rows.append([f"**{body}**" if place == 0 else "", f"{row.code} {row.name_vi}", _nearest(edition, row.code)])
    note = (
        "Mỗi cơ quan gửi số liệu vào ngày 25 của tháng cuối kỳ báo cáo"
        f"{edition.catalogue.programme.rule('điểm h khoản 3 Điều 9')}."
    )
    columns = "l18 Cơ quan chủ trì | l40 Chỉ số | l42 Số gần nhất hiện có và lý do không dùng thay"
    return edition.table(
        rows, "Chỉ số lớp A chưa có số liệu, theo cơ quan chủ trì", "tbl-lop-a-chua-co", columns, note, since=start
    )


def _nearest(edition: Edition, code: str) -> str:
    for kind, _, name, figure, why in lookup.elsewhere(edition, code)[:1]:
        if kind == "same":
            continue
        why = why[:1].lower() + why[1:] if why[1:2].islower() else why
        written = f"{edition.figures.write(figure)}, {wording.period(figure.period)}"
        return f"{name}: {written}. Không dùng vì {plain_numbers.constants(why, 'số trong lời văn của danh mục')}"
    return "–"
