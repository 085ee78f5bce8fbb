"""What every report closes with: where each printed number comes from, as an annex in print and as data for the page.

An :class:`~nq57lab.documents.edition.Edition` in; a piece for PDF and DOCX, or the labels that the HTML page shows on click or
focus, out.
"""

import pandas as pd

from nq57lab.base import wording
from nq57lab.documents.edition import MORE_SOURCES, Edition, Piece
from nq57lab.facts import illustrative

_MARKUP = str.maketrans({letter: "\\" + letter for letter in "\\`*_{}[]<>$~^#@|"})
PRINT_ONLY = "chi-in"  # the class of what only PDF and DOCX show


def labels(edition: Edition) -> list[dict[str, str]]:
    """Return, for each number of the trace, its provenance in words.

    Returns
    -------
    list of dict
        id, so (as printed), cach (how it was obtained), ky (period), tinh_trang (status), cong_bo (vintage), nguon (sources),
        dong (rows); texts only, empty where there is nothing to say.
    """
    names = {"": ""}
    result = []
    for entry in edition.figures.trace:
        sources = [part for part in str(entry["source"]).split("; ") if part]
        for source in sources:
            if source not in names:
                names[source] = _source(edition, source)
        rows = str(entry["rows"])
        if not sources and rows.startswith(illustrative.ROW_PREFIX):
            sources = [illustrative.SOURCE]
            names[illustrative.SOURCE] = illustrative.NAME_VI
        result.append(
            {
                "id": entry["id"],
                "so": entry["printed"],
                "cach": entry["formula"] or "theo nguồn",
                "ky": wording.period(entry["period"]) if entry["period"] else "",
                "tinh_trang": wording.STATUS_WORDS.get(entry["status"], ""),
                "cong_bo": wording.stamp(entry["vintage"]) if entry["vintage"] else "",
                "nguon": "; ".join(names[source] for source in sources),
                "dong": _short(rows),
            }
        )
    return result


def _source(edition: Edition, identity: str) -> str:
    known = identity == illustrative.SOURCE or identity in set(edition.catalogue.sources["id"])
    return edition.source_name(identity) if known else identity


def _short(rows: str, limit: int = 4) -> str:
    parts = [part for part in rows.split("; ") if part]
    more = f"; và {len(parts) - limit} dòng khác" if len(parts) > limit else ""
    return "; ".join(parts[:limit]) + more


def trace_annex(edition: Edition) -> Piece:
    """Return the annex that lists every printed number with its rows, formula, vintage and status; print only."""
    if not edition.work or not edition.figures.trace:
        return Piece("")
    places = [entry["place"] for entry in edition.figures.trace]
    frame = pd.DataFrame(labels(edition)).assign(o=places)
    frame = frame[frame["so"] != edition.figures.no_data]
    frame = frame.drop_duplicates(["o", "so", "cach", "dong", "ky"])
    if frame.empty:
        return Piece("")
    # Numbers of one place that rest on the same first row stand on one line: a figure, its rank, its change.
    together: dict[tuple[str, str], list[dict[str, str]]] = {}
    for entry in frame.to_dict("records"):
        together.setdefault((entry["o"], entry["dong"].split("; ")[0] or entry["id"]), []).append(entry)
    lines = []
    for (place, _), part in together.items():
        how = " · ".join(dict.fromkeys(entry["cach"] for entry in part))
        rows = max((entry["dong"] for entry in part), key=len)
        state = ", ".join(filter(None, (part[0]["tinh_trang"], part[0]["cong_bo"]))) or "–"
        cells = (
            " · ".join(entry["so"] for entry in part),
            edition.place_names.get(place, place),
            how + (f" [{rows}]" if rows else ""),
        )
        lines.append([*(_literal(cell) for cell in cells), state])
    shown = pd.DataFrame(
        lines, columns=["Số in", "Vị trí trong báo cáo", "Cách xác định [dòng dữ liệu]", "Tình trạng, công bố"]
    )
    table = edition.table(shown, "Nguồn của từng con số", "tbl-truy-vet", "llll", [17, 20, 43, 20], wide=True)
    note = "Đọc kèm tệp trace.csv của ấn bản; lệnh nq57 trace tính lại từng số từ kho dữ liệu."
    return Piece(f":::: {{.{PRINT_ONLY}}}\n\n# Truy vết số liệu {{.phu-luc}}\n\n{note}\n\n{table.markdown}\n\n::::\n")


def sources_annex(edition: Edition) -> Piece:
    """Return the annex that names every source, where a list of sources has referred to it; nothing else."""
    if not any(entry["formula"] == MORE_SOURCES for entry in edition.figures.trace):
        return Piece("")
    from nq57lab.reports import review_annexes

    return Piece(f"# Nguồn số liệu {{.phu-luc}}\n\n{review_annexes.sources(edition).markdown}\n")


def _literal(text: str) -> str:
    """Return text that Markdown leaves as it is."""
    return str(text).translate(_MARKUP)
