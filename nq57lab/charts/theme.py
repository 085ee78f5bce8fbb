"""What all charts share: the theme, their two sizes, and how a drawing becomes files.

A drawing (Altair's, or a Vega-Lite specification) and its words in, a specification in the theme out, then SVG and PNG. Altair is not
needed here: a report whose charts are written as specifications does not load it.
"""

import hashlib
import json
import math
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from nq57lab.base import whole

if TYPE_CHECKING:
    from altair import TopLevelMixin

MOST_DRAWINGS = 400  # drawings kept between runs
FINISHED = ["data", "encoding", "mark", "transform"]  # of a drawing: what Altair, composing it with others, leaves be
INK, MUTED, RULE = "#1f2328", "#57606a", "#d0d7de"
# One meaning each, the same in every chart, table mark and map (docs/bieu-do.md); safe for colour-blind readers, and apart in
# grey print (dark, middle, light). A mark says its meaning (`style=`, or the field of `tone`), never a colour.
MAIN, MISSING, CONTEXT, PALE = "#1b5e8c", "#e08a1e", "#8b949e", "#d5dce3"
INNER, OUTER = "#a9c6dc", "#dce8f1"
MEANINGS = {
    "done": MAIN,  # what there is, what is reached; Viet Nam, the unit or series spoken of
    "missing": MISSING,  # what is missing, not reached, late
    "context": CONTEXT,  # others, other vintages and assumptions
    "ground": PALE,  # the whole behind a part, a line that only joins, what a method does not apply to
    "target": INK,  # a diamond with its label; dashed, the way to it
    "band": INNER,  # what an interval holds: a forecast's 80%, the middle 90% of the draws
    "band_wide": OUTER,  # a forecast's 95%
}
SHADES = ("#e3edf4", "#b5d0e3", "#5f9bc4", MAIN)  # less to more of one quantity
PARTS = (MAIN, "#8fb8d6", "#5d6b78", PALE, "#5f9bc4", CONTEXT)  # parts of one whole, told by their names
SPREAD = (MUTED, "#ffffff", MAIN)  # from −1 to +1
FONT = "Be Vietnam Pro, Arial, sans-serif"
LOCALE = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", ""]}

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.4.1.json"
THEME = {
    "font": FONT,
    "background": "white",
    "padding": 6,
    "locale": {"number": LOCALE},
    "title": {
        "anchor": "start",
        "color": INK,
        "font": FONT,
        "fontSize": 15,
        "fontWeight": 600,
        "subtitleColor": MUTED,
        "subtitleFont": FONT,
        "subtitleFontSize": 12,
        "subtitlePadding": 5,
        "offset": 12,
        "lineHeight": 19,
        "subtitleLineHeight": 16,
    },
    "axis": {
        "labelFont": FONT,
        "titleFont": FONT,
        "labelColor": INK,
        "titleColor": MUTED,
        "labelFontSize": 12,
        "titleFontSize": 11.5,
        "titleFontWeight": "normal",
        "gridColor": RULE,
        "domainColor": MUTED,
        "tickColor": RULE,
        "labelLimit": 260,
    },
    "text": {"font": FONT, "fontSize": 12, "color": INK},
    "view": {"stroke": None},
    "style": {name: {"color": colour} for name, colour in MEANINGS.items()},
    "legend": {
        "labelFont": FONT,
        "titleFont": FONT,
        "labelFontSize": 12,
        "orient": "bottom",
        "title": None,
        "offset": 6,
    },
}
FOOT = {
    "orient": "bottom",
    "anchor": "start",
    "offset": 14,
    "fontSize": 11.5,
    "fontWeight": "normal",
    "color": MUTED,
    "lineHeight": 14,
}


@dataclass(frozen=True)
class Size:
    """A chart's measure: total width, what is kept for the names of rows and for a value axis (px), and line lengths.

    Every chart of one size is equally wide, so that type is equally large in all of them.
    """

    width: int = 640
    names: int = 205
    scale: int = 40
    name_letters: int = 32
    title_letters: int = 70
    subtitle_letters: int = 96
    foot_letters: int = 104

    @property
    def name_axis(self) -> dict[str, Any]:
        """The axis of row names, broken into lines."""
        return {
            "ticks": False,
            "domain": False,
            "labelLimit": self.names,
            "minExtent": self.names,
            "maxExtent": self.names,
            "labelExpr": "split(datum.label, '\\n')",
            "labelLineHeight": 14,
        }


WIDE = Size()
NARROW = Size(width=345, names=112, scale=32, name_letters=17, title_letters=38, subtitle_letters=50, foot_letters=56)


@cache
def register_fonts() -> None:
    """Make the chart font known to the SVG and PNG converter."""
    import fontpkg_be_vietnam_pro
    import vl_convert

    vl_convert.register_font_directory(str(fontpkg_be_vietnam_pro.ROOT / "files"))


@contextmanager
def unchecked() -> Iterator[None]:
    """Build this package's own drawings in half of Altair's time: its checks, its copies of what nobody changes and its way of writing rows are left out.

    The drawings are the same; a test checks them whole.
    """
    if "altair" not in sys.modules:  # drawings written as specifications
        yield
        return
    from altair import data_transformers
    from altair.utils import schemapi

    whole = schemapi.SchemaBase.copy

    def lean(self, deep=True, ignore=None):
        return whole(self, deep, ignore or FINISHED)

    data_transformers.register("nq57", _rows)
    schemapi.SchemaBase.copy = lean  # type: ignore[method-assign]
    try:
        with schemapi.debug_mode(False), data_transformers.enable("nq57"):
            yield
    finally:
        schemapi.SchemaBase.copy = whole  # type: ignore[method-assign]


def _rows(data: Any) -> dict[str, Any]:
    """Return a drawing's data as rows: those of Altair, which takes ten times as long for the short frames of a chart."""
    from altair.utils.data import to_values

    columns = {name: _column(data[name]) for name in data} if isinstance(data, pd.DataFrame) else {}
    if not columns or any(values is None for values in columns.values()):
        return to_values(data)
    return {"values": [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]}


def _column(column: pd.Series) -> list | None:
    """Return a column's values as JSON has them, null where there is none; None for a kind that is left to Altair."""
    if column.dtype == "str":
        return [value if isinstance(value, str) else None for value in column.tolist()]
    if column.dtype in (int, bool):
        return column.tolist()
    if column.dtype == float:
        return [value if math.isfinite(value) else None for value in column.tolist()]
    return None


def themed(
    chart: "TopLevelMixin | dict[str, Any]",
    title: str,
    subtitle: str,
    foot: str,
    size: Size = WIDE,
    *,
    key: bool = False,
) -> dict:
    """Put title (the finding), subtitle (what, unit, period, area) and foot (source, vintage) on a chart, in the theme.

    Parameters
    ----------
    chart : Altair chart or dict
        The drawing, or its Vega-Lite specification.
    key : bool
        Whether the legend of marks stands below the drawing, as it does once a document.

    Returns
    -------
    dict
        A Vega-Lite specification. It is put together here: Altair would copy and check the whole drawing at every step.
    """
    inner = dict(chart) if isinstance(chart, dict) else chart.to_dict(validate=False)
    inner = json.loads(json.dumps(inner), parse_constant=lambda _: None)  # a missing number is null: JSON has no other
    own = inner.pop("config", {})
    whole = {"$schema": inner.pop("$schema", SCHEMA)}
    whole["config"] = own | THEME | {"view": own.get("view", {}) | THEME["view"]}
    whole |= {name: inner.pop(name) for name in ("data", "datasets") if name in inner}
    if any("views" in entry for entry in inner.get("params", [])):
        whole["params"] = inner.pop("params")  # what a reader can move, in charts of several layers
    head = {"text": wrap(title, size.title_letters), "subtitle": wrap(subtitle, size.subtitle_letters)}
    whole["vconcat"] = [
        {"title": head, "vconcat": [inner]},
        *([legend_of_marks(size, _names_room(inner))] if key else []),
    ]
    whole["title"] = FOOT | {"text": wrap(foot, size.foot_letters)}
    return whole


MARKS = (
    ("done", "square", "đã có, đã đạt; Việt Nam"),
    ("missing", "square", "còn thiếu, chưa đạt, chậm"),
    ("context", "square", "để so sánh, nguồn khác"),
    ("target", "diamond", "mục tiêu; nét đứt: đường tới đó"),
    ("band", "square", "khoảng dự báo, khoảng tin cậy"),
    ("done", "circle", "rỗng, gạch chéo: chưa xác thực"),
)


def _names_room(spec: Any) -> int:
    """Return what a drawing keeps at its left for names or an axis: the first extent of an axis that it states."""
    parts = spec.values() if isinstance(spec, dict) else spec if isinstance(spec, list) else ()
    if isinstance(spec, dict) and "minExtent" in spec:
        return int(spec["minExtent"])
    return next((room for room in map(_names_room, parts) if room), 0)


def legend_of_marks(size: Size, left: int = 0) -> dict:
    """Return the legend of marks, which every chart of a document shares, as a Vega-Lite specification that reaches so far left of its plot."""
    columns = 3 if size.width >= WIDE.width else 1
    step, line = size.width / columns, 18
    rows: list[dict[str, Any]] = [
        {
            "x": 8 - left + step * (place % columns),
            "y": 28 + line * (place // columns),
            "meaning": meaning,
            "word": word,
        }
        for place, (meaning, _, word) in enumerate(MARKS)
    ]
    height = rows[-1]["y"] + 10
    across = {
        "field": "x",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [0, size.width - left], "nice": False},
    }
    down = {"field": "y", "type": "quantitative", "axis": None, "scale": {"domain": [height, 0], "nice": False}}
    layers: list[dict] = []
    for row, (meaning, shape, _) in zip(rows, MARKS, strict=True):
        fill = {"fill": "white", "strokeWidth": 2.2} if shape == "circle" else {"filled": True}
        mark = {"type": "point", "style": meaning, "shape": shape, "size": 110, "opacity": 1, **fill}
        layers.append({"data": {"values": [row]}, "mark": mark, "encoding": {"x": across, "y": down}})
    text = {"type": "text", "align": "left", "dx": 11, "fontSize": 11.5}
    head = {"x": -left, "y": 8, "word": "Dấu dùng chung trong các biểu đồ"}
    for values, options in ((rows, text), ([head], text | {"dx": 0, "color": MUTED})):
        words = {"x": across, "y": down, "text": {"field": "word", "type": "nominal"}}
        layers.append({"data": {"values": values}, "mark": options, "encoding": words})
    return {"layer": layers, "width": size.width - left, "height": height}


def wrap(text: str, width: int) -> list[str]:
    """Return a text as lines of at most so many letters."""
    return textwrap.wrap(text, width)


def named(frame: pd.DataFrame, size: Size) -> pd.DataFrame:
    """Add ``row``: the name broken into lines that fit beside the plot."""
    return frame.assign(row=["\n".join(textwrap.wrap(name, size.name_letters)) for name in frame["name"]])


def row_height(names: Sequence[str], height: int = 27) -> int:
    """Return a height in which every row has room for the lines of its name."""
    lines = max((name.count("\n") + 1 for name in names), default=1)
    return max(len(names), 1) * max(height, 15 * lines + 8)


def svg(spec: dict, kept: Path | None = None) -> str:
    """Draw a Vega-Lite specification as SVG.

    Parameters
    ----------
    spec : dict
        What :func:`themed` returns.
    kept : Path, optional
        A folder where drawings are kept by their specification, so that one drawn before is only read.
    """
    return _kept(kept, spec, ".svg", lambda: _drawn(spec)).decode()


def save(spec: dict, stem: Path, kept: Path | None = None) -> None:
    """Write a Vega-Lite specification as ``stem.svg`` and ``stem.png`` (twice the size), ``stem`` being the files without their endings.

    Parameters as of :func:`svg`.
    """
    drawn = svg(spec, kept)
    stem.with_suffix(".svg").write_text(drawn, encoding="utf-8")
    stem.with_suffix(".png").write_bytes(_kept(kept, spec, ".png", lambda: painted(drawn)))


def _drawn(spec: dict) -> bytes:
    import vl_convert

    register_fonts()
    return SPOKEN.sub("", vl_convert.vegalite_to_svg(spec)).encode()


def painted(drawn: str, scale: float = 2) -> bytes:
    """Return the PNG of an SVG drawing, ``scale`` pixels for one of its own, in the charts' font also where the drawing was kept from another run."""
    import vl_convert

    register_fonts()
    return vl_convert.svg_to_png(drawn, scale=scale)


# What Vega says of each mark, in English; a picture's alternative text says what is to be said. A third of the file.
SPOKEN = re.compile(r' (?:aria-[a-z]+|role|class)="[^"]*"')


@cache
def _drawn_by() -> str:
    from importlib import metadata

    return " ".join(metadata.version(name) for name in ("vl-convert-python", "fontpkg-be-vietnam-pro"))


def _kept(folder: Path | None, spec: dict, ending: str, make: Callable[[], bytes]) -> bytes:
    """Return a file of a drawing from where it is kept, else made and kept; of more than :data:`MOST_DRAWINGS` the oldest go."""
    if folder is None:
        return make()
    told = json.dumps(spec, ensure_ascii=False, sort_keys=True) + _drawn_by() + SPOKEN.pattern
    place = folder / (hashlib.sha256(told.encode()).hexdigest()[:32] + ending)
    with suppress(OSError):
        return place.read_bytes()
    made = make()
    with suppress(OSError):
        whole.write(place, made)
        for path in sorted(folder.glob("*.svg"), key=lambda path: path.stat().st_mtime)[:-MOST_DRAWINGS]:
            path.unlink(missing_ok=True)
            path.with_suffix(".png").unlink(missing_ok=True)
    return made
