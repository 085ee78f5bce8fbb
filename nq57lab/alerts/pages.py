"""Pages of early warning: what stands on a date, what is new and what is cleared, and every alert's state at each of some dates.

An edition and its followed targets in; pieces of the document out.
"""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from nq57lab.alerts import rules as of_rules
from nq57lab.alerts import states
from nq57lab.base import messages, wording
from nq57lab.documents.edition import Edition, Piece
from nq57lab.targets.pages import Following


@dataclass(frozen=True)
class Watch:
    """The alerts of an edition's day, with their states against ``since`` where the edition has one, and the rules."""

    alerts: pd.DataFrame
    rules: pd.DataFrame

    @property
    def units(self) -> dict[str, str]:
        """Return the unit of each rule's threshold."""
        return dict(zip(self.rules["rule"], self.rules["unit"], strict=True))


def watch(edition: Edition, following: Following) -> Watch:
    """Return the alerts of an edition, found once for all that ask, and keep them beside its report (``alerts.csv``)."""
    known, since = edition.known_tables, edition.parameters.get("since")
    probability = "p" in following.shown

    def make() -> Watch:
        rules = of_rules.load_rules(edition.catalogue)
        alerts = of_rules.standing(of_rules.situation(known, probability), rules)
        if since:
            before = of_rules.situation(known.at(date.fromisoformat(since)), probability)
            alerts = states.compare(of_rules.standing(before, rules), alerts)
        return Watch(alerts, rules)

    found = known.derived(f"alerts {since} {probability}", make)
    if edition.work:
        messages.in_words(found.alerts, "vi").to_csv(edition.work / "alerts.csv", index=False, lineterminator="\n")
    return found


def finding(edition: Edition, following: Following) -> Piece:
    """Return the sentence that opens the alerts: how many stand, how many are strategic, what is new."""
    edition.figures.place = "cảnh báo sớm"
    alerts = watch(edition, following).alerts
    live = alerts[alerts["state"] != "cleared"]
    how = ("alert_rules.csv",)
    strategic = edition.count((live["severity"] == "strategic").sum(), "số cảnh báo cấp chiến lược", how)
    text = f"**Đến ngày {wording.day(edition.known)} có {edition.count(len(live), 'số cảnh báo', how)} cảnh báo, trong đó {strategic} cấp chiến lược.**"
    since = edition.parameters.get("since")
    if since:
        counts = alerts["state"].value_counts()
        new, gone = (
            edition.count(counts[state], f"số cảnh báo {of_rules.STATES[state]}", how) if state in counts else ""
            for state in ("new", "cleared")
        )
        text += (
            f" So với ngày {wording.day(date.fromisoformat(since))}: {wording.some(new, 'cảnh báo mới')}, "
            f"{wording.some(gone, 'cảnh báo', 'đã hết')}."
        )
    text += f" Ngưỡng cảnh báo là đề xuất{edition.catalogue.programme.rule('Điều 14', ', chờ Tổ Giúp việc thiết lập ({})')}."
    return edition.piece(text)


def table(edition: Edition, following: Following, severity: str = "") -> Piece:
    """Return the alerts of an edition: the strategic ones with why and what is to be done, then tasks and data with who answers for them."""
    chosen = (severity,) if severity else tuple(of_rules.SEVERITIES)
    makers = {"strategic": _strategic, "operational": _operational}
    watched = watch(edition, following)
    pieces = []
    for name in chosen:
        own = watched.alerts[watched.alerts["severity"] == name]
        if len(own):
            pieces.append(makers[name](edition, own, watched.units))
    if len(pieces) == 1:
        return pieces[0]
    shown = {"text/html": "".join(piece.live["text/html"] for piece in pieces if piece.live)}
    return Piece("\n\n".join(piece.markdown for piece in pieces), None if edition.in_document else shown)


WHY = {
    "off_trajectory": "Còn thiếu {value} quãng đường so với đường thẳng từ gốc đến mục tiêu; báo động khi thiếu quá {limit}",
    "pace_below_required": "Tốc độ từ năm gốc bằng {value} tốc độ phải đạt; báo động khi dưới {limit}",
    "low_probability": "Xác suất đạt mục tiêu {value} (ước lượng nghiên cứu); báo động khi dưới {limit}",
    "task_overdue": "Đã quá hạn {value}",
    "task_due_soon": "Còn {value} đến hạn; nhắc khi còn không quá {limit}",
    "data_old": "Số liệu mới nhất đã {value}; báo động khi quá {limit}",
    "jump": "Số liệu mới nhất, {value}, khác hẳn mức biến động thường thấy của chuỗi; xét kỳ kết thúc trong {limit} gần nhất",
    "self_reported_far": "Số tự báo cáo lệch {value} so với số chính thức hoặc đã xác thực; báo động khi quá {limit}",
}


def why(edition: Edition, row: dict, units: dict[str, str]) -> str:
    """Write why an alert stands: its value against the threshold, in words."""
    told = {"value": _alert_value(edition, row, units[row["rule"]]), "limit": _limit(edition, row, units)}
    return WHY[row["check"]].format(**told)


def strategic(edition: Edition, alerts: pd.DataFrame, units: dict[str, str]) -> pd.DataFrame:
    """Return the strategic alerts in words: what about, why, what is to be done, since when; the columns' names are the heads."""
    edition.figures.place = "bảng cảnh báo chiến lược"
    rows = []
    for row in alerts.to_dict("records"):
        name = f"**{wording.capital(subject(edition, row))}**"
        rows.append([name, why(edition, row, units), row["action"], _state(row)])
    return pd.DataFrame(rows, columns=["Đối tượng", "Vì sao báo động", "Việc phải làm", "Tình trạng"])


def _strategic(edition: Edition, alerts: pd.DataFrame, units: dict[str, str]) -> Piece:
    start = len(edition.figures.trace)
    caption = f"Cảnh báo cấp {of_rules.SEVERITIES['strategic']}"
    rows = strategic(edition, alerts, units)
    return edition.table(rows, caption, "tbl-canh-bao-strategic", "l24 | l32 | l30 | l14", since=start)


def _operational(edition: Edition, alerts: pd.DataFrame, units: dict[str, str]) -> Piece:
    """Return the alerts by rule and state: tasks or figures, each with who answers for it and its value."""
    start, rows = edition.figures.at("bảng cảnh báo tác nghiệp"), []
    for (_, state), own in alerts.groupby(["rule", "state"], sort=False):
        told = own.to_dict("records")
        limit, state_vi = _limit(edition, told[0], units), of_rules.STATES[state]
        if told[0]["check"] == "jump":  # its threshold is no size, but how far back it looks
            limit = f"kỳ trong {limit} gần nhất"
        for place, row in enumerate(told):
            parts = (subject(edition, row), _answers(edition, row), _alert_value(edition, row, units[row["rule"]]))
            first = (f"**{row['name']}**", limit, state_vi) if place == 0 else ("", "", "")
            rows.append([first[0], "; ".join(filter(None, parts)), *first[1:]])
    columns = "l19 Cảnh báo | l57 Nhiệm vụ, số liệu; cơ quan; giá trị | l11 Ngưỡng | l13 Tình trạng"
    return edition.table(
        rows, f"Cảnh báo cấp {of_rules.SEVERITIES['operational']}", "tbl-canh-bao-operational", columns, since=start
    )


def _state(row: dict) -> str:
    return of_rules.state_words(row["state"], row["since"])


def _limit(edition: Edition, row: dict, units: dict[str, str]) -> str:
    """Write a rule's threshold."""
    unit, rows = units[row["rule"]], ("alert_rules.csv",)
    return edition.computed(row["threshold"], "ngưỡng", rows, unit=unit)


def _answers(edition: Edition, row: dict) -> str:
    """Name who leads an alert's task or indicator; "" where the catalogue names nobody."""
    c = edition.catalogue
    for table, key in ((c.tasks, "id"), (c.indicators, "code")):
        lead = table.loc[table[key] == row["subject"], "lead"]
        if len(lead):
            return c.agencies(str(lead.iloc[0])).replace("; ", ", ")
    return ""


def subject(edition: Edition, row: dict) -> str:
    """Name what an alert is about; of a target of another milestone than 2030 with its year."""
    name = edition.catalogue.short.get(row["subject"], row["subject_name"])
    return f"{name} (mục tiêu năm {row['milestone']})" if row["milestone"] not in ("", "2030") else name


def _alert_value(edition: Edition, row: dict, unit: str) -> str:
    if row["check"] == "jump":
        figure = edition.figures.of_row(edition.rows.set_index("id", drop=False).loc[row["rows"]])
        return edition.figures.write(figure)
    decimals = 0 if unit == "ngày" else 1
    inputs = (row["rows"], "alert_rules.csv")
    return edition.computed(row["value"], row["why"].words(), inputs, unit=unit, decimals=decimals)


def at_dates(edition: Edition, following: Following) -> dict[date, pd.DataFrame]:
    """Return the alerts at each of the dates ``alert_dates`` (default: the edition's), each with its state against the date before.

    The first date is set against ``since`` where the edition has one; else all its alerts count as standing.
    """
    days = [date.fromisoformat(text) for text in edition.parameters.get("alert_dates") or [edition.known.isoformat()]]
    since = edition.parameters.get("since")
    before = [date.fromisoformat(since)] if since and date.fromisoformat(since) < days[0] else []
    tables = states.between(edition.known_tables, [*before, *days], "p" in following.shown)
    return dict(zip(days, tables[len(before) :], strict=True))


def over_time(edition: Edition, following: Following, tables: dict[date, pd.DataFrame]) -> Piece:
    """Return the number of alerts by rule at each of some dates (:func:`at_dates`): standing then, new and cleared since the date before."""
    start, rows = edition.figures.at("cảnh báo theo thời gian"), []
    for rule in watch(edition, following).rules.itertuples():
        cells = []
        for table in tables.values():
            own = table[table["rule"] == rule.rule]
            live, new, gone = (
                edition.count(number.sum(), f"số cảnh báo theo quy tắc và ngày{more}", ("alert_rules.csv",))
                for number, more in (
                    (own["state"] != "cleared", ""),
                    (own["state"] == "new", ", mới"),
                    (own["state"] == "cleared", ", đã hết"),
                )
            )
            cells.append(f"{live} (mới {new}, hết {gone})")
        rows.append([rule.name_vi, of_rules.SEVERITIES[rule.severity], *cells])
    columns = ["l34 Quy tắc", "l12 Cấp", *(f"l18 {wording.day(day)}" for day in tables)]
    note = _dates_note(edition, tables)
    return edition.table(rows, "Số cảnh báo tại từng ngày", "tbl-canh-bao-ngay", columns, note, since=start)


def by_date(edition: Edition, following: Following, tables: dict[date, pd.DataFrame]) -> Piece:
    """Return every alert with its state and value at each of some dates (:func:`at_dates`): new, standing, cleared, or none."""
    start = edition.figures.at("từng cảnh báo theo thời gian")
    watched = watch(edition, following)
    units, order = watched.units, {rule: place for place, rule in enumerate(watched.rules["rule"])}
    cells: dict[tuple[str, str, str], dict[date, str]] = {}
    names: dict[tuple[str, str, str], tuple[str, str]] = {}
    for day, table in tables.items():
        for row in table.to_dict("records"):
            key = (row["rule"], row["subject"], row["area"])
            names.setdefault(key, (row["name"], subject(edition, row)))
            state = of_rules.STATES[row["state"]]
            value = "" if row["state"] == "cleared" else f": {_alert_value(edition, row, units[row['rule']])}"
            cells.setdefault(key, {})[day] = state + value
    keys = sorted(cells, key=lambda key: order[key[0]])
    rows = [[*names[key], *(cells[key].get(day, "–") for day in tables)] for key in keys]
    columns = ["l22 Cảnh báo", "l36 Đối tượng", *(f"l14 {wording.day(day)}" for day in tables)]
    note = _dates_note(edition, tables)
    return edition.table(rows, "Từng cảnh báo tại từng ngày", "tbl-canh-bao-tung-ngay", columns, note, since=start)


def _dates_note(edition: Edition, tables: dict[date, pd.DataFrame]) -> str:
    since = edition.parameters.get("since")
    first, last = min(tables), max(tables)
    against = (
        f"ngày đầu so với {wording.day(date.fromisoformat(since))}, " if since and since < first.isoformat() else ""
    )
    note = f"Mới, còn, đã hết: {against}mỗi ngày so với ngày trước nó; gạch ngang: không có cảnh báo."
    if edition.rows.empty:
        return f"{note} Kho chưa có số liệu: cảnh báo chỉ là của thời hạn và tuổi số liệu."
    newest = edition.rows["vintage_end"].max().date()
    if last > newest:
        note += f" Số liệu công bố sau ngày {wording.day(newest)} chưa có trong kho: cảnh báo sau ngày đó là của thời hạn và tuổi số liệu."
    return note
