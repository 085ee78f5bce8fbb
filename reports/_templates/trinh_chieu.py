"""Make ``trinh-chieu.pptx``, the reference template of slides: ``python reports/_templates/trinh_chieu.py``.

From python-pptx's own default: 16:9, Arial, the colours of the charts, and two layouts, the cover and the page with a title.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR
from pptx.oxml.ns import qn
from pptx.util import Pt

from nq57lab.charts import theme
from nq57lab.publish.meeting import pptx_file

FONT = "Arial"
LAYOUTS = {"Title Slide": "Bìa", "Title Only": "Trang nội dung"}
COLOURS = {
    "dk1": theme.INK,
    "dk2": theme.MUTED,
    "accent1": theme.MAIN,
    "accent2": theme.MISSING,
    "accent3": theme.PALE,
}


def _theme(master: Any) -> None:
    """Set the fonts and colours of the theme."""
    part = next(rel.target_part for rel in master.part.rels.values() if rel.reltype.endswith("/theme"))
    tree = etree.fromstring(part.blob)
    for latin in tree.iter(qn("a:latin")):
        latin.set("typeface", FONT)
    for name, colour in COLOURS.items():
        slot = tree.find(f".//{qn(f'a:{name}')}")
        slot.clear()
        etree.SubElement(slot, qn("a:srgbClr")).set("val", colour.lstrip("#").upper())
    part._blob = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)


def _place(shape: Any, left: float, top: float, width: float, height: float) -> None:
    shape.left, shape.top, shape.width, shape.height = (Pt(value) for value in (left, top, width, height))


def build(path: Path) -> None:
    """Make the reference template.

    Parameters
    ----------
    path : Path
        Where to write it.
    """
    deck = Presentation()
    deck.slide_width, deck.slide_height = Pt(pptx_file.WIDTH), Pt(pptx_file.HEIGHT)
    master = deck.slide_masters[0]
    for layout in list(deck.slide_layouts):
        if layout.name in LAYOUTS:
            layout._element.cSld.set("name", LAYOUTS[layout.name])
        else:
            deck.slide_layouts.remove(layout)
    _theme(master)
    room = pptx_file.WIDTH - 2 * pptx_file.MARGIN
    for holder in (master, *deck.slide_layouts):
        for shape in list(holder.placeholders):
            kind = shape.placeholder_format.type
            if kind.name in ("DATE", "FOOTER", "SLIDE_NUMBER"):
                shape._element.getparent().remove(shape._element)
            elif kind.name in ("TITLE", "CENTER_TITLE"):
                cover = kind.name == "CENTER_TITLE"
                _place(
                    shape,
                    pptx_file.MARGIN,
                    150 if cover else pptx_file.TITLE_TOP,
                    room,
                    100 if cover else pptx_file.TITLE_HEIGHT,
                )
                shape.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM if cover else MSO_ANCHOR.TOP
            elif kind.name in ("BODY", "SUBTITLE"):
                _place(shape, pptx_file.MARGIN, 270, room, 180)
    styles = master._element.find(qn("p:txStyles"))
    title = styles.find(qn("p:titleStyle")).find(qn("a:lvl1pPr"))
    title.set("algn", "l")
    title.find(qn("a:defRPr")).set("sz", "3000")
    title.find(qn("a:defRPr")).set("b", "1")
    deck.save(str(path))
    pptx_file.settle(path, title="", author="", epoch=0)


if __name__ == "__main__":
    build(Path(__file__).with_name("trinh-chieu.pptx"))
