"""Indicator values: the catalogue's formulas over areas and periods, each with its parts, status and vintage."""

from dataclasses import replace

import pytest
from pandas.testing import assert_frame_equal
from support import observe

from nq57lab.facts import indicators

DONE, ASSIGNED = "tasks_completed_on_time", "tasks_assigned"  # A.01.01 = DONE / ASSIGNED * 100
MONEY = {"unit": "tỷ đồng", "family": "money_vnd", "measure": "flow", "period": "2025"}


def computed(catalogue, table, code, **options):
    values = indicators.compute(catalogue, table, **options)
    return values[(values["subject"] == code) & (values["formula"] != "")]


def pair(done, assigned, **fields):
    return [{"subject": DONE, "value": done, **fields}, {"subject": ASSIGNED, "value": assigned, **fields}]


def test_four_of_twelve_databases_meet_all_nineteen_criteria(shipped, table):
    row = computed(shipped, table, "A.01.05").iloc[0]
    assert (row["area"], row["period"], row["unit"], row["status"]) == ("VN", "2026-06-30", "%", "self_reported")
    assert row["value"] == pytest.approx(4 / 12 * 100, abs=1e-12)
    used = table.set_index("id").loc[row["inputs"].split("; ")]
    criteria = used[used["subject"] == "database_criteria_met"]
    assert (criteria["value"] >= 19).sum() == 4
    assert used[used["subject"] == "databases_assigned"]["value"].tolist() == [12]
    assert len(used) == len(criteria) + 1


def test_columns_are_those_of_the_contract_in_its_order(shipped, table):
    expected = ["subject", "area", "period", "value", "unit", "status", "vintage", "formula", "inputs", "note"]
    assert list(indicators.compute(shipped, table).columns) == expected


def test_a_formula_is_computed_for_every_area_and_period_that_has_all_parts(shipped):
    table = observe(
        *pair(84, 100),
        *pair(1, 4, area="34:01"),
        *pair(3, 4, area="34:01", period="2026-05"),
        {"subject": DONE, "value": 5, "area": "34:04"},
        {"subject": ASSIGNED, "value": 5, "period": "2025"},
    )
    rows = computed(shipped, table, "A.01.01")
    assert rows[["area", "period", "value"]].to_numpy().tolist() == [
        *(["34:01", "2026-05", 75.0], ["34:01", "2026-06", 25.0], ["VN", "2026-06", 84.0]),
    ]
    assert rows["inputs"].tolist() == ["test.csv:6; test.csv:7", "test.csv:4; test.csv:5", "test.csv:2; test.csv:3"]
    assert set(rows["unit"]) == {"%"}


def test_the_order_of_the_rows_does_not_matter(shipped, table):
    values = indicators.compute(shipped, table)
    shuffled = indicators.compute(shipped, table.sample(frac=1, random_state=57))
    columns = ["subject", "area", "period", "value", "unit", "status", "vintage", "formula"]
    assert_frame_equal(shuffled[columns], values[columns])


def test_values_follow_the_catalogues_order(shipped, table):
    order = {code: place for place, code in enumerate(shipped.indicators["code"])}
    places = indicators.compute(shipped, table)["subject"].map(order)
    assert places.is_monotonic_increasing


def test_one_area_gives_the_same_values_as_all_areas(shipped, table):
    everything = indicators.compute(shipped, table)
    for area in everything["area"].unique():
        one = indicators.compute(shipped, table, area)
        assert_frame_equal(one, everything[everything["area"] == area].reset_index(drop=True), check_dtype=False)


@pytest.mark.parametrize(
    ("one", "other", "weakest"),
    [
        ("official", "self_reported", "self_reported"),
        ("verified", "official", "verified"),
        ("estimate", "verified", "estimate"),
        ("estimate", "self_reported", "self_reported"),
        ("official", "official", "official"),
    ],
)
def test_a_computed_value_has_the_weakest_status_and_the_newest_vintage_of_its_parts(shipped, one, other, weakest):
    table = observe(
        {"subject": DONE, "value": 1, "status": one, "vintage": "2026"},
        {"subject": ASSIGNED, "value": 2, "status": other, "vintage": "2026-06-30"},
    )
    row = computed(shipped, table, "A.01.01").iloc[0]
    assert (row["status"], row["vintage"]) == (weakest, "2026")


def test_a_missing_or_zero_denominator_gives_no_value_rather_than_zero(shipped):
    assert computed(shipped, observe(*pair(1, 0)), "A.01.01").empty
    assert computed(shipped, observe(*pair(1, 2)[:1]), "A.01.01").empty
    assert computed(shipped, observe(*pair(0, 5)), "A.01.01")["value"].tolist() == [0.0]


def test_items_and_breakdowns_are_not_the_total(shipped):
    table = observe(*pair(1, 2, item="db_land"), *pair(1, 2, dims="pillar=KHCN"))
    assert computed(shipped, table, "A.01.01").empty


def test_a_ratio_of_one_unit_family_does_not_depend_on_the_unit_that_was_reported(shipped):
    gdp = {"subject": "gdp", "value": 12_000_000.0, **MONEY}
    added = {"subject": "digital_economy_value_added", "value": 1_680_000.0, **MONEY}
    in_millions = added | {"value": 1_680_000_000.0, "unit": "triệu đồng"}
    for part in (added, in_millions):
        assert computed(shipped, observe(gdp, part), "A.02.02")["value"].tolist() == pytest.approx([14.0])


def test_growth_compares_with_the_same_period_a_year_earlier(shipped):
    fields = {"subject": "patent_applications_vietnamese", "measure": "flow"}
    table = observe(
        {"period": "2024-H1", "value": 80, **fields},
        {"period": "2025-H1", "value": 100, **fields},
        {"period": "2025", "value": 300, **fields},
        {"period": "2026-H1", "value": 118, **fields},
    )
    rows = computed(shipped, table, "B.13.08")
    assert rows["period"].tolist() == ["2025-H1", "2026-H1"]
    assert rows["value"].tolist() == pytest.approx([25.0, 18.0])
    assert set(rows["inputs"].iloc[1].split("; ")) == {"test.csv:5", "test.csv:3"}


def test_growth_does_not_set_a_flow_against_a_cumulative_figure(shipped):
    fields = {"subject": "patent_applications_vietnamese", "period": "2025-H1", "value": 500, "measure": "cumulative"}
    now = fields | {"period": "2026-H1", "value": 118, "measure": "flow"}
    assert computed(shipped, observe(fields, now), "B.13.08").empty
    both = observe(fields, now, fields | {"value": 100, "measure": "flow"}, fields | {"measure": "stock"})
    assert computed(shipped, both, "B.13.08")["value"].tolist() == pytest.approx([18.0])


def test_a_mean_duration_divides_total_days_by_cases(shipped):
    days = {"subject": "obstacle_resolution_days", "value": 90, "unit": "ngày", "family": "duration"}
    table = observe(days, {"subject": "obstacles_assigned", "value": 12})
    row = computed(shipped, table, "A.01.08").iloc[0]
    assert (row["value"], row["unit"]) == (7.5, "ngày")


def test_a_reported_value_stands_beside_the_computed_one(shipped):
    reported = {"subject": "A.01.01", "value": 90, "unit": "%", "family": "share", "note": "theo báo cáo"}
    values = indicators.compute(shipped, observe(*pair(84, 100), reported))
    rows = values[values["subject"] == "A.01.01"]
    assert sorted(zip(rows["value"], rows["formula"] == "", strict=True)) == [(84.0, False), (90.0, True)]
    assert rows[rows["formula"] == ""].iloc[0][["inputs", "note"]].tolist() == ["test.csv:4", "theo báo cáo"]


def test_a_changed_formula_changes_the_value_without_any_code(shipped):
    table = shipped.indicators.copy()
    table.loc[table["code"] == "A.01.01", "formula"] = f"{DONE} / ({ASSIGNED} + 100) * 100"
    row = computed(replace(shipped, indicators=table), observe(*pair(50, 100)), "A.01.01").iloc[0]
    assert row["value"] == 25.0
    assert row["formula"] == f"{DONE} / ({ASSIGNED} + 100) * 100"


def test_no_figures_give_an_empty_table(shipped, table):
    assert indicators.compute(shipped, table.iloc[:0]).empty
    assert indicators.compute(shipped, table, "34:04").empty


@pytest.mark.parametrize(
    ("code", "figures", "value"),
    [
        ("B.04.03", {"strategic_products_revenue": 1200, "strategic_products_with_revenue": 4}, 300),
        ("B.08.01", {"platforms_qualified": 22, "platforms_listed": 84}, 22),
        ("B.13.11", {"technology_transfer_contracts": 40, "contracts": 80}, 40),
        ("B.13.04", {"rnd_expenditure_social": 60, "rnd_expenditure": 100, "goods_exports": 9000}, 60),
        (
            "B.09.10",
            {
                "admin_dossiers_components_replaced": 5000,
                "admin_dossiers_in_competence": 20_000,
                "procedures_with_reusable_components": 300,
            },
            25,
        ),
    ],
)
def test_a_printed_formula_that_is_a_defect_computes_no_figure(shipped, code, figures, value):
    # S001 prints them times 100, or over the denominator of another indicator: the catalogue audit lists each.
    family = shipped.units.set_index("unit")["family"]
    units = shipped.subject_units
    rows = [
        {"subject": name, "value": v, "unit": units[name], "family": family[units[name]], "period": "2025"}
        for name, v in figures.items()
    ]
    row = computed(shipped, observe(*rows), code).iloc[0]
    printed = shipped.corrections.set_index(["code", "column"]).loc[(code, "formula")]
    assert (row["value"], row["unit"]) == (value, shipped.indicator(code)["unit"])
    assert row["formula"] == printed["proposed"] != shipped.indicator(code)["formula"] == printed["printed"]
    assert row["note"] == indicators.PROPOSED.format(printed["printed"])


def test_a_sound_formula_needs_no_note(shipped, table):
    values = indicators.compute(shipped, table)
    fixed = set(shipped.corrections["code"][shipped.corrections["column"] == "formula"])
    made = values[(values["formula"] != "") & ~values["subject"].isin(fixed)]
    assert len(made) > 0 and (made["note"] == "").all()
    assert (made["formula"] == made["subject"].map(shipped.indicators.set_index("code")["formula"])).all()
