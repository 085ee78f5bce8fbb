"""The commands ``nq57 forecast``: run, backtest; thin, heavy imports only inside them."""

from pathlib import Path
from typing import Annotated

import typer

from nq57lab.facts.commands import Output, say, told, warn, write_table

SHOWN = 20  # failures told on the screen
forecast_app = typer.Typer(help="Dự báo chuỗi năm và quý ngắn, thử mô hình.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="CSV: series_id, period, value; có thể có kind, lower, upper.")]
Horizon = Annotated[int, typer.Option("--horizon", help="Số kỳ dự báo.")]


def _levels(one: list[float] | None, many: str | None) -> list[float]:
    """Return the levels of --level and --levels, in their order, each once."""
    from nq57lab.base.problems import CallError, Problem

    given = list(one or [])
    for text in (many or "").split(","):
        try:
            given += [float(text)] if text.strip() else []
        except ValueError:
            raise CallError([Problem("level", "--levels", found=text.strip())]) from None
    return list(dict.fromkeys(given)) or [80.0, 95.0]


def _read(path: Path):
    from nq57lab.base import tables

    return tables.read_text(path, path.name)


@forecast_app.command("run")
def run(
    file: File,
    horizon: Horizon = 5,
    level: Annotated[list[float] | None, typer.Option("--level", help="Mức tin cậy của khoảng dự báo, %.")] = None,
    levels: Annotated[str | None, typer.Option("--levels", help="Nhiều mức, cách nhau bằng dấu phẩy: 80,95.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Số tiến trình.")] = 1,
    output: Output = None,
) -> None:
    """Dự báo từng chuỗi, kèm khoảng đã kiểm chứng. Thí dụ: nq57 forecast run chuoi.csv --horizon 5 --levels 80,95 -o du-bao.csv"""
    from rich.console import Console
    from rich.progress import Progress

    from nq57lab.forecast import run as forecasts
    from nq57lab.forecast import series

    wanted = _levels(level, levels)
    forecasts.check_call(horizon, wanted)
    frame = _read(file)
    series.check_columns(frame, file.name)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(told("forecast"), total=None)
        table = forecasts.forecast(
            frame, horizon, wanted, jobs, lambda done, total: progress.update(bar, completed=done, total=total)
        )
    write_table(table if output else table.round(4).astype(object).fillna(""), output, told("forecast"))
    refused = table[table["period"].isna() | (table["period"].astype(str) == "")]
    for row in refused.head(SHOWN).itertuples():
        warn("series_refused", file=file.name, series=row.series_id, reason=row.note)
    if len(refused):
        warn("series_refused_count", refused=len(refused), count=table["series_id"].nunique())
    if len(refused) == len(table):
        raise typer.Exit(1)


@forecast_app.command("backtest")
def backtest(
    file: File,
    output: Annotated[Path, typer.Option("-o", "--output", help="Thư mục kết quả; chạy lại sẽ làm tiếp phần dở.")],
    models: Annotated[
        Path | None,
        typer.Option("--models", help="Tệp YAML nêu mô hình của bạn; mẫu: data/examples/mo-hinh/mo-hinh.yml."),
    ] = None,
    horizon: Horizon = 4,
    origins: Annotated[int, typer.Option("--origins", min=1, help="Số gốc dự báo lăn của mỗi chuỗi.")] = 3,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Số tiến trình.")] = 1,
) -> None:
    """Thử các mô hình trên cùng các lần cắt. Thí dụ: nq57 forecast backtest chuoi.csv --models data/examples/mo-hinh/mo-hinh.yml -o thu/"""
    from rich.console import Console
    from rich.progress import Progress

    from nq57lab.forecast import run as forecasts
    from nq57lab.forecast import series
    from nq57lab.forecast.bench import run as bench
    from nq57lab.forecast.bench import user_models as user

    forecasts.check_call(horizon, [])
    specs = user.read(models) if models else user.built_in()
    frame = _read(file)
    series.check_columns(frame, file.name)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(told("testing_models"), total=None)
        result = bench.run(
            frame,
            specs,
            horizon,
            origins,
            output,
            jobs,
            lambda done, total: progress.update(bar, completed=done, total=total),
        )
    for name, why in result.refused.items():
        say("refused", err=True, name=name, reason=why)
    once = result.failures.drop_duplicates(["model", "series_id"])
    for row in once.head(SHOWN).itertuples():
        warn("model_failed", model=row.model, series=row.series_id, origin=row.origin, reason=row.reason)
    if len(once) > SHOWN:
        warn("models_failed_more", count=len(once) - SHOWN)
    shown = result.league.round(3).astype(object).fillna("")
    columns = ["rank", "model", "series", "sMAPE", "MASE", "coverage_80", "coverage_95", "MSIS_95", "failures"]
    write_table(shown, None, told("league"), columns)
    say("backtest_wrote", path=output)


@forecast_app.command("collection")
def collection(
    name: Annotated[str, typer.Argument(help="m1-yearly, m1-quarterly, m3-yearly, m3-quarterly, tourism-yearly…")],
    output: Output = None,
) -> None:
    """Ghi các chuỗi của một cuộc thi dự báo đã công bố để thử mô hình. Thí dụ: nq57 forecast collection m3-yearly -o m3.csv"""
    from nq57lab.forecast.bench import collections

    table = collections.frame(name)
    write_table(table, output, told("collection", name=name, horizon=collections.horizon(name)))
