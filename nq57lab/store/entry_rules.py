"""Rules that a new figure must keep: possible values, parts within wholes, periods that have begun, corrections with their reason.

New rows, the catalogue and the store's rows in; every problem out, at its row and column. The store is trusted; only what is new is judged.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pandas as pd

from nq57lab.base import contract
from nq57lab.base.problems import Problem
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.observations import KEY
from nq57lab.facts.shares import shares_of
from nq57lab.store.entries import MAX_TEXT, Batch, subjects
from nq57lab.store.rules import plausible, said
from nq57lab.store.typed import plain_number

SAME_ISSUE = [*KEY, "vintage", "source"]
FIGURE = ["qualifier", "value", "value_high", "unit"]
_SIGNS = [
    ("formula_text", re.compile(r"^\s*(?:[=@\t\r]|[+\-|](?=[A-Za-z(=@])|[+\-]\d+[+\-*/^])|\|.*!\s*\$?[A-Z]+\$?\d")),
    (
        "html_text",
        re.compile(
            r"<[/!?]?[A-Za-z][^<>]*>|<(?:script|img|iframe|svg|object)\b|javascript:|&(?:#\w+|lt|gt|quot);", re.I
        ),
    ),
    ("yaml_text", re.compile(r"!!?[a-z]+[/:]|!![a-z]+")),
    ("control_text", re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")),
]
_SUSPECT = re.compile(
    r"[=@+\-|<&!\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|javascript:", re.I
)  # part of every sign
_TEXTS = [
    column.name
    for column in contract.OBSERVATIONS.columns
    if column.type == "string" and not column.values and column.rule != "calendar"
]


class _Found:
    """Collects problems with their row, so that they can be told in the file's order."""

    def __init__(self, batch: Batch):
        self.batch, self.rows = batch, list[tuple[int, Problem]]()
        self.unread = {place for place, _ in batch.wrong}
        self.files, self.numbers = (batch.places[name].tolist() for name in ("file", "row"))

    def add(self, code: str, place: int, column: str, cell: object, **details: object) -> None:
        if (place, column) not in self.batch.wrong and not (code == "two_values" and place in self.unread):
            file, row = self.files[place], int(self.numbers[place])
            self.rows.append((place, Problem(code, file, row, column, str(cell)[:80], details)))

    def ordered(self) -> list[Problem]:
        return [problem for _, problem in sorted(self.rows, key=lambda pair: pair[0])]


def suspect(cell: str) -> list[str]:
    """Return the codes of what a cell of text would be taken for ("formula_text", "html_text" …) or "long_text"."""
    found = [code for code, pattern in _SIGNS if pattern.search(cell)] if _SUSPECT.search(cell) else []
    return [*found, "long_text"] if len(cell) > MAX_TEXT else found


def text_problems(batch: Batch) -> list[Problem]:
    """Return cells of text that a spreadsheet, a page or a parser would take for more than text, or that are too long."""
    found = _Found(batch)
    for name in _TEXTS:
        cells = batch.frame[name].tolist()
        suspects = {cell for cell in set(cells) if _SUSPECT.search(cell)}
        for code, pattern in _SIGNS:
            bad = {cell for cell in suspects if pattern.search(cell)}
            for place, cell in enumerate(cells) if bad else ():
                if cell in bad:
                    found.add(code, place, name, ascii(cell)[1:-1] if code == "control_text" else cell)
        for place, cell in enumerate(cells):
            if len(cell) > MAX_TEXT:
                found.add("long_text", place, name, cell[:40] + "…", limit=MAX_TEXT)
    return found.ordered()


def value_problems(batch: Batch, frame: pd.DataFrame, catalogue: Catalogue, today: date) -> list[Problem]:
    """Return values that their subject's kind and unit make impossible, periods to come, and twins within the file."""
    found, facts = _Found(batch), subjects(catalogue)
    for place, code, name, cell, details in plausible.bound_problems(frame, catalogue)[0]:
        found.add(code, place, name, cell, **details)
    kinds = dict(zip(catalogue.indicators["code"], catalogue.indicators["kind"], strict=True))
    family, kind = frame["unit"].map(facts.family), frame["subject"].map(kinds)
    for name in ("value", "value_high"):
        number = frame[name]
        exact = (family == "count") & (frame["qualifier"] != "~") & (frame["status"] != "official")
        for place in frame.index[exact & (number % 1 != 0) & number.notna()]:
            found.add("count_whole", place, name, plain_number(number[place]), unit=frame.at[place, "unit"])
        for place in frame.index[((family == "rank") | (kind == "rank")) & (number % 1 != 0) & number.notna()]:
            found.add("rank_range", place, name, f"{number[place]:g}")
        for place in frame.index[number.abs() == float("inf")]:
            found.add("bad_number", place, name, number[place])
    for place in frame.index[frame["value_high"] < frame["value"]]:
        found.add("range_order", place, "value_high", f"{frame.at[place, 'value_high']:g}")
    _check_dates(frame, found, today)
    spans = plausible.spans(frame["period"]).astype(str)
    keys = frame[SAME_ISSUE].assign(period=spans["start"] + spans["end"])  # one span may be written in two ways
    for _, rows in keys[keys.duplicated(keep=False)].groupby(SAME_ISSUE, sort=False):
        first, *others = rows.index
        for place in others:
            details = {"row": int(batch.places["row"].iat[first]), "value": f"{frame.at[first, 'value']:g}"}
            found.add("two_values", place, "value", f"{frame.at[place, 'value']:g}", **details)
    for name in ("source", "vintage"):
        for place in frame.index[frame[name] != frame[name].iloc[0]]:
            found.add("mixed_file", place, name, frame.at[place, name], first=frame[name].iloc[0])
    for place in frame.index[(frame["source"] != "") & ~frame["source"].str.fullmatch(r"[A-Za-z0-9_]+")]:
        found.add("pattern", place, "source", frame.at[place, "source"], shape="mã nguồn chỉ gồm chữ, số và _")
    return found.ordered()


def question_problems(
    batch: Batch, frame: pd.DataFrame, existing: pd.DataFrame, catalogue: Catalogue
) -> tuple[list[Problem], list[Problem]]:
    """Return what new figures raise (:func:`plausible.questions`): what nobody has answered, and what the row's note answers."""
    asked, answered = _Found(batch), _Found(batch)
    for place, code, name, cell, details in plausible.questions(frame, existing, catalogue):
        (answered if frame.at[place, "note"] else asked).add(code, place, name, cell, **details)
    first = frame.index[0]
    for column in dict.fromkeys(one.column for one in batch.titled):
        titled = [one for one in batch.titled if one.column == column]
        if not any(said.agrees(one, value) for one in titled for value in frame[column].unique()):
            words = ", ".join(dict.fromkeys(one.text for one in titled))[:120]
            (answered if frame.at[first, "note"] else asked).add(
                "ask_title", first, column, frame.at[first, column], titled=words
            )
    return asked.ordered(), answered.ordered()


def _check_dates(frame: pd.DataFrame, found: _Found, today: date) -> None:
    """Note the dates to come: a vintage or verification after today, a period that had not begun when it was published."""
    start, issued = plausible.spans(frame["period"])["start"], plausible.spans(frame["vintage"])["start"]
    known, now = plausible.spans(frame["vintage"])["end"], pd.Timestamp(today)
    for place in frame.index[issued > now]:
        found.add("future_vintage", place, "vintage", frame.at[place, "vintage"], today=today.isoformat())
    for place in frame.index[(frame["status"] != "estimate") & (start > known.clip(upper=now))]:
        found.add("future_period", place, "period", frame.at[place, "period"], vintage=frame.at[place, "vintage"])
    for place in frame.index[frame["verified_on"] > today.isoformat()]:
        found.add("future_vintage", place, "verified_on", frame.at[place, "verified_on"], today=today.isoformat())


def decision_problems(batch: Batch, frame: pd.DataFrame) -> list[Problem]:
    """Return verified rows without who, when, evidence and decision, and public rows without their decision."""
    found = _Found(batch)
    verified = frame["status"] == "verified"
    for name in ("verified_by", "verified_on", "evidence", "decision"):
        for place in frame.index[verified & (frame[name] == "")]:
            found.add("verified_needs", place, name, "")
    for name in ("verified_by", "verified_on"):
        for place in frame.index[~verified & (frame[name] != "")]:
            found.add("verified_only", place, name, frame.at[place, name])
    for place in frame.index[
        (frame["public"] == "yes") & (frame["status"] != "official") & (frame["public_decision"] == "")
    ]:
        found.add("public_needs", place, "public_decision", "")
    return found.ordered()


def part_problems(batch: Batch, frame: pd.DataFrame, existing: pd.DataFrame, catalogue: Catalogue) -> list[Problem]:
    """Return new parts above their whole, and wholes below their part, of one area, period, item and breakdown."""
    found, keys = _Found(batch), ["area", "item", "period", "dims"]
    factor = dict(zip(catalogue.units["unit"], catalogue.units["factor"], strict=True))
    given = set(frame["subject"])
    pairs_of = [(code, part, whole) for code, part, whole in shares_of(catalogue) if given & {part, whole}]
    touched = {subject for _, part, whole in pairs_of for subject in (part, whole)}
    new, old = frame[frame["subject"].isin(touched)], existing[existing["subject"].isin(touched)]
    new = new.assign(place=new.index, base=new["value"] * new["unit"].map(factor).astype(float))
    old = old.assign(place=-1, base=old["value"] * old["unit"].map(factor).astype(float))
    both = pd.concat([old, new], ignore_index=True).drop_duplicates(["subject", *keys], keep="last")
    pairs = pd.DataFrame(pairs_of, columns=["code", "part", "whole"])
    both["key"] = both.groupby(keys, sort=False).ngroup()
    both = both[["subject", "key", "place", "base", "value", "qualifier"]]
    pairs = pairs.merge(both, left_on="part", right_on="subject")
    pairs = pairs.merge(both, left_on=["whole", "key"], right_on=["subject", "key"], suffixes=("_part", "_whole"))
    over = pairs[(pairs["base_part"] > pairs["base_whole"]) & (pairs[["place_part", "place_whole"]].max(axis=1) >= 0)]
    over = over[~over["qualifier_part"].isin(["<", "<="]) & ~over["qualifier_whole"].isin([">", ">="])]
    for row in over.itertuples():
        place = row.place_part if row.place_part >= 0 else row.place_whole
        details = {"part": row.part, "whole": row.whole, "limit": f"{row.value_whole:g}", "indicator": row.code}
        found.add("part_above_whole", int(place), "value", f"{row.value_part:g}", **details)
    return found.ordered()


def history_problems(batch: Batch, frame: pd.DataFrame, existing: pd.DataFrame) -> list[Problem]:
    """Return rows that the store already has, and corrections without reason, evidence or decision (regulation 02-QC, article 18)."""
    found, key = _Found(batch), list(contract.OBSERVATIONS.key)
    rank = {status: place for place, status in enumerate(contract.STATUSES)}
    kept = [*SAME_ISSUE, *FIGURE, "status", "public", "id"]
    newest = existing[kept].drop_duplicates(SAME_ISSUE, keep="last")
    again = frame.assign(place=frame.index).merge(newest, on=SAME_ISSUE, suffixes=("", "_before"))
    again["entered"] = again["place"].isin(frame.assign(place=frame.index).merge(existing[key], on=key)["place"])
    for row in again.itertuples():
        same = all(_equal(getattr(row, name), getattr(row, f"{name}_before")) for name in FIGURE)
        if same and row.status == row.status_before and row.public == row.public_before:
            found.add("repeated_row", row.place, "value", f"{row.value:g}", id=row.id)
            continue
        if row.entered:
            found.add("same_day", row.place, "recorded", row.recorded, id=row.id)
        if same:
            continue
        if not row.note:
            found.add("correction_reason", row.place, "note", "", id=row.id, value=f"{row.value_before:g}")
        if row.status_before in ("official", "verified"):
            for name in ("evidence", "decision"):
                if not getattr(row, name):
                    found.add("correction_decision", row.place, name, "", id=row.id)
            if rank.get(row.status, 0) > rank[row.status_before]:
                found.add("correction_hidden", row.place, "status", row.status, status=row.status_before)
    return found.ordered()


def _equal(one: object, other: object) -> bool:
    return one == other or (one != one and other != other)


def with_options(problems: Iterable[Problem]) -> list[Problem]:
    """Tell of a blank source or day of publication that an option can give it for the whole file."""
    codes = {"source": "source_missing", "vintage": "vintage_missing"}
    return [
        replace(problem, code=codes[problem.column])
        if problem.code == "required" and problem.column in codes
        else problem
        for problem in problems
    ]


def without(problems: Iterable[Problem], batch: Batch) -> list[Problem]:
    """Leave out problems of cells that could not be read and have been told already."""
    rows = {int(row): place for place, row in enumerate(batch.places["row"])}
    unread = {place for place, _ in batch.wrong}
    found = []
    for problem in problems:
        place = rows.get(problem.row or 0, -1)
        told = (place, problem.column) in batch.wrong or (problem.code == "duplicate" and place in unread)
        found += [] if told else [problem]
    return found
