"""The explorer of weights: the published provincial index, whose weights a reader moves in the browser.

The example ``governance`` of ``data/examples`` in (scores of 63 provinces, published at their source), an
:class:`~nq57lab.site.explorers.shared.Explorer` out. Its rule is the weighted arithmetic mean on every level; another is refused.
"""

from pathlib import Path
from typing import Any

from nq57lab.base import wording
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.composite.laboratory import files, inputs, pipeline, steps
from nq57lab.composite.laboratory.aggregate import rule_of
from nq57lab.composite.laboratory.pipeline import Build
from nq57lab.composite.robustness import margins
from nq57lab.site.content import Content
from nq57lab.site.explorers.shared import Explorer

NAME = "governance"
SOURCES = {"DAN": "P_PAPI_VD", "DN": "P_PCI_VD"}  # of the pillars' figures
DRAWS = 500
TOP = 10


def explorer(root: Path, content: Content) -> Explorer:
    """Return the explorer of weights; empty where the project has no such example."""
    folder = root / "data" / "examples" / NAME
    lead = "Kéo trọng số của từng trụ cột, từng chỉ số thành phần; điểm, thứ hạng và độ chắc chắn của thứ hạng được tính lại ngay."
    if not (folder / "iData.csv").exists():
        return Explorer("trong-so", lead, (), "", None, "Chưa có chỉ số cấp tỉnh nào dựng từ số liệu đã công bố.")
    config = files.read_config(folder / "index.yml")
    checked = inputs.load(folder / "iData.csv", folder / "iMeta.csv")
    found = pipeline.build(checked, steps.read(config, checked.framework), folder)
    titles = dict(zip(content.catalogue.sources["id"], content.catalogue.sources["title_vi"], strict=True))
    data = tables(found) | {"title": str(config["title"])}
    listed = wording.join(titles[code] for code in SOURCES.values() if code in titles)
    assumptions = (
        f"Số liệu đã công bố của {len(data['units'])} tỉnh, thành phố năm 2016, trước khi sắp xếp đơn vị hành chính; không chuyển được thành điểm của 34 tỉnh, thành phố hiện nay. Nguồn: {listed}.",
        "Mỗi chỉ số thành phần chấm từ 1 đến 10, đổi sang thang 0 – 100; điểm trụ cột là trung bình có trọng số của các chỉ số thành phần, điểm chung là trung bình có trọng số của các trụ cột.",
        "Trọng số gốc (hai trụ cột ngang nhau, các chỉ số trong một trụ cột ngang nhau) là giả định của phần minh họa phương pháp, không phải quy định; đây không phải bảng xếp hạng chính thức.",
        "Độ chắc chắn ở đây chỉ tính đến trọng số: mọi trọng số dao động tự do quanh mức đang chọn. Sai số của số liệu và cách chuẩn hóa khác không nằm trong phép tính này.",
    )
    return Explorer("trong-so", lead, assumptions, BODY, data)


def tables(found: Build) -> dict[str, Any]:
    """Return what the script computes from.

    Returns
    -------
    dict
        pillars (code, name, weight, indicators: places), indicators (code, name, weight, low, high: the scale before the normalisation),
        units (code, name), x (a list of normalised scores a unit), spread, draws, top.

    Raises
    ------
    ProblemError
        If a rule is not the weighted arithmetic mean, the tree has not three levels, or a score is missing.
    """
    frame, rules = found.framework, pipeline.rules_of(found.steps)
    wrong = [code for code in frame.aggregates if rule_of(rules, frame, code).method != "arithmetic"]
    pillars = frame.children(frame.root)
    if wrong or found.values.shape[1] != sum(len(frame.children(code)) for code in pillars):
        raise ProblemError([Problem("index_not_linear", NAME, None, "level", ", ".join(wrong), {"level": 1})])
    place = {code: at for at, code in enumerate(frame.indicators)}
    weight = frame.weights
    units = dict(zip(found.inputs.units["uCode"], found.inputs.units["uName"], strict=True))
    posts = next(step.parameters["by"] for step in found.steps if step.name == "normalise")
    return {
        "pillars": [
            {
                "code": code,
                "name": frame.names[code],
                "weight": weight[code],
                "indicators": [place[child] for child in frame.children(code)],
            }
            for code in pillars
        ],
        "indicators": [
            {"code": code, "name": frame.names[code], "weight": weight[code], "posts": posts[code]["posts"]}
            for code in frame.indicators
        ],
        "units": [{"code": code, "name": units[code]} for code in found.scores["uCode"]],
        "x": found.values.tolist(),
        "spread": margins.RANGE,
        "draws": DRAWS,
        "top": TOP,
    }


BODY = """
<form class="dieu-khien" aria-label="Trọng số" data-vung="dieu-khien">
<fieldset><legend>Trọng số của trụ cột (phần trong điểm chung)</legend><div data-vung="tru-cot"></div></fieldset>
<details><summary>Trọng số trong từng trụ cột</summary><div data-vung="chi-so"></div></details>
<fieldset><legend>Độ chắc chắn</legend><div data-vung="dao-dong"></div>
<label for="tang">Trọng số dao động ở cấp <select id="tang"><option value="2">trụ cột</option><option value="1">chỉ số thành phần</option></select></label></fieldset>
<fieldset><legend>Tỉnh quan tâm</legend>
<label for="tinh-chon">Tỉnh <select id="tinh-chon"></select></label>
<label for="tinh-so">So với <select id="tinh-so"></select></label>
<label for="hang-dau">Muốn vào nhóm dẫn đầu gồm <input id="hang-dau" type="number" min="1" step="1" inputmode="numeric"> tỉnh</label></fieldset>
<p class="hanh-dong"><button type="button" data-viec="dat-lai">Đặt lại như ban đầu</button> <a data-viec="lien-ket" href="#">Đường dẫn tới đúng lựa chọn này</a></p>
</form>
<div class="ket-qua">
<p class="ket-luan" role="status" aria-live="polite" data-vung="ket-luan"></p>
<section aria-labelledby="can-gi"><h2 id="can-gi">Cần gì để vào nhóm dẫn đầu?</h2><div data-vung="can-gi"></div></section>
<section aria-labelledby="hai-tinh"><h2 id="hai-tinh">Thứ tự của hai tỉnh</h2><p data-vung="hai-tinh"></p><p data-vung="chua-ro"></p></section>
<section aria-labelledby="xep-hang"><h2 id="xep-hang">Thứ hạng và độ chắc chắn</h2>
<ul class="chu-giai-kp" aria-label="Chú giải"><li><span class="mau-hang-nay"></span> hạng theo trọng số đang chọn (▲ lên, ▼ xuống so với gốc)</li><li><span class="mau-hang-goc"></span> hạng theo trọng số gốc</li><li><span class="mau-90"></span> 90% lượt thử</li><li><span class="mau-chac"></span> mọi trọng số trong khoảng dao động</li></ul>
<div data-vung="bang"></div></section>
</div>
"""
