"""Viet Nam and twelve comparator countries on the same international series: one tidy table, every row with its source.

The file is read once and checked at the boundary; keys that name another vintage or definition stay apart. A second table says
which indicator of the catalogue a key is, and whether it is the same quantity.
"""

from pathlib import Path

import pandas as pd

from nq57lab.base import contract, tables
from nq57lab.base.contract import COMPARATOR_INDICATORS as INDICATORS
from nq57lab.base.contract import COMPARATOR_SERIES as SERIES
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.vintages import Breaks

COLUMNS = SERIES.names
OTHER_VINTAGES = (  # ends of keys that repeat a series
    *("_sdg2020", "_wdi_alt", "_owid2022", "_derived", "_alt", "_wdi2025", "_gso2016", "_old", "2017ppp_wdi"),
    *("110_avh", "110_rgdpna", "110_rnna"),
)
COUNTRIES = {
    "VNM": "Việt Nam",
    "BRA": "Bra-xin",
    "CHL": "Chi-lê",
    "CHN": "Trung Quốc",
    "EST": "E-xtô-ni-a",
    "IDN": "In-đô-nê-xi-a",
    "IND": "Ấn Độ",
    "KOR": "Hàn Quốc",
    "MYS": "Ma-lai-xi-a",
    "PHL": "Phi-líp-pin",
    "POL": "Ba Lan",
    "SGP": "Xinh-ga-po",
    "THA": "Thái Lan",
}


def load(data: Path) -> pd.DataFrame:
    """Read the comparators' series.

    Parameters
    ----------
    data : Path
        The project's ``data`` folder.

    Returns
    -------
    DataFrame
        :data:`COLUMNS` and ``segment`` (:mod:`nq57lab.facts.vintages`), sorted by indicator_key, iso3, year; one row a country, key and year;
        value in the row's unit. Empty where the project compares with no country (no file).

    Raises
    ------
    ProblemError
        When a column is missing, a country is unknown, or a country, key and year stand twice.
    """
    path = data / "comparators" / "series.parquet"
    if not path.exists():
        return pd.DataFrame(columns=[*COLUMNS, "segment"], dtype=object).astype({"year": int, "value": float})
    frame = pd.read_parquet(path)
    found = [
        problem for problem in tables.header_problems(frame, SERIES, path.name) if problem.code == "missing_column"
    ]
    if found:
        raise ProblemError(found)
    countries = SERIES.column("iso3")
    found = [
        Problem(code, path.name, column="iso3", found=text, details={"allowed": ", ".join(countries.values)})
        for code, text in tables.broken(countries, sorted(set(frame["iso3"])))
    ]
    twice = frame[frame.duplicated(list(SERIES.key))]
    found += [
        Problem(
            "duplicate",
            path.name,
            found=f"{row.iso3} {row.indicator_key} {row.year}",
            details={"key": ", ".join(SERIES.key)},
        )
        for row in twice.itertuples()
    ]
    if found:
        raise ProblemError(found)
    rows = frame[COLUMNS].sort_values(["indicator_key", "iso3", "year"], kind="stable", ignore_index=True)
    return rows.assign(segment=_segments(rows, data))


def _segments(rows: pd.DataFrame, data: Path) -> pd.Series:
    """Return the segment of every row, by the catalogue's breaks of the comparators."""
    table = contract.TABLES["breaks"]
    if not (data / table.path).exists():
        return pd.Series("", index=rows.index, dtype=object)
    named = rows.rename(columns={"indicator_key": "subject", "iso3": "area"})
    return Breaks(tables.read(data / table.path, table), "comparators").of(
        named.assign(period=rows["year"].astype(str))
    )


def load_indicators(catalogue: Catalogue, series: pd.DataFrame) -> pd.DataFrame:
    """Read what each key of the series is in the catalogue.

    Parameters
    ----------
    series : DataFrame
        What :func:`load` returns.

    Returns
    -------
    DataFrame
        The columns of :data:`INDICATORS`, one row a key, in the file's order. ``relation`` says whether the key and ``indicator``
        are the same quantity, a near or a different one ("" without an indicator); ``macro_relation`` the same of ``macro``.

    Raises
    ------
    ProblemError
        With every problem of the file, a code that the catalogue lacks and a key of only one of the two files among them.
    """
    label, path = "indicators.csv", catalogue.root / INDICATORS.path
    if series.empty and not path.exists():
        return tables.convert(pd.DataFrame(columns=INDICATORS.names, dtype=str), INDICATORS)
    frame = tables.read(path, INDICATORS, label)
    others = vars(catalogue) | {SERIES.name: series}
    found = [problem for _, problem in tables.references(frame, INDICATORS, label, others)]
    for code, relation in (("indicator", "relation"), ("macro", "macro_relation")):
        apart = frame.index[(frame[code] == "") != (frame[relation] == "")]
        found += [Problem("required", label, int(row) + 2, relation, "") for row in apart]
    broken = catalogue.breaks[catalogue.breaks["store"] == "comparators"]
    found += [
        Problem("reference", "breaks.csv", int(row) + 2, "subject", key, {"target": label})
        for row, key in broken["subject"].items()
        if key not in set(frame["key"])
    ]
    absent = sorted(set(series["indicator_key"]) - set(frame["key"]))
    found += [Problem("reference", "series.parquet", found=key, details={"target": label}) for key in absent]
    if found:
        raise ProblemError(found)
    return frame


def panel(frame: pd.DataFrame, key: str, column: str = "value") -> pd.DataFrame:
    """Return one key as a table of years (rows, ascending) by countries (columns); NaN where nothing was observed.

    With ``column="segment"`` the labels between which nothing is joined.
    """
    rows = frame[frame["indicator_key"] == key]
    rows = rows if column in rows else rows.assign(**{column: ""})  # a table made by hand has no breaks
    return rows.pivot(index="year", columns="iso3", values=column).sort_index()


def unbroken(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of each country's and key's newest segment: a whole series where it has no break."""
    newest = (
        frame.sort_values("year", kind="stable")
        .groupby(["indicator_key", "iso3"], sort=False)["segment"]
        .transform("last")
    )
    return frame[frame["segment"] == newest.reindex(frame.index)]
