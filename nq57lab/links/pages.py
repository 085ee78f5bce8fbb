"""Pages of the links: coverage of the milestones, the link matrices, what feeds a target, what is not measured, who answers for it.

An edition (and its followed targets) in; pieces of the document out.
"""

import pandas as pd

from nq57lab.base import wording
from nq57lab.documents.edition import Edition, Piece
from nq57lab.links import graph as of_graph
from nq57lab.links import matrix, questions
from nq57lab.targets.pages import Following

FIRST = 15  # rows shown of a long list; the rest is counted


def finding(edition: Edition) -> Piece:
    """Return the sentence on the graph: elements, links, targets without any measured KPI."""
    edition.figures.place = "mạng liên kết"
    graph, rows = of_graph.of_edition(edition), ("links.csv", "crosswalk.csv", "targets.csv")
    bare = questions.unmeasured_targets(graph)
    whole = of_graph.nodes(graph, "target")
    return edition.piece(
        f"**{edition.count(len(bare), 'số mục tiêu không có KPI nào có số liệu', rows)} trong {edition.count(len(whole), 'số mục tiêu trong danh mục', rows)} mục tiêu "
        f"của các văn bản chưa có KPI nào có số liệu.** Mạng gồm {edition.count(graph.number_of_nodes(), 'số phần tử', rows)} phần tử và "
        f"{edition.count(graph.number_of_edges(), 'số liên kết', rows)} liên kết của danh mục; một mục tiêu nêu ở nhiều văn bản đếm ở từng văn bản."
    )


def coverage(edition: Edition) -> Piece:
    """Return how far each milestone is covered by indicators and data."""
    edition.figures.place = "độ phủ của các mốc"
    rows = []
    for row in questions.coverage(of_graph.of_edition(edition)).to_dict("records"):
        how = "số mục tiêu có số liệu ÷ số mục tiêu"
        cells = [
            edition.count(row[name], f"{name}, mốc {row['milestone']}", ("targets.csv",))
            for name in ("targets", "quantities", "with_indicator", "with_data", "with_operational_data", "uncovered")
        ]
        rows.append(
            [
                row["milestone"],
                *cells,
                edition.computed(row["share_with_data"], how, ("targets.csv",), unit="%", decimals=1),
            ]
        )
    columns = "l9 Mốc | r11 Mục tiêu | r14 Đại lượng khác nhau | r15 Có chỉ số của bộ chỉ số | r12 Có số liệu | r16 Có KPI tác nghiệp có số liệu | r11 Chưa có số liệu nào | r12 Tỷ lệ có số liệu"
    return edition.table(rows, "Độ phủ số liệu của từng mốc", "tbl-do-phu", columns, wide=False)


def matrix_table(edition: Edition, origin: str) -> Piece:
    """Return a link matrix as a table: one row an element, one column a macro KPI."""
    wide = matrix.table(edition.catalogue, origin)
    frame, head = wide.assign(name=wide["id"] + " " + wide["name"]).drop(columns="id"), matrix.ROWS[origin][1]
    cited = edition.catalogue.links["source"].str.split(",").str[0].drop_duplicates()
    named = wording.join(edition.source_name(source, dated=False) for source in cited)
    if "S000" in set(cited):
        named = "Đề xuất Bộ Công cụ giám sát; nhóm hệ thống, sáng kiến: Kế hoạch số 01-KH/BCĐTW, mục IV.2"
    note = "● trực tiếp, ○ gián tiếp, △ bổ trợ, ◆ có nêu nhưng không ghi loại; để trống: văn bản không nêu."
    note += f" Nguồn: {named}. Chỗ văn bản mâu thuẫn, dùng cách hiểu ghi trong danh mục liên kết." if named else ""
    columns = [f"l34 {head}", *["l6"] * (frame.shape[1] - 1)]
    return edition.table(frame, f"Liên kết {head.lower()} - KPI vĩ mô", f"tbl-lien-ket-{origin}", columns, note)


def operational(edition: Edition, following: Following) -> Piece:
    """Return, for every quantity with a 2030 target by number, how many operational KPIs feed it and which have data."""
    edition.figures.place = "KPI tác nghiệp đóng góp cho mục tiêu"
    rows = []
    for target in following.quantities[following.quantities["comparator"] != "qualitative"].itertuples():
        found = questions.operational_kpis(of_graph.of_edition(edition), target.id)
        if found.empty:
            continue
        have = found[found["measured"]]
        through = ", ".join(dict.fromkeys(found["through"]))
        kinds = "; ".join(
            f"{words} {edition.count(number, f'số KPI tác nghiệp, liên kết {words}', ('links.csv', 'link_groups.csv'))}"
            for kind, words in matrix.KINDS.items()
            if (number := int((found["kind"] == kind).sum()))
        )
        listed = (
            "; ".join(f"{row.kpi} {row.name_vi}" for row in have.rename(columns={"name": "name_vi"}).itertuples())
            or "chưa có KPI nào"
        )
        rows.append(
            [
                edition.catalogue.short[target.indicator],
                through,
                edition.count(len(found), "số KPI tác nghiệp", ("targets.csv",)),
                kinds,
                edition.count(len(have), "số KPI tác nghiệp có số liệu", ("targets.csv",)),
                listed,
            ]
        )
    note = "KPI tác nghiệp nối với mục tiêu qua KPI vĩ mô cùng hoặc gần định nghĩa. Liên kết: loại mà văn bản ghi; phần lớn có nêu liên kết nhưng không ghi loại. Có số liệu: chính KPI đó hoặc chỉ số cùng định nghĩa."
    columns = "l24 Mục tiêu về | l8 Qua | r9 KPI tác nghiệp | l22 Liên kết | r8 Có số liệu | l29 KPI có số liệu"
    return edition.table(
        rows, "KPI tác nghiệp đóng góp cho từng mục tiêu đến năm 2030", "tbl-tac-nghiep", columns, note
    )


def unmeasured(edition: Edition) -> Piece:
    """Return the quantities of 2030 and 2045 targets that no KPI with data measures or feeds."""
    edition.figures.place = "mục tiêu chưa có KPI nào có số liệu"
    found = questions.unmeasured_targets(of_graph.of_edition(edition))
    found = found[found["milestone"] != "2025"].drop_duplicates(["indicator", "milestone"])
    rows = []
    for row in found.itertuples():
        rows.append(
            [
                row.milestone,
                _stated(edition, row.target),
                edition.catalogue.short[row.indicator],
                edition.count(row.operational, "số KPI tác nghiệp liên quan", ("targets.csv",)),
                row.why,
            ]
        )
    columns = "l7 Mốc | l36 Mục tiêu | l30 Đo bằng | r11 KPI tác nghiệp liên quan | l16 Vì sao"
    return edition.table(rows, "Mục tiêu chưa có KPI nào có số liệu", "tbl-chua-do", columns)


def _stated(edition: Edition, target: str) -> str:
    """Write a target in its document's words."""
    targets = edition.catalogue.targets
    place = targets.index[targets["id"] == target][0]
    row = targets.loc[place]
    return edition.figures.note(
        row["stated_vi"], float("nan"), rows=(f"targets.csv:{int(place) + 2}",), source=row["source"].partition(",")[0]
    )


def _listed(edition: Edition, part: pd.DataFrame) -> str:
    """List elements of one type: targets and milestones in words, all else by code and name."""
    shown = []
    for row in part.drop_duplicates("name").head(FIRST).itertuples():
        if row.type == "target":
            shown.append(f"{_stated(edition, row.id)} (mốc {row.id.split('.')[0][1:]})")
        else:
            shown.append(row.name.lower() if row.type == "milestone" else f"{row.id} {row.name}")
    return "; ".join(shown)


def agencies(edition: Edition) -> Piece:
    """Return the lead agencies by the links that hang on their indicators without data."""
    edition.figures.place = "cơ quan và liên kết chưa đo"
    found = questions.agencies(of_graph.of_edition(edition))
    names = ("indicators", "unmeasured", "links", "unmeasured_links")
    rows = [
        [row["name"], *(edition.count(row[name], f"{name}, {row['agency']}", ("indicators.csv",)) for name in names)]
        for row in found.head(FIRST).to_dict("records")
    ]
    rest = len(found) - FIRST
    note = (
        f"Còn {edition.count(rest, 'số cơ quan không nêu', ('indicators.csv',))} cơ quan khác. " if rest > 0 else ""
    ) + "Liên kết: công thức, biểu cung cấp số liệu, mục tiêu, chỉ số cùng hoặc gần định nghĩa."
    columns = "l48 Cơ quan chủ trì | r13 Chỉ số chủ trì | r13 Chưa có số liệu | r13 Liên kết | r13 Liên kết chưa đo"
    return edition.table(rows, "Cơ quan giữ nhiều liên kết chưa đo nhất", "tbl-co-quan", columns, note, wide=False)


def hanging(edition: Edition, code: str) -> Piece:
    """Return what hangs on one indicator: targets, goals and milestones first, then all else counted by type."""
    edition.figures.place = f"những gì phụ thuộc vào {code}"
    found = questions.hanging_on(of_graph.of_edition(edition), code)
    rows = [
        [
            of_graph.TYPES[kind],
            edition.count(len(part), f"số phần tử phụ thuộc vào {code}", ("links.csv",)),
            _listed(edition, part),
        ]
        for kind, part in found.groupby("type", sort=False)
    ]
    name = edition.catalogue.names[code]
    columns = "l24 Loại | r12 Số phần tử | l64 Phần tử (gần nhất trước)"
    return edition.table(rows, f"Những gì phụ thuộc vào {code} {name}", "tbl-treo", columns)


def plan_finding(edition: Edition) -> Piece:
    """Return the sentence on the plan's goals: how many, with a KPI, with data."""
    plan = edition.catalogue.programme.plan
    edition.figures.place = f"mục tiêu của {plan}"
    goals = questions.plan_goals(of_graph.of_edition(edition), edition.catalogue)
    if goals.empty:
        return Piece(f"**Danh mục chưa có mục tiêu nào của {plan}.**")
    none = (goals["kpi"] == questions.NO_MEASURE).sum()
    return edition.piece(
        f"**{wording.capital(plan)} có {edition.count(len(goals), f'số mục tiêu của {plan}', ('targets.csv',))} mục tiêu cụ thể đến năm 2030 và năm 2045: "
        f"{edition.count(len(goals) - none, 'số mục tiêu có chỉ số đo', ('targets.csv',))} mục tiêu có chỉ số đo, {edition.count(goals['measured'].sum(), 'số mục tiêu có số liệu', ('targets.csv',))} mục tiêu có số liệu, "
        f"{edition.count(none, 'số mục tiêu chưa có chỉ số đo', ('targets.csv',))} mục tiêu chưa có chỉ số đo.**"
    )


def plan_table(edition: Edition, milestone: str) -> Piece:
    """Return the plan's goals of a milestone with the KPI of each, or that there is none and why."""
    plan = edition.catalogue.programme.plan
    edition.figures.place = f"bảng mục tiêu {milestone} của {plan}"
    goals = questions.plan_goals(of_graph.of_edition(edition), edition.catalogue)
    rows = []
    for goal in goals[goals["milestone"] == milestone].itertuples():
        line = int(edition.catalogue.targets.index[edition.catalogue.targets["id"] == goal.target][0]) + 2
        stated = edition.figures.note(goal.stated, float("nan"), rows=(f"targets.csv:{line}",), source=goal.source)
        rows.append([goal.section, stated, goal.kpi, "có" if goal.measured else "chưa", goal.why or "–"])
    caption = f"Mục tiêu đến năm {milestone} của {plan} và chỉ số đo"
    columns = "l7 Mục | l36 Mục tiêu | l27 Chỉ số đo | l8 Số liệu | l22 Vì sao chưa có"
    return edition.table(rows, caption, f"tbl-ke-hoach-{milestone}", columns)
