"""The models: batches equal one-series plain versions, and other tools' figures on named series."""

from types import SimpleNamespace

import numpy as np
import pytest
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.holtwinters import ExponentialSmoothing, Holt
from statsmodels.tsa.stattools import kpss as kpss_of

from nq57lab.forecast import members, registry, seasonal
from nq57lab.forecast.models import arima, ets, growth, theta, trend

RNG = np.random.default_rng(3)


@pytest.fixture(scope="module")
def batch():
    """Forty series of 8 to 30 points, of several characters, aligned at their ends."""
    series = []
    for number in range(40):
        n = int(RNG.integers(8, 31))
        steps = RNG.normal(0.5 * (number % 3), 1.0, n)
        series.append(50 + 10 * (number % 4) + np.cumsum(steps) + RNG.normal(0, 0.5, n))
    return trend.align(series)


def alone(model, y, horizon):
    """Run a model on every series by itself."""
    return np.stack([model(row[~np.isnan(row)][None], horizon).mean[0] for row in y])


def median_of_members(y, horizon):
    return SimpleNamespace(mean=members.members(y, horizon).middle)


@pytest.mark.parametrize(
    "model",
    [
        trend.naive,
        trend.drift,
        trend.robust_trend,
        theta.dynamic_theta,
        ets.smooth,
        ets.choose,
        growth.ceiling,
        median_of_members,
    ],
    ids=lambda model: model.__name__,
)
def test_a_batch_gives_what_each_series_gives_alone(batch, model):
    np.testing.assert_allclose(model(batch, 6).mean, alone(model, batch, 6), rtol=1e-10, atol=1e-10)


def test_a_batch_of_arima_gives_what_each_series_gives_alone(batch):
    few = batch[:2]
    np.testing.assert_allclose(arima.choose(few, 4).mean, alone(arima.choose, few, 4), rtol=1e-10)


def plain_theta(y, alpha, weight, level, horizon):
    """The recursion of Fiorucci et al., one series, written out."""
    y, n = list(y), len(y)
    fitted = [np.nan]
    for t in range(1, n + horizon):
        level = alpha * y[t - 1] + (1 - alpha) * level
        slope, intercept = (np.polyfit(np.arange(1, t + 1), y[:t], 1)) if t > 1 else (0.0, y[0])
        line = (1 - alpha) ** t * intercept + (1 - (1 - alpha) ** (t + 1)) / alpha * slope
        fitted.append(level + weight * line)
        if t >= n:
            y.append(fitted[-1])
    return np.array(fitted)


def test_theta_follows_the_published_recursion(batch):
    fit = theta.dynamic_theta(batch, 5)
    for row in range(0, 40, 7):
        y = batch[row][~np.isnan(batch[row])]
        part = {name: fit.parameters[name][row] for name in ("alpha", "weight", "level")}
        plain = plain_theta(y, **part, horizon=5)
        np.testing.assert_allclose(fit.mean[row], plain[len(y) :], rtol=1e-9)
        np.testing.assert_allclose((y - plain[: len(y)])[2:], fit.errors[row][-len(y) + 2 :], rtol=1e-8, atol=1e-8)


def test_theta_finds_the_least_squares_of_its_recursion(batch):
    from scipy.optimize import minimize

    fit = theta.dynamic_theta(batch, 1)
    for row in (2, 11):
        y = batch[row][~np.isnan(batch[row])]

        def loss(x, y=y):
            return np.sum((y - plain_theta(y, x[0], x[1], x[2], 0))[2:] ** 2)

        here = loss([fit.parameters[name][row] for name in ("alpha", "weight", "level")])
        best = min(
            minimize(loss, [a, 0.5, y[0]], method="L-BFGS-B", bounds=[(0.1, 0.99), (0, 1), (None, None)]).fun
            for a in (0.3, 0.7)
        )
        assert here <= best * (1 + 1e-5)


def test_simple_and_holt_smoothing_reach_the_least_squares_of_statsmodels(batch):
    for row in (0, 5, 9):
        y = batch[row][~np.isnan(batch[row])]
        bounds = {"smoothing_level": ets.WHOLE[0], "damping_trend": ets.PHI}
        for shape, options in (
            ("level", {}),
            ("trend", {"trend": "add"}),
            ("damped", {"trend": "add", "damped_trend": True}),
        ):
            theirs = ExponentialSmoothing(y, bounds=bounds, **options).fit()
            assert ets.smooth(y[None], 1, shape).parameters["sse"][0] <= theirs.sse * (1 + 1e-4)


def test_smoothing_forecasts_like_statsmodels_with_the_same_parameters(batch):
    y = batch[9][~np.isnan(batch[9])]
    fit = ets.smooth(y[None], 4, "damped")
    part = {name: float(values[0]) for name, values in fit.parameters.items()}
    model = Holt(
        y,
        damped_trend=True,
        initialization_method="known",
        initial_level=part["level"],
        initial_trend=part["slope"],
    )
    same = model.fit(
        smoothing_level=part["alpha"],
        smoothing_trend=part["beta"] / part["alpha"],
        damping_trend=part["phi"],
        optimized=False,
    )
    np.testing.assert_allclose(fit.mean[0], same.forecast(4), rtol=1e-8)


def test_the_nile_has_the_published_smoothing_parameter():
    """Durbin and Koopman (2012), section 2.2.5: signal-to-noise q = 0.0973 gives the steady-state weight 0.2670 of a local level."""
    import statsmodels.api as sm

    nile = sm.datasets.nile.load_pandas().data["volume"].to_numpy()
    fit = ets.smooth(nile[None], 1, "level")
    assert fit.parameters["alpha"][0] == pytest.approx(0.267, abs=0.03)


def test_arima_has_the_exact_likelihood_of_statsmodels():
    z = RNG.normal(size=40)
    y = np.zeros(40)
    for t in range(1, 40):
        y[t] = 0.6 * y[t - 1] + z[t] + 0.3 * z[t - 1]
    found = arima._fit(y[None], 1, 1, True, 3)
    best = ARIMA(y, order=(1, 0, 1), trend="c").fit()
    assert found["aicc"][0] == pytest.approx(best.aicc, abs=1e-2)
    np.testing.assert_allclose(found["mean"][0], best.forecast(3), atol=2e-2)


@pytest.mark.parametrize("theta", [(1.5, 0.7), (-1.5, 0.7), (0.3, -0.4)])
def test_a_moving_average_of_order_two_reaches_the_likelihood_of_statsmodels(theta):
    e = np.random.default_rng(1).normal(size=202)
    z = e[2:] + theta[0] * e[1:-1] + theta[1] * e[:-2]
    found = arima._fit(z[None], 0, 2, False, 1)
    best = ARIMA(z, order=(0, 0, 2), trend="n").fit(start_params=[*theta, 1.0])
    assert found["aicc"][0] == pytest.approx(best.aicc, abs=0.2)


def test_kpss_is_that_of_statsmodels():
    y = np.cumsum(RNG.normal(size=30))
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = kpss_of(y, regression="c", nlags=2)[0]
    assert arima.kpss(y[None])[0] == pytest.approx(expected, rel=1e-9)


def test_the_ceiling_of_a_gompertz_curve_is_found():
    t = np.arange(20.0)
    y = 80 * np.exp(-4 * np.exp(-0.3 * t))
    fit = growth.ceiling(y[None], 40)
    assert fit.mean[0, -1] == pytest.approx(80, rel=0.03)
    assert growth.ceiling(y[None], 40, np.array([80.0])).mean[0, -1] == pytest.approx(80, rel=1e-3)


def test_a_constant_series_forecasts_itself():
    y = np.full((1, 12), 7.0)
    for name, model in registry.BUILT_IN.items():
        if name != registry.DEFAULT:  # it needs a width, and constant series are refused before
            assert model.fit_predict(y, 3, np.array([0.5]))[0, :, 0] == pytest.approx([7.0] * 3, abs=1e-6), name


@pytest.mark.parametrize("name", [registry.DEFAULT, "naive", "drift", "robust_trend", "theta", "damped"])
def test_quantiles_scale_with_the_series_and_never_cross(batch, name):
    levels = np.array([0.025, 0.1, 0.5, 0.9, 0.975])
    model = registry.BUILT_IN[name].fit_predict
    one, thousand = model(batch, 4, levels), model(1000 * batch, 4, levels)
    np.testing.assert_allclose(thousand, 1000 * one, rtol=1e-6)
    assert (np.diff(one, axis=-1) >= -1e-9).all()


def test_a_seasonal_series_is_adjusted_and_an_unseasonal_one_is_not():
    t = np.arange(32)
    season = np.array([0.8, 1.1, 1.3, 0.8])
    y = (100 + t) * season[t % 4]
    adjusted, factors, _ = seasonal.adjust(y[None], 4, 4)
    assert np.ptp(adjusted[0] / (100 + t)) < 0.02
    assert factors[0] == pytest.approx(season / season.mean(), rel=0.01)
    noise = np.random.default_rng(3).normal(100, 1, 32)
    same, ones, _ = seasonal.adjust(noise[None], 4, 4)
    assert (same[0] == noise).all() and (ones == 1).all()
