"""Drawings of targets: labelled tables in, Altair drawings out, for page and phone.

Bullets (value, trajectory, target), paths with the required slope, the matrix of the methods' verdicts. Status shows by colour, shape and
word.
"""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from nq57lab.charts import basic, theme
from nq57lab.charts.theme import ALARM, CONTRAST, INK, MAIN, MUTED, NARROW, PALE, WIDE, Size

Drawing = Any
CLASS_COLOURS = {"on": MAIN, "slow": CONTRAST, "back": ALARM, "off": CONTRAST, "": PALE}
CLASS_SHAPES = {"on": "circle", "slow": "diamond", "back": "triangle-down", "off": "diamond", "": "stroke"}


def bullets(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw one bar a target: the value as a share of the target (100), the trajectory's share as a tick, the target as a line.

    Parameters
    ----------
    frame : DataFrame
        name, value (per cent of the target), trajectory (per cent; NaN where there is none), label (value and target in words).
    """
    data = theme.named(frame, size)
    if size is NARROW:
        data = data.assign(label=data["label"].str.replace("; ", ";\n"))
    order = data["row"].tolist()
    top = max(100.0, float(data[["value", "trajectory"]].max().max())) * 1.04
    x = alt.X(
        "value:Q",
        scale=alt.Scale(domain=[0, top], nice=False),
        axis=alt.Axis(values=[0, 25, 50, 75, 100], title="% của mục tiêu"),
    )
    y = alt.Y("row:N", sort=order, title=None, axis=basic.rows_axis(size))
    tips = [alt.Tooltip("name:N", title=" "), alt.Tooltip("label:N", title="Giá trị")]
    whole = alt.Chart(data.assign(value=100.0)).mark_bar(height=22, color=PALE, opacity=0.55).encode(x=x, y=y)
    bars = alt.Chart(data).mark_bar(height=10, color=MAIN).encode(x=x, y=y, tooltip=tips)
    ticks = alt.Chart(data.dropna(subset=["trajectory"]).assign(value=lambda rows: rows["trajectory"]))
    ticks = ticks.mark_tick(color=CONTRAST, thickness=3.5, size=24).encode(x=x, y=y)
    goal = alt.Chart(data.assign(value=100.0)).mark_tick(color=INK, thickness=2.5, size=26).encode(x=x, y=y)
    text = (
        alt.Chart(data)
        .mark_text(align="left", baseline="top", dy=15, fontSize=11.5, lineBreak="\n", lineHeight=13)
        .encode(x=alt.value(2), y=y, text="label:N")
    )
    lines = max(name.count("\n") + 1 for name in order) if order else 1
    height = max(len(order), 1) * max(58, 15 * lines + 12)
    return alt.layer(whole, bars, ticks, goal, text, *basic.row_names(data, y)).properties(
        width=size.width - size.names, height=height
    )


def paths(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw one small chart a target: the series, the straight trajectory from the base (dashed), the required slope from now, the target.

    Parameters
    ----------
    frame : DataFrame
        name, unit, part (history, trajectory, required, target), year, value, label ("" where none is shown), turned (True where lower is better,
        a rank: first place on top).
    """
    panels = []
    for name, rows in frame.groupby("name", sort=False):
        title = theme.wrap(
            f"{name} ({rows['unit'].iloc[0]})",
            size.subtitle_letters // 2 if size is WIDE else size.subtitle_letters - 6,
        )
        panels.append(
            _path(rows, size).properties(title=alt.TitleParams(title, fontSize=12.5, anchor="start", offset=6))
        )
    if not panels:
        return basic.blank(size)
    columns = 2 if size is WIDE and len(panels) > 1 else 1
    return alt.concat(*panels, columns=columns, spacing=26)


def _path(rows: pd.DataFrame, size: Size) -> Drawing:
    width = (size.width - 2 * size.scale - 30) // 2 if size is WIDE else size.width - size.scale - 10
    years = [int(rows["year"].min()), int(rows["year"].max())]
    low, high = float(rows["value"].min()), float(rows["value"].max())
    turned = bool(rows["turned"].iloc[0])
    pad = 0.16 * (high - low or 1)
    domain = [max(1.0, low - pad), high + pad] if turned else [min(0.0, low), high + pad]
    x = alt.X(
        "year:Q",
        title=None,
        scale=alt.Scale(domain=[years[0] - 0.6, years[1] + 1.6], nice=False),
        axis=alt.Axis(format="d", grid=False, tickCount=5),
    )
    y = alt.Y(
        "value:Q",
        title=None,
        scale=alt.Scale(domain=domain, reverse=turned, nice=False),
        axis=alt.Axis(tickCount=4, minExtent=size.scale, maxExtent=size.scale),
    )
    part = {key: rows[rows["part"] == key] for key in ("history", "trajectory", "required", "target")}
    labelled = part["history"][part["history"]["label"] != ""]
    layers = [
        alt.Chart(part["trajectory"]).mark_line(strokeDash=[6, 4], color=MUTED, size=1.8).encode(x=x, y=y),
        alt.Chart(part["required"]).mark_line(color=CONTRAST, size=2.4).encode(x=x, y=y),
        alt.Chart(part["history"]).mark_line(color=MAIN, size=2.4).encode(x=x, y=y),
        alt.Chart(part["history"])
        .mark_point(color=MAIN, filled=True, size=45, opacity=1)
        .encode(
            x=x, y=y, tooltip=[alt.Tooltip("year:Q", title="Năm", format="d"), alt.Tooltip("value:Q", title="Giá trị")]
        ),
        alt.Chart(labelled)
        .mark_text(dy=16 if not turned else -14, fontWeight=600, align="center")
        .encode(x=x, y=y, text="label:N"),
        alt.Chart(part["target"])
        .mark_point(shape="diamond", color=CONTRAST, filled=True, size=130, opacity=1)
        .encode(x=x, y=y),
        alt.Chart(part["target"])
        .mark_text(dy=-13, align="right", dx=16, fontWeight=600)
        .encode(x=x, y=y, text="label:N"),
    ]
    return alt.layer(*layers).properties(width=width, height=170)


def method_matrix(frame: pd.DataFrame, *, methods: Sequence[str], size: Size = WIDE) -> Drawing:
    """Draw what every method says of every target: one row a target, one column a method; colour, mark and word for the class.

    Parameters
    ----------
    frame : DataFrame
        name, method (label), klass ("on", "slow", "back", "off", ""), word.
    methods : sequence of str
        The methods' labels, in order.
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
            labelFontSize=11 if size is WIDE else 8.5,
            labelPadding=4 + 12 * max(text.count("\n") for text in data["column"]),
            labelLineHeight=11,
        ),
    )
    y = alt.Y("row:N", sort=order, title=None, axis=basic.rows_axis(size))
    classes = list(CLASS_COLOURS)
    colour = alt.Color(
        "klass:N", scale=alt.Scale(domain=classes, range=[CLASS_COLOURS[name] for name in classes]), legend=None
    )
    shape = alt.Shape(
        "klass:N", scale=alt.Scale(domain=classes, range=[CLASS_SHAPES[name] for name in classes]), legend=None
    )
    tips = [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("method:N", title="Phương pháp"),
        alt.Tooltip("word:N", title="Kết luận"),
    ]
    layers = [
        alt.Chart(data).mark_rect(stroke="white", strokeWidth=2).encode(x=x, y=y, color=colour, tooltip=tips),
        *basic.row_names(data, y),
    ]
    for (lines, light), rows in data.assign(light=data["klass"].isin(["on", "back"])).groupby(["lines", "light"]):
        ink = "white" if light else INK
        up = 8 + 6.5 * (lines - 1) if size is WIDE else 0
        point = alt.Chart(rows).mark_point(filled=True, color=ink, size=55, opacity=1, yOffset=-up)
        layers.append(point.encode(x=x, y=y, shape=shape))
        if size is WIDE:
            words = alt.Chart(rows).mark_text(
                color=ink, fontSize=11, lineBreak="\n", lineHeight=13, fontWeight=600, dy=8 - 6.5 * (lines - 1)
            )
            layers.append(words.encode(x=x, y=y, text="text:N"))
    lines = max((name.count("\n") + 1 for name in order), default=1)
    said = int(data["lines"].max()) + 1 if size is WIDE else 1
    height = max(len(order), 1) * max(40, 15 * max(lines, said) + 12)
    return alt.layer(*layers).properties(width=size.width - size.names, height=height)
