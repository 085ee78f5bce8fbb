"""Make ``tham-chieu.docx``, the reference document of DOCX reports: ``python reports/_templates/tham_chieu.py``.

From pandoc's own default reference document: A4, margins, page number in the header, Times New Roman, heading, caption and table styles, and
the paragraph styles that ``khung.lua`` names.
"""

from __future__ import annotations

import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pypandoc
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from nq57lab.publish.docx_file import LANGUAGE, finish_docx

FONT = "Times New Roman"
INDENT = Mm(10)
LEFT, CENTRE, RIGHT, BOTH = (
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.RIGHT,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)

# name: (based on, size, bold, italic, alignment, first-line indent, before, after, keep with next)
PARAGRAPHS: dict[str, tuple[str | None, float, bool, bool, WD_ALIGN_PARAGRAPH, Any, float, float, bool]] = {
    "Normal": (None, 14, False, False, BOTH, Mm(0), 0, 0, False),
    "Body Text": ("Normal", 14, False, False, BOTH, INDENT, 3, 3, False),
    "First Paragraph": ("Body Text", 14, False, False, BOTH, INDENT, 3, 3, False),
    "Compact": ("Normal", 14, False, False, BOTH, Mm(0), 2, 2, False),
    "Heading 1": ("Normal", 14, True, False, LEFT, INDENT, 14, 6, True),
    "Heading 2": ("Normal", 14, True, False, LEFT, INDENT, 10, 5, True),
    "Heading 3": ("Normal", 14, True, True, LEFT, INDENT, 8, 4, True),
    "Heading 4": ("Normal", 14, False, True, LEFT, INDENT, 8, 4, True),
    "Title": ("Normal", 16, True, False, CENTRE, Mm(0), 14, 4, True),
    "Subtitle": ("Normal", 15, True, False, CENTRE, Mm(0), 0, 2, True),
    "Ngan cach": ("Normal", 14, False, False, CENTRE, Mm(0), 0, 12, False),
    "Image Caption": ("Normal", 13, False, False, CENTRE, Mm(0), 4, 12, False),
    "Table Caption": ("Normal", 13, False, False, CENTRE, Mm(0), 12, 4, True),
    "Captioned Figure": ("Normal", 14, False, False, CENTRE, Mm(0), 10, 0, True),
    "Figure": ("Normal", 14, False, False, CENTRE, Mm(0), 10, 6, False),
    "Footnote Text": ("Normal", 11, False, False, BOTH, Mm(0), 0, 2, False),
    "Tom tat": ("Normal", 11, False, False, BOTH, Mm(0), 0, 1, False),
    "Ghi chu": ("Normal", 11, False, False, LEFT, Mm(0), 3, 10, False),
    "Bang o": ("Normal", 12, False, False, LEFT, Mm(0), 2, 2, False),
    "Bang dau": ("Bang o", 12, True, False, LEFT, Mm(0), 2, 2, True),
    "Bang o nho": ("Normal", 9.5, False, False, LEFT, Mm(0), 0.5, 0.5, False),
    "Bang dau nho": ("Bang o nho", 9.5, True, False, LEFT, Mm(0), 1, 1, True),
    "Luu y": ("Normal", 13, False, False, BOTH, Mm(0), 2, 2, False),
    "Luu y ten": ("Luu y", 13, True, False, LEFT, Mm(0), 2, 2, True),
    "Sau bang": ("Normal", 6, False, False, LEFT, Mm(0), 3, 3, False),
    "Muc luc": ("Normal", 14, True, False, CENTRE, Mm(0), 16, 6, True),
    "toc 1": ("Normal", 14, True, False, LEFT, Mm(0), 5, 1, False),
    "toc 2": ("Normal", 14, False, False, LEFT, Mm(0), 1, 1, False),
    "toc 3": ("Normal", 14, False, True, LEFT, Mm(0), 1, 1, False),
    "The thuc": ("Normal", 14, False, False, CENTRE, Mm(0), 0, 0, False),
    "The thuc dam": ("The thuc", 14, True, False, CENTRE, Mm(0), 0, 0, False),
    "The thuc ke": ("The thuc", 4, False, False, CENTRE, Mm(0), 1, 2, False),
    "Quoc hieu": ("The thuc", 13, True, False, CENTRE, Mm(0), 0, 0, False),
    "Quoc hieu dang": ("The thuc", 15, True, False, CENTRE, Mm(0), 0, 0, False),
    "Noi ngay": ("The thuc", 14, False, True, CENTRE, Mm(0), 4, 0, False),
    "Du thao": ("The thuc", 14, True, False, CENTRE, Mm(0), 8, 6, False),
    "Noi nhan": ("Normal", 12, True, True, LEFT, Mm(0), 0, 2, True),
    "Noi nhan dang": ("Normal", 14, False, False, LEFT, Mm(0), 0, 2, True),
    "Noi nhan muc": ("Normal", 12, False, False, LEFT, Mm(0), 0, 1, False),
    "Header": ("Normal", 13, False, False, CENTRE, Mm(0), 0, 0, False),
}


def _fonts(properties: Any) -> None:
    """Name one font for every script; drop the theme's."""
    for old in properties.findall(qn("w:rFonts")):
        properties.remove(old)
    fonts = OxmlElement("w:rFonts")
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)
    properties.insert(0, fonts)


def _style(document: Any, name: str, kind: WD_STYLE_TYPE = WD_STYLE_TYPE.PARAGRAPH) -> Any:
    for style in document.styles:
        if style.name.lower() == name.lower() and style.type == kind:
            return style
    style = document.styles.add_style(name, kind)
    style.element.set(qn("w:styleId"), "".join(word[:1].upper() + word[1:] for word in name.split()))
    return style


def _paragraph_styles(document: Any) -> None:
    for name, (base, size, bold, italic, align, indent, before, after, keep) in PARAGRAPHS.items():
        style = _style(document, name)
        if base:
            style.base_style = _style(document, base)
        properties = style.element.get_or_add_rPr()
        _fonts(properties)
        for tag in ("w:spacing", "w:kern", "w:szCs", "w:position"):
            for old in properties.findall(qn(tag)):
                properties.remove(old)
        for old in style.element.get_or_add_pPr().findall(qn("w:numPr")):
            style.element.pPr.remove(old)
        style.font.size, style.font.bold, style.font.italic = Pt(size), bold, italic
        style.font.color.rgb = RGBColor(0, 0, 0)
        layout = style.paragraph_format
        layout.alignment, layout.first_line_indent = align, indent
        layout.left_indent = layout.right_indent = Mm(0)
        layout.space_before, layout.space_after = Pt(before), Pt(after)
        layout.keep_with_next, layout.widow_control = keep, True
        layout.line_spacing_rule = WD_LINE_SPACING.SINGLE
    for name in ("Normal", "Body Text", "First Paragraph", "Compact"):
        document.styles[name].paragraph_format.line_spacing = 1.15
    for level, name in enumerate(("toc 1", "toc 2", "toc 3")):
        _style(document, name).paragraph_format.left_indent = Mm(8 * level)
    _style(document, "Noi nhan dang").font.underline = True
    draft = _style(document, "Du thao").element.get_or_add_pPr()
    sides = "".join(
        f'<w:{s} w:val="single" w:sz="8" w:space="3" w:color="000000"/>' for s in ("top", "left", "bottom", "right")
    )
    draft.insert_element_before(
        parse_xml(f"<w:pBdr {nsdecls('w')}>{sides}</w:pBdr>"),
        "w:shd",
        "w:tabs",
        "w:spacing",
        "w:ind",
        "w:jc",
        "w:outlineLvl",
    )
    layout = _style(document, "Du thao").paragraph_format
    layout.left_indent = layout.right_indent = Mm(20)


def _character_styles(document: Any) -> None:
    mark = _style(document, "Dau", WD_STYLE_TYPE.CHARACTER)
    properties = mark.element.get_or_add_rPr()
    _fonts(properties)
    mark.font.italic = mark.font.superscript = True
    _fonts(_style(document, "Verbatim Char", WD_STYLE_TYPE.CHARACTER).element.get_or_add_rPr())
    link = _style(document, "Hyperlink", WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb, link.font.underline = RGBColor(0, 0, 0), False


def _table_style(document: Any, name: str, borders: str, cell: str, conditions: str = "") -> None:
    for style in list(document.styles):
        if style.name.lower() == name.lower() and style.type == WD_STYLE_TYPE.TABLE:
            style.element.getparent().remove(style.element)
    document.styles.element.append(
        parse_xml(
            f'<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="{name}"><w:name w:val="{name}"/>'
            f'<w:basedOn w:val="TableNormal"/><w:qFormat/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/>'
            f"<w:tblBorders>{borders}</w:tblBorders><w:tblCellMar>{cell}</w:tblCellMar></w:tblPr>{conditions}</w:style>"
        )
    )


def _line(side: str, eighths: int, colour: str = "000000") -> str:
    return f'<w:{side} w:val="single" w:sz="{eighths}" w:space="0" w:color="{colour}"/>'


def _margins(top: int, left: int, bottom: int, right: int) -> str:
    sides = (("top", top), ("left", left), ("bottom", bottom), ("right", right))
    return "".join(f'<w:{side} w:w="{width}" w:type="dxa"/>' for side, width in sides)


def _tables(document: Any) -> None:
    head = f'<w:tblStylePr w:type="firstRow"><w:tcPr><w:tcBorders>{_line("bottom", 4)}</w:tcBorders></w:tcPr></w:tblStylePr>'
    _table_style(document, "Table", _line("top", 8) + _line("bottom", 8), _margins(20, 100, 20, 100), head)
    box = "".join(_line(side, 6) for side in ("top", "left", "bottom", "right"))
    _table_style(document, "KhungTomTat", box, _margins(100, 160, 100, 160))
    _table_style(document, "KhungLuuY", _line("left", 18), _margins(20, 160, 20, 60))
    _table_style(document, "KhongKe", "", _margins(0, 40, 0, 40))


def _page(document: Any) -> None:
    # Word's own layout of today: the edge of a table, not its text, stands on the margin.
    compat = parse_xml(
        f'<w:compat {nsdecls("w")}><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" '
        'w:val="15"/></w:compat>'
    )
    footnotes = document.settings.element.find(qn("w:footnotePr"))
    footnotes.addnext(compat)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(20), Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    section.first_page_header.is_linked_to_previous = False
    section.header.is_linked_to_previous = False
    paragraph = section.header.paragraphs[0]
    paragraph.style = _style(document, "Header")
    run = paragraph.add_run()
    for kind, text in (("begin", ""), ("", " PAGE "), ("separate", ""), ("text", "2"), ("end", "")):
        if kind == "text":
            run.add_text(text)
        elif kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        else:
            code = OxmlElement("w:instrText")
            code.text = text
            run._r.append(code)


def build(path: Path) -> None:
    """Make the reference document.

    Parameters
    ----------
    path : Path
        Where to write it.
    """
    default = subprocess.run(
        [pypandoc.get_pandoc_path(), "--print-default-data-file", "reference.docx"], capture_output=True, check=True
    ).stdout
    document = Document(BytesIO(default))
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    _fonts(defaults)
    for tag in ("w:lang",):
        for old in defaults.findall(qn(tag)):
            defaults.remove(old)
    defaults.append(parse_xml(f'<w:lang {nsdecls("w")} w:val="{LANGUAGE}" w:eastAsia="{LANGUAGE}" w:bidi="ar-SA"/>'))
    _paragraph_styles(document)
    _character_styles(document)
    _tables(document)
    _page(document)
    document.save(str(path))
    finish_docx(path, title="", author="", epoch=0)


if __name__ == "__main__":
    build(Path(__file__).with_name("tham-chieu.docx"))
