"""Feedback loops as a document: the loops, their evidence, what a push does, where to push.

An :class:`~nq57lab.documents.edition.Edition` in, its pieces out; :func:`study` does the work once, :func:`section` is what a periodic
report carries.
"""

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from nq57lab.base import wording
from nq57lab.base.contract import EVIDENCE
from nq57lab.documents import plain_numbers
from nq57lab.documents.edition import Edition, Piece
from nq57lab.loops import analysis, graph, targets_push
from nq57lab.loops.evidence import grades as evidence

HORIZON = 4  # steps of a year: from 2026 to 2030
DRAWS = 2000
ROWS = ("loop_links.csv",)
PROPOSAL = "S000"  # the document of the Resolution's loops
KINDS = {"virtuous": "Tích cực", "vicious": "Tiêu cực"}
CLOSES = {True: "Chỉ với liên kết ngầm định", False: "Có, bằng liên kết nêu"}

PEERS = plain_numbers.constant("12", "số nước so sánh trong data/comparators")
EFFECT = plain_numbers.constant("0,2", "tác động thật giả định khi tính năng lực")
UNTESTED = "chưa liên kết nào có số liệu để kiểm định"
BAND = plain_numbers.constant("90%", "bề rộng của dải các lần rút")


@dataclass(frozen=True)
class Study:
    """The graph with stated and with all links, grades of the links, and the ranking of levers."""

    stated: analysis.Analysis
    every: analysis.Analysis
    evidence: evidence.Evidence
    links: pd.DataFrame
    leverage: targets_push.Leverage


def study(edition: Edition) -> Study:
    """Analyse the project's graph."""
    catalogue = edition.catalogue
    found = evidence.of_project(catalogue)
    links = graph.catalogue_links(catalogue, graph.EVERY, levers=False, grades=found.table)
    stated = graph.catalogue_links(catalogue, graph.STATED, levers=False, grades=found.table)
    return Study(
        analysis.analyse(stated),
        analysis.analyse(links),
        found,
        links,
        targets_push.rank_project(catalogue, steps=HORIZON, draws=DRAWS),
    )


def with_power(edition: Edition, found: Study) -> Study:
    """Return a study with the simulated power of its tests."""
    return replace(found, evidence=evidence.of_project(edition.catalogue, power=True))


def written(edition: Edition, value: float, formula: str, *, decimals: int = 0, markup: bool = True) -> str:
    """Write a number of this page and note it in the trace."""
    return edition.computed(value, formula, ROWS, decimals=decimals, sources=(_source(edition),), markup=markup)


def _source(edition: Edition) -> str:
    """Return the document that the loops are taken from."""
    return next(iter(edition.catalogue.loops["source"].str.split(",").str[0]), PROPOSAL)


def texts(edition: Edition, column: str) -> dict[str, str]:
    """Return a text of every node by its id."""
    nodes = edition.catalogue.loop_nodes
    return dict(zip(nodes["id"], nodes[column], strict=True))


def closing_of(found: Study, loop: str) -> tuple[pd.DataFrame, bool]:
    """Return the closed loops made of a loop's own links, and whether they need implied ones."""
    stated = found.stated.loops
    own = stated[stated["stated_loop"].str.split("; ").map(lambda ids: loop in ids)]
    if len(own):
        return own, False
    every = found.every.loops
    return every[every["stated_loop"].str.split("; ").map(lambda ids: loop in ids)], True


def _six(edition: Edition) -> str:
    """Return how many loops the catalogue has, in words."""
    return wording.numeral(len(edition.catalogue.loops))


def _some(edition: Edition, count: int, formula: str) -> str:
    """Return "chưa có liên kết nào" or "n liên kết", the start of a clause."""
    return f"{written(edition, count, formula)} liên kết" if count else "chưa có liên kết nào"


def _named(edition: Edition, loops: list[str]) -> str:
    """Return loops in a sentence, with their kind where they share one: "các vòng tích cực T1, T2 và T3"."""
    kinds = edition.catalogue.loops.set_index("id")["kind"].reindex(loops).unique()
    word = f"{KINDS[kinds[0]].lower()} " if len(kinds) == 1 else ""
    several = "các " if len(loops) > 1 else ""
    return f"{several}vòng {word}{wording.join(loops)}" if loops else "không vòng nào"


def finding(edition: Edition, found: Study) -> Piece:
    """Return the page's finding in sentences."""
    edition.figures.place = "kết luận vòng phản hồi"
    stated, every = found.stated.summary, found.every.summary
    tested = found.evidence.tested
    first = written(edition, stated["loops"], "vòng tìm được chỉ với liên kết văn bản nêu")
    signs = (
        "đều tự tăng cường"
        if stated["loops"] == stated["reinforcing"]
        else f"{written(edition, stated['reinforcing'], 'vòng tự tăng cường với liên kết văn bản nêu')} vòng tự tăng cường"
    )
    second = written(edition, every["loops"], "vòng tìm được khi thêm liên kết ngầm định")
    balancing = written(edition, every["balancing"], "vòng cân bằng khi thêm liên kết ngầm định")
    count = written(edition, len(found.links), f"liên kết của {_six(edition)} vòng")
    measured = written(edition, len(tested), "liên kết kiểm định được trên số liệu 13 nước")
    for_it = (tested["grade"] == "supported").sum()
    supported = _some(edition, for_it, "liên kết được số liệu ủng hộ")
    against_it = (tested["grade"] == "contradicted").sum()
    against = _some(edition, against_it, "liên kết bị số liệu bác bỏ")
    rest = "các liên kết còn lại" if for_it or against_it else "các liên kết này"
    closing: dict[bool, list[str]] = {False: [], True: []}
    for loop in edition.catalogue.loops["id"]:
        own, implied = closing_of(found, loop)
        if len(own):
            closing[implied].append(loop)
    most = (
        " Phần lớn lập luận của đề xuất vì vậy mới là giả thuyết có căn cứ văn bản, chưa phải quy luật đã được số liệu xác nhận."
        if for_it < len(found.links) / 2
        else ""
    )
    tested_words = (
        f"{measured} liên kết có số liệu để kiểm định trên Việt Nam "
        f"và {PEERS} nước so sánh: {supported} được số liệu ủng hộ, {against} bị số liệu bác bỏ, số liệu về {rest} chưa đủ mạnh để kết luận.{most}"
        if len(tested)
        else f"{UNTESTED}."
    )
    return edition.piece(
        f"**{wording.capital(_named(edition, closing[False]))} khép kín bằng liên kết văn bản nêu ({first} vòng khép kín, {signs}); "
        f"{_named(edition, closing[True])} chỉ khép khi thêm các liên kết ngầm định** (khi đó có {second} vòng khép kín, trong đó "
        f"{balancing} vòng cân bằng).\n\nTrong {count} liên kết của {_six(edition)} vòng, {tested_words}"
    )


def loop_rows(edition: Edition, found: Study) -> Piece:
    """Return the six loops: do they close, of what kind, and what their weakest link's evidence is."""
    row: Any
    edition.figures.place = f"bảng {_six(edition)} vòng"
    words = evidence.grades_in_words()
    rows = []
    for row in edition.catalogue.loops.itertuples():
        own, implied = closing_of(found, row.id)
        kinds = " và ".join(
            {"reinforcing": "tự tăng cường", "balancing": "cân bằng"}.get(k, "chưa rõ") for k in own["kind"].unique()
        )
        links = found.links["x_loop"].str.split("; ").map(lambda ids, name=row.id: name in ids)
        parts = found.links[links]
        rows.append(
            [
                f"{row.id}. {row.name_vi}",
                KINDS[row.kind],
                written(edition, len(parts), f"liên kết của vòng {row.id}"),
                written(edition, (parts["x_basis"] == "implied").sum(), f"liên kết ngầm định của vòng {row.id}"),
                CLOSES[implied],
                wording.capital(kinds) or "Không khép",
                wording.capital(words[min(own["weakest_evidence"], key=EVIDENCE.index)]) if len(own) else "–",
            ]
        )
    own_document = _source(edition) == PROPOSAL
    note = (
        f"Nguồn: {'Đề xuất Bộ Công cụ giám sát, Phụ lục 1, mục “Gắn với các vòng phản hồi”' if own_document else edition.source_name(_source(edition))}. Tự tăng cường: vòng khuếch đại cả đà tăng lẫn đà giảm; "
        "nút đặt tên theo đại lượng, nên vòng tiêu cực cũng mang dấu này."
    )
    caption = f"{wording.capital(_six(edition))} vòng phản hồi của {'đề xuất' if own_document else 'danh mục'}"
    columns = "l30 Vòng | l9 Loại | r9 Số liên kết | r9 Số ngầm định | l17 Khép kín | l13 Dấu | l13 Bằng chứng yếu nhất"
    return edition.table(rows, caption, "tbl-vong", columns, note)


def evidence_finding(edition: Edition, found: Study) -> Piece:
    """Return how many tested links reached a verdict, and what power the tests had."""
    edition.figures.place = "kết luận bằng chứng"
    tested = found.evidence.tested
    if tested.empty:
        return Piece(f"**{wording.capital(UNTESTED)}.**")
    decided = tested["grade"].isin(["supported", "contradicted"]).sum()
    power = tested["power_02"] * 100
    low, high = (
        written(edition, value, f"năng lực {what} của các liên kết kiểm định được")
        for value, what in ((power.min(), "thấp nhất"), (power.max(), "cao nhất"))
    )
    count = written(edition, len(tested), "liên kết kiểm định được trên số liệu 13 nước")
    return Piece(
        f"**Trong {count} liên kết kiểm định được, {_some(edition, decided, 'liên kết có kết luận')} đạt bậc ủng hộ hoặc trái ngược.** Với "
        f"tác động thật {EFFECT} độ lệch chuẩn, phép kiểm định chỉ phát hiện được trong {wording.span(low, high)}% trường hợp; “số liệu yếu” vì vậy không có "
        "nghĩa là liên kết sai."
    )


def evidence_rows(edition: Edition, found: Study) -> Piece:
    """Return the tested links with their grade, and the reason."""
    row: Any
    edition.figures.place = "bảng bằng chứng"
    names = edition.catalogue.loop_nodes.set_index("id")["short_vi"]
    words = evidence.grades_in_words()
    rows = []
    for row in found.evidence.tested.itertuples():
        what = f"{row.source} → {row.target}"
        rows.append(
            [
                f"{names[row.source]} → {names[row.target]} ({ {'1': '+', '-1': '−'}.get(row.polarity, '?') })",
                written(edition, row.estimate, f"hồi quy bảng có trễ: {what}", decimals=2),
                written(edition, row.q_value, f"q (Benjamini–Hochberg): {what}", decimals=2),
                written(edition, row.same_sign * 100, f"cùng dấu khi bỏ từng nước: {what}"),
                written(edition, row.rows, f"số quan sát: {what}")
                + f" ({written(edition, row.home_rows, f'số quan sát của Việt Nam: {what}')})",
                written(edition, row.power_02 * 100, f"năng lực phát hiện tác động 0,2: {what}"),
                wording.capital(words[row.grade]),
            ]
        )
    note = plain_numbers.constants(
        "Ước lượng: độ lệch chuẩn của biến đích trên một độ lệch chuẩn của biến nguồn, trễ theo lớp độ trễ, có hiệu ứng nước và năm, sai số theo "
        "cụm nước. Ủng hộ hoặc trái ngược chỉ khi q ≤ 0,10 và dấu không đổi khi bỏ bất kỳ nước nào. Năng lực: xác suất để một tác động "
        "thật bằng 0,2 độ lệch chuẩn được xếp bậc ủng hộ trên số liệu cùng độ dài, theo mô phỏng; dấu –: biến đích quá ổn định để có tác động "
        "lớn như vậy trong một năm. Năng lực thấp nghĩa là “số liệu yếu” không bác bỏ được liên kết. q: mức ý nghĩa đã hiệu chỉnh cho nhiều phép kiểm định. Chuỗi đại diện cho từng nút ghi ở danh mục vòng phản hồi.",
        "ngưỡng của phép kiểm định",
    )
    columns = "l30 Liên kết (dấu) | r12 Ước lượng | r8 q | r11 Cùng dấu (%) | r14 Quan sát (Việt Nam) | r11 Năng lực (%) | l14 Bậc"
    return edition.table(rows, "Các liên kết kiểm định được", "tbl-bang-chung", columns, note)


def bands_overlap(levers: pd.DataFrame) -> bool:
    """Return whether the bands of all levers share a value."""
    return len(levers) > 1 and bool(levers["lo"].max() < levers["hi"].min())


def leverage_finding(edition: Edition, found: Study) -> Piece:
    """Return which lever pushes most, as far as it can be told, and which weakens each vicious loop most."""
    levers = found.leverage.table[found.leverage.table["group"] == "lever"]
    if not found.leverage.targets:
        return Piece("**Chưa xếp hạng được đòn bẩy: chưa KPI nào của các vòng có mục tiêu năm 2030.**")
    short = texts(edition, "short_vi")
    first = levers.iloc[0]
    lead = (
        "Chưa có cú hích, chương trình nào vượt trội"
        if bands_overlap(levers)
        else f"{short[str(first['node'])]} có trung vị cao nhất"
    )
    overlap = f" Khoảng chứa {BAND} số lần rút của các đòn bẩy đều chồng lấn nhau." if bands_overlap(levers) else ""
    best = []
    for loop in edition.catalogue.loops.query("kind == 'vicious'")["id"]:
        sure = levers[levers["weakens"].str.split("; ").map(lambda ids, loop=loop: loop in ids)]
        strongest = sure.sort_values(loop, ascending=False, kind="stable")["node"].head(1)
        best += [f"{short[node].lower()} (vòng {loop})" for node in strongest] or [f"chưa có (vòng {loop})"]
    weakest = f" Đòn bẩy làm yếu từng vòng tiêu cực nhiều nhất: {', '.join(best)}." if best else ""
    return Piece(f"**{lead} khi tính mức đẩy các KPI có mục tiêu 2030 trên một đơn vị lực.**{overlap}{weakest}")


def leverage_rows(edition: Edition, found: Study) -> Piece:
    """Return the strongest nodes, with uncertainty and the vicious loops that each weakens."""
    edition.figures.place = "bảng điểm đòn bẩy"
    nodes = found.leverage.table[found.leverage.table["group"] == "node"].head(10)
    rows = []
    for row in nodes.to_dict("records"):
        node = row["node"]
        numbers = [(row["median"] * 100, "trung vị"), (row["lo"] * 100, "5%"), (row["hi"] * 100, "95%")]
        rows.append(
            [
                row["name"],
                "tăng" if row["push"] > 0 else "giảm",
                *(written(edition, value, f"đòn bẩy {node} × 100, {what}", decimals=1) for value, what in numbers),
                written(edition, row["p_top3"] * 100, f"tỷ lệ lần rút {node} ở trong ba nút mạnh nhất"),
                row["weakens"].replace("; ", ", ") or "–",
            ]
        )
    ends = [plain_numbers.constants(text, "phân vị của các lần rút") for text in ("5%", "95%")]
    columns = f"l34 Nút | l9 Hướng | r10 Trung vị | r8 {ends[0]} | r8 {ends[1]} | r16 Trong ba nút mạnh nhất (%) | l15 Làm yếu"
    caption = plain_numbers.constants("Các nút đẩy mục tiêu 2030 nhiều nhất trên một đơn vị (× 100)", "thang in")
    note = plain_numbers.constants(found.leverage.assumptions, "tham số của mô phỏng")
    return edition.table(rows, caption, "tbl-don-bay", columns, note)
