"""The scorecard of the macro KPIs under every method that a decision may choose."""

import pytest
from support import ROOT

from nq57lab.documents.edition import Edition
from nq57lab.reports import brief, scorecard
from nq57lab.targets import evaluate as methods
from nq57lab.targets import pages


@pytest.mark.parametrize("method", ["", *methods.METHODS])
def test_every_methods_verdict_is_said_in_its_own_words(method):
    told = {"edition": "thu", "title": "a|b", "known": "2026-06-30", "verdict_method": method}
    edition = Edition(told, root=ROOT)
    following = pages.follow(edition)
    assert following.method == (method or "eurostat")
    standings = scorecard.standings(edition, following)
    judged = [entry for entry in standings if entry.verdict != "not_available"]
    rows = {row.code: row for row in scorecard.rows(edition, following)}
    for entry in judged:
        word = methods.word(methods.standing_method(entry.target["verdict_rule"]), entry.verdict)
        assert word in rows[entry.code].verdict or entry.figure.missing
        assert word in scorecard.finding(edition, following).markdown
        assert entry.verdict not in rows[entry.code].verdict
    brief.count(edition, following)
    said, basis = brief.judgement(edition, following)
    assert said.endswith(".") and methods.METHODS[following.method] in basis
