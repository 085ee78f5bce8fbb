"""A project of one's own, anywhere: from the checkout, and from the wheel in an environment of its own outside the repository."""

import shutil
import subprocess
import sys
import sysconfig
import venv
from datetime import date
from pathlib import Path

import pytest
from support import ROOT, problems_of

from nq57lab.base import project
from nq57lab.cli import starting
from nq57lab.documents import edition
from nq57lab.facts import catalogue, observations
from nq57lab.publish import execute, params, verify
from nq57lab.publish import starting as begun
from nq57lab.site import build
from nq57lab.site.dashboards import calibration

PARTS = (
    "setup.py",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    *starting.FILES,
    "nq57lab",
    *starting.FOLDERS,
    *starting.COPIED,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """An empty project, as ``nq57 new FOLDER --empty`` starts it."""
    return starting.start(tmp_path_factory.mktemp("rieng") / "Theo dõi tỉnh", empty=True)


def test_an_empty_project_has_a_right_catalogue_with_one_example_and_no_figure(folder):
    found = catalogue.load(folder / "data")
    assert found.indicators["code"].tolist() == ["A.01.01"]
    assert observations.load(found).empty
    assert project.find_root(folder) == folder.resolve()


def test_the_quarterly_report_of_an_empty_project_runs_without_any_figure(tmp_path, monkeypatch):
    folder = starting.start(tmp_path / "rieng", empty=True)
    monkeypatch.chdir(folder)
    parameters = params.load(begun.start(folder, "bao-cao-quy", "2026-Q3")[0])
    (tmp_path / "work").mkdir()
    target = tmp_path / "work" / "so.ipynb"
    source = folder / "notebooks" / parameters["notebook"]
    with edition.undrawn():
        execute.execute(source, target, parameters | {"work": str(target.parent)}, in_process=True)
    text = verify.printed_text(target)
    assert "chưa có" in text.casefold()


def test_the_site_of_an_empty_project_says_what_is_not_there(folder):
    made = build.build(folder, "noi-bo", known=date(2026, 9, 30), renderer="embedded")
    said = {
        page: (made / f"{page}.html").read_text(encoding="utf-8") for page in ("quoc-gia", "he-thong", "phuong-phap")
    }
    assert "<caption>Bảng điểm các KPI vĩ mô: chưa có</caption>" in said["quoc-gia"]
    assert "Danh mục chưa có hệ thống nào" in said["he-thong"]
    assert calibration.UNTRIED.strip() in said["phuong-phap"]
    assert (made / "chi-so" / "A.01.01.html").exists() and (made / "muc-tieu" / "T2030.A.01.01.html").exists()


def test_a_copy_holds_the_same_catalogue_and_a_folder_with_something_in_it_is_left_alone(tmp_path, shipped):
    folder = starting.start(tmp_path / "ban-sao")
    assert catalogue.load(folder / "data").indicators.equals(shipped.indicators)
    (problem,) = problems_of(lambda: starting.start(folder))
    assert problem.code == "folder_taken"


def test_outside_a_project_the_message_says_how_and_a_variable_says_where(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NQ57_PROJECT", raising=False)
    (problem,) = problems_of(project.find_root)
    assert "--project" in problem.text("vi") and "nq57 new" in problem.text("en")
    monkeypatch.setenv("NQ57_PROJECT", str(ROOT))
    assert project.find_root() == ROOT


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The wheel in an environment that knows the dependencies and not the checkout; its ``nq57``."""
    work = tmp_path_factory.mktemp("banh-xe")
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, work / "nguon" / part, ignore=shutil.ignore_patterns("__pycache__", "kernel-ipc*"))
        elif source.is_file():
            (work / "nguon").mkdir(exist_ok=True)
            shutil.copyfile(source, work / "nguon" / part)
    build = [sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--no-build-isolation", "-q", "-w", str(work)]
    subprocess.run(build, cwd=work / "nguon", check=True, capture_output=True)
    shutil.rmtree(work / "nguon")
    (wheel,) = work.glob("*.whl")
    venv.create(work / "moi-truong", with_pip=False)
    python = work / "moi-truong" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(pip, check=True, capture_output=True)
    (site,) = (work / "moi-truong").glob("lib/python*/site-packages")
    (site / "zz-phu-thuoc.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return work / "moi-truong" / "bin" / "nq57"


def test_the_wheel_starts_a_project_outside_the_repository(installed, tmp_path):
    env = {"PATH": "/usr/bin:/bin", "LANG": "C"}  # no HOME, as under cron

    def run(*call):
        return subprocess.run([str(installed), *call], cwd=tmp_path, env=env, capture_output=True, encoding="utf-8")

    assert run("--version").stdout.startswith("nq57lab ")
    assert run("new", "dự án").returncode == 0
    assert run("--project", "dự án", "catalogue", "check").returncode == 0
    done = run("--project", "dự án", "data", "template", "--agency", "BTP", "-o", "biểu.xlsx")
    assert done.returncode == 0 and (tmp_path / "biểu.xlsx").stat().st_size > 5000
    assert "nq57 new" in run("data", "status").stderr
