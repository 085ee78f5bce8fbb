"""The tables as known on a day, put to SQL: one SELECT over SQLite in memory.

A lab and a query in, a result out; nothing is written, and no file can be opened from the query.
"""

import sqlite3

import pandas as pd

from nq57lab.base.problems import CallError, Problem
from nq57lab.documents.edition import Edition, Piece
from nq57lab.door.result import Result
from nq57lab.door.session import Session

ALLOWED = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
REFUSED = ("load_extension", "readfile", "writefile")
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


def tables(edition: Edition) -> dict[str, pd.DataFrame]:
    """Return the tables that a query reads: observations (as an edition uses them), versions (every vintage known), indicator_values, and
    those of the catalogue (:data:`CATALOGUE`)."""
    known = edition.known_tables
    versions = known.entered_rows
    found = {
        "observations": known.table,
        "versions": versions[versions["vintage_end"] <= pd.Timestamp(edition.known)],
        "indicator_values": known.values,
    }
    return found | {name: getattr(edition.catalogue, name) for name in CATALOGUE}


def select(lab: Session, query: str) -> Result:
    """Return what one SELECT finds.

    Parameters
    ----------
    lab : Session
    query : str
        One SELECT (or WITH … SELECT) in SQLite's SQL over :func:`tables`; days are ISO text.

    Returns
    -------
    Result
        The columns that the query names; those called date or ending in _end as datetime.

    Raises
    ------
    CallError
        If the query is no such statement, or SQLite does not understand it.
    """
    edition = lab.edition
    found = edition.known_tables.derived("sql tables", lambda: tables(edition))
    connection = edition.known_tables.derived("sql", lambda: _open(found))
    try:
        frame = pd.read_sql_query(query, connection)
    except (sqlite3.Error, pd.errors.DatabaseError, TypeError, ValueError) as error:
        told = str(error.__cause__ or error).splitlines()[-1]
        details = {"tables": ", ".join(found), "detail": told}
        raise CallError([Problem("door_query", "sql", found=str(query).strip(), details=details)]) from None
    for name in frame.columns:
        if name == "date" or str(name).endswith("_end"):
            frame[name] = pd.to_datetime(frame[name], errors="coerce")

    def finding() -> Piece:
        edition.figures.place = "truy vấn"
        count = edition.count(len(frame), "số dòng tìm được", ("data/observations",))
        return Piece(edition._plain(f"**Truy vấn cho {count} dòng.** Số liệu như đã biết tại ngày của phiên làm việc."))

    return lab.result(frame, "Kết quả truy vấn", finding, name="truy-van")


def _open(found: dict[str, pd.DataFrame]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    for name, frame in found.items():
        plain = frame.copy()
        for column in plain.select_dtypes("datetime").columns:
            plain[column] = plain[column].dt.strftime("%Y-%m-%d")
        plain.to_sql(name, connection, index=False)

    def authorise(action: int, first: str | None, second: str | None, *_: object) -> int:
        refused = action not in ALLOWED or second in REFUSED
        return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK

    connection.set_authorizer(authorise)
    return connection
