"""Seasonal adjustment of quarterly and monthly series: classical decomposition where the seasonal autocorrelation is significant, as in M3.

A batch in; the adjusted batch and the seasonal factors of every period of the forecast out.
"""

import numpy as np

from nq57lab.forecast.models.trend import lengths

CRITICAL = 1.645  # the 90% test of the autocorrelation at the seasonal lag


def adjust(y: np.ndarray, horizon: int, season: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Remove the season from every series that has one.

    Parameters
    ----------
    y : ndarray (series, periods)
        A batch.
    horizon : int
        Periods ahead.
    season : int
        Periods a year.

    Returns
    -------
    adjusted : ndarray (series, periods)
    factors, terms : ndarray (series, horizon)
        A forecast of the adjusted series times ``factors`` plus ``terms`` is a forecast of the series.

    Notes
    -----
    A series has a season when |r_m| > 1.645 √((1 + 2 Σ_{i<m} r_i²) / n), as in Makridakis and Hibon (2000), and at least three
    years of data. Positive series are divided by the mean ratio to the centred moving average of each quarter or month, scaled to mean 1;
    others lose the mean difference, scaled to mean 0.
    """
    n = lengths(y)
    adjusted, factors, terms = y.copy(), np.ones((len(y), horizon)), np.zeros((len(y), horizon))
    seasonal = _has_season(y, season) & (n >= 3 * season)
    for row in np.flatnonzero(seasonal):
        values = y[row, -n[row] :]
        ratio = values.min() > 0
        smooth = _moving_average(values, season)
        inner = slice(season // 2, len(values) - season // 2)
        parts = values[inner] / smooth if ratio else values[inner] - smooth
        quarter = np.arange(len(values))[inner] % season
        index = np.array([parts[quarter == q].mean() for q in range(season)])
        index = index / index.mean() if ratio else index - index.mean()
        within, ahead = np.arange(len(values)) % season, np.arange(len(values), len(values) + horizon) % season
        if ratio:
            adjusted[row, -n[row] :], factors[row] = values / index[within], index[ahead]
        else:
            adjusted[row, -n[row] :], terms[row] = values - index[within], index[ahead]
    return adjusted, factors, terms


def _moving_average(values: np.ndarray, season: int) -> np.ndarray:
    """Return the centred moving average over a year."""
    kernel = np.r_[0.5, np.ones(season - 1), 0.5] / season if season % 2 == 0 else np.ones(season) / season
    return np.convolve(values, kernel, mode="valid")


def _has_season(y: np.ndarray, season: int) -> np.ndarray:
    n = lengths(y)
    centred = y - np.nanmean(y, axis=1, keepdims=True)
    whole = np.nansum(centred**2, axis=1)
    lagged = [np.nansum(centred[:, lag:] * centred[:, :-lag], axis=1) for lag in range(1, season + 1)]
    r = np.stack(lagged) / np.where(whole > 0, whole, 1)
    return np.abs(r[-1]) > CRITICAL * np.sqrt((1 + 2 * np.sum(r[:-1] ** 2, axis=0)) / n)
