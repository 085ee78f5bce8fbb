"""The page of a report as a reader uses it: search, sorted tables, where a number comes from, downloads; by pointer, keyboard, phone."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_notebook
from support import ROOT
from support_project import chromium

from nq57lab.publish import web_page
from nq57lab.publish.render import render

ROWS = [
    ("Đà Nẵng", "1.245", "05/4/2026"),
    ("An Giang", "−2,5", "–"),
    ("Hà Nội", "chưa có số liệu", "29/6/2026"),
    ("Cà Mau", "12,75%", "02/02/2026"),
]
TEXT = """# Một

Xã hội số và kinh tế số tăng. Kinh tế – xã hội ổn định, đạt [84,8%]{.so so="s1"}.

| Tỉnh | Tỷ lệ | Ngày |
|:---|---:|---:|
LINES

: Các tỉnh {#tbl-tinh tbl-colwidths="[40,30,30]"}

# Hai

BODY

Cuối trang, sát mép phải của dòng chữ dài này có số [0,85 điểm phần trăm]{.so so="s2"}.
"""
PROVENANCE = [
    {"id": "s1", "so": "84,8%", "cach": "1.245 (Nhiệm vụ hoàn thành) ÷ 1.469 (Nhiệm vụ) × 100 = 84,8%", "nguon": "Dự thảo", "ma": "A.02.02"},
    {"id": "s2", "so": "0,85 điểm phần trăm", "cach": "14,02% − 13,17%. " * 60, "nguon": "Cục Thống kê"},
]  # fmt: skip


@pytest.fixture(scope="module")
def page_file(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("trang")
    lines = "\n".join(f"| {' | '.join(row)} |" for row in ROWS)
    body = "\n\n".join(f"Đoạn {number} của phần hai." for number in range(40))
    text = TEXT.replace("LINES", lines).replace("BODY", body)
    nbformat.write(new_notebook(cells=[new_markdown_cell(text)]), folder / "x.ipynb")
    return render(
        folder / "x.ipynb",
        folder,
        root=ROOT,
        name="bao-cao",
        formats=["html", "docx"],
        metadata={"title": "Báo cáo thử"},
        renderer="embedded",
        source_date_epoch=0,
        provenance=PROVENANCE,
    )["html"]


@pytest.fixture(scope="module")
def browser():
    from playwright import sync_api as playwright

    path = chromium()
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-quic"])
        yield opened
        opened.close()


@pytest.fixture(params=[390, 1280])
def view(request, browser, page_file):
    page = browser.new_page(viewport={"width": request.param, "height": 800}, accept_downloads=True)
    page.goto(page_file.as_uri())
    yield page
    page.close()


def test_search_needs_no_accents_and_takes_words_as_they_stand(view):
    view.keyboard.press("/")
    view.keyboard.type("kinh te so")
    view.wait_for_function("document.getElementById('tim-dem').textContent == '1/1 chỗ'")  # not "kinh tế – xã hội"
    view.fill("#tim", "Đoạn 1")
    view.wait_for_function("document.getElementById('tim-dem').textContent.startsWith('1/11')")
    view.keyboard.press("Enter")
    view.wait_for_function("document.getElementById('tim-dem').textContent.startsWith('2/11')")
    view.keyboard.press("Shift+Enter")
    view.wait_for_function("document.getElementById('tim-dem').textContent.startsWith('1/11')")
    view.fill("#tim", "tể")  # with an accent: as typed
    view.wait_for_function("document.getElementById('tim-dem').textContent == 'không thấy'")


def names(view) -> list[str]:
    return view.locator("table.bang tbody td:first-child").all_inner_texts()


def test_tables_sort_by_number_day_and_vietnamese_order(browser, page_file):
    view = browser.new_page(viewport={"width": 1280, "height": 800})
    view.goto(page_file.as_uri())
    head = view.locator("table.bang th")
    head.nth(1).locator(".xep-cot").focus()
    view.keyboard.press("Enter")
    assert head.nth(1).get_attribute("aria-sort") == "ascending"
    assert names(view) == ["An Giang", "Cà Mau", "Đà Nẵng", "Hà Nội"]  # what has no figure stands last
    view.keyboard.press("Enter")
    assert names(view) == ["Đà Nẵng", "Cà Mau", "An Giang", "Hà Nội"]
    view.keyboard.press("Enter")
    assert head.nth(1).get_attribute("aria-sort") is None and names(view) == [row[0] for row in ROWS]
    head.nth(2).locator(".xep-cot").click()
    assert names(view) == ["Cà Mau", "Đà Nẵng", "Hà Nội", "An Giang"]
    head.nth(0).locator(".xep-cot").click()
    assert names(view) == ["An Giang", "Cà Mau", "Đà Nẵng", "Hà Nội"]
    view.close()


def test_every_cell_of_a_table_is_on_the_screen(view):
    width = view.viewport_size["width"]
    for cell in view.locator("table.bang tbody td:visible").all():
        box = cell.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
    assert view.evaluate("document.documentElement.scrollWidth") <= width


def test_a_number_says_where_it_comes_from_inside_the_window_and_by_keyboard(view):
    box = view.locator("#o-truy-vet")
    view.locator('[data-so="s1"]').click()
    assert "1.245 (Nhiệm vụ hoàn thành) ÷ 1.469" in box.inner_text() and "Cách tính" in box.inner_text()
    last = view.locator('[data-so="s2"]')
    last.focus()
    place, size = box.bounding_box(), view.viewport_size
    assert place["x"] >= 0 and place["x"] + place["width"] <= size["width"]
    assert place["y"] >= 0 and place["y"] + place["height"] <= size["height"]
    view.keyboard.press("Enter")
    assert view.evaluate("document.activeElement.id") == "o-truy-vet"
    view.keyboard.press("Escape")
    assert box.is_hidden() or view.evaluate("document.activeElement.dataset.so") == "s2"


def test_a_link_leads_to_its_place_past_what_is_not_laid_out_yet(view):
    view.evaluate(
        """() => { const [one, last] = [document.querySelector('figure.hop-bang'), document.getElementById('hai')];
        for (let place = 0; place < 40; place += 1) { const more = one.cloneNode(true); more.removeAttribute('id'); last.before(more); } }"""
    )
    view.evaluate("document.querySelector('main a[href=\"#hai\"]').click()")
    view.wait_for_timeout(1500)  # the way there may be a smooth one
    assert abs(view.evaluate("document.getElementById('hai').getBoundingClientRect().top")) < 120


def test_the_page_leads_to_its_other_documents_and_gives_its_numbers(browser, page_file):
    view = browser.new_page(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    view.goto(page_file.as_uri())
    links = view.locator(".tai-ve a").evaluate_all("all => all.map(a => [a.textContent, a.getAttribute('href')])")
    assert links == [["Word", "bao-cao.docx"]] and (page_file.parent / "bao-cao.docx").is_file()
    with view.expect_download() as waiting:
        view.locator("#tai-so-lieu").click()
    with open(waiting.value.path(), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Con số"] for row in rows] == ["84,8%", "0,85 điểm phần trăm"]
    view.close()


def test_a_number_leads_to_the_page_of_its_indicator_where_there_is_one(tmp_path, browser, page_file):
    page = tmp_path / "bao-cao" / "x" / "x.html"
    page.parent.mkdir(parents=True)
    page.write_bytes(page_file.read_bytes())
    web_page.link_indicators(page, tmp_path / "chi-so")
    assert page.read_bytes() == page_file.read_bytes()
    (tmp_path / "chi-so").mkdir()
    (tmp_path / "chi-so" / "A.02.02.html").write_text("<title>Chỉ số</title>", encoding="utf-8")
    web_page.link_indicators(page, tmp_path / "chi-so")
    view = browser.new_page()
    view.goto(page.as_uri())
    view.locator('[data-so="s1"]').click()
    view.locator("#o-truy-vet a").click()
    assert view.title() == "Chỉ số"
    view.close()


def test_the_page_is_accessible_asks_for_nothing_and_says_nothing_in_english(view, page_file):
    from axe_playwright_python.sync_playwright import Axe

    asked = []
    view.on("request", lambda request: asked.append(request.url))
    view.reload()
    view.locator('[data-so="s1"]').click()
    found = Axe().run(view).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:160]) for v in found] == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert view.evaluate(
        "document.fonts.check('16px \"Chu Bao Cao\"') && document.fonts.check('600 16px \"Be Vietnam Pro\"')"
    )
    said = view.locator("[aria-label], [title]").evaluate_all("all => all.map(e => e.ariaLabel || e.title)")
    assert said and not re.search(r"\b(?:axis|mark|legend|chart|search|table|close|menu)\b", " ".join(said))


def test_print_leaves_out_what_is_for_the_screen(view):
    view.emulate_media(media="print")
    for part in (".dau-bai", "nav.ben", "details.gon"):
        assert view.locator(part).is_hidden()
    assert view.locator("table.bang thead").is_visible()
