"""Files that are written whole or not at all: what was there stays until the new file stands, and an error names the file.

A path in; the place aside at which it is written out. A full disk or a killed run leaves no file of 0 bytes and loses none.
"""

import glob
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def file(path: Path) -> Iterator[Path]:
    """Give the place at which a file, or a folder, is to be written; it takes its name in one step when that is done, else it is removed.

    Parameters
    ----------
    path : Path
        The file; its folder is made. A folder takes the place of none, or of an empty one.

    Raises
    ------
    OSError
        If it cannot be written; ``filename`` is the file's.
    """
    aside = aside_of(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield aside
        os.replace(aside, path)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        with suppress(OSError):
            shutil.rmtree(aside) if aside.is_dir() else aside.unlink(missing_ok=True)


@contextmanager
def folder(path: Path) -> Iterator[Path]:
    """Give the place at which the files of a folder are to be written; they come into it when all are done, else none does.

    Parameters
    ----------
    path : Path
        The folder. One that is not there yet takes its name in one step; one that is there keeps its other files.

    Raises
    ------
    OSError
        If it cannot be written; ``filename`` is the folder's.
    """
    if not path.is_dir():
        with file(path) as aside:
            aside.mkdir()
            yield aside
        return
    aside = aside_of(path / "nq57")
    try:
        aside.mkdir()
        yield aside
        for made in sorted(found for found in aside.rglob("*") if found.is_file()):
            target = path / made.relative_to(aside)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(made, target)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def work() -> Iterator[Path]:
    """Give a folder of the system's for the work of one run; those of runs that were killed are removed first."""
    sweep(Path(tempfile.gettempdir()).glob("nq57~*"))
    with tempfile.TemporaryDirectory(prefix=f"nq57~{os.getpid()}~") as folder:
        yield Path(folder)


def aside_of(path: Path) -> Path:
    """Return the place of this process aside of a path; what killed runs left aside of it is removed first."""
    sweep(path.parent.glob(f".{glob.escape(path.stem)}~*{glob.escape(path.suffix)}"))
    return path.with_name(f".{path.stem}~{os.getpid()}{path.suffix}")  # writers tell the kind by the ending


def sweep(left: Iterable[Path]) -> None:
    """Remove, of files and folders that name their process (``~pid``), those whose process is there no more."""
    for path in left:
        pid = re.search(r"~([0-9]+)", path.name)
        if pid and _ended(int(pid[1])):
            shutil.rmtree(path, ignore_errors=True)
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _ended(pid: int) -> bool:
    """Tell whether a process is there no more; where a system cannot say without ending it, it counts as there."""
    if os.name != "posix":
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):  # another user's
        return False
    return False


def write(path: Path, content: str | bytes) -> None:
    """Write a text (UTF-8, lines as they are) or bytes to a file, whole or not at all."""
    with file(path) as aside:
        aside.write_bytes(content.encode() if isinstance(content, str) else content)
