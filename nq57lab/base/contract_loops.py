"""The data contract of the feedback loops: loops, nodes and signed links of the catalogue, and the file of links that the commands take.

A node is named for a quantity (R&D personnel), never for a problem (shortage), so that a link's sign is read off: +1 when both
move the same way. ``basis`` keeps apart what a document states, what it implies (a chain's returning arrow) and what an analyst added.
"""

from nq57lab.base.schema import Column, Table, columns

# Weakest first. "stated": a document states the link and no series can test it; "not_testable": neither document nor data.
EVIDENCE = ("contradicted", "not_testable", "stated", "weak", "supported")
BASES = ("stated", "implied", "analyst")
DELAYS = {"short": 1, "medium": 2, "long": 4}  # class → steps of one year
NODE = r"[^>\s](?:[^>]*[^>\s])?"
SHAPES = {
    NODE: {
        "vi": "tên nút không có dấu > và không có khoảng trắng ở hai đầu",
        "en": "a node's name without > and without blanks at its ends",
    },
}

LOOPS = Table(
    "loops",
    "catalogue/loops.csv",
    "Vòng phản hồi",
    columns(
        "id! kind! order#! name_vi! statement_vi! entry_node! source!",
        kind=Column("kind", required=True, values=("virtuous", "vicious")),
    ),
    ("id",),
)
LOOP_NODES = Table(
    "loop_nodes",
    "catalogue/loop_nodes.csv",
    "Nút của đồ thị vòng phản hồi",
    columns(
        "id name_vi! short_vi! kind refers_to orientation desirable x# y# series series_note source!",
        id=Column("id", required=True, pattern=NODE),
        kind=Column("kind", required=True, values=("kpi", "factor", "lever")),
        orientation=Column("orientation", kind="integer", required=True, values=("1", "-1")),
        desirable=Column("desirable", kind="integer", required=True, values=("1", "-1")),
    ),
    ("id",),
)
LOOP_LINKS = Table(
    "loop_links",
    "catalogue/loop_links.csv",
    "Liên kết của đồ thị vòng phản hồi",
    columns(
        "loop from_node! to_node! polarity delay delay_basis kind basis evidence phrase_vi note source!",
        polarity=Column("polarity", required=True, values=("1", "-1", "?")),
        delay=Column("delay", required=True, values=tuple(DELAYS)),
        delay_basis=Column("delay_basis", required=True, values=("stated", "assumed")),
        kind=Column("kind", required=True, values=("direct", "indirect")),
        basis=Column("basis", required=True, values=BASES),
        evidence=Column("evidence", values=EVIDENCE),
    ),
    ("loop", "from_node", "to_node"),
)
# The file that nq57 loops takes; it is no part of the data folder. Optional columns may be absent.
LINKS_FILE = Table(
    "loop_links_file",
    "",
    "Tệp liên kết",
    columns(
        "source target polarity strength# delay# evidence",
        source=Column("source", required=True, pattern=NODE),
        target=Column("target", required=True, pattern=NODE),
        polarity=Column("polarity", required=True, values=("1", "-1", "?")),
        evidence=Column("evidence", values=EVIDENCE),
    ),
    ("source", "target"),
)
OPTIONAL = ("strength", "delay", "evidence")
TABLES = (LOOPS, LOOP_NODES, LOOP_LINKS)
