"""Variance-based sensitivity: Sobol's design, first-order and total indices, bootstrap intervals.

A design is N rows of a low-discrepancy sequence in 2 d dimensions, arranged as matrices A, B and AB1 … ABd (A with column i from B);
the output of its N (d + 2) runs gives the share of variance that each assumption causes alone, and with all its interactions.
"""

import warnings
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

ENDS = ((1 - 0.9) / 2, (1 + 0.9) / 2)  # of the bootstrap intervals: 90%


@dataclass(frozen=True)
class Indices:
    """First-order (Si) and total (STi) indices, shape (d, k) for k outputs, with bootstrap bounds of the same shape; variance (k,)."""

    first: np.ndarray
    total: np.ndarray
    first_low: np.ndarray
    first_high: np.ndarray
    total_low: np.ndarray
    total_high: np.ndarray
    variance: np.ndarray


def design(n: int, d: int, seed: int, *, second: bool = False) -> np.ndarray:
    """Return the runs of a Sobol design in the order A, B, AB1 … ABd, for second-order indices then BA1 … BAd.

    Parameters
    ----------
    n : int
        Base sample; a power of 2 keeps the sequence balanced.
    second : bool
        Whether interactions of pairs are wanted: d more matrices, B with column i from A.

    Returns
    -------
    ndarray of float, shape (n (d + 2), d)
        Coordinates in [0, 1).

    Examples
    --------
    >>> design(8, 3, 1).shape
    (40, 3)
    """
    from scipy.stats import qmc

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a base sample that is no power of 2 is allowed
        sample = qmc.Sobol(2 * d, scramble=True, rng=seed).random(n)
    a, b = sample[:, :d], sample[:, d:]
    blocks = [a, b]
    for place in range(d):
        mixed = a.copy()
        mixed[:, place] = b[:, place]
        blocks.append(mixed)
    for place in range(d if second else 0):
        mixed = b.copy()
        mixed[:, place] = a[:, place]
        blocks.append(mixed)
    return np.vstack(blocks)


def sobol_indices(y: np.ndarray, d: int, *, bootstrap: int = 500, seed: int = 0) -> Indices:
    """Estimate Sobol indices from the output of a design.

    Parameters
    ----------
    y : ndarray of float, shape (n (d + 2),) or (n (d + 2), k)
        Output of the runs in the order A, B, AB1 … ABd; k outputs are treated apart.
    bootstrap : int
        Resamples of the n base rows; 0 for none (bounds are NaN).

    Returns
    -------
    Indices
        NaN for an output that does not vary.

    Notes
    -----
    S_i = mean(y_B (y_ABi − y_A)) / V, ST_i = mean((y_A − y_ABi)²) / (2 V), V the variance (n − 1) of y_A and y_B together. A resample
    takes the same rows of every matrix. Estimates can fall outside of [0, 1] when n is small; they are not clipped.

    References
    ----------
    Saltelli et al. (2010), Variance based sensitivity analysis of model output, Computer Physics Communications 181; Jansen (1999)
    for the total index. The same as COINr's ``get_sensitivity``.

    Examples
    --------
    >>> x = design(1024, 2, 1)
    >>> sobol_indices(x[:, 0] + 0 * x[:, 1], 2, bootstrap=0).first.round(2).ravel().tolist()
    [1.0, 0.0]
    """
    flat = y[:, None] if y.ndim == 1 else y
    n, k = len(flat) // (d + 2), flat.shape[1]
    blocks = flat[: n * (d + 2)].reshape(d + 2, n, k)
    a, b, mixed = blocks[0], blocks[1], blocks[2:]
    alone = b[None] * (mixed - a[None])  # (d, n, k)
    joint = (a[None] - mixed) ** 2 / 2
    both = np.concatenate([a, b])
    variance = both.var(axis=0, ddof=1)
    scale = np.where(variance > 0, variance, np.nan)
    first, total = alone.mean(axis=1) / scale, joint.mean(axis=1) / scale
    low = high = np.full((2 * d, k), np.nan)
    if bootstrap:
        centre = both.mean(axis=0)
        sums = (a - centre) + (b - centre)
        squares = (a - centre) ** 2 + (b - centre) ** 2
        terms = np.concatenate([alone, joint, sums[None], squares[None]]).transpose(1, 0, 2).reshape(n, -1)
        means = (_resamples(n, bootstrap, seed) @ terms / n).reshape(bootstrap, 2 * d + 2, k)
        again = (means[:, -1] * n - (means[:, -2] * n) ** 2 / (2 * n)) / (2 * n - 1)
        again = np.where((again > 0) & (variance > 0), again, np.nan)[:, None]
        # An output that does not vary has no interval.
        shares = np.nan_to_num(means[:, : 2 * d] / again)
        low, high = np.quantile(shares, ENDS, axis=0)
        hollow = np.broadcast_to(~(variance > 0), (d, k))
        low, high = (np.where(np.concatenate([hollow, hollow]), np.nan, end) for end in (low, high))
    return Indices(first, total, low[:d], high[:d], low[d:], high[d:], variance)


def interactions(
    y: np.ndarray, d: int, *, bootstrap: int = 500, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimate the second-order Sobol indices: what share of the variance each pair of assumptions causes together, beyond each alone.

    Parameters
    ----------
    y : ndarray of float, shape (n (2 d + 2),)
        Output of the runs in the order A, B, AB1 … ABd, BA1 … BAd.
    d, bootstrap, seed
        As of :func:`sobol_indices`.

    Returns
    -------
    pairs, low, high : ndarray of float, shape (d, d)
        S_ij above the diagonal, NaN elsewhere, and the bootstrap bounds; NaN throughout for an output that does not vary.

    Notes
    -----
    S_ij = mean(y_BAi y_ABj − y_A y_B) / V − S_i − S_j, with S_i = mean(y_B (y_ABi − y_A)) / V, y centred first. For most designs an index
    below its sampling error is no interaction.

    References
    ----------
    Saltelli (2002), Making best use of model evaluations to compute sensitivity indices, Computer Physics Communications 145; as SALib's
    ``sobol.analyze`` with ``calc_second_order``.

    Examples
    --------
    >>> x = design(2048, 2, 1, second=True) - 0.5
    >>> float(interactions(x[:, 0] * x[:, 1], 2, bootstrap=0)[0][0, 1].round(1))
    1.0
    """
    n = len(y) // (2 * d + 2)
    blocks = (y - y.mean()).reshape(2 * d + 2, n)
    a, b, ab, ba = blocks[0], blocks[1], blocks[2 : d + 2], blocks[d + 2 :]
    pairs = [(i, j) for i in range(d) for j in range(i + 1, d)]
    alone = (b * (ab - a)).T
    joint = np.column_stack([ba[i] * ab[j] - a * b for i, j in pairs]) if pairs else np.empty((n, 0))
    variance = np.concatenate([a, b]).var(ddof=1)

    def estimate(first: np.ndarray, both: np.ndarray, scale: np.ndarray | float) -> np.ndarray:
        parts = np.stack([first[..., i] + first[..., j] for i, j in pairs], axis=-1) if pairs else both
        return (both - parts) / scale

    found, low, high = (np.full((d, d), np.nan) for _ in range(3))
    if variance > 0 and pairs:
        rows, columns = (np.array(side) for side in zip(*pairs, strict=True))
        found[rows, columns] = estimate(alone.mean(axis=0), joint.mean(axis=0), variance)
        if bootstrap:
            times = _resamples(n, bootstrap, seed) / n
            sums, squares = (times @ (a + b)) * n, (times @ (a * a + b * b)) * n
            again = ((squares - sums**2 / (2 * n)) / (2 * n - 1))[:, None]
            drawn = estimate(times @ alone, times @ joint, np.where(again > 0, again, np.nan))
            ends = np.nanquantile(drawn, ENDS, axis=0)
            low[rows, columns], high[rows, columns] = ends
    return found, low, high


@lru_cache(maxsize=1)
def _resamples(n: int, count: int, seed: int) -> np.ndarray:
    """Return how often each base row is drawn in each resample, shape (count, n)."""
    drawn = np.random.default_rng(seed).integers(0, n, (count, n))
    offsets = np.arange(count)[:, None] * n
    return np.bincount((drawn + offsets).ravel(), minlength=count * n).reshape(count, n).astype(float)
