"""Backtests from rolling origins: the same splits for every model, in parallel over processes, resumable.

A table of series and specifications of models in, forecasts with what came and a list of failures out. What was computed stands in
``parts`` of the output folder under a hash of its inputs; a second run takes it from there.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from nq57lab.base.messages import reason
from nq57lab.forecast import run as product
from nq57lab.forecast import seasonal
from nq57lab.forecast.bench import user_models as user
from nq57lab.forecast.bench.user_models import Spec
from nq57lab.forecast.models.trend import align
from nq57lab.forecast.registry import DEFAULT, Model, for_frequency
from nq57lab.forecast.series import SEASON, SHORTEST, Series

PROBABILITIES = np.array([0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975])
QUANTILES = [f"q_{p:g}" for p in PROBABILITIES]
CHUNK = 250


@dataclass(frozen=True)
class Split:
    """One forecast to be made: a series as it was at the origin, and what came after (NaN where it was not observed)."""

    entry: Series
    future: np.ndarray
    periods: tuple[str, ...]

    @property
    def name(self) -> str:
        """The series' name."""
        return self.entry.name

    @property
    def frequency(self) -> str:
        """The series' frequency."""
        return self.entry.frequency

    @property
    def origin(self) -> str:
        """The last period of the history."""
        return self.entry.period(0)

    @property
    def history(self) -> np.ndarray:
        """The values up to the origin."""
        return self.entry.values


def splits(found: Sequence[Series], horizon: int, origins: int = 3) -> tuple[list[Split], dict[str, str]]:
    """Cut every series at its last origins that leave a whole horizon and enough history.

    Returns
    -------
    list of Split
        The oldest origin of a series first.
    dict of str to str
        Why a series gives no split.

    Notes
    -----
    A period that was not observed is no origin, since its interpolated value knows the next one, and is NaN in what came.
    """
    result, short = [], {}
    for series in found:
        came = np.where(series.known, series.values, np.nan)
        counts = np.cumsum(series.known)
        cuts = np.arange(1, len(came) - horizon + 1)
        cuts = cuts[series.known[cuts - 1] & (counts[cuts - 1] >= SHORTEST[series.frequency])][-origins:]
        if not len(cuts):
            need = SHORTEST[series.frequency] + horizon
            short[series.name] = f"không thử được: cần ít nhất {need} điểm, có {series.points}"
        for cut in cuts.tolist():
            history, future = series.values[:cut], came[cut : cut + horizon]
            if np.ptp(history) == 0 or np.isnan(future).all():
                continue
            ahead = cut - len(series.values)
            names = tuple(series.period(ahead + step + 1) for step in range(horizon))
            entry = replace(
                series,
                values=history,
                known=series.known[:cut],
                points=int(counts[cut - 1]),
                last=series.last + ahead * series.step,
            )
            result.append(Split(entry, future, names))
    return result, short


def run(
    made: Sequence[Split],
    specs: Sequence[Spec],
    horizon: int,
    folder: Path,
    jobs: int = 1,
    report: Callable[[int, int], None] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Forecast every split with every model.

    Parameters
    ----------
    made : sequence of Split
    specs : sequence of Spec
    horizon : int
    folder : Path
        Parts are kept in ``folder/parts``.
    jobs : int
        Processes.
    report : callable, optional
        Told (parts done, parts in all).

    Returns
    -------
    forecasts : DataFrame
        model, series_id, frequency, origin, horizon, period, observed, q_0.025 … q_0.975, in the order of models and splits.
    failures : DataFrame
        model, series_id, origin, reason.
    """
    parts = folder / "parts"
    parts.mkdir(parents=True, exist_ok=True)
    tasks = []
    for spec in specs:
        for frequency in SEASON:
            rows = [split for split in made if split.frequency == frequency]
            for start in range(0, len(rows), CHUNK):
                chunk = rows[start : start + CHUNK]
                tasks.append((spec, chunk, parts / f"{spec.name}_{_digest(spec, chunk, horizon)}.parquet"))
    waiting = [task for task in tasks if not task[2].exists()]
    done = len(tasks) - len(waiting)
    if report:
        report(done, len(tasks))
    for _ in _parallel(waiting, horizon, jobs):
        done += 1
        if report:
            report(done, len(tasks))
    read = [pd.read_parquet(path) for _, _, path in tasks]
    whole = pd.concat(read, ignore_index=True) if read else pd.DataFrame(columns=["reason"])
    failed = whole["reason"] != ""
    failures = whole[failed][["model", "series_id", "origin", "reason"]].drop_duplicates(ignore_index=True)
    return whole[~failed].drop(columns="reason").reset_index(drop=True), failures


def _parallel(tasks: list, horizon: int, jobs: int):
    """Run tasks here, or over processes as they finish."""
    if jobs == 1 or len(tasks) < 2:
        yield from (_task(spec, chunk, path, horizon) for spec, chunk, path in tasks)
        return
    from joblib import Parallel, delayed

    calls = (delayed(_task)(*task, horizon) for task in tasks)
    yield from Parallel(n_jobs=jobs, return_as="generator_unordered")(calls)


def _digest(spec: Spec, chunk: Sequence[Split], horizon: int) -> str:
    """Return the key of a part: the model with its code and packages, the series with their kinds and bounds, what came."""
    told = hashlib.sha256(user.digest(spec).encode())
    told.update(repr((horizon, PROBABILITIES.tolist())).encode())
    for split in chunk:
        entry = split.entry
        told.update(repr((split.name, split.origin, entry.kind, entry.lower, entry.upper)).encode())
        told.update(split.history.tobytes() + split.future.tobytes())
    return told.hexdigest()[:16]


def _task(spec: Spec, chunk: Sequence[Split], path: Path, horizon: int) -> Path:
    """Forecast one chunk and write its part, whole or not at all."""
    found, reasons = _forecast_or_say(spec, chunk, horizon)
    count = len(chunk)
    steps = np.tile(np.arange(1, horizon + 1), count)
    table = pd.DataFrame(
        {
            "model": spec.name,
            "series_id": np.repeat([split.name for split in chunk], horizon),
            "frequency": chunk[0].frequency,
            "origin": np.repeat([split.origin for split in chunk], horizon),
            "horizon": steps,
            "period": np.concatenate([split.periods for split in chunk]),
            "observed": np.concatenate([split.future for split in chunk]),
            "reason": np.repeat(reasons, horizon),
        }
    )
    table[QUANTILES] = found.reshape(count * horizon, len(PROBABILITIES))
    aside = path.with_suffix(".tmp")
    table.to_parquet(aside, index=False)
    aside.replace(path)
    return path


def _forecast_or_say(spec: Spec, chunk: Sequence[Split], horizon: int) -> tuple[np.ndarray, list[str]]:
    """Forecast a chunk; a model that cannot even be loaded fails on every series with its reason."""
    if spec.name == DEFAULT and not spec.file:
        return as_run(chunk, horizon), [""] * len(chunk)
    try:
        model = user.load(spec)
    except Exception as error:
        nothing = np.full((len(chunk), horizon, len(PROBABILITIES)), np.nan)
        return nothing, [f"{type(error).__name__}: {error}"] * len(chunk)
    return forecast(model, [split.history for split in chunk], horizon, chunk[0].frequency)


def as_run(chunk: Sequence[Split], horizon: int) -> np.ndarray:
    """Forecast splits as ``forecast run`` does: kinds, bounds, whole numbers and all: (series, horizon, probabilities)."""
    predictions = product.predict([split.entry for split in chunk], horizon)
    return np.stack([prediction.ends(PROBABILITIES) for prediction in predictions])


def forecast(
    model: Model, histories: Sequence[np.ndarray], horizon: int, frequency: str
) -> tuple[np.ndarray, list[str]]:
    """Forecast histories of one frequency with a model, and say which it failed on and how.

    Returns
    -------
    quantiles : ndarray (series, horizon, probabilities)
        NaN where the model failed.
    reasons : list of str
        Empty where it did not.
    """
    model = for_frequency(model, frequency)
    y = align(list(histories))
    factors, terms = np.ones((len(y), horizon)), np.zeros((len(y), horizon))
    if model.adjusted and SEASON[frequency] > 1:
        y, factors, terms = seasonal.adjust(y, horizon, SEASON[frequency])
    if model.batch:
        try:
            found, reasons = (
                _checked(model.fit_predict(y.copy(), horizon, PROBABILITIES.copy()), y, horizon),
                [""] * len(y),
            )
        except Exception:
            found, reasons = _one_by_one(model, y, horizon)  # to find the series that it fails on
    else:
        found, reasons = _one_by_one(model, y, horizon)
    unfit = np.isnan(found).any(axis=(1, 2))
    reasons = [said or (str(reason("model_blank")) if bad else "") for said, bad in zip(reasons, unfit, strict=True)]
    return np.sort(found * factors[..., None] + terms[..., None], axis=-1), reasons


def _one_by_one(model: Model, y: np.ndarray, horizon: int) -> tuple[np.ndarray, list[str]]:
    found, reasons = np.full((len(y), horizon, len(PROBABILITIES)), np.nan), []
    for row, values in enumerate(y):
        alone = values[~np.isnan(values)]
        try:
            given = model.fit_predict(alone[None] if model.batch else alone, horizon, PROBABILITIES.copy())
            given = given if model.batch else np.asarray(given, dtype=float)[None]
            found[row] = _checked(given, alone[None], horizon)[0]
            reasons.append("")
        except Exception as error:
            reasons.append(f"{type(error).__name__}: {error}")
    return found, reasons


def _checked(given: object, y: np.ndarray, horizon: int) -> np.ndarray:
    table = np.asarray(given, dtype=float)
    shape = (len(y), horizon, len(PROBABILITIES))
    if table.shape != shape:
        told, want = (str(s[1:] if len(y) == 1 else s) for s in (table.shape, shape))
        raise ValueError(str(reason("model_shape", found=told, need=want)))
    return table
