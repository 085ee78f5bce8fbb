"""Writing to the store: whole or not at all, and one writer at a time.

Rows in, one new file ``data/observations/<source>_<vintage>[_n].csv`` out. A file is written aside, flushed to the disk and then given
its name in one step, so that a reader, and a crash at any point, meets the store as it was before or as it is after. Only one import
writes at a time: it holds an operating system's lock, which dies with its process.
"""

import csv
import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd

from nq57lab.base import contract, messages
from nq57lab.base.contract import RECORDS
from nq57lab.base.problems import Problem, ProblemError

NAMES = contract.OBSERVATIONS.names
WAIT = 10.0


def content(frame: pd.DataFrame, names: list[str] = NAMES) -> bytes:
    """Return rows as the bytes of a file of the store: UTF-8, NFC, LF, the contract's columns."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(frame[names].to_numpy().tolist())
    return out.getvalue().encode()


def append(frame: pd.DataFrame, root: Path, records: pd.DataFrame | None = None) -> Path:
    """Write rows to a new file of the store, whole or not at all, and return its path. The caller holds the lock.

    ``records`` are a C form's list; it gets the same name in its own folder first, and stands only once the rows have theirs.
    """
    folder = root / "observations"
    stem = f"{frame['source'].iloc[0]}_{frame['vintage'].iloc[0]}"
    names = (f"{stem}.csv" if place == 1 else f"{stem}_{place}.csv" for place in range(1, 10_000))
    target = next(folder / name for name in names if not (folder / name).exists())
    own = root / RECORDS.path / target.name
    own.unlink(missing_ok=True)  # what a killed import left
    if records is not None and len(records):
        own.parent.mkdir(parents=True, exist_ok=True)
        replace(root, own, content(records, RECORDS.names))
        flush_folder(own.parent)
    aside = write_aside(root, content(frame))
    try:
        os.link(aside, target)  # one step, and never over a file that is there
    finally:
        aside.unlink(missing_ok=True)
    flush_folder(folder)
    return target


def write_aside(root: Path, data: bytes) -> Path:
    """Write bytes to a file beside the store, flushed to the disk; what a killed import left there is removed first."""
    folder = root / "cache" / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.iterdir():
        left.unlink(missing_ok=True)
    aside = folder / f"{os.getpid()}.tmp"
    try:
        with aside.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        error.filename = str(aside)
        aside.unlink(missing_ok=True)
        raise
    return aside


def replace(root: Path, target: Path, data: bytes) -> None:
    """Replace a derived file in one step."""
    os.replace(write_aside(root, data), target)


def flush_folder(folder: Path) -> None:
    """Flush a folder's list of names to the disk, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


@contextmanager
def locked(root: Path, wait: float = WAIT) -> Iterator[None]:
    """Hold the store's lock; another process's is waited for, then told.

    The lock is the operating system's (it ends with its process, so none can be stale); the lock file's text only names the holder.
    """
    with held(root, "observations", wait, again=False) as free:
        if not free:
            waited = messages.shape("waited", seconds=f"{wait:g}")
            raise ProblemError([Problem("store_busy", found=waited, details={"holder": _holder(root, "observations")})])
        yield


@contextmanager
def held(root: Path, name: str, wait: float = 0.0, again: bool = True) -> Iterator[bool]:
    """Hold the lock of a name while it can be had within some seconds, and tell whether it is held.

    With ``again`` a lock that this process holds already counts as held: a run may sweep what its own name left.
    """
    if again and (str(root), name) in _HELD:
        yield True
        return
    path = root / "cache" / f"{name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, free = os.open(path, os.O_RDWR | os.O_CREAT, 0o644), False
    try:
        deadline = time.monotonic() + wait
        while not (free := _try_lock(handle)) and time.monotonic() < deadline:
            time.sleep(0.05)
        if free:
            os.ftruncate(handle, 0)
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, f"pid {os.getpid()}".encode())
            _HELD.add((str(root), name))
        yield free
    finally:
        if free:
            _HELD.discard((str(root), name))
        os.close(handle)


_HELD: set[tuple[str, str]] = set()


def _holder(root: Path, name: str) -> str:
    try:
        return (root / "cache" / f"{name}.lock").read_text(encoding="utf-8", errors="replace")[:200].strip() or "?"
    except OSError:
        return "?"


def mend(root: Path) -> None:
    """Finish what a killed import left: its file aside, and the description of the store's files.

    Nothing where another writes, or where the disk takes nothing: the next command that writes to the store finishes it.
    """
    described = root / "datapackage.json"
    with suppress(OSError), held(root, "observations") as free:
        if not free:
            return
        for left in (root / "cache" / "incoming").glob("*.tmp"):
            left.unlink(missing_ok=True)
        if described.exists():
            text = contract.package_text(root).encode()
            if described.read_bytes() != text:
                replace(root, described, text)


def _try_lock(handle: int) -> bool:
    try:
        import fcntl
    except ImportError:
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
