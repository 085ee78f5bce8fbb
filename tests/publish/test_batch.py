"""Batches: parameters checked first, failures apart, resumed runs, damaged and half-made work, workers elsewhere."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from support_project import copy_project
from typer.testing import CliRunner

from nq57lab.base import wording
from nq57lab.base.problems import ProblemError
from nq57lab.cli.main import app
from nq57lab.facts import known as knowledge
from nq57lab.publish import execute, params, places, remake, verify
from nq57lab.publish.batch import cache
from nq57lab.publish.batch import keys as batch_keys
from nq57lab.publish.batch import run as batch
from nq57lab.reports import province

CELL = """from pathlib import Path
from IPython.display import Markdown
{extra}
Markdown(f"# Hồ sơ {{area}}\\n\\nNội dung.")"""


def notebook(project: Path, extra: str = "") -> None:
    made = nbformat.v4.new_notebook()
    first = nbformat.v4.new_code_cell('area = "34:01"\nwork = ""')
    first.metadata["tags"] = ["parameters"]
    made.cells = [first, nbformat.v4.new_code_cell(CELL.format(extra=extra))]
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(made, project / "notebooks" / "97_thu.ipynb")


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    return copy_project(tmp_path_factory.mktemp("batch"))


def run(project: Path, areas: str, *, edition: str, **options):
    changes = ["notebook=97_thu.ipynb", f"edition={edition}", "formats=[html]"]
    items = batch.expand(project, project / "params" / "ho-so-tinh.yml", f"area={areas}", changes)
    return batch.run(project, items, renderer="embedded", **options)


def test_every_province_is_meant_by_all(project):
    items = batch.expand(project, project / "params" / "ho-so-tinh.yml", "area=all")
    assert len(items) == 34
    assert [item["area"] for item in items[:2]] == ["34:01", "34:04"]


@pytest.mark.parametrize("over", ["area=34:01,34:99", "area=63:02", "area=", "known=all", "area"])
def test_wrong_areas_are_refused_before_anything_starts(project, over):
    with pytest.raises(ProblemError):
        batch.expand(project, project / "params" / "ho-so-tinh.yml", over)


@pytest.mark.parametrize(
    "change", ["edition=../ngoai", "notebook=../../x.ipynb", "edition=/tmp/x", "schema=../../etc.json"]
)
def test_a_parameter_that_names_a_path_outside_the_project_is_refused(project, change):
    with pytest.raises(ProblemError):
        batch.expand(project, project / "params" / "ho-so-tinh.yml", "area=all", [change])


def test_a_failure_does_not_stop_the_others_names_its_cell_and_a_rerun_resumes(project):
    notebook(project, 'assert area != "34:04", "hỏng ở đây"')
    folder, summary = run(project, "34:01,34:04,34:08", edition="loi", workers=2)
    assert summary["state"].tolist() == ["built", "failed", "built"]
    assert "97_thu.ipynb, ô 3" in summary["cell"][1]
    assert "hỏng ở đây" in summary["error"][1]
    assert folder.name == "loi.chua-xong"
    assert not (project / "reports" / "loi").exists()
    assert (folder / "34-01" / "34-01.html").exists()
    notebook(project)  # mended: the notebook is part of the key, so all are built
    folder, summary = run(project, "34:01,34:04,34:08", edition="loi", workers=1)
    assert summary["state"].tolist() == ["built"] * 3
    folder, summary = run(project, "34:01,34:04,34:08,34:11", edition="loi", workers=1)
    assert summary["state"].tolist() == ["cached"] * 3 + ["built"]
    assert folder == project / "reports" / "loi"
    assert not (project / "reports" / "loi.chua-xong").exists()
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["complete"]


def test_the_gate_of_a_final_edition_holds_in_a_batch_lists_all_by_profile_and_writes_nothing(
    project, monkeypatch, capsys
):
    notebook(project, 'Path(work, "trace.csv").write_text("id,place,printed,recomputed,rows,status,value,unit\\n")')
    path = project / "notebooks" / "97_thu.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("Nội dung.", "Tăng 12,5 lần."), encoding="utf-8")
    run(project, "34:01,34:04", edition="chot", workers=1)  # a draft passes
    draft = (project / "reports" / "chot" / "manifest.json").read_bytes()
    monkeypatch.chdir(project)
    sections = ["--set", "notebook=97_thu.ipynb", "--set", "edition=chot", "--formats", "html", "--workers", "1"]
    call = ["batch", "params/ho-so-tinh.yml", "--over", "area=34:01,34:04", "--set", "draft=false", *sections]
    answer = CliRunner().invoke(app, call)
    told = answer.output + capsys.readouterr().err
    assert answer.exit_code == 1
    assert [told.count(words) for words in ("thấy 12,5", "34:01", "34:04", "2/2 hồ sơ")] == [2, 1, 1, 1]
    assert (project / "reports" / "chot" / "manifest.json").read_bytes() == draft
    assert {entry.name for entry in (project / "reports").glob("*chot*")} == {"chot"}
    path.write_text(path.read_text(encoding="utf-8").replace("12,5 lần", "nhiều lần"), encoding="utf-8")
    assert CliRunner().invoke(app, call).exit_code == 0
    kept = json.loads((project / "reports" / "chot-du-thao-1" / "manifest.json").read_text(encoding="utf-8"))
    final = json.loads((project / "reports" / "chot" / "manifest.json").read_text(encoding="utf-8"))
    assert [kept["parameters"]["draft"], final["parameters"]["draft"]] == [True, False]


def test_a_damaged_cache_entry_is_built_again(project):
    notebook(project)
    run(project, "34:01,34:04", edition="hong", workers=1)
    cached = next((project / "data/cache/batch/hong/34-04").rglob("34-04.html"))
    cached.write_bytes(cached.read_bytes()[:100])
    folder, summary = run(project, "34:01,34:04", edition="hong", workers=1)
    assert summary["state"].tolist() == ["cached", "built"]
    assert "Hồ sơ 34:04" in (folder / "34-04" / "34-04.html").read_text(encoding="utf-8")


def test_a_full_disk_leaves_the_last_edition_whole(project, monkeypatch):
    notebook(project)
    folder, _ = run(project, "34:01,34:04", edition="day", workers=1)
    before = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(batch, "_copy", full)
    with pytest.raises(OSError, match="No space"):
        run(project, "34:01,34:04,34:08", edition="day", workers=1)
    after = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert after == before
    assert not list((project / "reports").glob(".day*"))


def test_an_edition_moved_away_by_a_killed_run_comes_back(tmp_path):
    old = tmp_path / ".an-ban.old"
    old.mkdir()
    (old / "tep.txt").write_text("cũ", encoding="utf-8")
    places.restore(tmp_path / "an-ban")
    assert (tmp_path / "an-ban" / "tep.txt").read_text(encoding="utf-8") == "cũ"


def test_a_killed_run_leaves_no_half_edition_and_is_resumed(project):
    notebook(project, 'import time; time.sleep(60 if area == "34:04" else 0)')
    code = "from nq57lab.cli.main import main; main()"
    options = [
        "--over",
        "area=34:01,34:04",
        "--workers",
        "2",
        "--set",
        "notebook=97_thu.ipynb",
        "--set",
        "edition=giet",
    ]
    command = [sys.executable, "-c", code, "batch", "params/ho-so-tinh.yml", *options, "--formats", "html"]
    started = subprocess.Popen(
        command, cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    first = project / "data/cache/batch/giet/34-01"
    until = time.monotonic() + 120
    while not list(first.glob("*/kiem.json")) and time.monotonic() < until:
        time.sleep(0.2)
    os.killpg(started.pid, signal.SIGKILL)  # the session that this test started, and nothing else
    started.wait()
    assert not (project / "reports" / "giet").exists()
    assert not (project / "reports" / "giet.chua-xong").exists()
    assert not list((project / "data/cache/batch/giet/34-04").glob("*/kiem.json"))
    folder, summary = run(project, "34:01", edition="giet", workers=1)
    assert summary["state"].tolist() == ["cached"]
    assert not list((project / "data/cache/batch/giet").glob(".*"))
    assert (folder / "34-01" / "34-01.html").exists()


def test_the_same_batch_runs_on_a_dask_cluster_in_processes_of_its_own(project):
    notebook(project, 'import os; Path(work, "may.txt").write_text(str(os.getpid()))')
    folder, summary = run(project, "34:01,34:04", edition="cum", cluster="local:1")
    assert summary["state"].tolist() == ["built", "built"]
    assert {(folder / slug / "may.txt").read_text() for slug in ("34-01", "34-04")} != {str(os.getpid())}


def test_a_cache_entry_is_whole_or_absent(tmp_path):
    kept = cache.Cache(tmp_path / "kho")
    made = kept.workshop("a")
    (made / "x.txt").write_text("1", encoding="utf-8")
    entry = kept.keep(made, "a", "k1")
    assert kept.find("a", "k1") == entry
    (entry / "thua.txt").write_text("thừa", encoding="utf-8")
    assert kept.find("a", "k1") is None
    assert not entry.exists()


def test_in_process_and_kernel_runs_give_the_same_document(project):
    notebook(project, 'print("bỏ qua"); ghi = len(area)')
    outputs = []
    for inside in (True, False):
        target = project / f"chay-{inside}.ipynb"
        execute.execute(project / "notebooks/97_thu.ipynb", target, {"area": "34:79", "work": ""}, in_process=inside)
        cells = nbformat.read(target, as_version=4).cells
        outputs.append(
            [
                out.get("data", {}).get("text/markdown", out.get("text"))
                for cell in cells
                for out in cell.get("outputs", [])
            ]
        )
    assert outputs[0] == outputs[1]
    assert any("34:79" in str(part) for part in outputs[0])


def row(subject: str, area: str, value: float, **more) -> dict:
    return {
        "subject": subject,
        "area": area,
        "value": value,
        "period": "2026-Q2",
        "unit": "%",
        "status": "official",
    } | more


def test_ranks_follow_direction_share_ties_and_need_verified_figures_of_nearly_all(shipped):
    from support import observe

    areas = [code for code in shipped.areas["id"] if code.startswith("34:")]
    codes = shipped.indicators.query("layer == 'B' and unit == '%' and direction == 1")["code"].tolist()
    down = shipped.indicators.query("direction == -1")["code"].tolist()[0]
    values = [50.0, 50.0, *[float(k) for k in range(1, 33)]]
    rows = [row(codes[0], area, value, printed="") for area, value in zip(areas, values, strict=True)]
    rows += [row(down, area, value) for area, value in zip(areas, values, strict=True)]
    rows += [row(codes[1], area, 1.0, status="self_reported") for area in areas]
    rows += [row(codes[2], area, 1.0) for area in areas[:20]]
    table = province.standings(shipped, observe(*rows)).set_index(["subject", "area"])
    assert table.loc[(codes[0], areas[0]), "rank"] == table.loc[(codes[0], areas[1]), "rank"] == 1
    assert table.loc[(codes[0], areas[2]), "rank"] == 34
    assert table.loc[(down, areas[2]), "rank"] == 1
    assert pd.isna(table.loc[(codes[1], areas[0]), "rank"])
    assert "chưa xác thực" in table.loc[(codes[1], areas[0]), "why"]
    assert pd.isna(table.loc[(codes[2], areas[0]), "rank"])


def test_a_quarter_is_set_against_a_quarter_and_a_unit_against_its_own(shipped):
    from support import observe

    areas = [code for code in shipped.areas["id"] if code.startswith("34:")]
    counts = row("tasks_assigned", areas[0], 30.0, unit="nhiệm vụ")
    rows = [counts | {"period": period, "value": value} for period, value in (("2026-Q1", 20.0), ("2026-06", 11.0))]
    rows += [counts, row("A.01.06", areas[0], 5.0, unit="tỷ đồng"), row("A.01.06", areas[1], 7000.0, unit="triệu đồng")]
    table = province.standings(shipped, observe(*rows)).set_index(["subject", "area"])
    quarter = table.loc[("tasks_assigned", areas[0])]
    assert (quarter["before_period"], quarter["change"]) == ("2026-Q1", 10.0)
    assert table.loc[("A.01.06", areas[0]), ["of", "median"]].tolist() == [1, 5.0]


def test_borders_go_both_ways_and_reach_every_province(shipped):
    pairs = province.borders(shipped.root)
    assert set(pairs["area"]) == {code for code in shipped.areas["id"] if code.startswith("34:")}
    both = set(zip(pairs["area"], pairs["neighbour"], strict=True))
    assert all((b, a) in both and a != b for a, b in both)


def test_parameters_of_the_profiles_are_valid(root):
    for name in ("ho-so-tinh.yml", "ho-so-tinh-minh-hoa.yml"):
        assert params.load(root / "params" / name)["area"] == "34:01"


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    """A project whose observations these tests add to."""
    return copy_project(tmp_path_factory.mktemp("store"))


def enter(project: Path, value: str, *, subject: str = "tasks_assigned", area: str = "34:48", **more: str) -> None:
    """Write one figure as a file of its own; the same figure again takes its place."""
    with (project / "data/observations/S004_2026-06-30.csv").open(encoding="utf-8", newline="") as file:
        first = next(found for found in csv.DictReader(file) if found["subject"] == "tasks_assigned")
    entered = first | {"subject": subject, "area": area, "value": value, "printed": value} | more
    with (project / "data/observations/thu_2026-06-30.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(entered), lineterminator="\n")
        writer.writeheader()
        writer.writerow(entered)


def keys(project: Path, *changes: str, areas: str = "all", formats: tuple[str, ...] = ("html",)) -> dict[str, str]:
    items = batch.expand(project, project / "params" / "ho-so-tinh-minh-hoa.yml", f"area={areas}", list(changes))
    known, shared = knowledge.of_parameters(project, items[0]), batch_keys.shared(project)
    return {
        values["area"]: batch_keys.key_of(
            shared, batch_keys.inputs(known, project, values), values, formats, "embedded"
        )
        for values in items
    }


def changed(one: dict[str, str], other: dict[str, str]) -> list[str]:
    assert set(one) == set(other)
    return [area for area in one if one[area] != other[area]]


def test_a_corrected_figure_of_one_province_changes_its_key_and_no_other(store):
    enter(store, "57")
    before = keys(store)
    assert len(set(before.values())) == len(before) == 34
    enter(store, "58")
    assert changed(before, keys(store)) == ["34:48"]


def test_a_figure_that_others_name_or_rank_by_changes_theirs(store):
    enter(store, "57")
    before = keys(store)
    enter(store, "57", subject="tasks_completed")  # the others list what they do not have
    assert changed(before, keys(store)) == list(before)
    enter(store, "57")
    rows = knowledge.of_parameters(store, params.load(store / "params" / "ho-so-tinh-minh-hoa.yml")).table
    rows = rows[(rows["status"] == "illustrative") & (rows["period"] == "2026-Q2")]
    by_subject = rows.groupby("subject")["area"].agg(set)
    subject = next(code for code, areas in by_subject.items() if 30 <= len(areas) < 34)
    area = next(code for code in before if code not in by_subject[subject])
    before = keys(store)
    enter(store, "1", subject=subject, area=area, period="2026-Q2", unit="%", status="official", measure="stock")
    assert by_subject[subject] | {area} <= set(changed(before, keys(store)))


def test_what_all_documents_share_and_how_they_are_made_change_every_key(store, monkeypatch):
    enter(store, "57")
    before = keys(store, areas="34:01,34:48")
    others = [
        keys(store, areas="34:01,34:48", formats=("html", "pdf")),
        keys(store, "co_quan=Văn phòng", areas="34:01,34:48"),
    ]
    section = store / "reports" / "sections" / "34-01" / "nhan-xet.md"
    section.parent.mkdir(parents=True)
    section.write_text("Nhận xét.\n", encoding="utf-8")
    others.append(keys(store, areas="34:01,34:48"))
    section.unlink()
    schema = store / "params" / "ho-so-tinh.schema.json"
    schema.write_text(schema.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    others.append(keys(store, areas="34:01,34:48"))
    schema.write_text(schema.read_text(encoding="utf-8")[:-1], encoding="utf-8")
    exchange(store / "reports/_filters/so.lua", store / "reports/_filters/muc.lua")
    others.append(keys(store, areas="34:01,34:48"))
    exchange(store / "reports/_filters/so.lua", store / "reports/_filters/muc.lua")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    others.append(keys(store, areas="34:01,34:48"))
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    monkeypatch.setattr(batch_keys, "_version", lambda package: "0")
    others.append(keys(store, areas="34:01,34:48"))
    monkeypatch.undo()
    assert all(changed(before, other) == ["34:01", "34:48"] for other in others)
    assert keys(store, areas="34:01,34:48") == before


def exchange(one: Path, other: Path) -> None:
    contents = one.read_bytes(), other.read_bytes()
    other.write_bytes(contents[0])
    one.write_bytes(contents[1])


def shows(page: bytes, number: str) -> bool:
    return f">{number}{wording.NO_BREAK}nhiệm vụ<".encode() in page


def profiles(project: Path, areas: str = "34:46,34:48") -> tuple[Path, list[str]]:
    items = batch.expand(project, project / "params" / "ho-so-tinh-minh-hoa.yml", f"area={areas}", ["formats=[html]"])
    folder, summary = batch.run(project, items, renderer="embedded", workers=1)
    return folder, summary["state"].tolist()


def test_a_rerun_builds_the_one_profile_whose_figure_changed_and_the_edition_is_remade_identically(store):
    enter(store, "57")
    folder, states = profiles(store)
    assert states == ["built", "built"]
    pages = {slug: (folder / slug / f"{slug}.html").read_bytes() for slug in ("34-46", "34-48")}
    assert shows(pages["34-48"], "57")
    enter(store, "58")
    folder, states = profiles(store)
    assert states == ["cached", "built"]
    assert (folder / "34-46" / "34-46.html").read_bytes() == pages["34-46"]
    after = (folder / "34-48" / "34-48.html").read_bytes()
    assert shows(after, "58") and not shows(after, "57")
    enter(store, "59")  # the edition keeps what it knew
    assert remake.figures(store, folder).empty
    again = remake.make(store, folder)
    for file in ("trace.csv", "34-46/34-46.html", "34-48/34-48.html"):
        assert (again / file).read_bytes() == (folder / file).read_bytes(), file


def test_agencies_are_a_batch_too_and_one_without_anything_says_so_on_its_page(store):
    path = store / "params" / "ho-so-co-quan.yml"
    assert len(batch.expand(store, path, "area=all")) > 40
    items = batch.expand(store, path, "area=agency:BKHCN,agency:CHQ", ["formats=[html]"])
    folder, summary = batch.run(store, items, renderer="embedded", workers=1)
    assert summary["state"].tolist() == ["built", "built"]
    full, empty = ((folder / slug / f"{slug}.html").read_text(encoding="utf-8") for slug in summary["folder"])
    assert "Chỉ số chủ trì" in full and "Chưa có số liệu." not in full
    assert "Chưa có số liệu." in empty and "Cục Hải quan" in empty
    table = verify.check(store, folder)
    assert len(table) > 20 and (table["ok"] == "yes").all()
    enter(store, "57", area="agency:CHQ")
    assert batch.run(store, items, renderer="embedded", workers=1)[1]["state"].tolist() == ["cached", "built"]


def test_a_process_that_has_drawn_a_chart_starts_workers_that_can_draw(project):
    import vl_convert

    vl_convert.vegalite_to_svg({"mark": "point", "data": {"values": []}})
    notebook(project, "")
    _, summary = run(project, "34:01,34:04", edition="da-ve", workers=2)
    assert summary["state"].tolist() == ["built", "built"]
