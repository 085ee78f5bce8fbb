"""Feedback loops as a document: the loops, their evidence, what a push does, where to push.

An :class:`~nq57lab.briefing.document.Edition` in, its pieces out; :func:`study` does the work once, :func:`section` is what a periodic
report carries.
"""

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from nq57lab import charts_loops, wording
from nq57lab.briefing.document import Edition, Piece
from nq57lab.loops import analysis, evidence, graph, simulate, targets_push

HORIZON = 4  # steps of a year: from 2026 to 2030
STEPS = 12
DRAWS = 2000
HALVES = (
    ("T1", "T2", "V3"),
    ("T3", "V1", "V2"),
)  # parts of the diagram on a phone: digital and growth, talent and institutions
ROWS, SOURCE = ("loop_links.csv",), "S000"
KINDS = {"virtuous": "Tích cực", "vicious": "Tiêu cực"}
CLOSES = {True: "Chỉ với liên kết ngầm định", False: "Có, bằng liên kết nêu"}
SHOWN = ("M.02", "M.01", "M.03", "M.08", "M.11", "M.12")


@dataclass(frozen=True)
class Study:
    """The graph with stated and with all links, grades of the links, and the ranking of levers."""

    stated: analysis.Analysis
    every: analysis.Analysis
    evidence: evidence.Evidence
    links: pd.DataFrame
    leverage: targets_push.Leverage


def study(edition: Edition, power: bool = False) -> Study:
    """Analyse the project's graph; ``power`` also simulates the power of the tests (seconds)."""
    catalogue = edition.catalogue
    found = evidence.of_project(catalogue, power=power)
    links = graph.catalogue_links(catalogue, graph.EVERY, levers=False, grades=found.table)
    stated = graph.catalogue_links(catalogue, graph.STATED, levers=False, grades=found.table)
    return Study(
        analysis.analyse(stated),
        analysis.analyse(links),
        found,
        links,
        targets_push.rank_project(catalogue, steps=HORIZON, draws=DRAWS),
    )


def _write(
    edition: Edition, value: float, formula: str, *, unit: str = "", decimals: int = 0, markup: bool = True
) -> str:
    """Write a number of this page and note it in the trace."""
    figure = edition.figures.literal(float(value), unit, decimals=decimals, rows=ROWS, formula=formula)
    figure = replace(figure, sources=(SOURCE,))
    return edition.figures.write(figure, markup=markup) if value == value else "–"


def _texts(edition: Edition, column: str) -> dict[str, str]:
    """Return a text of every node by its id."""
    nodes = edition.catalogue.loop_nodes
    return dict(zip(nodes["id"], nodes[column], strict=True))


def _closing(found: Study, loop: str) -> tuple[pd.DataFrame, bool]:
    """Return the closed loops made of a loop's own links, and whether they need implied ones."""
    stated = found.stated.loops
    own = stated[stated["stated_loop"].str.split("; ").map(lambda ids: loop in ids)]
    if len(own):
        return own, False
    every = found.every.loops
    return every[every["stated_loop"].str.split("; ").map(lambda ids: loop in ids)], True


def _some(edition: Edition, count: int, formula: str) -> str:
    """Return "chưa liên kết nào" or "n liên kết", the start of a clause."""
    return f"{_write(edition, count, formula)} liên kết" if count else "chưa liên kết nào"


def finding(edition: Edition, found: Study) -> Piece:
    """Return the page's finding in sentences."""
    edition.figures.place = "kết luận vòng phản hồi"
    stated, every = found.stated.summary, found.every.summary
    tested = found.evidence.tested
    first = _write(edition, stated["loops"], "vòng tìm được chỉ với liên kết văn bản nêu")
    signs = (
        "đều tự tăng cường"
        if stated["loops"] == stated["reinforcing"]
        else f"{_write(edition, stated['reinforcing'], 'vòng tự tăng cường với liên kết văn bản nêu')} vòng tự tăng cường"
    )
    second = _write(edition, every["loops"], "vòng tìm được khi thêm liên kết ngầm định")
    balancing = _write(edition, every["balancing"], "vòng cân bằng khi thêm liên kết ngầm định")
    count = _write(edition, len(found.links), "liên kết của sáu vòng")
    measured = _write(edition, len(tested), "liên kết kiểm định được trên số liệu 13 nước")
    for_it = (tested["grade"] == "supported").sum()
    supported = _some(edition, for_it, "liên kết được số liệu ủng hộ")
    against = _some(edition, (tested["grade"] == "contradicted").sum(), "liên kết bị số liệu bác")
    closing: dict[bool, list[str]] = {False: [], True: []}
    for loop in edition.catalogue.loops["id"]:
        own, implied = _closing(found, loop)
        if len(own):
            closing[implied].append(loop)
    most = (
        " Phần lớn lập luận của đề xuất vì vậy mới là giả thuyết có căn cứ văn bản, chưa phải quy luật đã được số liệu xác nhận."
        if for_it < len(found.links) / 2
        else ""
    )
    return Piece(
        edition._plain(
            f"**Các vòng {wording.join(closing[False])} khép kín bằng liên kết văn bản nêu ({first} vòng khép kín, {signs}); các vòng "
            f"{wording.join(closing[True])} chỉ khép khi thêm các liên kết ngầm định** (khi đó có {second} vòng khép kín, trong đó "
            f"{balancing} vòng cân bằng). Trong {count} liên kết của sáu vòng, {measured} liên kết có số liệu để kiểm định trên Việt Nam "
            f"và 12 nước so sánh: {supported} được số liệu ủng hộ, {against} bị số liệu bác, các liên kết còn lại yếu.{most}"
        )
    )


def loop_rows(edition: Edition, found: Study, label: str = "tbl-vong") -> Piece:
    """Return the six loops: do they close, of what kind, and what their weakest link's evidence is."""
    row: Any
    edition.figures.place = "bảng sáu vòng"
    words = evidence.grades_in_words() | {"": "chưa đánh giá"}
    rows = []
    for row in edition.catalogue.loops.itertuples():
        own, implied = _closing(found, row.id)
        kinds = " và ".join(
            {"reinforcing": "tự tăng cường", "balancing": "cân bằng"}.get(k, "chưa rõ") for k in own["kind"].unique()
        )
        links = found.links["x_loop"].str.split("; ").map(lambda ids, name=row.id: name in ids)
        parts = found.links[links]
        rows.append(
            [
                f"{row.id}. {row.name_vi}",
                KINDS[row.kind],
                _write(edition, len(parts), f"liên kết của vòng {row.id}"),
                _write(edition, (parts["x_basis"] == "implied").sum(), f"liên kết ngầm định của vòng {row.id}"),
                CLOSES[implied],
                wording.capital(kinds) or "Không khép",
                wording.capital(words[own["weakest_evidence"].mode().iloc[0]]) if len(own) else "–",
            ]
        )
    frame = pd.DataFrame(
        rows, columns=["Vòng", "Loại", "Liên kết", "Ngầm định", "Khép kín", "Dấu", "Bằng chứng yếu nhất"]
    )
    note = (
        "Nguồn liên kết: Đề xuất Bộ công cụ giám sát (S000), Phụ lục 1, mục “Gắn với các vòng phản hồi”; mỗi liên kết ghi chỗ trong văn bản. "
        "Tự tăng cường: tích các dấu dương, nên vòng khuếch đại cả đà tăng và đà giảm. Nút đặt tên theo đại lượng nên vòng “tiêu cực” cũng tự tăng cường."
    )
    return edition.table(
        frame, "Sáu vòng phản hồi của đề xuất", label, "llrrlll", [30, 9, 9, 9, 17, 13, 13], note, wide=True
    )


def evidence_finding(edition: Edition, found: Study) -> Piece:
    """Return how many tested links reached a verdict, and what power the tests had."""
    edition.figures.place = "kết luận bằng chứng"
    tested = found.evidence.tested
    decided = tested["grade"].isin(["supported", "contradicted"]).sum()
    power = tested["power_02"] * 100
    low, high = (
        _write(edition, value, f"năng lực {what} của các liên kết kiểm định được")
        for value, what in ((power.min(), "thấp nhất"), (power.max(), "cao nhất"))
    )
    count = _write(edition, len(tested), "liên kết kiểm định được trên số liệu 13 nước")
    return Piece(
        f"**Trong {count} liên kết kiểm định được, {_some(edition, decided, 'liên kết có kết luận')} đạt bậc ủng hộ hoặc trái ngược.** Với "
        f"tác động thật 0,2 độ lệch chuẩn, phép kiểm định chỉ phát hiện được trong {low}–{high}% trường hợp; “số liệu yếu” vì vậy không có "
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
                _write(edition, row.estimate, f"hồi quy bảng có trễ: {what}", decimals=2),
                _write(edition, row.q_value, f"q (Benjamini–Hochberg): {what}", decimals=2),
                _write(edition, row.same_sign * 100, f"cùng dấu khi bỏ từng nước: {what}"),
                _write(edition, row.rows, f"số quan sát: {what}")
                + f" ({_write(edition, row.home_rows, f'số quan sát của Việt Nam: {what}')})",
                _write(edition, row.power_02 * 100, f"năng lực phát hiện tác động 0,2: {what}"),
                wording.capital(words[row.grade]),
            ]
        )
    heads = ["Liên kết (dấu)", "Ước lượng", "q", "Cùng dấu (%)", "Quan sát (Việt Nam)", "Năng lực (%)", "Bậc"]
    note = (
        "Ước lượng: độ lệch chuẩn của biến đích trên một độ lệch chuẩn của biến nguồn, trễ theo lớp độ trễ, có hiệu ứng nước và năm, sai số theo "
        "cụm nước. Ủng hộ hoặc trái ngược chỉ khi q ≤ 0,10 và dấu không đổi khi bỏ bất kỳ nước nào. Năng lực: xác suất để một tác động "
        "thật bằng 0,2 độ lệch chuẩn được xếp bậc ủng hộ trên số liệu cùng độ dài, theo mô phỏng; dấu –: biến đích quá ổn định để có tác động "
        "lớn như vậy trong một năm. Năng lực thấp nghĩa là “số liệu yếu” không bác bỏ được liên kết. Chuỗi đại diện cho từng nút ghi ở loop_nodes.csv."
    )
    frame = pd.DataFrame(rows, columns=heads)
    return edition.table(
        frame,
        "Các liên kết kiểm định được",
        "tbl-bang-chung",
        "lrrrrrl",
        [30, 12, 8, 11, 14, 11, 14],
        note,
        wide=True,
    )


def _words(title: str, subtitle: str, caption: str, alt: str) -> dict[str, str]:
    return {"title": title, "subtitle": subtitle, "caption": caption, "alt": alt}


def _nodes(edition: Edition) -> pd.DataFrame:
    nodes = edition.catalogue.loop_nodes
    return nodes[nodes["x"].notna() & (nodes["kind"] != "lever")]


def diagram_chart(found: Study):
    """Return the builder of the causal-loop diagram."""

    def build(edition: Edition):
        minus = _write(edition, (found.links["polarity"] == "-1").sum(), "liên kết ngược chiều", markup=False)
        whole = _write(edition, len(found.links), "liên kết của sáu vòng", markup=False)
        busiest = found.every.nodes.sort_values("loops", ascending=False, kind="stable")["node"].head(3)
        short = _texts(edition, "short_vi")
        title = f"Nhiều vòng khép kín nhất đi qua {wording.join(f'“{short[node]}”' for node in busiest)}; {minus} trong {whole} liên kết ngược chiều"
        words = _words(
            title,
            "Đồ thị nhân quả của sáu vòng phản hồi (ô xanh: KPI vĩ mô; ô trắng: yếu tố khác)",
            "Sơ đồ vòng nhân quả",
            f"Sơ đồ {whole} liên kết nhân quả giữa các KPI vĩ mô và yếu tố khác, vẽ theo dấu và bằng chứng. {title}.",
        )
        return (lambda size: charts_loops.diagram(_nodes(edition), found.links, HALVES, size=size)), words

    return build


def loops_chart(found: Study, kind: str):
    """Return the builder of the small multiples, one a loop, of the virtuous or the vicious loops."""

    def build(edition: Edition):
        loops = edition.catalogue.loops
        loops = loops[loops["kind"] == kind]
        frame = pd.DataFrame({"id": loops["id"], "title": loops["id"] + ". " + loops["name_vi"]})
        held = found.links["x_loop"].str.split("; ").map(lambda ids: bool(set(ids) & set(frame["id"])))
        implied = held & (found.links["x_basis"] == "implied")
        count = _write(edition, implied.sum(), f"liên kết ngầm định: {', '.join(frame['id'])}", markup=False)
        closed = [not _closing(found, loop)[1] for loop in frame["id"]]
        title = f"Ba vòng {KINDS[kind].lower()} " + (
            "khép kín bằng các liên kết văn bản nêu"
            if all(closed)
            else f"chỉ khép khi thêm {count} liên kết ngầm định (nét chấm)"
        )
        words = _words(
            title,
            "Từng vòng với các liên kết của nó (ô xanh: KPI vĩ mô; ô trắng: yếu tố khác)",
            f"Từng vòng {KINDS[kind].lower()}",
            f"Ba sơ đồ nhỏ, mỗi sơ đồ một vòng: {'; '.join(frame['title'])}. {title}.",
        )
        return (lambda size: charts_loops.multiples(_nodes(edition), found.links[held], frame, size=size)), words

    return build


def response_chart(lever: str):
    """Return the builder of the answers of six KPIs to a lasting push on a lever."""

    def build(edition: Edition):
        catalogue = edition.catalogue
        links = graph.catalogue_links(catalogue, graph.EVERY)
        table = simulate.simulate(graph.of_table(links), {lever: 1.0}, steps=STEPS, draws=DRAWS).table
        short, name = _texts(edition, "short_vi"), _texts(edition, "name_vi")[lever]
        part = table[table["node"].isin(SHOWN)].assign(name=lambda rows: rows["node"].map(short))
        part["order"] = part["node"].map({node: place for place, node in enumerate(SHOWN)})
        part = part.sort_values(["order", "step"], kind="stable", ignore_index=True)
        last = part["step"] == STEPS
        part["label"] = ""
        part.loc[last, "label"] = [
            _write(edition, value, f"phản ứng trung vị của {node} sau {STEPS} bước", decimals=2, markup=False)
            for node, value in zip(part.loc[last, "node"], part.loc[last, "median"], strict=True)
        ]
        ends = part[last].sort_values("median", ascending=False, kind="stable")
        risen = _write(edition, (ends["p_positive"] >= 0.95).sum(), "KPI tăng ở ít nhất 95% lần rút", markup=False)
        strong = _write(edition, (ends["median"] >= 0.1).sum(), "KPI có phản ứng trung vị từ 0,1", markup=False)
        title = f"Đẩy “{name}”: {risen}/{len(SHOWN)} KPI tăng ở ít nhất 95% lần rút, nhưng chỉ {strong} KPI tăng rõ"
        listed = "; ".join(f"{row['name']} {row['label']}" for _, row in ends.iterrows())
        words = _words(
            title,
            "Phản ứng với một đơn vị đẩy giữ suốt, theo năm; đường: trung vị, dải: 90% các lần rút độ mạnh (thang tương đối, không đơn vị). Tăng rõ: trung vị từ 0,1",
            f"Phản ứng của sáu KPI với {short[lever].lower()}",
            f"Sáu đồ thị đường có dải sau {STEPS} năm: {listed}. {title}.",
        )
        return (lambda size: charts_loops.responses(part, size=size)), words

    return build


def _overlap(levers: pd.DataFrame) -> bool:
    """Return whether the bands of all levers share a value."""
    return bool(levers["lo"].max() < levers["hi"].min())


def leverage_finding(edition: Edition, found: Study) -> Piece:
    """Return which lever pushes most, as far as it can be told, and which weakens each vicious loop most."""
    levers = found.leverage.table[found.leverage.table["group"] == "lever"]
    short = _texts(edition, "short_vi")
    first = levers.iloc[0]
    lead = (
        "Chưa cú hích, chương trình nào vượt hẳn"
        if _overlap(levers)
        else f"{short[str(first['node'])]} có trung vị cao nhất"
    )
    overlap = " Khoảng 90% các lần rút của tất cả chồng lấn nhau." if _overlap(levers) else ""
    best = []
    for loop in edition.catalogue.loops.query("kind == 'vicious'")["id"]:
        sure = levers[levers["weakens"].str.split("; ").map(lambda ids, loop=loop: loop in ids)]
        strongest = sure.sort_values(loop, ascending=False, kind="stable")["node"].head(1)
        best += [f"{loop}: {short[node].lower()}" for node in strongest] or [f"{loop}: chưa có"]
    return Piece(
        f"**{lead} khi tính mức đẩy các KPI có mục tiêu 2030 trên một đơn vị lực.**{overlap} Đòn bẩy làm yếu từng vòng tiêu cực nhiều nhất: {'; '.join(best)}."
    )


def leverage_chart(found: Study):
    """Return the builder of the leverage bars of pushes and programmes."""

    def build(edition: Edition):
        levers = found.leverage.table[found.leverage.table["group"] == "lever"]
        short = _texts(edition, "short_vi")
        rows = []
        for row in levers.to_dict("records"):
            label = _write(edition, row["median"] * 100, f"đòn bẩy {row['node']} × 100", decimals=1, markup=False)
            weakens = f"; làm yếu {row['weakens'].replace('; ', ', ')}" if row["weakens"] else ""
            rows.append(
                {
                    "name": f"{short[row['node']]}: {row['name']}",
                    "label": label + weakens,
                    **{k: row[k] * 100 for k in ("median", "lo", "hi")},
                }
            )
        frame = pd.DataFrame(rows)
        title = (
            "Khoảng bất định của các đòn bẩy chồng lấn nhau: thứ tự chưa xác định"
            if _overlap(levers)
            else f"Trung vị cao nhất: {rows[0]['name']}"
        )
        words = _words(
            title,
            "Mức đẩy trung bình các KPI có mục tiêu 2030 trên một đơn vị lực, sau 4 năm (× 100; vạch: 90% các lần rút); V1–V3: vòng tiêu cực được làm yếu",
            "Đòn bẩy của các cú hích và chương trình",
            "Biểu đồ thanh: " + "; ".join(f"{r['name']} {r['label']}" for r in rows) + f". {title}.",
        )
        return (lambda size: charts_loops.leverage(frame, size=size)), words

    return build


def leverage_rows(edition: Edition, found: Study, count: int = 10) -> Piece:
    """Return the strongest nodes, with uncertainty and the vicious loops that each weakens."""
    edition.figures.place = "bảng điểm đòn bẩy"
    nodes = found.leverage.table[found.leverage.table["group"] == "node"].head(count)
    rows = []
    for row in nodes.to_dict("records"):
        node = row["node"]
        numbers = [(row["median"] * 100, "trung vị"), (row["lo"] * 100, "5%"), (row["hi"] * 100, "95%")]
        rows.append(
            [
                row["name"],
                "tăng" if row["push"] > 0 else "giảm",
                *(_write(edition, value, f"đòn bẩy {node} × 100, {what}", decimals=1) for value, what in numbers),
                _write(edition, row["p_top3"] * 100, f"tỷ lệ lần rút {node} ở trong ba nút mạnh nhất"),
                row["weakens"].replace("; ", ", ") or "–",
            ]
        )
    heads = ["Nút", "Hướng", "Trung vị", "5%", "95%", "Trong 3 nút mạnh nhất (%)", "Làm yếu"]
    frame = pd.DataFrame(rows, columns=heads)
    caption = "Các nút đẩy mục tiêu 2030 nhiều nhất trên một đơn vị (× 100)"
    return edition.table(
        frame, caption, "tbl-don-bay", "llrrrrl", [34, 9, 10, 8, 8, 16, 15], found.leverage.assumptions, wide=True
    )


def section(edition: Edition) -> Piece:
    """Return what a periodic report carries: the finding and the table of the six loops."""
    found = study(edition)
    first, second = finding(edition, found), loop_rows(edition, found, "tbl-vong-phan-hoi")
    return Piece(f"{first.markdown}\n\n{second.markdown}")
