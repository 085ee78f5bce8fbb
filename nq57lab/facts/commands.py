"""What the commands share: the options that many take, reading the project, writing a table, refusing a wrong call."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from nq57lab.base import messages, whole

KINDS = (".csv", ".parquet", ".xlsx")


def one_of(option: str, found: list[str], allowed: tuple[str, ...]) -> None:
    """Refuse an option's values that are not among those allowed, in the language chosen."""
    from nq57lab.base.problems import CallError, Problem

    wrong = [text for text in found if text not in allowed]
    if wrong:
        raise CallError(
            [Problem("values", option, found=text, details={"allowed": ", ".join(allowed)}) for text in wrong]
        )


def fit_to_write(output: Path | None) -> Path | None:
    """Refuse a file that no table can be written to, before anything is computed."""
    if output is not None:
        one_of("-o", [output.suffix], KINDS)
    return output


Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", help="Tệp kết quả: .csv, .parquet hoặc .xlsx.", callback=fit_to_write),
]
Known = Annotated[str | None, typer.Option("--known", help="Chỉ dùng số liệu công bố đến ngày này (2026-06-30).")]
Area = Annotated[str | None, typer.Option("--area", help="Địa bàn, cơ quan hoặc khối: VN, 34:75, agency:BKHCN.")]
STATE = {"lang": "vi"}


@contextmanager
def progress(title: str) -> Iterator[Callable[[str], None]]:
    """Show what long work is at; give the function that tells it."""
    from rich.console import Console

    with Console(stderr=True).status(title) as shown:
        yield lambda step: shown.update(f"{title} {step}")


def told(code: str, /, **details: object) -> str:
    """Return a sentence or a title in the language chosen."""
    if "reason" in details:
        details["reason"] = spoken(details["reason"])
    return messages.section(STATE["lang"], "said")[code].format(**details)


def spoken(cell: object) -> object:
    """Return a reason in the language chosen; anything else as it is."""
    return cell.words(STATE["lang"]) if isinstance(cell, messages.Reason) else cell


def say(code: str, /, **details: object) -> None:
    """Print a sentence in the language chosen."""
    typer.echo(told(code, **details))


def warn(code: str, /, **details: object) -> None:
    """Print a sentence among the errors, in the language chosen."""
    typer.echo(told(code, **details), err=True)


def head(column: str, table: str = "") -> str:
    """Return the head of a column on a screen, in the language chosen; a column of the user's own keeps its name.

    >>> head("unit"), head("lo_80"), head("x_mine"), head("source", "links")
    ('Đơn vị', 'Dưới 80', 'x_mine', 'Từ nút')
    """
    return messages.head(column, table, STATE["lang"])


def project_root() -> Path:
    """Return the root of the project that the command stands in."""
    from nq57lab.base.project import find_root

    return find_root()


def read_day(text: str | None, option: str = "--known"):
    """Read the day of an option."""
    import re
    from datetime import date

    from nq57lab.base import contract
    from nq57lab.base.problems import CallError, Problem

    if text is None:
        return None
    try:
        if re.fullmatch(contract.DAY, text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise CallError([Problem("pattern", option, found=text, details={"shape": contract.SHAPES[contract.DAY]})])


def shown_day(day) -> str:
    """Return a day as the language chosen writes it."""
    from nq57lab.base import wording

    return wording.day(day) if STATE["lang"] == "vi" else day.isoformat()


def load_catalogue():
    """Return the project's catalogue."""
    from nq57lab.facts import catalogue

    return catalogue.load(project_root() / "data")


def load_known(known: str | None):
    """Return the catalogue and the as-of observations."""
    from nq57lab.facts import observations

    day = read_day(known)
    found = load_catalogue()
    return found, observations.as_of(observations.load(found), day)


def check_area(catalogue, area: str | None) -> None:
    """Refuse an area that the catalogue does not have; offer the areas whose name holds the words given."""
    from nq57lab.base import wording
    from nq57lab.base.problems import Problem, ProblemError, likely

    ids = list(catalogue.areas["id"])
    if area is None or area in ids:
        return
    names = catalogue.areas["name_vi"].map(wording.plain)
    near = [code for code, name in zip(ids, names, strict=True) if area and wording.plain(area) in name]
    raise ProblemError([Problem("area_unknown", "--area", found=area, details={"hint": likely(near[:3])})])


def check_code(catalogue, code: str) -> None:
    """Refuse a code that is neither an indicator's nor a variable's."""
    from nq57lab.base.problems import Problem, ProblemError

    if code not in catalogue.subject_units:
        details = {"target": "indicators.csv, variables.csv"}
        raise ProblemError([Problem("reference", f"nq57 show {code}", found=code, details=details)])


def print_rows(rows: Iterable[Iterable[str]], columns: list[str], title: str, of: str = "") -> None:
    """Print rows of cells as a table, with heads in the language chosen."""
    from rich.console import Console
    from rich.table import Table

    shown = Table(title=title, show_lines=False, header_style="bold")
    for name in columns:
        shown.add_column(head(name, of), overflow="fold", no_wrap=name == "model")
    for row in rows:
        shown.add_row(*row)
    Console().print(shown)


def write_table(frame, output: Path | None, title: str, columns: list[str] | None = None, of: str = "") -> None:
    """Write a table to a file, or print it with heads in the language chosen.

    Parameters
    ----------
    frame : DataFrame
        The table; a file gets all of it, with its own column names.
    output : Path or None
        The file; None prints.
    of : str
        The table's name, where a column is headed otherwise than elsewhere (``heads`` in the messages).
    """
    fit_to_write(output)
    frame = messages.in_words(frame, STATE["lang"])
    if output is None:
        shown = frame[columns or list(frame.columns)].astype(object)
        print_rows(shown.where(shown.notna(), "–").astype(str).itertuples(index=False), list(shown.columns), title, of)
        return
    if STATE.get("labels") and output.suffix != ".parquet":
        from datetime import date

        from nq57lab.base.problems import ProblemError
        from nq57lab.facts.output import deliverable

        try:
            catalogue = load_catalogue()
        except ProblemError:  # a table of the user's own, outside any project
            catalogue = None
        deliverable.write(frame, output, title, catalogue, STATE["lang"], date.today(), of)
    elif output.suffix == ".csv":
        with whole.file(output) as aside:
            frame.to_csv(aside, index=False, lineterminator="\n")
    elif output.suffix == ".parquet":
        with whole.file(output) as aside:
            frame.to_parquet(aside, index=False)
    else:
        from nq57lab.base.workbook import write

        write(frame, output, title)
    say("wrote", path=output, count=len(frame))
