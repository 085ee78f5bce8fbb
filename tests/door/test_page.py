"""The door's page: its reference is the docstrings', every question has a small picture, and README's lines run."""

import re
import runpy

import support

from nq57lab.base import wording
from nq57lab.forecast import evidence

DOCS = support.ROOT / "docs"


def test_the_reference_is_that_of_the_code():
    door = runpy.run_path(str(DOCS / "door.py"))
    text = (DOCS / "giao-dien.md").read_text(encoding="utf-8")
    assert text == door["written"](text)
    for call in ("nq.open", "nq.report", ".progress", ".outlook", ".series", ".uncertainty", ".to_excel"):
        assert f"#### `{call}`" in text


def test_every_question_has_a_picture_and_all_are_small():
    text = (DOCS / "giao-dien.md").read_text(encoding="utf-8")
    named = re.findall(r"!\[[^\]]+\]\((hinh/cau-\d+\.png)\)", text)
    assert named == [f"hinh/cau-{number:02d}.png" for number in range(1, 21)]
    files = [DOCS / name for name in named]
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in files)
    assert sum(file.stat().st_size for file in files) < 1_600_000
    assert sorted(path.name for path in (DOCS / "hinh").iterdir()) == sorted(file.name for file in files)


def test_the_lines_of_the_readme_run(monkeypatch):
    readme = (support.ROOT / "README.md").read_text(encoding="utf-8")
    (lines,) = re.findall(r"```python\n(.*?)```", readme, re.S)
    monkeypatch.chdir(support.ROOT)
    names: dict = {}
    exec(compile(lines, "README.md", "exec"), names)
    assert "A.02.06" in repr(names["x"])
    assert len([line for line in lines.splitlines() if line]) <= 6


def test_the_coverage_that_the_page_quotes_is_the_measured_one():
    text = (DOCS / "giao-dien.md").read_text(encoding="utf-8")
    said = []
    for level in (80, 95):
        seen = evidence.overall("yearly", level)
        said.append(f"{wording.number(100 * seen.coverage, 1)}% ± {wording.number(100 * seen.error, 1)}")
    assert f"khoảng 80% và 95% chứa {said[0]} và {said[1]}" in text
