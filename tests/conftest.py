"""Shared fixtures: the project's own data, read once, and small tables of observations made for one test."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

from nq57lab import catalogue, observations, quality
from nq57lab.contract import OBSERVATIONS

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


@pytest.fixture
def in_project(monkeypatch) -> Callable[[], None]:
    """Stand in the project's root."""
    monkeypatch.chdir(ROOT)
