"""Targets at the door: where every target of a milestone stands, and the targets of one code.

A lab in; results out, from the one standing that reports use (:func:`nq57lab.targets.tracking.of_known`).
"""

from dataclasses import replace

import pandas as pd

from nq57lab.base import wording
from nq57lab.base.contract import MILESTONES
from nq57lab.documents.edition import Edition, Piece
from nq57lab.door import asked
from nq57lab.door.result import Result, Session
from nq57lab.reports import lookup, scorecard
from nq57lab.targets import evaluate as methods
from nq57lab.targets import figures, macro_pages, pages
from nq57lab.targets import tracking as of_targets
from nq57lab.targets.pages import Following


def by_method(edition: Edition, method: str) -> Edition:
    """Return an edition whose verdict stands by another method; itself where it stands already."""
    name = asked.one_of(method, methods.METHODS, "method")
    if name == edition.known_tables.method:
        return edition
    return Edition(edition.parameters | {"verdict_method": name}, str(edition.work or ""), edition.root, edition.kind)


def following(edition: Edition, milestone: str) -> Following:
    """Return the targets as reports follow them, the milestone's in the place of those of 2030."""
    found = pages.follow(edition)
    if milestone == "2030":
        return found
    if milestone == "2045":
        return replace(found, near=found.far)  # a 2045 target stands for itself
    own = of_targets.of_known(edition.known_tables, milestone, probability="p" in found.shown)
    return replace(found, near=own, far=own)


def progress(lab: Session, milestone: str, method: str = "") -> Result:
    """Return where every target of a milestone stands.

    Parameters
    ----------
    lab : Session
    milestone : str
        2025, 2030 or 2045.
    method : str
        The method whose verdict stands: eurostat, un, escap, sdsn, p; "" for the edition's (by decision; without one eurostat).

    Returns
    -------
    Result
        :data:`nq57lab.targets.tracking.COLUMNS`, one row a target; value, baseline, target in unit, gap and required (a year) in per cent
        points where the unit is %; NaN and a reason where something cannot be said. Findings: targets, pace, methods (2030
        only). Tables: methods, pace, macro (2030 only). Charts, where a target has a number: bullets, paths, methods.
    """
    page = by_method(lab.edition, method) if method else lab.edition
    found = following(page, milestone)
    tables = {
        "methods": lambda: pages.methods_table(page, found),
        "pace": lambda: macro_pages.pace_table(page, found),
    }
    findings = {
        "targets": lambda: macro_pages.finding(page, found),
        "pace": lambda: macro_pages.pace_finding(page, found),
    }
    if milestone == "2030":
        tables["macro"] = lambda: scorecard.table(page, found)
        findings["methods"] = lambda: pages.methods_note(page, found)
    charts = {}  # a milestone of words alone has nothing to draw
    if (found.near.progress["comparator"] != "qualitative").any():
        charts = {
            "bullets": figures.bullets(found),
            "paths": figures.paths(found),
            "methods": figures.method_matrix(found),
        }
    return _result(
        lab,
        page,
        found.near.progress,
        f"Tiến độ các mục tiêu năm {milestone}",
        findings,
        tables,
        charts,
        f"muc-tieu-{milestone}",
    )


def of_code(lab: Session, code: str) -> Result:
    """Return the targets that are set on a code, in every milestone, with gap, verdict and how many methods agree."""
    page, parts = lab.edition, []
    for milestone in MILESTONES:
        rows = following(page, milestone).near.progress
        parts.append(rows[rows["indicator"] == code])
    kept = [part for part in parts if len(part)]
    frame = pd.concat(kept, ignore_index=True) if kept else parts[0]
    found = pages.follow(page)

    def finding() -> Piece:
        page.figures.place = f"mục tiêu của {code}"
        name = page.catalogue.short[code]
        if frame.empty:
            return Piece(f"**Không có văn bản nào đặt mục tiêu trên {code} {name}.**")
        row = of_targets.one_a_quantity(frame[frame["milestone"] == frame["milestone"].iloc[0]]).iloc[0]
        if row["row"] == "" or row["comparator"] == "qualitative":
            return page.piece(f"**{name}, mốc {row['milestone']}: {page.because(row['reason'])}.**")
        value, goal = figures.value_and_goal(page, row)
        said = methods.word(methods.standing_method(row["verdict_rule"]), row["verdict"])
        why = f" ({page.because(row['reason'])})" if row["reason"] else ""
        text = (
            f"**{name}: {value} ({wording.period(row['period'])}), mục tiêu năm {row['milestone']} là {goal}; "
            f"{said}{why}.** {wording.capital(pages.agreement(page, row, found))}."
        )
        return page.piece(text)

    return _result(
        lab,
        page,
        frame,
        f"Mục tiêu của {code}",
        finding,
        {"targets": lambda: lookup.goals(page, code)},
        {"paths": figures.paths(_only(found, code)), "bullets": figures.bullets(_only(found, code))},
        f"muc-tieu-{code.lower().replace('.', '-').replace('_', '-')}",
    )


def _only(found: Following, code: str) -> Following:
    """Return the targets of one code among those followed."""
    near = found.near.progress[found.near.progress["indicator"] == code]
    return replace(found, near=replace(found.near, progress=near))


def _result(lab: Session, page: Edition, frame, title, finding, tables, charts, name) -> Result:
    typed = frame.assign(met_since=frame["met_since"].fillna("").astype(str))
    return Result(typed, title, page, finding, tables=tables, charts=charts, name=name, lang=lab.lang)
