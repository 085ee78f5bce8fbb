"""Where a node stands in the graph: degrees, betweenness, loops through it.

A :class:`~nq57lab.loops.graph.Graph` and its loops in, arrays over the nodes out; dense and vectorised over all pairs, so that 200
nodes fully connected take a moment.
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
    Brandes' accumulation, for all sources at once: paths are counted level by level with matrix products, then dependencies are
    summed from the farthest level back. Divided by (n − 1)(n − 2), the ordered pairs of other nodes.

    References
    ----------
    Brandes, U. (2001). A faster algorithm for betweenness centrality. Journal of Mathematical Sociology 25(2), 163–177.
    """
    size = graph.size
    if size < 3:
        return np.zeros(size)
    after = np.zeros((size, size))
    after[graph.source, graph.target] = 1.0
    paths, distance = np.eye(size), np.where(np.eye(size) == 1, 0, -1)
    edge, level = np.eye(size), 0
    while edge.any():
        level += 1
        edge = np.where(distance < 0, edge @ after, 0.0)  # paths of exactly this length to nodes not seen before
        distance[edge > 0] = level
        paths += edge
    dependency = np.zeros((size, size))
    for depth in range(level - 1, 0, -1):
        share = np.where(distance == depth, (1.0 + dependency) / np.where(paths > 0, paths, 1.0), 0.0)
        dependency += np.where(distance == depth - 1, paths * (share @ after.T), 0.0)
    np.fill_diagonal(dependency, 0.0)
    return dependency.sum(axis=0) / ((size - 1) * (size - 2))


def loops_through(size: int, loops: tuple[tuple[int, ...], ...], polarity: np.ndarray) -> np.ndarray:
    """Return how many reinforcing, balancing and indeterminate loops pass each node, shape (n, 3)."""
    counts = np.zeros((size, 3), dtype=int)
    column = {1: 0, -1: 1, 0: 2}
    for loop, sign in zip(loops, polarity.tolist(), strict=True):
        counts[list(loop), column[sign]] += 1
    return counts
