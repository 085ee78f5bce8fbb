"""Drawings of Viet Nam among other countries: labelled frames in, drawings out."""

from typing import Any, Literal, TypeAlias

import altair as alt
import pandas as pd

from nq57lab.charts import basic, theme
from nq57lab.charts.theme import MAIN, MUTED, WIDE, Size

Drawing = Any
Align: TypeAlias = Literal["left", "center", "right"]


def comparator_dots(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw every country's value on every indicator on a common scale, 0 the lowest and 100 the highest of the countries; Viet Nam named.

    Parameters
    ----------
    frame : DataFrame
        name, country, home (True for Viet Nam), place (0 to 100; 100 is best), label (the value in words; shown for Viet Nam), short (the same for a phone).
    """
    data = theme.named(frame, size)
    order = data["row"].drop_duplicates().tolist()
    x = alt.X(
        "place:Q",
        scale=alt.Scale(domain=[-3, 103], nice=False),
        axis=alt.Axis(values=[0, 100], labelExpr="datum.value == 0 ? 'kém nhất' : 'tốt nhất'", title=None, grid=True),
    )
    y = alt.Y("row:N", sort=order, title=None, axis=basic.rows_axis(size))
    tips = [alt.Tooltip("country:N", title=" "), alt.Tooltip("label:N", title="Giá trị")]
    others = (
        alt.Chart(data[~data["home"]])
        .mark_point(shape="circle", color=MUTED, size=55, opacity=0.85, strokeWidth=1.3)
        .encode(x=x, y=y, tooltip=tips)
    )
    home = data[data["home"]]
    own = (
        alt.Chart(home)
        .mark_point(shape="diamond", color=MAIN, filled=True, size=150, opacity=1)
        .encode(x=x, y=y, tooltip=tips)
    )
    layers = [others, own, *basic.row_names(data, y)]
    text = "label:N" if size is WIDE else "short:N"
    align: Align
    for rows, align in ((home[home["place"] <= 55], "left"), (home[home["place"] > 55], "right")):
        words = alt.Chart(rows).mark_text(align=align, dy=-14, fontWeight=600, fontSize=11.5)
        layers.append(words.encode(x=x, y=y, text=text))
    lines = max((name.count("\n") + 1 for name in order), default=1)
    return alt.layer(*layers).properties(
        width=size.width - size.names, height=max(len(order), 1) * max(44, 15 * lines + 10)
    )
