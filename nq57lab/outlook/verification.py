"""Have the probabilities held? Forecasts as made in 2010–2015 on the comparators' history, for targets five years ahead.

The comparators' series in, one row a forecast with its probability and what happened out, then the reliability table and Brier
scores. The comparators are in no calibration: this is a test on other data, with the newest vintage's history (not the vintage of the time).
"""

import numpy as np
import pandas as pd

from nq57lab.base import kept
from nq57lab.facts import comparators
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.comparators import OTHER_VINTAGES
from nq57lab.forecast.bench import scores
from nq57lab.targets.chance import p_met

ORIGINS = range(2010, 2016)
AHEAD = 5
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
SHORTEST, FEWEST = 8, 20
BRIER = ["group", "forecasts", "series", "base_rate", "brier", "brier_base", "skill", "skill_lo", "skill_hi"]
RELIABILITY = ["lower", "upper", "count", "forecast", "observed", "observed_lo", "observed_hi"]


def cases(series: pd.DataFrame, kinds: pd.DataFrame, origins: range = ORIGINS) -> pd.DataFrame:
    """Set targets on every series at every origin.

    Parameters
    ----------
    series : DataFrame
        The comparators': iso3, indicator_key, year, value.
    kinds : DataFrame
        key, direction, kind, lower, upper (``data/comparators/indicators.csv``).

    Returns
    -------
    DataFrame
        indicator_key, iso3, origin, quantile, target, direction, kind, lower, upper, observed, last.

    Notes
    -----
    A target is the last value plus a quantile (10, 25, 50, 75, 90%) of the five-year changes that all countries had made on this indicator up to the
    origin (relative changes for counts and levels, where positive), as an ambition set by looking at others would be. Keys
    of other vintages, and indicators without a better direction, are left out.
    """
    known = kinds.set_index("key")
    kept = series[~series["indicator_key"].str.endswith(OTHER_VINTAGES)]
    rows = []
    for key, part in kept.groupby("indicator_key"):
        if key not in known.index or pd.isna(known.at[key, "direction"]) or int(known.at[key, "direction"]) == 0:
            continue
        about = known.loc[key]
        panel = part.pivot(index="year", columns="iso3", values="value").sort_index()
        panel = panel.reindex(range(panel.index.min(), panel.index.max() + 1))
        relative = about["kind"] in ("level", "count") and bool((panel.min() > 0).all())
        for origin in origins:
            if origin + AHEAD not in panel.index or origin not in panel.index:
                continue
            past = panel.loc[:origin]
            changes = (past / past.shift(AHEAD) if relative else past - past.shift(AHEAD)).to_numpy().ravel()
            changes = changes[~np.isnan(changes)]
            if len(changes) < FEWEST:
                continue
            for country in panel:
                last, came = panel.at[origin, country], panel.at[origin + AHEAD, country]
                if pd.isna(last) or pd.isna(came) or past[country].notna().sum() < SHORTEST:
                    continue
                for quantile in QUANTILES:
                    change = np.quantile(changes, quantile if about["direction"] > 0 else 1 - quantile)
                    target = last * change if relative else last + change
                    ends = {name: about[name] for name in ("direction", "kind", "lower", "upper")}
                    low, high = (
                        float(ends[name]) if pd.notna(ends[name]) and ends[name] != "" else None
                        for name in ("lower", "upper")
                    )
                    if (low is not None and target < low) or (high is not None and target > high):
                        continue
                    rows.append(
                        {"indicator_key": key, "iso3": country, "origin": origin, "quantile": quantile}
                        | {"target": target, "observed": came, "last": last, **ends}
                    )
    return pd.DataFrame(rows)


def verify(series: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """Forecast every case with what was known at its origin and say what happened.

    Returns
    -------
    DataFrame
        The cases with p_met, happened (0 or 1) and reason; refused ones have NaN.
    """
    label = made["indicator_key"] + "|" + made["iso3"] + "|" + made["origin"].astype(str)
    keys = made.assign(id=label)[["id", "indicator_key", "iso3", "origin"]].drop_duplicates("id")
    past = keys.merge(series[["indicator_key", "iso3", "year", "value"]], on=["indicator_key", "iso3"], sort=False)
    past = past[past["year"] <= past["origin"]].assign(period=lambda rows: rows["year"].astype(str))
    targets = made[["target", "direction", "kind", "lower", "upper"]].assign(
        id=label, target_year=made["origin"] + AHEAD
    )
    found = p_met(past[["id", "period", "value"]], targets)
    happened = (made["direction"] * (made["observed"] - made["target"]) >= 0).astype(float)
    return made.assign(p_met=found["p_met"].to_numpy(), reason=found["reason"].to_numpy(), happened=happened.to_numpy())


def of_project(catalogue: Catalogue) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return :func:`summary` of the project's own comparators, kept between runs; empty tables where it has none."""
    series = comparators.unbroken(comparators.load(catalogue.root))
    if series.empty:
        return pd.DataFrame(columns=BRIER), pd.DataFrame(columns=RELIABILITY)
    kinds = comparators.load_indicators(catalogue, series)

    def make() -> dict[str, pd.DataFrame]:
        brier, reliability = summary(verify(series, cases(series, kinds)))
        return {"brier": brier, "reliability": reliability}

    found = kept.tables(catalogue.root / "cache", "kiem-nghiem-xac-suat", (series, kinds), make)
    return found["brier"], found["reliability"]


def summary(verified: pd.DataFrame, count: int = 1000, seed: int = 57) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the Brier scores against the base rate, and the reliability table.

    Returns
    -------
    brier : DataFrame
        :data:`BRIER`: group (all, or a quantile of ambition), skill = 1 − brier / brier_base, skill_lo, skill_hi (95%, countries and indicators drawn
        with replacement).
    reliability : DataFrame
        :data:`RELIABILITY`.

    Notes
    -----
    The base rate of a forecast is the frequency of targets of the same ambition and direction: a forecaster who knew it beforehand and
    nothing else. Pooling easy and hard targets into one base rate would flatter every forecast that knows which is which.
    """
    known = verified[verified["p_met"].notna()]
    cluster = known["indicator_key"] + known["iso3"]
    groups = [("all", known)] + [(f"{q:.0%}", part) for q, part in known.groupby("quantile")]
    rows = [{"group": name} | _brier(part, count, seed) for name, part in groups]
    bins = pd.DataFrame(scores.reliability(known["p_met"].to_numpy(), known["happened"].to_numpy()))
    place = np.minimum((known["p_met"] * 10).astype(int), 9)
    error = [
        _error(known["happened"][place == int(low * 10 + 0.5)], cluster[place == int(low * 10 + 0.5)])
        for low in bins["lower"]
    ]
    bins["observed_lo"] = (bins["observed"] - 1.96 * np.array(error)).clip(lower=0)
    bins["observed_hi"] = (bins["observed"] + 1.96 * np.array(error)).clip(upper=1)
    return pd.DataFrame(rows), bins


def _brier(part: pd.DataFrame, count: int, seed: int) -> dict:
    """Return a group's Brier scores and skill, with the interval of the skill: countries and indicators both drawn with replacement."""
    happened, p = part["happened"].to_numpy(), part["p_met"].to_numpy()
    alike = pd.factorize(part["quantile"].astype(str) + "|" + part["direction"].astype(str))[0]
    own, base = _means(p, happened, alike, np.ones(len(p)))
    rng = np.random.default_rng(seed)
    clusters = [pd.factorize(part[name])[0] for name in ("indicator_key", "iso3")]
    skills = []
    for _ in range(count):
        weight = np.ones(len(p))
        for codes in clusters:
            number = codes.max() + 1
            weight = weight * np.bincount(rng.integers(0, number, number), minlength=number)[codes]
        drawn, rate = _means(p, happened, alike, weight) if weight.any() else (0.0, 0.0)
        if rate > 0:  # a draw in which every like target had one outcome has no skill to speak of
            skills.append(1 - drawn / rate)
    low, high = np.percentile(skills, [2.5, 97.5]) if skills else (np.nan, np.nan)
    counts = {"forecasts": len(part), "series": (part["indicator_key"] + part["iso3"]).nunique()}
    found = {"base_rate": happened.mean(), "brier": own, "brier_base": base}
    return counts | found | {"skill": 1 - own / base if base > 0 else np.nan, "skill_lo": low, "skill_hi": high}


def _means(p: np.ndarray, happened: np.ndarray, alike: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Return the weighted Brier scores of probabilities and of the frequencies of their like."""
    size = np.bincount(alike, weights=weight)
    rate = np.bincount(alike, weights=weight * happened) / np.where(size > 0, size, 1)
    return float(np.average((p - happened) ** 2, weights=weight)), float(
        (size * rate * (1 - rate)).sum() / weight.sum()
    )


def _error(happened: pd.Series, cluster: pd.Series) -> float:
    """Return the standard error of a frequency, clustered by series."""
    apart = (happened - happened.mean()).groupby(cluster).sum()
    return float(np.sqrt((apart**2).sum()) / max(len(happened), 1))
