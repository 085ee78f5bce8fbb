"""The tables as known on a day, put to SQL by a lab.

A lab and a query in, a result out (:mod:`nq57lab.facts.query`).
"""

import pandas as pd

from nq57lab.documents.edition import Piece
from nq57lab.door.result import Result, Session
from nq57lab.facts import query as sql


def select(lab: Session, query: str) -> Result:
    """Return what one SELECT finds.

    Parameters
    ----------
    lab : Session
    query : str
        One SELECT (or WITH … SELECT) in DuckDB's SQL over :func:`nq57lab.facts.query.tables`.

    Returns
    -------
    Result
        The columns that the query names; those called date or ending in _end as datetime.

    Raises
    ------
    CallError
        If the query is no such statement, or DuckDB does not understand it.
    """
    edition = lab.edition
    frame = sql.select(edition.known_tables, query)
    for name in frame.columns:
        if name == "date" or str(name).endswith("_end"):
            frame[name] = pd.to_datetime(frame[name], errors="coerce")

    def finding() -> Piece:
        edition.figures.place = "truy vấn"
        count = edition.count(len(frame), "số dòng tìm được", ("data/observations",))
        return edition.piece(f"**Truy vấn cho {count} dòng.** Số liệu như đã biết tại ngày của phiên làm việc.")

    return lab.result(frame, "Kết quả truy vấn", finding, name="truy-van")
