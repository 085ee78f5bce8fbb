"""The data contract: every table's place, columns, allowed values and key, in one place.

:mod:`nq57lab.tables` checks files against these; :func:`nq57lab.tables.data_package` describes them to other tools.
"""

from dataclasses import dataclass

from nq57lab import periods

STATUSES = ("official", "verified", "estimate", "self_reported")
QUALIFIERS = ("=", "~", ">", ">=", "<", "<=")
COMPARATORS = (
    *QUALIFIERS,
    *("between", "top_n", "regional_top_n", "growth_between", "increment_since", "maintain", "qualitative"),
)
DAY = r"\d{4}-\d{2}-\d{2}"
PARTIAL_DATE = r"\d{4}(?:-\d{2}(?:-\d{2})?)?"
AREA = r"VN|34:\d{2}|63:\d{2}|agency:[A-Z0-9]+|block:[a-z_]+|[A-Z]{3}"
DIMS = r"(?:[a-z_]+=[^=;\s]+(?:; [a-z_]+=[^=;\s]+)*)?"

SHAPES = {
    DAY: "ngày dạng 2026-06-30",
    PARTIAL_DATE: "ngày dạng 2026-06-30, 2026-06 hoặc 2026",
    periods.PATTERN: "kỳ dạng 2026, 2026-H1, 2026-Q2, 2026-06, 2026-06-29 hoặc kỳ/kỳ",
    AREA: "địa bàn dạng VN, 34:75, 63:75, agency:BKHCN, block:local",
    DIMS: "cặp khóa=giá trị cách nhau bằng “; ”",
    "number": "số với dấu chấm thập phân, không dấu phân nghìn",
    "integer": "số nguyên",
}


@dataclass(frozen=True)
class Column:
    """One column: ``kind`` is text, number or integer; ``values`` closes the list; ``pattern`` gives the shape."""

    name: str
    kind: str = "text"
    required: bool = False
    values: tuple[str, ...] = ()
    pattern: str = ""


@dataclass(frozen=True)
class Table:
    """One table of the contract: where it lives, its columns and its key."""

    name: str
    path: str
    title_vi: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        """The column names, in the contract's order."""
        return [column.name for column in self.columns]


def _columns(spec: str, **special: Column) -> tuple[Column, ...]:
    """Columns from a short list of names; a trailing ``!`` means required, ``#`` a number."""
    result = []
    for word in spec.split():
        name = word.rstrip("!#")
        kind = "number" if "#" in word else "text"
        result.append(special.get(name) or Column(name, kind=kind, required="!" in word))
    return tuple(result)


_YES_NO = ("yes", "no")
_DATES = {
    "valid_from": Column("valid_from", pattern=PARTIAL_DATE),
    "valid_to": Column("valid_to", pattern=PARTIAL_DATE),
}
_OVER_TIME = Column("over_time", values=("sum", "last", "mean", "recompute"))
_OVER_AREAS = Column("over_areas", values=("sum", "last", "mean", "recompute", "none"))
_AREA = Column("area", required=True, pattern=AREA)
_PERIOD = Column("period", required=True, pattern=periods.PATTERN)

KINDS = (
    "ratio",
    "growth",
    "per_capita",
    "mean_duration",
    "share",
    "count",
    "amount",
    "rank",
    "score",
    "reported",
    "form",
)

INDICATORS = Table(
    "indicators",
    "catalogue/indicators.csv",
    "Danh mục chỉ số",
    _columns(
        "code! name_vi! name_printed! name_en! layer group! tier core unit frequency direction kind formula over_time "
        "over_areas lead implementing basis source_system public valid_from valid_to source!",
        layer=Column("layer", required=True, values=("A", "B", "C", "M")),
        frequency=Column("frequency", values=("day", "month", "quarter", "half_year", "year")),
        direction=Column("direction", kind="integer", values=("1", "-1", "0")),
        kind=Column("kind", required=True, values=KINDS),
        over_time=_OVER_TIME,
        over_areas=_OVER_AREAS,
        core=Column("core", values=_YES_NO),
        public=Column("public", required=True, values=_YES_NO),
        **_DATES,
    ),
    ("code",),
)
VARIABLES = Table(
    "variables",
    "catalogue/variables.csv",
    "Dữ liệu thành phần",
    _columns(
        "id name_vi! unit over_time over_areas description",
        id=Column("id", required=True, pattern=r"[a-z][a-z0-9_]*"),
        over_time=_OVER_TIME,
        over_areas=_OVER_AREAS,
    ),
    ("id",),
)
TARGETS = Table(
    "targets",
    "catalogue/targets.csv",
    "Mục tiêu",
    _columns(
        "id! indicator! milestone comparator value# value_high# unit stated_vi! valid_from valid_to source!",
        milestone=Column("milestone", required=True, values=("2025", "2030", "2045")),
        comparator=Column("comparator", required=True, values=COMPARATORS),
        **_DATES,
    ),
    ("id",),
)
OBSERVATIONS = Table(
    "observations",
    "observations",
    "Số liệu",
    _columns(
        "subject! area item period measure dims qualifier value# value_high# unit! printed status vintage recorded source! "
        "locator! evidence verified_by verified_on decision public public_decision note",
        area=_AREA,
        period=_PERIOD,
        measure=Column("measure", required=True, values=("stock", "flow", "cumulative")),
        dims=Column("dims", pattern=DIMS),
        qualifier=Column("qualifier", required=True, values=QUALIFIERS),
        value=Column("value", kind="number", required=True),
        status=Column("status", required=True, values=STATUSES),
        vintage=Column("vintage", required=True, pattern=PARTIAL_DATE),
        recorded=Column("recorded", required=True, pattern=DAY),
        verified_on=Column("verified_on", pattern=DAY),
        public=Column("public", required=True, values=_YES_NO),
    ),
    ("subject", "area", "item", "period", "measure", "dims", "status", "vintage", "source", "recorded"),
)
AREAS = Table(
    "areas",
    "catalogue/areas.csv",
    "Địa bàn, cơ quan, khối",
    _columns(
        "id type name_vi! parent successor order# valid_from valid_to",
        id=Column("id", required=True, pattern=AREA),
        type=Column("type", required=True, values=("country", "province", "agency", "block")),
        **_DATES,
    ),
    ("id",),
)
UNITS = Table("units", "catalogue/units.csv", "Đơn vị tính", _columns("unit! name_vi! family! factor#!"), ("unit",))
GROUPS = Table(
    "groups", "catalogue/groups.csv", "Nhóm chỉ số", _columns("group! layer! name_vi! order#! source!"), ("group",)
)
DIMENSIONS = Table(
    "dimensions",
    "catalogue/dimensions.csv",
    "Chiều phân tổ",
    _columns("dim! value! name_vi! order#!", value=Column("value", required=True)),
    ("dim", "value"),
)
SOURCES = Table(
    "sources",
    "catalogue/sources.csv",
    "Nguồn",
    _columns("id! title_vi! publisher date kind! url note", date=Column("date", pattern=PARTIAL_DATE)),
    ("id",),
)
ITEMS = Table(
    "items", "registers/items.csv", "Đối tượng của các biểu lớp C", _columns("id! form! name! owner"), ("id",)
)
RELATIONS = Table(
    "relations",
    "registers/relations.csv",
    "Quan hệ giữa các số in trong báo cáo",
    _columns(
        "id! source! locator! kind area period printed! comparator expression! alternative alternative_reason recompute note",
        kind=Column(
            "kind",
            required=True,
            values=("ratio", "share", "sum", "difference", "growth", "multiple", "repeat", "bound"),
        ),
        comparator=Column("comparator", required=True, values=("=", "<=", ">=")),
        recompute=Column("recompute", required=True, values=_YES_NO),
        area=_AREA,
        period=_PERIOD,
    ),
    ("id",),
)
CROSSWALK = Table(
    "crosswalk",
    "catalogue/crosswalk.csv",
    "Đối chiếu chỉ số giữa các văn bản",
    _columns(
        "indicator! other! kind reason! source!",
        kind=Column("kind", required=True, values=("same", "near", "different")),
    ),
    ("indicator", "other"),
)
# The rest of the contract's tables: their shapes are fixed here, their rows come with the work that needs them.
LINKS = Table(
    "links",
    "catalogue/links.csv",
    "Liên kết với chỉ số",
    _columns(
        "from_type! from_id! to_indicator! kind source!",
        kind=Column("kind", required=True, values=("direct", "indirect", "supplementary")),
    ),
    ("from_type", "from_id", "to_indicator", "source"),
)
WEIGHTS = Table(
    "weights",
    "catalogue/weights.csv",
    "Trọng số",
    _columns(
        "scheme! indicator! priority weight#! valid_from decision",
        priority=Column("priority", values=("High", "Medium", "Low")),
        valid_from=_DATES["valid_from"],
    ),
    ("scheme", "indicator", "valid_from"),
)
TASKS = Table("tasks", "registers/tasks.csv", "Nhiệm vụ", _columns("id! text! lead! with product due source!"), ("id",))

TABLES = {
    table.name: table
    for table in (
        *(INDICATORS, VARIABLES, TARGETS, AREAS, UNITS, GROUPS, DIMENSIONS, SOURCES, ITEMS, RELATIONS, CROSSWALK),
        *(LINKS, WEIGHTS, TASKS, OBSERVATIONS),
    )
}
