"""What pandoc leaves undone in a DOCX report: properties, whole table rows, titles in balance, fixed dates in the archive.

A DOCX file made by pandoc or Quarto with ``reports/_templates/tham-chieu.docx`` in; the same file completed out.
"""

import datetime
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm

LANGUAGE = "vi-VN"
TALLEST = Mm(230)  # of a picture: the page between its margins, without two lines of caption
RECEIVERS = ("NoiNhan", "NoiNhanDang")  # styles that open the list of receivers


def finish_docx(path: Path, *, title: str, author: str, epoch: int) -> None:
    """Complete a DOCX file in place.

    Parameters
    ----------
    path : Path
        File made by pandoc or Quarto.
    title, author : str
        Document properties.
    epoch : int
        Creation and change date, seconds since 1970.

    Notes
    -----
    Rows are not split over pages, a heading after a page break and the one that opens the first appendix start their page, Word fills the contents on opening, every table takes the full width,
    and the members of the archive carry one fixed date, in one order.
    """
    document = Document(str(path))
    moment = datetime.datetime.fromtimestamp(epoch, datetime.UTC).replace(tzinfo=None)
    core = document.core_properties
    core.title, core.author, core.last_modified_by, core.language = title, author, author, LANGUAGE
    core.created = core.modified = moment
    core.revision = 1
    _drop_settings(document)
    _dashes(document)
    for row in document.element.body.iter(qn("w:tr")):
        properties = row.get_or_add_trPr()
        if properties.find(qn("w:cantSplit")) is None and not _holds_table(row):
            properties.insert(0, OxmlElement("w:cantSplit"))
    for picture in document.element.body.iter(qn("wp:inline")):
        for side in ("distT", "distB", "distL", "distR"):
            picture.set(side, "0")
        alt = picture.find(qn("wp:docPr")).get("descr", "")
        for inner in picture.iter(qn("pic:cNvPr")):
            inner.set("descr", alt)
    _fit_pictures(document)
    _keep_short_tables(document)
    _keep_notes(document)
    _keep_signature(document)
    _balance_title(document)
    _refresh_contents(document)
    first = True
    for paragraph in _of_style(document, "Heading 1"):
        _start_page(paragraph)
        if paragraph.text.startswith("Phụ lục"):
            paragraph.paragraph_format.page_break_before, first = first, False
            paragraph.alignment, paragraph.paragraph_format.first_line_indent = WD_ALIGN_PARAGRAPH.CENTER, Mm(0)
    buffer = BytesIO()
    document.save(buffer)
    pack(buffer, path)


def _drop_settings(document: Any) -> None:
    """Take out the custom properties: pandoc and Quarto write there the settings they were given, which tell a reader nothing."""
    package = document.part.package
    for name in [name for name, relation in package.rels.items() if relation.reltype.endswith("/custom-properties")]:
        del package.rels[name]


def _refresh_contents(document: Any) -> None:
    """Have Word fill the table of contents with page numbers when it opens the file."""
    fields = [field for field in document.element.body.iter(qn("w:instrText")) if field.text.strip().startswith("TOC ")]
    if not fields:
        return
    for field in fields:
        paragraph = next(parent for parent in field.iterancestors(qn("w:p")))
        begin = next(paragraph.iter(qn("w:fldChar")))
        begin.set(qn("w:dirty"), "true")
    settings = document.settings.element
    if settings.find(qn("w:updateFields")) is None:
        update = OxmlElement("w:updateFields")
        update.set(qn("w:val"), "true")
        settings.insert_element_before(
            update, "w:hdrShapeDefaults", "w:footnotePr", "w:endnotePr", "w:compat", "w:rsids"
        )


def _of_style(document: Any, name: str) -> list[Any]:
    """Return the paragraphs of a style, found by its identity: looking a style up for every paragraph takes long."""
    known = {style.style_id for style in document.styles if style.name == name}
    return [found for found in document.paragraphs if found._p.style in known]


def _balance_title(document: Any) -> None:
    """Indent a title of several lines on both sides, so that no word or two stands alone on the last one."""
    for paragraph in _of_style(document, "Subtitle"):
        # About 68 letters of 15 pt bold fill the 165 mm of a line.
        lines = -(-len(paragraph.text) // 68)
        used = min(1.12 * len(paragraph.text) / max(lines, 1) / 68, 1)
        layout = paragraph.paragraph_format
        layout.left_indent = layout.right_indent = Mm(165 * (1 - used) / 2 if lines > 1 else 0)


def _dashes(document: Any) -> None:
    """Mark list items with a dash, as official documents do."""
    for relation in document.part.rels.values():
        if not relation.reltype.endswith("/numbering"):
            continue
        for level in relation.target_part.element.iter(qn("w:lvl")):
            kind, sign = level.find(qn("w:numFmt")), level.find(qn("w:lvlText"))
            if kind is not None and kind.get(qn("w:val")) == "bullet" and sign.get(qn("w:val"), "").strip():
                sign.set(qn("w:val"), "–")
                for old in level.findall(qn("w:rPr")):
                    level.remove(old)


def _above(paragraph: Any) -> Any:
    """Return the block above a paragraph, bookmarks passed over; None at the top."""
    above = paragraph._p.getprevious()
    while above is not None and above.tag in (qn("w:bookmarkStart"), qn("w:bookmarkEnd")):
        above = above.getprevious()
    return above


def _start_page(heading: Any) -> None:
    """Have a heading start its page itself: a break in a paragraph of its own above it leaves a blank page where a full one ends."""
    above = _above(heading)
    if above is None or not any(part.get(qn("w:type")) == "page" for part in above.iter(qn("w:br"))):
        return
    heading.paragraph_format.page_break_before = True
    while above is not None and above.tag == qn("w:p") and not [*above.iter(qn("w:t"), qn("w:drawing"))]:
        above.getparent().remove(above)  # the break, and the space below what stands above it
        above = _above(heading)


def _keep_notes(document: Any) -> None:
    """Keep the source line on the page of the figure or of the last row of the table above it."""
    for note in _of_style(document, "Ghi chu"):
        above = _above(note)
        if above is None:
            continue
        rows = above.findall(qn("w:tr")) if above.tag == qn("w:tbl") else [above]
        if rows and above.tag in (qn("w:tbl"), qn("w:p")):
            for paragraph in [rows[-1]] if above.tag == qn("w:p") else rows[-1].iter(qn("w:p")):
                paragraph.get_or_add_pPr().get_or_add_keepNext()


def _fit_pictures(document: Any) -> None:
    """Make a picture small enough to stand on one page with its caption."""
    for shape in document.inline_shapes:
        if shape.height > TALLEST:
            shape.width, shape.height = int(shape.width * TALLEST / shape.height), TALLEST


def _keep_signature(document: Any) -> None:
    """Keep who receives and who signs with the end of the text: a page with the signature alone could belong to any document."""
    heads = [style for style in document.element.body.iter(qn("w:pStyle")) if style.get(qn("w:val")) in RECEIVERS]
    for head in heads:
        table = next(head.iterancestors(qn("w:tbl")))
        for above in table.itersiblings(preceding=True):
            if above.tag != qn("w:p"):
                break
            above.get_or_add_pPr().get_or_add_keepNext()
            if "".join(above.itertext()).strip():
                break


def _keep_short_tables(document: Any) -> None:
    """Keep a table of a few rows on one page."""
    for table in document.tables:
        rows = table._tbl.findall(qn("w:tr"))
        if len(rows) <= 12 and len("".join(table._tbl.itertext())) < 1500:
            for paragraph in (p for row in rows[:-1] for p in row.iter(qn("w:p"))):
                paragraph.get_or_add_pPr().get_or_add_keepNext()


def _holds_table(row: Any) -> bool:
    """Say whether a row is a frame (summary, note) that may run over a page."""
    style = row.getparent().find(qn("w:tblPr")).find(qn("w:tblStyle"))
    return style is not None and str(style.get(qn("w:val"))).startswith("Khung")


def pack(source: BytesIO, path: Path) -> None:
    """Write an Office archive with its members in one order and one fixed date."""
    with zipfile.ZipFile(source) as old:
        members = {name: old.read(name) for name in old.namelist()}
    first = [name for name in ("[Content_Types].xml", "_rels/.rels") if name in members]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in first + sorted(set(members) - set(first)):
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), members[name], zipfile.ZIP_DEFLATED)
