"""A lagged panel regression with country and year effects, its stability over countries, and its power.

Aligned observations of one link in, an estimate with its uncertainty out, by statsmodels. Only the simulation of the power has its own
least squares, thousands of panels of one pattern at a time: the effects are projected out once for all of them.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

MIN_COUNTRIES = 6
MIN_ROWS = 60
RUN_IN = 60  # years simulated before the first observed one


@dataclass(frozen=True)
class Sample:
    """Observations of one link: y at t, y at t − 1 and x at t − lag, with country and year codes (arrays of one length)."""

    y: np.ndarray
    before: np.ndarray
    x: np.ndarray
    country: np.ndarray
    year: np.ndarray
    names: tuple[str, ...]
    lag: int

    @property
    def size(self) -> int:
        """The number of observations."""
        return len(self.y)


@dataclass(frozen=True)
class Fit:
    """An estimate in within-standard deviations of y per one of x, its cluster-robust standard error and p-value (t, G − 1)."""

    estimate: float
    error: float
    p_value: float
    persistence: float
    raw: float


def align(x: pd.DataFrame, y: pd.DataFrame, lag: int) -> Sample:
    """Pair two panels (years by countries) into the observations of a link with a lag in years; incomplete ones are dropped.

    Notes
    -----
    A country with fewer than three observations, and a year with a single country, say nothing beside the effects and are dropped.
    """
    years = range(int(min(x.index.min(), y.index.min())), int(max(x.index.max(), y.index.max())) + 1)
    names = sorted(set(x.columns) & set(y.columns))
    left, right = x.reindex(index=years, columns=names), y.reindex(index=years, columns=names)
    frame = pd.DataFrame({"y": right.stack(), "before": right.shift(1).stack(), "x": left.shift(lag).stack()}).dropna()
    frame.index.names = ["year", "country"]
    frame = frame.reset_index()
    while len(frame):
        thin = frame.groupby("country")["y"].transform("size") < 3
        alone = frame.groupby("year")["y"].transform("size") < 2
        if not (thin | alone).any():
            break
        frame = frame[~(thin | alone)]
    kept = tuple(sorted(frame["country"].unique()))
    place = {name: at for at, name in enumerate(kept)}
    return Sample(
        frame["y"].to_numpy(dtype=float),
        frame["before"].to_numpy(dtype=float),
        frame["x"].to_numpy(dtype=float),
        frame["country"].map(place).to_numpy(dtype=np.intp),
        frame["year"].to_numpy(dtype=np.intp),
        kept,
        lag,
    )


def effects_basis(country: np.ndarray, year: np.ndarray) -> np.ndarray:
    """Return an orthonormal basis of the country and year effects, shape (N, effects)."""
    dummies = np.hstack([country[:, None] == np.unique(country), year[:, None] == np.unique(year)[1:]]).astype(float)
    basis, singular, _ = np.linalg.svd(dummies, full_matrices=False)
    return basis[:, singular > 1e-9 * singular.max(initial=0.0)]


def within(values: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Return values, shape (N, k), with the effects of a basis taken out."""
    return values - basis @ (basis.T @ values)


def _solve(
    y: np.ndarray, before: np.ndarray, x: np.ndarray, country: np.ndarray, absorbed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return β, its cluster-robust error and ρ for columns of within-transformed y, before and x, each of shape (N, k).

    The same as :func:`fit` column by column, for the panels that :func:`power` simulates.
    """
    xx, bb, xb = (x * x).sum(0), (before * before).sum(0), (x * before).sum(0)
    xy, by = (x * y).sum(0), (before * y).sum(0)
    determinant = xx * bb - xb**2
    beta, rho = (bb * xy - xb * by) / determinant, (xx * by - xb * xy) / determinant
    residual = y - beta * x - rho * before
    clusters = (country[None, :] == np.unique(country)[:, None]).astype(float)
    score_x, score_b = clusters @ (x * residual), clusters @ (before * residual)
    # First row of (ZᵀZ)⁻¹ times each cluster's score.
    part = (bb * score_x - xb * score_b) / determinant
    groups, rows = len(clusters), len(y)
    correction = groups / (groups - 1) * (rows - 1) / (rows - absorbed - 2)
    return beta, np.sqrt(correction * (part**2).sum(0)), rho


def fit(sample: Sample) -> Fit:
    """Estimate yᵢₜ = ρ yᵢ,ₜ₋₁ + β xᵢ,ₜ₋ₗ + αᵢ + λₜ + e by least squares, with errors clustered by country.

    Returns
    -------
    Fit
        ``estimate``: β times within-SD of x over within-SD of y (after country and year effects); ``raw``: β in the units of y per
        unit of x.

    Notes
    -----
    Cluster-robust variance with statsmodels' small-sample factor G/(G−1) · (N−1)/(N−K), K counting the effects, and t(G − 1): few
    clusters make it optimistic all the same. ρ is biased down by about 1/T (Nickell, 1981), β with it where x persists.

    References
    ----------
    Cameron, A. C., Miller, D. L. (2015). A practitioner's guide to cluster-robust inference. Journal of Human Resources 50(2),
    317–372. Nickell, S. (1981). Biases in dynamic models with fixed effects. Econometrica 49(6), 1417–1426.
    """
    from statsmodels.regression.linear_model import OLS

    basis = effects_basis(sample.country, sample.year)
    x, y = within(np.column_stack([sample.x, sample.y]), basis).T
    scale = float(x.std() / y.std()) if y.std() > 0 else np.nan
    found = OLS(sample.y, np.column_stack([sample.x, sample.before, basis])).fit(
        cov_type="cluster", cov_kwds={"groups": sample.country}, use_t=True
    )
    beta, rho = (float(value) for value in found.params[:2])
    return Fit(beta * scale, float(found.bse[0]) * scale, float(found.pvalues[0]), rho, beta)


def without(sample: Sample, place: int) -> Sample:
    """Return the sample without one country."""
    kept = sample.country != place
    names = tuple(name for at, name in enumerate(sample.names) if at != place)
    return Sample(
        sample.y[kept], sample.before[kept], sample.x[kept], sample.country[kept], sample.year[kept], names, sample.lag
    )


def leave_one_out(sample: Sample) -> pd.Series:
    """Return the estimate without each country in turn, by country."""
    return pd.Series({name: fit(without(sample, at)).estimate for at, name in enumerate(sample.names)})


def power(
    sample: Sample, effects: tuple[float, ...], level: float = 0.05, simulations: int = 200, seed: int = 57
) -> dict[float, float]:
    """Return how often a true effect would be found on panels of this sample's shape.

    Parameters
    ----------
    effects : tuple of float
        True effects, in within-standard deviations of y per one of x, as ``Fit.estimate``.
    level : float
        The two-sided level of the test.

    Returns
    -------
    dict of effect to float
        Share of simulated panels in which p < level, the sign is right, and it stays so without any one country; for effect 0
        both signs count (the false alarms). NaN where y persists so much that no β gives the effect.

    Notes
    -----
    x and the noise of y are first-order autoregressions with the sample's within persistence (held in [0, 0.95]), after 60 years of
    running in, observed where the sample is. y = noise + β z, z being x lagged and carried on by y's persistence; β solves
    effect² = β² Var x ÷ (Var noise + β² Var z) with within variances over the simulated panels. All effects share their noise.
    """
    rng = np.random.default_rng(seed)
    basis = effects_basis(sample.country, sample.year)
    rho_y, rho_x = float(np.clip(fit(sample).persistence, 0, 0.95)), _persistence(sample)
    years = int(sample.year.max() - sample.year.min()) + 1 + sample.lag
    shape = (RUN_IN + years, len(sample.names), simulations)
    noise_x, noise_y = rng.standard_normal(shape), rng.standard_normal(shape)
    x, y, z = (np.zeros(shape) for _ in range(3))
    for step in range(1, shape[0]):
        x[step] = rho_x * x[step - 1] + noise_x[step]
        y[step] = rho_y * y[step - 1] + noise_y[step]
        z[step] = rho_y * z[step - 1] + (x[step - sample.lag] if step >= sample.lag else 0.0)
    rows = RUN_IN + sample.year - sample.year.min() + sample.lag
    cause = x[rows - sample.lag, sample.country]
    here, before = ([values[at, sample.country] for values in (y, z)] for at in (rows, rows - 1))
    spread_x, spread_y, spread_z = (float(within(values, basis).var()) for values in (cause, *here))
    parts = [(slice(None), basis)]
    for place in range(len(sample.names)):
        kept = sample.country != place
        parts.append((kept, effects_basis(sample.country[kept], sample.year[kept])))
    inner = [[within(values[kept], part) for values in (*here, *before, cause)] for kept, part in parts]
    found = {}
    for effect in effects:
        left = spread_x - effect**2 * spread_z
        if left <= 0:
            found[effect] = float("nan")
            continue
        true = effect * np.sqrt(spread_y / left)
        fits = [
            _solve(now + true * now_z, past + true * past_z, moved, sample.country[kept], part.shape[1])
            for (kept, part), (now, now_z, past, past_z, moved) in zip(parts, inner, strict=True)
        ]
        beta, error, _ = fits[0]
        hit = 2 * stats.t.sf(np.abs(beta / error), len(sample.names) - 1) < level
        hit &= (np.sign(beta) == np.sign(effect)) | (effect == 0)
        for alone, _, _ in fits[1:]:
            hit &= np.sign(alone) == np.sign(beta)
        found[effect] = float(hit.mean())
    return found


def _persistence(sample: Sample) -> float:
    """Return the within first-order autocorrelation of x, held in [0, 0.95]."""
    frame = pd.DataFrame({"x": sample.x, "country": sample.country, "year": sample.year})
    later = frame.assign(year=frame["year"] + 1).rename(columns={"x": "before"})
    pairs = frame.merge(later, on=["country", "year"])
    if len(pairs) < 20:
        return 0.5
    centred = pairs[["x", "before"]] - pairs.groupby("country")[["x", "before"]].transform("mean")
    return float(np.clip((centred["x"] * centred["before"]).sum() / (centred["before"] ** 2).sum(), 0, 0.95))
