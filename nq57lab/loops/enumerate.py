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


def _distances(before: list[list[int]], start: int, longest: int) -> dict[int, int]:
    """Return the number of links from each node to ``start``, over nodes not before it; nodes too far away are left out."""
    found, edge = {start: 0}, [start]
    for distance in range(1, longest):
        edge = [node for target in edge for node in before[target] if node > start and node not in found]
        edge = list(dict.fromkeys(edge))
        found.update(dict.fromkeys(edge, distance))
        if not edge:
            break
    return found


def _search(after: list[list[int]], before: list[list[int]], longest: int, steps: int) -> Iterator[tuple[int, ...]]:
    """Yield every loop of at most ``longest`` links; a path is followed only while it can still return in time."""
    for start in range(len(after)):
        home = _distances(before, start, longest)
        if len(home) == 1 and start not in after[start]:
            continue
        path, on_path = [start], {start}
        pending = [iter(after[start])]
        while pending:
            for node in pending[-1]:
                steps -= 1
                if steps < 0:
                    raise _Enough
                if node == start:
                    yield tuple(path)
                elif node > start and node not in on_path and len(path) + (far := home.get(node, longest)) <= longest:
                    if len(path) + 1 == longest:  # nothing but the return is left
                        if far == 1:
                            yield (*path, node)
                        continue
                    path.append(node)
                    on_path.add(node)
                    pending.append(iter(after[node]))
                    break
            else:
                pending.pop()
                on_path.discard(path.pop())


def _collect(graph: Graph, longest: int, steps: int, most: int) -> tuple[list[tuple[int, ...]], bool]:
    """Return the loops up to a length, and whether the search ended by itself; only links inside a component are followed."""
    label = np.empty(graph.size, dtype=np.intp)
    for number, members in enumerate(components(graph)):
        label[members] = number
    after: list[list[int]] = [[] for _ in graph.nodes]
    before: list[list[int]] = [[] for _ in graph.nodes]
    inside = label[graph.source] == label[graph.target]
    for source, target in sorted(zip(graph.source[inside].tolist(), graph.target[inside].tolist(), strict=True)):
        after[source].append(target)
        before[target].append(source)
    found: list[tuple[int, ...]] = []
    try:
        for loop in _search(after, before, longest, steps):
            if len(found) == most:
                return found, False
            found.append(loop)
    except _Enough:
        return found, False
    return found, True


def find_loops(graph: Graph, max_length: int | None = None, max_loops: int = MAX_LOOPS) -> Enumeration:
    """List the elementary loops of a graph.

    Parameters
    ----------
    graph : Graph
    max_length : int, optional
        The most links a loop may have; without it all loops are listed where that is possible, else all up to the greatest
        length at which they are at most ``max_loops``.
    max_loops : int
        The most loops listed.

    Returns
    -------
    Enumeration

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
    every, ended = _collect(graph, whole, STEPS if max_length is None else PROOF_STEPS, max_loops)
    if ended:
        kept = sorted((loop for loop in every if len(loop) <= asked), key=lambda loop: (len(loop), loop))
        bound = asked if max_length is None else max_length
        return Enumeration(tuple(kept), bound, len(kept) == len(every), False)
    if max_length is not None:
        found, ended = _collect(graph, asked, STEPS, max_loops)
        if ended:
            return Enumeration(tuple(sorted(found, key=lambda loop: (len(loop), loop))), max_length, False, False)
    best: list[tuple[int, ...]] = []
    for length in range(2, asked + 1):
        found, ended = _collect(graph, length, STEPS, max_loops)
        if not ended:
            if length == 2:
                return Enumeration(tuple(sorted(found)), 2, False, True)
            return Enumeration(tuple(sorted(best, key=lambda loop: (len(loop), loop))), length - 1, False, False)
        best = found
    return Enumeration(tuple(sorted(best, key=lambda loop: (len(loop), loop))), asked, False, False)


def links_of(loop: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Return the links of a loop as pairs of nodes."""
    return tuple(zip(loop, (*loop[1:], loop[0]), strict=True))
