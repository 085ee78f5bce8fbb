"""Viet Nam against the comparator countries on one indicator: level, pace, position, and the path that others took from the same level.

The comparators' series and their mapping (:mod:`nq57lab.facts.comparators`) in; tidy tables out. Keys of other vintages stay keys of their own.
"""

import numpy as np
import pandas as pd

HOME = "VNM"
SPAN = 5  # years over which a pace is taken
SLACK = 2  # years that an observation may be older than wished, and a span longer
SERIES = ["key", "iso3", "segment"]  # what is joined: one country's series between two breaks
NEAR = 0.15  # how far from the home level, in shares of it, a country's path may start
POSITIONS = [
    *("key", "indicator", "macro", "name_vi", "short_vi", "unit_vi", "direction", "year", "value", "countries"),
    *("position", "best", "pace", "pace_position", "pace_countries"),
]
SPEEDS = [
    *("key", "name_vi", "short_vi", "unit_vi", "direction", "level", "year", "episodes", "pace", "percentile"),
    *("required", "required_percentile", "fastest", "fastest_pace"),
]


def positions(series: pd.DataFrame, mapping: pd.DataFrame) -> pd.DataFrame:
    """Return level, pace and position of Viet Nam on every key that it has.

    Parameters
    ----------
    series : DataFrame
        :func:`nq57lab.facts.comparators.load`.
    mapping : DataFrame
        :func:`nq57lab.facts.comparators.load_indicators`.

    Returns
    -------
    DataFrame
        key, indicator, macro, name_vi, short_vi, unit_vi, direction, year (Viet Nam's newest), value, countries (with a value in that year or
        at most two years earlier, Viet Nam among them), position (1 is best; ties share the best), best (iso3), pace (units a year), pace_position
        (1 is the fastest in the wished direction), pace_countries. Position is NaN where no direction is better or no other country has a value.
    """
    levels = _latest(series)
    homes = levels[levels["iso3"] == HOME].set_index("key")
    paces = _paces(series, homes["year"])
    levels, paces = _by_key(levels, "value"), _by_key(paces, "pace")
    rows = []
    for entry in mapping[mapping["key"].isin(homes.index)].itertuples():
        level, pace = levels[entry.key], paces.get(entry.key, pd.Series(dtype=float))
        ranked, fast = _order(level, entry.direction), _order(pace, entry.direction)
        rows.append(
            {
                **{
                    name: getattr(entry, name)
                    for name in ("key", "indicator", "macro", "name_vi", "short_vi", "unit_vi", "direction")
                },
                **{"year": int(homes.at[entry.key, "year"]), "value": float(level[HOME]), "countries": len(level)},
                "position": ranked.get(HOME, np.nan) if len(level) > 1 else np.nan,
                "best": ranked.idxmin() if entry.direction and len(level) > 1 else "",
                **{
                    "pace": pace.get(HOME, np.nan),
                    "pace_position": fast.get(HOME, np.nan) if len(pace) > 1 else np.nan,
                },
                "pace_countries": len(pace),
            }
        )
    return pd.DataFrame(rows, columns=POSITIONS)


def latest(series: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return each country's value in Viet Nam's newest year, or its newest of the two years before.

    Returns
    -------
    DataFrame
        Index iso3; year, value.
    """
    return _latest(series[series["indicator_key"] == key]).set_index("iso3")[["year", "value"]]


def _latest(series: pd.DataFrame) -> pd.DataFrame:
    """Return :func:`latest` of every key that Viet Nam has: key, iso3, year, value."""
    rows = _known(series)
    ends = rows["key"].map(rows[rows["iso3"] == HOME].groupby("key")["year"].max())
    near = rows[(rows["year"] <= ends) & (rows["year"] >= ends - SLACK)]
    return near.drop_duplicates(["key", "iso3"], keep="last")


def pace_table(series: pd.DataFrame, key: str, year: int) -> pd.Series:
    """Return each country's mean change a year over the span that ends in a year (or up to two years earlier).

    Returns
    -------
    Series
        Index iso3, units a year; a country without two values that far apart, in one segment of its series, is left out.
    """
    return _paces(series, pd.Series({key: year})).set_index("iso3")["pace"]


def _paces(series: pd.DataFrame, years: pd.Series) -> pd.DataFrame:
    """Return :func:`pace_table` of several keys at once, each to its own year: key, iso3, pace."""
    rows = _known(series)
    until = rows["key"].map(years)
    ends = rows[(rows["year"] <= until) & (rows["year"] >= until - SLACK)]
    pairs = rows.merge(ends.drop_duplicates(["key", "iso3"], keep="last"), on=SERIES, suffixes=("", "_end"))
    apart = pairs["year_end"] - pairs["year"]
    first = pairs[apart.between(SPAN, SPAN + SLACK)].drop_duplicates(["key", "iso3"], keep="last")
    paces = (first["value_end"] - first["value"]) / (first["year_end"] - first["year"])
    return first[["key", "iso3"]].assign(pace=paces).sort_values(["key", "iso3"], ignore_index=True)


def episodes(series: pd.DataFrame, levels: pd.Series) -> pd.DataFrame:
    """Return how fast each other country changed from Viet Nam's level on: one episode a key and country, the one that starts nearest to it.

    Parameters
    ----------
    levels : Series
        Where Viet Nam is, by key. An episode starts within :data:`NEAR` of it, as a share, and lasts :data:`SPAN` years (at most
        :data:`SLACK` more where the year itself was not observed).

    Returns
    -------
    DataFrame
        key, iso3, start_year, start, end_year, end, pace (units a year), by key and pace.
    """
    rows = _known(series)
    others = rows[rows["iso3"] != HOME]
    wanted = others["key"].map(levels)
    starts = others.assign(gap=(others["value"] - wanted).abs())[
        (others["value"] - wanted).abs() <= NEAR * wanted.abs()
    ]
    pairs = starts.merge(others, on=SERIES, suffixes=("_start", "_end"))
    apart = pairs["year_end"] - pairs["year_start"]
    pairs = pairs[apart.between(SPAN, SPAN + SLACK)]
    pairs = pairs.sort_values(["gap", "year_start", "year_end"], kind="stable").drop_duplicates(["key", "iso3"])
    pace = (pairs["value_end"] - pairs["value_start"]) / (pairs["year_end"] - pairs["year_start"])
    names = {"year_start": "start_year", "value_start": "start", "year_end": "end_year", "value_end": "end"}
    columns = ["key", "iso3", "start_year", "start", "end_year", "end", "pace"]
    frame = pairs.assign(pace=pace).rename(columns=names)[columns]
    return frame.sort_values(["key", "pace", "iso3"], kind="stable", ignore_index=True)


def speed_percentile(paces: pd.Series, pace: float, direction: int) -> float:
    """Return the share (per cent) of historical paces that were slower than a pace in the wished direction, ties half.

    Examples
    --------
    >>> speed_percentile(pd.Series([1.0, 2.0, 3.0, 4.0]), 3.0, 1)
    62.5
    """
    if len(paces) == 0 or np.isnan(pace):
        return np.nan
    wished, own = direction * paces.to_numpy(float), direction * pace
    return float(100 * ((wished < own).sum() + 0.5 * (wished == own).sum()) / len(wished))


def speeds(series: pd.DataFrame, mapping: pd.DataFrame, required: dict[str, float] | None = None) -> pd.DataFrame:
    """Return, for every key with a direction, where Viet Nam's pace and the pace its target requires stand in the history of the others.

    Parameters
    ----------
    required : dict, optional
        The required change a year by the catalogue's indicator (only for keys that are the same quantity).

    Returns
    -------
    DataFrame
        key, name_vi, short_vi, unit_vi, direction, level, year, episodes (how many countries started there), pace, percentile, required,
        required_percentile, fastest (iso3), fastest_pace. Percentiles are NaN with fewer than three episodes: too few to compare with.
    """
    levels = _latest(series)
    homes = levels[levels["iso3"] == HOME].set_index("key")
    paces = _by_key(_paces(series, homes["year"]), "pace")
    history_of = dict(iter(episodes(series, homes["value"]).groupby("key")))
    none = episodes(series.head(0), homes["value"])
    rows = []
    for entry in mapping[(mapping["direction"] != 0) & mapping["key"].isin(homes.index)].itertuples():
        level, year = float(homes.at[entry.key, "value"]), int(homes.at[entry.key, "year"])
        history = history_of.get(entry.key, none)
        enough = len(history) >= 3
        pace = float(paces[entry.key].get(HOME, np.nan)) if entry.key in paces else np.nan
        needed = (required or {}).get(entry.indicator, np.nan) if entry.relation == "same" else np.nan
        fastest = history.iloc[(entry.direction * history["pace"]).argmax()] if len(history) else None
        rows.append(
            {
                **{name: getattr(entry, name) for name in ("key", "name_vi", "short_vi", "unit_vi", "direction")},
                **{"level": level, "year": year, "episodes": len(history), "pace": pace},
                "percentile": speed_percentile(history["pace"], pace, entry.direction) if enough else np.nan,
                "required": needed,
                "required_percentile": speed_percentile(history["pace"], needed, entry.direction) if enough else np.nan,
                "fastest": "" if fastest is None else fastest["iso3"],
                "fastest_pace": np.nan if fastest is None else float(fastest["pace"]),
            }
        )
    return pd.DataFrame(rows, columns=SPEEDS)


def _known(series: pd.DataFrame) -> pd.DataFrame:
    """Return the observed rows by year: key, iso3, year, value, segment ("" in a table made by hand, which has no breaks)."""
    rows = series.dropna(subset="value").rename(columns={"indicator_key": "key"}).sort_values("year", kind="stable")
    return rows.reindex(columns=["key", "iso3", "year", "value", "segment"]).fillna({"segment": ""})


def _by_key(rows: pd.DataFrame, column: str) -> dict[str, pd.Series]:
    """Return a column by key, each with the countries as its index."""
    return {str(key): part.set_index("iso3")[column] for key, part in rows.groupby("key", sort=False)}


def _order(values: pd.Series, direction: int) -> pd.Series:
    """Return positions, 1 best, ties sharing the best; empty where no direction is better."""
    return values.rank(ascending=direction < 0, method="min") if direction else pd.Series(dtype=float)
