"""Pieces of HTML for the site's pages: escaped text, tables, the tile map, small lines, filters."""

import html
from collections.abc import Iterable, Mapping, Sequence

from nq57lab.base import wording
from nq57lab.charts import tile_map

FOLDED = 20  # rows that a long table shows before the button "see all"


def esc(text: object) -> str:
    """Return text that HTML shows as it is."""
    return html.escape(str(text), quote=True)


def linked(text: str, address: str) -> str:
    """Return text that leads to an address of the web, where it is one."""
    found = esc(text)
    return f'<a href="{esc(address)}">{found}</a>' if address.startswith(("http://", "https://")) else found


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    caption: str,
    *,
    right: Sequence[int] = (),
    labelled: Sequence[int] = (),
    attributes: Iterable[str] = (),
    identity: str = "",
    fields: str = "",
    fold: int = 0,
    classes: str = "",
) -> str:
    """Return a table of ready cells below the fields that filter it; each row may carry attributes (for the filters).

    On a phone a row's cells stand under each other, those of `labelled` columns after the column's name. Beyond `fold` rows (0: none) the
    script folds the rest behind a button; in print and without JavaScript every row shows. A column without any text is left out; a table without any row is a sentence that says so.
    """
    if not rows:
        return f'<p class="dan">Chưa có {esc(wording.lowered(caption))}.</p>'
    kept = [place for place in range(len(heads)) if any(cells[place] for cells in rows)]
    marks = iter(attributes)
    sides = dict.fromkeys(right, ' class="so-phai"')
    names = {place: f' data-ten="{esc(heads[place])}"' for place in labelled}
    lines = []
    for cells in rows:
        inner = "".join(f"<td{sides.get(place, '')}{names.get(place, '')}>{cells[place]}</td>" for place in kept)
        lines.append(f"<tr {next(marks, '')}>{inner}</tr>")
    head = "".join(f'<th scope="col"{sides.get(place, "")}>{esc(heads[place])}</th>' for place in kept)
    own = f' id="{identity}"' if identity else ""
    own += f' data-gon="{fold}"' if fold and len(rows) > fold else ""
    return (filter_form(identity, fields) if fields else "") + (
        f'<div class="cuon" role="region" tabindex="0" aria-label="{esc(caption)}"><table class="{f"xep {classes}".strip()}"{own}><caption>{esc(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def tile(
    name_of: dict[str, str], texts: dict[str, str], classes: dict[str, int], caption: str, legend: Mapping[int, str]
) -> str:
    """Return the tile map as a list of links placed on a grid, with what each shade stands for; "–" is no figure."""
    cells = []
    for entry in tile_map.tiles():
        shade = classes.get(entry.area, -1)
        word = texts.get(entry.area, "–")
        cells.append(
            f'<li class="o muc-{shade}" style="grid-column:{entry.column + 1};grid-row:{entry.row + 1}" data-dia-ban="{entry.area}">'
            f'<a href="tinh.html#{entry.area.replace(":", "-")}"><span>{esc(name_of.get(entry.area, entry.name))}</span><b>{esc(word)}</b></a></li>'
        )
    return tiles("".join(cells), caption, legend)


def tiles(cells: str, caption: str, legend: Mapping[int, str]) -> str:
    """Return a tile map of ready cells, with the two archipelagos and what each shade stands for."""
    islands = "".join(
        f'<li class="o dao" style="grid-column:{island.column + 1};grid-row:{island.row + 1}" data-thuoc="{island.area}"><span>{esc(island.name.replace(chr(10), " "))}</span></li>'
        for island in tile_map.islands()
    )
    keys = "".join(
        f'<li><span class="mau muc-{shade}"></span> {esc(words)}</li>' for shade, words in sorted(legend.items())
    )
    return (
        f'<figure class="ban-do"><figcaption>{esc(caption)}</figcaption><ul class="chu-giai" aria-label="Chú giải">{keys}</ul>'
        f'<ul class="luoi">{cells}{islands}</ul></figure>'
    )


def sourced(text: str, note: str) -> str:
    """Return a number (HTML) as a button that says where it comes from."""
    return f'<button type="button" class="so" data-nguon="{esc(note)}">{text}</button>'


def picture(drawing: str, words: str = "") -> str:
    """Return a small drawing with what it says, or hidden from screen readers where the cells beside it say it; "" for none."""
    told = f'role="img" aria-label="{esc(words)}"' if words else 'aria-hidden="true"'
    return drawing.replace("<svg ", f'<svg class="duong" {told} ', 1)


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
    """Return a labelled choice for a filter; nothing where there is nothing to choose between."""
    options = list(options)
    if len(options) < 2:
        return ""
    first = f'<option value="">{esc(every)}</option>' if every else ""
    inner = "".join(f'<option value="{esc(value)}">{esc(text)}</option>' for value, text in options)
    return f'<label for="{identity}">{esc(label)} <select id="{identity}">{first}{inner}</select></label>'


def search(identity: str, label: str) -> str:
    """Return a labelled field to search in a table."""
    return f'<label for="{identity}">{esc(label)} <input id="{identity}" type="search" autocomplete="off"></label>'


def filter_form(table: str, fields: str) -> str:
    """Return the form of fields that filter a table, with the count of its rows."""
    return (
        f'<form class="loc" role="search" aria-label="Lọc bảng {table}" data-bang="{table}">{fields}'
        '<p class="dem" role="status" aria-live="polite"></p></form>'
    )
