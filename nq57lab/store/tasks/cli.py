"""The commands ``nq57 tasks``: the state on a day, the form, the reports; thin, heavy imports only inside them."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from nq57lab.facts.commands import Output, load_catalogue, one_of, read_day, say, shown_day, told, write_table

tasks_app = typer.Typer(help="Nhiệm vụ: tình trạng đến một ngày, biểu báo cáo, ghi báo cáo.", no_args_is_help=True)

On = Annotated[str | None, typer.Option("--on", help="Tính đến ngày; mặc định hôm nay.")]
Agency = Annotated[str, typer.Option("--agency", help="Chỉ một cơ quan.")]


def _agency(code: str) -> str:
    return f"agency:{code}" if code and ":" not in code else code


@tasks_app.command("status")
def status(
    on: On = None,
    agency: Agency = "",
    state: Annotated[str, typer.Option("--state", help="Chỉ một tình trạng: done, overdue, due, undated.")] = "",
    output: Output = None,
) -> None:
    """Tình trạng nhiệm vụ đến một ngày. Thí dụ: nq57 tasks status --on 2026-09-30 --state overdue"""
    from nq57lab.base import wording
    from nq57lab.facts.commands import STATE
    from nq57lab.facts.registers import tasks
    from nq57lab.store.tasks import reports

    one_of("--state", [state] if state else [], tuple(tasks.WORDS))
    catalogue, day = load_catalogue(), read_day(on, "--on") or date.today()
    rows = reports.led_by(tasks.as_of(catalogue, day), _agency(agency))
    listed = rows[rows["state"] == state] if state else rows
    listed = listed.assign(lead=listed["lead"].map(catalogue.agencies))
    if output:
        names = ["id", "text", "lead", "with", "product", "due", "state", "late", "done_on", *tasks.REPORTED]
        write_table(listed[names], output, told("tasks_on", day=shown_day(day)), of="tasks")
        return
    if STATE["lang"] == "vi":
        due = [wording.period(text) if text else "" for text in listed["due"]]
        listed = listed.assign(state=listed["state"].map(tasks.WORDS), due=due)
    late = ["" if row.late != row.late or row.late <= 0 else f"{row.late:.0f}" for row in listed.itertuples()]
    shown = listed.assign(late=late)[["id", "text", "lead", "due", "state", "late"]]
    write_table(shown, None, told("tasks_on", day=shown_day(day)), of="tasks")
    say("tasks_count", **dict(reports.counts(rows)))


@tasks_app.command("form")
def form(
    output: Annotated[Path, typer.Option("-o", "--output", help="Tệp biểu .xlsx.")], on: On = None, agency: Agency = ""
) -> None:
    """Lập biểu báo cáo các nhiệm vụ chưa xong. Thí dụ: nq57 tasks form --agency BCA -o nhiem-vu.xlsx"""
    from nq57lab.store.tasks import reports

    one_of("-o", [output.suffix.lower()], (".xlsx",))
    output.parent.mkdir(parents=True, exist_ok=True)
    count = reports.write_form(load_catalogue(), output, read_day(on, "--on") or date.today(), _agency(agency))
    say("wrote", path=output, count=count)


@tasks_app.command("update")
def update(
    what: Annotated[str, typer.Argument(help="Biểu đã điền (.xlsx, .ods, .csv), hoặc mã một nhiệm vụ.")],
    on: Annotated[str | None, typer.Option("--on", help="Ngày báo cáo; mặc định hôm nay.")] = None,
    done: Annotated[str, typer.Option("--done", help="Của một nhiệm vụ: ngày hoàn thành.")] = "",
    progress: Annotated[str, typer.Option("--progress", help="Của một nhiệm vụ chưa xong: tiến độ, vướng mắc.")] = "",
    evidence: Annotated[str, typer.Option("--evidence", help="Minh chứng: văn bản, biên bản, liên kết.")] = "",
    by: Annotated[str, typer.Option("--by", help="Người báo cáo.")] = "",
) -> None:
    """Ghi báo cáo thực hiện nhiệm vụ; báo cáo cũ giữ nguyên. Thí dụ: nq57 tasks update nhiem-vu.xlsx; nq57 tasks update NV.I.1.1 --done 2026-07-30 --evidence BB-12 --by BCA"""
    import pandas as pd

    from nq57lab.store.tasks import reports

    catalogue, today = load_catalogue(), date.today()
    day, path = read_day(on, "--on") or today, Path(what)
    if path.suffix.lower() in (".xlsx", ".ods", ".csv"):
        frame, file = reports.read_form(path), path.name
        frame = frame.assign(by=frame["by"].mask(frame["by"] == "", by))
    else:
        said = {"task": what, "state": "done" if done else "doing", "done_on": done, "progress": progress}
        frame = pd.DataFrame([{"row": "", "text": "", **said, "evidence": evidence, "by": by}])
        file = ""
    made = reports.checked(catalogue, frame, file, day, today)
    reports.append(catalogue, made)
    say("tasks_reported", count=len(made), done=int((made["state"] == "done").sum()))
