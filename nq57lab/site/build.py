"""The site of one audience: sources of a Quarto website project, rendered by Quarto or by the embedded pandoc, with open data.

A project in, a folder that works from the file system and from any static server out; it takes its place whole or not at all.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pypandoc

from nq57lab.base.problems import Problem
from nq57lab.documents.edition import Edition
from nq57lab.publish import places, quarto, render, web_page
from nq57lab.site import content as gathering
from nq57lab.site import feed, frame, open_data, search
from nq57lab.site.dashboards import front, methods, national, reference
from nq57lab.site.dashboards import places as by_place
from nq57lab.site.desk import Desk
from nq57lab.site.explorers import pages as exploring
from nq57lab.site.subjects import make as subjects

TEMPLATE = "khung-trang.html"


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


def desk_of(root: Path, content: gathering.Content, work: Path) -> Desk:
    """Return the desk of a site: its content with an edition of the same day and readers."""
    work.mkdir(parents=True, exist_ok=True)
    told = {
        "known": content.known.isoformat(),
        "audience": content.audience,
        "draft": True,
        "title": content.catalogue.programme.title,
    }
    return Desk(content, Edition(told, str(work), root))


def _make(root: Path, content: gathering.Content, work: Path, renderer: str, report: Callable[[str], None]) -> Path:
    """Make a site's pages and data in a folder aside; return the folder of the site."""
    out = work / "trang"
    out.mkdir()
    desk = desk_of(root, content, work / "so")
    report("step_subjects")
    with subjects.writing(desk, out) as findings:
        for entry in content.reports:
            entry["links"] = _publish(entry, out / "bao-cao", content.catalogue.names)
        counts = open_data.write(content, out / "du-lieu")
        copy_assets(root, out)
        (out / "feed.xml").write_text(feed.atom(content), encoding="utf-8")
        report("step_pages")
        source = work / "nguon"
        _sources(source, _bodies(root, desk, counts), content)
        _menu_pages(source, out, work / "quarto", renderer)
        with_styles(out / "index.html")
        explored = exploring.write(root, content, out, desk.goal_pages)
        (out / "tim-kiem.js").write_text(search.script(desk, findings()), encoding="utf-8")
    for report_page in (out / "bao-cao").rglob("*.html"):
        web_page.link_indicators(report_page, out / "chi-so")
    outside = [
        Problem("outside_request", path.relative_to(out).as_posix(), found=link)
        for path in sorted([*out.glob("*.html"), *out.glob("chi-so/*.html"), *out.glob("muc-tieu/*.html"), *explored])
        for link in web_page.check_html(path)
    ]
    if outside:
        raise render.RenderError(outside)
    return out


def copy_assets(root: Path, out: Path) -> None:
    """Copy the style, the script and the fonts of every page, the fonts with their licence."""
    assets = root / "reports" / "assets"
    for name in ("bao-cao.css", "chu.css", "trang-web.css", "trang-web.js"):
        shutil.copyfile(assets / name, out / name)
    shutil.copytree(assets / "chu", out / "chu", ignore=shutil.ignore_patterns("*.py"))


def _menu_pages(source: Path, out: Path, made_by_quarto: Path, renderer: str) -> None:
    """Render the website project's pages into the site's folder."""
    if render.find_renderer(renderer) == "quarto":
        _run(["quarto", "render", str(source), "--output-dir", str(made_by_quarto)], "Quarto")
        for page in frame.MENU:  # not its search index: the pages search by themselves
            shutil.copyfile(made_by_quarto / page, out / page)
        return
    with ThreadPoolExecutor(2) as threads:
        made = [threads.submit(_render, source / p.replace(".html", ".md"), out / p) for p in frame.MENU]
        for task in made:
            task.result()


def with_styles(page: Path) -> None:
    """Put a page's style sheets into it: what most readers open first is drawn after one answer of the server."""

    def style(found: re.Match[str]) -> str:
        return f"<style>\n{(page.parent / found[1]).read_text(encoding='utf-8')}</style>"

    text = page.read_text(encoding="utf-8")
    page.write_text(web_page.STYLE_SHEET.sub(style, text), encoding="utf-8", newline="\n")


def _bodies(root: Path, desk: Desk, counts: dict[str, int]) -> dict[str, str]:
    content = desk.content
    return {
        "index.html": front.front(desk),
        "danh-muc.html": reference.catalogue(desk),
        "quoc-gia.html": national.national(desk),
        "he-thong.html": national.systems(desk),
        "tinh.html": by_place.provinces(desk),
        "co-quan.html": by_place.agencies(desk),
        "bao-cao.html": reference.reports(content),
        "phuong-phap.html": methods.page(desk, root),
        "du-lieu.html": reference.data(content, counts),
    }


def _sources(folder: Path, bodies: dict[str, str], content: gathering.Content) -> None:
    """Write the website project: one Markdown file a page, the template of the frame, and its ``_quarto.yml``."""
    folder.mkdir()
    programme = content.catalogue.programme
    for page, body in bodies.items():
        raw = body if page == "phuong-phap.html" else f"```{{=html}}\n{body}\n```\n"
        title = json.dumps(f"{frame.named(content, page)} · {programme.title}", ensure_ascii=False)
        about = json.dumps(f"{frame.named(content, page)}: theo dõi thực hiện {programme.name}", ensure_ascii=False)
        head = f"---\npagetitle: {title}\ndescription: {about}\ntrang-{page.removesuffix('.html')}: true\n---\n\n"
        (folder / page.replace(".html", ".md")).write_text(head + raw, encoding="utf-8")
    (folder / TEMPLATE).write_text(frame.template(content), encoding="utf-8")
    settings = {
        "project": {
            "type": "website",
            "output-dir": "../quarto",
            "render": [page.replace(".html", ".md") for page in bodies],
        },
        "lang": "vi",
        "website": {"title": programme.title, "search": False},
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
    read = os.environ | {"LC_ALL": "C.UTF-8"}  # pandoc finds no template on a path with accents under LC_ALL=C
    done = subprocess.run(command, env=read, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        said = quarto.complaint(done.stderr or done.stdout)
        raise render.RenderError([Problem("engine", what, found=said, details={"file": "HTML"})])


def _publish(entry: dict, folder: Path, names: dict[str, str]) -> list[tuple[str, str]]:
    """Copy an edition's documents (no notebook, no snapshot); return their addresses and names."""
    links = []
    own = folder / entry["edition"]
    own.mkdir(parents=True, exist_ok=True)
    documents = [(".html", "HTML"), *web_page.DOCUMENTS.values()]  # what the page itself links to
    if not entry["items"]:
        for ending, word in documents:
            made = entry["folder"] / f"{entry['edition']}{ending}"
            if made.exists():
                shutil.copyfile(made, own / made.name)
                links.append((f"{entry['edition']}/{made.name}", word))
        return links
    for slug, item in entry["items"].items():
        for ending, _ in documents:
            made = entry["folder"] / slug / f"{slug}{ending}"
            if made.exists():
                shutil.copyfile(made, own / made.name)
        if (own / f"{slug}.html").exists():
            links.append((f"{entry['edition']}/{slug}.html", names.get(item["area"], item["area"])))
    return links
