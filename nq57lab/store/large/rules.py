"""The store's rules on tables of any size: checked, as known on a date, how complete, rolled up; one SQL text, whoever computes.

Files of observations and an :class:`~nq57lab.store.large.engine.Engine` in, tables by name or small frames out. The rules are those of
:func:`nq57lab.facts.observations.as_of`, :func:`nq57lab.base.tables.broken` and :mod:`nq57lab.store.rollup`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd

from nq57lab.base import contract, formulas, periods, tables
from nq57lab.base.problems import Problem
from nq57lab.facts import observations
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.observations import KEY
from nq57lab.store.large.engine import Engine, place_of
from nq57lab.store.rollup import subject_rules

KEYS = ", ".join(KEY)
SERIES = [name for name in KEY if name != "period"]
BLANK = ("item", "dims")  # what a file may leave out
NUMBERS = ("value", "value_high")


class Large:
    """Observations of any size, called ``observed`` in the engine.

    Parameters
    ----------
    engine : Engine
    paths : sequence of Path
        Parquet or CSV files, or folders of partitions, with the columns of the contract's observations.
    """

    def __init__(self, engine: Engine, paths: Sequence[Path]):
        self.engine = engine
        self.given = engine.read("files", paths)
        own = {name: f"coalesce({name}, '')" if name in BLANK else name for name in self.given}
        chosen = own | {name: "''" for name in BLANK if name not in own}
        self.columns = list(chosen)
        engine.make("observed", f"SELECT {', '.join(f'{text} AS {name}' for name, text in chosen.items())} FROM files")

    def problems(self, catalogue: Catalogue, areas: Collection[str] = ()) -> pd.DataFrame:
        """Check columns, cells, codes, units and keys: the contract's one checker looks at the first row of each distinct text.

        Parameters
        ----------
        catalogue : Catalogue
            Its registers: subjects, areas, items, sources, units, breakdowns.
        areas : collection of str
            Areas beyond the catalogue's (communes).

        Returns
        -------
        DataFrame
            problem (:class:`~nq57lab.base.problems.Problem`, at the first row that has it), count (rows that have it); in file order.
        """
        shape = contract.OBSERVATIONS
        needed = {*shape.key, "value", *(column.name for column in shape.columns if column.required)} - {*BLANK}
        missing = [problem for problem in tables.header_problems(self.given, shape, "") if problem.column in needed]
        if missing:
            return pd.DataFrame({"problem": missing, "count": 0})
        rows = self._first_rows()
        places = pd.DataFrame([place_of(line, self.engine.files) for line in rows.pop("line")], columns=["file", "row"])
        frame = (
            rows.fillna("")
            .astype(str)
            .reindex(columns=shape.names, fill_value="")
            .replace({"nan": "", "NaN": "", "None": ""})
        )
        more = pd.DataFrame({"id": sorted(set(areas) - set(catalogue.areas["id"]))}).assign(type="commune")
        known = replace(catalogue, areas=pd.concat([catalogue.areas, more], ignore_index=True))
        found = tables.problems(frame, shape, places)
        numbers = frame.assign(**{name: pd.to_numeric(frame[name], errors="coerce") for name in NUMBERS})
        found += observations.check(numbers, known, places)
        once = {
            (entry.code, entry.column, str(entry.found)): entry
            for entry in reversed(found)
            if entry.code != "duplicate"
        }
        told = [*reversed(once.values())]
        counts = self._counts(told)
        counted = [(entry, counts.get((entry.column, str(entry.found)), 1)) for entry in told]
        return pd.DataFrame([*counted, *self._repeated()], columns=["problem", "count"])

    def _first_rows(self) -> pd.DataFrame:
        """Return the first row of each text of a column that has rules, of each pair of subject and unit, and every row with printed digits."""
        ruled = {key.column for key in contract.OBSERVATIONS.foreign_keys}
        for column in contract.OBSERVATIONS.columns:
            if column.name in self.columns and (column.required or column.values or column.pattern or column.rule):
                ruled.add(column.name)
        asked = [
            f"SELECT min(line) AS line FROM observed GROUP BY {name}"
            for name in sorted(ruled & {*self.columns} - {*NUMBERS})
        ]
        asked.append("SELECT min(line) AS line FROM observed GROUP BY subject, unit")
        for name in (name for name in NUMBERS if name in self.columns):
            blank = "" if name == "value" else f"CAST({name} AS STRING) <> '' AND "
            asked.append(
                f"SELECT min(line) AS line FROM observed WHERE {blank}coalesce(isnan(TRY_CAST({name} AS DOUBLE)), TRUE) GROUP BY {name}"
            )
        if "printed" in self.columns:
            asked.append("SELECT line FROM observed WHERE printed <> ''")
        self.engine.make("first_lines", " UNION ".join(asked), keep=True)
        return self.engine.frame(
            "SELECT o.* FROM observed AS o JOIN first_lines AS f ON o.line = f.line ORDER BY o.line"
        )

    def _counts(self, told: Sequence[Problem]) -> dict[tuple[str, str], int]:
        """Return how many rows have what problems found in a column; only where they found the cell's whole text."""
        counts: dict[tuple[str, str], int] = {}
        for name in {entry.column for entry in told if entry.column in self.columns}:
            texts = pd.DataFrame({"found": sorted({str(entry.found) for entry in told if entry.column == name})})
            self.engine.give("found", texts)
            cell = f"coalesce(CAST(o.{name} AS STRING), '')"
            query = (
                f"SELECT f.found, count(*) AS n FROM observed AS o JOIN found AS f ON {cell} = f.found GROUP BY f.found"
            )
            counts |= {(name, text): int(count) for text, count in self.engine.frame(query).itertuples(index=False)}
        return counts

    def _repeated(self) -> list[tuple[Problem, int]]:
        """Return the problem of the first row of each subject that repeats a key, with how many rows do."""
        whole = ", ".join(contract.OBSERVATIONS.key)
        twice = f"SELECT subject, max(line) AS line, count(*) - 1 AS times FROM observed GROUP BY {whole} HAVING count(*) > 1"
        found = self.engine.frame(
            f"SELECT subject, min(line) AS line, sum(times) AS n FROM ({twice}) AS t GROUP BY subject ORDER BY 2"
        )
        return [
            (
                Problem("duplicate", *place_of(int(line), self.engine.files), found=subject, details={"key": whole}),
                int(count),
            )
            for subject, line, count in found.itertuples(index=False)
        ]

    def as_of(self, known: date | None = None, entered: date | None = None, keep: bool = False) -> None:
        """Name ``known`` the figures known on a date: one row for each key, as :func:`nq57lab.facts.observations.as_of` has them.

        Notes
        -----
        Most keys have one row; only the rows of the others are put in order.
        """
        engine = self.engine
        texts = engine.frame("SELECT DISTINCT vintage FROM observed")["vintage"].tolist()
        ends = pd.DataFrame({"vintage": texts, "day": [periods.end(text).isoformat() for text in texts]})
        limits = [] if known is None else [f"v.day <= '{known.isoformat()}'"]
        limits += [] if entered is None else [f"o.recorded <= '{entered.isoformat()}'"]
        engine.give("vintages", ends)
        own = ", ".join(
            f"{_number(f'o.{name}') if name in NUMBERS else f'o.{name}'} AS {name}" for name in self.columns
        )
        joined = f"SELECT {own}, v.day AS day FROM observed AS o JOIN vintages AS v ON o.vintage = v.vintage"
        engine.make("admitted", joined + (f" WHERE {' AND '.join(limits)}" if limits else ""))
        engine.make("shared", f"SELECT {KEYS} FROM admitted GROUP BY {KEYS} HAVING count(*) > 1", keep=True)
        same = " AND ".join(f"a.{name} = s.{name}" for name in KEY)
        match = f"(SELECT 1 FROM shared AS s WHERE {same})"
        engine.make("several", f"SELECT * FROM admitted AS a WHERE EXISTS {match}", keep=True)
        later = "recorded DESC, line DESC"
        engine.make("entries", self._best("several", f"{KEYS}, source, vintage", later))
        ranks = " ".join(f"WHEN '{status}' THEN {place}" for place, status in enumerate(contract.STATUSES))
        engine.make("chosen", self._best("entries", KEYS, f"CASE status {ranks} END, day DESC, {later}"))
        names = ", ".join(name for name in self.columns if name != "line")
        single = f"SELECT {names} FROM admitted AS a WHERE NOT EXISTS {match}"
        engine.make("known", f"{single} UNION ALL SELECT {names} FROM chosen", keep)

    def _best(self, rows: str, keys: str, order: str) -> str:
        names = ", ".join([*self.columns, "day"])
        placed = f"row_number() OVER (PARTITION BY {keys} ORDER BY {order}) AS place"
        return f"SELECT {names} FROM (SELECT {names}, {placed} FROM {rows}) AS r WHERE place = 1"


def completeness(engine: Engine, figures: str, leads: Mapping[str, str], areas: Collection[str]) -> pd.DataFrame:
    """Count the figures of each agency and period against those expected.

    Parameters
    ----------
    engine : Engine
    figures : str
        The table of what is known (:meth:`Large.as_of`).
    leads : mapping of str to str
        The agency that leads each subject.
    areas : collection of str
        The areas that report every subject; others are not counted.

    Returns
    -------
    DataFrame
        agency, period, expected (subjects led × areas), observed (pairs of them with a figure), share (0–1).
    """
    led = pd.DataFrame(list(leads.items()), columns=["subject", "agency"])
    engine.give("reporting", pd.DataFrame({"area": sorted(areas)}))
    pairs = f"SELECT DISTINCT subject, area, period FROM {figures} WHERE value IS NOT NULL"
    counted = engine.frame(
        f"SELECT p.subject, p.period, count(*) AS observed FROM ({pairs}) AS p JOIN reporting AS r ON p.area = r.area "
        "GROUP BY p.subject, p.period"
    )
    seen = counted.merge(led, on="subject").groupby(["agency", "period"])["observed"].sum()
    every = pd.MultiIndex.from_product([sorted(set(led["agency"])), sorted(counted["period"].unique())])
    frame = seen.reindex(every, fill_value=0).rename_axis(["agency", "period"]).reset_index()
    frame.insert(2, "expected", frame["agency"].map(led["agency"].value_counts() * len(areas)).astype(int))
    return frame.assign(share=frame["observed"] / frame["expected"])


def rules_of(catalogue: Catalogue) -> pd.DataFrame:
    """Return the rules by which a catalogue's subjects roll up: subject, over_time, over_areas, formula."""
    time, space = (subject_rules(catalogue, name).set_index("subject") for name in ("over_time", "over_areas"))
    return time.rename(columns={"rule": "over_time"}).assign(over_areas=space["rule"]).reset_index()


def quarters(engine: Engine, figures: str, rules: pd.DataFrame, levels: Sequence[Mapping[str, str]] = ()) -> None:
    """Name ``quarters`` the months rolled up to quarters, and areas to the area they belong to, by the catalogue's rules.

    Parameters
    ----------
    engine : Engine
    figures : str
        The table of what is known; only its months are used, all of a subject in one unit.
    rules : DataFrame
        subject, over_time (sum, last, mean, recompute), over_areas (sum, mean, recompute, none), formula.
    levels : sequence of mapping
        Area → the area above it, a mapping a level, lower ones first (communes before provinces).

    Notes
    -----
    ``quarters``: subject, area, item, measure, dims, period (2026-Q2), value (null where a part is missing), months (observed; of a
    parent area the least of its areas'). A quarter needs its three months; a cumulative figure is always its last month's;
    recompute evaluates the subject's formula on its parts' quarters (without item and breakdown), a ratio is never averaged. A parent
    area gets a value where each of its areas has one, and where it has no figure of its own.
    """
    engine.give("rules", rules[["subject", "over_time", "over_areas"]])
    engine.give(
        "calendar",
        _calendar(engine.frame(f"SELECT DISTINCT CAST(period AS STRING) AS period FROM {figures}")["period"]),
    )
    names = ", ".join(f"f.{name} AS {name}" for name in SERIES)
    engine.make(
        "months",
        (
            f"SELECT {names}, over_time, over_areas, c.quarter AS period, "
            "f.value AS value, CASE WHEN c.third = 1 THEN f.value END AS third "
            f"FROM {figures} AS f JOIN rules AS r ON f.subject = r.subject JOIN calendar AS c ON f.period = c.period"
        ),
    )
    groups = ", ".join([*SERIES, "over_time", "over_areas", "period"])
    running = "measure = 'cumulative' AND over_time IN ('sum', 'mean')"
    engine.make(
        "own",
        (
            f"SELECT {groups}, count(value) AS months, CASE WHEN count(value) < 3 THEN NULL "
            f"WHEN over_time = 'last' OR ({running}) THEN max(third) "
            "WHEN over_time = 'sum' THEN sum(value) WHEN over_time = 'mean' THEN sum(value) / 3 END AS value "
            f"FROM months GROUP BY {groups}"
        ),
        keep=True,
    )
    columns = f"{groups}, months, value"
    parts = f"SELECT {columns} FROM own WHERE item = '' AND dims = '' AND over_areas IN ('sum', 'mean', 'recompute')"
    made = [f"SELECT {columns} FROM own"]
    for place, level in enumerate(levels):
        members = pd.DataFrame({"area": list(level), "parent": list(level.values())})
        engine.give(f"level{place}", members.assign(needed=members["parent"].map(members["parent"].value_counts())))
        above = ", ".join("m.parent" if name == "area" else f"p.{name}" for name in groups.split(", "))
        whole = "count(p.value) = max(m.needed) AND p.over_areas"
        engine.make(
            f"above{place}",
            (
                f"SELECT {above.replace('m.parent', 'm.parent AS area')}, min(p.months) AS months, CASE WHEN {whole} = 'sum' THEN sum(p.value) "
                f"WHEN {whole} = 'mean' THEN avg(p.value) END AS value "
                f"FROM ({parts}) AS p JOIN level{place} AS m ON p.area = m.area GROUP BY {above}"
            ),
        )
        free = f"SELECT {columns} FROM above{place} AS a WHERE NOT EXISTS (SELECT 1 FROM own AS o WHERE o.subject = a.subject AND o.area = a.area AND o.item = '' AND o.dims = '')"
        engine.make(f"added{place}", free, keep=True)
        made.append(f"SELECT {columns} FROM added{place}")
        parts += f" UNION ALL {made[-1]}"
    engine.make("rolled", " UNION ALL ".join(made))
    final = ", ".join([*SERIES, "period"])
    _recompute(engine, rules, final)


def _calendar(names: pd.Series) -> pd.DataFrame:
    """Return the quarter of each month among periods, and whether it is the quarter's third."""
    months = names[names.str.fullmatch(r"\d{4}-(?:0[1-9]|1[0-2])")]
    number = months.str[5:].astype(int)
    quarter = months.str[:4] + "-Q" + ((number + 2) // 3).astype(str)
    return pd.DataFrame({"period": months, "quarter": quarter, "third": (number % 3 == 0).astype(int)})


def _recompute(engine: Engine, rules: pd.DataFrame, columns: str) -> None:
    """Name ``quarters`` the rolled-up figures, those of recomputed subjects replaced by their formula of the parts' quarters."""
    wanted = rules[(rules["over_time"] == "recompute") & (rules["formula"] != "")]
    trees = {row.subject: formulas.parse(row.formula) for row in wanted.itertuples()}
    names = {part.name for tree in trees.values() for part in formulas.references(tree)}
    parts = {name: f"part{place}" for place, name in enumerate(sorted(names))}
    written = {subject: _expression(tree, parts) for subject, tree in trees.items()}
    whens = " ".join(f"WHEN {_quoted(subject)} THEN {text}" for subject, text in written.items())
    if not whens:
        engine.make("quarters", f"SELECT {columns}, months, value FROM rolled")
        return
    values = ", ".join(
        f"max(CASE WHEN subject = {_quoted(name)} THEN value END) AS {part}" for name, part in parts.items()
    )
    listed = ", ".join(map(_quoted, parts))
    engine.make(
        "parts",
        f"SELECT area, period, {values} FROM rolled WHERE item = '' AND dims = '' AND subject IN ({listed}) GROUP BY area, period",
        keep=True,
    )
    own = ", ".join(f"r.{name} AS {name}" for name in columns.split(", "))
    engine.make(
        "quarters",
        (
            f"SELECT {own}, r.months AS months, CASE WHEN r.over_time <> 'recompute' THEN r.value "
            f"WHEN r.item = '' AND r.dims = '' THEN CASE r.subject {whens} END END AS value "
            "FROM rolled AS r LEFT JOIN parts AS p ON r.area = p.area AND r.period = p.period"
        ),
    )


class _Text(str):
    """Arithmetic that writes itself as SQL."""

    def __add__(self, other: str) -> "_Text":
        return _Text(f"({self} + {other})")

    def __sub__(self, other: str) -> "_Text":
        return _Text(f"({self} - {other})")

    def __mul__(self, other: str) -> "_Text":  # type: ignore[override]
        return _Text(f"({self} * {other})")

    def __truediv__(self, other: str) -> "_Text":
        return _Text(f"({self} / nullif({other}, 0))")


class _Parts:
    """Resolves a formula's references to columns; one that no quarter can have is told as a lookup that failed."""

    def __init__(self, names: Mapping[str, str]):
        self.names = names

    def one(self, reference: formulas.Reference) -> _Text:
        if reference.where:
            raise LookupError(reference.name)
        return _Text(f"p.{self.names[reference.name]}")

    def many(self, reference: formulas.Reference, dim: str) -> list[_Text]:
        raise LookupError(reference.name)

    def year_earlier(self, reference: formulas.Reference) -> _Text:
        raise LookupError(reference.name)


def _expression(tree: formulas.Node, parts: Mapping[str, str]) -> str:
    try:
        return formulas.evaluate(tree, _Parts(parts), lambda number: _Text(repr(float(number))))
    except LookupError:
        return "NULL"


def _number(cell: str) -> str:
    """Return the number of a cell; null where there is none."""
    return f"CASE WHEN isnan(TRY_CAST({cell} AS DOUBLE)) THEN NULL ELSE TRY_CAST({cell} AS DOUBLE) END"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def levels(parents: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the areas of each level with the area above them, lower levels first (communes before provinces).

    Raises
    ------
    ValueError
        If an area lies above itself.

    Examples
    --------
    >>> levels({"34:01": "VN", "34:01:1": "34:01", "34:01:2": "34:01"})
    [{'34:01:1': '34:01', '34:01:2': '34:01'}, {'34:01': 'VN'}]
    """
    left, order = dict(parents), []
    while left:
        above = set(left.values())
        # What has areas below it that are still to come waits for them, and so do the others of the same parent.
        waiting = {left[area] for area in above if area in left}
        ready = {area: parent for area, parent in left.items() if parent not in waiting and area not in above}
        if not ready:
            raise ValueError(f"areas lie above themselves: {', '.join(sorted(left))}")
        order.append(ready)
        left = {area: parent for area, parent in left.items() if area not in ready}
    return order
