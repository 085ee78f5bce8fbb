"""Turn an executed notebook into a report: HTML, PDF and DOCX; slides and a leaflet of it.

One source, two implementations behind :func:`render`. The source is the notebook as Papermill left it: its Markdown
cells and the ``text/markdown`` outputs of its code cells, with the figures beside it in ``figures/``. The settings are
``_quarto.yml`` and ``_language.yml``. The implementations are the real Quarto, when asked for or found on PATH, and an
embedded one made of pandoc (``pypandoc_binary``) and Typst. Both use the Lua filters and templates in ``reports/``.
Nothing is executed here, and a file appears in the output folder only when every format asked for is ready.
"""

import functools
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

import nbformat
import pypandoc
import typst
import yaml

from nq57lab.base import messages, whole
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.publish import quarto, web_page
from nq57lab.publish.docx_file import finish_docx

SLIDES, LEAFLET = "trinh-chieu", "to-roi"  # tags of cells that are in no document: slides, the leaflet
EXCLUDED_TAGS = {"remove-cell", "parameters", "injected-parameters", SLIDES, LEAFLET}
APART = {"pptx": SLIDES, "leaflet": LEAFLET}
FORMATS = (*quarto.FORMATS, *APART)
# A serif whose stacked accents stay apart in bold, as Typst's own do not ("triển" must not read "triễn").
FONT_PACKAGE = "fontpkg_source_serif_4"
SOURCE = "bao-cao.md"
LEAFLET_PAGE = {
    "template": "reports/_templates/to-roi.html",
    "css": ["reports/assets/chu.css", "reports/assets/to-roi.css"],
    "toc": False,
}
THREE_FORMATS = "reports/_filters/ba-dang.lua"
WRITERS = {"html": "html5", "pdf": "typst-smart", "docx": "docx"}
# Markup inside a name or a note is text, and no text is metadata; of blocks marked {=html} the first filter keeps the project's own.
MARKDOWN = "markdown-raw_html-raw_tex-yaml_metadata_block-pandoc_title_block"
EXCLUDED_CELL = re.compile(r"^\s*#\|\s*include:\s*false\s*$", re.MULTILINE)
BREAK = re.compile(r"<br\s*/?>")  # the one piece of HTML that texts may use: a line break in a cell
IMAGE = re.compile(r"!\[[^\]]*\]\(\s*<?([^)\s>]+)")
FILE_KEYS = ("template", "css", "reference-doc", "template-partials")
NOT_METADATA = {"project", "execute", "filters", "format", "language", *FILE_KEYS}


class RenderError(ProblemError):
    """A report that cannot be rendered, with every problem found."""


def _fail(problems: Iterable[Problem]) -> None:
    listed = list(problems)
    if listed:
        raise RenderError(listed)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def settings(root: Path) -> dict[str, Any]:
    """Read the rendering settings of a project: ``_quarto.yml`` and ``_language.yml`` in folder `root`.

    Returns
    -------
    dict
        ``_quarto.yml`` as it stands, with the words of ``_language.yml`` under ``language``.

    Raises
    ------
    RenderError
        A file is missing or is not a YAML mapping, or a filter, template or style sheet it names does not exist.
    """
    read: dict[str, Any] = {}
    for file in ("_quarto.yml", "_language.yml"):
        try:
            read[file] = yaml.safe_load((Path(root) / file).read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise RenderError([Problem("yaml_file", file, found=str(error))]) from error
        if not isinstance(read[file], dict):
            raise RenderError([Problem("yaml_mapping", file, found=type(read[file]).__name__)])
    result = {**read["_quarto.yml"], "language": read["_language.yml"]}
    named = [*result.get("filters", [])]
    for options in result.get("format", {}).values():
        named += [file for key in FILE_KEYS for file in _listed(options.get(key, []))]
    missing = [file for file in named if not (Path(root) / file).is_file()]
    _fail(Problem("named_file", "_quarto.yml", details={"file": file}) for file in missing)
    return result


def collect(notebook_path: Path, tag: str = "") -> str:
    """Collect the Markdown of an executed notebook.

    Parameters
    ----------
    notebook_path : Path
        Notebook executed by Papermill.
    tag : str
        Only the outputs of cells with this tag (default: the document's cells).

    Returns
    -------
    str
        Markdown cells and ``text/markdown`` outputs, in order. Left out: raw cells, plain streams, cells tagged
        ``remove-cell``, ``parameters`` or ``injected-parameters``, and cells with ``#| include: false``.

    Raises
    ------
    RenderError
        An output is an error or has no Markdown form; a picture has no file or no PNG beside its SVG. All together.
    """
    path = Path(notebook_path)
    if not path.is_file():
        raise RenderError([Problem("executed_notebook", str(path))])
    notebook = nbformat.read(path, as_version=4)
    if tag:
        notebook.cells = [cell for cell in notebook.cells if tag in cell.get("metadata", {}).get("tags", [])]
    pieces, problems = _pieces(notebook, path.name, tag)
    text = "\n\n".join(piece.strip("\n") for piece in pieces if piece.strip()) + "\n"
    _fail([*problems, *_missing_pictures(text, path)])
    return text


def check_formats(source: Path, formats: Iterable[str]) -> None:
    """Refuse slides and a leaflet of a report whose notebook, not yet executed, has no cells for them.

    Raises
    ------
    RenderError
        With every format that the notebook has nothing for.
    """
    wanted = {fmt: APART[fmt] for fmt in formats if fmt in APART}
    if not wanted or not source.is_file():
        return
    tags = {
        tag for cell in nbformat.read(source, as_version=4).cells for tag in cell.get("metadata", {}).get("tags", [])
    }
    _fail(Problem("no_cells", source.name, found=fmt) for fmt, tag in wanted.items() if tag not in tags)


def _left_out(cell: Any, tag: str = "") -> bool:
    tags = set(cell.get("metadata", {}).get("tags", []))
    return (
        (tag not in tags and bool(EXCLUDED_TAGS & tags))
        or cell.cell_type == "raw"
        or (cell.cell_type == "code" and bool(EXCLUDED_CELL.search(cell.source)))
    )


def _pieces(notebook: Any, name: str, tag: str = "") -> tuple[list[str], list[Problem]]:
    pieces: list[str] = []
    problems: list[Problem] = []
    word = messages.section(messages.chosen(), "words")["cell"]
    for number, cell in enumerate(notebook.cells, start=1):
        where = f"{name}, {word} {number}"
        if cell.cell_type == "code":
            errors = [f"{o.get('ename')}: {o.get('evalue')}" for o in cell.outputs if o.output_type == "error"]
            problems += [Problem("executed_cell", where, found=error) for error in errors]
        if _left_out(cell, tag):
            continue
        if cell.cell_type == "markdown":
            pieces.append(cell.source)
            continue
        for output in cell.outputs:
            data = output.get("data", {})
            if "text/markdown" in data:
                pieces.append("".join(data["text/markdown"]))
            elif output.output_type not in ("stream", "error"):
                found = ", ".join(sorted(data)) or output.output_type
                problems.append(Problem("output_form", where, found=found))
    return pieces, problems


def _missing_pictures(text: str, notebook: Path) -> list[Problem]:
    problems = []
    for source in dict.fromkeys(IMAGE.findall(text)):
        file = notebook.parent / unquote(source)
        wanted = [file, file.with_suffix(".png")] if file.suffix == ".svg" else [file]
        missing = [f.name for f in wanted if web_page.SCHEME.match(source) or not f.is_file()]
        where = f"{notebook.name}, hình {source}"
        problems += [Problem("picture", where, details={"file": file}) for file in missing]
    return problems


def find_renderer(preference: str) -> Literal["embedded", "quarto"]:
    """Say which implementation renders.

    Parameters
    ----------
    preference : {"auto", "embedded", "quarto"}
        ``auto`` takes Quarto when one new enough is on PATH, else the embedded one.

    Raises
    ------
    RenderError
        Unknown preference, or no Quarto (new enough) where it is asked for.
    """
    if preference not in ("auto", "embedded", "quarto"):
        details = {"allowed": "auto, embedded, quarto"}
        raise RenderError([Problem("values", "--renderer", found=preference, details=details)])
    if preference == "embedded":
        return "embedded"
    program, shown = quarto.found()
    if program:
        return "quarto"
    if preference == "quarto":
        details = {"least": ".".join(map(str, quarto.MINIMUM))}
        raise RenderError([Problem("quarto", "--renderer", found=shown, details=details)])
    return "embedded"


def identity(renderer: str) -> str:
    """Name a renderer with its version, as keys and manifests record it: "embedded", or "quarto 1.11.0"."""
    return f"quarto {quarto.found()[1]}" if find_renderer(renderer) == "quarto" else "embedded"


def engines(renderer: str) -> dict[str, str]:
    """Return the versions of the pandoc and the Typst that a renderer runs."""
    if find_renderer(renderer) == "quarto":
        return quarto.engines(str(quarto.found()[0]))
    return {"pandoc": pypandoc.get_pandoc_version(), "typst": importlib.metadata.version("typst")}


def render(
    notebook: Path,
    out_dir: Path,
    *,
    root: Path,
    name: str,
    formats: Iterable[str] = ("html", "pdf", "docx"),
    metadata: Mapping[str, Any],
    renderer: str = "auto",
    source_date_epoch: int,
    provenance: Sequence[Mapping[str, str]] = (),
) -> dict[str, Path]:
    """Render an executed notebook.

    Parameters
    ----------
    notebook : Path
        Executed notebook; its figures are in ``figures/`` beside it.
    out_dir, name : Path, str
        Folder of the results (made when missing) and their file name without extension.
    root : Path
        Project folder with ``_quarto.yml``, ``_language.yml`` and ``reports/``.
    formats : iterable of {"html", "pdf", "docx", "pptx", "leaflet"}
        What to make; slides and leaflet, of cells tagged for them, are made by the embedded writers whoever makes the documents.
    metadata : mapping
        Title, author and any key of ``_quarto.yml`` that this report changes (``toc``, ``muc-luc``, …).
    renderer : {"auto", "embedded", "quarto"}
        See :func:`find_renderer`.
    source_date_epoch : int
        Creation date written into the files, seconds since 1970; the same inputs give the same HTML bytes.
    provenance : sequence of mapping
        For each number of the trace its provenance in words (:func:`nq57lab.documents.provenance.of_page`), which the HTML page shows.

    Returns
    -------
    dict
        Format to path.

    Raises
    ------
    RenderError
        The notebook, the settings, a filter or an engine reports a problem, or the page would make an outside request.
    """
    notebook, root, out_dir = Path(notebook), Path(root), Path(out_dir)
    wanted = list(dict.fromkeys(formats))
    unknown = [fmt for fmt in wanted if fmt not in FORMATS]
    allowed = {"allowed": ", ".join(FORMATS)}
    _fail(Problem("values", "--formats", found=fmt, details=allowed) for fmt in unknown)
    chosen = find_renderer(renderer)
    author = ", ".join(map(str, _listed(metadata.get("author", ""))))
    config = settings(root)
    text = collect(notebook)
    apart = {tag: collect(notebook, tag) for fmt, tag in APART.items() if fmt in wanted}
    empty = [fmt for fmt, tag in APART.items() if fmt in wanted and not apart[tag].strip()]
    _fail(Problem("no_cells", notebook.name, found=fmt) for fmt in empty)
    title = str(metadata.get("title", name))
    with whole.work() as work:
        _prepare(work, root, notebook)
        made = {fmt: work / f"{name}.{fmt}" for fmt in wanted if fmt not in APART}
        facts = {fmt: _metadata(config, fmt, metadata, everything=chosen == "embedded") for fmt in made}
        for fmt, entries in facts.items():
            text_of = json.dumps(entries, ensure_ascii=False, default=str)
            (work / f"facts-{fmt}.json").write_text(text_of, encoding="utf-8")
        if chosen == "embedded" and made:
            _embedded(work, made, text, config, facts, source_date_epoch)
        elif made:
            _prepare_quarto(work, notebook, title)
            for fmt, target in made.items():
                known = Path(f"facts-{fmt}.json")
                command = quarto.command(Path(notebook.name), fmt, output=target.name, metadata_file=known)
                _run(command, target, f"Quarto, {fmt}", source_date_epoch)
        if "html" in made:
            outside = web_page.finish(made["html"], root, provenance, wanted)
            _fail(Problem("outside_request", made["html"].name, found=link) for link in outside)
        if "docx" in made:
            finish_docx(made["docx"], title=title, author=author, epoch=source_date_epoch)
        if "leaflet" in wanted:
            made |= _leaflet(work, name, apart[LEAFLET], config, metadata, source_date_epoch)
        if "pptx" in wanted:
            from nq57lab.publish.meeting import page, pptx_file

            made["pptx"] = work / f"{name}.pptx"
            template = work / "reports" / "_templates" / "trinh-chieu.pptx"
            slides = page.read(apart[SLIDES])
            pptx_file.write(slides, made["pptx"], template, title=title, author=author, epoch=source_date_epoch)
        out_dir.mkdir(parents=True, exist_ok=True)
        for fmt, path in made.items():
            staged = Path(shutil.copyfile(path, out_dir / f".{path.name}.moi"))
            made[fmt] = staged.replace(out_dir / path.name)
    return made


def _prepare(work: Path, root: Path, notebook: Path) -> None:
    """Copy what both implementations read into the build folder: settings, filters, templates, figures."""
    for file in ("_quarto.yml", "_language.yml"):
        shutil.copyfile(root / file, work / file)
    for folder in ("_filters", "_templates", "assets"):
        shutil.copytree(root / "reports" / folder, work / "reports" / folder, copy_function=shutil.copyfile)
    if (notebook.parent / "figures").is_dir():
        shutil.copytree(notebook.parent / "figures", work / "figures", copy_function=shutil.copyfile)


def _prepare_quarto(work: Path, notebook: Path, title: str) -> None:
    """Put the fonts and the notebook, without what Quarto would print of its run, into the build folder, a project of that notebook."""
    config = yaml.safe_load((work / "_quarto.yml").read_text(encoding="utf-8"))
    gate = config.get("project", {}).get("pre-render", [])
    config["project"] = {"type": "default", "render": [notebook.name], "pre-render": gate}
    config["format"]["html"]["embed-resources"] = False  # the page is made one file as the embedded renderer's is
    (work / "_quarto.yml").write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), encoding="utf-8")
    (work / "fonts").mkdir()
    for font in (font for folder in print_fonts() for font in sorted(folder.glob("*.[ot]tf"))):
        shutil.copyfile(font, work / "fonts" / font.name)
    clean = nbformat.read(notebook, as_version=4)
    clean.cells = [cell for cell in clean.cells if not _left_out(cell)]
    for cell in clean.cells:
        cell.metadata = {}  # run times, which Quarto would write into the page
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.output_type != "stream"]
    # Without a title of its own, Quarto would take the first heading for it.
    front = f"---\ntitle: {json.dumps(title, ensure_ascii=False)}\n---"
    clean.cells.insert(0, nbformat.v4.new_raw_cell(front, id="tieu-de"))
    nbformat.write(clean, work / notebook.name)


@functools.cache
def print_fonts() -> tuple[Path, ...]:
    """Give the folder of the printed page's fonts; none without the package: Typst's own serif stands in."""
    found = importlib.util.find_spec(FONT_PACKAGE)
    return (Path(found.origin).parent / "files",) if found and found.origin else ()


def _metadata(config: Mapping[str, Any], fmt: str, metadata: Mapping[str, Any], *, everything: bool) -> dict[str, Any]:
    """Merge settings and the report's own metadata, the more particular winning; Quarto merges its file by itself."""
    words = config["language"]
    facts: dict[str, Any] = {"tu-ngu": words, "toc-title": words.get("toc-title-document", "")}
    if everything:
        for layer in (config, config.get("format", {}).get(quarto.FORMATS[fmt], {})):
            facts |= {key: value for key, value in layer.items() if key not in NOT_METADATA}
    facts |= dict(metadata)
    if fmt == "html":
        # muc.lua moves headings one level down in HTML, below the title.
        facts["toc-depth"] = int(facts.get("toc-depth", config.get("toc-depth", 3))) + 1
    return facts


def _run(command: list[str], made: Path, what: str, epoch: int) -> None:
    dated = {**os.environ, **quarto.PASS, "SOURCE_DATE_EPOCH": str(epoch)}
    done = subprocess.run(command, cwd=made.parent, env=dated, capture_output=True, encoding="utf-8", check=False)
    if done.returncode or not made.is_file():
        said = quarto.complaint((done.stderr or done.stdout).replace(str(made.parent), "."))
        raise RenderError([Problem("engine", what, found=said, details={"file": made.name})])


def _leaflet(
    work: Path, name: str, text: str, config: Mapping[str, Any], metadata: Mapping[str, Any], epoch: int
) -> dict[str, Path]:
    """Make the leaflet, one A4 page as HTML and PDF, of its own Markdown with its own templates."""
    made = {fmt: work / f"{name}-to-roi.{fmt}" for fmt in ("html", "pdf")}
    own = {**config, "format": {**config["format"], "html": LEAFLET_PAGE}}
    facts = {fmt: _metadata(own, fmt, metadata, everything=True) for fmt in made}
    for fmt, entries in facts.items():
        told = json.dumps(entries, ensure_ascii=False, default=str)
        (work / f"facts-{fmt}.json").write_text(told, encoding="utf-8")
    _embedded(work, made, text, own, facts, epoch, print_template="reports/_templates/to-roi.typ")
    page = made["html"]
    page.write_text(web_page.embed(page.read_text(encoding="utf-8"), work), encoding="utf-8", newline="\n")
    _fail(Problem("outside_request", page.name, found=link) for link in web_page.check_html(page))
    return {f"leaflet-{fmt}": path for fmt, path in made.items()}


def _embedded(
    work: Path,
    made: Mapping[str, Path],
    text: str,
    config: Mapping[str, Any],
    facts: Mapping[str, dict[str, Any]],
    epoch: int,
    print_template: str = "reports/_templates/bao-cao.typ",
) -> None:
    """Make all formats in one run of pandoc, which reads the source once; Typst makes the PDF of what pandoc wrote."""
    source = BREAK.sub("`<br>`{=html}", text).replace("\r\n", "\n").expandtabs(4)
    (work / SOURCE).write_text(source, encoding="utf-8")
    jobs: list[dict[str, Any]] = []
    typst_file = work / f"{work.name}.typ"
    for fmt, target in made.items():
        options = config.get("format", {}).get(quarto.FORMATS[fmt], {})
        how: dict[str, Any] = {"wrap_text": "none"}
        if fmt == "html":
            how |= {"template": options["template"], "html_math_method": "mathml"}
            how |= {"variables": {"css": _listed(options.get("css", []))}}
            how |= {"table_of_contents": bool(facts[fmt].get("toc")), "toc_depth": facts[fmt]["toc-depth"]}
        elif fmt == "docx":
            how = {"reference_doc": options["reference-doc"]}
        else:
            how |= {"template": print_template}
        output = (typst_file if fmt == "pdf" else target).name
        jobs.append(
            {"name": fmt, "to": WRITERS[fmt], "metadata": f"facts-{fmt}.json", "output": output, "options": how}
        )
    job = {"source": SOURCE, "from": MARKDOWN, "filters": config.get("filters", []), "formats": jobs}
    (work / "viec.json").write_text(json.dumps(job, ensure_ascii=False), encoding="utf-8")
    _run([pypandoc.get_pandoc_path(), "lua", THREE_FORMATS, "viec.json"], work / jobs[-1]["output"], "pandoc", epoch)
    if "pdf" in made:
        fonts = [str(folder) for folder in print_fonts()]
        try:
            typst.compile(
                str(typst_file),
                str(made["pdf"]),
                root=str(work),
                font_paths=fonts,
                ignore_system_fonts=True,
                timestamp=epoch,
            )
        except typst.TypstError as error:
            raise RenderError([Problem("engine", "Typst", found=str(error), details={"file": "PDF"})]) from error
