"""The charts of links in a report: each builder takes an edition and returns a drawing and its words."""

from nq57lab.base import wording
from nq57lab.charts import theme
from nq57lab.documents.edition import Drawn, Edition, MissingFigure, builder, words
from nq57lab.links import charts, layout, matrix, questions
from nq57lab.links.graph import of_edition


@builder
def link_heat(edition: Edition, origin: str) -> Drawn:
    """Return the heat map of one link matrix (goal, programme, push…) against the twelve macro KPIs."""
    data = matrix.cells(edition.catalogue, origin)
    data = data.assign(kind_vi=data["kind"].map(matrix.KINDS))
    data = data.assign(name=data["id"] + " " + data["name"])
    stated = data[data["kind"] != ""]
    if stated.empty:
        raise MissingFigure("links")
    busiest = stated["kpi_name"].value_counts()
    what = matrix.ROWS[origin][1].lower()
    kpis = wording.numeral(int((edition.catalogue.indicators["layer"] == "M").sum()))
    most = float(busiest.iloc[0])
    number = edition.figures.note(wording.number(most), most, rows=("links.csv",), source="S000", markup=False)
    title = f"{busiest.index[0]} gắn với nhiều {what} nhất ({number})"
    subtitle = f"Liên kết của từng {what} với {kpis} KPI vĩ mô (theo thứ tự của danh mục). Tròn: trực tiếp; vuông: có nêu, không ghi loại; tam giác: gián tiếp; chữ thập: bổ trợ"
    alt = f"Bản đồ nhiệt {data['id'].nunique()} {what} theo {kpis} KPI vĩ mô, {len(stated)} liên kết. {title}."
    return (lambda size: charts.link_heat(data, size=size)), words(
        title, subtitle, f"Ma trận liên kết {what} - KPI vĩ mô", alt
    )


def link_graph(edition: Edition):
    """Return the backbone of the links: pushes, programmes and groups, the twelve KPIs, the eleven goals."""
    graph = of_edition(edition)
    nodes, edges = layout.backbone(graph)
    macro = nodes[nodes["type"] == "macro"]
    if macro.empty:
        raise MissingFigure("macro")
    with_data = [questions.has_data(graph, code) for code in macro["id"]]
    measured = dict(zip(macro["id"], ("done" if have else "missing" for have in with_data), strict=True))
    nodes = nodes.assign(meaning=nodes["id"].map(measured).fillna("context"))
    side = {0: "left", 1: "middle", 2: "right"}

    def chart(size: theme.Size):
        letters = 27
        labels = [
            "\n".join(theme.wrap(f"{row.id} {row.name_}", letters))
            for row in nodes.rename(columns={"name": "name_"}).itertuples()
        ]
        if size is theme.NARROW:
            labels = nodes["id"].tolist()
        return charts.link_graph(nodes.assign(label=labels, side=nodes["column"].map(side)), edges, size=size)

    have = float(sum(with_data))
    number = edition.figures.note(wording.number(have), have, rows=("links.csv",), source="S000", markup=False)
    title = f"{number} trong {wording.number(len(macro))} KPI vĩ mô có số liệu để nối nguồn lực với mục tiêu"
    subtitle = f"Trái: cú hích, chương trình, nhóm nêu chung; giữa: KPI vĩ mô (tròn xanh: có số liệu cùng định nghĩa; vuông cam: chưa có); phải: mục tiêu {edition.catalogue.programme.noun}. Nét đậm: trực tiếp; nét mảnh: có nêu, không ghi loại; nét đứt: gián tiếp, bổ trợ"
    alt = f"Sơ đồ {len(nodes)} phần tử và {len(edges)} liên kết qua {wording.numeral(len(macro))} KPI vĩ mô. {title}."
    return chart, words(title, subtitle, f"Mạng liên kết qua {wording.numeral(len(macro))} KPI vĩ mô", alt)
