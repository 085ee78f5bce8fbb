"""Drawings of targets: labelled tables in, Altair drawings out, for page and phone.

Bullets (value, trajectory, target), paths with the required slope, the matrix of the methods' verdicts. Status shows by colour, shape and
word.
"""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from nq57lab.charts import basic, marks, theme
from nq57lab.charts.theme import INK, MUTED, WIDE, Size

Drawing = Any
CLASS_MEANINGS = {
    "on": "done",
    "slow": "missing",
    "back": "missing",
    "off": "missing",
    "missed": "missing",
    "": "ground",
}
CLASS_SHAPES = {"on": "circle", "slow": "square", "back": "triangle-down", "off": "square", "missed": "cross"}


def bullets(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw one bar a target: the value as a share of the target (100), what is missing, the trajectory's share as a tick, the target as a diamond.

    Parameters
    ----------
    frame : DataFrame
        name, value (per cent of the target), trajectory (per cent; NaN where there is none), label (value and target in words).
    """
    data = theme.named(frame, size)
    plot = size.width - size.names
    data = data.assign(
        label=["\n".join(theme.wrap(text, int(plot / 6.4))) for text in data["label"]],
        left=data["value"].where(data["value"] < 100),
        whole=100.0,
    )
    order = data["row"].tolist()
    top = max(100.0, float(data[["value", "trajectory"]].max().max())) * 1.04
    x = alt.X(
        "value:Q",
        scale=alt.Scale(domain=[0, top], nice=False),
        axis=alt.Axis(values=[0, 25, 50, 75, 100], title="% của mục tiêu"),
    )
    y = alt.Y("row:N", sort=order, title=None, axis=marks.rows_axis(size))
    tips = [alt.Tooltip("name:N", title=" "), alt.Tooltip("label:N", title="Giá trị")]
    rest = alt.Chart(data.dropna(subset=["left"])).mark_bar(height=4, style="missing")
    ticks = alt.Chart(data.dropna(subset=["trajectory"]).assign(value=lambda rows: rows["trajectory"]))
    drawn = data.assign(start=0.0, end=data["value"])
    scale = alt.Scale(domain=[0, top], nice=False)
    layers = [
        rest.encode(x=alt.X("left:Q", scale=scale), x2=alt.X2("whole:Q"), y=y),
        alt.Chart(data).mark_bar(height=12, style="done").encode(x=x, y=y, tooltip=tips),
        *marks.hatched(drawn, alt.X("start:Q", axis=None, scale=scale), y, plot / top, 12),
        ticks.mark_tick(style="context", thickness=3, size=22).encode(x=x, y=y),
        alt.Chart(data.assign(value=100.0))
        .mark_point(shape="diamond", style="target", filled=True, size=110, opacity=1)
        .encode(x=x, y=y),
        alt.Chart(data)
        .mark_text(align="left", baseline="top", dy=13, fontSize=11.5, lineBreak="\n", lineHeight=13)
        .encode(x=alt.value(2), y=y, text=alt.Text("label:N")),
    ]
    lines = max(max(name.count("\n") + 1 for name in order), 1 + int(data["label"].str.count("\n").max()) + 1)
    height = max(len(order), 1) * max(52, 15 * lines + 10)
    return alt.layer(*layers, *marks.row_names(data, y)).properties(width=plot, height=height)


def paths(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw one small chart a target: the series, the straight trajectory from the base (dashed), the required slope from now, the target.

    Parameters
    ----------
    frame : DataFrame
        name, unit, part (history, trajectory, required, target), year, value, label ("" where none is shown), turned (True where lower is better,
        a rank: first place on top).
    """
    groups = list(frame.groupby("name", sort=False))
    panels = []
    for (name, rows), width in zip(groups, marks.panel_widths(len(groups), size), strict=True):
        title = theme.wrap(f"{name} ({rows['unit'].iloc[0]})", int((width + size.scale) / 7))
        panels.append(
            _path(rows, width, size).properties(title=alt.TitleParams(title, fontSize=12.5, anchor="start", offset=6))
        )
    return marks.in_rows(panels, size) if panels else basic.blank(size)


def _path(rows: pd.DataFrame, width: int, size: Size) -> Drawing:
    years = [int(rows["year"].min()), int(rows["year"].max())]
    low, high = float(rows["value"].min()), float(rows["value"].max())
    turned = bool(rows["turned"].iloc[0])
    pad = 0.16 * (high - low or 1)
    domain = [max(1.0, low - pad), high + pad] if turned else [min(0.0, low), high + pad]
    x = alt.X(
        "year:Q",
        title=None,
        scale=alt.Scale(domain=[years[0] - 0.6, years[1] + 1.6], nice=False),
        axis=alt.Axis(format="d", grid=False, values=marks.years_shown(rows["year"].tolist(), width)),
    )
    y = alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(domain=domain, reverse=turned, nice=False),
        axis=alt.Axis(tickCount=4, minExtent=size.scale, maxExtent=size.scale),
    )
    part = {key: rows[rows["part"] == key] for key in ("history", "trajectory", "required", "target")}
    labelled = part["history"][part["history"]["label"] != ""]
    tips = [alt.Tooltip("year:Q", title="Năm", format="d"), alt.Tooltip("value:Q", title="Giá trị")]
    layers = [
        alt.Chart(part["trajectory"]).mark_line(style="context", strokeDash=[2, 3], size=1.8).encode(x=x, y=y),
        alt.Chart(part["required"]).mark_line(style="target", strokeDash=[6, 4], size=1.6).encode(x=x, y=y),
        alt.Chart(part["history"]).mark_line(style="done", size=2.4).encode(x=x, y=y),
        *marks.points(part["history"], x, y, size=45, tooltip=tips),
        alt.Chart(labelled)
        .mark_text(dy=16 if not turned else -14, fontWeight=600, align="center")
        .encode(x=x, y=y, text=alt.Text("label:N")),
        *marks.points(part["target"], x, y, shape="diamond", size=130, style="target"),
        alt.Chart(part["target"])
        .mark_text(dy=-13, align="right", dx=16, fontWeight=600)
        .encode(x=x, y=y, text=alt.Text("label:N")),
    ]
    return alt.layer(*layers).properties(width=width, height=170)


def method_matrix(frame: pd.DataFrame, *, methods: Sequence[str], size: Size = WIDE) -> Drawing:
    """Draw what every method says of every target: one row a target, one column a method; colour, mark and word for the class.

    Parameters
    ----------
    frame : DataFrame
        name, method (label), klass ("on", "slow", "back", "off", ""), word.
    """
    data = theme.named(frame, size)
    order = data["row"].drop_duplicates().tolist()
    across = (size.width - size.names) / max(len(methods), 1)
    letters = max(int(across / 6.3), 8)
    wrap = lambda text: "\n".join(theme.wrap(text, letters))  # noqa: E731
    data = data.assign(column=[wrap(text) for text in data["method"]], text=[wrap(text) for text in data["word"]])
    data["lines"] = data["text"].str.count("\n") + 1
    x = alt.X(
        "column:N",
        sort=[wrap(text) for text in methods],
        title=None,
        axis=alt.Axis(
            orient="top",
            ticks=False,
            domain=False,
            labelAngle=0,
            labelExpr="split(datum.label, '\\n')",
            labelLimit=across,
            labelFontSize=11.5 if size is WIDE else 9.5,
            labelPadding=4 + 12 * max(text.count("\n") for text in data["column"]),
            labelLineHeight=11,
        ),
    )
    y = alt.Y("row:N", sort=order, title=None, axis=marks.rows_axis(size))
    data["meaning"] = data["klass"].map(CLASS_MEANINGS)
    colour = marks.tone(marks.used(data))
    shape = alt.Shape(
        "klass:N", scale=alt.Scale(domain=list(CLASS_SHAPES), range=list(CLASS_SHAPES.values())), legend=None
    )
    tips = [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("method:N", title="Phương pháp"),
        alt.Tooltip("word:N", title="Kết luận"),
    ]
    layers = [
        alt.Chart(data).mark_rect(stroke="white", strokeWidth=2).encode(x=x, y=y, color=colour, tooltip=tips),
        *marks.row_names(data, y),
    ]
    for (lines, meaning), rows in data.groupby(["lines", "meaning"]):
        ink = {"done": "white", "ground": MUTED}.get(meaning, INK)
        applies = meaning != "ground"
        up = 8 + 6.5 * (lines - 1) if size is WIDE else 0
        if applies:
            point = alt.Chart(rows).mark_point(filled=True, color=ink, size=55, opacity=1, yOffset=-up)
            layers.append(point.encode(x=x, y=y, shape=shape))
        if size is WIDE:
            words = alt.Chart(rows).mark_text(
                color=ink,
                fontSize=11.5,
                lineBreak="\n",
                lineHeight=13,
                fontWeight=600 if applies else "normal",
                dy=(8 if applies else 0) - 6.5 * (lines - 1),
            )
            layers.append(words.encode(x=x, y=y, text=alt.Text("text:N")))
    lines = max((name.count("\n") + 1 for name in order), default=1)
    said = int(data["lines"].max()) + 1 if size is WIDE else 1
    height = max(len(order), 1) * max(40, 15 * max(lines, said) + 12)
    return alt.layer(*layers).properties(width=size.width - size.names, height=height)
