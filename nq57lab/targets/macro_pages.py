"""Pages of the macro KPIs' pace: where each target stands, the change a year since the base and from now on, and the year of arrival.

An edition and its followed targets in; pieces of the document out.
"""

import math
from datetime import date

from nq57lab.base import periods, wording
from nq57lab.documents.edition import Edition, Piece
from nq57lab.targets import pages
from nq57lab.targets import tracking as of_targets
from nq57lab.targets.pages import Following, assessable


def finding(edition: Edition, following: Following) -> Piece:
    """Return the sentence on the twelve KPIs: how many have a figure to set against a 2030 target, how many are there."""
    edition.figures.place = "KPI vĩ mô"
    rows = assessable(following)
    year = following.near.progress["milestone"].iloc[0]
    met = rows[rows["verdict"] == "target_achieved"]
    judged = rows[rows["verdict"] != "not_available"]
    base = edition.catalogue.programme.base_year
    before = (rows["period"].map(periods.end) < date(base, 1, 1)).sum()  # none of these has moved since the base
    stopped = f"Số liệu của nhiều KPI dừng trước năm gốc {base} nên chưa tính được tốc độ." if before > 1 else ""
    return edition.piece(
        f"**{edition.count(len(rows), f'số mục tiêu đến năm {year} có số liệu', ('targets.csv',))} mục tiêu bằng số đến năm {year} có số liệu cùng định nghĩa; "
        f"{edition.count(len(judged), 'số mục tiêu đánh giá được', ('targets.csv',))} mục tiêu đánh giá được tiến độ, trong đó {edition.count(len(met), 'số mục tiêu đã đạt', ('targets.csv',))} mục tiêu đã ở mức phải đạt.** "
        f"{stopped}{_stage(edition)}"
    )


def _stage(edition: Edition) -> str:
    """Say in which stage of the roadmap the edition's day lies."""
    stage = of_targets.stage_on(edition.catalogue, edition.known)
    if not stage:
        return ""
    row = edition.catalogue.stages.set_index("id").loc[stage]
    return f" Ngày {wording.day(edition.known)} thuộc giai đoạn {wording.span(row['start'], row['end'])} của lộ trình (“{row['name_vi']}”)."


def pace_finding(edition: Edition, following: Following) -> Piece:
    """Return the sentence on the series that must speed up most."""
    edition.figures.place = "tốc độ"
    rows = assessable(following)
    rows = rows[(rows["verdict"] != "target_achieved") & rows["pace"].notna() & (rows["pace"] != 0)]
    times = (rows["required"] / rows["pace"]).where(rows["pace"] * rows["required"] > 0).dropna()
    if times.empty:
        return Piece("**Chưa có chuỗi nào đủ hai kỳ cùng định nghĩa để so tốc độ với mức phải đạt.**")
    row = rows.loc[times.idxmax()]
    name = edition.catalogue.short[row["indicator"]]
    times = edition.figures.write(pages.multiple(edition, row))
    text = f"**{name} phải thay đổi nhanh gấp {times} tốc độ từ năm gốc mới kịp mốc.**"
    year = pages.arrival(edition, row)
    if not year.missing:
        text += f" Giữ tốc độ hiện nay, mục tiêu đạt vào khoảng năm {edition.figures.write(year)}."
    return edition.piece(text)


def pace_table(edition: Edition, following: Following) -> Piece:
    """Return value, base, trajectory, pace, required change and year of arrival of every target with a figure."""
    start, rows = edition.figures.at("bảng tốc độ"), []
    for row in assessable(following).to_dict("records"):
        unit = "điểm phần trăm" if row["unit"] == "%" else row["unit"]
        inputs = tuple(filter(None, (row["row"], row["baseline_row"], "targets.csv")))

        def cell(value: float, formula: str, decimals: int = 2, unit: str = unit, inputs=inputs) -> str:
            return edition.computed(value, formula, inputs, unit=unit, decimals=decimals, bare=True)

        met = row["verdict"] == "target_achieved"
        due = cell(row["stage_value"], "gốc + (mục tiêu − gốc) × phần thời gian đến cuối giai đoạn")
        now = cell(row["trajectory"], "gốc + (mục tiêu − gốc) × phần thời gian đã qua")
        when = f"đã đạt, từ {wording.period(row['met_since'])}" if met else ""
        year = "–" if math.isnan(row["arrival_year"]) else edition.figures.write(pages.arrival(edition, row))
        rows.append(
            [
                edition.catalogue.short[row["indicator"]] + f" ({row['unit']})",
                f"{wording.period(row['baseline_period'])}" if row["baseline_period"] else "–",
                now if due == "–" else f"{now}; {due}",
                cell(row["pace"], "(giá trị − gốc) ÷ số năm"),
                pages.required(edition, row),
                when or year,
                edition.because(pages.brief(row["required_change_reason"])) or "–",
            ]
        )
    columns = f"l27 Mục tiêu về (đơn vị) | l8 Kỳ gốc | l12 Quỹ đạo: kỳ này; cuối giai đoạn | r10 Đã thay đổi mỗi năm | l13 {pages.REQUIRED} | l9 Năm tới đích | l21 Ghi chú"
    note = f"Quỹ đạo là đường thẳng từ số gốc đến mục tiêu. Số gốc: kỳ mới nhất đến hết năm {edition.catalogue.programme.base_year}, nếu không có thì kỳ đầu tiên sau đó. Cuối giai đoạn: năm cuối của giai đoạn lộ trình chứa ngày báo cáo. Không ghép hai đợt công bố hoặc hai định nghĩa."
    caption = f"Tốc độ đã đi và tốc độ phải đi đến năm {following.milestone}"
    return edition.table(rows, caption, "tbl-toc-do", columns, note, since=start)
