"""A project of one's own, anywhere: from the checkout, and from the wheel in an environment of its own outside the repository."""

import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from support import FIXTURES, ROOT, problems_of

import nq57lab as nq
from nq57lab.base import project
from nq57lab.base.problems import ProblemError
from nq57lab.cli import starting
from nq57lab.composite import examples
from nq57lab.documents import edition, report_kinds
from nq57lab.facts import catalogue, observations
from nq57lab.publish import execute, params, verify
from nq57lab.quality import pages
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
    assert found.programme.title == "Theo dõi Theo dõi tỉnh" and found.programme.regulation == ""
    assert {"DU_AN", "Q_NQ202", "Q_TINH"} == set(found.sources["id"])  # no document of the Resolution
    assert examples.names(folder / "data" / "examples") == ["provinces"]
    assert project.find_root(folder) == folder.resolve()
    assert "mười hai nước" not in (folder / "notebooks" / "02_chi_so_vi_mo.ipynb").read_text(encoding="utf-8")
    said = pages._due(SimpleNamespace(catalogue=found))  # type: ignore[arg-type]
    assert said == '[25]{.hang-so ly-do="ngày phải gửi báo cáo"}'


LEVER = 'DB1,Hạ tầng,Hạ tầng,lever,,1,1,,,,,"X001, trang 1"'
PUSH = 'T1,DB1,funding,1,short,assumed,direct,stated,,Hạ tầng kéo đầu tư,,"X001, trang 1"'


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> Path:
    """A programme of one's own: the small invented catalogue with its few observations and a lever of its own, no comparators."""
    made = starting.start(tmp_path_factory.mktemp("tinh") / "rieng", empty=True, name="Đề án Một")
    shutil.copytree(FIXTURES / "project" / "data", made / "data", dirs_exist_ok=True)
    (made / "data" / "observations" / "BAT_DAU.csv").unlink()
    for name, row in {"loop_nodes": LEVER, "loop_links": PUSH}.items():
        with (made / "data" / "catalogue" / f"{name}.csv").open("a", encoding="utf-8") as stream:
            stream.write(row + "\n")
    return made


def outcomes(root: Path, scratch: Path) -> dict[str, str]:
    """Return, by report of a project: the words it prints, after "in: ", or those with which it is refused."""
    found = {}
    for path in sorted((root / "params").glob("*.yml")):
        parameters = params.load(path)
        parameters |= {"work": str(scratch / path.stem)} | ({"runs": 8} if "runs" in parameters else {})
        Path(parameters["work"]).mkdir()
        target = scratch / path.stem / "so.ipynb"
        try:
            report_kinds.require(root, parameters)
            with edition.undrawn():
                execute.execute(root / "notebooks" / parameters["notebook"], target, parameters, in_process=True)
            found[path.stem] = f"in: {verify.printed_text(target)}"
        except (ProblemError, execute.ExecutionError) as error:
            found[path.stem] = str(error)
    return found


# What a reader must never see: the name of a Python exception, a value that is none.
PYTHON = re.compile(r"\b\w+(?:Error|Exception)\b|\bnan\b|\bNone\b|Traceback")


# What only the Resolution's own documents say.
RESOLUTION = re.compile(r"57-NQ|Ban Chỉ đạo|Kế hoạch (?:số )?01-KH|Tổ Giúp việc|[Ss]áu vòng|Ba vòng")


def test_every_report_of_an_empty_project_runs_or_says_what_it_needs(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(folder)
    found = outcomes(folder, tmp_path)
    assert {name: PYTHON.findall(text) for name, text in found.items() if PYTHON.search(text)} == {}
    refused = {name for name, text in found.items() if not text.startswith("in: ")}
    assert refused == {"kpi-vi-mo", "vong-phan-hoi"}
    assert all("; cách sửa: " in found[name] and "data/catalogue/" in found[name] for name in refused)
    assert "params/muc-tieu.yml" in found["kpi-vi-mo"] and "Chưa tính điểm số động" in found["chi-so-tong-hop"]
    assert "chưa có" in found["bao-cao-quy-2026-q2"].casefold()
    assert "Danh mục chưa có KPI vĩ mô nào để dự báo" in found["phu-luc-du-bao"]
    assert "Chương trình có" in found["muc-tieu"] and "Chưa có dòng nào" in found["muc-tieu"]
    assert [name for name, text in found.items() if RESOLUTION.search(text)] == []


def test_a_programme_of_one_s_own_is_in_its_reports(own, tmp_path, monkeypatch):
    monkeypatch.chdir(own)
    found = outcomes(own, tmp_path)
    assert {name: PYTHON.findall(text) for name, text in found.items() if PYTHON.search(text)} == {}
    assert [name for name, text in found.items() if RESOLUTION.search(text)] == []
    assert "Theo dõi thực hiện Đề án Một quý II/2026" in found["bao-cao-quy-2026-q2"].replace("\u00a0", " ")
    assert "Tỷ lệ hồ sơ đúng hạn" in found["ho-so-tinh"]  # computed for the province too
    assert "một vòng" in found["vong-phan-hoi"] and "chưa liên kết nào có số liệu" in found["vong-phan-hoi"]
    assert "chỉ số lõi (data/catalogue/rankings.csv)" in found["xep-hang"]
    assert "Tỷ trọng kinh tế số" in found["kpi-vi-mo"] and "Chưa có chuỗi quốc tế" in found["kpi-vi-mo"]
    assert found["muc-tieu"].startswith("in: ") and found["phu-luc-du-bao"].startswith("in: ")


def test_a_programme_of_one_s_own_is_drawn_and_answers_at_the_door(own):
    lab = nq.open("2026-06-30", project=own)
    lab.ranking("2026-Q2").chart("map")  # no place on it for provinces that only share the codes
    loops = lab.loops()
    assert loops.frame["nodes"].tolist() == ["funding>M.01"] and "Hạ tầng" in str(loops.finding("leverage"))
    for name in ("diagram", "virtuous", "vicious", "response", "leverage"):
        loops.chart(name)
    assert lab["A.01.01"].series().frame.query("formula != ''")["value"].tolist() == [75, 80, 90]


def test_the_site_of_an_empty_project_says_what_is_not_there(folder):
    made = build.build(folder, "noi-bo", known=date(2026, 9, 30), renderer="embedded")
    said = {
        page: (made / f"{page}.html").read_text(encoding="utf-8") for page in ("quoc-gia", "he-thong", "phuong-phap")
    }
    assert "Chưa có bảng điểm các KPI vĩ mô." in said["quoc-gia"]
    assert "Không có nhiệm vụ nào quá hạn" in said["quoc-gia"]
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


def test_of_two_runs_at_once_one_makes_the_project_and_the_other_says_so(tmp_path, monkeypatch):
    target, real = tmp_path / "rieng", starting._empty

    def overtaken(data):
        monkeypatch.setattr(starting, "_empty", real)
        monkeypatch.setattr(starting.whole, "aside_of", lambda path: path.with_name(".khac"))
        starting.start(target, empty=True)
        real(data)

    monkeypatch.setattr(starting, "_empty", overtaken)
    assert [problem.code for problem in problems_of(lambda: starting.start(target, empty=True))] == ["folder_taken"]
    assert [path.name for path in tmp_path.iterdir()] == ["rieng"]
