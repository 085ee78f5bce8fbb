"""The commands ``nq57 targets`` and ``nq57 alerts``; thin, heavy imports only inside them."""

from pathlib import Path
from typing import Annotated

import typer

from nq57lab.cli_common import Output, one_of, write_table

targets_app = typer.Typer(help="Tiến độ tới mục tiêu, theo năm phương pháp đã công bố.", no_args_is_help=True)


@targets_app.command("evaluate")
def evaluate(
    file: Annotated[Path, typer.Argument(help="Tệp CSV các trường hợp (xem CONTRACTS: id, base_year, base_value…).")],
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
    table = methods.evaluate(cases, rows, None, method)
    write_table(
        table,
        output,
        "Tiến độ tới mục tiêu",
        ["id", *(f"{name}_status" for name in methods.METHODS), "methods_agree", "methods_total"],
    )
