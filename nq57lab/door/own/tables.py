"""The same methods on anybody's own table: forecasts, targets, feedback loops; no project is needed.

A frame in, checked as the command line checks a file; a result out.
"""

import math
from typing import Any

import networkx as nx
import pandas as pd

from nq57lab.base import periods, wording
from nq57lab.base.problems import CallError, Problem, ProblemError
from nq57lab.documents.edition import Edition, Piece, builder, words
from nq57lab.door import asked, shown
from nq57lab.door.own.page import OwnPage, text_cells
from nq57lab.door.result import Result

OWN = "bảng của người dùng"
MOST_NODES = 40  # of a drawn graph


def forecast(frame: pd.DataFrame, horizon: int = 4, levels: tuple[float, ...] = (80, 95)) -> Result:
    """Forecast every series of a table.

    Parameters
    ----------
    frame : DataFrame
        series_id, period (a year or a quarter, "2024-Q1"), value; optional kind (share, count, rank, level, growth), lower, upper.
    horizon : int
        Periods ahead.
    levels : tuple of float
        Levels of the central intervals, per cent.

    Returns
    -------
    Result
        As :func:`nq57lab.forecast.run.forecast`, with date (the period's last day); a series that cannot be forecast has one row with its
        reason in note. Chart: fans (of the first six series).

    Raises
    ------
    ProblemError, CallError
        For a wrong table, horizon or level.
    """
    from nq57lab.forecast import run, series

    rows = _frame(frame, series.REQUIRED, "forecast").copy()
    rows["period"] = [_text(value) for value in rows["period"]] if "period" in rows else ""
    rows["series_id"] = [str(value) for value in rows["series_id"]] if "series_id" in rows else ""
    series.check_columns(frame, OWN)
    if isinstance(horizon, bool) or not isinstance(horizon, int):
        raise CallError(
            [Problem("horizon", "horizon", found=str(horizon), details={"limit": run.REPORTED["quarterly"]})]
        )
    try:
        found = run.forecast(rows, horizon, levels)
    except CallError as error:
        raise CallError(_renamed(error)) from None
    dates = [pd.Timestamp(periods.end(text)) if text else pd.NaT for text in found["period"]]
    found.insert(2, "date", pd.to_datetime(pd.Series(dates, index=found.index)))
    page = OwnPage(OWN)

    def finding() -> Piece:
        page.figures.place = "dự báo"
        good = found[found["median"].notna()].drop_duplicates("series_id", keep="last")
        bad = found[found["median"].isna()]
        whole = page.count(found["series_id"].nunique(), "số chuỗi", (OWN,))
        text = f"**Trong {whole} chuỗi, {page.count(len(good), 'số chuỗi dự báo được', (OWN,))} chuỗi dự báo được.**"
        if len(good):
            row = good.iloc[0]
            text += f" {row['series_id']}: trung vị {_number(page, row['median'])} ({wording.period(row['period'])}), {_interval(page, row, levels)}."
        if len(bad):
            text += f" {bad['series_id'].iloc[0]}: {bad['note'].iloc[0]}."
        return page.piece(text)

    charts = {"fans": _fans(rows, found)} if {80, 95} <= {float(level) for level in levels} else {}
    return Result(found, "Dự báo", page, finding, charts=charts, name="du-bao", notes=_forecast_note(found))


FREQUENCIES = {
    r"\d{4}": ("yearly", "năm"),
    r"\d{4}-Q\d": ("quarterly", "quý"),
    r"\d{4}-\d\d": ("monthly", "tháng"),
}


def _forecast_note(found: pd.DataFrame) -> str:
    from nq57lab.forecast import evidence

    done = found[found["median"].notna()]
    if done.empty:
        return ""
    held = []
    for shape, (frequency, name) in FREQUENCIES.items():
        if done["period"].str.fullmatch(shape).any():
            seen = evidence.overall(frequency, 80)
            share, error = (wording.number(100 * value, 1) for value in (seen.coverage, seen.error))
            held.append(
                f"trên {wording.number(seen.series)} chuỗi {name} của cuộc thi M3 khoảng 80% chứa {share}% ± {error} giá trị thật"
            )
    return (
        f"Mô hình: {', '.join(done['model'].unique())}; học trên chỉ số năm của các nước khác, M1 và Tourism. Đo trên chuỗi mà việc học không đọc: "
        f"{'; '.join(held)} (±: nửa khoảng tin cậy 95%, gộp theo chuỗi)."
    )


def _number(page: Edition, value: float, markup: bool = True) -> str:
    return page.computed(float(value), "dự báo", (OWN,), decimals=shown.decimals(float(value)), markup=markup)


def _interval(page: Edition, row: pd.Series, levels: tuple[float, ...]) -> str:
    name = f"{levels[0]:g}"
    return f"khoảng {name}% từ {_number(page, row[f'lo_{name}'])} đến {_number(page, row[f'hi_{name}'])}"


@builder
def _fans(edition: Edition, rows: pd.DataFrame, found: pd.DataFrame):
    """Return the fans of the first six series that are forecast."""
    from nq57lab.documents.edition import MissingFigure
    from nq57lab.forecast import charts

    names = found.loc[found["median"].notna(), "series_id"].drop_duplicates().head(6).tolist()
    if not names:
        raise MissingFigure("forecasts")
    drawn: list[dict[str, Any]] = []
    for name in names:
        seen = rows[rows["series_id"] == name].dropna(subset=["value"])
        seen = seen.assign(at=[periods.decimal_year(text) for text in seen["period"]]).sort_values("at")
        turned = "kind" in seen and bool((seen["kind"] == "rank").all())
        about = {"name": name, "unit": "giá trị", "turned": turned, "label": "", "odd": ""}
        drawn += [
            about | {"part": "history", "year": row.at_, "value": row.value}
            for row in seen.rename(columns={"at": "at_"}).itertuples()
        ]
        drawn[-1]["label"] = _number(edition, seen["value"].iloc[-1], markup=False)
        last = seen.iloc[-1]
        ends = ("lo_80", "hi_80", "lo_95", "hi_95")
        drawn.append(
            about
            | {"part": "forecast", "year": last["at"], "value": last["value"], **dict.fromkeys(ends, last["value"])}
        )
        for row in found[found["series_id"] == name].to_dict("records"):
            own = {end: row[end] for end in ends}
            drawn.append(
                about | {"part": "forecast", "year": periods.decimal_year(row["period"]), "value": row["median"], **own}
            )
        drawn[-1]["label"] = _number(edition, drawn[-1]["value"], markup=False)
        low, high = (_number(edition, drawn[-1][end], markup=False) for end in ("lo_80", "hi_80"))
        drawn[-1]["range"] = f"80%: {low} – {high}"
    data = pd.DataFrame(drawn)
    title = f"Dự báo {edition.count(len(names), 'số chuỗi được vẽ', (OWN,), markup=False)} chuỗi"
    subtitle = "Nét liền: số liệu; nét chấm: trung vị dự báo; dải đậm, dải nhạt: khoảng dự báo 80% và 95%"
    said = "; ".join(
        f"{name}: trung vị cuối {wording.number(part['value'].iloc[-1], 2)}"
        for name, part in data.groupby("name", sort=False)
    )
    return (lambda size: charts.fans(data, size=size)), words(title, subtitle, "Dự báo", f"Biểu đồ quạt: {said}.")


def evaluate_targets(frame: pd.DataFrame, history: pd.DataFrame | None = None, method: str = "eurostat") -> Result:
    """Set five published progress methods side by side on a table of targets.

    Parameters
    ----------
    frame : DataFrame
        id, base_year, base_value, current_year, current_value, target_year, target, direction (1 higher is better, −1 lower); optional columns of
        ``nq57 targets evaluate``.
    history : DataFrame, optional
        id, period, value: with it the probability too.
    method : str
        The method that the others agree with or not: eurostat, un, escap, sdsn, p.

    Returns
    -------
    Result
        :data:`nq57lab.targets.evaluate.COLUMNS`, one row a case. Table: methods. Chart: methods.

    Raises
    ------
    ProblemError, CallError
        With every problem of the tables; for an unknown method.
    """
    from nq57lab.targets import cases as of_cases
    from nq57lab.targets import evaluate as methods

    name = asked.one_of(method, methods.METHODS, "method")
    required = [column for column in of_cases.CASES.names if column not in of_cases.CASES.optional]
    cases = of_cases.check_cases(text_cells(_frame(frame, required, "evaluate_targets")), OWN)
    rows = None
    if history is not None:
        rows = of_cases.check_history(text_cells(_frame(history, of_cases.HISTORY.names, "history")), cases, "history")
    found = methods.evaluate(cases, rows, methods.probability(cases, rows), name)
    page = OwnPage(OWN)
    table = _judged(found)

    def finding() -> Piece:
        page.figures.place = "tiến độ mục tiêu"
        standing = methods.classes(found)[name]
        on, judged = (standing == "on").sum(), (standing != "").sum()
        whole, said = (
            page.count(len(found), "số mục tiêu", (OWN,)),
            page.count(judged, "số mục tiêu đánh giá được", (OWN,)),
        )
        good = page.count(on, "số mục tiêu đạt hoặc kịp tiến độ", (OWN,))
        text = f"**Trong {whole} mục tiêu, {said} mục tiêu đánh giá được theo {methods.METHODS[name]}, {good} mục tiêu đã đạt hoặc kịp tiến độ.**"
        return page.piece(text)

    def written() -> Piece:
        return shown.table(page, table, "Các phương pháp đánh giá từng mục tiêu", "tbl-phuong-phap", methods.LEGEND)

    return Result(
        found,
        "Tiến độ các mục tiêu",
        page,
        finding,
        tables={"methods": written},
        charts={"methods": _matrix(found)},
        name="muc-tieu",
    )


def _judged(found: pd.DataFrame) -> pd.DataFrame:
    """Return every method's verdict in words and what is required, with heads in words."""
    from nq57lab.targets import disagreement
    from nq57lab.targets import evaluate as methods
    from nq57lab.targets.methods import trajectory

    cells = {"Mục tiêu": found["id"].astype(str)}
    for name in methods.METHODS:
        status = found[f"{name}_status"]
        cells[wording.capital(disagreement.SHORT[name])] = [
            f"{methods.SYMBOLS[text]} {methods.word(name, text)}" for text in status
        ]
    years = ["–" if math.isnan(year) else str(trajectory.first_year(year)) for year in found["arrival_year"]]
    table = pd.DataFrame(cells).assign(**{"Cần mỗi năm": found["required_change"], "Năm tới đích": years})
    told = (found["caution"] != "").any()
    return table.assign(**{"Lưu ý": [cell or "–" for cell in found["caution"].map(str)]}) if told else table


@builder
def _matrix(edition: Edition, found: pd.DataFrame):
    from nq57lab.targets import charts, disagreement
    from nq57lab.targets import evaluate as methods

    rows = [
        {
            "name": str(row["id"]),
            "method": wording.capital(disagreement.SHORT[name]),
            "klass": methods.CLASS_OF[name].get(row[f"{name}_status"], ""),
            "word": methods.word(name, row[f"{name}_status"]),
        }
        for row in found.to_dict("records")
        for name in methods.METHODS
    ]
    data = pd.DataFrame(rows)
    labels = data["method"].drop_duplicates().tolist()
    title = f"Năm phương pháp trên {edition.count(len(found), 'số mục tiêu', (OWN,), markup=False)} mục tiêu"
    said = "; ".join(
        f"{row.name_}, {row.method}: {row.word}" for row in data.rename(columns={"name": "name_"}).itertuples()
    )
    subtitle = "Tròn: kịp mốc; thoi: tiến nhưng không kịp; tam giác: đứng yên hoặc lùi; ô xám: không áp dụng"
    return (lambda size: charts.method_matrix(data, methods=labels, size=size)), words(
        title, subtitle, "Kết luận của các phương pháp", f"Ma trận: {said}."
    )


def loops(links: pd.DataFrame) -> Result:
    """Find the feedback loops of a table of signed links.

    Parameters
    ----------
    links : DataFrame
        source, target, polarity (1, −1 or "?"); optional strength, delay (years), evidence.

    Returns
    -------
    Result
        id, nodes (joined by ">"), length, polarity, kind (reinforcing, balancing, indeterminate), weakest_evidence, origin, stated_loop. Tables:
        loops, nodes. Chart: diagram (up to 40 nodes).

    Raises
    ------
    ProblemError
        With every problem of the table.
    """
    from nq57lab.loops import analysis, graph

    text = text_cells(_frame(links, ("source", "target", "polarity"), "loops"))
    checked = graph.check_links(text, OWN)
    found = analysis.analyse(checked)
    page, said = OwnPage(OWN), found.summary

    def finding() -> Piece:
        page.figures.place = "vòng phản hồi"
        numbers = {
            name: page.count(said[name], name, (OWN,))
            for name in ("nodes", "links", "loops", "reinforcing", "balancing", "indeterminate")
        }
        rest = f", {numbers['indeterminate']} chưa rõ dấu" if said["indeterminate"] else ""
        part = "" if said["complete"] else " Danh sách vòng chưa đầy đủ: đồ thị quá lớn."
        text = (
            f"**{numbers['nodes']} nút và {numbers['links']} liên kết tạo thành {numbers['loops']} vòng: "
            f"{numbers['reinforcing']} tự tăng cường, {numbers['balancing']} cân bằng{rest}.**{part}"
        )
        return page.piece(text)

    nodes = found.nodes.drop(columns=["leverage_draws"], errors="ignore")
    return Result(
        found.loops,
        "Các vòng phản hồi",
        page,
        finding,
        tables={
            "loops": lambda: shown.table(page, _loops_in_words(found.loops), "Các vòng phản hồi", "tbl-vong"),
            "nodes": lambda: shown.table(page, nodes, "Các nút", "tbl-nut"),
        },
        charts={"diagram": _diagram(checked)} if len(found.nodes) <= MOST_NODES else {},
        name="vong",
    )


def _loops_in_words(loops: pd.DataFrame) -> pd.DataFrame:
    from nq57lab.loops.evidence import grades

    kinds = {"reinforcing": "tự tăng cường", "balancing": "cân bằng", "indeterminate": "chưa rõ dấu"}
    shown = loops.assign(
        nodes=loops["nodes"].str.replace(">", " → "),
        kind=loops["kind"].map(kinds),
        weakest_evidence=loops["weakest_evidence"].map(grades.grades_in_words()).fillna("–"),
    )
    return shown[["id", "nodes", "length", "kind", "weakest_evidence"]]


@builder
def _diagram(edition: Edition, links: pd.DataFrame):
    from nq57lab.loops import charts

    graph = nx.DiGraph(list(zip(links["source"], links["target"], strict=True)))
    places = nx.kamada_kawai_layout(graph.to_undirected(), scale=1.0) if len(graph) > 2 else nx.circular_layout(graph)
    step = max(1.5, len(graph) / 4)
    nodes = pd.DataFrame(
        [
            {
                "id": node,
                "short_vi": str(node),
                "name_vi": str(node),
                "kind": "factor",
                "x": x * step,
                "y": y * step,
            }
            for node, (x, y) in places.items()
        ]
    )
    data = links.assign(x_loop="", evidence=links["evidence"].where(links["evidence"] != "", "stated"))
    count = edition.count(len(links), "số liên kết", (OWN,), markup=False)
    minus = edition.count((links["polarity"] == "-1").sum(), "số liên kết ngược chiều", (OWN,), markup=False)
    title = f"{count} liên kết, trong đó {minus} ngược chiều"
    alt = (
        "Sơ đồ nhân quả: "
        + "; ".join(f"{row.source} → {row.target} ({row.polarity})" for row in links.itertuples())
        + "."
    )
    return (lambda size: charts.diagram(nodes, data, [], size=size)), words(
        title, "Đồ thị nhân quả có dấu", "Sơ đồ vòng nhân quả", alt
    )


def _frame(value: Any, columns, where: str) -> pd.DataFrame:
    """Refuse what is no table."""
    if not isinstance(value, pd.DataFrame):
        details = {"columns": ", ".join(columns)}
        raise CallError([Problem("own_frame", where, found=type(value).__name__, details=details)])
    if value.empty:
        raise ProblemError([Problem("empty", OWN)])
    if len(twice := value.columns[value.columns.duplicated()]):
        raise ProblemError(Problem("index_column_twice", OWN, 1, str(name), str(name)) for name in twice)
    return value


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _renamed(error: ProblemError) -> list[Problem]:
    """Return the problems of a command's options as those of a call's arguments."""
    return [
        Problem(p.code, p.file.removeprefix("--"), p.row, p.column, p.found, p.details, p.head) for p in error.problems
    ]
