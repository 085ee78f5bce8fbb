"""Where editions and sites stand: one folder each in ``reports/``, replaced only if this tool made it, by one run at a time.

A run holds an operating system's lock on its name, which dies with its process; folders aside that no run holds any more are removed
at the next start, and an edition that a killed run had moved away is put back.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nq57lab.base import messages
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.store import disk

OWN = ("assets", "sections", "editions")  # and whatever begins with _ or .: the project's own folders in reports/
DEVICES = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")
ASIDE = "~"  # no edition's name has it, so that ".name~x" is nobody else's


def refused(name: str, site: bool = False) -> bool:
    """Tell whether a name can be no edition's: the project's own folders, sites, names that a system keeps for devices."""
    fits = re.fullmatch(r"[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9-])?", name) is not None and ".." not in name
    return (
        not fits
        or name in OWN
        or DEVICES.fullmatch(name.partition(".")[0]) is not None
        or (name.startswith("site-") and not site)
    )


def is_ours(folder: Path) -> bool:
    """Tell whether a folder is an edition or a site of this tool: its manifest, or a site's pages and data."""
    try:
        content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return isinstance(content, dict) and {"edition", "parameters", "outputs"} <= set(content)
    except (OSError, ValueError):
        return (folder / "feed.xml").is_file() and (folder / "du-lieu").is_dir() and (folder / "index.html").is_file()


def check(target: Path, site: bool = False) -> None:
    """Refuse a folder that must not be replaced.

    Raises
    ------
    ProblemError
        If the name is the project's own, or the folder there was not made by this tool.
    """
    if refused(target.name, site):
        raise ProblemError([Problem("edition_reserved", found=target.name, column="edition")])
    there = target.is_symlink() or target.exists()
    if there and (target.is_symlink() or not target.is_dir() or (any(target.iterdir()) and not is_ours(target))):
        raise ProblemError([Problem("edition_foreign", found=f"reports/{target.name}", column="edition")])


@contextmanager
def claimed(root: Path, name: str, site: bool = False) -> Iterator[Path]:
    """Hold the place of an edition or a site for one run, and give its folder.

    Raises
    ------
    ProblemError
        If the folder must not be replaced (:func:`check`), or another run is making it.
    """
    target = root / "reports" / name
    check(target, site)
    with disk.held(root / "data", f"reports-{name}") as free:
        if not free:
            raise ProblemError([Problem("report_busy", found=messages.shape("report_running", name=name))])
        target.parent.mkdir(exist_ok=True)
        restore(target)
        sweep(root)
        yield target


def aside(target: Path) -> Path:
    """Make a folder beside a target, in which a run works until it is done."""
    return Path(tempfile.mkdtemp(prefix=f".{target.name}{ASIDE}", dir=target.parent))


def sweep(root: Path) -> None:
    """Remove the folders aside that killed runs left: those of this run's name, and of names that nobody holds."""
    for folder in (root / "reports").glob(f".*{ASIDE}*"):
        name = folder.name[1:].partition(ASIDE)[0]
        with disk.held(root / "data", f"reports-{name}") as free:
            if free:
                shutil.rmtree(folder, ignore_errors=True)


def restore(target: Path) -> None:
    """Put back the last edition where a process died between moving it away and putting the new one in its place."""
    old = target.with_name(f".{target.name}.old")
    if old.exists() and not target.exists():
        old.rename(target)


def keep_draft(target: Path) -> Path | None:
    """Move a draft edition beside the final one that takes its name: ``<edition>-du-thao-1``, ``-2`` …; None where there is no draft."""
    try:
        content = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not content.get("parameters", {}).get("draft"):
        return None
    names = (target.with_name(f"{target.name}-du-thao-{number}") for number in range(1, 1000))
    kept = next(name for name in names if not name.exists())
    shutil.copytree(target, kept)
    return kept


def replace(new: Path, target: Path, *, final: bool = False) -> None:
    """Put a finished folder in another's place; the old one stays until the new one stands, and a draft stays beside a final edition."""
    if final:
        keep_draft(target)
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)
