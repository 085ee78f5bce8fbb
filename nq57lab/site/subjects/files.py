"""The files beside a subject's page: its figures as CSV and JSON, its chart as SVG and PNG, at the page's own address.

A desk and a page in; files written. The rows are those that the site's audience may read, without the columns that stay inside.
"""

import csv
import json
from pathlib import Path

import pandas as pd

from nq57lab.base import wording
from nq57lab.charts import theme
from nq57lab.site import formula_words, open_data
from nq57lab.site.desk import Desk
from nq57lab.site.subjects import chart
from nq57lab.site.subjects.page import Page

TARGET = ("id", "milestone", "comparator", "target", "unit", "stated_vi", "source")
STANDING = (
    *("id", "indicator", "measure", "milestone", "comparator", "target", "target_high", "unit", "stated_vi", "source"),
    *("value", "period", "status", "row", "baseline", "baseline_period", "baseline_row", "gap", "trajectory"),
    *("pace", "required", "required_now", "arrival_year", "verdict", "verdict_rule"),
)
SCALE = 1.25  # pixels of the PNG a pixel of the drawing


def write(desk: Desk, page: Page, folder: Path, rows: list[dict]) -> list[Path]:
    """Write a subject's files; return the SVG that a PNG is still to be made of, if any.

    Parameters
    ----------
    desk : Desk
    page : Page
    folder : Path
        ``chi-so``.
    rows : list of dict
        The subject's open rows (:func:`rows_of`), every area and vintage.
    """
    view, c = page.view, desk.content.catalogue
    if not rows:
        return []
    with (folder / f"{view.code}.csv").open("w", encoding="utf-8", newline="") as file:
        sheet = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        sheet.writeheader()
        sheet.writerows(rows)
    goals = [goal for goal in desk.goals_of.get(view.measure, []) if goal["measure"] == view.measure]
    content = {
        "code": view.code,
        "name_vi": c.names[view.code],
        "unit": view.unit,
        "figures_of": view.measure,
        "formula_vi": formula_words.of(c, c.formulas.get(view.code, "")) if view.code in c.formulas else "",
        "finding_vi": page.finding,
        "known": desk.content.known.isoformat(),
        "targets": [{name: _plain(goal[name]) for name in TARGET} for goal in goals],
        "figures": rows,
    }
    (folder / f"{view.code}.json").write_text(
        json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    return _drawing(page, folder / f"{view.code}.svg")


def write_goal(desk: Desk, page: Page, folder: Path, goal: pd.Series) -> list[Path]:
    """Write a target's files: where it stands as JSON, its chart as SVG; return the SVG that a PNG is still to be made of, if any.

    Parameters
    ----------
    desk : Desk
    page : Page
    folder : Path
        ``muc-tieu``.
    goal : Series
        The tracked target (:data:`nq57lab.targets.tracking.COLUMNS`).
    """
    content = {name: _plain(goal[name]) for name in STANDING}
    content |= {
        "name_vi": desk.content.catalogue.names[goal["indicator"]],
        "finding_vi": page.finding,
        "verdicts": {name: _plain(goal[f"{name}_status"]) for name in desk.following.shown},
        "known": desk.content.known.isoformat(),
    }
    (folder / f"{goal['id']}.json").write_text(
        json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    return _drawing(page, folder / f"{goal['id']}.svg")


def _drawing(page: Page, path: Path) -> list[Path]:
    view = page.view
    if not view.drawn:
        return []
    subtitle = f"Đơn vị: {view.unit}" + (f". {wording.capital(_keys(view))}" if _keys(view) else "")
    path.write_text(chart.file(view, page.finding, subtitle, page.foot), encoding="utf-8")
    return [path]


def _keys(view) -> str:
    from nq57lab.site.subjects.view import KEYS

    marks = {
        "hollow": "điểm rỗng",
        "apart": "ô vuông xám",
        "other": "vòng xám",
        "path": "nét đứt",
        "break": "vạch chấm đứng",
    }
    return "; ".join(f"{marks[kind]}: {KEYS[kind]}" for kind in view.kinds() if kind in marks)


def paint(drawn: Path) -> None:
    """Make the PNG of an SVG file."""
    drawn.with_suffix(".png").write_bytes(theme.painted(drawn.read_text(encoding="utf-8"), SCALE))


def rows_of(desk: Desk) -> dict[str, list[dict]]:
    """Return the open rows by subject, as plain values: a missing one is empty."""
    rows = open_data.rows(desk.content)
    found: dict[str, list[dict]] = {}
    for record in rows.astype(object).where(rows.notna(), "").to_dict("records"):
        found.setdefault(record["subject"], []).append(record)
    return found


def _plain(value: object) -> object:
    """Return a value that JSON can write: None for what is missing."""
    return None if value != value else value
