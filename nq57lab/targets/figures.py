"""The charts of targets, links and comparators in a report: each builder takes an edition and returns a drawing and its words."""

from collections.abc import Callable

import pandas as pd

from nq57lab.base import wording
from nq57lab.charts import theme
from nq57lab.comparators import comparisons
from nq57lab.documents.edition import Edition, MissingFigure
from nq57lab.facts import comparators
from nq57lab.links import layout, matrix
from nq57lab.reports.review_charts import words
from nq57lab.targets import charts, disagreement, pages
from nq57lab.targets import evaluate as methods
from nq57lab.targets.methods import trajectory
from nq57lab.targets.pages import Following

MIN_POINTS = 3  # a path needs more than its two ends
Builder = Callable[[Edition], tuple[Callable[[theme.Size], charts.Drawing], dict]]


def _label(edition: Edition, row) -> tuple[str, str]:
    """Write a target's present value and its aim."""
    found = edition.rows[edition.rows["id"] == row["row"]]
    value = edition.figures.write(edition.figures.of_row(found.iloc[0]), markup=False)
    goal = wording.target(row["comparator"], row["target"], row["target_high"], row["unit"])
    return value, edition.figures.note(
        goal, row["target"], rows=("targets.csv",), source=row["source"][:4], markup=False
    )


def bullets(following: Following) -> Builder:
    """Return the builder of the bullets: each target's value and trajectory as shares of the target."""

    def build(edition: Edition):
        rows = pages.assessable(following)
        rows = rows[(rows["aim"] > 0) & (rows["value"] > 0)]
        if rows.empty:
            raise MissingFigure("targets")
        frame = []
        for _, row in rows.iterrows():
            value, goal = _label(edition, row)
            share = row["value"] / row["aim"] if row["direction"] > 0 else row["aim"] / row["value"]
            line = row["trajectory"] / row["aim"] if row["direction"] > 0 else row["aim"] / row["trajectory"]
            name = edition.catalogue.names[row["indicator"]].split(" (")[0]
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
        title = f"{said[0]} trong {said[1]} mục tiêu đến năm 2030 có số liệu đã ở mức mục tiêu"
        alt = (
            "Biểu đồ thanh giá trị so với mục tiêu: "
            + "; ".join(f"{r.name}: {r.label}" for r in data.itertuples(index=False))
            + f". {title}."
        )
        subtitle = "Giá trị mới nhất tính bằng % của mục tiêu năm 2030 (thứ hạng: mục tiêu chia giá trị). Vạch đen: mục tiêu; vạch cam: quỹ đạo đường thẳng từ gốc"
        return (lambda size: charts.bullets(data, size=size)), words(
            title, subtitle, "Giá trị, quỹ đạo và mục tiêu đến năm 2030", alt
        )

    return build


def paths(following: Following) -> Builder:
    """Return the builder of the paths: history, trajectory from the base, and the slope required from now, one panel a target."""

    def build(edition: Edition):
        rows = pages.assessable(following)
        rows = rows[(rows["points"] >= MIN_POINTS) & (rows["verdict"] != "target_achieved")]
        if rows.empty:
            raise MissingFigure("targets")
        parts = [_path_rows(edition, row, following.near.history) for _, row in rows.iterrows()]
        data = pd.concat(parts, ignore_index=True)
        listed = [
            f"{edition.catalogue.names[row['indicator']].split(' (')[0]} phải đổi {_change(edition, row)}"
            for _, row in rows.iterrows()
        ]
        title = _steepest(edition, rows)
        alt = "Biểu đồ đường: " + "; ".join(listed) + f". {title}."
        subtitle = "Nét liền xanh: số liệu; nét đứt: quỹ đạo đường thẳng từ gốc; nét cam: tốc độ phải đạt từ nay; hình thoi: mục tiêu năm 2030"
        return (lambda size: charts.paths(data, size=size)), words(
            title, subtitle, "Quỹ đạo và tốc độ phải đạt đến năm 2030", alt
        )

    return build


def _steepest(edition: Edition, rows: pd.DataFrame) -> str:
    """Say which series must speed up most, and how many times its pace since the base."""
    times = (rows["required"] / rows["pace"]).where(rows["pace"] * rows["required"] > 0).dropna()
    if times.empty:
        return "Độ dốc phải đạt đến năm 2030"
    row = rows.loc[times.idxmax()]
    how = "mức phải đổi mỗi năm ÷ mức đổi bình quân năm từ năm gốc"
    inputs = (row["row"], row["baseline_row"], "targets.csv")
    figure = edition.figures.literal(float(times.max()), "lần", decimals=1, rows=inputs, formula=how)
    name = edition.catalogue.names[row["indicator"]].split(" (")[0]
    return f"{name} phải đổi nhanh gấp {edition.figures.write(figure, markup=False)} tốc độ từ năm gốc"


def _change(edition: Edition, row: pd.Series) -> str:
    unit = "điểm phần trăm" if row["unit"] == "%" else row["unit"]
    figure = edition.figures.literal(
        float(row["required"]),
        unit,
        decimals=2,
        rows=(row["row"], "targets.csv"),
        formula="(mục tiêu − giá trị) ÷ số năm còn lại",
    )
    return f"{edition.figures.write(figure, markup=False)} mỗi năm"


def _path_rows(edition: Edition, row: pd.Series, history: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of one panel."""
    value, goal = _label(edition, row)
    name = edition.catalogue.names[row["indicator"]].split(" (")[0]
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


def method_matrix(following: Following) -> Builder:
    """Return the builder of the matrix of what every method says of every target."""

    def build(edition: Edition):
        rows = pages.judged(edition, following)
        if rows.empty:
            raise MissingFigure("targets")
        frame, differ = [], 0
        for row in rows.to_dict("records"):
            differ += disagreement.differ(row, following.shown)
            _label(edition, row)  # so that the chart names the sources of the figures it judges
            for name in following.shown:
                status = row[f"{name}_status"]
                frame.append(
                    {
                        "name": row["name"],
                        "method": wording.capital(disagreement.SHORT[name]),
                        "klass": methods.CLASS_OF[name].get(status, ""),
                        "word": methods.STATUSES[name][status].lstrip("↑↗→↓ ")
                        if status != "not_available"
                        else "không áp dụng",
                    }
                )
        data = pd.DataFrame(frame)
        labels = [wording.capital(disagreement.SHORT[name]) for name in following.shown]
        whole = wording.number(len(rows))
        title = f"Các phương pháp khác nhau ở {wording.number(differ)} trong {whole} mục tiêu có số liệu"
        title = (
            title if differ else f"Không có mục tiêu nào trong {whole} mục tiêu có số liệu mà các phương pháp trái nhau"
        )
        subtitle = "Mục tiêu bằng số đến năm 2030 (hoặc 2045 nếu mốc 2030 không nêu số). Tròn: kịp mốc; thoi: tiến nhưng không kịp; tam giác: đứng yên hoặc lùi; ô xám: không áp dụng"
        alt = (
            f"Ma trận {len(rows)} mục tiêu theo {len(labels)} phương pháp: "
            + "; ".join(f"{r.name}, {r.method}: {r.word}" for r in data.itertuples(index=False))
            + f". {title}."
        )
        return (lambda size: charts.method_matrix(data, methods=labels, size=size)), words(
            title, subtitle, "Kết luận của các phương pháp về từng mục tiêu", alt
        )

    return build


def comparator_dots(edition: Edition):
    """Return the dot plot of Viet Nam among the comparators on the macro KPIs' international series."""
    series = comparators.load(edition.root / "data")
    mapping = comparators.load_indicators(edition.catalogue, series)
    chosen = mapping[
        (mapping["macro"] != "")
        & (mapping["direction"] != 0)
        & ~mapping["key"].str.contains("_sdg2020|_derived|_owid|pwt_")
    ]
    frame, top = [], []
    for entry in chosen.itertuples():
        levels = comparisons.latest(series, entry.key)
        if len(levels) < 3 or comparisons.HOME not in levels.index:
            continue
        value = levels["value"] * entry.direction
        place = 100 * (value - value.min()) / (value.max() - value.min())
        position = int(value.rank(ascending=False, method="min")[comparisons.HOME])
        top.append(position <= len(levels) / 2)
        shown = _comparator_label(edition, series, entry, levels.loc[comparisons.HOME], position, len(levels))
        for iso3, spot in place.items():
            home = iso3 == comparisons.HOME
            frame.append(
                {
                    "name": entry.name_vi.split(" (")[0],
                    "country": comparators.COUNTRIES[str(iso3)],
                    "home": home,
                    "place": spot,
                    "label": shown if home else wording.number(float(levels.at[iso3, "value"]), 1),
                }
            )
    data = pd.DataFrame(frame)
    data["short"] = data["label"].str.replace(r" \(năm \d+\)", "", regex=True)
    title = f"Việt Nam ở nửa trên của nhóm so sánh trong {wording.number(sum(top))} trên {wording.number(len(top))} chỉ tiêu"
    subtitle = "Mỗi dòng xếp từ nước kém nhất đến nước tốt nhất trong 13 nước, năm mới nhất của Việt Nam (nước khác có thể sớm hơn tối đa hai năm); hình thoi: Việt Nam"
    home = data[data["home"]]
    alt = "Biểu đồ điểm: " + "; ".join(f"{r.name}: {r.label}" for r in home.itertuples(index=False)) + f". {title}."
    return (lambda size: charts.comparator_dots(data, size=size)), words(
        title, subtitle, "Việt Nam và mười hai nước so sánh", alt
    )


def _comparator_label(
    edition: Edition, series: pd.DataFrame, entry, level: pd.Series, position: int, whole: int
) -> str:
    """Write Viet Nam's value, year and position on a comparator series."""
    row = series[
        (series["indicator_key"] == entry.key)
        & (series["iso3"] == comparisons.HOME)
        & (series["year"] == level["year"])
    ].iloc[0]
    decimals = 3 if abs(level["value"]) < 1 else 1 if abs(level["value"]) < 1000 else 0
    figure = edition.figures.literal(
        float(level["value"]),
        entry.unit_vi if entry.unit_vi == "%" else "",
        decimals=decimals,
        rows=(f"series.parquet:{entry.key}:VNM:{int(level['year'])}",),
        formula=row["source"],
        period=str(int(level["year"])),
    )
    return f"{edition.figures.write(figure, markup=False)} (năm {int(level['year'])}), thứ {position}/{whole}"


def link_heat(origin: str) -> Builder:
    """Return the builder of the heat map of one link matrix (goal, programme, push…) against the twelve macro KPIs."""

    def build(edition: Edition):
        data = matrix.cells(edition.catalogue, origin)
        data = data.assign(kind_vi=data["kind"].map(matrix.KINDS))
        data = data.assign(name=data["id"] + " " + data["name"])
        stated = data[data["kind"] != ""]
        busiest = stated["kpi_name"].value_counts()
        what = matrix.ROWS[origin][1].lower()
        most = float(busiest.iloc[0])
        number = edition.figures.note(wording.number(most), most, rows=("links.csv",), source="S000", markup=False)
        title = f"{busiest.index[0]} gắn với nhiều {what} nhất ({number})"
        subtitle = f"Liên kết của từng {what} với 12 KPI vĩ mô (M.01 - M.12 theo thứ tự của Đề xuất). Tròn: trực tiếp; thoi: gián tiếp; tam giác: bổ trợ"
        alt = f"Bản đồ nhiệt {data['id'].nunique()} {what} theo 12 KPI vĩ mô, {len(stated)} liên kết. {title}."
        return (lambda size: charts.link_heat(data, size=size)), words(
            title, subtitle, f"Ma trận liên kết {what} - KPI vĩ mô", alt
        )

    return build


def link_graph(following: Following) -> Builder:
    """Return the builder of the backbone of the links: pushes, programmes and systems, the twelve KPIs, the eleven goals."""

    def build(edition: Edition):
        nodes, edges = layout.backbone(following.graph)
        macro = nodes[nodes["type"] == "macro"]
        with_data = [_has_data(following, code) for code in macro["id"]]
        nodes = nodes.assign(
            measured=nodes["id"].map(dict(zip(macro["id"], with_data, strict=True))).fillna(False).astype(bool)
        )
        side = {0: "left", 1: "middle", 2: "right"}

        def chart(size: theme.Size):
            letters = 30
            labels = [
                "\n".join(theme.wrap(f"{row.id} {row.name_}", letters))
                for row in nodes.rename(columns={"name": "name_"}).itertuples()
            ]
            if size is theme.NARROW:
                labels = nodes["id"].tolist()
            return charts.link_graph(nodes.assign(label=labels, side=nodes["column"].map(side)), edges, size=size)

        have = float(sum(with_data))
        number = edition.figures.note(wording.number(have), have, rows=("links.csv",), source="S000", markup=False)
        title = f"{number} trong {wording.number(len(macro))} KPI vĩ mô có số liệu để nối nguồn lực với mục tiêu"
        subtitle = "Trái: cú hích, chương trình, hệ thống; giữa: KPI vĩ mô (tròn đậm: có số liệu cùng định nghĩa; thoi nhạt: chưa có); phải: mục tiêu Nghị quyết. Nét liền: trực tiếp, nét đứt: gián tiếp, bổ trợ"
        alt = f"Sơ đồ {len(nodes)} phần tử và {len(edges)} liên kết qua 12 KPI vĩ mô. {title}."
        return chart, words(title, subtitle, "Mạng liên kết qua 12 KPI vĩ mô", alt)

    return build


def _has_data(following: Following, code: str) -> bool:
    from nq57lab.links import questions

    return questions.has_data(following.graph, code)
