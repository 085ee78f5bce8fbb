"""The explorer of pace: what a yearly step means for every 2030 target that has a figure to start from.

The targets' standing and the forecasts' predictive distributions in, an :class:`~nq57lab.site.explorers.shared.Explorer` out; probabilities
are research estimates and stay inside.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd

from nq57lab.base import periods, wording
from nq57lab.facts import known as knowledge
from nq57lab.forecast import intervals
from nq57lab.forecast.run import Prediction, whole
from nq57lab.forecast.series import year_of
from nq57lab.site.content import Content
from nq57lab.site.explorers.shared import Explorer
from nq57lab.targets import chance, screen
from nq57lab.targets import evaluate as methods
from nq57lab.targets import tracking as of_targets
from nq57lab.targets.methods import eurostat

YEAR = 2030
STEPS = {"%": "điểm phần trăm", "thứ hạng": "bậc"}  # what a yearly step is counted in; others in their own unit


def explorer(root: Path, content: Content, goals: Collection[str] = ()) -> Explorer:
    """Return the explorer of pace, its targets leading to their pages, `goals`; empty where the audience may see no target with a figure."""
    lead = f"Chọn một mục tiêu năm {YEAR}, kéo mức thay đổi mỗi năm và xem khi nào tới đích, còn thiếu bao nhiêu, khả năng đạt là bao nhiêu."
    inside = content.audience == "noi-bo"
    found = tables(root, content, probability=inside)
    if not found["targets"]:
        empty = (
            "Chưa có mục tiêu nào mà số liệu có quyết định công bố. Khi cơ quan có thẩm quyền quyết định công bố số liệu của một chỉ tiêu "
            "(và quyết định ấy được ghi cùng số liệu), chỉ tiêu sẽ xuất hiện ở đây."
        )
        return Explorer("toc-do", lead, (), "", None, empty)
    for target in found["targets"]:
        target["page"] = f"../muc-tieu/{target['page']}.html" if target["page"] in goals else ""
    assumptions = (
        "Bước mỗi năm giữ nguyên từ kỳ có số liệu mới nhất: đường đi là đường thẳng, không tính việc càng gần đích càng khó hay chính sách đổi.",
        f"Tốc độ hiện nay là mức thay đổi bình quân mỗi năm từ kỳ gốc (kỳ mới nhất đến hết năm {content.catalogue.programme.base_year}) đến kỳ mới nhất, chỉ khi hai kỳ cùng định nghĩa, cùng nguồn so sánh được; không có kỳ gốc thì không có tốc độ.",
        f"Tốc độ cần có là phần còn thiếu chia đều cho số năm từ kỳ mới nhất đến hết năm {YEAR}.",
    ) + (
        (
            "Khả năng lấy từ phân phối dự báo của chuỗi số liệu, chỉ có khi chuỗi đủ dài; là ước lượng nghiên cứu, không phải cam kết. Dự báo không biết bước bạn chọn. Vì vậy trang nêu hai số: "
            "(1) theo dự báo, khả năng đi được ít nhất xa như bước ấy; (2) nếu giữa của dự báo dời về đúng bước ấy, độ bất định giữ nguyên, khả năng đạt mục tiêu.",
        )
        if inside
        else ("Bản công khai không nêu xác suất: đó là ước lượng nghiên cứu.",)
    )
    return Explorer("toc-do", lead, assumptions, BODY, found)


def tables(root: Path, content: Content, *, probability: bool) -> dict[str, Any]:
    """Return what the script computes from.

    Returns
    -------
    dict
        year, probabilities (of the quantiles) and targets, one an entry: name, page (the target's id), figures and their words, start (year with decimals), aim,
        direction, lower and upper bounds, pace (NaN where there is none), reasons, history (year, value), forecast (years, quantiles, goal: the
        quantiles in the target's year, whole: whether values are whole numbers) or None.
    """
    stored = knowledge.of(root, content.known, audience=content.audience)
    tracked = of_targets.of_known(stored, str(YEAR), probability=probability)
    rows = of_targets.one_a_quantity(tracked.progress[tracked.progress["id"].isin(content.progress["id"])])
    rows = rows[(rows["row"] != "") & rows["value"].notna() & rows["aim"].notna() & (rows["kind"] != "growth")]
    rows = rows.sort_values("verdict", key=lambda said: said == "not_available", kind="stable")
    histories = dict(iter(tracked.history.groupby("id", sort=False)))
    asked = rows[rows["p_met"].notna()] if probability else rows.iloc[:0]
    goals = asked[["id", "aim", "direction", "kind", "lower", "upper"]].rename(columns={"aim": "target"})
    goals = goals.assign(target_year=float(YEAR)).replace({"kind": {"cumulative": "count"}})
    spreads = chance.distributions(tracked.history, goals) if len(goals) else {}
    targets = [_target(content, row, histories.get(row["id"]), spreads.get(row["id"])) for _, row in rows.iterrows()]
    return {"year": YEAR, "probabilities": intervals.PROBABILITIES.tolist(), "targets": targets}


def _target(
    content: Content, row: pd.Series, history: pd.DataFrame | None, spread: tuple[Prediction, float] | None
) -> dict[str, Any]:
    catalogue, unit = content.catalogue, row["unit"] or "thứ hạng"
    sources = dict(zip(catalogue.sources["id"], catalogue.sources["title_vi"], strict=True))
    printed = content.values.drop_duplicates("rows").set_index("rows")
    source = printed["source"].get(row["row"], "")
    numeric = row["comparator"] != "qualitative"
    words = wording.target(row["comparator"], row["target"], row["target_high"], row["unit"]) if numeric else ""
    told = row["verdict"] != "not_available"
    return {
        "id": row["id"].split(".")[1],
        "page": row["id"],
        "name": catalogue.short[row["indicator"]],
        "stated": row["stated_vi"],
        "target": words or "hơn hiện nay một bậc (văn bản không nêu thứ hạng; đây là cách hiểu của trang này)",
        "unit": unit,
        "step_unit": STEPS.get(unit, "" if unit == "chỉ số" else unit),
        "value": row["value"],
        "shown": wording.with_unit(printed["shown"].get(row["row"], screen.short(row["value"])), unit),
        "status": wording.STATUS_WORDS.get(row["status"], ""),
        "period": wording.period(row["period"]),
        "source": sources.get(source, source),
        "start": periods.decimal_year(row["period"]),
        "aim": row["aim"],
        "direction": int(row["direction"]),
        "met": row["verdict"] == "target_achieved",
        "pace": row["pace"],
        "since": wording.period(row["baseline_period"]) if row["baseline_period"] else "",
        "lower": row["lower"],
        "upper": row["upper"],
        "verdict": f"{methods.SYMBOLS[row['verdict']]} {eurostat.METHOD.words[row['verdict']]}" if told else "",
        "reason": str(row["required_change_reason"] or row["reason"] or ""),
        "chance_reason": str(row.get("p_met_reason", "")) if spread is None else "",
        "history": [] if history is None else _points(history),
        "forecast": None if spread is None else _forecast(*spread),
    }


def _points(history: pd.DataFrame) -> list[list[float]]:
    years = history["period"].map(periods.decimal_year)
    return sorted([float(year), float(value)] for year, value in zip(years, history["value"], strict=True))


def _forecast(prediction: Prediction, ahead: float) -> dict[str, Any]:
    series = prediction.series
    years = [
        periods.decimal_year(series.period(step + 1))
        if series.frequency != "yearly"
        else float(year_of(series.last + (step + 1) * series.step, series.frequency))
        for step in range(len(prediction.quantiles))
    ]
    return {
        "years": years,
        "quantiles": prediction.quantiles.tolist(),
        "goal": prediction.at(ahead).tolist(),
        "whole": whole(series),
        "points": int(series.points),
    }


BODY = """
<form class="dieu-khien" aria-label="Mục tiêu và tốc độ">
<fieldset><legend>Mục tiêu</legend><label for="muc-tieu">Mục tiêu năm 2030 <select id="muc-tieu"></select></label><div data-vung="the"></div></fieldset>
<fieldset><legend>Bước mỗi năm</legend><div data-vung="buoc"></div>
<p class="hanh-dong"><button type="button" data-viec="hien-nay">Tốc độ hiện nay</button><button type="button" data-viec="can-co">Tốc độ cần có</button></p></fieldset>
<p class="hanh-dong"><button type="button" data-viec="dat-lai">Đặt lại như ban đầu</button> <a data-viec="lien-ket" href="#">Đường dẫn tới đúng lựa chọn này</a></p>
</form>
<div class="ket-qua">
<p class="ket-luan" role="status" aria-live="polite" data-vung="ket-luan"></p>
<div class="canh-nhau"><section aria-labelledby="duong-di"><h2 id="duong-di">Đường đi</h2><div data-vung="hinh"></div></section>
<section aria-labelledby="tung-nam"><h2 id="tung-nam">Từng năm</h2><div data-vung="bang"></div></section></div>
<section aria-labelledby="kha-nang"><h2 id="kha-nang">Khả năng</h2><div data-vung="kha-nang"></div></section>
</div>
<section class="ca-trang" aria-labelledby="moi-muc-tieu"><h2 id="moi-muc-tieu">Mọi mục tiêu có số liệu</h2><div data-vung="tat-ca"></div></section>
"""
