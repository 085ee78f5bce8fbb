"""Messages of targets and alerts; :data:`nq57lab.problems.MESSAGES` takes them in."""

TARGET_MESSAGES: dict[str, dict[str, tuple[str, str]]] = {
    "day_order": {
        "vi": ("một ngày trước ngày {day}", "đổi ngày của --since hoặc --known"),
        "en": ("a day before {day}", "change the day of --since or --known"),
    },
}
