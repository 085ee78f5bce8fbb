"""Charts of forecasts: labelled tables in, Altair drawings out, for page and phone.

Fans with target and required path, scenarios beside each other, what a probability depends on, reliability, coverage by horizon, the league of
models, the PIT histogram. Intervals are light bands with their names; nothing is computed here.
"""

from typing import Any

import altair as alt
import pandas as pd

from nq57lab.charts import basic, marks, theme
from nq57lab.charts.theme import INK, MUTED, WIDE, Size

Drawing = Any
STYLES: dict[str, dict] = {
    "median": {"style": "done", "fontWeight": 600},
    "band": {"color": MUTED, "fontSize": 11.5},
    "target": {"color": INK, "fontWeight": 600},
}
# How a scenario's line is drawn, by what it is: its meaning and its dashes.
PACES = {
    "as_now": ("done", [6, 4]),
    "required": ("target", [6, 4]),
    "best_comparator": ("context", [6, 4]),
    "given": ("context", [2, 3]),
}


def _panels(panels: list[Drawing], size: Size) -> Drawing:
    return marks.in_rows(panels, size) if panels else basic.blank(size)


def _titled(chart: Drawing, text: str, width: int, size: Size) -> Drawing:
    lines = theme.wrap(text, int((width + size.scale) / 7))
    return chart.properties(title=alt.TitleParams(lines, fontSize=12.5, anchor="start", offset=6))


def _axes(
    rows: pd.DataFrame, low: float, high: float, turned: bool, width: int, size: Size, room: float
) -> tuple[alt.X, alt.Y, alt.Scale, list[float]]:
    years = int(rows["year"].min()), int(rows["year"].max())
    pad = 0.1 * (high - low or 1)
    domain = (
        [max(1.0, low - pad), high + pad]
        if turned
        else [min(0.0, low) if low < 2 * (high - low) else low - pad, high + pad]
    )
    x = alt.X(
        "year:Q",
        title=None,
        scale=alt.Scale(domain=[years[0] - 0.5, years[1] + room * (years[1] - years[0])], nice=False),
        axis=alt.Axis(format="d", grid=False, values=marks.years_shown(rows["year"].tolist(), width / (1 + room))),
    )
    scale = alt.Scale(domain=domain, reverse=turned, nice=False, clamp=True)
    y = alt.Y(
        "value:Q", title=None, scale=scale, axis=alt.Axis(tickCount=4, minExtent=size.scale, maxExtent=size.scale)
    )
    return x, y, scale, domain


def fans(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw one fan a series: history, median, the 80 and 95% bands with their names, the target and the path it requires.

    Parameters
    ----------
    frame : DataFrame
        name, unit, part (history, forecast, required, target), year, value, lo_80, hi_80, lo_95, hi_95 (forecast rows; the last
        observation too, where the fan begins), label ("" where none is shown), turned (True for a rank: first place on top), range (the 80%
        interval in words, at the last period), odd (history rows: what is odd about the point, in words, "" for nothing).
    """
    groups = list(frame.groupby("name", sort=False))
    alone = len(groups) == 1
    panels = []
    for (name, rows), width in zip(groups, marks.panel_widths(len(groups), size), strict=True):
        part = {key: rows[rows["part"] == key] for key in ("history", "forecast", "required", "target")}
        ends = pd.concat([rows["value"], rows["lo_95"], rows["hi_95"]]).dropna()
        turned = bool(rows["turned"].iloc[0])
        x, y, scale, domain = _axes(
            rows, float(ends.min()), float(ends.max()), turned, width, size, 110 / (width - 110)
        )
        ahead = part["forecast"]
        layers = [
            alt.Chart(ahead)
            .mark_area(style=meaning, opacity=1)
            .encode(x=x, y=alt.Y(f"{low}:Q", scale=scale, title=None), y2=f"{high}:Q")
            for meaning, low, high in (("band_wide", "lo_95", "hi_95"), ("band", "lo_80", "hi_80"))
        ]
        texts = _ends(ahead, part["target"], domain)
        tips = [alt.Tooltip("year:Q", title="Năm", format="d"), alt.Tooltip("label:N", title="Giá trị")]
        history = part["history"]
        layers += [
            alt.Chart(part["required"]).mark_line(style="target", strokeDash=[6, 4], size=1.6).encode(x=x, y=y),
            alt.Chart(ahead).mark_line(style="done", size=2, strokeDash=[2, 2]).encode(x=x, y=y),
            alt.Chart(history).mark_line(style="done", size=2.5).encode(x=x, y=y),
            *marks.points(history, x, y, size=42, tooltip=tips),
            *_odd(history, x, y),
            alt.Chart(history[history["label"] != ""])
            .mark_text(dy=-13, fontWeight=600)
            .encode(x=x, y=y, text=alt.Text("label:N")),
            *marks.points(part["target"], x, y, shape="diamond", size=130, style="target", tooltip=tips),
            *(
                alt.Chart(texts[texts["style"] == style])
                .mark_text(align="left", dx=9, **looks)
                .encode(x=x, y=y, text=alt.Text("label:N"))
                for style, looks in STYLES.items()
            ),
        ]
        drawn = alt.layer(*layers).properties(width=width, height=230 if not alone else 260)
        panels.append(_titled(drawn, f"{name} ({rows['unit'].iloc[0]})", width, size))
    return _panels(panels, size)


def _odd(history: pd.DataFrame, x: alt.X, y: alt.Y) -> list[Drawing]:
    """Return a ring around every point about which something is odd, with the words for it."""
    odd = history[history["odd"].fillna("") != ""]
    if odd.empty:
        return []
    base = alt.Chart(odd).encode(x=x, y=y)
    return [
        base.mark_point(style="target", shape="circle", size=210, filled=False, strokeWidth=1.6, opacity=1),
        base.mark_text(dy=20, color=MUTED, lineBreak="\n", lineHeight=13, fontSize=11.5).encode(text=alt.Text("odd:N")),
    ]


def _ends(ahead: pd.DataFrame, target: pd.DataFrame, domain: list[float]) -> pd.DataFrame:
    """Return the texts at a fan's end, apart from each other: the median, the bands' names, the target."""
    last = ahead.iloc[-1]
    rows = [(last["value"], last["label"], "median")] if last["label"] else []
    rows += [(last["hi_95"], "khoảng 95%", "band"), (last["lo_80"], last["range"], "band")]
    rows += [(row.value, row.label, "target") for row in target.itertuples()]
    return _apart(pd.DataFrame(rows, columns=["value", "label", "style"]).assign(year=last["year"]), domain, 0.075)


def scenarios(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw one panel a series: what was observed, and every scenario as a dashed line named at its end.

    Parameters
    ----------
    frame : DataFrame
        name, unit, line ("" for the observations, else the scenario), pace (:data:`PACES`), year, value, label (text at the line's last point,
        "" elsewhere), turned.
    """
    groups = list(frame.groupby("name", sort=False))
    panels = []
    for (name, rows), width in zip(groups, marks.panel_widths(len(groups), size), strict=True):
        low, high = float(rows["value"].min()), float(rows["value"].max())
        x, y, _, domain = _axes(rows, low, high, bool(rows["turned"].iloc[0]), width, size, 120 / (width - 120))
        seen, told = rows[rows["line"] == ""], rows[rows["line"] != ""]
        texts = _apart(told[told["label"] != ""], domain)
        layers = [
            *(
                alt.Chart(told[told["pace"] == pace])
                .mark_line(style=meaning, strokeDash=dash, size=2)
                .encode(x=x, y=y, detail=alt.Detail("line:N"))
                for pace, (meaning, dash) in PACES.items()
            ),
            alt.Chart(seen).mark_line(style="done", size=2.5).encode(x=x, y=y),
            *marks.points(seen, x, y, size=42),
            alt.Chart(seen[seen["label"] != ""])
            .mark_text(dy=-13, fontWeight=600)
            .encode(x=x, y=y, text=alt.Text("label:N")),
            alt.Chart(texts)
            .mark_text(align="left", dx=7, fontSize=11.5, lineBreak="\n", lineHeight=12)
            .encode(x=x, y=y, text=alt.Text("label:N")),
        ]
        drawn = alt.layer(*layers).properties(width=width, height=240)
        panels.append(_titled(drawn, f"{name} ({rows['unit'].iloc[0]})", width, size))
    return _panels(panels, size)


def _apart(texts: pd.DataFrame, domain: list[float], share: float = 0.09) -> pd.DataFrame:
    """Move texts of one place apart, so that none covers another."""
    low, high = domain
    step, placed, rows = share * (high - low), -1e300, []
    for row in texts.sort_values("value").to_dict("records"):
        placed = max(row["value"], placed + step)
        rows.append(row | {"value": placed})
    over = max(0.0, placed - high)
    return pd.DataFrame([row | {"value": row["value"] - over} for row in rows], columns=texts.columns)


def dots(frame: pd.DataFrame, *, title: str, rule: float, domain: tuple[float, float], size: Size = WIDE) -> Drawing:
    """Draw one dot a row with its interval, on a common scale with one rule; rows in the frame's order, the first one emphasised.

    Parameters
    ----------
    frame : DataFrame
        name, value, lo, hi (NaN where there is no interval), label.
    title : str
        Of the value axis.
    rule, domain
        The value of the rule, and the ends of the axis.
    """
    data = theme.named(frame, size)
    order = data["row"].tolist()
    y = alt.Y("row:N", sort=order, title=None, axis=marks.rows_axis(size))
    scale = alt.Scale(domain=list(domain), nice=False, clamp=True)
    x = alt.X("value:Q", title=title, scale=scale, axis=alt.Axis(tickCount=5))
    data["end"] = data["hi"].fillna(data["value"])
    data["meaning"] = ["done", *["context"] * (len(data) - 1)]
    base = alt.Chart(data).encode(y=y)
    layers = [
        alt.Chart(pd.DataFrame({"value": [rule]})).mark_rule(style="context", strokeDash=[4, 3]).encode(x=x),
        base.mark_rule(style="band", size=5).encode(x=alt.X("lo:Q", scale=scale, title=title), x2=alt.X2("hi:Q")),
        base.mark_point(filled=True, size=90, opacity=1).encode(x=x, color=marks.tone(marks.used(data))),
        base.mark_text(align="left", dx=9, fontSize=11.5).encode(
            x=alt.X("end:Q", scale=scale, title=title), text=alt.Text("label:N")
        ),
        *marks.row_names(data, y),
    ]
    return alt.layer(*layers).properties(width=size.width - size.names - 10, height=theme.row_height(order, 25))


def reliability(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw how often what was given a probability came true: the diagonal is perfect.

    Parameters
    ----------
    frame : DataFrame
        forecast, observed, lo, hi (shares), label (the number of forecasts).
    """
    x = alt.X(
        "forecast:Q", title="xác suất đã báo", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5)
    )
    scale, title = alt.Scale(domain=[0, 1]), "tỷ lệ xảy ra thật"
    y = alt.Y(
        "observed:Q",
        title=title,
        scale=scale,
        axis=alt.Axis(format="%", tickCount=5, minExtent=size.scale, maxExtent=size.scale),
    )
    line = pd.DataFrame({"forecast": [0, 1], "observed": [0, 1]})
    base = alt.Chart(frame)
    side = size.width - size.scale - 28
    return alt.layer(
        alt.Chart(line).mark_line(style="context", strokeDash=[5, 4]).encode(x=x, y=y),
        base.mark_rule(style="band", size=5).encode(x=x, y=alt.Y("lo:Q", scale=scale, title=title), y2=alt.Y2("hi:Q")),
        base.mark_line(style="done", size=1.5).encode(x=x, y=y),
        *marks.points(frame, x, y, size=80),
        base.mark_text(align="left", dx=8, dy=10, fontSize=11.5, color=MUTED).encode(
            x=x, y=y, text=alt.Text("label:N")
        ),
    ).properties(width=side, height=min(side, 330))


def coverage(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw the share of what came that the intervals held, by horizon, with the nominal levels as rules.

    Parameters
    ----------
    frame : DataFrame
        horizon, level (80 or 95), coverage, lo, hi (per cent), label.
    """
    x = alt.X("horizon:O", title="tầm dự báo (năm)", axis=alt.Axis(labelAngle=0))
    low = min(70.0, float(frame["lo"].min()) - 2)
    scale, title = alt.Scale(domain=[low, 100], nice=False), "% chứa giá trị thật"
    y = alt.Y(
        "coverage:Q",
        title=title,
        scale=scale,
        axis=alt.Axis(tickCount=6, minExtent=size.scale, maxExtent=size.scale),
    )
    rules = pd.DataFrame({"coverage": [80.0, 95.0], "label": ["mức 80%", "mức 95%"]})
    base = alt.Chart(frame)
    return alt.layer(
        alt.Chart(rules).mark_rule(style="context", strokeDash=[5, 4]).encode(y=y),
        alt.Chart(rules)
        .mark_text(align="left", dx=4, dy=-7, color=MUTED, fontSize=11.5)
        .encode(x=alt.value(0), y=y, text=alt.Text("label:N")),
        base.mark_rule(style="band", size=5).encode(x=x, y=alt.Y("lo:Q", scale=scale, title=title), y2=alt.Y2("hi:Q")),
        *marks.points(frame[frame["level"] == 80], x, y, size=80),
        *marks.points(frame[frame["level"] == 95], x, y, shape="square", size=80),
        base.mark_text(align="left", dx=8, fontSize=11.5).encode(x=x, y=y, text=alt.Text("label:N")),
    ).properties(width=size.width - size.scale - 16, height=240)


def histograms(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw the PIT histogram of every model; a calibrated model has the same share in every bin.

    Parameters
    ----------
    frame : DataFrame
        model, bin (1–10), share (per cent).
    """
    groups = list(frame.groupby("model", sort=False))
    panels = []
    top = max(20.0, float(frame["share"].max()) * 1.05)
    for (name, rows), width in zip(groups, marks.panel_widths(len(groups), size), strict=True):
        x = alt.X("bin:O", title="phần mười của phân phối dự báo", axis=alt.Axis(labelAngle=0))
        y = alt.Y(
            "share:Q",
            title="%",
            scale=alt.Scale(domain=[0, top]),
            axis=alt.Axis(tickCount=4, minExtent=size.scale, maxExtent=size.scale),
        )
        rule = (
            alt.Chart(pd.DataFrame({"share": [10.0]}))
            .mark_rule(style="target", strokeDash=[5, 4], size=1.6)
            .encode(y=y)
        )
        drawn = alt.layer(alt.Chart(rows).mark_bar(style="done").encode(x=x, y=y), rule)
        panels.append(_titled(drawn.properties(width=width, height=120), str(name), width, size))
    return _panels(panels, size)
