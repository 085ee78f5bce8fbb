"""The periodic review's own tables: layer-A indicators, macro KPIs, targets.

An :class:`~nq57lab.documents.edition.Edition` in, its pieces out. Tables of plain figures are templates (``bang.yml``);
here are those whose rows come from the catalogue.
"""

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
    start, rows = edition.figures.at("bảng chỉ số lớp A"), []
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
    columns = "l9 Mã | l37 Chỉ số | r12 Số liệu | l13 Kỳ | l12 Tình trạng | l17 Cách xác định"
    return edition.table(rows, "Chỉ số lớp A đã có số liệu", "tbl-lop-a", columns, since=start)


def targets_table(edition: Edition, assessed: bool) -> Piece:
    """Return the 2030 targets that can be assessed, or (False) all others with the reason."""
    start = edition.figures.at("bảng mục tiêu 2030")
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
        columns = "l24 Mục tiêu về | l16 Nay | l14 Mục tiêu | l10 Khoảng cách | l18 Tốc độ | l18 Đánh giá tạm thời"
        return edition.table(
            rows, "Mục tiêu đến năm 2030 đánh giá được", "tbl-muc-tieu", columns, pages.PACE_NOTE, since=start
        )
    for _, progress in goals[~can & numeric].iterrows():
        name = edition.catalogue.short[progress["indicator"]]
        last = newest(edition, progress["measure"])
        shown = "–" if last.missing else f"{edition.figures.write(last)} ({wording.period(last.period)})"
        why = edition.because(pages.brief(progress["reason"]))
        rows.append([name, pages.target_cell(edition, progress), shown, why])
    rest = edition.count((~numeric).sum(), "số mục tiêu định tính đến năm 2030", ("targets.csv",))
    note = f"Ngoài ra có {rest} mục tiêu định tính."
    columns = "l43 Mục tiêu về | l20 Mục tiêu | l15 Số liệu mới nhất | l22 Vì sao chưa đánh giá"
    return edition.table(rows, "Mục tiêu bằng số đến năm 2030 chưa đánh giá được", "tbl-chua-danh-gia", columns, note)
