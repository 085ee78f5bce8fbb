"""The charts of a composite index in a report: each builder takes a study and returns what :meth:`Edition.chart` asks for."""

import numpy as np
import pandas as pd

from nq57lab.base import wording
from nq57lab.charts import basic, tile_map
from nq57lab.composite import charts
from nq57lab.composite.results import tables
from nq57lab.composite.robustness import uncertainty
from nq57lab.composite.study import Study, label, words
from nq57lab.documents.edition import Edition, MissingFigure, builder

CLASSES = ("một phần tư đầu", "một phần tư thứ hai", "một phần tư thứ ba", "một phần tư cuối", "thiếu số liệu")
PARTIAL = "◦: điểm dựa trên một phần số liệu (thiếu thành phần)."
SHIFTS = 12  # units shown whose rank moves most
TREATED = 4


def _marked(found: Study, code: str, name: str) -> str:
    """Return a unit's name with the mark of a score that rests on part of the figures."""
    cover = found.build.coverage.set_index("uCode")[found.root]
    return _short(name) + (" ◦" if cover.get(code, 1.0) < 1 - 1e-9 else "")


def _partial(found: Study) -> str:
    whole = (found.build.coverage[found.root] > 1 - 1e-9) | found.build.scores[found.root].isna()
    return "" if whole.all() else f". {PARTIAL}"


def _short(name: str) -> str:
    return name.removeprefix("Thành phố ")


@builder
def ranked(edition: Edition, found: Study):
    """Return the ranked bars with rank intervals."""
    table = found.table
    labels, intervals = [], []
    for row in table.to_dict("records"):
        code = row["uCode"]
        rank, low, high = (
            label(edition, found, row[name], f"hạng {what} của {code}")
            for name, what in (("rank", "theo cấu hình"), ("q05", "5%"), ("q95", "95%"))
        )
        labels.append(label(edition, found, row["score"], f"điểm {found.root} của {code}", 1))
        intervals.append(f"{rank} ({wording.span(low, high)})")
    frame = table[["score"]].assign(
        name=[_marked(found, code, name) for code, name in zip(table["uCode"], table["name"], strict=True)],
        **{name: table[own] for name, own in (("nominal", "rank"), ("low", "q05"), ("high", "q95"))},
        **{"label": labels, "ranks": intervals},
    )
    first = frame.iloc[0]
    span = "hạng không đổi" if first["low"] == first["high"] else f"hạng nằm trong {first['ranks'].split('(')[1][:-1]}"
    title = (
        f"{_short(table['name'].iloc[0])} đứng đầu với {first['label']} điểm; tính lại theo các giả định khác, {span}"
    )
    runs = label(edition, found, found.ranks["runs"].max(), "số lượt tính lại độc lập")
    subtitle = f"{found.build.framework.names[found.root]}: điểm (trái) và hạng với khoảng chứa 90% trong {runs} lượt tính lại (phải){_partial(found)}"
    caption = "Xếp hạng và độ chắc chắn của thứ hạng"
    alt = f"Biểu đồ thanh {len(frame)} đơn vị từ điểm cao đến thấp, kèm khoảng hạng. {title}."
    said = words(found, title, subtitle, caption, alt)
    return (lambda size: charts.ranked(frame, size=size)), said


@builder
def tiles(edition: Edition, found: Study):
    """Return the tile map of the 34 provinces."""
    table = found.table
    if not tile_map.fits(table["uCode"], found.names):
        raise MissingFigure("map", tile_map.NO_MAP)
    labels = [
        label(edition, found, score, f"điểm {found.root} của {code}", 1)
        for code, score in zip(table["uCode"], table["score"], strict=True)
    ]
    frame = pd.DataFrame({"area": table["uCode"], "value": table["score"], "label": labels})
    best, worst = _short(table["name"].iloc[0]), _short(table["name"].iloc[-1])
    title = f"Điểm cao nhất ở {best} ({labels[0]}), thấp nhất ở {worst} ({labels[-1]})"
    subtitle = f"{found.build.framework.names[found.root]}, điểm theo tỉnh, thành phố; bốn bậc có số đơn vị bằng nhau"
    caption = "Bản đồ ô các tỉnh, thành phố"
    alt = f"Bản đồ ô 34 tỉnh, thành phố, có quần đảo Hoàng Sa (Đà Nẵng) và quần đảo Trường Sa (Khánh Hòa), tô theo điểm. {title}."
    said = words(found, title, subtitle, caption, alt)
    return (lambda size: tile_map.draw(frame, size=size)), said


@builder
def heat(edition: Edition, found: Study):
    """Return the indicators' heat map."""
    frame, table = found.build.framework, found.table
    ranks = found.build.ranks.set_index("uCode")
    count = len(ranks)
    raw = pd.DataFrame(np.isnan(found.inputs.values), index=found.inputs.units["uCode"], columns=list(frame.indicators))
    rows = []
    for unit, name in zip(table["uCode"], table["name"], strict=True):
        for code in frame.indicators:
            rank = ranks.loc[unit, code]
            gone = bool(raw.loc[unit, code]) or rank != rank
            place = min(int((rank - 1) * 4 // count), 3) if not gone else 4
            shown = "thiếu số liệu" if gone else f"{int(rank)}/{count}"
            rows.append((_short(name), _column(frame.names[code]), CLASSES[place], shown))
    data = pd.DataFrame(rows, columns=["name", "column", "class", "label"])
    top = ranks.loc[table["uCode"].iloc[0], list(frame.indicators)]
    strong = label(edition, found, (top <= count / 4).sum(), f"chỉ số mà {table['uCode'].iloc[0]} ở một phần tư đầu")
    title = f"{_short(table['name'].iloc[0])} ở một phần tư đầu trong {strong}/{label(edition, found, len(frame.indicators), 'số chỉ số')} chỉ số"
    subtitle = "Hạng của từng đơn vị (hàng, từ điểm cao đến thấp) ở từng chỉ số (cột), theo bốn phần bằng nhau; trắng: thiếu số liệu, được điền khi tính"
    caption = "Bảng nhiệt các chỉ số"
    alt = f"Bảng nhiệt {len(table)} đơn vị và {len(frame.indicators)} chỉ số, đậm là hạng cao. {title}."
    said = words(found, title, subtitle, caption, alt)
    return (lambda size: charts.heat(data, CLASSES, size=size)), said


def _column(name: str) -> str:
    return name if len(name) <= 34 else name[:32].rsplit(" ", 1)[0] + "…"


@builder
def contributions(edition: Edition, found: Study):
    """Return the contributions by pillar (weighted shares of an arithmetic mean)."""
    frame, table = found.build.framework, found.table
    scores = found.build.scores.set_index("uCode")
    pillars = frame.children(found.root)
    weight = pd.Series({code: frame.weights[code] for code in pillars})
    rows = []
    for unit, name, score in zip(table["uCode"], table["name"], table["score"], strict=True):
        own = scores.loc[unit, pillars].astype(float)
        share = (own * weight) / weight[own.notna()].sum()
        for place, code in enumerate(pillars):
            last = place == len(pillars) - 1
            shown = label(edition, found, score, f"điểm {found.root} của {unit}", 1) if last else ""
            rows.append((_marked(found, unit, name), frame.names[code], share[code], shown))
    data = pd.DataFrame(rows, columns=["name", "part", "value", "label"])
    spread = scores.loc[table["uCode"], pillars].astype(float).std()
    title = "Không trụ cột nào phân hóa các đơn vị"
    if spread.max() > 0:  # not of one unit, nor of equal ones
        widest = str(spread.idxmax())
        gap = label(edition, found, spread.max(), f"độ lệch chuẩn điểm {widest}", 1)
        title = f"{frame.names[widest]} phân hóa các đơn vị nhiều nhất (độ lệch chuẩn {gap} điểm)"
    subtitle = "Đóng góp của từng trụ cột vào điểm tổng hợp (điểm trụ cột × tỷ trọng), điểm" + _partial(found)
    caption = "Đóng góp theo trụ cột"
    alt = f"Biểu đồ thanh chồng {len(table)} đơn vị theo {len(pillars)} trụ cột. {title}."
    said = words(found, title, subtitle, caption, alt)
    return (lambda size: charts.contributions(data, size=size)), said


@builder
def sensitivity(edition: Edition, found: Study):
    """Return the sensitivity bars."""
    table = uncertainty.sensitivity_table(found.analysis).sort_values("STi", ascending=False, kind="stable")
    labels = []
    for row in table.to_dict("records"):
        total, first = (
            label(edition, found, row[name], f"{name} của giả định {row['assumption']}", 2) for name in ("STi", "Si")
        )
        labels.append(f"{total} (riêng nó {first})")
    heads = {"assumption": "name", "STi": "total", "STi_lo": "total_low", "STi_hi": "total_high", "Si": "first"}
    frame = table.reset_index(drop=True).rename(columns=heads)[list(heads.values())].assign(label=labels)
    title = (
        f"“{frame['name'].iloc[0]}” làm đổi thứ hạng nhiều nhất: {frame['label'].iloc[0].split(' ')[0]} của biến thiên"
    )
    subtitle = "Phần biến thiên của mức đổi hạng bình quân do từng giả định (chỉ số Sobol; trên 1 hoặc dưới 0 chỉ do sai số ước lượng). Thanh: tổng, vạch: khoảng tin cậy 90%; chấm: riêng nó"
    caption = "Độ nhạy theo giả định"
    alt = f"Biểu đồ thanh: {'; '.join(frame['name'] + ' ' + frame['label'])}. {title}."
    said = words(found, title, subtitle, caption, alt)
    return (lambda size: charts.sensitivity(frame, size=size)), said


@builder
def shifts(edition: Edition, found: Study):
    """Return the rank shifts between the arithmetic and the geometric mean."""
    moved = found.compared.dropna().head(SHIFTS)
    rows = []
    for row in moved.to_dict("records"):
        size = label(edition, found, abs(row["shift"]), f"đổi hạng của {row['uCode']} giữa hai cách tổng hợp")
        word = "lên" if row["shift"] > 0 else "xuống" if row["shift"] < 0 else ""
        shown = f"{word} {size}" if word else "không đổi"
        rows.append((_short(found.names[row["uCode"]]), row["rank_one"], row["rank_other"], shown))
    frame = pd.DataFrame(rows, columns=["name", "one", "other", "label"])
    mean = label(edition, found, found.compared["shift"].abs().mean(), "đổi hạng bình quân", 1)
    title = f"Đổi trung bình cộng sang trung bình nhân, mỗi đơn vị đổi bình quân {mean} hạng; {frame['name'].iloc[0]} {frame['label'].iloc[0]} hạng"
    subtitle = f"Hạng theo hai cách tổng hợp; {wording.number(len(frame))} đơn vị đổi nhiều nhất"
    caption = "Đổi hạng giữa hai cách tổng hợp"
    alt = f"Biểu đồ hai điểm mỗi đơn vị: {'; '.join(frame['name'] + ' ' + frame['label'])}. {title}."
    said = words(found, title, subtitle, caption, alt)
    worst = int(found.build.ranks[found.root].max())
    near, far = "trung bình cộng", "trung bình nhân"
    return (lambda size: charts.shifts(frame, near=near, far=far, worst=worst, size=size)), said


@builder
def treated(edition: Edition, found: Study):
    """Return the values before and after the treatment of outliers."""
    before, after = tables.around_treatment(found.build)
    codes = [code for code, done in found.build.treatments.items() if done.action != "none"]
    panels = []
    for code in codes[:TREATED]:
        done = found.build.treatments[code]
        skew, then = (
            label(edition, found, value, f"độ lệch {when} xử lý của {code}", 2)
            for value, when in ((done.skew_before, "trước"), (done.skew_after, "sau"))
        )
        panel = f"{found.build.framework.names[code]}: độ lệch {skew} → {then}"
        moved = (before[code] != after[code]) & before[code].notna()
        for stage, column in (("trước", before[code]), ("sau", after[code])):
            panels.append(pd.DataFrame({"panel": panel, "stage": stage, "value": column, "moved": moved}))
    if not panels:
        title = "Không có chỉ số nào cần xử lý ngoại lai"
        return (lambda size: basic.blank(size)), words(found, title, "Trước và sau xử lý", title, title + ".")
    data = pd.concat(panels, ignore_index=True)
    count = label(edition, found, len(codes), "số chỉ số bị xử lý ngoại lai")
    whole = label(edition, found, len(found.build.treatments), "số chỉ số")
    title = f"{count}/{whole} chỉ số có ngoại lai được xử lý trước khi chuẩn hóa"
    subtitle = "Giá trị của các đơn vị trước và sau khi xử lý; vuông xanh: điểm bị rút về giá trị kế tiếp"
    caption = "Trước và sau xử lý ngoại lai"
    alt = f"Biểu đồ điểm trước và sau xử lý của {len(set(data['panel']))} chỉ số: {'; '.join(dict.fromkeys(data['panel']))}. {title}."
    said = words(found, title, subtitle, caption, alt)
    return (lambda size: charts.treated(data, size=size)), said
