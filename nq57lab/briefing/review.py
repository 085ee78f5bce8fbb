"""The periodic review's own tables: layer-A indicators, macro KPIs, targets, provenance, sources, annexes.

An :class:`~nq57lab.briefing.document.Edition` in, its pieces out. Tables of plain figures are templates (``bang.yml``);
here are those whose rows come from the catalogue.
"""

import math

import pandas as pd
import yaml

from nq57lab import formulas, periods, printing, targets, trace, wording
from nq57lab.briefing.document import Edition, Piece

VERDICT_SHAPES = {
    "target_achieved": "●",
    "substantial_progress": "●",
    "moderate_progress": "◐",
    "limited_progress": "○",
    "deterioration": "▼",
    "not_available": "–",
}
# One source for each macro KPI's 2030 target: the plan 01-KH (S002) where it states one, else the proposal (S000).
TARGET_ORDER = ("S002", "S000", "S004")


def count(edition: Edition) -> None:
    """Count what the texts call by name: indicators with data, KPIs and targets that can be assessed."""
    a = edition.catalogue.indicators.query("layer == 'A'")["code"]
    have = [code for code in a if not _newest(edition, code).missing]
    macro = _macro_rows(edition)
    goals = _one_a_quantity(edition)
    assessed = goals["verdict"] != "not_available"
    economy = edition.progress[edition.progress["id"] == "T2030.digital_economy.S002"]
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


def _one_a_quantity(edition: Edition) -> pd.DataFrame:
    """Return one 2030 target a quantity: the plan's wording before the others', a number before a quality."""
    progress = edition.progress
    order = progress["source"].str[:4].map({source: place for place, source in enumerate(TARGET_ORDER)})
    ranked = progress.assign(quality=progress["comparator"] == "qualitative", order=order)
    ranked["regional"] = ranked["comparator"] == "regional_top_n"
    kept = ranked.sort_values(["quality", "order"], kind="stable").drop_duplicates(["indicator", "regional"])
    return kept.sort_index().drop(columns=["quality", "order", "regional"])


def _newest(edition: Edition, code: str, area: str = "VN") -> trace.Figure:
    """Return an indicator's newest value: computed from its parts where they exist, else as reported."""
    rows = edition.values[(edition.values["subject"] == code) & (edition.values["area"] == area)]
    rows = rows[rows["period"].str.len() <= 10]
    if rows.empty:
        return edition.figures.get(code, area=area)
    last = rows.assign(end=rows["period"].map(periods.end)).sort_values("end", kind="stable").iloc[-1]
    if not last["formula"]:
        return edition.figures.get(code, area=area, period=last["period"])
    return trace.Figure(
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
    crosswalk = edition.catalogue.crosswalk
    for indicator in edition.catalogue.indicators.query("layer == 'A'").itertuples():
        figure = _newest(edition, indicator.code)
        note = ""
        if figure.missing:
            near = crosswalk[(crosswalk["indicator"] == indicator.code) & (crosswalk["kind"] == "different")]
            if len(near):
                other = edition.figures.get(near.iloc[0]["other"])
                if not other.missing:
                    name = edition.catalogue.names[formulas.parse(near.iloc[0]["other"]).name].split(" (")[0]
                    written = edition.figures.write(other)
                    when = wording.period(other.period)
                    note = f"Chưa dùng số “{name}” ({written}, {when}) vì {near.iloc[0]['reason']}"
        elif figure.formula:
            note = "Tính theo công thức của bộ chỉ số"
        shown = edition.figures.write(figure)
        when = wording.period(figure.period) if not figure.missing else "–"
        status = wording.STATUS_WORDS.get(figure.status, "–")
        match = "–" if figure.missing else "có"
        rows.append([indicator.code, indicator.name_vi, shown, when, status, match, note or "–"])
    heads = ["Mã", "Chỉ số", "Số liệu", "Kỳ", "Tình trạng", "Khớp định nghĩa", "Ghi chú"]
    frame = pd.DataFrame(rows, columns=heads)
    return edition.table(
        frame,
        "Các chỉ số lớp A và số liệu hiện có",
        "tbl-lop-a",
        "llrllll",
        [9, 27, 12, 11, 11, 8, 22],
        wide=True,
        since=start,
    )


def _macro_rows(edition: Edition) -> list[dict]:
    crosswalk, goals = edition.catalogue.crosswalk, _one_a_quantity(edition)
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
                "figure": _newest(edition, measure),
                "target": chosen,
                "verdict": "not_available" if chosen is None else chosen["verdict"],
            }
        )
    return result


def _verdict(progress: pd.Series | None) -> str:
    if progress is None:
        return "– không có mục tiêu bằng số"
    words = f"{VERDICT_SHAPES[progress['verdict']]} {targets.VERDICTS[progress['verdict']]}"
    return f"{words}: {progress['reason']}" if progress["reason"] else words


def _progress_cells(edition: Edition, progress: pd.Series | None) -> list[str]:
    """Write a target, the gap and the required change a year."""
    if progress is None:
        return ["–", "–", "–"]
    book = edition.figures
    line = int(edition.catalogue.targets.index[edition.catalogue.targets["id"] == progress["id"]][0]) + 2
    text = wording.target(progress["comparator"], progress["target"], progress["target_high"], progress["unit"])
    written = book.note(text, progress["target"], rows=(f"targets.csv:{line}",), source=progress["source"][:4])
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


def macro(edition: Edition) -> Piece:
    """Return the macro KPIs against their 2030 targets."""
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
                _verdict(row["target"]),
            ]
        )
    heads = ["KPI", "Giá trị", "Kỳ", "Mục tiêu 2030", "Khoảng cách", "Phải đạt thêm mỗi năm", "Đánh giá tạm thời"]
    note = (
        "Khoảng cách là giá trị trừ mục tiêu; với tỷ lệ phần trăm, tính bằng điểm phần trăm. Trong ngoặc là mã chỉ số dùng để đo. "
        "Ký hiệu: ● đạt mục tiêu hoặc đạt tiến độ; ◐ gần đạt tiến độ; ○ chậm; ▼ thụt lùi."
    )
    frame = pd.DataFrame(rows, columns=heads)
    return edition.table(
        frame,
        "KPI vĩ mô và mục tiêu đến năm 2030",
        "tbl-vi-mo",
        "lrllrrl",
        [22, 12, 12, 14, 11, 11, 18],
        note,
        wide=True,
        since=start,
    )


def targets_table(edition: Edition, assessed: bool) -> Piece:
    """Return the 2030 targets that can be assessed, or (False) all others with the reason."""
    edition.figures.place = "bảng mục tiêu 2030"
    start = len(edition.figures.trace)
    goals = _one_a_quantity(edition)
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
            [24, 11, 11, 17, 11, 12, 14],
            wide=True,
            since=start,
        )
    for _, progress in goals[~can & numeric].iterrows():
        name = edition.catalogue.names[progress["indicator"]].split(" (")[0]
        newest = _newest(edition, progress["indicator"])
        shown = "–" if newest.missing else f"{edition.figures.write(newest)} ({wording.period(newest.period)})"
        document, _, place = progress["source"].partition(", ")
        source = f"{edition.source_name(document, dated=False)}, {place}"
        rows.append([name, _progress_cells(edition, progress)[0], shown, progress["reason"], source])
    note = f"Ngoài ra có {edition.figures.write(_number(edition, (~numeric).sum(), 'số mục tiêu định tính đến năm 2030'))} mục tiêu định tính."
    frame = pd.DataFrame(rows, columns=["Mục tiêu về", "Mục tiêu", "Số liệu mới nhất", "Vì sao chưa đánh giá", "Nguồn"])
    return edition.table(
        frame,
        "Mục tiêu bằng số đến năm 2030 chưa đánh giá được",
        "tbl-chua-danh-gia",
        "lllll",
        [26, 17, 16, 21, 20],
        note,
        wide=True,
    )


def _number(edition: Edition, value: float, formula: str, source: str = "targets.csv") -> trace.Figure:
    return edition.figures.literal(float(value), "", decimals=0, rows=(source,), formula=formula)


class _Printed:
    """Resolves references to the numbers as printed, so that an expression shows its arithmetic."""

    def __init__(self, edition: Edition, area: str, period: str):
        self.edition, self.area, self.period = edition, area, period

    def _text(self, row: pd.Series) -> str:
        return wording.number(
            row["value"], wording.decimals_of(row["printed"].split(" ")[0]) if " " not in row["printed"] else 0
        )

    def one(self, reference: formulas.Reference) -> str:
        row = self.edition.figures.lookup.row(reference, self.area, self.period)
        if row is None:
            raise LookupError(reference.name)
        return self._text(row)

    def many(self, reference: formulas.Reference, dim: str) -> str:
        rows = self.edition.figures.lookup.breakdown(reference, dim, self.area, self.period)
        return "(" + " + ".join(self._text(row) for _, row in rows.iterrows()) + ")"


def arithmetic(node: formulas.Node, data: _Printed) -> str:
    """Write an expression with the printed numbers in place of its references: "1.245 ÷ 1.469 × 100"."""
    if isinstance(node, formulas.Number):
        return wording.number(node.value, 0 if node.value == int(node.value) else 2)
    if isinstance(node, formulas.Reference):
        return data.one(node)
    if isinstance(node, formulas.Operation):
        signs = {"+": "+", "-": wording.MINUS, "*": "×", "/": "÷"}
        sides = []
        for side in (node.left, node.right):
            text = arithmetic(side, data)
            loose = isinstance(side, formulas.Operation) and side.symbol in "+-" and node.symbol in "*/"
            sides.append(f"({text})" if loose else text)
        return f"{sides[0]} {signs[node.symbol]} {sides[1]}"
    first, *rest = node.arguments
    if node.function == "sum_over":
        return data.many(first, rest[0].name)
    if node.function == "growth":
        return f"({data.one(first)} ÷ {data.one(rest[0])} {wording.MINUS} 1) × 100"
    raise ValueError(f"no arithmetic in words for {node.function}")


def provenance(edition: Edition) -> Piece:
    """Return how each recomputed figure was obtained, beside what the draft prints."""
    edition.figures.place = "bảng cách tính"
    rows = []
    for _, check in edition.audit[edition.audit["recompute"]].iterrows():
        name = edition.catalogue.names[check["subject"]].split(" (")[0]
        label = edition.catalogue.dims_label(check["dims"])
        observed = edition.figures.lookup.row(formulas.parse(_reference(check)), check["area"], check["period"])
        if observed is None:
            continue
        figure = edition.figures.of_row(observed)
        printed = wording.QUALIFIER_WORDS[observed["qualifier"]] + wording.with_unit(
            observed["printed"], observed["unit"]
        )
        expression = formulas.parse(check["relation"].split(" = ", 1)[1])
        formula = arithmetic(expression, _Printed(edition, check["area"], check["period"]))
        rows.append(
            [
                name + (f", {label}" if label else ""),
                formula,
                edition.figures.write(figure, mark=False),
                printed,
                check["locator"],
            ]
        )
    frame = pd.DataFrame(
        rows, columns=["Số liệu", "Phép tính từ số in trong dự thảo", "Tính lại", "Dự thảo ghi", "Vị trí trong dự thảo"]
    )
    note = "Mã dòng dữ liệu, công thức và nguồn của từng số trong báo cáo nằm trong tệp trace.csv kèm ấn bản."
    return edition.table(
        frame, "Số liệu tính lại từ các thành phần", "tbl-cach-tinh", "llrrl", [27, 30, 14, 14, 15], note, wide=True
    )


def derived(edition: Edition) -> Piece:
    """Return the sums, differences and rates that the texts and charts computed, with their arithmetic."""
    rows, seen = [], set()
    for entry in list(edition.figures.trace):
        try:
            node = formulas.parse(entry["formula"]) if entry["formula"] else None
        except formulas.FormulaError:
            node = None
        printed = entry["printed"]
        if node is None or isinstance(node, formulas.Reference) or (entry["formula"], printed) in seen:
            continue
        seen.add((entry["formula"], printed))
        try:
            shown = arithmetic(node, _Printed(edition, "VN", entry["asked"]))
        except (LookupError, ValueError):
            continue
        names = [edition.catalogue.names[r.name].split(" (")[0] for r in formulas.references(node)]
        rows.append([printed, shown, wording.join(dict.fromkeys(names))])
    frame = pd.DataFrame(rows, columns=["Số in", "Phép tính", "Từ các số liệu"])
    return edition.table(frame, "Số liệu tính thêm trong báo cáo", "tbl-tinh-them", "rll", [18, 38, 44], wide=True)


def _reference(check: pd.Series) -> str:
    return check["subject"] + (f"[{check['dims']}]" if check["dims"] else "")


def sources(edition: Edition) -> Piece:
    """Return the sources used by the edition, with how many figures each gave."""
    used = pd.Series(
        [s for entry in edition.figures.trace for s in str(entry["source"]).split("; ") if s]
    ).value_counts()
    table = edition.catalogue.sources.set_index("id").loc[
        [s for s in edition.catalogue.sources["id"] if s in used.index]
    ]
    rows = [
        [row["title_vi"], row["publisher"] or "–", wording.stamp(str(row["date"])), str(used[code])]
        for code, row in table.iterrows()
    ]
    frame = pd.DataFrame(rows, columns=["Nguồn", "Nơi công bố", "Ngày", "Lượt dùng"])
    return edition.table(frame, "Nguồn số liệu dùng trong báo cáo", "tbl-nguon", "lllr", [50, 25, 14, 11], wide=True)


def with_data(edition: Edition) -> Piece:
    """Return every indicator of the catalogue that has a figure, with its newest value and how it was obtained."""
    edition.figures.place = "bảng chỉ số có số liệu"
    start, rows = len(edition.figures.trace), []
    present = set(edition.values["subject"])
    for indicator in edition.catalogue.indicators[edition.catalogue.indicators["code"].isin(present)].itertuples():
        figure = _newest(edition, indicator.code)
        if figure.missing:
            continue
        how = "tính từ thành phần" if figure.formula else "theo nguồn"
        status = wording.STATUS_WORDS[figure.status]
        written = edition.figures.write(figure)
        rows.append(
            [
                indicator.code,
                indicator.name_vi,
                written,
                wording.period(figure.period),
                how,
                status,
                "; ".join(figure.sources),
            ]
        )
    heads = ["Mã", "Chỉ số", "Số liệu", "Kỳ", "Cách có", "Tình trạng", "Nguồn"]
    frame = pd.DataFrame(rows, columns=heads)
    return edition.table(
        frame, "Chỉ số đã có số liệu", "tbl-co-so-lieu", "llrllll", [9, 31, 12, 13, 12, 11, 12], wide=True, since=start
    )


def annexes(edition: Edition) -> Piece:
    """Return which of the draft's annexes can be made from the data at hand."""
    listed = yaml.safe_load((edition.template_folder / "phu-luc-du-thao.yml").read_text(encoding="utf-8"))
    frame = pd.DataFrame(
        [[entry["so"], entry["noi_dung"], entry["muc_do"], entry["ly_do"]] for entry in listed],
        columns=["Phụ lục", "Nội dung", "Lập được", "Lý do"],
    )
    return edition.table(frame, "Các phụ lục mà dự thảo viện dẫn", "tbl-phu-luc", "llll", [10, 36, 16, 38], wide=True)
