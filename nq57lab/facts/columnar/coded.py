"""Observations at scale: the store's work on tens of millions of rows, by columns of integer codes.

A Parquet file (or a table of observations) in, :class:`Columns` inside: each text column is encoded once as small integers
with sorted labels, each row gets the number of its key, and every step (checks, as_of, completeness, quarters) works on
those numbers. This module holds the columns and what all steps share. Reading and writing: :mod:`nq57lab.facts.columnar.files`;
the numbers of the keys: :mod:`nq57lab.facts.columnar.keys`; as_of: :mod:`nq57lab.facts.columnar.known`; checks:
:mod:`nq57lab.facts.columnar.checks`; completeness and quarters: :mod:`nq57lab.facts.columnar.summaries`.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from nq57lab.facts.observations import KEY

CODED = (*KEY, "unit", "status", "vintage", "recorded", "source")
# Arrays of so many rows stay in a core's cache, and in memory that is used again instead of cleared anew by the system.
BLOCK = 1 << 16
THREADS = 2


@dataclass(frozen=True)
class Columns:
    """Observations by columns: for each coded column the rows' codes and the sorted labels they stand for; and the values."""

    codes: dict[str, np.ndarray]
    labels: dict[str, np.ndarray]
    value: np.ndarray

    def __len__(self) -> int:
        return len(self.value)


def side_by_side(work: Callable, parts: Iterable) -> None:
    """Do a piece of work for each part, two at a time (NumPy lets go of the interpreter while it computes)."""
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, parts))


def by_blocks(work: Callable[[slice], None], count: int, size: int | None = None) -> None:
    """Do a piece of work for each block of rows (of so many rows, default :data:`BLOCK`), two at a time."""
    size = BLOCK if size is None else size
    side_by_side(work, (slice(start, min(start + size, count)) for start in range(0, count, size)))


def smallest_type(count: int) -> type:
    """Return the smallest integer type that tells so many codes apart."""
    return np.uint8 if count <= 1 << 8 else np.uint16 if count <= 1 << 16 else np.int32


def row_type(count: int) -> type:
    """Return the integer type that numbers so many rows, with room for −1."""
    return np.int32 if count < 1 << 31 else np.int64


def combinations(columns: Columns, names: Sequence[str]) -> int:
    """Return how many combinations of labels these columns may take."""
    return math.prod(len(columns.labels[name]) for name in names)


def combined(columns: Columns, names: Sequence[str], block: slice | np.ndarray) -> np.ndarray:
    """Number the combination of codes that each row holds in these columns, the first one first."""
    number: np.ndarray | None = None
    for name in names:
        count, codes = len(columns.labels[name]), columns.codes[name]
        if count == 1:
            continue
        if number is None:
            number = codes[block].astype(np.int64)
        else:
            number *= count
            number += codes[block]
    return np.zeros(len(columns.value[block]), dtype=np.int64) if number is None else number


def occurring(columns: Columns, names: Sequence[str]) -> np.ndarray:
    """Return for each possible combination of codes (see :func:`combined`) whether a row holds it."""
    size = combinations(columns, names)
    present = np.zeros(size, dtype=bool)

    def mark(block: slice) -> None:
        numbers = combined(columns, names, block)
        if size <= BLOCK:
            present[np.flatnonzero(np.bincount(numbers, minlength=size))] = True
        else:
            present[numbers] = True

    by_blocks(mark, len(columns))
    return present


def sorted_order(*parts: np.ndarray) -> np.ndarray:
    """Return the stable order by several arrays of non-negative integers, the first one first.

    Notes
    -----
    Where they fit, the parts and the place are packed into one integer each: sorting those is many times faster.
    """
    count, packed, size = len(parts[0]), parts[0].astype(np.int64), int(parts[0].max(initial=0)) + 1
    for part in parts[1:]:
        width = int(part.max(initial=0)) + 1
        size *= width
        if size * max(count, 1) >= 1 << 63:
            return np.lexsort(parts[::-1])
        packed *= width
        packed += part
    if size * max(count, 1) >= 1 << 63:
        return np.argsort(packed, kind="stable")
    packed *= max(count, 1)
    packed += np.arange(count)
    packed.sort()
    return packed % max(count, 1)
