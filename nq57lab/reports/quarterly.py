"""The pieces of the quarterly monitoring report: summary, layer B by group, rankings, alerts, changes since the last edition.

An :class:`~nq57lab.documents.edition.Edition` in, its pieces out. Layer A, the macro KPIs and the alerts' tables are the review's own.
"""

from datetime import date
from functools import cached_property

import pandas as pd

from nq57lab.alerts import pages, states
from nq57lab.alerts import rules as of_rules
from nq57lab.base import wording
from nq57lab.composite.rankings import core as ranking_core
from nq57lab.composite.rankings import leagues as rankings
from nq57lab.documents.edition import Edition, Piece
from nq57lab.facts import observations
from nq57lab.facts.figures import Figure
from nq57lab.reports import review, scorecard
from nq57lab.targets import pages as target_pages

CHANGES_SHOWN = 30


class Quarter:
    """A quarter's report: its edition, what is followed, and the changes since the last edition's date (``since``)."""

    def __init__(self, edition: Edition):
        self.edition = edition
        self.following = target_pages.follow(edition)
        before = edition.parameters.get("since")
        self.before = date.fromisoformat(before) if before else None

    @cached_property
    def figures(self) -> dict[str, Figure]:
        """The newest national figure of every indicator of layers A and B."""
        c = self.edition.catalogue.indicators
        return {code: review.newest(self.edition, code) for code in c["code"][c["layer"].isin(["A", "B"])]}

    @cached_property
    def old_rows(self) -> pd.DataFrame:
        """The figures as they were known on the last edition's date, by id."""
        before = self.before or self.edition.known
        return self.edition.known_tables.at(before).table.set_index("id", drop=False)

    @cached_property
    def changes(self) -> pd.DataFrame:
        """National figures that are new or differ since the last edition's date, one row each, with ``old_id``."""
        now = self.edition.figures.table
        if self.before is None:
            return now.iloc[:0].assign(old_id="")
        old = self.old_rows.reset_index(drop=True)[[*observations.KEY, "value", "id"]]
        old = old.rename(columns={"value": "old_value", "id": "old_id"})
        both = now.merge(old, on=observations.KEY, how="left")
        moved = both[(both["old_value"] != both["value"]) & (both["area"] == "VN")]
        return moved.assign(old_id=moved["old_id"].fillna(""))

    def of(self, layer: str, group: str = "") -> str:
        """Write "n/m": how many indicators of a layer (or of one group) have a national figure."""
        c = self.edition.catalogue.indicators
        codes = c["code"][(c["layer"] == layer) & ((c["group"] == group) | (group == ""))]
        have = [code for code in codes if not self.figures[code].missing]
        where = f"nhóm {group}" if group else f"lớp {layer}"
        n = self.edition.count(len(have), f"số chỉ số {where} có số liệu cấp quốc gia", ("indicators.csv", *have))
        return f"{n}/{self.edition.count(len(codes), f'số chỉ số {where}', ('indicators.csv',))}"


def open_quarter(edition: Edition) -> Quarter:
    """Return the quarter of an edition."""
    return Quarter(edition)


def _listed(edition: Edition, lines: list[str]) -> Piece:
    return Piece(edition._plain("::: {.tom-tat}\n" + "\n".join(f"- {line}" for line in lines) + "\n:::"))


def summary(quarter: Quarter) -> Piece:
    """Return the first page's statements, each with its comparison."""
    edition = quarter.edition
    edition.figures.place = "tóm tắt"
    lines = [
        f"**{quarter.of('A')} chỉ số lớp A** và {quarter.of('B')} chỉ số lớp B có số liệu cấp quốc gia cùng định nghĩa."
    ]
    goals = target_pages.assessable(quarter.following)
    can = goals[goals["verdict"] != "not_available"]
    met = can[can["verdict"] == "target_achieved"]
    a, m, n = (
        quarter.edition.count(len(part), how, ("targets.csv",))
        for part, how in (
            (can, "số mục tiêu 2030 đánh giá được"),
            (goals, "số mục tiêu 2030 bằng số có số liệu"),
            (met, "số mục tiêu 2030 đã đạt"),
        )
    )
    lines.append(f"**Đánh giá được {a}/{m} mục tiêu đến năm 2030 có số liệu**; {n} mục tiêu đã đạt (tạm thời).")
    alerts = pages.watch(quarter.edition, quarter.following).alerts
    live = alerts[alerts["state"] != "cleared"]
    high = quarter.edition.count(
        (live["severity"] == "strategic").sum(), "số cảnh báo chiến lược", ("alert_rules.csv",)
    )
    low = quarter.edition.count(
        (live["severity"] == "operational").sum(), "số cảnh báo tác nghiệp", ("alert_rules.csv",)
    )
    line = f"**{high} cảnh báo chiến lược**, {low} cảnh báo tác nghiệp"
    if quarter.before:
        states = alerts["state"].value_counts()
        fresh, gone = (
            quarter.edition.count(states[state], how, ("alert_rules.csv",)) if state in states else ""
            for state, how in (("new", "số cảnh báo mới"), ("cleared", "số cảnh báo đã hết"))
        )
        line += (
            f"; so với ngày {wording.day(quarter.before)}: {wording.some(fresh, 'cảnh báo mới')}, "
            f"{wording.some(gone, 'cảnh báo', 'đã hết')}"
        )
    lines.append(line + ".")
    if quarter.before:
        found = quarter.changes
        n, m = (
            quarter.edition.count(len(part), how) if len(part) else ""
            for part, how in (
                (found, "số liệu quốc gia mới hoặc đổi"),
                (found[found["old_id"] != ""], "số liệu quốc gia đổi giá trị"),
            )
        )
        lines.append(
            f"**{wording.capital(wording.some(n, 'số liệu quốc gia', 'mới hoặc đổi'))}** so với ấn bản trước "
            f"(đến ngày {wording.day(quarter.before)})"
            + (f", trong đó {wording.some(m, 'số liệu', 'đổi giá trị')}." if n else ".")
        )
    return _listed(edition, lines)


def layer_a(quarter: Quarter) -> Piece:
    """Return layer A: the finding, then every indicator."""
    quarter.edition.figures.place = "lớp A"
    text = f"**{quarter.of('A')} chỉ số lớp A có số liệu cùng định nghĩa.** Số gần nghĩa nhưng khác mẫu số hoặc phạm vi thì không ghép vào chỉ số."
    return Piece(quarter.edition._plain(f"{text}\n\n{review.layer_a(quarter.edition).markdown}"))


def macro(quarter: Quarter) -> Piece:
    """Return the macro KPIs against their targets."""
    edition = quarter.edition
    edition.figures.place = "KPI vĩ mô"
    kpis = edition.catalogue.indicators["code"][edition.catalogue.indicators["layer"] == "M"]
    n = quarter.edition.count(len(kpis), "số KPI vĩ mô", ("indicators.csv",))
    text = f"**{n} KPI vĩ mô, mỗi KPI một kết luận và số phương pháp đồng ý.**"
    return Piece(edition._plain(f"{text}\n\n{scorecard.table(edition, quarter.following).markdown}"))


def layer_b(quarter: Quarter) -> Piece:
    """Return layer B by group: how many indicators have a figure, then these figures."""
    edition, c = quarter.edition, quarter.edition.catalogue
    edition.figures.place = "lớp B"
    groups = c.groups[c.groups["layer"] == "B"]
    waiting = [[row.group, row.name_vi, quarter.of("B", row.group)] for row in groups.itertuples()]
    finding = f"**{quarter.of('B')} chỉ số lớp B có số liệu cấp quốc gia.**"
    by_group = edition.table(
        pd.DataFrame(waiting, columns=["Nhóm", "Tên nhóm", "Có số liệu"]),
        "Lớp B theo nhóm",
        "tbl-nhom-b",
        "llr",
        [10, 72, 18],
    )
    text = edition._plain(finding) + f"\n\n{by_group.markdown}"
    start, rows = len(edition.figures.trace), []
    for row in c.indicators[c.indicators["layer"] == "B"].itertuples():
        figure = quarter.figures[row.code]
        if not figure.missing:
            rows.append([row.code, row.name_vi, edition.figures.write(figure), wording.period(figure.period)])
    if not rows:
        return Piece(text)
    table = edition.table(
        pd.DataFrame(rows, columns=["Mã", "Chỉ số", "Số liệu", "Kỳ"]),
        "Chỉ số lớp B đã có số liệu",
        "tbl-lop-b",
        "llrl",
        [10, 56, 17, 17],
        wide=True,
        since=start,
    )
    return Piece(edition._plain(f"{text}\n\n{table.markdown}"))


def ranking(quarter: Quarter) -> Piece:
    """Return the rankings where they are allowed: each league, how many units have a rank and why the others have none."""
    edition, c = quarter.edition, quarter.edition.catalogue
    edition.figures.place = "xếp hạng"
    period = edition.parameters["period"]
    if "Q" not in period:
        return Piece("**Không xếp hạng kỳ này.** Xếp hạng lập theo quý.")
    leagues = rankings.every_league(c, edition.rows, period, edition.known)
    core = ranking_core.load_core(c)
    assumed = (ranking_core.core_on(core, "provinces", edition.known)["assumed"] == "yes").any()
    rows, shown = [], []
    for name, table in leagues.items():
        ranked = table[table["rank"].notna()]
        where = ("data/observations", "rankings.csv")
        n = quarter.edition.count(len(ranked), f"số đơn vị xếp hạng được, {name}", where)
        m = quarter.edition.count(len(table), f"số đơn vị, {name}", where)
        why = table["reason"][table["rank"].isna()].value_counts()
        rows.append(
            [rankings.LEAGUE_NAMES[name], f"{n}/{m}", edition.because(why.index[0].brief()) if len(why) else "–"]
        )
        if len(ranked):
            shown.append(_league(quarter, name, ranked))
    any_ranked = bool(shown)
    text = (
        "**Có đơn vị xếp hạng được kỳ này.**"
        if any_ranked
        else "**Không xếp hạng kỳ này: chưa có đơn vị nào đủ số liệu đã xác thực.**"
    )
    if assumed:
        text += " Chỉ số lõi và trọng số là giả định của dự án, chờ quyết định."
    text += " Số liệu chưa xác thực không dùng để xếp hạng."
    frame = pd.DataFrame(
        rows, columns=["Bảng xếp hạng", "Xếp hạng được", "Lý do thường gặp nhất của đơn vị không xếp hạng"]
    )
    table = edition.table(frame, "Các bảng xếp hạng", "tbl-xep-hang", "lrl", [36, 16, 48], wide=True)
    return Piece(edition._plain("\n\n".join([text, table.markdown, *shown])))


def _league(quarter: Quarter, name: str, ranked: pd.DataFrame) -> str:
    """Return the ranked units of a league; equal ones share a rank."""
    edition, lines = quarter.edition, []
    for row in ranked.itertuples():
        where = tuple(part for part in str(row.rows).split("; ") if part) or ("data/observations",)
        rank = edition.computed(row.rank, f"hạng, {name}", where) + (f" ({row.tied})" if row.tied else "")
        score = edition.computed(row.score, f"điểm, {name}", where, decimals=rankings.DECIMALS)
        lines.append([rank, row.name, score])
    frame = pd.DataFrame(lines, columns=["Hạng", "Đơn vị", "Điểm"])
    caption = f"Xếp hạng: {rankings.LEAGUE_NAMES[name]}"
    return edition.table(frame, caption, f"tbl-xep-hang-{name}", "llr", [20, 60, 20], wide=True).markdown


def alerts(quarter: Quarter) -> Piece:
    """Return the alerts: the finding, a count by rule and state, and the strategic ones."""
    edition, found = quarter.edition, pages.watch(quarter.edition, quarter.following).alerts
    parts = [pages.finding(edition, quarter.following).markdown]
    if found.empty:
        return Piece(parts[0])
    edition.figures.place = "cảnh báo theo quy tắc"
    rows = [
        [
            row.name,
            of_rules.SEVERITIES[row.severity],
            *(
                quarter.edition.count(getattr(row, state), f"số cảnh báo {row.rule}, {word}", ("alert_rules.csv",))
                for state, word in of_rules.STATES.items()
            ),
        ]
        for row in states.summary(found).itertuples()
    ]
    heads = ["Quy tắc", "Cấp", *(wording.capital(word) for word in of_rules.STATES.values())]
    note = "Danh sách đủ, kèm giá trị và ngưỡng, ở tệp cảnh báo kèm theo ấn bản."
    frame = pd.DataFrame(rows, columns=heads)
    parts.append(
        edition.table(
            frame, "Cảnh báo theo quy tắc", "tbl-canh-bao", "llrrr", [46, 18, 12, 12, 12], note, wide=True
        ).markdown
    )
    if (found["severity"] == "strategic").any():
        parts.append(pages.table(edition, quarter.following, "strategic").markdown)
    return Piece(edition._plain("\n\n".join(parts)))


def changes(quarter: Quarter) -> Piece:
    """Return what is new or changed since the last edition's date; changed values first."""
    edition, book = quarter.edition, quarter.edition.figures
    if quarter.before is None:
        return Piece("**Ấn bản đầu tiên:** chưa có ấn bản trước để so sánh.")
    day = wording.day(quarter.before)
    found = quarter.changes
    if found.empty:
        return Piece(f"**Không có số liệu cấp quốc gia nào mới hoặc đổi sau ngày {day}.**")
    book.place = "thay đổi so với ấn bản trước"
    n = quarter.edition.count(len(found), f"số liệu cấp quốc gia mới hoặc đổi sau ngày {quarter.before.isoformat()}")
    text = edition._plain(f"**{n} số liệu cấp quốc gia mới hoặc đổi sau ngày {day}.**")
    codes = edition.catalogue.indicators["code"]
    order = found["subject"].map(dict(zip(codes, range(len(codes)), strict=True))).fillna(len(codes))
    # What changed before what is new, indicators before the parts that they are made of.
    found = found.assign(_new=found["old_id"] == "", _o=order).sort_values(["_new", "_o"], kind="stable")
    start, rows = len(book.trace), []
    for _, row in found.head(CHANGES_SHOWN).iterrows():
        old = book.write(book.as_printed(quarter.old_rows.loc[row["old_id"]])) if row["old_id"] else "–"
        label, item = edition.catalogue.dims_label(row["dims"]), edition.catalogue.names.get(row["item"], "")
        name = ", ".join(filter(None, (edition.catalogue.short[row["subject"]], item, label)))
        now = book.write(book.as_printed(row))
        rows.append([name, wording.period(row["period"]), old, now, "đổi" if row["old_id"] else "mới"])
    note = ""
    if len(found) > CHANGES_SHOWN:
        rest = quarter.edition.count(len(found) - CHANGES_SHOWN, "số thay đổi không liệt kê")
        note = f"Còn {rest} số liệu khác."
    frame = pd.DataFrame(rows, columns=["Số liệu", "Kỳ", "Trước", "Nay", "Thay đổi"])
    caption = f"Số liệu mới hoặc đổi sau ngày {day}"
    table = edition.table(frame, caption, "tbl-thay-doi", "llrrl", [42, 16, 16, 16, 10], note, wide=True, since=start)
    return Piece(edition._plain(f"{text}\n\n{table.markdown}"))


def moved(quarter: Quarter) -> Piece:
    """Return the indicators with a newer figure than on the last edition's date: before and now, each with its period."""
    edition, book = quarter.edition, quarter.edition.figures
    if quarter.before is None:
        return Piece("**Ấn bản đầu tiên:** chưa có ấn bản trước để so sánh.")
    day, old_rows = wording.day(quarter.before), quarter.old_rows
    book.place = "thay đổi so với kỳ trước"
    start, rows, renewed = len(book.trace), [], 0
    c = edition.catalogue.indicators
    listed = c[c["layer"].isin(["A", "M", "B"])]
    for row in listed.itertuples():
        now = review.newest(edition, row.code)
        if now.missing or set(now.rows) <= set(old_rows.index):
            continue
        before = old_rows[(old_rows["subject"] == row.code) & (old_rows["area"] == "VN") & (old_rows["dims"] == "")]
        before = before[before["period"].str.len() <= 10].sort_values("period_end", kind="stable")
        was, at = "chưa có", "–"
        if len(before):
            renewed += 1
            was, at = book.write(book.as_printed(before.iloc[-1])), wording.period(before.iloc[-1]["period"])
        rows.append([row.name_vi, was, at, book.write(now), wording.period(now.period)])
    if not rows:
        return Piece(f"**Không có chỉ số nào có số liệu mới sau ngày {day}.**")
    n, m = (
        edition.count(number, how, ("indicators.csv",))
        for number, how in ((len(rows), "số chỉ số có số liệu mới"), (renewed, "số chỉ số có số liệu mới thay số cũ"))
    )
    text = f"**{n} chỉ số có số liệu mới sau ngày {day}, trong đó {wording.some(m if renewed else '', 'chỉ số', 'đã có số liệu trước đó')}** (@tbl-co-moi)."
    table = edition.table(
        pd.DataFrame(rows, columns=["Chỉ số", "Trước", "Kỳ", "Nay", "Kỳ "]),
        f"Chỉ số có số liệu mới sau ngày {day}",
        "tbl-co-moi",
        "lrlrl",
        [44, 14, 14, 14, 14],
        "Hai kỳ của một dòng chỉ so được khi cùng định nghĩa và cùng nguồn.",
        wide=True,
        since=start,
    )
    return Piece(edition._plain(f"{text}\n\n{table.markdown}"))
