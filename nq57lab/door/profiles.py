"""Provinces and agencies at the door: the profile of one, and the panels, a series of all of them.

A lab and an area, or a series, in; a result out, written by the pages of the profiles in ``reports`` and from :mod:`nq57lab.comparators.panels`.
"""

from functools import partial
from typing import Any

import pandas as pd

from nq57lab.base import periods, printing, wording
from nq57lab.base.problems import CallError, Problem
from nq57lab.comparators.panels import SERIES, Panels
from nq57lab.documents import plain_numbers
from nq57lab.documents.edition import Edition, MissingFigure, Piece
from nq57lab.door import asked
from nq57lab.door.result import Result, Session
from nq57lab.reports import agency_pages, province_charts, province_pages

FIGURE = ("subject", "dims", "period", "value", "unit", "qualifier", "status", "vintage", "source")
PLACES = ("rank", "of", "median", "change", "before_period")


def _tidy(lab: Session, rows: pd.DataFrame, more: tuple[str, ...]) -> pd.DataFrame:
    """Return figures as columns worth a look: what, when, how much, whence, and the row's id."""
    found = rows[[*FIGURE, *more]].assign(row=rows["id"]).reset_index(drop=True)
    found.insert(1, "name", found["subject"].map(lab.edition.catalogue.names))
    return found


def profile(lab: Session, area: str) -> Result:
    """Return what is known of a province or an agency.

    Parameters
    ----------
    lab : Session
    area : str
        ``34:…``, a province, or ``agency:…``.

    Returns
    -------
    Result
        Of a province its newest figures: subject, name, dims, period, value in unit, qualifier, status, vintage, source, rank among the
        provinces that have one (1 is best), of (how many), median, change since before_period, row. Tables: position, strengths, beside, single, former, quality. Chart: places.
        Of an agency its own figures. Tables: tasks, led, own, quality.

    Raises
    ------
    CallError
        If the area is neither.
    """
    if area.startswith("34:"):
        return _province(lab, area)
    if area.startswith("agency:"):
        return _agency(lab, area)
    raise CallError([Problem("values", "profile", found=area, details={"allowed": "34:…, agency:…"})])


class Profile(Result):
    """A province's profile; in a document, a chart that has nothing to show is left out."""

    about: province_pages.Profile

    def chart(self, kind: str | None = None, label: str = "") -> Piece:
        """Return a chart (:meth:`nq57lab.door.result.Result.chart`); in a document nothing where no figure has a place among the others'."""
        drawn = province_pages.has_places(self.about)
        return super().chart(kind, label) if drawn or not self._page.in_document else Piece("")

    def slides(self) -> Piece:
        """Return the province's four slides, a piece of a report in the format pptx."""
        from nq57lab.reports.meeting import province_slides

        return province_slides.deck(self.about)


def _province(lab: Session, area: str) -> Result:
    found = province_pages.Profile(lab.edition, area)

    def places(edition: Edition):
        if not province_pages.has_places(found):
            raise MissingFigure(area)
        return province_charts.places(found)

    result = Profile(
        _tidy(lab, found.own, PLACES),
        f"Hồ sơ {found.name}",
        lab.edition,
        lambda: province_pages.summary(found),
        tables={
            name: partial(make, found)
            for name, make in {
                "position": province_pages.position,
                "strengths": province_pages.strengths,
                "beside": province_pages.beside,
                "single": province_pages.single,
                "former": province_pages.former,
                "quality": province_pages.quality,
            }.items()
        },
        charts={"places": places},
        name="ho-so",
        lang=lab.lang,
    )
    result.about = found
    return result


def _agency(lab: Session, area: str) -> Result:
    found = agency_pages.AgencyProfile(lab.edition, area)
    return lab.result(
        _tidy(lab, found.own, ()),
        f"Hồ sơ {found.name}",
        lambda: agency_pages.summary(found),
        tables={
            name: partial(make, found)
            for name, make in {
                "tasks": agency_pages.tasks,
                "led": agency_pages.led,
                "own": agency_pages.own,
                "quality": agency_pages.quality,
            }.items()
        },
        name="ho-so",
    )


def panels_of(lab: Session) -> Panels:
    """Return the panels of a lab's catalogue, read once."""
    return lab.edition.known_tables.derived("panels", lambda: Panels(lab.edition.catalogue))


def listed(lab: Session) -> Result:
    """Return every series of the panels.

    Returns
    -------
    Result
        series, name_vi, group, unit_vi, geography, coverage (whole, partial), first, last (years), source, licence. Table: series.
    """
    panels, page = panels_of(lab), lab.edition
    span = panels.values.groupby("series")["year"].agg(first="min", last="max")
    columns = ["series", "name_vi", "group", "unit_vi", "geography", "coverage", "source", "licence", "coverage_vi"]
    frame = _published(lab, panels)[columns].join(span).reset_index(drop=True)

    def finding() -> Piece:
        page.figures.place = "các chuỗi theo tỉnh, theo bộ"
        tables = ("panels/series.csv",)
        partial = page.count((frame["coverage"] == "partial").sum(), "số chuỗi chỉ có một phần bảng", tables)
        return page.piece(
            f"**{page.count(len(frame), 'số chuỗi theo tỉnh, theo bộ', tables)} chuỗi theo tỉnh, theo bộ; {partial} chuỗi chỉ có phần đầu bảng nên chỉ xem từng số, "
            "không xếp hạng, không lấy trung bình, không lập bản đồ.**"
        )

    def table() -> Piece:
        page.figures.place = "các chuỗi theo tỉnh, theo bộ"
        cells = [
            (
                row["series"],
                plain_numbers.constants(row["name_vi"], "tên chuỗi"),
                f"{row['first']}–{row['last']}",
                plain_numbers.constants(row["coverage_vi"], "phạm vi của chuỗi"),
            )
            for row in frame.to_dict("records")
        ]
        columns = "l20 Chuỗi | l35 Tên | l12 Năm | l33 Phạm vi"
        return page.table(cells, "Các chuỗi theo tỉnh, theo bộ", "tbl-chuoi-tinh", columns)

    return lab.result(frame, "Chuỗi theo tỉnh, theo bộ", finding, tables={"series": table}, name="chuoi-theo-tinh")


def panel(lab: Session, series: str, year: int | str = "") -> Result:
    """Return a year of one series by province or ministry.

    Parameters
    ----------
    lab : Session
    series : str
        A series of ``data/panels/series.csv``.
    year : int or str, optional
        Default: the newest.

    Returns
    -------
    Result
        unit (63:01), name, year, value in unit, rank (1 is best; NaN where the year may not be ranked: a partial list, too few units, no better
        direction), merged (the province of the 34 that the figure is also the figure of; "" where a merger changed it), note, source, locator. ``notes`` says what
        the series holds. Table: units.

    Raises
    ------
    CallError
        If there is no such series or year.
    """
    panels, page = panels_of(lab), lab.edition
    if series not in _published(lab, panels).index:
        raise CallError([Problem("reference", "panel", found=series, details={"target": SERIES.path})])
    about = panels.series.loc[series]
    rows = panels.rows(series)
    years = [str(number) for number in sorted(set(rows["year"]))]
    chosen = int(asked.one_of(str(year), tuple(years), "year")) if year else int(years[-1])
    here = rows[rows["year"] == chosen]
    refused = panels.refusal(series, chosen)
    ranks = pd.Series(dtype=float) if refused else panels.ranks(series, chosen)
    areas = lab.edition.catalogue.areas
    successor = areas[areas["id"].str.startswith("63:")].set_index("id")["successor"]
    alone = successor[~successor.duplicated(keep=False)]
    frame = pd.DataFrame(
        {
            "unit": here["unit"],
            "name": here["unit_name"],
            "year": chosen,
            "value": here["value"],
            "rank": here["unit"].map(ranks).astype(float),
            "merged": here["unit"].map(alone).fillna(""),
            "note": here["note"],
            "source": about["source"],
            "locator": here["locator"],
        }
    )
    frame = frame.sort_values(["rank", "unit"], kind="stable", ignore_index=True)
    said = _why(refused, about, len(here))

    def finding() -> Piece:
        page.figures.place = f"chuỗi {series}"
        whole = page.count(len(frame), f"số đơn vị có số của {series}", _rows(series))
        text = f"**{plain_numbers.constants(about['name_vi'], 'tên chuỗi')}, năm {chosen}: {whole} đơn vị có số.**"
        if frame["rank"].notna().any():
            first, last = frame.iloc[0], frame[frame["rank"].notna()].iloc[-1]
            text += f" Tốt nhất: {first['name']} ({_number(page, first, series, about)}); cuối: {last['name']} ({_number(page, last, series, about)})."
        return page.piece(text + (f" {plain_numbers.constants(said, 'phạm vi của chuỗi')}" if said else ""))

    def table() -> Piece:
        start = page.figures.at(f"chuỗi {series}")
        told = frame.to_dict("records")
        ranked = [page.computed(row["rank"], f"hạng theo {series}", _rows(series)) for row in told]
        numbers = [_number(page, row, series, about) for row in told]
        cells = list(zip(ranked, frame["name"], numbers, frame["note"].replace("", "–"), strict=True))
        title = f"{plain_numbers.constants(about['name_vi'], 'tên chuỗi')}, năm {chosen} ({about['unit_vi']})"
        note = plain_numbers.constants(said or about["coverage_vi"], "phạm vi của chuỗi")
        label = f"tbl-{series.replace('_', '-')}"
        columns = "r10 Hạng | l45 Đơn vị | r20 Giá trị | l25 Ghi chú"
        return page.table(cells, title, label, columns, note, wide=False, since=start)

    name = f"chuoi-{series.replace('_', '-')}"
    notes = " ".join(part for part in (said or about["coverage_vi"], about["note"]) if part)
    return lab.result(frame, f"{about['name_vi']}, {chosen}", finding, tables={"units": table}, name=name, notes=notes)


def _published(lab: Session, panels: Panels) -> pd.DataFrame:
    """Return the series that were published by the lab's day."""
    ends = panels.series["vintage"].map(periods.end)
    return panels.series[ends <= lab.edition.known]


def _rows(series: str) -> tuple[str, ...]:
    return (f"values.parquet:{series}",)


def _number(page: Edition, row: dict[str, Any] | pd.Series, series: str, about: pd.Series) -> str:
    """Write a figure of a panel and note it in the trace."""
    value = float(row["value"])
    places = min(printing.decimals_needed(value), 2 if abs(value) >= 1 else 4)
    what, sources = f"{series} của {row['name']}", (str(about["source"]),)
    return page.computed(value, what, _rows(series), decimals=places, period=str(row["year"]), sources=sources)


def _why(refused: str, about: pd.Series, count: int) -> str:
    """Return in words why a year is not ranked; "" where it is."""
    if refused == "panel_partial":
        return str(about["coverage_vi"])
    return f"Năm này chỉ có số của {wording.number(count)} đơn vị nên không xếp hạng." if refused else ""
