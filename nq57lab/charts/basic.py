"""Charts: tidy frames in, Altair charts out, in one theme (:mod:`nq57lab.charts.theme`).

Every chart says its finding in its title, what is shown in its subtitle and its source at the foot; values stand beside the marks.
Builders take frames whose label columns were already written by :class:`nq57lab.facts.figures.Figures`; they compute nothing.
"""

from collections.abc import Sequence
from typing import TypeAlias

import altair as alt
import pandas as pd

from nq57lab.base import wording
from nq57lab.charts.theme import ALARM, CONTRAST, INK, MAIN, MUTED, PALE, WIDE, Size, named, row_height

Drawing: TypeAlias = alt.Chart | alt.LayerChart | alt.FacetChart | alt.HConcatChart | alt.VConcatChart


def year_ends(**options) -> alt.Axis:
    """Return the axis of a time scale whose points stand at the last day of their periods.

    The tick of 1 January 2021 is where the year 2020 ends and its figure stands; it reads "cuối 2020", not "2021".
    """
    day = 24 * 60 * 60 * 1000
    return alt.Axis(tickCount="year", labelExpr=f"'cuối ' + timeFormat(datum.value - {day}, '%Y')", **options)


def bars(frame: pd.DataFrame, *, highlight: Sequence[str] = (), sort: bool = True, size: Size = WIDE) -> alt.Chart:
    """Draw horizontal bars from zero, longest first, each with its value beside it.

    Parameters
    ----------
    frame : DataFrame
        name (text), value (number), label (text).
    highlight : sequence of str
        Names drawn in the main colour; all are when none is named.
    sort : bool
        Longest first, equals by name; else in the frame's order.
    """
    frame = named(frame, size)
    by_size = frame.assign(key=frame["name"].map(wording.collation_key)).sort_values(
        ["value", "key"], ascending=[False, True], kind="stable"
    )
    order = (by_size if sort else frame)["row"].tolist()
    strong = frame.assign(strong=frame["name"].isin(highlight) if highlight else True)
    longest = frame["label"].str.len().max()
    top = float(frame["value"].max()) / max(0.4, 1 - (longest * 7 + 8) / (size.width - size.names)) or 1.0
    base = alt.Chart(strong).encode(
        y=alt.Y("row:N", sort=order, title=None, axis=size.name_axis),
        x=alt.X("value:Q", axis=None, scale=alt.Scale(domain=[0, top])),
    )
    colour = alt.condition("datum.strong", alt.value(MAIN), alt.value(PALE))
    marks = base.mark_bar(height=18).encode(
        color=colour, tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("label:N", title="Giá trị")]
    )
    return (marks + base.mark_text(align="left", dx=5).encode(text="label:N")).properties(
        width=size.width - size.names, height=row_height(order)
    )


def dumbbells(frame: pd.DataFrame, *, near: str, far: str, size: Size = WIDE) -> Drawing:
    """Draw two points a row joined by a line, on a scale from 0 to 100 per cent: ``near`` and ``far`` are the two series.

    Parameters
    ----------
    frame : DataFrame
        name (text), series (near or far), value (per cent), label (text).
    """
    frame = named(frame, size)
    order = frame["row"].drop_duplicates().tolist()
    scale = alt.Scale(domain=[0, 104], nice=False)
    axis = alt.Axis(values=[0, 25, 50, 75, 100], title="%", grid=True)
    y = alt.Y("row:N", sort=order, title=None, axis=size.name_axis)
    lines = (
        alt.Chart(frame)
        .mark_line(color=PALE, size=3)
        .encode(x=alt.X("value:Q", scale=scale, axis=axis), y=y, detail="name:N")
    )
    colour = alt.Color("series:N", scale=alt.Scale(domain=[near, far], range=[MAIN, CONTRAST]), legend=alt.Legend())
    shape = alt.Shape("series:N", scale=alt.Scale(domain=[near, far], range=["circle", "square"]), legend=alt.Legend())
    tips = [alt.Tooltip("series:N", title=" "), alt.Tooltip("label:N", title="Giá trị")]
    points = (
        alt.Chart(frame)
        .mark_point(size=130, filled=True, opacity=1)
        .encode(x="value:Q", y=y, color=colour, shape=shape, tooltip=tips)
    )
    text = alt.Chart(frame).mark_text(dy=-15).encode(x="value:Q", y=y, text="label:N")
    return (lines + points + text).properties(width=size.width - size.names, height=row_height(order, 48))


def parts(frame: pd.DataFrame, *, states: Sequence[str], size: Size = WIDE) -> Drawing:
    """Draw one bar a row split into states, each part with its label, as shares of the row's whole.

    Parameters
    ----------
    frame : DataFrame
        name, state, value (number), label (text; "" to leave a narrow part unlabelled).
    states : sequence of str
        The states, best first (dark to light).
    """
    frame = named(frame, size)
    whole = frame.groupby("name")["value"].transform("sum")
    order = frame["row"].drop_duplicates().tolist()
    rank = {state: place for place, state in enumerate(states)}
    data = frame.assign(share=frame["value"] / whole, place=frame["state"].map(rank)).sort_values(
        ["name", "place"], kind="stable"
    )
    data["start"] = data.groupby("name")["share"].cumsum() - data["share"]
    data = data.assign(end=data["start"] + data["share"], middle=data["start"] + data["share"] / 2)
    colours = [MAIN, CONTRAST, PALE, ALARM][: len(states)]
    y = alt.Y("row:N", sort=order, title=None, axis=size.name_axis)
    colour = alt.Color(
        "state:N", scale=alt.Scale(domain=list(states), range=colours), legend=alt.Legend(labelLimit=300)
    )
    tips = [alt.Tooltip("state:N", title=" "), alt.Tooltip("label:N", title="Giá trị")]
    x = alt.X("start:Q", axis=None, scale=alt.Scale(domain=[0, 1]))
    marks = alt.Chart(data).mark_bar(height=24).encode(x=x, x2="end:Q", y=y, color=colour, tooltip=tips)
    dark = data["state"] == states[0]
    layers = [marks]
    for rows, ink in ((data[dark], "white"), (data[~dark], INK)):
        wide = rows[rows["share"] > 0.06]
        layers.append(alt.Chart(wide).mark_text(color=ink, fontWeight=600).encode(x="middle:Q", y=y, text="label:N"))
    return alt.layer(*layers).properties(width=size.width - size.names, height=row_height(order, 40))


def path(
    history: pd.DataFrame,
    required: pd.DataFrame,
    target: pd.DataFrame,
    *,
    others: pd.DataFrame | None = None,
    top: float = 32.0,
    size: Size = WIDE,
) -> Drawing:
    """Draw a yearly series, the straight line it needs to its target (dashed), and the target as a labelled point.

    Parameters
    ----------
    history : DataFrame
        year, value, label ("" where no label is shown).
    required : DataFrame
        year, value: two or more points of the required path.
    target : DataFrame
        year, value, label: one point.
    others : DataFrame, optional
        year, value, label: values of earlier vintages, drawn hollow.
    """
    years = [int(history["year"].min()), int(target["year"].max())]
    x = alt.X(
        "year:Q",
        title=None,
        scale=alt.Scale(domain=[years[0] - 0.3, years[1] + 0.9], nice=False),
        axis=alt.Axis(format="d", grid=False, tickCount=years[1] - years[0]),
    )
    y = alt.Y(
        "value:Q",
        title="%",
        scale=alt.Scale(domain=[0, top]),
        axis=alt.Axis(tickCount=5, minExtent=size.scale, maxExtent=size.scale),
    )
    tips = [alt.Tooltip("year:Q", title="Năm", format="d"), alt.Tooltip("label:N", title="Giá trị")]
    layers = [
        alt.Chart(required).mark_line(strokeDash=[6, 4], color=MUTED, size=2).encode(x=x, y=y),
        alt.Chart(history).mark_line(color=MAIN, size=2.5).encode(x=x, y=y),
        alt.Chart(history).mark_point(color=MAIN, filled=True, size=70, opacity=1).encode(x=x, y=y, tooltip=tips),
        alt.Chart(history[history["label"] != ""]).mark_text(dy=-14, fontWeight=600).encode(x=x, y=y, text="label:N"),
        alt.Chart(target)
        .mark_point(shape="diamond", color=CONTRAST, filled=True, size=150, opacity=1)
        .encode(x=x, y=y, tooltip=tips),
        alt.Chart(target).mark_text(dy=-16, align="right", dx=20, fontWeight=600).encode(x=x, y=y, text="label:N"),
    ]
    if others is not None and len(others):
        layers.append(
            alt.Chart(others)
            .mark_point(color=CONTRAST, filled=False, size=60, strokeWidth=1.8, opacity=1)
            .encode(x=x, y=y, tooltip=tips)
        )
    return alt.layer(*layers).properties(width=size.width - size.scale, height=230)


def ranks(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw ranks over years, first place on top, one line a series, named and valued at its end.

    Parameters
    ----------
    frame : DataFrame
        year, value (rank), series, part (only points of one part are joined), label, last (True for the series' last point).
    """
    series = frame["series"].drop_duplicates().tolist()
    colour = alt.Color("series:N", scale=alt.Scale(domain=series, range=[MAIN, CONTRAST]), legend=None)
    x = alt.X(
        "year:Q",
        title=None,
        scale=alt.Scale(domain=[int(frame["year"].min()) - 0.3, int(frame["year"].max()) + 3], nice=False),
        axis=alt.Axis(
            format="d", grid=False, values=list(range(int(frame["year"].min()), int(frame["year"].max()) + 1, 2))
        ),
    )
    y = alt.Y(
        "value:Q",
        title="thứ hạng",
        scale=alt.Scale(domain=[1, int(frame["value"].max()) + 8], reverse=True),
        axis=alt.Axis(values=[1, 20, 40, 60, 80, 100], minExtent=size.scale, maxExtent=size.scale),
    )
    tips = [
        alt.Tooltip("series:N", title=" "),
        alt.Tooltip("year:Q", title="Năm", format="d"),
        alt.Tooltip("value:Q", title="Hạng"),
    ]
    base = alt.Chart(frame).encode(x=x, y=y, color=colour)
    ends = (
        alt.Chart(frame[frame["last"]]).mark_text(align="left", dx=9, fontWeight=600).encode(x=x, y=y, text="label:N")
    )
    return alt.layer(
        base.mark_line(size=2.5).encode(detail="part:N"),
        base.mark_point(filled=True, size=55, opacity=1).encode(
            tooltip=tips,
            shape=alt.Shape("series:N", scale=alt.Scale(domain=series, range=["circle", "square"]), legend=None),
        ),
        ends,
    ).properties(width=size.width - size.scale, height=230)


def steps(frame: pd.DataFrame, *, others: pd.DataFrame | None = None, size: Size = WIDE, top: float = 105.0) -> Drawing:
    """Draw a few dated values of one measure as points, each labelled, joined by a line where they may be.

    Parameters
    ----------
    frame : DataFrame
        day (date), value (per cent), label, part (only points of one part are joined).
    others : DataFrame, optional
        The same columns: values that are not comparable, drawn hollow and left out of the line.
    """
    data = frame.assign(day=pd.to_datetime(frame["day"]).dt.strftime("%Y-%m-%d"))
    x = alt.X("day:T", title=None, axis=alt.Axis(format="%m/%Y", grid=False, tickCount=6))
    y = alt.Y(
        "value:Q",
        title="% dân số",
        scale=alt.Scale(domain=[0, top]),
        axis=alt.Axis(values=[0, 25, 50, 75, 100], minExtent=size.scale, maxExtent=size.scale),
    )
    base = alt.Chart(data).encode(x=x, y=y)
    apart = (others if others is not None else frame.iloc[:0]).assign(
        day=lambda rows: pd.to_datetime(rows["day"]).dt.strftime("%Y-%m-%d")
    )
    hollow = alt.Chart(apart).encode(x=x, y=y)
    return alt.layer(
        hollow.mark_point(color=CONTRAST, size=75, strokeWidth=2, opacity=1),
        hollow.mark_text(dy=18, color=MUTED).encode(text="label:N"),
        base.mark_line(color=MAIN, size=2.5).encode(detail="part:N"),
        base.mark_point(filled=True, color=MAIN, size=75, opacity=1).encode(
            tooltip=[alt.Tooltip("label:N", title="Giá trị")]
        ),
        base.mark_text(dy=-16, align="center", fontWeight=600).encode(text="label:N"),
    ).properties(width=size.width - size.scale, height=200)


def blank(size: Size = WIDE) -> Drawing:
    """Draw an empty frame, for a chart without figures."""
    return alt.Chart(pd.DataFrame({"x": [0]})).mark_point(opacity=0).properties(width=size.width, height=40)


def rows_axis(size: Size) -> alt.Axis:
    """Return an axis that keeps room for the names of rows, which :func:`row_names` draws."""
    return alt.Axis(labels=False, ticks=False, domain=False, minExtent=size.names, maxExtent=size.names)


def row_names(data: pd.DataFrame, y: alt.Y) -> list[Drawing]:
    """Return layers of the rows' names, each block of lines centred on its row."""
    rows = data.drop_duplicates("row").assign(lines=lambda frame: frame["row"].str.count("\n") + 1)
    return [
        alt.Chart(part)
        .mark_text(align="right", dx=-8, dy=-7.0 * (lines - 1), lineBreak="\n", lineHeight=14, baseline="middle")
        .encode(x=alt.value(0), y=y, text="row:N")
        for lines, part in rows.groupby("lines")
    ]
