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
    width: float = 0.0


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
WIDE = 300.0  # a chart, not a small picture in a table


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
                page.boxes.append(Box(whole - cm[5] - abs(cm[3]), whole - cm[5], width=abs(cm[0])))

        sheet.extract_text(visitor_text=text, visitor_operand_before=picture)
        page.boxes = sorted((box for box in page.boxes if box.bottom > MARGIN), key=lambda box: box.top)
        found.append(page)
    return found


CHAPTER = re.compile(r"[IVX]+\. ")
FIGURE = re.compile(r"Hình (\d+)\.")


def _lines(page: Page) -> list[Box]:
    """Return a page's lines: boxes of one height put together, in the order in which they were written."""
    lines: list[Box] = []
    for box in page.boxes:
        if lines and box.text and lines[-1].text and abs(lines[-1].bottom - box.bottom) < 6:
            last = lines[-1]
            lines[-1] = Box(
                min(last.top, box.top),
                max(last.bottom, box.bottom),
                f"{last.text} {box.text}",
                max(last.size, box.size),
            )
        else:
            lines.append(box)
    return lines


def faults(path: Path, budget: int) -> list[str]:
    """Return what is wrong with a document's pages: too many, badly filled, a note alone, a sentence cut by a picture, a picture before its text."""
    sheets = pages(path)
    found = [f"{len(sheets)} pages, at most {budget}"] if len(sheets) > budget else []
    plain = [re.sub(r"\s+", " ", sheet.text.replace("\xa0", " ")) for sheet in sheets]
    for number, sheet in enumerate(sheets, start=1):
        last = number == len(sheets)
        ends_part = last or plain[number].startswith("Phụ lục")
        ends_chapter = not last and CHAPTER.match(plain[number])
        if sheet.blank > (0.6 if ends_chapter else 0.2) and not ends_part:
            found.append(f"page {number}: {sheet.blank:.0%} blank")
        if plain[number - 1].startswith("Nguồn:") and len(plain[number - 1]) < 600:
            found.append(f"page {number}: a source note alone")
        if plain[number - 1].startswith("Nơi nhận"):
            found.append(f"page {number}: the signature alone")
        if plain[number - 1].startswith("Nguồn gốc và cách tính") and len(plain[number - 1]) < 600:
            found.append(f"page {number}: where the numbers come from, alone")
        drawn = [box for box in sheet.boxes if box.width > WIDE]
        if any(box.top < MARGIN - 3 or box.bottom > MARGIN + sheet.height + 3 for box in drawn):
            found.append(f"page {number}: a picture runs into the margin")
        lines = _lines(sheet)
        body = [line for line in lines if line.size > 13.5 and not FIGURE.match(line.text)]
        below = [line for line in lines if body and line.width > WIDE and line.top > body[-1].bottom]
        after = [] if last else [line for line in _lines(sheets[number]) if line.size > 13.5]
        goes_on = after and after[0].text[:1].islower()
        if below and goes_on and not SENTENCE_END.search(body[-1].text):
            found.append(f"page {number}: a picture cuts “{body[-1].text[-40:]}”")
    for number, text in enumerate(plain):
        for caption in FIGURE.findall(text):
            first = next(
                (place for place, said in enumerate(plain) if re.search(rf"Hình {caption}(?![.\d])", said)), number
            )
            if first > number:
                found.append(f"page {number + 1}: Hình {caption} stands before its text")
    return found
