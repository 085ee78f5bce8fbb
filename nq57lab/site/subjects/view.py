"""What the chart of a subject shows: its line, what may not be joined to it, the target and its straight line, breaks, the forecast.

A desk and a code in, a :class:`View` out: places on the axes with their words; drawing is :mod:`nq57lab.site.subjects.chart`'s.
"""

from dataclasses import dataclass, field

import pandas as pd

from nq57lab.base import periods, wording
from nq57lab.reports import lookup
from nq57lab.site.desk import Desk

HOLLOW = ("self_reported", "estimate")
LEFT_OUT = ("qualitative", "regional_top_n", "growth_between")  # no place on the axis of the series
KEYS = {
    "line": "số dùng, cùng một định nghĩa",
    "hollow": "số ước tính hoặc tự báo cáo",
    "apart": "số dùng, khác kỳ hoặc khác định nghĩa",
    "other": "đợt công bố khác của cùng kỳ",
    "target": "mục tiêu",
    "path": "đường thẳng từ số gốc tới mục tiêu",
    "forecast": "dự báo: trung vị và khoảng 80%",
    "break": "đổi cách tính hoặc phạm vi",
}


@dataclass(frozen=True)
class Point:
    """A figure on the chart: its place, how it is written, and what its tooltip says."""

    x: float
    y: float
    label: str
    tip: str
    hollow: bool


@dataclass(frozen=True)
class View:
    """What a chart shows; an empty one has neither points nor a target with a number."""

    code: str
    measure: str
    name: str
    unit: str
    line: list[Point] = field(default_factory=list)
    apart: list[Point] = field(default_factory=list)
    other: list[Point] = field(default_factory=list)
    targets: list[Point] = field(default_factory=list)
    path: list[tuple[float, float]] = field(default_factory=list)
    breaks: list[tuple[float, str]] = field(default_factory=list)
    forecast: pd.DataFrame | None = None

    @property
    def rank(self) -> bool:
        """Whether 1 is the best and stands on top."""
        return self.unit == "thứ hạng"

    @property
    def drawn(self) -> bool:
        """Whether there is something to draw: two figures, or one and a target."""
        points = {(point.x, point.y) for point in [*self.line, *self.apart, *self.targets]}
        return bool(self.line or self.apart) and len(points) > 1

    def kinds(self) -> list[str]:
        """Return which of :data:`KEYS` the chart shows."""
        have = {
            "line": any(not point.hollow for point in self.line),
            "hollow": any(point.hollow for point in self.line),
            "apart": bool(self.apart),
            "other": bool(self.other),
            "target": bool(self.targets),
            "path": bool(self.path),
            "forecast": self.forecast is not None,
            "break": bool(self.breaks),
        }
        return [kind for kind, yes in have.items() if yes]


def of(desk: Desk, code: str, rows: pd.DataFrame, goal: pd.Series | None = None) -> View:
    """Return the view of a code, or of one target on it.

    Parameters
    ----------
    desk : Desk
    code : str
    rows : DataFrame
        Every national version of its measure's figures, as :func:`nq57lab.reports.lookup.history_rows` returns them.
    goal : Series, optional
        The tracked target to draw alone, with the straight line to it (default: every milestone's, the line to 2030's).
    """
    measure, _ = desk.measure_of(code)
    name = desk.content.catalogue.short[code]
    own = rows[(rows["dims"] == "") & (rows["item"] == "") & rows["value"].notna()]
    used = own[own["used"]]
    if used.empty:
        return View(code, measure, name, desk.content.catalogue.subject_units.get(code, ""))
    series = desk.histories.get(measure)
    joined = used["id"].isin(series["id"]) if series is not None and len(series) else used.index == used.index[-1]
    unit = used["unit"][joined].iloc[-1] if joined.any() else used["unit"].iloc[-1]
    alike = own["unit"] == unit
    target, goals = _targets(desk, desk.goals_of.get(measure, []) if goal is None else [goal], measure, unit)
    return View(
        code,
        measure,
        name,
        unit,
        _points(desk, used[joined & alike.reindex(used.index)]),
        _points(desk, used[~joined & alike.reindex(used.index)]),
        _points(desk, own[~own["used"] & alike & (own["withdrawn"] == "")]),
        goals,
        _path(target),
        _breaks(desk, measure, used),
        desk.forecasts.get(measure),
    )


def _points(desk: Desk, rows: pd.DataFrame) -> list[Point]:
    found = []
    for _, row in rows.iterrows():
        figure = desk.edition.figures.of_row(row) if row["used"] else desk.edition.figures.as_printed(row)
        label = desk.plain(desk.edition.figures.write(figure, markup=False))
        status = wording.STATUS_WORDS[row["status"]]
        tip = f"{wording.capital(wording.period(row['period']))}: {label}; {status}, công bố {wording.stamp(row['vintage'])}"
        source = wording.join(desk.edition.source_name(source, dated=False) for source in figure.sources)
        found.append(
            Point(
                periods.decimal_year(row["period"]),
                figure.value,
                label,
                f"{tip}; {source}",
                row["status"] in HOLLOW,
            )
        )
    return sorted(found, key=lambda point: point.x)


def _targets(desk: Desk, goals: list[pd.Series], measure: str, unit: str) -> tuple[pd.Series | None, list[Point]]:
    """Return the target that the straight line leads to (2030's, or the only one), and the places of every milestone's number in the chart's unit."""
    goals = [goal for goal in goals if goal["measure"] == measure and goal["unit"] == unit]
    goals = [
        goal
        for goal in goals
        if goal["aim"] == goal["aim"] and goal["comparator"] not in LEFT_OUT and goal["assumed"] == ""
    ]
    found: list[Point] = []
    standing = None
    milestones = sorted({goal["milestone"] for goal in goals})
    if "2030" in milestones:  # a longer axis would flatten the way to it
        milestones = [year for year in milestones if year <= "2030"]
    for milestone in milestones:
        own = [goal for goal in goals if goal["milestone"] == milestone]
        row = next((goal for goal in own if goal["id"] in desk.in_force), own[0])
        words = wording.target(row["comparator"], row["target"], row["target_high"], row["unit"])
        text = f"mục tiêu {milestone}: {words}".replace("ít nhất ", "ít nhất\u00a0").replace(
            "không quá ", "không quá\u00a0"
        )
        source = desk.edition.source_name(row["source"].split(",")[0], dated=False)
        found.append(Point(float(str(milestone)), float(row["aim"]), text, f"{wording.capital(text)}; {source}", False))
        standing = row if milestone == "2030" or len(goals) == 1 else standing
    return standing, found


def _path(target: pd.Series | None) -> list[tuple[float, float]]:
    if target is None or pd.isna(target["baseline"]) or target["baseline_period"] == "":
        return []
    start = periods.decimal_year(target["baseline_period"])
    return [(start, float(target["baseline"])), (float(target["milestone"]), float(target["aim"]))]


def _breaks(desk: Desk, measure: str, used: pd.DataFrame) -> list[tuple[float, str]]:
    if measure not in desk.of_code("breaks", "subject"):
        return []
    rows = lookup.break_rows(desk.edition, measure)
    table = desk.content.catalogue.breaks
    own = table[(table["store"] == "observations") & (table["subject"] == measure)]
    first, last = (periods.decimal_year(period) for period in (used["period"].iloc[0], used["period"].iloc[-1]))
    places = [periods.decimal_year(period) - 0.5 if period else None for period in own["period"]]
    return [
        (place, f"{kind}: {note}")
        for place, kind, note in zip(places, rows["kind"], rows["note"], strict=True)
        if place is not None and first < place < last
    ]
