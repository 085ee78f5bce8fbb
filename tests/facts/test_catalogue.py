"""The catalogue: words found in it, its lookups, and what a broken one is told."""

import shutil
from dataclasses import replace

import pandas as pd
import pytest
from support import FIXTURES

from nq57lab.base import wording
from nq57lab.base.problems import ProblemError
from nq57lab.facts import catalogue


@pytest.fixture
def edited(tmp_path):
    """Copy the small catalogue with texts replaced: file name → (old, new)."""

    def run(**changes):
        for folder in ("catalogue", "registers"):
            shutil.copytree(FIXTURES / "project" / "data" / folder, tmp_path / folder)
        for name, (old, new) in changes.items():
            (path,) = tmp_path.glob(f"*/{name}.csv")
            text = path.read_text(encoding="utf-8")
            assert old in text
            path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return catalogue.load(tmp_path)

    return run


@pytest.mark.parametrize("words", ["kinh te so", "KINH TẾ SỐ", "kinh tế số", "Kinh te SO"])
def test_words_are_found_with_or_without_accents(shipped, words):
    found = catalogue.find(shipped, words)
    pd.testing.assert_frame_equal(found, catalogue.find(shipped, "kinh tế số"))
    assert {"A.02.02", "digital_economy_value_added"} <= set(found["code"])


def test_both_spellings_of_a_tone_are_the_same_word(shipped):
    one, other = catalogue.find(shipped, "hòa"), catalogue.find(shipped, "hoà")
    pd.testing.assert_frame_equal(one, other)
    assert len(one) > 0
    pd.testing.assert_frame_equal(catalogue.find(shipped, "thủy"), catalogue.find(shipped, "thuỷ"))


def test_every_word_must_be_found_and_names_that_start_with_them_come_first(shipped):
    found = catalogue.find(shipped, "ty le giai ngan")
    texts = (found["code"] + " " + found["name_vi"]).map(wording.plain)
    assert texts.map(lambda text: all(word in text for word in ("ty", "le", "giai", "ngan"))).all()
    starts = found["name_vi"].str.startswith("Tỷ lệ giải ngân").tolist()
    assert starts == sorted(starts, reverse=True)
    assert 0 < sum(starts) < len(starts)
    assert catalogue.find(shipped, "kinh tế zzz").empty


def test_a_code_is_found_by_its_text(shipped):
    assert "A.01.05" in catalogue.find(shipped, "a.01.05")["code"].tolist()


def test_an_unknown_code_is_an_error_that_says_where_to_look(shipped):
    with pytest.raises(ProblemError, match="nq57 find") as caught:
        shipped.indicator("A.99.99")
    assert "A.99.99" in str(caught.value)


def test_names_and_breakdowns_have_vietnamese_labels(shipped):
    assert shipped.dims_label("pillar=KHCN") == "khoa học, công nghệ"
    assert shipped.dims_label("pillar=KHCN; pillar=DMST") == "khoa học, công nghệ, đổi mới sáng tạo"
    assert shipped.dims_label("") == ""
    assert shipped.agencies("agency:BKHCN; agency:BCA") == "Bộ Khoa học và Công nghệ; Bộ Công an"


@pytest.mark.parametrize(
    ("table", "column", "cell", "code"),
    [
        ("indicators", "unit", "phần nghìn", "reference"),
        ("indicators", "group", "A.09", "reference"),
        ("indicators", "lead", "agency:KHONG", "reference"),
        ("indicators", "lead", "VN", "reference"),
        ("indicators", "formula", "tasks_done / tasks_assigned", "reference"),
        ("indicators", "formula", "tasks_assigned / (2", "formula"),
        ("indicators", "source", "S999, mục I", "reference"),
        ("variables", "unit", "phần nghìn", "reference"),
        ("targets", "indicator", "A.99.99", "reference"),
        ("targets", "unit", "phần nghìn", "reference"),
        ("targets", "source", "S999", "reference"),
        ("areas", "parent", "34:99", "reference"),
        ("items", "form", "C.99.01", "reference"),
        ("items", "owner", "agency:KHONG", "reference"),
        ("crosswalk", "indicator", "A.99.99", "reference"),
        ("crosswalk", "other", "growth(a + b)", "formula"),
        ("relations", "expression", "tasks_done + 1", "reference"),
        ("relations", "alternative", "1 +", "formula"),
        ("relations", "source", "S999", "reference"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told_with_its_row(shipped, table, column, cell, code):
    frame = getattr(shipped, table).copy()
    frame.loc[frame.index[1], column] = cell
    found = catalogue.cross_check(replace(shipped, **{table: frame}))
    assert [(problem.code, problem.file, problem.row, problem.column) for problem in found] == [
        (code, f"{table}.csv", 3, column)
    ]


def test_a_code_that_is_both_an_indicator_and_a_variable_is_a_duplicate(shipped):
    variables = shipped.variables.copy()
    variables.loc[variables.index[-1], "id"] = "A.01.01"
    codes = [(problem.code, problem.found) for problem in catalogue.cross_check(replace(shipped, variables=variables))]
    assert ("duplicate", "A.01.01") in codes


def test_all_files_are_checked_before_anything_is_raised(edited):
    with pytest.raises(ProblemError) as caught:
        edited(
            indicators=("A.01.01,", "B.01.01,"),
            units=("%,phần trăm,%,share,0.01", "%,phần trăm,%,share,một"),
            groups=("group,layer", "nhóm,layer"),
        )
    assert {(problem.code, problem.file) for problem in caught.value.problems} == {
        *(("duplicate", "indicators.csv"), ("pattern", "units.csv")),
        *(("unknown_column", "groups.csv"), ("missing_column", "groups.csv")),
    }


def test_cross_references_are_checked_on_loading(edited):
    with pytest.raises(ProblemError, match=r"indicators\.csv, dòng 2, cột formula"):
        edited(indicators=("files_on_time / files_received", "files_timely / files_received"))


def test_indicators_are_found_and_called_by_their_english_names(shipped):
    for names in (shipped.indicators["name_en"], shipped.variables["name_en"]):
        assert (names != "").all() and not names.str.contains(r"[À-ÖØ-öø-ỹĐđ]").any()
    assert shipped.variables["name_en"].is_unique
    assert "A.02.02" in catalogue.find(shipped, "digital economy value added")["code"].tolist()
    assert shipped.called("A.02.02", "en") == "Digital economy value added in GDP and GRDP"
    assert shipped.called("A.02.02", "vi") == shipped.names["A.02.02"]
    assert shipped.called("tasks_assigned", "en") == "Tasks assigned"
    assert "rnd_expenditure" in catalogue.find(shipped, "gross domestic expenditure")["code"].tolist()
    assert shipped.called("34:79", "en") == shipped.names["34:79"]  # a proper name
