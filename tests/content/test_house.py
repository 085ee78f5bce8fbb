"""The house is in order: rooms and layers, their size, and the picture of them in the documents."""

import runpy
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

from support import ROOT

PACKAGE = ROOT / "nq57lab"


def test_imports_go_down_only_and_in_no_circle():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "2 kept, 0 broken" in done.stdout


def test_no_module_is_loose_and_no_room_is_crowded():
    assert {path.name for path in PACKAGE.glob("*.py")} == {"__init__.py", "__main__.py"}
    assert len([path for path in PACKAGE.iterdir() if path.name != "__pycache__"]) <= 24
    modules = Counter(path.parent for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
    assert {folder: number for folder, number in modules.items() if number > 15} == {}
    files = Counter(path.parent for path in PACKAGE.rglob("*.*") if path.is_file() and path.suffix != ".pyc")
    assert {folder: number for folder, number in files.items() if number > 16} == {}


def test_the_picture_of_the_rooms_is_that_of_the_code():
    rooms = runpy.run_path(str(ROOT / "docs" / "rooms.py"))
    assert (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8") == rooms["written"]()
    assert all(
        line.count("|") > 2 and not line.endswith("|  |") for line in rooms["rooms"]().splitlines() if "|" in line
    )


def test_every_file_of_the_package_that_is_no_python_goes_into_the_wheel():
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    packed = {
        path for name, patterns in told.items() for p in patterns for path in (ROOT / name.replace(".", "/")).glob(p)
    }
    found = {path for path in (ROOT / "nq57lab").rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert found == packed
