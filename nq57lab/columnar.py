"""Observations at scale: the store's work on tens of millions of rows, by columns of integer codes.

A Parquet file (or a table of observations) in, :class:`Columns` inside: each text column is encoded once as small integers
with sorted labels, each row gets the number of its key, and every step (checks, as_of, completeness, quarters) works on
those numbers. The results are those of :func:`nq57lab.observations.as_of` and of the contract's checks, row for row.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from nq57lab import contract, formulas, periods
from nq57lab.observations import KEY
from nq57lab.problems import Problem, ProblemError

CODED = (*KEY, "unit", "status", "vintage", "recorded", "source")
PROBLEM_COLUMNS = ["row", "code", "column", "found"]
MONTHS_A_QUARTER = 3
# A table of all possible keys is used while it is at most this many times longer than the data; beyond, keys are sorted.
SPARSE = 4
SMALL = 1 << 24
# Blocks this small keep their arrays below the size that the system gives back and clears anew each time.
BLOCK = ROW_GROUP = 1 << 20
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
    are; ``contested`` lists the rows whose key has several rows; ``ordered`` tells that the key numbers are in the order of
    the key's columns.
    """

    key: np.ndarray
    last: np.ndarray
    position: np.ndarray | None
    series: int
    contested: np.ndarray
    ordered: bool


@dataclass(frozen=True)
class Known:
    """What is known on a date: for each figure its row, and its position (series × periods + period), ascending."""

    rows: np.ndarray
    position: np.ndarray
    series: int
    ordered: bool


def _by_blocks(work: Callable[[slice], None], count: int, size: int = BLOCK) -> None:
    """Do a piece of work for each block of rows, two at a time (NumPy lets go of the interpreter while it computes)."""
    blocks = [slice(start, min(start + size, count)) for start in range(0, count, size)]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, blocks))


# Reading and writing


def encode(frame: pd.DataFrame) -> Columns:
    """Encode a table of observations (the contract's columns)."""
    codes, labels = {}, {}
    for name in CODED:
        found, names = pd.factorize(frame[name].astype(object), sort=True)
        codes[name], labels[name] = found.astype(_small(len(names))), np.asarray(names, dtype=object)
    return Columns(codes, labels, frame["value"].to_numpy(float))


def read(path: Path) -> Columns:
    """Read a Parquet file of observations, two columns at a time.

    A column that its own statistics show to hold one value is not read at all.

    Raises
    ------
    ProblemError
        For every column that is missing.
    """
    names = pq.ParquetFile(path).schema_arrow.names
    missing = [name for name in (*CODED, "value") if name not in names]
    if missing:
        raise ProblemError(Problem("missing_column", path.name, 1, n, details={"column": n}) for n in missing)
    with ThreadPoolExecutor(THREADS) as pool:
        value = pool.submit(_read_value, path)
        coded = list(pool.map(lambda name: _read_coded(path, name), CODED))
    codes = {name: code for name, (code, _) in zip(CODED, coded, strict=True)}
    return Columns(codes, {name: label for name, (_, label) in zip(CODED, coded, strict=True)}, value.result())


def _read_value(path: Path) -> np.ndarray:
    file = pq.ParquetFile(path, memory_map=True)
    value, start = np.empty(file.metadata.num_rows), 0
    for group in range(file.num_row_groups):
        for part in file.read_row_group(group, columns=["value"], use_threads=False).column(0).chunks:
            value[start : start + len(part)] = part.cast(pa.float64()).to_numpy(zero_copy_only=False)
            start += len(part)
    return value


def _read_coded(path: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Read one text column as codes and sorted labels."""
    file = pq.ParquetFile(path, memory_map=True, read_dictionary=[name])
    only = _constant(file, name)
    if only is not None:
        return np.broadcast_to(np.uint8(0), file.metadata.num_rows), np.array([only], dtype=object)
    places: dict[str, int] = {}
    parts = []
    for group in range(file.num_row_groups):
        for chunk in file.read_row_group(group, columns=[name], use_threads=False).column(0).chunks:
            if not pa.types.is_dictionary(chunk.type):
                chunk = chunk.dictionary_encode()
            if chunk.null_count:
                chunk = pc.fill_null(chunk.cast(chunk.type.value_type), "").dictionary_encode()
            local = [places.setdefault(text, len(places)) for text in chunk.dictionary.to_pylist()]
            parts.append(np.array(local, dtype=_small(len(places)))[chunk.indices.to_numpy()])
    labels = np.array(list(places), dtype=object)
    order = np.argsort(labels, kind="stable")
    rank = np.empty(len(labels), dtype=_small(len(labels)))
    rank[order] = np.arange(len(labels))
    codes, start = np.empty(file.metadata.num_rows, dtype=rank.dtype), 0
    same = bool((order == np.arange(len(order))).all())
    for part in parts:
        codes[start : start + len(part)] = part if same else rank[part]
        start += len(part)
    return codes, labels[order]


def _constant(file: pq.ParquetFile, name: str) -> str | None:
    """Return the one value that a column holds by the statistics of all its row groups, or None."""
    place = file.schema_arrow.names.index(name)
    seen = set()
    for group in range(file.num_row_groups):
        statistics = file.metadata.row_group(group).column(place).statistics
        if statistics is None or not statistics.has_min_max or statistics.null_count or len(seen) > 1:
            return None
        seen |= {statistics.min, statistics.max}
    return seen.pop() if len(seen) == 1 else None


def write(columns: Columns, path: Path, rows: np.ndarray | None = None, **more: np.ndarray) -> None:
    """Write rows of the columns, in the order given, as Parquet: one file, or a folder of parts where they are many.

    Parameters
    ----------
    columns : Columns
        The observations.
    path : Path
        A file; a folder with as many parts as there are threads when the rows are more than one row group.
    rows : array of int, optional
        Which rows (default: all).
    **more : array
        Numeric columns, one value a row written.
    """
    count = len(columns) if rows is None else len(rows)
    if count <= ROW_GROUP:
        _write_part(columns, path, rows, more, slice(0, count))
        return
    path.mkdir(parents=True)
    size = -(-count // THREADS)
    _by_blocks(
        lambda part: _write_part(columns, path / f"part-{part.start // size}.parquet", rows, more, part), count, size
    )


def _write_part(
    columns: Columns, path: Path, rows: np.ndarray | None, more: dict[str, np.ndarray], part: slice
) -> None:
    labels = {name: pa.array(label, pa.string()) for name, label in columns.labels.items()}
    fields = [pa.field(name, pa.dictionary(pa.int32(), pa.string())) for name in columns.codes]
    fields += [pa.field(name, pa.from_numpy_dtype(array.dtype)) for name, array in more.items()]
    schema = pa.schema([*fields, pa.field("value", pa.float64())])
    # Statistics of text cost as much as its writing.
    options = {"compression": "lz4", "use_dictionary": list(labels), "write_statistics": False}
    with pq.ParquetWriter(path, schema, **options) as writer:
        for start in range(part.start, part.stop, ROW_GROUP) if part.stop else [0]:
            span = slice(start, min(start + ROW_GROUP, part.stop))
            taken = span if rows is None else rows[span].astype(np.int64)
            arrays = [
                pa.DictionaryArray.from_arrays(pa.array(code[taken].astype(np.int32)), labels[name], safe=False)
                for name, code in columns.codes.items()
            ]
            arrays += [pa.array(array[span]) for array in more.values()]
            writer.write_table(pa.Table.from_arrays([*arrays, pa.array(columns.value[taken])], schema=schema))


def decode(columns: Columns, rows: np.ndarray) -> pd.DataFrame:
    """Return rows of the columns as a table of text and values, in the order given."""
    frame = pd.DataFrame({name: columns.labels[name][code[rows]] for name, code in columns.codes.items()})
    return frame.astype(str).assign(value=columns.value[rows])


def _small(count: int) -> type:
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
    ordered = size == len(columns.labels["subject"]) and len(columns.labels["item"]) == 1
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

    _by_blocks(place, count)
    return Index(key, last, position, series, _contested(key, last), ordered)


def _kinds(columns: Columns) -> tuple[np.ndarray, int]:
    """Number the combinations of subject, measure and breakdown that occur; return each row's number and how many."""
    key, size = np.zeros(len(columns), dtype=np.int64), 1
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

    _by_blocks(mark, len(key))
    number = np.cumsum(present) - 1
    _by_blocks(renumber, len(key))
    return key, int(np.count_nonzero(present))


def _append(key: np.ndarray, size: int, columns: Columns, name: str) -> int:
    """Extend a key (in place) by one more column; return how many numbers it may take."""
    codes, count = columns.codes[name], len(columns.labels[name])
    if count == 1:
        return size

    def extend(block: slice) -> None:
        key[block] *= count
        key[block] += codes[block]

    _by_blocks(extend, len(key))
    return size * count


def _contested(key: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return the rows whose key has several rows, ascending."""
    if np.count_nonzero(last >= 0) == len(key):
        return np.zeros(0, dtype=np.int64)
    lost: list[np.ndarray] = []

    def look(block: slice) -> None:
        found = last[key[block]]
        lost.append(np.flatnonzero(found != np.arange(block.start, block.stop, dtype=found.dtype)) + block.start)

    _by_blocks(look, len(key))
    rows = np.concatenate(lost)
    marked = np.zeros(len(last), dtype=bool)
    marked[key[rows]] = True
    return np.sort(np.concatenate([rows, last[np.flatnonzero(marked)]]))


# Checks


def validate(columns: Columns, places: Index, units: dict[str, str], families: dict[str, str], areas: Sequence[str]):
    """Check codes, units, statuses, periods and keys.

    Parameters
    ----------
    columns, places : Columns, Index
        The observations.
    units : dict
        The unit of each known subject.
    families : dict
        The family of each known unit.
    areas : sequence of str
        The known areas.

    Returns
    -------
    DataFrame
        row (0-based), code (of :data:`nq57lab.problems.MESSAGES`), column, found: every problem, by row.

    Notes
    -----
    A code is looked at once for each label, not for each row; a unit once for each pair of subject and unit.
    """
    found: list[pd.DataFrame] = []
    allowed = {
        "subject": ("reference", set(units)),
        "area": ("reference", set(areas)),
        "unit": ("reference", set(families)),
        "status": ("values", set(contract.STATUSES)),
        "measure": ("values", {"stock", "flow", "cumulative"}),
    }
    for name, (code, known) in allowed.items():
        found += _bad_labels(columns, name, code, [text not in known for text in columns.labels[name]])
    for name in ("period", "vintage", "recorded"):
        found += _bad_labels(columns, name, "pattern", [not _is_period(text) for text in columns.labels[name]])
    subjects, names = columns.labels["subject"], columns.labels["unit"]
    wanted = [families.get(units.get(text, "")) for text in subjects]
    given = [families.get(text) for text in names]
    apart = np.array([[a is not None and b is not None and a != b for b in given] for a in wanted]).ravel()
    if apart.any():
        pair = columns.codes["subject"].astype(np.int32) * np.int32(len(names)) + columns.codes["unit"]
        rows = np.flatnonzero(apart[pair])
        found.append(_problems(rows, "unit_mismatch", "unit", names[columns.codes["unit"][rows]]))
    missing = np.flatnonzero(np.isnan(columns.value))
    found.append(_problems(missing, "required", "value", ""))
    rows = _repeated(columns, places)
    found.append(_problems(rows, "duplicate", "", columns.labels["subject"][columns.codes["subject"][rows]]))
    joined = pd.concat(found, ignore_index=True)
    return joined.sort_values(["row", "code", "column"], kind="stable").reset_index(drop=True)


def _problems(rows: np.ndarray, code: str, column: str, found) -> pd.DataFrame:
    return pd.DataFrame({"row": rows.astype(np.int64), "code": code, "column": column, "found": found})[PROBLEM_COLUMNS]


def _bad_labels(columns: Columns, name: str, code: str, bad: list[bool]) -> list[pd.DataFrame]:
    """Return the rows of the labels that are bad; no row is looked at when none is."""
    if not any(bad):
        return []
    rows = np.flatnonzero(np.array(bad)[columns.codes[name]])
    return [_problems(rows, code, name, columns.labels[name][columns.codes[name][rows]])]


def _is_period(text: str) -> bool:
    try:
        periods.bounds(text)
    except ValueError:
        return False
    return True


def _repeated(columns: Columns, places: Index) -> np.ndarray:
    """Return the rows whose whole key (with status, vintage, source and date of entry) an earlier row has."""
    rows = places.contested
    if not len(rows):
        return rows
    rest = [name for name in contract.OBSERVATIONS.key if name not in KEY]
    parts = [places.key[rows], *(columns.codes[name][rows] for name in rest)]
    order = np.lexsort((rows, *parts))
    same = np.ones(len(rows) - 1, dtype=bool)
    for part in parts:
        same &= part[order][1:] == part[order][:-1]
    return np.sort(rows[order[1:][same]])


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
    ranks = np.array([rank[text] for text in columns.labels["status"]])
    ends = np.array([periods.end(text).toordinal() for text in columns.labels["vintage"]])
    allowed = _allowed(columns, ends, known, entered)
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
    order = np.lexsort((rows, codes["recorded"], ends[codes["vintage"]], ranks[codes["status"]], key))
    last[key[order]] = rows[order]
    filled = np.flatnonzero(last >= 0)
    position = filled if places.position is None else places.position[filled]
    return Known(last[filled], position, places.series, places.ordered)


def _uncorrected(columns: Columns, places: Index, rows: np.ndarray) -> np.ndarray:
    """Leave out rows that a later entry of the same key, source and vintage corrects."""
    if not len(rows):
        return rows
    parts = [places.key[rows], columns.codes["source"][rows], columns.codes["vintage"][rows]]
    order = np.lexsort((rows, columns.codes["recorded"][rows], *parts))
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


def in_order(columns: Columns, known: Known) -> np.ndarray:
    """Return the rows of what is known in the order of the key's columns."""
    if known.ordered:
        return known.rows
    return known.rows[np.lexsort([columns.codes[name][known.rows] for name in reversed(KEY)])]


# Completeness and quarters


def _first_rows(known: Known, count: int) -> np.ndarray:
    """Return one row of each series (−1 for a series without a known figure)."""
    starts = np.searchsorted(known.position, np.arange(known.series + 1) * count)
    first = np.full(known.series, -1, dtype=np.int64)
    some = np.flatnonzero(np.diff(starts))
    first[some] = known.rows[starts[some]]
    return first


def completeness(columns: Columns, known: Known, leads: dict[str, str], areas: Sequence[str]) -> pd.DataFrame:
    """Count the figures of each agency and period against those expected.

    Parameters
    ----------
    columns, known : Columns, Known
        The observations and what is known of them.
    leads : dict
        The agency that leads each subject.
    areas : sequence of str
        The areas that report every subject; others are not counted.

    Returns
    -------
    DataFrame
        agency, period, expected (subjects led × areas), observed (those with a figure), share (0–1).
    """
    count = len(columns.labels["period"])
    first = _first_rows(known, count)
    subject, area = (columns.codes[name][first].astype(np.int64) for name in ("subject", "area"))
    agencies = sorted(set(leads.values()))
    agency_of = np.array([agencies.index(leads[s]) if s in leads else -1 for s in columns.labels["subject"]])
    wanted = np.isin(columns.labels["area"], list(areas))
    counted = np.flatnonzero((first >= 0) & (agency_of[subject] >= 0) & wanted[area])
    present = np.zeros(known.series * count, dtype=bool)
    present[known.position] = True
    table = present.reshape(known.series, count)
    pairs = subject[counted] * len(wanted) + area[counted]
    if (np.diff(pairs) > 0).all():
        table = table if len(counted) == known.series else table[counted]
    else:
        order = np.argsort(pairs, kind="stable")
        starts = np.flatnonzero(np.diff(pairs[order], prepend=-1))
        table, pairs = np.logical_or.reduceat(table[counted[order]], starts, axis=0), pairs[order][starts]
    observed = np.zeros((len(agencies), count), dtype=np.int64)
    led = agency_of[pairs // len(wanted)]
    edges = np.flatnonzero(np.diff(led, prepend=-2))
    if len(edges):
        np.add.at(observed, led[edges], np.add.reduceat(table, edges, axis=0, dtype=np.int64))
    led_by = pd.Series(leads).value_counts()
    expected = np.repeat([int(led_by[agency]) * len(set(areas)) for agency in agencies], count)
    frame = pd.DataFrame(
        {
            "agency": np.repeat(agencies, count),
            "period": np.tile(columns.labels["period"].astype(str), len(agencies)),
            "expected": expected,
            "observed": observed.ravel(),
        }
    )
    return frame.assign(share=frame["observed"] / frame["expected"])


class _Parts:
    """Resolves a formula's references to tables of areas × quarters."""

    def __init__(self, tables: dict[str, np.ndarray], shape: tuple[int, int]):
        self.tables, self.blank = tables, np.full(shape, np.nan)

    def one(self, reference: formulas.Reference) -> np.ndarray:
        return self.blank if reference.where else self.tables.get(reference.name, self.blank)


def quarterly(
    columns: Columns, known: Known, rules: pd.DataFrame, parents: dict[str, str]
) -> tuple[Columns, np.ndarray]:
    """Roll months up to quarters, and areas to the area they belong to, by the catalogue's rules.

    Parameters
    ----------
    columns, known : Columns, Known
        The observations and what is known of them; only months are used.
    rules : DataFrame
        subject, over_time (sum, last, mean, recompute), over_areas (sum, mean, recompute, none), formula.
    parents : dict
        The area that each area belongs to.

    Returns
    -------
    tuple
        Columns of quarters (subject, area, item, period, measure, dims; value), by series and quarter, then those of the
        parent areas; and the number of months observed in each (parent areas: the least of their areas').

    Notes
    -----
    The rules are those of :mod:`nq57lab.rollup`: a quarter needs all its three months, else its value is NaN; a cumulative figure
    is always its last month's; recompute evaluates the subject's formula on its parts' quarters (figures without item or
    breakdown), a ratio is never averaged. A parent area gets a value where each of its areas has one, and where it has no figure
    of its own. All figures of a subject must be in one unit (:func:`validate` tells where the families differ).
    """
    labels = columns.labels
    quarters, months = _quarters(labels["period"])
    size = len(labels["period"])
    first = _first_rows(known, size)
    code = {name: columns.codes[name][first] for name in KEY if name != "period"}
    by_subject = rules.set_index("subject").reindex(labels["subject"])
    over_time = by_subject["over_time"].to_numpy()[code["subject"]]
    running = code["measure"] == _place(labels["measure"], "cumulative")
    over_time = np.where(running & np.isin(over_time, ["sum", "mean"]), "last", over_time)
    seen = np.zeros((known.series, len(quarters)), dtype=np.uint8)
    result = np.full(seen.shape, np.nan)

    def roll(block: slice) -> None:
        ends = np.searchsorted(known.position, [block.start * size, block.stop * size])
        cube = np.full((block.stop - block.start) * size, np.nan)
        span = slice(*ends)
        cube[known.position[span] - block.start * size] = columns.value[known.rows[span]]
        parts = [_months(cube.reshape(-1, size), months[:, place]) for place in range(MONTHS_A_QUARTER)]
        for part in parts:
            seen[block] += ~np.isnan(part)
        rule = over_time[block]
        total = parts[0] + parts[1] + parts[2]
        total[rule == "mean"] /= MONTHS_A_QUARTER
        total[~np.isin(rule, ["sum", "mean", "last"])] = np.nan
        last = rule == "last"
        total[last] = np.where(seen[block][last] == MONTHS_A_QUARTER, parts[2][last], np.nan)
        result[block] = total

    _by_blocks(roll, known.series, max(1, BLOCK // size))
    return _with_areas(columns, code, first, result, seen, quarters, by_subject, parents)


def _quarters(labels: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Return the quarters that have a month among the labels, and the places of their months (−1 for none)."""
    place = {text: at for at, text in enumerate(labels) if len(text) == 7 and text[5] in "01"}
    quarters = sorted({f"{text[:4]}-Q{(int(text[5:]) + 2) // 3}" for text in place})
    months = [[place.get(f"{q[:4]}-{3 * int(q[6]) - 2 + step:02d}", -1) for step in range(3)] for q in quarters]
    return quarters, np.array(months, dtype=np.int64).reshape(-1, MONTHS_A_QUARTER)


def _months(cube: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the columns at these places; NaN where a place is −1."""
    if len(places) and (places >= 0).all() and (np.diff(places) == MONTHS_A_QUARTER).all():
        return cube[:, places[0] : places[-1] + 1 : MONTHS_A_QUARTER]
    taken = cube[:, places]
    taken[:, places < 0] = np.nan
    return taken


def _with_areas(columns, code, first, result, seen, quarters, by_subject, parents) -> tuple[Columns, np.ndarray]:
    """Recompute ratios, add the parent areas, and return the quarters as columns."""
    labels = columns.labels
    plain = (code["item"] == _place(labels["item"], "")) & (code["dims"] == _place(labels["dims"], "")) & (first >= 0)
    above = sorted(set(parents.values()) - set(labels["area"]))
    areas = [*labels["area"], *above]
    at = {area: place for place, area in enumerate(areas)}
    shape = (len(areas), len(quarters))
    tables, months, places, own = {}, {}, {}, {}
    order = np.flatnonzero(plain)
    groups = np.split(order, np.flatnonzero(np.diff(code["subject"][order])) + 1) if len(order) else []
    children = [
        (
            at[parent],
            [at[area] for area in areas if parents.get(area) == parent],
            sum(v == parent for v in parents.values()),
        )
        for parent in dict.fromkeys(parents.values())
    ]
    added = []
    for group in groups:
        subject = labels["subject"][code["subject"][group[0]]]
        table, count = np.full(shape, np.nan), np.zeros(shape, dtype=np.uint8)
        table[code["area"][group]], count[code["area"][group]] = result[group], seen[group]
        tables[subject], months[subject], places[subject] = table, count, group
        own[subject] = np.isin(np.arange(len(areas)), code["area"][group])
    rules = by_subject["over_areas"]
    for subject, table in tables.items():
        for parent, below, number in children:
            if rules[subject] in ("sum", "mean") and not own[subject][parent] and len(below) == number:
                table[parent] = table[below].sum(axis=0) / (1 if rules[subject] == "sum" else number)
                months[subject][parent] = months[subject][below].min(axis=0)
    for subject, table in tables.items():
        if by_subject.at[subject, "over_time"] != "recompute" or not by_subject.at[subject, "formula"]:
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            value = formulas.evaluate(formulas.parse(by_subject.at[subject, "formula"]), _Parts(tables, shape))
        table[:] = np.where(np.isfinite(value), value, np.nan)
        result[places[subject]] = table[code["area"][places[subject]]]
    for subject in tables:
        for parent, below, number in children:
            if rules[subject] in ("sum", "mean", "recompute") and not own[subject][parent] and len(below) == number:
                added.append((subject, parent))
    return _as_columns(columns, code, first, result, seen, quarters, tables, months, added, areas)


def _place(labels: np.ndarray, text: str) -> int:
    found = np.flatnonzero(labels == text)
    return int(found[0]) if len(found) else -1


def _as_columns(
    columns, code, first, result, seen, quarters, tables, months, added, areas
) -> tuple[Columns, np.ndarray]:
    """Return the quarters of series and of parent areas as columns, without those that no month was seen of."""
    labels = {name: columns.labels[name] for name in KEY}
    labels["period"], labels["area"] = np.array(quarters, dtype=object), np.array(areas, dtype=object)
    subject_at = {text: place for place, text in enumerate(labels["subject"])}
    lead = {subject: int(np.flatnonzero(code["subject"] == subject_at[subject])[0]) for subject, _ in added}
    kept = (seen > 0) & (first >= 0)[:, None]
    series, quarter = (None, None) if kept.all() else np.nonzero(kept)
    extra = np.array([lead[subject] for subject, _ in added], dtype=np.int64)
    codes = {}
    for name in KEY:
        kind = _small(len(labels[name]))
        if name == "period":
            own = np.tile(np.arange(len(quarters), dtype=kind), len(seen)) if series is None else quarter.astype(kind)
            more = np.tile(np.arange(len(quarters), dtype=kind), len(added))
        else:
            source = code[name].astype(kind)
            own = np.repeat(source, len(quarters)) if series is None else source[series]
            parent = np.array([place for _, place in added], dtype=kind) if name == "area" else source[extra]
            more = np.repeat(parent, len(quarters))
        codes[name] = np.concatenate([own, more])
    value = [(result if series is None else result[kept]).ravel(), *(tables[s][place] for s, place in added)]
    count = [(seen if series is None else seen[kept]).ravel(), *(months[s][place] for s, place in added)]
    return Columns(codes, labels, np.concatenate(value)), np.concatenate(count)
