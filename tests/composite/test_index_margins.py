"""What would it take, robust pairs, interactions: programmes against searches, closed forms against draws, indices against known ones."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from support import problems_of, reference_folder
from support_index import DATA, PLAIN, TREE, made

from nq57lab.composite.laboratory import inputs
from nq57lab.composite.robustness import margins, sensitivity, uncertainty

CODES = list("abc")
FLAT = pd.DataFrame(
    {
        **{"Level": [1, 1, 1, 2], "iCode": [*CODES, "I"], "Direction": 1, "Weight": [1, 2, 1, 1]},
        **{"Parent": ["I", "I", "I", None], "Type": ["Indicator"] * 3 + ["Aggregate"]},
    }
)
POSTS = {"normalise": {"method": "goalposts", "posts": [0, 100], "range": [0, 100]}}
MEAN = [POSTS, {"aggregate": {"method": "arithmetic"}}]


def sample(seed: int, n: int = 9) -> pd.DataFrame:
    """Return units with figures between 5 and 95."""
    values = np.random.default_rng(seed).uniform(5, 95, (n, 3)).round(1)
    return pd.DataFrame(values, columns=CODES).assign(uCode=[f"u{i}" for i in range(n)])


def grid(step: int = 40):
    """Yield weights that sum to 1 on a grid."""
    for i, j in itertools.product(range(step + 1), repeat=2):
        if i + j <= step:
            yield np.array([i, j, step - i - j]) / step


def place(scores: np.ndarray, own: int) -> int:
    """Return a rank; a score that is reached to 1e-9 counts."""
    return 1 + int((scores > scores[own] + 1e-9).sum())


@pytest.mark.parametrize("seed", range(4))
def test_the_smallest_change_of_weights_above_another_unit(seed):
    found = made(sample(seed), FLAT, MEAN)
    x = found.scores[CODES].to_numpy()
    order = np.argsort(-found.scores["I"].to_numpy())
    own, other = int(order[5]), int(order[2])
    table = margins.weights_for(found, f"u{own}", above=f"u{other}")
    weight = np.array([0.25, 0.5, 0.25])
    fits = [np.abs(w - weight).sum() / 2 for w in grid() if (x[own] - x[other]) @ w >= 0]
    if table.attrs["reason"]:
        assert not fits and table["needed"].isna().all() and (x[own] <= x[other]).all()
        return
    needed = table["needed"].to_numpy()
    assert needed.sum() == pytest.approx(1) and (needed >= 0).all() and (x[own] - x[other]) @ needed >= -1e-7
    assert table.attrs["moved"] == pytest.approx(np.abs(needed - weight).sum() / 2, abs=1e-9)
    assert table.attrs["moved"] <= min(fits) + 1e-9  # no point of the grid is nearer
    assert table.attrs["largest"] == pytest.approx(np.abs(needed / weight - 1).max())


@pytest.mark.parametrize(("seed", "k"), [(0, 1), (1, 2), (2, 3), (3, 1), (4, 2)])
def test_the_smallest_change_of_weights_into_the_top_k(seed, k):
    found = made(sample(seed), FLAT, MEAN)
    x, weight = found.scores[CODES].to_numpy(), np.array([0.25, 0.5, 0.25])
    own = int(np.argsort(-found.scores["I"].to_numpy())[4])
    table = margins.weights_for(found, f"u{own}", top=k)
    fits = [np.abs(w - weight).sum() / 2 for w in grid() if place(x @ w, own) <= k]
    if table.attrs["reason"]:
        assert not fits
        return
    needed = table["needed"].to_numpy()
    assert place(np.round(x @ needed, 7), own) <= k
    assert table.attrs["moved"] <= min(fits, default=1.0) + 1e-9
    first = margins.weights_for(found, f"u{own}", top=9)
    assert first.attrs["moved"] == pytest.approx(0) and first.attrs["probability"] == 1


def test_the_plausibility_is_the_share_of_draws():
    found = made(sample(2), FLAT, MEAN)
    x = found.scores[CODES].to_numpy()
    order = np.argsort(-found.scores["I"].to_numpy())
    table = margins.weights_for(found, f"u{order[1]}", above=f"u{order[0]}", seed=3)
    w = np.array([0.25, 0.5, 0.25]) * (1 + 0.25 * (2 * np.random.default_rng(8).random((20000, 3)) - 1))
    share = ((x[order[1]] - x[order[0]]) @ w.T >= 0).mean()
    assert table.attrs["probability"] == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize("method", ["arithmetic", "geometric", "median", {"method": "power", "p": -2}])
def test_one_indicator_raised_to_what_is_needed_reaches_the_goal(method):
    data = sample(6)
    own_rule = method if isinstance(method, dict) else {"method": method}
    listed = [POSTS, {"aggregate": own_rule}]
    found = made(data, FLAT, listed)
    order = np.argsort(-found.scores["I"].to_numpy())
    own = int(order[4])
    table = margins.indicator_for(found, f"u{own}", top=3).set_index("code")
    reached = 0
    for code, row in table.iterrows():
        if math.isnan(row["needed"]):
            raised = data.copy()
            raised.loc[own, code] = data[code].max()
            assert made(raised, FLAT, listed).ranks["I"].iloc[own] > 3 and row["reason"]
            continue
        reached += 1
        for shift, good in ((1e-4, True), (-1e-3, False)):
            raised = data.copy()
            raised.loc[own, code] = row["value_needed"] + shift
            assert bool(made(raised, FLAT, listed).ranks["I"].iloc[own] <= 3) is good, (code, shift)
        assert row["units_there"] == pytest.approx((data[code].drop(own) >= row["value_needed"] - 1e-6).mean())
    assert reached or method == "median"
    there = margins.indicator_for(found, f"u{order[0]}", top=1)
    assert (there["change"] == 0).all()


@pytest.mark.parametrize("spread", [0.1, 0.25, 0.9])
def test_robust_pairs_hold_at_every_corner_and_others_fail_at_one(spread):
    found = made(sample(7), FLAT, MEAN)
    x = found.scores.set_index("uCode")[CODES]
    corners = [
        np.array([0.25, 0.5, 0.25]) * (1 + spread * np.array(signs)) for signs in itertools.product((-1, 1), repeat=3)
    ]
    table = margins.robust_pairs(found, spread=spread)
    assert len(table) == 36 and table["robust"].any() and (not table["robust"].all() or spread < 0.2)
    for row in table.itertuples():
        gaps = [(x.loc[row.above] - x.loc[row.below]) @ w for w in corners]
        assert row.robust == (min(gaps) > 0)
    bounds = margins.rank_bounds(found, spread=spread).set_index("uCode").loc[x.index]
    for w in (
        np.array([0.25, 0.5, 0.25]) * (1 + spread * (2 * u - 1)) for u in np.random.default_rng(1).random((300, 3))
    ):
        ranks = pd.Series(x.to_numpy() @ w, x.index).rank(ascending=False, method="min")
        assert ((bounds["best"] <= ranks) & (ranks <= bounds["worst"])).all()
    assert bounds["rank"].between(bounds["best"], bounds["worst"]).all()


def test_a_unit_better_on_everything_is_above_for_all_weights():
    data = pd.DataFrame({"uCode": ["x", "y"], "a": [9, 8], "b": [9, 8], "c": [9, 8]})
    row = margins.robust_pairs(made(data, FLAT, MEAN)).iloc[0]
    assert (row["above"], row["margin"], row["robust"]) == ("x", pytest.approx(1), True)
    assert margins.weights_for(made(data, FLAT, MEAN), "y", above="x").attrs["reason"]


def test_levels_above_the_one_asked_must_be_sums():
    found = made(DATA.dropna(), TREE, [PLAIN[0], {"aggregate": {"by_level": {3: "geometric"}}}])
    assert problems_of(lambda: margins.robust_pairs(found))[0].code == "index_not_linear"
    plain = made(DATA.dropna(), TREE, [PLAIN[0], {"aggregate": {"by_level": {2: "geometric"}}}])
    assert len(margins.robust_pairs(plain)) == 3
    codes, weight, _ = margins.shares(made(DATA.dropna(), TREE, PLAIN), 1)
    assert dict(zip(codes, weight, strict=True)) == pytest.approx({"a": 1 / 6, "b": 1 / 2, "c": 1 / 3})


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda found: margins.weights_for(found, "x"), "index_above_or_top"),
        (lambda found: margins.weights_for(found, "x", above="w", top=2), "index_above_or_top"),
        (lambda found: margins.weights_for(found, "qq", top=2), "values"),
        (lambda found: margins.weights_for(found, "y", top=2), "index_unit_partial"),
    ],
)
def test_questions_that_cannot_be_answered_are_refused(call, code):
    assert problems_of(lambda: call(made(DATA, TREE, PLAIN)))[0].code == code
    ranked = made(DATA.dropna(), TREE, [PLAIN[0], {"aggregate": {"method": "copeland"}}])
    assert problems_of(lambda: margins.indicator_for(ranked, "x", top=1))[0].code == "index_not_alone"


# Interactions


def test_interactions_of_a_function_with_known_ones():
    """Ishigami's function: the only interaction is between the first and the third, 0.2437."""
    x = np.pi * (2 * sensitivity.design(8192, 3, 5, second=True) - 1)
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    pairs, low, high = sensitivity.interactions(y, 3)
    np.testing.assert_allclose(pairs[np.triu_indices(3, 1)], [0, 0.2437, 0], atol=0.02)
    upper = np.triu_indices(3, 1)
    assert (low[upper] <= pairs[upper]).all() and (pairs[upper] <= high[upper]).all()
    main = sensitivity.sobol_indices(y[: 8192 * 5], 3)
    np.testing.assert_allclose(main.first[:, 0].sum() + np.nansum(pairs), 1, atol=0.02)


def test_second_order_indices_are_salibs():
    folder, d = reference_folder("salib_sobol"), 3
    y = pd.read_csv(folder / "output_512_runs.csv")["y"].to_numpy()
    given = pd.read_csv(folder / "second_order.csv")
    found = sensitivity.interactions(y, d, bootstrap=0)[0]
    n = len(y) // (2 * d + 2)
    # SALib divides the variance by n, not n − 1, and scales the output by all its runs.
    scale = y[: 2 * n].var(ddof=1) / y[: 2 * n].var()
    np.testing.assert_allclose(found[given["one"], given["other"]] * scale, given["index"], atol=1e-9)


def test_an_analysis_with_interactions_keeps_its_main_indices_and_replays(tmp_path):
    generator = np.random.default_rng(4)
    data = pd.DataFrame({"uCode": [f"u{n}" for n in range(12)]} | {c: generator.lognormal(size=12) for c in "abc"})
    config = {
        "steps": [{"treat": {"winmax": 2}}, {"normalise": {"method": "minmax", "range": [1, 100]}}, {"aggregate": {}}],
        "uncertain": {"w": {"noise": 0.4}, "m": {"path": "aggregate.method", "values": ["arithmetic", "geometric"]}},
    }
    checked = inputs.check(data, TREE)
    plain = uncertainty.analyse(checked, config, 32, 1)
    found = uncertainty.analyse(checked, config | {"interactions": True}, 32, 1)
    assert len(found.choices) == 32 * 6 and len(plain.choices) == 32 * 4
    pd.testing.assert_frame_equal(uncertainty.sensitivity_table(found), uncertainty.sensitivity_table(plain))
    pd.testing.assert_frame_equal(uncertainty.rank_statistics(found), uncertainty.rank_statistics(plain))
    table = uncertainty.interaction_table(found)
    assert table[["one", "other"]].values.tolist() == [["w", "m"]] and uncertainty.interaction_table(plain).empty
    key = checked.units["uCode"].tolist()
    for run in (1, 100, 190):
        alone = uncertainty.replay(found, run).ranks.set_index("uCode")["Index"].reindex(key)
        np.testing.assert_array_equal(alone, found.ranks[run - 1])
    assert uncertainty.run_table(found)["matrix"].astype(str).unique().tolist()[-2:] == ["BA_w", "BA_m"]
    assert {path.name for path in uncertainty.write(found, tmp_path)} >= {"interactions.csv"}
