"""Observations: the figures of the draft review as printed, and what was known on any date."""

import calendar
import csv
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from support import observe

from nq57lab.base.formulas import Reference
from nq57lab.base.problems import ProblemError
from nq57lab.facts import observations
from nq57lab.facts.observations import KEY, Lookup, as_of

STRENGTH = {"official": 3, "verified": 2, "estimate": 1, "self_reported": 0}


def share_of_2022(entries, known):
    rows = as_of(entries, known)
    return rows[(rows["subject"] == "A.02.02") & (rows["period"] == "2022")]


def test_the_draft_review_gives_at_least_300_figures(entries):
    assert (entries["source"] == "S004").sum() >= 300


@pytest.mark.parametrize(
    ("subject", "dims", "printed", "value"),
    [
        ("tasks_assigned", "", "1.937", 1937),
        ("tasks_deadline", "", "1.469", 1469),
        ("deadline_tasks_completed", "", "1.245", 1245),
        ("task_completion_rate", "", "84,8", 84.8),
        ("feedback_received", "", "1.071", 1071),
        ("feedback_handled", "", "1.009", 1009),
        ("disbursement_rate", "", "23,35", 23.35),
        ("disbursement_rate", "pillar=KHCN", "30,8", 30.8),
        ("disbursement_rate", "pillar=DMST", "12,29", 12.29),
        ("disbursement_rate", "pillar=CDS", "12,17", 12.17),
        ("M.04", "", "91,9", 91.9),
        ("A.02.02", "", "14,02", 14.02),
        ("A.02.06", "", "44", 44),
    ],
)
def test_figures_are_as_the_draft_review_prints_them(entries, subject, dims, printed, value):
    rows = entries[(entries["source"] == "S004") & (entries["subject"] == subject) & (entries["dims"] == dims)]
    rows = rows[(rows["area"] == "VN") & (rows["printed"] == printed)]
    assert rows["value"].tolist() == [value]
    assert rows["vintage"].tolist() == ["2026-06-30"]


def test_nothing_in_the_draft_review_is_verified(entries):
    statuses = entries[entries["source"] == "S004"]["status"]
    assert set(statuses) == {"official", "estimate", "self_reported"}
    assert (statuses == "self_reported").mean() > 0.9


def test_an_identity_names_the_files_own_row(entries, root):
    files = {}
    for path in (root / "data" / "observations").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            files[path.name] = list(csv.DictReader(stream))
    assert entries["id"].is_unique
    assert len(entries) == sum(len(rows) for rows in files.values())
    for row in entries.itertuples():
        name, line = row.id.split(":")
        raw = files[name][int(line) - 2]
        assert (raw["subject"], raw["area"], raw["period"], raw["printed"]) == (
            *(row.subject, row.area, row.period, row.printed),
        )
        assert float(raw["value"]) == row.value


def test_values_equal_their_printed_digits(entries):
    digits = entries[entries["printed"].str.fullmatch(r"[\d.]+(,\d+)?")]
    read = digits["printed"].str.replace(".", "", regex=False).str.replace(",", ".", regex=False).astype(float)
    assert len(digits) > 300
    assert ((read - digits["value"]).abs() < 1e-9).all()


@pytest.mark.parametrize(
    ("known", "values"),
    [
        ("2023-12-03", []),
        ("2023-12-04", [12.67]),
        ("2024-12-30", [12.67]),
        ("2024-12-31", [12.63]),
        ("2025-01-05", [12.63]),
        ("2025-01-06", [12.83]),
        ("2026-06-30", [12.83]),
    ],
)
def test_three_vintages_of_the_digital_economy_in_2022(entries, known, values):
    assert share_of_2022(entries, date.fromisoformat(known))["value"].tolist() == values


def test_a_partial_vintage_is_flagged_and_means_the_end_of_its_period(entries):
    partial = entries[entries["vintage_partial"]]
    assert (partial["vintage"].str.len() < 10).all()
    assert not entries[~entries["vintage_partial"]]["vintage"].str.len().lt(10).any()
    row = share_of_2022(entries, date(2024, 12, 31)).iloc[0]
    assert (row["vintage"], row["vintage_partial"]) == ("2024", True)
    assert row["vintage_end"] == pd.Timestamp("2024-12-31")


def test_an_official_figure_comes_before_a_newer_self_reported_one():
    rows = observe(
        {"value": 1, "status": "official", "vintage": "2024"},
        {"value": 2, "status": "estimate", "vintage": "2025"},
        {"value": 3, "status": "self_reported", "vintage": "2026"},
    )
    assert as_of(rows)["value"].tolist() == [1]
    assert as_of(rows[1:])["value"].tolist() == [2]


def test_a_late_entry_leaves_editions_of_an_earlier_day_unchanged(entries):
    old = share_of_2022(entries, None).iloc[[0]]
    late = old.assign(value=99.0, printed="99", vintage="2025-01-06", recorded="2027-03-01", id="late.csv:2")
    later = pd.concat([entries, late], ignore_index=True)
    edition = {"known": date(2026, 6, 30), "entered": date(2026, 12, 31)}
    assert_frame_equal(as_of(later, **edition), as_of(entries, **edition))
    remade = share_of_2022(later, date(2026, 6, 30))
    assert remade["value"].tolist() == [99.0]


def test_a_day_before_every_publication_knows_nothing(entries):
    assert as_of(entries, date(1990, 1, 1)).empty
    assert as_of(entries, entered=date(1990, 1, 1)).empty
    assert list(as_of(entries, date(1990, 1, 1)).columns) == list(entries.columns)


def test_as_of_leaves_its_argument_alone(entries):
    before = entries.copy()
    as_of(entries, date(2025, 6, 30), date(2026, 12, 31))
    assert_frame_equal(entries, before)


def vintage_end(text):
    parts = [int(part) for part in text.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    return date(year, month, parts[2] if len(parts) > 2 else calendar.monthrange(year, month)[1])


def oracle(rows, known, entered):
    """The same rule, slowly: one row after the other."""
    best = {}
    for place, row in enumerate(rows):
        if known and vintage_end(row["vintage"]) > known:
            continue
        if entered and date.fromisoformat(row["recorded"]) > entered:
            continue
        rank = (STRENGTH[row["status"]], vintage_end(row["vintage"]), row["recorded"], place)
        key = tuple(row[name] for name in KEY)
        if key not in best or rank > best[key][0]:
            best[key] = (rank, row["value"])
    return {key: value for key, (_, value) in best.items()}


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "subject": st.sampled_from(["tasks_assigned", "tasks_regular"]),
            "area": st.sampled_from(["VN", "34:01"]),
            "item": st.sampled_from(["", "db_land"]),
            "period": st.sampled_from(["2024", "2025"]),
            "measure": st.sampled_from(["stock", "flow"]),
            "dims": st.sampled_from(["", "pillar=KHCN"]),
            "status": st.sampled_from(sorted(STRENGTH)),
            "vintage": st.sampled_from(["2024", "2024-02", "2024-02-29", "2024-12-31", "2025-01-01", "2025-06"]),
            "recorded": st.sampled_from(["2024-03-01", "2025-01-01", "2026-01-01"]),
        }
    ),
    min_size=1,
    max_size=25,
)
DAYS = st.none() | st.sampled_from(
    [date(2024, 2, 28), date(2024, 2, 29), date(2024, 12, 31), date(2025, 1, 1), date(2026, 1, 1)]
)


@given(ROWS, DAYS, DAYS)
def test_as_of_agrees_with_a_slow_plain_rule(rows, known, entered):
    rows = [row | {"value": float(place)} for place, row in enumerate(rows)]
    found = as_of(observe(*rows), known, entered)
    assert dict(zip(found[KEY].itertuples(index=False, name=None), found["value"], strict=True)) == oracle(
        rows, known, entered
    )
    assert found[KEY].sort_values(KEY).index.tolist() == list(range(len(found)))


def test_a_lookup_returns_the_newest_period_whatever_the_order():
    rows = observe({"period": "2025", "value": 3}, {"period": "2023", "value": 1}, {"period": "2024-Q2", "value": 2})
    lookup = Lookup(rows)
    assert lookup.row(Reference("tasks_assigned"))["value"] == 3
    assert lookup.rows(Reference("tasks_assigned"))["value"].tolist() == [1, 2, 3]
    assert lookup.row(Reference("tasks_assigned"), period="2024-Q2")["value"] == 2
    assert lookup.row(Reference("tasks_assigned", (("period", "2023"),)), period="2025")["value"] == 1
    assert lookup.row(Reference("tasks_assigned"), period="2020") is None
    assert lookup.row(Reference("tasks_assigned"), area="34:01") is None
    assert lookup.rows(Reference("tasks_regular")).empty


def test_a_lookup_tells_measures_breakdowns_areas_and_items_apart():
    rows = observe(
        {"value": 1, "measure": "flow"},
        {"value": 2, "measure": "stock"},
        {"value": 3, "dims": "pillar=KHCN"},
        {"value": 4, "area": "34:01"},
        {"value": 5, "item": "db_land"},
    )
    keys = {1: ("measure", "flow"), 2: ("measure", "stock"), 3: ("pillar", "KHCN"), 4: ("area", "34:01")}
    lookup = Lookup(rows)
    for value, key in (keys | {5: ("item", "db_land")}).items():
        assert lookup.row(Reference("tasks_assigned", (key,)))["value"] == value


@pytest.mark.parametrize("dims", ["kind=ict; pillar=KHCN", "pillar=KHCN; kind=ict"])
def test_a_lookup_finds_a_double_breakdown_in_any_order(dims):
    row = Lookup(observe({"dims": dims})).row(Reference("tasks_assigned", (("pillar", "KHCN"), ("kind", "ict"))))
    assert row is not None


def test_a_breakdown_of_items_gathers_the_items_of_every_area_for_the_nation():
    rows = observe(
        {"item": "db_land", "area": "agency:BNNMT", "value": 19},
        {"item": "db_health", "area": "VN", "value": 7},
        {"item": "", "value": 99},
    )
    assert sorted(Lookup(rows).breakdown(Reference("tasks_assigned"), "item")["value"]) == [7, 19]
    assert Lookup(rows).breakdown(Reference("tasks_assigned"), "item", "agency:BNNMT")["value"].tolist() == [19]


def test_a_breakdown_is_of_one_period():
    rows = observe(
        {"period": "2026-06", "dims": "kind=ict", "value": 10},
        {"period": "2026-06", "dims": "kind=startup", "value": 20},
        {"period": "2026-Q2", "dims": "kind=ict", "value": 10},
        {"period": "2025", "dims": "kind=ict", "value": 5},
    )
    found = Lookup(rows).breakdown(Reference("tasks_assigned"), "kind")
    assert found["period"].nunique() == 1
    assert found["dims"].is_unique


def test_a_breakdown_keeps_the_other_keys_of_its_reference():
    rows = observe(
        {"dims": "kind=ict; pillar=CDS", "value": 1},
        {"dims": "kind=startup; pillar=CDS", "value": 2},
        {"dims": "kind=ict; pillar=KHCN", "value": 10},
        {"dims": "kind=ict", "value": 100},
        {"dims": "kind=startup", "value": 200},
    )
    found = Lookup(rows).breakdown(Reference("tasks_assigned", (("pillar", "CDS"),)), "kind")
    assert sorted(found["value"]) == [1, 2]


def test_a_breakdown_keeps_the_measure_of_its_reference():
    rows = observe({"dims": "kind=ict", "value": 1}, {"dims": "kind=ict", "value": 2, "measure": "flow"})
    found = Lookup(rows).breakdown(Reference("tasks_assigned", (("measure", "flow"),)), "kind")
    assert found["value"].tolist() == [2]


def test_dates_are_added_to_each_row():
    rows = observe({"period": "2026-H1", "vintage": "2026-06"}, {"period": "2025", "vintage": "2026-01-05"})
    assert rows["period_end"].tolist() == [pd.Timestamp("2026-06-30"), pd.Timestamp("2025-12-31")]
    assert rows["vintage_end"].tolist() == [pd.Timestamp("2026-06-30"), pd.Timestamp("2026-01-05")]
    assert rows["vintage_partial"].tolist() == [True, False]
    assert observations.add_dates(rows).equals(rows)


# Rows that the project entered wrongly: withdrawn, never edited


def test_a_withdrawn_row_is_not_used_from_the_day_of_its_withdrawal_on():
    wrong = {"subject": "A.02.02", "period": "2026-06", "value": 14.0, "recorded": "2026-11-22"}
    right = {"subject": "A.02.02", "period": "2026-06-30", "value": 14.0, "recorded": "2026-11-29"}
    rows = observe(wrong, right).assign(withdrawn=["2026-11-29", ""])
    assert observations.as_of(rows)["period"].tolist() == ["2026-06-30"]
    assert observations.as_of(rows, entered=date(2026, 11, 28))["period"].tolist() == ["2026-06"]
    assert len(observations.valid(rows)) == 1 and len(observations.valid(rows, date(2026, 11, 28))) == 2


def test_a_withdrawal_of_a_row_that_is_not_there_is_told(shipped):
    table = shipped.withdrawals.head(1).assign(id="S004_2026-06-30.csv:9999")
    with pytest.raises(ProblemError, match=r"withdrawals\.csv"):
        observations.load(replace(shipped, withdrawals=table))
