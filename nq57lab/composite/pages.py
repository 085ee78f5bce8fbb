"""A composite index as a document: finding, treatment, reliability, certainty of the ranks, one unit's profile.

An edition and its :class:`~nq57lab.composite.study.Study` in, its pieces out; the charts are in
:mod:`nq57lab.composite.figures`.
"""

import pandas as pd

from nq57lab.base import wording
from nq57lab.composite.robustness import diagnose, diagnosis_files, uncertainty
from nq57lab.composite.study import Study, write
from nq57lab.documents.edition import Edition, Piece

TOP_ROWS = 10
ACCEPTED = 0.7  # Nunnally's usual bound for alpha, as the OECD handbook cites it
ADEQUATE = 0.6  # for the Kaiser–Meyer–Olkin measure, OECD handbook, section 4.1


def _mark(found: Study) -> str:
    return "Dữ liệu minh họa do chương trình sinh ra, không phải số liệu thực. " if found.generated else ""


def _caption(found: Study, text: str) -> str:
    return text + (" (dữ liệu minh họa)" if found.generated else "")


def finding(edition: Edition, found: Study) -> Piece:
    """Return the page's finding: who leads, who trails, how certain it is."""
    edition.figures.place = "kết luận chỉ số tổng hợp"
    table = found.table
    first, last = table.iloc[0], table.iloc[-1]

    def num(value: float, formula: str, decimals: int = 0) -> str:
        return write(edition, found, float(value), formula, decimals=decimals)

    pillars = [code for code in found.build.framework.children(found.root) if code in found.build.framework.aggregates]
    within = f" trong {num(len(pillars), 'số trụ cột')} trụ cột" if pillars else ""
    stable = (table["q95"] - table["q05"]) <= 5
    return edition.piece(
        f"**{_mark(found)}{first['name']} đứng đầu {num(len(table), 'số đơn vị có điểm')} đơn vị với {num(first['score'], 'điểm cao nhất', 1)} điểm, "
        f"{last['name']} cuối với {num(last['score'], 'điểm thấp nhất', 1)} điểm; {num(stable.sum(), 'đơn vị có khoảng hạng rộng không quá 5')} đơn vị giữ "
        f"hạng trong khoảng không quá {num(5, 'độ rộng khoảng hạng 90%')} bậc khi đổi giả định.** "
        f"Chỉ số gồm {num(len(found.build.framework.indicators), 'số chỉ số thành phần')} chỉ số thành phần{within} "
        f"(@fig-xep-hang, @fig-bang-nhiet, @fig-dong-gop)."
    )


def treatment_finding(edition: Edition, found: Study) -> Piece:
    """Return what was changed before the normalisation: cells filled, outliers treated, units left out."""
    edition.figures.place = "xử lý số liệu"
    changes = found.build.changes
    counts = changes["stage"].value_counts()

    def num(value: float, formula: str) -> str:
        return write(edition, found, float(value), formula)

    def changed(stage: str, what: str) -> str:
        return num(counts.get(stage, 0), f"{what} (changes)")

    dropped = changed("screen", "đơn vị bị loại") if counts.get("screen") else ""
    cells = found.inputs.values.size
    treated = sum(done.action != "none" for done in found.build.treatments.values())
    return edition.piece(
        f"**Trong {num(cells, 'số ô số liệu')} ô số liệu, {changed('impute', 'ô thiếu được điền')} ô thiếu được điền, "
        f"{changed('treat', 'ô bị xử lý ngoại lai')} ô của {num(treated, 'chỉ số bị xử lý')} chỉ số bị xử lý ngoại lai (@fig-xu-ly); "
        f"{wording.some(dropped, 'đơn vị', 'bị loại vì thiếu số liệu')}.** Mọi ô bị đổi đều được ghi kèm lý do."
    )


def reliability_table(edition: Edition, found: Study) -> Piece:
    """Return Cronbach's alpha, KMO and the first component's share of every pillar and of the index, with what they say."""
    edition.figures.place = "bảng độ tin cậy"
    names, rows = found.build.framework.names, []
    for row in diagnose.reliability(found.build).to_dict("records"):
        code = row["code"]

        def cell(value: float, formula: str, decimals: int = 2, code: str = code) -> str:
            return write(edition, found, value, f"{formula} của {code}", decimals=decimals)

        good = row["alpha"] >= ACCEPTED
        said = "đo cùng một mặt" if good else "các chỉ số đo nhiều mặt khác nhau"
        said = f"không tính được: {row['reason']}" if row["alpha"] != row["alpha"] else said
        said += "" if row["kmo"] != row["kmo"] or row["kmo"] >= ADEQUATE else "; ít tương quan chung"
        rows.append(
            [
                names[code],
                cell(row["children"], "số phần tử", 0),
                cell(row["alpha"], "alpha Cronbach"),
                cell(row["kmo"], "KMO"),
                cell(row["first_component"] * 100, "tỷ trọng thành phần chính thứ nhất", 0),
                wording.capital(said),
            ]
        )
    note = (
        _mark(found)
        + 'α: hệ số Cronbach, từ [0,7]{.hang-so ly-do="ngưỡng thông dụng của hệ số Cronbach"} trở lên là nhất quán. KMO: mức phù hợp để phân tích thành phần chính, từ [0,6]{.hang-so ly-do="ngưỡng thông dụng của KMO"} trở lên là đủ. α thấp không cấm '
        "cộng các chỉ số: một trụ cột có thể gồm những mặt bổ sung nhau."
    )
    caption = _caption(found, "Độ nhất quán của các trụ cột")
    columns = "l25 Trụ cột | r10 Phần tử | r10 α | r10 KMO | r17 Thành phần chính thứ nhất (%) | l28 Nhận xét"
    return edition.table(rows, caption, "tbl-tin-cay", columns, note)


def influence_table(edition: Edition, found: Study) -> Piece:
    """Return each pillar's weight, its correlation with the index, the weight of equal influence, and what leaving it out does."""
    edition.figures.place = "bảng ảnh hưởng"
    frame = found.build.framework
    influence = diagnose.influence(found.build).set_index("code")
    best = diagnosis_files.equal_influence(found.build).set_index("code")
    level = frame.levels[frame.children(found.root)[0]]
    removed = diagnose.remove_each(found.build, level).set_index("code")
    rows = []
    for code in frame.children(found.root):

        def cell(value: float, formula: str, decimals: int = 2, code: str = code) -> str:
            return write(edition, found, float(value), f"{formula} của {code}", decimals=decimals)

        rows.append(
            [
                frame.names[code],
                cell(float(influence["effective"].at[code]) * 100, "tỷ trọng danh nghĩa", 1),
                cell(influence.loc[code, "with_index"], "tương quan với chỉ số"),
                cell(best["optimised"].get(code, float("nan")), "trọng số cho ảnh hưởng bằng nhau"),
                cell(removed.loc[code, "mean_shift"], "đổi hạng bình quân khi bỏ", 1) if code in removed.index else "–",
                cell(removed.loc[code, "max_shift"], "đổi hạng lớn nhất khi bỏ", 0) if code in removed.index else "–",
            ]
        )
    note = (
        _mark(found)
        + "Tương quan: của điểm trụ cột với chỉ số. Trọng số cân bằng: để mọi trụ cột tương quan như nhau với chỉ số (bình quân bằng một). "
        "Hai cột cuối: thứ hạng đổi bao nhiêu bậc khi bỏ trụ cột."
    )
    caption = _caption(found, "Ảnh hưởng thực của từng trụ cột")
    columns = "l28 Trụ cột | r14 Tỷ trọng (%) | r14 Tương quan | r16 Trọng số cân bằng | r16 Đổi hạng bình quân | r12 Lớn nhất"
    return edition.table(rows, caption, "tbl-anh-huong", columns, note)


def certainty_finding(edition: Edition, found: Study) -> Piece:
    """Return what was varied, in how many runs, and which assumption matters."""
    edition.figures.place = "độ chắc chắn"
    table = uncertainty.sensitivity_table(found.analysis)
    runs = write(edition, found, float(len(found.analysis.choices)), "số lượt tính lại")
    mean = write(edition, found, float(found.analysis.shift.mean()), "đổi hạng bình quân qua các lượt", decimals=1)
    moved = float(found.analysis.shift.mean()) > 0 and bool(table["STi"].notna().any())
    first = (
        f"giả định “{table.loc[table['STi'].idxmax(), 'assumption']}” chi phối nhiều nhất"
        if moved
        else "không giả định nào làm thay đổi thứ hạng"
    )
    listed = wording.join([f"“{name}”" for name in table["assumption"]])
    return edition.piece(
        f"**Tính lại {runs} lượt với các giả định khác nhau, mỗi đơn vị đổi bình quân {mean} hạng; {first}.** "
        f"Các giả định được thay đổi: {listed}. Lượt nào cũng ghi lại lựa chọn và dựng lại được."
    )


def certainty_table(edition: Edition, found: Study) -> Piece:
    """Return the leading units' rank, its interval, the chance to be in the top k, and the assumption that moves them most."""
    edition.figures.place = "bảng độ chắc chắn"
    tops = [name for name in found.ranks.columns if name.startswith("p_top_")]
    by_unit = uncertainty.sensitivity_by_unit(found.analysis)
    drives = by_unit.dropna(subset=["STi"]).sort_values("STi", ascending=False).drop_duplicates("uCode")
    driver = dict(zip(drives["uCode"], drives["assumption"], strict=True))
    rows = []
    for row in found.table.head(TOP_ROWS).to_dict("records"):
        code = row["uCode"]

        def cell(name: str, formula: str, scale: float = 1.0, row=row, code: str = code) -> str:
            return write(edition, found, row[name] * scale, f"{formula} của {code}")

        rows.append(
            [
                row["name"],
                cell("rank", "hạng"),
                wording.span(cell("q05", "hạng, 5%"), cell("q95", "hạng, 95%")),
                *(cell(name, f"xác suất ở trong {name.removeprefix('p_top_')} hạng đầu", 100.0) for name in tops[:2]),
                driver.get(code, "–"),
            ]
        )
    columns = [
        *("l26 Đơn vị", "r9 Hạng", "r14 Khoảng hạng"),
        *(
            f'r15 Trong [{name.removeprefix("p_top_")}]{{.hang-so ly-do="ngưỡng top của index.yml"}} hạng đầu (%)'
            for name in tops[:2]
        ),
        f"l{51 - 15 * len(tops[:2])} Giả định chi phối",
    ]
    note = (
        _mark(found)
        + 'Khoảng hạng chứa [90%]{.hang-so ly-do="mức của khoảng hạng"} các lượt độc lập; xác suất tính trên các lượt ấy. Giả định chi phối: có chỉ số Sobol tổng lớn nhất với hạng của chính đơn vị.'
    )
    caption = _caption(found, "Các đơn vị đứng đầu và độ chắc chắn của thứ hạng")
    return edition.table(rows, caption, "tbl-chac-chan", columns, note)


def profile_table(edition: Edition, found: Study) -> Piece:
    """Return the strengths and weaknesses of the edition's unit."""
    edition.figures.place = "hồ sơ đơn vị"
    frame, name = found.build.framework, found.names[found.unit]
    rows = []
    for row in diagnose.profile(found.build, found.unit, count=4).to_dict("records"):

        def cell(column: str, formula: str, decimals: int = 0, row=row) -> str:
            return write(
                edition, found, float(row[column]), f"{formula} {row['code']} của {found.unit}", decimals=decimals
            )

        rows.append(
            [
                wording.capital(row["kind"]),
                row["name"],
                frame.names[row["parent"]],
                cell("score", "điểm", 1),
                f"{cell('rank', 'hạng')}/{cell('of', 'số đơn vị có')}",
            ]
        )
    caption = _caption(found, f"Điểm mạnh, điểm yếu của {name}")
    note = _mark(found) + "Điểm sau chuẩn hóa; hạng giữa các đơn vị có số liệu."
    columns = "l10 Loại | l44 Chỉ số | l22 Trụ cột | r12 Điểm | r12 Hạng"
    return edition.table(rows, caption, "tbl-ho-so", columns, note)


def needed_weights_table(edition: Edition, found: Study, needed: pd.DataFrame) -> Piece:
    """Return the smallest change of weights that brings the study's unit where it shall be.

    Parameters
    ----------
    needed : DataFrame
        Of :func:`nq57lab.composite.robustness.margins.weights_for`.
    """
    edition.figures.place = "trọng số cần có"
    frame, unit = found.build.framework, found.names[found.unit]
    rows = []
    for row in needed.to_dict("records"):
        parts = [("trọng số", row["weight"]), ("trọng số cần có", row["needed"]), ("thay đổi", row["change"])]
        cells = [
            write(edition, found, value * 100 + 0.0, f"{what} của {row['code']}, {unit}", decimals=1)
            for what, value in parts
        ]
        rows.append([frame.names[row["code"]], *cells])
    caption = _caption(found, f"Thay đổi trọng số nhỏ nhất: {unit}")
    note = (
        _mark(found)
        + "Phần của từng trụ cột trong điểm chung; lời giải đúng của bài toán tối ưu, mọi số liệu giữ nguyên."
    )
    columns = "l46 Trụ cột | r18 Hiện nay (%) | r18 Cần có (%) | r18 Thay đổi (điểm phần trăm)"
    return edition.table(rows, caption, "tbl-can-trong-so", columns, note)


def needed_indicators_table(edition: Edition, found: Study, needed: pd.DataFrame) -> Piece:
    """Return by how much each single indicator of the study's unit would have to rise.

    Parameters
    ----------
    needed : DataFrame
        Of :func:`nq57lab.composite.robustness.margins.indicator_for`.
    """
    edition.figures.place = "chỉ số cần có"
    frame, unit = found.build.framework, found.names[found.unit]
    rows = []
    enough = needed[needed["needed"].notna()]
    for row in enough.to_dict("records"):

        def cell(value: float, what: str, decimals: int = 1, code: str = row["code"]) -> str:
            return write(edition, found, float(value) + 0.0, f"{what} của {code}, {unit}", decimals=decimals)

        rows.append(
            [
                frame.names[row["code"]],
                cell(row["score"], "điểm"),
                cell(row["needed"], "điểm cần có"),
                cell(row["change"], "điểm phải tăng"),
                cell(row["units_there"] * 100, "tỷ lệ đơn vị khác đã đạt điểm cần có", 0),
            ]
        )
    caption = _caption(found, f"Chỉ một chỉ số tăng: {unit}")
    left = [frame.names[code] for code in needed.loc[needed["needed"].isna(), "code"]]
    note = _mark(found) + "Điểm sau chuẩn hóa; mọi thứ khác giữ nguyên."
    note += f" Không đủ dù lên mức tốt nhất hiện có, hoặc thiếu số: {wording.join(left)}." if left else ""
    columns = "l46 Chỉ số | r12 Điểm | r12 Cần có | r12 Phải tăng | r18 Đơn vị khác đã đạt (%)"
    return edition.table(rows, caption, "tbl-can-chi-so", columns, note)
