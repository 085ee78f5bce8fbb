"""Drawings of Viet Nam among other countries: labelled frames in, drawings out."""

from typing import Any, Literal, TypeAlias

import altair as alt
import pandas as pd

from nq57lab.charts import marks, theme
from nq57lab.charts.theme import MUTED, WIDE, Size

Drawing = Any
Align: TypeAlias = Literal["left", "center", "right"]


def comparator_dots(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw every country's value on every indicator on a common scale, 0 the last and 100 the first of the countries; Viet Nam and the first are named.

    Parameters
    ----------
    frame : DataFrame
        name, country, home (True for Viet Nam), place (0 to 100; 100 is best), label (the value in words; shown for Viet Nam), short (the same for a
        phone), best (the first country and its value, on the row of Viet Nam), best_short (its name alone). In the order of the rows.
    """
    data = theme.named(frame, size)
    order = data["row"].drop_duplicates().tolist()
    right = 132 if size is WIDE else 66
    plot = size.width - size.names
    end = 103 + 106 * right / (plot - right)
    x = alt.X("place:Q", scale=alt.Scale(domain=[-3, end], nice=False), axis=None)
    y = alt.Y("row:N", sort=order, title=None, axis=marks.rows_axis(size))
    tips = [alt.Tooltip("country:N", title=" "), alt.Tooltip("label:N", title="Giá trị")]
    home = data[data["home"]]
    tracks = alt.Chart(home.assign(place=0.0, far=100.0)).mark_rule(style="ground", size=2)
    layers = [
        tracks.encode(x=x, x2=alt.X2("far:Q"), y=y),
        *marks.points(data[~data["home"]], x, y, size=38, style="context", tooltip=tips),
        *marks.points(home, x, y, size=120, tooltip=tips),
        *marks.row_names(data, y),
        alt.Chart(home.assign(place=103.0))
        .mark_text(align="left", dx=2, color=MUTED, fontSize=11.5)
        .encode(x=x, y=y, text=alt.Text("best:N") if size is WIDE else "best_short:N"),
    ]
    text = "label:N" if size is WIDE else "short:N"
    align: Align
    near, far = home["place"] < 30, home["place"] > 72
    for rows, align in ((home[near], "left"), (home[~near & ~far], "center"), (home[far], "right")):
        words = alt.Chart(rows).mark_text(align=align, dy=-13, fontWeight=600, fontSize=11.5)
        layers.append(words.encode(x=x, y=y, text=text))
    heads: list[tuple[float, str, Align]] = [(0.0, "cuối nhóm", "left"), (100.0, "đầu nhóm", "right")]
    heads += [(103.0, "nước đứng đầu", "left")] if size is WIDE else []
    for place, label, align in heads:
        head = alt.Chart(pd.DataFrame({"place": [place], "label": [label]})).mark_text(
            align=align, baseline="bottom", dy=-4, color=MUTED
        )
        layers.append(head.encode(x=x, y=alt.value(0), text=alt.Text("label:N")))
    lines = max((name.count("\n") + 1 for name in order), default=1)
    return alt.layer(*layers).properties(width=plot, height=max(len(order), 1) * max(32, 15 * lines + 4))
