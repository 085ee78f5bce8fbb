"""The tables as known on a day, put to SQL: one SELECT over DuckDB in memory, which can write nothing and open no file.

Knowledge and a query in, a frame out.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nq57lab.base.problems import CallError, Problem
from nq57lab.facts.known import Knowledge

if TYPE_CHECKING:
    import duckdb

CATALOGUE = (
    "indicators",
    "variables",
    "targets",
    "areas",
    "sources",
    "units",
    "groups",
    "weights",
    "links",
    "link_groups",
    "parameters",
    "zero_rules",
    "crosswalk",
)


def tables(known: Knowledge) -> dict[str, pd.DataFrame]:
    """Return the tables that a query reads: observations (as an edition uses them), versions (every vintage known), indicator_values, and
    those of the catalogue (:data:`CATALOGUE`)."""
    versions = known.entered_rows
    found = {
        "observations": known.table,
        "versions": versions[versions["vintage_end"] <= pd.Timestamp(known.known)],
        "indicator_values": known.values,
    }
    return found | {name: getattr(known.catalogue, name) for name in CATALOGUE}


def select(known: Knowledge, query: str, large: list[Path] | None = None) -> pd.DataFrame:
    """Return what one SELECT finds.

    Parameters
    ----------
    query : str
        One SELECT (or WITH … SELECT, DESCRIBE, SUMMARIZE) in DuckDB's SQL over :func:`tables`.
    large : list of Path, optional
        Parquet files read as the table ``large``; no other file can be opened.

    Returns
    -------
    DataFrame
        The columns that the query names.

    Raises
    ------
    CallError
        If the query is no such statement, or DuckDB does not understand it.
    """
    import duckdb

    found = known.derived("sql tables", lambda: tables(known))
    connection = _open(found, large) if large else known.derived("sql", lambda: _open(found))
    told = ""
    try:
        statements = connection.extract_statements(query)
        if len(statements) == 1 and statements[0].type == duckdb.StatementType.SELECT:
            return connection.execute(query).df()
        told = ", ".join(statement.type.name for statement in statements)
    except (duckdb.Error, TypeError, ValueError) as error:
        told = str(error).partition("\n")[0].partition(": ")[2] or str(error)
    names = ", ".join([*found, *(["large"] if large else [])])
    raise CallError([Problem("door_query", "sql", found=str(query).strip(), details={"tables": names, "detail": told})])


def _open(found: dict[str, pd.DataFrame], large: list[Path] | None = None) -> "duckdb.DuckDBPyConnection":
    import duckdb

    connection = duckdb.connect(config={"python_enable_replacements": False})
    for name, frame in found.items():
        connection.register(f"given_{name}", frame)
        connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM given_{name}')
        connection.unregister(f"given_{name}")
    if large:
        files = [str(path.resolve()) for path in large]
        connection.execute("SET allowed_paths = ?", [files])
        connection.from_parquet(files, union_by_name=True).create_view("large")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection
