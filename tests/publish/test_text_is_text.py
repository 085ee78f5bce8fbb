"""What officials write is text in every format: no raw markup, no event, no link but web, mail and in-page, no file but a figure."""

import io
import json
import zipfile

import pypandoc
import pypdf
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from support import ROOT

from nq57lab.publish import execute
from nq57lab.publish.render import render

HOSTILE = """# Đề mục {onclick="alert(1)"}

Đoạn có [chữ]{onmouseover="alert(2)" style="position:fixed"} và <script>alert(3)</script>.

```{=html}
<script>alert(4)</script>
```

Trong dòng `<img src=x onerror=alert(5)>`{=html} và `#read("/etc/hostname")`{=typst}.

```{=typst}
#read("facts-pdf.json")
```

```{=openxml}
<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DDEAUTO c:\\\\x "y"</w:instrText></w:r></w:p>
```

[a](javascript:alert(6)) [b](JaVaScRiPt:alert(7)) [c](file:///etc/passwd) [d](data:text/html,x) <javascript:alert(8)>

[trang web](https://example.vn/) [thư](mailto:a@example.vn) [trong trang](#de-muc)

---
header-includes: "<script>alert(9)</script>"
---

```{=html}
<script type="application/json" class="bieu-do-song" data-figure="x">{}</script><script>alert(10)</script>
```
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chu")
    path = folder / "chu.ipynb"
    book = new_notebook(cells=[new_markdown_cell(HOSTILE)])
    import nbformat

    nbformat.write(book, path)
    said = {"title": "Báo cáo <script>alert(0)</script>", "author": "Tổ giúp việc"}
    return render(
        path, folder / "ra", root=ROOT, name="chu", metadata=said, renderer="embedded", source_date_epoch=1782777600
    )


def test_the_page_runs_nothing_that_a_text_brought(made):
    from html.parser import HTMLParser

    class Tags(HTMLParser):
        def __init__(self):
            super().__init__()
            self.scripts, self.events, self.links = [], [], []
            self.inside = False

        def handle_starttag(self, tag, attrs):
            self.events += [name for name, _ in attrs if name.startswith("on")]
            self.links += [value for name, value in attrs if tag == "a" and name == "href"]
            self.inside = tag == "script"

        def handle_data(self, data):
            if self.inside:
                self.scripts.append(data)

        def handle_endtag(self, tag):
            self.inside = False

    page = made["html"].read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(page)
    assert not tags.events
    assert not [script for script in tags.scripts if "alert(" in script]
    assert "position:fixed" not in page
    kinds = {
        link.split(":")[0] if ":" in link else link[:1] for link in tags.links if link not in ("chu.pdf", "chu.docx")
    }
    assert kinds <= {"https", "mailto", "#"}
    assert {"https://example.vn/", "mailto:a@example.vn"} <= set(tags.links)
    assert "alert(4)" in page  # shown as what it is: text


def test_word_and_print_hold_the_text_alone(made):
    document = zipfile.ZipFile(made["docx"]).read("word/document.xml").decode()
    links = zipfile.ZipFile(made["docx"]).read("word/_rels/document.xml.rels").decode()
    assert "<w:instrText>DDEAUTO" not in document
    assert "DDEAUTO" in document
    assert "javascript" not in links.lower() and "file:" not in links
    printed = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made["pdf"].read_bytes())).pages)
    assert '#read("facts-pdf.json")' in printed
    assert "tu-ngu" not in printed  # what that file holds


@pytest.mark.parametrize("source", ["/etc/hostname", "../../etc/hostname", "figures/../bao-cao.md", "_quarto.yml"])
def test_a_picture_comes_from_the_figures_alone(source, tmp_path):
    import nbformat

    (tmp_path / "figures").mkdir()
    path = tmp_path / "hinh.ipynb"
    nbformat.write(new_notebook(cells=[new_markdown_cell(f"Hình ![tên]({source}) ở đây.")]), path)
    (tmp_path / "_quarto.yml").write_text("x: 1", encoding="utf-8")
    (tmp_path / "bao-cao.md").write_text("x", encoding="utf-8")
    try:
        made = render(
            path,
            tmp_path / "ra",
            root=ROOT,
            name="hinh",
            formats=("docx",),
            metadata={"title": "Hình"},
            renderer="embedded",
            source_date_epoch=1782777600,
        )
    except ValueError:
        return  # refused: no such picture
    assert not [name for name in zipfile.ZipFile(made["docx"]).namelist() if name.startswith("word/media/")]


LABELLED = "# Nguồn <!-- {#sec-nguon .phu-luc} -->\n\n## Kho <!-- {.chi-trang} -->\n\n# Một <!-- lời -->\n"


def test_a_label_hidden_in_a_comment_is_the_headings_own_for_nq57(tmp_path):
    path = tmp_path / "so.ipynb"
    path.write_text(json.dumps(new_notebook(cells=[new_markdown_cell(LABELLED), new_code_cell("# a <!-- b -->")])))
    execute.settle(path, tmp_path)
    first, second = json.loads(path.read_text())["cells"]
    assert first["source"] == "# Nguồn {#sec-nguon .phu-luc}\n\n## Kho {.chi-trang}\n\n# Một <!-- lời -->\n"
    assert second["source"] == "# a <!-- b -->"


def test_the_folder_of_a_run_stays_out_of_its_notebook_whatever_letters_it_has(tmp_path):
    work = tmp_path / "Dự án é"
    work.mkdir()
    cells = [new_code_cell(f"work = {str(work)!a}"), new_markdown_cell(f"![]({work}/a.svg)")]
    (work / "so.ipynb").write_text(json.dumps(new_notebook(cells=cells)), encoding="utf-8")
    execute.settle(work / "so.ipynb", work)
    assert [cell["source"] for cell in json.loads((work / "so.ipynb").read_text(encoding="utf-8"))["cells"]] == [
        "work = ''",
        "![](/a.svg)",
    ]


def test_a_label_hidden_in_a_comment_is_the_headings_own_for_quarto_too():
    made = pypandoc.convert_text(
        LABELLED, "html", "markdown", extra_args=[f"--lua-filter={ROOT / 'reports/_filters/an-toan.lua'}"]
    )
    assert '<h1 class="phu-luc" id="sec-nguon">Nguồn</h1>' in made
    assert 'class="chi-trang"' in made and "{" not in made
