"""The twenty questions of the four users through the door (docs/giao-dien.md), each in one to five lines, against the engines."""

import re

import pandas as pd
import pytest
import support
from pandas.testing import assert_frame_equal

import nq57lab as nq
from nq57lab.alerts import rules
from nq57lab.base.problems import CallError
from nq57lab.comparators import comparisons
from nq57lab.composite.examples import NOTE
from nq57lab.documents.edition import Edition
from nq57lab.door.result import Result
from nq57lab.facts import comparators
from nq57lab.forecast import run
from nq57lab.links import graph
from nq57lab.outlook import macro
from nq57lab.quality import pages
from nq57lab.targets import cases as of_cases
from nq57lab.targets import evaluate as methods
from nq57lab.targets import tracking as of_targets

DAY = "2026-06-30"


@pytest.fixture(scope="module")
def lab():
    return nq.open(DAY, project=support.ROOT)


@pytest.fixture(scope="module")
def known(lab):
    return lab.edition.known_tables


def sound(result: Result) -> Result:
    """Check what every result promises, and return it: a short form, a typed copy, a traced sentence, a page, a table."""
    assert len(repr(result)) <= 300 and "\n" not in repr(result)
    assert result.frame is not result.frame
    assert not [name for name in result.frame if not re.fullmatch(r"[a-zA-Z_0-9]+", str(name))]
    said = result.finding()
    assert str(said).strip() and "@" not in str(said) and "{" not in str(said)
    assert set(said.trace.columns) >= {"printed", "rows", "formula", "source"}
    assert (said.trace["ok"] != "no").all()
    page = result._repr_html_()
    assert "<table" in page and not re.search(r"<(?:script|img|link)|(?:href|src)=", page)
    return result


def drawn(result: Result, *kinds: str) -> None:
    """Check that the kinds of chart are drawn as pictures that load nothing."""
    for kind in kinds or result.charts:
        piece = result.chart(kind)
        picture = piece.live["image/svg+xml"]
        assert picture.startswith("<svg") and "<script" not in picture
        assert not re.search(r'(?:href|src)="https?:', picture)
        assert piece.live["text/plain"]


# The policy analyst: one KPI, one province, one ministry.


def test_1_which_indicators_are_about_something(lab, known):
    found = sound(lab.find("kinh te so"))
    assert found.frame["code"].tolist()[:2] == ["A.02.02", "A.02.12"]
    row = found.frame.set_index("code").loc["A.02.02"]
    assert row["figures"] == (known.table["subject"] == "A.02.02").sum()
    assert row["last"] == known.table.loc[known.table["subject"] == "A.02.02", "period_end"].max()


def test_2_what_does_a_code_mean_and_what_is_its_newest_figure(lab):
    x = sound(lab["A.02.02"])
    assert x.unit == "%" and "Bộ Tài chính" in x._repr_html_()
    figure = lab.edition.known_tables.figures().get("A.02.02")
    assert figure.number in str(x.finding())
    assert x.finding().trace["recomputed"].tolist() == [figure.value]


def test_2b_a_code_without_figures_says_what_measures_it(lab):
    assert "A.02.06" in str(sound(lab["M.09"]).finding())
    assert "cùng định nghĩa" in str(lab["M.09"].finding())  # the same quantity: its figure, and whose it is
    near = str(sound(lab["M.03"]).finding())
    assert "chưa có số liệu" in near and "Gần giống: A.02.02" in near
    borrowed = sound(lab["B.03.10"].series())
    assert len(borrowed.frame) and "M.02" in str(borrowed.finding()) and "M.02" in borrowed.notes
    assert {"M.02"} <= set(sound(lab["B.03.10"].related()).frame["code"])


def test_3_what_is_the_series_and_which_figures_may_stand_side_by_side(lab, known):
    series = sound(lab["A.02.02"].series()).frame
    rows = known.table.set_index("id").loc[series["row"]]
    figures = known.figures()
    assert series["value"].tolist() == [figures.of_row(row).value for _, row in rows.reset_index().iterrows()]
    assert series["date"].is_monotonic_increasing and series["date"].dtype.kind == "M"
    one = macro.series(known.table, known.entered_rows, "A.02.02", known.known)
    assert set(series.loc[series["same_series"], "row"]) == set(one["id"])
    assert not series.loc[series["period"].str.contains("/"), "same_series"].any()


def test_3b_a_value_that_only_the_formula_gives_is_in_the_series_with_its_formula(lab, known):
    row = sound(lab["A.01.05"].series()).frame.iloc[-1]
    computed = known.values[(known.values["subject"] == "A.01.05") & (known.values["formula"] != "")].iloc[-1]
    assert (row["value"], row["formula"], row["row"]) == (computed["value"], computed["formula"], computed["inputs"])
    shown = lab["A.01.05"].chart()
    assert "33,3%" in str(shown) and shown.trace["formula"].tolist() == [computed["formula"]]


def test_4_how_did_it_go_and_where_does_it_stand_to_its_target(lab, known):
    x = lab["A.02.02"]
    drawn(x, "history")
    targets = sound(x.targets()).frame
    standing = of_targets.of_known(known, "2030", probability=True).progress.set_index("id")
    for row in targets[targets["milestone"] == "2030"].itertuples():
        assert row.verdict == standing.at[row.id, "verdict"]
        assert row.gap == pytest.approx(standing.at[row.id, "gap"], nan_ok=True)
    assert "ít nhất 30%" in str(x.targets().finding())


def test_5_where_does_each_number_come_from_and_was_it_corrected(lab, known):
    trail = sound(lab["A.02.02"].trail()).frame
    every = known.entered_rows
    every = every[(every["subject"] == "A.02.02") & (every["area"] == "VN")]
    assert set(trail["row"]) == set(every.loc[every["vintage_end"] <= pd.Timestamp(DAY), "id"])
    assert set(trail.loc[trail["used"], "row"]) <= set(known.table["id"])
    assert trail["recorded"].dtype.kind == trail["published"].dtype.kind == "M"
    assert trail["source"].ne("").all()


def test_6_what_is_one_province_doing(lab, known):
    rows = known.table[known.table["area"].str.startswith("34:") & (known.table["item"] == "")]
    first = rows.iloc[0]
    series = sound(lab[first["subject"]].series(first["area"])).frame
    assert first["id"] in set(series["row"])


def test_7_what_else_measures_the_same(lab):
    related = sound(lab["A.02.02"].related()).frame
    assert "M.03" in set(related["code"]) and set(related.columns) == {"code", "name", "relation", "note"}


def test_8_where_does_the_country_stand_among_others(lab):
    found = sound(lab.compare("M.07"))
    series = comparators.load(support.ROOT / "data")
    key = found.frame["key"].iloc[0]
    levels = comparisons.latest(series, key)
    own = found.frame[found.frame["key"] == key].set_index("iso3")
    assert own["value"].to_dict() == levels["value"].to_dict()
    assert own["position"].min() == 1 and own["home"].sum() == 1
    drawn(found)


# The secretariat: the periodic report.


def test_9_how_many_targets_are_on_their_way(lab, known):
    found = sound(lab.progress(2030))
    assert_frame_equal(
        found.frame.drop(columns="met_since"),
        of_targets.of_known(known, "2030", probability=True).progress.drop(columns="met_since"),
    )
    drawn(found, "bullets")
    assert all(str(found.table(kind)) for kind in found.tables)


@pytest.mark.parametrize("milestone", ["2025", "2045"])
def test_9b_the_other_milestones_speak_of_themselves(lab, milestone):
    found = sound(lab.progress(milestone))
    assert set(found.frame["milestone"]) == {milestone}
    assert f"năm {milestone}" in str(found.finding())
    assert "2030)" not in str(found.table())


def test_10_do_other_methods_agree(lab):
    found = lab.progress(2030, method="un").frame
    judged = found[found["row"] != ""]
    assert (judged["verdict_rule"].eq(methods.METHODS["un"]) | judged["verdict"].notna()).all()
    assert set(judged["un_status"]) >= set(judged.loc[judged["verdict_rule"] == methods.METHODS["un"], "verdict"])


def test_11_what_must_be_watched_and_what_is_new(lab, known):
    found = sound(lab.alerts(since="2025-12-31"))
    now = rules.standing(rules.situation(known), rules.load_rules(known.catalogue))
    live = found.frame[found.frame["state"] != "cleared"]
    assert set(zip(live["rule"], live["subject"], strict=True)) == set(zip(now["rule"], now["subject"], strict=True))
    assert set(found.frame["state"]) <= set(rules.STATES)
    assert set(lab.alerts().frame["state"]) == {"standing"}
    drawn(found)


def test_12_are_the_data_good_enough(lab):
    found = sound(lab.quality())
    scores = pages.assess(lab.edition).scores
    assert found.frame["score"].tolist() == scores["score"].tolist()
    assert found.frame["criterion"].tolist() == ["đúng", "đủ", "sạch", "sống"]


def test_13_which_printed_figures_do_not_agree_with_their_parts(lab, known):
    found = sound(lab.audit())
    assert found.frame["consistent"].tolist() == known.audit["consistent"].tolist()
    assert found.frame["verdict"].tolist() == known.audit["consistent"].tolist()
    drawn(found)


def test_14_what_was_known_then(lab):
    then = nq.open("2025-12", project=support.ROOT)
    assert len(then.edition.known_tables.table) < len(lab.edition.known_tables.table)
    assert then.edition.known.isoformat() == "2025-12-31"
    early = nq.open(DAY, entered="2000-01-01", project=support.ROOT)
    assert early["A.02.02"].trail().frame.empty
    final = nq.open(DAY, final=True, project=support.ROOT)
    assert set(final["tasks_assigned"].series().frame["status"]) <= {"official", "verified"}
    assert set(final.edition.known_tables.table["status"]) <= {"official", "verified"}


def test_15_a_table_of_ones_own_choice(lab, known, tmp_path):
    found = sound(lab.sql("select subject, count(*) as n from observations group by subject order by n desc, subject"))
    counts = known.table["subject"].value_counts()
    assert found.frame["n"].sum() == len(known.table)
    assert found.frame["n"].iloc[0] == counts.max()
    file = found.to_excel(tmp_path / "bang.xlsx")
    assert_frame_equal(pd.read_excel(file), found.frame, check_dtype=False)


# The council: will it be met, what hangs together.


def test_16_how_likely_are_the_targets(lab, known):
    found = sound(lab.outlook(2030))
    outlook = macro.outlook(known).rows
    own = found.frame.head(len(outlook))
    assert own["p_met"].tolist() == pytest.approx(outlook["p_met"].tolist(), nan_ok=True)
    public = nq.open(DAY, audience="cong-khai", project=support.ROOT)
    assert public.outlook(2030).frame["p_met"].isna().all()
    assert public.progress(2030).frame["p_met"].isna().all()
    drawn(found, "fans", "scenarios")


def test_17_what_serves_a_target_and_what_is_not_measured(lab):
    found = sound(lab.links())
    assert len(found.frame) == graph.of_edition(lab.edition).number_of_edges()
    assert (found.frame["to_id"] == "M.03").any()
    drawn(found, "network")


def test_18_which_loops_strengthen_and_where_are_the_levers(lab):
    found = sound(lab.loops())
    assert set(found.frame["kind"]) <= {"reinforcing", "balancing", "indeterminate"}
    assert str((found.frame["kind"] == "balancing").sum()) in str(found.finding())
    drawn(found, "diagram")
    assert str(found.table("leverage"))


# The researcher: forecasts and indices, also of one's own tables.


def test_19_a_forecast_of_the_catalogue_and_of_ones_own_series(lab):
    x = lab["A.02.06"]
    found = sound(x.forecast(to=2030))
    case = next(case for case in lab.prospect.cases if case.row["measure"] == "A.02.06")
    assert found.frame["median"].tolist() == case.forecast["median"].tolist()
    assert sound(lab["M.09"].forecast()).frame["median"].tolist() == case.forecast["median"].tolist()
    drawn(found)
    series = x.series().frame.query("same_series").assign(series_id="gii", kind="rank")
    own = sound(nq.forecast(series[["series_id", "period", "value", "kind"]], horizon=5))
    plain = run.forecast(series[["series_id", "period", "value", "kind"]], 5)
    assert_frame_equal(own.frame.drop(columns="date"), plain)
    drawn(own)


def test_20_an_index_its_certainty_and_ones_own(lab, tmp_path):
    index = sound(lab.index("provinces"))
    assert index.inputs.note == NOTE and "minh họa" in str(index.finding())
    assert index.frame["rank"].is_monotonic_increasing and len(index.frame) == 34
    assert index.ranks["Index"].min() == 1 and {"treat", "normalise"} <= set(index.stages)
    assert sound(index.uncertainty(runs=16)).frame["runs"].max() == 32
    assert sound(index.diagnose()).frame["alpha"].between(-1, 1).all()
    data = pd.DataFrame({"uCode": ["x", "y", "z"], "uName": ["X", "Y", "Z"], "a": [1, 2, 3], "b": [3, 4, 9]})
    meta = pd.DataFrame(
        {
            **{"Level": [1, 1, 2], "iCode": ["a", "b", "I"], "iName": ["A", "B", "Chỉ số"]},
            **{"Direction": 1, "Weight": 1, "Parent": ["I", "I", ""], "Type": ["Indicator", "Indicator", "Aggregate"]},
        }
    )
    data.to_csv(tmp_path / "iData.csv", index=False)
    meta.to_csv(tmp_path / "iMeta.csv", index=False)
    (tmp_path / "index.yml").write_text("steps: [normalise, aggregate]\n", encoding="utf-8")
    own = sound(nq.Index.read(tmp_path / "iData.csv", tmp_path / "iMeta.csv", tmp_path / "index.yml"))
    assert own.frame["uName"].tolist() == ["Z", "Y", "X"]
    drawn(own, "ranked")


def test_targets_and_loops_of_ones_own_table_are_the_engines():
    frame = pd.DataFrame(
        {
            **{"id": ["x", "y"], "base_year": [2015, 2015], "base_value": [10.5, 50], "current_year": [2024, 2024]},
            **{"current_value": [20, 45], "target_year": 2030, "target": [30, 20], "direction": [1, -1]},
        }
    )
    found = sound(nq.evaluate_targets(frame))
    engine = methods.evaluate(of_cases.complete(frame), None, None)
    assert found.frame["eurostat_ratio"].tolist() == pytest.approx(engine["eurostat_ratio"].tolist())
    drawn(found)
    links = pd.DataFrame({"source": ["a", "b", "c", "b"], "target": ["b", "c", "a", "a"], "polarity": [1, 1, -1, 1]})
    loops = sound(nq.loops(links))
    assert sorted(loops.frame["polarity"]) == ["-1", "1"]
    drawn(loops)
    assert not set(frame.columns) ^ {*of_cases.CASES.names} - set(of_cases.CASES.optional)


def test_a_report_takes_the_same_pieces(tmp_path):
    edition = Edition({"edition": "x", "title": "A|B", "known": DAY}, str(tmp_path), support.ROOT)
    lab = nq.Lab(edition)
    x = lab["A.02.02"]
    assert "| Kỳ |" in x.series().table().markdown and "{#tbl-chuoi-a-02-02" in x.series().table().markdown
    assert x.chart().markdown.startswith("![") and (tmp_path / "figures").is_dir()
    assert x._repr_html_() is None and x._repr_markdown_().startswith("**")
    assert "{.so so=" in x.finding().markdown


def test_a_chart_is_saved_and_names_its_newest_figure_with_one_unit(lab, tmp_path):
    import altair as alt

    drawn = lab["A.02.06"].chart()
    assert drawn.save(tmp_path / "hinh" / "x.svg").read_text(encoding="utf-8").startswith("<svg")
    assert drawn.save(tmp_path / "x.png").read_bytes()[:4] == b"\x89PNG"
    for piece, path in ((drawn, tmp_path / "x.pdf"), (lab["A.02.06"].finding(), tmp_path / "x.svg")):
        with pytest.raises(CallError, match="save"):
            piece.save(path)
    series = lab["exports_goods_nso"].series()
    own = series.draw(alt.Chart(series.frame.tail(3)).mark_point().encode(x="period:N", y="value:Q"))
    assert str(own).count("triệu USD") == 1 and "44 thứ hạng" not in str(
        lab["A.02.06"].series().draw(alt.Chart(lab["A.02.06"].series().frame).mark_point())
    )


def test_english_heads(lab):
    english = nq.open(DAY, project=support.ROOT, lang="en")
    page = english["A.02.02"].series()._repr_html_()
    assert "<th" in page and ">Period<" in page and ">Value<" in page
    assert ">Kỳ<" in lab["A.02.02"].series()._repr_html_()
    found = english["A.02.06"].series().frame
    assert set(found["unit"]) == {"rank"} and "official" in set(found["status"])
    assert english.find("gii").frame.set_index("code").at["A.02.06", "name_vi"] == "Global Innovation Index rank"
    progress = english.progress(2030)
    assert progress.frame["reason"].isin(["a qualitative target"]).any() and "To reach" in str(progress.table())
    alerts = english.alerts().frame
    assert alerts["why"].str.startswith("milestone 2030").any() and alerts["name"].str.contains("quỹ đạo").any()


@pytest.mark.parametrize("year", ["2026", 2035, 2045])
def test_the_outlook_of_another_milestone_is_a_probability_or_a_reason(lab, year):
    found = lab.outlook(year)
    assert (found.frame["p_met"].notna() | (found.frame["p_reason"] != "")).all()
    assert str(year) in str(found.finding()) and str(year) in str(found.table())
    assert found.frame["target_id"].str.startswith(f"T{year}.").all()


def test_a_query_reads_and_writes_nothing(lab):
    for query in (
        "attach database 'x.db' as other",
        "insert into indicators(code) values ('x')",
        "pragma user_version = 1",
    ):
        with pytest.raises(CallError):
            lab.sql(query)
    assert len(lab.sql("select code from indicators").frame) == len(lab.edition.catalogue.indicators)


def test_the_lines_of_the_page_run_from_top_to_bottom(monkeypatch, tmp_path):
    page = (support.ROOT / "docs" / "giao-dien.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.S)
    questions = re.findall(r"^\*\*(\d+)\. .*?```python\n(.*?)```", page, re.S | re.M)
    assert [int(number) for number, _ in questions] == list(range(1, 21))
    assert all(1 <= len(lines.strip().splitlines()) <= 5 for _, lines in questions)
    monkeypatch.chdir(support.ROOT)
    names: dict = {}
    for block in blocks:
        lines = block.replace('"bang.xlsx"', repr((tmp_path / "bang.xlsx").as_posix()))
        exec(compile(lines, "giao-dien.md", "exec"), names)
    assert (tmp_path / "bang.xlsx").exists()
