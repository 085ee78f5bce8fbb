"""Observations at scale, in and out: tables and Parquet files to :class:`~nq57lab.columnar.Columns`, and back."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from nq57lab.columnar.coded import BLOCK, CODED, THREADS, Columns, by_blocks, smallest_type
from nq57lab.problems import Problem, ProblemError

ROW_GROUP = BLOCK


def encode(frame: pd.DataFrame) -> Columns:
    """Encode a table of observations (the contract's columns)."""
    codes: dict[str, np.ndarray] = {}
    labels: dict[str, np.ndarray] = {}
    for name in CODED:
        found, names = pd.factorize(frame[name].astype(object), sort=True)
        codes[name], labels[name] = found.astype(smallest_type(len(names))), np.asarray(names, dtype=object)
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
            parts.append(np.array(local, dtype=smallest_type(len(places)))[chunk.indices.to_numpy()])
    labels = np.array(list(places), dtype=object)
    order = np.argsort(labels, kind="stable")
    rank: np.ndarray = np.empty(len(labels), dtype=smallest_type(len(labels)))
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
    seen: set[str] = set()
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
    by_blocks(
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
