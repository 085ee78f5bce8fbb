"""The commands around reports: many at once, their numbers checked, editions compared, the site."""

import re
from pathlib import Path
from typing import Annotated

import typer

from nq57lab.facts.commands import STATE, Output, one_of, project_root, say, told, warn, write_table

RENDERERS = ("auto", "quarto", "embedded")
FORMATS = ("html", "pdf", "docx", "pptx", "leaflet")
Changes = Annotated[list[str] | None, typer.Option("--set", help="Đổi một tham số: khóa=giá trị.")]
Formats = Annotated[
    str | None,
    typer.Option(
        "--formats",
        help="Các dạng tệp, cách nhau bằng dấu phẩy: html,pdf,docx, pptx (trang trình chiếu), leaflet (tờ rơi một trang).",
    ),
]
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

    from nq57lab.publish.batch import run as work

    wanted = read_formats(formats)
    one_of("--renderer", [renderer], RENDERERS)
    root = project_root()
    everything = work.expand(root, params, over, change)
    look_at_sections(root, [values | {"edition": work.slug(values["area"])} for values in everything])
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    from rich.console import Console

    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(told("building"), total=len(everything))
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
    built, cached, failed, refused = (int(counts.get(name, 0)) for name in ("built", "cached", "failed", "refused"))
    for line in summary[summary["state"].isin(["failed", "refused"])].itertuples():
        error = line.error.replace("\n", "\n    ")
        typer.echo(f"  {line.area} {line.name}:\n    {error}", err=True)
    if refused:
        warn("batch_refused", refused=refused, count=len(summary), failed=failed)
        raise typer.Exit(1)
    say("batch_done", folder=folder, built=built, cached=cached, failed=failed)
    for line in summary.itertuples():
        tell_without(folder / line.folder, f"{line.area} {line.name}: ")
    if failed:
        warn("batch_failed")
        raise typer.Exit(1)


def look_at_sections(root: Path, reports: list[dict]) -> None:
    """Refuse the fields of hand-written sections that are not understood, all at once; warn of numbers typed into them."""
    from nq57lab.base.problems import Problem, ProblemError
    from nq57lab.publish.final import sections

    wrong, typed = list[Problem](), list[Problem]()
    for parameters in reports:
        try:
            typed += sections.check(root, parameters)
        except ProblemError as error:
            wrong += error.problems
    if wrong:
        raise ProblemError(wrong)
    for problem in typed:
        typer.echo(problem.text(STATE["lang"]), err=True)


def tell_without(folder: Path, of: str = "") -> None:
    """Say which sentences of an edition lack a figure, and whether they say so themselves or were left out."""
    from nq57lab.publish.final import gate

    lost = gate.without_figures(folder)
    if len(lost):
        warn("sentences_without", of=of, count=len(lost), silent=int((lost["said"] == "no").sum()))
    for row in lost.itertuples():
        warn(f"lost_{row.said}", place=row.place, sentence=row.sentence, missing=row.missing)


def find_edition(root: Path, edition: str) -> Path:
    """Return an edition's folder from its name or path; refuse what is outside the project's reports."""
    from nq57lab.base.problems import CallError, Problem

    reports = (root / "reports").resolve()
    given = Path(edition)
    folder = (given if given.is_dir() else reports / edition).resolve()
    if reports in folder.parents and (folder / "manifest.json").is_file():
        return folder
    for path in sorted((root / "params").glob("*.yml")):  # a clone has the parameters, not the editions
        if re.search(rf"(?m)^edition:\s*[\"']?{re.escape(edition)}[\"']?\s*$", path.read_text(encoding="utf-8-sig")):
            details = {"command": f"nq57 report params/{path.name}"}
            raise CallError([Problem("edition_unmade", "EDITION", found=edition, details=details)])
    listed = ", ".join(sorted(path.parent.name for path in reports.glob("*/manifest.json"))) or "–"
    raise CallError([Problem("values", "EDITION", found=edition, details={"allowed": listed})])


def trace(
    edition: Annotated[str, typer.Argument(help="Tên ấn bản trong reports/.")],
    output: Output = None,
) -> None:
    """Tính lại từng số in trong ấn bản từ kho dữ liệu; lỗi nếu có số khác hoặc không truy vết được. Thí dụ: nq57 trace so-ket-18-thang"""
    from nq57lab.publish import verify

    root = project_root()
    table = verify.check(root, find_edition(root, edition))
    bad = table[table["ok"] != "yes"]
    if output is not None:
        write_table(table, output, told("trace"))
    elif len(bad):
        write_table(bad, None, told("trace_bad"), ["document", "place", "printed", "recomputed", "reason"])
    say("trace_count", fine=len(table) - len(bad), count=len(table))
    raise typer.Exit(1 if len(bad) else 0)


def check(
    draft: Annotated[Path, typer.Argument(help="Tệp .docx đã sửa trong Word.")],
    edition: Annotated[str, typer.Option("--edition", help="Ấn bản gốc trong reports/ (mặc định: theo tên tệp).")] = "",
    output: Output = None,
) -> None:
    """Đối chiếu mọi số trong bản DOCX đã sửa với ấn bản và kho. Thí dụ: nq57 check so-ket-18-thang-sua.docx --edition so-ket-18-thang"""
    import pandas as pd

    from nq57lab.facts import known
    from nq57lab.publish import draft_check, verify

    root = project_root()
    folder = find_edition(root, edition or draft.stem)
    name, place, parameters = verify.parts(folder)[0]
    original = place / f"{name}.docx"
    trace_table = pd.read_csv(place / "trace.csv", dtype=str, keep_default_na=False)
    rows = known.of_parameters(root, parameters).table
    table = draft_check.check(draft, original, trace_table, rows)
    counts = table["verdict"].value_counts()
    words = {key: told(f"verdict_{key}") for key in draft_check.VERDICTS}
    bad = table[table["verdict"] != "match"].assign(verdict=lambda t: t["verdict"].map(words))
    if output is not None:
        write_table(table, output, told("draft_check"))
    elif len(bad):
        write_table(
            bad, None, told("draft_bad"), ["where", "number", "verdict", "expected", "source", "text"], of="draft"
        )
    say("draft_count", count=len(table), **{key: int(counts.get(key, 0)) for key in draft_check.VERDICTS})
    raise typer.Exit(1 if len(bad) else 0)


def diff(
    one: Annotated[str, typer.Argument(help="Ấn bản trước.")],
    other: Annotated[str, typer.Argument(help="Ấn bản sau.")],
    output: Output = None,
    page: Annotated[Path | None, typer.Option("--page", help="Ghi thêm một trang HTML.")] = None,
) -> None:
    """Liệt kê những gì đổi giữa hai ấn bản: số liệu, đợt công bố, phương pháp, trọng số, mục tiêu, lời văn. Thí dụ: nq57 diff bao-cao-2026-q1 bao-cao-2026-q2 -o thay-doi.xlsx"""
    from nq57lab.base.problems import CallError
    from nq57lab.publish import compare, compare_page

    root = project_root()
    found, folders = [], []
    for name in (one, other):
        try:
            folders.append(find_edition(root, name))
        except CallError as error:
            found += error.problems
    if found:
        raise CallError(found)
    table = compare.diff(*folders)
    if page is not None:
        compare_page.write(table, page, one, other)
        say("wrote_file", path=page)
    write_table(table, output, told("changes", count=len(table)))


def remake(
    edition: Annotated[str, typer.Argument(help="Ấn bản cũ.")],
    formats: Formats = None,
    only_check: Annotated[bool, typer.Option("--check", help="Chỉ tính lại và so, không dựng tài liệu.")] = False,
) -> None:
    """Lập lại một ấn bản cũ từ bản chụp và lý lịch của nó. Thí dụ: nq57 remake so-ket-18-thang --check"""
    from nq57lab.publish import remake as again

    root = project_root()
    folder = find_edition(root, edition)
    apart = again.figures(root, folder)
    if len(apart):
        write_table(apart, None, told("remade_apart"))
    say("remade_same" if apart.empty else "remade_count", count=len(apart))
    if not only_check:
        typer.echo(str(again.make(root, folder, read_formats(formats))))
    raise typer.Exit(1 if len(apart) else 0)


def mount(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (batch, trace, check, diff, remake):
        app.command()(command)
