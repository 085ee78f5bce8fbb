"""What drawings are made of: the colours of meanings, points, the strokes over self-reported bars, the names of rows, the ticks of years."""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import altair as alt
import pandas as pd

from nq57lab.charts.theme import MEANINGS, WIDE, Size

Drawing = Any


def years_shown(years: Sequence[int], width: float = WIDE.width) -> list[int]:
    """Return the ticks of an axis of years: those of the points; where all have no room, the last year and every second, fifth … before it.

    Parameters
    ----------
    years : sequence of int
    width : float
        Of the plot.

    Examples
    --------
    >>> years_shown([2020, 2021, 2022, 2030])
    [2020, 2021, 2022, 2030]
    >>> years_shown(range(2010, 2031), 200)
    [2010, 2015, 2020, 2025, 2030]
    """
    held = sorted({int(year) for year in years})
    span = max(held[-1] - held[0], 1)
    for step in (1, 2, 5, 10, 20):
        every = held if step == 1 else range(held[0], held[-1] + 1)
        ticks = [year for year in every if (held[-1] - year) % step == 0]
        gaps = [late - early for early, late in pairwise(ticks)]
        if not gaps or min(gaps) / span * width >= 32:
            return ticks
    return [held[0], held[-1]]


def panel_widths(count: int, size: Size) -> list[int]:
    """Return the widths of the plots of panels that stand in rows of two on a page, the odd last one as wide as both, and one by one on a phone."""
    whole = size.width - size.scale - 10
    if size.width < WIDE.width or count == 1:
        return [whole] * count
    half = (size.width - 2 * size.scale - 46) // 2
    return [half] * (count - count % 2) + [whole] * (count % 2)


def in_rows(panels: Sequence[Drawing], size: Size) -> Drawing:
    """Return panels of :func:`panel_widths` in their rows."""
    if size.width < WIDE.width or len(panels) == 1:
        return alt.vconcat(*panels, spacing=26)
    rows = [alt.hconcat(*panels[at : at + 2], spacing=26) for at in range(0, len(panels), 2)]
    return alt.vconcat(*rows, spacing=26)


def tone(meanings: Sequence[str], field: str = "meaning", legend: Mapping[str, str] | None = None) -> alt.Color:
    """Return the colours of a field that holds meanings (:data:`nq57lab.charts.theme.MEANINGS`).

    Parameters
    ----------
    meanings : sequence of str
        Those that occur.
    legend : mapping, optional
        What each is called here, where it is not said beside the marks.
    """
    scale = alt.Scale(domain=list(meanings), range=[MEANINGS[name] for name in meanings])
    if legend is None:
        return alt.Color(f"{field}:N", scale=scale, legend=None)
    return alt.Color(
        f"{field}:N",
        scale=scale,
        legend=alt.Legend(
            values=list(legend),
            labelExpr=f"({json.dumps(dict(legend), ensure_ascii=False)})[datum.label]",
            labelLimit=300,
        ),
    )


def used(frame: pd.DataFrame) -> list[str]:
    """Return the meanings that occur, in the order of the palette."""
    return [name for name in MEANINGS if (frame["meaning"] == name).any()]


def hatched(rows: pd.DataFrame, x: alt.X, y: alt.Y, pixels: float, height: float) -> list[Drawing]:
    """Return the strokes over bars whose figures are self-reported (``told``), none where none is.

    Parameters
    ----------
    rows : DataFrame
        start, end (numbers on the axis of ``x``), told, and what ``y`` reads.
    x, y
        The bars' encodings; ``x`` of ``start``.
    pixels : float
        What one unit of the axis measures.
    height : float
        The bars' height.
    """
    own = rows[rows["told"].eq(True)] if "told" in rows else rows.iloc[:0]
    if own.empty:
        return []
    strokes = own.assign(
        strokes=[_strokes((b - a) * pixels, height) for a, b in zip(own["start"], own["end"], strict=True)]
    )
    mark = alt.Chart(strokes).mark_point(size=4, filled=False, color="white", strokeWidth=1.1, opacity=0.85, aria=False)
    return [mark.encode(x=x, y=y, shape=alt.Shape("strokes:N", scale=None, legend=None))]


def _strokes(width: float, height: float, step: int = 7) -> str:
    """Return the path of diagonal strokes across a box, from its left end and middle."""
    path, left = [], -int(height)
    while left < width:
        a, b = max(left, 0.0), min(left + height, width)
        if b - a > 0.5:
            path.append(f"M{a:.1f},{height / 2 - (a - left):.1f}L{b:.1f},{height / 2 - (b - left):.1f}")
        left += step
    return "".join(path)


def points(
    rows: pd.DataFrame,
    x: alt.X,
    y: alt.Y,
    *,
    shape: str = "circle",
    size: float = 70,
    style: str = "done",
    tooltip: Any = alt.Undefined,
) -> list[Drawing]:
    """Return points of one meaning: filled, and hollow where the figure is self-reported (``told``)."""
    told = rows["told"].eq(True) if "told" in rows else pd.Series(False, index=rows.index)
    layers: list[Drawing] = []
    for part, hollow in ((rows[~told], False), (rows[told], True)):
        if len(part):
            options: dict[str, Any] = {"fill": "white", "strokeWidth": 2.2} if hollow else {"filled": True}
            mark = alt.Chart(part).mark_point(style=style, shape=shape, size=size, opacity=1, **options)
            layers.append(mark.encode(x=x, y=y, tooltip=tooltip))
    return layers


def rows_axis(size: Size) -> alt.Axis:
    """Return an axis that keeps room for the names of rows, which :func:`row_names` draws."""
    return alt.Axis(labels=False, ticks=False, domain=False, minExtent=size.names, maxExtent=size.names)


def row_names(data: pd.DataFrame, y: alt.Y) -> list[Drawing]:
    """Return layers of the rows' names, each block of lines centred on its row."""
    rows = data.drop_duplicates("row").assign(lines=lambda frame: frame["row"].str.count("\n") + 1)
    return [
        alt.Chart(part)
        .mark_text(align="right", dx=-8, dy=-7.0 * (lines - 1), lineBreak="\n", lineHeight=14, baseline="middle")
        .encode(x=alt.value(0), y=y, text=alt.Text("row:N"))
        for lines, part in rows.groupby("lines")
    ]
