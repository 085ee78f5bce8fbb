"""What lies ahead: the forecast of one code, and the chance of the targets of a milestone.

A lab in; results out, from the prospect that reports write from (:mod:`nq57lab.outlook.prospect`).
"""

import math

import pandas as pd

from nq57lab.base import wording
from nq57lab.base.problems import CallError, Problem, ProblemError
from nq57lab.documents.edition import Edition, Piece
from nq57lab.door import asked, targets
from nq57lab.door.result import Result, Session
from nq57lab.forecast import learned
from nq57lab.forecast.bench import pages as bench_pages
from nq57lab.outlook import figures, macro, pages, proxies, scenario_pages
from nq57lab.outlook.prospect import Case, Prospect
from nq57lab.targets import macro_pages
from nq57lab.targets.pages import shows_probability


def forecast(lab: Session, code: str, to: int) -> Result:
    """Return the forecast of a code's national series of one definition.

    Parameters
    ----------
    lab : Session
    code : str
        A code of the catalogue; a macro KPI is measured as reports measure it.
    to : int
        The last year; the forecast of 2030 is the reports'.

    Returns
    -------
    Result
        series_id, period, date, mean, median, lo_80, hi_80, lo_95, hi_95 in the code's unit, model, points_used, note. ``notes`` says how the
        intervals were tested. Charts: fan.

    Raises
    ------
    CallError
        If the year is none or too far, or the series is too short: why, and what to look at instead.
    """
    prospect = lab.prospect
    row, history = _row(prospect, code)
    if row["reason"]:
        raise _refusal(code, to, history, row["reason"])
    last = str(history["period"].iloc[-1])
    quarterly = "Q" in last
    limit = learned.load("quarterly" if quarterly else "yearly").horizon
    year = int(to) if str(to).isdigit() else 0
    step = max(1, round((macro.YEAR - int(last[:4])) / row["ahead"])) if row["ahead"] > 0 else 1
    ahead = 4 * year + 3 - _quarter(last) if quarterly else (year - int(last[:4])) / step
    if not 0 < ahead <= limit:
        allowed = f"một năm sau {last}, không quá {limit} kỳ"
        raise CallError([Problem("values", "to", found=str(to), details={"allowed": allowed})])
    case = prospect.case_of(row.where(row.index != "ahead", ahead), history)
    if case.forecast["median"].isna().all():
        raise _refusal(code, to, history, case.forecast["note"].iloc[0])
    frame = case.forecast.assign(date=[_last_day(text) for text in case.forecast["period"]])
    first = [*("series_id", "period", "date"), *(name for name in frame if name not in ("series_id", "period", "date"))]
    page = lab.edition

    def finding() -> Piece:
        page.figures.place = f"dự báo {code}"
        end = case.forecast.iloc[-1]
        now, middle, low, high = (
            page.figures.write(prospect.figure(value, case, what))
            for value, what in (
                (history["value"].iloc[-1], "giá trị mới nhất"),
                (end["median"], f"{end['model']}: trung vị"),
                (end["lo_80"], f"{end['model']}: cận dưới 80%"),
                (end["hi_80"], f"{end['model']}: cận trên 80%"),
            )
        )
        text = f"**{case.name}: {now} năm {last[:4]}, trung vị dự báo năm {str(end['period'])[:4]} là {middle}, khoảng dự báo {pages.EIGHTY} từ {low} đến {high}.** "
        chance = prospect.shown and to == macro.YEAR and row["p_met"] == row["p_met"]
        text += f"Mục tiêu năm 2030: {pages.in_words(prospect, row['p_met'], case)} ({pages.LABEL})." if chance else ""
        return page.piece(text.strip())

    return lab.result(
        frame[first],
        f"Dự báo {code} đến năm {to}",
        finding,
        charts={"fan": figures.fan(prospect, case)},
        name=f"du-bao-{code.lower().replace('.', '-').replace('_', '-')}",
        notes=_held(page, prospect, case) + page._plain(pages.odd(prospect, [case])),
    )


def _refusal(code: str, to: int, history: pd.DataFrame, why: str) -> CallError:
    details = {"year": to, "reason": why}
    return CallError([Problem("not_forecast", code, found=f"{len(history)} số liệu cùng định nghĩa", details=details)])


def _held(page: Edition, prospect: Prospect, case: Case) -> str:
    """Say how the intervals were tested, where M3 has histories as short, as far ahead."""
    try:
        text = pages.held(prospect, case.row)
    except (LookupError, ValueError, ProblemError):
        return "Tầm dự báo này chưa được kiểm chứng"
    return page._plain(
        f"{pages.LABEL.capitalize()}. Kiểm chứng trên các chuỗi của một cuộc thi dự báo quốc tế: {text}."
    )


def _row(prospect: Prospect, code: str) -> tuple[pd.Series, pd.DataFrame]:
    """Return a code's row of the outlook and its history; a code without a 2030 target has a row without one."""
    for found in (prospect.outlook, prospect.others):
        rows = found.rows[(found.rows["kpi"] == code) | (found.rows["measure"] == code)]
        if len(rows):
            return rows.iloc[0], found.histories[rows["measure"].iloc[0]]
    edition = prospect.edition
    history = macro.series(edition.known_tables.measured, prospect.entries, code, edition.known)
    return macro.untargeted(edition.catalogue, code, history), history


def _quarter(period: str) -> int:
    return 4 * int(period[:4]) + int(period[-1]) - 1


def _last_day(period: str) -> pd.Timestamp:
    from nq57lab.base import periods

    return pd.Timestamp(periods.end(period))


def near(lab: Session, code: str = "") -> Result:
    """Return the near series ("chỉ báo gần") of a macro KPI, or of all: what to look at meanwhile, beside it and never in its place.

    Returns
    -------
    Result
        :data:`nq57lab.outlook.proxies.COLUMNS`: months is the length of a period, value the newest in unit, median, lo_80 and hi_80 the forecast of
        the period ``to``, reason why there is none. Table: near.
    """
    page = lab.edition
    return lab.result(
        proxies.of_edition(page, code),
        f"Chỉ báo gần của {code}" if code else "Chỉ báo gần của các KPI vĩ mô",
        lambda: proxies.finding(page),
        tables={"near": lambda: proxies.table(page, code)},
        name="chi-bao-gan",
    )


def outlook(lab: Session) -> Result:
    """Return what can be said of every quantity with a 2030 target: the twelve macro KPIs first.

    Returns
    -------
    Result
        :data:`nq57lab.outlook.macro.COLUMNS` and name: the series that measures a KPI and its length, the target, p_met (0 to 1, a research
        estimate; NaN for a public audience) or p_reason, and reason where nothing is forecast. Findings: chances, depends, calibration.
        Tables: macro, chances, years, scenarios, context, calibration. Charts: fans, depends, depends-others, scenarios, context,
        reliability, coverage.
    """
    prospect = lab.prospect
    parts = [part for part in (prospect.outlook.rows, prospect.others.rows) if len(part)]
    frame = pd.concat(parts or [prospect.others.rows], ignore_index=True)
    if not prospect.shown:
        frame["p_met"] = math.nan
    frame.insert(1, "name", frame["kpi"].map(lab.edition.catalogue.names))
    return lab.result(
        frame.assign(ahead=frame["ahead"].astype(float)),
        "Khả năng đạt các mục tiêu năm 2030",
        {
            "chances": lambda: pages.finding(prospect),
            "depends": lambda: pages.depends_finding(prospect),
            "calibration": lambda: scenario_pages.calibration_finding(prospect),
        },
        tables={
            "macro": lambda: pages.macro_table(prospect),
            "chances": lambda: pages.chances(prospect),
            "years": lambda: pages.by_year(prospect),
            "scenarios": lambda: scenario_pages.scenario_table(prospect),
            "context": lambda: pages.context_table(prospect),
            "calibration": lambda: scenario_pages.calibration(prospect),
        },
        charts={
            "fans": figures.fans(prospect),
            "depends": figures.depends(prospect),
            "depends-others": figures.depends(prospect, True),
            "scenarios": figures.scenarios(prospect),
            "context": figures.fans(prospect, context=True),
            "reliability": figures.reliability(prospect),
            "coverage": figures.coverage(prospect),
        },
        name="trien-vong",
    )


def later(lab: Session, year: int | str) -> Result:
    """Return what can be said of every quantity with a target for another milestone than 2030.

    Parameters
    ----------
    lab : Session
    year : int or str
        A milestone for which some target in the catalogue has a number: 2035, 2045.

    Returns
    -------
    Result
        As :func:`outlook`, the quantities with a target for that year; a year beyond what the method was validated for has no p_met and
        p_reason says so. Table: pace (what each target asks a year).

    Raises
    ------
    CallError
        If no target of that year has a number.
    """
    page, goals = lab.edition, lab.edition.catalogue.targets
    numbered = sorted(set(goals.loc[goals["value"].notna(), "milestone"]))
    if str(year) not in numbered:
        details = {"allowed": ", ".join(numbered)}
        raise CallError([Problem("outlook_year", "year", found=str(year), details=details)])
    known, then = page.known_tables, int(year)
    kpis = macro.outlook(known, then)
    parts = [part for part in (kpis.rows, macro.others(known, kpis, then).rows) if len(part)]
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[frame["target_id"] != ""].reset_index(drop=True)
    if not shows_probability(page):
        frame["p_met"] = math.nan
    frame.insert(1, "name", frame["kpi"].map(page.catalogue.names))

    def finding() -> Piece:
        page.figures.place = f"khả năng đạt mốc {then}"
        with_number = frame[frame["target"].notna() & (frame["points"] > 0)]
        asked = goals.loc[(goals["milestone"] == str(then)) & goals["value"].notna(), "indicator"].nunique()
        n, m, k = (
            page.count(number, how, ("targets.csv",))
            for number, how in (
                (asked, f"số đại lượng có mục tiêu bằng số mốc {then}"),
                (len(with_number), f"số đại lượng có mục tiêu bằng số mốc {then} và có số liệu"),
                (with_number["p_met"].notna().sum(), f"số mục tiêu mốc {then} có xác suất"),
            )
        )
        text = f"**Mốc {then}: {n} đại lượng có mục tiêu bằng số, {m} có số liệu, {k} có xác suất đạt.**"
        without = with_number[with_number["p_met"].isna()] if shows_probability(page) else with_number.iloc[:0]
        told = [f"{page.catalogue.short[row.kpi]}: {page.because(row.p_reason)}" for row in without.itertuples()]
        return page.piece(f"{text} {wording.capital('; '.join(told))}." if told else text)

    return lab.result(
        frame.assign(ahead=frame["ahead"].astype(float)),
        f"Khả năng đạt các mục tiêu năm {then}",
        finding,
        tables={"pace": lambda: macro_pages.pace_table(page, targets.following(page, str(then)))},
        name=f"trien-vong-{then}",
    )


def bench(lab: Session, series: str, models: str, horizon: int = 4, origins: int = 1) -> Result:
    """Return forecasting models tested on the same cuts of the same series; what was computed before is not computed again.

    Parameters
    ----------
    lab : Session
    series : str
        ``so-sanh`` (Viet Nam and twelve countries), a competition (m3-yearly, m3-quarterly, m1-yearly, tourism-yearly), or a CSV file of the
        project: series_id, period, value.
    models : str
        A YAML file of models in the project (:mod:`nq57lab.forecast.bench.user_models`).
    horizon, origins : int
        Periods ahead; rolling origins a series.

    Returns
    -------
    Result
        The league: one row a model, its errors and its coverage. Tables: league, reliability, published, failures. Charts: differences, pit.

    Raises
    ------
    ProblemError
        With every problem of the models or the series.
    """
    e = lab.edition
    texts = asked.text(series, "series"), asked.text(models, "models")
    sizes = asked.whole(horizon, "horizon"), asked.whole(origins, "origins")
    found = bench_pages.open_bench(e, *texts, *sizes)
    return lab.result(
        found.result.league.reset_index(drop=True),
        "Các mô hình dự báo trên cùng các lần cắt",
        lambda: bench_pages.finding(e, found),
        tables={
            "league": lambda: bench_pages.league(e, found),
            "reliability": lambda: bench_pages.reliability(e, found),
            "published": lambda: bench_pages.published(e, found),
            "failures": lambda: bench_pages.failures(e, found),
        },
        charts={"differences": bench_pages.differences(found), "pit": bench_pages.pit(found)},
        name="thu-mo-hinh",
    )
