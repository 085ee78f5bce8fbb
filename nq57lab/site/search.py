"""What the search of every page looks through: one script with everything that has a place on the site, loaded when a reader begins to type.

A desk and the pages' findings in, the script's text out.
"""

import json

from nq57lab.base import wording
from nq57lab.site import frame
from nq57lab.site.desk import Desk

KINDS = {
    "chi-so": "Chỉ số",
    "so-lieu": "Dữ liệu thành phần",
    "muc-tieu": "Mục tiêu",
    "tinh": "Tỉnh",
    "co-quan": "Cơ quan",
    "nhiem-vu": "Nhiệm vụ",
    "bao-cao": "Báo cáo",
    "trang": "Trang",
}


def entries(desk: Desk, findings: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """Return what can be found: kind (a key of :data:`KINDS`), name, what is said of it, address.

    Parameters
    ----------
    desk : Desk
    findings : dict
        The finding of every code and target that has a page.
    """
    c = desk.content.catalogue
    indicators, english = set(c.indicators["code"]), c.names_in("en")
    found = [("trang", frame.named(desk.content, page), "", page) for page in frame.MENU]
    for code in desk.pages:
        label = f"{code} {c.names[code]}" if code in indicators else c.names[code]
        said = findings.get(code, "").removeprefix(c.short[code]).lstrip(",: ")
        told = " · ".join(filter(None, (said, english[code] if english[code] != c.names[code] else "")))
        found.append(("chi-so" if code in indicators else "so-lieu", label, told, f"chi-so/{code}.html"))
    for goal in c.targets.itertuples():
        if goal.id in desk.goal_pages:
            name = f"Năm {goal.milestone}: {goal.stated_vi}"
            found.append(("muc-tieu", name, findings.get(goal.id, ""), f"muc-tieu/{goal.id}.html"))
    here = set(desk.content.values["area"])
    for area in c.areas.itertuples():
        if area.id.startswith("34:") and (area.id in here or desk.internal):
            found.append(("tinh", area.name_vi, "", f"tinh.html#{area.id.replace(':', '-')}"))
        elif area.id.startswith(("agency:", "block:")) and (area.id in here or desk.internal):
            found.append(("co-quan", area.name_vi, "", f"co-quan.html#{area.id.replace(':', '-')}"))
    for task in desk.tasks.itertuples():
        due = f"hạn {wording.period(task.due)}" if task.due else ""
        found.append(("nhiem-vu", task.text, f"{c.agencies(task.lead)}; {due}", f"co-quan.html#{task.id}"))
    for entry in desk.content.reports:
        if entry["links"]:
            found.append(
                (
                    "bao-cao",
                    entry["title"],
                    f"số liệu đến {wording.stamp(entry['known'])}",
                    f"bao-cao/{entry['links'][0][0]}",
                )
            )
    return found


def script(desk: Desk, findings: dict[str, str]) -> str:
    """Return the script that hands the entries to the page."""
    listed = json.dumps(entries(desk, findings), ensure_ascii=False, separators=(",", ":"))
    return f"window.nqTim={listed};window.nqLoai={json.dumps(KINDS, ensure_ascii=False)};\n"
