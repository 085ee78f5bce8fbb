"""What is plausible: the bounds of a unit or subject, and the questions that a figure raises beside the last one and its parts.

New rows, the store's figures and the catalogue in; problems (refused) and questions (to be answered in the row's note, or for the
whole file by ``--accept``) out. Bounds are rows of ``bounds.csv``: a subject's before its unit's before its unit's family's.
"""

import numpy as np
import pandas as pd

from nq57lab.base import periods, wording
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.shares import shares_of

JUMP = 10.0
PART_OF = 1000.0
OLD = 30  # years between a period and its publication; the store's widest is 49, of long series that are official
_SERIES = ["subject", "area", "item", "measure", "dims"]
Found = tuple[int, str, str, str, dict[str, object]]  # place, code, column, found, details


def bounds(frame: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Return least, most, beyond and reason of each row, in the row's unit; NaN where nothing bounds it."""
    names = ["least", "most", "beyond", "reason"]
    units = {row.unit: (row.family, float(row.factor)) for row in catalogue.units.itertuples()}
    known = {(row.kind, row.code): row for row in catalogue.bounds.itertuples()}
    found = {}
    for subject, unit in set(zip(frame["subject"], frame["unit"], strict=True)):
        family, factor = units.get(unit, ("", 1.0))
        row = known.get(("subject", subject)) or known.get(("unit", unit))
        scale, row = (1.0, row) if row else (factor, known.get(("family", family)))
        sides = (float(row.least) / scale, float(row.most) / scale) if row else (np.nan, np.nan)
        found[subject, unit] = (*sides, row.beyond, row.reason) if row else (*sides, np.nan, np.nan)
    rows = [found[pair] for pair in zip(frame["subject"], frame["unit"], strict=True)]
    return pd.DataFrame(rows, index=frame.index, columns=names).astype({"least": float, "most": float})


def bound_problems(frame: pd.DataFrame, catalogue: Catalogue) -> tuple[list[Found], list[Found]]:
    """Return the values beyond their bounds: those refused, and those asked about."""
    family = dict(zip(catalogue.units["unit"], catalogue.units["family"], strict=True))
    own = frame["subject"].map(catalogue.subject_units).map(family)
    limits = bounds(frame, catalogue).where(
        own.isna() | (own == frame["unit"].map(family))
    )  # another unit is told before
    refused, asked = list[Found](), list[Found]()
    for name in ("value", "value_high"):
        below, above = frame[name] < limits["least"], frame[name] > limits["most"]
        for place in frame.index[below | above]:
            least, most = (shown(limits.at[place, side]) for side in ("least", "most"))
            details = {
                "least": least,
                "most": most,
                "unit": frame.at[place, "unit"],
                "reason": limits.at[place, "reason"],
            }
            found = (int(place), "bounds", name, shown(frame.at[place, name]), details)
            if below[place] or limits.at[place, "beyond"] == "refuse":
                refused.append(found)
            else:
                asked.append((found[0], "ask_bounds", *found[2:]))
    return refused, asked


def shown(value: float) -> str:
    """Return a number as Vietnamese writing has it; … where there is none."""
    if value != value:
        return "…"
    return wording.number(value, wording.decimals_of(f"{value:.10g}".replace(".", ",")) if abs(value) < 1e15 else 0)


def questions(frame: pd.DataFrame, existing: pd.DataFrame, catalogue: Catalogue) -> list[Found]:
    """Return what a new figure raises beside the last one, its whole, and its own writing."""
    growth = _growth(catalogue)
    jumps, settled = _jumps(frame, existing, catalogue, growth)
    return [
        *bound_problems(frame, catalogue)[1],
        *jumps,
        *_fractions(frame, settled, growth),
        *_thin_parts(frame, existing, catalogue),
        *_odd_periods(frame),
        *_negatives(frame, existing, catalogue),
        *_former_areas(frame, catalogue),
    ]


def _former_areas(frame: pd.DataFrame, catalogue: Catalogue) -> list[Found]:
    """Return figures of an area for a period that began after it had ended: a former province, perhaps meant as the present one."""
    areas = catalogue.areas.set_index("id")
    ended = spans(frame["area"].map(areas["valid_to"]).fillna(""))["end"]
    here = (spans(frame["period"])["start"] > ended) & (frame["status"] != "official")
    names = areas["name_vi"] + " (" + areas.index + ")"
    return [
        (
            int(place),
            "ask_area",
            "area",
            str(names[frame.at[place, "area"]]),
            {"until": areas["valid_to"][frame.at[place, "area"]]},
        )
        for place in frame.index[here]
    ]


def _odd_periods(frame: pd.DataFrame) -> list[Found]:
    """Return flows of a single day; when published, flows less than half over and stocks not in their last month; old periods; school years."""
    days, found = spans(frame["period"]), list[Found]()
    issued = spans(frame["vintage"])["end"]
    flow = frame["measure"] == "flow"
    middle = days["start"] + (days["end"] - days["start"]) / 2
    stock = frame["measure"] == "stock"
    since = middle.where(~stock, days["end"].dt.to_period("M").dt.start_time)
    early = (flow | stock) & (frame["status"] != "estimate") & (issued < since)
    old = (frame["status"] != "official") & (issued - days["end"] > pd.Timedelta(days=365.25 * OLD))
    years = frame["period"].str.extract(r"^([0-9]{4})/([0-9]{4})$").astype(float)
    asked = {"ask_day": flow & (days["start"] == days["end"]), "ask_unfinished": early, "ask_old": old}
    asked["ask_school_year"] = years[1] - years[0] == 1
    for code, here in asked.items():
        for place in frame.index[here]:
            row = frame.loc[place]
            found.append((int(place), code, "period", row["period"], {"vintage": row["vintage"], "years": OLD}))
    return found


def _negatives(frame: pd.DataFrame, existing: pd.DataFrame, catalogue: Catalogue) -> list[Found]:
    """Return amounts of money below zero of subjects that never were."""
    family = dict(zip(catalogue.units["unit"], catalogue.units["family"], strict=True))
    money = frame["unit"].map(family).isin(["money_vnd", "money_usd"]) & (frame["value"] < 0)
    usual = set(existing["subject"][existing["value"] < 0])
    return [
        (int(place), "ask_negative", "value", shown(frame.at[place, "value"]), {})
        for place in frame.index[money & ~frame["subject"].isin(usual)]
    ]


def spans(column: pd.Series) -> pd.DataFrame:
    """Return the first and last day of each period; NaT where it is none."""
    known: dict[str, tuple] = {}
    for text in set(column):
        try:
            known[text] = tuple(map(pd.Timestamp, periods.bounds(text)))
        except ValueError:
            known[text] = (pd.NaT, pd.NaT)
    return pd.DataFrame([known[text] for text in column], index=column.index, columns=["start", "end"])


def _growth(catalogue: Catalogue) -> set[str]:
    """Return the subjects that are rates of growth: a figure of them may be ten times the last one."""
    own = catalogue.bounds
    return set(own["code"][(own["kind"] == "subject") & (own["least"].astype(float) < 0)])


def _ends(column: pd.Series) -> pd.DataFrame:
    """Return the last day and the length in days of each period; NaT where it is none."""
    found = spans(column)
    months = ((found["end"] - found["start"]).dt.days / 30.4).round()
    return found[["end"]].assign(months=months.fillna(0).astype(int))


def _jumps(
    frame: pd.DataFrame, existing: pd.DataFrame, catalogue: Catalogue, growth: set[str]
) -> tuple[list[Found], set[int]]:
    """Return figures more than tenfold, or less than a tenth, of the last one; and the places that have a last one near them."""
    factor = dict(zip(catalogue.units["unit"], catalogue.units["factor"].astype(float), strict=True))
    subjects = set(frame["subject"]) - growth
    new = frame[frame["subject"].isin(subjects)]
    old = existing[existing["subject"].isin(subjects)]
    if new.empty:
        return [], set()
    both = pd.concat([old.assign(place=-1), new.assign(place=new.index, id="")], ignore_index=True)
    both["base"] = both["value"] * both["unit"].map(factor)
    both = both.join(_ends(both["period"])).dropna(subset=["base", "end"])
    both = both[(both["base"] != 0) | (both["place"] >= 0)].sort_values(["end", "place"], kind="stable")
    own = both[["base", "value", "period", "unit"]].where(both["base"] != 0)  # the last one that is not zero
    series = [both[name] for name in (*_SERIES, "months")]
    last = own.groupby(series, sort=False).ffill().groupby(series, sort=False).shift()
    both[["before", "shown", "since", "was"]] = last
    mine = both[(both["place"] >= 0) & both["before"].notna()]
    ratio = (mine["base"] / mine["before"]).abs()
    gone = (mine["base"] == 0) & (mine["before"].abs() < JUMP * mine["unit"].map(factor))  # a few may become none
    far = mine[((ratio > JUMP) | (ratio < 1 / JUMP)) & ~gone]
    found = [
        (
            int(row.place),
            "ask_jump",
            "value",
            f"{shown(row.value)} {row.unit}",
            {"before": f"{shown(row.shown)} {row.was}", "period": row.since},
        )
        for row in far.itertuples()
    ]
    return found, set(mine["place"]) - set(far["place"])


def _fractions(frame: pd.DataFrame, settled: set[int], growth: set[str]) -> list[Found]:
    """Return per cents between 0 and 1 that no earlier figure makes likely: perhaps a fraction (0,848 for 84,8%)."""
    here = (frame["unit"] == "%") & (frame["value"] > 0) & (frame["value"] < 1) & ~frame["subject"].isin(growth)
    return [
        (
            int(place),
            "ask_fraction",
            "value",
            shown(frame.at[place, "value"]),
            {"percent": shown(frame.at[place, "value"] * 100)},
        )
        for place in frame.index[here]
        if place not in settled
    ]


def _thin_parts(frame: pd.DataFrame, existing: pd.DataFrame, catalogue: Catalogue) -> list[Found]:
    """Return parts below a thousandth of their whole, of one area, period, item and breakdown."""
    keys = ["area", "item", "period", "dims"]
    factor = dict(zip(catalogue.units["unit"], catalogue.units["factor"].astype(float), strict=True))
    given = set(frame["subject"])
    pairs = [(part, whole, code) for code, part, whole in shares_of(catalogue) if given & {part, whole}]
    touched = {subject for part, whole, _ in pairs for subject in (part, whole)}
    if not pairs:
        return []
    columns = ["subject", *keys, "value", "unit", "place"]
    both = pd.concat([existing.assign(place=-1)[columns], frame.assign(place=frame.index)[columns]], ignore_index=True)
    both = both[both["subject"].isin(touched)].drop_duplicates(["subject", *keys], keep="last")
    both["base"] = both["value"] * both["unit"].map(factor)
    table = pd.DataFrame(pairs, columns=["part", "whole", "code"])
    table = table.merge(both, left_on="part", right_on="subject").merge(
        both, left_on=["whole", *keys], right_on=["subject", *keys], suffixes=("", "_whole")
    )
    thin = table[
        (table["base"] > 0)
        & (table["base"] * PART_OF < table["base_whole"])
        & (table[["place", "place_whole"]].max(axis=1) >= 0)
    ]
    return [
        (
            int(row.place if row.place >= 0 else row.place_whole),
            "ask_part",
            "value",
            f"{shown(row.value)} {row.unit}",
            {
                "part": row.part,
                "whole": f"{row.whole} ({shown(row.value_whole)} {row.unit_whole})",
                "indicator": row.code,
            },
        )
        for row in thin.drop_duplicates(["place", "place_whole"]).itertuples()
    ]
