"""The data contract's table of fields: what a variable is about, by where it is stated; the site's filters read it."""

from nq57lab.base.schema import Table, columns

# A prefix of a variable's source, up to a word's end; the longest that fits counts. Indicators, and the variables that the
# indicator set states, belong to the field of their group.
FIELDS = Table(
    "fields",
    "catalogue/fields.csv",
    "Lĩnh vực của dữ liệu thành phần",
    columns("prefix! name_vi! source!"),
    ("prefix",),
)
TABLES = (FIELDS,)
