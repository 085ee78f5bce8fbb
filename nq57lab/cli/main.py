"""The command line ``nq57``: thin commands over the package; heavy imports only inside them.

Exit codes: 0 done (findings of an audit are results), 1 a check failed, 2 a wrong call.
"""

import gc
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from nq57lab.alerts.cli import alerts
from nq57lab.base.messages import LANGUAGES
from nq57lab.base.problems import CallError, ProblemError, disk_problem
from nq57lab.cli import language
from nq57lab.composite.cli import index_app
from nq57lab.facts.commands import (
    STATE,
    Area,
    Known,
    Output,
    check_area,
    check_code,
    load_catalogue,
    load_known,
    one_of,
    print_rows,
    project_root,
    read_day,
    say,
    shown_day,
    told,
    write_table,
)
from nq57lab.forecast.cli import forecast_app
from nq57lab.loops.cli import loops_app
from nq57lab.publish import cli as cli_reports
from nq57lab.site.cli import site
from nq57lab.store.cli import data_app
from nq57lab.store.tasks.cli import tasks_app
from nq57lab.targets.cli import targets_app

# Objects made between two searches for garbage: at Python's own 700 the searches take a tenth of a report's time.
COLLECTIONS = (50_000, 20, 100)

app = typer.Typer(
    help="nq57lab: theo dõi, phân tích và lập báo cáo thực hiện một nghị quyết, chương trình (của dự án kèm theo: Nghị quyết 57-NQ/TW).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
catalogue_app = typer.Typer(help="Danh mục chỉ số.", no_args_is_help=True)
app.add_typer(catalogue_app, name="catalogue")
app.add_typer(data_app, name="data")
app.add_typer(forecast_app, name="forecast")
app.add_typer(index_app, name="index")
app.add_typer(targets_app, name="targets")
app.add_typer(loops_app, name="loops")
app.add_typer(tasks_app, name="tasks")
app.command("alerts")(alerts)
cli_reports.mount(app)
app.command()(site)


def _version(asked: bool) -> None:
    if asked:
        from importlib import metadata

        typer.echo(f"nq57lab {metadata.version('nq57lab')}")
        raise typer.Exit(0)


@app.callback()
def options(
    lang: Annotated[
        str,
        typer.Option("--lang", envvar="NQ57_LANG", help="Ngôn ngữ của trợ giúp, kết quả và thông báo lỗi: vi hoặc en."),
    ] = "vi",
    project: Annotated[
        str, typer.Option("--project", envvar="NQ57_PROJECT", help="Thư mục dự án, khi lệnh chạy ở nơi khác.")
    ] = "",
    labels: Annotated[
        bool,
        typer.Option(
            "--labels", help="Tệp -o cho người đọc: tên cột, nhãn bằng chữ, trang bìa có nguồn và ngày; CSV có BOM."
        ),
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="In phiên bản rồi thôi.")
    ] = False,
) -> None:
    """nq57lab: theo dõi, phân tích và lập báo cáo thực hiện một nghị quyết, chương trình (của dự án kèm theo: Nghị quyết 57-NQ/TW)."""
    one_of("--lang", [lang], LANGUAGES)
    STATE["lang"], STATE["labels"] = lang, "yes" if labels else ""
    if project:
        os.environ["NQ57_PROJECT"] = project


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="Thư mục mới của dự án.")],
    empty: Annotated[
        bool,
        typer.Option("--empty", help="Danh mục trống với một chỉ số mẫu, thay cho bản sao danh mục Nghị quyết 57."),
    ] = False,
    name: Annotated[
        str, typer.Option("--name", help="Tên chương trình được theo dõi (bỏ trống: tên thư mục, nếu là --empty).")
    ] = "",
) -> None:
    """Bắt đầu một dự án theo dõi ở bất kỳ đâu: của một bộ, một tỉnh. Thí dụ: nq57 new theo-doi-tinh --empty"""
    from nq57lab.cli import starting

    say("project_started", path=starting.start(folder, empty, name))


@app.command()
def completion(
    shell: Annotated[str, typer.Argument(help="bash, zsh hoặc powershell.")],
) -> None:
    """In đoạn lệnh để vỏ lệnh tự điền tên lệnh và tùy chọn. Thí dụ: nq57 completion bash >> ~/.bashrc"""
    one_of("shell", [shell], ("bash", "zsh", "powershell"))
    from typer._completion_shared import get_completion_script

    typer.echo(get_completion_script(prog_name="nq57", complete_var="_NQ57_COMPLETE", shell=shell))


@app.command()
def doctor() -> None:
    """Kiểm tra môi trường: gói, phông chữ, bộ dựng báo cáo. Thí dụ: nq57 doctor"""
    from nq57lab.cli.doctor import examine

    lines, fine = examine(project_root())
    for line in lines:
        typer.echo(line)
    raise typer.Exit(0 if fine else 1)


@app.command()
def find(words: Annotated[list[str], typer.Argument(help="Từ cần tìm, có dấu hoặc không dấu.")]) -> None:
    """Tìm chỉ số, dữ liệu thành phần theo tên hoặc mã. Thí dụ: nq57 find kinh te so"""
    from nq57lab.facts import search

    root = project_root() / "data"
    try:
        hits = search.matching(search.read(root), " ".join(words))
    except (OSError, UnicodeError, KeyError):
        from nq57lab.facts import catalogue

        catalogue.load(root)  # says what is wrong with the files
        raise
    if not hits:
        say("nothing_found")
        return
    rows = [
        (hit.code, hit.name_en if STATE["lang"] == "en" and hit.name_en else hit.name_vi, hit.unit, hit.layer)
        for hit in hits
    ]
    print_rows(rows, ["code", "name_vi", "unit", "layer"], told("found", count=len(hits)))


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="Mã chỉ số hoặc dữ liệu thành phần.")],
    area: Area = None,
    known: Known = None,
) -> None:
    """Xem mọi điều đã biết về một mã. Thí dụ: nq57 show A.02.02"""
    from datetime import date

    import pandas as pd

    from nq57lab.base import printing, wording
    from nq57lab.comparators.panels import Panels
    from nq57lab.documents.edition import Edition
    from nq57lab.outlook import proxies
    from nq57lab.reports import lookup

    day = known or date.today().isoformat()
    edition = Edition({"edition": "tra-cuu", "title": code, "known": (read_day(day)).isoformat()}, root=project_root())
    if code not in edition.catalogue.subject_units and (panels := Panels(edition.catalogue)).has(code):
        about, rows = panels.about(code), panels.rows(code)
        told_ = [(name, str(about[name])) for name in about.index if str(about[name]) not in ("", "nan")]
        write_table(pd.DataFrame(told_, columns=["entry", "content"]), None, about["name_vi"])
        newest = rows[rows["year"] == rows["year"].max()]
        write_table(newest, None, told("panel_newest"), ["unit", "unit_name", "year", "value", "note", "locator"])
        return
    check_code(edition.catalogue, code)
    check_area(edition.catalogue, area)
    entries = lookup.definition_rows(edition, code, STATE["lang"])
    write_table(
        pd.DataFrame(entries, columns=["entry", "content"]),
        None,
        edition.catalogue.called(code, STATE["lang"]),
    )
    place = area or "VN"
    rows = lookup.history_rows(edition, code, place).query("formula == ''")
    computed = edition.values[
        (edition.values["subject"] == code) & (edition.values["area"] == place) & (edition.values["formula"] != "")
    ]
    elsewhere = lookup.elsewhere_rows(edition, code, place, STATE["lang"])
    if rows.empty and computed.empty:
        say("no_figures_own" if len(elsewhere) else "no_figures")
    if len(computed):
        shown = computed.assign(value=computed["value"].round(2))
        if STATE["lang"] == "vi":
            shown = shown.assign(
                period=shown["period"].map(wording.period),
                value=[wording.number(value, 2) for value in computed["value"]],
                status=shown["status"].map(wording.STATUS_WORDS),
            )
        write_table(shown, None, told("figures_computed"), ["period", "value", "unit", "status", "formula", "inputs"])
    if len(elsewhere):
        write_table(elsewhere, None, told("figures_elsewhere"))
    near = proxies.shown(edition, code, STATE["lang"])
    if len(near):
        write_table(near, None, told("near_series"))
    breaks = lookup.break_rows(edition, code, STATE["lang"])
    if len(breaks):
        write_table(breaks, None, told("series_breaks_at"))
    if rows.empty:
        return
    if STATE["lang"] == "en":  # the contract's own words
        shown = rows.assign(value=rows["qualifier"].replace("=", "") + rows.apply(printing.printed_number, axis=1))
        columns = ["period", "dims", "value", "unit", "status", "vintage", "source", "id"]
        write_table(shown, None, told("figures_known", day=shown_day(edition.known)), columns)
        return
    table = pd.DataFrame(
        {
            "period": rows["period"].map(wording.period),
            "dims": rows["dims"].map(edition.catalogue.dims_label),
            "value": rows["qualifier"].map(wording.QUALIFIER_WORDS) + rows.apply(printing.printed_number, axis=1),
            "unit": rows["unit"],
            "status": rows["status"].map(wording.STATUS_WORDS),
            "vintage": rows["vintage"].map(wording.stamp),
            "source": rows["source"],
            "id": rows["id"],
        }
    )
    write_table(table, None, told("figures_known", day=shown_day(edition.known)))


@catalogue_app.command("check")
def catalogue_check() -> None:
    """Kiểm tra danh mục và số liệu: cột, mã, đơn vị, công thức, khóa. Thí dụ: nq57 catalogue check"""
    from nq57lab.facts import observations

    found = load_catalogue()
    rows = observations.load(found)
    layers = found.indicators["layer"].value_counts()
    parts = ", ".join(f"{layers[layer]} {layer}" for layer in layers.index)
    sizes = {"count": len(found.indicators), "variables": len(found.variables), "targets": len(found.targets)}
    say("catalogue_right", parts=parts, **sizes)
    say("figures_right", count=len(rows), sources=rows["source"].nunique())


@catalogue_app.command("breaks")
def catalogue_breaks(
    bound: Annotated[float, typer.Option("--bound", help="Chênh lệch tốc độ tăng, điểm phần trăm một năm.")] = 1.0,
    iso3: Annotated[str, typer.Option("--country", help="Nước, thí dụ VNM; để trống: mọi nước.")] = "VNM",
    output: Output = None,
) -> None:
    """So tốc độ tăng giữa các nguồn của cùng một đại lượng, và chỗ gãy đã ghi. Thí dụ: nq57 catalogue breaks --bound 2"""
    from nq57lab.comparators import agreement
    from nq57lab.facts import comparators

    found = load_catalogue()
    series = comparators.load(found.root)
    mapping = comparators.load_indicators(found, series)
    rows = agreement.differences(series, mapping, bound)
    rows = rows[rows["iso3"] == iso3] if iso3 else rows
    say("sources_apart", count=len(rows), bound=f"{bound:g}", known=int(rows["broken"].sum()))
    shown = rows.assign(broken=rows["broken"].map({True: "yes", False: "no"})).round(2)
    write_table(shown, output, told("sources_apart_title"), agreement.COLUMNS)


@catalogue_app.command("audit")
def catalogue_audit(output: Output = None) -> None:
    """Liệt kê khiếm khuyết của bộ chỉ số theo quy tắc, kèm đề xuất sửa. Thí dụ: nq57 catalogue audit -o khiem-khuyet.xlsx"""
    from nq57lab.quality.catalogue_audit import audit

    found = audit.audit(load_catalogue())
    write_table(found, output, told("defects", count=len(found)), ["rule", "code", "problem", "proposed"])
    silent = [rule.name for rule in audit.RULES if rule.name not in set(found["rule"])]
    if silent:
        say("rules_without_findings", rules="; ".join(silent))


@app.command()
def indicators(known: Known = None, area: Area = None, output: Output = None) -> None:
    """Tính giá trị chỉ số từ dữ liệu thành phần, kèm nguồn gốc. Thí dụ: nq57 indicators --known 2026-06-30 -o chi-so.csv"""
    from nq57lab.facts import indicators as values

    found, rows = load_known(known)
    check_area(found, area)
    write_table(values.compute(found, rows, area), output, told("indicator_values"), values.COLUMNS[:7])
    for lost in values.undefined(found, rows if area is None else rows[rows["area"] == area]).itertuples():
        say("zero_denominator", code=lost.subject, area=lost.area, period=lost.period, row=lost.zero)


@app.command()
def audit(known: Known = None, output: Output = None) -> None:
    """Tính lại các số in trong dự thảo và liệt kê chỗ không khớp. Thí dụ: nq57 audit -o doi-chieu.xlsx"""
    from nq57lab.facts import audit as quality

    found, rows = load_known(known)
    relations = found.relations[found.relations["source"].isin(set(rows["source"]))]
    table = quality.audit(relations, rows)
    shown = quality.AUDIT_COLUMNS if output is None else list(table.columns)
    write_table(
        table[table["consistent"] != "yes"] if output is None else table[shown],
        output,
        told("disagreements"),
        ["id", "locator", "printed", "recomputed", "consistent", "reason"],
    )
    told_apart = found.conflicts[found.conflicts["source"].isin(set(rows["source"]))]
    if output is None and len(told_apart):
        write_table(told_apart, None, told("conflicts"), ["id", "kind", "locator", "second_at", "problem"])


@app.command()
def report(
    params: Annotated[
        Path, typer.Argument(help="Tệp tham số, thí dụ params/so-ket-18-thang.yml; hoặc init để bắt đầu một báo cáo.")
    ],
    kind: Annotated[str, typer.Argument(help="Sau init: loại báo cáo, thí dụ bao-cao-quy.")] = "",
    period: Annotated[str, typer.Option("--period", help="Sau init: kỳ báo cáo, thí dụ 2026-Q3.")] = "",
    change: Annotated[list[str] | None, typer.Option("--set", help="Đổi một tham số: khóa=giá trị.")] = None,
    formats: cli_reports.Formats = None,
    renderer: cli_reports.Renderer = "auto",
) -> None:
    """Lập báo cáo từ tệp tham số, hoặc bắt đầu một báo cáo. Thí dụ: nq57 report params/so-ket-18-thang.yml --formats html,pdf; nq57 report init bao-cao-quy --period 2026-Q3"""
    if str(params) == "init":
        from nq57lab.publish import starting

        for path in starting.start(project_root(), kind, period):
            typer.echo(str(path))
        _not_in(period)
        return
    from rich.console import Console

    from nq57lab.publish import execute
    from nq57lab.publish.final import gate
    from nq57lab.publish.params import found_in, load

    wanted = cli_reports.read_formats(formats)
    one_of("--renderer", [renderer], cli_reports.RENDERERS)
    root = project_root()
    parameters = load(found_in(root, params), change)
    cli_reports.look_at_sections(root, [parameters])
    with Console(stderr=True).status(told("preparing")) as status:
        folder = execute.run(
            root,
            parameters,
            renderer=renderer,
            formats=wanted,
            report=lambda step: status.update(told(step)),
            in_process=True,
            gate=gate.of(parameters),
        )
    for path in sorted(folder.iterdir()):
        if path.suffix in (".html", ".pdf", ".docx", ".pptx", ".xlsx") or path.name == "manifest.json":
            typer.echo(str(path))
    cli_reports.tell_without(folder)


def _not_in(period: str) -> None:
    """Say which of a period's own figures have not come in."""
    from datetime import date

    from nq57lab.store import delivery, intake

    found = load_catalogue()
    late = delivery.missing(found, intake.load(found), date.today())
    own = late[late["period"] == period]
    if len(own):
        say("period_missing", agencies=len(own), figures=int(own["codes"].str.count(", ").sum() + len(own)))


@app.command()
def lab(
    new: Annotated[
        str, typer.Option("--new", help="Bắt đầu một phân tích riêng với tên này: sổ tay và tệp tham số.")
    ] = "",
    code: Annotated[
        str,
        typer.Option("--code", help="Với --new: mã chỉ số bắt đầu (bỏ trống: A.02.02, không có thì chỉ số đầu tiên)."),
    ] = "",
    known: Known = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Mở cửa sổ trình duyệt hay không.")] = True,
    port: Annotated[
        int | None,
        typer.Option("--port", min=1, max=65535, help="Cổng trên 127.0.0.1 (bỏ trống: cổng trống đầu tiên)."),
    ] = None,
) -> None:
    """Mở JupyterLab, hoặc bắt đầu một phân tích riêng. Thí dụ: nq57 lab; nq57 lab --new kinh-te-so --code A.02.02"""
    if new:
        from datetime import date

        from nq57lab.jupyter import analysis

        day = read_day(known or date.today().isoformat()).isoformat()
        if not code:
            codes = load_catalogue().indicators["code"].tolist()
            code = next((first for first in ("A.02.02", *codes) if first in codes), "A.02.02")
        for path in analysis.new(project_root(), new, code, day):
            typer.echo(str(path))
        say("analysis_next", path=f"params/{new}.yml")
        return
    from nq57lab.jupyter import start

    raise typer.Exit(start.run(project_root(), port=port, browser=browser))


language.adopt(app)


def main() -> None:
    """Run the command line; problems are printed, not raised."""
    gc.set_threshold(*COLLECTIONS)
    if "_NQ57_COMPLETE" in os.environ:  # the shell asks what may follow
        from typer.completion import completion_init

        completion_init()
        typer.main.get_command(app)(prog_name="nq57", complete_var="_NQ57_COMPLETE")
    STATE["lang"] = os.environ["NQ57_LANG"] = language.asked(sys.argv[1:], os.environ)
    try:
        code = language.run(app)
    except ProblemError as error:
        typer.echo(error.text(STATE["lang"]), err=True)
        code = 2 if isinstance(error, CallError) else 1
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            code = 1
        else:
            typer.echo(disk_problem(error).text(STATE["lang"]), err=True)
            code = 1
    except Exception as error:
        if type(error).__name__ != "ExecutionError":
            raise
        typer.echo(str(error), err=True)
        code = 1
    raise SystemExit(code)
