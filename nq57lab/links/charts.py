"""Drawings of links: the heat map of a link matrix, the backbone of the graph. Labelled frames in, drawings out."""

from typing import Any, Literal, TypeAlias

import altair as alt
import pandas as pd

from nq57lab.charts import marks, theme
from nq57lab.charts.theme import INK, NARROW, WIDE, Size

Drawing = Any
Align: TypeAlias = Literal["left", "center", "right"]
KIND_SHAPES = {"direct": "circle", "unspecified": "square", "indirect": "triangle-up", "supplementary": "cross"}
KIND_MEANINGS = {"direct": "done", "unspecified": "context", "indirect": "band", "supplementary": "band_wide"}


def link_heat(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw a link matrix: one row an element, one column a KPI; dark circle direct, grey square of no stated kind, light triangle indirect, lightest cross supplementary.

    Parameters
    ----------
    frame : DataFrame
        name, kpi, kpi_name, kind ("" where no link is stated), kind_vi.
    """
    data = theme.named(frame, size)
    order, columns = data["row"].drop_duplicates().tolist(), data["kpi"].drop_duplicates().tolist()
    x = alt.X(
        "kpi:N",
        sort=columns,
        title=None,
        axis=alt.Axis(
            orient="top", ticks=False, domain=False, labelAngle=-90 if size is NARROW else 0, labelFontSize=11.5
        ),
    )
    y = alt.Y("row:N", sort=order, title=None, axis=marks.rows_axis(size))
    tips = [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("kpi_name:N", title="KPI"),
        alt.Tooltip("kind_vi:N", title="Liên kết"),
    ]
    bare = alt.Chart(data).mark_rect(style="ground", opacity=0.3, stroke="white", strokeWidth=2)
    layers = [bare.encode(x=x, y=y, tooltip=tips), *marks.row_names(data, y)]
    shape = alt.Shape(
        "kind:N", scale=alt.Scale(domain=list(KIND_SHAPES), range=list(KIND_SHAPES.values())), legend=None
    )
    stated = data[data["kind"] != ""]
    stated = stated.assign(meaning=stated["kind"].map(KIND_MEANINGS))
    cells = alt.Chart(stated).mark_rect(stroke="white", strokeWidth=2)
    layers.append(cells.encode(x=x, y=y, color=marks.tone(marks.used(stated)), tooltip=tips))
    dark = stated["kind"] == "direct"
    for rows, ink in ((stated[dark], "white"), (stated[~dark], INK)):
        layers.append(
            alt.Chart(rows).mark_point(filled=True, color=ink, size=50, opacity=1).encode(x=x, y=y, shape=shape)
        )
    lines = max((name.count("\n") + 1 for name in order), default=1)
    return alt.layer(*layers).properties(
        width=size.width - size.names, height=max(len(order), 1) * max(26, 15 * lines + 8)
    )


def link_graph(nodes: pd.DataFrame, edges: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw elements in columns and their links as lines: solid direct, thin of no stated kind, dashed indirect or supplementary.

    Parameters
    ----------
    nodes : DataFrame
        id, label, column (0, 1, 2…), y (rows from the top), meaning ("done": measured; "missing": not; "context": nothing to measure), side ("left", "middle" or "right": where the label stands).
    edges : DataFrame
        x, y, x2, y2 (the ends' places), kind.
    """
    last = max(float(nodes["column"].max()), 1.0)
    margin = 0.35 if size is NARROW else 1.2
    x = alt.X("column:Q", axis=None, scale=alt.Scale(domain=[-margin, last + margin], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(reverse=True, nice=False, domain=[-0.6, float(nodes["y"].max()) + 0.6]))
    layers = []
    direct, unnamed = edges["kind"] == "direct", edges["kind"] == "unspecified"
    for rows, dash, ink, width in (
        (edges[direct], [1, 0], "done", 2.4),
        (edges[unnamed], [1, 0], "context", 0.9),
        (edges[~direct & ~unnamed], [4, 3], "context", 1.5),
    ):
        lines = alt.Chart(rows.rename(columns={"x": "column"})).mark_rule(
            style=ink, strokeDash=dash, opacity=0.8, size=width
        )
        layers.append(lines.encode(x=x, y=y, x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q")))
    for meaning, form in (("done", "circle"), ("missing", "square"), ("context", "circle")):
        layers += marks.points(nodes[nodes["meaning"] == meaning], x, y, shape=form, size=90, style=meaning)
    font = 10 if size is NARROW else 11.5
    step = font + 2
    labelled = nodes.assign(lines=nodes["label"].str.count("\n") + 1)
    align: Align
    for side, align, dx in (("left", "right", -8), ("middle", "center", 0), ("right", "left", 8)):
        for lines, rows in labelled[labelled["side"] == side].groupby("lines"):
            dy = -12 - step * (lines - 1) if side == "middle" else -step * (lines - 1) / 2
            if side == "middle":  # a white edge, so that the links do not run through the letters
                edge = alt.Chart(rows).mark_text(
                    align=align,
                    dx=dx,
                    dy=dy,
                    fontSize=font,
                    lineBreak="\n",
                    lineHeight=step,
                    baseline="middle",
                    color="white",
                    stroke="white",
                    strokeWidth=5,
                )
                layers.append(edge.encode(x=x, y=y, text=alt.Text("label:N")))
            text = alt.Chart(rows).mark_text(
                align=align, dx=dx, dy=dy, fontSize=font, lineBreak="\n", lineHeight=step, baseline="middle", color=INK
            )
            layers.append(text.encode(x=x, y=y, text=alt.Text("label:N")))
    height = int((float(nodes["y"].max()) + 1) * (46 if size is WIDE else 30))
    return alt.layer(*layers).properties(width=size.width, height=height)
