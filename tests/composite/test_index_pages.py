"""The reports on composite indices and rankings: every number traced, illustrative ones marked, charts for page and phone."""

import json
import re

import pandas as pd
import pytest
from support import ROOT, observe, problems_of

from nq57lab.charts import theme
from nq57lab.composite import figures, pages
from nq57lab.composite import study as index_study
from nq57lab.composite.rankings import pages as ranking_pages
from nq57lab.composite.robustness import diagnose
from nq57lab.composite.score import pages as score_pages
from nq57lab.documents.edition import Edition
from nq57lab.facts import illustrative
from nq57lab.publish.params import load

CHARTS = ("ranked", "tiles", "heat", "contributions", "treated", "sensitivity", "shifts")
MARKED = re.compile(r"\[[^\]]*\]\{\.so so=\"s\d+\"\}⁠\[mh\]\{\.dau\}")


@pytest.fixture(scope="module")
def edition(tmp_path_factory) -> Edition:
    """The edition of params/chi-so-tong-hop.yml, with fewer runs."""
    parameters = load(ROOT / "params" / "chi-so-tong-hop.yml", ["runs=8"])
    return Edition(parameters, str(tmp_path_factory.mktemp("chi-so")), ROOT, "chi-so")


@pytest.fixture(scope="module")
def found(edition) -> index_study.Study:
    """The index of the edition."""
    return index_study.study(edition)


@pytest.fixture(scope="module")
def ranked(edition) -> ranking_pages.Ranked:
    """The rankings of the illustrative edition."""
    return ranking_pages.ranked(edition_with(edition, quarter="2026-Q2"))


def edition_with(edition: Edition, **more) -> Edition:
    """Return an edition with other parameters."""
    return Edition(edition.parameters | more, "", ROOT, "chi-so")


@pytest.mark.parametrize(
    "piece",
    ["finding", "treatment_finding", "reliability_table", "influence_table", "certainty_finding", "certainty_table"],
)
def test_every_number_of_the_illustrative_index_carries_its_mark(edition, found, piece):
    start = len(edition.figures.trace)
    text = getattr(pages, piece)(edition, found).markdown
    written = edition.figures.trace[start:]
    assert written and {entry["status"] for entry in written} == {illustrative.STATUS}
    assert {entry["source"] for entry in written} == {illustrative.SOURCE}
    assert all(entry["ok"] != "no" and entry["formula"] for entry in written)
    assert text.count('{.so so="') == len(MARKED.findall(text)) == len(written)
    assert "minh họa" in text or piece.endswith("_finding")


def test_what_the_pages_say_is_what_the_functions_find(edition, found):
    table = found.table
    assert table["rank"].tolist() == sorted(table["rank"]) and len(table) == 34
    text = pages.finding(edition, found).markdown
    assert table["name"].iloc[0] in text and table["name"].iloc[-1] in text
    alpha = diagnose.reliability(found.build).set_index("code")["alpha"]
    start = len(edition.figures.trace)
    pages.reliability_table(edition, found)
    own = [e["recomputed"] for e in edition.figures.trace[start:] if e["formula"].startswith("alpha")]
    assert own == pytest.approx(alpha.tolist())
    profile = pages.profile_table(edition, found).markdown
    assert "Mạnh" in profile and "Yếu" in profile and found.names[found.unit] in profile


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_drawn_for_page_and_phone_and_says_its_finding(edition, found, name):
    edition.figures.place = name
    draw, words = getattr(figures, name)(found)(edition)
    assert words["subtitle"].startswith("Dữ liệu minh họa") and words["alt"].startswith("Dữ liệu minh họa")
    assert words["title"] in words["alt"]
    for size in (theme.WIDE, theme.NARROW):
        spec = theme.themed(draw(size), words["title"], words["subtitle"], "nguồn", size)
        rows = max(len(table) for table in spec["datasets"].values())
        assert rows >= {"sensitivity": 5, "shifts": 12, "treated": 34}.get(name, 34)
    if name == "tiles":
        text = json.dumps(spec, ensure_ascii=False).replace("\\n", " ")
        assert "Quần đảo Hoàng Sa (Đà Nẵng)" in text and "Quần đảo Trường Sa (Khánh Hòa)" in text


def test_the_dynamic_score_of_a_report_uses_verified_figures_only(edition):
    scored = score_pages.scored(edition)  # minh_hoa adds generated rows: none is counted
    assert not scored.kpis["status"].eq(illustrative.STATUS).any()
    start = len(edition.figures.trace)
    pieces = [score_pages.finding, score_pages.kpi_table, score_pages.composite_table]
    text = "\n".join(piece(edition, scored).markdown for piece in pieces)
    assert {entry["status"] for entry in edition.figures.trace[start:]} <= {"", "official", "verified"}
    assert "Chưa hiển thị điểm cả nước" in text and "không văn bản nào giao mức ưu tiên" in text
    assert all(entry["ok"] != "no" for entry in edition.figures.trace[start:])


def test_an_index_of_ones_own_tables_is_not_called_illustrative(edition, tmp_path):
    generator = pd.Series(range(8))
    data = pd.DataFrame({"uCode": [f"u{n}" for n in range(8)], "a": generator**2 + 1.0, "b": 9.0 - generator})
    data.to_csv(tmp_path / "iData.csv", index=False)
    meta = pd.DataFrame(
        {
            "Level": [1, 1, 2],
            "iCode": ["a", "b", "I"],
            "Direction": [1, -1, 1],
            "Weight": 1,
            "Parent": ["I", "I", None],
            "Type": ["Indicator", "Indicator", "Aggregate"],
        }
    )
    meta.to_csv(tmp_path / "iMeta.csv", index=False)
    (tmp_path / "index.yml").write_text(
        "steps:\n  - normalise: {method: minmax, range: [1, 100]}\n  - aggregate: {method: arithmetic}\n"
        "uncertain:\n  w: {noise: 0.4}\n",
        encoding="utf-8",
    )
    own = edition_with(edition, thu_muc=str(tmp_path), minh_hoa=False, unit="u3", runs=8)
    study = index_study.study(own)
    assert not study.generated and study.unit == "u3"
    text = pages.finding(own, study).markdown
    assert "minh họa" not in text and "u7" in text
    wrong = edition_with(edition, thu_muc=str(tmp_path), unit="u99", runs=8)
    assert problems_of(lambda: index_study.study(wrong))[0].found == "u99"


def test_the_ranking_of_an_illustrative_edition_marks_every_score(edition, ranked):
    start = len(edition.figures.trace)
    text = ranking_pages.league_table(edition, ranked, "provinces").markdown
    marked = [e for e in edition.figures.trace[start:] if e["formula"].startswith(("điểm", "hạng"))]
    assert len(marked) >= 66 and {e["status"] for e in marked} == {illustrative.STATUS}
    assert "dữ liệu minh họa" in text and "chỉ số lõi có số được tính" in text
    assert "Dữ liệu minh họa" in ranking_pages.finding(edition, ranked).markdown
    assert "giả định" in ranking_pages.core_table(edition, ranked).markdown
    draw, words = ranking_pages.tiles(ranked)(edition)
    assert "Hoàng Sa (Đà Nẵng)" in words["alt"] and draw(theme.NARROW).to_dict()


def test_the_ranking_of_the_projects_own_figures_ranks_nobody_and_says_why(edition):
    own = edition_with(edition, quarter="2026-Q2", minh_hoa=False)
    found = ranking_pages.ranked(own)
    pieces = [ranking_pages.finding(own, found)]
    for league in ("ministries", "provinces"):
        pieces += [ranking_pages.league_finding(own, found, league), ranking_pages.league_table(own, found, league)]
    pieces += [ranking_pages.tasks_finding(own, found), ranking_pages.tasks_table(own, found)]
    text = "\n".join(piece.markdown for piece in pieces)
    assert "minh họa" not in text and text.count("Không xếp hạng") >= 51
    assert "chưa nhận được số liệu" in text
    _, words = ranking_pages.tiles(found)(own)
    assert words["title"] == "Chưa có tỉnh, thành phố nào được xếp hạng"


def test_agencies_by_tasks_are_written_with_both_shares(edition, shipped):
    from nq57lab.composite.rankings import leagues

    names = {"tasks_assigned": 10.0, "tasks_completed": 9.0, "tasks_completed_on_time": 8.0}
    rows = observe(
        *(
            {
                "subject": name,
                "area": area,
                "value": number,
                "status": "verified",
                "period": "2026-Q2",
                "id": f"{area}{name}",
            }
            for area in ("agency:BTC", "agency:BYT")
            for name, number in names.items()
        )
    )
    tasks = leagues.by_tasks(shipped, rows, "2026-Q2")
    own = edition_with(edition, minh_hoa=False)
    found = ranking_pages.Ranked({}, tasks, "2026-Q2", False)
    text = ranking_pages.tasks_table(own, found).markdown
    assert text.count("đồng hạng") == 2 and "90,0" in text and "80,0" in text
    assert "90,0" in ranking_pages.tasks_finding(own, found).markdown


@pytest.mark.parametrize("name", ["chi-so-tong-hop", "xep-hang", "xep-hang-minh-hoa"])
def test_the_parameter_files_are_valid(name):
    parameters = load(ROOT / "params" / f"{name}.yml")
    assert (ROOT / "notebooks" / parameters["notebook"]).is_file()
    assert bool(parameters["minh_hoa"]) == (name != "xep-hang")
