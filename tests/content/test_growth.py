"""The data grow: a copy with one correct row more of each kind passes every check, and each row is found where it belongs."""

from datetime import date

import pandas as pd
import pytest
import support
import support_growth
from typer.testing import CliRunner

from nq57lab.base import contract
from nq57lab.cli.main import app
from nq57lab.facts import audit as quality
from nq57lab.facts import catalogue, indicators, observations
from nq57lab.facts import known as knowledge
from nq57lab.links import graph as of_graph
from nq57lab.loops import graph as of_loops
from nq57lab.loops.enumerate import find_loops
from nq57lab.quality.catalogue_audit import audit as catalogue_audit
from nq57lab.site import content
from nq57lab.targets import tracking

DAY = date(2026, 12, 31)
# Tables that a single correct row cannot lengthen: what their sources list is whole, or rows only make sense together.
WHOLE = {
    "withdrawals",
    "borders",
    "systems",
    "stages",
    "tiers",
    "rankings",
    "comparator_indicators",
    "panel_series",
    "observations",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The project with the rows added; under ``--grown`` it is the one that all tests run on."""
    if support_growth.is_grown(support.ROOT / "data"):
        return support.ROOT
    return support_growth.grown_project(support.ROOT, tmp_path_factory.mktemp("grown"))


@pytest.fixture(scope="module")
def grown(project) -> catalogue.Catalogue:
    return catalogue.load(project / "data")


@pytest.fixture(scope="module")
def known(grown) -> pd.DataFrame:
    return observations.as_of(observations.load(grown), DAY)


def test_every_table_that_people_edit_has_a_row_to_add():
    edited = {name for name, table in contract.TABLES.items() if table.path.endswith(".csv")}
    assert edited - WHOLE == set(support_growth.ROWS)


def test_the_grown_data_pass_the_checks(project, grown, monkeypatch):
    assert catalogue.cross_check(grown) == []
    monkeypatch.chdir(project)
    result = CliRunner().invoke(app, ["catalogue", "check"])
    assert result.exit_code == 0, result.output
    assert f"{len(grown.indicators)} chỉ số" in result.output


def test_a_new_indicator_is_computed_and_audited(grown, known):
    values = indicators.compute(grown, known)
    own = values[values["subject"] == "B.17.01"].set_index("period")["value"]
    assert own["2025"] == pytest.approx(220 / 310 * 100)
    checks = quality.audit(grown.relations, known).set_index("id")
    assert checks.at[f"{support_growth.SOURCE}.01", "consistent"] == "yes"
    assert "B.17.01" in set(catalogue_audit.audit(grown)["code"])


def test_a_newer_figure_takes_the_place_of_the_older_and_hides_on_an_earlier_date(grown, known):
    chosen = known[(known["subject"] == "tasks_assigned") & (known["period"] == "2024-12-22/2026-07-31")]
    assert chosen["value"].tolist() == [1999]
    before = observations.as_of(observations.load(grown), date(2026, 6, 30))
    assert support_growth.SOURCE not in set(before["source"])


def test_a_new_target_is_tracked_and_linked(grown, known):
    tracked = tracking.track(grown, known, "2030", DAY).progress.set_index("id")
    assert tracked.loc["T2030.accredited_labs.THEM", ["value", "target"]].tolist() == [220, 300]
    graph = of_graph.build(grown, set(known["subject"]))
    assert {"B.17.01", "P6", "CH7", "SK31", "T2030.labs.THEM"} <= set(graph)


def test_a_new_loop_is_found(grown):
    graph = of_loops.of_table(of_loops.catalogue_links(grown, levers=False))
    loops = [{graph.nodes[node] for node in loop} for loop in find_loops(graph, 2).loops]
    assert {"labs_open", "labs_trust"} in loops


@pytest.mark.parametrize("audience", list(knowledge.AUDIENCES))
def test_the_site_shows_what_was_added_to_those_who_may_read_it(project, audience):
    shown = content.gather(project, audience, DAY)
    assert {"labs_total", "A.02.90"} <= set(shown.subjects["code"])
    assert shown.fields["labs_total"] == "Đo lường"
