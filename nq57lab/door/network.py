"""What hangs together: Viet Nam among the comparators, the links of the catalogue, the feedback loops.

A lab in; results out, by the tables and pages of the slices ``comparators``, ``links`` and ``loops``.
"""

import pandas as pd

from nq57lab.base.problems import CallError, Problem
from nq57lab.comparators import figures as comparator_figures
from nq57lab.comparators import pages as comparator_pages
from nq57lab.documents import report_kinds
from nq57lab.documents.edition import Edition
from nq57lab.door import asked
from nq57lab.door.result import Result, Session
from nq57lab.links import figures as link_figures
from nq57lab.links import graph as of_graph
from nq57lab.links import pages as link_pages
from nq57lab.loops import figures as loop_figures
from nq57lab.loops import pages as loop_pages
from nq57lab.targets import pages as target_pages


def compare(lab: Session, code: str = "") -> Result:
    """Return Viet Nam among twelve countries on the international series that measure a code, or stand near it.

    Parameters
    ----------
    lab : Session
    code : str
        An indicator, or a macro KPI; "" for every one that has an international series.

    Returns
    -------
    Result
        key, series, unit, relation (same, near, different: to the code), country, iso3, year, value in unit, home (True for Viet Nam), position
        (1 is best; ties share the best), source; of every country its newest value, at most two years older than Viet Nam's. Tables:
        positions, speeds. Findings: standing, speeds. Chart: dots.

    Raises
    ------
    CallError
        If no international series is mapped to the code: those that have one.
    """
    e = lab.edition
    series, mapping = comparator_pages.mapped(e)
    own = mapping[(mapping["indicator"] == code) | (mapping["macro"] == code)] if code else mapping
    parts = [comparator_pages.standing(series, entry) for entry in own.itertuples()]
    found = [part for part in parts if len(part)]
    if code and not found:
        known = {*mapping["indicator"], *mapping["macro"]} - {""}
        allowed = ", ".join(sorted(name for name in known if name in set(e.catalogue.indicators["code"])))
        raise CallError([Problem("no_comparators", "compare", found=code, details={"allowed": allowed})])
    frame = pd.concat(found or [pd.DataFrame(columns=comparator_pages.STANDING)], ignore_index=True)
    relation = own["macro_relation"].where(own["macro"] == code, own["relation"])
    frame["relation"] = frame["key"].map(dict(zip(own["key"], relation, strict=True)))
    following = target_pages.follow(e)
    chosen = own if code else None
    return lab.result(
        frame,
        "Việt Nam và các nước so sánh" + (f", {code}" if code else ""),
        {
            "standing": lambda: comparator_pages.finding(e, chosen),
            "speeds": lambda: comparator_pages.speed_finding(e, following, chosen),
        },
        tables={
            "positions": lambda: comparator_pages.positions(e, chosen),
            "speeds": lambda: comparator_pages.speeds(e, following, chosen),
        },
        charts={"dots": comparator_figures.dots_of(own) if code else comparator_figures.comparator_dots},
        name=f"so-sanh-{code.lower().replace('.', '-').replace('_', '-')}".strip("-"),
        notes="Chuỗi quốc tế có thể khác định nghĩa với chỉ số của bộ chỉ số; xem cột relation.",
    )


def links(lab: Session) -> Result:
    """Return the catalogue's links: who serves, measures, feeds and leads what.

    Returns
    -------
    Result
        from_id, from_type, from_name, to_id, to_type, to_name, relation (in words), kind (direct, indirect, supplementary, unspecified; same, near), source.
        Findings: network, plan. Tables: coverage, plan-2030, plan-2045, operational, unmeasured, agencies, goals, programmes, pushes. Charts:
        network, goals, programmes, pushes.
    """
    e = lab.edition
    graph = of_graph.of_edition(e)
    nodes = graph.nodes
    frame = pd.DataFrame(
        [
            (
                *(start, of_graph.TYPES[nodes[start]["type"]], nodes[start]["name"]),
                *(end, of_graph.TYPES[nodes[end]["type"]], nodes[end]["name"]),
                *(of_graph.RELATIONS[data["relation"]], data["kind"], data["source"]),
            )
            for start, end, data in graph.edges(data=True)
        ],
        columns=[
            *("from_id", "from_type", "from_name", "to_id", "to_type", "to_name", "relation", "kind", "source"),
        ],
    )
    following = target_pages.follow(e)
    return lab.result(
        frame,
        "Liên kết của danh mục",
        {"network": lambda: link_pages.finding(e), "plan": lambda: link_pages.plan_finding(e)},
        tables={
            "coverage": lambda: link_pages.coverage(e),
            "plan-2030": lambda: link_pages.plan_table(e, "2030"),
            "plan-2045": lambda: link_pages.plan_table(e, "2045"),
            "operational": lambda: link_pages.operational(e, following),
            "unmeasured": lambda: link_pages.unmeasured(e),
            "agencies": lambda: link_pages.agencies(e),
            "goals": lambda: link_pages.matrix_table(e, "goal"),
            "programmes": lambda: link_pages.matrix_table(e, "programme"),
            "pushes": lambda: link_pages.matrix_table(e, "push"),
        },
        charts={
            "network": link_figures.link_graph,
            "goals": link_figures.link_heat("goal"),
            "programmes": link_figures.link_heat("programme"),
            "pushes": link_figures.link_heat("push"),
        },
        name="lien-ket",
    )


def loops(lab: Session, lever: str = "") -> Result:
    """Return the feedback loops of the catalogue's links, what the data say of each link, and the levers.

    Parameters
    ----------
    lab : Session
    lever : str
        The push or programme whose effect the chart ``response`` draws (default: the catalogue's first).

    Returns
    -------
    Result
        id, nodes (joined by ">"), length, polarity, kind (reinforcing, balancing, indeterminate), weakest_evidence, origin (stated, implied,
        found), stated_loop; one row a loop of the stated and implied links. Findings: loops, evidence, leverage. Tables: loops, evidence,
        leverage. Charts: diagram, virtuous, vicious, response, leverage.

    Raises
    ------
    CallError
        If there is no such push or programme, or none at all.
    """
    e: Edition = lab.edition
    nodes = e.catalogue.loop_nodes
    levers = nodes.loc[nodes["kind"] == "lever", "id"].tolist()
    if not levers:
        raise report_kinds.lacks("loops", "loops")
    lever = lever or levers[0]
    asked.one_of(lever, levers, "lever")
    found = e.known_tables.derived("loops", lambda: loop_pages.study(e))

    def tested() -> loop_pages.Study:  # the power of each test takes longest
        return e.known_tables.derived("loops with power", lambda: loop_pages.with_power(e, found))

    return lab.result(
        found.every.loops,
        "Các vòng phản hồi",
        {
            "loops": lambda: loop_pages.finding(e, found),
            "evidence": lambda: loop_pages.evidence_finding(e, tested()),
            "leverage": lambda: loop_pages.leverage_finding(e, found),
        },
        tables={
            "loops": lambda: loop_pages.loop_rows(e, found),
            "evidence": lambda: loop_pages.evidence_rows(e, tested()),
            "leverage": lambda: loop_pages.leverage_rows(e, found),
        },
        charts={
            "diagram": loop_figures.diagram_chart(found),
            "virtuous": loop_figures.loops_chart(found, "virtuous"),
            "vicious": loop_figures.loops_chart(found, "vicious"),
            "response": loop_figures.response_chart(lever),
            "leverage": loop_figures.leverage_chart(found),
        },
        name="vong",
    )
