"""The graph of feedback loops: reading links, enumerating loops, their kinds; against networkx and a brute force."""

import itertools
import json
import shutil
from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import stated_in

from nq57lab.base import contract
from nq57lab.base.problems import ProblemError
from nq57lab.charts import theme
from nq57lab.facts import catalogue, comparators
from nq57lab.facts.catalogue import link_problems
from nq57lab.loops import analysis, centrality, charts, figures
from nq57lab.loops.enumerate import components, find_loops, links_of
from nq57lab.loops.evidence import grades
from nq57lab.loops.graph import EVERY, STATED, catalogue_links, of_table, read_links


def table(*links):
    rows = [(*link, "1")[:3] for link in links]
    return pd.DataFrame(rows, columns=["source", "target", "polarity"])


@st.composite
def random_links(draw, most=9):
    """A table of links without self-links or repeated pairs, with signs of all three kinds."""
    size = draw(st.integers(2, most))
    pairs = [(a, b) for a in range(size) for b in range(size) if a != b]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, min_size=1, max_size=min(len(pairs), 26)))
    signs = draw(st.lists(st.sampled_from(["1", "-1", "?"]), min_size=len(chosen), max_size=len(chosen)))
    rows = [(f"n{a}", f"n{b}", sign) for (a, b), sign in zip(chosen, signs, strict=True)]
    return pd.DataFrame(rows, columns=["source", "target", "polarity"])


def brute_force(links, longest):
    """Every loop, found by trying all ordered choices of nodes; rotated so that the smallest place comes first."""
    graph = of_table(links)
    pairs = set(zip(graph.source.tolist(), graph.target.tolist(), strict=True))
    found = set()
    for length in range(2, min(longest, graph.size) + 1):
        for nodes in itertools.permutations(range(graph.size), length):
            if nodes[0] == min(nodes) and all(pair in pairs for pair in links_of(nodes)):
                found.add(nodes)
    return found


@given(random_links())
@settings(max_examples=60, deadline=None)
def test_counts_equal_networkx(links):
    peer = nx.DiGraph(list(zip(links["source"], links["target"], strict=True)))
    found = find_loops(of_table(links))
    assert found.complete and not found.truncated
    assert len(found.loops) == sum(1 for _ in nx.simple_cycles(peer))
    for bound in (2, 3, 5):
        assert len(find_loops(of_table(links), bound).loops) == sum(
            1 for _ in nx.simple_cycles(peer, length_bound=bound)
        )


@given(random_links(most=6), st.integers(2, 6))
@settings(max_examples=40, deadline=None)
def test_bounded_list_equals_a_brute_force(links, bound):
    found = find_loops(of_table(links), bound)
    assert set(found.loops) == brute_force(links, bound)
    assert found.complete == (brute_force(links, bound) == brute_force(links, 9))


@given(random_links())
@settings(max_examples=60, deadline=None)
def test_kind_is_the_product_of_the_links(links):
    graph = of_table(links)
    rows, signs, through = analysis.loop_table(graph, find_loops(graph))
    sign = dict(zip(zip(links["source"], links["target"], strict=True), links["polarity"], strict=True))
    for row in rows.itertuples():
        nodes = row.nodes.split(">")
        marks = [sign[pair] for pair in zip(nodes, [*nodes[1:], nodes[0]], strict=True)]
        product = "?" if "?" in marks else str((-1) ** marks.count("-1"))
        assert row.polarity == product
        assert row.kind == {"1": "reinforcing", "-1": "balancing", "?": "indeterminate"}[product]
        assert row.length == len(nodes) == len(set(nodes))
    assert through.sum() == rows["length"].sum()
    assert len(signs) == len(rows)


@given(random_links())
@settings(max_examples=30, deadline=None)
def test_betweenness_equals_networkx(links):
    graph = of_table(links)
    peer = nx.DiGraph()
    peer.add_nodes_from(graph.nodes)
    peer.add_edges_from(zip(links["source"], links["target"], strict=True))
    expected = nx.betweenness_centrality(peer)
    np.testing.assert_allclose(centrality.betweenness(graph), [expected[name] for name in graph.nodes], atol=1e-12)


def test_list_does_not_depend_on_the_order_of_the_rows():
    rng = np.random.default_rng(1)
    links = table(*{(f"n{a}", f"n{b}") for a, b in rng.integers(0, 12, (40, 2)) if a != b})

    def named(frame):
        graph = of_table(frame)
        loops = find_loops(graph).loops
        return {frozenset((graph.nodes[a], graph.nodes[b]) for a, b in links_of(loop)) for loop in loops}

    assert named(links) == named(links.sample(frac=1, random_state=2, ignore_index=True))


def test_components_come_by_their_first_node():
    links = table(("a", "b"), ("b", "a"), ("b", "c"), ("c", "d"), ("d", "c"))
    assert components(of_table(links)) == [[0, 1], [2, 3]]


def test_two_hundred_nodes_fully_connected_get_a_stated_bound():
    names = [f"n{place}" for place in range(200)]
    found = find_loops(of_table(table(*itertools.permutations(names, 2))))
    assert (found.bound, found.complete, found.truncated) == (2, False, False)
    assert len(found.loops) == 200 * 199 // 2


def test_a_length_that_is_too_much_falls_back_to_the_greatest_that_is_complete():
    names = [f"n{place}" for place in range(9)]
    found = find_loops(of_table(table(*itertools.permutations(names, 2))), 9, max_loops=500)
    # K9: 36 loops of two links, 168 of three, 756 of four.
    assert (found.bound, found.complete, len(found.loops)) == (3, False, 204)


def test_too_many_loops_of_two_links_are_cut_and_said_so():
    names = [f"n{place}" for place in range(9)]
    found = find_loops(of_table(table(*itertools.permutations(names, 2))), 9, max_loops=10)
    assert (found.bound, found.truncated, len(found.loops)) == (2, True, 10)


def test_a_graph_too_large_for_dense_matrices_says_what_it_goes_without():
    ring = table(*((f"n{place}", f"n{(place + 1) % 1001}") for place in range(1001)))
    found = analysis.analyse(ring)
    assert (len(found.loops), found.summary["complete"], found.summary["weightings"]) == (1, True, 0)
    assert [text.split()[0] for text in found.summary["not_computed"]] == ["Levins'", "betweenness"]
    assert found.nodes["betweenness"].isna().all() and found.answers.empty
    assert analysis.analyse(table(("a", "b"), ("b", "a"))).summary["not_computed"] == []


def test_graph_without_loops_is_complete_and_empty():
    found = analysis.analyse(table(("a", "b"), ("c", "d")))
    assert found.loops.empty
    assert list(found.loops.columns) == analysis.LOOP_COLUMNS
    assert found.summary["complete"] and found.summary["components"] == []


def test_weakest_evidence_of_a_loop():
    links = table(("a", "b"), ("b", "c"), ("c", "a"), ("b", "a")).assign(
        evidence=["supported", "weak", "not_testable", "contradicted"]
    )
    rows, _, _ = analysis.loop_table(of_table(links), find_loops(of_table(links)))
    assert dict(zip(rows["nodes"], rows["weakest_evidence"], strict=True)) == {
        "a>b": "contradicted",
        "a>b>c": "not_testable",
    }
    unmarked = links.assign(evidence=["supported", "", "stated", "supported"])
    rows, _, _ = analysis.loop_table(of_table(unmarked), find_loops(of_table(unmarked)))
    assert dict(zip(rows["nodes"], rows["weakest_evidence"], strict=True)) == {"a>b": "supported", "a>b>c": ""}


# The project's own graph: the virtuous loops close with stated links alone, the vicious ones with the implied ones.


@pytest.fixture(scope="module")
def project(shipped):
    return {basis: analysis.analyse(catalogue_links(shipped, basis)) for basis in (STATED, EVERY)}


def test_virtuous_loops_close_and_are_reinforcing(project):
    loops = project[STATED].loops
    for name in ("T1", "T2", "T3"):
        own = loops[(loops["stated_loop"] == name) & (loops["origin"] == "stated")]
        assert len(own) and set(own["kind"]) == {"reinforcing"}, name
    assert {"M.02>M.07>growth>rnd_funding", "M.02>M.01>growth>rnd_funding"} == {
        ">".join(np.roll(nodes, -nodes.index("M.02")))
        for nodes in (text.split(">") for text in loops[loops["stated_loop"] == "T1"]["nodes"])
    }


def test_vicious_loops_close_only_with_the_implied_links(project):
    stated, every = project[STATED].loops, project[EVERY].loops
    for name in ("V1", "V2", "V3"):
        assert not stated["stated_loop"].str.contains(name).any(), name
        own = every[every["stated_loop"] == name]
        assert set(own["origin"]) == {"implied"}, name
        assert set(own["kind"]) == {"reinforcing"}, name


def test_project_list_is_complete(project):
    for found in project.values():
        assert found.summary["complete"]
        assert found.summary["open_links"] == 0
    assert (
        project[EVERY].summary["balancing"] > 0
    )  # growing demand for talent raises its cost: a limit to the third loop


def test_every_link_of_the_six_loops_has_its_place_and_every_stated_one_its_phrase(shipped):
    links = stated_in(shipped.loop_links, "S000")
    assert (links["source"].str.startswith("S000, Phụ lục 1, ")).all()
    assert set(shipped.loop_links["basis"]) <= {"stated", "implied", "analyst"}
    assert (links["phrase_vi"][links["basis"] == "stated"] != "").all()
    assert (links["note"][links["basis"] == "implied"] != "").all()
    assert set(links["loop"]) == {"", "T1", "T2", "T3", "V1", "V2", "V3"}


def test_levers_have_all_the_links_of_pushes_and_programmes(shipped):
    stated = stated_in(shipped.links, "S000")
    stated = stated[stated["from_type"].isin(["push", "programme"]) & (stated["used"] == "yes")]
    expected = set(zip(stated["from_id"], stated["to_indicator"], stated["kind"], strict=True))
    levers = stated_in(shipped.loop_links, "S000")
    levers = levers[levers["loop"] == ""]
    levers = levers[levers["to_node"].str.startswith("M.")]
    assert set(zip(levers["from_node"], levers["to_node"], levers["kind"], strict=True)) == expected


def test_nodes_hold_the_twelve_kpis_and_every_lever(shipped):
    nodes = stated_in(shipped.loop_nodes, "S000")
    assert nodes["id"][nodes["kind"] == "kpi"].tolist() == [f"M.{number:02d}" for number in range(1, 13)]
    assert set(nodes["refers_to"][nodes["kind"] == "lever"]) == {f"CH{n}" for n in range(1, 7)} | {
        f"P{n}" for n in range(1, 6)
    }


def test_an_analyst_adds_a_link_and_marks_its_evidence_in_the_data_folder(shipped, root, tmp_path):
    """As README says: a row in loop_links.csv, and ``nq57 catalogue check``'s reading of it."""
    shutil.copytree(root / "data" / "catalogue", tmp_path / "data" / "catalogue")
    shutil.copytree(root / "data" / "registers", tmp_path / "data" / "registers")
    path = tmp_path / "data" / "catalogue" / "loop_links.csv"
    text = path.read_text(encoding="utf-8")
    row = ',growth,M.02,-1,short,assumed,direct,analyst,supported,,Căn cứ của người phân tích,"S003, Điều 14"\n'
    path.write_text(text + row, encoding="utf-8")
    grown = catalogue.load(tmp_path / "data")
    links = catalogue_links(grown, STATED)
    added = links[(links["source"] == "growth") & (links["target"] == "M.02")].iloc[0]
    assert (added["evidence"], added["x_basis"], added["polarity"]) == ("supported", "analyst", "-1")
    before, after = (analysis.analyse(table, draws=20) for table in (catalogue_links(shipped, STATED), links))
    assert len(after.loops) > len(before.loops) and (after.loops["kind"] == "balancing").any()
    found = grades.grade(links, grown.loop_nodes, comparators.load(root / "data")).table
    own = found[(found["source"] == "growth") & (found["target"] == "M.02")].iloc[0]
    assert (own["grade"], own["reason"].code, own["tested"]) == ("supported", "evidence_marked", True)
    path.write_text(text + row.replace("growth", "grwth"), encoding="utf-8")
    with pytest.raises(ProblemError) as error:
        catalogue.load(tmp_path / "data")
    assert [(problem.code, problem.row) for problem in error.value.problems] == [("reference", text.count("\n") + 1)]


def test_a_mark_on_any_row_of_a_link_stands(shipped):
    links = shipped.loop_links.copy()
    of_the_link = (links["from_node"] == "rnd_funding") & (links["to_node"] == "M.02")
    assert of_the_link.sum() == 2
    links.loc[of_the_link[::-1].idxmax(), "evidence"] = "weak"
    table = catalogue_links(replace(shipped, loop_links=links))
    row = table[(table["source"] == "rnd_funding") & (table["target"] == "M.02")].iloc[0]
    assert (row["evidence"], row["x_mark"], row["x_loop"]) == ("weak", "weak", "T1; V1")


def test_an_analyst_adds_a_link_to_a_file_of_links(links_file, shipped):
    text = catalogue_links(shipped, STATED, levers=False).to_csv(index=False)
    columns = text.split("\n")[0].split(",")
    row = {"source": "talent_retained", "target": "M.11", "polarity": "1", "evidence": "contradicted"}
    path = links_file(text + ",".join(row.get(name, "") for name in columns) + "\n")
    loops = analysis.analyse(read_links(path), draws=20).loops
    own = loops[loops["nodes"].str.contains("talent_retained")]
    assert len(own) and set(own["origin"]) == {"found"} and set(own["weakest_evidence"]) == {"contradicted"}


def test_two_signs_for_one_link_of_the_catalogue_are_told(shipped):
    row = shipped.loop_links.iloc[[0]].assign(loop="V1", polarity="-1")
    (problem,) = link_problems(pd.concat([shipped.loop_links, row], ignore_index=True))
    assert problem.code == "opposite_link"
    assert problem.row == len(shipped.loop_links) + 2


# Files of links


@pytest.fixture
def links_file(tmp_path):
    def write(text):
        path = tmp_path / "links.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def codes(path):
    with pytest.raises(ProblemError) as error:
        read_links(path)
    assert error.value.text("en") and error.value.text("vi")
    return [(problem.code, problem.row) for problem in error.value.problems]


def test_a_file_with_the_three_columns_is_enough(links_file):
    links = read_links(links_file("\ufeffsource,target,polarity\na,b,1\nb,a,?\n"))
    assert links["polarity"].tolist() == ["1", "?"]
    assert links["delay"].isna().all() and (links["evidence"] == "").all()


def test_grade_in_words_is_read(links_file):
    links = read_links(links_file("source,target,polarity,evidence\na,b,1,not testable\n"))
    assert links["evidence"].tolist() == ["not_testable"]


def test_every_problem_of_a_file_is_told_at_once(links_file):
    text = "source,target,polarity,evidence\na,a,1,\na,b,1,\na,b,1,\na,b,-1,\n,c,2,proven\n>x,c,1,\n"
    assert sorted(codes(links_file(text)), key=lambda pair: (pair[1], pair[0])) == [
        ("self_link", 2),
        ("repeated_link", 4),
        ("opposite_link", 5),
        ("required", 6),
        ("values", 6),
        ("values", 6),
        ("pattern", 7),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("source,target,polarity,strength\na,b,1,-0.5\n", "strength"),
        ("source,target,polarity,delay\na,b,1,0\n", "delay"),
        ("source,target,polarity,delay\na,b,1,1.5\n", "delay"),
        ("source,target,polarity,delay\na,b,1,51\n", "delay"),
        ("source,target\na,b\n", "missing_column"),
        ("source,target,polarity,colour\na,b,1,red\n", "unknown_column"),
        ("source,target,polarity\n", "empty"),
        ("", "empty"),
    ],
)
def test_a_bad_file_is_refused(links_file, text, code):
    assert code in [found for found, _ in codes(links_file(text))]


def test_written_tables_keep_the_contract(links_file, tmp_path):
    from typer.testing import CliRunner

    from nq57lab.cli.main import app

    path = links_file("source,target,polarity,evidence\na,b,1,stated\nb,c,-1,weak\nc,a,1,supported\n")
    result = CliRunner().invoke(app, ["loops", "analyse", str(path), "-o", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    loops = pd.read_csv(tmp_path / "out" / "loops.csv", dtype=str)
    assert loops.loc[0, ["id", "nodes", "length", "polarity", "kind", "weakest_evidence", "origin"]].tolist() == [
        *("B1", "a>b>c", "3", "-1", "balancing", "stated", "found"),
    ]
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert (summary["bound"], summary["complete"], summary["components"]) == (3, True, [["a", "b", "c"]])
    assert pd.read_csv(tmp_path / "out" / "nodes.csv")["loops"].tolist() == [1, 1, 1]
    assert pd.read_csv(tmp_path / "out" / "links.csv")["loops"].tolist() == [1, 1, 1]


def test_evidence_grades_are_the_five_of_the_contract():
    assert set(contract.EVIDENCE) == {"stated", "supported", "weak", "contradicted", "not_testable"}


@pytest.mark.parametrize("size", [theme.WIDE, theme.NARROW])
def test_no_two_boxes_of_a_diagram_touch(shipped, size):
    nodes = figures.placed(shipped.loop_nodes[shipped.loop_nodes["kind"] != "lever"])
    links = catalogue_links(shipped, STATED)
    links = links[links["source"].isin(nodes["id"]) & links["target"].isin(nodes["id"])]
    drawn = charts.diagram(nodes, links, figures.HALVES, size=size).to_dict(validate=False)
    panels = [rows for rows in drawn["datasets"].values() if rows and "x0" in rows[0] and "short_vi" in rows[0]]
    assert panels
    for boxes in panels:
        for one, other in itertools.combinations({box["id"]: box for box in boxes}.values(), 2):
            across = max(one["x0"], other["x0"]) - min(one["x1"], other["x1"])
            down = max(one["y0"], other["y0"]) - min(one["y1"], other["y1"])
            assert max(across, down) >= 4, (one["short_vi"], other["short_vi"])
