"""What a subject's page says first: its finding in a sentence, how sure it is, and for a subject without figures who owes them.

A desk and a view in; texts whose numbers the edition's writer wrote out.
"""

from dataclasses import replace

import pandas as pd

from nq57lab.base import periods, wording
from nq57lab.facts import crosswalk
from nq57lab.facts.figures import Figure
from nq57lab.reports import lookup
from nq57lab.site.desk import Desk
from nq57lab.site.subjects.view import View
from nq57lab.targets import pages as target_pages

DUE_RULE = "số liệu của một kỳ gửi trước ngày 25 của tháng cuối kỳ"
FREQUENCY = {
    "day": "hằng ngày",
    "month": "hằng tháng",
    "quarter": "hằng quý",
    "half_year": "6 tháng",
    "year": "hằng năm",
}


def newest(desk: Desk, view: View) -> Figure:
    """Return the newest figure of a subject's measure, as a report writes it."""
    return desk.figure(view.measure)


def goal_of(desk: Desk, measure: str) -> pd.Series | None:
    """Return the standing 2030 target of a measure where it is a number."""
    if measure not in desk.standing.index:
        return None
    goal = desk.standing.loc[measure]
    return None if goal["comparator"] == "qualitative" or pd.isna(goal["target"]) else goal


def change(desk: Desk, view: View, figure: Figure) -> str:
    """Write how the newest figure differs from the one before it in the same series: "tăng 0,85 điểm phần trăm so với năm 2024"; "" for none."""
    history = desk.histories.get(view.measure)
    if history is None or len(history) < 2 or history["id"].iloc[-1] not in figure.rows:
        return ""
    place = _before(history["period"].tolist())
    before = desk.edition.figures.of_row(desk.by_id.loc[history["id"].iloc[place]])
    since = wording.period(str(history["period"].iloc[place]))
    difference = figure.value - before.value
    if view.rank:
        word = wording.change_words(difference, "xuống", "lên", "không đổi")
        unit, size, decimals = "bậc", abs(difference), 0
    else:
        word = wording.change_words(difference)
        family = dict(zip(desk.content.catalogue.units["unit"], desk.content.catalogue.units["family"], strict=True))
        relative = family.get(view.unit, "") in ("count", "money_vnd", "money_usd") and before.value > 0
        unit = "%" if relative else "điểm phần trăm" if view.unit == "%" else view.unit
        size = abs(100 * difference / before.value) if relative else abs(difference)
        decimals = 1 if relative else max(wording.decimals_of(figure.number), wording.decimals_of(before.number))
    if difference == 0:
        return f"{word} so với {since}"
    rows = (history["id"].iloc[-1], history["id"].iloc[place])
    how = f"số mới nhất so với {since}"
    return f"{word} {desk.edition.computed(size, how, rows, unit=unit, decimals=decimals, mark=False)} so với {since}"


def _before(listed: list[str]) -> int:
    """Return the place of the period that the newest is set against: a year earlier for a part of a year, else the one before."""
    last = listed[-1]
    if 0 < periods.months(last) < 12 and (earlier := periods.year_earlier(last)) in listed:
        return listed.index(earlier)
    return len(listed) - 2


def towards(desk: Desk, view: View) -> str:
    """Write where the 2030 target stands: met, what a year it needs, or the target alone; "" where there is none with a number."""
    goal = goal_of(desk, view.measure)
    if goal is None:
        return ""
    words = target_pages.target_cell(desk.edition, goal)
    if goal["verdict"] == "target_achieved":
        return f"đã ở mức mục tiêu 2030 ({words})"
    found = target_pages.required_figure(desk.edition, goal, "required")
    if found.missing or goal["comparator"] in ("top_n", "growth_between"):
        return f"mục tiêu 2030: {words}"
    size = replace(found, number=found.number.lstrip("−"), value=abs(found.value))
    word = "thêm" if found.value > 0 else "giảm"
    return f"mục tiêu 2030 {words} cần {word} {desk.edition.figures.write(size, mark=False)} mỗi năm {since(goal)}"


def since(goal: pd.Series) -> str:
    """Write from when a target's need a year counts: the period of its figure ("từ năm 2025", "từ ngày 29/6/2026")."""
    return f"từ {wording.period(goal['period']).removeprefix('đến ')}"


def title(desk: Desk, view: View) -> str:
    """Write the finding: the newest figure, its change, the way to the target; without a figure, who owes it by when."""
    figure = newest(desk, view)
    if figure.missing:
        return f"{view.name}: {desk.edition.figures.no_data}{_owed_short(desk, view)}"
    shown = desk.edition.figures.write(figure, mark=False)
    status = f" ({wording.STATUS_WORDS[figure.status]})" if wording.STATUS_MARKS.get(figure.status) else ""
    head = f"{view.name}: {'hạng ' if view.rank else ''}{shown} {wording.period(figure.period)}{status}"
    first = ", ".join(filter(None, (head, change(desk, view, figure))))
    return "; ".join(filter(None, (first, towards(desk, view))))


def _owed_short(desk: Desk, view: View) -> str:
    rows = desk.owed_of.get(view.code)
    if rows is None:
        return ""
    row = rows.iloc[0]
    names = wording.join(desk.content.catalogue.names[agency] for agency in dict.fromkeys(rows["agency"]))
    word = "đã quá hạn gửi" if row["state"] == "late" else "đến hạn gửi"
    return f"; {names} {word} kỳ {wording.period(row['period'])}"


def owed(desk: Desk, code: str) -> list[str]:
    """Write who should send a subject's figure, of which period, by when; in the words of the catalogue where no agency is named."""
    c = desk.content.catalogue
    rows = desk.owed_of.get(code)
    told = []
    for row in rows.itertuples() if rows is not None else ():
        late = (desk.content.known - row.due).days
        days = desk.edition.count(late, "số ngày quá hạn", ("indicators.csv",)) if late > 0 else ""
        state = {
            "late": f"quá hạn {days} ngày",
            "open": "chưa đến hạn",
            "sent": "đã gửi",
            "sent_late": "đã gửi, sau hạn",
        }[row.state]
        told.append(
            f"**{c.names[row.agency]}** gửi số liệu {wording.period(row.period)}, hạn ngày {wording.day(row.due)}: {state}."
        )
    return told


def surety(desk: Desk, view: View, rows: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return what speaks for the figures of a subject and what against them, a sentence each."""
    used = rows[rows["used"] & (rows["dims"] == "")]
    if used.empty:
        return [], []
    last, c = used.iloc[-1], desk.content.catalogue
    strong: list[str] = []
    weak: list[str] = []
    name = desk.edition.source_name(last["source"])
    ids = tuple(used["id"])
    (strong if last["status"] in ("official", "verified") else weak).append(
        f"Số mới nhất là số {wording.STATUS_WORDS[last['status']]} ({name})."
    )
    count = len(view.line)
    several = desk.edition.count(count, "số kỳ ghép được thành một chuỗi", ids)
    if count >= 5:
        strong.append(f"{several} kỳ cùng một định nghĩa, ghép được thành một chuỗi.")
    else:
        weak.append(f"Mới có {several} kỳ cùng định nghĩa: chưa đủ để nói về xu thế." if count else "Chưa có chuỗi.")
    if view.apart:
        apart = desk.edition.count(len(view.apart), "số khác kỳ hoặc khác định nghĩa", ids)
        weak.append(f"{apart} số khác độ dài kỳ hoặc khác định nghĩa, vẽ rời, không nối vào chuỗi.")
    if view.other:
        other = desk.edition.count(len(view.other), "số của đợt công bố khác", ids)
        weak.append(f"{other} số của đợt công bố khác cho cùng kỳ; bảng dưới ghi đợt nào được dùng.")
    if view.measure in desk.of_code("breaks", "subject"):
        broken = lookup.break_rows(desk.edition, view.measure)
        weak += [desk.named(f"{wording.capital(row.kind)} ({row.where}): {row.note}") for row in broken.itertuples()]
    if view.measure in desk.alerts_of and "data_old" in set(desk.alerts_of[view.measure]["check"]):
        weak.append(f"Kỳ mới nhất là {wording.period(last['period'])}: đã cũ so với tần suất của chỉ số.")
    told = desk.unlike(view.code)
    apart_rows = told[told["kind"] == "different"]
    weak += [
        f"Không lẫn với “{crosswalk.named(c, row.code)}”: {desk.named(row.reason)}"
        for row in apart_rows.head(3).itertuples()
    ]
    return strong, weak
