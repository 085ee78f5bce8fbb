"""Starting a report: a parameter file and the empty sections that an official writes, from a kind and a period."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from nq57lab.base import messages, periods, project, whole, wording
from nq57lab.base.problems import CallError, Problem
from nq57lab.documents import report_kinds

PLACEHOLDER = "*(Nội dung do đơn vị chủ trì bổ sung; gọi số bằng tên, không gõ số.)*"


@dataclass(frozen=True)
class Kind:
    """How one kind of report begins: its schema, its notebook, its title, the sections written by hand, further parameters."""

    schema: str
    notebook: str
    title: str
    sections: tuple[str, ...] = ()
    more: tuple[str, ...] = ()


def kinds(root: Path) -> dict[str, Kind]:
    """Return what can be begun, by name, as the schemas of a project's reports say it (``x-bat-dau``)."""
    found = {}
    for schema, path in report_kinds.kinds(root / "params").items():
        for name, entry in report_kinds.schema(path).get("x-bat-dau", {}).items():
            lists = {key: tuple(entry.get(key, ())) for key in ("sections", "more")}
            found[name] = Kind(schema, entry["notebook"], entry["title"], **lists)
    return found


def start(root: Path, kind: str, period: str) -> list[Path]:
    """Write a report's parameter file and the sections to be written by hand; nothing that exists is overwritten.

    Returns
    -------
    list of Path
        The files written, the parameter file first.

    Raises
    ------
    CallError
        For an unknown kind, a wrong period, or a parameter file that exists.
    """
    found = []
    known = kinds(root)
    if kind not in known:
        found.append(Problem("values", "report init", found=kind, details={"allowed": ", ".join(known)}))
    if not periods.is_period(period) or "/" in period:
        found.append(Problem("pattern", "--period", found=period, details={"shape": messages.shape("report_period")}))
    if found:
        raise CallError(found)
    entry = known[kind]
    first, last = periods.bounds(period)
    edition = f"{kind}-{period.lower()}"
    path = root / "params" / f"{edition}.yml"
    if path.exists():
        raise CallError([Problem("taken", found=str(path), details={"what": messages.shape("period")})])
    words = wording.period(period)
    lines = [
        f"# {wording.capital(words)}: nq57 report params/{path.name}",
        f"schema: {entry.schema}.schema.json",
        f"notebook: {entry.notebook}",
        f"edition: {edition}",
        f'title: "{entry.title.format(ky=words, chuong_trinh=project.programme(root).name)}"',
        f"known: {known_after(last).isoformat()}",
        f"period: {period}",
        "draft: true",
        *(line.format(truoc=_before(first).isoformat()) for line in entry.more),
    ]
    sections = [root / "reports" / "sections" / edition / f"{name}.md" for name in entry.sections]
    sections = [section for section in sections if not section.exists()]
    for section in sections:
        whole.write(section, PLACEHOLDER + "\n")
    whole.write(path, "\n".join(lines) + "\n")  # last: while it is not there the report can be begun again
    return [path, *sections]


def known_after(last: date) -> date:
    """Return the day by which a period's own figures are published: the last day of the month after it.

    >>> known_after(date(2026, 9, 30))
    datetime.date(2026, 10, 31)
    """
    after = last + timedelta(days=1)
    return after.replace(day=monthrange(after.year, after.month)[1])


def _before(first: date) -> date:
    """Return the last day of the month before a period."""
    day = first - timedelta(days=1)
    return day.replace(day=monthrange(day.year, day.month)[1])
