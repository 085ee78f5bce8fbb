"""The pieces of the quarterly monitoring report: summary, layer B by group, alerts, changes since the last edition.

An :class:`~nq57lab.briefing.document.Edition` in, its pieces out. The tables of layer A and of the macro KPIs are the review's own.
"""

from datetime import date
from functools import cached_property

import pandas as pd

from nq57lab import observations, wording
from nq57lab.alerts import states
from nq57lab.briefing import review
from nq57lab.briefing.document import Edition, Piece

SEVERITIES = {"strategic": "chiến lược", "operational": "tác nghiệp"}
STATES = {"new": "mới", "standing": "còn", "cleared": "đã hết"}
ALERTS_SHOWN = 25
CHANGES_SHOWN = 30


class Quarter:
    """A quarter's report: its edition, the alerts and the changes since the last edition."""

    def __init__(self, edition: Edition):
        self.edition = edition
        before = edition.parameters.get("ky_truoc")
        self.before = date.fromisoformat(before) if before else None

    @cached_property
    def alerts(self) -> pd.DataFrame:
        """The alerts on the edition's date, with their state against the last edition's date."""
        days = [self.before, self.edition.known] if self.before else [self.edition.known]
        return states.between(self.edition.catalogue, _entered(self.edition), days, probability=False)[-1]

    @cached_property
    def changes(self) -> pd.DataFrame:
        """National figures that are new or differ since the last edition's date, one row each."""
        now = self.edition.figures.table
        if self.before is None:
            return now.iloc[:0].assign(old_value=float("nan"), old_id="")
        then = observations.as_of(_entered(self.edition), self.before)
        then = then[then["status"].isin(set(now["status"]))]
        old = then[[*observations.KEY, "value", "id"]].rename(columns={"value": "old_value", "id": "old_id"})
        both = now.merge(old, on=observations.KEY, how="left")
        moved = both[both["old_value"] != both["value"]]
        return moved[moved["area"] == "VN"].assign(old_id=moved["old_id"].fillna(""))

    def count(self, value: float, how: str, rows: tuple[str, ...] = ("data/observations",)) -> str:
        """Write a count of things, with what was counted."""
        book = self.edition.figures
        return book.write(book.literal(float(value), "", decimals=0, rows=rows, formula=how))


def _entered(edition: Edition) -> pd.DataFrame:
    entered = edition.parameters.get("entered")
    rows = edition.all_rows
    return rows[rows["recorded"] <= entered] if entered else rows


def open_quarter(edition: Edition) -> Quarter:
    """Return the quarter of an edition."""
    return Quarter(edition)


def summary(quarter: Quarter) -> Piece:
    """Return the first page's statements."""
    edition, c = quarter.edition, quarter.edition.catalogue
    edition.figures.place = "tóm tắt"
    lines = []
    for layer in ("A", "B"):
        codes = c.indicators["code"][c.indicators["layer"] == layer]
        have = [code for code in codes if not review.newest(edition, code).missing]
        n = quarter.count(
            len(have), f"số chỉ số lớp {layer} có số liệu cấp quốc gia", tuple(have) or ("indicators.csv",)
        )
        m = quarter.count(len(codes), f"số chỉ số lớp {layer} trong danh mục", ("indicators.csv",))
        lines.append(f"Lớp {layer}: {n}/{m} chỉ số có số liệu cấp quốc gia.")
    goals = edition.progress[edition.progress["verdict"] != "not_available"].drop_duplicates("indicator")
    met = goals[goals["verdict"] == "target_achieved"]
    a = quarter.count(len(goals), "số chỉ số có mục tiêu 2030 đánh giá được", ("targets.csv",))
    b = quarter.count(len(met), "số chỉ số đã đạt mục tiêu 2030", ("targets.csv",))
    lines.append(f"Mục tiêu đến năm 2030: đánh giá được {a} chỉ số, trong đó {b} đạt mục tiêu (tạm thời).")
    for severity, word in SEVERITIES.items():
        part = quarter.alerts[(quarter.alerts["severity"] == severity) & (quarter.alerts["state"] != "cleared")]
        n = quarter.count(len(part), f"số cảnh báo {word} tại ngày chốt số liệu")
        lines.append(f"Cảnh báo {word}: {n}.")
    if quarter.before:
        n = quarter.count(
            len(quarter.changes), f"số liệu cấp quốc gia mới hoặc đổi sau ngày {quarter.before.isoformat()}"
        )
        lines.append(
            f"So với ấn bản trước (số liệu đến ngày {wording.day(quarter.before)}): {n} số liệu mới hoặc đã đổi."
        )
    return Piece(edition._plain("::: {.tom-tat}\n" + "\n".join(f"- {line}" for line in lines) + "\n:::"))


def layer_b(quarter: Quarter) -> Piece:
    """Return layer B by group: the indicators with a figure, and how many wait for one."""
    edition, c = quarter.edition, quarter.edition.catalogue
    edition.figures.place = "lớp B"
    start, rows, waiting = len(edition.figures.trace), [], []
    for group in c.groups[c.groups["layer"] == "B"].itertuples():
        members = c.indicators[c.indicators["group"] == group.group]
        figures = {row.code: review.newest(edition, row.code) for row in members.itertuples()}
        have = [row for row in members.itertuples() if not figures[row.code].missing]
        rows += [
            [row.code, row.name_vi, edition.figures.write(figures[row.code]), wording.period(figures[row.code].period)]
            for row in have
        ]
        n = quarter.count(len(have), f"số chỉ số nhóm {group.group} có số liệu", ("indicators.csv",))
        m = quarter.count(len(members), f"số chỉ số nhóm {group.group}", ("indicators.csv",))
        waiting.append([group.group, group.name_vi, f"{n}/{m}"])
    groups = edition.table(
        pd.DataFrame(waiting, columns=["Nhóm", "Tên nhóm", "Có số liệu"]),
        "Lớp B theo nhóm",
        "tbl-nhom-b",
        "llr",
        [10, 72, 18],
    )
    if not rows:
        return Piece(f"{groups.markdown}\n\nChưa có số liệu cấp quốc gia của chỉ số lớp B.")
    table = edition.table(
        pd.DataFrame(rows, columns=["Mã", "Chỉ số", "Số liệu", "Kỳ"]),
        "Chỉ số lớp B đã có số liệu",
        "tbl-lop-b",
        "llrl",
        [10, 56, 17, 17],
        wide=True,
        since=start,
    )
    return Piece(f"{groups.markdown}\n\n{table.markdown}")


def ranking(quarter: Quarter) -> Piece:
    """Return the rankings where they are allowed: every league with what is missing for it."""
    c = quarter.edition.catalogue
    core = c.indicators[(c.indicators["layer"] == "B") & (c.indicators["core"] == "yes")]
    if core.empty:
        return Piece(
            "Không xếp hạng kỳ này: danh mục chỉ số lõi của lớp B để xếp hạng bộ, ngành và địa phương chưa được ban hành; "
            "số liệu chưa xác thực không dùng để xếp hạng."
        )
    verified = quarter.edition.rows["status"].isin(("official", "verified"))
    ready = quarter.edition.rows[verified & quarter.edition.rows["subject"].isin(set(core["code"]))]
    n = quarter.count(ready["subject"].nunique(), "số chỉ số lõi có số liệu đã xác thực", ("indicators.csv",))
    m = quarter.count(len(core), "số chỉ số lõi", ("indicators.csv",))
    return Piece(f"Chỉ số lõi có số liệu đã xác thực: {n}/{m}. Bảng xếp hạng lập bằng sổ tay 12.")


def alerts(quarter: Quarter) -> Piece:
    """Return the alerts: a count by rule and state, then the alerts themselves, strategic and new first."""
    edition, found = quarter.edition, quarter.alerts
    if found.empty:
        return Piece("Không có cảnh báo.")
    edition.figures.place = "cảnh báo"
    counted = states.summary(found)
    rows = [
        [
            row.name,
            SEVERITIES[row.severity],
            *(quarter.count(getattr(row, state), f"số cảnh báo {row.rule} {word}") for state, word in STATES.items()),
        ]
        for row in counted.itertuples()
    ]
    heads = ["Quy tắc", "Loại", *(f"Số {word}" for word in STATES.values())]
    first = edition.table(
        pd.DataFrame(rows, columns=heads), "Cảnh báo theo quy tắc", "tbl-canh-bao", "llrrr", [46, 18, 12, 12, 12]
    )
    live = found[found["state"] != "cleared"]
    order = {"strategic": 0, "operational": 1}
    live = live.assign(_s=live["severity"].map(order), _n=live["state"] != "new").sort_values(
        ["_s", "_n"], kind="stable"
    )
    lines = []
    for row in live.head(ALERTS_SHOWN).itertuples():
        name = edition.catalogue.names.get(row.subject, row.subject).split(" (")[0]
        place = "" if row.area in ("", "VN") else f", {edition.catalogue.names.get(row.area, row.area)}"
        since = wording.day(date.fromisoformat(str(row.since)[:10])) if str(row.since) else "–"
        lines.append([row.name, name + place, STATES.get(row.state, row.state), since])
    note = ""
    if len(live) > ALERTS_SHOWN:
        rest = quarter.count(len(live) - ALERTS_SHOWN, "số cảnh báo không liệt kê")
        note = f"Còn {rest} cảnh báo tác nghiệp khác; danh sách đủ: lệnh `nq57 alerts`."
    frame = pd.DataFrame(lines, columns=["Cảnh báo", "Về", "Trạng thái", "Từ ngày"])
    second = edition.table(frame, "Các cảnh báo", "tbl-cac-canh-bao", "llll", [28, 46, 13, 13], note, wide=True)
    return Piece(f"{first.markdown}\n\n{second.markdown}")


def changes(quarter: Quarter) -> Piece:
    """Return what is new or changed since the last edition."""
    edition = quarter.edition
    if quarter.before is None:
        return Piece("Ấn bản đầu tiên: chưa có ấn bản trước để so sánh (tham số `ky_truoc`).")
    found = quarter.changes
    if found.empty:
        return Piece(f"Không có số liệu cấp quốc gia nào mới hoặc đổi sau ngày {wording.day(quarter.before)}.")
    edition.figures.place = "thay đổi so với ấn bản trước"
    start, rows = len(edition.figures.trace), []
    everything = edition.all_rows.set_index("id")
    for _, row in found.head(CHANGES_SHOWN).iterrows():
        old = "–"
        if row["old_id"]:
            old = edition.figures.write(
                edition.figures.as_printed(
                    everything.loc[row["old_id"]].rename(row["old_id"]).to_frame().T.assign(id=row["old_id"]).iloc[0]
                )
            )
        label = edition.catalogue.dims_label(row["dims"])
        name = edition.catalogue.names[row["subject"]].split(" (")[0] + (f", {label}" if label else "")
        rows.append(
            [
                name,
                wording.period(row["period"]),
                old,
                edition.figures.write(edition.figures.as_printed(row)),
                "đổi" if row["old_id"] else "mới",
            ]
        )
    note = ""
    if len(found) > CHANGES_SHOWN:
        rest = quarter.count(len(found) - CHANGES_SHOWN, "số thay đổi không liệt kê")
        note = f"Còn {rest} số liệu khác; danh sách đủ: lệnh `nq57 diff`."
    frame = pd.DataFrame(rows, columns=["Số liệu", "Kỳ", "Trước", "Nay", "Thay đổi"])
    return edition.table(
        frame,
        f"Số liệu mới hoặc đổi sau ngày {wording.day(quarter.before)}",
        "tbl-thay-doi",
        "llrrl",
        [42, 16, 15, 15, 12],
        note,
        wide=True,
        since=start,
    )
