"""How often the forecast intervals have held, for the methods page: the measured file of the forecast package, as a table.

The measurements in (``nq57lab/forecast/validation.csv``, written by the benchmark on M3), Markdown out; nothing is typed here.
"""

from pathlib import Path

import pandas as pd

from nq57lab import forecast, wording

MEASURED = Path(forecast.__file__).with_name("validation.csv")
NONE = "Chưa có kết quả đo độ phủ kèm theo phiên bản này; khoảng dự báo chỉ có giá trị tham khảo.\n"
FREQUENCY_WORDS = {"yearly": "chuỗi năm", "quarterly": "chuỗi quý"}


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
        "Khoảng dự báo được hiệu chỉnh trên hai bộ chuỗi M1 và Tourism, rồi đo trên bộ M3 mà phép hiệu chỉnh không đọc "
        "(`benchmarks/bench_m3.py`). Dấu ± là nửa khoảng tin cậy 95%, gộp theo chuỗi. Độ phủ lớn hơn mức ghi nghĩa là khoảng rộng hơn cần thiết; "
        "nhỏ hơn là quá hẹp.\n\n"
    )
    return head + text + heads + "\n".join(lines) + "\n"
