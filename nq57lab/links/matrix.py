"""The link matrices: goals, programmes, pushes (seed 000) and groups that a document names together, against the twelve macro KPIs."""

import pandas as pd

from nq57lab.facts.catalogue import Catalogue

KINDS = {
    "direct": "trực tiếp",
    "indirect": "gián tiếp",
    "supplementary": "bổ trợ",
    "unspecified": "có nêu, không ghi loại",
    "group": "nêu chung cho cả nhóm",
    "": "không nêu",
}
MARKS = {"direct": "●", "indirect": "○", "supplementary": "△", "unspecified": "◆", "": ""}
ROWS = {
    "goal": ("goals", "Mục tiêu"),
    "programme": ("programmes", "Chương trình"),
    "subprogramme": ("programmes", "Tiểu chương trình"),
    "push": ("pushes", "Cú hích"),
    "group": ("link_groups", "Nhóm"),
}


def cells(catalogue: Catalogue, origin: str) -> pd.DataFrame:
    """Return one row for each element of an origin and each macro KPI.

    Parameters
    ----------
    catalogue : Catalogue
        Links (the reading used), elements, macro KPIs.
    origin : str
        A key of :data:`ROWS`.

    Returns
    -------
    DataFrame
        id, name, kpi, kpi_name, kind ("" where no link is stated), source; elements in the document's order.
    """
    table, _ = ROWS[origin]
    elements = getattr(catalogue, table).sort_values("order", kind="stable")
    if table == "programmes":
        elements = elements[(elements["parent"] == "") == (origin == "programme")]
    kpis = catalogue.indicators[catalogue.indicators["layer"] == "M"][["code", "name_vi"]]
    grid = (
        elements[["id", "name_vi"]]
        .rename(columns={"name_vi": "name"})
        .merge(kpis.rename(columns={"code": "kpi", "name_vi": "kpi_name"}), how="cross")
    )
    links = catalogue.links[(catalogue.links["used"] == "yes") & (catalogue.links["from_type"] == origin)]
    links = links.rename(columns={"from_id": "id", "to_indicator": "kpi"})[["id", "kpi", "kind", "source"]]
    return grid.merge(links, on=["id", "kpi"], how="left").fillna({"kind": "", "source": ""})


def table(catalogue: Catalogue, origin: str) -> pd.DataFrame:
    """Return the matrix: one row an element (id, name), one column a macro KPI, a mark a link (:data:`MARKS`)."""
    long = cells(catalogue, origin)
    wide = long.assign(mark=long["kind"].map(MARKS)).pivot(index=["id", "name"], columns="kpi", values="mark")
    return (
        wide.reindex(pd.MultiIndex.from_frame(long[["id", "name"]].drop_duplicates()))
        .reset_index()
        .rename_axis(None, axis=1)
    )
