"""The check of an edition: every printed number recomputed from the store, and none that has no trace.

An edition's folder in; one row for each number out, ``ok`` yes or no with the reason. The edition's notebook is run again on the
store as it was known on the edition's dates; printed numbers, values and rows must come out the same. Numbers that rest on one row
are also read back from their printed digits and compared with the row itself, and the text is searched for untraced ones.
"""

import json
import re
from pathlib import Path
from typing import Any

import lxml.html
import pandas as pd

from nq57lab.base import whole, wording
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.documents import edition, plain_numbers
from nq57lab.facts import illustrative
from nq57lab.facts import known as knowledge
from nq57lab.facts.catalogue import Catalogue
from nq57lab.forecast import evidence
from nq57lab.publish import execute, render

COLUMNS = ["id", "place", "printed", "recomputed", "rows", "ok", "reason", "document"]
TOLERANCE = 1e-9


def parts(folder: Path) -> list[tuple[str, Path, dict[str, Any]]]:
    """Return an edition's documents: name, folder and parameters; one, or one for each area of a batch."""
    path = folder / "manifest.json"
    if not path.is_file():
        raise ProblemError([Problem("missing_file", str(folder), details={"file": "manifest.json"})])
    content = json.loads(path.read_text(encoding="utf-8"))
    if "items" not in content:
        return [(content["edition"], folder, content["parameters"])]
    return [
        (name, folder / name, content["parameters"] | {"area": item["area"], "edition": name})
        for name, item in content["items"].items()
        if (folder / name).is_dir()
    ]


def check(root: Path, folder: Path) -> pd.DataFrame:
    """Recompute every number of an edition.

    Parameters
    ----------
    root : Path
        The project whose store the numbers are recomputed from.
    folder : Path
        The edition.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`: each number of the trace, then every number of the text that has none.

    Raises
    ------
    ProblemError
        If the folder is no edition.
    """
    tables = [_check_one(root, name, place, parameters) for name, place, parameters in parts(folder)]
    return pd.concat(tables, ignore_index=True)


def printed_text(notebook: Path) -> str:
    """Return all that an executed notebook puts before readers: document, slides, leaflet."""
    return "\n\n".join(render.collect(notebook, tag) for tag in ("", *render.APART.values()))


def untraced(text: str, catalogue: Catalogue, trace: pd.DataFrame, parameters: dict[str, Any]) -> pd.DataFrame:
    """Return the numbers of a document and its charts that have no trace; ``reason`` is empty where nothing accounts for them."""
    allowed = [
        execute.verified_words(execute.statuses_printed(trace)),
        parameters["title"].partition("|")[2],
        *(text for text in map(str, parameters.values()) if not text.isdecimal()),
    ]
    words = plain_numbers.in_charts(text, catalogue, trace, allowed)
    return pd.concat([plain_numbers.find(text, catalogue, allowed), words], ignore_index=True)


def _check_one(root: Path, name: str, folder: Path, parameters: dict[str, Any]) -> pd.DataFrame:
    trace = pd.read_csv(folder / "trace.csv", dtype=str, keep_default_na=False)
    again = rerun(root, parameters)
    known = knowledge.of_parameters(root, parameters)
    notebook = folder / f"{name}.ipynb"
    in_slides, alone = _in_slides(trace, folder / f"{name}.pptx", notebook)
    reasons = [
        "; ".join(filter(None, found))
        for found in zip(
            _compared(trace, again),
            _read_back(trace, known),
            _in_page(trace, folder / f"{name}.html"),
            in_slides,
            strict=True,
        )
    ]
    table = trace[["id", "place", "printed", "recomputed", "rows"]].assign(reason=reasons)
    table = table.assign(ok=["no" if reason else "yes" for reason in reasons])
    if len(again) != len(trace):
        extra = {
            "id": "",
            "place": "",
            "printed": str(len(trace)),
            "recomputed": str(len(again)),
            "rows": "",
            "ok": "no",
        }
        reason = "số lần dẫn số liệu khác với khi tính lại từ kho"
        table = pd.concat([table, pd.DataFrame([extra | {"reason": reason}])], ignore_index=True)
    plain = untraced(printed_text(notebook), known.catalogue, trace, parameters)
    rows = [
        {
            "id": "",
            "place": ": ".join(filter(None, (found.place, found.context))),
            "printed": found.number,
            "recomputed": "",
            "rows": "",
            "ok": "yes" if found.reason else "no",
            "reason": f"hằng số: {found.reason}" if found.reason else "số không truy vết được (gõ tay?)",
        }
        for found in plain.itertuples()
    ]
    rows += alone
    table = pd.concat([table, pd.DataFrame(rows, columns=COLUMNS[:-1])], ignore_index=True)
    return table.assign(document=name)[COLUMNS]


def rerun(root: Path, parameters: dict[str, Any]) -> pd.DataFrame:
    """Run a report's notebook on the store, without rendering, and return its trace."""
    with whole.work() as work, edition.undrawn():
        out = work / "chay.ipynb"
        source = root / "notebooks" / parameters["notebook"]
        execute.execute(source, out, parameters | {"work": str(work)}, in_process=True)
        return pd.read_csv(work / "trace.csv", dtype=str, keep_default_na=False)


def _compared(trace: pd.DataFrame, again: pd.DataFrame) -> list[str]:
    """Say, for each number, how it differs from the one that the store gives now."""
    keys = ["place", "nth"]
    left, right = (table.assign(nth=table.groupby("place").cumcount()) for table in (trace, again))
    both = left.merge(right, on=keys, how="left", suffixes=("", "_new"))
    reasons = []
    for row in both.itertuples():
        if row.printed_new != row.printed_new:
            reasons.append("không còn được tính từ kho")
        elif row.printed != row.printed_new:
            reasons.append(f"kho cho {row.printed_new}")
        elif not _same(row.recomputed, row.recomputed_new):
            reasons.append(f"giá trị trong kho là {row.recomputed_new}")
        elif row.ok == "no":
            reasons.append("không có dòng dữ liệu")
        else:
            reasons.append("")
    return reasons


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    try:
        a, b = float(one), float(other)
    except ValueError:
        return False
    return abs(a - b) <= TOLERANCE * max(1.0, abs(a))


def _read_back(trace: pd.DataFrame, known: knowledge.Knowledge) -> list[str]:
    """Compare the printed digits of numbers that rest on one row with that row."""
    rows = known.table.set_index("id")
    everything = set(known.stored["id"]) | set(rows.index)
    factors = dict(zip(known.catalogue.units["unit"], known.catalogue.units["factor"].astype(float), strict=True))
    reasons = []
    for entry in trace.itertuples():
        named = [part for part in entry.rows.split("; ") if part]
        gone = [part for part in named if re.search(r"\.csv:\d+$", part) and not _exists(part, everything, known)]
        if gone:
            reasons.append(f"không có dòng {gone[0]} trong kho")
        elif len(named) == 1 and not entry.formula and named[0] in rows.index:
            reasons.append(_digits(entry, rows.loc[named[0]], factors))
        else:
            reasons.append("")
    return reasons


def _exists(part: str, ids: set[str], known: knowledge.Knowledge) -> bool:
    if part in ids or part.startswith(illustrative.ROW_PREFIX):
        return True
    file, _, row = part.partition(":")
    if file == evidence.PATH.name:  # coverage measured on M3, shipped with the forecasts
        return 2 <= int(row) <= len(evidence.table()) + 1
    table = getattr(known.catalogue, file.removesuffix(".csv"), None)
    return table is not None and 2 <= int(row) <= len(table) + 1


def _digits(entry, row: pd.Series, factors: dict[str, float]) -> str:
    text = entry.printed.replace(wording.NO_BREAK, " ")
    for word in filter(None, wording.QUALIFIER_WORDS.values()):
        text = text.removeprefix(word)
    text = text.removesuffix(entry.unit).strip() if entry.unit else text
    try:
        read = wording.parse_range(text)
    except ValueError:
        return ""
    factor = 1.0
    if entry.unit != row["unit"] and {entry.unit, row["unit"]} <= set(factors):
        factor = factors[row["unit"]] / factors[entry.unit]
    apart = abs(abs(read[0].value) - abs(float(row["value"]) * factor))
    return "" if apart <= read[0].step * 0.5000001 else f"dòng {row.name} là {row['value']:g} {row['unit']}"


def _in_page(trace: pd.DataFrame, page: Path) -> list[str]:
    """Compare the numbers of the HTML page with the trace, where there is a page."""
    if not page.is_file():
        return [""] * len(trace)
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
    tree = lxml.html.document_fromstring(page.read_bytes(), parser=parser)
    shown: dict[str, set[str]] = {}
    for span in tree.xpath("//*[@data-so]"):
        shown.setdefault(span.get("data-so"), set()).add(_plain(span.text_content()))
    result = []
    for entry in trace.itertuples():
        others = shown.get(entry.id, set()) - {_plain(entry.printed)}
        result.append(f"trang HTML in {sorted(others)[0]}" if others else "")
    return result


def _in_slides(trace: pd.DataFrame, path: Path, notebook: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Compare the numbers of the slides with the trace, where there are slides; those that stand in the file alone as rows."""
    if not path.is_file():
        return [""] * len(trace), []
    from nq57lab.publish.meeting import page, read_back

    slides = page.read(render.collect(notebook, render.SLIDES))
    wrong, alone = read_back.apart(path, slides, dict(zip(trace["id"], trace["printed"], strict=True)))
    blank = dict.fromkeys(COLUMNS[:-1], "")
    reason = "số chỉ có trong tệp trình chiếu"
    rows = [blank | {"place": place, "printed": number, "ok": "no", "reason": reason} for place, number in alone]
    return [wrong.get(identity, "") for identity in trace["id"]], rows


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace(wording.WORD_JOINER, "").replace(wording.NO_BREAK, " ")).strip()
