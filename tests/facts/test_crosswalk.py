"""What the crosswalk says of a code: the same carried over, near and different with their difference, on made tables and on the shipped one."""

from dataclasses import replace

import pandas as pd
import pytest

from nq57lab.documents.edition import Edition
from nq57lab.facts import crosswalk, indicators
from nq57lab.reports import lookup

DAY = "2026-06-30"


@pytest.fixture(scope="module")
def edition():
    return Edition({"edition": "thu", "title": "Thử", "known": DAY})


def made(shipped, *rows):
    table = pd.DataFrame(rows, columns=["indicator", "other", "kind"]).assign(reason="vì thế", source="S000")
    return replace(shipped, crosswalk=table)


def test_the_same_carries_over_in_both_directions_and_near_does_not(shipped):
    c = made(shipped, ("M.01", "A.01.01", "same"), ("S.1.1", "A.01.01", "same"), ("S.1.1", "A.01.02", "near"))
    assert crosswalk.same_as(c, "M.01") == ["M.01", "A.01.01", "S.1.1"]
    assert set(crosswalk.same_as(c, "S.1.1")) == {"S.1.1", "A.01.01", "M.01"}
    found = crosswalk.elsewhere(c, "M.01").set_index("code")["kind"].to_dict()
    assert found == {"A.01.01": "same", "S.1.1": "same", "A.01.02": "near"}
    assert crosswalk.elsewhere(c, "A.01.02").set_index("code")["kind"].to_dict() == {"S.1.1": "near"}
    assert crosswalk.elsewhere(c, "B.01.01").empty


def test_the_strongest_word_stands_and_the_same_comes_first(shipped):
    c = made(shipped, ("M.01", "A.01.02", "different"), ("M.01", "A.01.03", "same"), ("A.01.03", "A.01.02", "near"))
    assert crosswalk.elsewhere(c, "M.01")[["code", "kind"]].values.tolist() == [
        ["A.01.03", "same"],
        ["A.01.02", "near"],
    ]


def test_a_breakdown_and_an_expression_are_named_by_their_parts(shipped):
    assert crosswalk.named(shipped, "disbursement_rate[pillar=KHCN]").endswith("khoa học, công nghệ")
    told = crosswalk.named(shipped, "procedures_online / procedures_published * 100")
    parts = [shipped.names[name] for name in ("procedures_online", "procedures_published")]
    assert told == f"{parts[0]} ÷ {parts[1]} × 100"


# What the documents make plain: the codes that stood empty although the same quantity was stored elsewhere


@pytest.mark.parametrize(
    ("code", "kind", "other", "number"),
    [
        ("B.03.10", "same", "M.02", "0,43"),
        ("B.06.05", "same", "M.04", "91,9"),
        ("B.11.01", "same", "A.02.02", "14,02"),
        ("M.01", "same", "A.02.01", "46,11"),
        ("M.03", "near", "A.02.02", "14,02"),
        ("M.09", "same", "A.02.06", "44"),
        ("S.1.2", "same", "A.02.02", "14,02"),
        ("T.c.1", "same", "M.04", "91,9"),
        ("O.2.1.1", "same", "M.04", "91,9"),
        ("B.06.04", "same", "fixed_broadband_per_100", "22,68"),
        ("A.01.07", "near", "disbursement_rate", "23,34"),
        ("A.02.15", "near", "sti_budget_allocated", "84,86 nghìn"),
        ("B.06.01", "near", "villages_no_grid", "72"),
        ("B.06.02", "near", "villages_no_grid + villages_unclassified", "507"),
        ("B.08.01", "near", "shared_platforms_in_use[platform_list=qd2618]", "22"),
        ("B.11.08", "near", "digital_industry_revenue", "198"),
        ("B.11.11", "near", "hardware_exports", "178"),
        ("B.13.03", "near", "sum_over(sti_disbursed, pillar)", "9.585"),
        ("B.13.16", "near", "hightech_parks", "6"),
        ("B.14.01", "near", "sti_enterprises[kind=startup]", "508"),
        ("B.15.01", "near", "stem_learners", "771 nghìn"),
    ],
)
def test_what_is_stored_under_another_code_is_found_with_its_relation(edition, code, kind, other, number):
    found = {entry[1]: entry for entry in lookup.elsewhere(edition, code)}
    assert found[other][0] == kind and found[other][3].number.startswith(number)
    assert found[other][4]  # how the definitions differ, or why they are the same


def test_overdue_tasks_are_one_variable_and_give_the_indicator(shipped, table):
    values = indicators.compute(shipped, table)
    own = values[values["subject"] == "A.01.03"].iloc[0]
    assert own["value"] == pytest.approx(56 / 1937 * 100) and own["unit"] == "%"


PLAIN = [  # read in the proposal's and the regulation's lists against layers A and B
    ("O.2.2.1", "M.12"), ("O.12.01", "M.12"), ("O.2.2.1", "B.09.01"), ("O.12.01", "B.09.01"), ("O.09.01", "B.13.09"),
    ("O.09.02", "B.13.07"), ("O.12.03", "A.02.11"), ("O.5.1.2", "B.12.03"), ("O.5.2.2", "B.12.08"), ("O.04.03", "B.06.02"),
    ("O.05.01", "B.16.04"), ("O.05.02", "A.02.17"), ("O.11.01", "B.15.01"), ("O.06.01", "B.06.04"), ("T.j.2", "B.12.08"),
    ("T.i.1", "B.12.03"), ("B.13.08", "patent_applications_growth"), ("B.13.09", "patent_grants_growth"),
]  # fmt: skip


def test_pairs_that_the_documents_make_plain_are_in_the_crosswalk(shipped):
    for code, other in PLAIN:
        assert other in set(crosswalk.elsewhere(shipped, code)["code"]), (code, other)


def test_every_pair_says_how_it_differs_and_every_expression_can_be_named(shipped):
    assert (shipped.crosswalk["reason"].str.len() > 10).all()
    for other in shipped.crosswalk["other"]:
        assert crosswalk.named(shipped, other)
