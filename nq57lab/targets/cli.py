"""The commands ``nq57 targets`` and ``nq57 alerts``; thin, heavy imports only inside them."""

from pathlib import Path
from typing import Annotated

import typer

from nq57lab.facts.commands import STATE, Known, Output, one_of, project_root, read_day, shown_day, told, write_table

targets_app = typer.Typer(invoke_without_command=True)
TARGETS_SHOWN = [
    "indicator",
    "value",
    "unit",
    "period",
    "target",
    "verdict",
    "methods_agree",
    "required",
    "arrival_year",
]
ALERTS_SHOWN = ["rule", "subject", "value", "unit", "threshold", "state", "since", "tell"]
MILESTONES = ("2025", "2030", "2045")


@targets_app.callback()
def targets(
    context: typer.Context,
    known: Known = None,
    milestone: Annotated[str, typer.Option("--milestone", help="Mốc: 2025, 2030 hoặc 2045.")] = "2030",
    method: Annotated[
        str, typer.Option("--method", help="Phương pháp lấy kết luận: eurostat, un, escap, sdsn, p.")
    ] = "eurostat",
    output: Output = None,
    probability: Annotated[bool, typer.Option(help="Tính cả xác suất đạt mục tiêu (chậm hơn).")] = True,
    series: Annotated[
        Path | None, typer.Option("--series", help="Ghi thêm chuỗi lịch sử của từng mục tiêu: id, period, value.")
    ] = None,
) -> None:
    """Tiến độ tới các mục tiêu của danh mục tại một ngày. Thí dụ: nq57 targets --known 2026-06-30 -o muc-tieu.xlsx"""
    if context.invoked_subcommand is not None:
        return
    from datetime import date

    from nq57lab.facts import catalogue, observations
    from nq57lab.targets import evaluate as methods
    from nq57lab.targets import screen
    from nq57lab.targets import tracking as of_targets

    one_of("--milestone", [milestone], MILESTONES)
    one_of("--method", [method], tuple(methods.METHODS))
    day = read_day(known) or date.today()
    found = catalogue.load(project_root() / "data")
    entries = observations.load(found)
    followed = of_targets.track(
        found, observations.as_of(entries, day), milestone, day, entries=entries, method=method, probability=probability
    )
    stages = found.stages.set_index("id")
    stage = of_targets.stage_on(found, day)
    named = f"{stages.at[stage, 'start']} - {stages.at[stage, 'end']}, {stages.at[stage, 'name_vi']}" if stage else ""
    words = {"milestone": milestone, "day": shown_day(day), "stage": named or told("no_stage")}
    if series:
        write_table(followed.history, series, told("target_history", milestone=milestone))
    title = told("target_progress", **words)
    progress = followed.progress
    if output is None:
        title += told("targets_untold", count=len(progress) - (progress["row"] != "").sum())
    if output or STATE["lang"] == "vi":
        write_table(progress if output else screen.targets(found, progress), output, title)
    else:
        write_table(screen.plain(progress[progress["row"] != ""], TARGETS_SHOWN), None, title)


@targets_app.command("evaluate")
def evaluate(
    file: Annotated[
        Path,
        typer.Argument(
            help="Tệp CSV các trường hợp (id, base_year, base_value, current_year, current_value, target_year, target, direction; tùy chọn: các cột có tiền tố x_)."
        ),
    ],
    output: Output = None,
    history: Annotated[Path | None, typer.Option("--history", help="Tệp CSV chuỗi lịch sử: id, period, value.")] = None,
    method: Annotated[
        str, typer.Option("--method", help="Phương pháp lấy kết luận: eurostat, un, escap, sdsn, p.")
    ] = "eurostat",
) -> None:
    """Đánh giá từng trường hợp theo năm phương pháp. Thí dụ: nq57 targets evaluate muc-tieu.csv --history chuoi.csv -o kq.csv"""
    from nq57lab.targets import cases as of_cases
    from nq57lab.targets import evaluate as methods

    one_of("--method", [method], tuple(methods.METHODS))
    cases = of_cases.read_cases(file)
    rows = None if history is None else of_cases.read_history(history, cases)
    table = methods.evaluate(cases, rows, methods.probability(cases, rows), method)
    write_table(
        table,
        output,
        told("target_cases"),
        ["id", *(f"{name}_status" for name in methods.METHODS), "methods_agree", "methods_total"],
    )


def _write_alerts(table, output: Path | None, title: str) -> None:
    from nq57lab.targets import screen

    if output or STATE["lang"] == "vi":
        write_table(table if output else screen.alerts(table), output, title)
    else:
        write_table(screen.plain(table, ALERTS_SHOWN), None, title)


def alerts(
    known: Known = None,
    since: Annotated[str | None, typer.Option("--since", help="So với ngày này: mới, còn, đã hết.")] = None,
    output: Output = None,
    probability: Annotated[bool, typer.Option(help="Tính cả xác suất đạt mục tiêu (chậm hơn).")] = True,
    editions: Annotated[
        tuple[str, str] | None, typer.Option("--editions", help="Hai kỳ báo cáo đã lập, kỳ trước rồi kỳ sau.")
    ] = None,
) -> None:
    """Cảnh báo sớm tại một ngày, hoặc khác nhau giữa hai kỳ báo cáo. Thí dụ: nq57 alerts --known 2026-07-31 --since 2026-06-30 -o canh-bao.xlsx"""
    from datetime import date

    from nq57lab.alerts import states
    from nq57lab.base.problems import CallError, Problem
    from nq57lab.facts import catalogue, observations

    if editions:
        if known or since:
            raise CallError([Problem("editions_alone", "--editions", found=" ".join(editions))])
        table = states.compare(*(states.of_edition(project_root() / "reports" / name) for name in editions))
        title = told("alerts_between", later=editions[1], earlier=editions[0])
        _write_alerts(table, output, title)
        return
    day, earlier = read_day(known, "--known") or date.today(), read_day(since, "--since")
    if earlier and earlier >= day:
        raise CallError([Problem("day_order", "--since", found=str(since), details={"day": day.isoformat()})])
    found = catalogue.load(project_root() / "data")
    days = [earlier, day] if earlier else [day]
    table = states.between(found, observations.load(found), days, probability)[-1]
    title = told("alerts_on", day=shown_day(day))
    _write_alerts(table, output, title)
