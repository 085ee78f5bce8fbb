"""Tasks on a day: the register and the reports by then; the form goes out, comes back, is stored or refused with all its faults."""

from dataclasses import replace
from datetime import date

import openpyxl
import pandas as pd
import pytest
from support import problems_of

from nq57lab.facts.registers import tasks
from nq57lab.store.tasks import reports

DAY, TODAY = date(2026, 8, 10), date(2026, 8, 11)
DONE = {
    "row": "",
    "text": "",
    "state": "hoàn thành",
    "done_on": "5/8/2026",
    "progress": "",
    "evidence": "QĐ 12",
    "by": "BCA",
}


def register(*rows):
    """Return rows of the register by their code and deadline."""
    blank = {"text": "Việc", "lead": "agency:BCA", "with": "", "product": "", "source": "S004, trang 1", "done_on": ""}
    return pd.DataFrame([blank | {"id": code, "due": due} for code, due in rows])


@pytest.fixture
def own(shipped, tmp_path):
    (tmp_path / "registers").mkdir()
    table = register(("A", "2026-07"), ("B", "2026-08"), ("C", ""), ("D", "2026-07"))
    told = pd.DataFrame(columns=reports.TABLE.names, dtype=str)
    return replace(shipped, root=tmp_path, tasks=table, task_reports=told)


def reported(catalogue, **rows):
    told = [
        {"task": task, "reported_on": day, "state": "done" if done else "doing", "done_on": done, "recorded": day}
        for task, (day, done) in rows.items()
    ]
    return replace(catalogue, task_reports=pd.DataFrame(told).reindex(columns=reports.TABLE.names, fill_value=""))


def test_a_task_has_one_state_on_a_day(own):
    known = reported(own, A=("2026-08-05", "2026-08-03"), B=("2026-08-20", "2026-08-20"))
    rows = tasks.as_of(known, DAY)
    assert rows["state"].tolist() == ["done", "due", "undated", "overdue"]
    assert rows["late"].fillna(-99).tolist() == [3, -21, -99, 10]
    assert tasks.as_of(known, date(2026, 8, 4))["state"].tolist() == ["overdue", "due", "undated", "overdue"]
    assert tasks.as_of(known, date(2026, 9, 1))["state"].tolist() == ["done", "done", "undated", "overdue"]


def test_the_form_goes_out_comes_back_and_is_kept(own, tmp_path):
    path = tmp_path / "nhiem-vu.xlsx"
    assert reports.write_form(own, path, DAY, "agency:BCA") == 4
    book = openpyxl.load_workbook(path)
    for place, value in {"E4": "hoàn thành", "F4": date(2026, 8, 5), "H4": "QĐ 12", "I4": "BCA"}.items():
        book.active[place] = value
    book.save(path)
    made = reports.checked(own, reports.read_form(path), path.name, DAY, TODAY)
    kept = reports.append(own, made).read_text(encoding="utf-8")
    assert kept.splitlines()[1:] == ["A,2026-08-10,done,2026-08-05,,QĐ 12,BCA,2026-08-11"]
    assert [problem.code for problem in problems_of(lambda: reports.append(own, made))] == ["task_reported"]
    assert (own.root / reports.TABLE.path).read_text(encoding="utf-8") == kept


@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"task": "Z"}, ["reference"]),
        ({"text": "Việc khác"}, ["form_key"]),
        ({"state": "xong rồi"}, ["values", "task_not_done"]),
        ({"done_on": "30/2/2026"}, ["bad_date"]),
        ({"done_on": "8/2026"}, ["bad_date"]),
        ({"done_on": "2026-09-01"}, ["future_vintage"]),
        ({"done_on": "", "evidence": ""}, ["task_done_needs", "task_done_needs"]),
        ({"state": "đang thực hiện"}, ["task_not_done"]),
        ({"progress": "=HYPERLINK(1)"}, ["formula_text"]),
        ({"by": ""}, ["required"]),
    ],
)
def test_a_report_is_refused_with_all_its_faults(own, changed, codes):
    found = problems_of(lambda: reports.checked(own, pd.DataFrame([{"task": "A"} | DONE | changed]), "", DAY, TODAY))
    assert [problem.code for problem in found] == codes
    assert all(problem.text("vi") and problem.text("en") for problem in found)
