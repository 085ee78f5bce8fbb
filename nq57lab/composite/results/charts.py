"""Drawings of an index's structure and relations: correlation map, framework as a tree or rings, scatter, lines of a panel.

Builders take frames whose labels were already written; they compute nothing but places on the page.
"""

import math
import textwrap
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from nq57lab.charts.basic import Drawing
from nq57lab.charts.theme import CONTEXT, INK, MAIN, PALE, PARTS, RULE, SPREAD, WIDE, Size

STRONG = tuple(colour for colour in PARTS if colour != PALE)
HEIGHT = 360
THIN = 13  # the least height of a box that is labelled
STRIP = 38  # the row of points below a histogram
BINS = 30
NAMED = 6  # outliers named
LIGHT = ("#8fb8d6", "#5f9bc4", PALE, CONTEXT)  # fills on which letters are dark


def correlation_map(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw correlations of elements as a triangle of shaded squares, each with its number where there is room.

    Parameters
    ----------
    frame : DataFrame
        one, other (labels), r (NaN where there is none), label, in the order of rows and columns.
    """
    order = list(dict.fromkeys([*frame["one"], *frame["other"]]))
    rows, columns = order[1:], order[:-1]
    wide = size.width >= WIDE.width
    names = (160 if wide else 96) if len(order) < 30 else 80
    cell = min(44.0, (size.width - names) / max(1, len(columns)))
    font = 10 if cell >= 30 else 8.5 if cell >= 24 else 0
    y = alt.Y("other:N", sort=rows, title=None, axis=alt.Axis(ticks=False, domain=False, labelLimit=names - 6, minExtent=names, maxExtent=names, labelFontSize=11 if cell > 13 else 8))  # fmt: skip
    x = alt.X("one:N", sort=columns, title=None, axis=alt.Axis(orient="bottom", labelAngle=-90, ticks=False, domain=False, labelLimit=130, labelFontSize=11 if cell > 13 else 8))  # fmt: skip
    base = alt.Chart(frame).encode(x=x, y=y)
    colour = alt.Color(
        "r:Q",
        title=None,
        scale=alt.Scale(domain=[-1, 0, 1], range=list(SPREAD), interpolate="rgb"),
        legend=alt.Legend(gradientLength=120, format=".1f", orient="bottom", direction="horizontal"),
    )
    tips = [alt.Tooltip("one:N", title=" "), alt.Tooltip("other:N", title="và"), alt.Tooltip("label:N", title="r")]
    squares = base.mark_rect(stroke=RULE, strokeWidth=0.5).encode(color=colour, tooltip=tips)
    layers = [squares]
    if font:
        dark = alt.condition("abs(datum.r) > 0.6", alt.value("white"), alt.value(INK))
        layers.append(base.mark_text(fontSize=font).encode(text=alt.Text("label:N"), color=dark))
    return alt.layer(*layers).properties(width=cell * len(columns), height=cell * len(rows))


def tree(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw the framework from left to right: each element a box as high as its share of the index.

    Parameters
    ----------
    frame : DataFrame
        code, label, depth (0 the index), start, end (shares from 0 to 1), pillar (number of the branch, −1 for the index), share (text).
    """
    depth = int(frame["depth"].max()) + 1
    leaves = int((frame["depth"] == frame["depth"].max()).sum())
    thinnest = float((frame["end"] - frame["start"]).min())
    height = max(320, 17 * leaves, min(THIN / max(thinnest, 1e-9), 22 * leaves))
    step = size.width / depth
    letters = max(8, int(step / 6.1))
    data = frame.assign(x=frame["depth"], x2=frame["depth"] + 1, middle=(frame["start"] + frame["end"]) / 2)
    data["fill"] = [MAIN if p < 0 else PARTS[p % len(PARTS)] for p in data["pillar"]]
    data["ink"] = [INK if fill in LIGHT else "white" for fill in data["fill"]]
    room = (data["end"] - data["start"]) * height
    data["text"] = [
        _fitted(name, share, letters, px) for name, share, px in zip(data["label"], data["share"], room, strict=True)
    ]
    data["at"] = data["x"] + 6 / step
    data["middle"] -= data["text"].str.count("\n") * 6 / height  # a wrapped label stands around its middle
    y = alt.Y("start:Q", axis=None, scale=alt.Scale(domain=[1, 0], nice=False))
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, depth], nice=False))
    tips = [alt.Tooltip("label:N", title=" "), alt.Tooltip("share:N", title="Tỷ trọng")]
    boxes = (
        alt.Chart(data)
        .mark_rect(stroke="white", strokeWidth=1.5)
        .encode(x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("end:Q"), color=alt.Color("fill:N", scale=None), tooltip=tips)
    )
    words = (
        alt.Chart(data[data["text"] != ""])
        .mark_text(align="left", fontSize=10.5, lineBreak="\n", lineHeight=12, baseline="middle")
        .encode(
            x=alt.X("at:Q", scale=alt.Scale(domain=[0, depth], nice=False), axis=None),
            y=alt.Y("middle:Q", scale=alt.Scale(domain=[1, 0], nice=False), axis=None),
            text=alt.Text("text:N"),
            color=alt.Color("ink:N", scale=None),
        )
    )
    return alt.layer(boxes, words).properties(width=size.width - 4, height=height)


def _fitted(name: str, share: str, letters: int, height: float) -> str:
    """Return a label in as many lines as its box holds; "…" where the name is cut, never its share, none where not even one fits."""
    if height < THIN - 1:
        return ""
    lines = textwrap.wrap(f"{name} {share}", letters)
    room = max(1, int((height - 2) // 12))
    if len(lines) <= room:
        return "\n".join(lines)
    kept = lines[:room]
    kept[-1] = kept[-1][: letters - 4 - len(share)].rstrip(" ,(-") + f"… {share}"
    return "\n".join(kept)


def rings(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw the framework as rings around the index: each element an arc as wide as its share.

    Parameters
    ----------
    frame : DataFrame
        As of :func:`tree`.
    """
    depth = int(frame["depth"].max()) + 1
    outer = size.width / 2 - 10
    ring = outer / depth
    data = frame.assign(
        theta=frame["start"] * 2 * math.pi,
        theta2=frame["end"] * 2 * math.pi,
        inner=frame["depth"] * ring,
        outer=(frame["depth"] + 1) * ring,
        middle=(frame["start"] + frame["end"]) * math.pi,
        radius=(frame["depth"] + 0.5) * ring,
    )
    data["fill"] = [MAIN if p < 0 else PARTS[p % len(PARTS)] for p in data["pillar"]]
    data["ink"] = [INK if fill in LIGHT else "white" for fill in data["fill"]]
    arc = (data["theta2"] - data["theta"]) * data["radius"]
    data["text"] = [
        code if (across >= len(code) * 6 or depth_ == 0) else ""
        for code, across, depth_ in zip(data["code"], arc, data["depth"], strict=True)
    ]
    data.loc[data["depth"] == 0, "radius"] = 0
    tips = [alt.Tooltip("label:N", title=" "), alt.Tooltip("share:N", title="Tỷ trọng")]
    arcs = (
        alt.Chart(data)
        .mark_arc(stroke="white", strokeWidth=1.2)
        .encode(
            theta=alt.Theta("theta:Q", scale=None),
            theta2="theta2:Q",
            radius=alt.Radius("inner:Q", scale=None),
            radius2="outer:Q",
            color=alt.Color("fill:N", scale=None),
            tooltip=tips,
        )
    )
    words = (
        alt.Chart(data[data["text"] != ""])
        .mark_text(fontSize=9.5)
        .encode(
            theta=alt.Theta("middle:Q", scale=None),
            radius=alt.Radius("radius:Q", scale=None),
            text=alt.Text("text:N"),
            color=alt.Color("ink:N", scale=None),
        )
    )
    return alt.layer(arcs, words).properties(width=size.width - 10, height=size.width - 10)


def distribution(panels: list[tuple[str, pd.DataFrame]], *, size: Size = WIDE) -> Drawing:
    """Draw distributions one below the other, each on its own scale: a histogram, below it the units as points, outliers named.

    Parameters
    ----------
    panels : list of (str, DataFrame)
        What each is called; its units: name, value, far (whether it is an outlier).
    """
    drawn = []
    for head, part in panels:
        values = part["value"].to_numpy()
        ends = np.histogram_bin_edges(values, "fd")
        if not 5 < len(ends) <= BINS:
            ends = np.histogram_bin_edges(values, min(max(len(ends) - 1, 5), BINS))
        bins = pd.DataFrame({"start": ends[:-1], "end": ends[1:], "count": np.histogram(values, ends)[0], "zero": 0})
        scale = alt.Scale(domain=[float(ends[0]), float(ends[-1])], nice=False, padding=10)
        across = alt.Axis(tickCount=5, grid=False, format=",.4~g")
        x = alt.X("start:Q", scale=scale, title=None, axis=None)
        y = alt.Y("count:Q", title="số đơn vị", axis=alt.Axis(tickMinStep=1, tickCount=4, grid=True, gridColor=RULE))
        bars = alt.Chart(bins).mark_rect(color=MAIN, opacity=0.85, stroke="white", strokeWidth=1)
        said = [("start:Q", "từ"), ("end:Q", "đến"), ("count:Q", "số đơn vị")]
        tips = [alt.Tooltip(name, title=title) for name, title in said]
        bars = bars.encode(x=x, x2=alt.X2("end:Q"), y=y, y2=alt.Y2("zero:Q"), tooltip=tips)
        middle = alt.Chart(pd.DataFrame({"value": [float(np.median(values))]})).mark_rule(color=INK, strokeDash=[4, 3])
        far = part[part["far"]].sort_values("value", key=lambda x: -abs(x - np.median(values)))
        shown = far.head(NAMED).reset_index(drop=True)
        apart = _apart(shown.assign(x=shown["value"], y=0.0, label=shown["name"]), size, span=ends[-1] - ends[0])
        shown = shown.assign(label=apart, right=shown["value"] > (ends[0] + ends[-1]) / 2)
        place = alt.X("value:Q", scale=scale, title=None, axis=across)
        tips = [alt.Tooltip("name:N", title=" "), alt.Tooltip("value:Q", title="giá trị")]
        strip = alt.Chart(part).encode(x=place, y=alt.value(STRIP - 9), tooltip=tips)
        layers = [
            strip.transform_filter("!datum.far").mark_point(filled=True, size=34, opacity=0.45, color=MAIN),
            strip.transform_filter("datum.far").mark_point(filled=True, size=64, shape="square", opacity=1, color=INK),
        ]
        texts = alt.Chart(shown[shown["label"] != ""]).encode(
            x=place, y=alt.value(STRIP - 24), text=alt.Text("label:N")
        )
        layers += [
            texts.transform_filter("datum.right").mark_text(align="right", fontSize=10.5, dx=6),
            texts.transform_filter("!datum.right").mark_text(align="left", fontSize=10.5, dx=-6),
        ]
        width = size.width - 62
        title = alt.TitleParams(head, fontSize=11.5, anchor="start", offset=4)
        upper = alt.layer(bars, middle.encode(x=alt.X("value:Q", scale=scale, axis=None))).properties(
            width=width, height=120, title=title
        )
        drawn.append(alt.vconcat(upper, alt.layer(*layers).properties(width=width, height=STRIP), spacing=4))
    return alt.vconcat(*drawn, spacing=16)


def scatter(frame: pd.DataFrame, *, x: str, y: str, size: Size = WIDE) -> Drawing:
    """Draw units by two elements, those at the edges named.

    Parameters
    ----------
    frame : DataFrame
        name, x, y, label ("" but for the units named), group.
    """
    groups = list(dict.fromkeys(frame["group"]))
    frame = frame.assign(label=_apart(frame, size))
    colour: Any = alt.value(MAIN)
    if len(groups) > 1:
        scale = alt.Scale(domain=groups, range=[PARTS[n % len(PARTS)] for n in range(len(groups))])
        colour = alt.Color("group:N", scale=scale, legend=alt.Legend(columns=4))
    base = alt.Chart(frame).encode(
        x=alt.X("x:Q", title=x, scale=alt.Scale(zero=False, padding=18), axis=alt.Axis(grid=True, gridColor=RULE)),
        y=alt.Y("y:Q", title=y, scale=alt.Scale(zero=False, padding=18), axis=alt.Axis(grid=True, gridColor=RULE)),
    )
    tips = [alt.Tooltip("name:N", title=" "), alt.Tooltip("x:Q", format=".1f"), alt.Tooltip("y:Q", format=".1f")]
    points = base.mark_point(filled=True, size=52, opacity=0.85).encode(color=colour, tooltip=tips)
    texts = base.transform_filter("datum.label != ''").mark_text(align="left", dx=6, dy=-5, fontSize=10.5)
    return alt.layer(points, texts.encode(text=alt.Text("label:N"))).properties(width=size.width - 70, height=HEIGHT)


def _apart(frame: pd.DataFrame, size: Size, span: float = 0.0) -> list[str]:
    """Return the labels without those that would stand on another; ``span`` is that of the axis where it is not that of the labels."""
    spans = [float(frame[axis].max() - frame[axis].min()) or 1.0 for axis in ("x", "y")]
    spans[0] = span or spans[0]
    kept: list[tuple[float, float, int]] = []
    labels = []
    for x, y, label in zip(frame["x"], frame["y"], frame["label"], strict=True):
        across, up = x / spans[0] * (size.width - 110), y / spans[1] * (HEIGHT - 40)
        free = all(
            abs(up - other) > 13 or not -6 * len(label) - 8 < across - start < 6 * length + 8
            for start, other, length in kept
        )
        labels.append(label if free else "")
        if label and free:
            kept.append((across, up, len(label)))
    return labels


def lines(frame: pd.DataFrame, *, title: str, size: Size = WIDE) -> Drawing:
    """Draw units over time, some in colour with their name at the end, the others pale.

    Parameters
    ----------
    frame : DataFrame
        name, time (text), value, strong (whether it is named).
    """
    order = sorted(frame["time"].unique())
    named = list(dict.fromkeys(frame.loc[frame["strong"], "name"]))
    colours = [STRONG[n % len(STRONG)] for n in range(len(named))]
    right = 130 if size.width >= WIDE.width else 96
    x = alt.X("time:O", sort=order, title=None, axis=alt.Axis(labelAngle=0), scale=alt.Scale(padding=0.2))
    y = alt.Y("value:Q", title=title, scale=alt.Scale(zero=False), axis=alt.Axis(grid=True, gridColor=RULE))
    base = alt.Chart(frame).encode(x=x, y=y, detail=alt.Detail("name:N"))
    colour = alt.Color("name:N", scale=alt.Scale(domain=named, range=colours), legend=None)
    strong = base.transform_filter("datum.strong")
    last = frame[frame["strong"] & (frame["time"] == order[-1])].sort_values("value", ascending=False)
    gap = float(frame["value"].max() - frame["value"].min()) * 14 / HEIGHT
    places: list[float] = []
    for value in last["value"]:  # no name stands on another
        places.append(min(value, places[-1] - gap) if places else value)
    ends = alt.Chart(last.assign(place=places)).mark_text(align="left", dx=7, fontSize=11)
    at = alt.Y("place:Q", title=title, scale=alt.Scale(zero=False))
    return alt.layer(
        base.transform_filter("!datum.strong").mark_line(style="context", opacity=0.35, strokeWidth=1),
        strong.mark_line(strokeWidth=2.2).encode(color=colour),
        strong.mark_point(filled=True, size=34, opacity=1).encode(color=colour, tooltip=["name:N", "time:O"]),
        ends.encode(x=x, y=at, text=alt.Text("name:N")),
    ).properties(width=size.width - 60 - right, height=HEIGHT)
