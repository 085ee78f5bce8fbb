"""Feedback loops at the project's size, beside their peers, in one run.

Usage: ``python benchmarks/bench_loops.py [--repeats 5]``

* Seed's graph: reading, enumerating and analysing (loops, centralities, Levins, leverage), in seconds.
* 30 nodes and 120 links, loops of at most 6: beside networkx ``simple_cycles(length_bound=6)``; both list the same loops.
* 10,000 Monte Carlo simulations of the seed's graph over 40 steps with bands: beside a plain loop over the draws (NumPy matrices,
  one draw at a time, on a tenth of the draws and scaled), whose states the vectorised run must equal.
* 200 nodes fully connected: the stated bound, in seconds.

Each row is the median of the repeats with the least and the most, and the median processor time (what a machine without other work
would take at most); goals stand beside.
"""

import argparse
import itertools
import os
import statistics
import time
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd

from nq57lab.facts import catalogue
from nq57lab.loops import analysis, graph, simulate, strength
from nq57lab.loops.enumerate import find_loops

DRAWS, STEPS, PLAIN = 10_000, 40, 1_000


def timed(work, repeats):
    """Return the last result, the median, least and most seconds of the repeats, and the median processor seconds."""
    seconds, processor, result = [], [], None
    for _ in range(repeats):
        start, begun = time.perf_counter(), time.process_time()
        result = work()
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - begun)
    return result, (statistics.median(seconds), min(seconds), max(seconds), statistics.median(processor))


def random_links(nodes, links, seed):
    """Return a random table of links: the graph of METHODS 5's remark on the number of loops."""
    rng = np.random.default_rng(seed)
    pairs = [pair for pair in itertools.product(range(nodes), repeat=2) if pair[0] != pair[1]]
    chosen = rng.choice(len(pairs), links, replace=False)
    rows = [(f"n{pairs[at][0]}", f"n{pairs[at][1]}", "1" if rng.random() < 0.8 else "-1") for at in sorted(chosen)]
    return pd.DataFrame(rows, columns=["source", "target", "polarity"])


def plain_loop(part, strengths, shock, steps):
    """Return the states of every draw, one draw at a time: one matrix a delay, a history of vectors."""
    size, lags = part.size, sorted(set(part.delay.tolist()))
    states = np.empty((steps + 1, size, strengths.shape[1]))
    for draw in range(strengths.shape[1]):
        matrices = {}
        for lag in lags:
            at = part.delay == lag
            matrices[lag] = np.zeros((size, size))
            matrices[lag][part.target[at], part.source[at]] = strengths[at, draw]
        path = [shock]
        for step in range(1, steps + 1):
            path.append(
                shock + sum((m @ path[step - lag] for lag, m in matrices.items() if step >= lag), np.zeros(size))
            )
        states[:, :, draw] = path
    return states


def show(name, ours, goal, peer=None, theirs=None):
    """Print one row."""
    text = f"{name:<58} {ours[0]:8.3f} s ({ours[1]:.3f}-{ours[2]:.3f}), processor {ours[3]:.3f} s  goal {goal}"
    if theirs is not None:
        text += f" | {peer}: {theirs[0]:.3f} s, ratio {theirs[0] / ours[0]:.1f}x, processor {theirs[3] / ours[3]:.1f}x"
    print(text, flush=True)


def main() -> None:
    """Run all benchmarks and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    print(f"load average at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    project = catalogue.load(Path(__file__).parents[1] / "data")
    links = graph.catalogue_links(project)
    whole = graph.of_table(links)
    find_loops(whole)  # imports

    found, ours = timed(lambda: analysis.analyse(links), repeats)
    peer = nx.DiGraph(list(zip(links["source"], links["target"], strict=True)))
    listed, mine = timed(lambda: find_loops(whole), repeats)
    cycles, theirs = timed(lambda: list(nx.simple_cycles(peer)), repeats)
    assert len(cycles) == len(listed.loops) == len(found.loops)
    show(f"seed's graph, {whole.size} nodes, {len(links)} links: full analysis", ours, "1 s")
    show(f"seed's graph: {len(cycles)} loops listed", mine, "1 s", "networkx simple_cycles", theirs)

    table = random_links(30, 120, 57)
    random_graph = graph.of_table(table)
    peer = nx.DiGraph(list(zip(table["source"], table["target"], strict=True)))
    listed, ours = timed(lambda: find_loops(random_graph, 6), repeats)
    cycles, theirs = timed(lambda: list(nx.simple_cycles(peer, length_bound=6)), repeats)
    assert len(cycles) == len(listed.loops)
    show(
        f"30 nodes, 120 links, bound 6: {len(cycles)} loops, complete {listed.complete}",
        ours,
        "1 s",
        "networkx",
        theirs,
    )

    _, ours = timed(lambda: simulate.simulate(whole, {"CH1": 1.0}, steps=STEPS, draws=DRAWS), repeats)
    shock = np.array([float(name == "CH1") for name in whole.nodes])
    strengths = strength.draw_strengths(whole, PLAIN, np.random.default_rng(57))
    states, theirs = timed(lambda: plain_loop(whole, strengths, shock, STEPS), 1)
    fast = np.stack(list(simulate.states_of(whole, strengths, shock, STEPS)))
    np.testing.assert_allclose(fast, states, atol=1e-12)
    scaled = tuple(seconds * DRAWS / PLAIN for seconds in theirs)
    show(f"{DRAWS} simulations of {STEPS} steps with bands", ours, "2 s", "plain loop without bands, scaled", scaled)

    names = [f"n{place}" for place in range(200)]
    dense = pd.DataFrame(list(itertools.permutations(names, 2)), columns=["source", "target"]).assign(polarity="1")
    full, ours = timed(lambda: analysis.analyse(dense), 1)
    show(f"200 nodes fully connected: bound {full.summary['bound']}, {full.summary['loops']} loops", ours, "seconds")


if __name__ == "__main__":
    main()
