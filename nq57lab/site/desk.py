"""What the pages of one site are written with: the writer of its numbers, and what is found once for all pages.

A :class:`~nq57lab.site.content.Content` in; alerts, targets, forecasts, deliveries and links out, each computed when first asked for.
"""

from dataclasses import dataclass
from functools import cached_property

import networkx as nx
import numpy as np
import pandas as pd

from nq57lab.alerts import pages as alert_pages
from nq57lab.base import formulas, periods
from nq57lab.comparators.panels import Panels
from nq57lab.facts import crosswalk
from nq57lab.facts.figures import Figure
from nq57lab.facts.registers import tasks as of_tasks
from nq57lab.forecast import run
from nq57lab.forecast import series as of_series
from nq57lab.links import graph as of_graph
from nq57lab.outlook import macro, proxies
from nq57lab.reports import lookup
from nq57lab.site.writer import Writer
from nq57lab.store import delivery
from nq57lab.targets import pages as target_pages
from nq57lab.targets import tracking as of_targets

YEAR = 2030
VERSION = [
    *(
        "id",
        "subject",
        "area",
        "period",
        "dims",
        "item",
        "measure",
        "value",
        "value_high",
        "printed",
        "qualifier",
        "unit",
        "status",
    ),
    *("vintage", "source", "locator", "used", "withdrawn", "formula"),
]


@dataclass(frozen=True, eq=False)
class Desk(Writer):
    """The content of a site, its writer, and what all its pages are made from."""

    @cached_property
    def newest(self) -> pd.DataFrame:
        """The newest value of each subject, area and breakdown."""
        ordered = self.content.values.sort_values("end", kind="stable")
        return ordered.drop_duplicates(["subject", "area", "dims"], keep="last").sort_index()

    @cached_property
    def versions(self) -> dict[str, pd.DataFrame]:
        """Every national version of every subject's figures (:func:`nq57lab.reports.lookup.versions`)."""
        return {str(code): own for code, own in self._every_version.groupby("subject", sort=False)}

    @cached_property
    def _every_version(self) -> pd.DataFrame:
        return lookup.versions(self.edition)[VERSION]

    def history(self, code: str) -> pd.DataFrame:
        """Return the national versions of a subject's figures; empty for none."""
        return self.versions[code] if code in self.versions else self._every_version.iloc[:0]

    @cached_property
    def crossed(self) -> set[str]:
        """The codes that the crosswalk speaks of: only these are the same as, near to or unlike another."""
        rows = self.content.catalogue.crosswalk
        others = (formulas.references(formulas.parse(text)) for text in rows["other"])
        return {*rows["indicator"], *(reference.name for named in others for reference in named)}

    def same(self, code: str) -> list[str]:
        """Return the other codes of the same quantity."""
        if code not in self.crossed:
            return []
        return self.once(f"same {code}", lambda: crosswalk.same_as(self.content.catalogue, code)[1:])

    def measure_of(self, code: str) -> tuple[str, str]:
        """Return the subject whose figures stand for a code and how it relates: own, same, near (of a macro KPI) or "" for none."""
        if code in self.observed or code not in self.crossed:
            return code, "own" if code in self.observed else ""

        def found() -> tuple[str, str]:
            measure, relation = of_targets.measured_by(self.content.catalogue, self.observed, code)
            return (measure, relation) if measure in self.observed else (code, "")

        return self.once(f"measure {code}", found)

    def unlike(self, code: str) -> pd.DataFrame:
        """Return what the crosswalk says of a code (:func:`nq57lab.facts.crosswalk.elsewhere`)."""
        if code not in self.crossed:
            return self.once("unlike nothing", lambda: pd.DataFrame(columns=crosswalk.COLUMNS))
        return self.once(f"unlike {code}", lambda: crosswalk.elsewhere(self.content.catalogue, code))

    def figure(self, code: str) -> Figure:
        """Return the newest national figure of a subject, as a report writes it (:func:`nq57lab.reports.lookup.newest`)."""
        has = code in self.with_values or code not in self.content.catalogue.subject_units
        return self.once(
            f"figure {code}", lambda: lookup.newest(self.edition, code) if has else Figure(code, float("nan"))
        )

    @cached_property
    def with_values(self) -> set[str]:
        """The subjects with a national figure, reported or computed."""
        return {*self.observed, *self.content.values.loc[self.content.values["area"] == "VN", "subject"]}

    def of_code(self, table: str, column: str) -> dict[str, pd.DataFrame]:
        """Return a table of the catalogue by the code in a column, grouped once."""
        rows = getattr(self.content.catalogue, table)
        return self.once(
            f"{table}.{column}", lambda: {str(code): own for code, own in rows.groupby(column, sort=False)}
        )

    @cached_property
    def following(self) -> target_pages.Following:
        """The targets as followed."""
        return target_pages.follow(self.edition)

    @cached_property
    def goals(self) -> pd.DataFrame:
        """Every target of every milestone, tracked."""
        years = sorted(set(self.content.catalogue.targets["milestone"]))
        parts = [target_pages.tracked(self.edition, year).progress for year in years]
        return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)

    @cached_property
    def goals_of(self) -> dict[str, list[pd.Series]]:
        """The tracked targets by the code that they are set on and by the subject that measures them, in the order of the milestones."""
        found: dict[str, list[pd.Series]] = {}
        for _, goal in self.goals.iterrows():
            for code in dict.fromkeys((goal["indicator"], goal["measure"])):
                found.setdefault(code, []).append(goal)
        return found

    @cached_property
    def goal_pages(self) -> dict[str, pd.Series]:
        """The tracked targets that have a page, by id: those on a code that has one."""
        shown = self.goals[self.goals["indicator"].isin(self.pages)]
        return {goal["id"]: goal for _, goal in shown.iterrows()}

    @cached_property
    def alerts_of(self) -> dict[str, pd.DataFrame]:
        """The alerts by what they are about."""
        return {str(code): rows for code, rows in self.alerts.groupby("subject", sort=False)}

    @cached_property
    def owed_of(self) -> dict[str, pd.DataFrame]:
        """What agencies owe, by indicator."""
        return {str(code): rows for code, rows in self.owed.groupby("indicator", sort=False)} if self.internal else {}

    @cached_property
    def loops_of(self) -> dict[str, pd.DataFrame]:
        """The feedback loops by the codes that they pass through."""
        c, found = self.content.catalogue, {}
        nodes = c.loop_nodes[c.loop_nodes["refers_to"] != ""].groupby("refers_to", sort=False)["id"].agg(set)
        for code, own in nodes.items():
            through = c.loop_links[c.loop_links["from_node"].isin(own) | c.loop_links["to_node"].isin(own)]
            found[str(code)] = c.loops[c.loops["id"].isin(set(through["loop"]))]
        return found if self.internal else {}

    @cached_property
    def in_force(self) -> set[str]:
        """The ids of the targets in force: one a quantity and milestone."""
        parts = [of_targets.one_a_quantity(rows) for _, rows in self.goals.groupby("milestone", sort=False)]
        return {identity for part in parts for identity in part["id"]}

    @cached_property
    def standing(self) -> pd.DataFrame:
        """One 2030 target a quantity, places in a region left out, by the subject that measures it."""
        rows = self.following.quantities
        return rows[rows["comparator"] != "regional_top_n"].set_index("measure", drop=False)

    @cached_property
    def alerts(self) -> pd.DataFrame:
        """The alerts that stand on the site's day; none are the public's."""
        return self.watch.alerts if self.internal else self.watch.alerts.iloc[:0]

    @cached_property
    def watch(self) -> alert_pages.Watch:
        """The alerts with their rules."""
        return alert_pages.watch(self.edition, self.following)

    @cached_property
    def tasks(self) -> pd.DataFrame:
        """The tasks that are not done, inside only: with ``end`` (the deadline's last day; NaT for none) and ``late`` (days), by deadline."""
        rows = of_tasks.as_of(self.content.catalogue, self.content.known)
        rows = rows[rows["state"] != "done"]
        return rows.sort_values("end", kind="stable", na_position="last") if self.internal else rows.iloc[:0]

    @cached_property
    def local(self) -> dict[str, pd.DataFrame]:
        """The newest values of provinces, agencies and blocks, by subject."""
        rows = self.newest[self.newest["area"] != "VN"]
        return {str(code): own for code, own in rows.groupby("subject", sort=False)}

    @cached_property
    def owed(self) -> pd.DataFrame:
        """What agencies owe on the site's day (:func:`nq57lab.store.delivery.figures`)."""
        return delivery.figures(self.content.catalogue, self.edition.known_tables.entered_rows, self.content.known)

    @cached_property
    def graph(self) -> nx.MultiDiGraph:
        """The links between the catalogue's elements."""
        return of_graph.build(self.content.catalogue, set(self.content.values["subject"]))

    @cached_property
    def panels(self) -> Panels:
        """Figures of the 63 former provinces."""
        return Panels(self.content.catalogue)

    @cached_property
    def observed(self) -> set[str]:
        """The subjects with a national figure."""
        return of_targets.national(self.edition.known_tables.measured)

    @cached_property
    def near(self) -> pd.DataFrame:
        """The near series of the macro KPIs, without forecasts."""
        return proxies.of_edition(self.edition, ahead=False)

    @cached_property
    def by_id(self) -> pd.DataFrame:
        """The rows that an edition uses, by their id."""
        known = self.edition.known_tables
        return pd.concat([known.measured, known.table]).drop_duplicates("id").set_index("id", drop=False)

    @cached_property
    def histories(self) -> dict[str, pd.DataFrame]:
        """The national series of one definition of every subject with two figures or more: id, period, value."""
        known = self.edition.known_tables
        table = known.measured[(known.measured["area"] == "VN") & (known.measured["item"] == "")]
        counts = table[table["dims"] == ""].groupby("subject", sort=False).size()
        table = table[table["subject"].isin(counts[counts > 1].index)]
        computed = set(table.loc[table["formula"] != "", "subject"])  # these rest on the rows of other subjects
        by_subject = dict(iter(known.entered_rows.groupby("subject", sort=False))) | dict.fromkeys(
            computed, known.entered_rows
        )
        return {
            str(subject): macro.series(rows, by_subject[subject], str(subject), known.known)
            for subject, rows in table.groupby("subject", sort=False)
        }

    @cached_property
    def _prepared(self) -> tuple[list, dict]:
        frames = []
        for subject, history in self.histories.items():
            row = macro.untargeted(self.content.catalogue, subject, history)
            if subject in self.standing.index:
                goal = self.standing.loc[subject]
                row = row.mask(row.index.isin(["kind", "lower", "upper"]), goal.reindex(row.index))
            ends = {end: "" if np.isnan(row[end]) else row[end] for end in ("lower", "upper")}
            frames.append(history.assign(series_id=subject, kind=row["kind"] or "level", **ends))
        if not frames:
            return [], {}
        columns = ["series_id", "period", "value", "kind", "lower", "upper"]
        return of_series.prepare(pd.concat(frames, ignore_index=True)[columns])

    @cached_property
    def forecasts(self) -> dict[str, pd.DataFrame]:
        """The forecasts up to 2030 of every series that may be forecast, by subject: x (year), median, low, high. Research estimates: inside only."""
        if not self.internal:
            return {}
        found, made = self._prepared[0], {}
        for frequency, steps in run.REPORTED.items():
            own = [one for one in found if one.frequency == frequency]
            for one, prediction in zip(own, run.predict(own, steps) if own else [], strict=True):
                ends = prediction.ends(np.array([0.1, 0.5, 0.9]))
                years = [periods.decimal_year(one.period(step)) for step in range(1, steps + 1)]
                table = pd.DataFrame(ends, columns=["low", "median", "high"]).assign(x=years)
                table = table[table["x"] <= YEAR]
                if len(table) and table["x"].iloc[-1] > periods.decimal_year(self.content.known.isoformat()):
                    made[one.name] = table
        return made

    def not_forecast(self, subject: str) -> str:
        """Return why a subject's series has no forecast; "" where it has one."""
        why = self._prepared[1].get(subject, "")
        return self.plain(self.edition.because(why)) if why else ""
