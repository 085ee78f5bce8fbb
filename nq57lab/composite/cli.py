"""The commands ``nq57 index``: compute, uncertainty, score; thin, heavy imports only inside them."""

from pathlib import Path
from typing import Annotated

import typer

from nq57lab.facts.commands import Known, fit_to_write, say, told

index_app = typer.Typer(help="Chỉ số tổng hợp: tính, kiểm định độ chắc chắn, điểm số động.", no_args_is_help=True)

Data = Annotated[Path, typer.Option("--data", help="Bảng số liệu iData.csv: uCode, uName, các cột theo iCode.")]
Meta = Annotated[Path, typer.Option("--meta", help="Bảng khung chỉ số iMeta.csv.")]
Config = Annotated[Path, typer.Option("--config", help="Cấu hình các bước, tệp YAML.")]
Folder = Annotated[Path, typer.Option("-o", "--output", help="Thư mục kết quả.")]


@index_app.command("compute")
def compute(
    data: Data,
    meta: Meta,
    config: Config,
    output: Folder,
    excel: Annotated[
        Path | None,
        typer.Option("--excel", help="Thêm một sổ .xlsx: kết quả, thống kê, mỗi bước một tờ, mọi thay đổi."),
    ] = None,
) -> None:
    """Tính chỉ số tổng hợp: điểm, thứ hạng, từng giai đoạn, mọi thay đổi. Thí dụ: nq57 index compute --data iData.csv --meta iMeta.csv --config index.yml -o ket-qua/"""
    from nq57lab.composite.laboratory import files, inputs, pipeline, steps

    content = files.read_config(config)
    checked = inputs.load(data, meta)
    found = pipeline.build(checked, steps.read(content, checked.framework, config.name), config.parent)
    files.write(found, output)
    if excel is not None:
        from nq57lab.composite.results import workbook
        from nq57lab.facts.commands import STATE, one_of

        one_of("--excel", [excel.suffix], (".xlsx",))
        workbook.write(found, excel, title=str(content.get("title") or ""), lang=STATE["lang"])
    root = found.framework.root
    best = found.scores.dropna(subset=[root]).sort_values(root, ascending=False, kind="stable")
    names = dict(zip(found.inputs.units["uCode"], found.inputs.units["uName"], strict=True))
    covered = found.coverage[root]

    def shown(row: int) -> str:
        code = str(best["uCode"].loc[row])
        whole = covered.loc[row] > 1 - 1e-9
        share = "" if whole else told("index_share", share=_percent(covered.loc[row]))
        return f"{names.get(code, code)} {_decimal(best[root].loc[row])}{share}"

    lead = "; ".join(shown(row) for row in best.index[:3])
    note = f" [{checked.note}]" if checked.note else ""
    sizes = {"units": len(found.scores), "indicators": len(found.framework.indicators)}
    say("index_wrote", path=output, note=note, **sizes)
    say("index_lead", name=found.framework.names[root], lead=lead)
    partial = int(((covered < 1 - 1e-9) & found.scores[root].notna()).sum())
    if partial:
        say("index_partial_scores", count=partial, least=_percent(float(covered.min())))
    for why in found.changes.loc[found.changes["uCode"] == "", ["iCode", "why"]].itertuples(index=False):
        say("index_note", code=why.iCode, why=why.why)


def _decimal(value: float) -> str:
    from nq57lab.base import wording
    from nq57lab.facts.commands import STATE

    return wording.number(value, 2) if STATE["lang"] == "vi" else f"{value:,.2f}"


def _percent(share: float) -> str:
    return _decimal(share * 100).removesuffix(",00").removesuffix(".00") + "%"


@index_app.command("diagnose")
def diagnose(
    data: Data,
    meta: Meta,
    config: Config,
    output: Folder,
    unit: Annotated[str, typer.Option("--unit", help="Mã đơn vị: thêm hồ sơ điểm mạnh, điểm yếu.")] = "",
    time: Annotated[str, typer.Option("--time", help="Thời điểm của hồ sơ, khi có nhiều năm.")] = "",
    against: Annotated[
        Path | None, typer.Option("--against", help="Cấu hình khác: so hai cách tính, từng đơn vị đổi bao nhiêu hạng.")
    ] = None,
) -> None:
    """Chẩn đoán chỉ số: độ tin cậy, thành phần chính, tương quan, ảnh hưởng, thiếu số liệu, bỏ từng phần tử; hồ sơ đơn vị, so hai cách tính. Thí dụ: nq57 index diagnose --data iData.csv --meta iMeta.csv --config index.yml --unit VNM -o chan-doan/"""
    from nq57lab.base.problems import CallError, Problem
    from nq57lab.composite.laboratory import files, inputs, pipeline, steps
    from nq57lab.composite.robustness import diagnosis_files

    if time and not unit:
        raise CallError([Problem("required", "--unit")])
    checked = inputs.load(data, meta)
    builds = [
        pipeline.build(checked, steps.read(files.read_config(path), checked.framework, path.name), path.parent)
        for path in filter(None, (config, against))
    ]
    made = diagnosis_files.tables(builds[0], unit, time, builds[1] if against else None)
    files.write_tables(made, output, checked.note)
    note = f" [{checked.note}]" if checked.note else ""
    say("index_files", path=output, files=", ".join(made), note=note)
    for why in diagnosis_files.refusals(made):
        say("index_not_defined", why=why)


@index_app.command("score")
def score(
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", help="Tệp kết quả .csv, .parquet, .xlsx; thêm tệp _composite.", callback=fit_to_write
        ),
    ],
    table: Annotated[
        Path | None,
        typer.Argument(
            help="Bảng CSV: kpi, area, value, target, direction, priority hoặc weight… Để trống: lấy từ danh mục và kho số liệu."
        ),
    ] = None,
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
        str | None,
        typer.Option(
            "--since",
            help="Bảng cùng dạng ở kỳ trước, hoặc ngày trước (khi lấy từ danh mục): tách mức thay đổi thành bốn nguyên nhân.",
        ),
    ] = None,
    known: Known = None,
    scheme: Annotated[
        str, typer.Option("--scheme", help="Phương án trọng số trong weights.csv, hoặc illustrative (minh họa).")
    ] = "equal",
    by: Annotated[
        list[str] | None,
        typer.Option("--by", help="nation, programme, system, agency, province; lặp lại được (mặc định: tất cả)."),
    ] = None,
) -> None:
    """Điểm số động: tỷ lệ hoàn thành × trọng số, điểm tổng hợp, thứ hạng. Thí dụ: nq57 index score kpi.csv -o diem.csv; nq57 index score --known 2026-06-30 --by nation -o diem.csv"""
    import math

    from nq57lab.base import contract
    from nq57lab.composite.score import decompose
    from nq57lab.composite.score import files as score_files
    from nq57lab.composite.score import score as scores
    from nq57lab.facts.commands import write_table

    bounds = {"floor": -math.inf, "ceiling": math.inf} if unbounded else {}
    statuses = contract.STATUSES if any_status else scores.VERIFIED
    rules = scores.Rules(from_baseline=from_baseline, min_coverage=min_coverage, statuses=statuses, **bounds)
    if table is None:
        _score_catalogue(output, known, scheme, by, since, rules)
        return
    now = score_files.read(table)
    then = score_files.read(Path(since)) if since else None
    scored = scores.score(now, rules)
    found = scores.composite(scored, rules)
    if any_status:
        found = scores.unranked(found, now)
    write_table(scored, output, told("score"))
    write_table(found, output.with_name(f"{output.stem}_composite{output.suffix}"), told("score_composite"))
    if then is not None:
        change = decompose.decompose(then, now, rules)
        write_table(change, output.with_name(f"{output.stem}_change{output.suffix}"), told("score_change"))


def _score_catalogue(output, known, scheme, by, since, rules) -> None:
    """Score the catalogue on a date; see :mod:`nq57lab.composite.score.of_catalogue`."""
    from datetime import date

    from nq57lab.composite.score import of_catalogue
    from nq57lab.facts import observations
    from nq57lab.facts.commands import load_catalogue, one_of, read_day, write_table

    day, earlier = read_day(known) or date.today(), read_day(since, "--since")
    sets = list(dict.fromkeys(by or of_catalogue.SETS))
    one_of("--by", sets, tuple(of_catalogue.SETS))
    found = load_catalogue()
    one_of("--scheme", [scheme], tuple(of_catalogue.schemes(found)))
    entries = observations.load(found)

    def on(own: date) -> of_catalogue.Scored:
        rows = observations.as_of(entries, own)
        return of_catalogue.evaluate(found, entries, rows, own, scheme=scheme, sets=sets, rules=rules)

    now = on(day)
    write_table(now.kpis, output, told("score"))
    write_table(now.composites, output.with_name(f"{output.stem}_composite{output.suffix}"), told("score_composite"))
    if earlier:
        change = of_catalogue.change(on(earlier), now, rules)
        write_table(change, output.with_name(f"{output.stem}_change{output.suffix}"), told("score_change"))
    say("score_weights", scheme=scheme, decisions="; ".join(now.decisions))


@index_app.command("rank")
def rank(
    quarter: Annotated[str, typer.Option("--quarter", help="Quý xếp hạng, thí dụ 2026-Q2.")],
    output: Folder,
    known: Known = None,
    illustrative: Annotated[
        bool,
        typer.Option("--illustrative", help="Thêm dữ liệu minh họa do chương trình sinh; mọi dòng kết quả ghi rõ."),
    ] = False,
) -> None:
    """Xếp hạng theo quý: bộ, ngành; tỉnh, thành phố; cơ quan theo mức độ hoàn thành nhiệm vụ. Thí dụ: nq57 index rank --quarter 2026-Q2 --known 2026-06-30 -o xep-hang/"""
    from datetime import date

    import pandas as pd

    from nq57lab.composite.laboratory import files
    from nq57lab.composite.rankings import core as ranking_core
    from nq57lab.composite.rankings import leagues as rankings
    from nq57lab.composite.score.score import VERIFIED
    from nq57lab.facts import illustrative as generated
    from nq57lab.facts.commands import load_known, read_day

    found, rows = load_known(known)
    day, note = read_day(known) or date.today(), ""
    statuses: tuple[str, ...] = VERIFIED
    if illustrative:
        rows = pd.concat([rows, generated.rows(found)], ignore_index=True)
        statuses, note = (*VERIFIED, generated.STATUS), "dữ liệu minh họa"
    leagues = rankings.every_league(found, rows, quarter, day, statuses=statuses)
    core = ranking_core.load_core(found)
    files.write_tables({f"{name}.csv": table for name, table in {**leagues, "core": core}.items()}, output, note)
    counts = "; ".join(
        told("league_count", name=told(f"league_{name}"), ranked=int(table["rank"].notna().sum()), count=len(table))
        for name, table in leagues.items()
    )
    say("rankings_wrote", path=output, note=f" [{told('note_illustrative')}]" if note else "", counts=counts)
    if (core["assumed"] == "yes").any():
        typer.echo(f"{core['decision'].iloc[0]}.")


@index_app.command("example")
def example(
    name: Annotated[str, typer.Argument(help="Tên thí dụ trong data/examples/: hdi, egdi, gii, pci, provinces.")],
    output: Folder,
    table: Annotated[
        Path | None,
        typer.Option("--table", help="Bảng đã công bố, tải về theo data/examples/README.md (provinces không cần)."),
    ] = None,
    years: Annotated[str, typer.Option("--years", help="Năm đầu và năm cuối, thí dụ 2006:2008.")] = "",
) -> None:
    """Lập iData, iMeta, cấu hình của một chỉ số mẫu. Thí dụ: nq57 index example provinces -o vi-du/; nq57 index example hdi --table hdi.csv -o hdi/"""
    from nq57lab.base import tables
    from nq57lab.base.problems import CallError, Problem
    from nq57lab.composite import examples
    from nq57lab.facts.commands import load_catalogue, one_of, project_root

    folder = project_root() / "data" / "examples"
    one_of("NAME", [name], tuple(examples.names(folder)))
    own = folder / name
    first, _, last = years.partition(":")
    if name == examples.GENERATED:
        data = examples.provincial(load_catalogue())
        meta = tables.read_text(own / "iMeta.csv", "iMeta.csv")
    elif table is None:
        raise CallError([Problem("required", "--table")])
    else:
        data, meta = examples.published(
            own, tables.read_text(table, table.name).replace("", None), (first, last or first) if years else None
        )
    written = examples.write(own, data, meta, output)
    config = output / examples.configuration(own, data)
    note = f" [{examples.NOTE}]" if name == examples.GENERATED else ""
    say("wrote_noted", path=output, count=len(data), note=note)
    result = output / "ket-qua"
    command = f"nq57 index compute --data {written[0]} --meta {written[1]} --config {config} -o {result}"
    say("index_next", command=command)


@index_app.command("coin-tool")
def coin_tool(
    workbook: Annotated[Path, typer.Argument(help="Sổ Excel của COIN Tool (JRC), có tờ Database và Framework.")],
    output: Folder,
) -> None:
    """Đọc sổ COIN Tool thành iData.csv, iMeta.csv. Thí dụ: nq57 index coin-tool COIN_Tool.xlsx -o chi-so/"""
    from nq57lab.composite.laboratory import files, inputs
    from nq57lab.composite.results import coin_tool as reader

    data, meta = reader.read(workbook)
    checked = inputs.check(data, meta, workbook.name, workbook.name)
    files.write_tables({"iData.csv": data, "iMeta.csv": meta}, output)
    sizes = {"units": len(data), "indicators": len(checked.framework.indicators)}
    say("index_wrote", path=output, note="", **sizes)


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
    from rich.console import Console
    from rich.progress import Progress

    from nq57lab.base.problems import CallError, Problem
    from nq57lab.composite.laboratory import files, inputs
    from nq57lab.composite.robustness import uncertainty as analysis

    content = files.read_config(config)
    checked = inputs.load(data, meta)
    with Progress(transient=True, console=Console(stderr=True)) as bar:
        task = bar.add_task(told("index_running"), total=None)
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
        say("index_replayed", run=replay, count=total, path=output, note=note)
        return
    analysis.write(found, output)
    say("uncertainty_wrote", path=output, runs=total, assumptions=len(found.plan.assumptions), note=note)
