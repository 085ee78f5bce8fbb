"""The commands ``nq57 loops``: links, analyse, simulate, evidence, leverage; thin, heavy imports only inside them."""

from pathlib import Path
from typing import Annotated

import typer

from nq57lab.base import whole
from nq57lab.facts.commands import STATE, Output, load_catalogue, one_of, say, told, write_table

loops_app = typer.Typer(
    help="Vòng phản hồi: đồ thị có dấu, các vòng, lan truyền của một tác động, bằng chứng, điểm đòn bẩy.",
    no_args_is_help=True,
)

Links = Annotated[
    Path,
    typer.Argument(help="Tệp liên kết CSV: source, target, polarity (1, -1, ?); strength, delay, evidence tùy chọn."),
]
DIGITS = 4  # on the screen; files keep every digit
Seed = Annotated[int, typer.Option("--seed", help="Hạt giống của các lần rút ngẫu nhiên.")]


def _whole(option: str, value: int | None, low: int, high: int) -> None:
    from nq57lab.base.problems import CallError, Problem

    if value is not None and not low <= value <= high:
        raise CallError([Problem("whole_number", option, found=str(value), details={"low": low, "high": high})])


@loops_app.command("links")
def links(
    output: Output = None,
    stated: Annotated[bool, typer.Option("--stated", help="Chỉ liên kết văn bản nêu, bỏ liên kết ngầm định.")] = False,
    levers: Annotated[
        bool, typer.Option("--levers/--no-levers", help="Kèm liên kết của cú hích, chương trình.")
    ] = True,
) -> None:
    """Ghi các liên kết của dự án thành tệp để phân tích, thêm bớt. Thí dụ: nq57 loops links -o lien-ket.csv"""
    from nq57lab.loops import graph
    from nq57lab.loops.evidence import grades

    catalogue = load_catalogue()
    basis = graph.STATED if stated else graph.EVERY
    table = graph.catalogue_links(catalogue, basis, levers=levers, grades=grades.of_project(catalogue).table)
    write_table(
        table,
        output,
        told("links", count=len(table)),
        ["source", "target", "polarity", "evidence", "x_basis", "x_loop"],
        of="links",
    )


@loops_app.command("analyse")
def analyse(
    links: Links,
    output: Annotated[Path, typer.Option("-o", "--output", help="Thư mục kết quả.")],
    max_length: Annotated[
        int | None,
        typer.Option("--max-length", help="Số liên kết nhiều nhất của một vòng; mặc định: mọi vòng nếu kịp."),
    ] = None,
    max_loops: Annotated[int, typer.Option("--max-loops", help="Số vòng nhiều nhất được liệt kê.")] = 100_000,
    seed: Seed = 57,
) -> None:
    """Liệt kê vòng, nút, liên kết, tính ổn định. Thí dụ: nq57 loops analyse lien-ket.csv -o vong/"""
    import json

    from rich.console import Console

    from nq57lab.base.problems import CallError, Problem
    from nq57lab.loops import analysis, graph

    _whole("--max-length", max_length, 2, 1000)
    _whole("--max-loops", max_loops, 1, 10_000_000)
    if output.exists() and not output.is_dir():
        raise CallError([Problem("folder", "-o", found=str(output))])
    table = graph.read_links(links)
    with Console(stderr=True).status(told("listing_loops")):
        found = analysis.analyse(table, max_length=max_length, max_loops=max_loops, seed=seed)
    for name in ("loops", "nodes", "links", "answers"):
        whole.write(output / f"{name}.csv", getattr(found, name).to_csv(index=False, lineterminator="\n"))
    text = json.dumps(found.summary, ensure_ascii=False, indent=2)
    whole.write(output / "summary.json", text + "\n")
    said = found.summary
    counted = ("nodes", "links", "loops", "reinforcing", "balancing", "indeterminate")
    say("loops_found", **{name: said[name] for name in counted})
    if said["complete"]:
        say("loops_complete")
    elif said["truncated"]:
        say("loops_truncated")
    else:
        say("loops_bounded", bound=said["bound"])
    if said["not_computed"]:
        say("loops_left_out")
    say("loops_wrote", path=output)


@loops_app.command("simulate")
def simulate(
    links: Links,
    output: Output = None,
    shock: Annotated[
        list[str] | None, typer.Option("--shock", help="Tác động NÚT=SỐ, thí dụ M.02=+1; nhiều tác động được cộng.")
    ] = None,
    steps: Annotated[int, typer.Option("--steps", help="Số bước.")] = 40,
    model: Annotated[
        str, typer.Option("--model", help="linear (lan truyền tuyến tính) hoặc fcm (bản đồ nhận thức mờ).")
    ] = "linear",
    shape: Annotated[str, typer.Option("--shape", help="press (giữ suốt) hoặc pulse (chỉ ở bước 0).")] = "press",
    draws: Annotated[int, typer.Option("--draws", help="Số lần rút độ mạnh chưa biết.")] = 2000,
    seed: Seed = 57,
) -> None:
    """Mô phỏng một hay nhiều tác động. Thí dụ: nq57 loops simulate lien-ket.csv --shock CH1=+1 --shock CH6=+1 -o ket-qua.csv"""
    import json

    from rich.console import Console

    from nq57lab.loops import graph, scenario
    from nq57lab.loops import simulate as models

    one_of("--model", [model], models.MODELS)
    one_of("--shape", [shape], models.SHAPES)
    _whole("--steps", steps, 1, 10_000)
    _whole("--draws", draws, 1, 1_000_000)
    table = graph.read_links(links)
    pushes = scenario.read_shocks(shock or [], graph.of_table(table), model)
    with Console(stderr=True).status(told("simulating")):
        found = scenario.run(table, pushes, steps=steps, model=model, shape=shape, draws=draws, seed=seed)
    last = found.table[found.table["step"] == steps]
    write_table(found.table if output else last.round(DIGITS), output, told("step", step=steps))
    if output:
        beside = output.with_name(f"{output.stem}_loops.csv")
        whole.write(beside, found.dominance.to_csv(index=False, lineterminator="\n"))
        text = json.dumps(found.summary, ensure_ascii=False, indent=2)
        whole.write(output.with_name(f"{output.stem}_summary.json"), text + "\n")
        say("simulation_wrote", loops=beside.name, summary=f"{output.stem}_summary.json")
    typer.echo(scenario.words(found.summary, STATE["lang"]))


@loops_app.command("evidence")
def evidence_(output: Output = None) -> None:
    """Đối chiếu từng liên kết đo được với số liệu 13 nước và xếp bậc bằng chứng. Thí dụ: nq57 loops evidence -o bang-chung.csv"""
    from rich.console import Console

    from nq57lab.loops.evidence import grades

    with Console(stderr=True).status(told("testing_links")):
        found = grades.of_project(load_catalogue(), power=True)
    write_table(
        found.table if output else found.tested.round(DIGITS),
        output,
        told("evidence" if output else "evidence_tested"),
        ["source", "target", "grade", "estimate", "p_value", "q_value", "power_02", "reason"],
        of="links",
    )


@loops_app.command("leverage")
def leverage_(
    output: Output = None,
    steps: Annotated[int, typer.Option("--steps", help="Số bước (năm) đến thời điểm tính.")] = 4,
    seed: Seed = 57,
) -> None:
    """Xếp hạng nút và đòn bẩy theo mức đẩy các mục tiêu 2030. Thí dụ: nq57 loops leverage -o don-bay.xlsx"""
    from nq57lab.loops import targets_push

    _whole("--steps", steps, 1, 200)
    found = targets_push.rank_project(load_catalogue(), steps=steps, seed=seed)
    shown = ["rank", "node", "name", "median", "lo", "hi", "p_top3", "weakens"]
    write_table(found.table if output else found.table.round(DIGITS), output, told("leverage"), shown)
    typer.echo(found.assumptions)
