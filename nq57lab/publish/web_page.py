"""The HTML page of a report: everything in one file, the numbers' provenance and the live charts' scripts, and no outside request.

A page as pandoc or Quarto wrote it in, the finished page out.
"""

import base64
import functools
import gzip
import hashlib
import html
import json
import os
import re
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import lxml.html

from nq57lab.base import whole

LIVE_MARK = "<!-- bieu-do-song -->"
DOWNLOADS_MARK = "<!-- tai-ve -->"
DOCUMENTS = {
    "pdf": (".pdf", "PDF"),
    "docx": (".docx", "Word"),
    "pptx": (".pptx", "Trình chiếu"),
    "leaflet": ("-to-roi.pdf", "Tờ rơi"),
}
LIVE_CHART = re.compile(r'<script type="application/json" class="bieu-do-song" ([^>]*)>(.*?)</script>', re.DOTALL)
STYLE_SHEET = re.compile(r'<link rel="stylesheet" href="([^":]+)"\s*/?>')
LETTERS = re.compile(r"<style>(?:(?!</style>).)*?data:font/woff2.*?</style>\n?", re.DOTALL)
FONT = re.compile(r'url\("([^":]+\.woff2)"\)')
PICTURE = re.compile(r'(<img\b[^>]*?\bsrc=")([^":]+\.svg)(")')
SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//|[a-z][a-z0-9+.-]*:", re.IGNORECASE)
NOT_LOADED = ("#", "data:", "about:", "blob:", "javascript:")
PASSIVE_LINKS = {"canonical", "alternate", "author", "license", "next", "prev", "help", "bookmark"}


def embed(page: str, folder: Path) -> str:
    """Put a page's style sheets with their fonts and SVG pictures, files in `folder`, into the page; what is not there stays for :func:`check_html`."""

    def style(found: re.Match[str]) -> str:
        file = folder / unquote(found[1])
        if not file.is_file():
            return found[0]

        def font(named: re.Match[str]) -> str:
            letters = base64.b64encode((file.parent / named[1]).read_bytes()).decode()
            return f'url("data:font/woff2;base64,{letters}")'

        return f"<style>\n{FONT.sub(font, file.read_text(encoding='utf-8'))}</style>"

    def picture(found: re.Match[str]) -> str:
        file = folder / unquote(html.unescape(found[2]))
        if not file.is_file():
            return found[0]
        return f"{found[1]}data:image/svg+xml;base64,{base64.b64encode(file.read_bytes()).decode()}{found[3]}"

    return PICTURE.sub(picture, STYLE_SHEET.sub(style, page))


@functools.cache
def live_chart_scripts(root: Path) -> str:
    """Return the scripts that draw live charts, bundled once for a project and kept in its cache.

    Bundling takes seconds. The file's name carries its digest: a damaged file is made anew, as is one of another vl-convert.
    """
    folder = root / "data" / "cache" / "bieu-do-song"
    version = metadata.version("vl-convert-python")
    for path in folder.glob(f"{version}-*.js"):
        kept = path.read_bytes()
        if path.stem == f"{version}-{hashlib.sha256(kept).hexdigest()}":
            return kept.decode()
        path.unlink(missing_ok=True)
    import vl_convert

    scripts = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace("</script", "<\\/script")
    content = scripts.encode()
    whole.write(folder / f"{version}-{hashlib.sha256(content).hexdigest()}.js", content)
    return scripts


def finish(
    path: Path, root: Path, provenance: Sequence[Mapping[str, str]] = (), documents: Sequence[str] = ()
) -> list[str]:
    """Complete a page in place: one file, links to its other documents, the numbers' provenance, the scripts of the page.

    Parameters
    ----------
    path, root : Path
        The page, and the project with the scripts.
    provenance : sequence of mapping
        For each number of the trace what the page says of it (:func:`nq57lab.documents.provenance.of_page`).
    documents : sequence of str
        The formats made beside the page under its name.

    Returns
    -------
    list of str
        The outside requests that the page would make (:func:`check_html`); empty when it is well.
    """
    written = path.read_text(encoding="utf-8").replace("&nbsp;", "\u00a0")  # Quarto's way; pandoc writes the character
    page = embed(written, path.parent)
    # A page is read before its letters have come: they stand behind the text, which is set in the machine's own until then.
    letters = "".join(LETTERS.findall(page)) if LIVE_MARK in page else ""
    page = LETTERS.sub("", page) if letters else page
    # The contents stand twice (side column, folded list): their links need no id.
    page = re.sub(r'(<a href="#[^"]*") id="toc-[^"]*"', r"\1", page)
    scripts = ""
    if LIVE_CHART.search(page):
        own = (root / "reports" / "assets" / "bieu-do-song.js").read_text(encoding="utf-8")
        # The engine is read when the first chart comes into view: a page of text is there at once.
        scripts = f'<script type="text/plain" id="bo-ve">{_packed(live_chart_scripts(root))}</script>\n<script>\n{own}</script>'
    printed = set(re.findall(r'data-so="([^"]*)"', page))
    shown = {entry["id"]: {k: v for k, v in entry.items() if k != "id" and v} for entry in provenance}
    shown = {name: entry for name, entry in shown.items() if name in printed}
    if shown:
        sources = sorted({entry["nguon"] for entry in shown.values() if "nguon" in entry})  # a tenth as many as numbers
        place = {source: number for number, source in enumerate(sources)}
        numbers = {
            name: entry | ({"nguon": place[entry["nguon"]]} if "nguon" in entry else {})
            for name, entry in shown.items()
        }
        told = {"nguon": sources, "so": numbers}
        listed = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).replace("<", "\\u003c")
        scripts += f'\n<script type="application/json" id="truy-vet">{listed}</script>'
    for name in ("truy-vet.js", "doc-trang.js") if LIVE_MARK in page else ():
        own = (root / "reports" / "assets" / name).read_text(encoding="utf-8")
        scripts += f"\n<script>\n{own}</script>"
    page = page.replace(LIVE_MARK, letters + scripts).replace(DOWNLOADS_MARK, _downloads(path.stem, documents))
    path.write_text(page, encoding="utf-8", newline="\n")
    outside = check_html(path)
    # What a chart draws is a fifth as long when packed; it is read when the chart comes into view.
    small = LIVE_CHART.sub(
        lambda found: f'<script type="text/plain" class="bieu-do-song" {found[1]}>{_packed(found[2])}</script>', page
    )
    path.write_text(small, encoding="utf-8", newline="\n")
    return outside


def _packed(text: str) -> str:
    """Return a text as a page carries it until it is needed: compressed, in base64."""
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def _downloads(name: str, documents: Sequence[str]) -> str:
    """Return the links to a page's other documents, and the button that gives its numbers as a table."""
    links = [
        f'<a href="{html.escape(name)}{ending}" download>{word}</a>'
        for kind, (ending, word) in DOCUMENTS.items()
        if kind in documents
    ]
    data = f'<button type="button" id="tai-so-lieu" data-ten="{html.escape(name)}-so-lieu.csv" hidden>Số liệu (CSV)</button>'
    return f'<nav class="tai-ve" aria-label="Tải về">{" ".join([*links, data])}</nav>'


def link_indicators(page: Path, folder: Path) -> None:
    """Let the numbers of a report's page lead to the pages of their indicators, where `folder` has them; in place."""
    text = page.read_text(encoding="utf-8")
    codes = sorted(set(re.findall(r'"ma":"([^"]+)"', text)))
    there = {
        code: os.path.relpath(folder / f"{code}.html", page.parent).replace(os.sep, "/")
        for code in codes
        if (folder / f"{code}.html").is_file()
    }
    if there:
        listed = html.escape(json.dumps(there, ensure_ascii=False, sort_keys=True))
        page.write_text(text.replace("<html ", f'<html data-chi-so="{listed}" ', 1), encoding="utf-8", newline="\n")


def check_html(path: Path) -> list[str]:
    """List every outside request that the HTML file at `path` would make.

    Returns
    -------
    list of str
        Addresses on another host and missing local files, each once; plain links (``<a href>``) request nothing.
    """
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    page = lxml.html.document_fromstring(path.read_bytes(), parser=parser)
    found = [link for element, attribute, link, _ in page.iterlinks() if not _passive(element, attribute)]
    found += page.xpath("//@poster | //@*[name()='xlink:href']")
    found += [part.split()[0] for value in page.xpath("//@srcset") for part in re.split(r",\s+", value)]
    found += re.findall(r"@import\s+['\"]([^'\"]+)", " ".join(page.xpath("//style/text()")))
    for chart in page.xpath("//script[contains(@class, 'bieu-do-song')]/text()"):
        found += re.findall(r'"(?:url|href)"\s*:\s*"([^"]+)"', chart)
    links = [link for link in dict.fromkeys(found) if link and not link.startswith(NOT_LOADED)]
    local = [path.parent / unquote(re.split(r"[?#]", link)[0]) for link in links]
    return [link for link, file in zip(links, local, strict=True) if SCHEME.match(link) or not file.is_file()]


def _passive(element: Any, attribute: str | None) -> bool:
    if attribute in ("cite", "action") or element.tag in ("a", "area", "base"):
        return True
    return element.tag == "link" and bool(PASSIVE_LINKS & set(element.get("rel", "").lower().split()))
