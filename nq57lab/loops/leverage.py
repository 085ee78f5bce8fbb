"""Where to push: how far each node and lever moves the targets per unit of push, with the uncertainty of unknown strengths.

A :class:`~nq57lab.loops.graph.Graph` and an objective (a weight a node) in, a ranked table out. One backward pass from the
objective gives the answer for every node at once, in every draw.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from nq57lab.loops.graph import Graph
from nq57lab.loops.simulate import propagate

COLUMNS = ["rank", "node", "median", "lo", "hi", "p_positive", "p_top3", "pushes"]


def influence(graph: Graph, strengths: np.ndarray, objective: np.ndarray, steps: int) -> np.ndarray:
    """Return what a unit push on each node, held from step 0 on, adds to the objective at step ``steps``, shape (n, draws).

    Parameters
    ----------
    strengths : ndarray, shape (m, draws)
    objective : ndarray, shape (n,) or (n, draws)
        The weight of each node's state.

    Notes
    -----
    With g(0) = objective and gⱼ(τ) = Σ over links j→i of wᵢⱼ gᵢ(τ − dᵢⱼ), g(τ) is the objective's answer τ steps after an impulse: the
    objective propagated over the links turned round. A held push adds them up: Σ g(0…steps). The same numbers as one simulation a node, for
    the price of one.
    """
    backwards = replace(graph, source=graph.target, target=graph.source)
    states = propagate(backwards, strengths, objective, steps)
    total = next(states)
    for state in states:
        total += state
    return total


def lasting_answers(graph: Graph, strengths: np.ndarray) -> np.ndarray:
    """Return the long-run answer of every node to a unit push held on every node, in the draws that converge.

    Returns
    -------
    ndarray, shape (converging draws, n, n)
        [d, j, i]: what a push on j adds to i: (I − W)⁻¹, the limit of the sum of influence over steps.

    Notes
    -----
    A draw converges when the spectral radius of |W| is below 1.
    """
    size, draws = graph.size, strengths.shape[1]
    matrices = np.zeros((draws, size, size))
    matrices[:, graph.source, graph.target] = strengths.T  # row = source
    absolute = np.abs(matrices)
    safe = absolute.sum(axis=1).max(axis=1) < 1
    if not safe.all():
        safe[~safe] = np.abs(np.linalg.eigvals(absolute[~safe])).max(axis=1) < 1
    return np.linalg.inv(np.eye(size) - matrices[safe])


def share_pushes(graph: Graph, strengths: np.ndarray, levers: np.ndarray) -> np.ndarray:
    """Return strengths in which each lever's unit of push is split evenly over the links it has.

    Notes
    -----
    Else a lever would be strong merely because a document names many indicators for it.
    """
    out = np.bincount(graph.source, minlength=graph.size)
    split = np.isin(graph.source, levers)
    return np.where(split[:, None], strengths / np.maximum(out[graph.source], 1)[:, None], strengths)


def rank(names: Sequence[str], effects: np.ndarray, pushes: Sequence[int] | np.ndarray) -> pd.DataFrame:
    """Return nodes ranked by the median of their effects.

    Parameters
    ----------
    effects : ndarray, shape (k, draws)

    Returns
    -------
    DataFrame
        rank (1 = most; ties share the lower rank), node, median, lo, hi (5% and 95%), p_positive, p_top3 (the share of draws in
        which it is among the three strongest), pushes; ranked, equals in their order.
    """
    frame = pd.DataFrame({"node": list(names), "pushes": list(pushes)})
    if not len(frame):
        return pd.DataFrame(columns=COLUMNS)
    median, low, high = np.quantile(effects, [0.5, 0.05, 0.95], axis=1)
    place = effects.shape[0] - effects.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    frame = frame.assign(
        median=median, lo=low, hi=high, p_positive=(effects > 0).mean(axis=1), p_top3=(place <= 3).mean(axis=1)
    )
    frame = frame.sort_values("median", ascending=False, kind="stable", ignore_index=True)
    return frame.assign(rank=frame["median"].rank(method="min", ascending=False).astype(int))[COLUMNS]
