"""What is known on a date, at scale: the figures of :func:`nq57lab.facts.observations.as_of`, row for row.

:class:`~nq57lab.facts.columnar.coded.Columns` and their :class:`~nq57lab.facts.columnar.keys.Index` in, :class:`Known` of them out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from nq57lab.base import contract, periods
from nq57lab.facts.columnar.coded import Columns, by_blocks, side_by_side, smallest_type, sorted_order
from nq57lab.facts.columnar.keys import Index
from nq57lab.facts.observations import KEY

# Tables of periods × items and areas × kinds are turned by tiles: so many kinds make good use of each line fetched from memory,
# and so many figures keep the tile near while the calls for it are few.
KINDS = 32
TILE = 1 << 17


@dataclass(frozen=True)
class Known:
    """What is known on a date, by series (see :class:`~nq57lab.facts.columnar.keys.Index`), then by period.

    ``rows`` are the rows of the figures, None where figure n is row n; the figures of series s are those from ``edges[s]`` to
    ``edges[s + 1]``; ``heads`` is the number of kinds of series.
    """

    rows: np.ndarray | None
    edges: np.ndarray
    heads: int

    @property
    def series(self) -> int:
        """How many series there are, with those that nothing is known of."""
        return len(self.edges) - 1

    def of(self, codes: np.ndarray, figures: slice) -> np.ndarray:
        """Return the codes (or values) of a run of figures."""
        return codes[figures] if self.rows is None else codes[self.rows[figures]]

    def first(self, codes: np.ndarray) -> np.ndarray:
        """Return the code of each series; meaningless where nothing is known of it."""
        if not self.edges[-1]:
            return np.zeros(self.series, dtype=codes.dtype)
        starts = np.minimum(self.edges[:-1], self.edges[-1] - 1)
        return codes[starts if self.rows is None else self.rows[starts]]


def as_of(columns: Columns, places: Index, known: date | None = None, entered: date | None = None) -> Known:
    """Choose the figures known on a date, by the rule of :func:`nq57lab.facts.observations.as_of`.

    Returns
    -------
    Known
        One row for each key: the last entry of each source and vintage; of these official before verified before estimate
        before self_reported; then the newest vintage, the newest entry, the later row.
    """
    rank = {status: -place for place, status in enumerate(contract.STATUSES)}
    ranks = np.array([rank[text] + len(rank) for text in columns.labels["status"]])
    days = np.array([periods.end(text).toordinal() for text in columns.labels["vintage"]])
    ends = np.searchsorted(np.unique(days), days)
    allowed = _allowed(columns, days, known, entered)
    last = places.last.copy()
    rows = places.contested
    last[places.key[rows]] = -1
    if allowed is not None:
        out = np.flatnonzero(~allowed)
        gone = places.key[out]
        last[gone[last[gone] == out]] = -1
        rows = rows[allowed[rows]]
    rows = _uncorrected(columns, places, rows)
    key = places.key[rows]
    codes = {name: columns.codes[name][rows] for name in ("status", "vintage", "recorded")}
    order = sorted_order(key, ranks[codes["status"]], ends[codes["vintage"]], codes["recorded"])
    last[key[order]] = rows[order]
    size = len(columns.labels["period"])
    if places.position is None:
        return _turned(last.reshape(size, places.tails, places.heads))
    filled = np.flatnonzero(last >= 0)
    edges = np.searchsorted(places.position[filled], np.arange(places.heads * places.tails + 1) * size)
    return Known(last[filled], edges, places.heads)


def _turned(table: np.ndarray) -> Known:
    """Return the entries of a table of periods × tails × heads that are not −1, by head, tail and period."""
    size, tails, heads = table.shape
    counts: np.ndarray = np.zeros((tails, heads), dtype=smallest_type(size + 1))

    def count(block: slice) -> None:
        for part in table[:, block]:
            counts[block] += (part >= 0).view(np.uint8)

    by_blocks(count, tails, max(1, TILE // max(heads, 1)))
    edges = np.zeros(heads * tails + 1, dtype=np.int64)
    np.cumsum(counts.T.ravel(), out=edges[1:])
    rows = np.empty(edges[-1], dtype=table.dtype)

    def turn(tile: tuple[slice, slice]) -> None:
        head, tail = tile
        part = np.ascontiguousarray(table[:, tail, head].transpose(2, 1, 0))
        _deal(part[part >= 0], rows, _spans(edges, tails, tile))

    by_tiles(turn, heads, tails, size)
    return Known(rows, edges, heads)


def by_tiles(work: Callable[[tuple[slice, slice]], None], heads: int, tails: int, size: int) -> None:
    """Do a piece of work for each tile (heads, tails) of the series, two at a time; ``size`` is the number of periods."""
    width = max(1, min(KINDS, heads))
    height = max(1, TILE // (width * max(size, 1)))
    side_by_side(
        work,
        (
            (slice(head, min(head + width, heads)), slice(tail, min(tail + height, tails)))
            for tail in range(0, tails, height)
            for head in range(0, heads, width)
        ),
    )


def _spans(edges: np.ndarray, tails: int, tile: tuple[slice, slice]) -> list[slice]:
    """Return where the figures of each head of a tile are."""
    head, tail = tile
    starts = np.arange(head.start, head.stop) * tails
    bounds = zip(edges[starts + tail.start].tolist(), edges[starts + tail.stop].tolist(), strict=True)
    return [slice(*bound) for bound in bounds]


def _deal(found: np.ndarray, target: np.ndarray, spans: list[slice]) -> None:
    """Put figures that lie one after another into the places of each head."""
    start = 0
    for span in spans:
        stop = start + span.stop - span.start
        target[span] = found[start:stop]
        start = stop


def _uncorrected(columns: Columns, places: Index, rows: np.ndarray) -> np.ndarray:
    """Leave out rows that a later entry of the same key, source and vintage corrects."""
    if not len(rows):
        return rows
    parts = [places.key[rows], columns.codes["source"][rows], columns.codes["vintage"][rows]]
    order = sorted_order(*parts, columns.codes["recorded"][rows])
    ends = np.ones(len(rows), dtype=bool)
    ends[:-1] = np.logical_or.reduce([part[order][1:] != part[order][:-1] for part in parts])
    return rows[order[ends]]


def _allowed(columns: Columns, ends: np.ndarray, known: date | None, entered: date | None) -> np.ndarray | None:
    """Return which rows were published and entered by the dates; None when all were."""
    allowed = None
    vintages = ends <= known.toordinal() if known is not None else np.ones(len(ends), dtype=bool)
    labels = columns.labels["recorded"]
    entries = labels <= entered.isoformat() if entered is not None else np.ones(len(labels), dtype=bool)
    for name, kept in (("vintage", vintages), ("recorded", entries)):
        if not kept.all():
            one = kept[columns.codes[name]]
            allowed = one if allowed is None else allowed & one
    return allowed


def arrange(columns: Columns, known: Known) -> tuple[Columns, Known]:
    """Copy what is known into the order of its series and periods, so that later steps read it from front to back.

    Returns
    -------
    tuple
        The columns of the known figures, and the same :class:`Known` of them (row n is figure n).

    Notes
    -----
    Codes that a series fixes are written once for a run of series; the others are fetched by tiles of kinds × items and areas, whose
    rows lie near one another where the observations came by period and area.
    """
    if known.rows is None:
        return columns, known
    chosen, count, tails = known.rows, len(known.rows), known.series // max(known.heads, 1)
    codes: dict[str, np.ndarray] = {}
    value = np.empty(count)
    fetched = [(columns.value, value)]
    for name, code in columns.codes.items():
        if code.strides == (0,):
            codes[name] = code[:count]
        elif name in KEY and name != "period":
            codes[name] = _spread(known.first(code), known.edges)
        else:
            codes[name] = np.empty(count, dtype=code.dtype)
            fetched.append((code, codes[name]))

    def fetch(tile: tuple[slice, slice]) -> None:
        spans = _spans(known.edges, tails, tile)
        rows = np.concatenate([chosen[span] for span in spans]).astype(np.intp)
        for source, target in fetched:
            _deal(source.take(rows), target, spans)

    by_tiles(fetch, known.heads, tails, len(columns.labels["period"]))
    return Columns(codes, columns.labels, value), Known(None, known.edges, known.heads)


def _spread(codes: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Repeat the code of each series for its figures, a run of series with one code at a time."""
    starts = np.flatnonzero(np.diff(codes, prepend=codes[:1])) if len(codes) else np.zeros(0, dtype=np.int64)
    starts = np.concatenate([np.zeros(min(len(codes), 1), dtype=np.int64), starts])
    return np.repeat(codes[starts], np.diff(edges[starts], append=edges[-1]))
