"""The gate of a final edition: everything that forbids it is listed at once, each with its place."""

import json

import nbformat
import pandas as pd
import pytest
from support import ROOT

from nq57lab.alerts import answers
from nq57lab.base.problems import ProblemError
from nq57lab.publish import params
from nq57lab.publish.final import gate, sections

ALERT = {
    **{"rule": "CB.02", "name": "Tốc độ dưới mức phải đạt", "check": "pace_below_required", "severity": "strategic"},
    **{"subject": "A.02.06", "subject_name": "Xếp hạng GII", "area": "VN", "state": "standing", "since": "2026-06-30"},
}
TEXT = """# Kết quả

Tăng 12,5 lần. Chưa có số liệu xác thực về vốn.

## Nhân lực

Chưa có số liệu xác thực; chưa có số liệu xác thực.
"""


@pytest.fixture
def made(tmp_path):
    """A project whose report has one section to be written, its executed notebook, and parameters of a final edition."""
    for name in ("data", "params"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "notebooks").mkdir()
    source = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("ban.section('nhan-xet', 'Nhận xét')")])
    nbformat.write(source, tmp_path / "notebooks" / "98_thu.ipynb")
    folder = tmp_path / "work"
    folder.mkdir()
    shown = nbformat.v4.new_output("display_data", {"text/markdown": TEXT})
    executed = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("ban", outputs=[shown])])
    nbformat.write(executed, folder / "thu.ipynb")
    (folder / "trace.csv").write_text("id,place,printed,recomputed,rows,status,value,unit\n", encoding="utf-8")
    lost = "place,sentence,missing,said\nVốn,Giải ngân ….,disbursement_rate,no\nVốn,Nửa ….,budget,yes\n"
    (folder / "without_figures.csv").write_text(lost, encoding="utf-8")
    pd.DataFrame([ALERT, ALERT | {"subject": "B", "severity": "operational"}]).to_csv(
        folder / "alerts.csv", index=False
    )
    parameters = params.load(ROOT / "params" / "bao-cao-quy-2026-q2.yml", ["draft=false", "edition=thu"])
    return tmp_path, parameters | {"notebook": "98_thu.ipynb"}, folder / "thu.ipynb"


def test_all_that_forbids_a_final_edition_is_listed_at_once(made):
    found = gate.check(*made)
    assert [(problem.code, problem.file, problem.found) for problem in found] == [
        ("section_empty", "reports/sections/thu/nhan-xet.md", ""),
        ("number_untraced", "Tăng 12,5 lần. Chưa có số liệu xác thực", "12,5"),
        ("alert_unanswered", "reports/sections/thu/canh-bao.csv", "Xếp hạng GII: Tốc độ dưới mức phải đạt"),
        ("figures_unverified", "Kết quả", "1"),
        ("figures_unverified", "Nhân lực", "2"),
        ("sentence_lost", "Vốn", "Giải ngân …."),
    ]
    assert all("cách sửa" in problem.text("vi") and problem.text("en") for problem in found)


def test_fields_and_numbers_of_sections_are_told_before_anything_runs_with_file_and_line(made):
    root, parameters, _ = made
    assert sections.check(root, parameters) == []
    path = root / "reports" / "sections" / "thu" / "nhan-xet.md"
    path.parent.mkdir(parents=True)
    path.write_text("Đạt {{so:A.02.02|ky=2024}}, {{dem:a-tong}}.\n\nTăng 12,5 lần; năm 2026.\n", encoding="utf-8")
    place = "reports/sections/thu/nhan-xet.md"
    assert [(typed.file, typed.row, typed.found) for typed in sections.check(root, parameters)] == [(place, 3, "12,5")]
    path.write_text("{{so:A.02.2}}\n\n{{sô:A.02.02}} {{so:A.02.02\n", encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        sections.check(root, parameters)
    assert [(wrong.file, wrong.row) for wrong in caught.value.problems] == [(place, 1), (place, 3), (place, 3)]


def test_what_is_written_answered_and_allowed_passes(made):
    root, parameters, notebook = made
    content = json.loads(notebook.read_text(encoding="utf-8"))
    content["cells"][0]["outputs"][0]["data"]["text/markdown"] = TEXT.replace("12,5", "nhiều")
    notebook.write_text(json.dumps(content), encoding="utf-8")
    path, left = answers.write(root, "thu", pd.DataFrame([ALERT]))
    assert left == 1
    path.write_text(
        path.read_text(encoding="utf-8-sig").replace(",,,", ",Đã giao Bộ,BKHCN,2026-08-01"), encoding="utf-8"
    )
    assert answers.write(root, "thu", pd.DataFrame([ALERT]))[1] == 0  # what was answered stays
    (root / "reports" / "sections" / "thu" / "nhan-xet.md").write_text("Đạt.", encoding="utf-8")
    assert gate.check(root, parameters | {"chua_xac_thuc": 4}, notebook) == []
    assert [problem.code for problem in gate.check(root, parameters | {"chua_xac_thuc": 3}, notebook)] == [
        "figures_unverified",
        "figures_unverified",
        "sentence_lost",
    ]
