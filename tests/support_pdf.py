"""Pages of a PDF as boxes: where its text and its pictures stand, without a renderer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pypdf

from nq57lab.publish import render

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


NUMBERED = re.compile(r"^(Phụ lục )?[IVX]+\. ")
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


def _own_chapters(notebook: Path) -> Iterator[tuple[str, list[str]]]:
    """Give the printed chapters of an executed notebook, in order: title, and the captions' beginnings of its figures and tables."""
    count = {"fig": 0, "tbl": 0}
    for part in re.split(r"(?m)^# ", render.collect(notebook)):
        title, _, text = part.partition("\n")
        if "chi-trang" in title:
            continue
        kinds = re.findall(r"\{#(fig|tbl)-", "\n".join(re.split(r"(?m)^#+ .*chi-trang", text)[:1]))
        held = []
        for kind in kinds:
            count[kind] += 1
            held.append(f"{'Hình' if kind == 'fig' else 'Bảng'} {count[kind]}.")
        yield re.sub(r"\s*(<!--|\{).*", "", title).strip(), held


def astray(path: Path) -> list[str]:
    """Return the figures and tables that stand before the heading of their chapter or after the next chapter's."""
    lines = [
        (re.sub(r"\s+", " ", line.text.replace("\xa0", " ")).strip(), line.size)
        for page in pages(path)
        for line in _lines(page)
    ]
    begins, held, low = [0], [[]], 0
    for title, captions in _own_chapters(path.with_suffix(".ipynb")):
        starts = (
            place
            for place, (text, size) in enumerate(lines)
            if place > low and size > 13.5 and len(text) > 5 and title.startswith(NUMBERED.sub("", text))
        )
        if (place := next(starts, None)) is not None:
            begins.append(low := place)
            held.append([])
        held[-1] += captions  # a part without a heading of its own in print goes on in the one before
    found = []
    for captions, first, after in zip(held, begins, [*begins[1:], len(lines)], strict=True):
        inside = [text for text, _ in lines[first:after]]
        apart = [caption for caption in captions if not any(text.startswith(caption) for text in inside)]
        found += [f"{caption} is not in “{lines[first][0]}”" for caption in apart]
    return found


def faults(path: Path, budget: int) -> list[str]:
    """Return what is wrong with a document's pages: too many, badly filled, a note alone, a sentence cut by a picture, a picture before its text or outside its chapter."""
    sheets = pages(path)
    found = [f"{len(sheets)} pages, at most {budget}"] if len(sheets) > budget else []
    plain = [re.sub(r"\s+", " ", sheet.text.replace("\xa0", " ")) for sheet in sheets]
    for number, sheet in enumerate(sheets, start=1):
        last = number == len(sheets)
        ends_part = last or plain[number].startswith("Phụ lục")
        ends_chapter = not last and CHAPTER.match(plain[number])
        if sheet.blank > (0.6 if ends_chapter else 0.2) and not ends_part:
            found.append(f"page {number}: {sheet.blank:.0%} blank")
        if sheet.blank > 0.85 and not last:
            found.append(f"page {number}: next to nothing on it")
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
    return found + astray(path)
