"""Where a node stands in the graph: degrees, betweenness, loops through it.

A :class:`~nq57lab.loops.graph.Graph` and its loops in, arrays over the nodes out.
"""

import numpy as np

from nq57lab.loops.graph import Graph


def degrees(graph: Graph) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of links into and out of each node, shape (n,) each."""
    return np.bincount(graph.target, minlength=graph.size), np.bincount(graph.source, minlength=graph.size)


def betweenness(graph: Graph) -> np.ndarray:
    """Return the share of shortest paths between two other nodes that pass each node, shape (n,), from 0 to 1.

    Notes
    -----
    By networkx, Brandes' algorithm; divided by (n − 1)(n − 2), the ordered pairs of other nodes.

    References
    ----------
    Brandes, U. (2001). A faster algorithm for betweenness centrality. Journal of Mathematical Sociology 25(2), 163–177.
    """
    import networkx as nx

    peer = nx.DiGraph()
    peer.add_nodes_from(range(graph.size))
    peer.add_edges_from(zip(graph.source.tolist(), graph.target.tolist(), strict=True))
    found = nx.betweenness_centrality(peer)
    return np.array([found[node] for node in range(graph.size)], dtype=float)


def loops_through(size: int, loops: tuple[tuple[int, ...], ...], polarity: np.ndarray) -> np.ndarray:
    """Return how many reinforcing, balancing and indeterminate loops pass each node, shape (n, 3)."""
    counts = np.zeros((size, 3), dtype=int)
    column = {1: 0, -1: 1, 0: 2}
    for loop, sign in zip(loops, polarity.tolist(), strict=True):
        counts[list(loop), column[sign]] += 1
    return counts
