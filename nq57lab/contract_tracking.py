"""The data contract's tables of target tracking: what the comparators' series are, and the rules of the alerts."""

from nq57lab.schema import Column, Table

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

TABLES = (COMPARATOR_INDICATORS,)
