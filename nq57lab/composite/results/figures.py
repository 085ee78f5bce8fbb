"""The charts of an index's structure and relations in a report or notebook: each builder takes a study and returns what Edition.chart asks for."""

from collections import Counter

import numpy as np
import pandas as pd

from nq57lab.base import wording
from nq57lab.composite.laboratory.treat import shape
from nq57lab.composite.laboratory.weight import effective_weights
from nq57lab.composite.results import charts, tables
from nq57lab.composite.study import Study, label, words
from nq57lab.documents.edition import Edition, builder

NAMED = 6  # units of a panel drawn in colour
EDGES = 10  # units of a scatter that are named
SHORT = 26


@builder
def correlation_map(edition: Edition, found: Study, level: int | None = None):
    """Return the map of correlations between the elements of a level (default: the highest one that has three)."""
    frame = found.build.framework
    sizes = Counter(frame.levels[code] for code in frame.parents)
    own = level or max((one for one, size in sizes.items() if size > 2), default=max(sizes))
    table = tables.correlations(found.build, own)
    many = len(set(table["one"])) > 14
    codes = list(dict.fromkeys([*table["one"], *table["other"]]))
    shown = [wording.shortened(frame.names[code], SHORT) for code in codes]
    plain = many or len(set(shown)) < len(shown)  # two elements must not share a row
    name = dict(zip(codes, codes if plain else shown, strict=True))
    labels = [label(edition, found, r, f"tương quan {a}, {b}", 2) for a, b, r in zip(table["one"], table["other"], table["correlation"], strict=True)]  # fmt: skip
    data = table[["one", "other"]].map(name.get).assign(r=table["correlation"], label=labels)
    best = table["correlation"].abs().idxmax() if table["correlation"].notna().any() else None
    title = "Không cặp nào có tương quan xác định"
    if best is not None:
        one, other = (frame.names[table.loc[best, side]] for side in ("one", "other"))
        title = f"“{one}” và “{other}” tương quan mạnh nhất: {labels[best]}"
    subtitle = f"Hệ số tương quan Pearson giữa các phần tử cấp {own}; xanh: cùng chiều, xám đậm: ngược chiều"
    caption = "Bản đồ tương quan"
    alt = f"Bảng ô tương quan {len(table)} cặp. {title}."
    said = words(found, title, subtitle, caption, alt)
    return (lambda size: charts.correlation_map(data, size=size)), said


def framework_places(found: Study) -> pd.DataFrame:
    """Return the place of every element of the tree: code, depth, start, end (shares of the index from 0 to 1), pillar (branch number)."""
    frame, effective = found.build.framework, effective_weights(found.build.framework)
    rows = [(frame.root, 0, 0.0, 1.0, -1)]

    def below(parent: str, depth: int, start: float, pillar: int) -> None:
        for place, code in enumerate(frame.children(parent)):
            own = place if pillar < 0 else pillar
            rows.append((code, depth, start, start + effective[code], own))
            below(code, depth + 1, start, own)
            start += effective[code]

    below(frame.root, 1, 0.0, -1)
    return pd.DataFrame(rows, columns=["code", "depth", "start", "end", "pillar"])


@builder
def framework(edition: Edition, found: Study, *, rings: bool = False):
    """Return the framework with its weights: as a tree, or as rings."""
    frame = found.build.framework
    data = framework_places(found)
    size = data["end"] - data["start"]
    data["label"] = data["code"].map(frame.names)
    data["share"] = [
        label(edition, found, share * 100, f"tỷ trọng của {code}", 0 if share >= 0.0999 else 1) + "%"
        for code, share in zip(data["code"], size, strict=True)
    ]
    leaves = data[data["code"].isin(frame.indicators)].assign(size=size)
    most = leaves[leaves["size"] > leaves["size"].max() - 1e-9]
    top = most.iloc[0]
    title = f"“{top['label']}” có tỷ trọng lớn nhất trong các chỉ số thành phần: {top['share']}"
    if len(most) > 1:
        count = label(edition, found, len(most), "số chỉ số cùng tỷ trọng lớn nhất")
        title = f"{count} chỉ số thành phần có tỷ trọng lớn nhất, mỗi chỉ số {top['share']}"
    caption = "Khung chỉ số dạng vòng" if rings else "Khung chỉ số"
    subtitle = "Tỷ trọng của từng phần tử trong chỉ số tổng hợp" + ("; vòng trong cùng là chỉ số" if rings else "")
    alt = f"Sơ đồ khung gồm {len(data)} phần tử. {title}."
    said = words(found, title, subtitle, caption, alt)
    draw = charts.rings if rings else charts.tree
    return (lambda size: draw(data, size=size)), said


def most_skewed(found: Study) -> str:
    """Return the indicator with the largest skewness, either way, as given."""
    raw = tables.statistics(found.build).query("stage == @tables.RAW").set_index("iCode")["skew"].abs()
    return str(raw.idxmax()) if raw.notna().any() else str(raw.index[0])


def distribution(found: Study, code: str = ""):
    """Return the builder of an element's distribution: histogram and points, outliers named; before and after where it was treated.

    Notes
    -----
    An outlier lies more than 1.5 interquartile ranges beyond the quartiles (Tukey 1977); classes by the rule of Freedman and Diaconis.

    Raises
    ------
    KeyError
        If iMeta has no such element.
    """
    code = code or most_skewed(found)
    frame = found.build.framework
    if code not in frame.levels:
        raise KeyError(code)

    def build(edition: Edition):
        build_, given = found.build, code in frame.indicators
        before, after = tables.around_treatment(build_) if given else (build_.scores, build_.scores)
        done = build_.treatments.get(code)
        changed = given and done is not None and done.action != "none"
        units = build_.units if len(build_.units) == len(before) else build_.inputs.units
        names = units["uCode"].map(found.names).str.removeprefix("Thành phố ")
        names = names + (" " + units["Time"] if units["Time"].nunique() > 1 else "")
        called = frame.names[code]
        panels: list[tuple[str, pd.DataFrame]] = []
        count = 0
        for head, column in (("trước", before[code]), ("sau", after[code]))[: 2 if changed else 1]:
            part = pd.DataFrame({"name": names.to_numpy(), "value": column.to_numpy(float)}).dropna()
            low, high = (float(part["value"].quantile(q)) for q in (0.25, 0.75))
            part["far"] = (part["value"] < low - 1.5 * (high - low)) | (part["value"] > high + 1.5 * (high - low))
            skew = label(edition, found, shape(part["value"].to_numpy())[0], f"độ lệch của {code} {head}", 2)
            count = count if panels else int(part["far"].sum())
            told = {"trước": "Trước xử lý ngoại lai", "sau": "Sau xử lý ngoại lai"}[head] if changed else "Phân phối"
            panels.append((f"{told}: độ lệch {skew}", part))
        number = label(edition, found, count, f"số đơn vị ngoại lai của {code}")
        title = f"{called}: {number} đơn vị ngoại lai" + (" trước khi xử lý" if changed else "")
        subtitle = "Cột: số đơn vị trong mỗi khoảng; chấm: từng đơn vị; vuông: ngoài tứ phân vị quá 1,5 lần khoảng tứ phân vị; vạch: trung vị"
        caption = f"Phân phối của {called}"
        alt = f"Biểu đồ phân phối {len(panels[0][1])} đơn vị. {'; '.join(head for head, _ in panels)}. {title}."
        said = words(found, title, subtitle, caption, alt)
        return (lambda size: charts.distribution(panels, size=size)), said

    return build


def scatter(found: Study, x: str, y: str, group: str = ""):
    """Return the builder of the units by two elements of the framework.

    Raises
    ------
    KeyError
        If iMeta has no such element or group.
    """
    frame = found.build.framework
    for code in (x, y):
        if code not in frame.levels:
            raise KeyError(code)
    if group and group not in frame.groups:
        raise KeyError(group)

    def build(edition: Edition):
        scores = found.build.scores
        data = pd.DataFrame({"code": scores["uCode"], "x": scores[x], "y": scores[y]})
        data["name"] = data["code"].map(found.names)
        data["group"] = found.build.units[group].to_numpy() if group else ""
        data = data.dropna(subset=["x", "y"]).reset_index(drop=True)
        z = data[["x", "y"]].apply(lambda c: (c - c.mean()) / (c.std() or 1.0))
        far = np.hypot(z["x"], z["y"]).rank(ascending=False) <= EDGES
        data["label"] = np.where(far, data["name"].str.removeprefix("Thành phố "), "")
        r = float(data["x"].corr(data["y"])) if len(data) > 2 else np.nan
        shown = label(edition, found, r, f"tương quan {x}, {y}", 2)
        title = f"{frame.names[x]} và {frame.names[y]}: tương quan {shown}"
        subtitle = "Mỗi điểm là một đơn vị, điểm sau chuẩn hóa; ghi tên các đơn vị ở xa tâm nhất"
        caption = "Hai phần tử của khung chỉ số"
        alt = f"Biểu đồ điểm {len(data)} đơn vị. {title}."
        said = words(found, title, subtitle, caption, alt)
        names = (frame.names[x], frame.names[y])
        return (lambda size: charts.scatter(data, x=names[0], y=names[1], size=size)), said

    return build


@builder
def lines(edition: Edition, found: Study, code: str = ""):
    """Return the units' scores over the times of a panel, the first of the last time named."""
    frame, scores = found.build.framework, found.build.scores
    own = code or found.root
    data = pd.DataFrame({"code": scores["uCode"], "time": scores["Time"].astype(str), "value": scores[own]}).dropna()
    data["name"] = data["code"].map(found.names).str.removeprefix("Thành phố ")
    last = data[data["time"] == data["time"].max()].sort_values("value", ascending=False)
    data["strong"] = data["code"].isin(last["code"].head(NAMED))
    first = last.iloc[0]
    shown = label(edition, found, first["value"], f"điểm {own} của {first['code']}", 1)
    title = f"{first['name']} dẫn đầu kỳ {first['time']} với {shown} điểm"
    subtitle = f"{frame.names[own]}, điểm qua các kỳ; có màu: các đơn vị đứng đầu kỳ cuối"
    caption = "Điểm qua các kỳ"
    alt = f"Biểu đồ đường {data['code'].nunique()} đơn vị qua {data['time'].nunique()} kỳ. {title}."
    said = words(found, title, subtitle, caption, alt)
    return (lambda size: charts.lines(data, title="điểm", size=size)), said
