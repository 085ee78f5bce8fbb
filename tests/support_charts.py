"""Charts as what they are made of: a Vega-Lite specification in, its drawings with their marks, colours and data out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nq57lab.charts import theme

NEUTRAL = {theme.INK, theme.MUTED, theme.RULE, "white", "#ffffff"}  # letters, axes, paper
RANGES = (theme.SHADES, theme.PARTS, theme.SPREAD)
PAINTS = ("color", "fill", "stroke")


@dataclass(frozen=True)
class Unit:
    """One mark of a chart: its definition, its encodings, its rows, the titles above it."""

    mark: dict[str, Any]
    encoding: dict[str, Any]
    rows: list[dict]
    titles: str


def units(
    spec: dict, sets: dict | None = None, data: dict | None = None, encoding: dict | None = None, titles: str = ""
) -> Iterator[Unit]:
    """Yield the marks of a specification, its shared data and encodings put in their places."""
    sets = (sets or {}) | spec.get("datasets", {})
    data, encoding = spec.get("data", data or {}), (encoding or {}) | spec.get("encoding", {})
    title = spec.get("title", "")
    text = title.get("text", "") if isinstance(title, dict) else title
    titles = f"{titles}|{text if isinstance(text, str) else ' '.join(text)}"
    for name in ("layer", "vconcat", "hconcat", "concat"):
        for part in spec.get(name, []):
            yield from units(part, sets, data, encoding, titles)
    if "mark" in spec:
        mark = spec["mark"] if isinstance(spec["mark"], dict) else {"type": spec["mark"]}
        yield Unit(mark, encoding, data.get("values") or sets.get(data.get("name"), []), titles)


def strange_colours(unit: Unit) -> list[str]:
    """Return what is wrong with the colours of a mark: a colour that no meaning has, or that is not asked for by its meaning."""
    found = [
        f"{unit.mark['type']}: {name}={unit.mark[name]}"
        for name in PAINTS
        if unit.mark.get(name, "white") not in NEUTRAL
    ]
    style = unit.mark.get("style")
    if style is not None and style not in theme.MEANINGS:
        found.append(f"style {style}")
    painted = [unit.encoding[name] for name in PAINTS if name in unit.encoding]
    for paint in painted:
        found += [f"value {value}" for value in _values(paint) if value not in {*NEUTRAL, theme.SHADES[0]}]
        if "field" in paint:
            found += _of_scale(paint, unit.rows)
    bare = style is None and not painted and not any(name in unit.mark for name in PAINTS)
    if bare and unit.mark["type"] != "text" and unit.mark.get("opacity") != 0:
        found.append(f"{unit.mark['type']} without a meaning")
    return found


def _values(paint: dict) -> list[str]:
    condition = paint.get("condition", {})
    return [part["value"] for part in (paint, condition) if "value" in part]


def _of_scale(paint: dict, rows: list[dict]) -> list[str]:
    scale = paint.get("scale", {})
    if scale is None:
        held = {row[paint["field"]] for row in rows}
        return [f"data {colour}" for colour in held - {*NEUTRAL, *theme.PARTS}]
    colours, domain = list(scale.get("range", ["?"])), scale.get("domain", [])
    if all(name in theme.MEANINGS for name in domain):
        return [] if colours == [theme.MEANINGS[name] for name in domain] else [f"{domain} painted {colours}"]
    allowed = any(set(colours) <= {*known, "#ffffff"} for known in RANGES)
    return [] if allowed else [f"range {colours}"]


def shapes(unit: Unit) -> set[str]:
    """Return the shapes that a mark's points may have."""
    if unit.mark["type"] != "point":
        return set()
    shape = unit.encoding.get("shape", {})
    return {str(unit.mark.get("shape", "circle"))} | set((shape.get("scale") or {}).get("range", []))


def is_rank(unit: Unit) -> bool:
    """Tell whether a mark's value axis is one of ranks, by its title or that of its panel."""
    y = unit.encoding.get("y", {})
    told = y.get("title") == "thứ hạng" or "(thứ hạng)" in unit.titles
    return told and y.get("type") == "quantitative"


def fonts(unit: Unit) -> list[float]:
    """Return the sizes of the letters of a mark and of its axes."""
    found = [unit.mark.get("fontSize", theme.THEME["text"]["fontSize"])] if unit.mark["type"] == "text" else []
    for channel in ("x", "y"):
        axis = unit.encoding.get(channel, {}).get("axis") or {}
        found += [axis["labelFontSize"]] if "labelFontSize" in axis and axis.get("labels", True) else []
    return found
