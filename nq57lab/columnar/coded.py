"""Observations at scale: the store's work on tens of millions of rows, by columns of integer codes.

A Parquet file (or a table of observations) in, :class:`Columns` inside: each text column is encoded once as small integers
with sorted labels, each row gets the number of its key, and every step (checks, as_of, completeness, quarters) works on
those numbers. The figures chosen are those of :func:`nq57lab.observations.as_of`, row for row.
Reading and writing: :mod:`nq57lab.columnar.files`; checks: :mod:`nq57lab.columnar.checks`; completeness and quarters:
:mod:`nq57lab.columnar.summaries`.
"""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import numpy as np

from nq57lab import contract, periods
from nq57lab.observations import KEY

CODED = (*KEY, "unit", "status", "vintage", "recorded", "source")
# A table of all possible keys is used while it is at most this many times longer than the data; beyond, keys are sorted.
SPARSE = 4
SMALL = 1 << 24
# Blocks this small keep their arrays below the size that the system gives back and clears anew each time.
BLOCK = 1 << 20
THREADS = 2


@dataclass(frozen=True)
class Columns:
    """Observations by columns: for each coded column the rows' codes and the sorted labels they stand for; and the values."""

    codes: dict[str, np.ndarray]
    labels: dict[str, np.ndarray]
    value: np.ndarray

    def __len__(self) -> int:
        return len(self.value)


@dataclass(frozen=True)
class Index:
    """The rows of a :class:`Columns` by key.

    ``key`` numbers each row's key; ``last`` is the last row of each key number (−1 where no row has it); ``position`` is
    None where a key number is series × periods + period, else the array that gives it; ``series`` is how many series there
    are; ``contested`` lists the rows whose key has several rows.
    """

    key: np.ndarray
    last: np.ndarray
    position: np.ndarray | None
    series: int
    contested: np.ndarray


@dataclass(frozen=True)
class Known:
    """What is known on a date: for each figure its row, and its position (series × periods + period), ascending."""

    rows: np.ndarray
    position: np.ndarray
    series: int


def by_blocks(work: Callable[[slice], None], count: int, size: int = BLOCK) -> None:
    """Do a piece of work for each block of rows, two at a time (NumPy lets go of the interpreter while it computes)."""
    blocks = [slice(start, min(start + size, count)) for start in range(0, count, size)]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, blocks))


def smallest_type(count: int) -> type:
    """Return the smallest integer type that tells so many codes apart."""
    return np.uint8 if count <= 1 << 8 else np.uint16 if count <= 1 << 16 else np.int32


# The rows by key


def index(columns: Columns) -> Index:
    """Number the keys of the rows, and find the keys that several rows share.

    Notes
    -----
    Series and period are combined to one number each row. While the possible numbers are not many more than the rows, each
    row writes its place into a table of all numbers: a row that does not find itself there shares its key with a later
    one. Only those rows are ever sorted.
    """
    count = len(columns)
    key, size = _kinds(columns)
    for name in ("item", "area"):
        size = _append(key, size, columns, name)
        if size > SPARSE * count + SMALL:
            found, key = np.unique(key, return_inverse=True)
            size = len(found)
    series, position = size, None
    size = _append(key, size, columns, "period")
    if size > SPARSE * count + SMALL:
        position, key = np.unique(key, return_inverse=True)
        size = len(position)
    last = np.full(size, -1, dtype=np.int32 if count < 1 << 31 else np.int64)

    def place(block: slice) -> None:
        last[key[block]] = np.arange(block.start, block.stop, dtype=last.dtype)

    by_blocks(place, count)
    return Index(key, last, position, series, _contested(key, last))


def _kinds(columns: Columns) -> tuple[np.ndarray, int]:
    """Number the combinations of subject, measure and breakdown that occur; return each row's number and how many."""
    most = math.prod(len(columns.labels[name]) for name in KEY)
    key, size = np.zeros(len(columns), dtype=np.int32 if most < 1 << 31 else np.int64), 1
    for name in ("subject", "measure", "dims"):
        size = _append(key, size, columns, name)
    if size == len(columns.labels["subject"]):
        return key, size
    if size > SMALL:
        found, key = np.unique(key, return_inverse=True)
        return key, len(found)
    present = np.zeros(size, dtype=bool)

    def mark(block: slice) -> None:
        present[key[block]] = True

    def renumber(block: slice) -> None:
        key[block] = number[key[block]]

    by_blocks(mark, len(key))
    number = np.cumsum(present) - 1
    by_blocks(renumber, len(key))
    return key, int(np.count_nonzero(present))


def _append(key: np.ndarray, size: int, columns: Columns, name: str) -> int:
    """Extend a key (in place) by one more column; return how many numbers it may take."""
    codes, count = columns.codes[name], len(columns.labels[name])
    if count == 1:
        return size

    def extend(block: slice) -> None:
        key[block] *= count
        key[block] += codes[block]

    by_blocks(extend, len(key))
    return size * count


def _contested(key: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return the rows whose key has several rows, ascending."""
    if np.count_nonzero(last >= 0) == len(key):
        return np.zeros(0, dtype=np.int64)
    lost: list[np.ndarray] = []

    def look(block: slice) -> None:
        found = last[key[block]]
        lost.append(np.flatnonzero(found != np.arange(block.start, block.stop, dtype=found.dtype)) + block.start)

    by_blocks(look, len(key))
    rows = np.concatenate(lost)
    marked = np.zeros(len(last), dtype=bool)
    marked[key[rows]] = True
    return np.sort(np.concatenate([rows, last[np.flatnonzero(marked)]]))


# What is known


def as_of(columns: Columns, places: Index, known: date | None = None, entered: date | None = None) -> Known:
    """Choose the figures known on a date, by the rule of :func:`nq57lab.observations.as_of`.

    Returns
    -------
    Known
        One row for each key: the last entry of each source and vintage; of these official before verified before estimate
        before self_reported; then the newest vintage, the newest entry, the later row.
    """
    rank = {status: -place for place, status in enumerate(contract.STATUSES)}
    ranks = np.array([rank[text] + len(rank) for text in columns.labels["status"]])
    days = np.array([periods.end(text).toordinal() for text in columns.labels["vintage"]])
    ends = np.searchsorted(np.unique(days), days)
    allowed = _allowed(columns, days, known, entered)
    last = places.last.copy()
    rows = places.contested
    last[places.key[rows]] = -1
    if allowed is not None:
        out = np.flatnonzero(~allowed)
        out = out[last[places.key[out]] == out]
        last[places.key[out]] = -1
        rows = rows[allowed[rows]]
    rows = _uncorrected(columns, places, rows)
    key = places.key[rows]
    codes = {name: columns.codes[name][rows] for name in ("status", "vintage", "recorded")}
    order = sorted_order(key, ranks[codes["status"]], ends[codes["vintage"]], codes["recorded"])
    last[key[order]] = rows[order]
    filled, rows = _filled(last)
    position = filled if places.position is None else places.position[filled]
    return Known(rows, position, places.series)


def _filled(last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the entries that are not −1, and the entries."""
    starts = range(0, len(last), BLOCK)
    edges = np.cumsum([0, *(np.count_nonzero(last[start : start + BLOCK] >= 0) for start in starts)])
    place = np.empty(edges[-1], dtype=np.int32 if len(last) < 1 << 31 else np.int64)
    entry = np.empty(edges[-1], dtype=last.dtype)

    def pick(block: slice) -> None:
        found = np.flatnonzero(last[block] >= 0)
        span = slice(*edges[block.start // BLOCK :][:2])
        np.add(found, block.start, out=place[span], casting="unsafe")
        entry[span] = last[block][found]

    by_blocks(pick, len(last))
    return place, entry


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


def _uncorrected(columns: Columns, places: Index, rows: np.ndarray) -> np.ndarray:
    """Leave out rows that a later entry of the same key, source and vintage corrects."""
    if not len(rows):
        return rows
    parts = [places.key[rows], columns.codes["source"][rows], columns.codes["vintage"][rows]]
    order = sorted_order(*parts, columns.codes["recorded"][rows])
    ends = np.ones(len(rows), dtype=bool)
    ends[:-1] = np.logical_or.reduce([part[order][1:] != part[order][:-1] for part in parts])
    return rows[order[ends]]


def _allowed(columns: Columns, ends: np.ndarray, known: date | None, entered: date | None) -> np.ndarray | None:
    """Return which rows were published and entered by the dates; None when all were."""
    allowed = None
    vintages = ends <= known.toordinal() if known is not None else np.ones(len(ends), dtype=bool)
    labels = columns.labels["recorded"]
    entries = labels <= entered.isoformat() if entered is not None else np.ones(len(labels), dtype=bool)
    for name, kept in (("vintage", vintages), ("recorded", entries)):
        if not kept.all():
            one = kept[columns.codes[name]]
            allowed = one if allowed is None else allowed & one
    return allowed


def arrange(columns: Columns, known: Known) -> tuple[Columns, Known]:
    """Copy what is known into the order of its series and periods, so that later steps read it from front to back.

    Returns
    -------
    tuple
        The columns of the known figures, and the same :class:`Known` of them (row n is figure n).
    """
    size, series_rows = len(columns.labels["period"]), first_rows(known, len(columns.labels["period"]))
    by_series = {name: of_series(columns, name, series_rows) for name in KEY if name != "period"}
    codes = {
        name: code if code.strides == (0,) else np.empty(len(known.rows), code.dtype)
        for name, code in columns.codes.items()
    }
    codes = {name: code[: len(known.rows)] for name, code in codes.items()}
    value = np.empty(len(known.rows))

    def fill(block: slice) -> None:
        rows = known.rows[block].astype(np.int64)
        series, period = np.divmod(known.position[block], size)
        codes["period"][block] = period
        for name, code in codes.items():
            if name != "period" and code.strides != (0,):
                code[block] = by_series[name][series] if name in by_series else columns.codes[name][rows]
        value[block] = columns.value[rows]

    if codes["period"].strides == (0,):
        codes["period"] = codes["period"].copy()
    by_blocks(fill, len(known.rows))
    rows = np.arange(len(known.rows), dtype=known.rows.dtype)
    return Columns(codes, columns.labels, value), Known(rows, known.position, known.series)


def first_rows(known: Known, count: int) -> np.ndarray:
    """Return one row of each series (−1 for a series without a known figure); ``count`` is the number of periods."""
    edges = np.arange(known.series + 1) * count
    starts = np.searchsorted(known.position, edges.astype(known.position.dtype))
    first = np.full(known.series, -1, dtype=np.int64)
    some = np.flatnonzero(np.diff(starts))
    first[some] = known.rows[starts[some]]
    return first


def of_series(columns: Columns, name: str, first: np.ndarray) -> np.ndarray:
    """Return the codes of one column for each series, by :func:`first_rows`; meaningless where a series has no row."""
    return columns.codes[name][first] if len(columns) else np.zeros(len(first), columns.codes[name].dtype)
