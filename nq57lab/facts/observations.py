"""Observations: what was observed, read from the append-only files, and the only way to a figure, :func:`as_of`.

``data/observations/*.csv`` in; one table out, each row named by its file and line (``id``), with the last day of its
period and of its vintage. An edition sees the rows that were known (by vintage) and entered (by recorded) on its dates.
"""

from datetime import date

import numpy as np
import pandas as pd

from nq57lab.base import contract, formulas, periods, tables, wording
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.vintages import Breaks

_NOWHERE = np.array([], dtype=np.intp)
TRUSTED = ("official", "verified")  # what a final edition uses, and a ranking
KEY = ["subject", "area", "item", "period", "measure", "dims"]


def load(catalogue: Catalogue, verify: bool = True) -> pd.DataFrame:
    """Read, check and join every observations file of the catalogue's data folder.

    ``verify`` is False where these very files were checked before.

    Returns
    -------
    DataFrame
        The contract's columns and: ``id`` (file:row), ``period_end`` and ``vintage_end`` (datetime64), and
        ``vintage_partial`` (True where the vintage leaves out its day and so stands for the end of its period), the unit's
        ``family``, ``segment``: rows of one series may be joined only where it is the same (:mod:`nq57lab.facts.vintages`), and
        ``withdrawn`` (the day from which a row that the project entered wrongly is not used; "" of all others).

    Raises
    ------
    ProblemError
        With every problem of every file.
    """
    runs: list[tuple[list[str], list[list[str]]]] = []  # the rows of files with the same heads become one frame
    files: list[str] = []
    numbers: list[int] = []
    found: list[Problem] = []
    for path in sorted((catalogue.root / "observations").glob("*.csv")):
        try:
            heads, rows, lines = tables.read_cells(path, path.name)
        except ProblemError as error:
            found += error.problems
            continue
        shape = tables.header_problems(heads, contract.OBSERVATIONS, path.name)
        found += shape
        if shape:
            continue
        if not runs or runs[-1][0] != heads:
            runs.append((heads, []))
        runs[-1][1].extend(rows)
        files += [path.name] * len(lines)
        numbers += lines
    if not runs and not found:
        found = [Problem("missing_file", "data/observations", details={"file": "data/observations/*.csv"})]
    if not runs:
        raise ProblemError(found)
    frame = pd.concat([pd.DataFrame(rows, columns=heads, dtype=str) for heads, rows in runs], ignore_index=True)
    places = pd.DataFrame({"file": files, "row": numbers})
    shape = tables.problems(frame, contract.OBSERVATIONS, places) if verify else []
    if shape or found:
        raise ProblemError(found + shape)
    frame = tables.convert(frame, contract.OBSERVATIONS)
    if verify and (found := check(frame, catalogue, places)):
        raise ProblemError(found)
    family = dict(zip(catalogue.units["unit"], catalogue.units["family"], strict=True))
    names = places["file"].astype(str) + ":" + places["row"].astype(str)  # of an empty store too
    frame = frame.assign(id=names, family=frame["unit"].map(family))
    gone = catalogue.withdrawals
    if verify and (found := _withdrawn_nowhere(gone, set(frame["id"]))):
        raise ProblemError(found)
    frame = frame.assign(withdrawn=frame["id"].map(dict(zip(gone["id"], gone["recorded"], strict=True))).fillna(""))
    return add_dates(frame.assign(segment=Breaks(catalogue.breaks).of(frame)))


def _withdrawn_nowhere(withdrawals: pd.DataFrame, ids: set[str]) -> list[Problem]:
    """Return the withdrawals of rows, or replacements by rows, that are not in the store."""
    return [
        Problem("reference", "withdrawals.csv", line, column, row[column], {"target": "data/observations"})
        for line, row in enumerate(withdrawals.to_dict("records"), start=2)
        for column in ("id", "replaced_by")
        if row[column] and row[column] not in ids
    ]


def valid(frame: pd.DataFrame, entered: date | None = None) -> pd.DataFrame:
    """Return the rows that are not withdrawn by a day of entry (default: today's knowledge)."""
    if "withdrawn" not in frame:
        return frame
    day = entered.isoformat() if entered is not None else "9999-12-31"
    return frame[(frame["withdrawn"] == "") | (frame["withdrawn"] > day)]


def add_dates(frame: pd.DataFrame) -> pd.DataFrame:
    """Add the last day of each period and vintage, the flag of a partial vintage, and a ``segment`` where there is none."""
    ends = {text: pd.Timestamp(periods.end(text)) for text in {*frame["period"], *frame["vintage"]}}
    return frame.assign(
        period_end=pd.to_datetime(frame["period"].map(ends)),  # days in an empty store too
        vintage_end=pd.to_datetime(frame["vintage"].map(ends)),
        vintage_partial=frame["vintage"].str.len() != 10,
        segment=frame.get("segment", ""),
    )


def check(frame: pd.DataFrame, catalogue: Catalogue, places: pd.DataFrame) -> list[Problem]:
    """Return the problems that the columns' shapes do not show: codes, units and printed digits.

    Parameters
    ----------
    frame : DataFrame
        Converted observations.
    places : DataFrame
        ``file`` and ``row`` of each observation.
    """
    found = tables.references(frame, contract.OBSERVATIONS, places, vars(catalogue))

    def add(code: str, place: int, column: str, cell: object, **details: object) -> None:
        file, row = str(places["file"].iat[place]), int(places["row"].iat[place])
        found.append((place, Problem(code, file, row, column, str(cell), details)))

    family = dict(zip(catalogue.units["unit"], catalogue.units["family"], strict=True))
    expected = frame["subject"].map(catalogue.subject_units)
    apart = (frame["unit"].map(family) != expected.map(family)) & expected.notna() & frame["unit"].isin(family)
    for place in frame.index[apart]:
        add("unit_mismatch", place, "unit", frame.at[place, "unit"], expected=expected[place])
    for place in _unlike_printed(frame):
        add("printed_mismatch", place, "value", frame.at[place, "value"], printed=frame.at[place, "printed"])
    return [problem for _, problem in sorted(found, key=lambda pair: pair[0])]


def _unlike_printed(frame: pd.DataFrame) -> list[int]:
    """Return the places of rows whose printed digits (or the ends of a printed range) are not their value (and value_high)."""
    kept = frame[frame["printed"] != ""]
    cells = (kept[name].tolist() for name in ("value", "value_high", "printed"))
    return [
        int(place)
        for place, value, high, printed in zip(kept.index, *cells, strict=True)
        if not _fits([value, high] if high == high else [value], wording.printed_values(printed))
    ]


def _fits(values: list[float], read: tuple[float, ...]) -> bool:
    return len(read) == len(values) and all(
        abs(value - printed) <= 1e-9 * max(1.0, abs(value)) for value, printed in zip(values, read, strict=True)
    )


def as_of(frame: pd.DataFrame, known: date | None = None, entered: date | None = None) -> pd.DataFrame:
    """Return the figures known on a date: one row for each subject, area, item, period, measure and breakdown.

    Parameters
    ----------
    frame : DataFrame
        What :func:`load` returns.
    known : date, optional
        Only rows published on or before this day (``vintage``; a partial date means the end of its period).
    entered : date, optional
        Only rows entered here on or before this day (``recorded``), so that a late entry does not change a remade edition.

    Returns
    -------
    DataFrame
        The same columns, sorted by key.

    Notes
    -----
    A row that the project entered wrongly and withdrew is left out from the day of its withdrawal on (registers/withdrawals.csv), also
    where the right row has another key. A later entry of one source and vintage is a correction of the earlier one and replaces it, also when it lowers the
    status. Among the rows of one key: official before verified before estimate before self_reported; then the newest vintage,
    then the newest entry, then the later row.
    """
    rows = valid(frame, entered)
    if known is not None:
        rows = rows[rows["vintage_end"] <= pd.Timestamp(known)]
    if entered is not None:
        rows = rows[rows["recorded"] <= entered.isoformat()]
    rows = rows.sort_values("recorded", kind="stable").drop_duplicates([*KEY, "source", "vintage"], keep="last")
    rank = rows["status"].map({status: -place for place, status in enumerate(contract.STATUSES)})
    ordered = rows.assign(_rank=rank).sort_values(["_rank", "vintage_end", "recorded"], kind="stable")
    best = ordered.drop_duplicates(KEY, keep="last").drop(columns="_rank")
    return best.sort_values(KEY, kind="stable").reset_index(drop=True)


class Lookup:
    """Finds rows of an as-of table by reference; the resolver behind formulas, sentences and charts."""

    def __init__(self, table: pd.DataFrame):
        self.table = table
        self._ordered = table.sort_values(["period_end"], kind="stable")
        sorted_dims = {text: _dims_text(_dims(text)) for text in table["dims"].unique()}
        keys = [self._ordered[name] for name in ("subject", "area", "item")]
        keys.append(self._ordered["dims"].map(sorted_dims))
        numbered = self._ordered.reset_index(drop=True)
        self._places = numbered.groupby([key.to_numpy() for key in keys], sort=False).indices
        self._places_of = numbered.groupby("subject", sort=False).indices
        self._periods, self._measures = (numbered[name].to_numpy(object) for name in ("period", "measure"))

    def rows(self, reference: formulas.Reference, area: str = "VN", period: str = "") -> pd.DataFrame:
        """Return a reference's rows, oldest first; with a period (its own or the one given), of that period only."""
        return self._ordered.iloc[self._find(reference, area, period)]

    def row(self, reference: formulas.Reference, area: str = "VN", period: str = "") -> pd.Series | None:
        """Return a reference's newest row (by period), or None."""
        places = self._find(reference, area, period)
        return self._ordered.iloc[places[-1]] if len(places) else None

    def _find(self, reference: formulas.Reference, area: str, period: str) -> np.ndarray:
        """Return the places of a reference's rows, oldest first."""
        where = dict(reference.where)
        key_area, key_item = where.pop("area", area), where.pop("item", "")
        wanted, measure = where.pop("period", period), where.pop("measure", "")
        places = self._places.get((reference.name, key_area, key_item, _dims_text(where)), _NOWHERE)
        if measure:
            places = places[self._measures[places] == measure]
        return places[self._periods[places] == wanted] if wanted else places

    def breakdown(self, reference: formulas.Reference, dim: str, area: str = "VN", period: str = "") -> pd.DataFrame:
        """Return the rows of every value of one breakdown, or of every ``item``, in one period.

        Parameters
        ----------
        reference : Reference
            What is broken down; its measure, its item and its other breakdowns are kept.
        dim : str
            The breakdown's key, or ``item`` (an item of any area belongs to the nation).
        area, period : str
            Where the reference names none; without any period, the newest.

        Returns
        -------
        DataFrame
            Rows of one period and one measure. Where several periods (2026-06 and 2026-Q2) or measures end on the newest
            day, those that have the most rows; of equal ones the one that :meth:`row` would take.
        """
        where = dict(reference.where)
        key_area, wanted = where.pop("area", area), where.pop("period", period)
        measure, item = where.pop("measure", ""), where.pop("item", "")
        rows = self._ordered.iloc[self._places_of.get(reference.name, _NOWHERE)]
        rows = rows[(rows["area"] == key_area) | ((dim == "item") & (key_area == "VN"))]
        if dim == "item" and not item:
            rows = rows[rows["item"] != ""]
        else:
            rows = rows[rows["item"] == item]
        fits = {text: _breaks_down(text, dim, where) for text in rows["dims"].unique()}
        rows = rows[rows["dims"].map(fits).astype(bool)]
        if measure:
            rows = rows[rows["measure"] == measure]
        if wanted:
            rows = rows[rows["period"] == wanted]
        rows = rows[rows["period_end"] == rows["period_end"].max()]
        parts = [part for _, part in rows.groupby(["period", "measure"], sort=False)]
        return max(reversed(parts), key=len).sort_index() if parts else rows


def _dims(text: str) -> dict[str, str]:
    """Read a row's breakdowns: ``pillar=KHCN; kind=ict`` by key."""
    return dict(pair.split("=", 1) for pair in text.split("; ")) if text else {}


def _dims_text(dims: dict[str, str]) -> str:
    """Write breakdowns as the contract does, in the order of their keys."""
    return "; ".join(f"{key}={value}" for key, value in sorted(dims.items()))


def _breaks_down(text: str, dim: str, kept: dict[str, str]) -> bool:
    """Tell whether a row's breakdowns are the kept ones and, unless it is the item that varies, one value of ``dim``."""
    dims = _dims(text)
    keys = set(kept) | ({dim} if dim != "item" else set())
    return set(dims) == keys and all(dims[key] == value for key, value in kept.items())
