"""The charts of a composite index in a report: each builder takes a study and returns what :meth:`Edition.chart` asks for."""

import numpy as np
import pandas as pd

from nq57lab.base import wording
from nq57lab.charts import tile_map
from nq57lab.composite import charts
from nq57lab.composite.results import tables
from nq57lab.composite.robustness import uncertainty
from nq57lab.composite.study import Study, write
from nq57lab.documents.edition import Edition

CLASSES = ("một phần tư đầu", "một phần tư thứ hai", "một phần tư thứ ba", "một phần tư cuối", "thiếu số liệu")
PARTIAL = "◦: điểm dựa trên một phần số liệu (thiếu thành phần)."
SHIFTS = 12  # units shown whose rank moves most
TREATED = 4


def _words(found: Study, title: str, subtitle: str, caption: str, alt: str) -> dict[str, str]:
    mark = "Dữ liệu minh họa. " if found.generated else ""
    note = " (dữ liệu minh họa)" if found.generated else ""
    return {"title": title, "subtitle": mark + subtitle, "caption": caption + note, "alt": mark + alt}


def _marked(found: Study, code: str, name: str) -> str:
    """Return a unit's name with the mark of a score that rests on part of the figures."""
    cover = found.build.coverage.set_index("uCode")[found.root]
    return _short(name) + (" ◦" if cover.get(code, 1.0) < 1 - 1e-9 else "")


def _partial(found: Study) -> str:
    whole = (found.build.coverage[found.root] > 1 - 1e-9) | found.build.scores[found.root].isna()
    return "" if whole.all() else f". {PARTIAL}"


def _short(name: str) -> str:
    return name.removeprefix("Thành phố ")


def ranked(found: Study):
    """Return the builder of the ranked bars with rank intervals."""

    def build(edition: Edition):
        table = found.table
        rows = []
        for row in table.to_dict("records"):
            code = row["uCode"]
            rank, low, high = (
                write(edition, found, row[name], f"hạng {what} của {code}", markup=False)
                for name, what in (("rank", "theo cấu hình"), ("q05", "5%"), ("q95", "95%"))
            )
            rows.append(
                {
                    **{"name": _marked(found, code, row["name"]), "score": row["score"]},
                    "label": write(
                        edition, found, row["score"], f"điểm {found.root} của {code}", decimals=1, markup=False
                    ),
                    **{
                        "nominal": row["rank"],
                        "low": row["q05"],
                        "high": row["q95"],
                        "ranks": f"{rank} ({wording.span(low, high)})",
                    },
                }
            )
        frame = pd.DataFrame(rows)
        first = frame.iloc[0]
        span = (
            "hạng không đổi" if first["low"] == first["high"] else f"hạng nằm trong {first['ranks'].split('(')[1][:-1]}"
        )
        title = f"{_short(table['name'].iloc[0])} đứng đầu với {first['label']} điểm; tính lại theo các giả định khác, {span}"
        runs = write(edition, found, float(found.ranks["runs"].max()), "số lượt tính lại độc lập", markup=False)
        words = _words(
            found,
            title,
            f"{found.build.framework.names[found.root]}: điểm (trái) và hạng với khoảng chứa 90% trong {runs} lượt tính lại (phải){_partial(found)}",
            "Xếp hạng và độ chắc chắn của thứ hạng",
            f"Biểu đồ thanh {len(frame)} đơn vị từ điểm cao đến thấp, kèm khoảng hạng. {title}.",
        )
        return (lambda size: charts.ranked(frame, size=size)), words

    return build


def tiles(found: Study):
    """Return the builder of the tile map of the 34 provinces."""

    def build(edition: Edition):
        table = found.table
        labels = [
            write(edition, found, score, f"điểm {found.root} của {code}", decimals=1, markup=False)
            for code, score in zip(table["uCode"], table["score"], strict=True)
        ]
        frame = pd.DataFrame({"area": table["uCode"], "value": table["score"], "label": labels})
        best, worst = _short(table["name"].iloc[0]), _short(table["name"].iloc[-1])
        title = f"Điểm cao nhất ở {best} ({labels[0]}), thấp nhất ở {worst} ({labels[-1]})"
        words = _words(
            found,
            title,
            f"{found.build.framework.names[found.root]}, điểm theo tỉnh, thành phố; bốn bậc có số đơn vị bằng nhau",
            "Bản đồ ô các tỉnh, thành phố",
            f"Bản đồ ô 34 tỉnh, thành phố, có quần đảo Hoàng Sa (Đà Nẵng) và quần đảo Trường Sa (Khánh Hòa), tô theo điểm. {title}.",
        )
        return (lambda size: tile_map.draw(frame, size=size)), words

    return build


def heat(found: Study):
    """Return the builder of the indicators' heat map."""

    def build(edition: Edition):
        frame, table = found.build.framework, found.table
        ranks = found.build.ranks.set_index("uCode")
        count = len(ranks)
        raw = pd.DataFrame(
            np.isnan(found.inputs.values), index=found.inputs.units["uCode"], columns=list(frame.indicators)
        )
        rows = []
        for unit, name in zip(table["uCode"], table["name"], strict=True):
            for code in frame.indicators:
                rank = ranks.loc[unit, code]
                gone = bool(raw.loc[unit, code]) or rank != rank
                place = min(int((rank - 1) * 4 // count), 3) if not gone else 4
                rows.append(
                    {
                        **{"name": _short(name), "column": _column(frame.names[code]), "class": CLASSES[place]},
                        "label": "thiếu số liệu" if gone else f"{int(rank)}/{count}",
                    }
                )
        data = pd.DataFrame(rows)
        top = found.build.ranks.set_index("uCode").loc[table["uCode"].iloc[0], list(frame.indicators)]
        strong = write(
            edition,
            found,
            float((top <= count / 4).sum()),
            f"chỉ số mà {table['uCode'].iloc[0]} ở một phần tư đầu",
            markup=False,
        )
        title = f"{_short(table['name'].iloc[0])} ở một phần tư đầu trong {strong}/{write(edition, found, float(len(frame.indicators)), 'số chỉ số', markup=False)} chỉ số"
        words = _words(
            found,
            title,
            "Hạng của từng đơn vị (hàng, từ điểm cao đến thấp) ở từng chỉ số (cột), theo bốn phần bằng nhau; trắng: thiếu số liệu, được điền khi tính",
            "Bảng nhiệt các chỉ số",
            f"Bảng nhiệt {len(table)} đơn vị và {len(frame.indicators)} chỉ số, đậm là hạng cao. {title}.",
        )
        return (lambda size: charts.heat(data, CLASSES, size=size)), words

    return build


def _column(name: str) -> str:
    return name if len(name) <= 34 else name[:32].rsplit(" ", 1)[0] + "…"


def contributions(found: Study):
    """Return the builder of the contributions by pillar (weighted shares of an arithmetic mean)."""

    def build(edition: Edition):
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
                label = (
                    write(edition, found, score, f"điểm {found.root} của {unit}", decimals=1, markup=False)
                    if last
                    else ""
                )
                rows.append(
                    {
                        "name": _marked(found, unit, name),
                        "part": frame.names[code],
                        "value": share[code],
                        "label": label,
                    }
                )
        data = pd.DataFrame(rows)
        spread = scores.loc[table["uCode"], pillars].astype(float).std()
        title = "Không trụ cột nào phân hóa các đơn vị"
        if spread.max() > 0:  # not of one unit, nor of equal ones
            widest = str(spread.idxmax())
            gap = write(edition, found, float(spread.max()), f"độ lệch chuẩn điểm {widest}", decimals=1, markup=False)
            title = f"{frame.names[widest]} phân hóa các đơn vị nhiều nhất (độ lệch chuẩn {gap} điểm)"
        words = _words(
            found,
            title,
            "Đóng góp của từng trụ cột vào điểm tổng hợp (điểm trụ cột × tỷ trọng), điểm" + _partial(found),
            "Đóng góp theo trụ cột",
            f"Biểu đồ thanh chồng {len(table)} đơn vị theo {len(pillars)} trụ cột. {title}.",
        )
        return (lambda size: charts.contributions(data, size=size)), words

    return build


def sensitivity(found: Study):
    """Return the builder of the sensitivity bars."""

    def build(edition: Edition):
        table = uncertainty.sensitivity_table(found.analysis).sort_values("STi", ascending=False, kind="stable")
        rows = []
        for row in table.to_dict("records"):
            total, first = (
                write(edition, found, row[name], f"{name} của giả định {row['assumption']}", decimals=2, markup=False)
                for name in ("STi", "Si")
            )
            rows.append(
                {
                    **{
                        "name": row["assumption"],
                        "total": row["STi"],
                        "total_low": row["STi_lo"],
                        "total_high": row["STi_hi"],
                    },
                    **{"first": row["Si"], "label": f"{total} (riêng nó {first})"},
                }
            )
        frame = pd.DataFrame(rows)
        title = f"“{frame['name'].iloc[0]}” làm đổi thứ hạng nhiều nhất: {frame['label'].iloc[0].split(' ')[0]} của biến thiên"
        words = _words(
            found,
            title,
            "Phần biến thiên của mức đổi hạng bình quân do từng giả định (chỉ số Sobol; trên 1 hoặc dưới 0 chỉ do sai số ước lượng). Thanh: tổng, vạch: khoảng tin cậy 90%; chấm: riêng nó",
            "Độ nhạy theo giả định",
            "Biểu đồ thanh: " + "; ".join(f"{r['name']} {r['label']}" for r in rows) + f". {title}.",
        )
        return (lambda size: charts.sensitivity(frame, size=size)), words

    return build


def shifts(found: Study):
    """Return the builder of the rank shifts between the arithmetic and the geometric mean."""

    def build(edition: Edition):
        moved = found.compared.dropna().head(SHIFTS)
        rows = []
        for row in moved.to_dict("records"):
            size = write(
                edition, found, abs(row["shift"]), f"đổi hạng của {row['uCode']} giữa hai cách tổng hợp", markup=False
            )
            word = "lên" if row["shift"] > 0 else "xuống" if row["shift"] < 0 else ""
            rows.append(
                {
                    **{"name": _short(found.names[row["uCode"]]), "one": row["rank_one"], "other": row["rank_other"]},
                    "label": f"{word} {size}" if word else "không đổi",
                }
            )
        frame = pd.DataFrame(rows)
        mean = write(
            edition, found, float(found.compared["shift"].abs().mean()), "đổi hạng bình quân", decimals=1, markup=False
        )
        title = f"Đổi trung bình cộng sang trung bình nhân, mỗi đơn vị đổi bình quân {mean} hạng; {frame['name'].iloc[0]} {frame['label'].iloc[0]} hạng"
        words = _words(
            found,
            title,
            f"Hạng theo hai cách tổng hợp; {wording.number(len(frame))} đơn vị đổi nhiều nhất",
            "Đổi hạng giữa hai cách tổng hợp",
            "Biểu đồ hai điểm mỗi đơn vị: " + "; ".join(f"{r['name']} {r['label']}" for r in rows) + f". {title}.",
        )
        worst = int(found.build.ranks[found.root].max())
        near, far = "trung bình cộng", "trung bình nhân"
        return (lambda size: charts.shifts(frame, near=near, far=far, worst=worst, size=size)), words

    return build


def treated(found: Study):
    """Return the builder of the values before and after the treatment of outliers."""

    def build(edition: Edition):
        before, after = tables.around_treatment(found.build)
        codes = [code for code, done in found.build.treatments.items() if done.action != "none"]
        rows = []
        for code in codes[:TREATED]:
            done = found.build.treatments[code]
            skew, then = (
                write(edition, found, value, f"độ lệch {when} xử lý của {code}", decimals=2, markup=False)
                for value, when in ((done.skew_before, "trước"), (done.skew_after, "sau"))
            )
            panel = f"{found.build.framework.names[code]}: độ lệch {skew} → {then}"
            moved = (before[code] != after[code]) & before[code].notna()
            for stage, column in (("trước", before[code]), ("sau", after[code])):
                rows += [
                    {"panel": panel, "stage": stage, "value": value, "moved": bool(at)}
                    for value, at in zip(column, moved, strict=True)
                ]
        if not rows:
            from nq57lab.charts.basic import blank

            title = "Không có chỉ số nào cần xử lý ngoại lai"
            return (lambda size: blank(size)), _words(found, title, "Trước và sau xử lý", title, title + ".")
        data = pd.DataFrame(rows)
        count = write(edition, found, float(len(codes)), "số chỉ số bị xử lý ngoại lai", markup=False)
        whole = write(edition, found, float(len(found.build.treatments)), "số chỉ số", markup=False)
        title = f"{count}/{whole} chỉ số có ngoại lai được xử lý trước khi chuẩn hóa"
        words = _words(
            found,
            title,
            "Giá trị của các đơn vị trước và sau khi xử lý; vuông xanh: điểm bị rút về giá trị kế tiếp",
            "Trước và sau xử lý ngoại lai",
            f"Biểu đồ điểm trước và sau xử lý của {len(set(data['panel']))} chỉ số: {'; '.join(dict.fromkeys(data['panel']))}. {title}.",
        )
        return (lambda size: charts.treated(data, size=size)), words

    return build
