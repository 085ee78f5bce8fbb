"""What a report's notebook takes from the door: labels, kinds of sentences, the lab of its own edition; and scores, rankings, profiles, models tested."""

import pandas as pd
import pytest
import support

import nq57lab as nq
from nq57lab.base.problems import ProblemError
from nq57lab.composite.rankings import leagues
from nq57lab.composite.score import of_catalogue
from nq57lab.documents.edition import Edition
from nq57lab.door import history
from nq57lab.door.subject import series_frame
from nq57lab.reports import province

DAY = "2026-06-30"


@pytest.fixture(scope="module")
def lab():
    return nq.open(DAY, project=support.ROOT)


def test_a_report_opens_from_its_parameters_and_its_pieces_are_the_documents(tmp_path, monkeypatch):
    monkeypatch.chdir(support.ROOT)
    names = {"edition": "x", "title": "A|B", "known": DAY, "work": str(tmp_path), "other": 1, "minh_hoa": False}
    report = nq.report(names)
    assert "other" not in report.edition.parameters
    pace = report.progress("2030")
    assert "{#tbl-toc-do " in pace.table("pace", "tbl-toc-do").markdown
    assert "{#fig-duong " in pace.chart("paths", "fig-duong").markdown
    assert {entry["place"] for entry in report.edition.figures.trace} >= {"bảng tốc độ", "hình fig-duong"}
    assert report.head().markdown.startswith("::: {.the-thuc")
    report.close()
    assert len(pd.read_csv(tmp_path / "trace.csv")) == len(report.edition.figures.trace)


def test_in_jupyterlab_no_piece_shows_the_renderers_marks_or_nothing(lab):
    results = [lab.progress(2030), lab.loops(), lab.outlook(), lab.profile("34:01"), lab.ranking(), lab.compare()]
    for result in results:
        pieces = [result.finding(kind) for kind in result.findings] + [result.table(kind) for kind in result.tables]
        for piece in pieces:
            text = piece._repr_mimebundle_().get("text/html") or piece._repr_mimebundle_()["text/markdown"]
            assert text.strip()
            assert not [mark for mark in (":::", "{.", "{#", "@sec-", "@fig-", "@tbl-") if mark in text]


def test_kinds_of_sentences_are_named_and_another_is_told(lab):
    found = lab.progress(2030)
    assert found.findings == ["targets", "pace", "methods"]
    assert str(found.finding()) == str(found.finding("targets")) != str(found.finding("pace"))
    with pytest.raises(ProblemError) as error:
        found.finding("x")
    assert "targets, pace, methods" in str(error.value)


@pytest.mark.parametrize("milestone", [2026, 2045])
def test_every_milestone_has_its_charts_and_they_name_it(lab, milestone):
    found = lab.progress(milestone)
    for kind in ("bullets", "methods"):
        drawn = found.chart(kind)._repr_mimebundle_()["image/svg+xml"]
        assert str(milestone) in drawn
    assert "methods" not in found.findings


def test_a_milestone_whose_targets_are_all_in_words_has_nothing_to_draw(lab):
    found = lab.progress(2025)
    assert set(found.frame["comparator"]) == {"qualitative"} and found.charts == []
    with pytest.raises(ProblemError):
        found.chart()


def test_a_history_joins_only_what_is_of_one_definition(lab):
    frame = series_frame(lab.edition, "A.02.02", "VN")
    points = history.points(lab.edition, "A.02.02", "VN", frame)
    line = points[points["kind"] == "line"]
    assert set(line["row"]) == set(frame.loc[frame["same_series"], "row"])
    assert line["date"].is_unique and not line["period"].str.contains("/").any()
    assert (points.loc[points["period"].str.contains("/"), "kind"] != "line").all()
    assert points["unit"].nunique() == 1


def test_the_score_is_the_catalogues(lab):
    e = lab.edition
    found = lab.score()
    engine = of_catalogue.evaluate(e.catalogue, e.known_tables.entered_rows, e.rows, e.known)
    assert found.frame["kpi"].tolist() == engine.kpis["kpi"].tolist()
    assert found.frame["score"].sum() == pytest.approx(engine.kpis["score"].sum())
    with pytest.raises(ProblemError):
        lab.score("x")


def test_a_ranking_is_the_leagues_of_the_days_quarter(lab):
    found = lab.ranking()
    assert set(found.frame["league"]) == set(leagues.LEAGUES)
    assert "2026-Q2" in found.title
    own = leagues.rank(lab.edition.catalogue, lab.edition.rows, "provinces", "2026-Q2", lab.edition.known)
    assert len(found.frame.query("league == 'provinces'")) == len(own.table)
    for wrong in ("2026", "quý 2"):
        with pytest.raises(ProblemError):
            lab.ranking(wrong)


def test_a_profile_is_of_a_province_or_an_agency(lab):
    found = lab.profile("34:01")
    own = province.inputs(lab.edition.known_tables, support.ROOT, "34:01")["own"]
    assert found.frame["subject"].tolist() == own["subject"].tolist()
    agency = lab.profile("agency:BKHCN")
    assert agency.frame["row"].is_unique and "name" in agency.frame
    with pytest.raises(ProblemError) as error:
        lab.profile("VN")
    assert "34:" in str(error.value)


def test_a_chart_without_places_shows_that_in_jupyterlab_and_is_left_out_of_a_document(tmp_path):
    early = Edition({"edition": "x", "title": "A|B", "known": "2010-01-01"}, str(tmp_path), support.ROOT)
    assert nq.Lab(early).profile("34:01").chart().markdown == ""
    shown = nq.open("2010-01-01", project=support.ROOT).profile("34:01").chart()
    assert "Chưa có số liệu" in shown._repr_mimebundle_()["image/svg+xml"]


def test_an_example_index_of_a_published_table_and_one_of_a_folder(lab, tmp_path):
    with pytest.raises(ProblemError) as error:
        lab.index("hdi")
    assert "life_expectancy" in str(error.value)
    rows = [("AAA", "A", 2022, 70, 12, 8, 9000), ("BBB", "B", 2022, 80, 16, 12, 40000)]
    columns = [
        "iso3",
        "country",
        "year",
        "life_expectancy",
        "expected_years_schooling",
        "mean_years_schooling",
        "gni_pc_2017ppp",
    ]
    found = lab.index("hdi", table=pd.DataFrame(rows, columns=columns))
    assert found.frame["uName"].tolist()[0] == "B"
