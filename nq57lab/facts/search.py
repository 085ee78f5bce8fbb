"""Searching the catalogue by words: indicators' and variables' codes, names and units in, those that match out.

Reads two files as plain cells, so that ``nq57 find`` answers before a table library has started.
"""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from nq57lab.base import wording


class Entry(NamedTuple):
    """An indicator, or a variable (its layer blank)."""

    code: str
    name_vi: str
    unit: str
    layer: str
    name_en: str = ""


def read(root: Path) -> list[Entry]:
    """Read the indicators, then the variables, of a data folder, unchecked.

    Raises
    ------
    OSError, UnicodeError, KeyError
        If a file cannot be read, or lacks a column: reading the whole catalogue says what is wrong.
    """
    found = []
    for name, code in (("indicators", "code"), ("variables", "id")):
        with open(root / "catalogue" / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
            found += [
                Entry(row[code], row["name_vi"], row["unit"], row.get("layer", ""), row.get("name_en", ""))
                for row in csv.DictReader(file, restval="")
            ]
    return found


def matching(entries: Iterable[Entry], words: str) -> list[Entry]:
    """Return the entries that hold every word in their code or a name, with or without accents; names that start with the words first.

    >>> [entry.code for entry in matching([Entry("A", "Nền kinh tế số", "%", "A"), Entry("B", "Kinh tế số", "%", "B")], "kinh te so")]
    ['B', 'A']
    """
    wanted = wording.plain(words)
    hits = [
        entry
        for entry in entries
        if any(_holds(wording.plain(f"{entry.code} {name}"), wanted.split()) for name in (entry.name_vi, entry.name_en))
    ]
    return sorted(hits, key=lambda entry: not wording.plain(entry.name_vi).startswith(wanted))


def _holds(text: str, words: Iterable[str]) -> bool:
    return all(word in text for word in words)
