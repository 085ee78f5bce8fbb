"""Regression on drivers: how a target's coming change has gone with the drivers' last known changes.

A wide table of one target and its drivers in, predictive quantiles out. No future value of a driver is needed: every horizon has its own
regression on what was known at the origin.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

PENALTIES = np.logspace(-2, 3, 11)
FEWEST = 10  # pairs of changes that a regression needs


@dataclass(frozen=True)
class DriverForecast:
    """Quantiles (horizon, levels), the weight of every driver's change (horizon, drivers × lags), pairs used, and why there is none."""

    quantiles: np.ndarray
    weights: pd.DataFrame
    pairs: int
    reason: str = ""


def forecast(table: pd.DataFrame, target: str, horizon: int, levels: np.ndarray, lags: int = 2) -> DriverForecast:
    """Forecast a target from the last changes of itself and of its drivers.

    Parameters
    ----------
    table : DataFrame
        Periods (ascending index) by columns: the target and its drivers; NaN where missing. All of one vintage or older than the
        origin.
    target : str
        The column to forecast.
    horizon : int
    levels : ndarray (levels,)
        Probabilities.
    lags : int
        Changes of every column that are used.

    Returns
    -------
    DriverForecast
        With NaN quantiles and a reason where fewer than ten complete pairs are left.

    Notes
    -----
    For each h a ridge regression of y_{t+h} − y_t on standardised Δx_{t}, …, Δx_{t−lags+1}; its penalty by leave-one-out error.
    Quantiles are those of the leave-one-out residuals' t distribution around the prediction.

    References
    ----------
    Hoerl and Kennard (1970), Ridge regression, Technometrics 12; direct forecasts: Marcellino, Stock, Watson (2006), Journal of
    Econometrics 135.
    """
    from scipy.stats import t as student
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    changes = table.diff()
    known = pd.concat({(name, lag): changes[name].shift(lag) for name in table for lag in range(lags)}, axis=1)
    last = known.iloc[-1]
    quantiles = np.full((horizon, len(levels)), np.nan)
    weights, pairs = [], 0
    for h in range(1, horizon + 1):
        ahead = table[target].shift(-h) - table[target]
        usable = known.notna().all(axis=1) & ahead.notna()
        if usable.sum() < FEWEST or last.isna().any():
            told = f"chỉ có {int(usable.sum())} cặp thay đổi đầy đủ, cần {FEWEST}"
            return DriverForecast(np.full_like(quantiles, np.nan), pd.DataFrame(), int(usable.sum()), told)
        x, y = known[usable].to_numpy(), ahead[usable].to_numpy()
        model = make_pipeline(StandardScaler(), RidgeCV(PENALTIES, store_cv_results=True)).fit(x, y)
        ridge = model[-1]
        place = int(np.argmin(ridge.cv_results_.mean(axis=0)))
        deviation = np.sqrt(ridge.cv_results_[:, place].mean())
        spread = student.ppf(levels, max(len(y) - 2, 1)) * deviation
        quantiles[h - 1] = table[target].iloc[-1] + model.predict(last.to_numpy()[None])[0] + spread
        weights.append(pd.Series(ridge.coef_, index=[f"{name} (trễ {lag})" for name, lag in known.columns]))
        pairs = int(usable.sum())
    return DriverForecast(quantiles, pd.DataFrame(weights, index=range(1, horizon + 1)), pairs)
