"""The pages and charts of targets, links, alerts and comparators: one verdict with the methods that agree, every number traced."""

import re

import pandas as pd
import pytest

from nq57lab.alerts import pages
from nq57lab.alerts import rules as of_rules
from nq57lab.base import wording
from nq57lab.charts import theme
from nq57lab.comparators import figures as comparator_figures
from nq57lab.comparators import pages as comparator_pages
from nq57lab.documents.edition import Edition
from nq57lab.links import figures as link_figures
from nq57lab.links import pages as link_pages
from nq57lab.reports import scorecard
from nq57lab.targets import disagreement, figures, macro_pages
from nq57lab.targets import pages as target_pages

PARAMETERS = {
    "edition": "thu",
    "title": "THỬ|Trang mục tiêu",
    "known": "2026-06-30",
    "period": "2026",
    "since": "2025-12-31",
    "alert_dates": ["2026-06-30", "2026-07-31"],
}


@pytest.fixture(scope="module")
def edition(root, tmp_path_factory) -> Edition:
    return Edition(PARAMETERS | {"show_probability": True}, work=str(tmp_path_factory.mktemp("work")), root=root)


@pytest.fixture(scope="module")
def following(edition) -> target_pages.Following:
    return target_pages.follow(edition)


def test_each_macro_kpi_has_its_pace_against_the_needed_one_and_a_verdict_in_shape_and_word(edition, following):
    table = scorecard.table(edition, following).markdown
    plain = re.sub(r"\[([^\]]*)\]\{[^}]*\}", r"\1", table).replace(wording.NO_BREAK, " ")
    economy = next(line for line in plain.splitlines() if "Tỷ trọng kinh tế số" in line)
    assert "○ chậm" in economy and "phải nhanh gấp 3,8 lần" in economy and "khoảng năm 2044" in economy
    rnd = next(line for line in plain.splitlines() if "Chi R&D" in line)
    assert "chưa đủ dữ liệu" in rnd and "điểm phần trăm mỗi năm; chưa có kỳ nào sau năm gốc" in rnd
    assert "chưa ban hành quyết định" in plain
    index = next(line for line in plain.splitlines() if "GII" in line)
    assert "trong nhóm 30 nước dẫn đầu" in index and "○ chậm (mốc 2045)" in index and "đứng yên" in index
    exports = next(line for line in plain.splitlines() if "Xuất khẩu sản phẩm công nghệ cao" in line)
    assert "chờ số liệu của Bộ Tài chính" in exports


def test_the_kpis_without_a_figure_stand_last_and_draw_nothing(edition, following):
    found = scorecard.rows(edition, following)
    assert [row.missing for row in found] == sorted(row.missing for row in found) and len(found) == 12
    assert not any(row.line or row.bar for row in found if row.missing)
    economy = next(row for row in found if row.code == "M.03")
    assert economy.line.startswith("<svg") and economy.bar and "tăng" in economy.way


@pytest.fixture(scope="module")
def decided(edition) -> tuple[Edition, target_pages.Following]:
    """An edition without probabilities, with a method named by decision."""
    more = {"verdict_method": "sdsn", "verdict_decision": "Quyết định số 1", "show_probability": False, "since": None}
    public = Edition(PARAMETERS | more, root=edition.root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(target_pages.methods, "probability", lambda *_: pytest.fail("the forecasts were asked"))
        return public, target_pages.follow(public)


def test_the_named_method_by_decision_takes_eurostats_place(decided):
    public, chosen = decided
    row = chosen.near.progress.set_index("id").loc["T2030.digital_economy.S002"]
    assert (row["verdict"], row["verdict_rule"], chosen.method) == ("stagnating", "SDSN", "sdsn")
    assert target_pages.method_name(public, chosen) == "SDSN (theo Quyết định số 1)"
    assert "chững lại" in scorecard.table(public, chosen).markdown


def test_the_probability_stays_out_of_public_editions_unless_asked_for(decided, following):
    public, found = decided
    assert "p" not in found.shown and "p" in following.shown
    assert not target_pages.shows_probability(Edition(PARAMETERS | {"audience": "cong-khai"}, root=public.root))
    assert "xác suất" not in target_pages.methods_table(public, found).markdown.split("\n: ")[0].lower()


def test_every_alert_has_its_state_at_every_date(edition, following):
    tables = pages.at_dates(edition, following)
    assert [day.isoformat() for day in tables] == PARAMETERS["alert_dates"]
    assert (
        tables[min(tables)][of_rules.KEY].values.tolist()
        == pages.watch(edition, following).alerts[of_rules.KEY].values.tolist()
    )
    text = re.sub(r"\[([^\]]*)\]\{[^}]*\}", r"\1", pages.by_date(edition, following, tables).markdown)
    economy = next(line for line in text.splitlines() if "Lệch quỹ đạo" in line)
    assert economy.count("11,6%") == 2 and "mới: 11,6%" in economy and "còn: 11,6%" in economy
    text = text.replace("\u00a0", " ")
    egdi = next(line for line in text.splitlines() if "đã cũ" in line and "Thứ hạng Chỉ số phát triển" in line)
    assert [cell.strip() for cell in egdi.split("|")][3:5] == ["–", "mới: 577 ngày"]
    counts = pages.over_time(edition, following, tables).markdown
    assert "Nhiệm vụ sắp đến hạn" in counts and "chưa có trong kho" in counts


def test_all_pages_are_written_and_every_number_is_traced(edition, following):
    pieces = [
        *(target_pages.methods_note(edition, following), target_pages.methods_table(edition, following)),
        *(pages.finding(edition, following), pages.table(edition, following)),
        *(link_pages.plan_finding(edition), link_pages.plan_table(edition, "2045")),
        *(macro_pages.finding(edition, following), macro_pages.pace_finding(edition, following)),
        *(macro_pages.pace_table(edition, following), comparator_pages.finding(edition)),
        *(comparator_pages.positions(edition), comparator_pages.speed_finding(edition, following)),
        *(comparator_pages.speeds(edition, following), link_pages.finding(edition)),
        *(link_pages.coverage(edition), link_pages.operational(edition, following)),
        *(link_pages.unmeasured(edition), link_pages.agencies(edition)),
        *(link_pages.hanging(edition, "M.03"), link_pages.matrix_table(edition, "push")),
    ]
    assert all(len(piece.markdown) > 80 for piece in pieces)
    assert not any("nan" in piece.markdown.lower().split() for piece in pieces)
    trace = edition.figures.trace_table()
    assert len(trace) > 100 and (trace["ok"] != "no").all()


def test_the_alerts_of_an_edition_are_kept_beside_it(edition, following):
    found = pages.watch(edition, following)
    kept = pd.read_csv(edition.work / "alerts.csv")
    assert len(kept) == len(found.alerts)
    assert {"new", "standing"} <= set(kept["state"])


def test_every_chart_is_a_valid_drawing_with_words_on_page_and_phone(edition, following):
    builders = [
        *(figures.bullets(following), figures.paths(following), figures.method_matrix(following)),
        *(comparator_figures.comparator_dots, link_figures.link_heat("push"), link_figures.link_graph),
    ]
    for build in builders:
        draw, words = build(edition)
        assert set(words) == {"title", "subtitle", "caption", "alt"} and all(words.values())
        for size in (theme.WIDE, theme.NARROW):
            spec = theme.themed(draw(size), words["title"], words["subtitle"], "Nguồn.", size)
            assert spec["$schema"].endswith(".json")


def row(**statuses: str) -> dict:
    blank = {f"{name}_status": "not_available" for name in ("eurostat", "un", "escap", "sdsn", "p")}
    return blank | {"escap_depends": ""} | {f"{name}_status": status for name, status in statuses.items()}


def test_where_the_methods_differ_the_sentence_says_who_and_why():
    apart = row(eurostat="moderate_progress", un="on_track", escap="reverse", sdsn="on_track", p="unlikely") | {
        "escap_depends": "yes"
    }
    said = disagreement.explain(apart)
    assert "Eurostat: tiến nhưng không kịp" in said and "Liên hợp quốc và SDSN: kịp mốc" in said
    assert "UNESCAP dùng cả chuỗi" in said and "phụ thuộc trọng số" in said and "độ bất định" in said
    assert disagreement.differ(apart)
    same = row(eurostat="limited_progress", un="fair_progress", p="unlikely")
    assert not disagreement.differ(same) and disagreement.explain(same).startswith("thống nhất: tiến nhưng không kịp")
    assert disagreement.differ(row(eurostat="target_achieved", p="unlikely"))
    assert disagreement.explain(row()) == "chưa có phương pháp nào áp dụng được"
    assert disagreement.explain(row(escap="accelerate")) == "chỉ UNESCAP áp dụng được: tiến nhưng không kịp"
