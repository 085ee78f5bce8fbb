"""The data contract: Frictionless vocabulary only, every reference leads somewhere, every rule is kept by the shipped data and fails on a bad row."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from nq57lab.base import contract, periods, tables
from nq57lab.base.contract import Column, ForeignKey, Reference, Table
from nq57lab.base.problems import ProblemError
from nq57lab.facts import comparators
from nq57lab.loops import graph

DOCUMENT = contract.document()
ENTRIES = {entry["name"]: entry for entry in DOCUMENT["tables"]}
TYPES = {"string", "number", "integer"}
EXTENSIONS = {
    "table": {"x-sourced", "x-may-lack"},
    "field": {"x-optional"},
    "key": {"x-joined", "x-references", "x-when"},
    "reference": {"x-where", "x-where-not", "x-composed", "x-called"},
}

OTHERS = {
    "units": pd.DataFrame({"unit": ["%", "người"]}),
    "areas": pd.DataFrame({"id": ["VN", "agency:A", "agency:B"], "type": ["country", "agency", "agency"]}),
    "dimensions": pd.DataFrame({"dim": ["pillar", "pillar"], "value": ["KHCN", "DMST"]}),
    "sources": pd.DataFrame({"id": ["S001"]}),
}
AGENCIES = Reference("areas", ("id",), "areas.csv", where=(("type", "agency"),))
MADE = Table(
    "made",
    "",
    "Bảng dựng để thử",
    (
        Column("id", required=True),
        Column("kind", values=("a", "b")),
        Column("code", pattern="[a-z]+"),
        Column("day", pattern=contract.DAY, rule="calendar"),
        Column("amount", "number"),
        Column("count", "integer"),
        Column("unit"),
        Column("lead"),
        Column("place"),
        Column("dims", rule="sorted"),
        Column("source", required=True),
    ),
    ("id",),
    (
        ForeignKey("unit", (Reference("units", ("unit",), "units.csv"),)),
        ForeignKey("lead", (AGENCIES,), "; "),
        ForeignKey("place", (AGENCIES,), when=(("kind", "a"),)),
        ForeignKey(
            "place", (Reference("areas", ("id",), "areas.csv", where_not=(("type", "agency"),)),), when=(("kind", "b"),)
        ),
        ForeignKey("dims", (Reference("dimensions", ("dim", "value"), "dimensions.csv", composed="="),), "; "),
    ),
    sourced=True,
)
GOOD = {
    **{"id": "x", "kind": "a", "code": "abc", "day": "2026-02-28", "amount": "-1.5e3", "count": "12", "unit": "%"},
    **{"lead": "agency:A; agency:B", "place": "agency:A", "dims": "pillar=DMST; pillar=KHCN", "source": "S001, mục I"},
}


def check(*rows: dict) -> list[tuple]:
    frame = pd.DataFrame(rows, columns=MADE.names)
    return [(p.code, p.file, p.row, p.column, p.found) for p in tables.problems(frame, MADE, "made.csv", OTHERS)]


def test_a_row_that_fits_has_no_problem_nor_has_one_of_blanks():
    assert check(GOOD, dict.fromkeys(MADE.names, "") | {"id": "y", "source": "S001; trang 3"}) == []


@pytest.mark.parametrize(
    ("column", "cell", "code", "found"),
    [
        pytest.param("id", "", "required", "", id="required"),
        pytest.param("kind", "c", "values", "c", id="enum"),
        pytest.param("code", "abc1", "pattern", "abc1", id="pattern"),
        pytest.param("day", "2026-02-30", "pattern", "2026-02-30", id="calendar"),
        pytest.param("amount", "1,5", "pattern", "1,5", id="number"),
        pytest.param("count", "1.5", "pattern", "1.5", id="integer"),
        pytest.param("code", "é", "pattern", "é", id="pattern of another letter"),
        pytest.param("unit", "km", "reference", "km", id="foreign key"),
        pytest.param("lead", "agency:A; agency:C", "reference", "agency:C", id="joined foreign key"),
        pytest.param("lead", "VN", "reference", "VN", id="foreign key to some rows"),
        pytest.param("place", "VN", "reference", "VN", id="foreign key of some rows"),
        pytest.param("dims", "pillar=CDS", "reference", "pillar=CDS", id="composed foreign key"),
        pytest.param("dims", "pillar=KHCN; pillar=DMST", "pattern", "pillar=KHCN; pillar=DMST", id="order"),
        pytest.param("source", "S999, mục I", "reference", "S999", id="source"),
        pytest.param("source", "S001", "source_place", "S001", id="place in the source"),
    ],
)
def test_each_rule_fails_on_a_row_that_breaks_it(column, cell, code, found):
    assert check(GOOD, GOOD | {"id": "y", column: cell}) == [(code, "made.csv", 3, column, found)]


def test_a_repeated_key_and_decomposed_letters_fail():
    assert check(GOOD, GOOD) == [("duplicate", "made.csv", 3, "", "x")]
    assert check(GOOD | {"source": "S001, e\u0301"}) == [("unicode", "made.csv", 2, "source", "S001, e\u0301")]


def test_a_reference_that_holds_for_other_rows_looks_at_those():
    assert check(GOOD | {"kind": "b", "place": "VN"}) == []
    assert check(GOOD | {"kind": "b"}) == [("reference", "made.csv", 2, "place", "agency:A")]


def test_every_problem_of_a_row_is_told_and_rows_come_in_order():
    found = check(GOOD | {"amount": "x", "unit": "km", "source": ""}, GOOD | {"kind": "?"})
    assert [entry[:1] + entry[2:4] for entry in found] == [
        *(("pattern", 2, "amount"), ("required", 2, "source"), ("reference", 2, "unit"), ("reference", 2, "source")),
        *(("values", 3, "kind"), ("duplicate", 3, "")),
    ]


@pytest.mark.parametrize("name", ENTRIES)
def test_the_contract_speaks_frictionless(name):
    entry = ENTRIES[name]
    known = {"name", "title", "path", "fields", "primaryKey", "foreignKeys"}
    assert set(entry) <= known | EXTENSIONS["table"]
    names = [field["name"] for field in entry["fields"]]
    assert len(set(names)) == len(names)
    assert set(entry["primaryKey"]) <= set(names)
    for field in entry["fields"]:
        assert {"name", "type"} <= set(field) <= {"name", "type", "description", "constraints"} | EXTENSIONS["field"]
        assert field["type"] in TYPES
        constraints = field.get("constraints", {})
        assert set(constraints) <= {"required", "enum", "pattern"}
        kind = int if field["type"] == "integer" else str
        assert all(type(value) is kind for value in constraints.get("enum", ()))
        re.compile(constraints.get("pattern", ""))
    assert not entry.get("x-sourced") or "source" in names


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if "foreignKeys" in entry])
def test_every_foreign_key_leads_to_a_table_and_a_field(name):
    own = {field["name"] for field in ENTRIES[name]["fields"]}
    for key in ENTRIES[name]["foreignKeys"]:
        assert set(key) <= {"fields", "reference"} | EXTENSIONS["key"]
        assert ("reference" in key) != ("x-references" in key)
        assert {key["fields"], *key.get("x-when", {})} <= own
        for reference in key.get("x-references", [key.get("reference")]):
            assert set(reference) <= {"resource", "fields"} | EXTENSIONS["reference"]
            there = {field["name"] for field in ENTRIES[reference["resource"]]["fields"]}
            fields = [reference["fields"]] if isinstance(reference["fields"], str) else reference["fields"]
            assert {*fields, *reference.get("x-where", {}), *reference.get("x-where-not", {})} <= there
            assert len(fields) == 1 or "x-composed" in reference


def test_every_kind_of_link_has_its_table():
    kinds = [dict(key.when).get("from_type") for key in contract.LINKS.foreign_keys]
    assert sorted(filter(None, kinds)) == sorted(contract.ORIGINS)


def test_names_are_attributes_and_no_two_are_one():
    names = [*ENTRIES, *DOCUMENT["values"], *DOCUMENT["patterns"]]
    assert len(set(names)) == len(names)
    assert contract.OBSERVATIONS.name == "observations"
    assert contract.STATUSES == ("official", "verified", "estimate", "self_reported")
    with pytest.raises(AttributeError):
        contract.NOTHING  # noqa: B018


def test_the_shape_of_a_period_is_the_one_that_periods_are_read_by():
    assert contract.PERIOD == periods.PATTERN


def test_each_delay_of_a_link_has_its_steps():
    assert tuple(graph.DELAYS) == contract.DELAYS


def test_the_countries_of_the_series_have_names():
    assert contract.COMPARATOR_SERIES.column("iso3").values == tuple(comparators.COUNTRIES)


@pytest.fixture(scope="module")
def stored(root) -> dict[str, pd.DataFrame]:
    """Every table of the data folder, as text; files of a folder joined."""
    found = {}
    for table in contract.TABLES.values():
        place = root / "data" / table.path
        files = sorted(place.glob("*.csv")) if place.is_dir() else [place] if place.exists() else []
        read = pd.read_parquet if place.suffix == ".parquet" else lambda path: tables.read_text(path, path.name)
        parts = [read(path) for path in files] or [pd.DataFrame(columns=table.names, dtype=str)]
        found[table.name] = pd.concat(parts, ignore_index=True)
    return found


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, entry in ENTRIES.items()
        if entry.get("path", "").startswith(("catalogue", "registers", "observations", "comparators/indicators"))
    ],
)
def test_the_shipped_tables_fit_their_contract_and_every_code_leads_somewhere(stored, name):
    assert tables.problems(stored[name], contract.TABLES[name], Path(contract.TABLES[name].path).name, stored) == []


def test_a_file_is_read_with_the_tables_it_refers_to(tmp_path, shipped):
    (tmp_path / "borders.csv").write_text(
        'area,neighbour,valid_from,valid_to,source\n34:01,34:99,,,"S001, x"\n', encoding="utf-8"
    )
    with pytest.raises(ProblemError) as caught:
        tables.read(tmp_path / "borders.csv", contract.BORDERS, others=vars(shipped))
    assert [(p.code, p.row, p.column, p.found) for p in caught.value.problems] == [
        ("reference", 2, "neighbour", "34:99")
    ]


def test_the_data_package_is_up_to_date(root):
    shipped = json.loads((root / "data" / "datapackage.json").read_text(encoding="utf-8"))
    made = json.loads(contract.package_text(root / "data"))
    listed, there = (
        [next(entry for entry in package["resources"] if entry["name"] == "observations").pop("path")]
        for package in (shipped, made)
    )
    assert set(listed[0]) <= set(there[0])  # a new file of figures is listed when the package is next made
    assert shipped == made, "run make datapackage"


def test_the_data_package_holds_no_extension_and_no_reference_that_leads_out_of_it(root):
    package = contract.data_package(root / "data")
    names = {resource["name"] for resource in package["resources"]}
    assert '"x-' not in contract.package_text(root / "data")
    keys = [
        (resource["name"], key)
        for resource in package["resources"]
        for key in resource["schema"].get("foreignKeys", ())
    ]
    assert ("indicators", {"fields": "unit", "reference": {"resource": "units", "fields": "unit"}}) in keys
    assert ("areas", {"fields": "parent", "reference": {"resource": "", "fields": "id"}}) in keys
    assert all(key["reference"]["resource"] in {"", *names} for _, key in keys)
    assert "lead" not in {key["fields"] for name, key in keys if name == "indicators"}
