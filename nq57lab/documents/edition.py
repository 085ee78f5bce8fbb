"""An edition as a notebook sees it: data as known on its date, texts from templates, tables and charts.

A notebook opens an :class:`Edition` from its parameters and shows what its methods return. While Papermill runs it, every
piece is Markdown (with figures as files) for the renderer; in JupyterLab the same pieces are plain tables and live charts.
"""

import json
import os
import re
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeAlias

import pandas as pd
import yaml

from nq57lab.base import messages, periods, printing, wording
from nq57lab.base.problems import CallError, Problem, ProblemError, disk_problem
from nq57lab.base.project import find_root
from nq57lab.charts import theme
from nq57lab.documents import live, plain_numbers, report_kinds, templates
from nq57lab.facts import illustrative, known
from nq57lab.facts.figures import LOST_COLUMNS, Figure

if TYPE_CHECKING:
    from nq57lab.charts import basic, theme

_MARK = re.compile(wording.WORD_JOINER + r"\[(?:t|ư|mh)\]\{\.dau\}")
_SPAN = re.compile(r"\[([^\]]*)\]\{[^}]*\}")
MARK_MEANINGS = {
    "t": "số tự báo cáo, chưa xác thực",
    "ư": "số ước tính",
    "mh": "dữ liệu minh họa, không phải số liệu thực",
}
QUARTO_RUNS = ("QUARTO_EXECUTE_INFO", "QUARTO_DOCUMENT_PATH")  # what Quarto tells the notebook that it runs
LOST = "without_figures.csv"  # beside the trace: the sentences that a figure is missing from
FACTS = "trang.json"  # the title and the provenance of every number, for the page
MORE_SOURCES = "số nguồn còn lại"  # how the trace calls the sources that a list leaves to the annex
COUNTS = "@@xac-thuc@@"  # replaced after execution, when every number of the edition is known
NOT_COUNTED = "Gồm cả số liệu chưa xác thực"
SHORT = 280  # letters of a piece's short form, beside a longer one

UNVERIFIED = ("self_reported", "estimate", illustrative.STATUS)


_DRAWN: ContextVar[bool] = ContextVar("drawn", default=True)


@contextmanager
def undrawn() -> Iterator[None]:
    """Leave charts undrawn, their numbers computed and traced: for a run whose trace alone is wanted."""
    token = _DRAWN.set(False)
    try:
        yield
    finally:
        _DRAWN.reset(token)


Rows: TypeAlias = pd.DataFrame | Sequence[Sequence[str]]  # of a table's text cells
Words = dict[str, str]  # a chart's title, subtitle, caption and alternative text


class MissingFigure(LookupError):
    """Raised by a chart's builder when a figure it needs is not known on the edition's date, or for what the chart says instead (``said``)."""

    def __init__(self, what: str, said: str = ""):
        super().__init__(what)
        self.said = said


def words(title: str, subtitle: str, caption: str, alt: str) -> Words:
    """Return a chart's words under the names that an edition expects."""
    return {"title": title, "subtitle": subtitle, "caption": caption, "alt": alt}


Drawn = tuple[
    "Callable[[theme.Size], basic.Drawing | dict]", Words
]  # the function of the size that draws a chart, and its words
Builder = Callable[["Edition"], Drawn]
P = ParamSpec("P")


def builder(draw: "Callable[Concatenate[Edition, P], Drawn]") -> Callable[P, Builder]:
    """Make a function of an edition and of what is drawn one that is told what is drawn, and gives the builder that takes the edition."""

    @wraps(draw)
    def of(*args: P.args, **kwargs: P.kwargs) -> Builder:
        return lambda edition: draw(edition, *args, **kwargs)

    return of


def alternative(kind: str, parts: Iterable[str], title: str) -> str:
    """Return a chart's alternative text: its kind, what it shows one by one, its finding."""
    return f"{kind}: {'; '.join(parts)}. {title}."


@dataclass(frozen=True)
class Chart:
    """A chart that an edition has shown: its drawing by size, its words, and the sources of its numbers."""

    draw: "Callable[[theme.Size], basic.Drawing | dict]"
    words: Words
    sources: tuple[str, ...]


class Piece:
    """A piece of the document: Markdown, what JupyterLab shows instead, and the trace of its figures where it was kept."""

    def __init__(self, markdown: str, live: dict | None = None, trace: pd.DataFrame | None = None):
        self.markdown, self.live, self.trace = markdown, live, trace

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return self.live or {"text/markdown": self.markdown}

    def save(self, path: str | Path) -> Path:
        """Write a chart's picture as .svg or .png; return the file.

        Raises
        ------
        CallError
            If the piece holds no picture, or the file is of another kind.
        """
        file, drawn = Path(path), (self.live or {}).get("image/svg+xml")
        if drawn is None or file.suffix.lower() not in (".svg", ".png"):
            raise CallError([Problem("piece_picture", "save", found=str(path) if drawn else str(self)[:60])])
        content = drawn.encode() if file.suffix.lower() == ".svg" else theme.painted(drawn)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        except OSError as error:
            raise CallError([disk_problem(error)]) from None
        return file

    def __str__(self) -> str:
        if self.live and not self.markdown:
            return self.live.get("text/plain", "")
        return live.markdown(self.markdown).replace("**", "").strip()

    def __repr__(self) -> str:
        return textwrap.shorten(str(self), SHORT, placeholder=" …")


class Edition:
    """One edition: its parameters, its data as known on its date, and the pieces of its document.

    Parameters
    ----------
    parameters : dict
        Those of the report's schema.
    work : str
        Folder of the running execution (figures and trace go there); "" in JupyterLab, and where Quarto itself runs the notebook.
    root : Path, optional
        The project's root (default: found from the working folder).
    kind : str
        The kind of report, which names the folder of its texts.
    """

    def __init__(self, parameters: dict, work: str = "", root: Path | None = None, kind: str = "so-ket"):
        self.parameters, self.root, self.kind = parameters, root or find_root(), kind
        self.work = Path(work) if work else None
        # Pieces are a document's where nq57 or Quarto runs the notebook, else JupyterLab's; pictures go beside the notebook.
        self.pictures = self.work or (Path.cwd() if any(os.environ.get(name) for name in QUARTO_RUNS) else None)
        self.in_document = self.pictures is not None
        self.known_tables = known.of_parameters(self.root, parameters)
        self.known, self.final = self.known_tables.known, self.known_tables.final
        self.catalogue, self.rows = self.known_tables.catalogue, self.known_tables.table
        area = parameters.get("area")
        if area is not None and area not in set(self.catalogue.areas["id"]):
            details = {"hint": messages.shape("hint_parameter")}
            raise ProblemError([Problem("area_unknown", column="area", found=str(area), details=details)])
        self.figures = self.known_tables.figures()
        self.marks: set[str] = set()
        self._marks_told = False  # the legend of marks stands below the first chart
        self.place_names: dict[str, str] = {}  # a place of the trace → its name for readers
        self.charts: dict[str, Chart] = {}  # by label, for slides

    @classmethod
    def of_notebook(cls, names: dict, kind: str = "so-ket") -> "Edition":
        """Return the edition of a report's notebook from its parameters cell.

        Parameters
        ----------
        names : dict
            The notebook's ``globals()``: those that the report's schema names are the parameters; ``work`` is the folder.
        kind : str
            The kind of report: its schema is ``params/<kind>.schema.json``, its texts are in ``reports/_templates/<kind>``.
        """
        root = find_root()
        schema = report_kinds.schema(root / "params" / f"{kind}{report_kinds.ENDING}")
        given = {name: names[name] for name in schema["properties"] if name in names}
        return cls(given, names.get("work", ""), root, kind)

    @property
    def audit(self) -> pd.DataFrame:
        """The audit of the printed figures."""
        return self.known_tables.audit

    @property
    def values(self) -> pd.DataFrame:
        """Indicator values."""
        return self.known_tables.values

    @property
    def title(self) -> str:
        """The title, with the name of the area in place of ``{ten}``, the programme's in place of ``{chuong_trinh}``."""
        title = self.catalogue.programme.fill(self.parameters["title"])
        return title.replace("{ten}", self.catalogue.names.get(self.parameters.get("area", ""), ""))

    @cached_property
    def template_folder(self) -> Path:
        """The folder of the report's text templates and tables."""
        return self.root / "reports" / "_templates" / self.kind

    @cached_property
    def _tables(self) -> dict:
        return yaml.safe_load((self.template_folder / "bang.yml").read_text(encoding="utf-8"))

    @cached_property
    def _section_names(self) -> dict[str, str]:
        path = self.template_folder / "muc.yml"
        return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}

    def _plain(self, text: str) -> str:
        """Drop what only the renderer understands when the notebook is read in JupyterLab."""
        return text if self.in_document else live.markdown(text)

    def piece(self, text: str) -> Piece:
        """Return a text as a piece of the document."""
        return Piece(self._plain(text))

    def text(self, name: str) -> Piece:
        """Return a section's text: its template filled with figures."""
        path = self.template_folder / f"{name}.md"
        self.figures.place = name
        self.place_names[name] = self._section_names.get(name, name)
        filled = templates.fill(path.read_text(encoding="utf-8"), self.figures, path.name)
        return self.piece(filled if filled.strip() else f"{wording.capital(self.figures.no_data)}.")

    def section(self, name: str, title: str, *, chapter: bool = False, prompts: Sequence[str] = ()) -> Piece:
        """Return a section that an official writes by hand for this edition, or the place kept for it.

        The file is ``reports/sections/<edition>/<name>.md``; figures in it are called by name (``{{so:ID}}``).
        A section stands within a chapter, or is one. A draft without the text shows the prompts (Markdown) to start from, marked as no text
        of the report; a final edition shows nothing and is not made while a section is empty.
        """
        head = f"{'#' if chapter else '##'} {title}"
        path = self.root / "reports" / "sections" / self.parameters["edition"] / f"{name}.md"
        if path.exists():
            self.figures.place = name
            self.place_names[name] = title
            body = templates.fill(path.read_text(encoding="utf-8-sig"), self.figures, path.name, keep=True)
            body = re.sub(r"(?m)^(?:---|\.\.\.)[ \t]*$", "* * *", body)  # a rule; three dashes would open metadata
            return self.piece(f"{head}\n\n{body}")
        if self.final:
            return Piece("")
        place = f"{head}\n\n*(Nội dung do đơn vị chủ trì bổ sung.)*"
        if prompts:
            listed = "\n".join(f"- {prompt}" for prompt in prompts)
            place += f"\n\n::: {{.ghi-chu}}\nGợi ý từ số liệu để soạn, không phải nội dung báo cáo:\n\n{listed}\n:::"
        return self.piece(place)

    def table_of(self, name: str, label: str = "") -> Piece:
        """Return a table whose cells are templates (``bang.yml``)."""
        spec = self.table_spec(name)
        self.figures.place = f"bảng {name}"
        self.place_names[self.figures.place] = f"bảng “{spec['ten']}”"
        start = len(self.figures.trace)
        frame = self.cells_of(name)
        columns, note = self.table_columns(name), spec.get("ghi_chu", "")
        return self.table(frame, spec["ten"], label or f"tbl-{name}", columns, note, wide=False, since=start)

    def table_spec(self, name: str) -> dict:
        """Return what ``bang.yml`` says of a table: its name, heads, alignment and widths."""
        return self._tables[name]

    def table_columns(self, name: str) -> list[str]:
        """Return the columns of a table of ``bang.yml`` as :meth:`table` takes them; its cells bring the heads."""
        spec = self.table_spec(name)
        return [f"{align}{width}" for align, width in zip(spec["can"], spec["rong"], strict=True)]

    def cells_of(self, name: str) -> pd.DataFrame:
        """Return the cells of a table of ``bang.yml``, written; the columns' names are the heads."""
        spec = self.table_spec(name)
        return pd.DataFrame([[self._cell(cell) for cell in row] for row in spec["dong"]], columns=spec["cot"])

    def _cell(self, template: str) -> str:
        before = len(self.figures.without)
        filled = templates.fill(template, self.figures, "bang.yml")
        del self.figures.without[before:]  # a cell is no sentence, and says itself that there is no figure
        return filled if filled or not template else self.figures.no_data

    def table(
        self,
        rows: Rows,
        caption: str,
        label: str,
        columns: str | Sequence[str],
        note: str = "",
        *,
        wide: bool = True,
        since: int | None = None,
    ) -> Piece:
        """Return a table of text cells.

        Parameters
        ----------
        rows : DataFrame or sequence of rows
            Text cells (numbers already written by the figures).
        caption, label : str
            The caption, and the label for cross-references (``tbl-…``).
        columns : str or sequence of str
            As of :func:`laid_out`; right-aligned numbers get their decimal commas below each other.
        note : str
            Source and remarks below the table.
        wide : bool
            Smaller type, for tables with much text.
        since : int, optional
            Length of the trace before the cells were written: a mark that all its numbers share moves to the note.
        """
        cells, align, widths = laid_out(rows, columns)
        notes = ([] if len(cells) else ["Chưa có dòng nào."]) + ([note] if note else [])
        if since is not None:
            cells, only = self.without_shared_mark(cells, since)
            notes += [f"Các số trong bảng là {MARK_MEANINGS[only]}."] if only else []
            sources = self.sources_since(since)
            notes += [f"Nguồn: {self._source_list(sources)}."] if sources else []
        for place, letter in enumerate(align):
            if letter == "r":
                cells.isetitem(place, _aligned(cells.iloc[:, place].tolist()))
        lines = [
            markdown_row(cells.columns),
            markdown_row(
                (":" + "-" * max(3, width)) if letter == "l" else ("-" * max(3, width) + ":")
                for letter, width in zip(align, widths, strict=True)
            ),
        ]
        lines += [markdown_row(row) for row in cells.itertuples(index=False)]
        markdown = "\n".join(lines) + f'\n\n: {caption} {{#{label} tbl-colwidths="{widths}"}}\n'
        if wide:
            markdown = f"::: {{.bang-rong}}\n{markdown}\n:::\n"
        if notes:
            markdown += f"\n::: {{.ghi-chu}}\n{' '.join(notes)}\n:::\n"
        shown = (
            None if self.in_document else {"text/html": live.table(cells, caption, align, notes), "text/plain": caption}
        )
        return Piece(markdown, shown)

    def without_shared_mark(self, cells: pd.DataFrame, since: int) -> tuple[pd.DataFrame, str]:
        """Take a mark that all numbers of a table share out of its cells; return them and the mark, "" where there is none.

        Parameters
        ----------
        cells : DataFrame
            Text cells.
        since : int
            Length of the trace before the cells were written.
        """
        statuses = {entry["status"] for entry in self.figures.trace[since:] if entry["status"]}
        only = wording.STATUS_MARKS[statuses.pop()] if len(statuses) == 1 else ""
        return (cells.map(lambda cell: _MARK.sub("", cell)) if only else cells), only

    def chart(self, build: Builder, label: str) -> Piece:
        """Return a chart with caption, source and alt text.

        Parameters
        ----------
        build : callable
            Takes the edition; returns a function of the size that draws the chart (Altair's, or its Vega-Lite specification), and its words: title (the finding),
            subtitle, caption, alt.
        label : str
            ``fig-…``; also the name of its files.
        """
        start = len(self.figures.trace)
        shown = self.chart_of(build, label)
        draw, words = shown.draw, shown.words
        foot = self._foot(start)
        if not _DRAWN.get():
            return Piece("")
        first = self.work is not None and not self._marks_told
        self._marks_told = True
        sizes = (theme.WIDE,) if self.pictures is None else (theme.WIDE, theme.NARROW)
        with theme.unchecked():
            wide, *narrow = (
                theme.themed(draw(size), words["title"], words["subtitle"], foot, size, key=first) for size in sizes
            )
        kept = self.root / "data" / "cache" / "hinh"
        if self.pictures is None:
            return Piece("", live.chart(wide, words["alt"], kept))
        folder = self.pictures / "figures"
        folder.mkdir(parents=True, exist_ok=True)
        theme.save(wide, folder / label, kept)
        differs = {name: part for name, part in narrow[0].items() if wide.get(name) != part}
        spec = wide | {"usermeta": {"narrow": differs}}
        alt_text = words["alt"].replace('"', "”")
        drawn = json.dumps(spec, ensure_ascii=False, sort_keys=True, separators=(",", ":")).replace("<", "\\u003c")
        markdown = f'![{words["caption"]}](figures/{label}.svg){{#{label} fig-alt="{alt_text}"}}\n\n'
        markdown += f'```{{=html}}\n<script type="application/json" class="bieu-do-song" data-figure="{label}">{drawn}</script>\n```\n'
        return Piece(markdown)

    def chart_of(self, build: Builder, label: str) -> Chart:
        """Return a chart undrawn, its numbers traced; slides ask for it by its label (parameters as of :meth:`chart`)."""
        start = self.figures.at(f"hình {label}")
        try:
            draw, words = build(self)
        except MissingFigure as gone:
            del self.figures.trace[start:]
            draw, words = self._no_chart(gone.said)
        self.place_names[f"hình {label}"] = f"hình “{words['caption']}”"
        self.charts[label] = Chart(draw, words, tuple(self.sources_since(start)))
        return self.charts[label]

    def _foot(self, start: int) -> str:
        """Write what stands below a chart whose numbers were written since a place of the trace: sources, date, what is unverified."""
        sources = self.sources_since(start)
        statuses = {entry["status"] for entry in self.figures.trace[start:]} & set(UNVERIFIED)
        foot = f"Nguồn: {self._source_list(sources, markup=False)}. " if sources else ""
        foot += f"Số liệu công bố đến ngày {wording.day(self.known)}"
        return foot + (
            f"; {wording.join(sorted(wording.STATUS_WORDS[s] for s in statuses))}, chưa xác thực." if statuses else "."
        )

    def _no_chart(self, said: str) -> Drawn:
        """Return a drawing that says there is no figure, or why else it is blank, so that references to the chart still lead somewhere."""
        from nq57lab.charts import basic

        text = said or wording.capital(self.figures.no_data)
        words = {"title": text, "subtitle": f"Đến ngày {wording.day(self.known)}", "caption": text, "alt": f"{text}."}
        return (lambda size: basic.blank(size)), words

    @cached_property
    def _sources(self) -> dict[str, dict]:
        return {row["id"]: row for row in self.catalogue.sources.to_dict("records")}

    def computed(
        self,
        value: float,
        formula: str,
        rows: tuple[str, ...],
        *,
        unit: str = "",
        decimals: int = 0,
        status: str = "",
        sources: tuple[str, ...] = (),
        period: str = "",
        bare: bool = False,
        **how: bool,
    ) -> str:
        """Write a number that the code has computed, and note it in the trace; "–" where there is none.

        Parameters
        ----------
        value : float
            The number; NaN where there is none.
        formula : str
            How it was computed, in words.
        rows : tuple of str
            The rows, or the tables, that it was computed from.
        unit, decimals, status, sources, period
            As of :class:`~nq57lab.facts.figures.Figure`.
        bare : bool
            The unit is noted, not printed.
        **how : bool
            mark, markup: as of :meth:`~nq57lab.facts.figures.Figures.write`.
        """
        figure = self.figures.literal(
            float(value), unit, decimals=decimals, rows=rows, formula=formula, period=period, status=status
        )
        figure = replace(figure, sources=sources) if sources else figure
        return "–" if figure.missing else self.figures.write(figure, unit=not bare, **how)

    def because(self, why: messages.Reason | str, rows: tuple[str, ...] = ("targets.csv",)) -> str:
        """Write a reason in words: its numbers through the figures, its sources by name; a text of a table as it is.

        Parameters
        ----------
        why : Reason or str
            What a rule found; "" where there is nothing to say.
        rows : tuple of str
            What the rule looked at.
        """

        def write(name: str, value: object) -> str:
            if isinstance(value, messages.Reason):
                return value.words(write=write)
            if isinstance(value, (int, float)) and name in plain_numbers.LIMITS:
                return plain_numbers.constant(wording.number(value), plain_numbers.LIMITS[name])
            if isinstance(value, (int, float)):
                return self.computed(
                    float(value), "số trong lý do", rows, decimals=printing.decimals_needed(float(value))
                )
            text = str(value)
            return wording.period(text) if periods.is_period(text) else self.source_name(text)

        return why.words(write=write) if isinstance(why, messages.Reason) else why

    def count(
        self, number: float, formula: str, rows: tuple[str, ...] = ("data/observations",), *, markup: bool = True
    ) -> str:
        """Write how many there are of something; the trace notes what was counted and in which tables or rows.

        A count is certain whatever was counted; only what is generated marks it too.
        """
        figure = self.counted(number, formula, rows)
        return "–" if figure.missing else self.figures.write(figure, markup=markup)

    def counted(self, number: float, formula: str, rows: tuple[str, ...]) -> Figure:
        """Return the figure of a count, which a text may call by name."""
        figure = self.figures.literal(float(number), "", decimals=0, rows=rows, formula=formula)
        status = figure.status if figure.status == illustrative.STATUS else ""
        return replace(figure, status=status, sources=())

    def source_name(self, identity: str, *, dated: bool = True) -> str:
        """Return a source's short name: a document's title or a publisher, with its date; of several ("; " between) each.

        What is no source of the catalogue stays as it is.
        """
        if "; " in identity:
            return "; ".join(dict.fromkeys(self.source_name(part, dated=dated) for part in identity.split("; ")))
        if identity == illustrative.SOURCE:
            return illustrative.NAME_VI
        row = self._sources.get(identity)
        if row is None:
            return identity
        name = re.split(r":|, ngày | \(", row["title_vi"])[0] if row["kind"] == "văn bản" else row["publisher"]
        stamp = wording.stamp(str(row["date"]))
        return f"{name} ({stamp})" if dated and stamp != "–" else name

    def sources_since(self, start: int) -> list[str]:
        """Return the sources of the numbers written since a place of the trace, the most used first."""
        used = Counter(s for entry in self.figures.trace[start:] for s in str(entry["source"]).split("; ") if s)
        return sorted(used, key=lambda source: (-used[source], source))

    def _source_list(self, sources: list[str], *, markup: bool = True) -> str:
        """Name up to three sources; more are counted, and stand in the appendix."""
        shown = "; ".join(self.source_name(identity) for identity in sources[:3])
        if len(sources) <= 3:
            return shown
        more = self.count(len(sources) - 3, MORE_SOURCES, ("sources.csv",), markup=markup)
        return f"{shown}; và {more} nguồn khác (Phụ lục Nguồn số liệu)"

    def marks_told(self) -> str:
        """Return what the marks behind numbers mean."""
        more = "; dấu [mh]{.dau}: số minh họa" if self.parameters.get("minh_hoa") else ""
        return (
            "Dấu [t]{.dau}: số tự báo cáo, chưa xác thực; dấu [ư]{.dau}: số ước tính"
            f"{more}; không dấu: thống kê chính thức hoặc đã xác thực."
        )

    def head(self, *, marks: bool = True) -> Piece:
        """Return the document's head block and title.

        Parameters
        ----------
        marks : bool
            Whether it tells what the marks behind numbers mean; a report whose first page is full tells it with its abbreviations.
        """
        p = self.parameters
        signed = date.fromisoformat(p.get("ngay") or p["known"])
        place = {
            "loai": p.get("the_thuc", "dang"),
            "co-quan-cap-tren": p.get("co_quan_cap_tren", ""),
            "co-quan": p.get("co_quan", ""),
            "so": p.get("so", ""),
            "ky-hieu": p.get("ky_hieu", ""),
            "dia-danh": p.get("dia_danh", ""),
            "ngay": wording.long_day(signed),
            "du-thao": "false" if self.final else "true",
        }
        attributes = " ".join(f'{key}="{value}"' for key, value in place.items())
        kind, _, subject = self.title.partition("|")
        if not self.in_document:
            return Piece(f"# {kind}: {subject}")
        addressees = "".join(f"- {wording.unbroken(name)};\n" for name in p.get("kinh_gui") or []).rstrip(";\n")
        greeting = f"::: {{.kinh-gui}}\nKính gửi:\n\n{addressees}.\n:::\n\n" if addressees else ""
        status = "Chỉ dùng số liệu chính thức và đã xác thực" if self.final else COUNTS if self.work else NOT_COUNTED
        shown = "**Dữ liệu minh họa: không phải số liệu thực.** " if p.get("minh_hoa") else ""
        notes = f"{shown}Số liệu công bố đến ngày {wording.day(self.known)}. {status}."
        if marks:
            notes += f" {self.marks_told()}"
        return Piece(
            f"::: {{.the-thuc {attributes}}}\n:::\n\n::: {{.tieu-de}}\n{kind}\n\n{wording.unbroken(subject)}\n:::\n\n{greeting}"
            f"::: {{.ghi-chu}}\n{notes}\n:::"
        )

    def abbreviations(self) -> Piece:
        """Return what the report's marks and abbreviations stand for (``viet-tat.yml``)."""
        listed = yaml.safe_load((self.template_folder / "viet-tat.yml").read_text(encoding="utf-8"))
        told = "; ".join(f"{short}: {full}" for short, full in listed.items())
        return self.piece(f"::: {{.ghi-chu}}\n{self.marks_told()} Viết tắt: {told}.\n:::")

    def signature(self) -> Piece:
        """Return "Nơi nhận" and the signature block."""
        p = self.parameters
        # A line ends with a comma in a Party document, with a semicolon in a State document; the last with a full stop.
        mark = "," if p.get("the_thuc", "dang") == "dang" else ";"
        entries = p.get("noi_nhan", [])
        listed = "\n".join(f"- {name}{'.' if name is entries[-1] else mark}" for name in entries)
        if not self.in_document:
            return Piece(f"*Nơi nhận*\n\n{listed or '- (chưa ghi)'}\n\n*{p.get('ky_chuc_danh', '') or '(người ký)'}*")
        return Piece(
            f'::: {{.noi-nhan ky-chuc-danh="{p.get("ky_chuc_danh", "")}" ky-ten="{p.get("ky_ten", "")}"}}\n{listed}\n:::'
        )

    def close(self) -> None:
        """Write the edition's trace, and the sentences without a figure where there are any; call it in the notebook's last cell."""
        if self.work:
            from nq57lab.documents import provenance

            self.figures.trace_table().to_csv(self.work / "trace.csv", index=False, lineterminator="\n")
            if self.figures.without:
                lost = pd.DataFrame(self.figures.without, columns=LOST_COLUMNS).drop_duplicates()
                lost = lost.assign(place=lost["place"].map(lambda place: self.place_names.get(place, place)))
                lost.to_csv(self.work / LOST, index=False, lineterminator="\n")
            facts = {"title": self.title, "so": provenance.of_page(self.figures.trace, self.figures, self.source_name)}
            (self.work / FACTS).write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")


def laid_out(rows: Rows, columns: str | Sequence[str]) -> tuple[pd.DataFrame, str, list[int]]:
    """Return a table's cells under their heads, each column's alignment (l or r), and its per cent of the width.

    Parameters
    ----------
    rows : DataFrame or sequence of rows
        Text cells.
    columns : str or sequence of str
        Alignment, width and head of each, as in ``l9 Mã | r12 Số liệu (%)``, or one text a column; without a head the DataFrame's name stands.

    >>> laid_out([["A.01", "7,2"]], "l30 Mã | r70 Số liệu (%)")[1:]
    ('lr', [30, 70])
    """
    parts = [part.partition(" ") for part in (columns.split(" | ") if isinstance(columns, str) else columns)]
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows, columns=range(len(parts)))
    cells = frame.set_axis([head or name for (_, _, head), name in zip(parts, frame, strict=True)], axis=1)
    return cells, "".join(how[0] for how, _, _ in parts), [int(how[1:]) for how, _, _ in parts]


def _aligned(cells: list[str]) -> list[str]:
    """Align the decimals of written numbers: pads are put behind the cell's text."""
    visible = [_SPAN.sub(r"\1", _MARK.sub("", cell)).strip("*") for cell in cells]
    units = {re.sub(r"^[−\d.,]+", "", text) for text in visible if re.match(r"^[−\d]", text)}
    if len(units) != 1:
        return cells
    bare = [re.sub(r"[^−\d.,].*", "", text) for text in visible]
    padded = wording.align_decimals(bare)
    return [cell + pad[len(text) :] for cell, text, pad in zip(cells, bare, padded, strict=True)]


def markdown_row(cells: Iterable[object]) -> str:
    """Return a row of a Markdown table."""
    return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
