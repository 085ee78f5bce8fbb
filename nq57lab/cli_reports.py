"""The commands around reports: many at once, their numbers checked, editions compared, the site."""

from pathlib import Path
from typing import Annotated

import typer

from nq57lab.cli_common import Output, one_of, project_root, write_table

RENDERERS = ("auto", "quarto", "embedded")
FORMATS = ("html", "pdf", "docx")
Changes = Annotated[list[str] | None, typer.Option("--set", help="Đổi một tham số: khóa=giá trị.")]
Formats = Annotated[str | None, typer.Option("--formats", help="Các dạng tệp, cách nhau bằng dấu phẩy: html,pdf,docx.")]
Renderer = Annotated[str, typer.Option("--renderer", help="auto, quarto hoặc embedded.")]


def read_formats(formats: str | None) -> list[str] | None:
    """Read and check ``--formats``."""
    wanted = None if formats is None else [text.strip() for text in formats.split(",")]
    one_of("--formats", wanted or [], FORMATS)
    return wanted


def batch(
    params: Annotated[Path, typer.Argument(help="Tệp tham số, thí dụ params/ho-so-tinh.yml.")],
    over: Annotated[str, typer.Option("--over", help="Chạy trên các giá trị: area=all hoặc area=34:01,34:79.")],
    workers: Annotated[int, typer.Option("--workers", min=1, help="Số tiến trình trên máy này.")] = 2,
    change: Changes = None,
    formats: Formats = None,
    renderer: Renderer = "auto",
    cluster: Annotated[
        str,
        typer.Option(
            "--cluster",
            envvar="NQ57_CLUSTER",
            help="Cụm dask: địa chỉ tcp://… hoặc local:N; cũng đọc từ biến NQ57_CLUSTER.",
        ),
    ] = "",
) -> None:
    """Lập một báo cáo cho nhiều địa bàn, chỉ dựng lại phần đã đổi. Thí dụ: nq57 batch params/ho-so-tinh.yml --over area=all --workers 2"""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from nq57lab.briefing import batch as work

    wanted = read_formats(formats)
    one_of("--renderer", [renderer], RENDERERS)
    root = project_root()
    everything = work.expand(root, params, over, change)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    from rich.console import Console

    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("Đang dựng", total=len(everything))
        folder, summary = work.run(
            root,
            everything,
            workers=workers,
            formats=wanted,
            renderer=renderer,
            cluster=cluster,
            progress=lambda line: bar.advance(task),
        )
    counts = summary["state"].value_counts()
    built, cached, failed = (int(counts.get(name, 0)) for name in ("built", "cached", "failed"))
    typer.echo(f"{folder}: dựng {built}, dùng lại {cached}, lỗi {failed}.")
    for line in summary[summary["state"] == "failed"].itertuples():
        typer.echo(f"  {line.area} {line.name}: {line.error}", err=True)
    if failed:
        typer.echo("Ấn bản trước (nếu có) còn nguyên. Sửa lỗi rồi chạy lại đúng lệnh này để làm tiếp.", err=True)
        raise typer.Exit(1)


def mount(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(batch)


_LATER = (Output, write_table)
