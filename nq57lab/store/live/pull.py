"""Pulling a source: its series asked, checked and appended as one vintage, with the requests and the raw answers kept; or nothing at all.

``data/catalogue/pulls.csv`` (which series of which service stands for which subject) and the services' answers in; one new file of the store and
``data/pulls/<source>/<time>/`` out, on the same path as every import.
"""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from nq57lab.base import contract, tables
from nq57lab.base.problems import CallError, Notice, Problem, ProblemError
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.observations import KEY
from nq57lab.store import intake
from nq57lab.store.live import answers
from nq57lab.store.typed import plain_number

TABLE = contract.TABLES["pulls"]


@dataclass(frozen=True)
class Pulled:
    """What a pull did: the store's new file (None where the service has nothing new), its rows, where the answers are kept, what is told, what became of the rows read."""

    path: Path | None
    rows: int
    kept: Path | None
    told: tuple[Notice, ...] = ()
    read: int = 0
    blank: int = 0
    aside: int = 0


def sources(catalogue: Catalogue) -> pd.DataFrame:
    """Return the series that can be pulled (``data/catalogue/pulls.csv``)."""
    return tables.read(catalogue.root / TABLE.path, TABLE, others=vars(catalogue))


def pull(
    name: str,
    catalogue: Catalogue,
    today: date,
    *,
    timeout: float = answers.TIMEOUT,
    report: Callable[[str], None] = lambda series: None,
    accept: str = "",
) -> Pulled:
    """Ask a source for its series and append them as one vintage.

    Parameters
    ----------
    name : str
        The source's name in ``data/catalogue/pulls.csv``.
    catalogue : Catalogue
        Its root is the store's.
    today : date
        The day of entry, and the vintage where the service tells none.
    timeout : float
        Seconds without a byte after which a service counts as silent.
    report : callable
        Told each series before it is asked for.
    accept : str
        The reason for the figures that raise a question, as in :func:`nq57lab.store.intake.check`.

    Raises
    ------
    CallError
        If no such source is configured.
    ProblemError
        If a service does not answer as agreed, an area or a unit is another one, a period stands twice, a series or a period
        that the store has is no longer there, or a figure breaks a rule of the store. The store is then as it was.
    """
    known = sources(catalogue)
    wanted = known[known["pull"] == name]
    if wanted.empty:
        raise CallError(
            [Problem("values", "nq57 data pull", found=name, details={"allowed": ", ".join(known["pull"].unique())})]
        )
    existing = intake.load(catalogue)
    found: list[Problem] = []
    parts, raw, published = [], [], []
    for row in wanted.itertuples():
        report(row.series)
        try:
            answered = answers.KINDS[row.kind](row.address, row.series, row.area_code, timeout)
        except ProblemError as error:
            found += error.problems
            continue
        part, wrong = _rows(row, answered)
        found += wrong or _retracted(row, part, existing)
        parts.append(part)
        raw += answered.raw
        published.append(answered.published)
    if found:
        raise ProblemError(found)
    vintage = max(published) or today.isoformat()
    frame = pd.concat(parts, ignore_index=True).assign(
        vintage=vintage, recorded=today.isoformat(), public="yes", qualifier="="
    )
    if _unchanged(frame, existing):
        return Pulled(None, len(frame), None)
    frame = frame.reindex(columns=contract.OBSERVATIONS.names, fill_value="").drop(columns="recorded")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.csv"
        frame.to_csv(path, index=False)
        batch = intake.check(path, catalogue, existing, numbers="en", today=today, accept=accept)
        receipt = intake.append(batch, catalogue, today=today)
    kept = _keep(catalogue.root / "pulls" / name, receipt.path.stem, raw)
    return Pulled(receipt.path, receipt.rows, kept, batch.told, batch.read, batch.blank, batch.aside)


def _rows(row, answered: answers.Series) -> tuple[pd.DataFrame, list[Problem]]:
    """Return a series as rows of the store, and what is not as agreed: areas, units, periods that stand twice, no row at all."""
    table, place = answered.table, answered.raw[0].url
    wrong = [
        *(
            Problem("pull_area", place, found=code, details={"wanted": row.area_code})
            for code in sorted(set(table["area"]) - {row.area_code})
        ),
        *(
            Problem("pull_unit", place, found=code, details={"wanted": row.unit_code})
            for code in sorted(set(table["unit"]) - {row.unit_code})
        ),
        *(
            Problem("pull_twice", place, found=period)
            for period in sorted(table["period"][table["period"].duplicated()].unique())
        ),
    ]
    if table.empty:
        wrong.append(Problem("pull_empty", place, found=row.series))
    rows = table[["period", "value"]].assign(
        value=table["value"].map(plain_number) if table["value"].dtype == float else table["value"].astype(str),
        **{name: getattr(row, name) for name in ("subject", "area", "measure", "dims", "unit", "status", "source")},
        item="",
        locator=f"API: {row.series}",
    )
    return rows.sort_values("period", kind="stable"), wrong


def _retracted(row, part: pd.DataFrame, existing: pd.DataFrame) -> list[Problem]:
    """Return the periods of the series' newest vintage here that the service no longer has."""
    own = existing[(existing["source"] == row.source) & (existing["locator"] == f"API: {row.series}")]
    if own.empty:
        return []
    newest = own[own["vintage_end"] == own["vintage_end"].max()]
    gone = sorted(set(newest["period"]) - set(part["period"]))
    return (
        [Problem("pull_retracted", row.address, found=", ".join(gone), details={"series": row.series})] if gone else []
    )


def _unchanged(frame: pd.DataFrame, existing: pd.DataFrame) -> bool:
    """Tell whether the newest entry of every row here has the value pulled, and none is new."""
    own = existing[existing["source"].isin(set(frame["source"]))].sort_values(
        ["vintage_end", "recorded"], kind="stable"
    )
    newest = own.drop_duplicates(KEY, keep="last").set_index(KEY)["value"]
    asked = pd.to_numeric(frame.set_index(KEY)["value"], errors="coerce")
    return bool(asked.index.isin(newest.index).all() and (newest.reindex(asked.index) == asked).all())


def _keep(folder: Path, name: str, raw: list[answers.Answer]) -> Path:
    """Keep the answers as they came, with what was asked and when."""
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    asked = []
    for number, answer in enumerate(raw, start=1):
        (place / f"{number:03d}.txt").write_bytes(answer.body)
        asked.append({"file": f"{number:03d}.txt", "url": answer.url, "asked": answer.asked.isoformat()})
    (place / "requests.json").write_text(json.dumps(asked, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return place
