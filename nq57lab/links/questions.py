"""Questions put to the graph of links; each a graph in, one tidy table out.

Which operational KPIs feed a target and which have data; which targets have no measured KPI; which agency holds the most unmeasured
links; what hangs on one indicator; how far each milestone is covered.
"""

import networkx as nx
import pandas as pd

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts.catalogue import Catalogue
from nq57lab.links import graph as of_graph

NO_MEASURE = "chưa có chỉ số đo"


def measures(graph: nx.MultiDiGraph, target: str) -> pd.DataFrame:
    """Return what measures a target: its own indicator and those of the same or a near definition.

    Returns
    -------
    DataFrame
        target, indicator, relation ("own", "same", "near"), name, measured.

    Raises
    ------
    ProblemError
        If the graph has no such target.
    """
    if graph.nodes.get(target, {}).get("type") != "target":
        raise ProblemError([Problem("reference", found=target, details={"target": "targets.csv"})])
    rows = [(target, code, relation) for code, relation in _measures(graph, target)]
    return _described(graph, pd.DataFrame(rows, columns=["target", "indicator", "relation"]), "indicator")


def _measures(graph: nx.MultiDiGraph, target: str) -> list[tuple[str, str]]:
    """Return what measures a target, each once, with its relation."""
    found: dict[str, str] = {}
    for own, _ in of_graph.neighbours(graph, target, "measures"):
        found.setdefault(own, "own")
        for start, data in of_graph.neighbours(graph, own, "equals"):
            found.setdefault(start, data["kind"])
    return list(found.items())


def operational_kpis(graph: nx.MultiDiGraph, target: str) -> pd.DataFrame:
    """Return the operational KPIs that feed a target, through its indicator or the macro KPI of the same or a near definition.

    Returns
    -------
    DataFrame
        target, through (macro KPI or indicator), relation of it to the target, kpi, kind (direct, indirect, supplementary, unspecified;
        group: only said of a group that the KPI is in), name, measured: whether the KPI itself, or an indicator of the same definition,
        has data.
    """
    if graph.nodes.get(target, {}).get("type") != "target":
        raise ProblemError([Problem("reference", found=target, details={"target": "targets.csv"})])
    rows = [(target, *row) for row in _feeding(graph, _measures(graph, target))]
    return _described(graph, pd.DataFrame(rows, columns=["target", "through", "relation", "kpi", "kind"]), "kpi")


def _feeding(graph: nx.MultiDiGraph, measures: list[tuple[str, str]]) -> list[tuple[str, str, str, str]]:
    """Return the operational KPIs that feed what measures a target, each once: through, relation, kpi, kind."""
    rows = [
        (code, relation, kpi, data["kind"])
        for code, relation in measures
        for kpi, data in of_graph.neighbours(graph, code, "serves", ("operational",))
    ]
    rows += [
        (code, relation, kpi, "group")
        for code, relation in measures
        for group, _ in of_graph.neighbours(graph, code, "serves", ("group",))
        for kpi, _ in of_graph.neighbours(graph, group, "belongs", ("operational",))
    ]
    first: dict[str, tuple[str, str, str, str]] = {}
    for row in rows:
        first.setdefault(row[2], row)
    return list(first.values())


def _codes(graph: nx.MultiDiGraph, target: str) -> tuple[list[str], list[str]]:
    """Return the codes of what measures a target, its own indicator first, and of the operational KPIs that feed these."""
    own = _measures(graph, target)
    return [code for code, _ in own], [kpi for _, _, kpi, _ in _feeding(graph, own)]


def has_data(graph: nx.MultiDiGraph, code: str) -> bool:
    """Tell whether an indicator, or one of the same definition, has data."""
    if graph.nodes[code].get("measured"):
        return True
    return any(
        data["kind"] == "same" and graph.nodes[start].get("measured")
        for start, data in of_graph.neighbours(graph, code, "equals")
    )


def unmeasured_targets(graph: nx.MultiDiGraph) -> pd.DataFrame:
    """Return the targets that no KPI with data measures or feeds: neither their indicator, nor an equal or near one, nor an operational KPI.

    Returns
    -------
    DataFrame
        target, milestone, name, indicator, operational (how many operational KPIs feed it), why.
    """
    rows = []
    for target, data in graph.nodes(data=True):
        if data["type"] != "target":
            continue
        own, feeding = _codes(graph, target)
        if any(has_data(graph, code) for code in own + feeding):
            continue
        code = own[0]
        why = (
            "chỉ số đo chưa có số liệu"
            if graph.nodes[code]["type"] != "variable"
            else "chưa có chỉ số đo trong bộ chỉ số"
        )
        rows.append((target, data["milestone"], data["name"], code, len(feeding), why))
    return pd.DataFrame(rows, columns=["target", "milestone", "name", "indicator", "operational", "why"])


def agencies(graph: nx.MultiDiGraph) -> pd.DataFrame:
    """Return what each lead agency answers for: indicators, those without data, and the links that hang on these.

    Returns
    -------
    DataFrame
        agency, name, indicators, unmeasured, links (all links of its indicators but its own lead), unmeasured_links; the most unmeasured
        links first.
    """
    rows = []
    for agency, data in graph.nodes(data=True):
        if data["type"] != "agency":
            continue
        led = [end for _, end, edge in graph.out_edges(agency, data=True) if edge["relation"] == "leads"]
        links = {code: _links(graph, code) for code in led}
        bare = [code for code in led if not has_data(graph, code)]
        rows.append((agency, data["name"], len(led), len(bare), sum(links.values()), sum(links[code] for code in bare)))
    columns = ["agency", "name", "indicators", "unmeasured", "links", "unmeasured_links"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values(
        ["unmeasured_links", "unmeasured", "agency"], ascending=[False, False, True], ignore_index=True
    )


def hanging_on(graph: nx.MultiDiGraph, code: str) -> pd.DataFrame:
    """Return everything that hangs on one indicator or variable: what it is a part of, measures, serves, and so on up to the milestones.

    Returns
    -------
    DataFrame
        id, type, name, steps (links away), via (the element before it on a shortest way), relation, kind (of that link; "" where it has
        none); nearest first.

    Raises
    ------
    ProblemError
        If the catalogue has no such code.
    """
    if code not in graph:
        raise ProblemError([Problem("reference", found=code, details={"target": "indicators.csv, variables.csv"})])
    ways = nx.single_source_shortest_path(graph, code)
    rows = []
    for end, way in ways.items():
        if end == code:
            continue
        before = way[-2]
        edge = min(graph.get_edge_data(before, end).values(), key=lambda data: data["relation"])
        rows.append(
            (
                end,
                graph.nodes[end]["type"],
                graph.nodes[end]["name"],
                len(way) - 1,
                before,
                of_graph.RELATIONS[edge["relation"]],
                edge["kind"],
            )
        )
    frame = pd.DataFrame(rows, columns=["id", "type", "name", "steps", "via", "relation", "kind"])
    return frame.sort_values(["steps", "type", "id"], kind="stable", ignore_index=True)


def coverage(graph: nx.MultiDiGraph) -> pd.DataFrame:
    """Return how far each milestone is covered: its targets, those with an indicator of the set, those with data.

    Returns
    -------
    DataFrame
        milestone, targets, quantities (different indicators), with_indicator (measured by an indicator, not only by a named quantity),
        with_data, with_operational_data, uncovered, share_with_data (per cent of the targets).
    """
    rows = []
    for target, data in graph.nodes(data=True):
        if data["type"] != "target":
            continue
        own, feeding = _codes(graph, target)
        rows.append(
            {
                "milestone": data["milestone"],
                "quantity": own[0],
                "with_indicator": any(graph.nodes[code]["type"] != "variable" for code in own),
                "with_data": any(has_data(graph, code) for code in own),
                "with_operational_data": any(has_data(graph, kpi) for kpi in feeding),
            }
        )
    frame = pd.DataFrame(rows)
    frame["uncovered"] = ~(frame["with_data"] | frame["with_operational_data"])
    grouped = frame.groupby("milestone")
    table = grouped[["with_indicator", "with_data", "with_operational_data", "uncovered"]].sum()
    table.insert(0, "quantities", grouped["quantity"].nunique())
    table.insert(0, "targets", grouped.size())
    return table.assign(share_with_data=100 * table["with_data"] / table["targets"]).reset_index()


def plan_goals(graph: nx.MultiDiGraph, catalogue: Catalogue) -> pd.DataFrame:
    """Return every goal of the programme's plan (the Resolution's: seed 002, part I; else every target) with the KPI that measures it, or "chưa có chỉ số đo" and why.

    Returns
    -------
    DataFrame
        target, milestone, section, stated, indicator, kpi (code and name, or :data:`NO_MEASURE`), measured, why ("" where a KPI has
        data), source (the id of its document).
    """
    rows = []
    descriptions = dict(zip(catalogue.variables["id"], catalogue.variables["description"], strict=True))
    units = catalogue.subject_units
    own_source = catalogue.targets[catalogue.targets["source"].str.startswith(catalogue.programme.plan_source)]
    for target in own_source.itertuples():
        found = measures(graph, target.id)
        code = target.indicator
        is_number = bool(units.get(code)) and graph.nodes[code]["type"] == "variable"
        kpis = found[found["indicator"].map(lambda name: graph.nodes[name]["type"] != "variable")]
        if len(kpis):
            first = kpis.iloc[0]
            kpi = f"{first['indicator']} {first['name']}" + ("" if first["relation"] != "near" else " (gần giống)")
        else:
            kpi = f"{graph.nodes[code]['name']} (ngoài bộ chỉ số)" if is_number else NO_MEASURE
        measured = bool(found["measured"].any())
        why = "" if measured else _why(kpi, target.comparator, descriptions.get(code, ""))
        section = target.source.partition(", ")[2]
        own = (target.id, target.milestone, section, target.stated_vi, code, kpi, measured, why)
        rows.append((*own, target.source.partition(",")[0]))
    return pd.DataFrame(
        rows, columns=["target", "milestone", "section", "stated", "indicator", "kpi", "measured", "why", "source"]
    )


def _why(kpi: str, comparator: str, description: str) -> str:
    if kpi == NO_MEASURE:
        return description or (
            "mục tiêu định tính, văn bản không nêu số đo"
            if comparator == "qualitative"
            else "chưa có chỉ số nào của bộ chỉ số đo đại lượng này"
        )
    return (
        "có chỉ số, chưa có số liệu công bố"
        if "(ngoài bộ chỉ số)" not in kpi
        else "đại lượng ngoài bộ chỉ số, chưa có số liệu công bố"
    )


def _links(graph: nx.MultiDiGraph, code: str) -> int:
    """Count the links of an indicator, its lead agencies aside and a crosswalk once."""
    edges = [*graph.in_edges(code, data=True), *graph.out_edges(code, data=True)]
    pairs = {(frozenset((start, end)), data["relation"]) for start, end, data in edges if data["relation"] != "leads"}
    return len(pairs)


def _described(graph: nx.MultiDiGraph, frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame.assign(
        name=frame[column].map(lambda code: graph.nodes[code]["name"]),
        measured=frame[column].map(lambda code: has_data(graph, code)).astype(bool),
    ).reset_index(drop=True)
