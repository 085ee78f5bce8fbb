"""Forecasts of a table: every bad series is refused with its reason and the others are forecast; targets have probabilities."""

import numpy as np
import pandas as pd
import pytest

from nq57lab.base.problems import CallError, ProblemError
from nq57lab.forecast import run, series
from nq57lab.targets import chance

GOOD = [3.0, 5.0, 4.0, 6.0, 8.0, 7.0, 9.0, 10.0, 12.0, 11.0]


def table(values, name="a", first=2015, **columns):
    return pd.DataFrame(
        {"series_id": name, "period": [str(first + n) for n in range(len(values))], "value": values} | columns
    )


def test_the_table_has_the_columns_of_the_contract():
    found = run.forecast(table(GOOD), 3, (80, 95))
    names = [
        "series_id",
        "period",
        "mean",
        "median",
        "lo_80",
        "hi_80",
        "lo_95",
        "hi_95",
        "model",
        "points_used",
        "note",
    ]
    assert list(found.columns) == names
    assert found["period"].tolist() == ["2025", "2026", "2027"]
    assert (found["points_used"] == 10).all()
    inside = found["lo_95"].lt(found["lo_80"]) & found["lo_80"].lt(found["median"])
    assert (inside & found["median"].lt(found["hi_80"]) & found["hi_80"].lt(found["hi_95"])).all()


BAD = {
    "short": (table(GOOD[:7]), "chỉ có 7 điểm"),
    "twice": (pd.concat([table(GOOD), table([1.0])]), "kỳ 2015 có hai số"),
    "mixed": (pd.concat([table(GOOD), table([1.0]).assign(period="2025-Q1")]), "lẫn kỳ năm và kỳ quý"),
    "monthly": (table(GOOD).assign(period=[f"2024-{m:02d}" for m in range(1, 11)]), "chỉ có 10 điểm"),
    "half": (
        table(GOOD).assign(period=[f"{2015 + n // 2}-H{n % 2 + 1}" for n in range(10)]),
        "chuỗi quý và chuỗi tháng",
    ),
    "text": (table([*map(str, GOOD), "chưa có"]), "“chưa có” không phải số"),
    "constant": (table([5.0] * 10), "chuỗi không đổi"),
    "missing": (table([np.nan] * 10), "không có số liệu"),
    "infinite": (table([*GOOD, np.inf]), "vô hạn"),
    "too large": (table([value * 1e300 for value in GOOD]), "quá lớn"),
    "share": (table([*GOOD, 100.5], kind="share"), "giá trị 100.5 nằm ngoài khoảng từ 0 đến 100"),
    "rank": (table([*GOOD, 0.0], kind="rank"), "nằm ngoài khoảng từ 1"),
    "period": (table(GOOD).assign(period=[*map(str, range(2015, 2024)), "năm ngoái"]), "“năm ngoái” không đọc được"),
    "year": (table(GOOD).assign(period=[f"{n:04d}" for n in range(10)]), "“0000” không đọc được"),
    "kind": (table(GOOD, kind="shares"), "không hợp lệ"),
    "bounds": (table(GOOD, lower=20, upper=1), "không hợp lệ"),
    "gaps": (
        table(GOOD).assign(period=[str(y) for y in (1990, 1991, 1995, 1999, 2003, 2007, 2011, 2015, 2019, 2020)]),
        "thiếu 21 trong 31 kỳ",
    ),
}


def test_every_bad_series_has_its_reason_and_the_good_one_its_forecast():
    frame = pd.concat([part.assign(series_id=name) for name, (part, _) in BAD.items()] + [table(GOOD, name="good")])
    found = run.forecast(frame, 2)
    assert found["series_id"].drop_duplicates().tolist() == [*BAD, "good"]
    for name, (_, words) in BAD.items():
        rows = found[found["series_id"] == name]
        assert len(rows) == 1 and words in rows["note"].iloc[0], name
        assert rows[["mean", "median", "lo_80", "hi_95"]].isna().all(axis=None)
    assert found[found["series_id"] == "good"]["median"].notna().sum() == 2


def test_columns_and_calls_are_checked():
    with pytest.raises(ProblemError) as caught:
        run.forecast(table(GOOD).rename(columns={"value": "giá trị"}), 2)
    assert [problem.code for problem in caught.value.problems] == ["unknown_column", "missing_column"]
    with pytest.raises(CallError) as caught:
        run.forecast(table(GOOD), 50, (80, 100))
    assert [problem.code for problem in caught.value.problems] == ["horizon", "level"]
    assert run.forecast(table(GOOD, x_note="giữ"), 1)["median"].notna().all()


def test_rows_may_come_in_any_order_and_the_input_is_not_changed():
    frame = table(GOOD)
    before = frame.copy()
    mixed = run.forecast(frame.sample(frac=1, random_state=1), 2)
    pd.testing.assert_frame_equal(mixed, run.forecast(frame, 2))
    pd.testing.assert_frame_equal(frame, before)


def test_missing_years_are_interpolated_and_said_and_a_biennial_series_keeps_its_step():
    frame = table(GOOD)
    gap = run.forecast(frame.drop(index=[4]), 1)
    assert str(gap["note"].iloc[0]) == "nội suy 1 kỳ thiếu" and gap["points_used"].iloc[0] == 9
    every_other = frame.assign(period=[str(2006 + 2 * n) for n in range(10)])
    found = run.forecast(every_other, 2)
    assert found["period"].tolist() == ["2026", "2028"] and "chuỗi 2 năm một lần" in found["note"].iloc[0]


def test_bounds_hold_and_ranks_are_whole():
    share = run.forecast(table([70, 78, 80, 85, 88, 91, 93, 95, 97, 98.5], kind="share"), 6)
    assert share[["lo_95", "hi_95", "median", "mean"]].le(100).all(axis=None)
    rank = run.forecast(table([59, 52, 47, 45, 45, 42, 44, 48, 46, 44], kind="rank"), 6)
    assert (rank[["median", "lo_80", "hi_95"]] % 1 == 0).all(axis=None) and rank["lo_95"].ge(1).all()
    count = run.forecast(table([5, 1, 4, 2, 6, 1, 3, 2, 1, 0], kind="count"), 6)
    assert count["lo_95"].ge(0).all()


def test_a_growth_rate_is_a_level_and_a_count_is_whole():
    rate = [6.2, 7.1, 5.9, 6.8, 7.4, 6.6, 2.6, 8.1, 5.0, 7.1, 8.0, 8.1]
    growth = run.forecast(table(rate, kind="growth"), 5)
    assert growth["hi_95"].max() < 20 and growth["mean"].between(6, 9).all()
    count = run.forecast(table([5, 1, 4, 2, 6, 1, 3, 2, 1, 4], kind="count"), 3)
    assert (count[["median", "lo_80", "hi_95"]] % 1 == 0).all(axis=None)
    part = run.forecast(table([5, 1, 4, 2, 6, 1, 3, 2, 1, 4.5], kind="count"), 3)
    assert (part["median"] % 1 != 0).any()


def test_a_rank_is_read_with_the_number_of_economies():
    ranks = [100, 110, 104, 118, 121, 117, 124, 126, 122, 128]
    free, known = (run.forecast(table(ranks, kind="rank", **ends), 6) for ends in ({}, {"upper": 133}))
    assert free["hi_95"].max() > 133 >= known["hi_95"].max()


STEPS = np.array([0.0, 1, 0, 2, 1, 3, 2, 4, 3, 5, 4, 6, 5, 7])
ODD = {
    "outlier": (np.where(np.arange(14) == 6, 300, 100 + STEPS), "kỳ 2011 (300) lệch hẳn rồi trở lại"),
    "last": (np.where(np.arange(14) == 13, 130, 100 + STEPS), "giá trị cuối, kỳ 2018 (130), lệch hẳn"),
    "digit": (np.where(np.arange(14) == 6, 10, 1) * (100 + STEPS), "kỳ 2011 (1020) gấp nhiều lần hai bên"),
    "unit": (np.where(np.arange(14) >= 9, 1000, 1) * (100 + STEPS), "từ kỳ 2014 mức thay đổi nhiều lần"),
    "break": (np.where(np.arange(14) >= 8, 60, 0) + 100 + STEPS, "gãy chuỗi ở kỳ 2013"),
    "plateau": (np.r_[STEPS[:8], [4.0] * 6], "không đổi từ kỳ 2012 (6 kỳ)"),
    "fine": (100 + STEPS, ""),
    "whole steps": (np.rint(np.linspace(60, 45, 14)), ""),
    "whole, a jump": (np.r_[np.rint(np.linspace(60, 52, 8)), np.rint(np.linspace(30, 25, 6))], "gãy chuỗi ở kỳ 2013"),
    "tenths": (np.linspace(60.0, 61.5, 14).round(1), ""),
    "growing": (2.0 ** np.arange(14), ""),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_odd_is_told_and_the_series_is_forecast(name):
    values, words = ODD[name]
    found = run.forecast(table(values, first=2005), 2)
    assert found["median"].notna().all()
    notes = found["note"].map(str)
    assert notes.tolist() == [""] * 2 if not words else notes.map(lambda note: words in note).all()


def test_an_interval_that_reaches_a_bound_says_so():
    values = [90, 93, 95, 97, 98, 98.5, 99, 99.3, 99.6, 99.8, 99.9]
    found = run.forecast(table(values, kind="share"), 5)
    touches = found[["hi_80", "hi_95"]].eq(100).any(axis=1)
    assert touches.any() and found["note"].map(str).str.contains("chạm giới hạn").all()
    assert run.forecast(table([40 + value / 10 for value in values], kind="share"), 5)["note"].map(str).eq("").all()


def test_one_mistyped_year_does_not_age_every_other_series():
    many = [table(GOOD, name=f"n{n}") for n in range(20)] + [table(GOOD, name="typo", first=2105)]
    assert run.forecast(pd.concat(many), 1)["note"].map(str).eq("").all()
    late = [table(GOOD, name=f"n{n}") for n in range(20)] + [table(GOOD, name="late", first=2005)]
    assert run.forecast(pd.concat(late), 1)["note"].map(str).str.contains("chậm 10 năm").sum() == 1


def test_figures_that_stopped_are_told_beside_newer_ones():
    found = (
        run.forecast(pd.concat([table(GOOD), table(GOOD, name="b", first=2011)]), 1)
        .set_index("series_id")["note"]
        .map(str)
    )
    assert found["a"] == "" and "số liệu dừng ở 2020, chậm 4 năm" in found["b"]


def test_months_are_forecast_with_their_season():
    season = 10 + 3 * np.sin(np.arange(12) * np.pi / 6)
    values = np.tile(season, 5) * np.linspace(10, 14, 60) + np.random.default_rng(1).normal(0, 0.5, 60)
    frame = pd.DataFrame(
        {"series_id": "m", "period": [f"{2020 + n // 12}-{n % 12 + 1:02d}" for n in range(60)], "value": values}
    )
    found = run.forecast(frame, 12)
    assert found["period"].iloc[[0, -1]].tolist() == ["2025-01", "2025-12"]
    assert found["median"].idxmax() in (2, 3, 4) and found["median"].idxmin() in (8, 9, 10)


def test_processes_and_the_slow_reading_give_the_same_table():
    rng = np.random.default_rng(3)
    parts = [table(50 + np.cumsum(rng.normal(0.3, 1, 12)), name=f"s{n}") for n in range(1100)]
    frame = pd.concat(parts, ignore_index=True)
    told = []
    one = run.forecast(frame, 2, report=lambda done, total: told.append((done, total)))
    assert told == [(1000, 1100), (1100, 1100)]
    pd.testing.assert_frame_equal(one, run.forecast(frame, 2, jobs=2))
    texts = frame.assign(value=frame["value"].map(repr), period=frame["period"].astype(int)).iloc[::-1]
    again = run.forecast(texts, 2).set_index(["series_id", "period"]).sort_index()
    pd.testing.assert_frame_equal(again, one.set_index(["series_id", "period"]).sort_index())


def test_quarters_are_forecast_with_their_season():
    season = np.tile([0.7, 1.0, 1.4, 0.9], 6)
    values = season * np.linspace(100, 150, 24) + np.random.default_rng(1).normal(0, 1, 24)
    frame = pd.DataFrame(
        {"series_id": "q", "period": [f"{2019 + n // 4}-Q{n % 4 + 1}" for n in range(24)], "value": values}
    )
    found = run.forecast(frame, 4)
    assert found["period"].tolist() == ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]
    assert found["median"].idxmax() == 2 and found["median"].idxmin() == 0
    refused = run.forecast(frame.head(15), 4)
    assert "chỉ có 15 điểm" in refused["note"].iloc[0]


def test_sample_paths_have_the_predictive_distribution_and_depend_over_time():
    frame = table(GOOD)
    prediction = run.predict(series.prepare(frame)[0], 4)[0]
    paths = run.sample(prediction, 4000, np.random.default_rng([57, 0]))
    found = run.forecast(frame, 4, (80,))
    inside = (paths >= found["lo_80"].to_numpy()) & (paths <= found["hi_80"].to_numpy())
    assert inside.mean(axis=0) == pytest.approx([0.8] * 4, abs=0.03)
    assert np.corrcoef(paths, rowvar=False)[0, 1] > 0.3
    np.testing.assert_array_equal(paths, run.sample(prediction, 4000, np.random.default_rng([57, 0])))


def test_a_probability_falls_with_the_target_and_mirrors_with_the_direction():
    history = table(GOOD).rename(columns={"series_id": "id"})
    goals = pd.DataFrame(
        {"id": "a", "target_year": 2028, "target": [5.0, 12.0, 20.0, 12.0], "direction": [1, 1, 1, -1]}
    )
    found = chance.p_met(history, goals)
    assert found["id"].tolist() == ["a"] * 4 and (found["reason"].map(str) == "ước lượng nghiên cứu").all()
    p = found["p_met"].tolist()
    assert 1 > p[0] > p[1] > p[2] > 0
    assert p[1] + p[3] == pytest.approx(1.0)


def test_a_year_that_was_interpolated_was_not_observed():
    history = table([*GOOD, 13.0]).drop(index=9).rename(columns={"series_id": "id"})
    goals = pd.DataFrame({"id": "a", "target_year": [2024, 2023], "target": 11.0, "direction": 1})
    found = chance.p_met(history, goals)
    assert np.isnan(found["p_met"][0]) and found["reason"][0] != found["reason"][1]
    assert found["p_met"][1] == 1.0


def test_a_rank_target_counts_whole_places():
    entry = series.prepare(table([59, 52, 47, 45, 45, 42, 44, 48, 46, 44], kind="rank"))[0]
    prediction = run.predict(entry, 3)[0]
    sampled = run.sample(prediction, 20_000, np.random.default_rng(1))[:, 2]
    assert prediction.chance(3, 40, -1) == pytest.approx((sampled <= 40).mean(), abs=0.02)
    assert prediction.chance(3, 40, -1) + prediction.chance(3, 41, 1) == pytest.approx(1.0)


@pytest.mark.parametrize(("values", "end", "direction"), [("up", 100.0, 1), ("down", 0.0, -1)])
def test_a_target_on_a_bound_counts_the_paths_that_reach_it(values, end, direction):
    up = np.array([55, 60, 66, 70, 75, 80, 84, 88, 91, 94, 96.5, 97.5, 98.5])
    entry = series.prepare(table(up if values == "up" else 100 - up, kind="share"))[0]
    prediction = run.predict(entry, 3)[0]
    sampled = run.sample(prediction, 20_000, np.random.default_rng(1))[:, 2]
    reached = (sampled == end).mean()
    assert 0.2 < reached < 0.9
    assert prediction.chance(3, end, direction) == pytest.approx(reached, abs=0.02)


def test_targets_that_cannot_be_judged_say_why_in_their_own_row():
    history = pd.concat([table(GOOD), table(GOOD[:5], name="b")]).rename(columns={"series_id": "id"})
    goals = pd.DataFrame(
        [
            ("a", 2040, 9.0, 1),
            ("b", 2030, 9.0, 1),
            ("c", 2030, 9.0, 1),
            ("a", 2023, 12.0, 1),
            ("a", 2030, np.nan, 1),
            ("a", 2030, 9.0, 0),
            ("a", 1990, 9.0, 1),
        ],
        columns=["id", "target_year", "target", "direction"],
    )
    found = chance.p_met(history, goals)
    assert found["p_met"].isna().tolist() == [True, True, True, False, True, True, True]
    assert found["p_met"].iloc[3] == 1.0
    words = [
        "cách số liệu cuối 16 kỳ",
        "chỉ có 5 điểm",
        "không có chuỗi",
        "đã có số liệu",
        "không có số",
        "không có chiều",
        "trước số liệu cuối",
    ]
    assert all(word in said for word, said in zip(words, found["reason"], strict=True))


def test_a_probability_is_said_as_a_frequency():
    words = [chance.in_words(p) for p in (0.05, 1 / 3, 0.62, 0.999, np.nan)]
    assert words == [
        "khoảng 1 trong 20",
        "khoảng 1 trong 3",
        "khoảng 3 trong 5",
        "trên 199 trong 200",
        "không ước lượng",
    ]


def test_the_command_tells_which_series_it_could_not_forecast_and_fails_when_there_is_none(tmp_path):
    from typer.testing import CliRunner

    from nq57lab.cli.main import app

    path, output = tmp_path / "chuoi.csv", tmp_path / "ra.csv"
    bad = pd.DataFrame({"series_id": "b", "period": ["2015", "2016"], "value": ["hai", "3"]})
    bad.to_csv(path, index=False)
    result = CliRunner().invoke(app, ["forecast", "run", str(path), "-o", str(output)])
    assert result.exit_code == 1
    assert "chuỗi b: không dự báo" in result.output
    pd.concat([table(GOOD), bad]).to_csv(path, index=False)
    result = CliRunner().invoke(app, ["forecast", "run", str(path), "-o", str(output)])
    assert result.exit_code == 0
    assert "1/2 chuỗi không dự báo được" in result.output
