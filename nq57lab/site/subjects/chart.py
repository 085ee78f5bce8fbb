"""The chart of a subject as SVG, written by hand: a page has two hundred times the charts of a report, and each is drawn once.

A :class:`~nq57lab.site.subjects.view.View` in, SVG text out: inside the page at two widths, and framed (title, unit, source) as a file.
"""

import html
import math
import textwrap
from dataclasses import dataclass

from nq57lab.base import wording
from nq57lab.charts.theme import FONT, INK, MAIN, MUTED, RULE
from nq57lab.site.subjects.view import View

BAND, OTHER = "#cfe0ee", "#6b7681"


@dataclass(frozen=True)
class Size:
    """A chart's measure in pixels: width, height, what the value axis and the labels at the right take, and the type."""

    width: int
    height: int
    left: int
    right: int
    font: float
    letters: int  # of a label at the right, a line
    title: int  # letters of a title, a line


WIDE = Size(760, 340, 58, 158, 13.5, 18, 62)
NARROW = Size(358, 300, 42, 96, 12.5, 11, 32)
FRAMED = Size(900, 420, 64, 178, 15, 18, 66)


def draw(view: View, size: Size, words: str = "", identity: str = "") -> str:
    """Return the chart inside the page: SVG with its words for screen readers; each figure carries its tooltip."""
    head = f'role="img" aria-label="{_esc(words)}"' if words else 'aria-hidden="true"'
    return (
        f'<svg class="{identity}" viewBox="0 0 {size.width} {size.height}" {head} font-family="{_esc(FONT)}" font-size="{size.font}">'
        f"{_inner(view, size)}</svg>"
    )


def file(view: View, title: str, subtitle: str, foot: str) -> str:
    """Return the chart as a file of its own: title, unit, source."""
    size = FRAMED
    lines = textwrap.wrap(title, size.title)
    notes = textwrap.wrap(foot, 118)
    top = 30 + 27 * len(lines) + 22
    height = top + size.height + 8 + 18 * len(notes) + 10
    text = "".join(
        f'<text x="20" y="{34 + 27 * place}" font-size="21" font-weight="600" fill="{INK}">{_esc(line)}</text>'
        for place, line in enumerate(lines)
    )
    text += f'<text x="20" y="{top - 8}" font-size="14" fill="{MUTED}">{_esc(subtitle)}</text>'
    text += "".join(
        f'<text x="20" y="{top + size.height + 24 + 18 * place}" font-size="12.5" fill="{MUTED}">{_esc(line)}</text>'
        for place, line in enumerate(notes)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size.width}" height="{height}" viewBox="0 0 {size.width} {height}" font-family="{_esc(FONT)}" '
        f'font-size="{size.font}"><title>{_esc(title)}</title><rect width="100%" height="100%" fill="#ffffff"/>{text}'
        f'<g transform="translate(0 {top})">{_inner(view, size)}</g></svg>\n'
    )


def _esc(text: str) -> str:
    return html.escape(text, quote=True)


def ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Return round values that span an interval.

    >>> ticks(12.6, 30.0)
    [10.0, 15.0, 20.0, 25.0, 30.0]
    """
    step = 10 ** math.floor(math.log10((high - low) / count or 1))
    step = next(step * many for many in (1, 2, 2.5, 5, 10) if (high - low) / (step * many) <= count)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [round(float(place * step), 10) for place in range(first, last + 1)]


def _scale(view: View) -> list[float]:
    values = [point.y for point in [*view.line, *view.apart, *view.other, *view.targets]]
    values += [y for _, y in view.path]
    if view.forecast is not None:
        values += [*view.forecast["low"], *view.forecast["high"]]
    low, high = min(values), max(values)
    if view.rank:
        return [1.0, *(value for value in ticks(1, max(high, 2)) if value > 1)]
    if low == high:
        low, high = (0.0, high or 1.0) if high >= 0 else (low, 0.0)
    if 0 <= low < 0.6 * high or (view.unit == "%" and low >= 0 and high <= 100 and low < 0.8 * high):
        low = 0.0
    found = ticks(low, high)
    return [value for value in found if value <= 100] if view.unit == "%" and high <= 100 else found


def _years(first: float, last: float, most: int) -> list[int]:
    years = range(math.ceil(first), math.floor(last) + 1)
    step = next((step for step in (1, 2, 5, 10, 20) if len(years) / step <= most), 20)
    return [year for year in years if (year - years[-1]) % step == 0] if len(years) else [round(last)]


def _inner(view: View, size: Size) -> str:
    marks = _scale(view)
    xs = [point.x for point in [*view.line, *view.apart, *view.other, *view.targets]]
    xs += list(view.forecast["x"]) if view.forecast is not None else []
    first, last = min(xs), max(xs)
    span = (last - first) or 1.0
    top, bottom = 18, size.height - 30
    low, high = marks[0], marks[-1]
    inner = size.width - size.left - size.right - 12

    def x(value: float) -> float:
        return round(size.left + 12 + (value - first) / span * inner, 1)

    def y(value: float) -> float:
        share = (value - low) / ((high - low) or 1.0)
        return round(top + (bottom - top) * (share if view.rank else 1 - share), 1)

    parts = [_axes(view, size, marks, _years(first, last, 4 if size is NARROW else 8), x, y, bottom)]
    for place, note in view.breaks:
        parts.append(
            f'<g class="gay" data-chu="{_esc(note)}"><line x1="{x(place)}" x2="{x(place)}" y1="{top}" y2="{bottom}" stroke="{OTHER}" '
            f'stroke-dasharray="2 3"/></g>'
        )
    labels: list[tuple[float, str, str, str]] = []  # y, text, colour, weight
    if view.forecast is not None and view.line:
        parts.append(_forecast(view, x, y))
        labels.append((y(view.forecast["median"].iloc[-1]), "dự báo, khoảng 80%", MAIN, "400"))
    if view.path:
        points = " ".join(f"{x(a)},{y(b)}" for a, b in view.path)
        parts.append(
            f'<polyline class="duong-thang" points="{points}" fill="none" stroke="{INK}" stroke-width="1.3" stroke-dasharray="5 4"/>'
        )
    for point in view.other:
        parts.append(_dot(x(point.x), y(point.y), point.tip, OTHER, True, 3.2, "khac"))
    for point in view.apart:
        a, b = x(point.x), y(point.y)
        parts.append(
            f'<rect class="diem" x="{a - 4}" y="{b - 4}" width="8" height="8" fill="{OTHER}" data-chu="{_esc(point.tip)}"/>'
        )
    if len(view.line) > 1:
        points = " ".join(f"{x(point.x)},{y(point.y)}" for point in view.line)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{MAIN}" stroke-width="2.4"/>')
    radius = 4.6 if len(view.line) < 30 else 2.2
    parts += [_dot(x(p.x), y(p.y), p.tip, MAIN, p.hollow, radius, "") for p in view.line]
    for point in view.targets:
        a, b = x(point.x), y(point.y)
        parts.append(f'<path class="diem" d="M{a} {b - 7}l7 7l-7 7l-7 -7z" fill="{INK}" data-chu="{_esc(point.tip)}"/>')
        if point.x == last:
            labels.append((b, point.label, INK, "600"))
    parts.append(_newest(view, size, x, y))
    parts += _beside(labels, size)
    return "".join(parts)


def _axes(view: View, size: Size, marks: list[float], years: list[int], x, y, bottom: float) -> str:
    decimals = max(len(f"{value:.6f}".rstrip("0").partition(".")[2]) for value in marks)
    right = size.width - size.right
    lines = []
    for value in marks:
        text = wording.number(value, decimals) + ("%" if view.unit == "%" else "")
        lines.append(f'<line x1="{size.left}" x2="{right}" y1="{y(value)}" y2="{y(value)}" stroke="{RULE}"/>')
        lines.append(
            f'<text x="{size.left - 8}" y="{y(value) + 4}" text-anchor="end" fill="{MUTED}">{_esc(text)}</text>'
        )
    for year in years:
        lines.append(
            f'<text x="{x(year)}" y="{bottom + 22}" text-anchor="middle" fill="{MUTED}">{year}</text><line x1="{x(year)}" x2="{x(year)}" '
            f'y1="{bottom}" y2="{bottom + 5}" stroke="{MUTED}"/>'
        )
    return "".join(lines)


def _forecast(view: View, x, y) -> str:
    table = view.forecast
    assert table is not None
    start = view.line[-1]
    upper = [(start.x, start.y), *zip(table["x"], table["high"], strict=True)]
    lower = [(start.x, start.y), *zip(table["x"], table["low"], strict=True)]
    middle = [(start.x, start.y), *zip(table["x"], table["median"], strict=True)]
    area = " ".join(f"{x(a)},{y(b)}" for a, b in [*upper, *reversed(lower)])
    line = " ".join(f"{x(a)},{y(b)}" for a, b in middle)
    return (
        f'<g class="du-bao"><polygon points="{area}" fill="{BAND}"/>'
        f'<polyline points="{line}" fill="none" stroke="{MAIN}" stroke-width="1.6" stroke-dasharray="2 3"/></g>'
    )


def _dot(a: float, b: float, tip: str, colour: str, hollow: bool, radius: float, name: str) -> str:
    fill, stroke = ("#ffffff", colour) if hollow else (colour, "#ffffff")
    width = 2 if hollow else 1
    return (
        f'<circle class="diem {name}" cx="{a}" cy="{b}" r="{radius}" fill="{fill}" stroke="{stroke}" stroke-width="{width}" '
        f'data-chu="{_esc(tip)}"/>'
    )


def _newest(view: View, size: Size, x, y) -> str:
    """Write the newest figure beside its point: above it, or below where the line to the target rises there."""
    shown = view.line or view.apart
    if not shown:
        return ""
    point = shown[-1]
    a, b = x(point.x), y(point.y)
    up = b > 46
    anchor = "end" if a > size.left + 60 else "start"
    place = b - 12 if up else b + 22
    return (
        f'<text x="{a + (4 if anchor == "end" else -4)}" y="{place}" text-anchor="{anchor}" font-weight="600" fill="{MAIN}" '
        f'stroke="#ffffff" stroke-width="4" paint-order="stroke">{_esc(point.label)}</text>'
    )


def _beside(labels: list[tuple[float, str, str, str]], size: Size) -> list[str]:
    """Write the labels at the right, moved apart where they would lie on each other."""
    line = size.font + 2
    found, floor = [], 0.0
    for place, text, colour, weight in sorted(labels):
        lines = textwrap.wrap(text, size.letters)
        start = max(place - (len(lines) - 1) * line / 2 + 4, floor + line)
        spans = "".join(
            f'<tspan x="{size.width - size.right + 12}" y="{start + line * row:.1f}">{_esc(part)}</tspan>'
            for row, part in enumerate(lines)
        )
        found.append(f'<text fill="{colour}" font-weight="{weight}">{spans}</text>')
        floor = start + line * (len(lines) - 1)
    return found
