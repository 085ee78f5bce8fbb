"""The panels and the near series at the door: ranked where whole, listed where partial; beside a KPI, never in its verdict."""

import pytest

import nq57lab as nq
from nq57lab.base.problems import CallError
from nq57lab.facts import observations
from nq57lab.outlook import proxies
from nq57lab.targets import tracking


@pytest.fixture(scope="module")
def lab():
    return nq.open("2026-06-30")


def test_a_whole_year_is_ranked_and_traced(lab):
    found = lab.panel("papi_5", 2016)
    assert found.frame["rank"].notna().all() and found.frame["value"].is_monotonic_decreasing
    assert (found.frame["merged"] != "").sum() == 11
    found.table()
    assert any(
        entry.get("rows", "") and "values.parquet:papi_5" in str(entry["rows"]) for entry in lab.edition.figures.trace
    )


def test_partial_lists_are_shown_without_a_rank(lab):
    for name in lab.panel().frame.query("coverage == 'partial'")["series"]:
        found = lab.panel(name)
        assert found.frame["rank"].isna().all() and "không xếp hạng" in found.notes
        assert "không xếp hạng" in str(found.finding())


def test_a_panel_published_later_is_not_known_yet():
    early = nq.open("2017-01-31")
    assert early.panel().frame["source"].isin(["P_PAR_CP_20240417"]).sum() == 0
    with pytest.raises(CallError):
        early.panel("par_ministry")


def test_the_near_series_stand_beside_the_kpi_and_say_so(lab):
    found = lab["M.07"].near()
    yearly, quarterly = found.frame.set_index("months").loc[[12, 3]].to_dict("records")
    assert (yearly["points"], yearly["first"], yearly["last"], yearly["to"]) == (12, "2012", "2024", "2030")
    assert (quarterly["points"], quarterly["last"], quarterly["to"]) == (48, "2024-Q4", "2026-Q4")
    assert yearly["lo_80"] < yearly["median"] < yearly["hi_80"]
    assert "không dùng để đánh giá mục tiêu" in str(found.finding())
    assert lab["M.08"].near().frame.empty
    monthly = lab["M.05"].near().frame.query("months == 1").iloc[0]
    assert monthly["points"] == 170 and monthly["lo_80"] < monthly["median"] < monthly["hi_80"]


def test_no_near_series_enters_a_verdict(lab):
    known = lab.edition.known_tables
    near = set(known.catalogue.proxies["proxy"])
    assert near and not near & set(known.catalogue.targets["indicator"])
    without = known.table[~known.table["subject"].isin(near)]
    for milestone in ("2030", "2045"):
        told = [
            tracking.track(known.catalogue, table, milestone, known.known, entries=known.entered_rows).progress
            for table in (known.table, without)
        ]
        assert told[0].equals(told[1])


def test_every_near_series_is_of_one_segment_and_ends_where_it_says(lab):
    known = lab.edition.known_tables
    for subject in set(known.catalogue.proxies["proxy"]):
        for history in proxies.histories(
            known.table, known.entered_rows, subject, observations.pd.Timestamp(known.known)
        ):
            assert history["segment"].nunique() == 1 and history["period"].str.len().nunique() == 1
