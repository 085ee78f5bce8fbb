"""The guide done as printed: every command of parts A and B in its order, in a copy of the project.

What makes whole reports, sites and bench runs takes minutes and is run with ``pytest --guide``; the rest always.
"""

import re
import shlex
from datetime import date

import openpyxl
import pytest
from support import ROOT, observe
from support_project import copy_project
from typer.testing import CliRunner

from nq57lab.base.contract import OBSERVATIONS
from nq57lab.cli.main import app
from nq57lab.store import cli, disk, forms

GUIDE = (ROOT / "docs" / "huong-dan.md").read_text(encoding="utf-8")
LONG = re.compile(
    r"nq57 (?:report (?!init)|batch|trace|check|diff|remake|site|index uncertainty|forecast backtest|data export|alerts .*--since)"
)
# Not run: options alone, what waits for a reader, tables of the user's own.
OTHERS = re.compile(
    r"--help|nq57 data (?:verify --|template --verify|status --missing)|nq57 trace$|--no-browser|(?:muc-tieu|chuoi|lien-ket|iData)\.csv"
)


class Today(date):
    """The day on which the guide's quarter is worked on."""

    @classmethod
    def today(cls):
        return cls(2026, 11, 1)


def commands() -> list[str]:
    """Return the guide's commands in their order: lines of code blocks and whole commands within sentences and tables."""
    found = []
    for block, line in re.findall(r"```bash\n(.*?)```|`((?:nq57) [^`]+)`", GUIDE, re.DOTALL):
        lines = (text.split("  #")[0].strip() for text in (block or line).splitlines())
        found += [text for text in lines if text.startswith("nq57") and "…" not in text]
    return [text for text in found if not OTHERS.search(text)]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A copy of the project on the guide's day, with what its sentences presuppose: a row of Bộ Tư pháp, the user's own files."""
    made = copy_project(tmp_path)
    monkeypatch.chdir(made)
    monkeypatch.setattr(cli, "date", Today)
    sent = observe(
        {"subject": "legal_documents_due", "unit": "văn bản", "period": "2026-09", "status": "self_reported"}
    )
    sent = sent.assign(source="BC_BTP", vintage="2026-10-25", recorded="2026-10-25").fillna("").astype(str)
    (made / "data/observations/BC_BTP_2026-10-25.csv").write_bytes(disk.content(sent[OBSERVATIONS.names]))
    own = 'subject,area,period,measure,value,unit,vintage\nB.06.03,VN,2026-09,thời điểm,"84,8",%,5/10/2026\n'
    (made / "so-lieu.csv").write_text(own, encoding="utf-8")
    return made


def fill(path) -> None:
    """Do what the guide asks of an agency: write values into yellow cells."""
    book = openpyxl.load_workbook(path)
    sheet, column = book.worksheets[0], list(forms.HEADS).index("value") + 1
    sheet.cell(forms.FIRST_ROW, column).value = 5
    sheet.cell(forms.FIRST_ROW, list(forms.HEADS).index("note") + 1).value = "nhập để kiểm thử"
    book.save(path)


def fill_tasks(path) -> None:
    book = openpyxl.load_workbook(path)
    for place, value in {"E4": "đang thực hiện", "G4": "Đã lập kế hoạch", "I4": "Bộ Công an"}.items():
        book.active[place] = value
    book.save(path)


def test_the_guide_can_be_done_as_printed(project, request):
    long_too, ran = request.config.getoption("--guide"), []
    for text in commands():
        words = shlex.split(text)[1:]
        if LONG.match(text) and not long_too:
            continue
        if "da-sua.docx" in text:
            source = project / "reports/bao-cao-quy-2026-q2/bao-cao-quy-2026-q2.docx"
            (project / words[1]).write_bytes(source.read_bytes())
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, f"{text}\n{result.output}\n{result.exception!r}"
        ran.append(text)
        if words[:2] == ["data", "template"]:
            fill(project / words[words.index("-o") + 1])
        if words[:2] == ["tasks", "form"]:
            fill_tasks(project / words[words.index("-o") + 1])
    assert len(ran) > 20
    assert (project / "data/registers/task_reports.csv").read_text(encoding="utf-8").count("\n") == 3
    assert len(list((project / "data/observations").glob("BC_B*.csv"))) == 3  # as sent, verified, and imported


def test_the_guides_python_runs_as_printed(in_project):
    for block in re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL):
        names: dict = {}
        exec(compile(block, "huong-dan.md", "exec"), names)
        assert names["x"].series().frame is not None
