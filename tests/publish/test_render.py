"""The renderer: what reaches the document, and how it looks in HTML, PDF and DOCX."""

from __future__ import annotations

import base64
import gzip
import json
import re
import runpy
import shutil
import zipfile
from pathlib import Path

import altair as alt
import nbformat
import pandas as pd
import PIL.Image
import pypdf
import pytest
import vl_convert
from docx import Document
from docx.shared import Mm
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from support import ROOT

from nq57lab.charts import theme
from nq57lab.publish import docx_file
from nq57lab.publish import render as rendering
from nq57lab.publish.render import RenderError, collect, find_renderer, render, settings
from nq57lab.publish.web_page import check_html

EPOCH = 1782777600  # 30/6/2026
METADATA = {"title": "Báo cáo sơ kết 18 tháng thực hiện Nghị quyết số 57-NQ/TW", "author": "Tổ giúp việc"}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

# fmt: off
PROVINCES = [
    "Hà Nội", "Cao Bằng", "Tuyên Quang", "Điện Biên", "Lai Châu", "Sơn La", "Lào Cai", "Thái Nguyên", "Lạng Sơn", "Quảng Ninh",
    "Bắc Ninh", "Phú Thọ", "Hải Phòng", "Hưng Yên", "Ninh Bình", "Thanh Hóa", "Nghệ An", "Hà Tĩnh", "Quảng Trị", "Huế", "Đà Nẵng",
    "Quảng Ngãi", "Gia Lai", "Khánh Hòa", "Đắk Lắk", "Lâm Đồng", "Đồng Nai", "Thành phố Hồ Chí Minh", "Tây Ninh", "Đồng Tháp",
    "Vĩnh Long", "An Giang", "Cần Thơ", "Cà Mau",
]
# fmt: on


# A sample report: every construct the notebooks emit.


def draw(folder: Path, label: str, title: str) -> dict:
    """Draw one chart as SVG and PNG in figures/ and return its specification."""
    theme.register_fonts()
    frame = pd.DataFrame(
        {"nhóm": ["Khối Đảng", "Bộ, ngành", "Địa phương", "Quốc hội"], "tỷ lệ": [91.9, 84.8, 78.5, 66.7]}
    )
    bars = (
        alt.Chart(frame)
        .mark_bar(color="#1b5e8c")
        .encode(
            x=alt.X("tỷ lệ:Q", title=None, scale=alt.Scale(domain=[0, 100])),
            y=alt.Y("nhóm:N", sort=list(frame["nhóm"]), title=None),
            tooltip=["nhóm", "tỷ lệ"],
        )
    )
    words = bars.mark_text(align="left", dx=4).encode(text=alt.Text("tỷ lệ:Q", format=".1f"))
    chart = (
        (bars + words)
        .properties(
            width=520,
            height=170,
            title=alt.TitleParams(title, subtitle="Tỷ lệ nhiệm vụ hoàn thành, %, đến ngày 29/6/2026", anchor="start"),
        )
        .configure(font=theme.FONT)
    )
    spec = chart.to_dict()
    figures = folder / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    (figures / f"{label}.svg").write_text(vl_convert.vegalite_to_svg(spec), encoding="utf-8")
    (figures / f"{label}.png").write_bytes(vl_convert.vegalite_to_png(spec, scale=2))
    return spec


HEADS = {
    "dang": (
        '::: {.the-thuc loai="dang" co-quan-cap-tren="BAN CHẤP HÀNH TRUNG ƯƠNG" co-quan="VĂN PHÒNG" so="" ky-hieu="-BC/VPTW" '
        'dia-danh="Hà Nội" ngay="ngày 30 tháng 6 năm 2026" du-thao="true"}\n:::'
    ),
    "nha_nuoc": (
        '::: {.the-thuc loai="nha_nuoc" co-quan-cap-tren="CHÍNH PHỦ" co-quan="BỘ KHOA HỌC|VÀ CÔNG NGHỆ" so="125" ky-hieu="/BC-BKHCN" '
        'dia-danh="Hà Nội" ngay="ngày 05 tháng 7 năm 2026" du-thao="false"}\n:::'
    ),
}

OPENING = """
::: {.tieu-de}
BÁO CÁO

sơ kết 18 tháng thực hiện Nghị quyết số 57-NQ/TW về đột phá phát triển khoa học, công nghệ, đổi mới sáng tạo và chuyển đổi số quốc gia
:::

::: {.tom-tat}
**Tóm tắt** (đã xác thực 0/42 số liệu)

- **Nhiệm vụ hoàn thành đạt [84,8%]{.so truy-vet="ty_le_hoan_thanh"}** [tự báo cáo]{.dau}, thấp hơn mục tiêu 15,2 điểm phần trăm.
- **Chi ngân sách đạt [11,3%]{.so so="giai_ngan"}** dự toán được giao, tương đương 9,3% tổng mức bố trí.
- **Kinh tế số chiếm khoảng 18,72% GDP** [ước tính]{.dau}, so với mục tiêu 30% vào năm 2030 (@fig-khoi, @tbl-chinh).
:::
"""

BODY = """
# Tình hình thực hiện {#sec-tinh-hinh}

**Tỷ lệ hoàn thành tăng 6,3 điểm phần trăm so với cùng kỳ.** Kỳ này có [1.245]{.so truy-vet="nhiem_vu"} nhiệm vụ được giao[^nguon];
chi tiết ở @tbl-tinh, nhận định ở @sec-vuong-mac và @sec-nguyen-nhan, số liệu gốc ở @sec-pl-so-lieu. Những chữ khó xếp dấu: Ễ Ỗ Ẫ Ữ Ậ Ộ ỡ ỹ ặ ẵ ẩ
ượng nghiễm, khuỷu, quỹ, ngoằn ngoèo, TRUNG ƯƠNG, ĐỔI MỚI, TỔNG THỂ; hiệu số −2,1 điểm phần trăm.

[^nguon]: Dự thảo Báo cáo sơ kết 18 tháng, Phần 1, mục I.2; số do các cơ quan tự báo cáo, chưa xác thực.

## Kết quả chung {#sec-ket-qua}

![Khối Đảng dẫn đầu về tỷ lệ hoàn thành](figures/khoi.svg){#fig-khoi fig-alt="Biểu đồ thanh: khối Đảng 91,9%, bộ, ngành 84,8%, \
địa phương 78,5%, Quốc hội 66,7%; khối Đảng dẫn đầu."}

::: {.ghi-chu}
Nguồn: Dự thảo Báo cáo sơ kết ngày 30/6/2026. Ghi chú: số tự báo cáo.
:::

### Khối Đảng

Đoạn ngắn về khối Đảng; xem @fig-quy.

### Bộ, ngành

Đoạn ngắn về bộ, ngành.

### Địa phương

1. Mục đánh số thứ nhất.
2. Mục đánh số thứ hai.

## Khó khăn, vướng mắc {#sec-vuong-mac}

::: {.callout-warning title="Hai số cùng tên"}
Tỷ lệ 84,8% nhiệm vụ hoàn thành không phải chỉ số A.01.01 (hoàn thành **đúng hạn** trên số được giao).
:::

::: {.callout-note}
Khung ghi chú lấy tên mặc định.
:::

### Nguyên nhân {#sec-nguyen-nhan}

Bảng sau có một cột nhiều chữ.

| TT | Nhiệm vụ | Cơ quan chủ trì | Tiến độ |
|---:|:--|:--|:-:|
| 1 | Hoàn thiện thể chế về thử nghiệm có kiểm soát, cơ chế chấp nhận rủi ro trong nghiên cứu khoa học và đầu tư mạo hiểm, \
bảo đảm đồng bộ với Luật Khoa học, công nghệ và đổi mới sáng tạo | Bộ Khoa học và Công nghệ | chậm |
| 2 | Kết nối 12 cơ sở dữ liệu quốc gia<br>và 105 cơ sở dữ liệu chuyên ngành | Bộ Công an | **gần đạt** |
| **3** | **Bố trí ít nhất 3% tổng chi ngân sách hằng năm** | **Bộ Tài chính** | **đạt** |

: Nhiệm vụ trọng tâm của quý tới {#tbl-chinh tbl-colwidths="[8,52,25,15]"}

::: {.ghi-chu}
Nguồn: Kế hoạch số 01-KH/BCĐTW.
:::

![Diễn biến theo quý](figures/quy.svg){#fig-quy fig-alt="Biểu đồ thanh theo quý; khối Đảng cao nhất với 91,9%."}

# Kiến nghị {.unnumbered}

Kiến nghị Ban Chỉ đạo xem xét.

::: {.noi-nhan ky-chuc-danh="K/T CHÁNH VĂN PHÒNG|PHÓ CHÁNH VĂN PHÒNG" ky-ten=""}
- Thường trực Ban Chỉ đạo (để báo cáo);
- Các thành viên Ban Chỉ đạo;
- Lưu Văn phòng Trung ương Đảng.
:::

# Số liệu các tỉnh, thành phố {.phu-luc #sec-pl-so-lieu}

## Bảng tổng hợp
"""


def long_table() -> str:
    """Sixty rows and seven columns in smaller type."""
    rows = [
        "| TT | Địa bàn | Chỉ số | Kỳ trước | Kỳ này | Chênh lệch (điểm) | Đánh giá |",
        "|--:|:--|:--|--:|--:|--:|:--|",
    ]
    for i in range(60):
        value = f"{60 + i % 35},{i % 10}"
        rows.append(
            f"| {i + 1} | {PROVINCES[i % 34]} | A.0{1 + i % 9}.01 | {value} | {value} | −0,{i % 10} | gần đạt |"
        )
    rows += ["", ": Kết quả theo tỉnh, thành phố {#tbl-tinh}"]
    return "::: {.bang-rong}\n\n" + "\n".join(rows) + "\n\n:::"


APPENDIX_2 = """
# Phương pháp {.phu-luc}

Sai số bằng dự báo trừ quan sát: $e = \\hat{y} - y$.

| Chỉ tiêu | Giá trị |
|:--|--:|
| Số kỳ | 8 |
| Độ phủ | 80% |

: Tham số {#tbl-tham-so}
"""


def markdown_output(text: str):
    return new_output("display_data", data={"text/markdown": text, "text/plain": "<Markdown>"})


def sample(folder: Path, kind: str = "dang") -> Path:
    """Write an executed notebook with its figures; return its path."""
    spec = draw(folder, "khoi", "Khối Đảng hoàn thành cao nhất")
    draw(folder, "quy", "Quý II cao hơn quý I")
    live = f'```{{=html}}\n<script type="application/json" class="bieu-do-song" data-figure="fig-khoi">{json.dumps(spec)}</script>\n```'
    cells = [
        new_raw_cell("---\ntitle: Báo cáo\nlang: vi\n---"),
        new_code_cell("edition = 'q2'", metadata={"tags": ["parameters"]}),
        new_code_cell(
            "edition = 'q3'", metadata={"tags": ["injected-parameters"]}, outputs=[markdown_output("THAM SỐ LỌT RA")]
        ),
        new_code_cell("#| include: false\nimport pandas", outputs=[markdown_output("NHẬP THƯ VIỆN LỌT RA")]),
        new_code_cell(
            "head()", outputs=[markdown_output(HEADS[kind]), new_output("stream", name="stdout", text="DÒNG IN LỌT RA")]
        ),
        new_markdown_cell(OPENING),
        new_markdown_cell("Ô BỎ LỌT RA", metadata={"tags": ["remove-cell"]}),
        new_code_cell("show()", outputs=[markdown_output(BODY), markdown_output(live)], execution_count=3),
        new_code_cell("table()", outputs=[markdown_output(long_table())]),
        new_markdown_cell(APPENDIX_2),
    ]
    path = folder / "bao_cao.ipynb"
    nbformat.write(
        new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}), path
    )
    return path


def rendered(path: Path, folder: Path, *formats: str) -> dict[str, Path]:
    """Render a notebook by the embedded renderer; the documents by format."""
    how = {"metadata": METADATA, "renderer": "embedded", "source_date_epoch": 0}
    return render(path, folder, root=ROOT, name="x", formats=list(formats), **how)


def notebook_with(folder: Path, *outputs, tags=()) -> Path:
    path = folder / "nho.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("x", outputs=list(outputs), metadata={"tags": list(tags)})]), path)
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("mau")
    paths = render(
        sample(folder),
        folder / "ra",
        root=ROOT,
        name="bao-cao",
        metadata=METADATA,
        renderer="embedded",
        source_date_epoch=EPOCH,
    )
    return {**paths, "folder": folder}


@pytest.fixture(scope="module")
def page(built) -> str:
    return built["html"].read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def body(page) -> str:
    """The page without scripts and embedded pictures."""
    return re.sub(r"data:[^\"]+", "data:", re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL))


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html).replace("\u00a0", " "))


# What reaches the document.


def test_collect_keeps_markdown_in_order_and_leaves_out_the_rest(tmp_path):
    text = collect(sample(tmp_path))
    places = [
        text.index(words)
        for words in (".the-thuc", ".tieu-de", "# Tình hình", "bieu-do-song", "#tbl-tinh", "# Phương pháp")
    ]
    assert places == sorted(places)
    assert "LỌT RA" not in text
    assert "edition" not in text


def test_collect_reports_every_bad_output_together(tmp_path):
    path = notebook_with(
        tmp_path,
        new_output("error", ename="ValueError", evalue="thiếu cột"),
        new_output("display_data", data={"text/html": "<table>", "text/plain": "x"}),
    )
    with pytest.raises(RenderError) as caught:
        collect(path)
    message = str(caught.value)
    assert "ValueError: thiếu cột" in message
    assert "text/html, text/plain" in message
    assert message.count("nho.ipynb, ô 1") == 2


def test_an_error_in_a_left_out_cell_is_still_an_error(tmp_path):
    path = notebook_with(tmp_path, new_output("error", ename="KeyError", evalue="x"), tags=["remove-cell"])
    with pytest.raises(RenderError, match="KeyError"):
        collect(path)


def test_collect_names_a_missing_picture_and_a_missing_png(tmp_path):
    sample(tmp_path)
    (tmp_path / "figures" / "quy.png").unlink()
    (tmp_path / "figures" / "khoi.svg").unlink()
    with pytest.raises(RenderError) as caught:
        collect(tmp_path / "bao_cao.ipynb")
    assert "quy.png" in str(caught.value)
    assert "khoi.svg" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Xem @fig-khong-co.", "@fig-khong-co"),
        ("Xem @sec-khong-co.", "@sec-khong-co"),
        ('| a | b |\n|--|--|\n| 1 | 2 |\n\n: x {#tbl-x tbl-colwidths="[10,20,30]"}', "có 3 số, bảng có 2 cột"),
        ('::: {.the-thuc loai="khac"}\n:::', "chỉ nhận"),
    ],
)
def test_a_wrong_source_stops_with_a_message(tmp_path, text, message):
    path = notebook_with(tmp_path, markdown_output(text))
    with pytest.raises(RenderError, match=re.escape(message)):
        rendered(path, tmp_path / "ra", "html")
    assert not (tmp_path / "ra").exists()


def test_unknown_format_and_renderer_are_errors(tmp_path):
    with pytest.raises(RenderError, match="epub"):
        render(tmp_path / "x.ipynb", tmp_path, root=ROOT, name="x", formats=["epub"], metadata={}, source_date_epoch=0)
    with pytest.raises(RenderError, match="latex"):
        find_renderer("latex")


def test_settings_name_every_missing_file(tmp_path):
    (tmp_path / "_quarto.yml").write_text("filters: [mot.lua]\nformat: {html: {css: hai.css}}\n", encoding="utf-8")
    (tmp_path / "_language.yml").write_text("toc-title-document: Mục lục\n", encoding="utf-8")
    with pytest.raises(RenderError) as caught:
        settings(tmp_path)
    assert "mot.lua" in str(caught.value)
    assert "hai.css" in str(caught.value)


# Quarto.


def test_quarto_gets_the_same_cells_behind_a_title_of_their_own(tmp_path):
    (tmp_path / "dung").mkdir()
    shutil.copyfile(ROOT / "_quarto.yml", tmp_path / "dung" / "_quarto.yml")
    rendering._prepare_quarto(tmp_path / "dung", sample(tmp_path), "Sơ kết")
    cells = nbformat.read(tmp_path / "dung" / "bao_cao.ipynb", as_version=4).cells
    assert [cell.cell_type for cell in cells] == ["raw", "code", "markdown", "code", "code", "markdown"]
    assert 'title: "Sơ kết"' in cells[0].source
    assert all(output.output_type != "stream" for cell in cells if cell.cell_type == "code" for output in cell.outputs)


@pytest.mark.skipif(shutil.which("quarto") is None, reason="không có Quarto")
def test_quarto_gives_the_same_captions_numbers_and_references(tmp_path):
    paths = render(
        sample(tmp_path),
        tmp_path / "ra",
        root=ROOT,
        name="q",
        metadata=METADATA,
        renderer="quarto",
        source_date_epoch=EPOCH,
    )
    text = text_of(paths["html"].read_text(encoding="utf-8"))
    for words in (
        "Hình 1. Khối Đảng dẫn đầu",
        "Bảng 2. Kết quả theo tỉnh",
        "chi tiết ở Bảng 2",
        "mục I.2.a",
        "I. Tình hình thực hiện",
    ):
        assert words in text
    assert check_html(paths["html"]) == []
    page = paths["html"].read_text(encoding="utf-8")
    assert page.count('alt="Biểu đồ thanh') == 2
    assert "papermill" not in page
    assert paths["pdf"].read_bytes().startswith(b"%PDF")
    assert any(p.style.name == "Heading 1" for p in Document(str(paths["docx"])).paragraphs)


# Numbers, captions, references.


def test_captions_and_cross_references_carry_the_vietnamese_words(body):
    text = text_of(body)
    assert "Hình 1. Khối Đảng dẫn đầu về tỷ lệ hoàn thành" in text
    assert "Hình 2. Diễn biến theo quý" in text
    assert "Bảng 1. Nhiệm vụ trọng tâm của quý tới" in text
    assert "Bảng 2. Kết quả theo tỉnh, thành phố" in text
    assert "chi tiết ở Bảng 2, nhận định ở mục I.2 và mục I.2.a, số liệu gốc ở Phụ lục I." in text
    assert "(Hình 1, Bảng 1)" in text


def test_headings_are_numbered_by_level_and_appendices_apart(body):
    headings = [text_of(h) for h in re.findall(r"<h[2-4][^>]*>(.*?)</h[2-4]>", body, flags=re.DOTALL)]
    assert headings == [
        "I. Tình hình thực hiện", "1. Kết quả chung", "a) Khối Đảng", "b) Bộ, ngành", "c) Địa phương",
        "2. Khó khăn, vướng mắc", "a) Nguyên nhân", "Kiến nghị",
        "Phụ lục I. Số liệu các tỉnh, thành phố", "1. Bảng tổng hợp", "Phụ lục II. Phương pháp",
    ]  # fmt: skip


def test_letters_follow_the_vietnamese_alphabet(tmp_path):
    text = "# Một\n\n" + "\n\n".join(f"### Điểm {i}" for i in range(7))
    path = notebook_with(tmp_path, markdown_output(text))
    paths = rendered(path, tmp_path, "html")
    assert re.findall(
        r'so-muc">(.)\)', paths["html"].read_text(encoding="utf-8").split("<main")[1].split("</details>")[1]
    ) == list("abcdđeg")


def test_contents_show_the_same_numbers(body):
    contents = text_of(re.search(r'<nav class="ben".*?</nav>', body, flags=re.DOTALL).group())
    assert contents.startswith(" Mục lục")
    assert "I. Tình hình thực hiện" in contents
    assert "Phụ lục II. Phương pháp" in contents


# HTML.


def test_page_makes_no_outside_request(built):
    assert check_html(built["html"]) == []


def test_same_inputs_give_the_same_bytes(built):
    again = render(
        built["folder"] / "bao_cao.ipynb", built["folder"] / "lai", root=ROOT, name="bao-cao", metadata=METADATA, renderer="embedded",
        source_date_epoch=EPOCH,
    )  # fmt: skip
    for fmt in ("html", "pdf", "docx"):
        assert again[fmt].read_bytes() == built[fmt].read_bytes(), fmt


def test_page_has_language_title_landmarks_and_unique_ids(body):
    assert '<html lang="vi">' in body
    assert "<title>Báo cáo sơ kết 18 tháng" in body
    assert body.count("<main") == 1
    assert body.count("<h1") == 1
    assert 'class="bo-qua" href="#noi-dung"' in body
    ids = re.findall(r'\sid="([^"]+)"', body)
    assert len(ids) == len(set(ids))


def test_traced_numbers_keep_their_id_only_on_the_page(built, body):
    assert '<span class="so" data-so="nhiem_vu">1.245</span>' in body
    assert '<span class="so" data-so="giai_ngan">11,3%</span>' in body
    assert "nhiem_vu" not in zipfile.ZipFile(built["docx"]).read("word/document.xml").decode()


def test_live_chart_scripts_come_once_and_only_when_needed(page, tmp_path):
    packed = re.findall(r'id="bo-ve">([^<]*)<', page)
    assert len(packed) == 1 and gzip.decompress(base64.b64decode(packed[0])).count(b"window.vegaEmbed=") == 1
    assert (
        page.index("</main>") < page.index("data:font/woff2") < page.index('id="bo-ve"')
    )  # read before its letters come
    chart = re.findall(r'class="bieu-do-song" data-figure="fig-khoi">([^<]*)<', page)
    assert "layer" in json.loads(gzip.decompress(base64.b64decode(chart[0])))  # what is drawn is packed too
    path = notebook_with(tmp_path, markdown_output("Không có biểu đồ."))
    plain = rendered(path, tmp_path, "html")
    assert 'id="bo-ve"' not in plain["html"].read_text(encoding="utf-8")
    assert plain["html"].stat().st_size < 250_000  # with its fonts


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<img src="https://x.vn/a.png">', ["https://x.vn/a.png"]),
        ('<script src="//x.vn/a.js"></script>', ["//x.vn/a.js"]),
        ('<link rel="stylesheet" href="thieu.css">', ["thieu.css"]),
        (
            "<style>@import 'https://x.vn/a.css'; b{background:url(https://x.vn/b.png)}</style>",
            ["https://x.vn/b.png", "https://x.vn/a.css"],
        ),
        ("<p style=\"background:url('http://x.vn/c.png')\">", ["http://x.vn/c.png"]),
        ('<img srcset="http://x.vn/1.png 1x, http://x.vn/2.png 2x">', ["http://x.vn/1.png", "http://x.vn/2.png"]),
        ('<svg><image xlink:href="http://x.vn/d.png"/></svg>', ["http://x.vn/d.png"]),
        (
            '<script class="bieu-do-song" type="application/json">{"data":{"url":"https://x.vn/d.json"}}</script>',
            ["https://x.vn/d.json"],
        ),
        (
            '<a href="https://x.vn/">x</a><link rel="canonical" href="https://x.vn/"><img src="data:image/png;base64,AA">',
            [],
        ),
        ("<script>var a = 'src=\"https://x.vn/a.js\"';</script>", []),
    ],
)
def test_check_html_lists_what_would_be_requested(tmp_path, html, found):
    path = tmp_path / "a.html"
    path.write_text(html, encoding="utf-8")
    assert check_html(path) == found


# DOCX.


def test_pictures_on_the_page_have_alternative_text(body):
    assert len(re.findall(r'<img [^>]*alt="Biểu đồ thanh[^"]+"', body)) == body.count("<img") == 2


def test_a_tall_picture_of_a_docx_leaves_its_page_room_for_the_caption(tmp_path):
    drawn, path = tmp_path / "cao.png", tmp_path / "cao.docx"
    PIL.Image.new("RGB", (10, 40)).save(drawn)
    document = Document()
    document.add_picture(str(drawn), width=Mm(100))
    document.save(str(path))
    docx_file.finish_docx(path, title="Cao", author="", epoch=0)
    shape = Document(str(path)).inline_shapes[0]
    assert shape.height == Mm(230) and shape.width == pytest.approx(Mm(230) / 4, abs=2)


def test_docx_has_heading_styles_real_tables_and_header_rows(built):
    document = Document(str(built["docx"]))
    styles = {(p.style.name, p.text.replace("\u00a0", " ")) for p in document.paragraphs}
    assert ("Heading 1", "I. Tình hình thực hiện") in styles
    assert ("Heading 2", "2. Khó khăn, vướng mắc") in styles
    assert ("Heading 3", "b) Bộ, ngành") in styles
    ruled = [t for t in document.tables if t.style is not None and t.style.name == "Table"]
    assert [len(t.rows) for t in ruled] == [4, 61, 3]
    for table in ruled:
        assert table.rows[0]._tr.find(f"{W}trPr").find(f"{W}tblHeader") is not None
        assert table._tbl.tblPr.find(f"{W}tblW").get(f"{W}w") == "5000"


def test_a_heading_starts_its_page_in_word_without_a_paragraph_that_could_make_a_blank_one(tmp_path):
    text = "# Một\n\n::: {.tom-tat}\nTóm tắt.\n:::\n\n# Hai {.unnumbered .trang-moi}\n\nChữ."
    path = notebook_with(tmp_path, markdown_output(text))
    made = rendered(path, tmp_path, "docx")
    document = Document(str(made["docx"]))
    (heading,) = [p for p in document.paragraphs if p.text == "Hai" and p.style.name == "Heading 1"]
    assert heading.paragraph_format.page_break_before
    assert not list(document.element.body.iter(f"{W}br"))
    above = heading._p.getprevious()
    while above.tag in (f"{W}bookmarkStart", f"{W}bookmarkEnd"):
        above = above.getprevious()
    assert above.tag == f"{W}tbl"


def test_a_column_is_never_narrower_than_its_longest_code(tmp_path):
    table = '| Mã | Nguồn |\n|:--|:--|\n| P_DVC_20251107 | Cổng |\n\n: Nguồn {#tbl-nguon tbl-colwidths="[3,97]"}'
    path = notebook_with(tmp_path, markdown_output(table))
    paths = rendered(path, tmp_path, "docx")
    grid = [int(c.get(f"{W}w")) for c in Document(str(paths["docx"])).tables[0]._tbl.tblGrid]
    assert grid[0] / sum(grid) > len("P_DVC_20251107") / 84


def test_contents_of_the_printed_report_follow_the_summary(tmp_path):
    path = notebook_with(tmp_path, markdown_output("# Tóm tắt {.unnumbered}\n\nMột ý.\n\n# Tình hình\n\nHai ý."))
    paths = rendered(path, tmp_path, "docx")
    texts = [p.text.replace("\u00a0", " ") for p in Document(str(paths["docx"])).paragraphs]
    assert texts.index("Một ý.") < texts.index("Mục lục") < len(texts) - texts[::-1].index("I. Tình hình") - 1


def test_names_of_offices_are_in_capitals(tmp_path):
    head = '::: {.the-thuc loai="dang" co-quan-cap-tren="Văn phòng Trung ương Đảng" co-quan="Cơ quan Thường trực" ngay="x"}\n:::'
    path = notebook_with(tmp_path, markdown_output(head))
    paths = rendered(path, tmp_path, "html")
    page = paths["html"].read_text(encoding="utf-8")
    assert "VĂN PHÒNG TRUNG ƯƠNG ĐẢNG" in page
    assert "CƠ QUAN THƯỜNG TRỰC" in page


def test_docx_captions_are_fields_and_references_point_to_them(built):
    xml = zipfile.ZipFile(built["docx"]).read("word/document.xml").decode()
    assert xml.count("SEQ Hình") == 2
    assert xml.count("SEQ Bảng") == 3
    for name in re.findall(r" REF (\S+) ", xml):
        assert f'w:name="{name}"' in xml


def test_docx_pictures_have_alternative_text_and_are_png(built):
    with zipfile.ZipFile(built["docx"]) as archive:
        xml = archive.read("word/document.xml").decode()
        media = [name for name in archive.namelist() if name.startswith("word/media/")]
        assert "docProps/custom.xml" not in archive.namelist(), "các thiết lập lúc dựng không ở lại trong tệp"
    described = re.findall(r'<wp:docPr[^>]*descr="([^"]*)"', xml)
    assert len(described) == 2
    assert described[0].startswith("Biểu đồ thanh: khối Đảng 91,9%")
    assert all(name.endswith(".png") for name in media)


def test_docx_page_is_a4_with_number_at_the_top_but_not_on_page_one(built):
    section = Document(str(built["docx"])).sections[0]
    millimetres = [
        round(v.mm)
        for v in (
            section.page_width,
            section.page_height,
            section.top_margin,
            section.left_margin,
            section.right_margin,
        )
    ]
    assert millimetres == [210, 297, 20, 30, 15]
    assert section.different_first_page_header_footer
    assert "PAGE" in section.header._element.xml
    assert "PAGE" not in section.first_page_header._element.xml


def test_reference_document_is_what_the_script_makes(tmp_path):
    runpy.run_path(str(ROOT / "reports" / "_templates" / "tham_chieu.py"))["build"](tmp_path / "a.docx")
    assert (tmp_path / "a.docx").read_bytes() == (ROOT / "reports" / "_templates" / "tham-chieu.docx").read_bytes()


# PDF.


def test_pdf_has_pages_text_title_and_no_number_on_page_one(built):
    document = pypdf.PdfReader(built["pdf"])
    pages = [page.extract_text().replace("\u00a0", " ") for page in document.pages]
    assert len(pages) > 4
    assert "ĐẢNG CỘNG SẢN VIỆT NAM" in pages[0]
    assert pages[0].split()[0] != "1"
    assert pages[1].split()[0] == "2"
    assert sum("Chênh lệch" in page for page in pages) >= 2, "hàng đầu của bảng dài phải lặp lại"
    assert "Hình 1. Khối Đảng dẫn đầu" in re.sub(r"\s+", " ", " ".join(pages))
    assert document.metadata.title == METADATA["title"]
    assert [round(float(side), 2) for side in document.pages[0].mediabox[2:]] == [595.28, 841.89]  # A4


@pytest.mark.parametrize("kind", ["dang", "nha_nuoc"])
def test_both_kinds_of_head_block_in_every_format(tmp_path, kind):
    paths = render(
        sample(tmp_path, kind),
        tmp_path,
        root=ROOT,
        name="x",
        metadata=METADATA,
        renderer="embedded",
        source_date_epoch=EPOCH,
    )
    page = text_of(re.sub(r"<script.*?</script>", "", paths["html"].read_text(encoding="utf-8"), flags=re.DOTALL))
    cells = [c.text for t in Document(str(paths["docx"])).tables[:1] for c in t.rows[0].cells]
    written = page + " ".join(cells)
    if kind == "dang":
        assert written.count("ĐẢNG CỘNG SẢN VIỆT NAM") == 2
        assert written.count("DỰ THẢO") == 2
        assert "Độc lập" not in written
        assert "Số: " not in written
    else:
        assert written.count("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM") == 2
        assert written.count("Độc lập - Tự do - Hạnh phúc") == 2
        assert written.count("Số: 125/BC-BKHCN") == 2
        assert "DỰ THẢO" not in written


# In a browser.


@pytest.fixture(scope="module")
def browser():
    from playwright import sync_api as playwright

    if not CHROMIUM:
        pytest.skip("không có trình duyệt (Chromium)")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_page_fits_the_screen_and_draws_the_live_chart(browser, built, width):
    view = browser.new_page(viewport={"width": width, "height": 800})
    requests, complaints = [], []
    view.on("request", lambda request: requests.append(request.url))
    view.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    view.on("pageerror", lambda error: complaints.append(str(error)))
    view.goto(built["html"].as_uri())
    assert view.evaluate("document.documentElement.scrollWidth") <= width
    view.locator("#fig-khoi").scroll_into_view_if_needed()
    view.wait_for_selector("#fig-khoi[data-song=xong] .bieu-do svg")
    drawn = view.locator("#fig-khoi .bieu-do")
    assert drawn.get_attribute("role") == "figure"
    alt_text = view.locator("#fig-khoi img, #fig-khoi > svg").first.get_attribute("alt")
    assert drawn.get_attribute("aria-label").startswith(alt_text)
    assert view.locator("#fig-khoi svg [aria-label], #fig-khoi svg [aria-roledescription]").count() == 0
    drawn.focus()
    view.keyboard.press("ArrowRight")
    assert "tỷ lệ: 91,9" in view.locator("#fig-khoi .bieu-do-doc").inner_text()
    assert not view.locator("#fig-khoi > img, #fig-khoi p > img").first.is_visible()
    assert view.evaluate("document.documentElement.scrollWidth") <= width
    assert view.locator("nav.ben").is_visible() == (width >= 1100)
    view.emulate_media(media="print")
    assert view.locator("#fig-khoi img").is_visible()
    assert not view.locator("#fig-khoi .bieu-do").is_visible()
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert complaints == []
    view.close()
