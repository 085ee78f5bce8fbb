"""The site: what reaches each audience, that it works alone, reads with any device, and keeps to its own files."""

import functools
import hashlib
import json
import re
import shutil
import threading
import types
import zipfile
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pandas as pd
import pytest
from support import ROOT

from nq57lab.base import periods, wording
from nq57lab.base.contract import OBSERVATIONS
from nq57lab.base.project import Programme
from nq57lab.forecast import features
from nq57lab.publish import web_page
from nq57lab.site import build, content, empty, frame, parts, writer
from nq57lab.site.dashboards import calibration, methods, tables

NASTY = '<script>alert("xss")</script><b onclick="x">Tên & lạ</b>'
# What must reach the public in no form: text, a number in its stored and its printed form, the code, the area, the report.
SECRETS = ("BIMAT", "bi_mat_chim_yen", "bi-mat", "7654321.125", "7.654.321,125", "7654321,125", "CHIMYEN")
SHOWN = "cong_bo_chim_yen"


def _append(path: Path, row: dict) -> None:
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    pd.concat([table, pd.DataFrame([dict.fromkeys(table.columns, "") | row])]).to_csv(path, index=False)


def _edition(root: Path, name: str, audience: str, rows: str, text: str) -> None:
    folder = root / "reports" / name
    folder.mkdir(parents=True)
    parameters = {"title": f"BÁO CÁO|{name} {NASTY}", "known": "2026-06-30", "draft": False, "audience": audience}
    (folder / "manifest.json").write_text(json.dumps({"parameters": parameters}), encoding="utf-8")
    (folder / "trace.csv").write_text(f"id,rows\nx1,{rows}\n", encoding="utf-8")
    page = f'<!DOCTYPE html><html lang="vi"><head><title>{name}</title></head><body><main><h1>{text}</h1></main></body></html>'
    (folder / f"{name}.html").write_text(page, encoding="utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """A project with one row that the public may read, rows that it may not, and an edition resting on each."""
    root = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "data", root / "data")
    for name in ("assets", "_templates"):
        shutil.copytree(ROOT / "reports" / name, root / "reports" / name)
    (root / "docs").mkdir()
    shutil.copyfile(ROOT / methods.FUNCTIONS, root / methods.FUNCTIONS)
    variables = root / "data" / "catalogue" / "variables.csv"
    common = {"unit": "nhiệm vụ", "over_time": "last", "over_areas": "sum", "source": "S001, Phần II.I"}
    _append(variables, {"id": "bi_mat_chim_yen", "name_vi": "BIMAT tên của dữ liệu", "name_en": "BIMAT name"} | common)
    _append(variables, {"id": SHOWN, "name_vi": NASTY, "name_en": f"Shown {NASTY}"} | common)
    secret = {
        "id": "T2030.bi_mat_chim_yen.S002",
        "indicator": "bi_mat_chim_yen",
        "milestone": "2030",
        "comparator": ">=",
    }
    secret |= {"value": "7654321.125", "unit": "nhiệm vụ", "stated_vi": "BIMAT mục tiêu", "source": "S002, I.2"}
    _append(root / "data" / "catalogue" / "targets.csv", secret)
    observed = {
        "area": "VN", "period": "2026-06", "measure": "stock", "qualifier": "=", "unit": "nhiệm vụ", "status": "official", "vintage": "2026-06-30",
        "recorded": "2026-07-01", "source": "S004", "locator": "trang 1", "public": "no",
    }  # fmt: skip
    secret = {"value": "7654321.125", "printed": "7.654.321,125", "locator": "BIMAT trang 9", "note": "BIMAT ghi chú"}
    shown = {"subject": SHOWN, "value": "12345", "printed": "12.345", "public": "yes", "public_decision": "QĐ 57-QĐ/TW"}
    rows = [
        observed | {"subject": "bi_mat_chim_yen"} | secret,
        # yes, but no decision; a decision, but not public; an older vintage of the row that is shown.
        observed | {"subject": SHOWN, "public": "yes", "period": "2025-06"} | secret,
        observed | {"subject": SHOWN, "public_decision": "BIMAT số 1", "period": "2024-06"} | secret,
        observed | {"subject": SHOWN, "vintage": "2026-06-01"} | secret,
        # Shown, with columns that stay inside.
        observed | shown | {"note": "BIMAT ghi chú", "evidence": "BIMAT bằng chứng", "verified_by": "BIMAT người"},
    ]
    frame = pd.DataFrame([dict.fromkeys(OBSERVATIONS.names, "") | row for row in rows])
    frame.to_csv(root / "data" / "observations" / "S004_chim.csv", index=False)
    _edition(root, "bi-mat-cong-khai", "cong-khai", "S004_chim.csv:2", "CHIMYEN")
    _edition(root, "bi-mat-noi-bo", "noi-bo", "S004_chim.csv:6", "CHIMYEN")
    _edition(root, "bao-cao-duoc-cong-bo", "cong-khai", "S004_chim.csv:6", "Được công bố")
    return root


# Of every kind of page one or more, and every twentieth of the rest.
KINDS = (
    "A.02.02",
    "A.01.01",
    "A.02.06",
    "M.01",
    "M.03",
    "C.07.01",
    "egdi_rank",
    "iip_total_nso",
    "dti_provincial_rank",
)
# Targets with a way, in words alone, met by what is near, of a rank.
GOALS = ("T2030.digital_economy.S002", "T2030.coverage_5g.S002", "T2030.rd_gdp.S002", "T2045.gii.S002")


def _some_pages(self) -> dict[str, int]:
    """A sample of a site's subjects instead of all seven hundred: each page is made alike."""
    every = WHOLE.func(self)
    rest = [code for code in every if code in (*KINDS, SHOWN, "bi_mat_chim_yen") or code.startswith("M.")]
    return dict.fromkeys([*rest, *list(every)[::20]], 0)


WHOLE = writer.Writer.__dict__["pages"]


@pytest.fixture(scope="module", autouse=True)
def gathered(project):
    """What each audience may read, gathered once from the project: every build of this file shows it."""
    kept = functools.cache(content.gather)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build.gathering, "gather", kept)
        some = functools.cached_property(_some_pages)
        some.__set_name__(writer.Writer, "pages")
        patch.setattr(writer.Writer, "pages", some)
        yield kept


@pytest.fixture(scope="module")
def internal(project) -> Path:
    return build.build(project, "noi-bo", renderer="embedded")


@pytest.fixture(scope="module")
def public(project) -> Path:
    return build.build(project, "cong-khai", renderer="embedded")


def _texts(folder: Path) -> dict[str, str]:
    """Return every file of a site as text: tables of Parquet and documents of Word are opened."""
    found = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".parquet":
            frame = pd.read_parquet(path)
            found[name] = frame.to_csv() + " ".join(frame.columns)
        elif path.suffix == ".docx":
            with zipfile.ZipFile(path) as packed:
                found[name] = "".join(packed.read(part).decode("utf-8", "replace") for part in packed.namelist())
        else:
            found[name] = path.read_bytes().decode("utf-8", "replace")
    return found


def test_nothing_without_a_decision_reaches_the_public(public, internal):
    leaks = [(name, word) for name, text in _texts(public).items() for word in SECRETS if word in name + text]
    assert leaks == []
    inside = "".join(name + text for name, text in _texts(internal).items())
    assert [word for word in SECRETS if word not in inside] == ["7654321,125"]  # the canary sings where it may
    assert "12.345" in (public / "quoc-gia.html").read_text(encoding="utf-8")


def test_probabilities_and_inner_columns_stay_inside(public, internal):
    columns = {path.name: set(pd.read_csv(path, nrows=0)) for path in (public / "du-lieu").glob("*.csv")}
    assert not [name for name in columns["muc-tieu.csv"] if name.startswith("p_")]
    assert not columns["so-lieu.csv"] & {"evidence", "verified_by", "note", "decision"}
    assert "p_met" in set(pd.read_csv(internal / "du-lieu" / "muc-tieu.csv", nrows=0))


def test_each_audience_gets_its_editions(public, internal):
    assert {path.name for path in (public / "bao-cao").iterdir()} == {"bao-cao-duoc-cong-bo"}
    names = {path.name for path in (internal / "bao-cao").iterdir()}
    assert names == {"bao-cao-duoc-cong-bo", "bi-mat-noi-bo", "bi-mat-cong-khai"}
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ElementTree.parse(public / "feed.xml").getroot()
    assert [entry.find(f"{atom}id").text for entry in feed.iter(f"{atom}entry")] == [
        "urn:nq57:an-ban:bao-cao-duoc-cong-bo"
    ]
    assert all((public / link.get("href")).exists() for link in feed.iter(f"{atom}link"))


def test_only_the_internal_site_is_marked(public, internal):
    for page in frame.MENU:
        assert "NỘI BỘ" in (internal / page).read_text(encoding="utf-8")
        assert "NỘI BỘ" not in (public / page).read_text(encoding="utf-8")


class _Page(HTMLParser):
    def __init__(self, text: str):
        super().__init__()
        self.links, self.ids, self.tags = [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append((tag, found))
        self.ids |= {found[name] for name in ("id", "name") if found.get(name)}
        self.links += [found[name] for name in ("href", "src") if name in found]

    def handle_data(self, data):
        if data.startswith('{"year":'):  # what the explorer of pace writes its links from
            self.links += [target["page"] for target in json.loads(data)["targets"] if target["page"]]


def test_every_link_of_both_sites_leads_somewhere(public, internal):
    for site in (public, internal):
        found = [path for name in (".", "chi-so", "muc-tieu", "kham-pha") for path in site.glob(f"{name}/*.html")]
        parsed = {path: _Page(path.read_text(encoding="utf-8")) for path in found}
        broken = []
        for path, page in parsed.items():
            for link in page.links:
                address = urlsplit(link)
                target = (path.parent / unquote(address.path)).resolve() if address.path else path
                if address.scheme in ("http", "https", "data"):
                    continue  # a reference that a reader may follow, or a picture inside the page; loading is tested below
                if not target.is_file() or site.resolve() not in target.parents:
                    broken.append((path.name, link))
                own = parsed.get(target)
                by_script = re.fullmatch(r"(34|agency|block)-\w+", address.fragment)  # the page's table filters by it
                if address.fragment and own and not by_script and unquote(address.fragment) not in own.ids:
                    broken.append((path.name, link))
        assert broken == []


def test_a_report_is_published_with_every_document_that_its_page_links_to(tmp_path):
    folder = tmp_path / "r"
    folder.mkdir()
    links = web_page._downloads("r", list(web_page.DOCUMENTS))
    (folder / "r.html").write_text(links, encoding="utf-8")
    for ending, _ in web_page.DOCUMENTS.values():
        (folder / f"r{ending}").write_bytes(b"x")
    told = build._publish({"edition": "r", "folder": folder, "items": {}}, tmp_path / "ra", {})
    named = re.findall('href="([^"]+)"', links)
    assert len(named) == len(web_page.DOCUMENTS)
    assert {path.name for path in (tmp_path / "ra" / "r").iterdir()} == {"r.html", *named}
    assert [address for address, _ in told] == ["r/r.html", *(f"r/{name}" for name in named)]


def test_html_in_a_name_comes_out_as_text(public, internal):
    for path in [*public.glob("*.html"), *internal.glob("*.html")]:
        page = _Page(path.read_text(encoding="utf-8"))
        assert not [found for tag, found in page.tags if "onclick" in found or (tag == "script" and "src" not in found)]
    assert "&lt;script&gt;alert" in (public / "quoc-gia.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert" in (public / "bao-cao.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("audience", ["noi-bo", "cong-khai"])
def test_open_data_is_what_its_package_says(audience, public, internal):
    folder = {"noi-bo": internal, "cong-khai": public}[audience] / "du-lieu"
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    described = {"datapackage.json"}
    for resource in package["resources"]:
        for file in (resource, *resource["x_formats"]):
            written = (folder / file["path"]).read_bytes()
            assert file["bytes"] == len(written)
            assert file["hash"] == f"sha256:{hashlib.sha256(written).hexdigest()}"
            described.add(file["path"])
        names = [field["name"] for field in resource["schema"]["fields"]]
        table = pd.read_csv(folder / resource["path"], dtype=str, keep_default_na=False)
        parquet = pd.read_parquet(folder / f"{resource['name']}.parquet")
        records = json.loads((folder / f"{resource['name']}.json").read_text(encoding="utf-8"))
        assert list(table.columns) == list(parquet.columns) == names
        assert len(table) == len(parquet) == len(records)
        for field in resource["schema"]["fields"]:
            if field["type"] == "number":
                written = pd.to_numeric(table[field["name"]]).to_numpy(float)
                pd.testing.assert_series_equal(
                    pd.Series(written), pd.Series(parquet[field["name"]].to_numpy(float)), check_names=False
                )
        assert all(set(record) == set(names) for record in records)
    assert {path.name for path in folder.iterdir()} == described


def test_every_public_figure_rests_on_public_rows(public):
    rows = pd.read_csv(public / "du-lieu" / "so-lieu.csv", dtype=str, keep_default_na=False)
    assert (rows["public"] == "yes").all() and (rows["public_decision"] != "").all()
    values = pd.read_csv(public / "du-lieu" / "gia-tri.csv", dtype=str, keep_default_na=False)
    assert set(values["rows"].str.split("; ").explode()) <= set(rows["id"])


@pytest.fixture(scope="module")
def served(project):
    """Address of the folder of both sites on a plain static server: each stands in a path below the root."""
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(project / "reports"))
    handler.log_message = lambda *arguments: None
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(("audience", "widths"), [("noi-bo", (390, 1280)), ("cong-khai", (1280,))])
def test_served_pages_are_accessible_and_load_only_their_own_files(audience, widths, internal, public, served, browser):
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()
    base, said, found = f"{served}/site-{audience}/", [], {}
    page = browser.new_page(viewport={"width": widths[0], "height": 900}, bypass_csp=True)
    page.on("request", lambda r: None if r.url.startswith((base, "data:", "blob:")) else said.append(r.url))
    page.on("response", lambda r: None if r.status < 400 else said.append((r.status, r.url)))
    page.on("requestfailed", lambda r: said.append(r.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    folder = {"noi-bo": internal, "cong-khai": public}[audience]
    subjects = [f"chi-so/{code}.html" for code in (*KINDS, SHOWN) if (folder / "chi-so" / f"{code}.html").exists()]
    goals = [f"muc-tieu/{code}.html" for code in GOALS if (folder / "muc-tieu" / f"{code}.html").exists()]
    assert len(goals) == (len(GOALS) if audience == "noi-bo" else 0)
    listed = [*frame.MENU, *subjects, *goals]
    assert len(subjects) >= (8 if audience == "noi-bo" else 1)
    for name in listed:
        page.set_viewport_size({"width": widths[0], "height": 900})
        page.goto(base + name)
        height = page.evaluate("document.documentElement.scrollHeight")
        assert height < (9_000 if name != "phuong-phap.html" else 20_000), (
            name
        )  # long tables are folded; that page is a text
        # The long tables repeat one kind of row: a few stand for all.
        page.evaluate(
            "for (const t of document.querySelectorAll('tbody')) [...t.rows].slice(6).forEach((r) => r.remove())"
        )
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            broken = axe.run(page).response["violations"]
            found[name, width] = [(v["id"], v["nodes"][0]["html"][:120]) for v in broken]
    page.close()
    assert [(place, broken) for place, broken in found.items() if broken] == []
    assert len(found) == len(listed) * len(widths)
    assert said == []


def test_filters_map_and_sources_work_from_the_keyboard(internal, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((internal / "danh-muc.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#noi-dung"
    page.fill("#danh-muc-tim", "kinh te so")
    shown = page.locator("#danh-muc tbody tr:visible").all_inner_texts()
    assert 0 < len(shown) < 40
    assert all(word in wording.plain(text) for text in shown for word in ("kinh", "te", "so"))
    page.fill("#danh-muc-tim", "")
    shown = page.locator("#danh-muc tbody tr:visible").all_inner_texts()
    more = page.locator("button[aria-controls=danh-muc]")
    assert more.inner_text().startswith("Xem tất cả") and more.get_attribute("aria-expanded") == "false"
    more.focus()
    page.keyboard.press("Enter")
    all_shown = page.locator("#danh-muc tbody tr:visible").count()
    assert page.locator("form[data-bang=danh-muc] .dem").inner_text().startswith(f"{all_shown}/")
    assert all_shown > len(shown) and more.get_attribute("aria-expanded") == "true"
    page.goto((internal / "index.html").as_uri())
    page.focus('.luoi a[href="tinh.html#34-79"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/tinh.html#34-79")
    areas = page.locator("#tinh tbody tr:visible td:nth-child(2)").all_inner_texts()
    assert set(areas) == {"Thành phố Hồ Chí Minh"}
    assert page.evaluate("document.activeElement.tagName") == "CAPTION"  # the reader is taken to the figures
    top = "document.querySelector('form[data-bang=tinh]').getBoundingClientRect().top"
    page.wait_for_load_state("load")
    page.wait_for_timeout(800)
    assert -2 < page.evaluate(top) < 300
    page.locator("#tinh tbody tr:visible button.so").first.focus()
    assert "nguồn" in page.locator("#o-truy-vet").inner_text().lower()
    page.keyboard.press("Escape")
    assert page.locator("#o-truy-vet").is_hidden()
    page.close()


def test_filters_by_field_year_and_area_leave_only_what_was_asked_for(internal, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    for address, table in (("quoc-gia.html", "quoc-gia"), ("tinh.html", "tinh"), ("co-quan.html", "co-quan")):
        page.goto((internal / address).as_uri())
        for name, key in (("linh-vuc", "linhVuc"), ("nam", "nam"), ("dia-ban", "diaBan")):
            choice = page.locator(f"#{table}-{name}")
            if table == "quoc-gia" and name == "dia-ban":
                assert choice.count() == 0  # one area only: nothing to choose
                continue
            value = choice.locator("option").last.get_attribute("value")
            choice.select_option(value)
            own = page.evaluate(
                f"[...document.querySelectorAll('#{table} tbody tr')].filter((r) => !r.hidden).map((r) => r.dataset.{key})"
            )
            assert own and set(own) == {value}, (address, name)
            choice.select_option("")
    page.close()


def test_print_shows_every_row_that_the_filters_leave(internal, browser):
    page = browser.new_page(viewport={"width": 660, "height": 930})
    page.goto((internal / "quoc-gia.html").as_uri())
    rows = page.locator("#quoc-gia tbody tr").count()
    assert page.locator("#quoc-gia tbody tr:visible").count() == parts.FOLDED < rows
    page.emulate_media(media="print")
    assert page.locator("#quoc-gia tbody tr:visible").count() == rows
    page.close()


def test_the_map_says_what_its_shades_stand_for(internal):
    text = (internal / "index.html").read_text(encoding="utf-8")
    legend = re.search(r'<ul class="chu-giai".*?</ul>', text)[0]
    shades = set(re.findall(r'<(?:li|i) class="(?:o )?muc-(-?\d)"', text))
    assert shades == set(re.findall(r'class="mau muc-(-?\d)"', legend))
    assert len(re.findall(r"[\d.,]+ đến [\d.,]+", legend)) == 4


def test_names_are_readable_on_a_phone(internal, browser):
    page = browser.new_page(viewport={"width": 390, "height": 900})
    for address, cell in (("danh-muc.html", "#danh-muc td:nth-child(2)"), ("phuong-phap.html", "td:first-child")):
        page.goto((internal / address).as_uri())
        box = page.locator(cell).first.bounding_box()
        assert box["width"] >= 150 and box["x"] + 150 <= 390, (address, box)
    page.close()


def test_the_map_prints_on_the_first_page_with_its_shades(internal, browser):
    page = browser.new_page(viewport={"width": 660, "height": 930})
    page.emulate_media(media="print")
    page.goto((internal / "tinh.html").as_uri())
    box = page.locator(".mot-ban-do:not([hidden]) .ban-do").bounding_box()
    assert box["y"] + box["height"] <= 930  # A4 less its margins, in CSS pixels
    assert page.evaluate("getComputedStyle(document.querySelector('.luoi .muc-3')).printColorAdjust") == "exact"
    page.close()


def test_the_sources_are_a_quarto_website_with_one_frame(project, gathered, internal, tmp_path):
    folder = tmp_path / "nguon"
    build._sources(folder, dict.fromkeys(frame.MENU, "<p>x</p>"), gathered(project, "noi-bo", None))
    settings = json.loads((folder / "_quarto.yml").read_text(encoding="utf-8"))
    assert settings["project"]["type"] == "website"
    assert (folder / settings["format"]["html"]["template"]).exists()
    assert {path.name for path in folder.glob("*.md")} == set(settings["project"]["render"])
    # Quarto would number the ready tables' captions and repeat their ids; it drops the first of several elements on a head's line.
    assert settings["format"]["html"]["html-table-processing"] == "none"
    assert '\n<meta charset="utf-8">\n' in (folder / settings["format"]["html"]["template"]).read_text(encoding="utf-8")
    for page in frame.MENU:
        marked = re.findall(r'href="([^"]+)" aria-current="page"', (internal / page).read_text(encoding="utf-8"))
        assert marked == [page]


def test_pages_are_written_as_an_official_writes(public, internal):
    for folder in (public, internal):
        for path in [*folder.glob("*.html"), *list(folder.glob("chi-so/*.html"))[:5]]:
            text = re.sub(r"<[^>]+>", "", path.read_text(encoding="utf-8"))
            said = re.findall(r"(?<![\d.,/])0 (?:cảnh báo|nhiệm vụ|chỉ số)|Điều \d+\.\d[^\n]{0,20}", text)
            assert said == [], (path.name, said)
    sources = (internal / "danh-muc.html").read_text(encoding="utf-8").partition('id="nguon"')[2]
    assert 'id="S001"' in sources and ">S001<" not in sources


def test_an_empty_part_says_to_the_public_alone_what_opens_it():
    named = types.SimpleNamespace(catalogue=types.SimpleNamespace(programme=Programme(regulation="Quy chế số 1")))
    public, internal = (
        empty.nothing(types.SimpleNamespace(internal=inside, content=named), "số liệu cấp tỉnh")
        for inside in (False, True)
    )
    assert "được phép công bố" in public and "(khoản 1 Điều 17 Quy chế số 1)." in public
    assert "Chưa có số liệu cấp tỉnh.</p>" in internal


def test_a_table_without_rows_is_a_sentence_without_its_filters():
    fields = parts.search("nhiem-vu-tim", "Tìm")
    shown = parts.table(["Chủ trì"], [], "Nhiệm vụ theo cơ quan chủ trì", identity="nhiem-vu", fields=fields)
    assert shown == '<p class="dan">Chưa có nhiệm vụ theo cơ quan chủ trì.</p>'
    assert parts.table(["Chủ trì"], [["Bộ"]], "Nhiệm vụ", identity="nhiem-vu", fields=fields).startswith("<form")


def test_a_failed_build_leaves_the_last_site_whole(project, internal, monkeypatch):
    before = _texts(internal)
    monkeypatch.setattr(build.feed, "atom", lambda found: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError):
        build.build(project, "noi-bo", renderer="embedded")
    assert _texts(internal) == before
    assert not list((project / "reports").glob(".site-*"))


def test_measured_probabilities_are_read_not_typed():
    brier = pd.DataFrame(
        [
            {"group": "all", "forecasts": 5317, "series": 194, "base_rate": 0.4, "brier": 0.1451, "brier_base": 0.2408, "skill": 0.397,
             "skill_lo": 0.345, "skill_hi": 0.444},
            {"group": "90%", "forecasts": 1042, "series": 192, "base_rate": 0.07, "brier": 0.0673, "brier_base": 0.0635, "skill": -0.059,
             "skill_lo": -0.407, "skill_hi": 0.129},
        ]
    )  # fmt: skip
    bins = pd.DataFrame(
        {"lower": [0.0, 0.9], "upper": [0.1, 1.0], "count": [1293, 274], "forecast": [0.03, 0.946], "observed": [0.062, 0.953],
         "observed_lo": [0.032, 0.911], "observed_hi": [0.091, 0.994]}
    )  # fmt: skip
    text = calibration.probabilities(brier, bins)
    assert (
        "| 0 – 10 | 1.293 | 3,0 | 6,2 | 3,2 đến 9,1 |" in text
        and "| 90 – 100 | 274 | 94,6 | 95,3 | 91,1 đến 99,4 |" in text
    )
    assert "| rất khó | 1.042 | 7,0 | 0,067 | 0,064 | −6 (−41 đến 13) |" in text
    assert "0,145 so với 0,241" in text and "Ở 1 trong 2 bậc" in text  # 3,0 lies below its interval


def test_measured_coverage_is_read_not_typed(tmp_path):
    assert calibration.NONE in calibration.section(tmp_path / "khong-co.csv")
    path = tmp_path / "do.csv"
    path.write_text(
        "frequency,history,low,high,horizon,level,series,coverage,error\n"
        "yearly,all,14,41,1,80,645,0.8806,0.025\nyearly,all,14,41,1,95,645,0.974,0.012\nyearly,8,8,8,1,80,645,0.5,0.1\n"
    )
    assert "| chuỗi năm | kỳ 1 | 88,1 ± 2,5 | 97,4 ± 1,2 | 645 |" in calibration.section(path)
    assert "50,0" not in calibration.section(path)


def test_what_the_forecast_looks_at_is_read_with_its_intervals_and_every_feature_has_words():
    table = pd.read_csv(calibration.DRIVERS)
    assert set(table["feature"]) == set(features.NAMES) == set(calibration.FEATURE_WORDS)
    assert table["importance"].is_monotonic_decreasing and (table["lo"] <= table["hi"]).all()
    text = calibration.drivers()
    first = table.iloc[0]
    assert f"{calibration.FEATURE_WORDS[first['feature']]} | {wording.number(first['importance'], 1)} (" in text
    assert f"{(table['lo'] > 0).sum()} trong {len(table)} đặc điểm" in text and "nước so sánh" in text


def test_a_small_line_joins_only_periods_and_sources_that_may_stand_together():
    def figures(subject, periods_of, sources):
        count = len(periods_of)
        return pd.DataFrame(
            {
                "subject": subject,
                "area": "VN",
                "dims": "",
                "period": periods_of,
                "value": [float(value) for value in range(count)],
                "shown": [str(value) for value in range(count)],
                "unit": "%",
                "how": "",
                "source": sources,
                "end": [pd.Timestamp(periods.end(period)) for period in periods_of],
            }
        )

    years = ["2022", "2023", "2024", "2025"]
    values = pd.concat(
        [
            figures("one_source", years, "P_GSO_2026"),
            figures("two_publishers", years, ["P_A_2024", "P_A_2024", "P_A_2024", "P_B_2026"]),
            figures("year_and_quarters", ["2022", "2023", "2024-Q4", "2025-Q1", "2025-Q2"], "P_GSO_2026"),
            figures("too_few_quarters", [*years, "2026-Q1"], "P_GSO_2026"),
        ],
        ignore_index=True,
    )
    known = types.SimpleNamespace(values=values, every=values)
    lines = tables._trends(known, values)
    assert {key[0]: re.findall(r"Từ (.+?) \d+ đến", text)[0] for key, text in lines.items()} == {
        "one_source": "năm 2022",
        "year_and_quarters": "quý IV/2024",
    }


def test_a_page_is_rendered_on_a_path_with_accents_in_a_bare_locale(tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C")
    folder = tmp_path / "dự án"
    folder.mkdir()
    (folder / build.TEMPLATE).write_text("$body$", encoding="utf-8")
    (folder / "trang.md").write_text("Chữ Việt", encoding="utf-8")
    build._render(folder / "trang.md", folder / "trang.html")
    assert "Chữ Việt" in (folder / "trang.html").read_text(encoding="utf-8")
