"""Completeness and quarters at scale, by columns of integer codes.

:class:`~nq57lab.columnar.Columns` and what is :class:`~nq57lab.columnar.Known` of them in; a table, or columns of quarters, out. The
rules of the roll-up are those of :mod:`nq57lab.store.rollup`.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nq57lab import formulas
from nq57lab.columnar.coded import BLOCK, Columns, Known, by_blocks, first_rows, of_series, smallest_type
from nq57lab.observations import KEY

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
    first = first_rows(known, count)
    subject, area = (of_series(columns, name, first).astype(np.int64) for name in ("subject", "area"))
    agencies = sorted(set(leads.values()))
    agency_of = np.array([agencies.index(leads[s]) if s in leads else -1 for s in columns.labels["subject"]])
    wanted = np.isin(columns.labels["area"], list(areas))
    counted = np.flatnonzero((first >= 0) & (agency_of[subject] >= 0) & wanted[area])
    present = np.zeros(known.series * count, dtype=bool)
    present[known.position] = True
    table = present.reshape(known.series, count)
    pairs = subject[counted] * len(wanted) + area[counted]
    if (np.diff(pairs) > 0).all():
        table = table if len(counted) == known.series else table[counted]
    else:
        order = np.argsort(pairs, kind="stable")
        starts = np.flatnonzero(np.diff(pairs[order], prepend=-1))
        table, pairs = np.logical_or.reduceat(table[counted[order]], starts, axis=0), pairs[order][starts]
    observed = np.zeros((len(agencies), count), dtype=np.int64)
    led = agency_of[pairs // len(wanted)]
    edges = np.flatnonzero(np.diff(led, prepend=-2))
    if len(edges):
        counts = np.stack([np.count_nonzero(part, axis=0) for part in np.split(table, edges[1:])])
        np.add.at(observed, led[edges], counts)
    led_by = pd.Series(leads).value_counts()
    expected = np.repeat([int(led_by[agency]) * len(set(areas)) for agency in agencies], count)
    frame = pd.DataFrame(
        {
            "agency": np.repeat(agencies, count),
            "period": np.tile(columns.labels["period"].astype(str), len(agencies)),
            "expected": expected,
            "observed": observed.ravel(),
        }
    )
    return frame.assign(share=frame["observed"] / frame["expected"])


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
    first = first_rows(known, size)
    code = {name: of_series(columns, name, first) for name in KEY if name != "period"}
    by_subject = rules.set_index("subject").reindex(labels["subject"])
    over_time = by_subject["over_time"].to_numpy()[code["subject"]]
    running = code["measure"] == _place(labels["measure"], "cumulative")
    over_time = np.where(running & np.isin(over_time, ["sum", "mean"]), "last", over_time)
    seen = np.zeros((known.series, len(quarters)), dtype=np.uint8)
    result = np.full(seen.shape, np.nan)

    def roll(block: slice) -> None:
        ends = np.searchsorted(known.position, np.array([block.start * size, block.stop * size], known.position.dtype))
        cube = np.full((block.stop - block.start) * size, np.nan)
        span = slice(*ends)
        cube[known.position[span] - block.start * size] = columns.value[known.rows[span]]
        parts = [_months(cube.reshape(-1, size), months[:, place]) for place in range(MONTHS_A_QUARTER)]
        for part in parts:
            seen[block] += ~np.isnan(part)
        rule = over_time[block]
        total = parts[0] + parts[1] + parts[2]
        total[rule == "mean"] /= MONTHS_A_QUARTER
        total[~np.isin(rule, ["sum", "mean", "last"])] = np.nan
        last = rule == "last"
        total[last] = np.where(seen[block][last] == MONTHS_A_QUARTER, parts[2][last], np.nan)
        result[block] = total

    by_blocks(roll, known.series, max(1, BLOCK // size))
    return _with_areas(columns, code, first, result, seen, quarters, by_subject, parents)


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


def _with_areas(columns, code, first, result, seen, quarters, by_subject, parents) -> tuple[Columns, np.ndarray]:
    """Recompute ratios, add the parent areas, and return the quarters as columns."""
    labels = columns.labels
    plain = (code["item"] == _place(labels["item"], "")) & (code["dims"] == _place(labels["dims"], "")) & (first >= 0)
    above = sorted(set(parents.values()) - set(labels["area"]))
    areas = [*labels["area"], *above]
    at = {area: place for place, area in enumerate(areas)}
    shape = (len(areas), len(quarters))
    tables, months, places, own = {}, {}, {}, {}
    order = np.flatnonzero(plain)
    groups = np.split(order, np.flatnonzero(np.diff(code["subject"][order])) + 1) if len(order) else []
    levels = [_level(level, at) for level in upwards(parents)]
    added = []
    for group in groups:
        subject = labels["subject"][code["subject"][group[0]]]
        table, count = np.full(shape, np.nan), np.zeros(shape, dtype=np.uint8)
        table[code["area"][group]], count[code["area"][group]] = result[group], seen[group]
        tables[subject], months[subject], places[subject] = table, count, group
        own[subject] = np.isin(np.arange(len(areas)), code["area"][group])
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
    return _as_columns(columns, code, first, result, seen, quarters, tables, months, added, areas)


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


def _as_columns(
    columns, code, first, result, seen, quarters, tables, months, added, areas
) -> tuple[Columns, np.ndarray]:
    """Return the quarters of series and of parent areas as columns, without those that no month was seen of."""
    labels = {name: columns.labels[name] for name in KEY}
    labels["period"], labels["area"] = np.array(quarters, dtype=object), np.array(areas, dtype=object)
    subject_at = {text: place for place, text in enumerate(labels["subject"])}
    lead = dict(zip(*np.unique(code["subject"], return_index=True), strict=True)) if added else {}
    kept = (seen > 0) & (first >= 0)[:, None]
    whole = bool(kept.all())
    series, quarter = np.nonzero(kept[:0] if whole else kept)
    extra = np.array([lead[subject_at[subject]] for subject, _ in added], dtype=np.int64)
    codes: dict[str, np.ndarray] = {}
    own: np.ndarray
    more: np.ndarray
    for name in KEY:
        kind = smallest_type(len(labels[name]))
        if name == "period":
            own = np.tile(np.arange(len(quarters), dtype=kind), len(seen)) if whole else quarter.astype(kind)
            more = np.tile(np.arange(len(quarters), dtype=kind), len(added))
        else:
            source = code[name].astype(kind)
            own = np.repeat(source, len(quarters)) if whole else source[series]
            parent = np.array([place for _, place in added], dtype=kind) if name == "area" else source[extra]
            more = np.repeat(parent, len(quarters))
        codes[name] = np.concatenate([own, more])
    value = [(result if whole else result[kept]).ravel(), *(tables[s][place] for s, place in added)]
    count = [(seen if whole else seen[kept]).ravel(), *(months[s][place] for s, place in added)]
    return Columns(codes, labels, np.concatenate(value)), np.concatenate(count)
