"""The data store: check a file, append it as a new file, and follow a figure through its corrections and verification.

A CSV or XLSX file in; problems, or one new file ``data/observations/<source>_<vintage>[_n].csv`` out. A file is written aside,
flushed to the disk and then given its name in one step, so that a reader, and a crash at any point, meets the store as it was before
or as it is after. Only one import writes at a time: it holds an operating system's lock, which dies with its process.
"""

import csv
import hashlib
import io
import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from nq57lab import contract, entries, entry_rules, forms, observations, sheets, tables
from nq57lab.catalogue import Catalogue
from nq57lab.problems import Problem, ProblemError

NAMES = contract.OBSERVATIONS.names
WAIT = 10.0


@dataclass(frozen=True)
class Receipt:
    """What an import did: the new file, its rows, and how many of them correct or verify an earlier figure."""

    path: Path
    rows: int
    corrections: int
    verifications: int


def load(catalogue: Catalogue) -> pd.DataFrame:
    """Return every row of the store, oldest entry first; an empty table where there is none yet."""
    if not any((catalogue.root / "observations").glob("*.csv")):
        empty = tables.convert(pd.DataFrame(columns=NAMES, dtype=str), contract.OBSERVATIONS)
        return observations.add_dates(empty.assign(id="", family="").astype({"value": float, "value_high": float}))
    return observations.load(catalogue).sort_values("recorded", kind="stable").reset_index(drop=True)


def read(
    path: Path,
    catalogue: Catalogue,
    *,
    source: str = "",
    vintage: str = "",
    numbers: str = "",
    today: date | None = None,
) -> entries.Batch:
    """Read a file into rows of the contract: a table with a head, or one of our forms.

    Raises
    ------
    ProblemError
        If the file cannot be read as a table.
    """
    today = today or date.today()
    grid = sheets.read(path, entries.KNOWN)
    if forms.is_form(grid):
        return forms.read(grid, catalogue, today, source, vintage)
    return entries.read(grid, catalogue, today, source, vintage, numbers)


def problems(batch: entries.Batch, catalogue: Catalogue, existing: pd.DataFrame, today: date) -> list[Problem]:
    """Return every problem of a batch: cells, shapes, codes, values, parts, decisions, history; in the file's order."""
    if batch.frame.empty:
        return batch.problems
    found = [*batch.problems, *entry_rules.text_problems(batch)]
    found += entry_rules.without(tables.problems(batch.frame, contract.OBSERVATIONS, batch.places), batch)
    numeric = batch.frame.copy()
    for name in entries.NUMBERS:
        numeric[name] = pd.to_numeric(numeric[name], errors="coerce")
    found += entry_rules.without(observations.check(numeric, catalogue, batch.places), batch)
    found += entry_rules.value_problems(batch, numeric, catalogue, today)
    found += entry_rules.decision_problems(batch, numeric)
    found += entry_rules.part_problems(batch, numeric, observations.as_of(existing), catalogue)
    twin = _twin(batch.frame, catalogue.root)
    if twin:
        found.append(
            Problem(
                "duplicate_import", str(batch.places["file"].iat[0]), found=f"{len(numeric)} dòng", details={"id": twin}
            )
        )
    else:
        found += entry_rules.history_problems(batch, numeric, existing)
    once = (
        [problem for place, problem in enumerate(found) if problem not in found[:place]] if len(found) < 500 else found
    )
    return sorted(once, key=lambda problem: problem.row or 0)


def check(
    path: Path,
    catalogue: Catalogue,
    existing: pd.DataFrame | None = None,
    *,
    source: str = "",
    vintage: str = "",
    numbers: str = "",
    today: date | None = None,
) -> entries.Batch:
    """Check a file as the import would, without writing.

    Parameters
    ----------
    path : Path
        A CSV or XLSX file.
    catalogue : Catalogue
        What codes, units and areas must be found in; its root is the store's.
    existing : DataFrame, optional
        The store's rows (:func:`load`).
    source, vintage : str
        For files that do not say them.
    numbers : {"", "vi", "en"}
        How the file writes numbers, where its sender has said so.
    today : date, optional
        The day of entry.

    Returns
    -------
    Batch
        The rows, in the contract's columns.

    Raises
    ------
    ProblemError
        With every problem of the file, by row and column.
    """
    today = today or date.today()
    batch = read(path, catalogue, source=source, vintage=vintage, numbers=numbers, today=today)
    found = problems(batch, catalogue, load(catalogue) if existing is None else existing, today)
    if found:
        raise ProblemError(found)
    return batch


def import_file(
    path: Path,
    catalogue: Catalogue,
    *,
    source: str = "",
    vintage: str = "",
    numbers: str = "",
    today: date | None = None,
    wait: float = WAIT,
) -> Receipt:
    """Check a file and append it to the store as one new file.

    The arguments are those of :func:`check`; ``wait`` is how many seconds to wait for another import.

    Raises
    ------
    ProblemError
        With every problem of the file, or because the store is busy. The store is then as it was.
    """
    today = today or date.today()
    batch = read(path, catalogue, source=source, vintage=vintage, numbers=numbers, today=today)
    with locked(catalogue.root, wait):
        existing = load(catalogue)
        found = problems(batch, catalogue, existing, today)
        if found:
            raise ProblemError(found)
        target = append(batch.frame, catalogue.root)
        if (catalogue.root / "datapackage.json").exists():
            described = json.dumps(tables.data_package(catalogue.root), ensure_ascii=False, indent=2) + "\n"
            replace(catalogue.root, catalogue.root / "datapackage.json", described.encode())
    earlier = set(map(tuple, existing[entry_rules.SAME_ISSUE].to_numpy()))
    again = batch.frame[[tuple(row) in earlier for row in batch.frame[entry_rules.SAME_ISSUE].to_numpy()]]
    verified = int((again["status"] == "verified").sum())
    return Receipt(target, len(batch.frame), len(again) - verified, verified)


def content(frame: pd.DataFrame) -> bytes:
    """Return rows as the bytes of an observations file: UTF-8, NFC, LF, the contract's columns."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(NAMES)
    writer.writerows(frame[NAMES].to_numpy().tolist())
    return out.getvalue().encode()


def _fingerprint(frame: pd.DataFrame) -> str:
    kept = frame[[name for name in NAMES if name not in ("recorded", "locator")]]
    return hashlib.sha256("\n".join(sorted("\x1f".join(row) for row in kept.to_numpy())).encode()).hexdigest()


def _twin(frame: pd.DataFrame, root: Path) -> str:
    """Return the store's file with the same content (but for the day of entry and the place in the sender's file), or ""."""
    stem = f"{frame['source'].iloc[0]}_{frame['vintage'].iloc[0]}"
    mine = ""
    for path in sorted((root / "observations").glob("*.csv")):
        if re.fullmatch(rf"{re.escape(stem)}(?:_\d+)?", path.stem):
            mine = mine or _fingerprint(frame)
            if _fingerprint(tables.read_text(path, path.name)) == mine:
                return path.name
    return ""


def append(frame: pd.DataFrame, root: Path) -> Path:
    """Write rows to a new file of the store, whole or not at all, and return its path. The caller holds the lock."""
    folder = root / "observations"
    stem = f"{frame['source'].iloc[0]}_{frame['vintage'].iloc[0]}"
    aside = write_aside(root, content(frame))
    try:
        for place in range(1, 10_000):
            target = folder / (f"{stem}.csv" if place == 1 else f"{stem}_{place}.csv")
            try:
                os.link(aside, target)  # one step, and never over a file that is there
                break
            except FileExistsError:
                continue
        else:
            raise OSError(f"too many files {stem}")
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
    with aside.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
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
    path = root / "cache" / "observations.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        deadline = time.monotonic() + wait
        while not _try_lock(handle):
            if time.monotonic() >= deadline:
                holder = os.pread(handle, 200, 0).decode("utf-8", "replace").strip() if hasattr(os, "pread") else "?"
                raise ProblemError(
                    [Problem("store_busy", found=f"đã chờ {wait:g} giây", details={"holder": holder or "?"})]
                )
            time.sleep(0.05)
        os.ftruncate(handle, 0)
        os.lseek(handle, 0, os.SEEK_SET)
        os.write(handle, f"pid {os.getpid()}".encode())
        yield
    finally:
        os.close(handle)


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


def trail(entered: pd.DataFrame, subject: str, area: str = "VN", period: str = "") -> pd.DataFrame:
    """Return every row of a figure in the order of entry: what it was, what it became, who verified it and why.

    Returns
    -------
    DataFrame
        id, recorded, vintage, source, period, dims, item, qualifier, value, unit, status, note, evidence, verified_by, verified_on,
        decision, public, public_decision and ``before``: the value of the row before it of the same key.
    """
    rows = entered[(entered["subject"] == subject) & (entered["area"] == area)]
    rows = rows[rows["period"] == period] if period else rows
    ordered = rows.sort_values(["recorded", "vintage_end"], kind="stable")
    before = ordered.groupby(observations.KEY, sort=False)["value"].shift()
    shown = [
        "id",
        "recorded",
        "vintage",
        "source",
        "period",
        "dims",
        "item",
        "qualifier",
        "value",
        "unit",
        "status",
        "note",
    ]
    shown += ["evidence", "verified_by", "verified_on", "decision", "public", "public_decision"]
    return ordered[shown].assign(before=before).reset_index(drop=True)
