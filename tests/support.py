"""What several test files use: the project's root, observations made for one test, published figures, imports into a store."""

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from nq57lab.base.contract import OBSERVATIONS
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts import catalogue, observations
from nq57lab.store import disk, intake, sdmx

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT / "tests" / "fixtures"

DEFAULTS = dict.fromkeys(OBSERVATIONS.names, "") | {
    "subject": "tasks_assigned",
    "area": "VN",
    "period": "2026-06",
    "measure": "stock",
    "qualifier": "=",
    "value": 1.0,
    "value_high": float("nan"),
    "unit": "nhiệm vụ",
    "status": "official",
    "vintage": "2026-06-30",
    "recorded": "2026-07-01",
    "source": "S004",
    "locator": "trang 1",
    "public": "no",
    "family": "count",
}


def observe(*rows: dict) -> pd.DataFrame:
    """Make a table of observations as they are after loading, in the order given."""
    frame = pd.DataFrame([DEFAULTS | {"id": f"test.csv:{place}"} | row for place, row in enumerate(rows, start=2)])
    return observations.add_dates(frame.astype({"value": float, "value_high": float}))


def stated_in(frame: pd.DataFrame, *sources: str) -> pd.DataFrame:
    """Return the rows that name one of some documents as their source: what a test of the documents' content may count."""
    return frame[frame["source"].str.extract(r"^([^,;]+)", expand=False).isin(sources)]


def reference_folder(name: str) -> Path:
    """Return a folder of published figures kept with the tests (``tests/reference/README.md``)."""
    return ROOT / "tests" / "reference" / name


def own_store(shipped: catalogue.Catalogue, root: Path) -> catalogue.Catalogue:
    """Return the catalogue with a store of its own, from which nothing was withdrawn."""
    return replace(shipped, root=root, withdrawals=shipped.withdrawals.iloc[:0])


def import_file(path: Path, catalogue: catalogue.Catalogue, *, today: date, wait: float = disk.WAIT, **said: str):
    """Import one file as ``nq57 data import`` does: read, then append."""
    return intake.append(intake.read(path, catalogue, today=today, **said), catalogue, today=today, wait=wait)


def read_sdmx(text: str) -> pd.DataFrame:
    """Read a data message of ours back to the contract's columns (codes stay SDMX's)."""
    table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    back = {column: table[name] for name, column in {**sdmx.DIMENSIONS, **sdmx.ATTRIBUTES}.items()}
    return pd.DataFrame({**back, "value": table["OBS_VALUE"]})[OBSERVATIONS.names]


def problems_of(call) -> list[Problem]:
    """Return the problems that a call raises."""
    with pytest.raises(ProblemError) as caught:
        call()
    for problem in caught.value.problems:  # every message can be written in both languages
        assert problem.text("vi") and problem.text("en")
    return caught.value.problems
