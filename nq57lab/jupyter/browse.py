"""The series that an analyst's own report draws: the observations of a code that an edition uses, each with the row that it comes from.

An :class:`~nq57lab.documents.edition.Edition` and a code in, a table out (:func:`series`); to look around, use the door (``import nq57lab as nq``).
"""

import pandas as pd

from nq57lab.documents.edition import Edition
from nq57lab.reports import lookup

_HEADS = "period_end:ngay period:ky value:gia_tri unit:don_vi status:tinh_trang vintage:cong_bo source:nguon id:dong"
COLUMNS = dict(pair.split(":") for pair in _HEADS.split())


def used_rows(edition: Edition, code: str, area: str = "VN") -> pd.DataFrame:
    """Return the rows of a code that an edition uses, oldest first; neither parts (sex, item …) nor spans of several periods."""
    rows = lookup.history_rows(edition, code, area)
    whole = (rows["dims"] == "") & (rows["item"] == "") & ~rows["period"].str.contains("/", regex=False)
    return rows[rows["used"] & whole]


def series(edition: Edition, code: str, area: str = "VN") -> pd.DataFrame:
    """Return the observations of a code that an edition uses, oldest first.

    Returns
    -------
    DataFrame
        ngay (the period's last day), ky, gia_tri (in don_vi), don_vi, tinh_trang, cong_bo, nguon, dong (the row's id).
    """
    return used_rows(edition, code, area)[list(COLUMNS)].rename(columns=COLUMNS).reset_index(drop=True)
