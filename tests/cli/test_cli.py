"""The command line: what it lists, writes and refuses, its exit codes, and how little it loads."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from nq57lab.base.messages import in_words
from nq57lab.cli import main

VIETNAMESE = re.compile(r"[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữự]", re.IGNORECASE)
CONTRACT = {
    "audit": ["id", "locator", "relation", "printed", "recomputed", "difference", "consistent", "reason"],
    "indicators": ["subject", "area", "period", "value", "unit", "status", "vintage", "formula", "inputs", "note"],
}
HEAVY = ("pandas", "numpy", "altair", "papermill", "openpyxl", "nbformat")


@pytest.fixture(scope="module")
def written(tmp_path_factory, root):
    """The files that audit and indicators write, by command and kind."""
    folder, files = tmp_path_factory.mktemp("ket-qua"), {}
    patch = pytest.MonkeyPatch()
    patch.chdir(root)
    for command in CONTRACT:
        for kind in ("csv", "parquet", "xlsx"):
            path = folder / "sub" / f"{command}.{kind}"
            patch.setattr(sys, "argv", ["nq57", command, "--known", "2026-06-30", "-o", str(path)])
            with pytest.raises(SystemExit) as stop:
                main.main()
            assert not stop.value.code
            files[command, kind] = path
    patch.undo()
    return files


def loaded_by(code: str) -> set[str]:
    """Run Python code in a fresh interpreter and return which heavy packages it loaded."""
    code += f"\nimport json, sys; print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(result.stdout.strip().splitlines()[-1]))


def test_importing_the_package_loads_nothing_heavy():
    assert loaded_by("import nq57lab, nq57lab.cli.main, nq57lab.base.problems") == set()
    assert loaded_by("from nq57lab.base.project import find_root; find_root()") == set()
    assert "altair" not in loaded_by("import nq57lab.reports.lookup, nq57lab.documents.edition")
    assert "pandas" in loaded_by("import nq57lab.base.tables")


@pytest.mark.parametrize("arguments", [["--help"], ["audit", "--help"], ["report", "--help"]])
def test_help_loads_nothing_heavy(arguments):
    code = f"import sys; sys.argv = ['nq57', *{arguments!r}]\nfrom nq57lab.cli import main\ntry:\n    main.main()\nexcept SystemExit: pass"
    assert loaded_by(code) == set()


def test_help_lists_every_command_in_vietnamese(nq57):
    code, out, _ = nq57("--help")
    assert code == 0
    for command in ("doctor", "find", "show", "catalogue", "indicators", "audit", "report", "lab"):
        assert re.search(rf"^\W*{command}\s", out, re.MULTILINE), command
    assert "--lang" in out
    assert "theo dõi" in out


@pytest.mark.parametrize("command", ["doctor", "find", "show", "indicators", "audit", "report", "lab"])
def test_every_command_has_a_help_with_an_example(nq57, command):
    code, out, _ = nq57(command, "--help")
    assert code == 0
    assert f"nq57 {command}" in out
    assert "Thí dụ" in out


def test_the_installed_command_ends_with_the_exit_code_of_a_problem(tmp_path):
    script = shutil.which("nq57", path=str(Path(sys.executable).parent))
    assert script, "the project is not installed: make setup"
    result = subprocess.run([script, "catalogue", "check"], cwd=tmp_path, capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (1, "")
    assert "_quarto.yml" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["find", "kinh", "te", "so"], 0),
        (["report", "params/khong-co.yml"], 1),
        (["report", "params/doi-chieu.yml", "--set", "knwon=2026-06-30"], 1),
        (["nope"], 2),
        ([], 2),
        (["find"], 2),
        (["--lang", "fr", "doctor"], 2),
        (["indicators", "--known", "2026-13-01"], 2),
        (["show", "A.02.02", "--known", "hôm qua"], 2),
        (["report", "params/doi-chieu.yml", "--formats", "html,xml"], 2),
        (["report", "params/doi-chieu.yml", "--renderer", "word"], 2),
        (["audit", "--nope"], 2),
    ],
)
def test_exit_codes_are_0_done_1_a_failed_check_2_a_wrong_call(nq57, arguments, code):
    assert nq57(*arguments)[0] == code


def test_another_kind_of_file_is_a_wrong_call_and_writes_nothing(nq57, tmp_path):
    code, _, error = nq57("audit", "-o", tmp_path / "x.txt")
    assert code == 2
    assert ".csv, .parquet" in error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
@pytest.mark.parametrize("command", list(CONTRACT))
def test_written_tables_have_the_contracts_columns_first(written, command, kind):
    reader = {"csv": pd.read_csv, "parquet": pd.read_parquet, "xlsx": pd.read_excel}[kind]
    frame = reader(written[command, kind])
    assert list(frame.columns[: len(CONTRACT[command])]) == CONTRACT[command]
    assert len(frame) > 0


@pytest.mark.parametrize("command", list(CONTRACT))
def test_the_three_kinds_of_file_hold_the_same_unrounded_table(written, command):
    columns = CONTRACT[command]
    frames = [
        pd.read_csv(written[command, "csv"], dtype={"period": str, "vintage": str}, keep_default_na=False)[columns],
        pd.read_parquet(written[command, "parquet"])[columns],
        pd.read_excel(written[command, "xlsx"], dtype={"period": str, "vintage": str}, keep_default_na=False)[columns],
    ]
    for other in frames[1:]:
        assert_frame_equal(frames[0], other, check_dtype=False, rtol=1e-14)


def test_the_written_audit_is_the_audit_in_plain_csv(written, audit):
    raw = written["audit", "csv"].read_bytes()
    assert b"\r" not in raw
    frame = pd.read_csv(written["audit", "csv"], keep_default_na=False)
    own = audit[audit["id"].str.startswith("S004.")].reset_index(drop=True)  # the only source with relations by 30 June
    assert_frame_equal(frame[CONTRACT["audit"]], in_words(own[CONTRACT["audit"]], "vi"), check_dtype=False)
    assert (frame["recomputed"] == 1245 / 1469 * 100).sum() == 1


def test_the_written_indicators_hold_four_of_twelve_databases(written):
    frame = pd.read_csv(written["indicators", "csv"]).set_index("subject")
    assert frame.loc["A.01.05", "value"] == pytest.approx(100 / 3)
    assert frame.loc["A.01.05", "status"] == "self_reported"


def test_known_hides_what_was_published_later(nq57, tmp_path):
    path = tmp_path / "x.csv"
    assert nq57("indicators", "--known", "2024-12-30", "-o", path)[0] == 0
    frame = pd.read_csv(path, dtype={"period": str})
    shares = frame[frame["subject"] == "A.02.02"].set_index("period")["value"]
    assert shares["2022"] == 12.67
    assert "2025" not in shares.index


def test_the_printed_audit_lists_only_what_does_not_agree(nq57, audit):
    code, out, _ = nq57("audit")
    assert code == 0
    assert all(identity in out for identity in audit[audit["consistent"] != "yes"]["id"])
    assert not any(identity in out for identity in audit[audit["consistent"] == "yes"]["id"])


def test_find_prints_the_codes_it_found(nq57):
    assert "A.02.02" in nq57("find", "kinh te so")[1]
    code, out, _ = nq57("find", "zzzz")
    assert code == 0
    assert "Không tìm thấy" in out


def test_show_prints_a_value_whose_source_prints_no_text(nq57, monkeypatch):
    from nq57lab.reports import lookup

    real = lookup.history_rows
    monkeypatch.setattr(lookup, "history_rows", lambda *given: real(*given).assign(printed=""))
    assert "14,02" in nq57("show", "A.02.02", "--known", "2026-06-30")[1]


def test_show_prints_definition_vintages_and_sources(nq57):
    code, out, _ = nq57("show", "A.02.02", "--known", "2026-06-30")
    assert code == 0
    for word in ("digital_economy_value_added / gdp * 100", "12,67", "12,63", "12,83", "14,02", "P_GSO_20250106"):
        assert word in out
    assert "14,02" not in nq57("show", "A.02.02", "--known", "2025-06-30")[1]


def test_catalogue_check_counts_what_it_checked(nq57, shipped, entries):
    code, out, _ = nq57("catalogue", "check")
    assert code == 0
    assert f"{len(shipped.indicators)} chỉ số" in out
    counted = re.search(r"chỉ số \(([^)]*)\)", out)[1].split(", ")
    assert set(counted) == {f"{count} {layer}" for layer, count in shipped.indicators["layer"].value_counts().items()}
    assert sum(int(part.split()[0]) for part in counted) == len(shipped.indicators)
    assert f"{len(entries)} dòng" in out


def test_an_unknown_code_says_what_was_expected_found_and_what_to_do(nq57):
    code, out, error = nq57("show", "A.99.99")
    assert (code, out) == (1, "")
    for part in ("cần ", "thấy A.99.99", "cách sửa", "nq57 find"):
        assert part in error
    assert not error.startswith(":")


def test_errors_come_in_english_when_asked_for(nq57):
    code, _, error = nq57("--lang", "en", "show", "A.99.99")
    assert code == 1
    for part in ("expected", "found A.99.99", "nq57 find"):
        assert part in error
    assert not VIETNAMESE.search(error)


@pytest.mark.parametrize(
    "arguments",
    [
        ["audit", "-o", "x.txt"],
        ["indicators", "--known", "2026-13-01"],
        ["report", "params/doi-chieu.yml", "--set", "draft=x"],
    ],
)
def test_a_wrong_call_is_explained_in_english_when_asked_for(nq57, arguments):
    code, _, error = nq57("--lang", "en", *arguments)
    assert code in (1, 2)
    assert not VIETNAMESE.search(error)


@pytest.mark.parametrize("arguments", [["show", "A.02.02", "--area", "34:99"], ["indicators", "--area", "Hà Nội"]])
def test_an_unknown_area_is_an_error_not_an_empty_table(nq57, arguments):
    code, _, error = nq57(*arguments)
    assert code in (1, 2)
    assert arguments[-1] in error


def test_outside_a_project_the_missing_file_is_named(nq57, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, error = nq57("catalogue", "check")
    assert code == 1
    assert "_quarto.yml" in error


def test_a_broken_data_folder_fails_the_check_and_the_doctor(nq57, tmp_path, monkeypatch, root):
    shutil.copytree(root / "data", tmp_path / "data")
    (tmp_path / "_quarto.yml").write_text("project:\n  type: default\n", encoding="utf-8")
    path = tmp_path / "data" / "observations" / "P_APO_2019.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",official,", ",oficial,"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code, _, error = nq57("catalogue", "check")
    assert code == 1
    assert "P_APO_2019.csv, dòng 2, cột status" in error
    assert "official, verified, estimate, self_reported" in error
    code, out, _ = nq57("doctor")
    assert code == 1
    assert "1 lỗi" in out
    assert "nq57 catalogue check" in out


def test_the_doctor_names_the_renderer_and_counts_the_data(nq57, entries):
    code, out, _ = nq57("doctor")
    assert code == 0
    assert "Bộ dựng báo cáo" in out
    assert f"{len(entries)} số liệu, không lỗi" in out
    assert "lập được báo cáo" in out
