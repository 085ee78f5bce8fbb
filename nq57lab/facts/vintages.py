"""Whether two figures of one indicator may be set against each other: vintages and definitions are never spliced, no break is crossed.

Observations and ``breaks.csv`` in, the reason against a comparison out ("" where none is seen). Two rows of one subject are comparable when their
sources are one publisher's series whose vintages do not contradict each other, or when two publishers give the same figure for a
period that both have.
"""

import re
from datetime import date

import pandas as pd

from nq57lab.base import periods
from nq57lab.base.messages import Reason, reason

COMPUTED = Reason("by_formula")  # what is called the source of a computed figure, which has none
QUANTITY = ["subject", "area", "item", "dims"]
WITHIN = "within"  # the mark of a period that contains a break: it is joined with nothing
_STEM = re.compile(r"^([A-Z]_[A-Z]+|[A-Z]\d+)")
TOLERANCE = 1e-9


def family(source: str) -> str:
    """Return a source without its vintage: ``P_GSO_20260105`` → ``P_GSO``.

    >>> family("P_GSO_20260105"), family("S004")
    ('P_GSO', 'S004')
    """
    found = _STEM.match(source)
    return found.group(1) if found else source


class Sources:
    """The values of one subject by source and by family of sources, each period's last one; made once for many comparisons."""

    def __init__(self, entries: pd.DataFrame):
        self.of: dict[str, dict[str, float]] = {}
        self.family: dict[str, dict[str, float]] = {}
        columns = (entries[name].tolist() for name in ("source", "period", "value"))
        for source, period, value in zip(*columns, strict=True):
            self.of.setdefault(source, {})[period] = value
            self.family.setdefault(family(source), {})[period] = value

    def objection(self, base: str, current: str) -> Reason | str:
        """Return why figures of two sources may not be compared (:func:`objection`)."""
        if base == current:
            return ""
        same = family(base) == family(current)
        mine = self.of.get(base, {}) if same else self.family.get(family(base), {})
        other = self.of.get(current, {}) if same else self.family.get(family(current), {})
        both = [period for period in mine if period in other]
        if any(abs(mine[period] - other[period]) > TOLERANCE for period in both):
            return reason("vintages_apart", base=base or COMPUTED, current=current or COMPUTED)
        if not same and not both:
            return reason("sources_apart", base=base or COMPUTED, current=current or COMPUTED)
        return ""


def objection(entries: pd.DataFrame, base: pd.Series, current: pd.Series) -> Reason | str:
    """Return why a base and a current figure may not be compared; "" where nothing speaks against it.

    Parameters
    ----------
    entries : DataFrame
        All observations of the subject, area and breakdown, every vintage.
    base, current : Series
        Two rows of it.

    Notes
    -----
    A publisher's two vintages contradict each other when a period that both publish has different figures (a recalculated series):
    then base and value must come from one vintage. Two publishers' figures count as one series only when they agree on a period that
    both have.
    """
    return apart(base, current) or Sources(entries).objection(base["source"], current["source"])


def parts_apart(entries: pd.DataFrame, base: pd.Series, current: pd.Series) -> Reason | str:
    """Return why two computed figures may not be compared: because of them, or of a part of one and the same part of the other."""
    if said := apart(base, current):
        return said
    one, other = (
        entries[entries["id"].isin(row["id"].split("; "))]
        .sort_values("period_end", kind="stable")
        .drop_duplicates(QUANTITY, keep="last")
        for row in (base, current)
    )
    for _, part in one.iterrows():
        for _, twin in other[(other[QUANTITY] == part[QUANTITY]).all(axis=1)].iterrows():
            if said := objection(entries[(entries[QUANTITY] == part[QUANTITY]).all(axis=1)], part, twin):
                return said
    return ""


def one_series(entries: pd.DataFrame, rows: pd.DataFrame, current: pd.Series) -> pd.DataFrame:
    """Return the rows of an as-of series that may stand beside the current one, oldest first."""
    rows = same_segment(rows, current)
    known = Sources(entries)
    fits = {source: known.objection(source, current["source"]) == "" for source in dict.fromkeys(rows["source"])}
    return rows[rows["source"].map(fits).astype(bool)]


class Breaks:
    """The breaks of a catalogue.

    Parameters
    ----------
    table : DataFrame
        ``breaks.csv``. A row with a ``period`` parts a series at the first day of that period; an interval (2006/2010) parts it at every one of
        its years, so that no change within it is taken. A row with ``of_source`` sets the figures of one source apart from all others.
    store : str
        Which store's series: observations, comparators or panels.
    """

    def __init__(self, table: pd.DataFrame, store: str = "observations"):
        self._days: dict[tuple[str, str], list[tuple[date, str]]] = {}
        self._sources: dict[tuple[str, str, str], str] = {}
        for row in table[table["store"] == store].to_dict("records"):
            key = row["subject"], row["area"]
            if row["of_source"]:
                self._sources[*key, row["of_source"]] = f"{row['of_source']}:{row['kind']}"
            else:
                known = self._days.setdefault(key, [])
                known += [(day, f"{text}:{row['kind']}") for text, day in _starts(row["period"])]
                known.sort()
        self.subjects = {subject for subject, *_ in (*self._days, *self._sources)}

    def segment(self, subject: str, area: str, period: str, source: str = "") -> str:
        """Return the label of the segment that a figure belongs to; "" before the first break, and where there is none.

        Examples
        --------
        >>> table = pd.DataFrame([("x", "", "2021", "", "definition", "observations")])
        >>> table.columns = ["subject", "area", "period", "of_source", "kind", "store"]
        >>> breaks = Breaks(table)
        >>> [breaks.segment("x", "VN", period) for period in ("2020-Q4", "2021-Q1", "2020/2022")]
        ['', '2021:definition', '2021:within 2020/2022']
        """
        if subject not in self.subjects:
            return ""
        own = next((found for area_ in (area, "") if (found := self._sources.get((subject, area_, source)))), "")
        start, end = periods.bounds(period)
        label = ""
        for day, text in sorted(self._days.get((subject, area), []) + self._days.get((subject, ""), [])):
            if start < day <= end:
                label = f"{text.split(':')[0]}:{WITHIN} {period}"
                break
            if day <= start:
                label = text
        return "; ".join(part for part in (own, label) if part)

    def of(self, frame: pd.DataFrame) -> pd.Series:
        """Return the segment of every row of a table with subject, area, period and source."""
        labels = pd.Series("", index=frame.index, dtype=object)
        own = frame[frame["subject"].isin(self.subjects)]
        cells = (own[name].tolist() for name in ("subject", "area", "period", "source"))
        labels.loc[own.index] = [self.segment(*row) for row in zip(*cells, strict=True)]
        return labels


def _starts(period: str) -> list[tuple[str, date]]:
    """Return the periods before which a series breaks, with their first days."""
    if "/" not in period:
        return [(period, periods.bounds(period)[0])]
    first, last = (int(part[:4]) for part in period.split("/"))
    return [(str(year), date(year, 1, 1)) for year in range(first, last + 1)]


def apart(first: pd.Series | dict, second: pd.Series | dict) -> Reason | str:
    """Return why two figures of one series may not be joined: "" where no break lies between them.

    Parameters
    ----------
    first, second : Series or dict
        Two rows with ``segment`` (a row without one has no break) and ``period``, in any order.
    """
    earlier, later = sorted((first, second), key=lambda row: periods.end(row["period"]))
    labels = [set(str(row.get("segment") or "").split("; ")) for row in (later, earlier)]
    apart = [part for own, other in (labels, labels[::-1]) for part in sorted(own - other) if part]
    if not apart:
        return ""
    where, kind = next((part for part in apart if f":{WITHIN}" in part), apart[0]).split(":", 1)
    said = Reason(f"break_{WITHIN if kind.startswith(WITHIN) else kind}")
    return reason("series_breaks", where=where, kind=said)


def same_segment(rows: pd.DataFrame, current: pd.Series | dict) -> pd.DataFrame:
    """Keep the rows of a table that may be joined with one of its rows."""
    return rows[rows["segment"] == current["segment"]] if "segment" in rows else rows
