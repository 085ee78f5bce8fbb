"""Messages of the feedback loops: what is expected of a file of links or a shock, and what to do; Vietnamese and English.

:data:`nq57lab.base.problems.MESSAGES` takes them in; the table is code → (expected, advice) in Vietnamese, then in English.
"""

_ROWS: dict[str, tuple[str, str, str, str]] = {
    "self_link": (
        "liên kết giữa hai nút khác nhau",
        "bỏ dòng này, hoặc tách nút thành hai đại lượng",
        "a link between two different nodes",
        "drop this row, or split the node into two quantities",
    ),
    "repeated_link": (
        "mỗi cặp nút một dòng (đã có ở dòng {first})",
        "bỏ dòng lặp",
        "one row a pair of nodes (it stands in row {first})",
        "drop the repeated row",
    ),
    "opposite_link": (
        "một dấu cho mỗi cặp nút (dòng {first} ghi {other})",
        "chọn một dấu và ghi căn cứ, hoặc ghi ? khi chưa rõ",
        "one sign a pair of nodes (row {first} says {other})",
        "choose a sign and give its grounds, or write ? while it is open",
    ),
    "strength": (
        "độ mạnh là số không âm (dấu ghi ở cột polarity)",
        "bỏ dấu trừ, hoặc để trống khi chưa biết",
        "a strength of 0 or more (polarity holds the sign)",
        "drop the minus, or leave it empty while unknown",
    ),
    "delay": (
        "độ trễ là số nguyên từ 1 đến {limit} bước",
        "sửa độ trễ, hoặc để trống (1 bước)",
        "a delay in whole steps from 1 to {limit}",
        "correct it, or leave it empty (1 step)",
    ),
    "too_many_links": (
        "không quá {limit} liên kết",
        "bỏ bớt liên kết yếu hoặc chia đồ thị",
        "at most {limit} links",
        "drop weak links or split the graph",
    ),
    "too_many_steps": (
        "không quá {limit} bước với đồ thị cỡ này",
        "giảm --steps, hoặc bỏ bớt liên kết yếu",
        "at most {limit} steps with a graph of this size",
        "lower --steps, or drop weak links",
    ),
    "shock": (
        "NÚT=SỐ, thí dụ M.02=+1",
        "viết lại tác động theo dạng này",
        "NODE=NUMBER, like M.02=+1",
        "rewrite the shock in this form",
    ),
    "shock_range": (
        "mức đẩy từ -1 đến 1 với mô hình fcm",
        "dùng mức đẩy trong [-1, 1], hoặc --model linear",
        "a shock from -1 to 1 with the model fcm",
        "use a shock within [-1, 1], or --model linear",
    ),
    "node_unknown": (
        "một nút có trong tệp liên kết",
        "sửa tên nút{hint}",
        "a node of the file of links",
        "correct the node's name{hint}",
    ),
    "whole_number": (
        "số nguyên từ {low} đến {high}",
        "sửa tùy chọn này",
        "a whole number from {low} to {high}",
        "correct this option",
    ),
    "folder": (
        "đường dẫn của một thư mục",
        "chọn tên khác; đã có một tệp mang tên này",
        "the path of a folder",
        "choose another name; a file bears this one",
    ),
    "unknown_series": (
        "một khóa của data/comparators/series.parquet hoặc một chuỗi tính được",
        "sửa khóa, hoặc để trống khi nút không có chuỗi số liệu",
        "a key of data/comparators/series.parquet or a derived series",
        "correct the key, or leave it empty when no series measures the node",
    ),
}

LOOP_MESSAGES = {code: {"vi": texts[:2], "en": texts[2:]} for code, texts in _ROWS.items()}
