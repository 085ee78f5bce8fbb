"""The commands ``nq57 targets`` and ``nq57 alerts``; thin, heavy imports only inside them."""

from pathlib import Path
from typing import Annotated

import typer

from nq57lab.facts.commands import Known, Output, one_of, project_root, read_day, write_table

targets_app = typer.Typer(invoke_without_command=True)
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

    from nq57lab.base import wording
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
    if series:
        write_table(followed.history, series, f"Chuỗi lịch sử của các mục tiêu {milestone}")
    title = f"Mục tiêu {milestone} tại ngày {wording.day(day)}; giai đoạn của lộ trình: {named or 'ngoài lộ trình'}"
    progress = followed.progress
    if output is None:
        told = len(progress) - (progress["row"] != "").sum()
        title += f"; còn {told} mục tiêu chưa có số liệu hoặc định tính (ghi ra tệp với -o)"
    write_table(progress if output else screen.targets(found, progress), output, title)


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
        "Tiến độ tới mục tiêu",
        ["id", *(f"{name}_status" for name in methods.METHODS), "methods_agree", "methods_total"],
    )


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
    from nq57lab.base import wording
    from nq57lab.base.problems import CallError, Problem
    from nq57lab.facts import catalogue, observations
    from nq57lab.targets import screen

    if editions:
        if known or since:
            raise CallError([Problem("editions_alone", "--editions", found=" ".join(editions))])
        table = states.compare(*(states.of_edition(project_root() / "reports" / name) for name in editions))
        title = f"Cảnh báo của {editions[1]} so với {editions[0]}"
        write_table(table if output else screen.alerts(table), output, title)
        return
    day, earlier = read_day(known, "--known") or date.today(), read_day(since, "--since")
    if earlier and earlier >= day:
        raise CallError([Problem("day_order", "--since", found=str(since), details={"day": day.isoformat()})])
    found = catalogue.load(project_root() / "data")
    days = [earlier, day] if earlier else [day]
    table = states.between(found, observations.load(found), days, probability)[-1]
    title = f"Cảnh báo tại ngày {wording.day(day)}"
    write_table(table if output else screen.alerts(table), output, title)
