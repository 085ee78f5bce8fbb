"""How strong links and loops are: strengths drawn where none is known, and which loops dominate when (Loops That Matter).

:func:`draw_strengths` turns unknown magnitudes into draws of which no node is moved, in total, by more than what moves it. The
scores of Loops That Matter take the values of a simulated model, and say at each step what share of the change each loop drives.
"""

from collections.abc import Sequence

import numpy as np

from nq57lab.loops.enumerate import links_of
from nq57lab.loops.graph import Graph

SUBSTEPS = 8  # Euler steps of the stocks within one step of the simulation


def _room(graph: Graph) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the known magnitudes (0 where unknown), which are unknown, and the largest magnitude an unknown one may have."""
    known = np.nan_to_num(graph.strength, nan=0.0)
    unknown = np.isnan(graph.strength)
    moved = np.bincount(graph.target, minlength=graph.size) > 0
    inner = moved[graph.source]
    taken = np.bincount(graph.target, weights=known * inner, minlength=graph.size)
    count = np.bincount(graph.target, weights=unknown & inner, minlength=graph.size)
    room = np.maximum(1 - taken, 0) / np.maximum(count, 1)
    return known, unknown, np.where(inner, room[graph.target], 1.0)


def draw_strengths(graph: Graph, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Return signed strengths of all links, one column a draw.

    Returns
    -------
    ndarray, shape (m, draws)
        Known strengths as they are, with their sign. An unknown one is uniform between 0 and its share of what is left of 1
        after the known links into its target: (1 − Σ known) / number of unknown. Links from a node that nothing moves (a lever)
        are uniform between 0 and 1 and take no room from the others. An open sign is + or − with equal chance.

    Notes
    -----
    So no node answers by more than the largest of the nodes that move it, and a model with unknown strengths only is bounded and
    converges: the rows of |W| among moved nodes sum to less than 1. This is an assumption of the tool, not a finding: no document
    gives a strength.
    """
    known, unknown, room = _room(graph)
    magnitude = np.where(unknown, room, known)[:, None] * np.ones(draws)
    if unknown.any():
        magnitude[unknown] *= rng.random((int(unknown.sum()), draws))
    is_open = graph.polarity == 0
    sign = np.repeat(graph.polarity[:, None].astype(float), draws, axis=1) if is_open.any() else graph.polarity[:, None]
    if is_open.any():
        sign[is_open] = rng.choice([-1.0, 1.0], (int(is_open.sum()), draws))
    return sign * magnitude


def mean_strengths(graph: Graph) -> np.ndarray:
    """Return the mean of :func:`draw_strengths`, shape (m, 1): half of the room for an unknown strength, 0 for an open sign."""
    known, unknown, room = _room(graph)
    return (graph.polarity * np.where(unknown, room / 2, known))[:, None]


def link_score(partial: np.ndarray, change: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Return the link score of Loops That Matter, |Δₓz/Δz| · sign(Δₓz/Δx).

    Parameters
    ----------
    partial, change, moved : ndarray, shape (…, steps)
        Δₓz (what the input alone changes), Δz (what changes in all) and Δx (the input's own change).

    Returns
    -------
    ndarray
        0 where the input or the variable does not move.

    References
    ----------
    Schoenberg, W., Davidsen, P., Eberlein, R. (2020). Understanding model behavior using the Loops that Matter method.
    System Dynamics Review 36(2), 158–190, equation 1.
    """
    still = (change == 0) | (moved == 0)
    size = np.abs(partial) / np.where(still, 1.0, np.abs(change))
    return np.where(still, 0.0, size * np.sign(partial) * np.sign(moved))


def relative_scores(link_scores: np.ndarray, loops: Sequence[Sequence[int]]) -> np.ndarray:
    """Return each loop's share of all loops' influence, with its sign.

    Parameters
    ----------
    link_scores : ndarray, shape (links, steps)
    loops : sequence of sequences of int
        Each loop's links, as places in ``link_scores``.

    Returns
    -------
    ndarray, shape (loops, steps)
        Loop score (the product of its links' scores) ÷ Σ |loop scores|; NaN where no loop moves anything.

    Notes
    -----
    A reinforcing loop's share is positive, a balancing one's negative; the absolute shares add up to 1.
    """
    score = np.stack([np.prod(link_scores[list(links)], axis=0) for links in loops])
    total = np.abs(score).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, score / total, np.nan)


def average_importance(relative: np.ndarray) -> np.ndarray:
    """Return the mean absolute share of each loop over the steps at which any loop moves, shape (loops,)."""
    moving = ~np.isnan(relative).all(axis=0)
    if not moving.any():
        return np.full(len(relative), np.nan)
    return np.abs(relative[:, moving]).mean(axis=1)


def dominance(
    graph: Graph,
    strengths: np.ndarray,
    shock: np.ndarray,
    steps: int,
    loops: Sequence[tuple[int, ...]],
    *,
    held: bool = True,
) -> np.ndarray:
    """Return the relative loop scores of the graph as a system of stocks.

    Parameters
    ----------
    strengths : ndarray, shape (m,)
        Signed strengths.
    shock : ndarray, shape (n,)
        The push on each node.
    loops : sequence of tuple of int
    held : bool
        Whether the push lasts (from a start at 0), or is where the states start.

    Returns
    -------
    ndarray, shape (loops, steps · SUBSTEPS)
        NaN where no loop moves; :func:`by_step` takes the means over steps.

    Notes
    -----
    Loops That Matter is defined for stocks and flows, so each node becomes a stock that closes its gap: ẋᵢ = (Σ wᵢⱼ xⱼ + push − xᵢ) / τᵢ,
    τᵢ the mean delay of the links into it (1 for none), by Euler steps of 1/8. It comes to rest where linear propagation does. A link's
    score is |wᵢⱼ Δxⱼ / τᵢ ÷ Δẋᵢ| with its sign; the flow is its stock's only one, with score 1. Shares are among the graph's loops; the
    nodes' own closing of gaps is left out. A change below 1e-12 of the largest counts as none: it is rounding.
    """
    into = np.maximum(np.bincount(graph.target, minlength=graph.size), 1)
    delay = np.bincount(graph.target, weights=graph.delay, minlength=graph.size) / into
    speed = 1 / np.where(delay > 0, delay, 1.0)
    states = np.empty((steps * SUBSTEPS + 2, graph.size))
    flows = np.empty_like(states)
    states[0] = 0.0 if held else shock
    for at in range(len(states)):
        moved = np.bincount(graph.target, weights=strengths * states[at, graph.source], minlength=graph.size)
        flows[at] = (moved + (shock if held else 0.0) - states[at]) * speed
        if at + 1 < len(states):
            states[at + 1] = states[at] + flows[at] / SUBSTEPS
    change, turned = _changes(states), _changes(flows)
    moved = change[:, graph.source].T
    partial = (strengths * speed[graph.target])[:, None] * moved
    scores = link_score(partial, turned[:, graph.target].T, moved)
    places = graph.places()
    return relative_scores(scores, [[places[pair] for pair in links_of(loop)] for loop in loops])[:, 1:]


def by_step(relative: np.ndarray) -> np.ndarray:
    """Return the means of relative scores over each step's Euler steps, shape (loops, steps); NaN where no loop moves."""
    parts = relative.reshape(len(relative), -1, SUBSTEPS)
    known = ~np.isnan(parts)
    count = known.sum(axis=2)
    return np.where(count > 0, np.where(known, parts, 0.0).sum(axis=2) / np.maximum(count, 1), np.nan)


def _changes(values: np.ndarray) -> np.ndarray:
    """Return the differences from row to row, those of rounding size as 0."""
    change = np.diff(values, axis=0)
    change[np.abs(change) < 1e-12 * max(float(np.abs(change).max(initial=0.0)), 1e-300)] = 0.0
    return change
