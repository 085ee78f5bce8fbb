"""The quarterly ranking as a document: ministries, provinces, agencies by tasks completed, and the core behind it.

An edition whose parameters name a quarter in, pieces out. Only official and verified figures rank; an illustrative edition (``minh_hoa``)
also takes the generated ones, each marked.
"""

from collections import Counter
from dataclasses import dataclass

import pandas as pd

from nq57lab.base import wording
from nq57lab.base.messages import Reason
from nq57lab.charts import tile_map
from nq57lab.composite.rankings import leagues as rankings
from nq57lab.composite.score.score import VERIFIED
from nq57lab.documents.edition import Edition, MissingFigure, Piece, builder
from nq57lab.facts import illustrative

TASK_ROWS = 40


@dataclass(frozen=True)
class Ranked:
    """The leagues of a quarter: ministries, provinces, and agencies by tasks."""

    leagues: dict[str, rankings.League]
    tasks: pd.DataFrame
    quarter: str
    generated: bool


def ranked(edition: Edition, quarter: str = "") -> Ranked:
    """Rank every league of a quarter (default: that of its parameters) as known on the edition's date."""
    quarter = quarter or edition.parameters["quarter"]
    generated = bool(edition.parameters.get("minh_hoa"))
    statuses = (*VERIFIED, illustrative.STATUS) if generated else VERIFIED
    common = (edition.catalogue, edition.rows)
    return Ranked(
        {name: rankings.rank(*common, name, quarter, edition.known, statuses=statuses) for name in rankings.LEAGUES},
        rankings.by_tasks(*common, quarter, statuses=statuses),
        quarter,
        generated,
    )


def _number(
    edition: Edition, value: float, formula: str, rows: str = "", *, decimals: int = 0, markup: bool = True
) -> str:
    """Write a number of the ranking with the mark of what it rests on; "–" where there is none."""
    where = tuple(filter(None, rows.split("; "))) or ("rankings.csv",)
    made = rows.startswith(illustrative.ROW_PREFIX)
    status = illustrative.STATUS if made else ""
    sources = (illustrative.SOURCE,) if made else ()
    return edition.computed(value, formula, where, decimals=decimals, status=status, sources=sources, markup=markup)


def _why(reason: Reason | str) -> str:
    """Return a reason as the pages say it: without its counts, which the table of results has."""
    return reason.brief().words() if isinstance(reason, Reason) else reason


def finding(edition: Edition, found: Ranked) -> Piece:
    """Return how many units are ranked in each league, and the assumption behind the core."""
    edition.figures.place = "kết luận xếp hạng"
    parts = []
    tables = {name: league.table for name, league in found.leagues.items()} | {"tasks": found.tasks}
    for name, table in tables.items():
        done, whole = (
            _number(edition, float(value), f"{what} của bảng {name}")
            for value, what in ((table["rank"].notna().sum(), "đơn vị được xếp hạng"), (len(table), "số đơn vị"))
        )
        parts.append(f"{rankings.LEAGUE_NAMES[name].lower()} {done}/{whole}")
    mark = "Dữ liệu minh họa do chương trình sinh ra, không phải số liệu thực. " if found.generated else ""
    assumed = any(league.assumed for league in found.leagues.values())
    core = next(iter(found.leagues.values())).core
    why = f" {core['decision'].iloc[0]}." if assumed and len(core) else ""
    return edition.piece(
        f"**{mark}Số đơn vị được xếp hạng {wording.period(found.quarter)}: {'; '.join(parts)}.** Chỉ xếp hạng khi số liệu đã được xác thực và cơ quan điều phối đã nhận được; "
        f"đơn vị còn lại ghi “không xếp hạng” kèm lý do. Điểm bằng nhau thì đồng hạng.{why}"
    )


def _reasons(edition: Edition, found: Ranked, table: pd.DataFrame) -> str:
    """Count the reasons of those without a rank."""
    counts = Counter(_why(text) for text in table["reason"] if text)
    if table.empty:
        return "danh mục không có đơn vị nào (data/catalogue/areas.csv)"
    if found.leagues["provinces"].core.empty and table is not found.tasks:
        return "chưa có tiêu chí, chỉ số lõi (data/catalogue/rankings.csv)"
    return "; ".join(
        f"{why} ({_number(edition, float(count), f'số đơn vị: {why}')} đơn vị)" for why, count in counts.most_common(4)
    )


def league_finding(edition: Edition, found: Ranked, league: str) -> Piece:
    """Return who leads a league and by which criterion, or why nobody is ranked."""
    edition.figures.place = f"kết luận bảng {league}"
    table = found.leagues[league].table
    ranked_rows = table.dropna(subset=["rank"])
    if ranked_rows.empty:
        return edition.piece(
            f"**Chưa có đơn vị nào được xếp hạng {wording.period(found.quarter)}**: {_reasons(edition, found, table)}."
        )
    first = ranked_rows[ranked_rows["rank"] == 1]
    names = wording.join(list(first["name"]))
    score = _number(edition, first["score"].iloc[0], "điểm cao nhất", first["rows"].iloc[0], decimals=2)
    rest = table[table["rank"].isna()]
    said = f" Không xếp hạng: {_reasons(edition, found, rest)}." if len(rest) else ""
    mark = "Dữ liệu minh họa. " if found.generated else ""
    tied = " (đồng hạng)" if len(first) > 1 else ""
    return edition.piece(f"**{mark}{names} đứng đầu{tied} với {score} điểm.**{said}")


def league_table(edition: Edition, found: Ranked, league: str) -> Piece:
    """Return a league's table: rank, unit, score and the four criteria; the unranked with their reason."""
    edition.figures.place = f"bảng {league}"
    table = found.leagues[league].table
    mark = " (dữ liệu minh họa)" if found.generated else ""
    name = rankings.LEAGUE_NAMES[league]
    if table["rank"].notna().sum() == 0:
        why = [wording.capital(_why(text)) for text in table["reason"]]
        waiting = [(unit, "Không xếp hạng", reason) for unit, reason in zip(table["name"], why, strict=True)]
        heads, caption = "l34 Đơn vị | l16 Hạng | l50 Lý do", f"{name}: tình trạng xếp hạng{mark}"
        return edition.table(waiting, caption, f"tbl-{league}", heads, "Theo thứ tự chính thức.")
    rows = []
    for row in table.to_dict("records"):

        def cell(column: str, what: str, decimals: int = 1, row=row) -> str:
            return _number(edition, row[column], f"{what} của {row['area']}", row["rows"], decimals=decimals)

        unranked = row["rank"] != row["rank"]
        place = "–" if unranked else cell("rank", "hạng", 0) + (" (đồng hạng)" if row["tied"] else "")
        last = wording.capital(_why(row["reason"])) if unranked else cell("score", "điểm", 2)
        rows.append(
            [
                place,
                row["name"],
                last,
                *(cell(criterion, rankings.CRITERIA_NAMES[criterion].lower()) for criterion in rankings.CRITERIA),
            ]
        )
    columns = ["r9 Hạng", "l23 Đơn vị", "r20 Điểm", *(f"r12 {head}" for head in rankings.CRITERIA_NAMES.values())]
    note = "Điểm: bình quân của bốn tiêu chí, trên thang một trăm. Cải thiện: năm mươi là không đổi so với quý trước. Điểm làm tròn hai chữ số thập phân; bằng nhau thì đồng hạng. Đơn vị không xếp hạng đứng cuối, theo thứ tự chính thức."
    caption = f"{name}: xếp hạng {wording.period(found.quarter)}{mark}"
    return edition.table(rows, caption, f"tbl-{league}", columns, note)


@builder
def tiles(edition: Edition, found: Ranked):
    """Return the tile map of the provinces' scores."""
    table = found.leagues["provinces"].table
    if not tile_map.fits(table["area"], edition.catalogue.names):
        raise MissingFigure("map", tile_map.NO_MAP)
    labels = [
        _number(edition, row["score"], f"điểm của {row['area']}", row["rows"], decimals=1, markup=False)
        for row in table.to_dict("records")
    ]
    frame = pd.DataFrame({"area": table["area"], "value": table["score"], "label": labels})
    count = _number(edition, float(table["rank"].notna().sum()), "số tỉnh được xếp hạng", markup=False)
    best = table["name"].iloc[0].removeprefix("Thành phố ")
    mark = "Dữ liệu minh họa. " if found.generated else ""
    title = (
        f"{best} đứng đầu {count} tỉnh, thành phố được xếp hạng"
        if table["rank"].notna().any()
        else "Chưa có tỉnh, thành phố nào được xếp hạng"
    )
    words = {
        "title": title,
        "subtitle": f"{mark}Điểm theo bốn tiêu chí, {wording.period(found.quarter)}; ô trắng: không xếp hạng",
        "caption": "Bản đồ ô: điểm xếp hạng các tỉnh, thành phố" + (" (dữ liệu minh họa)" if found.generated else ""),
        "alt": f"{mark}Bản đồ ô 34 tỉnh, thành phố, có quần đảo Hoàng Sa (Đà Nẵng) và quần đảo Trường Sa (Khánh Hòa). {title}.",
    }
    return (lambda size: tile_map.draw(frame, missing="không xếp hạng", size=size)), words


def tasks_finding(edition: Edition, found: Ranked) -> Piece:
    """Return who completes most of its tasks, or why nobody is ranked."""
    edition.figures.place = "kết luận nhiệm vụ"
    rows = found.tasks.dropna(subset=["rank"])
    if rows.empty:
        public = "Việc xếp hạng công khai trên cơ sở dữ liệu tổng hợp của Hệ thống được giao tại {}."
        return edition.piece(
            f"**Chưa có cơ quan nào được xếp hạng theo mức độ hoàn thành nhiệm vụ**: {_reasons(edition, found, found.tasks)}. "
            + edition.catalogue.programme.rule("khoản 4 Điều 23", public)
        )
    first = rows.iloc[0]
    share = _number(edition, first["score"], "nhiệm vụ hoàn thành ÷ được giao × 100", first["rows"], decimals=1)
    return edition.piece(f"**{first['name']} đứng đầu với {share}% nhiệm vụ được giao đã hoàn thành.**")


def tasks_table(edition: Edition, found: Ranked) -> Piece:
    """Return the agencies by the share of their tasks completed; those without a rank are counted by reason."""
    edition.figures.place = "bảng nhiệm vụ"
    ranked_rows = found.tasks.dropna(subset=["rank"]).head(TASK_ROWS)
    if ranked_rows.empty:
        counts = Counter(found.tasks["reason"])
        rows = [
            [
                wording.capital(_why(why)),
                _number(edition, float(count), f"số cơ quan: {why}"),
            ]
            for why, count in counts.most_common()
        ]
        columns = "l70 Lý do không xếp hạng | r30 Số cơ quan, địa phương"
        return edition.table(rows, "Xếp hạng theo nhiệm vụ: lý do chưa xếp hạng", "tbl-nhiem-vu", columns, wide=False)
    rows = []
    for row in ranked_rows.to_dict("records"):

        def cell(column: str, what: str, decimals: int = 0, row=row) -> str:
            return _number(edition, row[column], f"{what} của {row['area']}", row["rows"], decimals=decimals)

        tied = " (đồng hạng)" if row["tied"] else ""
        rows.append(
            [
                cell("rank", "hạng") + tied,
                row["name"],
                cell("assigned", "nhiệm vụ được giao"),
                cell("completed", "nhiệm vụ hoàn thành"),
                cell("score", "tỷ lệ hoàn thành", 1),
                cell("on_time", "tỷ lệ hoàn thành đúng hạn", 1),
            ]
        )
    note = "Mẫu số của cả hai tỷ lệ là nhiệm vụ được giao. Tỷ lệ hoàn thành bằng nhau thì xét tỷ lệ đúng hạn."
    columns = "r12 Hạng | l38 Cơ quan | r12 Được giao | r12 Hoàn thành | r13 Hoàn thành (%) | r13 Đúng hạn (%)"
    return edition.table(rows, "Xếp hạng theo mức độ hoàn thành nhiệm vụ", "tbl-nhiem-vu", columns, note, wide=False)


def core_table(edition: Edition, found: Ranked) -> Piece:
    """Return the criteria, their indicators and weights, with the decision or the assumption behind them."""
    edition.figures.place = "bảng chỉ số lõi"
    core = found.leagues["provinces"].core
    names = edition.catalogue.names
    computed = {
        "evidence": "Tỷ trọng chỉ số lõi có số liệu được tính và có minh chứng",
        "improvement": "Mức tăng điểm bình quân của các chỉ số lõi so với quý trước",
    }
    rows = []
    for row in core.to_dict("records"):
        code = row["indicator"]
        what = f"{code}. {names[code]}" if code else computed[row["criterion"]]
        rows.append(
            [
                rankings.CRITERIA_NAMES[row["criterion"]],
                what,
                _number(edition, row["weight"], f"trọng số: {row['criterion']} {code}".strip()),
            ]
        )
    assumed = " (giả định)" if found.leagues["provinces"].assumed else ""
    note = (
        "; ".join([*dict.fromkeys(core["decision"])] or ["Chưa có dòng nào trong data/catalogue/rankings.csv"])
        + ". Cùng một lõi cho bộ, ngành và địa phương; chỉ số năm không xếp hạng theo quý."
    )
    columns = "l22 Tiêu chí | l64 Chỉ số lõi | r14 Trọng số"
    return edition.table(rows, f"Tiêu chí, chỉ số lõi và trọng số{assumed}", "tbl-loi", columns, note)
