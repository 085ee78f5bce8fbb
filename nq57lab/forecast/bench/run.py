"""The bench on which models are compared: a table of series and models in, one folder of results out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from nq57lab.base import whole
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.forecast import series
from nq57lab.forecast.bench import backtest, league
from nq57lab.forecast.bench.user_models import Spec


@dataclass(frozen=True)
class Result:
    """What a backtest found: its tables, and why series were left out."""

    forecasts: pd.DataFrame
    scores: pd.DataFrame
    league: pd.DataFrame
    pit: pd.DataFrame
    reliability: pd.DataFrame
    failures: pd.DataFrame
    refused: dict[str, str]


def run(
    frame: pd.DataFrame,
    specs: list[Spec],
    horizon: int,
    origins: int,
    folder: Path,
    jobs: int = 1,
    report: Callable[[int, int], None] | None = None,
) -> Result:
    """Backtest models on a table of series and write the results.

    Parameters
    ----------
    frame : DataFrame
        series_id, period, value; optional kind, lower, upper.
    specs : list of Spec
        The models.
    horizon, origins : int
        Periods ahead; rolling origins a series.
    folder : Path
        Gets forecasts.parquet, scores.csv, league.csv, pit.csv, reliability.csv, failures.csv, refused.csv and parts/.
    jobs : int
        Processes.
    report : callable, optional
        Told (parts done, parts in all).

    Raises
    ------
    ProblemError
        When no series is long enough.
    """
    found, unfit = series.prepare(frame)
    made, short = backtest.splits(found, horizon, origins)
    refused = {name: str(why) for name, why in unfit.items()} | short
    if not made:
        need = {"need": series.SHORTEST["yearly"] + horizon, "quarterly": series.SHORTEST["quarterly"] + horizon}
        raise ProblemError([Problem("no_series", found="; ".join(refused.values())[:200], details=need)])
    forecasts, failures = backtest.run(made, specs, horizon, folder, jobs, report)
    each = league.by_forecast(forecasts, made)
    table = league.by_series(each)
    pit, reliability = league.calibration(forecasts, each)
    result = Result(forecasts, table, league.league(table, failures), pit, reliability, failures, refused)
    with whole.file(folder / "forecasts.parquet") as aside:
        forecasts.to_parquet(aside, index=False)
    for name in ("scores", "league", "pit", "reliability", "failures"):
        whole.write(folder / f"{name}.csv", getattr(result, name).to_csv(index=False, lineterminator="\n"))
    told = [{"series_id": name, "reason": why} for name, why in refused.items()]
    listed = pd.DataFrame(told, columns=["series_id", "reason"])
    whole.write(folder / "refused.csv", listed.to_csv(index=False, lineterminator="\n"))
    return result
