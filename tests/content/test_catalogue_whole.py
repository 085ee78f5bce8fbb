"""The whole catalogue from the five documents: operational KPIs, programmes, systems, links, areas, contradictions.

The numbers below were counted in the documents themselves (headings, numbered items, bullets), not in the catalogue's files.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest
from support import stated_in

from nq57lab.base import contract, formulas, tables
from nq57lab.facts import catalogue, observations

MACRO = [f"M.{number:02d}" for number in range(1, 13)]
SUBPROGRAMMES = [f"{programme}.{part}" for programme in range(1, 6) for part in (1, 2)]
# S003, appendix, point 2: bullets of each list; a bullet with two quantities counts twice.
LISTS = {"a": 7, "b": 4, "c": 8, "d": 17, "dd": 9, "e": 4, "g": 3, "h": 11, "i": 5, "j": 2, "k": 4}
INITIATIVES = {"HT1": 3, "HT2": 6, "HT3": 6, "HT4": 5, "HT5": 5, "HT6": 5}  # S002, II.1 to II.6
FORMER = {
    "34:08": {"63:02", "63:08"},
    "34:79": {"63:74", "63:77", "63:79"},
    "34:01": {"63:01"},
    "34:92": {"63:92", "63:93", "63:94"},
}
UNCHANGED = {"01", "04", "11", "12", "14", "20", "22", "38", "40", "42", "46"}  # Resolution 202/2025/QH15
FIVE = ["S000", "S001", "S002", "S003", "S004"]
FORM = re.compile(r"C\.\d\d\.\d\d")


@pytest.fixture(scope="module")
def kpis(shipped):
    """The indicators of layers O, S and T that the proposal and the regulation state."""
    stated = stated_in(shipped.indicators, "S000", "S003")
    return stated[stated["layer"].isin(["O", "S", "T"])].set_index("code")


@pytest.fixture(scope="module")
def used(shipped):
    """The links that are used: (from, to) → kind."""
    rows = shipped.links[shipped.links["used"] == "yes"]
    return rows.set_index(["from_id", "to_indicator"])["kind"]


def test_both_lists_of_operational_kpis_of_the_proposal_are_whole(kpis):
    codes = kpis.index[kpis["layer"] == "O"].tolist()
    by_programme = [f"O.{part}.{number}" for part in SUBPROGRAMMES for number in (1, 2)]
    by_macro = [f"O.{macro:02d}.{number:02d}" for macro in range(1, 13) for number in (1, 2, 3)]
    elsewhere = [f"O.00.{number:02d}" for number in range(1, 6)]
    assert codes == by_programme + elsewhere + by_macro


def test_the_regulations_lists_are_whole(kpis):
    assert kpis.index[kpis["layer"] == "S"].tolist() == [f"S.1.{number}" for number in range(1, 9)]
    expected = [f"T.{letter}.{number}" for letter, count in LISTS.items() for number in range(1, count + 1)]
    assert kpis.index[kpis["layer"] == "T"].tolist() == expected


def test_every_kpi_names_its_document_and_place(kpis):
    assert kpis["source"].str.match(r"S00[03], .+(KPI|chỉ số|gạch|nhóm|hàng|\([iv]+\))").all()
    own = {"O": "S000", "S": "S003", "T": "S003"}
    assert (kpis["source"].str[:4] == kpis["layer"].map(own)).all()
    assert kpis.groupby("group")["layer"].nunique().eq(1).all()


def test_tiers_are_given_only_where_a_document_states_them(shipped):
    stated = shipped.indicators[shipped.indicators["tier"] != ""].groupby("tier")["layer"].unique()
    assert {tier: set(layers) for tier, layers in stated.items()} == {"1": {"S"}, "4": {"T"}}
    assert shipped.tiers["tier"].tolist() == ["1", "2", "3", "4"]


def test_a_code_with_a_list_letter_can_be_named_in_a_formula():
    assert formulas.parse("T.dd.1").name == "T.dd.1"
    assert [part.name for part in formulas.references(formulas.parse("T.a.1 / O.1.1.2"))] == ["T.a.1", "O.1.1.2"]


@pytest.mark.parametrize("text", ["T.a", "T..1", "T.abc.1", "T.A.1", "a.b"])
def test_other_dots_are_still_no_names(text):
    with pytest.raises(formulas.FormulaError):
        formulas.parse(text)


def test_programmes_pushes_goals_systems_and_stages_are_complete(shipped):
    programmes, goals = stated_in(shipped.programmes, "S000"), stated_in(shipped.goals, "S000")
    systems, stages = stated_in(shipped.systems, "S002"), stated_in(shipped.stages, "S002")
    assert (programmes["parent"] == "").sum() == 5
    assert Counter(programmes["parent"][programmes["parent"] != ""]) == dict.fromkeys([f"P{n}" for n in range(1, 6)], 2)
    assert len(stated_in(shipped.pushes, "S000")) == 6
    assert Counter(goals["milestone"]) == {"2025": 3, "2030": 5, "2045": 3}
    assert Counter(systems["kind"]) == {"strategic": 5, "special_projects": 1}
    assert stages[["start", "end"]].values.tolist() == [["2025", "2027"], ["2028", "2030"], ["2031", "2045"]]


def test_every_initiative_has_its_system(shipped):
    stated = stated_in(shipped.initiatives, "S002")
    assert stated["id"].tolist() == [f"SK{number:02d}" for number in range(1, 31)]
    assert Counter(stated["system"]) == INITIATIVES
    assert stated["system"].is_monotonic_increasing
    assert shipped.initiatives["name_vi"].is_unique


def test_every_link_leads_somewhere(shipped):
    subjects = set(shipped.indicators["code"]) | set(shipped.variables["id"])
    assert set(shipped.links["to_indicator"]) <= subjects
    origins = set(shipped.indicators["code"]) | set(shipped.goals["id"]) | set(shipped.pushes["id"])
    origins |= set(shipped.programmes["id"]) | set(shipped.systems["id"]) | set(shipped.initiatives["id"])
    origins |= set(shipped.link_groups["id"])
    assert set(shipped.links["from_id"]) <= origins


@pytest.mark.parametrize(
    ("origin", "target", "kind"),
    [
        ("P1", "M.02", "unspecified"),
        ("P1", "M.01", "indirect"),
        ("P2", "M.12", "indirect"),
        ("P5", "M.10", "indirect"),
        ("CH2", "M.12", "indirect"),
        ("CH3", "M.10", "unspecified"),
        ("CH5", "M.07", "indirect"),
        ("G2025.3", "M.12", "indirect"),
        ("G2030.2", "M.07", "supplementary"),
        ("G2045.3", "M.11", "unspecified"),
        ("O.3.2.2", "M.07", "indirect"),
        ("O.2.1.1", "M.04", "direct"),
        ("O.4.2.1", "M.02", "direct"),
        ("O.04.03", "M.04", "unspecified"),
        ("O.5.2.2", "trust_in_digital_transformation", "indirect"),
        ("T.j.1", "M.06", "unspecified"),
        ("T.j.2", "trust_in_digital_transformation", "indirect"),
    ],
)
def test_links_are_direct_indirect_or_supplementary_as_the_text_says(used, origin, target, kind):
    assert used[(origin, target)] == kind


def test_a_link_is_direct_only_where_the_proposal_says_so_and_it_says_so_twice(shipped):
    own = stated_in(shipped.links, "S000")
    own = own[(own["from_type"] == "operational_kpi") & (own["used"] == "yes")]
    direct = own[own["kind"] == "direct"]
    assert set(zip(direct["from_id"], direct["to_indicator"], strict=True)) == {
        ("O.2.1.1", "M.04"),
        ("O.4.2.1", "M.02"),
    }
    indirect = own[own["kind"] == "indirect"]
    assert set(indirect["from_id"]) == {"O.3.2.2", "O.5.2.2"}
    assert stated_in(shipped.links, "S002")["kind"].eq("unspecified").all()


def test_a_kind_that_the_words_do_not_say_is_a_problem(shipped):
    links = shipped.links
    assert catalogue.link_kind_problems(links) == []
    unspoken = (links["kind"] == "unspecified").idxmax()
    for row, kind in ((unspoken, "direct"), ((links["kind"] == "direct").idxmax(), "unspecified")):
        changed = links["kind"].where(links.index != row, kind)
        problem = catalogue.link_kind_problems(links.assign(kind=changed))[0]
        assert (problem.file, problem.row, problem.column, problem.found) == ("links.csv", row + 2, "kind", kind)


GROUPS = {  # S000, II.3: five groups; S002, IV.2: five statements with their centres of effort and the goals that they name
    "NK1": (2, 3), "NK2": (2, 2), "NK3": (2, 2), "NK4": (3, 2), "NK5": (3, 2),
    "NK6": (1, 1), "NK7": (4, 3), "NK8": (6, 6), "NK9": (7, 5), "NK10": (3, 1),
}  # fmt: skip


def test_what_is_said_of_a_group_stays_said_of_the_group(shipped):
    groups = stated_in(shipped.link_groups, "S000", "S002").set_index("id")
    links = stated_in(shipped.links, "S000", "S002")
    ends = links[links["from_type"] == "group"].groupby("from_id").size()
    assert {code: (cell.count("; ") + 1, ends[code]) for code, cell in groups["members"].items()} == GROUPS
    for code, row in groups.iterrows():
        own = links[links["source"] == row["source"]]
        assert set(own["from_type"]) == {"group"} and set(own["from_id"]) == {code}
    assert "SK10" in groups.at["NK9", "members"] and not links["from_id"].isin(["SK10", "HT3"]).any()


def test_every_programme_push_and_goal_is_tied_to_a_macro_kpi(shipped, used):
    origins = {origin for origin, target in used.index if target in MACRO}
    origins |= {"P1.1"}  # the text ties its KPIs to the two qualitative ones; GII only to their group
    assert set(shipped.programmes["id"]) | set(shipped.pushes["id"]) | set(shipped.goals["id"]) <= origins
    assert {target for _, target in used.index} >= set(MACRO)


def test_every_operational_kpi_of_the_second_list_serves_its_own_macro_kpi(kpis, used):
    for code in kpis.index[kpis.index.str.match(r"O\.(0[1-9]|1[0-2])\.")]:
        assert used[(code, f"M.{code[2:4]}")] == "unspecified"


def test_operational_kpis_without_a_stated_link_have_none(kpis, shipped):
    linked = set(shipped.links["from_id"]) | {
        code for cell in shipped.link_groups["members"] for code in cell.split("; ")
    }
    alone = [code for code in kpis.index[kpis["layer"] == "O"] if code not in linked]
    assert alone == ["O.1.2.2", "O.2.2.2", "O.4.2.2", "O.00.04", "O.00.05"]


def test_both_readings_of_a_contradicted_link_are_kept_and_one_is_used(shipped):
    links = shipped.links.set_index(["from_id", "to_indicator"]).sort_index()
    for pair in (("P2", "M.12"), ("G2025.3", "M.12")):  # the place that names the kind is used
        both = links.loc[[pair]].sort_values("used", ascending=False)
        assert both["kind"].tolist() == ["indirect", "unspecified"]
        assert both["used"].tolist() == ["yes", "no"]
        assert both["source"].is_unique
        assert (both["reason"] != "").all()


def test_contradictions_keep_every_reading_with_its_place_and_use_one(shipped):
    readings = shipped.readings
    assert readings.groupby("id")["used"].agg(lambda column: (column == "yes").sum()).eq(1).all()
    assert readings.groupby("id").size().ge(2).all()
    assert readings.groupby("id")[["subject", "topic"]].nunique().eq(1).all(axis=None)
    assert (readings["reason"] != "").all()
    stated = set(stated_in(readings, *FIVE)["subject"])
    assert {"M.01", "P2", "A.02.04", "M.04", "HT6", "T.i.2", "B.13.17"} <= stated


def test_each_of_the_34_provinces_has_its_former_ones(shipped):
    areas = shipped.areas.set_index("id")
    former = areas[areas.index.str.startswith("63:")]
    assert len(former) == 63
    assert set(former["successor"]) == set(areas.index[areas.index.str.startswith("34:")])
    merged = former.groupby("successor").groups
    assert len(merged) == 34
    assert {code: set(merged[code]) for code in FORMER} == FORMER
    assert {code[3:] for code, old in merged.items() if len(old) == 1} == UNCHANGED
    assert set(former["valid_to"]) == {"2025-06-30"}
    assert set(areas["valid_from"][areas.index.str.startswith("34:")]) == {"2025-07-01"}


def test_the_local_block_has_the_34_provinces(shipped):
    members = shipped.area_members.groupby("area")["member"].apply(set)
    assert members["block:local"] == {area for area in shipped.areas["id"] if area.startswith("34:")}
    assert len(members["block:priority"]) == 8


def test_tasks_have_an_owner_and_a_due_date_where_the_draft_gives_one(shipped):
    assert (shipped.tasks["lead"] != "").all()
    tasks = stated_in(shipped.tasks, "S004").set_index("id")
    assert len(tasks) == 33
    assert tasks["source"].str.startswith("S004, Phần 5, ").all()
    assert tasks.loc["NV.II.6", ["lead", "due"]].tolist() == ["34:01; 34:79", "2026-Q3"]
    assert tasks.loc["NV.I.5.2", "due"] == "2027-06"
    assert (tasks["due"] != "").sum() == 19


def test_feeds_are_the_forms_that_the_indicators_name(shipped):
    named = {
        (indicator.code, form)
        for indicator in stated_in(shipped.indicators, *FIVE).itertuples()
        for form in FORM.findall(indicator.source_system)
    }
    stated = stated_in(shipped.feeds, *FIVE)
    assert set(zip(stated["indicator"], stated["printed"], strict=True)) == named
    moved = shipped.feeds[shipped.feeds["form"] != shipped.feeds["printed"]]
    assert moved[["indicator", "printed", "form"]].values.tolist() == [["B.13.17", "C.13.02", "C.13.01"]]
    assert (moved["reason"] != "").all()


def test_every_form_has_fields_and_those_of_no_source_are_marked(shipped):
    forms = set(shipped.indicators["code"][shipped.indicators["layer"] == "C"])
    assert set(shipped.forms["form"]) == forms
    stated = stated_in(shipped.forms, "S001")
    assert stated.groupby("form").size().ge(8).all()
    criteria = stated[stated["field"].str.startswith("criterion_")]
    assert len(criteria) == 19
    assert set(criteria["origin"]) == {"source"}
    proposed = stated["origin"] == "đề xuất"
    assert stated["source"].str.contains("danh mục đề xuất").equals(proposed)


@pytest.mark.parametrize("words", [("B.11.01", "A.02.02"), ("S.1.2", "A.02.02"), ("S.1.2", "M.03"), ("T.c.1", "M.04")])
def test_the_same_quantity_is_found_across_documents(shipped, words):
    pairs = set(zip(shipped.crosswalk["indicator"], shipped.crosswalk["other"], strict=True))
    assert words in pairs


def test_what_is_the_same_has_units_of_one_family(shipped):
    family = shipped.units.set_index("unit")["family"]
    for link in shipped.crosswalk[shipped.crosswalk["kind"] == "same"].itertuples():
        units = [shipped.subject_units[code] for code in (link.indicator, formulas.parse(link.other).name)]
        assert family[units[0]] == family[units[1]], (link.indicator, link.other)


def test_the_projects_own_weights_are_equal_and_say_that_no_document_gives_any(shipped):
    own = stated_in(shipped.weights, "DU_AN")
    assert set(own["scheme"]) == {"equal"}
    assert own["indicator"].tolist() == MACRO
    assert set(own["weight"]) == {1.0}
    assert own["decision"].str.contains("Không văn bản nào").all()


def test_terms_have_one_spelling_that_is_not_itself_replaced(shipped):
    terms = shipped.terms.set_index("term")["preferred"]
    assert terms["CDS"] == "CĐS"
    assert terms["VNNeID"] == terms["VneID"] == "VNeID"
    assert terms["tỉ lệ"] == "tỷ lệ"
    replaced = {term for term, preferred in terms.items() if term != preferred}
    assert replaced.isdisjoint(terms)


def test_names_for_readers_use_the_preferred_spelling(shipped):
    replaced = [
        "CDS",
        "VNNeID",
        "VNedID",
        "VneID",
        "tỉ lệ",
        "tỉ trọng",
        "Bộ Công An",
        "BCDTW",
        "hoá",
        "uỷ",
        "khoá",
        "toả",
    ]
    names = pd.concat(
        [
            *(shipped.indicators["name_vi"], shipped.groups["name_vi"], shipped.programmes["name_vi"]),
            *(shipped.systems["name_vi"], shipped.initiatives["name_vi"], shipped.initiatives["aim_vi"]),
            *(shipped.tasks["text"], shipped.forms["name_vi"], shipped.areas["name_vi"]),
        ]
    )
    for word in replaced:
        found = names[names.str.contains(rf"\b{word}\b", case=word not in ("tỉ lệ", "tỉ trọng"))]
        assert found.tolist() == [], word


@pytest.mark.parametrize(
    ("table", "column", "cell"),
    [
        ("indicators", "tier", "9"),
        ("areas", "successor", "34:99"),
        ("area_members", "member", "34:99"),
        ("tasks", "lead", "agency:KHONG"),
        ("tasks", "with", "agency:BCA; agency:KHONG"),
        ("programmes", "parent", "P9"),
        ("initiatives", "system", "HT9"),
        ("stages", "focus_systems", "HT1; HT9"),
        ("stages", "focus_initiatives", "SK99"),
        ("links", "from_id", "O.9.9.9"),
        ("links", "to_indicator", "M.99"),
        ("links", "source", "S999, mục I"),
        ("weights", "indicator", "M.99"),
        ("forms", "form", "M.01"),
        ("forms", "unit", "phần nghìn"),
        ("feeds", "form", "C.13.02"),
        ("readings", "subject", "X.1"),
        ("goals", "source", "S999"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told_with_its_row(shipped, table, column, cell):
    frame = getattr(shipped, table).copy()
    frame.loc[frame.index[1], column] = cell
    found = catalogue.cross_check(replace(shipped, **{table: frame}))
    assert ("reference", f"{table}.csv", 3, column) in [
        (problem.code, problem.file, problem.row, problem.column) for problem in found
    ]


@pytest.mark.parametrize("table", ["links", "readings"])
def test_two_readings_used_at_once_and_none_are_problems(shipped, table):
    frame = getattr(shipped, table)
    for value in ("yes", "no"):
        found = catalogue.cross_check(replace(shipped, **{table: frame.assign(used=value)}))
        assert {problem.code for problem in found} >= {"used_once"}


def test_an_unused_reading_without_a_reason_is_a_problem(shipped):
    found = catalogue.cross_check(replace(shipped, readings=shipped.readings.assign(reason="")))
    assert {(problem.code, problem.column) for problem in found} == {("required", "reason")}


def _sourced(table: contract.Table) -> bool:
    """Whether a table of the catalogue or the registers has rows that name their source (the indicators are counted by layer)."""
    own = table.path.startswith(("catalogue/", "registers/")) and table.path.endswith(".csv")
    # Of pulls the source is that of the answers; of reports on tasks it is who sent them, in ``by``.
    return own and table.name not in ("indicators", "sources", "pulls", "task_reports")


@pytest.mark.parametrize("name", [name for name, table in contract.TABLES.items() if _sourced(table)])
def test_every_row_of_every_table_names_its_source_and_the_place_in_it(shipped, root, name):
    table = contract.TABLES[name]
    frame = tables.read(root / "data" / table.path, table)
    assert next(column for column in table.columns if column.name == "source").required
    assert len(frame) > 0
    if "locator" in table.names:
        frame["source"] += ", " + frame["locator"]
    parts = frame["source"].str.extract(r"^([^,;]+)[,;] *(.*)$")
    assert set(parts[0]) <= set(shipped.sources["id"])
    assert (parts[1].str.len() >= 3).all()


@pytest.mark.parametrize("table", ["units", "dimensions", "terms", "weights", "targets", "crosswalk"])
@pytest.mark.parametrize(
    ("cell", "code"), [("S999, trang 1", "reference"), ("S001", "source_place"), ("S001, ", "source_place")]
)
def test_a_row_without_its_source_or_place_is_told(shipped, table, cell, code):
    frame = getattr(shipped, table).copy()
    frame.loc[frame.index[1], "source"] = cell
    found = catalogue.cross_check(replace(shipped, **{table: frame}))
    assert [(p.code, p.file, p.row, p.column) for p in found] == [(code, f"{table}.csv", 3, "source")]


def test_what_no_document_gives_is_said_to_be_the_projects_own_and_never_sources_a_figure(shipped, entries):
    own = shipped.sources[shipped.sources["kind"] == "dự án"]["id"].tolist()
    assert own == ["DU_AN"]
    assert not set(own) & set(entries["source"])
    frame = entries.head(1).assign(source="DU_AN")
    places = pd.DataFrame({"file": ["a.csv"], "row": [2]})
    assert [(p.code, p.column) for p in observations.check(frame, shipped, places)] == [("reference", "source")]


def count_by_source(shipped, root) -> dict[str, list[int]]:
    """Count the rows of every table by the document that their source names first; the last figure is all others."""
    frames = {f"chỉ số lớp {layer}": rows for layer, rows in shipped.indicators.groupby("layer")}
    frames |= {
        name: tables.read(root / "data" / table.path, table)
        for name, table in contract.TABLES.items()
        if _sourced(table)
    }
    result = {}
    for name, frame in frames.items():
        sources = frame["source"].str.extract(r"^([^,;]+)", expand=False)
        counts = [int((sources == source).sum()) for source in FIVE]
        result[name] = [*counts, len(frame) - sum(counts)]
    return result


def test_the_documentation_counts_every_table_and_no_row_that_is_not_there(shipped, root):
    text = (root / "docs" / "catalogue.md").read_text(encoding="utf-8")
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    start = next(place for place, cells in enumerate(lines) if cells[1:6] == FIVE)
    printed = {}
    for cells in lines[start + 2 :]:
        if len(cells) != 7 or not all(cell.isdigit() for cell in cells[1:]):
            break
        printed[cells[0].strip("`")] = [int(cell) for cell in cells[1:]]
    counted = count_by_source(shipped, root)
    assert set(printed) == set(counted)
    for name, numbers in printed.items():  # the page is dated, rows are added
        assert all(number <= now for number, now in zip(numbers, counted[name], strict=True)), name


def test_the_documentation_counts_no_area_or_source_that_is_not_there(shipped, root):
    text = (root / "docs" / "catalogue.md").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("Địa bàn: 34 tỉnh"))
    ids, types = shipped.areas["id"], shipped.areas["type"]
    counted = [ids.str.startswith("34:").sum(), ids.str.startswith("63:").sum()]
    counted += [(types == kind).sum() for kind in ("region", "agency", "block")]
    counted += [len(shipped.sources), shipped.sources["id"].str.startswith("BC_").sum()]
    numbers = re.fullmatch(
        r"Địa bàn: (\d+) tỉnh, (\d+) tỉnh cũ, (\d+) vùng, (\d+) cơ quan, (\d+) khối, nhóm\. Nguồn: (\d+) dòng, trong đó (\d+) báo cáo",
        line,
    )
    assert all(int(number) <= now for number, now in zip(numbers.groups(), counted, strict=True))


def test_the_documentation_lists_every_contradiction_of_the_documents(shipped, root):
    text = unicodedata.normalize("NFC", (root / "docs" / "catalogue.md").read_text(encoding="utf-8"))
    for identifier in stated_in(shipped.readings, *FIVE)["id"].unique():
        assert re.search(rf"^\| {identifier} \|", text, re.MULTILINE), identifier


# Goals that stand outside the lists of goals, and numbers that a policy fixes


@pytest.mark.parametrize(
    ("indicator", "milestone", "comparator", "value", "source"),
    [
        ("hdi", "2035", ">", 0.8, "S002, Phụ lục I"),
        ("social_security_account_payment", "2030", "=", 100, "S002, Phụ lục I"),
        ("shared_research_infrastructure", "2026", ">=", 9, "S004, Phần 1, IV.2"),
        ("test_spaces", "2026", ">=", 3, "S004, Phần 1, IV.2"),
        ("hcm_venture_fund_size", "2030", "~", 5000, "S004, Phần 1, II"),
    ],
)
def test_goals_outside_the_lists_of_goals_are_targets(shipped, indicator, milestone, comparator, value, source):
    rows = shipped.targets
    found = rows[
        (rows["indicator"] == indicator) & (rows["milestone"] == milestone) & rows["source"].str.startswith(source)
    ]
    assert found[["comparator", "value"]].values.tolist() == [[comparator, value]]


def test_the_rank_of_innovation_improves_every_year_by_the_proposal(shipped):
    rows = stated_in(shipped.targets, "S000")
    assert "hằng năm" in rows[rows["indicator"] == "A.02.06"]["stated_vi"].str.cat(sep=" ")


def test_numbers_that_a_policy_fixes_have_a_home_and_deadlines_in_working_days_keep_their_unit(shipped):
    found = stated_in(shipped.parameters, "S004").set_index("id")
    stated = [(20, "%"), (200, "%"), (5, "năm"), (24, "giờ"), (500, "triệu đồng"), (100, "ngày làm việc")]
    assert list(zip(found["value"], found["unit"], strict=True)) == stated
    for row in found.itertuples():
        assert re.search(rf"\b0?{row.value:g}\b", row.stated_vi), row.Index
