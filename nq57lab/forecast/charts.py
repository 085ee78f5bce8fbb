"""Charts of forecasts: labelled tables in, Altair drawings out, for page and phone.

Fans with target and required path, scenarios beside each other, what a probability depends on, reliability, coverage by horizon, the league of
models, the PIT histogram. Intervals are light bands with their names; nothing is computed here.
"""

from typing import Any

import altair as alt
import pandas as pd

from nq57lab.charts import basic, theme
from nq57lab.charts.theme import ALARM, CONTRAST, INK, MAIN, MUTED, NARROW, PALE, WIDE, Size

Drawing = Any
STYLES: dict[str, dict] = {
    "median": {"color": MAIN, "fontWeight": 600},
    "band": {"color": MUTED, "fontSize": 11},
    "target": {"color": INK, "fontWeight": 600},
}
OUTER, INNER = "#dce8f1", "#a9c6dc"  # the 95% and the 80% band


def _panels(panels: list[Drawing], size: Size) -> Drawing:
    if not panels:
        return basic.blank(size)
    return alt.concat(*panels, columns=2 if size is WIDE and len(panels) > 1 else 1, spacing=26)


def _width(size: Size, alone: bool) -> int:
    if size is NARROW or alone:
        return size.width - size.scale - 10
    return (size.width - 2 * size.scale - 46) // 2


def _titled(chart: Drawing, text: str, size: Size, alone: bool) -> Drawing:
    letters = size.subtitle_letters if alone or size is NARROW else size.subtitle_letters // 2
    return chart.properties(
        title=alt.TitleParams(theme.wrap(text, letters - 6), fontSize=12.5, anchor="start", offset=6)
    )


def _axes(
    rows: pd.DataFrame, low: float, high: float, turned: bool, size: Size, room: float
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
        axis=alt.Axis(format="d", grid=False, values=_years(*years)),
    )
    scale = alt.Scale(domain=domain, reverse=turned, nice=False, clamp=True)
    y = alt.Y(
        "value:Q", title=None, scale=scale, axis=alt.Axis(tickCount=4, minExtent=size.scale, maxExtent=size.scale)
    )
    return x, y, scale, domain


def _years(first: int, last: int) -> list[int]:
    """Return the years that an axis names: none after the last."""
    step = next(step for step in (1, 2, 5, 10, 20) if last - first <= 4 * step or step == 20)
    return [year for year in range(first, last + 1) if (last - year) % step == 0]


def fans(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw one fan a series: history, median, the 80 and 95% bands with their names, the target and the path it requires.

    Parameters
    ----------
    frame : DataFrame
        name, unit, part (history, forecast, required, target), year, value, lo_80, hi_80, lo_95, hi_95 (forecast rows; the last
        observation too, where the fan begins), label ("" where none is shown), turned (True for a rank: first place on top).
    """
    groups = list(frame.groupby("name", sort=False))
    alone = len(groups) == 1
    panels = []
    for name, rows in groups:
        part = {key: rows[rows["part"] == key] for key in ("history", "forecast", "required", "target")}
        ends = pd.concat([rows["value"], rows["lo_95"], rows["hi_95"]]).dropna()
        turned = bool(rows["turned"].iloc[0])
        x, y, scale, domain = _axes(
            rows, float(ends.min()), float(ends.max()), turned, size, 0.2 if alone and size is WIDE else 0.34
        )
        ahead = part["forecast"]
        layers = [
            alt.Chart(ahead)
            .mark_area(color=colour, opacity=1)
            .encode(x=x, y=alt.Y(f"{low}:Q", scale=scale, title=None), y2=f"{high}:Q")
            for colour, low, high in ((OUTER, "lo_95", "hi_95"), (INNER, "lo_80", "hi_80"))
        ]
        texts = _ends(ahead, part["target"], domain)
        tips = [alt.Tooltip("year:Q", title="Năm", format="d"), alt.Tooltip("label:N", title="Giá trị")]
        history = part["history"]
        layers += [
            alt.Chart(part["required"]).mark_line(strokeDash=[6, 4], color=CONTRAST, size=2).encode(x=x, y=y),
            alt.Chart(ahead).mark_line(color=MAIN, size=2, strokeDash=[2, 2]).encode(x=x, y=y),
            alt.Chart(history).mark_line(color=MAIN, size=2.5).encode(x=x, y=y),
            alt.Chart(history).mark_point(color=MAIN, filled=True, size=42, opacity=1).encode(x=x, y=y, tooltip=tips),
            alt.Chart(history[history["label"] != ""])
            .mark_text(dy=-13, fontWeight=600)
            .encode(x=x, y=y, text="label:N"),
            alt.Chart(part["target"])
            .mark_point(shape="diamond", color=CONTRAST, filled=True, size=130, opacity=1)
            .encode(x=x, y=y, tooltip=tips),
            *(
                alt.Chart(texts[texts["style"] == style])
                .mark_text(align="left", dx=9, **looks)
                .encode(x=x, y=y, text="label:N")
                for style, looks in STYLES.items()
            ),
        ]
        drawn = alt.layer(*layers).properties(width=_width(size, alone), height=230)
        panels.append(_titled(drawn, f"{name} ({rows['unit'].iloc[0]})", size, alone))
    return _panels(panels, size)


def _ends(ahead: pd.DataFrame, target: pd.DataFrame, domain: list[float]) -> pd.DataFrame:
    """Return the texts at a fan's end, apart from each other: the median, the bands' names, the target."""
    last = ahead.iloc[-1]
    rows = [(last["value"], last["label"], "median")] if last["label"] else []
    rows += [(last["hi_95"], "khoảng 95%", "band"), (last["lo_80"], "khoảng 80%", "band")]
    rows += [(row.value, row.label, "target") for row in target.itertuples()]
    return _apart(pd.DataFrame(rows, columns=["value", "label", "style"]).assign(year=last["year"]), domain, 0.075)


def scenarios(frame: pd.DataFrame, *, size: Size = WIDE) -> Drawing:
    """Draw one panel a series: what was observed, and every scenario as a dashed line named at its end.

    Parameters
    ----------
    frame : DataFrame
        name, unit, line ("" for the observations, else the scenario), year, value, label (text at the line's last point, "" elsewhere),
        turned.
    """
    groups = list(frame.groupby("name", sort=False))
    alone = len(groups) == 1
    panels = []
    for name, rows in groups:
        x, y, _, domain = _axes(
            rows, float(rows["value"].min()), float(rows["value"].max()), bool(rows["turned"].iloc[0]), size, 0.62
        )
        seen, told = rows[rows["line"] == ""], rows[rows["line"] != ""]
        texts = _apart(told[told["label"] != ""], domain)
        layers = [
            alt.Chart(told)
            .mark_line(strokeDash=[6, 4], size=2)
            .encode(
                x=x,
                y=y,
                detail="line:N",
                color=alt.Color("line:N", legend=None, scale=alt.Scale(range=[MUTED, CONTRAST, MAIN, ALARM])),
            ),
            alt.Chart(seen).mark_line(color=INK, size=2.5).encode(x=x, y=y),
            alt.Chart(seen).mark_point(color=INK, filled=True, size=42, opacity=1).encode(x=x, y=y),
            alt.Chart(seen[seen["label"] != ""]).mark_text(dy=-13, fontWeight=600).encode(x=x, y=y, text="label:N"),
            alt.Chart(texts)
            .mark_text(align="left", dx=7, fontSize=11, lineBreak="\n", lineHeight=12)
            .encode(x=x, y=y, text="label:N"),
        ]
        drawn = alt.layer(*layers).properties(width=_width(size, alone), height=240)
        panels.append(_titled(drawn, f"{name} ({rows['unit'].iloc[0]})", size, alone))
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
    y = alt.Y("row:N", sort=order, title=None, axis=size.name_axis)
    scale = alt.Scale(domain=list(domain), nice=False, clamp=True)
    x = alt.X("value:Q", title=title, scale=scale, axis=alt.Axis(tickCount=5))
    data["end"] = data["hi"].fillna(data["value"])
    data["strong"] = [place == 0 for place in range(len(data))]
    base = alt.Chart(data).encode(y=y)
    layers = [
        alt.Chart(pd.DataFrame({"value": [rule]})).mark_rule(color=MUTED, strokeDash=[4, 3]).encode(x=x),
        base.mark_rule(color=PALE, size=5).encode(x=alt.X("lo:Q", scale=scale, title=title), x2="hi:Q"),
        base.mark_point(filled=True, size=90, opacity=1).encode(
            x=x, color=alt.condition("datum.strong", alt.value(MAIN), alt.value(CONTRAST))
        ),
        base.mark_text(align="left", dx=9, fontSize=11).encode(
            x=alt.X("end:Q", scale=scale, title=title), text="label:N"
        ),
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
    side = size.width - size.scale - (180 if size is WIDE else 20)
    return alt.layer(
        alt.Chart(line).mark_line(color=MUTED, strokeDash=[5, 4]).encode(x=x, y=y),
        base.mark_rule(color=PALE, size=5).encode(x=x, y=alt.Y("lo:Q", scale=scale, title=title), y2="hi:Q"),
        base.mark_line(color=MAIN, size=1.5).encode(x=x, y=y),
        base.mark_point(color=MAIN, filled=True, size=80, opacity=1).encode(x=x, y=y),
        base.mark_text(align="left", dx=8, dy=10, fontSize=10.5, color=MUTED).encode(x=x, y=y, text="label:N"),
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
    shape = alt.Shape("level:N", legend=None, scale=alt.Scale(domain=[80, 95], range=["circle", "square"]))
    colour = alt.Color("level:N", legend=None, scale=alt.Scale(domain=[80, 95], range=[MAIN, CONTRAST]))
    return alt.layer(
        alt.Chart(rules).mark_rule(color=MUTED, strokeDash=[5, 4]).encode(y=y),
        alt.Chart(rules)
        .mark_text(align="left", dx=4, dy=-7, color=MUTED, fontSize=11)
        .encode(x=alt.value(0), y=y, text="label:N"),
        base.mark_rule(size=5, opacity=0.3).encode(
            x=x, y=alt.Y("lo:Q", scale=scale, title=title), y2="hi:Q", color=colour
        ),
        base.mark_point(filled=True, size=80, opacity=1).encode(x=x, y=y, color=colour, shape=shape),
        base.mark_text(align="left", dx=8, fontSize=11).encode(x=x, y=y, text="label:N"),
    ).properties(width=size.width - size.scale, height=240)


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
    for name, rows in groups:
        x = alt.X("bin:O", title="phần mười của phân phối dự báo", axis=alt.Axis(labelAngle=0))
        y = alt.Y(
            "share:Q",
            title="%",
            scale=alt.Scale(domain=[0, top]),
            axis=alt.Axis(tickCount=4, minExtent=size.scale, maxExtent=size.scale),
        )
        rule = (
            alt.Chart(pd.DataFrame({"share": [10.0]})).mark_rule(color=CONTRAST, strokeDash=[5, 4], size=2).encode(y=y)
        )
        drawn = alt.layer(alt.Chart(rows).mark_bar(color=MAIN).encode(x=x, y=y), rule)
        alone = len(groups) == 1
        panels.append(_titled(drawn.properties(width=_width(size, alone), height=120), str(name), size, alone))
    return _panels(panels, size)
