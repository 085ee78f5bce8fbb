"""Aggregation rules, weights and diagnosis of an index against published figures and slow oracles."""

import itertools
import math
import statistics

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from support import problems_of, reference_folder
from support_index import ASEM, DATA, PLAIN, TREE, made
from typer.testing import CliRunner

from nq57lab.composite.laboratory import aggregate, benefit, inputs, pipeline, steps, weight
from nq57lab.composite.laboratory.aggregate import Rule
from nq57lab.composite.laboratory.benefit import benefit_of_the_doubt
from nq57lab.composite.robustness import diagnose, diagnosis_files

VALUES = st.integers(2, 5).flatmap(
    lambda c: st.tuples(
        st.lists(st.lists(st.integers(1, 20).map(float), min_size=c, max_size=c), min_size=2, max_size=6).map(np.array),
        st.lists(st.integers(1, 4).map(float), min_size=c, max_size=c).map(np.array),
    )
)


@pytest.fixture(scope="module")
def asem():
    """COINr's ASEM index."""
    folder = reference_folder("coinr_asem")
    checked = inputs.load(folder / "iData.csv", folder / "iMeta.csv")
    return folder, pipeline.build(checked, steps.read(yaml.safe_load(ASEM), checked.framework))


@pytest.fixture(scope="module")
def tai() -> dict[str, pd.DataFrame]:
    """The OECD handbook's tables of the Technology Achievement Index."""
    folder = reference_folder("oecd_tai")
    return {path.stem: pd.read_csv(path, index_col=0) for path in folder.glob("*.csv")}


# Published figures


def test_the_outranking_matrix_of_the_oecd_handbook(tai):
    """Tables 35 and 36: five countries, equal weights, ties half."""
    impact = tai["tai_impact_matrix_table35"]
    matrix = aggregate.outranking(impact.to_numpy(float), np.ones(8))
    np.testing.assert_allclose(matrix, tai["tai_outranking_table36"].to_numpy(float), atol=1e-12)


def test_the_standardised_alpha_of_the_oecd_handbook(tai):
    assert diagnose.cronbach_standardised(tai["tai_raw_23"].to_numpy(float)) == pytest.approx(0.70, abs=0.005)


def test_cronbachs_alpha_of_the_asem_example(asem):
    folder, found = asem
    expected = pd.read_csv(folder / "cronbach_normalised.csv").set_index("group")["alpha"]
    table = diagnose.reliability(found).set_index("code")["alpha"]
    assert len(expected) == 8
    np.testing.assert_allclose(table[expected.index], expected, rtol=1e-9)
    p2p = found.framework.children("P2P")
    raw = found.inputs.values[:, [found.framework.indicators.index(code) for code in p2p]]
    assert diagnose.cronbach(raw) == pytest.approx(0.0512666, abs=1e-7)  # METHODS.md 2: pairwise-complete


def test_pca_weights_of_the_asem_example(asem):
    folder, found = asem
    expected = pd.read_csv(folder / "pca_weights_level2.csv")
    expected = expected[expected["Level"] == 2].set_index("iCode")["Weight"]
    scores = {code: found.scores[code].to_numpy() for code in found.scores.columns[2:]}
    own = pd.Series(weight.pca_weights(found.framework, scores, 2))[expected.index]
    for _, codes in expected.groupby(pd.Series(found.framework.parents)):
        sign = np.sign(own[codes.index].iloc[0] * codes.iloc[0])
        np.testing.assert_allclose(own[codes.index] * sign, codes, atol=1e-9)


def test_pca_weights_of_mixed_sign_are_refused_unless_squared(asem):
    listed = yaml.safe_load(ASEM)["steps"]
    listed[5] = {"weight": {"set": "pca", "levels": [2]}}
    checked = asem[1].inputs
    found = problems_of(lambda: pipeline.build(checked, steps.read({"steps": listed}, checked.framework)))
    assert found[0].code == "index_pca_sign"
    assert "Social" in found[0].text() or "Environ" in found[0].text()
    listed[5]["weight"]["squared"] = True
    done = pipeline.build(checked, steps.read({"steps": listed}, checked.framework))
    within = [done.framework.weights[code] for code in done.framework.children("Sust")]
    assert sum(within) == pytest.approx(1)
    assert min(within) >= 0


# Aggregation rules against slow oracles


@given(VALUES)
def test_means_against_their_definitions(case):
    values, w = case
    for row, *means in zip(
        values,
        aggregate.arithmetic(values, w),
        aggregate.geometric(values, w),
        aggregate.harmonic(values, w),
        aggregate.power(values, w, 2.5),
        aggregate.power(values, w, -0.5),
        strict=True,
    ):
        total = w.sum()
        expected = [
            sum(a * x for a, x in zip(w, row, strict=True)) / total,
            math.prod(x ** (a / total) for a, x in zip(w, row, strict=True)),
            total / sum(a / x for a, x in zip(w, row, strict=True)),
            (sum(a * x**2.5 for a, x in zip(w, row, strict=True)) / total) ** 0.4,
            (sum(a * x**-0.5 for a, x in zip(w, row, strict=True)) / total) ** -2,
        ]
        np.testing.assert_allclose(means, expected)


@given(VALUES)
def test_the_weighted_median_is_the_median_of_repeated_values(case):
    values, w = case
    found = aggregate.median(values, w)
    expected = [statistics.median(np.repeat(row, w.astype(int)).tolist()) for row in values]
    np.testing.assert_allclose(found, expected)


@given(VALUES)
def test_mazziotta_pareto_against_its_definition(case):
    values, w = case
    for row, low, high in zip(
        values, aggregate.mazziotta_pareto(values, w), aggregate.mazziotta_pareto(values, w, penalty=1.0), strict=True
    ):
        mean = np.average(row, weights=w)
        variance = np.average((row - mean) ** 2, weights=w)
        cv = math.sqrt(variance) / mean
        assert low == pytest.approx(mean - math.sqrt(variance) * cv)
        assert high == pytest.approx(mean + math.sqrt(variance) * cv)


@given(VALUES)
def test_copeland_counts_pairwise_wins_minus_losses(case):
    values, w = case
    expected = []
    for i, own in enumerate(values):
        score = 0
        for j, other in enumerate(values):
            if i != j:
                for_it = sum(
                    a * (1.0 if x > y else 0.5 if x == y else 0.0) for a, x, y in zip(w, own, other, strict=True)
                )
                score += int(np.sign(round(for_it / w.sum() - 0.5, 12)))
        expected.append(score)
    assert aggregate.copeland(values, w).tolist() == expected


@pytest.mark.parametrize("method", ["arithmetic", "geometric", "harmonic", "median", "mpi", "copeland"])
def test_weights_of_missing_values_are_dropped_and_the_rest_rescaled(method):
    values = np.array([[2.0, np.nan, 8.0], [2.0, 3.0, 8.0], [1.0, 1.0, 1.0], [np.nan, np.nan, np.nan]])
    w = np.array([1.0, 2.0, 3.0])
    found = aggregate.METHODS[method](values, w, Rule(method))
    assert math.isnan(found[3])
    if method == "copeland":
        assert found[:3].tolist() == [0.0 + 1, 1.0, -2.0]  # the first two tie on what both have
    else:
        alone = aggregate.METHODS[method](values[:1, [0, 2]], w[[0, 2]], Rule(method))
        assert found[0] == pytest.approx(alone[0])


@pytest.mark.parametrize("method", list(aggregate.METHODS))
def test_many_sets_of_weights_at_once_are_one_at_a_time(method):
    generator = np.random.default_rng(4)
    values, w = generator.uniform(1, 9, (6, 4)), generator.uniform(0.5, 2, (5, 4))
    values[1, 2] = np.nan if method != "bod" else values[1, 2]
    rule = Rule(method, p=2.0)
    many = aggregate.METHODS[method](values, w, rule)
    varied = aggregate.METHODS[method](np.broadcast_to(values, (5, 6, 4)), w, rule)
    for place in range(5):
        alone = aggregate.METHODS[method](values, w[place], rule)
        np.testing.assert_allclose(many[place], alone)
        np.testing.assert_allclose(varied[place], alone)


@pytest.mark.parametrize("method", ["geometric", "harmonic", "power", "mpi", "bod"])
def test_a_negative_value_is_refused_with_its_place(method):
    with pytest.raises(aggregate.NegativeValue) as caught:
        aggregate.METHODS[method](np.array([[1.0, 2.0], [3.0, -1.0]]), np.ones(2), Rule(method, p=2.0))
    assert caught.value.place == (1, 1)


def test_a_weightless_value_does_not_count():
    values, w = np.array([[0.0, 4.0]]), np.array([0.0, 1.0])
    assert aggregate.geometric(values, w).tolist() == [4.0]
    assert math.isnan(aggregate.arithmetic(np.array([[1.0, np.nan]]), w)[0])


def vertices(values: np.ndarray, unit: int, lower: float, upper: float) -> float:
    """Benefit of the doubt by trying many directions of weights: each is scaled until some unit reaches 1."""
    c = values.shape[1]
    best = 0.0
    grid = np.linspace(lower, upper, 41)
    for shares in itertools.product(grid, repeat=c - 1):
        last = 1 - sum(shares)
        if lower - 1e-9 <= last <= upper + 1e-9:
            scores = values @ np.array([*shares, last])
            best = max(best, scores[unit] / scores.max())
    return best


@settings(max_examples=15)
@given(st.lists(st.lists(st.integers(1, 9).map(float), min_size=3, max_size=3), min_size=2, max_size=5).map(np.array))
def test_benefit_of_the_doubt_against_a_search_over_shares(values):
    found = benefit_of_the_doubt(values, 0.2, 0.5)
    share = found.weights / found.weights.sum(axis=1, keepdims=True)
    assert (share > 0.2 - 1e-7).all() and (share < 0.5 + 1e-7).all()
    assert found.scores.max() == pytest.approx(1)
    for unit in range(len(values)):
        searched = vertices(values, unit, 0.2, 0.5)
        assert searched - 1e-7 <= found.scores[unit] <= searched + 0.02


CASES = st.tuples(st.integers(2, 5), st.integers(2, 12)).flatmap(
    lambda size: st.lists(
        st.lists(st.sampled_from([0.0, 1, 2, 3, 5, 8, 8.5, math.nan]), min_size=size[0], max_size=size[0]),
        min_size=size[1],
        max_size=size[1],
    ).map(np.array)
)


@settings(max_examples=60)
@given(CASES, st.sampled_from([(0.0, 1.0), (0.1, 0.6), (0.2, 0.5), (0.0, 0.5)]))
def test_programmes_solved_together_are_those_solved_one_by_one(values, bounds):
    """Against HiGHS, unit by unit: ties, zeros, missing values, indicators that are 0 throughout, repeated units."""
    found = benefit_of_the_doubt(values, *bounds)
    filled = np.nan_to_num(values)
    if not filled.any():
        return
    for unit, own in enumerate(filled):
        if np.isnan(values[unit]).all():
            assert math.isnan(found.scores[unit])
            continue
        best = own @ benefit._alone(own, np.unique(filled, axis=0), *bounds)
        assert found.scores[unit] == pytest.approx(best, abs=1e-7)
        w = found.weights[unit]
        assert (filled @ w <= 1 + 1e-7).all() and own @ w == pytest.approx(found.scores[unit], abs=1e-9)
        assert (w >= bounds[0] * w.sum() - 1e-7).all() and (w <= bounds[1] * w.sum() + 1e-7).all()


def test_many_programmes_are_proven_together():
    x = np.random.default_rng(2).uniform(0, 100, (400, 12))
    own, solved = benefit._together(x / x.max(), np.unique(x / x.max(), axis=0), 0.0, 1.0)
    assert solved.all()
    np.testing.assert_allclose((x / x.max() * own).sum(axis=1), benefit_of_the_doubt(x).scores, atol=1e-9)


def test_benefit_of_the_doubt_of_the_technology_achievement_index(tai):
    """Each share of the total weight held in 10–15%; equal shares give the plain mean relative to the best."""
    raw = tai["tai_raw_23"].to_numpy(float)
    norm = (raw - raw.min(axis=0)) / (raw.max(axis=0) - raw.min(axis=0))
    found = benefit_of_the_doubt(norm, 0.10, 0.15)
    share = found.weights / found.weights.sum(axis=1, keepdims=True)
    assert share.min() > 0.10 - 1e-7 and share.max() < 0.15 + 1e-7
    equal = benefit_of_the_doubt(norm, 1 / 8, 1 / 8).scores
    np.testing.assert_allclose(equal, norm.mean(axis=1) / norm.mean(axis=1).max(), atol=1e-7)
    assert (found.scores >= equal - 1e-7).all()


def test_levels_can_each_have_their_rule():
    listed = [
        {"normalise": {"method": "minmax", "range": [1, 100]}},
        {"aggregate": {"method": "geometric", "by_level": {3: {"method": "power", "p": 2}}}},
    ]
    scores = made(DATA.dropna(), TREE, listed).scores
    p = (scores["a"] * scores["b"] ** 3) ** 0.25
    np.testing.assert_allclose(scores["P"], p)
    np.testing.assert_allclose(scores["Index"], np.sqrt((2 * p**2 + scores["c"] ** 2) / 3))


@given(st.lists(st.integers(0, 5).map(float), min_size=1, max_size=8))
def test_ranks_are_one_plus_how_many_are_better(x):
    assert aggregate.ranks(np.array(x)).tolist() == [1 + sum(other > own for other in x) for own in x]


def test_ranks_of_many_rows_with_missing_values():
    table = np.array([[3.0, np.nan, 3.0, 1.0], [np.nan, np.nan, np.nan, np.nan]])
    np.testing.assert_array_equal(aggregate.ranks(table), [[1, np.nan, 1, 3], [np.nan] * 4])


# Weights and diagnosis


def test_weights_of_equal_influence():
    """Two elements correlated 0.8 with each other and one apart: after the optimisation all correlate equally with the index."""
    generator = np.random.default_rng(7)
    a = generator.normal(size=300)
    data = pd.DataFrame(
        {
            "uCode": range(300),
            "a": a,
            "b": -(0.8 * a + 0.6 * generator.normal(size=300)),
            "c": generator.normal(size=300),
        }
    )
    meta = TREE[TREE["iCode"].isin(["a", "b", "c", "P"])].assign(Parent=["P", "P", "P", None], Weight=1)
    found = made(data, meta, [{"normalise": {"method": "zscore"}}, PLAIN[1]])
    best = weight.equal_influence(found.framework, found.values, 1, {2: Rule()})
    assert best.spread < 1e-3
    assert best.weights["c"] > best.weights["a"]
    assert sum(best.weights.values()) == pytest.approx(3)


@pytest.mark.parametrize("level", [1, 2, 3])
def test_optimised_weights_of_the_asem_example_are_at_a_minimum(asem, level):
    """No weight moved from one element to its sibling brings the shares of influence nearer to each other."""
    _, found = asem
    frame, rules = found.framework, pipeline.rules_of(found.steps)
    best = weight.equal_influence(frame, found.values, level, rules)
    codes = list(best.weights)

    def left(weights: dict[str, float]) -> float:
        scores = aggregate.aggregate(frame, found.values, {**frame.weights, **weights}, rules)
        r = np.array([np.corrcoef(scores[code], scores["Index"])[0, 1] for code in codes])
        return float(((r / r.sum() - 1 / len(codes)) ** 2).sum())

    least = left(best.weights)
    assert set(best.at_bound) == {c for c in codes if not 0.102 < best.weights[c] < 9.8} and (
        least < 1e-12 or best.at_bound
    )
    free = [code for code in codes if code not in best.at_bound]
    for one, other in itertools.permutations(free, 2):
        if frame.parents[one] == frame.parents[other]:
            step = 0.005 * min(best.weights[one], best.weights[other])
            moved = best.weights | {one: best.weights[one] + step, other: best.weights[other] - step}
            assert left(moved) > least - 1e-9


def test_effective_weights_sum_to_one(asem):
    shares = weight.effective_weights(asem[1].framework)
    assert sum(shares[code] for code in asem[1].framework.indicators) == pytest.approx(1)
    assert shares["LPI"] == pytest.approx(1 / 2 / 5 / 8)


def test_alpha_against_statsmodels_free_definition():
    x = np.random.default_rng(3).normal(size=(30, 4)).cumsum(axis=1)
    total = x.sum(axis=1).var(ddof=1)
    assert diagnose.cronbach(x) == pytest.approx(4 / 3 * (1 - x.var(axis=0, ddof=1).sum() / total))


def test_kmo_by_regressing_each_pair_on_all_others():
    x = np.random.default_rng(3).normal(size=(40, 4)).cumsum(axis=1)
    r2 = p2 = 0.0
    for i, j in itertools.permutations(range(4), 2):
        rest = np.column_stack([np.ones(40), np.delete(x, (i, j), axis=1)])
        left = [x[:, k] - rest @ np.linalg.lstsq(rest, x[:, k], rcond=None)[0] for k in (i, j)]
        p2 += np.corrcoef(*left)[0, 1] ** 2
        r2 += np.corrcoef(x[:, i], x[:, j])[0, 1] ** 2
    assert diagnose.kaiser_meyer_olkin(x)[0] == pytest.approx(r2 / (r2 + p2))
    assert math.isnan(diagnose.kaiser_meyer_olkin(np.column_stack([x, x[:, 0]]))[0])


def test_principal_components_explain_everything(asem):
    values = asem[1].scores[asem[1].framework.children("Conn")].to_numpy(float)
    table = diagnose.principal_components(values)
    assert table["eigenvalue"].sum() == pytest.approx(5)
    assert table["cumulative"].iloc[-1] == pytest.approx(1)


def test_removing_an_element_is_building_without_it(asem):
    _, found = asem
    table = diagnose.remove_each(found, 2).set_index("code")
    assert len(table) == 8
    smaller = found.inputs.without({"Physical"})
    rebuilt = pipeline.build(smaller, steps.read(yaml.safe_load(ASEM), smaller.framework))
    moved = (rebuilt.ranks["Index"] - found.ranks["Index"]).abs()
    assert table.loc["Physical", "mean_shift"] == pytest.approx(moved.mean())
    assert table.loc["Physical", "max_shift"] == moved.max()


def test_two_builds_compared():
    one = made(DATA, TREE, PLAIN)
    other = made(DATA[DATA["uCode"] != "x"], TREE, [PLAIN[0], {"aggregate": {"method": "geometric"}}])
    table = diagnose.compare(one, other).set_index("uCode")
    assert len(table) == 4 and math.isnan(table.loc["x", "rank_other"])
    assert table.loc["w", "score_one"] == one.scores.set_index("uCode").loc["w", "Index"]
    assert (table["shift"].dropna() == (table["rank_one"] - table["rank_other"]).dropna()).all()


def test_a_units_strengths_and_weaknesses(asem):
    table = diagnose.profile(asem[1], "CHE", count=4)
    assert table["kind"].tolist() == ["mạnh"] * 4 + ["yếu"] * 4
    assert not table["code"].duplicated().any()
    ranks = asem[1].ranks.set_index("uCode").loc["CHE", list(asem[1].framework.indicators)].astype(float)
    assert table["rank"].tolist()[:4] == sorted(ranks)[:4]
    assert table.loc[table["kind"] == "yếu", "rank"].max() == ranks.max()
    with pytest.raises(KeyError):
        diagnose.profile(asem[1], "ZZZ")


def test_availability_of_units_aggregates_and_indicators(asem):
    units, indicators = diagnose.availability(asem[1].inputs)
    low = set(units.loc[units["available"] < 0.9, "uCode"])
    assert low == {"LAO", "BRN", "MMR", "BGD", "KHM"}
    assert units["available"].mean() == pytest.approx(indicators["available"].mean())
    assert units.set_index("uCode").loc["LAO", "Social"] <= 1


def test_flags_name_what_repeats_and_what_pulls_against():
    data = pd.DataFrame(
        {"uCode": list("vwxyz"), "a": [1, 2, 3, 4, 5.0], "b": [-1, -2, -3, -4, -5.1], "c": [5, 4, 3, 2, 1.0]}
    )
    meta = TREE[TREE["iCode"].isin(["a", "b", "c", "P"])].assign(Parent=["P", "P", "P", None])
    table = diagnose.correlation_flags(made(data, meta, PLAIN))
    flags = {(row.one, row.other): row.flag for row in table.itertuples()}
    assert flags == {("a", "b"): "trùng lặp", ("a", "c"): "ngược chiều", ("b", "c"): "ngược chiều"}


def test_influence_of_every_element():
    table = diagnose.influence(made(DATA.dropna(), TREE, PLAIN)).set_index("code")
    assert table.loc["b", "effective"] == pytest.approx(0.5)
    assert table.loc["P", "with_index"] == pytest.approx(
        made(DATA.dropna(), TREE, PLAIN).scores[["P", "Index"]].corr().iloc[0, 1]
    )


def test_the_command_writes_every_table_of_the_diagnosis(asem, tmp_path):
    """Profile and comparison included; what is written is what the functions return."""
    from nq57lab.cli.main import app

    folder = asem[0]
    (tmp_path / "one.yml").write_text(ASEM, encoding="utf-8")
    (tmp_path / "other.yml").write_text(ASEM.replace("arithmetic", "median"), encoding="utf-8")
    call = ["index", "diagnose", "--data", str(folder / "iData.csv"), "--meta", str(folder / "iMeta.csv")]
    call += ["--config", str(tmp_path / "one.yml"), "--against", str(tmp_path / "other.yml"), "-o", str(tmp_path)]
    result = CliRunner().invoke(app, [*call, "--unit", "VNM"])
    assert result.exit_code == 0, result.output
    alpha = pd.read_csv(tmp_path / "reliability.csv").set_index("code")["alpha"]
    assert alpha["Conn"] == pytest.approx(diagnose.reliability(asem[1]).set_index("code").loc["Conn", "alpha"])
    pd.testing.assert_frame_equal(
        pd.read_csv(tmp_path / "profile_VNM.csv"), diagnose.profile(asem[1], "VNM"), check_dtype=False
    )
    compared = pd.read_csv(tmp_path / "comparison.csv")
    assert len(compared) == 51 and compared["shift"].abs().is_monotonic_decreasing
    correlations = pd.read_csv(tmp_path / "correlations.csv").set_index(["one", "other"])["correlation"]
    scores = asem[1].scores
    assert correlations["LPI", "Flights"] == pytest.approx(scores["LPI"].corr(scores["Flights"]))
    treated = pd.read_csv(tmp_path / "treatments.csv")
    assert len(treated) == 49 and set(treated["action"]) == {"none", "winsorise"}
    best = pd.read_csv(tmp_path / "equal_influence.csv")
    assert best["spread"].max() < 1e-6 and not best["bound"].any()
    components = pd.read_csv(tmp_path / "components.csv")
    assert components.groupby("code")["share"].sum().round(9).eq(1).all()
    found = problems_of(lambda: diagnosis_files.tables(asem[1], "ZZZ"))
    assert "ZZZ" in found[0].text()
