"""The store: appended to whole or not at all, followed through corrections and verification, remade as it was known."""

import csv
import io
import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import time
from datetime import date

import jsonschema
import pandas as pd
import pytest
from support import import_file, own_store, read_sdmx

from nq57lab.base import contract, tables
from nq57lab.base.contract import OBSERVATIONS
from nq57lab.base.problems import ProblemError
from nq57lab.facts import observations
from nq57lab.store import delivery, disk, export, intake, sdmx

TODAY = date(2026, 7, 1)
HEAD = "subject,area,period,measure,value,unit,status,vintage,source,evidence,verified_by,verified_on,decision,public,public_decision,note"
fork = multiprocessing.get_context("fork")


@pytest.fixture
def place(tmp_path, shipped):
    (tmp_path / "observations").mkdir()
    return own_store(shipped, tmp_path)


def write(folder, name: str, *rows: str, head: str = HEAD):
    path = folder / name
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def row(
    value="120",
    period="2026-06",
    status="self_reported",
    vintage="2026-06-30",
    subject="tasks_assigned",
    unit="nhiệm vụ",
    more=",,,,no,,",
):
    return f"{subject},VN,{period},stock,{value},{unit},{status},{vintage},S004,{more}"


def files(place) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((place.root / "observations").iterdir())}


def refused(path, place, today=TODAY, **options) -> list[str]:
    before = files(place)
    with pytest.raises(ProblemError) as error:
        import_file(path, place, today=today, **options)
    assert files(place) == before
    return [problem.code for problem in error.value.problems]


def test_an_import_appends_one_new_file_and_leaves_the_others(place, tmp_path):
    import_file(write(tmp_path, "a.csv", row()), place, today=TODAY)
    before = files(place)
    receipt = import_file(write(tmp_path, "b.csv", row(period="2026-05")), place, today=TODAY)
    assert receipt.path.name == "S004_2026-06-30_2.csv"
    assert {name: data for name, data in files(place).items() if name != receipt.path.name} == before
    assert len(intake.load(place)) == 2


def test_a_stored_file_is_of_the_contract(place, tmp_path):
    path = import_file(write(tmp_path, "a.csv", row()), place, today=TODAY).path
    frame = tables.read(path, OBSERVATIONS)
    assert list(frame.columns) == OBSERVATIONS.names
    assert frame.loc[0, ["qualifier", "recorded", "public"]].tolist() == ["=", "2026-07-01", "no"]


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace(",", ";").encode(),
        lambda text: text.replace(",", "\t").encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: __import__("unicodedata").normalize("NFD", text).encode(),
        lambda text: cp1258(text),
    ],
    ids=["utf-8", "bom", "utf-16", "semicolon", "tab", "crlf", "nfd", "windows-1258"],
)
def test_every_way_of_saving_a_sheet_gives_the_same_rows(encode, place, tmp_path):
    text = "Mã,Địa bàn,Kỳ,Loại số,Giá trị,Đơn vị,Ngày công bố,Nguồn,Ghi chú\n"
    text += "tasks_assigned,Đồng Nai,quý II/2026,lũy kế,1.245,nhiệm vụ,30/6/2026,S004,Số của tỉnh\n"
    path = tmp_path / "a.csv"
    path.write_bytes(encode(text))
    frame = intake.check(path, place, intake.load(place), today=TODAY).frame
    wanted = [
        "tasks_assigned",
        "34:75",
        "2026-Q2",
        "cumulative",
        "1245",
        "nhiệm vụ",
        "2026-06-30",
        "S004",
        "Số của tỉnh",
    ]
    assert (
        frame.loc[0, ["subject", "area", "period", "measure", "value", "unit", "vintage", "source", "note"]].tolist()
        == wanted
    )


def cp1258(text: str) -> bytes:
    """Encode as Windows does: letters with hook, breve or horn are single, tones are combining marks."""
    import unicodedata

    out = []
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tones = [sign for sign in parts if sign in "\u0300\u0301\u0303\u0309\u0323"]
        rest = unicodedata.normalize("NFC", "".join(sign for sign in parts if sign not in tones))
        out.append(rest + "".join(tones))
    return "".join(out).encode("cp1258")


def test_a_column_settles_its_doubtful_numbers_and_the_sender_can_say_how_numbers_are_written(place, tmp_path):
    head = "subject,area,period,measure,value,unit,vintage,source"
    lines = [
        f'gdp_forecast,VN,{year},flow,"{value}",tỷ USD,2026-06-30,S004'
        for year, value in ((2024, "1.245"), (2025, "823,50"))
    ]
    both = intake.check(write(tmp_path, "a.csv", *lines, head=head), place, intake.load(place), today=TODAY).frame
    assert both["value"].tolist() == ["1245", "823.5"]
    alone = write(tmp_path, "b.csv", lines[0], head=head)
    assert refused(alone, place) == ["doubtful_number"]
    for said, value in (("vi", "1245"), ("en", "1.245")):
        assert intake.check(alone, place, intake.load(place), numbers=said, today=TODAY).frame["value"].tolist() == [
            value
        ]


def test_a_name_that_a_former_and_a_present_province_share_is_told_apart_by_the_period(place, tmp_path):
    head = "Mã,Địa bàn,Kỳ,Loại số,Giá trị,Đơn vị,Ngày công bố,Nguồn"
    lines = [
        f"tasks_assigned,Đồng Nai,{period},lũy kế,7,nhiệm vụ,30/6/2026,S004"
        for period in ("2026-05", "2025-06", "tháng nào")
    ]
    good = intake.check(write(tmp_path, "a.csv", *lines[:2], head=head), place, intake.load(place), today=TODAY)
    assert good.frame["area"].tolist() == ["34:75", "63:75"]
    assert refused(write(tmp_path, "b.csv", lines[2], head=head), place) == ["doubtful_area", "bad_period"]


def test_the_same_content_is_refused_under_any_name(place, tmp_path):
    import_file(write(tmp_path, "a.csv", row(), row(period="2026-05")), place, today=TODAY)
    assert refused(write(tmp_path, "b.csv", row(period="2026-05"), row()), place, today=date(2026, 7, 9)) == [
        "duplicate_import"
    ]


def test_a_correction_is_a_newer_row_with_its_reason_and_leaves_its_trail(place, tmp_path):
    import_file(write(tmp_path, "a.csv", row()), place, today=TODAY)
    later = date(2026, 7, 5)
    assert refused(write(tmp_path, "b.csv", row("130")), place, today=later) == ["correction_reason"]
    right = write(tmp_path, "c.csv", row("130", more=",,,,no,,Đếm thiếu 10 nhiệm vụ"))
    assert refused(right, place, today=TODAY) == ["same_day"]
    assert import_file(right, place, today=later).corrections == 1
    entered = intake.load(place)
    assert entered["value"].tolist() == [120, 130]
    assert entered["note"].tolist() == ["", "Đếm thiếu 10 nhiệm vụ"]
    assert observations.as_of(entered)["value"].tolist() == [130]
    assert observations.as_of(entered, entered=TODAY)["value"].tolist() == [120]


def test_a_verification_is_a_new_row_with_who_when_evidence_and_decision(place, tmp_path):
    import_file(write(tmp_path, "a.csv", row()), place, today=TODAY)
    more = "Biên bản 12,agency:VPTW,2026-07-04,QĐ 5,no,,"
    receipt = import_file(write(tmp_path, "b.csv", row(status="đã xác thực", more=more)), place, today=date(2026, 7, 5))
    assert (receipt.verifications, receipt.corrections) == (1, 0)
    best = observations.as_of(intake.load(place)).iloc[0]
    assert (best["status"], best["verified_by"], best["decision"]) == ("verified", "agency:VPTW", "QĐ 5")
    hidden = write(tmp_path, "c.csv", row("140", more="Biên bản 13,,,QĐ 6,no,,sửa"))
    assert refused(hidden, place, today=date(2026, 7, 9)) == ["correction_hidden"]


def test_a_figure_is_made_public_by_its_decision(place, tmp_path):
    import_file(write(tmp_path, "a.csv", row()), place, today=TODAY)
    assert refused(write(tmp_path, "b.csv", row(more=",,,,yes,,")), place, today=date(2026, 7, 2)) == ["public_needs"]
    import_file(write(tmp_path, "c.csv", row(more=",,,,yes,QĐ 7,")), place, today=date(2026, 7, 2))
    assert observations.as_of(intake.load(place))["public"].tolist() == ["yes"]


def test_a_late_entry_of_an_old_vintage_leaves_an_edition_of_then_unchanged(place, tmp_path):
    import_file(write(tmp_path, "a.csv", row("100", vintage="2026-03-31", period="2026-03")), place, today=TODAY)
    edition = observations.as_of(intake.load(place), known=date(2026, 6, 30), entered=TODAY)
    late = write(tmp_path, "b.csv", row("90", vintage="2026-04-30", period="2026-03"))
    import_file(late, place, today=date(2026, 9, 1))
    again = observations.as_of(intake.load(place), known=date(2026, 6, 30), entered=TODAY)
    pd.testing.assert_frame_equal(again, edition)
    assert observations.as_of(intake.load(place), known=date(2026, 6, 30))["value"].tolist() == [90]


def test_the_published_vintages_of_the_digital_economys_share_are_kept_and_known_by_date(entries):
    rows = entries[(entries["subject"] == "A.02.02") & (entries["area"] == "VN") & (entries["dims"] == "")]
    year = rows[rows["period"] == "2022"].sort_values("vintage_end")
    assert year["value"].tolist() == [12.67, 12.63, 12.83]
    assert year["vintage_partial"].tolist() == [False, True, False]
    assert len(rows[rows["period"] == "2023"]) >= 2
    for known, value in (
        (date(2024, 6, 1), 12.67),
        (date(2024, 12, 31), 12.63),
        (date(2025, 1, 5), 12.63),
        (date(2025, 1, 6), 12.83),
    ):
        best = observations.as_of(rows, known=known)
        assert best.loc[best["period"] == "2022", "value"].tolist() == [value]
    assert observations.as_of(rows, known=date(2023, 12, 3)).query("period == '2022'").empty


def _import_in_child(path, catalogue) -> None:
    try:
        import_file(path, catalogue, today=TODAY)
    except ProblemError:
        os._exit(1)
    os._exit(0)


def _die_at(point: int) -> None:
    """Make this process die at its n-th step that touches the disk."""
    steps = [0]

    def dying(real):
        def call(*arguments, **options):
            steps[0] += 1
            if steps[0] == point:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)

        return call

    for name in ("open", "fsync", "link", "write", "close", "ftruncate"):
        setattr(os, name, dying(getattr(os, name)))
    disk.write_aside = dying(disk.write_aside)


def _append_in_child(batch, catalogue, point: int = 0) -> None:
    if point:
        _die_at(point)
    intake.append(batch, catalogue, today=TODAY)
    os._exit(0)


def _write_in_child(batch, catalogue) -> None:
    """Do the part of an import that touches the store's folder, without the checks before it."""
    with disk.locked(catalogue.root):
        disk.append(batch.frame, catalogue.root)
    os._exit(0)


def _took(work, *arguments) -> float:
    """Return how many seconds a child takes for a piece of work."""
    child = fork.Process(target=work, args=arguments)
    started = time.monotonic()
    child.start()
    child.join()
    assert child.exitcode == 0
    return time.monotonic() - started


def _as_before_or_after(place, before, after) -> bool:
    now = files(place)
    assert now in (before, after)
    for name in set(now) - set(before):
        os.unlink(place.root / "observations" / name)
    return now == after


def test_an_import_killed_at_any_point_leaves_the_store_as_before_or_as_after(place, tmp_path):
    import_file(write(tmp_path, "a.csv", row()), place, today=TODAY)
    before = files(place)
    path = write(tmp_path, "b.csv", *(row(period=f"{year}-{m:02d}") for year in (2024, 2025) for m in range(1, 13)))
    batch = intake.read(path, place, today=TODAY)  # reading the sender's file touches nothing of the store
    whole = _took(_append_in_child, batch, place)
    after = files(place)
    (added,) = set(after) - set(before)
    (place.root / "observations" / added).unlink()
    writing = _took(_write_in_child, batch, place)
    assert _as_before_or_after(place, before, after)

    random.seed(57)
    kills = [(_append_in_child, point, 60.0) for point in range(1, 15)]
    kills += [(_append_in_child, 0, random.uniform(0, 1.2 * whole)) for _ in range(8)]
    kills += [(_write_in_child, 0, random.uniform(0, 1.3 * writing)) for _ in range(50)]
    ends = [0, 0]
    for work, point, moment in kills:
        child = fork.Process(target=work, args=(batch, place, point) if point else (batch, place))
        child.start()
        child.join(moment)
        if child.is_alive():
            os.kill(child.pid, signal.SIGKILL)
        child.join()
        ends[_as_before_or_after(place, before, after)] += 1
    assert min(ends) > 0, ends
    assert import_file(path, place, today=TODAY).rows == 24  # no lock, no rest of a killed import stands in the way
    assert not list((place.root / "cache" / "incoming").iterdir())


def test_two_imports_at_once_both_land(place, tmp_path):
    paths = [write(tmp_path, f"{n}.csv", row(str(n), period=f"2025-{n:02d}")) for n in range(1, 7)]
    children = [fork.Process(target=_import_in_child, args=(path, place)) for path in paths]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * 6
    assert sorted(intake.load(place)["value"]) == [1, 2, 3, 4, 5, 6]
    assert len(files(place)) == 6


def test_the_same_file_imported_twice_at_once_lands_once(place, tmp_path):
    path = write(tmp_path, "a.csv", row())
    children = [fork.Process(target=_import_in_child, args=(path, place)) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert sorted(child.exitcode for child in children) == [0, 1, 1]
    assert len(files(place)) == 1


def test_a_busy_store_says_so_and_who_holds_it(place, tmp_path):
    with disk.locked(place.root):
        assert refused(write(tmp_path, "a.csv", row()), place, wait=0.1) == ["store_busy"]
        with pytest.raises(ProblemError, match=f"pid {os.getpid()}"):
            import_file(tmp_path / "a.csv", place, today=TODAY, wait=0)
    import_file(tmp_path / "a.csv", place, today=TODAY)


def test_the_description_of_the_data_folder_follows_an_import(place, tmp_path):
    (place.root / "datapackage.json").write_text("{}")
    import_file(write(tmp_path, "a.csv", row()), place, today=TODAY)
    described = json.loads((place.root / "datapackage.json").read_text(encoding="utf-8"))
    assert described == contract.data_package(place.root)
    assert "observations/S004_2026-06-30.csv" in json.dumps(described)


def test_an_export_of_every_row_reads_back_the_same(entries, shipped, tmp_path):
    rows = intake.load(shipped)
    paths = export.export(rows, shipped, tmp_path / "out", TODAY)
    names = OBSERVATIONS.names
    wanted = rows[names].reset_index(drop=True)
    text = tables.read_text(paths[0], "x")
    pd.testing.assert_frame_equal(tables.convert(text, OBSERVATIONS).reset_index(drop=True), wanted, check_dtype=False)
    kept = pd.read_parquet(paths[1])[names].assign(recorded=lambda frame: frame["recorded"].astype(str))
    pd.testing.assert_frame_equal(kept, wanted, check_dtype=False)
    message = paths[4].read_text(encoding="utf-8")
    back = read_sdmx(message)
    assert [float(value) for value in back["value"]] == wanted["value"].tolist()
    for name in ("period", "unit", "qualifier", "printed", "locator", "note"):
        assert back[name].tolist() == wanted[name].tolist()


def test_sdmx_rows_are_unique_by_their_dimensions_and_named_in_the_structure(entries, shipped):
    message = sdmx.data(entries)
    head = message.split("\r\n")[0]
    table = pd.read_csv(io.StringIO(message), dtype=str, keep_default_na=False)
    keys = [*sdmx.DIMENSIONS, "TIME_PERIOD"]
    assert not table.duplicated(keys).any()
    assert (table[keys] != "").all().all()
    structure = sdmx.structure(entries, shipped, "2026-07-01T00:00:00Z")
    lists = {item["id"]: {code["id"] for code in item["codes"]} for item in structure["data"]["codelists"]}
    for name in ("SUBJECT", "AREA", "ITEM", "MEASURE_TYPE", "BREAKDOWN", "OBS_STATUS_CODE", "SOURCE"):
        assert set(table[name]) == lists[f"CL_{name}"]
    codes = {"type": "array", "items": {"type": "object", "properties": {"id": {"pattern": "^[A-Za-z0-9_@$-]+$"}}}}
    for item in structure["data"]["codelists"]:
        jsonschema.validate(item["codes"], codes)
    components = structure["data"]["dataStructures"][0]["dataStructureComponents"]
    listed = [entry["id"] for entry in components["dimensionList"]["dimensions"]] + ["TIME_PERIOD", "OBS_VALUE"]
    listed += [entry["id"] for entry in components["attributeList"]["attributes"]]
    assert head.split(",")[3:] == listed


def test_an_sdmx_file_is_laid_out_as_the_field_guide_says(entries):
    """SDMX-CSV field guide 2.0: three fixed columns, then dimensions, measures, attributes; ids only; records as RFC 4180."""
    message = sdmx.data(entries)
    head = message.split("\r\n")[0].split(",")
    assert head[:3] == ["STRUCTURE", "STRUCTURE_ID", "ACTION"]
    assert head[3:] == [*sdmx.DIMENSIONS, "TIME_PERIOD", "OBS_VALUE", *sdmx.ATTRIBUTES]
    assert len(set(head)) == len(head)
    assert message.endswith("\r\n")
    assert not message.startswith("\ufeff")
    records = list(csv.reader(io.StringIO(message, newline=""), strict=True))
    assert {len(record) for record in records} == {len(head)}
    assert {tuple(record[:3]) for record in records[1:]} == {("dataflow", "NQ57:OBSERVATIONS(1.0)", "I")}
    assert len(records) == len(entries) + 1


def test_every_reference_of_the_sdmx_structure_leads_to_an_artefact_of_the_message(entries, shipped):
    found = sdmx.structure(entries, shipped, "2026-07-01T00:00:00Z")["data"]
    flow, model = found["dataflows"][0], found["dataStructures"][0]
    assert f"{flow['agencyID']}:{flow['id']}({flow['version']})" == "NQ57:OBSERVATIONS(1.0)"
    known = {f"datastructure.DataStructure={model['agencyID']}:{model['id']}({model['version']})"}
    for scheme in found["conceptSchemes"]:
        place = f"conceptscheme.Concept={scheme['agencyID']}:{scheme['id']}({scheme['version']})"
        known |= {f"{place}.{concept['id']}" for concept in scheme["concepts"]}
    known |= {f"codelist.Codelist={each['agencyID']}:{each['id']}({each['version']})" for each in found["codelists"]}
    text = json.dumps({"flow": flow, "model": model})
    named = re.findall(r"urn:sdmx:org\.sdmx\.infomodel\.([^\"]+)", text)
    assert set(named) == known, "nothing dangles, and nothing is defined that nothing uses"
    dimensions = model["dataStructureComponents"]["dimensionList"]["dimensions"]
    assert [each["position"] for each in dimensions] == list(range(len(dimensions)))


def test_drill_down_leads_from_a_core_indicator_to_the_items_of_its_form(shipped):
    paths = export.drill_down(shipped)
    rows = paths[paths["a"] == "A.01.05"]
    assert set(rows["form"]) == {"C.07.01"}
    assert "db_finance" in set(rows["item"])
    assert "B.02.04" in set(paths.loc[paths["a"] == "A.01.04", "b"])


def test_what_is_due_on_the_25th_is_sent_sent_late_late_or_open(place, tmp_path):
    indicator = place.indicators[
        (place.indicators["lead"] == "agency:BTP") & (place.indicators["frequency"] == "month")
    ].iloc[0]
    states = []
    for vintage, on in (
        ("", "2026-06-24"),
        ("", "2026-06-26"),
        ("2026-06-20", "2026-06-26"),
        ("2026-06-28", "2026-06-30"),
    ):
        shutil.rmtree(place.root / "observations")
        (place.root / "observations").mkdir()
        if vintage:
            line = row("50", subject=indicator["code"], unit=indicator["unit"], vintage=vintage)
            import_file(write(tmp_path, "a.csv", line), place, today=date.fromisoformat(vintage))
        table = delivery.figures(place, intake.load(place), date.fromisoformat(on))
        states.append(table.set_index("indicator").loc[indicator["code"], "state"])
    assert states == ["open", "late", "sent", "sent_late"]
    status = delivery.status(place, intake.load(place), date(2026, 6, 30), "agency:BTP").iloc[0]
    assert status["awaiting_verification"] == 1
    assert status["expected"] == status[["sent", "sent_late", "late", "open"]].sum()


def test_an_independent_reader_reads_the_sdmx_files_and_parquet_has_dates(entries, shipped, tmp_path):
    from pysdmx.io import read_sdmx as read

    export.export(entries, shipped, tmp_path, TODAY)
    data = read((tmp_path / "sdmx" / "observations.csv").read_text(encoding="utf-8"), validate=False).data[0].data
    assert data["OBS_VALUE"].astype(float).sum() == pytest.approx(entries["value"].sum())
    structure = read((tmp_path / "sdmx" / "structure.json").read_text(encoding="utf-8"), validate=False).structures
    (defined,) = [entry for entry in structure if type(entry).__name__ == "DataStructureDefinition"]
    assert {entry.id for entry in defined.components} <= set(data.columns)
    kept = pd.read_parquet(tmp_path / "observations.parquet", dtype_backend="pyarrow").dtypes
    assert {str(kept[name]) for name in ("recorded", "period_end", "vintage_end")} == {"date32[day][pyarrow]"}
