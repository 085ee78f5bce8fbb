"""The chart of a code's history: one line through the figures of one definition, and beside it what may not be joined to them.

The frame of :meth:`nq57lab.door.subject.Subject.series` and every other vintage in, the builder of a chart out.
"""

import pandas as pd

from nq57lab.base import wording
from nq57lab.documents.edition import Edition, MissingFigure, words
from nq57lab.facts.figures import Figure
from nq57lab.reports import lookup

KINDS = {
    "line": "số dùng, ghép được thành chuỗi",
    "apart": "số dùng, khác kỳ hoặc khác định nghĩa",
    "other": "đợt công bố khác",
}


def figure_of(edition: Edition, row: dict) -> Figure:
    """Return the figure of a row of a series: as a report writes it, or computed by the catalogue's formula."""
    from nq57lab.door import shown

    known = edition.known_tables.measured
    own = known[known["id"] == row["row"]]
    if len(own):
        return edition.figures.of_row(own.iloc[0])
    return edition.figures.literal(
        row["value"],
        row["unit"],
        decimals=shown.decimals(row["value"]),
        rows=tuple(row["row"].split("; ")),
        formula=row["formula"],
        period=row["period"],
        status=row["status"],
    )


def points(edition: Edition, code: str, area: str, series: pd.DataFrame) -> pd.DataFrame:
    """Return what is drawn, in the unit of the newest figure: date, period, value, unit, kind (:data:`KINDS`), row.

    Parameters
    ----------
    edition : Edition
    code, area : str
    series : DataFrame
        :data:`nq57lab.door.subject.SERIES`.
    """
    whole = series[series["dims"] == ""]
    joined = whole[whole["same_series"]]
    used = whole.assign(kind=whole["same_series"].map({True: "line", False: "apart"}))
    rows = lookup.history_rows(edition, code, area)
    rows = rows[(rows["dims"] == "") & (rows["item"] == "") & ~rows["used"]]
    others = rows.assign(date=rows["period_end"], row=rows["id"], kind="other", formula="")
    columns = ["date", "period", "value", "unit", "status", "formula", "row", "kind"]
    parts = [part[columns] for part in (used, others) if len(part)]
    if not parts:
        raise MissingFigure(code)
    found = pd.concat(parts, ignore_index=True).dropna(subset=["value"])
    unit = joined["unit"].iloc[-1] if len(joined) else found["unit"].iloc[-1]
    return found[found["unit"] == unit].sort_values("date", kind="stable", ignore_index=True)


def builder(code: str, area: str, series: pd.DataFrame):
    """Return the builder of the chart.

    Parameters
    ----------
    code, area : str
    series : DataFrame
        :data:`nq57lab.door.subject.SERIES`.
    """

    def build(edition: Edition):
        import altair as alt

        from nq57lab.charts import basic

        rows = points(edition, code, area, series)
        if rows.empty:
            raise MissingFigure(code)
        figures = [figure_of(edition, row) if row["kind"] != "other" else None for row in rows.to_dict("records")]
        labels = [
            edition.figures.write(figure, markup=False) if figure else wording.number(value, 2)
            for figure, value in zip(figures, rows["value"], strict=True)
        ]
        data = pd.DataFrame(
            {
                "day": rows["date"].dt.strftime("%Y-%m-%d"),
                "period": [wording.period(text) for text in rows["period"]],
                "value": rows["value"],
                "label": labels,
                "kind": rows["kind"].map(KINDS),
            }
        )
        unit = rows["unit"].iloc[0]
        scale = alt.Scale(zero=False, reverse=unit == "thứ hạng")
        first, last = (
            rows["date"].min(),
            rows["date"].max() + pd.Timedelta(days=1),
        )  # the tick of a year's end is the day after
        several = rows["date"].nunique() > 1
        days = [day.strftime("%Y-%m-%d") for day in (first, last)]
        span = alt.Scale(type="utc", domain=days) if several else alt.Scale(type="utc")
        x = alt.X("day:T", title=None, axis=basic.year_ends(grid=False), scale=span)
        y = alt.Y("value:Q", title=unit, scale=scale)
        tips = [
            alt.Tooltip(f"{name}:N", title=head)
            for name, head in (("period", "Kỳ"), ("label", "Giá trị"), ("kind", "Loại"))
        ]
        plot = alt.Chart(data).encode(x=x, y=y)
        line = plot.transform_filter(alt.datum.kind == KINDS["line"])
        marks = [
            line.mark_line(style="done"),
            line.mark_point(style="done", filled=True, size=60, opacity=1).encode(tooltip=tips),
            plot.transform_filter(alt.datum.kind == KINDS["apart"])
            .mark_point(style="done", shape="square", filled=True, size=60, opacity=1)
            .encode(tooltip=tips),
            plot.transform_filter(alt.datum.kind == KINDS["other"])
            .mark_point(style="context", filled=True, size=45, opacity=1)
            .encode(tooltip=tips),
        ]
        named = alt.Chart(data[data["kind"] == KINDS["line"]].tail(1)).encode(x=x, y=y, text=alt.Text("label:N"))
        marks.append(named.mark_text(align="right", dx=-8, dy=-8, fontWeight=600))
        shown = [kind for kind in KINDS if (rows["kind"] == kind).any()]
        shape = {"line": "tròn xanh", "apart": "vuông xanh", "other": "điểm xám"}
        name = edition.catalogue.short[code]
        best = rows.index[rows["kind"] == ("line" if "line" in shown else shown[0])][-1]
        title = f"{name}: {labels[best]} ({data['period'][best]})"
        subtitle = wording.capital("; ".join(f"{shape[kind]}: {KINDS[kind]}" for kind in shown))
        alt_text = f"Biểu đồ đường {len(data)} số liệu của {name}; số mới nhất {labels[best]} ({data['period'][best]})."
        return (lambda size: alt.layer(*marks).properties(width=size.width - size.scale, height=230)), words(
            title, subtitle, name, alt_text
        )

    return build
