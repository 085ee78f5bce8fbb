"""What the draft review says in two ways, though no sum shows it: both quotes, the figures in them, the kinds."""

from datetime import date

import pytest
from support import stated_in

from nq57lab.base import formulas
from nq57lab.facts import known
from nq57lab.facts.observations import Lookup

KINDS = {"label": 7, "date": 4, "existence": 4, "magnitude": 2, "scope": 2, "name": 2, "superlative": 1}  # read in S004


@pytest.fixture(scope="module")
def lookup(root):
    return Lookup(known.of(root, date(2026, 6, 30)).table)


@pytest.fixture(scope="module")
def conflicts(shipped):
    return stated_in(shipped.conflicts, "S004")


def rows_of(lookup, cell):
    for text in cell.split(" | ") if cell else []:
        row = lookup.row(formulas.parse_reference(text))
        assert row is not None, text
        yield row


def test_every_kind_of_conflict_has_its_findings(conflicts):
    assert conflicts["kind"].value_counts().to_dict() == KINDS


def test_a_conflict_has_two_quotes_of_two_wordings_a_problem_and_a_proposal(conflicts):
    assert (conflicts["first_vi"] != conflicts["second_vi"]).all()
    for name in ("problem", "proposed"):
        assert conflicts[name].str.endswith(".").all()
    assert (
        conflicts["locator"].str.match(r"Phần|Tóm tắt").all()
        and conflicts["second_at"].str.match(r"Phần|Tóm tắt").all()
    )


def test_the_figures_of_a_conflict_stand_in_the_store_as_its_texts_print_them(conflicts, lookup):
    for conflict in conflicts.itertuples():
        words = " ".join([conflict.first_vi, conflict.second_vi, conflict.problem])
        for row in rows_of(lookup, conflict.figures):
            digits = row["printed"].split(" ")[0].lstrip("0")
            assert digits in words or digits.split("-")[0] in words, (conflict.id, row["printed"])


def test_a_province_praised_for_less_than_the_mean_is_a_finding(conflicts, lookup):
    cells = conflicts.loc[conflicts["kind"] == "superlative", "figures"]
    for cell in cells:
        own, mean = (row["value"] for row in rows_of(lookup, cell))
        assert own < mean


def test_what_is_complete_in_one_place_is_less_than_half_done_in_another(conflicts, lookup):
    cell = conflicts.loc[conflicts["figures"].str.contains("db_land"), "figures"].iloc[0]
    criteria, done, rank = (row["value"] for row in rows_of(lookup, cell))
    assert (criteria, rank) == (19, 2) and done < 50
