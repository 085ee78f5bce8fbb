"""The charts of a provincial profile."""

import altair as alt
import pandas as pd

from nq57lab import charts
from nq57lab.briefing import province

QUARTERS = pd.DataFrame({"from": [0.0, province.TOP], "to": [province.BOTTOM, 1.0]})


def places(profile):
    """Draw the province's place on each subject between the last and the first, the best on top."""
    rows = profile.placed
    book = profile.edition.figures
    labels = []
    for _, row in rows.iterrows():
        rank, of = (
            book.write(
                book.literal(
                    float(row[column]),
                    "",
                    decimals=0,
                    rows=(row["id"],),
                    formula=f"{word} {row['subject']}, {row['period']}",
                ),
                markup=False,
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


def _dots(frame: pd.DataFrame, size: charts.Size) -> alt.LayerChart:
    short = frame.assign(
        name=[name if len(name) <= 62 else name[:60].rsplit(" ", 1)[0] + "…" for name in frame["name"]]
    )
    data = charts._named(short, size)
    order = data["row"].tolist()
    x = alt.X("value:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=None)
    y = alt.Y("row:N", sort=order, title=None, axis=size.name_axis)
    bands = (
        alt.Chart(QUARTERS).mark_rect(color=charts.PALE, opacity=0.45).encode(x=alt.X("from:Q", axis=None), x2="to:Q")
    )
    base = alt.Chart(data).encode(x=x, y=y)
    tips = [alt.Tooltip("name:N", title=" "), alt.Tooltip("label:N", title="Hạng")]
    points = base.mark_point(filled=True, size=95, color=charts.MAIN, opacity=1).encode(tooltip=tips)
    left = (
        base.transform_filter("datum.value > 0.85")
        .mark_text(align="right", dx=-9, fontWeight=600)
        .encode(text="label:N")
    )
    right = (
        base.transform_filter("datum.value <= 0.85")
        .mark_text(align="left", dx=9, fontWeight=600)
        .encode(text="label:N")
    )
    return (bands + points + left + right).properties(
        width=size.width - size.names, height=charts._row_height(order, 24)
    )
