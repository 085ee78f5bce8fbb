"""The explorers: what the browser computes equals what Python does, and each works by keyboard, on a phone, alone and for its audience."""

import functools
import json
import re
import threading
from dataclasses import replace
from datetime import date
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlencode, urlsplit

import numpy as np
import pytest
from support import ROOT

from nq57lab.composite.laboratory import files, inputs, pipeline, steps
from nq57lab.composite.robustness import margins
from nq57lab.facts import known as knowledge
from nq57lab.loops import graph, scenario, simulate
from nq57lab.loops.evidence import grades
from nq57lab.site import build, frame
from nq57lab.site import content as gathering
from nq57lab.site.explorers import pages, shared, weights
from nq57lab.targets import tracking
from nq57lab.targets.methods import trajectory

KNOWN = date(2026, 6, 30)
LIMIT = 300_000  # bytes of a page with all that it loads


def _site(folder: Path, audience: str) -> Path:
    found = gathering.gather(ROOT, audience, KNOWN)
    out = folder / audience
    out.mkdir()
    build.copy_assets(ROOT, out)
    pages.write(ROOT, found, out)
    return out


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The explorers of both audiences, in the site's frame."""
    made = tmp_path_factory.mktemp("kham-pha")
    for audience in ("noi-bo", "cong-khai"):
        _site(made, audience)
    return made


@pytest.fixture(scope="module")
def served(folder):
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(folder))
    handler.log_message = lambda *arguments: None
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def page(browser):
    opened = browser.new_page(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def computed(browser, served):
    """Go to a state of an explorer, as one goes back to a link of it, and return what it computed; the page is loaded once."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900})

    def of(name: str, state: dict | None = None) -> dict:
        address = f"{served}/noi-bo/kham-pha/{name}.html"
        if opened.url.partition("#")[0] != address:
            opened.goto(address)
        go = "hash => { history.replaceState(null, '', hash); dispatchEvent(new Event('hashchange')); return KhamPha.result; }"
        return opened.evaluate(go, f"#{urlencode(state or {})}")

    yield of
    opened.close()


@pytest.fixture(scope="module")
def governance():
    """Return a function that builds the provincial index with weights."""
    place = ROOT / "data" / "examples" / weights.NAME
    checked, config = inputs.load(place / "iData.csv", place / "iMeta.csv"), files.read_config(place / "index.yml")

    def of(changed: dict[str, float]) -> pipeline.Build:
        own = replace(checked, framework=checked.framework.with_weights(changed))
        return pipeline.build(own, steps.read(config, own.framework), place)

    return of


WEIGHTS = [
    {},
    {"DAN": 8, "DN": 2},
    {"DAN": 0.5, "DN": 10, "PAPI1": 0, "PHAPLY": 9.5},
    {"DAN": 6, "DN": 3, "PAPI2": 1, "PAPI4": 10, "GIANHAP": 0, "DATDAI": 7, "NANGDONG": 2.5},
]


@pytest.mark.parametrize("moved", WEIGHTS)
@pytest.mark.parametrize(("level", "spread"), [(2, 25), (1, 40)])
def test_scores_ranks_and_their_certainty_equal_pythons(moved, level, spread, computed, governance):
    found = computed("trong-so", moved | {"cap": level, "dao": spread})
    index = governance({code: value / 5 for code, value in moved.items()})
    np.testing.assert_allclose(found["scores"], index.scores["Index"], rtol=0, atol=1e-9)
    assert found["ranks"] == index.ranks["Index"].tolist()
    bounds = margins.rank_bounds(index, level, spread / 100).set_index("uCode").loc[index.scores["uCode"]]
    assert found["best"] == bounds["best"].tolist() and found["worst"] == bounds["worst"].tolist()
    assert found["pairs"] == margins.robust_pairs(index, level, spread / 100)["robust"].sum()


@pytest.mark.parametrize("moved", WEIGHTS[:3])
@pytest.mark.parametrize(("unit", "top"), [("63:79", 10), ("63:01", 20), ("63:80", 3)])
def test_what_it_takes_equals_pythons(moved, unit, top, computed, governance):
    found = computed("trong-so", moved | {"tinh": unit, "dau": top})["reach"]
    index = governance({code: value / 5 for code, value in moved.items()})
    needed = margins.weights_for(index, unit, top=top)
    if needed.attrs["reason"]:
        assert found["moved"] is None
    else:
        assert found["moved"] == pytest.approx(needed.attrs["moved"], abs=1e-6)
    alone = margins.indicator_for(index, unit, top=top).dropna(subset=["needed"]).set_index("code")["needed"]
    if needed.attrs["moved"] > 0 or needed.attrs["reason"]:
        codes = list(index.framework.indicators)
        told = {codes[row["at"]]: row["needed"] for row in found["alone"]}
        assert set(told) == set(alone.index)
        assert [told[code] for code in alone.index] == pytest.approx(alone.tolist(), abs=1e-6)


def test_trials_of_weights_agree_with_pythons(computed, governance):
    found, index = computed("trong-so", {"dau": 10}), governance({})
    units = index.scores["uCode"].tolist()
    for unit in ("63:19", "63:10", "63:74"):
        expected = margins.weights_for(index, unit, top=10).attrs["probability"]
        assert found["trials"][units.index(unit)]["inside"] == pytest.approx(expected, abs=0.08)


def test_weights_move_by_keyboard_keep_their_link_and_go_back(page, served):
    page.goto(f"{served}/noi-bo/kham-pha/trong-so.html")
    first = page.locator("[data-vung=bang] tbody").inner_text()
    page.locator("#ts-DAN").focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("KhamPha.result.ranks[0] && location.hash.includes('DAN=9')")
    moved = page.locator("[data-vung=bang] tbody").inner_text()
    assert moved != first
    page.wait_for_function("document.querySelector('[data-vung=ket-luan]').textContent.includes('đổi hạng')")
    assert page.locator("#ts-DAN").get_attribute("aria-valuetext").startswith("9 trên 10")
    address = page.locator("[data-viec=lien-ket]").get_attribute("href")
    page.goto("about:blank")
    page.goto(f"{served}/noi-bo/kham-pha/trong-so.html{address}")
    assert page.locator("[data-vung=bang] tbody").inner_text() == moved
    page.locator("[data-viec=dat-lai]").focus()
    page.keyboard.press("Enter")
    assert page.locator("[data-vung=bang] tbody").inner_text() == first
    assert not urlsplit(page.url).fragment
    page.fill("#hang-dau", "3")
    page.locator("#ts-DAN").evaluate("(node) => { node.value = 0; node.dispatchEvent(new Event('input')); }")
    page.locator("#ts-DN").evaluate("(node) => { node.value = 0; node.dispatchEvent(new Event('input')); }")
    page.wait_for_function("document.querySelector('[data-vung=ket-luan]').textContent.startsWith('Chưa tính được')")


@pytest.fixture(scope="module")
def standing():
    tracked = tracking.of_known(knowledge.of(ROOT, KNOWN), probability=True)
    return tracking.one_a_quantity(tracked.progress).set_index("id")


def test_pace_equals_the_targets_own_standing(page, served, standing):
    page.goto(f"{served}/noi-bo/kham-pha/toc-do.html")
    told = page.evaluate(
        """KhamPha.compute.targets.map((t) => ({ id: t.id, met: t.met, needed: KhamPha.compute.needed(t), present: KhamPha.compute.present(t),
        arrival: KhamPha.compute.present(t) === null ? null : KhamPha.compute.arrival(t, KhamPha.compute.present(t)),
        chances: KhamPha.compute.chances(t, KhamPha.compute.needed(t)) }))"""
    )
    assert len(told) > 5
    rows = {name.split(".")[1]: row for name, row in standing.iterrows() if row["row"]}
    for entry in told:
        row = rows[entry["id"]]
        if row["required"] == row["required"]:
            assert entry["needed"] == pytest.approx(abs(row["required"]), abs=1e-9)
        if entry["present"] is not None and not entry["met"]:
            assert entry["present"] * row["direction"] == pytest.approx(row["pace"], abs=1e-9)
            assert entry["arrival"] == pytest.approx(row["arrival_year"], abs=1e-9)
        if row["p_met"] == row["p_met"]:  # the needed step leads to the target: its chance is the target's
            assert entry["chances"]["now"] == pytest.approx(row["p_met"], abs=1e-9)
            assert entry["chances"]["far"] == pytest.approx(row["p_met"], abs=1e-9)
    assert {entry["id"] for entry in told if entry["chances"]} == {
        n for n, r in rows.items() if r["p_met"] == r["p_met"]
    }


def test_a_step_says_year_of_arrival_and_chance_by_keyboard(page, served, standing):
    page.goto(f"{served}/noi-bo/kham-pha/toc-do.html#muc=digital_economy")
    row = standing.loc["T2030.digital_economy.S002"]
    year = trajectory.first_year(row["arrival_year"])
    assert f"tới đích năm {year}, chậm {year - 2030} năm" in page.locator("[data-vung=ket-luan]").inner_text()
    page.locator("[data-viec=can-co]").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('[data-vung=ket-luan]').textContent.includes('kịp năm 2030')")
    assert "30%" in page.locator("[data-vung=bang] tr.dang-chon").inner_text()
    page.locator("#buoc-nam").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("document.querySelector('[data-vung=ket-luan]').textContent.includes('chậm')")
    page.goto(f"{served}/noi-bo/kham-pha/toc-do.html#muc=gii")
    page.wait_for_function("KhamPha.result.id === 'gii'")
    before = page.evaluate("KhamPha.result.chances")
    page.locator("#buoc-nam").focus()
    page.keyboard.press("End")
    page.wait_for_function("KhamPha.result.step > KhamPha.result.needed * 1.5")
    after = page.evaluate("KhamPha.result.chances")
    assert after["far"] < before["far"] and after["moved"] > before["moved"] and after["now"] == before["now"]
    assert "độ bất định giữ nguyên" in page.locator("[data-vung=kha-nang]").inner_text()


@pytest.fixture(scope="module")
def links():
    catalogue = knowledge.of(ROOT, KNOWN).catalogue
    return graph.catalogue_links(catalogue, graph.EVERY, grades=grades.of_project(catalogue, power=False).table)


@pytest.mark.parametrize(("lever", "push", "only"), [("CH1", 1, 0), ("M.11", -1, 0), ("CH4", 1, 1)])
def test_signs_and_loops_equal_pythons(lever, push, only, computed, links):
    found = computed("vong-lap", {"nut": lever, "chieu": push, "neu": only})
    own = links[links["x_basis"] != "implied"].reset_index(drop=True) if only else links
    run = scenario.run(own, {lever: float(push)}, steps=12, draws=4000)
    shares = dict(zip(found["loops"], found["shares"], strict=True))
    for loop, part in run.dominance.groupby("nodes"):
        told = [np.nan if value is None else value for value in shares.pop(loop)]
        np.testing.assert_allclose(told, part["share"], rtol=0, atol=1e-9)
    assert all(not any(value for value in row) for row in shares.values())  # those that do not move
    table = simulate.simulate(graph.of_table(own), {lever: float(push)}, steps=12, draws=4000).table
    place = {name: at for at, name in enumerate(found["ids"])}
    for row in table[table["step"].isin([1, 4, 12])].itertuples():
        entry = found["result"][row.step][place[row.node]]
        assert (entry is None) == (row.p_positive == row.p_negative == 0)
        if entry:
            assert entry["up"] == pytest.approx(row.p_positive, abs=0.08)
            assert entry["median"] == pytest.approx(row.median, abs=0.08)


def test_a_push_spreads_by_keyboard_and_says_what_is_not_told(page, served):
    page.goto(f"{served}/noi-bo/kham-pha/vong-lap.html#nut=CH1&xem=rnd_labour_cost")
    arrows = page.locator(".lan .o-lan")
    at_four = arrows.count()
    page.locator("#nam").focus()
    page.keyboard.press("End")
    page.wait_for_function(f"document.querySelectorAll('.lan .o-lan').length > {at_four}")
    assert "chưa rõ chiều" in page.locator("[data-vung=bang-nut] tbody tr").last.inner_text()
    assert page.locator(".lan .chua-ro").count() > 0
    assert "Đường dẫn mạnh nhất" in page.locator("[data-vung=duong]").inner_text()
    grid = page.locator("[data-vung=lan]").inner_text()
    page.locator("input[name=chieu][value='1']").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('[data-vung=ket-luan]').textContent.startsWith('Kéo giảm')")
    assert page.locator("[data-vung=lan]").inner_text() != grid
    carried = page.locator("[data-vung=vong] tbody tr").count()
    page.locator("#chi-neu").focus()
    page.keyboard.press("Space")
    page.wait_for_function(f"document.querySelectorAll('[data-vung=vong] tbody tr').length < {carried}")
    kinds = page.locator("[data-vung=lien-ket] table").text_content()
    assert "ngầm định" not in kinds and "gián tiếp" in kinds and "số liệu yếu" in kinds


@pytest.mark.parametrize("name", list(shared.PAGES))
@pytest.mark.parametrize("audience", ["noi-bo", "cong-khai"])
def test_pages_are_accessible_small_and_load_only_their_own_files(name, audience, page, served):
    from axe_playwright_python.sync_playwright import Axe

    base, said, sizes = f"{served}/{audience}/", [], []
    page.on("request", lambda r: None if r.url.startswith(base) else said.append(r.url))
    page.on("response", lambda r: sizes.append(len(r.body())) if r.status < 400 else said.append((r.status, r.url)))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{base}kham-pha/{name}.html#nam=12")
        page.evaluate("document.querySelectorAll('details').forEach((box) => { box.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        broken = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:120]) for v in broken] == []
        if width == 1280:
            assert sum(sizes) < LIMIT
    assert said == []


def test_the_public_sees_published_figures_only(folder):
    public = folder / "cong-khai"
    texts = {name: (public / "kham-pha" / f"{name}.html").read_text(encoding="utf-8") for name in shared.PAGES}
    assert '"x":[[' in texts["trong-so"]  # published at their source
    assert "quyết định công bố" in texts["toc-do"] and "tài liệu nội bộ" in texts["vong-lap"]
    assert not [path for path in public.glob("kham-pha-*.js") if path.stem != "kham-pha-trong-so"]
    names = knowledge.of(ROOT, KNOWN).catalogue.loop_nodes.query("kind == 'factor'")["name_vi"]
    assert not [name for name in names for text in texts.values() if name in text]
    assert "quantiles" not in texts["toc-do"]


def test_every_link_of_the_explorers_leads_within_the_site(folder):
    for path in folder.glob("*/kham-pha/*.html"):
        links = re.findall(r'\b(?:href|src)="([^"]+)"', path.read_text(encoding="utf-8"))
        own = [link for link in links if not re.match(r"[a-z]+:|#", link)]
        assert all(link.startswith("../") for link in own)
        kept = {(path.parent / unquote(link)).resolve() for link in own}
        made = {link for link in kept if link.name not in {*frame.MENU, "feed.xml"}}
        assert [link for link in made if not link.is_file()] == []


def test_data_are_written_whole_and_closed():
    text = shared.as_json({"a": 0.1 + 0.2, "b": [float("nan"), 3.0, np.float64(2.5)], "c": "</script><!--", "d": True})
    assert "<" not in text
    assert json.loads(text) == {"a": 0.1 + 0.2, "b": [None, 3, 2.5], "c": "</script><!--", "d": True}
