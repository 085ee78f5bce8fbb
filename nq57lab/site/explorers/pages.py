"""The explorers written into a site: ``kham-pha/*.html`` in the site's frame, with the scripts that they load."""

import re
import shutil
from collections.abc import Collection
from pathlib import Path

from nq57lab.site import frame
from nq57lab.site.content import Content
from nq57lab.site.explorers import loops, pace, weights
from nq57lab.site.explorers.shared import FOLDER, PAGES, html

ASSETS = ("kham-pha.css", "kham-pha.js")
RELATIVE = re.compile(r'\b(href|src)="(?![a-z]+:|[#/])')


def write(root: Path, content: Content, out: Path, goals: Collection[str] = ()) -> list[Path]:
    """Write the explorers of an audience into its site and return their pages.

    Parameters
    ----------
    root : Path
        The project's root.
    content : Content
        What the audience may read.
    out : Path
        The site.
    goals : collection of str
        The targets that have a page, by id.
    """
    assets = root / "reports" / "assets"
    (out / FOLDER).mkdir()
    written = []
    for explorer in (weights.explorer(root, content), pace.explorer(root, content, goals), loops.explorer(content)):
        page = out / FOLDER / f"{explorer.name}.html"
        body = RELATIVE.sub(r'\1="../', html(explorer))  # its links are written from the top folder
        whole = frame.page(content, PAGES[explorer.name], body, current=frame.EXPLORERS, root="../")
        page.write_text(whole, encoding="utf-8", newline="\n")
        written.append(page)
        if explorer.data is not None:
            shutil.copyfile(assets / f"{FOLDER}-{explorer.name}.js", out / f"{FOLDER}-{explorer.name}.js")
    for name in ASSETS:
        shutil.copyfile(assets / name, out / name)
    return written
