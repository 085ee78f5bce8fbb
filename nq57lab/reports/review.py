"""The periodic review's own tables: layer-A indicators, macro KPIs, targets.

An :class:`~nq57lab.documents.edition.Edition` in, its pieces out. Tables of plain figures are templates (``bang.yml``);
here are those whose rows come from the catalogue.
"""

import math

import pandas as pd

from nq57lab.base import periods, printing, wording
from nq57lab.documents import plain_numbers
from nq57lab.documents.edition import Edition, Piece
from nq57lab.facts import figures
from nq57lab.reports import lookup
from nq57lab.targets import evaluate as methods
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
    make = edition.figures.literal
    for name, (value, how, inputs) in named.items():
        edition.figures.named[name] = make(float(value), "", decimals=0, rows=inputs, formula=how)
    pace = economy.iloc[0]
    how = "(mục tiêu − giá trị) ÷ số năm còn lại"
    edition.figures.named["kinh-te-so-phai-tang"] = make(
        float(pace["required"]), "điểm phần trăm", decimals=1, rows=tuple(filter(None, [pace["row"]])), formula=how
    )


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
            reason = plain_numbers.traced(why, edition.figures, other.rows, "số trong chỗ khác của định nghĩa")
            match = f"{word}: chưa dùng số “{name.split(' (')[0]}” ({written}, {when}) vì {reason}"
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
    crosswalk, goals = (
        edition.catalogue.crosswalk,
        of_targets.one_a_quantity(pages.tracked(edition).progress),
    )
    result = []
    for kpi in edition.catalogue.indicators.query("layer == 'M'").itertuples():
        links = crosswalk[(crosswalk["indicator"] == kpi.code) & crosswalk["kind"].isin(["same", "near"])]
        measure = links.iloc[0]["other"] if len(links) else kpi.code
        numeric = goals[goals["indicator"].isin([kpi.code, measure]) & (goals["comparator"] != "qualitative")]
        chosen = numeric.iloc[0] if len(numeric) else None
        result.append(
            {
                "kpi": kpi,
                "measure": measure,
                "figure": newest(edition, measure),
                "target": chosen,
                "verdict": "not_available" if chosen is None else chosen["verdict"],
            }
        )
    return result


def _verdict(progress: pd.Series | None) -> str:
    """Return the standing verdict in words, with its shape and the reason for none."""
    if progress is None:
        return "– không có mục tiêu bằng số"
    by = {name: key for key, name in methods.METHODS.items()}.get(progress["verdict_rule"], "eurostat")
    words = f"{methods.SYMBOLS[progress['verdict']]} {methods.STATUSES[by][progress['verdict']]}"
    return f"{words}: {progress['reason']}" if progress["reason"] else words


def _target_cell(edition: Edition, progress: pd.Series) -> tuple[str, int]:
    """Write a target; return it with its line of targets.csv."""
    ids = edition.catalogue.targets["id"]
    line = int(edition.catalogue.targets.index[ids == progress["id"]][0]) + 2
    text = wording.target(progress["comparator"], progress["target"], progress["target_high"], progress["unit"])
    source = progress["source"][:4]
    return edition.figures.note(text, progress["target"], rows=(f"targets.csv:{line}",), source=source), line


def _progress_cells(edition: Edition, progress: pd.Series | None) -> list[str]:
    """Write a target, the gap and the required change a year."""
    if progress is None:
        return ["–", "–", "–"]
    book = edition.figures
    written, line = _target_cell(edition, progress)
    unit = "điểm phần trăm" if progress["unit"] == "%" else progress["unit"]
    inputs = tuple(filter(None, (progress["row"], f"targets.csv:{line}")))
    cells = []
    met = progress["verdict"] == "target_achieved"
    places = printing.decimals_needed(round(float(progress["gap"]), 3)) if progress["gap"] == progress["gap"] else 0
    for value, formula, decimals in (
        (progress["gap"], "giá trị − mục tiêu", min(places, 2)),
        (
            math.nan if met else progress["required"],
            "(mục tiêu − giá trị) ÷ số năm còn lại",
            2 if abs(progress["required"]) < 1 else 1,
        ),
    ):
        figure = book.literal(float(value), unit, decimals=decimals, rows=inputs, formula=formula)
        cells.append("–" if math.isnan(value) else book.write(figure, unit=False))
    return [written, *cells]


def macro(edition: Edition, following: pages.Following) -> Piece:
    """Return the macro KPIs against their 2030 targets, each with one verdict and how many methods agree."""
    agreeing = following.near.progress.set_index("id", drop=False)
    edition.figures.place = "bảng KPI vĩ mô"
    start, rows = len(edition.figures.trace), []
    for row in _macro_rows(edition):
        figure = row["figure"]
        name = row["kpi"].name_vi + (f" ({row['measure']})" if row["measure"] != row["kpi"].code else "")
        when = wording.period(figure.period) if not figure.missing else "–"
        rows.append(
            [
                name,
                edition.figures.write(figure),
                when,
                *_progress_cells(edition, row["target"]),
                _standing(edition, row, agreeing, following),
            ]
        )
    heads = ["KPI", "Giá trị", "Kỳ", "Mục tiêu 2030", "Khoảng cách", "Phải đạt thêm mỗi năm", "Đánh giá tạm thời"]
    note = (
        f"Đánh giá theo {pages.method_name(edition, following)}; kết luận của từng phương pháp và chỗ khác nhau ở @sec-phuong-phap. "
        "Khoảng cách là giá trị trừ mục tiêu; với tỷ lệ phần trăm, tính bằng điểm phần trăm. Trong ngoặc là mã chỉ số dùng để đo. "
        "Mức phải đạt thêm mỗi năm tính từ kỳ của số liệu đến năm 2030. "
        "Ký hiệu: ● đạt mục tiêu hoặc đạt tiến độ; ◐ gần đạt tiến độ; ○ chậm; ▼ thụt lùi."
    )
    frame = pd.DataFrame(rows, columns=heads)
    return edition.table(
        frame,
        "KPI vĩ mô và mục tiêu đến năm 2030",
        "tbl-vi-mo",
        "lrllrrl",
        [20, 10, 9, 11, 9, 9, 32],
        note,
        wide=True,
        since=start,
    )


def _standing(edition: Edition, row: dict, agreeing: pd.DataFrame, following: pages.Following) -> str:
    """Return the verdict on a macro KPI and, where it has a figure, how many methods agree; by the 2045 target where 2030 has no number."""
    target = row["target"]
    if target is None and not row["figure"].missing:
        later = following.far.progress
        later = later[
            later["indicator"].isin([row["kpi"].code, row["measure"]]) & (later["comparator"] != "qualitative")
        ]
        if len(later):
            chosen = of_targets.one_a_quantity(later).iloc[0]
            goal = wording.target(chosen["comparator"], chosen["target"], chosen["target_high"], chosen["unit"])
            goal = edition.figures.note(goal, chosen["target"], rows=("targets.csv",), source=chosen["source"][:4])
            said = pages.brief(edition, _verdict(chosen))
            return f"mốc 2045 ({goal}): {said}; {pages.agreement(edition, chosen, following)}"
    if target is None or target["row"] == "":
        return _verdict(target)
    found = agreeing.loc[target["id"]]
    return f"{pages.brief(edition, _verdict(found))}; {pages.agreement(edition, found, following)}"


def targets_table(edition: Edition, assessed: bool) -> Piece:
    """Return the 2030 targets that can be assessed, or (False) all others with the reason."""
    edition.figures.place = "bảng mục tiêu 2030"
    start = len(edition.figures.trace)
    goals = of_targets.one_a_quantity(pages.tracked(edition).progress)
    can, numeric = goals["verdict"] != "not_available", goals["comparator"] != "qualitative"
    rows = []
    if assessed:
        for _, progress in goals[can].iterrows():
            figure = edition.figures.get(progress["indicator"], period=progress["period"])
            name = edition.catalogue.names[progress["indicator"]].split(" (")[0]
            rows.append(
                [
                    name,
                    edition.figures.write(figure),
                    wording.period(progress["period"]),
                    *_progress_cells(edition, progress),
                    _verdict(progress),
                ]
            )
        heads = [
            "Mục tiêu về",
            "Giá trị",
            "Kỳ",
            "Mục tiêu",
            "Khoảng cách",
            "Phải đạt thêm mỗi năm",
            "Đánh giá tạm thời",
        ]
        frame = pd.DataFrame(rows, columns=heads)
        return edition.table(
            frame,
            "Mục tiêu đến năm 2030 đánh giá được",
            "tbl-muc-tieu",
            "lrllrrl",
            [26, 10, 9, 17, 10, 11, 17],
            wide=True,
            since=start,
        )
    for _, progress in goals[~can & numeric].iterrows():
        name = edition.catalogue.names[progress["indicator"]].split(" (")[0]
        last = newest(edition, progress["indicator"])
        shown = "–" if last.missing else f"{edition.figures.write(last)} ({wording.period(last.period)})"
        document, _, place = progress["source"].partition(", ")
        source = f"{edition.source_name(document, dated=False)}, {place}"
        why = pages.named(edition, progress["reason"])
        rows.append([name, _target_cell(edition, progress)[0], shown, why, source])
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
