"""What Word holds of a draft: revisions, text boxes, content controls, notes and headers are read; deletions are told; broken files refused."""

import re
import zipfile
from pathlib import Path

import docx
import pandas as pd
import pytest
from support import problems_of

from nq57lab.publish import draft_check

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TRACE = pd.DataFrame(
    [["Tóm tắt", "84,8%", "a / b", "x.csv:2"], ["Tóm tắt", "1.245", "", "x.csv:3"]],
    columns=["place", "printed", "formula", "rows"],
)
ROWS = pd.DataFrame({"printed": [], "subject": [], "area": [], "period": [], "id": []})
SENTENCES = ("Tỷ lệ hoàn thành là 84,8%. Số nhiệm vụ là 1.245.", "Đoạn này không có số.")


@pytest.fixture
def original(tmp_path):
    path = tmp_path / "goc.docx"
    document = docx.Document()
    document.add_heading("I. Kết quả", 1)
    for sentence in SENTENCES:
        document.add_paragraph(sentence)
    document.save(path)
    return path


def edited(original: Path, change) -> Path:
    """Return a copy whose document part was changed."""
    path = original.with_name("sua.docx")
    with zipfile.ZipFile(original) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data.decode()).encode() if name == "word/document.xml" else data)
    return path


def verdicts(path, original):
    table = draft_check.check(path, original, TRACE, ROWS)
    return {(row.number, row.verdict, row.expected) for row in table.itertuples() if row.verdict != "match"}, table


def in_run(text: str, replacement: str):
    def change(xml):
        before, after = SENTENCES[0].split(text)
        cut = f'<w:r><w:t xml:space="preserve">{before}</w:t></w:r>{replacement}<w:r><w:t>{after}</w:t></w:r>'
        changed, count = re.subn(rf"<w:r><w:t[^>]*>{re.escape(SENTENCES[0])}</w:t></w:r>", lambda _: cut, xml)
        assert count == 1
        return changed

    return change


def test_a_revision_counts_as_accepted(original):
    tracked = '<w:del w:id="1" w:author="a"><w:r><w:delText>84,8%</w:delText></w:r></w:del><w:ins w:id="2" w:author="a"><w:r><w:t>98,7%</w:t></w:r></w:ins>'
    found, table = verdicts(edited(original, in_run("84,8%", tracked)), original)
    assert found == {("98,7", "differs", "84,8")}
    row = table[table["verdict"] == "differs"].iloc[0]
    assert row["where"] == "I. Kết quả"
    assert row["text"] == "Tỷ lệ hoàn thành là 98,7%."


def test_a_figure_that_a_revision_deletes_is_told(original):
    gone = '<w:del w:id="1" w:author="a"><w:r><w:delText>84,8%</w:delText></w:r></w:del>'
    assert verdicts(edited(original, in_run("84,8%", gone)), original)[0] == {("84,8", "deleted", "84,8")}


def swap(one, other):
    return lambda xml: xml.replace(one, "@").replace(other, one).replace("@", other)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda xml: xml.replace("84,8%", "84,8"), {("84,8", "differs", "84,8 %")}),
        (lambda xml: xml.replace("1.245.", "1.245 tỷ đồng."), {("1.245", "differs", "1.245")}),
        (swap("84,8%", "15,2%"), {("84,8", "differs", "15,2"), ("15,2", "differs", "84,8")}),
        (lambda xml: xml.replace("30/6/2026", "30/9/2026"), {("ngày 30/9/2026", "differs", "ngày 30/6/2026")}),
        (lambda xml: xml.replace("tăng", "giảm"), {("giảm", "differs", "tăng")}),
        (lambda xml: xml.replace("không có số", "có 7 dự án"), {("7", "absent", "")}),
        (in_run("84,8", "<w:r><w:rPr><w:vanish/></w:rPr><w:t>84,8</w:t></w:r>"), {("84,8", "deleted", "84,8")}),
        (
            in_run("84,8", '<w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>84,8</w:t></w:r>'),
            {("84,8", "deleted", "84,8")},
        ),
        (
            in_run(
                "84,8", '<w:r><w:rPr><w:color w:val="ffffff"/><w:shd w:fill="000000"/></w:rPr><w:t>84,8</w:t></w:r>'
            ),
            set(),
        ),
        (
            in_run("84,8", "<w:r><w:rPr><w:strike/></w:rPr><w:t>84,8</w:t></w:r><w:r><w:t>85,9</w:t></w:r>"),
            {("85,9", "differs", "84,8")},
        ),
        (
            in_run("84,8", f'<m:oMath xmlns:m="{draft_check._MATH[1:-2]}"><m:r><m:t>85,9</m:t></m:r></m:oMath>'),
            {("85,9", "differs", "84,8")},
        ),
        (lambda xml: xml.replace("<w:tr>", '<w:tr><w:trPr><w:del w:id="9"/></w:trPr>'), {("3,7", "deleted", "3,7")}),
    ],
)
def test_what_a_figure_means_is_held_too(change, found, tmp_path):
    path = tmp_path / "goc.docx"
    document = docx.Document()
    for sentence in (SENTENCES[0], "Còn 15,2%, tăng 84,8% so với ngày 30/6/2026.", SENTENCES[1]):
        document.add_paragraph(sentence)
    document.add_table(1, 1).cell(0, 0).text = "3,7"
    document.save(path)
    assert verdicts(edited(path, change), path)[0] == found


def test_a_document_that_word_on_the_web_renamed_is_read(original):
    path = original.with_name("sua.docx")
    with zipfile.ZipFile(original) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name.replace("document.xml", "document2.xml"), old.read(name))
    assert verdicts(path, original)[0] == set()


def test_a_file_embedded_in_the_text_is_refused(original):
    path = edited(original, lambda xml: xml.replace("<w:sectPr", '<w:altChunk r:id="rId99"/><w:sectPr', 1))
    assert [problem.code for problem in problems_of(lambda: draft_check.paragraphs(path))] == ["alt_chunk"]


def test_a_deleted_paragraph_is_told(original):
    def drop(xml):
        return re.sub(rf"<w:p>(?:(?!</w:p>).)*{re.escape(SENTENCES[0])}.*?</w:p>", "", xml)

    found, _ = verdicts(edited(original, drop), original)
    assert found == {("84,8", "deleted", "84,8"), ("1.245", "deleted", "1.245")}


@pytest.mark.parametrize(
    "wrapped",
    [
        '<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent>{}</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>',
        "<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>",
        "<w:tbl><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>",
    ],
    ids=["text box", "content control", "table"],
)
def test_numbers_in_boxes_controls_and_tables_are_read(wrapped, original):
    inner = "<w:p><w:r><w:t>Trong khung có 77,77.</w:t></w:r></w:p>"
    path = edited(original, lambda xml: xml.replace("<w:sectPr", wrapped.format(inner) + "<w:sectPr", 1))
    assert verdicts(path, original)[0] == {("77,77", "absent", "")}


@pytest.mark.parametrize("part", ["footnotes", "endnotes", "header1", "footer1"])
def test_numbers_in_notes_headers_and_footers_are_read(part, original):
    path = edited(original, lambda xml: xml)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"word/{part}.xml", f"<w:x {W}><w:p><w:r><w:t>Chú thích 66,6.</w:t></w:r></w:p></w:x>")
    found, table = verdicts(path, original)
    assert found == {("66,6", "absent", "")}
    assert part.rstrip("1") in table[table["verdict"] == "absent"]["where"].iloc[0]


def test_an_untouched_draft_agrees(original):
    found, table = verdicts(original, original)
    assert not found
    assert table["number"].tolist() == ["84,8", "1.245"]


def test_broken_files_and_entities_are_refused_with_a_message(original, tmp_path):
    broken = edited(original, lambda xml: xml[:200])
    assert problems_of(lambda: draft_check.paragraphs(broken))[0].code == "file_content"
    entity = edited(original, lambda xml: xml.replace("?>", '?><!DOCTYPE a [<!ENTITY b "99,9">]>', 1))
    assert problems_of(lambda: draft_check.paragraphs(entity))[0].code == "xml_entity"
    text = tmp_path / "chu.docx"
    text.write_text("không phải tệp Word", encoding="utf-8")
    assert problems_of(lambda: draft_check.paragraphs(text))[0].code == "file_content"
