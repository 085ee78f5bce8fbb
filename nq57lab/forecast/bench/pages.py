"""Pages of the researcher's bench: bring a model, get the league table, its calibration, and what failed.

An :class:`~nq57lab.documents.edition.Edition`, a name of series and a YAML of models in; pieces out. The same splits for every model.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from nq57lab.base import tables
from nq57lab.documents.edition import Drawn, Edition, MissingFigure, Piece, builder, words
from nq57lab.facts import comparators
from nq57lab.facts.comparators import OTHER_VINTAGES
from nq57lab.forecast import charts as charts_forecast
from nq57lab.forecast.bench import collections, run
from nq57lab.forecast.bench import user_models as user
from nq57lab.forecast.registry import DEFAULT

COMPARATORS = "so-sanh"
FOLDER = Path("data") / "cache" / "thu-mo-hinh"
ROWS = ("scores.csv",)
SHOWN = 10  # failures listed


@dataclass(frozen=True)
class Bench:
    """A finished backtest: the name of the series, the results, the scores that the competition's own methods published."""

    series: str
    result: run.Result
    published: pd.DataFrame
    own: tuple[str, ...]


def read_series(root: Path, series: str) -> pd.DataFrame:
    """Return series_id, period, value of a name: ``so-sanh`` (Viet Nam and twelve countries), a competition, or a CSV file."""
    if series == COMPARATORS:
        frame = comparators.unbroken(comparators.load(root / "data"))
        frame = frame[~frame["indicator_key"].str.endswith(OTHER_VINTAGES)]
        return pd.DataFrame(
            {
                "series_id": frame["iso3"] + "." + frame["indicator_key"],
                "period": frame["year"].astype(str),
                "value": frame["value"],
            }
        )
    if series in collections.NAMES:
        return collections.frame(series)
    path = root / series
    return tables.read_text(path, path.name)


def open_bench(edition: Edition, series: str, models: str, horizon: int, origins: int, jobs: int = 1) -> Bench:
    """Run, or take up again, the backtest of the models of a YAML on named series.

    Parameters
    ----------
    edition : Edition
        Whose project holds the files; results stay in ``data/cache/thu-mo-hinh``.
    series : str
        ``so-sanh``, a name of :data:`nq57lab.forecast.bench.collections.NAMES`, or a CSV file (series_id, period, value) below the project's root.
    models : str
        The YAML of models (:mod:`nq57lab.forecast.bench.user_models`), below the project's root.
    horizon, origins, jobs : int
        Periods ahead, rolling origins a series, processes.
    """
    specs = user.read(edition.root / models)
    folder = edition.root / FOLDER / series.replace("/", "_")
    result = run.run(read_series(edition.root, series), specs, horizon, origins, folder, jobs)
    return Bench(series, result, collections.published(series), tuple(spec.name for spec in specs if spec.file))


def _write(edition: Edition, value: float, decimals: int, how: str, *, unit: str = "", markup: bool = True) -> str:
    return edition.computed(value, how, ROWS, unit=unit, decimals=decimals, markup=markup)


def finding(edition: Edition, found: Bench) -> Piece:
    """Return the sentence on the best model and on the researcher's own."""
    edition.figures.place = "bảng xếp hạng mô hình"
    table = found.result.league
    count = _write(edition, found.result.scores["series"].nunique(), 0, "số chuỗi thử")
    best = table.iloc[0]
    text = f"**Trên {count} chuỗi, sai số nhỏ nhất là của {best['model']} (MASE {_write(edition, best['MASE'], 3, 'MASE bình quân')}).**"
    for _, row in table[table["model"].isin(found.own) & table["rank"].notna()].iterrows():
        worse = row["MASE_difference_lo"] > 0
        better = row["MASE_difference_hi"] < 0
        verdict = "kém hơn rõ rệt" if worse else "tốt hơn rõ rệt" if better else "chưa khác rõ rệt"
        text += f" Mô hình {row['model']} đứng thứ {_write(edition, row['rank'], 0, 'hạng theo MASE')}, {verdict} so với mặc định của phòng thí nghiệm."
    return edition.piece(text)


def league(edition: Edition, found: Bench) -> Piece:
    """Return the league table, with the bootstrap interval of each difference to the default."""
    edition.figures.place = "bảng xếp hạng mô hình"
    rows = []
    for row in found.result.league.to_dict("records"):
        name = row["model"]
        cells = [
            "–" if pd.isna(row["rank"]) else _write(edition, row["rank"], 0, f"{name}: hạng theo MASE"),
            f"**{name}**" if name in found.own else name,
            _write(edition, row["MASE"], 3, f"{name}: MASE"),
            _write(edition, row["sMAPE"], 2, f"{name}: sMAPE"),
            " / ".join(_write(edition, 100 * row[f"coverage_{v}"], 1, f"{name}: khoảng {v}% chứa") for v in (80, 95)),
            _write(edition, row["MSIS_95"], 1, f"{name}: MSIS 95%"),
        ]
        ends = [
            _write(edition, row[f"MASE_difference{end}"], 3, f"{name}: chênh MASE{end}") for end in ("", "_lo", "_hi")
        ]
        rows.append([*cells, "–" if name == DEFAULT else f"{ends[0]} ({ends[1]} đến {ends[2]})"])
    note = (
        'Cùng các lần cắt cho mọi mô hình. Hai khoảng: [80%]{.hang-so ly-do="mức của khoảng dự báo"} và [95%]{.hang-so ly-do="mức của khoảng dự báo"}; '
        'MSIS của khoảng [95%]{.hang-so ly-do="mức của khoảng dự báo"}; chữ đậm: mô hình của nhà nghiên cứu.'
    )
    columns = "r7 Hạng | l20 Mô hình | r10 MASE | r10 sMAPE | r19 Hai khoảng dự báo chứa (%) | r10 MSIS | l24 MASE trừ mặc định (khoảng bootstrap)"
    return edition.table(rows, "Bảng xếp hạng mô hình", "tbl-xep-hang", columns, note, wide=False)


def published(edition: Edition, found: Bench) -> Piece:
    """Return the scores that a competition's own methods published, beside the bench's models."""
    if found.published.empty:
        return Piece("Chuỗi này không thuộc cuộc thi đã công bố điểm; chọn “m3-yearly” hoặc “m3-quarterly” để so.")
    edition.figures.place = "phương pháp đã công bố"
    ours = found.result.league[["model", "sMAPE", "MASE"]].rename(columns={"model": "method"}).assign(ours=True)
    both = pd.concat([found.published.assign(ours=False), ours], ignore_index=True).dropna().sort_values("MASE")
    rows = []
    row: Any
    for row in both.itertuples():
        told = ROWS if row.ours else ("published_m3.csv",)
        cells = [
            edition.computed(v, f"{row.method}: {what}", told, decimals=d)
            for v, d, what in ((row.MASE, 3, "MASE"), (row.sMAPE, 2, "sMAPE"))
        ]
        rows.append([f"**{row.method}**" if row.ours else row.method, *cells])
    columns = "l60 Phương pháp | r20 MASE | r20 sMAPE"
    return edition.table(
        rows,
        "Cạnh các phương pháp của chính cuộc thi",
        "tbl-cong-bo",
        columns,
        "Chữ đậm: mô hình của bàn thử. Còn lại: Makridakis, Hibon, cuộc thi M3, điểm tính lại từ dự báo đã công bố.",
        wide=False,
    )


@builder
def differences(edition: Edition, found: Bench) -> Drawn:
    """Return the differences to the default with their bootstrap intervals."""
    table = found.result.league
    table = table[table["MASE_difference"].notna()]
    if len(table) < 2:
        raise MissingFigure("models")
    first = table[table["model"] == DEFAULT]
    table = pd.concat([first, table[table["model"] != DEFAULT]])
    data = pd.DataFrame(
        {
            "name": table["model"],
            "value": table["MASE_difference"],
            "lo": table["MASE_difference_lo"],
            "hi": table["MASE_difference_hi"],
            "label": [
                _write(edition, v, 3, f"{n}: chênh MASE", markup=False)
                for n, v in zip(table["model"], table["MASE_difference"], strict=True)
            ],
        }
    )
    low, high = float(data["lo"].min()), float(data["hi"].max())
    pad = 0.2 * (high - low)
    clear = int((data["lo"] > 0).sum())
    title = f"{_write(edition, clear, 0, 'số mô hình kém mặc định rõ rệt', markup=False)} mô hình kém mặc định rõ rệt"
    alt = "Biểu đồ chấm: " + "; ".join(f"{r.name} {r.label}" for r in data.itertuples(index=False)) + f". {title}."
    subtitle = "MASE của mô hình trừ MASE của mặc định, bình quân các chuỗi; vạch: khoảng bootstrap 95%. Bên phải vạch đứt: kém hơn"
    return (
        lambda size: charts_forecast.dots(
            data, title="chênh MASE", rule=0.0, domain=(min(low, 0) - pad, max(high, 0) + 2 * pad), size=size
        )
    ), words(title, subtitle, "Chênh lệch với mô hình mặc định", alt)


@builder
def pit(edition: Edition, found: Bench) -> Drawn:
    """Return the PIT histograms of the default and of the researcher's models."""
    wanted = [DEFAULT, *found.own]
    table = found.result.pit[found.result.pit["model"].isin(wanted)]
    if table.empty:
        raise MissingFigure("pit")
    data = table.assign(share=100 * table["share"])
    worst = data.assign(gap=(data["share"] - 10).abs()).groupby("model", sort=False)["gap"].mean()
    best = str(worst.idxmin())
    title = f"Phân phối dự báo của {best} khớp thực tế nhất trong các mô hình vẽ ở đây"
    ends = data[data["bin"].isin([1, 10])].groupby("model", sort=False)["share"].sum()
    said = "; ".join(
        f"{name}: hai phần mười ngoài cùng {_write(edition, v, 1, f'{name}: PIT hai đầu', unit='%', markup=False)}"
        for name, v in ends.items()
    )
    subtitle = "Histogram PIT: giá trị thật rơi vào phần mười nào của phân phối dự báo (%); vạch đứt: mức của mô hình khớp hoàn toàn"
    return (lambda size: charts_forecast.histograms(data, size=size)), words(
        title, subtitle, "Histogram PIT", f"Biểu đồ cột: {said}. {title}."
    )


def reliability(edition: Edition, found: Bench) -> Piece:
    """Return how often what came lay at or below each quantile, by model."""
    edition.figures.place = "độ tin cậy của phân vị"
    shown = (0.025, 0.1, 0.5, 0.9, 0.975)
    table = found.result.reliability.pivot(index="model", columns="probability", values="observed")
    names = [name for name in found.result.league["model"] if name in table.index]
    rows = [
        [name, *(_write(edition, 100 * table.at[name, p], 1, f"{name}: tỷ lệ không quá phân vị {p:g}") for p in shown)]
        for name in names
    ]
    columns = ["l30 Mô hình"] + [
        f'r14 Phân vị [{100 * p:g}]{{.hang-so ly-do="mức của phân vị"}}'.replace(".5]", ",5]") for p in shown
    ]
    note = "Mô hình khớp hoàn toàn có số bằng mức phân vị ở đầu cột."
    caption = "Tỷ lệ giá trị thật không quá mỗi phân vị (%)"
    return edition.table(rows, caption, "tbl-phan-vi", columns, note, wide=False)


def failures(edition: Edition, found: Bench) -> Piece:
    """Return what failed, by model and series, and the series that were left out with their reasons."""
    edition.figures.place = "lần chạy hỏng"
    once = found.result.failures.drop_duplicates(["model", "series_id"])
    left = found.result.refused
    text = (
        f"Chuỗi không thử được: {_write(edition, len(left), 0, 'số chuỗi không thử được')} "
        f"(lý do từng chuỗi trong refused.csv); lần dự báo hỏng: {_write(edition, len(found.result.failures), 0, 'số lần dự báo hỏng')}."
    )
    if once.empty:
        return edition.piece(text)
    rows = [[row.model, row.series_id, f"`{row.reason}`"] for row in once.head(SHOWN).itertuples()]
    columns = "l25 Mô hình | l30 Chuỗi | l45 Lỗi"
    table = edition.table(rows, "Các lần dự báo hỏng", "tbl-hong", columns, text)
    return table
