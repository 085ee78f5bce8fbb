"""The command ``nq57 targets``; thin, heavy imports only inside them."""

from pathlib import Path
from typing import Annotated

import typer

from nq57lab.base.contract import MILESTONES
from nq57lab.facts.commands import (
    STATE,
    Known,
    Output,
    one_of,
    project_root,
    read_day,
    shown_day,
    told,
    write_table,
)

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


@targets_app.callback()
def targets(
    context: typer.Context,
    known: Known = None,
    milestone: Annotated[str, typer.Option("--milestone", help="Mốc: 2025, 2026, 2030, 2035 hoặc 2045.")] = "2030",
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

    from nq57lab.facts import known as knowledge
    from nq57lab.targets import evaluate as methods
    from nq57lab.targets import screen
    from nq57lab.targets import tracking as of_targets

    one_of("--milestone", [milestone], MILESTONES)
    one_of("--method", [method], tuple(methods.METHODS))
    day = read_day(known) or date.today()
    stored = knowledge.of(project_root(), day, method=method)
    found, followed = stored.catalogue, of_targets.of_known(stored, milestone, probability=probability)
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
        ["id", *(f"{name}_status" for name in methods.METHODS), "methods_agree", "methods_total", "caution"],
    )
