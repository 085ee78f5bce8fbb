"""An agency's report, as a form or a table, lands with that agency as its source, and what is printed from it names the report."""

import sys
from datetime import date

import openpyxl
import pytest
from support import own_store

from nq57lab.cli import main
from nq57lab.facts import observations
from nq57lab.facts.figures import Figures
from nq57lab.store import cli as cli_data
from nq57lab.store import forms, intake

TODAY = date(2026, 7, 1)
HEAD = "Mã chỉ số,Địa bàn,Kỳ,Loại số,Giá trị,Đơn vị"
VALUE = list(forms.HEADS).index("value") + 1


@pytest.fixture
def place(tmp_path, shipped, monkeypatch):
    """An empty store with the project's catalogue, where the commands work."""
    (tmp_path / "observations").mkdir()
    found = own_store(shipped, tmp_path)
    monkeypatch.setattr(cli_data, "load_catalogue", lambda: found)
    return found


def run(monkeypatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["nq57", "data", "import", *arguments])
    with pytest.raises(SystemExit) as stop:
        main.main()
    return int(stop.value.code or 0)


def printed(place, subject: str, area: str = "VN") -> dict:
    """Print the store's figure of a subject and return its line of the trace."""
    figures = Figures(place, observations.as_of(intake.load(place)))
    figures.write(figures.get(subject, area=area))
    return figures.trace[-1]


def title(place, source: str) -> str:
    return place.sources.set_index("id").at[source, "title_vi"]


def test_a_table_imported_for_an_agency_is_traced_to_that_agencys_report(place, monkeypatch, tmp_path):
    path = tmp_path / "bao-cao.csv"
    path.write_text(f"{HEAD}\ntasks_assigned,VN,2026-06,thời điểm,1.937,nhiệm vụ\n", encoding="utf-8")
    arguments = (str(path), "--vintage", "30/6/2026", "--numbers", "vi")
    assert run(monkeypatch, *arguments, "--source", "BC_KHONG") == 1, "an agency that the catalogue does not know"
    assert list((place.root / "observations").iterdir()) == []
    assert run(monkeypatch, *arguments, "--source", "BC_BKHCN") == 0
    assert [file.name for file in (place.root / "observations").iterdir()] == ["BC_BKHCN_2026-06-30.csv"]
    line = printed(place, "tasks_assigned")
    assert (line["printed"], line["source"], line["vintage"]) == ("1.937\xa0nhiệm vụ", "BC_BKHCN", "2026-06-30")
    assert line["rows"] == "BC_BKHCN_2026-06-30.csv:2"
    assert title(place, line["source"]).endswith("của Bộ Khoa học và Công nghệ")


@pytest.mark.parametrize(
    ("choice", "source", "sender"),
    [
        (forms.Choice("agency", "agency:BTP", "2026-06"), "BC_BTP", "Bộ Tư pháp"),
        (forms.Choice("form", "C.07.01", "2026-06"), "BC_BCA", "Bộ Công an"),
        (forms.Choice("group", "B.03", "2026-06", area="34:75"), "BC_34_75", "Đồng Nai"),
    ],
)
def test_a_filled_form_is_traced_to_the_report_of_who_sent_it(choice, source, sender, place, monkeypatch, tmp_path):
    path = tmp_path / "bieu.xlsx"
    forms.write(place, choice, path, TODAY)
    asked = forms.rows(place, choice).iloc[0]
    book = openpyxl.load_workbook(path)
    book.worksheets[0].cell(forms.FIRST_ROW, VALUE).value = 12
    book.save(path)
    assert run(monkeypatch, str(path)) == 0
    stored = intake.load(place)
    assert stored[["subject", "item", "area", "source", "value"]].values.tolist() == [
        [asked["subject"], asked["item"], choice.area, source, 12.0]
    ]
    reference = asked["subject"] + (f"[item={asked['item']}]" if asked["item"] else "")
    line = printed(place, reference, choice.area)
    assert (line["source"], line["status"]) == (source, "self_reported")
    assert sender in title(place, line["source"])


def test_a_table_that_names_neither_source_nor_day_is_told_once_each_which_option_gives_it(
    place, monkeypatch, tmp_path, capsys
):
    path = tmp_path / "bao-cao.csv"
    path.write_text(f"{HEAD}\ntasks_assigned,VN,2026-06,thời điểm,120,nhiệm vụ\n", encoding="utf-8")
    assert run(monkeypatch, str(path)) == 1
    told = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in told] == [
        f"bao-cao.csv, dòng 2, cột {name}" for name in ("vintage", "source")
    ]
    assert ["--vintage" in told[0], "--source" in told[1]] == [True, True]
    assert list((place.root / "observations").iterdir()) == []
