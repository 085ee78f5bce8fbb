"""A what-if as tables: pushes on a table of links in, states with bands, the loops that dominate when, and how it ended, out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nq57lab.base import messages
from nq57lab.base.problems import CallError, Problem, likely
from nq57lab.loops.analysis import loop_table
from nq57lab.loops.enumerate import find_loops
from nq57lab.loops.graph import Graph, of_table
from nq57lab.loops.simulate import Outcome, affordable, simulate
from nq57lab.loops.strength import SUBSTEPS, average_importance, by_step, dominance, mean_strengths

SHOCK = re.compile(r"(?P<node>.+)=(?P<size>[+-]?[0-9]+(?:\.[0-9]+)?)")
LOOPS = 2000  # loops whose dominance is followed
CELLS = 50_000_000  # numbers that following them may hold at once


@dataclass(frozen=True)
class Scenario:
    """The table of states, the table of dominance (step, id, nodes, kind, share), and the summary."""

    table: pd.DataFrame
    dominance: pd.DataFrame
    summary: dict


def read_shocks(texts: list[str], graph: Graph, model: str = "linear") -> dict[str, float]:
    """Return the pushes of ``--shock`` texts; those on one node add up.

    Raises
    ------
    CallError
        With every problem: no shock, a wrong shape, an unknown node, and a size outside [−1, 1] with fcm.

    Examples
    --------
    >>> links = pd.DataFrame({"source": ["a"], "target": ["b"], "polarity": ["1"]})
    >>> read_shocks(["a=+1", "b=-0.5"], of_table(links))
    {'a': 1.0, 'b': -0.5}
    """
    import difflib

    found = [] if texts else [Problem("shock", "--shock")]
    pushes: dict[str, float] = {}
    for text in texts:
        match = SHOCK.fullmatch(text.strip())
        if match is None:
            found.append(Problem("shock", "--shock", found=text))
            continue
        node, size = match["node"].strip(), float(match["size"])
        if node not in graph.nodes:
            hint = likely(difflib.get_close_matches(node, graph.nodes, 3))
            found.append(Problem("node_unknown", "--shock", found=node, details={"hint": hint}))
            continue
        pushes[node] = pushes.get(node, 0.0) + size
    if model == "fcm":
        found += [Problem("shock_range", "--shock", found=f"{n}={s:g}") for n, s in pushes.items() if abs(s) > 1]
    if found:
        raise CallError(found)
    return pushes


def run(
    links: pd.DataFrame,
    pushes: Mapping[str, float],
    *,
    steps: int = 40,
    model: str = "linear",
    shape: str = "press",
    draws: int = 2000,
    seed: int = 57,
) -> Scenario:
    """Run a what-if over draws, and follow which loops dominate in the run with mean strengths.

    Raises
    ------
    CallError
        When even 100 draws of so many steps would take more than seconds on this graph.

    Notes
    -----
    Dominance (Loops That Matter) is read off one run of :func:`nq57lab.loops.strength.dominance`, with every unknown strength at its
    mean and open links at 0, for the loops that the push sets moving; the fuzzy map's squashing is left out of the scores. A large
    graph gets fewer draws than asked, and its shortest loops only; the summary says so.
    """
    graph = of_table(links)
    used, most = affordable(graph, steps, draws)
    if steps > most:
        raise CallError([Problem("too_many_steps", "--steps", found=str(steps), details={"limit": most})])
    outcome = simulate(graph, pushes, steps=steps, model=model, shape=shape, draws=used, seed=seed)
    table, followed = _dominance(graph, pushes, steps, shape)
    how = {"shocks": dict(pushes), "model": model, "shape": shape, "steps": steps, "draws_asked": draws, "seed": seed}
    return Scenario(outcome.table, table, how | _ends(outcome) | followed)


def _dominance(graph: Graph, pushes: Mapping[str, float], steps: int, shape: str) -> tuple[pd.DataFrame, dict]:
    """Return the table of dominance, and which loops it follows."""
    columns = ["step", "id", "nodes", "kind", "share", "average_importance"]
    cells = steps * SUBSTEPS
    room = CELLS // cells - len(graph.source)
    if room < 1:
        return pd.DataFrame(columns=columns), {"loops_followed": 0, "loops_bound": 0, "loops_complete": False}
    listed = find_loops(graph, max_loops=min(LOOPS, room))
    followed = {
        "loops_followed": len(listed.loops),
        "loops_bound": listed.bound,
        "loops_complete": listed.complete,
    }
    if not listed.loops:
        return pd.DataFrame(columns=columns), followed
    shock = np.array([float(pushes.get(name, 0.0)) for name in graph.nodes])
    with np.errstate(over="ignore", invalid="ignore"):
        fine = dominance(graph, mean_strengths(graph)[:, 0], shock, steps, listed.loops, held=shape == "press")
        share = by_step(fine)
    table, _, _ = loop_table(graph, listed)
    moving = ~(np.nan_to_num(share) == 0).all(axis=1)
    table, share = table[moving], share[moving]
    if table.empty:
        return pd.DataFrame(columns=columns), followed
    return pd.DataFrame(
        {
            "step": np.tile(np.arange(1, steps + 1), len(table)),
            **{name: np.repeat(table[name].to_numpy(), steps) for name in ("id", "nodes", "kind")},
            "share": share.ravel(),
            "average_importance": np.repeat(average_importance(share), steps),
        }
    )[columns], followed


def _ends(outcome: Outcome) -> dict:
    return {
        "draws": outcome.draws,
        "converged": outcome.converged,
        "cycling": outcome.cycling,
        "growing": outcome.growing,
        "moving": outcome.moving,
        "band": "lo, hi: 5% and 95% of the draws; strengths are assumed, so the sign and the order matter, not the size",
    }


def words(summary: dict, lang: str = "vi") -> str:
    """Return how a simulation ended, and what was left out of it, in sentences."""
    from nq57lab.base import wording

    said = messages.section(lang, "said")
    counts = {key: round(summary[key] * summary["draws"]) for key in ("converged", "cycling", "growing", "moving")}
    if summary["draws"] == 1:
        ends = [said[key] for key, count in counts.items() if count]
        text = said["simulation_known"].format(steps=summary["steps"], ends=wording.join(ends))
    else:
        ends = [f"{wording.number(count, 0)} {said[key]}" for key, count in counts.items() if count]
        listed = wording.join(ends) if lang == "vi" else ", ".join(ends)
        text = said["simulation_ended"].format(
            steps=summary["steps"], draws=wording.number(summary["draws"], 0), ends=listed
        )
    if 1 < summary["draws"] < summary["draws_asked"]:
        text += said["simulation_fewer"].format(asked=wording.number(summary["draws_asked"], 0))
    if not summary["loops_complete"]:
        loops = wording.number(summary["loops_followed"], 0)
        text += said["simulation_bounded"].format(loops=loops, bound=summary["loops_bound"])
    return text
