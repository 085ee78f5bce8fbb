"""Pulling from statistical services: recorded answers served on this machine become one vintage, and a wrong answer changes nothing."""

import json
import socket
import threading
import time
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

import pandas as pd
import pytest

from nq57lab.base.problems import CallError, ProblemError
from nq57lab.store import intake
from nq57lab.store.live import pull as of_pull

TODAY = date(2026, 11, 29)
SHARE, SOURCE = "B.01.01", "X002"  # a share of the small project, and a source of it
VALUES = {"2019": 31.5, "2020": 34.25, "2021": None}
SDMX = (
    "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,UNIT_MEASURE,TIME_PERIOD,OBS_VALUE\r\n"
    "dataflow,ILO:DF_X(1.0),I,A,VNM,PT,2020,5.4\r\ndataflow,ILO:DF_X(1.0),I,A,VNM,PT,2021,4.7\r\n"
)


class Service:
    """A statistical service whose answer each test sets: a function of path and query, to status, type and bytes."""

    def __init__(self):
        service = self
        self.answer = lambda path, query: (200, "application/json", world_bank())
        self.cut = self.wait = 0

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked = urlparse(self.path)
                time.sleep(service.wait)
                status, kind, body = service.answer(asked.path, parse_qs(asked.query))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) - service.cut])

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def world_bank(values=VALUES, total=None, updated="2026-07-01", area="VNM", unit=""):
    """Return an answer in the form of the World Bank's indicators API, version 2."""
    rows = [
        {"countryiso3code": area, "date": year, "value": value, "unit": unit, "decimal": 1}
        for year, value in values.items()
    ]
    head = {
        "page": 1,
        "pages": 1,
        "per_page": 1000,
        "total": len(rows) if total is None else total,
        "lastupdated": updated,
    }
    return json.dumps([head, rows]).encode()


@pytest.fixture(scope="module")
def service():
    running = Service()
    yield running
    running.server.shutdown()


@pytest.fixture
def store(service, small_copy):
    """A small project whose pulls ask the service; what it answers by default."""
    service.answer = lambda path, query: (200, "application/json", world_bank())
    service.cut = service.wait = 0
    data = small_copy.root
    head = ",".join(of_pull.TABLE.names)
    rest = f"{SHARE},VN,flow,,%,official,{SOURCE}"
    rows = [
        f"wb,worldbank,{service.address},X.Y,VNM,,{rest}",
        f"ilo,sdmx,{service.address}/rest,data/ILO/VNM.A,VNM,PT,{rest}",
    ]
    (data / "catalogue" / "pulls.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return small_copy


def everything(root):
    return {
        path.relative_to(root): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "cache" not in path.parts
    }


def test_an_answer_becomes_one_vintage_with_the_request_and_the_raw_answer_kept(store, service):
    done = of_pull.pull("wb", store, TODAY)
    rows = intake.load(store)
    own = rows[rows["id"].str.startswith(done.path.name)]
    assert own[["period", "value", "vintage", "recorded"]].to_numpy().tolist() == [
        ["2019", 31.5, "2026-07-01", "2026-11-29"],
        ["2020", 34.25, "2026-07-01", "2026-11-29"],
    ]
    asked = json.loads((done.kept / "requests.json").read_text(encoding="utf-8"))
    assert asked[0]["url"].startswith(f"{service.address}/country/VNM/indicator/X.Y?format=json")
    assert (done.kept / asked[0]["file"]).read_bytes() == world_bank()


def test_sdmx_csv_of_either_version_is_read(store, service):
    service.answer = lambda path, query: (200, "text/csv", SDMX.encode())
    assert of_pull.pull("ilo", store, TODAY).rows == 2
    first = SDMX.replace("STRUCTURE,STRUCTURE_ID,ACTION", "DATAFLOW").replace(
        "dataflow,ILO:DF_X(1.0),I", "ILO:DF_X(1.0)"
    )
    service.answer = lambda path, query: (200, "text/csv", first.replace("4.7", "4.8").encode())
    done = of_pull.pull("ilo", store, date(2026, 11, 30))
    assert pd.read_csv(done.path)["value"].tolist() == [5.4, 4.8]


def test_pages_are_put_together(store, service):
    def answer(path, query):
        page = int(query["page"][0])
        head = {"page": page, "pages": 2, "total": 2, "lastupdated": "2026-07-01"}
        row = {"countryiso3code": "VNM", "date": str(2018 + page), "value": page, "unit": ""}
        return 200, "application/json", json.dumps([head, [row]]).encode()

    service.answer = answer
    assert pd.read_csv(of_pull.pull("wb", store, TODAY).path)["period"].tolist() == [2019, 2020]


def test_the_same_answer_again_stores_nothing(store, service):
    of_pull.pull("wb", store, TODAY)
    before = everything(store.root)
    assert of_pull.pull("wb", store, date(2026, 11, 30)).path is None
    assert everything(store.root) == before


def test_a_revised_answer_is_a_newer_vintage(store, service):
    of_pull.pull("wb", store, TODAY)
    service.answer = lambda path, query: (
        200,
        "application/json",
        world_bank(VALUES | {"2020": 35.0}, updated="2026-10-01"),
    )
    done = of_pull.pull("wb", store, TODAY)
    assert pd.read_csv(done.path)[["value", "vintage"]].to_numpy().tolist() == [
        [31.5, "2026-10-01"],
        [35.0, "2026-10-01"],
    ]


WRONG = {
    "a page for people": ((200, "text/html", b"<html>moved</html>"), "HTML"),
    "a page for people under another name": ((200, "application/json", b"\n<!DOCTYPE html>"), "HTML"),
    "a message in place of data": (
        (200, "application/json", b'[{"message": [{"id": "120", "value": "Invalid"}]}]'),
        "Invalid",
    ),
    "another structure": ((200, "application/json", b'{"data": []}'), "JSON"),
    "a renamed field": ((200, "application/json", world_bank().replace(b'"value"', b'"obs"')), "JSON"),
    "no JSON": ((200, "application/json", b"\xff\xfe"), "JSON"),
    "an error": ((503, "application/json", b"{}"), "503"),
    "not found": ((404, "text/plain", b""), "404"),
    "fewer rows than told": ((200, "application/json", world_bank(total=30)), "3/30"),
    "another area": ((200, "application/json", world_bank(area="THA")), "THA"),
    "another unit": ((200, "application/json", world_bank(unit="US$")), "US$"),
    "no value": ((200, "application/json", world_bank({"2020": None})), "X.Y"),
    "text for a number": ((200, "application/json", world_bank({"2020": "n/a"})), "n/a"),
    "a share above 100": ((200, "application/json", world_bank({"2020": 848.0})), "848"),
    "no period": ((200, "application/json", world_bank({"20xx": 1.0})), "20xx"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_told_and_leaves_the_store_as_it_was(store, service, name):
    answer, told = WRONG[name]
    service.answer = lambda path, query: answer
    before = everything(store.root)
    with pytest.raises(ProblemError) as caught:
        of_pull.pull("wb", store, TODAY)
    assert told in str(caught.value)
    assert everything(store.root) == before


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (SDMX.replace("OBS_VALUE", "VALUE"), "OBS_VALUE"),
        (SDMX.replace("2021", "2020"), "2020"),
        (SDMX.replace("PT", "USD"), "USD"),
        ("a,b\n1,2\n", "SDMX"),
        ("", "SDMX"),
    ],
)
def test_a_wrong_sdmx_answer_is_told(store, service, body, told):
    service.answer = lambda path, query: (200, "text/csv", body.encode())
    before = everything(store.root)
    with pytest.raises(ProblemError) as caught:
        of_pull.pull("ilo", store, TODAY)
    assert told in str(caught.value)
    assert everything(store.root) == before


def test_an_answer_that_breaks_off_or_comes_too_late_is_told(store, service):
    before = everything(store.root)
    service.cut = 20
    with pytest.raises(ProblemError, match="trọn vẹn"):
        of_pull.pull("wb", store, TODAY)
    service.cut, service.wait = 0, 1
    with pytest.raises(ProblemError, match="thời hạn"):
        of_pull.pull("wb", store, TODAY, timeout=0.2)
    assert everything(store.root) == before


def test_a_service_that_is_not_there_is_told(store):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = store.root / "catalogue" / "pulls.csv"
    path.write_text(
        "\n".join(
            line.replace(line.split(",")[2], f"http://127.0.0.1:{port}") if "worldbank" in line else line
            for line in path.read_text(encoding="utf-8").splitlines()
        ),
        encoding="utf-8",
    )
    before = everything(store.root)
    with pytest.raises(ProblemError, match="Internet"):
        of_pull.pull("wb", store, TODAY)
    assert everything(store.root) == before


def test_a_series_whose_figures_were_withdrawn_is_told(store, service):
    of_pull.pull("wb", store, TODAY)
    before = everything(store.root)
    service.answer = lambda path, query: (200, "application/json", world_bank({"2020": 34.25}, updated="2026-10-01"))
    with pytest.raises(ProblemError, match="2019"):
        of_pull.pull("wb", store, TODAY)
    assert everything(store.root) == before


def test_a_source_that_is_not_configured_is_a_wrong_call(store):
    with pytest.raises(CallError, match="wb, ilo"):
        of_pull.pull("imf", store, TODAY)


def test_the_projects_own_pulls_fit_its_catalogue(shipped):
    known = of_pull.sources(shipped)
    assert set(known["pull"]) == {"wdi", "ilostat"}
    assert (known["unit"] == known["subject"].map(shipped.subject_units)).all()


def test_an_unusual_figure_is_asked_about_and_taken_with_its_reason(store, service):
    service.answer = lambda path, query: (200, "application/json", world_bank({"2020": 0.5}))
    before = everything(store.root)
    with pytest.raises(ProblemError) as caught:
        of_pull.pull("wb", store, TODAY)
    assert [problem.code for problem in caught.value.problems] == ["ask_fraction"]
    assert everything(store.root) == before
    done = of_pull.pull("wb", store, TODAY, accept="định nghĩa mới")
    assert [notice.code for notice in done.told] == ["answered"]
    assert "Đã xác nhận: định nghĩa mới" in done.path.read_text(encoding="utf-8")
