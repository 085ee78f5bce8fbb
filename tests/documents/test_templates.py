"""Templates: every field and option, lines without figures, and mistakes told by line."""

import re

import pytest
from support import observe

from nq57lab.base.problems import ProblemError
from nq57lab.documents.templates import FIELD_KINDS, OPTIONS, fill
from nq57lab.facts.figures import Figures
from nq57lab.facts.known import trusted


def read(text, figures):
    """Fill a template and drop the marks of the trace and of the status."""
    bare = fill(text, figures, "mau.md")
    return re.sub(r"\[([^\]]*)\]\{[^}]*\}", r"\1", bare).replace("\u2060", "")


def problems_of(text, figures):
    with pytest.raises(ProblemError) as caught:
        fill(text, figures, "mau.md")
    return caught.value.problems


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{so:A.02.02[period=2024]}}", "13,17%"),
        ("{{ so : A.02.02[period=2024] }}", "13,17%"),
        ("{{so:task_completion_rate}}", "84,8%t"),
        ("{{so:deadline_tasks_completed / tasks_deadline * 100}}", "84,8%t"),
        ("{{so:M.04[period=2026-06] - M.04[period=2025-05]}}", "khoảng 66\u00a0điểm phần trămt"),
        ("{{so:party_terminals_rate[area=block:party]}}", "66,5%t (dự thảo ghi 66,4%)"),
        ("{{so:party_terminals_rate[area=block:party]|gon}}", "66,5%t"),
        ("{{so:party_terminals_rate|db=block:party|gon}}", "66,5%t"),
        ("{{so:party_terminals_rate|db=block:party|gon|tran}}", "66,5t"),
        ("{{so:party_terminals_rate|db=block:party|gon|khongdau}}", "66,5%"),
        ("{{so:party_terminals_rate|db=block:party|gon|tran|khongdau}}", "66,5"),
        ("{{so:A.02.02|ky=2024}}", "13,17%"),
        ("{{so:A.02.02[period=2020] - A.02.02[period=2024]}}", "−0,51\u00a0điểm phần trăm"),
        ("{{so:A.02.02[period=2020] - A.02.02[period=2024]|tuyetdoi}}", "0,51\u00a0điểm phần trăm"),
        ("{{so:A.02.02[period=2024] / A.02.02[period=2020]|tp=3}}", "1,040"),
        ("{{so:A.02.02[period=2024] / A.02.02[period=2020]|tp=2|dv=lần}}", "1,04\u00a0lần"),
        ("{{so:tasks_regular + tasks_deadline|khongdau}}", "1.937\u00a0nhiệm vụ"),
        ("{{so:ecommerce_size[period=2025]|khongdau}}", "khoảng 31\u00a0tỷ USD"),
        ("{{ky:A.02.02}}", "năm 2025"),
        ("{{Ky:A.02.02}}", "Năm 2025"),
        ("{{ky:task_completion_rate}}", "đến ngày 29/6/2026"),
        ("{{ky:dossiers_online_rate|db=block:local}}", "5 tháng đầu năm 2026"),
        ("{{chon:A.02.02[period=2025] - A.02.02[period=2024]|tăng|giảm|như cũ}}", "tăng"),
        ("{{chon:A.02.02[period=2024] - A.02.02[period=2025]|tăng|giảm|như cũ}}", "giảm"),
        ("{{chon:A.02.02[period=2024] - A.02.02[period=2024]|tăng|giảm|như cũ}}", "như cũ"),
        ("{{ten:A.02.02}}", "Tỷ trọng giá trị tăng thêm của kinh tế số trong GDP và GRDP"),
        ("{{ten:34:75}}", "Đồng Nai"),
        ("{{mt:T2030.digital_economy.S002}}", "ít nhất 30%"),
        ("{{mt:T2030.egdi.S002}}", "trong nhóm 50 nước dẫn đầu"),
        ("Không có trường nào.", "Không có trường nào."),
    ],
)
def test_a_field_is_filled(figures, template, text):
    assert read(template, figures) == text


def test_the_lists_of_kinds_and_options_are_those_documented():
    assert FIELD_KINDS == ("so", "ky", "Ky", "chon", "ten", "mt", "dem", "hang")
    assert OPTIONS == ("dv", "tp", "ky", "db", "gon", "tran", "khongdau", "tuyetdoi")
    assert all(f"{{{{{kind}:" in fill.__doc__ or f"``{kind}``" in fill.__doc__ for kind in FIELD_KINDS)
    assert all(f"``{option}" in fill.__doc__ for option in OPTIONS)


def test_figures_computed_by_the_edition_are_called_by_name(figures):
    figures.named["a-tong"] = figures.literal(26.0, "chỉ số", decimals=0, rows=("indicators.csv",), formula="đếm")
    assert read("Có {{dem:a-tong}} chỉ số", figures) == "Có 26 chỉ số"


def test_the_largest_of_a_breakdown_come_in_order(shipped):
    rows = [
        {"dims": f"pillar={name}", "value": value, "printed": str(value)}
        for name, value in (("DMST", 20), ("KHCN", 30), ("CDS", 10))
    ]
    figures = Figures(shipped, observe(*rows))
    assert read("{{hang:tasks_assigned|pillar|2}}", figures) == "khoa học, công nghệ (30) và đổi mới sáng tạo (20)"
    labels = read("{{hang:tasks_assigned|pillar|9}}", figures)
    assert [int(number) for number in re.findall(r"\((\d+)\)", labels)] == [30, 20, 10]


def test_the_largest_of_a_real_breakdown_name_nothing_twice(figures):
    names = re.findall(r"(?:^|, |và )([^()]+) \(", read("{{hang:sti_enterprises|kind|3}}", figures))
    assert len(names) == len(set(names)) == 3


def test_the_sum_of_a_real_breakdown_counts_nothing_twice(figures):
    # 81.071 enterprises: the sum of the kinds at mid-2026, S004, Part 1, IV.3(1)
    assert read("{{so:sum_over(sti_enterprises, kind)|tran|khongdau|tp=0}}", figures) == "81.071"


def test_every_filled_number_is_in_the_trace_and_ok(figures):
    text = fill(
        "{{so:A.02.02}} và {{so:tasks_assigned}}\n\n{{mt:T2030.hdi.S002}}, {{hang:disbursement_rate|pillar|2}}", figures
    )
    trace = figures.trace_table()
    assert re.findall(r'so="(s\d+)"', text) == trace["id"].tolist() == [f"s{number}" for number in range(1, 6)]
    assert "no" not in set(trace["ok"])
    assert (trace["rows"] != "").all()


def test_a_line_whose_every_figure_is_missing_is_left_out_with_its_trace(figures):
    text = "Đầu\n{{so:A.02.02[period=1999]}} trong {{ky:A.02.02[period=1999]}}\nCuối {{so:A.02.02|ky=2024}}"
    assert read(text, figures) == "Đầu\nCuối 13,17%"
    assert figures.trace_table()["id"].tolist() == ["s1"]


def test_a_missing_figure_beside_a_known_one_says_so(figures):
    assert read("{{so:A.02.02[period=1999]}} và {{so:A.02.02|ky=2024}}", figures) == "chưa có số liệu và 13,17%"
    assert read("{{chon:A.02.02[period=1999]|tăng|giảm}}{{so:A.02.02|ky=2024}}", figures) == "13,17%"


def test_every_sentence_that_lost_a_figure_is_noted_and_whether_it_says_so(figures):
    figures = figures.fresh()
    gone, here = "A.02.02[period=1999]", "{{so:A.02.02|ky=2024}}"
    fill(
        f"Mất {{{{so:{gone}}}}}.\nNửa {{{{so:{gone}}}}} và {here}.\nChữ {{{{chon:{gone}|tăng|giảm}}}} {here}.\nCó {here}.",
        figures,
    )
    fill(f"Của mình, {{{{ky:{gone}}}}}.", figures, keep=True)
    noted = [(entry["sentence"], entry["missing"], entry["said"]) for entry in figures.without]
    expected = [("Mất ….", "no"), ("Nửa … và ….", "yes"), ("Chữ … ….", "no"), ("Của mình, ….", "yes")]
    assert noted == [(sentence, gone, said) for sentence, said in expected]


def test_a_final_edition_prints_no_unverified_figure(shipped, table, audit):
    final = Figures(shipped, trusted(table), audit, final=True)
    line = "Giải ngân {{so:disbursement_rate}}, kinh tế số {{so:A.02.02|ky=2024}}"
    assert read(line, final) == "Giải ngân chưa có số liệu xác thực, kinh tế số 13,17%"
    assert read("Giải ngân {{so:disbursement_rate}}", final) == ""


@pytest.mark.parametrize(
    ("line", "code", "word"),
    [
        ("{{sô:A.02.02}}", "template", "sô"),
        ("{{SO:A.02.02}}", "template", "SO"),
        ("{{so:A.02.02|trần}}", "template", "trần"),
        ("{{so:A.02.02|tran|kì=2024}}", "template", "kì"),
        ("{{so:A.02.02||tran}}", "template", ""),
        ("{{so:A.02.02|tp=hai}}", "template", "hai"),
        ("{{so:A.02.02|tp=}}", "template", ""),
        ("{{so:A.02.02}", "template", "{{so:A.02.02}"),
        ("{{so:A.02.02", "template", "{{so:A.02.02"),
        ("{so:A.02.02}}", "template", "{so:A.02.02}}"),
        ("{{so A.02.02}}", "template", "{{so A.02.02}}"),
        ("{{:A.02.02}}", "template", "{{:A.02.02}}"),
        ("{{so:}}", "template", "{{so:}}"),
        ("{{so:A.02.99}}", "reference", "A.02.99"),
        ("{{ten:A.02.99}}", "reference", "A.02.99"),
        ("{{mt:T2030.khong.co}}", "reference", "T2030.khong.co"),
        ("{{dem:khong-co}}", "template", "khong-co"),
        ("{{hang:sti_enterprises|kind}}", "template", "sti_enterprises"),
        ("{{hang:sti_enterprises|kind|ba}}", "template", "sti_enterprises"),
        ("{{so:A.02.02 +}}", "formula", "A.02.02 +"),
        ("{{so:tasks_assigned + sti_budget_total[period=2026]}}", "incomparable", "tỷ đồng"),
    ],
)
def test_a_mistake_is_told_with_its_line(figures, line, code, word):
    (problem,) = problems_of(f"Dòng đầu\n\nTa có {line} ở đây", figures)
    assert (problem.code, problem.file, problem.row) == (code, "mau.md", 3)
    assert word in problem.found
    assert "mau.md, dòng 3" in problem.text()


@pytest.mark.parametrize(
    "field",
    [
        *("so:A.02.02|db=34:99", "so:A.02.02[area=34:99]", "so:A.02.02|ky=20255", "so:A.02.02[period=2025-Q9]"),
        *("so:sti_enterprises[knd=ict]", "so:sti_enterprises[kind=itc]", "so:database_criteria_met[item=db_lnd]"),
        *(
            "hang:sti_enterprises|knd|3",
            "hang:tasks_assigned + tasks_regular|kind|3",
            "so:tasks_assigned[measure=stok]",
        ),
        *(
            "ky:A.02.02|db=34:99",
            "chon:sti_enterprises[knd=ict]|tăng|giảm|như cũ",
            "so:tasks_overdue / tasks_deadline|dv=phần nghìn",
        ),
    ],
)
def test_an_unknown_area_period_unit_or_breakdown_is_an_error_not_a_missing_figure(figures, field):
    (problem,) = problems_of(f"Đầu\nTa có {{{{{field}}}}}", figures)
    assert (problem.file, problem.row) == ("mau.md", 2)


@pytest.mark.parametrize(("option", "text"), [("tp=1", "13,2%"), ("dv=điểm phần trăm", "13,17\u00a0điểm phần trăm")])
def test_an_option_is_honoured_or_refused_never_ignored(figures, option, text):
    try:
        written = read(f"{{{{so:A.02.02|ky=2024|{option}}}}}", figures)
    except ProblemError as refused:
        written = str(refused)
    assert text in written or f"thấy {option.split('=')[0]}" in written


def test_every_mistake_of_a_text_is_told_at_once(figures):
    found = problems_of("{{so:khong_co}} {{xx:A.02.02}}\n{{so:A.02.02|zz}}\ntốt {{so:A.02.02}}\n{{mt:x}}", figures)
    assert [(problem.row, problem.code) for problem in found] == [
        *((1, "reference"), (1, "template"), (2, "template"), (4, "reference")),
    ]


def test_a_dropped_line_still_tells_its_mistakes(figures):
    (problem,) = problems_of("{{so:A.02.02[period=1999]}} {{so:A.02.02[period=1999]|zz}}", figures)
    assert problem.row == 1


def test_no_sentence_of_a_report_leaves_all_its_figures_unmarked(root):
    """A mark may be left out behind one that stands in the same sentence, never everywhere: what is self-reported would look certain."""
    for path in sorted((root / "reports" / "_templates").rglob("*.md")):
        for line in path.read_text(encoding="utf-8").splitlines():
            fields = re.findall(r"\{\{\s*so:[^}]*\}\}", line)
            assert not fields or any("khongdau" not in field for field in fields), f"{path.name}: {line[:80]}"
