"""The commands ``nq57 data large``: files of millions of rows checked, known on a date, counted, rolled up."""

from pathlib import Path
from typing import Annotated

import typer

from nq57lab.facts.commands import (
    STATE,
    Known,
    Output,
    load_catalogue,
    project_root,
    read_day,
    say,
    shown_day,
    told,
    write_table,
)

large_app = typer.Typer(
    help="Tệp lớn (Parquet, CSV, hàng triệu dòng): kiểm tra, số liệu biết được, mức đủ, cộng lên quý và địa bàn.",
    no_args_is_help=True,
)

Paths = Annotated[list[Path], typer.Argument(help="Tệp .parquet hoặc .csv, hoặc thư mục các phần của chúng.")]
Address = Annotated[
    str,
    typer.Option("--engine", help="Nơi tính: duckdb (máy này) hoặc địa chỉ cụm Spark, thí dụ spark://may-chu:7077."),
]
Areas = Annotated[
    Path | None, typer.Option("--areas", help="Tệp .csv địa bàn ngoài danh mục (xã, phường): cột id, parent.")
]
Parquet = Annotated[Path, typer.Option("-o", "--output", help="Tệp kết quả .parquet.")]


def _open(paths: list[Path], engine: str):
    from nq57lab.store.large.engine import connect
    from nq57lab.store.large.rules import Large

    return Large(connect(engine), paths)


def _parents(path: Path | None) -> dict[str, str]:
    """Return each area of a file → the area above it."""
    from nq57lab.base import tables
    from nq57lab.base.problems import Problem, ProblemError

    if path is None:
        return {}
    frame = tables.read_text(path, path.name)
    missing = [name for name in ("id", "parent") if name not in frame]
    if missing:
        raise ProblemError(
            [Problem("missing_column", path.name, 1, name, details={"column": name}) for name in missing]
        )
    return dict(zip(frame["id"], frame["parent"], strict=True))


@large_app.command("check")
def check(paths: Paths, areas: Areas = None, engine: Address = "duckdb", output: Output = None) -> None:
    """Kiểm tra tệp lớn: mã, đơn vị, kỳ, trạng thái, khóa trùng. Thí dụ: nq57 data large check xa/*.parquet --areas xa.csv"""
    import pandas as pd

    large = _open(paths, engine)
    found = large.problems(load_catalogue(), _parents(areas))
    total = int(large.engine.frame("SELECT count(*) AS rows FROM observed").iloc[0, 0])
    if found.empty:
        say("large_right", count=total)
        return
    shown = pd.DataFrame(
        {"count": found["count"], "problem": [problem.text(STATE["lang"]) for problem in found["problem"]]}
    )
    write_table(shown, output, told("large_problems", count=int(found["count"].sum()), total=total), of="large")
    raise typer.Exit(1)


@large_app.command("known")
def known(paths: Paths, output: Parquet, day: Known = None, engine: Address = "duckdb") -> None:
    """Số liệu biết được đến một ngày, mỗi khóa một số. Thí dụ: nq57 data large known xa/ --known 2026-06-30 -o biet.parquet"""
    large = _open(paths, engine)
    large.as_of(read_day(day) if day else None)
    large.engine.write("known", output)
    say("wrote_file", path=output)


@large_app.command("status")
def status(
    paths: Paths, areas: Areas = None, day: Known = None, engine: Address = "duckdb", output: Output = None
) -> None:
    """Mức đủ của từng cơ quan, từng kỳ. Thí dụ: nq57 data large status xa/ --areas xa.csv"""
    from nq57lab.store.large import rules

    catalogue, large = load_catalogue(), _open(paths, engine)
    large.as_of(read_day(day) if day else None)
    own = catalogue.indicators[catalogue.indicators["lead"] != ""]
    leads = dict(zip(own["code"], own["lead"].str.split("; ").str[0], strict=True))
    reporting = {*_parents(areas)} or {area for area in catalogue.areas["id"] if area.startswith("34:")}
    table = rules.completeness(large.engine, "known", leads, reporting)
    write_table(table[table["observed"] > 0] if output is None else table, output, told("large_status"), of="large")


@large_app.command("rollup")
def rollup(paths: Paths, output: Parquet, areas: Areas = None, day: Known = None, engine: Address = "duckdb") -> None:
    """Cộng tháng thành quý, xã thành tỉnh, tỉnh thành cả nước, theo quy tắc của danh mục. Thí dụ: nq57 data large rollup xa/ -o quy.parquet"""
    from nq57lab.store import rollup as small
    from nq57lab.store.large import rules

    catalogue, large = load_catalogue(), _open(paths, engine)
    large.as_of(read_day(day) if day else None, keep=True)
    order = rules.levels(_parents(areas) or small.provinces(catalogue))
    rules.quarters(large.engine, "known", rules.rules_of(catalogue), order)
    large.engine.write("quarters", output)
    say("wrote_file", path=output)


def query(
    sql: Annotated[str, typer.Argument(help="Một câu SELECT.")],
    day: Known = None,
    large: Annotated[
        list[Path] | None, typer.Option("--from", help="Tệp Parquet đọc thành bảng large; nhắc lại được.")
    ] = None,
    output: Output = None,
) -> None:
    """Truy vấn kho bằng SQL, chỉ đọc. Thí dụ: nq57 data query "select subject, count(*) as n from observations group by all"

    Bảng: observations, versions (mọi đợt công bố), indicator_values, các bảng của danh mục; large là các tệp của --from.
    """
    from datetime import date

    from nq57lab.facts import known as of_known
    from nq57lab.facts import query as of_query

    on = read_day(day) if day else date.today()
    found = of_query.select(of_known.of(project_root(), on), sql, large)
    write_table(found, output, told("queried", count=len(found), day=shown_day(on)), of="query")
