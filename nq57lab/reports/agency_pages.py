"""The pieces of an agency's profile: its tasks, the indicators it leads, its own figures, what is missing.

An :class:`~nq57lab.documents.edition.Edition` whose parameters name an agency or a block in, its pieces out.
"""

import pandas as pd

from nq57lab.base import wording
from nq57lab.documents.edition import Edition, Piece
from nq57lab.facts.known import Knowledge
from nq57lab.facts.registers import tasks as of_tasks
from nq57lab.reports import review


def inputs(known: Knowledge, area: str) -> dict[str, pd.DataFrame]:
    """Return everything an agency's profile is made from, beside the catalogue and the registers.

    Returns
    -------
    dict
        ``own``: the newest of its own figures; ``led``: the national figures and ``values`` of the indicators that it leads;
        ``parts``: the figures that those values are computed from; ``recomputed``: the audit of those that reports recompute.
    """
    rows = known.table
    own = rows[rows["area"] == area].sort_values("period_end", kind="stable")
    own = own.drop_duplicates(["subject", "item", "dims", "measure"], keep="last")
    codes = set(known.catalogue.indicators["code"][_names(known.catalogue.indicators["lead"], area)])
    led = rows[rows["subject"].isin(codes) & (rows["area"] == "VN")]
    values = known.values[known.values["subject"].isin(codes) & (known.values["area"] == "VN")]
    parts = rows[rows["id"].isin({part for listed in values["inputs"] for part in str(listed).split("; ")})]
    recomputed = known.recomputed({area, "VN"})
    recomputed = recomputed[(recomputed["area"] == area) | recomputed["subject"].isin(codes)]
    return {"own": own, "led": led, "values": values, "parts": parts, "recomputed": recomputed}


class AgencyProfile:
    """One agency's profile: its part of the registers and of the store."""

    def __init__(self, edition: Edition, area: str = ""):
        self.edition, c = edition, edition.catalogue
        self.area = area or edition.parameters["area"]
        self.name = c.names[self.area]
        tasks = of_tasks.as_of(c, edition.known)
        self.tasks = tasks[_names(tasks["lead"], self.area) | _names(tasks["with"], self.area)]
        self.leads = c.indicators[_names(c.indicators["lead"], self.area)]
        self.figures = {code: review.newest(edition, code) for code in self.leads["code"]}
        self.own = inputs(edition.known_tables, self.area)["own"]

    @property
    def empty(self) -> bool:
        """Whether neither the registers nor the store know the agency."""
        return self.tasks.empty and self.leads.empty and self.own.empty


def _names(column: pd.Series, area: str) -> pd.Series:
    return column.str.split("; ").map(lambda codes: area in codes)


def summary(profile: AgencyProfile) -> Piece:
    """Return the first page's statements; an agency without anything says so on one page."""
    edition = profile.edition
    edition.figures.place = "tóm tắt"
    if profile.empty:
        return Piece(
            f"**Chưa có số liệu.** Danh mục, sổ nhiệm vụ và kho số liệu đến ngày {wording.day(edition.known)} chưa ghi gì về {profile.name}. "
            "Hồ sơ chỉ gồm trang này."
        )
    n = profile.edition.count(len(profile.tasks), f"số nhiệm vụ có {profile.name}", ("tasks.csv",))
    overdue = int((profile.tasks["state"] == "overdue").sum())
    late = profile.edition.count(overdue, f"số nhiệm vụ quá hạn có {profile.name}", ("tasks.csv",)) if overdue else ""
    lead = profile.edition.count(len(profile.leads), f"số chỉ số do {profile.name} chủ trì", ("indicators.csv",))
    have = [code for code, figure in profile.figures.items() if not figure.missing]
    known = profile.edition.count(
        len(have), f"số chỉ số do {profile.name} chủ trì có số liệu", ("data/observations", "indicators.csv")
    )
    own = profile.edition.count(
        len(profile.own), f"số liệu riêng của {profile.name}", tuple(profile.own["id"]) or ("data/observations",)
    )
    lines = [
        f"**{n} nhiệm vụ** trong sổ theo dõi (chủ trì hoặc phối hợp); {wording.some(late, 'nhiệm vụ', 'quá hạn')}.",
        f"**{known}/{lead} chỉ số** do cơ quan chủ trì có số liệu cấp quốc gia.",
        f"**{own} số liệu riêng** của cơ quan trong kho.",
    ]
    return edition.piece("::: {.tom-tat}\n" + "\n".join(f"- {line}" for line in lines) + "\n:::")


def tasks(profile: AgencyProfile) -> Piece:
    """Return the agency's tasks."""
    if profile.tasks.empty:
        return Piece(
            "" if profile.empty else "# Nhiệm vụ\n\n**Không có nhiệm vụ nào** của cơ quan này trong sổ theo dõi."
        )
    rows = [
        [
            row.text,
            "chủ trì" if profile.area in row.lead.split("; ") else "phối hợp",
            row.product,
            wording.period(row.due) if row.due else "–",
            of_tasks.WORDS[row.state],
        ]
        for row in profile.tasks.itertuples()
    ]
    columns = "l38 Nhiệm vụ | l11 Vai trò | l27 Sản phẩm | l12 Hạn | l12 Tình trạng"
    table = profile.edition.table(rows, f"Nhiệm vụ của {profile.name}", "tbl-nhiem-vu", columns)
    return Piece(f"# Nhiệm vụ\n\n{table.markdown}")


def led(profile: AgencyProfile) -> Piece:
    """Return the indicators that the agency leads: those with a national figure, then by group what waits for one."""
    if profile.leads.empty:
        return Piece("")
    edition, parts = profile.edition, []
    start = edition.figures.at("chỉ số chủ trì")
    rows = [
        [f"{row.name_vi} ({row.code})", edition.figures.write(figure), wording.period(figure.period)]
        for row in profile.leads.itertuples()
        if not (figure := profile.figures[row.code]).missing
    ]
    if rows:
        columns = "l64 Chỉ số | r18 Số liệu | l18 Kỳ"
        caption = f"Chỉ số do {profile.name} chủ trì đã có số liệu"
        parts.append(edition.table(rows, caption, "tbl-chu-tri", columns, since=start).markdown)
    waiting = profile.leads[[profile.figures[code].missing for code in profile.leads["code"]]]
    if len(waiting):
        names = edition.catalogue.groups.set_index("group")["name_vi"]
        rows = [
            [
                f"{group} {names.get(group, '')}".strip(),
                profile.edition.count(len(part), f"số chỉ số nhóm {group} chưa có số liệu", ("indicators.csv",)),
                ", ".join(part["code"]),
            ]
            for group, part in waiting.groupby("group", sort=False)
        ]
        columns = "l46 Nhóm | r12 Số chỉ số | l42 Mã"
        caption = f"Chỉ số do {profile.name} chủ trì chưa có số liệu"
        parts.append(edition.table(rows, caption, "tbl-cho", columns).markdown)
    return Piece("# Chỉ số chủ trì\n\n" + "\n\n".join(parts))


def own(profile: AgencyProfile) -> Piece:
    """Return the agency's own figures."""
    if profile.own.empty:
        return Piece("")
    edition = profile.edition
    start, rows = edition.figures.at("số liệu riêng"), []
    for _, row in profile.own.iterrows():
        label = edition.catalogue.dims_label(row["dims"])
        item = edition.catalogue.names.get(row["item"], "")
        name = ", ".join(filter(None, (edition.catalogue.short[row["subject"]], item, label)))
        rows.append([name, edition.figures.write(edition.figures.of_row(row)), wording.period(row["period"])])
    columns = "l60 Nội dung | r22 Số liệu | l18 Kỳ"
    table = edition.table(rows, f"Số liệu của {profile.name}", "tbl-rieng", columns, since=start)
    return Piece(f"# Số liệu riêng\n\n{table.markdown}")


def quality(profile: AgencyProfile) -> Piece:
    """Return the status and age of the agency's own figures."""
    if profile.own.empty:
        return Piece("")
    edition = profile.edition
    edition.figures.place = "chất lượng dữ liệu"
    lines = []
    for status, part in profile.own.groupby("status", sort=False):
        n = profile.edition.count(
            len(part), f"số liệu của {profile.name} có tình trạng {wording.STATUS_WORDS[status]}", tuple(part["id"])
        )
        newest = part["period"].iloc[-1]
        lines.append(f"- {n} số liệu {wording.STATUS_WORDS[status]}; kỳ mới nhất: {wording.period(newest)}.")
    return edition.piece("# Chất lượng dữ liệu\n\n" + "\n".join(lines))
