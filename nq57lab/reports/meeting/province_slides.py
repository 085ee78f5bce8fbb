"""A provincial profile for a meeting: four slides from the pieces of the profile.

A :class:`~nq57lab.reports.province_pages.Profile` in, its slides out: the cover, then two of these, the first that there are figures for:
where the province stands, its place on each subject, figures that others do not have, those of the provinces merged into
it, how their people judge electronic government, all it has; what is missing.
"""

import math

import pandas as pd

from nq57lab.base import wording
from nq57lab.documents import plain_numbers, slides
from nq57lab.documents.edition import Piece
from nq57lab.documents.slides import Slide
from nq57lab.reports import province_charts, province_pages
from nq57lab.reports.province_pages import Profile

ROWS = 6  # of a table: each name may take two lines
PLACES = 5  # subjects of the chart
LETTERS = 78  # of a name in a table
NAMED = 3  # subjects that others have, named on the slide
CHART = "fig-vi-tri-trang"


def deck(profile: Profile) -> Piece:
    """Return the slides of a profile."""
    with slides.apart(profile.edition):
        return slides.deck(profile.edition, _pages(profile))


def _pages(profile: Profile) -> list[Slide]:
    if profile.empty:
        edition = profile.edition
        body = [f"Đến ngày {wording.day(edition.known)}, kho chưa có số liệu nào của {profile.name}."]
        return [slides.cover(edition), Slide("Chưa có số liệu", body=body)]
    makers = (
        (_position, not profile.table.empty),
        (_places, province_pages.has_places(profile)),
        (_own, not profile.single.empty),
        (_former, not profile.data["former"].empty),
        (_judged, not profile.data["judged"].empty),
        (_all, True),
    )
    shown = [make for make, wanted in makers if wanted][:2]
    return [slides.cover(profile.edition, _size(profile)), *(make(profile) for make in shown), _missing(profile)]


def _at(profile: Profile, name: str) -> int:
    """Open a slide in the trace; return the trace's length before it."""
    return profile.edition.figures.at(name)


def _name(profile: Profile, row: pd.Series) -> str:
    return wording.shortened(profile.label(row), LETTERS)


def _size(profile: Profile) -> list[str]:
    _at(profile, "bìa")
    rows = {row["subject"]: row for _, row in profile.own.iterrows()}
    wanted = (("dân số", province_pages.province.POPULATION), ("diện tích", province_pages.province.SURFACE))
    parts = [f"{word} {profile.figure(rows[subject])}" for word, subject in wanted if subject in rows]
    return [f"{wording.capital(wording.join(parts))}."] if parts else []


def _position(profile: Profile) -> Slide:
    """Return the subjects on which the province stands farthest from the middle, else its first ones."""
    start, table = _at(profile, "vị trí"), profile.table
    far = (table["place"] - 0.5).abs().fillna(-1)
    chosen = table.loc[far.sort_values(ascending=False, kind="stable").index[:ROWS]]
    rows = [
        [
            _name(profile, row),
            profile.figure(row),
            profile.rank(row),
            profile.computed(row, "median", "trung vị các tỉnh của {subject}, {period}") if row["of"] > 1 else "–",
            wording.period(row["period"]),
        ]
        for _, row in chosen.iterrows()
    ]
    ranked = any(row[2] != "–" for row in rows)
    columns = "l46 Chỉ số | r14 Số liệu | r12 Hạng | r14 Trung vị | l14 Kỳ"
    if not ranked:
        rows, columns = [[*row[:2], *row[3:]] for row in rows], "l54 Chỉ số | r16 Số liệu | r16 Trung vị | l14 Kỳ"
    notes = [
        "Bảng nêu các chỉ số mà tỉnh đứng xa mức giữa nhất; hạng là thứ hạng trên số tỉnh có số liệu cùng kỳ, hạng nhất là tốt nhất. "
        f"{'Dấu – ở cột Hạng' if ranked else 'Không có cột Hạng'}: chưa đủ tỉnh có số liệu, số liệu chưa xác thực, hoặc hạng do nơi công bố xếp."
    ]
    title = f"{profile.name} đứng đâu giữa các tỉnh"
    caption = f"Số liệu, hạng và trung vị của {profile.name} giữa các tỉnh"
    return slides.tabled(profile.edition, title, rows, columns, start, caption, notes=notes)


def _places(profile: Profile) -> Slide:
    profile.edition.chart_of(lambda _: province_charts.places(profile, most=PLACES), CHART)
    _at(profile, "mạnh, yếu")
    told = []
    for rows, word in ((profile.strong, "Mạnh nhất"), (profile.weak, "Yếu nhất")):
        if len(rows):
            row = rows.iloc[0]
            told.append(f"{word}: {_name(profile, row)}, hạng {profile.rank(row)}.")
    return Slide(
        f"{profile.name} mạnh gì, yếu gì",
        "hinh",
        told,
        chart=CHART,
        notes=told,
    )


def _own(profile: Profile) -> Slide:
    title = f"Số liệu riêng của {profile.name}"
    return _listed(profile, title, profile.single, "Các số này chưa có tỉnh nào khác báo cáo nên chưa so sánh được.")


def _all(profile: Profile) -> Slide:
    return _listed(profile, f"{profile.name} đã có số liệu gì", profile.own, "Bảng nêu các số liệu đã có trong kho.")


def _listed(profile: Profile, title: str, rows: pd.DataFrame, note: str) -> Slide:
    start = _at(profile, title)
    cells = [
        [_name(profile, row), profile.figure(row), wording.period(row["period"])]
        for _, row in rows.head(ROWS).iterrows()
    ]
    columns = "l48 Nội dung | r26 Số liệu | l26 Kỳ"
    return slides.tabled(profile.edition, title, cells, columns, start, title, notes=[note])


def _former(profile: Profile) -> Slide:
    """Return the figures of the provinces that were merged into this one, the newest first."""
    start, names = _at(profile, "tỉnh trước sáp nhập"), profile.edition.catalogue.names
    newest = profile.data["former"].sort_values("period_end", ascending=False, kind="stable")
    rows = [
        [names[row["area"]], _name(profile, row), profile.figure(row), wording.period(row["period"])]
        for _, row in newest.head(ROWS).iterrows()
    ]
    columns = "l22 Tỉnh trước sáp nhập | l46 Chỉ số | r16 Số liệu | l16 Kỳ"
    caption = "Số liệu của các tỉnh trước sáp nhập"
    notes = ["Điểm và thứ hạng của các tỉnh cũ không cộng hay lấy trung bình thành số của tỉnh mới."]
    title = f"{profile.name} trước sáp nhập"
    return slides.tabled(profile.edition, title, rows, columns, start, caption, notes=notes)


def _judged(profile: Profile) -> Slide:
    """Return how surveys and rankings of the 63 provinces place those that are part of the province now."""
    start, edition, rows = _at(profile, "chính quyền điện tử"), profile.edition, []
    found = profile.data["judged"].head(ROWS)
    for row in found.to_dict("records"):
        name, of = row["name_vi"], (f"panels/values.parquet:{row['series']}:{row['area']}:{row['year']}",)
        numbers = []
        for value, decimals, how in (
            (math.nan if row["unit_vi"] == "thứ hạng" else row["value"], 2, name),
            (row["rank"], 0, f"hạng: {name}"),
            (row["of"], 0, f"số tỉnh có số liệu: {name}"),
        ):
            numbers.append(edition.computed(value, how, of, decimals=decimals, period=str(row["year"])))
        label = plain_numbers.constants(wording.shortened(name, LETTERS), "tên chỉ số")
        place = f"{numbers[1]}/{numbers[2]}"
        rows.append([edition.catalogue.names[row["area"]], label, numbers[0], place, wording.period(str(row["year"]))])
    columns = "l20 Tỉnh trước sáp nhập | l44 Nội dung | r11 Điểm | r12 Hạng | l13 Kỳ"
    caption, title = "Điểm và hạng của các tỉnh trước sáp nhập", f"{profile.name}: chính quyền điện tử trước sáp nhập"
    notes = [
        "Hạng trong các tỉnh trước sáp nhập có số liệu, hạng nhất là tốt nhất. "
        "Điểm và thứ hạng của các tỉnh cũ không cộng hay lấy trung bình thành số của tỉnh mới."
    ]
    sources = list(dict.fromkeys(found["source"]))
    return slides.tabled(edition, title, rows, columns, start, caption, sources=sources, notes=notes)


def _missing(profile: Profile) -> Slide:
    """Return what the province has and what others have that it has not."""
    _at(profile, "còn thiếu")
    edition, own = profile.edition, profile.own
    missing = profile.data["missing"]["subject"].tolist()
    lines = []
    if missing:
        n = edition.count(len(missing), f"số chỉ số có số liệu ở tỉnh khác mà chưa có của {profile.name}")
        lines.append(f"**{n} chỉ số tỉnh khác đã có số liệu mà {profile.name} chưa có.**")
        names = [name for name in map(edition.catalogue.short.__getitem__, missing) if len(name) <= LETTERS]
        lines += [f"Trong đó có: {'; '.join(names[:NAMED])}."] if names else []
    for status, part in own.groupby("status", sort=False):
        word = wording.STATUS_WORDS[status]
        n = edition.count(len(part), f"số chỉ số của {profile.name} có tình trạng {word}", tuple(part["id"]))
        newest = wording.period(part.sort_values("period_end").iloc[-1]["period"])
        lines.append(f"Đã có {n} chỉ số {word}, kỳ mới nhất {newest}.")
    return Slide(
        f"{profile.name} còn thiếu số liệu gì",
        body=lines,
        notes=lines,
    )
