"""What every report closes with: where each printed number comes from, and the sources.

An :class:`~nq57lab.documents.edition.Edition` in; pieces for print out.
"""

import pandas as pd

from nq57lab.base import wording
from nq57lab.documents.edition import MORE_SOURCES, Edition, Piece
from nq57lab.documents.provenance import labels

_MARKUP = str.maketrans({letter: "\\" + letter for letter in "\\`*_{}[]<>$~^#@|"})
PRINT_ONLY = "chi-in"  # the class of what only PDF and DOCX show


def trace_annex(edition: Edition) -> Piece:
    """Return the annex that lists every printed number with its rows, formula, vintage and status; print only."""
    if not edition.in_document or not edition.figures.trace:
        return Piece("")
    places = [entry["place"] for entry in edition.figures.trace]
    frame = pd.DataFrame(labels(edition.figures.trace, edition.source_name)).assign(o=places)
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
        lines, columns=["Con số", "Vị trí trong báo cáo", "Cách xác định [dòng dữ liệu]", "Tình trạng, công bố"]
    )
    table = edition.table(shown, "Nguồn của từng con số", "tbl-truy-vet", "llll", [17, 20, 43, 20], wide=True)
    note = "Đọc kèm bảng truy vết của ấn bản; mỗi số đều tính lại được từ kho dữ liệu."
    return Piece(f":::: {{.{PRINT_ONLY}}}\n\n# Truy vết số liệu {{.phu-luc}}\n\n{note}\n\n{table.markdown}\n\n::::\n")


def sources(edition: Edition) -> Piece:
    """Return the sources used by the edition, with how many figures each gave."""
    used = pd.Series(
        [s for entry in edition.figures.trace for s in str(entry["source"]).split("; ") if s]
    ).value_counts()
    table = edition.catalogue.sources.set_index("id").loc[
        [s for s in edition.catalogue.sources["id"] if s in used.index]
    ]
    edition.figures.place = "bảng nguồn"
    how = "số lượt dùng nguồn trong báo cáo"
    rows = [
        [
            row["title_vi"],
            row["publisher"] or "–",
            wording.stamp(str(row["date"])),
            edition.count(used[code], how, ("sources.csv",)),
        ]
        for code, row in table.iterrows()
    ]
    frame = pd.DataFrame(rows, columns=["Nguồn", "Nơi công bố", "Ngày", "Lượt dùng"])
    return edition.table(frame, "Nguồn số liệu dùng trong báo cáo", "tbl-nguon", "lllr", [50, 25, 14, 11], wide=True)


def sources_annex(edition: Edition) -> Piece:
    """Return the annex that names every source, where a list of sources has referred to it; nothing else."""
    if not any(entry["formula"] == MORE_SOURCES for entry in edition.figures.trace):
        return Piece("")
    return Piece(f"# Nguồn số liệu {{.phu-luc}}\n\n{sources(edition).markdown}\n")


def _literal(text: str) -> str:
    """Return text that Markdown leaves as it is."""
    return str(text).translate(_MARKUP)
