"""Starting a project of one's own: a folder with the settings, notebooks and templates, and a catalogue: a copy, or an example to replace.

What is copied comes with the installed package (``nq57lab/skeleton``, put there when the wheel is built), or from the checkout.
"""

import csv
import re
import shutil
from pathlib import Path

from nq57lab.base import contract, whole
from nq57lab.base.problems import CallError, Problem

FILES = ("_quarto.yml", "_language.yml")
FOLDERS = (
    "notebooks",
    "params",
    "reports/_filters",
    "reports/_templates",
    "reports/assets",
    "data/catalogue",
    "data/registers",
)
COPIED = ("data/observations", "data/comparators", "data/examples", "data/benchmarks")
EXAMPLES = (
    "data/examples/provinces",
    "data/examples/mo-hinh",
)  # that an empty project has: generated figures, a model of one's own
# Of an example project: tables that any programme shares, and one row of each that shows what is written where.
SHARED = ("areas", "area_members", "units", "bounds", "borders")
LAWS = "Q_"  # how the sources begin that hold for any programme: the law on the provinces
EXAMPLE: dict[str, list[dict[str, str]]] = {
    "groups": [{"group": "A.01", "layer": "A", "name_vi": "Tiến độ thực hiện", "order": "1"}],
    "variables": [
        {
            "id": "tasks_assigned",
            "name_vi": "Số nhiệm vụ được giao",
            "name_en": "Tasks assigned",
            "unit": "nhiệm vụ",
            "over_time": "last",
            "over_areas": "sum",
        },
        {
            "id": "tasks_done",
            "name_vi": "Số nhiệm vụ hoàn thành",
            "name_en": "Tasks completed",
            "unit": "nhiệm vụ",
            "over_time": "last",
            "over_areas": "sum",
        },
    ],
    "indicators": [
        {
            "code": "A.01.01",
            "name_vi": "Tỷ lệ nhiệm vụ hoàn thành",
            "name_printed": "Tỷ lệ nhiệm vụ hoàn thành",
            "name_en": "Tasks done",
        }
        | {"layer": "A", "group": "A.01", "unit": "%", "frequency": "quarter", "direction": "1", "kind": "share"}
        | {"formula": "tasks_done / tasks_assigned * 100", "over_time": "recompute", "over_areas": "recompute"}
        | {"lead": "agency:VPTW", "public": "no", "valid_from": "2026-01-01"},
    ],
    "targets": [
        {
            "id": "T2030.A.01.01",
            "indicator": "A.01.01",
            "milestone": "2030",
            "comparator": ">=",
            "value": "95",
            "unit": "%",
        }
        | {"stated_vi": "Ít nhất 95% nhiệm vụ hoàn thành"},
    ],
}
# The settings of an empty project besides its name, the report that only the Resolution has, and what parameter files say of its KPIs.
OWN = {"goi": "chương trình", "chi-dao": "cơ quan chỉ đạo", "nam-goc": 2024, "the-thuc": "nha_nuoc"}
OWN |= {"co-quan-cap-tren": "", "co-quan": "Cơ quan chủ trì", "dia-danh": "…"}
LEFT_OUT = ("params/so-ket-18-thang.yml",)
SAID = {
    "Mười hai KPI vĩ mô": "Các KPI vĩ mô",
    "mười hai nước": "các nước",
    "Kế hoạch 01-KH": "chương trình",
    "Cơ quan Thường trực Ban Chỉ đạo": "Cơ quan chủ trì",
    " (điểm h khoản 3 Điều 9 Quy chế số 02-QC/BCĐTW)": "",
    " của Quy chế số 02-QC/BCĐTW": "",
    "Ba vòng tích cực và ba vòng tiêu cực dùng chung nhiều nút, nên tác động lên nhau": "Các vòng có nút chung thì tác động lên nhau",
}
PLACE = "DU_AN, dòng ví dụ, thay bằng văn bản của chương trình"
COMMON = "DU_AN, bảng dùng chung của bộ công cụ"


def skeleton() -> Path:
    """Return the folder that a new project is copied from.

    Raises
    ------
    ProblemError
        If the package was installed without it.
    """
    here = Path(__file__).resolve().parents[1]
    for folder in (here / "skeleton", here.parent):
        if all((folder / name).is_file() for name in FILES) and (folder / "data" / "catalogue").is_dir():
            return folder
    raise CallError([Problem("missing_file", "nq57 new", details={"file": "nq57lab/skeleton/_quarto.yml"})])


def start(target: Path, empty: bool = False, name: str = "") -> Path:
    """Make a project in a folder that is new or empty.

    Parameters
    ----------
    target : Path
        The folder.
    empty : bool
        With an example catalogue of one indicator instead of the Resolution's own.
    name : str
        What the programme is called (default: of an empty project the folder's name, of a copy the Resolution's).

    Raises
    ------
    CallError
        If the folder holds anything.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CallError([Problem("folder_taken", found=str(target))])
    source = skeleton()
    aside = whole.aside_of(target)
    try:
        aside.mkdir(parents=True)
        for file in FILES:
            shutil.copyfile(source / file, aside / file)
        for part in (*FOLDERS, *(EXAMPLES if empty else COPIED)):
            if (source / part).is_dir():
                left_out = shutil.ignore_patterns(
                    "*.md" if part == "data/registers" else "~", "__pycache__", "kernel-ipc*"
                )
                shutil.copytree(source / part, aside / part, copy_function=shutil.copyfile, ignore=left_out)
        if empty or name:
            _call(aside, name or target.name, empty)
        if empty:
            _empty(aside / "data")
            start_of_store = aside / "data" / "observations" / "BAT_DAU.csv"  # a store without rows: its head alone
            start_of_store.parent.mkdir()
            start_of_store.write_text(",".join(contract.OBSERVATIONS.names) + "\n", encoding="utf-8")
        (aside / ".gitignore").write_text(
            "data/cache/\n/reports/*\n!/reports/_*/\n!/reports/assets/\n!/reports/sections/\n"
            "/.quarto/\n**/*.quarto_ipynb\n/notebooks/figures/\n",
            encoding="utf-8",
        )
        (aside / "data" / "datapackage.json").write_text(contract.package_text(aside / "data"), encoding="utf-8")
        if target.exists():
            target.rmdir()
        aside.rename(target)
    except OSError as error:
        if target.is_dir() and any(target.iterdir()):  # another run was faster
            raise CallError([Problem("folder_taken", found=str(target))]) from None
        error.filename = str(target)  # a copy names its source
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return target


def _call(folder: Path, name: str, empty: bool) -> None:
    """Name the programme in the settings and, of an empty project, leave out what only the Resolution has."""
    import yaml

    path = folder / "_quarto.yml"
    text = path.read_text(encoding="utf-8")
    block = re.search(r"(?m)^chuong-trinh:\n(?:  .*\n)*", text)
    if block is None:
        return
    told = OWN if empty else yaml.safe_load(block[0])["chuong-trinh"]
    told = {"ten": name, "ten-ngan": name} | {key: text for key, text in told.items() if key not in ("ten", "ten-ngan")}
    own = yaml.safe_dump({"chuong-trinh": told}, allow_unicode=True, sort_keys=False)
    path.write_text(text.replace(block[0], own), encoding="utf-8")
    if empty:
        for left in LEFT_OUT:
            (folder / left).unlink(missing_ok=True)
    said = SAID if empty else {}
    for path in sorted(path for part in ("notebooks", "params") for path in (folder / part).rglob("*.*")):
        text = path.read_text(encoding="utf-8")
        for old, new in (*said.items(), *([("Nghị quyết 57-NQ/TW", name)] if path.suffix == ".md" else [])):
            text = text.replace(old, new)
        if empty and path.suffix == ".yml":  # who signs and who reads the Resolution's reports
            text = re.sub(
                r"(?m)^(?:(?:noi_nhan|kinh_gui):\n(?:  - .*\n?)+|(?:ky_hieu|ky_chuc_danh|ky_ten):.*\n?)", "", text
            )
        path.write_text(text, encoding="utf-8")


def _empty(data: Path) -> None:
    """Leave of a catalogue the tables that any programme shares, and one example of an indicator with its variables and target.

    What the shared tables take from documents that are not the law of the land is the project's own from here on, so that the sources are those
    of the programme.
    """
    cited = {"DU_AN"}
    for name, table in contract.TABLES.items():
        path = data / table.path
        if not path.is_file() or path.suffix != ".csv" or name == "sources":
            continue
        rows = [dict.fromkeys(table.names, "") | {"source": PLACE} | row for row in EXAMPLE.get(name, [])]
        if name in SHARED:
            rows = [
                row for row in _rows(path) if row.get("kind") != "subject"
            ]  # a bound of a subject is the Resolution's
            for row in rows:
                row["source"] = row["source"] if row["source"].startswith(LAWS) and name != "units" else COMMON
                cited |= set(re.findall(rf"{LAWS}\w+", row["source"]))
        _write(path, table.names, rows)
    path = data / contract.TABLES["sources"].path
    _write(path, contract.TABLES["sources"].names, [row for row in _rows(path) if row["id"] in cited])


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _write(path: Path, names: list[str], rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
