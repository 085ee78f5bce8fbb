"""The audit sheet: every printed figure of the draft whose parts are printed too, recomputed.

An :class:`~nq57lab.briefing.document.Edition` in, its pieces out; the same table leaves as a workbook by ``nq57 audit``.
"""

import pandas as pd

from nq57lab import formulas, wording
from nq57lab.briefing.document import Edition, Piece
from nq57lab.observations import Lookup

VERDICTS = {"yes": "khớp", "rounding": "chênh do làm tròn", "no": "không khớp", "ambiguous": "chưa rõ"}


def verdicts(audit: pd.DataFrame) -> pd.Series:
    """Return each relation's verdict; a disagreement that rounding of the parts explains is told apart."""
    return audit["consistent"].mask(
        (audit["consistent"] == "no") & audit["reason"].str.startswith("làm tròn"), "rounding"
    )


def finding(edition: Edition) -> Piece:
    """Return the sheet's finding in a sentence."""
    counts = verdicts(edition.audit).value_counts()
    parts = ", ".join(f"{wording.number(int(counts.get(key, 0)))} {word}" for key, word in VERDICTS.items())
    return Piece(
        f"**Đã đối chiếu {wording.number(len(edition.audit))} quan hệ giữa các số in trong dự thảo: {parts}.** Báo cáo sơ kết in số tính lại ở nơi có đủ thành phần và ghi chú số của dự thảo."
    )


def summary(edition: Edition) -> Piece:
    """Return how many relations of each kind agree."""
    names = {
        "ratio": "Tỷ lệ",
        "share": "Tỷ trọng",
        "sum": "Tổng",
        "difference": "Hiệu",
        "growth": "Tốc độ tăng",
        "multiple": "Tích, bội số",
        "repeat": "Hai số gần nội dung ở hai nơi",
        "bound": "Giới hạn (phần không quá tổng thể)",
    }
    kinds = edition.catalogue.relations.set_index("id")["kind"]
    table = pd.crosstab(edition.audit["id"].map(kinds), verdicts(edition.audit)).reindex(
        columns=list(VERDICTS), fill_value=0
    )
    rows = [
        [names[kind], *(str(table.at[kind, verdict]) for verdict in VERDICTS)] for kind in names if kind in table.index
    ]
    frame = pd.DataFrame(rows, columns=["Loại quan hệ", "Khớp", "Chênh do làm tròn", "Không khớp", "Chưa rõ"])
    return edition.table(frame, "Kết quả đối chiếu theo loại quan hệ", "tbl-loai", "lrrrr", [40, 15, 15, 15, 15])


def _printed(edition: Edition, lookup: Lookup, check: pd.Series) -> str:
    """Return the figure as the draft prints it."""
    reference = formulas.parse_reference(edition.catalogue.relations.set_index("id").at[check["id"], "printed"])
    row = lookup.row(reference, check["area"], check["period"])
    assert row is not None  # the audit has found it
    return wording.QUALIFIER_WORDS[row["qualifier"]] + wording.with_unit(row["printed"], row["unit"])


def readable(edition: Edition) -> pd.DataFrame:
    """Return the audit with Vietnamese heads: what the sheet and the workbook show."""
    rows, lookup = [], Lookup(edition.rows)
    comparators = edition.catalogue.relations.set_index("id")["comparator"].map({"=": "", "<=": "≤ ", ">=": "≥ "})
    for (_, check), verdict in zip(edition.audit.iterrows(), verdicts(edition.audit), strict=True):
        bound = comparators[check["id"]]
        name = edition.catalogue.names[check["subject"]].split(" (")[0]
        label = edition.catalogue.dims_label(check["dims"])
        decimals = max(int(check["decimals"]), 2) if check["consistent"] != "yes" else int(check["decimals"])
        rows.append(
            [
                check["id"],
                check["locator"],
                name + (f", {label}" if label else ""),
                _printed(edition, lookup, check),
                bound + wording.number(check["recomputed"], decimals),
                "–" if bound else wording.number(check["difference"], decimals),
                VERDICTS[verdict],
                "; ".join(part for part in (check["reason"], check["note"]) if part),
            ]
        )
    heads = [
        "Mã",
        "Vị trí trong dự thảo",
        "Số liệu",
        "Dự thảo ghi",
        "Tính lại",
        "Chênh lệch",
        "Kết luận",
        "Lý do có thể, ghi chú",
    ]
    return pd.DataFrame(rows, columns=heads)


def differences(edition: Edition) -> Piece:
    """Return the relations that do not agree, or cannot be decided."""
    table = readable(edition)
    apart = table[table["Kết luận"] != "khớp"].drop(columns=["Mã"])
    return edition.table(
        apart, "Số không khớp hoặc chưa rõ", "tbl-khac", "lllrrll", [14, 20, 12, 10, 10, 10, 24], wide=True
    )


def everything(edition: Edition) -> Piece:
    """Return every relation with its expression."""
    table = readable(edition).drop(columns=["Lý do có thể, ghi chú", "Vị trí trong dự thảo"])
    table["Quan hệ"] = [f"`{text}`" for text in edition.audit["relation"]]
    return edition.table(
        table, "Toàn bộ phép đối chiếu", "tbl-tat-ca", "llrrrll", [8, 22, 12, 10, 10, 10, 28], wide=True
    )
