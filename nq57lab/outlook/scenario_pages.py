"""Pages beside the forecasts: scenarios, never called forecasts, and how well probabilities and intervals have held.

A :class:`~nq57lab.outlook.prospect.Prospect` in, pieces of the document out.
"""

from typing import Any

import numpy as np
import pandas as pd

from nq57lab.base import wording
from nq57lab.documents.edition import Piece
from nq57lab.facts import comparators
from nq57lab.forecast import evidence
from nq57lab.outlook import macro, scenarios
from nq57lab.outlook.pages import EIGHTY, NINETY_FIVE
from nq57lab.outlook.prospect import LEVELS, Case, Prospect

SLOW = 0.1  # a pace below this is written with three decimals


def paths(prospect: Prospect) -> list[tuple[Case, pd.DataFrame]]:
    """Return the scenarios of every quantity with a numeric 2030 target ahead and a figure: the pace as now, required, the best comparator's, the user's."""
    edition = prospect.edition
    kinds = comparators.load_indicators(edition.catalogue, prospect.series)
    same = kinds[kinds["relation"] == "same"].drop_duplicates("indicator").set_index("indicator")["key"]
    rows = pd.concat([prospect.outlook.rows, prospect.others.rows], ignore_index=True)
    rows = rows[(rows["points"] > 0) & rows["aim"].notna() & (rows["assumed"] == "")]
    given, found = edition.parameters.get("scenario_paces") or {}, []
    for _, row in rows.iterrows():
        history = prospect.histories[row["measure"]]
        years = history[history["period"].str.fullmatch("[0-9]{4}")]
        if years.empty or row["direction"] * (years["value"].iloc[-1] - row["aim"]) >= 0:
            continue
        peers = _peers(prospect.series, same.get(row["measure"]))
        case = Case(
            row,
            edition.catalogue.short[row["measure"]],
            edition.catalogue.subject_units.get(row["measure"], ""),
            history,
            pd.DataFrame(),
        )
        ends = {
            "lower": -np.inf if np.isnan(row["lower"]) else row["lower"],
            "upper": np.inf if np.isnan(row["upper"]) else row["upper"],
        }
        pace = given.get(row["measure"], given.get(row["kpi"]))
        table = scenarios.paths(
            years,
            macro.YEAR,
            float(row["aim"]),
            direction=int(row["direction"]),
            kind=row["kind"],
            comparators=peers,
            given=pace,
            now=(float(row["pace"]), str(row["since"])[:4]),
            **ends,
        )
        found.append((case, table))
    return found


def _peers(series: pd.DataFrame, key: str | None) -> dict[str, pd.DataFrame]:
    """Return the comparators' series of a key, by the country's name."""
    own = series[(series["indicator_key"] == key) & (series["iso3"] != "VNM")]
    return {
        comparators.COUNTRIES[code]: part.rename(columns={"year": "period"})[["period", "value"]]
        for code, part in own.groupby("iso3")
    }


def scenario_table(prospect: Prospect) -> Piece:
    """Return the scenarios: pace, value in 2030, whence the pace."""
    edition = prospect.edition
    edition.figures.place = "kịch bản"
    rows = []
    for case, table in paths(prospect):
        unit = "điểm phần trăm" if case.unit == "%" else case.unit
        found: Any
        for found in table[table["period"] == macro.YEAR].itertuples():
            how = f"kịch bản: {found.name}"
            relative = found.pace_kind == "percent"
            pace = prospect.figure(
                found.pace,
                case,
                how + ", tốc độ mỗi năm",
                "%" if relative else unit,
                2 if abs(found.pace) >= SLOW else 3,
            )
            value = prospect.figure(found.value, case, how)
            rows.append(
                [
                    f"{case.name} ({case.unit})",
                    found.name,
                    edition.figures.write(pace),
                    edition.figures.write(value),
                    f"giai đoạn {found.basis}" if found.basis[:1].isdigit() else found.basis,
                ]
            )
    if not rows:
        return Piece("Chưa có mục tiêu nào có số liệu để dựng kịch bản.")
    note = (
        f"{scenarios.LABEL.capitalize()}: chỉ cho biết điều gì xảy ra nếu giữ một tốc độ, không cho biết khả năng. Tốc độ hiện nay là mức thay đổi bình quân năm từ kỳ gốc của mục tiêu, "
        "như ở bảng tốc độ; chưa có kỳ nào cùng định nghĩa sau kỳ gốc thì không có kịch bản này."
    )
    columns = "l30 Chỉ số (đơn vị) | l22 Kịch bản | l18 Tốc độ mỗi năm | r12 Năm 2030 | l18 Căn cứ"
    return edition.table(rows, "Kịch bản đến năm 2030", "tbl-kich-ban", columns, note)


def calibration(prospect: Prospect) -> Piece:
    """Return the Brier scores of the probabilities against the base rate, by how ambitious the targets were."""
    edition = prospect.edition
    edition.figures.place = "kiểm chứng xác suất"
    brier, rows = prospect.verified[0], []
    told = ("series.parquet",)
    row: Any
    for row in brier.itertuples():
        numbers = [
            (row.forecasts, 0, "số dự báo"),
            (100 * row.base_rate, 1, "tỷ lệ đạt"),
            (row.brier, 3, "sai số của xác suất"),
            (row.brier_base, 3, "sai số của tỷ lệ nền"),
            (100 * row.skill, 0, "phần trăm tốt hơn tỷ lệ nền"),
            (100 * row.skill_lo, 0, "cận dưới 95%, lấy lại mẫu theo nước và chỉ số"),
            (100 * row.skill_hi, 0, "cận trên 95%"),
        ]
        cells = [
            edition.computed(value, f"{what}, {row.group}", told, decimals=decimals)
            for value, decimals, what in numbers
        ]
        rows.append([ambition(row.group), *cells[:5], f"{cells[5]} đến {cells[6]}"])
    note = (
        "Dự báo như lập trong các năm 2010 – 2015 trên chuỗi của Việt Nam và mười hai nước so sánh, mục tiêu đặt năm năm sau bằng các phân vị của mức thay đổi từng có; phương pháp dự báo không học trên dữ liệu này. "
        "Sai số (điểm Brier): trung bình của bình phương chênh lệch giữa xác suất đã báo và kết quả xảy ra; không có đơn vị, càng nhỏ càng tốt. Tỷ lệ nền: tần suất đạt của các mục tiêu cùng mức tham vọng và cùng chiều, biết trước. Chuỗi theo đợt công bố mới nhất, không phải như đã biết khi ấy."
    ).replace("2010 – 2015", '[2010 – 2015]{.hang-so ly-do="các năm lập dự báo thử"}')
    columns = "l26 Mục tiêu thử | r11 Số dự báo | r12 Tỷ lệ đạt (%) | r10 Sai số | r13 Sai số của tỷ lệ nền | r12 Tốt hơn (%) | l16 Khoảng tin cậy"
    return edition.table(rows, "Độ chính xác của xác suất so với tỷ lệ nền", "tbl-brier", columns, note)


YEARS_AHEAD = dict(enumerate(("một", "hai", "ba", "bốn", "năm", "sáu"), start=1))
AMBITIONS = {"all": "tất cả", "10%": "rất dễ", "25%": "dễ", "50%": "trung bình", "75%": "khó", "90%": "rất khó"}


def ambition(group: str) -> str:
    """Return how ambitious a group of trial targets was, in words."""
    return AMBITIONS.get(group, group)


def calibration_finding(prospect: Prospect) -> Piece:
    """Return the sentence on how well probabilities and intervals have held."""
    edition = prospect.edition
    edition.figures.place = "kết luận kiểm chứng"
    tried = _tried(prospect)
    shares = []
    for level in LEVELS:
        found = evidence.overall("yearly", level)
        where = (f"validation.csv:{found.line}",)
        how = f"tỷ lệ chứa giá trị thật khi thử trên mọi chuỗi năm, khoảng {level}%"
        shares.append(edition.computed(100 * found.coverage, how, where, unit="%", decimals=1))
    return edition.piece(
        f"**{tried}; trên các chuỗi của một cuộc thi dự báo quốc tế, khoảng dự báo {EIGHTY} chứa {shares[0]} và khoảng dự báo {NINETY_FIVE} chứa {shares[1]} giá trị thật.** "
        f"{_weak(prospect)}{_wide()}"
    )


def _tried(prospect: Prospect) -> str:
    """Say how much smaller the error of the probabilities was than that of the base rate, or that they were not tried."""
    if prospect.verified[0].empty:
        return "Dự án chưa có chuỗi của các nước so sánh nên xác suất chưa được thử"
    whole = prospect.verified[0].iloc[0]
    skill, low, high, count = (
        prospect.edition.computed(v, how, ("series.parquet",), unit=u)
        for v, u, how in (
            (100 * whole["skill"], "%", "phần sai số giảm được: 1 − sai số của xác suất ÷ sai số của tỷ lệ nền"),
            (100 * whole["skill_lo"], "%", "cận dưới 95%, lấy lại mẫu theo nước và chỉ số"),
            (100 * whole["skill_hi"], "%", "cận trên 95%"),
            (whole["forecasts"], "", "số dự báo thử"),
        )
    )
    better = f"xác suất có sai số nhỏ hơn của tỷ lệ nền cùng mức tham vọng {skill}"
    if whole["skill_lo"] <= 0:
        better = f"chưa chứng minh được xác suất có sai số nhỏ hơn của tỷ lệ nền cùng mức tham vọng: {skill}"
    return f"Trên {count} dự báo thử, {better} (khoảng tin cậy {NINETY_FIVE}: {low} đến {high})"


def _weak(prospect: Prospect) -> str:
    """Say for which targets the probabilities are not shown to be better than the base rate."""
    brier = prospect.verified[0]
    if brier.empty:
        return ""
    weak = brier[(brier["skill_lo"] <= 0) & (brier["group"] != "all")]
    if weak.empty:
        return "Xác suất tốt hơn tỷ lệ nền ở mọi mức tham vọng của mục tiêu thử. "
    some = wording.join(ambition(group) for group in weak["group"])
    return f"Với mục tiêu {some}, chưa chứng minh được xác suất tốt hơn tỷ lệ nền; chỉ nên hiểu xác suất theo bậc (khó, có thể, nhiều khả năng), không so hơn kém vài phần trăm. "


def _wide() -> str:
    """Say at which horizons the intervals on M3 held clearly more or less than they say."""
    rows = evidence.table()
    rows = rows[(rows["frequency"] == "yearly") & (rows["history"] == "all") & (rows["horizon"] > 0)]
    apart = (rows["coverage"] - rows["level"] / 100).where(lambda gap: gap.abs() > rows["error"] + 1e-9)
    told = []
    for words, chosen in (("rộng", rows[apart > 0]), ("hẹp", rows[apart < 0])):
        if len(chosen):
            ahead = wording.join(YEARS_AHEAD[h] for h in sorted(set(chosen["horizon"])))
            told.append(f"với tầm dự báo {ahead} năm, khoảng dự báo {words} hơn mức ghi")
    return (
        wording.capital("; ".join(told)) + "." if told else "Ở mọi tầm dự báo, mức ghi nằm trong sai số của phép thử."
    )
