"""How well forecasts have held, for the methods page: the intervals on M3, the probabilities on the comparators' history.

The measurements in (``nq57lab/forecast/validation.csv``, written by the benchmark on M3; the verification of the comparators' series in
``data/comparators``), Markdown out; nothing is typed here.
"""

import base64
import tempfile
from pathlib import Path

import pandas as pd

from nq57lab.base import wording
from nq57lab.forecast import evidence
from nq57lab.outlook import verification
from nq57lab.outlook.scenario_pages import ambition

MEASURED = Path(evidence.__file__).with_name("validation.csv")
NONE = "Chưa có kết quả đo độ phủ kèm theo phiên bản này; khoảng dự báo chỉ có giá trị tham khảo.\n"
FREQUENCY_WORDS = {"yearly": "chuỗi năm", "quarterly": "chuỗi quý", "monthly": "chuỗi tháng"}


def section(path: Path = MEASURED) -> str:
    """Return the section on measured coverage.

    Parameters
    ----------
    path : Path
        CSV: frequency, history, low, high, horizon (0: all), level (per cent), series, coverage (share), error (half width of its 95% interval, share).

    Notes
    -----
    Only whole histories are shown, by horizon; the file itself also has them by length and cut short.
    """
    head = "\n\n## Độ phủ đo được của khoảng dự báo {#do-phu}\n\n"
    if not path.exists():
        return head + NONE
    table = pd.read_csv(path)
    whole = table[table["history"] == "all"]
    wide = whole.drop_duplicates(["frequency", "horizon", "level"])
    lines = []
    for (frequency, horizon), rows in wide.groupby(["frequency", "horizon"], sort=False):
        of = rows.set_index("level")
        cells = [FREQUENCY_WORDS[str(frequency)], "mọi kỳ" if horizon == 0 else f"kỳ {horizon}"]
        for level in (80, 95):
            if level not in of.index:
                cells.append("chưa có số liệu")
                continue
            share, error = 100 * of.loc[level, "coverage"], 100 * of.loc[level, "error"]
            cells.append(f"{wording.number(share, 1)} ± {wording.number(error, 1)}")
        cells.append(wording.number(int(rows["series"].iloc[0])))
        lines.append("| " + " | ".join(cells) + " |")
    heads = "| Tần suất | Kỳ dự báo | Khoảng 80% phủ (%) | Khoảng 95% phủ (%) | Số chuỗi |\n|:--|:--|--:|--:|--:|\n"
    text = (
        "Dự báo học trên chỉ số năm của các nước khác (World Development Indicators, Gapminder) cùng chuỗi của hai cuộc thi dự báo quốc tế (M1, Tourism), rồi đo trên chuỗi của cuộc thi thứ ba (M3, 2000) mà "
        "việc học không đọc. Dấu ± là nửa khoảng tin cậy 95%, gộp theo chuỗi. Độ phủ lớn hơn mức ghi nghĩa là khoảng rộng hơn cần thiết; "
        "nhỏ hơn là quá hẹp.\n\n"
    )
    return head + text + heads + "\n".join(lines) + "\n"


def probabilities(brier: pd.DataFrame, bins: pd.DataFrame) -> str:
    """Return the section on how probabilities of reaching a target have held: reliability diagram and table, Brier scores.

    Parameters
    ----------
    brier, bins : DataFrame
        As :func:`nq57lab.outlook.verification.summary` gives them.
    """
    whole, years = brier.iloc[0], f"{verification.ORIGINS[0]} đến {verification.ORIGINS[-1]}"
    text = (
        f"Xác suất đạt mục tiêu được thử trên {wording.number(whole['forecasts'])} dự báo như lập trong các năm {years}, trên "
        f"{wording.number(whole['series'])} chuỗi của Việt Nam và các nước so sánh (`data/comparators`, phương pháp dự báo không học trên đó), cho mục tiêu "
        f"{verification.AHEAD} năm sau. Sai số của xác suất (điểm Brier) {wording.number(whole['brier'], 3)} so với {wording.number(whole['brier_base'], 3)} của tỷ lệ nền cùng mức tham vọng và cùng chiều: "
        f"tốt hơn {wording.number(100 * whole['skill'])}% (khoảng tin cậy 95%, lấy lại mẫu theo nước và chỉ số: {wording.number(100 * whole['skill_lo'])} đến "
        f"{wording.number(100 * whole['skill_hi'])}%). Chuỗi theo đợt công bố mới nhất, không phải như đã biết khi ấy.\n\n"
    )
    lines = [
        f"| {ambition(row.group)} | {wording.number(row.forecasts)} | {wording.number(100 * row.base_rate, 1)} | {wording.number(row.brier, 3)} "
        f"| {wording.number(row.brier_base, 3)} | {wording.number(100 * row.skill)} ({wording.number(100 * row.skill_lo)} đến {wording.number(100 * row.skill_hi)}) |"
        for row in brier.itertuples()
    ]
    scores = (
        "| Mục tiêu thử | Số dự báo | Tỷ lệ đạt (%) | Sai số của xác suất | Sai số của tỷ lệ nền | Tốt hơn tỷ lệ nền (%) |\n|:--|--:|--:|--:|--:|--:|\n"
        + "\n".join(lines)
    )
    lines = [
        f"| {wording.number(100 * row.lower)} – {wording.number(100 * row.upper)} | {wording.number(row.count)} | {wording.number(100 * row.forecast, 1)} "
        f"| {wording.number(100 * row.observed, 1)} | {wording.number(100 * row.observed_lo, 1)} đến {wording.number(100 * row.observed_hi, 1)} |"
        for row in bins.itertuples(index=False)
    ]
    table = (
        "| Bậc xác suất (%) | Số dự báo | Đã báo, trung bình (%) | Xảy ra (%) | Khoảng 95% của tỷ lệ xảy ra |\n|:--|--:|--:|--:|:--|\n"
        + "\n".join(lines)
    )
    head = "\n\n## Xác suất đạt mục tiêu đã đúng đến đâu {#xac-suat}\n\n"
    captions = (
        ": Xác suất đã báo và tỷ lệ xảy ra, theo bậc",
        ": Sai số của xác suất (điểm Brier) theo mức khó của mục tiêu thử (càng nhỏ càng tốt)",
    )
    return f"{head}{text}{_diagram(bins)}\n\n{table}\n\n{captions[0]}\n\n{scores}\n\n{captions[1]}\n"


def _diagram(bins: pd.DataFrame) -> str:
    """Return the reliability diagram as a picture inside the page."""
    from nq57lab.charts import theme
    from nq57lab.forecast import charts  # Altair is heavy

    counted = [wording.number(count) for count in bins["count"]]
    data = bins.rename(columns={"observed_lo": "lo", "observed_hi": "hi"}).assign(label=counted)
    said = "; ".join(
        f"báo {wording.number(100 * row.forecast)}%, xảy ra {wording.number(100 * row.observed)}%"
        for row in data.itertuples()
    )
    inside = int(((data["lo"] <= data["forecast"]) & (data["forecast"] <= data["hi"])).sum())
    title = f"Ở {inside} trong {len(data)} bậc, xác suất đã báo khớp tần suất xảy ra trong phạm vi sai số"
    chart = theme.themed(
        charts.reliability(data, size=theme.NARROW),
        title,
        "Vạch nhạt: khoảng tin cậy 95%; số cạnh chấm: số dự báo; đường chéo: hoàn toàn khớp.",
        "Nguồn: chuỗi quốc tế trong data/comparators",
        theme.NARROW,
    )
    with tempfile.TemporaryDirectory() as folder:
        theme.save(chart, Path(folder) / "hinh")
        drawn = base64.b64encode((Path(folder) / "hinh.svg").read_bytes()).decode()
    alt = f"Biểu đồ độ tin cậy của xác suất: {said}. {title}."
    return f'```{{=html}}\n<figure class="hinh-nho"><img alt="{alt}" src="data:image/svg+xml;base64,{drawn}"></figure>\n```'
