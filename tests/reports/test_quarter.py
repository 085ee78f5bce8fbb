"""A whole quarter on generated figures, in a temporary folder: forms, import, verification, report, profiles, check, site."""

import csv
import random

import openpyxl
import pandas as pd
import pytest
from support_project import copy_project, text_of
from typer.testing import CliRunner

from nq57lab.base.contract import OBSERVATIONS
from nq57lab.cli.main import app
from nq57lab.site.subjects import files
from nq57lab.store import forms

PROVINCES = ("34:01", "34:48")
GROUP = "B.02"
VALUE, NOTE = (list(forms.HEADS).index(name) + 1 for name in ("value", "note"))


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command in a copy of the project; a failed one fails the test with what it said."""
    project = copy_project(tmp_path)
    monkeypatch.chdir(project)
    monkeypatch.setattr(files, "paint", lambda drawn: drawn.with_suffix(".png").touch())  # tests of the site paint them

    def command(*arguments: str) -> str:
        result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    command.project = project
    return command


def fill(path, seed: int) -> int:
    """Fill a form with a generated figure, one for all rows (no part above its whole), each marked as such."""
    value, book = random.Random(seed).randint(20, 90), openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    last = next(row for row in range(forms.FIRST_ROW, sheet.max_row + 2) if not sheet.cell(row, 1).value)
    for row in range(forms.FIRST_ROW, last):
        sheet.cell(row, VALUE).value = value
        sheet.cell(row, NOTE).value = "sinh bằng máy để kiểm thử"
    book.save(path)
    return last - forms.FIRST_ROW


def verify(project, area: str) -> str:
    """Verify the figures of a form: the same rows again, with who, when and by which decision; return one printed value."""
    path = next(
        path
        for path in (project / "data/observations").glob("*.csv")
        if area in path.read_text("utf-8") and "để kiểm thử" in path.read_text("utf-8")
    )
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row |= {"status": "verified", "verified_by": "Tổ Giúp việc", "verified_on": "2026-10-05", "recorded": ""}
        row |= {"evidence": "Biên bản đối soát", "decision": "Thông báo xác thực quý III/2026", "vintage": "2026-10-05"}
    target = project / "xac-thuc.csv"
    pd.DataFrame(rows)[OBSERVATIONS.names].drop(columns="recorded").to_csv(target, index=False)
    return rows[0]["printed"]


def test_a_quarter_from_forms_to_site(run):
    project, counts = run.project, {}
    for seed, area in enumerate(PROVINCES):
        form = str(project / f"bieu-{seed}.xlsx")
        run("data", "template", "--group", GROUP, "--area", area, "--period", "2026-Q3", "-o", form)
        counts[area] = fill(form, seed)
        run("data", "check", form, "--vintage", "2026-09-25")
        assert f"đã ghi {counts[area]} số liệu" in run("data", "import", form, "--vintage", "2026-09-25")
    printed = verify(project, PROVINCES[0])
    assert f"đã ghi {counts[PROVINCES[0]]} số liệu" in run("data", "import", str(project / "xac-thuc.csv"))

    run("report", "init", "bao-cao-quy", "--period", "2026-Q3")
    section = project / "reports/sections/bao-cao-quy-2026-q3/nhan-xet.md"
    section.write_text("Chính phủ điện tử đạt {{so:A.02.08}}.\n", encoding="utf-8")
    run(
        "report",
        "params/bao-cao-quy-2026-q3.yml",
        "--formats",
        "html",
        "--renderer",
        "embedded",
        "--set",
        "known=2026-10-05",
    )
    page = text_of(project / "reports/bao-cao-quy-2026-q3/bao-cao-quy-2026-q3.html")
    assert "Chính phủ điện tử đạt 0,7709" in page and "quý III/2026" in page
    run("trace", "bao-cao-quy-2026-q3")

    over = f"area={','.join(PROVINCES)}"
    options = ["--set", "known=2026-10-05", "--set", "period=2026-Q3", "--formats", "html", "--renderer", "embedded"]
    assert "dựng 2" in run("batch", "params/ho-so-tinh.yml", "--over", over, *options, "--workers", "1")
    assert printed in text_of(project / "reports/ho-so-tinh/34-01/34-01.html")
    run("trace", "ho-so-tinh")

    run("site", "--audience", "noi-bo", "--known", "2026-10-05", "--renderer", "embedded")
    site = project / "reports/site-noi-bo"
    assert (site / "index.html").is_file() and (site / "feed.xml").is_file()
    assert list((site / "bao-cao").rglob("bao-cao-quy-2026-q3*.html"))
    assert any(PROVINCES[0] in path.read_text(encoding="utf-8") for path in (site / "du-lieu").rglob("*.csv"))
