"""The catalogue: what is measured, with its units, targets, areas, groups and sources.

CSV files under ``data/catalogue`` and ``data/registers`` in, one checked :class:`Catalogue` out. Cross-checks follow
every code to the table that defines it and every formula to its variables; all problems are raised together.
"""

from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path

import pandas as pd

from nq57lab.base import contract, formulas, project, tables
from nq57lab.base.problems import Problem, ProblemError
from nq57lab.facts import search


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The catalogue's tables, each as :data:`nq57lab.base.contract.TABLES` describes it, and its lookups.

    ``formulas`` gives the formula that each indicator is computed by: the printed one, or the proposed one where the printed formula is
    a defect of its document that ``corrections.csv`` has (a count times 100, a denominator of another indicator).
    """

    root: Path
    indicators: pd.DataFrame
    variables: pd.DataFrame
    targets: pd.DataFrame
    areas: pd.DataFrame
    units: pd.DataFrame
    bounds: pd.DataFrame
    groups: pd.DataFrame
    dimensions: pd.DataFrame
    sources: pd.DataFrame
    items: pd.DataFrame
    withdrawals: pd.DataFrame
    relations: pd.DataFrame
    conflicts: pd.DataFrame
    crosswalk: pd.DataFrame
    breaks: pd.DataFrame
    proxies: pd.DataFrame
    variable_entities: pd.DataFrame
    defects: pd.DataFrame
    corrections: pd.DataFrame
    links: pd.DataFrame
    link_groups: pd.DataFrame
    short_names: pd.DataFrame
    zero_rules: pd.DataFrame
    parameters: pd.DataFrame
    weights: pd.DataFrame
    tasks: pd.DataFrame
    task_reports: pd.DataFrame
    responsibilities: pd.DataFrame
    area_members: pd.DataFrame
    programmes: pd.DataFrame
    pushes: pd.DataFrame
    goals: pd.DataFrame
    systems: pd.DataFrame
    initiatives: pd.DataFrame
    stages: pd.DataFrame
    tiers: pd.DataFrame
    terms: pd.DataFrame
    forms: pd.DataFrame
    feeds: pd.DataFrame
    readings: pd.DataFrame
    loops: pd.DataFrame
    loop_nodes: pd.DataFrame
    loop_links: pd.DataFrame
    names: dict[str, str] = field(init=False, repr=False)
    short: dict[str, str] = field(init=False, repr=False)  # names without what explains them in brackets
    subject_units: dict[str, str] = field(init=False, repr=False)
    formulas: dict[str, str] = field(init=False, repr=False)
    dimension_names: dict[str, str] = field(init=False, repr=False)  # by "dim=value"

    def __post_init__(self):
        indicators, variables = self.indicators, self.variables
        names = dict(zip(variables["id"], variables["name_vi"], strict=True))
        names |= dict(zip(indicators["code"], indicators["name_vi"], strict=True))
        names |= dict(zip(self.areas["id"], self.areas["name_vi"], strict=True))
        names |= dict(zip(self.items["id"], self.items["name"], strict=True))
        units = dict(zip(variables["id"], variables["unit"], strict=True))
        units |= dict(zip(indicators["code"], indicators["unit"], strict=True))
        object.__setattr__(self, "names", names)
        own_short = zip(self.short_names["code"], self.short_names["name_vi"], strict=True)
        object.__setattr__(self, "short", names | dict(own_short))
        object.__setattr__(self, "subject_units", units)
        own = self.corrections[self.corrections["column"] == "formula"]
        printed = {c: f for c, f in zip(indicators["code"], indicators["formula"], strict=True) if f}
        object.__setattr__(self, "formulas", printed | dict(zip(own["code"], own["proposed"], strict=True)))
        pairs = self.dimensions["dim"] + "=" + self.dimensions["value"]
        object.__setattr__(self, "dimension_names", dict(zip(pairs, self.dimensions["name_vi"], strict=True)))

    @cached_property
    def programme(self) -> project.Programme:
        """What the project monitors, as its settings say."""
        return project.programme(self.root.parent)

    def indicator(self, code: str) -> pd.Series:
        """Return one indicator's row.

        Raises
        ------
        ProblemError
            If the catalogue has no such code.
        """
        rows = self.indicators[self.indicators["code"] == code]
        if rows.empty:
            raise ProblemError([Problem("reference", found=code, details={"target": "indicators.csv"})])
        return rows.iloc[0]

    def dims_label(self, dims: str) -> str:
        """Return the Vietnamese label of a breakdown: ``pillar=KHCN`` → "khoa học, công nghệ"."""
        if not dims:
            return ""
        return ", ".join(self.dimension_names[pair] for pair in dims.split("; "))

    def called(self, code: str, lang: str) -> str:
        """Return the name of a subject in a language; the Vietnamese one where there is no other."""
        return self.names_in(lang)[code]

    def names_in(self, lang: str) -> dict[str, str]:
        """Return the name of every code in a language; the Vietnamese one where there is no other."""
        if lang != "en":
            return self.names
        return self.names | {
            code: name
            for table, codes in ((self.indicators, "code"), (self.variables, "id"))
            for code, name in zip(table[codes], table["name_en"], strict=True)
            if name
        }

    def agencies(self, ids: str) -> str:
        """Return the names of agencies listed as ``agency:A; agency:B``."""
        return "; ".join(self.names[part] for part in ids.split("; ")) if ids else ""


def stored() -> list[contract.Table]:
    """Return the contract of each of the catalogue's tables, in the order of :class:`Catalogue`."""
    return [contract.TABLES[part.name] for part in fields(Catalogue) if part.name in contract.TABLES]


def load(root: Path, check: bool = True) -> Catalogue:
    """Read and cross-check the catalogue of a data folder.

    Parameters
    ----------
    root : Path
        The data folder (with ``catalogue/`` and ``registers/``).
    check : bool
        False where these very files were checked before.

    Raises
    ------
    ProblemError
        With every problem of every file: shapes first, then cross-references.
    """
    frames, found = {}, []
    for table in stored():
        if table.may_lack and not (root / table.path).exists():
            frames[table.name] = pd.DataFrame(columns=table.names, dtype=str)
            continue
        try:
            frames[table.name] = tables.read(root / table.path, table, check=check)
        except ProblemError as error:
            found += error.problems
    if found:
        raise ProblemError(found)
    catalogue = Catalogue(root, **frames)
    if check and (found := cross_check(catalogue)):
        raise ProblemError(found)
    return catalogue


def cross_check(catalogue: Catalogue) -> list[Problem]:
    """Return every reference in the catalogue that leads nowhere, and every formula that cannot be computed."""
    c = catalogue
    subjects = set(c.indicators["code"]) | set(c.variables["id"])
    found = []
    for table in stored():
        frame = getattr(c, table.name)
        found += [problem for _, problem in tables.references(frame, table, Path(table.path).name, vars(c))]
    found += _check_corrections(c, subjects)
    found += link_problems(c.loop_links)
    found += link_kind_problems(c.links)
    found += _used_once(c.links, ["from_type", "from_id", "to_indicator"], "links.csv")
    found += _used_once(c.readings, ["id"], "readings.csv")
    both = set(c.indicators["code"]) & set(c.variables["id"])
    found += [Problem("duplicate", "variables.csv", found=code, details={"key": "id"}) for code in sorted(both)]
    for label, frame, column in (
        ("indicators.csv", c.indicators, "formula"),
        ("relations.csv", c.relations, "printed"),
        ("relations.csv", c.relations, "expression"),
        ("relations.csv", c.relations, "alternative"),
        ("crosswalk.csv", c.crosswalk, "other"),
    ):
        for row, text in frame[column][frame[column] != ""].items():
            found += _check_formula(text, subjects, label, int(row) + 2, column)
    for row, cell in c.conflicts["figures"].items():
        for text in cell.split(" | ") if cell else []:
            found += _check_formula(text, subjects, "conflicts.csv", int(str(row)) + 2, "figures")
    return found


def _check_corrections(c: Catalogue, subjects: set[str]) -> list[Problem]:
    """Return the corrections that fit no indicator: the catalogue's cell must be the printed or the proposed value."""
    label, found = "corrections.csv", []
    rows = {row["code"]: row for row in c.indicators.to_dict("records")}
    for line, row in enumerate(c.corrections.to_dict("records"), start=2):
        column, proposed = row["column"], row["proposed"]
        cell = rows.get(row["code"], row | {column: proposed})[column]
        if cell not in (row["printed"], proposed):
            found.append(Problem("values", label, line, "printed", row["printed"], {"allowed": cell}))
        if column == "formula":
            found += _check_formula(proposed, subjects, label, line, "proposed")
    return found


def _used_once(frame: pd.DataFrame, keys: list[str], label: str) -> list[Problem]:
    """Return the groups of rows of which not exactly one is used, and unused rows that do not say why."""
    used = frame["used"] == "yes"
    count = used.groupby([frame[key] for key in keys]).transform("sum")
    first = ~frame.duplicated(keys)
    found = [
        Problem(
            "used_once", label, int(row) + 2, "used", str(int(count[row])), {"key": ", ".join(frame.loc[row, keys])}
        )
        for row in frame.index[first & (count != 1)]
    ]
    silent = frame.index[~used & (frame["reason"] == "")]
    return found + [Problem("required", label, int(row) + 2, "reason", "") for row in silent]


def link_kind_problems(links: pd.DataFrame) -> list[Problem]:
    """Return the links whose kind is not what their document's words (stated_vi) say: direct needs “trực tiếp”, no word is no kind."""
    words: dict[str, list[str]] = contract.document()["values"]["link_words"]
    found = []
    for row, link in enumerate(links.to_dict("records"), start=2):
        stated = link["stated_vi"].lower()
        said = [kind for kind, signs in words.items() if any(sign in stated for sign in signs)] or ["unspecified"]
        if link["kind"] not in said:
            found.append(
                Problem("values", "links.csv", row, "kind", link["kind"], {"allowed": f"{', '.join(said)} (stated_vi)"})
            )
    return found


def link_problems(links: pd.DataFrame) -> list[Problem]:
    """Return the self-links and the pairs with two signs of the catalogue's ``loop_links`` (several loops may share a link)."""
    rows = pd.Index(range(2, len(links) + 2))
    found = pair_problems(links["from_node"], links["to_node"], links["polarity"], rows, "loop_links.csv")
    return [problem for problem in found if problem.code != "repeated_link"]


def pair_problems(
    source: pd.Series, target: pd.Series, polarity: pd.Series, rows: pd.Index, label: str
) -> list[Problem]:
    """Return the self-links, the repeated and the opposite links of a table of signed links; ``rows`` are the rows of its file."""
    found: list[Problem] = []
    first: dict[tuple[str, str], tuple[int, str]] = {}
    for a, b, sign, row in zip(source, target, polarity, rows, strict=True):
        if a == b and a != "":
            found.append(Problem("self_link", label, int(row), found=f"{a} → {b}"))
        elif (a, b) in first:
            there, other = first[a, b]
            code = "repeated_link" if sign == other else "opposite_link"
            told = f"{a} → {b} ({sign})"
            found.append(Problem(code, label, int(row), found=told, details={"first": there, "other": other}))
        first.setdefault((a, b), (int(row), sign))
    return found


def _check_formula(text: str, subjects: set[str], label: str, row: int, column: str) -> list[Problem]:
    try:
        names = [reference.name for reference in formulas.references(formulas.parse(text))]
    except formulas.FormulaError as error:
        return [Problem("formula", label, row, column, text, {"detail": error.detail})]
    return [
        Problem("reference", label, row, column, name, {"target": "indicators.csv, variables.csv"})
        for name in names
        if name not in subjects
    ]


def find(catalogue: Catalogue, words: str) -> pd.DataFrame:
    """Search indicators and variables by words of their code or name, with or without accents.

    Returns
    -------
    DataFrame
        code, name_vi, unit, layer ("" for a variable), those whose name starts with the words first.
    """
    variables = catalogue.variables.rename(columns={"id": "code"}).assign(layer="")
    fields = [*search.Entry._fields]
    table = pd.concat([catalogue.indicators[fields], variables.reindex(columns=fields, fill_value="")])
    entries = map(search.Entry._make, table.itertuples(index=False))
    return pd.DataFrame(search.matching(entries, words), columns=fields).drop(columns="name_en")
