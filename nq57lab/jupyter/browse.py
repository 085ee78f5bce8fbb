"""Looking things up in a notebook: catalogue entries, observations with their source, targets, indices, richly shown.

``xem = Browser("2026-06-30")`` in a notebook's cell, then ``xem.find("kinh tế số")``, ``xem["A.02.02"]``,
``xem.observations("A.02.02")``: each is shown as a table by JupyterLab and holds its frame for further work.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nq57lab.base import wording
from nq57lab.documents import live
from nq57lab.documents.edition import Edition, Piece
from nq57lab.facts import catalogue
from nq57lab.reports import lookup

if TYPE_CHECKING:
    from nq57lab.composite.laboratory.pipeline import Build

COLUMNS = {
    "period_end": "ngay",
    "period": "ky",
    "value": "gia_tri",
    "unit": "don_vi",
    "status": "tinh_trang",
    "vintage": "cong_bo",
    "source": "nguon",
    "id": "dong",
}


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


class Shown:
    """A table that JupyterLab shows in Vietnamese; :attr:`frame` holds what was asked for, with its own columns and types."""

    def __init__(self, frame: pd.DataFrame, page: str):
        self.frame, self._page = frame, page

    def _repr_html_(self) -> str:
        return self._page

    def __repr__(self) -> str:
        return self.frame.to_string()


class Browser:
    """What is known on one day, to be looked at.

    Parameters
    ----------
    known : str
        Figures published up to this day, ISO.
    root : Path, optional
        The project's root (default: found from the working folder).

    Examples
    --------
    >>> xem = Browser("2026-06-30")
    >>> xem.find("kinh te so").frame["code"].tolist()[:2]
    ['A.02.02', 'A.02.12']
    """

    def __init__(self, known: str, root: Path | None = None):
        self.edition = Edition({"edition": "xem", "title": "Xem", "known": known}, root=root)

    def find(self, words: str) -> Shown:
        """Return the indicators and variables whose code or name holds the words, with or without Vietnamese marks."""
        hits = catalogue.find(self.edition.catalogue, words)
        named = hits.rename(columns={"code": "Mã", "name_vi": "Tên", "unit": "Đơn vị", "layer": "Lớp"}).astype(str)
        return Shown(hits, live.table(named, f"Tìm “{words}”", "l" * named.shape[1]))

    def __getitem__(self, code: str) -> Shown:
        """Return a catalogue entry: definition, unit, formula, agency, place in the text.

        Raises
        ------
        ProblemError
            If the catalogue has no such code.
        """
        frame = pd.DataFrame(lookup.definition_rows(self.edition, code), columns=["Mục", "Nội dung"])
        return Shown(frame, live.table(frame, frame["Nội dung"][1], "ll"))

    def observations(self, code: str, area: str = "VN") -> Shown:
        """Return the observations of a code used on this day, each with status, vintage and source; ``frame`` is :func:`series`."""
        rows = used_rows(self.edition, code, area)
        cells = pd.DataFrame(
            {
                "Kỳ": rows["period"].map(wording.period),
                "Giá trị": [wording.number(value, 2) for value in rows["value"]],
                "Đơn vị": rows["unit"],
                "Tình trạng": rows["status"].map(wording.STATUS_WORDS),
                "Công bố": rows["vintage"].map(wording.stamp),
                "Nguồn": [self.edition.source_name(source, dated=False) for source in rows["source"]],
                "Dòng dữ liệu": rows["id"],
            }
        ).astype(str)
        caption = f"{self.edition.catalogue.names[code]}, {self.edition.catalogue.names[area]}"
        return Shown(
            series(self.edition, code, area),
            live.table(cells, caption, "lrlllll", [f"Số liệu công bố đến ngày {self._day}."]),
        )

    def chart(self, code: str, area: str = "VN") -> Piece:
        """Return the chart of a code's history."""
        return lookup.chart(self.edition, code, area)

    def targets(self, code: str) -> Piece:
        """Return the targets set on a code, with gap and verdict."""
        return lookup.goals(self.edition, code)

    def related(self, code: str) -> Piece:
        """Return what is related to a code: the same quantity elsewhere, parts of its formula, formulas that use it."""
        return lookup.related(self.edition, code)

    def index(self, found: "Build") -> Shown:
        """Return a finished index: units from the best, with the index and the aggregates below it, and what its data say of themselves."""
        frame = found.framework
        listed = [frame.root, *(code for code in frame.children(frame.root) if code in frame.aggregates)]
        keys = [name for name in ("uCode", "Time") if name in found.scores]
        table = found.scores[[*keys, *listed]].assign(rank=found.ranks[frame.root].to_numpy())
        table.insert(
            1, "uName", table["uCode"].map(found.inputs.units.drop_duplicates("uCode").set_index("uCode")["uName"])
        )
        table = table.sort_values([*keys[1:], "rank"], kind="stable").reset_index(drop=True)
        cells = pd.DataFrame({"Hạng": [wording.number(rank, 0) for rank in table["rank"]], "Đơn vị": table["uName"]})
        cells = cells.assign(Kỳ=table["Time"]) if len(keys) > 1 else cells
        align = "r" + "l" * len(keys) + "r" * len(listed)
        for code in listed:
            cells[frame.names[code]] = [wording.number(value, 2) for value in table[code]]
        note = [f"{wording.capital(found.inputs.note)}."] if found.inputs.note else []
        return Shown(table, live.table(cells.astype(str), frame.names[frame.root], align, note))

    @property
    def _day(self) -> str:
        return wording.day(self.edition.known)
