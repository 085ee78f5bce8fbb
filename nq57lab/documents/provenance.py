"""Where each printed number comes from, in words: for the page, which shows it on click or focus.

The rows of a trace in; one label a number out.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from nq57lab.base import contract, wording
from nq57lab.documents import arithmetic
from nq57lab.facts import illustrative
from nq57lab.facts.figures import Figures

SHOWN = 4  # rows, and places of a source, that a box names
STORE = "kho số liệu"
_ADDRESS = re.compile(r"https?://(?:www\.)?([^/\s]+)\S*")


def of_page(trace: list[dict], figures: Figures, names_of: Callable[[str], str]) -> list[dict[str, str]]:
    """Return, for each number of a trace, what the page says of it: no code, no file name.

    Parameters
    ----------
    trace : list of dict
        The rows of an edition's trace.
    figures : Figures
        The figures it was written by.
    names_of : callable
        A source's code in, its name out.

    Returns
    -------
    list of dict
        id; so, the number as printed; cach, the arithmetic with its numbers, or how it was obtained in words; dung, the figures used where
        a number has no arithmetic; ky (period); tinh_trang (status); cong_bo (vintage); nguon, the sources with the places in them, or the
        lists that were counted; ma, the indicator. Texts only, empty where there is nothing to say.
    """
    wanted = {row for entry in trace for row in str(entry["rows"]).split("; ")}
    rows = {row["id"]: row for row in figures.table[figures.table["id"].isin(wanted)].to_dict("records")}
    indicators = set(figures.catalogue.indicators["code"])
    told: dict[tuple, str] = {}
    result = []
    for entry in trace:
        used = [rows[row] for row in dict.fromkeys(str(entry["rows"]).split("; ")) if row in rows]
        key = tuple(entry[name] for name in ("formula", "area", "asked", "period", "recomputed"))
        if key not in told:
            told[key] = _how(entry, figures)
        how, formula = told[key], entry["formula"]
        words = "" if formula and arithmetic.is_formula(figures.catalogue, formula) else formula or "số ghi trong nguồn"
        codes = {row["subject"] for row in used} & indicators
        result.append(
            {
                "id": entry["id"],
                "so": entry["printed"],
                "cach": f"{how} = {entry['printed']}" if how else words,
                "dung": _some([_figure(figures, row) for row in used[:SHOWN]], "số", len(used))
                if formula and not how
                else "",
                "ky": wording.period(entry["period"]) if entry["period"] else "",
                "tinh_trang": wording.STATUS_WORDS.get(entry["status"], ""),
                "cong_bo": wording.stamp(entry["vintage"]) if entry["vintage"] else "",
                "nguon": _sources(entry, used, names_of),
                "ma": codes.pop() if len(codes) == 1 else "",
            }
        )
    return result


def _sources(entry: dict, used: list[dict], names_of: Callable[[str], str]) -> str:
    """Name the sources of a number with the places in them; else its sources alone, else the lists that were counted."""
    places: dict[str, list[str]] = {}
    for row in used:
        of_source = places.setdefault(names_of(row["source"]), [])
        place = _place(row["locator"])
        of_source += [place] if place and place not in of_source else []
    written = [f"{source}, {_some(found, 'chỗ')}" if found else source for source, found in places.items()]
    if not written:
        written = [names_of(source) for source in str(entry["source"]).split("; ") if source]
    if not written and str(entry["rows"]).startswith(illustrative.ROW_PREFIX):
        return illustrative.NAME_VI
    return _some(written, "nguồn") or _lists(str(entry["rows"]))


def _how(entry: dict, figures: Figures) -> str:
    """Return the arithmetic of an entry; "" where its formula is words, or its numbers give another value."""
    for period in dict.fromkeys((entry["asked"], entry["period"])):
        found = arithmetic.told(
            figures.catalogue, figures.lookup, entry["formula"], entry["area"], period, float(entry["recomputed"])
        )
        if found:
            return found
    return ""


def _figure(figures: Figures, row: dict) -> str:
    of_row = pd.Series(row)
    value = figures.as_printed(of_row)
    said = wording.QUALIFIER_WORDS[value.qualifier] + wording.with_unit(value.number, value.unit)
    return f"{arithmetic.name(figures.catalogue, of_row)}: {said} ({wording.period(row['period'])})"


def _place(locator: str) -> str:
    """Return a place in a source for readers: a page of the web by its host, and no file of a repository."""
    return "" if locator.startswith("Tệp ") else _ADDRESS.sub(r"\1", locator)


def _some(texts: list[str], noun: str, total: int = 0) -> str:
    rest = (total or len(texts)) - SHOWN
    more = f"; và {wording.number(rest)} {noun} khác" if rest > 0 else ""
    return "; ".join(texts[:SHOWN]) + more


def _lists(rows: str) -> str:
    """Name the lists of the catalogue that a count looked at."""
    titles = {Path(table.path).name: table.title_vi for table in reversed(contract.TABLES.values()) if table.path}
    files = dict.fromkeys(part.split(":")[0] for part in rows.split("; ") if part)
    named = [STORE if "observations" in file else titles.get(file, "") for file in files]
    return "; ".join(wording.capital(name) for name in dict.fromkeys(named) if name)
