"""The commands ``nq57 index``: compute, uncertainty, score; thin, heavy imports only inside them."""

from pathlib import Path
from typing import Annotated

import typer

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
