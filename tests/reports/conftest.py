"""The review of the project itself, made once a run for the files that look at it, by the process that comes first."""

import fcntl
import os
from pathlib import Path

import pytest
from support import ROOT

from nq57lab.publish import execute, params

REVIEW = "so-ket-18-thang"


@pytest.fixture(scope="session")
def review(tmp_path_factory) -> Path:
    """The folder of the review: its page, its trace and its executed notebook."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / REVIEW
    with (shared / f"{REVIEW}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / f"{REVIEW}.html").exists():
            folder.mkdir(exist_ok=True)
            parameters = params.load(ROOT / "params" / f"{REVIEW}.yml")
            execute.build(ROOT, parameters, folder, renderer="embedded", formats=["html"], in_process=True)
    return folder
