"""Observations as SDMX-CSV 2.0 with their structure (SDMX-JSON 2.0), for other statistical systems.

The store's rows and the catalogue in; the text of the data file and the structure message out. The dataflow ``NQ57:OBSERVATIONS(1.0)``
has the contract's key as its dimensions, so that every vintage is one observation; the rest are attributes. Codes keep to SDMX's
letters (A.02.02 → A_02_02, 34:75 → 34_75), periods to its notation (2026-H1 → 2026-S1, an interval → start/duration); the
project's own are kept beside them.

References
----------
SDMX-CSV field guide 2.0, data message: the columns STRUCTURE, STRUCTURE_ID, ACTION, then dimensions, measure, attributes; ACTION "I"
(information). RFC 4180, on which the guide stands: records end with CR LF.
"""

import csv
import io
import re

import pandas as pd

from nq57lab.base import periods, wording
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts.catalogue import Catalogue
from nq57lab.store import typed

AGENCY, FLOW, VERSION = "NQ57", "OBSERVATIONS", "1.0"
DIMENSIONS = {
    "SUBJECT": "subject",
    "AREA": "area",
    "ITEM": "item",
    "MEASURE_TYPE": "measure",
    "BREAKDOWN": "dims",
    "OBS_STATUS_CODE": "status",
    "VINTAGE": "vintage",
    "SOURCE": "source",
    "RECORDED": "recorded",
}
ATTRIBUTES = {
    "PERIOD": "period",
    "UNIT_MEASURE": "unit",
    "QUALIFIER": "qualifier",
    "OBS_VALUE_HIGH": "value_high",
    "PRINTED": "printed",
    "LOCATOR": "locator",
    "EVIDENCE": "evidence",
    "VERIFIED_BY": "verified_by",
    "VERIFIED_ON": "verified_on",
    "DECISION": "decision",
    "PUBLIC": "public",
    "PUBLIC_DECISION": "public_decision",
    "COMMENT_OBS": "note",
}
HEAD = ["STRUCTURE", "STRUCTURE_ID", "ACTION", *DIMENSIONS, "TIME_PERIOD", "OBS_VALUE", *ATTRIBUTES]
_CODED = ("SUBJECT", "AREA", "ITEM", "MEASURE_TYPE", "BREAKDOWN", "OBS_STATUS_CODE", "SOURCE")
_URN = "urn:sdmx:org.sdmx.infomodel"
NONE = {"ITEM": "_Z", "BREAKDOWN": "_T"}


def code(text: str) -> str:
    """Return a project code as an SDMX code: letters, digits, _, -, @ and $ only.

    >>> code("A.02.02"), code("agency:BKHCN"), code("partner=SGP; pillar=KHCN")
    ('A_02_02', 'agency_BKHCN', 'partner@SGP$pillar@KHCN')
    """
    return re.sub(r"[^A-Za-z0-9_@$-]", "_", text.replace("; ", "$").replace("=", "@"))


def time_period(period: str) -> str:
    """Return a period in SDMX notation: half-years as S1 and S2, an interval as its first day and its length.

    >>> time_period("2026-H1"), time_period("2026-01-01/2026-05-31"), time_period("2021/2025")
    ('2026-S1', '2026-01-01/P151D', '2021-01-01/P5Y')
    """
    first, _, last = period.partition("/")
    if not last:
        return period.replace("-H", "-S")
    start, end = periods.bounds(period)
    if len(first) == len(last) == 4:
        return f"{start.isoformat()}/P{end.year - start.year + 1}Y"
    return f"{start.isoformat()}/P{(end - start).days + 1}D"


def _codes(values: pd.Series, name: str) -> dict[str, str]:
    """Return code of each value; two values with one code are a problem."""
    found: dict[str, str] = {}
    for value in sorted(set(values)):
        short = code(value) if value else NONE[name]
        if short in found.values():
            raise ProblemError([Problem("sdmx_code", "SDMX", column=name, found=value)])
        found[value] = short
    return found


def data(frame: pd.DataFrame) -> str:
    """Return the data message (SDMX-CSV 2.0) of observations.

    Parameters
    ----------
    frame : DataFrame
        Rows with the contract's columns.

    Raises
    ------
    ProblemError
        If two codes become one.
    """
    columns = {"STRUCTURE": "dataflow", "STRUCTURE_ID": f"{AGENCY}:{FLOW}({VERSION})", "ACTION": "I"}
    table = pd.DataFrame(columns, index=frame.index)
    for name, column in DIMENSIONS.items():
        table[name] = frame[column].map(_codes(frame[column], name)) if name in _CODED else frame[column]
    table["TIME_PERIOD"] = frame["period"].map({period: time_period(period) for period in set(frame["period"])})
    table["OBS_VALUE"] = frame["value"].map(typed.plain_number)
    for name, column in ATTRIBUTES.items():
        table[name] = frame[column].map(typed.plain_number) if column == "value_high" else frame[column]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    writer.writerows(table[HEAD].to_numpy().tolist())
    return out.getvalue()


def structure(frame: pd.DataFrame, catalogue: Catalogue, prepared: str) -> dict:
    """Return the structure message (SDMX-JSON 2.0): dataflow, data structure, concepts and the code lists that the data use."""

    def concept(name: str) -> dict:
        return {"conceptIdentity": f"{_URN}.conceptscheme.Concept={AGENCY}:CONCEPTS({VERSION}).{name}"}

    def listed(name: str) -> dict:
        return {"localRepresentation": {"enumeration": f"{_URN}.codelist.Codelist={AGENCY}:CL_{name}({VERSION})"}}

    def free(kind: str) -> dict:
        return {"localRepresentation": {"format": {"dataType": kind}}}

    def maintained(name: str, title: str) -> dict:
        return {"id": name, "agencyID": AGENCY, "version": VERSION, "name": title, "names": {"vi": title}}

    labels, english = _labels(catalogue), catalogue.names_in("en")
    lists = []
    for name in _CODED:
        codes = _codes(frame[DIMENSIONS[name]], name)
        entries = []
        for value, short in codes.items():
            title = labels.get(name, {}).get(value) or value or "không áp dụng"
            names = {"vi": title} | ({"en": english[value]} if name == "SUBJECT" and value in english else {})
            entries.append({"id": short, "name": title, "names": names, "description": value or "(trống)"})
        lists.append({**maintained(f"CL_{name}", name), "codes": entries})
    dates = {"VINTAGE": "BasicTimePeriod", "RECORDED": "GregorianDay"}
    dimensions = [
        {"id": name, "position": place, **concept(name), **(listed(name) if name in _CODED else free(dates[name]))}
        for place, name in enumerate(DIMENSIONS)
    ]
    attributes = [
        {
            "id": name,
            "usage": "optional",
            "attributeRelationship": {"observation": {}},
            **concept(name),
            **free("Double" if name == "OBS_VALUE_HIGH" else "String"),
        }
        for name in ATTRIBUTES
    ]
    components = {
        "dimensionList": {
            "id": "DimensionDescriptor",
            "dimensions": dimensions,
            "timeDimension": {"id": "TIME_PERIOD", **concept("TIME_PERIOD"), **free("ObservationalTimePeriod")},
        },
        "measureList": {
            "id": "MeasureDescriptor",
            "measures": [{"id": "OBS_VALUE", "usage": "optional", **concept("OBS_VALUE"), **free("Double")}],
        },
        "attributeList": {"id": "AttributeDescriptor", "attributes": attributes},
    }
    concepts = [{"id": name, "name": name, "names": {"en": name}} for name in HEAD[3:]]
    title = f"Số liệu {wording.lowered(catalogue.programme.title)}"
    pointer = f"{_URN}.datastructure.DataStructure={AGENCY}:{FLOW}({VERSION})"
    return {
        "meta": {
            "schema": "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/structure-message/tools/schemas/2.0.0/sdmx-json-structure-schema.json",
            "id": f"{AGENCY}_{FLOW}",
            "test": False,
            "prepared": prepared,
            "contentLanguages": ["vi"],
            "sender": {"id": AGENCY},
        },
        "data": {
            "dataflows": [{**maintained(FLOW, title), "structure": pointer}],
            "dataStructures": [{**maintained(FLOW, title), "dataStructureComponents": components}],
            "conceptSchemes": [{**maintained("CONCEPTS", "Khái niệm"), "concepts": concepts}],
            "codelists": lists,
        },
    }


def _labels(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    from nq57lab.base.wording import MEASURE_WORDS, STATUS_WORDS

    dims = catalogue.dimensions
    pairs = dict(zip(dims["dim"] + "=" + dims["value"], dims["name_vi"], strict=True))
    sources = dict(zip(catalogue.sources["id"], catalogue.sources["title_vi"], strict=True))
    return {
        "SUBJECT": catalogue.names,
        "AREA": catalogue.names,
        "ITEM": catalogue.names,
        "MEASURE_TYPE": MEASURE_WORDS,
        "BREAKDOWN": {"": "chung", **pairs},
        "OBS_STATUS_CODE": STATUS_WORDS,
        "SOURCE": sources,
    }
