"""Breaks of series: what they part, and that nothing goes across one: growth, bases, series, forecasts, paces, lines."""

import math
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import observe

from nq57lab.base import formulas, periods
from nq57lab.comparators import comparisons
from nq57lab.facts import comparators, observations, vintages
from nq57lab.facts.resolve import References
from nq57lab.facts.vintages import Breaks
from nq57lab.loops.evidence import series as evidence_series
from nq57lab.outlook import macro
from nq57lab.targets import tracking

KNOWN = date(2026, 6, 30)


@pytest.fixture(scope="module")
def rows(shipped):
    return observations.load(shipped, verify=False)


@pytest.fixture(scope="module")
def series(root):
    return comparators.load(root / "data")


def one(rows, subject, period, source=""):
    found = rows[(rows["subject"] == subject) & (rows["period"] == period) & (rows["area"] == "VN")]
    return (found[found["source"] == source] if source else found).iloc[0]


@pytest.mark.parametrize(
    ("subject", "before", "after", "kind"),
    [
        ("labour_productivity_real_nso", "2020", "2022", "đổi định nghĩa"),
        ("employment_nso", "2020-Q4", "2021-Q1", "đổi định nghĩa"),
        ("gdp_current_nso", "2009", "2010", "đánh giá lại"),
        ("gdp_real_2010_nso", "2009", "2010", "đánh giá lại"),
        ("tertiary_gross_enrolment", "2022", "2023", "đổi định nghĩa"),
        ("A.02.10", "2024", "2025-06", "đổi phạm vi"),
        ("A.02.06", "2011", "2012", "đổi định nghĩa"),
    ],
)
def test_the_known_breaks_are_in_the_store_and_say_their_kind(rows, subject, before, after, kind):
    first, second = one(rows, subject, before), one(rows, subject, after)
    assert kind in vintages.apart(first, second) and kind in vintages.apart(second, first)
    own = rows[(rows["subject"] == subject) & (rows["area"] == "VN")]
    assert kind in vintages.objection(own, first, second)
    assert before not in set(vintages.one_series(own, own, second)["period"])


def test_the_three_sources_of_5g_are_three_series(rows):
    own = rows[(rows["subject"] == "M.04") & (rows["area"] == "VN") & (rows["dims"] == "")]
    assert own["segment"].nunique() == own["source"].nunique() == 3
    for _, row in own.iterrows():
        assert vintages.one_series(own, own, row)["source"].unique().tolist() == [row["source"]]


def test_labour_productivity_growth_stands_in_three_vintages(rows, shipped):
    table = observations.as_of(rows, KNOWN)
    history = macro.series(table, rows, "M.07", KNOWN)
    assert history[["period", "value"]].to_numpy().tolist() == [["2022", 4.8], ["2023", 3.65]]
    single = rows[(rows["subject"] == "M.07") & (rows["period"].str.len() == 4)]
    assert single.groupby("segment")["period"].apply(list).tolist() == [["2015"], ["2019"], ["2022", "2023"]]


def test_growth_over_a_break_is_no_number(rows):
    lookup = observations.Lookup(observations.as_of(rows))
    node = formulas.parse("growth(gdp_current_nso)")
    values = References(lookup, "VN", "2010", lambda row: float(row["value"]))
    with pytest.raises(LookupError, match="đánh giá lại"):
        formulas.evaluate(node, values)
    later = References(lookup, "VN", "2011", lambda row: float(row["value"]))
    assert formulas.evaluate(node, later) == pytest.approx(
        100 * (one(rows, "gdp_current_nso", "2011")["value"] / one(rows, "gdp_current_nso", "2010")["value"] - 1)
    )


def test_penn_world_table_11_gives_no_growth_of_viet_nam_in_2006_to_2010(series):
    found = evidence_series.growth_of(series, "pwt110_rgdpna")
    assert found.loc[2006:2010, "VNM"].isna().all()
    assert found.loc[[2005, 2011], "VNM"].between(5, 8).all()
    assert found.loc[2006:2010, "THA"].notna().all()
    plain = evidence_series.growth(comparators.panel(series, "pwt110_rgdpna"))
    assert plain.loc[2006:2010, "VNM"].min() > 9.9  # what the break keeps out: 10.55 to 12.37 per cent


def test_no_pace_and_no_episode_is_taken_over_a_break(series):
    assert "VNM" not in comparisons.pace_table(series, "tertiary_gross_enrolment_wdi", 2024)
    assert "VNM" not in comparisons.pace_table(series, "pwt110_rgdpna", 2010)
    assert "VNM" in comparisons.pace_table(series, "pwt110_rgdpna", 2015)


def test_a_break_of_a_key_that_no_series_has_is_refused(shipped, series):
    from dataclasses import replace

    from support import problems_of

    wrong = shipped.breaks.iloc[-1:].assign(store="comparators", subject="no_such_key")
    broken = replace(shipped, breaks=pd.concat([shipped.breaks, wrong], ignore_index=True))
    found = problems_of(lambda: comparators.load_indicators(broken, series))
    assert [(problem.code, problem.found) for problem in found] == [("reference", "no_such_key")]


def test_a_base_before_a_break_is_refused_with_the_reason(shipped):
    base = observe(
        {"subject": "A.02.02", "period": "2024", "value": 13.0, "unit": "%", "family": "share", "segment": ""},
        {
            "subject": "A.02.02",
            "period": "2025",
            "value": 19.0,
            "unit": "%",
            "family": "share",
            "segment": "2025:definition",
        },
    )
    progress = tracking.track(shipped, base, "2030", KNOWN).progress.set_index("indicator").loc[["A.02.02"]]
    whole = (
        tracking.track(shipped, base.assign(segment=""), "2030", KNOWN).progress.set_index("indicator").loc[["A.02.02"]]
    )
    assert whole["required"].notna().any() and whole["ratio"].notna().any()
    assert progress["ratio"].isna().all() and progress["points"].max() == 1
    assert progress["reason"].str.contains("chuỗi gãy ở 2025").all()


years = st.integers(1990, 2030)
quarters = st.builds(lambda year, quarter: f"{year}-Q{quarter}", years, st.integers(1, 4))
single = st.one_of(years.map(str), quarters, st.builds(lambda y, m: f"{y}-{m:02d}", years, st.integers(1, 12)))
intervals = st.builds(lambda a, b: f"{min(a, b)}/{max(a, b)}", years, years)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(single, min_size=1, max_size=4, unique=True),
    st.lists(st.one_of(single, intervals), min_size=2, max_size=12),
)
def test_nothing_that_is_joined_has_a_break_between(cuts, seen):
    """Two periods have one segment just when no first day of a break lies after the start of the earlier and up to the end of the later."""
    table = pd.DataFrame(
        {"store": "observations", "subject": "x", "area": "", "period": cuts, "of_source": "", "kind": "definition"}
    )
    found = Breaks(table)
    days = [periods.bounds(cut)[0] for cut in cuts]
    for first in seen:
        for second in seen:
            start, end = (
                side(spans)
                for side, spans in (
                    (min, [periods.bounds(p)[0] for p in (first, second)]),
                    (max, [periods.bounds(p)[1] for p in (first, second)]),
                )
            )
            crossed = any(start < day <= end for day in days)
            labels = [found.segment("x", "VN", period) for period in (first, second)]
            if first != second:
                assert (labels[0] == labels[1]) == (not crossed)
                said = vintages.apart({"segment": labels[0], "period": first}, {"segment": labels[1], "period": second})
                assert bool(said) == crossed


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        [
            "M.07",
            "A.02.06",
            "A.02.10",
            "M.04",
            "gdp_current_nso",
            "employment_nso",
            "itu_idi_old",
            "egdi_hci",
            "labour_productivity_real_nso",
        ]
    ),
    st.dates(date(2010, 1, 1), KNOWN),
)
def test_no_series_of_the_store_crosses_a_break_on_any_day(rows, subject, known):
    table = observations.as_of(rows, known)
    history = macro.series(table, rows[rows["vintage_end"] <= pd.Timestamp(known)], subject, known)
    assert rows.set_index("id").loc[history["id"], "segment"].nunique() <= 1
    assert not any(math.isnan(value) for value in history["value"])


def test_a_break_is_no_jump():
    from nq57lab.quality import findings

    rows = [
        {
            "subject": "M.04",
            "period": str(2000 + at),
            "value": 10.0 + at + 40 * (at > 9) + 0.1 * (at % 3),
            "unit": "%",
            "family": "share",
        }
        for at in range(20)
    ]
    whole = observe(*rows)
    assert findings.jumps(whole)["period"].tolist() == ["2010"]
    apart = whole.assign(segment=["" if at < 10 else "2010:definition" for at in range(20)])
    assert findings.jumps(apart).empty
