"""Charts of the feedback loops for documents: their words and figures; :mod:`nq57lab.loops.charts` draws them.

A :class:`~nq57lab.loops.pages.Study` in; builders for :meth:`~nq57lab.documents.edition.Edition.chart` out.
"""

import pandas as pd

from nq57lab.base import wording
from nq57lab.documents.edition import Edition, MissingFigure, builder, words
from nq57lab.loops import charts, graph, simulate
from nq57lab.loops.pages import DRAWS, KINDS, Study, bands_overlap, closing_of, texts, written

STEPS = 12
# Parts of the diagram on a phone: digital and growth, talent and institutions.
HALVES = (("T1", "T2", "V3"), ("T3", "V1", "V2"))
SHOWN = ("M.02", "M.01", "M.03", "M.08", "M.11", "M.12")  # whose answers are drawn; of other graphs their first KPIs


A_ROW = 5  # nodes without a place of their own that stand side by side


def placed(nodes: pd.DataFrame) -> pd.DataFrame:
    """Return nodes each with a place: those that the table gives none stand in rows below the others.

    >>> placed(pd.DataFrame({"id": ["a", "b"], "x": [1.0, None], "y": [2.0, None]}))[["x", "y"]].values.tolist()
    [[1.0, 2.0], [1.0, 3.2]]
    """
    bare = nodes["x"].isna() | nodes["y"].isna()
    known = nodes[~bare]
    left, right = (known["x"].min(), known["x"].max()) if len(known) else (0.0, float(A_ROW))
    below = known["y"].max() if len(known) else 0.0
    order = pd.Series(range(int(bare.sum())), index=nodes.index[bare], dtype=float)
    x = left + (order % A_ROW) * (right - left) / (A_ROW - 1)
    return nodes.assign(x=nodes["x"].where(~bare, x), y=nodes["y"].where(~bare, below + 1.2 * (order // A_ROW + 1)))


def _nodes(edition: Edition) -> pd.DataFrame:
    nodes = edition.catalogue.loop_nodes
    return placed(nodes[nodes["kind"] != "lever"])


@builder
def diagram_chart(edition: Edition, found: Study):
    """Return the causal-loop diagram."""
    minus = written(edition, (found.links["polarity"] == "-1").sum(), "liên kết ngược chiều", markup=False)
    loops = edition.catalogue.loops["id"].tolist()
    many = wording.numeral(len(loops))
    whole = written(edition, len(found.links), f"liên kết của {many} vòng", markup=False)
    busiest = found.every.nodes.sort_values("loops", ascending=False, kind="stable")["node"].head(3)
    short = texts(edition, "short_vi")
    title = f"Nhiều vòng khép kín nhất đi qua {wording.join(f'“{short[node]}”' for node in busiest)}; {minus} trong {whole} liên kết ngược chiều"
    nodes = _nodes(edition)
    held = nodes["id"].isin({*found.links["source"], *found.links["target"]})
    apart = wording.join([f"“{name}”" for name in nodes.loc[~held & (nodes["kind"] == "kpi"), "short_vi"]])
    caption = "Sơ đồ vòng nhân quả"
    alt = f"Sơ đồ {whole} liên kết nhân quả giữa các KPI vĩ mô và yếu tố khác, vẽ theo dấu và bằng chứng. {title}."
    said = words(
        title,
        f"Đồ thị nhân quả của {many} vòng phản hồi (ô xanh: KPI vĩ mô; ô trắng: yếu tố khác)"
        + (f". Không thuộc vòng nào: {apart}" if apart else ""),
        caption,
        alt,
    )
    halves = HALVES if sorted(sum(HALVES, ())) == sorted(loops) else (tuple(loops),)
    return (lambda size: charts.diagram(nodes[held], found.links, halves, size=size)), said


@builder
def loops_chart(edition: Edition, found: Study, kind: str):
    """Return the small multiples, one a loop, of the virtuous or the vicious loops."""
    loops = edition.catalogue.loops
    loops = loops[loops["kind"] == kind]
    if loops.empty:
        raise MissingFigure(kind, f"Danh mục không có vòng {KINDS[kind].lower()}")
    many = wording.capital(wording.numeral(len(loops)))
    frame = pd.DataFrame({"id": loops["id"], "title": loops["id"] + ". " + loops["name_vi"]})
    held = found.links["x_loop"].str.split("; ").map(lambda ids: bool(set(ids) & set(frame["id"])))
    implied = held & (found.links["x_basis"] == "implied")
    count = written(edition, implied.sum(), f"liên kết ngầm định: {', '.join(frame['id'])}", markup=False)
    closed = [not closing_of(found, loop)[1] for loop in frame["id"]]
    title = f"{many} vòng {KINDS[kind].lower()} " + (
        "khép kín bằng các liên kết văn bản nêu"
        if all(closed)
        else f"chỉ khép khi thêm {count} liên kết ngầm định (nét chấm)"
    )
    subtitle = "Từng vòng với các liên kết của nó (ô xanh: KPI vĩ mô; ô trắng: yếu tố khác)"
    caption = f"Từng vòng {KINDS[kind].lower()}"
    alt = f"{many} sơ đồ nhỏ, mỗi sơ đồ một vòng: {'; '.join(frame['title'])}. {title}."
    said = words(title, subtitle, caption, alt)
    return (lambda size: charts.multiples(_nodes(edition), found.links[held], frame, size=size)), said


@builder
def response_chart(edition: Edition, lever: str):
    """Return the answers of up to six KPIs to a lasting push on a lever."""
    catalogue = edition.catalogue
    links = graph.catalogue_links(catalogue, graph.EVERY)
    table = simulate.simulate(graph.of_table(links), {lever: 1.0}, steps=STEPS, draws=DRAWS).table
    short, name = texts(edition, "short_vi"), texts(edition, "name_vi")[lever]
    nodes = catalogue.loop_nodes[catalogue.loop_nodes["id"].isin(table["node"])]
    kpis = nodes[nodes["kind"] == "kpi"]["id"].tolist() or nodes[nodes["kind"] != "lever"]["id"].tolist()
    shown = [node for node in SHOWN if node in kpis] or kpis[: len(SHOWN)]
    part = table[table["node"].isin(shown)].assign(name=lambda rows: rows["node"].map(short))
    part["order"] = part["node"].map({node: place for place, node in enumerate(shown)})
    part = part.sort_values(["order", "step"], kind="stable", ignore_index=True)
    last = part["step"] == STEPS
    part["label"] = ""
    part.loc[last, "label"] = [
        written(edition, value, f"phản ứng trung vị của {node} sau {STEPS} bước", decimals=2, markup=False)
        for node, value in zip(part.loc[last, "node"], part.loc[last, "median"], strict=True)
    ]
    ends = part[last].sort_values("median", ascending=False, kind="stable")
    risen = written(edition, (ends["p_positive"] >= 0.95).sum(), "KPI tăng ở ít nhất 95% lần rút", markup=False)
    strong = written(edition, (ends["median"] >= 0.1).sum(), "KPI có phản ứng trung vị từ 0,1", markup=False)
    title = f"Đẩy “{name}”: {risen}/{len(shown)} KPI tăng ở ít nhất 95% lần rút, nhưng chỉ {strong} KPI tăng rõ"
    listed = "; ".join(f"{row['name']} {row['label']}" for _, row in ends.iterrows())
    subtitle = "Phản ứng với một đơn vị đẩy giữ suốt, theo năm; đường: trung vị, dải: 90% các lần rút độ mạnh (thang tương đối, không đơn vị). Tăng rõ: trung vị từ 0,1"
    caption = f"Phản ứng của {wording.numeral(len(shown))} KPI với {short[lever].lower()}"
    alt = f"{wording.capital(wording.numeral(len(shown)))} đồ thị đường có dải sau {STEPS} năm: {listed}. {title}."
    said = words(title, subtitle, caption, alt)
    return (lambda size: charts.responses(part, size=size)), said


@builder
def leverage_chart(edition: Edition, found: Study):
    """Return the leverage bars of pushes and programmes."""
    levers = found.leverage.table[found.leverage.table["group"] == "lever"]
    short, vicious = texts(edition, "short_vi"), edition.catalogue.loops.query("kind == 'vicious'")["id"].tolist()
    weakened = f"; {'–'.join(dict.fromkeys((vicious[0], vicious[-1])))}: vòng tiêu cực được làm yếu" if vicious else ""
    rows = []
    for row in levers.to_dict("records"):
        ends = {"label": ("median", ""), "low": ("lo", ", cận dưới 90%"), "high": ("hi", ", cận trên 90%")}
        told = {
            key: written(edition, row[name] * 100, f"đòn bẩy {row['node']} × 100{what}", decimals=1, markup=False)
            for key, (name, what) in ends.items()
        }
        rows.append(
            {
                "name": f"{short[row['node']]}: {row['name']}",
                "note": f"làm yếu {row['weakens'].replace('; ', ', ')}" if row["weakens"] else "",
                **told,
                **{k: row[k] * 100 for k in ("median", "lo", "hi")},
            }
        )
    frame = pd.DataFrame(rows)
    title = (
        "Khoảng bất định của các đòn bẩy chồng lấn nhau: thứ tự chưa xác định"
        if bands_overlap(levers)
        else f"Trung vị cao nhất: {rows[0]['name']}"
    )
    subtitle = f"Mức đẩy trung bình các KPI có mục tiêu 2030 trên một đơn vị lực, sau 4 năm (× 100). Chấm: trung vị; dải: 90% các lần rút{weakened}"
    caption = "Đòn bẩy của các cú hích và chương trình"
    said = words(
        title,
        subtitle,
        caption,
        "Biểu đồ chấm có dải: "
        + "; ".join(f"{r['name']} {r['label']} ({r['low']} đến {r['high']})" for r in rows)
        + f". {title}.",
    )
    return (lambda size: charts.leverage(frame, size=size)), said
