"""The charts of targets in a report: each builder takes an edition and returns a drawing and its words."""

import pandas as pd

from nq57lab.base import wording
from nq57lab.documents.edition import Drawn, Edition, MissingFigure, alternative, builder, words
from nq57lab.targets import charts, disagreement, pages
from nq57lab.targets import evaluate as methods
from nq57lab.targets.methods import trajectory
from nq57lab.targets.pages import Following

MIN_POINTS = 3  # a path needs more than its two ends


def value_and_goal(edition: Edition, row) -> tuple[str, str]:
    """Write a target's present value and its aim."""
    rows = edition.known_tables.measured
    value = edition.figures.write(edition.figures.of_row(rows[rows["id"] == row["row"]].iloc[0]), markup=False)
    goal = wording.target(row["comparator"], row["target"], row["target_high"], row["unit"])
    return value, edition.figures.note(
        goal, row["target"], rows=("targets.csv",), source=row["source"].partition(",")[0], markup=False
    )


@builder
def bullets(edition: Edition, following: Following) -> Drawn:
    """Return the bullets: each target's value and trajectory as shares of the target."""
    rows = pages.assessable(following)
    rows = rows[(rows["aim"] > 0) & (rows["value"] > 0)]
    if rows.empty:
        raise MissingFigure("targets")
    frame = []
    for _, row in rows.iterrows():
        value, goal = value_and_goal(edition, row)
        share = row["value"] / row["aim"] if row["direction"] > 0 else row["aim"] / row["value"]
        line = row["trajectory"] / row["aim"] if row["direction"] > 0 else row["aim"] / row["trajectory"]
        name = edition.catalogue.short[row["indicator"]]
        when = wording.period(row["period"])
        frame.append(
            {
                "name": name,
                "value": 100 * share,
                "trajectory": 100 * line,
                "label": f"{value} ({when}); mục tiêu {goal}",
            }
        )
    data = pd.DataFrame(frame).sort_values("value", ascending=False, kind="stable", ignore_index=True)
    met = int((rows["verdict"] == "target_achieved").sum())
    said = wording.number(met), wording.number(len(rows))
    title = f"{said[0]} trong {said[1]} mục tiêu đến năm {following.milestone} có số liệu đã ở mức mục tiêu"
    alt = alternative("Biểu đồ thanh giá trị so với mục tiêu", data["name"] + ": " + data["label"], title)
    subtitle = f"Giá trị mới nhất tính bằng % của mục tiêu năm {following.milestone} (thứ hạng: mục tiêu chia giá trị). Xanh: đã đạt; cam: còn thiếu; hình thoi: mục tiêu; vạch xám: quỹ đạo đường thẳng từ gốc"
    return (lambda size: charts.bullets(data, size=size)), words(
        title, subtitle, f"Giá trị, quỹ đạo và mục tiêu đến năm {following.milestone}", alt
    )


@builder
def paths(edition: Edition, following: Following) -> Drawn:
    """Return the paths: history, trajectory from the base, and the slope required from now, one panel a target."""
    rows = pages.assessable(following)
    rows = rows[(rows["points"] >= MIN_POINTS) & (rows["verdict"] != "target_achieved")]
    if rows.empty:
        raise MissingFigure("targets")
    parts = [_path_rows(edition, row, following.near.history) for _, row in rows.iterrows()]
    data = pd.concat(parts, ignore_index=True)
    listed = [
        f"{edition.catalogue.short[row['indicator']]} phải đổi {edition.figures.write(pages.required_figure(edition, row, 'required'), markup=False)} mỗi năm kể từ {wording.period(row['period'])}"
        for _, row in rows.iterrows()
    ]
    title = _steepest(edition, rows)
    alt = alternative("Biểu đồ đường", listed, title)
    subtitle = f"Nét liền xanh: số liệu; nét chấm xám: quỹ đạo đường thẳng từ gốc; nét đứt: tốc độ phải đạt từ kỳ của số liệu; hình thoi: mục tiêu năm {following.milestone}"
    return (lambda size: charts.paths(data, size=size)), words(
        title, subtitle, f"Quỹ đạo và tốc độ phải đạt đến năm {following.milestone}", alt
    )


def _steepest(edition: Edition, rows: pd.DataFrame) -> str:
    """Say which series must speed up most, and how many times its pace since the base."""
    times = (rows["required"] / rows["pace"]).where(rows["pace"] * rows["required"] > 0).dropna()
    if times.empty:
        return f"Độ dốc phải đạt đến năm {rows['milestone'].iloc[0]}"
    row = rows.loc[times.idxmax()]
    how = "mức phải đổi mỗi năm ÷ mức đổi bình quân năm từ năm gốc"
    inputs = (row["row"], row["baseline_row"], "targets.csv")
    most = edition.computed(times.max(), how, inputs, unit="lần", decimals=1, markup=False)
    name = edition.catalogue.short[row["indicator"]]
    return f"{name} phải đổi nhanh gấp {most} tốc độ từ năm gốc"


def _path_rows(edition: Edition, row: pd.Series, history: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of one panel."""
    value, goal = value_and_goal(edition, row)
    name = edition.catalogue.short[row["indicator"]]
    own = history[history["id"] == row["id"]]
    years = own["period"].str[:4].astype(int)
    seen = pd.DataFrame({"part": "history", "year": years.to_numpy(), "value": own["value"].to_numpy(), "label": ""})
    seen.loc[seen.index[-1], "label"] = value
    end, now = int(row["milestone"]), int(row["period"][:4])
    needed = pd.DataFrame({"part": "required", "year": [now, end], "value": [row["value"], row["aim"]], "label": ""})
    target = pd.DataFrame({"part": "target", "year": [end], "value": [row["aim"]], "label": [goal]})
    parts = [seen, needed, target]
    base = row["baseline"]
    if base == base and row["baseline_period"][:4] < row["period"][:4]:
        start = int(row["baseline_period"][:4])
        line = [float(trajectory.value_on(base, start, row["aim"], end, year)) for year in (start, end)]
        parts.insert(1, pd.DataFrame({"part": "trajectory", "year": [start, end], "value": line, "label": ""}))
    joined = pd.concat(parts, ignore_index=True)
    return joined.assign(name=name, unit=row["unit"], turned=bool(row["direction"] < 0))


@builder
def method_matrix(edition: Edition, following: Following) -> Drawn:
    """Return the matrix of what every method says of every target."""
    rows = pages.judged(edition, following)
    if rows.empty:
        raise MissingFigure("targets")
    frame, differ = [], 0
    for row in rows.to_dict("records"):
        differ += disagreement.differ(row, following.shown)
        value_and_goal(edition, row)  # so that the chart names the sources of the figures it judges
        for name in following.shown:
            status = row[f"{name}_status"]
            frame.append(
                {
                    "name": row["name"],
                    "method": wording.capital(disagreement.SHORT[name]),
                    "klass": methods.CLASS_OF[name].get(status, ""),
                    "word": methods.word(name, status) if status != "not_available" else "không áp dụng",
                }
            )
    data = pd.DataFrame(frame)
    labels = [wording.capital(disagreement.SHORT[name]) for name in following.shown]
    whole = wording.number(len(rows))
    title = f"Các phương pháp khác nhau ở {wording.number(differ)} trong {whole} mục tiêu có số liệu"
    title = title if differ else f"Không có mục tiêu nào trong {whole} mục tiêu có số liệu mà các phương pháp trái nhau"
    goals = "2030 (hoặc 2045 nếu mốc 2030 không nêu số)" if following.milestone == "2030" else following.milestone
    subtitle = f"Mục tiêu bằng số đến năm {goals}. Tròn: kịp mốc; vuông: tiến nhưng không kịp; tam giác: đứng yên hoặc lùi; ô xám: không áp dụng"
    listed = (f"{r.name}, {r.method}: {r.word}" for r in data.itertuples(index=False))
    alt = alternative(f"Ma trận {len(rows)} mục tiêu theo {len(labels)} phương pháp", listed, title)
    return (lambda size: charts.method_matrix(data, methods=labels, size=size)), words(
        title, subtitle, "Kết luận của các phương pháp về từng mục tiêu", alt
    )
