"""Uncertainty and sensitivity of an index: Sobol indices against COINr's and known functions, runs against their replay."""

import math

import numpy as np
import pandas as pd
import pytest
import yaml
from support import problems_of, reference_folder
from support_index import ASEM, TREE
from typer.testing import CliRunner

from nq57lab.composite.laboratory import inputs
from nq57lab.composite.robustness import sensitivity, uncertainty

VIGNETTE = """
uncertain:
  winmax: {path: treat.winmax, values: [1, 2, 3, 4, 5]}
  normalisation: {path: normalise, values: [{method: minmax, range: [1, 100]}, {method: zscore, mean: 10, sd: 2}]}
  weights: {noise: 0.25, levels: [2, 3]}
  aggregation: {path: aggregate.method, values: [arithmetic, geometric]}
design: sobol
target: Index
"""
STEPS = [{"treat": {"winmax": 2}}, {"normalise": {"method": "minmax", "range": [1, 100]}}, {"aggregate": {}}]
MANY = pd.DataFrame(
    {"uCode": [f"u{n}" for n in range(12)], "region": list("aabbccaabbcc")}
    | {code: np.random.default_rng(place).lognormal(sigma=1.2, size=12).round(3) for place, code in enumerate("abc")}
)
GROUPED = pd.concat([TREE, pd.DataFrame([{"iCode": "region", "Type": "Group"}])])


@pytest.fixture(scope="module")
def asem():
    """COINr's ASEM example and the design of its vignette."""
    folder = reference_folder("coinr_asem")
    return folder, inputs.load(folder / "iData.csv", folder / "iMeta.csv"), yaml.safe_load(ASEM + VIGNETTE)


def small(uncertain: dict, runs: int = 16, seed: int = 3, listed: list | None = None, folder=None, **more):
    """Analyse a small index under some assumptions."""
    checked = inputs.check(MANY, GROUPED)
    config = {"steps": listed or STEPS, "uncertain": uncertain, **more}
    return uncertainty.analyse(checked, config, runs, seed, folder=folder)


def assert_runs_are_replayed(found: uncertainty.Analysis, runs) -> None:
    """Every recorded run, built alone by the plain pipeline, ranks the units the same."""
    key = found.plan.inputs.units["uCode"].tolist()
    for run in runs:
        alone = uncertainty.replay(found, run).ranks.set_index("uCode")[found.plan.target].reindex(key)
        np.testing.assert_array_equal(alone, found.ranks[run - 1], err_msg=f"run {run}")
        shift = np.nanmean(np.abs(alone.to_numpy() - found.nominal))
        assert found.shift[run - 1] == pytest.approx(shift, abs=1e-6)


def test_the_estimators_reproduce_coinrs_indices():
    """600 runs of COINr's own output (N = 100, d = 4): Si and STi to 1e-12."""
    folder = reference_folder("coinr_asem")
    y = pd.read_csv(folder / "sobol_output_600_runs.csv")["mean_abs_rank_change"].to_numpy()
    expected = pd.read_csv(folder / "sobol_indices.csv")
    found = sensitivity.sobol_indices(y, 4)
    np.testing.assert_allclose(found.first[:, 0], expected["Si"], atol=1e-12)
    np.testing.assert_allclose(found.total[:, 0], expected["STi"], atol=1e-12)
    # COINr's bounds are an unseeded bootstrap of 100; ours need only be near.
    np.testing.assert_allclose(found.total_low[:, 0], expected["STi_q5"], atol=0.06)
    np.testing.assert_allclose(found.total_high[:, 0], expected["STi_q95"], atol=0.06)


def test_the_indices_of_a_function_with_known_ones():
    """Ishigami's function (a = 7, b = 0.1): S = 0.3139, 0.4424, 0; ST = 0.5576, 0.4424, 0.2437."""
    x = np.pi * (2 * sensitivity.design(4096, 3, 5) - 1)
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    found = sensitivity.sobol_indices(np.column_stack([y, 3 - y]), 3)
    np.testing.assert_allclose(found.first, np.array([[0.3139, 0.4424, 0.0]]).T * [1, 1], atol=0.02)
    np.testing.assert_allclose(found.total, np.array([[0.5576, 0.4424, 0.2437]]).T * [1, 1], atol=0.02)
    assert (found.first_low <= found.first).all() and (found.first <= found.first_high).all()
    assert (found.total_low <= found.total).all() and (found.total <= found.total_high).all()


def test_the_bootstrap_against_a_plain_loop():
    y = np.random.default_rng(2).normal(size=5 * 40)
    found = sensitivity.sobol_indices(y, 3, bootstrap=30, seed=9)
    drawn = np.random.default_rng(9).integers(0, 40, (30, 40))
    blocks = y.reshape(5, 40)
    again = []
    for rows in drawn:
        a, b, *mixed = (block[rows] for block in blocks)
        variance = np.concatenate([a, b]).var(ddof=1)
        again.append([np.mean(b * (m - a)) / variance for m in mixed])
    np.testing.assert_allclose(found.first_low[:, 0], np.quantile(again, 0.05, axis=0))
    np.testing.assert_allclose(found.first_high[:, 0], np.quantile(again, 0.95, axis=0))


def test_a_design_is_a_b_and_their_mixtures():
    x = sensitivity.design(16, 3, 1).reshape(5, 16, 3)
    assert ((x >= 0) & (x < 1)).all()
    for place in range(3):
        expected = x[0].copy()
        expected[:, place] = x[1][:, place]
        np.testing.assert_array_equal(x[2 + place], expected)


def test_runs_of_the_vignettes_design_are_their_replays(asem):
    found = uncertainty.analyse(asem[1], asem[2], 16, 1)
    assert len(found.choices) == 16 * 6
    assert_runs_are_replayed(found, range(1, 97, 5))
    table = uncertainty.run_table(found)
    assert set(table["winmax"]) <= {1, 2, 3, 4, 5} and set(table["aggregation"]) == {"arithmetic", "geometric"}
    assert table["matrix"].astype(str).unique().tolist() == [
        "A",
        "B",
        "AB_winmax",
        "AB_normalisation",
        "AB_weights",
        "AB_aggregation",
    ]
    assert table["weights"].between(1, 1000).all() and table["weights"].nunique() > 20
    assert table["normalisation"].str.contains("zscore").any()


def test_what_the_vignettes_design_finds(asem):
    """As in COINr's vignette, the aggregation moves the ranks most, the winsorisation least."""
    found = uncertainty.analyse(asem[1], asem[2], 512, 1)
    table = uncertainty.sensitivity_table(found).set_index("assumption")
    assert table["STi"].idxmax() == "aggregation" and table["STi"].idxmin() == "winmax"
    assert ((table["Si_lo"] <= table["Si"]) & (table["Si"] <= table["Si_hi"])).all()
    stats = uncertainty.rank_statistics(found).set_index("uCode")
    assert stats.loc["CHE", "p_top_1"] > 0.8 and stats.loc["RUS", "p_top_10"] == 0
    assert (stats["runs"] == 1024).all()


def test_rank_statistics_against_plain_ones():
    found = small({"w": {"noise": 0.5}}, runs=32)
    own = found.ranks[:64]
    table = uncertainty.rank_statistics(found)
    np.testing.assert_allclose(table["median"], np.median(own, axis=0))
    np.testing.assert_allclose(table["q05"], np.quantile(own, 0.05, axis=0), rtol=1e-6)
    np.testing.assert_allclose(table["q95"], np.quantile(own, 0.95, axis=0), rtol=1e-6)
    np.testing.assert_allclose(table["mean"], own.mean(axis=0, dtype=float))
    np.testing.assert_allclose(table["p_top_3"], (own <= 3).mean(axis=0))
    assert "p_top_10" in table and table["p_top_1"].sum() >= 1
    by_unit = uncertainty.sensitivity_by_unit(found)
    place = found.plan.inputs.units["uCode"].tolist().index("u4")
    y = found.ranks[:, place].astype(float)
    one = sensitivity.sobol_indices(y, 1, seed=found.seed)
    row = by_unit[by_unit["uCode"] == "u4"].iloc[0]
    assert row["Si"] == pytest.approx(one.first[0, 0], nan_ok=True)


def test_a_unit_whose_rank_never_moves_says_so():
    found = small({"w": {"noise": 0.001}})
    table = uncertainty.sensitivity_by_unit(found)
    still = table["reason"] == "thứ hạng không đổi"
    assert still.any() and table.loc[still, "Si"].isna().all() and table.loc[still, "Si_lo"].isna().all()


KINDS = {
    "continuous": {"limit": {"path": "treat.skew", "uniform": [0.5, 3]}},
    "normal": {
        "mean": {"path": "steps[1].normalise.mean", "normal": [50, 3]},
        "m": {"path": "normalise.method", "values": ["zscore"]},
    },
    "triangular": {
        "p": {"path": "aggregate.p", "triangular": [-1, 0.5, 2]},
        "m": {"path": "aggregate.method", "values": ["power"]},
    },
    "integers": {"winmax": {"path": "treat.winmax", "integers": [0, 4]}},
    "level": {
        "top": {"path": "aggregate.by_level.3", "values": ["geometric", "harmonic", {"method": "power", "p": 2}]}
    },
    "median": {"m": {"path": "aggregate.method", "values": ["median", "copeland", "mpi", "bod"]}, "w": {"noise": 0.3}},
    "error": {"data": {"error": "relative", "normal": [0, 0.1], "sets": 5}},
    "error of one": {
        "data": {"error": "absolute", "uniform": [-0.1, 0.1], "indicators": ["a"], "sets": 4},
        "w": {"noise": 0.2},
    },
    "include": {
        "b": {"include": "b"},
        "data": {"error": "relative", "normal": [0, 0.1], "sets": 3},
        "w": {"noise": 0.2, "levels": [1]},
    },
    "include pillar": {"Q": {"include": "Q"}, "w": {"noise": 0.2}},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("design", ["sobol", "random"])
def test_runs_of_every_kind_of_assumption_are_their_replays(kind, design):
    scale = [{"normalise": {"method": "zscore", "mean": 100, "sd": 10}}, {"aggregate": {}}]
    found = small(KINDS[kind], runs=8, design=design, listed=scale if kind == "median" else None)
    assert_runs_are_replayed(found, range(1, len(found.choices) + 1, 3))
    assert len({tuple(row) for row in found.choices}) > 1


def test_units_screened_out_in_some_runs_have_no_rank_there():
    data = MANY.astype({"a": float})
    data.loc[3, ["a", "b"]] = None
    checked = inputs.check(data, GROUPED)
    listed = [{"screen": {"availability": 0}}, *STEPS]
    config = {
        "steps": listed,
        "uncertain": {"limit": {"path": "screen.availability", "values": [0, 0.9]}, "w": {"noise": 0.2}},
    }
    found = uncertainty.analyse(checked, config, 16, 1)
    out = found.choices[:, 0] == 1
    assert np.isnan(found.ranks[out, 3]).all() and not np.isnan(found.ranks[~out]).any()
    assert not np.isnan(found.shift).any()
    assert_runs_are_replayed(found, [1, 2, 3, 10])
    stats = uncertainty.rank_statistics(found)
    first = out[: 2 * found.base]
    assert stats.loc[3, "runs"] == (~first).sum()
    assert stats.loc[3, "median"] == np.median(found.ranks[: 2 * found.base][~first, 3])
    reason = uncertainty.sensitivity_by_unit(found).groupby("uCode")["reason"].first()
    assert reason["u3"] == "thiếu thứ hạng ở một số lượt chạy"


def test_predictive_draws_take_the_place_of_the_data(tmp_path):
    rows = [("u0", "a", draw, value) for draw, value in enumerate((1.0, 50.0, 99.0))]
    pd.DataFrame(rows, columns=["uCode", "iCode", "draw", "value"]).to_parquet(tmp_path / "d.parquet")
    found = small({"forecast": {"draws": "d.parquet"}}, folder=tmp_path)
    assert_runs_are_replayed(found, range(1, len(found.choices) + 1, 7))
    seen = {int(choice): rank for choice, rank in zip(found.choices[:, 0], found.ranks[:, 0], strict=True)}
    assert len(seen) == 3 and seen[2] <= seen[0]
    assert set(uncertainty.run_table(found)["forecast"]) == {1, 2, 3}


def test_a_random_design_has_no_sobol_indices_and_says_so():
    found = small({"w": {"noise": 0.5}}, runs=50, design="random")
    assert len(found.choices) == 50
    table = uncertainty.sensitivity_table(found)
    assert table["Si"].isna().all() and table["reason"].str.contains("random").all()
    assert uncertainty.rank_statistics(found)["runs"].eq(50).all()


def test_the_same_seed_gives_the_same_runs():
    one, other, third = (small({"w": {"noise": 0.5}}, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.ranks, other.ranks)
    np.testing.assert_array_equal(one.choices, other.choices)
    assert not np.array_equal(one.choices, third.choices)


def test_ranks_of_a_panel_are_within_each_year():
    data = pd.concat([MANY.assign(Time=2024), MANY.assign(Time=2025, a=MANY["a"] * 2)])
    checked = inputs.check(data, GROUPED)
    found = uncertainty.analyse(checked, {"steps": STEPS, "uncertain": {"w": {"noise": 0.4}}}, 8, 1)
    assert found.ranks[:, :12].max() == 12 and found.ranks[:, 12:].max() == 12
    alone = uncertainty.replay(found, 5).ranks
    np.testing.assert_array_equal(alone["Index"], found.ranks[4])
    assert uncertainty.rank_statistics(found).columns[:2].tolist() == ["uCode", "Time"]


@pytest.mark.parametrize(
    ("uncertain", "word"),
    [
        ({}, "uncertain"),
        ({"x": {"path": "treat.winmax"}}, "values"),
        ({"x": {"path": "treatt.winmax", "values": [1]}}, "treatt.winmax"),
        ({"x": {"path": "treat.winmax", "values": []}}, "values"),
        ({"x": {"path": "treat.winmax", "values": [1, -3]}}, "-3"),
        ({"x": {"path": "normalise.method", "values": ["minmax", "minmaxx"]}}, "minmaxx"),
        ({"x": {"path": "treat.skew", "uniform": [3, 1]}}, "[3, 1]"),
        ({"x": {"path": "treat.skew", "normal": [2, 0]}}, "[2, 0]"),
        ({"x": {"path": "treat.skew", "uniform": [-2, 2]}}, "skew"),
        ({"w": {"noise": 1.5}}, "1.5"),
        ({"w": {"noise": 0.2, "levels": [7]}}, "7"),
        ({"w": {"noise": 0.2, "level": [2]}}, "level"),
        ({"w": {"noise": 0.2, "sets": 1}}, "sets"),
        ({"e": {"error": "relative"}}, "uniform"),
        ({"e": {"error": "percent", "normal": [0, 1]}}, "percent"),
        ({"e": {"error": "relative", "normal": [0, 0.1], "indicators": ["zz"]}}, "zz"),
        ({"i": {"include": "Index"}}, "Index"),
        ({"d": {"draws": "none.parquet"}}, "none.parquet"),
        ({"x": 3}, "3"),
    ],
)
def test_assumptions_that_cannot_be_are_refused_by_name(uncertain, word):
    found = problems_of(lambda: small(uncertain))
    assert any(word in problem.text() for problem in found), [problem.text() for problem in found]


@pytest.mark.parametrize("more", [{"design": "lhs"}, {"target": "zz"}, {"top": [0]}, {"bootstrap": -1}])
def test_other_keys_that_cannot_be_are_refused_by_name(more):
    found = problems_of(lambda: small({"w": {"noise": 0.2}}, **more))
    assert [problem.column for problem in found] == list(more)


def test_a_combination_that_cannot_be_built_is_an_error():
    listed = [{"normalise": {"method": "zscore"}}, {"aggregate": {}}]
    uncertain = {"m": {"path": "aggregate.method", "values": ["arithmetic", "geometric"]}}
    found = problems_of(lambda: small(uncertain, listed=listed))
    assert {problem.code for problem in found} == {"index_negative"}


def test_draws_of_unknown_units_are_named(tmp_path):
    rows = pd.DataFrame({"uCode": ["u0", "qq"], "iCode": ["a", "a"], "draw": [0, 1], "value": [1.0, math.inf]})
    rows.to_parquet(tmp_path / "d.parquet")
    found = problems_of(lambda: small({"f": {"draws": "d.parquet"}}, folder=tmp_path))
    assert "qq a inf" in found[0].text()


def test_the_command_writes_what_the_contract_names(tmp_path):
    from nq57lab.cli.main import app

    MANY.assign(x_note="dữ liệu minh họa").to_csv(tmp_path / "iData.csv", index=False)
    GROUPED.to_csv(tmp_path / "iMeta.csv", index=False)
    config = {
        "steps": STEPS,
        "uncertain": {"w": {"noise": 0.3}, "t": {"path": "treat.winmax", "values": [0, 2]}},
        "top": [2],
    }
    (tmp_path / "index.yml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    call = ["index", "uncertainty", "--data", "iData.csv", "--meta", "iMeta.csv", "--config", "index.yml"]
    call = [str(tmp_path / part) if part.endswith((".csv", ".yml")) else part for part in call] + [
        "--runs",
        "16",
        "--seed",
        "4",
    ]
    result = CliRunner().invoke(app, [*call, "-o", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert "dữ liệu minh họa" in result.output
    stats = pd.read_csv(tmp_path / "out" / "rank_stats.csv")
    assert stats.columns.tolist() == ["uCode", "nominal", "mean", "median", "q05", "q95", "p_top_2", "runs", "x_note"]
    table = pd.read_csv(tmp_path / "out" / "sensitivity.csv")
    assert table.columns.tolist()[:7] == ["assumption", "Si", "Si_lo", "Si_hi", "STi", "STi_lo", "STi_hi"]
    assert len(pd.read_csv(tmp_path / "out" / "sensitivity_by_unit.csv")) == 24
    runs = pd.read_parquet(tmp_path / "out" / "runs.parquet")
    assert len(runs) == 16 * 4 and runs.columns.tolist()[:4] == ["run", "matrix", "w", "t"]
    again = CliRunner().invoke(app, [*call, "--replay", "7", "-o", str(tmp_path / "seven")])
    assert again.exit_code == 0, again.output
    assert (tmp_path / "seven" / "scores.csv").exists()
    assert CliRunner().invoke(app, [*call, "--replay", "999", "-o", str(tmp_path / "x")]).exit_code != 0
