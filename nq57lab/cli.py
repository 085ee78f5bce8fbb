"""The command line ``nq57``: thin commands over the package; heavy imports only inside them.

Exit codes: 0 done (findings of an audit are results), 1 a check failed, 2 a wrong call.
"""

from pathlib import Path
from typing import Annotated

import typer

from nq57lab.cli_data import data_app

app = typer.Typer(
    help="nq57lab: theo dõi, phân tích và lập báo cáo thực hiện Nghị quyết 57-NQ/TW.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
catalogue_app = typer.Typer(help="Danh mục chỉ số.", no_args_is_help=True)
app.add_typer(catalogue_app, name="catalogue")
app.add_typer(data_app, name="data")

KINDS = (".csv", ".parquet", ".xlsx")
RENDERERS = ("auto", "quarto", "embedded")
FORMATS = ("html", "pdf", "docx")


def _one_of(option: str, found: list[str], allowed: tuple[str, ...]) -> None:
    """Refuse an option's values that are not among those allowed, in the language chosen."""
    from nq57lab.problems import CallError, Problem

    wrong = [text for text in found if text not in allowed]
    if wrong:
        raise CallError(
            [Problem("values", option, found=text, details={"allowed": ", ".join(allowed)}) for text in wrong]
        )


def _fit_to_write(output: Path | None) -> Path | None:
    """Refuse a file that no table can be written to, before anything is computed."""
    if output is not None:
        _one_of("-o", [output.suffix], KINDS)
    return output


Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="Tệp kết quả: .csv, .parquet hoặc .xlsx.", callback=_fit_to_write),
]
Known = Annotated[str | None, typer.Option("--known", help="Chỉ dùng số liệu công bố đến ngày này (2026-06-30).")]
Area = Annotated[str | None, typer.Option("--area", help="Địa bàn, cơ quan hoặc khối: VN, 34:75, agency:BKHCN.")]
STATE = {"lang": "vi"}


@app.callback()
def options(
    lang: Annotated[str, typer.Option("--lang", help="Ngôn ngữ của thông báo lỗi: vi hoặc en.")] = "vi",
) -> None:
    """nq57lab: theo dõi, phân tích và lập báo cáo thực hiện Nghị quyết 57-NQ/TW."""
    _one_of("--lang", [lang], ("vi", "en"))
    STATE["lang"] = lang


def _root() -> Path:
    from nq57lab.project import find_root

    return find_root()


def _day(text: str | None):
    """Read the day of ``--known``."""
    import re
    from datetime import date

    from nq57lab import contract
    from nq57lab.problems import CallError, Problem

    if text is None:
        return None
    try:
        if re.fullmatch(contract.DAY, text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise CallError([Problem("pattern", "--known", found=text, details={"shape": contract.SHAPES[contract.DAY]})])


def _load(known: str | None):
    """Return the catalogue and the as-of observations."""
    from nq57lab import catalogue, observations

    day = _day(known)
    found = catalogue.load(_root() / "data")
    return found, observations.as_of(observations.load(found), day)


def _check_area(catalogue, area: str | None) -> None:
    """Refuse an area that the catalogue does not have; offer the areas whose name holds the words given."""
    from nq57lab import wording
    from nq57lab.problems import Problem, ProblemError, likely

    ids = list(catalogue.areas["id"])
    if area is None or area in ids:
        return
    names = catalogue.areas["name_vi"].map(wording.plain)
    near = [code for code, name in zip(ids, names, strict=True) if area and wording.plain(area) in name]
    raise ProblemError([Problem("area_unknown", "--area", found=area, details={"hint": likely(near[:3])})])


def _check_code(catalogue, code: str) -> None:
    """Refuse a code that is neither an indicator's nor a variable's."""
    from nq57lab.problems import Problem, ProblemError

    if code not in catalogue.subject_units:
        details = {"target": "indicators.csv, variables.csv"}
        raise ProblemError([Problem("reference", f"nq57 show {code}", found=code, details=details)])


def _write(frame, output: Path | None, title: str, columns: list[str] | None = None) -> None:
    """Write a table to a file, or print it."""
    _fit_to_write(output)
    if output is None:
        from rich.console import Console
        from rich.table import Table

        shown = Table(title=title, show_lines=False, header_style="bold")
        names = columns or list(frame.columns)
        for name in names:
            shown.add_column(name, overflow="fold")
        for row in frame[names].astype(str).itertuples(index=False):
            shown.add_row(*row)
        Console().print(shown)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    if output.suffix == ".csv":
        frame.to_csv(output, index=False, lineterminator="\n")
    elif output.suffix == ".parquet":
        frame.to_parquet(output, index=False)
    else:
        from nq57lab.workbook import write

        write(frame, output, title)
    typer.echo(f"Đã ghi {output} ({len(frame)} dòng).")


@app.command()
def doctor() -> None:
    """Kiểm tra môi trường: gói, phông chữ, bộ dựng báo cáo. Thí dụ: nq57 doctor"""
    from nq57lab.doctor import examine

    lines, fine = examine(_root())
    for line in lines:
        typer.echo(line)
    raise typer.Exit(0 if fine else 1)


@app.command()
def find(words: Annotated[list[str], typer.Argument(help="Từ cần tìm, có dấu hoặc không dấu.")]) -> None:
    """Tìm chỉ số, dữ liệu thành phần theo tên hoặc mã. Thí dụ: nq57 find kinh te so"""
    from nq57lab import catalogue

    hits = catalogue.find(catalogue.load(_root() / "data"), " ".join(words))
    if hits.empty:
        typer.echo("Không tìm thấy. Thử ít từ hơn, hoặc không dấu.")
        return
    _write(
        hits.rename(columns={"code": "Mã", "name_vi": "Tên", "unit": "Đơn vị", "layer": "Lớp"}),
        None,
        f"{len(hits)} kết quả",
    )


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="Mã chỉ số hoặc dữ liệu thành phần.")],
    area: Area = None,
    known: Known = None,
) -> None:
    """Xem mọi điều đã biết về một mã. Thí dụ: nq57 show A.02.02"""
    from datetime import date

    import pandas as pd

    from nq57lab import wording
    from nq57lab.briefing import lookup
    from nq57lab.briefing.document import Edition

    day = known or date.today().isoformat()
    edition = Edition({"edition": "tra-cuu", "title": code, "known": (_day(day)).isoformat()}, root=_root())
    _check_code(edition.catalogue, code)
    _check_area(edition.catalogue, area)
    _write(
        pd.DataFrame(lookup.definition_rows(edition, code), columns=["Mục", "Nội dung"]),
        None,
        edition.catalogue.names[code],
    )
    rows = lookup.history_rows(edition, code, area or "VN")
    if rows.empty:
        typer.echo("Chưa có số liệu.")
        return
    table = pd.DataFrame(
        {
            "Kỳ": rows["period"].map(wording.period),
            "Phân tổ": rows["dims"].map(edition.catalogue.dims_label),
            "Giá trị": rows["qualifier"].map(wording.QUALIFIER_WORDS) + rows["printed"],
            "Đơn vị": rows["unit"],
            "Tình trạng": rows["status"].map(wording.STATUS_WORDS),
            "Công bố": rows["vintage"],
            "Nguồn": rows["source"],
            "Dòng": rows["id"],
        }
    )
    _write(table, None, f"Số liệu công bố đến ngày {wording.day(edition.known)}")


@catalogue_app.command("check")
def catalogue_check() -> None:
    """Kiểm tra danh mục và số liệu: cột, mã, đơn vị, công thức, khóa. Thí dụ: nq57 catalogue check"""
    from nq57lab import catalogue, observations

    found = catalogue.load(_root() / "data")
    rows = observations.load(found)
    layers = found.indicators["layer"].value_counts()
    parts = ", ".join(f"{layers[layer]} {layer}" for layer in layers.index)
    typer.echo(
        f"Danh mục đúng: {len(found.indicators)} chỉ số ({parts}), {len(found.variables)} dữ liệu thành phần, {len(found.targets)} mục tiêu."
    )
    typer.echo(f"Số liệu đúng: {len(rows)} dòng từ {rows['source'].nunique()} nguồn.")


@catalogue_app.command("audit")
def catalogue_audit(output: Output = None) -> None:
    """Liệt kê khiếm khuyết của bộ chỉ số theo quy tắc, kèm đề xuất sửa. Thí dụ: nq57 catalogue audit -o khiem-khuyet.xlsx"""
    from nq57lab import catalogue, catalogue_audit

    found = catalogue_audit.audit(catalogue.load(_root() / "data"))
    _write(found, output, f"{len(found)} phát hiện", ["rule", "code", "problem", "proposed"])


@app.command()
def indicators(known: Known = None, area: Area = None, output: Output = None) -> None:
    """Tính giá trị chỉ số từ dữ liệu thành phần, kèm nguồn gốc. Thí dụ: nq57 indicators --known 2026-06-30 -o chi-so.csv"""
    from nq57lab import indicators as values

    found, rows = _load(known)
    _check_area(found, area)
    _write(values.compute(found, rows, area), output, "Giá trị chỉ số", values.COLUMNS[:7])


@app.command()
def audit(known: Known = None, output: Output = None) -> None:
    """Tính lại các số in trong dự thảo và liệt kê chỗ không khớp. Thí dụ: nq57 audit -o doi-chieu.xlsx"""
    from nq57lab import quality

    found, rows = _load(known)
    relations = found.relations[found.relations["source"].isin(set(rows["source"]))]
    table = quality.audit(relations, rows)
    shown = quality.AUDIT_COLUMNS if output is None else list(table.columns)
    _write(
        table[table["consistent"] != "yes"] if output is None else table[shown],
        output,
        "Số không khớp hoặc chưa rõ",
        ["id", "locator", "printed", "recomputed", "consistent", "reason"],
    )


@app.command()
def report(
    params: Annotated[Path, typer.Argument(help="Tệp tham số, thí dụ params/so-ket-18-thang.yml.")],
    change: Annotated[list[str] | None, typer.Option("--set", help="Đổi một tham số: khóa=giá trị.")] = None,
    formats: Annotated[
        str | None, typer.Option("--formats", help="Các dạng tệp, cách nhau bằng dấu phẩy: html,pdf,docx.")
    ] = None,
    renderer: Annotated[str, typer.Option("--renderer", help="auto, quarto hoặc embedded.")] = "auto",
) -> None:
    """Lập báo cáo từ tệp tham số. Thí dụ: nq57 report params/so-ket-18-thang.yml --formats html,pdf"""
    from rich.console import Console

    from nq57lab.briefing import execute
    from nq57lab.briefing.params import load

    wanted = None if formats is None else [text.strip() for text in formats.split(",")]
    _one_of("--formats", wanted or [], FORMATS)
    _one_of("--renderer", [renderer], RENDERERS)
    root = _root()
    parameters = load(params, change)
    with Console(stderr=True).status("Chuẩn bị…") as status:
        folder = execute.run(
            root, parameters, renderer=renderer, formats=wanted, report=lambda step: status.update(f"Đang {step}…")
        )
    for path in sorted(folder.iterdir()):
        if path.suffix in (".html", ".pdf", ".docx", ".xlsx") or path.name == "manifest.json":
            typer.echo(str(path))


@app.command()
def lab() -> None:
    """Mở JupyterLab tại thư mục notebooks/. Thí dụ: nq57 lab"""
    import subprocess
    import sys

    raise typer.Exit(
        subprocess.call([sys.executable, "-m", "jupyterlab", "--notebook-dir", str(_root() / "notebooks")])
    )


def main() -> None:
    """Run the command line; problems are printed, not raised."""
    from nq57lab.problems import CallError, ProblemError

    try:
        app()
    except ProblemError as error:
        typer.echo(error.text(STATE["lang"]), err=True)
        raise SystemExit(2 if isinstance(error, CallError) else 1) from None
    except Exception as error:
        if type(error).__name__ not in ("RenderError", "ExecutionError"):
            raise
        typer.echo(str(error), err=True)
        raise SystemExit(1) from None
