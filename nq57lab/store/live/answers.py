"""What statistical services answer: a request in, the raw bytes and a table of periods and values out, or the reason why not.

Two kinds: the World Bank's indicators (its JSON, in pages) and any SDMX REST service (2.1 or 3.0; CSV, read by pysdmx).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from nq57lab.base.problems import Problem, ProblemError

TIMEOUT = 30.0  # seconds without a byte
SDMX_CSV = "application/vnd.sdmx.data+csv;version=2.0.0, application/vnd.sdmx.data+csv;version=1.0.0;q=0.9"
PAGE = 1000


@dataclass(frozen=True)
class Answer:
    """One raw answer: what was asked, when, what came."""

    url: str
    asked: datetime
    body: bytes


@dataclass(frozen=True)
class Series:
    """A series as answered: area, period, value, unit (the service's code, "" where it says none) by row; its day of publication, if told."""

    table: pd.DataFrame
    published: str
    raw: list[Answer]


def fetch(url: str, accept: str, timeout: float = TIMEOUT) -> Answer:
    """Ask a service.

    Raises
    ------
    ProblemError
        If it cannot be reached, takes too long, refuses, sends a page for people, or breaks off.
    """
    import requests

    def wrong(code: str, found: str) -> ProblemError:
        return ProblemError([Problem(code, url, found=found)])

    try:
        with requests.get(url, headers={"Accept": accept, "Accept-Encoding": "identity"}, timeout=timeout) as answer:
            body, declared = answer.content, answer.headers.get("Content-Length")
    except requests.Timeout:
        raise wrong("pull_late", f"{timeout:g} s") from None
    except requests.exceptions.ChunkedEncodingError as error:
        raise wrong("pull_partial", type(error).__name__) from None
    except requests.RequestException as error:
        raise wrong("pull_offline", type(error).__name__) from None
    if not answer.ok:
        raise wrong("pull_refused", f"HTTP {answer.status_code}")
    if declared is not None and declared.isdigit() and len(body) != int(declared):
        raise wrong("pull_partial", f"{len(body)}/{declared} byte")
    if body.lstrip()[:1] == b"<" or "html" in answer.headers.get("Content-Type", ""):
        raise wrong("pull_structure", "HTML, XML")
    return Answer(url, datetime.now(UTC).replace(microsecond=0), body)


def world_bank(address: str, series: str, area: str, timeout: float = TIMEOUT) -> Series:
    """Ask the World Bank's indicators API (version 2) for one indicator of one country, all its pages.

    Parameters
    ----------
    address : str
        Where the API is, such as ``https://api.worldbank.org/v2``.
    series : str
        The indicator's code.
    area : str
        The country's code of three letters.

    Raises
    ------
    ProblemError
        As :func:`fetch`; and if the answer has not the API's form, or fewer rows than it says it has.
    """
    raw: list[Answer] = []
    rows: list[dict] = []
    page, pages = 1, 1
    head: dict = {}
    while page <= pages:
        url = f"{address.rstrip('/')}/country/{area}/indicator/{series}?format=json&per_page={PAGE}&page={page}"
        raw.append(fetch(url, "application/json", timeout))
        head, found = _page(raw[-1])
        rows += found
        pages, page = int(head["pages"]), page + 1
    if len(rows) != int(head["total"]):
        raise ProblemError([Problem("pull_partial", raw[-1].url, found=f"{len(rows)}/{head['total']}")])
    kept = [row for row in rows if row["value"] is not None]
    table = pd.DataFrame(
        {
            "area": [row["countryiso3code"] for row in kept],
            "period": [row["date"].replace("Q", "-Q").replace("M", "-") for row in kept],
            "value": [row["value"] for row in kept],
            "unit": [row.get("unit") or "" for row in kept],
        }
    )
    return Series(table, str(head.get("lastupdated") or ""), raw)


def _page(answer: Answer) -> tuple[dict, list[dict]]:
    try:
        head, rows = json.loads(answer.body)
        rows = rows or []
        for name in ("pages", "total"):
            int(head[name])
        for row in rows:
            row["countryiso3code"], row["date"], row["value"]
    except (ValueError, TypeError, KeyError) as error:
        told = answer.body[:80].decode("utf-8", "replace")
        raise ProblemError([Problem("pull_structure", answer.url, found=told or type(error).__name__)]) from None
    return head, rows


def sdmx(address: str, series: str, area: str, timeout: float = TIMEOUT) -> Series:
    """Ask an SDMX REST service (2.1 or 3.0) for data as SDMX-CSV (1.0 or 2.0).

    Parameters
    ----------
    address : str
        Where the service is, such as ``https://sdmx.ilo.org/rest``.
    series : str
        The query below it: ``data/ILO,DF_X,1.0/VNM.A.T`` (2.1) or ``data/dataflow/ILO/DF_X/1.0/VNM.A.T`` (3.0).
    area : str
        The area's code in the service, where the data have no dimension REF_AREA.

    Raises
    ------
    ProblemError
        As :func:`fetch`; and if the answer is no SDMX, or lacks TIME_PERIOD or OBS_VALUE.
    """
    from pysdmx import errors
    from pysdmx.io import read_sdmx

    answer = fetch(f"{address.rstrip('/')}/{series.lstrip('/')}", SDMX_CSV, timeout)

    def wrong(found: str) -> ProblemError:
        return ProblemError([Problem("pull_structure", answer.url, found=found)])

    try:
        (found,) = read_sdmx(answer.body.decode("utf-8-sig"), validate=False).data or []
    except (errors.PysdmxError, ValueError, TypeError, KeyError) as error:
        raise wrong(str(error)[:200]) from None
    frame: pd.DataFrame = found.data  # type: ignore[attr-defined]
    missing = [name for name in ("TIME_PERIOD", "OBS_VALUE") if name not in frame]
    if missing:
        raise wrong(", ".join(missing))
    frame = frame[frame["OBS_VALUE"].notna() & (frame["OBS_VALUE"].astype(str) != "")]
    table = pd.DataFrame(
        {
            "area": frame.get("REF_AREA", area),
            "period": frame["TIME_PERIOD"].astype(str).str.replace("-S", "-H", regex=False),
            "value": frame["OBS_VALUE"],
            "unit": frame.get("UNIT_MEASURE", ""),
        }
    )
    return Series(table.reset_index(drop=True), "", [answer])


KINDS: dict[str, Callable[..., Series]] = {"worldbank": world_bank, "sdmx": sdmx}
