"""The rows taken from the draft review: a state is no cumulative flow, "đến nay" is no month, a sign means one thing, a sentence has one period."""

from datetime import date

import pytest

from nq57lab.facts import known


@pytest.fixture(scope="module")
def rows(root):
    found = known.of(root, date(2026, 6, 30)).table
    return found[found["source"] == "S004"]


@pytest.fixture(scope="module")
def stored(root):
    return known.of(root, date(2026, 6, 30)).stored.set_index("id")


# The draft itself dates these three, of one sentence, "đến tháng 6/2026".
DATED = {"M.04", "coverage_5g_growth", "subscribers_5g"}


def test_until_now_is_the_day_of_the_draft_and_no_month(rows):
    now = rows[rows["note"].str.startswith("đến nay")]
    assert len(now) > 200
    months = now[now["period"].str.fullmatch(r"\d{4}-\d{2}")]
    assert set(months["subject"]) == DATED


def test_a_rate_and_a_state_at_a_date_are_no_cumulative_flows(rows):
    states = ["party_fee_rate", "mooc_completion_rate", "party_terminals_installed", "sti_budget_allocated"]
    states += ["sti_budget_estimate", "sti_estimate_budget_ratio", "gii_outperformer_years"]
    assert set(rows.loc[rows["subject"].isin(states), "measure"]) == {"stock"}
    day = rows["period"].str.fullmatch(r"\d{4}-\d{2}-\d{2}")
    assert set(rows.loc[day & (rows["measure"] == "flow"), "subject"]) == {"sti_budget_estimate_increase"}


def test_one_sentence_has_one_period(rows):
    for sentence in (
        ["cashless_gdp_ratio", "payment_account_rate"],  # III.7
        ["villages_covered", "villages_no_grid", "villages_unclassified"],  # III.2
        sorted(DATED),  # III.2
    ):
        assert rows.loc[rows["subject"].isin(sentence), "period"].nunique() == 1, sentence


def test_a_growth_that_falls_is_negative_and_a_reduction_by_name_is_positive(rows, shipped):
    names = rows["subject"].map(shipped.names)
    falling = rows["printed"].str.startswith("giảm")
    assert falling.sum() == 5 and (rows.loc[falling, "value"] < 0).all()
    assert names[falling].str.contains("ăng").all()
    by_name = names.str.contains("ức giảm|iết kiệm|iết giảm|ắt giảm")
    assert by_name.sum() >= 5 and (rows.loc[by_name, "value"] > 0).all()
    assert not (by_name & falling).any()


def test_every_correction_keeps_the_source_s_digits_and_says_why(shipped, stored):
    table = shipped.withdrawals
    assert (table["reason"].str.len() > 10).all() and table["replaced_by"].is_unique
    same = ["subject", "area", "item", "dims", "value", "unit", "printed", "status", "vintage", "source", "locator"]
    before, after = (stored.loc[table[name], same].reset_index(drop=True) for name in ("id", "replaced_by"))
    assert before.equals(after)


def test_an_edition_remade_as_entered_before_the_withdrawal_uses_the_rows_of_then(root):
    before = known.of(root, date(2026, 6, 30), date(2026, 11, 28))
    after = known.of(root, date(2026, 6, 30))
    for found, period in ((before, "2026-06"), (after, "2026-06-30")):
        rows = found.table
        assert set(rows.loc[rows["subject"] == "eid_accounts_activated", "period"]) == {period}
