"""The frame of every page: head, navigation, search, footer; written once, for pages made here and as the template of pandoc's and Quarto's.

A content and a body in, a whole page out.
"""

from collections.abc import Callable
from pathlib import Path

from nq57lab.base import wording
from nq57lab.site import parts
from nq57lab.site.content import Content

# Inside the page: a server without a favicon.ico would answer every page's first request for it with an error.
ICON = (
    "<link rel=\"icon\" href=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Cpath fill='%231b5e8c' d='M1 9h3v6H1zm5-4h3v10H6zm5-4h3v14h-3z'/%3E%3C/svg%3E\">"
)
MENU = {
    "index.html": "Trang đầu",
    "danh-muc.html": "Chỉ số, mục tiêu",
    "quoc-gia.html": "Quốc gia",
    "he-thong.html": "Hệ thống",
    "tinh.html": "Tỉnh",
    "co-quan.html": "Cơ quan",
    "bao-cao.html": "Báo cáo",
    "phuong-phap.html": "Phương pháp",
    "du-lieu.html": "Dữ liệu",
}
EXPLORERS = "kham-pha/trong-so.html"  # the first of them, which leads to the others


def named(content: Content, page: str) -> str:
    """Return what a page of the menu is called; the data are open only to the public."""
    return "Dữ liệu mở" if page == "du-lieu.html" and content.audience == "cong-khai" else MENU[page]


def page(content: Content, title: str, body: str, *, said: str = "", current: str = "", root: str = "") -> str:
    """Return a whole page.

    Parameters
    ----------
    content : Content
    title, body : str
        What the browser's tab says before the site's name, and the HTML inside ``main``.
    said : str
        What the page says, in a sentence, for lists that it stands in elsewhere (default: its title).
    current : str
        The page of the menu that it is, or is under.
    root : str
        The way from the page to the site's folder: "" or "../".
    """
    whole = _frame(content, lambda href: ' aria-current="page"' if href == current else "", root)
    whole = whole.replace("$pagetitle$", parts.esc(f"{title} · {content.catalogue.programme.title}"))
    return whole.replace("$description$", parts.esc(said or title)).replace("$body$", body)


def template(content: Content) -> str:
    """Return the frame as a template of pandoc's, which both renderers fill."""
    return _frame(content, lambda href: f'$if(trang-{Path(href).stem})$ aria-current="page"$endif$', "")


def _frame(content: Content, mark: Callable[[str], str], root: str) -> str:
    links = {href: named(content, href) for href in MENU}
    listed = list(links.items())
    links = dict([*listed[:6], (EXPLORERS, "Khám phá"), *listed[6:]])
    items = "".join(
        f'<li><a href="{root}{href}"{mark(href)}>{parts.esc(text)}</a></li>' for href, text in links.items()
    )
    internal = content.audience == "noi-bo"
    badge = '<span class="doi-tuong">NỘI BỘ</span>' if internal else ""
    robots = '<meta name="robots" content="noindex">' if internal else ""
    policy = "default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; font-src 'self' data:"
    who = "Bản nội bộ, không phổ biến." if internal else "Chỉ gồm số liệu có quyết định công bố."
    # One element a line in the head: Quarto drops the first of several on one line, and with it the character set.
    return f"""<!DOCTYPE html>
<html lang="vi" data-goc="{root}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
{robots}
<title>$pagetitle$</title>
<meta name="description" content="$description$">
{ICON}
<link rel="stylesheet" href="{root}chu.css">
<link rel="stylesheet" href="{root}bao-cao.css">
<link rel="stylesheet" href="{root}trang-web.css">
<link rel="alternate" type="application/atom+xml" href="{root}feed.xml" title="Báo cáo mới">
</head>
<body class="web">
<a class="bo-qua" href="#noi-dung">Tới nội dung chính</a>
<header class="dau-trang"><div><p class="ten-trang"><a href="{root}index.html">{parts.esc(content.catalogue.programme.title)}</a>{badge}</p>{SEARCH}<nav aria-label="Các trang"><ul>{items}</ul></nav></div></header>
<main id="noi-dung" tabindex="-1">
$body$
</main>
<footer><p>Số liệu công bố đến ngày {wording.day(content.known)}. {who} Dấu t: số tự báo cáo, chưa xác thực; dấu ư: số ước tính. Bấm vào một con số để xem số ấy từ đâu ra.</p></footer>
<script src="{root}trang-web.js"></script>
</body>
</html>
"""


SEARCH = (
    '<form class="tim" role="search" aria-label="Tìm trên cả trang web"><label for="tim-moi-trang">Tìm chỉ số, mục tiêu, tỉnh, cơ quan, báo cáo</label>'
    '<input id="tim-moi-trang" type="search" autocomplete="off" placeholder="Tìm chỉ số, tỉnh, cơ quan…" aria-describedby="dem-tim">'
    '<p id="dem-tim" role="status" aria-live="polite"></p><ul id="ket-qua-tim" aria-label="Kết quả tìm" hidden></ul></form>'
)
