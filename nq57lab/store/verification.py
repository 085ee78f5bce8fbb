"""Verifying what the store holds: chosen rows in, the same figures as verified out, with who, when, by what evidence and decision.

A row is named by its id (``BC_BTP_2026-10-25.csv:2``), all rows of a file by the file. The store is added to, never edited: what is returned
goes the way of every import.
"""

from datetime import date
from pathlib import Path

import pandas as pd

from nq57lab.base import contract, tables
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts.catalogue import Catalogue
from nq57lab.store.entries import Batch

OPEN = ("self_reported", "estimate")


def batches(
    catalogue: Catalogue, chosen: list[str], said: dict[str, str], today: date, subjects: tuple[str, ...] = ()
) -> list[Batch]:
    """Return the batches that verify chosen rows, one for each file of the store that they are in.

    Parameters
    ----------
    chosen : list of str
        Ids of rows, or names of files (with or without ``.csv``).
    said : dict
        ``verified_by``, ``verified_on``, ``evidence`` and ``decision`` of all of them; ``public_decision`` of those that are public
        and name none.
    today : date
        The day of entry.
    subjects : tuple of str
        Of a file only these codes; all where empty.

    Raises
    ------
    ProblemError
        For every id or file that the store does not have, and every row that is verified or official already; for a decision to publish that no row lacks.
    """
    found, wanted = list[Problem](), dict[str, set[int]]()
    tables_of: dict[str, pd.DataFrame] = {}
    for name in chosen:
        file, _, row = name.partition(":")
        file = file if file.endswith(".csv") else f"{file}.csv"
        path = catalogue.root / "observations" / file
        if Path(file).name != file or not path.is_file():
            found.append(Problem("store_row", found=name))
            continue
        table = tables_of.setdefault(file, tables.read_text(path, file).reset_index(drop=True))
        if row and not (row.isdigit() and 2 <= int(row) <= len(table) + 1):
            found.append(Problem("store_row", found=name))
        elif row:
            if table["status"].iat[int(row) - 2] not in OPEN:
                found.append(Problem("verified_already", file, int(row), "status", table["status"].iat[int(row) - 2]))
            wanted.setdefault(file, set()).add(int(row))
        else:
            here = table["status"].isin(OPEN) & (table["subject"].isin(subjects) if subjects else True)
            wanted.setdefault(file, set()).update(int(place) + 2 for place in table.index[here])
    if found:
        raise ProblemError(found)
    said = dict(said)
    opening, opened, made = said.pop("public_decision", ""), 0, []
    for file, rows in wanted.items():
        frame = tables_of[file].reindex(columns=contract.OBSERVATIONS.names, fill_value="")
        frame = frame.iloc[[row - 2 for row in sorted(rows)]].reset_index(drop=True)
        if len(frame):
            frame = frame.assign(status="verified", recorded=today.isoformat(), **said)
            lacking = (frame["public"] == "yes") & (frame["public_decision"] == "")
            frame["public_decision"] = frame["public_decision"].mask(lacking & (opening != ""), opening)
            opened += int(lacking.sum())
            places = pd.DataFrame({"file": file, "row": sorted(rows)})
            made.append(Batch(frame, places, read=len(frame)))
    if not made:
        raise ProblemError([Problem("nothing_to_verify", found=", ".join(chosen))])
    if opening and not opened:
        raise ProblemError([Problem("nothing_to_publish", "--public-decision", found=opening)])
    return made
