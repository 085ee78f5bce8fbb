"""The normalise step: every indicator by its own method, over all rows or within each time."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.composite.laboratory import normalise as scale
from nq57lab.composite.laboratory.equal import is_constant
from nq57lab.composite.laboratory.parts.custom import called, function, is_own
from nq57lab.composite.laboratory.parts.fields import reason
from nq57lab.composite.laboratory.parts.state import Changes, State, change, of_indicator, spelled
from nq57lab.composite.laboratory.treat import TRANSFORMS

IN_UNITS = ("goalposts", "dist2target", "scaled")  # their ends are in the indicator's own unit


def normalise_step(state: State, parameters: Mapping[str, Any], place: int) -> tuple[State, Changes]:
    """Normalise every indicator by its own parameters, over all rows or within each time; directions are applied here."""
    frame, found, columns, changes = state.framework, [], [], []
    label = f"normalise (steps[{place}])"
    groups = [np.arange(len(state.values))]
    if parameters.get("within") == "Time":
        if (state.units["Time"] == "").all():
            raise ProblemError([Problem("index_no_panel", label, None, "within", "Time")])
        groups = [np.flatnonzero(state.units["Time"] == time) for time in state.units["Time"].unique()]
    for column, code in enumerate(frame.indicators):
        own = parameters["by"][code]
        direction = 1.0 if state.directed else float(frame.direction[column])
        x = state.values[:, column]
        y, cut = x.copy(), np.zeros(len(x), bool)
        treated = state.treatments.get(code)
        try:
            if np.isnan(x).all():
                raise scale.Unscalable("index_all_missing", "")
            if treated is not None and treated.action in TRANSFORMS and own["method"] in IN_UNITS:
                raise scale.Unscalable("index_treated_scale", treated.action)
            for rows in groups:
                at = rows
                part = replace(state, values=state.values[rows], units=state.units.iloc[rows])
                part = replace(part, codes=state.codes.iloc[rows])
                if len(groups) > 1 and np.isnan(x[rows]).all():
                    continue
                y[rows], cut[rows] = _scaled(part, x[rows], direction, own, float(frame.targets[column]))
        except scale.Unscalable as error:
            details = {"code": code, "unit": own.get("unit", ""), "method": own["method"]}
            details["unit"] = _first_bad(state, x, error.code) or details["unit"]
            since = state.constant.get(code, "")
            kind = error.code
            if kind == "index_zero_range":
                own_time = state.units["Time"].iat[at[0]] if len(groups) > 1 else ""
                details["method"] += f", {own_time}" if own_time else ""
                single = np.count_nonzero(~np.isnan(x[at])) < 2
                kind = "index_one_value" if single else "index_zero_since" if since not in ("", "iData") else kind
            elif kind == "index_no_reference" and own["method"] == "dist2target":
                kind = "index_no_target"
            shown = f"{error.found:.6g}" if isinstance(error.found, float) else str(error.found)
            found.append(Problem(kind, label, None, code, shown, details | {"step": since}))
            columns.append(x)
            continue
        columns.append(y)
        for row in np.flatnonzero(cut & (not state.quiet)):
            ends = own.get("posts") or [frame.targets[column]]
            posts = spelled(" – ".join(f"{end:g}" for end in ends)) if own["method"] != "dist2ref" else own["unit"]
            changes.append(change(state, "normalise", row, code, x[row], y[row], reason("index_held", posts=posts)))
        if is_own(own["method"]):
            name = own["method"].rpartition(":")[2]
            for row in np.flatnonzero(np.isnan(y) & ~np.isnan(x) & (not state.quiet)):
                changes.append(
                    change(state, "normalise", row, code, x[row], np.nan, reason("index_own_empty", name=name))
                )
        ends = own.get("range", (0, 100)) if own["method"] == "scaled" else own.get("posts") or (-np.inf, np.inf)
        beyond = int(((x < ends[0]) | (x > ends[1])).sum()) - int(cut.sum())
        if own["method"] in ("scaled", "goalposts") and beyond > 0:
            shown = spelled(" – ".join(f"{end:g}" for end in ends))
            changes += of_indicator(state, "normalise", code, reason("index_beyond", count=beyond, posts=shown))
        changes += _flat(state, code, x, y, groups)
    if found:
        raise ProblemError(found)
    return replace(state, values=np.column_stack(columns), directed=True), changes


def _flat(state: State, code: str, x: np.ndarray, y: np.ndarray, groups: list[np.ndarray]) -> Changes:
    """Tell that an indicator does not tell the units (of a time) apart, as given or once it is normalised."""
    changes: list[Any] = []
    for rows in groups:
        seen = rows[~np.isnan(y[rows])]
        if state.quiet or len(seen) < 2 or not is_constant(y[seen]):
            continue
        why = reason("index_flat_given" if is_constant(x[seen]) else "index_flat")
        time = state.units["Time"].iat[rows[0]] if len(groups) > 1 else ""
        changes += of_indicator(state, "normalise", code, why + (f" ({time})" if time else ""))
    return changes


def _first_bad(state: State, x: np.ndarray, code: str) -> str:
    """Return the units whose value a method cannot take, where single values are to blame."""
    if code not in ("index_not_positive", "index_log"):
        return ""
    bad = np.flatnonzero(x <= 0)
    return ", ".join(state.codes.iat[row] for row in bad[:5])


def _scaled(
    state: State, x: np.ndarray, direction: float, own: Mapping[str, Any], target: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return one normalised indicator, and where truncation held it."""
    method, posts = own["method"], own.get("posts")
    none = np.zeros(len(x), bool)
    low, high = own.get("range", (0.0, 1.0))

    def spread(share: np.ndarray) -> np.ndarray:
        return low + share * (high - low) if "range" in own else share

    reference = target
    if method == "dist2ref":
        at = np.flatnonzero(state.units["uCode"] == own["unit"])
        if not len(at):
            raise scale.Unscalable("index_no_unit", own["unit"])
        times = pd.to_numeric(state.units["Time"].iloc[at], errors="coerce").fillna(-np.inf).to_numpy()
        reference = float(x[at[int(np.argmax(times))]])  # in a panel the unit's newest value
    if own.get("transform", "none") == "log":
        ends = list(posts or ()) + ([reference] if method in ("dist2ref", "dist2target") else [])
        if np.nanmin(x) <= 0 or any(end <= 0 for end in ends):
            raise scale.Unscalable("index_log", float(np.nanmin(x)))
        x = np.log(x)
        posts = [float(np.log(end)) for end in posts] if posts else None
        reference = float(np.log(reference)) if method in ("dist2ref", "dist2target") else reference
    if is_own(method):
        return called(function(method), x, method, "normalise", direction), none
    if method == "none":
        return direction * x, none
    if method in ("minmax", "scaled"):
        low, high = own.get("range", (0, 100))
        return (scale.minmax if method == "minmax" else scale.scaled)(x, direction, low, high), none
    if method == "zscore":
        return scale.zscore(x, direction, own["mean"], own["sd"]), none
    if method == "goalposts":
        assert posts is not None
        cut = (x < posts[0]) | (x > posts[1]) if own.get("truncate", True) else none
        return scale.goalposts(x, direction, *posts, truncate=own.get("truncate", True), scale=(low, high)), cut
    if method in ("dist2ref", "dist2target"):
        hold = own.get("truncate", False)
        share = scale.dist2ref(x, direction, reference, truncate=hold)
        return spread(share), (direction * (x - reference) > 0) & hold
    share = scale.PLAIN[method](x, direction)
    return share if method in ("rank", "borda") else spread(share), none
