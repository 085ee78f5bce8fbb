"""What the public site says where nothing is open yet: which decision opens data, and what is in the meantime.

A desk in, HTML out.
"""

from nq57lab.site import parts
from nq57lab.site.desk import Desk


def _rule(desk: Desk) -> str:
    rule = desk.content.catalogue.programme.rule("khoản 1 Điều 17", ", theo quyết định của Ban Chỉ đạo Trung ương ({})")
    return (
        "Dữ liệu về chỉ số và báo cáo tổng hợp được công bố trên giao diện công khai khi không thuộc phạm vi bí mật nhà nước"
        f"{rule or ', theo quyết định của cơ quan có thẩm quyền'}."
    )


def resolved(desk: Desk) -> bool:
    """Tell whether a figure of the Resolution's own indicators is open."""
    layers = desk.content.subjects.set_index("code")["layer"]
    return bool((layers.reindex(desk.content.values["subject"]).fillna("") != "").any())


def section(desk: Desk) -> str:
    """Return the explanation where no indicator of the Resolution is open; "" where one is."""
    if resolved(desk):
        return ""
    return (
        '<section class="khung trong"><h2>Chưa có quyết định công bố số liệu theo dõi '
        f"{parts.esc(desk.content.catalogue.programme.noun)}</h2>"
        f"<p>{_rule(desk)}</p><p>Khi có quyết định, số liệu được phép công bố hiện ở trang này: bảng điểm các KPI vĩ mô, chỉ số theo lĩnh vực, theo tỉnh, "
        "theo cơ quan, kèm nguồn của từng số và tệp để tải về. Đến nay chưa có quyết định nào nên các bảng ấy để trống, không phải số bằng không.</p>"
        f'<p>Trong khi chờ: <a href="phuong-phap.html">cách tính và đánh giá</a>; <a href="du-lieu.html">dữ liệu mở</a> gồm những số mà '
        "nguồn của chúng đã công bố.</p></section>"
    )


def rest(inner: str, count: int) -> str:
    """Return figures that their own sources had published, folded: they are not the Resolution's indicators."""
    return f"<details><summary>{count} số liệu khác, đã công bố công khai tại nguồn</summary>{inner}</details>"


def nothing(desk: Desk, what: str) -> str:
    """Return that there is nothing of a kind, for the public that nothing is open, with the rule that opens it."""
    said = "." if desk.internal else f" được phép công bố. {_rule(desk)}"
    return f'<section class="khung trong"><p>Chưa có {parts.esc(what)}{said}</p></section>'
