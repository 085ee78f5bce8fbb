"""The commands ``nq57 data``: check, import, template, status, export; thin, heavy imports only inside them."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from nq57lab.base import messages, whole
from nq57lab.facts.commands import load_catalogue, one_of, say, told, write_table
from nq57lab.store.large.cli import large_app, query
from nq57lab.store.live.cli import pull

data_app = typer.Typer(help="Kho số liệu: kiểm tra, nhập, lập biểu, theo dõi, xuất.", no_args_is_help=True)
data_app.add_typer(large_app, name="large")
data_app.command("query")(query)
data_app.command("pull")(pull)

Files = Annotated[list[Path], typer.Argument(help="Tệp .csv, .xlsx hoặc .ods, một hoặc nhiều.")]
Source = Annotated[str, typer.Option("--source", help="Mã nguồn (sources.csv) cho tệp không ghi nguồn.")]
Vintage = Annotated[str, typer.Option("--vintage", help="Ngày công bố cho tệp không ghi ngày, thí dụ 2026-06-30.")]
Accept = Annotated[str, typer.Option("--accept", help="Lý do giữ các số bất thường; ghi vào cột ghi chú.")]
Numbers = Annotated[str, typer.Option("--numbers", help="Cách viết số trong tệp: vi (1.245,5) hoặc en (1,245.5).")]


def _refused(option: str, shape: str, found: str):
    """Return the refusal of an option's value that has not the form of its kind."""
    from nq57lab.base.problems import CallError, Problem

    return CallError([Problem("pattern", option, found=found, details={"shape": messages.shape(shape)})])


def _day(text: str, option: str) -> date:
    from nq57lab.store import typed

    try:
        return date.fromisoformat(typed.day(text)) if text else date.today()
    except ValueError:
        raise _refused(option, "typed_day", text) from None


def _checked(files: list[Path], source: str, vintage: str, numbers: str, today: date, accept: str = ""):
    """Check every file; the problems of all of them are told together."""
    from nq57lab.base.problems import ProblemError
    from nq57lab.store import disk, intake, typed

    one_of("--numbers", [numbers] if numbers else [], typed.CONVENTIONS)
    try:
        issued = typed.day(vintage) if vintage else ""
    except ValueError:
        raise _refused("--vintage", "typed_day", vintage) from None
    catalogue = load_catalogue()
    disk.mend(catalogue.root)
    existing, found, batches = intake.load(catalogue), [], []
    said: dict[str, Any] = {"source": source, "vintage": issued, "numbers": numbers, "today": today}
    said["accept"] = accept.strip()
    for path in files:
        try:
            batches.append(intake.check(path, catalogue, existing, **said))
        except ProblemError as error:
            found += error.problems
    if found:
        raise ProblemError(found)
    return catalogue, batches


def _listed(batch) -> str:
    return told("listed", count=batch.records["object"].nunique()) if len(batch.records) else ""


def _counts(batch) -> dict[str, object]:
    """Return how many rows were read, and what became of them."""
    return {
        "read": batch.read,
        "count": len(batch.frame),
        "blank": batch.blank,
        "aside": batch.aside,
        "listed": _listed(batch),
    }


def _tell(batch) -> None:
    """Print what a file holds besides its figures, and what was taken as meant."""
    from nq57lab.facts.commands import STATE

    for notice in batch.told:
        typer.echo(notice.text(STATE["lang"]))


@data_app.command("check")
def check(files: Files, source: Source = "", vintage: Vintage = "", numbers: Numbers = "", accept: Accept = "") -> None:
    """Kiểm tra tệp như khi nhập, không ghi gì. Thí dụ: nq57 data check bieu-thang-6.xlsx"""
    _, batches = _checked(files, source, vintage, numbers, date.today(), accept)
    for path, batch in zip(files, batches, strict=True):
        _tell(batch)
        say("file_right", file=path.name, **_counts(batch))


@data_app.command("import")
def import_(
    files: Files, source: Source = "", vintage: Vintage = "", numbers: Numbers = "", accept: Accept = ""
) -> None:
    """Nhập tệp vào kho: mỗi tệp thành một tệp mới, số cũ giữ nguyên. Thí dụ: nq57 data import bieu.xlsx --source S004"""
    from nq57lab.store import intake

    today = date.today()
    catalogue, batches = _checked(files, source, vintage, numbers, today, accept)
    for path, batch in zip(files, batches, strict=True):
        receipt = intake.append(batch, catalogue, today=today)
        _tell(batch)
        done = {"corrections": receipt.corrections, "verifications": receipt.verifications}
        say("file_imported", file=path.name, path=receipt.path.name, **_counts(batch), **done)


@data_app.command("template")
def template(
    output: Annotated[Path, typer.Option("-o", "--output", help="Tệp biểu .xlsx.")],
    agency: Annotated[str, typer.Option("--agency", help="Cơ quan: agency:BKHCN hoặc BKHCN.")] = "",
    group: Annotated[str, typer.Option("--group", help="Nhóm chỉ số: B.03.")] = "",
    form: Annotated[str, typer.Option("--form", help="Biểu lớp C: C.07.01.")] = "",
    period: Annotated[str, typer.Option("--period", help="Kỳ: 2026-06, quý II/2026; mặc định là tháng này.")] = "",
    area: Annotated[str, typer.Option("--area", help="Địa bàn của số liệu: VN, 34:75.")] = "VN",
    source: Source = "",
    verify: Annotated[bool, typer.Option("--verify", help="Có cột xác thực: người, ngày, quyết định.")] = False,
) -> None:
    """Lập biểu Excel để điền. Thí dụ: nq57 data template --agency BKHCN --period "quý II/2026" -o bieu.xlsx"""
    from nq57lab.base.problems import Problem, ProblemError
    from nq57lab.store import forms, typed

    chosen = [(kind, code) for kind, code in (("agency", agency), ("group", group), ("form", form)) if code]
    if len(chosen) != 1:
        raise ProblemError([Problem("form_choice", found=", ".join(code for _, code in chosen))])
    one_of("-o", [output.suffix.lower()], (".xlsx",))
    kind, code = chosen[0]
    code = f"agency:{code}" if kind == "agency" and ":" not in code else code
    try:
        asked = typed.period(period or date.today().isoformat()[:7])
    except ValueError:
        raise _refused("--period", "typed_period", period) from None
    output.parent.mkdir(parents=True, exist_ok=True)
    count = forms.write(load_catalogue(), forms.Choice(kind, code, asked, area, source), output, date.today(), verify)
    say("wrote", path=output, count=count)


@data_app.command("verify")
def verify(
    rows: Annotated[list[str], typer.Argument(help="Mã dòng của kho (BC_BTP_2026-10-25.csv:2) hoặc tên tệp của kho.")],
    by: Annotated[str, typer.Option("--by", help="Người hoặc cơ quan xác thực.")],
    evidence: Annotated[str, typer.Option("--evidence", help="Minh chứng: văn bản, biên bản, liên kết.")],
    decision: Annotated[str, typer.Option("--decision", help="Quyết định xác thực: số, ngày.")],
    on: Annotated[str, typer.Option("--on", help="Ngày xác thực; mặc định hôm nay.")] = "",
    subject: Annotated[list[str] | None, typer.Option("--subject", help="Của tệp, chỉ những mã này.")] = None,
    public_decision: Annotated[
        str,
        typer.Option("--public-decision", help="Quyết định công khai của số ghi công khai mà chưa nêu: số, ngày."),
    ] = "",
) -> None:
    """Xác thực số đã có trong kho: ghi thêm dòng đã xác thực, số cũ giữ nguyên. Thí dụ: nq57 data verify BC_BTP_2026-10-25.csv:2 --by BTP --evidence BB-12 --decision 5-QD

    Biểu có cột xác thực để điền: nq57 data template --verify.
    """
    from nq57lab.store import disk, intake, verification

    today = date.today()
    catalogue = load_catalogue()
    disk.mend(catalogue.root)
    said = {"verified_by": by.strip(), "verified_on": _day(on, "--on").isoformat()}
    said |= {"evidence": evidence.strip(), "decision": decision.strip()}
    said |= {"public_decision": public_decision.strip()} if public_decision.strip() else {}
    for batch in verification.batches(catalogue, rows, said, today, tuple(subject or ())):
        receipt = intake.append(batch, catalogue, today=today)
        say("verified", count=receipt.rows, path=receipt.path.name)


@data_app.command("status")
def status(
    on: Annotated[str, typer.Option("--on", help="Tính đến ngày; mặc định hôm nay.")] = "",
    agency: Annotated[str, typer.Option("--agency", help="Chỉ một cơ quan.")] = "",
    missing: Annotated[
        bool, typer.Option("--missing", help="Liệt kê số còn thiếu: của ai, kỳ nào, từ hạn nào.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Tệp kết quả: .csv, .parquet hoặc .xlsx.")
    ] = None,
) -> None:
    """Tình hình gửi số liệu của từng cơ quan (hạn ngày 25). Thí dụ: nq57 data status --on 2026-07-01"""
    from nq57lab.store import delivery, intake

    catalogue = load_catalogue()
    code = f"agency:{agency}" if agency and ":" not in agency else agency
    day, rows = _day(on, "--on"), intake.load(catalogue)
    if missing:
        write_table(delivery.missing(catalogue, rows, day, code), output, told("missing"), of="missing")
        return
    table = delivery.status(catalogue, rows, day, code)
    if output is not None:
        write_table(table, output, told("deliveries"))
        return
    sent = table["sent"] + table["sent_late"]
    shown = table.assign(sent=sent).rename(columns={"with_errors": "errors", "awaiting_verification": "awaiting"})
    write_table(shown, None, told("deliveries"), delivery.SHOWN, of="deliveries")
    say("deliveries_more")


@data_app.command("export")
def export(
    output: Annotated[Path, typer.Option("-o", "--output", help="Thư mục kết quả.")],
    known: Annotated[str, typer.Option("--known", help="Chỉ số liệu biết được đến ngày này (mỗi khóa một số).")] = "",
    public: Annotated[bool, typer.Option("--public", help="Chỉ số liệu được công khai.")] = False,
) -> None:
    """Xuất kho ra CSV, Parquet, Excel, SDMX-CSV 2.0 và bảng truy vết A → B → C. Thí dụ: nq57 data export -o xuat/"""
    from nq57lab.facts import observations
    from nq57lab.store import intake, records
    from nq57lab.store.export import export as write

    catalogue = load_catalogue()
    rows = intake.load(catalogue)
    rows = observations.as_of(rows, _day(known, "--known")) if known else rows
    rows = rows[rows["public"] == "yes"] if public else rows
    lists = records.load(catalogue)
    lists = lists[lists["vintage"] <= _day(known, "--known").isoformat()] if known else lists
    lists = lists.iloc[:0] if public else lists  # no decision makes a list public
    with whole.folder(output) as aside:
        made = write(rows, catalogue, aside, date.today(), lists)
    for path in made:
        typer.echo(str(output / path.relative_to(aside)))


@data_app.command("rollup")
def rollup(
    to: Annotated[str, typer.Option("--to", help="quarter, half_year, year (từ tháng) hoặc nation (từ 34 tỉnh).")],
    subject: Annotated[str, typer.Option("--subject", help="Chỉ một mã.")] = "",
    known: Annotated[str, typer.Option("--known", help="Số liệu biết được đến ngày; mặc định hôm nay.")] = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Tệp kết quả: .csv, .parquet hoặc .xlsx.")
    ] = None,
) -> None:
    """Cộng tháng thành quý, nửa năm, năm; tỉnh thành cả nước, theo quy tắc của danh mục. Thí dụ: nq57 data rollup --to nation

    Thiếu một phần thì không có tổng (cột lý do ghi thiếu mấy); tỷ lệ được tính lại từ số thành phần; điểm số, thứ hạng không cộng.
    """
    from nq57lab.facts import observations
    from nq57lab.store import intake
    from nq57lab.store import rollup as roll

    one_of("--to", [to], (*roll.TARGETS, "nation"))
    catalogue = load_catalogue()
    figures = observations.as_of(intake.load(catalogue), _day(known, "--known"))
    table = roll.over_areas(figures, catalogue) if to == "nation" else roll.over_time(figures, catalogue, to)
    write_table(table[table["subject"] == subject] if subject else table, output, told("rolled_up"))


@data_app.command("drill")
def drill(
    code: Annotated[str, typer.Argument(help="Mã lớp A, lớp B, biểu lớp C hoặc đối tượng.")],
    known: Annotated[str, typer.Option("--known", help="Số liệu biết được đến ngày; mặc định hôm nay.")] = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Tệp kết quả: .csv, .parquet hoặc .xlsx.")
    ] = None,
) -> None:
    """Truy vết A → B → biểu C → đối tượng, kèm số liệu mới nhất. Thí dụ: nq57 data drill A.01.05"""
    from nq57lab.base.problems import Problem, ProblemError
    from nq57lab.facts import observations
    from nq57lab.store import export, intake

    catalogue = load_catalogue()
    paths = export.drill_down(catalogue)
    paths = paths[(paths[["a", "b", "form", "item"]] == code).any(axis=1)].reset_index(drop=True)
    if paths.empty and code in catalogue.names:
        say("drill_nowhere", code=code)
        return
    if paths.empty:
        raise ProblemError([Problem("reference", found=code, details={"target": "indicators.csv, items.csv"})])
    figures = observations.as_of(intake.load(catalogue), _day(known, "--known"))
    table = export.with_figures(paths, figures)
    write_table(table if output else export.outline(table), output, told("drill", code=code))
