"""The audit sheet: every printed figure of the draft whose parts are printed too, recomputed.

An :class:`~nq57lab.documents.edition.Edition` in, its pieces out; the audit itself leaves as a workbook by ``nq57 audit``.
"""

import pandas as pd

from nq57lab.base import formulas, printing, wording
from nq57lab.base.messages import Reason
from nq57lab.documents import plain_numbers
from nq57lab.documents.edition import Edition, Piece
from nq57lab.facts.observations import Lookup

RELATIONS = ("relations.csv",)
VERDICTS = {"yes": "khớp", "rounding": "chênh do làm tròn", "no": "không khớp", "ambiguous": "chưa rõ"}


CONFLICTS = {
    "label": "Nhãn",
    "date": "Ngày, kỳ",
    "superlative": "So sánh",
    "existence": "Có hay chưa có",
    "magnitude": "Độ lớn",
    "scope": "Phạm vi",
    "name": "Tên gọi",
}


def finding(edition: Edition) -> Piece:
    """Return the sheet's finding in a sentence."""
    edition.figures.place = "kết luận đối chiếu"
    counts = edition.audit["consistent"].value_counts()
    whole = edition.count(len(edition.audit), "số quan hệ đối chiếu", RELATIONS)
    parts = [
        f"{edition.count(counts.get(key, 0), f'số quan hệ {word}', RELATIONS)} {word}" for key, word in VERDICTS.items()
    ]
    text = (
        f"**Đã đối chiếu {whole} quan hệ giữa các số in trong dự thảo: {', '.join(parts)}.**\n\nBáo cáo sơ kết in số tính lại ở nơi có đủ "
        "thành phần và ghi chú số của dự thảo."
    )
    told = stated(edition)
    if len(told):
        number = edition.count(len(told), "số chỗ dự thảo tự mâu thuẫn, không phải phép tính", ("conflicts.csv",))
        text += f" Ngoài phép tính, có {number} chỗ dự thảo tự mâu thuẫn về nhãn, ngày, phạm vi hoặc so sánh."
    return edition.piece(text)


def summary(edition: Edition) -> Piece:
    """Return how many relations of each kind agree."""
    edition.figures.place = "đối chiếu theo loại"
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
    table = pd.crosstab(edition.audit["id"].map(kinds), edition.audit["consistent"]).reindex(
        columns=list(VERDICTS), fill_value=0
    )
    rows = [
        [
            names[kind],
            *(
                edition.count(table.at[kind, verdict], f"{names[kind]}: số quan hệ {word}", RELATIONS)
                for verdict, word in VERDICTS.items()
            ),
        ]
        for kind in names
        if kind in table.index
    ]
    columns = "l40 Loại quan hệ | r15 Khớp | r15 Chênh do làm tròn | r15 Không khớp | r15 Chưa rõ"
    return edition.table(rows, "Kết quả đối chiếu theo loại quan hệ", "tbl-loai", columns, wide=False)


def _printed(edition: Edition, lookup: Lookup, check: pd.Series) -> tuple[str, pd.Series]:
    """Return the figure as the draft prints it, and its row."""
    reference = formulas.parse_reference(edition.catalogue.relations.set_index("id").at[check["id"], "printed"])
    row = lookup.row(reference, check["area"], check["period"])
    assert row is not None  # the audit has found it
    return wording.QUALIFIER_WORDS[row["qualifier"]] + wording.with_unit(row["printed"], row["unit"]), row


def said(edition: Edition, why: Reason | str, rows: tuple[str, ...], line: tuple[str, ...]) -> str:
    """Write a reason found in rows in words, or what a line of the catalogue says as it says it."""
    if isinstance(why, Reason):
        text = edition.because(why, rows)
        return text if text.startswith("[") else wording.capital(text)
    return edition.figures.note(
        wording.capital(why.rstrip(".")), float("nan"), rows=line, source="", formula="lời của danh mục"
    )


def readable(edition: Edition, audit: pd.DataFrame) -> pd.DataFrame:
    """Return relations of the audit with Vietnamese heads, every number traced."""
    rows, lookup, book = [], Lookup(edition.rows), edition.figures
    comparators = edition.catalogue.relations.set_index("id")["comparator"].map({"=": "", "<=": "≤ ", ">=": "≥ "})
    lines = {identity: place + 2 for place, identity in enumerate(edition.catalogue.relations["id"])}
    for _, check in audit.iterrows():
        bound = comparators[check["id"]]
        name = edition.catalogue.short[check["subject"]]
        label = edition.catalogue.dims_label(check["dims"])
        decimals = int(check["decimals"])
        if check["consistent"] != "yes":  # two more digits at most: enough to see the difference, none that say nothing
            shown = (float(check[name]) for name in ("recomputed", "difference"))
            decimals = max(decimals, *(min(2, printing.decimals_needed(round(value, 2))) for value in shown))
        text, row = _printed(edition, lookup, check)
        inputs = tuple(str(check["inputs"]).split("; "))
        how = check["relation"].split(" = ", 1)[-1]
        both = (row["id"], *inputs)
        line = (f"relations.csv:{lines[check['id']]}",)
        why = [said(edition, part, both, line) for part in (check["reason"], check["note"]) if part]
        rows.append(
            [
                check["id"],
                check["locator"],
                name + (f", {label}" if label else ""),
                book.note(text, float(row["value"]), rows=(row["id"],), source=row["source"], formula="số in"),
                bound + edition.computed(check["recomputed"], how, inputs, decimals=decimals),
                "–" if bound else edition.computed(check["difference"], f"số in − ({how})", both, decimals=decimals),
                VERDICTS[check["consistent"]],
                ". ".join(why),
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
    edition.figures.place = "số không khớp"
    apart = readable(edition, edition.audit[edition.audit["consistent"] != "yes"]).drop(columns=["Mã"])
    columns = "l10 | l18 | l10 | r9 | r8 | l8 | l37"
    return edition.table(apart, "Số không khớp hoặc chưa rõ", "tbl-khac", columns)


def everything(edition: Edition) -> Piece:
    """Return every relation with its expression."""
    edition.figures.place = "toàn bộ phép đối chiếu"
    table = readable(edition, edition.audit.assign(reason="", note=""))
    table = table.drop(columns=["Lý do có thể, ghi chú", "Vị trí trong dự thảo"])
    table["Kết luận"] = edition.audit["consistent"].map(VERDICTS).tolist()
    table["Quan hệ"] = [f"`{text}`" for text in edition.audit["relation"]]
    columns = "l8 | l22 | r12 | r10 | r10 | l10 | l28"
    return edition.table(table, "Toàn bộ phép đối chiếu", "tbl-tat-ca", columns)


def stated(edition: Edition) -> pd.DataFrame:
    """Return the conflicts (conflicts.csv) of the documents that the edition knows, in their order."""
    table = edition.catalogue.conflicts
    return table[table["source"].isin(set(edition.rows["source"]))]


def conflicts(edition: Edition) -> Piece:
    """Return what the draft says in two places that cannot both hold, though no sum shows it: both quotes, the problem, a proposal."""
    edition.figures.place = "chỗ tự mâu thuẫn"
    start, rows, book = len(edition.figures.trace), [], edition.figures
    for place, row in stated(edition).iterrows():
        line = (f"conflicts.csv:{int(str(place)) + 2}",)
        quotes = [
            f"“{book.note(row[text], float('nan'), rows=line, source=row['source'])}” ({plain_numbers.constant(row[where], 'vị trí trong nguồn')})"
            for text, where in (("first_vi", "locator"), ("second_vi", "second_at"))
        ]
        told = [said(edition, row[name], line, line) for name in ("problem", "proposed")]
        rows.append([CONFLICTS[row["kind"]], *quotes, *told])
    if not rows:
        return Piece("Không có chỗ nào được ghi nhận.")
    columns = "l9 Loại | l24 Dự thảo ghi | l24 Nơi khác ghi | l25 Vấn đề | l18 Đề nghị"
    return edition.table(rows, "Chỗ dự thảo tự mâu thuẫn", "tbl-mau-thuan", columns, since=start)
