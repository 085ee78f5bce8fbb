"""What JupyterLab shows instead of the renderer's Markdown: plain Markdown, and tables as HTML.

A piece's Markdown or its cells in, text that a notebook displays out; the documents themselves are made from the Markdown.
"""

import html
import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from nq57lab.base import wording

# A status mark behind a number, and references to figures and tables in parentheses, which only a document resolves.
_MARK = re.compile(rf"{wording.WORD_JOINER}\[([^\[\]]*)\]\{{\.dau\}}")
_REFERENCES = re.compile(r" \((?:@(?:fig|tbl|sec)-[\w-]+(?:, | và )?)+\)")
_REFERENCE = re.compile(r"@(fig|tbl|sec)-[\w-]*\w")
PLACES = {"fig": "biểu đồ của báo cáo", "tbl": "bảng của báo cáo", "sec": "phần tương ứng của báo cáo"}
_SPAN = re.compile(r"\[([^\[\]]*)\]\{[^{}]*\}")
_FENCE = re.compile(r"^:::.*\n?", re.MULTILINE)
_HEADING = re.compile(r"^(#+ .*?)\s*\{[^{}]*\}$", re.MULTILINE)
_CAPTION = re.compile(r"^: (.*?)\s*\{#[^{}]*\}$", re.MULTILINE)
_BOLD, _ITALIC, _CODE = re.compile(r"\*\*(.+?)\*\*"), re.compile(r"\*(.+?)\*"), re.compile(r"`([^`]+)`")

LIVE = "application/vnd.vegalite.v5+json"  # the newest that JupyterLab 4 draws by itself
ENGINE = "https://vega.github.io/schema/vega-lite/v5.json"
MENU = {
    "actions": {"export": True, "source": False, "compiled": False, "editor": False},
    "i18n": {"PNG_ACTION": "Lưu thành PNG", "SVG_ACTION": "Lưu thành SVG", "CLICK_TO_VIEW_ACTIONS": "Lưu biểu đồ"},
}


def markdown(text: str) -> str:
    """Drop what only the renderer understands: attributes of spans and headings, fences of blocks.

    >>> markdown("## Tiến độ {#sec-td}\\n\\n::: {.ghi-chu}\\nĐạt [18,72]{so=s1}%.\\n:::\\n")
    '## Tiến độ\\n\\nĐạt 18,72%.\\n'
    >>> markdown(': Mười hai KPI {#tbl-kpi tbl-colwidths="[9]"}')
    '*Mười hai KPI*'
    >>> markdown("Chỗ khác nhau ở @sec-phuong-phap. Diễn biến (@fig-a, @tbl-b) chậm.")
    'Chỗ khác nhau ở phần tương ứng của báo cáo. Diễn biến chậm.'
    """
    plain = _CAPTION.sub(r"*\1*", _REFERENCES.sub("", text))
    told = _SPAN.sub(r"\1", _MARK.sub(r" (\1)", plain))
    named = _REFERENCE.sub(lambda found: PLACES[found[1]], told)
    return _HEADING.sub(r"\1", _FENCE.sub("", named))


def inline(text: str) -> str:
    """Return one cell's Markdown as HTML; everything that is not bold, italic or code comes out as text.

    >>> inline("**16,21%** <script>")
    '<strong>16,21%</strong> &lt;script&gt;'
    """
    plain = html.escape(markdown(text), quote=False)
    return _CODE.sub(r"<code>\1</code>", _ITALIC.sub(r"<em>\1</em>", _BOLD.sub(r"<strong>\1</strong>", plain)))


def table(cells: pd.DataFrame, caption: str, align: str, notes: Sequence[str] = ()) -> str:
    """Return a table of text cells as HTML, with its caption above and its notes below.

    Parameters
    ----------
    cells : DataFrame
        Text cells; the columns' names are the heads.
    caption : str
        What the table shows.
    align : str
        One letter a column: l or r.
    notes : sequence of str
        Source and remarks.
    """
    side = [f' style="text-align:{"right" if letter == "r" else "left"};vertical-align:top"' for letter in align]

    def line(values, tag: str) -> str:
        parts = (f"<{tag}{how}>{inline(str(value))}</{tag}>" for value, how in zip(values, side, strict=True))
        return f"<tr>{''.join(parts)}</tr>"

    body = "".join(line(row, "td") for row in cells.itertuples(index=False))
    foot = f"<p><small>{inline(' '.join(notes))}</small></p>" if notes else ""
    head = f"<caption>{inline(caption)}</caption><thead>{line(cells.columns, 'th')}</thead>"
    return f"<table>{head}<tbody>{body}</tbody></table>{foot}"


def chart(spec: dict, words: str, kept: Path) -> dict:
    """Return what JupyterLab shows of a Vega-Lite specification.

    Its own bundled engine draws the specification, live; the SVG, drawn here or read from the folder of kept drawings, stays in the saved
    notebook and shows elsewhere; the words where no picture shows. None of them loads anything.
    """
    from nq57lab.charts import theme

    return {
        LIVE: spec | {"$schema": ENGINE, "usermeta": {"embedOptions": MENU}},
        "image/svg+xml": theme.svg(spec, kept),
        "text/plain": words,
    }
