"""The files of ``nq57 index diagnose``: a finished index in, one table a question out.

reliability, components, correlations and their flags, influence, availability, treatments, removal of each element; the profile of one
unit and the comparison with another build where asked for.
"""

import numpy as np
import pandas as pd

from nq57lab.base import messages
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.composite.laboratory import weight
from nq57lab.composite.laboratory.pipeline import Build, rules_of
from nq57lab.composite.robustness import diagnose, margins


def components(found: Build) -> pd.DataFrame:
    """Return the principal components of every aggregate with two children or more: code, component, eigenvalue, share, cumulative, reason.

    An aggregate for which they are not defined has one row with the reason.
    """
    tables = []
    columns = ["code", "component", "eigenvalue", "share", "cumulative", "reason"]
    for parent in found.framework.aggregates:
        children = found.framework.children(parent)
        values = found.scores[children].to_numpy(float)
        if len(children) < 2:
            continue
        why = weight.undefined(values, children)
        if why:
            tables.append(pd.DataFrame([(parent, *[np.nan] * 4, why)], columns=columns))
            continue
        tables.append(diagnose.principal_components(values).assign(code=parent, reason=""))
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def treatment_table(found: Build) -> pd.DataFrame:
    """Return what the treatment did to each indicator: iCode, action, points, skewness and kurtosis before and after, passed."""
    names = ["action", "points", "skew_before", "kurt_before", "skew_after", "kurt_after", "passed"]
    rows = [[code, *(getattr(done, name) for name in names)] for code, done in found.treatments.items()]
    return pd.DataFrame(rows, columns=["iCode", *names])


def equal_influence(found: Build, level: int | None = None) -> pd.DataFrame:
    """Return the weights at which all elements of a level correlate equally with the index.

    Parameters
    ----------
    level : int, optional
        Default: the level below the index.

    Returns
    -------
    DataFrame
        code, weight, optimised (1 is an equal share within the parent), spread (standard deviation of the correlations left), bound
        (whether the weight was held at a bound), reason (why there are none); empty where the level has one element.
    """
    frame = found.framework
    level = level or max(frame.levels[code] for code in frame.children(frame.root))
    codes = frame.of_levels([level])
    if len(codes) < 2:
        return pd.DataFrame(columns=["code", "weight", "optimised", "spread", "bound", "reason"])
    table = pd.DataFrame({"code": codes, "weight": [frame.weights[code] for code in codes]})
    try:
        best = weight.equal_influence(frame, found.values, level, rules_of(found.steps))
    except ProblemError as error:
        why = "; ".join(dict.fromkeys(str(problem.found) for problem in error.problems))
        return table.assign(optimised=np.nan, spread=np.nan, bound=False, reason=why)
    optimised, bound = [best.weights[code] for code in codes], [code in best.at_bound for code in codes]
    return table.assign(optimised=optimised, spread=best.spread, bound=bound, reason="")


def rank_bounds(found: Build) -> pd.DataFrame:
    """Return the bounds of every rank for all weights within ± 25% (:func:`margins.rank_bounds`), or one row with the reason for none."""
    try:
        return margins.rank_bounds(found).assign(reason="")
    except ProblemError as error:
        why = "; ".join(problem.text(messages.chosen()) for problem in error.problems)
        return pd.DataFrame({"uCode": [""], "reason": [why.rstrip(".")]})


def refusals(made: dict[str, pd.DataFrame]) -> list[str]:
    """Return every reason why a table of a diagnosis has an empty cell, once each."""
    reasons = [table["reason"] for table in made.values() if "reason" in table and len(table)]
    return [why for why in dict.fromkeys(why for column in reasons for why in column) if why]


def tables(found: Build, unit: str = "", time: str = "", other: Build | None = None) -> dict[str, pd.DataFrame]:
    """Return every table of a diagnosis by its file's name.

    Parameters
    ----------
    time : str
        In a panel, the profile's time (default: the unit's last row).

    Raises
    ------
    ProblemError
        If the index has no such unit.
    """
    units, indicators = diagnose.availability(found.inputs)
    made = {
        "reliability.csv": diagnose.reliability(found),
        "components.csv": components(found),
        "correlations.csv": diagnose.correlation_table(found),
        "correlation_flags.csv": diagnose.correlation_flags(found),
        "influence.csv": diagnose.influence(found),
        "equal_influence.csv": equal_influence(found),
        "availability_units.csv": units,
        "availability_indicators.csv": indicators,
        "treatments.csv": treatment_table(found),
    }
    made["rank_bounds.csv"] = rank_bounds(found)
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
