"""The explorers written into a site: ``kham-pha/*.html`` in the site's frame, with the scripts that they load."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from nq57lab.site.content import Content
from nq57lab.site.explorers import loops, pace, weights
from nq57lab.site.explorers.shared import FOLDER, PAGES, html

ASSETS = ("kham-pha.css", "kham-pha.js")
RELATIVE = re.compile(r'\b(href|src)="(?![a-z]+:|[#/])')


def write(
    root: Path, content: Content, sources: Path, out: Path, title: str, render: Callable[[Path, Path], None]
) -> list[Path]:
    """Write the explorers of an audience into its site and return their pages.

    Parameters
    ----------
    root : Path
        The project's root.
    content : Content
        What the audience may read.
    sources : Path
        The folder of the pages' sources, which holds the template.
    out : Path
        The site.
    title : str
        The site's.
    render : callable
        Renders a source into a page in the site's frame.
    """
    assets = root / "reports" / "assets"
    (out / FOLDER).mkdir()
    written = []
    for explorer in (weights.explorer(root, content), pace.explorer(root, content), loops.explorer(content)):
        head = json.dumps(f"{PAGES[explorer.name]} · {title}", ensure_ascii=False)
        source, page = sources / f"{FOLDER}-{explorer.name}.md", out / FOLDER / f"{explorer.name}.html"
        source.write_text(f"---\npagetitle: {head}\n---\n\n```{{=html}}\n{html(explorer)}\n```\n", encoding="utf-8")
        render(source, page)
        # The frame's links and the body's are written from the top folder.
        page.write_text(RELATIVE.sub(r'\1="../', page.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
        written.append(page)
        if explorer.data is not None:
            shutil.copyfile(assets / f"{FOLDER}-{explorer.name}.js", out / f"{FOLDER}-{explorer.name}.js")
    for name in ASSETS:
        shutil.copyfile(assets / name, out / name)
    return written
