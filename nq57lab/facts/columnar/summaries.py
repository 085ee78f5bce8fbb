"""Completeness and quarters at scale, by columns of integer codes.

Columns of codes and what is :class:`~nq57lab.facts.columnar.known.Known` of them in; a table, or columns of quarters, out. The
rules of the roll-up are those of :mod:`nq57lab.store.rollup`.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from nq57lab.base import formulas
from nq57lab.facts.columnar.coded import BLOCK, Columns, by_blocks, smallest_type
from nq57lab.facts.columnar.known import Known
from nq57lab.facts.observations import KEY

MONTHS_A_QUARTER = 3


def completeness(columns: Columns, known: Known, leads: dict[str, str], areas: Sequence[str]) -> pd.DataFrame:
    """Count the figures of each agency and period against those expected.

    Parameters
    ----------
    columns, known : Columns, Known
        The observations and what is known of them.
    leads : dict
        The agency that leads each subject.
    areas : sequence of str
        The areas that report every subject; others are not counted.

    Returns
    -------
    DataFrame
        agency, period, expected (subjects led × areas), observed (those with a figure), share (0–1).
    """
    count = len(columns.labels["period"])
    subject, area = (known.first(columns.codes[name]).astype(np.int64) for name in ("subject", "area"))
    agencies = sorted(set(leads.values()))
    agency_of = np.array([agencies.index(leads[s]) if s in leads else -1 for s in columns.labels["subject"]])
    reporting = set(areas)
    wanted = np.array([area in reporting for area in columns.labels["area"]], dtype=bool)
    lengths = np.diff(known.edges)
    counted = np.flatnonzero((lengths > 0) & (agency_of[subject] >= 0) & wanted[area])
    observed = _observed(columns, known, counted, subject * len(wanted) + area, agency_of[subject], len(agencies))
    led_by = pd.Series(leads).value_counts()
    expected = np.repeat([int(led_by[agency]) * len(reporting) for agency in agencies], count)
    frame = pd.DataFrame(
        {
            "agency": np.repeat(agencies, count),
            "period": np.tile(columns.labels["period"].astype(str), len(agencies)),
            "expected": expected,
            "observed": observed.ravel(),
        }
    )
    return frame.assign(share=frame["observed"] / frame["expected"])


def _observed(
    columns: Columns, known: Known, counted: np.ndarray, pair: np.ndarray, agency: np.ndarray, agencies: int
) -> np.ndarray:
    """Count by agency and period the pairs of subject and area that have a figure in one of these series."""
    count = len(columns.labels["period"])
    first = place = np.arange(len(counted))
    if not (np.diff(pair[counted]) > 0).all():
        _, first, place = np.unique(pair[counted], return_index=True, return_inverse=True)
    pairs = len(first)
    row = np.full(known.series, pairs)  # the row of the table that takes what is not counted
    row[counted] = place
    present = np.zeros((pairs + 1, count), dtype=np.uint8)

    def mark(block: slice) -> None:
        cells, figures = _cells(known, row[block] * count, block)
        cells += known.of(columns.codes["period"], figures)
        present.ravel()[cells] = 1

    by_blocks(mark, known.series, max(1, BLOCK // count))
    observed = np.zeros((agencies, count), dtype=np.int64)
    led = agency[counted[first]]
    edges = np.flatnonzero(np.diff(led, prepend=-1, append=-1))
    for start, stop in pairwise(edges):
        observed[led[start]] += present[start:stop].sum(axis=0, dtype=np.int32)
    return observed


def _cells(known: Known, starts: np.ndarray, block: slice) -> tuple[np.ndarray, slice]:
    """Repeat a number of each series of a block for its figures; return the numbers, and which figures they are."""
    edges = known.edges[block.start : block.stop + 1]
    return np.repeat(starts, np.diff(edges)), slice(int(edges[0]), int(edges[-1]))


class _Parts:
    """Resolves a formula's references to tables of areas × quarters."""

    def __init__(self, tables: dict[str, np.ndarray], shape: tuple[int, int]):
        self.tables, self.blank = tables, np.full(shape, np.nan)

    def one(self, reference: formulas.Reference) -> np.ndarray:
        return self.blank if reference.where else self.tables.get(reference.name, self.blank)

    def many(self, reference: formulas.Reference, dim: str) -> list[np.ndarray]:
        return [self.blank]

    def year_earlier(self, reference: formulas.Reference) -> np.ndarray:
        return self.blank


def quarterly(
    columns: Columns, known: Known, rules: pd.DataFrame, parents: dict[str, str]
) -> tuple[Columns, np.ndarray]:
    """Roll months up to quarters, and areas to the area they belong to, by the catalogue's rules.

    Parameters
    ----------
    columns, known : Columns, Known
        The observations and what is known of them; only months are used.
    rules : DataFrame
        subject, over_time (sum, last, mean, recompute), over_areas (sum, mean, recompute, none), formula.
    parents : dict
        The area that each area belongs to; over several levels (commune → province → nation) the lower ones come first.

    Returns
    -------
    tuple
        Columns of quarters (subject, area, item, period, measure, dims; value), by series and quarter, then those of the
        parent areas (their labels come last); and the number of months observed in each (parent areas: the least of their areas').

    Notes
    -----
    The rules are those of :mod:`nq57lab.store.rollup`: a quarter needs all its three months, else its value is NaN; a cumulative figure
    is always its last month's; recompute evaluates the subject's formula on its parts' quarters (figures without item or
    breakdown), a ratio is never averaged. A parent area gets a value where each of its areas has one, and where it has no figure
    of its own. All figures of a subject must be in one unit (:func:`validate` tells where the families differ).
    """
    labels = columns.labels
    quarters, months = _quarters(labels["period"])
    size = len(labels["period"])
    code = {name: known.first(columns.codes[name]) for name in KEY if name != "period"}
    by_subject = rules.set_index("subject").reindex(labels["subject"])
    rule = {name: (by_subject["over_time"] == name).to_numpy()[code["subject"]] for name in ("sum", "last", "mean")}
    running = code["measure"] == _place(labels["measure"], "cumulative")
    rule["last"] |= running & (rule["sum"] | rule["mean"])
    rule["mean"] &= ~running
    ruled = rule["sum"] | rule["mean"] | rule["last"]
    seen = np.zeros((known.series, len(quarters)), dtype=np.uint8)
    result = np.full(seen.shape, np.nan)

    def roll(block: slice) -> None:
        count = block.stop - block.start
        cells, figures = _cells(known, np.arange(0, count * size, size), block)
        cells += known.of(columns.codes["period"], figures)
        cube = np.full((count, size), np.nan)
        cube.ravel()[cells] = known.of(columns.value, figures)
        first, second, third = (_months(cube, months[:, place]) for place in range(MONTHS_A_QUARTER))
        for part in (first, second, third):
            seen[block] += (part == part).view(np.uint8)  # NaN is not itself
        total = first + second
        total += third
        total[rule["mean"][block]] /= MONTHS_A_QUARTER
        last = rule["last"][block]
        total[last] = np.where(seen[block][last] == MONTHS_A_QUARTER, third[last], np.nan)
        result[block][ruled[block]] = total[ruled[block]]

    by_blocks(roll, known.series, max(1, BLOCK // max(size, 1)))
    return _with_areas(columns, code, np.diff(known.edges) > 0, result, seen, quarters, by_subject, parents)


def _quarters(labels: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Return the quarters that have a month among the labels, and the places of their months (−1 for none)."""
    place = {text: at for at, text in enumerate(labels) if len(text) == 7 and text[5] in "01"}
    quarters = sorted({f"{text[:4]}-Q{(int(text[5:]) + 2) // 3}" for text in place})
    months = [[place.get(f"{q[:4]}-{3 * int(q[6]) - 2 + step:02d}", -1) for step in range(3)] for q in quarters]
    return quarters, np.array(months, dtype=np.int64).reshape(-1, MONTHS_A_QUARTER)


def _months(cube: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the columns at these places; NaN where a place is −1."""
    if len(places) and (places >= 0).all() and (np.diff(places) == MONTHS_A_QUARTER).all():
        return cube[:, places[0] : places[-1] + 1 : MONTHS_A_QUARTER]
    taken = cube[:, places]
    taken[:, places < 0] = np.nan
    return taken


def _with_areas(columns, code, some, result, seen, quarters, by_subject, parents) -> tuple[Columns, np.ndarray]:
    """Recompute ratios, add the parent areas, and return the quarters as columns."""
    labels = columns.labels
    plain = (code["item"] == _place(labels["item"], "")) & (code["dims"] == _place(labels["dims"], "")) & some
    above = sorted(set(parents.values()) - set(labels["area"]))
    areas = [*labels["area"], *above]
    at = {area: place for place, area in enumerate(areas)}
    shape = (len(areas), len(quarters))
    order = np.flatnonzero(plain)
    groups = np.split(order, np.flatnonzero(np.diff(code["subject"][order])) + 1) if len(order) else []
    levels = [_level(level, at) for level in upwards(parents)]
    added = []
    subjects = [labels["subject"][code["subject"][group[0]]] for group in groups]
    # One array each for all subjects: memory asked for at once is far cheaper than in many pieces.
    tables = dict(zip(subjects, np.full((len(groups), *shape), np.nan), strict=True))
    months = dict(zip(subjects, np.zeros((len(groups), *shape), dtype=np.uint8), strict=True))
    own = dict(zip(subjects, np.zeros((len(groups), len(areas)), dtype=bool), strict=True))
    places = dict(zip(subjects, groups, strict=True))
    for subject, group in places.items():
        area = code["area"][group]
        tables[subject][area], months[subject][area], own[subject][area] = result[group], seen[group], True
    rules = by_subject["over_areas"]
    for subject, table in tables.items():
        for parent, members, starts in levels if rules[subject] in ("sum", "mean") else ():
            free = ~own[subject][parent]
            total = np.add.reduceat(table[members], starts, axis=0)
            if rules[subject] == "mean":
                total /= np.diff(starts, append=len(members))[:, None]
            table[parent[free]] = total[free]
    for subject, table in tables.items():
        if by_subject.at[subject, "over_time"] != "recompute" or not by_subject.at[subject, "formula"]:
            continue
        with np.errstate(divide="ignore", invalid="ignore"):
            value = formulas.evaluate(formulas.parse(by_subject.at[subject, "formula"]), _Parts(tables, shape))
        table[:] = np.where(np.isfinite(value), value, np.nan)
        result[places[subject]] = table[code["area"][places[subject]]]
    for subject in tables:
        for parent, members, starts in levels if rules[subject] in ("sum", "mean", "recompute") else ():
            free = ~own[subject][parent]
            months[subject][parent[free]] = np.minimum.reduceat(months[subject][members], starts, axis=0)[free]
            added += [(subject, place) for place in parent[free]]
    return _as_columns(columns, code, result, seen, quarters, tables, months, added, areas)


def upwards(parents: dict[str, str]) -> list[dict[str, list[str]]]:
    """Return the parent areas of each level with the areas right below them, lower levels first (provinces before the nation).

    Raises
    ------
    ValueError
        If an area lies above itself.

    Examples
    --------
    >>> upwards({"34:01": "VN", "34:01:1": "34:01", "34:01:2": "34:01"})
    [{'34:01': ['34:01:1', '34:01:2']}, {'VN': ['34:01']}]
    """
    below: dict[str, list[str]] = {}
    for area, parent in parents.items():
        below.setdefault(parent, []).append(area)
    order: list[dict[str, list[str]]] = []
    left = set(below)
    while left:
        ready = sorted(parent for parent in left if left.isdisjoint(below[parent]))
        if not ready:
            raise ValueError(f"areas lie above themselves: {', '.join(sorted(left))}")
        order.append({parent: below[parent] for parent in ready})
        left -= set(ready)
    return order


def _level(below: dict[str, list[str]], at: dict[str, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the places of a level's parents whose areas are all there, of those areas one parent after the other, and where each starts."""
    whole = [parent for parent, areas in below.items() if all(area in at for area in areas)]
    members = [at[area] for parent in whole for area in below[parent]]
    starts = np.cumsum([0, *(len(below[parent]) for parent in whole)])[:-1]
    return np.array([at[parent] for parent in whole], dtype=np.int64), np.array(members, dtype=np.int64), starts


def _place(labels: np.ndarray, text: str) -> int:
    found = np.flatnonzero(labels == text)
    return int(found[0]) if len(found) else -1


def _as_columns(columns, code, result, seen, quarters, tables, months, added, areas) -> tuple[Columns, np.ndarray]:
    """Return the quarters of series and of parent areas as columns, without those that no month was seen of."""
    labels = {name: columns.labels[name] for name in KEY}
    labels["period"], labels["area"] = np.array(quarters, dtype=object), np.array(areas, dtype=object)
    subject_at = {text: place for place, text in enumerate(labels["subject"])}
    lead = dict(zip(*np.unique(code["subject"], return_index=True), strict=True)) if added else {}
    kept = seen > 0
    lengths = kept.sum(axis=1)
    edges = np.cumsum(np.append(0, lengths))

    def joined(table: np.ndarray, more: Sequence[np.ndarray]) -> np.ndarray:
        whole = np.empty(edges[-1] + sum(part.size for part in more), dtype=table.dtype)

        def fill(block: slice) -> None:
            whole[edges[block.start] : edges[block.stop]] = table[block][kept[block]]

        by_blocks(fill, len(table), max(1, BLOCK // max(len(quarters), 1)))
        if more:
            np.concatenate(more, out=whole[edges[-1] :])
        return whole

    extra = np.array([lead[subject_at[subject]] for subject, _ in added], dtype=np.int64)
    codes: dict[str, np.ndarray] = {}
    for name in KEY:
        kind = smallest_type(len(labels[name]))
        if name == "period":
            every: np.ndarray = np.arange(len(quarters), dtype=kind)
            codes[name] = joined(np.broadcast_to(every, kept.shape), [every] * len(added))
        else:
            source = code[name].astype(kind)
            parent = np.array([place for _, place in added], dtype=kind) if name == "area" else source[extra]
            every_length = np.append(lengths, np.full(len(added), len(quarters)))
            codes[name] = np.repeat(np.append(source, parent), every_length)
    value = joined(result, [tables[subject][place] for subject, place in added])
    return Columns(codes, labels, value), joined(seen, [months[subject][place] for subject, place in added])
