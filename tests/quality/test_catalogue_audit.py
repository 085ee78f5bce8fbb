"""The catalogue audit: every rule on a catalogue of a few rows, and the known defects of the indicator set (S001)."""

from dataclasses import fields, replace

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from nq57lab.base import messages, tables
from nq57lab.base.contract import CORRECTABLE, INDICATORS, TABLES
from nq57lab.base.problems import ProblemError
from nq57lab.facts import catalogue
from nq57lab.facts.catalogue import Catalogue
from nq57lab.quality.catalogue_audit import audit

SOUND = dict.fromkeys(INDICATORS.names, "") | {
    "code": "B.90.01",
    "name_vi": "Tỷ lệ hồ sơ đúng hạn",
    "layer": "B",
    "group": "B.90",
    "unit": "%",
    "frequency": "quarter",
    "direction": 1,
    "kind": "share",
    "formula": "files_on_time / files * 100",
    "lead": "agency:MOT",
    "basis": "Chương trình 1",
    "source_system": "Tổng hợp tự động từ Lớp C.90.01",
    "source": "S001, Phần II.II",
}
FORM = SOUND | {
    **{"code": "C.90.01", "name_vi": "Hồ sơ đúng hạn", "layer": "C", "group": "C.90", "unit": "", "frequency": ""},
    **{"kind": "form", "formula": "", "basis": "", "source_system": "", "direction": 0},
}
VARIABLES = {
    **{
        "files": "hồ sơ",
        "files_on_time": "hồ sơ",
        "files_received": "hồ sơ",
        "procedures": "thủ tục",
        "people": "người",
        "days": "ngày",
    },
    **{"money": "tỷ đồng", "exports": "tỷ USD", "products": "sản phẩm"},
}
NAMES = {"files_received": "Số hồ sơ tiếp nhận"}
UNITS = {
    **{"%": "share", "hồ sơ": "count", "thủ tục": "count", "người": "count", "sản phẩm": "count", "ngày": "duration"},
    **{"tỷ đồng": "money_vnd", "tỷ USD": "money_usd", "người/100 dân": "per_capita", "thứ hạng": "rank"},
    **{"tỷ đồng/sản phẩm": "ratio"},
}
AGENCIES = [
    {"id": "agency:MOT", "name_vi": "Bộ Một", "parent": ""},
    {"id": "agency:HAI", "name_vi": "Bộ Hai", "parent": ""},
    {"id": "agency:CUC", "name_vi": "Cục Của Bộ Một", "parent": "agency:MOT"},
]


def make(*indicators: dict, **others: list[dict]) -> Catalogue:
    """Make a catalogue of the indicators given (each SOUND but for what it says) and the C form C.90.01."""
    rows = {
        "indicators": [*(SOUND | row for row in indicators), FORM],
        "variables": [{"id": name, "name_vi": NAMES.get(name, name), "unit": unit} for name, unit in VARIABLES.items()],
        "units": [{"unit": unit, "name_vi": unit, "family": family, "factor": 1.0} for unit, family in UNITS.items()],
        "areas": [row | {"type": "agency"} for row in AGENCIES],
        "sources": [{"id": "S001", "title_vi": "Bộ chỉ số", "kind": "văn bản"}],
    } | others
    frames = {
        field.name: pd.DataFrame(rows.get(field.name, []), columns=TABLES[field.name].names).fillna("")
        for field in fields(Catalogue)
        if field.init and field.name != "root"
    }
    return Catalogue(root=None, **frames)


def rules_of(found: pd.DataFrame) -> set[tuple[str, str]]:
    return set(zip(found["rule"], found["code"], strict=True))


def group_of(number: int, **changes) -> list[dict]:
    """Sound indicators B.90.01, B.90.02, …, each with its own formula."""
    return [
        {
            "code": f"B.90.{place:02d}",
            "name_vi": f"Tỷ lệ thứ {place}",
            "formula": f"files_on_time / {place} / files * 100",
        }
        | changes
        for place in range(1, number + 1)
    ]


# Rule, a row that has the defect, a row that has not.
ONE_ROW = [
    ("Đơn vị trái công thức", {"unit": "tỷ đồng"}, {}),
    ("Đơn vị trái công thức", {"formula": "files_on_time / files"}, {"formula": "growth(files)"}),
    ("Đơn vị trái công thức", {"formula": "mean_duration(days, files)"}, {"formula": "mean_duration(days, files)", "unit": "ngày"}),
    ("Đơn vị trái công thức", {"formula": "per(people, people, 100)", "unit": "người"}, {"formula": "per(people, people, 100)", "unit": "người/100 dân"}),
    ("Đơn vị trái công thức", {"formula": "files", "unit": "người"}, {"formula": "files + files_on_time", "unit": "hồ sơ"}),
    ("Đơn vị trái công thức", {"formula": 'count_where(files, ">=", 2)'}, {"formula": 'count_where(files, ">=", 2)', "unit": "hồ sơ"}),
    ("Số đếm ghi bằng %", {"name_vi": "Số lượng hồ sơ"}, {"name_vi": "Số lượng hồ sơ", "unit": "hồ sơ"}),
    ("Số đếm ghi bằng %", {"name_vi": "Tổng số hồ sơ tăng hằng năm", "formula": ""}, {"name_vi": "Sốt rét"}),
    ("Số đếm tính bằng thương số", {"name_vi": "Tổng số hồ sơ"}, {"name_vi": "Tổng số hồ sơ", "formula": "files"}),
    ("Tỷ lệ sai đơn vị", {"unit": "hồ sơ"}, {}),
    ("Tỷ lệ sai đơn vị", {"unit": "", "formula": ""}, {"name_vi": "Doanh thu", "unit": "tỷ đồng", "formula": "money"}),
    ("Tỷ lệ thiếu công thức", {"formula": "", "kind": "reported"}, {"formula": "", "name_vi": "Số hồ sơ", "unit": "hồ sơ"}),
    ("Đơn vị thiếu gốc", {"name_vi": "Nhân lực trên một vạn dân", "unit": "người", "formula": ""}, {"name_vi": "Nhân lực trên một vạn dân", "unit": "người/100 dân", "formula": ""}),
    ("Đơn vị thiếu gốc", {"name_vi": "Doanh thu bình quân trên một sản phẩm", "unit": "tỷ đồng", "formula": "money / products"}, {"name_vi": "Doanh thu bình quân trên một sản phẩm", "unit": "tỷ đồng/sản phẩm", "formula": "money / products"}),
    ("Đơn vị thiếu gốc", {"name_vi": "Thuê bao", "kind": "per_capita", "unit": "người", "formula": ""}, {"name_vi": "Chi trên GDP", "formula": ""}),
    ("Mẫu số khác đối tượng", {"formula": "files / procedures * 100"}, {}),
    ("Mẫu số khác đối tượng", {"formula": "money / exports * 100"}, {"formula": "money / exports * 100", "kind": "ratio"}),
    ("Mẫu số gồm phần chưa đến hạn", {"formula": "files_on_time / files_received * 100"}, {}),
    ("Mẫu số gồm phần chưa đến hạn", {"formula": "files_on_time / files_received * 100"}, {"name_vi": "Tỷ lệ hồ sơ điện tử", "formula": "files_on_time / files_received * 100"}),
    ("Thiếu kỳ dữ liệu", {"frequency": ""}, {}),
    ("Kỳ trái nguồn", {"kind": "rank"}, {"kind": "rank", "frequency": "year"}),
    ("Kỳ trái nguồn", {"source_system": "Số do tổ chức quốc tế công bố"}, {"frequency": "day"}),
    ("Biểu C không có", {"source_system": "Lớp C.90.02"}, {}),
    ("Bỏ quên biểu C", {"source_system": "Báo cáo"}, {}),
    ("Bỏ quên biểu C", {"source_system": "Báo cáo", "code": "A.01.01", "layer": "A", "group": "A.01"}, {"source_system": "Báo cáo", "name_vi": "Tỷ lệ giải ngân"}),
    ("Thiếu căn cứ", {"basis": ""}, {}),
    ("Thiếu căn cứ", {"basis": ""}, {"basis": "", "layer": "M", "group": "M", "code": "M.01"}),
    ("Căn cứ viết hỏng", {"basis": "Quy định số 05-QĐ//BCDDTTWW"}, {"basis": "Quy định số 05-QĐ/BCĐTW; Quyết định số 2244/QĐ-TTg"}),
    ("Căn cứ chép nguồn", {"basis": "Báo cáo", "source_system": "Báo cáo"}, {"basis": "", "source_system": ""}),
    ("Chủ trì khác nguồn", {"source_system": "Báo cáo của Bộ Hai"}, {"source_system": "Báo cáo của Cục Của Bộ Một"}),
    ("Chủ trì khác nguồn", {"lead": "agency:HAI"}, {"source_system": "Báo cáo của Bộ Hai, Bộ Một"}),
    ("Chủ trì khác nguồn", {"lead": "agency:HAI"}, {"lead": ""}),
    ("Chưa rõ chiều", {"direction": 0}, {"direction": -1}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "bad", "good"), ONE_ROW)
def test_a_rule_finds_the_defect_and_only_the_defect(rule, bad, good):
    bad_code, good_code = bad.get("code", "B.90.01"), good.get("code", "B.90.01")
    (own,) = [found for found in audit.RULES if found.name == rule]
    assert bad_code in {finding[0] for finding in own.find(make(bad))}
    assert good_code not in {finding[0] for finding in own.find(make(good))}


def test_a_sound_catalogue_has_no_finding():
    found = audit.audit(make({}))
    assert found.empty
    assert list(found.columns) == ["rule", "code", "problem", "proposed", "source"]


def test_a_catalogue_without_indicators_has_no_finding():
    empty = make()
    empty = replace(empty, indicators=empty.indicators.iloc[:0])
    assert audit.audit(empty).empty


def test_the_only_frequency_of_its_kind_in_a_group_is_found():
    rows = group_of(4)
    rows[2]["frequency"] = "year"
    assert ("Kỳ lệch nhóm", "B.90.03") in rules_of(audit.audit(make(*rows)))
    rows[3]["frequency"] = "year"  # two and two: no usual frequency
    assert not {c for r, c in rules_of(audit.audit(make(*rows))) if r == "Kỳ lệch nhóm"}


def test_a_frequency_unlike_the_others_of_its_form_is_found():
    rows = group_of(3)
    rows[1]["frequency"] = "month"
    assert {c for r, c in rules_of(audit.audit(make(*rows))) if r == "Kỳ lệch biểu C"} == {"B.90.02"}
    rows[1]["source_system"] = "Báo cáo"
    assert not {c for r, c in rules_of(audit.audit(make(*rows))) if r == "Kỳ lệch biểu C"}


OTHER = {"code": "B.91.01", "group": "B.91", "name_vi": "Mức đúng hạn"}


def test_twins_are_found_with_their_frequencies_and_leads():
    found = rules_of(audit.audit(make({}, OTHER)))
    assert ("Trùng công thức", "B.91.01") in found
    assert ("Cùng số, khác kỳ hoặc chủ trì", "B.91.01") not in found
    for change in ({"frequency": "year"}, {"lead": "agency:HAI"}):
        found = rules_of(audit.audit(make({}, OTHER | change)))
        assert {("Trùng công thức", "B.91.01"), ("Cùng số, khác kỳ hoặc chủ trì", "B.91.01")} <= found
    apart = rules_of(audit.audit(make({}, OTHER | {"formula": "files_on_time[kind=a] / files * 100"})))
    assert ("Trùng công thức", "B.91.01") not in apart


def test_the_crosswalk_tells_twins_and_near_twins_that_have_no_formula():
    one, other = {"formula": ""}, OTHER | {"formula": "", "frequency": "year"}
    line = {"indicator": "B.91.01", "other": "B.90.01", "reason": "x", "source": "S001"}
    same = rules_of(audit.audit(make(one, other, crosswalk=[line | {"kind": "same"}])))
    assert ("Cùng số, khác kỳ hoặc chủ trì", "B.91.01") in same
    near = rules_of(audit.audit(make(one, other, crosswalk=[line | {"kind": "near"}])))
    assert ("Gần trùng", "B.91.01") in near
    different = rules_of(audit.audit(make(one, other, crosswalk=[line | {"kind": "different"}])))
    assert not {rule for rule, _ in different} & {"Gần trùng", "Cùng số, khác kỳ hoặc chủ trì"}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"formula": "files_on_time / procedures * 100"}, True),  # one numerator, two denominators
        ({"formula": "procedures / files * 100"}, False),
        ({"formula": "", "name_vi": "Tỷ lệ hồ sơ đúng hạn."}, True),  # one name
        ({"formula": "", "name_vi": "Tỷ lệ hồ sơ đúng hạn.", "unit": "hồ sơ"}, False),
        ({"formula": "files_on_time / procedures * 100", "group": "B.90"}, False),  # a breakdown of its own group
    ],
)
def test_near_twins_are_those_of_two_groups_with_one_numerator_or_one_name(change, found):
    rules = rules_of(audit.audit(make({}, OTHER | change)))
    assert (("Gần trùng", "B.91.01") in rules) is found


def test_a_form_that_nobody_cites_is_found():
    assert ("Biểu C không ai dẫn", "C.90.01") in rules_of(audit.audit(make({"source_system": "Báo cáo"})))
    assert ("Biểu C không ai dẫn", "C.90.01") not in rules_of(audit.audit(make({})))


def test_a_form_of_another_group_is_found_only_where_the_own_group_has_one():
    forms = [FORM, FORM | {"code": "C.91.01", "group": "C.91"}]
    rows = [SOUND | {"source_system": "Lớp C.91.01"}, SOUND | OTHER | {"code": "B.92.01", "group": "B.92"}]
    found = rules_of(audit.audit(make(indicators=[*rows, *forms])))
    assert {code for rule, code in found if rule == "Dẫn biểu C nhóm khác"} == {"B.90.01"}


def test_a_form_of_the_own_group_on_another_topic_is_no_advice():
    forms = [FORM | {"name_vi": "Khu công nghệ cao"}, FORM | {"code": "C.91.01", "group": "C.91"}]
    found = rules_of(audit.audit(make(indicators=[SOUND | {"source_system": "Lớp C.91.01"}, *forms])))
    assert "Dẫn biểu C nhóm khác" not in {rule for rule, _ in found}


def test_a_basis_that_fits_only_the_next_group_is_found():
    rows = group_of(3)
    rows[2]["basis"] = "Chương trình 2"
    following = OTHER | {"basis": "Chương trình 2"}
    found = rules_of(audit.audit(make(*rows, following)))
    assert {code for rule, code in found if rule == "Căn cứ của nhóm kế tiếp"} == {"B.90.03"}
    found = rules_of(audit.audit(make(*rows, OTHER | {"basis": "Chương trình 3"})))
    assert not {code for rule, code in found if rule == "Căn cứ của nhóm kế tiếp"}


def test_a_declared_entity_overrides_the_unit():
    entities = [{"variable": "procedures", "entity": "hồ sơ", "reason": "x", "source": "S001"}]
    formula = {"formula": "files / procedures * 100"}
    assert ("Mẫu số khác đối tượng", "B.90.01") in rules_of(audit.audit(make(formula)))
    found = audit.audit(make(formula, variable_entities=entities))
    assert ("Mẫu số khác đối tượng", "B.90.01") not in rules_of(found)


def test_a_defect_that_was_read_is_listed_under_its_rule():
    read = {"rule": "Cách tính trái tên", "code": "B.90.01", "problem": "p", "proposed": "q", "source": "S001, B.90.01"}
    found = audit.audit(make({}, defects=[read]))
    assert found.to_dict("records") == [read]
    with pytest.raises(ProblemError, match=r"defects\.csv, dòng 2, cột rule"):
        audit.audit(make({}, defects=[read | {"rule": "Quy tắc lạ"}]))


def test_every_rule_has_a_positive_and_a_negative_case():
    computed = {rule.name for rule in audit.RULES if rule.find}
    elsewhere = {
        *("Kỳ lệch nhóm", "Kỳ lệch biểu C", "Trùng công thức", "Cùng số, khác kỳ hoặc chủ trì", "Gần trùng"),
        *("Biểu C không ai dẫn", "Dẫn biểu C nhóm khác", "Căn cứ của nhóm kế tiếp"),
    }
    assert computed == {rule for rule, _, _ in ONE_ROW} | elsewhere
    assert len(computed) >= 12
    names = [rule.name for rule in audit.RULES]
    assert len(names) == len(set(names))


# The indicator set as it is.

KNOWN = [
    *(("Đơn vị trái công thức", "B.04.03"), ("Đơn vị trái công thức", "B.08.01"), ("Đơn vị trái công thức", "B.13.11")),
    *(("Số đếm tính bằng thương số", "B.08.01"), ("Số đếm tính bằng thương số", "B.13.11")),
    *(("Số đếm ghi bằng %", "B.13.19"), ("Số đếm ghi bằng %", "B.13.08")),
    *(("Mẫu số khác đối tượng", "B.13.04"), ("Mẫu số khác đối tượng", "B.09.10"), ("Mẫu số khác đối tượng", "B.09.13")),
    *(("Thiếu kỳ dữ liệu", "A.02.18"), ("Kỳ trái nguồn", "A.02.09"), ("Kỳ lệch nhóm", "B.09.02")),
    *(("Kỳ lệch biểu C", "B.03.08"), ("Biểu C không có", "B.13.17"), ("Biểu C không ai dẫn", "C.12.01")),
    *(("Bỏ quên biểu C", "B.07.01"), ("Bỏ quên biểu C", "B.14.09"), ("Dẫn biểu C nhóm khác", "B.04.13")),
    *(("Đơn vị thiếu gốc", "A.02.16"), ("Đơn vị thiếu gốc", "B.06.04"), ("Tỷ lệ thiếu công thức", "B.15.08")),
    *(("Căn cứ chép nguồn", "B.15.06"), ("Căn cứ của nhóm kế tiếp", "B.11.14"), ("Chủ trì khác nguồn", "B.11.14")),
    *(("Mẫu số gồm phần chưa đến hạn", code) for code in ("A.01.01", "A.01.02", "A.01.03", "B.01.03")),
    *(("Căn cứ viết hỏng", code) for code in ("B.05.06", "B.15.10", "B.16.08")),
    *(("Cách tính trái tên", code) for code in ("A.01.05", "A.02.15", "A.02.18", "B.11.06")),
    *(("Mô tả chép tên", code) for code in ("B.02.02", "B.02.03", "B.06.08")),
    *(("Phép so luôn đúng", code) for code in ("B.03.12", "B.09.09", "B.09.12")),
    *(("Lẫn kỳ và lũy kế", code) for code in ("B.13.03", "B.13.11")),
    *(("Trùng lặp khi cộng", code) for code in ("B.13.11", "B.14.02", "B.14.03", "B.14.04")),
    ("Biểu C không hợp đối tượng", "B.13.14"),
    *(("Mô tả của chỉ số khác", "B.12.09"), ("Tử số đã là tỷ lệ", "B.09.08"), ("Cách tính trái tên", "B.01.04")),
]
TWINS = {"B.08.01": "A.01.06", "B.11.01": "A.02.02", "B.11.13": "A.02.04", "M.05": "A.02.04", "M.02": "B.03.10", "M.04": "B.06.05"}  # fmt: skip


@pytest.fixture(scope="module")
def found(shipped):
    """The audit of the project's catalogue."""
    return audit.audit(shipped)


@pytest.mark.parametrize(("rule", "code"), KNOWN)
def test_the_known_defects_of_the_indicator_set_are_found(found, rule, code):
    assert (rule, code) in rules_of(found)


def test_the_known_twins_are_found_with_their_first(found):
    twins = found[found["rule"] == "Trùng công thức"].set_index("code")["problem"].map(str)
    assert set(twins.index) == set(TWINS)
    for code, first in TWINS.items():
        assert first in twins[code]
    apart = set(found[found["rule"] == "Cùng số, khác kỳ hoặc chủ trì"]["code"])
    assert {"B.11.13", "M.01", "M.05"} <= apart


@pytest.mark.parametrize("code", ["B.13.14", "B.13.18"])
def test_no_form_on_another_topic_is_advised(found, code):
    assert ("Dẫn biểu C nhóm khác", code) not in rules_of(found)
    assert not found[(found["code"] == code) & found["problem"].map(str).str.contains("C.13.01", regex=False)].size


def test_the_empty_bases_are_those_of_the_indicator_set(found):
    empty = found[found["rule"] == "Thiếu căn cứ"]["code"].tolist()
    assert empty == ["B.03.04", "B.03.07", "B.13.11", "B.13.16", "B.13.17"]


def test_every_finding_has_a_text_a_proposal_and_a_place(found, shipped):
    assert set(found["code"]) <= set(shipped.indicators["code"])
    said = {lang: messages.in_words(found, lang) for lang in messages.LANGUAGES}
    for table in said.values():
        assert (table[["problem", "proposed", "source"]] != "").all(axis=None)
        assert table["problem"].str.endswith(".").all() and table["proposed"].str.endswith(".").all()
    computed = found["rule"].isin([rule.name for rule in audit.RULES if rule.find]) & ~found["rule"].isin(
        shipped.defects["rule"]
    )
    assert (said["vi"].loc[computed, "problem"] != said["en"].loc[computed, "problem"]).all()
    assert not found.duplicated(["rule", "code", "problem"]).any()
    assert found["source"].str.split(",").str[0].isin(shipped.sources["id"]).all()


def test_the_audit_changes_no_table(shipped):
    before = {field.name: getattr(shipped, field.name) for field in fields(Catalogue) if field.init}
    copies = {name: table.copy() for name, table in before.items() if isinstance(table, pd.DataFrame)}
    audit.audit(shipped)
    for name, copy in copies.items():
        assert_frame_equal(getattr(shipped, name), copy)


def test_the_findings_keep_the_rules_order_and_the_catalogues(found, shipped):
    places = {rule.name: place for place, rule in enumerate(audit.RULES)}
    order = {code: place for place, code in enumerate(shipped.indicators["code"])}
    keys = [(places[rule], order[code]) for rule, code in zip(found["rule"], found["code"], strict=True)]
    assert keys == sorted(keys)


# Corrections stand beside the printed values.


def corrected(found: Catalogue) -> pd.DataFrame:
    """Return the indicators with the proposed corrections in place."""
    table = found.indicators.copy()
    for row in found.corrections.to_dict("records"):
        table.loc[table["code"] == row["code"], row["column"]] = row["proposed"]
    return table


def test_corrections_change_a_copy_never_the_table(shipped):
    before = shipped.indicators.copy()
    proposed = corrected(shipped)
    printed = audit.as_printed(shipped.indicators, shipped.corrections)
    assert_frame_equal(shipped.indicators, before)
    one, other = (table.set_index("code") for table in (printed, proposed))
    for row in shipped.corrections.to_dict("records"):
        assert one.at[row["code"], row["column"]] == row["printed"]
        assert other.at[row["code"], row["column"]] == row["proposed"]
    assert len(before) == len(printed) == len(proposed)
    untouched = [name for name in before.columns if name not in CORRECTABLE]
    assert_frame_equal(proposed[untouched], before[untouched])
    changed = (printed != proposed).sum().sum()
    assert changed == len(shipped.corrections) > 0


def test_the_corrected_catalogue_loads_and_has_fewer_defects(shipped, found):
    proposed = corrected(shipped)
    text = proposed.assign(direction=proposed["direction"].astype(int).astype(str))
    assert tables.problems(text, INDICATORS, "indicators.csv") == []
    repaired = replace(shipped, indicators=proposed, corrections=shipped.corrections.iloc[:0])
    assert catalogue.cross_check(repaired) == []
    after = rules_of(audit.audit(repaired))
    assert len(after) < len(rules_of(found))
    assert not after & {
        *(("Đơn vị trái công thức", "B.08.01"), ("Mẫu số khác đối tượng", "B.13.04"), ("Thiếu kỳ dữ liệu", "A.02.18")),
        *(("Biểu C không có", "B.13.17"), ("Số đếm ghi bằng %", "B.13.19"), ("Thiếu căn cứ", "B.03.04")),
    }


@pytest.mark.parametrize(
    ("column", "change", "code", "place"),
    [
        ("unit", {"printed": "người", "proposed": "hồ sơ"}, "values", "printed"),  # the catalogue says %
        ("unit", {"proposed": "phần nghìn"}, "reference", "proposed"),
        ("formula", {"proposed": "files / ("}, "formula", "proposed"),
        ("formula", {"proposed": "unknown_variable"}, "reference", "proposed"),
        ("lead", {"proposed": "agency:KHONG"}, "reference", "proposed"),
    ],
)
def test_a_correction_that_fits_nothing_is_told(shipped, column, change, code, place):
    row = {"code": "A.01.01", "column": column, "printed": shipped.indicator("A.01.01")[column], "reason": "x"}
    row |= {"proposed": shipped.indicator("A.01.07")[column], "source": "S001, Phần II"} | change
    broken = replace(shipped, corrections=pd.DataFrame([row]))
    found = [(problem.code, problem.file, problem.row, problem.column) for problem in catalogue.cross_check(broken)]
    assert found == [(code, "corrections.csv", 2, place)]


def test_a_defect_or_an_entity_of_an_unknown_code_is_told(shipped):
    defects = shipped.defects.copy()
    defects.loc[defects.index[0], "code"] = "B.99.99"
    entities = shipped.variable_entities.copy()
    entities.loc[entities.index[0], "variable"] = "nothing"
    problems = catalogue.cross_check(replace(shipped, defects=defects, variable_entities=entities))
    assert {(problem.file, problem.column) for problem in problems} == {
        *(("defects.csv", "code"), ("variable_entities.csv", "variable")),
    }


@pytest.mark.usefixtures("in_project")
def test_the_command_writes_the_findings(tmp_path):
    from typer.testing import CliRunner

    from nq57lab.cli.main import app

    result = CliRunner().invoke(app, ["catalogue", "audit", "-o", str(tmp_path / "audit.csv")])
    assert result.exit_code == 0, result.output
    written = pd.read_csv(tmp_path / "audit.csv")
    assert list(written.columns[:4]) == ["rule", "code", "problem", "proposed"]
    assert f"{len(written)} dòng" in result.output
