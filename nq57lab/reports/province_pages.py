"""The pieces of a provincial profile: position, strengths and weaknesses, neighbours and peers, data quality.

An :class:`~nq57lab.documents.edition.Edition` whose parameters name an area in, its pieces out.
"""

from functools import cached_property

import pandas as pd

from nq57lab.base import wording
from nq57lab.documents.edition import Edition, Piece
from nq57lab.facts import illustrative
from nq57lab.reports import province

SHOWN_LIMIT = 5  # strengths and weaknesses listed
COMPARED = 3  # a figure that fewer provinces have is a fact of the province, not a comparison
COLUMNS_BESIDE = 5  # provinces beside the own one in the comparison, so that a portrait page holds them


class Profile:
    """One province's profile: its data, and the pieces of its document."""

    def __init__(self, edition: Edition, area: str = ""):
        self.edition = edition
        self.area = area or edition.parameters["area"]
        self.name = edition.catalogue.names[self.area]
        self.data = province.inputs(edition.known_tables, edition.root, self.area)
        self.own = self.data["own"]
        facts = self.own[~self.own["subject"].isin([province.POPULATION, province.SURFACE])]
        every = int(edition.catalogue.areas["id"].str.startswith(province.PREFIX).sum())
        least = max(2, min(COMPARED, every))  # a programme of few provinces compares them all the same
        self.table = facts[facts["of"] >= least]
        self.single = facts[facts["of"] < least]

    @property
    def empty(self) -> bool:
        """Whether the province has no figure at all."""
        return self.own.empty and self.data["former"].empty

    def label(self, row: pd.Series) -> str:
        """Return a subject's name without its remark, with its breakdown."""
        name = self.edition.catalogue.short[row["subject"]]
        dims = self.edition.catalogue.dims_label(row["dims"])
        return f"{name}, {dims}" if dims else name

    def figure(self, row: pd.Series, **options) -> str:
        """Write a row's figure."""
        return self.edition.figures.write(self.edition.figures.of_row(row), **options)

    def computed(self, row: pd.Series, column: str, formula: str, unit: str = "", decimals: int | None = None) -> str:
        """Write a number computed from a row and the others (a rank, a median, a change)."""
        value = row[column]
        if value != value:
            return "–"
        digits = _decimals(row) if decimals is None else decimals
        named = formula.format(subject=row["subject"], area=self.area, period=row["period"])
        return self.edition.computed(value, named, (row["id"],), unit=unit, decimals=digits, period=row["period"])

    def rank(self, row: pd.Series) -> str:
        """Write a rank: "3/34 tỉnh", or "–" where there is none."""
        if row["rank"] != row["rank"]:
            return "–"
        rank = self.computed(row, "rank", "hạng giữa các tỉnh về {subject}, {period}", decimals=0)
        of = self.computed(row, "of", "số tỉnh có {subject}, {period}", decimals=0)
        return f"{rank}/{of}"

    @cached_property
    def placed(self) -> pd.DataFrame:
        """The subjects on which the province has a place, best first; generated figures only where it has no real ones."""
        found = self.table[self.table["place"].notna()]
        real = found[found["status"] != illustrative.STATUS]
        found = real if len(real) else found
        return found.sort_values("place", ascending=False, kind="stable")

    @property
    def strong(self) -> pd.DataFrame:
        """The best subjects of the leading quarter."""
        return self.placed[self.placed["place"] >= province.TOP].head(SHOWN_LIMIT)

    @property
    def weak(self) -> pd.DataFrame:
        """The worst subjects of the last quarter, worst first."""
        return self.placed[self.placed["place"] <= province.BOTTOM].iloc[::-1].head(SHOWN_LIMIT)


def _decimals(row: pd.Series) -> int:
    """Return how finely a row's figure is printed: what is computed from it is printed as finely."""
    return wording.decimals_of(str(row["printed"])) or (0 if float(row["value"]).is_integer() else 1)


def summary(profile: Profile) -> Piece:
    """Return the first page's statements."""
    edition, book = profile.edition, profile.edition.figures
    book.place = "tóm tắt"
    if profile.empty:
        return Piece(
            f"**Chưa có số liệu.** Đến ngày {wording.day(edition.known)}, kho chưa có số liệu nào của {profile.name}. "
            "Hồ sơ chỉ gồm trang này; lập lại hồ sơ sau khi có số liệu."
        )
    lines = []
    sizes = {row["subject"]: row for _, row in profile.own.iterrows()}
    if province.POPULATION in sizes:
        parts = [f"dân số {profile.figure(sizes[province.POPULATION])}"]
        if province.SURFACE in sizes:
            parts.append(f"diện tích {profile.figure(sizes[province.SURFACE])}")
        lines.append(f"{profile.name}: {wording.join(parts)}.")
    n = profile.edition.count(len(profile.own), f"số chỉ số có số liệu của {profile.name}", tuple(profile.own["id"]))
    placed, formula = profile.placed["id"], f"số chỉ số xếp hạng được của {profile.name}"
    m = profile.edition.count(len(placed), formula, tuple(placed)) if len(placed) else ""
    ranked = wording.some(m, "chỉ số", "xếp hạng được giữa các tỉnh", "chưa có")
    lines.append(f"Có số liệu về {n} chỉ số, trong đó {ranked}.")
    for rows, word in ((profile.strong, "Mạnh nhất"), (profile.weak, "Yếu nhất")):
        if len(rows):
            row = rows.iloc[0]
            lines.append(
                f"{word}: {profile.label(row)}, {profile.figure(row)} ({wording.period(row['period'])}), hạng {profile.rank(row)}."
            )
    moved = profile.table[profile.table["change"].notna()]
    for sign, word in ((1, "Chuyển biến tốt nhất"), (-1, "Chuyển biến kém nhất")):
        if len(moved):
            gain = moved["change"] * moved["direction"]
            best = moved.loc[gain.idxmax() if sign > 0 else gain.idxmin()]
            if sign * best["change"] * best["direction"] > 0:
                verb = wording.change_words(best["change"])
                amount = change(profile, best, absolute=True)
                lines.append(
                    f"{word}: {profile.label(best)} {verb} {amount} so với {wording.period(best['before_period'])}."
                )
    return edition.piece("::: {.tom-tat}\n" + "\n".join(f"- {line}" for line in lines) + "\n:::")


def change(profile: Profile, row: pd.Series, *, absolute: bool = False) -> str:
    """Write a change on the period before, in percentage points for per cents."""
    if row["change"] != row["change"]:
        return "–"
    value = abs(row["change"]) if absolute else row["change"]
    digits = _decimals(row)
    unit = "điểm phần trăm" if row["unit"] == "%" else row["unit"]
    formula = f"{row['subject']}: {row['period']} − {row['before_period']}"
    both, status = (row["id"], row["before_id"]), row["status"]
    return profile.edition.computed(
        value, formula, both, unit=unit, decimals=digits, status=status, bare=not absolute, mark=False
    )


def position(profile: Profile) -> Piece:
    """Return the table of all figures with rank, median of the provinces and change."""
    if profile.table.empty:
        text = "# Vị trí giữa các tỉnh\n\nChưa có số liệu của tỉnh mới để so sánh với các tỉnh."
        return Piece("" if profile.empty else text)
    book = profile.edition.figures
    start, rows = book.at("bảng vị trí"), []
    for _, row in profile.table.iterrows():
        median = profile.computed(row, "median", "trung vị các tỉnh của {subject}, {period}")
        rows.append(
            [
                profile.label(row),
                profile.figure(row),
                wording.period(row["period"]),
                profile.rank(row),
                median if row["of"] > 1 else "–",
                change(profile, row),
            ]
        )
    reasons = list(dict.fromkeys(reason for reason in profile.table["why"] if reason))
    note = "Hạng: thứ hạng/số tỉnh có số liệu cùng kỳ, hạng nhất là tốt nhất. Thay đổi: so với kỳ liền trước."
    note += f" Dấu – ở cột Hạng: {'; '.join(profile.edition.because(reason) for reason in reasons)}." if reasons else ""
    columns = "l52 Chỉ số | r11 Số liệu | l12 Kỳ | r9 Hạng | r8 Trung vị | r8 Thay đổi"
    caption = f"Số liệu của {profile.name} giữa các tỉnh"
    table = profile.edition.table(rows, caption, "tbl-vi-tri", columns, note, since=start)
    return Piece(f"# Vị trí giữa các tỉnh\n\n{table.markdown}")


def single(profile: Profile) -> Piece:
    """Return the figures that are the province's own: no other has one to compare with."""
    if profile.single.empty:
        return Piece("")
    book = profile.edition.figures
    start = book.at("bảng số liệu riêng")
    cells = [
        [profile.label(row), profile.figure(row), wording.period(row["period"])] for _, row in profile.single.iterrows()
    ]
    columns = "l58 Nội dung | r22 Số liệu | l20 Kỳ"
    table = profile.edition.table(cells, f"Số liệu riêng của {profile.name}", "tbl-rieng", columns, since=start)
    return Piece(f"# Số liệu riêng\n\n{table.markdown}")


def strengths(profile: Profile) -> Piece:
    """Return strengths and weaknesses."""
    if len(profile.placed) < 3:
        return Piece("")
    strong, weak = (extremes(profile, strong=side).markdown for side in (True, False))
    return Piece(f"# Điểm mạnh, điểm yếu\n\n## Mạnh\n\n{strong}\n\n## Yếu\n\n{weak}\n")


def extremes(profile: Profile, *, strong: bool) -> Piece:
    """Return the strengths (or the weaknesses) as a list."""
    rows = profile.strong if strong else profile.weak
    word = "dẫn đầu" if strong else "cuối"
    profile.edition.figures.place = "mạnh, yếu"
    if rows.empty:
        return Piece(f"Không có chỉ số nào của {profile.name} ở một phần tư {word} các tỉnh.")
    lines = [
        f"- {profile.label(row)}: {profile.figure(row)} ({wording.period(row['period'])}), hạng {profile.rank(row)}."
        for _, row in rows.iterrows()
    ]
    return profile.edition.piece("\n".join(lines))


def beside(profile: Profile) -> Piece:
    """Return the province beside its neighbours and peers."""
    edition, book = profile.edition, profile.edition.figures
    if profile.empty:
        return Piece("")
    others, kin = profile.data["others"], profile.data["kin"]
    heading = "# Các tỉnh giáp ranh, tương đồng\n\n"
    listed = "; ".join(
        f"{word}: {wording.join([edition.catalogue.names[code] for code in group['area']])}"
        for word, group in kin.groupby("kind", sort=False)
    )
    if others.empty or profile.table.empty:
        named = f"Tỉnh {listed}. " if listed else ""
        return Piece(f"{heading}{named}Chưa có số liệu cùng kỳ để so sánh.")
    book.place = "bảng so sánh"
    subjects = profile.table[profile.table["subject"].isin(set(others["subject"]))]
    # Those that tell most come first: the strongest and the weakest.
    far = (subjects["place"] - 0.5).abs().fillna(-1)
    subjects = subjects.loc[far.sort_values(ascending=False, kind="stable").index].head(10)
    codes = kin["area"].drop_duplicates()
    codes = [code for code in codes if code in set(others["area"])][:COLUMNS_BESIDE]
    start, rows = len(book.trace), []
    places = others.reset_index(drop=True).groupby(["subject", "dims", "area"], sort=False).indices
    for _, row in subjects.iterrows():
        cells = [profile.label(row), profile.figure(row, unit=False)]
        for code in codes:
            found = places.get((row["subject"], row["dims"], code))
            cells.append("–" if found is None else profile.figure(others.iloc[found[0]], unit=False))
        rows.append(cells)
    names = [edition.catalogue.names[code] for code in codes]
    columns = [
        f"l{91 - 9 * len(codes)} Chỉ số (đơn vị như bảng trên)",
        *(f"r9 {name}" for name in (profile.name, *names)),
    ]
    note = f"Tỉnh {listed}. Tương đồng: gần nhất về dân số và mật độ dân số (khoảng cách Ơ-clít trên logarit đã chuẩn hóa)."
    caption = f"{profile.name} và các tỉnh giáp ranh, tương đồng"
    table = edition.table(rows, caption, "tbl-so-sanh", columns, note, since=start)
    return Piece(heading + table.markdown)


def former(profile: Profile) -> Piece:
    """Return the figures of the provinces that were merged into this one; scores and ranks are never added up."""
    rows, book = profile.data["former"], profile.edition.figures
    if rows.empty:
        return Piece("")
    start = book.at("bảng tỉnh cũ")
    cells = [
        [
            profile.edition.catalogue.names[row["area"]],
            profile.label(row),
            profile.figure(row),
            wording.period(row["period"]),
        ]
        for _, row in rows.iterrows()
    ]
    columns = "l22 Tỉnh trước sáp nhập | l46 Chỉ số | r16 Số liệu | l16 Kỳ"
    note = "Điểm và thứ hạng của các tỉnh cũ không cộng hay lấy trung bình thành số của tỉnh mới."
    caption = "Số liệu của các tỉnh trước sáp nhập"
    table = profile.edition.table(cells, caption, "tbl-tinh-cu", columns, note, since=start)
    return Piece("## Các tỉnh trước sáp nhập\n\n" + table.markdown)


def quality(profile: Profile) -> Piece:
    """Return what is known and what is missing of the province's figures."""
    if profile.empty:
        return Piece("")
    edition, own = profile.edition, profile.own
    edition.figures.place = "chất lượng dữ liệu"
    lines = []
    for status, part in own.groupby("status", sort=False):
        n = profile.edition.count(
            len(part), f"số chỉ số của {profile.name} có tình trạng {wording.STATUS_WORDS[status]}", tuple(part["id"])
        )
        newest = part.sort_values("period_end").iloc[-1]
        lines.append(f"- {n} chỉ số {wording.STATUS_WORDS[status]}; kỳ mới nhất: {wording.period(newest['period'])}.")
    missing = profile.data["missing"]["subject"].tolist()
    if missing:
        n = profile.edition.count(len(missing), f"số chỉ số có số liệu ở tỉnh khác mà chưa có của {profile.name}")
        names = "; ".join(edition.catalogue.short[code] for code in missing[:6])
        lines.append(
            f"- {n} chỉ số có ở tỉnh khác mà {profile.name} chưa có{', trong đó có' if len(missing) > 6 else ''}: {names}."
        )
    return edition.piece("# Chất lượng dữ liệu\n\n" + "\n".join(lines))


def has_places(profile: Profile) -> bool:
    """Tell whether the province has a place on enough subjects for a chart of them."""
    return len(profile.placed) >= 3
