"""Shared fixtures: the project's own data, read once, and small tables of observations made for one test."""

from copy import copy
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings
from support import ROOT

from nq57lab.facts import audit as quality
from nq57lab.facts import catalogue, observations
from nq57lab.facts.figures import Figures

# Seeded and untimed: a run finds the same examples again, on a slow machine too.
settings.register_profile("project", deadline=None, derandomize=True, database=None)
settings.load_profile("project")


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
