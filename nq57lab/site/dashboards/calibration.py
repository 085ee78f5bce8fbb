"""How well forecasts have held, for the methods page: the intervals on M3, the probabilities on the comparators' history.

The measurements in (``nq57lab/forecast/measured/validation.csv``, written by the benchmark on M3; the verification of the comparators' series in
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
from nq57lab.targets import skill

DRIVERS = evidence.PATH.with_name("importance.csv")
SHOWN = 8  # features in the table of what the forecast looks at
MEASURED = evidence.PATH
UNTRIED = "Dự án chưa có chuỗi của các nước so sánh nên xác suất đạt mục tiêu chưa được thử ở đây; chỉ nên hiểu xác suất theo bậc.\n"
NONE = "Chưa có kết quả đo độ phủ kèm theo phiên bản này; khoảng dự báo chỉ có giá trị tham khảo.\n"
MEMBER_WORDS = {
    "theta": "Theta",
    "ets": "ETS",
    "damped_log": "xu thế giảm dần trên lô-ga-rít",
    "robust": "xu thế trung vị",
    "persistent": "tự hồi quy của mức thay đổi",
    "ridge": "tự hồi quy ba mức thay đổi, hệ số co lại",
    "drift": "nhịp bình quân",
}
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


FEATURE_WORDS = {
    "horizon": "kỳ dự báo",
    "length": "độ dài chuỗi (lô-ga-rít)",
    "away": "dự báo gốc đi xa bao nhiêu",
    "range": "các dự báo gốc khác nhau bao nhiêu",
    "mean_change": "thay đổi bình quân mỗi kỳ",
    "last_change": "thay đổi của kỳ cuối",
    "recent_change": "thay đổi của các kỳ gần đây",
    "noise": "độ dao động của các thay đổi",
    "recent_noise": "độ dao động gần đây",
    "largest_change": "thay đổi lớn nhất",
    "roughness": "độ gồ ghề",
    "persistence": "thay đổi nối tiếp nhau (tự tương quan)",
    "level_memory": "mức cũ được giữ bao nhiêu",
    "place": "vị trí trong khoảng đã thấy",
    "beyond_mean": "giá trị cuối cao hơn trung bình bao nhiêu",
    "fit": "sai số một bước",
    "relative": "thay đổi so với độ lớn của giá trị",
    "room_ahead": "khoảng còn lại tới giới hạn",
    "flat": "tỷ lệ kỳ không đổi",
    "plateau": "số kỳ đứng yên cuối chuỗi",
    **{f"{name}_apart": f"dự báo gốc {words} so với trung vị" for name, words in MEMBER_WORDS.items()},
}


def drivers(path: Path = DRIVERS) -> str:
    """Return the section on what the learned forecast looks at: permutation importances and partial effects, the most important features.

    Parameters
    ----------
    path : Path
        CSV of ``benchmarks/importance.py``: feature, importance, lo, hi (per cent of the loss), move and width at the feature's 10th and 90th percentile.
    """
    table = pd.read_csv(path)
    count, rest = int(table["series"].iloc[0]), table["lo"].gt(0).sum()
    text = (
        f"Đo trên {wording.number(count)} chuỗi năm của Việt Nam và các nước so sánh mà việc học không đọc, sáu năm cuối để ra, không báo loại và giới hạn của chuỗi. Tầm quan trọng: sai số (mất mát phân vị) tăng bao nhiêu phần trăm khi "
        "đặc điểm bị xáo giữa các chuỗi; khoảng tin cậy 95%, lấy lại mẫu theo nước và chỉ số. Tác động riêng: trung vị dời theo chiều dự báo và bề rộng của khoảng 80%, tính bằng "
        f"mức thay đổi bình quân của chuỗi, khi đặc điểm ở phân vị 10% rồi 90%. {wording.number(rest)} trong {wording.number(len(table))} đặc điểm có khoảng tin cậy trên 0; các đặc điểm còn lại chưa chứng minh được là có ích trên các chuỗi này.\n\n"
    )
    lines = [
        f"| {FEATURE_WORDS[row.feature]} | {wording.number(row.importance, 1)} ({wording.number(row.lo, 1)} đến {wording.number(row.hi, 1)}) "
        f"| {wording.number(row.move_10, 2)} → {wording.number(row.move_90, 2)} | {wording.number(row.width_10, 1)} → {wording.number(row.width_90, 1)} |"
        for row in table.head(SHOWN).itertuples()
    ]
    heads = "| Đặc điểm của chuỗi | Tầm quan trọng (%) | Trung vị dời | Khoảng 80% rộng |\n|:--|--:|--:|--:|\n"
    caption = f": Dự báo nhìn vào điều gì: {SHOWN} đặc điểm quan trọng nhất của {len(table)}"
    return (
        "\n\n## Dự báo học được nhìn vào điều gì {#dac-diem}\n\n" + text + heads + "\n".join(lines) + f"\n\n{caption}\n"
    )


def probabilities(brier: pd.DataFrame, bins: pd.DataFrame) -> str:
    """Return the section on how probabilities of reaching a target have held: reliability diagram and table, Brier scores.

    Parameters
    ----------
    brier, bins : DataFrame
        As :func:`nq57lab.outlook.verification.summary` gives them.
    """
    head = "\n\n## Xác suất đạt mục tiêu đã đúng đến đâu {#xac-suat}\n\n"
    if brier.empty:
        return head + UNTRIED
    whole, years = brier.iloc[0], f"{verification.ORIGINS[0]} đến {verification.ORIGINS[-1]}"
    text = (
        f"Xác suất đạt mục tiêu được thử trên {wording.number(whole['forecasts'])} dự báo như lập trong các năm {years}, trên "
        f"{wording.number(whole['series'])} chuỗi của Việt Nam và các nước so sánh (phương pháp dự báo không học trên đó), cho mục tiêu "
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
    captions = (
        ": Xác suất đã báo và tỷ lệ xảy ra, theo bậc",
        ": Sai số của xác suất (điểm Brier) theo mức khó của mục tiêu thử (càng nhỏ càng tốt)",
    )
    return f"{head}{text}{_diagram(bins)}\n\n{table}\n\n{captions[0]}\n\n{scores}\n\n{captions[1]}\n"


DIFFICULTIES = {
    "met": "thấp hơn mức hiện nay",
    "easy": "dưới nửa nhịp",
    "middle": "nửa đến một nhịp",
    "hard": "một đến hai nhịp",
    "very_hard": "trên hai nhịp",
}


def by_difficulty() -> str:
    """Return the section on probabilities by direction and difficulty on countries and indicators never seen, and where none is said."""
    table = skill.table()
    yearly = table[table["frequency"] == "yearly"]
    inside = ((yearly["gap_lo"] <= 0) & (yearly["gap_hi"] >= 0)).sum()
    text = (
        "Thử thêm trên chỉ số năm của các nước mà việc học không thấy cả nước lẫn nhóm chỉ số, mục tiêu năm năm sau theo cả hai chiều; chia theo chiều và theo độ khó: mức thay đổi mỗi năm mà mục tiêu đòi hỏi, "
        f"tính bằng nhịp (mức thay đổi tuyệt đối bình quân năm của chuỗi). Xác suất đã báo khớp tỷ lệ xảy ra trong phạm vi sai số ở {wording.number(inside)} trong {wording.number(len(yearly))} nhóm. Hơn tỷ lệ nền: phần sai số (điểm Brier) giảm được so với tần suất đạt của mục tiêu cùng chiều, "
        "cùng mức tham vọng; khoảng tin cậy 95%, lấy lại mẫu theo nước và chỉ số. Nhóm mà khoảng ấy chưa nằm trên 0 thì không nêu xác suất. Hiệu chỉnh lại xác suất (hồi quy lô-gít, khớp trên nước và chỉ số khác) không làm sai số của chuỗi năm giảm nên không dùng. Thứ hạng không có trong các chuỗi thử này. Chuỗi quý và chuỗi tháng đo theo cùng cách trên chuỗi của một cuộc thi dự báo quốc tế mà việc học không đọc: "
        f"{_said(table, 'quarterly')} và {_said(table, 'monthly')} nhóm được nêu xác suất.\n\n"
    )
    lines = [
        f"| {'ít nhất' if row.direction > 0 else 'nhiều nhất'} | {DIFFICULTIES[row.difficulty]} | {wording.number(row.targets)} | {wording.number(100 * row.said, 1)} | {wording.number(100 * row.happened, 1)} "
        f"({wording.number(100 * row.gap_lo, 1)} đến {wording.number(100 * row.gap_hi, 1)}) | {wording.number(100 * row.skill)} ({wording.number(100 * row.skill_lo, 1)} đến {wording.number(100 * row.skill_hi, 1)}) | {'có' if row.skill_lo > 0 else 'không'} |"
        for row in yearly.itertuples()
    ]
    heads = "| Chiều | Đòi hỏi mỗi năm | Mục tiêu | Đã báo (%) | Xảy ra (%; chênh lệch) | Hơn tỷ lệ nền (%) | Nêu |\n|:--|:--|--:|--:|--:|--:|:--|\n"
    caption = ": Xác suất theo chiều và độ khó của mục tiêu, trên nước và chỉ số chưa thấy"
    return "\n\n" + text + heads + "\n".join(lines) + f"\n\n{caption}\n"


def _said(table: pd.DataFrame, frequency: str) -> str:
    rows = table[table["frequency"] == frequency]
    return f"{wording.number((rows['skill_lo'] > 0).sum())}/{wording.number(len(rows))}"


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
    subtitle = "Vạch nhạt: khoảng tin cậy 95%; số cạnh chấm: số dự báo; đường chéo: hoàn toàn khớp."
    foot = "Nguồn: chuỗi quốc tế trong data/comparators"
    chart = theme.themed(charts.reliability(data, size=theme.NARROW), title, subtitle, foot, theme.NARROW)
    with tempfile.TemporaryDirectory() as folder:
        theme.save(chart, Path(folder) / "hinh")
        drawn = base64.b64encode((Path(folder) / "hinh.svg").read_bytes()).decode()
    alt = f"Biểu đồ độ tin cậy của xác suất: {said}. {title}."
    return f'```{{=html}}\n<figure class="hinh-nho"><img alt="{alt}" src="data:image/svg+xml;base64,{drawn}"></figure>\n```'
