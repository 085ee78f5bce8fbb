"""Panels: figures of many units (the 63 former provinces, ministries) over years, in large tables that no start reads.

``panels/series.csv`` and ``panels/values.parquet`` in; a year of one series out, or the refusal: a partial list, the top of a table, is shown as
what it is and never ranked, averaged or mapped; neither is a year that has too few units.
"""

from datetime import date
from functools import cached_property

import pandas as pd

from nq57lab.base import contract, periods, tables
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.vintages import Breaks

SERIES, VALUES = contract.TABLES["panel_series"], contract.TABLES["panel_values"]
UNITS = {"63": 63, "ministries": 17}  # how many units a whole table has
# Series of the 63 provinces that speak about the Resolution, in the order of what they say of it.
TELLING = ("papi_8_1", "papi_8_3", "papi_8_2", "dti_rank_2022", "papi_2_1", "papi_5_1")
WHOLE = 0.95  # the share of its units with which a year still stands for all: 60 of 63


class Panels:
    """The panels of a catalogue's data folder, read and checked when first asked for.

    Parameters
    ----------
    catalogue : Catalogue
        Provinces with their successors, sources and breaks.
    """

    def __init__(self, catalogue: Catalogue):
        self._catalogue = catalogue

    @cached_property
    def series(self) -> pd.DataFrame:
        """``series.csv`` by series.

        Raises
        ------
        ProblemError
            With every problem of the file.
        """
        path = self._catalogue.root / SERIES.path
        frame = tables.read(path, SERIES, path.name)
        found = [problem for _, problem in tables.references(frame, SERIES, path.name, vars(self._catalogue))]
        broken = self._catalogue.breaks.query("store == 'panels'")
        found += [
            Problem("reference", "breaks.csv", int(row) + 2, "subject", key, {"target": path.name})
            for row, key in broken["subject"].items()
            if len(frame) and key not in set(frame["series"])  # empty in the snapshot of an edition
        ]
        if found:
            raise ProblemError(found)
        return frame.set_index("series", drop=False)

    @cached_property
    def values(self) -> pd.DataFrame:
        """``values.parquet``: series, unit, unit_name, year, value, note, locator, and ``segment`` (:mod:`nq57lab.facts.vintages`).

        Raises
        ------
        ProblemError
            Where a column or a series is missing, a key stands twice, a unit is none, or a value lies outside its series' bounds.
        """
        path = self._catalogue.root / VALUES.path
        frame = pd.read_parquet(path)
        found = [p for p in tables.header_problems(frame, VALUES, path.name) if p.code == "missing_column"]
        if found:
            raise ProblemError(found)
        frame = frame[VALUES.names]

        def tell(code: str, rows: pd.DataFrame, column: str, **details: str) -> None:
            for row in rows.head(20).to_dict("records"):
                told = f"{row['series']} {row['unit']} {row['year']}: {row[column]}"
                found.append(Problem(code, path.name, column=column, found=told, details=details))

        units = VALUES.column("unit")
        shape = {text for code, text in tables.broken(units, sorted(set(frame["unit"])))}
        shape |= {unit for unit in set(frame["unit"]) if unit.startswith("63:")} - set(self._catalogue.areas["id"])
        tell("reference", frame[frame["unit"].isin(shape)], "unit", target="areas.csv")
        tell("reference", frame[~frame["series"].isin(self.series["series"])], "series", target=SERIES.path)
        tell("duplicate", frame[frame.duplicated(list(VALUES.key))], "year", key=", ".join(VALUES.key))
        ends = frame[["series"]].join(self.series[["lower", "upper"]], on="series")
        outside = (frame["value"] < ends["lower"]) | (frame["value"] > ends["upper"]) | frame["value"].isna()
        tell("values", frame[outside], "value", allowed="series.csv: lower, upper")
        if found:
            raise ProblemError(found)
        named = frame.rename(columns={"series": "subject", "unit": "area"})
        named = named.assign(period=frame["year"].astype(str), source="")
        return frame.assign(segment=Breaks(self._catalogue.breaks, "panels").of(named))

    def has(self, series: str) -> bool:
        """Tell whether there is such a series; a data folder without panels has none."""
        return (self._catalogue.root / SERIES.path).exists() and series in self.series.index

    def about(self, series: str) -> pd.Series:
        """Return a series' row of ``series.csv``.

        Raises
        ------
        ProblemError
            If there is no such series.
        """
        if series not in self.series.index:
            raise ProblemError([Problem("reference", found=series, details={"target": SERIES.path})])
        return self.series.loc[series]

    def rows(self, series: str) -> pd.DataFrame:
        """Return every row of a series, a partial list too: unit, unit_name, year, value, note, locator, segment; by year, then unit."""
        self.about(series)
        rows = self.values[self.values["series"] == series].drop(columns="series")
        return rows.sort_values(["year", "unit"], kind="stable", ignore_index=True)

    def refusal(self, series: str, year: int) -> str:
        """Return the code of why a series' year may not be ranked, averaged or mapped: panel_partial, panel_thin; "" where it may."""
        about, here = self.about(series), self.rows(series).query("year == @year")
        if about["coverage"] == "partial":
            return "panel_partial"
        return "" if len(here) >= WHOLE * UNITS[about["geography"]] else "panel_thin"

    def newest_whole(self, series: str, known: date) -> int | None:
        """Return the newest year of a series that stands for all units and was published by a day; None for none, or no such series."""
        if not self.has(series) or periods.end(str(self.about(series)["vintage"])) > known:
            return None
        years = sorted(set(self.rows(series)["year"]), reverse=True)
        return next((int(year) for year in years if not self.refusal(series, year)), None)

    def whole(self, series: str, year: int) -> pd.Series:
        """Return a year of a series by unit, where it stands for all units: what may be ranked, averaged, mapped.

        Raises
        ------
        ProblemError
            For a partial list and for a year with fewer than 95% of the units, with what it holds.
        """
        if code := self.refusal(series, year):
            about, count = self.about(series), int((self.rows(series)["year"] == year).sum())
            told = {"holds": about["coverage_vi"], "count": count, "all": UNITS[about["geography"]]}
            raise ProblemError([Problem(code, SERIES.path, found=f"{series} {year}", details=told)])
        here = self.rows(series).query("year == @year").set_index("unit")["value"]
        return here.rename(series)

    def ranks(self, series: str, year: int) -> pd.Series:
        """Return the units' ranks of a year, 1 the best, ties sharing the best; of a series without a better direction none."""
        direction = self.about(series)["direction"]
        return (
            self.whole(series, year).rank(ascending=direction < 0, method="min")
            if direction
            else pd.Series(dtype=float)
        )

    def change(self, series: str, first: int, last: int) -> pd.Series:
        """Return each unit's change between two years; a unit with a break between them is left out.

        Raises
        ------
        ProblemError
            Where a year may not stand for all, or every unit has a break between the years.
        """
        values = {year: self.whole(series, year) for year in (first, last)}
        parts = self.rows(series).pivot(index="unit", columns="year", values="segment")
        joined = parts.index[parts[first] == parts[last]]
        found = (values[last] - values[first]).reindex(joined).dropna()
        if found.empty:
            raise ProblemError([Problem("panel_broken", "breaks.csv", found=f"{series} {first}-{last}")])
        return found

    def merged(self, series: str, year: int) -> pd.Series:
        """Return a year by the 34 provinces of 2025, where the rules allow it.

        Returns
        -------
        Series
            By area (``34:01``). A sum (``over_areas`` is sum) of all the parts of a province, NaN where one of them is missing; of a score, a share
            or a rank only the provinces that no merger changed: an average of scores is not the score of the whole.

        Raises
        ------
        ProblemError
            As :meth:`whole`, and for units that are no provinces.
        """
        about, values = self.about(series), self.whole(series, year)
        if about["geography"] != "63":
            raise ProblemError([Problem("panel_no_provinces", SERIES.path, found=series)])
        areas = self._catalogue.areas
        old = areas[areas["id"].str.startswith("63:")].set_index("id")["successor"]
        parts = values.reindex(old.index).groupby(old)
        if about["over_areas"] == "sum":
            return parts.sum(min_count=1).where(parts.count() == parts.size())
        return parts.first().where(parts.size() == 1)
