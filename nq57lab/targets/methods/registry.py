"""The progress methods by name: what each is called, what its statuses say, what it measures. A new method is a module with a ``METHOD``
and one line in :data:`PUBLISHED`; tables, pages, charts, the command and the parameters of reports follow.

Nothing in; the descriptions of the methods out.
"""

from nq57lab.targets.methods import escap, eurostat, sdsn, un_chart
from nq57lab.targets.methods.method import Method, Status

CHANCE = Method(
    key="p",
    name="Xác suất đạt mục tiêu",
    short="xác suất",
    statuses={
        "likely": Status("nhiều khả năng đạt", "on", "●"),
        "unlikely": Status("ít khả năng đạt", "off", "○"),  # agrees with "slow" and with "back"
        "not_available": Status("chưa đủ dữ liệu", "", "–"),
    },
    columns=("met",),
    printed=("p_met", 2, "xác suất đạt mục tiêu theo phân phối dự báo, ước lượng nghiên cứu"),
)
PUBLISHED: tuple[Method, ...] = (eurostat.METHOD, un_chart.METHOD, escap.METHOD, sdsn.METHOD)
BY_NAME: dict[str, Method] = {method.key: method for method in (*PUBLISHED, CHANCE)}


def reason_column(key: str) -> str:
    """Return the column in which a method says why it does not apply.

    >>> reason_column("un"), reason_column("p")
    ('un_reason', 'p_met_reason')
    """
    return "p_met_reason" if key == CHANCE.key else f"{key}_reason"
