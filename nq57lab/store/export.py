"""Taking the store out: for readers (words, a cover), CSV, Parquet, Excel, SDMX-CSV 2.0 with its structure, the drill-down A → B → C → item.

Rows and catalogue in; files in one folder out. Text that a spreadsheet would run never enters the store (:mod:`nq57lab.store.entry_rules`), and
the workbook writes every text as text.
"""

import json
from datetime import date
from pathlib import Path

import pandas as pd

from nq57lab.base import contract, printing, whole, wording, workbook
from nq57lab.base.contract import RECORDS
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.output import deliverable
from nq57lab.store import disk, sdmx, typed
from nq57lab.store.forms import form_of

EXCEL_ROWS = 1_048_575
DRILL_COLUMNS = ["a", "a_name", "b", "b_name", "form", "form_name", "item", "item_name", "link"]


def drill_down(catalogue: Catalogue) -> pd.DataFrame:
    """Return the paths from layer A to B, to the C form that feeds them, to the form's items.

    Returns
    -------
    DataFrame
        a, a_name, b, b_name, form, form_name, item, item_name and ``link``: why A and B stand together (``form``: both are drawn from
        the C form; ``crosswalk``: the catalogue's crosswalk; "" for an indicator of one layer only). Blank where a step has nothing.
    """
    own = catalogue.indicators
    forms = dict(zip(own["code"], own["source_system"].map(form_of), strict=True))
    layer = dict(zip(own["code"], own["layer"], strict=True))
    pairs: dict[tuple[str, str], str] = {}
    for row in catalogue.crosswalk.itertuples():
        ends = {layer.get(row.indicator): row.indicator, layer.get(row.other): row.other}
        if {"A", "B"} <= set(ends):
            pairs[ends["A"], ends["B"]] = "crosswalk"
    fed = [code for code, form in forms.items() if form and layer[code] in ("A", "B")]
    for a in fed:
        for b in fed:
            if layer[a] == "A" and layer[b] == "B" and forms[a] == forms[b]:
                pairs.setdefault((a, b), "form")
    for code in fed:
        if layer[code] == "A" and not any(a == code for a, _ in pairs):
            pairs[code, ""] = ""
        if layer[code] == "B" and not any(b == code for _, b in pairs):
            pairs["", code] = ""
    items = catalogue.items.groupby("form")["id"].agg(list).to_dict()
    rows = [
        (a, b, form, item, why)
        for (a, b), why in pairs.items()
        for form in dict.fromkeys(forms.get(code, "") for code in (a, b) if code and forms.get(code)) or [""]
        for item in items.get(form, [""])
    ]
    table = pd.DataFrame(rows, columns=["a", "b", "form", "item", "link"])
    for name in ("a", "b", "form", "item"):
        table[f"{name}_name"] = table[name].map(catalogue.names).fillna("")
    order = {code: place for place, code in enumerate(own["code"])}
    keys = table[["a", "b", "form"]].apply(lambda column: column.map(order).fillna(len(order)))
    return table.loc[keys.sort_values(["a", "b", "form"], kind="stable").index, DRILL_COLUMNS].reset_index(drop=True)


def _figure(row: pd.Series) -> str:
    return wording.QUALIFIER_WORDS[row["qualifier"]] + wording.with_unit(printing.printed_number(row), row["unit"])


def with_figures(paths: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Add the newest national figure of each indicator and the newest figure of each item to paths of :func:`drill_down`.

    Parameters
    ----------
    paths : DataFrame
        From :func:`drill_down`.
    table : DataFrame
        As-of observations.

    Returns
    -------
    DataFrame
        ``paths`` with a_figure, b_figure, item_figure: "84,8% (tháng 6 năm 2026)"; "" where nothing was observed.
    """
    newest = table[table["value"].notna()].sort_values("period_end", kind="stable")
    plain = newest[(newest["area"] == "VN") & (newest["item"] == "") & (newest["dims"] == "")]
    written = {
        "item": newest[newest["item"] != ""].drop_duplicates("item", keep="last").set_index("item"),
        "indicator": plain.drop_duplicates("subject", keep="last").set_index("subject"),
    }
    figures = {
        kind: {key: f"{_figure(row)} ({wording.period(row['period'])})" for key, row in rows.iterrows()}
        for kind, rows in written.items()
    }
    added = {f"{name}_figure": paths[name].map(figures["indicator"]).fillna("") for name in ("a", "b")}
    return paths.assign(**added, item_figure=paths["item"].map(figures["item"]).fillna(""))


def outline(paths: pd.DataFrame) -> pd.DataFrame:
    """Return paths with figures (:func:`with_figures`) to be read on a screen: one column a step, each step once, empty ones left out."""
    told = pd.DataFrame("", index=paths.index, columns=["a", "b", "form", "item"])
    for name in told.columns:
        figure = paths.get(f"{name}_figure", "")
        told[name] = (paths[name] + " " + paths[f"{name}_name"]).str.strip() + ("\n" + figure)
        told[name] = told[name].str.strip()
    told = told.loc[:, (told != "").any()]
    same = pd.Series(True, index=told.index)
    shown = told.copy()
    for head in told.columns:
        same &= told[head] == told[head].shift()
        shown[head] = told[head].mask(same, "")
    return shown


def export(
    frame: pd.DataFrame, catalogue: Catalogue, folder: Path, made: date, records: pd.DataFrame | None = None
) -> list[Path]:
    """Write rows of the store to a folder in every format, and return the files.

    Parameters
    ----------
    frame : DataFrame
        What :func:`nq57lab.store.intake.load` or :func:`nq57lab.facts.observations.as_of` returns.
    catalogue : Catalogue
        Names for code lists and the drill-down.
    folder : Path
        Made if need be; files of the same names are replaced.
    made : date
        The day of the export.
    records : DataFrame, optional
        The C forms' lists (:func:`nq57lab.store.records.load`).

    Raises
    ------
    ProblemError
        If the rows do not fit an Excel sheet, or two codes become one in SDMX. Nothing is then written.
    """
    if len(frame) > EXCEL_ROWS:
        raise ProblemError(
            [Problem("excel_rows", "observations.xlsx", found=str(len(frame)), details={"limit": EXCEL_ROWS})]
        )
    names = contract.OBSERVATIONS.names
    rows = frame[names].reset_index(drop=True)
    written = rows.assign(
        value=rows["value"].map(typed.plain_number), value_high=rows["value_high"].map(typed.plain_number)
    )
    message = sdmx.data(rows)
    described = sdmx.structure(rows, catalogue, f"{max(rows['recorded'], default=made.isoformat())}T00:00:00Z")
    paths = drill_down(catalogue)
    files = [
        folder / name for name in ("observations.csv", "observations.parquet", "observations.xlsx", "drill_down.csv")
    ]
    whole.write(files[0], disk.content(written))
    dated = rows.astype({name: str for name in names if name not in ("value", "value_high")})
    days = {"recorded": pd.to_datetime(rows["recorded"]).dt.date}
    days |= {name: frame[name].dt.date.to_numpy() for name in ("period_end", "vintage_end") if name in frame}
    with whole.file(files[1]) as aside:
        dated.assign(**days).to_parquet(aside, index=False)
    workbook.write(rows, files[2], "Số liệu")
    readers = [folder / "so-lieu.csv", folder / "so-lieu.xlsx"]
    for path in readers:
        deliverable.write(rows, path, "Số liệu", catalogue, "vi", made, "store")
    whole.write(files[3], paths.to_csv(index=False, lineterminator="\n"))
    if records is not None and len(records):
        whole.write(folder / "records.csv", disk.content(records, RECORDS.names))
    files += [folder / "sdmx" / "observations.csv", folder / "sdmx" / "structure.json"]
    whole.write(files[4], message)
    whole.write(files[5], json.dumps(described, ensure_ascii=False, indent=2) + "\n")
    return [*files, *readers, *([folder / "records.csv"] if records is not None and len(records) else [])]
