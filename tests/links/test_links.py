"""The graph of links and the questions put to it; the plan's goals against its text; the proposal's matrices."""

import re
from collections import Counter

import pandas as pd
import pytest
from support import reference_folder

from nq57lab.base.problems import ProblemError
from nq57lab.facts import indicators
from nq57lab.links import graph as of_graph
from nq57lab.links import matrix, questions


@pytest.fixture(scope="module")
def graph(shipped, table):
    values = indicators.compute(shipped, table)
    return of_graph.build(shipped, {*table["subject"], *values["subject"]})


def test_every_link_target_and_element_of_the_catalogue_is_in_the_graph(graph, shipped):
    kinds = Counter(data["type"] for _, data in graph.nodes(data=True))
    tables = (shipped.goals, shipped.pushes, shipped.systems, shipped.initiatives, shipped.link_groups)
    assert [kinds[kind] for kind in ("goal", "push", "system", "initiative", "group")] == [len(rows) for rows in tables]
    assert kinds["macro"] == (shipped.indicators["layer"] == "M").sum()
    assert kinds["target"] == len(shipped.targets)
    relations = Counter(data["relation"] for _, _, data in graph.edges(data=True))
    assert relations["measures"] == len(shipped.targets)
    assert relations["feeds"] == len(shipped.feeds)
    focus = shipped.stages[["focus_systems", "focus_initiatives"]].map(
        lambda cell: len(cell.split("; ")) if cell else 0
    )
    assert relations["serves"] == (shipped.links["used"] == "yes").sum() + focus.to_numpy().sum()
    assert all(graph.nodes[end]["type"] for _, end in graph.edges())


def test_the_operational_kpis_of_a_target_come_through_its_macro_kpi(graph, shipped):
    found = questions.operational_kpis(graph, "T2030.coverage_5g.S000.table")
    links = shipped.links[(shipped.links["from_type"] == "operational_kpi") & (shipped.links["used"] == "yes")]
    named = found[found["kind"] != "group"]
    assert set(named["kpi"]) == set(links.loc[links["to_indicator"] == "M.04", "from_id"])
    assert named.set_index("kpi")["kind"].to_dict() == {
        "O.2.1.1": "direct", **dict.fromkeys(["O.04.01", "O.04.02", "O.04.03"], "unspecified")
    }  # fmt: skip
    assert set(found.loc[found["kind"] == "group", "kpi"]) == {"O.2.1.2"}  # said of the group “Hạ tầng & Dữ liệu” only
    assert found["measured"].any() and not found["measured"].all()
    economy = questions.operational_kpis(graph, "T2030.digital_economy.S002")
    assert set(economy["through"]) == {"M.03"} and set(economy["relation"]) == {"near"}


def test_a_target_without_any_measured_kpi_is_listed_and_one_with_data_is_not(graph):
    bare = questions.unmeasured_targets(graph).set_index("target")
    assert "T2030.ai_rank.S002" in bare.index
    assert "T2030.digital_economy.S002" not in bare.index
    assert "T2030.hdi.S002" not in bare.index
    for target in bare.index:
        assert not questions.measures(graph, target)["measured"].any()


def test_the_agency_with_the_most_unmeasured_links_comes_first(graph):
    found = questions.agencies(graph)
    assert found["unmeasured_links"].is_monotonic_decreasing
    assert (found["unmeasured"] <= found["indicators"]).all() and (found["unmeasured_links"] <= found["links"]).all()
    leads = [end for _, end, data in graph.out_edges("agency:BKHCN", data=True) if data["relation"] == "leads"]
    assert found.set_index("agency").at["agency:BKHCN", "indicators"] == len(leads)


def test_what_hangs_on_an_indicator_reaches_its_targets_goals_and_milestones(graph):
    found = questions.hanging_on(graph, "gdp").set_index("id")
    assert found.at["A.02.02", "steps"] == 1 and found.at["A.02.02", "relation"] == "là thành phần của"
    assert {"T2030.digital_economy.S002", "G2030.2", "milestone:2030"} <= set(found.index)
    assert found["steps"].is_monotonic_increasing
    with pytest.raises(ProblemError):
        questions.hanging_on(graph, "nonsense")


def test_a_member_of_a_group_is_tied_to_the_group_and_not_to_its_indicators(graph):
    assert [(end, data["relation"]) for _, end, data in graph.out_edges("SK10", data=True)] == [
        ("HT3", "belongs"),
        ("NK9", "belongs"),
    ]
    found = questions.hanging_on(graph, "SK10").set_index("id")
    assert found.at["cashless_share", "via"] == "NK9" and found.at["cashless_share", "kind"] == "unspecified"


def test_coverage_adds_up(graph, shipped):
    found = questions.coverage(graph).set_index("milestone")
    assert found["targets"].to_dict() == shipped.targets["milestone"].value_counts().sort_index().to_dict()
    assert (found["uncovered"] <= found["targets"] - found["with_data"]).all()
    assert found["uncovered"].sum() == len(questions.unmeasured_targets(graph))


@pytest.mark.parametrize("origin", ["goal", "push", "group"])
def test_a_matrix_has_every_element_by_the_twelve_kpis_and_every_used_link(shipped, origin):
    elements = {"goal": shipped.goals, "push": shipped.pushes, "group": shipped.link_groups}
    rows = len(elements[origin])
    long, wide = matrix.cells(shipped, origin), matrix.table(shipped, origin)
    assert wide.shape == (rows, 14) and len(long) == rows * 12
    used = shipped.links[(shipped.links["used"] == "yes") & (shipped.links["from_type"] == origin)]
    macro = used[used["to_indicator"].str.startswith("M.")]
    assert (long["kind"] != "").sum() == len(macro)
    assert (wide.iloc[:, 2:] != "").sum().sum() == len(macro)


# The plan's goals, against its own text


@pytest.fixture(scope="module")
def plan() -> dict[str, list[str]]:
    """The bullets of part I of the plan, by section."""
    table = pd.read_csv(reference_folder("s002") / "plan_goals.csv", dtype=str)
    return {name: rows["text"].tolist() for name, rows in table.groupby("section", sort=False)}


GOALS = {"I.2.a": 7, "I.2.b": 4, "I.2.c": 5, "I.2.d": 4, "I.2.e": 4, "I.3": 10}
NUMBERS = re.compile(r"\d+(?:,\d+)?")
NOT_GOALS = re.compile(r"5G, 6G|thông tin di động 5G, 6G|Đến năm 2030")


def test_the_plan_has_thirty_four_bullets_of_goals(plan):
    assert {name: len(bullets) for name, bullets in plan.items()} == GOALS


def test_every_number_of_the_plans_goals_is_a_target_and_the_other_way_round(plan, shipped):
    targets = shipped.targets[shipped.targets["source"].str.startswith("S002")]
    for name, bullets in plan.items():
        rows = targets[targets["source"] == f"S002, {name}"]
        stated = Counter(
            float(number.replace(",", ".")) for text in bullets for number in NUMBERS.findall(NOT_GOALS.sub("", text))
        )
        held = Counter(rows["value"].dropna()) + Counter(rows["value_high"].dropna())
        assert set(held) == set(stated), name
        assert sum(held.values()) >= sum(stated.values()), name


def test_every_goal_of_the_plan_has_its_kpi_or_says_that_there_is_none_and_why(graph, shipped, plan):
    found = questions.plan_goals(graph, shipped)
    assert len(found) == (shipped.targets["source"].str.startswith("S002")).sum() == 51
    assert found["milestone"].value_counts().to_dict() == {"2030": 36, "2035": 1, "2045": 14}
    none = found["kpi"] == questions.NO_MEASURE
    assert (found.loc[none, "why"] != "").all()
    assert (found.loc[~found["measured"], "why"] != "").all() and (found.loc[found["measured"], "why"] == "").all()
    for name, bullets in plan.items():
        rows = found[found["section"] == name]
        assert len(rows) >= len(bullets)
        for bullet in bullets:
            words = set(re.findall(r"\w+", bullet.lower()))
            near = [
                len(words & set(re.findall(r"\w+", text.lower()))) / len(set(re.findall(r"\w+", text.lower())))
                for text in rows["stated"]
            ]
            assert max(near) >= 0.6, bullet
