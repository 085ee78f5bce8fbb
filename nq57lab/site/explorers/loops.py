"""The explorer of loops: a push on one node of the feedback loops, how its sign spreads step by step, which loops carry it.

The catalogue's links with their evidence in, an :class:`~nq57lab.site.explorers.shared.Explorer` out. The graph is the proposal's: the public
does not see it.
"""

from typing import Any

import pandas as pd

from nq57lab.facts.catalogue import Catalogue
from nq57lab.loops import analysis, figures, graph, scenario, simulate
from nq57lab.loops.enumerate import find_loops
from nq57lab.loops.evidence import grades
from nq57lab.loops.strength import SUBSTEPS
from nq57lab.site.content import Content
from nq57lab.site.explorers.shared import Explorer

STEPS = 12
DRAWS = 600
SURE = 0.95  # share of the draws from which a sign counts as told
KINDS = {
    "direct": "trực tiếp",
    "indirect": "gián tiếp",
    "supplementary": "bổ trợ",
    "unspecified": "không ghi loại",
}
BASES = {"stated": "văn bản nêu", "implied": "ngầm định", "analyst": "người phân tích thêm"}
LOOPS = {"reinforcing": "tự tăng cường", "balancing": "cân bằng", "indeterminate": "chưa rõ"}


def explorer(content: Content) -> Explorer:
    """Return the explorer of loops; empty for the public."""
    lead = "Chọn một cú hích, chương trình hoặc yếu tố, đẩy nó một đơn vị và giữ nguyên, rồi xem tác động lan qua các liên kết từng năm."
    if content.audience != "noi-bo":
        empty = "Đồ thị vòng phản hồi lấy từ đề xuất Bộ Công cụ giám sát, là tài liệu nội bộ. Khi cơ quan có thẩm quyền quyết định công bố đề xuất ấy, đồ thị sẽ xuất hiện ở đây."
        return Explorer("vong-lap", lead, (), "", None, empty)
    data = tables(content.catalogue)
    assumptions = (
        "Dấu và loại liên kết lấy từ văn bản đề xuất (phụ lục 1); liên kết ngầm định do công cụ thêm để vòng khép kín, bỏ được bằng lựa chọn bên cạnh.",
        "Không văn bản nào cho biết liên kết mạnh bao nhiêu. Mỗi lượt thử rút độ mạnh ngẫu nhiên, sao cho không yếu tố nào đổi nhiều hơn mức đẩy lớn nhất tác động vào nó; vì vậy chỉ đọc dấu và thứ tự, không đọc độ lớn.",
        "Một bước là một năm; độ trễ ngắn, vừa, dài của liên kết là 1, 2, 4 năm. Tác động cộng dồn tuyến tính; cú đẩy giữ suốt.",
        "Một dấu được gọi là rõ khi ít nhất 95% lượt thử cùng dấu; ít hơn thì ghi “chưa rõ chiều”. Dải là 90% lượt thử.",
        "Vòng nào chuyển tải: phần của từng vòng trong thay đổi của cả hệ ở từng năm, theo phương pháp “Các vòng có ý nghĩa” (Schoenberg và cộng sự, 2020), tính với độ mạnh bình quân.",
    )
    return Explorer("vong-lap", lead, assumptions, BODY, data)


def tables(catalogue: Catalogue) -> dict[str, Any]:
    """Return what the script computes from.

    Returns
    -------
    dict
        nodes (id, name, short, kind, desirable: which way is wished; x, y: its place, none for a lever), links (source, target: places; polarity, delay, kind, basis,
        evidence, loops, phrase), loops (nodes: places; id, kind, evidence, stated), steps, draws, substeps, sure.
    """
    evidence = grades.of_project(catalogue, power=False)
    links = graph.catalogue_links(catalogue, graph.EVERY, grades=evidence.table)
    whole = graph.of_table(links)
    listed = find_loops(whole, max_loops=scenario.LOOPS)
    loops, _, _ = analysis.loop_table(whole, listed)
    words = grades.grades_in_words()
    nodes = catalogue.loop_nodes.set_index("id")
    places = figures.placed(catalogue.loop_nodes[catalogue.loop_nodes["kind"] != "lever"]).set_index("id")[["x", "y"]]
    place = {name: at for at, name in enumerate(whole.nodes)}
    return {
        "nodes": [_node(name, nodes.loc[name]) | places.reindex([name]).iloc[0].to_dict() for name in whole.nodes],
        "links": [
            {
                "source": place[row.source],
                "target": place[row.target],
                "polarity": {"1": 1, "-1": -1}.get(row.polarity, 0),
                "strength": row.strength,
                "delay": row.delay,
                "kind": KINDS[row.x_kind],
                "basis": BASES[row.x_basis],
                "stated": row.x_basis != "implied",
                "evidence": words[row.evidence],
                "loops": row.x_loop,
                "phrase": row.x_phrase,
            }
            for row in links.itertuples()
        ],
        "loops": [
            {
                "id": row.id,
                "nodes": list(listed.loops[at]),
                "kind": LOOPS[row.kind],
                "balancing": row.kind == "balancing",
                "evidence": words.get(row.weakest_evidence, ""),
                "of": row.stated_loop,
            }
            for at, row in enumerate(loops.itertuples())
        ],
        "names": dict(zip(catalogue.loops["id"], catalogue.loops["name_vi"], strict=True)),
        "steps": STEPS,
        "draws": DRAWS,
        "substeps": SUBSTEPS,
        "sure": SURE,
        "band": list(simulate.BAND),
    }


def _node(name: str, row: pd.Series) -> dict[str, Any]:
    return {
        "id": name,
        "name": row["name_vi"],
        "short": row["short_vi"] if row["kind"] != "lever" else f"{row['short_vi']}: {row['name_vi']}",
        "kind": row["kind"],
        "desirable": int(row["desirable"] or 1),
    }


BODY = """
<form class="dieu-khien" aria-label="Cú đẩy">
<fieldset><legend>Đẩy vào đâu</legend><label for="nut">Cú hích, chương trình, yếu tố <select id="nut"></select></label>
<div class="lua-chon" role="radiogroup" aria-label="Chiều đẩy"><label><input type="radio" name="chieu" value="1"> đẩy tăng</label><label><input type="radio" name="chieu" value="-1"> kéo giảm</label></div></fieldset>
<fieldset><legend>Thời gian</legend><div data-vung="buoc"></div><p class="hanh-dong"><button type="button" data-viec="lui">Lùi một năm</button><button type="button" data-viec="tien">Tới một năm</button></p></fieldset>
<fieldset><legend>Liên kết</legend><div class="lua-chon"><label><input type="checkbox" id="chi-neu"> chỉ liên kết văn bản nêu</label></div></fieldset>
<p class="hanh-dong"><button type="button" data-viec="dat-lai">Đặt lại như ban đầu</button> <a data-viec="lien-ket" href="#">Đường dẫn tới đúng lựa chọn này</a></p>
</form>
<div class="ket-qua">
<p class="ket-luan" role="status" aria-live="polite" data-vung="ket-luan"></p>
<section aria-labelledby="lan-toa"><h2 id="lan-toa">Tác động lan qua từng năm</h2>
<ul class="chu-giai-kp" aria-label="Chú giải"><li><span class="o-mau huong-tot">▲</span> tăng, <span class="o-mau huong-tot">▼</span> giảm: theo hướng mong muốn</li><li><span class="o-mau huong-xau">▲</span> <span class="o-mau huong-xau">▼</span> ngược hướng mong muốn</li><li><span class="o-mau huong-tot nhat">▲</span> nhạt: tác động nhỏ</li><li><span class="o-mau chua-ro">?</span> chưa rõ chiều</li></ul>
<div data-vung="lan"></div></section>
<section class="chi-man-hinh-rong" aria-labelledby="so-do"><h2 id="so-do">Tác động đang ở đâu</h2><p>Liên kết đậm: tác động đã đi qua; dấu −: ngược chiều; đường xanh: đường dẫn mạnh nhất tới yếu tố đang xem ở dưới.</p><div data-vung="so-do"></div></section>
<section aria-labelledby="mot-nut"><h2 id="mot-nut">Một yếu tố theo năm</h2><label class="chon" for="xem">Yếu tố <select id="xem"></select></label><div class="canh-nhau"><div data-vung="hinh"></div><div data-vung="bang-nut"></div></div><div data-vung="duong"></div></section>
<section aria-labelledby="vong"><h2 id="vong">Vòng nào chuyển tải?</h2><p data-vung="vong-noi"></p><div data-vung="vong"></div></section>
<section aria-labelledby="lien-ket"><h2 id="lien-ket">Các liên kết tác động đi qua</h2><div data-vung="lien-ket"></div></section>
</div>
"""
