"""Observations at scale, in and out: tables and Parquet files to :class:`~nq57lab.facts.columnar.Columns`, and back."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts import observations
from nq57lab.facts.columnar.coded import BLOCK, CODED, THREADS, Columns, by_blocks, smallest_type

ROW_GROUP = 1 << 20


def encode(frame: pd.DataFrame) -> Columns:
    """Encode a table of observations (the contract's columns); rows that were withdrawn are left out."""
    frame = observations.valid(frame)
    codes: dict[str, np.ndarray] = {}
    labels: dict[str, np.ndarray] = {}
    for name in CODED:
        found, names = pd.factorize(frame[name].astype(object), sort=True)
        codes[name], labels[name] = found.astype(smallest_type(len(names))), np.asarray(names, dtype=object)
    return Columns(codes, labels, frame["value"].to_numpy(float))


def read(path: Path) -> Columns:
    """Read a Parquet file of observations, two columns at a time.

    Where its own statistics show a column to hold one value, in the whole file or in a row group, it is not read.

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
    for batch in file.iter_batches(BLOCK, columns=["value"], use_threads=False):
        part = batch.column(0)
        value[start : start + len(part)] = part.cast(pa.float64()).to_numpy(zero_copy_only=False)
        start += len(part)
    return value


def _read_coded(path: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Read one text column as codes and sorted labels."""
    file = pq.ParquetFile(path, memory_map=True, read_dictionary=[name])
    count, groups = file.metadata.num_rows, range(file.num_row_groups)
    only = [_constant(file, name, group) for group in groups]
    if len(set(only)) == 1 and only[0] is not None:
        return np.broadcast_to(np.uint8(0), count), np.array([only[0]], dtype=object)
    places: dict[str, int] = {}
    codes, start = np.empty(count, dtype=np.uint8), 0
    for group, text in zip(groups, only, strict=True):
        for part in _places(file, name, group, places) if text is None else ():
            codes = codes.astype(smallest_type(len(places)), copy=False)
            codes[start : start + len(part)] = part
            start += len(part)
        if text is not None:
            place = places.setdefault(text, len(places))
            codes = codes.astype(smallest_type(len(places)), copy=False)
            stop = start + file.metadata.row_group(group).num_rows
            codes[start:stop] = place
            start = stop
    return _sorted(codes, np.array(list(places), dtype=object))


def _places(file: pq.ParquetFile, name: str, group: int, places: dict[str, int]) -> Iterator[np.ndarray]:
    """Yield the places of a row group's texts among all texts seen so far; add those that are new."""
    before, place = None, np.zeros(0, dtype=np.int32)
    for batch in file.iter_batches(BLOCK, row_groups=[group], columns=[name], use_threads=False):
        chunk = batch.column(0)
        if not pa.types.is_dictionary(chunk.type):
            chunk = chunk.dictionary_encode()
        if chunk.null_count:
            chunk = pc.fill_null(chunk.cast(chunk.type.value_type), "").dictionary_encode()
        if before is None or not chunk.dictionary.equals(before):
            before = chunk.dictionary
            place = np.array([places.setdefault(text, len(places)) for text in before.to_pylist()], dtype=np.int32)
        same = bool((place == np.arange(len(place))).all())
        yield chunk.indices.to_numpy() if same else place.take(chunk.indices.to_numpy())


def _sorted(codes: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number the codes (in place) by the order of their labels."""
    order = np.argsort(labels, kind="stable")
    rank: np.ndarray = np.empty(len(labels), dtype=codes.dtype)
    rank[order] = np.arange(len(labels))
    if (order != np.arange(len(order))).any():
        for start in range(0, len(codes), BLOCK):
            codes[start : start + BLOCK] = rank.take(codes[start : start + BLOCK])
    return codes, labels[order]


def _constant(file: pq.ParquetFile, name: str, group: int) -> str | None:
    """Return the one text that a row group holds in a column by its statistics, or None."""
    place = file.schema_arrow.names.index(name)
    statistics = file.metadata.row_group(group).column(place).statistics
    if statistics is None or not statistics.has_min_max or statistics.null_count or statistics.min != statistics.max:
        return None
    return statistics.min


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
    by_blocks(
        lambda part: _write_part(columns, path / f"part-{part.start // size}.parquet", rows, more, part), count, size
    )


def _write_part(
    columns: Columns, path: Path, rows: np.ndarray | None, more: dict[str, np.ndarray], part: slice
) -> None:
    labels = {name: pa.array(label, pa.string()) for name, label in columns.labels.items()}
    types = {name: pa.dictionary(pa.from_numpy_dtype(code.dtype), pa.string()) for name, code in columns.codes.items()}
    types |= {name: pa.from_numpy_dtype(array.dtype) for name, array in more.items()} | {"value": pa.float64()}
    # No cell is empty, and statistics of text cost as much as its writing.
    schema = pa.schema([pa.field(name, kind, nullable=False) for name, kind in types.items()])
    options = {"compression": "lz4", "use_dictionary": list(labels), "write_statistics": False}
    with pq.ParquetWriter(path, schema, write_batch_size=BLOCK, **options) as writer:
        for start in range(part.start, part.stop, ROW_GROUP) if part.stop else [0]:
            span = slice(start, min(start + ROW_GROUP, part.stop))
            taken = span if rows is None else rows[span]
            arrays = [
                pa.DictionaryArray.from_arrays(pa.array(code[taken]), labels[name], safe=False)
                for name, code in columns.codes.items()
            ]
            arrays += [pa.array(array) for array in (*(array[span] for array in more.values()), columns.value[taken])]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def decode(columns: Columns, rows: np.ndarray) -> pd.DataFrame:
    """Return rows of the columns as a table of text and values, in the order given."""
    frame = pd.DataFrame({name: columns.labels[name][code[rows]] for name, code in columns.codes.items()})
    return frame.astype(str).assign(value=columns.value[rows])
