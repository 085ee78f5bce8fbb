"""The command ``nq57 site``; thin, heavy imports only inside it."""

from typing import Annotated

import typer

from nq57lab.facts.commands import one_of, project_root, read_day, told
from nq57lab.publish.cli import RENDERERS, Renderer


def site(
    audience: Annotated[str, typer.Option("--audience", help="noi-bo hoặc cong-khai.")],
    known: Annotated[
        str | None, typer.Option("--known", help="Chỉ dùng số liệu công bố đến ngày này (2026-06-30).")
    ] = None,
    renderer: Renderer = "auto",
) -> None:
    """Dựng trang web: bảng theo dõi, báo cáo, danh mục, phương pháp, dữ liệu mở. Thí dụ: nq57 site --audience cong-khai"""
    from rich.console import Console

    from nq57lab.facts.known import AUDIENCES
    from nq57lab.site import build

    one_of("--audience", [audience], tuple(AUDIENCES))
    one_of("--renderer", [renderer], RENDERERS)
    with Console(stderr=True).status(told("preparing")) as status:
        folder = build.build(
            project_root(),
            audience,
            known=read_day(known),
            renderer=renderer,
            report=lambda step: status.update(told(step)),
        )
    typer.echo(str(folder / "index.html"))
