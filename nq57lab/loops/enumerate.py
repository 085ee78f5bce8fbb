"""Elementary feedback loops of a signed graph: bounded, deterministic, and honest about what was left out.

A :class:`~nq57lab.loops.graph.Graph` in, an :class:`Enumeration` out: every loop up to ``bound`` links, and whether longer ones
exist. The number of loops can grow faster than exponentially with the number of links, so work is bounded by counts of steps
and of loops, never by a clock: the same graph always gives the same list.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nq57lab.loops.graph import Graph

MAX_LOOPS = 100_000
STEPS = 5_000_000  # of one search: about three seconds
PROOF_STEPS = 300_000  # to find out whether a bounded list is complete


@dataclass(frozen=True)
class Enumeration:
    """Loops as tuples of nodes, each from its first node on, sorted by length, then by nodes.

    ``bound``: every loop of at most this many links is listed. ``complete``: there is no longer one. ``truncated``: even the
    loops of ``bound`` links were too many, and the list stops at ``max_loops``.
    """

    loops: tuple[tuple[int, ...], ...]
    bound: int
    complete: bool
    truncated: bool


class _Enough(Exception):
    """The search has used up its steps or its loops."""


def components(graph: Graph) -> list[list[int]]:
    """Return the strongly connected components, each ascending, ordered by their first node."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    matrix = coo_matrix((np.ones(len(graph.source)), (graph.source, graph.target)), shape=(graph.size, graph.size))
    _, labels = connected_components(matrix, directed=True, connection="strong")
    groups: dict[int, list[int]] = {}
    for node, label in enumerate(labels.tolist()):
        groups.setdefault(label, []).append(node)
    return sorted(groups.values())


Neighbours = tuple[list[list[int]], list[list[int]]]  # targets and sources of every node
FAR = 1 << 60  # no way back


def _distances(before: list[list[int]], start: int, longest: int) -> list[int]:
    """Return the number of links from each node to ``start`` over nodes not before it; FAR where there is no way in time."""
    home, edge = [FAR] * len(before), [start]
    home[start] = 0
    for distance in range(1, longest):
        found = []
        for target in edge:
            for node in before[target]:
                if node > start and home[node] == FAR:
                    home[node] = distance
                    found.append(node)
        edge = found
        if not edge:
            break
    return home


def _search(after: list[list[int]], before: list[list[int]], longest: int, steps: int) -> Iterator[tuple[int, ...]]:
    """Yield every loop of at most ``longest`` links; a path is followed only while it can still return in time."""
    on_path = [False] * len(after)
    for start in range(len(after)):
        if not after[start]:
            continue
        home = _distances(before, start, longest)
        path, depth = [start], 1
        pending = [iter(after[start])]
        while pending:
            for node in pending[-1]:
                steps -= 1
                far = home[node]
                if depth + far > longest or on_path[node]:
                    continue
                if far == 0:
                    yield tuple(path)
                elif depth + 1 == longest:  # nothing but the return is left
                    yield (*path, node)
                else:
                    path.append(node)
                    depth += 1
                    on_path[node] = True
                    pending.append(iter(after[node]))
                    break
            else:
                pending.pop()
                depth -= 1
                on_path[path.pop()] = False
            if steps < 0:
                raise _Enough


def _neighbours(graph: Graph) -> Neighbours:
    """Return the targets and the sources of every node, ascending, over links inside a strongly connected component."""
    label = np.empty(graph.size, dtype=np.intp)
    for number, members in enumerate(components(graph)):
        label[members] = number
    after: list[list[int]] = [[] for _ in graph.nodes]
    before: list[list[int]] = [[] for _ in graph.nodes]
    inside = label[graph.source] == label[graph.target]
    for source, target in sorted(zip(graph.source[inside].tolist(), graph.target[inside].tolist(), strict=True)):
        after[source].append(target)
        before[target].append(source)
    return after, before


def _collect(neighbours: Neighbours, longest: int, steps: int, most: int) -> tuple[list[tuple[int, ...]], bool]:
    """Return the loops up to a length, sorted by length and nodes, and whether the search ended by itself."""
    found: list[tuple[int, ...]] = []
    ended = True
    try:
        for loop in _search(*neighbours, longest, steps):
            if len(found) == most:
                ended = False
                break
            found.append(loop)
    except _Enough:
        ended = False
    return sorted(found, key=lambda loop: (len(loop), loop)), ended


def _none_longer(neighbours: Neighbours, bound: int, whole: int) -> bool:
    """Return whether it is shown that no loop has more links than ``bound``; one longer loop ends the search."""
    try:
        return bound >= whole or not any(len(loop) > bound for loop in _search(*neighbours, whole, PROOF_STEPS))
    except _Enough:
        return False


def find_loops(graph: Graph, max_length: int | None = None, max_loops: int = MAX_LOOPS) -> Enumeration:
    """List the elementary loops of a graph.

    Parameters
    ----------
    max_length : int, optional
        The most links a loop may have; without it all loops are listed where that is possible, else all up to the greatest
        length at which they are at most ``max_loops``.

    Notes
    -----
    Depth-first search from each node over later nodes of its strongly connected component (Johnson, 1975, orders the search the
    same way), cut by the distance back to the start, so that nearly every path followed ends in a loop. When a length is too
    much, the greatest complete shorter one stands.

    References
    ----------
    Johnson, D. B. (1975). Finding all the elementary circuits of a directed graph. SIAM Journal on Computing 4(1), 77–84.

    Examples
    --------
    >>> import pandas as pd
    >>> from nq57lab.loops.graph import of_table
    >>> ring = pd.DataFrame({"source": list("abc"), "target": list("bca"), "polarity": ["1", "1", "-1"]})
    >>> find_loops(of_table(ring)).loops
    ((0, 1, 2),)
    """
    whole = max((len(members) for members in components(graph)), default=0)
    asked = whole if max_length is None else min(max_length, whole)
    neighbours = _neighbours(graph)
    found, ended = _collect(neighbours, asked, STEPS, max_loops)
    if ended:
        return Enumeration(tuple(found), max_length or asked, _none_longer(neighbours, asked, whole), False)
    best: list[tuple[int, ...]] = []
    for length in range(2, asked + 1):
        found, ended = _collect(neighbours, length, STEPS, max_loops)
        if not ended:
            kept, bound = (found, 2) if length == 2 else (best, length - 1)
            return Enumeration(tuple(kept), bound, False, length == 2)
        best = found
    return Enumeration(tuple(best), asked, False, False)


def links_of(loop: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Return the links of a loop as pairs of nodes."""
    return tuple(zip(loop, (*loop[1:], loop[0]), strict=True))
