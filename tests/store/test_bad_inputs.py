"""Malformed files: each gives all its problems at once, with row and column, exit 1, and leaves the store as it was, to the byte."""

import csv
import hashlib
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest
from bad_inputs import make
from support import ROOT, import_file, own_store

from nq57lab.base.contract import OBSERVATIONS
from nq57lab.base.problems import ProblemError
from nq57lab.cli import main
from nq57lab.store import cli as cli_data
from nq57lab.store import intake

FOLDER = ROOT / "tests" / "bad_inputs"
TODAY = date(2026, 7, 1)
STORED = [
    ("tasks_assigned", "2026-03", "stock", "200", "nhiệm vụ", "self_reported"),
    ("tasks_completed_on_time", "2026-02", "stock", "50", "nhiệm vụ", "self_reported"),
    ("A.02.02", "2025", "flow", "14.02", "%", "official"),
]
expected: dict[str, list] = defaultdict(list)
with (FOLDER / "expected.csv").open(encoding="utf-8") as stream:
    for entry in csv.DictReader(stream):
        expected[entry["file"]].append((entry["code"], entry["row"], entry["column"]))


def digest(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def small_store(tmp_path_factory, shipped):
    root = tmp_path_factory.mktemp("store")
    (root / "observations").mkdir()
    with (root / "observations" / "S004_2026-06-30.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, OBSERVATIONS.names, restval="", lineterminator="\n")
        writer.writeheader()
        for subject, period, measure, value, unit, status in STORED:
            row = {
                "subject": subject,
                "period": period,
                "measure": measure,
                "value": value,
                "unit": unit,
                "status": status,
            }
            row |= {"area": "VN", "qualifier": "=", "vintage": "2026-06-30", "recorded": "2026-06-30", "source": "S004"}
            writer.writerow(row | {"locator": "trang 1", "public": "no"})
    return own_store(shipped, root)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    for name, (write, _) in make.CASES.items():
        write(folder / name)
    return folder


def test_there_are_at_least_sixty_cases_and_each_small_file_has_its_expectation():
    files = {path.name for path in FOLDER.iterdir() if path.suffix in (".csv", ".xlsx", ".yml")} - {"expected.csv"}
    assert files == set(expected)
    assert len(files) + len(make.CASES) >= 60


KINDS = [
    ("wrong encoding", "encoding", ("broken_utf8.csv", "latin1_noise.csv", "utf16_cut.csv")),
    ("wrong encoding, told from its signs", "mojibake", ("mojibake.csv",)),
    ("1.245 as a thousand or a decimal", "doubtful_number", ("doubtful_number.csv", "doubtful_comma.csv")),
    ("unknown code", "reference", ("unknown_code.csv", "unknown_everything.csv")),
    ("unit mismatch", "unit_mismatch", ("unit_mismatch.csv",)),
    ("ratio above 100", "bounds", ("share_above_100.csv",)),
    ("part above whole", "part_above_whole", ("part_above_whole.csv", "part_above_stored_whole.csv")),
    ("future period", "future_period", ("future_period.csv",)),
    ("two values for one key in one vintage", "two_values", ("two_values.csv", "two_values_two_statuses.csv")),
    ("empty file", "empty", ("empty.csv", "only_bom.csv", "head_only.csv")),
    ("5-million-row file", "too_many_rows", ("five_million_rows.csv",)),
    ("formula cells", "formula_cell", ("formula_cells.xlsx",)),
    ("formula injection", "formula_text", ("formula_injection.csv", "injection.xlsx")),
    ("zip bomb", "zip_bomb", ("zip_bomb.xlsx", "crowded_archive.xlsx")),
    ("path tricks in names", "archive_name", ("path_in_archive.xlsx",)),
    ("path tricks in the source, which names the store's file", "pattern", ("path_in_source.csv",)),
    ("HTML in text fields", "html_text", ("html_text.csv", "injection.xlsx")),
    ("YAML tags", "yaml_text", ("yaml_tag.csv",)),
]


@pytest.mark.parametrize(("kind", "code", "names"), KINDS, ids=[kind for kind, _, _ in KINDS])
def test_every_kind_of_malformed_file_has_a_case_refused_for_that_reason(kind, code, names):
    wanted = expected | {name: problems for name, (_, problems) in make.CASES.items()}
    for name in names:
        assert code in [problem[0] for problem in wanted[name]], (kind, name)


@pytest.mark.parametrize("name", [*sorted(expected), *make.CASES])
def test_a_malformed_file_gives_all_its_problems_and_leaves_the_store_alone(
    name, small_store, made, monkeypatch, capsys
):
    path = made / name if name in make.CASES else FOLDER / name
    wanted = make.CASES[name][1] if name in make.CASES else expected[name]
    before = digest(small_store.root / "observations")
    monkeypatch.setattr(cli_data, "load_catalogue", lambda: small_store)
    monkeypatch.setattr(sys, "argv", ["nq57", "data", "import", str(path)])
    raised: list[ProblemError] = []

    def check(*arguments, **options):
        try:
            return real(*arguments, **options)
        except ProblemError as error:
            raised.append(error)
            raise

    real = intake.check
    monkeypatch.setattr(intake, "check", check)
    with pytest.raises(SystemExit) as stop:
        main.main()

    assert stop.value.code == 1
    found = [(p.code, "" if p.row is None else str(p.row), p.column) for p in raised[0].problems]
    found = [(code, "*" if code == "too_many_rows" else row, column) for code, row, column in found]
    assert sorted(found) == sorted(wanted)
    told = capsys.readouterr().err.splitlines()
    assert len(told) == len(wanted)
    assert all(line.startswith(name) for line in told)
    heads = {p.column: p.head or p.column for p in raised[0].problems}  # a sheet's columns are named as it heads them
    for _, row, column in [(code, row, heads[column]) for code, row, column in wanted]:
        assert any(
            (row in ("", "*") or f"dòng {row}" in line) and (not column or f"cột {column}" in line) for line in told
        )
    assert digest(small_store.root / "observations") == before


def test_the_import_itself_refuses_what_the_check_refuses(small_store):
    before = digest(small_store.root / "observations")
    with pytest.raises(ProblemError) as error:
        import_file(FOLDER / "many_problems.csv", small_store, today=TODAY)
    assert len(error.value.problems) == len(expected["many_problems.csv"])
    assert digest(small_store.root / "observations") == before


def test_problems_of_several_files_are_told_together(small_store, monkeypatch, capsys):
    monkeypatch.setattr(cli_data, "load_catalogue", lambda: small_store)
    monkeypatch.setattr(
        sys, "argv", ["nq57", "data", "check", str(FOLDER / "no_value.csv"), str(FOLDER / "unknown_code.csv")]
    )
    with pytest.raises(SystemExit):
        main.main()
    told = capsys.readouterr().err
    assert "no_value.csv, dòng 2, cột value" in told
    assert "unknown_code.csv, dòng 2, cột subject" in told
