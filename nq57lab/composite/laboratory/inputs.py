"""The data of an index: units in rows, indicators, groups and denominators in columns, checked against the framework.

``iData`` in (uCode, uName, optional Time, then one column per code), :class:`Inputs` out. Everything after this module trusts it.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.composite.laboratory import framework
from nq57lab.composite.laboratory.framework import DECIMAL_COMMA, Framework
from nq57lab.composite.laboratory.parts.reading import read_table

NO_NUMBER = ("index_number", "index_decimal_comma")


@dataclass(frozen=True)
class Inputs:
    """Checked data of an index."""

    framework: Framework  # the tree of indicators and aggregates
    # uCode, uName, Time ("" without panels) and one text column per group; one row a unit and time, in the file's
    # order.
    units: pd.DataFrame
    values: np.ndarray  # shape (n_rows, n_indicators): the indicators, NaN where not observed
    divisors: pd.DataFrame  # one float column per denominator
    note: str = ""  # what the data say of themselves (x_note), "" for none; every output carries it
    panel: bool = False

    @property
    def codes(self) -> pd.Series:
        """The units as problems name them: the code, with the time where there are several."""
        return self.units["uCode"] + ("@" + self.units["Time"] if self.units["Time"].nunique() > 1 else "")

    def with_values(self, values: np.ndarray) -> "Inputs":
        """Return the same inputs with other values."""
        return replace(self, values=values)

    def without(self, codes: set[str]) -> "Inputs":
        """Return the inputs without some elements of the framework."""
        smaller = self.framework.without(codes)
        if not smaller.indicators:
            raise ProblemError([Problem("index_childless", "iMeta", None, "Type", "0 Indicator")])
        places = [self.framework.indicators.index(code) for code in smaller.indicators]
        return replace(self, framework=smaller, values=self.values[:, places])


def load(data: Path, meta: Path) -> Inputs:
    """Read and check the two files of an index, CSV (comma, semicolon or tab), .xlsx or .ods (one workbook may hold both sheets).

    Raises
    ------
    ProblemError
        With every problem of both files.
    """
    texts, found = [], []
    for path, known in ((data, ("ucode", "uname", "time")), (meta, ("icode", "level", "parent", "type"))):
        try:
            texts.append(read_table(path, known))
        except ProblemError as error:
            found += error.problems
    if found:
        raise ProblemError(found)
    return check(texts[0], texts[1], data.name, meta.name)


def check(
    data: pd.DataFrame, meta: pd.DataFrame, data_label: str = "iData.csv", meta_label: str = "iMeta.csv"
) -> Inputs:
    """Check two tables and return the inputs of an index.

    Parameters
    ----------
    data : DataFrame
        uCode, uName (the code serves where it is missing), optional Time, one column per code of type Indicator, Group or
        Denominator. Typed or text cells; empty and "NA" are missing.
    meta : DataFrame
        What :func:`nq57lab.composite.laboratory.framework.read` takes.

    Raises
    ------
    ProblemError
        With every problem: columns that are unknown or missing, repeated units, cells that are no number, indicators or units
        without any value.

    Examples
    --------
    >>> meta = pd.DataFrame({"Level": [1, 1, 2], "iCode": ["a", "b", "I"], "Direction": 1, "Weight": 1,
    ...     "Parent": ["I", "I", None], "Type": ["Indicator", "Indicator", "Aggregate"]})
    >>> check(pd.DataFrame({"uCode": ["x", "y"], "a": [1, 2], "b": [3, None]}), meta).values.tolist()
    [[1.0, 3.0], [2.0, nan]]
    """
    frame = framework.read(meta, meta_label)
    framework.refuse_twice(data, data_label)
    typed = [name for name in data.columns if name in frame.names and pd.api.types.is_numeric_dtype(data[name])]
    text = framework.as_text(data.drop(columns=typed))
    data = data.rename(columns=framework.composed)
    found = _column_problems(data.columns, frame, data_label)
    if "uCode" not in text.columns:
        raise ProblemError(found)
    panel = "Time" in text.columns
    if panel:
        text["Time"] = _times(text, data_label, found)
    _key_problems(text, frame, panel, data_label, found)
    names = text["uCode"] + ("@" + text["Time"] if panel and text["Time"].nunique() > 1 else "")
    present = [code for code in frame.indicators if code in data.columns]
    values = _numbers(data, text, present, names, data_label, found)
    below = [code for code in frame.denominators if code in data.columns]
    divisors = _numbers(data, text, below, names, data_label, found)
    for place, code in enumerate(present):
        told = any(problem.code in NO_NUMBER and problem.column == code for problem in found)
        if len(text) and np.isnan(values[:, place]).all() and not told:
            found.append(Problem("index_all_missing", data_label, None, code, "", {"code": code}))
    wrong = {problem.row for problem in found if problem.code in NO_NUMBER}  # told already
    for row in np.flatnonzero(np.isnan(values).all(axis=1)) if present else ():
        if int(text.index[row]) in wrong:
            continue
        details = {"unit": names.iloc[row]}
        found.append(Problem("index_unit_empty", data_label, int(text.index[row]), "uCode", names.iloc[row], details))
    if text.empty:
        found.append(Problem("empty", data_label))
    if found:
        raise ProblemError(found)
    units = pd.DataFrame({"uCode": text["uCode"].to_numpy()})
    units["uName"] = text["uName"].to_numpy() if "uName" in text.columns else units["uCode"]
    units["Time"] = text["Time"].to_numpy() if panel else ""
    for code in frame.groups:
        units[code] = text[code].to_numpy() if code in text.columns else ""
    notes = sorted({note for note in text["x_note"] if note}) if "x_note" in text.columns else []
    return Inputs(frame, units, values, pd.DataFrame(divisors, columns=below), "; ".join(notes), panel)


def _times(text: pd.DataFrame, label: str, found: list[Problem]) -> list[str]:
    """Return the times as years or ISO 8601 periods ("2020.0" is 2020); add a problem for each that is neither, or of another kind."""
    from nq57lab.base import periods

    times: list[str] = []
    kinds: dict[str, tuple[int, str]] = {}
    for row, cell in zip(text.index, text["Time"], strict=True):
        whole = cell.removesuffix(".0")
        if whole.isascii() and whole.removeprefix("-").isdigit():
            times.append(str(int(whole)))
            kinds.setdefault("number", (row, cell))
            continue
        times.append(cell)
        if not cell:
            found.append(Problem("required", label, int(row), "Time"))
        elif not periods.is_period(cell):
            found.append(Problem("index_time", label, int(row), "Time", cell))
        else:
            kinds.setdefault(periods.shape(cell), (row, cell))
    if len(kinds) > 1:
        row, cell = list(kinds.values())[-1]
        first = next(iter(kinds.values()))[1]
        found.append(Problem("index_times", label, int(row), "Time", cell, {"first": first}))
    return times


def _key_problems(text: pd.DataFrame, frame: Framework, panel: bool, label: str, found: list[Problem]) -> None:
    """Add what is wrong with the keys: units blank, twice, or told apart by their writing only; groups not filled."""
    for row in text.index[text["uCode"] == ""]:
        found.append(Problem("required", label, int(row), "uCode"))
    times = text["Time"] if panel else pd.Series("", index=text.index)
    seen: set[tuple[str, str]] = set()
    for row, unit, time in zip(text.index, text["uCode"], times, strict=True):
        if not unit:
            continue
        plain = " ".join(unicodedata.normalize("NFKC", unit).casefold().split())
        if (plain, time) in seen:
            shown = " ".join(filter(None, (unit, time)))
            found.append(Problem("index_unit_twice", label, int(row), "uCode", shown))
        seen.add((plain, time))
    for code in frame.groups:
        if code not in text.columns:
            found.append(Problem("missing_column", label, 1, code, details={"column": code}))
            continue
        for row, unit in text.loc[text[code] == "", "uCode"].items():
            found.append(Problem("index_group_blank", label, int(row), code, "", {"unit": unit}))


def _column_problems(columns: pd.Index, frame: Framework, label: str) -> list[Problem]:
    wanted = {"uCode", *frame.indicators}
    allowed = wanted | {"uName", "Time", *frame.groups, *frame.denominators, *frame.names} - set(frame.aggregates)
    found = [
        Problem("index_column", label, 1, name, name)
        for name in columns
        if name not in allowed and not name.startswith("x_")
    ]
    lacking = [code for code in ("uCode", *frame.indicators) if code not in columns]
    lacking += [code for code in dict.fromkeys(frame.divisors) if code and code not in columns]
    return found + [Problem("missing_column", label, 1, code, details={"column": code}) for code in lacking]


def _numbers(
    data: pd.DataFrame,
    text: pd.DataFrame,
    codes: Sequence[str],
    names: pd.Series,
    label: str,
    found: list[Problem],
) -> np.ndarray:
    """Return columns of text as numbers, and add a problem for each cell that is neither a number nor empty."""
    result = np.full((len(text), len(codes)), np.nan)
    for place, code in enumerate(codes):
        if code in text.columns:
            column = text[code]
            numbers = pd.to_numeric(column.replace("", None), errors="coerce").to_numpy(float)
            wrong = ~np.isfinite(numbers) & (column != "").to_numpy()
            commas = [bool(wrong[row]) and DECIMAL_COMMA.fullmatch(cell) is not None for row, cell in enumerate(column)]
        else:
            column, numbers = data[code], data[code].to_numpy(float, na_value=np.nan)
            wrong = np.isinf(numbers)
            commas = [False] * len(column)
        for row in np.flatnonzero(wrong):
            details = {"unit": names.iloc[row], "code": code}
            kind = "index_decimal_comma" if commas[row] else "index_number"
            found.append(Problem(kind, label, int(text.index[row]), code, str(column.iloc[row]), details))
        result[:, place] = numbers
    return result
