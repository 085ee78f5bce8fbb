"""The pieces of an agency's profile: its tasks, the indicators it leads, its own figures, what is missing.

An :class:`~nq57lab.briefing.document.Edition` whose parameters name an agency or a block in, its pieces out.
"""

import pandas as pd

from nq57lab import wording
from nq57lab.briefing import review
from nq57lab.briefing.document import Edition, Piece


class AgencyProfile:
    """One agency's profile: its part of the registers and of the store."""

    def __init__(self, edition: Edition):
        self.edition, c = edition, edition.catalogue
        self.area = edition.parameters["area"]
        self.name = c.names[self.area]
        self.tasks = c.tasks[_names(c.tasks["lead"], self.area) | _names(c.tasks["with"], self.area)]
        self.leads = c.indicators[_names(c.indicators["lead"], self.area)]
        rows = edition.figures.table
        self.own = rows[rows["area"] == self.area].sort_values("period_end", kind="stable")
        self.own = self.own.drop_duplicates(["subject", "item", "dims", "measure"], keep="last")

    @property
    def empty(self) -> bool:
        """Whether neither the registers nor the store know the agency."""
        return self.tasks.empty and self.leads.empty and self.own.empty

    def count(self, value: float, how: str, rows: tuple[str, ...]) -> str:
        """Write a count of things, with what was counted."""
        book = self.edition.figures
        return book.write(book.literal(float(value), "", decimals=0, rows=rows, formula=how))


def _names(column: pd.Series, area: str) -> pd.Series:
    return column.str.split("; ").map(lambda codes: area in codes)


def open_profile(edition: Edition) -> AgencyProfile:
    """Return the profile of the edition's agency."""
    return AgencyProfile(edition)


def summary(profile: AgencyProfile) -> Piece:
    """Return the first page's statements; an agency without anything says so on one page."""
    edition = profile.edition
    edition.figures.place = "tóm tắt"
    if profile.empty:
        return Piece(
            f"**Chưa có số liệu.** Danh mục, sổ nhiệm vụ và kho số liệu đến ngày {wording.day(edition.known)} chưa ghi gì về {profile.name}. "
            "Hồ sơ chỉ gồm trang này."
        )
    n = profile.count(len(profile.tasks), f"số nhiệm vụ có {profile.area}", ("tasks.csv",))
    lead = profile.count(len(profile.leads), f"số chỉ số do {profile.area} chủ trì", ("indicators.csv",))
    have = [code for code in profile.leads["code"] if not review.newest(edition, code).missing]
    known = profile.count(len(have), f"số chỉ số do {profile.area} chủ trì có số liệu", ("indicators.csv",))
    own = profile.count(
        len(profile.own), f"số liệu riêng của {profile.area}", tuple(profile.own["id"]) or ("data/observations",)
    )
    lines = [
        f"Tham gia {n} nhiệm vụ trong sổ theo dõi (chủ trì hoặc phối hợp).",
        f"Chủ trì {lead} chỉ số; {known} chỉ số có số liệu cấp quốc gia.",
        f"Có {own} số liệu riêng trong kho.",
    ]
    return Piece(edition._plain("::: {.tom-tat}\n" + "\n".join(f"- {line}" for line in lines) + "\n:::"))


def tasks(profile: AgencyProfile) -> Piece:
    """Return the agency's tasks."""
    if profile.tasks.empty:
        return Piece("" if profile.empty else "# Nhiệm vụ\n\nSổ nhiệm vụ không ghi nhiệm vụ nào của cơ quan này.")
    rows = [
        [
            row.text,
            "chủ trì" if profile.area in row.lead.split("; ") else "phối hợp",
            row.product,
            wording.period(row.due) if row.due else "–",
        ]
        for row in profile.tasks.itertuples()
    ]
    frame = pd.DataFrame(rows, columns=["Nhiệm vụ", "Vai trò", "Sản phẩm", "Hạn"])
    table = profile.edition.table(
        frame, f"Nhiệm vụ của {profile.name}", "tbl-nhiem-vu", "llll", [42, 12, 32, 14], wide=True
    )
    return Piece(f"# Nhiệm vụ\n\n{table.markdown}")


def led(profile: AgencyProfile) -> Piece:
    """Return the indicators that the agency leads, with their national figures."""
    if profile.leads.empty:
        return Piece("")
    edition = profile.edition
    edition.figures.place = "chỉ số chủ trì"
    start, rows = len(edition.figures.trace), []
    for row in profile.leads.itertuples():
        figure = review.newest(edition, row.code)
        rows.append(
            [
                row.code,
                row.name_vi,
                edition.figures.write(figure),
                "–" if figure.missing else wording.period(figure.period),
            ]
        )
    frame = pd.DataFrame(rows, columns=["Mã", "Chỉ số", "Số liệu", "Kỳ"])
    table = edition.table(
        frame, f"Chỉ số do {profile.name} chủ trì", "tbl-chu-tri", "llrl", [10, 56, 18, 16], wide=True, since=start
    )
    return Piece(f"# Chỉ số chủ trì\n\n{table.markdown}")


def own(profile: AgencyProfile) -> Piece:
    """Return the agency's own figures."""
    if profile.own.empty:
        return Piece("")
    edition = profile.edition
    edition.figures.place = "số liệu riêng"
    start, rows = len(edition.figures.trace), []
    for _, row in profile.own.iterrows():
        label = edition.catalogue.dims_label(row["dims"])
        item = edition.catalogue.names.get(row["item"], "")
        name = ", ".join(filter(None, (edition.catalogue.names[row["subject"]].split(" (")[0], item, label)))
        rows.append([name, edition.figures.write(edition.figures.of_row(row)), wording.period(row["period"])])
    frame = pd.DataFrame(rows, columns=["Nội dung", "Số liệu", "Kỳ"])
    table = edition.table(
        frame, f"Số liệu của {profile.name}", "tbl-rieng", "lrl", [60, 22, 18], wide=True, since=start
    )
    return Piece(f"# Số liệu riêng\n\n{table.markdown}")
