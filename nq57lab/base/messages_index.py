"""Messages of the composite index laboratory: what is expected of a framework, its data and its steps, and what to do.

:data:`nq57lab.base.problems.MESSAGES` takes them in; the table is code → (expected, advice) in Vietnamese, then in English.
"""

_ROWS: dict[str, tuple[str, str, str, str]] = {
    # the framework (iMeta)
    "index_duplicate": (
        "mỗi mã một dòng (mã lặp ở dòng {rows})",
        "đổi tên hoặc bỏ dòng lặp",
        "one row a code (repeated in rows {rows})",
        "rename or drop the repeated row",
    ),
    "index_direction": (
        "Direction của chỉ số {code} là 1 (cao hơn là tốt hơn) hoặc -1 (thấp hơn là tốt hơn)",
        "ghi 1 hoặc -1",
        "Direction of indicator {code}: 1 (higher is better) or -1 (lower is better)",
        "write 1 or -1",
    ),
    "index_weight": (
        "trọng số của {code} là số không âm",
        "ghi một số từ 0 trở lên; để bỏ hẳn một phần tử thì xóa dòng của nó",
        "the weight of {code} to be a number not below 0",
        "write a number from 0; to leave an element out delete its row",
    ),
    "index_level": (
        "Level của {code} là số nguyên: 1 với Indicator, từ 2 với Aggregate",
        "sửa Level hoặc Type",
        "Level of {code} to be a whole number: 1 for an Indicator, from 2 for an Aggregate",
        "correct Level or Type",
    ),
    "index_cycle": (
        "cây không có vòng",
        "sửa cột Parent để mọi phần tử dẫn lên chỉ số tổng hợp",
        "a tree without a cycle",
        "correct Parent so that every element leads up to the index",
    ),
    "index_orphan": (
        "Parent của {code} là mã của một Aggregate",
        "sửa Parent, hoặc thêm dòng Aggregate còn thiếu",
        "Parent of {code} to be the code of an Aggregate",
        "correct Parent, or add the missing Aggregate",
    ),
    "index_parent_level": (
        "Parent của {code} ở cấp cao hơn {level}",
        "sửa Level hoặc Parent",
        "the Parent of {code} at a level above {level}",
        "correct Level or Parent",
    ),
    "index_root": (
        "đúng một Aggregate không có Parent: chỉ số tổng hợp",
        "để trống Parent của đúng một Aggregate",
        "exactly one Aggregate without a Parent: the index",
        "leave Parent empty for exactly one Aggregate",
    ),
    "index_childless": (
        "ít nhất một phần tử bên dưới mỗi Aggregate, và ít nhất một Indicator",
        "thêm phần tử con hoặc bỏ dòng này",
        "at least one element below each Aggregate, and at least one Indicator",
        "add children or drop the row",
    ),
    "index_weight_sum": (
        "tổng trọng số các phần tử dưới {code} ({children}) lớn hơn 0",
        "cho ít nhất một phần tử trọng số dương",
        "the weights below {code} ({children}) to sum to more than 0",
        "give at least one of them a positive weight",
    ),
    "index_divisor": (
        "Denominator của {code} là mã một dòng có Type Denominator",
        "sửa mã, hoặc thêm dòng Denominator",
        "Denominator of {code} to be the code of a row of Type Denominator",
        "correct the code, or add the Denominator row",
    ),
    # the data (iData)
    "index_column": (
        "mã có trong iMeta (Indicator, Group, Denominator, Other), hoặc cột có tiền tố x_",
        "bỏ cột hoặc khai báo mã trong iMeta",
        "a code that iMeta has (Indicator, Group, Denominator, Other), or a column prefixed x_",
        "drop it or declare the code in iMeta",
    ),
    "index_unit_twice": (
        "mỗi đơn vị (và thời điểm) một dòng",
        "bỏ dòng lặp",
        "one row a unit (and time)",
        "drop the repeated row",
    ),
    "index_number": (
        "số (dấu chấm thập phân) hoặc ô trống cho {code} của {unit}",
        "sửa ô này; thiếu số liệu thì để trống",
        "a number (decimal point) or an empty cell for {code} of {unit}",
        "correct the cell; leave it empty where nothing was observed",
    ),
    "index_all_missing": (
        "ít nhất một giá trị của chỉ số {code}",
        "bổ sung số liệu, hoặc bỏ chỉ số khỏi iMeta",
        "at least one value of indicator {code}",
        "supply data, or drop the indicator from iMeta",
    ),
    "index_unit_empty": (
        "ít nhất một giá trị của đơn vị {unit}",
        "bổ sung số liệu, hoặc bỏ đơn vị khỏi iData",
        "at least one value of unit {unit}",
        "supply data, or drop the unit from iData",
    ),
    # the steps
    "index_config": (
        "{expected}",
        "sửa tệp cấu hình tại khóa này",
        "{expected}",
        "correct the configuration at this key",
    ),
    "index_divide": (
        "mẫu số {divisor} của {unit} khác 0 và không trống, để chia {code}",
        "bổ sung mẫu số, hoặc để trống {code} của {unit}",
        "denominator {divisor} of {unit} neither 0 nor empty, to divide {code}",
        "supply the denominator, or leave {code} of {unit} empty",
    ),
    "index_screened_all": (
        "ít nhất một đơn vị có tỷ lệ số liệu từ {limit}",
        "hạ ngưỡng availability, hoặc điền số liệu thiếu trước",
        "at least one unit with data availability from {limit}",
        "lower the threshold, or impute first",
    ),
    "index_zero_range": (
        "các giá trị khác nhau của {code} ({method})",
        "mọi đơn vị bằng nhau: bỏ chỉ số, hoặc chuẩn hóa bằng mốc cố định (goalposts)",
        "different values of {code} ({method})",
        "all units are equal: drop the indicator, or use fixed goalposts",
    ),
    "index_goalposts": (
        "mốc [thấp, cao] của {code} với thấp < cao; chiều của chỉ số do Direction quyết định",
        "đổi chỗ hoặc sửa hai mốc",
        "goalposts [low, high] of {code} with low < high; Direction alone decides which end is good",
        "swap or correct the two posts",
    ),
    "index_no_reference": (
        "giá trị tham chiếu (Target, hoặc số liệu của đơn vị {unit}) cho {code}",
        "ghi Target trong iMeta, hoặc chọn đơn vị có số liệu",
        "a reference value (Target, or the value of unit {unit}) for {code}",
        "give a Target in iMeta, or choose a unit with data",
    ),
    "index_no_unit": (
        "đơn vị tham chiếu có trong iData cho {code}",
        "sửa unit",
        "a reference unit that iData has, for {code}",
        "correct unit",
    ),
    "index_reference_worst": (
        "giá trị tham chiếu của {code} tốt hơn giá trị kém nhất",
        "chọn mục tiêu hoặc đơn vị tham chiếu khác, hoặc kiểm tra Direction",
        "the reference of {code} to be better than the worst value",
        "choose another target or unit, or check Direction",
    ),
    "index_not_positive": (
        "giá trị dương của {code} cho {method} ({unit})",
        "dùng minmax, hoặc sửa giá trị",
        "positive values of {code} for {method} ({unit})",
        "use minmax, or correct the value",
    ),
    "index_log": (
        "giá trị và mốc dương của {code} để lấy logarit ({unit})",
        "bỏ transform: log, hoặc sửa giá trị",
        "positive values and posts of {code} for the logarithm ({unit})",
        "drop transform: log, or correct the value",
    ),
    "index_negative": (
        "giá trị không âm của {code} ({unit}) để tính {parent} bằng {method}",
        "chuẩn hóa về khoảng dương (thí dụ range: [1, 100]), hoặc dùng arithmetic",
        "a value not below 0 of {code} ({unit}) for {parent} by {method}",
        "normalise to a positive range (like range: [1, 100]), or use arithmetic",
    ),
    "index_pca_sign": (
        "hệ số tải cùng dấu ở cấp {level}; {code} ngược chiều thành phần chính",
        "dùng squared: true, chọn cấp khác (levels), hoặc set: equal",
        "loadings of one sign at level {level}; {code} runs against the first component",
        "use squared: true, choose other levels, or set: equal",
    ),
    # the dynamic score
    "score_weight": (
        "trọng số không âm, hoặc mức ưu tiên (High, Medium, Low) của {kpi} ({area})",
        "điền priority hoặc weight",
        "a weight not below 0, or a priority (High, Medium, Low), of {kpi} ({area})",
        "fill in priority or weight",
    ),
    "score_weight_sum": (
        "tổng trọng số của {area} lớn hơn 0",
        "cho ít nhất một chỉ số trọng số dương",
        "the weights of {area} to sum to more than 0",
        "give at least one KPI a positive weight",
    ),
    "ranking_core": (
        "chỉ số lõi {code} tính bằng %, theo ngày, tháng hoặc quý, direction 1 hoặc -1 (chỉ số năm không xếp hạng theo quý)",
        "chọn chỉ số khác cho rankings.csv",
        "core indicator {code} in %, by day, month or quarter, direction 1 or -1 (yearly ones are not ranked quarterly)",
        "choose another indicator for rankings.csv",
    ),
    "score_scheme": (
        "phương án trọng số có hiệu lực ngày {day} (các phương án: {allowed})",
        "chọn phương án khác, hoặc thêm dòng valid_from sớm hơn kèm quyết định",
        "a weight scheme in force on {day} (schemes: {allowed})",
        "choose another scheme, or add rows with an earlier valid_from and their decision",
    ),
    "score_rank": (
        "direction -1 cho thứ hạng {kpi} ({area}): số nhỏ hơn là tốt hơn",
        "ghi direction -1, hoặc sửa kind",
        "direction -1 for the rank {kpi} ({area}): a smaller number is better",
        "write direction -1, or correct kind",
    ),
    "score_range": (
        "khoảng mục tiêu của {kpi} ({area}): target ≤ target_high",
        "đổi chỗ hai đầu khoảng",
        "the target range of {kpi} ({area}): target ≤ target_high",
        "swap the two ends",
    ),
}

INDEX_MESSAGES = {code: {"vi": (row[0], row[1]), "en": (row[2], row[3])} for code, row in _ROWS.items()}
