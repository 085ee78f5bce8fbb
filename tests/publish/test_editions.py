"""Editions after they are made: every number traced, edited drafts checked, two editions compared, a past one remade."""

import csv
import json
import re
import shutil
from pathlib import Path

import altair as alt
import docx
import nbformat
import pandas as pd
import pypdf
import pytest
from support import ROOT
from support_project import chromium, copy_project, text_of

from nq57lab.alerts import rules as of_rules
from nq57lab.base.problems import CallError
from nq57lab.documents import plain_numbers
from nq57lab.documents.edition import Edition
from nq57lab.door.lab import Lab
from nq57lab.facts import known as knowledge
from nq57lab.publish import compare, compare_page, draft_check, execute, params, remake, starting, verify, web_page
from nq57lab.publish.render import RenderError

AGENCY = "ho-so-co-quan.yml"
OBSERVED = "S004_2026-06-30_2026-11-29.csv"  # what replaced the rows that were entered wrongly
LATE = "late_2026-06-30.csv"


def build(project: Path, *changes: str, file: str = AGENCY, formats: tuple[str, ...] = ("html",)) -> Path:
    parameters = params.load(project / "params" / file, list(changes))
    return execute.run(project, parameters, renderer="embedded", formats=list(formats), in_process=True)


def own_rows(project: Path) -> list[dict[str, str]]:
    """Return the figures of the ministry of science that its profile prints, the shares first."""
    with (project / "data/observations" / OBSERVED).open(encoding="utf-8", newline="") as file:
        found = [row for row in csv.DictReader(file) if row["area"] == "agency:BKHCN"]
    return sorted(found, key=lambda row: row["unit"] != "%")


def enter(project: Path, *rows: dict[str, str], name: str = LATE) -> None:
    """Enter rows as a file of their own, as an import does."""
    with (project / "data/observations" / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    return copy_project(tmp_path_factory.mktemp("editions"))


@pytest.fixture(scope="module")
def edition(project) -> Path:
    return build(project, formats=("html", "pdf", "docx"))


def bad(project: Path, folder: Path) -> pd.DataFrame:
    table = verify.check(project, folder)
    return table[table["ok"] != "yes"]


def test_an_untouched_edition_is_traced_whole_and_recomputes(project, edition):
    assert len(verify.check(project, edition)) > 20
    assert bad(project, edition).empty


def test_a_number_typed_in_a_notebook_makes_the_check_fail(project):
    path = project / "notebooks" / "96_go_tay.ipynb"
    book = nbformat.read(project / "notebooks" / "13_ho_so_co_quan.ipynb", as_version=4)
    book.cells.insert(4, nbformat.v4.new_markdown_cell("Tỷ lệ hoàn thành đạt 84,8% trong năm 2026."))
    nbformat.write(book, path)
    found = bad(project, build(project, "edition=go-tay", "notebook=96_go_tay.ipynb"))
    assert found["printed"].tolist() == ["84,8"]
    assert "gõ tay" in found["reason"].iloc[0]


def test_a_number_typed_in_a_section_makes_the_check_fail_and_one_called_by_name_does_not(project):
    section = project / "reports/sections/phan-viet-tay/nhan-xet.md"
    section.parent.mkdir(parents=True)
    section.write_text("Đạt {{so:A.02.08}}, theo Nghị quyết số 57-NQ/TW; tăng 12,5 điểm.\n", encoding="utf-8")
    found = bad(project, build(project, "edition=phan-viet-tay"))
    assert found["printed"].tolist() == ["12,5"]


def test_a_number_typed_in_a_template_is_found(tmp_path, project):
    path = project / "reports/_templates/so-ket/nhan-luc-so.md"
    before = path.read_text(encoding="utf-8")
    parameters = params.load(project / "params" / "so-ket-18-thang.yml")
    try:
        for text, expected in ((before, []), (before + "\nĐạt 31,4% kế hoạch.\n", ["31,4"])):
            path.write_text(text, encoding="utf-8")
            ban = Edition(parameters, str(tmp_path), project)
            found = plain_numbers.find(ban.text("nhan-luc-so").markdown, ban.catalogue)
            assert found["number"][found["reason"] == ""].tolist() == expected
    finally:
        path.write_text(before, encoding="utf-8")


def test_a_number_typed_in_the_words_of_a_chart_is_found_and_one_called_by_name_is_not(tmp_path, project):
    parameters = params.load(project / "params" / "so-ket-18-thang.yml")
    ban = Edition(parameters, str(tmp_path), project)
    series = Lab(ban)["A.02.02"].series()
    drawn = alt.Chart(series.frame).mark_line().encode(x="period:N", y="value:Q")
    for title, expected in (("{ten} đạt {cuoi} trong năm 2025", []), ("{ten} đạt {cuoi}, tăng 12,5 điểm", ["12,5"])):
        text = series.draw(drawn, title).markdown
        found = plain_numbers.in_charts(text, ban.catalogue, pd.DataFrame(ban.figures.trace))
        assert found["number"].unique().tolist() == expected
        assert (found["place"] == "hình fig-cua-toi").all()


def test_a_page_edited_after_it_was_made_makes_the_check_fail(tmp_path, project, edition):
    copy = project / "reports" / "sua-trang"
    shutil.copytree(edition, copy)
    page = copy / "ho-so-co-quan.html"
    text = page.read_text(encoding="utf-8")
    page.write_text(re.sub(r'(data-so="s1"[^>]*>)[^<]+<', r"\g<1>99<", text, count=1), encoding="utf-8")
    found = bad(project, copy)
    assert found["id"].tolist() == ["s1"]
    assert "trang HTML in 99" in found["reason"].iloc[0]


def test_print_says_where_every_number_comes_from_and_the_page_shows_it(edition):
    said = "Nguồn gốc và cách tính của từng con số"
    pages = pypdf.PdfReader(edition / "ho-so-co-quan.pdf").pages
    assert said in re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))
    paragraphs = docx.Document(edition / "ho-so-co-quan.docx").paragraphs
    assert any(said in paragraph.text for paragraph in paragraphs)
    assert said not in (edition / "ho-so-co-quan.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted({params.load(path)["notebook"] for path in ROOT.glob("params/*.yml")}))
def test_every_report_says_where_its_numbers_come_from_and_closes_with_its_trace(root, name):
    sources = [cell.source for cell in nbformat.read(root / "notebooks" / name, as_version=4).cells]
    assert sources.count("bao_cao.trace()") == 1
    assert sources[-1] == "#| include: false\nbao_cao.close()"


def test_a_click_or_focus_shows_where_a_number_comes_from(edition):
    from playwright import sync_api as api

    trace = pd.read_csv(edition / "trace.csv", dtype=str, keep_default_na=False).set_index("id")
    path = chromium()
    with api.sync_playwright() as driver:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
        browser = driver.chromium.launch(executable_path=path, args=flags)
        page = browser.new_page(viewport={"width": 390, "height": 800})
        page.goto((edition / "ho-so-co-quan.html").as_uri())
        numbers = page.locator("[data-so]")
        assert numbers.count() > 10
        assert not page.locator("#o-truy-vet").is_visible()
        last = numbers.last
        last.click()
        shown = page.locator("#o-truy-vet").inner_text()
        entry = trace.loc[last.get_attribute("data-so")]
        assert entry["printed"].replace("\u00a0", " ") in shown.replace("\u00a0", " ")
        assert "Nguồn" in shown
        for number in numbers.all():  # words only: no code, no file
            number.focus()
            assert not re.search(r"[a-z]_[a-z]|\.csv|\w\[\w+=", page.locator("#o-truy-vet").inner_text())
        page.keyboard.press("Escape")
        assert not page.locator("#o-truy-vet").is_visible()
        browser.close()


@pytest.fixture(scope="module")
def draft(edition, tmp_path_factory) -> Path:
    """The edition's DOCX as an officer leaves it: a number changed, one added from the edition, one from nowhere, a date."""
    path = tmp_path_factory.mktemp("draft") / "ban-sua.docx"
    document = docx.Document(edition / "ho-so-co-quan.docx")
    cell = next(cell for table in document.tables for row in table.rows for cell in row.cells if cell.text == "0,7709")
    run = next(run for paragraph in cell.paragraphs for run in paragraph.runs if "0,7709" in run.text)
    run.text = "0,7790"
    document.add_paragraph("Theo Nghị quyết số 57-NQ/TW, đến ngày 29/6/2026 chỉ số là 0,7709.")
    document.add_paragraph("Dự kiến tăng 18,25 điểm.")
    document.save(path)
    return path


def test_an_edited_draft_is_checked_number_by_number_and_paragraph_by_paragraph(project, edition, draft):
    trace = pd.read_csv(edition / "trace.csv", dtype=str, keep_default_na=False)
    rows = knowledge.of_parameters(project, params.load(project / "params" / AGENCY)).table
    table = draft_check.check(draft, edition / "ho-so-co-quan.docx", trace, rows)
    assert table.groupby("number")["verdict"].agg(set)["0,7790"] == {"differs"}
    assert table.loc[table["number"] == "0,7790", "expected"].tolist() == ["0,7709"]
    assert "P_EGDI" in table.loc[table["number"] == "0,7790", "source"].iloc[0]
    assert table.loc[table["number"] == "18,25", "verdict"].tolist() == ["absent"]
    added = table.loc[table["number"] == "18,25", "paragraph"].item()
    last = table[table["paragraph"] == added - 1]
    assert last[["number", "verdict"]].values.tolist() == [
        ["0,7709", "match"]
    ]  # the resolution and the date are no figures
    assert (table["verdict"] == "match").sum() == len(table) - 2
    untouched = draft_check.check(edition / "ho-so-co-quan.docx", edition / "ho-so-co-quan.docx", trace, rows)
    assert (untouched["verdict"] == "match").all()


def test_the_command_checks_a_draft_and_says_what_differs(project, edition, draft, monkeypatch):
    from typer.testing import CliRunner

    from nq57lab.cli.main import app

    monkeypatch.chdir(project)
    result = CliRunner().invoke(app, ["check", str(draft), "--edition", "ho-so-co-quan"])
    assert result.exit_code == 1
    assert "1 khác, 1 không có trong kho" in result.output


EVIL = "<script>alert(1)</script> <b>Bộ</b> [x](javascript:alert(2)) $a_b$"


def replace_cell(path: Path, key: str, value: str, column: str, new: str) -> None:
    """Change one cell of a catalogue table."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[table[key] == value, column] = new
    table.to_csv(path, index=False, lineterminator="\n")


@pytest.fixture(scope="module")
def later(tmp_path_factory, edition) -> Path:
    """A later edition in another project: a correction, a new vintage, a target, a weight, the method and the words changed."""
    other = copy_project(tmp_path_factory.mktemp("later"))
    first, second = (row for row in own_rows(other) if row["unit"] in ("%", "chuyên đề"))
    newer = {"vintage": "2026-09-30", "recorded": "2026-10-01"}
    enter(other, first | newer | {"value": "81", "printed": "81"}, second | newer)
    replace_cell(other / "data/catalogue/areas.csv", "id", "agency:BKHCN", "name_vi", EVIL)
    targets = pd.read_csv(other / "data/catalogue/targets.csv", dtype=str, keep_default_na=False)
    numeric = targets["id"][targets["value"] != ""].iloc[0]
    replace_cell(other / "data/catalogue/targets.csv", "id", numeric, "value", "77")
    weights = other / "data/catalogue/weights.csv"
    lines = weights.read_text(encoding="utf-8").rstrip("\n").split("\n")
    weights.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    section = other / "reports/sections/ho-so-co-quan-q3/nhan-xet.md"
    section.parent.mkdir(parents=True)
    section.write_text("Tiến độ nhanh hơn.\n", encoding="utf-8")
    changes = ["edition=ho-so-co-quan-q3", "known=2026-09-30", "period=2026-Q3", "co_quan=<img src=x onerror=alert(3)>"]
    folder = build(other, *changes, formats=("html", "docx"))
    manifest = folder / "manifest.json"
    made = re.sub(r'"commit": "[^"]*"', '"commit": "khac"', manifest.read_text(encoding="utf-8"))
    manifest.write_text(made, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def changes(edition, later) -> pd.DataFrame:
    return compare.diff(edition, later)


def test_two_editions_are_compared_in_values_vintages_methods_weights_targets_and_text(changes):
    assert list(changes.columns) == compare.COLUMNS
    kinds = dict(list(changes.groupby("kind")))
    changed = kinds["value"][
        kinds["value"]["before"] != ""
    ]  # the data may have newer figures that only the later edition knows
    assert changed[["area", "before", "after"]].values.tolist() == [["agency:BKHCN", "75%", "81%"]]
    assert len(kinds["vintage"]) == 1 and "2026-09-30" in kinds["vintage"]["after"].iloc[0]
    assert "khac" in kinds["method"]["after"].tolist()
    assert kinds["target"]["after"].tolist() == ["77"]
    assert kinds["weight"]["cause"].str.contains("bỏ khỏi weights.csv").any()
    assert set(kinds["parameter"]["subject"]) >= {"known", "period"}
    assert any("nhanh" in text for text in kinds["text"]["after"])


def test_alerts_that_appeared_or_were_cleared_are_listed_and_standing_ones_are_not(tmp_path):
    folders = [tmp_path / name for name in ("truoc", "sau")]
    texts = {"severity": "strategic", "unit": "%", "since": "2026-06-30", "period": "2026", "area": "VN"}
    for folder, codes in zip(folders, (["A.01.05", "A.02.02"], ["A.02.02", "A.02.06"]), strict=True):
        rows = [
            dict.fromkeys([*of_rules.COLUMNS, *of_rules.MORE], "")
            | texts
            | {
                "rule": "pace",
                "name": "Tốc độ dưới mức phải đạt",
                "subject": code,
                "value": 26.587,
                "threshold": 60.0,
                "state": "standing",
            }
            for code in codes
        ]
        folder.mkdir()
        pd.DataFrame(rows).to_csv(folder / "alerts.csv", index=False)
    told = "Tốc độ dưới mức phải đạt: 26,59%, ngưỡng 60%"
    assert compare.alerts(*folders) == [
        ["alert", "A.02.06", "VN", "2026", "", told, "cảnh báo mới"],
        ["alert", "A.01.05", "VN", "2026", told, "", "cảnh báo đã hết"],
    ]
    (folders[0] / "alerts.csv").unlink()
    assert compare.alerts(*folders) == []


def test_the_page_of_changes_shows_markup_as_text(tmp_path, changes):
    compare_page.write(changes, tmp_path / "thay-doi.html", "cũ", "mới <script>")
    page = (tmp_path / "thay-doi.html").read_text(encoding="utf-8")
    assert "mới &lt;script&gt;" in page and "<script" not in page
    assert f"{len(changes)} thay đổi" in page and "75%" in page and "81%" in page


def test_a_past_edition_is_remade_identically_also_after_a_late_entry(tmp_path, edition):
    other = copy_project(tmp_path)
    shutil.copytree(edition, other / "reports" / "ho-so-co-quan")
    enter(other, own_rows(other)[0] | {"value": "12", "printed": "12", "recorded": "2026-12-01"})
    past = other / "reports" / "ho-so-co-quan"
    assert remake.figures(other, past).empty
    again = remake.make(other, past, ["html"])
    assert (again / "trace.csv").read_bytes() == (past / "trace.csv").read_bytes()
    # The head names the documents made beside the page, here fewer.
    now, then = (text_of(folder / "ho-so-co-quan.html").split("Mục lục", 1)[1] for folder in (again, past))
    assert now == then
    # The store alone gives the same too, when the edition names the day up to which it was entered.
    named = build(other, "edition=chot-ngay-nhap", "entered=2026-11-30")
    assert bad(other, named).empty
    # The edition itself asks the store for every entry, and one came later: the check says what the store gives now.
    found = bad(other, past)
    assert set(found["printed"]) == {"75%"} and found["reason"].str.contains("kho cho 12").all()


def test_an_edition_is_remade_by_the_renderer_of_its_manifest(tmp_path, edition, monkeypatch):
    past = Path(shutil.copytree(edition, tmp_path / "reports" / edition.name))
    manifest = json.loads((past / "manifest.json").read_text(encoding="utf-8"))
    (past / "manifest.json").write_text(json.dumps(manifest | {"renderer": "quarto 1.11.0"}), encoding="utf-8")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match="quarto"):
        remake.make(ROOT, past, ["html"])


def test_markup_in_a_name_or_a_parameter_comes_out_as_text(later):
    page = (later / "ho-so-co-quan-q3.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page
    assert "<b>Bộ" not in page and "<img src=x" not in page
    assert 'href="javascript' not in page
    assert web_page.check_html(later / "ho-so-co-quan-q3.html") == []
    document = docx.Document(later / "ho-so-co-quan-q3.docx")
    assert any("<script>alert(1)</script>" in paragraph.text for paragraph in document.paragraphs)


def test_a_report_about_an_area_without_data_says_so_on_one_page(project):
    province = build(project, "edition=chua-co", "known=2001-01-01", file="ho-so-tinh.yml", formats=("pdf",))
    found = pypdf.PdfReader(province / "chua-co.pdf").pages
    assert len(found) == 1
    assert "Chưa có số liệu" in found[0].extract_text()


@pytest.mark.parametrize("kind", starting.kinds(ROOT))
def test_a_report_of_every_kind_is_started_from_a_period(tmp_path, root, kind):
    shutil.copytree(root / "params", tmp_path / "params")
    first, *sections = starting.start(tmp_path, kind, "2026-Q3")
    parameters = params.load(first)
    assert parameters["period"] == "2026-Q3" and parameters["known"] == "2026-10-31" and parameters["draft"]
    assert "quý III/2026" in parameters["title"]
    assert [path.stem for path in sections] == list(starting.kinds(root)[kind].sections)
    with pytest.raises(CallError):
        starting.start(tmp_path, kind, "2026-Q3")
    assert (root / "notebooks" / parameters["notebook"]).is_file()


def test_an_unknown_kind_or_period_is_refused(tmp_path):
    with pytest.raises(CallError) as error:
        starting.start(tmp_path, "bao-cao-tuan", "quý ba")
    assert len(error.value.problems) == 2
