"""What every report closes with: where each printed number comes from, and the sources.

An :class:`~nq57lab.documents.edition.Edition` in; pieces for print out.
"""

import pandas as pd

from nq57lab.base import wording
from nq57lab.documents.edition import MORE_SOURCES, Edition, Piece

PRINT_ONLY = "chi-in"  # the class of what only PDF and DOCX show


def whence(edition: Edition) -> Piece:
    """Return the paragraph that says in print where every number's origin stands; the page itself shows it on each number."""
    if not edition.in_document or not edition.figures.trace:
        return Piece("")
    return Piece(
        f":::: {{.{PRINT_ONLY}}}\n::: {{.ghi-chu}}\n**Nguồn gốc và cách tính của từng con số** xem ở bản điện tử của báo cáo này (chọn một số để xem cách tính, "
        "tình trạng, nguồn) và ở bảng truy vết kèm theo ấn bản; bản điện tử có thêm phần kiểm chứng phương pháp. Chỗ số liệu của văn bản nguồn chưa khớp nhau nêu ở "
        "Báo cáo đối chiếu số liệu.\n:::\n::::\n"
    )


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
    columns = "l56 Nguồn | l26 Nơi công bố | l11 Ngày | r7 Số lần dẫn"
    return edition.table(rows, "Nguồn số liệu dùng trong báo cáo", "tbl-nguon", columns)


def sources_annex(edition: Edition) -> Piece:
    """Return the annex that names every source, where a list of sources has referred to it; nothing else."""
    if not any(entry["formula"] == MORE_SOURCES for entry in edition.figures.trace):
        return Piece("")
    return Piece(f"# Nguồn số liệu {{.phu-luc}}\n\n{sources(edition).markdown}\n")
