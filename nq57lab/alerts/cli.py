"""The command ``nq57 alerts``; thin, heavy imports only inside it."""

from pathlib import Path
from typing import Annotated

import typer

from nq57lab.facts.commands import STATE, Known, Output, project_root, read_day, say, shown_day, told, write_table

ENGLISH = ["rule", "subject", "value", "unit", "threshold", "state", "since", "tell"]  # on an English screen


def _write(table, output: Path | None, title: str) -> None:
    from nq57lab.alerts import screen
    from nq57lab.targets.screen import plain

    if output or STATE["lang"] == "vi":
        write_table(table if output else screen.alerts(table), output, title)
    else:
        write_table(plain(table, ENGLISH), None, title)


def alerts(
    known: Known = None,
    since: Annotated[str | None, typer.Option("--since", help="So với ngày này: mới, còn, đã hết.")] = None,
    output: Output = None,
    probability: Annotated[bool, typer.Option(help="Tính cả xác suất đạt mục tiêu (chậm hơn).")] = True,
    editions: Annotated[
        tuple[str, str] | None, typer.Option("--editions", help="Hai kỳ báo cáo đã lập, kỳ trước rồi kỳ sau.")
    ] = None,
    answer: Annotated[
        str,
        typer.Option("--answer", help="Ghi sổ trả lời cảnh báo chiến lược của một ấn bản; phần đã trả lời giữ nguyên."),
    ] = "",
) -> None:
    """Cảnh báo sớm tại một ngày, hoặc khác nhau giữa hai kỳ báo cáo. Thí dụ: nq57 alerts --known 2026-07-31 --since 2026-06-30 -o canh-bao.xlsx"""
    from datetime import date

    from nq57lab.alerts import states
    from nq57lab.base.problems import CallError, Problem
    from nq57lab.facts import known as knowledge

    if editions:
        if known or since:
            raise CallError([Problem("editions_alone", "--editions", found=" ".join(editions))])
        table = states.compare(*(states.of_edition(project_root() / "reports" / name) for name in editions))
        title = told("alerts_between", later=editions[1], earlier=editions[0])
        _write(table, output, title)
        return
    day, earlier = read_day(known, "--known") or date.today(), read_day(since, "--since")
    if earlier and earlier >= day:
        raise CallError([Problem("day_order", "--since", found=str(since), details={"day": day.isoformat()})])
    days = [earlier, day] if earlier else [day]
    table = states.between(knowledge.of(project_root(), day), days, probability)[-1]
    if answer:
        from nq57lab.alerts import answers

        path, left = answers.write(project_root(), answer, table)
        say("answer_sheet", path=path, count=len(answers.asked(table)), open=left)
        return
    title = told("alerts_on", day=shown_day(day))
    _write(table, output, title)
