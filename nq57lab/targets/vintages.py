"""Whether two figures of one indicator may be set against each other: vintages and definitions are never spliced.

Observations in, the reason against a comparison out ("" where none is seen). Two rows of one subject are comparable when their
sources are one publisher's series whose vintages do not contradict each other, or when two publishers give the same figure for a
period that both have.
"""

import re

import pandas as pd

from nq57lab.facts import breaks

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

    def objection(self, base: str, current: str) -> str:
        """Return why figures of two sources may not be compared (:func:`objection`)."""
        if base == current:
            return ""
        same = family(base) == family(current)
        mine = self.of.get(base, {}) if same else self.family.get(family(base), {})
        other = self.of.get(current, {}) if same else self.family.get(family(current), {})
        both = [period for period in mine if period in other]
        if any(abs(mine[period] - other[period]) > TOLERANCE for period in both):
            return f"số gốc ({base}) và số hiện nay ({current}) thuộc hai đợt công bố tính khác nhau nên không ghép"
        if not same and not both:
            return f"số gốc ({base}) và số hiện nay ({current}) lấy từ hai nguồn, chưa rõ có cùng định nghĩa hay không nên không ghép"
        return ""


def objection(entries: pd.DataFrame, base: pd.Series, current: pd.Series) -> str:
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
    return breaks.objection(base, current) or Sources(entries).objection(base["source"], current["source"])


def one_series(entries: pd.DataFrame, rows: pd.DataFrame, current: pd.Series) -> pd.DataFrame:
    """Return the rows of an as-of series that may stand beside the current one, oldest first."""
    rows = breaks.same_segment(rows, current)
    known = Sources(entries)
    fits = {source: known.objection(source, current["source"]) == "" for source in dict.fromkeys(rows["source"])}
    return rows[rows["source"].map(fits).astype(bool)]
