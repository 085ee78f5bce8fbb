"""The composite index that a report is about: its inputs, its build, another build beside it, its uncertainty; computed once.

An :class:`~nq57lab.documents.edition.Edition` whose parameters say which index, runs and seed in, a :class:`Study` out. Without a folder
of tables it is the provincial example, whose figures are generated and carry the mark "mh".
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.composite import examples
from nq57lab.composite.laboratory import files, inputs, pipeline, steps
from nq57lab.composite.laboratory.inputs import Inputs
from nq57lab.composite.laboratory.pipeline import Build
from nq57lab.composite.robustness import diagnose, uncertainty
from nq57lab.documents import edition as documents
from nq57lab.documents.edition import Edition
from nq57lab.facts import illustrative

OTHER = "geometric"  # the aggregation of the build put beside the index


@dataclass(frozen=True)
class Study:
    """An index with what a report says of it."""

    inputs: Inputs
    config: dict[str, Any]
    # build and other: the index as configured, and with the geometric mean instead.
    build: Build
    other: Build
    analysis: uncertainty.Analysis
    ranks: pd.DataFrame  # rank statistics by unit
    compared: pd.DataFrame  # the two builds side by side
    names: dict[str, str]  # unit to name
    unit: str  # the unit whose profile is shown
    generated: bool  # whether the figures are illustrative

    @property
    def root(self) -> str:
        """The index's code."""
        return self.build.framework.root

    @property
    def table(self) -> pd.DataFrame:
        """Units with a score, best first: uCode, name, score, rank and the rank statistics."""
        scores = pd.DataFrame(
            {
                "uCode": self.build.scores["uCode"],
                "score": self.build.scores[self.root],
                "rank": self.build.ranks[self.root],
            }
        )
        joined = scores.merge(self.ranks, on="uCode", how="left")
        joined["name"] = joined["uCode"].map(self.names)
        return joined.dropna(subset=["score"]).sort_values("rank", kind="stable", ignore_index=True)


def study(edition: Edition) -> Study:
    """Build the index of an edition's parameters (thu_muc, runs, seed, unit) and analyse it.

    Raises
    ------
    ProblemError
        With every problem of the tables or the configuration; if a panel is given (a report is about one time).
    """
    p = edition.parameters
    given = p.get("thu_muc") or ""
    folder = edition.root / (given or f"data/examples/{examples.GENERATED}")
    config = files.read_config(folder / "index.yml")
    if given:
        checked = inputs.load(folder / "iData.csv", folder / "iMeta.csv")
    else:
        meta = pd.read_csv(folder / "iMeta.csv", dtype=str, keep_default_na=False)
        checked = inputs.check(examples.provincial(edition.catalogue), meta)
    return of_inputs(checked, config, folder, int(p.get("runs", 512)), int(p.get("seed", 1)), str(p.get("unit") or ""))


def of_inputs(
    checked: Inputs, config: dict[str, Any], folder: Path, runs: int = 512, seed: int = 1, unit: str = ""
) -> Study:
    """Build an index from checked tables and its configuration, and analyse it; as :func:`study` of an edition's parameters.

    Raises
    ------
    ProblemError
        If the configuration cannot be built; if a panel is given (a report is about one time).
    """
    if checked.units["uCode"].duplicated().any():
        raise ProblemError([Problem("index_unit_twice", "iData.csv", None, "Time")])
    frame = checked.framework
    built = pipeline.build(checked, steps.read(config, frame), folder)
    listed = [dict(step) if isinstance(step, dict) else step for step in config["steps"]]
    listed[-1] = {"aggregate": (listed[-1]["aggregate"] if isinstance(listed[-1], dict) else {}) | {"method": OTHER}}
    other = pipeline.build(checked, steps.read({"steps": listed}, frame), folder)
    analysis = uncertainty.analyse(checked, config, runs, seed, folder=folder)
    names = dict(zip(checked.units["uCode"], checked.units["uName"], strict=True))
    best = int(built.ranks[frame.root].fillna(float("inf")).to_numpy(float).argmin())
    unit = unit or str(built.scores["uCode"].iloc[best])
    if unit not in names:
        raise ProblemError(
            [Problem("values", "unit", found=unit, details={"allowed": ", ".join(list(names)[:5]) + "…"})]
        )
    compared = diagnose.compare(built, other)
    return Study(
        *(checked, config, built, other, analysis, uncertainty.rank_statistics(analysis), compared, names, unit),
        generated=checked.note == examples.NOTE,
    )


def write(
    edition: Edition,
    found: Study,
    value: float,
    formula: str,
    *,
    decimals: int = 0,
    unit: str = "",
    markup: bool = True,
) -> str:
    """Write a number of the index and note it in the trace; "–" where there is none.

    Illustrative ones carry their status and source, so that each has its mark and no count of verified figures takes them in.
    """
    status = illustrative.STATUS if found.generated else ""
    where = f"{examples.GENERATED}: bộ sinh số" if found.generated else "iData.csv"
    sources = (illustrative.SOURCE,) if found.generated else ()
    return edition.computed(
        value, formula, (where,), unit=unit, decimals=decimals, status=status, sources=sources, markup=markup
    )


def label(edition: Edition, found: Study, value: float, formula: str, decimals: int = 0) -> str:
    """Write a number of the index as :func:`write` does, for a drawing: without its mark-up."""
    return write(edition, found, value, formula, decimals=decimals, markup=False)


def words(found: Study, title: str, subtitle: str, caption: str, alt: str) -> dict[str, str]:
    """Return a drawing's words, those of an index on generated figures with their mark."""
    mark, note = ("Dữ liệu minh họa. ", " (dữ liệu minh họa)") if found.generated else ("", "")
    return documents.words(title, mark + subtitle, caption + note, mark + alt)
