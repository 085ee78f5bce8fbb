"""The methods page: each method in words with its formula, an example on a real figure and its reference; functions in a fold.

A desk in, Markdown out, which both renderers read. The words are in ``reports/_templates/trang-web/phuong-phap.md``.
"""

import re
from pathlib import Path

from nq57lab.base import wording
from nq57lab.documents import templates
from nq57lab.outlook import verification
from nq57lab.site.dashboards import calibration
from nq57lab.site.desk import Desk
from nq57lab.targets import evaluate as methods
from nq57lab.targets import pages as target_pages
from nq57lab.targets.methods import registry

WORDS = Path("reports/_templates/trang-web/phuong-phap.md")
FUNCTIONS = Path("docs/phuong-phap.md")
_NUMBER = re.compile(r"\[[^\[\]]*\]\{\.so [^{}]*\}(?:" + wording.WORD_JOINER + r"\[[^\[\]]*\]\{\.dau\})?")
_EXAMPLE = "**Thí dụ.**"


def page(desk: Desk, root: Path) -> str:
    """Return the page; without a target whose pace is known (the public's case) the examples are left out."""
    desk.edition.figures.place = "phương pháp"
    text = (root / WORDS).read_text(encoding="utf-8") if (root / WORDS).exists() else "# Phương pháp\n"
    programme = desk.content.catalogue.programme
    text = programme.fill(text.replace("{dieu_14}", programme.rule("Điều 14", ", chờ Tổ Giúp việc thiết lập ({})")))
    text = text.replace("Tài liệu: .\n", "")  # of a programme without grounds
    told = _example(desk)
    lines = []
    for line in text.split("\n"):
        if not line.startswith(_EXAMPLE):
            lines.append(line)
        elif told:
            for name, words in told.items():
                line = line.replace(f"@{name}", words)
            lines.append(templates.fill(line, desk.edition.figures, WORDS.name))
    text = "\n".join(lines)
    text = _reached(text)
    text = _NUMBER.sub(lambda found: f"`{desk.html(found[0])}`{{=html}}", text)
    held = (
        calibration.section()
        + calibration.drivers()
        + calibration.probabilities(*verification.of_project(desk.content.catalogue))
    )
    held += calibration.by_difficulty()
    return text + held + _functions(root)


def _reached(text: str) -> str:
    """Let every displayed formula be reached and scrolled by keyboard where it is wider than a phone: a region named after its heading."""
    lines, name = [], ""
    for line in text.split("\n"):
        if line.startswith("#"):
            name = re.sub(r"\s*\{[^{}]*\}$", "", line.lstrip("# ")).replace('"', "”")
        if line.startswith("$$") and line.endswith("$$"):
            line = f'::: {{.cong-thuc role="region" tabindex="0" aria-label="Công thức: {name}"}}\n{line}\n:::'
        lines.append(line)
    return "\n".join(lines)


def _example(desk: Desk) -> dict[str, str]:
    """Name the example's figures for the text's fields; return its plain words, longest names first, none without an example."""
    rows = desk.standing
    rows = rows[rows["eurostat_ratio"].notna() & rows["sdsn_ratio"].notna() & rows["required"].notna()]
    if rows.empty:
        return {}
    goal = rows.iloc[0]
    figures, both = desk.edition.figures, (goal["row"], goal["baseline_row"], "targets.csv")
    unit = "điểm phần trăm" if goal["unit"] == "%" else goal["unit"]
    named = {
        "nay": figures.of_row(desk.by_id.loc[goal["row"]]),
        "goc": figures.of_row(desk.by_id.loc[goal["baseline_row"]]),
        "da-di": figures.literal(
            float(goal["pace"]), unit, decimals=2, rows=both, formula="(số nay − số gốc) ÷ số năm đã qua"
        ),
        "phai-di": target_pages.required_figure(desk.edition, goal, "required"),
        "gap": target_pages.multiple(desk.edition, goal),
    }
    told = {}
    for name in registry.BY_NAME:
        column, decimals, how = registry.BY_NAME[name].printed
        named[name] = figures.literal(float(goal[column]), "", decimals=decimals, rows=both, formula=how)
        told[f"{name}-noi"] = methods.word(name, goal[f"{name}_status"])
    figures.named.update(named)
    told |= {
        "muc-tieu": f"mục tiêu năm {goal['milestone']} {target_pages.target_cell(desk.edition, goal)}",
        "ky-goc": wording.period(goal["baseline_period"]),
        "ky-nay": wording.period(goal["period"]),
        "ten": desk.content.catalogue.short[goal["indicator"]],
    }
    return told


def _functions(root: Path) -> str:
    """Return, folded, which function, notebook and document stands behind each method: for those who check the code."""
    path = root / FUNCTIONS
    if not path.exists():
        return ""
    text = re.sub(r"^# .*\n", "", path.read_text(encoding="utf-8"))
    text = text.replace("`nq57lab.", "`")  # whose modules they are, a reader of the site knows
    return f"\n\n## Bảng tra cho người kiểm tra mã nguồn {{#bang-tra}}\n\n<details><summary>Mở bảng: hàm, sổ tay, tài liệu của từng phương pháp</summary>\n\n{text}\n\n</details>\n"
