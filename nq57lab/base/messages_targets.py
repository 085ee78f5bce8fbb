"""Messages of targets and alerts; :data:`nq57lab.base.problems.MESSAGES` takes them in."""

TARGET_MESSAGES: dict[str, dict[str, tuple[str, str]]] = {
    "day_order": {
        "vi": ("một ngày trước ngày {day}", "đổi ngày của --since hoặc --known"),
        "en": ("a day before {day}", "change the day of --since or --known"),
    },
    "editions_alone": {
        "vi": ("chỉ tên hai kỳ báo cáo", "bỏ --known và --since: ngày của mỗi kỳ đã ghi trong kỳ ấy"),
        "en": ("only the names of two editions", "leave out --known and --since: each edition has its own day"),
    },
    "edition_alerts_missing": {
        "vi": ("tệp alerts.csv của kỳ báo cáo", "lập kỳ ấy bằng nq57 report, hoặc sửa tên kỳ"),
        "en": ("the edition's alerts.csv", "make the edition with nq57 report, or correct its name"),
    },
}
