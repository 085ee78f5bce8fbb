"""The catalogue against the indicator set of June 2026 (source S001), and what a broken catalogue is told."""

import shutil
from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest

from nq57lab.base import formulas, wording
from nq57lab.base.problems import ProblemError
from nq57lab.facts import catalogue

# Counted in S001, Part 2 (tables of layers A and B, list of forms C), independently of the catalogue's files.
LAYERS = {"A": 26, "B": 142, "C": 12, "M": 12}
FREQUENCIES = {"quarter": 66, "year": 61, "month": 34, "day": 6, "": 1}
LEADS = {
    **{"agency:BKHCN": 84, "agency:BCA": 32, "agency:BTC": 18, "agency:VPTW": 15, "agency:BGDDT": 7, "agency:BTP": 3},
    **{"agency:NHNN": 2, "agency:BNV": 2, "agency:BNG": 2, "agency:BCT": 1, "agency:BYT": 1, "agency:BQP": 1},
}
IN_PER_CENT = 98
GROUP_SIZES = {"A": [8, 18], "B": [4, 4, 12, 15, 6, 8, 2, 2, 13, 7, 14, 9, 19, 9, 10, 8]}


@pytest.fixture(scope="module")
def printed(shipped):
    """The indicators of layers A and B."""
    return shipped.indicators[shipped.indicators["layer"].isin(["A", "B"])]


@pytest.fixture
def edited(tmp_path, root):
    """Copy the catalogue with texts replaced: file name → (old, new)."""

    def run(**changes):
        for folder in ("catalogue", "registers"):
            shutil.copytree(root / "data" / folder, tmp_path / folder)
        for name, (old, new) in changes.items():
            (path,) = tmp_path.glob(f"*/{name}.csv")
            text = path.read_text(encoding="utf-8")
            assert old in text
            path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return catalogue.load(tmp_path)

    return run


def test_every_layer_has_its_number_of_indicators(shipped):
    counted = Counter(shipped.indicators["layer"])
    assert {layer: counted[layer] for layer in LAYERS} == LAYERS
    assert shipped.indicators["code"].is_unique
    assert (shipped.indicators["code"].str[0] == shipped.indicators["layer"]).all()


def test_codes_are_numbered_without_a_gap_in_every_group(printed):
    expected = [
        f"{layer}.{group:02d}.{number:02d}"
        for layer, sizes in GROUP_SIZES.items()
        for group, size in enumerate(sizes, start=1)
        for number in range(1, size + 1)
    ]
    assert printed["code"].tolist() == expected
    assert (printed["code"].str[:4] == printed["group"]).all()


def test_frequencies_are_those_of_the_indicator_set(printed):
    assert Counter(printed["frequency"]) == FREQUENCIES
    assert printed[printed["frequency"] == ""]["code"].tolist() == ["A.02.18"]


def test_leads_are_those_of_the_indicator_set_and_every_one_is_an_agency(shipped, printed):
    assert Counter(printed["lead"]) == LEADS
    agencies = shipped.areas[shipped.areas["type"] == "agency"]["id"]
    leads = shipped.indicators["lead"].str.split("; ").explode()
    assert set(leads[leads != ""]) <= set(agencies)


def test_units_are_those_of_the_indicator_set(printed):
    assert (printed["unit"] == "%").sum() == IN_PER_CENT
    assert (printed["unit"] == "tỷ đồng").sum() == 17
    assert (printed["unit"] != "").all()


def test_names_are_as_printed(shipped):
    assert shipped.indicator("A.01.01")["name_printed"] == "Tỷ lệ nhiệm vụ hoàn thành đúng hạn."
    assert shipped.indicator("B.13.16")["name_printed"].startswith("Số khu công nghệ cao hoạt động thực chất")
    assert shipped.indicator("B.01.04")["frequency"] == "quarter"


def test_every_formula_parses_and_names_what_the_catalogue_has(shipped, printed):
    assert (printed["formula"] != "").sum() == 122
    texts = shipped.indicators[shipped.indicators["formula"] != ""].set_index("code")["formula"]
    subjects = set(shipped.indicators["code"]) | set(shipped.variables["id"])
    for code, text in texts.items():
        names = [reference.name for reference in formulas.references(formulas.parse(text))]
        assert names, code
        assert set(names) <= subjects, code
        assert code not in names, code


def test_a_formula_times_one_hundred_gives_per_cent(shipped):
    texts = shipped.indicators[shipped.indicators["formula"] != ""]
    shares = texts[texts["formula"].str.contains(r"\* 100$") | texts["formula"].str.startswith("growth(")]
    # Defects of the indicator set, kept as printed; the catalogue's audit lists them with a proposal.
    assert shares[shares["unit"] != "%"]["code"].tolist() == ["B.04.03", "B.08.01", "B.13.11"]


def test_areas_are_the_34_provinces_with_the_nation_as_parent(shipped):
    provinces = shipped.areas[shipped.areas["type"] == "province"]
    current = provinces[provinces["id"].str.startswith("34:")]
    assert len(current) == 34
    assert set(current["parent"]) == {"VN"}
    assert current["name_vi"].is_unique


def test_every_target_has_a_unit_and_a_number_unless_it_is_qualitative(shipped):
    numeric = shipped.targets[shipped.targets["comparator"] != "qualitative"]
    assert numeric["value"].notna().all()
    assert (numeric["unit"] != "").all()
    assert shipped.targets[shipped.targets["comparator"] == "qualitative"]["value"].isna().all()
    ranges = numeric["comparator"].eq("between")
    assert (numeric["value_high"][ranges] > numeric["value"][ranges]).all()


def test_a_target_in_its_indicators_own_unit_can_be_compared(shipped):
    family = shipped.units.set_index("unit")["family"]
    numeric = shipped.targets[~shipped.targets["comparator"].isin(["qualitative", "growth_between", "increment_since"])]
    units = numeric["indicator"].map(shipped.subject_units)
    assert (numeric["unit"].map(family) == units.map(family)).all()


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


def test_the_shipped_catalogue_has_no_problem(shipped):
    assert catalogue.cross_check(shipped) == []


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
            indicators=("A.01.01,", "A.01.02,"),
            units=("%,phần trăm,share,0.01", "%,phần trăm,share,một"),
            groups=("group,layer", "nhóm,layer"),
        )
    assert {(problem.code, problem.file) for problem in caught.value.problems} == {
        *(("duplicate", "indicators.csv"), ("pattern", "units.csv")),
        *(("unknown_column", "groups.csv"), ("missing_column", "groups.csv")),
    }


def test_cross_references_are_checked_on_loading(edited):
    with pytest.raises(ProblemError, match=r"indicators\.csv, dòng 2, cột formula"):
        edited(indicators=("tasks_completed_on_time / tasks_assigned", "tasks_on_time / tasks_assigned"))
