"""Every subject's and every target's page and files: two processes share them, each drawing what it writes.

A desk in; ``chi-so/`` and ``muc-tieu/`` out, and the finding of each page for the search.
"""

import multiprocessing
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from nq57lab.site import frame
from nq57lab.site.desk import Desk
from nq57lab.site.subjects import abroad, files, goal, page

WORKERS = 2
FEW = 60  # pages for which one process is enough
_DESK: Desk | None = None


@contextmanager
def writing(desk: Desk, out: Path) -> Iterator[Callable[[], dict[str, str]]]:
    """Write every subject's and target's page and files into the site's folder while the caller goes on.

    Yields
    ------
    callable
        Waits for the pages; returns each page's finding by code, and each target's by its id.
    """
    global _DESK
    for name in ("chi-so", "muc-tieu"):
        (out / name).mkdir()
    codes = [*desk.pages, *desk.goal_pages]
    _ready(desk)
    parts = [codes[start::WORKERS] for start in range(WORKERS)]
    # A process that has drawn cannot be forked: the drawing engine would be without its threads.
    if len(codes) <= FEW or "vl_convert" in sys.modules or "fork" not in multiprocessing.get_all_start_methods():
        yield lambda: _joined(codes, [_part(desk, part, out) for part in parts])
        return
    _DESK = desk
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("fork")) as pool:
        tasks = [pool.submit(_forked, part, out) for part in parts]
        yield lambda: _joined(codes, [task.result() for task in tasks])
    _DESK = None


def _joined(codes: list[str], parts: list[dict[str, str]]) -> dict[str, str]:
    made = {code: said for part in parts for code, said in part.items()}
    return {code: made[code] for code in codes}


def _ready(desk: Desk) -> None:
    """Compute before the fork what every page asks for."""
    for name in (
        "forecasts",
        "versions",
        "goals_of",
        "goal_pages",
        "in_force",
        "alerts_of",
        "owed_of",
        "loops_of",
        "graph",
        "near",
        "by_id",
        "local",
        "titles",
        "tasks",
    ):
        getattr(desk, name)
    abroad.compared(desk)


def _forked(codes: list[str], out: Path) -> dict[str, str]:
    assert _DESK is not None
    return _part(_DESK, codes, out)


def _part(desk: Desk, codes: list[str], out: Path) -> dict[str, str]:
    rows, said = files.rows_of(desk), {}
    for code in codes:
        if code in desk.goal_pages:
            folder, aim = out / "muc-tieu", desk.goal_pages[code]
            made = goal.make(desk, aim)
            drawings = files.write_goal(desk, made, folder, aim)
        else:
            folder, made = out / "chi-so", page.make(desk, code)
            drawings = files.write(desk, made, folder, rows.get(made.view.measure, []))
        whole = frame.page(desk.content, made.title, made.body, said=made.finding, current="danh-muc.html", root="../")
        (folder / f"{code}.html").write_text(whole, encoding="utf-8")
        for drawn in drawings:
            files.paint(drawn)
        said[code] = made.finding
    return said
