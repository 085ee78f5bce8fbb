"""The scorecard of the macro KPIs: where each stands, its way so far, its target, the pace so far against the pace that is needed.

An edition and its followed targets in; one :class:`Row` a KPI out, whose texts are Markdown with traced numbers, and the table made of them.
Report, slides and leaflet arrange the same rows.
"""

from dataclasses import dataclass, replace

import pandas as pd

from nq57lab.base import formulas, wording
from nq57lab.charts import small
from nq57lab.documents import pictures
from nq57lab.documents.edition import Edition, Piece
from nq57lab.facts.figures import Figure
from nq57lab.reports import review
from nq57lab.targets import evaluate as methods
from nq57lab.targets import pages
from nq57lab.targets import tracking as of_targets
from nq57lab.targets.pages import Following

NAMES = {"thứ hạng": "hạng"}


@dataclass(frozen=True)
class Standing:
    """A macro KPI, the subject that measures it, its newest figure and its 2030 target (None without one), with the verdict."""

    code: str
    name: str
    measure: str
    figure: Figure
    target: pd.Series | None
    history: tuple[tuple[str, float], ...]
    verdict: str
    verdict_class: str

    @property
    def numeric(self) -> bool:
        """Whether the 2030 target is a number."""
        return self.target is not None and self.target["comparator"] != "qualitative"


@dataclass(frozen=True)
class Row:
    """One line of the scorecard. Texts are Markdown; ``line`` and ``bar`` are SVG drawings ("" for none)."""

    code: str
    name: str
    value: str
    period: str
    line: str
    way: str  # what the line says
    target: str
    bar: str
    distance: str
    pace: str
    verdict: str
    missing: bool


def standings(edition: Edition, following: Following) -> list[Standing]:
    """Return every macro KPI of the catalogue as it stands, in the catalogue's order; computed once an edition."""
    return edition.known_tables.derived(f"standings {following.method}", lambda: _standings(edition, following))


def _standings(edition: Edition, following: Following) -> list[Standing]:
    goals, observed = following.quantities, of_targets.national(edition.known_tables.measured)
    found = []
    for kpi in edition.catalogue.indicators.query("layer == 'M'").itertuples():
        measure, _ = of_targets.measured_by(edition.catalogue, observed, kpi.code)
        own = goals[(goals["measure"] == measure) & (goals["comparator"] != "regional_top_n")]
        target = own.iloc[0] if len(own) else None
        verdict, its_class = ("not_available", "") if target is None else (target["verdict"], target["verdict_class"])
        figure = review.newest(edition, measure)
        history = () if figure.missing else _history(edition, measure, target, following)
        found.append(Standing(kpi.code, kpi.name_vi, measure, figure, target, history, verdict, its_class))
    return found


def _history(edition: Edition, measure: str, target: pd.Series | None, following: Following) -> tuple:
    """Return the years and values that may stand on one line: the target's own series, else the measure's yearly figures."""
    if target is not None and target["comparator"] != "qualitative":
        own = following.near.history
        rows = own[own["id"] == target["id"]][["period", "value"]]
    else:
        rows = edition.figures.lookup.rows(formulas.Reference(measure))[["period", "value"]]
    rows = rows[rows["period"].str.fullmatch(r"\d{4}")].sort_values("period")
    return tuple(zip(rows["period"], rows["value"].astype(float), strict=True))


def rows(edition: Edition, following: Following) -> list[Row]:
    """Return the scorecard's rows: KPIs with a figure first, those without last; numbers are traced under "bảng điểm"."""
    edition.figures.place = "bảng điểm"
    edition.place_names["bảng điểm"] = "bảng điểm KPI vĩ mô"
    found = [_row(edition, entry, following) for entry in standings(edition, following)]
    return sorted(found, key=lambda row: row.missing)


def _row(edition: Edition, entry: Standing, following: Following) -> Row:
    figure, target = entry.figure, entry.target
    ranked = figure.unit == "thứ hạng"
    line, way = "", ""
    if len(entry.history) > 2:
        first, last = entry.history[0], entry.history[-1]
        line = small.line([value for _, value in entry.history], first_on_top=ranked)
        words = ("xuống bậc", "lên bậc", "giữ bậc") if ranked else ("tăng", "giảm", "không đổi")
        way = f"Đường diễn biến từ năm {first[0]} đến năm {last[0]}: {wording.change_words(last[1] - first[1], *words)}"
    value = (
        "chưa có số liệu"
        if figure.missing
        else edition.figures.write(replace(figure, unit=NAMES.get(figure.unit, figure.unit)), unit=not ranked)
    )
    aim = _aim(edition, entry, following)
    bar = (
        small.towards(float(figure.value), float(target["target"]))
        if target is not None and entry.numeric and not figure.missing and figure.unit == target["unit"]
        else ""
    )
    return Row(
        code=entry.code,
        name=entry.name,
        value=value,
        period="" if figure.missing else wording.period(figure.period),
        line=line,
        way=way,
        target=aim,
        bar=bar,
        distance=pages.gap(edition, target) if target is not None and entry.numeric else "–",
        pace=_pace(edition, entry, following),
        verdict="–" if figure.missing else _verdict(entry, following),
        missing=figure.missing,
    )


def _aim(edition: Edition, entry: Standing, following: Following) -> str:
    if entry.target is None:
        return "–"
    if entry.target["comparator"] != "qualitative":
        return pages.target_cell(edition, entry.target)
    later = _later(entry, following)
    if later is not None:
        return f"định tính; năm 2045: {pages.target_cell(edition, later)}"
    return "định tính"


def _later(entry: Standing, following: Following) -> pd.Series | None:
    """Return the 2045 target of a KPI whose 2030 target has no number."""
    far = of_targets.one_a_quantity(following.far.progress)
    far = far[(far["measure"] == entry.measure) & (far["comparator"] != "qualitative") & (far["row"] != "")]
    return far.iloc[0] if len(far) else None


def _pace(edition: Edition, entry: Standing, following: Following) -> str:
    """Write the pace so far against the pace needed, or why there is none."""
    target = entry.target
    if entry.figure.missing:
        return _missing(edition, entry)
    if target is None or not entry.numeric:
        later = _later(entry, following)
        if later is None:
            return "không có số để so"
        level = not float(later["pace"])
        return "đứng yên từ năm gốc" if level else pages.pace_words(edition, later)
    return pages.pace_words(edition, target)


def _missing(edition: Edition, entry: Standing) -> str:
    """Say who should send a figure that is not there: the lead of the indicator that measures the KPI, where the catalogue names one."""
    listed = edition.catalogue.indicators.set_index("code")
    lead = edition.catalogue.agencies(str(listed.at[entry.measure, "lead"])) if entry.measure in listed.index else ""
    return f"chờ số liệu của {lead}" if lead else "chưa giao cơ quan gửi số"


def _verdict(entry: Standing, following: Following) -> str:
    """Write the verdict's shape and word; of a KPI whose 2030 target has no number that of its 2045 target."""
    row, of_year = entry.target, ""
    later = None if entry.figure.missing or entry.numeric else _later(entry, following)
    if later is not None and later["verdict"] != "not_available":
        row, of_year = later, " (mốc 2045)"
    if row is None:
        return "– không có mục tiêu"
    return f"{methods.SYMBOLS[row['verdict']]} {_word(row)}{of_year}"


def _word(target: pd.Series) -> str:
    return methods.word(methods.standing_method(target["verdict_rule"]), target["verdict"])


def table(edition: Edition, following: Following) -> Piece:
    """Return the scorecard as a page: its finding, then one row a KPI."""
    start = len(edition.figures.trace)
    found = rows(edition, following)
    lines = [
        [
            f"**{row.name}**",
            pictures.inline(edition, row.line, f"duong-{row.code}", row.way, "11mm") or "–",
            f"{row.value}<br>{row.period}" if row.period else row.value,
            f"{row.target}"
            + (
                f"<br>{bar}"
                if (
                    bar := pictures.inline(
                        edition, row.bar, f"thanh-{row.code}", "Thanh mức hiện nay so với mục tiêu", "19mm"
                    )
                )
                else ""
            ),
            row.distance,
            row.pace,
            row.verdict,
        ]
        for row in found
    ]
    note = f"Đánh giá theo {pages.method_name(edition, following)}. {pages.PACE_NOTE} ◆: mục tiêu."
    columns = (
        "l19 KPI vĩ mô | l6 Diễn biến | l10 Nay | l16 Mục tiêu năm 2030 | l11 Khoảng cách | l27 Tốc độ | l11 Đánh giá"
    )
    return edition.table(
        lines, "KPI vĩ mô: nay, mục tiêu, tốc độ, đánh giá", "tbl-bang-diem", columns, note, since=start
    )


def finding(edition: Edition, following: Following) -> Piece:
    """Return the sentence over the scorecard: how many KPIs have a verdict, a figure, none."""
    edition.figures.place = "bảng điểm"
    found = standings(edition, following)
    judged = [entry for entry in found if entry.verdict != "not_available"]
    have = [entry for entry in found if not entry.figure.missing]
    n, m, whole = (
        edition.count(number, how, ("targets.csv", "indicators.csv"))
        for number, how in (
            (len(judged), "số KPI vĩ mô đánh giá được"),
            (len(have), "số KPI vĩ mô có số liệu"),
            (len(found), "số KPI vĩ mô"),
        )
    )
    said = wording.join(
        f"{entry.name[:1].lower() + entry.name[1:]} {_word(entry.target)}"
        for entry in judged
        if entry.target is not None
    )
    return edition.piece(
        f"**{n}/{whole} KPI vĩ mô đánh giá được theo mục tiêu năm 2030{': ' + said if said else ''}.** {m} KPI có số liệu cùng định nghĩa."
    )
