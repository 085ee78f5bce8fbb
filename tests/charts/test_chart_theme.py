"""The theme put around a drawing: the same specification as Altair's own composition, and the written-out drawings are valid."""

import json
import re

import altair as alt
import pandas as pd

from nq57lab.charts import basic, theme
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
