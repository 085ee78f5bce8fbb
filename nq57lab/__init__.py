"""nq57lab: a research environment for monitoring Viet Nam's Resolution 57-NQ/TW.

``import nq57lab as nq`` is the analyst's door: :func:`nq.open` on a day, :func:`nq.report` in a report's own notebook, and :class:`nq.Index`, :func:`nq.forecast`,
:func:`nq.evaluate_targets`, :func:`nq.loops` on anybody's own tables. Importing the package loads nothing heavy; pandas and the rest come
with the name that is first used.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from nq57lab.base.imports import lighten

__version__ = "0.1.0"
_DOOR = {
    "open": ("lab", "open_lab"),
    "report": ("lab", "open_report"),
    "Lab": ("lab", "Lab"),
    "Index": ("index", "Index"),
    "forecast": ("own.tables", "forecast"),
    "evaluate_targets": ("own.tables", "evaluate_targets"),
    "loops": ("own.tables", "loops"),
}


class _Package(ModuleType):
    """The package, whose names of the door stay the door's when the slices ``forecast`` and ``loops`` are imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _DOOR:
            super().__setattr__(name, value)


def __getattr__(name: str) -> Any:
    if name not in _DOOR:
        raise AttributeError(f"module 'nq57lab' has no attribute {name!r}")
    module, own = _DOOR[name]
    return getattr(import_module(f"nq57lab.door.{module}"), own)


def __dir__() -> list[str]:
    return [*globals(), *_DOOR]


lighten()
sys.modules[__name__].__class__ = _Package
