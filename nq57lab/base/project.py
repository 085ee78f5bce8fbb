"""Where the project is, and what it monitors: its root is the folder with ``_quarto.yml`` and ``data/``. Imports nothing heavy."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nq57lab.base.problems import Problem, ProblemError

SETTINGS = "_quarto.yml"
HEAD = (
    "the_thuc",
    "co_quan_cap_tren",
    "co_quan",
    "dia_danh",
)  # parameters of a report that the programme's settings give


@dataclass(frozen=True)
class Programme:
    """What a project monitors, as ``chuong-trinh`` of its ``_quarto.yml`` says it.

    ``name`` as documents print it, ``short`` on the site, ``noun`` within a sentence; ``steering`` is the body that reports turn to,
    ``regulation`` and ``grounds`` what they go by ("" for none), ``plan`` the document whose targets are listed one by one and ``plan_source``
    its id in sources.csv ("" for every target); ``base_year`` the last year before it took effect; ``head`` the parameters of :data:`HEAD`.
    """

    name: str = "Chương trình được theo dõi"
    short: str = ""
    noun: str = "chương trình"
    steering: str = "cơ quan chỉ đạo"
    regulation: str = ""
    grounds: str = ""
    plan: str = "chương trình"
    plan_source: str = ""
    base_year: int = 2024
    head: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What the site is called."""
        return f"Theo dõi {self.short or self.name}"

    def rule(self, where: str, form: str = " ({})") -> str:
        """Return a place in the regulation, in brackets: ``rule("Điều 14")``; "" where there is no regulation."""
        return form.format(f"{where} {self.regulation}".strip()) if self.regulation else ""

    def fill(self, text: str) -> str:
        """Write what a text calls by name: ``{chuong_trinh}``, ``{goi}``, ``{nam_goc}``, ``{can_cu}``."""
        told = {"chuong_trinh": self.name, "goi": self.noun, "nam_goc": self.base_year, "can_cu": self.grounds}
        for name, word in told.items():
            text = text.replace(f"{{{name}}}", str(word))
        return text


# Keys of the settings → fields.
KEYS = {
    **{"ten": "name", "ten-ngan": "short", "goi": "noun", "chi-dao": "steering", "quy-che": "regulation"},
    **{"can-cu": "grounds", "ke-hoach": "plan", "nguon-ke-hoach": "plan_source", "nam-goc": "base_year"},
}


def programme(root: Path) -> Programme:
    """Return what a project monitors.

    Raises
    ------
    ProblemError
        For a setting that is unknown, or not of its kind.
    """
    import yaml

    from nq57lab.base import messages

    path = root / SETTINGS
    read = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None
    told: dict[str, Any] = (read or {}).get("chuong-trinh") or {}
    head = {name: name.replace("_", "-") for name in HEAD}
    found = []
    for key, value in told.items():
        if key not in KEYS and key not in head.values():
            details: dict[str, Any] = {"allowed": ", ".join([*KEYS, *head.values()]), "hint": ""}
            found.append(
                Problem("parameter_unknown", SETTINGS, column=f"chuong-trinh.{key}", found=key, details=details)
            )
        elif isinstance(value, bool) or not isinstance(value, int if key == "nam-goc" else str):
            details = {"expected": messages.shape("json_integer" if key == "nam-goc" else "json_string")}
            found.append(Problem("parameter", SETTINGS, None, f"chuong-trinh.{key}", str(value), details))
    if found:
        raise ProblemError(found)
    own = {name: told[key] for key, name in KEYS.items() if key in told}
    return Programme(**own, head={name: told[key] for name, key in head.items() if key in told})


def find_root(start: Path | None = None) -> Path:
    """Return the project's root: the nearest folder upwards that holds ``_quarto.yml`` and ``data/``.

    Parameters
    ----------
    start : Path, optional
        Where to begin; without it ``NQ57_PROJECT`` (which ``nq57 --project`` sets), else the folder in which the program runs.

    Raises
    ------
    ProblemError
        If there is none.
    """
    said = os.environ.get("NQ57_PROJECT", "")
    here = (start or (Path(said) if said else Path.cwd())).resolve()
    for folder in (here, *here.parents) if start or not said else (here,):
        if (folder / SETTINGS).exists() and (folder / "data").is_dir():
            return folder
    raise ProblemError([Problem("no_project", found=str(here))])
