"""The dynamic score of the catalogue as a document: what counts, what is missing, which composites are shown and which are not.

An edition in; pieces out. Only official and verified figures count, in a draft as in a final edition.
"""

from nq57lab.base import wording
from nq57lab.composite.score import of_catalogue
from nq57lab.composite.score.of_catalogue import Scored
from nq57lab.composite.score.score import DEFAULT
from nq57lab.documents.edition import Edition, Piece


def scored(edition: Edition, scheme: str = "") -> Scored:
    """Score the catalogue as known on the edition's date, by a weight scheme (default: that of its parameters)."""
    return of_catalogue.evaluate(
        *(edition.catalogue, edition.known_tables.entered_rows, edition.rows, edition.known),
        scheme=scheme or edition.parameters.get("scheme") or "equal",
    )


def finding(edition: Edition, found: Scored) -> Piece:
    """Return how many composites are shown, and why the others are not."""
    edition.figures.place = "điểm số động"
    table, nation = found.composites, found.composites[found.composites["set"] == "nation"].iloc[0]
    shown = table["composite"].notna()
    where = ("weights.csv", "targets.csv")

    need = edition.computed(DEFAULT.min_coverage * 100, "tỷ trọng số liệu tối thiểu", where, unit="%")
    first = (
        f"Điểm cả nước là {edition.computed(nation['composite'] * 100, 'điểm tổng hợp cả nước × 100', where, decimals=1)}/100"
        if nation["composite"] == nation["composite"]
        else f"Chưa hiển thị điểm cả nước: mới có {edition.count(nation['counted'], 'KPI được tính', where)}/{edition.count(nation['kpis'], 'KPI trong phương án', where)} KPI vĩ mô có mục tiêu bằng số và số chính thức hoặc đã xác thực"
    )
    return edition.piece(
        f"**{first}; {edition.count(shown.sum(), 'số điểm tổng hợp được hiển thị', where)}/{edition.count(len(table), 'số điểm tổng hợp', where)} điểm tổng hợp đủ điều kiện hiển thị (ít nhất {need} trọng số có số liệu).** "
        f"Căn cứ của trọng số: {'; '.join(text[:1].lower() + text[1:] for text in found.decisions)}."
    )


def kpi_table(edition: Edition, found: Scored) -> Piece:
    """Return the national KPIs: value, target, completion, score, or why there is none."""
    edition.figures.place = "bảng điểm KPI"
    rows = []
    for row in found.kpis[found.kpis["set"] == "nation"].to_dict("records"):
        where = tuple(filter(None, (*str(row["row"]).split("; "), "targets.csv")))
        kpi, unit = row["kpi"], row["unit"]
        value = (
            edition.computed(
                row["value"],
                f"{row['figure_of']}, {row['period']}",
                where,
                decimals=_digits(row["value"]),
                status=row["status"],
            )
            + f" ({wording.period(row['period'])})"
            if row["value"] == row["value"]
            else "–"
        )
        target = edition.computed(
            row["target"], f"mục tiêu 2030 của {kpi}", ("targets.csv",), decimals=_digits(row["target"])
        )
        rows.append(
            [
                row["name"] + (f" ({unit})" if unit else ""),
                value,
                target,
                edition.computed(row["completion"] * 100, f"hoàn thành của {kpi}", where, decimals=1)
                if row["completion"] == row["completion"]
                else "–",
                edition.computed(row["weight"], f"trọng số của {kpi}", ("weights.csv",), decimals=1),
                edition.computed(row["score"], f"hoàn thành × trọng số của {kpi}", where, decimals=2)
                if row["counted"]
                else "–",
                wording.capital(edition.because(row["note"], ("weights.csv",))) or "Được tính",
            ]
        )
    note = (
        "Điểm = tỷ lệ hoàn thành × trọng số; hoàn thành = giá trị ÷ mục tiêu, với thứ hạng là mục tiêu ÷ giá trị, giới hạn trong khoảng từ không đến một. "
        "Chỉ lấy số của cùng một định nghĩa."
    )
    caption = f"Điểm số động của {wording.numeral(len(rows))} KPI vĩ mô"
    columns = "l30 KPI (đơn vị) | r12 Giá trị (kỳ) | r9 Mục tiêu 2030 | r11 Hoàn thành (%) | r8 Trọng số | r7 Điểm | l23 Ghi chú"
    return edition.table(rows, caption, "tbl-diem-kpi", columns, note)


def _digits(value: float) -> int:
    """Return up to two decimals that a number needs."""
    if value != value:
        return 0
    return next((n for n in range(2) if abs(value * 10**n - round(value * 10**n)) < 1e-9), 2)


def composite_table(edition: Edition, found: Scored) -> Piece:
    """Return the composites of the nation, programmes, systems and agencies, each with coverage and reason; provinces in one row."""
    edition.figures.place = "bảng điểm tổng hợp"
    rows = []
    for row in found.composites[found.composites["set"] != "province"].to_dict("records"):
        own = row["group"] or row["area"]

        def cell(value: float, formula: str, decimals: int = 0, own: str = own) -> str:
            return edition.computed(value, f"{formula} của {own}", ("weights.csv", "links.csv"), decimals=decimals)

        rows.append(
            [
                of_catalogue.SETS[row["set"]],
                f"{own}. {row['name']}" if row["group"] and ":" not in own else row["name"],
                cell(row["composite"] * 100, "điểm tổng hợp × 100", 1),
                f"{cell(row['counted'], 'KPI được tính')}/{cell(row['kpis'], 'KPI')}",
                cell(row["coverage"] * 100, "tỷ trọng có số liệu"),
                "Hiển thị" if not row["reason"] else "Chưa đủ số liệu",
            ]
        )
    provinces = found.composites[found.composites["set"] == "province"]
    shown = provinces["composite"].notna().sum()
    counts = [
        edition.computed(value, formula, ("weights.csv",))
        for value, formula in ((shown, "tỉnh có điểm tổng hợp"), (len(provinces), "số tỉnh"))
    ]
    said = "Hiển thị" if shown else "Chưa đủ số liệu"
    rows.append(["Theo tỉnh, thành phố", f"{counts[0]}/{counts[1]} đơn vị có điểm", "–", "–", "–", said])
    note = (
        "Điểm tổng hợp = tổng điểm ÷ tổng trọng số của các KPI được tính, trên thang một trăm. Các tập KPI khác nhau nên không xếp hạng với nhau. Chưa có văn bản nào "
        "giao mục tiêu cho từng tỉnh: tỉnh được đo theo mục tiêu cả nước."
    )
    caption = "Điểm tổng hợp theo phạm vi"
    columns = "l17 Phạm vi | l38 Tập KPI | r9 Điểm | r9 KPI có số | r9 Tỷ trọng (%) | l18 Tình trạng"
    return edition.table(rows, caption, "tbl-diem-tong-hop", columns, note)
