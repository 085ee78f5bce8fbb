"""The data contract's table of records: what a C form keeps of each object that an agency lists."""

from nq57lab.base.schema import Column, Table

RECORDS = Table(
    "records",
    "registers/records",
    "Bản ghi của các biểu lớp C",
    (
        Column("form", required=True),
        Column("object", required=True),
        Column("item"),
        Column("field", required=True),
        Column("value", required=True),
        Column("period", required=True),
        Column("area", required=True),
        Column("vintage", required=True),
        Column("recorded", required=True),
        Column("source", required=True),
    ),
    ("form", "object", "field", "period", "area", "vintage", "recorded", "source"),
)
