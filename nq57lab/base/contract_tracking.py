"""The data contract's tables of target tracking: what the comparators' series are, and the rules of the alerts."""

from nq57lab.base.schema import Column, Table

_RELATIONS = ("same", "near", "different")
# What each key is: the catalogue's indicator or variable ("" where it has none), the macro KPI that it illuminates, and how near it
# is to each; kind and bounds as the forecasts use them.
COMPARATOR_INDICATORS = Table(
    "comparator_indicators",
    "comparators/indicators.csv",
    "Chuỗi so sánh quốc tế và chỉ số của danh mục",
    (
        Column("key", required=True),
        Column("indicator"),
        Column("relation", values=_RELATIONS),
        Column("macro"),
        Column("macro_relation", values=_RELATIONS),
        Column("direction", kind="integer", required=True, values=("1", "-1", "0")),
        Column("kind", required=True, values=("share", "count", "rank", "level", "growth")),
        Column("lower", kind="number"),
        Column("upper", kind="number"),
        Column("name_vi", required=True),
        Column("unit_vi", required=True),
        Column("reason", required=True),
    ),
    ("key",),
)

_CHECKS = (
    *("off_trajectory", "pace_below_required", "low_probability", "task_overdue", "task_due_soon", "data_old", "jump"),
    "self_reported_far",
)
# Thresholds are in the unit named; who is to be told is a role, never a person.
ALERT_RULES = Table(
    "alert_rules",
    "catalogue/alert_rules.csv",
    "Quy tắc cảnh báo sớm",
    (
        Column("rule", required=True),
        Column("order", kind="number", required=True),
        Column("name_vi", required=True),
        Column("check", required=True, values=_CHECKS),
        Column("severity", required=True, values=("strategic", "operational")),
        Column("threshold", kind="number", required=True),
        Column("unit", required=True),
        Column("applies_to", values=("year", "half_year", "quarter", "month", "day")),
        Column("tell", required=True),
        Column("action_vi", required=True),
        Column("valid_from", pattern=r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?"),
        Column("source", required=True),
        Column("note"),
    ),
    ("rule",),
)
TABLES = (COMPARATOR_INDICATORS, ALERT_RULES)
