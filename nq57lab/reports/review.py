"""The periodic review's own tables: layer-A indicators, macro KPIs, targets.

An :class:`~nq57lab.documents.edition.Edition` in, its pieces out. Tables of plain figures are templates (``bang.yml``);
here are those whose rows come from the catalogue.
"""

import pandas as pd

from nq57lab.base import periods, wording
from nq57lab.documents.edition import Edition, Piece
from nq57lab.facts import figures
from nq57lab.reports import lookup
from nq57lab.targets import pages
from nq57lab.targets import tracking as of_targets


def newest(edition: Edition, code: str, area: str = "VN") -> figures.Figure:
    """Return an indicator's newest value: computed from its parts where they exist, else as reported."""
    return edition.known_tables.derived(f"newest {code} {area}", lambda: _newest(edition, code, area))


def _newest(edition: Edition, code: str, area: str) -> figures.Figure:
    rows = edition.values[(edition.values["subject"] == code) & (edition.values["area"] == area)]
    plain = rows["period"].str.len() <= 10
    rows = rows[plain] if plain.any() else rows  # what adds up since a day only where no period has a figure
    if rows.empty:
        return edition.figures.get(code, area=area)
    last = rows.assign(end=rows["period"].map(periods.end)).sort_values("end", kind="stable").iloc[-1]
    return edition.figures.get(code, area=area, period=last["period"])


def layer_a(edition: Edition) -> Piece:
    """Return the layer-A indicators that have a figure: value, period, status, and how it fits the definition."""
    edition.figures.place = "bảng chỉ số lớp A"
    start, rows = len(edition.figures.trace), []
    for indicator in edition.catalogue.indicators.query("layer == 'A'").itertuples():
        figure, match = newest(edition, indicator.code), "cùng định nghĩa"
        same = [found for found in lookup.elsewhere(edition, indicator.code)[:1] if found[0] == "same"]
        if figure.missing and same:
            _, code, name, figure, _ = same[0]
            match = f"cùng định nghĩa; số của {code} {name}"
        elif figure.formula:
            match = "tính theo công thức của bộ chỉ số"
        if figure.missing:
            continue
        shown, status = edition.figures.write(figure), wording.STATUS_WORDS.get(figure.status, "–")
        rows.append([indicator.code, indicator.name_vi, shown, wording.period(figure.period), status, match])
    heads = ["Mã", "Chỉ số", "Số liệu", "Kỳ", "Tình trạng", "Cách xác định"]
    return edition.table(
        pd.DataFrame(rows, columns=heads),
        "Chỉ số lớp A đã có số liệu",
        "tbl-lop-a",
        "llrlll",
        [9, 37, 12, 13, 12, 17],
        wide=True,
        since=start,
    )


def targets_table(edition: Edition, assessed: bool) -> Piece:
    """Return the 2030 targets that can be assessed, or (False) all others with the reason."""
    edition.figures.place = "bảng mục tiêu 2030"
    start = len(edition.figures.trace)
    goals = of_targets.one_a_quantity(pages.tracked(edition).progress)
    can, numeric = goals["verdict"] != "not_available", goals["comparator"] != "qualitative"
    rows = []
    if assessed:
        for _, progress in goals[can].iterrows():
            figure = edition.figures.get(progress["measure"], period=progress["period"])
            rows.append(
                [
                    edition.catalogue.short[progress["indicator"]],
                    f"{edition.figures.write(figure)} ({wording.period(progress['period'])})",
                    pages.target_cell(edition, progress),
                    pages.gap(edition, progress),
                    pages.pace_words(edition, progress),
                    pages.verdict(edition, progress),
                ]
            )
        return edition.table(
            pd.DataFrame(
                rows, columns=["Mục tiêu về", "Nay", "Mục tiêu", "Khoảng cách", "Tốc độ", "Đánh giá tạm thời"]
            ),
            "Mục tiêu đến năm 2030 đánh giá được",
            "tbl-muc-tieu",
            "llllll",
            [24, 16, 14, 10, 18, 18],
            pages.PACE_NOTE,
            wide=True,
            since=start,
        )
    for _, progress in goals[~can & numeric].iterrows():
        name = edition.catalogue.short[progress["indicator"]]
        last = newest(edition, progress["measure"])
        shown = "–" if last.missing else f"{edition.figures.write(last)} ({wording.period(last.period)})"
        why = edition.because(pages.brief(progress["reason"]))
        rows.append([name, pages.target_cell(edition, progress), shown, why])
    rest = edition.count((~numeric).sum(), "số mục tiêu định tính đến năm 2030", ("targets.csv",))
    note = f"Ngoài ra có {rest} mục tiêu định tính."
    frame = pd.DataFrame(rows, columns=["Mục tiêu về", "Mục tiêu", "Số liệu mới nhất", "Vì sao chưa đánh giá"])
    return edition.table(
        frame,
        "Mục tiêu bằng số đến năm 2030 chưa đánh giá được",
        "tbl-chua-danh-gia",
        "llll",
        [43, 20, 15, 22],
        note,
        wide=True,
    )
