"""The parameters of every step: what each may be, its default, and which of them each method reads."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from numbers import Real
from typing import Any

from nq57lab.base import messages
from nq57lab.composite.laboratory.treat import LOGARITHMS, TRANSFORMS

NORMALISATIONS = (
    *("minmax", "scaled", "zscore", "rank", "percentile_rank", "borda", "dist2max", "dist2ref", "dist2target"),
    *("fracmax", "goalposts", "none"),
)
AGGREGATIONS = ("arithmetic", "geometric", "harmonic", "power", "median", "copeland", "bod", "mpi", "topsis")
IMPUTATIONS = ("mean", "median", "none", "locf", "linear", "row_mean", "row_median")
TREATMENTS = ("auto", "none", "winsorise", *TRANSFORMS, "limits")
WEIGHT_SETS = ("original", "equal", "pca", "optimised", "entropy", "file")
OF_META = "iMeta"  # in the place of goalposts or limits: each indicator's own, from iMeta's columns
OWN_FUNCTION = re.compile(r"(?:[A-Za-z]:)?[^:]+\.py:[A-Za-z_]\w*")  # a user's file and a function in it


@dataclass(frozen=True)
class Field:
    """What a parameter may be: the code of its words and their particulars, a test of its value, and its default."""

    code: str
    test: Callable[[Any], bool]
    default: Any = None
    details: Mapping[str, object] = field(default_factory=dict)


def _number(low: float, high: float, default: float | None = None) -> Field:
    details = {"range": f"[{low:g}, {high:g}]"}
    return Field("index_number_in", lambda v: is_number(v) and low <= v <= high, default, details)


def _choice(*options: str, default: str | None = None) -> Field:
    details = {"value": ", ".join(options)}
    return Field("enum", lambda v: isinstance(v, str) and v in options, default, details)


def reason(code: str, /, **details: object) -> str:
    """Return a reason that stands within a result, in the language of this process."""
    return messages.reason(code, **details).words(messages.chosen())


def _method(*options: str, default: str | None = None) -> Field:
    """Return the field of a method: one of those built in, or a function of the user's own file."""

    def test(value: Any) -> bool:
        return isinstance(value, str) and (value in options or OWN_FUNCTION.fullmatch(value) is not None)

    return Field("index_method", test, default, {"value": ", ".join(options)})


def is_number(value: Any) -> bool:
    """Tell whether a value is a finite number (a truth value is not)."""
    return isinstance(value, Real) and not isinstance(value, bool) and abs(float(value)) < float("inf")


def is_whole(value: Any) -> bool:
    """Tell whether a value is a whole number (a truth value is not)."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_pair(value: Any) -> bool:
    """Tell whether a value is two numbers."""
    return isinstance(value, list | tuple) and len(value) == 2 and all(is_number(end) for end in value)


def _rising(value: Any) -> bool:
    return is_pair(value) and value[0] < value[1]


_TEXT = Field("index_name", lambda v: isinstance(v, str) and bool(v))
_FLAG = Field("json_boolean", lambda v: isinstance(v, bool))
_PAIR = Field("index_pair", _rising)
_MAPPING = Field("json_object", lambda v: isinstance(v, Mapping))
_LEVELS = Field("index_levels", lambda v: isinstance(v, list) and bool(v) and all(map(is_whole, v)))
_ANY_NUMBER = Field("json_number", is_number)
_POSITIVE = Field("index_positive", lambda v: is_number(v) and v > 0)
_COUNT = Field("index_whole_from", lambda v: is_whole(v) and v >= 0, details={"least": 0})


_POSTS = replace(_PAIR, code="index_posts", test=lambda v: v == OF_META or _rising(v))
NORMALISE = {
    "method": _method(*NORMALISATIONS),
    "range": _PAIR,
    "mean": replace(_ANY_NUMBER, default=0),
    "sd": replace(_POSITIVE, default=1),
    "unit": _TEXT,
    "posts": _POSTS,
    "truncate": _FLAG,
    "transform": _choice("none", "log", default="none"),
}
AGGREGATE = {
    "method": _method(*AGGREGATIONS, default="arithmetic"),
    "p": replace(_ANY_NUMBER, default=1),
    "lower": _number(0, 1, 0),
    "upper": _number(0, 1, 1),
    "penalty": _choice("minus", "plus", default="minus"),
}
TREAT = {
    "method": _method(*TREATMENTS, default="auto"),
    "winmax": replace(_COUNT, default=5),
    "skew": replace(_POSITIVE, default=2),
    "kurt": replace(_ANY_NUMBER, default=3.5),
    "then": _choice(*TRANSFORMS, "none", default="log"),
    "limits": _POSTS,
    "lambda": _ANY_NUMBER,
}
FIELDS: dict[str, dict[str, Field]] = {
    "denominate": {},
    "impute": {
        "method": _method(*IMPUTATIONS, default="mean"),
        "within": _TEXT,
        "otherwise": _choice("mean", "median", "none", default="none"),
    },
    "screen": {"availability": _number(0, 1, 0)},
    "treat": {**TREAT, "by": _MAPPING},
    "normalise": {**NORMALISE, "within": _choice("Time"), "by": _MAPPING},
    "weight": {
        "set": _choice(*WEIGHT_SETS, default="original"),
        "file": _TEXT,
        "levels": _LEVELS,
        "squared": replace(_FLAG, default=False),
        "target": _MAPPING,
    },
    "aggregate": {**AGGREGATE, "by_level": _MAPPING, "by_aggregate": _MAPPING, "min_available": _number(0, 1, 0)},
}
# Which keys each method reads besides "method"; any other is told, for it would do nothing.
OWN = "…py"  # a function of the user's own
USES: dict[str, dict[str, tuple[str, ...]]] = {
    "impute": {"none": (), "locf": ("otherwise",), "linear": ("otherwise",), "row_mean": ("otherwise",)}
    | {"row_median": ("otherwise",), OWN: ("within", "otherwise")}
    | dict.fromkeys(("mean", "median"), ("within", "otherwise")),
    "treat": {
        "auto": ("winmax", "skew", "kurt", "then", "lambda"),
        "none": (),
        "winsorise": ("winmax", "skew", "kurt"),
        **dict.fromkeys(LOGARITHMS, ("skew", "kurt")),
        "boxcox": ("lambda", "skew", "kurt"),
        "limits": ("limits", "skew", "kurt"),
        OWN: ("skew", "kurt"),
    },
    "normalise": {
        "minmax": ("range", "transform"),
        "scaled": ("range", "transform"),
        "zscore": ("mean", "sd", "transform"),
        "dist2max": ("range", "transform"),
        "dist2ref": ("unit", "truncate", "range", "transform"),
        "dist2target": ("truncate", "range", "transform"),
        "goalposts": ("posts", "truncate", "range", "transform"),
        "fracmax": ("range",),
        "none": ("transform",),
        "percentile_rank": ("range",),
        "rank": (),
        "borda": (),
        OWN: ("transform",),
    },
    "weight": {
        "original": (),
        "equal": ("levels",),
        "pca": ("levels", "squared"),
        "optimised": ("levels", "target"),
        "entropy": ("levels",),
        "file": ("file",),
    },
    "aggregate": dict.fromkeys((*AGGREGATIONS, OWN), ())
    | {"power": ("p",), "bod": ("lower", "upper"), "mpi": ("penalty",)},
}
