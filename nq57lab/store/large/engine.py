"""Where large tables are worked on: DuckDB on this machine, or a Spark cluster; files and SQL in, tables and Parquet out.

An address (``duckdb``, ``spark://host:7077``, ``local-cluster[2,1,1024]``) in, an :class:`Engine` out. The SQL of the store's rules
(:mod:`nq57lab.store.large.rules`) is one text for both; what they do not share is here.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from nq57lab.base.problems import CallError, Problem

DAYS = ("period_end", "vintage_end", "recorded")  # dates in every Parquet file of the project
SUFFIXES = (".parquet", ".csv")
FILE = 40  # the bits of a row's number within its file; those above number the file
MANY, WORDS = (
    100_000,
    50_000,
)  # from so many rows on, a text column of at most so many different words is kept as numbers


class Engine(Protocol):
    """What the rules ask of whoever computes; every table is called by its name. ``files`` are those read last."""

    files: list[Path]

    def read(self, name: str, paths: Sequence[Path]) -> list[str]:
        """Name the rows of files and folders of partitions, with the number of each (``line``, see :func:`place_of`); return their columns."""

    def give(self, name: str, frame: pd.DataFrame) -> None:
        """Name a small table of text and numbers."""

    def make(self, name: str, query: str, keep: bool = False) -> None:
        """Name what a query finds; with ``keep`` it is computed once."""

    def frame(self, query: str) -> pd.DataFrame:
        """Return what a query finds, for results that are small."""

    def write(self, name: str, path: Path) -> None:
        """Write a table as Parquet, its days as dates."""


class DuckDB:
    """The engine on this machine."""

    def __init__(self) -> None:
        import duckdb

        self.connection = duckdb.connect()
        self.files: list[Path] = []

    def read(self, name: str, paths: Sequence[Path]) -> list[str]:
        """Read files, as :meth:`Engine.read` says."""
        self.files, kind = found_files(paths)
        self.connection.execute("SET preserve_insertion_order = true")  # rows are numbered as they stand in their file
        parts = []
        for number, file in enumerate(self.files):
            path, first = "'" + str(file).replace("'", "''") + "'", number << FILE
            if kind == ".parquet":
                parts.append(
                    f"SELECT * EXCLUDE (file_row_number), {first} + file_row_number AS line FROM read_parquet({path}, file_row_number = true)"
                )
            else:
                parts.append(
                    f"SELECT *, {first} + row_number() OVER () AS line FROM read_csv({path}, all_varchar = true, header = true)"
                )
        source = f"({' UNION ALL BY NAME '.join(parts)})"
        found = self.frame(f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {source})")
        columns = found["column_name"].tolist()
        rows = f"(SELECT {as_text(columns)} FROM {source} AS found)"
        words = [column for column, kind in found.itertuples(index=False) if kind == "VARCHAR" or column in DAYS]
        coded = self._coded(words, rows)
        chosen = ", ".join(
            f"CAST({column} AS {coded[column]}) AS {column}" if column in coded else column for column in columns
        )
        self.make(name, f"SELECT {chosen} FROM {rows}", keep=True)
        self.connection.execute("SET preserve_insertion_order = false")
        return columns

    def _coded(self, words: Sequence[str], rows: str) -> dict[str, str]:
        """Return the types of the text columns of many rows: enumerations of their words, compared and grouped as numbers, where these are few."""
        asked = ", ".join(f"approx_count_distinct({column})" for column in words)
        total, *counts = self.frame(f"SELECT count(*), {asked} FROM {rows}").iloc[0].tolist()
        coded = {column: f"word_{column}" for column, count in zip(words, counts, strict=True) if 0 < count <= WORDS}
        if total < MANY:
            return {}
        for column, kind in coded.items():
            distinct = (
                f"SELECT DISTINCT {column} FROM {rows} WHERE {column} IS NOT NULL ORDER BY 1"  # sorted, as text sorts
            )
            self.connection.execute(f"CREATE OR REPLACE TYPE {kind} AS ENUM ({distinct})")
        return coded

    def give(self, name: str, frame: pd.DataFrame) -> None:
        """Name a small table."""
        self.connection.register(f"{name}_given", frame)
        self.make(name, f"SELECT * FROM {name}_given", keep=True)

    def make(self, name: str, query: str, keep: bool = False) -> None:
        """Name what a query finds."""
        self.connection.execute(f"CREATE OR REPLACE TEMP {'TABLE' if keep else 'VIEW'} {name} AS {query}")

    def frame(self, query: str) -> pd.DataFrame:
        """Return what a query finds."""
        found = self.connection.execute(query).df()
        return found.astype(dict.fromkeys(found.select_dtypes("category"), "str"))

    def write(self, name: str, path: Path) -> None:
        """Write a table as Parquet."""
        columns = as_days(self.frame(f"SELECT * FROM {name} LIMIT 0").columns)
        path.parent.mkdir(parents=True, exist_ok=True)
        target = str(path).replace("'", "''")
        self.connection.execute(f"COPY (SELECT {columns} FROM {name}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")


class Spark:
    """The engine of a Spark cluster."""

    def __init__(self, master: str) -> None:
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master(master).appName("nq57lab").config("spark.ui.enabled", "false")
        if master.startswith("local"):  # few workers need few parts
            builder = builder.config("spark.sql.shuffle.partitions", "8")
        self.session: Any = builder.getOrCreate()
        self.files: list[Path] = []

    def read(self, name: str, paths: Sequence[Path]) -> list[str]:
        """Read files, as :meth:`Engine.read` says."""
        from functools import reduce

        self.files, kind = found_files(paths)
        parts = []
        for number, file in enumerate(self.files):
            if kind == ".parquet":
                rows, line = self.session.read.parquet(str(file.resolve())), "_metadata.row_index"
            else:
                rows, line = (
                    self.session.read.csv(str(file.resolve()), header=True),
                    "1 + monotonically_increasing_id()",
                )
            parts.append(rows.selectExpr("*", f"{number << FILE} + {line} AS line"))
        found = reduce(lambda above, below: above.unionByName(below, allowMissingColumns=True), parts)
        found.selectExpr(*as_text(found.columns).split(", ")).createOrReplaceTempView(name)
        return list(found.columns)

    def give(self, name: str, frame: pd.DataFrame) -> None:
        """Name a small table."""
        self.session.createDataFrame(frame.astype(object).to_dict("records")).createOrReplaceTempView(name)

    def make(self, name: str, query: str, keep: bool = False) -> None:
        """Name what a query finds."""
        found = self.session.sql(query)
        (found.cache() if keep else found).createOrReplaceTempView(name)

    def frame(self, query: str) -> pd.DataFrame:
        """Return what a query finds."""
        return self.session.sql(query).toPandas()

    def write(self, name: str, path: Path) -> None:
        """Write a table as Parquet."""
        found = self.session.table(name)
        found.selectExpr(*as_days(found.columns).split(", ")).write.mode("overwrite").parquet(str(path.resolve()))


def connect(address: str = "duckdb") -> Engine:
    """Return the engine at an address: ``duckdb``, or Spark's master (``spark://…``, ``local-cluster[…]``, ``local[…]``).

    Raises
    ------
    CallError
        If the address is none of these, or its package is not installed.
    """
    if address != "duckdb" and not address.startswith(("spark://", "local")):
        details: Mapping[str, str] = {"allowed": "duckdb, spark://…"}
        raise CallError([Problem("values", "--engine", found=address, details=dict(details))])
    try:
        return DuckDB() if address == "duckdb" else Spark(address)
    except ImportError as error:
        raise CallError(
            [Problem("engine_missing", "--engine", found=address, details={"package": error.name})]
        ) from None


def place_of(line: int, files: Sequence[Path]) -> tuple[str, int]:
    """Return the file of a row read, and its row there (a CSV file's head is row 1)."""
    return files[line >> FILE].name, (line & (1 << FILE) - 1) + 1


def as_text(columns: Sequence[str]) -> str:
    """Return the columns to select, days as text: rules compare ISO text."""
    return ", ".join(f"CAST({name} AS STRING) AS {name}" if name in DAYS else name for name in columns)


def as_days(columns: Sequence[str]) -> str:
    """Return the columns to select, days as dates."""
    return ", ".join(f"CAST({name} AS DATE) AS {name}" if name in DAYS else name for name in columns)


def found_files(paths: Sequence[Path]) -> tuple[list[Path], str]:
    """Return the files of paths, those of a folder in order, and their one ending.

    Raises
    ------
    CallError
        If a path is missing, a folder holds no such file, or CSV and Parquet are mixed.
    """
    found: list[Path] = []
    for path in paths:
        inside = sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES) if path.is_dir() else [path]
        if not inside or not all(file.is_file() for file in inside):
            raise CallError([Problem("missing_file", str(path), details={"file": path.name})])
        found += inside
    kinds = sorted({file.suffix for file in found})
    if len(kinds) != 1 or kinds[0] not in SUFFIXES:
        place = ", ".join(str(path) for path in paths)
        raise CallError([Problem("values", place, found=", ".join(kinds), details={"allowed": ".parquet, .csv"})])
    return found, kinds[0]
