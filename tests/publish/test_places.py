"""An edition's folder: replaced only if this tool made it, by one run at a time; what a killed run left goes."""

import json
import multiprocessing
import time

import pytest
from support import ROOT, problems_of

from nq57lab.publish import params, places


def edition(folder, **more):
    folder.mkdir(parents=True)
    content = {"edition": folder.name, "parameters": {}, "outputs": {}} | more
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "name",
    [
        "assets",
        "sections",
        "editions",
        "site-noi-bo",
        "_filters",
        ".git",
        "..",
        "a/b",
        "con",
        "a\n",
        "",
        "aux.html",
        "x.",
        "x" * 120,
    ],
)
def test_the_names_of_the_projects_own_folders_are_no_editions(name, tmp_path):
    (tmp_path / "reports" / "assets").mkdir(parents=True)
    assert places.refused(name)
    if "\n" not in name and name:
        found = problems_of(lambda: params.load(ROOT / "params" / "so-ket-18-thang.yml", [f"edition={name}"]))
        assert {problem.code for problem in found} <= {"edition_reserved", "parameter"}


def test_a_folder_that_this_tool_did_not_make_stays_as_it_is(tmp_path):
    mine = tmp_path / "reports" / "bai-viet"
    mine.mkdir(parents=True)
    (mine / "chu.md").write_text("của tôi", encoding="utf-8")
    (problem,) = problems_of(lambda: places.claimed(tmp_path, "bai-viet").__enter__())
    assert problem.code == "edition_foreign"
    (mine / "manifest.json").write_text('{"name": "gói khác"}', encoding="utf-8")
    assert problems_of(lambda: places.check(mine))[0].code == "edition_foreign"
    assert (mine / "chu.md").read_text(encoding="utf-8") == "của tôi"
    link = tmp_path / "reports" / "noi"
    link.symlink_to(mine)
    assert problems_of(lambda: places.check(link))[0].code == "edition_foreign"
    places.check(edition(tmp_path / "reports" / "quy-3"))


def test_the_old_edition_stays_until_the_new_one_stands(tmp_path):
    target = edition(tmp_path / "reports" / "quy-3", mark="cũ")
    with places.claimed(tmp_path, "quy-3") as place:
        work = places.aside(place)
        assert json.loads((target / "manifest.json").read_text())["mark"] == "cũ"
        (work / "manifest.json").write_text('{"edition": "quy-3", "parameters": {}, "outputs": {}}')
        places.replace(work, place)
    assert "mark" not in json.loads((target / "manifest.json").read_text())
    assert [path.name for path in target.parent.iterdir()] == ["quy-3"]


def hold(root, ready):
    with places.claimed(root, "quy-3") as target:
        places.aside(target)
        ready.set()
        time.sleep(60)


def test_two_runs_of_one_report_do_not_meet_and_a_killed_one_leaves_nothing(tmp_path):
    (tmp_path / "data").mkdir()
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    other = context.Process(target=hold, args=(tmp_path, ready))
    other.start()
    assert ready.wait(60)
    assert problems_of(lambda: places.claimed(tmp_path, "quy-3").__enter__())[0].code == "report_busy"
    with places.claimed(tmp_path, "quy-4"):  # another report goes on, and leaves the other's work alone
        assert list((tmp_path / "reports").glob(".quy-3~*"))
    other.kill()
    other.join()
    with places.claimed(tmp_path, "quy-4"):
        assert not list((tmp_path / "reports").glob(".*~*"))


def test_a_draft_is_kept_beside_the_final_edition(tmp_path):
    target = edition(tmp_path / "reports" / "quy-3", parameters={"draft": True})
    assert places.keep_draft(target).name == "quy-3-du-thao-1"
    assert places.keep_draft(target).name == "quy-3-du-thao-2"
    final = edition(tmp_path / "reports" / "quy-2", parameters={"draft": False})
    assert places.keep_draft(final) is None


def test_a_final_edition_lists_every_section_that_nobody_wrote(tmp_path):
    from nq57lab.publish import starting
    from nq57lab.publish.final.sections import unwritten

    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "11_bao_cao_quy.ipynb").write_bytes(
        (ROOT / "notebooks" / "11_bao_cao_quy.ipynb").read_bytes()
    )
    sections = tmp_path / "reports" / "sections" / "quy-3"
    sections.mkdir(parents=True)
    (sections / "nhan-xet.md").write_text("Đã viết.", encoding="utf-8")
    (sections / "bai-hoc.md").write_text(starting.PLACEHOLDER, encoding="utf-8")
    found = unwritten(tmp_path, {"notebook": "11_bao_cao_quy.ipynb", "edition": "quy-3"})
    assert [problem.file.rsplit("/", 1)[1] for problem in found] == ["nguyen-nhan.md", "bai-hoc.md", "kien-nghi.md"]


def test_an_edition_that_only_its_parameters_name_is_told_how_to_make(tmp_path):
    from nq57lab.publish import cli

    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "quy-2.yml").write_text('schema: x\nedition: "quy-2"\n', encoding="utf-8")
    for name, code in (("quy-2", "edition_unmade"), ("quy", "values")):
        (problem,) = problems_of(lambda name=name: cli.find_edition(tmp_path, name))
        assert problem.code == code
        assert ("nq57 report params/quy-2.yml" in problem.text("vi")) == (name == "quy-2")
