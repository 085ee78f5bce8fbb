"""The analysis of a graph as tables: its loops, nodes, links and a summary, as ``nq57 loops analyse`` writes them.

A checked table of links in, an :class:`Analysis` out. Every loop says whether a document states it, whether it closes only with
implied links, or whether it was found across loops; and what its weakest link's evidence is.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from nq57lab.base import contract
from nq57lab.loops import centrality, levins
from nq57lab.loops.enumerate import Enumeration, components, find_loops, links_of
from nq57lab.loops.graph import Graph, of_table
from nq57lab.loops.leverage import lasting_answers
from nq57lab.loops.strength import draw_strengths

KINDS = {1: "reinforcing", -1: "balancing", 0: "indeterminate"}
LETTERS = {1: "R", -1: "B", 0: "U"}
LOOP_COLUMNS = ["id", "nodes", "length", "polarity", "kind", "weakest_evidence", "origin", "stated_loop"]
WORK = 60_000_000  # weightings × n³ of Levins' analysis: about one second
LARGEST = 250  # nodes; above it no dense matrices are drawn, and the summary says so
PATHS = 1000  # nodes; above it shortest paths are not counted, and the summary says so
PATH_STEPS = 10_000_000  # nodes × links; likewise: about five seconds


@dataclass(frozen=True)
class Analysis:
    """Loops, nodes, links and answers (tables) and the summary of one graph; ``listed`` holds the loops as places of nodes."""

    graph: Graph
    listed: Enumeration
    loops: pd.DataFrame
    nodes: pd.DataFrame
    links: pd.DataFrame
    answers: pd.DataFrame
    summary: dict


def analyse(
    links: pd.DataFrame, *, max_length: int | None = None, max_loops: int = 100_000, draws: int = 500, seed: int = 57
) -> Analysis:
    """Analyse a table of links.

    Parameters
    ----------
    links : DataFrame
        As :func:`nq57lab.loops.graph.read_links` or :func:`nq57lab.loops.graph.catalogue_links` returns it.
    max_length, max_loops
        The bounds of :func:`nq57lab.loops.enumerate.find_loops`.
    draws, seed : int
        Weightings for leverage and for Levins' analysis (fewer for large graphs, which the summary says).

    Notes
    -----
    Leverage: what a lasting unit push on a node adds, in the long run, to the sum of all other nodes.
    """
    graph = of_table(links)
    listed = find_loops(graph, max_length, max_loops)
    loops, polarity, counts = loop_table(graph, listed)
    fewer = int(np.clip(WORK / graph.size**3, 20, draws)) if graph.size <= LARGEST else 0
    with threadpool_limits(1):  # many small matrices: threads cost more than they bring
        drawn = levins.weightings(graph, fewer, seed)
        stable, answers = levins.stability(graph, listed, drawn), levins.press_signs(graph, drawn)
        nodes = node_table(graph, listed, polarity, fewer, seed)
    summary = {
        "bound": listed.bound,
        "complete": listed.complete,
        "truncated": listed.truncated,
        "components": [[graph.nodes[node] for node in part] for part in components(graph) if len(part) > 1],
        "nodes": graph.size,
        "links": len(links),
        "open_links": int((graph.polarity == 0).sum()),
        "loops": len(loops),
        **{kind: int((polarity == sign).sum()) for sign, kind in KINDS.items()},
        "origin": loops["origin"].value_counts().to_dict(),
        "weightings": fewer,
        "not_computed": _not_computed(graph),
        "seed": seed,
        "sign_stable": stable.sign_stable,
        "stable_share": None if np.isnan(stable.stable_share) else stable.stable_share,
        "unstable_by": list(stable.reasons),
        "assumptions": [
            "every node damps itself (-1 on the diagonal) in Levins' analysis",
            "an unknown strength is uniform between 0 and its share of the room its target has (sum of incoming at most 1)",
            "an open sign (?) is + or - with equal chance",
        ],
    }
    return Analysis(graph, listed, loops, nodes, links.assign(loops=counts), answers, summary)


def _many_paths(graph: Graph) -> bool:
    return graph.size > PATHS or graph.size * len(graph.source) > PATH_STEPS


def _not_computed(graph: Graph) -> list[str]:
    """Return what a graph of this size goes without."""
    large = [
        (graph.size > LARGEST, f"Levins' analysis and leverage (more than {LARGEST} nodes)"),
        (_many_paths(graph), f"betweenness (more than {PATHS} nodes, or nodes × links above {PATH_STEPS})"),
    ]
    return [what for too_much, what in large if too_much]


def loop_table(graph: Graph, listed: Enumeration) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return the table of loops, their polarity (+1, −1, 0) and the number of loops through each link.

    Notes
    -----
    Polarity is the product of the links' signs, open where one of them is. The weakest evidence is the lowest of
    :data:`nq57lab.base.contract.EVIDENCE`; "" (not marked) stands between contradicted and the rest. ``origin``: "stated" when all
    links are stated for one loop of the catalogue (``stated_loop``), "implied" when that loop closes only with links
    that are implied or added, "found" otherwise.
    """
    marks = {"": 0.5} | {grade: float(place) for place, grade in enumerate(contract.EVIDENCE)}
    marks = {grade: (value if value < 1 else value + 1) for grade, value in marks.items()}
    members = [set(ids.split("; ")) - {""} for ids in graph.loop]
    rows, signs, counts = [], [], np.zeros(len(graph.source), dtype=int)
    at = graph.places()
    polarity, numbers = graph.polarity.tolist(), dict.fromkeys(KINDS, 0)
    for loop in listed.loops:
        places = [at[pair] for pair in links_of(loop)]
        sign = 1
        for place in places:
            sign *= polarity[place]
        numbers[sign] += 1
        signs.append(sign)
        counts[places] += 1
        weakest = min((graph.evidence[place] for place in places), key=lambda grade: marks[grade])
        shared = set.intersection(*(members[place] for place in places))
        origin = "found"
        if shared:
            origin = "stated" if all(graph.basis[place] in ("", "stated") for place in places) else "implied"
        rows.append(
            [
                f"{LETTERS[sign]}{numbers[sign]}",
                ">".join(graph.nodes[node] for node in loop),
                len(loop),
                str(sign) if sign else "?",
                KINDS[sign],
                weakest,
                origin,
                "; ".join(sorted(shared)),
            ]
        )
    return pd.DataFrame(rows, columns=LOOP_COLUMNS), np.array(signs, dtype=int), counts


def node_table(graph: Graph, listed: Enumeration, polarity: np.ndarray, draws: int, seed: int) -> pd.DataFrame:
    """Return centralities, component, loops through and leverage of every node, in the graph's order.

    Returns
    -------
    DataFrame
        node, in_degree, out_degree, betweenness, component (its number among those of several nodes; 0 for none), reinforcing,
        balancing, indeterminate (loops through it), leverage, leverage_lo, leverage_hi, leverage_p_positive (median, 5%, 95%,
        share above 0 over draws that converge; NaN when none does), leverage_draws.
    """
    into, out = centrality.degrees(graph)
    through = centrality.loops_through(graph.size, listed.loops, polarity)
    component = np.zeros(graph.size, dtype=int)
    for number, part in enumerate((part for part in components(graph) if len(part) > 1), start=1):
        component[part] = number
    moved = np.empty((graph.size, 0))
    if draws:
        answers = lasting_answers(graph, draw_strengths(graph, draws, np.random.default_rng(seed)))
        moved = (answers.sum(axis=2) - np.diagonal(answers, axis1=1, axis2=2)).T
    quantiles = np.quantile(moved, [0.5, 0.05, 0.95], axis=1) if moved.size else np.full((3, graph.size), np.nan)
    return pd.DataFrame(
        {
            "node": list(graph.nodes),
            "in_degree": into,
            "out_degree": out,
            "betweenness": np.nan if _many_paths(graph) else centrality.betweenness(graph),
            "component": component,
            "loops": through.sum(axis=1),
            "reinforcing": through[:, 0],
            "balancing": through[:, 1],
            "indeterminate": through[:, 2],
            "leverage": quantiles[0],
            "leverage_lo": quantiles[1],
            "leverage_hi": quantiles[2],
            "leverage_p_positive": (moved > 0).mean(axis=1) if moved.size else np.nan,
            "leverage_draws": moved.shape[1] if moved.size else 0,
        }
    )
