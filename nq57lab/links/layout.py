"""A drawing's places for the backbone of the links: what serves the macro KPIs on one side, the goals that they measure on the other.

The graph in; nodes and edges with places out, columns by networkx' multipartite layout, rows by the mean place of the neighbours.
"""

import networkx as nx
import pandas as pd

from nq57lab.links import graph as of_graph

COLUMNS = (("push", "programme", "group"), ("macro",), ("goal",))  # node types, from left to right
SWEEPS = 6  # times that each column is put in the order of its neighbours' mean place, which leaves fewer crossings


def backbone(graph: nx.MultiDiGraph) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the nodes and edges of the backbone with their places.

    Parameters
    ----------
    graph : MultiDiGraph
        :func:`nq57lab.links.graph.build`.

    Returns
    -------
    nodes : DataFrame
        id, type, name, measured (for a macro KPI: it or an indicator of the same definition has data), column, y (0 at the top).
    edges : DataFrame
        start, end, kind, x, y, x2, y2.
    """
    drawn = nx.Graph()
    for place, types in enumerate(COLUMNS):
        for row in of_graph.nodes(graph, *types).itertuples():
            drawn.add_node(row.id, column=place)
    for start, end, data in graph.edges(data=True):
        inside = data["relation"] == "serves" and start in drawn and end in drawn
        if inside and drawn.nodes[start]["column"] != drawn.nodes[end]["column"]:
            drawn.add_edge(start, end, start=start, end=end, kind=data["kind"])
    rows = {place: [name for name in drawn if drawn.nodes[name]["column"] == place] for place in range(len(COLUMNS))}
    tallest = max(len(names) for names in rows.values())
    level = _levels(rows, tallest)
    for sweep in range(SWEEPS):
        order = range(len(COLUMNS)) if sweep % 2 == 0 else reversed(range(len(COLUMNS)))
        for place in order:
            means = {name: _mean([level[other] for other in drawn.adj[name]], level[name]) for name in rows[place]}
            rows[place] = [name for _, name in sorted((means[name], name) for name in rows[place])]
            level = _levels(rows, tallest)
    nodes = of_graph.nodes(graph)
    nodes = nodes[nodes["id"].isin(drawn)].assign(
        column=lambda frame: frame["id"].map(lambda name: drawn.nodes[name]["column"]),
        y=lambda frame: frame["id"].map(level),
    )
    found = [
        (
            data["start"],
            data["end"],
            data["kind"],
            *(drawn.nodes[data["start"]]["column"], level[data["start"]]),
            *(drawn.nodes[data["end"]]["column"], level[data["end"]]),
        )
        for _, _, data in drawn.edges(data=True)
    ]
    edges = pd.DataFrame(found, columns=["start", "end", "kind", "x", "y", "x2", "y2"])
    return nodes.sort_values(["column", "y"], ignore_index=True), edges


def _levels(rows: dict[int, list[str]], tallest: int) -> dict[str, float]:
    """Return each node's row: a column is spread evenly over the height of the tallest."""
    return {
        name: (place + 0.5) * tallest / len(names) - 0.5 for names in rows.values() for place, name in enumerate(names)
    }


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
