"""Pages of forecasts: the twelve macro KPIs, the probabilities of their targets in words, what these depend on, scenarios, calibration.

An :class:`~nq57lab.documents.edition.Edition` in, its pieces out; :func:`~nq57lab.outlook.prospect.open_prospect` does the work once. Every probability is a research
estimate and says so; it stays out of public editions unless they ask for it.
"""

from typing import Any

import numpy as np
import pandas as pd

from nq57lab.base import wording
from nq57lab.base.messages import Reason
from nq57lab.documents.edition import Piece
from nq57lab.forecast import evidence, watch
from nq57lab.forecast import series as series_of
from nq57lab.outlook import macro
from nq57lab.outlook.prospect import LEVELS, Case, Prospect
from nq57lab.outlook.sensitivity import WHATS
from nq57lab.targets import chance as attainment
from nq57lab.targets import tracking as of_targets

TARGETS = ("targets.csv",)
LABEL = "ước lượng nghiên cứu"
EIGHTY = '[80%]{.hang-so ly-do="mức của khoảng dự báo"}'
NINETY_FIVE = '[95%]{.hang-so ly-do="mức của khoảng dự báo"}'
FEWEST = '[8]{.hang-so ly-do="số điểm ít nhất mà phương pháp đã được kiểm chứng"}'


def finding(prospect: Prospect) -> Piece:
    """Return the sentence on the twelve KPIs: how many are forecast, how many are too short, how many have no figure."""
    edition, rows = prospect.edition, prospect.outlook.rows
    edition.figures.place = "dự báo KPI vĩ mô"
    forecast, bare = rows[rows["reason"] == ""], rows[rows["points"] == 0]
    short = rows[(rows["reason"] != "") & (rows["points"] > 0)]
    some = wording.join(edition.catalogue.short[code] for code in forecast["kpi"])
    if rows.empty:
        return Piece("**Danh mục chưa có KPI vĩ mô nào để dự báo.**")
    text = (
        f"**Trong {edition.count(len(rows), 'số KPI vĩ mô', TARGETS)} KPI vĩ mô, {edition.count(len(forecast), 'số KPI dự báo được', TARGETS)} KPI có chuỗi đủ dài để dự báo"
        + (f" ({some})" if some else "")
        + f"; {edition.count(len(short), 'số KPI có chuỗi quá ngắn', TARGETS)} KPI có số liệu nhưng dưới {FEWEST} điểm cùng định nghĩa nên chỉ có kịch bản; "
        f"{edition.count(len(bare), 'số KPI chưa có số liệu', TARGETS)} KPI chưa có số liệu cùng định nghĩa.** "
        "Phương pháp không dự báo chuỗi ngắn hơn mức đã được kiểm chứng: một khoảng dự báo không kiểm chứng được thì không in."
    )
    return edition.piece(text)


def _reason(prospect: Prospect, row: pd.Series) -> str:
    """Return in words why a KPI is not forecast."""
    if row["points"] == 0:
        return "chưa có số liệu cùng định nghĩa"
    if row["points"] < series_of.SHORTEST["yearly"]:
        count = prospect.edition.count(
            row["points"], "số điểm của chuỗi", tuple(prospect.histories[row["measure"]]["id"])
        )
        return f"mới có {count} điểm, cần ít nhất {FEWEST}: chỉ có kịch bản"
    return prospect.edition.because(dict(row["reason"].details)["why"], tuple(prospect.histories[row["measure"]]["id"]))


def held(prospect: Prospect, row: pd.Series) -> str:
    """Write how often the intervals held on M3 for histories as short as a KPI's, as far ahead."""
    found = evidence.find("yearly", int(row["points"]), int(np.ceil(row["ahead"])), LEVELS[0])
    edition = prospect.edition
    lines = tuple(f"validation.csv:{line}" for line in [found.line])
    how = (
        f"tỷ lệ chứa giá trị thật khi thử trên chuỗi dài bằng chuỗi này, {found.horizon} kỳ trước, khoảng {LEVELS[0]}%"
    )
    share, error = (
        edition.computed(100 * value, how, lines, unit=unit, decimals=1)
        for value, unit in ((found.coverage, "%"), (found.error, ""))
    )
    other = " (chuỗi thử không phải thứ hạng)" if row["kind"] == "rank" else ""
    return f"khoảng dự báo {EIGHTY} chứa {share} ± {error}{other}"


def _ahead(prospect: Prospect, case: Case) -> str:
    last = case.forecast.iloc[-1]
    how = f"{last['model']}, {int(last['points_used'])} điểm"
    middle, low, high = (
        prospect.edition.figures.write(prospect.figure(last[name], case, f"{how}: {what}"))
        for name, what in (("median", "trung vị"), ("lo_80", "cận dưới 80%"), ("hi_80", "cận trên 80%"))
    )
    return f"{middle} ({low} đến {high})"


def in_words(prospect: Prospect, p: float, case: Case) -> str:
    """Write a probability as a frequency, that of the target as its range over reasonable choices, and note it in the trace."""
    rows = (*case.history["id"], "targets.csv")
    text = attainment.in_range(*prospect.span(case)) if p == case.row["p_met"] else attainment.in_words(p)
    return prospect.edition.figures.note(text, p, rows=rows, source="; ".join(prospect.sources(case.history)))


def _said(prospect: Prospect, case: Case) -> str:
    """Write a case's probability in words, or why it is not said."""
    if not np.isnan(case.row["p_met"]):
        return in_words(prospect, case.row["p_met"], case)
    return prospect.edition.because(case.row["p_reason"], ("skill.csv",))


def macro_table(prospect: Prospect) -> Piece:
    """Return every macro KPI with its series, its forecast for 2030 and the probability of its target, or the reason for neither."""
    edition = prospect.edition
    edition.figures.place = "bảng dự báo KPI vĩ mô"
    cases, rows = {case.row["kpi"]: case for case in prospect.cases}, []
    for _, row in prospect.outlook.rows.iterrows():
        case = cases.get(row["kpi"])
        name = edition.catalogue.short[row["kpi"]]
        used = "–" if not row["points"] else _span(row)
        said = row["p_reason"] and row["p_reason"].code in ("qualitative", "met_no_chance")
        chance = edition.because(row["p_reason"].brief()) if said else ""
        if case is not None:
            chance = _said(prospect, case) if prospect.shown else "không in ở bản công khai"
        told = _ahead(prospect, case) if case is not None else f"không dự báo: {_reason(prospect, row)}"
        rows.append(
            [
                *(row["kpi"], name, of_targets.RELATIONS[row["relation"]], used, told, chance or "không ước lượng"),
                held(prospect, row) if case is not None else "–",
            ]
        )
    note = (
        f"{LABEL.capitalize()}, không phải chỉ tiêu; trong ngoặc là khoảng dự báo {EIGHTY}. Mục tiêu định tính “nâng hạng” được đọc là: thứ hạng năm 2030 tốt hơn hạng hiện nay. "
        f"Kiểm chứng: tỷ lệ giá trị thật nằm trong khoảng dự báo {EIGHTY} trên các chuỗi năm đã công bố của một cuộc thi dự báo quốc tế, lịch sử cắt ngắn bằng chuỗi đang xét, cùng tầm dự báo; ± là nửa khoảng tin cậy {NINETY_FIVE}."
        + odd(prospect, prospect.cases)
    )
    columns = "l7 Mã | l19 KPI vĩ mô | l11 Chuỗi dùng | l12 Số liệu | l20 Năm 2030: trung vị (khoảng dự báo) | l16 Khả năng đạt mục tiêu 2030 | l15 Khoảng dự báo đã đúng đến đâu"
    return edition.table(
        rows,
        f"{wording.capital(wording.numeral(len(rows)))} KPI vĩ mô: dự báo, khả năng đạt mục tiêu, hoặc lý do không dự báo",
        "tbl-du-bao-vi-mo",
        columns,
        note,
    )


def odd(prospect: Prospect, cases: list[Case]) -> str:
    """Write what is odd about the series that are forecast all the same, series by series; "" where nothing is."""
    told = []
    for case in cases:
        found = watch.told(case.forecast["note"].iloc[0])
        told += [f"{case.name}: {_warned(prospect, case, why)}" for why in found]
    return f" Cần lưu ý về chuỗi số liệu: {'; '.join(told)}." if told else ""


def _warned(prospect: Prospect, case: Case, why: Reason) -> str:
    edition, rows = prospect.edition, tuple(case.history["id"])

    def write(name: str, value: object) -> str:
        if name in ("found", "before"):
            return edition.figures.write(prospect.figure(float(str(value)), case, "số liệu của chuỗi"))
        if isinstance(value, int):
            return edition.count(value, "số kỳ trong cảnh báo của chuỗi", rows)
        return wording.period(str(value))

    return why.words(write=write)


def _span(row: pd.Series) -> str:
    first, last = wording.period(row["first"]), wording.period(row["last"])
    return first if first == last else f"{first} đến {last}"


def _goal_words(prospect: Prospect, case: Case) -> str:
    row = case.row
    if row["assumed"]:
        present = prospect.edition.figures.write(
            prospect.figure(case.history["value"].iloc[-1], case, "giá trị mới nhất")
        )
        return f"tốt hơn hạng {present} hiện nay (“{row['assumed']}”)"
    text = wording.target(row["comparator"], row["target"], np.nan, case.unit)
    return prospect.edition.figures.note(
        text, row["target"], rows=("targets.csv",), source=str(row["target_id"])[6:].split(".")[-1]
    )


def chances(prospect: Prospect) -> Piece:
    """Return the probabilities of the targets in words and in per cent, with the range over models, vintages and windows."""
    edition = prospect.edition
    if not prospect.shown:
        return Piece("Xác suất đạt mục tiêu là ước lượng nghiên cứu, không đưa vào bản công khai.")
    if not prospect.cases:
        return Piece("Chưa có mục tiêu nào có chuỗi đủ dài để ước lượng xác suất; xem các kịch bản.")
    edition.figures.place = "xác suất đạt mục tiêu"
    rows = []
    for case in prospect.cases:
        if case.row["p_met"] != case.row["p_met"]:
            why = _said(prospect, case)
            rows.append([case.name, _goal_words(prospect, case), why, "–", "–", held(prospect, case.row)])
            continue
        p = case.row["p_met"]
        low, high = prospect.span(case)
        percent, least, most = (
            edition.figures.write(prospect.figure(100 * value, case, how, "%", 0))
            for value, how in (
                (p, "P(đạt mục tiêu)"),
                (low, "P thấp nhất theo mô hình, thời điểm, độ dài chuỗi"),
                (high, "P cao nhất"),
            )
        )
        rows.append(
            [
                case.name,
                _goal_words(prospect, case),
                in_words(prospect, p, case),
                percent,
                f"{least} đến {most}",
                held(prospect, case.row),
            ]
        )
    note = (
        f"{LABEL.capitalize()}; không đưa vào bản công khai. Các cách tính khác: mô hình xu thế khác, số liệu như đã biết ở các năm trước, đoạn cuối của chuỗi; "
        "mô hình đơn có khoảng dự báo hẹp hơn thực tế nên cho xác suất quá gần 0 hoặc 1.".replace(
            "0 hoặc 1", '[0]{.hang-so ly-do="cận của xác suất"} hoặc [1]{.hang-so ly-do="cận của xác suất"}'
        )
        + odd(prospect, prospect.cases)
    )
    columns = "l24 Chỉ số | l22 Mục tiêu năm 2030 | l15 Khả năng đạt | r9 Xác suất | l14 Xác suất theo các cách tính khác | l16 Khoảng dự báo đã đúng đến đâu"
    return edition.table(rows, "Khả năng đạt mục tiêu năm 2030, ước lượng nghiên cứu", "tbl-xac-suat", columns, note)


def by_year(prospect: Prospect) -> Piece:
    """Return, for every year until 2030, the probability that the target is met then and that it has been met by then."""
    edition = prospect.edition
    if not prospect.shown or not prospect.said:
        return Piece("")
    edition.figures.place = "xác suất theo năm"
    rows = []
    for case in prospect.said:
        goal = macro.goal_of(case.row)
        asked = pd.DataFrame(
            [
                {
                    "id": "x",
                    "target_year": macro.YEAR,
                    "target": goal.value,
                    "direction": goal.direction,
                    "kind": goal.kind,
                }
            ]
        )
        asked = asked.assign(lower=case.row["lower"], upper=case.row["upper"])
        found: Any
        for found in attainment.by_year(case.history.assign(id="x")[["id", "period", "value"]], asked).itertuples():
            told = (in_words(prospect, p, case) for p in (found.p_at, found.p_by))
            rows.append([case.name, wording.period(str(found.year)), *told])
    columns = "l46 Chỉ số | l14 Năm | l20 Đạt trong năm ấy | l20 Đã có lúc đạt tính đến năm ấy"
    return edition.table(
        rows,
        "Khả năng đạt mục tiêu theo từng năm, ước lượng nghiên cứu",
        "tbl-tung-nam",
        columns,
        f"{LABEL.capitalize()}. Thứ hạng có thể đạt rồi mất; cột cuối tính cả những lần đã đạt trước đó.",
    )


def depends_finding(prospect: Prospect) -> Piece:
    """Return the sentence on which choice moves each probability most."""
    if not prospect.shown or not prospect.said:
        return Piece("")
    edition, told = prospect.edition, []
    edition.figures.place = "độ nhạy của xác suất"
    for case in prospect.said:
        table = prospect.variants(case).dropna(subset=["p_met"])
        base = table["p_met"].iloc[0]
        spread = table[table["what"] != "default"].groupby("what")["p_met"].agg(["min", "max"])
        spread["width"] = spread["max"].clip(lower=base) - spread["min"].clip(upper=base)
        most = spread["width"].idxmax()
        low, high = (
            edition.figures.write(prospect.figure(100 * value, case, f"P {end} theo {WHATS[most]}", "%", 0))
            for end, value in (
                ("thấp nhất", min(spread.at[most, "min"], base)),
                ("cao nhất", max(spread.at[most, "max"], base)),
            )
        )
        told.append(
            f"{case.name[:1].lower() + case.name[1:]} phụ thuộc nhiều nhất vào {WHATS[most]} ({low} đến {high})"
        )
    return edition.piece(f"**Xác suất của {'; của '.join(told)}.**")


def context_table(prospect: Prospect) -> Piece:
    """Return forecasts of series near a KPI but of another definition."""
    edition = prospect.edition
    if not prospect.context:
        return Piece("Chưa có chuỗi dài nào gần các KPI còn lại.")
    edition.figures.place = "chuỗi tham khảo"
    rows = [
        [
            f"{case.name} ({case.unit})",
            case.row["kpi"],
            wording.period(str(case.row["last"])),
            _ahead(prospect, case),
            case.row["reason"],
        ]
        for case in prospect.context
    ]
    columns = "l27 Chuỗi (đơn vị) | l10 Gần KPI | l13 Số liệu cuối | l22 Năm 2030: trung vị (khoảng dự báo) | l28 Vì sao không thay cho KPI"
    return edition.table(
        rows,
        "Chuỗi dài gần KPI nhưng khác định nghĩa: dự báo để tham khảo",
        "tbl-boi-canh",
        columns,
        f"{LABEL.capitalize()}; trong ngoặc là khoảng dự báo {EIGHTY}; không suy ra xác suất đạt mục tiêu của KPI. Dự báo quá sáu năm chưa được kiểm chứng."
        + odd(prospect, prospect.context),
    )
