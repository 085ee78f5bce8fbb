"""What a push does: linear propagation and fuzzy cognitive map over a signed graph, with delays, over many draws at once.

A :class:`~nq57lab.loops.graph.Graph`, signed strengths (one column a draw) and shocks in; states step by step, or the table of
bands and signs that the command writes. All draws are moved together, link by link, so that ten thousand cost about as much
memory traffic as one dense matrix would for a hundred.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nq57lab.loops.graph import Graph
from nq57lab.loops.strength import draw_strengths

MODELS = ("linear", "fcm")
SHAPES = ("press", "pulse")
BAND = (0.05, 0.95)
SETTLED = 1e-4  # largest change of a step, relative to the largest state, at which a draw counts as converged
LONGEST_CYCLE = 12
WORK = 400_000_000  # links × draws × steps of one simulation: about ten seconds
ROOM = 20_000_000  # links × draws held at once, nodes × steps written: some hundred megabytes
FEWEST = 100  # draws below which bands would say little
COLUMNS = ["step", "node", "median", "lo", "hi", "p_positive", "p_negative"]


@dataclass(frozen=True)
class Outcome:
    """The table of a simulation, the draws it used, and the shares of them that ended each way."""

    table: pd.DataFrame
    draws: int
    converged: float
    cycling: float
    growing: float
    moving: float


def affordable(graph: Graph, steps: int, draws: int) -> tuple[int, int]:
    """Return the draws that a simulation of a graph can use in seconds, and the most steps it can have.

    Examples
    --------
    >>> links = pd.DataFrame({"source": ["a"], "target": ["b"], "polarity": ["1"]})
    >>> from nq57lab.loops.graph import of_table
    >>> affordable(of_table(links), 40, 2000)
    (2000, 4000000)
    """
    links = max(len(graph.source), 1)
    fewest = 1 if _settled(graph) else min(draws, FEWEST)
    most = min(WORK // (links * fewest), ROOM // graph.size)
    return max(fewest, min(draws, WORK // (links * max(steps, 1)), ROOM // links)), most


def _settled(graph: Graph) -> bool:
    """Return whether every strength and every sign is known."""
    return not np.isnan(graph.strength).any() and not (graph.polarity == 0).any()


def reached(graph: Graph, shocked: np.ndarray) -> np.ndarray:
    """Return which nodes a shock can reach, itself included, shape (n,) of bool."""
    after = graph.successors()
    seen, edge = set(shocked.tolist()), shocked.tolist()
    while edge:
        edge = list(dict.fromkeys(node for place in edge for node in after[place] if node not in seen))
        seen.update(edge)
    return np.isin(np.arange(graph.size), list(seen))


def propagate(
    graph: Graph,
    strengths: np.ndarray,
    start: np.ndarray,
    steps: int,
    *,
    push: np.ndarray | None = None,
    hold: np.ndarray | None = None,
    activation: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Iterator[np.ndarray]:
    """Yield the states from step 0 to ``steps``, each of shape (n, draws).

    Parameters
    ----------
    strengths : ndarray, shape (m, draws)
        Signed strengths.
    start : ndarray, shape (n,) or (n, draws)
        The states at step 0; before it every node rests at 0.
    push : ndarray, shape (n,), optional
        Added at every step after 0.
    hold : ndarray of bool, shape (n,), optional
        Nodes that keep their start (a clamped what-if).
    activation : callable, optional
        Squashes the sum (fuzzy cognitive map); without it propagation is linear.

    Notes
    -----
    xᵢ(t+1) = f( Σⱼ wᵢⱼ xⱼ(t+1−dᵢⱼ) + pushᵢ ). Links are sorted by target once, and summed by runs.
    """
    draws = strengths.shape[1]
    order = np.argsort(graph.target, kind="stable")
    weight = np.ascontiguousarray(strengths[order])
    source, delay, target = graph.source[order], graph.delay[order], graph.target[order]
    targets, first = np.unique(target, return_index=True)
    deepest = int(delay.max(initial=1))
    history = np.zeros((deepest, graph.size, draws))
    history[0] = start[:, None] if start.ndim == 1 else start
    yield history[0].copy()
    terms = np.empty_like(weight)
    for step in range(1, steps + 1):
        for lag in np.unique(delay):
            at = delay == lag
            rows = history[(step - lag) % deepest][source[at]]
            terms[at] = weight[at] * rows if step >= lag else 0.0
        state = np.zeros((graph.size, draws))
        if len(targets):
            state[targets] = np.add.reduceat(terms, first, axis=0)
        if push is not None:
            state += push[:, None]
        if activation is not None:
            state = activation(state)
        if hold is not None:
            state[hold] = start[hold][:, None]
        history[step % deepest] = state
        yield state


def _part(graph: Graph, kept: np.ndarray) -> tuple[Graph, np.ndarray]:
    """Return the graph on some of its nodes, and the places of the links kept."""
    links = np.flatnonzero(kept[graph.source] & kept[graph.target])
    place = np.cumsum(kept) - 1
    nodes = tuple(name for name, inside in zip(graph.nodes, kept, strict=True) if inside)
    smaller = Graph(
        nodes,
        place[graph.source[links]],
        place[graph.target[links]],
        graph.polarity[links],
        graph.strength[links],
        graph.delay[links],
        tuple(graph.evidence[at] for at in links),
    )
    return smaller, links


def states_of(
    graph: Graph, strengths: np.ndarray, shock: np.ndarray, steps: int, model: str = "linear", shape: str = "press"
) -> Iterator[np.ndarray]:
    """Yield the states that a shock causes, by the command's models.

    Parameters
    ----------
    shock : ndarray, shape (n,)
        The push on each node, in units of its own scale.
    model : str
        "linear": the sum of what comes in, plus the push. "fcm": tanh of the sum; pushed nodes are held at their push.
    shape : str
        "press": held from step 0 on; "pulse": at step 0 only.

    Notes
    -----
    Linear, all delays 1: a pulse gives x(t) = Wᵗ s; a press x(t) = Σₖ₌₀ᵗ Wᵏ s, which goes to (I − W)⁻¹ s where it converges.
    """
    if model == "linear":
        return propagate(graph, strengths, shock, steps, push=shock if shape == "press" else None)
    held = (shock != 0) if shape == "press" else None
    return propagate(graph, strengths, shock, steps, hold=held, activation=np.tanh)


def simulate(
    graph: Graph,
    shocks: Mapping[str, float],
    *,
    steps: int = 40,
    model: str = "linear",
    shape: str = "press",
    draws: int = 2000,
    seed: int = 57,
) -> Outcome:
    """Simulate one or several pushes over draws of the unknown strengths.

    Parameters
    ----------
    shocks : mapping of node to float
        The pushes, applied together.
    steps, model, shape
        As :func:`states_of`.
    draws : int
        Draws of unknown strengths and open signs; one is enough, and is used, when all are known.

    Returns
    -------
    Outcome
        Table: step, node, median, lo, hi (5% and 95% of draws), p_positive, p_negative (shares of draws above and below 0; both
        0 for a node not reached yet), in the nodes' order within each step.

    Notes
    -----
    A draw has converged when no state moves in the last step by more than 1e-4 of the largest state, cycles when its states
    return after 2 to 12 steps, grows when its largest state keeps growing; else it is still moving.
    """
    shock = np.array([float(shocks.get(name, 0.0)) for name in graph.nodes])
    kept = reached(graph, np.flatnonzero(shock))
    part, links = _part(graph, kept)
    draws = 1 if _settled(part) else draws
    strengths = draw_strengths(graph, draws, np.random.default_rng(seed))[links]
    summary = np.zeros((steps + 1, graph.size, 5))
    recent: list[np.ndarray] = []
    with np.errstate(over="ignore", invalid="ignore"):
        for step, state in enumerate(states_of(part, strengths, shock[kept], steps, model, shape)):
            summary[step, kept] = _bands(state)
            recent = [*recent[-LONGEST_CYCLE:], state]
        ends = _ends(recent)
    table = pd.DataFrame(
        {
            "step": np.repeat(np.arange(steps + 1), graph.size),
            "node": list(graph.nodes) * (steps + 1),
            **{name: summary[:, :, at].ravel() for at, name in enumerate(COLUMNS[2:])},
        }
    )
    return Outcome(table, draws, *ends)


def _bands(state: np.ndarray) -> np.ndarray:
    """Return median, 5%, 95%, share above 0, share below 0 of each row; quantiles interpolate linearly."""
    draws = state.shape[1]
    places = np.array([0.5, *BAND]) * (draws - 1)
    low, high = np.floor(places).astype(int), np.ceil(places).astype(int)
    ranked = np.partition(state, sorted({*low.tolist(), *high.tolist()}), axis=1)
    below, above = ranked[:, low], ranked[:, high]
    shares = np.stack([np.count_nonzero(state > 0, axis=1), np.count_nonzero(state < 0, axis=1)], axis=1) / draws
    return np.hstack([below + (above - below) * (places - low), shares])


def _ends(recent: list[np.ndarray]) -> tuple[float, float, float, float]:
    """Return the shares of draws that converged, cycle, grow, and are still moving."""
    last = recent[-1]
    if len(recent) < 2 or not last.size:
        return 0.0, 0.0, 0.0, 1.0
    scale = np.maximum(np.abs(last).max(axis=0), 1e-12)

    def near(other: np.ndarray) -> np.ndarray:
        return np.abs(last - other).max(axis=0) <= SETTLED * scale

    converged = near(recent[-2])
    cycling = np.zeros_like(converged)
    for period in range(2, min(LONGEST_CYCLE, len(recent) - 1) + 1):
        cycling |= near(recent[-1 - period])
    cycling &= ~converged
    sizes = np.stack([np.abs(state).max(axis=0) for state in recent])
    first, latest = np.abs(recent[1] - recent[0]).max(axis=0), np.abs(last - recent[-2]).max(axis=0)
    # A draw that moves by more in the last step than in the first kept is of an unstable model.
    rising = ~np.isfinite(sizes[-1]) | ((np.diff(sizes, axis=0) > 0).all(axis=0) & (latest > first))
    growing = rising & ~converged & ~cycling
    moving = ~(converged | cycling | growing)
    return tuple(float(flags.mean()) for flags in (converged, cycling, growing, moving))  # type: ignore[return-value]
