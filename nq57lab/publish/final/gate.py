"""The gate of a final edition (``draft: false``): its executed notebook in; all that still forbids it out, each with its place.

Empty sections, numbers without a trace, strategic alerts that nobody answered, and, beyond what the parameter ``chua_xac_thuc`` allows,
places that say "chưa có số liệu xác thực" and sentences that lost their figure.
"""

import re
from pathlib import Path
from typing import Any

import pandas as pd

from nq57lab.alerts import answers, states
from nq57lab.alerts.rules import KEY
from nq57lab.base import wording
from nq57lab.base.problems import Problem
from nq57lab.documents.edition import LOST
from nq57lab.facts import known as knowledge
from nq57lab.facts.figures import LOST_COLUMNS
from nq57lab.publish import execute, verify
from nq57lab.publish.final import sections

_HEADING = re.compile(r"#{1,4} +(.+?)(?: *\{[^}]*\})?$")


def of(parameters: dict[str, Any]) -> execute.Gate:
    """Return the gate that an edition passes: this one, or an open one for a draft."""
    return execute.open_gate if parameters.get("draft", True) else check


def check(root: Path, parameters: dict[str, Any], notebook: Path) -> list[Problem]:
    """Return all that forbids an edition from being final."""
    known = knowledge.of_parameters(root, parameters)
    trace = pd.read_csv(notebook.parent / "trace.csv", dtype=str, keep_default_na=False)
    text = verify.printed_text(notebook)
    found = sections.unwritten(root, parameters)
    plain = verify.untraced(text, known.catalogue, trace, parameters)
    found += [
        Problem("number_untraced", ": ".join(filter(None, (row.place, row.context))), found=row.number)
        for row in plain[plain["reason"] == ""].itertuples()
    ]
    found += _unanswered(root, parameters, notebook.parent)
    return found + _unverified(text, without_figures(notebook.parent), parameters)


def without_figures(folder: Path) -> pd.DataFrame:
    """Return the sentences of an edition that a figure is missing from (:data:`nq57lab.facts.figures.LOST_COLUMNS`)."""
    path = folder / LOST
    return pd.read_csv(path, dtype=str, keep_default_na=False) if path.is_file() else pd.DataFrame(columns=LOST_COLUMNS)


def _unverified(text: str, lost: pd.DataFrame, parameters: dict[str, Any]) -> list[Problem]:
    """Return the headings under which figures are missing because they are not verified, and the sentences that lost theirs in silence, where there are more than allowed."""
    missing, counts, heading = f"{wording.NO_DATA} xác thực", dict[str, int](), ""
    for line in text.split("\n"):
        if match := _HEADING.match(line):
            heading = match[1]
        if count := line.casefold().count(missing.casefold()):
            counts[heading] = counts.get(heading, 0) + count
    lost = lost[lost["said"] == "no"]
    allowed, total = int(parameters.get("chua_xac_thuc", 0)), sum(counts.values()) + len(lost)
    if total <= allowed:
        return []
    details = {"allowed": allowed, "total": total}
    return [
        *(Problem("figures_unverified", place, found=str(count), details=details) for place, count in counts.items()),
        *(
            Problem("sentence_lost", row.place, found=row.sentence, details=details | {"missing": row.missing})
            for row in lost.itertuples()
        ),
    ]


def _unanswered(root: Path, parameters: dict[str, Any], folder: Path) -> list[Problem]:
    if not (folder / "alerts.csv").is_file():  # a report without alerts
        return []
    alerts, said = answers.asked(states.of_edition(folder)), answers.given(root, parameters["edition"])
    done = set(said.loc[said["answer"].str.strip() != "", list(KEY)].itertuples(index=False, name=None))
    file = f"reports/sections/{parameters['edition']}/{answers.FILE}"
    details = {"edition": parameters["edition"], "known": parameters["known"]}
    return [
        Problem("alert_unanswered", file, found=f"{row['subject_name']}: {row['name']}", details=details)
        for row in alerts.to_dict("records")
        if tuple(str(row[name]) for name in KEY) not in done
    ]
