"""Charts: tidy frames in, Altair charts out, in one theme (:mod:`nq57lab.charts.theme`).

Every chart says its finding in its title, what is shown in its subtitle and its source at the foot; values stand beside the marks.
Builders take frames whose label columns were already written by :class:`nq57lab.facts.figures.Figures`; they compute nothing.
"""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import altair as alt
import pandas as pd

from nq57lab.base import wording
from nq57lab.charts import theme
from nq57lab.charts.marks import hatched, points, row_names, rows_axis, tone, used, years_shown
from nq57lab.charts.theme import MEANINGS, MUTED, NARROW, WIDE, Size, named, row_height

Drawing: TypeAlias = alt.Chart | alt.LayerChart | alt.FacetChart | alt.HConcatChart | alt.VConcatChart
TITLE = 16  # the width of a value axis's title
NARROWEST = 0.06  # of a whole: a part that holds no text of its own


def year_ends(**options) -> alt.Axis:
    """Return the axis of a time scale whose points stand at the last day of their periods.

    The tick of 1 January 2021 is where the year 2020 ends and its figure stands; it reads "cuối 2020", not "2021". Days are those of a
    calendar: the scale is one of type "utc", so that every time zone draws the same.
    """
    day = 24 * 60 * 60 * 1000
    return alt.Axis(tickCount="year", labelExpr=f"'cuối ' + utcFormat(datum.value - {day}, '%Y')", **options)


def bars(frame: pd.DataFrame, *, highlight: Sequence[str] = (), sort: bool = True, size: Size = WIDE) -> Drawing:
    """Draw horizontal bars from zero, longest first, each with its value beside it.

    Parameters
    ----------
    frame : DataFrame
        name (text), value (number), label (text); told (whether self-reported) and meaning, where known.
    highlight : sequence of str
        Names spoken of; the others are context. All are spoken of when none is named. Without effect where the frame has meanings.
    sort : bool
        Longest first, equals by name; else in the frame's order.
    """
    frame = named(frame, size)
    by_size = frame.assign(key=frame["name"].map(wording.collation_key)).sort_values(
        ["value", "key"], ascending=[False, True], kind="stable"
    )
    order = (by_size if sort else frame)["row"].tolist()
    if "meaning" not in frame:
        strong = frame["name"].isin(highlight) if highlight else pd.Series(True, index=frame.index)
        frame = frame.assign(meaning=strong.map({True: "done", False: "context"}))
    plot, longest = size.width - size.names, frame["label"].str.len().max()
    top = float(frame["value"].max()) / max(0.4, 1 - (longest * 7 + 8) / plot) or 1.0
    data = frame.assign(start=0.0, end=frame["value"])
    y = alt.Y("row:N", sort=order, title=None, axis=rows_axis(size))
    scale = alt.Scale(domain=[0, top])
    x = alt.X("value:Q", axis=None, scale=scale)
    base = alt.Chart(data).encode(y=y, x=x)
    tips = [alt.Tooltip("name:N", title=" "), alt.Tooltip("label:N", title="Giá trị")]
    return alt.layer(
        base.mark_bar(height=18).encode(color=tone(used(data)), tooltip=tips),
        *hatched(data, alt.X("start:Q", axis=None, scale=scale), y, plot / top, 18),
        base.mark_text(align="left", dx=5).encode(text=alt.Text("label:N")),
        *row_names(data, y),
    ).properties(width=plot, height=row_height(order))


def dumbbells(frame: pd.DataFrame, *, near: str, far: str, size: Size = WIDE) -> Drawing:
    """Draw two points a row joined by a line, on a scale from 0 to 100 per cent: ``near`` (round) and ``far`` (square), named on the first row.

    Parameters
    ----------
    frame : DataFrame
        name (text), series (near or far), value (per cent), label (text); told (whether self-reported: hollow).
    """
    frame = named(frame, size)
    order = frame["row"].drop_duplicates().tolist()
    first = frame["row"] == order[0]
    frame["text"] = frame["label"].where(~first, frame["series"] + "\n" + frame["label"])
    scale = alt.Scale(domain=[0, 104], nice=False)
    x = alt.X("value:Q", scale=scale, axis=alt.Axis(values=[0, 25, 50, 75, 100], title="%", grid=True))
    y = alt.Y("row:N", sort=order, title=None, axis=rows_axis(size))
    tips = [alt.Tooltip("series:N", title=" "), alt.Tooltip("label:N", title="Giá trị")]
    layers = [alt.Chart(frame).mark_line(style="ground", size=3).encode(x=x, y=y, detail=alt.Detail("name:N"))]
    for series, shape in ((near, "circle"), (far, "square")):
        layers += points(frame[frame["series"] == series], x, y, shape=shape, size=130, tooltip=tips)
    for rows, lines in ((frame[first], 2), (frame[~first], 1)):
        text = alt.Chart(rows).mark_text(dy=-15 - 14 * (lines - 1), lineBreak="\n", lineHeight=14)
        layers.append(text.encode(x=x, y=y, text=alt.Text("text:N")))
    return alt.layer(*layers, *row_names(frame, y)).properties(
        width=size.width - size.names, height=row_height(order, 54)
    )


def parts(
    frame: pd.DataFrame,
    *,
    states: Sequence[str],
    meanings: Sequence[str] = (),
    shares: bool = True,
    named_states: bool = True,
    size: Size = WIDE,
) -> Drawing:
    """Draw one bar a row split into states, each part with its label above it; the first row names the states where there are two.

    Parameters
    ----------
    frame : DataFrame
        name, state, value (number), label (text); told (whether self-reported); meaning, where it is not that of the state.
    states : sequence of str
        The states, best first.
    meanings : sequence of str
        Their meanings; of two "done" and "missing", of three a middle "context".
    shares : bool
        Whether every row is a whole of its own; else all rows are on one scale.
    named_states : bool
        Whether the drawing names the states; else the labels say them.
    """
    frame = named(frame, size)
    meanings = meanings or (("done", "missing") if len(states) == 2 else ("done", "context", "missing"))
    whole = frame.groupby("name")["value"].transform("sum")
    order = frame["row"].drop_duplicates().tolist()
    place = {state: number for number, state in enumerate(states)}
    data = frame.assign(
        share=frame["value"] / (whole if shares else 1.0),
        place=frame["state"].map(place),
        meaning=frame["meaning"]
        if "meaning" in frame
        else frame["state"].map(dict(zip(states, meanings, strict=True))),
    ).sort_values(["name", "place"], kind="stable")
    data["end"] = data.groupby("name")["share"].cumsum()
    data["start"] = data["end"] - data["share"]
    plot, top = size.width - size.names, float(data["end"].max())
    direct = len(states) == 2
    data["text"] = _part_texts(data, order[0] if direct and named_states else "", max(10, int(plot / 2 / 6.6)))
    data["last"] = (data["place"] == data.groupby("name")["place"].transform("max")) & (data["place"] > 0)
    scale = alt.Scale(domain=[0, top], nice=False)
    y = alt.Y("row:N", sort=order, title=None, axis=rows_axis(size))
    x = alt.X("start:Q", axis=None, scale=scale)
    tips = [alt.Tooltip("state:N", title=" "), alt.Tooltip("label:N", title="Giá trị")]
    legend = None if direct else dict(zip(meanings, states, strict=True))
    color = tone(used(data) if direct else [name for name in MEANINGS if name in meanings], legend=legend)
    marks = alt.Chart(data).mark_bar(height=16).encode(x=x, x2=alt.X2("end:Q"), y=y, color=color, tooltip=tips)
    layers: list[Drawing] = [marks, *hatched(data, x, y, plot / top, 16)]
    tight = _tight(data, plot / top)
    shown = data[((data["share"] / top > NARROWEST) | data["last"] | (data["place"] == 0)) & ~data["row"].isin(tight)]
    lines = shown["text"].str.count("\n") + 1
    for (last, count), rows in shown.groupby([shown["last"], lines]):
        at = "end:Q" if last else "start:Q"
        align: Literal["left", "right"] = "right" if last else "left"
        text = alt.Chart(rows).mark_text(align=align, dy=-17 - 13 * (count - 1), lineBreak="\n", lineHeight=13)
        layers.append(text.encode(x=alt.X(at, axis=None, scale=scale), y=y, text=alt.Text("text:N")))
    if tight:
        rows = data[data["row"].isin(tight)].groupby("row", sort=False, as_index=False)
        for between, joined in _beside(rows.agg({"end": "max", "text": "\n".join}), plot, top).groupby("between"):
            text = alt.Chart(joined).mark_text(
                align="left", dx=5, dy=-6.5 if between == "\n" else 0, lineBreak="\n", lineHeight=13
            )
            layers.append(text.encode(x=alt.X("end:Q", axis=None, scale=scale), y=y, text=alt.Text("text:N")))
    height = row_height(order, 46 + 13 * (int(lines.max()) - 1))
    return alt.layer(*layers, *row_names(data, y)).properties(width=plot, height=height)


def _tight(data: pd.DataFrame, pixels: float) -> list[str]:
    """Return the rows whose bars are too short for their parts' texts above them."""
    rows = data.groupby("row", sort=False)
    room, letters = rows["end"].max() * pixels, rows["text"].agg(lambda texts: texts.str.len().sum())
    return room.index[(letters * 7 + 12 > room) & (room < 0.75 * data["end"].max() * pixels)].tolist()


def _beside(rows: pd.DataFrame, plot: float, top: float) -> pd.DataFrame:
    """Return the texts that stand right of short bars: on one line where there is room, else one under another."""
    free = plot - rows["end"] * plot / top
    fits = rows["text"].str.len() * 6.8 + 5 < free
    return rows.assign(
        between=fits.map({True: "; ", False: "\n"}),
        text=rows["text"].where(~fits, rows["text"].str.replace("\n", "; ")),
    )


def _part_texts(data: pd.DataFrame, first: str, letters: int) -> list[str]:
    """Return the words above the parts: the label, on the first row after its state."""
    return [
        "\n".join(theme.wrap(f"{row.state}: {row.label}", letters)) if row.row == first and row.label else row.label
        for row in data.itertuples()
    ]


def path(
    history: pd.DataFrame,
    required: pd.DataFrame,
    target: pd.DataFrame,
    *,
    others: pd.DataFrame | None = None,
    top: float = 32.0,
    unit: str = "%",
    size: Size = WIDE,
) -> Drawing:
    """Draw a yearly series, the straight line it needs to its target (dashed), and the target as a labelled point.

    Parameters
    ----------
    history : DataFrame
        year, value, label ("" where no label is shown); told (whether self-reported: hollow).
    required : DataFrame
        year, value: two or more points of the required path; label (text at the middle of the way).
    target : DataFrame
        year, value, label: one point.
    others : DataFrame, optional
        year, value, label: values of earlier vintages.
    unit : str
        Of the value axis.
    """
    years = [int(history["year"].min()), int(target["year"].max())]
    x = alt.X(
        "year:Q",
        title=None,
        scale=alt.Scale(domain=[years[0] - 0.8, years[1] + 0.9], nice=False),
        axis=alt.Axis(
            format="d", grid=False, values=years_shown([*history["year"], years[1]], size.width - size.scale)
        ),
    )
    y = alt.Y(
        "value:Q",
        title=unit,
        scale=alt.Scale(domain=[0, top]),
        axis=alt.Axis(tickCount=5, minExtent=size.scale, maxExtent=size.scale),
    )
    tips = [alt.Tooltip("year:Q", title="Năm", format="d"), alt.Tooltip("label:N", title="Giá trị")]
    layers: list[Drawing] = [
        alt.Chart(required).mark_line(style="target", strokeDash=[6, 4], size=1.6).encode(x=x, y=y),
        alt.Chart(history).mark_line(style="done", size=2.5).encode(x=x, y=y),
    ]
    if others is not None and len(others):
        mark = alt.Chart(others).mark_tick(style="context", orient="horizontal", size=20, thickness=2)
        layers.append(mark.encode(x=x, y=y, tooltip=tips))
    layers += points(history, x, y, tooltip=tips)
    layers += [
        alt.Chart(history[history["label"] != ""])
        .mark_text(dy=-14, fontWeight=600)
        .encode(x=x, y=y, text=alt.Text("label:N")),
        *points(target, x, y, shape="diamond", size=150, style="target", tooltip=tips),
        alt.Chart(target)
        .mark_text(dy=-16, align="right", dx=20, fontWeight=600)
        .encode(x=x, y=y, text=alt.Text("label:N")),
    ]
    if "label" in required:
        told = "\n".join(theme.wrap(required["label"].iloc[0], 26 if size is WIDE else 14))
        middle = required.agg({"year": "mean", "value": "mean"}).to_frame().T.assign(label=told)
        layers.append(
            alt.Chart(middle)
            .mark_text(align="left", dx=10, dy=16, color=MUTED, lineBreak="\n", lineHeight=14)
            .encode(x=x, y=y, text=alt.Text("label:N"))
        )
    return alt.layer(*layers).properties(width=size.width - size.scale - TITLE, height=230)


def ranks(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw ranks over years, first place on top, one line a series, named and valued at its end, valued at its beginning.

    Parameters
    ----------
    frame : DataFrame
        year, value (rank), series, part (only points of one part are joined), label, last (True for the series' last point), first (text at a
        point from which the way is told, "" elsewhere).
    """
    series = frame["series"].drop_duplicates().tolist()
    x = alt.X(
        "year:Q",
        title=None,
        scale=alt.Scale(
            domain=[int(frame["year"].min()) - 0.5, int(frame["year"].max()) + (2.6 if size is WIDE else 5)], nice=False
        ),
        axis=alt.Axis(
            format="d", grid=False, values=years_shown(frame["year"].tolist(), 0.78 * (size.width - size.scale))
        ),
    )
    worst = int(frame["value"].max()) + 8
    y = alt.Y(
        "value:Q",
        title="thứ hạng",
        scale=alt.Scale(domain=[1, worst], reverse=True, nice=False),
        axis=alt.Axis(values=[1, *range(20, worst, 20)], minExtent=size.scale, maxExtent=size.scale),
    )
    tips = [
        alt.Tooltip("series:N", title=" "),
        alt.Tooltip("year:Q", title="Năm", format="d"),
        alt.Tooltip("value:Q", title="Hạng"),
    ]
    bold: dict[str, Any] = {"fontWeight": 600}
    upper = frame.groupby("series")["value"].mean().idxmin()
    layers: list[Drawing] = [
        alt.Chart(frame).mark_line(style="done", size=2.5).encode(x=x, y=y, detail=alt.Detail("part:N")),
    ]
    for name, shape in zip(series, ("circle", "square", "triangle-up"), strict=False):
        layers += points(frame[frame["series"] == name], x, y, shape=shape, size=55, tooltip=tips)
    layers += [
        alt.Chart(frame[frame["last"]])
        .mark_text(align="left", dx=9, **bold)
        .encode(x=x, y=y, text=alt.Text("label:N")),
        *(
            alt.Chart(rows)
            .mark_text(align="left", dx=-6, dy=-12 if name == upper else 17, **bold)
            .encode(x=x, y=y, text=alt.Text("first:N"))
            for name, rows in frame[frame["first"] != ""].groupby("series", sort=False)
        ),
    ]
    return alt.layer(*layers).properties(width=size.width - size.scale - TITLE, height=230)


def steps(
    frame: pd.DataFrame,
    *,
    others: pd.DataFrame | None = None,
    target: pd.DataFrame | None = None,
    size: Size = WIDE,
    top: float = 134.0,
) -> Drawing:
    """Draw a few dated values of one measure as points, each labelled with its day, joined by a line where they may be.

    Parameters
    ----------
    frame : DataFrame
        day (date), value (per cent), label, when (the period in words), part (only points of one part are joined); told.
    others : DataFrame, optional
        The same columns: values that are not comparable, drawn as context and left out of the line.
    target : DataFrame, optional
        value, label: one row, a level to be reached later than the last day; drawn at the right end.
    """
    apart = others if others is not None else frame.iloc[:0]
    every = pd.concat([frame, apart])
    days = pd.to_datetime(every["day"])
    span = (days.max() - days.min()) or pd.Timedelta(days=365)
    ends = [days.min() - 0.09 * span, days.max() + (0.4 if target is not None else 0.12) * span]
    ticks = {str(day.date()): when.removeprefix("tháng ") for day, when in zip(days, every["when"], strict=True)}
    words = {f"{pd.Timestamp(day).year}-{pd.Timestamp(day).month}": when for day, when in ticks.items()}
    x = alt.X(
        "day:T",
        title=None,
        scale=alt.Scale(type="utc", domain=[end.strftime("%Y-%m-%d") for end in ends], nice=False),
        axis=alt.Axis(
            grid=False,
            values=[
                alt.DateTime(year=d.year, month=d.month, date=d.day, utc=True)
                for d in sorted(set(pd.to_datetime(list(ticks))))
            ],
            labelExpr=f"({words!r})[utcyear(datum.value) + '-' + (utcmonth(datum.value) + 1)]",
            labelOverlap=False,
            labelAngle=-40 if size is NARROW else 0,
        ),
    )
    y = alt.Y(
        "value:Q",
        title="% dân số",
        scale=alt.Scale(domain=[0, top], nice=False),
        axis=alt.Axis(values=[0, 25, 50, 75, 100], minExtent=size.scale, maxExtent=size.scale),
    )
    tips = [alt.Tooltip("when:N", title="Kỳ"), alt.Tooltip("label:N", title="Giá trị")]

    def dated(rows: pd.DataFrame) -> pd.DataFrame:
        return rows.assign(day=pd.to_datetime(rows["day"]).dt.strftime("%Y-%m-%d"))

    data, hollow = dated(frame), dated(apart)
    layers: list[Drawing] = [
        alt.Chart(data).mark_line(style="done", size=2.5).encode(x=x, y=y, detail=alt.Detail("part:N")),
        *points(hollow, x, y, size=75, style="context", tooltip=tips),
        alt.Chart(hollow).mark_text(dy=18, color=MUTED).encode(x=x, y=y, text=alt.Text("label:N")),
        *points(data, x, y, size=80, tooltip=tips),
        alt.Chart(data).mark_text(dy=18, fontWeight=600).encode(x=x, y=y, text=alt.Text("label:N")),
    ]
    if target is not None:
        goal = target.assign(day=(days.max() + 0.28 * span).strftime("%Y-%m-%d"))
        layers += points(goal, x, y, shape="diamond", size=150, style="target")
        layers.append(
            alt.Chart(goal)
            .mark_text(dy=-31, fontWeight=600, lineBreak="\n", lineHeight=14)
            .encode(x=x, y=y, text=alt.Text("label:N"))
        )
    return alt.layer(*layers).properties(width=size.width - size.scale - TITLE, height=220)


def beside(frame: pd.DataFrame, *, panels: Sequence[str], size: Size = WIDE) -> Drawing:
    """Draw the same rows in two panels of bars from zero, one a measure, with a dashed line for the whole of each.

    Parameters
    ----------
    frame : DataFrame
        name, panel, value, label, whole (the value of all together), whole_label; told. In the order of the rows.
    panels : sequence of str
        The two measures.
    """
    frame = named(frame, size)
    order = frame["row"].drop_duplicates().tolist()
    gap = 16
    plot = (size.width - size.names - gap) // 2
    edges: list[dict[str, Any]] = [
        {"stroke": "white", "strokeWidth": 4},
        {},
    ]  # the line of the whole does not run through letters
    drawn = []
    for number, panel in enumerate(panels):
        data = frame[frame["panel"] == panel].assign(start=0.0, end=lambda rows: rows["value"], meaning="done")
        top = float(data["value"].max()) / (1 - 44 / plot)
        scale = alt.Scale(domain=[0, top], nice=False)
        axis = rows_axis(size) if number == 0 else None
        y = alt.Y("row:N", sort=order, title=None, axis=axis)
        x = alt.X("value:Q", axis=None, scale=scale)
        whole = data.head(1).assign(value=data["whole"].iloc[0])
        tips = [alt.Tooltip("name:N", title=" "), alt.Tooltip("label:N", title=panel)]
        layers: list[Drawing] = [
            alt.Chart(data).mark_bar(height=16, style="done").encode(x=x, y=y, tooltip=tips),
            *hatched(data, alt.X("start:Q", axis=None, scale=scale), y, plot / top, 16),
            alt.Chart(whole).mark_rule(style="context", strokeDash=[4, 3], size=1.6).encode(x=x),
            alt.Chart(whole)
            .mark_text(color=MUTED, baseline="bottom", dy=-3)
            .encode(x=x, y=alt.value(0), text=alt.Text("whole_label:N")),
            *(
                alt.Chart(data).mark_text(align="left", dx=5, **edge).encode(x=x, y=y, text=alt.Text("label:N"))
                for edge in edges
            ),
        ]
        if number == 0:
            layers += row_names(data, y)
        title = alt.TitleParams(theme.wrap(panel, int(plot / 7)), fontSize=12, anchor="start", offset=6, lineHeight=14)
        drawn.append(alt.layer(*layers).properties(width=plot, height=row_height(order), title=title))
    return alt.hconcat(*drawn, spacing=gap)


def blank(size: Size = WIDE) -> Drawing:
    """Draw an empty frame, for a chart without figures."""
    return alt.Chart(pd.DataFrame({"x": [0]})).mark_point(opacity=0).properties(width=size.width, height=40)
