"""Pages of targets: the standing verdict with the methods that agree, and all five methods.

An :class:`~nq57lab.documents.edition.Edition` and what :func:`follow` found in; pieces of the document out.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from nq57lab.base import printing, wording
from nq57lab.base.messages import Reason
from nq57lab.documents import plain_numbers
from nq57lab.documents.edition import Edition, Piece
from nq57lab.facts.figures import Figure
from nq57lab.targets import disagreement
from nq57lab.targets import evaluate as methods
from nq57lab.targets import tracking as of_targets
from nq57lab.targets.methods import registry, trajectory

TARGET_MET = plain_numbers.constant("10 là đạt mục tiêu", "thang đo của UNESCAP")


@dataclass(frozen=True)
class Following:
    """The targets of an edition as followed: tracked 2030 and 2045, the standing method, the methods shown."""

    near: of_targets.Tracked
    far: of_targets.Tracked
    method: str
    shown: tuple[str, ...]

    @property
    def milestone(self) -> str:
        """The milestone of the targets in ``near``."""
        return next(iter(self.near.progress["milestone"]), "2030")

    @property
    def quantities(self) -> pd.DataFrame:
        """One target a quantity: a number before a quality, the plan's wording first."""
        return of_targets.one_a_quantity(self.near.progress)


def shows_probability(edition: Edition) -> bool:
    """Tell whether an edition prints probabilities: a research estimate, left out of public ones unless ``show_probability`` says yes."""
    asked = edition.parameters.get("show_probability")
    return edition.parameters.get("audience") != "cong-khai" if asked is None else bool(asked)


def tracked(edition: Edition, milestone: str = "2030") -> of_targets.Tracked:
    """Return the targets of a milestone as an edition tracks them, once for all that ask."""
    return of_targets.of_known(edition.known_tables, milestone, probability=shows_probability(edition))


def follow(edition: Edition) -> Following:
    """Return the targets of an edition as followed.

    Notes
    -----
    ``verdict_method`` names the method by decision; empty ("chưa ban hành") it is Eurostat's.
    """
    method = edition.parameters.get("verdict_method") or "eurostat"
    near, far = (tracked(edition, year) for year in ("2030", "2045"))
    shown = tuple(name for name in methods.METHODS if name != "p" or shows_probability(edition))
    return Following(near, far, method, shown)


def agreement(edition: Edition, row: pd.Series, following: Following) -> str:
    """Write how many methods reach the standing verdict of a target, and how many do not apply.

    Where the standing method gives no verdict, those that give none either agree with it; the others are counted as reaching one.
    """
    whole, applied = len(following.shown), int(row["methods_total"])
    agree = row["methods_agree"]
    base = tuple(filter(None, (row["row"], "targets.csv")))

    def said(number: int, formula: str) -> str:
        return edition.count(number, formula, base)

    if pd.isna(agree):
        without = said(whole - applied, "số phương pháp cũng không áp dụng được")
        if not applied:
            return f"cả {said(whole, 'số phương pháp')} phương pháp đều chưa đánh giá được"
        rest = f"{said(applied, 'số phương pháp áp dụng được')} phương pháp có kết luận"
        return f"{without} trong {said(whole, 'số phương pháp')} phương pháp chưa đánh giá được, {rest}"
    rest = (
        f", {said(whole - applied, 'số phương pháp không áp dụng được')} không áp dụng được" if applied < whole else ""
    )
    total = said(whole, "số phương pháp")
    if agree == whole:
        return f"cả {total} phương pháp cùng kết luận"
    return f"{said(int(agree), 'số phương pháp cùng kết luận')} trong {total} phương pháp cùng kết luận{rest}"


def assessable(following: Following) -> pd.DataFrame:
    """Return the quantities with a numeric target and a figure."""
    rows = following.quantities
    return rows[(rows["row"] != "") & (rows["comparator"] != "qualitative")]


def judged(edition: Edition, following: Following) -> pd.DataFrame:
    """Return :func:`assessable` and, for quantities without a number for 2030, their 2045 targets; ``name`` says which."""
    near = assessable(following)
    far = of_targets.one_a_quantity(following.far.progress)
    far = far[(far["row"] != "") & (far["comparator"] != "qualitative") & ~far["indicator"].isin(near["indicator"])]
    rows = pd.concat([part for part in (near, far) if len(part)], ignore_index=True) if len(near) or len(far) else near
    short = rows["indicator"].map(lambda code: edition.catalogue.short[code])
    return rows.assign(name=short.where(rows["milestone"] == "2030", short + " (mốc " + rows["milestone"] + ")"))


def method_name(edition: Edition, following: Following) -> str:
    """Name the standing method and by what it stands."""
    decision = edition.parameters.get("verdict_decision")
    by = (
        f"theo {decision}"
        if edition.parameters.get("verdict_method") and decision
        else "chưa ban hành quyết định chọn phương pháp"
    )
    return f"{methods.METHODS[following.method]} ({by})"


def methods_note(edition: Edition, following: Following) -> Piece:
    """Return the sentence that opens the methods' annex: the standing method, how many targets, where they differ."""
    edition.figures.place = "các phương pháp đánh giá"
    rows = judged(edition, following)
    differ = [disagreement.differ(row, following.shown) for row in rows.to_dict("records")]
    return edition.piece(
        f"**{edition.count(len(rows), 'số mục tiêu bằng số có số liệu', ('targets.csv',))} mục tiêu bằng số có số liệu (mốc 2030, hoặc năm 2045 khi mốc 2030 không nêu số); ở "
        f"{edition.count(sum(differ), 'số mục tiêu mà các phương pháp khác nhau', ('targets.csv',))} mục tiêu các phương pháp kết luận khác nhau.** "
        f"Kết luận trong phần chính lấy theo {method_name(edition, following)}. "
        "Phương pháp không áp dụng được thì nêu lý do, không thay bằng con số."
    )


def methods_table(edition: Edition, following: Following) -> Piece:
    """Return every method's measure and verdict for every target with a figure, and where and why they differ."""
    start, rows = edition.figures.at("bảng năm phương pháp"), []
    for row in judged(edition, following).to_dict("records"):
        name = row["name"]
        if not disagreement.verdicts(row, following.shown):
            why = _reason(edition, row, *following.shown)
            rows.append([name, *["–"] * len(following.shown), f"Chưa có phương pháp nào áp dụng được: {why}"])
            continue
        cells = [method_cell(edition, row, method) for method in following.shown]
        rows.append([name, *cells, wording.capital(disagreement.explain(row, following.shown))])
    columns = [
        "l14 Mục tiêu về",
        *(f"l{18 if name == 'p' else 10} {wording.capital(disagreement.SHORT[name])}" for name in following.shown),
        "l28 Khác nhau ở đâu, vì sao",
    ]
    note = (
        "Số trong ô: Eurostat, SDSN: tốc độ thực tế trên tốc độ cần có; Liên hợp quốc: phần của mức thay đổi cần thiết sẽ đạt khi đến mốc; UNESCAP: chỉ số "
        f"tiến độ dự kiến, {TARGET_MET}; xác suất: ước lượng nghiên cứu. Chưa tra được bản gốc về trọng số theo thời gian của UNESCAP; kết luận được thử lại với hai bộ trọng số khác. "
        f"{methods.LEGEND}"
    )
    caption = "Các phương pháp đánh giá từng mục tiêu"
    return edition.table(rows, caption, "tbl-phuong-phap", columns, note, since=start)


def method_cell(edition: Edition, row: dict, method: str) -> str:
    """Write one method's verdict on a target with its measure, or why it does not apply."""
    klass = methods.CLASS_OF[method].get(row[f"{method}_status"], "")
    if not klass:
        return f"– {_reason(edition, row, method)}"
    column, decimals, how = registry.BY_NAME[method].printed
    inputs = tuple(filter(None, (row["row"], row["baseline_row"], "targets.csv")))
    figure = edition.figures.literal(float(row[column]), "", decimals=decimals, rows=inputs, formula=how)
    number = "" if figure.missing else f" ({edition.figures.write(figure)})"
    status = row[f"{method}_status"]
    return f"{methods.SYMBOLS[status]} {methods.word(method, status)}{number}"


def _reason(edition: Edition, row: dict, *chosen: str) -> str:
    """Return why methods do not apply, each reason once, without the sources' names."""
    whys = dict.fromkeys(row[registry.reason_column(name)] for name in chosen)
    return "; ".join(edition.because(brief(why), _inputs(row)) for why in whys)


REQUIRED = "Phải thêm mỗi năm (từ kỳ số liệu; từ nay)"
REQUIRED_BY = {
    "required": "(mục tiêu − giá trị) ÷ số năm từ kỳ của số liệu",
    "required_now": "(mục tiêu − giá trị) ÷ số năm từ ngày báo cáo",
}


def gap(edition: Edition, row: Mapping[str, Any]) -> str:
    """Write value − target, in percentage points where the unit is per cent; "–" where there is none."""
    value, unit = float(row["gap"]), "điểm phần trăm" if row["unit"] == "%" else row["unit"]
    places = min(printing.decimals_needed(round(value, 3)), 2) if value == value else 0
    return edition.computed(value, "giá trị − mục tiêu", _inputs(row), unit=unit, decimals=places)


def required_figure(edition: Edition, row: Mapping[str, Any], column: str) -> Figure:
    """Return what a target requires a year, from its figure's period (``required``) or from the edition's day (``required_now``)."""
    unit = "điểm phần trăm" if row["unit"] == "%" else row["unit"]
    value = float(row[column])
    decimals = 2 if math.isnan(value) or abs(value) >= 0.005 else printing.decimals_needed(value)
    return edition.figures.literal(
        value, unit, decimals=decimals, rows=_inputs(row), formula=REQUIRED_BY[column], period=row["period"]
    )


def required(edition: Edition, row: Mapping[str, Any]) -> str:
    """Write what a target requires a year as :data:`REQUIRED` says; "–" where nothing is required."""
    found = [required_figure(edition, row, column) for column in REQUIRED_BY]
    return (
        "; ".join(
            "–" if figure.missing else edition.figures.write(figure, unit=False)
            for figure in found
            if not found[0].missing
        )
        or "–"
    )


def multiple(edition: Edition, row: Mapping[str, Any]) -> Figure:
    """Return how many times the pace since the base the needed pace is; missing where either is unknown or they run apart."""
    pace, needed = float(row["pace"]), float(row["required"])
    value = needed / pace if pace * needed > 0 else math.nan
    return edition.figures.literal(
        value, "lần", decimals=1, rows=_both(row), formula="mức phải thay đổi mỗi năm ÷ mức đã thay đổi mỗi năm"
    )


def arrival(edition: Edition, row: Mapping[str, Any]) -> Figure:
    """Return the first whole year in which the present pace meets the target; missing where it never does."""
    if math.isnan(row["arrival_year"]):
        return Figure("năm tới đích", math.nan)
    year = trajectory.first_year(row["arrival_year"])
    how = "năm đầu tiên đạt mục tiêu nếu giữ tốc độ từ năm gốc"
    figure = edition.figures.literal(float(year), "", decimals=0, rows=_both(row), formula=how)
    return replace(figure, number=str(year), status="")


def _both(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(filter(None, (row["row"], row["baseline_row"], "targets.csv")))


PACE_NOTE = (
    "“Nhanh gấp”: mức phải đi mỗi năm từ kỳ của số liệu so với mức đã đi từ năm gốc; “phải thêm”: tính từ ngày báo cáo."
)


def pace_words(edition: Edition, target: Mapping[str, Any]) -> str:
    """Write how much faster than since the base a target asks for, and when the present pace arrives; without a pace what it asks a year."""
    if target["verdict"] == "target_achieved":
        return "đã đạt"
    times = multiple(edition, target)
    if times.missing:
        now = required_figure(edition, target, "required_now")
        if now.missing:
            return "–"
        unit = "điểm phần trăm" if target["unit"] == "%" else target["unit"]
        why = brief(target["reason"])
        because = f"; {edition.because(why)}" if why else ""
        return f"phải thêm {edition.figures.write(now, unit=False)} {unit} mỗi năm{because}"
    year = arrival(edition, target)
    when = "" if year.missing else f"; giữ tốc độ này tới khoảng năm {edition.figures.write(year)}"
    return (f"phải nhanh gấp {edition.figures.write(times)}" if times.value > 1 else "đủ nhanh để kịp mốc") + when


def target_cell(edition: Edition, row: Mapping[str, Any]) -> str:
    """Write a target as a number with its comparator, one without a number in its words."""
    if row["comparator"] == "qualitative":
        return f"“{row['stated_vi']}”"
    ids = edition.catalogue.targets["id"]
    line = int(edition.catalogue.targets.index[ids == row["id"]][0]) + 2
    text = wording.target(row["comparator"], row["target"], row["target_high"], row["unit"])
    return edition.figures.note(
        text, row["target"], rows=(f"targets.csv:{line}",), source=row["source"].partition(",")[0]
    )


def brief(why: Reason | str) -> Reason | str:
    """Return a reason without its particulars, where it has a short form."""
    return why.brief() if isinstance(why, Reason) else why


def verdict(edition: Edition, row: Mapping[str, Any]) -> str:
    """Write the standing verdict on a target: its shape, its words, the rule where it is the kind's own, and the reason for none.

    Parameters
    ----------
    row : mapping
        A row of :data:`nq57lab.targets.tracking.COLUMNS`.
    """
    told = methods.STATUSES[methods.standing_method(row["verdict_rule"])][row["verdict"]]
    words = f"{methods.SYMBOLS[row['verdict']]} {told}"
    if row["verdict"] != "not_available" and row["verdict_rule"] not in methods.METHODS.values():
        words += f" ({row['verdict_rule']})"
    why = row["reason"]
    return f"{words}: {edition.because(why, _inputs(row))}" if why else words


def _inputs(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(filter(None, (row["row"], "targets.csv")))
