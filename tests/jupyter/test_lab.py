"""JupyterLab for analysts: rich display, a new analysis, an own chart; notebooks run and seen are in ``test_walk.py``."""

from pathlib import Path

import altair as alt
import nbformat
import pandas as pd
import pytest
from support_project import copy_project

from nq57lab.base.problems import CallError, ProblemError
from nq57lab.documents import live, plain_numbers
from nq57lab.documents.edition import Edition
from nq57lab.door.lab import Lab
from nq57lab.jupyter import analysis
from nq57lab.reports import lookup


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    return copy_project(tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def ban(project) -> Edition:
    return Edition({"edition": "x", "title": "x", "known": "2026-06-30"}, root=project)


def test_a_table_shows_markup_of_the_data_as_text():
    page = live.table(
        pd.DataFrame({"Tên": ["<img src=x onerror=alert(1)>", "**đậm**"]}), "<b>Bảng</b>", "l", ["<i>n</i>"]
    )
    assert "<img" not in page
    assert "<i>" not in page
    assert "&lt;b&gt;Bảng" in page
    assert "<strong>đậm</strong>" in page


def test_the_series_is_what_an_edition_of_that_day_uses(ban):
    series = Lab(ban)["A.02.02"].series().frame
    rows = ban.rows.set_index("id").loc[series["row"]]
    assert series["value"].tolist() == rows["value"].tolist()
    assert series["date"].is_monotonic_increasing
    assert series.query("same_series")["period"].is_unique


def test_a_new_analysis_is_a_notebook_and_its_parameters(project):
    notebook, parameters = analysis.new(project, "xuat-khau", "A.02.02", "2026-03-31")
    first = nbformat.read(notebook, as_version=4).cells[0].source
    assert 'code = "A.02.02"' in first
    assert 'known = "2026-03-31"' in first
    assert notebook.name in parameters.read_text(encoding="utf-8")
    before = notebook.read_bytes()
    with pytest.raises(CallError):
        analysis.new(project, "xuat-khau", "A.02.02")
    assert notebook.read_bytes() == before


@pytest.mark.parametrize(("name", "code"), [("../ngoai", "A.02.02"), ("Có dấu", "A.02.02"), ("on", "X.99.99")])
def test_a_wrong_name_or_code_is_refused_and_writes_nothing(project, name, code):
    before = sorted(project.glob("notebooks/*")) + sorted(project.glob("params/*"))
    with pytest.raises(CallError):
        analysis.new(project, name, code)
    assert sorted(project.glob("notebooks/*")) + sorted(project.glob("params/*")) == before


def test_an_own_chart_without_figures_says_so(project):
    edition = Edition({"edition": "x", "title": "x", "known": "2010-01-01"}, root=project)
    nothing = Lab(edition)["A.02.02"].series()
    assert nothing.frame.empty
    assert "Chưa có số liệu" in nothing.draw(alt.Chart(nothing.frame).mark_line())._repr_mimebundle_()["image/svg+xml"]


def test_an_own_chart_of_another_table_is_told(ban):
    series = Lab(ban)["A.02.02"].series()
    with pytest.raises(ProblemError) as error:
        series.draw(alt.Chart(series.frame).mark_line(), shown=series.frame[["date", "value"]])
    assert "row" in str(error.value)


def test_the_figure_of_a_year_stands_at_a_tick_that_names_that_year(ban):
    import vl_convert

    series = Lab(ban)["A.02.02"].series()
    days = series.frame[["date", "value"]]
    drawn = alt.Chart(days).mark_point().encode(x=alt.X("date:T", axis=series.year_ends()), y="value:Q")
    svg = vl_convert.vegalite_to_svg(drawn.to_dict())
    first = days["date"].min().year
    assert f"cuối {first}" in svg
    assert f">{first + 1}<" not in svg


def test_an_edition_about_an_area_that_is_not_there_says_so(project):
    with pytest.raises(ProblemError) as error:
        Edition({"edition": "x", "title": "x", "known": "2026-06-30", "area": "34:99"}, root=project)
    (problem,) = error.value.problems
    assert (problem.code, problem.found) == ("area_unknown", "34:99")


@pytest.mark.parametrize("name", ["da-co", "Tên có dấu"])
def test_a_refused_name_says_what_to_do(project, name):
    (project / "params" / "da-co.yml").touch()
    with pytest.raises(CallError) as error:
        analysis.new(project, name)
    (project / "params" / "da-co.yml").unlink()
    assert "một trong" not in error.value.text()
    assert "--new" in error.value.text()


@pytest.mark.parametrize("code", ["A.02.02", "A.02.06", "digital_economy_value_added_usd"])
def test_every_number_of_a_look_up_is_traced(project, code):
    edition = Edition({"edition": "x", "title": "x", "known": "2026-06-30"}, work=str(project), root=project)
    pieces = [lookup.definition(edition, code), lookup.history(edition, code), lookup.goals(edition, code)]
    text = "\n".join(piece.markdown for piece in pieces)
    loose = plain_numbers.find(text, edition.catalogue)
    assert loose[loose["reason"] == ""]["context"].tolist() == []
    trace = edition.figures.trace_table()
    assert len(trace) > 0
    assert (trace["rows"] != "").all()
