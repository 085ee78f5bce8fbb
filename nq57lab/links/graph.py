"""The graph of the catalogue's elements: who serves, measures or answers for what.

Catalogue tables in, a directed multigraph out; an edge runs from what serves to what is served (an operational KPI to its macro KPI,
a programme to a KPI, a KPI to the target that it measures, a form to the indicator that it feeds, an agency to the indicator it leads).
"""

import networkx as nx
import pandas as pd

from nq57lab.base import formulas
from nq57lab.documents.edition import Edition
from nq57lab.facts.catalogue import Catalogue

TYPES = {
    "target": "Mục tiêu",
    "milestone": "Mốc",
    "goal": "Mục tiêu của văn bản",
    "macro": "KPI vĩ mô",
    "operational": "KPI tác nghiệp",
    "strategic": "KPI chiến lược, tác nghiệp (Quy chế số 02-QC/BCĐTW)",
    "a": "Chỉ số lớp A",
    "b": "Chỉ số lớp B",
    "c": "Biểu lớp C",
    "variable": "Dữ liệu thành phần",
    "programme": "Chương trình",
    "subprogramme": "Tiểu chương trình",
    "push": "Cú hích chiến lược",
    "system": "Hệ thống",
    "group": "Nhóm nêu chung liên kết",
    "initiative": "Sáng kiến",
    "stage": "Giai đoạn",
    "agency": "Cơ quan",
}
_LAYERS = {"A": "a", "B": "b", "C": "c", "M": "macro", "O": "operational", "S": "strategic", "T": "strategic"}
RELATIONS = {
    "measures": "đo",
    "due": "thuộc mốc",
    "serves": "phục vụ",
    "equals": "cùng hoặc gần định nghĩa",
    "part": "là thành phần của",
    "feeds": "cung cấp số liệu cho",
    "belongs": "thuộc",
    "leads": "chủ trì",
}


def build(catalogue: Catalogue, observed: set[str] | None = None) -> nx.MultiDiGraph:
    """Build the graph.

    Parameters
    ----------
    catalogue : Catalogue
        Its targets, links, crosswalk, formulas, feeds, programmes, systems, initiatives, stages and leads.
    observed : set of str, optional
        The subjects that have a figure (indicators and variables, reported or computed).

    Returns
    -------
    MultiDiGraph
        Nodes carry ``type`` (:data:`TYPES`), ``name`` and, for indicators and variables, ``measured``; edges ``relation``
        (:data:`RELATIONS`), ``kind`` (direct, indirect, supplementary, unspecified; same, near; "") and ``source``. Only the readings that are used
        enter (links.csv, used = yes). Node names are the catalogue's own codes.

    Notes
    -----
    A crosswalk "same" or "near" is drawn both ways; "different" is no link. What a document says of several elements together stays a
    node of its own (type group): its members belong to it, it serves the indicators; no member is tied to an indicator alone.
    """
    graph, have = nx.MultiDiGraph(), observed or set()
    _add_nodes(graph, catalogue, have)
    for target in catalogue.targets.itertuples():
        _edge(graph, target.indicator, target.id, "measures", "", target.source)
        _edge(graph, target.id, f"milestone:{target.milestone}", "due", "", target.source)
    for goal in catalogue.goals.itertuples():
        _edge(graph, goal.id, f"milestone:{goal.milestone}", "due", "", goal.source)
    for link in catalogue.links[catalogue.links["used"] == "yes"].itertuples():
        start, end = (
            (link.to_indicator, link.from_id) if link.from_type == "goal" else (link.from_id, link.to_indicator)
        )
        _edge(graph, start, end, "serves", link.kind, link.source)
    for pair in catalogue.crosswalk[catalogue.crosswalk["kind"] != "different"].itertuples():
        for other in _names(pair.other):
            _edge(graph, pair.indicator, other, "equals", pair.kind, pair.source)
            _edge(graph, other, pair.indicator, "equals", pair.kind, pair.source)
    for indicator in catalogue.indicators[catalogue.indicators["code"].isin(catalogue.formulas)].itertuples():
        for name in _names(catalogue.formulas[indicator.code]):
            _edge(graph, name, indicator.code, "part", "", indicator.source)
    for feed in catalogue.feeds.itertuples():
        _edge(graph, feed.form, feed.indicator, "feeds", "", feed.source)
    _add_plan(graph, catalogue)
    for indicator in catalogue.indicators[catalogue.indicators["lead"] != ""].itertuples():
        for agency in indicator.lead.split("; "):
            _edge(graph, agency, indicator.code, "leads", "", indicator.source)
    return graph


def _add_nodes(graph: nx.MultiDiGraph, c: Catalogue, have: set[str]) -> None:
    for row in c.indicators.itertuples():
        graph.add_node(row.code, type=_LAYERS[row.layer], name=row.name_vi, measured=row.code in have)
    for row in c.variables.itertuples():
        graph.add_node(row.id, type="variable", name=row.name_vi, measured=row.id in have)
    for row in c.targets.itertuples():
        graph.add_node(row.id, type="target", name=row.stated_vi, milestone=row.milestone, source=row.source)
    for year in sorted({*c.targets["milestone"], *c.goals["milestone"]}):
        graph.add_node(f"milestone:{year}", type="milestone", name=f"Mốc {year}")
    for row in c.programmes.itertuples():
        graph.add_node(row.id, type="subprogramme" if row.parent else "programme", name=row.name_vi)
    for table, kind in (
        (c.goals, "goal"),
        (c.pushes, "push"),
        (c.systems, "system"),
        (c.link_groups, "group"),
        (c.initiatives, "initiative"),
        (c.stages, "stage"),
    ):
        for row in table.itertuples():
            graph.add_node(row.id, type=kind, name=row.name_vi)
    leads = {agency for cell in c.indicators["lead"] if cell for agency in cell.split("; ")}
    for agency in sorted(leads):
        graph.add_node(agency, type="agency", name=c.names[agency])


def _add_plan(graph: nx.MultiDiGraph, c: Catalogue) -> None:
    for row in c.programmes[c.programmes["parent"] != ""].itertuples():
        _edge(graph, row.id, row.parent, "belongs", "", row.source)
    for row in c.initiatives.itertuples():
        _edge(graph, row.id, row.system, "belongs", "", row.source)
    for row in c.link_groups.itertuples():
        for member in row.members.split("; "):
            _edge(graph, member, row.id, "belongs", "", row.source)
    for row in c.stages.itertuples():
        for cell in (row.focus_systems, row.focus_initiatives):
            for code in cell.split("; ") if cell else []:
                _edge(graph, row.id, code, "serves", "", row.source)


def _names(expression: str) -> list[str]:
    """Return the subjects that a formula or a reference names, each once."""
    return list(dict.fromkeys(reference.name for reference in formulas.references(formulas.parse(expression))))


def _edge(graph: nx.MultiDiGraph, start: str, end: str, relation: str, kind: str, source: str) -> None:
    if start in graph and end in graph:
        graph.add_edge(start, end, relation=relation, kind=kind, source=source)


def nodes(graph: nx.MultiDiGraph, *types: str) -> pd.DataFrame:
    """Return the nodes of some types: id, type, name, measured (False where a node is no indicator)."""
    rows = [(name, data["type"], data["name"], data.get("measured", False)) for name, data in graph.nodes(data=True)]
    frame = pd.DataFrame(rows, columns=["id", "type", "name", "measured"])
    return (frame[frame["type"].isin(types)] if types else frame).reset_index(drop=True)


def neighbours(graph: nx.MultiDiGraph, node: str, relation: str, types: tuple[str, ...] = ()) -> list[tuple[str, dict]]:
    """Return what serves a node by one relation: the start of each edge with the edge, of some types only."""
    return [
        (start, data)
        for start, _, data in graph.in_edges(node, data=True)
        if data["relation"] == relation and (not types or graph.nodes[start]["type"] in types)
    ]


def of_edition(edition: Edition) -> nx.MultiDiGraph:
    """Return the graph of an edition's catalogue and figures, built once for all that ask."""
    known = edition.known_tables
    return known.derived("links", lambda: build(known.catalogue, {*known.table["subject"], *known.values["subject"]}))
