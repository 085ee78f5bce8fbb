"""A function of the user's own file in the place of a built-in method: named ``file.py:function``, loaded once.

An imputation takes one indicator's values within a group and returns them filled; a treatment takes and returns one indicator's values;
a normalisation takes them and the direction (+1, −1); an aggregation takes values (units × children) and weights.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from nq57lab.base.problems import Problem, ProblemError
from nq57lab.composite.laboratory.parts.fields import OWN_FUNCTION


def is_own(method: str) -> bool:
    """Tell whether a method names a function of the user's own.

    >>> is_own("tinh.py:diem"), is_own("minmax")
    (True, False)
    """
    return OWN_FUNCTION.fullmatch(method) is not None


def function(method: str) -> Callable[..., Any]:
    """Return the function that a method names.

    Raises
    ------
    ProblemError
        If there is no such file, it cannot be run, or it has no such function.
    """
    file, _, name = method.rpartition(":")
    path = Path(file)
    if not path.is_file():
        raise ProblemError([Problem("missing_file", path.name, details={"file": file})])
    found = _load(path.resolve(), path.stat().st_mtime_ns).get(name)
    if not callable(found):
        raise ProblemError([Problem("index_own_missing", path.name, None, name, details={"name": name})])
    return found


@lru_cache(maxsize=16)
def _load(path: Path, changed: int) -> dict[str, Any]:
    import runpy

    try:
        return runpy.run_path(str(path))
    except Exception as error:
        row = getattr(error, "lineno", None)
        found = f"{type(error).__name__}: {error}"
        raise ProblemError([Problem("index_own_file", path.name, row, "", found)]) from None


def called(call: Any, x: Any, name: str, stage: str, *more: Any) -> np.ndarray:
    """Call a user's function and refuse an answer of another shape, or one that fails."""
    try:
        given = call(x.copy(), *more)
        y = np.empty(0) if np.iscomplexobj(given) else np.asarray(given, dtype=float)
        found = "complex" if np.iscomplexobj(given) else f"shape {y.shape}"
    except Exception as error:  # whatever the user's function does
        y, found = np.empty(0), f"{type(error).__name__}: {error}"
    if y.shape != x.shape[:1]:
        details = {"shape": str(x.shape[:1])}
        raise ProblemError([Problem("index_own_function", stage, None, name.rpartition(":")[2], found, details)])
    return y
