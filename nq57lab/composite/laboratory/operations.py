"""What each step of an index does to a :class:`State`: values in, new values out, with every change and its reason."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.composite.laboratory.aggregate import NegativeValue, Rule, aggregate, rule_of
from nq57lab.composite.laboratory.framework import DECIMAL_COMMA, Framework, as_text, refuse_twice
from nq57lab.composite.laboratory.impute import impute, over_row, over_time
from nq57lab.composite.laboratory.parts.custom import called, function, is_own
from nq57lab.composite.laboratory.parts.fields import reason
from nq57lab.composite.laboratory.parts.reading import read_table
from nq57lab.composite.laboratory.parts.state import Changes, State, cell_changes, change, of_indicator, spelled
from nq57lab.composite.laboratory.treat import ACTIONS, LogReversed, Orders, Treatment, shape, treat
from nq57lab.composite.laboratory.weight import entropy_weights, equal_influence, pca_weights


def denominate_step(state: State) -> tuple[State, Changes]:
    """Divide the indicators that have a denominator by it; a missing one gives a missing value."""
    values, changes = state.values.copy(), []
    zeros: dict[tuple[str, int], list[str]] = {}
    for place, (code, divisor) in enumerate(zip(state.framework.indicators, state.framework.divisors, strict=True)):
        if not divisor:
            continue
        below = state.divisors[divisor].to_numpy()
        for row in np.flatnonzero((below == 0) & ~np.isnan(values[:, place])):
            zeros.setdefault((divisor, int(row)), []).append(code)
        if (below < 0).any():
            listed = ", ".join(state.codes[below < 0].head(5))
            changes += of_indicator(
                state, "denominate", code, reason("index_negative_divisor", divisor=divisor, listed=listed)
            )
        for row in np.flatnonzero(np.isnan(below) & ~np.isnan(values[:, place]) & (not state.quiet)):
            why = reason("index_no_divisor", divisor=divisor)
            changes.append(change(state, "denominate", row, code, values[row, place], np.nan, why))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            values[:, place] = values[:, place] / below
    if zeros:
        raise ProblemError(
            Problem(
                *("index_divide", "denominate", None, divisor, "0"),
                {"code": ", ".join(codes), "unit": state.codes.iat[row], "divisor": divisor},
            )
            for (divisor, row), codes in zeros.items()
        )
    return replace(state, values=values), changes


def impute_step(state: State, parameters: Mapping[str, Any]) -> tuple[State, Changes]:
    """Fill missing values; a cell that stays empty is told."""
    method, within = parameters["method"], parameters.get("within")
    if method == "none":
        return state, []
    before = state.values
    changes: list[Any] = []
    if method in ("locf", "linear"):
        if state.units["Time"].nunique() < 2:
            raise ProblemError([Problem("index_no_panel", "impute", None, "method", method)])
        values = over_time(before, state.units["uCode"], decimal_times(state.units["Time"]), linear=method == "linear")
        why = reason(f"index_filled_{method}")
    elif method in ("row_mean", "row_median"):
        if not state.directed:
            raise ProblemError([Problem("index_row_scale", "impute", None, "method", method)])
        frame = state.framework
        siblings = [
            [frame.indicators.index(code) for code in frame.children(parent) if code in frame.indicators]
            for parent in frame.aggregates
        ]
        values = over_row(before, [own for own in siblings if own], median=method == "row_median")
        why = reason(f"index_filled_{method}")
    else:
        groups = state.units["Time"]
        if within:
            groups = groups + "|" + state.units[within]
        if is_own(method):
            own = function(method)
            values = before.copy()
            for rows in pd.Series(range(len(before))).groupby(groups.to_numpy(), sort=False):
                at = rows[1].to_numpy()
                values[at] = np.column_stack([called(own, x, method, "impute") for x in before[at].T])
            values = np.where(np.isnan(before), values, before)
            centre = method.rpartition(":")[2]
        else:
            values = impute(before, groups, median=method == "median")
            centre = reason(f"index_{method}")
        why = (
            reason("index_filled_group", centre=centre, group=within)
            if within
            else reason("index_filled", centre=centre)
        )
    changes += cell_changes(state, before, values, "impute", why)
    other = parameters["otherwise"]
    if other != "none" and np.isnan(values).any():
        filled = impute(values, state.units["Time"], median=other == "median")
        why = reason("index_filled_otherwise", centre=reason(f"index_{other}"))
        changes += cell_changes(replace(state, values=values), values, filled, "impute", why)
        values = filled
    if not state.quiet:
        for row, column in np.argwhere(np.isnan(values)):
            why = _unfilled(state, method, within, row)
            changes.append(change(state, "impute", row, state.framework.indicators[column], np.nan, np.nan, why))
    return replace(state, values=values), changes


def _unfilled(state: State, method: str, within: str | None, row: int) -> str:
    """Return why a cell is still missing after the imputation."""
    if is_own(method):
        return reason("index_unfilled_own", name=method.rpartition(":")[2])
    if within:
        return reason("index_unfilled_group", group=f"{within}={state.units[within].iat[row]}")
    if method in ("mean", "median") and state.units["Time"].nunique() > 1:
        return reason("index_unfilled_time", time=state.units["Time"].iat[row])
    known = {"locf": "index_unfilled_locf", "row_mean": "index_unfilled_row", "row_median": "index_unfilled_row"}
    return reason(known.get(method, "index_unfilled"))


def decimal_times(times: pd.Series) -> np.ndarray:
    """Return times as numbers: years, or a period's end in decimal years."""
    from nq57lab.base import periods

    numbers = pd.to_numeric(times, errors="coerce").to_numpy(float)
    if np.isnan(numbers).any():
        numbers = np.array([periods.decimal_year(time) for time in times])
    return numbers


def screen_step(state: State, parameters: Mapping[str, Any]) -> tuple[State, Changes]:
    """Keep the units whose share of indicators observed reaches the limit."""
    limit = parameters["availability"]
    share = (~np.isnan(state.values)).mean(axis=1)
    keep = share >= limit - 1e-12
    if not keep.any():
        details = {"limit": limit}
        raise ProblemError(
            [Problem("index_screened_all", "screen", None, "availability", f"{share.max():.3f}", details)]
        )
    changes = []
    for row in np.flatnonzero(~keep & (not state.quiet)):
        why = reason("index_screened", share=spelled(f"{share[row]:.1%}"), limit=spelled(f"{limit:.1%}"))
        changes.append(change(state, "screen", row, "", share[row], np.nan, why))
    if keep.all():
        return state, changes
    return (
        replace(
            state,
            values=state.values[keep],
            units=state.units[keep].reset_index(drop=True),
            codes=state.codes[keep].reset_index(drop=True),
            divisors=state.divisors[keep].reset_index(drop=True),
        ),
        changes,
    )


def treat_step(state: State, parameters: Mapping[str, Any]) -> tuple[State, Changes]:
    """Treat every indicator's outliers; an indicator that fails and is left as it is is told."""
    frame, columns, done, changes = state.framework, [], dict(state.treatments), []
    found: list[Problem] = []
    for place, code in enumerate(frame.indicators):
        own = parameters["by"][code]
        x = state.values[:, place]
        if is_own(own["method"]):
            skew, kurt = shape(x)
            y = called(function(own["method"]), x, own["method"], "treat")
            columns.append(y)
            moved = int((y != x)[~np.isnan(x)].sum())
            name = own["method"].rpartition(":")[2] if moved else "none"
            done[code] = Treatment(name, moved, skew, kurt, *shape(y), True)
            continue
        if own["winmax"] == 0 and own["then"] == "none" and own["method"] == "auto":
            columns.append(x)
            continue
        limits = tuple(own["limits"]) if own.get("limits") else None
        orders = Orders(own["method"], own["winmax"], own["skew"], own["kurt"], own["then"], limits, own.get("lambda"))
        try:
            y, done[code] = treat(x, orders)
        except LogReversed as error:
            found.append(Problem("index_log_reversed", "treat", None, code, f"{error.largest:g}", {"code": code}))
            continue
        columns.append(y)
    if found:
        raise ProblemError(found)
    values = np.column_stack(columns)
    why = {}
    for place, code in enumerate(frame.indicators):
        how = done.get(code)
        if how is None or state.quiet:
            continue
        words = {
            "skew": _moment(how.skew_before),
            "kurt": _moment(how.kurt_before),
            "points": how.points,
        }
        if how.action == "none":
            if not how.passed:
                method = parameters["by"][code]["method"]
                kept = "index_kept" if method == "auto" else "index_kept_ordered"
                changes += of_indicator(state, "treat", code, reason(kept, **words))
            continue
        known = how.action if how.action in ACTIONS else "own"
        what = reason(f"index_treated_{known}", name=how.action, **words)
        why[place] = what + ("" if how.passed else reason("index_not_mended"))
    return replace(state, values=values, treatments=done), [
        *cell_changes(state, state.values, values, "treat", why),
        *changes,
    ]


def _moment(value: float) -> str:
    return "–" if np.isnan(value) else spelled(f"{value:.2f}")


def weight_step(
    state: State, parameters: Mapping[str, Any], place: int, rules: Mapping[Any, Rule], folder: Path | None
) -> tuple[State, Changes]:
    """Set the weights: all equal, from a file, principal components, entropy, or optimised to an influence."""
    frame, kind = state.framework, parameters["set"]
    changes: list[Any] = []
    levels = parameters.get("levels") or frame.weighted_levels
    named = frame.of_levels(levels)
    if kind == "equal":
        return replace(state, framework=frame.with_weights(dict.fromkeys(named, 1.0))), changes
    if kind == "file":
        return replace(state, framework=frame.with_weights(_read_weights(frame, parameters["file"], folder))), changes
    if kind == "original":
        return state, changes
    label = f"weight (steps[{place}])"
    if kind == "optimised":
        for level in parameters.get("levels") or frame.weighted_levels[-1:]:
            best = equal_influence(frame, state.values, level, rules, parameters.get("target"))
            frame = frame.with_weights(best.weights)
            listed = [reason("index_at_bound", bound=spelled(f"{best.weights[code]:g}")) for code in best.at_bound]
            for code, why in zip(best.at_bound, listed, strict=True):
                changes += of_indicator(state, "weight", code, why)
        return replace(state, framework=frame), changes
    for level in levels:
        scores = aggregate(frame, state.values, frame.weights, rules)
        if kind == "entropy":
            found = entropy_weights(frame, scores, level)
        else:
            found = pca_weights(frame, scores, level)
            if parameters["squared"]:
                found = {code: loading**2 for code, loading in found.items()}
            bad = [code for code, loading in found.items() if loading < 0]
            if bad:
                details = {"code": ", ".join(bad), "level": level}
                shown = ", ".join(f"{found[code]:.4f}" for code in bad)
                raise ProblemError([Problem("index_pca_sign", label, None, "pca", shown, details)])
        frame = frame.with_weights(found)
    return replace(state, framework=frame), changes


def _read_weights(frame: Framework, file: str, folder: Path | None) -> dict[str, float]:
    """Read a table of weights (iCode, Weight); codes it leaves out keep theirs."""
    text = read_table((folder or Path()) / file)
    refuse_twice(text, file)
    text = as_text(text)
    found = [
        Problem("missing_column", file, 1, name, details={"column": name})
        for name in ("iCode", "Weight")
        if name not in text.columns
    ]
    if found:
        raise ProblemError(found)
    if text.empty:
        raise ProblemError([Problem("empty", file)])
    weights: dict[str, float] = {}
    for row, cells in zip(text.index, text.to_dict("records"), strict=True):
        code, number = cells["iCode"], pd.to_numeric(cells["Weight"], errors="coerce")
        if code not in frame.levels:
            found.append(Problem("index_column", file, int(row), "iCode", code))
        elif code in weights:
            found.append(Problem("index_duplicate", file, int(row), "iCode", code, {"rows": row}))
        elif DECIMAL_COMMA.fullmatch(cells["Weight"]):
            details = {"code": "Weight", "unit": code}
            found.append(Problem("index_decimal_comma", file, int(row), "Weight", cells["Weight"], details))
        elif not (np.isfinite(number) and number >= 0):
            found.append(Problem("index_weight", file, int(row), "Weight", cells["Weight"], {"code": code}))
        weights[code] = float(number)
    if not found:
        changed = {**frame.weights, **weights}
        for parent in frame.aggregates:
            below = frame.children(parent)
            if sum(changed[code] for code in below) <= 0:
                details = {"code": parent, "children": ", ".join(below)}
                found.append(Problem("index_weight_sum", file, None, "Weight", "0", details))
    if found:
        raise ProblemError(found)
    return weights


def aggregate_step(state: State, parameters: Mapping[str, Any], place: int) -> tuple[State, Changes]:
    """Aggregate up the tree; say why a score is missing, rests on less than all its parts, or is zero."""
    frame = state.framework
    rules = rules_in(parameters)
    try:
        scores = aggregate(frame, state.values, frame.weights, rules, parameters["min_available"])
    except NegativeValue as error:
        raise ProblemError(negative_problems(state, rules, place, error)) from None
    changes: list[Any] = []
    if state.quiet:
        return replace(state, scores=scores), changes
    covered = coverage(frame, state.values)
    for parent in frame.aggregates:
        children = frame.children(parent)
        present = ~np.isnan(np.column_stack([scores[code] for code in children]))
        for row in np.flatnonzero(np.isnan(scores[parent])):
            why = _scoreless(state, parent, present[row], rule_of(rules, frame, parent), parameters["min_available"])
            changes.append(change(state, "aggregate", row, parent, np.nan, np.nan, why))
        for row in np.flatnonzero((covered[parent] < 1 - 1e-9) & ~np.isnan(scores[parent])):
            gone = [code for code, there in zip(children, present[row], strict=True) if not there]
            thin = [code for code in children if code not in gone and covered[code][row] < 1 - 1e-9]
            listed = ", ".join([*gone, *(f"{code} ({_percent(covered[code][row])})" for code in thin)])
            why = reason("index_partial", listed=listed, share=_percent(covered[parent][row]))
            changes.append(change(state, "aggregate", row, parent, np.nan, scores[parent][row], why))
        if rule_of(rules, frame, parent).method in ("geometric", "harmonic"):
            for row in np.flatnonzero(scores[parent] == 0):
                zero = [code for code in children if scores[code][row] == 0 and frame.weights[code] > 0]
                why = reason("index_zero", listed=", ".join(zero))
                changes.append(change(state, "aggregate", row, parent, np.nan, 0.0, why))
    return replace(state, scores=scores), changes


def _scoreless(state: State, parent: str, present: np.ndarray, rule: Rule, least: float) -> str:
    """Return why an aggregate of one unit has no score."""
    frame = state.framework
    children = frame.children(parent)
    count, there = len(children), [code for code, own in zip(children, present, strict=True) if own]
    if least and len(there) < least * count - 1e-9:
        return reason("index_below_available", present=len(there), count=count, least=_percent(least))
    if not there:
        return reason("index_no_score", present=0, count=count)
    if not any(frame.weights[code] > 0 for code in there):
        return reason("index_weightless", listed=", ".join(there))
    if is_own(rule.method):
        return reason("index_own_empty", name=rule.method.rpartition(":")[2])
    return reason("index_undecided", method=rule.method)


def _percent(share: float) -> str:
    return spelled(f"{share:.0%}" if 0.005 <= share <= 0.995 else f"{share:.2%}")


def rules_in(parameters: Mapping[str, Any]) -> dict[Any, Rule]:
    """Return the rule of every level, and of the aggregates that have their own, from an aggregation's parameters."""
    return {key: Rule(**own) for name in ("levels", "aggregates") for key, own in parameters[name].items()}


def coverage(frame: Framework, values: np.ndarray) -> dict[str, np.ndarray]:
    """Return the share of each element's weight that rests on figures, of shape (n,): 1 where no indicator below it is missing.

    Parameters
    ----------
    values : ndarray of float, shape (n_units, n_indicators)
        What is aggregated; NaN where missing.
    """
    found = {code: (~np.isnan(values[:, place])).astype(float) for place, code in enumerate(frame.indicators)}
    for parent in reversed(frame.aggregates):
        below = frame.children(parent)
        weights = np.array([frame.weights[code] for code in below])
        found[parent] = np.column_stack([found[code] for code in below]) @ (weights / weights.sum())
    return found


def negative_problems(state: State, rules: Mapping[Any, Rule], place: int, error: NegativeValue) -> list[Problem]:
    """Return a problem for every negative value below the aggregate that met one."""
    frame = state.framework
    parent, child = error.parent, error.child  # type: ignore[attr-defined]
    method = rule_of(rules, frame, parent).method
    label = f"aggregate (steps[{place}])"
    if child not in frame.indicators:
        details = {"code": child, "unit": state.codes.iat[error.place[0]], "method": method, "parent": parent}
        return [Problem("index_negative_score", label, None, child, f"{error.value:g}", details)]
    found = []
    for parent in frame.aggregates:
        if rule_of(rules, frame, parent).method != method:
            continue
        for code in frame.children(parent):
            if code not in frame.indicators:
                continue
            x = state.values[:, frame.indicators.index(code)]
            for row in np.flatnonzero(x < 0):
                details = {"code": code, "unit": state.codes.iat[row], "method": method, "parent": parent}
                found.append(Problem("index_negative", label, None, code, f"{x[row]:g}", details))
    return found
