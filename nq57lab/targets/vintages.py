"""Whether two figures of one indicator may be set against each other: vintages and definitions are never spliced.

Observations in, the reason against a comparison out ("" where none is seen). Two rows of one subject are comparable when their
sources are one publisher's series whose vintages do not contradict each other, or when two publishers give the same figure for a
period that both have.
"""

import re

import pandas as pd

_STEM = re.compile(r"^([A-Z]_[A-Z]+|[A-Z]\d+)")
TOLERANCE = 1e-9


def family(source: str) -> str:
    """Return a source without its vintage: ``P_GSO_20260105`` → ``P_GSO``.

    >>> family("P_GSO_20260105"), family("S004")
    ('P_GSO', 'S004')
    """
    found = _STEM.match(source)
    return found.group(1) if found else source


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
    if base["source"] == current["source"]:
        return ""
    one = (
        entries[entries["source"] == base["source"]]
        .drop_duplicates(["period"], keep="last")
        .set_index("period")["value"]
    )
    same = family(base["source"]) == family(current["source"])
    fits = entries["source"].map(family) == family(current["source"])
    other = entries[(entries["source"] == current["source"]) if same else fits]
    other = other.drop_duplicates(["period"], keep="last").set_index("period")["value"]
    mine = one if same else _family_values(entries, base["source"])
    both = mine.index.intersection(other.index)
    apart = both[(mine[both] - other[both]).abs() > TOLERANCE]
    if len(apart):
        return f"số gốc ({base['source']}) và số hiện nay ({current['source']}) thuộc hai đợt công bố tính khác nhau nên không ghép"
    if not same and both.empty:
        return f"số gốc ({base['source']}) và số hiện nay ({current['source']}) lấy từ hai nguồn, chưa rõ có cùng định nghĩa hay không nên không ghép"
    return ""


def _family_values(entries: pd.DataFrame, source: str) -> pd.Series:
    rows = entries[entries["source"].map(family) == family(source)]
    return rows.drop_duplicates("period", keep="last").set_index("period")["value"]


def one_series(entries: pd.DataFrame, rows: pd.DataFrame, current: pd.Series) -> pd.DataFrame:
    """Return the rows of an as-of series that may stand beside the current one, oldest first."""
    first = rows.drop_duplicates("source")
    fits = {row["source"]: objection(entries, row, current) == "" for _, row in first.iterrows()}
    return rows[rows["source"].map(fits).astype(bool)]
