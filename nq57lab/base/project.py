"""Where the project is: its root is the folder with ``_quarto.yml`` and ``data/``. Imports nothing heavy."""

import os
from pathlib import Path

from nq57lab.base.problems import Problem, ProblemError


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
        if (folder / "_quarto.yml").exists() and (folder / "data").is_dir():
            return folder
    raise ProblemError([Problem("no_project", found=str(here))])
