"""The site of one audience: sources of a Quarto website project, rendered by Quarto or by the embedded pandoc, with open data.

A project in, a folder that works from the file system and from any static server out; it takes its place whole or not at all.
"""

import json
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pypandoc

from nq57lab.base import wording
from nq57lab.base.problems import Problem
from nq57lab.outlook import verification
from nq57lab.publish import places, quarto, render, web_page
from nq57lab.site import calibration, feed, open_data, pages, parts, reference_pages
from nq57lab.site import content as gathering
from nq57lab.site.explorers import pages as exploring

TITLE = "Theo dõi Nghị quyết 57-NQ/TW"
METHODS = Path("docs/phuong-phap.md")
TEMPLATE = "khung-trang.html"
# Inside the page: a server without a favicon.ico would answer every page's first request for it with an error.
ICON = (
    "<link rel=\"icon\" href=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Cpath fill='%231b5e8c' d='M1 9h3v6H1zm5-4h3v10H6zm5-4h3v14h-3z'/%3E%3C/svg%3E\">"
)


def build(
    root: Path,
    audience: str,
    *,
    known: date | None = None,
    renderer: str = "auto",
    report: Callable[[str], None] = lambda step: None,
) -> Path:
    """Build a site.

    Parameters
    ----------
    root : Path
        The project's root.
    audience : {"noi-bo", "cong-khai"}
        Who reads it; the public sees only rows with a publication decision.
    known : date, optional
        Figures published by this day (default: today).
    renderer : str
        ``auto``, ``quarto`` or ``embedded``.
    report : callable
        Told each step.

    Returns
    -------
    Path
        ``reports/site-<audience>``.
    """
    with places.claimed(root, f"site-{audience}", site=True) as target:
        report("step_store")
        content = gathering.gather(root, audience, known)
        work = places.aside(target)
        try:
            out = _make(root, content, work, renderer, report)
            out.chmod(0o755)
            places.replace(out, target)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return target


def _make(root: Path, content: gathering.Content, work: Path, renderer: str, report: Callable[[str], None]) -> Path:
    """Make a site's pages and data in a folder aside; return the folder of the site."""
    out = work / "trang"
    out.mkdir()
    report("step_copies")
    for entry in content.reports:
        entry["links"] = _publish(entry, out / "bao-cao", content.catalogue.names)
    counts = open_data.write(content, out / "du-lieu")
    for name in ("bao-cao.css", "trang-web.css", "trang-web.js"):
        shutil.copyfile(root / "reports" / "assets" / name, out / name)
    (out / "feed.xml").write_text(feed.atom(content), encoding="utf-8")
    report("step_pages")
    source = work / "nguon"
    bodies = _bodies(root, content, counts)
    _sources(source, bodies, content)
    if render.find_renderer(renderer) == "quarto":
        _run(["quarto", "render", str(source), "--output-dir", str(work / "quarto")], "Quarto")
        for page in pages.MENU:  # not its search index: the pages search by themselves
            shutil.copyfile(work / "quarto" / page, out / page)
    else:
        with ThreadPoolExecutor(2) as threads:
            made = [threads.submit(_render, source / p.replace(".html", ".md"), out / p) for p in pages.MENU]
            for task in made:
                task.result()
    for report_page in (out / "bao-cao").rglob("*.html"):
        web_page.link_indicators(report_page, out / "chi-so")
    explored = exploring.write(root, content, source, out, TITLE, _render)
    outside = [
        Problem("outside_request", path.name, found=link)
        for path in sorted([*out.glob("*.html"), *explored])
        for link in web_page.check_html(path)
    ]
    if outside:
        raise render.RenderError(outside)
    return out


def _bodies(root: Path, content: gathering.Content, counts: dict[str, int]) -> dict[str, str]:
    methods = root / METHODS
    text = methods.read_text(encoding="utf-8") if methods.exists() else "# Phương pháp\n"
    text = text.replace("`nq57lab.", "`")  # whose modules they are, a reader of the site knows
    text += calibration.section() + calibration.probabilities(*verification.of_project(content.catalogue))
    return {
        "index.html": pages.front(content),
        "quoc-gia.html": pages.national(content),
        "he-thong.html": pages.systems(content),
        "tinh.html": pages.provinces(content),
        "co-quan.html": pages.agencies(content),
        "bao-cao.html": reference_pages.reports(content),
        "danh-muc.html": reference_pages.catalogue(content),
        "phuong-phap.html": text,
        "du-lieu.html": reference_pages.data(content, counts),
    }


def _sources(folder: Path, bodies: dict[str, str], content: gathering.Content) -> None:
    """Write the website project: one Markdown file a page, the template of the frame, and its ``_quarto.yml``."""
    folder.mkdir()
    for page, body in bodies.items():
        raw = body if page == "phuong-phap.html" else f"```{{=html}}\n{body}\n```\n"
        title = json.dumps(f"{pages.MENU[page]} · {TITLE}", ensure_ascii=False)
        head = f"---\npagetitle: {title}\ntrang-{page.removesuffix('.html')}: true\n---\n\n"
        (folder / page.replace(".html", ".md")).write_text(head + raw, encoding="utf-8")
    (folder / TEMPLATE).write_text(_template(content), encoding="utf-8")
    settings = {
        "project": {
            "type": "website",
            "output-dir": "../quarto",
            "render": [page.replace(".html", ".md") for page in bodies],
        },
        "lang": "vi",
        "website": {"title": TITLE, "search": False},
        "format": {
            "html": {
                "theme": "none",
                "minimal": True,
                "template": TEMPLATE,
                "html-math-method": "mathml",
                # The tables are ready HTML: Quarto would read them again, number their captions and repeat their ids.
                "html-table-processing": "none",
            }
        },
        "execute": {"enabled": False},
    }
    (folder / "_quarto.yml").write_text(json.dumps(settings, ensure_ascii=False, indent=1), encoding="utf-8")


def _render(source: Path, target: Path) -> None:
    """Render one page with the embedded pandoc into the site's frame."""
    command = [
        pypandoc.get_pandoc_path(),
        str(source),
        f"--output={target}",
        f"--template={source.parent / TEMPLATE}",
        "--from=markdown-smart",
        "--to=html5",
        "--mathml",
        "--wrap=none",
    ]
    _run(command, f"pandoc, {source.name}")


def _run(command: list[str], what: str) -> None:
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        said = quarto.complaint(done.stderr or done.stdout)
        raise render.RenderError([Problem("engine", what, found=said, details={"file": "HTML"})])


def _template(content: gathering.Content) -> str:
    """Return the frame of every page, as a template of pandoc's that both renderers fill."""
    links = "".join(
        f'<li><a href="{href}"$if(trang-{href.removesuffix(".html")})$ aria-current="page"$endif$>{parts.esc(text)}</a></li>'
        for href, text in pages.MENU.items()
    )
    internal = content.audience == "noi-bo"
    mark = '<span class="doi-tuong">NỘI BỘ</span>' if internal else ""
    robots = '<meta name="robots" content="noindex">' if internal else ""
    policy = "default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; font-src data:"
    who = "Bản nội bộ, không phổ biến." if internal else "Chỉ gồm số liệu có quyết định công bố."
    # One element a line in the head: Quarto drops the first of several on one line, and with it the character set.
    return f"""<!DOCTYPE html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
{robots}
<title>$pagetitle$</title>
{ICON}
<link rel="stylesheet" href="bao-cao.css">
<link rel="stylesheet" href="trang-web.css">
<link rel="alternate" type="application/atom+xml" href="feed.xml" title="Báo cáo mới">
</head>
<body class="web">
<a class="bo-qua" href="#noi-dung">Tới nội dung chính</a>
<header class="dau-trang"><div><strong>{TITLE}</strong>{mark}<nav aria-label="Các trang"><ul>{links}</ul></nav></div></header>
<main id="noi-dung" tabindex="-1">
$body$
</main>
<footer>Số liệu công bố đến ngày {wording.day(content.known)}. {who} Dấu t: số tự báo cáo, chưa xác thực; dấu ư: số ước tính.</footer>
<script src="trang-web.js"></script>
</body>
</html>
"""


def _publish(entry: dict, folder: Path, names: dict[str, str]) -> list[tuple[str, str]]:
    """Copy an edition's documents (no notebook, no snapshot); return their addresses and names."""
    links = []
    own = folder / entry["edition"]
    own.mkdir(parents=True, exist_ok=True)
    if not entry["items"]:
        for kind in gathering.FORMATS:
            made = entry["folder"] / f"{entry['edition']}.{kind}"
            if made.exists():
                shutil.copyfile(made, own / made.name)
                links.append((f"{entry['edition']}/{made.name}", kind.upper()))
        return links
    for slug, item in entry["items"].items():
        for kind in gathering.FORMATS:
            made = entry["folder"] / slug / f"{slug}.{kind}"
            if made.exists():
                shutil.copyfile(made, own / made.name)
        if (own / f"{slug}.html").exists():
            links.append((f"{entry['edition']}/{slug}.html", names.get(item["area"], item["area"])))
    return links
