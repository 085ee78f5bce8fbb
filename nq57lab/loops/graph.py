"""The signed directed graph: a tidy table of links in, a :class:`Graph` of arrays out; and the project's own links as such a table.

A link's polarity is +1 when both quantities move the same way, −1 when they move apart, "?" while it is open (kept as 0).
Tables come from a file that the commands take (:func:`read_links`) or from the catalogue (:func:`catalogue_links`); both are
checked once, here.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nq57lab.base import contract, tables
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts.catalogue import pair_problems

if TYPE_CHECKING:
    from nq57lab.facts.catalogue import Catalogue

MAX_LINKS = 50_000  # 200 nodes fully connected have 39,800
MAX_DELAY = 50  # steps
OPEN = "?"
DELAYS = {"short": 1, "medium": 2, "long": 4}  # the catalogue's class → steps of one year
STATED = ("stated", "analyst")
EVERY = ("stated", "implied", "analyst")


@dataclass(frozen=True)
class Graph:
    """A signed directed graph with n nodes and m links, in the order of its table.

    ``source`` and ``target`` (m,) hold places in ``nodes``; ``polarity`` (m,) +1, −1 or 0 (open); ``strength`` (m,) the
    magnitude or NaN; ``delay`` (m,) whole steps; ``evidence``, ``loop``, ``basis`` (m) texts, "" where not given.
    """

    nodes: tuple[str, ...]
    source: np.ndarray
    target: np.ndarray
    polarity: np.ndarray
    strength: np.ndarray
    delay: np.ndarray
    evidence: tuple[str, ...]
    loop: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """The number of nodes."""
        return len(self.nodes)

    def successors(self) -> list[list[int]]:
        """Return the targets of every node, ascending."""
        found: list[list[int]] = [[] for _ in self.nodes]
        for source, target in zip(self.source.tolist(), self.target.tolist(), strict=True):
            found[source].append(target)
        return [sorted(targets) for targets in found]

    def places(self) -> dict[tuple[int, int], int]:
        """Return the place of every link by its pair of nodes."""
        pairs = zip(self.source.tolist(), self.target.tolist(), strict=True)
        return {pair: at for at, pair in enumerate(pairs)}


def of_table(links: pd.DataFrame) -> Graph:
    """Return the graph of a checked table of links.

    Parameters
    ----------
    links : DataFrame
        source, target (text), polarity ("1", "-1" or "?"); optional strength, delay (numbers, NaN where unknown), evidence,
        x_loop, x_basis (text).

    Examples
    --------
    >>> table = pd.DataFrame({"source": ["a", "b"], "target": ["b", "a"], "polarity": ["1", "-1"]})
    >>> of_table(table).polarity.tolist()
    [1, -1]
    """
    names = tuple(dict.fromkeys(name for pair in zip(links["source"], links["target"], strict=True) for name in pair))
    index = {name: place for place, name in enumerate(names)}
    count = len(links)

    def column(name: str, blank: object) -> pd.Series:
        return links[name] if name in links else pd.Series([blank] * count)

    return Graph(
        names,
        links["source"].map(index).to_numpy(dtype=np.intp),
        links["target"].map(index).to_numpy(dtype=np.intp),
        links["polarity"].map({"1": 1, "-1": -1, OPEN: 0}).to_numpy(dtype=np.int8),
        column("strength", np.nan).to_numpy(dtype=float),
        column("delay", 1.0).fillna(1).to_numpy(dtype=np.intp),
        tuple(column("evidence", "")),
        tuple(column("x_loop", "")),
        tuple(column("x_basis", "")),
    )


def read_links(path: Path) -> pd.DataFrame:
    """Read and check a file of links (CONTRACTS.md).

    Returns
    -------
    DataFrame
        source, target, polarity (text), strength, delay (numbers), evidence (text), and the file's columns prefixed ``x_``.

    Raises
    ------
    ProblemError
        With every problem: unreadable file, unknown or missing columns, wrong cells, self-links, duplicate or opposite links.
    """
    return check_links(tables.read_text(path, path.name), path.name)


def check_links(text: pd.DataFrame, label: str) -> pd.DataFrame:
    """Check a table of text cells as :func:`read_links` does a file's, and return its links."""
    own = [name for name in text.columns if name.startswith("x_")]
    full = tables.complete(text, contract.LOOP_LINKS_FILE)
    if "evidence" in text:  # "not testable" is the grade's name in words
        full["evidence"] = full["evidence"].str.strip().str.replace(r"[ -]", "_", regex=True)
    found = tables.problems(full, contract.LOOP_LINKS_FILE, label)
    # Duplicates are told apart below; an empty cell is missing, not misspelt.
    found = [
        problem for problem in found if problem.code != "duplicate" and (problem.code != "pattern" or problem.found)
    ]
    if "source" in full and "target" in full and "polarity" in full:
        found += pair_problems(full["source"], full["target"], full["polarity"], full.index, label)
    if len(full) > MAX_LINKS:
        found.append(Problem("too_many_links", label, found=str(len(full)), details={"limit": MAX_LINKS}))
    if full.empty:
        found.append(Problem("empty", label))
    if found:
        raise ProblemError(found)
    links = tables.convert(full, contract.LOOP_LINKS_FILE)
    found = [
        Problem("strength", label, int(row), "strength", str(full.at[row, "strength"]))
        for row in links.index[links["strength"] < 0]
    ]
    wrong = links["delay"].notna() & ~((links["delay"] % 1 == 0) & links["delay"].between(1, MAX_DELAY))
    found += [
        Problem("delay", label, int(row), "delay", str(full.at[row, "delay"]), {"limit": MAX_DELAY})
        for row in links.index[wrong]
    ]
    if found:
        raise ProblemError(found)
    return links[[*contract.LOOP_LINKS_FILE.names, *own]].reset_index(drop=True)


def catalogue_links(
    catalogue: "Catalogue", basis: tuple[str, ...] = EVERY, *, levers: bool = True, grades: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the project's own links as a table that the commands take: one row a pair of nodes, in the catalogue's order.

    Parameters
    ----------
    basis : tuple of str
        Which links: stated, implied, analyst.
    levers : bool
        Also the links of pushes and programmes.
    grades : DataFrame, optional
        source, target, grade of :func:`nq57lab.loops.evidence.grades.grade`; else the analyst's own marks, else by basis: "stated" for
        what a document states, "not_testable" for the rest.

    Returns
    -------
    DataFrame
        source, target, polarity, strength (NaN: no document gives one), delay (steps of a year), evidence; x_loop (the loops
        that hold the link, joined by "; "), x_basis (stated before analyst before implied), x_kind, x_delay_basis, x_phrase,
        x_note, x_place, x_mark (the analyst's own mark, "" for none).
    """
    rows = catalogue.loop_links[catalogue.loop_links["basis"].isin(basis)]
    if not levers:
        pushed = catalogue.loop_nodes["id"][catalogue.loop_nodes["kind"] == "lever"]
        rows = rows[(rows["loop"] != "") & ~rows["from_node"].isin(pushed)]
    order = {"stated": 0, "analyst": 1, "implied": 2}
    best = rows.assign(_rank=rows["basis"].map(order)).sort_values("_rank", kind="stable")
    best["evidence"] = (
        best["evidence"].mask(best["evidence"] == "").groupby([best["from_node"], best["to_node"]]).transform("first")
    )
    links = best.fillna({"evidence": ""}).drop_duplicates(["from_node", "to_node"]).sort_index()
    members = rows.groupby(["from_node", "to_node"], sort=False)["loop"].agg(lambda ids: "; ".join(dict.fromkeys(ids)))
    table = pd.DataFrame(
        {
            "source": links["from_node"],
            "target": links["to_node"],
            "polarity": links["polarity"],
            "strength": np.nan,
            "delay": links["delay"].map(DELAYS).astype(float),
            "evidence": links["evidence"].where(
                links["evidence"] != "", links["basis"].map(lambda b: "stated" if b == "stated" else "not_testable")
            ),
            "x_loop": [members[pair] for pair in zip(links["from_node"], links["to_node"], strict=True)],
            "x_basis": links["basis"],
            "x_kind": links["kind"],
            "x_delay_basis": links["delay_basis"],
            "x_phrase": links["phrase_vi"],
            "x_note": links["note"],
            "x_place": links["source"],
            "x_mark": links["evidence"],
        }
    ).reset_index(drop=True)
    if grades is None:
        return table
    known = grades.set_index(["source", "target"])["grade"]
    pairs = zip(table["source"], table["target"], strict=True)
    return table.assign(evidence=[known.get(pair, own) for pair, own in zip(pairs, table["evidence"], strict=True)])
