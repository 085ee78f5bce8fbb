"""Wording: numbers, dates, periods and lists as Vietnamese print writes them, and numbers read back."""

import math
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nq57lab.base import wording

NAN = math.nan


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1245, 0, "1.245"),
        (999, 0, "999"),
        (1000, 0, "1.000"),
        (84.751531654, 1, "84,8"),
        (81.25, 1, "81,3"),
        (0.285, 2, "0,29"),
        (-2.1, 1, "−2,1"),
        (-81.25, 1, "−81,3"),
        (-0.04, 1, "0,0"),
        (0, 0, "0"),
        (4697.58, 2, "4.697,58"),
        (71000000, 0, "71.000.000"),
    ],
)
def test_a_number_is_written_with_a_point_for_thousands_and_a_comma_for_decimals(value, decimals, text):
    assert wording.number(value, decimals) == text


@given(st.integers(-(10**8), 10**8), st.integers(0, 4))
def test_rounding_is_half_away_from_zero(digits, decimals):
    exact = Decimal(digits).scaleb(-decimals - 2)
    expected = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert wording.round_half_up(float(exact), decimals) == float(expected)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (1e12, 0, "1.000.000.000.000"),
        (11_511_900_000_000_000, 0, "11.511.900.000.000.000"),
        (123456789012.34, 2, "123.456.789.012,34"),
    ],
)
def test_a_large_number_keeps_its_digits(value, decimals, text):
    assert wording.number(value, decimals) == text


@pytest.mark.parametrize(
    ("text", "value", "step"),
    [
        ("84,8", 84.8, 0.1),
        ("23,50", 23.5, 0.01),
        ("1.245", 1245, 1),
        ("08", 8, 1),
        ("71 triệu", 71e6, 1e6),
        ("41,058 nghìn", 41058, 1),
        ("1,6 nghìn", 1600, 100),
        ("2,3 tỷ", 2.3e9, 1e8),
        ("−2,1", -2.1, 0.1),
        ("-2,1", -2.1, 0.1),
        ("giảm 3,7", -3.7, 0.1),
        ("12.847,6", 12847.6, 0.1),
    ],
)
def test_a_printed_number_is_read_with_the_step_of_its_last_digit(text, value, step):
    assert wording.parse_printed(text) == wording.Printed(value, step)


@pytest.mark.parametrize("text", ["", "12.5", "1.2345", "1,2,3", "1245.", "khoảng 5", "5%", "1 245", "12,", "5 trăm"])
def test_what_is_no_printed_number_is_refused(text):
    with pytest.raises(ValueError, match="không đọc được"):
        wording.parse_printed(text)


@given(st.integers(-(10**9), 10**9), st.integers(0, 4))
def test_a_written_number_is_read_back(digits, decimals):
    value = float(Decimal(digits).scaleb(-decimals))
    read = wording.parse_printed(wording.number(value, decimals))
    assert read.value == pytest.approx(value, abs=1e-9)
    assert read.step == pytest.approx(10**-decimals)
    assert wording.decimals_of(wording.number(value, decimals)) == decimals


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("3,7-8,4", [3.7, 8.4]),
        ("30–32 nghìn", [30000, 32000]),
        ("500-1.000", [500, 1000]),
        ("-2,1", [-2.1]),
        ("84,8", [84.8]),
    ],
)
def test_a_range_is_read_at_both_ends_with_one_scale_word(text, values):
    assert [part.value for part in wording.parse_range(text)] == values


@pytest.mark.parametrize(
    ("text", "unit", "joined"),
    [
        ("84,8", "%", "84,8%"),
        ("44", "thứ hạng", "44"),
        ("0,766", "chỉ số", "0,766"),
        ("41,058 nghìn", "tỷ đồng", "41,058 nghìn\u00a0tỷ đồng"),
        ("12", "", "12"),
    ],
)
def test_a_unit_joins_its_number(text, unit, joined):
    assert wording.with_unit(text, unit) == joined


def test_decimal_commas_stand_below_each_other():
    padded = wording.align_decimals(["1.245", "84,8", "−2,15", "–", "tăng"])
    tails = [len(text) - text.replace("\u2008", ",").index(",") for text in padded[:3]]
    assert tails == [3, 3, 3]
    assert padded[3:] == ["–", "tăng"]
    assert [text.rstrip("\u2007\u2008") for text in padded[:3]] == ["1.245", "84,8", "−2,15"]


def test_whole_numbers_need_no_padding():
    assert wording.align_decimals(["12", "1.245"]) == ["12", "1.245"]
    assert wording.align_decimals([]) == []


@pytest.mark.parametrize(
    ("value", "short", "long"),
    [
        (date(2026, 4, 5), "05/4/2026", "ngày 05 tháng 4 năm 2026"),
        (date(2026, 2, 2), "02/02/2026", "ngày 02 tháng 02 năm 2026"),
        (date(2026, 1, 10), "10/01/2026", "ngày 10 tháng 01 năm 2026"),
        (date(2024, 12, 22), "22/12/2024", "ngày 22 tháng 12 năm 2024"),
        (date(2026, 6, 30), "30/6/2026", "ngày 30 tháng 6 năm 2026"),
    ],
)
def test_a_date_has_a_zero_before_days_below_ten_and_the_first_two_months(value, short, long):
    assert wording.day(value) == short
    assert wording.long_day(value) == long


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2025", "năm 2025"),
        ("2026-H1", "6 tháng đầu năm 2026"),
        ("2025-H2", "6 tháng cuối năm 2025"),
        ("2026-Q2", "quý II/2026"),
        ("2026-Q4", "quý IV/2026"),
        ("2026-02", "tháng 02/2026"),
        ("2026-06", "tháng 6/2026"),
        ("2026-06-29", "đến ngày 29/6/2026"),
        ("2026-01-01/2026-05-31", "5 tháng đầu năm 2026"),
        ("2026-01-01/2026-06-09", "từ ngày 01/01/2026 đến ngày 09/6/2026"),
        ("2024-12-22/2026-06-29", "đến ngày 29/6/2026"),
        ("2024-12-22/2026-06", "đến ngày 30/6/2026"),
        ("2021/2025", "giai đoạn 2021 – 2025"),
        ("2026-09-01/2026-12-31", "từ ngày 01/9/2026 đến ngày 31/12/2026"),
    ],
)
def test_a_period_is_written_as_officials_write_it(text, words):
    assert wording.period(text) == words


@pytest.mark.parametrize(
    ("comparator", "value", "high", "unit", "words"),
    [
        (">=", 30.0, NAN, "%", "ít nhất 30%"),
        (">", 55.0, NAN, "%", "trên 55%"),
        ("<", 5.5, NAN, "%", "dưới 5,5%"),
        ("<=", 3.0, NAN, "ngày", "không quá 3\u00a0ngày"),
        ("~", 100.0, NAN, "%", "khoảng 100%"),
        ("=", 2.0, NAN, "%", "2%"),
        ("between", 8.0, 10.0, "%", "8 – 10%"),
        ("growth_between", 16.0, 18.0, "%", "tăng 16 – 18%/năm"),
        ("growth_between", 10.0, NAN, "%", "tăng 10%/năm"),
        ("increment_since", 3.0, NAN, "doanh nghiệp", "thêm ít nhất 3\u00a0doanh nghiệp"),
        ("top_n", 50.0, NAN, "thứ hạng", "trong nhóm 50 nước dẫn đầu"),
        ("regional_top_n", 3.0, NAN, "thứ hạng", "trong nhóm 3 nước dẫn đầu Đông Nam Á"),
        ("maintain", 0.7, NAN, "chỉ số", "duy trì trên 0,7"),
        ("qualitative", NAN, NAN, "", "định tính"),
    ],
)
def test_a_target_is_written_in_words(comparator, value, high, unit, words):
    assert wording.target(comparator, value, high, unit) == words


@pytest.mark.parametrize(
    ("parts", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a và b"), (["a", "b", "c"], "a, b và c")]
)
def test_a_list_ends_with_va(parts, text):
    assert wording.join(parts) == text
    assert wording.join(iter(parts)) == text


@pytest.mark.parametrize(
    ("written", "bare"),
    [("Đổi mới", "doi moi"), ("Khánh Hòa", "khanh hoa"), ("Khánh Hoà", "khanh hoa"), ("ĐẮK LẮK", "dak lak")],
)
def test_search_text_has_no_accents(written, bare):
    assert wording.plain(written) == bare


def test_vietnamese_order_puts_letters_before_tones():
    names = ["An Giang", "Ăn", "Ân", "Bắc Ninh", "Cà Mau", "Cao Bằng", "Cần Thơ", "Da", "Đà Nẵng", "Đồng Nai"]
    tones = ["ma", "mà", "mả", "mã", "má", "mạ", "man"]
    for expected in (names, tones):
        mixed = [*expected[1::2], *expected[::2]]
        assert mixed != expected
        assert sorted(mixed, key=wording.collation_key) == expected


@pytest.mark.parametrize(("difference", "word"), [(0.1, "tăng"), (-0.1, "giảm"), (0.0, "không đổi")])
def test_the_sign_chooses_the_word(difference, word):
    assert wording.change_words(difference) == word


def test_a_capital_is_put_on_the_first_letter_only():
    assert wording.capital("đến ngày 29/6/2026 Tết") == "Đến ngày 29/6/2026 Tết"
    assert wording.capital("") == ""
