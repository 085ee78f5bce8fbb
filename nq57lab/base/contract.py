"""The data contract: every table's place, columns, allowed values, key and references, read once from ``contract.yml``.

A table is an attribute in capitals (``contract.OBSERVATIONS``), and so are the named lists of values (``contract.STATUSES``) and the
named shapes (``contract.AREA``). :mod:`nq57lab.base.tables` checks files against the tables; :func:`data_package` describes them to
other tools.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from nq57lab.base import whole, wording
from nq57lab.base.project import programme

FILE = Path(__file__).with_name("contract.yml")
EXTENSION = "x-"  # what goes beyond Frictionless Table Schema


@dataclass(frozen=True)
class Column:
    """One column: ``type`` is string, number or integer; ``values`` closes the list; ``pattern`` gives the shape.

    ``rule`` names what a pattern cannot say: a day or period that a calendar has ("calendar"), parts in order ("sorted").
    """

    name: str
    type: str = "string"
    required: bool = False
    values: tuple[str, ...] = ()
    pattern: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Reference:
    """Where codes are defined: the ``fields`` of a table, of its rows that have the values ``where`` and none of ``where_not``.

    Several fields make one code, joined by ``composed``. ``called`` is what a problem calls the table.
    """

    table: str
    fields: tuple[str, ...]
    called: str | Mapping[str, str]
    where: tuple[tuple[str, str], ...] = ()
    where_not: tuple[tuple[str, str], ...] = ()
    composed: str = ""


@dataclass(frozen=True)
class ForeignKey:
    """A column whose codes lead to any of some tables; ``joined`` parts several codes of a cell; ``when`` limits it to some rows."""

    column: str
    references: tuple[Reference, ...]
    joined: str = ""
    when: tuple[tuple[str, str], ...] = ()

    @property
    def called(self) -> str | Mapping[str, str]:
        """What a problem calls the tables: their files, or their own words."""
        first, *rest = (reference.called for reference in self.references)
        return ", ".join([str(first), *map(str, rest)]) if rest else first


@dataclass(frozen=True)
class Table:
    """One table of the contract: where it lives (nowhere: a file that a command takes), its columns, its key and its references.

    ``sourced``: every row names its source and the place in it. ``optional`` columns may be left out of a file; a file that ``may_lack``
    may be absent, its table is then empty.
    """

    name: str
    path: str
    title_vi: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()
    sourced: bool = False
    optional: tuple[str, ...] = ()
    may_lack: bool = False

    @property
    def names(self) -> list[str]:
        """The column names, in the contract's order."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        """Return a column by its name."""
        return next(column for column in self.columns if column.name == name)

    def foreign_key(self, column: str) -> ForeignKey:
        """Return the foreign key of a column."""
        return next(key for key in self.foreign_keys if key.column == column)


@cache
def document() -> dict[str, Any]:
    """Return ``contract.yml`` as plain values."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(FILE.read_text(encoding="utf-8"), loader)


@cache
def _named() -> dict[str, Any]:
    """Return what the contract names, by its name in capitals: tables, lists of values, patterns."""
    read = document()
    rules = {entry["pattern"]: entry.get("rule", "") for entry in read["patterns"].values()}
    files = {entry["name"]: PurePosixPath(entry.get("path", "")).name for entry in read["tables"]}
    tables = {entry["name"]: _table(entry, rules, files) for entry in read["tables"]}
    named = {name: tuple(values) for name, values in read["values"].items()}
    named |= {name: entry["pattern"] for name, entry in read["patterns"].items()}
    shapes = {entry["pattern"]: entry for entry in read["patterns"].values() if "vi" in entry} | read["types"]
    words = {key: {lang: entry[lang] for lang in ("vi", "en")} for key, entry in shapes.items()}
    stored = {name: table for name, table in tables.items() if table.path}
    return {name.upper(): value for name, value in (named | tables).items()} | {"SHAPES": words, "TABLES": stored}


def __getattr__(name: str) -> Any:
    """Return a table, a list of values or a pattern by its name in capitals; TABLES of the data folder by name; SHAPES in words."""
    if name.isupper() and name in _named():
        return _named()[name]
    raise AttributeError(f"the data contract has no {name}")


def _table(entry: dict[str, Any], rules: dict[str, str], files: dict[str, str]) -> Table:
    return Table(
        entry["name"],
        entry.get("path", ""),
        entry["title"],
        tuple(_column(field, rules) for field in entry["fields"]),
        tuple(entry["primaryKey"]),
        tuple(_foreign_key(key, files) for key in entry.get("foreignKeys", ())),
        entry.get("x-sourced", False),
        tuple(field["name"] for field in entry["fields"] if field.get("x-optional")),
        entry.get("x-may-lack", False),
    )


def _column(field: dict[str, Any], rules: dict[str, str]) -> Column:
    constraints = field.get("constraints", {})
    pattern = constraints.get("pattern", "")
    values = tuple(map(str, constraints.get("enum", ())))
    required = constraints.get("required", False)
    return Column(field["name"], field["type"], required, values, pattern, rules.get(pattern, ""))


def _foreign_key(entry: dict[str, Any], files: dict[str, str]) -> ForeignKey:
    given = entry.get("x-references") or [entry["reference"]]
    references = tuple(
        Reference(
            reference["resource"],
            tuple([reference["fields"]] if isinstance(reference["fields"], str) else reference["fields"]),
            reference.get("x-called", files[reference["resource"]]),
            tuple(reference.get("x-where", {}).items()),
            tuple(reference.get("x-where-not", {}).items()),
            reference.get("x-composed", ""),
        )
        for reference in given
    )
    return ForeignKey(entry["fields"], references, entry.get("x-joined", ""), tuple(entry.get("x-when", {}).items()))


def table_schema(name: str, among: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return a table's Frictionless Table Schema.

    Parameters
    ----------
    among : frozenset of str
        The tables of the same package: a foreign key is given when it leads to one of them and needs no extension of ours.
    """
    entry = next(entry for entry in document()["tables"] if entry["name"] == name)
    schema: dict[str, Any] = {"fields": [_plain(field) for field in entry["fields"]], "primaryKey": entry["primaryKey"]}
    keys = []
    for key in entry.get("foreignKeys", ()):
        reference = key.get("reference", {})
        if _plain(key) == key and _plain(reference) == reference and reference["resource"] in among:
            own = reference["resource"] == name  # Frictionless leaves the resource blank where a table refers to itself
            keys.append(key | {"reference": reference | {"resource": "" if own else reference["resource"]}})
    return schema | ({"foreignKeys": keys} if keys else {}) | {"missingValues": [""]}


def _plain(entry: dict[str, Any]) -> dict[str, Any]:
    """Leave out what Frictionless does not know."""
    return {key: value for key, value in entry.items() if not key.startswith(EXTENSION)}


def data_package(root: Path) -> dict[str, Any]:
    """Return the Frictionless ``datapackage.json`` that describes the CSV files of the data folder ``root``."""
    stored = [entry for entry in document()["tables"] if "path" in entry]
    found: dict[str, str | list[str]] = {}
    for entry in stored:
        place = root / entry["path"]
        if place.is_dir():
            found[entry["name"]] = [file.relative_to(root).as_posix() for file in sorted(place.glob("*.csv"))]
        elif place.exists() and place.suffix == ".csv":
            found[entry["name"]] = entry["path"]
    present = frozenset(name for name, path in found.items() if path)
    resources = [
        {
            "name": entry["name"],
            "title": entry["title"],
            "path": found[entry["name"]],
            "format": "csv",
            "encoding": "utf-8",
            "schema": table_schema(entry["name"], present),
        }
        for entry in stored
        if entry["name"] in present
    ]
    return {
        "name": "nq57lab",
        "title": f"Dữ liệu {wording.lowered(programme(root.parent).title)}",
        "resources": resources,
    }


def package_text(root: Path) -> str:
    """Return the text of ``datapackage.json`` of a data folder."""
    return json.dumps(data_package(root), ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    """Write ``data/datapackage.json`` of the project."""
    from nq57lab.base.project import find_root

    root = find_root() / "data"
    whole.write(root / "datapackage.json", package_text(root))


if __name__ == "__main__":
    main()
