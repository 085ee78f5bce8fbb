"""The keys of observations at scale: which number each row's key has, and which rows share one.

:class:`~nq57lab.columnar.coded.Columns` in, :class:`Index` out. A series is a kind (subject, measure and breakdown) of an
item in an area; a key is a series and a period.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nq57lab.columnar.coded import Columns, by_blocks, combinations, combined, occurring, row_type

# A table of all possible keys is used while it is at most this many times longer than the data; beyond, keys are sorted.
SPARSE = 4
SMALL = 1 << 24
KIND = ("subject", "measure", "dims")
PLACE = ("item", "area")


@dataclass(frozen=True)
class Index:
    """The rows of a :class:`~nq57lab.columnar.coded.Columns` by key.

    A series is number head × ``tails`` + tail: head its kind, tail its item and area. ``key`` numbers each row's key:
    (period × ``tails`` + tail) × ``heads`` + head where ``position`` is None, else ``position`` gives series × periods + period of
    each key number, ascending. ``last`` is a row of each key number (−1 where no row has it); ``contested`` lists the rows whose
    key has several rows.
    """

    key: np.ndarray
    last: np.ndarray
    heads: int
    tails: int
    position: np.ndarray | None
    contested: np.ndarray


def index(columns: Columns) -> Index:
    """Number the keys of the rows, and find the keys that several rows share.

    Notes
    -----
    While the possible keys are not many more than the rows, a key's number is its place in a table of periods × items and
    areas × kinds: observations arrive by period, agency and area, so rows near one another stand near one another in the table.
    Each row writes its own number into it: a row that does not find itself there shares its key with another one. Only those
    rows are ever sorted. Any other order gives the same table, with more of the way to memory.
    """
    count, periods = len(columns), len(columns.labels["period"])
    most = SPARSE * count + SMALL
    head, heads = _kinds(columns)
    tails = combinations(columns, PLACE)
    series: np.ndarray | None = None
    position: np.ndarray | None = None
    whole = slice(None)
    if heads * tails > most:
        found, series = np.unique(head(whole) * tails + combined(columns, PLACE, whole), return_inverse=True)
        heads, tails = 1, len(found)
    if heads * tails * periods > most:
        if series is None:
            series = head(whole) * tails + combined(columns, PLACE, whole)
        position, key = np.unique(series * periods + columns.codes["period"], return_inverse=True)
        size = len(position)
    else:
        size = heads * tails * periods
        key = np.empty(count, dtype=row_type(size))
    last = np.full(size, -1, dtype=row_type(count))

    def place(block: slice) -> None:
        if position is None:
            number = combined(columns, ("period",), block)
            number *= heads * tails
            if series is None:
                tail = combined(columns, PLACE, block)
                tail *= heads
                number += tail
                number += head(block)
            else:
                number += series[block]
            key[block] = number
        else:
            number = key[block]
        last[number] = np.arange(block.start, block.stop, dtype=last.dtype)

    by_blocks(place, count)
    return Index(key, last, heads, tails, position, _contested(key, last))


def _kinds(columns: Columns) -> tuple[Callable[[slice], np.ndarray], int]:
    """Return what numbers the kinds of a block of rows, and how many kinds occur."""
    size = combinations(columns, KIND)
    if size > SMALL:
        found, kinds = np.unique(combined(columns, KIND, slice(None)), return_inverse=True)
        return kinds.__getitem__, len(found)
    if size == len(columns.labels["subject"]):
        return lambda block: combined(columns, KIND, block), size
    number = np.cumsum(occurring(columns, KIND)) - 1
    return lambda block: number.take(combined(columns, KIND, block)), int(number[-1]) + 1 if size else 0


def _contested(key: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return the rows whose key has several rows, ascending."""
    lost: list[np.ndarray] = []

    def look(block: slice) -> None:
        found = last.take(key[block]) != np.arange(block.start, block.stop, dtype=last.dtype)
        lost.append(np.flatnonzero(found) + block.start)

    by_blocks(look, len(key))
    rows = np.concatenate([*lost, np.zeros(0, dtype=np.int64)])
    marked = np.zeros(len(last), dtype=bool)
    marked[key[rows]] = True
    return np.sort(np.concatenate([rows, last[np.flatnonzero(marked)]]))
