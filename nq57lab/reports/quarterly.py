"""The pieces of the quarterly monitoring report: summary, layer B by group, rankings, alerts, changes since the last edition.

An :class:`~nq57lab.documents.edition.Edition` in, its pieces out. Layer A, the macro KPIs and the alerts' tables are the review's own.
"""

from datetime import date
from functools import cached_property

import pandas as pd

from nq57lab.alerts import pages
from nq57lab.base import wording
from nq57lab.composite.rankings import core as ranking_core
from nq57lab.composite.rankings import leagues as rankings
from nq57lab.documents.edition import Edition, Piece
from nq57lab.facts.figures import Figure
from nq57lab.reports import brief, review
from nq57lab.targets import macro_pages
from nq57lab.targets import pages as target_pages

NEW_TOLD = 3  # new figures that the first page tells


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
    def renewed(self) -> list[tuple[str, pd.Series | None, Figure]]:
        """Indicators whose newest figure was not known on the last edition's date: code, the newest row of then (None without one), figure.

        A figure that another document repeats for the same period is none.
        """
        if self.before is None:
            return []
        old, c = self.old_rows, self.edition.catalogue.indicators
        own = old[(old["area"] == "VN") & (old["dims"] == "") & (old["item"] == "") & (old["period"].str.len() <= 10)]
        found = []
        for code in c["code"][c["layer"].isin(["A", "M", "B"])]:
            now = review.newest(self.edition, code)
            if now.missing or set(now.rows) <= set(old.index):
                continue
            rows = own[own["subject"] == code].sort_values("period_end", kind="stable")
            last = rows.iloc[-1] if len(rows) else None
            if last is None or (last["period"], last["value"]) != (now.period, now.value):
                found.append((code, last, now))
        return found

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


def summary(quarter: Quarter) -> Piece:
    """Return the first page's statements: the judgement, the pace, what is new, the strategic alerts, what falls due, what is not measured."""
    edition = quarter.edition
    brief.count(edition, quarter.following)
    edition.figures.place = "tóm tắt"
    said, basis = brief.judgement(edition, quarter.following)
    lines = [macro_pages.pace_finding(edition, quarter.following).markdown]
    if quarter.before:
        edition.figures.place = "tóm tắt"
        lines.append(_new(quarter, wording.day(quarter.before)))
    lines += _warned(quarter)
    edition.figures.place = "tóm tắt"
    lines.append(
        f"**{quarter.of('A')} chỉ số lớp A và {quarter.of('B')} chỉ số lớp B có số liệu cấp quốc gia cùng định nghĩa.**"
    )
    listed = "\n".join(f"{place}. {line}" for place, line in enumerate(lines, start=1))
    return edition.piece(f"::: {{.tom-tat}}\n**{said}** {basis}\n\n{listed}\n:::")


def _new(quarter: Quarter, day: str) -> str:
    """Write which indicators have a newer figure since a day, with the figures."""
    edition, found = quarter.edition, quarter.renewed
    if not found:
        return f"**Không có chỉ số nào có số liệu mới sau ngày {day}.**"
    n = edition.count(len(found), "số chỉ số có số liệu mới", ("indicators.csv",))
    told = "; ".join(
        f"{edition.catalogue.short[code]} {edition.figures.write(now)} ({wording.period(now.period)})"
        for code, _, now in found[:NEW_TOLD]
    )
    return f"**{n} chỉ số có số liệu mới sau ngày {day}:** {told}{' …' if len(found) > NEW_TOLD else ''}."


def _warned(quarter: Quarter) -> list[str]:
    """Write what the strategic alerts are about, and which bodies have a task that falls due."""
    edition = quarter.edition
    alerts = pages.watch(edition, quarter.following).alerts
    live = alerts[alerts["state"] != "cleared"]
    strategic, tasks = live[live["severity"] == "strategic"], live[live["check"] == "task_due_soon"]
    lines = []
    if len(strategic):
        n = edition.count(len(strategic), "số cảnh báo chiến lược", ("alert_rules.csv",))
        names = dict.fromkeys(
            edition.catalogue.short.get(code, name)
            for code, name in zip(strategic["subject"], strategic["subject_name"], strict=True)
        )
        lines.append(f"**{n} cảnh báo cấp chiến lược:** {'; '.join(names)}.")
    if len(tasks):
        n = edition.count(len(tasks), "số nhiệm vụ sắp đến hạn", ("tasks.csv",))
        leads = edition.catalogue.tasks.set_index("id")["lead"]
        bodies = dict.fromkeys(
            edition.catalogue.names[part] for task in tasks["subject"] for part in leads[task].split("; ")
        )
        lines.append(f"**{n} nhiệm vụ sắp đến hạn** của {wording.join(bodies)}.")
    return lines


def layer_a(quarter: Quarter) -> Piece:
    """Return layer A: the finding, then every indicator."""
    quarter.edition.figures.place = "lớp A"
    text = f"**{quarter.of('A')} chỉ số lớp A có số liệu cùng định nghĩa.** Số gần nghĩa nhưng khác mẫu số hoặc phạm vi thì không ghép vào chỉ số."
    return quarter.edition.piece(f"{text}\n\n{review.layer_a(quarter.edition).markdown}")


def layer_b(quarter: Quarter) -> Piece:
    """Return the figures of layer B and how many indicators of it have one."""
    edition, c = quarter.edition, quarter.edition.catalogue
    edition.figures.place = "lớp B"
    text = edition._plain(
        f"**{quarter.of('B')} chỉ số lớp B có số liệu cấp quốc gia.** Số theo từng nhóm ở @sec-nhom-b."
    )
    start, rows = len(edition.figures.trace), []
    for row in c.indicators[c.indicators["layer"] == "B"].itertuples():
        figure = quarter.figures[row.code]
        if not figure.missing:
            rows.append([row.code, row.name_vi, edition.figures.write(figure), wording.period(figure.period)])
    if not rows:
        return Piece(text)
    columns = "l10 Mã | l56 Chỉ số | r17 Số liệu | l17 Kỳ"
    table = edition.table(rows, "Chỉ số lớp B đã có số liệu", "tbl-lop-b", columns, since=start)
    return quarter.edition.piece(f"{text}\n\n{table.markdown}")


def layer_b_groups(quarter: Quarter) -> Piece:
    """Return layer B by group: how many indicators have a figure."""
    edition, c = quarter.edition, quarter.edition.catalogue
    edition.figures.place = "lớp B theo nhóm"
    groups = c.groups[c.groups["layer"] == "B"]
    waiting = [[row.group, row.name_vi, quarter.of("B", row.group)] for row in groups.itertuples()]
    columns = "l10 Nhóm | l72 Tên nhóm | r18 Có số liệu"
    return edition.table(waiting, "Lớp B theo nhóm", "tbl-nhom-b", columns, wide=False)


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
    columns = "l36 Bảng xếp hạng | r16 Xếp hạng được | l48 Lý do thường gặp nhất của đơn vị không xếp hạng"
    table = edition.table(rows, "Các bảng xếp hạng", "tbl-xep-hang", columns)
    return edition.piece("\n\n".join([text, table.markdown, *shown]))


def _league(quarter: Quarter, name: str, ranked: pd.DataFrame) -> str:
    """Return the ranked units of a league; equal ones share a rank."""
    edition, lines = quarter.edition, []
    for row in ranked.itertuples():
        where = tuple(part for part in str(row.rows).split("; ") if part) or ("data/observations",)
        rank = edition.computed(row.rank, f"hạng, {name}", where) + (f" ({row.tied})" if row.tied else "")
        score = edition.computed(row.score, f"điểm, {name}", where, decimals=rankings.DECIMALS)
        lines.append([rank, row.name, score])
    caption = f"Xếp hạng: {rankings.LEAGUE_NAMES[name]}"
    columns = "l20 Hạng | l60 Đơn vị | r20 Điểm"
    return edition.table(lines, caption, f"tbl-xep-hang-{name}", columns).markdown


def alerts(quarter: Quarter) -> Piece:
    """Return the alerts: the finding, the strategic ones with why and what to do, then tasks and data."""
    edition, found = quarter.edition, pages.watch(quarter.edition, quarter.following).alerts
    finding = pages.finding(edition, quarter.following).markdown
    if found.empty:
        return Piece(finding)
    return edition.piece(f"{finding}\n\n{pages.table(edition, quarter.following).markdown}")


def moved(quarter: Quarter) -> Piece:
    """Return the indicators with a newer figure than on the last edition's date: before and now, each with its period."""
    edition, book = quarter.edition, quarter.edition.figures
    if quarter.before is None:
        return Piece("**Ấn bản đầu tiên:** chưa có ấn bản trước để so sánh.")
    day, found = wording.day(quarter.before), quarter.renewed
    if not found:
        return Piece(f"**Không có chỉ số nào có số liệu mới sau ngày {day}.**")
    book.place = "thay đổi so với kỳ trước"
    had = [row for _, row, _ in found if row is not None]
    n, m = (
        edition.count(number, how, ("indicators.csv",)) if number else ""
        for number, how in ((len(found), "số chỉ số có số liệu mới"), (len(had), "số chỉ số có số liệu mới thay số cũ"))
    )
    told = wording.some(m, "chỉ số", "đã có số liệu trước đó")
    text = f"**{n} chỉ số có số liệu mới sau ngày {day}, trong đó {told}** (@tbl-co-moi)."
    start, rows = len(book.trace), []
    for code, row, now in found:
        was, at = ("chưa có", "–") if row is None else (book.write(book.as_printed(row)), wording.period(row["period"]))
        name = edition.catalogue.indicator(code)["name_vi"]
        rows.append([name, was, at, book.write(now), wording.period(now.period)])
    columns = "l44 Chỉ số | r14 Trước | l14 Kỳ trước | r14 Nay | l14 Kỳ này"
    table = edition.table(
        rows,
        f"Chỉ số có số liệu mới sau ngày {day}",
        "tbl-co-moi",
        columns,
        "Hai kỳ của một dòng chỉ so được khi cùng định nghĩa và cùng nguồn.",
        since=start,
    )
    return edition.piece(f"{text}\n\n{table.markdown}")
