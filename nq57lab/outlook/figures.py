"""The charts of forecasts in a report: each builder takes an edition and returns a drawing and its words.

Fans with target and required path, scenarios, what a probability depends on, the reliability of probabilities, the coverage of intervals.
"""

from typing import Any

import numpy as np
import pandas as pd

from nq57lab.base import wording
from nq57lab.documents.edition import UNVERIFIED, Drawn, Edition, MissingFigure, builder, words
from nq57lab.forecast import charts as charts_forecast
from nq57lab.forecast import evidence, watch
from nq57lab.outlook import macro, scenario_pages, sensitivity
from nq57lab.outlook.prospect import Case, Prospect
from nq57lab.targets import chance

RANK = "thứ hạng"
MODELS = {
    "theta": "xu thế làm trơn (Theta)",
    "ets": "làm trơn mũ (ETS)",
    "damped": "xu thế tắt dần",
    "drift": "giữ tốc độ bình quân",
    "robust_trend": "giữ tốc độ trung vị",
    "arima": "ARIMA",
    "naive": "giữ nguyên mức cuối",
}
SHORT_ODD = {
    "outlier": "lệch hẳn",
    "odd_last": "cần kiểm tra",
    "unit_outlier": "sai chữ số?",
    "unit_last": "sai đơn vị?",
    "unit_jump": "đổi đơn vị?",
    "shift": "gãy chuỗi?",
    "plateau": "đứng yên từ đây",
    "stale": "số liệu dừng",
}
ENDS = ("lo_80", "hi_80", "lo_95", "hi_95")


@builder
def fans(edition: Edition, prospect: Prospect, context: bool = False) -> Drawn:
    """Return the fans of the quantities with a probability, or of the series that are context only."""
    cases = prospect.context if context else prospect.cases
    if not cases:
        raise MissingFigure("forecasts")
    parts, said = [], []
    for case in cases:
        rows, told, _ = _fan(prospect, case, context)
        parts.append(rows)
        said.append(told)
    data = pd.concat(parts, ignore_index=True)
    if context:
        title = "Các chuỗi gần KPI nhưng khác định nghĩa chỉ để tham khảo, không suy ra xác suất của KPI"
    elif prospect.shown:
        title = "; ".join(f"{case.name}: {chance.in_range(*prospect.span(case))}" for case in prospect.said)
        title = f"Khả năng đạt mục tiêu năm 2030, ước lượng nghiên cứu: {title or 'chưa nêu được'}"
    else:
        title = "Dự báo đến năm 2030 và đường phải đi"
    alt = f"Biểu đồ quạt: {'; '.join(said)}."
    required = "" if context else " Nét đứt: đường phải đi; hình thoi: mục tiêu."
    subtitle = f"Nét liền: số liệu; nét chấm: trung vị dự báo; dải đậm, dải nhạt: khoảng dự báo 80% và 95%.{required}"
    return (lambda size: charts_forecast.fans(data, size=size)), words(
        title, subtitle, "Dự báo để tham khảo" if context else "Dự báo đến năm 2030 và mục tiêu", alt
    )


@builder
def fan(edition: Edition, prospect: Prospect, case: Case) -> Drawn:
    """Return one series' fan; with its target and the path to it where it has one ahead."""
    data, said, title = _fan(prospect, case, bool(np.isnan(case.row["aim"])))
    end = case.forecast["period"].iloc[-1]
    subtitle = "Nét liền: số liệu; nét chấm: trung vị dự báo; dải đậm, dải nhạt: khoảng dự báo 80% và 95%; vòng đen: điểm cần kiểm tra"
    return (lambda size: charts_forecast.fans(data, size=size)), words(
        title, subtitle, f"{case.name}, dự báo đến {wording.period(end)}", f"Biểu đồ quạt: {said}."
    )


def _year(text: str) -> int:
    return int(text[:4])


def _fan(prospect: Prospect, case: Case, context: bool) -> tuple[pd.DataFrame, str, str]:
    """Return the rows of one fan, what it says, and that in short."""
    write = prospect.edition.figures.write
    last, ahead = case.history.iloc[-1], case.forecast
    shown = write(prospect.figure(last["value"], case, "giá trị mới nhất"), markup=False)
    end = ahead.iloc[-1]
    middle, low, high = (
        write(prospect.figure(end[name], case, f"{end['model']}: {what}"), markup=False)
        for name, what in (("median", "trung vị"), ("lo_80", "cận dưới 80%"), ("hi_80", "cận trên 80%"))
    )
    about = {"name": case.name, "unit": case.unit, "turned": case.unit == RANK, "label": "", "odd": ""}
    odd = watch.by_period(ahead["note"].iloc[0])
    table = prospect.edition.known_tables.measured
    status = dict(zip(table["id"], table["status"], strict=True))
    history = [
        about
        | {"part": "history", "year": _year(row.period), "value": row.value}
        | {"odd": SHORT_ODD.get(odd.get(row.period, ""), ""), "told": status.get(row.id, "") in UNVERIFIED}
        for row in case.history[["period", "value", "id"]].itertuples(index=False)
    ]
    history[-1]["label"] = shown
    start = about | {
        "part": "forecast",
        "year": _year(last["period"]),
        **dict.fromkeys(("value", *ENDS), last["value"]),
    }
    forecast = [start] + [
        about | {"part": "forecast", "year": _year(row["period"]), "value": row["median"], **{k: row[k] for k in ENDS}}
        for row in ahead.to_dict("records")
    ]
    forecast[-1] |= {"label": middle, "range": f"80%: {low} – {high}"}
    seen = f"{shown} năm {_year(last['period'])}, trung vị dự báo năm {_year(end['period'])} là {middle}"
    told = f"{case.name}: {seen}, khoảng dự báo 80% từ {low} đến {high}"
    rows = history + forecast
    if case.row.get("assumed"):  # a wish without a number: nothing to draw a way to
        told += f", văn bản chỉ nêu “{case.row['assumed']}”"
    elif not context:
        aim = float(case.row["aim"])
        goal = write(prospect.figure(aim, case, "mục tiêu năm 2030"), markup=False)
        rows += [
            about | {"part": "required", "year": _year(last["period"]), "value": last["value"]},
            about | {"part": "required", "year": macro.YEAR, "value": aim},
            about | {"part": "target", "year": macro.YEAR, "value": aim, "label": f"mục tiêu {goal}"},
        ]
        told += f", mục tiêu {goal}"
    return pd.DataFrame(rows), told, f"{case.name}, mới nhất {seen}"


@builder
def scenarios(edition: Edition, prospect: Prospect) -> Drawn:
    """Return the scenarios, one panel a quantity."""
    found = [(case, table) for case, table in scenario_pages.paths(prospect) if len(case.history) > 1]
    if not found:
        raise MissingFigure("scenarios")
    parts, said = [], []
    for case, table in found:
        about = {"name": case.name, "unit": case.unit, "turned": case.unit == RANK}
        seen = case.history[["period", "value"]]
        rows = [about | {"line": "", "year": _year(r.period), "value": r.value, "label": ""} for r in seen.itertuples()]
        shown = edition.figures.write(prospect.figure(seen["value"].iloc[-1], case, "giá trị mới nhất"), markup=False)
        rows[-1]["label"] = shown
        for name, path in table.groupby("name", sort=False):
            text = edition.figures.write(
                prospect.figure(path["value"].iloc[-1], case, f"kịch bản: {name}"), markup=False
            )
            start = about | {
                "line": name,
                "pace": path["scenario"].iloc[0],
                "year": rows[-1]["year"] if rows[-1]["line"] == "" else rows[len(seen) - 1]["year"],
            }
            rows.append(start | {"value": float(seen["value"].iloc[-1]), "label": ""})
            rows += [start | {"year": r.period, "value": r.value, "label": ""} for r in path.itertuples()]
            rows[-1]["label"] = f"{SHORT[path['scenario'].iloc[0]]}: {text}"
            said.append(f"{case.name}, {name}: {text}")
        parts.append(pd.DataFrame(rows))
    data = pd.concat(parts, ignore_index=True)
    title = _reached(edition, found)
    subtitle = "Kịch bản, không phải dự báo: nét đứt cho biết năm 2030 ở đâu nếu giữ một tốc độ; nét liền là số liệu; nét đứt đen: tốc độ phải có"
    alt = f"Biểu đồ đường các kịch bản năm 2030: {'; '.join(said)}."
    return (lambda size: charts_forecast.scenarios(data, size=size)), words(
        title, subtitle, "Kịch bản đến năm 2030", alt
    )


def _reached(edition: Edition, found: list[tuple[Case, pd.DataFrame]]) -> str:
    """Say how many quantities would reach their target at the present pace."""
    ends = [(case, table[(table["scenario"] == "as_now") & (table["period"] == macro.YEAR)]) for case, table in found]
    met = [
        case for case, end in ends if len(end) and case.row["direction"] * (end["value"].iloc[0] - case.row["aim"]) >= 0
    ]
    told = [
        edition.count(count, how, ("targets.csv",), markup=False)
        for count, how in (
            (len(met), "số chỉ số tới mục tiêu nếu giữ tốc độ hiện nay"),
            (len(found), "số chỉ số có kịch bản"),
        )
    ]
    return f"Giữ tốc độ hiện nay, {told[0]} trong {told[1]} chỉ số tới mục tiêu năm 2030"


SHORT = {"as_now": "tốc độ nay", "required": "phải có", "best_comparator": "nước tốt nhất", "given": "người dùng"}


@builder
def depends(edition: Edition, prospect: Prospect, second: bool = False) -> Drawn:
    """Return what the probability of the first, or the second, quantity depends on: model, vintage, window."""
    if len(prospect.said) <= second or not prospect.shown:
        raise MissingFigure("probabilities")
    case = prospect.said[second]
    table = prospect.variants(case).dropna(subset=["p_met"])
    rows = []
    row: Any
    for row in table.itertuples():
        label = edition.figures.write(
            prospect.figure(
                100 * row.p_met, case, f"P(đạt mục tiêu), {sensitivity.WHATS[row.what]}: {row.variant}", "%", 0
            ),
            markup=False,
        )
        rows.append({"name": _variant(row), "value": 100 * row.p_met, "lo": np.nan, "hi": np.nan, "label": label})
    data = pd.DataFrame(rows)
    low, high = data.loc[data["value"].idxmin()], data.loc[data["value"].idxmax()]
    title = f"{case.name}: xác suất đạt mục tiêu từ {low['label']} đến {high['label']} tùy cách tính"
    alt = "Biểu đồ chấm: " + "; ".join(f"{r['name']} {r['label']}" for r in rows) + f". {title}."
    subtitle = "Ước lượng nghiên cứu, xác suất đạt mục tiêu năm 2030 (%); chấm xanh và vạch đứt: cách tính mặc định"
    rule = float(data["value"].iloc[0])
    return (lambda size: charts_forecast.dots(data, title="%", rule=rule, domain=(-4, 104), size=size)), words(
        title, subtitle, f"{case.name}: xác suất phụ thuộc vào mô hình, thời điểm và độ dài chuỗi", alt
    )


def _variant(row) -> str:
    """Say a variant in words."""
    if row.what == "default":
        return "Mặc định: học trên nhiều chuỗi"
    if row.what == "model":
        return f"Mô hình: {MODELS[row.variant]}"
    if row.what == "vintage":
        return f"Như đã biết đến {wording.stamp(row.variant)}"
    return f"Chỉ {row.variant}" if row.what == "window" else f"Sau điểm gãy: {row.variant}"


@builder
def reliability(edition: Edition, prospect: Prospect) -> Drawn:
    """Return the reliability diagram of the probabilities on the comparators' history."""
    table = prospect.verified[1]
    if table.empty:
        raise MissingFigure("comparators")
    told = ("series.parquet",)
    counts = [edition.count(number, "số dự báo thử trong bậc", told, markup=False) for number in table["count"]]
    data = table.rename(columns={"observed_lo": "lo", "observed_hi": "hi"}).assign(label=counts)
    inside = int(((data["lo"] <= data["forecast"]) & (data["forecast"] <= data["hi"])).sum())
    part = [
        edition.count(number, how, told, markup=False)
        for number, how in ((inside, "số bậc có đường chéo trong khoảng"), (len(data), "số bậc"))
    ]
    title = f"Ở {part[0]} trong {part[1]} bậc, xác suất đã báo khớp tần suất xảy ra trong phạm vi sai số"
    said = "; ".join(
        f"báo {wording.number(100 * r.forecast, 0)}%, xảy ra {wording.number(100 * r.observed, 0)}%"
        for r in data.itertuples()
    )
    subtitle = (
        "Dự báo như lập trong các năm 2010 – 2015 cho mục tiêu năm năm sau, Việt Nam và 12 nước so sánh; vạch nhạt: khoảng tin cậy 95%, theo chuỗi; "
        "số cạnh chấm: số dự báo; đường chéo: hoàn toàn khớp. Nguồn: các chuỗi quốc tế của mười ba nước"
    )
    return (lambda size: charts_forecast.reliability(data, size=size)), words(
        title, subtitle, "Độ tin cậy của xác suất", f"Biểu đồ độ tin cậy: {said}. {title}."
    )


@builder
def coverage(edition: Edition, prospect: Prospect) -> Drawn:
    """Return the coverage of the intervals on M3 by horizon."""
    rows = evidence.table()
    rows = rows[(rows["frequency"] == "yearly") & (rows["history"] == "all") & (rows["horizon"] > 0)]
    data = pd.DataFrame(
        {
            "horizon": rows["horizon"],
            "level": rows["level"],
            "coverage": 100 * rows["coverage"],
            "lo": 100 * (rows["coverage"] - rows["error"]),
            "hi": (100 * (rows["coverage"] + rows["error"])).clip(upper=100),
        }
    )
    data["label"] = [
        edition.computed(
            value,
            f"tỷ lệ chứa giá trị thật, {h} năm trước, khoảng {level}%",
            (f"validation.csv:{line + 2}",),
            decimals=1,
            markup=False,
        )
        for line, value, h, level in zip(data.index, data["coverage"], data["horizon"], data["level"], strict=True)
    ]
    fine = int(((data["lo"] <= data["level"]) & (data["level"] <= data["hi"])).sum())
    part = [
        edition.count(number, how, ("validation.csv",), markup=False)
        for number, how in ((fine, "số phép đo có mức ghi trong khoảng"), (len(data), "số phép đo"))
    ]
    title = f"{part[0]} trong {part[1]} phép đo: mức ghi của khoảng dự báo nằm trong sai số"
    said = "; ".join(f"{r.horizon} năm, khoảng {r.level}%: {r.label}%" for r in data.itertuples())
    subtitle = "Tỷ lệ giá trị thật nằm trong khoảng dự báo (%), 645 chuỗi năm của một cuộc thi dự báo quốc tế (Makridakis, Hibon 2000), không dùng để hiệu chỉnh; vạch: khoảng tin cậy 95% theo chuỗi"
    return (lambda size: charts_forecast.coverage(data, size=size)), words(
        title, subtitle, "Độ phủ thực tế của khoảng dự báo so với mức ghi", f"Biểu đồ chấm: {said}. {title}."
    )
