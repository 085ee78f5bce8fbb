"""Data quality as a document: the four scores, findings, figures due and received, ages, density and activity.

An :class:`~nq57lab.documents.edition.Edition` in, its pieces out; :func:`assess` does the work once, :func:`appendix` is the one
table for a periodic report.
"""

import textwrap
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from nq57lab.base import messages, wording
from nq57lab.charts import basic
from nq57lab.documents import plain_numbers
from nq57lab.documents.edition import Edition, MissingFigure, Piece, builder
from nq57lab.quality import criteria, findings
from nq57lab.quality.checking import RELATIONS, said
from nq57lab.store import delivery

WINDOW_MONTHS = 12  # long enough that every frequency falls due at least once
CRITERIA = {
    "đúng": "Đúng: chính xác",
    "đủ": "Đủ: đầy đủ theo kỳ",
    "sạch": "Sạch: không lỗi nhập liệu",
    "sống": "Sống: còn mới so với tần suất",
}
# The indicator set of June 2026 and the macro KPIs; the operational lists of earlier documents have no reporting duty.
LAYERS = {"A": "Lớp A", "B": "Lớp B", "M": "KPI vĩ mô"}
SAME_UNIT = ("range", "relation", "rounding")  # rules whose limit is in the unit of the figure
IN_TIME, LATE, ABSENT = "Đã có, công bố đúng hạn", "Đã có, công bố sau hạn", "Chưa có"
TWELVE = '[12]{.hang-so ly-do="số tháng của cửa sổ đánh giá"}'
CAPPED = "min(1; 1 ÷ tuổi)"
UNUSUAL = plain_numbers.constant(
    "|z| > 3,5, với z = 0,6745 × (mức thay đổi − trung vị) ÷ độ lệch tuyệt đối trung vị (MAD) trên chuỗi từ 8 điểm",
    "ngưỡng của quy tắc",
)
WINDOW = f"kỳ đến hạn trong {TWELVE} tháng đến ngày chốt số liệu"


@dataclass(frozen=True)
class Assessment:
    """What :mod:`nq57lab.quality.criteria` and :mod:`nq57lab.quality.findings` say of an edition's data: its tables, and the first due day that was looked at."""

    since: date
    wrong: pd.DataFrame
    done: pd.DataFrame
    in_force: int
    unclean: pd.DataFrame
    ages: pd.DataFrame
    scores: pd.DataFrame
    rows: pd.DataFrame


def assess(edition: Edition) -> Assessment:
    """Assess the data of an edition as known on its date.

    Notes
    -----
    Figures due are those of the 12 months up to the edition's date, also of periods before the indicator set was in force
    (``in_force`` counts those due since), so that the page shows what is available.
    """
    known = edition.known
    since = (pd.Timestamp(known) - pd.DateOffset(months=WINDOW_MONTHS) + pd.DateOffset(days=1)).date()
    rows = edition.known_tables.entered_rows
    indicators = edition.catalogue.indicators
    indicators = indicators[indicators["layer"].isin(list(LAYERS))]
    done = criteria.observed(criteria.expected(indicators, since, known, retroactive=True), edition.values)
    wrong = findings.accuracy(edition.rows, edition.catalogue, edition.audit)
    unclean = findings.cleanness(rows, edition.catalogue)
    ages = criteria.freshness(indicators, edition.values, known)
    table = criteria.scores(edition.rows, wrong, rows, unclean, done, ages)
    in_force = len(criteria.expected(indicators, since, known))
    return Assessment(since, wrong, done, in_force, unclean, ages, table, rows)


def _write(
    edition: Edition, value: float, formula: str, *, unit: str = "", decimals: int = 0, markup: bool = True
) -> str:
    """Write a number of this page and note it in the trace."""
    rows = ("data/observations", "indicators.csv")
    return edition.computed(value, formula, rows, unit=unit, decimals=decimals, markup=markup)


def finding(edition: Edition, found: Assessment) -> Piece:
    """Return the page's finding in a sentence."""
    edition.figures.place = "kết luận chất lượng dữ liệu"
    parts = [
        f"{row['criterion']} {_write(edition, row['score'] * 100, row['formula'], unit='%', decimals=1)}"
        for _, row in found.scores.iterrows()
    ]
    present = _write(edition, found.done["observed"].sum(), "số liệu đã có trong các kỳ đến hạn")
    due = _write(edition, len(found.done), "chỉ số × kỳ đến hạn")
    status = edition.rows["status"]
    counts = [_write(edition, len(status), "số liệu biết được đến ngày chốt, mỗi khóa một số")]
    for word in ("verified", "official"):
        name = wording.STATUS_WORDS[word]
        number = (status == word).sum()
        written = _write(edition, number, f"tình trạng: {name}") if number else ""
        counts.append(wording.some(written, "số liệu", name))
    return edition.piece(
        f"**Điểm chất lượng dữ liệu: {wording.join(parts)}.** Trong {TWELVE} tháng đến ngày {wording.day(edition.known)}, kho số liệu "
        f"có {present}/{due} số liệu cấp quốc gia đến hạn theo tần suất của từng chỉ số. Trong {counts[0]} số liệu "
        f"đang dùng của kho, {', '.join(counts[1:])}.\n\n{edition.catalogue.programme.regulation or 'Bộ công cụ'} nêu bốn yêu cầu "
        "mà không quy định cách cho điểm; cách tính dưới đây là đề xuất, không cộng thành một điểm chung."
    )


def scores(edition: Edition, found: Assessment, label: str = "tbl-chat-luong") -> Piece:
    """Return the four scores with their formulas and grounds."""
    row: Any
    edition.figures.place = "bảng điểm chất lượng dữ liệu"
    rows = []
    for row in found.scores.itertuples():
        good = _write(edition, row.good, f"tử số: {row.formula}", decimals=1 if row.criterion == "sống" else 0)
        rows.append(
            [
                CRITERIA[row.criterion],
                _write(edition, row.score * 100, row.formula, decimals=1),
                good,
                _write(edition, row.total, f"mẫu số: {row.formula}"),
                wording.capital(row.formula).replace(CAPPED, plain_numbers.constant(CAPPED, "công thức"))
                + (f" ({row.reason})" if row.reason else ""),
                row.basis,
            ]
        )
    force = _write(edition, found.in_force, "chỉ số × kỳ đến hạn từ ngày có hiệu lực")
    note = (
        f"{edition.catalogue.programme.rule('Căn cứ:', '{}; ')}cách tính điểm là đề xuất. Đúng: lỗi là mã, đơn vị, giá trị ngoài khoảng, phần lớn hơn "
        "tổng thể, số in không khớp các thành phần; biến động bất thường chỉ nêu để xem lại. Đủ: số liệu cấp quốc gia của chỉ số "
        "lớp A, lớp B và KPI vĩ mô có ghi tần suất, các "
        f"{WINDOW} (báo cáo tháng, quý: ngày {_due(edition)}), kể cả kỳ trước khi chỉ số có hiệu lực; tính từ ngày có hiệu lực thì có "
        f"{force} số liệu đến hạn (chỉ số không ghi ngày hiệu lực tính cả {TWELVE} tháng). Sống: tuổi của số liệu mới nhất, đo bằng số kỳ."
    )
    caption = "Chất lượng dữ liệu theo nguyên tắc “đúng, đủ, sạch, sống”"
    columns = "l22 Tiêu chí | r10 Điểm (%) | r10 Số dòng, số liệu đạt | r12 Trên tổng số | l28 Cách tính | l18 Căn cứ"
    return edition.table(rows, caption, label, columns, note)


def _name(edition: Edition, subject: str, dims: str = "") -> str:
    name = edition.catalogue.short.get(subject, subject)
    label = edition.catalogue.dims_label(dims) if dims else ""
    return name + (f", {label}" if label else "")


def accuracy(edition: Edition, found: Assessment) -> Piece:
    """Return the findings on accuracy: what is wrong, and what should be looked at again."""
    row: Any
    start, rows = edition.figures.at("bảng lỗi chính xác"), []
    if found.wrong.empty:
        return Piece("Không phát hiện lỗi về độ chính xác.")
    entries = edition.rows.set_index("id", drop=False)
    for row in found.wrong.itertuples():
        figure = edition.figures.as_printed(entries.loc[row.id])
        kind, line = wording.capital(findings.RULES[row.rule]), ("bounds.csv",) if row.rule == "range" else RELATIONS
        shown = [_name(edition, row.subject, row.dims), wording.period(row.period), edition.figures.write(figure)]
        rows.append(
            [
                kind,
                *shown,
                _limit(edition, row, figure.unit),
                said(edition, row.reason, (row.id,), line) if row.reason else "–",
            ]
        )
    note = (
        f"Biến động bất thường: {UNUSUAL} trở lên "
        "(Iglewicz và Hoaglin, 1993); không phải là lỗi cho đến khi cơ quan cung cấp xác nhận."
    )
    columns = "l18 Loại | l26 Số liệu | l12 Kỳ | r12 Giá trị | l12 So với | l20 Lý do"
    return edition.table(rows, "Phát hiện về độ chính xác", "tbl-dung", columns, note, since=start)


def _limit(edition: Edition, row: Any, unit: str) -> str:
    """Write a finding's limit: a number as a figure of the trace, a reason in its words; some limits share the unit."""
    if not isinstance(row.limit, (int, float)):
        return edition.because(row.limit, (row.id,)) or "–"
    value = float(row.limit)
    own = unit if row.rule in SAME_UNIT else ""
    return edition.computed(value, findings.RULES[row.rule], (row.id,), unit=own, decimals=min(2, _decimals(value)))


def _decimals(value: float) -> int:
    return min(4, len(f"{value:.4f}".rstrip("0").partition(".")[2]))


def _counts(edition: Edition, table: pd.DataFrame, names: list[str], head: str, caption: str, label: str) -> Piece:
    row: Any
    rows = []
    for name, row in zip(names, table.itertuples(), strict=True):
        what = f"{head.lower()} {name}"
        numbers = [(row.expected, "đến hạn"), (row.observed, "đã có"), (row.in_time, "công bố đúng hạn")]
        cells = [_write(edition, value, f"số liệu {words}: {what}") for value, words in numbers]
        rows.append([name, *cells, _write(edition, row.share * 100, "đã có ÷ đến hạn × 100", decimals=1)])
    note = f"Số liệu cấp quốc gia của các {WINDOW}. Đúng hạn: công bố không muộn hơn ngày {_due(edition)} của tháng cuối kỳ."
    columns = f"l52 {head} | r12 Đến hạn | r12 Đã có | r12 Đúng hạn | r12 Tỷ lệ (%)"
    return edition.table(rows, caption, label, columns, note)


def _due(edition: Edition) -> str:
    """Return the day on which reports are due, with the place in the programme's regulation that says so."""
    return plain_numbers.constant(
        str(delivery.DUE_DAY),
        "ngày phải gửi báo cáo" + edition.catalogue.programme.rule("mục thời hạn gửi báo cáo", ", {}"),
    )


def by_group(edition: Edition, found: Assessment) -> Piece:
    """Return figures due and received by group of indicators."""
    edition.figures.place = "bảng đầy đủ theo nhóm"
    table = criteria.completeness(found.done, ["group"])
    order = {group: place for place, group in enumerate(edition.catalogue.groups["group"])}
    table = table.sort_values("group", key=lambda column: column.map(order), kind="stable")
    titles = dict(zip(edition.catalogue.groups["group"], edition.catalogue.groups["name_vi"], strict=True))
    names = [f"{group}. {titles.get(group, '')}" for group in table["group"]]
    return _counts(edition, table, names, "Nhóm chỉ số", "Mức độ đầy đủ theo nhóm chỉ số", "tbl-du-nhom")


def by_agency(edition: Edition, found: Assessment) -> Piece:
    """Return figures due and received by lead agency."""
    edition.figures.place = "bảng đầy đủ theo cơ quan"
    table = criteria.completeness(found.done, ["lead"]).sort_values("expected", ascending=False, kind="stable")
    names = [
        edition.catalogue.names.get(lead, lead) if lead else "Chưa xác định cơ quan chủ trì" for lead in table["lead"]
    ]
    caption = "Mức độ đầy đủ theo cơ quan chủ trì"
    return _counts(edition, table, names, "Cơ quan", caption, "tbl-du-co-quan")


def by_period(edition: Edition, found: Assessment) -> Piece:
    """Return figures due and received by period."""
    edition.figures.place = "bảng đầy đủ theo kỳ"
    table = criteria.completeness(found.done.sort_values("due"), ["due", "period"])
    names = [wording.capital(wording.period(period)) for period in table["period"]]
    return _counts(edition, table, names, "Kỳ", "Mức độ đầy đủ theo kỳ đến hạn", "tbl-du-ky")


@builder
def completeness_chart(edition: Edition, found: Assessment):
    """Return the chart of figures due and received by layer."""
    row: Any
    table = criteria.completeness(found.done, ["layer"])
    if table.empty:
        raise MissingFigure("completeness")
    order = {layer: place for place, layer in enumerate(LAYERS)}
    table = table.sort_values("layer", key=lambda column: column.map(order), kind="stable")
    rows = []
    for row in table.itertuples():
        name = LAYERS[row.layer]
        for state, value in (
            (IN_TIME, row.in_time),
            (LATE, row.observed - row.in_time),
            (ABSENT, row.expected - row.observed),
        ):
            how = f"{name}: {state.lower()}"
            label = edition.count(value, how, ("indicators.csv",), markup=False) if value else ""
            rows.append({"name": name, "state": state, "value": float(value), "label": label})
    frame = pd.DataFrame(rows)
    have, due = table["observed"].sum(), table["expected"].sum()
    present = _write(edition, have, "số liệu đã có trong các kỳ đến hạn", markup=False)
    expected = _write(edition, due, "chỉ số × kỳ đến hạn", markup=False)
    share = _write(edition, have / due * 100, "đã có ÷ đến hạn × 100", unit="%", decimals=1, markup=False)
    title = f"Đã có {present} trong {expected} số liệu đến hạn ({share})"
    shown = [row for row in rows if row["label"]]
    listed = "; ".join(f"{row['name']}, {str(row['state']).lower()} {row['label']}" for row in shown)
    words = {
        "title": title,
        "subtitle": "Số liệu cấp quốc gia theo lớp chỉ số, kỳ đến hạn trong mười hai tháng đến ngày chốt số liệu",
        "caption": "Số liệu đến hạn và đã có theo lớp chỉ số",
        "alt": f"Biểu đồ thanh chia phần: {listed}. {title}.",
    }
    return (lambda size: basic.parts(frame, states=[IN_TIME, LATE, ABSENT], size=size)), words


@builder
def age_chart(edition: Edition, found: Assessment):
    """Return the chart of the newest figures' ages."""
    row: Any
    table = found.ages[found.ages["age"].notna()].sort_values("age", ascending=False, kind="stable")
    if table.empty:
        raise MissingFigure("age")
    rows = []
    for row in table.itertuples():
        name = textwrap.shorten(edition.catalogue.short[row.subject], 40, placeholder="…")
        inputs = tuple(edition.rows.loc[edition.rows["subject"] == row.subject, "id"][:1]) or ("indicators.csv",)
        unit, how = messages.shape(f"frequency_{row.frequency}")["vi"], "ngày từ cuối kỳ ÷ số ngày của một kỳ"
        label = edition.computed(row.age, how, inputs, unit=unit, decimals=1, markup=False)
        rows.append({"name": f"{row.subject} {name}", "value": row.age, "label": label, "state": row.state})
    frame = pd.DataFrame(rows)
    alive = _write(edition, (frame["state"] == criteria.STATES[0]).sum(), "số liệu không quá một kỳ", markup=False)
    whole = _write(edition, len(frame), "chỉ số có số liệu", markup=False)
    title = f"{alive} trong {whole} chỉ số có số liệu còn mới (không quá một kỳ)"
    old = frame.loc[frame["state"] != criteria.STATES[0], "name"].tolist()
    listed = "; ".join(f"{r.name} {r.label}" for r in frame.itertuples(index=False))
    words = {
        "title": title,
        "subtitle": f"Tuổi của số liệu mới nhất, tính bằng kỳ của chính chỉ số, đến ngày {wording.day(edition.known)}. Xanh: không quá một kỳ; cam: cũ hơn",
        "caption": "Tuổi của số liệu mới nhất so với tần suất của chỉ số",
        "alt": f"Biểu đồ thanh: {listed}. {title}.",
    }
    frame["meaning"] = frame["name"].isin(old).map({True: "missing", False: "done"})
    return (lambda size: basic.bars(frame, size=size)), words


def cleanness(edition: Edition, found: Assessment) -> Piece:
    """Return the findings on cleanness, counted by rule, each with an example."""
    edition.figures.place = "bảng lỗi sạch"
    if found.unclean.empty:
        return Piece(
            "Không phát hiện dòng lặp, chữ hỏng, ký tự ẩn, cách viết không thống nhất hoặc giá trị lệch số in."
        )
    rows = []
    for rule, group in found.unclean.groupby("rule", sort=False):
        first = group.iloc[0]
        example = f"`{first['id']}`: {first['reason']}" + (f" (cần: {first['limit']})" if first["limit"] else "")
        rows.append(
            [
                wording.capital(findings.RULES[str(rule)]),
                _write(edition, len(group), f"số phát hiện: {rule}"),
                example,
            ]
        )
    columns = "l40 Loại | r15 Số phát hiện | l45 Thí dụ"
    return edition.table(rows, "Phát hiện về độ sạch", "tbl-sach", columns)


def database(edition: Edition, found: Assessment) -> Piece:
    """Return data density and activity rate as regulation 02-QC defines them."""
    row: Any
    edition.figures.place = "bảng mật độ, hoạt động"
    c, known = edition.catalogue, edition.known
    tables = {
        "Số liệu (mọi đợt công bố)": criteria.observation_columns(found.rows),
        "Danh mục chỉ số": c.indicators,
        "Dữ liệu thành phần": c.variables,
        "Mục tiêu": c.targets,
    }
    rows = []
    for row in criteria.density(tables).itertuples():
        name = row.table or "Cộng"
        cells = [_write(edition, row.filled, f"ô có giá trị: {name}"), _write(edition, row.cells, f"tổng số ô: {name}")]
        rows.append(
            [
                f"Mật độ dữ liệu: {name}",
                *cells,
                _write(edition, row.density * 100, "ô có giá trị ÷ tổng số ô", decimals=1),
            ]
        )
    # The store was filled on one day; the day of publication shows how lively the figures themselves are.
    published = found.rows.assign(recorded=found.rows["vintage_end"].dt.strftime("%Y-%m-%d"))
    for name, source in (("ngày nhập", found.rows), ("ngày công bố", published)):
        row = criteria.activity(source, found.since, known).iloc[0]
        what = f"Tỷ lệ hoạt động dữ liệu theo {name}" + (f" ({row['reason']})" if row["reason"] else "")
        moved = _write(edition, row["updated"] + row["created"], f"bản ghi cập nhật và tạo mới theo {name}")
        before = _write(edition, row["before"], f"bản ghi cuối kỳ trước theo {name}")
        rows.append(
            [
                what,
                moved,
                before,
                _write(edition, row["rate"] * 100, "(cập nhật + tạo mới) ÷ cuối kỳ trước", decimals=1),
            ]
        )
    note = (
        f"{edition.catalogue.programme.rule('Định nghĩa theo Phụ lục', '{}, mục 2, điểm d. ')}Mật độ: ô có giá trị trên tổng số ô (bản ghi × cột), tính cả cột "
        "không bắt buộc. Hoạt động: bản ghi được cập nhật và tạo mới trong kỳ trên bản ghi cuối kỳ trước; kỳ từ ngày "
        f"{wording.day(found.since)} đến ngày {wording.day(known)}."
    )
    caption = "Mật độ dữ liệu và tỷ lệ hoạt động dữ liệu"
    columns = "l52 Chỉ tiêu | r16 Tử số | r16 Mẫu số | r16 Tỷ lệ (%)"
    return edition.table(rows, caption, "tbl-mat-do", columns, note)
