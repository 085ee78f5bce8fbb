"""The commands ``nq57 index``: compute, uncertainty, score; thin, heavy imports only inside them."""

from pathlib import Path
from typing import Annotated

import typer

from nq57lab.cli_common import fit_to_write

index_app = typer.Typer(help="Chỉ số tổng hợp: tính, kiểm định độ chắc chắn, điểm số động.", no_args_is_help=True)

Data = Annotated[Path, typer.Option("--data", help="Bảng số liệu iData.csv: uCode, uName, các cột theo iCode.")]
Meta = Annotated[Path, typer.Option("--meta", help="Bảng khung chỉ số iMeta.csv.")]
Config = Annotated[Path, typer.Option("--config", help="Cấu hình các bước, tệp YAML.")]
Folder = Annotated[Path, typer.Option("-o", "--output", help="Thư mục kết quả.")]


@index_app.command("compute")
def compute(data: Data, meta: Meta, config: Config, output: Folder) -> None:
    """Tính chỉ số tổng hợp: điểm, thứ hạng, từng giai đoạn, mọi thay đổi. Thí dụ: nq57 index compute --data iData.csv --meta iMeta.csv --config index.yml -o ket-qua/"""
    from nq57lab import wording
    from nq57lab.composite import files, inputs, pipeline, steps

    content = files.read_config(config)
    checked = inputs.load(data, meta)
    found = pipeline.build(checked, steps.read(content, checked.framework, config.name), config.parent)
    files.write(found, output)
    root = found.framework.root
    best = found.scores.dropna(subset=[root]).sort_values(root, ascending=False, kind="stable")
    lead = "; ".join(
        f"{code} {wording.number(score, 2)}" for code, score in zip(best["uCode"][:3], best[root][:3], strict=True)
    )
    note = f" [{checked.note}]" if checked.note else ""
    typer.echo(f"Đã ghi {output} ({len(found.scores)} đơn vị, {len(found.framework.indicators)} chỉ số){note}.")
    typer.echo(f"{found.framework.names[root]}, cao nhất: {lead}.")


@index_app.command("score")
def score(
    table: Annotated[Path, typer.Argument(help="Bảng CSV: kpi, area, value, target, direction, priority hoặc weight…")],
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", help="Tệp kết quả .csv, .parquet, .xlsx; thêm tệp _composite.", callback=fit_to_write
        ),
    ],
    from_baseline: Annotated[
        bool, typer.Option("--from-baseline", help="Tính theo quãng đường từ giá trị gốc đến mục tiêu.")
    ] = False,
    unbounded: Annotated[bool, typer.Option("--unbounded", help="Không giữ tỷ lệ hoàn thành trong [0, 1].")] = False,
    min_coverage: Annotated[
        float,
        typer.Option("--min-coverage", min=0, max=1, help="Tỷ trọng số liệu tối thiểu để hiển thị điểm tổng hợp."),
    ] = 2 / 3,
    any_status: Annotated[
        bool, typer.Option("--any-status", help="Tính cả số ước tính, tự báo cáo (khi đó không xếp hạng).")
    ] = False,
    since: Annotated[
        Path | None, typer.Option("--since", help="Bảng cùng dạng ở kỳ trước: tách mức thay đổi thành bốn nguyên nhân.")
    ] = None,
) -> None:
    """Điểm số động: tỷ lệ hoàn thành × trọng số, điểm tổng hợp, thứ hạng. Thí dụ: nq57 index score kpi.csv -o diem.csv"""
    import math

    from nq57lab import contract
    from nq57lab.cli_common import write_table
    from nq57lab.composite import decompose, score_files
    from nq57lab.composite import score as scores

    bounds = {"floor": -math.inf, "ceiling": math.inf} if unbounded else {}
    statuses = contract.STATUSES if any_status else scores.VERIFIED
    rules = scores.Rules(from_baseline=from_baseline, min_coverage=min_coverage, statuses=statuses, **bounds)
    now = score_files.read(table)
    then = score_files.read(since) if since else None
    scored = scores.score(now, rules)
    found = scores.composite(scored, rules)
    if any_status:
        found = scores.unranked(found, now)
    write_table(scored, output, "Điểm số động")
    write_table(found, output.with_name(f"{output.stem}_composite{output.suffix}"), "Điểm tổng hợp")
    if then is not None:
        change = decompose.decompose(then, now, rules)
        write_table(change, output.with_name(f"{output.stem}_change{output.suffix}"), "Nguyên nhân thay đổi")


@index_app.command("uncertainty")
def uncertainty(
    data: Data,
    meta: Meta,
    config: Config,
    output: Folder,
    runs: Annotated[
        int,
        typer.Option("--runs", min=2, help="N: thiết kế Sobol chạy N × (số giả định + 2) lượt; nên là lũy thừa của 2."),
    ] = 1024,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Hạt giống của mọi số ngẫu nhiên.")] = 1,
    replay: Annotated[
        int | None,
        typer.Option(
            "--replay", min=1, help="Dựng lại một lượt chạy đã ghi (cùng N, cùng hạt giống), đủ các giai đoạn."
        ),
    ] = None,
) -> None:
    """Độ chắc chắn và độ nhạy của thứ hạng theo các giả định. Thí dụ: nq57 index uncertainty --data iData.csv --meta iMeta.csv --config index.yml --runs 1024 -o ket-qua/"""
    from rich.progress import Progress

    from nq57lab.composite import files, inputs
    from nq57lab.composite import uncertainty as analysis
    from nq57lab.problems import CallError, Problem

    content = files.read_config(config)
    checked = inputs.load(data, meta)
    with Progress(transient=True, console=_stderr()) as bar:
        task = bar.add_task("Chạy lại chỉ số", total=None)
        found = analysis.analyse(
            checked,
            content,
            runs,
            seed,
            label=config.name,
            folder=config.parent,
            report=lambda done, all_: bar.update(task, completed=done, total=all_),
        )
    total = len(found.choices)
    note = f" [{checked.note}]" if checked.note else ""
    if replay is not None:
        if replay > total:
            raise CallError([Problem("values", "--replay", found=str(replay), details={"allowed": f"1 – {total}"})])
        files.write(analysis.replay(found, replay), output)
        typer.echo(f"Đã dựng lại lượt {replay}/{total} vào {output}{note}.")
        return
    analysis.write(found, output)
    typer.echo(f"Đã ghi {output} ({total} lượt chạy, {len(found.plan.assumptions)} giả định){note}.")


def _stderr():
    from rich.console import Console

    return Console(stderr=True)
