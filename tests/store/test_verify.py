"""Verifying stored figures: a verified row is added with who, when, evidence and decision; on the day of import too; the old one stays."""

from datetime import date

import pytest
from support import observe, own_store, problems_of

from nq57lab.facts import observations
from nq57lab.store import cli, delivery, disk, intake, verification

TODAY = date(2026, 11, 1)
SAID = {"verified_by": "Bộ Tư pháp", "verified_on": "2026-11-01", "evidence": "Biên bản 12", "decision": "QĐ 5/QĐ-VPTW"}
FILE = "S004_2026-10-25.csv"


@pytest.fixture
def store(tmp_path, shipped):
    (tmp_path / "observations").mkdir()
    rows = observe(
        {"value": 200, "status": "self_reported"},
        {"subject": "tasks_completed", "value": 150, "status": "self_reported"},
        {"subject": "A.02.02", "period": "2025", "value": 14.02, "unit": "%", "status": "official", "measure": "flow"},
    ).assign(vintage="2026-10-25", recorded=TODAY.isoformat())
    (tmp_path / "observations" / FILE).write_bytes(disk.content(rows.fillna("").astype(str)))
    return own_store(shipped, tmp_path)


def verify(store, *chosen, **more):
    return [
        intake.append(b, store, today=TODAY) for b in verification.batches(store, list(chosen), SAID, TODAY, **more)
    ]


def test_a_row_is_verified_on_the_day_of_its_import_and_the_first_stays(store):
    (receipt,) = verify(store, f"{FILE}:2")
    assert (receipt.rows, receipt.verifications) == (1, 1)
    best = observations.as_of(intake.load(store)).set_index("subject")
    assert best.loc["tasks_assigned", ["status", "value", *SAID]].tolist() == ["verified", 200.0, *SAID.values()]
    assert best.loc["tasks_completed", "status"] == "self_reported"
    assert len(intake.load(store)) == 4


def test_a_file_is_verified_but_for_what_is_official(store):
    (receipt,) = verify(store, FILE.removesuffix(".csv"))
    assert receipt.rows == 2
    assert problems_of(lambda: verify(store, FILE))[0].code in ("repeated_row", "duplicate_import")


def test_of_a_file_only_the_codes_asked_for(store):
    assert verify(store, FILE, subjects=("tasks_completed",))[0].rows == 1


@pytest.mark.parametrize(
    ("chosen", "code"),
    [(f"{FILE}:9", "store_row"), ("../x", "store_row"), ("khong-co", "store_row"), (f"{FILE}:4", "verified_already")],
)
def test_what_cannot_be_verified_is_refused(chosen, code, store):
    assert [problem.code for problem in problems_of(lambda: verify(store, chosen))] == [code]
    assert len(list((store.root / "observations").iterdir())) == 1


def test_the_command_finishes_first_what_a_killed_one_left(store, monkeypatch):
    left = store.root / "cache" / "incoming" / "123.tmp"
    left.parent.mkdir(parents=True)
    left.write_text("x", encoding="utf-8")
    described = store.root / "datapackage.json"
    described.write_text("{}", encoding="utf-8")
    monkeypatch.setattr(cli, "load_catalogue", lambda: store)
    problems_of(lambda: cli.verify(["khong-co"], by="BTP", evidence="BB-12", decision="5-QD"))
    assert not left.exists() and FILE in described.read_text(encoding="utf-8")


def test_what_is_missing_is_named_with_agency_period_and_day(store):
    table = delivery.missing(store, intake.load(store), date(2026, 11, 28), "agency:BTP")
    assert table[["name", "period", "due", "days"]].to_numpy().tolist() == [
        ["Bộ Tư pháp", "2026-Q3", "2026-09-25", 64],
        ["Bộ Tư pháp", "2026-11", "2026-11-25", 3],
    ]
    assert "A.01.04" in table["codes"].iloc[1]


def test_public_rows_without_a_decision_to_publish_take_the_one_that_is_given(store):
    path = store.root / "observations" / FILE
    path.write_text(path.read_text().replace(",no,", ",yes,", 1))
    public = intake.load(store)["public"] == "yes"
    assert public.sum() == 1
    row = f"{FILE}:{public.tolist().index(True) + 2}"
    assert {problem.code for problem in problems_of(lambda: verify(store, row))} == {"public_needs"}
    more = SAID | {"public_decision": "QĐ 9/QĐ-BTP"}
    (batch,) = verification.batches(store, [row], more, TODAY)
    intake.append(batch, store, today=TODAY)
    assert intake.load(store)["public_decision"].iat[-1] == "QĐ 9/QĐ-BTP"
    other = f"{FILE}:3"
    assert problems_of(lambda: verification.batches(store, [other], more, TODAY))[0].code == "nothing_to_publish"
