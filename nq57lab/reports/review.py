"""The periodic review's own tables: layer-A indicators, macro KPIs, targets.

An :class:`~nq57lab.documents.edition.Edition` in, its pieces out. Tables of plain figures are templates (``bang.yml``);
here are those whose rows come from the catalogue.
"""

import pandas as pd

from nq57lab.base import periods, wording
from nq57lab.documents import plain_numbers
from nq57lab.documents.edition import Edition, Piece
from nq57lab.facts import figures
from nq57lab.reports import lookup
from nq57lab.targets import pages
from nq57lab.targets import tracking as of_targets


def count(edition: Edition) -> None:
    """Count what the texts call by name: indicators with data, KPIs and targets that can be assessed."""
    a = edition.catalogue.indicators.query("layer == 'A'")["code"]
    have = [code for code in a if not newest(edition, code).missing]
    macro = _macro_rows(edition)
    progress = pages.tracked(edition).progress
    goals = of_targets.one_a_quantity(progress)
    assessed = goals["verdict"] != "not_available"
    economy = progress[progress["id"] == "T2030.digital_economy.S002"]
    rows = tuple(edition.rows["id"][edition.rows["subject"].isin(have)])
    named = {
        "a-tong": (len(a), "số chỉ số lớp A trong danh mục", ("indicators.csv",)),
        "a-co-so-lieu": (len(have), "số chỉ số lớp A có số liệu", rows),
        "a-chua-co-so-lieu": (len(a) - len(have), "số chỉ số lớp A chưa có số liệu", rows or ("indicators.csv",)),
        "m-tong": (len(macro), "số KPI vĩ mô trong danh mục", ("indicators.csv",)),
        "m-co-so-lieu": (
            sum(not row["figure"].missing for row in macro),
            "số KPI vĩ mô có số liệu",
            ("indicators.csv",),
        ),
        "m-danh-gia": (
            sum(row["verdict"] != "not_available" for row in macro),
            "số KPI vĩ mô đánh giá được",
            ("targets.csv",),
        ),
        "t-tong": (len(assessed), "số mục tiêu đến năm 2030 trong danh mục", ("targets.csv",)),
        "t-danh-gia": (int(assessed.sum()), "số mục tiêu đánh giá được", ("targets.csv",)),
    }
    for name, (value, how, inputs) in named.items():
        edition.figures.named[name] = edition.counted(value, how, inputs)
    for name, column in (("kinh-te-so-phai-tang", "required"), ("kinh-te-so-phai-tang-tu-nay", "required_now")):
        edition.figures.named[name] = pages.required_figure(edition, economy.iloc[0], column)


def newest(edition: Edition, code: str, area: str = "VN") -> figures.Figure:
    """Return an indicator's newest value: computed from its parts where they exist, else as reported."""
    rows = edition.values[(edition.values["subject"] == code) & (edition.values["area"] == area)]
    plain = rows["period"].str.len() <= 10
    rows = rows[plain] if plain.any() else rows  # what adds up since a day only where no period has a figure
    if rows.empty:
        return edition.figures.get(code, area=area)
    last = rows.assign(end=rows["period"].map(periods.end)).sort_values("end", kind="stable").iloc[-1]
    if not last["formula"]:
        return edition.figures.get(code, area=area, period=last["period"])
    return figures.Figure(
        code,
        float(last["value"]),
        wording.number(last["value"], 1),
        last["unit"],
        status=last["status"],
        area=area,
        period=last["period"],
        vintage=last["vintage"],
        rows=tuple(last["inputs"].split("; ")),
        formula=last["formula"],
        sources=tuple(edition.rows.set_index("id").loc[last["inputs"].split("; "), "source"].unique()),
    )


def layer_a(edition: Edition) -> Piece:
    """Return the table of all layer-A indicators: value, period, status, and the nearest figure that is not the same."""
    edition.figures.place = "bảng chỉ số lớp A"
    start, rows = len(edition.figures.trace), []
    for indicator in edition.catalogue.indicators.query("layer == 'A'").itertuples():
        figure = newest(edition, indicator.code)
        match = "–" if figure.missing else "có"
        found = lookup.elsewhere(edition, indicator.code)[:1] if figure.missing else []
        for kind, code, name, other, why in found:
            if kind == "same":
                figure, match = other, f"có; số của {code} {name}, cùng định nghĩa"
                continue
            written, when = edition.figures.write(other), wording.period(other.period)
            word = "gần" if kind == "near" else "không"
            why = why[:1].lower() + why[1:] if why[1:2].islower() else why
            reason = plain_numbers.constants(why, "số trong lời văn của danh mục")
            match = f"{word}: chưa dùng số “{edition.catalogue.short.get(code, name)}” ({written}, {when}) vì {reason}"
        if figure.formula and not found:
            match = "có; tính theo công thức của bộ chỉ số"
        shown = edition.figures.write(figure)
        when = wording.period(figure.period) if not figure.missing else "–"
        status = wording.STATUS_WORDS.get(figure.status, "–")
        rows.append([indicator.code, indicator.name_vi, shown, when, status, match])
    heads = ["Mã", "Chỉ số", "Số liệu", "Kỳ", "Tình trạng", "Khớp định nghĩa, ghi chú"]
    frame = pd.DataFrame(rows, columns=heads)
    return edition.table(
        frame,
        "Các chỉ số lớp A và số liệu hiện có",
        "tbl-lop-a",
        "llrlll",
        [9, 27, 10, 10, 10, 34],
        wide=True,
        since=start,
    )


def _macro_rows(edition: Edition) -> list[dict]:
    """Return every macro KPI with the subject that measures it, its figure and the standing of its 2030 target (None without one)."""
    known = edition.known_tables
    goals, observed = of_targets.one_a_quantity(pages.tracked(edition).progress), of_targets.national(known.table)
    result = []
    for kpi in edition.catalogue.indicators.query("layer == 'M'").itertuples():
        measure, _ = of_targets.measured_by(edition.catalogue, observed, kpi.code)
        own = goals[(goals["measure"] == measure) & (goals["comparator"] != "regional_top_n")]
        target = own.iloc[0] if len(own) else None
        verdict = "not_available" if target is None else target["verdict"]
        told = {"kpi": kpi, "measure": measure, "target": target, "verdict": verdict}
        result.append(told | {"figure": newest(edition, measure)})
    return result


def _target_cell(edition: Edition, progress: pd.Series) -> str:
    """Write a target, one without a number in its words."""
    ids = edition.catalogue.targets["id"]
    line = int(edition.catalogue.targets.index[ids == progress["id"]][0]) + 2
    if progress["comparator"] == "qualitative":
        return f"“{progress['stated_vi']}”"
    text = wording.target(progress["comparator"], progress["target"], progress["target_high"], progress["unit"])
    source = progress["source"][:4]
    return edition.figures.note(text, progress["target"], rows=(f"targets.csv:{line}",), source=source)


def _progress_cells(edition: Edition, progress: pd.Series | None) -> list[str]:
    """Write a target, the gap and the required change a year."""
    if progress is None:
        return ["–", "–", "–"]
    return [_target_cell(edition, progress), pages.gap(edition, progress), pages.required(edition, progress)]


def macro(edition: Edition, following: pages.Following) -> Piece:
    """Return the macro KPIs against their 2030 targets, each with one verdict and how many methods agree."""
    edition.figures.place = "bảng KPI vĩ mô"
    start, rows = len(edition.figures.trace), []
    for row in _macro_rows(edition):
        figure = row["figure"]
        name = row["kpi"].name_vi + (f" ({row['measure']})" if row["measure"] != row["kpi"].code else "")
        when = wording.period(figure.period) if not figure.missing else "–"
        cells = _progress_cells(edition, row["target"])
        rows.append([name, edition.figures.write(figure), when, *cells, _standing(edition, row, following)])
    heads = ["KPI", "Giá trị", "Kỳ", "Mục tiêu 2030", "Khoảng cách", pages.REQUIRED, "Đánh giá tạm thời"]
    note = (
        f"Đánh giá theo {pages.method_name(edition, following)}; kết luận của từng phương pháp và chỗ khác nhau ở @sec-phuong-phap. "
        "Khoảng cách là giá trị trừ mục tiêu; với tỷ lệ phần trăm, tính bằng điểm phần trăm. Trong ngoặc là mã chỉ số dùng để đo. "
        "Ký hiệu: ● đạt mục tiêu hoặc đạt tiến độ; ◐ gần đạt tiến độ; ○ chậm; ▼ thụt lùi."
    )
    frame = pd.DataFrame(rows, columns=heads)
    return edition.table(
        frame,
        "KPI vĩ mô và mục tiêu đến năm 2030",
        "tbl-vi-mo",
        "lrllrll",
        [18, 9, 9, 19, 8, 11, 26],
        note,
        wide=True,
        since=start,
    )


def _standing(edition: Edition, row: dict, following: pages.Following) -> str:
    """Return the verdict on a macro KPI and, where it has a figure, how many methods agree; beside a wish without a number the 2045 target's."""
    target = row["target"]
    if target is None:
        return "– không có mục tiêu đến năm 2030"
    said = pages.verdict(edition, target, short=True)
    if target["comparator"] == "qualitative":
        far = of_targets.one_a_quantity(following.far.progress)
        far = far[(far["measure"] == row["measure"]) & (far["comparator"] != "qualitative") & (far["row"] != "")]
        for _, later in far.head(1).iterrows():
            said += f". Mục tiêu năm 2045 ({_target_cell(edition, later)}): {pages.verdict(edition, later, short=True)}"
            said += f"; {pages.agreement(edition, later, following)}"
        return said
    return said if target["row"] == "" else f"{said}; {pages.agreement(edition, target, following)}"


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
            name = edition.catalogue.short[progress["indicator"]]
            rows.append(
                [
                    name,
                    edition.figures.write(figure),
                    wording.period(progress["period"]),
                    *_progress_cells(edition, progress),
                    pages.verdict(edition, progress),
                ]
            )
        heads = [
            "Mục tiêu về",
            "Giá trị",
            "Kỳ",
            "Mục tiêu",
            "Khoảng cách",
            pages.REQUIRED,
            "Đánh giá tạm thời",
        ]
        frame = pd.DataFrame(rows, columns=heads)
        return edition.table(
            frame,
            "Mục tiêu đến năm 2030 đánh giá được",
            "tbl-muc-tieu",
            "lrllrll",
            [26, 10, 9, 16, 9, 13, 17],
            wide=True,
            since=start,
        )
    for _, progress in goals[~can & numeric].iterrows():
        name = edition.catalogue.short[progress["indicator"]]
        last = newest(edition, progress["measure"])
        shown = "–" if last.missing else f"{edition.figures.write(last)} ({wording.period(last.period)})"
        document, _, place = progress["source"].partition(", ")
        source = f"{edition.source_name(document, dated=False)}, {place}"
        why = edition.because(progress["reason"])
        rows.append([name, _target_cell(edition, progress), shown, why, source])
    rest = edition.count((~numeric).sum(), "số mục tiêu định tính đến năm 2030", ("targets.csv",))
    note = f"Ngoài ra có {rest} mục tiêu định tính."
    frame = pd.DataFrame(rows, columns=["Mục tiêu về", "Mục tiêu", "Số liệu mới nhất", "Vì sao chưa đánh giá", "Nguồn"])
    return edition.table(
        frame,
        "Mục tiêu bằng số đến năm 2030 chưa đánh giá được",
        "tbl-chua-danh-gia",
        "lllll",
        [22, 14, 13, 23, 28],
        note,
        wide=True,
    )
