"""Where to push for the 2030 targets: the project's nodes and levers ranked, and which vicious loops each one weakens.

The catalogue in, a ranked table with its assumptions out.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nq57lab.base import wording
from nq57lab.loops.enumerate import find_loops, links_of
from nq57lab.loops.graph import EVERY, Graph, catalogue_links, of_table
from nq57lab.loops.leverage import influence, rank, share_pushes
from nq57lab.loops.strength import draw_strengths

if TYPE_CHECKING:
    from nq57lab.facts.catalogue import Catalogue

DRAWS = 2000
LONG = 40  # steps after which the rest is small
SURE = 0.95  # share of draws from which a loop counts as weakened
ASSUMPTIONS = (
    "Giả định: độ mạnh của liên kết chưa biết, rút đều trong khoảng cho phép ({draws} lần, hạt giống {seed}); mỗi đòn bẩy có một đơn vị lực "
    "đẩy, chia đều cho các liên kết của nó và giữ suốt; các KPI có mục tiêu 2030 được tính ngang nhau; một bước là một năm, độ trễ theo "
    "lớp (ngắn 1, vừa 2, dài 4 bước); dùng cả liên kết ngầm định. Thứ hạng và dấu có ý nghĩa, độ lớn thì không có đơn vị."
)


@dataclass(frozen=True)
class Leverage:
    """The ranked table, its assumptions in words, and the KPIs that count as targets."""

    table: pd.DataFrame
    assumptions: str
    targets: tuple[str, ...]


def target_kpis(catalogue: "Catalogue") -> list[str]:
    """Return the macro KPIs that the document ties to a goal for 2030, the indirect and supplementary ones aside, in order.

    Where no goal is tied to a KPI: the nodes that have a 2030 target of their own.
    """
    links = catalogue.links
    goals = set(catalogue.goals["id"][catalogue.goals["milestone"] == "2030"])
    tied = links[(links["from_type"] == "goal") & links["from_id"].isin(goals) & (links["used"] == "yes")]
    direct = set(tied["to_indicator"][~tied["kind"].isin(["indirect", "supplementary"])])
    aimed = set(catalogue.targets["indicator"][catalogue.targets["milestone"] == "2030"])
    return sorted((direct or aimed) & set(catalogue.loop_nodes["id"]))


def vicious_nodes(catalogue: "Catalogue", links: pd.DataFrame, graph: Graph) -> dict[str, list[int]]:
    """Return, for each vicious loop of the catalogue, the nodes on the closed loops that its own links make."""
    names = catalogue.loops["id"][catalogue.loops["kind"] == "vicious"]
    members = [set(ids.split("; ")) for ids in links["x_loop"]]
    found: dict[str, list[int]] = {}
    for name in names:
        held = [name in ids for ids in members]
        own = of_table(links[held].reset_index(drop=True))
        on = {own.nodes[node] for loop in find_loops(own).loops for pair in links_of(loop) for node in pair}
        found[name] = [place for place, node in enumerate(graph.nodes) if node in on]
    return found


def rank_project(catalogue: "Catalogue", *, steps: int = 4, draws: int = DRAWS, seed: int = 57) -> Leverage:
    """Rank the project's levers and nodes by what a unit of push adds to the KPIs that have a 2030 target.

    Parameters
    ----------
    steps : int
        Years from the push to the moment that counts (2026 to 2030: 4).

    Returns
    -------
    Leverage
        Table, levers first: group (lever, node), rank (within the group), node, name, push (+1 or −1: the way that helps), median,
        lo, hi (the mean response of the targets; 5% and 95%), p_positive, p_top3, pushes (links), rank_long (after 40 steps),
        rank_whole (every link of a lever gets a whole unit), a column for each vicious loop (median effect on its nodes in the
        desirable direction) and weakens (those improved in at least 95% of draws, the strongest first).

    Notes
    -----
    A node that is itself a target does not count its own push, only what comes back and what it does to the others.
    """
    links = catalogue_links(catalogue, EVERY)
    graph = of_table(links)
    info = catalogue.loop_nodes.set_index("id").loc[list(graph.nodes)]
    is_lever = (info["kind"] == "lever").to_numpy()
    levers = np.flatnonzero(is_lever)
    whole = draw_strengths(graph, draws, np.random.default_rng(seed))
    split = share_pushes(graph, whole, levers)
    targets = target_kpis(catalogue)
    objective = np.isin(graph.nodes, targets) / max(len(targets), 1)
    push = info["desirable"].to_numpy(dtype=int)

    def effect(strengths: np.ndarray, goal: np.ndarray, horizon: int) -> np.ndarray:
        return (influence(graph, strengths, goal, horizon) - goal[:, None]) * push[:, None]

    near, far = effect(split, objective, steps), effect(split, objective, LONG)
    full = effect(whole, objective, steps)
    vicious = {}
    for name, nodes in vicious_nodes(catalogue, links, graph).items():
        goal = np.zeros(graph.size)
        goal[nodes] = push[nodes] / max(len(nodes), 1)
        vicious[name] = effect(split, goal, LONG)
    pushes = np.bincount(graph.source, minlength=graph.size)
    tables = []
    for group, chosen in (("lever", levers), ("node", np.flatnonzero(~is_lever))):
        names = [graph.nodes[place] for place in chosen]
        table = rank(names, near[chosen], pushes[chosen]).assign(group=group)
        for column, effects in (("rank_long", far), ("rank_whole", full)):
            others = rank(names, effects[chosen], pushes[chosen]).set_index("node")["rank"]
            table[column] = table["node"].map(others)
        tables.append(table)
    table = pd.concat(tables, ignore_index=True)
    place = {name: at for at, name in enumerate(graph.nodes)}
    at = table["node"].map(place).to_numpy()
    sure = {}
    for name, effects in vicious.items():
        table[name] = np.median(effects[at], axis=1)
        sure[name] = (effects[at] > 0).mean(axis=1) >= SURE
    table["weakens"] = [
        "; ".join(sorted((name for name in sure if sure[name][row]), key=lambda name: -table[name].iloc[row]))
        for row in range(len(table))
    ]
    table = table.assign(name=info["name_vi"].reindex(table["node"]).to_numpy(), push=push[at])
    first = ["group", "rank", "node", "name", "push", "median", "lo", "hi", "p_positive", "p_top3", "pushes"]
    columns = [*first, "rank_long", "rank_whole", *vicious, "weakens"]
    return Leverage(table[columns], ASSUMPTIONS.format(draws=wording.number(draws, 0), seed=seed), tuple(targets))
