"""The charts of a provincial profile."""

from typing import Any

import pandas as pd

from nq57lab.charts import theme
from nq57lab.reports import province

QUARTERS = [{"from": 0.0, "to": province.BOTTOM}, {"from": province.TOP, "to": 1.0}]


def places(profile, most: int = 0):
    """Draw the province's place on each subject between the last and the first, the best on top; of more than `most` the ends."""
    rows = profile.placed
    if most and len(rows) > most:
        rows = pd.concat([rows.head(most - most // 2), rows.tail(most // 2)])
    labels = []
    for _, row in rows.iterrows():
        rank, of = (
            profile.edition.computed(
                row[column], f"{word} {row['subject']}, {row['period']}", (row["id"],), markup=False
            )
            for column, word in (("rank", "hạng giữa các tỉnh về"), ("of", "số tỉnh có"))
        )
        labels.append(f"{rank}/{of}")
    frame = pd.DataFrame(
        {"name": [profile.label(row) for _, row in rows.iterrows()], "value": rows["place"].to_list(), "label": labels}
    )
    first, last = frame.iloc[0], frame.iloc[-1]
    words = {
        "title": f"{profile.name} mạnh nhất về {_lower(first['name'])} (hạng {first['label']}), yếu nhất về {_lower(last['name'])} (hạng {last['label']})",
        "subtitle": "Vị trí giữa các tỉnh có số liệu cùng kỳ: trái là cuối, phải là đầu; nền xám: một phần tư cuối và một phần tư đầu",
        "caption": f"Vị trí của {profile.name} giữa các tỉnh theo từng chỉ số",
        "alt": f"Biểu đồ điểm {len(frame)} chỉ số của {profile.name}, xếp từ vị trí cao xuống thấp; cao nhất {first['name']}, thấp nhất {last['name']}.",
    }
    return (lambda size: _dots(frame, size)), words


def _lower(name: str) -> str:
    short = name if len(name) <= 70 else name[:67].rsplit(" ", 1)[0] + "…"
    return short[:1].lower() + short[1:]


def _dots(frame: pd.DataFrame, size: theme.Size) -> dict[str, Any]:
    """Return the Vega-Lite specification of the dots; written out, since 34 profiles draw it at two sizes."""
    short = frame.assign(
        name=[name if len(name) <= 62 else name[:60].rsplit(" ", 1)[0] + "…" for name in frame["name"]]
    )
    data = theme.named(short, size)
    order = data["row"].tolist()
    place = {"field": "value", "type": "quantitative", "title": None, "scale": {"domain": [0, 1]}, "axis": None}
    name = {"field": "row", "type": "nominal", "sort": order, "title": None, "axis": size.name_axis}
    label = {"field": "label", "type": "nominal"}
    tips = [{"field": "name", "type": "nominal", "title": " "}, {**label, "title": "Hạng"}]
    bands = {
        "data": {"name": "quarters"},
        "mark": {"type": "rect", "style": "ground", "opacity": 0.45},
        "encoding": {"x": {"field": "from", "type": "quantitative", "axis": None}, "x2": {"field": "to"}},
    }
    points = {
        "data": {"name": "places"},
        "mark": {"type": "point", "style": "done", "filled": True, "size": 95, "opacity": 1},
        "encoding": {"x": place, "y": name, "tooltip": tips},
    }
    ranks = [
        {
            "data": {"name": "places"},
            "transform": [{"filter": f"datum.value {where}"}],
            "mark": {"type": "text", "align": align, "dx": dx, "fontWeight": 600},
            "encoding": {"x": place, "y": name, "text": label},
        }
        for where, align, dx in (("> 0.85", "right", -9), ("<= 0.85", "left", 9))
    ]
    return {
        "datasets": {"places": data.to_dict("records"), "quarters": QUARTERS},
        "layer": [bands, points, *ranks],
        "width": size.width - size.names,
        "height": theme.row_height(order, 24),
    }
