"""The keys of observations at scale: which number each row's key has, and which rows share one.

:class:`~nq57lab.facts.columnar.coded.Columns` in, :class:`Index` out. A series is a kind (subject, measure and breakdown) of an
item in an area; a key is a series and a period.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from nq57lab.facts.columnar.coded import Columns, by_blocks, combinations, combined, occurring, row_type

# A table of all possible keys is used while it is at most this many times longer than the data; beyond, keys are sorted.
SPARSE = 4
SMALL = 1 << 24
KIND = ("subject", "measure", "dims")
PLACE = ("item", "area")
Numbers = Callable[[slice], np.ndarray]


@dataclass(frozen=True)
class Index:
    """The rows of a :class:`~nq57lab.facts.columnar.coded.Columns` by key.

    A series is number head × ``tails`` + tail: head its kind, tail its item and area. ``key`` is the number of each row's key:
    (period × ``tails`` + tail) × ``heads`` + head where ``position`` is None, else ``position`` gives
    series × periods + period of each key number, ascending. ``last`` is a row of each key number (−1 where no row has it);
    ``contested`` lists the rows whose key has several rows.
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
    most, everything = SPARSE * count + SMALL, slice(None)
    kind, heads = _kinds(columns)
    tails = combinations(columns, PLACE)
    number, position = _mixed(partial(combined, columns, ("period", *PLACE)), heads, kind), None
    series = _mixed(kind, tails, partial(combined, columns, PLACE))
    if heads * tails > most:
        found, place = np.unique(series(everything), return_inverse=True)
        series, heads, tails = place.__getitem__, 1, len(found)
        number = _mixed(partial(combined, columns, ("period",)), tails, series)
    size = heads * tails * periods
    if size > most:
        position, key = np.unique(series(everything) * periods + columns.codes["period"], return_inverse=True)
        number, size = key.__getitem__, len(position)
    else:
        key = np.empty(count, dtype=row_type(size))
    last: np.ndarray = np.full(size, -1, dtype=row_type(count))
    lost: list[np.ndarray] = []

    def put(block: slice) -> None:
        found = number(block)
        key[block] = found
        last[found] = np.arange(block.start, block.stop, dtype=last.dtype)

    def look(block: slice) -> None:
        found = last.take(key[block]) != np.arange(block.start, block.stop, dtype=last.dtype)
        lost.append(np.flatnonzero(found) + block.start)

    by_blocks(put, count)
    by_blocks(look, count)
    rows = np.concatenate([*lost, np.zeros(0, dtype=np.int64)])
    shared = np.sort(key[rows])  # many times faster than numpy.unique, which hashes
    shared = shared[np.diff(shared, prepend=-1) != 0]
    return Index(key, last, heads, tails, position, np.sort(np.concatenate([rows, last[shared]])))


def _mixed(first: Numbers, count: int, second: Numbers) -> Numbers:
    """Return what numbers the pairs of two numbers, of which the second takes ``count`` values."""

    def number(rows: slice) -> np.ndarray:
        found = first(rows) * count
        found += second(rows)
        return found

    return number


def _kinds(columns: Columns) -> tuple[Numbers, int]:
    """Return what numbers the kinds of rows, and how many kinds occur."""
    size = combinations(columns, KIND)
    if size > SMALL:
        found, kinds = np.unique(combined(columns, KIND, slice(None)), return_inverse=True)
        return kinds.__getitem__, len(found)
    if size == len(columns.labels["subject"]):
        return lambda rows: combined(columns, KIND, rows), size
    number = np.cumsum(occurring(columns, KIND)) - 1
    return lambda rows: number.take(combined(columns, KIND, rows)), int(number[-1]) + 1 if size else 0
