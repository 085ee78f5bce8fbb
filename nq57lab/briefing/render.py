"""Turn an executed notebook into a report: HTML, PDF and DOCX.

One source, two implementations behind :func:`render`. The source is the notebook as Papermill left it: its Markdown
cells and the ``text/markdown`` outputs of its code cells, with the figures beside it in ``figures/``. The settings are
``_quarto.yml`` and ``_language.yml``. The implementations are the real Quarto, when asked for or found on PATH, and an
embedded one made of pandoc (``pypandoc_binary``) and Typst. Both use the Lua filters and templates in ``reports/``.
Nothing is executed here, and a file appears in the output folder only when every format asked for is ready.
"""

import functools
import importlib.util
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

import lxml.html
import nbformat
import pypandoc
import typst
import vl_convert
import yaml

from nq57lab.briefing import quarto
from nq57lab.briefing.reference_docx import finish_docx

EXCLUDED_TAGS = {"remove-cell", "parameters", "injected-parameters"}
# A serif whose stacked accents stay apart in bold, as Typst's own do not ("triển" must not read "triễn").
FONT_PACKAGE = "fontpkg_source_serif_4"
SOURCE = "bao-cao.md"
MARKDOWN = "markdown-raw_html-raw_tex"  # markup inside a name or a note is text; blocks marked {=html} stay
LIVE_MARK = "<!-- bieu-do-song -->"
LIVE_CHART = re.compile(r"<script[^>]*\bclass=\"[^\"]*\bbieu-do-song\b")
EXCLUDED_CELL = re.compile(r"^\s*#\|\s*include:\s*false\s*$", re.MULTILINE)
SCHEME = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//|[a-z][a-z0-9+.-]*:", re.IGNORECASE)
NOT_LOADED = ("#", "data:", "about:", "blob:", "javascript:")
PASSIVE_LINKS = {"canonical", "alternate", "author", "license", "next", "prev", "help", "bookmark"}
BREAK = re.compile(r"<br\s*/?>")  # the one piece of HTML that texts may use: a line break in a cell
IMAGE = re.compile(r"!\[[^\]]*\]\(\s*<?([^)\s>]+)")
FILE_KEYS = ("template", "css", "reference-doc", "template-partials")
NOT_METADATA = {"project", "execute", "filters", "format", "language", *FILE_KEYS}


class RenderError(Exception):
    """A report that cannot be rendered; the message lists every problem found, in Vietnamese."""


def _problem(where: str, expected: str, found: str, action: str) -> str:
    return f"{where}: cần {expected}; thấy {found}; hãy {action}."


def _fail(problems: Iterable[str]) -> None:
    listed = list(problems)
    if listed:
        raise RenderError("\n".join(listed))


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
            raise RenderError(_problem(file, "tệp YAML đọc được", str(error), "khôi phục hoặc sửa tệp")) from error
        if not isinstance(read[file], dict):
            raise RenderError(_problem(file, "một bảng khóa: giá trị", type(read[file]).__name__, "sửa tệp"))
    result = {**read["_quarto.yml"], "language": read["_language.yml"]}
    named = [*result.get("filters", [])]
    for options in result.get("format", {}).values():
        named += [file for key in FILE_KEYS for file in _listed(options.get(key, []))]
    missing = [file for file in named if not (Path(root) / file).is_file()]
    _fail(_problem("_quarto.yml", f"tệp {file}", "không có tệp", "sửa đường dẫn") for file in missing)
    return result


def collect(notebook_path: Path) -> str:
    """Collect the Markdown of an executed notebook.

    Parameters
    ----------
    notebook_path : Path
        Notebook executed by Papermill.

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
        raise RenderError(_problem(str(path), "sổ tay đã chạy", "không có tệp", "chạy sổ tay trước khi dựng"))
    pieces, problems = _pieces(nbformat.read(path, as_version=4), path.name)
    text = "\n\n".join(piece.strip("\n") for piece in pieces if piece.strip()) + "\n"
    _fail([*problems, *_missing_pictures(text, path)])
    return text


def _left_out(cell: Any) -> bool:
    tagged = EXCLUDED_TAGS & set(cell.get("metadata", {}).get("tags", []))
    return (
        bool(tagged)
        or cell.cell_type == "raw"
        or (cell.cell_type == "code" and bool(EXCLUDED_CELL.search(cell.source)))
    )


def _pieces(notebook: Any, name: str) -> tuple[list[str], list[str]]:
    pieces: list[str] = []
    problems: list[str] = []
    for number, cell in enumerate(notebook.cells, start=1):
        where = f"{name}, ô {number}"
        if cell.cell_type == "code":
            errors = [f"lỗi {o.get('ename')}: {o.get('evalue')}" for o in cell.outputs if o.output_type == "error"]
            problems += [_problem(where, "ô chạy xong", error, "sửa ô rồi chạy lại sổ tay") for error in errors]
        if _left_out(cell):
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
                problems.append(_problem(where, "kết quả text/markdown", found, "hiện bằng hàm trình bày của nq57lab"))
    return pieces, problems


def _missing_pictures(text: str, notebook: Path) -> list[str]:
    problems = []
    for source in dict.fromkeys(IMAGE.findall(text)):
        file = notebook.parent / unquote(source)
        wanted = [file, file.with_suffix(".png")] if file.suffix == ".svg" else [file]
        missing = [f.name for f in wanted if SCHEME.match(source) or not f.is_file()]
        where = f"{notebook.name}, hình {source}"
        problems += [_problem(where, f"tệp figures/{f}", "không có tệp", "chạy lại sổ tay để vẽ hình") for f in missing]
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
        raise RenderError(_problem("--renderer", "auto, embedded hoặc quarto", repr(preference), "chọn một trong ba"))
    if preference == "embedded":
        return "embedded"
    program, shown = quarto.found()
    if program:
        return "quarto"
    if preference == "quarto":
        wanted = f"lệnh quarto trên PATH, từ {'.'.join(map(str, quarto.MINIMUM))} trở lên"
        raise RenderError(_problem("--renderer", wanted, shown, "cài Quarto (make quarto) hoặc chọn embedded"))
    return "embedded"


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
    formats : iterable of {"html", "pdf", "docx"}
        What to make.
    metadata : mapping
        Title, author and any key of ``_quarto.yml`` that this report changes (``toc``, ``muc-luc``, …).
    renderer : {"auto", "embedded", "quarto"}
        See :func:`find_renderer`.
    source_date_epoch : int
        Creation date written into the files, seconds since 1970; the same inputs give the same HTML bytes.
    provenance : sequence of mapping
        For each number of the trace its provenance in words (:func:`nq57lab.briefing.annexes.labels`), which the HTML page shows.

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
    unknown = [fmt for fmt in wanted if fmt not in quarto.FORMATS]
    _fail(_problem("--formats", "html, pdf hoặc docx", repr(fmt), "sửa định dạng này") for fmt in unknown)
    chosen = find_renderer(renderer)
    author = ", ".join(map(str, _listed(metadata.get("author", ""))))
    config = settings(root)
    text = collect(notebook)
    made: dict[str, Path] = {}
    with tempfile.TemporaryDirectory(prefix="nq57-") as folder:
        work = Path(folder)
        _prepare(work, root, notebook, str(metadata.get("title", name)))
        (work / SOURCE).write_text(BREAK.sub("`<br>`{=html}", text), encoding="utf-8")
        for fmt in wanted:
            target = work / f"{name}.{fmt}"
            facts = _metadata(config, fmt, metadata, everything=chosen == "embedded")
            facts_file = Path(f"facts-{fmt}.json")
            (work / facts_file).write_text(json.dumps(facts, ensure_ascii=False, default=str), encoding="utf-8")
            if chosen == "quarto":
                command = quarto.command(Path(notebook.name), fmt, output=target.name, metadata_file=facts_file)
                _run(command, target, f"Quarto, {fmt}", source_date_epoch)
            else:
                _embedded(work, fmt, target, config, facts_file, source_date_epoch)
            if fmt == "html":
                _finish_html(target, root, provenance)
            elif fmt == "docx":
                finish_docx(target, title=str(metadata.get("title", "")), author=author, epoch=source_date_epoch)
            made[fmt] = target
        out_dir.mkdir(parents=True, exist_ok=True)
        for fmt, path in made.items():
            staged = Path(shutil.copyfile(path, out_dir / f".{path.name}.moi"))
            made[fmt] = staged.replace(out_dir / path.name)
    return made


def _prepare(work: Path, root: Path, notebook: Path, title: str) -> None:
    """Copy what both implementations read into the build folder: settings, filters, templates, figures, clean notebook."""
    for file in ("_quarto.yml", "_language.yml"):
        shutil.copyfile(root / file, work / file)
    for folder in ("_filters", "_templates", "assets"):
        shutil.copytree(root / "reports" / folder, work / "reports" / folder)
    if (notebook.parent / "figures").is_dir():
        shutil.copytree(notebook.parent / "figures", work / "figures")
    (work / "fonts").mkdir()
    for font in _print_fonts():
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


def _print_fonts() -> list[Path]:
    """Give the font files of the printed page; without the package Typst's own serif stands in."""
    found = importlib.util.find_spec(FONT_PACKAGE)
    return sorted(Path(found.origin).parent.rglob("*.[ot]tf")) if found and found.origin else []


def _metadata(config: Mapping[str, Any], fmt: str, metadata: Mapping[str, Any], *, everything: bool) -> dict[str, Any]:
    """Merge settings and the report's own metadata, the more particular winning; Quarto merges its file by itself."""
    words = config["language"]
    facts: dict[str, Any] = {"tu-ngu": words, "toc-title": words.get("toc-title-document", ""), "font-paths": ["fonts"]}
    if everything:
        for layer in (config, config.get("format", {}).get(quarto.FORMATS[fmt], {})):
            facts |= {key: value for key, value in layer.items() if key not in NOT_METADATA}
    facts |= dict(metadata)
    if fmt == "html":
        # muc.lua moves headings one level down in HTML, below the title.
        facts["toc-depth"] = int(facts.get("toc-depth", config.get("toc-depth", 3))) + 1
    return facts


def _run(command: list[str], made: Path, what: str, epoch: int) -> None:
    dated = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
    done = subprocess.run(command, cwd=made.parent, env=dated, capture_output=True, encoding="utf-8", check=False)
    if done.returncode or not made.is_file():
        said = quarto.complaint((done.stderr or done.stdout).replace(str(made.parent), "."))
        raise RenderError(_problem(what, f"tệp {made.name}", said, "sửa nguồn theo thông báo trên"))


def _embedded(work: Path, fmt: str, target: Path, config: Mapping[str, Any], facts_file: Path, epoch: int) -> None:
    options = config.get("format", {}).get(quarto.FORMATS[fmt], {})
    facts = json.loads((work / facts_file).read_text(encoding="utf-8"))
    command = [
        pypandoc.get_pandoc_path(),
        SOURCE,
        f"--from={MARKDOWN}",
        "--standalone",
        f"--metadata-file={facts_file}",
    ]
    command += [f"--lua-filter={name}" for name in config.get("filters", [])]
    if fmt == "html":
        command += ["--to=html5", "--embed-resources", "--mathml", f"--template={options['template']}", "--wrap=none"]
        command += [f"--css={file}" for file in _listed(options.get("css", []))]
        command += ["--toc", f"--toc-depth={facts['toc-depth']}"] if facts.get("toc") else []
    elif fmt == "docx":
        command += ["--to=docx", f"--reference-doc={options['reference-doc']}"]
    else:
        command += ["--to=typst-smart", "--template=reports/_templates/bao-cao.typ", "--wrap=none"]
    made = target.with_suffix(".typ") if fmt == "pdf" else target
    _run([*command, f"--output={made.name}"], made, f"pandoc, {fmt}", epoch)
    if fmt == "pdf":
        fonts = [str(work / "fonts")]
        try:
            typst.compile(
                str(made), str(target), root=str(work), font_paths=fonts, ignore_system_fonts=True, timestamp=epoch
            )
        except typst.TypstError as error:
            raise RenderError(_problem("Typst", "tệp PDF", str(error), "sửa nguồn theo thông báo trên")) from error


@functools.cache
def live_chart_scripts() -> str:
    """Return the scripts that draw live charts, bundled once a process."""
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace("</script", "<\\/script")


def _finish_html(path: Path, root: Path, provenance: Sequence[Mapping[str, str]] = ()) -> None:
    """Add the numbers' provenance and the live-chart scripts where there are any, and refuse an outside request."""
    page = path.read_text(encoding="utf-8")
    # The contents stand twice (side column, folded list): their links need no id.
    page = re.sub(r'(<a href="#[^"]*") id="toc-[^"]*"', r"\1", page)
    scripts = ""
    if LIVE_CHART.search(page):
        own = (root / "reports" / "assets" / "bieu-do-song.js").read_text(encoding="utf-8")
        scripts = f"<script>{live_chart_scripts()}</script>\n<script>\n{own}</script>"
    shown = {entry["id"]: {k: v for k, v in entry.items() if k != "id" and v} for entry in provenance}
    shown = {name: entry for name, entry in shown.items() if f'data-so="{name}"' in page}
    if shown:
        listed = json.dumps(shown, ensure_ascii=False, sort_keys=True).replace("</", "<\\/")
        own = (root / "reports" / "assets" / "truy-vet.js").read_text(encoding="utf-8")
        scripts += f'\n<script type="application/json" id="truy-vet">{listed}</script>\n<script>\n{own}</script>'
    path.write_text(page.replace(LIVE_MARK, scripts), encoding="utf-8", newline="\n")
    outside = check_html(path)
    _fail(_problem(path.name, "trang không gọi tài nguyên ngoài", link, "nhúng tài nguyên này") for link in outside)


def check_html(path: Path) -> list[str]:
    """List every outside request that the HTML file at `path` would make.

    Returns
    -------
    list of str
        Addresses on another host and missing local files, each once; plain links (``<a href>``) request nothing.
    """
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    page = lxml.html.document_fromstring(path.read_bytes(), parser=parser)
    found = [link for element, attribute, link, _ in page.iterlinks() if not _passive(element, attribute)]
    found += page.xpath("//@poster | //@*[name()='xlink:href']")
    found += [part.split()[0] for value in page.xpath("//@srcset") for part in re.split(r",\s+", value)]
    found += re.findall(r"@import\s+['\"]([^'\"]+)", " ".join(page.xpath("//style/text()")))
    for chart in page.xpath("//script[contains(@class, 'bieu-do-song')]/text()"):
        found += re.findall(r'"(?:url|href)"\s*:\s*"([^"]+)"', chart)
    links = [link for link in dict.fromkeys(found) if link and not link.startswith(NOT_LOADED)]
    local = [path.parent / unquote(re.split(r"[?#]", link)[0]) for link in links]
    return [link for link, file in zip(links, local, strict=True) if SCHEME.match(link) or not file.is_file()]


def _passive(element: Any, attribute: str | None) -> bool:
    if attribute in ("cite", "action") or element.tag in ("a", "area", "base"):
        return True
    return element.tag == "link" and bool(PASSIVE_LINKS & set(element.get("rel", "").lower().split()))
