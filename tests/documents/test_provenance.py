"""Where a number comes from, in words: the arithmetic with its numbers, sources with the places in them, no code and no file."""

import re

import pytest
from support import FIXTURES

from nq57lab.documents import arithmetic, provenance
from nq57lab.documents.edition import Edition


@pytest.fixture(scope="module")
def edition():
    given = {"edition": "x", "title": "BÁO CÁO|Thử", "known": "2026-06-30", "period": "2026-Q2"}
    return Edition(given, root=FIXTURES / "project")


def told(edition, expression: str, **options) -> dict[str, str]:
    edition.figures.trace.clear()
    edition.figures.write(edition.figures.get(expression, **options))
    (said,) = provenance.of_page(edition.figures.trace, edition.figures, edition.source_name)
    return said


@pytest.mark.parametrize(
    ("expression", "period", "said"),
    [
        (
            "files_on_time / files_received * 100",
            "2026-01",
            "150 (Số hồ sơ đúng hạn) ÷ 200 (Số hồ sơ tiếp nhận) × 100 = 75,0%",
        ),
        (
            "growth(M.01[period=2021], M.01[period=2020])",
            "",
            "(11% (Tỷ trọng kinh tế số, năm 2021) − 10% (Tỷ trọng kinh tế số, năm 2020)) ÷ 10% (Tỷ trọng kinh tế số, năm 2020) × 100 = 10,0%",
        ),
        (
            "budget_allocated - budget_paid",
            "",
            "1.000 (Ngân sách được giao) − 420 (Ngân sách đã giải ngân) = 580\u00a0tỷ đồng",
        ),
    ],
)
def test_a_computed_number_shows_its_arithmetic(edition, expression, period, said):
    assert told(edition, expression, period=period)["cach"] == said


def test_a_number_of_a_source_names_the_source_and_the_place(edition):
    said = told(edition, "M.01", period="2022")
    assert said["cach"] == "số ghi trong nguồn" and said["nguon"].endswith(", trang 1") and said["ma"] == "M.01"


def test_words_keep_what_they_rest_on_and_nothing_shows_a_code_or_a_file(edition):
    edition.figures.trace.clear()
    edition.count(4, "số mục tiêu đánh giá được", ("targets.csv",))
    row = edition.figures.lookup.table["id"].iloc[0]
    edition.computed(1.5, "giá trị − mục tiêu", (row,), decimals=1)
    counted, computed = provenance.of_page(edition.figures.trace, edition.figures, edition.source_name)
    assert counted["nguon"] == "Mục tiêu" and counted["cach"] == "số mục tiêu đánh giá được"
    assert computed["dung"] and "dong" not in computed
    everything = [counted, computed, told(edition, "files_received")]
    texts = [text for said in everything for key, text in said.items() if key not in ("id", "tinh_trang")]
    assert not re.search(r"[a-z]_[a-z]|\.csv|\w\[\w+=", " ".join(texts))


def test_numbers_that_give_another_value_are_not_shown_as_the_arithmetic(edition):
    found = edition.catalogue, edition.figures.lookup
    assert arithmetic.told(*found, "files_on_time / files_received * 100", "VN", "2026-01", 75.0)
    assert arithmetic.told(*found, "files_on_time / files_received * 100", "VN", "2026-01", 74.0) == ""
    assert arithmetic.told(*found, "giá trị − mục tiêu", "VN", "", 1.0) == ""
