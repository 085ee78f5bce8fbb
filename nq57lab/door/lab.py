"""The lab: what is known on a day, and every question put to it; and the lab of a report's own notebook.

``open`` in, a :class:`Lab` out (``report``: a :class:`Report`); its methods return results (:mod:`nq57lab.door.result`). What a method needs is imported when it is called.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nq57lab.base import messages, wording
from nq57lab.base.contract import MILESTONES
from nq57lab.base.problems import ProblemError
from nq57lab.documents import report_kinds
from nq57lab.documents.edition import Edition, Piece
from nq57lab.door import asked
from nq57lab.door.result import Result, Session
from nq57lab.facts import catalogue as of_catalogue
from nq57lab.facts.known import AUDIENCES

if TYPE_CHECKING:
    import pandas as pd

    from nq57lab.door.index import Index
    from nq57lab.door.subject import Subject


def open_lab(
    known: date | str | None = None,
    entered: date | str | None = None,
    final: bool = False,
    audience: str = "noi-bo",
    project: str | Path | None = None,
    lang: str = "vi",
) -> "Lab":
    """Open the lab on a day (``nq.open``).

    Parameters
    ----------
    known : date or str, optional
        Figures published up to this day; a period ("2026-06") means its last day. Default: today.
    entered : date or str, optional
        Figures entered here up to this day, to see again what an earlier edition saw.
    final : bool
        Official and verified figures only.
    audience : str
        noi-bo, or cong-khai: without probabilities, which are research estimates.
    project : path, optional
        A folder in the project (default: the working folder).
    lang : str
        vi, or en for frames and tables in English: heads, units, names of indicators, reasons, numbers and dates. Sentences, charts,
        titles, and what documents say in their own words stay Vietnamese.

    Raises
    ------
    CallError
        With one sentence, for a wrong day, audience or language and outside a project.
    """
    language = asked.one_of(lang, messages.LANGUAGES, "lang")
    try:
        day = asked.day(known, "known") or date.today()
        until = asked.day(entered, "entered")
        parameters = {
            "edition": "phan-tich",
            "title": "Phân tích",
            "known": day.isoformat(),
            "entered": until.isoformat() if until else None,
            "draft": not asked.flag(final, "final"),
            "audience": asked.one_of(audience, tuple(AUDIENCES), "audience"),
        }
        return Lab(Edition(parameters, root=asked.project(project)), language)
    except ProblemError as error:
        raise type(error)(error.problems, "" if language == messages.LANGUAGES[0] else language) from None


class Lab(Session):
    """What is known on a day.

    ``Lab(edition)`` looks at an edition of a report's own notebook, and its pieces are then the report's.

    Examples
    --------
    >>> lab = open_lab("2026-06-30")
    >>> lab.find("kinh te so").frame["code"].tolist()[:2]
    ['A.02.02', 'A.02.12']
    """

    def __repr__(self) -> str:
        e = self.edition
        kind = "số chính thức, đã xác thực" if e.final else "mọi số đã công bố"
        rows = len(e.known_tables.table)
        return f"<Lab {e.known.isoformat()}: {wording.number(rows)} số liệu ({kind}), {len(e.catalogue.indicators)} chỉ số>"

    def find(self, words: str) -> Result:
        """Find indicators and variables by words of their code or name, with or without Vietnamese marks.

        Returns
        -------
        Result
            code, name_vi, unit, layer ("" for a variable), figures (known figures, every area and breakdown), last (day of the newest; NaT
            where there is none).
        """
        hits = of_catalogue.find(self.edition.catalogue, asked.text(words, "find"))
        known = self.edition.known_tables.measured.groupby("subject")["period_end"].agg(["size", "max"])
        have = known["size"].reindex(hits["code"]).fillna(0)
        frame = hits.assign(figures=have.to_numpy(int), last=known["max"].reindex(hits["code"]).to_numpy())

        def finding() -> Piece:
            e = self.edition
            e.figures.place = "tìm trong danh mục"
            tables = ("indicators.csv", "variables.csv")
            hit = e.count(len(frame), "số mục khớp", tables)
            with_data = e.count((frame["figures"] > 0).sum(), "số mục khớp có số liệu", tables)
            text = f"**“{words}”: {hit} mục của danh mục khớp, {with_data} mục có số liệu đến ngày {wording.day(e.known)}.**"
            return e.piece(text)

        return Result(frame, f"Tìm “{words}”", self.edition, finding, name="tim", lang=self.lang)

    def __getitem__(self, code: str) -> "Subject":
        """Return what is known of one indicator or variable."""
        from nq57lab.door.subject import Subject

        return Subject(self, asked.code(self.edition.catalogue, code))

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.edition.catalogue.subject_units)

    def progress(self, milestone: int | str = 2030, method: str = "") -> Result:
        """Return where every target of a milestone stands, by five published methods (:func:`nq57lab.door.targets.progress`)."""
        from nq57lab.door import targets

        return targets.progress(self, asked.one_of(milestone, MILESTONES, "milestone"), method)

    def alerts(self, since: date | str | None = None, dates: Sequence[date | str] = ()) -> Result:
        """Return the alerts that stand; with ``since``, those new and cleared between the two days (:func:`nq57lab.door.checks.alerts`)."""
        from nq57lab.door import checks

        return checks.alerts(self, asked.day(since, "since"), asked.days(dates, "dates"))

    def outlook(self, year: int | str = 2030) -> Result:
        """Return the chance of the targets of a milestone, or why there is none (:func:`nq57lab.door.ahead.outlook`)."""
        from nq57lab.door import ahead

        return ahead.outlook(self) if str(year) == "2030" else ahead.later(self, year)

    def near(self) -> Result:
        """Return the near series of every macro KPI, beside it and never in its place (:func:`nq57lab.door.ahead.near`)."""
        from nq57lab.door import ahead

        return ahead.near(self)

    def panel(self, series: str = "", year: int | str = "") -> Result:
        """Return a year of a series by province or ministry, or without a name every series (:func:`nq57lab.door.profiles.panel`)."""
        from nq57lab.door import profiles

        return profiles.panel(self, series, year) if series else profiles.listed(self)

    def compare(self, code: str = "") -> Result:
        """Return Viet Nam among twelve countries on the international series of a code, or of all (:func:`nq57lab.door.network.compare`)."""
        from nq57lab.door import network

        return network.compare(self, asked.code(self.edition.catalogue, code) if code else "")

    def links(self) -> Result:
        """Return who serves, measures and leads what (:func:`nq57lab.door.network.links`)."""
        from nq57lab.door import network

        return network.links(self)

    def loops(self, lever: str = "") -> Result:
        """Return the feedback loops, their evidence and their levers (:func:`nq57lab.door.network.loops`)."""
        from nq57lab.door import network

        return network.loops(self, lever)

    def quality(self) -> Result:
        """Return how correct, complete, clean and alive the data are (:func:`nq57lab.door.checks.quality`)."""
        from nq57lab.door import checks

        return checks.quality(self)

    def audit(self) -> Result:
        """Return the printed figures of the documents recomputed from their parts (:func:`nq57lab.door.checks.audit`)."""
        from nq57lab.door import checks

        return checks.audit(self)

    def sql(self, query: str) -> Result:
        """Return what one SELECT finds in the tables as known on the day (:func:`nq57lab.door.query.select`)."""
        from nq57lab.door import query as of_query

        return of_query.select(self, query)

    def index(
        self,
        name: str = "provinces",
        table: "pd.DataFrame | None" = None,
        *,
        runs: int = 512,
        seed: int = 1,
        unit: str = "",
    ) -> "Index":
        """Return an index of the project: an example of ``data/examples``, or a folder's (:meth:`nq57lab.door.index.Index.of_lab`)."""
        from nq57lab.door.index import Index

        return Index.of_lab(self, name, table, runs=runs, seed=seed, unit=unit)

    def score(self, scheme: str = "equal") -> Result:
        """Return the dynamic score of the catalogue's KPIs (:func:`nq57lab.door.scores.score`)."""
        from nq57lab.door import scores

        return scores.score(self, scheme)

    def ranking(self, quarter: str = "") -> Result:
        """Return ministries, provinces and agencies ranked for a quarter (:func:`nq57lab.door.scores.ranking`)."""
        from nq57lab.door import scores

        return scores.ranking(self, quarter)

    def profile(self, area: str) -> Result:
        """Return what is known of a province or an agency (:func:`nq57lab.door.profiles.profile`)."""
        from nq57lab.door import profiles

        return profiles.profile(self, asked.area(self.edition.catalogue, area))

    def bench(self, series: str, models: str, horizon: int = 4, origins: int = 1) -> Result:
        """Return forecasting models tested side by side (:func:`nq57lab.door.ahead.bench`)."""
        from nq57lab.door import ahead

        return ahead.bench(self, series, models, horizon, origins)


def open_report(names: dict[str, Any], kind: str = "so-ket") -> "Report":
    """Open the report of a notebook (``nq.report(globals())``).

    Parameters
    ----------
    names : dict
        The notebook's ``globals()``: those that the report's schema names are its parameters.
    kind : str
        The kind of report: ``params/<kind>.schema.json``.

    Returns
    -------
    Report
        Run by a report, its pieces are the document's; opened in JupyterLab, they show there.

    Raises
    ------
    CallError, ProblemError
        Outside a project; for an unknown area.
    """
    asked.names(names, "report")
    kinds = report_kinds.kinds(asked.project(None) / "params")
    return Report(Edition.of_notebook(names, asked.one_of(kind, kinds, "kind")))


class Report(Lab):
    """The lab of a report: every question of :class:`Lab`, and the fixed parts of a document."""

    def head(self, *, marks: bool = True) -> Piece:
        """Return the document's head block and title, with what the marks behind numbers mean unless told elsewhere."""
        return self.edition.head(marks=marks)

    def text(self, name: str) -> Piece:
        """Return a section's text: its template filled with figures."""
        return self.edition.text(name)

    def summary(self, *findings: Piece) -> Piece:
        """Return the page's summary: the first paragraph of each finding, numbered."""
        told = [finding.markdown.strip().split("\n\n")[0] for finding in findings]
        listed = "\n".join(f"{place}. {text}" for place, text in enumerate(filter(None, told), start=1))
        return Piece(f"::: {{.tom-tat}}\n{listed}\n:::\n" if self.edition.work else listed)

    def section(self, name: str, title: str, *, chapter: bool = False) -> Piece:
        """Return a section that an official writes by hand, or the place kept for it."""
        return self.edition.section(name, title, chapter=chapter)

    def sources(self) -> Piece:
        """Return the annex that names every source, where a list of sources has referred to it."""
        from nq57lab.documents import annexes

        return annexes.sources_annex(self.edition) if self.edition.in_document else annexes.sources(self.edition)

    def all_sources(self) -> Piece:
        """Return the table of all sources used."""
        from nq57lab.documents import annexes

        return annexes.sources(self.edition)

    def trace(self) -> Piece:
        """Return the paragraph that says in print where the origin of every number stands."""
        from nq57lab.documents import annexes

        if self.edition.in_document:
            return annexes.whence(self.edition)
        told = wording.number(len(self.edition.figures.trace))
        return Piece(f"*{told} con số đã viết có dấu vết: `bao_cao.edition.figures.trace_table()`.*")

    def close(self) -> None:
        """Write the edition's trace; called in the notebook's last cell."""
        self.edition.close()
