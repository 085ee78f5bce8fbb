"""Numbers, dates and words as people type them: what print writes is read back, and what reads in two ways is refused."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nq57lab.base import periods, wording
from nq57lab.store import typed

whole_numbers = st.integers(-(10**11), 10**11)
decimals = st.tuples(st.integers(-(10**9), 10**9), st.integers(1, 6)).map(lambda pair: pair[0] / 10 ** pair[1])
days = st.dates(date(1990, 1, 1), date(2099, 12, 31))


@given(whole_numbers)
def test_a_printed_whole_number_is_read_back_in_vietnamese_writing(value):
    assert typed.number(wording.number(value), "vi") == value


@given(decimals, st.integers(1, 6))
def test_a_printed_decimal_is_read_back_as_rounded(value, places):
    assert typed.number(wording.number(value, places), "vi") == pytest.approx(
        wording.round_half_up(value, places), abs=1e-12
    )


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_plain_number_loses_no_digit(value):
    assert float(typed.plain_number(value)) == value


@given(st.floats(-1e12, 1e12))
def test_a_workbook_number_is_never_doubtful(value):
    assert typed.number(value) == value


@given(st.integers(-(10**7), 10**7), st.integers(0, 4))
def test_a_percent_cell_shows_its_number_without_binary_noise(digits, places):
    shown = digits / 10**places
    assert typed.from_percent_format(float(f"{digits}e-{places + 2}")).value == shown


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(".,"))
def test_one_group_of_three_digits_reads_in_two_ways(first, last, mark):
    cell = f"{first}{mark}{last:03d}"
    with pytest.raises(typed.DoubtfulNumber) as error:
        typed.number(cell)
    both = {first * 1000 + last, float(f"{first}.{last:03d}")}
    assert set(error.value.readings.values()) == both
    assert {typed.number(cell, convention) for convention in typed.CONVENTIONS} == both
    assert typed.number(cell, whole=True) == first * 1000 + last


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1.245,5", 1245.5),
        ("1,245.5", 1245.5),
        ("23,50", 23.5),
        ("84,8%", 84.8),
        ("1 245 000", 1245000.0),
        ("1\u00a0245,5", 1245.5),
        ("165,3 nghìn", 165300.0),
        ("1,5 triệu", 1.5e6),
        ("2 tỉ", 2e9),
        ("−2,1", -2.1),
        ("giảm 12,3", -12.3),
        ("0.245", 0.245),
        ("0,245", 0.245),
        ("1937", 1937.0),
        ("\ufeff 7 ", 7.0),
        ("1.234.567", 1234567.0),
        (typed.Percent(84.8), 84.8),
        (12, 12.0),
    ],
)
def test_a_number_with_one_reading_is_read(cell, value):
    assert typed.number(cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "abc",
        "1.2.3",
        "12,34,5",
        "1,2 người",
        "=1+1",
        "1e999",
        "--5",
        "١٢",
        "1 24",
        True,
        None,
        float("nan"),
        float("inf"),
    ],
)
def test_what_is_no_number_is_refused(cell):
    with pytest.raises(ValueError):
        typed.number(cell)


@pytest.mark.parametrize(
    ("cells", "style"),
    [
        (["23,50", "1.245"], "vi"),
        (["12.75", "1,245"], "en"),
        (["23,50", "12.75"], "mixed"),
        (["1.245", 12.5, "x"], ""),
        ([], ""),
    ],
)
def test_the_other_cells_of_a_column_tell_how_it_is_written(cells, style):
    assert typed.column_convention(cells) == style


def test_a_share_is_read_as_at_most_a_hundred():
    assert typed.number("1.245", largest=100) == 1.245


@given(days)
def test_a_day_is_read_back_from_every_way_of_typing_it(day):
    serial = (day - date(1899, 12, 30)).days
    ways = [
        day.isoformat(),
        f"{day:%d/%m/%Y}",
        f"{day.day}-{day.month}-{day.year}",
        f"{day:%d.%m.%Y}",
        wording.day(day),
    ]
    ways += [wording.long_day(day), day, serial, float(serial), str(serial)]
    assert {typed.day(cell) for cell in ways} == {day.isoformat()}


@given(
    st.one_of(
        st.integers(1900, 2099).flatmap(
            lambda year: st.sampled_from(
                [
                    f"{year}",
                    *(f"{year}-H{n}" for n in (1, 2)),
                    *(f"{year}-Q{n}" for n in range(1, 5)),
                    *(f"{year}-{m:02d}" for m in range(1, 13)),
                ]
                + [f"{year}-01-01/{periods.end(f'{year}-{m:02d}')}" for m in (2, 5, 9, 11)]
                + [f"{year}/{year + 4}"]
            )
        ),
        days.map(date.isoformat),
    )
)
def test_a_period_is_read_back_from_its_words(period):
    assert typed.period(wording.period(period)) == period
    assert typed.period(period) == period


@pytest.mark.parametrize(
    ("cell", "period"),
    [("Quý 2 năm 2026", "2026-Q2"), ("II/2026", "2026-Q2"), ("Q2/2026", "2026-Q2"), ("nửa đầu năm 2026", "2026-H1"), ("06/2026", "2026-06"),
     (2026, "2026"), (2026.0, "2026"), (date(2026, 6, 29), "2026-06-29"), ("từ ngày 22/12/2024 đến ngày 29/6/2026", "2024-12-22/2026-06-29")],
)  # fmt: skip
def test_other_ways_of_typing_a_period_are_read(cell, period):
    assert typed.period(cell) == period


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "30/6/26",
        "31/6/2026",
        "06/30/2026",
        "2026-13",
        "quý V/2026",
        "13 tháng đầu năm 2026",
        "6 tháng",
        12,
        "2026-06-30/2026-01-01",
    ],
)
def test_what_is_no_period_is_refused(cell):
    with pytest.raises(ValueError):
        typed.period(cell)


@given(st.text(max_size=30))
def test_no_text_crashes_a_reader(text):
    for read in (typed.number, typed.day, typed.period):
        try:
            read(text)
        except ValueError:
            continue


@given(st.text(max_size=30))
def test_cleaning_text_twice_changes_nothing(text):
    assert typed.text(typed.text(text)) == typed.text(text)


def test_the_words_of_closed_lists_become_their_codes():
    assert typed.word("status", "Tự báo cáo") == "self_reported"
    assert typed.word("qualifier", "ít nhất") == ">="
    assert typed.word("measure", "luỹ kế") == "cumulative"
    assert typed.word("public", "lạ") == "lạ"
