"""What the door returns: a tidy frame with its sentence, its tables and its charts, each made by the functions of reports when asked for.

A frame, a page (:class:`~nq57lab.documents.edition.Edition`, which writes figures and keeps their trace) and makers of pieces in; pieces of a
document out, which JupyterLab shows and a report takes.
"""

import re
import textwrap
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from nq57lab.base import messages, wording
from nq57lab.base.problems import CallError, Problem, ProblemError, disk_problem
from nq57lab.documents import live
from nq57lab.documents.edition import MARK_MEANINGS, Builder, Edition, Piece
from nq57lab.door import asked, shown
from nq57lab.facts.figures import TRACE_COLUMNS

if TYPE_CHECKING:
    from nq57lab.outlook.prospect import Prospect

NOTHING = "*Không có gì để nêu ở đây.*"
Maker = Callable[[], Piece]
_LABEL = re.compile(r"\{#tbl-[\w-]+")


def workbook_file(path: str | Path) -> Path:
    """Return the path of a workbook to write; refuse what is not named .xlsx."""
    file = asked.path(path, "to_excel")
    if file.suffix.lower() != ".xlsx":
        raise CallError([Problem("values", "to_excel", found=file.name, details={"allowed": ".xlsx"})])
    return file


class Result:
    """A tidy frame and what can be said, listed and drawn of it.

    Parameters
    ----------
    frame : DataFrame
        Typed columns with English names; dates as datetime.
    title : str
        What the frame is, in a few Vietnamese words.
    page : Edition
        Writes the figures of the pieces and keeps their trace.
    finding : callable or mapping
        Makes the sentence; or kind to what makes it, the first the default.
    tables : mapping, optional
        Kind to what makes the table; the first is the default. Without any, the frame itself is written with its heads in words.
    charts : mapping, optional
        Kind to a chart's builder; the first is the default.
    name : str
        Of the pieces' labels (``tbl-name``, ``fig-name``).
    notes : str
        What must be known to read the frame.
    lang : str
        Language of the heads: vi, en.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        title: str,
        page: Edition,
        finding: Maker | Mapping[str, Maker],
        *,
        tables: Mapping[str, Maker] | None = None,
        charts: Mapping[str, Builder] | None = None,
        name: str = "ket-qua",
        notes: str = "",
        lang: str = "vi",
    ):
        self._frame = frame if lang == messages.LANGUAGES[0] else shown.english(frame, page.catalogue)
        self.title, self.notes, self.lang = title, notes, lang
        self._page, self._name = page, name
        self._findings = dict(finding) if isinstance(finding, Mapping) else {"main": finding}
        self._tables, self._charts = dict(tables or {}), dict(charts or {})

    @property
    def frame(self) -> pd.DataFrame:
        """The tidy frame; a copy, so that a change of it changes nothing here."""
        return self._frame.copy()

    @property
    def findings(self) -> list[str]:
        """The kinds that :meth:`finding` takes, the default first."""
        return list(self._findings)

    @property
    def tables(self) -> list[str]:
        """The kinds that :meth:`table` takes, the default first."""
        return list(self._tables)

    @property
    def charts(self) -> list[str]:
        """The kinds that :meth:`chart` takes, the default first."""
        return list(self._charts)

    @property
    def source(self) -> list[str]:
        """The names of the sources of the frame's rows, where it has a column ``source``."""
        if "source" not in self._frame:
            return []
        used = dict.fromkeys(str(text).partition(",")[0] for text in self._frame["source"] if text)
        return [self._page.source_name(identity) for identity in used]

    def finding(self, kind: str | None = None) -> Piece:
        """Return one Vietnamese sentence (``str`` gives its plain text); ``trace`` holds its figures with rows, formula, source.

        Parameters
        ----------
        kind : str, optional
            One of :attr:`findings`.

        Raises
        ------
        ProblemError
            If the result has no such sentence.
        """
        return self._traced(self._findings[_chosen("finding", kind, self._findings)])

    def table(self, kind: str | None = None, label: str = "") -> Piece:
        """Return a table in words for JupyterLab or a report.

        Parameters
        ----------
        kind : str, optional
            One of :attr:`tables`.
        label : str
            The name by which a report refers to it (``tbl-…``).

        Raises
        ------
        ProblemError
            If the result has no such table.
        """
        if (self._tables and self.lang == "vi") or kind is not None:
            piece = self._traced(self._tables[_chosen("table", kind, self._tables)])
        else:
            piece = self._traced(
                lambda: shown.table(self._page, self._frame, self.title, f"tbl-{self._name}", self.notes, self.lang)
            )
        if label:
            piece.markdown = _LABEL.sub(lambda found: f"{{#{label}", piece.markdown, count=1)
        return piece

    def chart(self, kind: str | None = None, label: str = "") -> Piece:
        """Return a chart: in JupyterLab a live one, with an SVG beside it.

        Parameters
        ----------
        kind : str, optional
            One of :attr:`charts`.
        label : str
            The name by which a report refers to it (``fig-…``).

        Raises
        ------
        ProblemError
            If the result has no such chart.
        """
        chosen = _chosen("chart", kind, self._charts)
        return self._traced(lambda: self._page.chart(self._charts[chosen], label or f"fig-{self._name}-{chosen}"))

    def to_excel(self, path: str | Path) -> Path:
        """Write the frame as a workbook of one sheet, numbers as numbers; return the file.

        Raises
        ------
        ProblemError
            If the file is not named .xlsx, or cannot be written there.
        """
        from nq57lab.base import workbook

        file = workbook_file(path)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            workbook.write(shown.plain_times(self._frame), file, self.title)
        except OSError as error:
            raise CallError([disk_problem(error)]) from None
        return file

    def _traced(self, make: Maker) -> Piece:
        start = len(self._page.figures.trace)
        piece = make()
        piece.trace = pd.DataFrame(self._page.figures.trace[start:], columns=TRACE_COLUMNS)
        if not self._page.in_document and not piece.live:  # a document takes marks, and leaves out what says nothing
            piece.markdown = live.markdown(piece.markdown) or NOTHING
        return piece

    def _repr_html_(self) -> str | None:
        if self._page.in_document:
            return None  # a document takes the Markdown
        pieces = [self.finding(), self.table()]
        shown = [piece.live["text/html"] if piece.live else f"<p>{live.inline(piece.markdown)}</p>" for piece in pieces]
        statuses = {status for piece in pieces if piece.trace is not None for status in piece.trace["status"]}
        marks = {wording.STATUS_MARKS.get(status, "") for status in statuses}
        legend = "; ".join(f"({mark}): {meaning}" for mark, meaning in MARK_MEANINGS.items() if mark in marks)
        return "\n".join([*shown, *([f"<p><small>{legend}.</small></p>"] if legend else [])])

    def _repr_markdown_(self) -> str | None:
        if not self._page.in_document:
            return None
        return f"{self.finding().markdown}\n\n{self.table().markdown}"

    def __repr__(self) -> str:
        size = f"{len(self._frame)} × {self._frame.shape[1]}"
        text = f"<{type(self).__name__} {self.title}: {size} ({', '.join(map(str, self._frame.columns))})>"
        return textwrap.shorten(text, 240, placeholder=" …>")


class Session:
    """What is known on a day, as the door's modules take it.

    Parameters
    ----------
    edition : Edition
        The edition whose figures are looked at; a report's own notebook gives its own, and its pieces are then the report's.
    lang : str
        Language of the heads of tables.
    """

    def __init__(self, edition: Edition, lang: str = "vi"):
        self.edition, self.lang = edition, lang

    @cached_property
    def prospect(self) -> "Prospect":
        """What can be said of the 2030 targets (:mod:`nq57lab.outlook.prospect`), computed once."""
        from nq57lab.outlook.prospect import open_prospect

        return open_prospect(self.edition)

    def result(self, frame: pd.DataFrame, title: str, finding: Maker | Mapping[str, Maker], **more) -> Result:
        """Return a result of this edition and language."""
        return Result(frame, title, self.edition, finding, lang=self.lang, **more)


def _chosen(what: str, kind: str | None, kinds: Mapping[str, object]) -> str:
    """Return the kind asked for, or the default; refuse one that is not there."""
    if kind is None and kinds:
        return next(iter(kinds))
    if not isinstance(kind, str) or kind not in kinds:
        if not kinds:
            raise ProblemError([Problem("no_part", what, found=str(kind or ""))])
        raise ProblemError([Problem("values", what, found=str(kind), details={"allowed": ", ".join(kinds)})])
    return kind
