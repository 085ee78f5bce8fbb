"""Opening JupyterLab on the project's notebooks: in Vietnamese, at the start page, without asking the network for news."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

START_PAGE = "BAT_DAU.md"
# Read by JupyterLab from the folder labconfig/ of every place in JUPYTER_CONFIG_PATH; a user's own settings come before it.
CONFIG = Path(__file__).resolve().parent / "config"


def command(root: Path, *, port: int | None = None, browser: bool = True) -> list[str]:
    """Return the command line that serves the notebooks.

    Parameters
    ----------
    root : Path
        The project's root.
    port : int, optional
        The port on 127.0.0.1 (default: JupyterLab's own, or the next free one).
    browser : bool
        Open a browser window.
    """
    line = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={root / 'notebooks'}",
        "--ServerApp.ip=127.0.0.1",
    ]
    line.append(f"--LabApp.default_url=/lab/tree/{START_PAGE}")
    line += [] if port is None else [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    # Started as root, e.g. in a container, JupyterLab refuses to run unless it is told that this is meant.
    line += ["--ServerApp.allow_root=True"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
    return line if browser else [*line, "--no-browser"]


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which JupyterLab finds the project's settings, before any that are already named."""
    paths = [str(CONFIG), *filter(None, given.get("JUPYTER_CONFIG_PATH", "").split(os.pathsep))]
    return {**given, "JUPYTER_CONFIG_PATH": os.pathsep.join(paths)}


def run(root: Path) -> int:
    """Open JupyterLab; return its exit code when it is closed."""
    return subprocess.call(command(root), env=environment(os.environ))
