"""The command ``nq57 alerts``; thin, heavy imports only inside it."""

from typing import Annotated

import typer

from nq57lab.facts.commands import Known, Output, project_root, read_day, write_table


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

    from nq57lab.alerts import screen, states
    from nq57lab.base import wording
    from nq57lab.base.problems import CallError, Problem
    from nq57lab.facts import catalogue, observations

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
