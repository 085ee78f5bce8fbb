"""The command ``nq57 data pull``."""

from datetime import date
from typing import Annotated

import typer

from nq57lab.facts.commands import STATE, load_catalogue, progress, say, told


def pull(
    name: Annotated[
        str, typer.Argument(help="Tên nguồn trong data/catalogue/pulls.csv: wdi, ilostat, hoặc nguồn tự khai.")
    ],
    timeout: Annotated[float, typer.Option("--timeout", help="Số giây chờ một câu trả lời.")] = 30.0,
    accept: Annotated[str, typer.Option("--accept", help="Lý do giữ các số bất thường; ghi vào cột ghi chú.")] = "",
) -> None:
    """Lấy số liệu mới từ một dịch vụ thống kê (data/catalogue/pulls.csv) thành một đợt công bố của kho. Thí dụ: nq57 data pull wdi"""
    from nq57lab.store import disk
    from nq57lab.store.live.pull import pull as ask

    catalogue = load_catalogue()
    disk.mend(catalogue.root)
    with progress(told("pulling")) as report:
        done = ask(name, catalogue, date.today(), timeout=timeout, report=report, accept=accept.strip())
    for notice in done.told:
        typer.echo(notice.text(STATE["lang"]))
    if done.path is None:
        say("pull_unchanged", name=name, count=done.rows)
        return
    counts = {"read": done.read, "blank": done.blank, "aside": done.aside}
    say("pulled", name=name, count=done.rows, path=done.path.name, kept=done.kept, **counts)
