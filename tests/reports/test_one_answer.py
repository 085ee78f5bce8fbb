"""One question, one answer: every report of one date run on the store, and what several places print of one thing compared."""

import json
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from support import ROOT
from support_charts import Unit, fonts, is_rank, shapes, strange_colours, units
from support_pdf import faults as pdf_faults
from support_pdf import pages

from nq57lab.charts import theme
from nq57lab.facts import illustrative, vintages
from nq57lab.facts import known as knowledge
from nq57lab.facts.observations import TRUSTED
from nq57lab.publish import execute, params, verify
from nq57lab.quality import findings

# Pages of a report in print, at most; the review's are looked at with the rest of it.
BUDGETS = {"bao-cao-quy-2026-q2": 14, "ho-so-tinh": 6, "ho-so-tinh-minh-hoa": 6, "ho-so-co-quan": 4}
SPECIAL = 10
REVIEW = "so-ket-18-thang"
LEFT_OUT = {"bieu-do-cua-toi"}  # an analyst's own charts, not a report
DRAWN = re.compile(r'data-figure="([\w-]+)">(.*?)</script>')
ROW = re.compile(r"\.csv:\d+$")


def parameter_files() -> list[Path]:
    return [file for file in sorted((ROOT / "params").glob("*.yml")) if file.stem not in {*LEFT_OUT, REVIEW}]


def printed(file: Path, folder: Path) -> pd.DataFrame:
    """Make a report in print in a folder; return its trace."""
    folder.mkdir()
    execute.build(ROOT, params.load(file), folder, renderer="embedded", formats=["pdf"], in_process=True)
    return pd.read_csv(folder / "trace.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def others(tmp_path_factory) -> tuple[list[pd.DataFrame], Path]:
    """The traces of all reports but the review, and the folder where their documents are."""
    root = tmp_path_factory.mktemp("ban-in")
    return [printed(file, root / file.stem).assign(report=file.stem) for file in parameter_files()], root


@pytest.fixture(scope="module")
def whole(others, review) -> tuple[pd.DataFrame, list[Path]]:
    """The traces of all reports as one table, ``report`` naming each, and their executed notebooks."""
    own = pd.read_csv(review / "trace.csv", dtype=str, keep_default_na=False).assign(report=REVIEW)
    return pd.concat([*others[0], own], ignore_index=True), [*others[1].glob("*/*.ipynb"), *review.glob("*.ipynb")]


@pytest.fixture(scope="module")
def drafts(whole) -> pd.DataFrame:
    return whole[0]


@pytest.fixture(scope="module")
def charts(whole) -> dict[str, list[Unit]]:
    """The marks of every chart of every report, by label and size, each drawing once."""
    found: dict[tuple[str, str], dict] = {}
    for path in whole[1]:
        cells = nbformat.read(path, as_version=4).cells
        told = [out.data.get("text/markdown", "") for cell in cells for out in cell.get("outputs", []) if "data" in out]
        for label, drawn in DRAWN.findall("\n".join(told)):
            spec = json.loads(drawn)
            found.setdefault((label, json.dumps(spec["vconcat"][0]["title"])), spec)
    drawn = {}
    for (label, _), spec in found.items():
        narrow = spec | spec["usermeta"]["narrow"]
        for size, drawing in ((theme.WIDE, spec), (theme.NARROW, narrow)):
            assert drawing["config"]["style"] == theme.THEME["style"], label
            drawn[f"{label} {size.width}"] = list(units(drawing))
    return drawn


@pytest.fixture(scope="module")
def finals() -> pd.DataFrame:
    kinds = {
        "bao-cao-quy-2026-q2",
        "chat-luong",
        "kpi-vi-mo",
        "muc-tieu",
        "phu-luc-du-bao",
        "so-ket-18-thang",
        "xep-hang",
    }
    finals = [verify.rerun(ROOT, params.load(ROOT / "params" / f"{kind}.yml", ["draft=false"])) for kind in kinds]
    return pd.concat(finals, ignore_index=True)


@pytest.fixture(scope="module")
def known() -> knowledge.Knowledge:
    return knowledge.of_parameters(ROOT, params.load(ROOT / "params" / "so-ket-18-thang.yml"))


def listed(cell: str) -> list[str]:
    return [part for part in cell.split("; ") if part]


def test_every_report_keeps_to_its_pages_and_fills_them(others):
    found = {file.stem: others[1] / file.stem / f"{file.stem}.pdf" for file in parameter_files()}
    assert {
        name: faults for name, path in found.items() if (faults := pdf_faults(path, BUDGETS.get(name, SPECIAL)))
    } == {}


def test_every_special_report_opens_with_its_findings(others):
    special = [file.stem for file in parameter_files() if file.stem not in BUDGETS]
    first = {name: pages(others[1] / name / f"{name}.pdf")[0].text for name in special}
    assert [name for name, text in first.items() if not re.search(r"Tóm tắt 1\. ", text)] == []


def test_every_row_behind_a_final_edition_is_official_or_verified(finals, known):
    status = dict(zip(known.stored["id"], known.stored["status"], strict=True))
    behind = {row for cell in finals["rows"] for row in listed(cell) if row in status}
    assert behind
    assert {status[row] for row in behind} <= set(TRUSTED)
    assert set(finals["status"]) <= {"", *TRUSTED}


def test_the_alerts_of_a_final_edition_rest_on_trusted_rows():
    from nq57lab.alerts import rules

    final = knowledge.of_parameters(ROOT, params.load(ROOT / "params" / "muc-tieu.yml", ["draft=false"]))
    alerts = rules.standing(rules.situation(final, probability=False), rules.load_rules(final.catalogue))
    status = dict(zip(final.stored["id"], final.stored["status"], strict=True))
    assert {status[row] for row in alerts["rows"] if row in status} <= set(TRUSTED)
    draft = knowledge.of_parameters(ROOT, params.load(ROOT / "params" / "muc-tieu.yml"))
    assert "self_reported" in set(draft.table["status"]), "the draft has rows that the final edition leaves out"


def test_a_number_computed_in_one_way_from_the_same_rows_is_the_same_everywhere(drafts):
    several = {
        *findings.RULES.values(),
        "số trong lý do của phép đối chiếu",
    }  # a sentence on a rule holds several numbers
    told = drafts[(drafts["rows"] != "") & (drafts["formula"] != "") & ~drafts["formula"].str.startswith("số ")]
    told = told[~told["formula"].isin(several) & (told["recomputed"] != "")]
    told = told[told["rows"].map(lambda cell: all(ROW.search(part) for part in listed(cell)))]
    groups = told.groupby(["formula", "rows", "unit", "period", "area", "asked"])["recomputed"]
    apart = groups.agg(lambda values: sorted(set(values.map(lambda text: f"{float(text):.9g}"))))
    apart = apart[apart.map(len) > 1]
    assert apart.empty, apart.head().to_dict()


def test_a_figure_of_the_store_is_printed_with_one_value(drafts):
    told = drafts[(drafts["formula"] == "") & drafts["rows"].str.contains(ROW) & ~drafts["rows"].str.contains("; ")]
    told = told[told["rows"].str.contains("_") & (told["recomputed"] != "")]
    told = told[~told["rows"].str.startswith("alert_rules.csv")]
    values = told.groupby(["rows", "unit"])["recomputed"].agg(
        lambda cells: {f"{abs(float(text)):.9g}" for text in cells}
    )
    assert values[values.map(len) > 1].empty, values[values.map(len) > 1].head().to_dict()


QUANTITIES = {
    "probability": r"xác suất đạt mục tiêu \(ước|xác suất đạt mục tiêu theo phân phối|^P\(đạt mục tiêu\)$",
    "required": r"\(mục tiêu − giá trị\) ÷ số năm từ kỳ của số liệu",
    "required_now": r"\(mục tiêu − giá trị\) ÷ số năm từ ngày báo cáo",
    "pace": r"^\(giá trị − gốc\) ÷ số năm$|^kịch bản: giữ tốc độ hiện nay, tốc độ mỗi năm$",
    "gap": r"^giá trị − mục tiêu$",
}


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_what_is_said_of_a_target_is_said_once(drafts, known, quantity):
    """Places compute the same from the newest row of a series, whatever else they name."""
    subject = dict(zip(known.stored["id"], known.stored["subject"], strict=True))
    own = drafts[drafts["formula"].str.contains(QUANTITIES[quantity]) & (drafts["recomputed"] != "")]
    said: dict[str, set[str]] = {}
    for entry in own.itertuples():
        subjects = {subject[row] for row in listed(entry.rows) if row in subject}
        if len(subjects) == 1 and "mốc 2045" not in entry.formula:
            share = float(entry.recomputed) / (100 if quantity == "probability" and entry.unit == "%" else 1)
            said.setdefault(subjects.pop(), set()).add(f"{share:.6g}")
    far = {"A.02.06"} if quantity != "probability" else set()  # GII has a number for 2045 only, and a wish for 2030
    assert said
    assert {name: values for name, values in said.items() if len(values) > 1 and name not in far} == {}


def test_nothing_printed_crosses_a_break(drafts, known):
    rows = known.stored.set_index("id")
    checked, audited = 0, set(known.catalogue.relations["expression"])  # the audit repeats what the draft did
    between = r" - |growth|gốc|mỗi năm|bình quân|tốc độ"  # changes, paces and what follows from them
    computed = drafts[drafts["formula"].str.contains(between) & ~drafts["formula"].isin(audited)]
    computed = computed[~computed["formula"].str.startswith("số in −")]
    for entry in computed.itertuples():
        named = [row for row in listed(entry.rows) if row in rows.index]
        own = rows.loc[named].drop_duplicates()
        for _, part in own.groupby(["subject", "area", "item", "dims"], sort=False):
            if part["period"].nunique() > 1:
                newest = part.sort_values("period_end").iloc[-1]
                series = known.entered_rows.query(
                    "subject == @newest.subject and area == @newest.area and dims == @newest.dims"
                )
                for source in part["source"].unique():
                    checked += 1
                    assert vintages.Sources(series).objection(source, newest["source"]) == "", entry
    assert checked


def test_the_draft_does_not_subtract_the_two_coverages_of_5g(known):
    figures = known.figures()
    apart = figures.get("M.04[period=2026-06] - M.04[period=2025-05]")
    assert apart.missing and apart.apart.code in ("sources_apart", "series_breaks")
    assert figures.write(apart).startswith("không so được: ")


def test_a_number_that_a_page_computed_does_not_claim_to_be_recomputed(drafts):
    named = drafts[drafts["ok"] == "yes"]
    assert len(named) > 100
    shown = named[named["rows"] != ""]["rows"]
    assert shown.map(
        lambda cell: all(ROW.search(part) or part.startswith(illustrative.ROW_PREFIX) for part in listed(cell))
    ).all()
    assert (drafts["ok"] != "no").all()


def test_what_rests_on_generated_figures_carries_their_mark(drafts):
    made = drafts[drafts["rows"].str.startswith(illustrative.ROW_PREFIX)]
    assert len(made) > 50
    assert set(made["status"]) == {illustrative.STATUS}


def test_a_gap_of_an_estimate_is_an_estimate(drafts, known):
    status = dict(zip(known.stored["id"], known.stored["status"], strict=True))
    gaps = drafts[(drafts["formula"] == "giá trị − mục tiêu") & (drafts["recomputed"] != "")]
    assert len(gaps)
    for entry in gaps.itertuples():
        first = next(row for row in listed(entry.rows) if row in status)
        assert entry.status == status[first], entry


def test_the_public_reads_only_what_was_decided_to_be_published():
    public = knowledge.of_parameters(ROOT, params.load(ROOT / "params" / "so-ket-18-thang.yml", ["audience=cong-khai"]))
    assert len(public.table) and (public.entered_rows["public_decision"] != "").all()


def test_names_are_not_cut_at_brackets():
    code = [
        path
        for path in Path(verify.__file__).parents[1].rglob("*.py")
        if re.search(r"""split\(["'] \(["']""", path.read_text(encoding="utf-8"))
    ]
    assert code == []


def test_a_colour_has_one_meaning_in_every_chart_of_every_report(charts):
    assert len(charts) > 60
    strange = {name: [fault for unit in marks for fault in strange_colours(unit)] for name, marks in charts.items()}
    assert {name: faults for name, faults in strange.items() if faults} == {}


def test_a_diamond_is_a_target_and_a_hollow_point_an_unverified_figure(charts):
    for name, marks in charts.items():
        for unit in marks:
            assert ("diamond" in shapes(unit)) == (unit.mark.get("style") == "target" and "diamond" in shapes(unit)), (
                name
            )
            if unit.mark["type"] == "point" and unit.mark.get("fill") == "white":
                assert all(row.get("told", True) for row in unit.rows), name


def test_the_first_place_is_on_top(charts):
    ranks = [unit for marks in charts.values() for unit in marks if is_rank(unit)]
    assert len(ranks) > 20
    assert all(unit.encoding["y"]["scale"]["reverse"] for unit in ranks)


def test_bars_begin_at_zero_and_no_chart_has_two_value_axes(charts):
    for name, marks in charts.items():
        for unit in marks:
            assert "independent" not in str(unit.encoding.get("y", {}).get("resolve", "")), name
            if unit.mark["type"] == "bar" and unit.mark.get("style") not in ("band", "missing"):
                domain = (unit.encoding["x"].get("scale") or {}).get("domain", [0])
                assert not isinstance(domain[0], (int, float)) or domain[0] <= 0, name


def test_ticks_of_years_lie_within_the_years_shown(charts):
    for name, marks in charts.items():
        for unit in marks:
            x = unit.encoding.get("x", {})
            if x.get("field") == "year" and unit.rows:
                ticks = x["axis"]["values"]
                assert ticks == sorted(set(ticks)) and x["scale"]["domain"][0] <= ticks[0], name
                assert ticks[-1] <= x["scale"]["domain"][1], name


def test_letters_are_at_least_eight_points_in_print_and_readable_on_a_phone(charts):
    point = 160 / 25.4 * 72 / theme.WIDE.width  # of a pixel, on a line of 160 mm
    for name, marks in charts.items():
        least = 8 / point if name.endswith(str(theme.WIDE.width)) else 9.5
        small = {size for unit in marks for size in fonts(unit) if size < least - 0.05}
        assert not small, (name, small)


def test_no_leftover_of_arithmetic_stands_among_the_names(charts):
    for name, marks in charts.items():
        said = {str(row.get("name", "")).lower() for unit in marks for row in unit.rows}
        assert not [text for text in said if "tính toán" in text or "chênh so với" in text], name
