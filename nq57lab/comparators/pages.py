"""Pages of Viet Nam among the comparator countries: level, pace, position, and how fast others went from the same level.

An edition in; pieces of the document out. Other vintages of a series and the inputs of productivity sums are left out.
"""

from typing import Any

import pandas as pd

from nq57lab.base import wording
from nq57lab.comparators import comparisons
from nq57lab.documents import plain_numbers
from nq57lab.documents.edition import Edition, Piece
from nq57lab.facts import comparators
from nq57lab.targets.pages import Following

STANDING = ["key", "series", "unit", "country", "iso3", "year", "value", "home", "position", "source"]
_OTHER = "_sdg2020|_derived|_owid|pwt_|pwt110_|_gso|wdi2025|_wdi$"


def mapped(edition: Edition) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the comparators' series, and what the keys with a better direction are in the catalogue."""
    series = comparators.load(edition.root / "data")
    mapping = comparators.load_indicators(edition.catalogue, series)
    return series, mapping[~mapping["key"].str.contains(_OTHER) & (mapping["direction"] != 0)]


def standing(series: pd.DataFrame, entry: Any) -> pd.DataFrame:
    """Return every country's newest value on one key, Viet Nam's year at the latest (:func:`comparisons.latest`).

    Returns
    -------
    DataFrame
        :data:`STANDING`, position 1 the best (ties share the best); best first. Empty where Viet Nam or every other country is missing.
    """
    levels = comparisons.latest(series, entry.key)
    if len(levels) < 2 or comparisons.HOME not in levels.index:
        return pd.DataFrame()
    own = series[series["indicator_key"] == entry.key].set_index(["iso3", "year"])["source"]
    frame = levels.rename_axis("iso3").reset_index().astype({"year": int})
    frame = frame.assign(
        key=entry.key,
        series=entry.name_vi,
        unit=entry.unit_vi,
        country=frame["iso3"].map(comparators.COUNTRIES),
        home=frame["iso3"] == comparisons.HOME,
        position=frame["value"].rank(ascending=entry.direction < 0, method="min").astype(int),
        source=[own.get((iso3, year), "") for iso3, year in zip(frame["iso3"], frame["year"], strict=True)],
    )
    return frame[STANDING].sort_values("position", kind="stable", ignore_index=True)


def scale(level: float) -> tuple[float, str]:
    """Return by what a series' numbers are divided for a table, and the word before its unit.

    >>> scale(405742875628.0), scale(44.3)
    ((1000000000.0, 'tỷ '), (1.0, ''))
    """
    return (1e9, "tỷ ") if abs(level) >= 1e9 else (1.0, "")


def _number(
    edition: Edition, value: float, key: str, year: int, formula: str, decimals: int | None = None, by: float = 1.0
) -> str:
    """Write a number of a comparator series, or a number made of it, divided by a power of ten."""
    value, formula = (value, formula) if by == 1 else (value / by, f"({formula}) ÷ {wording.number(by)}")
    size = abs(value)
    places = decimals if decimals is not None else 3 if size < 1 else 1 if size < 1000 else 0
    return edition.computed(value, formula, (f"series.parquet:{key}",), decimals=places, period=str(year))


def _place(edition: Edition, position: float, countries: int, row, what: str) -> str:
    """Write a position among countries: "4/13"."""
    parts = ((position, f"thứ bậc về {what}"), (countries, f"số nước có {what}"))
    return "/".join(_number(edition, value, row.key, row.year, how, 0) for value, how in parts)


def one_a_kpi(edition: Edition) -> pd.DataFrame:
    """Return the mapping's first series of each macro KPI whose definition the catalogue shares: what a review has room for."""
    mapping = mapped(edition)[1]
    own = mapping[(mapping["macro"] != "") & (mapping["relation"] == "same")]
    return own.sort_values("macro", kind="stable").drop_duplicates("macro")


def finding(edition: Edition, chosen: pd.DataFrame | None = None) -> Piece:
    """Return the sentence on Viet Nam's position: in how many series (of some of the mapping) in the upper half of the countries, by level and by pace."""
    edition.figures.place = "nước so sánh"
    series, mapping = _tables(edition, chosen)
    found = comparisons.positions(series, mapping)
    found = found[found["countries"] >= 3]
    if found.empty:
        return Piece("**Chưa có chuỗi quốc tế nào có ít nhất ba nước so sánh.**")
    upper = (found["position"] <= found["countries"] / 2).sum()
    faster = (found["pace_position"] <= found["pace_countries"] / 2).sum()
    rows = ("series.parquet",)
    return edition.piece(
        f"**Trong {edition.count(len(found), 'số chỉ tiêu có nước so sánh', rows)} chỉ tiêu quốc tế, Việt Nam ở nửa trên của nhóm về mức ở {edition.count(upper, 'số chỉ tiêu ở nửa trên về mức', rows)} chỉ tiêu, "
        f"về tốc độ ở {edition.count(faster, 'số chỉ tiêu ở nửa trên về tốc độ', rows)} chỉ tiêu.** "
        "Chuỗi quốc tế có thể khác định nghĩa với chỉ số của bộ chỉ số; bảng ghi rõ quan hệ."
    )


def positions(edition: Edition, chosen: pd.DataFrame | None = None) -> Piece:
    """Return level, pace and position of Viet Nam on every series (or some of the mapping) with a better direction and other countries."""
    edition.figures.place = "bảng nước so sánh"
    series, mapping = _tables(edition, chosen)
    found = comparisons.positions(series, mapping).merge(mapping[["key", "relation", "macro_relation"]], on="key")
    words = {"same": "cùng", "near": "gần", "different": "khác", "": "–"}
    rows = []
    for row in found[found["countries"] >= 3].itertuples():
        span = "bình quân năm trong năm năm (hoặc tối đa bảy năm) gần nhất"
        pace = (
            "–" if pd.isna(row.pace_position) else _place(edition, row.pace_position, row.pace_countries, row, "tốc độ")
        )
        by, word = scale(row.value)
        rows.append(
            [
                plain_numbers.constants(f"{row.name_vi} ({word}{row.unit_vi})", "tên chỉ tiêu"),
                _number(edition, row.value, row.key, row.year, "giá trị của Việt Nam", by=by),
                str(row.year),
                _place(edition, row.position, row.countries, row, "mức"),
                _number(edition, row.pace, row.key, row.year, span, by=by),
                pace,
                plain_numbers.constants(
                    f"{edition.catalogue.short[row.macro]} ({words[row.macro_relation]})", "tên KPI"
                )
                if row.macro
                else "–",
            ]
        )
    note = f"Thứ bậc: {plain_numbers.constant('1', 'cách xếp')} là tốt nhất hoặc tiến nhanh nhất, đồng hạng lấy hạng cao. Nguồn: Ngân hàng Thế giới, UNESCO, ITU, WIPO, UNDP, ILO, Ember."
    columns = "l34 Chỉ tiêu (đơn vị) | r11 Việt Nam | l7 Năm | r10 Thứ bậc về mức | r10 Thay đổi mỗi năm | r10 Thứ bậc về tốc độ | l18 KPI vĩ mô (định nghĩa)"
    return edition.table(
        rows,
        f"Việt Nam trong {plain_numbers.constant('13', 'số nước trong data/comparators')} nước: mức, tốc độ, thứ bậc",
        "tbl-so-sanh",
        columns,
        note,
    )


def _tables(edition: Edition, chosen: pd.DataFrame | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    series, mapping = mapped(edition)
    return series, mapping if chosen is None else chosen


def _required(following: Following) -> dict[str, float]:
    rows = following.quantities.dropna(subset=["required"])  # a target that is met requires nothing
    return dict(zip(rows["indicator"], rows["required"], strict=True))


def speed_finding(edition: Edition, following: Following, chosen: pd.DataFrame | None = None) -> Piece:
    """Return the sentence on the pace that a target requires against what others did from the same level."""
    edition.figures.place = "tốc độ lịch sử"
    series, mapping = _tables(edition, chosen)
    found = comparisons.speeds(series, mapping, _required(following)).dropna(subset=["required_percentile"])
    if found.empty:
        return Piece("**Chưa có mục tiêu nào có chuỗi quốc tế cùng định nghĩa với ít nhất ba nước từng ở cùng mức.**")
    row = found.sort_values("required_percentile", ascending=False).iloc[0]
    needed = _number(edition, row["required"], row["key"], int(row["year"]), "(mục tiêu − giá trị) ÷ số năm còn lại")
    best = _number(
        edition, row["fastest_pace"], row["key"], int(row["year"]), "tốc độ nhanh nhất của nước so sánh từ cùng mức"
    )
    ahead = (
        "nhanh hơn mọi nước"
        if row["required_percentile"] == 100
        else f"nhanh hơn {_number(edition, row['required_percentile'], row['key'], int(row['year']), 'phần trăm số nước chậm hơn', 0)}% số nước"
    )
    whole = edition.count(row["episodes"], "số nước từng ở cùng mức", ("series.parquet",))
    text = (
        f"**{row['short_vi']}: mục tiêu đòi hỏi thêm {needed} mỗi năm, {ahead} trong {whole} nước so sánh từng ở cùng mức "
        f"(nhanh nhất: {comparators.COUNTRIES[row['fastest']]}, {best} mỗi năm).**"
    )
    return edition.piece(text)


def speeds(edition: Edition, following: Following, chosen: pd.DataFrame | None = None) -> Piece:
    """Return where Viet Nam's pace, and the pace that its target requires, stand among the paces of others from the same level."""
    edition.figures.place = "bảng tốc độ lịch sử"
    series, mapping = _tables(edition, chosen)
    rows = []
    for row in comparisons.speeds(series, mapping, _required(following)).itertuples():
        if row.episodes < 3:
            continue
        by, word = scale(row.level)
        fast = f"{comparators.COUNTRIES[row.fastest]} ({_number(edition, row.fastest_pace, row.key, row.year, 'tốc độ nhanh nhất từ cùng mức', by=by)})"
        rows.append(
            [
                plain_numbers.constants(f"{row.name_vi} ({word}{row.unit_vi})", "tên chỉ tiêu"),
                _number(edition, row.level, row.key, row.year, "giá trị của Việt Nam", by=by),
                edition.count(row.episodes, "số nước từng ở cùng mức", ("series.parquet",)),
                _number(edition, row.pace, row.key, row.year, "bình quân năm", by=by),
                _number(edition, row.percentile, row.key, row.year, "phần trăm số nước chậm hơn", 0),
                "–"
                if pd.isna(row.required)
                else f"{_number(edition, row.required, row.key, row.year, 'mức phải đạt thêm mỗi năm')} (bách phân vị {_number(edition, row.required_percentile, row.key, row.year, 'phần trăm số nước chậm hơn', 0)})",
                fast,
            ]
        )
    note = plain_numbers.constants(
        "Bách phân vị tốc độ: phần trăm số nước so sánh đã đi chậm hơn trong năm năm (tối đa bảy năm) kể từ khi ở mức cách mức của Việt Nam không quá 15%; "
        "mỗi nước một lần, ít nhất ba nước. Ít nước nên chỉ để tham khảo.",
        "ngưỡng của cách so sánh",
    )
    columns = "l30 Chỉ tiêu (đơn vị) | r10 Mức của Việt Nam | r10 Số nước từng ở mức này | r11 Việt Nam thay đổi mỗi năm | r10 Bách phân vị tốc độ | l14 Mục tiêu đòi hỏi mỗi năm | l15 Nước nhanh nhất"
    return edition.table(rows, "Tốc độ của Việt Nam và của các nước từ cùng mức", "tbl-toc-do-lich-su", columns, note)
