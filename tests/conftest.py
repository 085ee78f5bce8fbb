"""Shared fixtures: the project's own data, read once, and small tables of observations made for one test."""

import gc
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from copy import copy
from functools import cache
from pathlib import Path

import fastjsonschema
import pandas as pd
import pytest
import support
import support_growth
from hypothesis import settings

from nq57lab.charts import theme
from nq57lab.cli import main
from nq57lab.facts import audit as quality
from nq57lab.facts import catalogue, observations
from nq57lab.facts.figures import Figures

# Seeded and untimed: a run finds the same examples again, on a slow machine too.
settings.register_profile("project", deadline=None, derandomize=True, database=None)
settings.load_profile("project")
# At Python's own pace the search for garbage takes a third of the collection of the tests and a tenth of the run.
gc.set_threshold(*main.COLLECTIONS)


def pytest_addoption(parser) -> None:
    """Offer a run on the project with one correct row more of each kind."""
    parser.addoption(
        "--grown", action="store_true", help="run on a copy of the project with one more correct row of each kind"
    )
    parser.addoption("--guide", action="store_true", help="run the guide's long commands too (reports, sites)")


def pytest_configure(config) -> None:
    """Put the grown project in the project's place, before any test file asks where it is."""
    if config.getoption("--grown"):
        folder = Path(tempfile.mkdtemp(prefix="nq57-grown-"))
        support.ROOT = support_growth.grown_project(support.ROOT, folder)
        config.add_cleanup(lambda: shutil.rmtree(folder))


def pytest_collection_finish() -> None:
    """Leave modules and tests, which live as long as the run, out of the search for garbage."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items) -> None:
    """Start with the files that make whole editions, so that no worker is left with one of them at the end."""
    items.sort(key=lambda item: not {"reports", "jupyter", "publish", "site"} & set(item.path.parent.parts[-1:]))


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root."""
    return support.ROOT


@pytest.fixture(scope="session")
def shipped() -> catalogue.Catalogue:
    """The project's catalogue."""
    return catalogue.load(support.ROOT / "data")


@pytest.fixture(scope="session")
def small() -> catalogue.Catalogue:
    """The catalogue of the small invented project (``tests/fixtures/project``), for tests of code."""
    return catalogue.load(support.FIXTURES / "project" / "data")


@pytest.fixture(scope="session")
def small_entries(small) -> pd.DataFrame:
    """Every observation of the small project."""
    return observations.load(small)


@pytest.fixture
def small_copy(tmp_path) -> catalogue.Catalogue:
    """A copy of the small project that a test may write into."""
    shutil.copytree(support.FIXTURES / "project" / "data", tmp_path / "data")
    return catalogue.load(tmp_path / "data")


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
    monkeypatch.chdir(support.ROOT)

    def catalogue_of(root: Path, check: bool = True) -> catalogue.Catalogue:
        return shipped if root == support.ROOT / "data" else load_catalogue(root, check)

    def observations_of(found: catalogue.Catalogue, verify: bool = True) -> pd.DataFrame:
        return entries if found is shipped else load_observations(found, verify)

    monkeypatch.setattr(catalogue, "load", catalogue_of)
    monkeypatch.setattr(observations, "load", observations_of)


@pytest.fixture
def nq57(monkeypatch, capsys, in_project):
    """Run a command in the project; give back its exit code, what it printed and its error."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NQ57_LANG", "vi")  # a call sets it

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["nq57", *map(str, arguments)])
        code = 0
        try:
            main.main()
        except SystemExit as stop:
            code = stop.code or 0
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture(scope="session", autouse=True)
def drawings_fit_the_schema() -> Iterator[None]:
    """Hold every drawing that a test makes to Vega-Lite's schema, each once: reports are made without that check."""
    seen: set[int] = set()
    themed = theme.themed

    def checked(*arguments, **options) -> dict:
        spec = themed(*arguments, **options)
        told = json.dumps(spec, sort_keys=True, default=str)
        if hash(told) not in seen:
            seen.add(hash(told))
            fits()(json.loads(told))  # raises where the schema does not allow it
        return spec

    patch = pytest.MonkeyPatch()
    patch.setattr(theme, "themed", checked)
    yield
    patch.undo()


@cache
def fits():
    """Return the check of a drawing against the schema that Altair carries; compiled, it takes milliseconds a drawing."""
    import altair

    schema = Path(altair.__file__).parent / "vegalite" / "v6" / "schema" / "vega-lite-schema.json"
    return fastjsonschema.compile(json.loads(schema.read_text(encoding="utf-8")), use_default=False)
