"""Shared fixtures: the project's own data, read once, and small tables of observations made for one test."""

import io
from copy import copy
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

from nq57lab.base.contract import OBSERVATIONS
from nq57lab.facts import audit as quality
from nq57lab.facts import catalogue, observations
from nq57lab.facts.figures import Figures
from nq57lab.store import disk, intake, sdmx

# Seeded and untimed: a run finds the same examples again, on a slow machine too.
settings.register_profile("project", deadline=None, derandomize=True, database=None)
settings.load_profile("project")

ROOT = Path(__file__).resolve().parents[1]

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


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root."""
    return ROOT


@pytest.fixture(scope="session")
def shipped() -> catalogue.Catalogue:
    """The project's catalogue."""
    return catalogue.load(ROOT / "data")


@pytest.fixture(scope="session")
def entries(shipped) -> pd.DataFrame:
    """Every observation of the project, every vintage."""
    return observations.load(shipped)


@pytest.fixture(scope="session")
def table(entries) -> pd.DataFrame:
    """The newest figures."""
    return observations.as_of(entries)


@pytest.fixture(scope="session")
def audit(shipped, table) -> pd.DataFrame:
    """The audit of the draft review."""
    return quality.audit(shipped.relations, table)


@pytest.fixture(scope="session")
def draft_figures(shipped, table, audit) -> Figures:
    """The figures of a draft edition of the project's data; tests write into their own copy."""
    return Figures(shipped, table, audit)


@pytest.fixture
def figures(draft_figures) -> Figures:
    """The figures of a draft edition, with an empty trace."""
    own = copy(draft_figures)
    own.trace, own.named, own.place = [], {}, ""
    return own


@pytest.fixture
def in_project(monkeypatch, shipped, entries) -> None:
    """Stand in the project's root, whose data is not read again; another project's data is."""
    load_catalogue, load_observations = catalogue.load, observations.load
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(catalogue, "load", lambda root: shipped if root == ROOT / "data" else load_catalogue(root))
    monkeypatch.setattr(observations, "load", lambda found: entries if found is shipped else load_observations(found))


def reference_folder(name: str) -> Path:
    """Return a folder of published figures kept with the tests (``tests/reference/README.md``)."""
    return ROOT / "tests" / "reference" / name


def import_file(path: Path, catalogue: catalogue.Catalogue, *, today: date, wait: float = disk.WAIT, **said: str):
    """Import one file as ``nq57 data import`` does: read, then append."""
    return intake.append(intake.read(path, catalogue, today=today, **said), catalogue, today=today, wait=wait)


def read_sdmx(text: str) -> pd.DataFrame:
    """Read a data message of ours back to the contract's columns (codes stay SDMX's)."""
    table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    back = {column: table[name] for name, column in {**sdmx.DIMENSIONS, **sdmx.ATTRIBUTES}.items()}
    return pd.DataFrame({**back, "value": table["OBS_VALUE"]})[OBSERVATIONS.names]
