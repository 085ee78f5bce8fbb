"""The theme put around a drawing: the same specification as Altair's own composition, and the written-out drawings are valid."""

import json
import os
import re
import subprocess
import sys

import altair as alt
import pandas as pd
import support
from support_charts import units

from nq57lab.charts import basic, marks, theme
from nq57lab.forecast import charts as forecast_charts
from nq57lab.reports import province_charts

FRAME = pd.DataFrame({"name": ["Đà Nẵng", "Cà Mau"], "value": [70.0, 40.5], "label": ["70%", "40,5%"]})
WORDS = ("Đà Nẵng dẫn đầu", "Tỷ lệ, %, quý II/2026", "Nguồn: thử.")


def composed(chart: basic.Drawing) -> dict:
    """Compose as Altair does, object by object: what the theme must come to."""
    title, subtitle, foot = WORDS
    headed = alt.vconcat(chart).properties(title=alt.TitleParams([title], subtitle=[subtitle]))
    whole = alt.vconcat(headed).properties(title=alt.TitleParams([foot], **theme.FOOT))
    return whole.configure(**theme.THEME).to_dict()


def plain(spec: dict) -> dict:
    """Drop what only names things and what the version of the schema is."""
    spec = json.loads(re.sub(r"\b(view|param)_\d+\b", r"\1", json.dumps(spec)))
    names = {name: f"d{place}" for place, name in enumerate(spec.pop("datasets"))}
    text = json.dumps(spec | {"$schema": ""}, sort_keys=True)
    for name, short in names.items():
        text = text.replace(name, short)
    return json.loads(text)


def test_a_themed_chart_is_what_altair_composes():
    bars = basic.bars(FRAME)
    assert plain(theme.themed(bars, *WORDS)) == plain(composed(bars))


def test_drawings_built_quickly_are_altairs_own():
    days, lists = pd.to_datetime(["2026-06-30", None]), [["hai", "dòng"], None]
    odd = FRAME.assign(
        some=[1.5, float("nan")], told=[True, None], day=days, lines=lists, size=[1, 2], name=["a", None]
    )

    def drawn() -> dict:
        bars = alt.Chart(odd).mark_bar().encode(x="value:Q", y=alt.Y("name:N", sort=None), tooltip=["some:Q", "day:T"])
        layers = alt.layer(
            bars, bars.mark_text().encode(text="label:N"), alt.Chart(FRAME).mark_rule().encode(x="value:Q")
        )
        beside = alt.hconcat(layers.interactive(), bars.properties(width=200)).resolve_scale(x="shared")
        return plain(alt.vconcat(beside, layers, spacing=4).to_dict())

    slow = drawn()
    with theme.unchecked():
        assert drawn() == slow
    assert slow == drawn()


def test_what_a_reader_can_move_stays_movable_in_a_chart_of_layers():
    base = alt.Chart(FRAME).encode(x="value:Q", y="name:N")
    layered = alt.layer(base.mark_bar(), base.mark_text().encode(text="label:N")).interactive()
    spec = theme.themed(layered, *WORDS)
    assert plain(spec) == plain(composed(layered))
    assert spec["params"][0]["bind"] == "scales"


def test_the_dots_of_a_profile_are_a_valid_specification_with_every_row():
    frame = FRAME.assign(value=[1.0, 0.25])
    for size in (theme.WIDE, theme.NARROW):
        spec = theme.themed(province_charts._dots(frame, size), *WORDS, size)
        alt.VConcatChart.from_dict(spec)  # raises where Vega-Lite's schema does not allow it
        assert [row["label"] for row in spec["datasets"]["places"]] == ["70%", "40,5%"]


def test_files_are_written_for_page_and_print(tmp_path):
    theme.save(theme.themed(basic.bars(FRAME), *WORDS), tmp_path / "hinh")
    drawn = (tmp_path / "hinh.svg").read_text(encoding="utf-8")
    assert "Đà Nẵng dẫn đầu" in drawn and "40,5%" in drawn
    assert (tmp_path / "hinh.png").read_bytes().startswith(b"\x89PNG")


def test_the_document_of_the_look_says_every_meaning_with_its_colour(root):
    told = (root / "docs" / "bieu-do.md").read_text(encoding="utf-8")
    assert dict(re.findall(r"^\| `(\w+)` \| `(#\w+)`", told, re.M)) == theme.MEANINGS


def test_the_map_of_the_site_has_the_shades_of_the_charts(root):
    styles = (root / "reports" / "assets" / "trang-web.css").read_text(encoding="utf-8")
    assert tuple(re.findall(r"\.muc-\d \{ background: (#\w+)", styles)) == theme.SHADES


def test_bars_of_unverified_figures_are_hatched_and_their_points_hollow():
    told = FRAME.assign(told=[True, False])
    strokes = [row for unit in units(basic.bars(told).to_dict()) for row in unit.rows if "strokes" in row]
    assert [row["name"] for row in strokes] == ["Đà Nẵng"]
    drawn = alt.layer(*marks.points(told, alt.X("value:Q"), alt.Y("name:N"))).to_dict()
    assert [(unit.mark.get("fill"), unit.rows[0]["name"]) for unit in units(drawn)] == [
        (None, "Cà Mau"),
        ("white", "Đà Nẵng"),
    ]


def test_short_bars_keep_their_texts_beside_them_and_no_text_is_lost():
    rows = [("dài", "đã làm", 90.0), ("dài", "còn lại", 10.0), ("ngắn", "đã làm", 1.0), ("ngắn", "còn lại", 2.0)]
    frame = pd.DataFrame(rows, columns=["name", "state", "value"]).assign(
        label=lambda found: found["value"].astype(str)
    )
    drawn = basic.parts(frame, states=["đã làm", "còn lại"], shares=False).to_dict()
    told = [unit.rows for unit in units(drawn) if unit.encoding.get("text", {}).get("field") == "text"]
    assert {row["text"] for rows in told for row in rows} == {"đã làm: 90.0", "còn lại: 10.0", "1.0; 2.0"}


def test_the_legend_of_marks_says_what_each_is():
    spec = theme.themed(basic.bars(FRAME), *WORDS, key=True)
    alt.VConcatChart.from_dict(spec)
    said = {row["word"] for unit in units(spec) for row in unit.rows if "word" in row}
    assert {word for _, _, word in theme.MARKS} < said


def test_a_warning_stands_at_its_point_of_the_fan():
    fan = {"name": "GII", "unit": "thứ hạng", "turned": True, "label": "", "odd": "", "range": ""}
    ends = dict.fromkeys(("lo_80", "hi_80", "lo_95", "hi_95"), 44.0)
    rows = [fan | {"part": "history", "year": year, "value": 44.0} for year in range(2018, 2026)]
    rows[3]["odd"] = "lệch hẳn"
    rows += [
        fan | ends | {"part": "forecast", "year": year, "value": 44.0, "range": "80%: 40 - 50"} for year in (2025, 2030)
    ]
    drawn = list(units(forecast_charts.fans(pd.DataFrame(rows)).to_dict()))
    told = [unit for unit in drawn if unit.encoding.get("text", {}).get("field") == "odd"]
    assert [[row["year"] for row in unit.rows] for unit in told] == [[2021]]


def test_a_missing_number_is_null_in_the_specification():
    drawing = {"mark": "point", "data": {"values": [{"x": 1.0, "y": float("nan")}, {"x": float("inf"), "y": None}]}}
    spec = theme.themed(drawing, *WORDS)
    json.dumps(spec, allow_nan=False)
    assert spec["data"]["values"] == [{"x": 1.0, "y": None}, {"x": None, "y": None}]


def test_days_are_drawn_alike_in_every_time_zone():
    days = pd.to_datetime(["2025-01-01", "2025-07-01", "2026-06-30"])
    frame = pd.DataFrame({"day": days, "value": [10.0, 40.0, 92.0], "label": list("abc"), "part": "x", "told": False})
    spec = theme.themed(basic.steps(frame.assign(when=["tháng 1/2025", "tháng 7/2025", "tháng 6/2026"])), *WORDS)
    drawings = set()
    drawing = "import sys, vl_convert; print(vl_convert.vegalite_to_svg(sys.stdin.read()))"
    for zone in ("America/New_York", "Pacific/Kiritimati"):
        told = {**os.environ, "TZ": zone}
        made = subprocess.run(
            [sys.executable, "-c", drawing], input=json.dumps(spec), env=told, capture_output=True, text=True
        )
        drawings.add(made.stdout)
    assert len(drawings) == 1 and ">7/2025<" in drawings.pop()


def test_a_drawing_kept_from_another_run_is_painted_in_the_charts_font():
    """In a process that has drawn nothing, letters of the charts' font and of a missing one are told apart as they are here."""
    words = "<svg xmlns='http://www.w3.org/2000/svg' width='90' height='20'><text y='15' font-family='{}'>Số liệu</text></svg>"
    told = (
        "import sys; from nq57lab.charts import theme; sys.stdout.buffer.write(theme.painted(sys.argv[1], scale=1))",
        words.format(theme.FONT),
    )
    theme.register_fonts()
    alone = subprocess.run([sys.executable, "-c", *told], capture_output=True, check=True, cwd=support.ROOT).stdout
    assert alone == theme.painted(told[1], scale=1) != theme.painted(words.format("Không có"), scale=1)
