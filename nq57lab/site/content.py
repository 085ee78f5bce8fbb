"""What a site shows: the rows that its audience may read, their newest values in words, the reports it publishes.

The store, the catalogue and the editions in; plain tables out. The public audience gets only rows with a publication decision, and
nothing that rests on any other row: the rows are chosen first, everything else is computed from them.
"""

import json
import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd

from nq57lab.base import printing, tables, wording
from nq57lab.base.contract import FIELDS
from nq57lab.facts import known as knowledge
from nq57lab.facts.catalogue import Catalogue
from nq57lab.targets import tracking as of_targets

CATALOGUE_FILES = r"(indicators|targets|sources|variables|validation)\.csv"  # what a trace cites besides observations


@dataclass(frozen=True, eq=False)
class Content:
    """The tables behind a site's pages."""

    audience: str
    known: date
    catalogue: Catalogue
    rows: pd.DataFrame  # as known, of the audience
    every: pd.DataFrame  # every vintage, of the audience
    values: pd.DataFrame  # the newest value of each subject, area and breakdown, with words
    progress: pd.DataFrame
    subjects: pd.DataFrame  # code, name, unit, layer, group: those that the audience may see
    fields: dict[str, str]  # what each subject is about; "" where no table says
    reports: list[dict]

    @cached_property
    def indicators(self) -> set[str]:
        """The codes of the catalogue's indicators and KPIs."""
        return set(self.catalogue.indicators["code"])


def gather(root: Path, audience: str, known: date | None = None) -> Content:
    """Collect what an audience's site shows on a date (default: today)."""
    day = known or date.today()
    stored = knowledge.of(root, day, audience=audience)
    found, every, rows = stored.catalogue, stored.entered_rows, stored.table
    values = _values(found, stored.measured)
    shown = _subjects(found, set(values["subject"]) if audience == "cong-khai" else None)
    goals = of_targets.of_known(stored).progress
    goals = goals[goals["indicator"].isin(set(shown["code"]))]
    if audience == "cong-khai":
        goals = goals.drop(columns=[column for column in goals if column.startswith("p_")])
    about = fields(found, tables.read(root / "data" / FIELDS.path, FIELDS, others=vars(found)))
    listed = reports(root, audience, set(every["id"]), found.names)
    return Content(audience, day, found, rows, every, values, goals, shown, about, listed)


def fields(found: Catalogue, of_sources: pd.DataFrame) -> dict[str, str]:
    """Return each subject's field: its group's name, or what the table says of the place where it is stated; "" for neither."""
    groups = dict(zip(found.groups["group"], found.groups["name_vi"], strict=True))
    own = found.indicators
    about = {code: groups.get(group, "") for code, group in zip(own["code"], own["group"], strict=True)}
    prefixes = sorted(zip(of_sources["prefix"], of_sources["name_vi"], strict=True), key=lambda pair: -len(pair[0]))
    for variable in found.variables.itertuples():
        stated = re.match(r"S001, .*\b([AB]\.\d\d)\.\d\d", variable.source)
        by_place = (name for prefix, name in prefixes if re.match(re.escape(prefix) + r"(?![^\W_])", variable.source))
        about[variable.id] = groups.get(stated[1], "") if stated else next(by_place, "")
    return about


def _values(found: Catalogue, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the figures with their words: printed where reported, computed where the formula's parts exist."""
    plain = rows[rows["item"] == ""]
    sources = rows.set_index("id")["source"].to_dict()
    joined = pd.DataFrame(
        {
            "subject": plain["subject"],
            "area": plain["area"],
            "dims": plain["dims"],
            "period": plain["period"],
            "value": plain["value"],
            "shown": [
                wording.QUALIFIER_WORDS[row.qualifier] + printing.printed_number(plain.loc[row.Index])
                for row in plain.itertuples()
            ],
            "unit": plain["unit"],
            "status": plain["status"],
            "vintage": plain["vintage"],
            "source": ["; ".join(dict.fromkeys(sources.get(i, "") for i in text.split("; "))) for text in plain["id"]],
            "how": plain["formula"],
            "rows": plain["id"],
            "end": plain["period_end"],
            "segment": plain["segment"],
        }
    )
    names = [*found.indicators["code"], *found.variables["id"]]
    order = joined["subject"].map({code: place for place, code in enumerate(names)})
    return (
        joined.assign(_o=order)
        .sort_values(["_o", "area", "dims", "end"], kind="stable")
        .drop(columns="_o")
        .reset_index(drop=True)
    )


def _subjects(found: Catalogue, only: set[str] | None) -> pd.DataFrame:
    columns = ["code", "name_vi", "unit", "layer", "group", "frequency", "direction", "formula", "lead", "source"]
    variables = found.variables.rename(columns={"id": "code"})[["code", "name_vi", "unit", "description"]]
    table = pd.concat([found.indicators[columns], variables], ignore_index=True).fillna("")
    return table if only is None else table[table["code"].isin(only)].reset_index(drop=True)


def reports(root: Path, audience: str, visible: set[str], names: dict[str, str]) -> list[dict]:
    """Return the editions that an audience may read, the newest first.

    Internal: every whole edition. Public: those made for the public, final, and resting on rows of the public only.
    """
    found = []
    for path in sorted((root / "reports").glob("*/manifest.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        parameters = content["parameters"]
        if path.parent.name.endswith((".chua-xong", "-lap-lai")) or not content.get("complete", True):
            continue
        if audience == "cong-khai" and not _is_public(path.parent, parameters, visible):
            continue
        of = "các địa bàn, cơ quan" if content.get("items") else names.get(parameters.get("area", ""), "")
        kind, _, about = parameters["title"].replace("{ten}", of).partition("|")
        title = f"{wording.capital(kind.lower())}: {about}" if about else kind
        entry = {
            "edition": path.parent.name,
            "title": title,
            "known": parameters["known"],
            "draft": parameters.get("draft", True),
            "illustrative": bool(parameters.get("minh_hoa")),
            "folder": path.parent,
            "items": content.get("items", {}),
        }
        found.append(entry)
    return sorted(found, key=lambda entry: (entry["known"], entry["edition"]), reverse=True)


def _is_public(folder: Path, parameters: dict, visible: set[str]) -> bool:
    if parameters.get("audience") != "cong-khai" or parameters.get("draft", True) or parameters.get("minh_hoa"):
        return False
    traces = [folder / "trace.csv"] if (folder / "trace.csv").exists() else sorted(folder.glob("*/trace.csv"))
    if not traces:
        return False
    used = pd.concat([pd.read_csv(path, dtype=str, keep_default_na=False)["rows"] for path in traces])
    used = used.str.split("; ").explode()
    stored = used[used.str.fullmatch(r".+\.csv:\d+") & ~used.str.match(CATALOGUE_FILES)]
    return set(stored) <= visible
