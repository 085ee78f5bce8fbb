"""One correct row more of each kind that people add to the data, and the project grown by them.

The rows are invented, but each is what a correct edit looks like: it cites a source that the same edit lists and every code leads
somewhere. ``pytest --grown`` runs the tests on such a project: a test that then fails counts rows that it should bind to their source.
"""

import csv
import shutil
from pathlib import Path

from nq57lab.base import contract

SOURCE = "P_THEM_202607"
PLACE = f"{SOURCE}, trang 1"
YEARS = range(2019, 2026)

ROWS: dict[str, list[dict[str, str]]] = {
    "sources": [
        {"id": SOURCE, "title_vi": "Niên giám thử nghiệm", "publisher": "Cơ quan thử nghiệm", "date": "2026-07"}
        | {"kind": "bài báo", "url": "https://example.org/nien-giam", "note": "Dòng thử của bộ kiểm tra."}
    ],
    "units": [
        {"unit": "phòng đo", "name_vi": "phòng đo", "name_en": "measurement rooms", "family": "count", "factor": "1"},
    ],
    "groups": [{"group": "B.17", "layer": "B", "name_vi": "Đo lường", "order": "66"}],
    "areas": [
        {"id": "agency:COQUANTHEM", "type": "agency", "name_vi": "Cơ quan Thử nghiệm", "order": "900"},
        {"id": "block:them", "type": "block", "name_vi": "Khối thử nghiệm", "order": "901"},
    ],
    "area_members": [
        {"area": "block:them", "member": "agency:COQUANTHEM", "valid_from": "2026-07"},
        {"area": "block:them", "member": "agency:BKHCN", "valid_from": "2026-07"},
    ],
    "dimensions": [{"dim": "lab_kind", "value": "calibration", "name_vi": "hiệu chuẩn", "order": "1"}],
    "variables": [
        {"id": "labs_accredited", "name_vi": "Số phòng đo được công nhận", "unit": "phòng đo", "over_time": "last"}
        | {
            "over_areas": "sum",
            "description": "Phòng đo có chứng nhận còn hiệu lực.",
            "name_en": "Laboratories accredited",
        },
        {"id": "labs_total", "name_vi": "Tổng số phòng đo", "unit": "phòng đo", "over_time": "last"}
        | {"over_areas": "sum", "description": "Mọi phòng đo có đăng ký.", "name_en": "Laboratories, total"},
    ],
    "variable_entities": [{"variable": "labs_total", "entity": "phòng đo", "reason": "Đếm phòng đo có đăng ký"}],
    "indicators": [
        {"code": "B.17.01", "name_vi": "Tỷ lệ phòng đo được công nhận", "name_en": "Accredited laboratories"}
        | {"layer": "B", "group": "B.17", "unit": "%", "frequency": "year", "direction": "1", "kind": "share"}
        | {"formula": "labs_accredited / labs_total * 100", "over_time": "recompute", "over_areas": "recompute"}
        | {"lead": "agency:COQUANTHEM", "implementing": "Cơ quan thử nghiệm", "basis": "Quyết định thử nghiệm"}
        | {"source_system": "Niên giám"},
        {"code": "A.02.90", "name_vi": "Số phòng đo được công nhận", "name_en": "Accredited laboratories, number"}
        | {"layer": "A", "group": "A.02", "unit": "phòng đo", "frequency": "year", "direction": "1", "kind": "count"}
        | {"over_time": "last", "over_areas": "sum", "lead": "agency:BKHCN", "implementing": "Bộ"}
        | {"basis": "Quyết định thử nghiệm", "source_system": "Niên giám", "formula": "labs_accredited"},
        {"code": "C.17.01", "name_vi": "Biểu danh sách phòng đo", "name_en": "List of laboratories"}
        | {"layer": "C", "group": "B.17", "direction": "0", "kind": "form", "lead": "agency:COQUANTHEM"},
        {"code": "O.01.90", "name_vi": "Số phòng đo mới", "name_en": "New laboratories", "layer": "O", "group": "O.01"}
        | {"unit": "phòng đo", "direction": "1", "kind": "reported", "over_time": "sum", "over_areas": "sum"},
        {"code": "T.k.90", "name_vi": "Số phòng đo mở", "name_en": "Open laboratories", "layer": "T", "group": "T.k"}
        | {"tier": "4", "unit": "phòng đo", "direction": "1", "kind": "reported", "over_time": "last"}
        | {"over_areas": "sum"},
    ],
    "bounds": [
        {
            "kind": "subject",
            "code": "labs_accredited",
            "least": "0",
            "most": "5000",
            "beyond": "ask",
            "reason": "Số phòng",
        }
    ],
    "corrections": [
        {"code": "A.02.90", "column": "implementing", "printed": "Bộ", "proposed": "Bộ Khoa học và Công nghệ"}
        | {"reason": "Ghi đủ tên"}
    ],
    "defects": [
        {"rule": "Cách tính trái tên", "code": "B.17.01", "problem": "Không nói kỳ của chứng nhận."}
        | {"proposed": "Nêu rõ kỳ."}
    ],
    "breaks": [
        {
            "store": "observations",
            "subject": "labs_total",
            "period": "2010",
            "kind": "definition",
            "note_vi": "Đổi cách đếm.",
        }
    ],
    "proxies": [
        {
            "kpi": "M.08",
            "order": "1",
            "proxy": "labs_total",
            "role": "near",
            "kind": "count",
            "lower": "0",
            "how_vi": "Nơi đo, không phải doanh nghiệp.",
        }
    ],
    "crosswalk": [{"indicator": "A.02.90", "other": "labs_accredited", "kind": "same", "reason": "Cùng đại lượng"}],
    "forms": [
        {"form": "C.17.01", "field": "name", "name_vi": "Tên phòng đo", "type": "text", "origin": "source"},
        {"form": "C.17.01", "field": "opened_on", "name_vi": "Ngày mở", "type": "date", "origin": "đề xuất"},
    ],
    "feeds": [{"indicator": "B.17.01", "form": "C.17.01", "printed": "C.17.01"}],
    "items": [{"id": "lab_them", "form": "C.17.01", "name": "Phòng đo thử", "owner": "agency:COQUANTHEM"}],
    "fields": [{"prefix": "P_THEM", "name_vi": "Đo lường"}],
    "terms": [{"term": "phòng đo lường", "preferred": "phòng đo", "note": "Viết gọn"}],
    "targets": [
        {"id": "T2030.accredited_labs.THEM", "indicator": "labs_accredited", "milestone": "2030", "comparator": ">="}
        | {"value": "300", "unit": "phòng đo", "stated_vi": "Ít nhất 300 phòng đo được công nhận"},
        {"id": "T2030.labs.THEM", "indicator": "A.02.90", "milestone": "2030", "comparator": "qualitative"}
        | {"stated_vi": "Tăng mạnh số phòng đo được công nhận", "valid_from": "2026-07"},
    ],
    "programmes": [{"id": "P6", "order": "16", "name_vi": "Chương trình thử nghiệm"}],
    "pushes": [{"id": "CH7", "order": "7", "name_vi": "Cú hích thử nghiệm", "aim_vi": "Phòng đo"}],
    "goals": [{"id": "G2030.90", "milestone": "2030", "order": "12", "name_vi": "Mạng lưới phòng đo"}],
    "initiatives": [
        {"id": "SK31", "order": "31", "system": "HT6", "name_vi": "Mạng lưới phòng đo", "aim_vi": "Phòng đo mở"}
    ],
    "links": [
        {"from_type": start, "from_id": code, "to_indicator": end, "kind": kind, "stated_vi": words, "used": "yes"}
        for start, code, end, kind, words in (
            ("programme", "P6", "M.02", "direct", "Liên kết trực tiếp"),
            ("push", "CH7", "M.01", "indirect", "(gián tiếp)"),
            ("goal", "G2030.90", "M.02", "unspecified", ""),
            ("group", "NK90", "B.17.01", "unspecified", "trọng tâm"),
            ("operational_kpi", "O.01.90", "M.01", "supplementary", "bổ trợ"),
        )
    ],
    "link_groups": [
        {"id": "NK90", "order": "90", "name_vi": "Phòng đo", "members": "SK31; O.01.90", "stated_vi": "trọng tâm: SK31"}
    ],
    "short_names": [{"code": "B.17.01", "name_vi": "Phòng đo", "source": "DU_AN, tên ngắn"}],
    "pulls": [
        {
            "pull": "wdi",
            "kind": "worldbank",
            "address": "https://api.worldbank.org/v2",
            "series": "GB.XPD.RSDV.GD.ZS",
            "area_code": "VNM",
            "subject": "M.02",
            "area": "VN",
            "measure": "flow",
            "unit": "%",
            "status": "official",
            "source": "P_WDI_API",
        }
    ],
    "zero_rules": [{"indicator": "B.17.01", "value": "100", "stated_vi": "Không có phòng đo thì tính là 100%"}],
    "parameters": [
        {"id": "labs_deadline", "name_vi": "Thời hạn công nhận phòng đo", "comparator": "<=", "value": "30"}
        | {"unit": "ngày làm việc", "area": "VN", "stated_vi": "trong 30 ngày làm việc"}
    ],
    "weights": [
        {"scheme": "labs", "indicator": f"M.{number:02d}", "priority": "High", "weight": "3"}
        | {"valid_from": "2026-07-01", "decision": "Phương án thử nghiệm"}
        for number in range(1, 13)
    ],
    "readings": [
        {"id": "R900", "subject": "B.17.01", "topic": "Mẫu số", "reading": "phòng đo có đăng ký", "used": "yes"}
        | {"reason": "Có sổ đăng ký"},
        {"id": "R900", "subject": "B.17.01", "topic": "Mẫu số", "reading": "mọi phòng đo", "used": "no"}
        | {"reason": "Không đếm được"},
    ],
    "tasks": [
        {"id": "NV.THEM.1", "text": "Lập danh sách phòng đo", "lead": "agency:COQUANTHEM", "with": "agency:BKHCN"}
        | {"product": "Danh sách", "due": "2026-12"}
    ],
    "task_reports": [
        {
            "task": "NV.THEM.1",
            "reported_on": "2026-07-01",
            "state": "doing",
            "by": "Cơ quan thêm",
            "recorded": "2026-07-02",
        }
    ],
    "responsibilities": [
        {
            "id": "TN.THEM.1",
            "topic": "Phòng đo",
            "body": "Cơ quan thêm",
            "duty": "lập danh sách",
            "source": f"{SOURCE}, trang 1",
        }
    ],
    "conflicts": [
        {"id": f"{SOURCE}.X01", "source": SOURCE, "kind": "label", "first_vi": "30 phòng đo", "locator": "trang 1"}
        | {
            "second_vi": "31 phòng đo",
            "second_at": "trang 2",
            "problem": "Hai số cho một thứ.",
            "proposed": "Ghi một số.",
        }
    ],
    "relations": [
        {"id": f"{SOURCE}.01", "source": SOURCE, "locator": "trang 1", "kind": "bound", "area": "VN", "period": "2025"}
        | {"printed": "labs_accredited", "comparator": "<=", "expression": "labs_total", "recompute": "no"}
    ],
    "loops": [
        {"id": "T90", "kind": "virtuous", "order": "90", "name_vi": "Phòng đo – Lòng tin – Phòng đo"}
        | {"statement_vi": "Nhiều phòng đo hơn thì tin hơn, tin hơn thì đầu tư thêm.", "entry_node": "labs_open"}
    ],
    "loop_nodes": [
        {"id": name, "name_vi": text, "short_vi": text, "kind": "factor", "orientation": "1", "desirable": "1"}
        for name, text in (("labs_open", "Phòng đo mở"), ("labs_trust", "Lòng tin vào số đo"))
    ],
    "loop_links": [
        {"loop": "T90", "from_node": start, "to_node": end, "polarity": "1", "delay": "short", "kind": "direct"}
        | {"delay_basis": "assumed", "basis": basis, "phrase_vi": "Nhiều phòng đo hơn thì tin hơn"}
        for start, end, basis in (("labs_open", "labs_trust", "stated"), ("labs_trust", "labs_open", "implied"))
    ],
    "alert_rules": [
        {"rule": "CB.90", "order": "90", "name_vi": "Số liệu năm đã cũ", "check": "data_old", "severity": "operational"}
        | {"threshold": "900", "unit": "ngày", "applies_to": "year", "tell": "Lãnh đạo trực tiếp quản lý"}
        | {"action_vi": "Yêu cầu cập nhật", "valid_from": "2026-07", "note": "Ngưỡng thử nghiệm"}
    ],
}


def observations() -> list[dict[str, str]]:
    """Return figures of the new variables by year, one newer figure of a shipped variable, and one by a new breakdown."""
    shared = {"area": "VN", "measure": "stock", "qualifier": "=", "unit": "phòng đo", "status": "official"}
    shared |= {"vintage": "2026-07", "recorded": "2026-12-01", "source": SOURCE, "locator": "trang 1"}
    shared |= {"public": "yes", "public_decision": "Đã công bố công khai tại nguồn"}
    rows = []
    for place, year in enumerate(YEARS):
        rows.append(shared | {"subject": "labs_accredited", "period": str(year), "value": str(100 + 20 * place)})
        rows.append(shared | {"subject": "labs_total", "period": str(year), "value": str(250 + 10 * place)})
    rows.append(shared | {"subject": "labs_total", "period": "2025", "value": "40", "dims": "lab_kind=calibration"})
    rows.append(
        shared | {"subject": "tasks_assigned", "period": "2024-12-22/2026-07-31", "value": "1999", "unit": "nhiệm vụ"}
    )
    return rows


def append(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    """Write rows at the end of a CSV file, or into a new one with its header."""
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerows(rows)


def complete(table: contract.Table, row: dict[str, str]) -> dict[str, str]:
    """Return a row with what every row of its table has: a place in its source, dates, whether it is public."""
    names = table.names
    usual = {"source": PLACE, "valid_from": "2026-07", "public": "no"} if table.name != "relations" else {}
    usual = {name: value for name, value in usual.items() if name in names}
    if table.name == "indicators":
        usual["name_printed"] = row["name_vi"]
    return usual | row


def grow(data: Path) -> None:
    """Add every row to a data folder, as people would type them: at the ends of the files, figures in a new file."""
    for name, rows in ROWS.items():
        table = contract.TABLES[name]
        append(data / table.path, list(table.names), [complete(table, row) for row in rows])
    append(data / "observations" / f"{SOURCE}.csv", list(contract.OBSERVATIONS.names), observations())


def grown_project(root: Path, folder: Path) -> Path:
    """Lay out a project in ``folder`` that is ``root`` with grown data: everything else is the same files."""
    for path in root.iterdir():
        if path.name not in ("data", ".git"):
            (folder / path.name).symlink_to(path)
    shutil.copytree(root / "data", folder / "data", ignore=shutil.ignore_patterns("cache"))
    grow(folder / "data")
    return folder


def is_grown(data: Path) -> bool:
    """Whether a data folder has the rows."""
    return (data / "observations" / f"{SOURCE}.csv").exists()
