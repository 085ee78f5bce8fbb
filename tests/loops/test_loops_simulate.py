"""Simulation, Loops That Matter, Levins' analysis and leverage: against closed forms, published figures and plain oracles."""

import itertools
import json

import numpy as np
import pandas as pd
import pytest
import simlin
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from nq57lab.base.problems import CallError
from nq57lab.loops import leverage, levins, scenario, strength
from nq57lab.loops.enumerate import find_loops
from nq57lab.loops.graph import EVERY, catalogue_links, of_table
from nq57lab.loops.simulate import affordable, propagate, simulate, states_of


def table(rows, columns=("source", "target", "polarity", "strength")):
    return pd.DataFrame(rows, columns=list(columns))


def matrix(graph, strengths):
    """W with W[i, j]: the effect of j on i."""
    result = np.zeros((graph.size, graph.size))
    result[graph.target, graph.source] = strengths
    return result


@st.composite
def known_systems(draw):
    """A random linear system with known strengths, delays of one step and a spectral radius below 1."""
    size = draw(st.integers(2, 6))
    pairs = [(a, b) for a in range(size) for b in range(size) if a != b]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, min_size=1, max_size=14))
    rows = []
    for a, b in chosen:
        rows.append((f"n{a}", f"n{b}", draw(st.sampled_from(["1", "-1"])), draw(st.floats(0.01, 0.9)) / size))
    return table(rows)


@given(known_systems())
@settings(max_examples=40, deadline=None)
def test_linear_propagation_equals_its_closed_form(links):
    graph = of_table(links)
    weights = (graph.polarity * graph.strength)[:, None]
    w = matrix(graph, weights[:, 0])
    shock = np.zeros(graph.size)
    shock[0] = 1.5
    power, total = np.eye(graph.size), np.zeros((graph.size, graph.size))
    press = list(states_of(graph, weights, shock, 8))
    pulse = list(states_of(graph, weights, shock, 8, shape="pulse"))
    for step in range(9):
        total = total + power
        np.testing.assert_allclose(press[step][:, 0], total @ shock, atol=1e-12)
        np.testing.assert_allclose(pulse[step][:, 0], power @ shock, atol=1e-12)
        power = power @ w
    # 200 steps: the limit (I − W)⁻¹ s.
    *_, last = states_of(graph, weights, shock, 200)
    np.testing.assert_allclose(last[:, 0], np.linalg.solve(np.eye(graph.size) - w, shock), atol=1e-9)


def test_a_known_system_gives_one_exact_line_and_no_band():
    links = table([("a", "b", "1", 0.5), ("b", "c", "-1", 0.4), ("c", "a", "1", 0.5)])
    found = simulate(of_table(links), {"a": 1.0}, steps=60)
    last = found.table[found.table["step"] == 60].set_index("node")
    a = 1 / (1 + 0.5 * 0.4 * 0.5)
    np.testing.assert_allclose(last["median"], [a, 0.5 * a, -0.2 * a], atol=1e-9)
    assert (last["lo"] == last["median"]).all() and (last["hi"] == last["median"]).all()
    assert last["p_positive"].tolist() == [1.0, 1.0, 0.0]
    assert found.converged == 1.0


def test_delays_shift_the_answer():
    links = pd.DataFrame({"source": ["a"], "target": ["b"], "polarity": ["1"], "strength": [0.5], "delay": [3.0]})
    states = np.stack([s[:, 0] for s in states_of(of_table(links), np.array([[0.5]]), np.array([1.0, 0.0]), 5)])
    assert states[:, 1].tolist() == [0, 0, 0, 0.5, 0.5, 0.5]


def test_the_vectorised_simulation_equals_a_plain_loop():
    rng = np.random.default_rng(3)
    pairs = sorted({(int(a), int(b)) for a, b in rng.integers(0, 8, (30, 2)) if a != b})
    links = pd.DataFrame(
        [(f"n{a}", f"n{b}", "1", 1.0 + (a + b) % 3) for a, b in pairs],
        columns=["source", "target", "polarity", "delay"],
    )
    graph = of_table(links)
    strengths = strength.draw_strengths(graph, 5, rng)
    shock = rng.normal(size=graph.size)
    for model, squash in (("linear", None), ("fcm", np.tanh)):
        fast = np.stack(list(states_of(graph, strengths, np.clip(shock, -1, 1), 12, model, "pulse")))
        for draw in range(5):
            states = [np.clip(shock, -1, 1)]
            for step in range(1, 13):
                new = np.zeros(graph.size)
                for link in range(len(links)):
                    lag = graph.delay[link]
                    if step >= lag:
                        new[graph.target[link]] += strengths[link, draw] * states[step - lag][graph.source[link]]
                states.append(new if squash is None else squash(new))
            np.testing.assert_allclose(fast[:, :, draw], np.array(states), atol=1e-12)


# Example of the R package fcm (Dikopoulou and Papageorgiou, 2017, vignette), with figures as printed for FCMpy (Mkhitaryan,
# Giabbanelli, Wozniak, Nápoles, de Vries, Crutzen, 2022, PLOS ONE 17(11) e0275844; arXiv:2111.12749): modified Kosko inference,
# sigmoid with steepness 1. Rows of the weights are causes, columns effects.
PUBLISHED_WEIGHTS = [
    [0.0, 0.0, 0.6, 0.9, 0.0, 0.0, 0.0, 0.8],
    [0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.2, 0.5],
    [0.0, 0.7, 0.0, 0.0, 0.9, 0.0, 0.4, 0.1],
    [0.4, 0.0, 0.0, 0.0, 0.0, 0.9, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, 0.0, -0.9, 0.0, 0.3],
    [-0.3, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.8, 0.4, 0.9],
    [0.1, 0.0, 0.0, 0.0, 0.0, 0.1, 0.6, 0.0],
]
PUBLISHED_STATES = {
    1: [0.750260, 0.731059, 0.645656, 0.710950, 0.500000, 0.500000, 0.549834, 0.785835],
    2: [0.738141, 0.765490, 0.749475, 0.799982, 0.746700, 0.769999, 0.838315, 0.921361],
    3: [0.730236, 0.784168, 0.767163, 0.812191, 0.805531, 0.829309, 0.898379, 0.950172],
    6: [0.725885, 0.790706, 0.769451, 0.812473, 0.819294, 0.839901, 0.909940, 0.955774],
}


def test_published_fuzzy_cognitive_map_is_reproduced():
    # A concept keeps its own state (modified Kosko inference), C7 acts on itself besides; files refuse self-links, the engine does not.
    weights = np.array(PUBLISHED_WEIGHTS) + np.eye(8)
    rows = [(f"C{i + 1}", f"C{j + 1}", "1") for i in range(8) for j in range(8) if weights[i, j]]
    graph = of_table(table(rows, ("source", "target", "polarity")))
    place = [int(name[1:]) - 1 for name in graph.nodes]
    values = np.array([weights[place[a], place[b]] for a, b in zip(graph.source, graph.target, strict=True)])
    start = np.array([1.0 if at < 2 else 0.0 for at in place])
    states = list(propagate(graph, values[:, None], start, 6, activation=lambda x: 1 / (1 + np.exp(-x))))
    for step, printed in PUBLISHED_STATES.items():
        np.testing.assert_allclose(states[step][np.argsort(place), 0], printed, atol=5.1e-7)


def test_fuzzy_map_is_bounded_and_holds_what_is_pushed():
    links = table([("a", "b", "1", 5.0), ("b", "c", "1", 5.0), ("c", "b", "1", 5.0)])
    found = simulate(of_table(links), {"a": 1.0}, steps=50, model="fcm").table
    assert found["median"].abs().max() <= 1.0
    assert (found[found["node"] == "a"]["median"] == 1.0).all()


def test_cycle_growth_and_rest_are_told():
    ring = table([("a", "b", "1", 1.0), ("b", "a", "-1", 1.0)])
    assert simulate(of_table(ring), {"a": 1.0}, shape="pulse").cycling == 1.0
    assert simulate(of_table(ring.assign(strength=1.5)), {"a": 1.0}).growing == 1.0
    assert simulate(of_table(ring.assign(strength=0.5)), {"a": 1.0}).converged == 1.0


def test_open_signs_are_drawn_both_ways():
    links = table([("a", "b", "?", np.nan)])
    found = simulate(of_table(links), {"a": 1.0}, steps=2, draws=4000).table.set_index(["step", "node"])
    assert found.at[(2, "b"), "p_positive"] == pytest.approx(0.5, abs=0.03)
    assert found.at[(2, "b"), "p_positive"] + found.at[(2, "b"), "p_negative"] == 1.0


def test_what_is_not_reached_does_not_move():
    links = table([("a", "b", "1", np.nan), ("c", "d", "1", np.nan)])
    found = simulate(of_table(links), {"a": 1.0}, steps=3).table
    assert (found[found["node"].isin(["c", "d"])][["median", "lo", "hi", "p_positive", "p_negative"]] == 0).all().all()


def test_same_seed_same_table(shipped):
    graph = of_table(catalogue_links(shipped, EVERY))
    one, two = (simulate(graph, {"CH1": 1.0}, steps=5, draws=50, seed=4).table for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


def test_unknown_strengths_leave_known_ones_and_stay_within_their_room(shipped):
    links = table([("a", "c", "1", 0.6), ("b", "c", "-1", np.nan), ("c", "b", "1", np.nan), ("b", "a", "1", np.nan)])
    graph = of_table(links)
    drawn = strength.draw_strengths(graph, 2000, np.random.default_rng(0))
    assert (drawn[0] == 0.6).all()
    assert drawn[1].min() >= -0.4 and drawn[1].max() <= 0
    np.testing.assert_allclose(drawn.mean(axis=1), strength.mean_strengths(graph)[:, 0], atol=0.02)
    whole = of_table(catalogue_links(shipped, EVERY, levers=False))
    absolute = np.abs(strength.draw_strengths(whole, 20, np.random.default_rng(0)))
    assert all(np.bincount(whole.target, weights=absolute[:, at]).max() <= 1 for at in range(20))


def test_a_large_graph_gets_fewer_draws_and_is_told():
    whole, half = (
        pd.DataFrame(list(itertools.permutations(range(size), 2)), columns=["source", "target"])
        .astype(str)
        .assign(polarity="1")
        for size in (200, 60)
    )
    assert affordable(of_table(whole), 40, 2000) == (251, 100)
    found = scenario.run(half, {"1": 1.0}, steps=2, draws=1_000_000)
    assert (found.summary["draws_asked"], found.summary["draws"]) == (1_000_000, 5649)
    assert (found.summary["loops_followed"], found.summary["loops_bound"]) == (1770, 2)
    assert not found.summary["loops_complete"]
    said = scenario.words(found.summary)
    assert "5.649 lần rút" in said and "ít hơn 1.000.000 lần rút được yêu cầu" in said and "1.770 vòng" in said
    with pytest.raises(CallError) as error:
        scenario.run(whole, {"1": 1.0}, steps=101)
    assert [problem.code for problem in error.value.problems] == ["too_many_steps"]
    assert "100" in error.value.text("vi") and "100" in error.value.text("en")


def test_a_simulation_with_known_strengths_says_it_needed_one_run():
    found = scenario.run(table([("a", "b", "1", 0.5), ("b", "a", "1", 0.5)]), {"a": 1.0}, steps=30)
    assert (found.summary["draws"], found.summary["draws_asked"]) == (1, 2000)
    assert scenario.words(found.summary) == "Sau 30 bước: hội tụ (mọi độ mạnh đã biết)."


# Loops That Matter


def logistic():
    """METHODS 5: N0 = 50, r = .08, K = 10,000, Euler with dt = .25 over 0–100."""
    steps, dt, rate, capacity = 400, 0.25, 0.08, 10_000.0
    number = np.empty(steps + 1)
    number[0] = 50.0
    for step in range(steps):
        number[step + 1] = number[step] + dt * number[step] * rate * (1 - number[step] / capacity)
    fraction = rate * (1 - number / capacity)
    return number, fraction, number * fraction


def logistic_scores():
    """Relative scores of the reinforcing loop (N → growth → N) and the balancing one (N → fraction → growth → N)."""
    number, fraction, flow = logistic()
    after = [np.diff(number) * fraction[:-1], number[:-1] * np.diff(fraction)]  # one input moves, the other stays
    growth = np.stack(after)
    change = np.diff(flow)
    to_growth = strength.link_score(growth, change, np.stack([np.diff(number), np.diff(fraction)]))
    to_fraction = strength.link_score(np.diff(fraction), np.diff(fraction), np.diff(number))
    to_stock = np.ones_like(change)  # the stock's only flow
    return strength.relative_scores(np.stack([to_growth[0], to_growth[1], to_fraction, to_stock]), [[0, 3], [2, 1, 3]])


def test_logistic_growth_hands_over_at_67():
    scores = logistic_scores()
    times = 0.25 * np.arange(1, scores.shape[1] + 1)
    assert (scores[0] > 0).all() and (scores[1] < 0).all()
    leads = np.abs(scores[0]) > np.abs(scores[1])
    last = times[leads].max()
    assert leads[times <= last].all()  # one hand-over
    assert round(last) == 67
    np.testing.assert_allclose(strength.average_importance(scores), [0.659, 0.341], atol=5e-4)


def test_logistic_scores_equal_pysimlin():
    project = simlin.Project.new(name="logistic", sim_start=0, sim_stop=100, dt=0.25)
    model = project.get_model()
    with model.edit() as (_, patch):
        patch.upsert(simlin.Stock(name="population", initial_equation="50", inflows=["growth"]))
        patch.upsert(simlin.Flow(name="growth", equation="population * fraction"))
        patch.upsert(simlin.Aux(name="fraction", equation="0.08 * (1 - population / 10000)"))
    run = model.run()
    theirs = {str(loop.polarity)[0]: loop.average_importance() for loop in run.loops}
    ours = strength.average_importance(logistic_scores())
    assert theirs["R"] == pytest.approx(ours[0], abs=5e-3)
    assert theirs["B"] == pytest.approx(ours[1], abs=5e-3)


def test_a_lone_loop_has_all_the_influence():
    graph = of_table(table([("a", "b", "1", 0.8), ("b", "a", "-1", 0.5)]))
    weights = strength.mean_strengths(graph)[:, 0]
    share = strength.dominance(graph, weights, np.array([1.0, 0.0]), 12, find_loops(graph).loops)
    np.testing.assert_allclose(strength.by_step(share), np.full((1, 12), -1.0))


def test_shares_of_a_linear_graph_equal_pysimlin():
    links = table([("a", "b", "1", 0.8), ("b", "a", "-1", 0.5), ("b", "c", "1", 0.9), ("c", "a", "1", 0.7)])
    graph = of_table(links)
    share = strength.dominance(
        graph, strength.mean_strengths(graph)[:, 0], np.array([1.0, 0, 0]), 20, find_loops(graph).loops
    )
    project = simlin.Project.new(name="linear", sim_start=0, sim_stop=20, dt=1 / strength.SUBSTEPS)
    model = project.get_model()
    sums = {"a": "1 - 0.5 * b + 0.7 * c", "b": "0.8 * a", "c": "0.9 * b"}
    with model.edit() as (_, patch):
        for name, text in sums.items():
            patch.upsert(simlin.Stock(name=name, initial_equation="0", inflows=[f"net_{name}"]))
            patch.upsert(simlin.Flow(name=f"net_{name}", equation=f"{text} - {name}"))
    loops = {len(set(loop.variables) & set(sums)): loop for loop in model.run().loops if len(loop.variables) > 2}
    # Theirs count the nodes' own gap-closing loops too; the ratio of two loops of the graph is free of that.
    two, three = (np.asarray(loops[size].behavior_time_series) for size in (2, 3))
    # The loop of three comes in at the third change; theirs count one time point more.
    np.testing.assert_allclose(share[0, 2:-1] / share[1, 2:-1], two[4:] / three[4:], rtol=1e-6)


def test_shares_add_up_to_one(shipped):
    found = scenario.run(catalogue_links(shipped, EVERY), {"CH4": 1.0}, steps=30, draws=10).dominance
    total = found.assign(share=found["share"].abs()).groupby("step")["share"].sum()
    assert (np.isclose(total, 1) | (total == 0)).all() and np.isclose(total, 1).any()
    assert (np.sign(found["share"].fillna(0)) * found["kind"].map({"reinforcing": 1, "balancing": -1}) >= 0).all()


# Levins


def test_predator_and_prey_are_stable_by_signs_and_answer_as_levins_says():
    graph = of_table(table([("prey", "predator", "1", np.nan), ("predator", "prey", "-1", np.nan)]))
    drawn = levins.weightings(graph)
    assert levins.stability(graph, find_loops(graph), drawn).sign_stable
    signs = levins.press_signs(graph, drawn).set_index(["pressed", "node"])["sign"]
    assert signs["prey", "predator"] == "1" and signs["predator", "prey"] == "-1" and signs["prey", "prey"] == "1"


def test_a_reinforcing_pair_is_not_stable_by_signs():
    graph = of_table(table([("a", "b", "1", np.nan), ("b", "a", "1", np.nan)]))
    found = levins.stability(graph, find_loops(graph), levins.weightings(graph))
    assert not found.sign_stable and found.reasons == ("a ⇄ b",)
    assert found.stable_share == 1.0  # strengths below 1 against damping of 1
    assert levins.weightings(of_table(table([("a", "b", "1", 2.0), ("b", "a", "1", 2.0)]))).stable.mean() == 0.0


def test_a_loop_of_three_is_not_stable_by_signs():
    graph = of_table(table([("a", "b", "1", np.nan), ("b", "c", "1", np.nan), ("c", "a", "-1", np.nan)]))
    assert levins.stability(graph, find_loops(graph), levins.weightings(graph)).reasons == ("a>b>c>a",)


def test_two_opposite_paths_leave_the_sign_open_and_no_path_gives_none():
    links = [("a", "b", "1", np.nan), ("a", "c", "-1", np.nan), ("b", "d", "1", np.nan), ("c", "d", "1", np.nan)]
    graph = of_table(table(links))
    signs = levins.press_signs(graph, levins.weightings(graph)).set_index(["pressed", "node"])
    assert signs.at[("a", "d"), "sign"] == "?" and signs.at[("a", "d"), "agree"] < 0.7
    assert signs.at[("d", "a"), "sign"] == "0"


# Leverage


def test_influence_equals_one_simulation_a_node():
    rng = np.random.default_rng(5)
    pairs = sorted({(int(a), int(b)) for a, b in rng.integers(0, 7, (24, 2)) if a != b})
    links = pd.DataFrame(
        [(f"n{a}", f"n{b}", "1", 1.0 + (a * b) % 3) for a, b in pairs],
        columns=["source", "target", "polarity", "delay"],
    )
    graph = of_table(links)
    strengths = strength.draw_strengths(graph, 4, rng)
    objective = rng.normal(size=graph.size)
    for steps in (1, 4, 9):
        fast = leverage.influence(graph, strengths, objective, steps)
        for node in range(graph.size):
            *_, last = states_of(graph, strengths, np.eye(graph.size)[node], steps)
            np.testing.assert_allclose(fast[node], objective @ last, atol=1e-12)
    lasting = leverage.lasting_answers(graph, strengths)
    far = leverage.influence(graph, strengths, objective, 400)
    np.testing.assert_allclose(np.einsum("dji,i->jd", lasting, objective), far, atol=1e-9)


def test_draws_that_do_not_converge_have_no_lasting_answer():
    graph = of_table(table([("a", "b", "1", 2.0), ("b", "a", "1", 2.0)]))
    assert leverage.lasting_answers(graph, np.array([[2.0, 0.1], [2.0, 0.1]])).shape == (1, 2, 2)


def test_ranks_tie_and_say_how_sure_the_order_is():
    effects = np.array([[1.0, 3.0], [1.0, 3.0], [5.0, 4.0], [-1.0, 0.0]])
    found = leverage.rank(["a", "b", "c", "d"], effects, [1, 1, 1, 1])
    assert found["node"].tolist() == ["c", "a", "b", "d"]
    assert found["rank"].tolist() == [1, 2, 2, 4]
    assert found.set_index("node").at["d", "p_positive"] == 0.0
    assert found["p_top3"].tolist() == [1.0, 1.0, 1.0, 0.0]


def test_project_ranking_says_which_vicious_loop_a_lever_weakens(shipped):
    from nq57lab.loops import targets_push

    found = targets_push.rank_project(shipped, draws=200)
    levers = found.table[found.table["group"] == "lever"].set_index("node")
    assert levers.at["CH1", "weakens"].startswith("V1")
    assert levers.at["CH4", "weakens"].startswith("V2")
    assert levers.at["CH6", "weakens"] == levers.at["P5", "weakens"] == "V3"
    assert len(levers) == 11 and (levers["p_positive"] == 1).all()
    assert set(found.targets) == {f"M.{n:02d}" for n in range(1, 13)} - {"M.07", "M.10"}
    assert found.table.set_index("node").at["cyber_incidents", "push"] == -1
    assert "200 lần, hạt giống 57" in found.assumptions and "chia đều" in found.assumptions


# The command


def run(*arguments):
    from nq57lab.cli.main import app

    return CliRunner().invoke(app, ["loops", "simulate", *arguments])


def test_the_command_writes_the_contract_columns(tmp_path):
    path = tmp_path / "links.csv"
    path.write_text("source,target,polarity\na,b,1\nb,a,-1\n", encoding="utf-8")
    result = run(str(path), "--shock", "a=+1", "--shock", "b=-0.5", "--steps", "5", "-o", str(tmp_path / "o.csv"))
    assert result.exit_code == 0, result.output
    written = pd.read_csv(tmp_path / "o.csv")
    assert list(written.columns[:6]) == ["step", "node", "median", "lo", "hi", "p_positive"]
    assert len(written) == 6 * 2 and written.notna().all().all()
    summary = json.loads((tmp_path / "o_summary.json").read_text(encoding="utf-8"))
    assert summary["shocks"] == {"a": 1.0, "b": -0.5}
    assert summary["converged"] + summary["cycling"] + summary["growing"] + summary["moving"] == pytest.approx(1)
    assert set(pd.read_csv(tmp_path / "o_loops.csv")["kind"]) == {"balancing"}


@pytest.mark.parametrize(
    ("shocks", "code"),
    [([], "shock"), (["a"], "shock"), (["a=x"], "shock"), (["aa=1"], "node_unknown"), (["a=2"], "shock_range")],
)
def test_a_bad_shock_is_a_wrong_call(shocks, code):
    graph = of_table(table([("a", "b", "1", np.nan)]))
    with pytest.raises(CallError) as error:
        scenario.read_shocks(shocks, graph, "fcm")
    assert [problem.code for problem in error.value.problems] == [code]
    assert error.value.text("vi") and error.value.text("en")


def test_a_table_with_blanks_is_printed(capsys):
    from nq57lab.facts.commands import write_table

    write_table(pd.DataFrame({"node": ["a", "b"], "q": [0.5, np.nan]}), None, "Bảng")
    shown = capsys.readouterr().out
    assert "0.5" in shown and "–" in shown
