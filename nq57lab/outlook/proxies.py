"""Near series ("chỉ báo gần"): what to look at while a macro KPI has few figures; beside the KPI, never in its place, never in a verdict.

``proxies.csv`` and observations in; every near series of a KPI by the length of its periods out, with its forecast or the reason why there is none.
"""

import math
from typing import Any

import pandas as pd

from nq57lab.base import periods, wording
from nq57lab.base.messages import reason
from nq57lab.documents import plain_numbers
from nq57lab.documents.edition import Edition, Piece
from nq57lab.facts import vintages
from nq57lab.facts.catalogue import Catalogue
from nq57lab.facts.crosswalk import same_as
from nq57lab.targets import tracking as of_targets

YEAR = 2030
LEVEL = 80
ROLES = {"near": "gần", "component": "thành phần", "contrast": "tương phản"}
COLUMNS = [
    *("kpi", "proxy", "name", "unit", "role", "how", "months", "points", "first", "last", "value", "row"),
    *("to", "median", "lo_80", "hi_80", "reason"),
]


def histories(table: pd.DataFrame, entries: pd.DataFrame, subject: str, known: pd.Timestamp) -> list[pd.DataFrame]:
    """Return a subject's national series of one definition, one for each length of period, the longest periods first.

    Parameters
    ----------
    table : DataFrame
        As-of observations.
    entries : DataFrame
        All observations that the edition may know, every vintage: by them sources are found comparable or not.

    Returns
    -------
    list of DataFrame
        Rows of the as-of table, oldest first, that stand in one segment with their newest.
    """
    own, every = (
        rows[(rows["subject"] == subject) & (rows["area"] == "VN") & (rows["dims"] == "")] for rows in (table, entries)
    )
    rows = of_targets.present(own[(own["item"] == "") & ~own["period"].str.contains("/")], known)
    rows = rows.sort_values("period_end", kind="stable")
    found = []
    for _, alike in rows.groupby(rows["period"].map(periods.months), sort=True):
        newest = alike.iloc[-1]
        found.append(vintages.one_series(every, alike[alike["unit"] == newest["unit"]], newest))
    return found[::-1]


def of_kpi(
    catalogue: Catalogue, table: pd.DataFrame, entries: pd.DataFrame, known: pd.Timestamp, code: str, ahead: bool = True
) -> pd.DataFrame:
    """Return the near series of a KPI, or of a code that is the same as one.

    Parameters
    ----------
    catalogue, table, entries, known
        As :func:`histories` takes them.
    ahead : bool
        Whether the series are forecast too (it takes the forecasts' libraries).

    Returns
    -------
    DataFrame
        :data:`COLUMNS`, best first: months is the length of a period (1, 3, 12), value the newest, row its observation; median and its 80% interval
        of the period ``to`` (2030, or the farthest that was calibrated); where there is no forecast, reason says why.
    """
    own = catalogue.proxies[catalogue.proxies["kpi"].isin(same_as(catalogue, code))]
    rows: list[dict[str, Any]] = []
    for entry in own.sort_values(["kpi", "order"], kind="stable").to_dict("records"):
        told = {name: entry[name] for name in ("kpi", "proxy", "role")} | {"how": entry["how_vi"]}
        told |= {"name": catalogue.names[entry["proxy"]], "unit": catalogue.subject_units[entry["proxy"]]}
        for history in histories(table, entries, entry["proxy"], known):
            last = history.iloc[-1]
            found = told | {"months": periods.months(last["period"]), "points": len(history)}
            found |= {"first": history["period"].iloc[0], "last": last["period"], "value": last["value"]}
            later = _ahead(history, entry, known) if ahead else {}
            rows.append(found | {"row": last["id"]} | later)
    return pd.DataFrame(rows, columns=COLUMNS)


def _even_tail(history: pd.DataFrame) -> pd.DataFrame:
    """Return the newest rows of a yearly series that stand evenly apart (a survey that became one of every two years)."""
    years = history["period"].str[:4].astype(int).to_numpy()
    gaps = years[1:] - years[:-1]
    apart = (gaps != gaps[-1]).nonzero()[0]
    return history.iloc[apart[-1] + 1 :] if len(apart) else history


def _ahead(history: pd.DataFrame, entry: dict[str, Any], known: pd.Timestamp) -> dict[str, Any]:
    """Return the forecast of a near series' last reachable period up to 2030, or the reason why there is none."""
    from nq57lab.forecast import learned, run
    from nq57lab.forecast import series as series_of

    nothing = {"to": "", "median": math.nan, "lo_80": math.nan, "hi_80": math.nan}
    if entry["role"] == "contrast":
        return nothing | {"reason": reason("refused", why=reason("contrast_series"))}
    ends = {end: "" if math.isnan(entry[end]) else entry[end] for end in ("lower", "upper")}
    frame = history.assign(series_id="", kind=entry["kind"], **ends)
    frame = frame[["series_id", "period", "value", "kind", "lower", "upper"]]
    found, refused = series_of.prepare(frame)
    if not found and frame["period"].str.len().eq(4).all() and len(frame) > 1:
        frame = _even_tail(frame)
        found, _ = series_of.prepare(frame)
    if not found:
        return nothing | {"reason": refused[""]}
    one = found[0]
    reach = run.REPORTED[one.frequency]
    steps = min(reach, learned.load(one.frequency).horizon)
    if one.frequency == "yearly":
        steps = min(steps, max(1, math.ceil((YEAR - one.last) / one.step)))
    last = run.forecast(frame, steps, (LEVEL,)).iloc[-1]
    if pd.Timestamp(periods.end(last["period"])) < known:
        why = reason("ends_early", last=one.period(0), found=last["period"])
        return nothing | {"reason": reason("refused", why=why)}
    return {"to": last["period"], "reason": ""} | {name: float(last[name]) for name in ("median", "lo_80", "hi_80")}


def of_edition(edition: Edition, code: str = "", ahead: bool = True) -> pd.DataFrame:
    """Return :func:`of_kpi` of one code as an edition knows it; without a code of every macro KPI."""
    known = edition.known_tables

    def make() -> pd.DataFrame:
        codes = [code] if code else list(edition.catalogue.indicators.query("layer == 'M'")["code"])
        told = known.catalogue, known.table, known.entered_rows, pd.Timestamp(edition.known)
        parts = [of_kpi(*told, each, ahead) for each in codes]
        return pd.concat([part for part in parts if len(part)] or [pd.DataFrame(columns=COLUMNS)], ignore_index=True)

    return known.derived(f"near series {code} {ahead}", make)


def shown(edition: Edition, code: str, lang: str = "vi") -> pd.DataFrame:
    """Return the near series of a code in words, without forecasts: proxy, name, role, value, period, how."""
    rows = of_edition(edition, code, ahead=False)
    sources = edition.known_tables.table.set_index("id", drop=False)
    written = [edition.figures.write(edition.figures.of_row(sources.loc[row]), markup=False) for row in rows["row"]]
    named = {"value": written, "role": rows["role"].map(ROLES) if lang == "vi" else rows["role"]}
    when = rows["last"].map(wording.period) if lang == "vi" else rows["last"]
    return rows.assign(period=when, **named)[["proxy", "name", "role", "value", "period", "how"]]


def finding(edition: Edition) -> Piece:
    """Return the sentence on the near series: how many KPIs have one, and that none of them enters a verdict."""
    edition.figures.place = "chỉ báo gần"
    rows, kpis = of_edition(edition), edition.catalogue.indicators.query("layer == 'M'")
    tables = ("proxies.csv",)
    ahead = rows.loc[rows["reason"] == "", "kpi"].nunique()
    return edition.piece(
        f"**{edition.count(rows['kpi'].nunique(), 'số KPI có chỉ báo gần', tables)} trong {edition.count(len(kpis), 'số KPI vĩ mô', tables)} KPI vĩ mô có chỉ báo gần để xem trong khi chờ số "
        f"của chính KPI; {edition.count(ahead, 'số KPI có chỉ báo gần dự báo được', tables)} KPI có chỉ báo gần đủ dài để dự báo.** "
        "Chỉ báo gần khác định nghĩa với KPI: không thay số của KPI, không dùng để đánh giá mục tiêu."
    )


def table(edition: Edition, code: str = "") -> Piece:
    """Return the near series as a table: newest figure, length, forecast or why there is none, and how they differ from the KPI."""
    edition.figures.place = "bảng chỉ báo gần"
    rows, sources = of_edition(edition, code), edition.known_tables.table.set_index("id", drop=False)
    if rows.empty:
        return Piece("Chưa có chuỗi nào có số để làm chỉ báo gần của mã này.")
    start, cells = len(edition.figures.trace), []
    for row in rows.to_dict("records"):
        seen, ids = sources.loc[row["row"]], (row["row"],)
        newest = edition.figures.write(edition.figures.of_row(seen))
        points = edition.count(row["points"], f"số kỳ của {row['proxy']}", ids)
        if row["reason"]:
            ahead = edition.because(dict(row["reason"].details)["why"], ids)
        else:
            middle, low, high = (_number(edition, row, name, seen["source"]) for name in ("median", "lo_80", "hi_80"))
            ahead = f"{wording.period(row['to'])}: {middle} ({low} đến {high})"
        how = plain_numbers.constants(row["how"], "số trong lời giải thích của danh mục")
        cells.append(
            [
                row["kpi"],
                plain_numbers.constants(row["name"], "tên chuỗi"),
                ROLES[row["role"]],
                newest,
                wording.period(row["last"]),
                points,
                ahead,
                how,
            ]
        )
    note = (
        f"Dự báo: trung vị và khoảng {plain_numbers.constant('80%', 'mức của khoảng dự báo')}, là ước lượng nghiên cứu. Chỉ báo gần không thay số của KPI "
        "và không dùng để đánh giá mục tiêu."
    )
    label = f"tbl-chi-bao-gan{'-' + code.lower().replace('.', '-').replace('_', '-') if code else ''}"
    columns = "l7 KPI | l20 Chỉ báo gần | l8 Loại | r9 Số mới nhất | l8 Kỳ | r6 Số kỳ | l17 Dự báo | l25 Vì sao xem, khác KPI ở đâu"
    return edition.table(cells, "Chỉ báo gần của các KPI vĩ mô", label, columns, note, since=start)


def _number(edition: Edition, row: dict[str, Any], name: str, source: str) -> str:
    """Write a number of a near series' forecast."""
    words = {"median": "trung vị dự báo", "lo_80": "cận dưới của dự báo", "hi_80": "cận trên của dự báo"}[name]
    places = 0 if abs(row["value"]) >= 1000 else 2 if abs(row["value"]) < 10 else 1
    told = {"decimals": places, "sources": (source,), "period": row["to"]}
    return edition.computed(row[name], f"{words} của {row['proxy']}", (row["row"],), **told)
