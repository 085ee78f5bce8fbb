"""Forms: filled in and imported they give the same figures; a form of another edition or with changed keys is refused, with the reason."""

import re
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import import_file, own_store, problems_of, read_sdmx

from nq57lab.base import printing, tables
from nq57lab.base.contract import OBSERVATIONS
from nq57lab.base.problems import ProblemError
from nq57lab.facts.shares import shares_of
from nq57lab.store import export, forms, intake, sheets
from nq57lab.store.headed import KNOWN

TODAY = date(2026, 7, 1)
CHOICE = forms.Choice("agency", "agency:BTP", "tháng 6/2026", source="S004")
VALUE = list(forms.HEADS).index("value") + 1


@pytest.fixture
def place(tmp_path, shipped):
    (tmp_path / "observations").mkdir()
    return own_store(shipped, tmp_path)


def fill(path, values: dict[int, object], column: int = VALUE) -> None:
    book = openpyxl.load_workbook(path)
    for row, value in values.items():
        book.worksheets[0].cell(forms.FIRST_ROW + row, column).value = value
    book.save(path)


def codes(path, catalogue) -> list[str]:
    with pytest.raises(ProblemError) as error:
        import_file(path, catalogue, today=TODAY)
    return [problem.code for problem in error.value.problems]


@pytest.mark.parametrize(("kind", "code"), [("agency", "agency:BTP"), ("group", "B.03"), ("form", "C.07.01")])
def test_a_form_asks_for_what_the_catalogue_says(kind, code, place, tmp_path):
    path = tmp_path / "bieu.xlsx"
    count = forms.write(place, forms.Choice(kind, code, "2026-06"), path, TODAY)
    grid = sheets.read(path, KNOWN)
    table = forms.rows(place, forms.Choice(kind, code, "2026-06"))
    assert count == len(table)
    assert not table.duplicated(list(forms.KEYS)).any()
    assert set(table["unit"]) <= set(place.units["unit"])
    assert forms.is_form(grid)


def test_a_form_locks_its_keys_and_offers_the_words(place, tmp_path):
    path = tmp_path / "bieu.xlsx"
    forms.write(place, CHOICE, path, TODAY)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    assert sheet.protection.sheet
    row = forms.FIRST_ROW
    assert sheet.cell(row, 1).protection.locked
    assert not sheet.cell(row, VALUE).protection.locked
    lists = [rule for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert len(lists) == 2
    assert "Dùng cho" in sheet.cell(row, 1).comment.text
    assert book[forms.HIDDEN].sheet_state == "veryHidden"


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_filled_form_imported_and_exported_gives_the_same_figures(data, place, tmp_path):
    for old in (tmp_path / "observations").iterdir():
        old.unlink()
    path = tmp_path / "bieu.xlsx"
    choice = forms.Choice("group", "B.03", "2026-06", source="S004")
    table = forms.rows(place, choice)
    forms.write(place, choice, path, TODAY)
    number = st.tuples(st.integers(0, 10**9), st.integers(0, 6)).map(
        lambda pair: pair[0] / 10 ** pair[1]
    )  # Excel keeps 15 digits
    family = dict(zip(place.units["unit"], place.units["family"], strict=True))
    values = {}
    for row, unit in enumerate(table["unit"]):
        if data.draw(st.booleans()) or not row:
            values[row] = float(data.draw(st.integers(0, 10**9))) if family[unit] == "count" else data.draw(number)
            values[row] = values[row] % 100 if family[unit] == "share" else values[row]
            if family[unit] == "money_vnd":  # within what is plausible, in the 15 digits of a sheet
                values[row] = float(f"{values[row] / 100:.15g}")
    rows = {subject: row for row, subject in enumerate(table["subject"])}
    for _ in range(5):  # a part above its whole is refused, and is not what this test is about
        for _, part, whole in shares_of(place):
            if rows.get(part) in values and rows.get(whole) in values:
                values[rows[whole]] = max(values[rows[whole]], values[rows[part]])
    fill(path, values)
    batch = intake.check(
        path, place, today=TODAY, accept="số sinh ngẫu nhiên"
    )  # its questions are not what this test is about
    intake.append(batch, place, today=TODAY)
    files = export.export(intake.load(place), place, tmp_path / "out", TODAY)

    wanted = {(table["subject"][row], table["item"][row]): value for row, value in values.items()}
    text = tables.read_text(files[0], "observations.csv")
    for frame in (tables.convert(text, OBSERVATIONS), read_sdmx(files[4].read_text(encoding="utf-8"))):
        assert {key: float(value) for key, value in zip(wanted, frame["value"], strict=True)} == wanted
    book = openpyxl.load_workbook(files[2])
    column = OBSERVATIONS.names.index("value")
    assert [row[column] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)] == list(wanted.values())


def test_a_cell_typed_as_per_cent_gives_the_number_that_it_shows(place, tmp_path):
    path = tmp_path / "bieu.xlsx"
    reported = place.indicators[(place.indicators["formula"] == "") & (place.indicators["unit"] == "%")].iloc[0]
    choice = forms.Choice("group", reported["group"], "2026-06", source="S004")
    row = forms.rows(place, choice)["subject"].tolist().index(reported["code"])
    forms.write(place, choice, path, TODAY)
    book = openpyxl.load_workbook(path)
    cell = book.worksheets[0].cell(forms.FIRST_ROW + row, VALUE)
    cell.value, cell.number_format = 0.848, "0.0%"
    book.save(path)
    assert intake.check(path, place, intake.load(place), today=TODAY).frame["value"].tolist() == ["84.8"]


def test_a_blank_form_is_refused(place, tmp_path):
    path = tmp_path / "bieu.xlsx"
    forms.write(place, CHOICE, path, TODAY)
    assert codes(path, place) == ["form_blank"]


def test_changed_keys_are_refused_each_with_its_row(place, tmp_path):
    path = tmp_path / "bieu.xlsx"
    forms.write(place, CHOICE, path, TODAY)
    fill(path, {0: 5})
    fill(path, {0: "tasks_assigned", 1: "x"}, column=list(forms.HEADS).index("subject") + 1)
    with pytest.raises(ProblemError) as error:
        import_file(path, place, today=TODAY)
    assert [(p.code, p.row, p.column) for p in error.value.problems] == [("form_key", 5, "Mã"), ("form_key", 6, "Mã")]


def test_a_removed_row_is_refused(place, tmp_path):
    path = tmp_path / "bieu.xlsx"
    forms.write(place, CHOICE, path, TODAY)
    fill(path, {0: 5})
    book = openpyxl.load_workbook(path)
    book.worksheets[0].delete_rows(forms.FIRST_ROW + 1)
    book.save(path)
    assert "form_row" in codes(path, place)


def test_a_row_gone_from_the_middle_is_one_problem_that_names_it(place, tmp_path):
    path = tmp_path / "bieu.xlsx"
    forms.write(place, CHOICE, path, TODAY)
    book = openpyxl.load_workbook(path)
    gone = book.worksheets[0].cell(forms.FIRST_ROW + 1, list(forms.HEADS).index("subject") + 1).value
    book.worksheets[0].delete_rows(forms.FIRST_ROW + 1)
    book.save(path)
    with pytest.raises(ProblemError) as error:
        intake.check(path, place, today=TODAY)
    (problem,) = error.value.problems
    assert problem.code == "form_row"
    assert f"thiếu {gone}" in problem.found["vi"]


def test_a_form_copied_without_its_key_sheet_is_held_to_the_catalogue(place, tmp_path):
    path = tmp_path / "bieu.xlsx"
    forms.write(place, CHOICE, path, TODAY)
    fill(path, {0: 12})
    book = openpyxl.load_workbook(path)
    del book[forms.HIDDEN]
    book.save(path)
    batch = intake.check(path, place, today=TODAY)
    assert batch.frame[["value", "source"]].to_numpy().tolist() == [["12", "BC_BTP"]]
    assert [notice.code for notice in batch.told] == ["keyless"]
    fill(path, {1: "2026-Q3"}, column=list(forms.HEADS).index("period") + 1)
    assert codes(path, place) == ["form_key"]
    fill(path, {1 - forms.FIRST_ROW: "Biểu số liệu: Cơ quan không có"}, column=1)
    assert codes(path, place) == ["form_broken"]


def test_a_form_whose_names_were_typed_over_is_refused(place, tmp_path):
    path = tmp_path / "bieu.xlsx"
    forms.write(place, CHOICE, path, TODAY)
    fill(path, {0: 12})
    fill(path, {0: "Một số khác"}, column=1)
    (problem,) = problems_of(lambda: intake.check(path, place, today=TODAY))
    assert (problem.code, problem.row, problem.column) == ("form_key", forms.FIRST_ROW, "Tên số liệu")


def test_a_form_prints_without_codes_and_checks_while_it_is_typed_in(place, tmp_path):
    path = tmp_path / "bieu.xlsx"
    forms.write(place, CHOICE, path, TODAY, verify=True)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    heads = [cell.value for cell in sheet[forms.FIRST_ROW - 1]]
    printed = heads[: openpyxl.utils.cell.range_boundaries(sheet.print_area.split("!")[1])[2]]
    assert set(heads) - set(printed) == {"Mã", "Mã đối tượng", "Phân tổ"}
    assert set(forms.VERIFY.values()) <= set(printed)
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth) == ("landscape", 1)
    assert sheet.print_title_rows == f"${forms.FIRST_ROW - 1}:${forms.FIRST_ROW - 1}"
    limits = {
        (rule.formula1, rule.formula2, rule.errorStyle)
        for rule in sheet.data_validations.dataValidation
        if rule.type == "decimal"
    }
    assert ("0", "1000000000000", "stop") in limits
    told = [rule.error for rule in sheet.data_validations.dataValidation if rule.type == "decimal"]
    assert all(re.match(r"Ghi một số( từ \S+ đến \S+| không nhỏ hơn \S+| không quá \S+)? \(", text) for text in told)
    assert not any("1.000.000.000.000.000" in text for text in told)


def test_a_problem_of_a_form_speaks_of_its_own_heads_and_words(place, tmp_path):
    path = tmp_path / "bieu.xlsx"
    forms.write(place, CHOICE, path, TODAY)
    fill(path, {0: "khoảng một trăm"})
    fill(path, {0: "chắc chắn"}, column=list(forms.HEADS).index("status") + 1)
    with pytest.raises(ProblemError) as error:
        intake.check(path, place, today=TODAY)
    told = error.value.text()
    assert "cột Giá trị" in told
    assert "cột Tình trạng" in told
    assert "tự báo cáo" in told
    assert "self_reported" not in told


def test_a_range_given_by_two_numbers_is_printed(place, tmp_path):
    path = tmp_path / "bieu.xlsx"
    forms.write(place, CHOICE, path, TODAY)
    fill(path, {0: 20})
    fill(path, {0: 31}, column=VALUE + 1)
    import_file(path, place, today=TODAY)
    row = intake.load(place).iloc[0]
    assert printing.printed_number(row) == "20 – 31"


def test_a_changed_hidden_sheet_is_refused(place, tmp_path):
    path = tmp_path / "bieu.xlsx"
    forms.write(place, CHOICE, path, TODAY)
    book = openpyxl.load_workbook(path)
    book[forms.HIDDEN]["A2"] = book[forms.HIDDEN]["A2"].value.replace("2026-06", "2026-05")
    book.save(path)
    assert codes(path, place) == ["form_broken"]


def test_a_form_of_another_edition_is_refused_with_the_reason(place, tmp_path):
    path = tmp_path / "bieu.xlsx"
    forms.write(place, CHOICE, path, TODAY)
    fill(path, {0: 5})
    later = place.indicators.assign(
        valid_from=place.indicators["valid_from"].where(place.indicators.index > 0, "2027-01-01")
    )
    assert codes(path, replace(place, indicators=later)) == ["form_edition"]


def test_a_form_whose_unit_has_changed_since_is_refused_with_the_code(place, tmp_path):
    path = tmp_path / "bieu.xlsx"
    forms.write(place, CHOICE, path, TODAY)
    subject = forms.rows(place, CHOICE)["subject"][0]
    variables, indicators = place.variables.copy(), place.indicators.copy()
    variables.loc[variables["id"] == subject, "unit"] = "km"
    indicators.loc[indicators["code"] == subject, "unit"] = "km"
    with pytest.raises(ProblemError) as error:
        import_file(path, replace(place, variables=variables, indicators=indicators), today=TODAY)
    assert subject in error.value.text()


@pytest.mark.parametrize("choice", [("agency", "agency:NOPE"), ("group", "Z.01"), ("form", "B.01.01"), ("other", "x")])
def test_an_unknown_choice_is_refused(choice, place, tmp_path):
    with pytest.raises(ProblemError):
        forms.write(place, forms.Choice(*choice, "2026-06"), tmp_path / "bieu.xlsx", TODAY)
