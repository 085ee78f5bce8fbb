"""The store's work by columns gives what the plain functions give, row for row."""

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from support import observe

from nq57lab.base import contract, tables
from nq57lab.base.problems import ProblemError
from nq57lab.facts import observations
from nq57lab.facts.columnar import checks, coded, files, keys, summaries
from nq57lab.facts.columnar import known as known_figures
from nq57lab.facts.columnar.known import Known, arrange, as_of
from nq57lab.store import rollup

rows = st.lists(
    st.fixed_dictionaries(
        {
            "subject": st.sampled_from(["tasks_assigned", "gdp", "A.01.01"]),
            "area": st.sampled_from(["VN", "34:01", "34:75"]),
            "item": st.sampled_from(["", "", "x.1"]),
            "period": st.sampled_from(["2026-01", "2026-02", "2026-03", "2026", "2026-Q1"]),
            "measure": st.sampled_from(["stock", "flow"]),
            "dims": st.sampled_from(["", "", "pillar=KHCN"]),
            "value": st.sampled_from([0.0, 1.5, -2.0, 1e9]),
            "status": st.sampled_from(contract.STATUSES),
            "vintage": st.sampled_from(["2024", "2024-12-31", "2025-05", "2026-06-30"]),
            "recorded": st.sampled_from(["2026-07-01", "2026-07-02", "2026-11-22"]),
        }
    ),
    min_size=1,
    max_size=40,
)
days = st.sampled_from([None, date(2024, 12, 31), date(2025, 6, 1), date(2026, 7, 1)])


def _in_order(columns: coded.Columns, chosen: Known) -> pd.DataFrame:
    """Return what is known as a table in the order of the key's columns."""
    rows = np.arange(len(columns)) if chosen.rows is None else chosen.rows
    order = np.lexsort([columns.codes[name][rows] for name in reversed(observations.KEY)])
    return files.decode(columns, rows[order])


def _known(frame: pd.DataFrame, known=None, entered=None) -> pd.DataFrame:
    columns = files.encode(frame)
    chosen = as_of(columns, keys.index(columns), known, entered)
    return _in_order(columns, chosen)


@settings(max_examples=60)
@given(rows, days, days)
def test_as_of_equals_the_plain_as_of(sample, known, entered):
    frame = observe(*sample)
    slow = observations.as_of(frame, known, entered)[[*coded.CODED, "value"]]
    assert_frame_equal(_known(frame, known, entered), slow, check_dtype=False)


# Keys sorted because they are too sparse for a table; series alone sorted; many blocks and tiles of a few rows.
SETTINGS = [
    {(keys, "SPARSE"): 0, (keys, "SMALL"): 0},
    {(keys, "SPARSE"): 0, (keys, "SMALL"): 50},
    {(coded, "BLOCK"): 3, (known_figures, "KINDS"): 1, (known_figures, "TILE"): 2},
]


@pytest.mark.parametrize("sizes", SETTINGS)
@settings(max_examples=25)
@given(rows, days)
def test_as_of_equals_the_plain_as_of_whatever_the_sizes(sizes, sample, known):
    frame = observe(*sample)
    slow = observations.as_of(frame, known)[[*coded.CODED, "value"]]
    with pytest.MonkeyPatch.context() as patch:
        for (module, name), value in sizes.items():
            patch.setattr(module, name, value)
        columns = files.encode(frame)
        chosen = as_of(columns, keys.index(columns), known)
        assert_frame_equal(_in_order(columns, chosen), slow, check_dtype=False)
        assert_frame_equal(_in_order(*arrange(columns, chosen)), slow, check_dtype=False)


def test_as_of_of_the_projects_own_data_equals_the_plain_one(entries):
    for day in (None, date(2025, 1, 1), date(2026, 6, 30)):
        slow = observations.as_of(entries, day)[[*coded.CODED, "value"]]
        assert_frame_equal(_known(entries, day), slow, check_dtype=False)


@settings(max_examples=40)
@given(rows, days)
def test_arranging_keeps_every_figure_and_what_is_made_of_it(sample, known):
    columns = files.encode(observe(*sample))
    chosen = as_of(columns, keys.index(columns), known)
    arranged, again = arrange(columns, chosen)
    assert_frame_equal(
        _in_order(arranged, again),
        _in_order(columns, chosen),
    )
    leads, areas = {"tasks_assigned": "agency:A", "gdp": "agency:B"}, ["VN", "34:01"]
    assert_frame_equal(
        summaries.completeness(arranged, again, leads, areas),
        summaries.completeness(columns, chosen, leads, areas),
    )


@settings(max_examples=40)
@given(rows)
def test_index_lists_exactly_the_rows_that_share_a_key(sample):
    frame = observe(*sample)
    columns = files.encode(frame)
    shared = np.flatnonzero(frame.duplicated(observations.KEY, keep=False))
    assert keys.index(columns).contested.tolist() == shared.tolist()


@settings(max_examples=40)
@given(rows)
def test_repeated_keys_are_those_of_the_contract(sample):
    frame = observe(*sample)
    columns = files.encode(frame)
    units, families = {"tasks_assigned": "nhiệm vụ", "gdp": "nhiệm vụ", "A.01.01": "nhiệm vụ"}, {"nhiệm vụ": "count"}
    areas, sources = {"VN", "34:01", "34:75"}, set(frame["source"])
    known = checks.Registers(units, families, areas, items=set(frame["item"]), sources=sources, dims={"pillar=KHCN"})
    found = checks.validate(columns, keys.index(columns), known)
    slow = np.flatnonzero(frame.duplicated(list(contract.OBSERVATIONS.key), keep="first"))
    assert found["row"].tolist() == slow.tolist()
    assert set(found["code"]) <= {"duplicate"}


def test_validation_finds_what_the_contract_and_the_catalogue_find(shipped):
    frame = observe(
        {},
        {"subject": "nobody"},
        {"area": "34:99"},
        {"unit": "%"},
        {"unit": "không có"},
        {"status": "sure"},
        {"period": "2026-04"},
        {"value": float("nan")},
        {"period": "2026-05"},
        {"period": "2026-05"},
        {"item": "db_land"},
        {"item": "db_nowhere"},
        {"source": "S999"},
        {"dims": "kind=ict; pillar=KHCN"},
        {"dims": "pillar=KHCN; kind=ict"},
        {"dims": "pillar=nowhere"},
        {"dims": "pillar"},
    )
    frame["period"] = frame["period"].replace("2026-04", "2026-13")
    columns = files.encode(frame)
    found = checks.validate(columns, keys.index(columns), checks.registers(shipped))
    places = pd.DataFrame({"file": "f", "row": range(len(frame))})
    text = frame[contract.OBSERVATIONS.names].astype(object)
    text = text.where(text.notna(), "").astype(str)
    slow = {(p.row, p.code, p.column) for p in tables.problems(text, contract.OBSERVATIONS, places)}
    slow |= {(p.row, p.code, p.column) for p in observations.check(frame, shipped, places)}
    slow = {(row, code, "" if code == "duplicate" else column) for row, code, column in slow}
    assert set(found[["row", "code", "column"]].itertuples(index=False, name=None)) == slow
    assert found["row"].is_monotonic_increasing


def test_parquet_gives_the_same_columns_back(tmp_path, entries):
    columns = files.encode(entries)
    files.write(columns, tmp_path / "all.parquet")
    again = files.read(tmp_path / "all.parquet")
    everything = np.arange(len(columns))
    assert_frame_equal(files.decode(again, everything), files.decode(columns, everything))
    assert all((again.labels[name] == columns.labels[name]).all() for name in coded.CODED)


def test_parquet_of_several_row_groups_and_constant_columns_reads_alike(tmp_path):
    frame = observe(*({"period": f"2026-{1 + at % 12:02d}", "value": at} for at in range(60)))
    kept = frame[[*coded.CODED, "value"]]
    pq.write_table(
        pa.Table.from_pandas(kept.astype(dict.fromkeys(coded.CODED, object))),
        tmp_path / "a.parquet",
        row_group_size=7,
    )
    again = files.read(tmp_path / "a.parquet")
    assert_frame_equal(files.decode(again, np.arange(60)), kept, check_dtype=False)
    assert again.codes["subject"].strides == (0,)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.sampled_from([0, 1, 2**40])), max_size=30))
def test_packed_sorting_equals_a_stable_sort(rows):
    parts = [np.array([row[place] for row in rows], dtype=np.int64) for place in range(3)]
    assert coded.sorted_order(*parts).tolist() == sorted(range(len(rows)), key=lambda place: rows[place])
    wide = [part << 20 for part in parts]
    assert coded.sorted_order(*wide).tolist() == sorted(range(len(rows)), key=lambda place: rows[place])


def test_many_rows_are_written_as_parts_of_a_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ROW_GROUP", 4)
    frame = observe(*({"value": at} for at in range(11)))
    files.write(files.encode(frame), tmp_path / "parts", more=np.arange(11))
    assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == ["part-0.parquet", "part-1.parquet"]
    again = pq.read_table(tmp_path / "parts")
    assert again["value"].to_pylist() == frame["value"].tolist()
    assert again["more"].to_pylist() == list(range(11))


def test_a_missing_column_is_told_by_name(tmp_path):
    pq.write_table(pa.table({"subject": ["a"], "value": [1.0]}), tmp_path / "a.parquet")
    with pytest.raises(ProblemError) as error:
        files.read(tmp_path / "a.parquet")
    assert {problem.column for problem in error.value.problems} == set(coded.CODED) - {"subject"}


def test_completeness_counts_each_subject_and_area_once():
    frame = observe(
        {"period": "2026-01"},
        {"period": "2026-01", "dims": "pillar=KHCN"},
        {"period": "2026-01", "area": "34:01"},
        {"period": "2026-02", "area": "34:75"},
        {"period": "2026-02", "subject": "gdp"},
        {"period": "2026-02", "subject": "population"},
    )
    columns = files.encode(frame)
    known = as_of(columns, keys.index(columns))
    leads = {"tasks_assigned": "agency:A", "gdp": "agency:B", "tasks_completed": "agency:A"}
    found = summaries.completeness(columns, known, leads, ["VN", "34:01"])
    expected = pd.DataFrame(
        {
            "agency": ["agency:A", "agency:A", "agency:B", "agency:B"],
            "period": ["2026-01", "2026-02"] * 2,
            "expected": [4, 4, 2, 2],
            "observed": [2, 0, 0, 1],
            "share": [0.5, 0.0, 0.0, 0.5],
        }
    )
    assert_frame_equal(found, expected, check_dtype=False)


@settings(max_examples=40)
@given(rows)
def test_completeness_equals_a_plain_count(sample):
    frame = observe(*sample)
    columns = files.encode(frame)
    known = as_of(columns, keys.index(columns))
    leads = {"tasks_assigned": "agency:A", "gdp": "agency:B"}
    found = summaries.completeness(columns, known, leads, ["VN", "34:01"]).set_index(["agency", "period"])["observed"]
    kept = frame[frame["subject"].isin(leads) & frame["area"].isin(["VN", "34:01"])]
    plain = kept.assign(agency=kept["subject"].map(leads)).drop_duplicates(["subject", "area", "period"])
    plain = plain.groupby(["agency", "period"]).size()
    assert found[found > 0].to_dict() == plain.to_dict()


def _quarters(frame: pd.DataFrame, rules: pd.DataFrame, parents: dict[str, str]) -> pd.DataFrame:
    columns = files.encode(frame)
    known = as_of(columns, keys.index(columns))
    quarters, months = summaries.quarterly(columns, known, rules, parents)
    return files.decode(quarters, np.arange(len(quarters))).assign(months=months)


RULES = pd.DataFrame(
    [
        ("tasks_assigned", "last", "sum", ""),
        ("tasks_completed_on_time", "last", "sum", ""),
        ("obstacle_resolution_days", "sum", "sum", ""),
        ("obstacles_assigned", "sum", "sum", ""),
        ("A.01.01", "recompute", "recompute", "tasks_completed_on_time / tasks_assigned * 100"),
    ],
    columns=["subject", "over_time", "over_areas", "formula"],
)

months = st.lists(
    st.tuples(
        st.sampled_from(["tasks_assigned", "tasks_completed_on_time", "obstacles_assigned", "A.01.01"]),
        st.sampled_from(["34:01", "34:75"]),
        st.integers(1, 6),
        st.integers(1, 50),
        st.sampled_from(["stock", "cumulative"]),
    ),
    min_size=1,
    max_size=60,
    unique_by=lambda row: row[:3],
)


@settings(max_examples=25)
@given(months)
def test_quarters_equal_the_plain_roll_up(shipped, sample):
    measure = {(s, a): m for s, a, _, _, m in sample}
    frame = observe(
        *(
            {
                "subject": s,
                "area": a,
                "period": f"2026-{p:02d}",
                "value": v,
                "measure": measure[s, a],
                "unit": shipped.subject_units[s],
                "family": "share" if s == "A.01.01" else "count",
            }
            for s, a, p, v, _ in sample
        )
    )
    fast = _quarters(frame, RULES, {})
    slow = rollup.over_time(observations.as_of(frame), shipped, "quarter")
    keys = ["subject", "area", "period"]
    slow = slow[slow["value"].notna()].set_index(keys)["value"]
    fast = fast[fast["value"].notna()].drop_duplicates(keys).set_index(keys)["value"]
    shared = fast.index.intersection(slow.index)
    assert set(fast.index) == set(shared)
    # The plain roll-up also computes indicators that nobody reported; here they stand only where a month was reported.
    reported = {(s, a) for s, a, *_ in sample}
    missing = slow.index.difference(fast.index)
    assert all(subject == "A.01.01" or (subject, area) not in reported for subject, area, _ in missing)
    np.testing.assert_allclose(fast[shared].to_numpy(), slow[shared].to_numpy())


def test_a_quarter_needs_its_three_months_and_a_ratio_is_recomputed():
    values = {"tasks_assigned": [10, 20, 40], "tasks_completed_on_time": [5, 5, 10], "obstacles_assigned": [1, 2, 3]}
    sample = [
        {"subject": s, "area": area, "period": f"2026-{p:02d}", "value": v * scale}
        for s, series in values.items()
        for area, scale in (("34:01", 1), ("34:75", 3))
        for p, v in enumerate(series, start=1)
        if (s, area, p) != ("obstacles_assigned", "34:75", 2)
    ]
    sample += [{"subject": "A.01.01", "area": a, "period": "2026-01", "value": 99} for a in ("34:01", "34:75")]
    sample.reverse()
    found = _quarters(observe(*sample), RULES, {"34:01": "VN", "34:75": "VN"})
    value = found.set_index(["subject", "area"])["value"].to_dict()
    assert value["tasks_assigned", "34:01"] == 40
    assert value["obstacles_assigned", "34:01"] == 6
    assert np.isnan(value["obstacles_assigned", "34:75"])
    assert value["A.01.01", "34:01"] == 25
    assert value["tasks_assigned", "VN"] == 160
    assert np.isnan(value["obstacles_assigned", "VN"])
    assert value["A.01.01", "VN"] == 25
    assert found.set_index(["subject", "area"])["months"]["obstacles_assigned", "34:75"] == 2


def test_a_nation_with_its_own_figure_or_a_missing_province_is_not_rolled_up():
    def quarter(area, value):
        return [{"area": area, "period": f"2026-{p:02d}", "value": value} for p in (1, 2, 3)]

    parents = {"34:01": "VN", "34:75": "VN"}
    own = _quarters(observe(*quarter("34:01", 1), *quarter("34:75", 2), *quarter("VN", 9)), RULES, parents)
    assert own.loc[own["area"] == "VN", "value"].tolist() == [9]
    one = _quarters(observe(*quarter("34:01", 1)), RULES, parents)
    assert one["area"].tolist() == ["34:01"]


PARENTS = {"34:01:1": "34:01", "34:01:2": "34:01", "34:75:1": "34:75", "34:01": "VN", "34:75": "VN"}
LEVELS = [{c: p for c, p in PARENTS.items() if p != "VN"}, {c: p for c, p in PARENTS.items() if p == "VN"}]
LEAVES = ["34:01:1", "34:01:2", "34:75:1"]
SUBJECTS = ["tasks_assigned", "tasks_completed_on_time", "obstacles_assigned", "A.01.01"]


@settings(max_examples=8)
@given(
    st.lists(st.integers(1, 50), min_size=36, max_size=36),
    st.sets(st.integers(0, 35), max_size=2),
    st.sampled_from([[], ["34:01"], ["34:75", "34:01"], ["VN"]]),
)
def test_communes_make_provinces_and_these_the_nation_as_in_the_plain_roll_up(shipped, values, left_out, reporting):
    cells = [(s, area, month) for s in SUBJECTS for area in LEAVES for month in (1, 2, 3)]
    kept = [
        (*cell, value) for place, (cell, value) in enumerate(zip(cells, values, strict=True)) if place not in left_out
    ]
    kept += [(s, area, month, 7) for s in SUBJECTS for area in reporting for month in (1, 2, 3)]
    frame = observe(
        *(
            {"subject": s, "area": a, "period": f"2026-{m:02d}", "value": v, "unit": shipped.subject_units[s]}
            | {"family": "share" if s == "A.01.01" else "count"}
            for s, a, m, v in kept
        )
    )
    fast = _quarters(frame, RULES, PARENTS)
    quarters = rollup.over_time(observations.as_of(frame), shipped, "quarter")
    slow = pd.concat([quarters, over_levels(quarters, shipped)])
    keys = ["subject", "area"]
    fast, slow = (
        table[table["value"].notna()].drop_duplicates(keys).set_index(keys)["value"].sort_index()
        for table in (fast, slow)
    )
    assert list(fast.index) == list(slow.index)
    np.testing.assert_allclose(fast.to_numpy(), slow.to_numpy())


def over_levels(table, catalogue):
    """Roll up level by level, the plain way: an area with a figure of its own keeps it."""
    key = ["subject", "area", "item", "period", "dims"]
    own, made, current = pd.MultiIndex.from_frame(table[key]), [], table
    for parents in LEVELS:
        rolled = rollup.over_areas(current, catalogue, parents)
        made.append(rolled[~pd.MultiIndex.from_frame(rolled[key]).isin(own)])
        current = pd.concat([table, *made], ignore_index=True)
    return pd.concat(made, ignore_index=True)


def test_areas_above_themselves_are_refused():
    with pytest.raises(ValueError, match="34:01"):
        summaries.upwards({"34:01": "34:75", "34:75": "34:01"})


def test_one_row_without_months_gives_no_quarter():
    assert len(_quarters(observe({"period": "2026"}), RULES, {})) == 0
