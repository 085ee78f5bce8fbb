"""The files of ``nq57 index diagnose``: a finished index in, one table a question out.

reliability, components, correlations and their flags, influence, availability, treatments, removal of each element; the profile of one
unit and the comparison with another build where asked for.
"""

from pathlib import Path

import pandas as pd

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.composite.laboratory import weight
from nq57lab.composite.laboratory.files import noted, write_csv
from nq57lab.composite.laboratory.pipeline import Build, rules_of
from nq57lab.composite.robustness import diagnose

OPTIMISED = 20  # elements whose weights are searched


def components(found: Build) -> pd.DataFrame:
    """Return the principal components of every aggregate with two children or more: code, component, eigenvalue, share, cumulative."""
    tables = []
    for parent in found.framework.aggregates:
        values = found.scores[found.framework.children(parent)].dropna().to_numpy(float)
        if values.shape[1] > 1 and len(values) > 2:
            tables.append(diagnose.principal_components(values).assign(code=parent))
    columns = ["code", "component", "eigenvalue", "share", "cumulative"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def correlation_table(found: Build) -> pd.DataFrame:
    """Return the correlation of every pair of elements below one aggregate: parent, one, other, correlation."""
    rows = []
    for parent in found.framework.aggregates:
        codes = found.framework.children(parent)
        matrix = diagnose.correlations(found.scores[codes].to_numpy(float))
        rows += [
            (parent, one, other, matrix[i, j]) for i, one in enumerate(codes) for j, other in enumerate(codes) if i < j
        ]
    return pd.DataFrame(rows, columns=["parent", "one", "other", "correlation"])


def treatment_table(found: Build) -> pd.DataFrame:
    """Return what the treatment did to each indicator: iCode, action, points, skewness and kurtosis before and after, passed."""
    names = ["action", "points", "skew_before", "kurt_before", "skew_after", "kurt_after", "passed"]
    rows = [[code, *(getattr(done, name) for name in names)] for code, done in found.treatments.items()]
    return pd.DataFrame(rows, columns=["iCode", *names])


def equal_influence(found: Build) -> pd.DataFrame:
    """Return, of the level below the index, the weights at which all its elements correlate equally with it.

    Returns
    -------
    DataFrame
        code, weight, optimised, spread (standard deviation of the correlations left); empty where the level has one element or more
        than :data:`OPTIMISED`, for which the search takes too long.
    """
    frame = found.framework
    level = max(frame.levels[code] for code in frame.children(frame.root))
    if not 1 < sum(frame.levels[code] == level for code in frame.parents) <= OPTIMISED:
        return pd.DataFrame(columns=["code", "weight", "optimised", "spread"])
    best = weight.equal_influence(frame, found.values, level, rules_of(found.steps))
    codes = list(best.weights)
    return pd.DataFrame(
        {
            "code": codes,
            "weight": [frame.weights[code] for code in codes],
            "optimised": [best.weights[code] for code in codes],
            "spread": best.spread,
        }
    )


def tables(found: Build, unit: str = "", time: str = "", other: Build | None = None) -> dict[str, pd.DataFrame]:
    """Return every table of a diagnosis by its file's name.

    Parameters
    ----------
    found : Build
        The index.
    unit : str
        A unit's code, for its profile.
    time : str
        In a panel, the profile's time (default: the unit's last row).
    other : Build, optional
        Another build, for the comparison.

    Raises
    ------
    ProblemError
        If the index has no such unit.
    """
    units, indicators = diagnose.availability(found.inputs)
    made = {
        "reliability.csv": diagnose.reliability(found),
        "components.csv": components(found),
        "correlations.csv": correlation_table(found),
        "correlation_flags.csv": diagnose.correlation_flags(found),
        "influence.csv": diagnose.influence(found),
        "equal_influence.csv": equal_influence(found),
        "availability_units.csv": units,
        "availability_indicators.csv": indicators,
        "treatments.csv": treatment_table(found),
    }
    for level in sorted({found.framework.levels[code] for code in found.framework.parents}):
        made[f"removed_level_{level}.csv"] = diagnose.remove_each(found, level)
    if unit:
        try:
            made[f"profile_{unit.replace(':', '-')}.csv"] = diagnose.profile(found, unit, time)
        except KeyError:
            known = ", ".join(dict.fromkeys(found.scores["uCode"].head(10)))
            problem = Problem("values", "--unit", found=f"{unit} {time}".strip(), details={"allowed": f"{known}…"})
            raise ProblemError([problem]) from None
    if other is not None:
        made["comparison.csv"] = diagnose.compare(found, other)
    return made


def write(made: dict[str, pd.DataFrame], folder: Path, note: str = "") -> list[Path]:
    """Write the tables; return their paths."""
    for name, table in made.items():
        write_csv(noted(table, note), folder / name)
    return [folder / name for name in made]
