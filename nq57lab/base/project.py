"""Where the project is: its root is the folder with ``_quarto.yml`` and ``data/``. Imports nothing heavy."""

from pathlib import Path

from nq57lab.base.problems import Problem, ProblemError


def find_root(start: Path | None = None) -> Path:
    """Return the project's root: the nearest folder upwards that holds ``_quarto.yml`` and ``data/``."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "_quarto.yml").exists() and (folder / "data").is_dir():
            return folder
    raise ProblemError([Problem("missing_file", str(here), details={"file": "_quarto.yml"})])
