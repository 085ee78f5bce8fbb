"""The store's work on files of any size gives what the plain functions give, row for row."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from support import observe

from nq57lab.base import contract, tables
from nq57lab.base.problems import CallError
from nq57lab.facts import observations
from nq57lab.store import rollup
from nq57lab.store.large import engine, rules
from nq57lab.store.large.rules import Large

NAMES = contract.OBSERVATIONS.names


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """Open frames of observations as the rows of a Parquet file."""
    path = tmp_path_factory.mktemp("large") / "rows.parquet"

    def open_(frame: pd.DataFrame) -> Large:
        frame[[*NAMES]].to_parquet(path, index=False)
        return Large(engine.connect(), [path])

    return open_


def _known(large: Large, known=None, entered=None) -> pd.DataFrame:
    large.as_of(known, entered)
    return large.engine.frame("SELECT * FROM known").sort_values(observations.KEY, kind="stable", ignore_index=True)


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


@settings(max_examples=25)
@given(rows, days, days)
def test_as_of_equals_the_plain_as_of(opened, sample, known, entered):
    frame = observe(*sample)
    slow = observations.as_of(frame, known, entered)[NAMES]
    assert_frame_equal(_known(opened(frame), known, entered)[NAMES], slow, check_dtype=False)


def test_words_kept_as_numbers_change_nothing(opened, monkeypatch):
    frame = observe(
        *(
            {"area": area, "period": f"2026-{1 + at % 3:02d}", "value": at, "recorded": f"2026-11-{30 - at:02d}"}
            for at, area in enumerate(["VN", "34:01"] * 9)
        )
    )
    plain = opened(frame)
    monkeypatch.setattr(engine, "MANY", 0)
    coded = opened(frame)
    for day in (None, date(2026, 11, 20)):
        assert_frame_equal(_known(coded, entered=day), _known(plain, entered=day))
    asked = "SELECT DISTINCT area, recorded FROM observed WHERE recorded <= '2026-12-31' ORDER BY area DESC, recorded"
    assert_frame_equal(coded.engine.frame(asked), plain.engine.frame(asked))


def test_as_of_of_the_projects_own_files_equals_the_plain_one(shipped, entries):
    for day in (None, date(2025, 1, 1), date(2026, 6, 30)):
        found = _known(Large(engine.connect(), [shipped.root / "observations"]), day)
        slow = observations.as_of(entries.assign(withdrawn=""), day)[NAMES].reset_index(
            drop=True
        )  # what is withdrawn is told elsewhere
        found = found[NAMES].assign(**{name: found[name].fillna("") for name in NAMES if name not in rules.NUMBERS})
        assert_frame_equal(found, slow, check_dtype=False)


def test_the_projects_own_files_have_no_problem(shipped):
    assert Large(engine.connect(), [shipped.root / "observations"]).problems(shipped).empty


def test_the_check_finds_what_the_contract_and_the_catalogue_find(shipped, opened):
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
    places = pd.DataFrame({"file": "rows.parquet", "row": range(1, len(frame) + 1)})
    text = frame[NAMES].astype(object)
    text = text.where(text.notna(), "").astype(str)
    slow = [*tables.problems(text, contract.OBSERVATIONS, places), *observations.check(frame, shipped, places)]
    told = {(p.code, "" if p.code == "duplicate" else p.column, p.row) for p in slow}
    found = opened(frame).problems(shipped)
    first = {(p.code, p.column, p.row) for p in found["problem"]}
    assert first - {entry for entry in first if entry[0] == "duplicate"} <= told
    assert {entry[:2] for entry in first} == {entry[:2] for entry in told}
    assert found["count"].min() == 1


def test_a_fault_of_many_rows_is_told_once_with_its_first_row_and_their_number(shipped, opened):
    good = [{"period": f"2026-{month:02d}"} for month in range(1, 13)]
    frame = observe(*good, *({"period": f"2025-{month:02d}", "area": "34:99"} for month in range(1, 13)))
    (found,) = opened(frame).problems(shipped).itertuples(index=False)
    assert (found.problem.code, found.problem.column, found.problem.found) == ("reference", "area", "34:99")
    assert (found.problem.file, found.problem.row, found.count) == ("rows.parquet", 13, 12)


def test_communes_of_a_file_of_areas_are_known(shipped, opened):
    frame = observe({"area": "34:75:26734"})
    assert [problem.column for problem in opened(frame).problems(shipped)["problem"]] == ["area"]
    assert opened(frame).problems(shipped, ["34:75:26734"]).empty


def test_csv_rows_are_told_by_their_file_and_row(tmp_path, shipped):
    frame = observe({}, {"period": "2026-04", "subject": "nobody"})[NAMES]
    frame.iloc[:1].to_csv(tmp_path / "a.csv", index=False)
    frame.to_csv(tmp_path / "b.csv", index=False)
    found = Large(engine.connect(), [tmp_path]).problems(shipped)["problem"]
    assert {(problem.code, problem.file, problem.row) for problem in found} == {
        ("reference", "b.csv", 3),
        ("duplicate", "b.csv", 2),
    }


def test_missing_columns_and_files_are_told(tmp_path, shipped):
    observe({})[["subject", "value"]].to_parquet(tmp_path / "a.parquet")
    found = Large(engine.connect(), [tmp_path / "a.parquet"]).problems(shipped)["problem"]
    assert {"area", "period", "unit", "status"} <= {problem.column for problem in found}
    assert {problem.code for problem in found} == {"missing_column"}
    with pytest.raises(CallError, match=r"b\.parquet"):
        Large(engine.connect(), [tmp_path / "b.parquet"])
    (tmp_path / "c.csv").write_text("subject\n", encoding="utf-8")
    with pytest.raises(CallError, match=r"\.csv, \.parquet"):
        Large(engine.connect(), [tmp_path])
    with pytest.raises(CallError, match="duckdb"):
        engine.connect("postgres://")


def test_what_is_written_has_dates_and_no_number_of_rows(tmp_path, opened):
    large = opened(observe({}))
    large.as_of()
    large.engine.write("known", tmp_path / "known.parquet")
    found = pd.read_parquet(tmp_path / "known.parquet")
    assert list(found.columns) == NAMES
    assert isinstance(found["recorded"].iloc[0], date)


def _counted(large: Large, leads: dict, areas: list) -> pd.DataFrame:
    large.as_of()
    return rules.completeness(large.engine, "known", leads, areas)


def test_completeness_counts_each_subject_and_area_once(opened):
    frame = observe(
        {"period": "2026-01"},
        {"period": "2026-01", "dims": "pillar=KHCN"},
        {"period": "2026-01", "area": "34:01"},
        {"period": "2026-02", "area": "34:75"},
        {"period": "2026-02", "subject": "gdp"},
        {"period": "2026-02", "subject": "population"},
    )
    leads = {"tasks_assigned": "agency:A", "gdp": "agency:B", "tasks_completed": "agency:A"}
    found = _counted(opened(frame), leads, ["VN", "34:01"])
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


@settings(max_examples=20)
@given(rows)
def test_completeness_equals_a_plain_count(opened, sample):
    frame = observe(*sample)
    leads = {"tasks_assigned": "agency:A", "gdp": "agency:B"}
    found = _counted(opened(frame), leads, ["VN", "34:01"]).set_index(["agency", "period"])["observed"]
    kept = frame[frame["subject"].isin(leads) & frame["area"].isin(["VN", "34:01"])]
    plain = kept.assign(agency=kept["subject"].map(leads)).drop_duplicates(["subject", "area", "period"])
    plain = plain.groupby(["agency", "period"]).size()
    assert found[found > 0].to_dict() == plain.to_dict()


def _quarters(large: Large, how: pd.DataFrame, parents: dict[str, str]) -> pd.DataFrame:
    large.as_of(keep=True)
    rules.quarters(large.engine, "known", how, rules.levels(parents))
    return large.engine.frame("SELECT * FROM quarters")


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


@settings(max_examples=8)
@given(months)
def test_quarters_equal_the_plain_roll_up(shipped, opened, sample):
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
    fast = _quarters(opened(frame), RULES, {})
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


def test_a_quarter_needs_its_three_months_and_a_ratio_is_recomputed(opened):
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
    found = _quarters(opened(observe(*sample)), RULES, {"34:01": "VN", "34:75": "VN"})
    value = found.set_index(["subject", "area"])["value"].to_dict()
    assert value["tasks_assigned", "34:01"] == 40
    assert value["obstacles_assigned", "34:01"] == 6
    assert np.isnan(value["obstacles_assigned", "34:75"])
    assert value["A.01.01", "34:01"] == 25
    assert value["tasks_assigned", "VN"] == 160
    assert np.isnan(value["obstacles_assigned", "VN"])
    assert value["A.01.01", "VN"] == 25
    assert found.set_index(["subject", "area"])["months"]["obstacles_assigned", "34:75"] == 2


def test_a_nation_with_its_own_figure_or_a_missing_province_is_not_rolled_up(opened):
    def quarter(area, value):
        return [{"area": area, "period": f"2026-{p:02d}", "value": value} for p in (1, 2, 3)]

    parents = {"34:01": "VN", "34:75": "VN"}
    own = _quarters(opened(observe(*quarter("34:01", 1), *quarter("34:75", 2), *quarter("VN", 9))), RULES, parents)
    assert own.loc[own["area"] == "VN", "value"].tolist() == [9]
    one = _quarters(opened(observe(*quarter("34:01", 1))), RULES, parents)
    assert one.set_index("area")["value"].dropna().to_dict() == {"34:01": 1}


PARENTS = {"34:01:1": "34:01", "34:01:2": "34:01", "34:75:1": "34:75", "34:01": "VN", "34:75": "VN"}
LEVELS = [{c: p for c, p in PARENTS.items() if p != "VN"}, {c: p for c, p in PARENTS.items() if p == "VN"}]
LEAVES = ["34:01:1", "34:01:2", "34:75:1"]
SUBJECTS = ["tasks_assigned", "tasks_completed_on_time", "obstacles_assigned", "A.01.01"]


@settings(max_examples=5)
@given(
    st.lists(st.integers(1, 50), min_size=36, max_size=36),
    st.sets(st.integers(0, 35), max_size=2),
    st.sampled_from([[], ["34:01"], ["34:75", "34:01"], ["VN"]]),
)
def test_communes_make_provinces_and_these_the_nation_as_in_the_plain_roll_up(
    shipped, opened, values, left_out, reporting
):
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
    fast = _quarters(opened(frame), RULES, PARENTS)
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
        rules.levels({"34:01": "34:75", "34:75": "34:01"})


def test_one_row_without_months_gives_no_quarter(opened):
    assert len(_quarters(opened(observe({"period": "2026"})), RULES, {})) == 0


def test_the_commands_check_count_roll_up_and_query_a_large_file(tmp_path, nq57, in_project):
    frame = observe(
        *({"area": area, "period": f"2026-{month:02d}"} for month in (1, 2, 3) for area in ("34:01", "34:75"))
    )
    path, out = tmp_path / "rows.parquet", tmp_path / "out.parquet"
    frame[NAMES].to_parquet(path, index=False)
    code, said, _ = nq57("data", "large", "check", str(path))
    assert (code, "6 dòng" in said) == (0, True)
    code, said, _ = nq57("--lang", "en", "data", "large", "known", str(path), "--known", "2026-12-31", "-o", str(out))
    assert (code, len(pd.read_parquet(out))) == (0, 6)
    areas = tmp_path / "areas.csv"
    areas.write_text("id,parent\n34:01,VN\n34:75,VN\n", encoding="utf-8")
    assert nq57("data", "large", "rollup", str(path), "--areas", str(areas), "-o", str(out))[0] == 0
    assert sorted(pd.read_parquet(out)["area"]) == ["34:01", "34:75", "VN"]
    assert nq57("data", "large", "status", str(path), "-o", str(tmp_path / "status.csv"))[0] == 0
    code, said, _ = nq57("data", "query", "select count(*) as n from large", "--from", str(path))
    assert (code, "6" in said) == (0, True)
    bad = tmp_path / "bad.parquet"
    frame[NAMES].assign(area="34:99").to_parquet(bad, index=False)
    code, said, _ = nq57("data", "large", "check", str(bad))
    assert (code, "34:99" in said) == (1, True)
    areas.write_text("id\n34:01\n", encoding="utf-8")
    assert "parent" in nq57("data", "large", "check", str(path), "--areas", str(areas))[2]


@pytest.mark.parametrize(
    "query",
    [
        "drop table observations",
        "select * from read_csv('/etc/hosts')",
        "copy observations to 'x.csv'",
        "select 1; select 2",
    ],
)
def test_a_query_neither_writes_nor_opens_a_file(nq57, in_project, query):
    code, _, said = nq57("data", "query", query, "--known", "2026-06-30")
    assert (code, "SELECT" in said) == (2, True)
