"""What each step of an index does to a :class:`State`: values in, new values out, with every change and its reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.composite.laboratory import normalise as scale
from nq57lab.composite.laboratory.aggregate import NegativeValue, Rule, aggregate
from nq57lab.composite.laboratory.framework import Framework
from nq57lab.composite.laboratory.impute import impute
from nq57lab.composite.laboratory.treat import Treatment, treat
from nq57lab.composite.laboratory.weight import pca_weights

CHANGES = ("stage", "uCode", "iCode", "before", "after", "why")
Changes = Any  # a list of Cells, or of blocks of columns


@dataclass(frozen=True)
class State:
    """What stands between two steps: units kept, values, the framework with its weights, what was changed."""

    framework: Framework
    units: pd.DataFrame
    codes: pd.Series
    values: np.ndarray
    divisors: pd.DataFrame
    directed: bool = False
    scores: Mapping[str, np.ndarray] = field(default_factory=dict)
    changes: tuple[Any, ...] = ()
    treatments: Mapping[str, Treatment] = field(default_factory=dict)
    quiet: bool = False  # replications keep no list of changes


def _change(state: State, stage: str, row: Any, code: str, before: float, after: float, why: str) -> dict[str, list]:
    """Return one change as a block of one row."""
    cells = (stage, state.units["uCode"].iat[row], code, before, after, why)
    return {name: [cell] for name, cell in zip(CHANGES, cells, strict=True)} | {"Time": [state.units["Time"].iat[row]]}


def _cells(
    state: State, before: np.ndarray, after: np.ndarray, stage: str, why: Mapping[int, str] | str
) -> "list[Cells]":
    """Return the changes of every cell in which two matrices differ."""
    return [] if state.quiet else [Cells(state, before, after, stage, why)]


@dataclass(frozen=True)
class Cells:
    """The cells that a step changed, listed when asked for: there can be very many."""

    state: "State"
    before: np.ndarray
    after: np.ndarray
    stage: str
    why: Mapping[int, str] | str

    def columns(self) -> dict[str, list]:
        """Return one change a cell, as columns."""
        before, after, units = self.before, self.after, self.state.units
        rows, columns = np.nonzero(~((before == after) | (np.isnan(before) & np.isnan(after))))
        why = self.why
        return {
            "stage": [self.stage] * len(rows),
            "uCode": units["uCode"].to_numpy(object)[rows].tolist(),
            "iCode": np.array(self.state.framework.indicators, dtype=object)[columns].tolist(),
            "before": before[rows, columns].tolist(),
            "after": after[rows, columns].tolist(),
            "why": [why] * len(rows) if isinstance(why, str) else [why[column] for column in columns.tolist()],
            "Time": units["Time"].to_numpy(object)[rows].tolist(),
        }


def denominate_step(state: State) -> tuple[State, Changes]:
    """Divide the indicators that have a denominator by it; a missing one gives a missing value."""
    values, found, changes = state.values.copy(), [], []
    for place, (code, divisor) in enumerate(zip(state.framework.indicators, state.framework.divisors, strict=True)):
        if not divisor:
            continue
        below = state.divisors[divisor].to_numpy()
        for row in np.flatnonzero((below == 0) & ~np.isnan(values[:, place])):
            details = {"code": code, "unit": state.codes.iat[row], "divisor": divisor}
            found.append(Problem("index_divide", "denominate", None, divisor, "0", details))
        for row in np.flatnonzero(np.isnan(below) & ~np.isnan(values[:, place]) & (not state.quiet)):
            changes.append(
                _change(state, "denominate", row, code, values[row, place], np.nan, f"thiếu mẫu số {divisor}")
            )
        with np.errstate(divide="ignore", invalid="ignore"):
            values[:, place] = values[:, place] / below
    if found:
        raise ProblemError(found)
    return replace(state, values=values), changes


def impute_step(state: State, parameters: Mapping[str, Any]) -> tuple[State, Changes]:
    """Fill missing values, within the group named and within each time."""
    method, within = parameters["method"], parameters.get("within")
    if method == "none":
        return state, []
    groups = state.units["Time"]
    if within:
        groups = groups + "|" + state.units[within]
    values = impute(state.values, groups, median=method == "median")
    words = {"mean": "trung bình", "median": "trung vị"}[method]
    why = f"thiếu; điền {words}" + (f" của nhóm {within}" if within else " các đơn vị")
    return replace(state, values=values), _cells(state, state.values, values, "impute", why)


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
        why = f"có {share[row]:.1%} số liệu, dưới ngưỡng {limit:.1%}: loại đơn vị".replace(".", ",")
        changes.append(_change(state, "screen", row, "", share[row], np.nan, why))
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
    """Treat every indicator's outliers."""
    if parameters["winmax"] == 0 and parameters["then"] == "none":
        return state, []
    columns, done = [], {}
    for place, code in enumerate(state.framework.indicators):
        column, done[code] = treat(
            state.values[:, place],
            parameters["winmax"],
            parameters["skew"],
            parameters["kurt"],
            log=parameters["then"] == "log",
        )
        columns.append(column)
    values = np.column_stack(columns)
    why = {}
    for place, code in enumerate(state.framework.indicators):
        how = done[code]
        what = (
            f"rút {how.points} điểm ngoại lai về giá trị kế tiếp"
            if how.action == "winsorise"
            else "lấy logarit của giá trị đã dịch"
        )
        still = "" if how.passed else "; vẫn chưa đạt"
        why[place] = f"độ lệch {how.skew_before:.2f}, độ nhọn {how.kurt_before:.2f}: ".replace(".", ",") + what + still
    return replace(state, values=values, treatments=done), _cells(state, state.values, values, "treat", why)


def normalise_step(state: State, parameters: Mapping[str, Any], place: int) -> tuple[State, Changes]:
    """Normalise every indicator by its own parameters; directions are applied here."""
    frame, found, columns, changes = state.framework, [], [], []
    for column, code in enumerate(frame.indicators):
        own = parameters["by"][code]
        direction = 1.0 if state.directed else float(frame.direction[column])
        x = state.values[:, column]
        try:
            if np.isnan(x).all():
                raise scale.Unscalable("index_all_missing", "")
            y, cut = _scaled(state, x, direction, own, float(frame.targets[column]))
        except scale.Unscalable as error:
            details = {"code": code, "unit": own.get("unit", ""), "method": own["method"]}
            where = _first_bad(state, x, error.code)
            details["unit"] = where or details["unit"]
            found.append(Problem(error.code, f"normalise (steps[{place}])", None, code, str(error.found), details))
            columns.append(x)
            continue
        columns.append(y)
        for row in np.flatnonzero(cut & (not state.quiet)):
            posts = " – ".join(f"{end:g}" for end in own.get("posts", ())) or own["method"]
            changes.append(_change(state, "normalise", row, code, x[row], y[row], f"ngoài mốc {posts}: giữ ở mốc"))
    if found:
        raise ProblemError(found)
    return replace(state, values=np.column_stack(columns), directed=True), changes


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
    if method == "none":
        return direction * x, none
    if method == "minmax":
        low, high = own.get("range", (0, 100))
        return scale.minmax(x, direction, low, high), none
    if method == "scaled":
        low, high = own.get("range", (0, 100))
        return scale.scaled(x, direction, low, high), none
    if method == "zscore":
        return scale.zscore(x, direction, own["mean"], own["sd"]), none
    if method == "goalposts":
        assert posts is not None
        cut = (x < posts[0]) | (x > posts[1]) if own.get("truncate", True) else none
        span = tuple(own.get("range", (0.0, 1.0)))
        return scale.goalposts(x, direction, *posts, truncate=own.get("truncate", True), scale=span), cut
    if method in ("dist2ref", "dist2target"):
        hold = own.get("truncate", False)
        return scale.dist2ref(x, direction, reference, truncate=hold), (direction * (x - reference) > 0) & hold
    return scale.PLAIN[method](x, direction), none


def weight_step(
    state: State, parameters: Mapping[str, Any], place: int, rules: Mapping[int, Rule], folder: Path | None
) -> State:
    """Set the weights: all equal, from a file, or from principal components."""
    frame, kind = state.framework, parameters["set"]
    levels = parameters.get("levels") or sorted({frame.levels[code] for code in frame.parents})
    named = [code for code in frame.parents if frame.levels[code] in levels]
    if kind == "equal":
        return replace(state, framework=frame.with_weights(dict.fromkeys(named, 1.0)))
    if kind == "file":
        return replace(state, framework=frame.with_weights(_read_weights(frame, parameters["file"], folder)))
    if kind == "original":
        return state
    for level in levels:
        scores = aggregate(frame, state.values, frame.weights, rules)
        found = pca_weights(frame, scores, level)
        if parameters["squared"]:
            found = {code: loading**2 for code, loading in found.items()}
        bad = [code for code, loading in found.items() if loading < 0]
        if bad:
            details = {"code": ", ".join(bad), "level": level}
            shown = ", ".join(f"{found[code]:.4f}" for code in bad)
            raise ProblemError([Problem("index_pca_sign", f"weight (steps[{place}])", None, "pca", shown, details)])
        frame = frame.with_weights(found)
    return replace(state, framework=frame)


def _read_weights(frame: Framework, file: str, folder: Path | None) -> dict[str, float]:
    """Read a table of weights (iCode, Weight); codes it leaves out keep theirs."""
    from nq57lab.base import tables

    path = (folder or Path()) / file
    text = tables.read_text(path, file)
    found = [
        Problem("missing_column", file, 1, name, details={"column": name})
        for name in ("iCode", "Weight")
        if name not in text.columns
    ]
    if found:
        raise ProblemError(found)
    weights: dict[str, float] = {}
    for row, cells in zip(text.index, text.to_dict("records"), strict=True):
        code, number = cells["iCode"], pd.to_numeric(cells["Weight"], errors="coerce")
        if code not in frame.levels:
            found.append(Problem("index_column", file, int(row), "iCode", code))
        elif code in weights:
            found.append(Problem("index_duplicate", file, int(row), "iCode", code, {"rows": row}))
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
    """Aggregate up the tree; say why a score is missing, or zero."""
    frame = state.framework
    rules = {level: Rule(**own) for level, own in parameters["levels"].items()}
    try:
        scores = aggregate(frame, state.values, frame.weights, rules, parameters["min_available"])
    except NegativeValue as error:
        raise ProblemError(negative_problems(state, rules, place, error)) from None
    changes = []
    for parent in frame.aggregates:
        children = frame.children(parent)
        present = ~np.isnan(np.column_stack([scores[code] for code in children]))
        for row in np.flatnonzero(np.isnan(scores[parent])):
            why = f"chỉ có {present[row].sum()}/{len(children)} thành phần có giá trị: không tính"
            changes.append(_change(state, "aggregate", row, parent, np.nan, np.nan, why))
        if rules[frame.levels[parent]].method in ("geometric", "harmonic"):
            for row in np.flatnonzero(scores[parent] == 0):
                zero = [code for code in children if scores[code][row] == 0]
                why = f"{', '.join(zero)} bằng 0 nên bằng 0"
                changes.append(_change(state, "aggregate", row, parent, np.nan, 0.0, why))
    return replace(state, scores=scores), changes


def negative_problems(state: State, rules: Mapping[int, Rule], place: int, error: NegativeValue) -> list[Problem]:
    """Return a problem for every negative value below the aggregate that met one."""
    frame = state.framework
    parent, child = error.parent, error.child  # type: ignore[attr-defined]
    method = rules[frame.levels[parent]].method
    label = f"aggregate (steps[{place}])"
    if child not in frame.indicators:
        details = {"code": child, "unit": state.codes.iat[error.place[0]], "method": method, "parent": parent}
        return [Problem("index_negative", label, None, child, f"{error.value:g}", details)]
    found = []
    for parent in frame.aggregates:
        if rules[frame.levels[parent]].method != method:
            continue
        for code in frame.children(parent):
            if code not in frame.indicators:
                continue
            x = state.values[:, frame.indicators.index(code)]
            for row in np.flatnonzero(x < 0):
                details = {"code": code, "unit": state.codes.iat[row], "method": method, "parent": parent}
                found.append(Problem("index_negative", label, None, code, f"{x[row]:g}", details))
    return found
