"""The real Quarto, played by a program of that name: what it is told, what is told of it, and where the project refuses."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pypandoc
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_notebook, new_output
from support import FIXTURES, ROOT

from nq57lab.documents.edition import Edition
from nq57lab.publish import execute, quarto, render
from nq57lab.publish.batch import keys
from nq57lab.publish.render import RenderError, find_renderer

PROGRAM = """#!{python}
import os, pathlib, sys
said = {{"--version": "{version}", "pandoc": "pandoc 3.8.3", "typst": "typst 0.14.2 (abc)"}}
if sys.argv[1] in said:
    print(said[sys.argv[1]], file=sys.stderr if sys.argv[1] == "typst" else sys.stdout)
elif {failure!r}:
    sys.exit({failure!r})
else:
    made = pathlib.Path(sys.argv[sys.argv.index("--output") + 1])
    told = os.environ.get("NQ57_QUARTO", "") + "|" + pathlib.Path("_quarto.yml").read_text(encoding="utf-8")
    made.write_text("<html><body><pre>" + told + "</pre></body></html>", encoding="utf-8")
"""


@pytest.fixture
def quarto_on_path(tmp_path, monkeypatch):
    """Put a program named quarto on PATH, alone, that tells the version given and renders a page of what it was told, or fails."""

    def put(version, failure=""):
        program = tmp_path / "quarto"
        text = PROGRAM.format(python=sys.executable, version=version, failure=failure)
        program.write_text(text, encoding="utf-8")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        quarto.version.cache_clear()
        quarto.engines.cache_clear()

    yield put
    quarto.version.cache_clear()
    quarto.engines.cache_clear()


def notebook_of(folder: Path, text: str) -> Path:
    path = folder / "nho.ipynb"
    output = new_output("display_data", data={"text/markdown": text})
    nbformat.write(new_notebook(cells=[new_code_cell("x", outputs=[output])]), path)
    return path


def rendered(folder: Path, text: str, *, root: Path = ROOT, renderer: str = "embedded", fmt: str = "html") -> Path:
    path = notebook_of(folder, text)
    made = render.render(
        path,
        folder / "ra",
        root=root,
        name="x",
        formats=[fmt],
        metadata={"title": "T"},
        renderer=renderer,
        source_date_epoch=0,
    )
    return made[fmt]


def test_quarto_command_is_exact():
    command = quarto.command(Path("bao_cao.ipynb"), "pdf", output="q2.pdf", metadata_file=Path("meta-pdf.json"))
    assert command == [
        "quarto", "render", "bao_cao.ipynb", "--to", "typst", "--output", "q2.pdf", "--metadata-file", "meta-pdf.json",
        "--no-execute",
    ]  # fmt: skip


def test_without_quarto_the_embedded_renderer_serves(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_renderer("auto") == find_renderer("embedded") == "embedded"
    with pytest.raises(RenderError, match="quarto"):
        find_renderer("quarto")


@pytest.mark.parametrize("text", ["1.10.0", "1.10.19", "2.0.1", "99.9.9"])
def test_a_new_enough_quarto_serves_unless_the_embedded_one_is_asked_for(quarto_on_path, text):
    quarto_on_path(text)
    assert find_renderer("auto") == find_renderer("quarto") == "quarto"
    assert find_renderer("embedded") == "embedded"


@pytest.mark.parametrize("text", ["1.9.38", "1.9", "hỏng"])
def test_an_older_quarto_is_left_alone_and_refused_with_its_version_when_asked_for(quarto_on_path, text):
    quarto_on_path(text)
    assert find_renderer("auto") == "embedded"
    with pytest.raises(RenderError, match=f"Quarto {text}" if text[0] == "1" else r"Quarto \?"):
        find_renderer("quarto")


# Quarto's own nodes: what it makes of cells, of labelled pictures and tables, and the store at the end of its document.

LIKE_QUARTO = """
local loc, nut = dofile('{filter}')[2], {{}}
local function boc(ma, nut_quarto)
  nut[ma] = nut_quarto
  return pandoc.Div({{ nut_quarto.content }}, pandoc.Attr('', {{}}, {{ nut = ma }}))
end
local function hinh(h)
  if h.identifier == '' then return nil end
  return boc(h.identifier, {{ identifier = h.identifier, caption_long = h.caption.long[1], content = h.content[1], attributes = {{}} }})
end
local function bang(b)
  if b.identifier == '' then return nil end
  local chu, rieng, ma = b.caption.long, b.attributes, b.identifier
  local co = {{}}
  for ten, gia_tri in pairs(rieng) do co[ten] = gia_tri end
  b.caption.long, b.attr = {{}}, pandoc.Attr()
  return boc(ma, {{ identifier = ma, caption_long = chu, content = b, attributes = co }})
end
local function khung(d)
  if d.attributes.nut then return loc.FloatRefTarget(nut[d.attributes.nut]) end
  return loc.Div(d)
end
return {{ {{ Figure = hinh, Table = bang }}, {{ Div = khung }} }}
"""
NODES = """# Một

![Ca](figures/a.svg){#fig-a fig-alt="x"}

| a | b |
|---|---|
| 1 | 2 |

: Chú *thích* {#tbl-a tbl-colwidths="[1,3]"}
"""


def native(folder: Path, text: str, *filters: Path, to: str = "native") -> str:
    (folder / "vao.md").write_text(text, encoding="utf-8")
    command = [
        pypandoc.get_pandoc_path(),
        "vao.md",
        "--standalone",
        f"--to={to}",
        *(f"--lua-filter={path}" for path in filters),
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=True).stdout


def test_cells_pictures_and_tables_that_quarto_wraps_come_back_as_they_were(tmp_path):
    like_quarto = tmp_path / "nhu-quarto.lua"
    filter_ = ROOT / "reports/_filters/ket-qua.lua"
    like_quarto.write_text(LIKE_QUARTO.format(filter=filter_.as_posix()), encoding="utf-8")
    plain = native(tmp_path, NODES)
    assert "Figure" in plain and 'tbl-colwidths" , "[1,3]' in plain
    wrapped = NODES.replace("# Một\n", "::: {.cell}\n::: {.cell-output}\n# Một\n") + "\n:::\n:::\n"
    assert native(tmp_path, wrapped, like_quarto) == plain == native(tmp_path, NODES, filter_)
    outside = NODES.replace(
        "figures/a.svg", "b.svg"
    )  # a picture that the first filter takes out is still a figure, to be refused
    first = ROOT / "reports/_filters/an-toan.lua"
    assert native(tmp_path, outside, first, like_quarto) == native(tmp_path, outside, first)


def inside_quarto(folder: Path, name: str, told: str = "") -> Path:
    """Write a filter that runs one of the project's as Quarto would: in a world of its own, where alone its file is known."""
    path, filter_ = folder / f"trong-quarto-{name}", (ROOT / "reports/_filters" / name).as_posix()
    world = f"setmetatable({{ PANDOC_SCRIPT_FILE = '{filter_}' }}, {{ __index = _G }})"
    text = f"FORMAT, quarto, PANDOC_SCRIPT_FILE = 'typst', {{ {told} }}, 'share/filters/main.lua'\n"
    path.write_text(text + f"return loadfile('{filter_}', 't', {world})()\n", encoding="utf-8")
    return path


def test_scripts_that_quarto_adds_to_the_head_are_no_text_of_the_page(tmp_path):
    text = "---\nheader-includes: |\n  ```{=html}\n  <script src='https://cdn.example/x.js'></script>\n  ```\n---\n\nkeep\n"
    assert "cdn.example" in native(tmp_path, text)
    left = native(tmp_path, text, ROOT / "reports/_filters/an-toan.lua", inside_quarto(tmp_path, "ket-qua.lua"))
    assert '"keep"' in left and "cdn.example" not in left


def test_quarto_keeps_its_store_when_the_last_part_is_left_out(tmp_path):
    left = native(
        tmp_path,
        "# Một\n\n# Hai {.chi-trang}\n\ndrop\n\n::: {#kho .hidden}\nkeep\n:::\n",
        inside_quarto(tmp_path, "ban-in.lua"),
    )
    assert '"keep"' in left and '"drop"' not in left


def test_a_small_picture_in_print_keeps_its_words(tmp_path):
    filters = [ROOT / "reports/_filters" / name for name in ("hinh.lua", "chu-thich.lua")]
    text = 'Nay ![](figures/a.svg){fig-alt="Đường \\"lên\\"" width=11mm} tăng.'
    expected = '#box(image("figures/a.png", alt: "Đường \\"lên\\"", width: 11mm))'
    assert expected in native(tmp_path, text, *filters, to="typst")


# What Quarto is told, and what it says.


def test_a_run_of_ours_passes_the_gate_in_a_project_of_one_notebook(tmp_path, quarto_on_path):
    quarto_on_path("1.11.0")
    page = rendered(tmp_path, "Một.", renderer="quarto").read_text(encoding="utf-8")
    passed, _, config = page.split("<pre>")[1].split("</pre>")[0].partition("|")
    project = yaml.safe_load(config)["project"]
    assert (
        yaml.safe_load(config)["format"]["html"]["embed-resources"] is False
    )  # letters stand behind the text, put there by us
    assert passed == "1" and project["render"] == ["nho.ipynb"] and "output-dir" not in project
    assert (ROOT / project["pre-render"]).is_file()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "\x1b[31mERROR: YAMLException: bad indentation\x1b[39m\n" + "    at x\n" * 20,
            "ERROR: YAMLException: bad indentation",
        ),
        ("ERROR: Error\nERROR (a.lua:3) không có tệp\n" + "x\n" * 20, "ERROR (a.lua:3) không có tệp"),
        (
            "ERROR: Project _quarto.yml validation failed.\n\nIn file _quarto.yml\n(line 3, columns 1--2) Field x\n3: x\n"
            + "    at x\n" * 20,
            "validation failed.\nIn file _quarto.yml\n(line 3, columns 1--2) Field x",
        ),
        (
            "date: 1\nError running filter b.lua:\nb.lua:7: nil\nstack traceback:\n" + "x\n" * 20,
            "filter b.lua:\nb.lua:7: nil",
        ),
        ("Error running filter b.lua:\nTừ chối dựng: bảng sai\nstack\n" + "ERROR: Error\n", "Từ chối dựng: bảng sai"),
    ],
)
def test_a_failure_shows_what_quarto_said_first(tmp_path, quarto_on_path, said, shown):
    quarto_on_path("1.11.0", said)
    with pytest.raises(RenderError) as caught:
        rendered(tmp_path, "Một.", renderer="quarto")
    assert shown in str(caught.value)
    assert "at x" not in str(caught.value) and "stack" not in str(caught.value)


def test_manifest_and_key_name_the_renderer_that_ran_with_its_engines(tmp_path, quarto_on_path):
    given = {"edition": "x", "notebook": "10_so_ket.ipynb", "known": "2026-06-30"}
    quarto_on_path("1.11.0")
    made = execute.manifest(ROOT, given, {}, tmp_path, 0, "quarto")
    assert made["renderer"] == "quarto 1.11.0"
    assert made["engines"] == {"pandoc": "3.8.3", "typst": "0.14.2"}
    assert {"_quarto.yml", "_language.yml", "reports/_filters/chung.lua", "reports/assets/bao-cao.css"} <= set(
        made["inputs"]
    )
    first = keys.key_of("", {}, given, ["html"], render.identity("quarto"))
    quarto_on_path("1.12.0")
    assert keys.key_of("", {}, given, ["html"], render.identity("quarto")) != first
    embedded = execute.manifest(ROOT, given, {}, tmp_path, 0, "embedded")
    assert embedded["renderer"] == "embedded" and embedded["engines"]["pandoc"] == pypandoc.get_pandoc_version()


# Refusals: Quarto replaces Lua's error() by a logger that returns.


@pytest.fixture(scope="module")
def without_error(tmp_path_factory) -> Path:
    """A project whose filters run where error() does nothing."""
    root = tmp_path_factory.mktemp("khong-error")
    for file in ("_quarto.yml", "_language.yml"):
        shutil.copyfile(ROOT / file, root / file)
    for part in ("_filters", "_templates", "assets"):
        shutil.copytree(ROOT / "reports" / part, root / "reports" / part)
    runner = root / "reports" / "_filters" / "ba-dang.lua"
    runner.write_text("error = function() end\n" + runner.read_text(encoding="utf-8"), encoding="utf-8")
    return root


PICTURE = "![Chú thích](figures/a.svg){#fig-a"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Xem @fig-khong-co.", "Tham chiếu @fig-khong-co"),
        ("Xem @sec-khong-co.", "Tham chiếu @sec-khong-co"),
        ('| a | b |\n|--|--|\n| 1 | 2 |\n\n: x {#tbl-x tbl-colwidths="[10,20,30]"}', "có 3 số, bảng có 2 cột"),
        ("| a |\n|--|\n| 1 |\n\n: x {#tbl-x}\n\n| a |\n|--|\n| 1 |\n\n: y {#tbl-x}", "Nhãn #tbl-x dùng hai lần"),
        ('::: {.the-thuc loai="khac"}\n:::', 'the-thuc: loai="khac"'),
        (f'{PICTURE} fig-alt=""}}', "thiếu chữ thay hình"),
        ("![Chú thích](figures/../b.svg){#fig-b}", "không có tệp hình"),
        ("# Một\n\n## Hai\n\n" + "### Điểm\n\n" * 24, "có 24 điểm trong một mục"),
    ],
)
def test_every_refusal_stops_also_where_error_does_nothing(tmp_path, without_error, text, said):
    (tmp_path / "figures").mkdir()
    for name in ("figures/a.svg", "figures/a.png", "b.svg", "b.png"):
        (tmp_path / name).write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    with pytest.raises(RenderError, match="Từ chối dựng: ") as caught:
        rendered(tmp_path, text, root=without_error)
    assert said in str(caught.value)


def test_a_format_that_is_none_of_ours_is_refused_and_no_filter_trusts_error(tmp_path):
    folder = ROOT / "reports" / "_filters"
    command = [pypandoc.get_pandoc_path(), "--to=latex", f"--lua-filter={folder / 'so.lua'}"]
    done = subprocess.run(command, input="Một", capture_output=True, encoding="utf-8", check=False)
    assert done.returncode and 'Từ chối dựng: dạng "latex"' in done.stderr
    code = "".join(re.sub(r"--.*", "", path.read_text(encoding="utf-8")) for path in folder.glob("*.lua"))
    assert not re.search(r"\berror\(", code)


# The gate in front of the project, for those who call Quarto themselves.


def at_the_gate(folder: Path, **told: str) -> subprocess.CompletedProcess:
    command = [pypandoc.get_pandoc_path(), "--from=markdown", "--to=plain"]
    command += [f"--lua-filter={ROOT / yaml.safe_load((ROOT / '_quarto.yml').read_text())['project']['pre-render']}"]
    plain = {name: value for name, value in os.environ.items() if name != "NQ57_QUARTO"}
    return subprocess.run(
        command, input="", cwd=folder, env=plain | told, capture_output=True, encoding="utf-8", check=False
    )


def test_calling_quarto_directly_says_what_to_run(tmp_path):
    done = at_the_gate(tmp_path, QUARTO_PROJECT_INPUT_FILES="notebooks/a.ipynb")
    assert done.returncode and "nq57 report params/" in done.stderr and "nq57 remake" in done.stderr


def test_a_notebook_that_quarto_runs_is_put_back_as_it_was_also_when_the_document_then_fails(tmp_path):
    notebook = tmp_path / "notebooks" / "mau" / "a.ipynb"
    notebook.parent.mkdir(parents=True)
    injected = new_code_cell("known = 1", metadata={"tags": ["injected-parameters"]})
    output = new_output("stream", text="kết quả")
    nbformat.write(new_notebook(cells=[new_code_cell("x", id="o")]), notebook)
    clean = notebook.read_text(encoding="utf-8")

    def run(source: str) -> None:
        nbformat.write(new_notebook(cells=[injected, new_code_cell(source, outputs=[output])]), notebook)

    def pre_render() -> None:
        listed = "notebooks/mau/a.ipynb\nreports/b/b.ipynb"
        assert at_the_gate(tmp_path, NQ57_QUARTO="1", QUARTO_PROJECT_INPUT_FILES=listed).returncode == 0

    pre_render()
    run("x")
    native(
        tmp_path,
        "Một",
        inside_quarto(tmp_path, "ket-qua.lua", f"project = {{ directory = '{tmp_path.as_posix()}' }}"),
    )
    assert notebook.read_text(encoding="utf-8") == clean, "ngay khi các bộ lọc bắt đầu"
    run("x")  # another format
    assert at_the_gate(tmp_path, NQ57_QUARTO="1", QUARTO_PROJECT_OUTPUT_FILES="x").returncode == 0
    assert notebook.read_text(encoding="utf-8") == clean
    pre_render()
    run("người dùng sửa")
    at_the_gate(tmp_path, NQ57_QUARTO="1", QUARTO_PROJECT_OUTPUT_FILES="x")
    assert "người dùng sửa" in notebook.read_text(encoding="utf-8")


def test_every_notebook_kept_or_not_passes_the_gate_and_no_text_does():
    listed = yaml.safe_load((ROOT / "_quarto.yml").read_text(encoding="utf-8"))["project"]
    assert all(pattern.endswith(".ipynb") for pattern in listed["render"])
    assert {pattern.split("/")[0] for pattern in listed["render"]} == {"notebooks", "reports"}
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"/.quarto/", "**/*.quarto_ipynb"} <= set(ignored)


def test_a_notebook_that_quarto_runs_gives_a_document_and_one_in_jupyterlab_a_view(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {"edition": "x", "title": "BÁO CÁO|Thử", "known": "2026-06-30", "period": "2026-Q2"}
    view = Edition(given, root=FIXTURES / "project")
    assert view.head().markdown.startswith("# BÁO CÁO")
    monkeypatch.setenv("QUARTO_DOCUMENT_PATH", str(tmp_path))
    document = Edition(given, root=FIXTURES / "project")
    assert ".the-thuc" in document.head().markdown and "@@" not in document.head().markdown
    document.close()
    assert list(tmp_path.iterdir()) == []
