"""The briefing end to end, in a copy of the project: executed once, looked at from several sides."""

import hashlib
import json
import re
from pathlib import Path

import lxml.html
import nbformat
import pandas as pd
import pypdf
import pytest
import support_slides
import yaml
from support import stated_in
from support_pdf import faults, pages
from support_project import chromium, copy_project, text_of

from nq57lab.facts import catalogue, observations
from nq57lab.forecast import evidence
from nq57lab.publish import execute, params, web_page


@pytest.fixture(scope="session")
def project(tmp_path_factory) -> Path:
    return copy_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def edition(project) -> Path:
    parameters = params.load(project / "params" / "so-ket-18-thang.yml")
    formats = ["html", "pdf", "docx", "pptx", "leaflet"]
    return execute.run(project, parameters, renderer="embedded", formats=formats, in_process=True)


@pytest.fixture(scope="session")
def page(edition) -> str:
    return text_of(edition / "so-ket-18-thang.html")


def test_same_inputs_give_the_same_html_bytes_in_another_folder(review, edition):
    linked = re.sub(rb'<a href="[^"]*" download>[^<]*</a> ?', b"", (edition / "so-ket-18-thang.html").read_bytes())
    assert (review / "so-ket-18-thang.html").read_bytes() == linked  # only links to the other formats differ


# What an official would send back, wherever it stands on the page.
UNOFFICIAL = {
    "none said as a number": r"(?<![\d.,/])0 (?:chỉ số|cảnh báo|nhiệm vụ|đơn vị|lượt|số liệu|cơ quan|liên kết|mục tiêu)\b",
    "a doubled or stray mark": r",,|;;|(?<!\.)\.\.(?!\.)|\( | [,;)](?!\w)|\(\)|: :",
    "a word of the program": r"\b(?:self_reported|verified|official|estimate|None|nan|tom-tat|fig-[a-z-]+|tbl-[a-z-]+)\b",
    "a source by its code": r"\bS00[0-4]\b|\bP_[A-Z]+_\d+",
    "a range without spaces": r"\d–\d",
    "a clause out of order": r"Điều \d+\.\d|Điều \d+,? khoản",
    "a negation cut short": r"[Cc]hưa (?:liên kết|chỉ số|KPI|đơn vị|cơ quan|phương pháp|mục tiêu|văn bản) nào",
    "everyday speech": r"lời hứa|quãng phải đi|nhìn trước|đang ở đâu|treo trên|Không có gì",
}


@pytest.mark.parametrize("fault", UNOFFICIAL)
def test_page_reads_as_an_official_writes(page, fault):
    found = [page[max(0, hit.start() - 40) : hit.end() + 40] for hit in re.finditer(UNOFFICIAL[fault], page)]
    assert not found, found[:5]


def test_no_markup_is_drawn_in_a_chart(edition):
    drawn = {path.stem: path.read_text(encoding="utf-8") for path in (edition / "figures").glob("*.svg")}
    assert drawn and not [name for name, text in drawn.items() if "{." in text or "]{" in text]


def test_every_text_of_the_report_has_its_section_name(project):
    folder = project / "reports" / "_templates" / "so-ket"
    names = yaml.safe_load((folder / "muc.yml").read_text(encoding="utf-8"))
    assert set(names) == {path.stem for path in folder.glob("*.md")}
    headings = "".join(
        cell["source"]
        for cell in nbformat.read(project / "notebooks" / "10_so_ket.ipynb", as_version=4)["cells"]
        if cell["cell_type"] == "markdown"
    )
    assert all(f"# {name}" in headings for name in names.values())


def test_edition_holds_every_document_trace_manifest_and_snapshot(edition):
    names = {path.name for path in edition.iterdir()}
    assert {f"so-ket-18-thang.{kind}" for kind in ("html", "pdf", "docx")} <= names
    assert {"trace.csv", "manifest.json", "snapshot"} <= names


@pytest.mark.parametrize(
    "printed",
    [
        *("84,8%", "94,2%", "30,8%", "12,29%", "12,17%", "39,7%", "9,5%", "92,7%", "14,02%", "91,9%"),
        *(
            "1.937 nhiệm vụ",
            "1.071",
            "41.056,5 tỷ đồng",
            "9.584,5 tỷ đồng",
            "23,34%",
            "11,3%",
            "9,3%",
            "59,30 điểm phần trăm",
        ),
        *("81.071 doanh nghiệp", "70 thỏa thuận", "Singapore (25) và Hàn Quốc (13)", "103,43 nghìn tỷ đồng"),
    ],
)
def test_page_prints_the_drafts_figures_at_their_precision(page, printed):
    assert printed in page


def test_recomputed_figures_stand_beside_what_the_draft_prints_in_the_annex_alone(page):
    body, _, annex = page.partition("Số liệu tính lại từ các thành phần")
    assert "dự thảo ghi" not in body
    for printed in ("23,35%", "66,4%", "61%", "4.697,58 ha"):
        assert printed in annex


def test_page_numbers_figures_and_tables_in_vietnamese(page):
    assert len(re.findall(r"Hình \d+\. ", page)) >= 13
    assert "Bảng 1. KPI vĩ mô" in page
    assert not re.search(r"\b(Figure|Table|Section) \d", page)
    assert "?@" not in page and "@fig-" not in page and "@tbl-" not in page


def test_all_layer_a_indicators_stand_on_the_page(page, shipped):
    stated = stated_in(shipped.indicators[shipped.indicators["layer"] == "A"], "S001")["code"]
    assert len(stated) == 26
    assert set(stated) <= set(re.findall(r"A\.0[12]\.\d\d", page))


def test_page_makes_no_outside_request(edition):
    assert web_page.check_html(edition / "so-ket-18-thang.html") == []


def test_every_figure_in_the_trace_leads_to_rows_that_exist(project, edition):
    trace = pd.read_csv(edition / "trace.csv", dtype=str, keep_default_na=False)
    assert len(trace) > 300
    assert (trace["ok"] != "no").all()
    known = set(observations.load(catalogue.load(project / "data"))["id"])
    rows = trace["rows"][trace["rows"] != ""].str.split("; ").explode()
    tables = {path.name for folder in ("catalogue", "registers") for path in (project / "data" / folder).glob("*.csv")}
    catalogue_rows = rows.str.extract(r"^([a-z_]+\.csv)", expand=False).isin(tables)
    whole_store = rows == "data/observations"  # a count or a score over every row names its formula
    assert trace.loc[rows.index[whole_store], "formula"].ne("").all()
    measured = rows.str.contains(
        r"^(?:series\.parquet(?::\w+)?|validation\.csv(?::\d+)?|skill\.csv)$"
    )  # comparators; coverage on M3; skill of probabilities
    assert trace.loc[rows.index[measured], "formula"].ne("").all()
    lines = rows[measured].str.extract(r"csv:(\d+)$", expand=False).dropna().astype(int)
    assert lines.between(2, len(evidence.table()) + 1).all()
    assert set(rows[~catalogue_rows & ~whole_store & ~measured]) <= known


def test_numbers_in_running_text_carry_their_trace(edition):
    html = (edition / "so-ket-18-thang.html").read_text(encoding="utf-8")
    ids = set(re.findall(r'data-so="(s\d+)"', html))
    trace = set(pd.read_csv(edition / "trace.csv", dtype=str)["id"])
    assert len(ids) > 200
    assert ids <= trace


def test_manifest_records_inputs_outputs_and_parameters(project, edition):
    manifest = json.loads((edition / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["parameters"]["known"] == "2026-06-30"
    assert manifest["packages"]["pandas"]
    assert manifest["renderer"] == "embedded"
    for name, digest in manifest["inputs"].items():
        assert hashlib.sha256((project / name).read_bytes()).hexdigest() == digest
    assert hashlib.sha256((edition / "trace.csv").read_bytes()).hexdigest() == manifest["outputs"]["trace.csv"]
    snapshot = edition / "snapshot" / "catalogue" / "targets.csv"
    assert snapshot.read_bytes() == (project / "data" / "catalogue" / "targets.csv").read_bytes()


def test_draft_says_on_its_first_page_how_many_figures_are_verified(page):
    found = re.search(r"Trong (\d+) số liệu quan sát in ở văn bản này, không có số nào đã xác thực", page)
    assert found and int(found[1]) > 200
    assert "DỰ THẢO" in page


def test_docx_has_real_tables_headings_and_alt_text(edition):
    import docx

    document = docx.Document(edition / "so-ket-18-thang.docx")
    styles = {paragraph.style.name for paragraph in document.paragraphs}
    assert {"Heading 1", "Heading 2"} <= styles
    assert len(document.tables) >= 14
    descriptions = re.findall(r'<wp:docPr[^>]*descr="([^"]*)"', document.element.xml)
    assert len(descriptions) >= 13
    assert all(len(text) > 20 for text in descriptions)


def test_the_print_keeps_its_budget_and_no_page_is_badly_filled(edition):
    assert faults(edition / "so-ket-18-thang.pdf", budget=28) == []


def test_the_first_page_judges_and_asks_and_the_second_is_the_scorecard(edition):
    sheets = [page.text.replace("\xa0", " ") for page in pages(edition / "so-ket-18-thang.pdf")]
    first, second = (re.sub(r"\s+", " ", text) for text in sheets[:2])
    assert "Sơ kết 01 năm 06 tháng" in first and "84,8%" in first
    assert "Chưa đủ căn cứ kết luận" in first and "Đề nghị Ban Chỉ đạo yêu cầu" in first
    for body in ("Thanh tra Chính phủ", "Bộ Nội vụ", "Bộ Y tế", "quý III/2026"):
        assert body in first
    assert "nhanh gấp" in second and "chờ số liệu của" in second and "Mục lục" not in second
    for part in ("Bảng 1.", "Đánh giá theo Eurostat", "(Phụ lục Nguồn số liệu)."):  # the table with its whole note
        assert part in second


def test_traces_and_methods_live_on_the_page_and_print_says_where(edition, page):
    printed = re.sub(r"\s+", " ", " ".join(sheet.text for sheet in pages(edition / "so-ket-18-thang.pdf")))
    assert "Nguồn gốc và cách tính của từng con số" in printed and "Nguồn gốc và cách tính của từng con số" not in page
    for title in ("Năm phương pháp đánh giá tiến độ", "Số liệu tính lại từ các thành phần"):
        assert title in page and title not in printed


def test_word_is_told_to_fill_the_contents(edition):
    import docx

    document = docx.Document(edition / "so-ket-18-thang.docx")
    assert 'w:dirty="true"' in document.element.xml and "updateFields" in document.settings.element.xml


def test_in_word_the_signature_keeps_the_end_of_the_text_on_its_page(edition):
    import docx

    document = docx.Document(edition / "so-ket-18-thang.docx")
    last = next(found for found in document.paragraphs if found.text.startswith("Nguồn gốc và cách tính"))
    assert last.paragraph_format.keep_with_next


def test_page_in_a_browser_fits_its_width_asks_for_nothing_and_draws_live_charts(edition):
    from axe_playwright_python.sync_playwright import Axe
    from playwright import sync_api as browser_api

    path = chromium()
    with browser_api.sync_playwright() as driver:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
        browser = driver.chromium.launch(executable_path=path, args=flags)
        outside, errors = [], []
        near = ("file:", "data:", "blob:")
        for width in (390, 1280):
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.on("request", lambda request: None if request.url.startswith(near) else outside.append(request.url))
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.goto((edition / "so-ket-18-thang.html").as_uri())
            page.locator("#fig-tien").scroll_into_view_if_needed()
            page.wait_for_selector("#fig-tien .bieu-do svg", timeout=20_000)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate("document.documentElement.lang") == "vi"
            page.close()
            page = browser.new_page(viewport={"width": width, "height": 900}, bypass_csp=True)
            page.goto((edition / "so-ket-18-thang-to-roi.html").as_uri())
            assert [(v["id"], v["nodes"][0]["html"][:120]) for v in Axe().run(page).response["violations"]] == []
            sides = page.locator("tbody td:visible").evaluate_all(
                "all => all.map((e) => e.getBoundingClientRect().right)"
            )
            assert sides and max(sides) <= width and "<" not in page.title()
            page.close()
        assert (outside, errors) == ([], [])
        browser.close()


@pytest.fixture(scope="session")
def final_page(project) -> str:
    changes = ["draft=false", "edition=chinh-thuc", "the_thuc=nha_nuoc"]
    parameters = params.load(project / "params" / "so-ket-18-thang.yml", changes)
    made = execute.run(project, parameters, renderer="embedded", formats=["html"], in_process=True)
    return text_of(made / "chinh-thuc.html")


def test_final_edition_uses_no_unverified_figure(final_page):
    assert "chưa có số liệu xác thực" in final_page
    assert "13,17%" in final_page
    for unverified in ("14,02%", "84,8%", "91,9%", "23,34%", "103,43 nghìn tỷ đồng"):
        assert unverified not in final_page


def test_final_edition_of_the_state_layout_drops_the_draft_mark(final_page):
    assert "DỰ THẢO" not in final_page
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in final_page


def test_a_failing_cell_leaves_no_half_written_edition(project):
    broken = nbformat.v4.new_notebook()
    broken.cells = [nbformat.v4.new_code_cell("raise RuntimeError('hỏng')")]
    broken.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(broken, project / "notebooks" / "99_hong.ipynb")
    before = {path.name for path in (project / "reports").iterdir()}
    parameters = params.load(project / "params" / "so-ket-18-thang.yml", ["notebook=99_hong.ipynb", "edition=hong"])
    with pytest.raises(execute.ExecutionError, match="hỏng"):
        execute.run(project, parameters, renderer="embedded")
    assert {path.name for path in (project / "reports").iterdir()} == before


def test_audit_sheet_lists_what_does_not_agree(project):
    parameters = params.load(project / "params" / "doi-chieu.yml")
    made = execute.run(project, parameters, renderer="embedded", formats=["html"], in_process=True)
    page = text_of(made / "doi-chieu.html")
    assert "không khớp" in page and "Cắt bớt chữ số" in page and "điểm phần trăm" in page


# The slides and the leaflet of the same edition.


@pytest.mark.parametrize("check", support_slides.CHECKS, ids=lambda check: check.__name__)
def test_review_is_shown_well(edition, check):
    check(edition)


def test_numbers_on_slides_are_those_of_the_trace(edition, shipped):
    support_slides.traced(edition, shipped)


def test_review_has_its_slides_in_order(edition):
    slides = support_slides.written(edition)
    kinds = [slide.kind for slide in slides]
    assert 10 <= len(slides) <= 14
    assert kinds[:3] == ["bia", "loi", "bang"] and kinds[-2:] == ["bang", "bang"]
    assert kinds.count("hinh") >= 5
    titles = ["".join(run.text for run in slide.title) for slide in slides]
    assert "cảnh báo" in titles[-2] and "Đề nghị" in titles[-1]
    assert all("".join(run.text for run in cell).strip() for row in slides[-1].table.rows for cell in row)


def test_the_leaflet_is_one_page_with_its_parts(edition):
    printed = pypdf.PdfReader(edition / "so-ket-18-thang-to-roi.pdf")
    assert len(printed.pages) == 1
    assert [round(float(side)) for side in printed.pages[0].mediabox[2:]] == [595, 842]
    text = re.sub(r"\s+", " ", printed.pages[0].extract_text())
    for part in (
        "Số liệu công bố đến ngày 30/6/2026",
        "Đề nghị",
        "KPI vĩ mô: nay, mục tiêu",
        "Nguồn:",
        "số tự báo cáo",
    ):
        assert part in text, part


def test_the_leaflet_on_screen_has_the_numbers_of_the_trace(edition):
    file = edition / "so-ket-18-thang-to-roi.html"
    assert web_page.check_html(file) == []
    spans = lxml.html.parse(str(file), lxml.html.HTMLParser(encoding="utf-8")).getroot().xpath("//*[@data-so]")
    printed = support_slides.trace_of(edition).set_index("id")["printed"]
    plain = str.maketrans("\u00a0", " ", "\u2060")
    assert len(spans) > 40
    assert all(span.text_content().translate(plain) == printed[span.get("data-so")].translate(plain) for span in spans)
