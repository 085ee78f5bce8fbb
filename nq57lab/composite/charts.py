"""Charts of a composite index: ranked bars with rank intervals, heat map, contributions, sensitivity, rank shifts, before and after treatment.

Builders take frames whose label columns were already written by :class:`nq57lab.facts.figures.Figures`; they compute nothing.
"""

import textwrap
from collections.abc import Sequence

import altair as alt
import pandas as pd

from nq57lab.charts import marks
from nq57lab.charts.basic import Drawing
from nq57lab.charts.theme import INK, MUTED, PARTS, RULE, SHADES, WIDE, Size


def _named(frame: pd.DataFrame, letters: int) -> pd.DataFrame:
    return frame.assign(row=["\n".join(textwrap.wrap(str(name), letters)) for name in frame["name"]])


def _axis(names: int) -> alt.Axis:
    return alt.Axis(
        ticks=False,
        domain=False,
        labelLimit=names,
        minExtent=names,
        maxExtent=names,
        labelExpr="split(datum.label, '\\n')",
        labelLineHeight=13,
        labelFontSize=11.5 if names >= 150 else 10.5,
    )


def ranked(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw scores as bars from zero and, beside them, the interval of each rank.

    Parameters
    ----------
    frame : DataFrame
        name, score, label, nominal, low, high, in the order of the rows (best first); label stands at the bar's end, ``ranks`` at the
        interval's.
    """
    wide = size.width >= WIDE.width
    names = 150 if wide else 96
    data = _named(frame, 26 if wide else 15)
    order, step = data["row"].tolist(), 19 if wide else 26
    left = round((size.width - names) * (0.46 if wide else 0.42))
    right = size.width - names - left - 14
    y = alt.Y("row:N", sort=order, title=None, axis=_axis(names))
    bare = alt.Y("row:N", sort=order, title=None, axis=None)
    low, high = min(0.0, float(frame["score"].min())), max(0.0, float(frame["score"].max()))
    scale = alt.Scale(domain=[low, high + (high - low) * (0.28 if wide else 0.5)], nice=False)
    data["end"] = data["score"].clip(lower=0.0)  # a label stands right of its bar, and of zero
    bars = alt.Chart(data).encode(y=y, x=alt.X("score:Q", axis=None, scale=scale))
    ends = bars.encode(x=alt.X("end:Q", axis=None, scale=scale), text=alt.Text("label:N"))
    tips = [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("label:N", title="Điểm"),
        alt.Tooltip("ranks:N", title="Hạng"),
    ]
    scores = alt.layer(
        bars.mark_bar(style="done", height=12).encode(tooltip=tips),
        ends.mark_text(align="left", dx=4, fontSize=11.5),
    ).properties(width=left, height=step * len(order), title=_small("Điểm"))
    span = [1, len(order)]
    x = alt.X(
        "nominal:Q",
        title=None,
        scale=alt.Scale(domain=span, nice=False, padding=8),
        axis=alt.Axis(values=_rank_ticks(len(order)), grid=True, gridColor=RULE, orient="top", labelFontSize=11.5),
    )
    base = alt.Chart(data).encode(y=bare)
    intervals = alt.layer(
        base.mark_rule(style="band", strokeWidth=6).encode(
            x=alt.X("low:Q", scale=alt.Scale(domain=span)), x2=alt.X2("high:Q")
        ),
        *marks.points(data, x, bare, size=34, tooltip=tips),
    ).properties(
        width=right, height=step * len(order), title=_small("Hạng (dải: 90% các lượt tính lại)" if wide else "Hạng")
    )
    return alt.hconcat(scores, intervals, spacing=14)


def _rank_ticks(count: int) -> list[int]:
    """Return the ranks that an axis names: the first, then tens, or as many as stand apart.

    >>> _rank_ticks(34), _rank_ticks(63)
    ([1, 10, 20, 30], [1, 20, 40, 60])
    """
    step = next((step for step in (10, 20, 50, 100, 200, 500) if count < 6 * step), 1000)
    return [1, *range(step, count + 1, step)]


def _small(text: str) -> alt.TitleParams:
    return alt.TitleParams(text, fontSize=11.5, fontWeight="normal", color=MUTED, anchor="start", offset=4)


def heat(frame: pd.DataFrame, classes: Sequence[str], *, size: Size = WIDE) -> Drawing:
    """Draw a table of units (rows) and indicators (columns), shaded by the quarter in which the unit ranks.

    Parameters
    ----------
    frame : DataFrame
        name (row), column, class (one of ``classes``), label (for the pointer), in the order of rows and columns.
    classes : sequence of str
        The best first; what is missing last.
    """
    wide = size.width >= WIDE.width
    names = 150 if wide else 96
    data = _named(frame, 26 if wide else 16)
    rows, columns = data["row"].drop_duplicates().tolist(), data["column"].drop_duplicates().tolist()
    shades = [*reversed(SHADES), "#ffffff"][: len(classes)] if len(classes) > len(SHADES) else [*reversed(SHADES)]
    return (
        alt.Chart(data)
        .mark_rect(stroke="white", strokeWidth=1)
        .encode(
            y=alt.Y("row:N", sort=rows, title=None, axis=_axis(names)),
            x=alt.X(
                "column:N",
                sort=columns,
                title=None,
                axis=alt.Axis(
                    orient="top",
                    labelAngle=-90,
                    labelLimit=190,
                    ticks=False,
                    domain=False,
                    labelFontSize=11.5 if wide else 10,
                ),
            ),
            color=alt.Color(
                "class:N",
                scale=alt.Scale(domain=list(classes), range=shades),
                legend=alt.Legend(symbolType="square", symbolStrokeColor=RULE, columns=3 if wide else 2),
            ),
            tooltip=[
                alt.Tooltip("name:N", title=" "),
                alt.Tooltip("column:N", title="Chỉ số"),
                alt.Tooltip("label:N", title="Hạng"),
            ],
        )
        .properties(width=size.width - names, height=(17 if wide else 22) * len(rows))
    )


def contributions(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw each unit's score as the sum of its parts' contributions.

    Parameters
    ----------
    frame : DataFrame
        name, part, value, label (the whole's; "" but on the last part), in the order of rows and parts.
    """
    wide = size.width >= WIDE.width
    names = 150 if wide else 96
    data = _named(frame, 26 if wide else 15)
    rows, parts = data["row"].drop_duplicates().tolist(), data["part"].drop_duplicates().tolist()
    data = data.assign(
        end=data.groupby("row", sort=False)["value"].cumsum(),
        order=data["part"].map({p: n for n, p in enumerate(parts)}),
    )
    data["start"] = data["end"] - data["value"]
    top = float(data["end"].max()) * 1.1
    y = alt.Y("row:N", sort=rows, title=None, axis=_axis(names))
    x = alt.X("start:Q", axis=None, scale=alt.Scale(domain=[0, top]))
    bars = (
        alt.Chart(data)
        .mark_bar(height=12, stroke="white", strokeWidth=0.6)
        .encode(
            y=y,
            x=x,
            x2=alt.X2("end:Q"),
            color=alt.Color(
                "part:N",
                scale=alt.Scale(domain=parts, range=list(PARTS[: len(parts)])),
                legend=alt.Legend(columns=4 if wide else 2),
            ),
            tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("part:N", title="Trụ cột")],
        )
    )
    ends = alt.Chart(data[data["label"] != ""]).mark_text(align="left", dx=4, fontSize=11.5)
    return alt.layer(bars, ends.encode(y=y, x=alt.X("end:Q"), text=alt.Text("label:N"))).properties(
        width=size.width - names, height=(19 if wide else 26) * len(rows)
    )


def sensitivity(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw what share of the variance each assumption causes: the total index as a bar with its interval, the first-order one as a mark.

    Parameters
    ----------
    frame : DataFrame
        name, total, total_low, total_high, first, label; the largest first.
    """
    data = _named(frame, size.name_letters)
    order = data["row"].tolist()
    plot = size.width - size.names
    high = float(frame[["total_high", "total"]].max().max())
    top = high / max(0.3, 1 - (data["label"].str.len().max() * 6.4 + 10) / plot)
    low = min(0.0, float(frame["first"].min())) - 0.02 * top
    y = alt.Y("row:N", sort=order, title=None, axis=marks.rows_axis(size))
    scale = alt.Scale(domain=[low, top], nice=False)
    base = alt.Chart(data).encode(y=y)
    at = {name: alt.X(f"{name}:Q", axis=None, scale=scale) for name in ("total", "total_low", "total_high", "first")}
    return alt.layer(
        base.mark_bar(height=15, style="band").encode(x=at["total"]),
        base.mark_rule(color=INK, strokeWidth=1.6).encode(x=at["total_low"], x2=alt.X2("total_high:Q")),
        *marks.points(data, at["first"], y, size=80),
        base.mark_text(align="left", dx=7, fontSize=11.5).encode(x=at["total_high"], text=alt.Text("label:N")),
        *marks.row_names(data, y),
    ).properties(width=plot, height=max(34, 15 * 2 + 4) * len(order))


def shifts(frame: pd.DataFrame, *, near: str, far: str, worst: int, size: Size = WIDE) -> Drawing:
    """Draw each unit's rank under two schemes, joined by a line; first place on the left.

    Parameters
    ----------
    frame : DataFrame
        name, one, other (ranks), label (the shift in words), in the order of the rows.
    """
    data = _named(frame, size.name_letters)
    order, plot = data["row"].tolist(), size.width - size.names
    scale = alt.Scale(domain=[0.5, worst + (5 if size.width >= WIDE.width else 9)], nice=False)
    y = alt.Y("row:N", sort=order, title=None, axis=marks.rows_axis(size))
    axis = alt.Axis(values=[1, *range(10, worst + 1, 10)], title="hạng", grid=True, gridColor=RULE)
    x, to = (alt.X(f"{name}:Q", scale=scale, axis=axis) for name in ("one", "other"))
    ends = data.assign(end=data[["one", "other"]].max(axis=1))
    keys = data.head(1).melt(["row"], ["one", "other"], "series", "rank")
    keys = keys.assign(text=keys["series"].map({"one": near, "other": far}))
    keys["left"] = keys["rank"] == keys["rank"].min()
    key = alt.Chart(keys).encode(y=y, x=alt.X("rank:Q", scale=scale, axis=axis), text=alt.Text("text:N"))
    return alt.layer(
        alt.Chart(data).mark_rule(style="ground", strokeWidth=3).encode(y=y, x=x, x2=alt.X2("other:Q")),
        *marks.points(data, x, y, size=80, style="context", tooltip=[alt.Tooltip("one:Q", title=f"Hạng, {near}")]),
        *marks.points(data, to, y, shape="square", size=80, tooltip=[alt.Tooltip("other:Q", title=f"Hạng, {far}")]),
        alt.Chart(ends)
        .mark_text(align="left", dx=9, fontSize=11.5)
        .encode(y=y, x=alt.X("end:Q", scale=scale, axis=axis), text=alt.Text("label:N")),
        key.transform_filter("datum.left").mark_text(align="right", dx=8, dy=-14, fontSize=11.5, color=MUTED),
        key.transform_filter("!datum.left").mark_text(align="left", dx=-8, dy=-14, fontSize=11.5, color=MUTED),
        *marks.row_names(data, y),
    ).properties(width=plot, height=30 * len(order))


def treated(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw the values of treated indicators before and after the treatment, one panel an indicator, each on its own scale.

    Parameters
    ----------
    frame : DataFrame
        panel, stage ("trước", "sau"), value, moved (whether the point was moved), unit.
    """
    panels = []
    for name, part in frame.groupby("panel", sort=False):
        y = alt.Y(
            "stage:N",
            sort=["trước", "sau"],
            title=None,
            axis=alt.Axis(ticks=False, domain=False, minExtent=44, maxExtent=44),
        )
        x = alt.X(
            "value:Q", title=None, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=4, grid=True, format=",.4~g")
        )
        base = alt.Chart(part).encode(x=x, y=y)
        panels.append(
            alt.layer(
                base.transform_filter("!datum.moved").mark_point(size=46, style="context", filled=True, opacity=0.6),
                base.transform_filter("datum.moved").mark_point(
                    size=80, style="done", filled=True, shape="square", opacity=1
                ),
            ).properties(
                width=size.width - 52,
                height=54,
                title=alt.TitleParams(
                    textwrap.wrap(str(name), size.title_letters), fontSize=11.5, anchor="start", offset=4, lineHeight=14
                ),
            )
        )
    return alt.vconcat(*panels, spacing=14)
