"""Pieces of HTML for the site's pages: escaped text, tables, the tile map, small lines, filters."""

import html
from collections.abc import Iterable, Sequence

import pandas as pd

from nq57lab import tile_map, wording


def esc(text: object) -> str:
    """Return text that HTML shows as it is."""
    return html.escape(str(text), quote=True)


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    caption: str,
    *,
    right: Sequence[int] = (),
    attributes: Iterable[str] = (),
    identity: str = "",
) -> str:
    """Return a table of ready cells in a box that scrolls; each row may carry attributes (for the filters)."""
    marks = iter(attributes)
    lines = []
    for cells in rows:
        inner = "".join(
            f'<td class="so-phai">{cell}</td>' if place in right else f"<td>{cell}</td>"
            for place, cell in enumerate(cells)
        )
        lines.append(f"<tr {next(marks, '')}>{inner}</tr>")
    head = "".join(
        f'<th scope="col"{" class=so-phai" if place in right else ""}>{esc(name)}</th>'
        for place, name in enumerate(heads)
    )
    own = f' id="{identity}"' if identity else ""
    return (
        f'<div class="cuon" role="region" tabindex="0" aria-label="{esc(caption)}"><table{own}><caption>{esc(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def figure(row: pd.Series) -> str:
    """Return a figure with its unit and mark; where it comes from shows on focus and in its title."""
    mark = wording.STATUS_MARKS.get(row["status"], "")
    note = "; ".join(
        filter(
            None,
            (
                wording.STATUS_WORDS.get(row["status"], ""),
                f"công bố {row['vintage']}",
                f"nguồn {row['source']}",
                row["how"],
                f"dòng {row['rows']}",
            ),
        )
    )
    text = esc(wording.with_unit(row["shown"], row["unit"]))
    sup = f'<sup class="dau">{mark}</sup>' if mark else ""
    return f'<button type="button" class="so" data-nguon="{esc(note)}">{text}{sup}</button>'


def tile(name_of: dict[str, str], texts: dict[str, str], classes: dict[str, int], caption: str) -> str:
    """Return the tile map as a list of links placed on a grid; four shades and a word for "no figure"."""
    cells = []
    for entry in tile_map.tiles():
        shade = classes.get(entry.area, -1)
        word = texts.get(entry.area, "–")
        cells.append(
            f'<li class="o muc-{shade}" style="grid-column:{entry.column + 1};grid-row:{entry.row + 1}" data-dia-ban="{entry.area}">'
            f'<a href="tinh.html#{entry.area.replace(":", "-")}"><span>{esc(name_of.get(entry.area, entry.name))}</span><b>{esc(word)}</b></a></li>'
        )
    for island in tile_map.islands():
        cells.append(
            f'<li class="o dao" style="grid-column:{island.column + 1};grid-row:{island.row + 1}" data-thuoc="{island.area}"><span>{esc(island.name.replace(chr(10), " "))}</span></li>'
        )
    return (
        f'<figure class="ban-do"><figcaption>{esc(caption)}</figcaption><ul class="luoi">{"".join(cells)}</ul></figure>'
    )


def line(values: Sequence[float], label: str) -> str:
    """Return a small line chart of a series as SVG with its meaning in words; "" for fewer than three points."""
    found = [float(value) for value in values if value == value]
    if len(found) < 3:
        return ""
    low, high = min(found), max(found)
    span = (high - low) or 1.0
    step = 96 / (len(found) - 1)
    points = " ".join(
        f"{2 + step * place:.1f},{22 - 18 * (value - low) / span:.1f}" for place, value in enumerate(found)
    )
    last = points.rsplit(" ", 1)[-1].split(",")
    return (
        f'<svg class="duong" viewBox="0 0 100 24" role="img" aria-label="{esc(label)}"><polyline points="{points}"/>'
        f'<circle cx="{last[0]}" cy="{last[1]}" r="2.4"/></svg>'
    )


def select(identity: str, label: str, options: Iterable[tuple[str, str]], every: str = "Tất cả") -> str:
    """Return a labelled choice for a filter."""
    first = f'<option value="">{esc(every)}</option>' if every else ""
    inner = "".join(f'<option value="{esc(value)}">{esc(text)}</option>' for value, text in options)
    return f'<label for="{identity}">{esc(label)} <select id="{identity}">{first}{inner}</select></label>'


def search(identity: str, label: str) -> str:
    """Return a labelled field to search in a table."""
    return f'<label for="{identity}">{esc(label)} <input id="{identity}" type="search" autocomplete="off"></label>'
