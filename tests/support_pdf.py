"""Pages of a PDF as boxes: where its text and its pictures stand, without a renderer."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pypdf

SENTENCE_END = re.compile(r"[.:;!?…)”]\s*$")


@dataclass
class Box:
    """A line of text or a picture, in points from the page's top."""

    top: float
    bottom: float
    text: str = ""
    size: float = 0.0


@dataclass
class Page:
    """The boxes of a page from top to bottom, without its number, and the height between its margins."""

    boxes: list[Box] = field(default_factory=list)
    height: float = 728.0

    @property
    def text(self) -> str:
        return " ".join(box.text for box in self.boxes)

    @property
    def blank(self) -> float:
        """The largest part of the page that is empty, 0 to 1: between two boxes or below the last one."""
        if not self.boxes:
            return 1.0
        edges, low = [], MARGIN
        for box in sorted(self.boxes, key=lambda box: box.top):
            edges.append(box.top - low)
            low = max(low, box.bottom)
        return max([*edges, MARGIN + self.height - low]) / self.height


MARGIN = 57.0  # 20 mm


def pages(path: Path) -> list[Page]:
    """Return a document's pages."""
    found = []
    for sheet in pypdf.PdfReader(path).pages:
        whole = float(sheet.mediabox.height)
        page = Page()

        def text(said: str, cm: list, tm: list, font: dict, size: float, page=page, whole=whole) -> None:
            if said.strip():
                y = whole - (tm[5] * cm[3] + cm[5])
                own = abs(size * tm[3] * cm[3]) or size
                page.boxes.append(Box(y - 0.8 * own, y + 0.25 * own, said.strip(), own))

        def picture(operator: bytes, operands: list, cm: list, tm: list, page=page, whole=whole) -> None:
            if operator == b"Do":
                page.boxes.append(Box(whole - cm[5] - abs(cm[3]), whole - cm[5]))

        sheet.extract_text(visitor_text=text, visitor_operand_before=picture)
        page.boxes = sorted((box for box in page.boxes if box.bottom > MARGIN), key=lambda box: box.top)
        found.append(page)
    return found
