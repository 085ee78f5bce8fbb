"""The data contract: every table's place, columns, allowed values and key, in one place.

:mod:`nq57lab.base.tables` checks files against these; :func:`nq57lab.base.tables.data_package` describes them to other tools.
"""

from nq57lab.base import (
    contract_composite,
    contract_fields,
    contract_loops,
    contract_records,
    contract_tracking,
    periods,
)
from nq57lab.base.schema import Column, Table
from nq57lab.base.schema import columns as _columns

STATUSES = ("official", "verified", "estimate", "self_reported")
QUALIFIERS = ("=", "~", ">", ">=", "<", "<=")
COMPARATORS = (
    *QUALIFIERS,
    *("between", "top_n", "regional_top_n", "growth_between", "increment_since", "maintain", "qualitative"),
)
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
PARTIAL_DATE = r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?"
AREA = r"VN|34:[0-9]{2}|63:[0-9]{2}|agency:[A-Z0-9]+|block:[a-z_]+|region:[a-z_]+|[A-Z]{3}"
DIMS = r"(?:[a-z_]+=[^=;\s]+(?:; [a-z_]+=[^=;\s]+)*)?"

SHAPES = {
    DAY: {"vi": "ngày dạng 2026-06-30", "en": "a date like 2026-06-30"},
    PARTIAL_DATE: {"vi": "ngày dạng 2026-06-30, 2026-06 hoặc 2026", "en": "a date like 2026-06-30, 2026-06 or 2026"},
    periods.PATTERN: {
        "vi": "kỳ dạng 2026, 2026-H1, 2026-Q2, 2026-06, 2026-06-29 hoặc kỳ/kỳ",
        "en": "a period like 2026, 2026-H1, 2026-Q2, 2026-06, 2026-06-29 or period/period",
    },
    AREA: {
        "vi": "địa bàn dạng VN, 34:75, 63:75, agency:BKHCN, block:local, region:southeast",
        "en": "an area like VN, 34:75, 63:75, agency:BKHCN, block:local, region:southeast",
    },
    DIMS: {
        "vi": "cặp khóa=giá trị xếp theo tên khóa, cách nhau bằng “; ”",
        "en": "key=value pairs in the order of their keys, joined with '; '",
    },
    "number": {
        "vi": "số với dấu chấm thập phân, không dấu phân nghìn",
        "en": "a number with a decimal point and no thousands mark",
    },
    "integer": {"vi": "số nguyên", "en": "a whole number"},
    **contract_loops.SHAPES,
}


_YES_NO = ("yes", "no")
_DATES = {
    "valid_from": Column("valid_from", pattern=PARTIAL_DATE),
    "valid_to": Column("valid_to", pattern=PARTIAL_DATE),
}
_OVER_TIME = Column("over_time", values=("sum", "last", "mean", "recompute"))
_OVER_AREAS = Column("over_areas", values=("sum", "last", "mean", "recompute", "none"))
_USED = Column("used", required=True, values=_YES_NO)
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

# A, B, C: the indicator set of June 2026; M, O: macro and operational KPIs of the proposal; S, T: strategic and operational KPIs
# of the monitoring regulation.
LAYERS = ("A", "B", "C", "M", "O", "S", "T")

INDICATORS = Table(
    "indicators",
    "catalogue/indicators.csv",
    "Danh mục chỉ số",
    _columns(
        "code! name_vi! name_printed! name_en! layer group! tier core unit frequency direction kind formula over_time "
        "over_areas lead implementing basis source_system public valid_from valid_to source!",
        layer=Column("layer", required=True, values=LAYERS),
        tier=Column("tier", values=("1", "2", "3", "4")),
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
        "id name_vi! unit over_time over_areas description source!",
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
        "id type name_vi! parent successor order# valid_from valid_to source!",
        id=Column("id", required=True, pattern=AREA),
        type=Column("type", required=True, values=("country", "province", "region", "agency", "block")),
        **_DATES,
    ),
    ("id",),
)
UNITS = Table(
    "units", "catalogue/units.csv", "Đơn vị tính", _columns("unit! name_vi! family! factor#! source!"), ("unit",)
)
GROUPS = Table(
    "groups", "catalogue/groups.csv", "Nhóm chỉ số", _columns("group! layer! name_vi! order#! source!"), ("group",)
)
DIMENSIONS = Table(
    "dimensions",
    "catalogue/dimensions.csv",
    "Chiều phân tổ",
    _columns("dim! value! name_vi! order#! source!", value=Column("value", required=True)),
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
    "items", "registers/items.csv", "Đối tượng của các biểu lớp C", _columns("id! form! name! owner source!"), ("id",)
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
# What the documents plan, and how it is tied to the indicators.
LINKS = Table(
    "links",
    "catalogue/links.csv",
    "Liên kết với chỉ số",
    _columns(
        "from_type from_id! to_indicator! kind used reason source!",
        from_type=Column(
            "from_type",
            required=True,
            values=("operational_kpi", "programme", "subprogramme", "push", "goal", "system", "initiative"),
        ),
        kind=Column("kind", required=True, values=("direct", "indirect", "supplementary")),
        used=_USED,
    ),
    ("from_type", "from_id", "to_indicator", "source"),
)
WEIGHTS = Table(
    "weights",
    "catalogue/weights.csv",
    "Trọng số",
    _columns(
        "scheme! indicator! priority weight#! valid_from decision source!",
        priority=Column("priority", values=("High", "Medium", "Low")),
        valid_from=_DATES["valid_from"],
    ),
    ("scheme", "indicator", "valid_from"),
)
TASKS = Table(
    "tasks",
    "registers/tasks.csv",
    "Nhiệm vụ",
    _columns(
        "id! text! lead! with product due source! done_on",
        due=Column("due", pattern=periods.PATTERN),
        done_on=Column("done_on", pattern=DAY),
    ),
    ("id",),
)
AREA_MEMBERS = Table(
    "area_members",
    "catalogue/area_members.csv",
    "Thành viên của khối, nhóm",
    _columns("area member! valid_from valid_to source!", area=_AREA, **_DATES),
    ("area", "member"),
)
BORDERS = Table(
    "borders",
    "catalogue/borders.csv",
    "Các cặp tỉnh giáp ranh",
    _columns(
        "area neighbour valid_from valid_to source!",
        area=_AREA,
        neighbour=Column("neighbour", required=True, pattern=AREA),
        **_DATES,
    ),
    ("area", "neighbour"),
)
PROGRAMMES = Table(
    "programmes",
    "catalogue/programmes.csv",
    "Chương trình, tiểu chương trình",
    _columns("id! parent order#! name_vi! other_names content_vi source!"),
    ("id",),
)
PUSHES = Table(
    "pushes", "catalogue/pushes.csv", "Cú hích chiến lược", _columns("id! order#! name_vi! aim_vi source!"), ("id",)
)
GOALS = Table(
    "goals",
    "catalogue/goals.csv",
    "Mục tiêu của Nghị quyết 57 gắn với KPI vĩ mô",
    _columns(
        "id! milestone order#! name_vi! source!",
        milestone=Column("milestone", required=True, values=("2025", "2030", "2045")),
    ),
    ("id",),
)
SYSTEMS = Table(
    "systems",
    "catalogue/systems.csv",
    "Hệ thống của Kế hoạch hành động chiến lược",
    _columns(
        "id! order#! kind name_vi! group_vi! source!",
        kind=Column("kind", required=True, values=("strategic", "special_projects")),
    ),
    ("id",),
)
INITIATIVES = Table(
    "initiatives",
    "catalogue/initiatives.csv",
    "Sáng kiến đột phá",
    _columns("id! order#! system! name_vi! aim_vi note source!"),
    ("id",),
)
STAGES = Table(
    "stages",
    "catalogue/stages.csv",
    "Giai đoạn triển khai",
    _columns(
        "id! order#! name_vi! start end focus_systems focus_initiatives source!",
        start=Column("start", required=True, pattern=PARTIAL_DATE),
        end=Column("end", required=True, pattern=PARTIAL_DATE),
    ),
    ("id",),
)
TIERS = Table(
    "tiers",
    "catalogue/tiers.csv",
    "Bốn tầng của hệ thống chỉ tiêu",
    _columns("tier! name_vi! set_by! definition_vi! source!"),
    ("tier",),
)
TERMS = Table(
    "terms",
    "catalogue/terms.csv",
    "Cách viết thống nhất của thuật ngữ",
    _columns("term! preferred! note! source!"),
    ("term",),
)
FORMS = Table(
    "forms",
    "catalogue/forms.csv",
    "Trường của các biểu lớp C",
    _columns(
        "form! field name_vi! unit type origin source!",
        field=Column("field", required=True, pattern=r"[a-z][a-z0-9_]*"),
        type=Column(
            "type",
            required=True,
            values=("text", "number", "integer", "date", "yes_no", "choice", "agency", "area", "url"),
        ),
        origin=Column("origin", required=True, values=("source", "đề xuất")),
    ),
    ("form", "field"),
)
FEEDS = Table(
    "feeds",
    "catalogue/feeds.csv",
    "Biểu lớp C cung cấp số liệu cho chỉ số",
    _columns("indicator! form! printed! reason source!"),
    ("indicator", "printed"),
)
READINGS = Table(
    "readings",
    "catalogue/readings.csv",
    "Chỗ các văn bản mâu thuẫn, các cách hiểu và cách được dùng",
    _columns("id! subject! topic! reading! used reason! source!", used=_USED),
    ("id", "reading"),
)

# The catalogue audit (nq57lab.quality.catalogue_audit): corrected values stand beside the printed ones, never over them.
CORRECTABLE = (
    *("name_vi", "unit", "frequency", "kind", "formula", "over_time", "over_areas", "lead", "implementing", "basis"),
    "source_system",
)
VARIABLE_ENTITIES = Table(
    "variable_entities",
    "catalogue/variable_entities.csv",
    "Đối tượng được đếm, được đo của dữ liệu thành phần",
    _columns("variable! entity! reason! source!"),
    ("variable",),
)
DEFECTS = Table(
    "defects",
    "catalogue/defects.csv",
    "Khiếm khuyết của bộ chỉ số, phát hiện khi đọc văn bản",
    _columns("rule! code! problem! proposed! source!"),
    ("rule", "code"),
)
CORRECTIONS = Table(
    "corrections",
    "catalogue/corrections.csv",
    "Giá trị đề xuất, đặt cạnh giá trị in trong văn bản",
    _columns(
        "code! column printed proposed! reason! source!",
        column=Column("column", required=True, values=CORRECTABLE),
    ),
    ("code", "column"),
)

TABLES = {
    table.name: table
    for table in (
        *(INDICATORS, VARIABLES, TARGETS, AREAS, UNITS, GROUPS, DIMENSIONS, SOURCES, ITEMS, RELATIONS, CROSSWALK),
        *(VARIABLE_ENTITIES, DEFECTS, CORRECTIONS),
        *(
            LINKS,
            WEIGHTS,
            TASKS,
            AREA_MEMBERS,
            BORDERS,
            PROGRAMMES,
            PUSHES,
            GOALS,
            SYSTEMS,
            INITIATIVES,
            STAGES,
            TIERS,
            TERMS,
        ),
        *(FORMS, FEEDS, READINGS, OBSERVATIONS),
        *contract_loops.TABLES,
        *contract_tracking.TABLES,
        *contract_composite.TABLES,
        *contract_fields.TABLES,
        contract_records.RECORDS,
    )
}
