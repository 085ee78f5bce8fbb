"""Viet Nam against the comparator countries on one indicator: level, pace, position, and the path that others took from the same level.

The comparators' series and their mapping (:mod:`nq57lab.facts.comparators`) in; tidy tables out. Keys of other vintages stay keys of their own.
"""

import numpy as np
import pandas as pd

from nq57lab.facts import comparators

HOME = "VNM"
SPAN = 5  # years over which a pace is taken
SLACK = 2  # years that an observation may be older than wished, and a span longer
NEAR = 0.15  # how far from the home level, in shares of it, a country's path may start


def positions(series: pd.DataFrame, mapping: pd.DataFrame, span: int = SPAN) -> pd.DataFrame:
    """Return level, pace and position of Viet Nam on every key that it has.

    Parameters
    ----------
    series : DataFrame
        :func:`nq57lab.facts.comparators.load`.
    mapping : DataFrame
        :func:`nq57lab.facts.comparators.load_indicators`.
    span : int
        Years of the pace.

    Returns
    -------
    DataFrame
        key, indicator, macro, name_vi, short_vi, unit_vi, direction, year (Viet Nam's newest), value, countries (with a value in that year or
        at most two years earlier, Viet Nam among them), position (1 is best; ties share the best), best (iso3), pace (units a year), pace_position
        (1 is the fastest in the wished direction), pace_countries. Position is NaN where no direction is better or no other country has a value.
    """
    rows = []
    for entry in mapping.itertuples():
        levels = latest(series, entry.key)
        if HOME not in levels.index:
            continue
        year, value = int(levels.at[HOME, "year"]), float(levels.at[HOME, "value"])
        paces = pace_table(series, entry.key, year, span)
        home = paces.get(HOME, np.nan)
        ranked, fast = _order(levels["value"], entry.direction), _order(paces, entry.direction)
        rows.append(
            {
                **{
                    name: getattr(entry, name)
                    for name in ("key", "indicator", "macro", "name_vi", "short_vi", "unit_vi", "direction")
                },
                **{"year": year, "value": value, "countries": len(levels)},
                "position": ranked.get(HOME, np.nan) if len(levels) > 1 else np.nan,
                "best": ranked.idxmin() if entry.direction and len(levels) > 1 else "",
                **{"pace": home, "pace_position": fast.get(HOME, np.nan) if len(paces) > 1 else np.nan},
                "pace_countries": len(paces),
            }
        )
    return pd.DataFrame(rows)


def latest(series: pd.DataFrame, key: str, slack: int = SLACK) -> pd.DataFrame:
    """Return each country's value in Viet Nam's newest year, or its newest of the two years before.

    Returns
    -------
    DataFrame
        Index iso3; year, value.
    """
    rows = series[series["indicator_key"] == key]
    home = rows[rows["iso3"] == HOME]
    if home.empty:
        return pd.DataFrame(columns=["year", "value"])
    year = home["year"].max()
    near = rows[(rows["year"] <= year) & (rows["year"] >= year - slack)]
    return (
        near.sort_values("year", kind="stable")
        .drop_duplicates("iso3", keep="last")
        .set_index("iso3")[["year", "value"]]
    )


def pace_table(series: pd.DataFrame, key: str, year: int, span: int = SPAN, slack: int = SLACK) -> pd.Series:
    """Return each country's mean change a year over the span that ends in a year (or up to two years earlier).

    Returns
    -------
    Series
        Index iso3, units a year; a country without two values that far apart, in one segment of its series, is left out.
    """
    panel, parts = comparators.panel(series, key), comparators.panel(series, key, "segment")
    result = {}
    for iso3, values in panel.items():
        known = values.dropna()
        last = known[(known.index <= year) & (known.index >= year - slack)]
        if last.empty:
            continue
        end = last.index[-1]
        joined = known[parts[iso3].reindex(known.index) == parts.at[end, iso3]]
        first = joined[(joined.index <= end - span) & (joined.index >= end - span - slack)]
        if len(first):
            result[str(iso3)] = (known[end] - first.iloc[-1]) / (end - first.index[-1])
    return pd.Series(result, dtype=float)


def episodes(
    series: pd.DataFrame, key: str, level: float, span: int = SPAN, near: float = NEAR, slack: int = SLACK
) -> pd.DataFrame:
    """Return how fast each other country changed from the level on: one episode a country, the one that starts nearest to the level.

    Parameters
    ----------
    level : float
        Where Viet Nam is.
    span : int
        Years of the episode (at most two more where the year itself was not observed).
    near : float
        How far from the level an episode may start, as a share of it.

    Returns
    -------
    DataFrame
        iso3, start_year, start, end_year, end, pace (units a year), by pace.
    """
    rows, parts = [], comparators.panel(series, key, "segment")
    for iso3, values in comparators.panel(series, key).drop(columns=HOME, errors="ignore").items():
        known = values.dropna()
        starts = known[(known - level).abs() <= near * abs(level)]
        found = []
        for start, value in starts.items():
            joined = known[parts[iso3].reindex(known.index) == parts.at[start, iso3]]
            later = joined[(joined.index >= start + span) & (joined.index <= start + span + slack)]
            if len(later):
                end = later.index[0]
                found.append(
                    (
                        abs(value - level),
                        iso3,
                        start,
                        value,
                        end,
                        later.iloc[0],
                        (later.iloc[0] - value) / (end - start),
                    )
                )
        rows += sorted(found)[:1]
    columns = ["gap", "iso3", "start_year", "start", "end_year", "end", "pace"]
    frame = pd.DataFrame(rows, columns=columns).drop(columns="gap")
    return frame.sort_values(["pace", "iso3"], kind="stable", ignore_index=True)


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
    rows = []
    for entry in mapping[mapping["direction"] != 0].itertuples():
        levels = latest(series, entry.key)
        if HOME not in levels.index:
            continue
        level, year = float(levels.at[HOME, "value"]), int(levels.at[HOME, "year"])
        history = episodes(series, entry.key, level)
        enough = len(history) >= 3
        pace = float(pace_table(series, entry.key, year).get(HOME, np.nan))
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
    return pd.DataFrame(rows)


def _order(values: pd.Series, direction: int) -> pd.Series:
    """Return positions, 1 best, ties sharing the best; empty where no direction is better."""
    return values.rank(ascending=direction < 0, method="min") if direction else pd.Series(dtype=float)
