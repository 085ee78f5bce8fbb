"""A subject's page and its files: what it says with and without figures, what can be downloaded, how it is searched and read."""

import functools
import json
import re
import tempfile
import threading
from dataclasses import replace
from datetime import date
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from support import ROOT

from nq57lab.base import wording
from nq57lab.comparators import pages as comparator_pages
from nq57lab.facts import known
from nq57lab.site import build, content, formula_words, frame, search
from nq57lab.site.dashboards import front, national, places, reference
from nq57lab.site.subjects import abroad, chart, files, goal, page
from nq57lab.site.subjects.view import Point, View

CODES = (
    "A.02.02",
    "A.02.06",
    "A.01.01",
    "M.01",
    "M.03",
    "M.04",
    "egdi_rank",
    "laws_by_field",
    "hcm_venture_fund_size",
    "C.07.01",
    "dti_provincial_rank",
)
LIMIT = 300_000  # bytes of the first page without images
CODE = re.compile(r"\b[a-z]+_[a-z_]+\b|\.csv|\.parquet|nq57|`")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    found = content.gather(ROOT, "noi-bo", date(2026, 6, 30))
    for entry in found.reports:
        entry["links"] = []
    return build.desk_of(ROOT, found, tmp_path_factory.mktemp("so"))


@pytest.fixture(scope="module")
def made(desk) -> dict[str, page.Page]:
    return {code: page.make(desk, code) for code in CODES}


@pytest.fixture(scope="module")
def site(desk, made, tmp_path_factory) -> Path:
    """The front page, three dashboards and some subjects with their files, in the site's frame."""
    out = tmp_path_factory.mktemp("trang")
    folder = out / "chi-so"
    folder.mkdir()
    build.copy_assets(ROOT, out)
    rows = files.rows_of(desk)
    for code, one in made.items():
        whole = frame.page(desk.content, one.title, one.body, current="danh-muc.html", root="../")
        (folder / f"{code}.html").write_text(whole, encoding="utf-8")
        for drawn in files.write(desk, one, folder, rows.get(one.view.measure, [])):
            files.paint(drawn)
    bodies = {
        "index.html": front.front(desk),
        "quoc-gia.html": national.national(desk),
        "tinh.html": places.provinces(desk),
        "danh-muc.html": reference.catalogue(desk),
    }
    for name, body in bodies.items():
        whole = frame.page(desk.content, frame.MENU[name], body, current=name)
        (out / name).write_text(whole, encoding="utf-8")
    build.with_styles(out / "index.html")
    said = {code: one.finding for code, one in made.items()}
    (out / "tim-kiem.js").write_text(search.script(desk, said), encoding="utf-8")
    return out


def test_a_page_with_figures_says_its_finding_with_comparison_and_target(made):
    assert made["A.02.02"].finding.replace("\u00a0", " ") == (
        "Tỷ trọng giá trị tăng thêm của kinh tế số trong GDP và GRDP: 14,02% năm 2025 (ước tính), tăng 0,85 điểm phần trăm so với năm 2024; "
        "mục tiêu 2030 ít nhất 30% cần thêm 3,20 điểm phần trăm mỗi năm từ năm 2025"
    )
    assert "hạng 71 năm 2024, lên 15 bậc so với năm 2022" in made["egdi_rank"].finding.replace("\u00a0", " ")


def test_a_page_without_figures_says_who_sends_what_by_when(made):
    body = made["A.01.01"].body
    assert "chưa có số liệu" in made["A.01.01"].finding and "<svg" not in body
    assert re.search(r"<strong>Văn phòng Trung ương Đảng</strong> gửi số liệu tháng 6/2026, hạn ngày 25/6/2026", body)
    assert "Số gần hoặc dễ lẫn" in body and "84,8%" in body  # the nearest figure, and how it differs


def test_a_targets_page_says_its_own_wording_distance_way_and_verdicts(desk):
    made = goal.make(desk, desk.goal_pages["T2030.digital_economy.S002"])
    assert made.finding.replace("\u00a0", " ").endswith(
        "mục tiêu 2030 là ít nhất 30%; nay 14,02% (năm 2025, ước tính), còn cách 15,98 điểm phần trăm"
    )
    text = re.sub(r"<[^>]*>", " ", made.body)
    text = re.sub(r"\s+", " ", text.replace("\u00a0", " "))
    assert "“Kinh tế số tối thiểu 30% GDP” Kế hoạch số 01-KH/BCĐTW" in text
    assert (
        "còn 4,5 năm" in text
        and "0,85 → 3,20 điểm phần trăm; phải đi tính từ năm 2025" in text
        and "khoảng năm 2044" in text
    )
    assert "hết năm 2027 21,59%" in text and "Bộ Tài chính" in text and "SDSN ○ chững lại ( 0,30" in text
    assert [point.x for point in made.view.targets] == [2030.0] and made.view.path[-1] == (2030.0, 30.0)
    far = goal.make(desk, desk.goal_pages["T2045.digital_economy.S002"])
    assert far.view.path[-1] == (2045.0, 50.0)  # its own line, not that of 2030


def test_a_page_with_a_comparators_series_sets_viet_nam_among_the_countries(desk, made, tmp_path_factory):
    body = made["egdi_rank"].body
    part = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body[body.index('id="cac-nuoc"') :]))
    series, mapping = comparator_pages.mapped(desk.edition)
    own = comparator_pages.standing(series, mapping[mapping["key"] == "egdi_rank"].iloc[0]).set_index("iso3")
    assert (
        f"Việt Nam thứ {own.at['VNM', 'position']} trong {len(own)} nước về mức (năm {own.at['VNM', 'year']})" in part
    )
    assert f"1 {own['country'].iloc[0]} {own['value'].iloc[0]:.0f} {own['year'].iloc[0]}" in part
    assert body.count('class="viet-nam"') == 1 and "Khác định nghĩa với KPI" in made["M.03"].body
    assert 'id="cac-nuoc"' not in made["A.01.01"].body
    early = build.desk_of(ROOT, replace(desk.content, known=date(2021, 6, 30)), tmp_path_factory.mktemp("som"))
    assert (
        max(rows["year"].max() for rows in abroad.compared(early).series.values()) == 2020
    )  # nothing of after its day


def test_every_target_has_a_page_that_says_why_it_has_no_verdict(desk):
    assert set(desk.goal_pages) == set(desk.content.catalogue.targets["id"])
    for identity in ("T2030.data_revolution.S002", "T2030.rd_personnel.S002", "T2030.egdi_asean.S002"):
        made = goal.make(desk, desk.goal_pages[identity])
        assert re.search("nêu bằng lời, không đặt mức|chưa có số liệu cùng định nghĩa|chưa có thứ hạng", made.finding)
        assert not CODE.search(made.finding) and "Đường tới mục tiêu" not in made.body
    ranked = goal.make(desk, desk.goal_pages["T2045.gii.S002"])
    assert "còn cách 14 bậc" in ranked.finding.replace("\u00a0", " ")


def test_a_page_that_shows_another_codes_figures_says_so(made):
    assert "Số trên trang này là của" in made["M.01"].body and "46,11%" in made["M.01"].body


def test_every_number_says_where_it_comes_from_without_code_or_file(made):
    for code, one in made.items():
        notes = re.findall(r'data-nguon="([^"]*)"', one.body)
        assert all(notes), code
        told = " ".join([*notes, re.sub(r"<[^>]*>", " ", one.body)]).replace(f"chi-so/{code}.html", "")
        assert CODE.findall(told) == [], code
        assert not re.search(r"\bS00\d\b|\bP_[A-Z]+", told), code


def test_files_hold_the_figures_that_the_page_shows(desk, site):
    folder = site / "chi-so"
    table = pd.read_csv(folder / "A.02.02.csv", dtype=str, keep_default_na=False)
    every = desk.content.every
    assert set(table["id"]) == set(every.loc[every["subject"] == "A.02.02", "id"])
    told = json.loads((folder / "A.02.02.json").read_text(encoding="utf-8"))
    assert told["code"] == "A.02.02" and len(told["figures"]) == len(table)
    assert {goal["target"] for goal in told["targets"] if goal["milestone"] == "2030"} == {30.0}
    drawn = ElementTree.parse(folder / "A.02.02.svg").getroot()
    words = " ".join(drawn.itertext())
    assert "14,02%" in words and "mục tiêu 2030" in words and "Nguồn:" in words
    assert (folder / "A.02.02.png").read_bytes().startswith(b"\x89PNG")
    assert not list(folder.glob("A.01.01.[!h]*"))  # without a figure there is nothing to download
    assert {path.stem for path in folder.glob("*.png")} == {path.stem for path in folder.glob("*.svg")}


def _drawn(view: View) -> ElementTree.Element:
    text = chart.file(view, "Tên", "Đơn vị", "Nguồn")
    return ElementTree.fromstring(text)


def _point(x: float, y: float, hollow: bool = False) -> Point:
    return Point(x, y, str(y), f"năm {x:g}: {y}", hollow)


def test_ranks_are_drawn_with_the_first_on_top():
    view = View("x", "x", "Hạng", "thứ hạng", [_point(2020, 60), _point(2022, 50), _point(2024, 40)])
    places = [float(dot.get("cy")) for dot in _drawn(view).iter(f"{SVG}circle")]
    assert places == sorted(places, reverse=True)


def test_a_target_is_a_black_diamond_and_an_estimate_is_hollow():
    goal = Point(2030, 30.0, "mục tiêu 2030: ít nhất 30%", "Mục tiêu", False)
    view = View("x", "x", "Tỷ trọng", "%", [_point(2024, 13.0), _point(2025, 14.0, True)], targets=[goal])
    drawn = _drawn(view)
    fills = [dot.get("fill") for dot in drawn.iter(f"{SVG}circle")]
    diamonds = [mark.get("fill") for mark in drawn.iter(f"{SVG}path")]
    assert fills[-1] == "#ffffff" and fills[0] != "#ffffff" and diamonds == [chart.INK]
    one = View("x", "x", "Tỷ trọng", "%", [_point(2024, 13.0)])
    assert not one.drawn and view.drawn


def test_formulas_are_told_by_names_and_signs():
    found = known.of(ROOT, date(2026, 6, 30)).catalogue
    told = formula_words.of(found, found.formulas["A.01.01"])
    assert told == "“Số nhiệm vụ hoàn thành đúng hạn” ÷ “Số nhiệm vụ được giao” × 100"
    assert formula_words.of(found, "giá trị − mục tiêu") == "giá trị − mục tiêu"
    assert formula_words.of(found, "gdp * (population + gdp)").endswith(
        "× (“Dân số” + “Tổng sản phẩm trong nước (GDP)”)"
    )
    for code, formula in found.formulas.items():
        assert not CODE.search(formula_words.of(found, formula)), code


def test_the_public_has_pages_of_public_figures_only(tmp_path_factory):
    found = content.gather(ROOT, "cong-khai", date(2026, 6, 30))
    public = build.desk_of(ROOT, found, tmp_path_factory.mktemp("cong-khai"))
    assert set(public.pages) == set(found.values["subject"])
    assert public.alerts.empty and public.tasks.empty and public.forecasts == {} and public.owed_of == {}
    made = page.make(public, "pii_rank")
    assert "Ai gửi số" not in made.body and "Nhiệm vụ" not in made.body
    first = front.front(public)
    assert "theo quyết định của Ban Chỉ đạo Trung ương" in first and "khoản 1 Điều 17" in first
    nation = national.national(public)
    assert nation.index("Chưa có quyết định công bố") < nation.index("<details><summary>")


def test_the_front_page_keeps_its_budget(site):
    fonts = [f"chu/BeVietnamPro-{weight}.woff2" for weight in ("Regular", "SemiBold")]
    loaded = ("index.html", "trang-web.js", *fonts)
    own = sum((site / name).stat().st_size for name in loaded)
    assert own < LIMIT
    text = (site / "index.html").read_text(encoding="utf-8")
    assert "tim-kiem.js" not in text  # loaded when a reader begins to type
    assert not re.search(r"<img|url\((?!\"chu/)|rel=\"stylesheet\"", text)  # drawn after one answer of the server


def test_pages_are_set_in_the_sites_own_fonts(site, browser):
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.goto((site / "chi-so" / "A.02.02.html").as_uri())
    opened.evaluate("document.fonts.ready.then(() => true)")
    own = (
        "[...document.fonts].filter((f) => f.status === 'loaded' && !f.family.includes('Thay'))"  # none that stands in
    )
    loaded = opened.evaluate(f"{own}.map((f) => f.family + f.weight)")
    assert sorted(name.replace('"', "") for name in loaded) == ["Be Vietnam Pro400", "Be Vietnam Pro600 700"]
    opened.close()


def test_search_finds_phrases_without_accents_and_ranks_them(site, browser):
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.goto((site / "chi-so" / "A.01.01.html").as_uri())  # from a folder below too
    opened.click("#tim-moi-trang")

    def find(words: str) -> list[str]:
        opened.fill("#tim-moi-trang", words)
        opened.wait_for_function("document.getElementById('dem-tim').textContent !== ''")
        return opened.locator("#ket-qua-tim a").all_inner_texts()

    found = find("kinh te so")
    assert found and all("kinh te so" in wording.plain(text).replace("–", "-") for text in found)
    assert "kinh tế số" in find("kinh tế số")[0].lower()
    assert any("Huế" in text for text in find("hue"))
    assert find("A.02.02")[0].startswith("A.02.02")
    assert find("digital economy")  # by the English name
    assert find("khongcogi") == []
    assert opened.inner_text("#dem-tim") == "Không tìm thấy."
    opened.fill("#tim-moi-trang", "A.02.06")
    opened.keyboard.press("ArrowDown")
    assert opened.evaluate("document.activeElement.closest('#ket-qua-tim') !== null")
    opened.keyboard.press("Enter")
    opened.wait_for_url("**/chi-so/A.02.06.html")
    opened.close()


def test_the_tables_search_does_not_mix_words_of_two_names(site, browser):
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.goto((site / "danh-muc.html").as_uri())
    opened.fill("#danh-muc-tim", "kinh te so")
    shown = opened.locator("#danh-muc tbody tr:visible").all_inner_texts()
    assert shown and all("kinh te so" in wording.plain(text) for text in shown)
    assert not any("kinh tế (số" in text for text in shown)
    opened.close()


@pytest.fixture(scope="module")
def served(site):
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(site))
    handler.log_message = lambda *arguments: None
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_chart_is_read_point_by_point_and_files_download(site, served, browser):
    opened = browser.new_page(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    opened.goto(f"{served}/chi-so/A.02.02.html")
    opened.focus("figure.hinh")
    opened.keyboard.press("ArrowRight")
    assert opened.inner_text("#o-truy-vet").startswith("Năm 2020: 12,66%")
    opened.keyboard.press("End")
    assert opened.inner_text("#o-truy-vet").startswith("Mục tiêu 2030: ít nhất")
    opened.keyboard.press("Escape")
    assert opened.is_hidden("#o-truy-vet")
    for kind in ("csv", "json", "svg", "png"):
        with opened.expect_download() as waiting, tempfile.TemporaryDirectory() as folder:
            opened.click(f'.tai-ve a[href="A.02.02.{kind}"]')
            kept = Path(folder) / kind
            waiting.value.save_as(kept)
            assert kept.read_bytes() == (site / "chi-so" / f"A.02.02.{kind}").read_bytes()
    opened.close()


def test_choosing_a_province_moves_the_reader_to_its_figures(site, browser):
    opened = browser.new_page(viewport={"width": 390, "height": 800})
    opened.goto((site / "tinh.html").as_uri())
    opened.click('.luoi a[href="tinh.html#34-01"]')
    assert opened.evaluate("document.activeElement.tagName") == "CAPTION"
    assert set(opened.locator("#tinh tbody tr:visible td:nth-child(2)").all_inner_texts()) == {"Hà Nội"}
    opened.wait_for_timeout(1500)  # the page glides there
    assert opened.evaluate("scrollY") > 300
    opened.close()
