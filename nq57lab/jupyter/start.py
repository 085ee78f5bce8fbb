"""Opening JupyterLab on the project: in Vietnamese, at the start page, without asking the network for news."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

START_PAGE = "notebooks/BAT_DAU.md"
PATIENCE = 30  # seconds that JupyterLab has to shut its kernels down
# Read by JupyterLab from the folder labconfig/ of every place in JUPYTER_CONFIG_PATH; a user's own settings come before it.
CONFIG = Path(__file__).resolve().parent / "config"


def command(root: Path, *, port: int | None = None, browser: bool = True) -> list[str]:
    """Return the command line that serves the project.

    Parameters
    ----------
    root : Path
        The project's root, which is also JupyterLab's: notebooks/, params/, reports/, docs/ and data/ open.
    port : int, optional
        The port on 127.0.0.1 (default: JupyterLab's own, or the next free one).
    browser : bool
        Open a browser window.
    """
    line = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}", "--ServerApp.ip=127.0.0.1"]
    line.append(f"--LabApp.default_url=/lab/tree/{START_PAGE}")
    line += [] if port is None else [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    # Started as root, e.g. in a container, JupyterLab refuses to run unless it is told that this is meant.
    line += ["--ServerApp.allow_root=True"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
    return line if browser else [*line, "--no-browser"]


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which JupyterLab finds the project's settings, before any that are already named."""
    paths = [str(CONFIG), *filter(None, given.get("JUPYTER_CONFIG_PATH", "").split(os.pathsep))]
    return {**given, "JUPYTER_CONFIG_PATH": os.pathsep.join(paths)}


def run(root: Path, *, port: int | None = None, browser: bool = True) -> int:
    """Open JupyterLab and stay until it is closed; ended by Ctrl-C or a signal, end it with its kernels. Return its exit code.

    Parameters
    ----------
    root, port, browser
        As of :func:`command`.
    """
    line = command(root, port=port, browser=browser)
    # In a session of its own, so that Ctrl-C reaches it through here only: once, and without its question.
    process = subprocess.Popen(line, env=environment(os.environ), start_new_session=True)

    def end(number: int, frame: FrameType | None) -> None:
        process.terminate()

    kinds = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {kind: signal.signal(kind, end) for kind in kinds}
    try:
        return process.wait()
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
        if process.poll() is None:
            process.terminate()
            process.wait(PATIENCE)
