"""Levins' loop analysis: is a system stable by its signs alone, and which way does each node answer a lasting push.

A :class:`~nq57lab.loops.graph.Graph` in; a verdict with its reasons, and a table of signs with the share of weightings that agree.
Every node is assumed to damp itself (aᵢᵢ < 0), else nothing with a reinforcing loop could come to rest.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nq57lab.loops.enumerate import Enumeration
from nq57lab.loops.graph import Graph

AGREES = 0.95  # share of weightings from which a sign counts as settled
SHOWN = 20  # reasons named


@dataclass(frozen=True)
class Stability:
    """Whether signs alone make the system stable, why not (the first 20), and the share of drawn weightings that are stable."""

    sign_stable: bool
    reasons: tuple[str, ...]
    stable_share: float
    weightings: int


def community_matrices(graph: Graph, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Return drawn community matrices, shape (draws, n, n): aᵢⱼ is the effect of j on i, aᵢᵢ = −1.

    Notes
    -----
    Unknown magnitudes are uniform on (0, 1), known ones as they are; an open sign is + or − with equal chance. The unit of
    every row is the node's own damping.
    """
    size = graph.size
    magnitude = np.where(
        np.isnan(graph.strength)[:, None], rng.random((len(graph.source), draws)), graph.strength[:, None]
    )
    sign = np.where(
        graph.polarity[:, None] == 0, rng.choice([-1.0, 1.0], (len(graph.source), draws)), graph.polarity[:, None]
    )
    matrices = np.zeros((draws, size, size))
    matrices[:, graph.target, graph.source] = (sign * magnitude).T
    matrices[:, np.arange(size), np.arange(size)] = -1.0
    return matrices


@dataclass(frozen=True)
class Weightings:
    """Drawn community matrices, shape (draws, n, n), and which of them are stable, shape (draws,)."""

    matrices: np.ndarray
    stable: np.ndarray


def weightings(graph: Graph, draws: int = 500, seed: int = 57) -> Weightings:
    """Draw community matrices and tell the stable ones: those whose eigenvalues all have a negative real part.

    Notes
    -----
    det(−A) is the product of the eigenvalues of −A, positive wherever A is stable; eigenvalues are only computed where it is.
    """
    if not draws:
        return Weightings(np.empty((0, graph.size, graph.size)), np.empty(0, dtype=bool))
    matrices = community_matrices(graph, draws, np.random.default_rng(seed))
    stable = np.linalg.slogdet(-matrices)[0] > 0
    stable[stable] = np.linalg.eigvals(matrices[stable]).real.max(axis=1) < 0
    return Weightings(matrices, stable)


def stability(graph: Graph, loops: Enumeration, drawn: Weightings) -> Stability:
    """Return whether the graph is stable by its signs, and how often it is over weightings.

    Notes
    -----
    With every node damping itself, the signs alone make a system stable when no two nodes reinforce each other and there is no
    loop of three or more links (Quirk and Ruppert, 1965, conditions ii and iii; i and iv hold by the self-damping). A share of
    weightings is stable when all eigenvalues of the drawn matrices have a negative real part.

    References
    ----------
    Quirk, J., Ruppert, R. (1965). Qualitative economics and the stability of equilibrium. Review of Economic Studies 32(4),
    311–326. Levins, R. (1974). The qualitative analysis of partially specified systems. Annals of the New York Academy of
    Sciences 231, 123–138.
    """
    signs = dict(
        zip(zip(graph.source.tolist(), graph.target.tolist(), strict=True), graph.polarity.tolist(), strict=True)
    )
    pairs = sorted((a, b) for a, b in signs if a < b and (b, a) in signs and signs[a, b] * signs[b, a] >= 0)
    reasons = [f"{graph.nodes[a]} ⇄ {graph.nodes[b]}" for a, b in pairs]
    longer = [loop for loop in loops.loops if len(loop) > 2]
    sign_stable = not reasons and not longer and (loops.complete or loops.bound >= 3)
    reasons += [">".join(graph.nodes[node] for node in (*loop, loop[0])) for loop in longer[:SHOWN]]
    share = float(drawn.stable.mean()) if len(drawn.stable) else float("nan")
    return Stability(sign_stable, tuple(reasons[:SHOWN]), share, len(drawn.stable))


def press_signs(graph: Graph, drawn: Weightings) -> pd.DataFrame:
    """Return the sign of each node's answer to a lasting positive push on each node, over stable weightings.

    Returns
    -------
    DataFrame
        pressed, node, sign (1, −1, 0 where no path leads, "?" where fewer than 95% of the stable weightings agree), agree (the
        share of stable weightings with the more frequent sign), weightings (how many were stable). No rows when none was.

    Notes
    -----
    The answer of i to a push on j is (−A⁻¹)ᵢⱼ (Levins' table of predictions), only read where A is stable.

    References
    ----------
    Raymond, B., McInnes, J., Dambacher, J., Way, S., Bergstrom, D. (2011). Qualitative modelling of invasive species eradication
    on subantarctic Macquarie Island. Journal of Applied Ecology 48(1), 181–191 (simulation over weightings).
    """
    columns = ["pressed", "node", "sign", "agree", "weightings"]
    if not drawn.stable.any():
        return pd.DataFrame(columns=columns)
    answers = -np.linalg.inv(drawn.matrices[drawn.stable])
    connected = _reaches(graph)
    up = np.where(connected, (answers > 0).mean(axis=0), 0.0)
    down = np.where(connected, (answers < 0).mean(axis=0), 0.0)
    agree = np.where(connected, np.maximum(up, down), 1.0)
    sign = np.where(~connected, "0", np.where(agree < AGREES, "?", np.where(up >= down, "1", "-1")))
    places = [(j, i) for j in range(graph.size) for i in range(graph.size)]
    return pd.DataFrame(
        {
            "pressed": [graph.nodes[j] for j, _ in places],
            "node": [graph.nodes[i] for _, i in places],
            "sign": sign.T.ravel(),
            "agree": agree.T.ravel(),
            "weightings": int(drawn.stable.sum()),
        }
    )


def _reaches(graph: Graph) -> np.ndarray:
    """Return whether a path (of any length, 0 too) leads from j to i, shape (n, n) as [i, j]."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import shortest_path

    matrix = coo_matrix((np.ones(len(graph.source)), (graph.source, graph.target)), shape=(graph.size, graph.size))
    return np.isfinite(shortest_path(matrix.tocsr(), unweighted=True)).T
