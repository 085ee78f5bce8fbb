"""Taking figures in: check a file against the catalogue and the store, then append it as a new file.

A CSV, XLSX or ODS file in; problems, or one new file of the store and a :class:`Receipt` out. Reading the cells is the work of
:mod:`nq57lab.store.entries` and :mod:`nq57lab.store.forms`, the rules are in :mod:`nq57lab.store.entry_rules`, the writing in
:mod:`nq57lab.store.disk`.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd

from nq57lab.base import contract, messages, tables
from nq57lab.base.problems import Notice, Problem, ProblemError
from nq57lab.facts import observations
from nq57lab.facts.catalogue import Catalogue
from nq57lab.store import disk, entries, entry_rules, forms, headed, sheets

NAMES = contract.OBSERVATIONS.names


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
    grid = sheets.read(path, headed.KNOWN)
    if forms.is_form(grid) or forms.keyless(grid):
        return forms.read(grid, catalogue, today, source, vintage)
    return entries.read(grid, catalogue, today, source, vintage, numbers)


def numeric(batch: entries.Batch) -> pd.DataFrame:
    """Return a batch's rows with their numbers as numbers; NaN where one could not be read."""
    frame = batch.frame.copy()
    for name in headed.NUMBERS:
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    return frame


def accepted(batch: entries.Batch, catalogue: Catalogue, existing: pd.DataFrame, reason: str) -> entries.Batch:
    """Return a batch whose questions are answered: by their row's note, and where that is blank by the reason, which the note keeps.

    What was answered is told. Without a reason nothing is added, and the questions without a note stay problems.
    """
    if batch.frame.empty or not (reason or (batch.frame["note"] != "").any()):
        return batch
    figures, before = numeric(batch), observations.as_of(existing)
    if reason:
        asked, _ = entry_rules.question_problems(batch, figures, before, catalogue)
        rows = {problem.row for problem in asked}
        here = batch.places["row"].isin(rows) & (batch.frame["note"] == "")
        batch = replace(batch, frame=batch.frame.assign(note=batch.frame["note"].mask(here, f"Đã xác nhận: {reason}")))
        figures["note"] = batch.frame["note"]
    _, answered = entry_rules.question_problems(batch, figures, before, catalogue)
    notes = dict(zip(batch.places["row"], batch.frame["note"], strict=True))
    told = [
        Notice(
            "answered", problem.file, problem.row, details={"question": problem.question(), "note": notes[problem.row]}
        )
        for problem in answered
    ]
    return replace(batch, told=(*batch.told, *told))


def problems(batch: entries.Batch, catalogue: Catalogue, existing: pd.DataFrame, today: date) -> list[Problem]:
    """Return every problem of a batch: cells, shapes, codes, values, parts, decisions, history, questions; in the file's order."""
    if batch.frame.empty:
        return [batch.as_headed(problem) for problem in batch.problems]
    found = [*batch.problems, *entry_rules.text_problems(batch)]
    shapes = tables.problems(batch.frame, contract.OBSERVATIONS, batch.places)
    found += entry_rules.with_options(entry_rules.without(shapes, batch))
    figures, before = numeric(batch), observations.as_of(existing)
    found += entry_rules.without(observations.check(figures, catalogue, batch.places), batch)
    found += entry_rules.value_problems(batch, figures, catalogue, today)
    found += entry_rules.decision_problems(batch, figures)
    found += entry_rules.part_problems(batch, figures, before, catalogue)
    twin = _twin(batch.frame, catalogue.root)
    if twin:
        found.append(
            Problem(
                "duplicate_import",
                str(batch.places["file"].iat[0]),
                found=messages.shape("row_count", count=len(figures)),
                details={"id": twin},
            )
        )
    else:
        found += entry_rules.history_problems(batch, figures, existing)
    if not found:  # a question about a figure that is refused is idle
        found += entry_rules.question_problems(batch, figures, before, catalogue)[0]
    once = (
        [problem for place, problem in enumerate(found) if problem not in found[:place]] if len(found) < 500 else found
    )
    return sorted((batch.as_headed(problem) for problem in once), key=lambda problem: problem.row or 0)


def check(
    path: Path,
    catalogue: Catalogue,
    existing: pd.DataFrame | None = None,
    *,
    source: str = "",
    vintage: str = "",
    numbers: str = "",
    today: date | None = None,
    accept: str = "",
) -> entries.Batch:
    """Check a file as the import would, without writing.

    Parameters
    ----------
    path : Path
        A CSV, XLSX or ODS file.
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
    accept : str
        The reason for the figures that raise a question; the note of each of their rows keeps it.

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
    existing = load(catalogue) if existing is None else existing
    batch = accepted(batch, catalogue, existing, accept)
    found = problems(batch, catalogue, existing, today)
    if found:
        raise ProblemError(found)
    return batch


def append(batch: entries.Batch, catalogue: Catalogue, *, today: date, wait: float = disk.WAIT) -> Receipt:
    """Check a batch against the store as it is now and append it as one new file.

    Parameters
    ----------
    batch : Batch
        What :func:`read` or :func:`check` returns.
    catalogue : Catalogue
        What codes, units and areas must be found in; its root is the store's.
    today : date
        The day of entry that the batch was read with.
    wait : float
        Seconds to wait for another import.

    Raises
    ------
    ProblemError
        With every problem of the file, or because the store is busy. The store is then as it was.
    """
    with disk.locked(catalogue.root, wait):
        existing = load(catalogue)
        found = problems(batch, catalogue, existing, today)
        if found:
            raise ProblemError(found)
        target = disk.append(batch.frame, catalogue.root, batch.records)
        disk.mend(catalogue.root)
    earlier = set(map(tuple, existing[entry_rules.SAME_ISSUE].to_numpy()))
    again = batch.frame[[tuple(row) in earlier for row in batch.frame[entry_rules.SAME_ISSUE].to_numpy()]]
    verified = int((again["status"] == "verified").sum())
    return Receipt(target, len(batch.frame), len(again) - verified, verified)


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
