"""The macro KPIs' outlook, what a probability depends on, the evidence quoted, the pages: numbers, refusals, words."""

import re

import numpy as np
import pandas as pd
import pytest
from support import ROOT, observe

from nq57lab.base.problems import ProblemError
from nq57lab.charts import theme
from nq57lab.documents.edition import Edition
from nq57lab.forecast import evidence, registry, run
from nq57lab.forecast import series as series_of
from nq57lab.forecast.bench import collections, pages, user_models
from nq57lab.forecast.bench import run as bench
from nq57lab.outlook import figures, macro, scenario_pages, sensitivity
from nq57lab.outlook import pages as forecast_pages
from nq57lab.outlook.prospect import open_prospect
from nq57lab.targets import chance, tracking

HISTORY = pd.DataFrame({"period": range(2012, 2026), "value": [3, 4, 6, 5, 7, 9, 8, 10, 12, 11, 13, 12, 14, 15]})
PARAMETERS = {"edition": "x", "title": "a|b", "known": "2026-06-30", "scenario_paces": {"A.02.02": 2.0}}


@pytest.fixture(scope="module")
def prospect(tmp_path_factory):
    return open_prospect(Edition(PARAMETERS, str(tmp_path_factory.mktemp("work")), ROOT))


def plain(piece):
    return re.sub(r"\[([^\]]*)\]\{[^}]*\}", r"\1", piece.markdown)


def test_the_probability_by_year_ends_with_the_probability_of_the_target():
    history = HISTORY.assign(id="a")
    goals = pd.DataFrame({"id": "a", "target_year": [2030], "target": [20.0], "direction": [1]})
    found = chance.by_year(history, goals)
    assert found["year"].tolist() == [2026, 2027, 2028, 2029, 2030]
    assert found["p_at"].iloc[-1] == chance.p_met(history, goals)["p_met"].iloc[0]
    assert (np.diff(found["p_by"]) >= 0).all() and (found["p_by"] >= found["p_at"]).all()
    assert chance.by_year(history, goals.assign(direction=0)).empty
    assert chance.by_year(history.head(5), goals).empty


def test_sensitivity_names_model_vintage_and_window_and_says_why_one_is_refused():
    goal = sensitivity.Goal(2030, 20.0, 1)
    early = {"2020-12-31": HISTORY.head(6), "2024-12-31": HISTORY.head(13)}
    table = sensitivity.sensitivity(HISTORY, goal, early, models=("theta", "drift"))
    assert table["what"].tolist()[:5] == ["default", "model", "model", "vintage", "vintage"]
    refused = table[table["variant"] == "2020-12-31"].iloc[0]
    assert np.isnan(refused["p_met"]) and "chỉ có 6 điểm" in refused["reason"]
    known = table.set_index("variant")["p_met"]
    assert known["2024-12-31"] == sensitivity.chance(HISTORY.head(13), goal)[0]
    assert known["8 điểm cuối"] == sensitivity.chance(HISTORY.tail(8), goal)[0]
    assert table["p_met"].dropna().between(0, 1).all()


def test_the_default_of_the_sensitivity_is_the_probability_that_stands():
    goal = sensitivity.Goal(2030, 40.0, -1, "rank", 1.0)
    ranks = HISTORY.assign(value=[90, 80, 76, 70, 71, 66, 60, 61, 58, 55, 52, 50, 51, 48])
    asked = pd.DataFrame(
        {"id": "a", "target_year": [2030], "target": [40.0], "direction": [-1], "kind": "rank", "lower": 1.0}
    )
    stands = chance.p_met(ranks.assign(id="a"), asked)["p_met"].iloc[0]
    assert sensitivity.chance(ranks, goal)[0] == pytest.approx(stands, abs=1e-12)


def test_a_break_that_leaves_enough_points_gives_a_window():
    rng = np.random.default_rng(1)
    values = np.cumsum(np.r_[rng.normal(0, 0.3, 12), rng.normal(4, 0.3, 12)]) - 50
    history = pd.DataFrame({"period": range(2002, 2026), "value": values})
    table = sensitivity.sensitivity(history, sensitivity.Goal(2030, 20.0, 1), models=())
    assert table["variant"].str.startswith("từ 201").any()


def test_quarterly_models_have_their_own_calibration_also_beside_the_default():
    season = np.tile([0.8, 1.1, 1.3, 0.8], 7)
    frame = pd.DataFrame(
        {
            "series_id": "q",
            "period": [f"{2019 + n // 4}-Q{n % 4 + 1}" for n in range(28)],
            "value": season * np.linspace(90, 140, 28),
        }
    )
    entry = series_of.prepare(frame)[0][0]
    same = sensitivity.predict_with(entry, 4, registry.DEFAULT).quantiles
    np.testing.assert_allclose(same, run.predict([entry], 4)[0].quantiles, rtol=1e-10)
    yearly = run.predict_batch(entry.values[None], 4, "yearly")[0]
    assert same[0, -1] - same[0, 0] < (yearly[0, -1] - yearly[0, 0]) / 2  # a yearly forecast does not know the season


def test_the_twelve_kpis_have_a_forecast_or_a_reason(prospect):
    rows = prospect.outlook.rows.set_index("kpi")
    assert len(rows) == 12
    assert ((rows["reason"] == "") == (rows["points"] >= 8)).all()
    assert (rows["p_met"].notna() | (rows["p_reason"] != "")).all()
    assert rows.loc[["M.01", "M.02", "M.03", "M.04"], "points"].tolist() == [1, 7, 6, 1]
    assert "chỉ có 7 điểm" in rows.at["M.02", "reason"]
    assert rows.at["M.09", "measure"] == "A.02.06" and 0 < rows.at["M.09", "p_met"] < 1
    assert rows.loc[["M.05", "M.08", "M.11"], "reason"].map(str).eq("chưa có số liệu cùng định nghĩa").all()
    others = prospect.others.rows.set_index("kpi")
    assert "đã đạt" in others.at["hdi", "p_reason"]
    egdi = others.loc[
        "egdi_rank"
    ]  # 50 or better of 71 in three steps: said only where skill was shown for targets as hard
    assert egdi["p_met"] < 0.5 or egdi["p_reason"].code == "skill_not_shown"


def test_the_forecast_and_the_target_stand_on_one_history(prospect):
    known = prospect.edition.known_tables
    progress = tracking.of_known(known, "2030", probability=True).progress
    for row in progress[(progress["points"] > 0) & (progress["comparator"] != "regional_top_n")].itertuples():
        assert len(macro.series(known.table, known.entered_rows, row.measure, known.known)) == row.points, row.id
    both = observe(  # a year and its last quarter end on one day: the year is the value of both
        *({"subject": "x", "period": period, "value": 1.0} for period in ("2023", "2024", "2024-Q3", "2024-Q4"))
    )
    assert macro.series(both, both, "x", prospect.edition.known)["period"].tolist() == ["2023", "2024"]


def test_a_vintage_is_the_series_as_it_was_known_then(prospect):
    found = macro.earlier(prospect.entries, "egdi_rank", prospect.edition.known)
    assert list(found) == sorted(found, reverse=True)
    for day, history in found.items():
        assert (history["period"].astype(int) <= int(day[:4])).all()
    sizes = [len(history) for history in found.values()]
    assert sizes == sorted(sizes, reverse=True) and sizes[0] < 8


def test_the_evidence_is_of_histories_no_longer_than_the_one_in_hand():
    assert evidence.find("yearly", 13, 5, 80).history == "last 12"
    assert evidence.find("yearly", 14, 1, 95).history == "last 14"
    assert evidence.find("yearly", 16, 2, 80).history == "15–18"
    assert evidence.find("yearly", 40, 9, 80) == evidence.find("yearly", 25, 6, 80)
    assert evidence.find("quarterly", 30, 1, 95).history == "all"
    whole = evidence.overall("yearly", 80)
    assert whole.series == 645 and abs(whole.coverage - 0.8) <= whole.error


def test_the_pages_say_probabilities_in_words_and_refusals_with_their_reason(prospect):
    table = plain(forecast_pages.macro_table(prospect))
    assert table.count("\n| M.") == 12
    assert "mới có 7 điểm, cần ít nhất 8: chỉ có kịch bản" in table
    assert re.search(r"M\.09 .*khoảng \d+ (đến \d+ )?trong 10 .*khoảng dự báo 80% chứa \d\d,\d% ±", table)
    chances = plain(forecast_pages.chances(prospect))
    assert "trong nhóm 50 nước dẫn đầu" in chances and "Ước lượng nghiên cứu" in chances
    assert "phụ thuộc nhiều nhất vào" in plain(forecast_pages.depends_finding(prospect))
    paths = plain(scenario_pages.scenario_table(prospect))
    for words in (
        "giữ tốc độ hiện nay",
        "tốc độ cần để đạt mục tiêu",
        "tốc độ của nước so sánh tốt nhất",
        "tốc độ người dùng nêu",
        "không phải dự báo",
    ):
        assert words in paths
    trace = prospect.edition.figures.trace_table()
    assert (trace["ok"] != "no").all()
    chart = prospect.edition.chart(figures.fans(prospect), "fig-quat").markdown
    assert "khoảng dự báo 80% từ" in chart


def test_a_public_edition_prints_no_probability():
    quiet = open_prospect(Edition(PARAMETERS | {"audience": "cong-khai"}, "", ROOT))
    assert "không đưa vào bản công khai" in forecast_pages.chances(quiet).markdown
    assert "trong 10" not in plain(forecast_pages.macro_table(quiet))
    assert forecast_pages.by_year(quiet).markdown == ""


def test_the_bench_page_ranks_a_researchers_model_and_shows_published_methods(tmp_path):
    edition = Edition({"edition": "x", "title": "a|b", "known": "2026-06-30"}, str(tmp_path), ROOT)
    frame = collections.frame("m3-yearly")
    names = frame["series_id"].drop_duplicates().head(12)
    small = frame[frame["series_id"].isin(names)]
    specs = user_models.read(ROOT / "data" / "examples" / "mo-hinh" / "mo-hinh.yml")
    result = bench.run(small, specs, collections.horizon("m3-yearly"), 1, tmp_path / "out")
    found = pages.Bench("m3-yearly", result, collections.published("m3-yearly"), ("nhip_5_ky", "giu_nguyen"))
    assert "**nhip_5_ky**" in plain(pages.league(edition, found))
    assert "ROBUST-Trend | 2,625 | 17,03" in plain(pages.published(edition, found))
    assert "nhip_5_ky đứng thứ" in plain(pages.finding(edition, found))
    assert (tmp_path / "out" / "refused.csv").exists()
    for build in (pages.differences(found), pages.pit(found)):
        draw, words = build(edition)
        assert draw(theme.NARROW).to_dict() and words["alt"]


def test_competitions_are_named_and_split_as_published():
    frame = collections.frame("m3-yearly")
    assert frame["series_id"].nunique() == 645
    first = frame[frame["series_id"] == "N0001"]
    assert len(first) == 20 and first["period"].iloc[0] == "1001"
    assert len(collections.published("m3-quarterly")) == 24
    assert collections.published("m1-yearly").empty
    with pytest.raises(ProblemError, match="m3-yearly"):
        collections.frame("m5")


def test_the_commands_forecast_refuse_and_report(tmp_path):
    from typer.testing import CliRunner

    from nq57lab.cli.main import app

    good = HISTORY.assign(series_id="tot")
    bad = pd.DataFrame(
        {"series_id": "xau", "period": range(2010, 2022), "value": [*range(90, 101), 120], "kind": "share"}
    )
    table = pd.concat([good, bad], ignore_index=True)
    table.to_csv(tmp_path / "chuoi.csv", index=False)
    call = [
        "forecast",
        "run",
        str(tmp_path / "chuoi.csv"),
        "--horizon",
        "2",
        "--levels",
        "80,95",
        "-o",
        str(tmp_path / "ra.csv"),
    ]
    assert CliRunner().invoke(app, call).exit_code == 0
    found = pd.read_csv(tmp_path / "ra.csv")
    assert found["series_id"].tolist() == ["tot", "tot", "xau"]
    assert "giá trị 120 nằm ngoài khoảng từ 0 đến 100" in found["note"].iloc[2]
    out = tmp_path / "thu"
    models = str(ROOT / "data" / "examples" / "mo-hinh" / "mo-hinh.yml")
    result = CliRunner().invoke(
        app, ["forecast", "backtest", str(tmp_path / "chuoi.csv"), "--models", models, "-o", str(out)]
    )
    assert result.exit_code == 0, result.output
    assert {"hoc_nhieu_chuoi", "nhip_5_ky", "giu_nguyen"} <= set(pd.read_csv(out / "league.csv")["model"])
    assert pd.read_csv(out / "refused.csv")["series_id"].tolist() == ["xau"]
    assert CliRunner().invoke(app, ["forecast", "collection", "m9"]).exit_code != 0


def test_a_wish_without_a_number_has_no_target_drawn(prospect):
    (case,) = [case for case in prospect.cases if case.row["assumed"]]
    rows, told, _ = figures._fan(prospect, case, context=False)
    assert set(rows["part"]) == {"history", "forecast"}
    assert "mục tiêu" not in told and case.row["assumed"] in told
