"""Charts of the feedback loops: the causal-loop diagram, its loops one by one, answers to a push with bands, leverage bars.

Frames whose labels were already written come in; Altair charts in the theme of :mod:`nq57lab.charts.basic` go out. A link's polarity is shown by
the sign at its head and by the ink, its evidence by the line; a KPI by its filled box.
"""

import textwrap
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from nq57lab.charts import marks, theme
from nq57lab.charts.basic import Drawing
from nq57lab.charts.theme import INK, MUTED, SHADES, WIDE, Size

INKS = {"1": MUTED, "-1": INK, "?": MUTED, "": INK}  # of a link by its polarity: an opposite one is black and heavier
HEAVIER = 0.9
# evidence → (dash, width): what is drawn strongest is what the data support
LINES = {
    "supported": ([1, 0], 3.2),
    "stated": ([1, 0], 1.5),
    "weak": ([7, 2], 1.8),
    "not_testable": ([3, 3], 1.4),
    "contradicted": ([1, 3], 2.6),
}
LINE_WORDS = {
    "supported": "số liệu ủng hộ",
    "stated": "văn bản nêu, chưa kiểm định được",
    "weak": "văn bản nêu, số liệu yếu",
    "not_testable": "ngầm định",
    "contradicted": "số liệu trái ngược",
}
POINTS = 24  # of a curve
GAP, ROUNDS = 7.0, 200  # pixels between two boxes; how often they are looked at to part them
BENDS = (0.08, -0.08, 0.16, -0.16, 0.26, -0.26, 0.4, -0.4, 0.55, -0.55)  # share of the way by which a curve may bend


def _boxes(nodes: pd.DataFrame, width: int, letters: int, line: float, unit: float) -> pd.DataFrame:
    """Return nodes with their label broken into lines and the box that holds it, in pixels."""
    place = nodes.assign(label=nodes["short_vi"].map(lambda text: textwrap.wrap(text, letters)))
    half = place["label"].map(lambda lines: max(map(_letters, lines))) * unit / 2 + 5
    tall = place["label"].map(len) * line / 2 + 3
    span = max(float(place["x"].max() - place["x"].min()), 1e-9)
    left, right = half.max(), half.max()
    x = (
        left + (place["x"] - place["x"].min()) / span * (width - left - right)
        if place["x"].nunique() > 1
        else width / 2
    )
    return place.assign(px=x, half=half, tall=tall)


def _apart(boxes: pd.DataFrame, width: int) -> pd.DataFrame:
    """Return boxes moved, those nearer than :data:`GAP`, each half the way that parts the two, across or down, whichever is shorter."""
    at = boxes[["px", "py"]].to_numpy(float)
    size = boxes[["half", "tall"]].to_numpy(float)
    for _ in range(ROUNDS):
        moved = False
        for one, other in combinations(range(len(at)), 2):
            lack = size[one] + size[other] + GAP - np.abs(at[one] - at[other])
            if lack.min() <= 1e-6:
                continue
            axis = int(lack[1] < lack[0])
            step = np.copysign(lack[axis] / 2, at[one, axis] - at[other, axis])
            at[one, axis] += step
            at[other, axis] -= step
            moved = True
        at[:, 0] = np.clip(at[:, 0], size[:, 0], width - size[:, 0])
        if not moved:
            break
    return boxes.assign(px=at[:, 0], py=at[:, 1] - (at[:, 1] - size[:, 1]).min() + 2)


def _letters(text: str) -> float:
    """Return a text's width in letters: capitals and & are wider."""
    return len(text) + 0.35 * sum(letter.isupper() or letter == "&" for letter in text)


def _curve(a: np.ndarray, b: np.ndarray, box_a: tuple, box_b: tuple, bend: float) -> np.ndarray:
    """Return the points of a curve from the edge of one box to the edge of another, bent to the right of its way."""
    middle = (a + b) / 2
    away = b - a
    normal = np.array([-away[1], away[0]])
    control = middle + bend * normal
    t = np.linspace(0, 1, 120)[:, None]
    points = (1 - t) ** 2 * a + 2 * t * (1 - t) * control + t**2 * b

    def outside(box: tuple, gap: float) -> np.ndarray:
        centre, half, tall = box
        return (np.abs(points[:, 0] - centre[0]) > half + gap) | (np.abs(points[:, 1] - centre[1]) > tall + gap)

    kept = np.flatnonzero(outside(box_a, 0.0) & outside(box_b, 2.5))
    if len(kept) < 2:
        return np.linspace(a, b, POINTS)  # boxes that touch
    chosen = kept[np.linspace(0, len(kept) - 1, POINTS).round().astype(int)]
    return points[chosen]


def _route(
    start: tuple, end: tuple, others: np.ndarray, bends: Sequence[float], drawn: Sequence[np.ndarray]
) -> np.ndarray:
    """Return the curve among several bends that runs least behind other boxes (x, y, half, tall), then least across and along
    the curves drawn; the first of equals."""
    best, least = np.empty((0, 2)), np.inf
    for bend in bends:
        points = _curve(np.array(start[:2]), np.array(end[:2]), _box(start), _box(end), bend)
        across = np.abs(points[:, None, 0] - others[None, :, 0]) < others[None, :, 2] + 2
        along = np.abs(points[:, None, 1] - others[None, :, 1]) < others[None, :, 3] + 2
        cost = 10.0 * float((across & along).sum()) + 3 * abs(bend)
        if cost < least:
            cost += 2.0 * _meetings(points, drawn)
        if cost < least:
            best, least = points, cost
    return best


def _meetings(points: np.ndarray, drawn: Sequence[np.ndarray]) -> float:
    """Return how often a curve crosses others, and half the number of its points that run within three pixels of another."""
    if not drawn:
        return 0.0
    others = np.stack(drawn)
    a, step = points[:-1, None], np.diff(points, axis=0)[:, None]
    b = others[:, :-1].reshape(1, -1, 2)
    way = np.diff(others, axis=1).reshape(1, -1, 2)
    turn = step[..., 0] * way[..., 1] - step[..., 1] * way[..., 0]
    gap = b - a
    safe = np.where(turn == 0, 1.0, turn)
    here = (gap[..., 0] * way[..., 1] - gap[..., 1] * way[..., 0]) / safe
    there = (gap[..., 0] * step[..., 1] - gap[..., 1] * step[..., 0]) / safe
    crossing = (turn != 0) & (here > 0) & (here < 1) & (there > 0) & (there < 1)
    middle = points[2:-2]  # curves to one node meet at its edge
    near = np.hypot(*(middle[:, None] - others.reshape(1, -1, 2)).transpose(2, 0, 1)).min(axis=1) < 3
    return float(crossing.sum()) + 0.5 * float(near.sum())


def _box(place: tuple) -> tuple:
    return np.array(place[:2]), place[2], place[3]


def _routes(boxes: pd.DataFrame, links: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the points of all curves, and their heads with angle and sign."""
    at = {row["id"]: (row["px"], row["py"], row["half"], row["tall"]) for row in boxes.to_dict("records")}
    pairs = set(zip(links["source"], links["target"], strict=True))
    rows = links.to_dict("records")
    curves: dict[int, np.ndarray] = {}
    for _ in range(2):  # the second time each curve knows all others
        for number, link in enumerate(rows):
            ends = (link["source"], link["target"])
            others = np.array([box for name, box in at.items() if name not in ends] or [(-1e6, -1e6, 0.0, 0.0)])
            paired = (link["target"], link["source"]) in pairs
            bends = (0.2, 0.3, 0.45) if paired else BENDS
            drawn = [curve for known, curve in curves.items() if known != number]
            curves[number] = _route(at[ends[0]], at[ends[1]], others, bends, drawn)
    lines, heads = [], []
    for number, link in enumerate(rows):
        points = curves[number]
        way = points[-1] - points[-3]
        angle = float(np.degrees(np.arctan2(way[0], -way[1])))  # clockwise from up, y grows downwards
        common = {"link": number, "polarity": link["polarity"], "evidence": link["evidence"]}
        lines += [common | {"order": k, "px": x, "py": y} for k, (x, y) in enumerate(points)]
        # The sign stands beside the head, on the curve's outer side.
        side = np.array([-way[1], way[0]]) / max(float(np.hypot(*way)), 1e-9)
        back = points[-1] - way / max(float(np.hypot(*way)), 1e-9) * 12
        sign = {"1": "+", "-1": "−"}.get(link["polarity"], "?")
        heads.append(
            common
            | {
                "px": points[-1][0],
                "py": points[-1][1],
                "angle": angle,
                "sign": sign,
                "sx": back[0] + 6 * side[0],
                "sy": back[1] + 6 * side[1],
            }
        )
    return pd.DataFrame(lines), pd.DataFrame(heads)


def _panel(nodes: pd.DataFrame, links: pd.DataFrame, width: int, row: float, letters: int, font: float) -> Drawing:
    """Draw one diagram: curves under boxes, heads and signs over them."""
    line = font * 1.2
    boxes = _boxes(nodes, width, letters, line, font * 0.56)
    top = float(boxes["tall"].max()) + 2
    boxes = _apart(boxes.assign(py=top + (boxes["y"] - boxes["y"].min()) * row), width)
    height = float(boxes["py"].max() + boxes["tall"].max() + 2)
    lines, heads = _routes(boxes, links)
    x = alt.X("px:Q", axis=None, scale=alt.Scale(domain=[0, width], nice=False))
    y = alt.Y("py:Q", axis=None, scale=alt.Scale(domain=[0, height], nice=False, reverse=True))
    layers = []
    for grade, (dash, thick) in LINES.items():
        for polarity, some in lines[lines["evidence"] == grade].groupby("polarity", sort=True):
            wide = thick + (HEAVIER if polarity == "-1" else 0)
            layers.append(
                alt.Chart(some)
                .mark_line(strokeDash=dash, strokeWidth=wide, opacity=0.9, color=INKS[polarity])
                .encode(x=x, y=y, detail=alt.Detail("link:N"), order=alt.Order("order:Q"))
            )
    rect = boxes.assign(
        x0=boxes["px"] - boxes["half"],
        x1=boxes["px"] + boxes["half"],
        y0=boxes["py"] - boxes["tall"],
        y1=boxes["py"] + boxes["tall"],
    )
    fill = alt.condition("datum.kind == 'kpi'", alt.value(SHADES[0]), alt.value("white"))
    layers.append(
        alt.Chart(rect)
        .mark_rect(cornerRadius=4, stroke=MUTED, strokeWidth=0.8)
        .encode(
            x=alt.X("x0:Q", axis=None, scale=alt.Scale(domain=[0, width], nice=False)),
            x2=alt.X2("x1:Q"),
            y=alt.Y("y0:Q", axis=None, scale=alt.Scale(domain=[0, height], nice=False, reverse=True)),
            y2=alt.Y2("y1:Q"),
            color=fill,
            tooltip=[alt.Tooltip("name_vi:N", title=" ")],
        )
    )
    rows = [
        {"px": box["px"], "py": box["py"] + (k - (len(box["label"]) - 1) / 2) * line, "text": text}
        for box in boxes.to_dict("records")
        for k, text in enumerate(box["label"])
    ]
    layers.append(
        alt.Chart(pd.DataFrame(rows)).mark_text(fontSize=font, color=INK).encode(x=x, y=y, text=alt.Text("text:N"))
    )
    turn = alt.Angle("angle:Q", scale=alt.Scale(domain=[0, 360], range=[0, 360]))
    for polarity, some in heads.groupby("polarity", sort=True):
        head = alt.Chart(some).mark_point(shape="triangle-up", filled=True, size=34, opacity=1, color=INKS[polarity])
        layers.append(head.encode(x=x, y=y, angle=turn))
    signs = heads.assign(px=heads["sx"], py=heads["sy"])
    bold: dict[str, Any] = {"fontSize": font + 2.5, "fontWeight": 700}
    layers.append(
        alt.Chart(signs).mark_text(stroke="white", strokeWidth=2.5, **bold).encode(x=x, y=y, text=alt.Text("sign:N"))
    )
    layers.append(alt.Chart(signs).mark_text(**bold).encode(x=x, y=y, text=alt.Text("sign:N")))
    return alt.layer(*layers).properties(width=width, height=height)


def key(grades: Sequence[str], width: int, font: float = 11.5) -> Drawing:
    """Draw what the lines mean, one under another in two columns (one on a phone)."""
    entries = [("1", "stated", "cùng chiều (+)"), ("-1", "stated", "ngược chiều (−)")]
    entries += [("", grade, LINE_WORDS[grade]) for grade in LINES if grade in grades]
    columns = 2 if width > 500 else 1
    rows = []
    for number, (polarity, grade, text) in enumerate(entries):
        left = (number % columns) * width / columns
        rows.append(
            {
                "px": left + 2,
                "end": left + 40,
                "text_at": left + 48,
                "py": 9 + 18 * (number // columns),
                "polarity": polarity,
                "evidence": grade,
                "text": text,
            }
        )
    frame = pd.DataFrame(rows)
    height = float(frame["py"].max() + 9)
    scale_x = alt.Scale(domain=[0, width], nice=False)
    y = alt.Y("py:Q", axis=None, scale=alt.Scale(domain=[0, height], nice=False, reverse=True))
    layers = [
        alt.Chart(some)
        .mark_rule(
            strokeDash=LINES[grade][0],
            strokeWidth=LINES[grade][1] + (HEAVIER if polarity == "-1" else 0),
            color=INKS[polarity],
        )
        .encode(x=alt.X("px:Q", axis=None, scale=scale_x), x2=alt.X2("end:Q"), y=y)
        for (grade, polarity), some in frame.groupby(["evidence", "polarity"], sort=False)
    ]
    text = (
        alt.Chart(frame)
        .mark_text(align="left", fontSize=font, color=INK)
        .encode(x=alt.X("text_at:Q", axis=None, scale=scale_x), y=y, text=alt.Text("text:N"))
    )
    return alt.layer(*layers, text).properties(width=width, height=height)


def diagram(nodes: pd.DataFrame, links: pd.DataFrame, halves: Sequence[Sequence[str]], *, size: Size = WIDE) -> Drawing:
    """Draw the causal-loop diagram: whole on a page, in parts (by loops) on a phone.

    Parameters
    ----------
    nodes : DataFrame
        id, short_vi, name_vi, kind (kpi, factor), x, y (the place on a grid; y grows downwards).
    links : DataFrame
        source, target, polarity ("1", "-1", "?"), evidence, x_loop (ids joined by "; ").
    halves : sequence of sequences of loop ids
        The parts that a phone shows one under another.
    """
    if size.width >= WIDE.width:
        panels: list[Drawing] = [_panel(nodes, links, size.width, 82, 11, 11.3)]
    else:
        panels = [_part(nodes, links, part, size.width, 72, 11, 10) for part in halves]
    meaning = key(sorted(set(links["evidence"])), size.width)
    return alt.vconcat(*panels, meaning, spacing=16).resolve_scale(color="independent", angle="independent")


def _part(
    nodes: pd.DataFrame, links: pd.DataFrame, loops: Sequence[str], width: int, row: float, letters: int, font: float
) -> Drawing:
    held = links["x_loop"].map(lambda ids: bool(set(ids.split("; ")) & set(loops)))
    kept = links[held]
    on = nodes[nodes["id"].isin(set(kept["source"]) | set(kept["target"]))]
    return _panel(_squeezed(on), kept, width, row, letters, font)


def _squeezed(nodes: pd.DataFrame) -> pd.DataFrame:
    """Return a part's nodes with the empty rows between them taken out, their order kept."""
    y = nodes["y"].round(0)
    ranks = {value: place for place, value in enumerate(sorted(y.unique()))}
    rows = y.map(ranks).astype(float)
    return nodes.assign(y=rows + (nodes["y"] - y) * 0.5)


def multiples(nodes: pd.DataFrame, links: pd.DataFrame, loops: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw each loop by itself, two a row on a page and one on a phone.

    Parameters
    ----------
    loops : DataFrame
        id, title (a loop's name and what it is).
    """
    wide = size.width >= WIDE.width
    width = (size.width - 24) // 2 if wide else size.width
    panels = []
    for loop in loops.to_dict("records"):
        panel = _part(nodes, links, [loop["id"]], width, 66, 11, 11.5 if wide else 10)
        title = alt.TitleParams(
            textwrap.wrap(loop["title"], 46 if wide else 52), fontSize=12, anchor="start", offset=6, lineHeight=15
        )
        panels.append(panel.properties(title=title))
    rows = [alt.hconcat(*panels[at : at + 2], spacing=24) for at in range(0, len(panels), 2)] if wide else panels
    meaning = key(sorted(set(links["evidence"])), size.width)
    return alt.vconcat(*rows, meaning, spacing=22).resolve_scale(color="independent", angle="independent")


def responses(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw answers to a push over steps: a band of the draws and their median, one panel a node, on one scale.

    Parameters
    ----------
    frame : DataFrame
        name, step, median, lo, hi, label (of the last step, "" elsewhere).
    """
    columns = 3 if size.width >= WIDE.width else 2
    width = (size.width - 44 - 18 * (columns - 1)) // columns
    low, high = min(0.0, float(frame["lo"].min())), float(frame["hi"].max())
    panels = []
    for number, (name, part) in enumerate(frame.groupby("name", sort=False)):
        first = number % columns == 0
        axis = alt.Axis(tickCount=3, labels=first, ticks=first, domain=False, grid=True, minExtent=30 if first else 0)
        x = alt.X("step:Q", title=None, axis=alt.Axis(tickCount=4, grid=False, format="d"), scale=alt.Scale(nice=False))
        y = alt.Y("lo:Q", title=None, axis=axis, scale=alt.Scale(domain=[low, high * 1.12]))
        base = alt.Chart(part).encode(x=x)
        zero = alt.Chart(pd.DataFrame({"lo": [0.0]})).mark_rule(color=MUTED, strokeWidth=1).encode(y=alt.Y("lo:Q"))
        layers = [
            base.mark_area(style="band", opacity=0.7).encode(y=y, y2=alt.Y2("hi:Q")),
            zero,
            base.mark_line(style="done", strokeWidth=2.4).encode(y=alt.Y("median:Q")),
            alt.Chart(part[part["label"] != ""])
            .mark_text(align="right", dy=-9, fontWeight=600, fontSize=11.5)
            .encode(x=alt.X("step:Q"), y=alt.Y("median:Q"), text=alt.Text("label:N")),
        ]
        title = alt.TitleParams(
            textwrap.wrap(str(name), 24 if columns == 3 else 22),
            fontSize=11.5,
            fontWeight=600,
            anchor="start",
            offset=5,
            lineHeight=14,
        )
        panels.append(alt.layer(*layers).properties(width=width, height=88, title=title))
    return alt.vconcat(
        *[alt.hconcat(*panels[at : at + columns], spacing=18) for at in range(0, len(panels), columns)], spacing=14
    )


def leverage(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw leverage as a point with the band of the draws, in the frame's order; the estimate is named at its point, the band at its ends.

    Parameters
    ----------
    frame : DataFrame
        name, median, lo, hi, label (the estimate), low, high (the band's ends in words), note (what stands at the end of the row, "" for nothing).
    """
    data = theme.named(frame, size)
    order, plot = data["row"].tolist(), size.width - size.names
    room = max(data["high"].str.len().max() * 7 + 12, 30) + data["note"].str.len().max() * 6.6
    low = min(0.0, float(data["lo"].min()))
    if size.width < WIDE.width:
        room = max(data["high"].str.len().max() * 7 + 12, 30)
    top = low + (float(data["hi"].max()) - low) / max(0.3, 1 - room / plot)
    y = alt.Y("row:N", sort=order, title=None, axis=marks.rows_axis(size))
    scale = alt.Scale(domain=[low, top], nice=False)
    base = alt.Chart(data).encode(y=y)
    at = {name: alt.X(f"{name}:Q", axis=None, scale=scale) for name in ("median", "lo", "hi")}
    small: dict[str, Any] = {"fontSize": 11.5, "color": MUTED}
    layers = [
        alt.Chart(pd.DataFrame({"median": [0.0]})).mark_rule(color=MUTED, strokeWidth=1).encode(x=at["median"]),
        base.mark_bar(style="band", height=9).encode(x=at["lo"], x2=alt.X2("hi:Q")),
        *marks.points(data, at["median"], y, size=85),
        base.mark_text(dy=-13, fontWeight=600).encode(x=at["median"], text=alt.Text("label:N")),
        base.mark_text(align="right", dx=-5, **small).encode(x=at["lo"], text=alt.Text("low:N")),
        base.mark_text(align="left", dx=5, **small).encode(x=at["hi"], text=alt.Text("high:N")),
    ]
    if size.width >= WIDE.width:
        layers.append(
            alt.Chart(data[data["note"] != ""])
            .mark_text(align="right", **small)
            .encode(y=y, x=alt.value(plot), text=alt.Text("note:N"))
        )
    return alt.layer(*layers, *marks.row_names(data, y)).properties(width=plot, height=theme.row_height(order, 40))
