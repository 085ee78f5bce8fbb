"""Files are written whole or not at all: where the disk takes no more, what was there stays, nothing is left, the error names the file."""

import errno
import os
import resource
import subprocess
import sys

import pandas as pd
import pytest
from support import ROOT

from nq57lab.alerts import answers
from nq57lab.base import whole
from nq57lab.base.problems import disk_problem
from nq57lab.facts import commands
from nq57lab.publish import starting

FRAME = pd.DataFrame({"subject": ["A.02.02"] * 400, "value": range(400)})
ALERT = {
    "rule": "CB.02",
    "subject": "A.02.06",
    "area": "VN",
    "name": "Chậm",
    "since": "2026-06-30",
    "state": "standing",
}


@pytest.fixture
def full():
    """Let this process write no file beyond 100 bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def alerts(path):
    root = path.parents[3]
    answers.write(root, "thu", pd.DataFrame([ALERT | {"severity": "strategic", "subject_name": "Xếp hạng GII"}] * 9))


def table(path):
    commands.write_table(FRAME, path, "Bảng")


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("bang.csv", table),
        ("bang.parquet", table),
        ("reports/sections/thu/canh-bao.csv", alerts),
        ("van-ban.txt", lambda path: whole.write(path, "dài " * 100)),
    ],
)
def test_a_full_disk_leaves_the_earlier_file_and_no_other(name, write, tmp_path, full):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"truoc")
    with pytest.raises(OSError) as caught:
        write(path)
    assert caught.value.errno == errno.EFBIG and str(path) in disk_problem(caught.value).text("vi")
    assert path.read_bytes() == b"truoc"
    assert list(path.parent.iterdir()) == [path]


def test_a_report_that_could_not_be_begun_can_be_begun_again(tmp_path, full):
    (tmp_path / "params").mkdir()
    for schema in (ROOT / "params").glob("*.schema.json"):
        (tmp_path / "params" / schema.name).symlink_to(schema)
    with pytest.raises(OSError):
        starting.start(tmp_path, "bao-cao-quy", "2026-Q3")
    assert list(tmp_path.rglob("bao-cao-quy-2026-q3.yml")) == []
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    assert all(path.stat().st_size for path in starting.start(tmp_path, "bao-cao-quy", "2026-Q3"))


@pytest.mark.parametrize("there", [False, True])
def test_a_folder_takes_all_its_files_or_none(there, tmp_path):
    """A run that ends between two of an index's files leaves the folder as it was."""
    path = tmp_path / "ket-qua"
    if there:
        whole.write(path / "a.csv", "trước")
        whole.write(path / "khac.txt", "của người khác")
    before = sorted(path.rglob("*"))

    def interrupted():
        with whole.folder(path) as aside:
            whole.write(aside / "a.csv", "sau")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert sorted(path.rglob("*")) == before and path.exists() == there
    assert not there or (path / "a.csv").read_text() == "trước"
    with whole.folder(path) as aside:
        whole.write(aside / "a.csv", "sau")
        whole.write(aside / "stages/1.csv", "sau")
    made = {found.relative_to(path).as_posix() for found in path.rglob("*") if found.is_file()}
    assert made == {"a.csv", "stages/1.csv"} | ({"khac.txt"} if there else set())
    assert (path / "a.csv").read_text() == "sau" and [p.name for p in tmp_path.iterdir()] == ["ket-qua"]


def test_what_a_killed_run_left_aside_is_removed_and_a_running_one_left_alone(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left, running = (tmp_path / f".bang~{pid}.csv" for pid in (gone.pid, os.getppid()))
    left.write_text("nửa")
    running.write_text("đang ghi")
    whole.write(tmp_path / "bang.csv", "trọn")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([running.name, "bang.csv"])


def test_the_folders_of_killed_runs_are_removed_by_the_next(tmp_path, monkeypatch):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (tmp_path / f"nq57~{gone.pid}~x").mkdir()
    (tmp_path / "nq57~khac").mkdir()
    monkeypatch.setattr(whole.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(whole.tempfile, "tempdir", str(tmp_path))
    with whole.work() as work:
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["nq57~khac", work.name])
