"""One indicator or variable: its definition, its series, every version of its figures, its targets, its forecast, what it is related to.

A lab and a code in; results out, written by the look-up pages, the targets and the outlook.
"""

from typing import TYPE_CHECKING

import pandas as pd

from nq57lab.base import wording
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.documents import plain_numbers
from nq57lab.documents.edition import Edition, MissingFigure, Piece, words
from nq57lab.door import asked, history
from nq57lab.door.result import Result, Session
from nq57lab.facts.crosswalk import same_as
from nq57lab.links import pages as link_pages
from nq57lab.outlook import macro
from nq57lab.reports import lookup

if TYPE_CHECKING:
    import altair as alt

HOME = "VN"
ELSEWHERE = 3  # figures of other codes told in a sentence; the table has all
OWN_CHART = "fig-cua-toi"
SERIES = [
    *("period", "date", "value", "unit", "qualifier", "status", "dims", "vintage", "source", "row"),
    *("formula", "same_series"),
]
TRAIL = [
    *("period", "date", "dims", "item", "value", "unit", "qualifier", "printed", "status", "vintage", "published"),
    *("recorded", "source", "locator", "note", "row", "used"),
]


class Subject(Result):
    """An indicator or a variable: :attr:`frame` is its definition (item, text); attributes code, name, unit, formula."""

    def __init__(self, lab: Session, code: str):
        edition, c = lab.edition, lab.edition.catalogue
        self.code, self.name, self.unit = code, c.names[code], c.subject_units.get(code, "")
        self.formula = c.formulas.get(code, "")
        self._lab = lab
        frame = pd.DataFrame(lookup.definition_rows(edition, code, lab.lang), columns=["item", "text"])
        super().__init__(
            frame,
            f"{code} {self.name}",
            edition,
            self._newest,
            tables={
                "definition": lambda: lookup.definition(edition, code),
                "elsewhere": lambda: lookup.elsewhere_table(edition, code, HOME),
            },
            charts={"history": lambda page: history.builder(code, HOME, series_frame(page, code, HOME))(page)},
            name=_label(code),
            lang=lab.lang,
        )

    def _newest(self) -> Piece:
        e = self._lab.edition
        e.figures.place = f"tra cứu {self.code}"
        figure = lookup.newest(e, self.code, HOME)
        if figure.missing:
            return e.piece(self._elsewhere())
        sources = wording.join(e.source_name(source) for source in figure.sources) or "tính từ công thức của danh mục"
        status = wording.STATUS_WORDS[figure.status]
        when = wording.period(figure.period)
        return e.piece(f"**{self.name}: {e.figures.write(figure)} ({when}).** {wording.capital(status)}; {sources}.")

    def _elsewhere(self) -> str:
        """Return what is known under other codes, in a sentence for each: the same first; none is the code's own figure but the same."""
        e = self._lab.edition
        found = lookup.elsewhere(e, self.code, HOME)
        same = [entry for entry in found if entry[0] == "same"][:1]
        told = [f"**{self.name}: {e.figures.no_data} đến ngày {wording.day(e.known)}.**"]
        for kind, other, name, figure, reason in same or found[:ELSEWHERE]:
            label = f"{other} {name}" if other in e.catalogue.subject_units else name
            why = plain_numbers.constants(reason, "số trong lời văn của danh mục")
            written = f"{label}: {e.figures.write(figure)} ({wording.period(figure.period)})"
            if kind == "same":
                told = [
                    f"**{self.name}: {e.figures.write(figure)} ({wording.period(figure.period)})**, số của {label}, cùng định nghĩa: {why}."
                ]
            else:
                told.append(f"{wording.capital(lookup.RELATIONS[kind])}: {written}; {why}.")
        if len(found) > ELSEWHERE and not same:
            rest = e.count(len(found) - ELSEWHERE, f"số liệu khác gần hoặc khác {self.code}", ("crosswalk.csv",))
            told.append(f"Còn {rest} số liệu khác ở bảng các mã khác.")
        return " ".join(told)

    def series(self, area: str = HOME) -> "Series":
        """Return every figure that an edition of the day uses, oldest first, breaks kept.

        Parameters
        ----------
        area : str
            An area, an agency or a block of the catalogue.

        Returns
        -------
        Series
            :data:`SERIES`; value in unit; date is the period's last day; formula where the value is computed (then row lists its parts);
            same_series tells which rows may stand beside the newest: periods of one length, one unit, one definition. Where the code has none,
            the figures of a code of the same definition, which the finding and the notes name.
        """
        place = asked.area(self._lab.edition.catalogue, area)
        return _series(self, self._lab, place)

    def trail(self, area: str = HOME) -> Result:
        """Return every version of each figure known on the day: vintages, corrections, and which one an edition uses (:data:`TRAIL`)."""
        return _trail(self, self._lab, asked.area(self._lab.edition.catalogue, area))

    def near(self) -> Result:
        """Return the near series ("chỉ báo gần") of a macro KPI: what to look at meanwhile, beside it and never in its place.

        Returns
        -------
        Result
            As :func:`nq57lab.door.ahead.near` returns it.
        """
        from nq57lab.door import ahead

        return ahead.near(self._lab, self.code)

    def targets(self) -> Result:
        """Return the targets set on the code, with gap and verdict (:func:`nq57lab.door.targets.of_code`)."""
        from nq57lab.door import targets

        return targets.of_code(self._lab, self.code)

    def forecast(self, to: int = 2030) -> Result:
        """Return the forecast up to a year, with intervals (:func:`nq57lab.door.ahead.forecast`)."""
        from nq57lab.door import ahead

        return ahead.forecast(self._lab, self.code, to)

    def related(self) -> Result:
        """Return the same quantity elsewhere, the parts of the formula, and formulas that use the code.

        Returns
        -------
        Result
            code, name, relation, note. Tables: related, dependents (targets, goals, programmes that hang on the code).
        """
        e, code = self._lab.edition, self.code
        frame = lookup.related_rows(e, code)

        def finding() -> Piece:
            e.figures.place = f"tra cứu {code}"
            if frame.empty:
                return Piece(f"**Danh mục chưa ghi nhận liên hệ nào của {code}.**")
            kinds = frame["relation"].value_counts()
            parts = [
                f"{e.count(number, f'liên hệ “{kind}” của {code}', ('crosswalk.csv', 'indicators.csv'))} {kind}"
                for kind, number in kinds.items()
            ]
            whole = e.count(len(frame), f"liên hệ của {code}", ("crosswalk.csv", "indicators.csv"))
            return e.piece(f"**{code} có {whole} liên hệ trong danh mục: {wording.join(parts)}.**")

        return self._lab.result(
            frame,
            f"Liên quan đến {code}",
            finding,
            tables={"related": lambda: lookup.related(e, code), "dependents": lambda: link_pages.hanging(e, code)},
            name=f"lien-quan-{_label(code)}",
        )


class Series(Result):
    """The figures of a code in an area; :meth:`draw` puts an analyst's own chart of them into a report."""

    name = ""

    def draw(
        self,
        chart: "alt.Chart",
        title: str = "{ten}: {cuoi}",
        shown: pd.DataFrame | None = None,
        label: str = OWN_CHART,
    ) -> Piece:
        """Draw an Altair chart in the report's theme, with source, and with every figure that it shows in the trace.

        Parameters
        ----------
        chart : Chart
            The chart, without a title.
        title : str
            What it shows; ``{ten}`` becomes the name of what is shown, ``{cuoi}`` the newest figure.
        shown : DataFrame, optional
            The rows of :attr:`frame` that it shows (default: all).
        label : str
            ``fig-…``, another for each chart.

        Raises
        ------
        ProblemError
            If ``shown`` has no column ``row``.
        """
        rows = self._frame if shown is None else shown
        if "row" not in rows:
            raise ProblemError([Problem("missing_column", "draw", 1, "row", details={"column": "row"})])

        def build(edition: Edition):
            if rows.empty:
                raise MissingFigure(label)
            figures = [history.figure_of(edition, row) for row in rows.to_dict("records")]
            written = [edition.figures.write(figure, markup=False) for figure in figures]
            named = title.replace("{cuoi}", written[-1]).replace("{ten}", self.name)
            unit = f"Đơn vị: {wording.join(sorted(set(rows['unit'])))}"
            alt = f"Biểu đồ {len(rows)} số liệu: {named}."
            return (lambda size: chart.properties(width=size.width - size.scale, height=230)), words(
                named, unit, named, alt
            )

        return self._traced(lambda: self._page.chart(build, label))

    @staticmethod
    def year_ends() -> "alt.Axis":
        """Return a time axis whose ticks say whose year ends there, for a chart of ``date``."""
        from nq57lab.charts import basic

        return basic.year_ends()


def series_frame(edition: Edition, code: str, area: str) -> pd.DataFrame:
    """Return :data:`SERIES` of a code in an area: as a report writes them, and what the formula computes."""
    known = edition.known_tables
    rows = known.measured[(known.measured["subject"] == code) & (known.measured["area"] == area)]
    rows = rows[rows["item"] == ""]
    written = [edition.figures.of_row(row) for _, row in rows.iterrows()]
    frame = rows.assign(
        date=rows["period_end"],
        value=[figure.value for figure in written],
        qualifier=[figure.qualifier for figure in written],
        status=[figure.status for figure in written],
        formula=[figure.formula for figure in written],
        row=rows["id"],
    )
    one = macro.series(known.measured, known.entered_rows, code, edition.known, area)
    frame["same_series"] = frame["row"].isin(one["id"]).astype(bool)
    ordered = frame.sort_values(["date", "dims", "period"], kind="stable", ignore_index=True)
    return ordered[SERIES].astype({"value": float})


def _series(x: Subject, lab: Session, area: str) -> Series:
    e, code = lab.edition, x.code
    frame = series_frame(e, code, area)
    for other in same_as(e.catalogue, x.code)[1:] if frame.empty else []:
        found = series_frame(e, other, area)
        if len(found):
            code, frame = other, found
            break
    borrowed = f"Số của {code} {e.catalogue.names[code]}, cùng định nghĩa với {x.code}." if code != x.code else ""
    place = e.catalogue.names[area]

    def finding() -> Piece:
        e.figures.place = f"chuỗi {code}"
        figure = lookup.newest(e, code, area)
        if frame.empty or figure.missing:
            total = (
                f"{e.count(len(frame), f'số liệu phân tổ của {code}')} số liệu phân tổ"
                if len(frame)
                else e.figures.no_data
            )
            return e.piece(f"**{x.name}, {place}: {total} đến ngày {wording.day(e.known)}.**")
        rows = tuple(frame["row"])
        one = int(frame["same_series"].sum())
        text = (
            f"**{x.name}, {place}: {e.count(len(frame), f'số liệu của {code}', rows)} số liệu, mới nhất {e.figures.write(figure)} ({wording.period(figure.period)}).** "
            f"{e.count(one, 'số liệu ghép được thành một chuỗi', rows)} số liệu ghép được thành một chuỗi cùng định nghĩa, cùng độ dài kỳ."
        )
        text += f" {borrowed}" if borrowed else ""
        return e.piece(text)

    def table() -> Piece:
        start = e.figures.at(f"chuỗi {code}")
        cells = []
        for row in frame.to_dict("records"):
            figure = history.figure_of(e, row)
            cells.append(
                [
                    wording.period(row["period"]),
                    e.catalogue.dims_label(row["dims"]) or "–",
                    e.figures.write(figure, unit=False),
                    row["unit"],
                    wording.STATUS_WORDS[row["status"]],
                    wording.stamp(row["vintage"]),
                    e.source_name(row["source"], dated=False) if row["source"] else "tính theo công thức",
                    "●" if row["same_series"] else "",
                ]
            )
        columns = (
            "l14 Kỳ | l14 Phân tổ | r11 Giá trị | l10 Đơn vị | l13 Tình trạng | l12 Công bố | l18 Nguồn | l8 Cùng chuỗi"
        )
        return e.table(cells, f"{x.name}, {place}", f"tbl-chuoi-{_label(code)}", columns, since=start)

    found = Series(
        frame,
        f"Chuỗi {code}, {place}",
        e,
        finding,
        tables={"series": table},
        charts={"history": history.builder(code, area, frame)},
        name=f"chuoi-{_label(x.code)}",
        notes=borrowed,
        lang=lab.lang,
    )
    found.name = x.name
    return found


def _trail(x: Subject, lab: Session, area: str) -> Result:
    e, code = lab.edition, x.code
    rows = lookup.history_rows(e, code, area)
    frame = rows.assign(
        date=rows["period_end"],
        published=rows["vintage_end"],
        recorded=pd.to_datetime(rows["recorded"]),
        row=rows["id"],
    )[TRAIL].reset_index(drop=True)

    def finding() -> Piece:
        e.figures.place = f"các đợt công bố của {code}"
        ids = tuple(frame["row"]) or ("data/observations",)
        versions = frame.groupby(["period", "dims", "item"]).size()
        several = e.count((versions > 1).sum(), "số liệu có hơn một phiên bản", ids)
        text = (
            f"**{x.name}, {e.catalogue.names[area]}: {e.count(len(frame), f'phiên bản số liệu của {code}', ids)} phiên bản của "
            f"{e.count(len(versions), f'số liệu của {code}', ids)} số liệu; {several} số liệu có hơn một phiên bản.**"
        )
        return e.piece(text)

    return lab.result(
        frame,
        f"Các phiên bản số liệu {code}",
        finding,
        tables={"trail": lambda: lookup.history(e, code, area)},
        charts={"history": history.builder(code, area, series_frame(e, code, area))},
        name=f"lich-su-{_label(code)}",
    )


def _label(code: str) -> str:
    return code.lower().replace(".", "-").replace("_", "-")
