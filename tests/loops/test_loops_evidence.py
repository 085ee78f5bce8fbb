"""Evidence: the panel regression against statsmodels, grades, power, false discoveries; the project's own grades."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from nq57lab.base.messages import Reason, reason
from nq57lab.base.problems import ProblemError
from nq57lab.facts import comparators
from nq57lab.loops.evidence import grades, series
from nq57lab.loops.evidence import panel_regression as regression

COUNTRIES = [f"C{place:02d}" for place in range(12)]


def panels(effect, seed=0, years=30, missing=0.1):
    """Two panels of which x drives y a year later by ``effect``; unbalanced."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(years, 12))
    y = np.zeros((years, 12))
    common = rng.normal(size=years)
    for year in range(1, years):
        y[year] = 0.4 * y[year - 1] + effect * x[year - 1] + common[year] + rng.normal(size=12) + np.arange(12)
    index = range(1990, 1990 + years)
    frames = [pd.DataFrame(values, index=index, columns=COUNTRIES) for values in (x, y)]
    return tuple(frame.mask(rng.random(frame.shape) < missing) for frame in frames)


@pytest.mark.parametrize(("effect", "seed"), [(0.0, 1), (0.3, 2), (-0.5, 3)])
def test_estimate_and_cluster_error_equal_statsmodels(effect, seed):
    sample = regression.align(*panels(effect, seed), 1)
    frame = pd.DataFrame(
        {"y": sample.y, "before": sample.before, "x": sample.x, "country": sample.country, "year": sample.year}
    )
    peer = smf.ols("y ~ x + before + C(country) + C(year)", frame).fit(
        cov_type="cluster", cov_kwds={"groups": frame["country"]}, use_t=True
    )
    found = regression.fit(sample)
    assert found.raw == pytest.approx(peer.params["x"], rel=1e-9)
    assert found.error / found.estimate == pytest.approx(peer.bse["x"] / peer.params["x"], rel=1e-6)
    assert found.p_value == pytest.approx(peer.pvalues["x"], rel=1e-5)
    assert found.persistence == pytest.approx(peer.params["before"], rel=1e-9)


def test_the_power_solves_many_panels_as_the_fit_solves_one():
    sample = regression.align(*panels(0.3, 2), 1)
    basis = regression.effects_basis(sample.country, sample.year)
    columns = [
        regression.within(np.column_stack([values, 2 * values]), basis)
        for values in (sample.y, sample.before, sample.x)
    ]
    beta, error, rho = regression._solve(*columns, sample.country, basis.shape[1])
    found = regression.fit(sample)
    scale = found.estimate / found.raw
    np.testing.assert_allclose(beta, found.raw, rtol=1e-9)
    np.testing.assert_allclose(error, found.error / scale, rtol=1e-9)
    np.testing.assert_allclose(rho, found.persistence, rtol=1e-9)


def test_observations_pair_the_years_that_the_lag_says():
    x = pd.DataFrame({"A": [1.0, 2, 3, 4, 5, 6], "B": [10.0, 20, 30, 40, 50, 60]}, index=range(2000, 2006))
    y = x * 2
    sample = regression.align(x.drop(index=2002), y, 2)
    assert sorted(set(sample.year.tolist())) == [2002, 2003, 2005]  # 2004 would need x of 2002
    first = sample.year == 2003
    assert sample.x[first].tolist() == [2.0, 20.0] and sample.before[first].tolist() == [6.0, 60.0]


def test_rows_in_any_order_give_the_same_sample():
    x, y = panels(0.3)
    mixed = regression.align(x.sample(frac=1, random_state=1), y.sample(frac=1, random_state=2)[COUNTRIES[::-1]], 1)
    assert regression.fit(mixed).raw == pytest.approx(regression.fit(regression.align(x, y, 1)).raw, rel=1e-9)


def test_leaving_one_out_equals_dropping_its_column():
    x, y = panels(0.2, 4)
    alone = regression.leave_one_out(regression.align(x, y, 1))
    dropped = regression.fit(regression.align(x.drop(columns="C03"), y.drop(columns="C03"), 1)).estimate
    assert alone["C03"] == pytest.approx(dropped, rel=1e-9)


def test_power_grows_with_the_effect_and_false_alarms_stay_near_the_level():
    sample = regression.align(*panels(0.0, 5), 1)
    chances = regression.power(sample, (0.0, 0.1, 0.3), simulations=300)
    assert chances[0.0] < chances[0.1] < chances[0.3]
    assert chances[0.0] <= 0.10 and chances[0.3] > 0.9


def test_ten_points_of_a_few_countries_have_almost_no_power():
    x, y = panels(0.0, 6, years=10, missing=0.0)
    sample = regression.align(x[COUNTRIES[:6]], y[COUNTRIES[:6]], 1)
    assert regression.power(sample, (0.2,), simulations=300)[0.2] < 0.35


def test_an_effect_that_a_slow_target_cannot_have_has_no_power():
    x, y = panels(0.0, 7)
    slow = regression.align(x, y.cumsum(), 1)
    chances = regression.power(slow, (0.0, 5.0), simulations=20)
    assert np.isnan(chances[5.0]) and not np.isnan(chances[0.0])


def test_false_discovery_rate_equals_statsmodels():
    from statsmodels.stats.multitest import multipletests

    p_values = np.random.default_rng(7).random(25) ** 2
    np.testing.assert_allclose(grades.benjamini_hochberg(p_values), multipletests(p_values, method="fdr_bh")[1])
    assert grades.benjamini_hochberg(np.array([])).size == 0


def test_granger_test_equals_statsmodels():
    from statsmodels.tsa.stattools import grangercausalitytests

    x, y = panels(0.6, 8, years=40, missing=0.0)
    sample = regression.align(x, y, 1)
    expected = 0
    for name in COUNTRIES:
        both = np.column_stack([y[name], x[name]])
        test = grangercausalitytests(both, maxlag=[1])[1]
        expected += test[0]["ssr_ftest"][1] < 0.05 and test[1][1].params[1] > 0
    assert grades.granger(sample, 1) == (12, expected)
    assert expected > 6
    short = regression.align(x.iloc[:20], y.iloc[:20], 1)
    assert grades.granger(short, 1) == (0, 0)


def graded(effect, polarity="1", basis="stated", mark="", *, drop=0, x_series="x", sign=1):
    x, y = panels(effect, 9)
    rows = []
    for key, frame in (("x", x * sign), ("y", y)):
        kept = frame[COUNTRIES[drop:]].stack().rename("value").reset_index()
        kept.columns = ["year", "iso3", "value"]
        rows.append(kept.assign(indicator_key=key))
    data = pd.concat(rows, ignore_index=True)
    nodes = pd.DataFrame(
        {
            "id": ["a", "b"],
            "name_vi": ["A", "B"],
            "kind": "kpi",
            "orientation": [sign, 1],
            "series": [x_series, "y"],
        }
    )
    link = {"source": "a", "target": "b", "polarity": polarity, "delay": 1.0, "x_mark": mark, "x_basis": basis}
    return grades.grade(pd.DataFrame([link]), nodes, data).table.iloc[0]


def test_a_strong_link_is_supported_and_its_opposite_contradicted():
    assert graded(0.6)["grade"] == "supported"
    assert graded(0.6, "-1")["grade"] == "contradicted"
    assert graded(0.6)["same_sign"] == 1.0


def test_a_node_measured_upside_down_is_turned_round():
    assert graded(0.6, sign=-1)["grade"] == "supported"


def test_no_effect_is_weak_and_an_open_sign_is_never_supported():
    assert graded(0.0)["grade"] == "weak"
    left = graded(0.6, "?")
    assert left["grade"] == "weak" and left["reason"].code == "evidence_open"


def test_what_cannot_be_tested_says_why():
    unmeasured = graded(0.6, x_series="")
    assert (unmeasured["grade"], unmeasured["tested"]) == ("stated", False)
    assert unmeasured["reason"] == reason("evidence_no_series", names="A")
    assert graded(0.6, x_series="", basis="implied")["grade"] == "not_testable"
    few = graded(0.6, drop=8)
    assert few["grade"] == "stated" and few["reason"].code == "evidence_few"


@pytest.mark.parametrize("mark", ["supported", "stated", "not_testable"])
def test_an_analysts_own_mark_stands_before_the_computed_grade(mark):
    row = graded(0.6, "-1", mark=mark)
    assert row["tested"] and (row["grade"], row["reason"]) == (mark, reason("evidence_marked"))


def test_unknown_series_is_refused():
    with pytest.raises(ProblemError, match="x2"):
        graded(0.6, x_series="x2")


def test_growth_needs_the_year_before():
    levels = pd.DataFrame({"A": [100.0, 110.0, -1.0, 120.0]}, index=[2000, 2001, 2002, 2003])
    found = series.growth(levels)["A"]
    assert found[2001] == pytest.approx(100 * np.log(1.1))
    assert found[[2000, 2002, 2003]].isna().all()


def test_total_factor_productivity_is_the_solow_residual(root):
    frame = comparators.load(root / "data")
    value = {key: comparators.panel(frame, key)["KOR"] for key in ("pwt_rgdpna", "pwt_rnna", "pwt_emp", "pwt_hc")}
    change = {key: np.log(values[2015] / values[2014]) for key, values in value.items()}
    expected = change["pwt_rgdpna"] - change["pwt_rnna"] / 3 - 2 / 3 * (change["pwt_emp"] + change["pwt_hc"])
    assert series.tfp_growth(frame).at[2015, "KOR"] == pytest.approx(100 * expected)


def test_project_grades_are_honest_about_ten_points(shipped):
    found = grades.of_project(shipped).table
    tested = found[found["tested"]]
    assert set(zip(tested["source"], tested["target"], strict=True)) == {
        *(
            ("M.02", "M.07"),
            ("M.02", "M.01"),
            ("growth", "rnd_funding"),
            ("M.11", "M.02"),
            ("M.11", "M.07"),
            ("M.11", "M.01"),
        ),
    }
    assert (tested["home_rows"] < 10).all()  # Viet Nam alone decides nothing
    identities = found[found["reason"].map(lambda why: why.code.startswith("evidence_identity"))]
    assert set(zip(identities["source"], identities["target"], strict=True)) == {
        *(("rnd_funding", "M.02"), ("M.07", "growth"), ("M.01", "growth")),
    }
    assert set(found["grade"][found["basis"] == "implied"]) == {"not_testable"}
    assert found["reason"].map(lambda why: isinstance(why, Reason)).all()
